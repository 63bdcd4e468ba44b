//! A file as people bring it, to the table of the kind that it holds: CSV or a tab of a workbook, told by its bytes;
//! which tab and which kind, where nobody says, by names and headers. Knows nothing of what the app has already.

use super::{
    ImportError, backlog,
    headers::{Layout, count_of_fields, normalise},
    math_models, params,
    report::{Kind, one_line},
    table::{Table, read_csv},
    workbook::{Workbook, WorkbookError, is_workbook},
};
use crate::store::import_files::Origin;
use std::path::Path;

/// A file on its way in.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// What it is called, where that shall be remembered.
    pub name: Option<&'a str>,
    /// What it holds; none: its tab's name and its header tell.
    pub kind: Option<Kind>,
    /// The tab of a workbook; none: the one that fits the kind.
    pub tab: Option<&'a str>,
    /// The whole of it.
    pub bytes: &'a [u8],
    /// The tab of a Google spreadsheet that it was read from; none: it came as a file.
    pub origin: Option<&'a Origin>,
}

impl<'a> From<(Kind, &'a [u8])> for File<'a> {
    fn from((kind, bytes): (Kind, &'a [u8])) -> Self {
        Self {
            name: None,
            kind: Some(kind),
            tab: None,
            bytes,
            origin: None,
        }
    }
}

/// What is read of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// What it holds.
    pub kind: Kind,
    /// Which tab; none: the file is CSV.
    pub tab: Option<String>,
    /// Every tab of the workbook.
    pub tabs: Vec<String>,
    /// Its cells.
    pub table: Table,
}

/// Why it can't be said what of a file to read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    /// There is no such tab.
    #[error("The workbook has no tab “{}”. Its tabs are {}.", one_line(.wanted), listed(.tabs))]
    NoSuchTab {
        /// What was asked for.
        wanted: String,
        /// What there is.
        tabs: Vec<String>,
    },
    /// None of several tabs fits, or more than one.
    #[error("It can't be told which tab to read. Name one of {}.", listed(.tabs))]
    WhichTab {
        /// What there is.
        tabs: Vec<String>,
    },
    /// The header fits no kind, or more than one.
    #[error(
        "It can't be told from row 1 whether this is the Central Backlog, math models or params. Is row 1 the header? \
         If so, say what the file holds."
    )]
    WhichKind {
        /// Every tab of the workbook; none: the file is CSV.
        tabs: Vec<String>,
    },
}

impl Untold {
    /// Every tab of the workbook; none: the file is CSV.
    #[must_use]
    pub fn tabs(&self) -> &[String] {
        match self {
            Self::NoSuchTab { tabs, .. } | Self::WhichTab { tabs } | Self::WhichKind { tabs } => {
                tabs
            }
        }
    }
}

/// `“A”, “B” and 3 more`.
fn listed(tabs: &[String]) -> String {
    const NAMED: usize = 12;
    let named = tabs.iter().take(NAMED);
    let named: Vec<_> = named.map(|tab| format!("“{}”", one_line(tab))).collect();
    match tabs.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Reads a file, away from the threads that answer requests: it may be large.
///
/// # Errors
/// It can't be read, or it can't be told what of it to read.
pub async fn read(file: File<'_>) -> Result<Sheet, ImportError> {
    if is_called_workbook(file.name) && !is_workbook(file.bytes) {
        let why = "it doesn't begin as a workbook does".to_owned();
        return Err(WorkbookError::Damaged(why).into());
    }
    let (kind, tab, bytes) = (
        file.kind,
        file.tab.map(str::to_owned),
        file.bytes.to_owned(),
    );
    let work = move || read_here(kind, tab.as_deref(), &bytes);
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => {
            tracing::warn!(%failed, "a file could not be taken apart");
            Err(ImportError::Unreadable)
        }
    }
}

fn is_called_workbook(name: Option<&str>) -> bool {
    let ending = name.and_then(|name| Path::new(name).extension());
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
}

fn read_here(kind: Option<Kind>, tab: Option<&str>, bytes: &[u8]) -> Result<Sheet, ImportError> {
    if is_workbook(bytes) {
        return read_tab(kind, tab, Workbook::open(bytes)?);
    }
    let table = read_csv(bytes)?;
    let told = kind.or_else(|| told_by(&table.headers));
    Ok(Sheet {
        kind: told.ok_or(Untold::WhichKind { tabs: vec![] })?,
        tab: None,
        tabs: vec![],
        table,
    })
}

fn read_tab(
    kind: Option<Kind>,
    wanted: Option<&str>,
    mut book: Workbook<'_>,
) -> Result<Sheet, ImportError> {
    let tabs = book.tabs().to_vec();
    let tab = match wanted {
        Some(wanted) => named(&tabs, wanted)?,
        None => fitting(kind, &mut book)?,
    };
    let table = book.read(&tab)?;
    let told = kind
        .or_else(|| meant_by(&tab))
        .or_else(|| told_by(&table.headers));
    let Some(kind) = told else {
        return Err(Untold::WhichKind { tabs }.into());
    };
    Ok(Sheet {
        kind,
        tab: Some(tab),
        tabs,
        table,
    })
}

/// The tab of that very name, or the only one that differs in case and gaps alone.
fn named(tabs: &[String], wanted: &str) -> Result<String, Untold> {
    if let Some(tab) = tabs.iter().find(|tab| *tab == wanted) {
        return Ok(tab.clone());
    }
    let same = |tab: &&String| normalise(tab) == normalise(wanted);
    let mut near = tabs.iter().filter(same);
    match (near.next(), near.next()) {
        (Some(tab), None) => Ok(tab.clone()),
        _ => Err(Untold::NoSuchTab {
            wanted: wanted.to_owned(),
            tabs: tabs.to_vec(),
        }),
    }
}

/// The only tab, or the only one whose name fits, or else the only one whose header does.
fn fitting(kind: Option<Kind>, book: &mut Workbook<'_>) -> Result<String, ImportError> {
    let tabs = book.tabs().to_vec();
    if let [only] = tabs.as_slice() {
        return Ok(only.clone());
    }
    let fits = |found: Option<Kind>| found.is_some() && (kind.is_none() || found == kind);
    let by_name: Vec<_> = tabs.iter().filter(|tab| fits(meant_by(tab))).collect();
    if let [only] = by_name.as_slice() {
        return Ok((*only).clone());
    }
    let mut by_header = Vec::new();
    if by_name.is_empty() {
        for tab in &tabs {
            if fits(told_by(&book.header(tab)?)) {
                by_header.push(tab);
            }
        }
    }
    match by_header.as_slice() {
        [only] => Ok((*only).clone()),
        _ => Err(Untold::WhichTab { tabs }.into()),
    }
}

/// What a tab of that name holds.
fn meant_by(tab: &str) -> Option<Kind> {
    match normalise(tab).as_str() {
        "central_backlog" | "centralbacklog" | "backlog" => Some(Kind::Backlog),
        "math_models" | "mathmodels" | "math_model" | "models" => Some(Kind::MathModels),
        "params" | "param" | "parameters" => Some(Kind::Params),
        _ => None,
    }
}

/// What a file with that header holds: the kind that knows most of its columns.
fn told_by(headers: &[String]) -> Option<Kind> {
    let layouts: [Layout; 3] = [backlog::layout(), math_models::layout(), params::layout()];
    let mut counts = layouts.map(|layout| (count_of_fields(&layout, headers), layout.kind));
    counts.sort_unstable();
    let [_, (second, _), (most, kind)] = counts;
    // Every kind knows the key.
    (most > second && most > 1).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::Workbook as Writer;

    const BACKLOG: &str = include_str!("../../sample/central_backlog.csv");
    const MODELS: &str = include_str!("../../sample/math_models.csv");
    const PARAMS: &str = include_str!("../../sample/params.csv");

    /// A workbook with these tabs.
    fn book(tabs: &[(&str, &str)]) -> Vec<u8> {
        let mut book = Writer::new();
        for (name, csv) in tabs {
            let sheet = book.add_worksheet();
            sheet.set_name(*name).unwrap();
            let table = read_csv(csv.as_bytes()).unwrap();
            for (column, header) in (0..).zip(&table.headers) {
                sheet.write(0, column, header.as_str()).unwrap();
            }
            for row in &table.rows {
                let number = u32::try_from(row.number).unwrap() - 1;
                for column in 0..row.width() {
                    let at = u16::try_from(column).unwrap();
                    sheet.write(number, at, row.cell(column)).unwrap();
                }
            }
        }
        book.save_to_buffer().unwrap()
    }

    fn tab_of(kind: Option<Kind>, tabs: &[(&str, &str)]) -> Result<(Kind, Option<String>), String> {
        read_here(kind, None, &book(tabs))
            .map(|sheet| (sheet.kind, sheet.tab))
            .map_err(|why| why.to_string())
    }

    #[test]
    fn the_header_tells_what_a_file_holds() {
        for (csv, kind) in [
            (BACKLOG, Kind::Backlog),
            (MODELS, Kind::MathModels),
            (PARAMS, Kind::Params),
            ("Key,Title\n", Kind::Backlog),
            ("Key,Formula\n", Kind::MathModels),
            ("ID,Framework,Parameter,Value\n", Kind::Params),
        ] {
            let sheet = read_here(None, None, csv.as_bytes()).unwrap();
            assert_eq!((sheet.kind, sheet.tab), (kind, None));
        }
        for csv in ["Key\n", "Colour,Size\n", "Key,Colour\n"] {
            let refusal = read_here(None, None, csv.as_bytes()).unwrap_err();
            assert!(refusal.to_string().starts_with("It can't be told"), "{csv}");
        }
    }

    #[test]
    fn a_tab_is_found_by_its_name_or_else_by_its_header() {
        let named = [("Notes", "a,b\n"), ("Central Backlog", BACKLOG)];
        let found = |name: &str| Some(name.to_owned());
        assert_eq!(
            tab_of(Some(Kind::Backlog), &named),
            Ok((Kind::Backlog, found("Central Backlog")))
        );
        assert_eq!(
            tab_of(None, &named),
            Ok((Kind::Backlog, found("Central Backlog")))
        );
        let unnamed = [("Sheet1", PARAMS), ("Sheet2", BACKLOG), ("Sheet3", "x\n")];
        assert_eq!(
            tab_of(Some(Kind::Params), &unnamed),
            Ok((Kind::Params, found("Sheet1")))
        );
        let only = [("Whatever", MODELS)];
        assert_eq!(
            tab_of(None, &only),
            Ok((Kind::MathModels, found("Whatever")))
        );
    }

    #[test]
    fn where_it_cant_be_told_the_tabs_are_named() {
        let two = [("Params", PARAMS), ("MathModels", MODELS)];
        let refusal = tab_of(None, &two).unwrap_err();
        assert_eq!(
            refusal,
            "It can't be told which tab to read. Name one of “Params”, “MathModels”."
        );
        assert!(tab_of(Some(Kind::Backlog), &two).is_err());
        let bytes = book(&two);
        let asked = read_here(None, Some("math models"), &bytes);
        assert!(asked.is_err(), "a gap is a difference here");
        let asked = read_here(None, Some("MATHMODELS"), &bytes).unwrap();
        assert_eq!(
            (asked.kind, asked.tab.as_deref()),
            (Kind::MathModels, Some("MathModels"))
        );
        let refusal = read_here(None, Some("Scoring"), &bytes).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "The workbook has no tab “Scoring”. Its tabs are “Params”, “MathModels”."
        );
    }

    #[test]
    fn a_workbook_gives_the_same_table_as_its_csv() {
        let from_book = read_here(None, None, &book(&[("Params", PARAMS)])).unwrap();
        let from_csv = read_csv(PARAMS.as_bytes()).unwrap();
        assert_eq!(from_book.table.headers, from_csv.headers);
        assert_eq!(from_book.table.rows.len(), from_csv.rows.len());
        for (ours, theirs) in from_book.table.rows.iter().zip(&from_csv.rows) {
            assert_eq!(ours.number, theirs.number);
            for column in 0..from_csv.headers.len() {
                assert_eq!(ours.cell(column), theirs.cell(column));
            }
        }
    }
}
