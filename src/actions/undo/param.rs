//! What an act did to a param.

use super::{Change, Row};
use crate::{
    actions::{
        ActionError, Actor, Outcome, add_param, carry_over, copy_model, follow_fact,
        params::{self as acts, Hold},
    },
    domain::{
        approval::Part,
        change::Entity,
        ids::{InitiativeKey, ParamId},
        param::Param,
        rights::Act,
        undo::{Inverse, MATERIAL, param_edits, param_now},
    },
    store::params::{self, ParamGroup},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub(super) async fn take_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    row: &Row,
    (stays, known): (&mut Vec<String>, &mut Option<ParamGroup>),
) -> Outcome<()> {
    let id = ParamId(row.id);
    if let [only] = row.changes.as_slice() {
        match only.inverse(&row.entity) {
            Inverse::TakeAway => return take_away(tx, actor, now, row, stays).await,
            Inverse::TakeOutCopied => return take_out(tx, actor, now, row, stays).await,
            Inverse::PutInCopied => {
                let initiative = row.initiative.ok_or(ActionError::NotFound("initiative"))?;
                return copy_model::put_param_in_again(tx, actor, now, initiative, &only.old).await;
            }
            Inverse::AddAgain(framework, name) => {
                let key = row.key.as_deref().and_then(|key| key.parse().ok());
                let key: InitiativeKey = key.ok_or(ActionError::NotFound("initiative"))?;
                add_param::add(tx, actor, now, (&key, &framework), &name).await?;
                return Ok(());
            }
            _ => {}
        }
    }
    match follow_as_before(tx, actor, now, row, (id, stays)).await? {
        Link::None => {}
        Link::AsBefore => *known = None,
        // All that the act did to the row came with the fact.
        Link::Stays => return Ok(()),
    }
    let ParamGroup {
        initiative_revision,
        params: mut group,
        settings,
    } = group_with(tx, id, known.take()).await?;
    let by = (actor, settings);
    let param = group.iter().find(|param| param.id == id).cloned();
    let param = param.ok_or(ActionError::NotFound("param"))?;
    let fields = still_there(row, &param, stays);
    if !fields.is_empty() {
        actor.must_be_allowed(Act::EditParam)?;
        let edits = param_edits(&param, &fields);
        acts::apply(tx, by, now, (&mut group, id), edits, Hold::LOCKED).await?;
    }
    for change in &row.changes {
        if change.inverse(&row.entity) == Inverse::CarryBack {
            actor.must_be_allowed(Act::WriteModel)?;
            carry_back(tx, actor, now, (id, change), stays).await?;
        }
    }
    let is_edit = |change: &Change| MATERIAL[..5].contains(&change.field.as_str());
    let was_edit = row
        .changes
        .iter()
        .any(|change| is_edit(change) || change.field == "fact");
    let is_edit_alone = |change: &Change| change.inverse(&row.entity) == Inverse::Param;
    if row.changes.iter().all(is_edit_alone) {
        *known = Some(ParamGroup {
            initiative_revision,
            params: group,
            settings,
        });
        return Ok(());
    }
    for change in &row.changes {
        let param = acts::get(tx, id).await?;
        match change.inverse(&row.entity) {
            Inverse::Withdraw(part) if is_live(&param, part) => {
                if let Some(why) = row.overtaken(&[&change.field]) {
                    stays.push(why);
                    continue;
                }
                actor.must_be_allowed(Act::WithdrawParamApproval(param.source))?;
                acts::withdraw_parts(tx, actor, now, &param, &[part]).await?;
            }
            Inverse::Reinstate(part) if !is_live(&param, part) => {
                // It fell with an edit that is taken back; whoever only withdrew it must be allowed to approve.
                if !was_edit {
                    let (settings, own) = actor.before_approving(tx, Entity::Param, row.id).await?;
                    actor.must_be_allowed(Act::ApproveParam {
                        source: param.source,
                        settings,
                        own,
                    })?;
                }
                let done = row.overtaken(&MATERIAL).is_none()
                    && acts::reinstate(tx, actor, now, &param, part).await?;
                if !done {
                    stays.push(not_reinstated(&param, part));
                }
            }
            _ => {}
        }
    }
    Ok(())
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
enum Link {
    /// The act had nothing to do with any.
    None,
    /// It is as it was before the act.
    AsBefore,
    /// Somebody changed it since.
    Stays,
}

/// The row follows the fact again that it followed before the act, or stops: first of all, since a fact keeps the fields
/// of whoever follows it.
async fn follow_as_before(
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

/// The group that the row belongs to: that of the row before, if it is the same, which holds what was done to it.
async fn group_with(
    tx: &mut PgConnection,
    id: ParamId,
    known: Option<ParamGroup>,
) -> Outcome<ParamGroup> {
    match known.filter(|known| known.params.iter().any(|param| param.id == id)) {
        Some(known) => Ok(known),
        None => params::group_of(tx, id)
            .await?
            .ok_or(ActionError::NotFound("param")),
    }
}

/// The row goes back to the name that it had, if the row that made way for it still has that.
async fn carry_back(
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

/// The fields that say what the act wrote, with what they said before.
fn still_there<'a>(
    row: &'a Row,
    param: &Param,
    stays: &mut Vec<String>,
) -> Vec<(&'a str, &'a serde_json::Value)> {
    let mut fields = Vec::new();
    for change in &row.changes {
        if change.inverse(&row.entity) != Inverse::Param {
            continue;
        }
        let here = param_now(param, &change.field);
        if here == change.new {
            fields.push((change.field.as_str(), &change.old));
        } else if !is_same(&here, &change.old) {
            stays.extend(row.overtaken(&[&change.field]));
        }
    }
    fields
}

/// Whether two values say the same: no text is an empty one.
fn is_same(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    let is_blank = |value: &serde_json::Value| value.is_null() || value.as_str() == Some("");
    one == other || (is_blank(one) && is_blank(other))
}

fn is_live(param: &Param, part: Part) -> bool {
    match part {
        Part::Range => param.range_approval.is_some(),
        _ => param.value_approval.is_some(),
    }
}

fn not_reinstated(param: &Param, part: Part) -> String {
    let what = if part == Part::Range {
        "the range of "
    } else {
        ""
    };
    format!(
        "The approval of {what}{} doesn’t come back: something else changed since. Approve it again.",
        param.label()
    )
}
