//! A real backlog as the sheet, and a day of work in app and sheet at the same time: people's columns, their order,
//! formulas and notes are as people left them, to the bit.

use super::{
    calls::text,
    people::Deed,
    service::Service,
    tab::Tab,
    worker::{shown, variables},
};
use crate::{mirror::eventually, support::TestApp};
use productops::{
    actions::{Actor, Through},
    clock::Clock,
    domain::rights::Role,
    imports::{self, Kind, Options},
    mirror::{grid::Cell, references::moved},
    store::users,
};
use std::collections::HashMap;

const FILE: &[u8] = include_bytes!("../../fixtures/grocer/central_backlog.csv");
/// The columns that the app has no field for.
const THEIRS: [&str; 2] = ["PM Notes", "Helper: days per coef"];

/// The file as Sheets has it once it was opened there, each cell with a note of its own.
fn tab() -> Tab {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).flexible(true).from_reader(FILE);
    let typed = |cell: &str| match (cell, cell.parse::<f64>()) {
        ("", _) => Cell::Empty,
        ("TRUE" | "FALSE", _) => Cell::Bool(cell == "TRUE"),
        (_, Ok(number)) => Cell::Number(number),
        _ if cell.starts_with('=') => Cell::Formula(cell.to_owned()),
        _ => text(cell),
    };
    let rows = reader.records().map(Result::unwrap);
    let cells: Vec<Vec<Cell>> = rows.map(|row| row.iter().map(typed).collect()).collect();
    let width = cells.iter().map(Vec::len).max().unwrap();
    let mut tab = Tab::new("Backlog", &cells, (cells.len() + 5, width));
    for (row, squares) in tab.rows.iter_mut().enumerate() {
        for (column, square) in squares.iter_mut().enumerate() {
            square.note = format!("{row}.{column}");
            square.format = format!("colour {}", (row + column) % 7);
        }
    }
    tab
}

/// Everything that isn't the app's, by the notes of its squares: people's columns, the keys, and every row without a key of the
/// app's.
fn theirs(tab: &Tab) -> HashMap<String, (Cell, String)> {
    let header = tab
        .rows
        .iter()
        .position(|row| row.iter().any(|s| s.value == text("Initiative Key")))
        .unwrap();
    let at = |name: &str| {
        tab.rows[header]
            .iter()
            .position(|s| s.value == text(name))
            .unwrap()
    };
    let (key, mine) = (at("Initiative Key"), THEIRS.map(at));
    let mut all = HashMap::new();
    for (at, row) in tab.rows.iter().enumerate() {
        let is_ours = at > header && row[key].value.text().starts_with("INIT-");
        for (column, square) in row.iter().enumerate() {
            if !is_ours || column == key || mine.contains(&column) {
                let format = if mine.contains(&column) {
                    square.format.clone()
                } else {
                    String::new()
                };
                all.insert(square.note.clone(), (square.value.clone(), format));
            }
        }
    }
    all
}

#[tokio::test]
async fn after_a_day_of_edits_what_is_peoples_is_as_they_left_it_to_the_bit() {
    let service = Service::with(tab()).await;
    let mut variables = variables(&service);
    variables.push(("MIRROR_MODE", "off".to_owned()));
    let named: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let app = TestApp::start_with(&named).await;
    let db = &app.database.db;
    let user = db.read(async move |mut conn| users::get_system(&mut conn).await);
    let actor = Actor::new(&user.await.unwrap(), Through::Import);
    let file = (Kind::Backlog, FILE);
    let report = imports::run(db, actor, Clock::system().now(), file, Options::default()).await;
    assert_eq!(report.unwrap().new, 36);
    let begun = "select count(*) from mirror_target";
    eventually("the mirror has begun", async || app.count(begun).await == 1).await;
    app.run("update mirror_target set mode = 'write', has_written = true, revision = revision + 1")
        .await;

    let mut truth = theirs(&service.state().tab);
    let pm = app.sign_in(Role::Pm).await;
    for hour in 0..8_usize {
        let title = format!("Title of hour {hour}");
        let key = format!("INIT-{}", 101 + hour);
        let form = pm
            .get(&format!("/initiatives/{key}/fields/title/edit"))
            .await;
        form.submit(&pm, "form.edit", &[("value", &title)]).await;
        let deeds = match hour {
            0 => vec![Deed::InsertRow(6)],
            1 => vec![Deed::MoveColumn(27, 2)],
            2 => vec![Deed::Sort {
                header: 3,
                column: 0,
            }],
            3 => vec![Deed::InsertColumn(1), Deed::MoveRow(9, 20)],
            4 => vec![Deed::Rename("Roadmap".to_owned())],
            _ => Vec::new(),
        };
        {
            let mut state = service.state();
            state.people.clear();
            // Half of it while the mirror writes, half of it before.
            if hour % 2 == 0 {
                state.people.push_back(deeds);
            } else {
                for deed in &deeds {
                    deed.happens_to(&mut state.tab);
                }
            }
            if hour > 4 {
                let row = 5 + hour;
                let mut squares = state.tab.rows[row].iter_mut();
                let square = squares.find(|square| square.note.ends_with(".27")).unwrap();
                square.value = text(&format!("noted in hour {hour}"));
                truth.insert(
                    square.note.clone(),
                    (square.value.clone(), square.format.clone()),
                );
            }
        }
        eventually(&title, async || {
            shown(&service, &key, "Title").as_ref() == Some(&title)
        })
        .await;
    }
    eventually("no mark is left", async || {
        app.count("select count(*) from mirror_dirty").await == 0
    })
    .await;
    let tab = service.state().tab.clone();
    let after = theirs(&tab);
    for (note, (left, format)) in &truth {
        let left = followed(&tab, left.clone());
        assert_eq!(after.get(note), Some(&(left, format.clone())), "{note}");
    }
    let keys = |tab: &Tab| {
        let cells = tab
            .rows
            .iter()
            .flatten()
            .map(|square| square.value.text().into_owned());
        cells
            .filter(|text| text.starts_with("INIT-1") && text.len() == 8)
            .count()
    };
    assert!(keys(&tab) >= 36);
}

/// A formula whose references have followed the squares that they name, by their notes.
fn followed(tab: &Tab, truth: Cell) -> Cell {
    let Cell::Formula(formula) = truth else {
        return truth;
    };
    let place = |is_it: &dyn Fn(&str) -> bool| {
        let rows = tab.rows.iter().enumerate();
        let mut squares = rows
            .flat_map(|(row, squares)| squares.iter().enumerate().map(move |(c, s)| (row, c, s)));
        squares.find(|(_, _, square)| is_it(&square.note))
    };
    let row = |row: usize| place(&|note| note.starts_with(&format!("{row}."))).map(|(row, ..)| row);
    let column =
        |at: usize| place(&|note| note.ends_with(&format!(".{at}"))).map(|(_, column, _)| column);
    Cell::Formula(moved(&formula, row, column))
}
