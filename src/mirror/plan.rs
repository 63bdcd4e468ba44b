//! Which cells to write so that a difference goes: contiguous runs, and nothing beside our own cells. Pure.

use super::{
    diff::{Difference, Wanted},
    grid::{Cell, Grid},
    layout::{KEY, Layout, OWNED},
};

/// Cells side by side in one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which row.
    pub row: usize,
    /// The column of the first.
    pub column: usize,
    /// What to write; never a formula.
    pub cells: Vec<Cell>,
}

/// Everything to write, all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// By row and column, none next to another.
    pub runs: Vec<Run>,
    /// How many rows are new.
    pub appended: usize,
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
}
