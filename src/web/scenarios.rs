//! Scenarios: what is done to them. Their pages: side by side ([`compare`]), one ([`page`]), a value of one
//! ([`value`]), its formula ([`mod@formula`]), and which one drives the score ([`driver`]).
//!
//! Forms answer with 303, which htmx follows; what wasn't taken comes back on its page, with everything that was typed.

mod compare;
mod driver;
mod formula;
mod load;
mod page;
mod value;

pub use compare::{export, index};
pub use driver::{choose, drive};
pub use formula::{check_formula, drop_formula, edit_formula, set_formula};
pub use load::{bar_of, comparison_href};
pub use page::show;
pub use value::{edit_value, set_value};

use super::{
    error::WebError,
    math_models::somebody_was_first,
    undo,
    view::error::{Notice, Tone},
    visit::Visit,
};
use crate::{
    actions::{ActionError, Outcome, scenarios as acts},
    domain::{
        ids::{MathModelId, ParamId},
        scenario::Scenario,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

fn scenario_id(text: &str) -> Result<MathModelId, WebError> {
    let id = text.parse().map(MathModelId);
    id.map_err(|_not_a_number| WebError::NotFound("scenario"))
}

fn param_id(text: &str) -> Result<ParamId, WebError> {
    let id = text.parse().map(ParamId);
    id.map_err(|_not_a_number| WebError::NotFound("param"))
}

/// What the forms for a name send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    label: String,
    /// One of the names that are offered.
    quick: String,
    seen_revision: i64,
}

/// POST /initiatives/{key}/frameworks/{framework}/scenarios
pub async fn create(
    visit: Visit,
    of: Path<(String, String)>,
    sent: Form<Named>,
) -> Result<HttpResponse, WebError> {
    let whose = load::of_path(&of)?;
    let (here, there) = (whose.clone(), whose.clone());
    let label = if sent.quick.is_empty() {
        sent.label.clone()
    } else {
        sent.quick.clone()
    };
    let (again, typed) = (label.clone(), label.clone());
    let made = visit
        .act_once(
            async move |mut tx| acts::find(&mut tx, &here, &again).await,
            async move |mut tx, actor, now| {
                acts::create(&mut tx, &actor, now, &there, &typed).await
            },
        )
        .await;
    match made {
        Ok(id) => Ok(undo::go_back_telling(&visit, &format!("/scenarios/{id}"))),
        Err(ActionError::Invalid(why)) => compare::not_made(&visit, &whose, (label, why)).await,
        Err(other) => Err(other.into()),
    }
}

/// POST /scenarios/{id}/name
pub async fn rename(
    visit: Visit,
    id: Path<String>,
    sent: Form<Named>,
) -> Result<HttpResponse, WebError> {
    let (id, typed, seen) = (scenario_id(&id)?, sent.label.clone(), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::rename(&mut tx, &actor, now, id, (&typed, seen)).await
            },
        )
        .await;
    match done {
        Err(ActionError::Invalid(why)) => {
            page::not_renamed(&visit, id, (sent.label.clone(), why)).await
        }
        other => answer(&visit, id, other).await,
    }
}

/// What a button sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    seen_revision: i64,
}

/// POST /scenarios/{id}/archival
pub async fn put_away(
    visit: Visit,
    id: Path<String>,
    sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    place(&visit, &id, (true, sent.seen_revision)).await
}

/// POST /scenarios/{id}/restoration
pub async fn bring_back(
    visit: Visit,
    id: Path<String>,
    sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    place(&visit, &id, (false, sent.seen_revision)).await
}

async fn place(visit: &Visit, id: &str, away: (bool, i64)) -> Result<HttpResponse, WebError> {
    let id = scenario_id(id)?;
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| acts::put_away(&mut tx, &actor, now, id, away).await,
        )
        .await;
    answer(visit, id, done).await
}

/// POST /scenarios/{id}/values/{param}/removal
pub async fn drop_value(
    visit: Visit,
    of: Path<(String, String)>,
    sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    let (id, param, seen) = (scenario_id(&of.0)?, param_id(&of.1)?, sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::drop_value(&mut tx, &actor, now, (id, param), seen).await
            },
        )
        .await;
    match done {
        Ok(_) => Ok(undo::go_back_telling(&visit, &page::href_at(id, param))),
        refused => answer(&visit, id, refused).await,
    }
}

/// POST /scenarios/{id}/approval
pub async fn approve(
    visit: Visit,
    id: Path<String>,
    sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (scenario_id(&id)?, sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| acts::approve(&mut tx, &actor, now, id, seen).await,
        )
        .await;
    answer(&visit, id, done).await
}

/// POST /scenarios/{id}/approval/withdrawal
pub async fn withdraw(
    visit: Visit,
    id: Path<String>,
    sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (scenario_id(&id)?, sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::withdraw_approval(&mut tx, &actor, now, id, seen).await
            },
        )
        .await;
    answer(&visit, id, done).await
}

/// Back to the scenario's page, or the page as it is now with why nothing was done.
async fn answer(
    visit: &Visit,
    id: MathModelId,
    done: Outcome<Scenario>,
) -> Result<HttpResponse, WebError> {
    match done {
        Ok(_) => Ok(undo::go_back_telling(visit, &format!("/scenarios/{id}"))),
        Err(error) => {
            let (status, notice) = refusal(error)?;
            page::with(visit, id, status, notice).await
        }
    }
}

/// Why nothing was done, for the page it was asked from.
fn refusal(error: ActionError) -> Result<(StatusCode, Notice), WebError> {
    match error {
        ActionError::Conflict(theirs) => Ok((StatusCode::CONFLICT, somebody_was_first(&theirs))),
        ActionError::Invalid(why) => {
            let notice = Notice {
                tone: Tone::Problem,
                title: why,
                text: "Nothing was changed.".to_owned(),
                ..Notice::default()
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, notice))
        }
        other => Err(other.into()),
    }
}
