//! The form of a definition: what it sends, and how it shows what was typed, with each fault beside its field.

use crate::{
    actions::define_framework::CURRENCY,
    domain::{
        amount::DecimalSeparator,
        formula::Formula,
        framework_definition::{Fault, Typed, TypedParam, follow},
        param::Source,
    },
    web::{
        math_models,
        sent_form::fresh_key,
        view::{
            Seen, SelectOption,
            check::{Check, Remark},
            framework::{Cell, Definition, Form, ParamRow},
        },
    },
};

/// The columns of a param's row, as the names of its inputs begin.
const COLUMNS: [&str; 6] = ["label", "description", "unit", "min", "max", "source"];

/// What the form sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// The key of a new one.
    pub(super) key: String,
    /// The definition.
    pub(super) typed: Typed,
    /// The revision that was seen.
    pub(super) seen_revision: Option<i64>,
}

impl Sent {
    /// Nothing yet, to be filled in by somebody who writes numbers so.
    pub(super) fn blank(separator: DecimalSeparator) -> Self {
        let typed = Typed {
            separator,
            ..Typed::default()
        };
        Self {
            typed,
            ..Self::default()
        }
    }

    /// From the form's pairs: the rows' inputs are called `min-reach`, and there may be any of them.
    pub(super) fn read(pairs: &[(String, String)]) -> Self {
        let mut sent = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "key" => sent.key.clone_from(value),
                "name" => sent.typed.name.clone_from(value),
                "formula" => sent.typed.formula.clone_from(value),
                "decimal_separator" => {
                    let separator = DecimalSeparator::from_key(value);
                    sent.typed.separator = separator.unwrap_or_default();
                }
                "seen_revision" => sent.seen_revision = value.parse().ok(),
                other => {
                    if let Some((column, param)) = other.split_once('-')
                        && COLUMNS.contains(&column)
                    {
                        set(row(&mut sent.typed.params, param), column, value);
                    }
                }
            }
        }
        sent
    }
}

fn row<'a>(rows: &'a mut Vec<TypedParam>, name: &str) -> &'a mut TypedParam {
    let at = rows
        .iter()
        .position(|row| row.name == name)
        .unwrap_or_else(|| {
            rows.push(TypedParam {
                name: name.to_owned(),
                ..TypedParam::default()
            });
            rows.len() - 1
        });
    &mut rows[at]
}

fn set(row: &mut TypedParam, column: &str, value: &str) {
    let field = match column {
        "label" => &mut row.label,
        "description" => &mut row.description,
        "unit" => &mut row.unit,
        "min" => &mut row.min,
        "max" => &mut row.max,
        _ => &mut row.source,
    };
    value.clone_into(field);
}

/// The form with what was typed.
pub(super) fn form(typed: &Typed, faults: &[Fault]) -> Form {
    Form {
        name: Cell {
            name: "name".to_owned(),
            label: "Name".to_owned(),
            value: typed.name.clone(),
            error: error(faults, "name"),
        },
        formula: typed.formula.clone(),
        decimal_separator: typed.separator.key(),
        definition: definition(typed, faults),
        seen: Seen {
            revision: 0,
            form_key: fresh_key(),
        },
        ..Form::default()
    }
}

fn error(faults: &[Fault], field: &str) -> String {
    let found = faults.iter().find(|fault| fault.field == field);
    found.map(|fault| fault.message.clone()).unwrap_or_default()
}

/// Check and rows of what was typed; while the formula is wrong, the rows that were there stay.
pub(super) fn definition(typed: &Typed, faults: &[Fault]) -> Definition {
    let check = Check {
        model_id: "framework".to_owned(),
        ..Check::default()
    };
    if typed.formula.trim().is_empty() {
        let headline = "Nothing written yet".to_owned();
        let rows = rows(&typed.params, faults);
        return Definition {
            check: Check { headline, ..check },
            rows,
        };
    }
    match Formula::parse(&typed.formula) {
        Err(errors) => {
            let mut check = math_models::wrong_text(check, &typed.formula, &errors);
            // Taking a name with one click is the model editor's: this form would preview instead.
            for error in &mut check.errors {
                error.fix = None;
            }
            Definition {
                check,
                rows: rows(&typed.params, faults),
            }
        }
        Ok(formula) => {
            let headline = match formula.identifiers().len() {
                0 => "Reads no params".to_owned(),
                1 => "Reads 1 param".to_owned(),
                n => format!("Reads {n} params"),
            };
            let warnings = formula
                .warnings()
                .iter()
                .map(|w| Remark {
                    text: format!("Line {}: {}", w.line, w.message()),
                    fix: None,
                })
                .collect();
            Definition {
                check: Check {
                    headline,
                    warnings,
                    ..check
                },
                rows: rows(&follow(&formula, &typed.params, CURRENCY), faults),
            }
        }
    }
}

fn rows(params: &[TypedParam], faults: &[Fault]) -> Vec<ParamRow> {
    params
        .iter()
        .map(|param| {
            let cell = |column: &str, value: &str| {
                let name = format!("{column}-{}", param.name);
                Cell {
                    error: error(faults, &name),
                    label: param.name.clone(),
                    value: value.to_owned(),
                    name,
                }
            };
            ParamRow {
                name: param.name.clone(),
                label: cell("label", &param.label),
                description: cell("description", &param.description),
                unit: cell("unit", &param.unit),
                min: cell("min", &param.min),
                max: cell("max", &param.max),
                source: cell("source", &param.source),
                sources: sources(&param.source),
            }
        })
        .collect()
}

fn sources(chosen: &str) -> Vec<SelectOption> {
    let option = |value: &str, label: &str| SelectOption {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected: value == chosen,
    };
    let mut all = vec![option("", "Nobody yet")];
    all.extend(Source::CHOICES.map(|source| option(source.key(), source.key())));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(form: &str) -> Vec<(String, String)> {
        serde_urlencoded::from_str(form).unwrap()
    }

    #[test]
    fn the_inputs_of_a_row_are_put_together_by_their_names() {
        let sent = Sent::read(&pairs(
            "key=ICE&name=Ice&formula=value+%3D+a&min-a=0&max-a=1&label-b=B&nonsense-a=x&seen_revision=3",
        ));
        assert_eq!((sent.key.as_str(), sent.seen_revision), ("ICE", Some(3)));
        let rows: Vec<_> = sent
            .typed
            .params
            .iter()
            .map(|row| (row.name.as_str(), row.min.as_str(), row.max.as_str()))
            .collect();
        assert_eq!(rows, [("a", "0", "1"), ("b", "", "")]);
    }

    #[test]
    fn while_the_formula_is_wrong_the_rows_stay_and_the_error_has_its_place() {
        let sent = Sent::read(&pairs("formula=value+%3D+a+%2B&min-a=5"));
        let definition = definition(&sent.typed, &[]);
        assert_eq!(definition.check.headline, "1 error");
        assert_eq!(definition.check.errors[0].line, 1);
        assert_eq!(definition.rows[0].min.value, "5");
    }

    #[test]
    fn each_fault_stands_beside_its_field() {
        let sent = Sent::read(&pairs("formula=value+%3D+a&min-a=x"));
        let fault = Fault {
            field: "min-a".into(),
            message: "no number".into(),
        };
        let definition = definition(&sent.typed, &[fault]);
        assert_eq!(definition.rows[0].min.error, "no number");
        assert_eq!(definition.rows[0].max.error, "");
    }
}
