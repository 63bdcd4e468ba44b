//! What the LLM suggests for a model: ask for it, take it over part by part, refuse it, ask for a second opinion, look at
//! everything it ever proposed.
//!
//! Every act answers with the page it came from: 303 for a plain form; for htmx the page itself, with what happened and,
//! where something can be taken back, the button for it.

mod panel;

pub use panel::Said;
pub(super) use panel::{load, panel};

use super::{
    asking::Desk,
    error::WebError,
    initiatives, math_models, reply, undo,
    view::{
        Link, Pager,
        error::{Notice, Tone},
        layout::Nav,
        suggestion::{Former, FormerSuggestion},
    },
    visit::Visit,
};
use crate::{
    actions::{ActionError, Outcome, ask_llm, math_models as writes, suggestions as acts},
    domain::{
        ids::{MathModelId, SuggestionId},
        math_model::ModelField,
        suggestion::Part,
    },
    store::{math_models as math_models_store, suggestions},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

/// What the forms send.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    seen_revision: i64,
    /// The page to come back to.
    #[serde(default)]
    next: String,
    /// What to take over.
    #[serde(default)]
    part: String,
    /// Why it is refused.
    #[serde(default)]
    reason: String,
    /// Whether the LLM is asked again at once.
    #[serde(default)]
    again: String,
}

/// POST /math-models/{id}/suggestion
pub async fn ask(visit: Visit, id: Path<i64>, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let id = MathModelId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| {
            ask_llm::suggestion(&mut tx, &actor, now, id)
                .await
                .map(drop)
        },
    );
    answer(&visit, id, &sent.next, done.await.map(|()| None)).await
}

/// POST /math-models/{id}/review
pub async fn review(
    visit: Visit,
    id: Path<i64>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = MathModelId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| ask_llm::review(&mut tx, &actor, now, id).await.map(drop),
    );
    answer(&visit, id, &sent.next, done.await.map(|()| None)).await
}

/// POST /suggestions/{id}/adoption
pub async fn adopt(
    visit: Visit,
    id: Path<i64>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = SuggestionId(*id);
    let model = model_of(&visit, id).await?;
    let part = Part::from_key(&sent.part).ok_or(WebError::NotFound("part of a suggestion"))?;
    let (seen, user) = (sent.seen_revision, visit.user.id);
    let done = visit.act_once(
        async move |mut tx| writes::get(&mut tx, model).await,
        async move |mut tx, actor, now| {
            // Saving forgets the draft, as it usually is what is saved; here it isn't.
            let draft = math_models_store::get_draft(&mut tx, model, user).await?;
            let adopted = acts::adopt(&mut tx, &actor, now, id, (part, seen)).await?;
            if let Some((draft, kept_at)) = draft {
                writes::keep_draft(&mut tx, &actor, kept_at, model, &draft).await?;
            }
            Ok(adopted)
        },
    );
    let notice = match done.await {
        Ok(model) => Ok(Some(Notice {
            tone: Tone::Done,
            title: match (part, model.formula) {
                (Part::Formula, Some(saved)) => {
                    format!("The suggested formula is version {}.", saved.version)
                }
                (Part::Assumptions, _) => "The suggested assumptions are the model’s.".to_owned(),
                _ => "The suggested notes are the model’s.".to_owned(),
            },
            text: if part == Part::Formula {
                "It counts once it is approved.".to_owned()
            } else {
                String::new()
            },
            undo: undo::button_if_changed(&visit).await?,
            ..Notice::default()
        })),
        Err(error) => Err(error),
    };
    answer(&visit, model, &sent.next, notice).await
}

/// POST /suggestions/{id}/refusal
pub async fn refuse(
    visit: Visit,
    id: Path<i64>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = SuggestionId(*id);
    let model = model_of(&visit, id).await?;
    let (reason, asks_again) = (sent.reason.clone(), sent.again == "yes");
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| {
            let refused = acts::refuse(&mut tx, &actor, now, id, &reason).await;
            refused.map_err(|why| with_what_was_typed(why, &reason))?;
            if asks_again {
                ask_llm::suggestion(&mut tx, &actor, now, model).await?;
            }
            Ok(())
        },
    );
    answer(&visit, model, &sent.next, done.await.map(|()| None)).await
}

/// The page that says why has an empty box again: the words stand in the answer.
fn with_what_was_typed(why: ActionError, reason: &str) -> ActionError {
    match why {
        ActionError::Invalid(why) if !reason.trim().is_empty() => {
            ActionError::Invalid(format!("{why} You wrote: “{}”", reason.trim()))
        }
        other => other,
    }
}

async fn model_of(visit: &Visit, id: SuggestionId) -> Result<MathModelId, WebError> {
    let read = visit
        .db
        .read(async move |mut conn| suggestions::list(&mut conn, suggestions::Which::Id(id)).await);
    let found = read.await?.pop();
    found
        .map(|kept| kept.model)
        .ok_or(WebError::NotFound("suggestion"))
}

/// The page it came from, with what happened; or why nothing did.
async fn answer(
    visit: &Visit,
    model: MathModelId,
    next: &str,
    done: Outcome<Option<Notice>>,
) -> Result<HttpResponse, WebError> {
    let home = format!("/math-models/{model}");
    let next = reply::own_path(next, &home);
    let (status, notice) = match done {
        Ok(Some(notice)) if visit.is_htmx => return page_with(visit, model, next, notice).await,
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
    math_models::show_again(visit, model, next, status, |show, _| {
        show.page.notices.push(notice);
    })
    .await
}

/// The page that the form stood on, as it is now.
async fn page_with(
    visit: &Visit,
    model: MathModelId,
    next: &str,
    notice: Notice,
) -> Result<HttpResponse, WebError> {
    let key = next
        .strip_prefix("/initiatives/")
        .and_then(|key| key.parse().ok());
    match key {
        Some(key) => initiatives::page_with(visit, &key, notice).await,
        None => math_models::page_with(visit, model, notice).await,
    }
}

/// GET /math-models/{id}/suggestions
pub async fn index(visit: Visit, id: Path<i64>) -> Result<HttpResponse, WebError> {
    let id = MathModelId(*id);
    let around = math_models::around(&visit, id).await?;
    let (model, next) = (around.model(), format!("/math-models/{id}/suggestions"));
    let (desk, all) = (
        Desk::load(&visit, model.initiative_id).await?,
        panel::all(&visit, id).await?,
    );
    let facts = around.facts(&next);
    let name = model.text(ModelField::Name);
    let suggestions = all.iter().map(|kept| FormerSuggestion {
        outcome: panel::outcome(kept),
        suggestion: panel::suggestion((&visit, &desk), model, &facts, kept),
    });
    reply::html(&Former {
        page: visit.page(format!("Suggestions for {name}"), Nav::Models),
        model: Link {
            label: format!("{} · {name}", around.subject()),
            href: format!("/math-models/{id}"),
        },
        suggestions: suggestions.collect(),
        pager: Pager {
            summary: match all.len() {
                1 => "1 suggestion".to_owned(),
                n => format!("{n} suggestions"),
            },
            ..Pager::default()
        },
        seen: panel::seen(model),
        next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_isn_t_taken_gives_the_words_back() {
        let said = |reason: &str| {
            let why = ActionError::Invalid("A newer suggestion has come.".to_owned());
            with_what_was_typed(why, reason).to_string()
        };
        assert_eq!(
            said(" Churn is missing. "),
            "A newer suggestion has come. You wrote: “Churn is missing.”"
        );
        assert_eq!(said("  "), "A newer suggestion has come.");
    }
}
