//! The params grid over HTTP: other groups, chosen columns, review dates, units to choose from.

use crate::support::{Person, TestApp};
use productops::domain::rights::Role;

/// INIT-1 with three params, of Finance, of Eng, and of nobody; the first is filled in and approved.
async fn app() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = alpha * beta * gamma")
        .await;
    for (param, field, typed) in [
        ("alpha", "source", "Finance"),
        ("beta", "source", "Eng"),
        ("alpha", "value", "5"),
    ] {
        pm.fill("INIT-1", param, field, typed).await;
    }
    pm.approve("INIT-1", "alpha").await;
    (app, pm)
}

#[tokio::test]
async fn the_grid_is_grouped_by_owner_and_by_state_with_progress_in_each_head() {
    let (_app, pm) = app().await;
    let page = pm.get("/params?group=source").await;
    assert_eq!(
        page.texts(".many section h2"),
        ["Nobody’s yet", "Finance", "Eng"]
    );
    assert_eq!(
        page.texts(".many section header .progress span"),
        ["0 of 1 approved", "1 of 1 approved", "0 of 1 approved"]
    );
    assert!(page.text(".many tr.group").starts_with("INIT-1 "));
    let page = pm.get("/params?group=state").await;
    assert_eq!(page.texts(".many section h2"), ["Missing", "Approved"]);
    assert_eq!(page.count(".many section:first-child tr[id^='param-']"), 2);
    let page = pm.get("/params?group=state&state=missing&source=Eng").await;
    assert_eq!(
        page.count(".many tr[id^='param-']"),
        1,
        "filters hold in groups"
    );
    let page = pm.get("/params?group=nonsense").await;
    assert_eq!(
        page.count("#params-MATH_MODEL-INIT-1"),
        1,
        "initiatives it is"
    );
}

#[tokio::test]
async fn the_grid_is_sorted_by_what_the_address_says_and_a_download_too() {
    let (_app, pm) = app().await;
    for (param, field, typed) in [
        ("gamma", "value", "0.5"),
        ("beta", "review_by", "2031-01-31"),
    ] {
        pm.fill("INIT-1", param, field, typed).await;
    }
    for (sort, heading, names) in [
        ("name", "By name", ["alpha", "beta", "gamma"]),
        ("changed", "Last changed first", ["beta", "gamma", "alpha"]),
        ("review", "Next review first", ["beta", "alpha", "gamma"]),
        ("value", "Largest value first", ["alpha", "gamma", "beta"]),
    ] {
        let page = pm.get(&format!("/params?sort={sort}")).await;
        assert_eq!(page.texts(".many section h2"), [heading]);
        assert_eq!(page.texts(".many .code-name"), names, "{sort}");
        assert!(page.text(".many tr.group").starts_with("INIT-1 "));
        let file = pm.bytes(&format!("/params.csv?sort={sort}")).await;
        let file = String::from_utf8(file).unwrap();
        let places: Vec<_> = names.iter().map(|name| file.find(name)).collect();
        assert!(places.is_sorted() && places[0].is_some(), "{sort}: {file}");
    }
    let page = pm.get("/params?sort=value&state=approved").await;
    assert_eq!(page.texts(".many .code-name"), ["alpha"]);
    let chip = page.text(".chips[aria-label='Sort by'] a[aria-current]");
    assert_eq!(chip, "Value");
    for nonsense in ["?sort=odd", "?sort=changed&at=yesterday&after=1"] {
        let page = pm.get(&format!("/params{nonsense}")).await;
        assert_eq!(page.count(".many tr[id^='param-']"), 3, "{nonsense}");
    }
}

#[tokio::test]
async fn a_search_finds_params_by_their_initiatives_key_and_title_too() {
    let (app, pm) = app().await;
    app.with_approved_formula("INIT-22", "value = delta * 2")
        .await;
    for (search, names) in [
        ("init-22", vec!["delta"]),
        ("GAMM", vec!["gamma"]),
        ("zebra", vec![]),
    ] {
        let page = pm.get(&format!("/params?q={search}")).await;
        assert_eq!(page.texts(".many .code-name"), names, "{search}");
    }
    let page = pm.get("/params?q=checkout%20CONV").await;
    let found = page.texts(".many .code-name");
    assert!(found.contains(&"delta".to_owned()), "{found:?}");
}

#[tokio::test]
async fn columns_are_chosen_by_a_form_and_go_along_in_the_address() {
    let (_app, pm) = app().await;
    let page = pm.get("/params?state=missing").await;
    assert_eq!(page.count(".columns input[type=checkbox][checked]"), 6);
    assert_eq!(
        page.attribute(".columns input[name=state]", "value"),
        "missing"
    );
    let page = pm
        .get("/params?state=missing&columns=value&columns=unit&columns=state")
        .await;
    assert_eq!(
        page.attribute("#grid", "class"),
        "many no-range no-source no-evidence no-changed"
    );
    assert_eq!(page.count(".columns input[type=checkbox][checked]"), 2);
    assert!(
        page.html.contains("columns=value%2Cunit%2Cstate&amp;")
            || page.html.contains("columns=value%2Cunit%2Cstate")
    );
    let whole = pm.get("/params.csv?columns=value").await;
    assert!(
        whole.html.contains("evidence_link"),
        "a download has every column"
    );
}

#[tokio::test]
async fn a_review_date_that_is_near_or_past_is_said_and_found_and_changes_no_score() {
    let (app, pm) = app().await;
    for (param, date) in [("alpha", "2020-11-03"), ("beta", "2199-01-01")] {
        pm.fill("INIT-1", param, "review_by", date).await;
    }
    let page = pm.get("/params?state=review_due").await;
    assert_eq!(page.count(".many tr[id^='param-']"), 1);
    assert_eq!(
        page.texts(".many .is-review_due"),
        ["Review was due 3 Nov 2020"]
    );
    let page = pm.get("/params").await;
    assert_eq!(page.count(".many .is-review_due"), 1);
    let live = "select count(*) from approvals where part = 'value' and withdrawn_at is null";
    assert_eq!(app.count(live).await, 1, "it only reminds");
}

#[tokio::test]
async fn a_units_form_offers_those_of_the_initiative_first_and_takes_any_other() {
    let (_app, pm) = app().await;
    pm.fill("INIT-1", "alpha", "unit", "visits per week").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let id = page.param_id("beta");
    let form = pm.get(&format!("/params/{id}/fields/unit/edit")).await;
    assert_eq!(
        form.attribute("form.edit input[name=value]", "list"),
        form.attribute("datalist", "id")
    );
    assert_eq!(
        form.attribute("datalist option", "value"),
        "visits per week"
    );
    assert!(form.count("datalist option") > 5);
    let saved = form
        .submit(&pm, "form.edit", &[("value", "furlongs")])
        .await;
    assert!(saved.html.contains("furlongs"));
    let page = pm.get("/params").await;
    assert_eq!(page.attribute("#bulk-unit", "list"), "bulk-unit-choices");
    let viewer = TestApp::start().await.sign_in(Role::Viewer).await;
    assert_eq!(viewer.get("/params").await.count("#bulk-unit"), 0);
}
