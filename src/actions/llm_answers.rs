//! What becomes of an answer of the LLM's that has been read and found good: it is kept if the request is still its
//! holder's, in one transaction with the end of the request. Written is only what no person has touched; the rest waits
//! for a person.

use super::{Actor, Outcome, ask_llm, param_metadata, suggestions, summaries};
use crate::{
    domain::{
        llm_inputs::Fingerprint, model_review::Review, param_metadata::ParamMetadata,
        suggestion::MathModelSuggestion, summary::Summary,
    },
    store::{
        initiatives,
        llm_requests::{self, Claimed},
        suggestions as suggestions_store,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// An answer that has been read.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A formula with what belongs to it.
    Suggestion(MathModelSuggestion),
    /// What params mean.
    Metadata(Vec<ParamMetadata>),
    /// A text for the backlog.
    Summary(Summary),
    /// An opinion about this formula.
    Review(String, Review),
}

/// From what an answer was made.
#[derive(Clone, Copy, Debug)]
pub struct MadeFrom {
    /// The inputs that were sent.
    pub fingerprint: Fingerprint,
    /// The prompt's version.
    pub prompt_version: i32,
}

/// Keeps an answer and ends its request. False: the request isn't this holder's any more, and nothing was kept.
pub async fn keep(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    claimed: &Claimed,
    made_from: MadeFrom,
    answer: &Answer,
) -> Outcome<bool> {
    initiatives::lock(tx, claimed.subject.initiative).await?;
    if !llm_requests::complete(tx, claimed).await? {
        return Ok(false);
    }
    let llm = Actor::llm(tx).await?;
    match (answer, claimed.subject.model) {
        (Answer::Suggestion(suggestion), Some(model)) => {
            let inputs = ask_llm::about(tx, &claimed.subject).await?.inputs;
            let has_changed = inputs.fingerprint() != made_from.fingerprint;
            let of = (model, claimed.id, has_changed);
            suggestions::keep(tx, &llm, now, of, (suggestion, made_from)).await?;
        }
        (Answer::Review(formula, review), Some(model)) => {
            let of = (model, claimed.id);
            suggestions_store::insert_review(tx, of, (formula, review), now).await?;
        }
        (Answer::Metadata(metadata), _) => {
            param_metadata::keep(tx, &llm, now, claimed, metadata).await?;
        }
        (Answer::Summary(summary), _) => {
            summaries::keep(tx, &llm, now, claimed, (summary, made_from.fingerprint)).await?;
        }
        (Answer::Suggestion(_) | Answer::Review(..), None) => {}
    }
    Ok(true)
}
