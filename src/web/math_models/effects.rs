//! What approving a formula would do, said beforehand. Words only; the act itself is
//! [`crate::actions::approve_formula`].

use super::editor::Facts;
use crate::{
    domain::{
        formula::Formula,
        ids::ParamId,
        math_model::{MathModel, ModelField},
        param::Param,
        param_rename::{Candidate, pairs},
        scenario::formula::read_names,
        scoring::{self, Case, FormulaState, Missing},
    },
    web::figures,
};
use std::sync::Arc;

/// How many names are listed before the rest is only counted.
const NAMED: usize = 8;

/// What approving this formula would do to the params and to the score, each in a sentence.
#[must_use]
pub(super) fn of_approving(formula: &Formula, facts: &Facts<'_>, model: &MathModel) -> Vec<String> {
    let driver = model.driver.as_ref().filter(|driver| driver.has_formula);
    let base = driver.map(|_| read_by_base(model));
    let names: Vec<&str> = formula
        .identifiers()
        .iter()
        .map(|i| i.name.as_str())
        .collect();
    let find = |name: &str| facts.params.iter().find(|param| param.name == name);
    let pick = |wanted: &dyn Fn(&str) -> bool| -> Vec<&str> {
        names.iter().copied().filter(|name| wanted(name)).collect()
    };
    let new = pick(&|name| find(name).is_none());
    let is_used = |param: &Param| match &base {
        Some(names) => names.contains(&param.name),
        None => param.is_used(),
    };
    let again = pick(&|name| find(name).is_some_and(|param| !is_used(param)));
    let dropped: Vec<&str> = facts
        .params
        .iter()
        .filter(|param| is_used(param) && !names.contains(&param.name.as_str()))
        .map(|param| param.name.as_str())
        .collect();
    let mut effects = Vec::new();
    if !new.is_empty() {
        effects.push(format!("Adds {}: {}", params(new.len()), list(&new)));
    }
    if !again.is_empty() {
        effects.push(format!(
            "{} {} used again",
            list(&again),
            is_or_are(again.len())
        ));
    }
    if !dropped.is_empty() {
        effects.push(format!(
            "{} {} no longer used",
            list(&dropped),
            is_or_are(dropped.len())
        ));
    }
    if driver.is_none() {
        effects.extend(renamed(&dropped, &new, facts.params));
    }
    if effects.is_empty() {
        effects.push("Leaves the params as they are".to_owned());
    }
    effects.push(match driver {
        Some(driver) => format!(
            "Leaves the score as it is: scenario {} drives it by a formula of its own",
            driver.label
        ),
        None => on_score(formula, facts, model.text(ModelField::ValueUnit)),
    });
    effects
}

/// What Base's formula reads, as it was approved last: with a scenario's own driving, the params don't say so.
fn read_by_base(model: &MathModel) -> Vec<String> {
    let approved = model.last_approved.as_ref();
    approved.map_or_else(Vec::new, |approved| read_names(&approved.text))
}

/// What is probably the same number under another name, and can be carried over afterwards.
fn renamed(dropped: &[&str], new: &[&str], all: &[Param]) -> Option<String> {
    let candidate = |name: &str| {
        let param = all.iter().find(|param| param.name == name);
        Candidate {
            id: param.map_or(ParamId(0), |param| param.id),
            name: name.to_owned(),
            revision: param.map_or(0, |param| param.revision),
        }
    };
    let has_value = |name: &&&str| {
        let mut same = all.iter().filter(|param| param.name == **name);
        same.any(|param| param.value.is_some())
    };
    let dropped = dropped.iter().filter(has_value).map(|name| candidate(name));
    let pairs = pairs(
        dropped.collect(),
        new.iter().map(|name| candidate(name)).collect(),
    );
    let words: Vec<_> = pairs
        .iter()
        .map(|(old, new)| format!("{} to {}", old.name, new.name))
        .collect();
    (!words.is_empty()).then(|| {
        format!(
            "Afterwards you can carry {} over, with value, approval and history",
            words.join(", ")
        )
    })
}

fn on_score(formula: &Formula, facts: &Facts<'_>, unit: &str) -> String {
    let shown = |value: f64, unit: &str| figures::text(&figures::score(Some(value), unit));
    let old = facts
        .recorded
        .as_ref()
        .map(|(value, unit)| shown(*value, unit));
    match scoring::preview(formula, facts.params, facts.effort_days) {
        Ok(score) => {
            let new = shown(score.value, unit);
            let change = match old {
                None => format!("Scores the initiative at {new}"),
                Some(old) if old == new => format!("Leaves the value at {old}"),
                Some(old) => format!("Changes the value from {old} to {new}"),
            };
            match waiting(formula, facts) {
                0 => change,
                n => format!("{change}, once {} {} approved", params(n), is_or_are(n)),
            }
        }
        Err(missing) => {
            if let [Missing::Arithmetic { why }] = missing.as_slice() {
                return format!("Gives no score: {why}");
            }
            let n = waiting(formula, facts);
            let until = old.map(|old| format!("; until then {old} stands as stale"));
            let (params, are, until) = (params(n), is_or_are(n), until.unwrap_or_default());
            format!("Gives a score once {params} {are} filled and approved{until}")
        }
    }
}

/// How many params stand between this formula and a score for the record.
fn waiting(formula: &Formula, facts: &Facts<'_>) -> usize {
    let approved = FormulaState::Approved(Arc::new(formula.clone()));
    let case = Case {
        formula: &approved,
        params: facts.params,
        effort_days: facts.effort_days,
    };
    scoring::score(&case).err().unwrap_or_default().len()
}

fn params(count: usize) -> String {
    if count == 1 {
        "1 param".to_owned()
    } else {
        format!("{count} params")
    }
}

fn is_or_are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn list(names: &[&str]) -> String {
    let first = names
        .iter()
        .take(NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::editor::tests::model, *};
    use crate::domain::param::tests::approved_param;

    /// A text, its params, the recorded score, and what approving it would do.
    type Case<'a> = (&'a str, Vec<Param>, Option<(f64, String)>, &'a [&'a str]);

    fn effects(text: &str, params: &[Param], recorded: Option<(f64, String)>) -> Vec<String> {
        let facts = Facts {
            params,
            effort_days: None,
            recorded,
            next: String::new(),
        };
        of_approving(&Formula::parse(text).unwrap(), &facts, &model(None))
    }

    #[test]
    fn approving_says_which_params_come_and_go_and_what_becomes_of_the_value() {
        let pounds = |value| Some((value, "£".to_owned()));
        let mut unused = approved_param("old", "3");
        unused.position = None;
        let mut unapproved = approved_param("b", "3");
        unapproved.value_approval = None;
        let mut empty = approved_param("b", "3");
        empty.value = None;
        let (a, b) = (approved_param("a", "2"), approved_param("b", "3"));
        let cases: [Case<'_>; 10] = [
            (
                "value = a * bb",
                vec![a.clone(), b.clone()],
                None,
                &[
                    "Adds 1 param: bb",
                    "b is no longer used",
                    "Afterwards you can carry b to bb over, with value, approval and history",
                    "Gives a score once 1 param is filled and approved",
                ],
            ),
            (
                "value = a * x * y",
                vec![a.clone()],
                pounds(59_800.0),
                &[
                    "Adds 2 params: x, y",
                    "Gives a score once 2 params are filled and approved; until then £59,800 stands as stale",
                ],
            ),
            (
                "x",
                vec![],
                None,
                &[
                    "Adds 1 param: x",
                    "Gives a score once 1 param is filled and approved",
                ],
            ),
            (
                "value = a",
                vec![a.clone(), b.clone()],
                pounds(6.0),
                &["b is no longer used", "Changes the value from £6 to £2"],
            ),
            (
                "value = a * old",
                vec![a.clone(), unused],
                pounds(6.0),
                &["old is used again", "Leaves the value at £6"],
            ),
            (
                "a * b",
                vec![a.clone(), b.clone()],
                None,
                &[
                    "Leaves the params as they are",
                    "Scores the initiative at £6",
                ],
            ),
            (
                "a * b",
                vec![a.clone(), unapproved],
                pounds(5.0),
                &[
                    "Leaves the params as they are",
                    "Changes the value from £5 to £6, once 1 param is approved",
                ],
            ),
            (
                "a * b",
                vec![a.clone(), empty],
                None,
                &[
                    "Leaves the params as they are",
                    "Gives a score once 1 param is filled and approved",
                ],
            ),
            (
                "1",
                vec![a.clone(), b],
                None,
                &["a, b are no longer used", "Scores the initiative at £1"],
            ),
            (
                "a",
                vec![a],
                pounds(2.0),
                &["Leaves the params as they are", "Leaves the value at £2"],
            ),
        ];
        for (text, params, recorded, expected) in cases {
            assert_eq!(effects(text, &params, recorded), expected, "{text}");
        }
    }

    #[test]
    fn arithmetic_that_fails_is_said_beforehand() {
        let params = [approved_param("a", "0")];
        let said = effects("value = 1 / a", &params, None);
        assert!(said[1].starts_with("Gives no score: "), "{said:?}");
    }

    #[test]
    fn a_long_list_of_names_ends_with_a_count() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        assert_eq!(list(&names), "a, b, c, d, e, f, g, h and 2 more");
    }
}
