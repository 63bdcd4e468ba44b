//! The one place that knows meval: it turns a checked expression's plain spelling into the order in
//! which operations happen (reverse Polish notation).
//!
//! Nothing of meval's evaluation is used: it fills in `e` and `pi`, hides NaN and lets 1/0 pass. Nor
//! is its tokenizer, since the tokens are known already. If meval is ever given up, [`ordered`] is
//! what to replace.

use meval::{
    shunting_yard::to_rpn,
    tokenizer::{Operation, Token},
};

/// One piece of a plain spelling, in the order of the text. Indexes are those of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// A number or a name.
    Operand(usize),
    /// A function's name with the parenthesis behind it.
    Call(usize),
    /// A comparison, with the parenthesis before what it compares.
    Compare(usize),
    Open,
    Close,
    Comma,
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

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
pub(super) fn ordered(plain: &[Plain]) -> Option<Vec<Step>> {
    // Collecting options would grow each list by bits: what is wanted is as long as what is there.
    let mut tokens = Vec::with_capacity(plain.len());
    for piece in plain {
        tokens.push(token(*piece)?);
    }
    let tokens = to_rpn(&tokens).ok()?;
    let mut steps = Vec::with_capacity(tokens.len());
    for token in &tokens {
        steps.push(step(token)?);
    }
    Some(steps)
}

/// Operands are numbers to meval, each the index of its token, so that none needs a name.
fn token(plain: Plain) -> Option<Token> {
    Some(match plain {
        Plain::Operand(at) => Token::Number(f64::from(u32::try_from(at).ok()?)),
        Plain::Call(at) => Token::Func(format!("f{at}"), None),
        Plain::Compare(at) => Token::Func(format!("c{at}"), None),
        Plain::Open => Token::LParen,
        Plain::Close => Token::RParen,
        Plain::Comma => Token::Comma,
        Plain::Negate => Token::Unary(Operation::Minus),
        Plain::Add => Token::Binary(Operation::Plus),
        Plain::Subtract => Token::Binary(Operation::Minus),
        Plain::Multiply => Token::Binary(Operation::Times),
        Plain::Divide => Token::Binary(Operation::Div),
        Plain::Power => Token::Binary(Operation::Pow),
    })
}

fn step(token: &Token) -> Option<Step> {
    Some(match token {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index, from `token` above"
        )]
        Token::Number(at) => Step::Operand(*at as usize),
        Token::Func(name, arguments) => match name.strip_prefix('f') {
            Some(token) => Step::Call {
                token: token.parse().ok()?,
                arguments: (*arguments)?,
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

    /// `v0+v2`: operands and calls by the index of their token.
    fn spelled(text: &str) -> Vec<Plain> {
        let mut plain = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let is_operand_before = matches!(plain.last(), Some(Plain::Operand(_) | Plain::Close));
            let digits = rest[1..]
                .find(|next: char| !next.is_ascii_digit())
                .unwrap_or(rest.len() - 1);
            let index = || rest[1..=digits].parse().unwrap();
            let (length, piece) = match first {
                'v' => (digits + 1, Plain::Operand(index())),
                // With its parenthesis.
                'f' => (digits + 2, Plain::Call(index())),
                'c' => (digits + 2, Plain::Compare(index())),
                '(' => (1, Plain::Open),
                ')' => (1, Plain::Close),
                ',' => (1, Plain::Comma),
                '+' => (1, Plain::Add),
                '-' if is_operand_before => (1, Plain::Subtract),
                '-' => (1, Plain::Negate),
                '*' => (1, Plain::Multiply),
                '^' => (1, Plain::Power),
                _ => panic!("{text}"),
            };
            plain.push(piece);
            rest = &rest[length..];
        }
        plain
    }

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
                "(v1+v3)*v6",
                vec![Operand(1), Operand(3), Add, Operand(6), Multiply],
            ),
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
            assert_eq!(ordered(&spelled(plain)), Some(expected), "{plain}");
        }
    }

    #[test]
    fn what_no_check_lets_through_is_refused_without_a_panic() {
        for plain in [
            "v0+", "(v0", "v0)", "v0v2", "f0(", "v0,v2", "+", "f0()", "-",
        ] {
            let steps = ordered(&spelled(plain));
            // Of an operator that lacks operands, compiling says it.
            assert!(steps.is_none_or(|steps| steps == [Step::Negate]), "{plain}");
        }
        assert_eq!(ordered(&[]), Some(Vec::new()));
    }
}
