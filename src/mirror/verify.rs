//! Looks at a sheet: resolves its headers and compares, before a write and, as if nothing were known, after it. Pure.

use super::{
    diff::{Difference, Wanted, diff},
    grid::Grid,
    layout::{Layout, LayoutError},
};

/// How many rows from the first with something in it may be the header.
const HEADER_DEPTH: usize = 20;

/// What a look at a sheet found.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Where our columns are.
    pub layout: Layout,
    /// What of ours differs.
    pub difference: Difference,
    /// It has nothing at all yet, not even headers.
    pub is_blank: bool,
}

impl Look {
    /// Whether nothing needs writing.
    #[must_use]
    pub fn is_in_step(&self) -> bool {
        self.difference.is_empty() && !self.is_blank
    }
}

/// Looks.
///
/// # Errors
/// The headers can't be trusted.
pub fn look(grid: &Grid, wanted: &[Wanted]) -> Result<Look, LayoutError> {
    let layout = match grid.header_row() {
        Some(first) => resolve(grid, first)?,
        None => Layout::fresh(),
    };
    Ok(Look {
        difference: diff(grid, &layout, wanted),
        is_blank: grid.header_row().is_none(),
        layout,
    })
}

/// The header is the first row that names a column of keys; people may have put a title above it.
fn resolve(grid: &Grid, first: usize) -> Result<Layout, LayoutError> {
    let rows = grid.rows.iter().enumerate().skip(first);
    for (row, cells) in rows.take(HEADER_DEPTH) {
        match Layout::resolve(row, cells) {
            Err(LayoutError::NoKey) => {}
            found => return found,
        }
    }
    Err(LayoutError::NoKey)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        domain::ids::InitiativeId,
        mirror::{
            Mode,
            grid::Cell,
            layout::{OWNED, OWNED_COUNT},
            run::{Leave, Terms},
        },
    };
    use chrono::DateTime;
    use std::collections::HashSet;

    /// Nothing handed back, nothing left out, no breakers.
    pub(in crate::mirror) fn terms(mode: Mode) -> Terms {
        Terms {
            mode,
            handed_back: HashSet::new(),
            left_out: HashSet::new(),
            breakers: None,
            now: DateTime::UNIX_EPOCH,
        }
    }

    /// The same answer always.
    pub(in crate::mirror) struct Always(pub(in crate::mirror) bool);

    impl Leave for Always {
        async fn to_write(&mut self) -> bool {
            self.0
        }
    }

    /// A sheet without types.
    pub(in crate::mirror) fn grid(rows: &[&[&str]]) -> Grid {
        let cells = |row: &&[&str]| row.iter().map(|c| Cell::of_untyped((*c).into())).collect();
        Grid {
            rows: rows.iter().map(cells).collect(),
        }
    }

    /// `INIT-{number}` with that title and value, and nothing else.
    pub(in crate::mirror) fn wanted(number: i64, title: &str, value: Option<f64>) -> Wanted {
        let mut cells = vec![Cell::Empty; OWNED_COUNT];
        cells[0] = Cell::of_text(title);
        let at = OWNED
            .iter()
            .position(|field| *field == "value_score")
            .unwrap();
        cells[at] = value.map_or(Cell::Empty, Cell::of_figure);
        Wanted {
            id: InitiativeId(number),
            key: format!("INIT-{number}").parse().unwrap(),
            cells,
        }
    }

    #[test]
    fn a_sheet_in_step_needs_nothing_and_an_empty_one_everything() {
        let all = [wanted(1, "One", Some(2.0))];
        let in_step = grid(&[&["Key", "Value Score"], &["INIT-1", "2.0"]]);
        assert!(look(&in_step, &all).unwrap().is_in_step());
        let empty = look(&Grid::default(), &[]).unwrap();
        assert!(empty.difference.is_empty() && !empty.is_in_step());
    }

    #[test]
    fn a_column_that_went_is_missed_at_the_next_look() {
        let gone = grid(&[&["Value Score"], &["2"]]);
        assert_eq!(look(&gone, &[]), Err(LayoutError::NoKey));
    }
}
