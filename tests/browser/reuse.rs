//! A formula that serves others: copied to two initiatives, and a model begun from a pattern that scores with its sample
//! numbers.

use crate::app::App;
use productops::domain::rights::Role;

#[tokio::test]
async fn a_formula_goes_to_two_initiatives_that_are_searched_for_and_chosen() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = orders * margin")
        .await;
    app.sql(
        "insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
         select 'INIT-' || n, 'Checkout step ' || n, now(), 1, now(), 1 from generate_series(2, 80) n",
    )
    .await;
    priya.opens("/math-models/1").await;
    priya.presses("Copy to initiatives").await;
    priya.sees_in("#choices", "These are the first 50").await;
    priya
        .enters("Find initiatives by key or title", "step 71")
        .await;
    if priya.has_scripts() {
        // The list follows the typing.
        priya.sees_in("#choices", "INIT-71").await;
    }
    priya.presses("Search").await;
    priya.sees_in("#choices", "INIT-71").await;
    priya.clicks("#target-INIT-71").await;
    priya
        .enters("Find initiatives by key or title", "step 72")
        .await;
    priya.presses("Search").await;
    priya.sees_in("#choices", "INIT-72").await;
    priya.sees_in("#choices", "INIT-71").await;
    priya.clicks("#target-INIT-72").await;
    priya.presses("See what would happen").await;
    priya
        .sees_in("#target-INIT-71", "Version 1 appears, unapproved.")
        .await;
    priya
        .sees_in("#target-INIT-72", "Params that appear: orders, margin")
        .await;
    assert_eq!(priya.has_to_scroll_sideways_by().await, 0);
    priya.presses("Copy to 2 initiatives").await;
    priya.sees("The formula was copied to 2 initiatives.").await;
    priya.opens("/initiatives/INIT-72").await;
    priya.sees_in(".editor", "copied from INIT-1 v1").await;
    priya.sees_in(".editor", "Approve version 1").await;
}

#[tokio::test]
async fn a_model_begins_from_a_pattern_and_scores_with_its_sample_numbers() {
    let app = App::start().await;
    let priya = app.signs_in(Role::Pm).await;
    app.sql(
        "insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
         values ('INIT-1', 'Fewer contacts', now(), 1, now(), 1)",
    )
    .await;
    priya.opens("/initiatives/INIT-1").await;
    priya.chooses("Active framework", "Math model").await;
    priya.sees("Start from a template").await;
    priya.presses("Start from a template").await;
    priya
        .presses_in("#pattern-cost-reduction", "Preview for INIT-1")
        .await;
    priya.sees_in("#target-INIT-1", "Gets the formula").await;
    priya.presses("Copy to 1 initiative").await;
    priya
        .sees_in(".editor", "from template “Cost reduction” (version 1)")
        .await;
    priya.presses("Approve formula").await;
    priya.sees("Withdraw approval").await;
    priya.opens("/initiatives/INIT-1").await;
    for (param, sample) in [
        ("cases_per_month", "2,000"),
        ("cost_per_case", "£5"),
        ("reduction_share", "25%"),
        ("horizon_months", "12"),
        ("one_off_cost", "£6,000"),
    ] {
        priya.fills(param, sample).await;
        priya.approves(param).await;
    }
    priya.sees_in("#score-card", "24,000").await;
}
