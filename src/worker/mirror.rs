//! The loop that keeps the mirror in step. One process leads; the others wait until the lead is free. The leader looks
//! at the marks and at the sheet again and again, and runs when either changed or nothing was compared for a while.
//! A failure is kept with the target and tried again; it never stops the app.

use super::{
    MirrorSettings, outcome,
    sheet::{Cadence, Sheet},
    wanted, whole_tabs,
};
use crate::{
    clock::Clock,
    domain::mirror_tab::MirrorTab,
    mirror::{
        Mode,
        diff::Wanted,
        layout::OWNED,
        local::Watch,
        run::{Confirmed, Known, Leave, Report, RunError, Terms, run},
    },
    store::{
        Db,
        db::Conn,
        mirror_control::{self, Control},
        mirror_snapshot,
        mirror_state::{self, Differing, Ended, Lead, Mark, Run, Standing},
        mirror_tabs,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{sync::watch, time::timeout};

/// How often the leader looks.
const LOOK: Duration = Duration::from_millis(250);
/// How often it looks while there is nothing to do for it, and the others try to lead.
const LOOK_SELDOM: Duration = Duration::from_secs(1);
/// How long edits that follow one another may hold a run up.
const LONGEST_DEBOUNCE: Duration = Duration::from_secs(10);
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
                let beside = (db.clone(), clock.clone());
                if let Err(error) = lead_on(beside, settings.clone(), lead, &mut stop).await {
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

/// Leads until told to stop, or until the lead is lost.
async fn lead_on(
    (db, clock): (Db, Clock),
    settings: MirrorSettings,
    lead: Lead,
    stop: &mut watch::Receiver<bool>,
) -> Result<(), Failure> {
    let (sheet, known) = recall(&db, &settings).await?;
    let cadence = settings.to.cadence();
    let leader = Leader {
        db,
        clock,
        settings,
        lead,
        sheet,
        known,
        cadence,
        ran: None,
        marks: Moving::default(),
        after: None,
        failures: 0,
        holds: 0,
        error: String::new(),
        calls: (0, 0),
        shown: None,
    };
    leader.work(stop).await
}

/// The target, and what is known of it from before.
async fn recall(db: &Db, settings: &MirrorSettings) -> Result<(Sheet, Known), Failure> {
    let place = settings.to.place(settings.mode == Some(Mode::Write));
    let known = db.transaction(async move |mut tx| -> sqlx::Result<_> {
        let sheet_id = mirror_state::begin(&mut tx, &place).await?;
        let state = mirror_state::state(&mut tx).await?;
        Ok((sheet_id, state, mirror_state::verified(&mut tx).await?))
    });
    let (sheet_id, state, verified) = known.await?;
    let owned = |(name, print): (String, u64)| {
        let field = OWNED.into_iter().find(|field| *field == name)?;
        Some((field, print))
    };
    let verified = verified
        .into_iter()
        .map(|(id, cells)| (id, cells.into_iter().filter_map(owned).collect()));
    let known = Known {
        verified: verified.collect(),
        unsettled: None,
        flaps: outcome::flaps(&state),
    };
    let sheet = Sheet::at(&settings.to, sheet_id).await;
    let sheet = sheet.map_err(RunError::from)?;
    if let Some((tab, account)) = sheet.found() {
        let keep = async move |mut conn: Conn| {
            mirror_state::found_tab(&mut conn, (tab.0, &tab.1), &account).await
        };
        db.write(keep).await?;
    }
    Ok((sheet, known))
}

struct Leader {
    db: Db,
    clock: Clock,
    settings: MirrorSettings,
    lead: Lead,
    sheet: Sheet,
    known: Known,
    cadence: Cadence,
    /// The last run that came to its end.
    ran: Option<Ran>,
    marks: Moving,
    /// Not before.
    after: Option<Instant>,
    failures: u32,
    holds: u32,
    error: String,
    /// How often the target was asked, as far as that is noted.
    calls: (u32, u32),
    /// What was kept last of what differs; none: nothing by this process.
    shown: Option<Vec<Differing>>,
}

/// A run that came to its end, and what it ran on: one that only observes, or is held, leaves the marks, and then they
/// count when they move.
#[derive(Clone, Copy)]
struct Ran {
    at: Instant,
    marks: (i64, i64),
    has_left_marks: bool,
    asked_at: Option<DateTime<Utc>>,
    revision: i64,
}

/// Marks as they come in.
#[derive(Default)]
struct Moving {
    marks: (i64, i64),
    /// When the first of them came, and the last.
    since: Option<(Instant, Instant)>,
}

impl Moving {
    /// Whether there is nothing to wait for any more.
    fn rests(&mut self, marks: (i64, i64), debounce: Duration) -> bool {
        let now = Instant::now();
        if marks.0 == 0 {
            (self.marks, self.since) = (marks, None);
            return true;
        }
        if marks != self.marks {
            self.marks = marks;
            self.since = Some((self.since.map_or(now, |(first, _)| first), now));
        }
        let Some((first, last)) = self.since else {
            return true;
        };
        now - last >= debounce || now - first >= LONGEST_DEBOUNCE
    }
}

impl Leader {
    async fn work(mut self, stop: &mut watch::Receiver<bool>) -> Result<(), Failure> {
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

    fn mode(&self, standing: &Standing) -> Mode {
        let chosen = standing.mode.as_ref().and_then(|mode| mode.parse().ok());
        if standing.is_paused {
            Mode::Off
        } else {
            chosen.unwrap_or_else(|| self.settings.initial_mode())
        }
    }

    /// What there is to run for.
    fn due(&mut self, standing: &Standing, mode: Mode) -> Option<&'static str> {
        if mode == Mode::Off {
            return None;
        }
        let watch = self.sheet.watch();
        let is_early = self.after.is_some_and(|after| Instant::now() < after);
        // Somebody may have put right what made the last run fail.
        if watch == Watch::Restless || (is_early && watch != Watch::Changed) {
            return None;
        }
        let Some(ran) = self.ran else {
            return Some("start");
        };
        if ran.revision != standing.revision {
            let is_asked = ran.asked_at != standing.asked_at;
            return Some(if is_asked { "asked" } else { "decided" });
        }
        let rests = self.marks.rests(standing.marks, self.cadence.debounce);
        let is_known = ran.has_left_marks && ran.marks == standing.marks;
        if standing.marks.0 > 0 && !is_known {
            let is_soon = ran.at.elapsed() < self.cadence.interval;
            return (rests && !is_soon).then_some("marks");
        }
        if watch != Watch::Same {
            return Some("sheet");
        }
        (ran.at.elapsed() >= self.cadence.poll).then_some("poll")
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
        self.marks.since = None;
        match self.attempt(row.clone(), mode).await {
            Ok((is_held, held)) => {
                if !self.error.is_empty() {
                    tracing::info!("the mirror is in step again");
                }
                self.error.clear();
                self.failures = 0;
                self.ran = Some(Ran {
                    at: Instant::now(),
                    marks: standing.marks,
                    has_left_marks: mode == Mode::Observe || is_held,
                    asked_at: standing.asked_at,
                    revision: standing.revision,
                });
                self.holds = if held { self.holds + 1 } else { 0 };
                self.after = held.then(|| Instant::now() + pause(LOOK, self.holds, LONGEST_HOLD));
                Ok(())
            }
            Err(Failure::Run(RunError::NotLeading)) => Err(RunError::NotLeading.into()),
            Err(failure) => {
                self.failures += 1;
                let wait = self.wait(&failure);
                self.after = Some(Instant::now() + wait);
                self.report(row, failure.to_string(), wait).await;
                Ok(())
            }
        }
    }

    /// How long to leave the target alone after a failure: as long as it says, at least twice as long each time, and
    /// not at the same moments as others who wait for it.
    fn wait(&self, failure: &Failure) -> Duration {
        let longest = self.cadence.longest_pause;
        let wait = pause(LOOK_SELDOM, self.failures.saturating_sub(1), longest);
        let share = getrandom::u32().map_or(1.0, |dice| f64::from(dice) / f64::from(u32::MAX));
        let wait = if self.sheet.has_breakers() {
            LOOK_SELDOM.max(wait.mul_f64(share))
        } else {
            wait
        };
        match failure {
            Failure::Run(error) => error.wait().map_or(wait, |told| told.max(wait)),
            Failure::Db(_) => wait,
        }
    }

    /// Reads what is wanted, brings the sheet into step, and keeps what came of it. Whether an admin must decide first,
    /// and whether marks were left that an edit holds or has moved.
    async fn attempt(&mut self, begun: Run, mode: Mode) -> Result<(bool, bool), Failure> {
        // Before the snapshot: what they stand for is in it then.
        let list = async move |mut conn: Conn| -> sqlx::Result<_> {
            let control = mirror_control::get(&mut conn).await?;
            Ok((control, mirror_state::marks(&mut conn).await?))
        };
        let (control, marks) = self.db.read(list).await?;
        let control = control.unwrap_or_default();
        if control.formats_asked_at.is_some() {
            self.sheet.renew_formats();
        }
        let wanted = self.wanted(tabs_on(&control)).await?;
        let terms = self.terms(mode, &control);
        let report = match &mut self.sheet {
            Sheet::File(file) => run(file, &wanted, &mut self.known, &terms, &mut self.lead).await,
            Sheet::Tab(tab) => {
                run(
                    tab.as_mut(),
                    &wanted,
                    &mut self.known,
                    &terms,
                    &mut self.lead,
                )
                .await
            }
        };
        self.note_tab().await?;
        self.note_calls().await?;
        let report = report?;
        let marks = if mode == Mode::Write && report.held.is_none() {
            marks
        } else {
            Vec::new()
        };
        let asked_at = control.formats_asked_at;
        let formats_done = asked_at.filter(|_| !self.sheet.renews_formats());
        let kept = (marks, formats_done);
        let held = self.keep(begun, (mode, kept), &wanted, &report).await?;
        self.known.verified.extend(report.verified);
        Ok((report.held.is_some(), held))
    }

    fn terms(&self, mode: Mode, control: &Control) -> Terms {
        let is_theirs = |field: &&str| control.handed_back.iter().any(|one| one == field);
        let confirmed = Confirmed {
            tokens: control.confirmed.iter().cloned().collect(),
            has_written: control.has_written,
        };
        Terms {
            mode,
            handed_back: OWNED.into_iter().filter(is_theirs).collect(),
            left_out: control.left_out.iter().copied().collect(),
            breakers: self.sheet.has_breakers().then_some(confirmed),
            now: self.clock.now(),
        }
    }

    /// Reads what the backlog shall show; what tabs of the app's own shall is told to the sheet.
    async fn wanted(&mut self, tabs: Vec<MirrorTab>) -> Result<Vec<Wanted>, Failure> {
        let (now, settings) = (self.clock.now(), self.settings.clone());
        let list = async move |mut tx: Conn| -> sqlx::Result<_> {
            if !tabs.is_empty() {
                mirror_tabs::as_of_one_moment(&mut tx).await?;
            }
            let all = mirror_snapshot::list(&mut tx, now).await?;
            Ok((
                all,
                whole_tabs::read(&mut tx, (&tabs, now), &settings).await?,
            ))
        };
        let (all, tabs) = self.db.bulk("mirror", SNAPSHOT_LIMIT, list).await?;
        self.sheet.want_tabs(tabs);
        let wanted = all.iter().filter_map(|one| wanted::of(one, &self.settings));
        let fit = |wanted: Wanted| Wanted {
            cells: wanted
                .cells
                .into_iter()
                .map(|cell| self.sheet.fit(cell))
                .collect(),
            ..wanted
        };
        Ok(wanted.map(fit).collect())
    }

    /// Keeps which tab it is, once that was found.
    async fn note_tab(&self) -> Result<(), Failure> {
        let Some((tab, account)) = self.sheet.found() else {
            return Ok(());
        };
        let keep = async move |mut conn: Conn| {
            mirror_state::found_tab(&mut conn, (tab.0, &tab.1), &account).await
        };
        Ok(self.db.write(keep).await?)
    }

    /// Keeps how often the target was asked since that was noted last.
    async fn note_calls(&mut self) -> Result<(), Failure> {
        let (reads, writes) = self.sheet.calls();
        if (reads, writes) == self.calls {
            return Ok(());
        }
        let more = |now: u32, before: u32| i32::try_from(now - before).unwrap_or(i32::MAX);
        let since = (more(reads, self.calls.0), more(writes, self.calls.1));
        self.calls = (reads, writes);
        let now = self.clock.now();
        let keep =
            async move |mut conn: Conn| mirror_state::note_calls(&mut conn, now, since).await;
        Ok(self.db.write(keep).await?)
    }

    /// Keeps what came of a run; whether marks were left that an edit holds or has moved.
    async fn keep(
        &mut self,
        begun: Run,
        (mode, (marks, formats_done)): (Mode, (Vec<Mark>, Option<DateTime<Utc>>)),
        wanted: &[Wanted],
        report: &Report,
    ) -> Result<bool, Failure> {
        let run = Run {
            finished: self.clock.now(),
            ..outcome::ended(begun, mode, report)
        };
        let repairs = outcome::repairs(report, mode);
        for repair in &repairs {
            let (id, field) = (repair.id, repair.field);
            tracing::info!(initiative.id = %id, field, "a hand edit in the mirror was put right");
        }
        let differences = outcome::differences(report, wanted);
        let is_new = self.shown.as_ref() != Some(&differences);
        let verified = report.verified.iter();
        let ended = Ended {
            run,
            marks,
            verified: verified.map(|(id, cells)| (*id, json!(cells))).collect(),
            repairs,
            state: outcome::state(report, wanted, &self.known, &self.sheet.tabs()),
            formats_done,
            differences: is_new.then(|| differences.clone()),
            held: outcome::held(report),
        };
        let finish = async move |mut tx: Conn| mirror_state::finish(&mut tx, &ended).await;
        let held = self.db.transaction(finish).await?;
        self.shown = Some(differences);
        Ok(held)
    }

    /// Keeps a failure for people to see, once for each kind of it.
    async fn report(&mut self, mut row: Run, error: String, wait: Duration) {
        if self.error == error {
            return;
        }
        tracing::warn!(%error, "the mirror is out of step");
        row.finished = self.clock.now();
        row.error = Some(error.clone());
        let wait = TimeDelta::from_std(wait).ok();
        let until = wait.map(|wait| row.finished + wait);
        let kept = self
            .db
            .transaction(async move |mut tx| mirror_state::fail(&mut tx, &row, until).await);
        // If even that fails, the next failure is told anew.
        self.error = if kept.await.is_ok() {
            error
        } else {
            String::new()
        };
    }
}

/// The tabs of the app's own that an admin switched on.
fn tabs_on(control: &Control) -> Vec<MirrorTab> {
    let is_on = |tab: &MirrorTab| control.tabs.get(tab.key()) == Some(&true);
    MirrorTab::ALL.into_iter().filter(is_on).collect()
}

/// How long to wait: twice as long each time.
fn pause(first: Duration, times: u32, longest: Duration) -> Duration {
    first.saturating_mul(1 << times.min(10)).min(longest)
}
