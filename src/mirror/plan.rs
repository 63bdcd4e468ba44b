//! Which cells to write so that a difference goes: contiguous runs, and nothing beside our own cells. Pure.

use super::{
    diff::{Difference, Wanted},
    grid::{Cell, Grid},
    layout::{KEY, Layout, OWNED},
};
use std::collections::{BTreeMap, HashSet};

/// Cells side by side in one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which row.
    pub row: usize,
    /// The column of the first.
    pub column: usize,
    /// What to write; a formula only where people's own is given back.
    pub cells: Vec<Cell>,
}

impl Run {
    /// About how many bytes of a request it takes: names and braces, and for the worst each character escaped.
    fn size(&self) -> usize {
        let cell = |cell: &Cell| match cell {
            Cell::Empty => 3,
            cell => 50 + cell.text().len() * 5 / 4,
        };
        140 + self.cells.iter().map(cell).sum::<usize>()
    }
}

/// Everything to write, all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// By row and column, none next to another.
    pub runs: Vec<Run>,
    /// How many rows are new.
    pub appended: usize,
    /// How many cells give people back what was theirs.
    pub given_back: usize,
    /// What stands there already as it is to be once all of this is written.
    pub standing: HashSet<(usize, usize)>,
}

impl Plan {
    /// How many cells are written.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.runs.iter().map(|run| run.cells.len()).sum()
    }

    /// How many rows the sheet needs.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.runs.last().map_or(0, |run| run.row + 1)
    }

    /// Every cell with its row and column.
    pub fn each(&self) -> impl Iterator<Item = (usize, usize, &Cell)> {
        self.runs.iter().flat_map(|run| {
            let cells = run.cells.iter().enumerate();
            cells.map(|(at, cell)| (run.row, run.column + at, cell))
        })
    }

    /// About how many bytes a request takes that writes it.
    #[must_use]
    pub fn size(&self) -> usize {
        self.runs.iter().map(Run::size).sum()
    }

    /// As much of it, in whole rows from the top, as is no larger than that (one row at least), and whether that isn't all.
    #[must_use]
    pub fn cut(mut self, largest: usize) -> (Self, bool) {
        let mut size = 0;
        let first = self.runs.first().map(|run| run.row);
        let end = self.runs.iter().position(|run| {
            size += run.size();
            size > largest && Some(run.row) != first
        });
        let Some(end) = end else { return (self, false) };
        let row = self.runs[end].row;
        let left = self.runs.iter().map(|run| run.row);
        let left = left.filter(|at| *at >= row).collect::<HashSet<_>>();
        self.runs.retain(|run| run.row < row);
        self.standing.retain(|(at, _)| *at < row);
        self.appended = self.appended.saturating_sub(left.len());
        (self, true)
    }

    /// What brings `sheet`, in which some of people's cells are covered, to what this plan makes of the sheet as people
    /// have it: only what isn't so already.
    #[must_use]
    pub fn from(self, theirs: &Grid, sheet: &Grid) -> Self {
        let mut plan = Self {
            appended: self.appended,
            ..Self::default()
        };
        let mut cells = BTreeMap::new();
        for (row, column, cell) in self.each() {
            if sheet.cell(row, column).is_as_written(cell) {
                plan.standing.insert((row, column));
            } else {
                cells.insert((row, column), (cell, false));
            }
        }
        for (row, column) in theirs.differing(sheet) {
            if !plan.standing.contains(&(row, column)) {
                let back = (theirs.cell(row, column), true);
                cells.entry((row, column)).or_insert(back);
            }
        }
        for ((row, column), (cell, is_back)) in cells {
            plan.given_back += usize::from(is_back);
            plan.put(row, column, cell.clone());
        }
        plan
    }

    fn put(&mut self, row: usize, column: usize, cell: Cell) {
        match self.runs.last_mut() {
            Some(run) if run.row == row && run.column + run.cells.len() == column => {
                run.cells.push(cell);
            }
            _ => self.runs.push(Run {
                row,
                column,
                cells: vec![cell],
            }),
        }
    }
}

/// What to write. Rows that are missing come after the last row with content; a sheet that is empty gets its header.
#[must_use]
pub fn plan(grid: &Grid, layout: &Layout, wanted: &[Wanted], difference: &Difference) -> Plan {
    let mut plan = Plan::default();
    let mut next = grid.end();
    if grid.header_row().is_none() {
        next = layout.header_row;
        put_row(&mut plan, layout, next, KEY, |field| {
            Cell::Text(OWNED[field].to_owned())
        });
        next += 1;
    }
    for change in &difference.changes {
        let cell = wanted[change.of].cells[change.field].clone();
        plan.put(change.row, change.column, cell);
    }
    for of in &difference.absent {
        let wanted = &wanted[*of];
        let key = wanted.key.as_str();
        put_row(&mut plan, layout, next, key, |field| {
            wanted.cells[field].clone()
        });
        next += 1;
    }
    plan.appended = difference.absent.len();
    plan
}

/// A new row: its key and our cells, in the sheet's order.
fn put_row(plan: &mut Plan, layout: &Layout, row: usize, key: &str, cell: impl Fn(usize) -> Cell) {
    let ours = layout
        .columns
        .iter()
        .map(|(field, column)| (*column, cell(*field)));
    let mut cells: Vec<_> = ours
        .chain([(layout.key, Cell::Text(key.to_owned()))])
        .collect();
    cells.sort_by_key(|(column, _)| *column);
    for (column, cell) in cells {
        plan.put(row, column, cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::{
        diff::diff,
        layout::OWNED_COUNT,
        verify::tests::{grid, wanted},
    };

    fn planned(rows: &[&[&str]], wanted: &[Wanted]) -> Plan {
        let grid = grid(rows);
        let layout = Layout::resolve(0, &grid.rows[0]).unwrap();
        plan(&grid, &layout, wanted, &diff(&grid, &layout, wanted))
    }

    fn run(row: usize, column: usize, cells: &[Cell]) -> Run {
        let cells = cells.to_vec();
        Run { row, column, cells }
    }

    #[test]
    fn neighbours_are_one_run_and_peoples_columns_break_it() {
        let rows: &[&[&str]] = &[
            &[
                "Key",
                "Title",
                "Value Score",
                "PM Notes",
                "Country",
                "Updated Source",
            ],
            &["INIT-1", "Old", "1", "mine", "UK", "me"],
        ];
        let plan = planned(rows, &[wanted(1, "New", Some(2.5))]);
        let expected = [
            run(1, 1, &[Cell::Text("New".into()), Cell::Number(2.5)]),
            run(1, 4, &[Cell::Empty, Cell::Empty]),
        ];
        assert_eq!(
            (&plan.runs[..], plan.cells(), plan.appended),
            (&expected[..], 4, 0)
        );
    }

    #[test]
    fn a_new_row_follows_the_last_with_content_and_unticked_boxes_are_none() {
        let rows: &[&[&str]] = &[
            &["Done?", "Title", "Key"],
            &["FALSE", "a note without a key", ""],
            &["FALSE", "", ""],
            &["FALSE", "", ""],
        ];
        let plan = planned(rows, &[wanted(7, "Seven", None)]);
        let cells = [Cell::Text("Seven".into()), Cell::Text("INIT-7".into())];
        assert_eq!(plan.runs, [run(2, 1, &cells)]);
        assert_eq!((plan.appended, plan.rows()), (1, 3));
    }

    #[test]
    fn an_empty_sheet_gets_every_header() {
        let (grid, layout) = (Grid::default(), Layout::fresh());
        let wanted = [wanted(1, "One", None)];
        let plan = plan(&grid, &layout, &wanted, &diff(&grid, &layout, &wanted));
        assert_eq!(plan.runs.len(), 2);
        assert_eq!(plan.runs[0].cells.len(), OWNED_COUNT + 1);
        assert_eq!(
            plan.runs[0].cells[..2],
            [Cell::Text(KEY.into()), Cell::Text("title".into())]
        );
        assert_eq!(plan.runs[1].cells[0], Cell::Text("INIT-1".into()));
    }

    #[test]
    fn what_is_too_large_for_one_write_is_cut_between_rows() {
        let rows: &[&[&str]] = &[&["Key", "Title"]];
        let all = [
            wanted(1, "One", None),
            wanted(2, "Two", None),
            wanted(3, "Three", None),
        ];
        let whole = planned(rows, &all);
        assert_eq!(whole.clone().cut(whole.size()), (whole.clone(), false));
        let (part, is_part) = whole.clone().cut(whole.size() - 1);
        assert!(is_part);
        assert_eq!((part.runs.len(), part.appended), (2, 2));
        let (least, _) = whole.cut(1);
        assert_eq!((least.runs.len(), least.appended), (1, 1));
    }

    #[test]
    fn only_what_isnt_so_already_is_written_and_given_back() {
        let theirs = grid(&[&["Key", "Title", "Note"], &["INIT-1", "Old", "mine"]]);
        let sheet = grid(&[&["Key", "Title", "Note"], &["INIT-1", "One", "ours"]]);
        let layout = Layout::resolve(0, &theirs.rows[0]).unwrap();
        let wanted = [wanted(1, "One", None)];
        let whole = plan(&theirs, &layout, &wanted, &diff(&theirs, &layout, &wanted));
        let next = whole.from(&theirs, &sheet);
        assert_eq!(next.runs, [run(1, 2, &[Cell::Untyped("mine".into())])]);
        assert_eq!((next.given_back, next.cells()), (1, 1));
        assert!(next.standing.contains(&(1, 1)));
    }
}
