//! The formula language: text to a checked, compiled [`Formula`], and its results.
//!
//! The way of a text: `normalise` (what is stored) → `lex` (tokens, `number`) → `statement` (lines)
//! → `check` (grammar; `calls`, `faults`) → `names` (what each name stands for) → `rpn` (meval, order of operations)
//! → `program` (instructions) → `evaluate` (every `operation` checked). `error_kind`, `warning` and `hints`
//! hold the sentences; `pieces` and `misspelt` serve the editor. The language for people is in `docs/formula-language.md`.
//!
//! A formula never runs code and never touches anything outside its inputs; text, lines, names,
//! tokens and nesting are limited before anything else. Must not know params, scores or storage.

mod calls;
mod check;
mod error;
mod error_kind;
mod evaluate;
mod faults;
mod functions;
mod hints;
mod lex;
mod misspelt;
mod names;
mod normalise;
mod number;
mod operation;
mod pieces;
mod places;
mod program;
mod rpn;
mod statement;
#[cfg(test)]
mod tests;
mod warning;

use error_kind::FormulaErrorKind as Error;
use names::{Names, OUTPUTS};
use normalise::Normalised;
use places::{Places, Report, Span};
use program::Program;
use serde::Serialize;

pub use error::FormulaError;
pub use error_kind::FormulaErrorKind;
pub use evaluate::{Evaluation, EvaluationError, EvaluationErrorKind, LineValue};
pub use hints::nearest;
pub use misspelt::Misspelt;
pub use normalise::normalise;
pub use pieces::{Piece, expression, pieces, with_name};
pub use warning::{FormulaWarning, FormulaWarningKind};

/// Which engine computed a score; it changes when the same inputs may give other bits.
pub const ENGINE: &str = "productops-formula/1";

/// The most text that a formula may have, in bytes.
const MOST_BYTES: usize = 8192;

/// A formula that parsed: checked, compiled, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Formula {
    text: String,
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
        let plain: Vec<&str> = checked
            .iter()
            .map(|one| one.as_ref().map_or("", |one| one.plain.as_str()))
            .collect();
        match program::compile(text, &statements, &plain, &identifiers, &places) {
            Ok(program) => Ok(Self {
                program,
                identifiers,
                warnings,
                text: normalised.text,
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
        &self.text
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
        if inputs.len() != self.identifiers.len() {
            return Err(input_error(EvaluationErrorKind::InputCount, 1, "", inputs));
        }
        let strange = inputs
            .iter()
            .zip(&self.identifiers)
            .find(|(input, _)| !input.is_finite());
        if let Some((input, Identifier { name, line, .. })) = strange {
            let kind = EvaluationErrorKind::InputNotFinite;
            return Err(input_error(kind, *line, name, &[*input]));
        }
        let lines = evaluate::run(&self.program, &self.text, inputs)?;
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

    fn effort_index(&self) -> Option<usize> {
        self.identifiers
            .iter()
            .position(|identifier| identifier.name == "effort")
    }
}

fn input_error(
    kind: EvaluationErrorKind,
    line: u32,
    name: &str,
    operands: &[f64],
) -> EvaluationError {
    let (operands, excerpt) = (operands.to_vec(), name.to_owned());
    EvaluationError {
        line,
        operation: "",
        operands,
        kind,
        excerpt,
    }
}
