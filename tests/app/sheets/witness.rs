//! What nobody could tell who can't lock a sheet. A write covers cells of a row or column that people moved since the last
//! read; if nothing that was read is left in it beside the covered cells, or the same stood elsewhere too, then two
//! different things that people may have done end in the very same sheet. Only then is what they did left out of a case.

use super::{
    people::Deed,
    tab::{Square, Tab},
};
use productops::mirror::grid::Cell;
use std::collections::HashSet;

type Place = (usize, usize);

/// Does what people do, unless nobody could tell what they did once these cells are covered. Whether it was done.
pub(crate) fn happen(tab: &mut Tab, deeds: &[Deed], covered: &HashSet<Place>) -> bool {
    let before = tab.clone();
    for deed in deeds {
        deed.happens_to(tab);
    }
    let is_told = can_be_told(tab, covered) && gone_rows_can_be_told(tab, covered);
    if !is_told {
        *tab = before;
    }
    is_told
}

/// Whether each row and column of which people's cells are covered elsewhere than they were is known by something else.
fn can_be_told(tab: &Tab, covered: &HashSet<Place>) -> bool {
    covered.iter().all(|(row, column)| {
        let square = tab.rows.get(*row).and_then(|squares| squares.get(*column));
        let Some(square) = square.filter(|square| !square.value.is_blank()) else {
            return true;
        };
        square.read_at == Some((*row, *column))
            || (row_is_known(tab, *row, covered) && column_is_known(tab, *column, covered))
    })
}

/// Whether no row that people deleted could as well be one of which everything is covered now.
fn gone_rows_can_be_told(tab: &Tab, covered: &HashSet<Place>) -> bool {
    let squares = || {
        tab.rows
            .iter()
            .flatten()
            .filter_map(|square| square.read_at)
    };
    let left: HashSet<_> = squares().map(|(row, _)| row).collect();
    let bare: HashSet<_> = covered.iter().map(|(row, _)| *row).collect();
    let bare = bare.into_iter().filter(|row| {
        let squares = tab.rows.get(*row).into_iter().flatten().enumerate();
        let mut beside = squares.filter(|(column, _)| !covered.contains(&(*row, *column)));
        beside.all(|(_, square)| witness(square).is_none())
    });
    let bare: Vec<_> = bare.collect();
    let column_now = |then: usize| {
        let mut rows = tab.rows.iter();
        rows.find_map(|row| {
            row.iter()
                .position(|square| square.read_at.is_some_and(|(_, column)| column == then))
        })
    };
    let gone = (0..tab.read.rows.len()).filter(|row| !left.contains(row));
    gone.into_iter().all(|gone| {
        let cells = tab.read.rows[gone].iter().enumerate();
        let filled = cells.filter(|(_, cell)| !cell.is_blank());
        let columns: Vec<_> = filled.filter_map(|(then, _)| column_now(then)).collect();
        let is_unknown = |row: usize, column: usize| {
            let is_typed = tab
                .rows
                .get(row)
                .is_some_and(|squares| squares[column].unread.is_some());
            is_typed || covered.contains(&(row, column))
        };
        let covers = |row: &usize| columns.iter().all(|column| is_unknown(*row, *column));
        columns.is_empty() || !bare.iter().any(covers)
    })
}

fn row_is_known(tab: &Tab, row: usize, covered: &HashSet<Place>) -> bool {
    let squares = tab.rows[row].iter().enumerate();
    let witnesses = squares.filter(|(column, _)| !covered.contains(&(row, *column)));
    let witnesses: Vec<Place> = witnesses
        .filter_map(|(_, square)| witness(square))
        .collect();
    let earlier = |other: usize| {
        let is_equal = |(row, column): &Place| same(tab, (*row, *column), (other, *column));
        witnesses.iter().all(is_equal)
    };
    let alike = (0..tab.read.rows.len()).filter(|other| earlier(*other));
    !witnesses.is_empty() && alike.count() == 1
}

fn column_is_known(tab: &Tab, column: usize, covered: &HashSet<Place>) -> bool {
    let rows = (0..tab.rows.len()).filter(|row| !covered.contains(&(*row, column)));
    let witnesses: Vec<Place> = rows
        .filter_map(|row| witness(&tab.rows[row][column]))
        .collect();
    let earlier = |other: usize| {
        let is_equal = |(row, column): &Place| same(tab, (*row, *column), (*row, other));
        witnesses.iter().all(is_equal)
    };
    let alike = (0..tab.read.width()).filter(|other| earlier(*other));
    !witnesses.is_empty() && alike.count() == 1
}

/// Where the square was read, if something stood in it then and nobody has typed into it since.
fn witness(square: &Square) -> Option<Place> {
    let is_untouched = square.unread.is_none() && !square.value.is_blank();
    square.read_at.filter(|_| is_untouched)
}

/// Whether the same stood in both places. Formulas of different rows count as the same: their references move.
fn same(tab: &Tab, one: Place, other: Place) -> bool {
    match (tab.read.cell(one.0, one.1), tab.read.cell(other.0, other.1)) {
        (Cell::Formula(_), Cell::Formula(_)) => true,
        (one, other) => one == other,
    }
}
