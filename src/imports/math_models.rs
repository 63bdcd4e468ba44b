//! Rows of a `MathModels` tab: what the file says of each model. Formulas are carried as text; whether one can be
//! understood, saved and approved is the business of the acts that do so. Knows nothing of what the app has already.

use super::{
    backlog::read_framework,
    headers::{HeaderError, KEY, Layout, Reading, read_rows},
    report::Kind,
    table::{Cell, Table},
};
use crate::domain::{
    framework::MATH_MODEL,
    ids::InitiativeKey,
    math_model::{BASE, ModelField},
};
use std::collections::HashMap;

const FRAMEWORK: &str = "framework";
const SCENARIO: &str = "scenario_label";
const FORMULA: &str = "formula_text_final";
const APPROVED: &str = "formula_text_approved";

/// What the file says of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct MathModelRow {
    /// Counted as in the sheet.
    pub row: usize,
    /// Whose model it is.
    pub key: InitiativeKey,
    /// The framework's key: `MATH_MODEL`, also where the file doesn't say.
    pub framework: String,
    /// `Base`, also where the file doesn't say, or another scenario.
    pub scenario_label: String,
    /// The texts that the file has a column for, in the order of [`ModelField::ALL`]. Blank: nothing here, so
    /// nothing to change. A refused cell isn't among them.
    pub texts: Vec<(ModelField, Cell)>,
    /// The formula's text, as written; none: no column. Blank: nothing here.
    pub formula: Option<Cell>,
    /// Whether the file calls this row's formula approved. It covers the text in this row and no other: where
    /// `formula` is none or blank it approves nothing.
    pub approved: bool,
}

impl MathModelRow {
    /// What of the initiative's the row is about.
    #[must_use]
    pub fn about(&self) -> String {
        format!("{}, {}", self.framework, self.scenario_label)
    }

    /// What the row says of a text; none: no column, or refused.
    #[must_use]
    pub fn text(&self, field: ModelField) -> Option<&Cell> {
        self.texts
            .iter()
            .find(|(known, _)| *known == field)
            .map(|(_, cell)| cell)
    }
}

/// Which columns a `MathModels` tab may have.
#[must_use]
pub fn layout() -> Layout {
    let texts = ModelField::ALL.iter().map(|field| field.key());
    Layout {
        kind: Kind::MathModels,
        fields: texts
            .chain([FRAMEWORK, SCENARIO, FORMULA, APPROVED])
            .collect(),
        aliases: &[
            ("scoring_framework", FRAMEWORK),
            ("scenario", SCENARIO),
            ("name", "model_name"),
            ("model", "model_name"),
            ("model_description", "model_description_free_text"),
            ("description", "model_description_free_text"),
            ("model_prompt", "model_prompt_to_llm"),
            ("prompt_to_llm", "model_prompt_to_llm"),
            ("prompt", "model_prompt_to_llm"),
            ("unit", "value_unit"),
            ("assumptions", "assumptions_text"),
            ("formula", FORMULA),
            ("formula_text", FORMULA),
            ("formula_final", FORMULA),
            ("final_formula", FORMULA),
            ("approved", APPROVED),
            ("formula_approved", APPROVED),
        ],
        required: &[],
    }
}

/// What the file says, against the keys of the frameworks that exist.
///
/// # Errors
/// The header names no key column, or two columns for one field.
pub fn read(table: &Table, frameworks: &[&str]) -> Result<Reading<MathModelRow>, HeaderError> {
    let mut seen = HashMap::new();
    read_rows(&layout(), table, |row| {
        if row.is_lost(&[FRAMEWORK, SCENARIO]) {
            return None;
        }
        let framework = if row.cell(FRAMEWORK).is_none_or(|cell| cell.is_blank()) {
            MATH_MODEL.to_owned()
        } else {
            row.read(FRAMEWORK, |text| {
                has_models(read_framework(text, frameworks)?)
            })?
        };
        let scenario_label = scenario(row.cell(SCENARIO).as_ref());
        let model = (
            row.key.clone(),
            framework.clone(),
            scenario_label.to_lowercase(),
        );
        let first = *seen.entry(model).or_insert(row.number);
        if first != row.number {
            let reason = format!("Row {first} has the same model and was read; this one wasn't.");
            row.refuse(KEY, &reason);
            return None;
        }
        let text = |field: ModelField| {
            row.kept(field.key(), |typed| field.read(typed))
                .map(|cell| (field, cell))
        };
        let texts = ModelField::ALL.into_iter().filter_map(text).collect();
        Some(MathModelRow {
            row: row.number,
            key: row.key.clone(),
            framework,
            scenario_label,
            texts,
            formula: row.cell(FORMULA),
            approved: row
                .read(APPROVED, |text| Cell::new(text).flag())
                .unwrap_or(false),
        })
    })
}

/// Only where initiatives write the formula themselves is there a model to bring in.
fn has_models(framework: String) -> Result<String, String> {
    if framework == MATH_MODEL {
        Ok(framework)
    } else {
        Err(format!(
            "{framework} has a formula of its own, so there is no model to bring in."
        ))
    }
}

/// The scenario; an empty or absent cell means the one that drives scoring.
fn scenario(cell: Option<&Cell>) -> String {
    match cell.and_then(Cell::filled) {
        Some(label) if !label.eq_ignore_ascii_case(BASE) => label.to_owned(),
        _ => BASE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::table::read_csv;

    const FRAMEWORKS: [&str; 3] = ["MATH_MODEL", "RICE", "WSJF"];

    fn reading(csv: &str) -> Reading<MathModelRow> {
        read(&read_csv(csv.as_bytes()).unwrap(), &FRAMEWORKS).unwrap()
    }

    #[test]
    fn a_formula_of_several_lines_is_carried_as_it_is() {
        let reading = reading(
            "initiative_key,framework,formula_text_final,formula_text_approved\r\n\
             INIT-1,MATH_MODEL,\"saved = a * b\r\nvalue = saved - c # a year\r\n\",TRUE\r\n",
        );
        let row = &reading.rows[0];
        let formula = row.formula.as_ref().map(Cell::text);
        assert_eq!(formula, Some("saved = a * b\nvalue = saved - c # a year"));
        assert!(row.approved);
        assert_eq!(row.text(ModelField::Name), None);
    }

    #[test]
    fn where_the_file_says_nothing_a_model_is_the_base_of_math_model() {
        let reading =
            reading("Key,Name,Formula,Approved,Scenario\nINIT-1,Seats,,,\nINIT-2,,,no,base\n");
        for row in &reading.rows {
            assert_eq!(
                (row.framework.as_str(), row.scenario_label.as_str()),
                (MATH_MODEL, BASE)
            );
            assert!(!row.approved && row.formula.as_ref().unwrap().is_blank());
        }
        assert_eq!(
            reading.rows[0].text(ModelField::Name).map(Cell::text),
            Some("Seats")
        );
    }

    #[test]
    fn a_model_of_a_framework_with_its_own_formula_is_refused_and_so_is_an_unknown_framework() {
        let reading =
            reading("Key,Framework,Formula\nINIT-1,RICE,value = a\nINIT-2,KANO,value = a\n");
        assert_eq!((reading.rows.len(), reading.report.refused), (0, 2));
        let reasons: Vec<_> = reading
            .report
            .refusals
            .iter()
            .map(|r| r.reason.as_str())
            .collect();
        assert_eq!(
            reasons,
            [
                "RICE has a formula of its own, so there is no model to bring in.",
                "There is no framework “KANO” here. Choose one of MATH_MODEL, RICE, WSJF.",
            ]
        );
    }

    #[test]
    fn a_model_that_comes_twice_is_read_once_and_scenarios_are_models_of_their_own() {
        let reading =
            reading("Key,Scenario,Formula\nINIT-1,,a\nINIT-1,Optimistic,b\nINIT-1,Base,c\n");
        assert_eq!(reading.rows.len(), 2);
        assert_eq!(reading.report.refusals[0].row, 4);
        assert!(
            reading.report.refusals[0]
                .reason
                .starts_with("Row 2 has the same model")
        );
    }

    #[test]
    fn an_approval_that_is_neither_yes_nor_no_is_refused_and_counts_as_none() {
        let reading = reading("Key,Formula,Approved\nINIT-1,value = a,soon\n");
        assert!(!reading.rows[0].approved);
        assert_eq!(reading.report.refusals[0].column, "Approved");
    }

    #[test]
    fn the_sample_models_are_read_whole() {
        let reading = reading(include_str!("../../sample/math_models.csv"));
        assert_eq!(reading.report.refusals, []);
        assert_eq!((reading.report.skipped, reading.report.refused), (0, 0));
        assert_eq!(
            reading.report.computed_columns,
            ["llm_suggested_formula_text", "version"]
        );
        let approved = reading.rows.iter().filter(|row| row.approved).count();
        let written = reading
            .rows
            .iter()
            .filter_map(|row| row.formula.as_ref()?.filled())
            .count();
        assert_eq!((reading.rows.len(), written, approved), (9, 7, 4));
    }
}
