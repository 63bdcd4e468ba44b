//! What the LLM writes about an initiative for the backlog.

use super::llm_answer::{Fault, object, text};
use serde::Deserialize;

const LONGEST_SUMMARY: usize = 1_200;
const LONGEST_NOTES: usize = 2_000;

/// A short text and remarks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Summary {
    /// A few sentences.
    pub summary: String,
    /// Remarks; may be empty.
    #[serde(default)]
    pub notes: String,
}

impl Summary {
    /// Reads an answer.
    ///
    /// # Errors
    /// It has another shape, or no summary.
    pub fn read(answer: &str) -> Result<Self, Fault> {
        let raw: Self = object(answer)?;
        let summary = text(&raw.summary, LONGEST_SUMMARY);
        if summary.is_empty() {
            return Err(Fault::Empty("summary"));
        }
        let notes = text(&raw.notes, LONGEST_NOTES);
        Ok(Self { summary, notes })
    }
}

/// One of the two texts of an initiative that the LLM may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummaryPart {
    /// The summary.
    Summary,
    /// The remarks.
    Notes,
}

impl SummaryPart {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Summary, Self::Notes];

    /// The initiative's field.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Summary => "llm_summary",
            Self::Notes => "llm_notes",
        }
    }

    /// The part whose field that is.
    #[must_use]
    pub fn from_field(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.field() == field)
    }

    /// What a summary says there.
    #[must_use]
    pub fn of(self, summary: &Summary) -> &str {
        match self {
            Self::Summary => &summary.summary,
            Self::Notes => &summary.notes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_needs_a_text_and_is_cut_where_it_is_too_long() {
        let read = Summary::read(r#"{"summary": " Fewer tickets. "}"#).unwrap();
        assert_eq!(
            (read.summary.as_str(), read.notes.as_str()),
            ("Fewer tickets.", "")
        );
        assert_eq!(
            Summary::read(r#"{"summary": "", "notes": "x"}"#),
            Err(Fault::Empty("summary"))
        );
        let long = format!(r#"{{"summary": "{}"}}"#, "word ".repeat(1_000));
        assert!(Summary::read(&long).unwrap().summary.chars().count() <= LONGEST_SUMMARY);
    }

    #[test]
    fn each_part_is_a_field_of_an_initiative() {
        for part in SummaryPart::ALL {
            assert!(crate::domain::initiative::Field::from_key(part.field()).is_some());
            assert_eq!(SummaryPart::from_field(part.field()), Some(part));
        }
    }
}
