//! Rows of a Central Backlog: what the file says of each initiative. Each cell is read by the rule of its field, so
//! that a file can bring in nothing that a form wouldn't take. Knows nothing of what the app has already.

use super::{
    headers::{HeaderError, KEY, Layout, Reading, normalise, read_rows},
    report::{Kind, one_line},
    table::{Cell, Table},
};
use crate::{
    domain::{
        amount::{self, DecimalSeparator},
        ids::InitiativeKey,
        initiative::{FIELDS, Field},
        legacy_score,
    },
    mirror::layout::{ALIASES, FRAMEWORK, USE_MATH_MODEL},
};
use std::collections::HashMap;

/// What the file says of one initiative.
#[derive(Clone, Debug, PartialEq)]
pub struct BacklogRow {
    /// Counted as in the sheet.
    pub row: usize,
    /// Whose row it is.
    pub key: InitiativeKey,
    /// The fields that the file has a column for, in the order of [`FIELDS`], each as the field keeps it (canonical
    /// digits for a number). Blank: nothing here, so nothing to change. A refused cell isn't among them.
    pub fields: Vec<(&'static Field, Cell)>,
    /// The framework to activate, by its key; none: no column, empty or refused, so nothing to change.
    pub active_scoring_framework: Option<String>,
    /// The columns of a score that the file has, each as canonical digits; blank: nothing here. A refused cell isn't
    /// among them.
    pub scores: Vec<(&'static str, Cell)>,
    /// Whether the math model shall be on; none: no column, empty or refused, so nothing to change.
    pub use_math_model: Option<bool>,
}

impl BacklogRow {
    /// What of the initiative's the row is about: all of it.
    #[must_use]
    pub fn about(&self) -> String {
        String::new()
    }

    /// What the row says of a field; none: no column, or refused.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Cell> {
        self.fields
            .iter()
            .find(|(field, _)| field.key == key)
            .map(|(_, cell)| cell)
    }
}

/// Which columns a Central Backlog may have.
#[must_use]
pub fn layout() -> Layout {
    let fields = FIELDS
        .iter()
        .map(|field| field.key)
        .chain([FRAMEWORK, USE_MATH_MODEL])
        .chain(legacy_score::COLUMNS)
        .collect();
    Layout {
        kind: Kind::Backlog,
        fields,
        aliases: ALIASES,
        required: &[],
    }
}

/// What the file says, against the keys of the frameworks that exist.
///
/// # Errors
/// The header names no key column, or two columns for one field.
pub fn read(table: &Table, frameworks: &[&str]) -> Result<Reading<BacklogRow>, HeaderError> {
    let mut seen = HashMap::new();
    read_rows(&layout(), table, |row| {
        let first = *seen.entry(row.key.clone()).or_insert(row.number);
        if first != row.number {
            row.refuse(
                KEY,
                &format!("Row {first} has the same key and was read; this one wasn't."),
            );
            return None;
        }
        let read = |field: &'static Field| {
            row.kept(field.key, |typed| field.read(typed))
                .map(|cell| (field, cell))
        };
        let fields = FIELDS.iter().filter_map(read).collect();
        let score = |column: &'static str| {
            row.kept(column, |typed| {
                amount::read_plain_number(typed, DecimalSeparator::Point)
                    .map(|number| number.decimal)
            })
            .map(|cell| (column, cell))
        };
        let scores = legacy_score::COLUMNS
            .into_iter()
            .filter_map(score)
            .collect();
        Some(BacklogRow {
            row: row.number,
            key: row.key.clone(),
            fields,
            scores,
            active_scoring_framework: row.read(FRAMEWORK, |text| read_framework(text, frameworks)),
            use_math_model: row.read(USE_MATH_MODEL, |text| Cell::new(text).flag()),
        })
    })
}

/// The framework that is meant: `Math model` is `MATH_MODEL`.
pub(super) fn read_framework(text: &str, known: &[&str]) -> Result<String, String> {
    let meant = normalise(text);
    known
        .iter()
        .find(|key| normalise(key) == meant)
        .map(|key| (*key).to_owned())
        .ok_or_else(|| {
            let choices = known.join(", ");
            format!(
                "There is no framework “{}” here. Choose one of {choices}.",
                one_line(text)
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::table::read_csv;

    const FRAMEWORKS: [&str; 3] = ["MATH_MODEL", "RICE", "WSJF"];

    fn reading(csv: &str) -> Reading<BacklogRow> {
        read(&read_csv(csv.as_bytes()).unwrap(), &FRAMEWORKS).unwrap()
    }

    fn text<'a>(row: &'a BacklogRow, field: &str) -> Option<&'a str> {
        row.field(field).map(Cell::text)
    }

    #[test]
    fn an_absent_column_an_empty_cell_and_a_filled_one_are_told_apart() {
        let reading = reading("Key,Title,Country,Use Math Model\nINIT-1,Seat choice,,\n");
        let row = &reading.rows[0];
        assert_eq!((row.row, row.key.as_str()), (2, "INIT-1"));
        assert_eq!(text(row, "title"), Some("Seat choice"));
        assert_eq!(text(row, "country"), Some(""));
        assert_eq!(text(row, "hypothesis"), None);
        assert_eq!(
            (row.use_math_model, &row.active_scoring_framework),
            (None, &None)
        );
        assert_eq!(reading.report.refusals, []);
    }

    #[test]
    fn numbers_are_read_as_people_type_them_and_titles_stay_text() {
        let csv = "Key,Title,Infra Cost,Eng days,Strategic priority\nINIT-1,=SUM(A1:A9),\"£42,000\", 45 ,1.20\n";
        let reading = reading(csv);
        let row = &reading.rows[0];
        assert_eq!(text(row, "title"), Some("=SUM(A1:A9)"));
        assert_eq!(text(row, "infra_cost_estimate"), Some("42000"));
        assert_eq!(text(row, "effort_engineering_days"), Some("45"));
        assert_eq!(text(row, "strategic_priority_coefficient"), Some("1.2"));
    }

    #[test]
    fn a_refused_cell_is_reported_and_the_rest_of_its_row_taken() {
        let csv = "Key,Title,Eng Days,Active Framework,Use Math Model,Requester Email\n\
                   INIT-1,Seats,a week,KANO,perhaps,ada\n";
        let reading = reading(csv);
        let row = &reading.rows[0];
        assert_eq!(text(row, "title"), Some("Seats"));
        assert_eq!(text(row, "effort_engineering_days"), None);
        assert_eq!(
            (row.use_math_model, &row.active_scoring_framework),
            (None, &None)
        );
        let refusals = &reading.report.refusals;
        let mut refused: Vec<_> = refusals
            .iter()
            .map(|refusal| (refusal.column.as_str(), refusal.typed.as_str()))
            .collect();
        refused.sort_unstable();
        assert_eq!(
            refused,
            [
                ("Active Framework", "KANO"),
                ("Eng Days", "a week"),
                ("Requester Email", "ada"),
                ("Use Math Model", "perhaps"),
            ]
        );
        assert!(
            refusals
                .iter()
                .all(|refusal| refusal.row == 2 && !refusal.reason.is_empty())
        );
        assert_eq!(reading.report.refused, 0);
    }

    #[test]
    fn a_key_that_comes_twice_is_read_once() {
        let reading = reading("Key,Title\nINIT-1,a\nINIT-2,b\n INIT-1 ,c\n");
        assert_eq!(reading.rows.len(), 2);
        assert_eq!(reading.report.refused, 1);
        let refusal = &reading.report.refusals[0];
        assert_eq!((refusal.row, refusal.typed.as_str()), (4, "INIT-1"));
        assert_eq!(
            refusal.reason,
            "Row 2 has the same key and was read; this one wasn't."
        );
    }

    #[test]
    fn frameworks_are_known_by_any_spelling_of_their_key() {
        let known = ["MATH_MODEL", "RICE"];
        for text in ["MATH_MODEL", "Math Model", "math-model", " math_model "] {
            assert_eq!(
                read_framework(text, &known),
                Ok("MATH_MODEL".to_owned()),
                "{text}"
            );
        }
        let refusal = read_framework("KANO", &known).unwrap_err();
        assert_eq!(
            refusal,
            "There is no framework “KANO” here. Choose one of MATH_MODEL, RICE."
        );
    }

    #[test]
    fn the_sample_backlog_is_read_whole() {
        let reading = reading(include_str!("../../sample/central_backlog.csv"));
        let report = &reading.report;
        assert_eq!(report.refusals, []);
        assert_eq!(
            (reading.rows.len(), report.skipped, report.refused),
            (24, 5, 0)
        );
        assert_eq!(
            report.ignored_columns,
            ["PM Notes", "Helper: days per coef"]
        );
        let computed = ["Updated At", "Updated Source"];
        assert_eq!(report.computed_columns, computed);
        assert!(
            reading
                .rows
                .iter()
                .all(|row| row.fields.len() == FIELDS.len())
        );
        let starts_like_a_formula =
            |row: &&BacklogRow| text(row, "title").unwrap().starts_with('=');
        assert_eq!(reading.rows.iter().filter(starts_like_a_formula).count(), 1);
    }

    #[test]
    fn the_sample_leaves_init_123_to_be_walked_through_by_a_newcomer() {
        let reading = reading(include_str!("../../sample/central_backlog.csv"));
        let row = reading
            .rows
            .iter()
            .find(|row| row.key.as_str() == "INIT-123")
            .unwrap();
        assert_eq!(text(row, "title"), Some("Checkout conversion value"));
        assert_eq!(
            (row.use_math_model, &row.active_scoring_framework),
            (Some(false), &None)
        );
        for other in [
            include_str!("../../sample/math_models.csv"),
            include_str!("../../sample/params.csv"),
        ] {
            assert!(!other.contains("INIT-123,"));
        }
    }
}
