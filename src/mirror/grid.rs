//! A sheet as typed cells, and when a cell shows what is wanted there. Pure; knows neither columns nor initiatives.

use super::layout::is_live;
use std::borrow::Cow;

/// Significant digits of a scored figure.
const DIGITS: usize = 12;
/// How far two numbers may be apart, as a part of the larger, and still be the same.
const TOLERANCE: f64 = 1e-9;

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, whatever it looks like.
    Text(String),
    /// A finite number.
    Number(f64),
    /// A tick box.
    Bool(bool),
    /// Something that the sheet computes, as it is written.
    Formula(String),
    /// What a file without types says: a text, a number or a tick box, whichever is looked for.
    Untyped(String),
}

impl Cell {
    /// A text of ours: without control characters, lines ended by `\n`; nothing if there is nothing left.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let is_kept = |c: &char| matches!(c, '\n' | '\t') || !c.is_control();
        let text: String = text.chars().filter(is_kept).collect();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// A computed figure at 12 significant digits; nothing for what is no number.
    #[must_use]
    pub fn of_figure(value: f64) -> Self {
        let rounded = format!("{value:.*e}", DIGITS - 1).parse();
        match rounded {
            Ok(number) if value.is_finite() => Self::Number(number),
            _ => Self::Empty,
        }
    }

    /// A number of ours as it was typed; nothing where there is none.
    #[must_use]
    pub fn of_digits(digits: &str) -> Self {
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Number(number),
            _ => Self::of_text(digits),
        }
    }

    /// What a file without types says, in which a text that a spreadsheet would compute is a formula.
    #[must_use]
    pub fn of_untyped(text: String) -> Self {
        if text.is_empty() {
            Self::Empty
        } else if is_live(&text) {
            Self::Formula(text)
        } else {
            Self::Untyped(text)
        }
    }

    /// As people read it.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Formula(text) | Self::Untyped(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(written(*number)),
            Self::Bool(true) => Cow::Borrowed("TRUE"),
            Self::Bool(false) => Cow::Borrowed("FALSE"),
        }
    }

    /// Whether nothing but space is in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) | Self::Untyped(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Bool(_) | Self::Formula(_) => false,
        }
    }

    /// Whether it makes its row an occupied one: a tick box that isn't ticked doesn't, since sheets fill whole columns
    /// with those.
    #[must_use]
    pub fn is_content(&self) -> bool {
        let is_unticked = match self {
            Self::Bool(ticked) => !ticked,
            Self::Untyped(text) => text.eq_ignore_ascii_case("false"),
            _ => false,
        };
        !self.is_blank() && !is_unticked
    }

    /// Whether it shows what is wanted there. A formula never does, whatever it comes to at the moment.
    #[must_use]
    pub fn shows(&self, wanted: &Self) -> bool {
        match (wanted, self) {
            (Self::Empty, found) => found.is_blank(),
            (Self::Number(wanted), Self::Number(found)) => is_near(*wanted, *found),
            (Self::Number(wanted), Self::Untyped(found)) => {
                let found = found.trim().parse();
                found.is_ok_and(|found| is_near(*wanted, found))
            }
            (Self::Bool(wanted), Self::Bool(found)) => wanted == found,
            (Self::Bool(_), Self::Untyped(found)) => {
                found.trim().eq_ignore_ascii_case(&wanted.text())
            }
            (Self::Text(wanted), Self::Text(found) | Self::Untyped(found)) => wanted == found,
            _ => false,
        }
    }

    /// Whether it is what was written there; a number may have lost its last digit on its way.
    #[must_use]
    pub fn is_as_written(&self, written: &Self) -> bool {
        self == written || self.shows(written)
    }

    /// A short stand-in for what stands in it, the same in every version of the app: FNV-1a over kind and text.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let kind = match self {
            Self::Empty => 0,
            Self::Text(_) => 1,
            Self::Number(_) => 2,
            Self::Bool(_) => 3,
            Self::Formula(_) => 4,
            Self::Untyped(_) => 5,
        };
        let text = self.text();
        let bytes = [kind].into_iter().chain(text.bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

fn is_near(wanted: f64, found: f64) -> bool {
    // Unequal infinities and NaN are near nothing.
    (wanted - found).abs() <= TOLERANCE * wanted.abs().max(found.abs()) && found.is_finite()
}

/// Plain digits, and a power of ten only where they would be endless.
fn written(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-12..1e21).contains(&size) {
        format!("{number:e}")
    } else {
        // Not -0.
        format!("{}", number + 0.0)
    }
}

/// Cells in rows from the sheet's first on; beyond what a row has there is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// The rows, of any length.
    pub rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// What stands there.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> &Cell {
        const NOTHING: &Cell = &Cell::Empty;
        let cells = self.rows.get(row);
        cells.and_then(|cells| cells.get(column)).unwrap_or(NOTHING)
    }

    /// How many columns it has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Puts something there.
    pub fn put(&mut self, row: usize, column: usize, cell: Cell) {
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let cells = &mut self.rows[row];
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = cell;
    }

    /// Where it isn't as another.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        for row in 0..self.rows.len().max(other.rows.len()) {
            let cells = |grid: &Self| grid.rows.get(row).map_or(0, Vec::len);
            let columns = 0..cells(self).max(cells(other));
            let is_other = |column: &usize| self.cell(row, *column) != other.cell(row, *column);
            places.extend(columns.filter(is_other).map(|column| (row, column)));
        }
        places
    }

    /// The first row that isn't blank: the header. None: the sheet is empty.
    #[must_use]
    pub fn header_row(&self) -> Option<usize> {
        let is_blank = |row: &Vec<Cell>| row.iter().all(Cell::is_blank);
        self.rows.iter().position(|row| !is_blank(row))
    }

    /// The row after the last one with content.
    #[must_use]
    pub fn end(&self) -> usize {
        let is_occupied = |row: &Vec<Cell>| row.iter().any(Cell::is_content);
        self.rows
            .iter()
            .rposition(is_occupied)
            .map_or(0, |row| row + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untyped(text: &str) -> Cell {
        Cell::of_untyped(text.to_owned())
    }

    #[test]
    fn a_figure_has_12_significant_digits_and_is_never_infinite() {
        assert_eq!(Cell::of_figure(59_800.000_000_000_01).text(), "59800");
        assert_eq!(Cell::of_figure(5_980.0 / 7.0).text(), "854.285714286");
        assert_eq!(Cell::of_figure(-0.0).text(), "0");
        assert_eq!(Cell::of_figure(1.5e300).text(), "1.5e300");
        assert_eq!(Cell::of_figure(f64::NAN), Cell::Empty);
        assert_eq!(Cell::of_figure(f64::INFINITY), Cell::Empty);
    }

    #[test]
    fn numbers_are_the_same_up_to_a_billionth() {
        let wanted = Cell::Number(854.285_714_286);
        for same in ["854.285714286", " 854.2857142857143 ", "8.54285714286e2"] {
            assert!(untyped(same).shows(&wanted), "{same}");
        }
        for other in [
            "854.2857",
            "854,285714286",
            "£854.285714286",
            "",
            "inf",
            "nan",
        ] {
            assert!(!untyped(other).shows(&wanted), "{other}");
        }
        assert!(untyped("-0.0").shows(&Cell::Number(0.0)));
        assert!(!Cell::Text("5".into()).shows(&Cell::Number(5.0)));
    }

    #[test]
    fn a_formula_never_shows_what_is_wanted() {
        assert!(!untyped("=1+1").shows(&Cell::Text("=1+1".into())));
        assert!(!untyped("=1+1").shows(&Cell::Number(2.0)));
        assert!(!untyped("=\"\"").shows(&Cell::Empty));
    }

    #[test]
    fn tick_boxes_and_texts_are_compared_as_such() {
        assert!(untyped("true").shows(&Cell::Bool(true)));
        assert!(!untyped("yes").shows(&Cell::Bool(true)));
        assert!(!Cell::Empty.shows(&Cell::Bool(false)));
        assert!(untyped("007").shows(&Cell::Text("007".into())));
        assert!(!untyped("7").shows(&Cell::Text("007".into())));
        assert!(untyped("  ").shows(&Cell::Empty));
    }

    #[test]
    fn unticked_boxes_and_space_do_not_occupy_a_row() {
        let row = |text: &str| vec![untyped(text)];
        let rows = ["", "key", "INIT-1", "FALSE", " ", "false"].map(row);
        let grid = Grid { rows: rows.into() };
        assert_eq!((grid.header_row(), grid.end()), (Some(1), 3));
        assert_eq!(Grid::default().header_row(), None);
    }

    #[test]
    fn a_text_of_ours_has_no_control_characters() {
        assert_eq!(
            Cell::of_text("a\u{0}b\r\nc\u{1b}"),
            Cell::Text("ab\nc".into())
        );
        assert_eq!(Cell::of_text("\u{7}"), Cell::Empty);
    }

    #[test]
    fn fingerprints_tell_texts_and_kinds_apart() {
        assert_ne!(
            untyped("1").fingerprint(),
            Cell::Text("1".into()).fingerprint()
        );
        // Stored, so it must stay what it is.
        assert_eq!(untyped("a").fingerprint(), 0x0821_2b07_b4dc_5eb3);
    }
}
