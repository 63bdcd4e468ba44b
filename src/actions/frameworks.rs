//! Turn frameworks on and off for an initiative, and choose the active one.

use super::{
    ActionError, Actor, Outcome,
    effects::Effects,
    initiatives::{get, lock},
    legacy_scores::note as note_legacy,
    scores::rescore,
};
use crate::{
    domain::{
        change::{Entity, FieldChange},
        framework::{Framework, MATH_MODEL},
        ids::InitiativeKey,
        initiative::Initiative,
        math_model::default_name,
        param::DESCRIBING,
        rights::Act,
    },
    store::{
        frameworks, initiatives, legacy_scores, math_models,
        params::{self, NewParam},
        scores,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// Why a score is stale that wasn't when its framework was turned off: while it is off nothing is scored.
pub(crate) const TURNED_ON: &str = "the framework was turned on again after its inputs had changed";

/// Makes a framework the active one, turning it on if need be; none: no framework's scores are the initiative's.
/// Choosing MATH_MODEL ticks *use math model*.
pub async fn choose_active(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    (framework, seen_revision): (Option<&str>, i64),
) -> Outcome<Initiative> {
    actor.must_be_allowed(Act::ChooseFramework)?;
    let initiative = lock(tx, key, seen_revision, &["active_scoring_framework"]).await?;
    set_active(tx, actor, now, &initiative, framework).await?;
    get(tx, key).await
}

/// Chooses the active framework of an initiative read under its lock. Whether anything changed.
pub(crate) async fn set_active(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    framework: Option<&str>,
) -> Outcome<bool> {
    if let Some(key) = framework {
        frameworks::hold(tx, key).await?;
    }
    let all = frameworks::list(tx).await?;
    let new = framework.map(|key| find(&all, key)).transpose()?;
    if new.map(|f| f.id) == initiative.active_framework {
        return Ok(false);
    }
    let old = initiative
        .active_framework
        .and_then(|id| all.iter().find(|f| f.id == id));
    let mut effects = Effects::on(initiative.id);
    let use_math_model = initiative.use_math_model || new.is_some_and(Framework::is_math_model);
    let active = new.map(|f| f.id);
    initiatives::save_frameworks(tx, initiative.id, active, use_math_model, actor.id, now).await?;
    let act = (
        "active_scoring_framework",
        json!(old.map(|f| &f.key)),
        json!(new.map(|f| &f.key)),
    );
    note(&mut effects, initiative, act);
    // What a workbook said belongs to the framework that it was scored by there.
    legacy_scores::end(tx, initiative.id, actor.id, now).await?;
    note_legacy(&mut effects, initiative, Value::Null);
    if use_math_model != initiative.use_math_model {
        note(
            &mut effects,
            initiative,
            ("use_math_model", json!(false), json!(true)),
        );
    }
    if let Some(framework) = new {
        turn_on(tx, actor, now, initiative, framework, &mut effects).await?;
    }
    effects.settle(tx, actor, now).await?;
    if let Some(framework) = new {
        rescore(tx, actor, now, (initiative, framework.id), TURNED_ON).await?;
    }
    Ok(true)
}

/// Turns the math model on, for comparison or to prepare it, or off again. Off is refused while it is active.
pub async fn use_math_model(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    (wanted, seen_revision): (bool, i64),
) -> Outcome<Initiative> {
    actor.must_be_allowed(Act::ChooseFramework)?;
    let initiative = lock(tx, key, seen_revision, &["use_math_model"]).await?;
    set_use_math_model(tx, actor, now, &initiative, wanted).await?;
    get(tx, key).await
}

/// Ticks or unticks *use math model* of an initiative read under its lock. Whether anything changed.
pub(crate) async fn set_use_math_model(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    wanted: bool,
) -> Outcome<bool> {
    if initiative.use_math_model == wanted {
        return Ok(false);
    }
    let all = frameworks::list(tx).await?;
    let framework = find(&all, MATH_MODEL)?;
    if !wanted && initiative.active_framework == Some(framework.id) {
        return Err(ActionError::Invalid(format!(
            "{} is scored by its math model, so it stays on. Choose another active framework first.",
            initiative.key
        )));
    }
    let mut effects = Effects::on(initiative.id);
    let active = initiative.active_framework;
    initiatives::save_frameworks(tx, initiative.id, active, wanted, actor.id, now).await?;
    note(
        &mut effects,
        initiative,
        ("use_math_model", json!(!wanted), json!(wanted)),
    );
    if wanted {
        turn_on(tx, actor, now, initiative, framework, &mut effects).await?;
    } else if scores::turn_off(tx, initiative.id, framework.id).await? {
        note(
            &mut effects,
            initiative,
            ("framework_off", json!(framework.key), Value::Null),
        );
    }
    effects.settle(tx, actor, now).await?;
    if wanted {
        rescore(tx, actor, now, (initiative, framework.id), TURNED_ON).await?;
    }
    Ok(true)
}

/// Turns a framework on for comparison without making it active, or off again: then it is hidden and no longer scored,
/// and everything is kept. Off is refused while it is active.
pub async fn compare(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    (framework, wanted, seen_revision): (&str, bool, i64),
) -> Outcome<Initiative> {
    actor.must_be_allowed(Act::ChooseFramework)?;
    let fields = ["framework_on", "framework_off", "use_math_model"];
    let initiative = lock(tx, key, seen_revision, &fields).await?;
    if framework == MATH_MODEL {
        set_use_math_model(tx, actor, now, &initiative, wanted).await?;
    } else {
        set_compared(tx, actor, now, &initiative, (framework, wanted)).await?;
    }
    get(tx, key).await
}

/// Turns a framework with its own formula on or off for an initiative read under its lock.
pub(crate) async fn set_compared(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    (key, wanted): (&str, bool),
) -> Outcome<()> {
    frameworks::hold(tx, key).await?;
    let all = frameworks::list(tx).await?;
    let framework = find(&all, key)?;
    let mut effects = Effects::on(initiative.id);
    if wanted {
        turn_on(tx, actor, now, initiative, framework, &mut effects).await?;
    } else if initiative.active_framework == Some(framework.id) {
        return Err(ActionError::Invalid(format!(
            "{} is the active framework of {}, so it stays on. Choose another active framework first.",
            framework.name, initiative.key
        )));
    } else if scores::turn_off(tx, initiative.id, framework.id).await? {
        let off = ("framework_off", json!(framework.key), Value::Null);
        note(&mut effects, initiative, off);
    }
    if effects.is_empty() {
        return Ok(());
    }
    effects.settle(tx, actor, now).await?;
    if wanted {
        let because = "the framework was turned on";
        rescore(tx, actor, now, (initiative, framework.id), because).await?;
    }
    Ok(())
}

/// Turns a framework on: its model row, or its params, appear at once. An archived one stays where it is on, and
/// can't be turned on anew.
pub(crate) async fn turn_on(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    framework: &Framework,
    effects: &mut Effects,
) -> Outcome<()> {
    if scores::turn_on(tx, initiative.id, framework.id).await? {
        if framework.is_archived {
            return Err(ActionError::Invalid(format!(
                "{} is archived, so it can’t be turned on any more. Choose another framework.",
                framework.name
            )));
        }
        note(
            effects,
            initiative,
            ("framework_on", Value::Null, json!(framework.key)),
        );
    }
    if framework.is_math_model() {
        let name = default_name(initiative.key.as_str(), &framework.key);
        let at = (initiative.id, framework.id);
        if let Some(id) = math_models::insert(tx, at.0, at.1, &name, actor.id, now).await? {
            let change = FieldChange {
                field: "created",
                old: Value::Null,
                new: json!(framework.key),
            };
            effects.note(Entity::MathModel, id.0, 1, &name, change);
        }
        return Ok(());
    }
    seed(tx, actor, now, initiative, framework, effects).await
}

/// Makes the rows that the framework's own formula reads; rows that are there keep everything.
async fn seed(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    framework: &Framework,
    effects: &mut Effects,
) -> Outcome<()> {
    let rows: Vec<_> = framework
        .params
        .iter()
        .enumerate()
        .map(|(at, param)| NewParam {
            name: param.name.clone(),
            position: i32::try_from(at + 1).ok(),
            is_auto_seeded: true,
            param_display: param.label.clone(),
            description: param.description.clone(),
            unit: param.unit.clone(),
            range: param.bounds.clone(),
            source: param.source,
            written_by: DESCRIBING
                .map(|field| (field.to_owned(), "framework".to_owned()))
                .into(),
        })
        .collect();
    let (of, with) = (initiative.id, framework.id);
    for (id, name) in params::insert(tx, of, with, &rows, actor.id, now).await? {
        let label = framework
            .params
            .iter()
            .find(|p| p.name == name)
            .map_or(&name, |p| &p.label);
        let change = FieldChange {
            field: "seeded",
            old: Value::Null,
            new: json!(name),
        };
        effects.note(Entity::Param, id.0, 1, label, change);
    }
    let names: Vec<_> = framework
        .params
        .iter()
        .map(|param| param.name.clone())
        .collect();
    Ok(params::save_positions(tx, of, with, &names, actor.id, now).await?)
}

fn note(effects: &mut Effects, initiative: &Initiative, act: (&'static str, Value, Value)) {
    let (id, key) = (initiative.id.0, initiative.key.as_str());
    effects.act(Entity::Initiative, id, initiative.revision, key, act);
}

fn find<'a>(all: &'a [Framework], key: &str) -> Outcome<&'a Framework> {
    all.iter()
        .find(|framework| framework.key == key)
        .ok_or(ActionError::NotFound("framework"))
}
