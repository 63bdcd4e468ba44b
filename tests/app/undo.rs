//! One's own acts are taken back as new changes; what somebody changed since stays; approvals come back with what they
//! were given for.

use crate::support::{Page, Person, TestApp};
use productops::{
    actions::{Actor, Through, initiatives, undo},
    clock::Clock,
    domain::{amount::DecimalSeparator, ids::BatchId, initiative::Field, rights::Role},
    store::users,
};
use reqwest::StatusCode;

/// Presses *Undo: …* on that page, and gives what is answered.
async fn undoes(person: &Person, path: &str) -> Page {
    let page = person.get(path).await;
    page.submit(person, "#undo form", &[]).await
}

async fn cell(person: &Person, key: &str, param: &str) -> String {
    let page = person.get(&format!("/initiatives/{key}")).await;
    let id = page.param_id(param);
    page.text(&format!("#param-{id} td.num"))
}

#[tokio::test]
async fn an_edit_is_taken_back_and_done_again_as_new_changes_of_ones_own() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    pm.fill("INIT-1", "orders", "value", "400").await;
    pm.fill("INIT-1", "orders", "value", "500").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let offer = page.text("#undo");
    assert!(
        offer.starts_with("Undo: changed the value of") && offer.contains("from 400 to 500"),
        "{offer}"
    );
    let undone = undoes(&pm, "/initiatives/INIT-1").await;
    assert!(
        undone.text("main").contains("from 500 to 400"),
        "{}",
        undone.text("main")
    );
    assert!(cell(&pm, "INIT-1", "orders").await.contains("400"));
    let again = undone.submit_button(&pm, "Redo").await;
    assert!(
        again.text("h1").contains("Done again"),
        "{}",
        again.text("main")
    );
    assert!(cell(&pm, "INIT-1", "orders").await.contains("500"));
    let history = pm.get("/initiatives/INIT-1/history?field=value").await;
    let text = history.text("main");
    assert!(text.contains("· undo") && text.contains("· redo"), "{text}");
    assert_eq!(
        app.count("select count(*) from change_log where field = 'value'")
            .await,
        4
    );
}

#[tokio::test]
async fn undo_after_undo_goes_further_back_and_what_is_undone_is_not_offered_again() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    for value in ["1", "2", "3"] {
        pm.fill("INIT-1", "orders", "value", value).await;
    }
    undoes(&pm, "/initiatives/INIT-1").await;
    undoes(&pm, "/initiatives/INIT-1").await;
    assert!(cell(&pm, "INIT-1", "orders").await.starts_with('1'));
    let id = pm.get("/initiatives/INIT-1").await.param_id("orders");
    let redo = pm
        .get(&format!("/changes/last?params={id}&wanted=redo"))
        .await;
    redo.submit(&pm, "#undo form", &[]).await;
    assert!(cell(&pm, "INIT-1", "orders").await.starts_with('2'));
    pm.fill("INIT-1", "orders", "notes", "new").await;
    let none = pm
        .get(&format!("/changes/last?params={id}&wanted=redo"))
        .await;
    assert_eq!(none.count("#undo form"), 0, "something new was done since");
    assert!(none.html.contains("Nothing to redo"));
}

#[tokio::test]
async fn ones_own_undo_reinstates_the_approval_that_the_change_withdrew() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    pm.fill("INIT-1", "orders", "value", "400").await;
    pm.approve("INIT-1", "orders").await;
    let analytics = app.sign_in(Role::Analytics).await;
    analytics.fill("INIT-1", "orders", "value", "500").await;
    let undone = undoes(&analytics, "/initiatives/INIT-1").await;
    assert!(
        undone.text("main").contains("reinstated the approval"),
        "{}",
        undone.text("main")
    );
    let page = pm.get("/initiatives/INIT-1").await;
    let row = page.text(&format!("#param-{} .state", page.param_id("orders")));
    assert!(
        row.contains("Approved") && row.contains("Priya Nair"),
        "{row}"
    );
    let reinstated = "select count(*) from approvals a join approvals o on o.id = a.reinstates
                      where a.origin = 'reinstated' and a.withdrawn_at is null and o.content = a.content";
    assert_eq!(app.count(reinstated).await, 1);
    assert_eq!(
        app.count("select count(*) from initiative_frameworks where status = 'approved'")
            .await,
        1
    );
}

#[tokio::test]
async fn an_approval_stays_withdrawn_where_something_else_changed_since() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    pm.fill("INIT-1", "orders", "value", "400").await;
    pm.approve("INIT-1", "orders").await;
    let analytics = app.sign_in(Role::Analytics).await;
    analytics.fill("INIT-1", "orders", "value", "500").await;
    pm.fill("INIT-1", "orders", "source", "Finance").await;
    let undone = undoes(&analytics, "/initiatives/INIT-1").await;
    assert!(
        undone.text("main").contains("doesn’t come back"),
        "{}",
        undone.text("main")
    );
    assert!(
        cell(&pm, "INIT-1", "orders").await.contains("400"),
        "the value does"
    );
    assert_eq!(app.count("select count(*) from approvals where subject_kind = 'param' and part = 'value' and withdrawn_at is null").await, 0);
}

#[tokio::test]
async fn what_somebody_changed_since_stays_and_the_answer_says_who() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    let analytics = app.sign_in(Role::Analytics).await;
    pm.fill("INIT-1", "orders", "value", "400").await;
    analytics.fill("INIT-1", "orders", "value", "450").await;
    let undone = undoes(&pm, "/initiatives/INIT-1").await;
    assert!(
        undone
            .text("main")
            .contains("Anders Holm changed the value of"),
        "{}",
        undone.text("main")
    );
    assert!(cell(&pm, "INIT-1", "orders").await.contains("450"));
    assert_eq!(app.count("select count(*) from undos").await, 0);
}

#[tokio::test]
async fn approvals_given_and_taken_back_are_undone() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    pm.fill("INIT-1", "orders", "value", "400").await;
    let live =
        "select count(*) from approvals where subject_kind = 'param' and withdrawn_at is null";
    pm.approve("INIT-1", "orders").await;
    assert_eq!(app.count(live).await, 2);
    undoes(&pm, "/initiatives/INIT-1").await;
    assert_eq!(app.count(live).await, 0);
    pm.approve("INIT-1", "orders").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let id = page.param_id("orders");
    page.submit(
        &pm,
        &format!("form[action='/params/{id}/approval/withdrawal']"),
        &[],
    )
    .await;
    assert_eq!(app.count(live).await, 0);
    undoes(&pm, "/initiatives/INIT-1").await;
    assert_eq!(app.count(live).await, 2);
}

#[tokio::test]
async fn a_formula_saved_over_an_approved_one_goes_back_to_it_with_its_approval() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    pm.save_formula("INIT-1", "value = orders * 3").await;
    let formula = "select count(*) from approvals where part = 'formula' and withdrawn_at is null";
    assert_eq!(app.count(formula).await, 0);
    let undone = undoes(&pm, "/initiatives/INIT-1").await;
    assert!(
        undone.text("main").contains("went back to version 3"),
        "{}",
        undone.text("main")
    );
    assert_eq!(app.count(formula).await, 1);
    let text =
        "select count(*) from formula_versions where version = 3 and text like '%orders * 2%'";
    assert_eq!(app.count(text).await, 1);
    // And the approval of the first one: given by the PM, it is withdrawn.
    undoes(&pm, "/initiatives/INIT-1").await;
    assert_eq!(app.count(formula).await, 0);
}

#[tokio::test]
async fn fields_frameworks_and_archiving_of_an_initiative_are_undone() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "RICE").await;
    let page = pm.get("/initiatives/INIT-1").await;
    assert_eq!(
        page.count("#undo form"),
        0,
        "a new initiative isn’t taken back"
    );
    let form = pm.get("/initiatives/INIT-1/fields/title/edit").await;
    form.submit(&pm, "form.edit", &[("value", "Two")]).await;
    undoes(&pm, "/initiatives/INIT-1").await;
    assert_eq!(
        app.count("select count(*) from initiatives where title = 'One'")
            .await,
        1
    );

    pm.get("/initiatives/INIT-1")
        .await
        .submit_button(&pm, "Archive")
        .await;
    undoes(&pm, "/initiatives/INIT-1").await;
    assert_eq!(
        app.count("select count(*) from initiatives where archived_at is null")
            .await,
        1
    );

    let page = pm.get("/initiatives/INIT-1").await;
    let chosen = [("framework", ""), ("confirmed", "yes")];
    page.submit(&pm, "form[action='/initiatives/INIT-1/framework']", &chosen)
        .await;
    let active = "select count(*) from initiatives where active_framework_id is not null";
    assert_eq!(app.count(active).await, 0);
    undoes(&pm, "/initiatives/INIT-1").await;
    assert_eq!(app.count(active).await, 1);
}

#[tokio::test]
async fn others_acts_imports_and_unknown_acts_are_refused_and_rights_are_asked_anew() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    pm.fill("INIT-1", "orders", "value", "400").await;
    let (action, _) = pm.get("/initiatives/INIT-1").await.form("#undo form");
    let analytics = app.sign_in(Role::Analytics).await;
    let refused = analytics.post(&action, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text("main").contains("Priya Nair did this"),
        "{}",
        refused.text("main")
    );
    for nothing in [
        "/changes/11111111-1111-4111-8111-111111111111/undo",
        "/changes/x/undo",
    ] {
        assert_eq!(pm.post(nothing, &[]).await.status, StatusCode::NOT_FOUND);
    }
    let db = &app.database.db;
    db.write(async move |mut conn| {
        sqlx::query("update users set page_roles = '{viewer}' where email = 'priya@example.com'")
            .execute(&mut *conn)
            .await
    })
    .await
    .unwrap();
    assert_eq!(pm.post(&action, &[]).await.status, StatusCode::FORBIDDEN);
    assert!(cell(&pm, "INIT-1", "orders").await.contains("400"));
}

#[tokio::test]
async fn the_same_undo_sent_twice_has_one_effect_and_the_same_answer() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    pm.fill("INIT-1", "orders", "value", "400").await;
    let (action, fields) = pm.get("/initiatives/INIT-1").await.form("#undo form");
    let first = pm.post(&action, &fields).await;
    let second = pm.post(&action, &fields).await;
    assert_eq!(first.text("main ul"), second.text("main ul"));
    assert_eq!(app.count("select count(*) from undos").await, 1);
    // Another click on a page that stands open still: there is nothing left to do.
    let third = pm.post(&action, &[]).await;
    assert!(
        third.text("main").contains("Nothing is left to take back"),
        "{}",
        third.text("main")
    );
}

#[tokio::test]
async fn one_act_over_two_hundred_initiatives_is_undone_as_one_and_redone_as_one() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let act = BatchId::from_random([7; 16]);
    let made = app.database.db.transaction(async move |mut tx| {
        let user = users::get_by_email(&mut tx, "priya@example.com")
            .await?
            .expect("Priya");
        let now = Clock::system().now();
        let actor = Actor::new(&user, Through::Form);
        let title = Field::from_key("department").expect("a field");
        for number in 1..=200 {
            let new = initiatives::NewInitiative {
                key: format!("INIT-{number}"),
                title: "One".to_owned(),
                ..initiatives::NewInitiative::default()
            };
            let made = initiatives::create(&mut tx, &actor, now, &new).await?;
            let actor = actor.clone().within(Some(act));
            let typed = (title, ("Growth", DecimalSeparator::Point), made.revision);
            initiatives::change_field(&mut tx, &actor, now, &made.key, typed).await?;
        }
        Ok::<_, productops::actions::ActionError>(())
    });
    made.await.unwrap();
    let grown = "select count(*) from initiatives where department = 'Growth'";
    assert_eq!(app.count(grown).await, 200);
    let undone = pm.post(&format!("/changes/{act}/undo"), &[]).await;
    assert_eq!(undone.count("main li"), 200, "{}", undone.text("main"));
    assert_eq!(app.count(grown).await, 0);
    assert_eq!(
        app.count("select count(distinct batch_id) from change_log where field = 'department'")
            .await,
        2
    );
    undone.submit_button(&pm, "Redo").await;
    assert_eq!(app.count(grown).await, 200);
    let nobody = app.database.db.transaction(async move |mut tx| {
        let user = users::get_by_email(&mut tx, "priya@example.com")
            .await?
            .expect("Priya");
        let actor = Actor::new(&user, Through::Form);
        undo::undo(&mut tx, &actor, Clock::system().now(), act).await
    });
    assert!(nobody.await.is_err(), "an undo is an act with a name");
}

#[tokio::test]
async fn what_was_put_back_is_told_and_taken_back_where_it_was_done() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    for value in ["1", "2", "3"] {
        pm.fill("INIT-1", "orders", "value", value).await;
    }
    let id = pm.get("/initiatives/INIT-1").await.param_id("orders");
    let page = pm.get(&format!("/params/{id}/history?field=value")).await;
    assert_eq!(
        page.attribute("#undo", "data-subject"),
        format!("param={id}")
    );
    let page = page.submit_button(&pm, "Put back 1").await;
    let says = page.text("#notices");
    assert!(
        says.contains("from 3 to 1") && says.contains("Undo"),
        "{says}"
    );
    // From a page that tells of an act to one that tells of the next.
    let page = page.submit_button(&pm, "Put back 2").await;
    assert!(
        page.text("#notices").contains("from 1 to 2"),
        "{}",
        page.path
    );
    let last = pm.get(&format!("/changes/last?param={id}")).await;
    assert_eq!(
        last.attribute("#undo", "data-subject"),
        format!("param={id}")
    );
    last.submit(&pm, "#undo form", &[]).await;
    assert!(cell(&pm, "INIT-1", "orders").await.starts_with('1'));
    let again = format!("/changes/last?param={id}&wanted=redo");
    pm.get(&again).await.submit(&pm, "#undo form", &[]).await;
    assert!(cell(&pm, "INIT-1", "orders").await.starts_with('2'));
}

#[tokio::test]
async fn an_earlier_value_is_put_back_by_whoever_may_and_not_over_a_change_that_was_not_shown() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    for value in ["1", "2", "3"] {
        pm.fill("INIT-1", "orders", "value", value).await;
    }
    let id = pm.get("/initiatives/INIT-1").await.param_id("orders");
    let analytics = app.sign_in(Role::Analytics).await;
    let cell_history = format!("/params/{id}/history?field=value");
    let page = analytics.get(&cell_history).await;
    assert_eq!(page.count("ol.history > li"), 3);
    let stale = page.form("form.put-back");
    page.submit_button(&analytics, "Put back 1").await;
    assert!(cell(&pm, "INIT-1", "orders").await.starts_with('1'));
    let conflict = analytics.post(&stale.0, &stale.1).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    let viewer = app.sign_in(Role::Viewer).await;
    assert_eq!(viewer.get(&cell_history).await.count("form.put-back"), 0);
    assert_eq!(
        viewer.post(&stale.0, &stale.1).await.status,
        StatusCode::FORBIDDEN
    );

    let form = pm.get("/initiatives/INIT-1/fields/department/edit").await;
    form.submit(&pm, "form.edit", &[("value", "Growth")]).await;
    let page = pm.get("/initiatives/INIT-1/history?field=department").await;
    let back = page.submit_button(&pm, "Empty it again").await;
    assert_eq!(back.status, StatusCode::OK);
    assert_eq!(
        app.count("select count(*) from initiatives where department = ''")
            .await,
        1
    );
}

#[tokio::test]
async fn keys_take_nothing_older_back_than_what_one_did_last() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    pm.fill("INIT-1", "margin", "value", "30%").await;
    let last = "/changes/last?initiative=INIT-1";
    assert_eq!(pm.get(last).await.count("#undo form"), 1);
    let page = pm.get("/math-models/1/template").await;
    let fields = [("name", "Ours"), ("when_to_use", "Always")];
    page.submit(&pm, "form[action='/math-models/1/template']", &fields)
        .await;
    let asked = pm.get(last).await;
    assert_eq!(asked.count("#undo form"), 0, "{}", asked.html);
    assert!(
        asked.html.contains("Nothing was undone: what you did last"),
        "{}",
        asked.html
    );
}
