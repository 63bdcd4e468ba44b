//! Counts what waits for whom and looks how the mirror stands, for the top bar. Beside the requests: a page prints the last count and asks nobody.

use crate::{
    domain::mirror_mode::Mode,
    store::{Db, mirror_light::MirrorLight, queue::QueueCounts},
};
use std::time::Duration;
use tokio::{sync::watch, time::timeout};

/// How old a count can be. Long enough to cost nothing, short enough that one's own act seems to be counted at once.
const LOOK: Duration = Duration::from_secs(1);

/// Counts again and again until told to stop, in every process for its own pages.
pub(super) async fn keep(
    (db, counts): (Db, QueueCounts),
    (light, initial): (MirrorLight, Mode),
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let (kept, seen) = (counts.clone(), light.clone());
        let counted = db.read(async move |mut conn| -> sqlx::Result<_> {
            seen.refresh(&mut conn, initial).await?;
            kept.refresh(&mut conn).await
        });
        if let Err(error) = counted.await {
            tracing::debug!(%error, "what waits can’t be counted now; trying again");
        }
        // An error in time: whoever could tell is gone.
        if timeout(LOOK, stop.wait_for(|told| *told)).await.is_ok() {
            return;
        }
    }
}
