//! The program itself, as people start it: exit codes that mean something, JSON alone on stdout, a graceful stop.

use crate::support::{Person, TestApp};
use productops::testing::TestDb;
use reqwest::StatusCode;
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

/// The program at work; it ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

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
        "formula",
        "formula check",
        "formula eval",
        "verify-scores",
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let output = run(&database, &words);
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

#[tokio::test]
async fn in_an_empty_folder_with_nothing_but_a_database_it_serves_pages_and_all_they_need() {
    let database = TestDb::new().await;
    // As if new: no table yet, so that the migrations must come out of the program, too.
    let fresh = "drop schema public cascade; create schema public";
    let emptied = database
        .db
        .write(async move |mut conn| sqlx::raw_sql(fresh).execute(&mut *conn).await)
        .await;
    emptied.expect("an empty database");
    let folder = std::env::temp_dir().join(format!("productops-alone-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_productops"));
    command
        .current_dir(&folder)
        .env_clear()
        .env("DATABASE_URL", database.url())
        // These two only so that the test leaves the machine's own port and data alone.
        .env("PRODUCTOPS_ADDR", "127.0.0.1:0")
        .env("PRODUCTOPS_DATA_DIR", folder.join("data"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .stdout(Stdio::piped());
    let mut app = Running(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(app.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim().rsplit(' ').next().unwrap_or_default();
    assert!(address.starts_with("http://127.0.0.1:"), "{line}");
    let person = Person::nobody_at(address.to_owned());
    assert_eq!(person.get("/readyz").await.status, StatusCode::OK);
    let page = person.get("/sign-in").await;
    let backlog = page.submit_button(&person, "Priya Nair").await;
    assert_eq!(backlog.status, StatusCode::OK, "{}", backlog.html);
    assert_eq!(backlog.text("h1"), "Backlog");
    for (selector, attribute, kind) in [
        ("link[rel=stylesheet]", "href", "text/css"),
        ("link[rel=icon]", "href", "image/svg+xml"),
        ("script", "src", "text/javascript"),
    ] {
        let asset = person.get(&backlog.attribute(selector, attribute)).await;
        assert_eq!(asset.status, StatusCode::OK, "{selector}");
        let told = asset.headers["content-type"].to_str().unwrap();
        assert!(told.starts_with(kind), "{selector}: {told}");
        assert!(!asset.html.is_empty(), "{selector}");
    }
    drop(app);
    std::fs::remove_dir_all(&folder).expect("the folder gone");
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

/// `productops formula …` with a text on standard input, on a machine where everything else is configured wrongly.
fn formula(text: &str, arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_productops"))
        .env("DATABASE_URL", "mysql://nobody@nowhere")
        .env("PRODUCTOPS_ADDR", "everywhere")
        .arg("formula")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A wrong call ends before it reads.
    drop(stdin.write_all(text.as_bytes()));
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn eval(text: &str, params: &[&str]) -> Output {
    let params = params.iter().flat_map(|given| ["--param", given]);
    let arguments: Vec<&str> = ["eval", "-", "--json"].into_iter().chain(params).collect();
    formula(text, &arguments)
}

const SEED: &str = "value = uplift_conv * baseline_conv * monthly_sessions * aov * margin * horizon_months - infra_cost";

#[test]
fn the_golden_values_come_out_of_the_command_line() {
    let seed = "uplift_conv=.02 baseline_conv=4% monthly_sessions=500,000 aov=£45 margin=0.3 horizon_months=12 infra_cost=5k";
    let tickets = "value = ticket_reduction_per_month * cost_per_ticket * horizon_months";
    let rice = "reach=100000 impact=3 confidence=0.7 effort=20";
    for (text, params, value, overall) in [
        (SEED, seed, 59_800.0, None),
        (
            "value = sessions * 0.05 * 100",
            "sessions=10000",
            50_000.0,
            None,
        ),
        (
            tickets,
            "ticket_reduction_per_month=2000 cost_per_ticket=5 horizon_months=12",
            120_000.0,
            None,
        ),
        (
            "value = reach * impact * confidence\noverall = value / effort",
            rice,
            210_000.0,
            Some(10_500.0),
        ),
        (
            "reach * impact * confidence",
            rice,
            210_000.0,
            Some(10_500.0),
        ),
    ] {
        let params: Vec<&str> = params.split(' ').collect();
        let output = eval(text, &params);
        assert_eq!(output.status.code(), Some(0), "{text}: {output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
        let found = json(&output);
        let near = |found: &Value, expected: f64| {
            (found.as_f64().unwrap() - expected).abs() < expected * 1e-12
        };
        assert!(near(&found["outputs"]["value"], value), "{found}");
        match overall {
            Some(overall) => assert!(near(&found["outputs"]["overall"], overall), "{found}"),
            None => assert_eq!(found["outputs"]["overall"], Value::Null, "{found}"),
        }
    }
}

#[test]
fn an_evaluation_prints_one_object_with_everything_in_the_formulas_order() {
    let text =
        "z_orders = visits * rate\nkept = z_orders - returns\nvalue = kept * margin\neffort = 4";
    let output = eval(text, &["margin=2", "visits=100", "rate=50%", "returns=10"]);
    let expected = r#"{
  "ok": true,
  "outputs": {
    "value": 80.0,
    "effort": 4.0,
    "overall": 20.0
  },
  "intermediates": {
    "z_orders": 50.0,
    "kept": 40.0
  },
  "parameters": [
    "visits",
    "rate",
    "returns",
    "margin"
  ],
  "errors": [],
  "warnings": []
}
"#;
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn a_check_prints_the_same_without_outputs() {
    let output = formula(
        "saving = a\nvalue = saving + b\nunused = 1",
        &["check", "-", "--json"],
    );
    assert_eq!(output.status.code(), Some(0));
    let found = json(&output);
    assert_eq!(found["ok"], true);
    assert_eq!(found["parameters"], serde_json::json!(["a", "b"]));
    assert_eq!(found["warnings"][0]["code"], "unused_intermediate");
    assert!(found.get("outputs").is_none(), "{found}");
    let refused = formula("value = mx(a, b) +\nother = £5", &["check", "-", "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stderr.is_empty(), "{refused:?}");
    let found = json(&refused);
    assert_eq!(found["ok"], false);
    let error = &found["errors"][0];
    assert_eq!(
        (&error["line"], &error["column"]),
        (&1.into(), &9.into()),
        "{error}"
    );
    assert_eq!(error["code"], "unknown_function");
    assert_eq!(error["message"], "`mx` is not a function: write `max(…)`.");
    let keys: Vec<_> = error.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "column", "line", "message"]);
    assert_eq!(found["errors"].as_array().unwrap().len(), 3, "{found}");
}

#[test]
fn everything_missing_is_one_error_and_what_is_not_read_is_a_warning() {
    let output = eval(SEED, &["uplift_conv=.02", "aov=45", "margn=0.3"]);
    assert_eq!(output.status.code(), Some(1));
    let found = json(&output);
    assert_eq!(found["ok"], false);
    assert_eq!(found["outputs"]["value"], Value::Null);
    let errors = found["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{found}");
    assert_eq!(errors[0]["code"], "missing_parameters");
    for name in [
        "baseline_conv",
        "monthly_sessions",
        "margin",
        "horizon_months",
        "infra_cost",
    ] {
        assert!(
            errors[0]["message"].as_str().unwrap().contains(name),
            "{found}"
        );
    }
    assert_eq!(found["warnings"][0]["code"], "unread_parameter");
    assert!(
        found["warnings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("`margin`"),
        "{found}"
    );
}

#[test]
fn a_formula_without_a_result_is_exit_1_with_the_operation_at_its_place() {
    let output = eval(
        "orders = visits * 2\nvalue = orders / days",
        &["visits=3", "days=0"],
    );
    assert_eq!(output.status.code(), Some(1));
    let found = json(&output);
    let error = &found["errors"][0];
    assert_eq!(
        (&error["line"], &error["column"]),
        (&2.into(), &9.into()),
        "{error}"
    );
    assert_eq!(error["code"], "divide_by_zero");
    assert_eq!(found["intermediates"]["orders"], 6.0);
    assert_eq!(found["outputs"]["value"], Value::Null);
}

#[test]
fn a_formula_is_explained_to_people_in_plain_text() {
    let text = "orders = visits * rate\nvalue = orders * 1000\n";
    let output = formula(
        text,
        &[
            "eval",
            "-",
            "--param",
            "visits=200",
            "--param",
            "rate=5%",
            "--param",
            "effort=8",
        ],
    );
    let said = String::from_utf8_lossy(&output.stdout);
    let expected = "value    10,000\neffort   8\noverall  1,250\n\n   1  orders = visits * rate  10\n   2  value = orders * 1000   10,000\n";
    assert_eq!(said, expected);
    assert!(String::from_utf8_lossy(&output.stderr).contains("doesn’t read `effort`"));
    let wrong = formula("value = orders x margin", &["check", "-"]);
    assert!(wrong.stdout.is_empty());
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        said.contains("line 1, column 16") && said.ends_with("                   ^\n"),
        "{said}"
    );
    let fine = formula("a + b", &["check", "-"]);
    assert!(String::from_utf8_lossy(&fine.stdout).contains("a, b"));
}

#[test]
fn a_wrong_call_of_formula_is_exit_2_and_a_file_that_is_none_exit_1() {
    let no_text = std::env::temp_dir().join(format!("productops-no-text-{}", std::process::id()));
    std::fs::write(&no_text, [0xff, 0xfe, 0x00]).unwrap();
    let no_text = no_text.to_str().unwrap();
    let cases: [(&[&str], i32); 9] = [
        (&["eval", "-", "--param", "a"], 2),
        (&["eval", "-", "--param", "a=many"], 2),
        (&["eval", "-", "--param", "a=nan"], 2),
        (&["eval", "-", "--param", "a=1", "--param", "a=1"], 2),
        (&["eval"], 2),
        (&["parse", "-"], 2),
        (&["check", "/no/such/file"], 1),
        (&["check", no_text], 1),
        (&["eval", "-", "--param", "a=1"], 0),
    ];
    for (arguments, code) in cases {
        let output = formula("a * 2", arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {output:?}"
        );
        assert_eq!(
            code == 0,
            !output.stdout.is_empty(),
            "{arguments:?}: {output:?}"
        );
    }
    std::fs::remove_file(no_text).unwrap();
}
