//! What the check says about a formula's text: where it is wrong, what each name stands for, what it gives with
//! today's values, and what approving it would do. Pure: nothing is read or kept here.

use super::{editor::Facts, effects, lines};
use crate::{
    domain::{
        formula::{Formula, FormulaError, Misspelt},
        math_model::{MathModel, ModelField},
        param::Param,
        scoring::{self, Missing, Score},
    },
    web::{
        figures,
        view::model::{Check, CheckError, CheckResult, Chip, ChipState, Fix, Remark},
    },
};

/// How many missing values are named before the rest is only counted.
const NAMED: usize = 3;

/// Checks a text as it was typed. Effects are said for a text that isn't saved; those of the saved one stand beside
/// its *Approve*.
#[must_use]
pub fn check(model: &MathModel, facts: &Facts<'_>, typed: &str) -> Check {
    let check = Check {
        model_id: model.id.to_string(),
        action: format!("/math-models/{}/formula", model.id),
        ..Check::default()
    };
    if typed.trim().is_empty() {
        return Check {
            headline: "Nothing written yet".to_owned(),
            ..check
        };
    }
    match Formula::parse(typed) {
        Err(errors) => wrong(check, typed, &errors),
        Ok(formula) => right(check, model, facts, &formula),
    }
}

/// What is wrong with a text, each error with its place in it.
#[must_use]
pub fn wrong(check: Check, typed: &str, errors: &[FormulaError]) -> Check {
    let headline = match errors.len() {
        1 => "1 error".to_owned(),
        n => format!("{n} errors"),
    };
    let errors = errors.iter().map(|error| pointer(typed, error)).collect();
    Check {
        headline,
        errors,
        ..check
    }
}

/// The error's line in three parts: before the place, the place, the rest.
fn pointer(typed: &str, error: &FormulaError) -> CheckError {
    let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let unix = typed.replace("\r\n", "\n").replace('\r', "\n");
    let line = unix
        .split('\n')
        .nth(at(error.line).saturating_sub(1))
        .unwrap_or_default();
    let mut characters = line.chars();
    let before = characters
        .by_ref()
        .take(at(error.column).saturating_sub(1))
        .collect();
    let marked = characters.by_ref().take(at(error.length)).collect();
    CheckError {
        line: error.line,
        column: error.column,
        message: error.message(),
        before,
        marked,
        after: characters.collect(),
        fix: error.misspelt().map(fix),
    }
}

fn fix(misspelt: Misspelt) -> Fix {
    Fix {
        written: misspelt.written,
        meant: misspelt.meant,
    }
}

/// What stops nothing and is probably not meant: the language's own warnings, then names that look misspelt.
fn remarks(formula: &Formula, params: &[Param]) -> Vec<Remark> {
    let warnings = formula.warnings().iter().map(|warning| Remark {
        text: format!("Line {}: {}", warning.line, warning.message()),
        fix: warning.kind.misspelt().map(|(written, meant)| Fix {
            written: written.to_owned(),
            meant: meant.to_owned(),
        }),
    });
    let known: Vec<&str> = params.iter().map(|param| param.name.as_str()).collect();
    let names = formula.misspelt(&known).into_iter().map(|name| Remark {
        text: format!(
            "Line {}, column {}: `{}` is not a param of this model yet. Did you mean `{}`?",
            name.line, name.column, name.written, name.meant
        ),
        fix: Some(fix(name)),
    });
    warnings.chain(names).collect()
}

fn right(check: Check, model: &MathModel, facts: &Facts<'_>, formula: &Formula) -> Check {
    let unit = model.text(ModelField::ValueUnit);
    let is_saved = model
        .formula
        .as_ref()
        .is_some_and(|saved| saved.text == formula.text());
    let mut check = Check {
        headline: headline(formula.identifiers().len()),
        warnings: remarks(formula, facts.params),
        chips: chips(formula, facts.params),
        effects: if is_saved {
            Vec::new()
        } else {
            effects::of_approving(formula, facts, model)
        },
        ..check
    };
    match scoring::preview(formula, facts.params, facts.effort_days) {
        Ok(score) => {
            if score.overall.is_none() {
                // The last note says why.
                check.warnings.extend(
                    score
                        .notes
                        .last()
                        .cloned()
                        .map(|text| Remark { text, fix: None }),
                );
            }
            check.lines = lines::worked(&score, facts.params);
            let is_approved = is_saved && model.approval.is_some();
            check.result = Some(result(&score, formula, facts, unit, is_approved));
        }
        Err(missing) => {
            check.is_fault = matches!(missing.as_slice(), [Missing::Arithmetic { .. }]);
            check.no_result = no_result(&missing);
        }
    }
    check
}

fn result(
    score: &Score,
    formula: &Formula,
    facts: &Facts<'_>,
    unit: &str,
    is_approved: bool,
) -> CheckResult {
    let waits = |param: &&Param| {
        param.approval_that_counts().is_none()
            && formula.identifiers().iter().any(|i| i.name == param.name)
    };
    let values = match facts.params.iter().filter(waits).count() {
        0 => None,
        1 => Some("1 value".to_owned()),
        n => Some(format!("{n} values")),
    };
    let note = match (is_approved, values) {
        (true, None) => format!(
            "with today’s values{}, all approved",
            laid_over(facts.params)
        ),
        (true, Some(values)) => format!("not for the record: {values} not approved"),
        (false, None) => "not for the record: this text isn’t approved".to_owned(),
        (false, Some(values)) => {
            format!("not for the record: this text and {values} not approved")
        }
    };
    CheckResult {
        is_preview: note.starts_with("not"),
        note,
        value: figures::score(Some(score.value), unit),
        effort: figures::score(score.effort, effort_unit(formula, facts.params)),
        overall: figures::score(score.overall, ""),
    }
}

/// Whose values stand in for Base's own; empty: nobody's.
fn laid_over(params: &[Param]) -> String {
    let within = params.iter().find_map(|param| param.scenario.as_ref());
    within
        .map(|within| format!(" in scenario {}", within.label))
        .unwrap_or_default()
}

fn headline(names: usize) -> String {
    match names {
        0 => "Reads no params".to_owned(),
        1 => "Reads 1 param".to_owned(),
        n => format!("Reads {n} params"),
    }
}

/// The names that the text reads, in order, then the params that were used and no longer are.
fn chips(formula: &Formula, params: &[Param]) -> Vec<Chip> {
    let is_read = |param: &&Param| formula.identifiers().iter().any(|i| i.name == param.name);
    let read = formula.identifiers().iter().map(|identifier| {
        match params.iter().find(|param| param.name == identifier.name) {
            Some(param) => chip(param, state(param)),
            None => Chip {
                name: identifier.name.clone(),
                ..Chip::default()
            },
        }
    });
    let unused = params
        .iter()
        .filter(|param| param.is_used() && !is_read(param))
        .map(|param| chip(param, ChipState::Unused));
    read.chain(unused).collect()
}

fn chip(param: &Param, state: ChipState) -> Chip {
    let within = param.scenario.as_ref();
    let within = within.map(|within| format!(" in {}", within.label));
    let within = within.unwrap_or_default();
    let shown = |digits| {
        let figure = figures::stored(digits, &param.unit).0;
        format!("{}{within}", figures::text(&figure))
    };
    Chip {
        name: param.name.clone(),
        state,
        value: param
            .counts()
            .map(|value| shown(value.decimal()))
            .unwrap_or_default(),
    }
}

fn state(param: &Param) -> ChipState {
    match (param.counts(), param.approval_that_counts()) {
        (None, _) => ChipState::Missing,
        (Some(_), Some(_)) => ChipState::Approved,
        (Some(_), None) => ChipState::Filled,
    }
}

/// The initiative's own effort is in days, a param's is in its unit, a formula's is in whatever it computes.
fn effort_unit<'a>(formula: &Formula, params: &'a [Param]) -> &'a str {
    if formula.outputs().effort {
        ""
    } else if formula.effort_is_param() {
        params
            .iter()
            .find(|param| param.name == "effort")
            .map_or("", |param| &param.unit)
    } else {
        "days"
    }
}

fn no_result(missing: &[Missing]) -> String {
    let mut named: Vec<_> = missing
        .iter()
        .take(NAMED)
        .map(ToString::to_string)
        .collect();
    if missing.len() > NAMED {
        named.push(format!("{} more are missing", missing.len() - NAMED));
    }
    format!(
        "No result with today’s values: {}.",
        named.join("; ").trim_end_matches('.')
    )
}

#[cfg(test)]
mod tests {
    use super::{super::editor::tests::model, *};
    use crate::domain::param::tests::approved_param;

    fn checked(text: &str, params: &[Param]) -> Check {
        let facts = Facts {
            params,
            effort_days: Some(10.0),
            recorded: None,
            next: String::new(),
        };
        check(&model(None), &facts, text)
    }

    fn params() -> Vec<Param> {
        let mut params = vec![
            approved_param("a", "0.04"),
            approved_param("b", "3"),
            approved_param("c", "5"),
        ];
        params[1].value_approval = None;
        params[2].value = None;
        params
    }

    #[test]
    fn an_error_points_into_the_typed_line() {
        for (typed, before, marked, after) in [
            ("value = a + * b", "value = a + ", "*", " b"),
            ("x = 1\r\nvalue = x +* 2", "value = x +", "*", " 2"),
            ("value = é", "value = ", "é", ""),
        ] {
            let check = checked(typed, &[]);
            let found = check.errors.iter().any(|error| {
                error.before == before && error.marked == marked && error.after == after
            });
            assert!(found, "{typed}: {:?}", check.errors);
            assert!(check.headline.ends_with("error") || check.headline.ends_with("errors"));
        }
    }

    #[test]
    fn a_place_beyond_the_text_marks_nothing() {
        let errors = Formula::parse("x = 1").unwrap_err();
        let mut error = errors[0].clone();
        (error.line, error.column, error.length) = (9, 9, 9);
        let pointer = pointer("x = 1", &error);
        assert_eq!(
            (pointer.before, pointer.marked, pointer.after),
            Default::default()
        );
    }

    #[test]
    fn every_name_shows_what_stands_behind_it() {
        let chips = checked("value = a * c * d", &params()).chips;
        let shown: Vec<_> = chips
            .iter()
            .map(|chip| (chip.name.as_str(), chip.state, chip.value.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("a", ChipState::Approved, "4 %"),
                ("c", ChipState::Missing, ""),
                ("d", ChipState::New, ""),
                ("b", ChipState::Unused, "300 %"),
            ]
        );
    }

    #[test]
    fn a_filled_formula_shows_its_result_and_each_line() {
        let check = checked("x = a * 100\nvalue = x * b", &params());
        let result = check.result.unwrap();
        assert_eq!(figures::text(&result.value), "£12");
        assert_eq!(figures::text(&result.effort), "10 days");
        assert_eq!(figures::text(&result.overall), "1.2");
        let lines: Vec<_> = check
            .lines
            .iter()
            .map(|line| (line.number, line.value.as_str()))
            .collect();
        assert_eq!(lines, [(1, "4"), (2, "12")]);
        assert_eq!(check.headline, "Reads 2 params");
    }

    #[test]
    fn what_is_missing_is_named_three_at_most() {
        let check = checked("value = c + d + f + g + h", &params());
        assert_eq!(
            check.no_result,
            "No result with today’s values: c has no value; d has no value; f has no value; 2 more are missing."
        );
        assert_eq!(check.result, None);
    }

    #[test]
    fn a_misspelt_name_offers_the_one_that_was_probably_meant() {
        let params = [
            approved_param("uplift_conv", "0.02"),
            approved_param("aov", "45"),
        ];
        let remarks = checked("value = uplift_cnv * aov", &params).warnings;
        assert_eq!(
            remarks[0].text,
            "Line 1, column 9: `uplift_cnv` is not a param of this model yet. Did you mean `uplift_conv`?"
        );
        assert_eq!(remarks[0].fix.as_ref().unwrap().meant, "uplift_conv");
        let errors = checked("value = mx(aov, 2)", &params).errors;
        assert_eq!(errors[0].fix.as_ref().unwrap().meant, "max");
    }

    #[test]
    fn a_result_says_what_it_rests_on_that_nobody_has_approved() {
        let mut approved = model(Some("value = a"));
        approved.approval = Some(
            crate::domain::param::tests::approved_param("a", "1")
                .value_approval
                .unwrap(),
        );
        let unapproved = model(Some("value = a"));
        let filled = {
            let mut param = approved_param("a", "0.04");
            param.value_approval = None;
            param
        };
        for (model, param, is_preview, note) in [
            (
                &approved,
                approved_param("a", "0.04"),
                false,
                "with today’s values, all approved",
            ),
            (
                &approved,
                filled.clone(),
                true,
                "not for the record: 1 value not approved",
            ),
            (
                &unapproved,
                approved_param("a", "0.04"),
                true,
                "not for the record: this text isn’t approved",
            ),
            (
                &unapproved,
                filled,
                true,
                "not for the record: this text and 1 value not approved",
            ),
        ] {
            let params = [param];
            let facts = Facts {
                params: &params,
                effort_days: None,
                recorded: None,
                next: String::new(),
            };
            let result = check(model, &facts, "value = a").result.unwrap();
            assert_eq!(
                (result.is_preview, result.note.as_str()),
                (is_preview, note)
            );
        }
    }

    #[test]
    fn arithmetic_that_fails_names_the_operation_and_its_numbers() {
        let check = checked("value = a / (b - 3)", &params());
        assert!(check.is_fault);
        assert_eq!(
            check.no_result,
            "No result with today’s values: Line 1: `a / (b - 3)` divides by zero (0.04 / 0). Fill in another number, or guard the line with if(…)."
        );
    }

    #[test]
    fn nothing_typed_is_no_error() {
        let check = checked(" \r\n", &params());
        assert_eq!(
            (check.headline.as_str(), check.errors.len()),
            ("Nothing written yet", 0)
        );
    }

    #[test]
    fn effects_are_said_for_a_text_that_is_not_saved() {
        let params = params();
        let facts = Facts {
            params: &params,
            effort_days: None,
            recorded: None,
            next: String::new(),
        };
        assert!(
            check(&model(Some("value = a")), &facts, "value = a")
                .effects
                .is_empty()
        );
        assert!(
            !check(&model(Some("value = a")), &facts, "value = b")
                .effects
                .is_empty()
        );
    }
}
