//! Is this expression well-formed? If so, its plain spelling for the step that orders operations.
//!
//! Knows the grammar: where a number, an operator, a condition is due. Must not know what names
//! stand for (`names`) nor compute. In the plain spelling every operand and call carries the index
//! of its token, and a comparison has become a call with two arguments, so that what comes back can
//! be traced to the text.

use super::{
    error_kind::FormulaErrorKind as Error,
    functions::{self, Function},
    lex::{Kind, Token},
    places::{Report, Span, excerpt},
    rpn::Plain,
    statement::Statement,
};
use std::ops::Range;

/// An expression without a fault.
pub(super) struct Checked {
    /// The plain spelling.
    pub(super) plain: Vec<Plain>,
    /// Indexes of the tokens that read a name, in order.
    pub(super) reads: Vec<usize>,
}

/// Checks one statement's expression; faults go to the report.
pub(super) fn check(text: &str, statement: &Statement, report: &mut Report<'_>) -> Option<Checked> {
    let Statement {
        tokens, partners, ..
    } = statement;
    if tokens.is_empty() {
        return None;
    }
    let mut checker = Checker {
        text,
        tokens,
        partners,
        report,
        checked: Checked {
            plain: Vec::with_capacity(tokens.len()),
            reads: Vec::new(),
        },
        is_sound: true,
    };
    let went_through = checker.number(0..tokens.len());
    (went_through.is_ok() && checker.is_sound).then_some(checker.checked)
}

/// The first fault of the grammar ends an expression's check; what follows would be guesses.
pub(super) struct Stop;
pub(super) type Step = Result<(), Stop>;

pub(super) struct Checker<'a, 'r> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) partners: &'a [usize],
    pub(super) report: &'a mut Report<'r>,
    pub(super) checked: Checked,
    /// False after a fault that doesn't end the check, such as an unknown function.
    is_sound: bool,
}

impl<'a> Checker<'a, '_> {
    pub(super) fn kind(&self, index: usize) -> Kind {
        self.tokens.get(index).map_or(Kind::Bad, |token| token.kind)
    }

    pub(super) fn written(&self, index: usize) -> &'a str {
        self.tokens
            .get(index)
            .map_or("", |token| token.span.of(self.text))
    }

    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        match self.tokens.get(range.clone()) {
            Some([first, .., last]) => first.span.to(last.span),
            Some([only]) => only.span,
            _ => Span { start: 0, end: 0 },
        }
    }

    /// The text of some tokens, short enough for a message.
    pub(super) fn excerpt(&self, range: Range<usize>) -> String {
        excerpt(self.span(&range).of(self.text))
    }

    pub(super) fn stop(&mut self, range: Range<usize>, error: Error) -> Step {
        let span = self.span(&range);
        self.report.add(span, error);
        Err(Stop)
    }

    pub(super) fn stop_at(&mut self, index: usize, error: Error) -> Step {
        self.stop(index..index + 1, error)
    }

    /// The indexes of `range` that stand in no parentheses inside it.
    pub(super) fn top_level(&self, range: Range<usize>) -> impl Iterator<Item = usize> + use<'a> {
        let (tokens, partners) = (self.tokens, self.partners);
        let mut at = range.start;
        std::iter::from_fn(move || {
            let index = (at < range.end).then_some(at)?;
            let is_open = tokens[index].kind == Kind::Open;
            at = if is_open {
                partners[index] + 1
            } else {
                index + 1
            };
            Some(index)
        })
    }

    /// An expression that gives a number.
    pub(super) fn number(&mut self, range: Range<usize>) -> Step {
        let mut at = range.start;
        loop {
            let first = at;
            while at < range.end && self.kind(at) == Kind::Minus {
                self.plain(Plain::Negate);
                at += 1;
            }
            if at == range.end {
                return self.nothing_at_end(&range);
            }
            let operand = at;
            at = self.operand(operand, &range)?;
            if at == range.end {
                return Ok(());
            }
            self.operator(first..operand, operand..at, &range)?;
            at += 1;
        }
    }

    fn nothing_at_end(&mut self, range: &Range<usize>) -> Step {
        let last = range.end - 1;
        let operator = self.written(last).to_owned();
        self.stop_at(
            last,
            Error::MissingOperand {
                side: "after",
                operator,
            },
        )
    }

    /// A number, a name, a call or parentheses; gives the index behind it.
    fn operand(&mut self, at: usize, range: &Range<usize>) -> Result<usize, Stop> {
        match self.kind(at) {
            Kind::Number(_) => {
                self.plain(Plain::Operand(at));
                Ok(at + 1)
            }
            Kind::Name if at + 1 < range.end && self.kind(at + 1) == Kind::Open => {
                self.call(at)?;
                Ok(self.partners[at + 1] + 1)
            }
            Kind::Name => {
                self.read(at);
                Ok(at + 1)
            }
            Kind::Open => {
                let close = self.partners[at];
                self.not_empty(at)?;
                self.plain(Plain::Open);
                self.number(at + 1..close)?;
                self.plain(Plain::Close);
                Ok(close + 1)
            }
            Kind::Plus if at == range.start || self.kind(at - 1).is_operator() => {
                Err(self.stop_at(at, Error::UnaryPlus).err().unwrap_or(Stop))
            }
            Kind::Comma => Err(self.stop_at(at, Error::StrayComma).err().unwrap_or(Stop)),
            _ => {
                let operator = self.written(at).to_owned();
                let error = Error::MissingOperand {
                    side: "before",
                    operator,
                };
                Err(self.stop_at(at, error).err().unwrap_or(Stop))
            }
        }
    }

    /// What stands behind an operand: an operator, or a fault.
    fn operator(
        &mut self,
        minuses: Range<usize>,
        operand: Range<usize>,
        range: &Range<usize>,
    ) -> Step {
        let at = operand.end;
        if let Some(plain) = infix(self.kind(at)) {
            self.plain(plain);
            return Ok(());
        }
        match self.kind(at) {
            Kind::Power => self.power(minuses, operand, range),
            Kind::Equals | Kind::Compare(_) => self.stray_comparison(at, range),
            Kind::Comma => self.comma_outside_call(at, range),
            _ => self.missing_operator(&operand, range),
        }
    }

    fn read(&mut self, at: usize) {
        let name = self.written(at);
        let error = if functions::is_reserved(name) {
            Error::ReservedWord {
                word: name.to_owned(),
            }
        } else if Function::named(name).is_some() {
            Error::FunctionAsName {
                name: name.to_owned(),
            }
        } else {
            self.plain(Plain::Operand(at));
            self.checked.reads.push(at);
            return;
        };
        self.unsound(at, error);
    }

    /// A fault that leaves the rest of the expression readable.
    pub(super) fn unsound(&mut self, at: usize, error: Error) {
        self.report.add(self.span(&(at..at + 1)), error);
        self.is_sound = false;
    }

    pub(super) fn not_empty(&mut self, open: usize) -> Step {
        let close = self.partners[open];
        if close == open + 1 {
            return self.stop(open..close + 1, Error::EmptyParentheses);
        }
        Ok(())
    }

    pub(super) fn plain(&mut self, piece: Plain) {
        self.checked.plain.push(piece);
    }
}

/// An operator that stands between any two operands; for a power it depends on them.
fn infix(kind: Kind) -> Option<Plain> {
    Some(match kind {
        Kind::Plus => Plain::Add,
        Kind::Minus => Plain::Subtract,
        Kind::Times => Plain::Multiply,
        Kind::Divide => Plain::Divide,
        _ => return None,
    })
}
