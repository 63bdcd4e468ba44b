//! Stand behind what the LLM or a plain rule filled in: the words stay, and count as a person's from then on, so that
//! nothing but a person changes them.

use super::{
    Actor, Outcome,
    bulk::{Decided, LeftOut},
    effects::Effects,
};
use crate::{
    domain::{
        change::{Entity, FieldChange},
        ids::ParamId,
        param::Guess,
        rights::Act,
    },
    store::{param_blocks, params},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Confirms every guess in these params that are still as they were shown: `seen` has their revisions.
pub async fn confirm(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    seen: &BTreeMap<ParamId, i64>,
) -> Outcome<Decided> {
    actor.must_be_allowed(Act::EditParam)?;
    let ids: Vec<_> = seen.keys().copied().collect();
    param_blocks::lock(tx, &ids).await?;
    let mut decided = Decided::default();
    let all = params::groups_of(tx, &ids).await?;
    for group in all.chunk_by(|a, b| a.initiative_id == b.initiative_id) {
        let mut effects = Effects::on(group[0].initiative_id);
        for param in group {
            let Some(shown) = seen.get(&param.id) else {
                continue;
            };
            let guesses = Guess::all(&param.written_by);
            if guesses.is_empty() {
                decided.same += 1;
                continue;
            }
            if param.revision != *shown {
                decided.left_out.push(LeftOut {
                    label: param.label().to_owned(),
                    why: "it changed since it was shown".to_owned(),
                });
                continue;
            }
            let mut hands = param.written_by.clone();
            for field in &guesses {
                hands.insert((*field).to_owned(), "person".to_owned());
            }
            let revision = params::save_hands(tx, param.id, &hands, actor.id, now).await?;
            let confirmed = FieldChange {
                field: "confirmed",
                old: Value::Null,
                new: json!(guesses),
            };
            effects.note(
                Entity::Param,
                param.id.0,
                revision,
                param.label(),
                confirmed,
            );
            decided.done += 1;
        }
        effects.settle(tx, actor, now).await?;
    }
    Ok(decided)
}
