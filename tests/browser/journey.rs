//! The main job from end to end: a backlog comes in, and one initiative walks through all four steps, each by the
//! person whose turn it is. The seed's scenario A.

use crate::{
    app::App,
    person::{Person, Way},
};
use productops::domain::rights::Role;
use std::time::Instant;

const FORMULA: &str = "value = uplift_conv * baseline_conv * monthly_sessions * aov * margin * horizon_months - infra_cost";

#[tokio::test]
async fn the_journey_from_a_backlog_to_a_score_that_everybody_stands_behind() {
    everybody_does_their_part(Way::Pointer).await;
}

#[tokio::test]
async fn the_same_journey_by_keyboard_alone() {
    everybody_does_their_part(Way::Keys).await;
}

#[tokio::test]
async fn the_same_journey_with_javascript_off() {
    everybody_does_their_part(Way::NoScript).await;
}

async fn everybody_does_their_part(way: Way) {
    let app = App::start_for(way).await;
    ada_brings_the_backlog_in(&app).await;
    let priya = app.signs_in(Role::Pm).await;
    she_turns_the_math_model_on(&priya).await;
    she_writes_and_approves_the_formula(&priya).await;
    the_params_are_there_by_themselves(&priya).await;
    let approved_at = everybody_fills_in_and_approves_what_is_theirs(&app, &priya).await;
    the_mirror_shows_it(&app, approved_at).await;
    the_score_is_on_the_page_on_its_receipt_and_in_the_backlog(&priya).await;
}

/// Ada runs the app; the empty backlog tells her what to do.
pub(crate) async fn ada_brings_the_backlog_in(app: &App) {
    let ada = app.signs_in(Role::Admin).await;
    ada.sees("No initiatives yet").await;
    ada.presses("Bring in sample data").await;
    ada.sees_in("#initiative-INIT-101", "Seat choice in one tap")
        .await;
}

/// A1. Priya, a PM, finds her initiative in the backlog.
pub(crate) async fn she_turns_the_math_model_on(priya: &Person) {
    priya
        .enters("Search this list", "Checkout conversion value")
        .await;
    priya.presses("Search").await;
    priya.sees_in("#initiative-INIT-123", "No framework").await;
    priya.chooses("Framework of INIT-123", "Math model").await;
    priya
        .sees_in("#initiative-INIT-123", "PM: No formula yet")
        .await;
    priya.presses("Checkout conversion value").await;
    priya.sees_in("#journey", "No formula yet").await;
}

/// A2. She says what the model is, writes the formula, sees what it reads, and approves it.
pub(crate) async fn she_writes_and_approves_the_formula(priya: &Person) {
    priya
        .fills_in(
            "Model name: INIT-123_MATH_MODEL_V1",
            "Model name",
            "CheckoutConvValue2026",
        )
        .await;
    priya
        .fills_in("Unit of the value", "Unit of the value", "£")
        .await;
    priya.writes_formula(FORMULA).await;
    priya.waits_for_the_check().await;
    priya.sees("Reads 7 params").await;
    priya.presses("Save").await;
    priya.sees("Adds 7 params: uplift_conv, baseline_conv, monthly_sessions, aov, margin, horizon_months, infra_cost").await;
    priya.presses("Approve formula").await;
    priya.sees("Withdraw approval").await;
    priya.goes_on_at("/initiatives/INIT-123").await;
    priya
        .sees_in("#journey", "Formula approved by Priya Nair")
        .await;
}

/// A3. In the order of the formula, with a unit and an owner each.
async fn the_params_are_there_by_themselves(priya: &Person) {
    let names = [
        ("uplift_conv", "% 0 % to 100 % Analytics"),
        ("baseline_conv", "% 0 % to 100 % Analytics"),
        ("monthly_sessions", "sessions Add a range Analytics"),
        ("aov", "£ Add a range Finance"),
        ("margin", "% 0 % to 100 % Finance"),
        ("horizon_months", "months Add a range PM"),
        ("infra_cost", "£ Add a range Eng"),
    ];
    assert_eq!(priya.params().await, names.map(|(name, _)| name));
    for (name, unit_range_and_owner) in names {
        priya
            .sees_in(&priya.row_of(name).await, unit_range_and_owner)
            .await;
    }
    priya.sees_in("#score-card", "Not ready: 7 to do").await;
}

/// A4. One at the Params page, others on the initiative's; Priya comes last and sees what she is about to approve. Gives when
/// the last approval stood.
pub(crate) async fn everybody_fills_in_and_approves_what_is_theirs(
    app: &App,
    priya: &Person,
) -> Instant {
    let anders = app.signs_in(Role::Analytics).await;
    anders.opens("/params?initiative=INIT-123").await;
    for (param, typed) in [
        ("uplift_conv", "2%"),
        ("baseline_conv", "4%"),
        ("monthly_sessions", "500k"),
    ] {
        anders.fills(param, typed).await;
        anders.approves(param).await;
    }
    anders.sees("3 of 7 approved").await;
    drop(anders);

    let fiona = app.signs_in(Role::Finance).await;
    fiona.opens("/initiatives/INIT-123").await;
    for (param, typed) in [("aov", "£45"), ("margin", "30%")] {
        fiona.fills(param, typed).await;
        fiona.approves(param).await;
    }
    drop(fiona);

    let enzo = app.signs_in(Role::Eng).await;
    enzo.opens("/initiatives/INIT-123").await;
    enzo.fills("infra_cost", "5,000").await;
    enzo.approves("infra_cost").await;
    enzo.sees_in("#score-card", "Horizon in months has no value")
        .await;
    drop(enzo);

    priya.reloads().await;
    priya
        .sees_in(
            "#journey",
            "6 of 7 approved, 1 without a value · waits for PM (1)",
        )
        .await;
    priya.fills("horizon_months", "12").await;
    priya.sees_in("#score-card", "Preview £59,800").await;
    priya.approves("horizon_months").await;
    let approved_at = Instant::now();
    priya.sees_in("#score-card .big", "£59,800").await;
    approved_at
}

/// A6. The file beside the app follows, in seconds, and nobody had to ask for that either.
async fn the_mirror_shows_it(app: &App, approved_at: Instant) {
    app.mirrors("INIT-123", "value_score", "59800", approved_at)
        .await;
    app.mirrors("INIT-123", "score_status", "approved", approved_at)
        .await;
}

/// A5. Nobody had to ask for it.
async fn the_score_is_on_the_page_on_its_receipt_and_in_the_backlog(priya: &Person) {
    priya.sees_in("#score-card header", "Approved").await;
    priya.sees_in("#journey", "Scored £59,800").await;
    priya.presses_in("#score-card footer", "Receipt").await;
    priya.sees_in("h1", "INIT-123").await;
    for stands_behind_it in [
        "Anders Holm",
        "Fiona Grant",
        "Enzo Ricci",
        "Priya Nair",
        "£59,800",
    ] {
        priya.sees_in("main", stands_behind_it).await;
    }
    priya.presses_in("header", "Backlog").await;
    priya.enters("Search this list", "INIT-123").await;
    priya.presses("Search").await;
    priya.sees_in("#initiative-INIT-123", "£59,800").await;
    priya.sees_in("#initiative-INIT-123", "Approved").await;
}
