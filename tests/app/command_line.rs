//! The program itself, as people start it: exit codes that mean something, JSON alone on stdout, a graceful stop.

use crate::support::TestApp;
use productops::testing::TestDb;
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Output, Stdio},
};

fn productops(database: &TestDb) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_productops"));
    command
        .env("DATABASE_URL", database.url())
        .env("PRODUCTOPS_ADDR", "127.0.0.1:0")
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null());
    command
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/grocer")
        .join(name)
}

fn run(database: &TestDb, arguments: &[&str]) -> Output {
    productops(database)
        .args(arguments)
        .output()
        .expect("the program")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn an_import_reports_as_json_changes_nothing_on_a_dry_run_and_nothing_the_second_time() {
    let database = TestDb::new().await;
    let file = fixture("central_backlog.csv");
    let import = |more: &[&str]| {
        let file = file.to_str().unwrap();
        run(
            &database,
            &[&["import", "backlog", file, "--json"], more].concat(),
        )
    };
    let dry = import(&["--dry-run"]);
    assert_eq!(
        dry.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&dry.stderr)
    );
    assert_eq!(json(&dry)["new"], 36);
    assert_eq!(json(&import(&[]))["new"], 36, "the dry run wrote nothing");
    let again = json(&import(&[]));
    assert_eq!(
        (&again["new"], &again["changed"]),
        (&0.into(), &0.into()),
        "{again}"
    );
    assert_eq!(again["unchanged"], 36);
}

#[tokio::test]
async fn exit_codes_tell_wrong_input_wrong_calls_and_failing_surroundings_apart() {
    let database = TestDb::new().await;
    let no_workbook = fixture("../../app/command_line.rs");
    let cases: [(&[&str], i32); 4] = [
        (&["import", "backlog", no_workbook.to_str().unwrap()], 1),
        (&["import", "everything", "x.csv"], 2),
        (&["no-such-command"], 2),
        (&["verify-history"], 0),
    ];
    for (arguments, code) in cases {
        let output = run(&database, arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let away = productops(&database)
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .arg("migrate")
        .output()
        .unwrap();
    assert_eq!(
        away.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&away.stderr)
    );
}

#[tokio::test]
async fn every_subcommand_explains_itself() {
    let database = TestDb::new().await;
    for command in [
        "serve",
        "health",
        "migrate",
        "import",
        "sample-data",
        "verify-history",
        "verify-scores",
    ] {
        let output = run(&database, &[command, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{command}");
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("Usage"),
            "{command}"
        );
    }
}

#[tokio::test]
async fn it_prints_its_address_and_stops_gracefully_when_asked_to() {
    let database = TestDb::new().await;
    let mut app = productops(&database)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(app.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .trim()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_owned();
    assert!(address.starts_with("http://127.0.0.1:"), "{line}");
    let ready = reqwest::get(format!("{address}/readyz")).await.unwrap();
    assert_eq!(ready.status(), reqwest::StatusCode::OK);
    let asked = Command::new("kill")
        .arg("-TERM")
        .arg(app.id().to_string())
        .status()
        .unwrap();
    assert!(asked.success());
    let ended = tokio::task::spawn_blocking(move || app.wait())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_0_beside_a_running_app_and_3_without_one() {
    let app = TestApp::start().await;
    let address = app.base.trim_start_matches("http://");
    let health = |address: &str| {
        productops(&app.database)
            .env("PRODUCTOPS_ADDR", address)
            .arg("health")
            .output()
            .unwrap()
    };
    let well = health(address);
    let said = String::from_utf8_lossy(&well.stderr).into_owned();
    assert_eq!(well.status.code(), Some(0), "{said}");
    // An app that listens on every address is asked on loopback.
    let everywhere = address.replace("127.0.0.1", "0.0.0.0");
    assert_eq!(health(&everywhere).status.code(), Some(0));
    let nobody = health("127.0.0.1:1");
    assert_eq!(nobody.status.code(), Some(3));
    let said = String::from_utf8_lossy(&nobody.stderr);
    assert!(said.contains("127.0.0.1:1"), "{said}");
}

#[test]
fn every_wrong_variable_is_named_at_once_and_no_secret_is_shown() {
    let output = Command::new(env!("CARGO_BIN_EXE_productops"))
        .env("DATABASE_URL", "mysql://root:hunter2@db")
        .env("PRODUCTOPS_ADDR", "everywhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("DATABASE_URL") && said.contains("PRODUCTOPS_ADDR"),
        "{said}"
    );
    assert!(!said.contains("hunter2"));
}
