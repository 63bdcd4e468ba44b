//! Running a compiled formula, with a check of every operation.
//!
//! A result that isn't finite marks its slot; the mark passes through every operation except the
//! branch of an `if` that isn't taken, and is an error where it reaches a line's result. So no NaN
//! and no infinity leaves this module. Must not know names beyond those of lines.

use super::{
    operation::{Operation, apply, failure, operand_count, symbol},
    places::excerpt,
    program::{Instruction, Line, Program},
};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// A line's result, for the explanation line by line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineValue {
    /// Where the line starts in the formula's text, 1-based.
    pub line: u32,
    /// What it assigns.
    pub name: String,
    /// Its text.
    pub source: String,
    /// Finite, and never minus zero.
    pub value: f64,
}

/// What a formula gives for some inputs. All numbers are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Every line in order.
    pub lines: Vec<LineValue>,
    /// The output `value`.
    pub value: f64,
    /// The output `effort`, else the parameter of that name, if there is one.
    pub effort: Option<f64>,
    /// The output `overall`, only if a line assigns it.
    pub overall: Option<f64>,
}

/// Why a formula gives no number.
#[derive(Clone, Debug, PartialEq, Error)]
pub struct EvaluationError {
    /// The line of the operation, 1-based in the formula's text.
    pub line: u32,
    /// `+`, `/`, `ln` …; empty where no operation is to blame.
    pub operation: &'static str,
    /// What it was given.
    pub operands: Vec<f64>,
    /// In which way it fails.
    pub kind: EvaluationErrorKind,
    /// The operation's text, or the input's name.
    pub excerpt: String,
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

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            operation,
            operands,
            kind,
            excerpt,
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

/// The lines' results, or the first operation that keeps a line from having one.
pub(super) fn run(
    program: &Program,
    text: &str,
    inputs: &[f64],
) -> Result<Vec<LineValue>, EvaluationError> {
    let known = inputs.len() + program.constants.len();
    let mut values = Vec::with_capacity(known + program.code.len());
    values.extend_from_slice(inputs);
    values.extend_from_slice(&program.constants);
    // For each slot, the index of the instruction that first failed on the way to it.
    let mut marks: Vec<Option<usize>> = vec![None; known];
    for (index, instruction) in program.code.iter().enumerate() {
        let operands = instruction.operands.map(|slot| values[slot]);
        let [first, second, third] = instruction.operands.map(|slot| marks[slot]);
        let mark = if instruction.operation == Operation::If {
            first.or(if operands[0] == 0.0 { third } else { second })
        } else {
            first.or(second).or(third)
        };
        let value = apply(instruction.operation, operands);
        let fails = mark.is_none() && failure(instruction.operation, operands, value).is_some();
        marks.push(if fails { Some(index) } else { mark });
        values.push(value);
    }
    let result = |line: &Line| match marks[line.slot] {
        Some(index) => Err(error(program, text, index, &values)),
        None => Ok(LineValue {
            line: line.number,
            name: line.name.clone(),
            source: line.span.of(text).to_owned(),
            // Adding 0 makes minus zero plain zero: nobody should read "−0".
            value: values[line.slot] + 0.0,
        }),
    };
    program.lines.iter().map(result).collect()
}

fn error(program: &Program, text: &str, index: usize, values: &[f64]) -> EvaluationError {
    let Instruction {
        operation,
        operands,
        span,
    } = program.code[index];
    let operands = operands.map(|slot| values[slot]);
    let kind = failure(operation, operands, apply(operation, operands));
    let before = &text[..span.start];
    let line = before.matches('\n').count() + 1;
    EvaluationError {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        operation: symbol(operation),
        operands: operands[..operand_count(operation)].to_vec(),
        kind: kind.unwrap_or(EvaluationErrorKind::Domain),
        excerpt: excerpt(span.of(text)),
    }
}
