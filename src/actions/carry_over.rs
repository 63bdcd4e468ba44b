//! Carry a param over to a new name. A formula that calls a number something else drops one row and gets another, empty
//! one; the two change places, so that value, approval and history go on under the name that is read now.

use super::{
    ActionError, Actor, Outcome, effects::Effects, math_models, params as acts, scenario_formula,
    scores,
};
use crate::{
    domain::{
        change::Entity,
        ids::{MathModelId, ParamId},
        math_model::MathModel,
        param::Param,
        rights::Act,
        scenario::formula::read_names,
    },
    store::params,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// A param and its revision that was shown.
pub type Shown = (ParamId, i64);

/// The param that the approved formula no longer reads becomes the one that it reads now and that nobody has filled in.
pub async fn carry_over(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    (from, to): (Shown, Shown),
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::WriteModel)?;
    let model = math_models::lock(tx, id).await?;
    let (dropped, new) = (acts::get(tx, from.0).await?, acts::get(tx, to.0).await?);
    let is_of_model =
        |p: &Param| (p.initiative_id, p.framework_id) == (model.initiative_id, model.framework_id);
    if !is_of_model(&dropped) || !is_of_model(&new) {
        return Err(ActionError::NotFound("param"));
    }
    acts::must_be_unchanged(tx, &dropped, from.1).await?;
    acts::must_be_unchanged(tx, &new, to.1).await?;
    let approved = model
        .last_approved
        .as_ref()
        .map(|version| version.text.as_str());
    let reads = read_names(approved.unwrap_or_default());
    if reads.contains(&dropped.name) || !reads.contains(&new.name) || new.value.is_some() {
        return Err(ActionError::Invalid(format!(
            "{} can’t be carried over to {} any more: the formula must read only the second, and that must have no value.",
            dropped.name, new.name
        )));
    }
    change_places(tx, actor, now, (&dropped, &new)).await?;
    math_models::get(tx, id).await
}

/// Two rows of a group change names and places in the formula; the first is the one that people mean. Scenarios whose own
/// formulas read it go on reading it, under its new name.
pub(super) async fn change_places(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (carried, other): (&Param, &Param),
) -> Outcome<()> {
    params::change_places(tx, (carried.id, other.id), actor.id, now).await?;
    let mut effects = Effects::on(carried.initiative_id);
    for (of, by, field) in [
        (other, carried, "made_way"),
        (carried, other, "carried_over"),
    ] {
        let now = acts::get(tx, of.id).await?;
        let act = (field, json!(of.name), json!(by.name));
        effects.act(Entity::Param, now.id.0, now.revision, now.label(), act);
    }
    effects.settle(tx, actor, now).await?;
    let because = format!("{} was carried over to {}", carried.name, other.name);
    let of = (carried.initiative_id, carried.framework_id);
    let names = (carried.name.as_str(), other.name.as_str());
    scenario_formula::carry_name(tx, actor, now, of, names).await?;
    Ok(scores::rescore_by_id(tx, actor, now, of, &because).await?)
}
