//! Every page as every role, the backlog's list, and text from people shown as text.

use crate::support::{Page, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;
use scraper::{Html, Selector};
use std::collections::HashSet;

fn is_well_made(page: &Page, what: &str) {
    let document = Html::parse_document(&page.html);
    let select = |selector: &str| document.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!(select("h1"), 1, "{what}: one h1");
    assert_eq!(select("main"), 1, "{what}: one main");
    assert_eq!(select("[style]"), 0, "{what}: no style attributes");
    let mut ids = HashSet::new();
    for element in document.select(&Selector::parse("[id]").unwrap()) {
        let id = element.value().attr("id").unwrap();
        assert!(
            ids.insert(id.to_owned()),
            "{what}: the id {id} occurs twice"
        );
    }
    for link in document.select(&Selector::parse("a[href^='#']").unwrap()) {
        let target = link.value().attr("href").unwrap().trim_start_matches('#');
        assert!(ids.contains(target), "{what}: nothing has the id {target}");
    }
}

#[tokio::test]
async fn every_page_is_well_made_for_every_role() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    pm.approve("INIT-1", "sessions").await;
    pm.create("INIT-2", "Two", "RICE").await;
    pm.create("INIT-3", "Three", "").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let id = page.param_id("sessions");
    let receipt = page.attribute("#score-card footer a", "href");
    let all = [
        "/backlog".to_owned(),
        "/backlog?q=nothing+like+this".to_owned(),
        "/initiatives/INIT-1".to_owned(),
        "/initiatives/INIT-2".to_owned(),
        "/initiatives/INIT-3".to_owned(),
        "/initiatives/INIT-1/history".to_owned(),
        "/math-models".to_owned(),
        "/math-models/1".to_owned(),
        "/params".to_owned(),
        "/scoring".to_owned(),
        "/scoring?q=nothing+like+this".to_owned(),
        "/params?state=missing&framework=RICE".to_owned(),
        format!("/params/{id}"),
        receipt,
        "/legend".to_owned(),
        "/formula-language".to_owned(),
        "/frameworks".to_owned(),
        "/frameworks/RICE".to_owned(),
        "/frameworks/MATH_MODEL".to_owned(),
    ];
    let writers = [
        "/initiatives/new".to_owned(),
        "/initiatives/INIT-1/fields/title/edit".to_owned(),
        "/math-models/1/fields/assumptions_text/edit".to_owned(),
        format!("/params/{id}/fields/value/edit"),
        format!("/params/{id}/fields/range/edit"),
        format!("/params/{id}/fields/source/edit"),
    ];
    for role in Role::ALL {
        let person = app.sign_in(role).await;
        for path in &all {
            let page = person.get(path).await;
            assert_eq!(
                page.status,
                StatusCode::OK,
                "{role:?} {path}: {}",
                page.html
            );
            is_well_made(&page, &format!("{role:?} {path}"));
        }
    }
    for path in &writers {
        let page = pm.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.html);
        is_well_made(&page, path);
    }
    for missing in [
        "/initiatives/INIT-99",
        "/params/999999",
        "/scores/999999",
        "/math-models/999999",
        "/nowhere",
        "/params/abc",
        "/math-models/abc",
        "/initiatives/init-1",
        "/backlog?q=%00",
    ] {
        let page = pm.get(missing).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{missing}");
        is_well_made(&page, missing);
    }
}

#[tokio::test]
async fn text_from_people_is_shown_as_text_everywhere() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let hostile = "=1+1 <script>alert(1)</script> \"onload=\"x";
    pm.create("INIT-1", hostile, "MATH_MODEL").await;
    pm.save_formula(
        "INIT-1",
        "value = sessions * 2 # <img src=x onerror=alert(1)>",
    )
    .await;
    pm.approve_formula("INIT-1").await;
    pm.fill("INIT-1", "sessions", "notes", hostile).await;
    pm.fill("INIT-1", "sessions", "param_display", hostile)
        .await;
    for path in [
        "/backlog",
        "/initiatives/INIT-1",
        "/initiatives/INIT-1/history",
        "/params",
        "/scoring",
        "/math-models/1",
        "/params/1",
    ] {
        let page = pm.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.html.contains("<script>alert"), "{path}");
        assert!(!page.html.contains("<img src=x"), "{path}");
    }
    assert!(
        pm.get("/backlog")
            .await
            .text("#initiative-INIT-1")
            .contains(hostile)
    );
    let search = pm.get("/backlog?q=%3Cscript%3Ealert(1)").await;
    assert!(!search.html.contains("<script>alert"));
}

#[tokio::test]
async fn the_backlog_sorts_filters_searches_and_keeps_its_state_in_the_address() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    for (key, title, framework) in [
        ("INIT-2", "Bravo", "RICE"),
        ("INIT-10", "Alpha", "MATH_MODEL"),
        ("INIT-9", "Café «menus»", ""),
    ] {
        pm.create(key, title, framework).await;
    }
    let keys = async |path: &str| pm.get(path).await.texts("tbody td.key");
    assert_eq!(
        keys("/backlog?sort=key").await,
        ["INIT-2", "INIT-9", "INIT-10"],
        "numbers as numbers"
    );
    assert_eq!(
        keys("/backlog?sort=key&dir=desc").await,
        ["INIT-10", "INIT-9", "INIT-2"]
    );
    assert_eq!(
        keys("/backlog?sort=title").await,
        ["INIT-10", "INIT-2", "INIT-9"]
    );
    assert_eq!(keys("/backlog?framework=RICE").await, ["INIT-2"]);
    assert_eq!(keys("/backlog?framework=none").await, ["INIT-9"]);
    assert_eq!(keys("/backlog?q=caf%C3%A9").await, ["INIT-9"]);
    assert_eq!(keys("/backlog?q=100%25").await, Vec::<String>::new());
    let page = pm.get("/backlog?framework=RICE&sort=title").await;
    let next = page.attribute("th a[href*='sort=value']", "href");
    assert!(
        next.contains("framework=RICE"),
        "sorting keeps the filter: {next}"
    );
}

#[tokio::test]
async fn an_empty_backlog_offers_what_to_do_next() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    assert_eq!(
        admin
            .get("/backlog")
            .await
            .count("form[action='/sample-data']"),
        1
    );
    let viewer = app.sign_in(Role::Viewer).await;
    assert_eq!(
        viewer
            .get("/backlog")
            .await
            .count("form[action='/sample-data']"),
        0
    );
    let page = admin
        .get("/backlog")
        .await
        .submit(&admin, "form[action='/sample-data']", &[])
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.count("tbody td.key") >= 20, "{}", page.text("main"));
}

#[tokio::test]
async fn a_long_backlog_is_paged_by_key_without_gaps() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    app.database
        .db
        .transaction(async move |mut tx| -> sqlx::Result<()> {
            sqlx::query(
                "insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
                 select 'INIT-' || n, 'Title ' || n, now(), 1, now(), 1 from generate_series(1, 250) n",
            )
            .execute(&mut *tx)
            .await
            .map(drop)
        })
        .await
        .unwrap();
    let mut path = "/backlog?sort=key".to_owned();
    let mut keys = Vec::new();
    loop {
        let page = pm.get(&path).await;
        keys.extend(page.texts("tbody td.key"));
        if page.count("a[rel=next]") == 0 {
            break;
        }
        path = page.attribute("a[rel=next]", "href");
    }
    let expected: Vec<_> = (1..=250).map(|n| format!("INIT-{n}")).collect();
    assert_eq!(keys, expected);
}
