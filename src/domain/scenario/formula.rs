//! A scenario's formula of its own, in the place of Base's: what it may read, and what becomes of it when a param is
//! renamed.

use super::Scenario;
use crate::domain::{
    formula::{self, Formula, FormulaError},
    math_model::{FormulaVersion, MathModel},
    param::Param,
};
use std::fmt::Write as _;

/// Why a text can't be a scenario's formula.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormulaRefusal {
    /// The formula is a framework's: what compares initiatives must be the same for all of them.
    #[error(
        "{framework}’s formula is the same for every initiative, so that its scores can be compared. A scenario sets values there; for a formula of its own, use the math model."
    )]
    Shared {
        /// The framework.
        framework: String,
    },
    /// It can't be read.
    #[error("This formula can’t be taken yet. Line {line}: {why}")]
    NotRead {
        /// Where.
        line: u32,
        /// The reader's sentence.
        why: String,
    },
    /// It reads names that the model doesn't have.
    #[error("{}", unknown(names, known))]
    Unknown {
        /// Those.
        names: Vec<String>,
        /// The names that there are.
        known: Vec<String>,
    },
}

/// How many of the names that there are a refusal lists.
const LISTED: usize = 12;

fn unknown(names: &[String], known: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let are = if names.len() == 1 {
        "is no param"
    } else {
        "are no params"
    };
    let mut said = format!("{} {are} of this model. ", quoted.join(", "));
    let some = known.get(..LISTED).unwrap_or(known).join(", ");
    let more = known.len().saturating_sub(LISTED);
    let _ = match (known.is_empty(), more) {
        (true, _) => write!(said, "It has none yet. "),
        (false, 0) => write!(said, "It has {some}. "),
        (false, more) => write!(said, "It has {some} and {more} more. "),
    };
    said.push_str("Add the param first, among the initiative’s params, then use it here.");
    said
}

/// Reads a text as the formula of a scenario over these params.
///
/// # Errors
/// It can't be read, or it reads a name that none of them has.
pub fn read(text: &str, base: &[Param]) -> Result<Formula, FormulaRefusal> {
    let formula = Formula::parse(text).map_err(|errors| {
        let first = errors.first();
        FormulaRefusal::NotRead {
            line: first.map_or(1, |error| error.line),
            why: first.map(FormulaError::message).unwrap_or_default(),
        }
    })?;
    let is_there = |name: &str| base.iter().any(|param| param.name == name);
    let names: Vec<_> = names(&formula).filter(|name| !is_there(name)).collect();
    if names.is_empty() {
        return Ok(formula);
    }
    Err(FormulaRefusal::Unknown {
        names,
        known: base.iter().map(|param| param.name.clone()).collect(),
    })
}

fn names(formula: &Formula) -> impl Iterator<Item = String> {
    formula.identifiers().iter().map(|read| read.name.clone())
}

/// The params that a text reads, in order; none: it can't be read.
#[must_use]
pub fn read_names(text: &str) -> Vec<String> {
    formula::cached(text)
        .map(|formula| names(&formula).collect())
        .unwrap_or_default()
}

/// A name can't be put in another's place in a text, since it stands for something else there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeansOtherwise;

/// The same formula with a param called otherwise; none: it doesn't read it.
///
/// # Errors
/// The new name means something else in this text.
pub fn renamed(text: &str, from: &str, to: &str) -> Result<Option<String>, MeansOtherwise> {
    let before = read_names(text);
    if from == to || !before.iter().any(|name| name == from) {
        return Ok(None);
    }
    let new = formula::with_name(text, from, to);
    let wanted: Vec<_> = before
        .iter()
        .map(|name| if name == from { to } else { name })
        .collect();
    let is_same = !before.iter().any(|name| name == to) && read_names(&new) == wanted;
    if is_same {
        Ok(Some(new))
    } else {
        Err(MeansOtherwise)
    }
}

impl Scenario {
    /// The model as it is in this scenario: with its own formula, its name and the approval that covers it, where it has
    /// one; all else is Base's.
    #[must_use]
    pub fn over_model(&self, base: &MathModel) -> MathModel {
        let own = MathModel {
            id: self.id,
            revision: self.revision,
            driver: None,
            ..base.clone()
        };
        match &self.formula {
            None => own,
            Some(formula) => MathModel {
                scenario_label: self.label.clone(),
                formula: Some(formula.clone()),
                approval: self.approval.clone(),
                last_approved: None,
                ..own
            },
        }
    }

    /// Its own formula's text; none: it follows Base's.
    #[must_use]
    pub fn formula_text(&self) -> Option<&str> {
        self.formula.as_ref().map(|formula| formula.text.as_str())
    }
}

/// A formula as it is logged and approved.
#[must_use]
pub fn logged(formula: &FormulaVersion) -> serde_json::Value {
    serde_json::json!({ "version": formula.version, "text": formula.text })
}
