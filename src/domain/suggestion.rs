//! A formula as the LLM suggests it, with its assumptions and the parameters it had in mind. Nothing here is scored:
//! a suggestion becomes a formula only by a person who takes it over.

use super::{
    formula::{Formula, normalise},
    llm_answer::{Fault, line, list, object, text},
    param_metadata::{ParamMetadata, RawParam},
};
use serde::{Deserialize, Serialize};

/// How many assumptions are kept, and how long each may be.
const ASSUMPTIONS: (usize, usize) = (15, 600);
const LONGEST_NOTES: usize = 4_000;

/// A suggestion whose formula parses.
#[derive(Clone, Debug, PartialEq)]
pub struct MathModelSuggestion {
    /// The normalised text.
    pub formula: String,
    /// Each a sentence.
    pub assumptions: Vec<String>,
    /// Explanation and commentary.
    pub notes: String,
    /// The unit of the value; may be empty.
    pub value_unit: String,
    /// What it had in mind for the formula's parameters; one that it left out has no entry.
    pub params: Vec<ParamMetadata>,
}

#[derive(Deserialize)]
struct Raw {
    formula: String,
    #[serde(default)]
    assumptions: Vec<String>,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    value_unit: Option<String>,
    #[serde(default)]
    params: Vec<RawParam>,
}

impl MathModelSuggestion {
    /// Reads an answer.
    ///
    /// # Errors
    /// It has another shape, or its formula doesn't parse: the parser's own message.
    pub fn read(answer: &str) -> Result<Self, Fault> {
        let raw: Raw = object(answer)?;
        let formula = read_formula(&raw.formula)?;
        let names: Vec<_> = formula
            .identifiers()
            .iter()
            .map(|identifier| identifier.name.as_str())
            .collect();
        Ok(Self {
            params: ParamMetadata::read_all(raw.params, &names),
            formula: normalise(formula.text()),
            assumptions: list(raw.assumptions, ASSUMPTIONS),
            notes: text(&raw.notes, LONGEST_NOTES),
            value_unit: unit(&raw.value_unit.unwrap_or_default()),
        })
    }

    /// The assumptions as one text, as they stand in the model.
    #[must_use]
    pub fn assumptions_text(&self) -> String {
        self.assumptions.join("\n")
    }
}

/// A unit, or nothing where a sentence stands in its place.
pub(super) fn unit(raw: &str) -> String {
    let unit = line(raw, 41);
    let is_sentence = unit.chars().count() > 40
        || unit.split_whitespace().count() > 4
        || unit.ends_with('.')
        || unit.contains([',', ';', ':', '?', '!']);
    if is_sentence { String::new() } else { unit }
}

fn read_formula(raw: &str) -> Result<Formula, Fault> {
    let bare = raw.trim().trim_matches('`').trim();
    if bare.is_empty() {
        return Err(Fault::Empty("formula"));
    }
    Formula::parse(bare).map_err(|errors| {
        let first = errors.iter().take(3).map(|error| {
            format!(
                "Line {}, column {}: {}",
                error.line,
                error.column,
                error.message()
            )
        });
        Fault::Formula(first.collect::<Vec<_>>().join(" "))
    })
}

/// A part of a suggestion that a person takes over on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The formula, as a new version.
    Formula,
    /// The assumptions.
    Assumptions,
    /// The notes.
    Notes,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Formula, Self::Assumptions, Self::Notes];

    /// As stored, and in addresses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Formula => "formula",
            Self::Assumptions => "assumptions",
            Self::Notes => "notes",
        }
    }

    /// The part of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.key() == key)
    }
}

/// Why a suggestion is no longer the one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Former {
    /// A newer one came.
    Newer,
    /// What it is about had changed when it came.
    Changed,
    /// The model had been approved when it came.
    Approved,
}

impl Former {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Newer, Self::Changed, Self::Approved];

    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Newer => "newer",
            Self::Changed => "changed",
            Self::Approved => "approved",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|former| former.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(formula: &str) -> String {
        json!({
            "formula": formula,
            "assumptions": ["- Each avoided ticket saves its whole cost.", ""],
            "notes": "No effect on churn.",
            "value_unit": "£",
            "params": [
                {"name": "cost_per_ticket", "label": "Cost per ticket", "unit": "£", "source": "Finance"},
                {"name": "invented", "label": "Nobody reads it"},
            ],
        })
        .to_string()
    }

    #[test]
    fn a_suggestion_is_read_and_keeps_what_its_formula_reads() {
        let read = MathModelSuggestion::read(&answer("tickets * cost_per_ticket")).unwrap();
        assert_eq!(read.formula, "tickets * cost_per_ticket");
        assert_eq!(
            read.assumptions_text(),
            "Each avoided ticket saves its whole cost."
        );
        assert_eq!(read.value_unit, "£");
        let names: Vec<_> = read
            .params
            .iter()
            .map(|param| param.name.as_str())
            .collect();
        assert_eq!(names, ["cost_per_ticket"]);
    }

    #[test]
    fn a_formula_that_doesn_t_parse_comes_back_with_the_parsers_own_message() {
        let fault = MathModelSuggestion::read(&answer("value = tickets *")).unwrap_err();
        let said = fault.to_string();
        assert!(
            said.starts_with("The formula can’t be read. Line 1, column"),
            "{said}"
        );
        for code in ["__import__('os').system('x')", "fetch(url)", ""] {
            assert!(MathModelSuggestion::read(&answer(code)).is_err(), "{code}");
        }
    }

    #[test]
    fn a_sentence_is_no_unit() {
        for (raw, expected) in [
            ("£", "£"),
            (" tickets per month ", "tickets per month"),
            ("The number of tickets.", ""),
            ("pounds, after tax", ""),
            ("as many as there are in a month", ""),
            ("x".repeat(41).as_str(), ""),
        ] {
            assert_eq!(unit(raw), expected, "{raw}");
        }
    }

    #[test]
    fn parts_and_reasons_are_stored_under_names_of_their_own() {
        for part in Part::ALL {
            assert_eq!(Part::from_key(part.key()), Some(part));
        }
        for former in Former::ALL {
            assert_eq!(Former::from_key(former.key()), Some(former));
        }
    }
}
