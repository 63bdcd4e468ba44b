//! Receipts say what was true when a score was recorded, come out the same when computed again, and stand in a row.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;
use serde_json::Value;
use std::process::{Command, Output, Stdio};

/// INIT-1 with `value = sessions * 2 / 3` and 400 sessions in their approved range: one score, recorded.
async fn scored(app: &TestApp) -> Person {
    let pm = app
        .with_approved_formula("INIT-1", "third = sessions / 3\nvalue = third * 2")
        .await;
    set_lowest(&pm, "100").await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    pm.approve("INIT-1", "sessions").await;
    assert_eq!(app.count("select count(*) from scores").await, 1);
    pm
}

async fn change(pm: &Person, path: &str, to: &str) -> Page {
    let form = pm.get(&format!("{path}/edit")).await;
    let saved = form.submit(pm, "form.edit", &[("value", to)]).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
    saved
}

async fn set_lowest(pm: &Person, lowest: &str) {
    let page = pm.get("/initiatives/INIT-1").await;
    let id = page.param_id("sessions");
    let form = pm.get(&format!("/params/{id}/fields/range/edit")).await;
    let saved = form
        .submit(pm, "form.edit", &[("min", lowest), ("max", "")])
        .await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
}

async fn move_value(pm: &Person, to: &str) {
    pm.fill("INIT-1", "sessions", "value", to).await;
    pm.approve("INIT-1", "sessions").await;
}

fn verify_scores(app: &TestApp, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_productops"))
        .env("DATABASE_URL", app.database.url())
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .arg("verify-scores")
        .args(more)
        .output()
        .unwrap()
}

/// Changes a recorded score behind the triggers' back.
async fn tamper(app: &TestApp, sql: &'static str) {
    let db = &app.database.db;
    db.transaction(async move |mut tx| -> sqlx::Result<()> {
        for sql in [
            "alter table scores disable trigger user",
            sql,
            "alter table scores enable trigger user",
        ] {
            sqlx::query(sql).execute(&mut *tx).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_receipt_keeps_the_names_ranges_and_numbers_of_its_time() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let before = pm.get("/scores/1").await;
    assert!(
        before
            .text(".inputs")
            .contains("Range at least 100, approved by Priya Nair")
    );
    assert_eq!(before.count(".note"), 0);
    change(&pm, "/math-models/1/fields/model_name", "Another name").await;
    change(&pm, "/initiatives/INIT-1/fields/title", "Another title").await;
    set_lowest(&pm, "300").await;
    change(
        &pm,
        "/initiatives/INIT-1/fields/effort_engineering_days",
        "5",
    )
    .await;
    move_value(&pm, "500").await;
    let after = pm.get("/scores/1").await;
    let notes = after.texts(".note").join(" ");
    for said in [
        "The initiative was called “Checkout conversion value” when",
        "The model was called “INIT-1_MATH_MODEL_V1” when",
        "followed by another: receipt 3",
    ] {
        assert!(notes.contains(said), "no {said:?} in {notes}");
    }
    assert_eq!(after.text(".inputs"), before.text(".inputs"));
    assert_eq!(after.text(".lines"), before.text(".lines"));
    // Another range was recorded while it waited for approval, then approved.
    let second = pm.get("/scores/2").await;
    assert!(!second.text(".inputs").contains("Range"));
    let third = pm.get("/scores/3").await;
    assert!(third.text(".inputs").contains("Range at least 300"));
    assert_eq!(third.count(".note"), 0, "both names are those of its time");
}

#[tokio::test]
async fn anybody_may_compute_a_receipt_again_and_nothing_changes() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    move_value(&pm, "500").await;
    let changes = app.count("select count(*) from change_log").await;
    let viewer = app.sign_in(Role::Viewer).await;
    let page = viewer.get("/scores/1").await;
    assert_eq!(page.count(".again"), 0);
    let again = page.submit_button(&viewer, "Recompute").await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(
        again.text(".again").contains("Same to the last digit"),
        "{}",
        again.text("main")
    );
    assert_eq!(app.count("select count(*) from change_log").await, changes);
    assert_eq!(app.count("select count(*) from scores").await, 2);
    let nowhere = viewer.post("/scores/99/recomputation", &[]).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_bit_of_a_recorded_figure_is_missed_on_the_page_and_by_the_command() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    move_value(&pm, "500").await;
    let whole = verify_scores(&app, &[]);
    let said = String::from_utf8_lossy(&whole.stdout).into_owned();
    assert_eq!(whole.status.code(), Some(0), "{said}");
    assert!(
        said.contains("Computed again: 2. Each is the same"),
        "{said}"
    );

    tamper(
        &app,
        "update scores set value = '266.66666666666674'::float8, engine = 'productops-formula/0' where id = 1",
    )
    .await;
    let page = pm
        .get("/scores/1")
        .await
        .submit_button(&pm, "Recompute")
        .await;
    let text = page.text(".again");
    assert!(text.contains("Not the same"), "{text}");
    assert!(
        text.contains("Value: recorded 266.66666666666674, now 266.6666666666667"),
        "{text}"
    );
    assert!(text.contains("productops-formula/0 then"), "{text}");

    let broken = verify_scores(&app, &["--json"]);
    assert_eq!(broken.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&broken.stdout).unwrap();
    assert_eq!(json["checked"], 2);
    assert_eq!(json["different"][0]["score"], 1);
    assert_eq!(json["different"][0]["initiative"], "INIT-1");
    let elsewhere = verify_scores(&app, &["--initiative", "INIT-2"]);
    assert_eq!(elsewhere.status.code(), Some(0));
    let no_key = verify_scores(&app, &["--initiative", "the first"]);
    assert_eq!(no_key.status.code(), Some(2));
}

#[tokio::test]
async fn the_score_history_says_what_changed_from_score_to_score() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    move_value(&pm, "500").await;
    pm.save_formula("INIT-1", "value = sessions * 3").await;
    pm.approve_formula("INIT-1").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let href = page.attribute("#score-card footer a + a", "href");
    let history = pm.get(&href).await;
    assert_eq!(history.count(".scores tbody tr"), 3);
    let what = history.texts(".scores .what");
    assert_eq!(what[0], "Formula version 1 → 2");
    assert!(
        what[1].starts_with("Sessions 400 sessions → 500 sessions (Priya Nair, "),
        "{what:?}"
    );
    assert_eq!(what[2], "First score");
    assert_eq!(history.attribute(".scores .name a", "href"), "/scores/3");
    let told = history.text(".chart desc");
    assert!(told.contains("to 1,500 on"), "{told}");
    assert_eq!(
        history.attribute(".chart .steps", "d").matches('H').count(),
        2,
        "a step for each score after the first"
    );
    let receipt = pm.get("/scores/1").await;
    assert_eq!(receipt.attribute("footer a.button", "href"), href);
    let earlier = pm.get(&format!("{href}&before=2")).await;
    assert_eq!(earlier.texts(".scores .what"), ["First score"]);
    assert_eq!(earlier.count(".chart"), 0);
}

#[tokio::test]
async fn the_score_history_of_each_framework_stands_alone() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let none = pm.get("/initiatives/INIT-1/scores?framework=RICE").await;
    assert!(none.text("main").contains("No score yet"));
    let page = pm.get("/initiatives/INIT-1").await;
    let form = "form[action='/initiatives/INIT-1/framework']";
    page.submit(&pm, form, &[("framework", "RICE"), ("confirmed", "yes")])
        .await;
    for name in ["reach", "impact", "confidence", "effort"] {
        pm.fill("INIT-1", name, "value", "1").await;
        pm.approve("INIT-1", name).await;
    }
    let rice = pm.get("/initiatives/INIT-1/scores").await;
    assert_eq!(rice.text("[aria-current=true]"), "RICE");
    assert_eq!(rice.count(".scores tbody tr"), 1);
    let maths = pm
        .get("/initiatives/INIT-1/scores?framework=MATH_MODEL")
        .await;
    assert_eq!(maths.attribute(".scores .name a", "href"), "/scores/1");
    assert_eq!(
        pm.get("/initiatives/INIT-9/scores").await.status,
        StatusCode::NOT_FOUND
    );
}
