//! What people do to a tab while the mirror looks the other way.

use super::tab::{Square, Tab};
use productops::mirror::{grid::Cell, references::moved};

/// One thing that somebody does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Deed {
    InsertRow(usize),
    DeleteRow(usize),
    MoveRow(usize, usize),
    /// All rows below the header by what stands in a column.
    Sort {
        header: usize,
        column: usize,
    },
    InsertColumn(usize),
    MoveColumn(usize, usize),
    Type(usize, usize, Cell),
    /// Into one of the cells that are people's own, wherever it is by then.
    TypeOwn(usize, Cell),
    Rename(String),
}

impl Deed {
    /// Whether rows or columns are elsewhere afterwards.
    pub(crate) fn moves(&self) -> bool {
        !matches!(self, Self::Type(..) | Self::TypeOwn(..) | Self::Rename(_))
    }

    pub(crate) fn happens_to(&self, tab: &mut Tab) {
        // Each square knows where it was while it moves.
        let places = |tab: &Tab| (tab.rows.len(), tab.width);
        let before = places(tab);
        for (row, squares) in tab.rows.iter_mut().enumerate() {
            for (column, square) in squares.iter_mut().enumerate() {
                square.place = Some((row, column));
            }
        }
        self.is_done(tab);
        if self.moves() {
            follow(tab, before);
        }
    }

    /// What names a place that isn't there any more is left.
    fn is_done(&self, tab: &mut Tab) {
        let (height, width) = (tab.rows.len(), tab.width);
        match self {
            Self::InsertRow(at) => {
                let blank = vec![Square::default(); width];
                tab.rows.insert((*at).min(height), blank);
            }
            Self::DeleteRow(at) if *at < height => {
                tab.rows.remove(*at);
            }
            Self::MoveRow(from, to) if *from < height => {
                let row = tab.rows.remove(*from);
                tab.rows.insert((*to).min(tab.rows.len()), row);
            }
            Self::Sort { header, column } if *header < height && *column < width => {
                let text = |row: &Vec<Square>| {
                    let text = row[*column].value.text().into_owned();
                    // What is empty comes last.
                    (text.is_empty(), text)
                };
                tab.rows[header + 1..].sort_by_key(text);
            }
            Self::InsertColumn(at) => {
                tab.width += 1;
                for row in &mut tab.rows {
                    row.insert((*at).min(width), Square::default());
                }
            }
            Self::MoveColumn(from, to) if *from < width => {
                for row in &mut tab.rows {
                    let square = row.remove(*from);
                    row.insert((*to).min(row.len()), square);
                }
            }
            Self::Type(row, column, value) if *row < height && *column < width => {
                tab.rows[*row][*column].is_typed_into(value.clone());
            }
            Self::TypeOwn(number, value) => {
                let squares = tab.rows.iter_mut().flatten();
                let mut own: Vec<_> = squares.filter(|square| square.is_own).collect();
                if !own.is_empty() {
                    let count = own.len();
                    own[number % count].is_typed_into(value.clone());
                }
            }
            Self::Rename(title) => tab.title.clone_from(title),
            _ => {}
        }
    }
}

/// Formulas name what they named before, wherever it is now, as Sheets sees to it.
fn follow(tab: &mut Tab, (height, width): (usize, usize)) {
    let (mut rows, mut columns) = (vec![None; height], vec![None; width]);
    for (row, squares) in tab.rows.iter().enumerate() {
        for (column, square) in squares.iter().enumerate() {
            if let Some((was_row, was_column)) = square.place {
                rows[was_row] = Some(row);
                columns[was_column] = Some(column);
            }
        }
    }
    let row = |row: usize| rows.get(row).copied().flatten();
    let column = |column: usize| columns.get(column).copied().flatten();
    for square in tab.rows.iter_mut().flatten() {
        let unread = square.unread.iter_mut();
        for cell in unread.chain([&mut square.value, &mut square.theirs]) {
            if let Cell::Formula(formula) = cell {
                *cell = Cell::Formula(moved(formula, row, column));
            }
        }
    }
}
