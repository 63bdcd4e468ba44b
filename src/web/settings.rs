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
        settings::{Choice, Conflict, Show},
    },
    visit::Visit,
};
use crate::{
    actions::{
        ActionError,
        settings::{self as acts, Typed},
    },
    domain::{
        change::{self, Entity},
        rights::Act,
        settings::{FourEyes, Settings},
    },
    store::{
        change_log::{self, HISTORY_PAGE, LoggedChange},
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

/// The page as it is now.
async fn page(visit: &Visit, before: Option<i64>) -> Result<Show, WebError> {
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let settings = settings::get(&mut conn).await?;
        let changes = change_log::list_of(&mut conn, Entity::Settings, ROW, before).await?;
        Ok((settings, changes))
    });
    let (settings, changes) = read.await?;
    let refusal = visit.may(Act::ChangeSettings).err();
    Ok(Show {
        page: visit.page("Settings", Nav::Elsewhere),
        can_change: refusal.is_none(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        choices: choices(settings.four_eyes),
        finance_approves_own: settings.finance_approves_own,
        conflict: None,
        seen: seen(settings),
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
