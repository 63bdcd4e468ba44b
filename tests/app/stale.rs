//! An approval means exactly what was approved: editing approved things withdraws it, the last score stands as stale,
//! and the very same text brings the approval back.

use crate::support::{Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;

async fn scored(app: &TestApp) -> Person {
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    pm.approve("INIT-1", "sessions").await;
    assert!(
        pm.get("/initiatives/INIT-1")
            .await
            .text("#score-card .big")
            .contains("800")
    );
    pm
}

#[tokio::test]
async fn changing_an_approved_value_withdraws_the_approval_and_the_score_stands_as_stale() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let analyst = app.sign_in(Role::Analytics).await;
    analyst.fill("INIT-1", "sessions", "value", "500").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let card = page.text("#score-card");
    assert!(card.contains("Stale") && card.contains("800"), "{card}");
    assert!(
        card.contains("Anders Holm"),
        "the reason names the person: {card}"
    );
    assert_eq!(
        app.count(
            "select count(*) from approvals where part = 'value' and withdrawn_at is not null"
        )
        .await,
        1
    );
    pm.approve("INIT-1", "sessions").await;
    assert!(
        pm.get("/initiatives/INIT-1")
            .await
            .text("#score-card .big")
            .contains("1,000")
    );
    assert_eq!(
        app.count("select count(*) from scores").await,
        2,
        "the earlier score is kept"
    );
}

#[tokio::test]
async fn what_is_equal_after_parsing_changes_nothing() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let before = app.count("select count(*) from change_log").await;
    let saved = pm.fill("INIT-1", "sessions", "value", "400.00").await;
    assert_eq!(saved.status, StatusCode::OK);
    pm.save_formula("INIT-1", "value = sessions × 2").await;
    assert_eq!(app.count("select count(*) from change_log").await, before);
    assert!(
        pm.get("/initiatives/INIT-1")
            .await
            .text("#score-card header")
            .contains("Approved")
    );
}

#[tokio::test]
async fn saving_over_an_approved_formula_withdraws_it_and_going_back_reinstates_it() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let saved = pm.save_formula("INIT-1", "value = sessions * 3").await;
    let card = saved.text("#score-card");
    assert!(
        card.contains("Stale") && card.contains("version 2"),
        "{card}"
    );
    let back = saved
        .submit_button(&pm, "Back to the approved version")
        .await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.text("main"));
    assert!(
        back.text("#score-card header").contains("Approved"),
        "{}",
        back.text("#score-card")
    );
    assert_eq!(
        app.count("select count(*) from formula_versions where owner_kind = 'math_model'")
            .await,
        3
    );
    assert_eq!(
        app.count(
            "select count(*) from approvals where origin = 'reinstated' and reinstates is not null"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn approving_a_changed_formula_keeps_rows_adds_new_ones_and_marks_what_is_not_used() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    pm.save_formula("INIT-1", "value = orders * margin_per_order")
        .await;
    let page = pm.approve_formula("INIT-1").await;
    assert_eq!(
        page.texts("tr[id^='param-'] .code-name"),
        ["orders", "margin_per_order", "sessions"]
    );
    let id = page.param_id("sessions");
    assert!(page.text(&format!("#param-{id}")).contains("Not used"));
    assert_eq!(
        app.count("select count(*) from params where name = 'sessions' and value = 400 and position is null").await,
        1
    );
    pm.save_formula("INIT-1", "value = sessions * 2").await;
    let again = pm.approve_formula("INIT-1").await;
    assert!(
        again.text("#score-card .big").contains("800"),
        "its row came back with value and approval"
    );
}

#[tokio::test]
async fn activating_a_framework_that_is_not_ready_says_first_what_leaves_the_backlog() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let page = pm.get("/initiatives/INIT-1").await;
    let framework = "form[action='/initiatives/INIT-1/framework']";
    let asked = page.submit(&pm, framework, &[("framework", "RICE")]).await;
    assert!(
        asked.text("form.ask").contains("800"),
        "{}",
        asked.text("form.ask")
    );
    assert!(
        asked.text("#score-card").contains("800"),
        "nothing has changed yet"
    );
    let done = asked.submit(&pm, "form.ask", &[]).await;
    assert!(
        done.text("#score-card").contains("Not ready"),
        "{}",
        done.text("#score-card")
    );
    let back = done
        .submit(&pm, framework, &[("framework", "MATH_MODEL")])
        .await;
    assert!(
        back.text("#score-card .big").contains("800"),
        "the model's score was kept"
    );
}

#[tokio::test]
async fn a_range_around_the_value_leaves_the_score_approved() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let form = pm.get(&format!("/params/{id}/fields/range/edit")).await;
    form.submit(&pm, "form.edit", &[("min", "300"), ("max", "500")])
        .await;
    let page = pm.get("/initiatives/INIT-1").await;
    assert!(page.text("#score-card header").contains("Approved"));
    assert!(
        page.text(&format!("#param-{id}"))
            .contains("Range needs approval"),
        "{}",
        page.text(&format!("#param-{id}"))
    );
}

/// Why the score is stale, as its card says it.
async fn reason(pm: &Person) -> String {
    let page = pm.get("/initiatives/INIT-1").await;
    let reasons = page.texts("#score-card .reason");
    let stale = reasons.into_iter().find(|text| text.starts_with("Stale"));
    let stale = stale.unwrap_or_else(|| panic!("not stale: {}", page.text("#score-card")));
    assert!(stale.ends_with(" UTC."), "the time is told: {stale}");
    stale
}

#[tokio::test]
async fn the_reason_of_a_stale_score_names_the_field_the_person_and_the_time() {
    for (role, field, typed, by) in [
        (Role::Analytics, "value", "500", "Anders Holm"),
        (Role::Analytics, "unit", "visits", "Anders Holm"),
        (Role::Pm, "source", "Eng", "Priya Nair"),
    ] {
        let app = TestApp::start().await;
        let pm = scored(&app).await;
        let person = app.sign_in(role).await;
        person.fill("INIT-1", "sessions", field, typed).await;
        let stale = reason(&pm).await;
        let said = format!("the {field} of Sessions changed, by {by}");
        assert!(stale.contains(&said), "{stale}");
        for list in ["/backlog", "/params?initiative=INIT-1", "/scoring"] {
            let page = pm.get(list).await;
            let title = page.attribute(".badge.is-stale", "title");
            assert!(
                title.contains(&said) && title.ends_with(" UTC."),
                "{list}: {title}"
            );
        }
    }
}

#[tokio::test]
async fn a_range_that_leaves_the_value_outside_makes_the_score_stale() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let form = pm.get(&format!("/params/{id}/fields/range/edit")).await;
    form.submit(&pm, "form.edit", &[("min", ""), ("max", "300")])
        .await;
    let stale = reason(&pm).await;
    assert!(
        stale.contains("the range of Sessions changed, by Priya Nair"),
        "{stale}"
    );
}

#[tokio::test]
async fn a_withdrawn_approval_makes_the_score_stale_and_is_named() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let page = pm.get("/initiatives/INIT-1").await;
    let id = page.param_id("sessions");
    let form = format!("form[action='/params/{id}/approval/withdrawal']");
    page.submit(&pm, &form, &[]).await;
    let stale = reason(&pm).await;
    let said = "the approval of Sessions was withdrawn, by Priya Nair";
    assert!(stale.contains(said), "{stale}");

    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let page = pm.get("/initiatives/INIT-1").await;
    page.submit_button(&pm, "Withdraw approval").await;
    let stale = reason(&pm).await;
    let said = "the approval of the formula was withdrawn, by Priya Nair";
    assert!(stale.contains(said), "{stale}");
}

#[tokio::test]
async fn a_param_that_a_new_version_adds_is_named_once_the_version_is_approved() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    pm.save_formula("INIT-1", "value = sessions * basket_value")
        .await;
    let stale = reason(&pm).await;
    let said = "version 2 of the formula waits for approval, by Priya Nair";
    assert!(stale.contains(said), "{stale}");
    pm.approve_formula("INIT-1").await;
    let stale = reason(&pm).await;
    let said = "version 2 of the formula was approved and added Basket value, by Priya Nair";
    assert!(stale.contains(said), "{stale}");
}

#[tokio::test]
async fn effort_moves_the_overall_score_and_never_makes_it_stale() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let set = async |days: &str| {
        let form = pm
            .get("/initiatives/INIT-1/fields/effort_engineering_days/edit")
            .await;
        form.submit(&pm, "form.edit", &[("value", days)]).await;
        pm.get("/initiatives/INIT-1").await.text("#score-card")
    };
    let card = pm.get("/initiatives/INIT-1").await.text("#score-card");
    assert!(
        card.contains("Overall is empty: no effort is given."),
        "{card}"
    );
    for (days, says) in [
        ("0", "Overall is empty: the effort is 0."),
        ("40", "Overall20"),
    ] {
        let card = set(days).await;
        assert!(
            card.contains("800") && card.contains(says) && !card.contains("Stale"),
            "{days}: {card}"
        );
    }
}

#[tokio::test]
async fn a_framework_that_was_off_while_its_inputs_changed_says_so_when_it_is_on_again() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let framework = "form[action='/initiatives/INIT-1/framework']";
    let page = pm.get("/initiatives/INIT-1").await;
    let asked = page.submit(&pm, framework, &[("framework", "RICE")]).await;
    asked.submit(&pm, "form.ask", &[]).await;
    let off = pm.get("/initiatives/INIT-1").await;
    let off = off
        .submit(&pm, "form[action='/initiatives/INIT-1/math-model']", &[])
        .await;
    assert_eq!(off.status, StatusCode::OK, "{}", off.text("main"));
    let id = app
        .count("select id from params where name = 'sessions'")
        .await;
    let form = pm.get(&format!("/params/{id}/fields/value/edit")).await;
    form.submit(&pm, "form.edit", &[("value", "500")]).await;
    let page = pm.get("/initiatives/INIT-1").await;
    page.submit(&pm, framework, &[("framework", "MATH_MODEL")])
        .await;
    let stale = reason(&pm).await;
    let said = "the framework was turned on again after its inputs had changed, by Priya Nair";
    assert!(stale.contains(said), "{stale}");
}
