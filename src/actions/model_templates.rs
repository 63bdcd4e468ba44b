//! Mark a model as a template for others, take the mark back, and put a template's change off for a model that began
//! from it.

use super::{ActionError, Actor, Outcome, effects::Effects, math_models};
use crate::{
    domain::{
        change::{Entity, FieldChange},
        ids::MathModelId,
        initiative::TooLong,
        math_model::{MathModel, ModelField},
        rights::Act,
    },
    store::{
        change_log, math_models as rows,
        model_templates::{self as store, ModelTemplate},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 100;
/// The longest purpose, in characters.
pub const LONGEST_PURPOSE: usize = 2_000;
/// Under which the mark is logged.
const FIELD: &str = "template";

/// A template as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What it shall be called.
    pub name: String,
    /// When it fits.
    pub when_to_use: String,
}

/// Marks a model as a template, or says otherwise what it is called and when it fits. It offers the version of its
/// formula that was approved last, so one must have been.
pub async fn mark(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    (typed, seen_revision): (&Typed, i64),
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::WriteModel)?;
    let model = math_models::lock(tx, id).await?;
    must_not_collide(tx, &model, seen_revision).await?;
    if model.last_approved.is_none() {
        return Err(ActionError::Invalid(
            "A template offers an approved formula, and none of this model’s was approved yet. Approve it first."
                .to_owned(),
        ));
    }
    let read = |text, most| TooLong::check(text, most).map_err(|why| ActionError::invalid(&why));
    let name = read(&typed.name, LONGEST_NAME)?;
    let when_to_use = read(&typed.when_to_use, LONGEST_PURPOSE)?;
    if name.trim().is_empty() {
        return Err(ActionError::Invalid(
            "A template needs a name that others find it by.".to_owned(),
        ));
    }
    let before = store::get(tx, id).await?;
    let new = json!({ "name": name, "when_to_use": when_to_use });
    if before.as_ref().map(said).as_ref() == Some(&new) {
        return Ok(model);
    }
    let words = (name.as_str(), when_to_use.as_str());
    store::save(tx, id, words, (actor.id, now)).await?;
    let old = before.as_ref().map_or(Value::Null, said);
    note(tx, actor, now, &model, (FIELD, old, new)).await
}

/// It is a template no longer. Whoever began from it keeps what they have.
pub async fn unmark(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    seen_revision: i64,
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::WriteModel)?;
    let model = math_models::lock(tx, id).await?;
    must_not_collide(tx, &model, seen_revision).await?;
    let Some(before) = store::get(tx, id).await? else {
        return Ok(model);
    };
    store::delete(tx, id).await?;
    note(tx, actor, now, &model, (FIELD, said(&before), Value::Null)).await
}

/// Leaves a model as it is though its template has changed, until the template changes again. `version`: the one that
/// was shown.
pub async fn put_off(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    version: i32,
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::WriteModel)?;
    let model = math_models::lock(tx, id).await?;
    let beside = store::beside(tx, id, actor.id).await?;
    let Some(latest) = beside.origins.first() else {
        return Err(ActionError::NotFound("template"));
    };
    if beside.declined.is_some_and(|declined| declined >= version) {
        return Ok(model);
    }
    store::decline(tx, latest.of, version).await?;
    let new = json!({ "name": latest.origin.name, "version": version });
    let old = Value::Null;
    note(tx, actor, now, &model, ("template_declined", old, new)).await
}

fn said(template: &ModelTemplate) -> Value {
    json!({ "name": template.name, "when_to_use": template.when_to_use })
}

async fn must_not_collide(
    tx: &mut PgConnection,
    model: &MathModel,
    seen_revision: i64,
) -> Outcome<()> {
    if model.revision == seen_revision {
        return Ok(());
    }
    let row = (Entity::MathModel, model.id.0);
    let theirs = change_log::last_since(tx, row.0, row.1, &[FIELD], seen_revision).await?;
    theirs.map_or(Ok(()), |theirs| {
        Err(ActionError::Conflict(Box::new(theirs)))
    })
}

async fn note(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
    (field, old, new): (&'static str, Value, Value),
) -> Outcome<MathModel> {
    let revision = rows::move_revision(tx, model.id, actor.id, now).await?;
    let mut effects = Effects::on(model.initiative_id);
    let change = FieldChange { field, old, new };
    let name = model.text(ModelField::Name);
    effects.note(Entity::MathModel, model.id.0, revision, name, change);
    effects.settle(tx, actor, now).await?;
    math_models::get(tx, model.id).await
}
