//! What an import found and did, for people and for programs. Counts and words only; knows neither files nor tables.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Central Backlog: a row per initiative.
    Backlog,
    /// A row per initiative's model.
    MathModels,
    /// A row per initiative, framework and param.
    Params,
}

impl Kind {
    /// As on the command line and in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Backlog => "backlog",
            Self::MathModels => "math-models",
            Self::Params => "params",
        }
    }

    /// The three.
    pub const ALL: [Self; 3] = [Self::Backlog, Self::MathModels, Self::Params];

    /// The kind of that key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// As people say it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Backlog => "Central Backlog",
            Self::MathModels => "Math models",
            Self::Params => "Params",
        }
    }
}

/// A cell, or a whole row, that isn't taken: its field stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Counted as in the sheet.
    pub row: usize,
    /// The header as the file has it; for a whole row the column that decides.
    pub column: String,
    /// What stands there.
    pub typed: String,
    /// Why not, and the way out, in a sentence.
    pub reason: String,
}

/// A cell that differs from what a person wrote here since, which stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Counted as in the sheet.
    pub row: usize,
    /// The field, by which the file's cell can be chosen after all.
    pub field: String,
    /// The header as the file has it.
    pub column: String,
    /// What stands in the file.
    pub typed: String,
    /// What stands here.
    pub here: String,
    /// Who wrote that.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A row that holds no data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRow {
    /// Counted as in the sheet.
    pub row: usize,
    /// Blank, without a key, or with something that is no key.
    pub reason: String,
}

/// Which field a column of the file means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    /// Its letters.
    pub column: String,
    /// Its header as the file has it.
    pub header: String,
    /// The field.
    pub field: String,
    /// Whether the header is another name of the field.
    pub is_alias: bool,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is of something that the app didn't have.
    New,
    /// It changed what the app has.
    Changed,
    /// It says what the app has already.
    Unchanged,
    /// Nothing of it could be taken.
    Refused,
    /// It holds no data.
    Skipped,
}

/// What became of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The header as the file has it, or the field's name.
    pub column: String,
    /// Before, cut where it is long; empty: nothing was there.
    pub from: String,
    /// After, likewise.
    pub to: String,
}

/// What became of one row of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowReport {
    /// Counted as in the sheet.
    pub row: usize,
    /// The initiative's key; empty: there is none.
    pub key: String,
    /// What of the initiative it is about: `RICE, reach`; empty: the initiative itself.
    pub about: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Field by field, at most [`MOST_CHANGES`].
    pub changes: Vec<FieldChange>,
    /// Further fields that changed.
    pub changes_beyond: usize,
}

/// The most rows that a report lists one by one.
pub const MOST_ROWS: usize = 5_000;
/// The most fields that are listed of a row.
pub const MOST_CHANGES: usize = 20;
/// The most fields that are listed of a file.
const MOST_CHANGES_IN_ALL: usize = 20_000;
/// The most refused cells, and the most kept ones, of a report that is stored.
const MOST_CELLS: usize = 1_500;
/// The longest text of a cell in a report, in characters.
const LONGEST: usize = 200;

/// A cell's text, cut where a report would become unreadable.
#[must_use]
pub fn in_short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The outcome of an import, or of its rehearsal. Serialised, it is what `import … --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What the file holds.
    pub kind: Kind,
    /// Rows of what the app didn't have yet.
    pub new: usize,
    /// Rows that changed what the app has.
    pub changed: usize,
    /// Rows that say what the app has already.
    pub unchanged: usize,
    /// Rows with a key of which nothing could be taken.
    pub refused: usize,
    /// Rows that hold no data.
    pub skipped: usize,
    /// Every refused cell and row; see [`Report::in_file_order`].
    pub refusals: Vec<Refusal>,
    /// Every cell that differs and was changed here by a person since; see [`Report::in_file_order`].
    pub kept: Vec<Kept>,
    /// Every skipped row, in the file's order.
    pub skipped_rows: Vec<SkippedRow>,
    /// Columns that the app has no field for.
    pub ignored_columns: Vec<String>,
    /// Columns that the app computes itself and never imports.
    pub computed_columns: Vec<String>,
    /// Approvals of the file that were left out, since nobody asked for them.
    pub approvals_left: usize,
    /// Approvals taken over from the file.
    pub approvals_taken: usize,
    /// Approvals here that fell, since what they had approved changed.
    pub approvals_withdrawn: usize,
    /// Scores of the file that are kept as legacy: the app never scored these initiatives.
    #[serde(default)]
    pub scores_kept: usize,
    /// Scores of the file that say something else than the app, which scores these initiatives itself.
    #[serde(default)]
    pub scores_left: usize,
    /// Columns that are taken, and what each means.
    pub columns: Vec<Mapped>,
    /// The rows one by one, in the file's order; at most [`MOST_ROWS`].
    pub rows: Vec<RowReport>,
    /// Further rows, which are only counted.
    pub rows_beyond: usize,
    /// Refused cells that aren't listed.
    pub refusals_beyond: usize,
    /// Kept cells that aren't listed.
    pub kept_beyond: usize,
}

impl Report {
    /// Nothing read yet.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            new: 0,
            changed: 0,
            unchanged: 0,
            refused: 0,
            skipped: 0,
            refusals: vec![],
            kept: vec![],
            skipped_rows: vec![],
            ignored_columns: vec![],
            computed_columns: vec![],
            approvals_left: 0,
            approvals_taken: 0,
            approvals_withdrawn: 0,
            scores_kept: 0,
            scores_left: 0,
            columns: vec![],
            rows: vec![],
            rows_beyond: 0,
            refusals_beyond: 0,
            kept_beyond: 0,
        }
    }

    /// Notes a row of which nothing is taken.
    pub fn note(&mut self, row: usize, key: &str, outcome: Outcome) {
        self.list(RowReport {
            row,
            key: in_short(key),
            about: String::new(),
            outcome,
            changes: vec![],
            changes_beyond: 0,
        });
    }

    /// Lists a row, if there is room.
    pub fn list(&mut self, row: RowReport) {
        if self.rows.len() < MOST_ROWS {
            self.rows.push(row);
        } else {
            self.rows_beyond += 1;
        }
    }

    /// Notes a row that holds no data.
    pub fn skip(&mut self, row: usize, reason: String) {
        self.skipped += 1;
        self.note(row, "", Outcome::Skipped);
        self.skipped_rows.push(SkippedRow { row, reason });
    }

    /// The rows whose outcome, or whose changes, differ from another report of the same file.
    #[must_use]
    pub fn rows_unlike(&self, other: &Self) -> Vec<usize> {
        let of_row = |row: &RowReport| (row.row, (row.outcome, row.changes.clone()));
        let theirs: BTreeMap<_, _> = other.rows.iter().map(of_row).collect();
        self.rows
            .iter()
            .map(of_row)
            .filter(|(row, mine)| theirs.get(row) != Some(mine))
            .map(|(row, _)| row)
            .collect()
    }

    /// The same, cut to what is worth keeping and can be shown on a page.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.refusals_beyond += self.refusals.len().saturating_sub(MOST_CELLS);
        self.refusals.truncate(MOST_CELLS);
        self.kept_beyond += self.kept.len().saturating_sub(MOST_CELLS);
        self.kept.truncate(MOST_CELLS);
        for refusal in &mut self.refusals {
            refusal.typed = in_short(&refusal.typed);
        }
        for kept in &mut self.kept {
            (kept.typed, kept.here) = (in_short(&kept.typed), in_short(&kept.here));
        }
        let mut room = MOST_CHANGES_IN_ALL;
        for row in &mut self.rows {
            let listed = row.changes.len().min(room);
            room -= listed;
            row.changes_beyond += row.changes.len() - listed;
            row.changes.truncate(listed);
        }
        self
    }

    /// Puts rows, refused and kept cells into the file's order, whenever each was found.
    #[must_use]
    pub fn in_file_order(mut self) -> Self {
        self.rows.sort_by_key(|row| row.row);
        self.refusals.sort_by_key(|refusal| refusal.row);
        self.kept.sort_by_key(|kept| kept.row);
        self
    }

    /// Whether something of the file could be taken (or was there already).
    #[must_use]
    pub fn took_something(&self) -> bool {
        self.new + self.changed + self.unchanged > 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} new, {} changed, {} unchanged, {} refused, {} skipped.",
            self.kind.label(),
            self.new,
            self.changed,
            self.unchanged,
            self.refused,
            self.skipped
        )?;
        if self.approvals_taken > 0 {
            writeln!(f, "Approvals taken over: {}.", self.approvals_taken)?;
        }
        if self.approvals_left > 0 {
            writeln!(
                f,
                "Approvals left out: {} (taken only when asked for).",
                self.approvals_left
            )?;
        }
        if self.approvals_withdrawn > 0 {
            writeln!(
                f,
                "Approvals withdrawn, since what they approved changed: {}.",
                self.approvals_withdrawn
            )?;
        }
        if self.scores_kept > 0 {
            writeln!(
                f,
                "Scores kept as legacy, since they were never scored here: {}.",
                self.scores_kept
            )?;
        }
        if self.scores_left > 0 {
            writeln!(
                f,
                "Scores left out, since the app scores these itself: {}.",
                self.scores_left
            )?;
        }
        if !self.refusals.is_empty() {
            writeln!(f, "Refused, so these stay as they were:")?;
        }
        for Refusal {
            row,
            column,
            typed,
            reason,
        } in &self.refusals
        {
            writeln!(
                f,
                "  row {row}, {}, “{}”: {reason}",
                one_line(column),
                one_line(typed)
            )?;
        }
        self.write_kept(f)?;
        self.write_skipped(f)?;
        write_columns(
            f,
            "Columns without a field in the app",
            &self.ignored_columns,
        )?;
        write_columns(
            f,
            "Columns computed by the app, never imported",
            &self.computed_columns,
        )
    }
}

impl Report {
    fn write_kept(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.kept.is_empty() {
            writeln!(f, "Kept as people changed it here:")?;
        }
        for kept in &self.kept {
            writeln!(
                f,
                "  row {}, {}, “{}”: differs, changed here to “{}” by {} on {}",
                kept.row,
                one_line(&kept.column),
                one_line(&kept.typed),
                one_line(&kept.here),
                one_line(&kept.by),
                kept.at.format("%-d %b %Y")
            )?;
        }
        Ok(())
    }

    fn write_skipped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut by_reason = BTreeMap::<_, Vec<usize>>::new();
        for skipped in &self.skipped_rows {
            by_reason
                .entry(skipped.reason.as_str())
                .or_default()
                .push(skipped.row);
        }
        let mut groups: Vec<_> = by_reason.into_iter().collect();
        groups.sort_by_key(|(_, rows)| rows.first().copied());
        if !groups.is_empty() {
            writeln!(f, "Skipped:")?;
        }
        for (reason, rows) in groups {
            let noun = if rows.len() == 1 { "row" } else { "rows" };
            writeln!(f, "  {noun} {}: {reason}", ranges(&rows))?;
        }
        Ok(())
    }
}

/// Row numbers in order, neighbours drawn together: `3, 7–9`.
fn ranges(rows: &[usize]) -> String {
    let parts = rows
        .chunk_by(|a, b| a + 1 == *b)
        .filter_map(|run| match run {
            [] => None,
            [one] => Some(one.to_string()),
            [first, .., last] => Some(format!("{first}–{last}")),
        });
    parts.collect::<Vec<_>>().join(", ")
}

fn write_columns(f: &mut fmt::Formatter<'_>, what: &str, columns: &[String]) -> fmt::Result {
    if columns.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = columns.iter().map(|name| one_line(name)).collect();
    writeln!(f, "{what}: {}.", names.join(", "))
}

/// A cell's text on one line of the report, cut where it would fill the screen.
pub(super) fn one_line(text: &str) -> String {
    const LONGEST: usize = 60;
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn skipped(row: usize, reason: &str) -> SkippedRow {
        SkippedRow {
            row,
            reason: reason.into(),
        }
    }

    fn refusal(row: usize, typed: &str) -> Refusal {
        Refusal {
            row,
            column: "Value".into(),
            typed: typed.into(),
            reason: "“eighty” is no number.".into(),
        }
    }

    fn report() -> Report {
        let mut report = Report::new(Kind::Params);
        (report.new, report.unchanged, report.refused, report.skipped) = (2, 5, 1, 4);
        report.refusals.push(refusal(9, "eighty"));
        report.skipped_rows = vec![
            skipped(2, "“(key)” is no initiative key"),
            skipped(3, "blank"),
            skipped(7, "blank"),
            skipped(8, "blank"),
        ];
        report.ignored_columns = vec!["PM notes".into()];
        report.computed_columns = vec!["Updated At".into(), "version".into()];
        report.approvals_left = 3;
        report
    }

    #[test]
    fn json_has_the_counts_and_the_refusals_with_row_column_and_reason() {
        let json = serde_json::to_value(report()).unwrap();
        let counts = ["new", "changed", "unchanged", "refused", "skipped"].map(|key| &json[key]);
        assert_eq!(
            counts,
            [&json!(2), &json!(0), &json!(5), &json!(1), &json!(4)]
        );
        assert_eq!(json["kind"], "params");
        assert_eq!(
            json["refusals"],
            json!([{ "row": 9, "column": "Value", "typed": "eighty",
                     "reason": "“eighty” is no number." }])
        );
        assert_eq!(json["approvals_left"], 3);
        assert_eq!(
            serde_json::to_value(Kind::MathModels).unwrap(),
            Value::from("math-models")
        );
    }

    #[test]
    fn people_read_what_was_taken_refused_skipped_and_ignored() {
        assert_eq!(
            report().to_string(),
            "Params: 2 new, 0 changed, 5 unchanged, 1 refused, 4 skipped.\n\
             Approvals left out: 3 (taken only when asked for).\n\
             Refused, so these stay as they were:\n\
             \x20 row 9, Value, “eighty”: “eighty” is no number.\n\
             Skipped:\n\
             \x20 row 2: “(key)” is no initiative key\n\
             \x20 rows 3, 7–8: blank\n\
             Columns without a field in the app: PM notes.\n\
             Columns computed by the app, never imported: Updated At, version.\n"
        );
    }

    #[test]
    fn refusals_can_be_put_into_the_files_order() {
        let mut report = Report::new(Kind::Backlog);
        for (row, typed) in [(9, "a"), (4, "b"), (9, "c"), (5, "d")] {
            report.refusals.push(refusal(row, typed));
        }
        let report = report.in_file_order();
        let order: Vec<_> = report
            .refusals
            .iter()
            .map(|r| (r.row, r.typed.as_str()))
            .collect();
        assert_eq!(order, [(4, "b"), (5, "d"), (9, "a"), (9, "c")]);
    }

    #[test]
    fn rows_that_came_out_otherwise_are_found() {
        let row = |row, outcome, to: &str| RowReport {
            row,
            key: "INIT-1".into(),
            about: "RICE, reach".into(),
            outcome,
            changes: vec![FieldChange {
                column: "Value".into(),
                from: String::new(),
                to: to.into(),
            }],
            changes_beyond: 0,
        };
        let (mut before, mut after) = (report(), report());
        before.rows = vec![row(2, Outcome::Changed, "1"), row(3, Outcome::Changed, "2")];
        assert_eq!(before.rows_unlike(&before), [0; 0]);
        after.rows = vec![
            row(2, Outcome::Unchanged, "1"),
            row(3, Outcome::Changed, "3"),
        ];
        assert_eq!(after.rows_unlike(&before), [2, 3]);
    }

    #[test]
    fn a_report_that_is_kept_is_bounded_and_says_what_it_leaves_out() {
        let mut report = Report::new(Kind::Backlog);
        let long = "ä".repeat(50_000);
        for row in 0..2_000 {
            report.refusals.push(refusal(row, &long));
        }
        for row in 0..MOST_ROWS + 7 {
            report.note(row, &long, Outcome::Refused);
        }
        let report = report.bounded();
        assert_eq!(
            (report.refusals.len(), report.refusals_beyond),
            (1_500, 500)
        );
        assert_eq!((report.rows.len(), report.rows_beyond), (MOST_ROWS, 7));
        let json = serde_json::to_string(&report).unwrap();
        assert!(json.len() < 6_000_000, "{}", json.len());
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }

    #[test]
    fn a_long_or_many_lined_cell_takes_one_line_of_the_report() {
        let mut report = Report::new(Kind::Backlog);
        report.refusals.push(refusal(2, &"word\n".repeat(100)));
        let text = report.to_string();
        assert_eq!(text.lines().count(), 3);
        assert!(
            text.lines().all(|line| line.chars().count() < 120),
            "{text}"
        );
    }

    #[test]
    fn a_file_counts_as_read_when_one_row_could_be_taken() {
        let mut report = Report::new(Kind::Backlog);
        report.refused = 3;
        assert!(!report.took_something());
        report.unchanged = 1;
        assert!(report.took_something());
    }
}
