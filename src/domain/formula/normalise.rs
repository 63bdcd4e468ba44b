//! Typed text to the text that is stored: sheet and word-processor characters become plain ones.
//!
//! Knows characters and where they stood; must not know tokens. Lines stay lines, so only columns
//! can differ between what was typed and what is stored; `typed_columns` keeps the difference, and
//! errors point into what the person sees.

/// What is stored, with the way back to what was typed.
#[derive(Clone, Debug)]
pub(super) struct Normalised {
    /// The text that is stored and approved.
    pub(super) text: String,
    /// For each character of `text`, its 1-based column in the typed text.
    pub(super) typed_columns: Vec<u32>,
}

impl Normalised {
    pub(super) fn of(typed: &str) -> Self {
        let mut text = String::with_capacity(typed.len());
        let mut typed_columns = Vec::with_capacity(typed.len());
        let mut start = Start::Waiting;
        let mut column = 0_u32;
        let mut characters = typed.chars().peekable();
        while let Some(typed_character) = characters.next() {
            column = column.saturating_add(1);
            let character = match typed_character {
                // A byte order mark; it also turns up in the middle of text that was pasted.
                '\u{feff}' => continue,
                '\r' if characters.peek() == Some(&'\n') => continue,
                '\r' => '\n',
                '×' | '·' => '*',
                '÷' => '/',
                '–' | '−' => '-',
                '\u{a0}' => ' ',
                other => other,
            };
            if !start.takes(character) {
                continue;
            }
            text.push(character);
            typed_columns.push(column);
            if character == '\n' {
                column = 0;
            }
        }
        Self {
            text,
            typed_columns,
        }
    }
}

/// What normalisation alone gives, also for text that doesn't parse.
///
/// `×` and `·` become `*`, `÷` becomes `/`, `–` and `−` become `-`, a no-break space a space, CRLF a
/// line feed; a byte order mark and the `=` that starts a sheet formula go. Doing it twice changes
/// nothing.
#[must_use]
pub fn normalise(text: &str) -> String {
    Normalised::of(text).text
}

/// Finds the `=` before the first expression, past blank lines and comments.
enum Start {
    Waiting,
    Comment,
    /// An `=` went; so do the blanks behind it.
    Dropped,
    Over,
}

impl Start {
    fn takes(&mut self, character: char) -> bool {
        match (&*self, character) {
            (Self::Comment | Self::Dropped, '\n') => {
                *self = Self::Waiting;
                true
            }
            (Self::Over | Self::Comment, _) => true,
            (_, '=') => {
                *self = Self::Dropped;
                false
            }
            (_, '#') => {
                *self = Self::Comment;
                true
            }
            (Self::Dropped, blank) if blank.is_whitespace() => false,
            (Self::Waiting, blank) if blank.is_whitespace() => true,
            _ => {
                *self = Self::Over;
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_sheets_and_word_processors_become_plain_ones() {
        for (typed, stored) in [
            ("a × b · c ÷ d – e − f", "a * b * c / d - e - f"),
            ("\u{feff}a\u{a0}+ b", "a + b"),
            ("x = a\r\nvalue = x\r\n", "x = a\nvalue = x\n"),
            ("x = a\rvalue = x", "x = a\nvalue = x"),
            ("=a + b", "a + b"),
            ("  = a + b", "  a + b"),
            ("= = a", "a"),
            ("# note\n\n= a = b", "# note\n\na = b"),
            ("# = note", "# = note"),
            ("x = 1\n= 2", "x = 1\n= 2"),
            ("=", ""),
            ("", ""),
        ] {
            assert_eq!(normalise(typed), stored, "{typed:?}");
            assert_eq!(normalise(stored), stored, "twice: {typed:?}");
        }
    }

    #[test]
    fn columns_lead_back_to_what_was_typed() {
        let normalised = Normalised::of("\u{feff}= ab\r\n\u{feff}c");
        assert_eq!(normalised.text, "ab\nc");
        assert_eq!(normalised.typed_columns, [4, 5, 7, 2]);
    }
}
