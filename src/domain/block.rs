//! A block of cells as it comes from a spreadsheet or a CSV text, taken apart into rows and cells.
//!
//! Knows tabs, commas, semicolons and quotation marks. What a cell means is the business of `paste`.

use super::{amount::DecimalSeparator, spreadsheet::unguarded};

/// The longest text taken, in bytes.
pub const MAX_BYTES: usize = 256 * 1024;
/// The most cells taken.
pub const MAX_CELLS: usize = 5_000;

/// Why nothing of a text can be pasted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Nothing in it.
    #[error("There is nothing to paste. Copy some cells in your spreadsheet first.")]
    Empty,
    /// Longer than [`MAX_BYTES`].
    #[error("This is {} KiB of text; at most {} KiB are pasted at once. Paste it in parts.", bytes.div_ceil(1024), MAX_BYTES / 1024)]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// More than [`MAX_CELLS`].
    #[error("These are {cells} cells; at most 5,000 are pasted at once. Paste them in parts.")]
    TooManyCells {
        /// How many.
        cells: usize,
    },
}

/// Rows of cells. A row may be shorter than its neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    rows: Vec<Vec<String>>,
}

impl Block {
    /// Takes a text apart: by tabs, as Sheets and Excel copy; by semicolons or commas, as in a CSV text, only where there
    /// is no tab and every line has as many of them, and not as one number has (`1,200`; any comma for whoever writes one
    /// before decimals). Quoted cells may hold line breaks.
    ///
    /// # Errors
    /// There is nothing in it, or too much.
    pub fn read(text: &str, separator: DecimalSeparator) -> Result<Self, BlockError> {
        if text.len() > MAX_BYTES {
            return Err(BlockError::TooLarge { bytes: text.len() });
        }
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Err(BlockError::Empty);
        }
        let mut rows = split(text, '\t');
        if !text.contains('\t') {
            let parts: &[char] = match separator {
                DecimalSeparator::Point => &[';', ','],
                DecimalSeparator::Comma => &[';'],
            };
            let parted = parts.iter().map(|part| split(text, *part));
            if let Some(parted) = parted.into_iter().find(|rows| is_csv(rows)) {
                rows = parted;
            }
        }
        let cells = rows.iter().map(Vec::len).sum();
        if cells > MAX_CELLS {
            return Err(BlockError::TooManyCells { cells });
        }
        Ok(Self { rows })
    }

    /// The rows, in order.
    #[must_use]
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
}

fn split(text: &str, separator: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut rest) = (Vec::new(), Vec::new(), text);
    loop {
        let (cell, after) = cell(rest, separator);
        row.push(cell);
        if let Some(next) = after.strip_prefix(separator) {
            rest = next;
            continue;
        }
        rows.push(std::mem::take(&mut row));
        let next = after.strip_prefix("\r\n");
        match next.or_else(|| after.strip_prefix(['\r', '\n'])) {
            // The last line's own end begins no further row.
            None | Some("") => return rows,
            Some(next) => rest = next,
        }
    }
}

/// The first cell and what follows it, separator or line break included.
fn cell(text: &str, separator: char) -> (String, &str) {
    let quoted = text
        .strip_prefix('"')
        .and_then(|inner| quoted(inner, separator));
    if let Some((cell, rest)) = quoted {
        return (clean(&cell), rest);
    }
    let end = text.find([separator, '\r', '\n']).unwrap_or(text.len());
    (clean(&text[..end]), &text[end..])
}

/// A quoted cell from after its first mark on; none: the mark belongs to the text (`"A" team`).
fn quoted(text: &str, separator: char) -> Option<(String, &str)> {
    let (mut cell, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once('"')?;
        cell.push_str(before);
        let Some(more) = after.strip_prefix('"') else {
            let ends = after.is_empty() || after.starts_with([separator, '\r', '\n']);
            return ends.then_some((cell, after));
        };
        cell.push('"');
        rest = more;
    }
}

/// What no field can hold goes, and the apostrophe that guards a text from being computed.
fn clean(cell: &str) -> String {
    let text = cell.replace("\r\n", "\n").replace('\r', "\n");
    let is_kept = |c: &char| *c == '\n' || !(c.is_control() || *c == '\u{feff}');
    let text: String = text.chars().filter(is_kept).collect();
    unguarded(text.trim()).to_owned()
}

fn is_csv(rows: &[Vec<String>]) -> bool {
    let width = rows.first().map_or(0, Vec::len);
    width > 1
        && rows
            .iter()
            .all(|row| row.len() == width && !is_one_number(row))
}

/// Whether the parts between commas are a number's thousands: `£1` and `200.50`.
fn is_one_number(parts: &[String]) -> bool {
    let [first, second, ..] = parts else {
        return false;
    };
    let digits = first.trim_start_matches(['£', '€', '$', '-', '−', '+', '(', ' ']);
    let is_group = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let end = second
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(second.len());
    (1..=3).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && is_group(&second[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        Block::read(text, DecimalSeparator::Point).unwrap().rows
    }

    #[test]
    fn what_sheets_and_excel_copy_is_taken_apart() {
        for (text, expected) in [
            ("1\t2\n3\t4", vec![vec!["1", "2"], vec!["3", "4"]]),
            ("1\t2\r\n3\t4\r\n", vec![vec!["1", "2"], vec!["3", "4"]]),
            ("1\r2", vec![vec!["1"], vec!["2"]]),
            ("5", vec![vec!["5"]]),
            ("1\t\t\n", vec![vec!["1", "", ""]]),
            ("1\n\n2\n", vec![vec!["1"], vec![""], vec!["2"]]),
            ("a\n1\t2\t3\n", vec![vec!["a"], vec!["1", "2", "3"]]),
            (
                "\"two\nlines\"\t\"a \"\"b\"\" c\"\n\"\"\t2",
                vec![vec!["two\nlines", "a \"b\" c"], vec!["", "2"]],
            ),
            ("\"two\r\nlines\"\tx", vec![vec!["two\nlines", "x"]]),
            ("\"A\" team\t\"open", vec![vec!["\"A\" team", "\"open"]]),
            ("\u{feff}1\u{0}\t 2 ", vec![vec!["1", "2"]]),
            ("'=1+1\t'tis", vec![vec!["=1+1", "'tis"]]),
        ] {
            assert_eq!(rows(text), expected, "{text:?}");
        }
    }

    #[test]
    fn commas_part_cells_only_where_they_cannot_be_a_numbers_thousands() {
        for (text, expected) in [
            ("4%,PM\n5%,Eng\n", vec![vec!["4%", "PM"], vec!["5%", "Eng"]]),
            ("\"a, b\",\"c\nd\"", vec![vec!["a, b", "c\nd"]]),
            (
                "INIT-12,100\nINIT-13,200",
                vec![vec!["INIT-12", "100"], vec!["INIT-13", "200"]],
            ),
            ("1,200\n1,500\n", vec![vec!["1,200"], vec!["1,500"]]),
            ("£1,200.50\n£3", vec![vec!["£1,200.50"], vec!["£3"]]),
            ("a, b\nc", vec![vec!["a, b"], vec!["c"]]),
            ("1,5\t2", vec![vec!["1,5", "2"]]),
        ] {
            assert_eq!(rows(text), expected, "{text:?}");
        }
    }

    #[test]
    fn semicolons_part_cells_and_a_comma_before_decimals_never_does() {
        assert_eq!(rows("a;b\n1;2"), [["a", "b"], ["1", "2"]]);
        let by_comma = |text| Block::read(text, DecimalSeparator::Comma).unwrap().rows;
        assert_eq!(by_comma("1,5\n2,5"), [["1,5"], ["2,5"]]);
        assert_eq!(by_comma("a;1,5\nb;2,5"), [["a", "1,5"], ["b", "2,5"]]);
    }

    #[test]
    fn too_little_and_too_much_are_refused_in_words() {
        assert_eq!(
            Block::read(" \r\n\t", DecimalSeparator::Point),
            Err(BlockError::Empty)
        );
        let cells = "1\t2\t3\t4\t5\n".repeat(1_001);
        let why = Block::read(&cells, DecimalSeparator::Point)
            .unwrap_err()
            .to_string();
        assert!(
            why.starts_with("These are 5005 cells; at most 5,000"),
            "{why}"
        );
        assert!(Block::read(&"1\t2\t3\t4\t5\n".repeat(1_000), DecimalSeparator::Point).is_ok());
        let why = Block::read(&"x".repeat(MAX_BYTES + 1), DecimalSeparator::Point)
            .unwrap_err()
            .to_string();
        assert!(
            why.starts_with("This is 257 KiB of text; at most 256 KiB"),
            "{why}"
        );
    }
}
