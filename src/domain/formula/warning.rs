//! What is allowed in a formula and probably not meant.
//!
//! Knows kinds, codes and wording; must not know how they are found, nor errors.

use serde::Serialize;
use std::fmt;

/// Something that doesn't stop the formula, at its place in the text as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormulaWarning {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// How many characters are meant.
    pub length: u32,
    /// Stable name of the kind, in `snake_case`.
    pub code: &'static str,
    /// What is probably not meant.
    pub kind: FormulaWarningKind,
}

impl FormulaWarning {
    /// The sentence for the person who typed it.
    #[must_use]
    pub fn message(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for FormulaWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

/// What is probably not meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum FormulaWarningKind {
    /// An intermediate that no line reads.
    UnusedIntermediate {
        /// Which.
        name: String,
        /// A parameter that looks like a misspelling of it.
        similar: Option<String>,
    },
    /// Two names that only differ in upper and lower case.
    DifferOnlyInCase {
        /// The one that comes second.
        name: String,
        /// The one that comes first.
        other: String,
    },
}

impl FormulaWarningKind {
    /// Stable name of the kind, in `snake_case`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnusedIntermediate { .. } => "unused_intermediate",
            Self::DifferOnlyInCase { .. } => "differ_only_in_case",
        }
    }
}

impl fmt::Display for FormulaWarningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusedIntermediate {
                name,
                similar: None,
            } => {
                write!(f, "No line uses `{name}`. Use it, or take the line out.")
            }
            Self::UnusedIntermediate {
                name,
                similar: Some(similar),
            } => {
                write!(
                    f,
                    "No line uses `{name}`, and `{similar}` is read as a parameter. Is it meant to be `{name}`?"
                )
            }
            Self::DifferOnlyInCase { name, other } => {
                write!(
                    f,
                    "`{name}` and `{other}` are two different names. If one is meant, write it in one way."
                )
            }
        }
    }
}
