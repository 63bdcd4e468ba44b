//! What the check says about a formula while one types: errors that point into the text, names, values, what would follow.

use super::{Figure, model::Line};
use askama::Template;

/// Something wrong with the text, pointing into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckError {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// What is wrong and the way out.
    pub message: String,
    /// The line's text before the place.
    pub before: String,
    /// The place itself; empty: the end of the line.
    pub marked: String,
    /// The rest of the line.
    pub after: String,
}

/// What stands behind a name in the formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChipState {
    /// A param with an approved value.
    Approved,
    /// A param with a value.
    Filled,
    /// A param without one.
    Missing,
    /// No param yet: approval adds it.
    #[default]
    New,
    /// A param that this text doesn't read.
    Unused,
}

impl ChipState {
    /// Its name in class names.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Filled => "needs_approval",
            Self::Missing => "missing",
            Self::New => "suggestion",
            Self::Unused => "orphaned",
        }
    }

    /// What people read beside the name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Filled => "filled",
            Self::Missing => "no value",
            Self::New => "new",
            Self::Unused => "not used",
        }
    }
}

/// A name in the formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chip {
    /// The name.
    pub name: String,
    /// What stands behind it.
    pub state: ChipState,
    /// Today's value: `4 %`; empty: none.
    pub value: String,
}

/// What the check says about a text. The element's id is `math-model-{id}-check`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// The model.
    pub model_id: String,
    /// In one line: `Reads 7 params`, `1 error`, `Nothing written yet`.
    pub headline: String,
    /// What is wrong, in order.
    pub errors: Vec<CheckError>,
    /// What is worth knowing.
    pub warnings: Vec<String>,
    /// The names it reads, in order, and those it no longer does.
    pub chips: Vec<Chip>,
    /// The result with today's values: a preview, never for the record.
    pub result: Option<CheckResult>,
    /// Why there is no result; empty: there is one, or the text is wrong.
    pub no_result: String,
    /// Each line with its value.
    pub lines: Vec<Line>,
    /// What approving this text would do: `Adds 2 params`.
    pub effects: Vec<String>,
    /// `Kept as your private draft, 12:04`; empty: nothing kept.
    pub draft_note: String,
}

/// A preview.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckResult {
    /// The value.
    pub value: Figure,
    /// The effort.
    pub effort: Figure,
    /// The overall score.
    pub overall: Figure,
}

/// The check alone: the answer while one types.
#[derive(Clone, Debug, Template)]
#[template(path = "math_models/check.html")]
pub struct CheckFragment {
    /// The check.
    pub check: Check,
}
