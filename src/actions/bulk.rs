//! One decision on many params: approve them, say whose they are, give them a unit. What can't be done to one of them
//! leaves that one out, with the reason; the others are done in one transaction and as one batch.

use super::{
    ActionError, Actor, Outcome,
    effects::Effects,
    params::{self as acts, Applied, Hold},
    scores,
};
use crate::{
    domain::{
        change::{self, Entity},
        ids::ParamId,
        param::{Param, ParamEdit, Source},
        rights::Act,
        settings::Settings,
    },
    store::{param_blocks, params},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// What is to be done to each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Approve value and range as they were shown.
    Approve,
    /// Whose it is.
    Source(Option<Source>),
    /// Its unit.
    Unit(String),
}

/// A param that was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What people call it.
    pub label: String,
    /// Why.
    pub why: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// How many changed.
    pub done: usize,
    /// How many were so already.
    pub same: usize,
    /// How many approvals fell with it.
    pub fell: usize,
    /// The others.
    pub left_out: Vec<LeftOut>,
}

/// Decides on all params that are still as they were shown: `seen` has their revisions.
pub async fn decide(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    decision: &Decision,
    seen: &BTreeMap<ParamId, i64>,
) -> Outcome<Decided> {
    let ids: Vec<_> = seen.keys().copied().collect();
    param_blocks::lock(tx, &ids).await?;
    let mut all = params::groups_of(tx, &ids).await?;
    let rows: Vec<_> = ids.iter().map(|id| id.0).collect();
    let (settings, own) = actor.before_approving_all(tx, Entity::Param, &rows).await?;
    let mut decided = Decided::default();
    let mut found = 0;
    for group in all
        .chunk_by_mut(|a, b| (a.initiative_id, a.framework_id) == (b.initiative_id, b.framework_id))
    {
        let mut approved = Effects::on(group[0].initiative_id);
        let mut scored = None;
        for at in 0..group.len() {
            let param = group[at].clone();
            let Some(revision) = seen.get(&param.id) else {
                continue;
            };
            found += 1;
            let did = if *decision == Decision::Approve {
                let by = (settings, own.get(&param.id.0).copied());
                let shown = (&param, *revision);
                acts::approve_shown(tx, (actor, by), now, shown, &mut approved).await
            } else if param.revision == *revision {
                let of = (&mut *group, param.id);
                edit(tx, (actor, settings), now, of, decision).await
            } else {
                Err(ActionError::Invalid(
                    "it changed since it was shown".to_owned(),
                ))
            };
            decided.fell += usize::from(param.value_approval.is_some())
                .saturating_sub(group[at].value_approval.is_some().into());
            match did {
                Ok(true) if param.is_used() => {
                    decided.done += 1;
                    scored.get_or_insert(param);
                }
                Ok(true) => decided.done += 1,
                Ok(false) => decided.same += 1,
                Err(why) => decided.left_out.push(LeftOut {
                    label: param.label().to_owned(),
                    why: words(why)?,
                }),
            }
        }
        let is_approval = !approved.is_empty();
        approved.settle(tx, actor, now).await?;
        // An edit can only take a score away, and says so itself; approvals can give one.
        if let Some(param) = scored.filter(|_| is_approval) {
            let because = format!("{} was approved", param.label());
            let of = (param.initiative_id, param.framework_id);
            scores::rescore_by_id(tx, actor, now, of, &because).await?;
        }
    }
    decided
        .left_out
        .extend((found..seen.len()).map(|_| LeftOut {
            label: "A param".to_owned(),
            why: "it isn’t there any more".to_owned(),
        }));
    Ok(decided)
}

async fn edit(
    tx: &mut PgConnection,
    (actor, settings): (&Actor, Settings),
    now: DateTime<Utc>,
    (group, id): (&mut [Param], ParamId),
    decision: &Decision,
) -> Outcome<bool> {
    actor.must_be_allowed(Act::EditParam)?;
    let edit = match decision {
        Decision::Source(source) => ParamEdit::Source(*source),
        Decision::Unit(unit) => ParamEdit::Unit(unit.clone()),
        Decision::Approve => return Ok(false),
    };
    // The rules are asked of a copy, since a refused edit may leave the group half changed.
    let mut trial = group.to_vec();
    match acts::apply(
        tx,
        (actor, settings),
        now,
        (&mut trial, id),
        vec![edit],
        Hold::LOCKED,
    )
    .await?
    {
        Applied::Nothing => Ok(false),
        Applied::Moved => Err(ActionError::NotFound("param")),
        Applied::Saved(_) => {
            group.clone_from_slice(&trial);
            Ok(true)
        }
    }
}

/// Why a param was left out; the database's own trouble ends the whole act.
pub(super) fn words(why: ActionError) -> Outcome<String> {
    match why {
        ActionError::Db(_) => Err(why),
        ActionError::Conflict(theirs) => {
            let what = change::sentence(&theirs.field, &theirs.subject, &theirs.old, &theirs.new);
            Ok(format!("{} {what}", theirs.by_name))
        }
        other => Ok(other.to_string()),
    }
}
