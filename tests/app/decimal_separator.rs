//! Whoever writes decimals with a comma says so once: what they type is read so wherever amounts are typed, and nobody
//! else sees a difference.

use crate::{
    frameworks::define,
    scenario_steps::{makes, value_form},
    support::{Page, Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

/// Chooses the comma on the page for it.
async fn chooses_comma(person: &Person) -> Page {
    let page = person.get("/decimal-separator").await;
    let comma = [("decimal_separator", "comma")];
    page.submit(person, "#decimal-separator", &comma).await
}

/// INIT-1 whose value is `aov` times `share`, and its PM, who writes a comma.
async fn with_comma() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = aov * share")
        .await;
    chooses_comma(&pm).await;
    (app, pm)
}

async fn edit(person: &Person, param: &str, field: &str) -> Page {
    let id = person.get("/initiatives/INIT-1").await.param_id(param);
    person
        .get(&format!("/params/{id}/fields/{field}/edit"))
        .await
}

#[tokio::test]
async fn each_person_chooses_for_themselves() {
    let (app, pm) = with_comma().await;
    let chosen = pm.get("/decimal-separator").await;
    assert_eq!(chosen.attribute("input[checked]", "value"), "comma");
    let labels = chosen.texts(".choice label");
    assert_eq!(labels, ["With a point: 1,200.50", "With a comma: 1.200,50"]);
    let finance = app.sign_in(Role::Finance).await;
    let theirs = finance.get("/decimal-separator").await;
    assert_eq!(theirs.attribute("input[checked]", "value"), "point");
    let nonsense = [("decimal_separator".to_owned(), "dot".to_owned())];
    let refused = pm.post("/decimal-separator", &nonsense).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let kept = "select count(*) from users where decimal_separator = 'comma'";
    assert_eq!(app.count(kept).await, 1);
}

#[tokio::test]
async fn a_params_value_and_range_are_typed_and_shown_with_a_comma_to_who_chose_it_alone() {
    let (app, pm) = with_comma().await;
    pm.fill("INIT-1", "aov", "value", "1.200,50").await;
    let stored = "select count(*) from params where name = 'aov' and value = 1200.5";
    assert_eq!(app.count(stored).await, 1);
    let form = edit(&pm, "aov", "value").await;
    assert_eq!(form.attribute("form.edit input.num", "value"), "1200,5");
    let hint = form.text("form.edit .hint");
    assert!(hint.contains("1.200,50"), "{hint}");

    let finance = app.sign_in(Role::Finance).await;
    let theirs = edit(&finance, "aov", "value").await;
    assert_eq!(theirs.attribute("form.edit input.num", "value"), "1200.5");
    let grid = pm.get("/params").await;
    assert!(grid.text(".many").contains("1,200.5"), "pages are the same");

    let form = edit(&pm, "aov", "range").await;
    let ends = [("min", "0,5"), ("max", "2.000")];
    form.submit(&pm, "form.edit", &ends).await;
    let range = "select count(*) from params where name = 'aov' and min = 0.5 and max = 2000";
    assert_eq!(app.count(range).await, 1);
}

#[tokio::test]
async fn what_may_be_meant_either_way_asks_in_the_persons_own_writing() {
    let (app, pm) = with_comma().await;
    for (typed, proposed, stored) in [
        ("1.5", "1,5", "value = 1.5"),
        ("1,300", "1300", "value = 1300"),
    ] {
        let form = edit(&pm, "aov", "value").await;
        let asked = form.submit(&pm, "form.edit", &[("value", typed)]).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        let error = asked.text("form.edit .error");
        assert!(error.contains("Did you mean"), "{error}");
        let choice = asked.attribute("button[name='instead']", "value");
        assert_eq!(choice, proposed, "{typed}");
        asked
            .submit(&pm, "form.edit", &[("instead", proposed)])
            .await;
        let found = format!("select count(*) from params where name = 'aov' and {stored}");
        assert_eq!(app.count(found.leak()).await, 1, "{typed}");
    }
}

#[tokio::test]
async fn a_form_is_read_as_it_was_written_though_the_habit_changed_meanwhile() {
    let app = TestApp::start().await;
    let pm = app.with_approved_formula("INIT-1", "value = aov").await;
    let opened = edit(&pm, "aov", "value").await;
    chooses_comma(&pm).await;
    opened.submit(&pm, "form.edit", &[("value", "1.234")]).await;
    let stored = "select count(*) from params where name = 'aov' and value = 1.234";
    assert_eq!(app.count(stored).await, 1);
    let now = edit(&pm, "aov", "value").await;
    let shown = now.attribute("form.edit input.num", "value");
    assert_eq!(shown, "1,2340", "1,234 would ask");
}

#[tokio::test]
async fn a_pasted_block_is_read_with_a_comma_too() {
    let (app, pm) = with_comma().await;
    let page = pm.get("/params/paste").await;
    let text = "initiative_key\tparam_name\tvalue\tmin\tmax\n\
                INIT-1\taov\t1.200,50\t0,5\t2.000\nINIT-1\tshare\t0.25\t\t";
    let preview = page.submit(&pm, "#paste-page", &[("text", text)]).await;
    let counts = preview.text("#main > p strong");
    assert!(
        counts.starts_with("3 changed") && counts.ends_with("1 refused"),
        "{counts}"
    );
    let why = preview.text("section[aria-labelledby='refused'] li");
    assert!(why.contains("You write decimals with a comma"), "{why}");
    preview.submit(&pm, "#paste-apply", &[]).await;
    let stored = "select count(*) from params
        where name = 'aov' and value = 1200.5 and min = 0.5 and max = 2000";
    assert_eq!(app.count(stored).await, 1);
}

#[tokio::test]
async fn an_initiatives_fields_and_its_override_are_typed_with_a_comma() {
    let (app, pm) = with_comma().await;
    let at = "/initiatives/INIT-1/fields/effort_engineering_days/edit";
    let form = pm.get(at).await;
    let asked = form.submit(&pm, "form.edit", &[("value", "2.5")]).await;
    assert_eq!(asked.attribute("button[name='instead']", "value"), "2,5");
    asked.submit(&pm, "form.edit", &[("instead", "2,5")]).await;
    let days = "select count(*) from initiatives where effort_engineering_days = 2.5";
    assert_eq!(app.count(days).await, 1);
    let shown = pm.get(at).await.attribute("form.edit input.num", "value");
    assert_eq!(shown, "2,5");

    let edit = "/initiatives/INIT-1/override/edit";
    let form = pm.get(edit).await;
    let typed = [
        ("value", "1.200,50"),
        ("overall", "0,5"),
        ("reason", "Signed"),
    ];
    form.submit(&pm, "#override", &typed).await;
    let held = "select count(*) from score_overrides where value = 1200.5 and overall = 0.5";
    assert_eq!(app.count(held).await, 1);
    let shown = pm.get(edit).await.attribute("#override-value", "value");
    assert_eq!(shown, "1200,5");
}

#[tokio::test]
async fn a_shared_fact_is_proposed_with_a_comma_and_an_earlier_number_comes_back_so() {
    let (app, pm) = with_comma().await;
    let form = pm.get("/facts/new").await;
    let typed = [
        ("name", "Average order value"),
        ("value", "£45,50"),
        ("min", "0,5"),
        ("source", "PM"),
    ];
    let added = form.submit(&pm, "form.sheet", &typed).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text("main"));
    let proposal = pm.get("/facts/1/proposal").await;
    assert_eq!(proposal.attribute("#value", "value"), "45,5");
    assert_eq!(proposal.attribute("#min", "value"), "0,5");
    let earlier = pm
        .get("/facts/1/proposal?value=44.25&unit=%C2%A3&source=PM")
        .await;
    assert_eq!(earlier.attribute("#value", "value"), "44,25");
    earlier
        .submit(&pm, "form.sheet", &[("reason", "As before")])
        .await;
    let proposed = pm.get("/facts/1").await.text("main");
    assert!(proposed.contains("£44.25"), "{proposed}");
    assert_eq!(app.count("select count(*) from facts").await, 1);
}

#[tokio::test]
async fn a_frameworks_bounds_are_typed_with_a_comma() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    chooses_comma(&admin).await;
    define(&admin, "REACH", "Reach first", "value = reach").await;
    let page = admin.get("/frameworks/REACH").await;
    let bounds = [("min-reach", "0,25"), ("max-reach", "1.000")];
    page.submit(&admin, "#framework-form", &bounds).await;
    let kept = "select count(*) from framework_params where min = 0.25 and max = 1000";
    assert_eq!(app.count(kept).await, 1);
    let shown = admin.get("/frameworks/REACH").await;
    assert_eq!(shown.attribute("[name='min-reach']", "value"), "0,25");
}

#[tokio::test]
async fn a_scenarios_value_is_typed_with_a_comma() {
    let (app, pm) = with_comma().await;
    pm.fill("INIT-1", "aov", "value", "45").await;
    let scenario = makes(&pm, "Bold").await;
    let form = value_form(&pm, &scenario, "aov").await;
    form.submit(&pm, "form.sheet", &[("value", "47,5"), ("min", "1,5")])
        .await;
    let kept = "select count(*) from param_overrides where value = 47.5 and min = 1.5";
    assert_eq!(app.count(kept).await, 1);
    let again = value_form(&pm, &scenario, "aov").await;
    assert_eq!(again.attribute("#value", "value"), "47,5");
}
