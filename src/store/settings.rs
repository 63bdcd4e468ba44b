//! The settings: one row for everybody. What they mean for a right is in [`crate::domain::rights`].

use super::types::impossible;
use crate::domain::settings::{FourEyes, Settings};
use sqlx::PgConnection;

/// The row of settings in the change log.
pub const ROW: i64 = 1;

/// Settings from what is stored.
pub(super) fn read(
    four_eyes: &str,
    finance_approves_own: bool,
    revision: i64,
) -> sqlx::Result<Settings> {
    let four_eyes = FourEyes::from_key(four_eyes);
    Ok(Settings {
        four_eyes: four_eyes.ok_or_else(|| impossible("settings", "four_eyes", ROW))?,
        finance_approves_own,
        revision,
    })
}

/// The settings as they are.
pub async fn get(conn: &mut PgConnection) -> sqlx::Result<Settings> {
    let row = sqlx::query!("select four_eyes, finance_approves_own, revision from settings")
        .fetch_one(conn)
        .await?;
    read(&row.four_eyes, row.finance_approves_own, row.revision)
}

/// The settings as they are, kept so until the transaction ends: whoever changes them waits for what is being decided by
/// them, and whoever decides waits for a change that is being made.
pub async fn hold(tx: &mut PgConnection) -> sqlx::Result<Settings> {
    let row =
        sqlx::query!("select four_eyes, finance_approves_own, revision from settings for share")
            .fetch_one(tx)
            .await?;
    read(&row.four_eyes, row.finance_approves_own, row.revision)
}

/// The settings as they are, about to be changed.
pub async fn lock(tx: &mut PgConnection) -> sqlx::Result<Settings> {
    let row =
        sqlx::query!("select four_eyes, finance_approves_own, revision from settings for update")
            .fetch_one(tx)
            .await?;
    read(&row.four_eyes, row.finance_approves_own, row.revision)
}

/// Saves them; their new revision.
pub async fn save(tx: &mut PgConnection, new: &Settings) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update settings set four_eyes = $1, finance_approves_own = $2, revision = revision + 1 returning revision",
        new.four_eyes.key(),
        new.finance_approves_own,
    )
    .fetch_one(tx)
    .await
}
