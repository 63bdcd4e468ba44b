//! A formula's text in pieces (names, comments, the rest), for showing and changing it rather than computing it.
//!
//! Works on any text, right or wrong. Must not know what a name stands for.

/// A piece of a formula's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A word that can be a name: a param's, a line's or a function's.
    Name(&'a str),
    /// From `#` to the end of the line.
    Comment(&'a str),
    /// Everything else: operators, numbers, white space.
    Text(&'a str),
}

impl<'a> Piece<'a> {
    /// Its text.
    #[must_use]
    pub fn text(self) -> &'a str {
        match self {
            Self::Name(text) | Self::Comment(text) | Self::Text(text) => text,
        }
    }
}

/// A text in pieces; put together again they are the text.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (piece, after) = if first == '#' {
            let (piece, after) = until(rest, |c| c == '\n');
            (Piece::Comment(piece), after)
        } else if first.is_ascii_digit() {
            // `5k` and `1e6` are no names.
            let (piece, after) = until(rest, |c| !is_part(c));
            (Piece::Text(piece), after)
        } else if is_part(first) {
            let (piece, after) = until(rest, |c| !is_part(c));
            (Piece::Name(piece), after)
        } else {
            let (piece, after) = until(rest, |c| c == '#' || is_part(c));
            (Piece::Text(piece), after)
        };
        found.push(piece);
        rest = after;
    }
    found
}

fn until(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn is_part(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

/// What stands right of `name =`, or all of a bare expression; without comments.
///
/// ```
/// use productops::domain::formula::{Piece, expression};
///
/// assert_eq!(expression("value = a # all")[1], Piece::Name("a"));
/// ```
#[must_use]
pub fn expression(line: &str) -> Vec<Piece<'_>> {
    let mut found: Vec<_> = pieces(line)
        .into_iter()
        .filter(|piece| !matches!(piece, Piece::Comment(_)))
        .collect();
    if let [Piece::Name(_), Piece::Text(equals), ..] = found.as_slice()
        && let Some(after) = equals.trim_start().strip_prefix('=')
        && !after.starts_with('=')
    {
        let after = Piece::Text(after);
        found.splice(..2, [after]);
    }
    found
}

/// The text with every `written` changed to `meant`, except in comments and within longer names.
#[must_use]
pub fn with_name(text: &str, written: &str, meant: &str) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Name(name) if name == written => meant,
            other => other.text(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_text() {
        for text in [
            "",
            "value = a*b # c = d\n\nx=1e6 · é_2",
            "# only\r\n",
            "5k2 % _",
        ] {
            let together: String = pieces(text).into_iter().map(Piece::text).collect();
            assert_eq!(together, text);
        }
    }

    #[test]
    fn an_expression_is_what_stands_right_of_the_equals_sign() {
        for (line, expected) in [
            ("value = a * b", " a * b"),
            ("a * b", "a * b"),
            ("x=if(a = b, 1, 0)", "if(a = b, 1, 0)"),
            ("a == b", "a == b"),
            ("value = (a # one\n + b)", " (a \n + b)"),
        ] {
            let text: String = expression(line).into_iter().map(Piece::text).collect();
            assert_eq!(text, expected, "{line}");
        }
    }

    #[test]
    fn a_name_is_changed_wherever_it_is_read_and_nowhere_else() {
        for (text, expected) in [
            ("value = upl * a + upl", "value = uplift * a + uplift"),
            (
                "value = upl_b + bupl + 2upl # upl",
                "value = upl_b + bupl + 2upl # upl",
            ),
            ("upl\nupl", "uplift\nuplift"),
        ] {
            assert_eq!(with_name(text, "upl", "uplift"), expected);
        }
    }
}
