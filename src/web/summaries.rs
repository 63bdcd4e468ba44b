//! An initiative's text for the backlog: what people and the LLM write there, what the LLM proposes, ask and take.

use super::{
    asking::Desk,
    diff,
    error::WebError,
    figures::when,
    initiative_fields, initiatives, math_models, reply, undo,
    view::{
        Seen,
        badge::{Badge, State},
        error::{Notice, Tone},
        initiative::LabelledField,
        summary::{Panel, Proposal},
    },
    visit::Visit,
};
use crate::{
    actions::{
        ActionError, Outcome, ask_llm, initiatives as writes,
        summaries::{self as acts, SummaryState},
    },
    domain::{
        ids::InitiativeKey,
        initiative::{Field, Initiative},
        llm_request::Workflow,
        rights::Act,
        summary::SummaryPart,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

/// The heading of these fields among all fields of an initiative.
pub(super) const GROUP: &str = "Text for the backlog";

/// How an initiative's summary stands.
pub(super) async fn load(
    (visit, desk): (&Visit, &Desk),
    initiative: &Initiative,
) -> Result<Option<SummaryState>, WebError> {
    if !desk.was_asked(Workflow::SummariseInitiative, None) {
        return Ok(None);
    }
    let initiative = initiative.clone();
    let read = visit
        .db
        .read(async move |mut conn| acts::state(&mut conn, &initiative).await);
    Ok(read.await?)
}

/// Summary and notes as this person sees them.
pub(super) fn panel(
    (visit, desk): (&Visit, &Desk),
    initiative: &Initiative,
    state: Option<&SummaryState>,
    seen: Seen,
) -> Panel {
    const SUMMARISE: Workflow = Workflow::SummariseInitiative;
    let failure = desk.failure(SUMMARISE, None);
    let label = match (&failure, state) {
        (Some(_), _) => "Try again",
        (None, Some(_)) => "Write it anew",
        (None, None) => "Have it written",
    };
    let fields = SummaryPart::ALL
        .into_iter()
        .filter_map(|part| labelled(visit, initiative, state, part));
    let proposals = state.map(|state| proposals(visit, initiative, state));
    Panel {
        key: initiative.key.to_string(),
        next: format!("/initiatives/{}", initiative.key),
        seen,
        fields: fields.collect(),
        badge: state.filter(|state| state.is_stale).map(|_| {
            Badge::because(State::Stale, "The initiative or its formula changed since then. Have it written anew to count that in.")
        }),
        at: state.map(|state| when(state.kept.made_at)),
        ask: desk.button(label, None),
        progress: desk.progress(SUMMARISE, None),
        failure,
        proposals: proposals.unwrap_or_default(),
        call_href: state.map(|state| desk.call_href(state.kept.call)).unwrap_or_default(),
    }
}

fn labelled(
    visit: &Visit,
    initiative: &Initiative,
    state: Option<&SummaryState>,
    part: SummaryPart,
) -> Option<LabelledField> {
    let field = Field::from_key(part.field())?;
    let text = initiative.get(field.key);
    let is_the_llms = state.is_some_and(|state| !text.is_empty() && !state.peoples.contains(&part));
    Some(LabelledField {
        label: field.label.to_owned(),
        remark: if is_the_llms {
            math_models::LLMS_WORDS.to_owned()
        } else {
            String::new()
        },
        field: initiative_fields::view(initiative, field, visit),
    })
}

/// What the LLM would write where a person has written something else.
fn proposals(visit: &Visit, initiative: &Initiative, state: &SummaryState) -> Vec<Proposal> {
    let parts = state.peoples.iter().filter_map(|part| {
        let field = Field::from_key(part.field())?;
        let (now, proposed) = (initiative.get(field.key), part.of(&state.kept.summary));
        let changes = diff::lines(now, proposed);
        (!proposed.is_empty() && !changes.is_empty()).then(|| Proposal {
            field: field.key,
            label: field.label,
            changes,
            can_take: visit.may(Act::EditInitiative).is_ok(),
        })
    });
    parts.collect()
}

/// What the forms send.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    seen_revision: i64,
    #[serde(default)]
    field: String,
}

/// POST /initiatives/{key}/summary
pub async fn ask(visit: Visit, key: Path<String>) -> Result<HttpResponse, WebError> {
    let key = initiatives::key_of(&key)?;
    let of = key.clone();
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| ask_llm::summary(&mut tx, &actor, now, &of).await.map(drop),
    );
    answer(&visit, &key, done.await.map(|()| None)).await
}

/// POST /initiatives/{key}/summary/adoption
pub async fn take(
    visit: Visit,
    key: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let key = initiatives::key_of(&key)?;
    let part = SummaryPart::from_field(&sent.field).ok_or(WebError::NotFound("field"))?;
    let (of, same, seen) = (key.clone(), key.clone(), sent.seen_revision);
    let done = visit.act_once(
        async move |mut tx| writes::get(&mut tx, &same).await.map(drop),
        async move |mut tx, actor, now| {
            acts::take(&mut tx, &actor, now, &of, (part, seen))
                .await
                .map(drop)
        },
    );
    let notice = match done.await {
        Ok(()) => Ok(Some(Notice {
            tone: Tone::Done,
            title: "The LLM’s words are the initiative’s.".to_owned(),
            undo: undo::button_if_changed(&visit).await?,
            ..Notice::default()
        })),
        Err(error) => Err(error),
    };
    answer(&visit, &key, notice).await
}

/// The initiative's page, with what happened; or why nothing did.
async fn answer(
    visit: &Visit,
    key: &InitiativeKey,
    done: Outcome<Option<Notice>>,
) -> Result<HttpResponse, WebError> {
    let (status, notice) = match done {
        Ok(Some(notice)) if visit.is_htmx => (StatusCode::OK, notice),
        Ok(_) => return Ok(reply::go_to(&format!("/initiatives/{key}"))),
        Err(ActionError::Conflict(theirs)) => (
            StatusCode::CONFLICT,
            math_models::somebody_was_first(&theirs),
        ),
        Err(ActionError::Invalid(why)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Notice::problem(why, "Nothing was changed."),
        ),
        Err(other) => return Err(other.into()),
    };
    initiatives::page_saying(visit, key, status, notice).await
}
