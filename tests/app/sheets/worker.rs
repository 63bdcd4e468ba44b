//! The app with a spreadsheet: what people do in it reaches the sheet, admins decide, and nobody waits for Google.

use super::{
    calls::text,
    people::Deed,
    service::{Fault, SPREADSHEET, Service},
    tab::Tab,
};
use crate::{
    mirror::eventually,
    support::{TestApp, serve},
};
use productops::{
    actions::{ActionError, Actor, Through, mirror},
    clock::Clock,
    domain::rights::{Role, Roles},
    mirror::grid::Cell,
    store::users,
};
use std::time::{Duration, Instant};

/// What the app is told of the spreadsheet.
pub(crate) fn variables(service: &Service) -> Vec<(&'static str, String)> {
    vec![
        ("MIRROR_SPREADSHEET_ID", SPREADSHEET.to_owned()),
        ("MIRROR_SHEET", "Backlog".to_owned()),
        ("MIRROR_INTERVAL_SECONDS", "1".to_owned()),
        ("GOOGLE_SERVICE_ACCOUNT_JSON", service.key()),
        ("SHEETS_BASE_URL", service.base.clone()),
    ]
}

async fn start(service: &Service, mode: Option<&str>) -> TestApp {
    let mut variables = variables(service);
    variables.extend(mode.map(|mode| ("MIRROR_MODE", mode.to_owned())));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    TestApp::start_with(&variables).await
}

/// A tab with a header of people's making, and one row.
fn tab() -> Tab {
    let header = [
        "PM Notes",
        "Initiative Key",
        "Title",
        "Value Score",
        "Score Status",
    ]
    .map(text);
    let row = ["mine", "INIT-1", "As it was", "", ""].map(|cell| match cell {
        "" => Cell::Empty,
        cell => text(cell),
    });
    Tab::new("Backlog", &[header.to_vec(), row.to_vec()], (20, 5))
}

/// What stands in that column of the key's row.
pub(crate) fn shown(service: &Service, key: &str, header: &str) -> Option<String> {
    let state = service.state();
    let rows = &state.tab.rows;
    let column = rows
        .iter()
        .find_map(|row| row.iter().position(|s| s.value == text(header)));
    let row = rows
        .iter()
        .find(|row| row.iter().any(|square| square.value == text(key)))?;
    Some(row[column?].value.text().into_owned())
}

async fn says(service: &Service, (key, header): (&str, &str), expected: &str) {
    eventually(
        &format!("{key} with {header} “{expected}”"),
        async || shown(service, key, header).as_deref() == Some(expected),
    )
    .await;
}

async fn actor(app: &TestApp, role: Role) -> Actor {
    let user = app
        .database
        .db
        .read(async move |mut conn| users::get_system(&mut conn).await);
    let mut actor = Actor::new(&user.await.unwrap(), Through::Form);
    actor.roles = Roles::new([role]);
    actor
}

/// Does it as an admin.
macro_rules! decide {
    ($app:expr, $role:expr, $act:ident $(, $with:expr)?) => {{
        let actor = actor($app, $role).await;
        let now = Clock::system().now();
        $app.database
            .db
            .transaction(async move |mut tx| mirror::$act(&mut tx, &actor, now $(, $with)?).await)
            .await
    }};
}

#[tokio::test]
async fn an_edit_reaches_the_sheet_and_a_hand_edit_of_our_cell_is_put_right_and_recorded() {
    let service = Service::with(tab()).await;
    let app = start(&service, Some("write")).await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Loyalty prices", "RICE").await;
    says(&service, ("INIT-1", "Title"), "Loyalty prices").await;
    says(&service, ("INIT-1", "Score Status"), "not ready").await;
    says(&service, ("INIT-1", "PM Notes"), "mine").await;
    eventually("no mark is left", async || {
        app.count("select count(*) from mirror_dirty").await == 0
    })
    .await;
    Deed::Type(1, 2, text("by hand")).happens_to(&mut service.state().tab);
    assert!(decide!(&app, Role::Admin, run_now).is_ok());
    says(&service, ("INIT-1", "Title"), "Loyalty prices").await;
    let drift = "select count(*) from mirror_drift where field = 'title' and found = 'by hand'";
    eventually("its record", async || app.count(drift).await == 1).await;
    let pinned = "select count(*) from mirror_target where kind = 'google' and sheet_id = 7 and title = 'Backlog' \
        and account like 'mirror@%'";
    assert_eq!(app.count(pinned).await, 1);
}

#[tokio::test]
async fn a_new_spreadsheet_is_only_looked_at_until_an_admin_has_decided() {
    let service = Service::with(tab()).await;
    let app = start(&service, None).await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Loyalty prices", "RICE").await;
    let told = "select count(*) from mirror_difference where n = 1 and wanted = 'Loyalty prices'";
    eventually("what differs", async || app.count(told).await == 1).await;
    assert_eq!(service.calls().1, 0);
    for role in [Role::Viewer, Role::Pm] {
        let refused = decide!(&app, role, set_mode, ("write", 1));
        assert!(matches!(refused, Err(ActionError::Refused(_))), "{role:?}");
    }
    let unknown = decide!(&app, Role::Admin, set_mode, ("on", 1));
    assert!(matches!(unknown, Err(ActionError::Invalid(_))));
    decide!(&app, Role::Admin, set_mode, ("write", 1)).unwrap();
    let held = "select count(*) from mirror_target where held->>'token' = 'first_write'";
    eventually("the question", async || app.count(held).await == 1).await;
    assert_eq!(service.calls().1, 0);
    let another = decide!(&app, Role::Admin, confirm, "keys_gone:1");
    assert!(matches!(another, Err(ActionError::Invalid(_))));
    decide!(&app, Role::Admin, confirm, "first_write").unwrap();
    says(&service, ("INIT-1", "Title"), "Loyalty prices").await;
    let history = "select count(*) from change_log where entity = 'mirror' and field in ('mirror_mode', 'mirror_confirmed')";
    assert_eq!(app.count(history).await, 2);
}

#[tokio::test]
async fn an_admin_pauses_hands_a_column_back_and_leaves_a_row_deleted() {
    let service = Service::with(tab()).await;
    let app = start(&service, Some("write")).await;
    let pm = app.sign_in(Role::Pm).await;
    pm.create("INIT-1", "Loyalty prices", "RICE").await;
    pm.create("INIT-2", "Seat choice", "").await;
    says(&service, ("INIT-2", "Title"), "Seat choice").await;
    let until = Clock::system().now() + Duration::from_hours(1);
    decide!(&app, Role::Admin, pause, until).unwrap();
    let key = || "INIT-2".parse().unwrap();
    decide!(&app, Role::Admin, leave_out, (&key(), true)).unwrap();
    decide!(&app, Role::Admin, hand_back, ("title", true)).unwrap();
    let computed = decide!(&app, Role::Admin, hand_back, ("value_score", true));
    assert!(matches!(computed, Err(ActionError::Invalid(_))));
    {
        let tab = &mut service.state().tab;
        Deed::DeleteRow(2).happens_to(tab);
        Deed::Type(1, 2, text("The PMs’ own")).happens_to(tab);
    }
    decide!(&app, Role::Admin, resume).unwrap();
    let decided = "select count(*) from mirror_target where not (state->'columns' @> '[{\"field\": \"title\"}]')";
    eventually("a run by what was decided", async || {
        app.count(decided).await == 1
    })
    .await;
    assert_eq!(
        shown(&service, "INIT-1", "Title").as_deref(),
        Some("The PMs’ own")
    );
    assert_eq!(shown(&service, "INIT-2", "Title"), None);
    decide!(&app, Role::Admin, leave_out, (&key(), false)).unwrap();
    decide!(&app, Role::Admin, hand_back, ("title", false)).unwrap();
    says(&service, ("INIT-2", "Title"), "Seat choice").await;
    says(&service, ("INIT-1", "Title"), "Loyalty prices").await;
}

#[tokio::test]
async fn pages_answer_while_google_hangs_and_the_sheet_catches_up_when_another_process_leads() {
    let service = Service::with(tab()).await;
    service.state().read_faults.push_back(Fault::HangBefore);
    let app = start(&service, Some("write")).await;
    service.hangs.notified().await;
    let pm = app.sign_in(Role::Pm).await;
    let begun = Instant::now();
    pm.create("INIT-1", "Loyalty prices", "RICE").await;
    let page = pm.get("/backlog").await;
    assert!(page.html.contains("Loyalty prices"));
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(
        shown(&service, "INIT-1", "Title").as_deref(),
        Some("As it was")
    );
    app.server.abort();
    let ended = "select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' \
        and database = (select oid from pg_database where datname = current_database())";
    assert_eq!(app.count(ended).await, 1, "one leads");
    let mut variables = variables(&service);
    variables.push(("MIRROR_MODE", "write".to_owned()));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let _next = serve(app.database.db.apart(4), &variables).await;
    says(&service, ("INIT-1", "Title"), "Loyalty prices").await;
}

#[tokio::test]
async fn trouble_is_kept_with_its_remedy_and_until_when_google_is_left_alone() {
    let service = Service::with(tab()).await;
    let quota = Fault::Refuse(
        429,
        "Quota exceeded for quota metric 'Read requests'",
        Some(2),
    );
    service.state().read_faults.push_back(quota);
    let app = start(&service, Some("write")).await;
    let told = "select count(*) from mirror_target where last_error like '%429 Quota exceeded%' \
        and wait_until >= failing_since + interval '2 seconds'";
    eventually("the reason", async || app.count(told).await == 1).await;
    let again =
        "select count(*) from mirror_target where last_error is null and last_ok is not null";
    eventually("the end of it", async || app.count(again).await == 1).await;
}
