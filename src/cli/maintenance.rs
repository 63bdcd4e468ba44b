//! `productops migrate` and `productops verify-history`.

use super::output::{Failure, say};
use crate::{
    app::Database,
    config::Config,
    store::{self, change_log},
};
use std::time::Duration;

/// How long the history may take to be read.
const LIMIT: Duration = Duration::from_mins(10);

/// Brings the schema up to date.
pub(super) async fn migrate(config: &Config) -> Result<(), Failure> {
    let database = Database::open(config).await?;
    let read = database
        .db
        .read(async move |mut conn| store::migrated_to(&mut conn).await);
    let version = read.await;
    database.close_when_unused().await?;
    say(&format!(
        "The database is up to date (version {}).",
        version?
    ));
    Ok(())
}

/// Checks every chain of the change log.
pub(super) async fn verify_history(config: &Config) -> Result<(), Failure> {
    let database = Database::open(config).await?;
    let read = database
        .db
        .bulk("verify-history", LIMIT, async move |mut conn| {
            change_log::first_broken(&mut conn).await
        });
    let broken = read.await;
    database.close_when_unused().await?;
    match broken? {
        None => {
            say("The history is whole: every change is sealed, numbered and linked.");
            Ok(())
        }
        Some((chain, seq)) => Err(Failure::Input(format!(
            "The history is broken: in chain {chain}, number {seq} doesn’t fit. Somebody changed the database by \
             other means than this app. Compare it with a backup from before."
        ))),
    }
}
