//! What admins decide about the mirror. How it stands is in [`super::mirror_state`].

use crate::domain::ids::InitiativeId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeMap;

/// The row of the mirror in the change log.
pub const ROW: i64 = 1;

/// Everything that was decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Control {
    /// The mode that an admin chose; none: as configured.
    pub mode: Option<String>,
    /// Until when it does nothing.
    pub paused_until: Option<DateTime<Utc>>,
    /// What was confirmed, by its tokens.
    pub confirmed: Vec<String>,
    /// Fields whose columns are people's.
    pub handed_back: Vec<String>,
    /// Whose row was deleted and stays so.
    pub left_out: Vec<InitiativeId>,
    /// When somebody pressed "run now" last.
    pub asked_at: Option<DateTime<Utc>>,
    /// What waits for a decision.
    pub held: Option<Held>,
    /// Which tabs of the app's own were decided about, by key, and whether they are on.
    pub tabs: BTreeMap<String, bool>,
    /// When somebody asked for formats and protections anew, which the next write does; none: nobody did.
    pub formats_asked_at: Option<DateTime<Utc>>,
    /// The first write is over.
    pub has_written: bool,
    /// Moves with each decision.
    pub revision: i64,
}

/// Why nothing is written until an admin decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// By what it is confirmed.
    pub token: String,
    /// What happened and what to do.
    pub sentence: String,
}

/// As it is; none: there is no target yet.
pub async fn get(conn: &mut PgConnection) -> sqlx::Result<Option<Control>> {
    let row = sqlx::query!(
        r#"select mode, paused_until, confirmed, handed_back, left_out, asked_at,
             held as "held: Json<Held>", has_written, tabs as "tabs: Json<BTreeMap<String, bool>>",
             formats_asked_at, revision from mirror_target"#
    );
    let row = row.fetch_optional(conn).await?;
    Ok(row.map(|row| Control {
        mode: row.mode,
        paused_until: row.paused_until,
        confirmed: row.confirmed,
        handed_back: row.handed_back,
        left_out: row.left_out.into_iter().map(InitiativeId).collect(),
        asked_at: row.asked_at,
        held: row.held.map(|held| held.0),
        tabs: row.tabs.0,
        formats_asked_at: row.formats_asked_at,
        has_written: row.has_written,
        revision: row.revision,
    }))
}

/// As it is, about to be changed.
pub async fn lock(tx: &mut PgConnection) -> sqlx::Result<Option<Control>> {
    sqlx::query!("select 1 as one from mirror_target for update")
        .fetch_optional(&mut *tx)
        .await?;
    get(tx).await
}

/// Saves what was decided; its new revision.
pub async fn save(tx: &mut PgConnection, new: &Control) -> sqlx::Result<i64> {
    let left_out: Vec<i64> = new.left_out.iter().map(|id| id.0).collect();
    sqlx::query_scalar!(
        "update mirror_target set mode = $1, paused_until = $2, confirmed = $3, handed_back = $4, left_out = $5,
           asked_at = $6, tabs = $7, formats_asked_at = $8, revision = revision + 1 returning revision",
        new.mode,
        new.paused_until,
        &new.confirmed,
        &new.handed_back,
        &left_out,
        new.asked_at,
        Json(&new.tabs) as _,
        new.formats_asked_at,
    )
    .fetch_one(tx)
    .await
}
