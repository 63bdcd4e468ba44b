//! What a run of the mirror leaves in the database: its row, the hand edits it put right, what it found odd.

use crate::domain::ids::InitiativeId;
use crate::{
    mirror::{
        Mode,
        diff::Wanted,
        flap::{Flap, Flaps},
        grid::Cell,
        layout::{OWNED, column_letters},
        run::{Known, Report},
    },
    store::{
        mirror_control::Held,
        mirror_state::{Repair, Run},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::HashMap;

/// How many odd rows, and how many differences, are kept for people to see.
const ODD: usize = 100;
/// How much of what stands in a cell is kept for people to see.
const SHOWN: usize = 200;

/// A begun run's row, ended by that report.
pub(super) fn ended(begun: Run, mode: Mode, report: &Report) -> Run {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let times = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    Run {
        outcome: match mode {
            Mode::Write if report.held.is_some() => "held",
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
    let is_put_right = mode == Mode::Write && report.held.is_none();
    let drift = report.drift.iter().filter(|_| is_put_right);
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

/// Why nothing was written.
pub(super) fn held(report: &Report) -> Option<Held> {
    let breaker = report.held.as_ref()?;
    Some(Held {
        token: breaker.token(),
        sentence: breaker.sentence(),
    })
}

/// What the run found, for the page that shows the mirror, and what the next one must know of it.
pub(super) fn state(report: &Report, wanted: &[Wanted], known: &Known) -> Value {
    let difference = &report.difference;
    let doubled = difference.doubled.iter().take(ODD);
    let doubled = doubled.map(|(key, rows)| json!({ "key": key, "rows": rows }));
    let unknown = difference.unknown.iter().take(ODD);
    let unknown = unknown.map(|(key, row)| json!({ "key": key, "row": row }));
    let columns = report.columns.iter();
    let columns = columns.map(|(field, column, header)| {
        json!({ "field": field, "column": column_letters(*column), "header": short(header) })
    });
    let keys: HashMap<_, _> = wanted.iter().map(|one| (one.id, &one.key)).collect();
    let quarantined = report.quarantined.iter().take(ODD);
    let quarantined = quarantined.map(|(id, field)| json!({ "key": keys.get(id), "field": field }));
    let differences = difference.changes.iter().take(ODD).map(|change| {
        let one = &wanted[change.of];
        json!({
            "key": one.key,
            "row": change.row + 1,
            "field": change.field_name(),
            "found": short(&change.found.text()),
            "wanted": short(&one.cells[change.field].text()),
        })
    });
    let absent = difference.absent.iter().take(ODD);
    let flaps = known.flaps.0.iter();
    let flaps = flaps.map(|((id, field), flap)| {
        json!({
            "id": id.0, "field": field, "found": flap.found.to_string(), "times": flap.times, "left_at": flap.left_at,
        })
    });
    json!({
        "columns": columns.collect::<Vec<_>>(),
        "missing": report.missing,
        "doubled": doubled.collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
        "quarantined": quarantined.collect::<Vec<_>>(),
        "waiting": { "cells": difference.changes.len(), "rows": difference.absent.len() },
        "differences": differences.collect::<Vec<_>>(),
        "absent": absent.map(|of| wanted[*of].key.as_str()).collect::<Vec<_>>(),
        "given_back": report.given_back,
        "flaps": flaps.collect::<Vec<_>>(),
    })
}

/// The flaps in what the last run found.
pub(super) fn flaps(state: &Value) -> Flaps {
    let all = state["flaps"].as_array().into_iter().flatten();
    let flap = |of: &Value| {
        let field = OWNED.into_iter().find(|field| of["field"] == *field)?;
        let left_at = of["left_at"].as_str();
        let left_at = left_at.and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let flap = Flap {
            found: of["found"].as_str()?.parse().ok()?,
            times: u32::try_from(of["times"].as_u64()?).ok()?,
            left_at,
        };
        Some(((InitiativeId(of["id"].as_i64()?), field), flap))
    };
    Flaps(all.filter_map(flap).collect())
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaps_survive_in_what_a_run_leaves() {
        let mut known = Known::default();
        let cell = (InitiativeId(7), "title");
        for _ in 0..4 {
            known.flaps.is_left(cell, u64::MAX, DateTime::UNIX_EPOCH);
        }
        let state = state(&Report::default(), &[], &known);
        assert_eq!(flaps(&state), known.flaps);
        assert_eq!(flaps(&json!({})), Flaps::default());
    }
}
