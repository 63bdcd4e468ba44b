//! What the check says about a formula while one types: errors that point into the text, names, values, what would follow.

use super::Figure;
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
    /// The name that would put it right.
    pub fix: Option<Fix>,
}

/// One name to be put in place of another, sent as `instead`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    /// As it is written.
    pub written: String,
    /// What was probably meant.
    pub meant: String,
}

/// Something worth knowing that stops nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// Where and what: `Line 2: …`.
    pub text: String,
    /// The name that was probably meant.
    pub fix: Option<Fix>,
}

/// A part of a line's expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// A name, or what stands between two.
    pub text: String,
    /// The name's value; empty: it has none.
    pub value: String,
}

/// A line worked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkedLine {
    /// Where it begins, from 1.
    pub number: u32,
    /// What it says the value of.
    pub name: String,
    /// Its expression.
    pub terms: Vec<Term>,
    /// Its value.
    pub value: String,
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
    /// The model, or the scenario.
    pub model_id: String,
    /// Where its formula posts: `/math-models/7/formula`.
    pub action: String,
    /// In one line: `Reads 7 params`, `1 error`, `Nothing written yet`.
    pub headline: String,
    /// What is wrong, in order.
    pub errors: Vec<CheckError>,
    /// What is worth knowing.
    pub warnings: Vec<Remark>,
    /// The names it reads, in order, and those it no longer does.
    pub chips: Vec<Chip>,
    /// The result with today's values: a preview, never for the record.
    pub result: Option<CheckResult>,
    /// Why there is no result; empty: there is one, or the text is wrong.
    pub no_result: String,
    /// Whether that is since the arithmetic fails, rather than for want of values.
    pub is_fault: bool,
    /// Each line with its value.
    pub lines: Vec<WorkedLine>,
    /// What approving this text would do: `Adds 2 params`.
    pub effects: Vec<String>,
    /// `Kept as your private draft, 12:04`; empty: nothing kept.
    pub draft_note: String,
    /// Whether this person may change the text, so that a fix can be taken with a click.
    pub can_write: bool,
}

/// The result with today's values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckResult {
    /// Whether text or values aren't approved, so that it couldn't be recorded.
    pub is_preview: bool,
    /// Why it is a preview, or that everything is approved.
    pub note: String,
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
