//! Change what the LLM may cost and whether the app asks it by itself.

use super::{ActionError, Actor, Outcome};
use crate::{
    domain::{
        change::{Change, Entity},
        llm_settings::{FIELDS, LlmSettings, Typed},
        rights::Act,
    },
    store::{change_log, llm_settings, settings::ROW},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// The settings' name in the history.
const SUBJECT: &str = "settings";

/// Saves the settings. Equal to what holds, nothing happens. What is reserved already stays reserved.
pub async fn save(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (typed, seen_revision): (&Typed, i64),
) -> Outcome<LlmSettings> {
    actor.must_be_allowed(Act::ChangeSettings)?;
    let before = llm_settings::lock(tx).await?;
    let new = before
        .with(typed)
        .map_err(|why| ActionError::invalid(&why))?;
    let changes = before.changes_to(&new);
    if changes.is_empty() {
        return Ok(before);
    }
    if before.revision != seen_revision {
        let theirs = change_log::last_since(tx, Entity::Settings, ROW, &FIELDS, seen_revision);
        if let Some(theirs) = theirs.await? {
            return Err(ActionError::Conflict(Box::new(theirs)));
        }
    }
    let revision = llm_settings::save(tx, &new).await?;
    let changes: Vec<_> = changes
        .into_iter()
        .map(|what| Change {
            initiative_id: None,
            entity: Entity::Settings,
            entity_id: ROW,
            entity_revision: revision,
            subject: SUBJECT.to_owned(),
            what,
        })
        .collect();
    change_log::append(tx, actor.stamp(now), &changes).await?;
    Ok(LlmSettings { revision, ..new })
}
