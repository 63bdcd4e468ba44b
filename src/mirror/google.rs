//! A tab of a Google spreadsheet: one typed read, one write that is applied as a whole and answers with the sheet as it
//! is afterwards. The tab is known by its number, so that people may rename it. Values go in typed, never as if somebody
//! typed them, so that Sheets computes nothing of ours.
//!
//! `access` is the way in (TLS, the service account's tokens), `cells` cells on the wire, `protect` what is put around
//! our columns, `reading` what an import reads, `trouble` what an error means.

mod access;
mod cells;
mod protect;
mod reading;
mod trouble;

use super::{
    grid::Grid,
    layout::Layout,
    plan::Plan,
    run::{Target, TargetError},
};
use access::{Connector, Tokens};
use google_sheets4::{
    Sheets,
    api::{
        AppendDimensionRequest, BatchUpdateSpreadsheetRequest, DataFilter,
        GetSpreadsheetByDataFilterRequest, GridRange, ProtectedRange, Request, Sheet, Spreadsheet,
    },
};
use std::{fmt, time::Duration};
use trouble::{RetryAfter, Trouble};

pub use access::{AccessError, account, check};
pub use reading::{ReadTab, read_tab};

/// All that the service account may: spreadsheets shared with it.
const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets";
/// What a read asks for, of each sheet.
const SHEET_FIELDS: &str = "properties(sheetId,title,gridProperties(rowCount,columnCount)),\
    protectedRanges(protectedRangeId,range,description,warningOnly,editors(users)),\
    data(startRow,startColumn,rowData(values(userEnteredValue)))";
/// Google recommends at most 2 MB a request.
const LARGEST_WRITE: usize = 1_400_000;
/// Between the parts of what is too large for one write.
const BETWEEN_PARTS: Duration = Duration::from_secs(2);

/// Asks for all of a tab by its number, which stays when it is renamed.
fn whole_tab(sheet_id: i32) -> GetSpreadsheetByDataFilterRequest {
    let all = DataFilter {
        grid_range: Some(GridRange {
            sheet_id: Some(sheet_id),
            ..GridRange::default()
        }),
        ..DataFilter::default()
    };
    GetSpreadsheetByDataFilterRequest {
        data_filters: Some(vec![all]),
        ..GetSpreadsheetByDataFilterRequest::default()
    }
}

/// What is needed to reach a tab.
#[derive(Clone)]
pub struct GoogleSettings {
    /// The spreadsheet, as its address names it.
    pub spreadsheet_id: String,
    /// The tab's title or number; none: the first.
    pub tab: Option<String>,
    /// The service account's key, as Google gives it out (JSON).
    pub key: String,
    /// Where the service is, if it isn't Google's; plain http only on this machine.
    pub base_url: Option<String>,
    /// How long an answer may take.
    pub deadline: Duration,
}

impl fmt::Debug for GoogleSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("GoogleSettings");
        shown.field("spreadsheet_id", &self.spreadsheet_id);
        shown.field("tab", &self.tab).finish_non_exhaustive()
    }
}

/// A tab.
pub struct Google {
    hub: Sheets<Connector>,
    tokens: Tokens,
    settings: GoogleSettings,
    /// The tab's number, once known.
    sheet_id: Option<i32>,
    seen: Option<Seen>,
    /// Whether protections couldn't be brought in order; then they are left to the next write.
    is_upkeep_vain: bool,
    calls: Calls,
}

/// Requests that went out, of whatever outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Reads.
    pub reads: u32,
    /// Writes.
    pub writes: u32,
}

/// The tab beside its cells, as it was at the last answer.
#[derive(Clone, Debug, Default)]
struct Seen {
    title: String,
    rows: usize,
    columns: usize,
    protected: Vec<ProtectedRange>,
    /// How many rows have cells.
    height: usize,
}

impl fmt::Debug for Google {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Google")
            .field("settings", &self.settings)
            .field("sheet_id", &self.sheet_id)
            .finish_non_exhaustive()
    }
}

impl Google {
    /// The way to a tab, which isn't asked yet; with its number if that is known from before.
    ///
    /// # Errors
    /// The key or the address can't be used.
    pub async fn new(settings: GoogleSettings, sheet_id: Option<i32>) -> Result<Self, AccessError> {
        let (hub, tokens) = access::open(&settings.key, settings.base_url.as_deref()).await?;
        Ok(Self {
            hub,
            tokens,
            settings,
            sheet_id,
            seen: None,
            is_upkeep_vain: false,
            calls: Calls::default(),
        })
    }

    /// The tab's number, once it was found.
    #[must_use]
    pub fn sheet_id(&self) -> Option<i32> {
        self.sheet_id
    }

    /// The tab's title at the last look.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        Some(&self.seen.as_ref()?.title)
    }

    /// With whom the spreadsheet is to be shared.
    #[must_use]
    pub fn account(&self) -> &str {
        self.tokens.account()
    }

    /// What it asked of Google so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.calls
    }

    /// Finds the tab by its title or number, once.
    async fn find_tab(&mut self) -> Result<i32, Trouble> {
        if let Some(id) = self.sheet_id {
            return Ok(id);
        }
        self.calls.reads += 1;
        let id = self.settings.spreadsheet_id.clone();
        let mut heard = RetryAfter::default();
        let call = self.hub.spreadsheets().get(&id).delegate(&mut heard);
        let call = call
            .add_scope(SCOPE)
            .param("fields", "sheets(properties(sheetId,title))")
            .param("prettyPrint", "false");
        let answer = trouble::in_time(self.settings.deadline, call.doit()).await;
        let answer = trouble::told(answer, &heard)?;
        let tabs = answer.sheets.unwrap_or_default().into_iter();
        let mut tabs = tabs.filter_map(|sheet| {
            let properties = sheet.properties?;
            let id = properties.sheet_id.unwrap_or(0);
            Some((id, properties.title.unwrap_or_default()))
        });
        let wanted = self.settings.tab.as_deref();
        let found = tabs.find(|(id, title)| {
            wanted.is_none_or(|wanted| wanted == title || wanted == id.to_string())
        });
        let (id, _) = found.ok_or_else(|| Trouble::no_tab(wanted.unwrap_or_default()))?;
        self.sheet_id = Some(id);
        Ok(id)
    }

    async fn ask(&mut self) -> Result<Grid, Trouble> {
        let sheet_id = self.find_tab().await?;
        self.calls.reads += 1;
        let request = whole_tab(sheet_id);
        let id = self.settings.spreadsheet_id.clone();
        let mut heard = RetryAfter::default();
        let spreadsheets = self.hub.spreadsheets();
        let call = spreadsheets
            .get_by_data_filter(request, &id)
            .delegate(&mut heard)
            .add_scope(SCOPE)
            .param("fields", &format!("sheets({SHEET_FIELDS})"))
            .param("prettyPrint", "false");
        let answer = trouble::in_time(self.settings.deadline, call.doit()).await;
        let answer = trouble::told(answer, &heard)?;
        let grid = self.look_at(answer)?;
        self.is_upkeep_vain = false;
        Ok(grid)
    }

    async fn tell(&mut self, requests: Vec<Request>) -> Result<Grid, Trouble> {
        self.calls.writes += 1;
        let title = self.title().unwrap_or_default().replace('\'', "''");
        let request = BatchUpdateSpreadsheetRequest {
            requests: Some(requests),
            include_spreadsheet_in_response: Some(true),
            response_ranges: Some(vec![format!("'{title}'")]),
            response_include_grid_data: None,
        };
        let id = self.settings.spreadsheet_id.clone();
        let mut heard = RetryAfter::default();
        let spreadsheets = self.hub.spreadsheets();
        let call = spreadsheets
            .batch_update(request, &id)
            .delegate(&mut heard)
            .add_scope(SCOPE)
            .param(
                "fields",
                &format!("updatedSpreadsheet(sheets({SHEET_FIELDS}))"),
            )
            .param("prettyPrint", "false");
        let answer = trouble::in_time(self.settings.deadline, call.doit()).await;
        let answer = trouble::told(answer, &heard)?;
        // Another tab may have the name by now: then the answer doesn't show ours.
        let sheet = answer.updated_spreadsheet.ok_or(Trouble::Unclear(
            "Google’s answer doesn’t show the sheet.".to_owned(),
        ))?;
        self.look_at(sheet).map_err(Trouble::into_unclear)
    }

    /// Keeps what stands around the cells, and gives these.
    fn look_at(&mut self, spreadsheet: Spreadsheet) -> Result<Grid, Trouble> {
        let ours = |sheet: &Sheet| {
            let properties = sheet.properties.as_ref();
            // Google leaves a number 0 out.
            properties.map(|properties| properties.sheet_id.unwrap_or(0)) == self.sheet_id
        };
        let sheets = spreadsheet.sheets.unwrap_or_default();
        let sheet = sheets
            .into_iter()
            .find(ours)
            .ok_or_else(Trouble::tab_gone)?;
        let properties = sheet.properties.unwrap_or_default();
        let size = properties.grid_properties.unwrap_or_default();
        let count = |n: Option<i32>| usize::try_from(n.unwrap_or(0)).unwrap_or(0);
        let grid = cells::grid(sheet.data.unwrap_or_default());
        self.seen = Some(Seen {
            title: properties.title.unwrap_or_default(),
            rows: count(size.row_count),
            columns: count(size.column_count),
            protected: sheet.protected_ranges.unwrap_or_default(),
            height: grid.rows.len(),
        });
        Ok(grid)
    }

    /// Whether to ask again with a new token, since the one at hand isn't good any more.
    fn renews_token<T>(&self, answer: &Result<T, Trouble>) -> bool {
        let is_stale = matches!(answer, Err(Trouble::Unauthorised(_)));
        if is_stale {
            self.tokens.renew();
        }
        is_stale
    }

    /// What the plan takes: room, cells, and whatever of protections and formats isn't in order.
    fn requests(&self, plan: &Plan, layout: &Layout) -> Vec<Request> {
        let (Some(sheet_id), Some(seen)) = (self.sheet_id, &self.seen) else {
            return Vec::new();
        };
        let grow = |dimension: &str, has: usize, needs: usize| {
            let more = needs.checked_sub(has).filter(|more| *more > 0)?;
            Some(Request {
                append_dimension: Some(AppendDimensionRequest {
                    dimension: Some(dimension.to_owned()),
                    length: i32::try_from(more).ok(),
                    sheet_id: Some(sheet_id),
                }),
                ..Request::default()
            })
        };
        let width = plan.runs.iter().map(|run| run.column + run.cells.len());
        let width = width.max().unwrap_or(0);
        let rows = grow("ROWS", seen.rows, plan.rows());
        let columns = grow("COLUMNS", seen.columns, width);
        let cells = cells::requests(sheet_id, plan);
        let care = protect::requests(sheet_id, layout, &seen.protected, self.account());
        rows.into_iter()
            .chain(columns)
            .chain(cells)
            .chain(care)
            .collect()
    }
}

impl Target for Google {
    const IS_CONDITIONAL: bool = false;
    const LARGEST_WRITE: usize = LARGEST_WRITE;

    async fn read(&mut self) -> Result<Grid, TargetError> {
        let mut answer = self.ask().await;
        if self.renews_token(&answer) {
            answer = self.ask().await;
        }
        answer.map_err(|trouble| trouble.for_target(self.account()))
    }

    async fn write(&mut self, plan: &Plan, layout: &Layout) -> Result<Grid, TargetError> {
        if plan.size() * 2 > LARGEST_WRITE && self.calls.writes > 0 {
            tokio::time::sleep(BETWEEN_PARTS).await;
        }
        let requests = self.requests(plan, layout);
        let mut answer = self.tell(requests.clone()).await;
        if self.renews_token(&answer) {
            answer = self.tell(requests).await;
        }
        self.is_upkeep_vain = answer.is_ok() && self.needs_upkeep(layout);
        answer.map_err(|trouble| trouble.for_target(self.account()))
    }

    fn needs_upkeep(&self, layout: &Layout) -> bool {
        let is_missing = |seen: &Seen| {
            seen.height > layout.header_row
                && !protect::is_in_order(layout, &seen.protected, self.account())
        };
        !self.is_upkeep_vain && self.seen.as_ref().is_some_and(is_missing)
    }
}
