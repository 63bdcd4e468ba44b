//! An override replaces value or overall of the active score, with a reason and an author, for a while or for good, and
//! the model's own figure is always beside it.

use crate::{
    mirror::{Data, eventually},
    support::{Page, Person, TestApp},
};
use productops::{
    actions::{Actor, Through, overrides},
    clock::Clock,
    domain::{ids::OverrideId, rights::Role},
    store::users,
};
use reqwest::StatusCode;

const FORM: &str = "form[action='/initiatives/INIT-1/override']";
const EDIT: &str = "/initiatives/INIT-1/override/edit";
const PAGE: &str = "/initiatives/INIT-1";

/// INIT-1, whose model gives 800, with 8 days of effort and so an overall of 100.
async fn scored(app: &TestApp) -> Person {
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    pm.approve("INIT-1", "sessions").await;
    days(&pm, "8").await;
    pm
}

async fn days(pm: &Person, days: &str) {
    let form = pm
        .get("/initiatives/INIT-1/fields/effort_engineering_days/edit")
        .await;
    form.submit(pm, "form.edit", &[("value", days)]).await;
}

async fn set(pm: &Person, with: &[(&str, &str)]) -> Page {
    pm.get(EDIT).await.submit(pm, FORM, with).await
}

/// The card's big number, value, effort and overall.
fn figures(page: &Page) -> Vec<String> {
    let mut all = vec![page.text("#score-card .big")];
    all.extend(page.texts("#score-card .figures dd"));
    all
}

#[tokio::test]
async fn an_override_stands_in_for_the_value_and_works_overall_out_anew() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    assert_eq!(figures(&pm.get(PAGE).await), ["800", "800", "8", "100"]);
    let page = set(&pm, &[("value", "1.6k"), ("reason", "Signed contract")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text("main"));
    assert_eq!(figures(&page), ["1,600", "1,600", "8", "200"]);
    let card = page.text("#score-card");
    assert!(
        card.contains("Overridden by Priya Nair: Signed contract.")
            && card.contains("The model’s own: value 800, overall 100."),
        "{card}"
    );
    assert_eq!(page.text("#score-card header .badge"), "Overridden");
    assert_eq!(page.text("#heading .badge"), "Overridden");
    let row = pm.get("/backlog").await;
    let cells = row.texts("#initiative-INIT-1 td.num");
    assert_eq!(cells, ["1", "1,600", "8", "200", "no strategic priority"]);
    assert!(
        row.text("#initiative-INIT-1 .state")
            .contains("Signed contract")
    );
    let filtered = pm.get("/backlog?status=overridden").await;
    assert_eq!(filtered.count("#initiative-INIT-1"), 1);
    let filtered = pm.get("/backlog?status=approved").await;
    assert_eq!(filtered.count("#initiative-INIT-1"), 0);
    let page = set(&pm, &[("value", ""), ("overall", "7"), ("reason", "Gut")]).await;
    assert_eq!(figures(&page), ["800", "800", "8", "7"], "only overall");
    let page = set(&pm, &[("value", "1600"), ("overall", "7")]).await;
    assert_eq!(figures(&page), ["1,600", "1,600", "8", "7"], "both");
    let history = pm
        .get("/initiatives/INIT-1/history?field=score_override")
        .await;
    let sentences = history.texts(".history li p:first-child");
    assert_eq!(
        sentences.last().unwrap(),
        "Priya Nair overrode INIT-1 by Math model (value 1,600): Signed contract"
    );
    assert_eq!(sentences.len(), 3);
    let kept = "select count(*) from score_overrides where ended_how = 'replaced'";
    assert_eq!(app.count(kept).await, 2, "never deleted");
}

#[tokio::test]
async fn it_stands_through_rescoring_and_the_stale_reason_is_said_with_it() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    set(&pm, &[("value", "1,600"), ("reason", "Signed")]).await;
    days(&pm, "16").await;
    let page = pm.get(PAGE).await;
    assert_eq!(figures(&page), ["1,600", "1,600", "16", "100"]);
    pm.fill("INIT-1", "sessions", "value", "500").await;
    let page = pm.get(PAGE).await;
    assert_eq!(page.text("#score-card header .badge"), "Overridden");
    let card = page.text("#score-card");
    assert!(
        card.contains("own: value 800") && card.contains("Stale since"),
        "{card}"
    );
    let state = pm.get("/backlog").await.text("#initiative-INIT-1 .state");
    assert!(state.contains("The model’s own: Stale since"), "{state}");
    pm.approve("INIT-1", "sessions").await;
    let page = pm.get(PAGE).await;
    assert!(page.text("#score-card").contains("own: value 1,000"));
    assert_eq!(figures(&page), ["1,600", "1,600", "16", "100"]);
    let receipt = pm.get("/overrides/1").await;
    let value = receipt.texts("table tr:first-child td");
    assert_eq!(value, ["1,600", "800", "1,000"], "then and today");
    assert!(receipt.text("main").contains("It holds now."));
}

#[tokio::test]
async fn it_may_be_set_while_not_ready_and_what_is_missing_stays_listed() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    days(&pm, "4").await;
    let page = set(&pm, &[("value", "£1,600"), ("reason", "Signed")]).await;
    assert_eq!(figures(&page), ["£1,600", "£1,600", "4", "400"]);
    let missing = page.text("#score-card .missing");
    assert!(missing.contains("has no value"), "{missing}");
    assert_eq!(
        pm.get("/backlog").await.texts("#initiative-INIT-1 td.num"),
        ["1", "£1,600", "4", "400", "no strategic priority"]
    );
    pm.save_formula("INIT-1", "value = sessions * 2\neffort = effort_of_all")
        .await;
    let days_dont_count = figures(&pm.get(PAGE).await);
    assert_eq!(days_dont_count, ["£1,600", "£1,600", "—", "—"]);
    let card = pm.get(PAGE).await.text("#score-card");
    assert!(card.contains("No effort, so no overall score"), "{card}");
}

#[tokio::test]
async fn only_a_pm_or_an_admin_overrides_and_withdraws() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let page = set(&pm, &[("value", "1600"), ("reason", "Signed")]).await;
    let (_, withdrawal) = page.form("form[action='/overrides/1/withdrawal']");
    let (_, form) = pm.get(EDIT).await.form(FORM);
    for role in [Role::Viewer, Role::Analytics, Role::Finance, Role::Eng] {
        let person = app.sign_in(role).await;
        let page = person.get(PAGE).await;
        assert_eq!(page.count("a[href$='/override/edit']"), 0, "{role:?}");
        assert!(page.text("#score-card").contains("Signed"), "reads it");
        assert_eq!(person.get("/overrides/1").await.status, StatusCode::OK);
        for answer in [
            person.get(EDIT).await,
            person.post("/initiatives/INIT-1/override", &form).await,
            person.post("/overrides/1/withdrawal", &withdrawal).await,
        ] {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
        }
    }
    let admin = app.sign_in(Role::Admin).await;
    let page = set(&admin, &[("value", "1,700")]).await;
    assert_eq!(page.text("#score-card .big"), "1,700");
    let page = page.submit_button(&admin, "Withdraw override").await;
    assert_eq!(figures(&page), ["800", "800", "8", "100"]);
    let receipt = admin.get("/overrides/2").await.text("main");
    assert!(receipt.contains("Withdrawn by Ada Okafor,"), "{receipt}");
    let receipt = admin.get("/overrides/1").await.text("main");
    assert!(receipt.contains("Replaced by Ada Okafor,"), "{receipt}");
    let live = "select count(*) from score_overrides where ended_at is null";
    assert_eq!(app.count(live).await, 0);
}

#[tokio::test]
async fn what_is_not_taken_comes_back_with_what_was_typed_and_why() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    for (with, name, says) in [
        (
            &[("value", ""), ("reason", "x")][..],
            "value",
            "Type a value",
        ),
        (&[("value", "lots"), ("reason", "x")], "value", "lots"),
        (&[("value", "5"), ("reason", " ")], "reason", "Say why"),
        (
            &[("value", "5"), ("reason", "x"), ("last_day", "2020-01-01")],
            "last_day",
            "That day is over",
        ),
    ] {
        let again = set(&pm, with).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        let error = again.text(&format!("#override-{name}-error"));
        assert!(error.contains(says), "{error}");
        let (_, fields) = again.form(FORM);
        for (name, typed) in with {
            let kept = ((*name).to_owned(), (*typed).to_owned());
            assert!(fields.contains(&kept), "{fields:?}");
        }
    }
    let asked = set(&pm, &[("value", "1,5"), ("reason", "x")]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = asked.submit_button(&pm, "Use ").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text("main"));
    assert_eq!(app.count("select count(*) from score_overrides").await, 1);
    let (action, fields) = pm.get(EDIT).await.form(FORM);
    let mut fields: Vec<_> = fields
        .into_iter()
        .filter(|(name, _)| name != "value")
        .collect();
    fields.push(("value".to_owned(), "9".to_owned()));
    let saved = pm.post_htmx(&action, &fields).await;
    assert_eq!(
        saved.text("#override .button"),
        "Change override",
        "in place"
    );
    assert_eq!(saved.text("#score-card .big"), "9");
    fields.push(("again".to_owned(), String::new()));
    fields.retain(|(name, _)| name != "reason");
    let refused = pm.post_htmx(&action, &fields).await;
    assert_eq!(
        refused.count("form#override"),
        1,
        "the form again, in place"
    );
}

#[tokio::test]
async fn two_people_overriding_see_each_other_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let admin = app.sign_in(Role::Admin).await;
    let mine = pm.get(EDIT).await;
    set(&admin, &[("value", "1,700"), ("reason", "Board")]).await;
    let with = [("value", "1600"), ("reason", "Signed")];
    let conflict = mine.submit(&pm, FORM, &with).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    let says = conflict.text(".conflict");
    assert!(
        says.contains("Ada Okafor") && says.contains("Board"),
        "{says}"
    );
    assert_eq!(conflict.attribute("#override-value", "value"), "1600");
    let done = conflict.submit(&pm, FORM, &[]).await;
    assert_eq!(done.text("#score-card .big"), "1,600");
}

#[tokio::test]
async fn switching_the_framework_suspends_it_and_going_back_brings_it_back() {
    let data = Data::new();
    let app = TestApp::start_with(&[("PRODUCTOPS_DATA_DIR", data.folder())]).await;
    let pm = scored(&app).await;
    let page = set(&pm, &[("value", "1600"), ("reason", "Signed")]).await;
    data.says("INIT-1", "score_status", "overridden").await;
    let row = data.rows().remove("INIT-1").unwrap();
    assert_eq!(
        (row["value_score"].as_str(), row["overall_score"].as_str()),
        ("1600", "200")
    );
    assert_eq!(row["receipt"], "/overrides/1");
    assert_eq!(
        row["score_note"],
        "Overridden by Priya Nair: Signed. The model’s own: value 800, overall 100"
    );
    let framework = "form[action='/initiatives/INIT-1/framework']";
    let asked = page.submit(&pm, framework, &[("framework", "RICE")]).await;
    assert!(
        asked.text("form.ask").contains("1,600 leaves"),
        "what counts leaves"
    );
    let rice = asked.submit(&pm, "form.ask", &[]).await;
    let card = rice.text("#score-card");
    assert!(
        card.contains("Not ready") && card.contains("Math model: value 1,600, suspended"),
        "{card}"
    );
    assert!(
        pm.get("/overrides/1")
            .await
            .text("main")
            .contains("Suspended while RICE is active")
    );
    data.says("INIT-1", "value_score", "").await;
    assert_eq!(data.rows()["INIT-1"]["score_status"], "not ready");
    let back = rice
        .submit(&pm, framework, &[("framework", "MATH_MODEL")])
        .await;
    assert_eq!(figures(&back), ["1,600", "1,600", "8", "200"]);
    data.says("INIT-1", "value_score", "1600").await;
}

#[tokio::test]
async fn an_expired_one_falls_back_by_itself_in_the_app_and_in_the_sheet() {
    let data = Data::new();
    let clock = Clock::fixed("2026-11-24T12:00:00Z".parse().unwrap());
    let app = TestApp::start_at(clock.clone(), &[("PRODUCTOPS_DATA_DIR", data.folder())]).await;
    let pm = scored(&app).await;
    let with = [
        ("value", "1600"),
        ("reason", "Signed"),
        ("last_day", "2026-11-25"),
    ];
    let page = set(&pm, &with).await;
    assert!(page.text("#score-card").contains("until 25 Nov 2026"));
    data.says("INIT-1", "value_score", "1600").await;
    clock.set("2026-11-25T23:59:59Z".parse().unwrap());
    assert_eq!(
        pm.get(PAGE).await.text("#score-card .big"),
        "1,600",
        "to the end of the day"
    );
    clock.set("2026-11-26T00:00:00Z".parse().unwrap());
    assert_eq!(
        figures(&pm.get(PAGE).await),
        ["800", "800", "8", "100"],
        "at once"
    );
    assert_eq!(
        pm.get("/backlog").await.texts("#initiative-INIT-1 td.num"),
        ["1", "800", "8", "100", "no strategic priority"]
    );
    assert!(
        pm.get("/overrides/1")
            .await
            .text("main")
            .contains("Expired")
    );
    data.says("INIT-1", "value_score", "800").await;
    assert_eq!(data.rows()["INIT-1"]["score_status"], "approved");
    let ended = "select count(*) from score_overrides where ended_how = 'expired'";
    eventually("its end", async || app.count(ended).await == 1).await;
    let history = pm
        .get("/initiatives/INIT-1/history?field=score_override")
        .await;
    assert_eq!(
        history.text(".history li p"),
        "ProductOps ended the override of INIT-1 by Math model (value 1,600): its last day has passed"
    );
    assert!(history.text(".history li").contains("by itself"));
}

#[tokio::test]
async fn what_has_expired_is_ended_once_and_marked_for_the_mirror() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let today = Clock::system().now().date_naive().to_string();
    set(
        &pm,
        &[
            ("value", "1600"),
            ("reason", "Signed"),
            ("last_day", &today),
        ],
    )
    .await;
    app.count("with gone as (delete from mirror_dirty returning 1) select count(*) from gone")
        .await;
    let end = async |days: i64| {
        let now = Clock::system().now() + chrono::TimeDelta::days(days);
        let done = app.database.db.transaction(async move |mut tx| {
            let actor = Actor::new(&users::get_system(&mut tx).await?, Through::Rule);
            overrides::end_expired(&mut tx, &actor, now).await
        });
        done.await.unwrap()
    };
    assert_eq!(end(0).await, 0, "not before the day is over");
    assert_eq!(end(2).await, 1);
    assert_eq!(end(2).await, 0, "once");
    assert_eq!(app.count("select count(*) from mirror_dirty").await, 1);
    let id = OverrideId(1);
    let over = app
        .database
        .db
        .read(async move |mut conn| overrides::get(&mut conn, id).await);
    let ended = over.await.unwrap().over.ended.unwrap();
    assert_eq!(ended.how.key(), "expired");
}

#[tokio::test]
async fn a_form_sent_twice_overrides_once() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let (action, mut fields) = pm.get(EDIT).await.form(FORM);
    for (name, value) in [("value", "1600"), ("reason", "Signed")] {
        fields.retain(|(field, _)| field != name);
        fields.push((name.to_owned(), value.to_owned()));
    }
    for _ in 0..2 {
        let page = pm.post(&action, &fields).await;
        assert_eq!(page.text("#score-card .big"), "1,600");
    }
    set(&pm, &[]).await;
    assert_eq!(
        app.count("select count(*) from score_overrides").await,
        1,
        "equal is no change"
    );
}
