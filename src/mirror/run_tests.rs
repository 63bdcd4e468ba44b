//! Runs over sheets in memory, as people leave them and while people change them.

use super::*;
use crate::mirror::{
    csv::Document,
    layout::{FRAMEWORK, KEY, OWNED_COUNT, normalise, unguarded},
    verify::tests::{Always, terms, wanted},
};

/// A CSV sheet; people's turns come between a read and the next write.
#[derive(Default)]
struct Sheet {
    file: Vec<u8>,
    read: Vec<u8>,
    people: Vec<Vec<u8>>,
    fails: bool,
}

impl Sheet {
    fn of(text: &str) -> Self {
        Self {
            file: text.as_bytes().to_vec(),
            ..Self::default()
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.file.clone()).unwrap()
    }

    fn look(&mut self) -> Result<Grid, TargetError> {
        self.read.clone_from(&self.file);
        let document = Document::read(self.file.clone());
        document
            .map(|d| d.grid())
            .map_err(|e| TargetError::failed(e.to_string()))
    }
}

impl Target for Sheet {
    const IS_CONDITIONAL: bool = true;
    const LARGEST_WRITE: usize = usize::MAX;

    async fn read(&mut self) -> Result<Grid, TargetError> {
        self.look()
    }

    async fn write(&mut self, plan: &Plan, _layout: &Layout) -> Result<Grid, TargetError> {
        if self.fails {
            return Err(TargetError::failed("no space left"));
        }
        if let Some(theirs) = self.people.pop() {
            self.file = theirs;
        }
        if self.file == self.read {
            let document = Document::read(self.file.clone()).unwrap();
            self.file = document.with(plan);
        }
        self.look()
    }
}

async fn mirror(sheet: &mut Sheet, all: &[Wanted], before: &Verified) -> Report {
    try_mirror(sheet, all, before, Mode::Write, true)
        .await
        .unwrap()
}

async fn try_mirror(
    sheet: &mut Sheet,
    all: &[Wanted],
    before: &Verified,
    mode: Mode,
    leads: bool,
) -> Result<Report, RunError> {
    let mut known = Known {
        verified: before.clone(),
        ..Known::default()
    };
    run(sheet, all, &mut known, &terms(mode), &mut Always(leads)).await
}

#[tokio::test]
async fn a_sheet_is_begun_filled_and_then_left_alone() {
    let all = [wanted(1, "=One", Some(59_800.0)), wanted(2, "Two", None)];
    let mut sheet = Sheet::default();
    let first = mirror(&mut sheet, &all, &Verified::new()).await;
    assert_eq!((first.reads, first.writes, first.appended), (1, 1, 2));
    assert!(
        sheet
            .text()
            .starts_with("initiative_key,title,active_scoring_framework,")
    );
    assert!(
        sheet.text().contains("\nINIT-1,\"'=One\",,,59800,"),
        "{}",
        sheet.text()
    );
    let again = mirror(&mut sheet, &all, &first.verified).await;
    assert_eq!((again.reads, again.writes, again.verified.len()), (1, 0, 0));
}

#[tokio::test]
async fn a_hand_edit_is_drift_and_a_change_of_ours_is_not() {
    let mut sheet = Sheet::of("Key,Title,Notes of PMs,Value Score\nINIT-1,One,mine,\nINIT-2,,x,\n");
    let old = [wanted(1, "One", Some(1.0)), wanted(2, "Two", None)];
    let first = mirror(&mut sheet, &old, &Verified::new()).await;
    assert_eq!(first.drift, [], "what was there before us is no drift");
    sheet.file = sheet
        .text()
        .replace("INIT-1,One,mine,1", "INIT-1,=A1,ours,1")
        .into_bytes();
    let new = [wanted(1, "One", Some(2.0)), wanted(2, "Two", None)];
    let second = mirror(&mut sheet, &new, &first.verified).await;
    let expected = Drift {
        id: InitiativeId(1),
        field: "title",
        found: Cell::Formula("=A1".to_owned()),
        restored: Cell::Text("One".to_owned()),
    };
    assert_eq!(second.drift, [expected]);
    assert_eq!(
        sheet.text(),
        "Key,Title,Notes of PMs,Value Score\nINIT-1,One,ours,2\nINIT-2,Two,x,\n"
    );
    assert_eq!(
        second.verified.keys().collect::<Vec<_>>(),
        [&InitiativeId(1)]
    );
}

#[tokio::test]
async fn a_sheet_that_changed_since_it_was_read_is_read_again_and_not_overwritten() {
    let mut sheet = Sheet::of("Key,Title\nINIT-1,Old\n");
    sheet
        .people
        .push(b"PM,Title,Key\nnew,,\nnote,Old,INIT-1\n".to_vec());
    let report = mirror(&mut sheet, &[wanted(1, "One", None)], &Verified::new()).await;
    assert_eq!((report.reads, report.writes), (1, 2));
    assert_eq!(sheet.text(), "PM,Title,Key\nnew,,\nnote,One,INIT-1\n");
}

#[tokio::test]
async fn a_sheet_that_never_rests_is_left_to_the_next_run() {
    let mut sheet = Sheet::of("Key,Title\n");
    for turn in 0..9 {
        sheet
            .people
            .push(format!("Key,Title\n,{turn}\n").into_bytes());
    }
    let all = [wanted(1, "One", None)];
    let ran = try_mirror(&mut sheet, &all, &Verified::new(), Mode::Write, true).await;
    assert_eq!(ran.unwrap_err(), RunError::Unsettled);
}

#[tokio::test]
async fn observing_and_failing_write_nothing() {
    let text = "Key,Title\nINIT-1,Old\n";
    let all = [wanted(1, "One", None), wanted(2, "Two", None)];
    let none = Verified::new();
    let mut sheet = Sheet::of(text);
    let observed = try_mirror(&mut sheet, &all, &none, Mode::Observe, true)
        .await
        .unwrap();
    assert_eq!(
        (
            observed.difference.changes.len(),
            observed.difference.absent.len()
        ),
        (1, 1)
    );
    assert_eq!(observed.missing.len(), OWNED_COUNT - 1);
    assert!(observed.missing.contains(&FRAMEWORK));
    let lost = try_mirror(&mut sheet, &all, &none, Mode::Write, false).await;
    assert_eq!(lost.unwrap_err(), RunError::NotLeading);
    sheet.fails = true;
    let failed = try_mirror(&mut sheet, &all, &none, Mode::Write, true).await;
    assert!(matches!(failed, Err(RunError::Target(_))));
    assert_eq!(sheet.text(), text);
}

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.throw(from.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.throw(at + 1));
        }
    }
}

const TEXTS: [&str; 9] = [
    "",
    "One",
    "=1+1",
    "'=x",
    "a, \"b\"",
    "two\nlines",
    "-5",
    "+1 point",
    "Größe; ok",
];
/// As people's files have them: quoted or not, to the byte.
const RAW: [&str; 10] = [
    "",
    "mine",
    "\"quoted\"",
    "=Z5/Y5",
    "\"a,b\"",
    " x ",
    "5\" wheel",
    "FALSE",
    "\"x\"\"y\"\"\"",
    "\"l1\nl2\"",
];

/// A sheet with people's columns and rows in any order, and which of its columns are theirs.
fn generate(dice: &mut Dice, count: usize) -> (String, Vec<usize>) {
    let mut columns: Vec<&str> = OWNED.to_vec();
    dice.shuffle(&mut columns);
    columns.truncate(dice.throw(OWNED_COUNT + 1));
    columns.push(KEY);
    columns.extend(["PM Notes", "\"Helper: x\"", ""].iter().take(dice.throw(4)));
    dice.shuffle(&mut columns);
    let mut rows: Vec<String> = Vec::new();
    for _ in 0..dice.throw(2 * count + 3) {
        let key = match dice.throw(8) {
            0 => String::new(),
            1 => "(key)".to_owned(),
            2 => "OTHER-1".to_owned(),
            3 => format!(" INIT-{} ", dice.throw(count) + 1),
            _ => format!("INIT-{}", dice.throw(count) + 1),
        };
        let width = if dice.throw(6) == 0 {
            dice.throw(columns.len()) + 1
        } else {
            columns.len()
        };
        let cell = |name: &&str| {
            if *name == KEY {
                key.clone()
            } else {
                dice.pick(&RAW).to_owned()
            }
        };
        let cells: Vec<_> = columns[..width].iter().map(cell).collect();
        rows.push(if dice.throw(9) == 0 {
            String::new()
        } else {
            cells.join(",")
        });
    }
    let is_theirs =
        |(at, name): (usize, &&str)| (!OWNED.contains(name) && *name != KEY).then_some(at);
    let theirs = columns.iter().enumerate().filter_map(is_theirs).collect();
    let end = dice.pick(&["\n", "\r\n"]);
    let mut text = dice.pick(&["", "\u{feff}"]).to_owned() + &columns.join(",");
    for row in rows {
        text = text + end + &row;
    }
    (text + dice.pick(&["", end]), theirs)
}

/// Everything that isn't ours: people's columns, and up to the last row with content the keys and every cell of rows
/// that aren't ours.
fn foreign(
    sheet: &Sheet,
    theirs: &[usize],
    (end, rows): (usize, usize),
) -> Vec<(usize, usize, Vec<u8>)> {
    let document = Document::read(sheet.file.clone()).unwrap();
    let grid = document.grid();
    let header = grid.header_row().unwrap();
    let key = look(&grid, &[]).unwrap().layout.key;
    let mut cells = Vec::new();
    for row in 0..rows {
        let is_ours = row > header && grid.cell(row, key).text().trim().starts_with("INIT-");
        for (column, raw) in document.raw_row(row).into_iter().enumerate() {
            let is_kept = theirs.contains(&column) || (row < end && (!is_ours || column == key));
            if is_kept && !raw.is_empty() {
                cells.push((row, column, raw));
            }
        }
    }
    cells
}

/// Read by another reader than ours: every row of that key shows what is wanted, and there is one.
fn is_shown(file: &[u8], wanted: &Wanted) -> bool {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.flexible(true).from_reader(file);
    let headers: Vec<_> = reader.headers().unwrap().iter().map(normalise).collect();
    let key = headers.iter().position(|header| header == KEY).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let is_its = |row: &&csv::StringRecord| {
        row.get(key)
            .is_some_and(|k| k.trim() == wanted.key.as_str())
    };
    let mut its = rows.iter().filter(is_its).peekable();
    let columns = headers.iter().enumerate();
    let fields =
        columns.filter_map(|(at, header)| Some((at, OWNED.iter().position(|f| f == header)?)));
    let fields: Vec<_> = fields.collect();
    its.peek().is_some()
        && its.all(|row| {
            fields.iter().all(|(column, field)| {
                let text = unguarded(row.get(*column).unwrap_or_default());
                match &wanted.cells[*field] {
                    Cell::Number(number) => text
                        .parse()
                        .is_ok_and(|found: f64| (found - number).abs() < 1e-6),
                    Cell::Empty => text.trim().is_empty(),
                    cell => text == cell.text(),
                }
            })
        })
}

#[tokio::test]
async fn whatever_a_sheet_looks_like_it_converges_and_what_is_not_ours_stays() {
    for seed in 1..=400 {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let count = dice.throw(6) + 1;
        let (text, theirs) = generate(&mut dice, count);
        let all: Vec<_> = (1..)
            .take(count)
            .map(|number| {
                let value = (dice.throw(2) == 0)
                    .then(|| f64::from(u32::try_from(dice.throw(1_000_000)).unwrap()) / 7.0);
                let mut wanted = wanted(number, "", value);
                for field in (0..OWNED_COUNT).filter(|field| OWNED[*field] != "value_score") {
                    wanted.cells[field] = Cell::of_text(dice.pick(&TEXTS));
                }
                wanted
            })
            .collect();
        let mut sheet = Sheet::of(&text);
        let grid = Document::read(sheet.file.clone()).unwrap().grid();
        let rows = (grid.end(), grid.rows.len());
        let before = foreign(&sheet, &theirs, rows);
        let first = mirror(&mut sheet, &all, &Verified::new()).await;
        let context = format!("seed {seed}\n{text}\n---\n{}", sheet.text());
        assert!(first.writes <= 1, "{context}");
        assert_eq!(foreign(&sheet, &theirs, rows), before, "{context}");
        let grid = Document::read(sheet.file.clone()).unwrap().grid();
        let after = look(&grid, &all).unwrap();
        assert!(after.is_in_step(), "{:?} {context}", after.difference);
        assert!(
            all.iter().all(|wanted| is_shown(&sheet.file, wanted)),
            "{context}"
        );
        let file = sheet.file.clone();
        let second = mirror(&mut sheet, &all, &first.verified).await;
        assert_eq!(
            (second.writes, second.drift.len(), &sheet.file),
            (0, 0, &file),
            "{context}"
        );
    }
}
