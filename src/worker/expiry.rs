//! Ends overrides whose last day has passed, without anybody's visit. Reads never wait for it: an override counts for
//! nothing from the end of its last day on. This writes the history and tells the mirror.

use crate::{
    actions::{ActionError, Actor, Through, overrides},
    clock::Clock,
    store::{Db, score_overrides, users},
};
use std::time::Duration;
use tokio::{sync::watch, time::timeout};

/// How often it looks: the mirror should follow within seconds.
const LOOK: Duration = Duration::from_secs(1);

/// Looks again and again until told to stop. Every process does; the initiatives' locks let each end be written once.
pub(super) async fn keep((db, clock): (Db, Clock), mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = end_expired(&db, &clock).await {
            tracing::debug!(%error, "expired overrides can’t be ended now; trying again");
        }
        // An error in time: whoever could tell is gone.
        if timeout(LOOK, stop.wait_for(|told| *told)).await.is_ok() {
            return;
        }
    }
}

/// Ends what has expired by now.
async fn end_expired(db: &Db, clock: &Clock) -> Result<(), ActionError> {
    let now = clock.now();
    let due = db.read(async move |mut conn| score_overrides::expired(&mut conn, now).await);
    if due.await?.is_empty() {
        return Ok(());
    }
    let ended = db.transaction(async move |mut tx| -> Result<_, ActionError> {
        let actor = Actor::new(&users::get_system(&mut tx).await?, Through::Rule);
        overrides::end_expired(&mut tx, &actor, now).await
    });
    let ended = ended.await?;
    tracing::info!(ended, "ended overrides whose last day has passed");
    Ok(())
}
