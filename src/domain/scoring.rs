//! Scores: what an initiative is worth by one framework, or everything that is missing and who owes it.
//!
//! Missing is missing: no silent default, no clamp, no 0 in place of "unknown". Only an approved formula whose every
//! param is filled, approved and in range is scored for the record; a preview takes what is there and says so.

use super::{
    formula::{self, EvaluationError, Formula, LineValue},
    number_format,
    param::{Number, Param, Source},
    rights,
};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// What is to be scored.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The driving formula as far as it has come.
    pub formula: &'a FormulaState,
    /// The framework's params of this initiative, in any order.
    pub params: &'a [Param],
    /// The initiative's own effort in days, for formulas that give none.
    pub effort_days: Option<f64>,
}

/// How far the driving formula has come.
#[derive(Clone, Debug)]
pub enum FormulaState {
    /// Nothing saved.
    Missing,
    /// Saved, but nobody has approved this text.
    NotApproved {
        /// Its version.
        version: i32,
        /// The scenario whose own it is; none: Base's, or the framework's.
        scenario: Option<String>,
    },
    /// Approved (or the framework's own).
    Approved(Arc<Formula>),
}

impl FormulaState {
    /// How far a saved text has come; `scenario` is the one whose own it is. Only what parses can be approved; a text that
    /// no longer does (a stricter engine) waits for a new approval.
    #[must_use]
    pub fn of(saved: Option<(i32, &str)>, is_approved: bool, scenario: Option<&str>) -> Self {
        let Some((version, text)) = saved else {
            return Self::Missing;
        };
        let approved = is_approved.then(|| formula::cached(text).ok()).flatten();
        let scenario = scenario.map(str::to_owned);
        approved.map_or(Self::NotApproved { version, scenario }, Self::Approved)
    }
}

/// One thing that stands between an initiative and its score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Missing {
    /// No formula has been saved.
    Formula,
    /// Version waits for approval.
    FormulaApproval {
        /// Which one.
        version: i32,
        /// The scenario whose own it is; none: Base's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenario: Option<String>,
    },
    /// A param has no value.
    Value {
        /// The name in the formula.
        name: String,
        /// What people read.
        label: String,
        /// Who owes it.
        source: Option<Source>,
    },
    /// A param is filled and nobody has approved it.
    Approval {
        /// The name in the formula.
        name: String,
        /// What people read.
        label: String,
        /// Who owes it.
        source: Option<Source>,
    },
    /// A param's value lies outside its range.
    InRange {
        /// The name in the formula.
        name: String,
        /// What people read.
        label: String,
        /// Who owes it.
        source: Option<Source>,
    },
    /// All is there, and the arithmetic fails.
    Arithmetic {
        /// The formula engine's sentence.
        why: String,
    },
}

impl Missing {
    /// Who owes it, as people say it.
    #[must_use]
    pub fn owed_by(&self) -> &'static str {
        match self {
            Self::Value { source, .. }
            | Self::Approval { source, .. }
            | Self::InRange { source, .. } => {
                rights::owner(*source).map_or("PM", super::rights::Role::label)
            }
            _ => "PM",
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Formula => f.write_str("No formula yet"),
            Self::FormulaApproval { version, scenario } => {
                let of = scenario
                    .as_ref()
                    .map(|label| format!(" of scenario {label}"));
                let of = of.unwrap_or_default();
                write!(f, "Version {version} of the formula{of} waits for approval")
            }
            Self::Value { label, .. } => write!(f, "{label} has no value"),
            Self::Approval { label, .. } => write!(f, "{label} waits for approval"),
            Self::InRange { label, .. } => write!(f, "{label} is outside its range"),
            Self::Arithmetic { why } => f.write_str(why),
        }
    }
}

/// A result. `value` is finite; so are the others where there are any.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The formula's value.
    pub value: f64,
    /// The formula's effort, else the initiative's days; none: not given.
    pub effort: Option<f64>,
    /// The formula's overall, else value ÷ effort; none: the notes say why.
    pub overall: Option<f64>,
    /// Each line's value.
    pub lines: Vec<LineValue>,
    /// Where effort came from, and why overall is empty if it is.
    pub notes: Vec<String>,
}

/// Scores for the record.
///
/// # Errors
/// Everything that is missing, in the formula's order.
pub fn score(case: &Case<'_>) -> Result<Score, Vec<Missing>> {
    let formula = match case.formula {
        FormulaState::Missing => return Err(vec![Missing::Formula]),
        FormulaState::NotApproved { version, scenario } => {
            return Err(vec![Missing::FormulaApproval {
                version: *version,
                scenario: scenario.clone(),
            }]);
        }
        FormulaState::Approved(formula) => formula,
    };
    let (inputs, missing) = inputs(formula, case.params, Wanted::Approved);
    if missing.is_empty() {
        compute(formula, &inputs, case.effort_days).map_err(|error| arithmetic(&error))
    } else {
        Err(missing)
    }
}

/// What the formula gives with today's values, approved or not. Never for the record.
///
/// # Errors
/// The values that are missing.
pub fn preview(
    formula: &Formula,
    params: &[Param],
    effort_days: Option<f64>,
) -> Result<Score, Vec<Missing>> {
    let (inputs, missing) = inputs(formula, params, Wanted::Filled);
    if missing.is_empty() {
        compute(formula, &inputs, effort_days).map_err(|error| arithmetic(&error))
    } else {
        Err(missing)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Filled,
    Approved,
}

fn inputs(formula: &Formula, params: &[Param], wanted: Wanted) -> (Vec<f64>, Vec<Missing>) {
    let mut values = Vec::new();
    let mut missing = Vec::new();
    for identifier in formula.identifiers() {
        let name = &identifier.name;
        let Some(param) = params.iter().find(|param| param.name == *name) else {
            let (name, label) = (name.clone(), name.clone());
            missing.push(Missing::Value {
                name,
                label,
                source: None,
            });
            continue;
        };
        match (lack(param, wanted), param.counts()) {
            (Some(lack), _) => missing.push(lack),
            (None, value) => values.extend(value.map(Number::value)),
        }
    }
    (values, missing)
}

/// What stands between a group's params and a score, in the formula's order, given that its formula is approved.
/// `params` are all of the group's, in that order.
#[must_use]
pub fn missing_params(params: &[Param]) -> Vec<Missing> {
    let used = params.iter().filter(|param| param.is_used());
    used.filter_map(|param| lack(param, Wanted::Approved))
        .collect()
}

fn lack(param: &Param, wanted: Wanted) -> Option<Missing> {
    let named = || (param.name.clone(), param.label_that_counts(), param.source);
    let Some(value) = param.counts() else {
        let (name, label, source) = named();
        return Some(Missing::Value {
            name,
            label,
            source,
        });
    };
    if wanted == Wanted::Filled {
        return None;
    }
    // Outside its range it can't be approved, so that is what has to be said.
    if is_out_of_bounds(param, value) {
        let (name, label, source) = named();
        return Some(Missing::InRange {
            name,
            label,
            source,
        });
    }
    param.approval_that_counts().is_none().then(|| {
        let (name, label, source) = named();
        Missing::Approval {
            name,
            label,
            source,
        }
    })
}

fn is_out_of_bounds(param: &Param, value: &Number) -> bool {
    let waits = param.approval_that_counts().is_none();
    !param.hard.contain(value) || (waits && !param.range_that_counts().contain(value))
}

fn arithmetic(error: &EvaluationError) -> Vec<Missing> {
    let why = error.to_string();
    vec![Missing::Arithmetic { why }]
}

/// What a formula gives for the numbers that it reads, in its own order, with the rule overall = value ÷ effort.
///
/// # Errors
/// The operation that fails.
pub fn compute(
    formula: &Formula,
    inputs: &[f64],
    effort_days: Option<f64>,
) -> Result<Score, EvaluationError> {
    let result = formula.evaluate(inputs)?;
    let mut notes = Vec::new();
    let effort = result.effort.or(effort_days);
    if result.effort.is_none() && effort_days.is_some() {
        notes
            .push("Effort is the initiative’s days, which are not subject to approval.".to_owned());
    }
    let overall = match (result.overall, effort) {
        (Some(overall), _) => Some(overall),
        (None, None) => {
            notes.push("Overall is empty: no effort is given.".to_owned());
            None
        }
        (None, Some(0.0)) => {
            notes.push("Overall is empty: the effort is 0.".to_owned());
            None
        }
        (None, Some(effort)) => Some(result.value / effort).filter(|overall| {
            let is_finite = overall.is_finite();
            if !is_finite {
                notes.push("Overall is empty: value ÷ effort is too large a number.".to_owned());
            }
            is_finite
        }),
    };
    Ok(Score {
        value: result.value,
        effort,
        overall,
        lines: result.lines,
        notes,
    })
}

/// Engineering days + other teams' days; a blank part counts as not given, both blank give none.
#[must_use]
pub fn effort_days(engineering: Option<f64>, other_teams: Option<f64>) -> Option<f64> {
    match (engineering, other_teams) {
        (None, None) => None,
        (engineering, other) => Some(engineering.unwrap_or(0.0) + other.unwrap_or(0.0)),
    }
}

/// The initiative's own effort for a param that is the formula's effort, in days, and says something else. Never taken
/// by itself: a person takes it, and it counts as their edit.
#[must_use]
pub fn effort_offer(param: &Param, effort_days: Option<f64>) -> Option<String> {
    let unit = param.unit.trim().to_lowercase();
    let is_in_days = matches!(
        unit.as_str(),
        "days" | "day" | "person-days" | "person days"
    );
    if param.name != "effort" || !param.is_used() || !is_in_days {
        return None;
    }
    // Two typed numbers were added: what binary fractions add beyond that is no effort.
    let days = (effort_days? * 1e6).round() / 1e6;
    let is_there = param
        .value
        .as_ref()
        .is_some_and(|value| (value.value() - days).abs() < 1e-6);
    (!is_there)
        .then(|| number_format::shortest_decimal(days))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::param::tests::approved_param;

    const SEED: &str = "value = uplift_conv * baseline_conv * monthly_sessions * aov * margin * horizon_months - infra_cost";

    fn seed_params() -> Vec<Param> {
        [
            ("uplift_conv", "0.02"),
            ("baseline_conv", "0.04"),
            ("monthly_sessions", "500000"),
            ("aov", "45"),
            ("margin", "0.3"),
            ("horizon_months", "12"),
            ("infra_cost", "5000"),
        ]
        .map(|(name, digits)| approved_param(name, digits))
        .to_vec()
    }

    fn approved(text: &str) -> FormulaState {
        FormulaState::Approved(Arc::new(Formula::parse(text).unwrap()))
    }

    #[test]
    fn what_a_groups_params_lack_is_what_scoring_by_their_formula_lists() {
        let mut params = seed_params();
        params[1].value = None;
        params[2].value_approval = None;
        params[3].range.max = Some(Number::from_decimal("1".into()));
        params[3].value_approval = None;
        for (at, param) in params.iter_mut().enumerate() {
            param.position = i32::try_from(at).ok();
        }
        let mut orphan = approved_param("orphan", "1");
        (orphan.position, orphan.value) = (None, None);
        params.push(orphan);
        let listed = scored(SEED, &params, None).unwrap_err();
        assert_eq!(listed.len(), 3);
        assert_eq!(missing_params(&params), listed);
    }

    fn scored(
        text: &str,
        params: &[Param],
        effort_days: Option<f64>,
    ) -> Result<Score, Vec<Missing>> {
        score(&Case {
            formula: &approved(text),
            params,
            effort_days,
        })
    }

    #[test]
    fn the_seeds_formula_gives_59_800() {
        let score = scored(SEED, &seed_params(), Some(70.0)).unwrap();
        assert!((score.value - 59_800.0).abs() < 1e-9);
        assert!((score.overall.unwrap() - 854.285_714_285_714).abs() < 1e-9);
    }

    #[test]
    fn everything_missing_is_listed_at_once_in_the_formulas_order() {
        let mut params = seed_params();
        params[6].value = None;
        params[3].value_approval = None;
        params.remove(1);
        let missing = scored(SEED, &params, None).unwrap_err();
        let texts: Vec<_> = missing.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "baseline_conv has no value",
                "aov waits for approval",
                "infra_cost has no value"
            ]
        );
        assert_eq!(missing[1].owed_by(), "Finance");
        assert_eq!(missing[0].owed_by(), "PM");
    }

    #[test]
    fn an_unapproved_formula_gives_no_score_for_the_record() {
        let case = Case {
            formula: &FormulaState::NotApproved {
                version: 4,
                scenario: None,
            },
            params: &seed_params(),
            effort_days: None,
        };
        assert_eq!(
            score(&case),
            Err(vec![Missing::FormulaApproval {
                version: 4,
                scenario: None
            }])
        );
    }

    #[test]
    fn a_preview_takes_unapproved_values_but_never_invents_one() {
        let mut params = seed_params();
        params[3].value_approval = None;
        let formula = Formula::parse(SEED).unwrap();
        assert!((preview(&formula, &params, None).unwrap().value - 59_800.0).abs() < 1e-9);
        params[3].value = None;
        assert_eq!(preview(&formula, &params, None).unwrap_err().len(), 1);
    }

    #[test]
    fn without_effort_or_with_effort_zero_the_value_stands_and_overall_says_why() {
        for (effort, why) in [(None, "no effort is given"), (Some(0.0), "the effort is 0")] {
            let score = scored(SEED, &seed_params(), effort).unwrap();
            assert_eq!(score.overall, None);
            assert!(
                score.notes.iter().any(|note| note.contains(why)),
                "{:?}",
                score.notes
            );
        }
    }

    #[test]
    fn rice_takes_its_effort_from_its_own_param_and_never_from_the_days() {
        let params = [
            ("reach", "100000"),
            ("impact", "3"),
            ("confidence", "0.7"),
            ("effort", "20"),
        ]
        .map(|(name, digits)| approved_param(name, digits));
        let text = "value = reach * impact * confidence\noverall = value / effort";
        let score = scored(text, &params, Some(999.0)).unwrap();
        assert!((score.value - 210_000.0).abs() < 1e-6);
        assert_eq!(score.effort, Some(20.0));
        assert!((score.overall.unwrap() - 10_500.0).abs() < 1e-6);
    }

    #[test]
    fn a_division_by_zero_is_missing_arithmetic_and_no_number() {
        let params = [approved_param("a", "1"), approved_param("b", "0")];
        let missing = scored("value = a / b", &params, None).unwrap_err();
        assert!(
            matches!(&missing[..], [Missing::Arithmetic { .. }]),
            "{missing:?}"
        );
    }

    #[test]
    fn effort_days_are_offered_to_a_used_effort_param_in_days_that_says_something_else() {
        let offer = |change: fn(&mut Param), days| {
            let mut param = approved_param("effort", "20");
            param.unit = "days".to_owned();
            change(&mut param);
            effort_offer(&param, days)
        };
        assert_eq!(offer(|_| {}, Some(70.0)).as_deref(), Some("70"));
        assert_eq!(
            offer(|p| p.value = None, Some(0.1 + 0.2)).as_deref(),
            Some("0.3")
        );
        assert_eq!(offer(|p| p.value = None, Some(0.0)).as_deref(), Some("0"));
        assert_eq!(offer(|_| {}, Some(20.0)), None, "it says so already");
        assert_eq!(offer(|_| {}, None), None);
        assert_eq!(offer(|p| p.unit = "months".to_owned(), Some(70.0)), None);
        assert_eq!(offer(|p| p.name = "build".to_owned(), Some(70.0)), None);
        assert_eq!(offer(|p| p.position = None, Some(70.0)), None);
    }

    #[test]
    fn a_blank_effort_part_counts_as_not_given() {
        assert_eq!(effort_days(Some(3.0), None), Some(3.0));
        assert_eq!(effort_days(None, None), None);
        assert_eq!(effort_days(Some(0.0), None), Some(0.0));
    }
}
