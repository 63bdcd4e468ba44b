//! Admins define frameworks. A changed definition reaches everybody who has the framework on within the transaction
//! that saves it: params appear, ranges follow, scores stand as stale. Scoring them afresh is a job
//! ([`super::rescore_framework`]).

use super::{ActionError, Actor, Outcome, rescore_framework};
use crate::{
    domain::{
        change::{Change, Entity, FieldChange},
        framework::{Framework, FrameworkParam},
        framework_definition::{
            Definition, Differences, Fault, Typed, differences, read, read_key,
        },
        ids::{FrameworkId, InitiativeId},
        param::{Number, Source},
        rights::Act,
        scenario,
    },
    store::{
        change_log::{self, Stamp},
        fact_scenarios, framework_spread, frameworks, imports,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The currency that plain rules give to amounts of money.
pub const CURRENCY: &str = "£";

/// Everything about a framework that somebody may have changed meanwhile: its form is saved as a whole.
const FIELDS: [&str; 4] = ["name", "formula", "framework_params", "archived"];

/// Saves a new framework, with version 1 of its formula. Its key is fixed from then on.
pub async fn create(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (key, typed): (&str, &Typed),
) -> Outcome<Framework> {
    actor.must_be_allowed(Act::DefineFramework)?;
    let key = read_key(key).map_err(|fault| ActionError::Invalid(fault.message))?;
    let definition = read(typed, CURRENCY).map_err(|faults| first(&faults))?;
    let id = frameworks::insert(tx, (&key, &definition.name), actor.id, now)
        .await?
        .ok_or_else(|| {
            ActionError::Invalid(format!(
                "{key} is taken by another framework. Choose another key."
            ))
        })?;
    let version =
        frameworks::save_formula(tx, id, definition.formula.text(), actor.id, now).await?;
    frameworks::save_params(tx, id, &definition.params).await?;
    let created = json!({ "key": key, "name": definition.name });
    let mut changes = vec![("created", Value::Null, created)];
    changes.push(("formula", Value::Null, text_of(&definition, version)));
    let params = params_of(&definition.params);
    changes.push(("framework_params", Value::Null, params));
    log(tx, actor, now, (id, &definition.name, 1), changes).await?;
    get(tx, &key).await
}

/// Saves a changed definition. Equal to what is saved, it changes nothing.
pub async fn save(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &str,
    (typed, seen_revision): (&Typed, i64),
) -> Outcome<Framework> {
    actor.must_be_allowed(Act::DefineFramework)?;
    let definition = read(typed, CURRENCY).map_err(|faults| first(&faults))?;
    let (framework, on) = lock(tx, key, seen_revision).await?;
    let differences = differences(&framework, &definition);
    if differences.is_none() {
        return Ok(framework);
    }
    let id = framework.id;
    let mut changes = Vec::new();
    let name = &definition.name;
    if differences.name {
        changes.push(("name", json!(framework.name), json!(name)));
    }
    let mut because = format!("{name}’s bounds changed");
    if differences.formula {
        let text = definition.formula.text();
        let version = frameworks::save_formula(tx, id, text, actor.id, now).await?;
        because = format!("{name}’s formula changed to version {version}");
        let old = framework.formula.as_ref();
        let old = old.map(|old| json!({ "version": old.version, "text": old.text }));
        changes.push(("formula", json!(old), text_of(&definition, version)));
    }
    if differences.params {
        frameworks::save_params(tx, id, &definition.params).await?;
        let [old, new] = [&framework.params, &definition.params].map(|params| params_of(params));
        changes.push(("framework_params", old, new));
    }
    let revision = frameworks::save(tx, id, name, actor.id, now).await?;
    log(tx, actor, now, (id, name, revision), changes).await?;
    spread(tx, (id, &on), &differences, &because, actor.stamp(now)).await?;
    get(tx, key).await
}

/// Carries a saved definition to everybody who has the framework on, and queues the job that scores them afresh.
async fn spread(
    tx: &mut PgConnection,
    (framework, on): (FrameworkId, &[InitiativeId]),
    differences: &Differences,
    because: &str,
    stamp: Stamp,
) -> Outcome<()> {
    if on.is_empty() || !(differences.params || differences.formula) {
        return Ok(());
    }
    framework_spread::touch(tx, on, "framework", stamp).await?;
    framework_spread::seed(tx, framework, on, stamp).await?;
    framework_spread::follow(tx, framework, on, because, stamp).await?;
    if differences.params {
        settle_scenarios(tx, (framework, on), stamp).await?;
    }
    framework_spread::save_positions(tx, framework, on, stamp).await?;
    if differences.moves_scores() {
        framework_spread::make_stale(tx, framework, on, because, stamp).await?;
        rescore_framework::enqueue(tx, framework, on.len()).await?;
    }
    Ok(())
}

/// The approval of a scenario with a value that the new bounds leave out falls.
async fn settle_scenarios(
    tx: &mut PgConnection,
    (framework, on): (FrameworkId, &[InitiativeId]),
    stamp: Stamp,
) -> sqlx::Result<()> {
    let mut touched = BTreeMap::new();
    for (scenario, label) in framework_spread::out_of_bounds(tx, framework, on).await? {
        let why = || Some(scenario::out_of_range(&label));
        touched.entry(scenario).or_insert_with(why);
    }
    fact_scenarios::settle(tx, &touched, stamp).await
}

/// Puts a framework out of use, or back. Out of use it stays where it is on and can't be turned on anew.
pub async fn set_archived(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &str,
    (wanted, seen_revision): (bool, i64),
) -> Outcome<Framework> {
    actor.must_be_allowed(Act::DefineFramework)?;
    let (framework, _) = lock(tx, key, seen_revision).await?;
    if framework.is_archived == wanted {
        return Ok(framework);
    }
    let at = wanted.then_some(now);
    let revision = frameworks::save_archived(tx, framework.id, at, actor.id, now).await?;
    let change = ("archived", json!(!wanted), json!(wanted));
    let of = (framework.id, framework.name.as_str(), revision);
    log(tx, actor, now, of, vec![change]).await?;
    get(tx, key).await
}

/// Queues the scoring of everybody once more, after it failed.
pub async fn score_again(tx: &mut PgConnection, actor: &Actor, key: &str) -> Outcome<Framework> {
    actor.must_be_allowed(Act::DefineFramework)?;
    let framework = get(tx, key).await?;
    must_be_custom(&framework)?;
    let on = framework_spread::lock_all(tx, framework.id).await?;
    rescore_framework::enqueue(tx, framework.id, on.len()).await?;
    Ok(framework)
}

/// A custom framework with everybody who has it on, locked; whoever changed it since it was seen, wins. Initiatives
/// come first: acts on one lock it before they look at its frameworks. An import locks initiatives in its file's
/// order, so the two keep out of each other's way.
async fn lock(
    tx: &mut PgConnection,
    key: &str,
    seen_revision: i64,
) -> Outcome<(Framework, Vec<InitiativeId>)> {
    let framework = get(tx, key).await?;
    must_be_custom(&framework)?;
    if !imports::try_turn(tx).await? {
        let busy = "An import is going on. Nothing was saved; try again when it has ended.";
        return Err(ActionError::Invalid(busy.to_owned()));
    }
    framework_spread::lock_all(tx, framework.id).await?;
    let framework = frameworks::lock(tx, key)
        .await?
        .ok_or(ActionError::NotFound("framework"))?;
    if framework.revision != seen_revision {
        let id = framework.id.0;
        let theirs =
            change_log::last_since(tx, Entity::Framework, id, &FIELDS, seen_revision).await?;
        if let Some(theirs) = theirs {
            return Err(ActionError::Conflict(Box::new(theirs)));
        }
    }
    // Again: whoever turned it on between the two locks is among them now.
    let on = framework_spread::lock_all(tx, framework.id).await?;
    Ok((framework, on))
}

fn must_be_custom(framework: &Framework) -> Outcome<()> {
    if framework.is_builtin {
        return Err(ActionError::Invalid(format!(
            "{} comes with the app and can’t be changed. Define a framework of your own instead.",
            framework.name
        )));
    }
    Ok(())
}

/// A framework as it is.
pub async fn get(tx: &mut PgConnection, key: &str) -> Outcome<Framework> {
    frameworks::get(tx, key)
        .await?
        .ok_or(ActionError::NotFound("framework"))
}

/// Logs one act in the chain of what has no initiative.
async fn log(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (id, subject, revision): (FrameworkId, &str, i64),
    changes: Vec<(&'static str, Value, Value)>,
) -> sqlx::Result<()> {
    let changes: Vec<_> = changes
        .into_iter()
        .map(|(field, old, new)| Change {
            initiative_id: None,
            entity: Entity::Framework,
            entity_id: id.0,
            entity_revision: revision,
            subject: subject.to_owned(),
            what: FieldChange { field, old, new },
        })
        .collect();
    change_log::append(tx, actor.stamp(now), &changes).await
}

fn text_of(definition: &Definition, version: i32) -> Value {
    json!({ "version": version, "text": definition.formula.text() })
}

fn params_of(params: &[FrameworkParam]) -> Value {
    let digits = |number: &Option<Number>| json!(number.as_ref().map(Number::decimal));
    params
        .iter()
        .map(|param| {
            json!({
                "name": param.name, "label": param.label, "description": param.description, "unit": param.unit,
                "min": digits(&param.bounds.min), "max": digits(&param.bounds.max),
                "source": param.source.map_or("", Source::key),
            })
        })
        .collect()
}

fn first(faults: &[Fault]) -> ActionError {
    let first = faults.first().map(|fault| fault.message.clone());
    ActionError::Invalid(first.unwrap_or_default())
}
