//! A fault in a formula's text at its place; what it says is the kind's business (`error_kind`).
//!
//! Must not know how a fault is found.

use super::error_kind::FormulaErrorKind;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use std::fmt;

/// One fault in a formula's text, at its place in the text as it was typed.
#[derive(Clone, Debug, PartialEq)]
pub struct FormulaError {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// How many characters are meant; 0 where there is nothing to mark.
    pub length: u32,
    /// Stable name of the kind, in `snake_case`.
    pub code: &'static str,
    /// What is wrong.
    pub kind: FormulaErrorKind,
}

impl FormulaError {
    /// The sentence for the person who typed it.
    #[must_use]
    pub fn message(&self) -> String {
        self.kind.to_string()
    }
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for FormulaError {}

impl Serialize for FormulaError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("FormulaError", 5)?;
        fields.serialize_field("line", &self.line)?;
        fields.serialize_field("column", &self.column)?;
        fields.serialize_field("length", &self.length)?;
        fields.serialize_field("code", self.code)?;
        fields.serialize_field("message", &self.message())?;
        fields.end()
    }
}
