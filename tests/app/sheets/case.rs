//! Any sheet, anything people do to it between a read and the write, any fault: cases from a seed, and what must be true
//! of each once it is in step. Each square says what people have in it, wherever it moves.

use super::{people::Deed, service::Fault, tab::Tab};
use productops::{
    domain::ids::InitiativeId,
    mirror::{
        diff::Wanted,
        grid::Cell,
        layout::{KEY, Layout, OWNED, OWNED_COUNT, column_letters},
    },
};
use std::collections::{HashMap, VecDeque};

/// Before how many writes something happens.
const MOMENTS: usize = 2;

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn of(seed: u64) -> Self {
        Self(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed + 1) | 1)
    }

    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.throw(sides) == 0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.throw(at + 1));
        }
    }
}

/// A sheet, what is wanted of it, and what will happen.
pub(crate) struct Case {
    pub(crate) tab: Tab,
    pub(crate) wanted: Vec<Wanted>,
    /// What people do before each of the first writes.
    pub(crate) people: VecDeque<Vec<Deed>>,
    /// What goes wrong with these.
    pub(crate) faults: VecDeque<Option<Fault>>,
    /// Below which row something stood.
    end: usize,
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

pub(crate) fn case(seed: u64) -> Case {
    let dice = &mut Dice::of(seed);
    let count = dice.throw(5) + 1;
    let wanted: Vec<_> = (1..)
        .take(count)
        .map(|number| wanted(dice, number))
        .collect();
    let cells = cells(dice, count);
    let (height, width) = (cells.len(), cells[0].len());
    let spare = dice.throw(4);
    let mut tab = Tab::new("Backlog", &cells, (height + spare, width + dice.throw(2)));
    let layout = Layout::resolve(0, &cells[0]).expect("a header");
    for (row, squares) in tab.rows.iter_mut().enumerate() {
        let key = squares[layout.key].value.text();
        let is_wanted = wanted.iter().any(|one| one.key.as_str() == key);
        for (column, square) in squares.iter_mut().enumerate() {
            let is_ours = layout.columns.iter().any(|(_, owned)| *owned == column);
            square.is_own = row > 0 && column != layout.key && !(is_wanted && is_ours);
            square.note = row.to_string();
        }
    }
    let mut case = Case {
        end: tab.grid().end(),
        tab,
        wanted,
        people: VecDeque::new(),
        faults: VecDeque::new(),
    };
    case.happen(dice);
    case
}

fn wanted(dice: &mut Dice, number: i64) -> Wanted {
    let mut cells = vec![Cell::Empty; OWNED_COUNT];
    for cell in &mut cells {
        *cell = match dice.throw(5) {
            0 => Cell::Number(f64::from(u32::try_from(dice.throw(1000)).unwrap()) / 7.0),
            1 => Cell::Bool(dice.one_in(2)),
            2 => text(["One", "=1+1", "two\nlines", "RICE"][dice.throw(4)]),
            3 => text(&format!("ours {}", dice.throw(9))),
            _ => Cell::Empty,
        };
    }
    Wanted {
        id: InitiativeId(number),
        key: format!("INIT-{number}").parse().unwrap(),
        cells,
    }
}

/// Columns of ours and of people in any order, rows with known, unknown, doubled and no keys.
fn cells(dice: &mut Dice, count: usize) -> Vec<Vec<Cell>> {
    let mut owned: Vec<&str> = OWNED.to_vec();
    dice.shuffle(&mut owned);
    let mut columns: Vec<_> = owned[..=dice.throw(5)].to_vec();
    columns.push(KEY);
    columns.extend(["PM Notes", "Helper", ""].iter().take(dice.throw(3) + 1));
    dice.shuffle(&mut columns);
    let mut rows = vec![columns.iter().map(|name| text(name)).collect::<Vec<_>>()];
    for cell in rows[0].iter_mut().filter(|cell| **cell == text("")) {
        *cell = Cell::Empty;
    }
    let key_column = columns.iter().position(|name| *name == KEY).unwrap();
    for row in 0..dice.throw(count + 4) {
        let key = match dice.throw(7) {
            0 => Cell::Empty,
            1 => text("(key)"),
            2 => text(&format!("OTHER-{row}")),
            _ => text(&format!("INIT-{}", dice.throw(count) + 1)),
        };
        let is_blank = dice.one_in(9);
        let cell = |(column, name): (usize, &&str)| {
            if is_blank {
                return Cell::Empty;
            }
            if *name == KEY {
                return key.clone();
            }
            if *name == "PM Notes" {
                return text(&format!("note {row}"));
            }
            match dice.throw(6) {
                0 => Cell::Empty,
                1 => Cell::Formula(format!(
                    "={}{}&\"x{column}\"",
                    column_letters(key_column),
                    row + 2
                )),
                2 => Cell::Bool(dice.one_in(2)),
                3 => text("same"),
                _ => text(&format!("theirs {row}.{column}")),
            }
        };
        rows.push(columns.iter().enumerate().map(cell).collect());
    }
    rows
}

impl Case {
    /// What people do before the first writes, and what goes wrong with them.
    fn happen(&mut self, dice: &mut Dice) {
        // Rows and columns as they will be, since each deed finds what the one before left.
        let mut size = (self.tab.rows.len(), self.tab.width, 0);
        for _ in 0..MOMENTS {
            let mut deeds = Vec::new();
            for _ in 0..dice.throw(3) {
                let deed = deed(dice, size);
                match deed {
                    Deed::InsertRow(at) => {
                        size.0 += 1;
                        size.2 += usize::from(at <= size.2);
                    }
                    Deed::DeleteRow(_) => size.0 -= 1,
                    Deed::InsertColumn(_) => size.1 += 1,
                    _ => {}
                }
                deeds.push(deed);
            }
            self.people.push_back(deeds);
            self.faults.push_back(match dice.throw(8) {
                0 => Some(Fault::BreakBefore),
                1 => Some(Fault::BreakAfter),
                2 => Some(Fault::CutAfter),
                3 => Some(Fault::Refuse(429, "Quota exceeded", None)),
                _ => None,
            });
        }
    }
}

fn deed(dice: &mut Dice, (height, width, header): (usize, usize, usize)) -> Deed {
    let below = height - header - 1;
    let row = |dice: &mut Dice| header + 1 + dice.throw(below.max(1));
    match dice.throw(9) {
        0 if dice.one_in(4) => Deed::InsertRow(0),
        0 | 1 => Deed::InsertRow(row(dice)),
        2 if below > 2 => Deed::DeleteRow(row(dice)),
        3 if below > 1 => Deed::MoveRow(row(dice), row(dice)),
        4 => Deed::InsertColumn(dice.throw(width + 1)),
        5 => Deed::MoveColumn(dice.throw(width), dice.throw(width)),
        6 => {
            let number = dice.throw(1000);
            Deed::TypeOwn(number, text(&format!("typed {number}")))
        }
        7 => Deed::Sort {
            header,
            column: dice.throw(width),
        },
        _ => Deed::Rename(format!("Backlog {}", dice.throw(9))),
    }
}

/// Every initiative stands there as it is wanted, everything else as people have it, and no row of ours twice.
pub(crate) fn must_be_right(tab: &Tab, case: &Case, context: &str) {
    let grid = tab.grid();
    let header = tab
        .rows
        .iter()
        .position(|row| row.iter().any(|square| square.value == text(KEY)))
        .expect(context);
    let layout = Layout::resolve(header, &grid.rows[header]).expect(context);
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    for (at, row) in tab.rows.iter().enumerate() {
        let key = row[layout.key].value.text().into_owned();
        let wanted = case
            .wanted
            .iter()
            .find(|one| at > header && one.key.as_str() == key);
        if wanted.is_some() {
            let first_row = row[layout.key].note.parse();
            let was_there = first_row.is_ok_and(|row: usize| row < case.end);
            let count = counts.entry(key).or_default();
            count.0 += 1;
            count.1 += usize::from(was_there);
        }
        for (column, square) in row.iter().enumerate() {
            let field = layout.columns.iter().find(|(_, owned)| *owned == column);
            match (wanted, field) {
                (Some(wanted), Some((field, _))) => assert!(
                    square.value.shows(&wanted.cells[*field]),
                    "{at}.{column} shows {:?}, not {:?}\n{context}",
                    square.value,
                    wanted.cells[*field]
                ),
                (Some(_), None) if column == layout.key => {}
                _ => assert_eq!(
                    square.value, square.theirs,
                    "{at}.{column} isn’t as people have it\n{context}"
                ),
            }
        }
    }
    for wanted in &case.wanted {
        let (rows, kept) = counts.get(wanted.key.as_str()).copied().unwrap_or_default();
        assert_eq!(
            rows,
            kept.max(1),
            "{} stands there so often\n{context}",
            wanted.key
        );
    }
}

/// A case as it is told when it fails.
pub(crate) fn described(case: &Case, seed: u64) -> String {
    let rows = case.tab.grid().rows.into_iter().map(|row| {
        let cells = row.iter().map(Cell::text).collect::<Vec<_>>();
        format!("{}\n", cells.join(" | "))
    });
    format!(
        "seed {seed}: {:?} {:?}\n{}",
        case.people,
        case.faults,
        rows.collect::<String>()
    )
}
