//! What every act leaves behind: its rows in the change log, the initiative's moved revision, a mark for the mirror.

use super::Actor;
use crate::{
    domain::{
        change::{Change, Entity, FieldChange},
        ids::InitiativeId,
    },
    store::{change_log, initiatives, mirror_state},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// The changes of one act on one initiative, collected until they are logged together.
#[derive(Debug)]
pub struct Effects {
    initiative: InitiativeId,
    changes: Vec<Change>,
}

impl Effects {
    /// None yet.
    #[must_use]
    pub fn on(initiative: InitiativeId) -> Self {
        Self {
            initiative,
            changes: Vec::new(),
        }
    }

    /// Notes one change of a row, with the row's revision after it.
    pub fn note(
        &mut self,
        entity: Entity,
        id: i64,
        revision: i64,
        subject: &str,
        what: FieldChange,
    ) {
        self.changes.push(Change {
            initiative_id: Some(self.initiative),
            entity,
            entity_id: id,
            entity_revision: revision,
            subject: subject.to_owned(),
            what,
        });
    }

    /// Notes an act that is no field of its own.
    pub fn act(
        &mut self,
        entity: Entity,
        id: i64,
        revision: i64,
        subject: &str,
        (field, old, new): (&'static str, Value, Value),
    ) {
        self.note(
            entity,
            id,
            revision,
            subject,
            FieldChange { field, old, new },
        );
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Logs the changes, moves the initiative's revision and marks it for the mirror; nothing changed, nothing moves.
    pub async fn settle(
        mut self,
        tx: &mut PgConnection,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        let Some(first) = self.changes.first() else {
            return Ok(());
        };
        mirror_state::mark(tx, self.initiative, first.what.field).await?;
        let revision = initiatives::move_revision(tx, self.initiative, actor.id, now).await?;
        for change in &mut self.changes {
            if change.entity == Entity::Initiative {
                change.entity_revision = revision;
            }
        }
        let stamp = change_log::Stamp {
            by: actor.id,
            through: actor.through.key(),
            at: now,
            batch: actor.batch,
        };
        change_log::append(tx, stamp, &self.changes).await
    }
}
