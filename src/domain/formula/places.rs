//! Byte offsets of the normalised text to lines and columns, and the list of faults found so far.
//!
//! Knows positions; must not know what the faults are about.

use super::{error::FormulaError, error_kind::FormulaErrorKind, normalise::Normalised};

/// How many faults are reported at once; more would not help anybody.
const MOST_REPORTED: usize = 20;

/// How many faults are kept before sorting; bounds the work on text that is no formula at all.
const MOST_KEPT: usize = 200;

/// A stretch of the normalised text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) fn to(self, last: Self) -> Self {
        Self {
            start: self.start,
            end: last.end,
        }
    }

    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Where something was typed: line and column 1-based, in characters, as far as its first line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) length: u32,
}

/// Where each byte stands.
pub(super) struct Places<'a> {
    line_starts: Vec<usize>,
    /// For each byte (and the end), how many characters come before it.
    characters: Vec<usize>,
    typed_columns: &'a [u32],
}

impl<'a> Places<'a> {
    pub(super) fn new(normalised: &'a Normalised) -> Self {
        let text = &normalised.text;
        let mut line_starts = vec![0];
        let mut characters = Vec::with_capacity(text.len() + 1);
        for (count, (start, character)) in text.char_indices().enumerate() {
            characters.resize(start + character.len_utf8(), count);
            if character == '\n' {
                line_starts.push(start + 1);
            }
        }
        characters.push(normalised.typed_columns.len());
        Self {
            line_starts,
            characters,
            typed_columns: &normalised.typed_columns,
        }
    }

    fn line(&self, byte: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start <= byte)
            .max(1)
    }

    fn character(&self, byte: usize) -> usize {
        self.characters
            .get(byte)
            .or(self.characters.last())
            .copied()
            .unwrap_or(0)
    }

    /// Line and column in the stored text.
    fn stored(&self, byte: usize) -> (u32, u32) {
        let line = self.line(byte);
        let line_start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        (
            small(line),
            small(self.character(byte) - self.character(line_start) + 1),
        )
    }

    /// Line and column in the text as it was typed.
    pub(super) fn typed(&self, byte: usize) -> (u32, u32) {
        let (line, column) = self.stored(byte);
        (
            line,
            self.typed_columns
                .get(self.character(byte))
                .copied()
                .unwrap_or(column),
        )
    }

    /// Where a span was typed.
    pub(super) fn place(&self, span: Span) -> Place {
        let (line, column) = self.typed(span.start);
        let length = self.length(span);
        Place {
            line,
            column,
            length,
        }
    }

    /// Characters of a span, as far as its first line goes.
    pub(super) fn length(&self, span: Span) -> u32 {
        let line_end = self
            .line_starts
            .get(self.line(span.start))
            .map_or(usize::MAX, |next| next - 1);
        let end = span.end.min(line_end);
        small(
            self.character(end)
                .saturating_sub(self.character(span.start)),
        )
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The faults found so far.
pub(super) struct Report<'a> {
    pub(super) places: &'a Places<'a>,
    errors: Vec<FormulaError>,
}

impl<'a> Report<'a> {
    pub(super) fn new(places: &'a Places<'a>) -> Self {
        Self {
            places,
            errors: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, span: Span, kind: FormulaErrorKind) {
        if !self.is_full() {
            let (line, column) = self.places.typed(span.start);
            let length = self.places.length(span);
            self.errors.push(FormulaError {
                line,
                column,
                length,
                code: kind.code(),
                kind,
            });
        }
    }

    /// Whether nothing more is kept, so that looking on is no use.
    pub(super) fn is_full(&self) -> bool {
        self.errors.len() >= MOST_KEPT
    }

    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Sorted by position, one for each place.
    pub(super) fn into_errors(mut self) -> Vec<FormulaError> {
        self.errors.sort_by_key(|error| (error.line, error.column));
        self.errors.dedup_by_key(|error| (error.line, error.column));
        self.errors.truncate(MOST_REPORTED);
        self.errors
    }
}

/// A piece of formula for a sentence: on one line and not too long.
pub(super) fn excerpt(text: &str) -> String {
    const MOST: usize = 60;
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= MOST {
        return one_line;
    }
    one_line.chars().take(MOST - 1).chain(['…']).collect()
}
