//! The words around params that the LLM has: what it proposes where it may not write by itself, take one or put it away,
//! and ask it about a param or about all of a model.

use super::{answers, fields::range_text};
use crate::{
    actions::{ActionError, Outcome, ask_llm, math_models as models, param_metadata as acts},
    domain::{
        ids::{InitiativeKey, MathModelId, ParamId, ProposalId},
        llm_request::Workflow,
        math_model::MathModel,
        param::{Bounds, Param},
        param_metadata::MetadataField,
        rights::Act,
    },
    store::{
        param_proposals::{self, Proposal},
        params,
    },
    web::{
        asking::Desk,
        error::WebError,
        initiatives, math_models, reply,
        sent_form::fresh_key,
        undo,
        view::{
            Seen,
            error::{Notice, Tone},
            params as view,
        },
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;
use serde_json::Value;

/// What the LLM proposes for a model's params, on the initiative's page.
pub(in crate::web) async fn of_group(
    (visit, desk): (&Visit, &Desk),
    model: &MathModel,
    params: &[Param],
    (key, framework): (&InitiativeKey, &str),
) -> Result<view::Words, WebError> {
    let label = "Ask the LLM for labels, units and ranges";
    let none_used = !params.iter().any(Param::is_used);
    let bars = none_used.then(|| "The approved formula reads no params yet.".to_owned());
    Ok(view::Words {
        of: format!("{framework}-{key}"),
        next: format!("/initiatives/{key}"),
        seen: seen(model.revision),
        action: format!("/math-models/{}/metadata", model.id),
        ask: desk.button(label, bars),
        proposals: proposals((visit, desk), model.id, params).await?,
        ..under_way(desk, model.id)
    })
}

/// What it proposes for one param, on its own page.
pub(super) async fn of_param(
    (visit, desk): (&Visit, &Desk),
    model: MathModelId,
    param: &Param,
) -> Result<view::Words, WebError> {
    Ok(view::Words {
        of: format!("param-{}", param.id),
        next: format!("/params/{}", param.id),
        seen: seen(param.revision),
        action: format!("/params/{}/metadata", param.id),
        ask: desk.button("Ask the LLM for its label, unit and range", None),
        proposals: proposals((visit, desk), model, std::slice::from_ref(param)).await?,
        ..under_way(desk, model)
    })
}

fn under_way(desk: &Desk, model: MathModelId) -> view::Words {
    const DESCRIBE: Workflow = Workflow::SuggestParamMetadata;
    view::Words {
        progress: desk.progress(DESCRIBE, Some(model)),
        failure: desk.failure(DESCRIBE, Some(model)),
        ..view::Words::default()
    }
}

fn seen(revision: i64) -> Seen {
    Seen {
        revision,
        form_key: fresh_key(),
    }
}

async fn proposals(
    (visit, desk): (&Visit, &Desk),
    model: MathModelId,
    params: &[Param],
) -> Result<Vec<view::WordProposal>, WebError> {
    if !desk.was_asked(Workflow::SuggestParamMetadata, Some(model)) {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = params.iter().map(|param| param.id).collect();
    let read = visit
        .db
        .read(async move |mut conn| param_proposals::open(&mut conn, &ids).await);
    let can_decide = visit.may(Act::EditParam).is_ok();
    let shown = read.await?.into_iter().filter_map(|proposal| {
        let param = params.iter().find(|param| param.id == proposal.param)?;
        Some(shown(param, &proposal, can_decide))
    });
    Ok(shown.collect())
}

fn shown(param: &Param, proposal: &Proposal, can_decide: bool) -> view::WordProposal {
    let field = proposal.proposed.field;
    view::WordProposal {
        id: proposal.id.0,
        param: param.label().to_owned(),
        field: label(field),
        now: text(&field.now(param), &param.unit),
        proposed: text(&proposal.proposed.proposed, &param.unit),
        effect: effect(field, param),
        revision: param.revision,
        can_decide,
    }
}

fn label(field: MetadataField) -> &'static str {
    match field {
        MetadataField::Label => "label",
        MetadataField::Description => "description",
        MetadataField::Unit => "unit",
        MetadataField::Range => "range",
        MetadataField::Source => "source",
    }
}

/// A text, or a range as people read it.
fn text(value: &Value, unit: &str) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => serde_json::from_value::<Bounds>(value.clone())
            .map(|bounds| range_text(&bounds, unit))
            .unwrap_or_default(),
    }
}

fn effect(field: MetadataField, param: &Param) -> &'static str {
    match field {
        MetadataField::Unit | MetadataField::Source if param.value_approval.is_some() => {
            "Taking it withdraws the approval."
        }
        MetadataField::Range if param.range_approval.is_some() => {
            "Taking it withdraws the approval of the range."
        }
        _ => "",
    }
}

/// What the forms send.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    seen_revision: i64,
    #[serde(default)]
    next: String,
}

/// POST /math-models/{id}/metadata
pub async fn ask_about_all(
    visit: Visit,
    id: Path<i64>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = MathModelId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| {
            let model = models::get(&mut tx, id).await?;
            let of = params::Which::Of(model.initiative_id, model.framework_id);
            let group = params::list(&mut tx, of).await?;
            let used = group.iter().filter(|param| param.is_used());
            let ids: Vec<_> = used.map(|param| param.id).collect();
            ask_llm::metadata(&mut tx, &actor, now, &ids)
                .await
                .map(drop)
        },
    );
    answer(&visit, &sent.next, done.await.map(|()| None)).await
}

/// POST /params/{id}/metadata
pub async fn ask(visit: Visit, id: Path<i64>, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let id = ParamId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| {
            ask_llm::metadata(&mut tx, &actor, now, &[id])
                .await
                .map(drop)
        },
    );
    answer(&visit, &sent.next, done.await.map(|()| None)).await
}

/// POST /param-proposals/{id}/adoption
pub async fn take(visit: Visit, id: Path<i64>, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let (id, seen) = (ProposalId(*id), sent.seen_revision);
    let done = visit.act_once(
        async move |_tx| Ok(None),
        async move |mut tx, actor, now| acts::take(&mut tx, &actor, now, id, seen).await.map(Some),
    );
    let notice = match done.await {
        Ok(param) => Ok(Some(Notice {
            tone: Tone::Done,
            title: param.map_or_else(
                || "This was done already.".to_owned(),
                |param| format!("{} says what the LLM proposed", param.label()),
            ),
            undo: undo::button_if_changed(&visit).await?,
            ..Notice::default()
        })),
        Err(error) => Err(error),
    };
    answer(&visit, &sent.next, notice).await
}

/// POST /param-proposals/{id}/dismissal
pub async fn dismiss(
    visit: Visit,
    id: Path<i64>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = ProposalId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| acts::dismiss(&mut tx, &actor, now, id).await.map(drop),
    );
    answer(&visit, &sent.next, done.await.map(|()| None)).await
}

/// The page it came from, with what happened; or why nothing did.
async fn answer(
    visit: &Visit,
    next: &str,
    done: Outcome<Option<Notice>>,
) -> Result<HttpResponse, WebError> {
    let next = reply::own_path(next, "/params");
    let (status, notice) = match done {
        Ok(Some(notice)) if visit.is_htmx => (StatusCode::OK, notice),
        Ok(_) => return Ok(reply::go_to(next)),
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
    let initiative = next
        .strip_prefix("/initiatives/")
        .and_then(|key| key.parse().ok());
    if let Some(key) = initiative {
        return initiatives::page_saying(visit, &key, status, notice).await;
    }
    let param = next.strip_prefix("/params/").and_then(|id| id.parse().ok());
    let id = ParamId(param.ok_or(WebError::NotFound("page to come back to"))?);
    let whole = answers::around(visit, id).await?;
    reply::html_with(
        status,
        &answers::page(visit, &whole, id, vec![notice]).await?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{param::tests::approved_param, param_metadata::Proposed};
    use chrono::DateTime;
    use serde_json::json;

    fn proposal(field: MetadataField, proposed: Value) -> Proposal {
        Proposal {
            id: ProposalId(3),
            param: ParamId(1),
            proposed: Proposed { field, proposed },
            made_at: DateTime::UNIX_EPOCH,
            is_open: true,
        }
    }

    #[test]
    fn a_proposal_says_what_stands_there_what_would_and_what_that_costs() {
        let mut param = approved_param("margin", "0.3");
        param.unit = "%".to_owned();
        for (field, proposed, now, says, effect) in [
            (
                MetadataField::Label,
                json!("Profit margin"),
                "",
                "Profit margin",
                "",
            ),
            (
                MetadataField::Unit,
                json!("ratio"),
                "%",
                "ratio",
                "Taking it withdraws the approval.",
            ),
            (
                MetadataField::Range,
                json!({ "min": "0", "max": "0.5" }),
                range_text(&param.range, "%").as_str(),
                "0 % to 50 %",
                "Taking it withdraws the approval of the range.",
            ),
        ] {
            let shown = shown(&param, &proposal(field, proposed), true);
            assert_eq!(
                (shown.now.as_str(), shown.proposed.as_str(), shown.effect),
                (now, says, effect)
            );
        }
    }
}
