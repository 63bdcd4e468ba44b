//! Why a formula that is well written gives no number for some inputs, as a sentence.
//!
//! Knows kinds and wording; must not know how operations are computed.

use super::Identifier;
use serde::Serialize;
use std::fmt;
use thiserror::Error;

/// Why a formula gives no number.
#[derive(Clone, Debug, PartialEq, Error)]
pub struct EvaluationError {
    /// The line of the operation, 1-based in the text as it was typed.
    pub line: u32,
    /// Where on that line, 1-based, in characters.
    pub column: u32,
    /// How many characters are meant, as far as the first line goes; 0 where there is nothing to mark.
    pub length: u32,
    /// `+`, `/`, `ln` …; empty where no operation is to blame.
    pub operation: &'static str,
    /// What it was given.
    pub operands: Vec<f64>,
    /// In which way it fails.
    pub kind: EvaluationErrorKind,
    /// The operation's text, or the input's name.
    pub excerpt: String,
}

impl EvaluationError {
    /// The caller's inputs are to blame: all of them, or the one for this parameter.
    pub(super) fn of_input(
        kind: EvaluationErrorKind,
        input: Option<&Identifier>,
        operands: &[f64],
    ) -> Self {
        Self {
            line: input.map_or(1, |input| input.line),
            column: input.map_or(1, |input| input.column),
            length: 0,
            operation: "",
            operands: operands.to_vec(),
            kind,
            excerpt: input.map_or_else(String::new, |input| input.name.clone()),
        }
    }
}

/// In which way an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationErrorKind {
    /// By zero, or zero to a negative power.
    DivideByZero,
    /// Beyond the largest number.
    Overflow,
    /// Nothing is defined for these operands, such as the root of a negative number.
    Domain,
    /// The caller's inputs are not as many as the formula's parameters.
    InputCount,
    /// The caller gave NaN or an infinity.
    InputNotFinite,
}

impl EvaluationErrorKind {
    /// Stable name of the kind, in `snake_case`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DivideByZero => "divide_by_zero",
            Self::Overflow => "overflow",
            Self::Domain => "domain",
            Self::InputCount => "input_count",
            Self::InputNotFinite => "input_not_finite",
        }
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            operation,
            operands,
            kind,
            excerpt,
            ..
        } = self;
        let shown = Shown {
            operation,
            operands,
        };
        match kind {
            EvaluationErrorKind::DivideByZero => write!(
                f,
                "Line {line}: `{excerpt}` divides by zero ({shown}). Fill in another number, or guard the line with if(…)."
            ),
            EvaluationErrorKind::Overflow => write!(
                f,
                "Line {line}: `{excerpt}` is too large a number ({shown}). Check the values it is made of."
            ),
            EvaluationErrorKind::Domain => write!(
                f,
                "Line {line}: `{excerpt}` has no result ({shown}): {}.",
                demand(operation)
            ),
            EvaluationErrorKind::InputCount => f.write_str(
                "The formula was given too few or too many values. Reload and try again.",
            ),
            EvaluationErrorKind::InputNotFinite => {
                write!(
                    f,
                    "The value of `{excerpt}` is not a number. Fill in another one."
                )
            }
        }
    }
}

/// What an operation that failed for its operands would need.
fn demand(operation: &str) -> &'static str {
    match operation {
        "ln" | "log10" => "it needs a number above 0",
        "sqrt" => "it needs 0 or more",
        "^" => "a negative number only has whole powers",
        "clamp" => "its lowest value is above its highest",
        "pv" | "fv" => "with a rate below −100 % it needs a whole number of periods",
        _ => "nothing is defined for these values",
    }
}

/// An operation with its operands, as one would type it.
struct Shown<'a> {
    operation: &'a str,
    operands: &'a [f64],
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_symbol = !self
            .operation
            .starts_with(|first: char| first.is_ascii_alphabetic());
        match self.operands {
            [left, right] if is_symbol => {
                let (left, right) = (Plain(*left), Plain(*right));
                write!(f, "{left} {} {right}", self.operation)
            }
            operands => {
                write!(f, "{}(", self.operation)?;
                for (index, operand) in operands.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", Plain(*operand))?;
                }
                f.write_str(")")
            }
        }
    }
}

/// A number in few characters: exponents only for the very large and the very small.
struct Plain(f64);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number) = *self;
        if number == 0.0 {
            f.write_str("0")
        } else if (1e-6..1e15).contains(&number.abs()) {
            write!(f, "{number}")
        } else {
            write!(f, "{number:e}")
        }
    }
}
