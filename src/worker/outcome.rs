//! What a run of the mirror leaves in the database: its row, the hand edits it put right, what it found odd.

use crate::{
    mirror::{Mode, grid::Cell, run::Report},
    store::mirror_state::{Repair, Run},
};
use serde_json::{Value, json};

/// How many odd rows are kept for people to see.
const ODD: usize = 100;

/// A begun run's row, ended by that report.
pub(super) fn ended(begun: Run, mode: Mode, report: &Report) -> Run {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let times = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    Run {
        outcome: match mode {
            Mode::Write if report.writes == 0 => "in_step",
            Mode::Write => "written",
            Mode::Off | Mode::Observe => "observed",
        },
        counts: [
            times(report.reads),
            times(report.writes),
            count(report.cells),
            count(report.appended),
            count(report.drift.len()),
        ],
        ..begun
    }
}

/// The hand edits that were put right; when only observing, none was.
pub(super) fn repairs(report: &Report, mode: Mode) -> Vec<Repair> {
    let drift = report.drift.iter().filter(|_| mode == Mode::Write);
    drift
        .map(|drift| Repair {
            id: drift.id,
            field: drift.field,
            found: drift.found.text().into_owned(),
            is_formula: matches!(drift.found, Cell::Formula(_)),
            restored: drift.restored.text().into_owned(),
        })
        .collect()
}

/// What the run found, for the page that shows the mirror.
pub(super) fn state(report: &Report) -> Value {
    let difference = &report.difference;
    let doubled = difference.doubled.iter().take(ODD);
    let doubled = doubled.map(|(key, rows)| json!({ "key": key, "rows": rows }));
    let unknown = difference.unknown.iter().take(ODD);
    let unknown = unknown.map(|(key, row)| json!({ "key": key, "row": row }));
    json!({
        "missing": report.missing,
        "doubled": doubled.collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
        "waiting": { "cells": difference.changes.len(), "rows": difference.absent.len() },
    })
}
