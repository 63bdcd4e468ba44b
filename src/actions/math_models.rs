//! Describe a model and write its formula. Approving it is in [`super::approve_formula`].

use super::{ActionError, Actor, Outcome, approve_formula, effects::Effects, scores};
use crate::{
    domain::{
        change::{Entity, FieldChange},
        formula,
        ids::MathModelId,
        initiative::logged,
        math_model::{MathModel, ModelField},
        rights::Act,
    },
    store::{change_log, initiatives, math_models},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// The longest text that is kept, in bytes; what a formula may have is less and is checked with it.
pub const LONGEST_TEXT: usize = 16_384;

/// Sets one of the model's texts.
pub async fn change_text(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    (field, typed, seen_revision): (ModelField, &str, i64),
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::WriteModel)?;
    let model = lock(tx, id).await?;
    must_not_collide(tx, &model, &[field.key()], seen_revision).await?;
    let text = field
        .read(typed)
        .map_err(|why| ActionError::invalid(&why))?;
    set_text(tx, actor, now, &model, field, &text).await?;
    get(tx, id).await
}

/// Sets a text of a model read under the initiative's lock. Whether anything changed.
pub(crate) async fn set_text(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
    field: ModelField,
    text: &str,
) -> Outcome<bool> {
    let old = model.text(field);
    if old == text {
        return Ok(false);
    }
    let revision = math_models::save_text(tx, model.id, field, text, actor.id, now).await?;
    let mut effects = Effects::on(model.initiative_id);
    let subject = if field == ModelField::Name {
        text
    } else {
        model.text(ModelField::Name)
    };
    let change = FieldChange {
        field: field.key(),
        old: logged(old),
        new: logged(text),
    };
    effects.note(Entity::MathModel, model.id.0, revision, subject, change);
    effects.settle(tx, actor, now).await?;
    if field == ModelField::ValueUnit {
        let of = (model.initiative_id, model.framework_id);
        scores::rescore_by_id(tx, actor, now, of, "the unit of the value changed").await?;
    }
    Ok(true)
}

/// Saves the formula as a version, valid or not, if its normalised text differs from the current one. Saving over an
/// approved text withdraws its approval. The person's draft is forgotten.
pub async fn save_formula(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    (typed, seen_revision): (&str, i64),
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::WriteModel)?;
    let model = lock(tx, id).await?;
    must_not_collide(tx, &model, &["formula", "restored_formula"], seen_revision).await?;
    save_version(tx, actor, now, &model, (typed, "formula")).await?;
    math_models::delete_draft(tx, id, actor.id).await?;
    get(tx, id).await
}

/// Saves a version of a model read under the initiative's lock. Whether anything changed.
pub(crate) async fn save_version(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
    (typed, act): (&str, &'static str),
) -> Outcome<bool> {
    let text = formula::normalise(typed);
    if text.trim().is_empty() {
        return Err(ActionError::Invalid(
            "There is no formula to save yet. Write one, for example: value = orders * margin"
                .to_owned(),
        ));
    }
    if text.len() > LONGEST_TEXT {
        return Err(ActionError::Invalid(format!(
            "This text is {} characters long. A formula has at most 8,192; take out what isn’t part of it.",
            text.chars().count()
        )));
    }
    if !model.needs_new_version(&text) {
        return Ok(false);
    }
    let number = model.next_version();
    let (_, revision) =
        math_models::insert_version(tx, model.id, number, &text, actor.id, now).await?;
    let mut effects = Effects::on(model.initiative_id);
    let old = model.formula.as_ref().map_or(
        Value::Null,
        |v| json!({ "version": v.version, "text": v.text }),
    );
    let new = json!({ "version": number, "text": text });
    let name = model.text(ModelField::Name);
    effects.act(
        Entity::MathModel,
        model.id.0,
        revision,
        name,
        (act, old, new),
    );
    let because = format!("version {number} of the formula waits for approval");
    approve_formula::withdraw(tx, actor, now, model, (&because, revision), &mut effects).await?;
    effects.settle(tx, actor, now).await?;
    let of = (model.initiative_id, model.framework_id);
    scores::rescore_by_id(tx, actor, now, of, &because).await?;
    Ok(true)
}

/// Takes the formula of a model out again, read under the initiative's lock: it has none, as before one came to it. Its
/// versions stay in the history.
pub(super) async fn take_out_formula(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
) -> Outcome<()> {
    actor.must_be_allowed(Act::WriteModel)?;
    let Some(formula) = &model.formula else {
        return Ok(());
    };
    let revision = math_models::drop_formula(tx, model.id, actor.id, now).await?;
    let mut effects = Effects::on(model.initiative_id);
    let old = json!({ "version": formula.version, "text": formula.text });
    let name = model.text(ModelField::Name);
    let (entity, id) = (Entity::MathModel, model.id.0);
    effects.act(entity, id, revision, name, ("formula", old, Value::Null));
    let because = format!("version {} of the formula was taken out", formula.version);
    approve_formula::withdraw(tx, actor, now, model, (&because, revision), &mut effects).await?;
    effects.settle(tx, actor, now).await?;
    let of = (model.initiative_id, model.framework_id);
    Ok(scores::rescore_by_id(tx, actor, now, of, &because).await?)
}

/// Keeps what a person is typing. It withdraws nothing, is no version, and only they see it.
pub async fn keep_draft(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    typed: &str,
) -> Outcome<()> {
    actor.must_be_allowed(Act::WriteModel)?;
    let model = get(tx, id).await?;
    let saved = model.formula.as_ref().map(|formula| formula.text.as_str());
    if saved.unwrap_or_default().trim() == formula::normalise(typed).trim() {
        // A check that was under way when the same text was saved must not bring the draft back.
        math_models::delete_draft(tx, id, actor.id).await?;
    } else if typed.len() <= LONGEST_TEXT * 4 {
        math_models::save_draft(tx, id, actor.id, typed, now).await?;
    }
    Ok(())
}

async fn must_not_collide(
    tx: &mut PgConnection,
    model: &MathModel,
    fields: &[&str],
    seen_revision: i64,
) -> Outcome<()> {
    if model.revision == seen_revision {
        return Ok(());
    }
    let theirs =
        change_log::last_since(tx, Entity::MathModel, model.id.0, fields, seen_revision).await?;
    theirs.map_or(Ok(()), |theirs| {
        Err(ActionError::Conflict(Box::new(theirs)))
    })
}

pub(super) async fn lock(tx: &mut PgConnection, id: MathModelId) -> Outcome<MathModel> {
    let initiative = initiatives::of_math_model(tx, id)
        .await?
        .ok_or(ActionError::NotFound("math model"))?;
    initiatives::lock(tx, initiative).await?;
    get(tx, id).await
}

/// A model as it is.
pub async fn get(tx: &mut PgConnection, id: MathModelId) -> Outcome<MathModel> {
    let model = math_models::get(tx, math_models::Which::Id(id)).await?;
    model.ok_or(ActionError::NotFound("math model"))
}
