//! The rows of params that formulas read: one appears for each new name of an approved formula, and each row knows whether
//! the formula that drives the score reads it, and where, or only another one.

use super::{Actor, effects::Effects};
use crate::{
    domain::{
        change::Entity,
        ids::{FrameworkId, InitiativeId},
        math_model::MathModel,
        param::{Bounds, Number, Param, Source},
        plain_rules,
        scenario::{Scenario, formula::read_names},
    },
    store::{
        math_models,
        params::{self, NewParam},
        scenarios,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// The currency that plain rules give to amounts of money.
const CURRENCY: &str = "£";

/// Makes a row for each name that has none, in order, and marks which the formula reads. Labels, units and sources of
/// new rows come from plain rules, marked as such, so that nobody faces bare names. Gives the new rows' labels.
pub(super) async fn seed(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (initiative, framework): (InitiativeId, FrameworkId),
    names: &[String],
    effects: &mut Effects,
) -> sqlx::Result<Vec<String>> {
    let before = params::list(tx, params::Which::Of(initiative, framework)).await?;
    let new: Vec<_> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| !before.iter().any(|param| param.name == **name))
        .map(|(at, name)| guessed(name, at))
        .collect();
    params::insert(tx, initiative, framework, &new, actor.id, now).await?;
    mark(tx, actor, now, (initiative, framework), &before, effects).await
}

/// Says anew which params the formula that drives the score reads: that may be another one now, or say something else.
pub(super) async fn mark_anew(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (initiative, framework): (InitiativeId, FrameworkId),
    effects: &mut Effects,
) -> sqlx::Result<()> {
    let before = params::list(tx, params::Which::Of(initiative, framework)).await?;
    mark(tx, actor, now, (initiative, framework), &before, effects).await?;
    Ok(())
}

/// The labels of the rows that weren't there before.
async fn mark(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (initiative, framework): (InitiativeId, FrameworkId),
    before: &[Param],
    effects: &mut Effects,
) -> sqlx::Result<Vec<String>> {
    let of = math_models::Which::Of(initiative, framework);
    let Some(model) = math_models::get(tx, of).await? else {
        return Ok(Vec::new());
    };
    let beside = scenarios::list(tx, scenarios::Which::Of(initiative, framework)).await?;
    let (driving, aside) = reading(&model, &beside);
    params::save_positions(tx, initiative, framework, &driving, actor.id, now).await?;
    params::save_read_aside(tx, initiative, framework, &aside).await?;
    let after = params::list(tx, params::Which::Of(initiative, framework)).await?;
    let mut added = Vec::new();
    for param in &after {
        match before.iter().find(|old| old.id == param.id) {
            None => {
                added.push(param.label().to_owned());
                note(effects, param, ("seeded", Value::Null, json!(param.name)));
            }
            Some(old) if old.is_used() != param.is_used() => {
                note(
                    effects,
                    param,
                    ("position", json!(old.position), json!(param.position)),
                );
            }
            Some(_) => {}
        }
    }
    Ok(added)
}

/// The names that the formula which drives reads, and those that any other reads. Base's counts as it was approved last;
/// a scenario's own reads only what is there, so it counts as it is.
fn reading(model: &MathModel, beside: &[Scenario]) -> (Vec<String>, Vec<String>) {
    let base = model.last_approved.as_ref().or(model.formula.as_ref());
    let base = base.map(|formula| read_names(&formula.text));
    let mut driving = base.unwrap_or_default();
    let mut aside = Vec::new();
    for scenario in beside {
        let Some(text) = scenario.formula_text() else {
            continue;
        };
        let mut names = read_names(text);
        if scenario.drives {
            std::mem::swap(&mut driving, &mut names);
        }
        aside.append(&mut names);
    }
    (driving, aside)
}

fn note(effects: &mut Effects, param: &Param, act: (&'static str, Value, Value)) {
    effects.act(
        Entity::Param,
        param.id.0,
        param.revision,
        param.label(),
        act,
    );
}

/// A bare name with what plain rules make of it.
pub(crate) fn guessed(name: &str, at: usize) -> NewParam {
    let guess = plain_rules::guess(name, CURRENCY);
    let number = |digits: Option<&str>| digits.map(|d| Number::from_decimal(d.to_owned()));
    let range = Bounds {
        min: number(guess.min),
        max: number(guess.max),
    };
    let source = Source::read(guess.source).unwrap_or_default();
    let filled = [
        ("param_display", !guess.label.is_empty()),
        ("unit", !guess.unit.is_empty()),
        ("min", range.min.is_some()),
        ("max", range.max.is_some()),
        ("source", source.is_some()),
    ];
    NewParam {
        name: name.to_owned(),
        position: i32::try_from(at + 1).ok(),
        is_auto_seeded: true,
        param_display: guess.label,
        description: String::new(),
        unit: guess.unit,
        range,
        source,
        written_by: filled
            .into_iter()
            .filter(|(_, is_filled)| *is_filled)
            .map(|(field, _)| (field.to_owned(), "rule".to_owned()))
            .collect(),
    }
}
