//! Frameworks of one's own, over HTTP: who defines them, what the preview says and leaves alone, how a change reaches
//! everybody, and what can be on for comparison.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;
use std::time::{Duration, Instant};

/// How long the job may take; the promise is seconds, the machine may be busy.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) async fn define(admin: &Person, key: &str, name: &str, formula: &str) -> Page {
    let form = admin.get("/frameworks/new").await;
    let fields = [("key", key), ("name", name), ("formula", formula)];
    form.submit(admin, "#framework-form", &fields).await
}

/// REACH by an admin, active on INIT-1 and scored there with 5.
pub(crate) async fn scored(app: &TestApp) -> (Person, Person) {
    let admin = app.sign_in(Role::Admin).await;
    let made = define(&admin, "REACH", "Reach first", "value = reach").await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.html);
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "One", "REACH").await;
    pm.fill("INIT-1", "reach", "value", "5").await;
    pm.approve("INIT-1", "reach").await;
    (admin, pm)
}

/// The page of the framework when nothing is going on there any more.
pub(crate) async fn settled(person: &Person) -> Page {
    let begun = Instant::now();
    loop {
        let page = person.get("/frameworks/REACH").await;
        if page.count("#rescoring progress") == 0 {
            return page;
        }
        assert!(begun.elapsed() < LIMIT, "never done: {}", page.html);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

const ROWS: &str = "select (select count(*) from change_log) + (select count(*) from formula_versions)
    + (select count(*) from params) + (select count(*) from scores) + (select count(*) from jobs)
    + (select sum(revision)::bigint from initiatives) + (select sum(revision)::bigint from frameworks)";

#[tokio::test]
async fn everybody_reads_frameworks_and_only_an_admin_defines_them() {
    let app = TestApp::start().await;
    scored(&app).await;
    for role in Role::ALL {
        let person = app.sign_in(role).await;
        let list = person.get("/frameworks").await;
        assert!(list.text("main").contains("Reach first"), "{role:?}");
        let rice = person.get("/frameworks/RICE").await;
        let text = rice.text("main");
        assert!(
            text.contains("confidence") && text.contains("0 to 1") && text.contains("Version 1"),
            "{role:?}: {text}"
        );
        assert_eq!(rice.count("#framework-form"), 0, "{role:?}: built in");
        let page = person.get("/frameworks/REACH").await;
        let is_admin = role == Role::Admin;
        assert_eq!(
            page.count("#framework-form"),
            usize::from(is_admin),
            "{role:?}"
        );
        if is_admin {
            continue;
        }
        let before = app.count(ROWS).await;
        let seen = ("seen_revision".to_owned(), "1".to_owned());
        let formula = ("formula".to_owned(), "value = 1".to_owned());
        for path in [
            "/frameworks",
            "/frameworks/check",
            "/frameworks/REACH/definition",
            "/frameworks/REACH/preview",
            "/frameworks/REACH/archival",
            "/frameworks/REACH/restoration",
            "/frameworks/REACH/rescoring",
        ] {
            let answer = person.post(path, &[seen.clone(), formula.clone()]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?} {path}");
        }
        let answer = person.get("/frameworks/new").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
        assert_eq!(app.count(ROWS).await, before, "{role:?} changed something");
    }
}

#[tokio::test]
async fn rows_follow_the_formula_and_each_fault_stands_beside_its_field_with_what_was_typed() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let form = admin.get("/frameworks/new").await;
    let (_, mut fields) = form.form("#framework-form");
    fields.retain(|(name, _)| name != "formula");
    fields.push(("formula".into(), "value = reach * conv_rate".into()));
    let checked = admin.post_htmx("/frameworks/check", &fields).await;
    assert_eq!(checked.texts("h3 code"), ["reach", "conv_rate"]);
    assert_eq!(
        checked.attribute("#label-conv_rate", "value"),
        "Conversion rate"
    );
    assert_eq!(checked.attribute("#max-conv_rate", "value"), "1");
    let refused = form
        .submit(
            &admin,
            "#framework-form",
            &[
                ("key", "reach"),
                ("name", ""),
                ("formula", "value = reach"),
                ("min-reach", "nine"),
            ],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for id in ["#key-error", "#name-error", "#min-reach-error"] {
        assert!(!refused.text(id).is_empty(), "{id}");
    }
    assert_eq!(refused.attribute("#min-reach", "value"), "nine");
    let wrong = define(&admin, "OK_1", "Fine", "value = reach +").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text(".check").to_lowercase().contains("line 1"),
        "{}",
        wrong.text(".check")
    );
    assert_eq!(app.count("select count(*) from frameworks").await, 3);
    define(&admin, "OK_1", "Fine", "value = reach").await;
    let taken = define(&admin, "OK_1", "Again", "value = reach").await;
    assert!(taken.text("#key-error").contains("taken"));
}

#[tokio::test]
async fn the_preview_says_what_changes_for_whom_and_writes_nothing() {
    let app = TestApp::start().await;
    let (admin, pm) = scored(&app).await;
    pm.create("INIT-2", "Two", "REACH").await;
    let before = app.count(ROWS).await;
    let page = admin.get("/frameworks/REACH").await;
    assert_eq!(page.count("#framework-save"), 0, "previewed first");
    let (_, mut fields) = page.form("#framework-form");
    fields.retain(|(name, _)| name != "formula");
    let with = |formula: &str| {
        let mut fields = fields.clone();
        fields.push(("formula".into(), formula.into()));
        fields
    };
    let preview = "/frameworks/REACH/preview";
    let double = admin.post(preview, &with("value = reach * 2")).await;
    let text = double.text("#framework-outlook");
    assert!(
        text.contains("2 initiatives have")
            && text.contains("active on 2")
            && text.contains("INIT-1"),
        "{text}"
    );
    assert_eq!(double.texts("#framework-outlook td"), ["5", "10"]);
    assert_eq!(double.count("#framework-save"), 1);
    let waits = admin.post(preview, &with("value = reach * weight")).await;
    let text = waits.text("#framework-outlook");
    assert!(
        text.contains("weight has no value") && text.contains("appear, without a value: weight"),
        "{text}"
    );
    let mut bounded = with("value = reach");
    bounded.retain(|(name, _)| name != "max-reach");
    bounded.push(("max-reach".into(), "4".into()));
    let outside = admin.post(preview, &bounded).await;
    let text = outside.text("#framework-outlook");
    assert!(
        text.contains("outside its range") && text.contains("1 holds a value outside"),
        "{text}"
    );
    let wrong = admin.post(preview, &with("value = ")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.count(ROWS).await, before);
}

#[tokio::test]
async fn a_saved_change_reaches_everybody_and_is_listed_with_its_author() {
    let app = TestApp::start().await;
    let (admin, pm) = scored(&app).await;
    let page = admin.get("/frameworks/REACH").await;
    let saved = page
        .submit(
            &admin,
            "#framework-form",
            &[("formula", "value = reach * 2")],
        )
        .await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
    let done = settled(&admin).await;
    assert!(
        done.text("#rescoring").contains("1 of 1"),
        "{}",
        done.text("#rescoring")
    );
    let versions = done.texts(".versions li");
    assert_eq!(versions.len(), 2);
    assert!(
        versions[0].contains("Version 2") && versions[0].contains("In force"),
        "{versions:?}"
    );
    let card = pm.get("/initiatives/INIT-1").await.text("#score-card");
    assert!(card.contains("10") && card.contains("Approved"), "{card}");
    // Sent again from the page as it was: somebody else's change is in the way, and what was typed stays.
    let late = page
        .submit(
            &admin,
            "#framework-form",
            &[("formula", "value = reach * 3"), ("idempotency_key", "")],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text(".conflict").contains("version 2"),
        "{}",
        late.text(".conflict")
    );
    assert_eq!(late.text("#formula"), "value = reach * 3");
    let again = late.submit(&admin, "#framework-form", &[]).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(
        app.count(
            "select max(version)::bigint from formula_versions where owner_kind = 'framework'"
        )
        .await,
        3
    );
}

#[tokio::test]
async fn a_job_that_failed_says_why_and_is_tried_again() {
    let app = TestApp::start().await;
    let (admin, _) = scored(&app).await;
    app.count(
        "with failed as (insert into jobs (name, payload, status, finished_at, last_error, total)
           select 'rescore_framework', jsonb_build_object('framework_id', id), 'failed', now(), 'it went wrong', 1
           from frameworks where key = 'REACH' returning 1) select count(*) from failed",
    )
    .await;
    let page = admin.get("/frameworks/REACH").await;
    assert!(page.text("#rescoring .error").contains("It went wrong"));
    page.submit(&admin, "#rescoring form", &[]).await;
    let done = settled(&admin).await;
    assert!(done.text("#rescoring").contains("1 of 1") && done.count("#rescoring .error") == 0);
}

#[tokio::test]
async fn the_key_and_what_is_built_in_are_fixed() {
    let app = TestApp::start().await;
    let (admin, _) = scored(&app).await;
    let page = admin.get("/frameworks/REACH").await;
    page.submit(
        &admin,
        "#framework-form",
        &[("key", "OTHER"), ("name", "Renamed")],
    )
    .await;
    assert_eq!(
        app.count("select count(*) from frameworks where key = 'REACH' and name = 'Renamed'")
            .await,
        1
    );
    let fields: Vec<_> = [
        ("name", "x"),
        ("formula", "value = reach"),
        ("seen_revision", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let rice = admin.post("/frameworks/RICE/definition", &fields).await;
    assert_eq!(rice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        app.count("select count(*) from frameworks where name = 'RICE'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_framework_is_turned_on_for_comparison_and_off_again_with_everything_kept() {
    let app = TestApp::start().await;
    let (_, pm) = scored(&app).await;
    let page = pm.get("/initiatives/INIT-1").await;
    assert_eq!(
        page.count("#compare-REACH"),
        0,
        "the active one is on anyway"
    );
    let on = page.submit(&pm, "form:has(#compare-RICE)", &[]).await;
    assert_eq!(on.attribute("#compare-RICE", "aria-pressed"), "true");
    assert!(on.text("#params").contains("confidence"));
    assert!(
        on.text("#score-card").contains("Reach first"),
        "still the active one"
    );
    pm.fill("INIT-1", "confidence", "value", "80%").await;
    let page = pm.get("/initiatives/INIT-1").await;
    let off = page.submit(&pm, "form:has(#compare-RICE)", &[]).await;
    assert_eq!(off.attribute("#compare-RICE", "aria-pressed"), "false");
    assert!(!off.text("#params").contains("confidence"));
    assert_eq!(
        app.count("select count(*) from params where name = 'confidence' and value = 0.8")
            .await,
        1
    );
    let (action, mut fields) = off.form("form:has(#compare-RICE)");
    fields.retain(|(name, _)| name == "seen_revision");
    fields.extend([
        ("framework".into(), "REACH".into()),
        ("on".into(), "false".into()),
    ]);
    let refused = pm.post(&action, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text("#journey .error").contains("stays on"));
    let again = off.submit(&pm, "form:has(#compare-RICE)", &[]).await;
    assert!(again.text("#params").contains("confidence"));
    let viewer = app.sign_in(Role::Viewer).await;
    assert_eq!(
        viewer.post(&action, &fields).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn an_archived_framework_is_offered_no_more_and_stays_where_it_is_on() {
    let app = TestApp::start().await;
    let (admin, pm) = scored(&app).await;
    let page = admin.get("/frameworks/REACH").await;
    let archived = page.submit_button(&admin, "Archive").await;
    assert!(archived.text("h1").contains("Archived"));
    let offered = pm.get("/initiatives/new").await;
    assert_eq!(offered.count("option[value=REACH]"), 0);
    let stays = pm.get("/initiatives/INIT-1").await;
    assert_eq!(stays.count("option[value=REACH][selected]"), 1);
    assert!(stays.text("#score-card").contains("Approved"));
    let refused = pm.create("INIT-2", "Two", "REACH").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let restored = admin
        .get("/frameworks/REACH")
        .await
        .submit_button(&admin, "Restore")
        .await;
    assert!(!restored.text("h1").contains("Archived"));
    assert_eq!(
        pm.get("/initiatives/new")
            .await
            .count("option[value=REACH]"),
        1
    );
}
