//! The formula's editor without JavaScript: the check with what it says about each line, a misspelt name put right, the
//! unit that is proposed, RICE's effort from the initiative's days, and the language beside it.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;

/// Presses *Check* with this in the box.
async fn check(pm: &Person, page: &Page, text: &str) -> Page {
    let (_, mut fields) = page.form("form.write");
    fields.retain(|(name, _)| name != "formula");
    fields.push(("formula".to_owned(), text.to_owned()));
    pm.post("/math-models/1/formula/check", &fields).await
}

#[tokio::test]
async fn the_check_shows_each_line_worked_out_and_marks_what_is_only_a_preview() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    let page = pm.get("/math-models/1").await;
    let result = page.text(".check .result");
    assert!(
        result.contains("Preview") && result.contains("1 value not approved"),
        "{result}"
    );
    pm.approve("INIT-1", "sessions").await;
    let page = pm.get("/math-models/1").await;
    let result = page.text(".check .result");
    assert!(
        result.contains("800") && !result.contains("Preview"),
        "{result}"
    );
    let typed = "half = sessions / 2\nvalue = half * 3";
    let page = check(&pm, &page, typed).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        page.texts(".check .worked li"),
        [
            "half = sessions 400 ÷ 2 = 200",
            "value = half 200 × 3 = 600"
        ]
    );
    assert_eq!(page.texts(".code .val"), ["200", "600"], "beside each line");
    assert!(page.text(".check .result").contains("Preview"));
    let effects = page.text(".check .effects");
    assert!(
        effects.contains("Changes the value from 800 to 600"),
        "{effects}"
    );
}

#[tokio::test]
async fn arithmetic_that_fails_is_said_with_its_line_operation_and_numbers() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    let page = pm.get("/math-models/1").await;
    let page = check(&pm, &page, "rest = sessions - 400\nvalue = 5 / rest").await;
    let said = page.text(".check > p.error");
    assert!(
        said.contains("Line 2: `5 / rest` divides by zero (5 / 0)"),
        "{said}"
    );
}

#[tokio::test]
async fn a_misspelt_name_is_put_right_by_one_button() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    let page = pm.get("/math-models/1").await;
    let typed = "value = sesions * margin # sesions";
    let page = check(&pm, &page, typed).await;
    let warning = page.text(".check .warning");
    assert!(
        warning.contains("Line 1, column 9") && warning.contains("Did you mean `sessions`?"),
        "{warning}"
    );
    let taken = page.attribute(".check [data-take]", "value");
    let (_, mut fields) = page.form("form.write");
    fields.push(("instead".to_owned(), taken));
    let action = page.attribute(".check [data-take]", "formaction");
    let page = pm.post(&action, &fields).await;
    assert_eq!(
        page.text("form.write textarea"),
        "value = sessions * margin # sesions"
    );
    assert_eq!(page.count(".check .warning"), 0);
    assert_eq!(
        app.count("select count(*) from formula_versions where owner_kind = 'math_model'")
            .await,
        1,
        "a draft is no version"
    );
    let viewer = app.sign_in(Role::Viewer).await;
    pm.save_formula("INIT-1", typed).await;
    let page = viewer.get("/math-models/1").await;
    assert!(page.text(".check .warning").contains("Did you mean"));
    assert_eq!(
        page.count(".check [data-take]"),
        0,
        "who can't write isn't offered it"
    );
}

#[tokio::test]
async fn the_values_unit_is_proposed_from_the_params_and_taken_with_one_click() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * margin_per_order - infra_cost")
        .await;
    let page = pm.get("/initiatives/INIT-1").await;
    assert!(page.text("form.proposal").contains("Use £"));
    let page = page.submit(&pm, "form.proposal", &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.text("#math-model-1-value_unit"), "£");
    assert_eq!(page.count("form.proposal"), 0, "it isn't proposed again");
    pm.fill("INIT-1", "infra_cost", "unit", "€").await;
    let unit = pm.get("/math-models/1/fields/value_unit/edit").await;
    unit.submit(&pm, "form.edit", &[("value", "")]).await;
    let page = pm.get("/math-models/1").await;
    assert_eq!(
        page.count("form.proposal"),
        0,
        "two currencies tell nothing"
    );
}

#[tokio::test]
async fn rices_effort_takes_the_initiatives_days_by_a_click_and_never_by_itself() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "RICE").await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("effort");
    let edit = format!("/params/{id}/fields/value/edit");
    assert_eq!(pm.get(&edit).await.count("button[name=offered]"), 0);
    for (field, days) in [
        ("effort_engineering_days", "62"),
        ("effort_other_teams_days", "8"),
    ] {
        let form = pm
            .get(&format!("/initiatives/INIT-1/fields/{field}/edit"))
            .await;
        form.submit(&pm, "form.edit", &[("value", days)]).await;
    }
    assert_eq!(
        app.count("select count(*) from params where name = 'effort' and value is not null")
            .await,
        0,
        "not by itself"
    );
    let form = pm.get(&edit).await;
    let saved = form
        .submit_button(&pm, "Use 70 days from the initiative")
        .await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
    let row = saved.text(&format!("#param-{id}"));
    assert!(
        row.contains("70") && row.contains("Needs approval"),
        "{row}"
    );
    assert_eq!(
        app.count("select count(*) from change_log c join users u on u.id = c.actor_id where c.field = 'value' and u.name = 'Priya Nair'")
            .await,
        1,
        "her edit"
    );
    assert_eq!(
        pm.get(&edit).await.count("button[name=offered]"),
        0,
        "it says so already"
    );
}

#[tokio::test]
async fn a_preview_never_reaches_the_backlog() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "98765").await;
    let card = pm.get("/initiatives/INIT-1").await.text("#score-card");
    assert!(
        card.contains("Preview") && card.contains("197,530"),
        "{card}"
    );
    let row = pm.get("/backlog").await.text("#initiative-INIT-1");
    assert!(!row.contains("197,530"), "{row}");
    assert_eq!(app.count("select count(*) from scores").await, 0);
}

#[tokio::test]
async fn everything_that_is_missing_leads_to_its_place() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "MATH_MODEL").await;
    let missing = async || {
        let page = pm.get("/initiatives/INIT-1").await;
        assert_eq!(
            page.count(".missing li"),
            page.count(".missing li a"),
            "each is a link"
        );
        let href = page.attribute(".missing li a", "href");
        assert_eq!(page.count(&href), 1, "{href} is on the page");
        (page.text(".missing li"), href)
    };
    let editor = "#math-model-1";
    let (text, href) = missing().await;
    assert!(
        text.contains("No formula yet") && text.contains("PM"),
        "{text}"
    );
    assert_eq!(href, editor);
    let page = pm.get("/initiatives/INIT-1").await;
    let box_of_formula = "#journey a[href='#math-model-1-formula']";
    assert_eq!(page.text(box_of_formula), "Write the formula");
    pm.save_formula("INIT-1", "value = 1 / margin").await;
    let (text, href) = missing().await;
    assert!(text.contains("Version 1 of the formula waits"), "{text}");
    assert_eq!(href, editor);
    pm.approve_formula("INIT-1").await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("margin");
    let row = format!("#param-{id}");
    let (text, href) = missing().await;
    assert!(
        text.contains("has no value") && text.contains("Finance"),
        "{text}"
    );
    assert_eq!(href, row);
    pm.fill("INIT-1", "margin", "value", "0%").await;
    let (text, href) = missing().await;
    assert!(text.contains("waits for approval"), "{text}");
    assert_eq!(href, row);
    pm.approve("INIT-1", "margin").await;
    let (text, href) = missing().await;
    assert!(text.contains("divides by zero (1 / 0)"), "{text}");
    assert_eq!(href, editor);
    let range = pm.get(&format!("/params/{id}/fields/range/edit")).await;
    range
        .submit(&pm, "form.edit", &[("min", "10%"), ("max", "50%")])
        .await;
    let (text, href) = missing().await;
    assert!(text.contains("is outside its range"), "{text}");
    assert_eq!(href, row);
}

#[tokio::test]
async fn the_language_is_a_page_with_contents_and_examples() {
    let app = TestApp::start().await;
    let viewer = app.sign_in(Role::Viewer).await;
    let page = viewer.get("/formula-language").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.text("h1"), "Formulas");
    assert_eq!(
        page.texts("nav[aria-label='On this page'] a"),
        page.texts("article h2")
    );
    assert!(page.count(".example pre") > 20);
    assert!(
        page.text(".example.wrong .error")
            .starts_with("Line 1, column 9")
    );
    assert!(!page.html.contains("| --- |"), "tables are tables");
}

#[tokio::test]
async fn each_version_says_what_changed_against_the_one_before() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "a = margin * 2\nvalue = a")
        .await;
    pm.save_formula("INIT-1", "a = margin * 3\nvalue = a").await;
    let page = pm.get("/math-models/1").await;
    assert_eq!(page.texts(".versions del"), ["removed: − a = margin * 2"]);
    assert_eq!(page.texts(".versions ins"), ["added: + a = margin * 3"]);
    // the first has none before it
    assert_eq!(page.count(".versions li"), 2);
    assert_eq!(page.count(".versions .diff"), 1);
}

#[tokio::test]
async fn the_list_of_models_shows_those_in_one_state() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    for (key, formula) in [("INIT-2", "value = orders * 3"), ("INIT-3", "")] {
        pm.create(key, "Title", "MATH_MODEL").await;
        if !formula.is_empty() {
            pm.save_formula(key, formula).await;
        }
    }
    for (state, shown) in [
        ("approved", "INIT-1"),
        ("needs_approval", "INIT-2"),
        ("no_formula", "INIT-3"),
    ] {
        let page = pm.get(&format!("/math-models?state={state}")).await;
        let table = page.text("table.models tbody");
        for key in ["INIT-1", "INIT-2", "INIT-3"] {
            assert_eq!(table.contains(key), key == shown, "{state}: {table}");
        }
        assert!(page.text("main").contains("Clear filters"));
        let href = page.attribute(".downloads a[href^='/math-models.csv']", "href");
        let file = String::from_utf8(pm.bytes(&href).await).unwrap();
        let keys: Vec<_> = file.lines().skip(1).map(|line| &line[..8]).collect();
        assert_eq!(keys, [format!("\"{shown}\"")], "{file}");
    }
    let all = pm.get("/math-models?state=odd").await;
    assert_eq!(all.count("table.models tbody tr"), 3);
    let none = pm.get("/math-models?state=approved&q=INIT-2").await;
    let said = none.text("main");
    assert!(
        said.contains("No model in this state has “INIT-2”"),
        "{said}"
    );
}
