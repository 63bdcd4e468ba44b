//! A tab of an XLSX workbook to the same table that a CSV file becomes: each cell as a person reads its value, a
//! formula as its result. Knows workbooks and what can be wrong with them; what a cell means it doesn't know.
//!
//! The file is a stranger's: how large it becomes unpacked, how many cells it has and how much text they hold is
//! bounded before and while it is read.

use super::table::{MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Row, Table, TableError};
use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, Xlsx};
use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read as _},
};
use zip::ZipArchive;

/// The most that a workbook may be unpacked, in bytes (128 MiB).
const MOST_UNPACKED: u64 = 128 * 1024 * 1024;
/// The most files in a workbook's archive.
const MOST_PARTS: usize = 2_000;
/// The most filled cells of a tab.
const MOST_CELLS: usize = 4_000_000;
/// The most text of a tab's cells, in bytes (64 MiB): many cells may refer to one long text.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// Why nothing of a workbook can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkbookError {
    /// What holds for every file.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A format from before 2007, or locked with a password.
    #[error(
        "This is an old Excel file (.xls), or one that a password locks. Save it as “Excel workbook (.xlsx)” without a \
         password, or the tab as “CSV UTF-8”, and import that."
    )]
    Old,
    /// An archive of something else.
    #[error(
        "This is a packed file, but no Excel workbook (.xlsx). Save the tab as “CSV UTF-8” and import that file."
    )]
    NoWorkbook,
    /// It can't be taken apart.
    #[error(
        "The workbook is damaged ({0}). Open it in a spreadsheet, save it again and try once more."
    )]
    Damaged(String),
    /// It becomes too large.
    #[error(
        "Unpacked, the workbook is larger than {} MiB, which this app doesn't take. Save the tab as “CSV UTF-8” and import that file.",
        MOST_UNPACKED / (1024 * 1024)
    )]
    TooLargeUnpacked,
    /// More than any tab of such a workbook holds.
    #[error(
        "The tab “{tab}” holds more than this app takes. Delete what isn't needed, or split it."
    )]
    TooMuch {
        /// Which.
        tab: String,
    },
}

fn damaged(why: &impl ToString) -> WorkbookError {
    WorkbookError::Damaged(super::report::one_line(&why.to_string()))
}

/// Whether the bytes begin as a packed file does, or as an old Excel file.
#[must_use]
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&OLD)
}

/// How files of the old format begin, and packed ones that a password locks.
const OLD: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// A workbook that was opened.
pub struct Workbook<'a> {
    book: Xlsx<Cursor<&'a [u8]>>,
    tabs: Vec<String>,
}

impl<'a> Workbook<'a> {
    /// Opens it, after it was seen to stay within the bounds.
    ///
    /// # Errors
    /// It is too large, damaged or no workbook.
    pub fn open(bytes: &'a [u8]) -> Result<Self, WorkbookError> {
        if bytes.len() > MAX_BYTES {
            return Err(TableError::TooLarge { bytes: bytes.len() }.into());
        }
        if bytes.starts_with(&OLD) {
            return Err(WorkbookError::Old);
        }
        look_inside(bytes)?;
        let book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|why| damaged(&why))?;
        let sheets = book.sheets_metadata().iter();
        let tabs = sheets
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| sheet.name.clone())
            .collect();
        Ok(Self { book, tabs })
    }

    /// The tabs' names, in the workbook's order.
    #[must_use]
    pub fn tabs(&self) -> &[String] {
        &self.tabs
    }

    /// The cells of a tab's first row that has any.
    ///
    /// # Errors
    /// The tab is damaged.
    pub fn header(&mut self, tab: &str) -> Result<Vec<String>, WorkbookError> {
        let mut cells = self
            .book
            .worksheet_cells_reader(tab)
            .map_err(|why| damaged(&why))?;
        let (mut first, mut header) = (None, BTreeMap::new());
        while let Some(cell) = cells.next_cell().map_err(|why| damaged(&why))? {
            let (row, column) = cell.get_position();
            let Some(text) = text_of(cell.get_value()) else {
                continue;
            };
            if *first.get_or_insert(row) != row || header.len() > MAX_COLUMNS {
                break;
            }
            header.insert(column, text);
        }
        let width = header.keys().max().map_or(0, |last| place(*last) + 1);
        Ok(dense(header, width.min(MAX_COLUMNS)))
    }

    /// The whole of a tab.
    ///
    /// # Errors
    /// The tab is damaged, empty or holds too much.
    pub fn read(&mut self, tab: &str) -> Result<Table, WorkbookError> {
        let rows = self.rows(tab)?;
        let mut widths = rows.values().filter_map(|row| row.keys().max());
        let width = widths.by_ref().max().map_or(0, |last| place(*last) + 1);
        let mut rows = rows.into_iter();
        let (_, header) = rows.next().ok_or(TableError::Empty)?;
        let rows = rows.map(|(number, cells)| {
            let width = cells.keys().max().map_or(0, |last| place(*last) + 1);
            let cells = dense(cells, width);
            Row::new(place(number) + 1, cells.iter().map(String::as_str))
        });
        Ok(Table {
            // As wide as the widest row: cells of a sheet can't slip into a neighbour's column.
            headers: dense(header, width),
            rows: rows.collect(),
        })
    }

    /// The filled cells, by row and column counted from 0.
    fn rows(&mut self, tab: &str) -> Result<BTreeMap<u32, BTreeMap<u32, String>>, WorkbookError> {
        let mut cells = self
            .book
            .worksheet_cells_reader(tab)
            .map_err(|why| damaged(&why))?;
        let mut rows = BTreeMap::<u32, BTreeMap<u32, String>>::new();
        let (mut count, mut text_bytes, mut widest) = (0, 0, 0);
        let too_much = || WorkbookError::TooMuch {
            tab: super::report::one_line(tab),
        };
        while let Some(cell) = cells.next_cell().map_err(|why| damaged(&why))? {
            let Some(text) = text_of(cell.get_value()) else {
                continue;
            };
            let (row, column) = cell.get_position();
            if place(row) >= MAX_ROWS {
                return Err(TableError::TooManyRows.into());
            }
            if place(column) >= MAX_COLUMNS {
                return Err(TableError::TooManyColumns {
                    row: place(row) + 1,
                }
                .into());
            }
            count += 1;
            text_bytes += text.len();
            widest = widest.max(place(column) + 1);
            rows.entry(row).or_default().insert(column, text);
            // A row takes room for every cell up to its last.
            if text_bytes > MOST_TEXT || count > MOST_CELLS || widest * rows.len() > 4 * MOST_CELLS
            {
                return Err(too_much());
            }
        }
        Ok(rows)
    }
}

fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn dense(mut cells: BTreeMap<u32, String>, width: usize) -> Vec<String> {
    (0_u32..)
        .take(width)
        .map(|column| cells.remove(&column).unwrap_or_default())
        .collect()
}

/// Unpacks everything once into nothing: what an archive says of its size may be a lie.
fn look_inside(bytes: &[u8]) -> Result<(), WorkbookError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|why| damaged(&why))?;
    if archive.len() > MOST_PARTS {
        return Err(WorkbookError::TooLargeUnpacked);
    }
    if archive.index_for_name("xl/workbook.xml").is_none() {
        return Err(WorkbookError::NoWorkbook);
    }
    let mut left = MOST_UNPACKED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|why| damaged(&why))?;
        let size =
            io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|why| damaged(&why))?;
        left = left
            .checked_sub(size)
            .ok_or(WorkbookError::TooLargeUnpacked)?;
    }
    Ok(())
}

/// What a person reads in the cell; none: nothing. A percentage is the fraction that stands behind it.
fn text_of(value: &DataRef<'_>) -> Option<String> {
    let text = match value {
        DataRef::Empty => return None,
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => digits(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(moment) => moment_text(*moment),
        DataRef::DateTimeIso(text) => {
            let text = text.trim_end_matches('Z');
            text.strip_suffix("T00:00:00")
                .unwrap_or(text)
                .replace('T', " ")
        }
        DataRef::Error(error) => error.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

/// As a spreadsheet shows it at its most exact: 15 significant digits, so that 0.1 + 0.2 is 0.3.
fn digits(number: f64) -> String {
    let shown = format!("{number:.14e}").parse().unwrap_or(number);
    if shown == 0.0 {
        "0".to_owned()
    } else {
        f64::to_string(&shown)
    }
}

/// `2026-11-30`, `2026-11-30 14:05:00`, `14:05:00`; a duration as `26:30:00`.
fn moment_text(moment: ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() {
        let seconds = (days.abs() * 86_400.0).round();
        let (hours, rest) = ((seconds / 3600.0).floor(), seconds % 3600.0);
        let (minutes, seconds) = ((rest / 60.0).floor(), rest % 60.0);
        let sign = if days < 0.0 { "-" } else { "" };
        return format!("{sign}{hours}:{minutes:02}:{seconds:02}");
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    match (days < 1.0, time.as_str()) {
        (true, _) => time,
        (false, "00:00:00") => date,
        (false, _) => format!("{date} {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{ExcelDateTime as Date, Format, Formula, Workbook as Writer};
    use std::io::Write as _;
    use zip::{ZipWriter, write::SimpleFileOptions};

    /// A workbook whose tab “Params” has these cells.
    fn written(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut book = Writer::new();
        let sheet = book.add_worksheet();
        sheet.set_name("Params").unwrap();
        fill(sheet);
        book.save_to_buffer().unwrap()
    }

    fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            archive
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            archive.write_all(text).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn read(bytes: &[u8]) -> Result<Table, WorkbookError> {
        Workbook::open(bytes)?.read("Params")
    }

    #[test]
    fn cells_come_as_a_person_reads_their_values() {
        let bytes = written(|sheet| {
            for (column, header) in (0..).zip(["a", "b", "c", "d", "e", "f", "g", "h"]) {
                sheet.write(0, column, header).unwrap();
            }
            let percent = Format::new().set_num_format("0%");
            let date = Format::new().set_num_format("yyyy-mm-dd");
            let sum = Formula::new("=0.1+0.2").set_result("0.30000000000000004");
            sheet.write(1, 0, 2000).unwrap();
            sheet.write_with_format(1, 1, 0.04, &percent).unwrap();
            sheet.write(1, 2, true).unwrap();
            let day = Date::from_ymd(2026, 11, 30).unwrap();
            sheet.write_with_format(1, 3, &day, &date).unwrap();
            let moment = day.clone().and_hms(14, 5, 0).unwrap();
            let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
            sheet.write_with_format(1, 4, &moment, &format).unwrap();
            sheet.write_formula(1, 5, sum).unwrap();
            sheet.write(1, 6, "=SUM(A1:A9)").unwrap();
            sheet.write(1, 7, -0.000_001_5).unwrap();
        });
        let table = read(&bytes).unwrap();
        assert_eq!(table.headers, ["a", "b", "c", "d", "e", "f", "g", "h"]);
        let expected = [
            "2000",
            "0.04",
            "TRUE",
            "2026-11-30",
            "2026-11-30 14:05:00",
            "0.3",
            "=SUM(A1:A9)",
            "-0.0000015",
        ];
        assert_eq!(table.rows, [Row::new(2, expected)]);
    }

    #[test]
    fn rows_keep_their_numbers_and_no_cell_slips() {
        let bytes = written(|sheet| {
            sheet.write(2, 0, "key").unwrap();
            sheet.write(2, 1, "title").unwrap();
            sheet.write(6, 1, "second cell only").unwrap();
            sheet.write(8, 3, "beyond the header").unwrap();
        });
        let table = read(&bytes).unwrap();
        assert_eq!(table.headers, ["key", "title", "", ""]);
        let numbers: Vec<_> = table.rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [7, 9]);
        assert_eq!(
            (table.rows[0].cell(0), table.rows[0].cell(1)),
            ("", "second cell only")
        );
        assert_eq!(table.rows[1].cell(3), "beyond the header");
    }

    #[test]
    fn what_is_no_workbook_is_refused_in_words() {
        assert_eq!(read(&OLD).unwrap_err(), WorkbookError::Old);
        let other = packed(&[("content.xml", b"<a/>")]);
        assert_eq!(read(&other).unwrap_err(), WorkbookError::NoWorkbook);
        let broken = packed(&[("xl/workbook.xml", b"<workbook><sheets><sheet")]);
        assert!(matches!(
            Workbook::open(&broken).map(|_| ()),
            Err(WorkbookError::Damaged(_))
        ));
        let whole = written(|sheet| {
            sheet.write(0, 0, "key").unwrap();
        });
        assert!(matches!(
            read(&whole[..whole.len() / 2]),
            Err(WorkbookError::Damaged(_))
        ));
        assert!(matches!(
            read(b"PK\x03\x04rest"),
            Err(WorkbookError::Damaged(_))
        ));
        let empty = written(|_| {});
        assert_eq!(
            read(&empty).unwrap_err(),
            WorkbookError::Table(TableError::Empty)
        );
        let large = vec![b'P'; MAX_BYTES + 1];
        assert!(matches!(
            read(&large),
            Err(WorkbookError::Table(TableError::TooLarge { .. }))
        ));
    }

    #[test]
    fn a_workbook_that_grows_without_end_is_given_up() {
        let zeros = vec![b' '; usize::try_from(MOST_UNPACKED / 2).unwrap()];
        let bomb = packed(&[
            ("xl/workbook.xml", b"<workbook/>"),
            ("xl/a.xml", &zeros),
            ("xl/b.xml", &zeros),
        ]);
        assert!(bomb.len() < MAX_BYTES);
        assert_eq!(read(&bomb).unwrap_err(), WorkbookError::TooLargeUnpacked);
        let many: Vec<_> = (0..=MOST_PARTS).map(|at| format!("{at}.xml")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(
            read(&packed(&many)).unwrap_err(),
            WorkbookError::TooLargeUnpacked
        );
    }

    #[test]
    fn a_tab_with_too_many_columns_rows_or_much_text_is_given_up() {
        let columns = written(|sheet| {
            sheet.write(0, 0, "key").unwrap();
            sheet.write(1, 1_000, "x").unwrap();
        });
        let refusal = read(&columns).unwrap_err();
        assert_eq!(
            refusal,
            WorkbookError::Table(TableError::TooManyColumns { row: 2 })
        );
        let rows = written(|sheet| {
            sheet.write(0, 0, "key").unwrap();
            sheet.write(200_000, 0, "x").unwrap();
        });
        assert_eq!(
            read(&rows).unwrap_err(),
            WorkbookError::Table(TableError::TooManyRows)
        );
        let text = "x".repeat(32_000);
        let shared = written(|sheet| {
            for row in 0..2_200 {
                sheet.write(row, 0, text.as_str()).unwrap();
            }
        });
        assert!(shared.len() < 100_000);
        assert!(matches!(
            read(&shared).unwrap_err(),
            WorkbookError::TooMuch { .. }
        ));
    }
}
