//! A scenario from its making to the score that it drives, pages looked at by axe on the way in `axe.rs`.

use crate::{app::App, person::Person};

/// INIT-1 is worth 1,000 orders at a margin of 0.3, all of it approved.
pub(crate) async fn scored(app: &App) -> Person {
    let priya = app
        .with_approved_formula("INIT-1", "value = orders * margin")
        .await;
    priya.opens("/initiatives/INIT-1").await;
    for (param, typed) in [("orders", "1000"), ("margin", "30%")] {
        priya.fills(param, typed).await;
        priya.approves(param).await;
    }
    priya
}

/// Optimistic sets a margin of 40 %.
pub(crate) async fn makes_optimistic(priya: &Person) {
    priya.opens("/math-models/1").await;
    priya.presses("Make a scenario").await;
    priya.presses("Optimistic").await;
    priya.sees_in("h1", "Scenario Optimistic").await;
    // The page that the form led to can be loaded again.
    priya.reloads().await;
    priya.sees_in("h1", "Scenario Optimistic").await;
    priya.presses("Set Margin").await;
    priya.enters("Value in this scenario", "40%").await;
    priya.presses("Save value").await;
    priya.sees_in("#main .differs", "40 %").await;
}

#[tokio::test]
async fn a_scenario_gets_a_formula_that_is_checked_while_it_is_typed_and_follows_base_again() {
    let app = App::start().await;
    let priya = scored(&app).await;
    makes_optimistic(&priya).await;
    priya.presses("Write a formula of its own").await;
    priya.enters("Formula", "value = orders * markup").await;
    priya
        .sees_in(".check", "`markup` is no param of this model")
        .await;
    priya.enters("Formula", "value = orders * margin * 2").await;
    priya.sees_in(".check", "800").await;
    priya.presses("Save formula").await;
    priya.sees_in(".diff", "value = orders * margin * 2").await;
    priya.presses("Approve this formula and these values").await;
    priya.sees("Approved by Priya Nair").await;
    assert_eq!(priya.has_to_scroll_sideways_by().await, 0);
    priya.presses("Follow Base again").await;
    priya.sees("It follows Base’s formula").await;
}

#[tokio::test]
async fn a_scenario_is_made_approved_and_drives_the_score_after_its_effect_was_shown() {
    let app = App::start().await;
    let priya = scored(&app).await;
    makes_optimistic(&priya).await;
    priya.presses("Approve these values").await;
    priya.sees("Approved by Priya Nair").await;
    priya.presses("Let this scenario drive the score").await;
    priya.sees_in(".replaced", "400").await;
    priya
        .presses("Let scenario Optimistic drive the score")
        .await;
    priya.sees_in(".compared", "drives the score").await;
    assert_eq!(priya.has_to_scroll_sideways_by().await, 0);
    priya.opens("/initiatives/INIT-1").await;
    priya.sees_in("#score-card", "400").await;
    priya
        .sees_in("#score-card", "Scored for scenario Optimistic.")
        .await;
}
