//! Create, edit, archive and restore initiatives. Nothing is ever deleted.

use super::{
    ActionError, Actor, Outcome, effects::Effects, frameworks::set_active, scores::rescore_all,
};
use crate::{
    domain::{
        amount::DecimalSeparator,
        change::{Entity, FieldChange},
        ids::InitiativeKey,
        initiative::{Field, Initiative, logged},
        rights::Act,
    },
    store::{change_log, initiatives},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// What a new initiative begins with.
#[derive(Clone, Debug, Default)]
pub struct NewInitiative {
    /// Its key, as typed.
    pub key: String,
    /// Its title, as typed.
    pub title: String,
    /// Its problem statement, as typed; may be empty.
    pub problem_statement: String,
    /// The framework to begin with; empty: none.
    pub framework: String,
}

/// Creates an initiative. Its key is fixed from then on.
pub async fn create(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    new: &NewInitiative,
) -> Outcome<Initiative> {
    actor.must_be_allowed(Act::EditInitiative)?;
    let key: InitiativeKey = new.key.parse().map_err(|why| ActionError::invalid(&why))?;
    let title = field("title")?.read(&new.title)?;
    insert(tx, actor, now, &key, &title).await?;
    let initiative = get(tx, &key).await?;
    if !new.problem_statement.trim().is_empty() {
        let field = field("problem_statement")?;
        set_field(
            tx,
            actor,
            now,
            &initiative,
            (field, &field.read(&new.problem_statement)?),
        )
        .await?;
    }
    if !new.framework.is_empty() {
        set_active(tx, actor, now, &initiative, Some(&new.framework)).await?;
    }
    get(tx, &key).await
}

/// A new row with its first line in the history.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    title: &str,
) -> Outcome<()> {
    let id = initiatives::insert(tx, key, title, actor.id, now)
        .await?
        .ok_or_else(|| {
            ActionError::Invalid(format!(
                "{key} is taken by another initiative. Choose another key."
            ))
        })?;
    let mut effects = Effects::on(id);
    let act = (
        "created",
        Value::Null,
        json!({ "key": key, "title": title }),
    );
    effects.act(Entity::Initiative, id.0, 1, key.as_str(), act);
    Ok(effects.settle(tx, actor, now).await?)
}

/// Sets one field to what was typed.
pub async fn change_field(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    (field, (typed, separator), seen_revision): (&Field, (&str, DecimalSeparator), i64),
) -> Outcome<Initiative> {
    actor.must_be_allowed(act_of(field))?;
    let initiative = lock(tx, key, seen_revision, &[field.key]).await?;
    let value = field.read_written(typed, separator)?;
    set_field(tx, actor, now, &initiative, (field, &value)).await?;
    get(tx, key).await
}

/// Who may edit the field: effort is Eng's too.
#[must_use]
pub fn act_of(field: &Field) -> Act {
    if field.is_effort() {
        Act::EditEffort
    } else {
        Act::EditInitiative
    }
}

/// Sets a field of an initiative read under its lock. Whether anything changed.
pub(crate) async fn set_field(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    change: (&Field, &str),
) -> Outcome<bool> {
    set_fields(tx, actor, now, initiative, &[change]).await
}

/// Sets several fields at once. Whether anything changed.
pub(crate) async fn set_fields(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    values: &[(&Field, &str)],
) -> Outcome<bool> {
    let differs = |(field, value): &(&Field, &str)| initiative.get(field.key) != *value;
    let changed: Vec<_> = values.iter().copied().filter(differs).collect();
    if changed.is_empty() {
        return Ok(false);
    }
    initiatives::save_fields(tx, initiative.id, &changed, actor.id, now).await?;
    let mut effects = Effects::on(initiative.id);
    let (id, key) = (initiative.id.0, &initiative.key);
    for (field, value) in &changed {
        let old = logged(initiative.get(field.key));
        let change = FieldChange {
            field: field.key,
            old,
            new: logged(value),
        };
        effects.note(
            Entity::Initiative,
            id,
            initiative.revision,
            key.as_str(),
            change,
        );
    }
    effects.settle(tx, actor, now).await?;
    if let Some((field, _)) = changed.iter().find(|(field, _)| field.moves_scores()) {
        let because = format!("{} changed", field.label);
        let initiative = get(tx, key).await?;
        rescore_all(tx, actor, now, &initiative, &because).await?;
    }
    Ok(true)
}

/// Puts an initiative out of the way, or brings it back.
pub async fn set_archived(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    (wanted, seen_revision): (bool, i64),
) -> Outcome<Initiative> {
    actor.must_be_allowed(Act::EditInitiative)?;
    let initiative = lock(tx, key, seen_revision, &["archived"]).await?;
    if initiative.archived_at.is_some() == wanted {
        return Ok(initiative);
    }
    initiatives::save_archived(tx, initiative.id, wanted.then_some(now), actor.id, now).await?;
    let mut effects = Effects::on(initiative.id);
    let act = ("archived", json!(!wanted), json!(wanted));
    effects.act(
        Entity::Initiative,
        initiative.id.0,
        initiative.revision,
        key.as_str(),
        act,
    );
    effects.settle(tx, actor, now).await?;
    get(tx, key).await
}

/// Locks an initiative and reads it; whoever changed one of these fields since the revision that was seen, wins.
pub(super) async fn lock(
    tx: &mut PgConnection,
    key: &InitiativeKey,
    seen_revision: i64,
    fields: &[&str],
) -> Outcome<Initiative> {
    let initiative = initiatives::lock_by_key(tx, key)
        .await?
        .ok_or(ActionError::NotFound("initiative"))?;
    if initiative.revision != seen_revision {
        let id = initiative.id.0;
        let theirs =
            change_log::last_since(tx, Entity::Initiative, id, fields, seen_revision).await?;
        if let Some(theirs) = theirs {
            return Err(ActionError::Conflict(Box::new(theirs)));
        }
    }
    Ok(initiative)
}

/// An initiative as it is.
pub async fn get(tx: &mut PgConnection, key: &InitiativeKey) -> Outcome<Initiative> {
    initiatives::get(tx, key)
        .await?
        .ok_or(ActionError::NotFound("initiative"))
}

fn field(key: &str) -> Outcome<&'static Field> {
    Field::from_key(key).ok_or(ActionError::NotFound("field"))
}
