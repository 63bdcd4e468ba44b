//! Tokens to statements: lines that go on inside open parentheses, and what each line assigns.
//!
//! Knows lines and pairs of parentheses; must not know what is inside an expression. A statement
//! that is handed on has balanced parentheses within the limits.

use super::{
    error_kind::FormulaErrorKind as Error,
    functions::{self, Function},
    lex::{Kind, Token},
    places::{Report, Span},
};

const MOST_ASSIGNMENTS: usize = 50;
const MOST_TOKENS: usize = 512;
const MOST_NESTED: usize = 32;

/// One line (or several, inside parentheses) of the script.
pub(super) struct Statement {
    /// What it assigns; none where that is broken. A bare expression assigns `value`.
    pub(super) target: Option<String>,
    /// Where the target stands, or the first token.
    pub(super) target_span: Span,
    /// The expression, without its line feeds; empty where it is broken.
    pub(super) tokens: Vec<Token>,
    /// For each parenthesis of `tokens`, the index of its partner.
    pub(super) partners: Vec<usize>,
    /// The whole statement.
    pub(super) span: Span,
}

impl Statement {
    fn broken(span: Span) -> Self {
        let (tokens, partners) = (Vec::new(), Vec::new());
        Self {
            target: None,
            target_span: span,
            tokens,
            partners,
            span,
        }
    }

    /// The tokens from `first` to `last` with all parentheses that stand right around them, except
    /// those of a call.
    pub(super) fn with_parentheses(&self, mut first: usize, mut last: usize) -> (usize, usize) {
        let is = |at: usize, kind| self.tokens.get(at).is_some_and(|token| token.kind == kind);
        while let Some(open) = first.checked_sub(1) {
            let is_around = is(open, Kind::Open) && self.partners.get(open) == Some(&(last + 1));
            let is_call = open > 0 && is(open - 1, Kind::Name);
            if !is_around || is_call {
                break;
            }
            (first, last) = (open, last + 1);
        }
        (first, last)
    }
}

/// Splits a script; faults go to the report.
pub(super) fn statements(text: &str, tokens: &[Token], report: &mut Report<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut is_whole = true;
    while at < tokens.len() {
        if tokens[at].kind == Kind::Newline {
            at += 1;
            continue;
        }
        if found.len() == MOST_ASSIGNMENTS {
            report.add(
                tokens[at].span,
                Error::TooManyLines {
                    most: MOST_ASSIGNMENTS,
                },
            );
            is_whole = false;
            break;
        }
        let end = end_of(&tokens[at..]) + at;
        found.push(&tokens[at..end]);
        at = end;
    }
    let is_alone = found.len() == 1;
    let mut statements: Vec<Statement> = found
        .into_iter()
        .map(|tokens| statement(text, tokens, is_alone, report))
        .collect();
    if !is_whole {
        // The lines that were not read may assign anything: they count as one broken line.
        statements.push(Statement::broken(Span {
            start: text.len(),
            end: text.len(),
        }));
    }
    statements
}

/// How many tokens the first statement has.
fn end_of(tokens: &[Token]) -> usize {
    let mut open = 0_usize;
    let mut next_assignment = None;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => open += 1,
            Kind::Close => open = open.saturating_sub(1),
            Kind::Newline if open == 0 => return index,
            Kind::Newline if next_assignment.is_none() => {
                let follows =
                    |kind, at: usize| tokens.get(index + at).is_some_and(|t| t.kind == kind);
                if follows(Kind::Name, 1) && follows(Kind::Equals, 2) {
                    next_assignment = Some(index);
                }
            }
            _ => {}
        }
    }
    // Never closed: don't let one parenthesis swallow the lines below.
    if open > 0 {
        next_assignment.unwrap_or(tokens.len())
    } else {
        tokens.len()
    }
}

fn statement(text: &str, tokens: &[Token], is_alone: bool, report: &mut Report<'_>) -> Statement {
    let all: Vec<Token> = tokens
        .iter()
        .filter(|t| t.kind != Kind::Newline)
        .copied()
        .collect();
    let first = all
        .first()
        .map_or(Span { start: 0, end: 0 }, |token| token.span);
    let span = all.last().map_or(first, |last| first.to(last.span));
    let mut broken = Statement {
        target_span: first,
        ..Statement::broken(span)
    };
    let has_bad = all.iter().any(|token| token.kind == Kind::Bad);
    let is_assignment = all.len() > 1 && all[0].kind == Kind::Name && all[1].kind == Kind::Equals;
    let expression = if is_assignment {
        let name = first.of(text);
        if let Some(error) = why_no_name(name) {
            report.add(first, error);
        }
        broken.target = Some(name.to_owned());
        if all.len() == 2 {
            report.add(
                all[1].span,
                Error::MissingExpression {
                    name: name.to_owned(),
                },
            );
            return broken;
        }
        &all[2..]
    } else if let Some((at, error)) = why_no_assignment(text, &all, is_alone) {
        // A fault of the lexer on the same line says more.
        if !has_bad {
            report.add(at, error);
        }
        return broken;
    } else {
        broken.target = Some("value".to_owned());
        &all[..]
    };
    if expression.len() > MOST_TOKENS {
        let error = Error::ExpressionTooLong {
            tokens: expression.len(),
            most: MOST_TOKENS,
        };
        report.add(expression[0].span, error);
        return broken;
    }
    match partners(expression) {
        Err((at, error)) => report.add(at, error),
        Ok(partners) if !has_bad => {
            return Statement {
                tokens: expression.to_vec(),
                partners,
                ..broken
            };
        }
        Ok(_) => {}
    }
    broken
}

fn why_no_name(name: &str) -> Option<Error> {
    if functions::is_reserved(name) {
        Some(Error::ReservedWord {
            word: name.to_owned(),
        })
    } else {
        Function::named(name).map(|_| Error::FunctionAsName {
            name: name.to_owned(),
        })
    }
}

/// Why a statement without `name =` is none; `None`: it is one bare expression.
fn why_no_assignment(text: &str, all: &[Token], is_alone: bool) -> Option<(Span, Error)> {
    let first = all.first()?;
    if all.len() > 1 && first.kind == Kind::Name && all[1].span.of(text) == "==" {
        let name = first.span.of(text).to_owned();
        return Some((all[1].span, Error::CompareAsAssignment { name }));
    }
    let mut depth = 0_usize;
    for (index, token) in all.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Equals if depth == 0 => return Some(bad_target(text, &all[..index], token.span)),
            _ => {}
        }
    }
    if is_alone {
        return None;
    }
    if first.kind.is_operator() {
        let operator = first.span.of(text).to_owned();
        return Some((first.span, Error::LineContinues { operator }));
    }
    Some((first.span, Error::MissingName))
}

fn bad_target(text: &str, before: &[Token], equals: Span) -> (Span, Error) {
    let (Some(first), Some(last)) = (before.first(), before.last()) else {
        return (
            equals,
            Error::BadTarget {
                example: "value".to_owned(),
            },
        );
    };
    let words: Vec<&str> = before.iter().map(|token| token.span.of(text)).collect();
    let is_words = before
        .iter()
        .skip(1)
        .all(|t| matches!(t.kind, Kind::Name | Kind::Number(_)));
    let joined = words.join("_");
    let span = first.span.to(last.span);
    if before.len() > 1 && first.kind == Kind::Name && is_words && joined.len() <= 64 {
        let is_name = joined
            .chars()
            .all(|c| c == '_' || c.is_ascii_alphanumeric());
        if is_name {
            return (span, Error::NameWithSpaces { joined });
        }
    }
    let example = before.iter().find(|token| token.kind == Kind::Name);
    let example = example
        .map_or("value", |token| token.span.of(text))
        .to_owned();
    (span, Error::BadTarget { example })
}

/// Pairs of parentheses; for other tokens the index itself.
fn partners(tokens: &[Token]) -> Result<Vec<usize>, (Span, Error)> {
    let mut partners: Vec<usize> = (0..tokens.len()).collect();
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open if open.len() == MOST_NESTED => {
                return Err((token.span, Error::NestedTooDeeply { most: MOST_NESTED }));
            }
            Kind::Open => open.push(index),
            Kind::Close => {
                let Some(partner) = open.pop() else {
                    return Err((token.span, Error::UnopenedParenthesis));
                };
                partners[index] = partner;
                partners[partner] = index;
            }
            _ => {}
        }
    }
    match open.last() {
        Some(last) => Err((tokens[*last].span, Error::UnclosedParenthesis)),
        None => Ok(partners),
    }
}
