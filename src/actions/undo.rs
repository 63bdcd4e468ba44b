//! Take back one's own act: every change of it that nobody has overtaken, as new changes of one new act.
//!
//! What an act's opposite is, [`crate::domain::undo`] knows; here it is done by the same functions as for a form, so that
//! rights, withdrawal and scoring follow in the same way. What can't be taken back stays and is listed; the rest goes on.

mod copy;
mod import;
mod initiative;
mod math_model;
mod param;
mod scenario;
mod whole_param;

pub use import::undo_import;

use super::{ActionError, Actor, Outcome};
use crate::{
    domain::{
        change::field_name,
        ids::{BatchId, InitiativeId, UserId},
        undo::{Inverse, inverse, why_not},
    },
    store::{
        history::{self, Later, Logged},
        imports, initiatives,
    },
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashMap;

/// What taking an act back came to.
#[derive(Clone, Debug, Default)]
pub struct Undone {
    /// What changed, as it is logged; empty: nothing did.
    pub changes: Vec<Logged>,
    /// What stays, each with the reason.
    pub stays: Vec<String>,
}

/// One change of the act.
struct Change {
    field: String,
    old: Value,
    new: Value,
}

impl Change {
    fn inverse(&self, entity: &str) -> Inverse {
        inverse(entity, &self.field, &self.old, &self.new)
    }
}

/// Everything that the act did to one row.
struct Row {
    entity: String,
    id: i64,
    initiative: Option<InitiativeId>,
    key: Option<String>,
    subject: String,
    changes: Vec<Change>,
    last_seq: i64,
    /// What happened to the row since.
    later: Vec<Later>,
    /// Whether anything else of the initiative changed since; asked only of acts that say who drives its score.
    has_moved: bool,
    me: UserId,
}

impl Row {
    /// Which of the act's changes nothing takes back, each with the reason.
    fn what_stays(&self) -> Vec<String> {
        let stays = self.changes.iter().filter_map(|change| {
            let Inverse::Stays(why) = change.inverse(&self.entity) else {
                return None;
            };
            let what = field_name(&change.field);
            Some(format!("{what} of {} stays. {why}", self.subject))
        });
        stays.collect()
    }

    /// Who changed one of these fields since, as a sentence.
    fn overtaken(&self, fields: &[&str]) -> Option<String> {
        let later = self
            .later
            .iter()
            .find(|later| fields.contains(&later.field.as_str()))?;
        let who = if later.by == self.me {
            "You"
        } else {
            &later.by_name
        };
        let what = match later.field.as_str() {
            "approval" | "range_approval" | "formula_approval" | "scenario_approval" => {
                "the approval".to_owned()
            }
            "restored_formula" => "the formula".to_owned(),
            field => field_name(field),
        };
        Some(format!(
            "{who} changed {what} of {} since; it stays.",
            self.subject
        ))
    }
}

/// Takes back an act of the actor's own. Sent for an act that is taken back already, it finds nothing to do.
pub async fn undo(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    act: BatchId,
) -> Outcome<Undone> {
    let logged = history::of_batch(tx, act).await?;
    must_be_ones_own(actor, &logged)?;
    lock(tx, &logged).await?;
    let (logged, mut left) = copy::without_what_went_on(tx, actor.id, act, logged).await?;
    let (stays, refused) = take_back_rows(tx, actor, now, act, &logged).await?;
    left.extend(stays);
    let undone = finish(tx, actor, act, left).await?;
    match refused {
        Some(why @ ActionError::Refused(_)) if undone.changes.is_empty() => Err(why),
        _ => Ok(undone),
    }
}

/// Takes back an act's changes row by row. What stays, and the first refusal.
async fn take_back_rows(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    act: BatchId,
    logged: &[Logged],
) -> Outcome<(Vec<String>, Option<ActionError>)> {
    let mut rows = rows(logged, actor.id);
    look_what_happened_since(tx, act, &mut rows).await?;
    let mut params = param::Params::of(tx, actor, now, &rows).await?;
    let (mut all, mut refused) = (Vec::new(), None);
    for row in rows {
        if row.entity != "param" {
            // What follows may rest on them.
            all.extend(params.settle(tx).await?);
        }
        let takes_savepoint = !param::is_refused_before_it_is_written(&row);
        if takes_savepoint {
            imports::begin_row(tx).await?;
        }
        let mut stays = row.what_stays();
        let done = match row.entity.as_str() {
            "param" => params.take_back(tx, &row, &mut stays).await,
            "math_model" => math_model::take_back(tx, actor, now, &row, &mut stays).await,
            "scenario" => scenario::take_back(tx, actor, now, &row, &mut stays).await,
            "initiative" => initiative::take_back(tx, actor, now, &row, &mut stays).await,
            _ => Ok(()),
        };
        match done {
            Ok(()) if takes_savepoint => imports::keep_row(tx).await?,
            Ok(()) => {}
            Err(ActionError::Db(error)) => return Err(error.into()),
            Err(why) => {
                if takes_savepoint {
                    imports::undo_row(tx).await?;
                }
                stays = vec![format!("{} stays as it is. {why}", row.subject)];
                refused = refused.or(Some(why));
            }
        }
        all.extend(stays);
    }
    all.extend(params.settle(tx).await?);
    Ok((all, refused))
}

/// Asks the history once for all rows what happened to them since the act.
async fn look_what_happened_since(
    tx: &mut PgConnection,
    act: BatchId,
    rows: &mut [Row],
) -> sqlx::Result<()> {
    let asked: Vec<_> = rows
        .iter()
        .map(|row| (row.entity.as_str(), row.id, row.last_seq))
        .collect();
    let later = history::later(tx, &asked, act).await?;
    for (row, later) in rows.iter_mut().zip(later) {
        row.later = later;
        if row.changes.iter().any(|it| it.field == "driving_scenario") {
            row.has_moved = history::went_on(tx, InitiativeId(row.id), row.last_seq, act).await?;
        }
    }
    Ok(())
}

/// Writes down that the act was taken back, if anything was, and says what it came to.
async fn finish(
    tx: &mut PgConnection,
    actor: &Actor,
    act: BatchId,
    stays: Vec<String>,
) -> Outcome<Undone> {
    let new = actor
        .batch
        .ok_or_else(|| ActionError::Invalid("This act has no name of its own.".to_owned()))?;
    let mut undone = Undone {
        changes: history::of_batch(tx, new).await?,
        stays,
    };
    if !undone.changes.is_empty() {
        history::note_undo(tx, new, act).await?;
        undone.changes = history::of_batch(tx, new).await?;
    }
    if undone.changes.is_empty() && undone.stays.is_empty() {
        let nothing = "Nothing is left to take back: it is as it was before.";
        undone.stays.push(nothing.to_owned());
    }
    Ok(undone)
}

/// What taking that act back came to when it was done.
pub async fn again(tx: &mut PgConnection, act: BatchId) -> Outcome<Undone> {
    let mut undone = Undone::default();
    if let Some(undo) = history::undo_of(tx, act).await? {
        undone.changes = history::of_batch(tx, undo).await?;
    }
    Ok(undone)
}

fn must_be_ones_own(actor: &Actor, logged: &[Logged]) -> Outcome<()> {
    let Some(first) = logged.first() else {
        return Err(ActionError::NotFound("change"));
    };
    if let Some(theirs) = logged.iter().find(|change| change.by_id != actor.id) {
        return Err(ActionError::Invalid(format!(
            "{} did this, and only one’s own acts are taken back. To bring an earlier value back, use “Put back” in the history.",
            theirs.by_name
        )));
    }
    if logged.iter().any(|change| change.entity == "fact") {
        return Err(ActionError::Invalid(
            "What a fact says is changed for all who follow it. Propose the earlier number on the fact’s page."
                .to_owned(),
        ));
    }
    let makes = |change: &Logged| change.entity == "initiative" && change.field == "created";
    match why_not(&first.through, logged.iter().any(makes)) {
        Some(why) => Err(ActionError::Invalid(why.to_owned())),
        None => Ok(()),
    }
}

/// Locks every initiative of the act. Where there are several, no import may be going on, which locks them in an order
/// of its own.
async fn lock(tx: &mut PgConnection, logged: &[Logged]) -> Outcome<()> {
    let mut ids: Vec<_> = logged.iter().filter_map(|one| one.initiative_id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > 1 && !imports::try_turn(tx).await? {
        return Err(ActionError::Invalid(
            "An import is going on. Wait until it has ended, then try again.".to_owned(),
        ));
    }
    Ok(initiatives::lock_all(tx, &ids).await?)
}

/// The act row by row. A field that it changed twice counts once, from the first to the last.
fn rows(logged: &[Logged], me: UserId) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut places: HashMap<(&str, i64), usize> = HashMap::new();
    for one in logged {
        let change = Change {
            field: one.field.clone(),
            old: one.old.clone(),
            new: one.new.clone(),
        };
        let next = rows.len();
        let place = places.entry((&one.entity, one.entity_id));
        let Some(row) = rows.get_mut(*place.or_insert(next)) else {
            rows.push(Row {
                entity: one.entity.clone(),
                id: one.entity_id,
                initiative: one.initiative_id,
                key: one.initiative_key.clone(),
                subject: one.subject.clone(),
                changes: vec![change],
                last_seq: one.seq,
                later: Vec::new(),
                has_moved: false,
                me,
            });
            continue;
        };
        row.last_seq = one.seq;
        match row.changes.iter_mut().find(|had| had.field == one.field) {
            Some(had) => had.new = change.new,
            None => row.changes.push(change),
        }
    }
    rows
}
