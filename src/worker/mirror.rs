//! The loop that keeps the mirror in step. One process leads; the others wait until the lead is free. The leader looks
//! at the marks and at the sheet again and again, and runs when either changed or nothing was compared for a while.
//! A failure is kept with the target and tried again; it never stops the app.

use super::{MirrorSettings, outcome, wanted};
use crate::{
    clock::Clock,
    mirror::{
        Mode,
        layout::OWNED,
        local::{Local, Watch},
        run::{Leave, RunError, Verified, run},
    },
    store::{
        Db,
        db::Conn,
        mirror_snapshot,
        mirror_state::{self, Lead, Run, Standing},
    },
};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{sync::watch, time::timeout};

/// How often the leader looks.
const LOOK: Duration = Duration::from_millis(250);
/// How often it looks while there is nothing to do for it, and the others try to lead.
const LOOK_SELDOM: Duration = Duration::from_secs(1);
/// How long nothing is compared at the most.
const POLL: Duration = Duration::from_mins(1);
/// How long to wait at the most after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long to wait at the most for marks that an edit holds.
const LONGEST_HOLD: Duration = Duration::from_secs(4);
/// How long reading everything may take.
const SNAPSHOT_LIMIT: Duration = Duration::from_mins(1);

/// Keeps the mirror in step until told to stop.
pub(super) async fn keep(context: (Db, Clock, MirrorSettings), mut stop: watch::Receiver<bool>) {
    let (db, clock, settings) = context;
    loop {
        match Lead::take(&db).await {
            Ok(Some(lead)) => {
                let leader = Leader::new(db.clone(), clock.clone(), settings.clone(), lead);
                if let Err(error) = leader.work(&mut stop).await {
                    tracing::warn!(%error, "the lead of the mirror is lost; trying to take it again");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "the mirror can’t reach the database"),
        }
        if rest(&mut stop, LOOK_SELDOM).await {
            return;
        }
    }
}

/// Waits; whether it was told to stop.
async fn rest(stop: &mut watch::Receiver<bool>, time: Duration) -> bool {
    let told = timeout(time, stop.wait_for(|told| *told)).await;
    // An error in time: whoever could tell is gone.
    told.is_ok()
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("The database failed, so the sheet stays as it is: {0}")]
    Db(#[from] sqlx::Error),
    #[error(transparent)]
    Run(#[from] RunError),
}

impl Leave for Lead {
    async fn to_write(&mut self) -> bool {
        self.is_certain().await
    }
}

struct Leader {
    db: Db,
    clock: Clock,
    settings: MirrorSettings,
    lead: Lead,
    target: Local,
    verified: Verified,
    /// When everything was compared last.
    compared: Option<Instant>,
    /// The marks at the last run: one that only observes leaves them, and then they count when they move.
    seen: Option<(i64, i64)>,
    /// Not before.
    after: Option<Instant>,
    failures: u32,
    holds: u32,
    error: String,
}

impl Leader {
    fn new(db: Db, clock: Clock, settings: MirrorSettings, lead: Lead) -> Self {
        let target = Local::new(settings.file.clone());
        Self {
            db,
            clock,
            settings,
            lead,
            target,
            verified: Verified::new(),
            compared: None,
            seen: None,
            after: None,
            failures: 0,
            holds: 0,
            error: String::new(),
        }
    }

    /// Leads until told to stop, or until the lead is lost.
    async fn work(mut self, stop: &mut watch::Receiver<bool>) -> Result<(), Failure> {
        self.recall().await?;
        loop {
            let standing = self.lead.look().await?;
            let mode = self.mode(&standing);
            if let Some(trigger) = self.due(&standing, mode) {
                self.run(trigger, mode, &standing).await?;
            }
            let pause = if mode == Mode::Off { LOOK_SELDOM } else { LOOK };
            if rest(stop, pause).await {
                self.lead.give_up().await;
                return Ok(());
            }
        }
    }

    /// What is known of the target from before.
    async fn recall(&mut self) -> sqlx::Result<()> {
        let address = self.target.address();
        let verified = self.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            mirror_state::begin(&mut tx, "local", &address).await?;
            mirror_state::verified(&mut tx).await
        });
        let owned = |(name, print): (String, u64)| {
            let field = OWNED.into_iter().find(|field| *field == name)?;
            Some((field, print))
        };
        self.verified = verified
            .await?
            .into_iter()
            .map(|(id, cells)| (id, cells.into_iter().filter_map(owned).collect()))
            .collect();
        Ok(())
    }

    fn mode(&self, standing: &Standing) -> Mode {
        let chosen = standing.mode.as_ref().and_then(|mode| mode.parse().ok());
        if standing.is_paused {
            Mode::Off
        } else {
            chosen.unwrap_or(self.settings.mode)
        }
    }

    /// What there is to run for.
    fn due(&mut self, standing: &Standing, mode: Mode) -> Option<&'static str> {
        if mode == Mode::Off {
            return None;
        }
        let watch = self.target.watch();
        let is_early = self.after.is_some_and(|after| Instant::now() < after);
        // Somebody may have put right what made the last run fail.
        if watch == Watch::Restless || (is_early && watch != Watch::Changed) {
            return None;
        }
        let is_known = mode == Mode::Observe && self.seen == Some(standing.marks);
        let is_marked = standing.marks.0 > 0 && !is_known;
        match self.compared {
            None => Some("start"),
            Some(_) if is_marked => Some("marks"),
            Some(_) if watch != Watch::Same => Some("sheet"),
            Some(at) => (at.elapsed() >= POLL).then_some("poll"),
        }
    }

    /// One run with what is kept of it. An error means that the lead is lost.
    async fn run(
        &mut self,
        trigger: &'static str,
        mode: Mode,
        standing: &Standing,
    ) -> Result<(), Failure> {
        let row = Run {
            started: self.clock.now(),
            finished: self.clock.now(),
            trigger,
            counts: [0; 5],
            outcome: "failed",
            error: None,
        };
        match self.attempt(row.clone(), mode).await {
            Ok(held) => {
                if !self.error.is_empty() {
                    tracing::info!("the mirror is in step again");
                }
                self.error.clear();
                self.failures = 0;
                self.compared = Some(Instant::now());
                self.seen = Some(standing.marks);
                self.holds = if held { self.holds + 1 } else { 0 };
                self.after = held.then(|| pause(LOOK, self.holds, LONGEST_HOLD));
                Ok(())
            }
            Err(Failure::Run(RunError::NotLeading)) => Err(RunError::NotLeading.into()),
            Err(failure) => {
                self.failures += 1;
                self.after = Some(pause(LOOK_SELDOM, self.failures, LONGEST_PAUSE));
                self.report(row, failure.to_string()).await;
                Ok(())
            }
        }
    }

    /// Reads what is wanted, brings the sheet into step, and keeps what came of it. Whether marks were left that an edit
    /// holds or has moved.
    async fn attempt(&mut self, begun: Run, mode: Mode) -> Result<bool, Failure> {
        // Before the snapshot: what they stand for is in it then.
        let list = async move |mut conn: Conn| mirror_state::marks(&mut conn).await;
        let mut marks = self.db.read(list).await?;
        if mode != Mode::Write {
            marks.clear();
        }
        let now = self.clock.now();
        let list = async move |mut tx: Conn| mirror_snapshot::list(&mut tx, now).await;
        let all: Vec<_> = self.db.bulk("mirror", SNAPSHOT_LIMIT, list).await?;
        let wanted = all.iter().filter_map(|one| wanted::of(one, &self.settings));
        let wanted: Vec<_> = wanted.collect();
        drop(all);
        let (target, lead) = (&mut self.target, &mut self.lead);
        let report = run(target, &wanted, &self.verified, mode, lead).await?;
        let row = Run {
            finished: self.clock.now(),
            ..outcome::ended(begun, mode, &report)
        };
        let (state, repairs) = (outcome::state(&report), outcome::repairs(&report, mode));
        for repair in &repairs {
            let (id, field) = (repair.id, repair.field);
            tracing::info!(initiative.id = %id, field, "a hand edit in the mirror was put right");
        }
        let verified = report.verified.iter();
        let verified: Vec<_> = verified.map(|(id, cells)| (*id, json!(cells))).collect();
        let finish = async move |mut tx: Conn| {
            mirror_state::finish(&mut tx, &row, &marks, &verified, &repairs, &state).await
        };
        let held = self.db.transaction(finish).await?;
        self.verified.extend(report.verified);
        Ok(held)
    }

    /// Keeps a failure for people to see, once for each kind of it.
    async fn report(&mut self, mut row: Run, error: String) {
        if self.error == error {
            return;
        }
        tracing::warn!(%error, "the mirror is out of step");
        row.finished = self.clock.now();
        row.error = Some(error.clone());
        let kept = self
            .db
            .transaction(async move |mut tx| mirror_state::fail(&mut tx, &row).await);
        // If even that fails, the next failure is told anew.
        self.error = if kept.await.is_ok() {
            error
        } else {
            String::new()
        };
    }
}

/// Until when to wait: twice as long each time.
fn pause(first: Duration, times: u32, longest: Duration) -> Instant {
    Instant::now() + first.saturating_mul(1 << times.min(10)).min(longest)
}
