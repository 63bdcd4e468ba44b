//! Lists as files: CSV that Excel reads as it is, and XLSX. A text is a text in both, whatever it begins with; a number
//! is a number with all its digits.
//!
//! Knows files; what stands in them is put together beside each page.

use super::{error::WebError, view::Link, visit::Visit};
use crate::{
    domain::{number_format, spreadsheet::guarded},
    store::db::Conn,
};
use actix_web::{HttpResponse, http::header, web::block};
use chrono::{DateTime, SecondsFormat, Utc};
use rust_xlsxwriter::{Format as Style, Workbook};
use std::{future::Future, time::Duration};

/// How long reading a whole list may take.
const LIMIT: Duration = Duration::from_mins(1);

/// The kinds of files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Comma-separated, UTF-8 with its mark.
    Csv,
    /// Excel's.
    Xlsx,
}

impl Format {
    /// What an address ends with.
    fn of(ending: &str) -> Result<Self, WebError> {
        match ending {
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            _ => Err(WebError::NotFound("page")),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing is known: never 0.
    Blank,
    /// Never computed.
    Text(String),
    /// Every digit.
    Number(f64),
    /// A decimal as digits: a number wherever a number can hold all of them, else a text.
    Decimal(String),
}

impl Cell {
    /// A text; empty is blank.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Blank
        } else {
            Self::Text(text)
        }
    }

    /// A number; none, and what no spreadsheet can hold, is blank.
    #[must_use]
    pub fn number(value: Option<f64>) -> Self {
        value
            .filter(|value| value.is_finite())
            .map_or(Self::Blank, Self::Number)
    }

    /// A decimal in plain digits; none is blank.
    #[must_use]
    pub fn decimal(digits: Option<&str>) -> Self {
        digits.map_or(Self::Blank, |digits| Self::Decimal(digits.to_owned()))
    }

    /// A moment, in UTC to the second.
    #[must_use]
    pub fn moment(at: DateTime<Utc>) -> Self {
        Self::Text(at.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    /// A whole number.
    #[must_use]
    pub fn count(value: Option<i64>) -> Self {
        let small = value.and_then(|value| i32::try_from(value).ok());
        Self::number(small.map(f64::from))
    }
}

/// A list on its way into a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it is: part of the file's name, and the sheet's.
    pub name: &'static str,
    /// What stands above each column.
    pub headers: Vec<String>,
    /// As many cells as headers each.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table under these headers.
    pub fn new(
        name: &'static str,
        headers: impl IntoIterator<Item = impl Into<String>>,
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> Self {
        Self {
            name,
            headers: headers.into_iter().map(Into::into).collect(),
            rows: rows.into_iter().collect(),
        }
    }
}

/// The links to a list's files; `question` is its address after the question mark.
#[must_use]
pub fn links(path: &str, question: &str) -> Vec<Link> {
    let mark = if question.is_empty() { "" } else { "?" };
    [("CSV", Format::Csv), ("XLSX", Format::Xlsx)]
        .map(|(label, format)| Link {
            label: label.to_owned(),
            href: format!("{path}.{}{mark}{question}", format.ending()),
        })
        .to_vec()
}

/// A whole list as the file that an address ends with: `read` goes past the limits of a page, and the file is made away
/// from the threads that serve pages.
pub async fn serve<R, F, Fut>(
    visit: &Visit,
    ending: &str,
    read: F,
    table: impl FnOnce(R) -> Table + Send + 'static,
) -> Result<HttpResponse, WebError>
where
    F: FnOnce(Conn) -> Fut + Send + 'static,
    Fut: Future<Output = sqlx::Result<R>> + Send,
    R: Send + 'static,
{
    let format = Format::of(ending)?;
    let found = visit.db.bulk("download", LIMIT, read).await?;
    answer(format, visit.now(), move || table(found)).await
}

/// A table that is made already, or quickly, as the file that an address ends with.
pub async fn serve_made(
    visit: &Visit,
    ending: &str,
    table: Table,
) -> Result<HttpResponse, WebError> {
    answer(Format::of(ending)?, visit.now(), || table).await
}

async fn answer(
    format: Format,
    now: DateTime<Utc>,
    table: impl FnOnce() -> Table + Send + 'static,
) -> Result<HttpResponse, WebError> {
    let made = block(move || {
        let table = table();
        let body = match format {
            Format::Csv => csv(&table),
            Format::Xlsx => xlsx(&table),
        };
        body.map(|body| (table.name, body))
    });
    let (name, body) = made.await.map_err(anyhow::Error::from)??;
    let day = now.format("%Y-%m-%d");
    let name = format!("productops-{name}-{day}.{}", format.ending());
    Ok(HttpResponse::Ok()
        .content_type(format.content_type())
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .body(body))
}

fn csv(table: &Table) -> anyhow::Result<Vec<u8>> {
    // The mark without which Excel takes UTF-8 for something else.
    let mut out = "\u{feff}".as_bytes().to_vec();
    {
        // Texts in quotation marks: where a semicolon parts cells, one within a text mustn't begin a new cell.
        let mut writer = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::NonNumeric)
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut out);
        writer.write_record(table.headers.iter().map(|header| guarded(header)))?;
        for row in &table.rows {
            writer.write_record(row.iter().map(|cell| match cell {
                Cell::Blank => String::new(),
                Cell::Text(text) => guarded(text),
                Cell::Number(number) => digits(*number),
                Cell::Decimal(digits) => digits.clone(),
            }))?;
        }
        writer.flush()?;
    }
    Ok(out)
}

/// The shortest digits that read back as this very number.
fn digits(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-7..1e15).contains(&size) {
        format!("{number:e}")
    } else {
        format!("{number}")
    }
}

/// The number that a spreadsheet computes with, if it shows all of these digits: no more than 15 of them.
fn held(digits: &str) -> Option<f64> {
    let number: f64 = digits.parse().ok()?;
    let is_exact = number_format::shortest_decimal(number).as_deref() == Some(digits);
    let shown = digits.trim_matches(|c: char| !('1'..='9').contains(&c));
    let count = shown.chars().filter(char::is_ascii_digit).count();
    (is_exact && count <= 15).then_some(number)
}

fn xlsx(table: &Table) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let bold = Style::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(table.name)?.set_freeze_panes(1, 0)?;
    for (column, header) in (0..).zip(&table.headers) {
        sheet.write_string_with_format(0, column, header, &bold)?;
    }
    for (line, row) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(row) {
            // Never `write`, which would take a text that begins with = for a formula.
            match cell {
                Cell::Blank => continue,
                Cell::Text(text) => sheet.write_string(line, column, text)?,
                Cell::Number(number) => sheet.write_number(line, column, *number)?,
                Cell::Decimal(digits) => match held(digits) {
                    Some(number) => sheet.write_number(line, column, number)?,
                    None => sheet.write_string(line, column, digits)?,
                },
            };
        }
    }
    Ok(book.save_to_buffer()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader as _, Xlsx};
    use std::io::Cursor;

    #[test]
    fn a_decimal_is_a_number_for_a_spreadsheet_unless_digits_would_get_lost() {
        let long = "123456789.0123456789";
        let decimals = ["2400000", "-0.35", "0", long];
        let rows = decimals.map(|digits| vec![Cell::decimal(Some(digits))]);
        let table = Table {
            name: "params",
            headers: vec!["value".to_owned()],
            rows: rows
                .into_iter()
                .chain([vec![Cell::decimal(None)]])
                .collect(),
        };
        let bytes = csv(&table).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.ends_with(&format!("\r\n2400000\r\n-0.35\r\n0\r\n{long}\r\n\"\"\r\n")),
            "{text}"
        );
        let bytes = xlsx(&table).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let range = book.worksheet_range("params").unwrap();
        let cells: Vec<_> = (1..5)
            .map(|line| range.get_value((line, 0)).unwrap().clone())
            .collect();
        let numbers = [2_400_000.0, -0.35, 0.0].map(Data::Float);
        assert_eq!(cells[..3], numbers);
        assert_eq!(cells[3], Data::String(long.to_owned()));
    }

    const HOSTILE: [&str; 8] = [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-x",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "a;=1+1",
        "a\"b\n=1",
    ];

    fn table() -> Table {
        Table {
            name: "scoring",
            headers: vec!["=Title".to_owned(), "Value".to_owned()],
            rows: HOSTILE
                .iter()
                .zip([59_800.0, 1.0 / 3.0, -5.0, 1e300, 0.0, 1e-9, 12.0, 0.1 + 0.2])
                .map(|(text, number)| vec![Cell::text(*text), Cell::Number(number)])
                .chain([vec![Cell::text(""), Cell::number(Some(f64::NAN))]])
                .collect(),
        }
    }

    #[test]
    fn in_csv_no_text_can_be_computed_and_numbers_keep_every_digit() {
        let bytes = csv(&table()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
        assert!(text.starts_with("\"'=Title\",\"Value\"\r\n"), "{text}");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        for (row, hostile) in rows.iter().zip(HOSTILE) {
            let begins_live = hostile.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let expected = if begins_live {
                format!("'{hostile}")
            } else {
                hostile.to_owned()
            };
            assert_eq!(row[0], expected);
        }
        for (row, made) in rows.iter().zip(&table().rows) {
            if let Cell::Number(number) = made[1] {
                assert_eq!(row[1].parse::<f64>().unwrap().to_bits(), number.to_bits());
            }
        }
        assert!(text.contains("a;=1+1\""), "quoted: {text}");
        assert!(text.contains(",59800\r\n"), "numbers aren’t quoted: {text}");
        assert_eq!((&rows[8][0], &rows[8][1]), ("", ""));
    }

    #[test]
    fn in_xlsx_every_text_is_a_text_cell_and_every_number_a_number() {
        let bytes = xlsx(&table()).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let range = book.worksheet_range("scoring").unwrap();
        for (at, made) in table().rows.iter().enumerate().take(HOSTILE.len()) {
            let line = u32::try_from(at + 1).unwrap();
            assert_eq!(
                range.get_value((line, 0)),
                Some(&Data::String(HOSTILE[at].to_owned()))
            );
            let Cell::Number(number) = made[1] else {
                panic!("a number")
            };
            assert_eq!(range.get_value((line, 1)), Some(&Data::Float(number)));
        }
        let formulas = book.worksheet_formula("scoring").unwrap();
        assert_eq!(formulas.used_cells().count(), 0);
    }
}
