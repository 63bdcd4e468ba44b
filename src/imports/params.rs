//! Rows of a Params tab: what the file says of each param. Value and range stay as typed: how an amount is to be read
//! depends on the param's unit, which the app may know better than the file. Knows nothing of what the app has already.

use super::{
    backlog::read_framework,
    headers::{DataRow, HeaderError, Layout, Reading, read_rows},
    report::Kind,
    table::{Cell, Table},
};
use crate::domain::{ids::InitiativeKey, param::Source};
use chrono::NaiveDate;
use std::collections::HashMap;

/// The longest name a formula can read, in characters.
const LONGEST_NAME: usize = 64;

/// What the file says of one param. An empty cell means "nothing here", so nothing to change.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamRow {
    /// Counted as in the sheet.
    pub row: usize,
    /// Whose param it is.
    pub key: InitiativeKey,
    /// The framework's key.
    pub framework: String,
    /// The name that formulas read.
    pub name: String,
    /// The label; none: no column.
    pub param_display: Option<Cell>,
    /// What it means; none: no column.
    pub description: Option<Cell>,
    /// The number as typed, to be read with the param's unit and range; none: no column.
    pub value: Option<Cell>,
    /// Its unit; none: no column.
    pub unit: Option<Cell>,
    /// Lowest value as typed; none: no column.
    pub min: Option<Cell>,
    /// Highest value as typed; none: no column.
    pub max: Option<Cell>,
    /// Whose it is; none: no column, empty or refused, so nothing to change.
    pub source: Option<Source>,
    /// Remarks; none: no column.
    pub notes: Option<Cell>,
    /// Where the number comes from; none: no column.
    pub evidence_link: Option<Cell>,
    /// The date the evidence speaks of; none: no column, empty or refused.
    pub evidence_as_of: Option<NaiveDate>,
    /// When to look at the number again; none: no column, empty or refused.
    pub review_by: Option<NaiveDate>,
    /// Whether the file calls this row's value approved. It covers the value in this row and no other: where `value` is
    /// none, blank or not taken it approves nothing.
    pub approved: bool,
}

impl ParamRow {
    /// What of the initiative's the row is about.
    #[must_use]
    pub fn about(&self) -> String {
        format!("{}, {}", self.framework, self.name)
    }
}

/// Which columns a Params tab may have.
#[must_use]
pub fn layout() -> Layout {
    Layout {
        kind: Kind::Params,
        fields: vec![
            "framework",
            "param_name",
            "param_display",
            "description",
            "value",
            "unit",
            "min",
            "max",
            "source",
            "approved",
            "notes",
            "evidence_link",
            "evidence_as_of",
            "review_by",
        ],
        aliases: &[
            ("scoring_framework", "framework"),
            ("param", "param_name"),
            ("parameter", "param_name"),
            ("parameter_name", "param_name"),
            ("label", "param_display"),
            ("display", "param_display"),
            ("display_name", "param_display"),
            ("param_label", "param_display"),
            ("units", "unit"),
            ("minimum", "min"),
            ("min_value", "min"),
            ("maximum", "max"),
            ("max_value", "max"),
            ("is_approved", "approved"),
            ("note", "notes"),
            ("evidence", "evidence_link"),
            ("as_of", "evidence_as_of"),
        ],
        required: &["framework", "param_name"],
    }
}

/// What the file says, against the keys of the frameworks that exist.
///
/// # Errors
/// The header lacks key, framework or name of the params, or names two columns for one field.
pub fn read(table: &Table, frameworks: &[&str]) -> Result<Reading<ParamRow>, HeaderError> {
    let mut seen = HashMap::new();
    read_rows(&layout(), table, |row| {
        if row.is_lost(&["framework", "param_name"]) {
            return None;
        }
        let framework = identity(row, "framework", |text| read_framework(text, frameworks))?;
        let name = identity(row, "param_name", read_name)?;
        let param = (row.key.clone(), framework.clone(), name.clone());
        let first = *seen.entry(param).or_insert(row.number);
        if first != row.number {
            let reason = format!("Row {first} has the same param and was read; this one wasn't.");
            row.refuse("param_name", &reason);
            return None;
        }
        Some(ParamRow {
            row: row.number,
            key: row.key.clone(),
            framework,
            name,
            param_display: row.cell("param_display"),
            description: row.cell("description"),
            value: row.cell("value"),
            unit: row.cell("unit"),
            min: row.cell("min"),
            max: row.cell("max"),
            source: row.read("source", Source::read).flatten(),
            notes: row.cell("notes"),
            evidence_link: row.cell("evidence_link"),
            evidence_as_of: row.read("evidence_as_of", read_date),
            review_by: row.read("review_by", read_date),
            approved: row
                .read("approved", |text| Cell::new(text).flag())
                .unwrap_or(false),
        })
    })
}

/// A cell without which it can't be said what the row is about; none: the row is refused.
fn identity(
    row: &mut DataRow<'_>,
    field: &str,
    read: impl FnOnce(&str) -> Result<String, String>,
) -> Option<String> {
    if row.cell(field).is_none_or(|cell| cell.is_blank()) {
        row.refuse(
            field,
            &"This is empty, so it can't be said which param the row is about.",
        );
    }
    row.read(field, read)
}

fn read_name(text: &str) -> Result<String, String> {
    let is_name = !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        Err("A param's name is letters, digits and _, and doesn't begin with a digit.".to_owned())
    } else if text.len() > LONGEST_NAME {
        Err(format!(
            "A param's name has at most {LONGEST_NAME} characters."
        ))
    } else {
        Ok(text.to_owned())
    }
}

/// Only one way of writing a date means the same to everybody.
fn read_date(text: &str) -> Result<NaiveDate, &'static str> {
    text.parse()
        .map_err(|_error: chrono::ParseError| "Write dates as 2026-11-30.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::amount::{AmountContext, read_amount},
        imports::table::read_csv,
    };

    const FRAMEWORKS: [&str; 3] = ["MATH_MODEL", "RICE", "WSJF"];

    fn reading(csv: &str) -> Reading<ParamRow> {
        read(&read_csv(csv.as_bytes()).unwrap(), &FRAMEWORKS).unwrap()
    }

    fn text(cell: Option<&Cell>) -> Option<&str> {
        cell.map(Cell::text)
    }

    #[test]
    fn amounts_stay_as_typed() {
        let csv = "Key,Framework,Param,Value,Unit,Min,Max,Source\n\
                   INIT-1,math model,seat_fee,\"£1,200.50\",£,5 %,,Eng/Infra\n";
        let reading = reading(csv);
        let row = &reading.rows[0];
        assert_eq!(
            (row.framework.as_str(), row.name.as_str()),
            ("MATH_MODEL", "seat_fee")
        );
        assert_eq!(text(row.value.as_ref()), Some("£1,200.50"));
        assert_eq!(
            (text(row.min.as_ref()), text(row.max.as_ref())),
            (Some("5 %"), Some(""))
        );
        assert_eq!(
            (row.source, text(row.notes.as_ref())),
            (Some(Source::Eng), None)
        );
        assert!(!row.approved);
    }

    #[test]
    fn sources_dates_and_approvals_that_make_no_sense_are_refused_one_by_one() {
        let csv = "Key,Framework,Param,Value,Source,Review by,Evidence as of,Approved\n\
                   INIT-1,RICE,reach,5,Bob,31/01/2027,2026-10-31,sure\n\
                   INIT-1,RICE,impact,2,finance,2027-01-31,,yes\n";
        let reading = reading(csv);
        let row = &reading.rows[0];
        assert_eq!(
            (row.source, row.review_by, row.approved),
            (None, None, false)
        );
        assert_eq!(row.evidence_as_of, NaiveDate::from_ymd_opt(2026, 10, 31));
        let row = &reading.rows[1];
        assert_eq!((row.source, row.approved), (Some(Source::Finance), true));
        assert_eq!(row.review_by, NaiveDate::from_ymd_opt(2027, 1, 31));
        let refused: Vec<_> = reading
            .report
            .refusals
            .iter()
            .map(|refusal| refusal.column.as_str())
            .collect();
        assert_eq!(refused, ["Source", "Review by", "Approved"]);
        assert_eq!(reading.report.refused, 0);
    }

    #[test]
    fn a_row_that_names_no_param_is_refused_whole() {
        let long = "a".repeat(LONGEST_NAME + 1);
        let csv = format!(
            "Key,Framework,Param,Value\nINIT-1,KANO,a,1\nINIT-1,RICE,,1\nINIT-1,,reach,1\n\
             INIT-1,RICE,seat fee,1\nINIT-1,RICE,2a,1\nINIT-1,RICE,{long},1\nINIT-1,RICE,_a1,1\n"
        );
        let reading = reading(&csv);
        assert_eq!((reading.rows.len(), reading.report.refused), (1, 6));
        let refused: Vec<_> = reading
            .report
            .refusals
            .iter()
            .map(|r| (r.row, r.column.as_str()))
            .collect();
        assert_eq!(
            refused,
            [
                (2, "Framework"),
                (3, "Param"),
                (4, "Framework"),
                (5, "Param"),
                (6, "Param"),
                (7, "Param")
            ]
        );
    }

    #[test]
    fn a_param_that_comes_twice_is_read_once() {
        let csv = "Key,Framework,Param,Value\nINIT-1,RICE,reach,1\nINIT-1,WSJF,reach,2\nINIT-1,rice,reach,3\n";
        let reading = reading(csv);
        assert_eq!(reading.rows.len(), 2);
        let refusal = &reading.report.refusals[0];
        assert_eq!((refusal.row, refusal.typed.as_str()), (4, "reach"));
        assert_eq!(
            refusal.reason,
            "Row 2 has the same param and was read; this one wasn't."
        );
    }

    /// A number of the sample, read in its own row without its range; none where nothing stands.
    fn amount(
        row: &ParamRow,
        cell: Option<&Cell>,
        (min, max): (Option<f64>, Option<f64>),
    ) -> Option<f64> {
        let unit = text(row.unit.as_ref()).unwrap();
        let context = AmountContext {
            unit,
            min,
            max,
            name: &row.name,
            ..AmountContext::default()
        };
        let typed = cell?.filled()?;
        Some(
            read_amount(typed, &context)
                .unwrap_or_else(|error| panic!("{row:?}: {error}"))
                .value,
        )
    }

    #[test]
    fn the_sample_params_read_without_a_question_and_one_is_missing_and_one_out_of_range() {
        let reading = reading(include_str!("../../sample/params.csv"));
        assert_eq!(reading.report.refusals, []);
        assert_eq!(reading.rows.len(), 74);
        assert_eq!(reading.report.computed_columns, ["is_auto_seeded"]);
        let (mut missing, mut outside) = (vec![], vec![]);
        for row in &reading.rows {
            let open = (None, None);
            let min = amount(row, row.min.as_ref(), open);
            let max = amount(row, row.max.as_ref(), open);
            let name = (row.key.as_str(), row.name.as_str());
            match amount(row, row.value.as_ref(), (min, max)) {
                None => missing.push(name),
                Some(value) if min.is_some_and(|min| value < min) => outside.push(name),
                Some(value) if max.is_some_and(|max| value > max) => outside.push(name),
                Some(_) => continue,
            }
            assert!(!row.approved, "{name:?}");
        }
        assert_eq!(missing, [("INIT-110", "uplift_conv")]);
        assert_eq!(outside, [("INIT-110", "margin_per_order")]);
    }

    #[test]
    fn three_sample_models_have_every_param_approved() {
        let reading = reading(include_str!("../../sample/params.csv"));
        for (key, count) in [("INIT-101", 6), ("INIT-103", 7), ("INIT-106", 7)] {
            let approved = reading
                .rows
                .iter()
                .filter(|row| row.key.as_str() == key && row.approved)
                .count();
            assert_eq!(approved, count, "{key}");
        }
    }
}
