//! Scenarios beside a framework's formula: RICE, which comes with the app, and one that an admin defines and changes.

use crate::{
    facts,
    frameworks::{scored, settled},
    scenario_steps::{
        LIVE, approves, asks_for, driver, lets_drive_by, makes_by, sets, side_by_side,
    },
    support::{Page, Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

const RICE: &str = "RICE";
const REACH: &str = "REACH";

/// INIT-1 is scored by RICE with 1,000 × 2 × 0.5 over 10 days, all of it approved.
async fn app() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Checkout", RICE).await;
    for (param, typed) in [
        ("reach", "1000"),
        ("impact", "2"),
        ("confidence", "50%"),
        ("effort", "10"),
    ] {
        pm.fill("INIT-1", param, "value", typed).await;
        pm.approve("INIT-1", param).await;
    }
    (app, pm)
}

/// Bold reaches twice as many, is approved and drives the score.
async fn driven() -> (TestApp, Person, String) {
    let (app, pm) = app().await;
    let scenario = makes_by(&pm, RICE, "Bold").await;
    sets(&pm, &scenario, "reach", "2000").await;
    approves(&pm, &scenario).await;
    let done = lets_drive_by(&pm, RICE, Some(&scenario)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text("main"));
    (app, pm, scenario)
}

/// REACH, whose formula is `reach`, scores INIT-1 by scenario Bold, which reaches 10 where Base reaches 5.
async fn reaching() -> (TestApp, Person, Person, String) {
    let app = TestApp::start().await;
    let (admin, pm) = scored(&app).await;
    let scenario = makes_by(&pm, REACH, "Bold").await;
    sets(&pm, &scenario, "reach", "10").await;
    approves(&pm, &scenario).await;
    let done = lets_drive_by(&pm, REACH, Some(&scenario)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text("main"));
    assert_eq!(value_of(&app).await, 10);
    (app, admin, pm, scenario)
}

/// The value of INIT-1 that stands; −1: none does.
async fn value_of(app: &TestApp) -> i64 {
    app.count(
        "select s.value::bigint from initiative_frameworks f join scores s on s.id = f.score_id
         join initiatives i on i.id = f.initiative_id where i.key = 'INIT-1' and f.status = 'approved'
         union all select -1 limit 1",
    )
    .await
}

/// What saving this definition would do, and then what it did.
async fn redefines(admin: &Person, with: &[(&str, &str)]) -> (Page, Page) {
    let page = admin.get("/frameworks/REACH").await;
    let (_, mut fields) = page.form("#framework-form");
    for (name, typed) in with {
        fields.retain(|(field, _)| field != name);
        fields.push(((*name).to_owned(), (*typed).to_owned()));
    }
    let preview = admin.post("/frameworks/REACH/preview", &fields).await;
    let saved = page.submit(admin, "#framework-form", with).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
    (preview, settled(admin).await)
}

#[tokio::test]
async fn it_follows_base_live_and_its_effect_is_shown_before_it_drives() {
    let (app, pm) = app().await;
    let initiative = pm.get("/initiatives/INIT-1").await;
    assert_eq!(
        initiative.attribute("#formula-RICE header a", "href"),
        side_by_side(RICE)
    );
    let scenario = makes_by(&pm, RICE, "Bold").await;
    let page = sets(&pm, &scenario, "reach", "2000").await;
    let row = page.text("tr[id^='value-']:has(.differs)");
    assert!(row.contains("1,000") && row.contains("2,000"), "{row}");
    assert!(
        page.text("main")
            .contains("RICE’s, version 1 now: the same for every initiative")
    );
    assert_eq!(
        page.count("a[href$='/formula/edit']"),
        0,
        "no formula of its own"
    );
    let waits = pm.get(&driver(RICE, Some(&scenario))).await;
    assert_eq!(waits.count("#drive"), 0);
    assert!(
        waits
            .text(".missing")
            .contains("Reach in scenario Bold waits for approval")
    );
    approves(&pm, &scenario).await;
    let effect = pm.get(&driver(RICE, Some(&scenario))).await;
    let effects = effect.texts(".replaced tbody tr").join(" | ");
    assert_eq!(
        effects,
        "Value1,0002,000 | Effort1010 | Overall100200 | Rank1 of 11 of 1"
    );
    assert_eq!(value_of(&app).await, 1000, "looking changes nothing");
    // Nothing is scored by what is off.
    app.run("update initiative_frameworks set is_on = false")
        .await;
    let off = pm.get(&driver(RICE, Some(&scenario))).await;
    let says = "RICE is off for INIT-1, so nothing is scored by it. Turn it on";
    assert!(off.text("main").contains(says), "{}", off.text("main"));
    assert_eq!(off.count("#drive"), 0);
    let refused = effect.submit(&pm, "#drive", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text("#notices").contains(says),
        "{}",
        refused.text("body")
    );
    app.run("update initiative_frameworks set is_on = true")
        .await;
    lets_drive_by(&pm, RICE, Some(&scenario)).await;
    assert_eq!(value_of(&app).await, 2000);
    let initiative = pm.get("/initiatives/INIT-1").await;
    let card = initiative.text("#score-card");
    assert!(card.contains("Scored for scenario Bold."), "{card}");
    let group = initiative.text("#params-RICE-INIT-1 header");
    assert!(
        group.contains("Scenario Bold drives the score"),
        "the group says so: {group}"
    );
    // What it follows moves it, what it sets doesn't.
    pm.fill("INIT-1", "reach", "value", "1").await;
    assert_eq!(value_of(&app).await, 2000);
    pm.fill("INIT-1", "impact", "value", "3").await;
    assert_eq!(value_of(&app).await, -1, "stale");
    pm.approve("INIT-1", "impact").await;
    assert_eq!(value_of(&app).await, 3000);
    let history = pm.get("/initiatives/INIT-1/history").await.text("main");
    for sentence in [
        "created scenario Bold of RICE",
        "set Reach to 2,000 people in scenario Bold of RICE",
        "approved scenario Bold of RICE",
        "let scenario Bold drive the score of INIT-1 by RICE (was Base)",
    ] {
        assert!(history.contains(sentence), "{sentence}: {history}");
    }
}

#[tokio::test]
async fn the_receipt_names_it_and_recomputes_to_the_bit() {
    let (_app, pm, _) = driven().await;
    let initiative = pm.get("/initiatives/INIT-1").await;
    let receipt = pm
        .get(&initiative.attribute("#score-card footer a", "href"))
        .await;
    let text = receipt.text("main");
    for part in [
        "RICE · scenario Bold",
        "Set by scenario Bold; Base said 1,000",
        "Scored for scenario Bold.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let again = receipt
        .submit(&pm, "form[action$='/recomputation']", &[])
        .await;
    let said = again.text(".again");
    assert!(said.contains("same"), "{said}");
}

#[tokio::test]
async fn an_initiative_with_such_scenarios_has_no_model() {
    let (app, pm, scenario) = driven().await;
    let models = "select count(*) from math_models where scenario_label = 'Base'";
    assert_eq!(app.count(models).await, 0);
    let list = pm.get("/math-models").await.text("main");
    assert!(!list.contains("INIT-1"), "{list}");
    let number = scenario.trim_start_matches("/scenarios/");
    let page = pm.get(&format!("/math-models/{number}")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let steps = pm.get("/initiatives/INIT-1").await.text("#journey");
    assert!(steps.contains("RICE has its own formula"), "{steps}");
    // Turned on later, the math model is Base of scenarios of its own, of the same names.
    let page = pm.get("/initiatives/INIT-1").await;
    page.submit(&pm, "form[action$='/math-model']", &[("use", "true")])
        .await;
    let beside_model = makes_by(&pm, "MATH_MODEL", "Bold").await;
    assert_ne!(beside_model, scenario);
    let by_rice = pm.get(&side_by_side(RICE)).await;
    assert_eq!(by_rice.count(".compared thead th"), 3, "Param, Base, Bold");
}

#[tokio::test]
async fn base_drives_again_by_a_persons_act_alone_and_that_is_undone_too() {
    let (app, pm, scenario) = driven().await;
    let page = pm.get(&scenario).await;
    page.submit(&pm, "form[action$='/approval/withdrawal']", &[])
        .await;
    assert_eq!(value_of(&app).await, -1, "stale, and nothing switches");
    approves(&pm, &scenario).await;
    let back = lets_drive_by(&pm, RICE, None).await;
    assert_eq!(value_of(&app).await, 1000);
    let drives = "select count(*) from math_models where drives";
    assert_eq!(
        app.count(drives).await,
        0,
        "Base is the framework’s formula"
    );
    let undone = back.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text("main"));
    assert_eq!(value_of(&app).await, 2000);
    let changed = sets(&pm, &scenario, "reach", "5000").await;
    assert_eq!(app.count(LIVE).await, 0);
    changed.submit(&pm, "form[action^='/changes/']", &[]).await;
    assert_eq!((app.count(LIVE).await, value_of(&app).await), (1, 2000));
}

#[tokio::test]
async fn they_stand_side_by_side_and_as_a_file() {
    let (_app, pm, _) = driven().await;
    let page = pm.get(&side_by_side(RICE)).await;
    let rows = page.texts(".compared tbody tr");
    assert!(
        rows[0].contains("Version 1") && rows[0].contains("Base’s"),
        "{rows:?}"
    );
    assert_eq!(page.count(".compared .differs"), 3, "reach, value, overall");
    assert_eq!(page.count(".bars svg"), 2);
    let bytes = pm.bytes(&format!("{}.csv", side_by_side(RICE))).await;
    let csv = String::from_utf8(bytes).expect("text");
    assert!(
        csv.contains(r#""Reach","reach","people",1000,2000"#),
        "{csv}"
    );
    assert!(
        csv.contains(",1000,2000") && csv.contains(",100,200"),
        "{csv}"
    );
}

#[tokio::test]
async fn a_formula_of_its_own_is_refused_with_the_reason_and_so_is_what_isnt_on() {
    let (app, pm) = app().await;
    let scenario = makes_by(&pm, RICE, "Bold").await;
    let seen = app.count("select revision from math_models").await;
    let typed = [
        ("formula".to_owned(), "value = reach".to_owned()),
        ("seen_revision".to_owned(), seen.to_string()),
    ];
    for refused in [
        pm.get(&format!("{scenario}/formula/edit")).await,
        pm.post(&format!("{scenario}/formula/check"), &typed).await,
        pm.post(&format!("{scenario}/formula"), &typed).await,
    ] {
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let why = refused.text("#notices");
        assert!(
            why.contains("RICE’s formula is the same for every initiative"),
            "{why}"
        );
    }
    let own = "select count(*) from math_models where formula_version_id is not null";
    assert_eq!(app.count(own).await, 0);
    let off = pm.get(&side_by_side("WSJF")).await;
    assert_eq!(off.count("main form[action$='/scenarios']"), 0);
    assert!(off.text("main").contains("Turn WSJF on there first."));
    let typed = [("label".to_owned(), "Bold".to_owned())];
    let refused = pm.post(&side_by_side("WSJF"), &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = pm.get(&side_by_side("NOPE")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let no_model = pm.get(&side_by_side("MATH_MODEL")).await;
    assert_eq!(
        no_model.status,
        StatusCode::NOT_FOUND,
        "nor scenarios of it"
    );
}

#[tokio::test]
async fn a_viewer_reads_them_and_each_values_owner_approves_it() {
    let (app, pm) = app().await;
    let scenario = makes_by(&pm, RICE, "Bold").await;
    sets(&pm, &scenario, "effort", "5").await;
    let viewer = app.sign_in(Role::Viewer).await;
    for path in [scenario.clone(), side_by_side(RICE), driver(RICE, None)] {
        let page = viewer.get(&path).await;
        assert_eq!((page.status, page.count("main form")), (StatusCode::OK, 0));
    }
    let fiona = app.sign_in(Role::Finance).await;
    assert_eq!(fiona.get(&scenario).await.count("#approve"), 0);
    let eng = app.sign_in(Role::Eng).await;
    let approved = approves(&eng, &scenario).await;
    assert_eq!(approved.status, StatusCode::OK);
    assert_eq!(app.count(LIVE).await, 1, "the effort is Eng’s");
    assert_eq!(
        eng.get(&driver(RICE, Some(&scenario)))
            .await
            .count("#drive"),
        0
    );
}

#[tokio::test]
async fn an_admins_formula_reaches_it_live_as_its_preview_says_and_its_approval_stands() {
    let (app, admin, pm, scenario) = reaching().await;
    let (preview, _) = redefines(&admin, &[("formula", "value = reach * 3")]).await;
    assert_eq!(preview.texts("#framework-outlook td"), ["10", "30"]);
    assert_eq!(value_of(&app).await, 30);
    assert_eq!(app.count(LIVE).await, 1, "it covers the values alone");
    let noted = "select count(*) from scores s join math_models m on m.id = s.math_model_id
        where s.value = 30 and m.scenario_label = 'Bold' and s.notes::text like '%scenario Bold%'";
    assert_eq!(app.count(noted).await, 1);
    let page = pm.get(&scenario).await;
    assert!(page.text(".figures").contains("Value of Base15"));
    assert!(page.text("main").contains("version 2 now"));
}

#[tokio::test]
async fn a_param_that_the_new_formula_reads_is_missing_for_it_as_for_base() {
    let (app, admin, pm, scenario) = reaching().await;
    let (preview, _) = redefines(&admin, &[("formula", "value = reach * weight")]).await;
    assert!(
        preview
            .text("#framework-outlook")
            .contains("weight has no value")
    );
    assert_eq!(value_of(&app).await, -1);
    sets(&pm, &scenario, "weight", "2").await;
    approves(&pm, &scenario).await;
    assert_eq!(value_of(&app).await, 20);
    // A scenario's number is nobody's to change through the definition: unit and owner of its param stay.
    let (_, _) = redefines(
        &admin,
        &[("unit-weight", "points"), ("source-weight", "Eng")],
    )
    .await;
    let moved =
        "select count(*) from params where name = 'weight' and (unit = 'points' or source = 'Eng')";
    assert_eq!((app.count(moved).await, app.count(LIVE).await), (0, 1));
}

#[tokio::test]
async fn bounds_that_leave_its_value_out_take_its_approval_as_the_preview_says() {
    let (app, admin, pm, scenario) = reaching().await;
    let (preview, _) = redefines(&admin, &[("max-reach", "8")]).await;
    let said = preview.text("#framework-outlook");
    assert!(said.contains("1 holds a value outside"), "{said}");
    assert_eq!((app.count(LIVE).await, value_of(&app).await), (0, -1));
    let history = pm.get("/initiatives/INIT-1/history").await.text("main");
    assert!(
        history.contains("withdrew the approval of scenario Bold of Reach first: its value of"),
        "{history}"
    );
    let page = pm.get(&scenario).await;
    assert_eq!(page.count("#approve"), 0, "out of its range");
    sets(&pm, &scenario, "reach", "7").await;
    approves(&pm, &scenario).await;
    assert_eq!(value_of(&app).await, 7);
    // Wider bounds touch nothing.
    let (_, _) = redefines(&admin, &[("max-reach", "9")]).await;
    assert_eq!((app.count(LIVE).await, value_of(&app).await), (1, 7));
}

#[tokio::test]
async fn a_fact_moves_what_it_follows_as_its_preview_says() {
    let (app, pm, _) = driven().await;
    facts::adds(&pm, "Usual impact", "2", "PM").await;
    facts::approves(&pm, "1").await;
    let impact = pm.get("/initiatives/INIT-1").await.param_id("impact");
    facts::follows(&pm, &impact, "1").await;
    assert_eq!(value_of(&app).await, 2000);
    facts::proposes(&pm, "1", "3").await;
    let preview = pm.get("/facts/1/approval").await.text("main");
    assert!(
        preview.contains("2,000") && preview.contains("3,000"),
        "{preview}"
    );
    facts::approves(&pm, "1").await;
    assert_eq!(value_of(&app).await, 3000);
    let noted =
        "select count(*) from scores where value = 3000 and notes::text like '%scenario Bold%'
        and math_model_id is not null";
    assert_eq!(app.count(noted).await, 1);
}

#[tokio::test]
async fn a_name_is_free_again_by_another_framework_and_taken_by_its_own() {
    let (_app, pm, _) = driven().await;
    let refused = asks_for(&pm, RICE, "bold").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.attribute("#label", "value"), "bold");
}
