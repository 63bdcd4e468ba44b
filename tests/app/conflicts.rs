//! Two people on one row, and stale tabs: nobody's edit is lost, and a click never means something that wasn't shown.

use crate::support::TestApp;
use productops::domain::rights::Role;
use reqwest::StatusCode;

#[tokio::test]
async fn two_people_on_one_field_see_each_other_and_choose() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let analyst = app.sign_in(Role::Analytics).await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let edit = format!("/params/{id}/fields/value/edit");
    let (mine, theirs) = (pm.get(&edit).await, analyst.get(&edit).await);
    let selector = "form.edit";
    theirs.submit(&analyst, selector, &[("value", "400")]).await;
    let conflict = mine.submit(&pm, selector, &[("value", "500")]).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    let text = conflict.text("main");
    assert!(
        text.contains("Anders Holm") && text.contains("400"),
        "{text}"
    );
    assert_eq!(
        conflict.attribute("form input[name=value]", "value"),
        "500",
        "mine is still in the field"
    );
    assert_eq!(
        app.count("select value::bigint from params").await,
        400,
        "theirs is saved"
    );
    let forced = conflict.submit(&pm, selector, &[]).await;
    assert_eq!(forced.status, StatusCode::OK, "{}", forced.text("main"));
    assert_eq!(app.count("select value::bigint from params").await, 500);
}

#[tokio::test]
async fn edits_of_different_fields_of_one_row_merge() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let value = pm.get(&format!("/params/{id}/fields/value/edit")).await;
    let notes = pm.get(&format!("/params/{id}/fields/notes/edit")).await;
    value.submit(&pm, "form.edit", &[("value", "400")]).await;
    let saved = notes
        .submit(&pm, "form.edit", &[("value", "Q4 traffic")])
        .await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
    assert_eq!(
        app.count("select count(*) from params where value = 400 and notes = 'Q4 traffic'")
            .await,
        1
    );
}

#[tokio::test]
async fn an_approval_from_a_stale_tab_approves_nothing() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let stale = pm.fill("INIT-1", "sessions", "value", "400").await;
    let id = stale.param_id("sessions");
    let analyst = app.sign_in(Role::Analytics).await;
    analyst.fill("INIT-1", "sessions", "value", "9000").await;
    let refused = stale
        .submit(&pm, &format!("form[action='/params/{id}/approval']"), &[])
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.text("body").contains("Anders Holm"),
        "{}",
        refused.text("body")
    );
    assert_eq!(
        app.count("select count(*) from approvals where subject_kind = 'param'")
            .await,
        0
    );
}

#[tokio::test]
async fn approving_a_formula_means_the_version_that_was_shown() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "MATH_MODEL").await;
    let stale = pm.save_formula("INIT-1", "value = sessions * 2").await;
    pm.save_formula("INIT-1", "value = sessions * 3").await;
    let approve = "form[action$='/approval']:has([name=formula_version])";
    let refused = stale.submit(&pm, approve, &[]).await;
    assert_eq!(
        refused.status,
        StatusCode::CONFLICT,
        "{}",
        refused.text("body")
    );
    assert_eq!(app.count("select count(*) from approvals").await, 0);
}

#[tokio::test]
async fn a_formula_saved_over_somebody_elses_keeps_both_texts() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "MATH_MODEL").await;
    let stale = pm.get("/initiatives/INIT-1").await;
    let admin = app.sign_in(Role::Admin).await;
    admin.save_formula("INIT-1", "value = theirs * 2").await;
    let conflict = stale
        .submit(&pm, "form.write", &[("formula", "value = mine * 2")])
        .await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(
        conflict.text(".conflict").contains("theirs * 2"),
        "{}",
        conflict.text(".conflict")
    );
    assert_eq!(conflict.text("form.write textarea"), "value = mine * 2");
    let saved = conflict.submit(&pm, "form.write", &[]).await;
    assert_eq!(saved.status, StatusCode::OK);
    assert_eq!(
        app.count("select count(*) from formula_versions where owner_kind = 'math_model'")
            .await,
        2
    );
}
