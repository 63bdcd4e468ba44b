//! One run: read, compare, write, verify, until the sheet shows what is wanted. Knows targets by their trait only.

use super::{
    Mode,
    diff::{Difference, Wanted, index},
    grid::{Cell, Grid},
    layout::{LayoutError, OWNED},
    plan::{Plan, plan},
    verify::{Look, look},
};
use crate::domain::ids::InitiativeId;
use std::{
    collections::{HashMap, HashSet},
    future::Future,
};

/// How often a run writes before it leaves the rest to the next: somebody may be changing the sheet all the time.
const ROUNDS: u32 = 4;

/// A sheet that can be read and written.
pub trait Target: Send {
    /// Everything that stands in it.
    fn read(&mut self) -> impl Future<Output = Result<Grid, TargetError>> + Send;

    /// Writes all of the plan or, if the sheet isn't as it was read any more, nothing. What stands in it afterwards.
    fn write(&mut self, plan: &Plan) -> impl Future<Output = Result<Grid, TargetError>> + Send;
}

/// Whoever says whether this process may write at this moment.
pub trait Leave: Send {
    /// Whether it may. Asked before every write.
    fn to_write(&mut self) -> impl Future<Output = bool> + Send;
}

/// Why a target can't be read or written: a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TargetError(pub String);

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

/// What each of our cells showed when it was last verified, as fingerprints by field.
pub type Verified = HashMap<InitiativeId, HashMap<&'static str, u64>>;

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
    /// Cells written.
    pub cells: usize,
    /// Rows added.
    pub appended: usize,
    /// What people had changed of ours.
    pub drift: Vec<Drift>,
    /// What of ours differs still: everything when only observing, else nothing; and what is odd about the rows.
    pub difference: Difference,
    /// Our fields without a column.
    pub missing: Vec<&'static str>,
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
    before: &Verified,
    mode: Mode,
    leave: &mut impl Leave,
) -> Result<Report, RunError> {
    let mut report = Report::default();
    let mut grid = target.read().await?;
    report.reads += 1;
    let mut seen = look(&grid, wanted)?;
    let mut told = HashSet::new();
    let mut is_new = |drift: &Drift| told.insert((drift.id, drift.field));
    report.drift = drift(&seen, wanted, before);
    report.drift.retain(&mut is_new);
    if mode != Mode::Write {
        return Ok(end(report, seen, Verified::new()));
    }
    while !seen.is_in_step() {
        if report.writes == ROUNDS {
            return Err(RunError::Unsettled);
        }
        if !leave.to_write().await {
            return Err(RunError::NotLeading);
        }
        let plan = plan(&grid, &seen.layout, wanted, &seen.difference);
        grid = target.write(&plan).await?;
        report.writes += 1;
        report.cells += plan.cells();
        report.appended += plan.appended;
        seen = look(&grid, wanted)?;
        let later = drift(&seen, wanted, before);
        report.drift.extend(later.into_iter().filter(&mut is_new));
    }
    let verified = verified(&grid, &seen, wanted, before);
    Ok(end(report, seen, verified))
}

fn end(report: Report, seen: Look, verified: Verified) -> Report {
    Report {
        difference: seen.difference,
        missing: seen.layout.missing,
        verified,
        ..report
    }
}

/// A cell that differs and isn't as it was last verified was changed by somebody; one that was never verified wasn't.
fn drift(seen: &Look, wanted: &[Wanted], before: &Verified) -> Vec<Drift> {
    let changes = seen.difference.changes.iter();
    changes
        .filter_map(|change| {
            let of = &wanted[change.of];
            let field = change.field_name();
            let known = before.get(&of.id)?.get(field)?;
            (*known != change.found.fingerprint()).then(|| Drift {
                id: of.id,
                field,
                found: change.found.clone(),
                restored: of.cells[change.field].clone(),
            })
        })
        .collect()
}

/// What our cells show, for those initiatives where that isn't known yet.
fn verified(grid: &Grid, seen: &Look, wanted: &[Wanted], before: &Verified) -> Verified {
    let rows = index(grid, &seen.layout);
    let mut verified = Verified::new();
    for wanted in wanted {
        let Some(row) = rows.get(wanted.key.as_str()).and_then(|rows| rows.first()) else {
            continue;
        };
        let columns = seen.layout.columns.iter();
        let cells: HashMap<_, _> = columns
            .map(|(field, column)| (OWNED[*field], grid.cell(*row, *column).fingerprint()))
            .collect();
        if before.get(&wanted.id) != Some(&cells) {
            verified.insert(wanted.id, cells);
        }
    }
    verified
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
