//! Imports straight from a tab of a Google spreadsheet, against a service of our own making: the same preview and
//! result as with a file, with where each cell came from.

use crate::{
    import_pages::imported,
    sheets::{
        service::{ACCOUNT, Fault, SPREADSHEET, Service},
        tab::Tab,
        worker::variables,
    },
    support::{Page, Person, TestApp},
};
use productops::{domain::rights::Role, mirror::grid::Cell};
use reqwest::StatusCode;
use serde_json::Value;
use std::process::Command;

fn tab() -> Tab {
    let text = |text: &str| match text {
        "" => Cell::Empty,
        formula if formula.starts_with('=') => Cell::Formula(formula.to_owned()),
        text => Cell::Text(text.to_owned()),
    };
    let rows: [[&str; 4]; 5] = [
        ["Initiative Key", "Title", "Eng days", "Value Score"],
        ["", "", "", ""],
        ["INIT-1", "Seats, \"big\"", "=1+1", "3,840"],
        ["INIT-2", "Menus", "=1/0", ""],
        ["", "", "", ""],
    ];
    let rows: Vec<Vec<Cell>> = rows.iter().map(|row| row.map(text).to_vec()).collect();
    Tab::new("Backlog", &rows, (20, 6))
}

async fn start(service: &Service) -> TestApp {
    let mut variables = variables(service);
    variables.push(("MIRROR_MODE", "off".to_owned()));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    TestApp::start_with(&variables).await
}

async fn reads(admin: &Person, with: &[(&str, &str)]) -> Page {
    let page = admin.get("/imports").await;
    page.submit(admin, "#google-tab", with).await
}

#[tokio::test]
async fn a_tab_is_read_previewed_imported_and_read_again_changes_nothing() {
    let service = Service::with(tab()).await;
    let app = start(&service).await;
    let admin = app.sign_in(Role::Admin).await;
    let form = admin.get("/imports").await;
    assert_eq!(form.attribute("#google-spreadsheet", "value"), SPREADSHEET);
    assert_eq!(form.attribute("#google-tab-name", "value"), "Backlog");
    assert!(form.text("#google-tab").contains(ACCOUNT));
    let page = reads(&admin, &[]).await;
    assert_eq!(page.text("h1"), "Roadmap 2027 / EU");
    assert!(
        page.text(".title")
            .contains("Central Backlog, tab “Backlog”")
    );
    assert_eq!(
        page.attribute(".title a", "href"),
        format!("https://docs.google.com/spreadsheets/d/{SPREADSHEET}/edit#gid=7")
    );
    let counts = "2 new, 0 changed, 0 unchanged, 0 refused, 1 skipped";
    assert_eq!(page.text("#counts"), counts);
    let refused = page.text("#rows");
    assert!(refused.contains("#DIV/0!"), "{refused}");
    assert!(
        page.texts("#rows tbody tr")[1].starts_with('3'),
        "rows are counted as in the sheet"
    );
    assert_eq!(app.count("select count(*) from initiatives").await, 0);
    imported(&page, &admin, &[]).await;
    let taken = "select count(*) from initiatives where title = 'Seats, \"big\"' and effort_engineering_days = 2";
    assert_eq!(
        app.count(taken).await,
        1,
        "a formula comes in as its result"
    );
    let kept = "select count(*) from imports where spreadsheet_id = '1SpreadsheetOfTheTests' and sheet_id = 7
                and sheet_title = 'Backlog' and convert_from(bytes, 'UTF8') like '%Seats%' and batch_id is not null";
    assert_eq!(app.count(kept).await, 1);

    let changes = app.count("select count(*) from change_log").await;
    let again = reads(&admin, &[]).await;
    assert_eq!(
        again.text("#counts"),
        "0 new, 0 changed, 2 unchanged, 0 refused, 1 skipped"
    );
    imported(&again, &admin, &[]).await;
    assert_eq!(app.count("select count(*) from change_log").await, changes);
    assert!(
        service.state().bodies.is_empty(),
        "nothing was ever written"
    );
    let (reads, writes) = service.calls();
    assert_eq!(
        (reads, writes),
        (2, 0),
        "a read each time, and none for the import itself"
    );
}

#[tokio::test]
async fn what_google_says_no_to_is_said_with_what_to_do_and_what_was_typed_stays() {
    let service = Service::with(tab()).await;
    let app = start(&service).await;
    let admin = app.sign_in(Role::Admin).await;
    for (with, fault, said) in [
        (
            [("spreadsheet", "1Another"), ("tab", "")],
            None,
            "Check the spreadsheet’s address",
        ),
        (
            [("spreadsheet", SPREADSHEET), ("tab", "Params")],
            None,
            "The spreadsheet has no tab “Params”. Its tabs are “Backlog”.",
        ),
        (
            [("spreadsheet", "my backlog"), ("tab", "Backlog")],
            None,
            "This is no address of a Google spreadsheet",
        ),
        (
            [("spreadsheet", SPREADSHEET), ("tab", "Backlog")],
            Some(Fault::Refuse(
                403,
                "The caller does not have permission",
                None,
            )),
            "as Viewer, then try again",
        ),
        (
            [("spreadsheet", SPREADSHEET), ("tab", "Backlog")],
            Some(Fault::Refuse(429, "Quota exceeded", Some(7))),
            "Try again in 7 seconds",
        ),
        (
            [("spreadsheet", SPREADSHEET), ("tab", "Backlog")],
            Some(Fault::CutAfter),
            "Try again in a moment",
        ),
    ] {
        service.state().read_faults.extend(fault);
        let page = reads(&admin, &with).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let error = page.text("#google-error");
        assert!(error.contains(said), "{error}");
        assert!(error.ends_with("Nothing was changed."), "{error}");
        for (field, typed) in with {
            let shown = page.attribute(&format!("#google-tab [name={field}]"), "value");
            assert_eq!(shown, typed);
        }
    }
    assert_eq!(app.count("select count(*) from imports").await, 0);
}

#[tokio::test]
async fn only_an_admin_reads_a_tab_and_without_an_account_the_page_says_what_is_missing() {
    let service = Service::with(tab()).await;
    let app = start(&service).await;
    let form = [("spreadsheet".to_owned(), SPREADSHEET.to_owned())];
    let pm = app.sign_in(Role::Pm).await;
    let refused = pm.post("/imports/google", &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let stranger = app.nobody().post("/imports/google", &form).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert!(service.state().asked.is_empty(), "Google wasn't asked");

    let without = TestApp::start().await;
    let admin = without.sign_in(Role::Admin).await;
    let page = admin.get("/imports").await;
    assert_eq!(page.count("#google-tab"), 0);
    assert!(
        page.text("main")
            .contains("No Google service account is set up")
    );
    let refused = admin.post("/imports/google", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nothing_of_the_database_is_held_while_google_is_slow() {
    let service = Service::with(tab()).await;
    let app = start(&service).await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.get("/imports").await;
    let (action, fields) = page.form("#google-tab");
    service.state().read_faults.push_back(Fault::HangBefore);
    let asking = admin.post(&action, &fields);
    let watching = async {
        service.hangs.notified().await;
        let held = "select count(*) from pg_stat_activity where datname = current_database()
                    and state like 'idle in transaction%'";
        assert_eq!(app.count(held).await, 0);
        let other = app.sign_in(Role::Pm).await;
        assert_eq!(other.get("/backlog").await.status, StatusCode::OK);
    };
    tokio::select! {
        page = asking => panic!("answered: {}", page.text("main")),
        () = watching => {}
    }
}

#[tokio::test]
async fn the_command_reads_a_tab_as_the_page_does() {
    let service = Service::with(tab()).await;
    let database = productops::testing::TestDb::new().await;
    let run = |more: &'static [&'static str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_productops"));
        command.env("DATABASE_URL", database.url());
        command.envs(variables(&service));
        command.args(["import", "backlog", "--json", "--spreadsheet"]);
        command.args(more);
        tokio::task::spawn_blocking(move || command.output().expect("the program"))
    };
    let done = run(&[]).await.unwrap();
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&report["new"], &report["scores_kept"]),
        (&2.into(), &1.into())
    );
    let again = run(&["--sheet", "7"]).await.unwrap();
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(
        (&report["new"], &report["unchanged"]),
        (&0.into(), &2.into())
    );
    let wrong = run(&["--sheet", "Params"]).await.unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("Its tabs are “Backlog”"));
}

#[tokio::test]
async fn a_key_is_enough_to_import_what_is_named_and_only_the_id_of_it_is_taken() {
    let service = Service::with(tab()).await;
    let mut variables = variables(&service);
    variables.retain(|(name, _)| !name.starts_with("MIRROR_"));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let app = TestApp::start_with(&variables).await;
    let admin = app.sign_in(Role::Admin).await;
    let form = admin.get("/imports").await;
    assert_eq!(form.attribute("#google-spreadsheet", "value"), "");
    assert!(form.text("#google-tab").contains(ACCOUNT));
    let unnamed = reads(&admin, &[]).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Wherever the address leads, the configured service is asked for that id, and nobody else.
    let elsewhere = format!("http://169.254.169.254/spreadsheets/d/{SPREADSHEET}/edit");
    let page = reads(&admin, &[("spreadsheet", &elsewhere)]).await;
    assert_eq!(page.text("h1"), "Roadmap 2027 / EU");
    let page = imported(&page, &admin, &[]).await;
    assert!(page.text("main").contains("2 new"), "{}", page.text("main"));
}

#[tokio::test]
async fn what_the_command_imported_is_taken_back_as_one_act() {
    let app = TestApp::start().await;
    let import = |file: &'static str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_productops"));
        command.env("DATABASE_URL", app.database.url());
        command.args(["import", "backlog", file]);
        tokio::task::spawn_blocking(move || command.output().expect("the program"))
    };
    let done = import("tests/fixtures/grocer/central_backlog.csv")
        .await
        .unwrap();
    assert_eq!(done.status.code(), Some(0));
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.get("/imports/1").await;
    let undone = page
        .submit(&admin, "form[action='/imports/1/undo']", &[])
        .await;
    assert_eq!(undone.text("h1"), "Import taken back");
    let left = "select count(*) from initiatives where archived_at is null";
    assert_eq!(app.count(left).await, 0);
    let archived = "select count(*) from initiatives";
    assert_eq!(app.count(archived).await, 36);
}
