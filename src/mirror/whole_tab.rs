//! Tabs that are the app's as a whole: what they shall hold, and what to write so that they do. Cells are known by their
//! place, since nobody else writes there. Pure.

use super::{
    grid::{Cell, Grid},
    plan::{Plan, Run},
};
use crate::domain::mirror_tab::MirrorTab;

/// What a tab shall hold and nothing else, its header first; every row as long as the header.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeTab {
    /// Which.
    pub tab: MirrorTab,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

impl WholeTab {
    /// That tab with these rows below its header.
    #[must_use]
    pub fn new(tab: MirrorTab, rows: impl Iterator<Item = Vec<Cell>>) -> Self {
        let header = tab.columns().iter();
        let header = header.map(|name| Cell::Text((*name).to_owned())).collect();
        Self {
            tab,
            rows: [header].into_iter().chain(rows).collect(),
        }
    }

    /// How many columns it has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.tab.columns().len()
    }
}

/// What brings a tab into step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TabPlan {
    /// Cells that differ.
    pub cells: Plan,
    /// From which row on everything is cleared; none: nothing is left there.
    pub clears_rows: Option<usize>,
    /// From which column on.
    pub clears_columns: Option<usize>,
}

impl TabPlan {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.runs.is_empty() && self.clears_rows.is_none() && self.clears_columns.is_none()
    }

    /// As much of it as is no larger than that, and whether that isn't all.
    #[must_use]
    pub fn cut(self, largest: usize) -> (Self, bool) {
        let (cells, is_part) = self.cells.cut(largest);
        (Self { cells, ..self }, is_part)
    }
}

/// What to write into a tab that shows this.
#[must_use]
pub fn plan(found: &Grid, wanted: &WholeTab) -> TabPlan {
    let mut plan = TabPlan::default();
    for (row, cells) in wanted.rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            if !found.cell(row, column).shows(cell) {
                put(&mut plan.cells, (row, column), cell.clone());
            }
        }
    }
    let is_filled = |cells: &[Cell]| cells.iter().any(|cell| *cell != Cell::Empty);
    let (height, width) = (wanted.rows.len(), wanted.width());
    let below = found.rows.get(height..).unwrap_or_default();
    plan.clears_rows = below.iter().any(|row| is_filled(row)).then_some(height);
    let is_wider = |row: &Vec<Cell>| is_filled(row.get(width..).unwrap_or_default());
    plan.clears_columns = found.rows.iter().any(is_wider).then_some(width);
    plan
}

fn put(plan: &mut Plan, (row, column): (usize, usize), cell: Cell) {
    match plan.runs.last_mut() {
        Some(run) if run.row == row && run.column + run.cells.len() == column => {
            run.cells.push(cell);
        }
        _ => plan.runs.push(Run {
            row,
            column,
            cells: vec![cell],
        }),
    }
}

/// How one of the app's tabs stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabStanding {
    /// Which.
    pub tab: MirrorTab,
    /// Where it is.
    pub place: TabPlace,
    /// How many of its cells differ from what they shall show; all, if it isn't there.
    pub waiting: usize,
}

/// Where one of the app's tabs is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TabPlace {
    /// It is there, under that name: a tab's title, or a file.
    There(String),
    /// The next write makes it.
    Absent,
    /// Something else has its name, and is left alone: a tab's title, or a file.
    Taken(String),
    /// It can't be written, for this reason; the backlog can.
    Refused(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::verify::tests::grid;

    fn params(rows: &[&[&str]]) -> WholeTab {
        let width = MirrorTab::Params.columns().len();
        let cells = |row: &&[&str]| {
            let mut cells: Vec<_> = row.iter().map(|text| Cell::of_text(text)).collect();
            cells.resize(width, Cell::Empty);
            cells
        };
        WholeTab::new(MirrorTab::Params, rows.iter().map(cells))
    }

    #[test]
    fn what_differs_is_written_and_what_is_in_step_is_not() {
        let wanted = params(&[&["INIT-1", "RICE", "reach"], &["INIT-1", "RICE", "=1+1"]]);
        let all = plan(&Grid::default(), &wanted);
        assert_eq!(all.cells.cells(), wanted.width() + 6);
        let mut found = Grid {
            rows: wanted.rows.clone(),
        };
        assert!(plan(&found, &wanted).is_empty());
        found.put(2, 2, Cell::Formula("=1+1".to_owned()));
        let one = plan(&found, &wanted);
        assert_eq!(one.cells.runs[0].cells, [Cell::Text("=1+1".into())]);
        assert_eq!((one.clears_rows, one.clears_columns), (None, None));
    }

    #[test]
    fn what_stands_below_and_beside_is_cleared() {
        let wanted = params(&[&["INIT-1", "RICE", "reach"]]);
        let mut found = Grid {
            rows: params(&[&["INIT-1", "RICE", "reach"], &["INIT-1", "RICE", "gone"]]).rows,
        };
        found.put(1, wanted.width() + 2, Cell::Number(4.0));
        let plan = plan(&found, &wanted);
        assert_eq!(plan.cells.runs, []);
        assert_eq!(
            (plan.clears_rows, plan.clears_columns),
            (Some(2), Some(wanted.width()))
        );
    }

    #[test]
    fn a_large_tab_is_cut_between_rows() {
        let wanted = params(&[&["INIT-1", "RICE", "a"], &["INIT-2", "RICE", "b"]]);
        let (part, is_part) = plan(&grid(&[]), &wanted).cut(1);
        assert!(is_part);
        assert!(part.cells.runs.iter().all(|run| run.row == 0));
    }
}
