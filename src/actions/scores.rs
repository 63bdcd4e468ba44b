//! Scores follow edits at once, in the transaction of the edit.

use super::Actor;
use crate::{
    domain::{
        approval::Approval,
        formula::{ENGINE, Formula},
        ids::{FrameworkId, InitiativeId},
        initiative::Initiative,
        param::{Number, Param, Source},
        scoring::{self, Case, FormulaState, Score},
    },
    store::{
        initiatives, params,
        scores::{self, DrivingRow, FromScenario, NewScore, ScoreInput, ScoreLine},
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Scores an initiative by a framework afresh, for the record if everything is there, else with what is missing.
/// `because` says what moved, for a score that turns stale: "Margin changed".
pub async fn rescore(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (initiative, framework): (&Initiative, FrameworkId),
    because: &str,
) -> sqlx::Result<()> {
    let Some(driving) = scores::driving(tx, initiative.id, framework).await? else {
        return Ok(());
    };
    let state = driving.state();
    let params = params::list(tx, params::Which::Of(initiative.id, framework)).await?;
    let case = Case {
        formula: &state,
        params: &params,
        effort_days: effort_days(initiative),
    };
    match scoring::score(&case) {
        Err(missing) => {
            scores::save_missing(
                tx,
                initiative.id,
                framework,
                &missing,
                because,
                actor.id,
                now,
            )
            .await
        }
        Ok(score) => {
            let (FormulaState::Approved(formula), Some(version)) = (&state, driving.version_id)
            else {
                return Ok(());
            };
            let new = NewScore {
                initiative: initiative.id,
                framework,
                math_model: driving.model,
                formula_version: version,
                inputs: inputs(formula, &params, initiative, &score),
                value: score.value,
                effort: score.effort,
                overall: score.overall,
                notes: notes(&driving, score.notes),
                value_unit: driving.value_unit,
                lines: ScoreLine::all(score.lines),
                engine: ENGINE,
            };
            scores::record(tx, &new, actor.id, now).await
        }
    }
}

/// Scores every framework that is or was on: something they all depend on moved (the effort days).
pub async fn rescore_all(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    because: &str,
) -> sqlx::Result<()> {
    for standing in scores::standings(tx, initiative.id).await? {
        rescore(tx, actor, now, (initiative, standing.framework_id), because).await?;
    }
    Ok(())
}

/// Like [`rescore`], for acts that hold no [`Initiative`] yet.
pub async fn rescore_by_id(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (initiative, framework): (InitiativeId, FrameworkId),
    because: &str,
) -> sqlx::Result<()> {
    let Some(key) = initiatives::lock(tx, initiative).await? else {
        return Ok(());
    };
    let Some(initiative) = initiatives::get(tx, &key).await? else {
        return Ok(());
    };
    rescore(tx, actor, now, (&initiative, framework), because).await
}

/// The initiative's own effort in days.
#[must_use]
pub fn effort_days(initiative: &Initiative) -> Option<f64> {
    let days = |key| initiative.number(key).as_ref().map(Number::value);
    scoring::effort_days(
        days("effort_engineering_days"),
        days("effort_other_teams_days"),
    )
}

/// What a reader should know: first of all which scenario it is, where it isn't Base.
pub(super) fn notes(driving: &DrivingRow, notes: Vec<String>) -> Vec<String> {
    let own = if driving.is_scenarios {
        ", by its own formula"
    } else {
        ""
    };
    let scenario = driving.scenario.as_ref();
    let first = scenario.map(|label| format!("Scored for scenario {label}{own}."));
    first.into_iter().chain(notes).collect()
}

pub(super) fn inputs(
    formula: &Formula,
    params: &[Param],
    initiative: &Initiative,
    score: &Score,
) -> Vec<ScoreInput> {
    let mut inputs: Vec<_> = formula
        .identifiers()
        .iter()
        .filter_map(|identifier| params.iter().find(|param| param.name == identifier.name))
        .map(param_input)
        .collect();
    let outputs = formula.outputs();
    let took_days = score.effort.is_some() && !outputs.effort && !formula.effort_is_param();
    if took_days {
        let fields = ["effort_engineering_days", "effort_other_teams_days"]
            .map(|key| effort_input(initiative, key));
        inputs.extend(fields.into_iter().flatten());
    }
    inputs
}

fn param_input(param: &Param) -> ScoreInput {
    let approval = param.approval_that_counts();
    let within = param.scenario.as_ref();
    let (set_by, set_at) = match within {
        Some(within) => (Some(&within.value.set_by), Some(within.value.set_at)),
        None => (param.value_set_by.as_ref(), param.value_set_at),
    };
    let digits = |number: &Number| number.decimal().to_owned();
    ScoreInput {
        name: param.name.clone(),
        label: param.label().to_owned(),
        value: param.counts().map(digits).unwrap_or_default(),
        unit: param.unit.clone(),
        source: param.source.map_or("", Source::key).to_owned(),
        param_id: Some(param.id.0),
        revision: Some(param.revision),
        set_by: set_by.map(|(_, name)| name.clone()),
        set_at,
        approval_id: approval.map(|approval| approval.id.0),
        approved_by: approval.map(|approval| approval.by_name.clone()),
        approved_at: approval.map(|approval: &Approval| approval.at),
        approval_origin: approval.map(|approval| approval.origin.key().to_owned()),
        scenario: within.map(|within| FromScenario {
            label: within.label.clone(),
            replaces: param.value.as_ref().map(digits),
        }),
    }
}

fn effort_input(initiative: &Initiative, key: &str) -> Option<ScoreInput> {
    let value = initiative.number(key)?;
    let set = initiative.effort_set.clone();
    Some(ScoreInput {
        name: key.to_owned(),
        label: crate::domain::initiative::Field::from_key(key)?
            .label
            .to_owned(),
        value: value.decimal().to_owned(),
        unit: "days".to_owned(),
        source: String::new(),
        param_id: None,
        revision: None,
        set_by: set.as_ref().map(|(name, _)| name.clone()),
        set_at: set.map(|(_, at)| at),
        approval_id: None,
        approved_by: None,
        approved_at: None,
        approval_origin: None,
        scenario: None,
    })
}
