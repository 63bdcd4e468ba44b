//! Approve a formula: the approval is bound to the exact text, and its params appear in the same transaction.

use super::{
    ActionError, Actor, Outcome, ask_llm,
    effects::Effects,
    math_models::{get, lock, save_version},
    scores,
    seeding::seed,
};
use crate::{
    domain::{
        approval::{Origin, Part, TAKEN_BACK},
        change::Entity,
        formula::Formula,
        ids::{ApprovalId, MathModelId},
        math_model::{FormulaVersion, MathModel, ModelField},
        rights::Act,
    },
    store::{
        approvals::{self, NewApproval, Subject},
        change_log, math_models, scores as scores_store,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// Approves the current text, if it is the version that was shown: a row appears for each new parameter, those no
/// longer read become *not used*, and the score follows.
pub async fn approve(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    shown_version: i32,
) -> Outcome<MathModel> {
    let model = lock(tx, id).await?;
    let (settings, own) = actor.before_approving(tx, Entity::MathModel, id.0).await?;
    actor.must_be_allowed(Act::ApproveFormula { settings, own })?;
    let current = must_be_shown(tx, &model, shown_version).await?;
    if model.approval.is_some() {
        return Ok(model);
    }
    approve_as(tx, actor, now, &model, &current, (Origin::Person, None)).await?;
    get(tx, id).await
}

/// Approves a model's text, read under the initiative's lock.
pub(crate) async fn approve_as(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
    version: &FormulaVersion,
    (origin, reinstates): (Origin, Option<ApprovalId>),
) -> Outcome<()> {
    let formula = Formula::parse(&version.text).map_err(|errors| {
        let first = errors
            .first()
            .map(|e| format!("Line {}: {}", e.line, e.message()));
        ActionError::Invalid(format!(
            "This formula can’t be approved yet. {}",
            first.unwrap_or_default()
        ))
    })?;
    let new = NewApproval {
        subject: Subject::MathModel(model.id),
        part: Part::Formula,
        content: json!({ "version": version.version, "text": version.text }),
        formula_version: Some(version.id),
        origin,
        reinstates,
    };
    approvals::insert(tx, &new, actor.id, now).await?;
    let revision = math_models::move_revision(tx, model.id, actor.id, now).await?;
    let mut effects = Effects::on(model.initiative_id);
    let logged = json!({ "version": version.version, "origin": origin.key() });
    let act = ("formula_approval", Value::Null, logged);
    effects.act(
        Entity::MathModel,
        model.id.0,
        revision,
        model.text(ModelField::Name),
        act,
    );
    let names: Vec<_> = formula
        .identifiers()
        .iter()
        .map(|i| i.name.clone())
        .collect();
    let of = (model.initiative_id, model.framework_id);
    let added = seed(tx, actor, now, of, &names, &mut effects).await?;
    effects.settle(tx, actor, now).await?;
    let mut because = format!("version {} of the formula was approved", version.version);
    if !added.is_empty() {
        because = format!("{because} and added {}", added.join(", "));
    }
    scores::rescore_by_id(tx, actor, now, of, &because).await?;
    if origin != Origin::Import {
        ask_llm::after_approval(tx, now, actor, model).await?;
    }
    // A score that became stale when this version was saved no longer waits for its approval.
    Ok(scores_store::renew_stale_reason(tx, of.0, of.1, &because, actor.id, now).await?)
}

/// Takes the approval back. The last score stands as stale.
pub async fn withdraw_approval(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    shown_version: i32,
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::WithdrawFormulaApproval)?;
    let model = lock(tx, id).await?;
    must_be_shown(tx, &model, shown_version).await?;
    if model.approval.is_none() {
        return Ok(model);
    }
    let revision = math_models::move_revision(tx, id, actor.id, now).await?;
    let mut effects = Effects::on(model.initiative_id);
    withdraw(tx, actor, now, &model, (TAKEN_BACK, revision), &mut effects).await?;
    effects.settle(tx, actor, now).await?;
    let of = (model.initiative_id, model.framework_id);
    scores::rescore_by_id(
        tx,
        actor,
        now,
        of,
        "the approval of the formula was withdrawn",
    )
    .await?;
    get(tx, id).await
}

/// Withdraws the live approval, if there is one, and notes it.
pub(super) async fn withdraw(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
    (why, revision): (&str, i64),
    effects: &mut Effects,
) -> Outcome<()> {
    let subject = Subject::MathModel(model.id);
    if let Some(old) = approvals::withdraw(tx, subject, Part::Formula, why, actor.id, now).await? {
        let act = ("formula_approval", old, json!({ "why": why }));
        effects.act(
            Entity::MathModel,
            model.id.0,
            revision,
            model.text(ModelField::Name),
            act,
        );
    }
    Ok(())
}

/// Restores the exact text that was approved last, as a new version, and reinstates its approval, naming the original. If
/// a person took that approval back, it holds again only by somebody who may approve the formula now.
pub async fn back_to_approved(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    shown_version: i32,
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::ReinstateFormula)?;
    let model = lock(tx, id).await?;
    must_be_shown(tx, &model, shown_version).await?;
    let original = approvals::latest_of_formula(tx, id).await?;
    let (Some(approved), Some(original), None) = (&model.last_approved, original, &model.approval)
    else {
        return Err(ActionError::Invalid(
            "There is no earlier approved version to go back to.".to_owned(),
        ));
    };
    if original.was_taken_back() {
        let (settings, own) = actor.before_approving(tx, Entity::MathModel, id.0).await?;
        actor.must_be_allowed(Act::ApproveFormula { settings, own })?;
    }
    save_version(tx, actor, now, &model, (&approved.text, "restored_formula")).await?;
    let model = get(tx, id).await?;
    let Some(restored) = model.formula.clone() else {
        return Ok(model);
    };
    let how = (Origin::Reinstated, Some(original.id));
    approve_as(tx, actor, now, &model, &restored, how).await?;
    get(tx, id).await
}

/// An act on a formula means the version that was shown and no other.
async fn must_be_shown(
    tx: &mut PgConnection,
    model: &MathModel,
    shown: i32,
) -> Outcome<FormulaVersion> {
    match &model.formula {
        Some(current) if current.version == shown => Ok(current.clone()),
        Some(_) => {
            let fields = ["formula", "restored_formula"];
            let theirs =
                change_log::last_since(tx, Entity::MathModel, model.id.0, &fields, 0).await?;
            Err(theirs.map_or(ActionError::NotFound("version"), |theirs| {
                ActionError::Conflict(Box::new(theirs))
            }))
        }
        None => Err(ActionError::Invalid(
            "Save a formula first, then approve it.".to_owned(),
        )),
    }
}
