//! A form posted twice, by double click, Back or retry, has one effect and the same answer.

use crate::support::{Page, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;
use scraper::{Html, Selector};

fn with(mut fields: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    fields.retain(|(field, _)| field != name);
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

#[tokio::test]
async fn a_new_initiative_sent_twice_is_one_and_both_answers_show_it() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let form = pm.get("/initiatives/new").await;
    let (action, fields) = form.form("form[action='/initiatives']");
    let fields = with(fields, "title", "One");
    for _ in 0..2 {
        let page = pm.post(&action, &fields).await;
        assert_eq!(
            (page.status, page.path.as_str()),
            (StatusCode::OK, "/initiatives/INIT-1")
        );
    }
    assert_eq!(app.count("select count(*) from initiatives").await, 1);
    assert_eq!(
        app.count("select count(*) from change_log where field = 'created'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_value_an_approval_and_a_formula_sent_twice_take_effect_once() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let edit = pm.get(&format!("/params/{id}/fields/value/edit")).await;
    let (action, fields) = edit.form("form.edit");
    let value = (action, with(fields, "value", "400"));
    let page = pm.post(&value.0, &value.1).await;
    let approval = page.form(&format!("form[action='/params/{id}/approval']"));
    pm.post(&approval.0, &approval.1).await;
    let page = pm.get("/initiatives/INIT-1").await;
    let (action, fields) = page.form("form.write");
    let formula = (action, with(fields, "formula", "value = sessions * 3"));
    pm.post(&formula.0, &formula.1).await;
    let before = app.count("select count(*) from change_log").await;
    for (action, fields) in [value, approval, formula] {
        let again = pm.post(&action, &fields).await;
        assert_eq!(
            again.status,
            StatusCode::OK,
            "{action}: {}",
            again.text("body")
        );
    }
    assert_eq!(app.count("select count(*) from change_log").await, before);
    assert_eq!(
        app.count("select count(*) from approvals where part = 'value'")
            .await,
        1
    );
    assert_eq!(
        app.count("select max(version)::bigint from formula_versions")
            .await,
        2
    );
}

#[tokio::test]
async fn two_at_the_same_moment_are_one() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let edit = pm.get(&format!("/params/{id}/fields/value/edit")).await;
    let (action, fields) = edit.form("form.edit");
    let fields = with(fields, "value", "400");
    let before = app.count("select count(*) from change_log").await;
    let send = || pm.post_htmx(&action, &fields);
    let answers = tokio::join!(send(), send(), send(), send());
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.html);
    }
    assert_eq!(
        app.count("select count(*) from change_log").await,
        before + 1
    );
}

#[tokio::test]
async fn a_refused_form_leaves_its_key_unused_and_another_text_under_a_used_key_shows_both() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let edit = pm.get(&format!("/params/{id}/fields/value/edit")).await;
    let (action, fields) = edit.form("form.edit");
    let refused = pm
        .post(&action, &with(fields.clone(), "value", "lots"))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let saved = pm
        .post(&action, &with(fields.clone(), "value", "400"))
        .await;
    assert_eq!(saved.status, StatusCode::OK);
    // Back, another value, the old key and revision.
    let both = pm
        .post(&action, &with(fields.clone(), "value", "500"))
        .await;
    assert_eq!(both.status, StatusCode::CONFLICT);
    assert_eq!(
        both.attribute("form.edit input[name=value]", "value"),
        "500"
    );
    assert!(
        both.text("form.edit").contains("400"),
        "{}",
        both.text("form.edit")
    );
    let key = |page: &Page| page.attribute("form.edit [name=idempotency_key]", "value");
    assert_ne!(key(&both), key(&edit), "a new key with every rendering");
}

#[tokio::test]
async fn every_unsafe_form_carries_a_key() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let pages = [
        "/backlog".to_owned(),
        "/initiatives/new".to_owned(),
        "/initiatives/INIT-1".to_owned(),
        "/initiatives/INIT-1/fields/title/edit".to_owned(),
        "/math-models/1".to_owned(),
        "/math-models/1/fields/model_name/edit".to_owned(),
        "/params".to_owned(),
        format!("/params/{id}"),
        format!("/params/{id}/fields/range/edit"),
    ];
    let mut forms = 0;
    for path in pages {
        let page = pm.get(&path).await;
        let document = Html::parse_document(&page.html);
        for form in document.select(&Selector::parse("form[method=post]").unwrap()) {
            let action = form.value().attr("action").unwrap_or_default();
            if action == "/sign-out" {
                continue;
            }
            forms += 1;
            let key = Selector::parse("[name=idempotency_key]").unwrap();
            assert!(form.select(&key).next().is_some(), "{path}: {action}");
        }
    }
    assert!(forms > 10, "only {forms} forms found");
}
