//! Params that people add by hand, rename, and carry over to the name that a formula calls them now.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;

/// Opens *Add a param* below the math model's group, types a name, saves.
async fn adds(person: &Person, key: &str, framework: &str, name: &str) -> Page {
    let page = person.get(&format!("/initiatives/{key}")).await;
    let link = format!("#new-param-{framework}-{key}");
    let form = person.get(&page.attribute(&link, "href")).await;
    form.submit(person, "form.edit", &[("value", name)]).await
}

/// Types another name on the param's own page.
async fn renames(person: &Person, key: &str, from: &str, to: &str) -> Page {
    person.fill(key, from, "param_name", to).await
}

async fn row(person: &Person, key: &str, param: &str) -> String {
    let page = person.get(&format!("/initiatives/{key}")).await;
    let id = page.param_id(param);
    page.text(&format!("#param-{id}"))
}

#[tokio::test]
async fn a_param_that_was_added_by_hand_becomes_the_formulas_with_value_approval_and_history() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    let eng = app.sign_in(Role::Eng).await;
    let added = adds(&eng, "INIT-1", "MATH_MODEL", "profit_margin").await;
    let id = added.param_id("profit_margin");
    let shown = added.text(&format!("#param-{id}"));
    assert!(shown.contains("Not used"), "{shown}");
    pm.fill("INIT-1", "orders", "value", "400").await;
    pm.approve("INIT-1", "orders").await;
    assert_eq!(
        app.count("select count(*) from scores").await,
        1,
        "what isn’t used never blocks"
    );
    pm.fill("INIT-1", "profit_margin", "value", "30%").await;
    pm.approve("INIT-1", "profit_margin").await;
    pm.save_formula("INIT-1", "value = orders * profit_margin")
        .await;
    let approved = pm.approve_formula("INIT-1").await;
    assert_eq!(approved.param_id("profit_margin"), id, "the same row");
    let shown = approved.text(&format!("#param-{id}"));
    assert!(
        shown.contains("30 %") && shown.contains("Approved"),
        "{shown}"
    );
    assert_eq!(
        app.count("select count(*) from scores where value = 120")
            .await,
        1,
        "it counts at once"
    );
    let history = pm.get(&format!("/params/{id}/history")).await.text("main");
    assert!(history.contains("created Profit margin"), "{history}");
}

#[tokio::test]
async fn a_param_added_by_mistake_goes_again_with_undo_and_comes_back_with_redo() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    let before = app.count("select count(*) from params").await;
    adds(&pm, "INIT-1", "MATH_MODEL", "ordres").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let offer = page.text("#undo");
    assert!(offer.contains("created Ordres"), "{offer}");
    let undone = page.submit(&pm, "#undo form", &[]).await;
    let said = undone.text("main");
    assert!(
        said.contains("took the new param Ordres out again"),
        "{said}"
    );
    assert_eq!(app.count("select count(*) from params").await, before);
    let again = undone.submit_button(&pm, "Redo").await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text("main"));
    let page = pm.get("/initiatives/INIT-1").await;
    page.param_id("ordres");
    let history = pm.get("/initiatives/INIT-1/history").await.text("main");
    for said in ["created Ordres", "took the new param Ordres out again"] {
        assert!(history.contains(said), "{said}: {history}");
    }
}

#[tokio::test]
async fn redo_in_the_grid_brings_back_the_param_that_was_taken_out_and_nothing_before_it() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    pm.fill("INIT-1", "orders", "value", "40").await;
    pm.fill("INIT-1", "orders", "value", "44").await;
    let orders = pm.get("/initiatives/INIT-1").await.param_id("orders");
    let last = format!("/changes/last?params={orders}");
    let undone = pm.get(&last).await.submit(&pm, "form", &[]).await;
    assert!(undone.text("main").contains("from 44 to 40"));
    adds(&pm, "INIT-1", "MATH_MODEL", "ordres").await;
    let page = pm.get("/initiatives/INIT-1").await;
    page.submit(&pm, "#undo form", &[]).await;
    let redone = pm.get(&format!("{last}&wanted=redo")).await;
    redone.submit(&pm, "form", &[]).await;
    let page = pm.get("/initiatives/INIT-1").await;
    page.param_id("ordres");
    let orders = row(&pm, "INIT-1", "orders").await;
    assert!(!orders.contains("44"), "{orders}");
}

#[tokio::test]
async fn a_param_that_somebody_went_on_with_stays_when_its_adding_is_undone() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    let eng = app.sign_in(Role::Eng).await;
    adds(&eng, "INIT-1", "MATH_MODEL", "profit_margin").await;
    pm.fill("INIT-1", "profit_margin", "value", "30%").await;
    let page = eng.get("/initiatives/INIT-1").await;
    let undone = page.submit(&eng, "#undo form", &[]).await;
    let said = undone.text("main");
    assert!(
        said.contains("went on with Profit margin; it stays"),
        "{said}"
    );
    let kept = "select count(*) from params where name = 'profit_margin' and value = 0.3";
    assert_eq!(app.count(kept).await, 1);
}

#[tokio::test]
async fn names_that_formulas_dont_take_and_names_that_are_there_are_refused_with_what_was_typed() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    let before = app.count("select count(*) from params").await;
    for (name, says) in [
        ("", "needs a name"),
        ("Profit margin", "Did you mean Profit_margin?"),
        ("min", "min is a function of formulas"),
        ("pi", "pi is a word of formulas"),
        ("overall", "overall is what a formula works out"),
        ("orders", "There is a param orders here already"),
    ] {
        let refused = adds(&pm, "INIT-1", "MATH_MODEL", name).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let error = refused.text("form.edit .error");
        assert!(error.contains(says), "{name}: {error}");
        assert_eq!(
            refused.attribute("form.edit input[name=value]", "value"),
            name
        );
    }
    let off = pm
        .get("/initiatives/INIT-1/params/new?framework=RICE")
        .await;
    let refused = off.submit(&pm, "form.edit", &[("value", "extra")]).await;
    assert!(refused.text(".error").contains("isn’t turned on"));
    assert_eq!(app.count("select count(*) from params").await, before);
}

#[tokio::test]
async fn a_row_is_added_once_and_to_any_framework_that_is_on() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Checkout", "RICE").await;
    let form = pm
        .get("/initiatives/INIT-1/params/new?framework=RICE")
        .await;
    let (action, mut fields) = form.form("form.edit");
    fields.retain(|(name, _)| name != "value");
    fields.push(("value".to_owned(), "seasonality".to_owned()));
    let first = pm.post_htmx(&action, &fields).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.html);
    assert_eq!(first.headers["hx-retarget"], "#params-RICE-INIT-1");
    assert!(first.html.contains("seasonality added"), "{}", first.html);
    let again = pm.post(&action, &fields).await;
    assert_eq!(again.status, StatusCode::OK);
    let rows = "select count(*) from params where name = 'seasonality' and not is_auto_seeded";
    assert_eq!(app.count(rows).await, 1);
    let viewer = app.sign_in(Role::Viewer).await;
    let page = viewer.get("/initiatives/INIT-1").await;
    assert_eq!(page.count("#new-param-RICE-INIT-1"), 0);
}

#[tokio::test]
async fn a_row_added_by_hand_is_renamed_and_that_is_taken_back() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    adds(&pm, "INIT-1", "MATH_MODEL", "uplift_cnv").await;
    pm.fill("INIT-1", "uplift_cnv", "value", "4%").await;
    pm.approve("INIT-1", "uplift_cnv").await;
    renames(&pm, "INIT-1", "uplift_cnv", "uplift_conv").await;
    let shown = row(&pm, "INIT-1", "uplift_conv").await;
    assert!(shown.contains("0.04"), "{shown}");
    let approvals = "select count(*) from approvals where part = 'value' and withdrawn_at is null";
    assert_eq!(
        app.count(approvals).await,
        1,
        "a name is material to nothing"
    );
    let taken = renames(&pm, "INIT-1", "uplift_conv", "orders").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        taken
            .text("form.edit .error")
            .contains("param orders here already")
    );
    let page = pm.get("/initiatives/INIT-1").await;
    let offer = page.text("#undo");
    assert!(
        offer.contains("renamed the param uplift_cnv to uplift_conv"),
        "{offer}"
    );
    page.submit(&pm, "#undo form", &[]).await;
    assert!(row(&pm, "INIT-1", "uplift_cnv").await.contains("0.04"));
}

#[tokio::test]
async fn a_rename_in_place_is_said_to_whoever_does_not_see_the_page_change() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    let added = adds(&pm, "INIT-1", "MATH_MODEL", "uplift_cnv").await;
    let id = added.param_id("uplift_cnv");
    let form = pm
        .get(&format!("/params/{id}/fields/param_name/edit"))
        .await;
    let (action, mut fields) = form.form("form.edit");
    fields.retain(|(name, _)| name != "value");
    fields.push(("value".to_owned(), "uplift_conv".to_owned()));
    let answer = pm.post_htmx(&action, &fields).await;
    let said = "[hx-swap-oob='innerHTML:#notices']";
    let text = answer.text(said);
    assert!(
        text.starts_with("Name of") && text.contains("saved"),
        "{text}"
    );
    assert_eq!(answer.count(&format!("{said} form")), 1, "with its undo");
}

#[tokio::test]
async fn what_the_formula_has_named_keeps_its_name_and_says_why() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("orders");
    let page = pm.get(&format!("/params/{id}")).await;
    let said = page.text("dl.fields");
    assert!(said.contains("Rename it in the formula"), "{said}");
    let refused = pm
        .get(&format!("/params/{id}/fields/param_name/edit"))
        .await;
    assert!(refused.html.contains("Rename it in the formula"));
    let other = pm.get(&format!("/params/{id}/fields/notes/edit")).await;
    let (_, mut fields) = other.form("form.edit");
    fields.retain(|(name, _)| name != "value");
    fields.push(("value".to_owned(), "sales".to_owned()));
    let action = format!("/params/{id}/fields/param_name");
    let refused = pm.post(&action, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        app.count("select count(*) from params where name = 'orders'")
            .await,
        1
    );
}

/// INIT-1, whose second formula calls `uplift_cnv`, filled and approved, `uplift_conv`.
async fn with_a_rename() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * uplift_cnv")
        .await;
    for (param, value) in [("orders", "400"), ("uplift_cnv", "5%")] {
        pm.fill("INIT-1", param, "value", value).await;
        pm.approve("INIT-1", param).await;
    }
    let saved = pm
        .save_formula("INIT-1", "value = orders * uplift_conv * 2")
        .await;
    let before = saved.text(".decide .effects");
    assert!(
        before.contains("carry uplift_cnv to uplift_conv over"),
        "{before}"
    );
    pm.approve_formula("INIT-1").await;
    (app, pm)
}

#[tokio::test]
async fn a_rename_in_the_formula_offers_to_carry_value_approval_and_history_over() {
    let (app, pm) = with_a_rename().await;
    let page = pm.get("/initiatives/INIT-1").await;
    let old = page.param_id("uplift_cnv");
    let carried = page.submit(&pm, "form[id^='carry-']", &[]).await;
    assert_eq!(carried.status, StatusCode::OK, "{}", carried.text("main"));
    assert_eq!(
        carried.param_id("uplift_conv"),
        old,
        "the row with its history"
    );
    let shown = carried.text(&format!("#param-{old}"));
    assert!(
        shown.contains("0.05") && shown.contains("Approved"),
        "{shown}"
    );
    assert_eq!(
        carried.count("form[id^='carry-']"),
        0,
        "it isn’t offered again"
    );
    let scored = "select count(*) from scores where value = 40";
    assert_eq!(app.count(scored).await, 1, "and the score is there at once");
    let history = pm.get(&format!("/params/{old}/history")).await.text("main");
    assert!(
        history.contains("carried uplift_cnv over to uplift_conv"),
        "{history}"
    );
}

#[tokio::test]
async fn carrying_over_is_one_act_that_is_taken_back_and_done_again() {
    let (app, pm) = with_a_rename().await;
    let page = pm.get("/initiatives/INIT-1").await;
    let old = page.param_id("uplift_cnv");
    let carried = page.submit(&pm, "form[id^='carry-']", &[]).await;
    assert!(carried.text("#undo").contains("carried uplift_cnv over"));
    let says = carried.text("#notices");
    assert!(
        says.starts_with("You carried uplift_cnv over to uplift_conv") && !says.contains("instead"),
        "what was meant, not what makes way for it: {says}"
    );
    let undone = carried.submit(&pm, "#undo form", &[]).await;
    let says = undone.texts("main li");
    assert_eq!(
        says,
        ["You carried uplift_conv over to uplift_cnv, with its value, approval and history."]
    );
    let back = pm.get("/initiatives/INIT-1").await;
    assert_eq!(back.param_id("uplift_cnv"), old, "{}", undone.text("main"));
    assert!(back.text(&format!("#param-{old}")).contains("Not used"));
    assert_eq!(back.count("form[id^='carry-']"), 1, "offered again");
    undone.submit_button(&pm, "Redo").await;
    assert_eq!(
        pm.get("/initiatives/INIT-1").await.param_id("uplift_conv"),
        old
    );
    let batches = "select count(distinct batch_id) from change_log where field in ('carried_over', 'made_way')";
    assert_eq!(app.count(batches).await, 3);
}

#[tokio::test]
async fn what_was_filled_in_meanwhile_is_not_carried_over() {
    let (app, pm) = with_a_rename().await;
    let page = pm.get("/initiatives/INIT-1").await;
    pm.fill("INIT-1", "uplift_conv", "value", "6%").await;
    let refused = page.submit(&pm, "form[id^='carry-']", &[]).await;
    assert_eq!(
        refused.status,
        StatusCode::CONFLICT,
        "{}",
        refused.text("main")
    );
    let now = pm.get("/initiatives/INIT-1").await;
    assert_eq!(now.count("form[id^='carry-']"), 0);
    assert_eq!(
        app.count("select count(*) from change_log where field = 'carried_over'")
            .await,
        0
    );
}

#[tokio::test]
async fn only_who_writes_models_is_offered_to_carry_over_and_may() {
    let (app, pm) = with_a_rename().await;
    let page = pm.get("/initiatives/INIT-1").await;
    let (action, fields) = page.form("form[id^='carry-']");
    let eng = app.sign_in(Role::Eng).await;
    let theirs = eng.get("/initiatives/INIT-1").await;
    assert_eq!(theirs.count("form[id^='carry-']"), 0);
    let refused = eng.post(&action, &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
