//! The references in a formula, when the rows and columns that they name are elsewhere now. Sheets does the same for the
//! formulas that it moves; here it is for one that is put back. Pure.

use super::layout::column_letters;
use std::iter::Peekable;

/// The formula with each reference to a cell, column or row of its own sheet as it is called now. What `row` and `column`
/// don't know stays as it is written; so do texts, and references to other sheets.
#[must_use]
pub fn moved(
    formula: &str,
    row: impl Fn(usize) -> Option<usize>,
    column: impl Fn(usize) -> Option<usize>,
) -> String {
    let mut written = String::with_capacity(formula.len());
    let mut rest = formula;
    while let Some(first) = rest.chars().next() {
        let length = token(rest);
        let (token, after) = rest.split_at(length);
        let is_beside_range = written.ends_with(':') || after.starts_with(':');
        let is_elsewhere = written.ends_with('!') || is_range_elsewhere(&written);
        let is_name = after.starts_with(['(', '!']) || first == '"' || first == '\'';
        let reference = (!is_elsewhere && !is_name)
            .then(|| Reference::read(token))
            .flatten()
            .filter(|reference| reference.is_cell() || is_beside_range);
        match reference {
            Some(reference) => written.push_str(&reference.moved(&row, &column)),
            None => written.push_str(token),
        }
        rest = after;
    }
    written
}

/// How long the first token is: a text in quotation marks, a name or number with its `$`, or one character.
fn token(text: &str) -> usize {
    let mut chars = text.char_indices();
    let Some((_, first)) = chars.next() else {
        return 0;
    };
    if matches!(first, '"' | '\'') {
        let end = chars.find(|(_, c)| *c == first);
        return end.map_or(text.len(), |(at, c)| at + c.len_utf8());
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '$' | '_' | '.');
    if !is_part(first) {
        return first.len_utf8();
    }
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// Whether what follows is the end of a range in another sheet, like the `B9` of `Other!A1:B9`.
fn is_range_elsewhere(before: &str) -> bool {
    let Some(start) = before.strip_suffix(':') else {
        return false;
    };
    let start = start.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '$');
    start.ends_with('!')
}

/// A column, a row or both, and which of them stay when the formula is copied.
struct Reference {
    column: Option<(bool, usize)>,
    row: Option<(bool, usize)>,
}

impl Reference {
    /// Reads `A1`, `$A$1`, `A` or `1`; anything else is none.
    fn read(token: &str) -> Option<Self> {
        let mut chars = token.chars().peekable();
        let column_stays = has_dollar(&mut chars);
        let letters = while_in(&mut chars, |c| c.is_ascii_alphabetic());
        let row_stays = if letters.is_empty() {
            column_stays
        } else {
            has_dollar(&mut chars)
        };
        let digits = while_in(&mut chars, |c| c.is_ascii_digit());
        if chars.next().is_some() || letters.len() > 3 || digits.len() > 7 {
            return None;
        }
        let column = (!letters.is_empty()).then(|| {
            let number = letters.bytes().fold(0, |number, letter| {
                number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
            });
            (column_stays, number - 1)
        });
        let row = digits.parse::<usize>().ok();
        let row = row.and_then(|row| Some((row_stays, row.checked_sub(1)?)));
        (column.is_some() || row.is_some()).then_some(Self { column, row })
    }

    fn is_cell(&self) -> bool {
        self.column.is_some() && self.row.is_some()
    }

    fn moved(
        &self,
        row: &impl Fn(usize) -> Option<usize>,
        column: &impl Fn(usize) -> Option<usize>,
    ) -> String {
        let mut text = String::new();
        if let Some((stays, at)) = self.column {
            text.push_str(if stays { "$" } else { "" });
            text.push_str(&column_letters(column(at).unwrap_or(at)));
        }
        if let Some((stays, at)) = self.row {
            text.push_str(if stays { "$" } else { "" });
            text.push_str(&(row(at).unwrap_or(at) + 1).to_string());
        }
        text
    }
}

fn has_dollar(chars: &mut Peekable<std::str::Chars<'_>>) -> bool {
    chars.next_if_eq(&'$').is_some()
}

fn while_in(chars: &mut Peekable<std::str::Chars<'_>>, is_in: impl Fn(char) -> bool) -> String {
    let mut text = String::new();
    while let Some(c) = chars.next_if(|c| is_in(*c)) {
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_follow_rows_and_columns_and_everything_else_stays() {
        for (before, after) in [
            ("=X5/W5", "=Y7/X7"),
            ("=$X$5 + aa12", "=$Y$7 + AB14"),
            ("=SUM(W$5:X900)*LOG10(3)", "=SUM(X$7:Y902)*LOG10(3)"),
            ("=SUM(W:W, 5:6, 5)", "=SUM(X:X, 7:8, 5)"),
            (
                "=W5&\"W5 \"\"W5\"\"\"&'W5'!W5",
                "=X7&\"W5 \"\"W5\"\"\"&'W5'!W5",
            ),
            (
                "=Other!W5:X6+W5.5+rate_5+W5()",
                "=Other!W5:X6+W5.5+rate_5+W5()",
            ),
            ("=\"open W5", "=\"open W5"),
            ("=A1+Größe5", "=A1+Größe5"),
        ] {
            let row = |row: usize| (row > 3).then_some(row + 2);
            let column = |column: usize| (column > 0).then_some(column + 1);
            assert_eq!(moved(before, row, column), after, "{before}");
        }
    }
}
