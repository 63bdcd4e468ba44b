//! What the app does by itself while it serves: keeping the mirror in step, jobs, asking the LLM, ending overrides that
//! have expired, counting what waits for whom. Knows the database's state, the mirror and the LLM; must not know pages, nor
//! how the app is put together.

mod expiry;
mod jobs;
mod llm;
mod mirror;
mod outcome;
mod queue;
mod sheet;
mod wanted;
mod whole_tabs;

use crate::{
    clock::Clock,
    llm::Llm,
    mirror::Mode,
    store::{Db, mirror_light::MirrorLight, queue::QueueCounts},
};
pub use sheet::Destination;
use std::time::Duration;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

/// How long stopping waits for what is going on: a write to its end.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How long to wait after a fault of ours before beginning anew.
const AFTER_FAULT: Duration = Duration::from_secs(5);

/// How many connections it has of its own, beside the lead's: one for the mirror, one for jobs, one for the LLM's answers.
const CONNECTIONS: u32 = 3;

/// What the mirror is given of the configuration.
#[derive(Clone, Debug)]
pub struct MirrorSettings {
    /// Where to.
    pub to: Destination,
    /// What it may do, if that is configured and no admin chose otherwise.
    pub mode: Option<Mode>,
    /// The installation's name, for `updated_source`.
    pub environment: String,
    /// Where receipts are found; none: their path alone.
    pub public_url: Option<String>,
}

impl MirrorSettings {
    /// What it may do until an admin says: a file is the app's own, people work in a sheet.
    #[must_use]
    pub fn initial_mode(&self) -> Mode {
        let unsaid = match self.to {
            Destination::File(_) => Mode::Write,
            Destination::Tab { .. } => Mode::Observe,
        };
        self.mode.unwrap_or(unsaid)
    }

    /// The address of a receipt.
    fn receipt(&self, path: &str) -> String {
        let base = self.public_url.as_deref().unwrap_or_default();
        format!("{}/{path}", base.trim_end_matches('/'))
    }
}

/// The work that goes on beside the server.
#[derive(Debug)]
pub struct Worker {
    db: Db,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Begins. Must be called within a tokio runtime, with which it ends at the latest.
    #[must_use]
    pub fn start(
        (db, clock): (&Db, Clock),
        settings: MirrorSettings,
        (counts, light): (QueueCounts, MirrorLight),
        llm: Option<Llm>,
    ) -> Self {
        let (stop, told) = watch::channel(false);
        let db = db.apart(CONNECTIONS);
        let initial = settings.initial_mode();
        let (mirrored, worked, ended, counted) = (db.clone(), db.clone(), db.clone(), db.clone());
        let (seen, heard, still) = (clock.clone(), told.clone(), told.clone());
        let asked = llm.map(|llm| {
            let context = (db.clone(), clock.clone(), llm);
            let told = told.clone();
            kept_up("the LLM", move || llm::keep(context.clone(), told.clone()))
        });
        let mut tasks = vec![
            kept_up("the mirror", move || {
                let context = (mirrored.clone(), seen.clone(), settings.clone());
                mirror::keep(context, heard.clone())
            }),
            kept_up("jobs", {
                let (clock, told) = (clock.clone(), told.clone());
                move || jobs::work((worked.clone(), clock.clone()), told.clone())
            }),
            kept_up("the end of overrides", move || {
                expiry::keep((ended.clone(), clock.clone()), told.clone())
            }),
            kept_up("the counts of what waits", move || {
                let light = (light.clone(), initial);
                queue::keep((counted.clone(), counts.clone()), light, still.clone())
            }),
        ];
        tasks.extend(asked);
        Self { db, stop, tasks }
    }

    /// Lets what has begun come to its end, and hands the lead to another process.
    pub async fn stop(self) {
        // Nobody listens any more if it has ended already.
        let _ = self.stop.send(true);
        let all = async {
            for task in self.tasks {
                // A fault has been logged.
                let _ = task.await;
            }
        };
        if timeout(STOP_LIMIT, all).await.is_err() {
            tracing::warn!("left work in the middle; the next process goes on with it");
        }
        self.db.close().await;
    }
}

/// A task that goes on until its work ends by itself: after a fault it begins anew, since the app must not stop for it,
/// nor the work for ever.
fn kept_up<F>(name: &'static str, begin: impl Fn() -> F + Send + 'static) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        while let Err(fault) = tokio::spawn(begin()).await {
            tracing::error!(%fault, "{name} met a fault and begins anew");
            tokio::time::sleep(AFTER_FAULT).await;
        }
    })
}
