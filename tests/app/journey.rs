//! The seed's scenario A over HTTP with JavaScript off: every step by the person whose turn it is.

use crate::support::TestApp;
use productops::domain::rights::Role;
use reqwest::StatusCode;

const SEED: &str = "value = uplift_conv * baseline_conv * monthly_sessions * aov * margin * horizon_months - infra_cost";

/// Who fills in what, as they would type it.
const NUMBERS: [(Role, &str, &str, &str); 7] = [
    (Role::Analytics, "uplift_conv", "Analytics", "2%"),
    (Role::Analytics, "baseline_conv", "Analytics", "4%"),
    (Role::Analytics, "monthly_sessions", "Analytics", "500k"),
    (Role::Finance, "aov", "Finance", "£45"),
    (Role::Finance, "margin", "Finance", "30%"),
    (Role::Pm, "horizon_months", "PM", "12"),
    (Role::Eng, "infra_cost", "Eng", "5,000"),
];

#[tokio::test]
async fn an_initiative_is_turned_on_defined_filled_approved_and_scored() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let page = pm.create("INIT-123", "Checkout conversion value", "").await;
    assert_eq!(page.path, "/initiatives/INIT-123");

    // A1 turn on
    let on = page
        .submit(
            &pm,
            "form[action='/initiatives/INIT-123/framework']",
            &[("framework", "MATH_MODEL")],
        )
        .await;
    assert_eq!(on.attribute("#use-math-model", "aria-pressed"), "true");
    assert_eq!(
        app.count("select count(*) from math_models where model_name = 'INIT-123_MATH_MODEL_V1'")
            .await,
        1
    );

    // A2 define and approve
    pm.save_formula("INIT-123", SEED).await;
    let approved = pm.approve_formula("INIT-123").await;
    let names = approved.texts("tr[id^='param-'] .code-name");
    assert_eq!(
        names,
        [
            "uplift_conv",
            "baseline_conv",
            "monthly_sessions",
            "aov",
            "margin",
            "horizon_months",
            "infra_cost"
        ],
        "a row for each identifier in order of first use"
    );
    assert_eq!(
        approved.count("#score-card .missing li"),
        7,
        "everything missing is listed"
    );

    // A3, A4 each fills in and approves their own
    for (role, name, source, typed) in NUMBERS {
        pm.fill("INIT-123", name, "source", source).await;
        let owner = app.sign_in(role).await;
        let saved = owner.fill("INIT-123", name, "value", typed).await;
        assert_eq!(
            saved.status,
            StatusCode::OK,
            "{name}: {}",
            saved.text("main")
        );
        let approved = owner.approve("INIT-123", name).await;
        assert_eq!(
            approved.status,
            StatusCode::OK,
            "{name}: {}",
            approved.text("main")
        );
    }

    // A5 the score is there, on the page, in the backlog, and on its receipt
    let done = pm.get("/initiatives/INIT-123").await;
    assert!(
        done.text("#score-card .big").contains("59,800"),
        "{}",
        done.text("#score-card")
    );
    assert!(done.text("#score-card header").contains("Approved"));
    let backlog = pm.get("/backlog").await;
    assert!(backlog.text("#initiative-INIT-123").contains("59,800"));
    let receipt = pm
        .get(&done.attribute("#score-card footer a", "href"))
        .await;
    for shown in [
        "59,800",
        "Fiona Grant",
        "Anders Holm",
        "Enzo Ricci",
        "Priya Nair",
        "version 1",
    ] {
        let text = receipt.text("main");
        assert!(
            text.to_lowercase().contains(&shown.to_lowercase()),
            "no {shown} in {text}"
        );
    }
}

#[tokio::test]
async fn rice_is_seeded_when_it_is_chosen_and_scored_like_any_formula() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let page = pm.create("INIT-7", "Loyalty prices", "RICE").await;
    assert_eq!(
        page.texts("tr[id^='param-'] .code-name"),
        ["reach", "impact", "confidence", "effort"]
    );
    for (name, typed) in [
        ("reach", "100k"),
        ("impact", "3"),
        ("confidence", "70%"),
        ("effort", "20"),
    ] {
        pm.fill("INIT-7", name, "value", typed).await;
        pm.approve("INIT-7", name).await;
    }
    let done = pm.get("/initiatives/INIT-7").await;
    assert!(done.text("#score-card .big").contains("210,000"));
    assert!(done.text("#score-card .figures").contains("10,500"));
}

#[tokio::test]
async fn effort_days_rescore_at_once_and_the_receipt_names_who_set_them() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * margin_per_order")
        .await;
    for (name, typed) in [("orders", "1000"), ("margin_per_order", "£7")] {
        pm.fill("INIT-1", name, "value", typed).await;
        pm.approve("INIT-1", name).await;
    }
    let eng = app.sign_in(Role::Eng).await;
    let form = eng
        .get("/initiatives/INIT-1/fields/effort_engineering_days/edit")
        .await;
    form.submit(&eng, "form.edit", &[("value", "70")]).await;
    let done = eng.get("/initiatives/INIT-1").await;
    assert!(
        done.text("#score-card .figures").contains("100"),
        "{}",
        done.text("#score-card")
    );
    let receipt = eng
        .get(&done.attribute("#score-card footer a", "href"))
        .await;
    assert!(
        receipt.text("main").contains("Enzo Ricci"),
        "{}",
        receipt.text("main")
    );
    assert!(
        receipt
            .text("main")
            .to_lowercase()
            .contains("not subject to approval")
    );
}
