//! Add a param by hand. Its name is what formulas would read; once an approved formula does, the row is that param, with
//! its value, approval and history.

use super::{ActionError, Actor, Outcome, effects::Effects, seeding::guessed};
use crate::{
    domain::{
        change::Entity,
        formula::check_parameter_name,
        framework::Framework,
        ids::{FrameworkId, InitiativeId, InitiativeKey},
        param::Param,
        rights::Act,
    },
    store::{
        frameworks, initiatives,
        params::{self, NewParam, Which},
        scores,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// Adds a param of that name to a framework that is on for the initiative. Label, unit, range and owner are what plain
/// rules tell from the name.
pub async fn add(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (key, framework): (&InitiativeKey, &str),
    name: &str,
) -> Outcome<Param> {
    actor.must_be_allowed(Act::EditParam)?;
    let name = name.trim();
    check_parameter_name(name).map_err(|why| ActionError::invalid(&why))?;
    let initiative = initiatives::lock_by_key(tx, key)
        .await?
        .ok_or(ActionError::NotFound("initiative"))?
        .id;
    let framework = on(tx, initiative, framework).await?.id;
    let group = params::list(tx, Which::Of(initiative, framework)).await?;
    Param::check_name_is_free(&group, name).map_err(|why| ActionError::invalid(&why))?;
    insert(tx, actor, now, (initiative, framework), name).await
}

/// The framework of that key, which must be on: what is off takes no part in anything.
async fn on(tx: &mut PgConnection, initiative: InitiativeId, key: &str) -> Outcome<Framework> {
    let framework = frameworks::get(tx, key)
        .await?
        .ok_or(ActionError::NotFound("framework"))?;
    let standings = scores::standings(tx, initiative).await?;
    let is_it =
        |standing: &scores::Standing| standing.framework_id == framework.id && standing.is_on;
    if standings.iter().any(is_it) {
        Ok(framework)
    } else {
        Err(ActionError::Invalid(format!(
            "{} isn’t turned on for this initiative, so no param was added. Turn it on first.",
            framework.name
        )))
    }
}

/// A row of a name that the group doesn't have yet, under the initiative's lock: not used, without a value.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (initiative, framework): (InitiativeId, FrameworkId),
    name: &str,
) -> Outcome<Param> {
    let new = NewParam {
        position: None,
        is_auto_seeded: false,
        ..guessed(name, 0)
    };
    let inserted = params::insert(tx, initiative, framework, &[new], actor.id, now).await?;
    let Some((id, _)) = inserted.into_iter().next() else {
        return Err(ActionError::NotFound("param"));
    };
    let param = super::params::get(tx, id).await?;
    let mut effects = Effects::on(initiative);
    let act = ("created", Value::Null, json!(name));
    effects.act(Entity::Param, id.0, param.revision, param.label(), act);
    effects.settle(tx, actor, now).await?;
    Ok(param)
}

/// Takes a param out again that nobody has done anything with since it was added by hand. False: somebody has, or it is a
/// formula's by now, or something belongs to it; it stays.
pub(crate) async fn take_away(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
) -> Outcome<bool> {
    actor.must_be_allowed(Act::EditParam)?;
    let all = frameworks::list(tx).await?;
    let framework = all.iter().find(|one| one.id == param.framework_id);
    let framework = framework.map(|framework| framework.key.clone());
    if !params::delete_unused(tx, param.id).await? {
        return Ok(false);
    }
    let mut effects = Effects::on(param.initiative_id);
    let was = json!({ "name": param.name, "framework": framework });
    let act = ("taken_away", was, Value::Null);
    let (id, revision) = (param.id.0, param.revision + 1);
    effects.act(Entity::Param, id, revision, param.label(), act);
    effects.settle(tx, actor, now).await?;
    Ok(true)
}
