//! How many calls a run takes, each row of the table in docs/operations.md, and what every call looks like.

use super::{
    memory::Leads,
    people::Deed,
    service::{ACCOUNT, Fault, SPREADSHEET, Service},
    tab::Tab,
};
use chrono::DateTime;
use productops::{
    app::choose_cryptography,
    domain::ids::InitiativeId,
    mirror::{
        Mode,
        diff::Wanted,
        google::{Google, GoogleSettings, Protection},
        grid::Cell,
        layout::{OWNED, OWNED_COUNT},
        run::{Confirmed, Known, Report, RunError, Terms, run},
    },
};
use serde_json::{Value, json};
use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

/// How long an answer may take here.
const DEADLINE: Duration = Duration::from_millis(1500);

/// The way to the service's tab, whose number is known from before.
pub(crate) async fn google(service: &Service) -> Google {
    google_in(service, DEADLINE).await
}

/// The same, with more time for an answer.
pub(crate) async fn google_in(service: &Service, deadline: Duration) -> Google {
    google_with(service, (SPREADSHEET, Some(7)), deadline).await
}

async fn google_with(service: &Service, tab: (&str, Option<i32>), deadline: Duration) -> Google {
    google_protecting(service, tab, deadline, Protection::default()).await
}

/// The same with another protection than the usual.
pub(crate) async fn google_protecting(
    service: &Service,
    (spreadsheet, sheet_id): (&str, Option<i32>),
    deadline: Duration,
    protection: Protection,
) -> Google {
    choose_cryptography();
    let settings = GoogleSettings {
        spreadsheet_id: spreadsheet.to_owned(),
        tab: Some("Backlog".to_owned()),
        key: service.key(),
        base_url: Some(service.base.clone()),
        deadline,
        protection,
    };
    Google::new(settings, sheet_id).await.expect("a way in")
}

/// Nothing decided, no breakers.
pub(crate) fn terms(mode: Mode) -> Terms {
    Terms {
        mode,
        handed_back: HashSet::new(),
        left_out: HashSet::new(),
        breakers: None,
        now: DateTime::UNIX_EPOCH,
    }
}

pub(crate) fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// `INIT-{number}` with that title and value.
pub(crate) fn wanted(number: i64, title: &str, value: f64) -> Wanted {
    let mut cells = vec![Cell::Empty; OWNED_COUNT];
    let at = |name: &str| OWNED.iter().position(|field| *field == name).unwrap();
    cells[at("title")] = Cell::of_text(title);
    cells[at("value_score")] = Cell::of_figure(value);
    cells[at("score_status")] = text("approved");
    Wanted {
        id: InitiativeId(number),
        key: format!("INIT-{number}").parse().unwrap(),
        cells,
    }
}

pub(crate) fn three() -> Vec<Wanted> {
    vec![
        wanted(1, "One", 1.0),
        wanted(2, "Two", 2.0),
        wanted(3, "Three", 3.0),
    ]
}

/// A tab of ours with people's columns between, and a row of theirs beneath.
pub(crate) fn tab() -> Tab {
    let row = |cells: [&str; 5]| {
        cells
            .map(|cell| {
                if cell.is_empty() {
                    Cell::Empty
                } else {
                    text(cell)
                }
            })
            .to_vec()
    };
    let mut cells = vec![row([
        "PM Notes",
        "Title",
        "Initiative Key",
        "Value Score",
        "Score Status",
    ])];
    cells.push(row(["first", "One", "INIT-1", "", "approved"]));
    cells.push(row(["second", "Two", "INIT-2", "", "approved"]));
    cells.push(row(["", "Three", "INIT-3", "", "approved"]));
    cells.push(row(["a note without a key", "theirs", "", "", ""]));
    for (number, row) in [1.0, 2.0, 3.0].into_iter().zip(&mut cells[1..4]) {
        row[3] = Cell::Number(number);
    }
    Tab::new("Backlog", &cells, (8, 5))
}

/// A service whose tab is in step, with its protections, and the mirror that made it so.
struct Scene {
    service: Service,
    google: Google,
    known: Known,
}

impl Scene {
    async fn in_step() -> Self {
        let service = Service::with(tab()).await;
        let google = google(&service).await;
        let mut scene = Self {
            service,
            google,
            known: Known::default(),
        };
        scene.run(&three()).await.unwrap();
        scene.service.calls();
        scene
    }

    async fn run(&mut self, wanted: &[Wanted]) -> Result<Report, RunError> {
        let terms = terms(Mode::Write);
        let report = run(
            &mut self.google,
            wanted,
            &mut self.known,
            &terms,
            &mut Leads,
        )
        .await?;
        self.known.verified.extend(report.verified.clone());
        Ok(report)
    }

    /// What people do before the next write is applied.
    fn people(&self, deeds: &[Deed]) {
        self.service.state().people = VecDeque::from([deeds.to_vec()]);
    }

    fn write_fault(&self, fault: Fault) {
        self.service.state().write_faults.push_back(fault);
    }

    /// The row of that key, people's notes first.
    fn row(&self, key: &str) -> Vec<Cell> {
        let state = self.service.state();
        let rows = state.tab.rows.iter();
        let mut its = rows.filter(|row| row.iter().any(|square| square.value == text(key)));
        let row = its
            .next()
            .unwrap()
            .iter()
            .map(|square| square.value.clone());
        let row = row.collect();
        assert!(its.next().is_none(), "{key} stands twice");
        row
    }
}

/// Two change, one is new.
fn changed() -> Vec<Wanted> {
    let mut all = three();
    all[0] = wanted(1, "One", 1.5);
    all[2] = wanted(3, "Three and a half", 3.5);
    all.push(wanted(4, "=IMPORTXML(\"x\")", 4.0));
    all
}

#[tokio::test]
async fn nothing_changed_is_one_read() {
    let mut scene = Scene::in_step().await;
    scene.run(&three()).await.unwrap();
    assert_eq!(scene.service.calls(), (1, 0));
}

#[tokio::test]
async fn any_number_of_rows_changed_added_and_repaired_is_one_read_and_one_write() {
    let mut scene = Scene::in_step().await;
    Deed::Type(2, 1, text("by hand")).happens_to(&mut scene.service.state().tab);
    let report = scene.run(&changed()).await.unwrap();
    assert_eq!(scene.service.calls(), (1, 1));
    assert_eq!((report.appended, report.drift.len()), (1, 1));
    assert_eq!(scene.row("INIT-2")[1], text("Two"));
    assert_eq!(
        scene.row("INIT-4")[1..],
        [
            text("=IMPORTXML(\"x\")"),
            text("INIT-4"),
            Cell::Number(4.0),
            text("approved")
        ],
        "what looks like a formula is a text"
    );
    assert_eq!(
        scene.service.state().tab.rows[5][2].value,
        text("INIT-4"),
        "after people’s last row"
    );
}

#[tokio::test]
async fn what_people_move_between_read_and_write_takes_one_more_write_and_loses_nothing() {
    let theirs = |tab: &Tab| {
        let notes = ["first", "second", "a note without a key", "theirs"].map(text);
        let squares = tab.rows.iter().flatten();
        squares
            .filter(|square| notes.contains(&square.value))
            .count()
    };
    let below = |column| Deed::Sort { header: 0, column };
    for deeds in [
        vec![Deed::InsertRow(1)],
        vec![Deed::InsertRow(0)],
        vec![Deed::DeleteRow(2)],
        vec![Deed::MoveRow(1, 3)],
        vec![below(0)],
        vec![below(1)],
        vec![Deed::MoveColumn(0, 3)],
        vec![Deed::InsertColumn(2)],
        vec![Deed::InsertRow(2), Deed::MoveColumn(4, 0)],
    ] {
        let mut scene = Scene::in_step().await;
        scene.people(&deeds);
        let report = scene.run(&changed()).await.unwrap();
        assert_eq!(scene.service.calls(), (1, 2), "{deeds:?}");
        assert_eq!(report.drift, [], "{deeds:?}");
        let expected = if deeds == [Deed::DeleteRow(2)] { 3 } else { 4 };
        assert_eq!(theirs(&scene.service.state().tab), expected, "{deeds:?}");
        for (key, value) in [
            ("INIT-1", 1.5),
            ("INIT-2", 2.0),
            ("INIT-3", 3.5),
            ("INIT-4", 4.0),
        ] {
            let row = scene.row(key);
            assert!(row.contains(&Cell::Number(value)), "{deeds:?} {row:?}");
        }
        scene.run(&changed()).await.unwrap();
        assert_eq!(scene.service.calls(), (1, 0), "{deeds:?}");
    }
}

#[tokio::test]
async fn a_tab_renamed_between_read_and_write_is_read_once_more() {
    let mut scene = Scene::in_step().await;
    scene.people(&[Deed::Rename("Backlog ’27".to_owned())]);
    scene.run(&changed()).await.unwrap();
    assert_eq!(scene.service.calls(), (2, 1));
    assert_eq!(scene.google.title(), Some("Backlog ’27"));
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_looked_for_and_never_sent_again() {
    for fault in [
        Fault::BreakAfter,
        Fault::CutAfter,
        Fault::FailAfter(500),
        Fault::FailAfter(503),
        Fault::HangAfter,
    ] {
        let mut scene = Scene::in_step().await;
        scene.write_fault(fault.clone());
        let report = scene.run(&changed()).await.unwrap();
        assert_eq!(scene.service.calls(), (2, 1), "{fault:?}");
        assert_eq!(report.drift, [], "{fault:?}");
        scene.row("INIT-4");
    }
}

#[tokio::test]
async fn a_write_that_was_not_done_is_done_after_another_look() {
    for fault in [
        Fault::BreakBefore,
        Fault::HangBefore,
        Fault::Refuse(503, "Unavailable", None),
    ] {
        let mut scene = Scene::in_step().await;
        scene.write_fault(fault.clone());
        scene.run(&changed()).await.unwrap();
        assert_eq!(scene.service.calls(), (2, 2), "{fault:?}");
        scene.row("INIT-4");
    }
}

#[tokio::test]
async fn a_refused_write_waits_as_long_as_google_says_and_begins_anew() {
    let mut scene = Scene::in_step().await;
    scene.write_fault(Fault::Refuse(
        429,
        "Quota exceeded for quota metric 'Write requests'",
        Some(17),
    ));
    let refused = scene.run(&changed()).await.unwrap_err();
    assert_eq!(refused.wait(), Some(Duration::from_secs(17)));
    assert!(
        refused.to_string().contains("429 Quota exceeded"),
        "{refused}"
    );
    scene.run(&changed()).await.unwrap();
    assert_eq!(scene.service.calls(), (2, 2));
}

#[tokio::test]
async fn an_answer_lost_while_people_moved_rows_is_put_right_even_if_the_next_look_fails() {
    let mut scene = Scene::in_step().await;
    scene.people(&[Deed::InsertRow(1)]);
    scene.write_fault(Fault::CutAfter);
    scene.service.state().read_faults = VecDeque::from([Fault::Fine, Fault::BreakBefore]);
    scene.run(&changed()).await.unwrap_err();
    scene.run(&changed()).await.unwrap();
    let state = scene.service.state();
    let notes: Vec<_> = state
        .tab
        .rows
        .iter()
        .map(|row| row[0].value.clone())
        .collect();
    assert_eq!(notes[2..4], [text("first"), text("second")]);
    assert_eq!(notes[5], text("a note without a key"));
    assert_eq!(state.tab.rows[5][1].value, text("theirs"));
    assert_eq!(state.tab.rows[5][2].value, Cell::Empty);
}

#[tokio::test]
async fn an_answer_lost_while_rows_move_before_and_after_the_write_loses_nothing_of_peoples() {
    for after in [
        Deed::InsertRow(1),
        Deed::InsertRow(0),
        Deed::DeleteRow(1),
        Deed::MoveRow(5, 2),
        Deed::Sort {
            header: 0,
            column: 0,
        },
    ] {
        let mut scene = Scene::in_step().await;
        scene.people(&[Deed::InsertRow(1)]);
        scene.service.state().people_after = VecDeque::from([vec![after.clone()]]);
        scene.write_fault(Fault::CutAfter);
        scene.run(&changed()).await.unwrap();
        assert!(scene.service.calls().0 <= 2, "{after:?}");
        for (key, value) in [
            ("INIT-1", 1.5),
            ("INIT-2", 2.0),
            ("INIT-3", 3.5),
            ("INIT-4", 4.0),
        ] {
            let row = scene.row(key);
            assert!(row.contains(&Cell::Number(value)), "{after:?} {row:?}");
        }
        let state = scene.service.state();
        let has = |note: &str| {
            let note = text(note);
            state.tab.rows.iter().position(|row| row[0].value == note)
        };
        assert!(
            has("first").is_some() && has("second").is_some(),
            "{after:?}"
        );
        let theirs = &state.tab.rows[has("a note without a key").unwrap()];
        assert_eq!(theirs[1].value, text("theirs"), "{after:?}");
        assert_eq!(theirs[2].value, Cell::Empty, "{after:?}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_renewed_once_at_once() {
    let mut scene = Scene::in_step().await;
    scene.service.revoke();
    scene.run(&changed()).await.unwrap();
    let asked = scene.service.state().asked.clone();
    assert_eq!(asked, ["read", "token", "read", "write"]);
}

#[tokio::test]
async fn the_tab_is_found_by_its_title_once_and_then_by_its_number() {
    let service = Service::with(tab()).await;
    service.state().tab.id = 0;
    let mut google = google_with(&service, (SPREADSHEET, None), DEADLINE).await;
    let mut known = Known::default();
    let terms = terms(Mode::Write);
    run(&mut google, &three(), &mut known, &terms, &mut Leads)
        .await
        .unwrap();
    assert_eq!(service.state().asked, ["token", "get", "read", "write"]);
    assert_eq!(google.sheet_id(), Some(0));
    Deed::Rename("Renamed".to_owned()).happens_to(&mut service.state().tab);
    service.calls();
    run(&mut google, &changed(), &mut known, &terms, &mut Leads)
        .await
        .unwrap();
    assert_eq!(service.state().asked, ["read", "write"]);
}

#[tokio::test]
async fn what_cannot_work_names_its_remedy_and_writes_nothing() {
    let service = Service::with(tab()).await;
    let (mut known, terms) = (Known::default(), terms(Mode::Write));
    let mut wrong_id = google_with(&service, ("another", Some(7)), DEADLINE).await;
    let error = run(&mut wrong_id, &changed(), &mut known, &terms, &mut Leads)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("MIRROR_SPREADSHEET_ID"),
        "{error}"
    );
    let mut wrong_tab = google_with(&service, (SPREADSHEET, Some(8)), DEADLINE).await;
    let error = run(&mut wrong_tab, &changed(), &mut known, &terms, &mut Leads)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("gone from the spreadsheet"),
        "{error}"
    );
    let mut google = google(&service).await;
    let denied = Fault::Refuse(403, "The caller does not have permission", None);
    service.state().read_faults.push_back(denied);
    let error = run(&mut google, &changed(), &mut known, &terms, &mut Leads)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("Share the spreadsheet with {ACCOUNT}")),
        "{error}"
    );
    let range = json!({ "sheetId": 7, "startColumnIndex": 3, "endColumnIndex": 4 });
    let closed = json!({ "range": range, "editors": { "users": ["owner@example.com"] } });
    service.state().tab.protected.push(closed);
    let stands = || {
        let state = service.state();
        (state.tab.grid(), state.tab.protected.clone())
    };
    let before = stands();
    let error = run(&mut google, &changed(), &mut known, &terms, &mut Leads)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Data › Protect"), "{error}");
    assert_eq!(stands(), before);
}

#[tokio::test]
async fn protections_and_formats_are_set_once_and_put_right_when_somebody_removes_or_moves_them() {
    let mut scene = Scene::in_step().await;
    let (protected, formats) = {
        let state = scene.service.state();
        let formats: Vec<_> = state.tab.rows[1].iter().map(|s| s.format.clone()).collect();
        (state.tab.protected.clone(), formats)
    };
    // Three columns, each with its header, and the key's header.
    assert_eq!(protected.len(), 7);
    let hard = |range: &&Value| range["warningOnly"] != json!(true);
    assert!(
        protected
            .iter()
            .filter(hard)
            .all(|range| range["range"]["endRowIndex"] == 1)
    );
    assert_eq!(formats[0], "", "people’s column keeps its format");
    assert!(
        formats[1].contains("TEXT") && formats[3].contains("#,##0.00"),
        "{formats:?}"
    );
    {
        let mut state = scene.service.state();
        state.tab.protected.remove(0);
        state.tab.protected[3]["range"]["endColumnIndex"] = 99.into();
        let theirs = json!({ "protectedRangeId": 1, "description": "ours", "range": { "sheetId": 7 }, "warningOnly": true });
        state.tab.protected.push(theirs);
        state.bodies.clear();
    }
    scene.run(&three()).await.unwrap();
    assert_eq!(scene.service.calls(), (1, 1));
    let kinds: Vec<_> = {
        let state = scene.service.state();
        let requests = state.bodies[0]["requests"].as_array().unwrap().clone();
        requests
            .iter()
            .flat_map(|r| r.as_object().unwrap().keys().cloned())
            .collect()
    };
    assert_eq!(kinds, ["addProtectedRange", "updateProtectedRange"]);
    assert_eq!(
        scene.service.state().tab.protected.len(),
        8,
        "others’ are left"
    );
    scene.run(&three()).await.unwrap();
    assert_eq!(scene.service.calls(), (1, 0));
}

#[tokio::test]
async fn a_column_handed_back_is_not_written_and_not_protected_any_more() {
    let mut scene = Scene::in_step().await;
    let handed_back = HashSet::from(["title"]);
    Deed::Type(1, 1, text("Their own title")).happens_to(&mut scene.service.state().tab);
    let terms = Terms {
        handed_back,
        ..terms(Mode::Write)
    };
    let ran = run(
        &mut scene.google,
        &three(),
        &mut scene.known,
        &terms,
        &mut Leads,
    )
    .await;
    assert_eq!(ran.unwrap().drift, []);
    let state = scene.service.state();
    assert_eq!(state.tab.rows[1][1].value, text("Their own title"));
    let is_titles = |range: &Value| range["description"].as_str().unwrap().contains(":title");
    assert!(!state.tab.protected.iter().any(is_titles));
}

#[tokio::test]
async fn a_row_deleted_by_hand_comes_back_unless_it_shall_stay_deleted() {
    let mut scene = Scene::in_step().await;
    Deed::DeleteRow(2).happens_to(&mut scene.service.state().tab);
    let left_out = Terms {
        left_out: HashSet::from([InitiativeId(2)]),
        ..terms(Mode::Write)
    };
    run(
        &mut scene.google,
        &three(),
        &mut scene.known,
        &left_out,
        &mut Leads,
    )
    .await
    .unwrap();
    assert_eq!(scene.service.calls(), (1, 0));
    scene.run(&three()).await.unwrap();
    assert_eq!(scene.row("INIT-2")[1], text("Two"));
}

#[tokio::test]
async fn a_cell_that_something_changes_back_each_time_is_left_alone_the_fourth_time() {
    let mut scene = Scene::in_step().await;
    for time in 1..=5 {
        Deed::Type(1, 1, Cell::Formula("=A1".to_owned()))
            .happens_to(&mut scene.service.state().tab);
        let report = scene.run(&three()).await.unwrap();
        let is_left = time > 3;
        assert_eq!(report.quarantined.len(), usize::from(is_left), "{time}");
        assert_eq!(scene.service.calls(), (1, usize::from(!is_left)), "{time}");
    }
}

#[tokio::test]
async fn what_looks_like_a_mistake_waits_for_an_admin() {
    let held = async |scene: &mut Scene, wanted: &[Wanted], confirmed: &Confirmed| {
        let terms = Terms {
            breakers: Some(confirmed.clone()),
            ..terms(Mode::Write)
        };
        let ran = run(
            &mut scene.google,
            wanted,
            &mut scene.known,
            &terms,
            &mut Leads,
        )
        .await;
        ran.unwrap().held
    };
    let mut scene = Scene::in_step().await;
    let others: Vec<_> = (1..=3)
        .map(|number| wanted(number, "Another", 9.0))
        .collect();
    let mut confirmed = Confirmed::default();
    let first = held(&mut scene, &others, &confirmed).await.unwrap();
    assert!(
        first.sentence().contains("6 of 9 cells"),
        "{}",
        first.sentence()
    );
    assert_eq!(scene.service.calls(), (1, 0));
    confirmed.tokens.insert(first.token());
    assert_eq!(held(&mut scene, &others, &confirmed).await, None);

    let many: Vec<_> = (1..=20).map(|number| wanted(number, "Many", 1.0)).collect();
    scene.run(&many).await.unwrap();
    confirmed.has_written = true;
    // Six rows with keys, and people’s own between them.
    for _ in 0..7 {
        Deed::DeleteRow(1).happens_to(&mut scene.service.state().tab);
    }
    scene.service.calls();
    let gone = held(&mut scene, &many, &confirmed).await.unwrap();
    assert!(
        gone.sentence().contains("of 20 rows"),
        "{}",
        gone.sentence()
    );
    assert_eq!(scene.service.calls(), (1, 0));
    Deed::DeleteRow(1).happens_to(&mut scene.service.state().tab);
    confirmed.tokens.insert(gone.token());
    assert!(
        held(&mut scene, &many, &confirmed).await.is_some(),
        "another row is another question"
    );
}
