//! A shared fact: added and approved by Finance, followed by a PM's param, changed with its effect shown first.

use crate::app::App;
use productops::domain::rights::Role;

#[tokio::test]
async fn a_fact_is_approved_followed_and_changed_with_its_effect_shown_first() {
    let app = App::start().await;
    let priya = app.with_approved_formula("INIT-1", "value = aov * 2").await;
    let fiona = app.signs_in(Role::Finance).await;
    fiona.opens("/facts").await;
    fiona.presses("Add a fact").await;
    fiona.enters("Name", "Average order value").await;
    fiona.enters("Value", "£45").await;
    fiona.chooses("Owner", "Finance").await;
    fiona.presses("Add and propose").await;
    fiona.sees_in("#notices", "You proposed £45").await;
    fiona.has_the_cursor_in("proposal").await;
    fiona.presses("See what approving would do").await;
    fiona.presses("Approve").await;
    fiona.sees("Approved by Fiona Grant").await;
    fiona.sees_in("#notices", "You approved").await;
    fiona.has_the_cursor_in("in-force").await;

    priya.opens("/params").await;
    priya.clicks(".code-name").await;
    priya.presses("Follow a shared fact").await;
    priya.enters("Find facts by name or meaning", "order").await;
    priya.clicks("#fact-1").await;
    priya.presses("See what would change").await;
    priya.presses("Follow Average order value").await;
    priya.sees("follows Average order value").await;
    priya.opens("/initiatives/INIT-1").await;
    priya.sees_in("#score-card", "90").await;

    priya.opens("/facts/1").await;
    priya.presses("Propose a change").await;
    priya.enters("Value", "£50").await;
    priya.presses("Propose").await;
    priya.sees_in("#proposal", "£50").await;
    fiona.opens("/queue").await;
    fiona.presses("Approve Average order value: £50").await;
    fiona
        .sees_in("section[aria-labelledby=fact-moves]", "100")
        .await;
    assert_eq!(fiona.has_to_scroll_sideways_by().await, 0);
    fiona.presses("Approve").await;
    fiona.sees("Approved by Fiona Grant").await;
    priya.opens("/initiatives/INIT-1").await;
    priya.sees_in("#score-card", "100").await;
}

#[tokio::test]
async fn what_others_do_with_a_fact_comes_into_its_pages_but_never_under_somebody_who_types() {
    let app = App::start().await;
    let priya = app.with_approved_formula("INIT-1", "value = aov * 2").await;
    let fiona = app.signs_in(Role::Finance).await;
    fiona.opens("/facts/new").await;
    fiona.enters("Name", "Average order value").await;
    fiona.enters("Value", "£45").await;
    fiona.chooses("Owner", "Finance").await;
    fiona.presses("Add and propose").await;
    fiona.sees_in("#waits", "£45").await;

    priya.opens("/facts/1").await;
    priya.sees_in("#waits", "£45").await;
    fiona.presses("See what approving would do").await;
    fiona.presses("Approve").await;
    priya.sees_in("#in-force", "Approved by Fiona Grant").await;
    priya.sees_in("#heading", "Approved").await;

    fiona.sees_in("#in-force", "£45").await;
    priya.presses("Propose a change").await;
    priya.enters("Value", "£50").await;
    priya.presses("Propose").await;
    fiona.sees_in("#waits", "£50").await;
    fiona.presses("Refuse it…").await;
    fiona.enters("Why", "Audited at 45").await;
    priya.opens("/facts/1/proposal").await;
    priya.enters("Value", "£51").await;
    priya.presses("Propose").await;
    fiona.sees_in("#history", "£51").await;
    fiona.sees_in("#waits", "£50").await;
    let typed = fiona
        .asks_page("return document.getElementById('why').value")
        .await;
    assert_eq!(typed, "Audited at 45");
    fiona.presses("Refuse").await;
    fiona.sees("while you were looking at it").await;
}

#[tokio::test]
async fn params_that_could_follow_are_chosen_in_the_grid_and_follow_together() {
    let app = App::start().await;
    let priya = app.with_approved_formula("INIT-1", "value = aov * 2").await;
    priya.opens("/facts/new").await;
    priya.enters("Name", "Average order value").await;
    priya.enters("Value", "£45").await;
    priya.chooses("Owner", "PM").await;
    priya.presses("Add and propose").await;
    priya.presses("See what approving would do").await;
    priya.presses("Approve").await;
    priya.presses("Params that could follow it").await;
    priya.clicks("tbody .pick").await;
    priya.presses("Follow a fact…").await;
    priya
        .sees_in(
            "section[aria-labelledby=would-follow]",
            "1 param would follow",
        )
        .await;
    assert_eq!(priya.has_to_scroll_sideways_by().await, 0);
    priya.presses("Let 1 param follow").await;
    priya.sees("1 param set to follow the fact.").await;
    priya.opens("/initiatives/INIT-1").await;
    priya.sees_in("#score-card", "90").await;
}
