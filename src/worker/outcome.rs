//! What a run of the mirror leaves in the database: its row, the hand edits it put right, what it found odd.

use crate::domain::ids::InitiativeId;
use crate::{
    mirror::{
        Mode,
        diff::Wanted,
        flap::{Flap, Flaps},
        grid::Cell,
        layout::{KEY, OWNED, column_letters, normalise},
        run::{Known, Report},
        whole_tab::{TabPlace, TabStanding},
    },
    store::{
        mirror_control::Held,
        mirror_found::{
            Counts, DoubledKey, Found, FoundColumn, FoundFlap, FoundTab, LeftCell, UnknownKey,
            WaitingCells,
        },
        mirror_state::{Differing, Repair, Run},
    },
};
use std::collections::{HashMap, HashSet};

/// How many odd rows are kept for people to see.
const ODD: usize = 100;
/// How many differing cells are.
const MOST_DIFFERENCES: usize = 2_000;
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
pub(super) fn state(
    report: &Report,
    wanted: &[Wanted],
    known: &Known,
    tabs: &[TabStanding],
) -> Found {
    let difference = &report.difference;
    let keys: HashMap<_, _> = wanted.iter().map(|one| (one.id, &one.key)).collect();
    let doubled = difference.doubled.iter().take(ODD);
    let unknown = difference.unknown.iter().take(ODD);
    let quarantined = report.quarantined.iter().take(ODD);
    let absent = difference.absent.iter().take(ODD);
    Found {
        columns: report.columns.iter().map(column).collect(),
        missing: report.missing.iter().map(ToString::to_string).collect(),
        doubled: doubled
            .map(|(key, rows)| DoubledKey {
                key: key.to_string(),
                rows: rows.clone(),
            })
            .collect(),
        unknown: unknown
            .map(|(key, row)| UnknownKey {
                key: short(key),
                row: *row,
            })
            .collect(),
        quarantined: quarantined
            .map(|(id, field)| LeftCell {
                key: keys.get(id).map(ToString::to_string).unwrap_or_default(),
                field: (*field).to_owned(),
            })
            .collect(),
        waiting: WaitingCells {
            cells: difference.changes.len(),
            rows: difference.absent.len(),
        },
        absent: absent.map(|of| wanted[*of].key.to_string()).collect(),
        given_back: report.given_back,
        counts: counts(report, wanted),
        flaps: known.flaps.0.iter().map(kept_flap).collect(),
        key_column: report
            .key
            .as_ref()
            .map(|(at, header)| column(&(KEY, *at, header.clone()))),
        tabs: tabs.iter().map(kept_tab).collect(),
    }
}

fn kept_tab(of: &TabStanding) -> FoundTab {
    let (place, words) = match &of.place {
        TabPlace::There(name) => ("there", name.as_str()),
        TabPlace::Absent => ("absent", ""),
        TabPlace::Taken(name) => ("taken", name.as_str()),
        TabPlace::Refused(why) => ("refused", why.as_str()),
    };
    FoundTab {
        key: of.tab.key().to_owned(),
        place: place.to_owned(),
        words: words.to_owned(),
        waiting: of.waiting,
    }
}

fn column((field, column, header): &(&'static str, usize, String)) -> FoundColumn {
    let bare = |name: &str| name.replace('_', "");
    FoundColumn {
        field: (*field).to_owned(),
        column: column_letters(*column),
        header: short(header),
        is_alias: bare(&normalise(header)) != bare(field),
    }
}

fn counts(report: &Report, wanted: &[Wanted]) -> Counts {
    let difference = &report.difference;
    let differing = difference.changes.iter().map(|change| change.of);
    let quarantined: HashSet<_> = report.quarantined.iter().map(|(id, _)| *id).collect();
    let left = wanted.iter().enumerate();
    let left = left.filter(|(_, one)| quarantined.contains(&one.id));
    let out: HashSet<_> = differing
        .chain(difference.absent.iter().copied())
        .chain(left.map(|(of, _)| of))
        .collect();
    Counts {
        initiatives: wanted.len(),
        in_step: wanted.len() - out.len(),
        doubled: difference.doubled.len(),
        unknown: difference.unknown.len(),
        quarantined: report.quarantined.len(),
    }
}

fn kept_flap(((id, field), flap): (&(InitiativeId, &'static str), &Flap)) -> FoundFlap {
    FoundFlap {
        id: id.0,
        field: (*field).to_owned(),
        found: flap.found.to_string(),
        times: flap.times,
        left_at: flap.left_at,
    }
}

/// The flaps in what the last run found.
pub(super) fn flaps(state: &Found) -> Flaps {
    let flap = |of: &FoundFlap| {
        let field = OWNED.into_iter().find(|field| of.field == *field)?;
        let flap = Flap {
            found: of.found.parse().ok()?,
            times: of.times,
            left_at: of.left_at,
        };
        Some(((InitiativeId(of.id), field), flap))
    };
    Flaps(state.flaps.iter().filter_map(flap).collect())
}

/// What differs still, cell by cell: as much as anybody reads.
pub(super) fn differences(report: &Report, wanted: &[Wanted]) -> Vec<Differing> {
    let changes = report.difference.changes.iter().take(MOST_DIFFERENCES);
    let differing = changes.map(|change| {
        let one = &wanted[change.of];
        Differing {
            key: one.key.to_string(),
            row: i32::try_from(change.row + 1).unwrap_or(i32::MAX),
            field: change.field_name().to_owned(),
            found: short(&change.found.text()),
            wanted: short(&one.cells[change.field].text()),
        }
    });
    differing.collect()
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
    use chrono::DateTime;

    #[test]
    fn flaps_survive_in_what_a_run_leaves() {
        let mut known = Known::default();
        let cell = (InitiativeId(7), "title");
        for _ in 0..4 {
            known.flaps.is_left(cell, u64::MAX, DateTime::UNIX_EPOCH);
        }
        let state = state(&Report::default(), &[], &known, &[]);
        assert_eq!(flaps(&state), known.flaps);
        assert_eq!(flaps(&Found::default()), Flaps::default());
    }
}
