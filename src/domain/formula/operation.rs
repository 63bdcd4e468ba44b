//! What each operation of a compiled formula computes, how it fails and how it is written.
//!
//! Knows numbers only; must not know slots, lines or text.

use super::{
    evaluation_error::EvaluationErrorKind,
    functions::{self, Function},
    lex::Comparison,
};

/// One operation on one to three operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Negate,
    Min,
    Max,
    Abs,
    Round,
    RoundTo,
    Floor,
    Ceil,
    Sqrt,
    Exp,
    Ln,
    Log10,
    Clamp,
    Pv,
    Fv,
    Compare(Comparison),
    If,
    And,
    Or,
    Not,
}

impl Operation {
    /// The operation behind a call; none for `npv`, which is several.
    pub(super) fn of(function: Function, arguments: usize) -> Option<Self> {
        Some(match function {
            Function::Min => Self::Min,
            Function::Max => Self::Max,
            Function::Abs => Self::Abs,
            Function::Round if arguments == 2 => Self::RoundTo,
            Function::Round => Self::Round,
            Function::Floor => Self::Floor,
            Function::Ceil => Self::Ceil,
            Function::Sqrt => Self::Sqrt,
            Function::Exp => Self::Exp,
            Function::Ln => Self::Ln,
            Function::Log10 => Self::Log10,
            Function::Clamp => Self::Clamp,
            Function::Pv => Self::Pv,
            Function::Fv => Self::Fv,
            Function::If => Self::If,
            Function::And => Self::And,
            Function::Or => Self::Or,
            Function::Not => Self::Not,
            Function::Npv => return None,
        })
    }
}

fn truth(is_true: bool) -> f64 {
    if is_true { 1.0 } else { 0.0 }
}

pub(super) fn apply(operation: Operation, [a, b, c]: [f64; 3]) -> f64 {
    match operation {
        Operation::Add => a + b,
        Operation::Subtract => a - b,
        Operation::Multiply => a * b,
        Operation::Divide => a / b,
        Operation::Power => libm::pow(a, b),
        Operation::Negate => -a,
        Operation::Min => {
            if b < a {
                b
            } else {
                a
            }
        }
        Operation::Max => {
            if b > a {
                b
            } else {
                a
            }
        }
        Operation::Abs => a.abs(),
        Operation::Round => a.round(),
        Operation::RoundTo => functions::round_to(a, b),
        Operation::Floor => a.floor(),
        Operation::Ceil => a.ceil(),
        Operation::Sqrt => a.sqrt(),
        Operation::Exp => libm::exp(a),
        Operation::Ln => libm::log(a),
        Operation::Log10 => libm::log10(a),
        Operation::Clamp => {
            if a < b {
                b
            } else if a > c {
                c
            } else {
                a
            }
        }
        Operation::Pv => functions::present_value(a, b, c),
        Operation::Fv => functions::future_value(a, b, c),
        Operation::Compare(comparison) => truth(compare(comparison, a, b)),
        Operation::If => {
            if a == 0.0 {
                c
            } else {
                b
            }
        }
        Operation::And => truth(a != 0.0 && b != 0.0),
        Operation::Or => truth(a != 0.0 || b != 0.0),
        Operation::Not => truth(a == 0.0),
    }
}

#[expect(clippy::float_cmp, reason = "`=` in a formula means exactly equal")]
fn compare(comparison: Comparison, a: f64, b: f64) -> bool {
    match comparison {
        Comparison::Less => a < b,
        Comparison::LessOrEqual => a <= b,
        Comparison::Greater => a > b,
        Comparison::GreaterOrEqual => a >= b,
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
    }
}

/// In which way an operation on finite operands fails, if it does.
pub(super) fn failure(
    operation: Operation,
    [a, b, c]: [f64; 3],
    result: f64,
) -> Option<EvaluationErrorKind> {
    if operation == Operation::Clamp && b > c {
        return Some(EvaluationErrorKind::Domain);
    }
    if result.is_finite() {
        return None;
    }
    let divides_by_zero = match operation {
        Operation::Divide => b == 0.0,
        Operation::Power => a == 0.0,
        Operation::Pv | Operation::Fv => a + 1.0 == 0.0,
        _ => false,
    };
    Some(if divides_by_zero {
        EvaluationErrorKind::DivideByZero
    } else if result.is_nan() || matches!(operation, Operation::Ln | Operation::Log10) {
        EvaluationErrorKind::Domain
    } else {
        EvaluationErrorKind::Overflow
    })
}

pub(super) fn operand_count(operation: Operation) -> usize {
    match operation {
        Operation::Clamp | Operation::Pv | Operation::Fv | Operation::If => 3,
        Operation::Negate
        | Operation::Abs
        | Operation::Round
        | Operation::Floor
        | Operation::Ceil
        | Operation::Sqrt
        | Operation::Exp
        | Operation::Ln
        | Operation::Log10
        | Operation::Not => 1,
        _ => 2,
    }
}

pub(super) fn symbol(operation: Operation) -> &'static str {
    match operation {
        Operation::Add => "+",
        Operation::Subtract | Operation::Negate => "-",
        Operation::Multiply => "*",
        Operation::Divide => "/",
        Operation::Power => "^",
        Operation::Min => "min",
        Operation::Max => "max",
        Operation::Abs => "abs",
        Operation::Round | Operation::RoundTo => "round",
        Operation::Floor => "floor",
        Operation::Ceil => "ceil",
        Operation::Sqrt => "sqrt",
        Operation::Exp => "exp",
        Operation::Ln => "ln",
        Operation::Log10 => "log10",
        Operation::Clamp => "clamp",
        Operation::Pv => "pv",
        Operation::Fv => "fv",
        Operation::Compare(Comparison::Less) => "<",
        Operation::Compare(Comparison::LessOrEqual) => "<=",
        Operation::Compare(Comparison::Greater) => ">",
        Operation::Compare(Comparison::GreaterOrEqual) => ">=",
        Operation::Compare(Comparison::Equal) => "=",
        Operation::Compare(Comparison::NotEqual) => "<>",
        Operation::If => "if",
        Operation::And => "and",
        Operation::Or => "or",
        Operation::Not => "not",
    }
}
