//! A tab of a Google spreadsheet: one typed read, one write that is applied as a whole and answers with the sheet as it
//! is afterwards. The tab is known by its number, so that people may rename it. Values go in typed, never as if somebody
//! typed them, so that Sheets computes nothing of ours.
//!
//! `access` is the way in (TLS, the service account's tokens), `calls` what is asked, `cells` cells on the wire,
//! `own_tabs` tabs that are the app's as a whole, `protect` what is put around our columns, `reading` what an import
//! reads, `trouble` what an error means.

mod access;
mod calls;
mod cells;
mod own_tabs;
mod protect;
mod reading;
mod trouble;

use super::{
    grid::Grid,
    layout::Layout,
    plan::Plan,
    run::{Target, TargetError, Upkeep},
    whole_tab::{TabStanding, WholeTab},
};
use access::{Connector, Tokens};
use google_sheets4::{
    Sheets,
    api::{
        AppendDimensionRequest, DataFilter, GetSpreadsheetByDataFilterRequest, GridRange,
        ProtectedRange, Request, Sheet,
    },
};
use own_tabs::OwnTabs;
use protect::Keeper;
use std::{fmt, time::Duration};
use trouble::Trouble;

pub use access::{AccessError, account, check};
pub use reading::{ReadTab, read_tab};

/// All that the service account may: spreadsheets shared with it.
const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets";
/// What a read asks for, of each sheet.
const SHEET_FIELDS: &str = "properties(sheetId,title,gridProperties(rowCount,columnCount)),\
    protectedRanges(protectedRangeId,range,description,warningOnly,editors(users,groups)),\
    data(startRow,startColumn,rowData(values(userEnteredValue)))";
/// Google recommends at most 2 MB a request.
const LARGEST_WRITE: usize = 1_400_000;
/// Between the parts of what is too large for one write.
const BETWEEN_PARTS: Duration = Duration::from_secs(2);

/// Asks for all of these tabs by their numbers, which stay when they are renamed.
fn whole_tabs(numbers: impl IntoIterator<Item = i32>) -> GetSpreadsheetByDataFilterRequest {
    let all = numbers.into_iter().map(|number| DataFilter {
        grid_range: Some(GridRange {
            sheet_id: Some(number),
            ..GridRange::default()
        }),
        ..DataFilter::default()
    });
    GetSpreadsheetByDataFilterRequest {
        data_filters: Some(all.collect()),
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
    /// What is put around the app's columns.
    pub protection: Protection,
}

/// What is put around the app's columns: a warning, unless they are closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Whether nobody else can edit them. That also keeps people from inserting and sorting rows.
    pub is_hard: bool,
    /// Groups of people, by their address, who can edit what is closed, beside the app and the spreadsheet's owner.
    pub groups: Vec<String>,
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
    /// Whether the next write sets all formats anew.
    renews_formats: bool,
    own: OwnTabs,
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

impl Seen {
    /// A tab of an answer: its number, what stands around its cells, and these.
    fn of(sheet: Sheet) -> (i32, Self, Grid) {
        let properties = sheet.properties.unwrap_or_default();
        let size = properties.grid_properties.unwrap_or_default();
        let count = |n: Option<i32>| usize::try_from(n.unwrap_or(0)).unwrap_or(0);
        let grid = cells::grid(sheet.data.unwrap_or_default());
        let seen = Self {
            title: properties.title.unwrap_or_default(),
            rows: count(size.row_count),
            columns: count(size.column_count),
            protected: sheet.protected_ranges.unwrap_or_default(),
            height: grid.rows.len(),
        };
        // Google leaves a number 0 out.
        (properties.sheet_id.unwrap_or(0), seen, grid)
    }
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
            renews_formats: false,
            own: OwnTabs::default(),
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

    /// Says what tabs of the app's own shall hold from the next run on.
    pub fn want_tabs(&mut self, wanted: Vec<WholeTab>) {
        self.own.want(wanted);
    }

    /// How the tabs of the app's own stand.
    #[must_use]
    pub fn tabs(&self) -> Vec<TabStanding> {
        self.own.standing()
    }

    /// Lets the next write set the formats of all of our columns anew. Protections are put right with every write.
    pub fn renew_formats(&mut self) {
        self.renews_formats = true;
    }

    /// Whether formats still wait to be set anew.
    #[must_use]
    pub fn renews_formats(&self) -> bool {
        self.renews_formats
    }

    fn keeper(&self) -> Keeper<'_> {
        Keeper {
            account: self.account(),
            protection: &self.settings.protection,
        }
    }

    /// What it asked of Google so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.calls
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
        let care = protect::requests(sheet_id, layout, &seen.protected, &self.keeper());
        let formats = self
            .renews_formats
            .then(|| protect::formats(sheet_id, layout));
        rows.into_iter()
            .chain(columns)
            .chain(cells)
            .chain(care)
            .chain(formats.into_iter().flatten())
            .collect()
    }

    /// Whether protections aren't in order, or formats are to be set anew.
    fn lacks_care(&self, layout: &Layout) -> bool {
        let is_lacking = |seen: &Seen| {
            seen.height > layout.header_row
                && (self.renews_formats
                    || !protect::is_in_order(layout, &seen.protected, &self.keeper()))
        };
        self.seen.as_ref().is_some_and(is_lacking)
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
        let room = LARGEST_WRITE.saturating_sub(plan.size());
        let tabs = self.own.requests(room, &self.keeper());
        if (plan.size() + tabs.size) * 2 > LARGEST_WRITE && self.calls.writes > 0 {
            tokio::time::sleep(BETWEEN_PARTS).await;
        }
        let ours = self.requests(plan, layout);
        let has_tabs = !tabs.requests.is_empty();
        let all = [ours.clone(), tabs.requests].concat();
        let mut answer = self.tell(all, &tabs.makes).await;
        if let (true, Err(Trouble::Refused(_) | Trouble::Gone)) = (has_tabs, &answer) {
            // It may be for their sake, which is no reason to leave the backlog as it is.
            self.own.refuse(trouble::words(&answer));
            answer = if ours.is_empty() {
                self.ask().await
            } else {
                self.tell(ours, &[]).await
            };
        }
        if matches!(answer, Err(Trouble::Unclear(_))) && !tabs.makes.is_empty() {
            // They may have been made.
            self.own.forget();
        }
        if answer.is_ok() {
            self.renews_formats = false;
            self.is_upkeep_vain = self.lacks_care(layout);
            if !tabs.is_part && !self.own.requests(room, &self.keeper()).requests.is_empty() {
                self.own.give_up();
            }
        }
        answer.map_err(|trouble| trouble.for_target(self.account()))
    }

    fn upkeep(&self, layout: &Layout, room: usize) -> Upkeep {
        let tabs = self.own.requests(room, &self.keeper());
        let lacks_care = !self.is_upkeep_vain && self.lacks_care(layout);
        Upkeep {
            is_needed: lacks_care || !tabs.requests.is_empty(),
            cells: tabs.cells,
            is_part: tabs.is_part,
        }
    }
}
