//! A tab as an import reads it: what each cell comes to, a formula as its result, a date as a date. Two calls, with a
//! token that can change nothing.

use super::{
    GoogleSettings,
    access::{self, Connector},
    trouble::{self, RetryAfter, Trouble},
    whole_tabs,
};
use crate::mirror::grid::Cell;
use chrono::{Days, NaiveDate, NaiveTime};
use google_sheets4::{
    Sheets,
    api::{CellData, ErrorValue, GridData, SheetProperties},
};

/// Reading and nothing else.
const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets.readonly";
/// The most cells that a tab may have room for.
const MOST_CELLS: i64 = 4_000_000;
/// A sheet shows so many digits of what it computes; what lies beyond is how computers reckon.
const DIGITS: usize = 15;

/// A tab as it was at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadTab {
    /// What the spreadsheet is called.
    pub spreadsheet: String,
    /// What the tab is called.
    pub title: String,
    /// Its number, which stays when it is renamed.
    pub sheet_id: i32,
    /// Its rows from the first on, each as long as it has cells.
    pub rows: Vec<Vec<String>>,
}

/// Reads the tab that the settings name by title or number; none named: the first.
///
/// # Errors
/// It can't be read, in words for whoever asked, with what to do.
pub async fn read_tab(settings: &GoogleSettings) -> Result<ReadTab, String> {
    let opened = access::open(&settings.key, settings.base_url.as_deref()).await;
    let (hub, tokens) = opened.map_err(|why| format!("The service account’s key {why}."))?;
    let done = async {
        let (spreadsheet, tab) = find(&hub, settings).await?;
        let sheet_id = tab.sheet_id.unwrap_or(0);
        Ok(ReadTab {
            spreadsheet,
            title: tab.title.unwrap_or_default(),
            sheet_id,
            rows: cells(&hub, settings, sheet_id).await?,
        })
    };
    let done: Result<_, Trouble> = done.await;
    done.map_err(|trouble| trouble.for_reader(tokens.account()))
}

/// The spreadsheet's title, and the tab.
async fn find(
    hub: &Sheets<Connector>,
    settings: &GoogleSettings,
) -> Result<(String, SheetProperties), Trouble> {
    let mut heard = RetryAfter::default();
    let call = hub.spreadsheets().get(&settings.spreadsheet_id);
    let call = call
        .delegate(&mut heard)
        .add_scope(SCOPE)
        .param(
            "fields",
            "properties(title),sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)))",
        )
        .param("prettyPrint", "false");
    let answer = trouble::in_time(settings.deadline, call.doit()).await;
    let answer = trouble::told(answer, &heard)?;
    let title = answer.properties.and_then(|properties| properties.title);
    let sheets = answer.sheets.unwrap_or_default().into_iter();
    let tabs: Vec<_> = sheets.filter_map(|sheet| sheet.properties).collect();
    let named = |tab: &&SheetProperties, wanted: &str| {
        tab.title.as_deref() == Some(wanted) || tab.sheet_id.unwrap_or(0).to_string() == wanted
    };
    let found = match settings.tab.as_deref() {
        None => tabs.first(),
        Some(wanted) => tabs.iter().find(|tab| named(tab, wanted)),
    };
    let Some(tab) = found.cloned() else {
        let titles = tabs.iter().filter_map(|tab| tab.title.as_deref());
        let titles: Vec<_> = titles.map(|title| format!("“{title}”")).collect();
        return Err(Trouble::Refused(format!(
            "The spreadsheet has no tab “{}”. Its tabs are {}.",
            settings.tab.as_deref().unwrap_or_default(),
            titles.join(", ")
        )));
    };
    let size = tab.grid_properties.clone().unwrap_or_default();
    let count = |n: Option<i32>| i64::from(n.unwrap_or(0));
    if count(size.row_count) * count(size.column_count) > MOST_CELLS {
        return Err(Trouble::Refused(format!(
            "The tab has room for more than {MOST_CELLS} cells, which is more than this app reads. Delete its empty rows \
             and columns, or import it as a file."
        )));
    }
    Ok((title.unwrap_or_default(), tab))
}

async fn cells(
    hub: &Sheets<Connector>,
    settings: &GoogleSettings,
    sheet_id: i32,
) -> Result<Vec<Vec<String>>, Trouble> {
    let request = whole_tabs([sheet_id]);
    let mut heard = RetryAfter::default();
    let spreadsheets = hub.spreadsheets();
    let call = spreadsheets
        .get_by_data_filter(request, &settings.spreadsheet_id)
        .delegate(&mut heard)
        .add_scope(SCOPE)
        .param(
            "fields",
            "sheets(properties(sheetId),data(startRow,startColumn,rowData(values(effectiveValue,\
             effectiveFormat(numberFormat(type))))))",
        )
        .param("prettyPrint", "false");
    let answer = trouble::in_time(settings.deadline, call.doit()).await;
    let answer = trouble::told(answer, &heard)?;
    let mut sheets = answer.sheets.unwrap_or_default().into_iter();
    let is_it = |properties: &SheetProperties| properties.sheet_id.unwrap_or(0) == sheet_id;
    let sheet = sheets.find(|sheet| sheet.properties.as_ref().is_some_and(is_it));
    let sheet = sheet.ok_or(Trouble::Gone)?;
    Ok(texts(sheet.data.unwrap_or_default()))
}

/// The cells of an answer, each at its place.
fn texts(data: Vec<GridData>) -> Vec<Vec<String>> {
    let place = |n: Option<i32>| usize::try_from(n.unwrap_or(0)).unwrap_or(0);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for part in data {
        let (top, left) = (place(part.start_row), place(part.start_column));
        for (at, row) in part.row_data.unwrap_or_default().into_iter().enumerate() {
            let cells = row.values.unwrap_or_default().into_iter().map(text);
            let at = top + at;
            if rows.len() <= at {
                rows.resize_with(at + 1, Vec::new);
            }
            let there = &mut rows[at];
            there.resize(left.max(there.len()), String::new());
            there.splice(left.., cells);
        }
    }
    let last = rows
        .iter()
        .rposition(|row| row.iter().any(|cell| !cell.is_empty()));
    rows.truncate(last.map_or(0, |last| last + 1));
    rows
}

/// What a person takes the cell for. A percentage is the fraction that stands behind it.
fn text(cell: CellData) -> String {
    let Some(value) = cell.effective_value else {
        return String::new();
    };
    if let Some(error) = value.error_value {
        return error_text(&error).to_owned();
    }
    let format = cell
        .effective_format
        .and_then(|format| format.number_format);
    let kind = format.and_then(|format| format.type_).unwrap_or_default();
    match (value.number_value, value.bool_value) {
        (Some(number), _) => moment(number, &kind).unwrap_or_else(|| digits(number)),
        (None, Some(ticked)) => Cell::Bool(ticked).text().into_owned(),
        (None, None) => value.string_value.unwrap_or_default(),
    }
}

fn digits(number: f64) -> String {
    let rounded = format!("{number:.*e}", DIGITS - 1).parse();
    Cell::Number(rounded.unwrap_or(number)).text().into_owned()
}

/// A number that is shown as a day, a time or both; none: it isn't.
fn moment(number: f64, kind: &str) -> Option<String> {
    const SECONDS_OF_A_DAY: f64 = 86_400.0;
    if !matches!(kind, "DATE" | "DATE_TIME" | "TIME") || !(0.0..3_000_000.0).contains(&number) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the bounds above"
    )]
    let (days, seconds) = (
        number.floor() as u64,
        (number.fract() * SECONDS_OF_A_DAY).round() as u32,
    );
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))?;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds.min(86_399), 0)?;
    Some(match kind {
        "DATE" => day.to_string(),
        "TIME" => time.to_string(),
        _ => format!("{day} {time}"),
    })
}

/// As a sheet shows it.
fn error_text(error: &ErrorValue) -> &'static str {
    match error.type_.as_deref().unwrap_or_default() {
        "DIVIDE_BY_ZERO" => "#DIV/0!",
        "N_A" => "#N/A",
        "NAME" => "#NAME?",
        "NULL_VALUE" => "#NULL!",
        "NUM" => "#NUM!",
        "REF" => "#REF!",
        "VALUE" => "#VALUE!",
        _ => "#ERROR!",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(cell: serde_json::Value) -> String {
        text(serde_json::from_value(cell).unwrap())
    }

    #[test]
    fn a_cell_is_what_a_person_takes_it_for() {
        let number = |value: f64, kind: &str| {
            of(json!({
                "effectiveValue": { "numberValue": value },
                "effectiveFormat": { "numberFormat": { "type": kind } },
            }))
        };
        assert_eq!(number(0.04, "PERCENT"), "0.04");
        assert_eq!(number(0.1 + 0.2, "NUMBER"), "0.3");
        assert_eq!(number(3840.0, ""), "3840");
        assert_eq!(number(46_000.0, "DATE"), "2025-12-09");
        assert_eq!(number(46_000.75, "DATE_TIME"), "2025-12-09 18:00:00");
        assert_eq!(number(0.5, "TIME"), "12:00:00");
        assert_eq!(number(-1.0, "DATE"), "-1");
        assert_eq!(
            of(json!({ "effectiveValue": { "boolValue": true } })),
            "TRUE"
        );
        assert_eq!(
            of(json!({ "effectiveValue": { "stringValue": "=1+1" } })),
            "=1+1"
        );
        for (kind, shown) in [("DIVIDE_BY_ZERO", "#DIV/0!"), ("LOADING", "#ERROR!")] {
            let error = json!({ "effectiveValue": { "errorValue": { "type": kind } } });
            assert_eq!(of(error), shown);
        }
        assert_eq!(of(json!({})), "");
    }

    #[test]
    fn cells_stand_where_the_answer_puts_them_and_empty_rows_at_the_end_are_none() {
        let part = |row, column, values: &[&str]| -> GridData {
            let cells = values
                .iter()
                .map(|text| json!({ "effectiveValue": { "stringValue": text } }));
            let rows = json!([{ "values": cells.collect::<Vec<_>>() }, {}]);
            serde_json::from_value(
                json!({ "startRow": row, "startColumn": column, "rowData": rows }),
            )
            .unwrap()
        };
        let rows = texts(vec![part(0, 0, &["a"]), part(2, 1, &["b", "c"])]);
        assert_eq!(rows, [vec!["a"], vec![], vec!["", "b", "c"]]);
    }
}
