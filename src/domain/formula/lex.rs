//! Normalised text to tokens, with the hints that single characters and numbers need.
//!
//! Knows characters; must not know what is an expression. A fault leaves a [`Kind::Bad`] token, so
//! that the line is known to be broken and later lines are still checked.

use super::{
    error_kind::FormulaErrorKind as Error,
    hints,
    number::{self, Scanned},
    places::{Report, Span},
};

/// The longest name.
pub(super) const MOST_NAME_CHARACTERS: usize = 64;

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Name,
    Plus,
    Minus,
    Times,
    Divide,
    Power,
    /// One `=`: assigns at the start of a line, compares in a condition.
    Equals,
    Compare(Comparison),
    Open,
    Close,
    Comma,
    Newline,
    /// Something with a fault that is reported already.
    Bad,
}

impl Kind {
    /// `Equals` counts: whoever asks has the assignment's own taken off.
    pub(super) fn comparison(self) -> Option<Comparison> {
        match self {
            Self::Equals => Some(Comparison::Equal),
            Self::Compare(comparison) => Some(comparison),
            _ => None,
        }
    }

    pub(super) fn is_operator(self) -> bool {
        matches!(
            self,
            Self::Plus | Self::Minus | Self::Times | Self::Divide | Self::Power
        )
    }
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// Splits the text; faults go to the report.
pub(super) fn lex(text: &str, report: &mut Report<'_>) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let start = at;
        if report.is_full() {
            // That many faults are no formula; the rest would only cost time.
            let (kind, end) = (Kind::Bad, text.len());
            tokens.push(Token {
                kind,
                span: Span { start, end },
            });
            break;
        }
        let kind = if first == '\n' {
            at += 1;
            Some(Kind::Newline)
        } else if first.is_whitespace() {
            at += first.len_utf8();
            None
        } else if first == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
            None
        } else {
            let (length, kind) = match token(rest, &tokens) {
                Ok(found) => found,
                Err((length, error)) => {
                    report.add(
                        Span {
                            start,
                            end: start + length,
                        },
                        error,
                    );
                    (length, Kind::Bad)
                }
            };
            at += length;
            Some(kind)
        };
        if let Some(kind) = kind {
            tokens.push(Token {
                kind,
                span: Span { start, end: at },
            });
        }
    }
    tokens
}

type Found = Result<(usize, Kind), (usize, Error)>;

fn token(rest: &str, before: &[Token]) -> Found {
    let mut characters = rest.chars();
    let first = characters.next().unwrap_or_default();
    let second = characters.next();
    if first.is_ascii_digit() || first == '.' && second.is_some_and(|next| next.is_ascii_digit()) {
        return number::scan(rest).map(|Scanned { length, value }| (length, Kind::Number(value)));
    }
    if first.is_alphabetic() || first == '_' {
        return name(rest);
    }
    // Most signs are plain ones; `!=` compares, a lone `!` is a hint.
    let may_be_pair = matches!(second, Some('*' | '/' | '<' | '>'));
    let is_plain = match first {
        '(' | ')' | ',' | '+' | '-' | '^' | '%' | '<' | '>' => true,
        '*' | '/' | '=' => !may_be_pair,
        _ => false,
    };
    if !is_plain
        && !rest.starts_with("!=")
        && let Some(fault) = hints::spelling(rest)
    {
        return Err(fault);
    }
    if hints::is_quotation_mark(first) {
        return Err((quoted(rest), Error::QuotationMark));
    }
    let two = second.map_or(rest, |next| &rest[..first.len_utf8() + next.len_utf8()]);
    let comparison = match two {
        "<=" => Some(Comparison::LessOrEqual),
        ">=" => Some(Comparison::GreaterOrEqual),
        "<>" | "!=" => Some(Comparison::NotEqual),
        "==" => Some(Comparison::Equal),
        _ => None,
    };
    if let Some(comparison) = comparison {
        return Ok((2, Kind::Compare(comparison)));
    }
    let kind = match first {
        '+' => Kind::Plus,
        '-' => Kind::Minus,
        '*' => Kind::Times,
        '/' => Kind::Divide,
        '^' => Kind::Power,
        '=' => Kind::Equals,
        '<' => Kind::Compare(Comparison::Less),
        '>' => Kind::Compare(Comparison::Greater),
        '(' => Kind::Open,
        ')' => Kind::Close,
        ',' => Kind::Comma,
        '%' => {
            let follows_bad = before.last().is_some_and(|token| token.kind == Kind::Bad);
            // `£5%`: one fault is enough.
            return if follows_bad {
                Ok((1, Kind::Bad))
            } else {
                Err((1, Error::StrayPercent))
            };
        }
        other => return Err((other.len_utf8(), hints::character(other))),
    };
    Ok((1, kind))
}

/// Up to the closing quotation mark on the line, else the mark alone.
fn quoted(rest: &str) -> usize {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let mut others = rest.char_indices().skip(1);
    match others.find(|(_, other)| *other == '\n' || hints::is_quotation_mark(*other)) {
        Some((at, mark)) if mark != '\n' => at + mark.len_utf8(),
        _ => first,
    }
}

/// What names are made of; raised digits are a power that somebody meant.
pub(super) fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric() && !matches!(character, '²' | '³' | '½')
}

fn name(rest: &str) -> Found {
    let length = rest
        .find(|character| !is_word(character))
        .unwrap_or(rest.len());
    let word = &rest[..length];
    let strange: String = word
        .chars()
        .filter(|character| !character.is_ascii())
        .collect();
    if !strange.is_empty() {
        let name = word.chars().take(MOST_NAME_CHARACTERS).collect();
        let characters = strange.chars().take(10).collect();
        return Err((length, Error::NameCharacters { name, characters }));
    }
    if length > MOST_NAME_CHARACTERS {
        let error = Error::NameTooLong {
            characters: length,
            most: MOST_NAME_CHARACTERS,
        };
        return Err((length, error));
    }
    Ok((length, Kind::Name))
}
