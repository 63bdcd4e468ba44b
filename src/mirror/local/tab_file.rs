//! The file of a tab that is the app's as a whole, beside the backlog's.

use super::Stamp;
use crate::mirror::{
    csv::Document,
    plan::{Plan, Run},
    whole_tab::{TabPlace, TabStanding, WholeTab, plan},
};
use std::path::{Path, PathBuf};

/// The file of a tab that is the app's as a whole.
#[derive(Debug)]
pub(super) struct TabFile {
    wanted: WholeTab,
    pub(super) path: PathBuf,
    /// What stands in it; none: it wasn't read.
    pub(super) found: Option<(Stamp, Vec<u8>)>,
    /// Why it can't be read or written; then it is left to the next run.
    pub(super) trouble: Option<String>,
}

impl TabFile {
    /// Beside the backlog's file.
    pub(super) fn beside(backlog: &Path, wanted: WholeTab) -> Self {
        Self {
            path: backlog.with_extension(format!("{}.csv", wanted.tab.key())),
            wanted,
            found: None,
            trouble: None,
        }
    }

    /// What it shall hold.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let runs = self.wanted.rows.iter().enumerate();
        let runs = runs.map(|(row, cells)| Run {
            row,
            column: 0,
            cells: cells.clone(),
        });
        Document::default().with(&Plan {
            runs: runs.collect(),
            ..Plan::default()
        })
    }

    /// Whether something stands in it that the app didn't write: its first column has another name.
    fn is_taken(&self) -> bool {
        let found = self.found.as_ref();
        found.is_some_and(|(_, bytes)| {
            let first = self.wanted.tab.columns()[0];
            !bytes.is_empty() && !bytes.starts_with(format!("{first},").as_bytes())
        })
    }

    fn is_in_step(&self) -> bool {
        let found = self.found.as_ref();
        found.is_some_and(|(_, bytes)| *bytes == self.bytes())
    }

    /// Whether the next write has anything to do for it.
    pub(super) fn is_to_be_written(&self) -> bool {
        self.trouble.is_none() && self.found.is_some() && !self.is_taken() && !self.is_in_step()
    }

    /// How many cells that changes.
    pub(super) fn waiting(&self) -> usize {
        if !self.is_to_be_written() {
            return 0;
        }
        let bytes = self.found.as_ref().map(|(_, bytes)| bytes.clone());
        let document = Document::read(bytes.unwrap_or_default()).unwrap_or_default();
        let cells = plan(&document.grid(), &self.wanted).cells.cells();
        // Cells that are too many, or in other words, count as something.
        cells.max(1)
    }

    /// How it stands.
    pub(super) fn standing(&self) -> TabStanding {
        let name = self.path.display().to_string();
        TabStanding {
            tab: self.wanted.tab,
            place: match (&self.trouble, &self.found) {
                (Some(why), _) => TabPlace::Refused(why.clone()),
                (None, Some(_)) if self.is_taken() => TabPlace::Taken(name),
                (None, Some((Some(_), _))) => TabPlace::There(name),
                (None, _) => TabPlace::Absent,
            },
            waiting: self.waiting(),
        }
    }
}
