//! Scoring, math models and params beside the backlog: an admin switches them on, they follow what people do, and they stay
//! as they are when they are switched off.

use crate::{
    mirror::{Data, eventually},
    mirror_page::{form, odd_tab, says, start},
    scenario_steps,
    sheets::service::Service,
    support::{Page, Person, TestApp},
};
use productops::{
    domain::{mirror_tab::MirrorTab, rights::Role},
    mirror::grid::Cell,
    testing::TestDb,
};
use reqwest::StatusCode;
use std::{collections::HashMap, fs, process::Command};

async fn switch(admin: &Person, tab: &str, on: &str) -> Page {
    let sent = form(&[("tab", tab), ("on", on), ("seen_revision", "1")]);
    admin.post("/mirror/tabs", &sent).await
}

/// An initiative whose formula and params are approved, with a text that a spreadsheet would compute.
async fn scored(app: &TestApp) -> Person {
    let pm = app
        .with_approved_formula("INIT-1", "value = seats * fee\neffort = 4")
        .await;
    for (name, value) in [("seats", "1,000"), ("fee", "£2.50")] {
        pm.fill("INIT-1", name, "value", value).await;
        pm.fill("INIT-1", name, "description", "=1+1").await;
        pm.approve("INIT-1", name).await;
    }
    pm
}

/// The rows of a tab, each a map from header to cell.
fn rows(cells: &[Vec<Cell>]) -> Vec<HashMap<String, Cell>> {
    let Some((headers, rows)) = cells.split_first() else {
        return Vec::new();
    };
    let names = || headers.iter().map(|header| header.text().into_owned());
    let row = |row: &Vec<Cell>| {
        let cells = row.iter().cloned().chain(std::iter::repeat(Cell::Empty));
        names().zip(cells).collect()
    };
    rows.iter().map(row).collect()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

#[tokio::test]
async fn the_tabs_say_which_scenario_drives_and_the_value_that_counts() {
    let service = Service::with(odd_tab()).await;
    let app = start(&service, Some("write")).await;
    let pm = scored(&app).await;
    let scenario = scenario_steps::makes(&pm, "Bold").await;
    scenario_steps::sets(&pm, &scenario, "fee", "£5").await;
    scenario_steps::approves(&pm, &scenario).await;
    let done = scenario_steps::lets_drive(&pm, &scenario).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text("main"));
    let admin = app.sign_in(Role::Admin).await;
    for tab in MirrorTab::ALL {
        switch(&admin, tab.key(), "yes").await;
    }
    let shown = |title: &str| {
        let state = service.state();
        let tab = state.others.iter().find(|tab| tab.title == title);
        tab.map(|tab| rows(&tab.grid().rows)).unwrap_or_default()
    };
    eventually("the tabs", async || service.state().others.len() == 3).await;
    eventually("the params", async || shown("Params").len() == 2).await;
    let fee = &shown("Params")[1];
    let said = ["value", "value_that_counts", "counts_in_scenario"].map(|name| fee[name].clone());
    assert_eq!(said, [Cell::Number(2.5), Cell::Number(5.0), text("Bold")]);
    eventually("the models", async || shown("MathModels").len() == 2).await;
    let models = shown("MathModels");
    let said = |of: &HashMap<String, Cell>| {
        ["scenario_label", "drives_score", "formula_text_approved"].map(|name| of[name].clone())
    };
    let formula = || text("value = seats * fee\neffort = 4");
    assert_eq!(
        said(&models[0]),
        [text("Bold"), Cell::Bool(true), formula()]
    );
    assert_eq!(
        said(&models[1]),
        [text("Base"), Cell::Bool(false), formula()]
    );
    let note = shown("Scoring")[0]["score_note"].clone();
    assert!(
        note.text().contains("Scored for scenario Bold."),
        "{note:?}"
    );
}

#[tokio::test]
async fn an_admin_switches_tabs_on_and_they_follow_what_people_do() {
    let service = Service::with(odd_tab()).await;
    let app = start(&service, Some("write")).await;
    let pm = scored(&app).await;
    let admin = app.sign_in(Role::Admin).await;
    let page = says(&admin, "#tabs", "Would make a tab “Params”").await;
    assert!(page.text("#tabs").contains("evidence_link"), "its columns");
    for tab in MirrorTab::ALL {
        let page = switch(&admin, tab.key(), "yes").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text("main"));
    }
    let shown = |title: &str| {
        let state = service.state();
        let tab = state.others.iter().find(|tab| tab.title == title);
        tab.map(|tab| rows(&tab.grid().rows)).unwrap_or_default()
    };
    eventually("the tabs", async || service.state().others.len() == 3).await;
    let scoring = shown("Scoring");
    let one = &scoring[0];
    assert_eq!(
        [
            "framework",
            "score_status",
            "rank",
            "value_score",
            "overall_score"
        ]
        .map(|name| &one[name]),
        [
            &text("MATH_MODEL"),
            &text("approved"),
            &Cell::Number(1.0),
            &Cell::Number(2_500.0),
            &Cell::Number(625.0)
        ]
    );
    assert_eq!(one["is_active"], Cell::Bool(true));
    let models = shown("MathModels");
    assert_eq!(models[0]["scenario_label"], text("Base"));
    assert_eq!(
        models[0]["formula_text_approved"],
        text("value = seats * fee\neffort = 4")
    );
    let params = shown("Params");
    let names: Vec<_> = params.iter().map(|row| row["param_name"].clone()).collect();
    assert_eq!(names, [text("seats"), text("fee")]);
    assert_eq!(
        params[0]["description"],
        text("=1+1"),
        "a text, not a formula"
    );
    assert_eq!(params[1]["value"], Cell::Number(2.5));
    assert_eq!(params[0]["approved"], Cell::Bool(true));
    says(&admin, "#tabs", "In step").await;

    pm.fill("INIT-1", "seats", "value", "1,200").await;
    eventually("the change", async || {
        let scoring = shown("Scoring");
        let params = shown("Params");
        params[0]["value"] == Cell::Number(1_200.0)
            && params[0]["approved"] == Cell::Bool(false)
            && scoring[0]["score_status"] == text("stale")
    })
    .await;
    let page = switch(&admin, "params", "no").await;
    assert!(page.text("#tabs").contains("stays in the spreadsheet"));
    assert!(
        page.text("#decisions")
            .contains("let Params beside the backlog stay as it is")
    );
    pm.fill("INIT-1", "seats", "value", "1,300").await;
    eventually("the backlog", async || {
        let sql = "select count(*) from mirror_dirty";
        app.count(sql).await == 0
    })
    .await;
    assert_eq!(shown("Params")[0]["value"], Cell::Number(1_200.0));
}

#[tokio::test]
async fn a_tab_of_peoples_is_named_on_the_page_and_left_alone() {
    let service = Service::with(odd_tab()).await;
    let mut theirs = crate::sheets::tab::Tab::new("Params", &[vec![text("ours")]], (3, 3));
    theirs.id = 5;
    service.state().others.push(theirs);
    let app = start(&service, Some("write")).await;
    let admin = app.sign_in(Role::Admin).await;
    says(&admin, "#standing", "In step").await;
    switch(&admin, "params", "yes").await;
    says(&admin, "#tabs", "There is a tab “Params” already").await;
    assert_eq!(service.state().others.len(), 1);
    assert_eq!(service.state().others[0].grid().rows, [vec![text("ours")]]);
    let unknown = switch(&admin, "users", "yes").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let pm = app.sign_in(Role::Pm).await;
    let refused = switch(&pm, "scoring", "yes").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_a_spreadsheet_they_are_files_beside_the_backlogs() {
    let data = Data::new();
    let app = TestApp::start_with(&[("PRODUCTOPS_DATA_DIR", data.folder())]).await;
    scored(&app).await;
    let file = |key: &str| format!("{}/central_backlog.{key}.csv", data.folder());
    fs::write(file("math_models"), "Mine,Too\n1,2\n").unwrap();
    let admin = app.sign_in(Role::Admin).await;
    says(&admin, "#standing", "In step").await;
    switch(&admin, "params", "yes").await;
    switch(&admin, "math_models", "yes").await;
    let says_params = |part: &str| {
        let text = fs::read_to_string(file("params")).unwrap_or_default();
        text.contains(part)
    };
    eventually("the file", async || says_params("INIT-1,MATH_MODEL,seats")).await;
    assert!(says_params("'=1+1"), "guarded");
    says(&admin, "#tabs", "There is a file").await;
    let theirs = fs::read_to_string(file("math_models")).unwrap();
    assert_eq!(theirs, "Mine,Too\n1,2\n");
    fs::remove_file(file("params")).unwrap();
    admin
        .post("/mirror/run", &form(&[("seen_revision", "1")]))
        .await;
    eventually("the file again", async || says_params("seats")).await;
    // What the app writes, it reads.
    let fresh = TestDb::new().await;
    let import = |kind: &'static str, path: String| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_productops"));
        program.env("DATABASE_URL", fresh.url());
        program.args(["import", kind, path.as_str(), "--json"]);
        tokio::task::spawn_blocking(move || program.output().unwrap())
    };
    let backlog = format!("{}/central_backlog.csv", data.folder());
    assert_eq!(
        import("backlog", backlog).await.unwrap().status.code(),
        Some(0)
    );
    let done = import("params", file("params")).await.unwrap();
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&report["new"], &report["skipped"]),
        (&2.into(), &0.into()),
        "{report}"
    );
}

#[tokio::test]
async fn an_admin_asks_for_formats_and_protections_anew() {
    let service = Service::with(odd_tab()).await;
    let app = start(&service, Some("write")).await;
    let admin = app.sign_in(Role::Admin).await;
    let page = says(&admin, "#standing", "In step").await;
    let columns = page.text("#columns");
    assert!(
        columns.contains("initiative_keyBInitiative Key"),
        "{columns}"
    );
    let formats = || -> Vec<_> {
        let state = service.state();
        state.tab.rows[1]
            .iter()
            .map(|square| square.format.clone())
            .collect()
    };
    let before = formats();
    for row in &mut service.state().tab.rows {
        row[2].format.clear();
    }
    page.submit_button(&admin, "Set formats and protections anew")
        .await;
    eventually("the formats", async || formats() == before).await;
    let done = "select count(*) from mirror_target where formats_asked_at is null";
    eventually("that it is done", async || app.count(done).await == 1).await;
    let page = admin.get("/mirror").await;
    assert!(
        page.text("#decisions")
            .contains("set formats and protections anew")
    );
}
