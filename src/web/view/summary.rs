//! An initiative's text for the backlog: summary and notes, what the LLM wrote of them and what it proposes.

use super::{
    Seen, When,
    badge::Badge,
    initiative::LabelledField,
    model::DiffLine,
    suggestion::{Asking, Failure, Progress},
};

/// Summary and notes with the button. The element's id is `summary-{initiative}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// The initiative's key.
    pub key: String,
    /// The page the forms return to as `next`.
    pub next: String,
    /// What the forms saw of the initiative.
    pub seen: Seen,
    /// Summary and notes, edited in place; each says whether it is the LLM's own words.
    pub fields: Vec<LabelledField>,
    /// The LLM's words, or stale with what changed since; none: nothing of it is the LLM's.
    pub badge: Option<Badge>,
    /// When the LLM wrote last.
    pub at: Option<When>,
    /// The button.
    pub ask: Asking,
    /// What is going on.
    pub progress: Option<Progress>,
    /// Why nothing came of it.
    pub failure: Option<Failure>,
    /// What it would write where a person has written.
    pub proposals: Vec<Proposal>,
    /// The prompt and the raw answer; empty: none, or this person may not read them.
    pub call_href: String,
}

/// What the LLM would write in a field that a person has written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The field's name, sent as `field`.
    pub field: &'static str,
    /// As people read it: `Summary`.
    pub label: &'static str,
    /// What it would change.
    pub changes: Vec<DiffLine>,
    /// Whether this person may take it.
    pub can_take: bool,
}
