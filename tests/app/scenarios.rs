//! Scenarios: what they set and what they follow, one approval for all their values, and which one drives the score.

use crate::{
    facts,
    scenario_steps::{
        LIVE, approves, asks_for, driver, lets_drive, makes, sets, side_by_side, value_form,
    },
    settings::set,
    support::{Page, Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

const MODEL: &str = "MATH_MODEL";

/// INIT-1 is worth 1,000 orders at a margin of 30 %, all of it approved; the margin is Finance's.
async fn app() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = scored(&app, "INIT-1", "30%").await;
    (app, pm)
}

async fn scored(app: &TestApp, key: &str, margin: &str) -> Person {
    let pm = app
        .with_approved_formula(key, "value = orders * margin")
        .await;
    pm.fill(key, "margin", "source", "Finance").await;
    pm.fill(key, "orders", "source", "Analytics").await;
    pm.fill(key, "orders", "value", "1000").await;
    pm.fill(key, "margin", "value", margin).await;
    for param in ["orders", "margin"] {
        pm.approve(key, param).await;
    }
    pm
}

/// Optimistic has a margin of 40 %, is approved and drives the score.
async fn driven() -> (TestApp, Person, String) {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Optimistic").await;
    sets(&pm, &scenario, "margin", "40%").await;
    approves(&pm, &scenario).await;
    let done = lets_drive(&pm, &scenario).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text("main"));
    (app, pm, scenario)
}

async fn score_of(app: &TestApp) -> i64 {
    app.count(
        "select s.value::bigint from initiative_frameworks f join scores s on s.id = f.score_id
         join initiatives i on i.id = f.initiative_id where i.key = 'INIT-1' and f.status = 'approved'
         union all select -1 limit 1",
    )
    .await
}

#[tokio::test]
async fn a_scenario_follows_base_live_but_for_what_it_sets_until_that_is_dropped() {
    let (_app, pm) = app().await;
    let scenario = makes(&pm, "Optimistic").await;
    assert!(
        pm.get(&scenario)
            .await
            .text(".title")
            .contains("Follows Base")
    );
    let page = sets(&pm, &scenario, "margin", "40%").await;
    assert!(
        page.text(".figures").contains("Value400"),
        "{}",
        page.text(".figures")
    );
    let row = page.text("tr[id^='value-']:has(.differs)");
    assert!(row.contains("30 %") && row.contains("40 %"), "{row}");
    assert_eq!(
        page.count("tr[id^='value-']:has(.differs) a[autofocus]"),
        1,
        "one goes on where one was"
    );
    pm.fill("INIT-1", "orders", "value", "2000").await;
    let page = pm.get(&scenario).await;
    let figures = page.text(".figures");
    assert!(
        figures.contains("Value800") && figures.contains("Value of Base600"),
        "{figures}"
    );
    let dropped = page.submit(&pm, "form[action$='/removal']", &[]).await;
    assert!(dropped.text(".figures").contains("Value600"));
    let history = pm.get("/initiatives/INIT-1/history").await.text("main");
    for sentence in [
        "created scenario Optimistic",
        "set Margin to 40 % in scenario Optimistic",
        "dropped Margin from scenario Optimistic: it follows Base again (was 40 %)",
    ] {
        assert!(history.contains(sentence), "{sentence}: {history}");
    }
}

#[tokio::test]
async fn its_effect_is_shown_first_and_is_what_comes_about_then_base_rescores_it_live() {
    let (app, pm) = app().await;
    scored(&app, "INIT-2", "35%").await;
    let scenario = makes(&pm, "Optimistic").await;
    sets(&pm, &scenario, "margin", "40%").await;
    let href = driver(MODEL, Some(&scenario));
    let waits = pm.get(&href).await;
    assert_eq!(waits.count("#drive"), 0);
    assert!(
        waits
            .text(".missing")
            .contains("Margin in scenario Optimistic waits for approval")
    );
    let approved = approves(&pm, &scenario).await;
    assert!(approved.text("main").contains("Approved by Priya Nair"));
    let covers =
        "select count(*) from approvals where part = 'scenario' and subject_kind = 'math_model'
        and content->'values'->0->>'value' = '0.4' and content->'values'->0->>'unit' = '%'
        and jsonb_array_length(content->'values') = 1";
    assert_eq!(app.count(covers).await, 1);
    let effect = pm.get(&href).await;
    let effects = effect.texts(".replaced tbody tr").join(" | ");
    assert_eq!(
        effects,
        "Value300400 | Effort—— | Overall—— | Rank2 of 21 of 2"
    );
    assert_eq!(score_of(&app).await, 300, "looking changes nothing");
    lets_drive(&pm, &scenario).await;
    assert_eq!(score_of(&app).await, 400);
    let card = pm.get("/initiatives/INIT-1").await.text("#score-card");
    assert!(card.contains("Scored for scenario Optimistic."), "{card}");
    // What Base says of the margin no longer counts; what it says of the orders does, once that is approved.
    pm.fill("INIT-1", "margin", "value", "10%").await;
    assert_eq!(score_of(&app).await, 400);
    pm.fill("INIT-1", "orders", "value", "2000").await;
    assert_eq!(score_of(&app).await, -1, "stale");
    pm.approve("INIT-1", "orders").await;
    assert_eq!(score_of(&app).await, 800);
}

#[tokio::test]
async fn the_receipt_names_the_scenario_and_what_it_replaced_and_recomputes_to_the_bit() {
    let (_app, pm, _) = driven().await;
    let initiative = pm.get("/initiatives/INIT-1").await;
    let receipt = pm
        .get(&initiative.attribute("#score-card footer a", "href"))
        .await;
    let text = receipt.text("main");
    for part in [
        "scenario Optimistic",
        "Set by scenario Optimistic; Base said 30 %",
        "Scored for scenario Optimistic.",
        "Approved by Priya Nair",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let again = receipt
        .submit(&pm, "form[action$='/recomputation']", &[])
        .await;
    assert!(
        again.text(".again").contains("same"),
        "{}",
        again.text(".again")
    );
}

#[tokio::test]
async fn withdrawing_the_driving_ones_approval_makes_the_score_stale_and_never_switches() {
    let (app, pm, scenario) = driven().await;
    let page = pm.get(&scenario).await;
    page.submit(&pm, "form[action$='/approval/withdrawal']", &[])
        .await;
    let stale = "select count(*) from initiative_frameworks f join scores s on s.id = f.score_id
        where f.status = 'stale' and s.value = 400 and f.stale_because = 'the approval of scenario Optimistic was withdrawn'";
    assert_eq!(app.count(stale).await, 1);
    let drives = "select count(*) from math_models where drives and scenario_label = 'Optimistic'";
    assert_eq!(app.count(drives).await, 1);
    // Base is ready, and is gone back to only by a person's act.
    let effect = pm.get(&driver(MODEL, None)).await;
    effect.submit(&pm, "#drive", &[]).await;
    assert_eq!(score_of(&app).await, 300);
    assert_eq!(
        app.count("select count(*) from math_models where drives")
            .await,
        1
    );
}

#[tokio::test]
async fn a_changed_value_unit_or_owner_withdraws_the_approval() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Optimistic").await;
    sets(&pm, &scenario, "margin", "40%").await;
    for (field, typed) in [("unit", "ratio"), ("source", "PM"), ("max", "0.35")] {
        approves(&pm, &scenario).await;
        assert_eq!(app.count(LIVE).await, 1, "{field}");
        if field == "max" {
            let page = pm.get("/initiatives/INIT-1").await;
            let id = page.param_id("margin");
            let form = pm.get(&format!("/params/{id}/fields/range/edit")).await;
            form.submit(&pm, "form.edit", &[("max", typed)]).await;
        } else {
            pm.fill("INIT-1", "margin", field, typed).await;
        }
        assert_eq!(app.count(LIVE).await, 0, "{field}");
    }
    let page = pm.get(&scenario).await;
    assert_eq!(page.count("#approve"), 0, "out of its range");
    assert!(page.text("tr .error").contains("outside its range"));
    sets(&pm, &scenario, "margin", "0.34").await;
    approves(&pm, &scenario).await;
    pm.fill("INIT-1", "margin", "notes", "Asked again").await;
    assert_eq!(app.count(LIVE).await, 1, "notes aren't material");
    sets(&pm, &scenario, "margin", "0.33").await;
    assert_eq!(app.count(LIVE).await, 0);
}

#[tokio::test]
async fn an_approval_means_what_was_shown() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Optimistic").await;
    sets(&pm, &scenario, "margin", "40%").await;
    let shown = pm.get(&scenario).await;
    pm.fill("INIT-1", "margin", "unit", "ratio").await;
    let refused = shown.submit(&pm, "#approve", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = pm.get(&scenario).await;
    sets(&pm, &scenario, "margin", "0.5").await;
    let refused = shown.submit(&pm, "#approve", &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused
            .text("#notices")
            .contains("changed Margin in scenario Optimistic")
    );
    assert_eq!(app.count(LIVE).await, 0);
}

#[tokio::test]
async fn who_may_edit_params_sets_values_and_who_may_approve_each_of_them_approves() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Optimistic").await;
    let ana = app.sign_in(Role::Analytics).await;
    let fiona = app.sign_in(Role::Finance).await;
    sets(&ana, &scenario, "margin", "40%").await;
    let page = ana.get(&scenario).await;
    assert_eq!(page.count("#approve"), 0);
    assert!(
        page.text("main")
            .contains("Only Finance, a PM or an admin can approve this param.")
    );
    let viewer = app.sign_in(Role::Viewer).await;
    let read = viewer.get(&scenario).await;
    assert_eq!((read.status, read.count("main form")), (StatusCode::OK, 0));
    let approved = approves(&fiona, &scenario).await;
    assert!(approved.text("main").contains("Approved by Fiona Grant"));
    // With a value of Analytics' beside it, neither of them may approve both.
    sets(&fiona, &scenario, "orders", "1,500").await;
    for person in [&ana, &fiona] {
        assert_eq!(person.get(&scenario).await.count("#approve"), 0);
    }
    approves(&pm, &scenario).await;
    assert_eq!(app.count(LIVE).await, 1);
}

#[tokio::test]
async fn four_eyes_and_finance_alone_hold_for_scenarios_too() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Optimistic").await;
    sets(&pm, &scenario, "margin", "40%").await;
    set(&app, "finance", false).await;
    let page = pm.get(&scenario).await;
    assert_eq!(page.count("#approve"), 0);
    assert!(
        page.text("main")
            .contains("with four-eyes on, somebody else")
    );
    let seen = app
        .count("select revision from math_models where scenario_label = 'Optimistic'")
        .await;
    let forged = [("seen_revision".to_owned(), seen.to_string())];
    let barred = pm.post(&format!("{scenario}/approval"), &forged).await;
    assert_eq!(barred.status, StatusCode::FORBIDDEN);
    let fiona = app.sign_in(Role::Finance).await;
    approves(&fiona, &scenario).await;
    assert_eq!(app.count(LIVE).await, 1);
    sets(&fiona, &scenario, "margin", "41%").await;
    set(&app, "off", true).await;
    assert_eq!(
        pm.get(&scenario).await.count("#approve"),
        0,
        "Finance's own to approve"
    );
    approves(&fiona, &scenario).await;
    assert_eq!(app.count(LIVE).await, 1);
}

#[tokio::test]
async fn two_who_set_the_same_value_see_each_other_and_other_values_merge() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Optimistic").await;
    let (mine, other) = (
        value_form(&pm, &scenario, "margin").await,
        value_form(&pm, &scenario, "orders").await,
    );
    let fiona = app.sign_in(Role::Finance).await;
    sets(&fiona, &scenario, "margin", "50%").await;
    let merged = other.submit(&pm, "form.sheet", &[("value", "3,000")]).await;
    assert_eq!(merged.status, StatusCode::OK, "{}", merged.text("main"));
    let conflict = mine.submit(&pm, "form.sheet", &[("value", "45%")]).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(
        conflict
            .text(".conflict")
            .contains("Fiona Grant set Margin to 50 %")
    );
    assert_eq!(conflict.attribute("#value", "value"), "45%");
    conflict.submit(&pm, "form.sheet", &[]).await;
    assert!(pm.get(&scenario).await.text("#main").contains("45 %"));
}

#[tokio::test]
async fn what_cannot_be_taken_stays_in_the_form_with_the_reason() {
    let (_app, pm) = app().await;
    let scenario = makes(&pm, "Optimistic").await;
    let form = value_form(&pm, &scenario, "margin").await;
    let asks = form.submit(&pm, "form.sheet", &[("value", "45")]).await;
    assert_eq!(asks.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(asks.attribute("#value", "value"), "45");
    let taken = asks.submit_button(&pm, "Use 45").await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text("main"));
    assert!(taken.text("main").contains("45 %"));
    for label in ["", "base", "optimistic", &"x".repeat(41)] {
        let refused = asks_for(&pm, MODEL, label).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{label}");
        assert_eq!(refused.attribute("#label", "value"), label);
    }
}

#[tokio::test]
async fn the_driving_one_is_not_put_away_and_any_other_comes_back_as_it_was() {
    let (_app, pm, driving) = driven().await;
    assert_eq!(pm.get(&driving).await.count("form[action$='/archival']"), 0);
    let other = makes(&pm, "Conservative").await;
    sets(&pm, &other, "margin", "20%").await;
    let page = pm.get(&other).await;
    let away = page.submit(&pm, "form[action$='/archival']", &[]).await;
    assert!(away.text("h1").contains("Put away"));
    let all = pm.get(&side_by_side(MODEL)).await;
    assert_eq!(
        all.count(".compared thead th"),
        3,
        "Param, Base, Optimistic"
    );
    let back = away.submit(&pm, "form[action$='/restoration']", &[]).await;
    assert!(back.text("main").contains("20 %"));
}

#[tokio::test]
async fn scenarios_stand_side_by_side_with_their_differences_marked_and_as_a_file() {
    let (_app, pm, _) = driven().await;
    let page = pm.get(&side_by_side(MODEL)).await;
    let rows = page.texts(".compared tbody tr");
    assert!(
        rows[2].contains("30 %") && rows[2].contains("40 %not Base’s"),
        "{rows:?}"
    );
    assert_eq!(page.count(".compared .differs"), 2, "margin and value");
    assert_eq!(page.count(".bars svg"), 2);
    let csv =
        String::from_utf8(pm.bytes(&format!("{}.csv", side_by_side(MODEL))).await).expect("text");
    let lines: Vec<_> = csv.lines().collect();
    assert!(lines[0].ends_with(r#""Base","Optimistic""#), "{csv}");
    assert!(csv.contains(r#""Margin","margin","%",0.3,0.4"#), "{csv}");
    assert!(csv.contains(",300,400"), "{csv}");
}

#[tokio::test]
async fn ones_own_act_on_a_scenario_is_taken_back_with_the_approval_that_fell() {
    let (app, pm, scenario) = driven().await;
    let changed = sets(&pm, &scenario, "margin", "60%").await;
    assert_eq!((app.count(LIVE).await, score_of(&app).await), (0, -1));
    let undone = changed.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text("body"));
    assert_eq!((app.count(LIVE).await, score_of(&app).await), (1, 400));
    let reinstated =
        "select count(*) from approvals where part = 'scenario' and origin = 'reinstated'";
    assert_eq!(app.count(reinstated).await, 1);
}

/// Gives a scenario a formula of its own; the page that comes back.
async fn writes(pm: &Person, scenario: &str, text: &str) -> Page {
    let form = pm.get(&format!("{scenario}/formula/edit")).await;
    form.submit(pm, "form.write", &[("formula", text)]).await
}

/// Adds a param to the model by hand.
async fn adds_param(person: &Person, name: &str) {
    let form = person
        .get("/initiatives/INIT-1/params/new?framework=MATH_MODEL")
        .await;
    let added = form.submit(person, "form.edit", &[("value", name)]).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text("main"));
}

/// Bold has its own formula, `orders * margin * 2`, approved, and drives the score.
async fn driven_by_formula() -> (TestApp, Person, String) {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    let written = writes(&pm, &scenario, "value = orders * margin * 2").await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text("main"));
    approves(&pm, &scenario).await;
    let done = lets_drive(&pm, &scenario).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text("main"));
    (app, pm, scenario)
}

#[tokio::test]
async fn a_formula_of_its_own_stands_beside_what_it_replaces_until_base_is_followed_again() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    let page = pm.get(&scenario).await;
    assert!(
        page.text("main")
            .contains("It follows Base’s formula, version 1 now.")
    );
    let form = pm.get(&format!("{scenario}/formula/edit")).await;
    assert_eq!(form.text("textarea").trim(), "value = orders * margin");
    let page = writes(&pm, &scenario, "value = orders * margin * 2").await;
    assert!(
        page.text(".figures").contains("Value600"),
        "{}",
        page.text(".figures")
    );
    let diff = page.text("[aria-labelledby='formula'] .diff");
    assert!(
        diff.contains("− value = orders * margin")
            && diff.contains("+ value = orders * margin * 2"),
        "{diff}"
    );
    // Base's formula moves on; the scenario's own stays.
    pm.save_formula("INIT-1", "value = orders * margin - 1")
        .await;
    let page = pm.get(&scenario).await;
    assert!(
        page.text(".figures")
            .contains("Value600Effort—Overall—Value of Base299")
    );
    assert!(page.text(".diff").contains("− value = orders * margin - 1"));
    let all = pm.get(&side_by_side(MODEL)).await;
    let formulas = all.texts(".compared tbody tr").remove(0);
    assert!(
        formulas.contains("Version 2") && formulas.contains("Its own, version 1not Base’s"),
        "{formulas}"
    );
    let csv =
        String::from_utf8(pm.bytes(&format!("{}.csv", side_by_side(MODEL))).await).expect("text");
    let told = r#""Formula","","","value = orders * margin - 1","value = orders * margin * 2""#;
    assert!(csv.contains(told), "{csv}");
    let dropped = page.submit(&pm, "#follow-base", &[]).await;
    assert!(dropped.text(".figures").contains("Value299"));
    let undone = dropped.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert_eq!(undone.status, StatusCode::OK);
    let page = pm.get(&scenario).await.text("main");
    assert!(
        page.contains("Version 1 of its own, saved by Priya Nair"),
        "{page}"
    );
    let versions = "select count(*) from formula_versions v join math_models m on m.id = v.owner_id
        where v.owner_kind = 'math_model' and m.scenario_label = 'Bold'";
    assert_eq!(
        app.count(versions).await,
        1,
        "the same text is the same version"
    );
    let history = pm.get("/initiatives/INIT-1/history").await.text("main");
    for sentence in [
        "gave scenario Bold a formula of its own, version 1",
        "dropped the formula of scenario Bold: it follows Base’s again",
    ] {
        assert!(history.contains(sentence), "{sentence}: {history}");
    }
}

#[tokio::test]
async fn two_who_write_its_formula_at_once_both_see_both_texts_and_choose() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    let edit = format!("{scenario}/formula/edit");
    let form = pm.get(&edit).await;
    let admin = app.sign_in(Role::Admin).await;
    writes(&admin, &scenario, "value = orders * margin * 3").await;
    let refused = form
        .submit(
            &pm,
            "form.write",
            &[("formula", "value = orders * margin * 4")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.text(".conflict pre"), "value = orders * margin * 3");
    assert_eq!(
        refused.text("textarea[name='formula']").trim(),
        "value = orders * margin * 4"
    );
    let saved = refused.submit(&pm, "form.write", &[]).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
    assert!(saved.text("#scenario-formula").contains("margin * 4"));
}

#[tokio::test]
async fn its_formula_reads_only_params_that_there_are_and_keeps_what_was_typed() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    let refused = writes(&pm, &scenario, "value = orders * markup").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let why = "`markup` is no param of this model. It has orders, margin. Add the param first";
    assert!(
        refused.text(".write .error").contains(why),
        "{}",
        refused.text("main")
    );
    assert_eq!(refused.text("textarea").trim(), "value = orders * markup");
    assert!(refused.text(".check").contains(why));
    let wrong = writes(&pm, &scenario, "value = orders *").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text(".check").contains("1 error"));
    let params = "select count(*) from params where name = 'markup'";
    assert_eq!(app.count(params).await, 0, "no second way for rows");
    // Once somebody has added it, it is there to be read, and no orphan.
    adds_param(&pm, "markup").await;
    let written = writes(&pm, &scenario, "value = orders * markup").await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text("main"));
    let grid = pm.get("/initiatives/INIT-1").await.text("main");
    assert!(grid.contains("In another scenario"), "{grid}");
    let missing = written.text(".missing");
    assert!(missing.contains("Version 1 of the formula of scenario Bold waits for approval"));
}

#[tokio::test]
async fn its_one_approval_covers_formula_and_values_and_falls_with_either() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    sets(&pm, &scenario, "margin", "40%").await;
    writes(&pm, &scenario, "value = orders * margin * 2").await;
    approves(&pm, &scenario).await;
    let covers = "select count(*) from approvals a join formula_versions v on v.id = a.formula_version_id
        where a.part = 'scenario' and a.withdrawn_at is null and a.content->'formula'->>'text' = v.text
          and a.content->'formula'->>'version' = '1' and jsonb_array_length(a.content->'values') = 1";
    assert_eq!(app.count(covers).await, 1);
    writes(&pm, &scenario, "value = orders * margin * 3").await;
    assert_eq!(app.count(LIVE).await, 0);
    approves(&pm, &scenario).await;
    sets(&pm, &scenario, "margin", "41%").await;
    assert_eq!(app.count(LIVE).await, 0);
    approves(&pm, &scenario).await;
    let dropped = pm
        .get(&scenario)
        .await
        .submit(&pm, "#follow-base", &[])
        .await;
    assert_eq!(app.count(LIVE).await, 0);
    // Taken back, it covers again exactly what it covered.
    dropped.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert_eq!(app.count(LIVE).await, 1);
    let reinstated =
        "select count(*) from approvals where part = 'scenario' and origin = 'reinstated'
        and withdrawn_at is null and content->'formula'->>'version' = '2'";
    assert_eq!(app.count(reinstated).await, 1);
}

#[tokio::test]
async fn whoever_writes_bases_formula_writes_a_scenarios_and_four_eyes_hold_alike() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    let fiona = app.sign_in(Role::Finance).await;
    assert_eq!(
        fiona.get(&scenario).await.count("a[href$='/formula/edit']"),
        0
    );
    let barred = fiona.get(&format!("{scenario}/formula/edit")).await;
    assert_eq!(barred.status, StatusCode::FORBIDDEN);
    sets(&pm, &scenario, "margin", "40%").await;
    assert_eq!(fiona.get(&scenario).await.count("#approve"), 1);
    writes(&pm, &scenario, "value = orders * margin * 2").await;
    let page = fiona.get(&scenario).await;
    assert_eq!(page.count("#approve"), 0, "a formula is a PM’s to approve");
    set(&app, "all", false).await;
    let page = pm.get(&scenario).await;
    assert_eq!(page.count("#approve"), 0);
    assert!(
        page.text("main").contains("You changed its formula on"),
        "{}",
        page.text("main")
    );
    let other = app.sign_in(Role::Admin).await;
    approves(&other, &scenario).await;
    assert_eq!(app.count(LIVE).await, 1);
}

#[tokio::test]
async fn a_driving_formula_needs_no_approval_of_bases_and_its_receipt_says_whose_it_is() {
    let (app, pm, scenario) = driven_by_formula().await;
    assert_eq!(score_of(&app).await, 600);
    let initiative = pm.get("/initiatives/INIT-1").await;
    let card = initiative.text("#score-card");
    assert!(
        card.contains("Scored for scenario Bold, by its own formula."),
        "{card}"
    );
    assert!(
        initiative
            .text("main")
            .contains("Formula of scenario Bold approved by Priya Nair")
    );
    let receipt = pm
        .get(&initiative.attribute("#score-card footer a", "href"))
        .await;
    let text = receipt.text("main");
    for part in [
        "Version 1 of scenario Bold’s own formula",
        "value = orders * margin * 2",
        "Approved by Priya Nair",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let again = receipt
        .submit(&pm, "form[action$='/recomputation']", &[])
        .await;
    assert!(
        again.text(".again").contains("same"),
        "{}",
        again.text(".again")
    );
    // Base's formula may change and wait: the score is the scenario's.
    pm.save_formula("INIT-1", "value = orders * margin - 1")
        .await;
    assert_eq!(score_of(&app).await, 600);
    pm.fill("INIT-1", "orders", "value", "2000").await;
    pm.approve("INIT-1", "orders").await;
    assert_eq!(score_of(&app).await, 1200, "its params are followed live");
    writes(&pm, &scenario, "value = orders * 2").await;
    assert_eq!(score_of(&app).await, -1, "stale until it is approved");
    let queue = pm.get("/queue").await;
    assert!(
        queue
            .text("main")
            .contains("Look at version 2 of the formula of scenario Bold")
    );
    assert_eq!(queue.count(&format!("a[href='{scenario}']")), 1);
    approves(&pm, &scenario).await;
    assert_eq!(score_of(&app).await, 4000);
    // The margin isn't read by what drives: a change of it leaves the score, and the row is no orphan.
    pm.fill("INIT-1", "margin", "value", "50%").await;
    assert_eq!(score_of(&app).await, 4000);
    let states = "select count(*) from params where name = 'margin' and state = 'not_used' and is_read_aside";
    assert_eq!(app.count(states).await, 1);
    let effect = pm.get(&driver(MODEL, None)).await;
    effect.submit(&pm, "#drive", &[]).await;
    let states =
        "select count(*) from params where name = 'margin' and position = 2 and not is_read_aside";
    assert_eq!(
        app.count(states).await,
        1,
        "Base drives, and its formula reads it"
    );
}

#[tokio::test]
async fn letting_one_drive_is_taken_back_unless_something_moved_or_it_isnt_ready() {
    let (app, pm, _) = driven().await;
    let page = pm.get("/initiatives/INIT-1").await;
    let undone = page.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text("main"));
    assert_eq!(score_of(&app).await, 300, "Base drives again");
    let again = undone.submit_button(&pm, "Redo").await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text("main"));
    assert_eq!(score_of(&app).await, 400);
    // Once another thing of the initiative moved, the effect is looked at anew.
    let page = pm.get("/initiatives/INIT-1").await;
    let fiona = app.sign_in(Role::Finance).await;
    fiona.fill("INIT-1", "margin", "value", "31%").await;
    let stays = page.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert!(
        stays
            .text("body")
            .contains("Something else changed there since"),
        "{}",
        stays.text("body")
    );
    let drives = "select count(*) from math_models where drives and scenario_label = 'Optimistic'";
    assert_eq!(app.count(drives).await, 1);
    // What is not ready isn't returned to.
    let effect = pm.get(&driver(MODEL, None)).await;
    let base = effect.submit(&pm, "#drive", &[]).await;
    assert_eq!(base.status, StatusCode::OK);
    app.run(
        "update approvals set withdrawn_at = now(), withdrawn_by = approved_by, withdrawn_why = 'x'
         where part = 'scenario' and withdrawn_at is null",
    )
    .await;
    let stays = base.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert!(
        stays.text("body").contains("can’t drive the score yet"),
        "{}",
        stays.text("body")
    );
}

#[tokio::test]
async fn the_driving_scenario_is_named_where_its_numbers_count() {
    let (app, pm, scenario) = driven().await;
    for path in ["/initiatives/INIT-1", "/params"] {
        let row = pm.get(path).await.text("tr[id^='param-']:has(a.why)");
        assert!(
            row.contains("30 %") && row.contains("Optimistic: 40 % counts"),
            "{path}: {row}"
        );
        assert_eq!(pm.get(path).await.attribute("a.why", "href"), scenario);
    }
    let check = pm.get("/math-models/1").await.text(".check");
    assert!(
        check.contains("40 % in Optimistic")
            && check.contains("in scenario Optimistic, all approved"),
        "{check}"
    );
    let scoring = pm.get("/scoring").await.text("#scoring-INIT-1");
    assert!(
        scoring.contains("400") && scoring.contains("Scenario Optimistic."),
        "{scoring}"
    );
    let csv = String::from_utf8(pm.bytes("/scoring.csv").await).expect("text");
    assert!(csv.contains("Scenario Optimistic."), "{csv}");
    assert_eq!(score_of(&app).await, 400);
}

#[tokio::test]
async fn what_waits_in_a_driving_scenario_waits_since_it_was_set_there() {
    let (app, pm, scenario) = driven().await;
    app.run("update params set value_set_at = value_set_at - interval '3 days'")
        .await;
    sets(&pm, &scenario, "margin", "45%").await;
    let queue = pm.get("/queue?of=finance").await.text("main");
    assert!(
        queue.contains("Look at Margin in scenario Optimistic") && queue.contains("just now"),
        "{queue}"
    );
}

#[tokio::test]
async fn approving_bases_formula_says_that_a_scenarios_own_drives_and_leaves_the_score() {
    let (app, pm, _) = driven_by_formula().await;
    pm.save_formula("INIT-1", "value = orders * margin * churn")
        .await;
    let page = pm.get("/math-models/1").await;
    let effects = page.text(".decide .effects");
    assert!(
        effects.contains("Adds 1 param: churn")
            && effects.contains(
                "Leaves the score as it is: scenario Bold drives it by a formula of its own"
            ),
        "{effects}"
    );
    pm.approve_formula("INIT-1").await;
    assert_eq!(score_of(&app).await, 600);
    let churn =
        "select count(*) from params where name = 'churn' and position is null and is_read_aside";
    assert_eq!(app.count(churn).await, 1);
}

#[tokio::test]
async fn a_renamed_param_is_read_by_the_scenario_under_its_new_name() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    adds_param(&pm, "markup").await;
    writes(&pm, &scenario, "value = orders * markup").await;
    approves(&pm, &scenario).await;
    pm.fill("INIT-1", "markup", "param_name", "surcharge").await;
    let text =
        "select count(*) from math_models m join formula_versions v on v.id = m.formula_version_id
        where m.scenario_label = 'Bold' and v.text = 'value = orders * surcharge'";
    assert_eq!(app.count(text).await, 1);
    assert_eq!(app.count(LIVE).await, 0, "its text changed");
    // Where the new name means something else to the scenario, nothing is renamed.
    writes(&pm, &scenario, "net = 2\nvalue = orders * surcharge * net").await;
    let refused = pm.fill("INIT-1", "surcharge", "param_name", "net").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .text("main")
            .contains("The formula of scenario Bold reads “surcharge”"),
        "{}",
        refused.text("main")
    );
    // Whoever may not write formulas is told so before they try.
    let analytics = app.sign_in(Role::Analytics).await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("surcharge");
    let page = analytics.get(&format!("/params/{id}")).await;
    let text = page.text("main");
    assert!(
        text.contains(
            "A scenario’s formula reads surcharge, so another name changes that formula. Only a PM"
        ),
        "{text}"
    );
    let name = format!("a[href='/params/{id}/fields/param_name/edit']");
    assert_eq!(page.count(&name), 0);
    assert_eq!(pm.get(&format!("/params/{id}")).await.count(&name), 1);
}

#[tokio::test]
async fn carrying_a_param_over_carries_the_scenarios_formula_along() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    writes(&pm, &scenario, "value = orders * margin * 2").await;
    pm.save_formula("INIT-1", "value = orders * margins").await;
    pm.approve_formula("INIT-1").await;
    let page = pm.get("/math-models/1").await;
    let carried = page
        .submit(&pm, "form[action$='/carrying-over']", &[])
        .await;
    assert_eq!(carried.status, StatusCode::OK, "{}", carried.text("main"));
    let text =
        "select count(*) from math_models m join formula_versions v on v.id = m.formula_version_id
        where m.scenario_label = 'Bold' and v.text = 'value = orders * margins * 2'";
    assert_eq!(app.count(text).await, 1);
    assert!(
        pm.get(&scenario)
            .await
            .text(".figures")
            .contains("Value600")
    );
    let undone = carried.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text("main"));
    let text =
        "select count(*) from math_models m join formula_versions v on v.id = m.formula_version_id
        where m.scenario_label = 'Bold' and v.text = 'value = orders * margin * 2'";
    assert_eq!(app.count(text).await, 1, "taken back with the rest");
}

#[tokio::test]
async fn bases_renamed_param_is_carried_over_while_a_scenarios_own_formula_drives() {
    let (app, pm, _) = driven_by_formula().await;
    let offers = "form[action$='/carrying-over']";
    assert_eq!(pm.get("/math-models/1").await.count(offers), 0);
    pm.save_formula("INIT-1", "value = orders * margins").await;
    pm.approve_formula("INIT-1").await;
    let page = pm.get("/math-models/1").await;
    let carried = page.submit(&pm, offers, &[]).await;
    assert_eq!(carried.status, StatusCode::OK, "{}", carried.text("main"));
    assert_eq!(carried.count(offers), 0);
    let filled = "select count(*) from params where name = 'margins' and value = 0.3 and position is not null
        and exists (select from params o where o.name = 'margin' and o.value is null and o.position is null)";
    assert_eq!(app.count(filled).await, 1);
    let follows =
        "select count(*) from math_models m join formula_versions v on v.id = m.formula_version_id
        where m.drives and v.text = 'value = orders * margins * 2'";
    assert_eq!(app.count(follows).await, 1, "Bold reads it by its new name");
}

#[tokio::test]
async fn two_who_write_its_formula_see_each_other() {
    let (app, pm) = app().await;
    let scenario = makes(&pm, "Bold").await;
    let mine = pm.get(&format!("{scenario}/formula/edit")).await;
    let other = app.sign_in(Role::Admin).await;
    writes(&other, &scenario, "value = orders").await;
    let conflict = mine
        .submit(&pm, "form.write", &[("formula", "value = margin")])
        .await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(
        conflict
            .text(".conflict")
            .contains("gave scenario Bold a formula of its own")
    );
    assert_eq!(conflict.text("textarea").trim(), "value = margin");
    let saved = conflict.submit(&pm, "form.write", &[]).await;
    assert!(saved.text(".diff").contains("+ value = margin"));
}

/// The orders follow a fact; Bold's formula doubles them.
#[tokio::test]
async fn a_fact_moves_a_score_by_the_scenarios_formula_as_its_preview_says() {
    let (app, pm, _) = driven_by_formula().await;
    let analytics = app.sign_in(Role::Analytics).await;
    facts::adds(&analytics, "Orders a month", "1000", "Analytics").await;
    facts::approves(&analytics, "1").await;
    let orders = pm.get("/initiatives/INIT-1").await.param_id("orders");
    facts::follows(&pm, &orders, "1").await;
    facts::proposes(&analytics, "1", "2000").await;
    let preview = analytics.get("/facts/1/approval").await.text("main");
    assert!(
        preview.contains("600") && preview.contains("1,200"),
        "{preview}"
    );
    facts::approves(&analytics, "1").await;
    assert_eq!(score_of(&app).await, 1200);
    let noted = "select count(*) from scores where value = 1200 and notes::text like '%scenario Bold, by its own formula%'";
    assert_eq!(app.count(noted).await, 1);
}

#[tokio::test]
async fn a_model_page_is_bases_and_leads_to_its_scenarios() {
    let (_app, pm, scenario) = driven().await;
    let bar = pm
        .get("/math-models/1")
        .await
        .texts("nav[aria-label='Scenarios'] a");
    assert_eq!(
        bar,
        [
            "Base",
            "Optimistic · drives the score",
            "Compare, or make another"
        ]
    );
    let number = scenario.trim_start_matches("/scenarios/");
    let model = pm.get(&format!("/math-models/{number}")).await;
    assert_eq!(
        model.status,
        StatusCode::NOT_FOUND,
        "a scenario is no model"
    );
    assert_eq!(
        pm.get("/scenarios/1").await.status,
        StatusCode::NOT_FOUND,
        "Base is no scenario"
    );
}

/// The scenario's 40 % stands in for a margin of 30 %, and the orders follow a fact.
#[tokio::test]
async fn a_fact_moves_what_a_driving_scenario_doesnt_set_and_the_preview_says_so() {
    let (app, pm, scenario) = driven().await;
    let analytics = app.sign_in(Role::Analytics).await;
    facts::adds(&analytics, "Orders a month", "1000", "Analytics").await;
    facts::approves(&analytics, "1").await;
    let orders = pm.get("/initiatives/INIT-1").await.param_id("orders");
    facts::follows(&pm, &orders, "1").await;
    assert_eq!(score_of(&app).await, 400);
    facts::proposes(&analytics, "1", "2000").await;
    let preview = analytics.get("/facts/1/approval").await.text("main");
    assert!(
        preview.contains("400") && preview.contains("800"),
        "{preview}"
    );
    facts::approves(&analytics, "1").await;
    assert_eq!(score_of(&app).await, 800, "with the scenario’s margin");
    let page = pm.get("/initiatives/INIT-1").await.text("main");
    assert!(page.contains("Optimistic"), "{page}");
    let noted = "select count(*) from scores where value = 800
       and notes::text like '%scenario Optimistic%' and math_model_id <> 1";
    assert_eq!(app.count(noted).await, 1);
    // What the scenario set rests on the param's unit: its approval falls with that, here as in the preview.
    sets(&pm, &scenario, "orders", "3000").await;
    approves(&pm, &scenario).await;
    assert_eq!(score_of(&app).await, 1200);
    let form = analytics.get("/facts/1/proposal").await;
    form.submit(
        &analytics,
        "form.sheet",
        &[("value", "2000"), ("unit", "orders")],
    )
    .await;
    let preview = analytics.get("/facts/1/approval").await.text("main");
    assert!(!preview.contains("1,200 1,200"), "{preview}");
    facts::approves(&analytics, "1").await;
    assert_eq!(score_of(&app).await, -1, "stale");
    assert_eq!(app.count(LIVE).await, 0);
}
