//! A file's bytes to a table of texts: rows numbered as a person sees them in the sheet, cells as they were written.
//! Knows CSV and what can be wrong with it; of what a cell means it knows
//! only what a key looks like and what a tick box says.

use super::report::one_line;
pub use crate::mirror::layout::column_letters;
use csv::{ByteRecord, ReaderBuilder, StringRecord};

/// The largest file taken, in bytes (20 MiB).
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// The most rows taken, the header among them.
pub const MAX_ROWS: usize = 200_000;
/// The most cells taken in one row.
pub const MAX_COLUMNS: usize = 1_000;

/// A sheet as text: the header and what is under it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The header cells, as written.
    pub headers: Vec<String>,
    /// Every further row, blank ones of commas included.
    pub rows: Vec<Row>,
}

/// One row under the header.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Counted as in the sheet, from 1; a cell with line breaks doesn't make a row longer.
    pub number: usize,
    /// One buffer a row, since a file may hold millions of cells.
    cells: StringRecord,
}

impl Row {
    /// A row of the given cells, for tables that don't come from CSV.
    #[must_use]
    pub fn new<'a>(number: usize, cells: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            number,
            cells: cells.into_iter().collect(),
        }
    }

    /// The cell's text as written; empty where the row ends earlier.
    #[must_use]
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or("")
    }

    /// How many cells the row has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is nothing but space in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// Why the row holds no data, if so: only one whose key cell looks like a key does.
    #[must_use]
    pub fn why_no_data(&self, key: &Cell) -> Option<String> {
        if self.is_blank() {
            Some("blank".to_owned())
        } else if key.is_blank() {
            Some("no initiative key".to_owned())
        } else {
            let key = key.text();
            let reason = || format!("“{}” is no initiative key (like INIT-124)", one_line(key));
            (!looks_like_a_key(key)).then(reason)
        }
    }
}

/// `[A-Z][A-Z0-9_]*-[0-9]+`, of any length.
fn looks_like_a_key(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(prefix, number)| {
        prefix.starts_with(|c: char| c.is_ascii_uppercase())
            && prefix
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

/// A cell of a column that the file has. An empty one means "nothing here": an import never clears a filled field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell(String);

impl Cell {
    /// Without space around it, line breaks as `\n`, and without control characters, which no field can hold.
    #[must_use]
    pub fn new(written: &str) -> Self {
        let text = written.replace("\r\n", "\n").replace('\r', "\n");
        let is_kept = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || *c == '\u{feff}');
        let text: String = text.chars().filter(is_kept).collect();
        Self(text.trim().to_owned())
    }

    /// What was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing here.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.is_empty()
    }

    /// What a tick box says, or the text that stands for it; an empty one isn't ticked.
    ///
    /// # Errors
    /// Neither yes nor no.
    pub fn flag(&self) -> Result<bool, NeitherYesNorNo> {
        match self.0.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "x" | "✓" => Ok(true),
            "false" | "no" | "n" | "0" | "" => Ok(false),
            _ => Err(NeitherYesNorNo),
        }
    }

    /// Whether a spreadsheet failed to compute it: what stands there is no value.
    #[must_use]
    pub fn is_error(&self) -> bool {
        const ERRORS: [&str; 12] = [
            "#N/A",
            "#REF!",
            "#VALUE!",
            "#DIV/0!",
            "#NAME?",
            "#NULL!",
            "#NUM!",
            "#ERROR!",
            "#DATA!",
            "#SPILL!",
            "#CALC!",
            "#GETTING_DATA",
        ];
        ERRORS.contains(&self.0.as_str())
    }

    /// What was written, unless that is nothing.
    #[must_use]
    pub fn filled(&self) -> Option<&str> {
        (!self.is_blank()).then_some(self.0.as_str())
    }
}

/// A text that is no answer to a yes-or-no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is neither TRUE nor FALSE.")]
pub struct NeitherYesNorNo;

/// Why nothing of a file can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// More bytes than [`MAX_BYTES`].
    #[error("The file is {} MiB large; at most {} MiB are taken. Split it and import the parts one after another.",
        bytes.div_ceil(1024 * 1024), MAX_BYTES / (1024 * 1024))]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// More rows than [`MAX_ROWS`].
    #[error(
        "The file has more than {MAX_ROWS} rows. Split it and import the parts one after another."
    )]
    TooManyRows,
    /// A row with more cells than [`MAX_COLUMNS`].
    #[error("Row {row} has more than {MAX_COLUMNS} cells. Is this the right file?")]
    TooManyColumns {
        /// Which.
        row: usize,
    },
    /// Not a single row.
    #[error("The file is empty: its first row must name the columns.")]
    Empty,
    /// An Excel or other zipped workbook.
    #[error("This is a workbook, not CSV. Save the tab as “CSV UTF-8” and take that text.")]
    Workbook,
    /// Text, but not in UTF-8.
    #[error(
        "Row {row}, column {column} isn't UTF-8 text. Save the file as “CSV UTF-8” and try again."
    )]
    NotUtf8 {
        /// Which row.
        row: usize,
        /// Which column, in the sheet's letters.
        column: String,
    },
    /// A quotation mark opens a cell and nothing closes it.
    #[error(
        "A quotation mark opens a cell in row {row} and none closes it. Close it, or double it if it belongs to the text."
    )]
    UnclosedQuote {
        /// Where it stands.
        row: usize,
    },
    /// The CSV reader itself gave up.
    #[error("Row {row} can't be read: {why}.")]
    Unreadable {
        /// Which row.
        row: usize,
        /// In the reader's words.
        why: String,
    },
}

/// The table in a CSV file as sheets write it: UTF-8 with or without a byte order mark, LF or CRLF, quoted line breaks,
/// rows of any length; parted by commas, or by semicolons or tabs where the header has more of those.
///
/// # Errors
/// The file is no CSV, isn't UTF-8, is damaged or too large; nothing of it was read then.
pub fn read_csv(bytes: &[u8]) -> Result<Table, TableError> {
    if bytes.len() > MAX_BYTES {
        return Err(TableError::TooLarge { bytes: bytes.len() });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(TableError::Workbook);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let delimiter = delimiter_of(bytes);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut header = None;
    let mut rows = Vec::new();
    let mut number = 0;
    loop {
        number += 1 + empty_lines(bytes, reader.position().byte());
        let more =
            reader
                .read_byte_record(&mut record)
                .map_err(|error| TableError::Unreadable {
                    row: number,
                    why: error.to_string(),
                })?;
        if !more {
            break;
        }
        let cells = checked_cells(&record, number)?;
        if header.is_none() {
            header = Some(cells.iter().map(str::to_owned).collect());
        } else {
            rows.push(Row { number, cells });
        }
    }
    let headers = header.ok_or(TableError::Empty)?;
    if ends_in_quotes(bytes, delimiter) {
        return Err(TableError::UnclosedQuote {
            row: rows.last().map_or(1, |row| row.number),
        });
    }
    Ok(Table { headers, rows })
}

/// What parts the cells of the first line that has any: where decimals have commas, spreadsheets write semicolons.
fn delimiter_of(bytes: &[u8]) -> u8 {
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let (mut in_quotes, mut counts) = (false, [(0, b','), (0, b';'), (0, b'\t')]);
    for byte in bytes.iter().skip_while(|byte| is_break(byte)) {
        if *byte == b'"' {
            in_quotes = !in_quotes;
        } else if !in_quotes && is_break(byte) {
            break;
        } else if !in_quotes
            && let Some((count, _)) = counts.iter_mut().find(|(_, known)| known == byte)
        {
            *count += 1;
        }
    }
    let [(commas, _), others @ ..] = counts;
    let most = others.into_iter().max().unwrap_or_default();
    if most.0 > commas { most.1 } else { b',' }
}

fn checked_cells(record: &ByteRecord, row: usize) -> Result<StringRecord, TableError> {
    if row > MAX_ROWS {
        return Err(TableError::TooManyRows);
    }
    if record.len() > MAX_COLUMNS {
        return Err(TableError::TooManyColumns { row });
    }
    StringRecord::from_byte_record(record.clone()).map_err(|error| TableError::NotUtf8 {
        row,
        column: column_letters(error.utf8_error().field()),
    })
}

/// How many empty lines stand from here to the next record: the reader passes over them, a sheet counts them as rows.
fn empty_lines(bytes: &[u8], from: u64) -> usize {
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
    let (before, mut rest) = bytes.split_at(from);
    if before.ends_with(b"\r") {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let mut lines = 0;
    while let Some((b'\r' | b'\n', after)) = rest.split_first() {
        rest = rest.strip_prefix(b"\r\n").unwrap_or(after);
        lines += 1;
    }
    lines
}

/// Whether the text ends inside a quoted cell: the reader would hand over the rest of the file as that cell.
fn ends_in_quotes(bytes: &[u8], delimiter: u8) -> bool {
    #[derive(PartialEq)]
    #[rustfmt::skip]
    enum At { CellStart, Plain, Quoted, QuoteInQuoted }
    let end = bytes
        .iter()
        .fold(At::CellStart, |at, byte| match (at, byte) {
            (At::Quoted, b'"') => At::QuoteInQuoted,
            (At::CellStart | At::QuoteInQuoted, b'"') | (At::Quoted, _) => At::Quoted,
            (_, b'\r' | b'\n') => At::CellStart,
            (_, byte) if *byte == delimiter => At::CellStart,
            _ => At::Plain,
        });
    end == At::Quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(table: &Table) -> Vec<usize> {
        table.rows.iter().map(|row| row.number).collect()
    }

    #[test]
    fn a_byte_order_mark_and_crlf_leave_no_trace() {
        let table = read_csv(b"\xEF\xBB\xBFkey,title\r\nINIT-1,Caf\xC3\xA9\r\n").unwrap();
        assert_eq!(table.headers, ["key", "title"]);
        assert_eq!(table.rows, [Row::new(2, ["INIT-1", "Café"])]);
    }

    #[test]
    fn rows_are_counted_as_in_the_sheet_whatever_the_line_breaks_in_cells() {
        let text = "key,title\nINIT-1,\"one\ntwo\nthree\"\nINIT-2,x\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let table = read_csv(text.as_bytes()).unwrap();
            assert_eq!(numbers(&table), [2, 3]);
            assert_eq!(Cell::new(table.rows[0].cell(1)).text(), "one\ntwo\nthree");
        }
    }

    #[test]
    fn empty_lines_count_as_rows_too() {
        let text = "\nkey\n\n\nINIT-1\nINIT-2\n\nINIT-3\n\n";
        for text in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            text.replace('\n', "\r"),
        ] {
            let table = read_csv(text.as_bytes()).unwrap();
            assert_eq!(table.headers, ["key"]);
            assert_eq!(numbers(&table), [5, 6, 8], "{text:?}");
        }
    }

    #[test]
    fn rows_may_be_shorter_and_longer_than_the_header() {
        let table = read_csv(b"a,b\n1\n1,2,3\n,,\n").unwrap();
        let widths: Vec<_> = table.rows.iter().map(Row::width).collect();
        assert_eq!(widths, [1, 3, 3]);
        assert_eq!(table.rows[0].cell(1), "");
        assert!(table.rows[2].is_blank());
    }

    #[test]
    fn text_in_another_encoding_is_refused_with_its_place() {
        let refusal = read_csv(b"key,title\nINIT-1,ok\nINIT-2,Caf\xE9\n").unwrap_err();
        assert_eq!(
            refusal,
            TableError::NotUtf8 {
                row: 3,
                column: "B".into()
            }
        );
        let utf16 = b"\xFF\xFEk\0e\0y\0";
        assert_eq!(
            read_csv(utf16),
            Err(TableError::NotUtf8 {
                row: 1,
                column: "A".into()
            })
        );
    }

    #[test]
    fn an_unclosed_quotation_mark_is_refused_where_it_stands() {
        let refusal = read_csv(b"key,title\nINIT-1,a\nINIT-2,\"b\nINIT-3,c\n").unwrap_err();
        assert_eq!(refusal, TableError::UnclosedQuote { row: 3 });
        for fine in [
            "a\n\"b\"",
            "a\n\"b \"\"c\"\"\"\n",
            "a\nb \"c\n",
            "a\n5\" wheel\n",
            "a\n\"b\"c\n",
        ] {
            assert!(read_csv(fine.as_bytes()).is_ok(), "{fine:?}");
        }
    }

    #[test]
    fn what_is_no_csv_is_refused_in_words() {
        assert_eq!(read_csv(b""), Err(TableError::Empty));
        assert_eq!(read_csv(b"\xEF\xBB\xBF\r\n\r\n"), Err(TableError::Empty));
        assert_eq!(read_csv(b"PK\x03\x04rest"), Err(TableError::Workbook));
        let commas = ",".repeat(MAX_COLUMNS);
        let refusal = read_csv(format!("key\n{commas}\n").as_bytes()).unwrap_err();
        assert_eq!(refusal, TableError::TooManyColumns { row: 2 });
        let rows = "a\n".repeat(MAX_ROWS + 1);
        assert_eq!(read_csv(rows.as_bytes()), Err(TableError::TooManyRows));
        let large = vec![b'a'; MAX_BYTES + 1];
        let refusal = read_csv(&large).unwrap_err();
        assert!(
            refusal
                .to_string()
                .starts_with("The file is 21 MiB large; at most 20 MiB")
        );
    }

    #[test]
    fn semicolons_and_tabs_part_cells_where_the_header_has_more_of_them() {
        let expected = [Row::new(2, ["INIT-1", "One, two", "1,5"])];
        for text in [
            "key;title;value\nINIT-1;One, two;1,5\n",
            "key\ttitle\tvalue\r\nINIT-1\tOne, two\t1,5\r\n",
            "\nkey;\"title, long\";value\nINIT-1;\"One, two\";1,5\n",
        ] {
            let table = read_csv(text.as_bytes()).unwrap();
            assert_eq!(table.headers.len(), 3, "{text:?}");
            assert_eq!(table.rows[0].cell(1), expected[0].cell(1), "{text:?}");
            assert_eq!(table.rows[0].cell(2), "1,5", "{text:?}");
        }
        let unclosed = read_csv(b"key;title\nINIT-1;\"a\nINIT-2;b\n").unwrap_err();
        assert_eq!(unclosed, TableError::UnclosedQuote { row: 2 });
        let commas = read_csv(b"key,\"a;b;c;d\"\nINIT-1,x\n").unwrap();
        assert_eq!(commas.headers, ["key", "a;b;c;d"]);
    }

    #[test]
    fn a_cell_keeps_its_text_without_what_no_field_can_hold() {
        assert_eq!(Cell::new("  =A1\u{a0}").text(), "=A1");
        assert_eq!(Cell::new("a\0b\tc\r\nd\u{1b}").text(), "ab\tc\nd");
        assert_eq!(Cell::new(" \u{feff}\n").filled(), None);
    }

    #[test]
    fn a_tick_box_says_yes_or_no_in_the_words_people_use() {
        for (text, expected) in [
            ("TRUE", Ok(true)),
            ("true", Ok(true)),
            ("Yes", Ok(true)),
            (" 1 ", Ok(true)),
            ("x", Ok(true)),
            ("FALSE", Ok(false)),
            ("no", Ok(false)),
            ("0", Ok(false)),
            ("", Ok(false)),
            ("maybe", Err(NeitherYesNorNo)),
            ("2", Err(NeitherYesNorNo)),
        ] {
            assert_eq!(Cell::new(text).flag(), expected, "{text}");
        }
    }

    #[test]
    fn columns_have_the_names_of_the_sheet() {
        let names: Vec<_> = [0, 25, 26, 51, 52, 701, 702].map(column_letters).into();
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
