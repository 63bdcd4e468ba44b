//! Overriding a score: the form on the initiative's page, withdrawing, and the receipt of each override.

mod receipt;

use super::{
    error::WebError,
    figures::when,
    initiatives::{key_of, whole},
    journey, reply, score_card,
    view::{
        error::Notice,
        field::{Choice, Conflict},
        layout::Nav,
        score_override::{Controls, EditPage, Form as View, FormBox, FormFragment, Saved},
    },
    visit::Visit,
    whole::{Whole, heading},
};
use crate::{
    actions::{ActionError, overrides as acts},
    domain::{
        amount::DecimalSeparator,
        ids::{InitiativeKey, OverrideId},
        param::Number,
        rights::Act,
        score_override::{self, NotTaken, Place, Terms, Typed, Why},
    },
    store::score_overrides::OpenOverride,
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

pub use receipt::show;

/// What can be done about the score, or why this person can't; none: there is no score to override.
pub(super) fn controls(whole: &Whole, visit: &Visit) -> Option<Controls> {
    let active = whole.active()?;
    let refusal = visit.may(Act::OverrideScore).err();
    let live = whole.live_override(active.id);
    Some(Controls {
        edit_href: format!("{}/override/edit", whole.href()),
        edit_label: match live {
            Some(_) => "Change override".to_owned(),
            None => "Override score".to_owned(),
        },
        withdraw_action: live
            .map(|live| format!("/overrides/{}/withdrawal", live.over.id))
            .unwrap_or_default(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        seen: whole.seen(),
    })
}

/// GET /initiatives/{key}/override/edit
pub async fn edit_form(visit: Visit, key: Path<String>) -> Result<HttpResponse, WebError> {
    visit.may(Act::OverrideScore).map_err(ActionError::from)?;
    let whole = whole(&visit, &key_of(&key)?).await?;
    let live = whole
        .active()
        .and_then(|active| whole.live_override(active.id));
    let separator = visit.user.decimal_separator;
    let blank = Typed {
        separator,
        ..Typed::default()
    };
    let typed = live.map_or(blank, |live| shown(&live.over.terms, separator));
    let form = form(&whole, &typed)?;
    answer(&visit, &whole, StatusCode::OK, form)
}

/// What stands in the form of an override that holds.
fn shown(terms: &Terms, separator: DecimalSeparator) -> Typed {
    let digits = |number: &Option<Number>| {
        let digits = number.as_ref().map(|n| separator.written(n.decimal()));
        digits.unwrap_or_default()
    };
    Typed {
        value: digits(&terms.value),
        overall: digits(&terms.overall),
        reason: terms.reason.clone(),
        last_day: terms
            .last_day
            .map(|day| day.to_string())
            .unwrap_or_default(),
        separator,
    }
}

fn form(whole: &Whole, typed: &Typed) -> Result<View, WebError> {
    let active = whole.active().ok_or_else(|| {
        let why =
            "No framework is active, so there is no score to override. Choose a framework first.";
        ActionError::Invalid(why.to_owned())
    })?;
    let one = |name, label: &str, hint: String, text: &str| FormBox {
        name,
        label: label.to_owned(),
        hint,
        text: text.to_owned(),
        error: String::new(),
    };
    let unit = whole.own_unit(active);
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!(", in {unit}")
    };
    let value = format!("As people write it: 70k{unit}. Empty: the model’s own.");
    let overall = "Empty: value ÷ effort where the value is overridden, else the model’s own.";
    let day = "It holds to the end of that day (UTC), then the model’s own counts again. Empty: until withdrawn.";
    Ok(View {
        heading: format!("Override {}", active.name),
        own: format!(
            "By itself, {} gives {}.",
            active.name,
            whole.own(active.id).words(true)
        ),
        action: format!("{}/override", whole.href()),
        seen: whole.seen(),
        decimal_separator: typed.separator.key(),
        conflict: None,
        boxes: vec![
            one("value", "Value", value, &typed.value),
            one("overall", "Overall", overall.to_owned(), &typed.overall),
            one(
                "reason",
                "Reason",
                "Everybody who sees the number reads it.".to_owned(),
                &typed.reason,
            ),
            one("last_day", "Last day", day.to_owned(), &typed.last_day),
        ],
        choice: None,
        cancel_href: whole.href(),
    })
}

fn answer(
    visit: &Visit,
    whole: &Whole,
    status: StatusCode,
    form: View,
) -> Result<HttpResponse, WebError> {
    if visit.is_htmx {
        return reply::html_with(status, &FormFragment { form });
    }
    let initiative = &whole.initiative;
    let page = EditPage {
        page: visit.page(format!("Override of {}", initiative.key), Nav::Backlog),
        form,
        subject: format!("{} {}", initiative.key, initiative.title()),
    };
    reply::html_with(status, &page)
}

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    #[serde(default)]
    value: String,
    #[serde(default)]
    overall: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    last_day: String,
    /// The proposed reading, if its button was pressed.
    #[serde(default)]
    instead: String,
    #[serde(default)]
    decimal_separator: DecimalSeparator,
    seen_revision: i64,
}

/// POST /initiatives/{key}/override
pub async fn set(
    visit: Visit,
    key: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let key = key_of(&key)?;
    let typed = typed(&visit, &key, &sent).await?;
    let (of, says, seen) = (key.clone(), typed.clone(), sent.seen_revision);
    let done = visit
        .act_once(
            async move |_tx| Ok(()),
            async move |mut tx, actor, now| {
                acts::set(&mut tx, &actor, now, &of, (&says, seen)).await
            },
        )
        .await;
    match done {
        Ok(()) if visit.is_htmx => saved(&visit, &key).await,
        Ok(()) => Ok(reply::go_to(&format!("/initiatives/{key}"))),
        Err(error) => refused(&visit, &key, &typed, error).await,
    }
}

/// What was typed, with the proposed reading in the place of the text that it was proposed for.
async fn typed(visit: &Visit, key: &InitiativeKey, sent: &Sent) -> Result<Typed, WebError> {
    let mut typed = Typed {
        value: sent.value.clone(),
        overall: sent.overall.clone(),
        reason: sent.reason.clone(),
        last_day: sent.last_day.clone(),
        separator: sent.decimal_separator,
    };
    if sent.instead.is_empty() {
        return Ok(typed);
    }
    if let Some(NotTaken {
        place,
        why: Why::Amount(error),
    }) = not_taken(visit, &whole(visit, key).await?, &typed)
    {
        let is_meant = error
            .proposal()
            .is_some_and(|proposal| proposal.typed == sent.instead);
        match place {
            Place::Value if is_meant => typed.value.clone_from(&sent.instead),
            Place::Overall if is_meant => typed.overall.clone_from(&sent.instead),
            _ => {}
        }
    }
    Ok(typed)
}

/// Which box isn't taken, and why.
fn not_taken(visit: &Visit, whole: &Whole, typed: &Typed) -> Option<NotTaken> {
    let unit = whole.active().map(|active| whole.own_unit(active));
    score_override::read(typed, &unit.unwrap_or_default(), visit.now()).err()
}

async fn saved(visit: &Visit, key: &InitiativeKey) -> Result<HttpResponse, WebError> {
    let whole = whole(visit, key).await?;
    reply::html(&Saved {
        controls: controls(&whole, visit),
        heading: heading(&whole, visit),
        journey: journey::journey(&whole, visit),
        score: score_card::score_card(&whole, visit),
        notices: vec![Notice::done("Override saved")],
    })
}

/// The form again, with what was typed and why it wasn't taken.
async fn refused(
    visit: &Visit,
    key: &InitiativeKey,
    typed: &Typed,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let is_about_the_form = matches!(
        error,
        ActionError::Invalid(_) | ActionError::Asks { .. } | ActionError::Conflict(_)
    );
    if !is_about_the_form {
        return Err(error.into());
    }
    let whole = whole(visit, key).await?;
    let mut again = form(&whole, typed)?;
    let status = match error {
        ActionError::Conflict(theirs) => {
            let live = whole
                .active()
                .and_then(|active| whole.live_override(active.id));
            again.conflict = Some(Conflict {
                by: theirs.by_name.clone(),
                at: when(theirs.at),
                theirs: live.map(said).unwrap_or_default(),
                yours: String::new(),
            });
            StatusCode::CONFLICT
        }
        error => {
            let place = not_taken(visit, &whole, typed).map(|not| not.place);
            put_error(&mut again, place, error);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    answer(visit, &whole, status, again)
}

fn said(live: &OpenOverride) -> String {
    format!("{} {}", live.over.sentence(), live.over.terms.figures())
}

/// Puts the reason beside its box.
fn put_error(form: &mut View, place: Option<Place>, error: ActionError) {
    let name = match place {
        Some(Place::Overall) => "overall",
        Some(Place::Reason) => "reason",
        Some(Place::LastDay) => "last_day",
        Some(Place::Value) | None => "value",
    };
    let says = error.to_string();
    if let Some(item) = form.boxes.iter_mut().find(|item| item.name == name) {
        item.error = says;
    }
    if let ActionError::Asks { proposal, .. } = error {
        form.choice = Some(Choice {
            label: format!("Use {}", proposal.typed),
            value: proposal.typed,
        });
    }
}

/// What the button sends.
#[derive(Debug, Deserialize)]
pub struct SeenRevision {
    seen_revision: i64,
}

/// POST /overrides/{id}/withdrawal
pub async fn withdraw(
    visit: Visit,
    id: Path<String>,
    sent: Form<SeenRevision>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (override_id(&id)?, sent.seen_revision);
    let key = visit
        .act_once(
            async move |mut tx| acts::key_of(&acts::get(&mut tx, id).await?),
            async move |mut tx, actor, now| acts::withdraw(&mut tx, &actor, now, (id, seen)).await,
        )
        .await?;
    Ok(reply::go_to(&format!("/initiatives/{key}")))
}

fn override_id(text: &str) -> Result<OverrideId, WebError> {
    let id = text.parse().map(OverrideId);
    id.map_err(|_not_a_number| WebError::NotFound("override"))
}
