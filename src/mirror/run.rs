//! One run: read, compare, write, verify, until the sheet shows what is wanted. Knows targets by their trait only.

use super::{
    Mode,
    breaker::Breaker,
    diff::{Change, Difference, Wanted, index},
    flap::Flaps,
    grid::{Cell, Grid},
    layout::{Layout, LayoutError, OWNED},
    plan::{Plan, plan},
    stray::Written,
    verify::{Look, look},
};
use crate::domain::ids::InitiativeId;
use chrono::{DateTime, Utc};
use std::{
    collections::{HashMap, HashSet},
    future::Future,
    time::Duration,
};

/// How often a run writes before it leaves the rest to the next: somebody may be changing the sheet all the time.
const ROUNDS: u32 = 4;
/// How often a run writes one part after another of what is too large for one write.
const PARTS: u32 = 200;

/// A sheet that can be read and written.
pub trait Target: Send {
    /// Whether it writes only if the sheet still is as it was read. Otherwise people's changes in between make a write
    /// land elsewhere.
    const IS_CONDITIONAL: bool;
    /// How large one write may be, in bytes as [`Plan::size`] reckons them.
    const LARGEST_WRITE: usize;

    /// Everything that stands in it.
    fn read(&mut self) -> impl Future<Output = Result<Grid, TargetError>> + Send;

    /// Writes all of the plan or nothing, to a sheet in which our columns are there. What stands in it afterwards.
    fn write(
        &mut self,
        plan: &Plan,
        layout: &Layout,
    ) -> impl Future<Output = Result<Grid, TargetError>> + Send;

    /// What beside the cells of our columns the next write puts right, if it has that much room for it.
    fn upkeep(&self, _layout: &Layout, _room: usize) -> Upkeep {
        Upkeep::default()
    }
}

/// What a write does beside the cells of our columns: protections, and tabs that are the app's as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upkeep {
    /// Whether there is anything to do.
    pub is_needed: bool,
    /// Cells of tabs of the app's own.
    pub cells: usize,
    /// Whether more of it must follow.
    pub is_part: bool,
}

/// Whoever says whether this process may write at this moment.
pub trait Leave: Send {
    /// Whether it may. Asked before every write.
    fn to_write(&mut self) -> impl Future<Output = bool> + Send;
}

/// Why a target can't be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was written. A sentence that says what to do, and how long to wait if the target says so.
    #[error("{why}")]
    Failed {
        /// The sentence.
        why: String,
        /// How long to leave the target alone.
        wait: Option<Duration>,
    },
    /// Whether it was written isn't known: only reading again tells.
    #[error("{0}")]
    Unclear(String),
}

impl TargetError {
    /// Nothing was written, for this reason.
    #[must_use]
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed {
            why: why.into(),
            wait: None,
        }
    }
}

/// Why a run didn't bring the sheet into step. Nothing was blanked; the next run begins anew.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// Its headers.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The target itself.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// It changed after every write.
    #[error(
        "The sheet was changed again after each of {ROUNDS} writes. The mirror goes on in a moment; what stands in \
         people’s own columns is untouched."
    )]
    Unsettled,
    /// Another process leads now, or nobody knows.
    #[error("This process doesn’t lead the mirror any more; nothing was written.")]
    NotLeading,
}

impl RunError {
    /// How long the target wants to be left alone.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Target(TargetError::Failed { wait, .. }) => *wait,
            _ => None,
        }
    }
}

/// What each of our cells showed when it was last verified, as fingerprints by field.
pub type Verified = HashMap<InitiativeId, HashMap<&'static str, u64>>;

/// What is known of a sheet from one run to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// What our cells showed.
    pub verified: Verified,
    /// A write of which nobody knows yet what it did.
    pub unsettled: Option<Written>,
    /// Cells that somebody changes again and again.
    pub flaps: Flaps,
}

/// What people have decided about the mirror.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// What it may do.
    pub mode: Mode,
    /// Fields that an admin handed back to people: as if the sheet had no column for them.
    pub handed_back: HashSet<&'static str>,
    /// Initiatives whose row was deleted and shall stay so.
    pub left_out: HashSet<InitiativeId>,
    /// Whether to stop before what looks like a mistake, and what of that an admin confirmed.
    pub breakers: Option<Confirmed>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What an admin confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// The names of the breakers.
    pub tokens: HashSet<String>,
    /// The sheet was written before, so that the first time is over.
    pub has_written: bool,
}

/// A cell of ours that somebody changed in the sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// Whose.
    pub id: InitiativeId,
    /// Which field.
    pub field: &'static str,
    /// What stood there.
    pub found: Cell,
    /// What was put there instead, or would be.
    pub restored: Cell,
}

/// What a run did and found.
#[derive(Debug, Default)]
pub struct Report {
    /// How often the target was read by itself.
    pub reads: u32,
    /// How often it was written.
    pub writes: u32,
    /// Cells written, those of tabs of the app's own too.
    pub cells: usize,
    /// Rows added.
    pub appended: usize,
    /// What people had changed of ours.
    pub drift: Vec<Drift>,
    /// What of ours differs still: everything when only observing or held, else nothing; and what is odd about the rows.
    pub difference: Difference,
    /// Where our columns are, by field, and what their headers say.
    pub columns: Vec<(&'static str, usize, String)>,
    /// Where the column of the keys is, and what its header says; none: the sheet is empty yet.
    pub key: Option<(usize, String)>,
    /// Our fields without a column.
    pub missing: Vec<&'static str>,
    /// Cells that were left alone because they are changed again and again.
    pub quarantined: Vec<(InitiativeId, &'static str)>,
    /// Cells of people that a write of ours covered, as their row moved, and that were given back.
    pub given_back: usize,
    /// Why nothing was written, though it differs: an admin decides.
    pub held: Option<Breaker>,
    /// What our cells show now, where that isn't what was verified before.
    pub verified: Verified,
}

/// Brings the target into step, or says what that would take.
///
/// # Errors
/// See [`RunError`].
pub async fn run<T: Target>(
    target: &mut T,
    wanted: &[Wanted],
    known: &mut Known,
    terms: &Terms,
    leave: &mut impl Leave,
) -> Result<Report, RunError> {
    let mut course = Course {
        wanted,
        terms,
        report: Report::default(),
        told: HashSet::new(),
        written: HashSet::new(),
        parts: 0,
    };
    let mut sheet = target.read().await?;
    course.report.reads += 1;
    let mut is_first = true;
    loop {
        let theirs = settled(known, &sheet);
        let mut seen = look(&theirs, wanted)?;
        course.abide(&mut seen);
        course.note_drift(&seen, &known.verified);
        if terms.mode != Mode::Write {
            return Ok(course.end(&theirs, seen, Verified::new()));
        }
        if is_first {
            known.flaps.forget_but(&seen.difference.changes, wanted);
            course.report.held = course.breaker(&theirs, &seen, &known.verified);
            if course.report.held.is_some() {
                return Ok(course.end(&theirs, seen, Verified::new()));
            }
        }
        is_first = false;
        course.quarantine(&mut seen, known);
        let (next, is_part) = course.next(&sheet, &theirs, &seen, T::LARGEST_WRITE);
        let room = T::LARGEST_WRITE.saturating_sub(next.size());
        let upkeep = target.upkeep(&seen.layout, room);
        if next.runs.is_empty() && !upkeep.is_needed {
            known.unsettled = None;
            let verified = course.verified(&sheet, &seen, &known.verified);
            return Ok(course.end(&sheet, seen, verified));
        }
        course.may_write(is_part || upkeep.is_part, leave).await?;
        course.count(&next, &seen);
        course.report.cells += upkeep.cells;
        sheet = course
            .write(target, known, (sheet, theirs), (next, &seen.layout))
            .await?;
    }
}

/// The sheet as people have it: without what the last write put where it wasn't meant.
fn settled(known: &Known, sheet: &Grid) -> Grid {
    let unsettled = known.unsettled.as_ref();
    unsettled.map_or_else(|| sheet.clone(), |written| written.undone(sheet))
}

/// A run under way.
struct Course<'a> {
    wanted: &'a [Wanted],
    terms: &'a Terms,
    report: Report,
    /// Of which drift was told.
    told: HashSet<(InitiativeId, &'static str)>,
    /// Which cells were written in this run.
    written: HashSet<(InitiativeId, &'static str)>,
    /// Writes after which more of the same was to come.
    parts: u32,
}

impl Course<'_> {
    /// Takes out of what differs what people decided to leave.
    fn abide(&self, seen: &mut Look) {
        let terms = self.terms;
        let is_ours = |field: usize| !terms.handed_back.contains(OWNED[field]);
        seen.layout.columns.retain(|(field, _)| is_ours(*field));
        seen.layout
            .missing
            .retain(|field| !terms.handed_back.contains(field));
        let difference = &mut seen.difference;
        difference.changes.retain(|change| is_ours(change.field));
        let wanted = self.wanted;
        difference
            .absent
            .retain(|of| !terms.left_out.contains(&wanted[*of].id));
    }

    /// A cell that differs and isn't as it was last verified was changed by somebody; one that was never verified wasn't.
    fn note_drift(&mut self, seen: &Look, verified: &Verified) {
        for change in &seen.difference.changes {
            let cell = self.place(change);
            if is_foreign(change, cell, verified)
                && !self.written.contains(&cell)
                && self.told.insert(cell)
            {
                self.report.drift.push(Drift {
                    id: cell.0,
                    field: cell.1,
                    found: change.found.clone(),
                    restored: self.wanted[change.of].cells[change.field].clone(),
                });
            }
        }
    }

    fn place(&self, change: &Change) -> (InitiativeId, &'static str) {
        (self.wanted[change.of].id, change.field_name())
    }

    fn breaker(&self, sheet: &Grid, seen: &Look, verified: &Verified) -> Option<Breaker> {
        let confirmed = self.terms.breakers.as_ref()?;
        Breaker::find(sheet, seen, self.wanted, verified, confirmed)
    }

    /// Leaves cells alone that were put right again and again for nothing. A key that stands twice counts once, and a
    /// write of which nobody knows whether it was done doesn't count.
    fn quarantine(&mut self, seen: &mut Look, known: &mut Known) {
        let was_written = known.unsettled.as_ref().is_some_and(|one| one.is_certain);
        let mut decided: HashMap<(InitiativeId, &'static str), bool> = HashMap::new();
        for change in &seen.difference.changes {
            let cell = self.place(change);
            let is_again = was_written && self.written.contains(&cell);
            let counts = is_again || is_foreign(change, cell, &known.verified);
            if counts && !decided.contains_key(&cell) {
                let print = change.found.fingerprint();
                decided.insert(cell, known.flaps.is_left(cell, print, self.terms.now));
            }
        }
        let is_left =
            |cell: &(InitiativeId, &'static str)| decided.get(cell).copied().unwrap_or(false);
        let changes = &mut seen.difference.changes;
        changes.retain(|change| !is_left(&self.place(change)));
        let left = decided.iter().filter(|(_, is_left)| **is_left);
        self.report.quarantined = left.map(|(cell, _)| *cell).collect();
    }

    /// What to write next, and whether more of it must follow.
    fn next(&self, sheet: &Grid, theirs: &Grid, seen: &Look, largest: usize) -> (Plan, bool) {
        let plan = plan(theirs, &seen.layout, self.wanted, &seen.difference);
        plan.from(theirs, sheet).cut(largest)
    }

    async fn may_write(&mut self, is_part: bool, leave: &mut impl Leave) -> Result<(), RunError> {
        if self.report.writes - self.parts >= ROUNDS || self.parts >= PARTS {
            return Err(RunError::Unsettled);
        }
        self.parts += u32::from(is_part);
        if leave.to_write().await {
            Ok(())
        } else {
            Err(RunError::NotLeading)
        }
    }

    fn count(&mut self, plan: &Plan, seen: &Look) {
        self.report.writes += 1;
        self.report.cells += plan.cells();
        self.report.appended += plan.appended;
        self.report.given_back += plan.given_back;
        for change in &seen.difference.changes {
            let cell = self.place(change);
            self.written.insert(cell);
        }
    }

    /// Writes; if nobody knows whether it was written, reads. Whatever comes of it, what it may have covered is known.
    async fn write<T: Target>(
        &mut self,
        target: &mut T,
        known: &mut Known,
        (before, theirs): (Grid, Grid),
        (plan, layout): (Plan, &Layout),
    ) -> Result<Grid, RunError> {
        let answer = target.write(&plan, layout).await;
        let plan = if matches!(answer, Err(TargetError::Failed { .. })) {
            Plan::default()
        } else {
            plan
        };
        known.unsettled = (!T::IS_CONDITIONAL).then(|| Written {
            before,
            theirs,
            plan,
            is_certain: answer.is_ok(),
        });
        match answer {
            Err(TargetError::Unclear(why)) => {
                tracing::info!(why, "a write of the mirror is unclear; reading again");
                self.report.reads += 1;
                Ok(target.read().await?)
            }
            answer => Ok(answer?),
        }
    }

    /// What our cells show, for those initiatives where that isn't known yet; of a cell that is left alone, what it
    /// showed when it was right.
    fn verified(&self, sheet: &Grid, seen: &Look, before: &Verified) -> Verified {
        let rows = index(sheet, &seen.layout);
        let left: HashSet<_> = self.report.quarantined.iter().copied().collect();
        let mut verified = Verified::new();
        for wanted in self.wanted {
            let Some(row) = rows.get(wanted.key.as_str()).and_then(|rows| rows.first()) else {
                continue;
            };
            let known = before.get(&wanted.id);
            let print = |field: &'static str, column: usize| {
                if left.contains(&(wanted.id, field)) {
                    return known.and_then(|known| known.get(field).copied());
                }
                Some(sheet.cell(*row, column).fingerprint())
            };
            let columns = seen.layout.columns.iter();
            let cells: HashMap<_, _> = columns
                .filter_map(|(at, column)| Some((OWNED[*at], print(OWNED[*at], *column)?)))
                .collect();
            if known != Some(&cells) {
                verified.insert(wanted.id, cells);
            }
        }
        verified
    }

    fn end(self, sheet: &Grid, seen: Look, verified: Verified) -> Report {
        let header = |column: usize| {
            sheet
                .cell(seen.layout.header_row, column)
                .text()
                .into_owned()
        };
        let columns = seen.layout.columns.iter();
        let columns = columns.map(|(field, column)| (OWNED[*field], *column, header(*column)));
        Report {
            columns: columns.collect(),
            key: (!seen.is_blank).then(|| (seen.layout.key, header(seen.layout.key))),
            difference: seen.difference,
            missing: seen.layout.missing,
            verified,
            ..self.report
        }
    }
}

/// Whether what stands there is neither what is wanted nor what stood there when it was verified.
fn is_foreign(change: &Change, (id, field): (InitiativeId, &str), verified: &Verified) -> bool {
    let known = verified.get(&id).and_then(|cells| cells.get(field));
    known.is_some_and(|known| *known != change.found.fingerprint())
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
