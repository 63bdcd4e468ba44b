//! What the app does by itself while it serves: keeping the mirror in step, ending overrides that have expired. Knows the database's state and the mirror;
//! must not know pages, nor how the app is put together.

mod expiry;
mod mirror;
mod outcome;
mod wanted;

use crate::{clock::Clock, mirror::Mode, store::Db};
use std::{path::PathBuf, time::Duration};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

/// How long stopping waits for what is going on: a write to its end.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How long to wait after a fault of ours before beginning anew.
const AFTER_FAULT: Duration = Duration::from_secs(5);

/// How many connections it has of its own, beside the lead's.
const CONNECTIONS: u32 = 1;

/// What the mirror is given of the configuration.
#[derive(Clone, Debug)]
pub struct MirrorSettings {
    /// The file of the local target.
    pub file: PathBuf,
    /// What it may do, unless an admin chose otherwise.
    pub mode: Mode,
    /// The installation's name, for `updated_source`.
    pub environment: String,
    /// Where receipts are found; none: their path alone.
    pub public_url: Option<String>,
}

/// The work that goes on beside the server.
#[derive(Debug)]
pub struct Worker {
    db: Db,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    expiry: JoinHandle<()>,
}

impl Worker {
    /// Begins. Must be called within a tokio runtime, with which it ends at the latest.
    #[must_use]
    pub fn start(db: &Db, clock: Clock, settings: MirrorSettings) -> Self {
        let (stop, told) = watch::channel(false);
        let db = db.apart(CONNECTIONS);
        let mirrored = db.clone();
        let expiry = tokio::spawn(expiry::keep((db.clone(), clock.clone()), told.clone()));
        let task = tokio::spawn(async move {
            loop {
                let context = (mirrored.clone(), clock.clone(), settings.clone());
                let work = tokio::spawn(mirror::keep(context, told.clone()));
                match work.await {
                    Ok(()) => return,
                    // The app must not stop for it, nor the mirror for ever.
                    Err(fault) => tracing::error!(%fault, "the mirror met a fault and begins anew"),
                }
                tokio::time::sleep(AFTER_FAULT).await;
            }
        });
        Self {
            db,
            stop,
            task,
            expiry,
        }
    }

    /// Lets what has begun come to its end, and hands the lead to another process.
    pub async fn stop(self) {
        // Nobody listens any more if it has ended already.
        let _ = self.stop.send(true);
        if timeout(STOP_LIMIT, self.task).await.is_err() {
            tracing::warn!("left the mirror in the middle of a run; the next one goes on with it");
        }
        if timeout(STOP_LIMIT, self.expiry).await.is_err() {
            tracing::warn!("left the end of expired overrides to the next process");
        }
        self.db.close().await;
    }
}
