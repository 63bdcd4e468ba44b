//! Scenarios: what an initiative would be worth if some of its numbers, or its formula, were others. *Base* is the model
//! with its params; a scenario follows it live in everything but the values that it sets itself, and the formula where it
//! has its own ([`formula`]).
//!
//! A scenario's approval covers exactly what is its own; what it follows needs Base's own approvals. So Base's params with
//! a scenario laid over them ([`Scenario::over`]) are scored like any others.

use super::{
    amount::DecimalSeparator,
    approval::Approval,
    change::FieldChange,
    ids::{FrameworkId, InitiativeId, MathModelId, ParamId, UserId},
    math_model::{BASE, FormulaVersion},
    number_format,
    param::{Bounds, Number, Param, ParamEdit, ParamRefusal, Source},
    param_input::{self, InputRefusal, ParamField, Typed},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

mod base;
pub mod formula;

pub use base::{Base, Text, Whose};

/// The longest name of a scenario, in characters.
pub const LONGEST_LABEL: usize = 40;

/// The names that are offered with one click.
pub const QUICK_LABELS: [&str; 2] = ["Optimistic", "Conservative"];

/// A number that a scenario sets itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioValue {
    /// In the place of which param's.
    pub param: ParamId,
    /// Moves with each change; forms carry it.
    pub revision: i64,
    /// The number.
    pub value: Number,
    /// A range of its own; an end that is open here follows Base.
    pub range: Bounds,
    /// Who set it.
    pub set_by: (UserId, String),
    /// When.
    pub set_at: DateTime<Utc>,
}

/// A scenario beside Base.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its row among the math models.
    pub id: MathModelId,
    /// Whose it is.
    pub initiative_id: InitiativeId,
    /// Which framework's.
    pub framework_id: FrameworkId,
    /// The framework whose formula it follows, as all its initiatives do; none: it stands beside the initiative's own model.
    pub shares: Option<String>,
    /// What it is called.
    pub label: String,
    /// Moves with each change; forms carry it.
    pub revision: i64,
    /// Whether it drives the score in Base's place.
    pub drives: bool,
    /// Since when it is out of the way; none: it isn't.
    pub put_away_at: Option<DateTime<Utc>>,
    /// Its own formula; none: it follows Base's.
    pub formula: Option<FormulaVersion>,
    /// What it sets itself, by param.
    pub values: Vec<ScenarioValue>,
    /// The live approval of exactly this formula and these values.
    pub approval: Option<Approval>,
}

/// A param's number in a scenario, with the approval that covers it.
#[derive(Clone, Debug, PartialEq)]
pub struct InScenario {
    /// Which scenario.
    pub scenario: MathModelId,
    /// What it is called.
    pub label: String,
    /// What it sets.
    pub value: ScenarioValue,
    /// The scenario's approval.
    pub approval: Option<Approval>,
}

impl Scenario {
    /// What it sets for a param; none: it follows Base.
    #[must_use]
    pub fn value_of(&self, param: ParamId) -> Option<&ScenarioValue> {
        self.values.iter().find(|value| value.param == param)
    }

    /// Base's params with this scenario laid over them, each one telling what it replaces.
    #[must_use]
    pub fn over(&self, base: &[Param]) -> Vec<Param> {
        let laid_over = |param: &Param| Param {
            scenario: self.value_of(param.id).map(|value| {
                Box::new(InScenario {
                    scenario: self.id,
                    label: self.label.clone(),
                    value: value.clone(),
                    approval: self.approval.clone(),
                })
            }),
            ..param.clone()
        };
        base.iter().map(laid_over).collect()
    }

    /// Exactly what an approval covers: its formula, if it has one, and its values with their units and own ranges. `base`
    /// are all params of the group.
    #[must_use]
    pub fn content(&self, base: &[Param]) -> Value {
        let values = self.values.iter().filter_map(|value| {
            let param = base.iter().find(|param| param.id == value.param)?;
            Some(logged(param, &value.value, &value.range))
        });
        let values = values.collect::<Vec<_>>();
        match &self.formula {
            Some(own) => json!({ "formula": formula::logged(own), "values": values }),
            None => json!({ "values": values }),
        }
    }

    /// Whose the params are in whose place it sets values, each once: whoever approves it must be allowed to approve for
    /// all of them.
    #[must_use]
    pub fn sources(&self, base: &[Param]) -> Vec<Option<Source>> {
        let mut sources = Vec::new();
        for param in base
            .iter()
            .filter(|param| self.value_of(param.id).is_some())
        {
            if !sources.contains(&param.source) {
                sources.push(param.source);
            }
        }
        sources
    }

    /// Whether it follows Base in everything.
    #[must_use]
    pub fn sets_nothing(&self) -> bool {
        self.values.is_empty() && self.formula.is_none()
    }

    /// Whether what is its own may be approved as it stands.
    ///
    /// # Errors
    /// Nothing is, its formula can't be read, or a value lies outside its range.
    pub fn check_approvable(&self, base: &[Param]) -> Result<(), NotApprovable> {
        if self.sets_nothing() {
            return Err(NotApprovable::SetsNothing(self.label.clone()));
        }
        if let Some(text) = self.formula_text() {
            formula::read(text, base)?;
        }
        for param in self.over(base).iter().filter(|p| p.scenario.is_some()) {
            let Some(value) = param.counts() else {
                continue;
            };
            for bounds in [param.hard.clone(), param.range_that_counts()] {
                if !bounds.contain(value) {
                    let (label, value) = (param.label_that_counts(), value.clone());
                    return Err(NotApprovable::OutsideRange {
                        label,
                        value,
                        bounds,
                    });
                }
            }
        }
        Ok(())
    }
}

/// The params without any scenario: Base.
#[must_use]
pub fn base(params: &[Param]) -> Vec<Param> {
    let alone = |param: &Param| Param {
        scenario: None,
        ..param.clone()
    };
    params.iter().map(alone).collect()
}

impl Param {
    /// The number that is scored: the scenario's where one is laid over it, else its own.
    #[must_use]
    pub fn counts(&self) -> Option<&Number> {
        match &self.scenario {
            Some(within) => Some(&within.value.value),
            None => self.value.as_ref(),
        }
    }

    /// The range of the number that is scored.
    #[must_use]
    pub fn range_that_counts(&self) -> Bounds {
        let own = self.scenario.as_ref().map(|within| &within.value.range);
        let [min, max] = own.map_or([None, None], |own| [own.min.clone(), own.max.clone()]);
        Bounds {
            min: min.or_else(|| self.range.min.clone()),
            max: max.or_else(|| self.range.max.clone()),
        }
    }

    /// The approval of the number that is scored.
    #[must_use]
    pub fn approval_that_counts(&self) -> Option<&Approval> {
        match &self.scenario {
            Some(within) => within.approval.as_ref(),
            None => self.value_approval.as_ref(),
        }
    }

    /// What the number that is scored is called: "Margin in scenario Optimistic".
    #[must_use]
    pub fn label_that_counts(&self) -> String {
        match &self.scenario {
            Some(within) => format!("{} in scenario {}", self.label(), within.label),
            None => self.label().to_owned(),
        }
    }
}

/// Why a scenario can't be approved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApprovable {
    /// It follows Base in everything.
    #[error(
        "Scenario {0} follows Base in everything, so there is nothing to approve. Set a value or a formula first."
    )]
    SetsNothing(String),
    /// Its formula isn't one.
    #[error(transparent)]
    Formula(#[from] formula::FormulaRefusal),
    /// A value outside its range.
    #[error(
        "{label} is {value}, outside its range ({bounds}). Change the value or the range, then approve."
    )]
    OutsideRange {
        /// What it is called.
        label: String,
        /// The value.
        value: Number,
        /// Its range.
        bounds: Bounds,
    },
}

/// Why a scenario can't be called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelRefusal {
    /// No name.
    #[error("Give the scenario a name, for example Optimistic.")]
    Empty,
    /// Too long.
    #[error("This name is {0} characters long; at most {LONGEST_LABEL} fit.")]
    TooLong(usize),
    /// Base is the model itself.
    #[error("{BASE} is the model itself. Choose another name.")]
    Reserved,
    /// Another scenario is called so.
    #[error("There is a scenario {0} here already. Choose another name.")]
    Taken(String),
    /// One that is put away is called so.
    #[error("Scenario {0} has that name and is put away. Bring it back, or choose another name.")]
    PutAway(String),
}

/// A scenario's name as it was typed, beside the others of the same model.
///
/// # Errors
/// It can't be called so.
pub fn read_label(typed: &str, others: &[&Scenario]) -> Result<String, LabelRefusal> {
    let label = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = label.chars().count();
    let lower = label.to_lowercase();
    if label.is_empty() {
        return Err(LabelRefusal::Empty);
    }
    if chars > LONGEST_LABEL {
        return Err(LabelRefusal::TooLong(chars));
    }
    if lower == BASE.to_lowercase() {
        return Err(LabelRefusal::Reserved);
    }
    match others
        .iter()
        .find(|other| other.label.to_lowercase() == lower)
    {
        Some(other) if other.put_away_at.is_some() => {
            Err(LabelRefusal::PutAway(other.label.clone()))
        }
        Some(other) => Err(LabelRefusal::Taken(other.label.clone())),
        None => Ok(label),
    }
}

/// What was typed for a value; empty ends of the range follow Base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedValue {
    /// The number.
    pub value: String,
    /// Its lowest.
    pub min: String,
    /// Its highest.
    pub max: String,
    /// How they are written.
    pub separator: DecimalSeparator,
}

/// Which box isn't taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The number's.
    Value,
    /// The range's.
    Range,
}

/// Why a box isn't taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ValueRefusal {
    /// No number there.
    #[error("A number is due here. To follow Base again, drop the value.")]
    Due,
    /// It can't be read, or in two ways.
    #[error(transparent)]
    Input(#[from] InputRefusal),
    /// It breaks a rule.
    #[error(transparent)]
    Rule(#[from] ParamRefusal),
}

/// Reads a value as it is read in the param's own row: the same readings, questions and hard bounds.
///
/// # Errors
/// Which box isn't taken, and why.
pub fn read_value(
    param: &Param,
    typed: &TypedValue,
) -> Result<(Number, Bounds), (Place, ValueRefusal)> {
    // A fact keeps what the param says, not what a scenario says instead.
    let mut row = Param {
        scenario: None,
        follows: None,
        ..param.clone()
    };
    // The range first: it tells how the number is read.
    let range = read_range(&mut row, typed).map_err(|why| (Place::Range, why))?;
    let value = read_number(&mut row, typed).map_err(|why| (Place::Value, why))?;
    Ok((value, range))
}

fn read_range(row: &mut Param, typed: &TypedValue) -> Result<Bounds, ValueRefusal> {
    let ends = Typed {
        text: typed.min.clone(),
        max: typed.max.clone(),
        separator: typed.separator,
    };
    let mut own = Bounds::default();
    for edit in param_input::read(row, ParamField::Range, &ends)? {
        if let ParamEdit::Range(range) = edit {
            own = range;
        }
    }
    let all = Bounds {
        min: own.min.clone().or_else(|| row.range.min.clone()),
        max: own.max.clone().or_else(|| row.range.max.clone()),
    };
    row.apply(ParamEdit::Range(all))?;
    Ok(own)
}

fn read_number(row: &mut Param, typed: &TypedValue) -> Result<Number, ValueRefusal> {
    if typed.value.trim().is_empty() {
        return Err(ValueRefusal::Due);
    }
    let number = Typed::one(&*typed.value).written_with(typed.separator);
    let edits = param_input::read(row, ParamField::Value, &number)?;
    let number = edits.into_iter().find_map(|edit| match edit {
        ParamEdit::Value(number) => number,
        _ => None,
    });
    let number = number.ok_or(ValueRefusal::Due)?;
    row.apply(ParamEdit::Value(Some(number.clone())))?;
    Ok(number)
}

/// Why a scenario's approval falls when Base's param changed so; none: it stands. `param` is as it is now.
#[must_use]
pub fn falls(value: &ScenarioValue, param: &Param, changes: &[FieldChange]) -> Option<String> {
    let is_new = |field: &str| changes.iter().any(|change| change.field == field);
    let label = param.label();
    if is_new("unit") {
        return Some(format!("the unit of {label} changed"));
    }
    if is_new("source") {
        return Some(format!("the source of {label} changed"));
    }
    let all = Bounds {
        min: value.range.min.clone().or_else(|| param.range.min.clone()),
        max: value.range.max.clone().or_else(|| param.range.max.clone()),
    };
    let is_outside = (is_new("min") || is_new("max")) && !all.contain(&value.value);
    is_outside.then(|| out_of_range(label))
}

/// Why the approval of a scenario falls whose value of that param is left out by a range.
#[must_use]
pub fn out_of_range(label: &str) -> String {
    format!("its value of {label} is outside the new range")
}

/// A value of a scenario as it is logged and approved.
#[must_use]
pub fn logged(param: &Param, value: &Number, range: &Bounds) -> Value {
    json!({
        "param_id": param.id, "name": param.name, "label": param.label(), "value": value, "unit": param.unit,
        "min": range.min, "max": range.max, "source": param.source,
    })
}

/// The sentence of a change of a scenario (`subject` is `scenario Optimistic`), or of which one drives (`subject` is the
/// initiative's key); none: it is no such change.
#[must_use]
pub fn change_sentence(field: &str, subject: &str, old: &Value, new: &Value) -> Option<String> {
    let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
    Some(match field {
        "scenario_value" => match (old.is_null(), new.is_null()) {
            (true, _) => format!("set {} to {} in {subject}", label(new), figure(new)),
            (_, true) => format!(
                "dropped {} from {subject}: it follows Base again (was {})",
                label(old),
                figure(old)
            ),
            _ => format!(
                "changed {} in {subject} from {} to {}",
                label(new),
                figure(old),
                figure(new)
            ),
        },
        "scenario_formula" => match (old.is_null(), new.is_null()) {
            (_, true) => format!("dropped the formula of {subject}: it follows Base’s again"),
            (true, _) => format!("gave {subject} a formula of its own, {}", version(new)),
            _ => format!("changed the formula of {subject} to {}", version(new)),
        },
        "scenario_label" => format!("renamed scenario {} to {}", text(old), text(new)),
        "scenario_put_away" if new == &Value::Bool(true) => format!("put {subject} away"),
        "scenario_put_away" => format!("brought {subject} back"),
        "scenario_approval" => approval_sentence(subject, new),
        "driving_scenario" => {
            let by = new.get("framework").and_then(Value::as_str);
            let by = by.map(|framework| format!(" by {framework}"));
            format!(
                "let scenario {} drive the score of {subject}{} (was {})",
                label(new),
                by.unwrap_or_default(),
                label(old)
            )
        }
        _ => return None,
    })
}

fn approval_sentence(subject: &str, new: &Value) -> String {
    let text = |key: &str| new.get(key).and_then(Value::as_str).unwrap_or_default();
    let Some(values) = new.get("values").and_then(Value::as_array) else {
        return format!("withdrew the approval of {subject}: {}", text("why"));
    };
    let how = match text("origin") {
        "reinstated" => "reinstated the approval of",
        _ => "approved",
    };
    let formula = new.get("formula");
    let formula = formula.map(|formula| format!("its formula, {}", version(formula)));
    let all: Vec<_> = formula.into_iter().chain(values.iter().map(said)).collect();
    format!("{how} {subject}: {}", all.join(", "))
}

fn version(formula: &Value) -> String {
    let version = formula.get("version").and_then(Value::as_i64);
    format!("version {}", version.unwrap_or_default())
}

/// "Margin at 35 %".
fn said(value: &Value) -> String {
    format!("{} at {}", label(value), figure(value))
}

fn label(value: &Value) -> String {
    let label = value.get("label").and_then(Value::as_str);
    label.unwrap_or_default().to_owned()
}

fn figure(value: &Value) -> String {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    number_format::with_unit(text("value"), text("unit"))
}

#[cfg(test)]
mod tests;
