//! Approvals of many params at once: taken back, or holding again. Whatever the number of params, each initiative's
//! changes are logged together and each score is worked out once.

use super::{ActionError, Actor, Outcome, effects::Effects, scores};
use crate::{
    domain::{
        approval::{Origin, Part, TAKEN_BACK},
        change::Entity,
        ids::{FrameworkId, InitiativeId},
        param::Param,
    },
    store::{
        approvals::{self, ParamPart},
        params,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// A part of a param that was read under its initiative's lock.
pub(super) type PartOf = (Param, Part);

/// What was done to approvals and isn't logged nor scored yet.
#[derive(Debug)]
pub(super) struct ParamApprovals<'a> {
    actor: &'a Actor,
    now: DateTime<Utc>,
    effects: BTreeMap<InitiativeId, Effects>,
    /// What is to be scored afresh, and what moved it first.
    scores: BTreeMap<(InitiativeId, FrameworkId), String>,
}

impl<'a> ParamApprovals<'a> {
    /// Of this person's act.
    pub(super) fn of(actor: &'a Actor, now: DateTime<Utc>) -> Self {
        Self {
            actor,
            now,
            effects: BTreeMap::new(),
            scores: BTreeMap::new(),
        }
    }

    /// Takes back the approvals of these parts, as far as there are any. Two statements.
    pub(super) async fn withdraw(
        &mut self,
        tx: &mut PgConnection,
        parts: &[PartOf],
    ) -> Outcome<()> {
        for (param, _) in parts {
            // What a fact stands for, it stands for everywhere.
            param
                .check_own()
                .map_err(|why| ActionError::invalid(&why))?;
        }
        let live: Vec<_> = parts
            .iter()
            .filter(|(param, part)| param.approval_of(*part).is_some())
            .collect();
        if live.is_empty() {
            return Ok(());
        }
        let places: Vec<_> = live.iter().map(|of| place(of)).collect();
        let by = (self.actor.id, self.now);
        let fell = approvals::withdraw_of_params(tx, &places, TAKEN_BACK, by).await?;
        let logged = live.into_iter().filter_map(|of| {
            let content = fell.get(&place(of))?.clone();
            Some((of, (content, json!({ "why": TAKEN_BACK }))))
        });
        self.note(tx, logged.collect(), "withdrawn").await
    }

    /// Approvals that were withdrawn hold again, for what they were given for and in the name of who gave them. Only where
    /// the param says again exactly what had been approved: the others are given back. Three statements.
    pub(super) async fn reinstate<'p>(
        &mut self,
        tx: &mut PgConnection,
        parts: &'p [PartOf],
    ) -> Outcome<Vec<&'p PartOf>> {
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = parts.iter().map(place).collect();
        let originals = approvals::latest_withdrawn_of_params(tx, &places).await?;
        let (mut again, mut stay, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for of in parts {
            let content = content(of);
            let original = originals.get(&place(of));
            match original.filter(|original| original.content == content) {
                Some(original) if of.0.check_approvable().is_ok() => {
                    ids.push(original.id);
                    let mut logged = content;
                    logged["origin"] = json!(Origin::Reinstated.key());
                    again.push((of, (Value::Null, logged)));
                }
                _ => stay.push(of),
            }
        }
        approvals::reinstate_of_params(tx, &ids, self.now).await?;
        self.note(tx, again, "reinstated").await?;
        Ok(stay)
    }

    /// Notes what became of each part, with the revision that its param has from here on. One statement.
    async fn note(
        &mut self,
        tx: &mut PgConnection,
        parts: Vec<(&PartOf, (Value, Value))>,
        what: &str,
    ) -> Outcome<()> {
        let ids: BTreeSet<_> = parts.iter().map(|((param, _), _)| param.id).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let revisions = params::move_revisions(tx, &ids, self.actor.id, self.now).await?;
        for ((param, part), (old, new)) in parts {
            let revision = revisions.get(&param.id).copied();
            let of = param.initiative_id;
            self.effects
                .entry(of)
                .or_insert_with(|| Effects::on(of))
                .act(
                    Entity::Param,
                    param.id.0,
                    revision.unwrap_or(param.revision),
                    param.label(),
                    (field(*part), old, new),
                );
            if param.is_used() {
                self.scores
                    .entry((of, param.framework_id))
                    .or_insert_with(|| format!("the approval of {} was {what}", param.label()));
            }
        }
        Ok(())
    }

    /// Logs it all and scores afresh what rests on it: a fixed number of statements for each initiative.
    pub(super) async fn settle(self, tx: &mut PgConnection) -> Outcome<()> {
        let (actor, now) = (self.actor, self.now);
        for effects in self.effects.into_values() {
            effects.settle(tx, actor, now).await?;
        }
        for (of, because) in self.scores {
            scores::rescore_by_id(tx, actor, now, of, &because).await?;
        }
        Ok(())
    }
}

fn place((param, part): &PartOf) -> ParamPart {
    (param.id, *part)
}

/// Exactly what an approval of the part would be given for now.
fn content((param, part): &PartOf) -> Value {
    let (value, range) = param.approval_content();
    match part {
        Part::Range => range,
        _ => value,
    }
}

/// As it is logged.
fn field(part: Part) -> &'static str {
    match part {
        Part::Range => "range_approval",
        _ => "approval",
    }
}
