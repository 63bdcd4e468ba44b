//! The settings page: everybody reads what holds, an admin changes it, and the page says who did so when.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;

const FORM: &str = "form[action='/settings']";

/// An admin sets both through the form, and gets the page.
pub(crate) async fn set(app: &TestApp, four_eyes: &str, finance_approves_own: bool) -> Page {
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.get("/settings").await;
    let saved = save(&page, &admin, four_eyes, finance_approves_own).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("body"));
    saved
}

async fn save(page: &Page, person: &Person, four_eyes: &str, alone: bool) -> Page {
    let alone = if alone { "yes" } else { "" };
    let with = [("four_eyes", four_eyes), ("finance_approves_own", alone)];
    page.submit(person, FORM, &with).await
}

#[tokio::test]
async fn everybody_reads_what_holds_and_only_an_admin_changes_it() {
    let app = TestApp::start().await;
    set(&app, "finance", true).await;
    for role in Role::ALL {
        let person = app.sign_in(role).await;
        let page = person.get("/settings").await;
        assert_eq!(page.status, StatusCode::OK, "{role:?}");
        assert!(page.html.contains("Finance-owned params"), "{role:?}");
        let is_admin = role == Role::Admin;
        assert_eq!(page.count(FORM), usize::from(is_admin), "{role:?}");
        if is_admin {
            continue;
        }
        assert!(
            page.text("main")
                .contains("Only an admin can change the settings"),
            "{role:?}: {}",
            page.text("main")
        );
        assert!(page.text(".holds").contains("On"), "{role:?}");
        let sent = [
            ("four_eyes".to_owned(), "off".to_owned()),
            ("seen_revision".to_owned(), "2".to_owned()),
        ];
        let refused = person.post("/settings", &sent).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role:?}");
    }
    let held = "select count(*) from settings where four_eyes = 'finance' and finance_approves_own";
    assert_eq!(app.count(held).await, 1);
}

#[tokio::test]
async fn the_page_says_who_changed_what_and_when_newest_first() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.get("/settings").await;
    assert!(page.html.contains("Nobody has changed them yet"));
    set(&app, "finance", false).await;
    let page = set(&app, "all", true).await;
    let said = page.texts(".history li");
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said[0]
            .starts_with("Ada Okafor left the approval of Finance-owned params to Finance alone")
    );
    assert!(said[1].starts_with("Ada Okafor turned four-eyes on for every param and formula"));
    assert!(said[2].starts_with("Ada Okafor turned four-eyes on for Finance-owned params"));
    assert!(said[2].ends_with("· form"), "{}", said[2]);
    let chain = "select count(*) from change_log where chain = 0 and entity = 'settings' and through = 'form'";
    assert_eq!(app.count(chain).await, 3);
}

#[tokio::test]
async fn saving_what_holds_already_and_saving_twice_change_nothing() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.get("/settings").await;
    save(&page, &admin, "off", false).await;
    assert_eq!(app.count("select count(*) from change_log").await, 0);
    for _ in 0..2 {
        let saved = save(&page, &admin, "all", false).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("body"));
    }
    assert_eq!(app.count("select revision from settings").await, 2);
    assert_eq!(app.count("select count(*) from change_log").await, 1);
}

#[tokio::test]
async fn whoever_saves_second_sees_what_the_first_did_and_loses_no_choice() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let stale = admin.get("/settings").await;
    set(&app, "finance", false).await;
    let page = save(&stale, &admin, "all", true).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.text(".conflict")
            .starts_with("Ada Okafor turned four-eyes on for Finance-owned params while"),
        "{}",
        page.text(".conflict")
    );
    assert_eq!(page.count("#four-eyes-all[checked]"), 1);
    assert_eq!(page.count("#finance-approves-own[checked]"), 1);
    let held =
        "select count(*) from settings where four_eyes = 'finance' and not finance_approves_own";
    assert_eq!(app.count(held).await, 1);
    let anyway = save(&page, &admin, "all", true).await;
    assert_eq!(anyway.status, StatusCode::OK);
    let held = "select count(*) from settings where four_eyes = 'all' and finance_approves_own";
    assert_eq!(app.count(held).await, 1);
}

#[tokio::test]
async fn a_choice_that_nobody_knows_is_refused() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.get("/settings").await;
    let refused = save(&page, &admin, "some", true).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text("#notices").contains("Choose what four-eyes"));
    assert_eq!(app.count("select revision from settings").await, 1);
}

#[tokio::test]
async fn the_row_that_every_request_reads_can_t_be_lost_or_doubled() {
    let app = TestApp::start().await;
    for sql in [
        "delete from settings",
        "truncate settings",
        "insert into settings default values",
        "insert into settings (id) values (false)",
        "update settings set four_eyes = 'some'",
    ] {
        let tried = app
            .database
            .db
            .write(async move |mut conn| sqlx::query(sql).execute(&mut *conn).await);
        assert!(tried.await.is_err(), "{sql}");
    }
    assert_eq!(app.count("select count(*) from settings").await, 1);
}
