//! Where the mirror goes: a file or a tab, chosen when the app starts. What differs between them beyond reading and
//! writing: how soon after a change to run, how often to look, and who notices that people changed something.

use crate::{
    mirror::{
        google::{Google, GoogleSettings},
        grid::Cell,
        local::{Local, Watch},
        run::TargetError,
        whole_tab::{TabStanding, WholeTab},
    },
    store::mirror_state::Place,
};
use std::{path::PathBuf, time::Duration};

/// The longest text in a cell of Google's, in characters: a tenth of what Sheets takes.
const LONGEST_TEXT: usize = 5_000;

/// Where to mirror to.
#[derive(Clone, Debug)]
pub enum Destination {
    /// A CSV file.
    File(PathBuf),
    /// A tab of a spreadsheet.
    Tab {
        /// Which, and how to reach it.
        google: GoogleSettings,
        /// At least so long from one run to the next.
        interval: Duration,
        /// Nothing is compared for so long at the most.
        poll: Duration,
    },
}

impl Destination {
    /// By what it is known from before.
    pub(super) fn place(&self, is_confirmed: bool) -> Place {
        match self {
            Self::File(path) => Place {
                kind: "local",
                address: path.display().to_string(),
                tab: String::new(),
                is_confirmed: true,
            },
            Self::Tab { google, .. } => Place {
                kind: "google",
                address: google.spreadsheet_id.clone(),
                tab: google.tab.clone().unwrap_or_default(),
                is_confirmed,
            },
        }
    }

    /// When to run.
    pub(super) fn cadence(&self) -> Cadence {
        match self {
            Self::File(_) => Cadence {
                debounce: Duration::ZERO,
                interval: Duration::ZERO,
                poll: Duration::from_mins(1),
                longest_pause: Duration::from_secs(30),
            },
            Self::Tab { interval, poll, .. } => Cadence {
                debounce: Duration::from_secs(2).min(*interval),
                interval: *interval,
                poll: *poll,
                longest_pause: Duration::from_secs(64),
            },
        }
    }
}

/// When to run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cadence {
    /// How long nothing must have changed after a change: several edits make one run.
    pub(super) debounce: Duration,
    /// At least so long from the end of one run to the next.
    pub(super) interval: Duration,
    /// How long nothing is compared at the most.
    pub(super) poll: Duration,
    /// How long to wait at the most after failures.
    pub(super) longest_pause: Duration,
}

/// The target at work.
#[derive(Debug)]
pub(super) enum Sheet {
    File(Local),
    // A client with its tokens is large.
    Tab(Box<Google>),
}

impl Sheet {
    /// The target, which isn't asked yet.
    pub(super) async fn at(to: &Destination, sheet_id: Option<i32>) -> Result<Self, TargetError> {
        match to {
            Destination::File(path) => Ok(Self::File(Local::new(path.clone()))),
            Destination::Tab { google, .. } => {
                let tab = Google::new(google.clone(), sheet_id).await;
                let tab = tab.map_err(|why| TargetError::failed(format!("Google {why}.")))?;
                Ok(Self::Tab(Box::new(tab)))
            }
        }
    }

    /// How the sheet stands to what was read of it last, where that can be told without reading.
    pub(super) fn watch(&mut self) -> Watch {
        match self {
            Self::File(file) => file.watch(),
            Self::Tab(_) => Watch::Same,
        }
    }

    /// The tab's number and title as last seen, and with whom it is to be shared.
    pub(super) fn found(&self) -> Option<((Option<i32>, String), String)> {
        let Self::Tab(tab) = self else { return None };
        let title = tab.title().unwrap_or_default().to_owned();
        Some(((tab.sheet_id(), title), tab.account().to_owned()))
    }

    /// How often Google was asked so far, reads and writes; a file asks nobody.
    pub(super) fn calls(&self) -> (u32, u32) {
        match self {
            Self::File(_) => (0, 0),
            Self::Tab(tab) => {
                let calls = tab.calls();
                (calls.reads, calls.writes)
            }
        }
    }

    /// Says what tabs of the app's own shall hold.
    pub(super) fn want_tabs(&mut self, tabs: Vec<WholeTab>) {
        let fit = |tab: WholeTab| {
            let rows = tab.rows.into_iter();
            let rows = rows.map(|row| row.into_iter().map(|cell| self.fit(cell)).collect());
            WholeTab {
                rows: rows.collect(),
                ..tab
            }
        };
        let tabs = tabs.into_iter().map(fit).collect();
        match self {
            Self::File(file) => file.want_tabs(tabs),
            Self::Tab(tab) => tab.want_tabs(tabs),
        }
    }

    /// How the tabs of the app's own stand.
    pub(super) fn tabs(&self) -> Vec<TabStanding> {
        match self {
            Self::File(file) => file.tabs(),
            Self::Tab(tab) => tab.tabs(),
        }
    }

    /// Lets the next write set formats and protections anew; a file has none.
    pub(super) fn renew_formats(&mut self) {
        if let Self::Tab(tab) = self {
            tab.renew_formats();
        }
    }

    /// Whether formats still wait to be set anew.
    pub(super) fn renews_formats(&self) -> bool {
        matches!(self, Self::Tab(tab) if tab.renews_formats())
    }

    /// Whether it stops before what looks like a mistake: a file is the app's own.
    pub(super) fn has_breakers(&self) -> bool {
        matches!(self, Self::Tab(_))
    }

    /// A text as the target takes it.
    pub(super) fn fit(&self, cell: Cell) -> Cell {
        match (self, cell) {
            (Self::Tab(_), Cell::Text(text)) if text.len() > LONGEST_TEXT => {
                let mut cut: String = text.chars().take(LONGEST_TEXT - 1).collect();
                if cut.len() < text.len() {
                    cut.push('…');
                }
                Cell::Text(cut)
            }
            (_, cell) => cell,
        }
    }
}
