//! My queue: what waits for whom, from the first formula to the last approval, and the count of it in the top bar.

use crate::{
    facts::{adds, approves, proposes},
    mirror::eventually,
    support::{Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

async fn waits(person: &Person, path: &str) -> Vec<String> {
    let page = person.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    page.texts(".waits li a")
}

#[tokio::test]
async fn each_step_of_an_initiative_waits_for_whoever_owes_it_and_for_nobody_else() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let (finance, analytics) = (
        app.sign_in(Role::Finance).await,
        app.sign_in(Role::Analytics).await,
    );
    pm.create("INIT-1", "Checkout", "MATH_MODEL").await;
    assert_eq!(waits(&pm, "/queue").await, ["Write the formula"]);
    pm.save_formula("INIT-1", "value = margin * monthly_sessions")
        .await;
    assert_eq!(
        waits(&pm, "/queue").await,
        ["Look at version 1 of the formula and approve it"]
    );
    assert!(waits(&finance, "/queue").await.is_empty());

    pm.approve_formula("INIT-1").await;
    assert_eq!(waits(&finance, "/queue").await, ["Fill in Margin"]);
    assert_eq!(
        waits(&analytics, "/queue").await,
        ["Fill in Monthly sessions"]
    );
    assert!(waits(&pm, "/queue").await.is_empty());

    finance.fill("INIT-1", "margin", "value", "30%").await;
    assert_eq!(
        waits(&finance, "/queue").await,
        ["Look at Margin and approve it"]
    );
    finance.approve("INIT-1", "margin").await;
    assert!(waits(&finance, "/queue").await.is_empty());
}

#[tokio::test]
async fn an_approval_that_fell_waits_again_and_says_who_did_what() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    let finance = app.sign_in(Role::Finance).await;
    finance.fill("INIT-1", "margin", "value", "30%").await;
    finance.approve("INIT-1", "margin").await;
    pm.fill("INIT-1", "margin", "value", "25%").await;
    let page = finance.get("/queue").await;
    let item = page.text(".waits li");
    assert!(
        item.contains("Look at Margin and approve it") && item.contains("until Priya Nair"),
        "{item}"
    );
    let link = page.attribute(".waits li a", "href");
    let there = finance.get(&link).await;
    let (_, id) = link.split_once('#').expect("a place on the page");
    assert!(there.html.contains(&format!("id=\"{id}\"")), "{id}");
}

#[tokio::test]
async fn what_nobody_owns_waits_for_the_pm_to_name_an_owner() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = zeta * 2")
        .await;
    pm.fill("INIT-1", "zeta", "source", "").await;
    assert_eq!(
        waits(&pm, "/queue?task=name-owner").await,
        ["Fill in Zeta, or say whose it is"]
    );
    assert!(waits(&pm, "/queue?task=fill").await.is_empty());
}

#[tokio::test]
async fn anybody_sees_what_waits_for_others_and_nothing_waits_for_a_viewer() {
    let app = TestApp::start().await;
    app.with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    let viewer = app.sign_in(Role::Viewer).await;
    let own = viewer.get("/queue").await;
    assert!(own.text("main").contains("nothing ever waits for a viewer"));
    assert_eq!(
        waits(&viewer, "/queue?of=finance").await,
        ["Fill in Margin"]
    );
    assert!(waits(&viewer, "/queue?of=eng").await.is_empty());
}

#[tokio::test]
async fn what_is_archived_waits_for_nobody() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    let page = pm.get("/initiatives/INIT-1").await;
    page.submit(&pm, "form[action='/initiatives/INIT-1/archival']", &[])
        .await;
    assert!(waits(&pm, "/queue?of=finance").await.is_empty());
}

#[tokio::test]
async fn the_top_bar_counts_what_waits_for_whoever_looks() {
    let app = TestApp::start().await;
    app.with_approved_formula("INIT-1", "value = margin * aov")
        .await;
    let (finance, eng) = (
        app.sign_in(Role::Finance).await,
        app.sign_in(Role::Eng).await,
    );
    eventually("the count", async || {
        let page = finance.get("/backlog").await;
        page.find_text("nav .count").as_deref() == Some("2")
    })
    .await;
    assert_eq!(eng.get("/backlog").await.count("nav .count"), 0);
}

#[tokio::test]
async fn a_facts_change_waits_and_counts_for_whoever_may_approve_it_until_it_is_decided() {
    let app = TestApp::start().await;
    app.run("update settings set four_eyes = 'all'").await;
    let (finance, eng) = (
        app.sign_in(Role::Finance).await,
        app.sign_in(Role::Eng).await,
    );
    let pm = app.sign_in(Role::Pm).await;
    adds(&pm, "Average order value", "£45", "Finance").await;
    let approve = "Approve Average order value: £45";
    assert_eq!(waits(&finance, "/queue").await, [approve]);
    eventually("the count", async || {
        let page = finance.get("/backlog").await;
        page.find_text("nav .count").as_deref() == Some("1")
    })
    .await;
    for other in [&eng, &pm] {
        assert!(waits(other, "/queue").await.is_empty());
        assert_eq!(other.get("/backlog").await.count("nav .count"), 0);
    }
    assert_eq!(waits(&eng, "/queue?of=finance").await, [approve]);

    // Whoever proposed it themselves can't approve it: it doesn't wait for them.
    proposes(&finance, "1", "£46").await;
    assert!(waits(&finance, "/queue").await.is_empty());
    let admin = app.sign_in(Role::Admin).await;
    approves(&admin, "1").await;
    // Where it would change hands, both must agree: that takes a PM.
    let form = finance.get("/facts/1/proposal").await;
    form.submit(&finance, "form.sheet", &[("source", "Eng")])
        .await;
    assert_eq!(
        waits(&pm, "/queue").await,
        ["Approve Average order value: £46"]
    );
    assert!(waits(&eng, "/queue").await.is_empty());
    approves(&pm, "1").await;
    assert!(waits(&pm, "/queue").await.is_empty());
    eventually("no count", async || {
        pm.get("/backlog").await.count("nav .count") == 0
    })
    .await;
}

#[tokio::test]
async fn with_four_eyes_what_one_changed_oneself_is_there_to_look_at_and_says_who_approves() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    let finance = app.sign_in(Role::Finance).await;
    finance.fill("INIT-1", "margin", "value", "30%").await;
    let approve = ["Look at Margin and approve it"];
    assert_eq!(waits(&finance, "/queue").await, approve);
    app.run("update settings set four_eyes = 'all'").await;
    assert_eq!(waits(&finance, "/queue").await, ["Look at Margin"]);
    let said = finance.get("/queue").await.text(".waits li");
    assert!(said.contains("You changed its value"), "{said}");
    assert!(said.contains("somebody else approves it"), "{said}");
    let others = pm.get("/queue?of=finance").await.text(".waits li");
    assert!(!others.contains("You changed"), "{others}");

    pm.save_formula("INIT-1", "value = margin * 3").await;
    let said = pm.get("/queue").await.text(".waits li");
    assert!(
        said.contains("Look at version 2 of the formula") && said.contains("You saved its formula"),
        "{said}"
    );
}
