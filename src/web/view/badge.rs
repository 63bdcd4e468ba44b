//! The closed list of states, the one badge that shows them, and the page that explains them.

use super::layout::Page;
use askama::Template;
use std::borrow::Cow;

/// A state that a number, a formula or an initiative can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Somebody stands behind it.
    Approved,
    /// Filled in, and nobody has approved it yet.
    NeedsApproval,
    /// Was approved; something it rests on has changed since.
    Stale,
    /// Not filled in.
    Missing,
    /// The approved formula doesn't read it ("not used").
    Orphaned,
    /// A person's figure stands in for the model's.
    Overridden,
    /// The LLM's proposal, taken by nobody yet.
    Suggestion,
    /// Somebody else has just changed it.
    ChangedByOther,
    /// Came with an import and was never scored here.
    Legacy,
    /// Nobody answers for it yet.
    NeedsOwner,
    /// Can't be scored yet.
    NotReady,
    /// A date was set for looking at it again, and that is near or past.
    ReviewDue,
    /// Being written.
    Draft,
    /// Out of the way, nothing lost.
    Archived,
}

impl State {
    /// Every state, in the legend's order.
    pub const ALL: [Self; 14] = [
        Self::Approved,
        Self::NeedsApproval,
        Self::Stale,
        Self::Missing,
        Self::NotReady,
        Self::NeedsOwner,
        Self::ReviewDue,
        Self::Draft,
        Self::Orphaned,
        Self::Overridden,
        Self::Suggestion,
        Self::ChangedByOther,
        Self::Legacy,
        Self::Archived,
    ];

    /// Its name in class names and addresses.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::NeedsApproval => "needs_approval",
            Self::Stale => "stale",
            Self::Missing => "missing",
            Self::Orphaned => "orphaned",
            Self::Overridden => "overridden",
            Self::Suggestion => "suggestion",
            Self::ChangedByOther => "changed_by_other",
            Self::Legacy => "legacy",
            Self::NeedsOwner => "needs_owner",
            Self::ReviewDue => "review_due",
            Self::NotReady => "not_ready",
            Self::Draft => "draft",
            Self::Archived => "archived",
        }
    }

    /// What people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "Approved",
            Self::NeedsApproval => "Needs approval",
            Self::Stale => "Stale",
            Self::Missing => "Missing",
            Self::Orphaned => "Not used",
            Self::Overridden => "Overridden",
            Self::Suggestion => "Suggestion",
            Self::ChangedByOther => "Changed by someone else",
            Self::Legacy => "Legacy",
            Self::NeedsOwner => "Needs an owner",
            Self::ReviewDue => "Review due",
            Self::NotReady => "Not ready",
            Self::Draft => "Draft",
            Self::Archived => "Archived",
        }
    }

    /// The legend's sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Approved => "A named person stands behind exactly this number or text.",
            Self::NeedsApproval => {
                "Filled in, and waiting for somebody who may approve it. It doesn’t count yet."
            }
            Self::Stale => {
                "The last approved score still stands, but something it rests on has changed since. The reason names what, who and when."
            }
            Self::Missing => "Nothing is filled in. Missing never counts as 0.",
            Self::Orphaned => {
                "The approved formula doesn’t read it. It is kept, and never holds a score up."
            }
            Self::Overridden => "A person’s figure stands in for the model’s, with a reason.",
            Self::Suggestion => "Proposed by the LLM. It counts only once a person has taken it.",
            Self::ChangedByOther => "Somebody else changed this while you were looking at it.",
            Self::Legacy => {
                "The score came with an import. It has no receipt and takes part in no rank."
            }
            Self::NeedsOwner => {
                "No team answers for it yet. Analytics, Finance or Eng can claim it; until then a PM approves."
            }
            Self::NotReady => {
                "Can’t be scored yet. The initiative’s page lists everything that is missing and who owes it."
            }
            Self::ReviewDue => {
                "The date for looking at it again is past, or within 14 days. It only reminds: no score changes with it."
            }
            Self::Draft => "Being written. No approved version yet.",
            Self::Archived => "Out of the way, and nothing lost. It can be restored.",
        }
    }
}

/// A state with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Which one: colour and mark.
    pub state: State,
    /// What it says: the state's own word, or more: `3 values missing`.
    pub text: Cow<'static, str>,
    /// Why, in a sentence; empty: nothing to add.
    pub reason: Cow<'static, str>,
}

impl Badge {
    /// The state with its own word and no reason.
    #[must_use]
    pub fn of(state: State) -> Self {
        Self {
            state,
            text: state.word().into(),
            reason: "".into(),
        }
    }

    /// The state with its own word and a reason.
    #[must_use]
    pub fn because(state: State, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason: reason.into(),
            ..Self::of(state)
        }
    }

    /// The state in other words.
    #[must_use]
    pub fn saying(state: State, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: text.into(),
            ..Self::of(state)
        }
    }
}

/// What the states mean.
#[derive(Clone, Debug, Template)]
#[template(path = "legend.html")]
pub struct Legend {
    /// The frame.
    pub page: Page,
}

impl Legend {
    /// Every state as a badge.
    #[must_use]
    pub fn badges(&self) -> Vec<Badge> {
        State::ALL.into_iter().map(Badge::of).collect()
    }
}
