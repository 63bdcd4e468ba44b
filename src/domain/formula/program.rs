//! The compiled formula: every operation as one instruction that fills one slot.
//!
//! Slots are numbered inputs first, then constants, then results in the order of computing; no slot
//! is written twice. Scoring, preview and explanation run the same program. Must not know text
//! beyond the spans that instructions carry for messages.

use super::{
    Identifier,
    check::Checked,
    functions::Function,
    lex::Kind,
    operation::Operation,
    places::{Places, Span},
    rpn::{self, Plain, Step},
    statement::Statement,
};
use std::collections::BTreeMap;

/// An operation, the slots it reads (as many as the operation takes, the first again for padding) and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    pub(super) operation: Operation,
    pub(super) operands: [usize; 3],
    pub(super) span: Span,
}

/// A line's result.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) slot: usize,
    pub(super) span: Span,
    /// In the text, 1-based.
    pub(super) number: u32,
}

/// Everything that computing needs.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) constants: Vec<f64>,
    pub(super) code: Vec<Instruction>,
    pub(super) lines: Vec<Line>,
}

/// A slot before it is known how many inputs and constants there are.
#[derive(Clone, Copy)]
enum Slot {
    Input(usize),
    Constant(usize),
    Result(usize),
}

/// A slot with the tokens it came from, for the span of what is computed from it.
#[derive(Clone, Copy)]
struct Operand {
    slot: Slot,
    first: usize,
    last: usize,
}

/// Compiles checked statements; `Err` has the span of an expression that meval refused.
pub(super) fn compile(
    text: &str,
    statements: &[Statement],
    checked: &[Option<Checked>],
    identifiers: &[Identifier],
    places: &Places<'_>,
) -> Result<Program, Span> {
    let inputs = identifiers.iter().map(|input| input.name.as_str());
    let mut compiler = Compiler {
        text,
        names: inputs.zip((0..).map(Slot::Input)).collect(),
        constants: Vec::new(),
        known: BTreeMap::new(),
        code: Vec::new(),
    };
    let mut lines = Vec::new();
    for (statement, checked) in statements.iter().zip(checked) {
        let slot = checked
            .as_ref()
            .and_then(|checked| compiler.expression(statement, &checked.plain))
            .ok_or(statement.span)?;
        let name = statement.target.as_deref().unwrap_or("value");
        compiler.names.insert(name, slot);
        lines.push((name, slot, statement.span));
    }
    let constants = compiler.constants;
    let number = |slot: Slot| match slot {
        Slot::Input(index) => index,
        Slot::Constant(index) => identifiers.len() + index,
        Slot::Result(index) => identifiers.len() + constants.len() + index,
    };
    let code = compiler
        .code
        .into_iter()
        .map(|(operation, operands, span)| {
            let operands = operands.map(number);
            Instruction {
                operation,
                operands,
                span,
            }
        });
    let lines = lines.into_iter().map(|(name, slot, span)| Line {
        name: name.to_owned(),
        slot: number(slot),
        span,
        number: places.typed(span.start).0,
    });
    Ok(Program {
        code: code.collect(),
        lines: lines.collect(),
        constants,
    })
}

struct Compiler<'a> {
    text: &'a str,
    /// Inputs, and the lines assigned so far.
    names: BTreeMap<&'a str, Slot>,
    constants: Vec<f64>,
    /// Each constant's bits with its index, so that none is kept twice.
    known: BTreeMap<u64, usize>,
    code: Vec<(Operation, [Slot; 3], Span)>,
}

impl<'a> Compiler<'a> {
    fn expression(&mut self, statement: &'a Statement, plain: &[Plain]) -> Option<Slot> {
        let mut stack: Vec<Operand> = Vec::new();
        for step in rpn::ordered(plain)? {
            let operand = match step {
                Step::Operand(at) => self.operand(statement, at)?,
                Step::Negate => {
                    let inner = widened(statement, stack.pop()?);
                    let first = inner.first.checked_sub(1)?;
                    self.emit(
                        statement,
                        Operation::Negate,
                        &[inner.slot],
                        first,
                        inner.last,
                    )?
                }
                Step::Add => self.binary(statement, Operation::Add, &mut stack)?,
                Step::Subtract => self.binary(statement, Operation::Subtract, &mut stack)?,
                Step::Multiply => self.binary(statement, Operation::Multiply, &mut stack)?,
                Step::Divide => self.binary(statement, Operation::Divide, &mut stack)?,
                Step::Power => self.binary(statement, Operation::Power, &mut stack)?,
                Step::Compare(at) => {
                    let comparison = statement.tokens.get(at)?.kind.comparison()?;
                    self.binary(statement, Operation::Compare(comparison), &mut stack)?
                }
                Step::Call { token, arguments } => {
                    let from = stack.len().checked_sub(arguments)?;
                    let slots: Vec<Slot> =
                        stack.drain(from..).map(|operand| operand.slot).collect();
                    self.call(statement, token, &slots)?
                }
            };
            stack.push(operand);
        }
        let result = stack.pop()?;
        stack.is_empty().then_some(result.slot)
    }

    fn operand(&mut self, statement: &Statement, at: usize) -> Option<Operand> {
        let token = statement.tokens.get(at)?;
        let slot = match token.kind {
            Kind::Number(number) => self.constant(number),
            Kind::Name => *self.names.get(token.span.of(self.text))?,
            _ => return None,
        };
        Some(Operand {
            slot,
            first: at,
            last: at,
        })
    }

    fn constant(&mut self, number: f64) -> Slot {
        let next = self.constants.len();
        let index = *self.known.entry(number.to_bits()).or_insert(next);
        if index == next {
            self.constants.push(number);
        }
        Slot::Constant(index)
    }

    fn binary(
        &mut self,
        statement: &Statement,
        operation: Operation,
        stack: &mut Vec<Operand>,
    ) -> Option<Operand> {
        let right = widened(statement, stack.pop()?);
        let left = widened(statement, stack.pop()?);
        self.emit(
            statement,
            operation,
            &[left.slot, right.slot],
            left.first,
            right.last,
        )
    }

    fn emit(
        &mut self,
        statement: &Statement,
        operation: Operation,
        slots: &[Slot],
        first: usize,
        last: usize,
    ) -> Option<Operand> {
        let span = statement
            .tokens
            .get(first)?
            .span
            .to(statement.tokens.get(last)?.span);
        let padding = *slots.first()?;
        let operand = |index: usize| slots.get(index).copied().unwrap_or(padding);
        self.code
            .push((operation, [operand(0), operand(1), operand(2)], span));
        Some(Operand {
            slot: Slot::Result(self.code.len() - 1),
            first,
            last,
        })
    }

    fn call(&mut self, statement: &Statement, at: usize, slots: &[Slot]) -> Option<Operand> {
        let function = Function::named(statement.tokens.get(at)?.span.of(self.text))?;
        let last = *statement.partners.get(at + 1)?;
        if function == Function::Npv {
            return self.npv(statement, slots, at, last);
        }
        let operation = Operation::of(function, slots.len())?;
        if !matches!(
            operation,
            Operation::Min | Operation::Max | Operation::And | Operation::Or
        ) {
            return self.emit(statement, operation, slots, at, last);
        }
        // Any number of arguments: one after the other.
        let (first, others) = slots.split_first()?;
        let mut result = Operand {
            slot: *first,
            first: at,
            last,
        };
        for slot in others {
            result = self.emit(statement, operation, &[result.slot, *slot], at, last)?;
        }
        Some(result)
    }

    /// `cash1 / (1 + rate)^1 + cash2 / (1 + rate)^2 + …`: each cash at the end of its period.
    fn npv(
        &mut self,
        statement: &Statement,
        slots: &[Slot],
        at: usize,
        last: usize,
    ) -> Option<Operand> {
        let (rate, cash) = slots.split_first()?;
        let one = self.constant(1.0);
        let growth = self
            .emit(statement, Operation::Add, &[one, *rate], at, last)?
            .slot;
        let mut total: Option<Operand> = None;
        let mut period = 0.0;
        for cash in cash {
            period += 1.0;
            let periods = self.constant(period);
            let factor = self
                .emit(statement, Operation::Power, &[growth, periods], at, last)?
                .slot;
            let present = self.emit(statement, Operation::Divide, &[*cash, factor], at, last)?;
            total = Some(match total {
                None => present,
                Some(sum) => self.emit(
                    statement,
                    Operation::Add,
                    &[sum.slot, present.slot],
                    at,
                    last,
                )?,
            });
        }
        total
    }
}

/// Takes in the parentheses around an operand, so that the text of `(a + b) / c` is whole.
fn widened(statement: &Statement, operand: Operand) -> Operand {
    let (first, last) = statement.with_parentheses(operand.first, operand.last);
    Operand {
        first,
        last,
        ..operand
    }
}
