//! What is asked of Google: which tabs there are, what stands in them, and the one write. Each call has a deadline, and is
//! counted.

use super::{
    Google, SCOPE, SHEET_FIELDS, Seen,
    trouble::{self, RetryAfter, Trouble},
    whole_tabs,
};
use crate::mirror::grid::Grid;
use google_sheets4::api::{BatchUpdateSpreadsheetRequest, Request, Spreadsheet};

impl Google {
    /// Finds the backlog's tab by its title or number, once, and with it those of the app's own.
    async fn find_tabs(&mut self) -> Result<i32, Trouble> {
        if let Some(id) = self.sheet_id.filter(|_| !self.own.needs_list()) {
            return Ok(id);
        }
        let all = self.list_tabs().await?;
        self.own.learn(&all);
        if let Some(id) = self.sheet_id {
            return Ok(id);
        }
        let wanted = self.settings.tab.as_deref();
        let mut tabs = all.into_iter();
        let found = tabs.find(|(id, title)| {
            wanted.is_none_or(|wanted| wanted == title || wanted == id.to_string())
        });
        let (id, _) = found.ok_or_else(|| Trouble::no_tab(wanted.unwrap_or_default()))?;
        self.sheet_id = Some(id);
        Ok(id)
    }

    /// All tabs by number and title.
    async fn list_tabs(&mut self) -> Result<Vec<(i32, String)>, Trouble> {
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
        let tabs = tabs.filter_map(|sheet| {
            let properties = sheet.properties?;
            let id = properties.sheet_id.unwrap_or(0);
            Some((id, properties.title.unwrap_or_default()))
        });
        Ok(tabs.collect())
    }

    /// Reads; if one of the app's own tabs isn't there any more, finds out which.
    pub(super) async fn ask(&mut self) -> Result<Grid, Trouble> {
        let answer = self.ask_once().await;
        if matches!(answer, Err(Trouble::Gone)) && !self.own.numbers().is_empty() {
            self.own.forget();
            return self.ask_once().await;
        }
        answer
    }

    async fn ask_once(&mut self) -> Result<Grid, Trouble> {
        let sheet_id = self.find_tabs().await?;
        self.calls.reads += 1;
        let request = whole_tabs([sheet_id].into_iter().chain(self.own.numbers()));
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

    /// Writes, and makes tabs of these titles by that; with a new token, if the one at hand isn't good any more.
    pub(super) async fn tell(
        &mut self,
        requests: Vec<Request>,
        makes: &[String],
    ) -> Result<Grid, Trouble> {
        let answer = self.tell_once(requests.clone(), makes).await;
        if self.renews_token(&answer) {
            return self.tell_once(requests, makes).await;
        }
        answer
    }

    async fn tell_once(
        &mut self,
        requests: Vec<Request>,
        makes: &[String],
    ) -> Result<Grid, Trouble> {
        self.calls.writes += 1;
        let titles = [self.title().unwrap_or_default().to_owned()];
        let titles = titles.into_iter().chain(self.own.titles());
        let ranges = titles
            .chain(makes.iter().cloned())
            .map(|title| format!("'{}'", title.replace('\'', "''")));
        let request = BatchUpdateSpreadsheetRequest {
            requests: Some(requests),
            include_spreadsheet_in_response: Some(true),
            response_ranges: Some(ranges.collect()),
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

    /// Keeps what stands around the cells, and gives those of the backlog.
    fn look_at(&mut self, spreadsheet: Spreadsheet) -> Result<Grid, Trouble> {
        let mut backlog = None;
        for sheet in spreadsheet.sheets.unwrap_or_default() {
            let (number, seen, grid) = Seen::of(sheet);
            if Some(number) == self.sheet_id {
                self.seen = Some(seen);
                backlog = Some(grid);
            } else {
                self.own.keep(number, seen, grid);
            }
        }
        backlog.ok_or(Trouble::Gone)
    }

    /// Whether to ask again with a new token, since the one at hand isn't good any more.
    pub(super) fn renews_token<T>(&self, answer: &Result<T, Trouble>) -> bool {
        let is_stale = matches!(answer, Err(Trouble::Unauthorised(_)));
        if is_stale {
            self.tokens.renew();
        }
        is_stale
    }
}
