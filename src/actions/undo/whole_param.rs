//! What an act did to a param besides its fields and approvals: it made it, took it out, copied it, carried it over to another
//! name, or let it follow a fact.

use super::{Change, Row};
use crate::{
    actions::{
        ActionError, Actor, Outcome, add_param, carry_over, copy_model, follow_fact, params as acts,
    },
    domain::{
        ids::{InitiativeKey, ParamId},
        rights::Act,
        undo::Inverse,
    },
    store::params,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What the act did to the row as a whole is taken back: it made it, took it out, or copied it. False: it did no such thing.
pub(super) async fn as_a_whole(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    row: &Row,
    only: &Change,
    stays: &mut Vec<String>,
) -> Outcome<bool> {
    match only.inverse(&row.entity) {
        Inverse::TakeAway => take_away(tx, actor, now, row, stays).await?,
        Inverse::TakeOutCopied => take_out(tx, actor, now, row, stays).await?,
        Inverse::PutInCopied => {
            let initiative = row.initiative.ok_or(ActionError::NotFound("initiative"))?;
            copy_model::put_param_in_again(tx, actor, now, initiative, &only.old).await?;
        }
        Inverse::AddAgain(framework, name) => {
            let key = row.key.as_deref().and_then(|key| key.parse().ok());
            let key: InitiativeKey = key.ok_or(ActionError::NotFound("initiative"))?;
            add_param::add(tx, actor, now, (&key, &framework), &name).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The row that the act added goes again.
async fn take_away(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    row: &Row,
    stays: &mut Vec<String>,
) -> Outcome<()> {
    let param = acts::get(tx, ParamId(row.id)).await?;
    if let Some(later) = row.later.first() {
        let who = if later.by == row.me {
            "You"
        } else {
            &later.by_name
        };
        stays.push(format!("{who} went on with {}; it stays.", row.subject));
    } else if !add_param::take_away(tx, actor, now, &param).await? {
        stays.push(format!("{} is in use by now; it stays.", row.subject));
    }
    Ok(())
}

/// The row that a copy of a formula made goes again.
async fn take_out(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    row: &Row,
    stays: &mut Vec<String>,
) -> Outcome<()> {
    if !copy_model::take_out_param(tx, actor, now, ParamId(row.id)).await? {
        let key = row.key.as_deref().unwrap_or_default();
        stays.push(format!(
            "{} of {key} stays: a formula reads it, or something belongs to it by now.",
            row.subject
        ));
    }
    Ok(())
}

/// What came of the fact that a row follows.
pub(super) enum Link {
    /// The act had nothing to do with any.
    None,
    /// It is as it was before the act.
    AsBefore,
    /// Somebody changed it since.
    Stays,
}

/// The row follows the fact again that it followed before the act, or stops: first of all, since a fact keeps the fields
/// of whoever follows it.
pub(super) async fn follow_as_before(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    row: &Row,
    (id, stays): (ParamId, &mut Vec<String>),
) -> Outcome<Link> {
    let change = row.changes.iter().find(|change| change.field == "fact");
    let Some(change) = change else {
        return Ok(Link::None);
    };
    actor.must_be_allowed(Act::EditParam)?;
    let param = acts::get(tx, id).await?;
    let follows = param.follows.as_ref().map(|fact| fact.id.0);
    if follows != change.new.get("id").and_then(serde_json::Value::as_i64) {
        stays.extend(row.overtaken(&[&change.field]));
        return Ok(Link::Stays);
    }
    if let Inverse::Follow(before) = change.inverse(&row.entity) {
        match before {
            Some(fact) => follow_fact::begin(tx, actor, now, &param, fact).await?,
            None => follow_fact::end(tx, actor, now, &param).await?,
        }
    }
    Ok(Link::AsBefore)
}

/// The row goes back to the name that it had, if the row that made way for it still has that.
pub(super) async fn carry_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (id, change): (ParamId, &Change),
    stays: &mut Vec<String>,
) -> Outcome<()> {
    let group = params::group_of(tx, id).await?;
    let group = group.map(|group| group.params).unwrap_or_default();
    let named = |name: &serde_json::Value| group.iter().find(|param| *name == param.name.as_str());
    match (named(&change.new), named(&change.old)) {
        (Some(carried), Some(other)) if carried.id == id => {
            carry_over::change_places(tx, actor, now, (carried, other)).await
        }
        _ => {
            stays.push("The params have other names since; they stay as they are.".to_owned());
            Ok(())
        }
    }
}
