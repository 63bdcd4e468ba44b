//! Running a compiled formula, with a check of every operation.
//!
//! A result that isn't finite marks its slot; the mark passes through every operation except the
//! branch of an `if` that isn't taken, and is an error where it reaches a line's result. So no NaN
//! and no infinity leaves this module. Must not know names beyond those of lines.

use super::{
    evaluation_error::{EvaluationError, EvaluationErrorKind},
    normalise::Normalised,
    operation::{Operation, apply, failure, operand_count, symbol},
    places::{Places, excerpt},
    program::{Instruction, Line, Program},
};
use serde::{Deserialize, Serialize};

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

/// A line with its value, or with the operation that keeps it from having one.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedLine {
    /// Where the line starts in the formula's text, 1-based.
    pub line: u32,
    /// What it assigns.
    pub name: String,
    /// Its text.
    pub source: String,
    /// Its value; finite, and never minus zero.
    pub result: Result<f64, EvaluationError>,
}

/// Every slot's value, and why it has none.
pub(super) struct Computed<'a> {
    program: &'a Program,
    normalised: &'a Normalised,
    values: Vec<f64>,
    /// For each slot, the index of the instruction that first failed on the way to it. Empty as long as nothing did,
    /// which is nearly always.
    marks: Vec<Option<usize>>,
}

impl<'a> Computed<'a> {
    /// Runs the program; `inputs` are finite and as many as it reads.
    pub(super) fn of(program: &'a Program, normalised: &'a Normalised, inputs: &[f64]) -> Self {
        let known = inputs.len() + program.constants.len();
        let mut values = Vec::with_capacity(known + program.code.len());
        values.extend_from_slice(inputs);
        values.extend_from_slice(&program.constants);
        let mut marks: Vec<Option<usize>> = Vec::new();
        for (index, instruction) in program.code.iter().enumerate() {
            let operands = instruction.operands.map(|slot| values[slot]);
            let mark = passed_on(instruction, operands, &marks);
            let value = apply(instruction.operation, operands);
            let fails = mark.is_none() && failure(instruction.operation, operands, value).is_some();
            if fails && marks.is_empty() {
                marks.resize(values.len(), None);
            }
            if fails || !marks.is_empty() {
                marks.push(if fails { Some(index) } else { mark });
            }
            values.push(value);
        }
        Self {
            program,
            normalised,
            values,
            marks,
        }
    }

    /// The lines' values, or the first operation that keeps a line from having one.
    pub(super) fn lines(&self) -> Result<Vec<LineValue>, EvaluationError> {
        let line = |line: &Line| {
            Ok(LineValue {
                line: line.number,
                name: line.name.clone(),
                source: line.span.of(&self.normalised.text).to_owned(),
                value: self.result(line)?,
            })
        };
        self.program.lines.iter().map(line).collect()
    }

    /// Every line with what came of it.
    pub(super) fn explained(&self) -> Vec<ExplainedLine> {
        let line = |line: &Line| ExplainedLine {
            line: line.number,
            name: line.name.clone(),
            source: line.span.of(&self.normalised.text).to_owned(),
            result: self.result(line),
        };
        self.program.lines.iter().map(line).collect()
    }

    fn result(&self, line: &Line) -> Result<f64, EvaluationError> {
        match self.marks.get(line.slot).copied().flatten() {
            Some(index) => Err(self.error(index)),
            // Adding 0 makes minus zero plain zero: nobody should read "−0".
            None => Ok(self.values[line.slot] + 0.0),
        }
    }

    fn error(&self, index: usize) -> EvaluationError {
        let Instruction {
            operation,
            operands,
            span,
        } = self.program.code[index];
        let operands = operands.map(|slot| self.values[slot]);
        let kind = failure(operation, operands, apply(operation, operands));
        let place = Places::new(self.normalised).place(span);
        EvaluationError {
            line: place.line,
            column: place.column,
            length: place.length,
            operation: symbol(operation),
            operands: operands[..operand_count(operation)].to_vec(),
            kind: kind.unwrap_or(EvaluationErrorKind::Domain),
            excerpt: excerpt(span.of(&self.normalised.text)),
        }
    }
}

/// The mark that an instruction takes over from its operands.
fn passed_on(
    instruction: &Instruction,
    operands: [f64; 3],
    marks: &[Option<usize>],
) -> Option<usize> {
    if marks.is_empty() {
        return None;
    }
    let [first, second, third] = instruction.operands.map(|slot| marks[slot]);
    if instruction.operation == Operation::If {
        first.or(if operands[0] == 0.0 { third } else { second })
    } else {
        first.or(second).or(third)
    }
}
