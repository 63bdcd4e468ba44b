//! One decision on many rows: what can be done is done in one batch, the others are left out with the reason.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;

/// INIT-1 with three params of which one has no value, and INIT-2 with one.
async fn app() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = alpha * beta * gamma")
        .await;
    pm.create("INIT-2", "Another", "MATH_MODEL").await;
    pm.save_formula("INIT-2", "value = orders").await;
    pm.approve_formula("INIT-2").await;
    for (key, param) in [
        ("INIT-1", "alpha"),
        ("INIT-1", "beta"),
        ("INIT-2", "orders"),
    ] {
        pm.fill(key, param, "value", "5").await;
    }
    (app, pm)
}

/// Ticks every row of the page and presses a button of the bar.
async fn presses(person: &Person, page: &Page, to: &str, with: &[(&str, &str)]) -> Page {
    let (_, mut fields) = page.form("#bulk");
    for (name, value) in with {
        fields.retain(|(field, _)| field != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    for id in ["alpha", "beta", "gamma", "orders"].map(|name| page.param_id(name)) {
        let row = page.attribute(&format!("#param-{id} .pick"), "value");
        fields.push(("row".to_owned(), row));
    }
    person.post(to, &fields).await
}

#[tokio::test]
async fn many_are_approved_at_once_and_what_has_no_value_or_changed_is_left_out_with_the_reason() {
    let (app, pm) = app().await;
    let page = pm.get("/params").await;
    pm.fill("INIT-1", "beta", "value", "6").await;
    let before = app.count("select count(*) from change_log").await;
    let done = presses(&pm, &page, "/params/approvals", &[]).await;
    let notice = done.text("#notices");
    assert!(
        notice.contains("2 params approved. 2 params left out:"),
        "{notice}"
    );
    assert!(notice.contains("has no value yet"), "{notice}");
    assert!(
        notice.contains("changed the value of Beta from 5 to 6"),
        "{notice}"
    );
    assert_eq!(done.count("#notices form[action$='/undo']"), 1);
    // value and range of two
    assert_eq!(
        app.count("select count(*) from change_log").await,
        before + 4
    );
    let batches = "select count(distinct batch_id) from change_log where field like '%approval' and entity = 'param'";
    assert_eq!(app.count(batches).await, 1);
    assert_eq!(
        app.count("select count(*) from scores").await,
        1,
        "INIT-2 is scored now"
    );
}

#[tokio::test]
async fn what_is_not_theirs_is_left_out() {
    let (app, _pm) = app().await;
    let eng = app.sign_in(Role::Eng).await;
    let page = eng.get("/params").await;
    let done = presses(&eng, &page, "/params/approvals", &[]).await;
    let notice = done.text("#notices");
    assert!(
        notice.contains("0 params approved. 4 params left out:"),
        "{notice}"
    );
    assert!(notice.contains("can approve this param"), "{notice}");
    assert_eq!(
        done.count("#notices form[action$='/undo']"),
        0,
        "nothing to take back"
    );
    assert_eq!(
        app.count("select count(*) from approvals where part = 'value'")
            .await,
        0
    );
}

#[tokio::test]
async fn source_and_unit_are_set_for_many_and_sent_twice_it_is_once() {
    let (app, pm) = app().await;
    let page = pm.get("/params").await;
    let done = presses(&pm, &page, "/params/sources", &[("source", "Finance")]).await;
    assert!(
        done.text("#notices")
            .contains("4 params given their source."),
        "{}",
        done.text("#notices")
    );
    let logged = app.count("select count(*) from change_log").await;
    let again = presses(&pm, &page, "/params/sources", &[("source", "Finance")]).await;
    assert!(again.text("#notices").contains("done already"));
    assert_eq!(app.count("select count(*) from change_log").await, logged);
    let page = pm.get("/params").await;
    let done = presses(&pm, &page, "/params/units", &[("unit", "visits")]).await;
    assert!(done.text("#notices").contains("4 params given their unit."));
    assert_eq!(
        app.count("select count(*) from params where unit = 'visits' and source = 'Finance'")
            .await,
        4
    );
    let batches = "select count(distinct batch_id) from change_log where field = 'unit' and new = '\"visits\"'";
    assert_eq!(app.count(batches).await, 1);
}

#[tokio::test]
async fn without_a_unit_or_a_row_nothing_is_done_and_the_page_says_so() {
    let (_app, pm) = app().await;
    let page = pm.get("/params").await;
    let done = presses(&pm, &page, "/params/units", &[]).await;
    assert!(
        done.text("#notices")
            .contains("Nothing was changed. Type a unit first.")
    );
    let (_, fields) = page.form("#bulk");
    let done = pm.post("/params/approvals", &fields).await;
    assert!(done.text("#notices").contains("Choose some rows first."));
}

#[tokio::test]
async fn units_are_cleared_for_many_and_what_was_approved_waits_again() {
    let (app, pm) = app().await;
    let page = pm.get("/params").await;
    presses(&pm, &page, "/params/units", &[("unit", "visits")]).await;
    pm.approve("INIT-1", "alpha").await;
    let page = pm.get("/params").await;
    let done = presses(&pm, &page, "/params/units", &[("clear", "unit")]).await;
    let notice = done.text("#notices");
    assert!(notice.contains("4 params left without a unit."), "{notice}");
    assert_eq!(
        app.count("select count(*) from params where unit <> ''")
            .await,
        0
    );
    let live = "select count(*) from approvals where part = 'value' and withdrawn_at is null";
    assert_eq!(app.count(live).await, 0);
}

#[tokio::test]
async fn a_source_for_many_says_how_many_approvals_it_took() {
    let (_app, pm) = app().await;
    let page = pm.get("/params").await;
    presses(&pm, &page, "/params/approvals", &[]).await;
    let page = pm.get("/params").await;
    let done = presses(&pm, &page, "/params/sources", &[("source", "Eng")]).await;
    let notice = done.text("#notices");
    assert!(notice.contains("3 approvals fell"), "{notice}");
    let undo = done.text("#undo");
    assert!(undo.contains("and 3 more"), "{undo}");
}
