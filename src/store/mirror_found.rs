//! What a run of the mirror found in the sheet, as it is kept with the target: the worker writes it, the mirror's page
//! reads it, and the next process that leads goes on from it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Everything that the last run found. What an older release left says nothing of some of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// Our columns that the sheet has.
    pub columns: Vec<FoundColumn>,
    /// The column of the keys; none: the sheet is empty yet.
    pub key_column: Option<FoundColumn>,
    /// Tabs of the app's own that are switched on.
    pub tabs: Vec<FoundTab>,
    /// Our fields without a column.
    pub missing: Vec<String>,
    /// Keys with several rows; the first of them.
    pub doubled: Vec<DoubledKey>,
    /// Keys that the app doesn't have; the first of them.
    pub unknown: Vec<UnknownKey>,
    /// Cells that are left alone, since something changes them back each time; the first of them.
    pub quarantined: Vec<LeftCell>,
    /// What a write would change; nothing after a write.
    pub waiting: WaitingCells,
    /// Initiatives without a row; the first of them.
    pub absent: Vec<String>,
    /// Cells of people that a write covered and that were given back.
    pub given_back: usize,
    /// How many there are of each.
    pub counts: Counts,
    /// Cells that people change again and again, for the next run.
    pub flaps: Vec<FoundFlap>,
}

/// A column of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundColumn {
    /// The field.
    pub field: String,
    /// Its letters.
    pub column: String,
    /// Its header, word for word.
    pub header: String,
    /// Whether the header is another name of the field's.
    pub is_alias: bool,
}

/// A tab of the app's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundTab {
    /// Which, by its key.
    pub key: String,
    /// `there`, `absent`, `taken` (something else has its name) or `refused`.
    pub place: String,
    /// Its name, that of what is in its place, or why it is refused.
    pub words: String,
    /// How many of its cells a write would change.
    pub waiting: usize,
}

/// A key that stands in several rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DoubledKey {
    /// The key.
    pub key: String,
    /// Its rows, counted as in the sheet.
    pub rows: Vec<usize>,
}

/// A key that no initiative has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnknownKey {
    /// The key.
    pub key: String,
    /// Its row, counted as in the sheet.
    pub row: usize,
}

/// A cell that is left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftCell {
    /// Whose.
    pub key: String,
    /// Which field.
    pub field: String,
}

/// How much a write would change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitingCells {
    /// Cells.
    pub cells: usize,
    /// Rows that would be added.
    pub rows: usize,
}

/// How many there are, where only the first are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Initiatives in the app.
    pub initiatives: usize,
    /// Of which every cell shows what it shall.
    pub in_step: usize,
    /// Keys with several rows.
    pub doubled: usize,
    /// Keys that the app doesn't have.
    pub unknown: usize,
    /// Cells that are left alone.
    pub quarantined: usize,
}

/// A cell that people change again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundFlap {
    /// Whose.
    pub id: i64,
    /// Which field.
    pub field: String,
    /// Fingerprint of what they put there.
    pub found: String,
    /// How often.
    pub times: u32,
    /// Since when it is left alone.
    pub left_at: Option<DateTime<Utc>>,
}
