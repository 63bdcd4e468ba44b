//! Change the settings, which hold for everybody.

use super::{ActionError, Actor, Outcome};
use crate::{
    domain::{
        change::{Change, Entity},
        rights::Act,
        settings::{FourEyes, Settings},
    },
    store::{
        change_log,
        settings::{self, ROW},
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// The settings' name in the history.
const SUBJECT: &str = "settings";

/// Everything that somebody may have changed meanwhile: the form is saved as a whole.
const FIELDS: [&str; 2] = ["four_eyes", "finance_approves_own"];

/// What the form says.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The name of a choice.
    pub four_eyes: String,
    /// Whether Finance alone approves what is Finance's.
    pub finance_approves_own: bool,
}

/// Saves the settings. Equal to what holds, nothing happens. They hold from then on: what stays approved stays approved.
pub async fn save(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (typed, seen_revision): (&Typed, i64),
) -> Outcome<Settings> {
    actor.must_be_allowed(Act::ChangeSettings)?;
    let four_eyes = FourEyes::from_key(&typed.four_eyes).ok_or_else(|| {
        let why =
            "Choose what four-eyes watches over: nothing, Finance-owned params, or everything.";
        ActionError::Invalid(why.to_owned())
    })?;
    let before = settings::lock(tx).await?;
    let new = Settings {
        four_eyes,
        finance_approves_own: typed.finance_approves_own,
        ..before
    };
    let changes = before.changes_to(&new);
    if changes.is_empty() {
        return Ok(before);
    }
    if before.revision != seen_revision {
        let theirs =
            change_log::last_since(tx, Entity::Settings, ROW, &FIELDS, seen_revision).await?;
        if let Some(theirs) = theirs {
            return Err(ActionError::Conflict(Box::new(theirs)));
        }
    }
    let revision = settings::save(tx, &new).await?;
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
    Ok(Settings { revision, ..new })
}
