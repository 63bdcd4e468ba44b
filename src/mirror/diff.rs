//! What of ours differs in a sheet from what is wanted. Pure.

use super::{
    grid::{Cell, Grid},
    layout::{Layout, OWNED},
};
use crate::domain::ids::{InitiativeId, InitiativeKey};
use std::collections::HashMap;

/// What the database wants an initiative's row to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Whose.
    pub id: InitiativeId,
    /// By which its row is found.
    pub key: InitiativeKey,
    /// One cell for each of [`OWNED`], in that order; never a formula.
    pub cells: Vec<Cell>,
}

/// A cell of ours that doesn't show what is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which row of the sheet.
    pub row: usize,
    /// Which column of the sheet.
    pub column: usize,
    /// Which of [`OWNED`].
    pub field: usize,
    /// Which of those wanted.
    pub of: usize,
    /// What stands there.
    pub found: Cell,
}

impl Change {
    /// The field's name.
    #[must_use]
    pub fn field_name(&self) -> &'static str {
        OWNED[self.field]
    }
}

/// Everything of ours that differs, and what is odd about the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Cells, row by row from left to right.
    pub changes: Vec<Change>,
    /// Which of those wanted have no row.
    pub absent: Vec<usize>,
    /// Keys with several rows, each counted as in the sheet, from 1.
    pub doubled: Vec<(InitiativeKey, Vec<usize>)>,
    /// Keys that the app doesn't have, with their row as in the sheet.
    pub unknown: Vec<(String, usize)>,
}

impl Difference {
    /// Whether everything wanted is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.absent.is_empty()
    }
}

/// Rows by their trimmed key, below the header; from scratch at every look, since rows move.
#[must_use]
pub fn index(grid: &Grid, layout: &Layout) -> HashMap<String, Vec<usize>> {
    let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
    for row in layout.header_row + 1..grid.rows.len() {
        let cell = grid.cell(row, layout.key);
        if !cell.is_blank() {
            rows.entry(cell.text().trim().to_owned())
                .or_default()
                .push(row);
        }
    }
    rows
}

/// Compares; every row of a key that stands twice is to show the same.
#[must_use]
pub fn diff(grid: &Grid, layout: &Layout, wanted: &[Wanted]) -> Difference {
    let mut rows = index(grid, layout);
    let mut difference = Difference::default();
    for (of, wanted) in wanted.iter().enumerate() {
        let Some(rows) = rows.remove(wanted.key.as_str()) else {
            difference.absent.push(of);
            continue;
        };
        for row in &rows {
            for (field, column) in &layout.columns {
                let found = grid.cell(*row, *column);
                if !found.shows(&wanted.cells[*field]) {
                    difference.changes.push(Change {
                        row: *row,
                        column: *column,
                        field: *field,
                        of,
                        found: found.clone(),
                    });
                }
            }
        }
        if rows.len() > 1 {
            let rows = rows.into_iter().map(|row| row + 1).collect();
            difference.doubled.push((wanted.key.clone(), rows));
        }
    }
    difference
        .changes
        .sort_by_key(|change| (change.row, change.column));
    difference.unknown = rows
        .into_iter()
        .filter(|(key, _)| key.parse::<InitiativeKey>().is_ok())
        .filter_map(|(key, rows)| Some((key, rows.first()? + 1)))
        .collect();
    difference.unknown.sort_by_key(|(_, row)| *row);
    difference
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::verify::tests::{grid, wanted};

    fn difference(rows: &[&[&str]], wanted: &[Wanted]) -> Difference {
        let grid = grid(rows);
        let layout = Layout::resolve(0, &grid.rows[0]).unwrap();
        diff(&grid, &layout, wanted)
    }

    #[test]
    fn only_our_cells_of_known_rows_are_compared() {
        let rows: &[&[&str]] = &[
            &["PM Notes", "Key", "Value Score", "Title"],
            &["x", "(key)", "app", "pm"],
            &["y", " INIT-1 ", "59,800", "One"],
            &["z", "INIT-9", "1", "Theirs"],
        ];
        let found = difference(
            rows,
            &[wanted(1, "One", Some(59_800.0)), wanted(2, "Two", None)],
        );
        let place = |c: &Change| (c.row, c.column, c.field_name());
        let changes: Vec<_> = found.changes.iter().map(place).collect();
        assert_eq!(changes, [(2, 2, "value_score")]);
        assert_eq!(found.absent, [1]);
        assert_eq!(found.unknown, [("INIT-9".to_owned(), 4)]);
    }

    #[test]
    fn a_key_that_stands_twice_is_compared_in_both_rows() {
        let rows: &[&[&str]] = &[&["Key", "Title"], &["INIT-1", "One"], &["INIT-1", "Old"]];
        let found = difference(rows, &[wanted(1, "One", None)]);
        assert_eq!(found.changes.len(), 1);
        assert_eq!(
            (found.changes[0].row, &found.changes[0].found),
            (2, &Cell::Untyped("Old".into()))
        );
        assert_eq!(found.doubled, [("INIT-1".parse().unwrap(), vec![2, 3])]);
    }
}
