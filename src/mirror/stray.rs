//! What a write put where it wasn't meant. A sheet of Google's can't be locked: if people insert, delete, move or sort
//! between the read and the write, what was meant for one row or column lands on another. The answer to a write, or the
//! next read, shows the sheet after it. What of people's was covered is known from the read before it, once rows and
//! columns are found again ([`super::trace`]).
//!
//! Only a cell that shows exactly what a write of ours put there counts as covered. As soon as anything else stands in
//! it, it is people's, and stays. Pure.

use super::{
    grid::{Cell, Grid},
    plan::Plan,
    trace::{Place, Traces, shape},
};
use std::collections::{BTreeMap, HashSet};

/// A write, and what it was planned on.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The sheet as it was read.
    pub before: Grid,
    /// The same as people have it: what an earlier write covered is back.
    pub theirs: Grid,
    /// What was written; nothing, if only what an earlier write covered is to be remembered.
    pub plan: Plan,
    /// Whether it is known that it was written.
    pub is_certain: bool,
}

impl Written {
    /// The sheet as people have it, from the sheet after the write: whatever of ours landed on something else is taken
    /// away, and what it covered is back. If anything moved, cells that landed where they were meant are as they were
    /// before, too: the next comparison finds what is wanted there, and that it stands there already.
    #[must_use]
    pub fn undone(&self, after: &Grid) -> Grid {
        let landed = self.landed(after);
        let meant = self.plan.each().map(|(row, column, _)| (row, column));
        // Rows may stand where they stood though what was written moved with them.
        let is_elsewhere = !landed.is_subset(&meant.collect());
        let traces = (is_elsewhere || !self.is_undisturbed(after, &landed))
            .then(|| Traces::find(&self.before, after, &landed))
            .filter(|traces| is_elsewhere || !traces.are_still());
        let mut undone = after.clone();
        if let Some(traces) = &traces {
            for place in &landed {
                let origin = traces.origin(*place);
                let cell = origin.map_or(Cell::Empty, |origin| traces.cell(&self.theirs, origin));
                undone.put(place.0, place.1, cell);
            }
        }
        let is_done = self.is_certain || !landed.is_empty();
        for origin in self.theirs.differing(&self.before) {
            let (place, cell) = match &traces {
                None if is_done && self.plan.standing.contains(&origin) => continue,
                None => (Some(origin), self.theirs.cell(origin.0, origin.1).clone()),
                Some(traces) => (traces.place(origin), traces.cell(&self.theirs, origin)),
            };
            let Some(place) = place.filter(|place| !landed.contains(place)) else {
                continue;
            };
            // Anything else in it was put there by people.
            let is_still_covered =
                shape(after.cell(place.0, place.1)) == shape(self.before.cell(origin.0, origin.1));
            if is_still_covered {
                undone.put(place.0, place.1, cell);
            }
        }
        undone
    }

    /// Where what was written stands. All of a write is applied or nothing; where that isn't known, half of it standing
    /// there tells.
    fn landed(&self, after: &Grid) -> HashSet<Place> {
        let cells = self.plan.each();
        let landed =
            cells.filter(|(row, column, cell)| after.cell(*row, *column).is_as_written(cell));
        let landed: HashSet<_> = landed.map(|(row, column, _)| (row, column)).collect();
        let is_enough = |landed: &HashSet<Place>| landed.len() * 2 >= self.plan.cells();
        if self.is_certain || is_enough(&landed) {
            return landed;
        }
        let moved = self.moved_on(after);
        if is_enough(&moved) {
            moved
        } else {
            HashSet::new()
        }
    }

    /// Where what was written stands if rows moved once more before anybody looked: a row of it is where exactly one row
    /// shows all of it, and none did before.
    fn moved_on(&self, after: &Grid) -> HashSet<Place> {
        let mut rows: BTreeMap<usize, Vec<(usize, &Cell)>> = BTreeMap::new();
        for (row, column, cell) in self.plan.each() {
            rows.entry(row).or_default().push((column, cell));
        }
        let mut landed = HashSet::new();
        for cells in rows.values() {
            let shown_in = |grid: &Grid, row: usize| {
                let mut cells = cells.iter();
                cells.all(|(column, cell)| grid.cell(row, *column).is_as_written(cell))
            };
            let was_there = (0..self.before.rows.len()).any(|row| shown_in(&self.before, row));
            let mut found = (0..after.rows.len()).filter(|row| shown_in(after, *row));
            if let (false, Some(row), None) = (was_there, found.next(), found.next()) {
                landed.extend(cells.iter().map(|(column, _)| (row, *column)));
            }
        }
        landed
    }

    /// Whether nothing but what was written changed.
    fn is_undisturbed(&self, after: &Grid, landed: &HashSet<Place>) -> bool {
        let changed = self.before.differing(after);
        changed.iter().all(|place| landed.contains(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::{plan::Run, verify::tests::grid};

    fn written(before: &[&[&str]], runs: &[(usize, usize, &[&str])], is_certain: bool) -> Written {
        let cells = |cells: &[&str]| {
            cells
                .iter()
                .map(|c| Cell::of_untyped((*c).into()))
                .collect()
        };
        let runs = runs.iter().map(|(row, column, texts)| Run {
            row: *row,
            column: *column,
            cells: cells(texts),
        });
        Written {
            before: grid(before),
            theirs: grid(before),
            plan: Plan {
                runs: runs.collect(),
                ..Plan::default()
            },
            is_certain,
        }
    }

    const BEFORE: &[&[&str]] = &[
        &["Note", "Key", "Title"],
        &["a", "INIT-1", "One"],
        &["b", "", "=A3"],
    ];

    #[test]
    fn what_a_new_row_landed_on_is_given_back_with_its_formula_as_it_reads_now() {
        let written = written(BEFORE, &[(3, 1, &["INIT-2", "Two"])], true);
        let after = grid(&[
            &["Note", "Key", "Title"],
            &["", "", ""],
            &["a", "INIT-1", "One"],
            &["b", "INIT-2", "Two"],
        ]);
        let undone = written.undone(&after);
        assert_eq!(undone.cell(3, 1), &Cell::Empty);
        assert_eq!(undone.cell(3, 2), &Cell::Formula("=A4".into()));
        assert_eq!(undone.cell(2, 2), after.cell(2, 2));
    }

    #[test]
    fn where_nothing_moved_nothing_is_undone_though_somebody_typed() {
        let written = written(BEFORE, &[(1, 2, &["New"])], false);
        let after = grid(&[
            &["Note", "Key", "Title"],
            &["a", "INIT-1", "New"],
            &["typed", "", "=A3"],
        ]);
        assert_eq!(written.undone(&after), after);
    }

    #[test]
    fn a_lost_write_that_never_arrived_covers_nothing() {
        let written = written(
            BEFORE,
            &[(1, 2, &["New"]), (3, 1, &["INIT-2", "Two"])],
            false,
        );
        let after = grid(&[BEFORE[0], BEFORE[2], BEFORE[1]]);
        assert_eq!(written.undone(&after), after);
    }

    #[test]
    fn what_a_lost_write_covered_is_found_though_rows_moved_once_more() {
        let written = written(BEFORE, &[(3, 1, &["INIT-2", "Two"])], false);
        // A row was inserted before the write, and another after it.
        let after = grid(&[
            BEFORE[0],
            &["", "", ""],
            &["", "", ""],
            BEFORE[1],
            &["b", "INIT-2", "Two"],
        ]);
        let undone = written.undone(&after);
        assert_eq!(undone.cell(4, 1), &Cell::Empty);
        assert_eq!(undone.cell(4, 2), &Cell::Formula("=A5".into()));
        // The same stood there before: it may be people's.
        let mut elsewhere = after.clone();
        elsewhere.rows.push(elsewhere.rows[4].clone());
        assert_eq!(written.undone(&elsewhere), elsewhere);
    }

    #[test]
    fn what_somebody_typed_into_a_covered_cell_is_theirs() {
        let mut written = written(&[BEFORE[0], &["a", "INIT-1", "ours"]], &[], true);
        written.theirs = grid(&[BEFORE[0], &["a", "INIT-1", "theirs"]]);
        let covered = grid(&[BEFORE[0], &[], &["a", "INIT-1", "ours"]]);
        assert_eq!(written.undone(&covered).cell(2, 2).text(), "theirs");
        let typed = grid(&[BEFORE[0], &[], &["a", "INIT-1", "typed"]]);
        assert_eq!(written.undone(&typed), typed);
    }

    #[test]
    fn a_deleted_row_is_not_brought_back_where_a_write_for_it_landed() {
        let written = written(BEFORE, &[(2, 2, &["New"])], true);
        let after = grid(&[BEFORE[0], BEFORE[1], &["", "", "New"]]);
        assert_eq!(written.undone(&after).cell(2, 2), &Cell::Empty);
    }
}
