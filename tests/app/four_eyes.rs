//! Who may approve under each setting, whatever way they come, and that there is no way around it.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

use crate::{
    settings::set,
    support::{Page, Person, TestApp},
};
use productops::{
    actions::{Actor, Through},
    clock::Clock,
    domain::{rights::Role, settings::FourEyes},
    imports::{self, Kind, Options, Report},
    store::{settings, users},
};
use reqwest::StatusCode;
use std::sync::mpsc;

/// Approvals of params that stand.
const LIVE: &str = "select count(*) from approvals where subject_kind = 'param' and part = 'value' and withdrawn_at is null";
/// Approvals of formulas that stand.
const LIVE_FORMULA: &str =
    "select count(*) from approvals where subject_kind = 'math_model' and withdrawn_at is null";

/// An app with one param, `margin`, which nobody has touched and this source owns; and its number.
async fn with_param_of(source: &str) -> (TestApp, String) {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("margin");
    let source = source.to_owned();
    let owned = app.database.db.write(async move |mut conn| {
        sqlx::query("update params set source = $1, min = null, max = null")
            .bind(source)
            .execute(&mut *conn)
            .await
    });
    owned.await.unwrap();
    (app, id)
}

async fn type_into(person: &Person, id: &str, field: &str, typed: &[(&str, &str)]) -> Page {
    let form = person
        .get(&format!("/params/{id}/fields/{field}/edit"))
        .await;
    let saved = form.submit(person, "form.edit", typed).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("body"));
    saved
}

async fn fill(person: &Person, id: &str, typed: &str) -> Page {
    type_into(person, id, "value", &[("value", typed)]).await
}

async fn give_to(person: &Person, id: &str, source: &str) {
    type_into(person, id, "source", &[("value", source)]).await;
}

/// Sends an approval whether there is a button or not.
async fn approve(app: &TestApp, person: &Person, id: &str) -> Page {
    post_seen(app, person, &format!("/params/{id}/approval")).await
}

async fn withdraw(app: &TestApp, person: &Person, id: &str) -> Page {
    post_seen(app, person, &format!("/params/{id}/approval/withdrawal")).await
}

async fn post_seen(app: &TestApp, person: &Person, path: &str) -> Page {
    let revision = app.count("select revision from params").await;
    let sent = [("seen_revision".to_owned(), revision.to_string())];
    person.post(path, &sent).await
}

/// The answer to an approval that was taken.
fn taken(page: &Page) {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text("body"));
}

/// The answer to an approval that four-eyes barred.
fn barred(page: &Page) {
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text("body"));
    let said = page.text("main");
    assert!(said.contains("with four-eyes on, somebody else"), "{said}");
}

#[tokio::test]
async fn off_whoever_may_approve_may_approve_what_they_changed() {
    let (app, id) = with_param_of("Finance").await;
    let fiona = app.sign_in(Role::Finance).await;
    fill(&fiona, &id, "30%").await;
    taken(&approve(&app, &fiona, &id).await);
    assert_eq!(app.count(LIVE).await, 1);
}

#[tokio::test]
async fn with_finance_its_params_are_approved_by_somebody_else_and_others_as_before() {
    for (source, role, is_barred) in [
        ("Finance", Role::Finance, true),
        ("Finance", Role::Pm, true),
        ("Finance", Role::Admin, true),
        ("Analytics", Role::Analytics, false),
        ("PM", Role::Pm, false),
        ("", Role::Admin, false),
    ] {
        let (app, id) = with_param_of(source).await;
        set(&app, "finance", false).await;
        let person = app.sign_in(role).await;
        fill(&person, &id, "30%").await;
        let answer = approve(&app, &person, &id).await;
        if is_barred {
            barred(&answer);
        } else {
            taken(&answer);
        }
        assert_eq!(
            app.count(LIVE).await,
            i64::from(!is_barred),
            "{source} {role:?}"
        );
    }
}

#[tokio::test]
async fn with_everything_no_role_approves_what_it_changed_and_somebody_else_does() {
    for (source, role, other) in [
        ("Analytics", Role::Analytics, Role::Pm),
        ("Finance", Role::Finance, Role::Admin),
        ("Eng", Role::Eng, Role::Pm),
        ("PM", Role::Pm, Role::Admin),
        ("", Role::Admin, Role::Pm),
    ] {
        let (app, id) = with_param_of(source).await;
        set(&app, "all", false).await;
        let person = app.sign_in(role).await;
        fill(&person, &id, "30%").await;
        barred(&approve(&app, &person, &id).await);
        assert_eq!(app.count(LIVE).await, 0, "{source} {role:?}");
        let other = app.sign_in(other).await;
        taken(&approve(&app, &other, &id).await);
        assert_eq!(app.count(LIVE).await, 1, "{source} {role:?}");
    }
}

#[tokio::test]
async fn each_material_field_bars_and_no_other_does() {
    for (field, typed, is_barred) in [
        ("value", &[("value", "31%")][..], true),
        ("unit", &[("value", "ratio")], true),
        ("range", &[("min", "0.1"), ("max", "")], true),
        ("range", &[("min", ""), ("max", "0.9")], true),
        ("param_display", &[("value", "Gross margin")], false),
        ("notes", &[("value", "From the ledger")], false),
        ("evidence_link", &[("value", "https://example.com")], false),
    ] {
        let (app, id) = with_param_of("Finance").await;
        let priya = app.sign_in(Role::Pm).await;
        fill(&priya, &id, "30%").await;
        set(&app, "all", false).await;
        let fiona = app.sign_in(Role::Finance).await;
        type_into(&fiona, &id, field, typed).await;
        let answer = approve(&app, &fiona, &id).await;
        if is_barred {
            barred(&answer);
        } else {
            taken(&answer);
        }
    }
}

#[tokio::test]
async fn the_last_approval_ends_what_was_done_before_it() {
    let (app, id) = with_param_of("Finance").await;
    set(&app, "all", false).await;
    let fiona = app.sign_in(Role::Finance).await;
    let priya = app.sign_in(Role::Pm).await;
    fill(&fiona, &id, "30%").await;
    taken(&approve(&app, &priya, &id).await);
    fill(&priya, &id, "31%").await;
    barred(&approve(&app, &priya, &id).await);
    taken(&approve(&app, &fiona, &id).await);
}

#[tokio::test]
async fn an_approval_that_was_taken_back_leaves_its_author_barred() {
    let (app, id) = with_param_of("Finance").await;
    set(&app, "finance", false).await;
    let fiona = app.sign_in(Role::Finance).await;
    let priya = app.sign_in(Role::Pm).await;
    fill(&fiona, &id, "30%").await;
    taken(&approve(&app, &priya, &id).await);
    // Whoever changed it may take the approval back: that is the safe direction.
    taken(&withdraw(&app, &fiona, &id).await);
    assert_eq!(app.count(LIVE).await, 0);
    barred(&approve(&app, &fiona, &id).await);
    taken(&approve(&app, &priya, &id).await);
}

#[tokio::test]
async fn giving_a_param_to_another_owner_and_back_is_no_way_around() {
    let (app, id) = with_param_of("Finance").await;
    set(&app, "finance", false).await;
    let priya = app.sign_in(Role::Pm).await;
    give_to(&priya, &id, "PM").await;
    fill(&priya, &id, "30%").await;
    barred(&approve(&app, &priya, &id).await);
    give_to(&priya, &id, "Finance").await;
    barred(&approve(&app, &priya, &id).await);
    give_to(&priya, &id, "PM").await;
    // Nor does it help that somebody else gives it away.
    let fiona = app.sign_in(Role::Finance).await;
    barred(&approve(&app, &priya, &id).await);
    give_to(&priya, &id, "Finance").await;
    give_to(&fiona, &id, "PM").await;
    barred(&approve(&app, &priya, &id).await);
    let ada = app.sign_in(Role::Admin).await;
    taken(&approve(&app, &ada, &id).await);
}

#[tokio::test]
async fn pages_show_the_control_off_with_the_reason() {
    let (app, id) = with_param_of("Finance").await;
    set(&app, "finance", false).await;
    let fiona = app.sign_in(Role::Finance).await;
    fill(&fiona, &id, "30%").await;
    let button = format!("form[action='/params/{id}/approval']")
        .replace("form[action=", "button[formaction=");
    for path in [
        "/params".to_owned(),
        "/initiatives/INIT-1".to_owned(),
        format!("/params/{id}"),
    ] {
        let page = fiona.get(&path).await;
        assert_eq!(page.count(&button), 0, "{path}");
        let why = page.text(".state .barred");
        assert!(
            why.starts_with("Approve: why you can’t") && why.contains("You changed its value on"),
            "{path}: {why}"
        );
        assert!(page.text("main").contains("Four-eyes is on"), "{path}");
    }
    let row = fiona
        .raw(|client, base| {
            client
                .get(format!("{base}/params/{id}"))
                .header("hx-request", "true")
        })
        .await;
    assert!(
        row.html.contains("somebody else approves it"),
        "{}",
        row.html
    );
    let priya = app.sign_in(Role::Pm).await;
    assert_eq!(priya.get("/params").await.count(&button), 1);
    // The answer to an edit is the row, which says so at once.
    let revision = app.count("select revision from params").await;
    let edit = [
        ("value".to_owned(), "31%".to_owned()),
        ("seen_revision".to_owned(), revision.to_string()),
    ];
    let path = format!("/params/{id}/fields/value");
    let answer = priya.post_htmx(&path, &edit).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.html.contains("You changed its value on"),
        "{}",
        answer.html
    );
}

#[tokio::test]
async fn with_everything_a_formula_is_approved_by_somebody_else() {
    let app = TestApp::start().await;
    set(&app, "all", false).await;
    let priya = app.sign_in(Role::Pm).await;
    priya.create("INIT-1", "One", "MATH_MODEL").await;
    priya.save_formula("INIT-1", "value = orders * 2").await;
    let sent = [
        ("formula_version".to_owned(), "1".to_owned()),
        ("seen_revision".to_owned(), "1".to_owned()),
    ];
    for path in ["/initiatives/INIT-1", "/math-models/1"] {
        let page = priya.get(path).await;
        assert_eq!(page.count("form[action='/math-models/1/approval']"), 0);
        assert!(
            page.text(".decide").contains("You saved its formula on"),
            "{path}: {}",
            page.text(".decide")
        );
    }
    barred(&priya.post("/math-models/1/approval", &sent).await);
    assert_eq!(app.count(LIVE_FORMULA).await, 0);
    let ada = app.sign_in(Role::Admin).await;
    taken(&ada.approve_formula("INIT-1").await);
    assert_eq!(app.count(LIVE_FORMULA).await, 1);
}

#[tokio::test]
async fn with_finance_formulas_are_approved_as_before() {
    let app = TestApp::start().await;
    set(&app, "finance", true).await;
    app.with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    assert_eq!(app.count(LIVE_FORMULA).await, 1);
}

#[tokio::test]
async fn going_back_to_the_approved_formula_is_open_unless_somebody_took_that_approval_back() {
    let app = TestApp::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    set(&app, "all", false).await;
    let restore = "form[action='/math-models/1/formula/restoration']";
    // A later version let it fall: the same approval holds again.
    let page = priya.save_formula("INIT-1", "value = orders * 3").await;
    assert_eq!(app.count(LIVE_FORMULA).await, 0);
    taken(&page.submit(&priya, restore, &[]).await);
    assert_eq!(app.count(LIVE_FORMULA).await, 1);
    // An admin takes it back: only a new look gives it again.
    let ada = app.sign_in(Role::Admin).await;
    let page = ada.get("/initiatives/INIT-1").await;
    let withdrawal = "form[action='/math-models/1/approval/withdrawal']";
    taken(&page.submit(&ada, withdrawal, &[]).await);
    let page = priya.save_formula("INIT-1", "value = orders * 4").await;
    assert_eq!(page.count(restore), 0);
    assert!(
        page.text(".stands .barred")
            .contains("You saved its formula")
    );
    let sent = [
        ("seen_revision".to_owned(), "99".to_owned()),
        ("formula_version".to_owned(), "4".to_owned()),
    ];
    barred(
        &priya
            .post("/math-models/1/formula/restoration", &sent)
            .await,
    );
    assert_eq!(app.count(LIVE_FORMULA).await, 0);
    let page = ada.get("/initiatives/INIT-1").await;
    taken(&page.submit(&ada, restore, &[]).await);
    assert_eq!(app.count(LIVE_FORMULA).await, 1);
}

#[tokio::test]
async fn with_finance_alone_neither_pm_nor_admin_approves_its_params_or_gives_them_away() {
    let (app, id) = with_param_of("Finance").await;
    let fiona = app.sign_in(Role::Finance).await;
    fill(&fiona, &id, "30%").await;
    set(&app, "off", true).await;
    for role in [Role::Pm, Role::Admin] {
        let person = app.sign_in(role).await;
        let answer = approve(&app, &person, &id).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
        assert!(answer.text("main").contains("Only Finance can approve"));
        let revision = app.count("select revision from params").await;
        let away = [
            ("value".to_owned(), "PM".to_owned()),
            ("seen_revision".to_owned(), revision.to_string()),
        ];
        let path = format!("/params/{id}/fields/source");
        let answer = person.post(&path, &away).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
        let page = person.get("/params").await;
        assert!(page.text("td .barred").contains("Only Finance can change"));
        assert!(page.text("main").contains("by Finance only"));
    }
    assert_eq!(app.count(LIVE).await, 0);
    taken(&approve(&app, &fiona, &id).await);
    // Taking back stays open to them.
    let priya = app.sign_in(Role::Pm).await;
    taken(&withdraw(&app, &priya, &id).await);
    assert_eq!(app.count(LIVE).await, 0);
}

#[tokio::test]
async fn both_settings_together_need_two_people_of_finance() {
    let (app, id) = with_param_of("Finance").await;
    set(&app, "finance", true).await;
    let fiona = app.sign_in(Role::Finance).await;
    fill(&fiona, &id, "30%").await;
    barred(&approve(&app, &fiona, &id).await);
    let joined = app.database.db.write(async move |mut conn| {
        sqlx::query(
            "update users set page_roles = '{analytics,finance}' where name = 'Anders Holm'",
        )
        .execute(&mut *conn)
        .await
    });
    joined.await.unwrap();
    let anders = app.sign_in(Role::Analytics).await;
    taken(&approve(&app, &anders, &id).await);
}

/// A file of one param, as whoever brings it in.
async fn bring_in(app: &TestApp, by: Option<&'static str>, row: &str, approving: bool) -> Report {
    let found = app.database.db.read(async move |mut conn| match by {
        Some(email) => users::get_by_email(&mut conn, email)
            .await
            .map(Option::unwrap),
        None => users::get_system(&mut conn).await,
    });
    let actor = Actor::new(&found.await.unwrap(), Through::Import);
    let csv = format!("initiative_key,framework,param_name,value,source,approved\n{row}\n");
    let options = Options {
        dry_run: false,
        with_approvals: approving,
        ..Options::default()
    };
    let file = (Kind::Params, csv.as_bytes());
    let now = Clock::system().now();
    imports::run(&app.database.db, actor, now, file, options)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_came_by_import_counts_for_whoever_imported_it_and_the_command_line_for_nobody() {
    for (by, is_barred) in [(Some("ada@example.com"), true), (None, false)] {
        let (app, id) = with_param_of("Finance").await;
        set(&app, "all", false).await;
        bring_in(&app, by, "INIT-1,MATH_MODEL,margin,0.3,Finance,", false).await;
        let ada = app.sign_in(Role::Admin).await;
        let answer = approve(&app, &ada, &id).await;
        if is_barred {
            barred(&answer);
        } else {
            taken(&answer);
        }
    }
}

#[tokio::test]
async fn an_approval_taken_over_by_an_import_is_outside_four_eyes_and_says_so() {
    let (app, _) = with_param_of("Finance").await;
    set(&app, "all", false).await;
    let row = "INIT-1,MATH_MODEL,margin,0.3,Finance,TRUE";
    let report = bring_in(&app, Some("ada@example.com"), row, true).await;
    assert_eq!(report.approvals_taken, 1, "{report}");
    let imported = "select count(*) from approvals where part = 'value' and origin = 'import'";
    assert_eq!(app.count(imported).await, 1);
    let viewer = app.sign_in(Role::Viewer).await;
    let page = viewer.get("/params").await;
    assert!(
        page.text("td.state").contains("Ada Okafor (import)"),
        "{}",
        page.text("td.state")
    );
    assert!(
        page.text("main")
            .contains("It didn’t look at approvals that came by import"),
        "{}",
        page.text("main")
    );
}

#[tokio::test]
async fn an_import_is_no_way_around_finance() {
    let (app, _) = with_param_of("Finance").await;
    set(&app, "off", true).await;
    let importer = Some("ada@example.com");
    let row = "INIT-1,MATH_MODEL,margin,0.3,Finance,TRUE";
    let report = bring_in(&app, importer, row, true).await;
    let refused = &report.refusals[0];
    assert_eq!(refused.column, "approved");
    assert!(
        refused.reason.contains("Only Finance can approve"),
        "{report}"
    );
    let row = "INIT-1,MATH_MODEL,margin,0.4,PM,TRUE";
    let report = bring_in(&app, importer, row, true).await;
    let columns: Vec<_> = report.refusals.iter().map(|r| r.column.as_str()).collect();
    assert_eq!(columns, ["source", "approved"], "{report}");
    assert_eq!(app.count(LIVE).await, 0);
    let row = "select count(*) from params where source = 'Finance' and value = 0.4";
    assert_eq!(app.count(row).await, 1, "the rest of the row is taken");
}

#[tokio::test]
async fn an_approval_in_flight_is_decided_by_what_holds_when_it_is_given() {
    let (app, id) = with_param_of("Finance").await;
    let fiona = app.sign_in(Role::Finance).await;
    fill(&fiona, &id, "30%").await;
    let beside = app.database.db.apart(4);
    let (changed, is_changed) = tokio::sync::oneshot::channel();
    let (go_on, goes_on) = mpsc::channel::<()>();
    let changing = tokio::spawn({
        let beside = beside.clone();
        async move {
            let work = beside.transaction(async move |mut tx| -> sqlx::Result<()> {
                let mut new = settings::lock(&mut tx).await?;
                new.four_eyes = FourEyes::Finance;
                settings::save(&mut tx, &new).await?;
                changed.send(()).unwrap();
                tokio::task::spawn_blocking(move || goes_on.recv())
                    .await
                    .unwrap()
                    .unwrap();
                Ok(())
            });
            work.await
        }
    });
    is_changed.await.unwrap();
    // Sent while the old setting still is what everybody reads, it waits for the new one.
    let approving = approve(&app, &fiona, &id);
    let waiting = async {
        let sql = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
        loop {
            let asked = beside.read(async move |mut conn| {
                sqlx::query_scalar::<_, i64>(sql)
                    .fetch_one(&mut *conn)
                    .await
            });
            if asked.await.unwrap() > 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
        go_on.send(()).unwrap();
        changing.await.unwrap().unwrap();
    };
    tokio::pin!(approving);
    let answer = tokio::select! {
        too_soon = &mut approving => too_soon,
        () = waiting => approving.await,
    };
    barred(&answer);
    assert_eq!(app.count(LIVE).await, 0);
}
