//! A CSV file of which every byte that isn't ours stays: cells are slices of the file as it was read, and only those
//! that are written are put into words anew. Knows nothing of headers or keys.

use super::{
    grid::{Cell, Grid},
    layout::{guarded, unguarded},
    plan::{Plan, Run},
};
use std::ops::Range;

/// A quotation mark opens a cell and nothing closes it: where the rows end can't be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "A quotation mark opens a cell in row {row} and none closes it, so nothing was written. Close it, or double it if \
     it belongs to the text."
)]
pub struct UnclosedQuote {
    /// Counted as in the sheet, from 1.
    pub row: usize,
}

/// A file as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    bytes: Vec<u8>,
    lines: Vec<Line>,
}

/// One row: where each cell stands in the file, quotation marks included, and what ends the row.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    cells: Vec<Range<usize>>,
    end: Range<usize>,
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

impl Document {
    /// Reads a file: with or without a byte order mark, LF, CRLF or CR, quoted line breaks, rows of any length,
    /// any bytes in between.
    ///
    /// # Errors
    /// It ends inside a quoted cell.
    pub fn read(bytes: Vec<u8>) -> Result<Self, UnclosedQuote> {
        let mut lines = Vec::new();
        let mut at = if bytes.starts_with(MARK) {
            MARK.len()
        } else {
            0
        };
        while at < bytes.len() {
            let row = lines.len() + 1;
            let mut cells = Vec::new();
            loop {
                let end = cell_end(&bytes, at).ok_or(UnclosedQuote { row })?;
                cells.push(at..end);
                at = end;
                if bytes.get(at) != Some(&b',') {
                    break;
                }
                at += 1;
            }
            let length = match &bytes[at..] {
                [b'\r', b'\n', ..] => 2,
                [] => 0,
                _ => 1,
            };
            let end = at..at + length;
            at = end.end;
            lines.push(Line { cells, end });
        }
        Ok(Self { bytes, lines })
    }

    /// Its cells. A text behind an apostrophe that guards it is that text; one that a spreadsheet would compute is a
    /// formula.
    #[must_use]
    pub fn grid(&self) -> Grid {
        let cells = |line: &Line| {
            let cells = line.cells.iter().map(|place| self.cell(place.clone()));
            cells.collect()
        };
        Grid {
            rows: self.lines.iter().map(cells).collect(),
        }
    }

    fn cell(&self, place: Range<usize>) -> Cell {
        let text = unquoted(&self.bytes[place]);
        match unguarded(&text) {
            same if same.len() == text.len() => Cell::of_untyped(text),
            // Behind its guard even a formula is text.
            guarded => Cell::Untyped(guarded.to_owned()),
        }
    }

    /// The file with what is planned written into it.
    #[must_use]
    pub fn with(&self, plan: &Plan) -> Vec<u8> {
        let mark = if self.bytes.starts_with(MARK) {
            MARK
        } else {
            b""
        };
        let usual_end: &[u8] = match self.lines.first().map(|line| &self.bytes[line.end.clone()]) {
            None | Some([]) => b"\n",
            Some(end) => end,
        };
        let mut out = mark.to_vec();
        let mut runs = plan.runs.as_slice();
        let count = self.lines.len().max(plan.rows());
        // A new row is as wide as the head, so that every reader finds all columns in it.
        let head = self.lines.first().map_or_else(
            || width(runs.iter().take_while(|run| run.row == 0)),
            |line| line.cells.len(),
        );
        for row in 0..count {
            let here = runs.iter().take_while(|run| run.row == row).count();
            let (written, rest) = runs.split_at(here);
            runs = rest;
            let line = self.lines.get(row);
            self.put_row(&mut out, line.ok_or(head), written);
            let end = line.map_or(&b""[..], |line| &self.bytes[line.end.clone()]);
            let needs_end = line.is_none() || row + 1 < count;
            out.extend_from_slice(if end.is_empty() && needs_end {
                usual_end
            } else {
                end
            });
        }
        out
    }

    /// A row's cells as they stand in the file.
    #[cfg(test)]
    pub(super) fn raw_row(&self, row: usize) -> Vec<Vec<u8>> {
        let cells = self.lines.get(row).map_or(&[][..], |line| &line.cells);
        cells
            .iter()
            .map(|place| self.bytes[place.clone()].to_vec())
            .collect()
    }

    /// A row that stands in the file, or a new one of at least so many cells.
    fn put_row(&self, out: &mut Vec<u8>, line: Result<&Line, usize>, written: &[Run]) {
        let (old, least) = match line {
            Ok(line) => (line.cells.as_slice(), line.cells.len()),
            Err(least) => (&[][..], least),
        };
        let width = width(written.iter()).max(least);
        for column in 0..width {
            if column > 0 {
                out.push(b',');
            }
            let mut runs = written.iter();
            let new = runs.find_map(|run| run.cells.get(column.checked_sub(run.column)?));
            match (new, old.get(column)) {
                (Some(cell), _) => out.extend_from_slice(put_into_words(cell).as_bytes()),
                (None, Some(place)) => out.extend_from_slice(&self.bytes[place.clone()]),
                (None, None) => {}
            }
        }
    }
}

/// How many columns a row's runs reach over.
fn width<'a>(runs: impl Iterator<Item = &'a Run>) -> usize {
    let ends = runs.map(|run| run.column + run.cells.len());
    ends.max().unwrap_or(0)
}

/// Where the cell that begins there ends.
fn cell_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    let mut is_quoted = bytes.get(at) == Some(&b'"');
    at += usize::from(is_quoted);
    loop {
        match bytes.get(at) {
            Some(b'"') if is_quoted => {
                // A doubled one belongs to the text; a single one closes, and what follows it is plain.
                let is_doubled = bytes.get(at + 1) == Some(&b'"');
                is_quoted = is_doubled;
                at += 1 + usize::from(is_doubled);
            }
            None => return (!is_quoted).then_some(at),
            Some(b',' | b'\r' | b'\n') if !is_quoted => return Some(at),
            Some(_) => at += 1,
        }
    }
}

/// A cell's text, lines ended by `\n`; bytes that are no text show as such and are never ours.
fn unquoted(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let Some(quoted) = text.strip_prefix('"') else {
        return text.into_owned();
    };
    let mut out = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some((before, after)) = rest.split_once('"') {
        out.push_str(before);
        let Some(more) = after.strip_prefix('"') else {
            out.push_str(after);
            return out.replace("\r\n", "\n");
        };
        out.push('"');
        rest = more;
    }
    out.push_str(rest);
    out.replace("\r\n", "\n")
}

/// A cell of ours as it stands in the file; a text never as something to compute, nor as several cells where `;` or
/// tabs separate.
fn put_into_words(cell: &Cell) -> String {
    let text = match cell {
        Cell::Text(text) | Cell::Formula(text) | Cell::Untyped(text) => guarded(text),
        Cell::Empty | Cell::Number(_) | Cell::Bool(_) => cell.text().into_owned(),
    };
    let is_plain =
        text.trim().len() == text.len() && !text.contains(['"', ',', ';', '\t', '\n', '\r', '\'']);
    if is_plain {
        text
    } else {
        format!("\"{}\"", text.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::read(text.as_bytes().to_vec()).unwrap()
    }

    fn plan(runs: &[(usize, usize, &[&str])]) -> Plan {
        let run = |(row, column, cells): &(usize, usize, &[&str])| Run {
            row: *row,
            column: *column,
            cells: cells.iter().map(|text| Cell::of_text(text)).collect(),
        };
        Plan {
            runs: runs.iter().map(run).collect(),
            ..Plan::default()
        }
    }

    fn after(text: &str, runs: &[(usize, usize, &[&str])]) -> String {
        String::from_utf8(document(text).with(&plan(runs))).unwrap()
    }

    #[test]
    fn what_is_not_written_stays_to_the_byte() {
        for text in [
            "",
            "a,b\n1,2\n",
            "\u{feff}a,\"b\"\r\n\r\n1,\"x\"\"y\",,\r\n ,=A1+\"2\"\r",
            "a\n\"one\ntwo\",5\" wheel\n,,",
        ] {
            assert_eq!(after(text, &[]), text);
        }
        let odd = b"a,\xFF\"\n\xC3\n".to_vec();
        assert_eq!(
            Document::read(odd.clone()).unwrap().with(&Plan::default()),
            odd
        );
    }

    #[test]
    fn a_written_cell_changes_alone() {
        let text = "\"k\",t,n\r\n\"INIT-1\",old,\"mine, and \"\"yours\"\"\"\r\nINIT-2,x";
        let expected =
            "\"k\",t,n\r\n\"INIT-1\",\"new; \"\"it\"\"\",\"mine, and \"\"yours\"\"\"\r\nINIT-2,x";
        assert_eq!(after(text, &[(1, 1, &["new; \"it\""])]), expected);
    }

    #[test]
    fn rows_are_filled_up_and_added_with_the_files_own_line_ends() {
        assert_eq!(
            after("k,t,u\r\na", &[(1, 2, &["x"]), (2, 0, &["b"])]),
            "k,t,u\r\na,,x\r\nb,,\r\n"
        );
        assert_eq!(after("k\n\nz\n", &[(1, 1, &["x"])]), "k\n,x\nz\n");
        assert_eq!(
            after("", &[(0, 0, &["k", "t"]), (1, 0, &["a"])]),
            "k,t\na,\n"
        );
    }

    #[test]
    fn a_text_of_ours_never_becomes_a_formula_and_is_read_back_as_it_was() {
        for text in [
            "=1+1", "+1 point", "'=x", "-a,b", "@x\n=y", " x ", "'tis", "a\"b", "1;=2",
        ] {
            let file = after("k\n", &[(1, 0, &[text])]);
            let cell = &document(&file).grid().rows[1][0];
            assert!(
                cell.shows(&Cell::Text(text.to_owned())),
                "{text:?}: {file:?}"
            );
        }
        assert_eq!(after("", &[(0, 0, &["=1+1"])]), "\"'=1+1\"\n");
        assert_eq!(
            document("=1+1").grid().rows[0][0],
            Cell::Formula("=1+1".into())
        );
        assert_eq!(
            document("\"=1+1\"").grid().rows[0][0],
            Cell::Formula("=1+1".into())
        );
    }

    #[test]
    fn a_quotation_mark_that_nothing_closes_is_found() {
        let open = Document::read(b"k,t\nINIT-1,\"x\nINIT-2,y\n".to_vec());
        assert_eq!(open, Err(UnclosedQuote { row: 2 }));
    }
}
