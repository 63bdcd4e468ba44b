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
    fiona.presses("See what approving would do").await;
    fiona.presses("Approve").await;
    fiona.sees("Approved by Fiona Grant").await;

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
