//! What an act did to a math model: its texts, its formula, its approval.

use super::Row;
use crate::{
    actions::{ActionError, Actor, Outcome, approve_formula, math_models as acts},
    domain::{
        approval::{Origin, Part},
        change::Entity,
        ids::MathModelId,
        math_model::MathModel,
        rights::Act,
        undo::{Inverse, model_now},
    },
    store::approvals,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What keeps a formula or its approval from coming back when it changed since.
const FORMULA: [&str; 2] = ["formula", "restored_formula"];
const APPROVAL: [&str; 3] = ["formula", "restored_formula", "formula_approval"];

pub(super) async fn take_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    row: &Row,
    stays: &mut Vec<String>,
) -> Outcome<()> {
    let id = MathModelId(row.id);
    for change in &row.changes {
        let model = acts::get(tx, id).await?;
        match change.inverse(&row.entity) {
            Inverse::Model(field) => {
                actor.must_be_allowed(Act::WriteModel)?;
                let here = model_now(&model, field);
                if here == change.new {
                    let text = change.old.as_str().unwrap_or_default();
                    acts::set_text(tx, actor, now, &model, field, text).await?;
                } else if here != change.old {
                    stays.extend(row.overtaken(&[field.key()]));
                }
            }
            Inverse::Formula(text) => {
                actor.must_be_allowed(Act::WriteModel)?;
                let here = model.formula.as_ref().map(|formula| formula.text.as_str());
                if here == change.new.get("text").and_then(|text| text.as_str()) {
                    acts::save_version(tx, actor, now, &model, (&text, "restored_formula")).await?;
                } else if here != Some(&text) {
                    stays.extend(row.overtaken(&FORMULA));
                }
            }
            Inverse::TakeOutFormula => {
                let here = model.formula.as_ref().map(|formula| formula.text.as_str());
                if here == change.new.get("text").and_then(|text| text.as_str()) {
                    acts::take_out_formula(tx, actor, now, &model).await?;
                } else if here.is_some() {
                    stays.extend(row.overtaken(&FORMULA));
                }
            }
            _ => {}
        }
    }
    for change in &row.changes {
        let model = acts::get(tx, id).await?;
        match change.inverse(&row.entity) {
            Inverse::Withdraw(Part::Formula) if model.approval.is_some() => {
                match row.overtaken(&APPROVAL) {
                    Some(why) => stays.push(why),
                    None => withdraw(tx, actor, now, &model).await?,
                }
            }
            Inverse::Reinstate(Part::Formula) if model.approval.is_none() => {
                may_reinstate(tx, actor, id).await?;
                let done =
                    row.overtaken(&APPROVAL).is_none() && reinstate(tx, actor, now, &model).await?;
                if !done {
                    stays.push(format!(
                        "The approval of the formula of {} doesn’t come back: something else changed since. Approve it again.",
                        row.subject
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// An approval that fell with what is taken back holds again; one that a person took back only by somebody who may approve
/// the formula now.
async fn may_reinstate(tx: &mut PgConnection, actor: &Actor, id: MathModelId) -> Outcome<()> {
    actor.must_be_allowed(Act::ReinstateFormula)?;
    let original = approvals::latest_of_formula(tx, id).await?;
    if original.is_some_and(|original| original.was_taken_back()) {
        let (settings, own) = actor.before_approving(tx, Entity::MathModel, id.0).await?;
        actor.must_be_allowed(Act::ApproveFormula { settings, own })?;
    }
    Ok(())
}

async fn withdraw(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
) -> Outcome<()> {
    let version = model.formula.as_ref().map(|formula| formula.version);
    let version = version.ok_or(ActionError::NotFound("version"))?;
    approve_formula::withdraw_approval(tx, actor, now, model.id, version).await?;
    Ok(())
}

/// The approval given last holds again, if the model says again exactly what had been approved.
async fn reinstate(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
) -> Outcome<bool> {
    let original = approvals::latest_of_formula(tx, model.id).await?;
    let (Some(original), Some(formula)) = (original, &model.formula) else {
        return Ok(false);
    };
    let approved = model.last_approved.as_ref().unwrap_or(formula);
    if approved.text != formula.text {
        return Ok(false);
    }
    let how = (Origin::Reinstated, Some(original.id));
    approve_formula::approve_as(tx, actor, now, model, formula, how).await?;
    Ok(true)
}
