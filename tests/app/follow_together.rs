//! Many params follow a fact at once: chosen in the grid, seen before with what moves, done in one act and undone as one.

use crate::{
    facts::{adds, approves, proposes},
    support::{Page, Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

/// Two initiatives whose values are `aov` twice and thrice, a third on RICE, and Finance's fact 1 of £45.
async fn with_fact() -> (TestApp, Person, Person) {
    let app = TestApp::start().await;
    let pm = app.with_approved_formula("INIT-1", "value = aov * 2").await;
    pm.create("INIT-2", "Another", "MATH_MODEL").await;
    pm.save_formula("INIT-2", "value = aov * 3").await;
    pm.approve_formula("INIT-2").await;
    pm.create("INIT-3", "Third", "RICE").await;
    let finance = app.sign_in(Role::Finance).await;
    adds(&finance, "Average order value", "£45", "Finance").await;
    approves(&finance, "1").await;
    (app, pm, finance)
}

/// Ticks these rows of a grid, each by its initiative and name, and presses *Follow a fact*.
async fn chooses(person: &Person, grid: &str, rows: &[(&str, &str)]) -> Page {
    let mut sent = Vec::new();
    for (key, name) in rows {
        let page = person.get(&format!("/params?initiative={key}")).await;
        let id = page.param_id(name);
        let row = page.attribute(&format!("#param-{id} .pick"), "value");
        sent.push(("row".to_owned(), row));
    }
    let (_, fields) = person.get(grid).await.form("#bulk");
    sent.extend(fields);
    person.post("/params/facts/preview", &sent).await
}

/// Chooses fact 1 for the rows that are chosen.
async fn looks(person: &Person, chosen: &Page) -> Page {
    chosen
        .submit(person, "#choose-fact", &[("fact", "1")])
        .await
}

const FOLLOW: &str = "select count(*) from params where fact_id = 1";
const SCORED: &str = "select coalesce(sum(s.value), 0)::bigint from initiative_frameworks f join scores s on s.id = f.score_id
    where f.status = 'approved'";
const BOTH: [(&str, &str); 2] = [("INIT-1", "aov"), ("INIT-2", "aov")];

#[tokio::test]
async fn many_follow_at_once_with_what_moves_shown_before_and_are_undone_at_once() {
    let (app, pm, _finance) = with_fact().await;
    let page = chooses(&pm, "/params", &BOTH).await;
    assert!(
        page.text("main").contains("2 params are chosen"),
        "{}",
        page.text("main")
    );
    assert_eq!(page.count("#follow-together"), 0, "no fact is chosen yet");
    let preview = looks(&pm, &page).await;
    let effects = preview.text(".effects");
    assert!(effects.contains("2 params would follow"), "{effects}");
    let rows = preview.texts("section[aria-labelledby=each-param] tbody tr");
    assert!(
        rows[0].contains("INIT-1") && rows[0].contains("£45") && rows[0].contains("Finance"),
        "{rows:?}"
    );
    let moves = preview.texts("section[aria-labelledby=fact-moves] tbody tr");
    assert!(
        moves
            .iter()
            .any(|row| row.contains("INIT-1") && row.contains("90")),
        "{moves:?}"
    );
    assert!(
        moves
            .iter()
            .any(|row| row.contains("INIT-2") && row.contains("135")),
        "{moves:?}"
    );
    assert_eq!(
        (app.count(FOLLOW).await, app.count(SCORED).await),
        (0, 0),
        "nothing yet"
    );

    let before = app.count("select count(*) from change_log").await;
    let done = preview.submit(&pm, "#follow-together", &[]).await;
    assert!(
        done.text("#notices")
            .contains("2 params set to follow the fact."),
        "{}",
        done.text("#notices")
    );
    assert_eq!((app.count(FOLLOW).await, app.count(SCORED).await), (2, 225));
    // Of each: the link, the value, the unit, the owner, and two approvals.
    assert!(app.count("select count(*) from change_log").await >= before + 8);
    let batches = "select count(distinct batch_id) from change_log where at = (select max(at) from change_log)";
    assert_eq!(app.count(batches).await, 1);
    assert_eq!(
        app.count("select count(*) from mirror_dirty where reason = 'fact'")
            .await,
        2
    );

    let undone = done
        .submit(&pm, "#notices form[action$='/undo']", &[])
        .await;
    assert_eq!(app.count(FOLLOW).await, 0, "{}", undone.text("body"));
    assert_eq!(
        app.count("select count(*) from params where name = 'aov' and value is null")
            .await,
        2
    );
    assert_eq!(app.count(SCORED).await, 0);
}

#[tokio::test]
async fn what_cant_follow_is_named_with_the_reason_and_left_as_it_is() {
    let (app, pm, _finance) = with_fact().await;
    let rows = [("INIT-1", "aov"), ("INIT-3", "confidence")];
    let preview = looks(&pm, &chooses(&pm, "/params", &rows).await).await;
    let told = preview.text("main");
    assert!(
        told.contains("1 param would follow") && told.contains("1 param is left out"),
        "{told}"
    );
    assert!(told.contains("which its framework says"), "{told}");
    preview.submit(&pm, "#follow-together", &[]).await;
    assert_eq!(app.count(FOLLOW).await, 1);
    // Asked again, the one that follows is said to, and there is nothing to do.
    let again = looks(&pm, &chooses(&pm, "/params", &rows).await).await;
    assert!(
        again
            .text(".effects")
            .contains("1 param follows it already"),
        "{}",
        again.text(".effects")
    );
    assert_eq!(again.count("#follow-together button"), 0);
}

#[tokio::test]
async fn each_row_asks_the_right_that_its_owner_asks() {
    let (app, pm, _finance) = with_fact().await;
    pm.fill("INIT-1", "aov", "source", "Eng").await;
    pm.fill("INIT-2", "aov", "source", "Finance").await;
    let analytics = app.sign_in(Role::Analytics).await;
    let preview = looks(&analytics, &chooses(&analytics, "/params", &BOTH).await).await;
    let told = preview.texts("section[aria-labelledby=each-param] tbody tr");
    assert!(
        told[0].contains("INIT-1") && told[0].contains("Only"),
        "{told:?}"
    );
    // Whatever the form says, the server asks again.
    let (action, mut fields) = preview.form("#follow-together");
    let page = pm.get("/params?initiative=INIT-1").await;
    let id = page.param_id("aov");
    fields.push((
        "row".to_owned(),
        page.attribute(&format!("#param-{id} .pick"), "value"),
    ));
    let done = analytics.post(&action, &fields).await;
    assert!(
        done.text("#notices").contains("1 param left out"),
        "{}",
        done.text("#notices")
    );
    let own = "select count(*) from params p join initiatives i on i.id = p.initiative_id where i.key = 'INIT-1' and p.fact_id is null and p.name = 'aov'";
    assert_eq!((app.count(own).await, app.count(FOLLOW).await), (1, 1));
    let viewer = app.sign_in(Role::Viewer).await;
    assert_eq!(
        viewer.post(&action, &fields).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        viewer.post("/params/facts/preview", &fields).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn what_changed_since_the_preview_is_left_out_and_sent_twice_it_is_done_once() {
    let (app, pm, _finance) = with_fact().await;
    let preview = looks(&pm, &chooses(&pm, "/params", &BOTH).await).await;
    pm.fill("INIT-2", "aov", "value", "40").await;
    let (action, fields) = preview.form("#follow-together");
    let done = pm.post(&action, &fields).await;
    let notice = done.text("#notices");
    assert!(
        notice.contains("1 param set to follow the fact. 1 param left out"),
        "{notice}"
    );
    assert!(
        notice.contains("of INIT-2: it changed since it was shown"),
        "{notice}"
    );
    assert_eq!(app.count(FOLLOW).await, 1);
    let again = pm.post(&action, &fields).await;
    assert!(
        again.text("#notices").contains("done already"),
        "{}",
        again.text("#notices")
    );
}

#[tokio::test]
async fn a_fact_that_is_put_away_meanwhile_is_followed_by_nobody() {
    let (app, pm, finance) = with_fact().await;
    let preview = looks(&pm, &chooses(&pm, "/params", &BOTH).await).await;
    let fact = finance.get("/facts/1").await;
    fact.submit(&finance, "form[action$='/archival']", &[])
        .await;
    let answer = preview.submit(&pm, "#follow-together", &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text("[role=alert]").contains("is put away"),
        "{}",
        answer.text("main")
    );
    assert_eq!(app.count(FOLLOW).await, 0);
}

#[tokio::test]
async fn a_facts_page_leads_to_the_params_that_could_follow_it_and_they_are_asked_about_that_fact()
{
    let (_app, pm, finance) = with_fact().await;
    pm.fill("INIT-2", "aov", "unit", "visits").await;
    let path = finance
        .get("/facts/1")
        .await
        .attribute("a[href^='/params?fact=']", "href");
    let grid = pm.get(&path).await;
    let shown = grid.text("table");
    assert!(
        shown.contains("aov") && !shown.contains("confidence"),
        "{shown}"
    );
    assert_eq!(grid.count("tbody tr"), 1, "INIT-2’s is in visits: {shown}");
    assert!(
        grid.text(".chips a[aria-current]")
            .contains("Average order value")
    );
    let page = chooses(&pm, &path, &BOTH[..1]).await;
    assert_eq!(
        page.count("#follow-together"),
        1,
        "the fact is chosen: {}",
        page.text("main")
    );
    let done = page.submit(&pm, "#follow-together", &[]).await;
    assert!(
        !done.text("main").contains("aov"),
        "it could follow no more: {}",
        done.text("main")
    );
    // Nobody follows what isn't approved.
    proposes(&pm, "1", "£50").await;
    adds(&finance, "Margin", "30 %", "Finance").await;
    assert_eq!(
        finance
            .get("/facts/2")
            .await
            .count("a[href^='/params?fact=']"),
        0
    );
    assert_eq!(pm.get("/params?fact=2").await.count("tbody tr"), 0);
}
