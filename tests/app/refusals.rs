//! Wrong things, answered as the spec says: what happened, what is safe, what to do; what was typed stays.

use crate::support::TestApp;
use productops::domain::rights::Role;
use reqwest::StatusCode;

#[tokio::test]
async fn a_formula_with_mistakes_can_be_saved_and_not_approved_and_says_where_it_is_wrong() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "MATH_MODEL").await;
    let cases = [
        ("value = 2 * (orders + 1", "line 1"),
        ("value = sqroot(orders)", "sqroot"),
        ("value = gross - cost\ngross = orders * 2", "gross"),
    ];
    for (wrong, mentions) in cases {
        let page = pm.save_formula("INIT-1", wrong).await;
        let check = page.text("[id$='-check']");
        assert!(check.to_lowercase().contains(mentions), "{wrong}: {check}");
        assert_eq!(
            page.text("form.write textarea"),
            wrong.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        assert_eq!(
            page.count("form[action$='/approval'] [name=formula_version]"),
            0,
            "no button for {wrong}"
        );
    }
    assert_eq!(app.count("select count(*) from params").await, 0);
}

#[tokio::test]
async fn text_in_a_number_and_doubtful_amounts_come_back_with_what_was_typed() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    for (param, typed, mentions) in [
        ("sessions", "about a million", "number"),
        ("sessions", "1,5", "1.5"),
        ("margin", "4", "4 %"),
        ("sessions", "=X5/W5", "number"),
        ("sessions", "NaN", "number"),
    ] {
        let page = pm.fill("INIT-1", param, "value", typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert_eq!(page.attribute("form input[name=value]", "value"), typed);
        let error = page.text("form .error").to_lowercase();
        assert!(error.contains(mentions), "{typed}: {error}");
    }
    assert_eq!(
        app.count("select count(*) from params where value is not null")
            .await,
        0
    );
}

#[tokio::test]
async fn hard_bounds_refuse_and_the_field_stays_as_it_was() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "RICE").await;
    let page = pm.fill("INIT-1", "impact", "value", "5").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.text("form .error").contains("0 to 3"),
        "{}",
        page.text("form .error")
    );
    assert_eq!(
        app.count("select count(*) from params where value is not null")
            .await,
        0
    );
}

#[tokio::test]
async fn soft_bounds_warn_on_entry_and_refuse_the_approval() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let page = pm.get("/initiatives/INIT-1").await;
    let id = page.param_id("sessions");
    let form = pm.get(&format!("/params/{id}/fields/range/edit")).await;
    form.submit(&pm, "form.edit", &[("min", "10"), ("max", "20")])
        .await;
    let saved = pm.fill("INIT-1", "sessions", "value", "30").await;
    assert_eq!(saved.status, StatusCode::OK);
    // The button is off on the page, so the form is sent by hand.
    assert!(
        saved
            .text(&format!("#param-{id}"))
            .contains("Outside its range")
    );
    let revision = app.count("select revision from params").await;
    let sent = [("seen_revision".to_owned(), revision.to_string())];
    let refused = pm.post(&format!("/params/{id}/approval"), &sent).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text("body").contains("outside its range"),
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
async fn an_approval_by_a_role_that_may_not_is_refused_on_the_server() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    pm.fill("INIT-1", "margin", "source", "Finance").await;
    let filled = pm.fill("INIT-1", "margin", "value", "30%").await;
    let id = filled.param_id("margin");
    let (action, fields) = filled.form(&format!("form[action='/params/{id}/approval']"));
    for role in [Role::Viewer, Role::Analytics, Role::Eng] {
        let other = app.sign_in(role).await;
        let page = other.get("/initiatives/INIT-1").await;
        assert_eq!(
            page.count(&format!("form[action='/params/{id}/approval']")),
            0,
            "{role:?} sees no button"
        );
        let refused = other.post(&action, &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role:?}");
        assert!(
            refused.text("main").contains("Finance"),
            "{}",
            refused.text("main")
        );
    }
    assert_eq!(
        app.count("select count(*) from approvals where subject_kind = 'param'")
            .await,
        0
    );
    let finance = app.sign_in(Role::Finance).await;
    assert_eq!(finance.post(&action, &fields).await.status, StatusCode::OK);
    assert_eq!(
        app.count("select count(*) from approvals where part = 'value'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_viewer_reads_everything_and_changes_nothing() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let page = pm.get("/initiatives/INIT-1").await;
    let id = page.param_id("sessions");
    let viewer = app.sign_in(Role::Viewer).await;
    assert_eq!(
        viewer.get("/initiatives/INIT-1").await.status,
        StatusCode::OK
    );
    let form = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect::<Vec<_>>()
    };
    let value = form(&[("value", "1"), ("seen_revision", "1")]);
    let before = app.count("select count(*) from change_log").await;
    for (path, fields) in [
        (format!("/params/{id}/fields/value"), value.clone()),
        (format!("/params/{id}/approval"), value.clone()),
        ("/initiatives/INIT-1/fields/title".to_owned(), value.clone()),
        (
            "/initiatives/INIT-1/fields/effort_engineering_days".to_owned(),
            value.clone(),
        ),
        ("/initiatives/INIT-1/archival".to_owned(), value.clone()),
        (
            "/initiatives/INIT-1/framework".to_owned(),
            form(&[
                ("framework", "RICE"),
                ("seen_revision", "1"),
                ("confirmed", "yes"),
            ]),
        ),
        (
            "/initiatives/INIT-1/math-model".to_owned(),
            form(&[("use", "false"), ("seen_revision", "1")]),
        ),
        (
            "/math-models/1/formula".to_owned(),
            form(&[("formula", "value = 1"), ("seen_revision", "1")]),
        ),
        (
            "/math-models/1/approval".to_owned(),
            form(&[("formula_version", "1"), ("seen_revision", "1")]),
        ),
        ("/math-models/1/fields/model_name".to_owned(), value.clone()),
        (
            "/initiatives".to_owned(),
            form(&[("key", "INIT-9"), ("title", "Nine")]),
        ),
        ("/sample-data".to_owned(), vec![]),
    ] {
        let refused = viewer.post(&path, &fields).await;
        assert_eq!(
            refused.status,
            StatusCode::FORBIDDEN,
            "{path}: {}",
            refused.html
        );
    }
    assert_eq!(app.count("select count(*) from change_log").await, before);
}

#[tokio::test]
async fn a_new_initiative_with_a_taken_or_wrong_key_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    assert_eq!(
        pm.get("/initiatives/new").await.attribute("#key", "value"),
        "INIT-1"
    );
    pm.create("INIT-1", "One", "").await;
    for (key, mentions) in [("INIT-1", "taken"), ("one", "INIT-124")] {
        let page = pm.create(key, "Another title", "").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.text("#key-error").contains(mentions),
            "{}",
            page.text("#key-error")
        );
        assert_eq!(page.attribute("#title", "value"), "Another title");
    }
    assert_eq!(pm.create("INIT-2", "  ", "").await.count("#title-error"), 1);
    assert_eq!(app.count("select count(*) from initiatives").await, 1);
}

#[tokio::test]
async fn the_math_model_can_t_be_turned_off_while_it_is_active() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let page = pm.create("INIT-1", "One", "MATH_MODEL").await;
    let refused = page.submit_button(&pm, "Use math model").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .text("#journey .error")
            .contains("Choose another active framework first")
    );
}

#[tokio::test]
async fn what_no_field_can_hold_is_refused_and_never_a_failure_of_the_app() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "MATH_MODEL").await;
    let edit = pm
        .get("/initiatives/INIT-1/fields/problem_statement/edit")
        .await;
    for (typed, status) in [
        ("a\0b".to_owned(), StatusCode::BAD_REQUEST),
        ("x".repeat(300_000), StatusCode::PAYLOAD_TOO_LARGE),
        ("x".repeat(25_000), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let page = edit.submit(&pm, "form.edit", &[("value", &typed)]).await;
        assert_eq!(
            page.status,
            status,
            "{}",
            page.text("body").chars().take(300).collect::<String>()
        );
    }
    let formula = pm.save_formula("INIT-1", &"a + ".repeat(10_000)).await;
    assert_eq!(formula.status, StatusCode::UNPROCESSABLE_ENTITY);
    for odd in [
        "\u{202e}value = 1",
        "value = \u{1F600}",
        "\u{feff}",
        "# only a comment",
    ] {
        let page = pm.save_formula("INIT-1", odd).await;
        assert!(!page.status.is_server_error(), "{odd:?}: {}", page.status);
    }
    let no_revision = [("value".to_owned(), "x".to_owned())];
    let page = pm
        .post("/initiatives/INIT-1/fields/title", &no_revision)
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn each_page_says_why_somebody_changes_nothing_there_and_who_can() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let viewer = app.sign_in(Role::Viewer).await;
    for (path, place, why) in [
        (
            "/backlog",
            "main",
            "Only a PM or an admin can edit initiatives.",
        ),
        (
            "/backlog",
            "main",
            "Only a PM or an admin can choose frameworks.",
        ),
        (
            "/initiatives/INIT-1",
            "#heading .barred",
            "Archive: why you can’tOnly a PM or an admin can edit initiatives.",
        ),
        (
            "/initiatives/INIT-1",
            "#journey",
            "Only a PM or an admin can choose frameworks.",
        ),
        (
            "/initiatives/INIT-1",
            "#override .barred",
            "Only a PM or an admin can override scores.",
        ),
        (
            "/initiatives/INIT-1",
            ".editor",
            "Only a PM or an admin can write math models.",
        ),
        (
            "/initiatives/INIT-1",
            ".stands .barred",
            "Only a PM or an admin can withdraw the approval of formulas.",
        ),
        (
            "/initiatives/INIT-1",
            "#params",
            "Only Analytics, Finance, Eng, a PM or an admin can edit params.",
        ),
        (
            "/initiatives/INIT-1",
            "section[aria-labelledby=fields-heading]",
            "Only a PM or an admin can edit initiatives. Only Eng, a PM or an admin can edit effort.",
        ),
        (
            "/math-models/1",
            "section[aria-labelledby=versions]",
            "Only a PM or an admin can write math models.",
        ),
        (
            "/params",
            "main",
            "A param is approved, and its approval withdrawn, by whoever owns it, a PM or an admin.",
        ),
        (
            "/params/1",
            "section[aria-labelledby=more]",
            "Only Analytics, Finance, Eng, a PM or an admin can edit params.",
        ),
        (
            "/frameworks",
            "main",
            "Only an admin can define frameworks.",
        ),
        (
            "/settings",
            "main",
            "Only an admin can change the settings.",
        ),
    ] {
        let said = viewer.get(path).await.text(place);
        assert!(said.contains(why), "{path} {place}: {said}");
        let said = pm.get(path).await.find_text("main").unwrap_or_default();
        let is_admins = why.starts_with("Only an admin");
        assert_eq!(said.contains(why), is_admins, "{path}, a PM: {said}");
    }
    let page = pm.get("/initiatives/INIT-1").await;
    let archived = page.submit_button(&pm, "Archive").await;
    assert!(
        archived.text("#journey").contains("Restore it first"),
        "{}",
        archived.text("#journey")
    );
}
