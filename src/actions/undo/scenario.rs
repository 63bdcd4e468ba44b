//! What an act did to a scenario: its values, its formula, its name, its place, its approval.

use super::{Change, Row};
use crate::{
    actions::{Actor, Outcome, scenario_formula, scenarios as acts},
    domain::{
        approval::Part,
        change::Entity,
        ids::{MathModelId, ParamId},
        param::{Bounds, Number},
        rights::Act,
        scenario::Scenario,
        undo::Inverse,
    },
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// What keeps an approval from coming back when it changed since.
const MATERIAL: [&str; 3] = ["scenario_value", "scenario_formula", "scenario_approval"];

pub(super) async fn take_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    row: &Row,
    stays: &mut Vec<String>,
) -> Outcome<()> {
    let id = MathModelId(row.id);
    for change in &row.changes {
        if change.inverse(&row.entity) != Inverse::Scenario {
            continue;
        }
        if let Some(why) = row.overtaken(&[change.field.as_str()]) {
            stays.push(why);
            continue;
        }
        let scenario = acts::get(tx, id).await?;
        match change.field.as_str() {
            "scenario_value" => value_back(tx, actor, now, &scenario, change).await?,
            "scenario_formula" => {
                actor.must_be_allowed(Act::WriteModel)?;
                let text = change.old.get("text").and_then(Value::as_str);
                scenario_formula::put_formula(tx, actor, now, &scenario, text).await?;
            }
            "scenario_label" => {
                actor.must_be_allowed(Act::WriteModel)?;
                let label = change.old.as_str().unwrap_or_default();
                acts::set_label(tx, actor, now, scenario, label).await?;
            }
            _ => {
                let away = change.old == Value::Bool(true);
                acts::put_away(tx, actor, now, id, (away, scenario.revision)).await?;
            }
        }
    }
    for change in &row.changes {
        let scenario = acts::get(tx, id).await?;
        match change.inverse(&row.entity) {
            Inverse::Withdraw(Part::Scenario) if scenario.approval.is_some() => {
                match row.overtaken(&MATERIAL) {
                    Some(why) => stays.push(why),
                    None => {
                        acts::withdraw_approval(tx, actor, now, id, scenario.revision).await?;
                    }
                }
            }
            Inverse::Reinstate(Part::Scenario) if scenario.approval.is_none() => {
                approval_back(tx, actor, now, (row, &scenario), stays).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn value_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    scenario: &Scenario,
    change: &Change,
) -> Outcome<()> {
    actor.must_be_allowed(Act::EditParam)?;
    let either = if change.new.is_null() {
        &change.old
    } else {
        &change.new
    };
    let param = either.get("param_id").and_then(Value::as_i64);
    let param = acts::param_of(tx, scenario, ParamId(param.unwrap_or_default())).await?;
    acts::put_value(tx, actor, now, (scenario, &param), set(&change.old)).await
}

/// A value as it was logged; none: the scenario followed Base.
fn set(logged: &Value) -> Option<(Number, Bounds)> {
    let number = |key: &str| {
        let digits = logged.get(key)?.as_str()?;
        Some(Number::from_decimal(digits.to_owned()))
    };
    let range = Bounds {
        min: number("min"),
        max: number("max"),
    };
    Some((number("value")?, range))
}

/// An approval that fell with what is taken back holds again; one that a person took back only by somebody who may
/// approve the values now.
async fn approval_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (row, scenario): (&Row, &Scenario),
    stays: &mut Vec<String>,
) -> Outcome<()> {
    let is_own = |field: &str| matches!(field, "scenario_value" | "scenario_formula");
    let fell_with_a_change = row.changes.iter().any(|it| is_own(&it.field));
    if !fell_with_a_change {
        let (settings, own) = actor.before_approving(tx, Entity::Scenario, row.id).await?;
        for source in acts::sources(tx, scenario).await? {
            actor.must_be_allowed(Act::ApproveParam {
                source,
                settings,
                own,
            })?;
        }
        if scenario.formula.is_some() {
            actor.must_be_allowed(Act::ApproveFormula { settings, own })?;
        }
    }
    let done =
        row.overtaken(&MATERIAL).is_none() && acts::reinstate(tx, actor, now, scenario).await?;
    if !done {
        stays.push(format!(
            "The approval of {} doesn’t come back: something else changed since. Approve it again.",
            row.subject
        ));
    }
    Ok(())
}
