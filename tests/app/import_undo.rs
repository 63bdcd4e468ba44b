//! An import taken back as one act: every cell that nobody has changed since, as new changes.

use crate::{
    import_pages::imported,
    support::{Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

const FIRST: &[u8] =
    b"Key,Title,Country,Value Score,Active Framework\nINIT-1,Seats,UK,100,RICE\nINIT-2,Menus,,,\n";
const SECOND: &[u8] = b"Key,Title,Country,Department,Value Score\nINIT-1,Seats for all,FR,Tickets,200\nINIT-3,Prices,,,\n";

async fn brought_in(app: &TestApp) -> Person {
    let admin = app.sign_in(Role::Admin).await;
    for file in [FIRST, SECOND] {
        let page = admin.uploads("backlog.csv", file).await;
        imported(&page, &admin, &[]).await;
    }
    admin
}

async fn types(person: &Person, key: &str, field: &str, typed: &str) {
    let form = person
        .get(&format!("/initiatives/{key}/fields/{field}/edit"))
        .await;
    form.submit(person, "form.edit", &[("value", typed)]).await;
}

#[tokio::test]
async fn what_nobody_changed_since_gets_its_former_value_and_what_is_new_is_archived() {
    let app = TestApp::start().await;
    let admin = brought_in(&app).await;
    let pm = app.sign_in(Role::Pm).await;
    types(&pm, "INIT-1", "country", "DE").await;
    let second = admin.get("/imports/2").await;
    let done = second
        .submit(&admin, "form[action='/imports/2/undo']", &[])
        .await;
    assert_eq!(done.text("h1"), "Import taken back");
    let said = done.text("main");
    assert!(
        said.contains("changed the title of INIT-1 from “Seats for all” to Seats"),
        "{said}"
    );
    assert!(said.contains("archived INIT-3"), "{said}");
    let stays = done.text(".panel");
    assert!(
        stays.contains("Priya Nair changed the country of INIT-1 since; it stays."),
        "{stays}"
    );
    let as_before = "select count(*) from initiatives i join legacy_scores l on l.initiative_id = i.id
        and l.ended_at is null where i.key = 'INIT-1' and i.title = 'Seats' and i.country = 'DE' and i.department = ''
        and l.value = 100";
    assert_eq!(app.count(as_before).await, 1);
    let archived =
        "select count(*) from initiatives where archived_at is not null and key = 'INIT-3'";
    assert_eq!(app.count(archived).await, 1);

    let page = admin.get("/imports/2").await;
    assert!(page.text("#undone").contains("This import was taken back"));
    assert_eq!(page.count("#undo-import"), 0);
    let again = admin.post("/imports/2/undo", &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text("main").contains("taken back already"));

    // The same file, put right, meets what people changed and nothing of what was taken back.
    let corrected = b"Key,Title,Country\nINIT-1,Seats for most,FR\n";
    let page = admin.uploads("backlog.csv", corrected).await;
    assert_eq!(page.texts("#kept tbody tr").len(), 1);
    assert!(page.text("#counts").starts_with("0 new, 1 changed"));
}

#[tokio::test]
async fn what_an_import_made_and_somebody_went_on_with_stays() {
    let app = TestApp::start().await;
    let admin = brought_in(&app).await;
    let pm = app.sign_in(Role::Pm).await;
    types(&pm, "INIT-3", "hypothesis", "Lower prices sell").await;
    let page = admin.get("/imports/2").await;
    let done = page
        .submit(&admin, "form[action='/imports/2/undo']", &[])
        .await;
    assert!(
        done.text(".panel")
            .contains("INIT-3 came in with this import, and somebody went on with it; it stays.")
    );
    let live = "select count(*) from initiatives where archived_at is null and key = 'INIT-3' and title = 'Prices'";
    assert_eq!(app.count(live).await, 1);
}

#[tokio::test]
async fn values_and_the_approvals_that_came_with_them_are_taken_back_together() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.uploads("backlog.csv", FIRST).await;
    imported(&page, &admin, &[]).await;
    let params = b"key,framework,param,value,source,approved\nINIT-1,RICE,reach,400,Finance,TRUE\n";
    let page = admin.uploads("params.csv", params).await;
    imported(&page, &admin, &[("with_approvals", "yes")]).await;
    let approved = "select count(*) from approvals where withdrawn_at is null and part = 'value' and origin = 'import'";
    assert_eq!(app.count(approved).await, 1);
    let page = admin.get("/imports/2").await;
    page.submit(&admin, "form[action='/imports/2/undo']", &[])
        .await;
    assert_eq!(app.count(approved).await, 0);
    let blank = "select count(*) from params where name = 'reach' and value is null";
    assert_eq!(app.count(blank).await, 1);
    let legacy = admin.get("/initiatives/INIT-1").await;
    assert_eq!(
        legacy.text("#heading .badge"),
        "Legacy",
        "the backlog's import stands"
    );
}

#[tokio::test]
async fn only_an_admin_takes_an_import_back() {
    let app = TestApp::start().await;
    brought_in(&app).await;
    let pm = app.sign_in(Role::Pm).await;
    let page = pm.get("/imports/2").await;
    assert_eq!(page.count("#undo-import"), 0);
    let refused = pm.post("/imports/2/undo", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn imports_that_are_taken_back_last_first_leave_no_initiative_standing() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let params = &b"key,framework,param,value,source\nINIT-1,RICE,reach,400,Finance\n"[..];
    for (name, file) in [("backlog.csv", FIRST), ("params.csv", params)] {
        let page = admin.uploads(name, file).await;
        imported(&page, &admin, &[]).await;
    }
    for import in [2, 1] {
        let page = admin.get(&format!("/imports/{import}")).await;
        let form = format!("form[action='/imports/{import}/undo']");
        let done = page.submit(&admin, &form, &[]).await;
        let said = done.text("main");
        assert!(!said.contains("it stays"), "{import}: {said}");
    }
    let standing = "select count(*) from initiatives where archived_at is null";
    assert_eq!(app.count(standing).await, 0);
}
