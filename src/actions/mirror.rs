//! Decide about the mirror: what it may do, whose columns and rows are people's, what looked like a mistake and isn't.

use super::{ActionError, Actor, Outcome};
use crate::{
    domain::{
        change::{Change, Entity, FieldChange},
        ids::InitiativeKey,
        initiative::FIELDS,
        mirror_mode::{Mode, NoMode, UNTIL_RESUMED},
        mirror_tab::{MirrorTab, NoTab},
        rights::Act,
    },
    store::{
        change_log, initiatives,
        mirror_control::{self, Control, ROW},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// The mirror's name in the history.
const SUBJECT: &str = "the mirror";
/// By what going on without a column for the scores' status is confirmed.
const NO_STATUS: &str = "no_status";

/// Says what the mirror may do. Whoever didn't see the mode that somebody else has set meanwhile is told so first.
pub async fn set_mode(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (typed, seen): (&str, i64),
) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let mode: Mode = typed.parse().map_err(|_unknown: NoMode| {
        let why = "Choose what the mirror may do: nothing, observe, or write.";
        ActionError::Invalid(why.to_owned())
    })?;
    let before = locked(tx).await?;
    let theirs = change_log::last_since(tx, Entity::Mirror, ROW, &["mirror_mode"], seen).await?;
    if let Some(theirs) = theirs.filter(|_| before.mode.as_deref() != Some(mode.key())) {
        return Err(ActionError::Conflict(Box::new(theirs)));
    }
    let what = changed("mirror_mode", json!(before.mode), json!(mode.key()));
    let new = Control {
        mode: Some(mode.key().to_owned()),
        ..before.clone()
    };
    save(tx, (actor, now), (&before, &new), (SUBJECT, what)).await
}

/// Lets the mirror do nothing until then, whatever its mode; [`UNTIL_RESUMED`]: until somebody ends the pause.
pub async fn pause(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    if until <= now {
        let why = "A pause ends in the future.";
        return Err(ActionError::Invalid(why.to_owned()));
    }
    let before = locked(tx).await?;
    let new = Control {
        paused_until: Some(until),
        ..before.clone()
    };
    let what = changed("mirror_paused", Value::Null, in_words(until));
    save(tx, (actor, now), (&before, &new), (SUBJECT, what)).await
}

/// Ends a pause.
pub async fn resume(tx: &mut PgConnection, actor: &Actor, now: DateTime<Utc>) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let before = locked(tx).await?;
    let new = Control {
        paused_until: None,
        ..before.clone()
    };
    let was = before.paused_until.map_or(Value::Null, in_words);
    let what = changed("mirror_paused", was, Value::Null);
    save(tx, (actor, now), (&before, &new), (SUBJECT, what)).await
}

/// Lets the mirror run at once, not when something changes or a minute has passed.
pub async fn run_now(tx: &mut PgConnection, actor: &Actor, now: DateTime<Utc>) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let before = locked(tx).await?;
    let new = Control {
        asked_at: Some(now),
        ..before.clone()
    };
    let what = changed("mirror_asked", Value::Null, json!(true));
    save(tx, (actor, now), (&before, &new), (SUBJECT, what)).await
}

/// Lets the mirror write in spite of what it stopped before. Only what was shown is confirmed: if something else has
/// come up since, it asks again.
pub async fn confirm(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    shown_token: &str,
) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let before = locked(tx).await?;
    let held = before.held.clone();
    let held = held
        .filter(|held| held.token == shown_token)
        .ok_or_else(|| {
            let why = "The mirror doesn’t ask that any more. Look at what it says now.";
            ActionError::Invalid(why.to_owned())
        })?;
    let what = changed("mirror_confirmed", Value::Null, json!(held.sentence));
    let new = confirmed(&before, &held.token);
    save(tx, (actor, now), (&before, &new), (SUBJECT, what)).await
}

/// Lets the mirror go on without the columns that the sheet lacks.
pub async fn decline_missing(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let before = locked(tx).await?;
    let words = "the sheet has no columns for what it lacks";
    let what = changed("mirror_confirmed", Value::Null, json!(words));
    let new = confirmed(&before, NO_STATUS);
    save(tx, (actor, now), (&before, &new), (SUBJECT, what)).await
}

/// Leaves an initiative out of the sheet, from which its row was deleted; or lets the mirror add it again.
pub async fn leave_out(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (key, is_left): (&InitiativeKey, bool),
) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let initiative = initiatives::get(tx, key).await?;
    let id = initiative.ok_or(ActionError::NotFound("initiative"))?.id;
    let before = locked(tx).await?;
    let mut new = before.clone();
    new.left_out.retain(|left| *left != id);
    if is_left {
        new.left_out.push(id);
    }
    let what = changed("mirror_left_out", json!(!is_left), json!(is_left));
    save(tx, (actor, now), (&before, &new), (key.as_str(), what)).await
}

/// Hands the column of a descriptive field back to people, who may write in it from then on; or gives it to the mirror
/// again. What the app computes has no other place than its columns.
pub async fn hand_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (field, is_theirs): (&str, bool),
) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let field = FIELDS.iter().find(|known| known.key == field);
    let field = field.ok_or_else(|| {
        let why = "Only a column that describes initiatives can be people’s; scores and their status are the app’s.";
        ActionError::Invalid(why.to_owned())
    })?;
    let before = locked(tx).await?;
    let mut new = before.clone();
    new.handed_back.retain(|theirs| theirs != field.key);
    if is_theirs {
        new.handed_back.push(field.key.to_owned());
    }
    let what = changed("mirror_handed_back", json!(!is_theirs), json!(is_theirs));
    save(tx, (actor, now), (&before, &new), (field.key, what)).await
}

/// Lets the mirror keep a whole tab of the app's own beside the backlog; or leaves the tab from then on as it stands.
pub async fn set_tab(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (typed, is_on): (&str, bool),
) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let tab: MirrorTab = typed.parse().map_err(|_unknown: NoTab| {
        let why = "Choose one of the tabs Scoring, MathModels and Params.";
        ActionError::Invalid(why.to_owned())
    })?;
    let before = locked(tx).await?;
    let was_on = before.tabs.get(tab.key()).copied().unwrap_or(false);
    if was_on == is_on {
        return Ok(());
    }
    let mut new = before.clone();
    new.tabs.insert(tab.key().to_owned(), is_on);
    let what = changed("mirror_tab", json!(was_on), json!(is_on));
    save(tx, (actor, now), (&before, &new), (tab.title(), what)).await
}

/// Lets the next write set the formats of the app's columns anew, and put every protection right.
pub async fn renew_formats(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Outcome<()> {
    actor.must_be_allowed(Act::ControlMirror)?;
    let before = locked(tx).await?;
    let new = Control {
        formats_asked_at: Some(now),
        ..before.clone()
    };
    let what = changed("mirror_formats", Value::Null, json!(true));
    save(tx, (actor, now), (&before, &new), (SUBJECT, what)).await
}

async fn locked(tx: &mut PgConnection) -> Outcome<Control> {
    let control = mirror_control::lock(tx).await?;
    control.ok_or_else(|| {
        let why = "The mirror hasn’t begun yet. Try again in a moment.";
        ActionError::Invalid(why.to_owned())
    })
}

fn confirmed(before: &Control, token: &str) -> Control {
    let mut new = before.clone();
    new.confirmed.retain(|known| known != token);
    new.confirmed.push(token.to_owned());
    new
}

fn in_words(at: DateTime<Utc>) -> Value {
    if at == UNTIL_RESUMED {
        return json!("somebody resumes it");
    }
    json!(at.format("%Y-%m-%d %H:%M UTC").to_string())
}

fn changed(field: &'static str, old: Value, new: Value) -> FieldChange {
    FieldChange { field, old, new }
}

/// Saves a decision with its line in the history; the same again changes nothing.
async fn save(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    (before, new): (&Control, &Control),
    (subject, what): (&str, FieldChange),
) -> Outcome<()> {
    if before == new {
        return Ok(());
    }
    let revision = mirror_control::save(tx, new).await?;
    let change = Change {
        initiative_id: None,
        entity: Entity::Mirror,
        entity_id: ROW,
        entity_revision: revision,
        subject: subject.to_owned(),
        what,
    };
    change_log::append(tx, actor.stamp(now), &[change]).await?;
    Ok(())
}
