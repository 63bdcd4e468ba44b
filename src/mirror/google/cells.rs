//! Cells on the wire. What is written is a number, a text or a tick box as such: Sheets never reads a text as if somebody
//! had typed it. Nothing is ever sent as null: the library drops nulls from lists, and what follows would move up.

use crate::mirror::{
    grid::{Cell, Grid},
    plan::{Plan, Run},
};
use google_sheets4::{
    FieldMask,
    api::{
        CellData, ExtendedValue, GridCoordinate, GridData, Request, RowData, UpdateCellsRequest,
    },
};

/// The cells of an answer, each at its place.
pub(super) fn grid(data: Vec<GridData>) -> Grid {
    let mut grid = Grid::default();
    let place = |n: Option<i32>| usize::try_from(n.unwrap_or(0)).unwrap_or(0);
    for part in data {
        let (first_row, first_column) = (place(part.start_row), place(part.start_column));
        for (row, cells) in part.row_data.unwrap_or_default().into_iter().enumerate() {
            for (column, cell) in cells.values.unwrap_or_default().into_iter().enumerate() {
                let cell = cell.user_entered_value.map_or(Cell::Empty, of_value);
                if cell != Cell::Empty {
                    grid.put(first_row + row, first_column + column, cell);
                }
            }
        }
    }
    grid
}

fn of_value(value: ExtendedValue) -> Cell {
    if let Some(formula) = value.formula_value {
        Cell::Formula(formula)
    } else if let Some(number) = value.number_value {
        Cell::Number(number)
    } else if let Some(ticked) = value.bool_value {
        Cell::Bool(ticked)
    } else if let Some(error) = value.error_value {
        // Nobody can enter an error: something computes it.
        Cell::Formula(error.message.unwrap_or_default())
    } else {
        value.string_value.map_or(Cell::Empty, Cell::Text)
    }
}

/// Writes the plan's cells: one request for each block of runs of the same width below one another.
pub(super) fn requests(sheet_id: i32, plan: &Plan) -> Vec<Request> {
    let is_below = |upper: &Run, lower: &Run| {
        let width = (upper.column, upper.cells.len());
        lower.row == upper.row + 1 && width == (lower.column, lower.cells.len())
    };
    plan.runs
        .chunk_by(is_below)
        .map(|block| request(sheet_id, block))
        .collect()
}

fn request(sheet_id: i32, block: &[Run]) -> Request {
    let place = |n: usize| i32::try_from(n).ok();
    let row = |run: &Run| RowData {
        values: Some(run.cells.iter().map(data).collect()),
    };
    Request {
        update_cells: Some(UpdateCellsRequest {
            start: Some(GridCoordinate {
                sheet_id: Some(sheet_id),
                row_index: place(block[0].row),
                column_index: place(block[0].column),
            }),
            rows: Some(block.iter().map(row).collect()),
            fields: Some(FieldMask::new(&["userEnteredValue"])),
            ..UpdateCellsRequest::default()
        }),
        ..Request::default()
    }
}

/// A cell without a value clears it.
fn data(cell: &Cell) -> CellData {
    let mut value = ExtendedValue::default();
    match cell {
        Cell::Empty => return CellData::default(),
        Cell::Text(text) | Cell::Untyped(text) => value.string_value = Some(text.clone()),
        Cell::Number(number) => value.number_value = Some(*number),
        Cell::Bool(ticked) => value.bool_value = Some(*ticked),
        // Only people's own, given back to them.
        Cell::Formula(formula) => value.formula_value = Some(formula.clone()),
    }
    CellData {
        user_entered_value: Some(value),
        ..CellData::default()
    }
}
