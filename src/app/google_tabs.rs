//! The way from imports to Google's spreadsheets: by the mirror's service account, which may read what is shared with it.

use super::SHEETS_DEADLINE;
use crate::{
    config::Config,
    imports::google_tab::{ReadTab, Reading, Tabs, Wanted},
    mirror::google::{self, GoogleSettings, Protection},
};

/// The way, where a service account is configured; where no tab is named, the mirror's is meant, if there is one.
#[must_use]
pub fn tabs(config: &Config) -> Option<Tabs> {
    let access = config.google.as_ref()?;
    let key = access.key.reveal().to_owned();
    let account = google::account(&key).ok()?;
    let usual = config.sheets.as_ref().map(|sheets| Wanted {
        spreadsheet_id: sheets.spreadsheet_id.clone(),
        tab: sheets.tab.clone(),
    });
    let base_url = access.base_url.clone();
    Some(Tabs::new(usual, account, move |wanted| {
        reading(GoogleSettings {
            spreadsheet_id: wanted.spreadsheet_id,
            tab: wanted.tab,
            key: key.clone(),
            base_url: base_url.clone(),
            deadline: SHEETS_DEADLINE,
            protection: Protection::default(),
        })
    }))
}

fn reading(settings: GoogleSettings) -> Reading {
    Box::pin(async move {
        let read = google::read_tab(&settings).await?;
        Ok(ReadTab {
            spreadsheet: read.spreadsheet,
            title: read.title,
            sheet_id: read.sheet_id,
            rows: read.rows,
        })
    })
}
