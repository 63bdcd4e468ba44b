//! A pasted block whose first row names its columns, as the files of an import do: whose cells are about which param.
//! Knows nothing of what the app has.

use super::{
    headers::{HeaderError, KEY, Layout, resolve},
    params,
    report::Refusal,
    table::{Row, Table},
};
use crate::{
    domain::{block::Block, param::TextField, param_input::ParamField, paste::Column},
    store::param_blocks::Named,
};

/// Which column of a file is which of a block.
const COLUMNS: [(&str, Column); 12] = [
    (
        "param_display",
        Column::Field(ParamField::Text(TextField::Display)),
    ),
    ("value", Column::Field(ParamField::Value)),
    ("unit", Column::Field(ParamField::Unit)),
    ("min", Column::Min),
    ("max", Column::Max),
    ("source", Column::Field(ParamField::Source)),
    (
        "evidence_link",
        Column::Field(ParamField::Text(TextField::EvidenceLink)),
    ),
    ("evidence_as_of", Column::Field(ParamField::EvidenceAsOf)),
    ("review_by", Column::Field(ParamField::ReviewBy)),
    (
        "description",
        Column::Field(ParamField::Text(TextField::Description)),
    ),
    ("notes", Column::Field(ParamField::Text(TextField::Notes))),
    ("approved", Column::Approved),
];

/// A row of the block.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedRow {
    /// Counted as in the block, from 1.
    pub number: usize,
    /// Which param.
    pub named: Named,
    /// What it says of it. As in an import, an empty cell says nothing.
    pub cells: Vec<(Column, String)>,
}

/// A block with a header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedBlock {
    /// Its rows.
    pub rows: Vec<NamedRow>,
    /// Rows and cells that can't be placed.
    pub refusals: Vec<Refusal>,
    /// Columns that aren't taken, by their header.
    pub ignored: Vec<String>,
}

/// Reads the block by its header.
///
/// # Errors
/// The first row isn't one: it names no initiatives or no params, or names a column twice.
pub fn read(block: &Block) -> Result<NamedBlock, HeaderError> {
    let layout = Layout {
        required: &["param_name"],
        ..params::layout()
    };
    let mut rows = block.rows().iter();
    let table = Table {
        headers: rows.next().cloned().unwrap_or_default(),
        rows: (2..)
            .zip(rows)
            .map(|(number, cells)| Row::new(number, cells.iter().map(String::as_str)))
            .collect(),
    };
    let (columns, report) = resolve(&layout, &table)?;
    let mut read = NamedBlock {
        ignored: [report.computed_columns, report.ignored_columns].concat(),
        ..NamedBlock::default()
    };
    for row in table.rows.iter().filter(|row| !row.is_blank()) {
        let text = |field: &str| {
            let cell = columns.cell(row, field).unwrap_or_default();
            cell.text().to_owned()
        };
        let named = Named {
            key: text(KEY),
            framework: text("framework"),
            name: text("param_name"),
        };
        if row.width() > table.headers.len() {
            let why =
                "The row has more cells than the header has columns, so they can’t be told apart.";
            read.refusals
                .push(columns.refusal(row.number, KEY, &named.key, &why));
            continue;
        }
        let cells = COLUMNS.iter().map(|(field, column)| (*column, text(field)));
        read.rows.push(NamedRow {
            number: row.number,
            named,
            cells: cells.filter(|(_, text)| !text.is_empty()).collect(),
        });
    }
    Ok(read)
}

/// What stands in the first row of a block that is laid over the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstRow {
    /// Cells like all others.
    Cells,
    /// The columns' names, and nothing else.
    Names(Vec<Column>),
    /// Also that of the params' names, so that it isn't the place that says whose the rows are.
    NamesParams,
}

/// Whether a block begins with a header: all of its first row are names of columns, and other rows follow.
#[must_use]
pub fn first_row(block: &Block) -> FirstRow {
    let [first, _, ..] = block.rows() else {
        return FirstRow::Cells;
    };
    let is = |cell: &str, name: &str| cell.trim().replace(' ', "_").eq_ignore_ascii_case(name);
    if first.iter().any(|cell| is(cell, "param_name")) {
        return FirstRow::NamesParams;
    }
    let named = |cell: &String| {
        let by_field = COLUMNS.iter().find(|(field, _)| is(cell, field));
        let by_label = COLUMNS.iter().find(|(_, column)| is(cell, column.label()));
        let range = Column::Field(ParamField::Range);
        let of_grid = is(cell, range.label()).then_some(range);
        let listed = by_field.or(by_label).map(|(_, column)| *column);
        listed.or(of_grid)
    };
    let columns: Option<Vec<_>> = first.iter().map(named).collect();
    columns.map_or(FirstRow::Cells, FirstRow::Names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::amount::DecimalSeparator;

    #[test]
    fn a_header_is_read_by_name_and_alias_and_empty_cells_say_nothing() {
        let text = "Initiative key\tParameter\tValue\tUnits\tColour\nINIT-1\tmargin\t4%\t\tred\n\nINIT-2\taov\t\t£\n";
        let block = read(&Block::read(text, DecimalSeparator::Point).unwrap()).unwrap();
        let value = Column::Field(ParamField::Value);
        assert_eq!(block.rows.len(), 2);
        assert_eq!(block.rows[0].named.name, "margin");
        assert_eq!(block.rows[0].cells, [(value, "4%".to_owned())]);
        assert_eq!((block.rows[1].number, block.rows[1].cells.len()), (4, 1));
        assert_eq!(block.ignored, ["Colour"]);
    }

    #[test]
    fn a_first_row_of_nothing_but_names_of_columns_is_a_header() {
        let of = |text: &str| first_row(&Block::read(text, DecimalSeparator::Point).unwrap());
        let value = Column::Field(ParamField::Value);
        let range = Column::Field(ParamField::Range);
        let unit = Column::Field(ParamField::Unit);
        assert_eq!(
            of("Value\tunit\tRange\n5\t£\t0 to 9"),
            FirstRow::Names(vec![value, unit, range])
        );
        assert_eq!(of("Value\tunit"), FirstRow::Cells, "nothing follows");
        assert_eq!(of("5\tunit\n6\t£"), FirstRow::Cells);
        assert_eq!(of("Param name\tValue\nmargin\t5"), FirstRow::NamesParams);
    }

    #[test]
    fn a_block_without_a_header_is_refused_and_so_is_a_row_that_is_too_long() {
        assert!(read(&Block::read("4%\t£\n5%\t£", DecimalSeparator::Point).unwrap()).is_err());
        let text = "initiative_key\tparam_name\tvalue\nINIT-1\tmargin\t4%\tmore";
        let block = read(&Block::read(text, DecimalSeparator::Point).unwrap()).unwrap();
        assert_eq!((block.rows.len(), block.refusals.len()), (0, 1));
    }
}
