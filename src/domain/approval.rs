//! An approval is a record of exactly what was approved, by whom and when; never a flag.

use super::ids::{ApprovalId, UserId};
use chrono::{DateTime, Utc};

/// What of its subject an approval covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// A param's value and unit.
    Value,
    /// A param's min and max.
    Range,
    /// A model's formula text.
    Formula,
    /// All values that a scenario sets.
    Scenario,
}

impl Part {
    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Range => "range",
            Self::Formula => "formula",
            Self::Scenario => "scenario",
        }
    }
}

/// How an approval came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody pressed *Approve*.
    Person,
    /// An admin took it over with an import.
    Import,
    /// What had been withdrawn holds again: the very same content was restored.
    Reinstated,
    /// The shared fact that a param follows was approved, or the param began to follow it.
    Fact,
}

impl Origin {
    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Import => "import",
            Self::Reinstated => "reinstated",
            Self::Fact => "fact",
        }
    }

    /// From what is stored; anything unknown counts as a person's.
    #[must_use]
    pub fn from_key(key: &str) -> Self {
        match key {
            "import" => Self::Import,
            "reinstated" => Self::Reinstated,
            "fact" => Self::Fact,
            _ => Self::Person,
        }
    }
}

/// Why an approval is withdrawn that a person took back; any other fell with a change of what it was given for. Four-eyes
/// tells the two apart: an approval that was taken back is none.
pub const TAKEN_BACK: &str = "taken back";

/// A live approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its row.
    pub id: ApprovalId,
    /// Who stands behind it.
    pub by: UserId,
    /// Their name, as it is now.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How it came to be.
    pub origin: Origin,
}
