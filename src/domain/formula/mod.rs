//! The formula language: text to a checked, compiled [`Formula`], and its results.
//!
//! The way of a text: `normalise` (what is stored) → `lex` (tokens, `number`) → `statement` (lines)
//! → `check` (grammar; `calls`, `faults`) → `names` (what each name stands for) → `rpn` (meval, order of operations)
//! → `program` (instructions) → `evaluate` (every `operation` checked). `error_kind`, `evaluation_error`, `warning`
//! and `hints` hold the sentences; `cache` keeps what was compiled; `pieces` and `misspelt` serve the editor. The
//! language for people is in `docs/formula-language.md`.
//!
//! A formula never runs code and never touches anything outside its inputs; text, lines, names,
//! tokens and nesting are limited before anything else. Must not know params, scores or storage.

mod cache;
mod calls;
mod check;
mod error;
mod error_kind;
mod evaluate;
mod evaluation_error;
mod faults;
mod functions;
mod hints;
mod lex;
mod misspelt;
mod names;
mod normalise;
mod number;
mod operation;
mod parameter_name;
mod pieces;
mod places;
mod program;
mod rpn;
mod statement;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod texts;
mod warning;
#[cfg(test)]
mod worst;

use error_kind::FormulaErrorKind as Error;
use evaluate::Computed;
use names::{Names, OUTPUTS};
use normalise::Normalised;
use places::{Places, Report, Span};
use program::Program;
use serde::Serialize;

pub use cache::cached;
pub use error::FormulaError;
pub use error_kind::FormulaErrorKind;
pub use evaluate::{Evaluation, ExplainedLine, LineValue};
pub use evaluation_error::{EvaluationError, EvaluationErrorKind};
pub use hints::nearest;
pub use misspelt::Misspelt;
pub use normalise::normalise;
pub use parameter_name::{NameFault, check_parameter_name};
pub use pieces::{Piece, expression, pieces, with_name};
pub use warning::{FormulaWarning, FormulaWarningKind};

/// Which engine computed a score; it changes when the same inputs may give other bits.
pub const ENGINE: &str = "productops-formula/1";

/// The most text that a formula may have, in bytes.
const MOST_BYTES: usize = 8192;

/// A formula that parsed: checked, compiled, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Formula {
    normalised: Normalised,
    identifiers: Vec<Identifier>,
    warnings: Vec<FormulaWarning>,
    program: Program,
}

/// A parameter: a name that is read and never assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identifier {
    /// As it is written.
    pub name: String,
    /// Where it is read first, in the text as it was typed; 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
}

/// Which outputs a formula assigns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outputs {
    /// Always true of a formula that parsed.
    pub value: bool,
    /// Whether a line assigns `effort`.
    pub effort: bool,
    /// Whether a line assigns `overall`.
    pub overall: bool,
}

impl Formula {
    /// Reads a formula as it was typed or stored.
    ///
    /// ```
    /// use productops::domain::formula::Formula;
    ///
    /// let formula = Formula::parse("saving = tickets × cost\nvalue = saving * 90%").unwrap();
    /// assert_eq!(formula.identifiers()[1].name, "cost");
    /// assert_eq!(formula.evaluate(&[100.0, 5.0]).unwrap().value, 450.0);
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong, by position in `text`, at most 20 faults.
    pub fn parse(text: &str) -> Result<Self, Vec<FormulaError>> {
        let start = Span { start: 0, end: 0 };
        if text.len() > MOST_BYTES {
            // Not even normalised: the limit comes before any work.
            let kind = Error::TextTooLong {
                bytes: text.len(),
                most: MOST_BYTES,
            };
            return Err(vec![FormulaError {
                line: 1,
                column: 1,
                length: 0,
                code: kind.code(),
                kind,
            }]);
        }
        let normalised = Normalised::of(text);
        let places = Places::new(&normalised);
        let mut report = Report::new(&places);
        let text = &normalised.text;

        let tokens = lex::lex(text, &mut report);
        let statements = statement::statements(text, &tokens, &mut report);
        if statements.is_empty() {
            report.add(start, Error::Empty);
        }
        let checked: Vec<_> = statements
            .iter()
            .map(|one| check::check(text, one, &mut report))
            .collect();
        let Names {
            identifiers,
            warnings,
        } = names::resolve(text, &statements, &checked, &mut report);
        if !report.is_empty() {
            return Err(report.into_errors());
        }
        match program::compile(text, &statements, &checked, &identifiers, &places) {
            Ok(program) => Ok(Self {
                normalised,
                identifiers,
                warnings,
                program,
            }),
            Err(span) => {
                report.add(span, Error::NotUnderstood);
                Err(report.into_errors())
            }
        }
    }

    /// The normalised text: what is stored and approved.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.normalised.text
    }

    /// The parameters in order of first use.
    #[must_use]
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// The assigned names that are no outputs, in order.
    pub fn intermediates(&self) -> impl Iterator<Item = &str> {
        let names = self.program.lines.iter().map(|line| line.name.as_str());
        names.filter(|name| !OUTPUTS.contains(name))
    }

    /// Which outputs are assigned.
    #[must_use]
    pub fn outputs(&self) -> Outputs {
        let is_assigned = |name| self.program.lines.iter().any(|line| line.name == name);
        Outputs {
            value: is_assigned("value"),
            effort: is_assigned("effort"),
            overall: is_assigned("overall"),
        }
    }

    /// Whether `effort` is read and never assigned, so that the parameter is the effort output.
    #[must_use]
    pub fn effort_is_param(&self) -> bool {
        self.effort_index().is_some()
    }

    /// What is allowed and probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &[FormulaWarning] {
        &self.warnings
    }

    /// Computes every line; `inputs` are parallel to [`identifiers`](Self::identifiers).
    ///
    /// # Errors
    /// The first operation whose failure reaches a line's result.
    pub fn evaluate(&self, inputs: &[f64]) -> Result<Evaluation, EvaluationError> {
        let lines = self.computed(inputs)?.lines()?;
        let output = |name| {
            lines
                .iter()
                .find(|line| line.name == name)
                .map(|line| line.value)
        };
        let effort_param = self
            .effort_index()
            .and_then(|index| inputs.get(index))
            .copied();
        Ok(Evaluation {
            // A formula that parsed assigns it.
            value: output("value").unwrap_or_default(),
            effort: output("effort").or(effort_param),
            overall: output("overall"),
            lines,
        })
    }

    /// Every line with its value, or with the operation that failed, what it was given and where it stands; for
    /// people who want to see how a result comes about, or why there is none.
    ///
    /// ```
    /// use productops::domain::formula::Formula;
    ///
    /// let formula = Formula::parse("share = part / all\nvalue = 12 * part").unwrap();
    /// let lines = formula.explain(&[7.0, 0.0]).unwrap();
    /// let error = lines[0].result.as_ref().unwrap_err();
    /// assert_eq!((error.line, error.column, error.length), (1, 9, 10));
    /// assert_eq!(lines[1].result, Ok(84.0));
    /// ```
    ///
    /// # Errors
    /// The inputs aren't as many as the formula reads, or one isn't a number.
    pub fn explain(&self, inputs: &[f64]) -> Result<Vec<ExplainedLine>, EvaluationError> {
        Ok(self.computed(inputs)?.explained())
    }

    fn computed(&self, inputs: &[f64]) -> Result<Computed<'_>, EvaluationError> {
        if inputs.len() != self.identifiers.len() {
            return Err(EvaluationError::of_input(
                EvaluationErrorKind::InputCount,
                None,
                inputs,
            ));
        }
        let strange = inputs
            .iter()
            .zip(&self.identifiers)
            .find(|(input, _)| !input.is_finite());
        if let Some((input, identifier)) = strange {
            let kind = EvaluationErrorKind::InputNotFinite;
            return Err(EvaluationError::of_input(kind, Some(identifier), &[*input]));
        }
        Ok(Computed::of(&self.program, &self.normalised, inputs))
    }

    fn effort_index(&self) -> Option<usize> {
        self.identifiers
            .iter()
            .position(|identifier| identifier.name == "effort")
    }
}
