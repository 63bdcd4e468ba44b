//! Templates: a model becomes one, others begin from it, and hear of its changes without anything changing by itself.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;

const FORM: &str = "form[action='/math-models/1/template']";

/// INIT-1's model is the template *Orders*; INIT-2 began from it and is approved.
async fn app() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * margin")
        .await;
    let marked = marks(&pm, "Orders", "Where more orders come").await;
    assert_eq!(marked.status, StatusCode::OK, "{}", marked.text("main"));
    pm.create("INIT-2", "Two", "MATH_MODEL").await;
    let begun = begins(&pm, "template:1", "INIT-2").await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text("main"));
    pm.approve_formula("INIT-2").await;
    (app, pm)
}

async fn marks(pm: &Person, name: &str, when_to_use: &str) -> Page {
    let form = pm.get("/math-models/1/template").await;
    let typed = [("name", name), ("when_to_use", when_to_use)];
    form.submit(pm, FORM, &typed).await
}

async fn begins(pm: &Person, from: &str, key: &str) -> Page {
    let page = pm
        .get(&format!(
            "/copies/preview?from={from}&target={key}&over={key}"
        ))
        .await;
    page.submit(pm, "#copy", &[]).await
}

/// The template's formula becomes another one, saved and approved.
async fn template_becomes(pm: &Person, formula: &str) {
    pm.save_formula("INIT-1", formula).await;
    pm.approve_formula("INIT-1").await;
}

#[tokio::test]
async fn a_model_becomes_a_template_that_everybody_finds_and_is_one_no_longer() {
    let (app, pm) = app().await;
    let viewer = app.sign_in(Role::Viewer).await;
    let library = viewer.get("/templates?q=more+ORDERS").await;
    let entry = library.text("#template-1");
    assert!(
        entry.contains("Orders")
            && entry.contains("Kept by Priya Nair in INIT-1 · used by 1 initiative")
            && entry.contains("value = orders * margin"),
        "{entry}"
    );
    assert_eq!(library.count("article"), 1, "only what matches");
    let page = viewer.get("/templates/1").await;
    let text = page.text("main");
    for part in ["Where more orders come", "Margin margin", "INIT-2 Two"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("Only a PM or an admin"), "{text}");
    let model = pm.get("/math-models/1").await;
    assert!(model.text(".titles").contains("Template: Orders"));
    let form = pm.get("/math-models/1/template").await;
    form.submit(&pm, "#template-removal", &[]).await;
    assert_eq!(
        viewer.get("/templates/1").await.status,
        StatusCode::NOT_FOUND
    );
    let history = pm.get("/initiatives/INIT-1/history").await.text("main");
    for sentence in [
        "made INIT-1_MATH_MODEL_V1 the template “Orders”",
        "took INIT-1_MATH_MODEL_V1 out of the templates (was “Orders”)",
    ] {
        assert!(history.contains(sentence), "{sentence}: {history}");
    }
    let kept = pm.get("/initiatives/INIT-2").await.text(".editor header");
    assert!(
        kept.contains("from template “Orders” (version 1)"),
        "{kept}"
    );
}

#[tokio::test]
async fn a_template_needs_a_name_and_an_approved_formula() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "MATH_MODEL").await;
    pm.save_formula("INIT-1", "value = a").await;
    let refused = marks(&pm, "Early", "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text(".error").contains("Approve it first."));
    pm.approve_formula("INIT-1").await;
    let refused = marks(&pm, "  ", "Kept <while> typed").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.text("#when-to-use"), "Kept <while> typed");
    assert_eq!(app.count("select count(*) from model_templates").await, 0);
}

#[tokio::test]
async fn two_who_describe_a_template_at_once_see_each_others_words() {
    let (app, pm) = app().await;
    let stale = pm.get("/math-models/1/template").await;
    let admin = app.sign_in(Role::Admin).await;
    marks(&admin, "Orders, all", "").await;
    let answer = stale.submit(&pm, FORM, &[("name", "Mine")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let conflict = answer.text(".conflict");
    assert!(
        conflict.contains("changed the template “Orders, all”"),
        "{conflict}"
    );
    assert_eq!(answer.attribute("#name", "value"), "Mine");
    let anyway = answer.submit(&pm, FORM, &[]).await;
    assert_eq!(anyway.status, StatusCode::OK);
    assert!(pm.get("/templates/1").await.text("h1").contains("Mine"));
}

#[tokio::test]
async fn a_pattern_begins_a_model_that_scores_with_its_sample_numbers() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "MATH_MODEL").await;
    let start = pm.get("/initiatives/INIT-1").await;
    let library = pm
        .get(&start.attribute("a[href^='/templates?target=']", "href"))
        .await;
    let href = library.attribute("#pattern-rate-uplift .buttons a", "href");
    let preview = pm.get(&href).await;
    let model = preview.submit(&pm, "#copy", &[]).await;
    let header = model.text(".editor header");
    assert!(
        header.contains("from template “Rate uplift” (version 1)"),
        "{header}"
    );
    let page = pm.get("/templates/rate-uplift").await;
    assert!(page.text("main").contains("INIT-1 One"));
    assert!(page.text("#template-params ~ span").contains("£59,800"));
    let names = page.texts("tbody code");
    let samples = page.texts("tbody td.num");
    assert_eq!((names.len(), samples.len()), (7, 7));
    pm.approve_formula("INIT-1").await;
    for (name, sample) in names.iter().zip(&samples) {
        pm.fill("INIT-1", name, "value", sample).await;
        pm.approve("INIT-1", name).await;
    }
    assert_eq!(app.count("select value::bigint from scores").await, 59_800);
    let assumptions = "select count(*) from math_models where assumptions_text like '%lasts for the whole horizon%'
        and value_unit = '£'";
    assert_eq!(app.count(assumptions).await, 1);
}

#[tokio::test]
async fn a_later_formula_of_a_template_is_offered_and_never_taken_by_itself() {
    let (app, pm) = app().await;
    assert_eq!(pm.get("/math-models/2").await.count("#template-change"), 0);
    pm.save_formula("INIT-1", "value = orders * margin * 3")
        .await;
    assert_eq!(
        pm.get("/math-models/2").await.count("#template-change"),
        0,
        "a version that waits for approval is no offer"
    );
    pm.approve_formula("INIT-1").await;
    for path in ["/math-models/2", "/initiatives/INIT-2"] {
        let page = pm.get(path).await;
        let notice = page.text("#template-change");
        assert!(
            notice.contains("version 2") && notice.contains("began from version 1"),
            "{notice}"
        );
        assert_eq!(
            page.texts("#template-change del"),
            ["removed: − value = orders * margin"]
        );
        assert!(
            notice.contains("the approval of this one is withdrawn"),
            "{notice}"
        );
    }
    assert_eq!(pm.get("/math-models/1").await.count("#template-change"), 0);
    let viewer = app.sign_in(Role::Viewer).await;
    let seen = viewer.get("/math-models/2").await;
    assert_eq!(seen.count("#template-change"), 1);
    assert_eq!(seen.count("#template-change form"), 0);
    let approved =
        "select count(*) from approvals where subject_kind = 'math_model' and subject_id = 2
        and withdrawn_at is null";
    assert_eq!(app.count(approved).await, 1, "nothing happened by itself");

    let page = pm.get("/math-models/2").await;
    let preview = pm
        .get(&page.attribute("#template-change a.button", "href"))
        .await;
    assert_eq!(preview.count("input[name=over][checked]"), 1);
    let taken = preview.submit(&pm, "#copy", &[]).await;
    let header = taken.text(".editor header");
    assert!(
        header.contains("Version 2") && header.contains("from template “Orders” (version 2)"),
        "{header}"
    );
    assert_eq!(taken.count("#template-change"), 0);
    assert_eq!(app.count(approved).await, 0);
}

#[tokio::test]
async fn a_change_that_is_put_off_comes_back_only_with_the_next_one() {
    let (app, pm) = app().await;
    template_becomes(&pm, "value = orders * margin * 3").await;
    let page = pm.get("/math-models/2").await;
    let put_off = page.submit_button(&pm, "Not now").await;
    assert_eq!(put_off.status, StatusCode::OK, "{}", put_off.text("main"));
    assert_eq!(put_off.count("#template-change"), 0);
    let history = pm.get("/initiatives/INIT-2/history").await.text("main");
    assert!(
        history.contains("the change of template “Orders” isn’t wanted now"),
        "{history}"
    );
    template_becomes(&pm, "value = orders * margin * 4").await;
    let page = pm.get("/math-models/2").await;
    assert!(page.text("#template-change").contains("version 3"));
    assert_eq!(app.count("select count(*) from formula_origins").await, 1);
}
