//! What an import brought in, taken back as one act.

use super::{Undone, finish, take_back_rows};
use crate::{
    actions::{ActionError, Actor, Outcome, initiatives as acts},
    domain::{
        ids::{BatchId, InitiativeId},
        rights::Act,
    },
    store::{
        history::{self, Logged},
        imports, initiatives,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Takes back every cell that an import changed and nobody has changed since. An initiative that it made is archived,
/// with all that came with it, unless somebody went on with it: nothing is ever deleted.
pub async fn undo_import(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    act: BatchId,
) -> Outcome<Undone> {
    actor.must_be_allowed(Act::Import)?;
    imports::wait_for_turn(tx).await?;
    let logged = history::of_batch(tx, act).await?;
    if logged.iter().any(|change| change.through != "import") {
        return Err(ActionError::NotFound("import"));
    }
    if history::undo_of(tx, act).await?.is_some() {
        return Err(ActionError::Invalid(
            "This import was taken back already.".to_owned(),
        ));
    }
    let mut ids: Vec<_> = logged.iter().filter_map(|one| one.initiative_id).collect();
    ids.sort_unstable();
    ids.dedup();
    initiatives::lock_all(tx, &ids).await?;
    let made = made_by(&logged);
    let is_of_made = |change: &Logged| {
        let of = change.initiative_id;
        of.is_some_and(|id| made.contains_key(&id))
    };
    let changed: Vec<_> = logged.into_iter().filter(|one| !is_of_made(one)).collect();
    let (mut stays, _) = take_back_rows(tx, actor, now, act, &changed).await?;
    for (id, last_seq) in made {
        stays.extend(archive(tx, actor, now, act, (id, last_seq)).await?);
    }
    finish(tx, actor, act, stays).await
}

/// The initiatives that the act made, each with the place of its last change there.
fn made_by(logged: &[Logged]) -> BTreeMap<InitiativeId, i64> {
    let is_new = |change: &&Logged| change.entity == "initiative" && change.field == "created";
    let new = logged.iter().filter(is_new);
    let mut made: BTreeMap<_, _> = new
        .filter_map(|change| Some((change.initiative_id?, change.seq)))
        .collect();
    for change in logged {
        let last = change.initiative_id.and_then(|id| made.get_mut(&id));
        if let Some(last) = last {
            *last = change.seq.max(*last);
        }
    }
    made
}

/// Puts an initiative out of the way; what it stays for, if somebody went on with it.
async fn archive(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    act: BatchId,
    (id, last_seq): (InitiativeId, i64),
) -> Outcome<Option<String>> {
    let key = initiatives::get_key(tx, id).await?;
    let key = key.ok_or(ActionError::NotFound("initiative"))?;
    if history::went_on(tx, id, last_seq, act).await? {
        return Ok(Some(format!(
            "{key} came in with this import, and somebody went on with it; it stays."
        )));
    }
    let initiative = acts::get(tx, &key).await?;
    acts::set_archived(tx, actor, now, &key, (true, initiative.revision)).await?;
    Ok(None)
}
