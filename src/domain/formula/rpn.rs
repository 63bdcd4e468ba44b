//! The one place that knows meval: it turns a checked expression's plain spelling into the order in
//! which operations happen (reverse Polish notation).
//!
//! Nothing of meval's evaluation is used: it fills in `e` and `pi`, hides NaN and lets 1/0 pass. If
//! meval is ever given up, [`ordered`] is what to replace.

use meval::{
    shunting_yard::to_rpn,
    tokenizer::{self, Operation, Token},
};

/// One step, in the order of computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The number or name that is the token with this index.
    Operand(usize),
    /// The function whose name is the token with this index.
    Call {
        token: usize,
        arguments: usize,
    },
    /// The comparison that is the token with this index.
    Compare(usize),
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// Orders a plain spelling (see `check`); `None` if meval refuses it, which no checked one should be.
pub(super) fn ordered(plain: &str) -> Option<Vec<Step>> {
    // meval panics on text without any token.
    if plain.is_empty() {
        return None;
    }
    let tokens = to_rpn(&tokenizer::tokenize(plain).ok()?).ok()?;
    tokens.into_iter().map(step).collect()
}

fn step(token: Token) -> Option<Step> {
    Some(match token {
        Token::Var(name) => Step::Operand(name.strip_prefix('v')?.parse().ok()?),
        Token::Func(name, arguments) => match name.strip_prefix('f') {
            Some(token) => Step::Call {
                token: token.parse().ok()?,
                arguments: arguments?,
            },
            None => Step::Compare(name.strip_prefix('c')?.parse().ok()?),
        },
        Token::Unary(Operation::Minus) => Step::Negate,
        Token::Binary(Operation::Plus) => Step::Add,
        Token::Binary(Operation::Minus) => Step::Subtract,
        Token::Binary(Operation::Times) => Step::Multiply,
        Token::Binary(Operation::Div) => Step::Divide,
        Token::Binary(Operation::Pow) => Step::Power,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_come_in_the_order_of_computing() {
        use Step::{Add, Call, Compare, Multiply, Negate, Operand, Power, Subtract};
        for (plain, expected) in [
            (
                "v0+v2*v4",
                vec![Operand(0), Operand(2), Operand(4), Multiply, Add],
            ),
            (
                "v0-v2-v4",
                vec![Operand(0), Operand(2), Subtract, Operand(4), Subtract],
            ),
            (
                "--v2*v4",
                vec![Operand(2), Negate, Negate, Operand(4), Multiply],
            ),
            ("v0^-v3", vec![Operand(0), Operand(3), Negate, Power]),
            (
                "f0(c3(v2,v4),v6)",
                vec![
                    Operand(2),
                    Operand(4),
                    Compare(3),
                    Operand(6),
                    Call {
                        token: 0,
                        arguments: 2,
                    },
                ],
            ),
        ] {
            assert_eq!(ordered(plain), Some(expected), "{plain}");
        }
    }

    #[test]
    fn what_no_check_lets_through_is_refused_without_a_panic() {
        for plain in ["", "v0+", "(v0", "v0)", "v0 % v2", "x", "f0(", "v0,v2"] {
            assert_eq!(ordered(plain), None, "{plain}");
        }
    }
}
