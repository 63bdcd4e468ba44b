//! From header cells to fields, and from rows to data rows. A column is found by its name, never by its place.
//! Knows which columns the app computes; which fields a kind of file has, and what each takes, its own module knows.

use super::{
    report::{Kind, Mapped, Outcome, Refusal, Report},
    table::{Cell, Row, Table},
};
use crate::{
    domain::ids::{InitiativeKey, NotAKey},
    mirror::layout::{self, column_letters, described, unguarded},
};
use std::collections::BTreeSet;

pub use crate::mirror::layout::{KEY, normalise};

/// Which columns a kind of file may have.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The kind.
    pub kind: Kind,
    /// Every field beside the key.
    pub fields: Vec<&'static str>,
    /// Other names of columns, normalised, and the field each means.
    pub aliases: &'static [(&'static str, &'static str)],
    /// Fields beside the key without which no row has a meaning.
    pub required: &'static [&'static str],
}

/// Columns that the app writes itself, whatever the kind; a score's name may stand at the end (`rice_value_score`).
const COMPUTED: &str = "score_status score_note score_time scored_at status_note is_archived receipt receipt_link \
    receipt_url score_receipt version is_auto_seeded auto_seeded created_at created_by llm_prompt \
    llm_suggested_formula_text llm_suggested_assumptions llm_suggested_notes";
const COMPUTED_SCORES: [&str; 3] = ["value_score", "effort_score", "overall_score"];

/// Why no column of a file can be trusted; nothing is read then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A column without which no row has a meaning.
    #[error(
        "Row 1 names no column “{field}”, so no row can be placed. Is it the header, and is this the right file?"
    )]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// Two columns that mean the same field.
    #[error("Columns {first} and {second} both mean “{field}”. Rename or remove one of them.")]
    Doubled {
        /// The field.
        field: &'static str,
        /// Letters and name of the first.
        first: String,
        /// Letters and name of the second.
        second: String,
    },
}

/// Where each field stands in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    places: Vec<(&'static str, usize, String)>,
}

impl Columns {
    /// What the file says of a field in that row; none: the file has no such column.
    #[must_use]
    pub fn cell(&self, row: &Row, field: &str) -> Option<Cell> {
        self.place(field)
            .map(|(column, _)| Cell::new(unguarded(row.cell(column))))
    }

    /// The field's header as the file has it, or the field's own name.
    #[must_use]
    pub fn header<'a>(&'a self, field: &'a str) -> &'a str {
        self.place(field).map_or(field, |(_, header)| header)
    }

    /// A refusal of this field in that row, for what is found out after reading.
    #[must_use]
    pub fn refusal(&self, row: usize, field: &str, typed: &str, reason: &impl ToString) -> Refusal {
        Refusal {
            row,
            column: self.header(field).to_owned(),
            typed: typed.to_owned(),
            reason: reason.to_string(),
        }
    }

    fn place(&self, field: &str) -> Option<(usize, &str)> {
        let place = self.places.iter().find(|(name, ..)| *name == field)?;
        Some((place.1, &place.2))
    }
}

/// The columns of a file of that kind, and a report that lists those that aren't taken.
///
/// # Errors
/// A column is missing without which no row has a meaning, or two mean the same field.
pub fn resolve(layout: &Layout, table: &Table) -> Result<(Columns, Report), HeaderError> {
    let mut columns = Columns::default();
    let mut report = Report::new(layout.kind);
    for (at, header) in table.headers.iter().enumerate() {
        let header = Cell::new(header).text().to_owned();
        let name = normalise(&header);
        if let Some(field) = layout.field_named(&name) {
            report.columns.push(Mapped {
                column: column_letters(at),
                header: header.clone(),
                field: field.to_owned(),
                is_alias: name != field,
            });
            if let Some((earlier, earlier_header)) = columns.place(field) {
                return Err(HeaderError::Doubled {
                    field,
                    first: described(earlier, earlier_header),
                    second: described(at, &header),
                });
            }
            columns.places.push((field, at, header));
        } else if is_computed(&name) {
            report.computed_columns.push(header);
        } else if !name.is_empty() {
            report.ignored_columns.push(header);
        } else if table.rows.iter().any(|row| !row.cell(at).trim().is_empty()) {
            report.ignored_columns.push(described(at, &header));
        }
    }
    let mut required = [KEY].into_iter().chain(layout.required.iter().copied());
    match required.find(|field| columns.place(field).is_none()) {
        None => Ok((columns, report)),
        Some(field) => Err(HeaderError::Missing { field }),
    }
}

/// How many columns of a file of that kind the header has; none without those that each row needs.
pub(super) fn count_of_fields(layout: &Layout, headers: &[String]) -> usize {
    let named = headers
        .iter()
        .map(|header| normalise(Cell::new(header).text()));
    let found: BTreeSet<_> = named.filter_map(|name| layout.field_named(&name)).collect();
    let mut required = [KEY].iter().chain(layout.required);
    if required.all(|field| found.contains(field)) {
        found.len()
    } else {
        0
    }
}

impl Layout {
    /// The field of that name or alias.
    fn field_named(&self, name: &str) -> Option<&'static str> {
        let fields = [KEY].into_iter().chain(self.fields.iter().copied());
        layout::field_named(name, fields, self.aliases.iter().copied())
    }
}

fn is_computed(name: &str) -> bool {
    COMPUTED.split(' ').any(|computed| computed == name)
        || COMPUTED_SCORES.iter().any(|score| name.ends_with(score))
        || name.starts_with("updated")
        || name.starts_with("last_updated")
}

/// What a file says, row by row, with a report that the writing of the rows goes on with.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading<R> {
    /// The data rows, in the file's order.
    pub rows: Vec<R>,
    /// Where the fields stand, for refusals that are found later.
    pub columns: Columns,
    /// Skipped and refused so far, ignored and computed columns; the other counts are 0 yet.
    pub report: Report,
}

/// A row with a key, while it is being read. What it refuses goes to the report.
pub(super) struct DataRow<'a> {
    pub(super) number: usize,
    pub(super) key: InitiativeKey,
    row: &'a Row,
    columns: &'a Columns,
    report: &'a mut Report,
}

impl DataRow<'_> {
    /// None also where a spreadsheet's error stands, which [`refuse_errors`] has said.
    pub(super) fn cell(&self, field: &str) -> Option<Cell> {
        self.columns
            .cell(self.row, field)
            .filter(|cell| !cell.is_error())
    }

    /// Whether one of these says what the row is about and is an error: then the row can't be placed.
    pub(super) fn is_lost(&self, fields: &[&str]) -> bool {
        let is_error = |field: &&str| {
            let cell = self.columns.cell(self.row, field);
            cell.is_some_and(|cell| cell.is_error())
        };
        fields.iter().any(is_error)
    }

    /// The cell as `read` understands it; none if absent, empty or refused.
    pub(super) fn read<T, E: ToString>(
        &mut self,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let cell = self.cell(field)?;
        match read(cell.filled()?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.refuse(field, &reason);
                None
            }
        }
    }

    /// The cell as `read` puts it; an empty one stays empty, none if absent or refused.
    pub(super) fn kept<E: ToString>(
        &mut self,
        field: &str,
        read: impl FnOnce(&str) -> Result<String, E>,
    ) -> Option<Cell> {
        let cell = self.cell(field)?;
        if cell.is_blank() {
            Some(cell)
        } else {
            self.read(field, read).map(|text| Cell::new(&text))
        }
    }

    pub(super) fn refuse(&mut self, field: &str, reason: &impl ToString) {
        let columns = self.columns;
        let cell = columns.cell(self.row, field).unwrap_or_default();
        let refusal = columns.refusal(self.number, field, cell.text(), reason);
        self.report.refusals.push(refusal);
    }
}

/// Goes through the rows; `read` gives none for a row that it refuses as a whole (having said why).
pub(super) fn read_rows<R>(
    layout: &Layout,
    table: &Table,
    mut read: impl FnMut(&mut DataRow<'_>) -> Option<R>,
) -> Result<Reading<R>, HeaderError> {
    let (columns, mut report) = resolve(layout, table)?;
    let mut rows = Vec::new();
    for row in &table.rows {
        let key = columns.cell(row, KEY).unwrap_or_default();
        if let Some(reason) = row.why_no_data(&key) {
            report.skip(row.number, reason);
            continue;
        }
        let key = match checked(row, &key, table.headers.len()) {
            Ok(key) => key,
            Err(reason) => {
                let refusal = columns.refusal(row.number, KEY, key.text(), &reason);
                report.refusals.push(refusal);
                report.refused += 1;
                report.note(row.number, key.text(), Outcome::Refused);
                continue;
            }
        };
        refuse_errors(row, &columns, &mut report);
        let (number, columns, report) = (row.number, &columns, &mut report);
        let mut data = DataRow {
            number,
            key,
            row,
            columns,
            report,
        };
        if let Some(done) = read(&mut data) {
            rows.push(done);
        } else {
            let key = data.key;
            report.refused += 1;
            report.note(number, key.as_str(), Outcome::Refused);
        }
    }
    Ok(Reading {
        rows,
        columns,
        report,
    })
}

/// A cell that a spreadsheet couldn't compute says nothing, whatever its field.
fn refuse_errors(row: &Row, columns: &Columns, report: &mut Report) {
    for (field, ..) in &columns.places {
        let Some(cell) = columns.cell(row, field).filter(Cell::is_error) else {
            continue;
        };
        let reason =
            "The spreadsheet couldn't compute this cell. Put it right there and import it again.";
        let refusal = columns.refusal(row.number, field, cell.text(), &reason);
        report.refusals.push(refusal);
    }
}

/// A row that is longer than the header has slipped: each cell after the slip would land in a neighbour's field.
fn checked(row: &Row, key: &Cell, width: usize) -> Result<InitiativeKey, String> {
    if row.width() > width {
        return Err(format!(
            "The row has {} cells and the header {width}, so its cells can't be told apart. A comma inside a text \
             needs quotation marks around the cell.",
            row.width()
        ));
    }
    key.text()
        .parse()
        .map_err(|error: NotAKey| format!("A key has at most 40 characters. {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::{backlog, math_models, params, table::read_csv};

    fn table(csv: &str) -> Table {
        read_csv(csv.as_bytes()).unwrap()
    }

    fn resolved(layout: &Layout, header: &str) -> (Vec<&'static str>, Report) {
        let (columns, report) = resolve(layout, &table(header)).unwrap();
        (
            columns.places.iter().map(|(field, ..)| *field).collect(),
            report,
        )
    }

    #[test]
    fn names_are_compared_without_case_gaps_and_punctuation() {
        let cases = [
            ("Initiative Key", "initiative_key"),
            ("  Updated-At ", "updated_at"),
            ("FW: Name", "fw_name"),
            ("Infra Cost Estimate (£)", "infra_cost_estimate"),
            ("T-Shirt  Size", "t_shirt_size"),
            ("Owner / team?", "owner_team"),
            ("Größe", "größe"),
            (" - ", ""),
        ];
        for (header, expected) in cases {
            assert_eq!(normalise(header), expected);
        }
    }

    #[test]
    fn the_key_and_other_fields_are_found_by_their_other_names() {
        for header in [
            "Initiative Key",
            "initiative_id",
            "Key",
            "ID",
            "InitiativeKey",
        ] {
            assert_eq!(resolved(&backlog::layout(), header).0, [KEY], "{header}");
        }
        let header = "ID,Scoring Framework,Parameter,Label,Min Value,Maximum,Approved?,As of";
        assert_eq!(
            resolved(&params::layout(), header).0,
            [
                KEY,
                "framework",
                "param_name",
                "param_display",
                "min",
                "max",
                "approved",
                "evidence_as_of"
            ]
        );
        let header = "Initiative ID,Name,Description,Formula,Approved,Scenario";
        assert_eq!(
            resolved(&math_models::layout(), header).0,
            [
                KEY,
                "model_name",
                "model_description_free_text",
                "formula_text_final",
                "formula_text_approved",
                "scenario_label"
            ]
        );
        let header = "Key,T-Shirt Size,Expected Impact,Active Framework,Use math model?";
        assert_eq!(
            resolved(&backlog::layout(), header).0,
            [
                KEY,
                "tshirt_size",
                "impact_description",
                "active_scoring_framework",
                "use_math_model"
            ]
        );
    }

    #[test]
    fn every_alias_means_a_field_of_its_kind() {
        for layout in [backlog::layout(), math_models::layout(), params::layout()] {
            for (alias, field) in layout.aliases {
                assert!(
                    layout.fields.contains(field),
                    "{alias} of {:?}",
                    layout.kind
                );
                assert_eq!(normalise(alias), *alias);
                assert_eq!(layout.field_named(alias), Some(*field), "{alias}");
            }
        }
    }

    #[test]
    fn columns_without_a_field_and_columns_of_the_app_are_listed_apart() {
        let header = "Key,PM Notes,Value Score,RICE: Overall Score,Score Status,Updated At,last_updated_by,,Receipt,";
        let (columns, report) = resolve(
            &backlog::layout(),
            &table(&format!("{header}\nINIT-1,,,,,,,x")),
        )
        .unwrap();
        assert_eq!(columns.places.len(), 2, "the key and a score");
        assert_eq!(report.ignored_columns, ["PM Notes", "H (“”)"]);
        assert_eq!(
            report.computed_columns,
            [
                "RICE: Overall Score",
                "Score Status",
                "Updated At",
                "last_updated_by",
                "Receipt"
            ]
        );
    }

    #[test]
    fn two_columns_for_one_field_stop_the_import() {
        let refusal = resolve(&backlog::layout(), &table("Key,Title,Initiative ID")).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "Columns A (“Key”) and C (“Initiative ID”) both mean “initiative_key”. Rename or remove one of them."
        );
    }

    #[test]
    fn a_file_without_the_columns_that_place_a_row_is_refused() {
        let refusal = resolve(&backlog::layout(), &table("Title,Country")).unwrap_err();
        assert_eq!(refusal, HeaderError::Missing { field: KEY });
        let refusal = resolve(&params::layout(), &table("Key,Framework,Value")).unwrap_err();
        assert_eq!(
            refusal,
            HeaderError::Missing {
                field: "param_name"
            }
        );
    }

    #[test]
    fn the_report_says_which_column_means_what() {
        let (_, report) = resolved(&backlog::layout(), "PM notes,Key,Eng days,Title");
        let columns: Vec<_> = report
            .columns
            .iter()
            .map(|mapped| {
                (
                    mapped.column.as_str(),
                    mapped.field.as_str(),
                    mapped.is_alias,
                )
            })
            .collect();
        assert_eq!(
            columns,
            [
                ("B", KEY, true),
                ("C", "effort_engineering_days", true),
                ("D", "title", false)
            ]
        );
    }

    #[test]
    fn what_a_spreadsheet_could_not_compute_is_refused_and_the_rest_of_its_row_taken() {
        let csv = "Key,Title,Eng days\nINIT-1,Seats,#DIV/0!\nINIT-2,#REF!,3\n#N/A,x,1\n";
        let reading = backlog::read(&table(csv), &["RICE"]).unwrap();
        assert_eq!(reading.rows.len(), 2);
        assert_eq!(reading.rows[0].field("effort_engineering_days"), None);
        assert_eq!(reading.rows[1].field("title"), None);
        let refused: Vec<_> = reading
            .report
            .refusals
            .iter()
            .map(|refusal| (refusal.row, refusal.typed.as_str()))
            .collect();
        assert_eq!(refused, [(2, "#DIV/0!"), (3, "#REF!")]);
        let csv = "Key,Framework,Param,Value\nINIT-1,#N/A,reach,1\nINIT-1,RICE,#NAME?,1\n";
        let reading = params::read(&table(csv), &["RICE"]).unwrap();
        assert_eq!((reading.rows.len(), reading.report.refused), (0, 2));
        let csv = "Key,Framework,Formula\nINIT-1,#N/A,value = 1\n";
        let reading = math_models::read(&table(csv), &["MATH_MODEL"]).unwrap();
        assert_eq!((reading.rows.len(), reading.report.refused), (0, 1));
    }

    fn keys(csv: &str) -> Reading<(usize, String)> {
        read_rows(&backlog::layout(), &table(csv), |row| {
            Some((row.number, row.key.to_string()))
        })
        .unwrap()
    }

    #[test]
    fn data_rows_are_those_with_a_key_wherever_they_stand() {
        let long = "X".repeat(40);
        let reading = keys(&format!(
            "Key,Title\n(key),pm\n,,\n, \n,a note\ninit-1,lower\n INIT-2 ,ok\nA_1-007\n{long}-1,x\n"
        ));
        assert_eq!(reading.rows, [(7, "INIT-2".into()), (8, "A_1-007".into())]);
        let report = reading.report;
        let skipped: Vec<_> = report
            .skipped_rows
            .iter()
            .map(|row| (row.row, row.reason.as_str()))
            .collect();
        assert_eq!(
            skipped,
            [
                (2, "“(key)” is no initiative key (like INIT-124)"),
                (3, "blank"),
                (4, "blank"),
                (5, "no initiative key"),
                (6, "“init-1” is no initiative key (like INIT-124)"),
            ]
        );
        assert_eq!((report.skipped, report.refused), (5, 1));
        assert_eq!(
            (report.refusals[0].row, report.refusals[0].column.as_str()),
            (9, "Key")
        );
    }

    #[test]
    fn a_row_longer_than_the_header_is_refused_since_its_cells_have_slipped() {
        let reading = keys("Key,Title,Infra cost\nINIT-1,x,£1,200\nINIT-2,x\n");
        assert_eq!(reading.rows, [(3, "INIT-2".into())]);
        assert_eq!(reading.report.refused, 1);
        assert!(
            reading.report.refusals[0]
                .reason
                .starts_with("The row has 4 cells and the header 3")
        );
    }
}
