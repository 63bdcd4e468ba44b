//! Where the cells of a block land: on the params that its rows name, or on the rows shown from a chosen cell on.
//!
//! Knows addresses of cells. Must not know what a cell would do.

use super::paste::Sent;
use crate::{
    domain::{
        amount::DecimalSeparator,
        block::Block,
        ids::ParamId,
        paste::{Column, Landing},
    },
    imports::pasted::{self, FirstRow, NamedBlock},
    store::param_blocks,
    web::{error::WebError, view::paste::Outside, visit::Visit},
};
use std::collections::HashSet;

/// A block with its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Landed {
    /// The params and what lands on each, in the block's order.
    pub(super) landings: Vec<Landing>,
    /// Cells that land nowhere.
    pub(super) outside: Vec<Outside>,
    /// Columns that aren't taken.
    pub(super) ignored: Vec<String>,
}

/// Where a block lands, or why nothing of it can be read.
pub(super) async fn land(visit: &Visit, sent: &Sent) -> Result<Result<Landed, String>, WebError> {
    let block = match Block::read(&sent.text, sent.decimal_separator) {
        Ok(block) => block,
        Err(why) => return Ok(Err(why.to_string())),
    };
    match pasted::read(&block) {
        Ok(named) => Ok(Ok(on_named(visit, named, sent.decimal_separator).await?)),
        Err(_no_key) if !sent.at.is_empty() => Ok(match pasted::first_row(&block) {
            FirstRow::Cells => Ok(from_cell(&block, sent, None)),
            FirstRow::Names(columns) => Ok(from_cell(&block, sent, Some(columns))),
            FirstRow::NamesParams => Err(NO_KEY.to_owned()),
        }),
        Err(why) => Ok(Err(format!(
            "{why} Or choose the row that the block begins in."
        ))),
    }
}

async fn on_named(
    visit: &Visit,
    block: NamedBlock,
    separator: DecimalSeparator,
) -> Result<Landed, WebError> {
    let refused = |number: usize, typed: &str, why: &str| Outside {
        place: format!("Row {number}"),
        typed: typed.to_owned(),
        why: why.to_owned(),
    };
    let mut landed = Landed {
        ignored: block.ignored,
        ..Landed::default()
    };
    let told = block.refusals.iter();
    landed
        .outside
        .extend(told.map(|told| refused(told.row, &told.typed, &told.reason)));
    let named: Vec<_> = block.rows.iter().map(|row| row.named.clone()).collect();
    let found = visit
        .db
        .read(async move |mut conn| param_blocks::find(&mut conn, &named).await)
        .await?;
    let mut taken = HashSet::new();
    for (row, ids) in block.rows.into_iter().zip(found) {
        let named = format!("{} {}", row.named.key, row.named.name);
        let why = match ids[..] {
            [id] if taken.insert(id) => {
                landed.landings.push(Landing {
                    id,
                    cells: row.cells,
                    separator,
                });
                continue;
            }
            [_] => "An earlier row is about the same param, so this one wasn’t read.",
            [] => "There is no such param.",
            _ => "Several frameworks have a param of this name: add a column framework.",
        };
        landed.outside.push(refused(row.number, named.trim(), why));
    }
    Ok(landed)
}

/// Lays the block over the rows as they were shown, as a sheet would. `named`: the columns that its first row names.
fn from_cell(block: &Block, sent: &Sent, named: Option<Vec<Column>>) -> Landed {
    let shown: Vec<i64> = sent
        .rows
        .split(',')
        .filter_map(|id| id.parse().ok())
        .collect();
    let at = sent.at.parse().ok();
    let first = shown.iter().position(|id| Some(*id) == at);
    let mut rows = shown[first.unwrap_or(shown.len())..].iter();
    let header = usize::from(named.is_some());
    let columns = named.unwrap_or_else(|| columns_from(sent));
    let mut landed = Landed::default();
    for (number, cells) in (1..).zip(block.rows()).skip(header) {
        let id = rows.next();
        let mut inside = Vec::new();
        for (place, typed) in (0..).zip(cells) {
            let column = columns.get(place);
            match (id, column) {
                (Some(_), Some(column)) => inside.push((*column, typed.clone())),
                (None, _) => landed.outside.push(outside(number, place, typed, NO_ROW)),
                (_, None) => landed
                    .outside
                    .push(outside(number, place, typed, NO_COLUMN)),
            }
        }
        if let Some(id) = id.filter(|_| !inside.is_empty()) {
            landed.landings.push(Landing {
                id: ParamId(*id),
                cells: inside,
                separator: sent.decimal_separator,
            });
        }
    }
    landed
}

/// The columns that are shown, from the chosen one on: what is out of sight isn't filled in.
fn columns_from(sent: &Sent) -> Vec<Column> {
    let is_shown = |at: usize| {
        let mut shown = sent.columns.split(',');
        sent.columns.is_empty() || shown.any(|one| one.parse() == Ok(at))
    };
    let all = (0..).zip(Column::GRID).skip(sent.column);
    all.filter(|(at, _)| is_shown(*at))
        .map(|(_, column)| column)
        .collect()
}

const NO_KEY: &str = "The first row names a column of params, but none says of which initiatives. Add a column \
                      initiative_key, or paste the cells without the names.";
const NO_ROW: &str = "There are no more rows in the list.";
const NO_COLUMN: &str = "There are no more columns that can be filled in.";

fn outside(number: usize, place: usize, typed: &str, why: &str) -> Outside {
    Outside {
        place: format!("Row {number}, column {}", place + 1),
        typed: typed.to_owned(),
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_laid_over_the_rows_from_a_cell_on_and_what_hangs_over_lands_nowhere() {
        let sent = Sent {
            rows: "7,8,9".into(),
            at: "8".into(),
            column: 4,
            ..Sent::default()
        };
        let block = Block::read(
            "PM\thttps://a.example\tx\nEng\nFinance",
            DecimalSeparator::Point,
        )
        .unwrap();
        let landed = from_cell(&block, &sent, None);
        let ids: Vec<_> = landed.landings.iter().map(|landing| landing.id.0).collect();
        assert_eq!(ids, [8, 9]);
        assert_eq!(landed.landings[0].cells.len(), 2);
        assert_eq!(
            landed.landings[0].cells[0],
            (Column::GRID[4], "PM".to_owned())
        );
        let places: Vec<_> = landed.outside.iter().map(|cell| &*cell.place).collect();
        assert_eq!(places, ["Row 1, column 3", "Row 3, column 1"]);
        assert_eq!(landed.outside[1].why, NO_ROW);
    }

    #[test]
    fn a_row_of_names_is_no_row_of_cells_and_says_what_the_others_are() {
        let sent = Sent {
            rows: "7,8".into(),
            at: "7".into(),
            column: 1,
            ..Sent::default()
        };
        let block = Block::read("Unit\tValue\n£\t5\n£\t6", DecimalSeparator::Point).unwrap();
        let FirstRow::Names(columns) = pasted::first_row(&block) else {
            panic!("it is a header");
        };
        let landed = from_cell(&block, &sent, Some(columns));
        assert_eq!(landed.landings.len(), 2);
        assert_eq!(landed.landings[0].id.0, 7);
        let cells = &landed.landings[0].cells;
        assert_eq!(cells[0], (Column::GRID[2], "£".to_owned()));
        assert_eq!(cells[1], (Column::GRID[1], "5".to_owned()));
    }

    #[test]
    fn columns_that_are_not_shown_are_passed_over() {
        let sent = Sent {
            rows: "7".into(),
            at: "7".into(),
            column: 1,
            columns: "0,1,4".into(),
            ..Sent::default()
        };
        let landed = from_cell(
            &Block::read("5\tFinance\tx", DecimalSeparator::Point).unwrap(),
            &sent,
            None,
        );
        let columns: Vec<_> = landed.landings[0].cells.iter().map(|cell| cell.0).collect();
        assert_eq!(columns, [Column::GRID[1], Column::GRID[4]]);
        assert_eq!(landed.outside[0].why, NO_COLUMN);
    }

    #[test]
    fn from_a_row_that_is_not_shown_nothing_lands() {
        let sent = Sent {
            rows: "7,8".into(),
            at: "12".into(),
            ..Sent::default()
        };
        let landed = from_cell(
            &Block::read("1\t2", DecimalSeparator::Point).unwrap(),
            &sent,
            None,
        );
        assert_eq!((landed.landings.len(), landed.outside.len()), (0, 2));
    }
}
