//! The settings: what holds for everybody, who changed it when, and for admins the form.

use super::{
    error::WebError,
    figures::when,
    history, reply,
    sent_form::fresh_key,
    view::{
        Pager, Seen,
        error::Notice,
        layout::Nav,
        settings::{Choice, Conflict, Llm, Number, Show},
    },
    visit::Visit,
};
use crate::{
    actions::{
        ActionError, llm_settings as llm_acts,
        settings::{self as acts, Typed},
    },
    domain::{
        change::{self, Entity},
        llm_settings::{self, LlmSettings},
        number_format,
        rights::Act,
        settings::{FourEyes, Settings},
    },
    store::{
        change_log::{self, HISTORY_PAGE, LoggedChange},
        llm_settings as llm_store,
        settings::{self, ROW},
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Query},
};
use serde::Deserialize;

/// The page's address.
const HERE: &str = "/settings";

/// What of the history is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Asked {
    before: Option<i64>,
}

/// GET /settings
pub async fn show(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    reply::html(&page(&visit, asked.before).await?)
}

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    #[serde(default)]
    four_eyes: String,
    /// An empty box sends nothing.
    #[serde(default)]
    finance_approves_own: String,
    seen_revision: i64,
}

impl Sent {
    fn typed(&self) -> Typed {
        Typed {
            four_eyes: self.four_eyes.clone(),
            finance_approves_own: self.finance_approves_own == "yes",
        }
    }
}

/// POST /settings
pub async fn save(visit: Visit, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let (typed, seen) = (sent.typed(), sent.seen_revision);
    let saved = visit
        .act_once(
            async move |mut tx| Ok(settings::get(&mut tx).await?),
            async move |mut tx, actor, now| acts::save(&mut tx, &actor, now, (&typed, seen)).await,
        )
        .await;
    let Err(error) = saved else {
        return Ok(reply::go_to(HERE));
    };
    let mut page = page(&visit, None).await?;
    let status = match error {
        ActionError::Invalid(why) => {
            page.page
                .notices
                .push(Notice::problem(why, "Nothing was changed."));
            page.seen.revision = seen;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        // The fresh revision stays in the form: saving again puts this in the place of theirs.
        ActionError::Conflict(theirs) => {
            page.conflict = Some(conflict(&theirs));
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    retype(&mut page, &sent.typed());
    reply::html_with(status, &page)
}

/// What the form of the LLM's settings sends.
#[derive(Clone, Debug, Deserialize)]
pub struct SentLlm {
    #[serde(default)]
    calls_a_day: String,
    #[serde(default)]
    tokens_a_day: String,
    #[serde(default)]
    calls_a_person: String,
    #[serde(default)]
    tokens_a_person: String,
    /// An empty box sends nothing.
    #[serde(default)]
    suggests_by_itself: String,
    #[serde(default)]
    look_every_minutes: String,
    seen_revision: i64,
}

impl SentLlm {
    fn typed(&self) -> llm_settings::Typed {
        llm_settings::Typed {
            calls_a_day: self.calls_a_day.clone(),
            tokens_a_day: self.tokens_a_day.clone(),
            calls_a_person: self.calls_a_person.clone(),
            tokens_a_person: self.tokens_a_person.clone(),
            suggests_by_itself: self.suggests_by_itself == "yes",
            look_every_minutes: self.look_every_minutes.clone(),
        }
    }
}

/// POST /settings/llm
pub async fn save_llm(visit: Visit, sent: Form<SentLlm>) -> Result<HttpResponse, WebError> {
    let (typed, seen) = (sent.typed(), sent.seen_revision);
    let saved = visit
        .act_once(
            async move |mut tx| Ok(llm_store::get(&mut tx).await?),
            async move |mut tx, actor, now| {
                llm_acts::save(&mut tx, &actor, now, (&typed, seen)).await
            },
        )
        .await;
    let Err(error) = saved else {
        return Ok(reply::go_to("/settings#llm"));
    };
    let mut page = page(&visit, None).await?;
    let status = match error {
        ActionError::Invalid(why) => {
            page.llm.error = why;
            page.llm.seen.revision = seen;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ActionError::Conflict(theirs) => {
            page.llm.conflict = Some(conflict(&theirs));
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    let typed = sent.typed();
    page.llm.numbers = numbers(&typed);
    page.llm.suggests_by_itself = typed.suggests_by_itself;
    reply::html_with(status, &page)
}

/// The LLM's settings as they hold.
fn llm(settings: LlmSettings) -> Llm {
    let shown = |number: i64| number_format::decimal(&number.to_string());
    let typed = llm_settings::Typed {
        calls_a_day: shown(settings.cap.calls.into()),
        tokens_a_day: shown(settings.cap.tokens),
        calls_a_person: shown(settings.person_cap.calls.into()),
        tokens_a_person: shown(settings.person_cap.tokens),
        suggests_by_itself: settings.suggests_by_itself,
        look_every_minutes: shown(settings.look_every_minutes.into()),
    };
    Llm {
        set_up: if settings.is_configured {
            "connected"
        } else {
            "not set up: everything else works without"
        },
        numbers: numbers(&typed),
        suggests_by_itself: settings.suggests_by_itself,
        error: String::new(),
        conflict: None,
        seen: Seen {
            revision: settings.revision,
            form_key: fresh_key(),
        },
    }
}

fn numbers(typed: &llm_settings::Typed) -> Vec<Number> {
    let number = |name, label, value: &String| Number {
        name,
        label,
        value: value.clone(),
    };
    vec![
        number("calls_a_day", "Calls a day", &typed.calls_a_day),
        number("tokens_a_day", "Tokens a day", &typed.tokens_a_day),
        number(
            "calls_a_person",
            "Calls a day for each person",
            &typed.calls_a_person,
        ),
        number(
            "tokens_a_person",
            "Tokens a day for each person",
            &typed.tokens_a_person,
        ),
        number(
            "look_every_minutes",
            "Minutes between looks",
            &typed.look_every_minutes,
        ),
    ]
}

/// The page as it is now.
async fn page(visit: &Visit, before: Option<i64>) -> Result<Show, WebError> {
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let settings = settings::get(&mut conn).await?;
        let changes = change_log::list_of(&mut conn, Entity::Settings, ROW, before).await?;
        Ok((settings, llm_store::get(&mut conn).await?, changes))
    });
    let (settings, of_llm, changes) = read.await?;
    let refusal = visit.may(Act::ChangeSettings).err();
    Ok(Show {
        page: visit.page("Settings", Nav::Elsewhere),
        can_change: refusal.is_none(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        choices: choices(settings.four_eyes),
        finance_approves_own: settings.finance_approves_own,
        conflict: None,
        seen: seen(settings),
        llm: llm(of_llm),
        history: changes.iter().map(history::plain).collect(),
        pager: pager(&changes, before),
    })
}

fn seen(settings: Settings) -> Seen {
    Seen {
        revision: settings.revision,
        form_key: fresh_key(),
    }
}

fn choices(chosen: FourEyes) -> Vec<Choice> {
    FourEyes::CHOICES
        .into_iter()
        .map(|choice| Choice {
            key: choice.key(),
            label: choice.label(),
            means: means(choice),
            is_chosen: choice == chosen,
        })
        .collect()
}

/// What a choice means for people.
fn means(choice: FourEyes) -> &'static str {
    match choice {
        FourEyes::Off => "Whoever may approve may also approve what they changed themselves.",
        FourEyes::Finance => {
            "Nobody approves a Finance-owned param whose value, unit, range or owner they changed since it was last approved. It counts as Finance-owned if it is now, or was at any change since then."
        }
        FourEyes::All => {
            "Nobody approves a param whose value, unit, range or owner they changed since it was last approved, whoever owns it. Nor a formula of which they saved a version since it was last approved."
        }
    }
}

fn retype(page: &mut Show, typed: &Typed) {
    page.finance_approves_own = typed.finance_approves_own;
    if let Some(chosen) = FourEyes::from_key(&typed.four_eyes) {
        page.choices = choices(chosen);
    }
}

fn conflict(theirs: &LoggedChange) -> Conflict {
    Conflict {
        by: theirs.by_name.clone(),
        at: when(theirs.at),
        what: change::sentence(&theirs.field, &theirs.subject, &theirs.old, &theirs.new),
    }
}

fn pager(changes: &[LoggedChange], before: Option<i64>) -> Pager {
    let is_full = i64::try_from(changes.len()).is_ok_and(|count| count >= HISTORY_PAGE);
    let next = changes.last().filter(|_| is_full).map(|last| last.seq);
    Pager {
        summary: match changes.len() {
            1 => "1 change".to_owned(),
            n if next.is_some() || before.is_some() => format!("{n} shown"),
            n => format!("{n} changes"),
        },
        first_href: before.map(|_| HERE.to_owned()),
        next_href: next.map(|before| format!("{HERE}?before={before}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_box_is_no() {
        let sent: Sent = serde_urlencoded::from_str("four_eyes=all&seen_revision=3").unwrap();
        assert!(!sent.typed().finance_approves_own);
        let sent: Sent =
            serde_urlencoded::from_str("four_eyes=all&finance_approves_own=yes&seen_revision=3")
                .unwrap();
        assert!(sent.typed().finance_approves_own);
    }
}
