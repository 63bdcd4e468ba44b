//! Fill in, change and approve params.

use super::{ActionError, Actor, Outcome, effects::Effects, scores};
use crate::{
    domain::{
        approval::{Origin, Part},
        change::Entity,
        ids::ParamId,
        param::{EditOutcome, Param, ParamEdit},
        param_input::{self, ParamField, Typed},
        rights::Act,
    },
    store::{
        approvals::{self, NewApproval, Subject},
        change_log, initiatives, params,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// Sets one field to what was typed. Other people's changes of other fields since `seen_revision` merge; a change of
/// the same field is a conflict.
pub async fn change_field(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
    (field, typed, seen_revision): (ParamField, &Typed, i64),
) -> Outcome<Param> {
    actor.must_be_allowed(Act::EditParam)?;
    let mut param = lock(tx, id).await?;
    if param.revision != seen_revision {
        let theirs = change_log::last_since(
            tx,
            Entity::Param,
            id.0,
            field.collides_with(),
            seen_revision,
        );
        if let Some(theirs) = theirs.await? {
            return Err(ActionError::Conflict(Box::new(theirs)));
        }
    }
    let edits = param_input::read(&param, field, typed)?;
    apply(tx, actor, now, &mut param, edits).await?;
    get(tx, id).await
}

/// Applies parsed edits to a param read under the initiative's lock: saves, withdraws, logs, rescores. Whether anything changed.
pub(crate) async fn apply(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &mut Param,
    edits: Vec<ParamEdit>,
) -> Outcome<bool> {
    let mut outcome = EditOutcome::default();
    for edit in edits {
        if let ParamEdit::Source(to) = edit
            && to != param.source
        {
            actor.must_be_allowed(Act::SetSource {
                from: param.source,
                to,
            })?;
        }
        outcome.and(
            param
                .apply(edit)
                .map_err(|why| ActionError::invalid(&why))?,
        );
    }
    if outcome.changes.is_empty() {
        return Ok(false);
    }
    let hand = if actor.through == super::Through::Import {
        "import"
    } else {
        "person"
    };
    for change in &outcome.changes {
        param
            .written_by
            .insert(change.field.to_owned(), hand.to_owned());
    }
    let value_was_set = outcome.changes.iter().any(|change| change.field == "value");
    let revision = params::save(tx, param, value_was_set, actor.id, now)
        .await?
        .ok_or(ActionError::NotFound("param"))?;
    let mut effects = Effects::on(param.initiative_id);
    let is_material = outcome
        .changes
        .iter()
        .any(|c| matches!(c.field, "value" | "unit" | "source"))
        || !outcome.withdraws.is_empty();
    let because = because(param, &outcome);
    for change in outcome.changes {
        effects.note(Entity::Param, param.id.0, revision, param.label(), change);
    }
    for (part, why) in outcome.withdraws {
        withdraw(tx, actor, now, param, (part, &why, revision), &mut effects).await?;
    }
    effects.settle(tx, actor, now).await?;
    if is_material && param.is_used() {
        let of = (param.initiative_id, param.framework_id);
        scores::rescore_by_id(tx, actor, now, of, &because).await?;
    }
    Ok(true)
}

/// Approves value and range as they stand, if the row is still the one that was shown.
pub async fn approve(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
    seen_revision: i64,
) -> Outcome<Param> {
    let param = lock(tx, id).await?;
    actor.must_be_allowed(Act::ApproveParam(param.source))?;
    must_be_unchanged(tx, &param, seen_revision).await?;
    approve_as(tx, actor, now, &param, Origin::Person).await?;
    get(tx, id).await
}

/// Approves a param read under the initiative's lock; what is approved already stays. Whether anything changed.
pub(crate) async fn approve_as(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
    origin: Origin,
) -> Outcome<bool> {
    param
        .check_approvable()
        .map_err(|why| ActionError::invalid(&why))?;
    let (value, range) = param.approval_content();
    let parts = [
        (
            Part::Value,
            "approval",
            value,
            param.value_approval.is_some(),
        ),
        (
            Part::Range,
            "range_approval",
            range,
            param.range_approval.is_some(),
        ),
    ];
    if parts.iter().all(|(.., is_approved)| *is_approved) {
        return Ok(false);
    }
    let revision = params::move_revision(tx, param.id, actor.id, now).await?;
    let mut effects = Effects::on(param.initiative_id);
    for (part, field, content, is_approved) in parts {
        if is_approved {
            continue;
        }
        let new = NewApproval {
            subject: Subject::Param(param.id),
            part,
            content: content.clone(),
            formula_version: None,
            origin,
            reinstates: None,
        };
        approvals::insert(tx, &new, actor.id, now).await?;
        let mut logged = content;
        logged["origin"] = json!(origin.key());
        let act = (field, Value::Null, logged);
        effects.act(Entity::Param, param.id.0, revision, param.label(), act);
    }
    effects.settle(tx, actor, now).await?;
    if param.is_used() {
        let because = format!("{} was approved", param.label());
        let of = (param.initiative_id, param.framework_id);
        scores::rescore_by_id(tx, actor, now, of, &because).await?;
    }
    Ok(true)
}

/// Takes the approval back; the score turns stale.
pub async fn withdraw_approval(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
    seen_revision: i64,
) -> Outcome<Param> {
    let param = lock(tx, id).await?;
    actor.must_be_allowed(Act::ApproveParam(param.source))?;
    must_be_unchanged(tx, &param, seen_revision).await?;
    if param.value_approval.is_none() && param.range_approval.is_none() {
        return Ok(param);
    }
    let revision = params::move_revision(tx, id, actor.id, now).await?;
    let mut effects = Effects::on(param.initiative_id);
    for part in [Part::Value, Part::Range] {
        let what = (part, "taken back", revision);
        withdraw(tx, actor, now, &param, what, &mut effects).await?;
    }
    effects.settle(tx, actor, now).await?;
    let because = format!("the approval of {} was withdrawn", param.label());
    let of = (param.initiative_id, param.framework_id);
    scores::rescore_by_id(tx, actor, now, of, &because).await?;
    get(tx, id).await
}

async fn withdraw(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
    (part, why, revision): (Part, &str, i64),
    effects: &mut Effects,
) -> Outcome<()> {
    let subject = Subject::Param(param.id);
    if let Some(old) = approvals::withdraw(tx, subject, part, why, actor.id, now).await? {
        let field = if part == Part::Range {
            "range_approval"
        } else {
            "approval"
        };
        let act = (field, old, json!({ "why": why }));
        effects.act(Entity::Param, param.id.0, revision, param.label(), act);
    }
    Ok(())
}

/// An approval means exactly what was shown: any change of the row since then is a conflict.
async fn must_be_unchanged(tx: &mut PgConnection, param: &Param, seen: i64) -> Outcome<()> {
    if param.revision == seen {
        return Ok(());
    }
    let fields = [
        "value",
        "unit",
        "min",
        "max",
        "source",
        "approval",
        "range_approval",
    ];
    let theirs = change_log::last_since(tx, Entity::Param, param.id.0, &fields, seen).await?;
    theirs.map_or(Ok(()), |theirs| {
        Err(ActionError::Conflict(Box::new(theirs)))
    })
}

fn because(param: &Param, outcome: &EditOutcome) -> String {
    let material = ["value", "unit", "source", "min", "max"];
    let changed = |field: &&str| outcome.changes.iter().any(|change| change.field == *field);
    let field = match material.into_iter().find(|field| changed(field)) {
        Some("min" | "max") => "range",
        Some(field) => field,
        None => "value",
    };
    format!("the {field} of {} changed", param.label())
}

async fn lock(tx: &mut PgConnection, id: ParamId) -> Outcome<Param> {
    let initiative = initiatives::of_param(tx, id)
        .await?
        .ok_or(ActionError::NotFound("param"))?;
    initiatives::lock(tx, initiative).await?;
    get(tx, id).await
}

/// A param as it is.
pub async fn get(tx: &mut PgConnection, id: ParamId) -> Outcome<Param> {
    params::get(tx, id)
        .await?
        .ok_or(ActionError::NotFound("param"))
}
