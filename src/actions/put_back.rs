//! Put an earlier value of a field back: an ordinary edit by whoever may edit it, of what the history says.

use super::{
    ActionError, Actor, Outcome, initiatives, math_models, params as param_acts, params::Hold,
};
use crate::{
    domain::{
        amount::DecimalSeparator,
        change::Entity,
        ids::{InitiativeKey, MathModelId, ParamId},
        initiative::{Field, Initiative},
        math_model::{MathModel, ModelField},
        param::Param,
        param_input::ParamField,
        rights::Act,
        undo::param_edits,
    },
    store::{
        change_log,
        history::{self, Logged},
        initiatives as rows, params,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A change's place in its chain, and the revision of the row that was shown beside it.
pub type Shown = (i64, i64);

/// A param's field says again what it said before that change; the rest of the param stays.
pub async fn param(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
    (field, (seq, seen)): (ParamField, Shown),
) -> Outcome<Param> {
    actor.must_be_allowed(Act::EditParam)?;
    let initiative = rows::of_param(tx, id).await?;
    let initiative = initiative.ok_or(ActionError::NotFound("param"))?;
    rows::lock(tx, initiative).await?;
    let group = params::group_of(tx, id).await?;
    let group = group.ok_or(ActionError::NotFound("param"))?;
    let (mut group, by) = (group.params, (actor, group.settings));
    let change = change(tx, (Entity::Param, id.0), field.collides_with(), seq).await?;
    let param = group.iter().find(|param| param.id == id);
    let param = param.ok_or(ActionError::NotFound("param"))?;
    if param.revision != seen {
        let fields = field.collides_with();
        let theirs = change_log::last_since(tx, Entity::Param, id.0, fields, seen).await?;
        if let Some(theirs) = theirs {
            return Err(ActionError::Conflict(Box::new(theirs)));
        }
    }
    let edits = param_edits(param, &[(change.field.as_str(), &change.old)]);
    param_acts::apply(tx, by, now, (&mut group, id), edits, Hold::LOCKED).await?;
    param_acts::get(tx, id).await
}

/// An initiative's field says again what it said before that change.
pub async fn initiative(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    (field, (seq, seen)): (&Field, Shown),
) -> Outcome<Initiative> {
    let id = initiatives::get(tx, key).await?.id;
    let change = change(tx, (Entity::Initiative, id.0), &[field.key], seq).await?;
    let text = change.old.as_str().unwrap_or_default();
    initiatives::change_field(
        tx,
        actor,
        now,
        key,
        (field, (text, DecimalSeparator::Point), seen),
    )
    .await
}

/// A model's text says again what it said before that change.
pub async fn math_model(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    (field, (seq, seen)): (ModelField, Shown),
) -> Outcome<MathModel> {
    let change = change(tx, (Entity::MathModel, id.0), &[field.key()], seq).await?;
    let text = change.old.as_str().unwrap_or_default();
    math_models::change_text(tx, actor, now, id, (field, text, seen)).await
}

async fn change(
    tx: &mut PgConnection,
    (entity, id): (Entity, i64),
    fields: &[&str],
    seq: i64,
) -> Outcome<Logged> {
    let found = history::one(tx, entity.key(), id, seq).await?;
    let found = found.filter(|change| fields.contains(&change.field.as_str()));
    found.ok_or(ActionError::NotFound("change"))
}
