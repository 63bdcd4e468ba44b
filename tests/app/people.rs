//! People over HTTP: who reads and who changes them, what a role's loss does to a session, and the last admin.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}

async fn id_of(app: &TestApp, role: Role) -> i64 {
    match role {
        Role::Pm => {
            app.count("select id from users where name = 'Priya Nair'")
                .await
        }
        Role::Admin => {
            app.count("select id from users where name = 'Ada Okafor'")
                .await
        }
        _ => {
            app.count("select id from users where name = 'Fiona Grant'")
                .await
        }
    }
}

/// Chooses exactly these roles for somebody, from the page as it is.
async fn give(admin: &Person, id: i64, roles: &[&str]) -> Page {
    let page = admin.get(&format!("/people/{id}")).await;
    choose(admin, &page, id, roles).await
}

async fn choose(admin: &Person, page: &Page, id: i64, roles: &[&str]) -> Page {
    let (action, mut sent) = page.form(&format!("form[action='/people/{id}/roles']"));
    sent.retain(|(name, _)| name != "role");
    sent.extend(
        roles
            .iter()
            .map(|role| ("role".to_owned(), (*role).to_owned())),
    );
    admin.post(&action, &sent).await
}

#[tokio::test]
async fn everybody_reads_who_has_which_role_and_only_admins_change_it() {
    let app = TestApp::start().await;
    let fiona = id_of(&app, Role::Finance).await;
    let before = app.count("select count(*) from change_log").await;
    for role in [
        Role::Viewer,
        Role::Analytics,
        Role::Finance,
        Role::Eng,
        Role::Pm,
    ] {
        let other = app.sign_in(role).await;
        let list = other.get("/people").await;
        assert!(list.text("main").contains("Fiona Grant"), "{role:?}");
        assert!(!list.text("main").contains("Open sessions"), "{role:?}");
        let page = other.get(&format!("/people/{fiona}")).await;
        assert_eq!(page.count("main form"), 0, "{role:?}");
        assert!(
            page.text("main")
                .contains("Only an admin can manage people.")
        );
        assert_eq!(other.get("/people/new").await.status, StatusCode::FORBIDDEN);
        for (path, sent) in [
            (
                "/people".to_owned(),
                vec![("name", "X"), ("email", "x@example.com")],
            ),
            (
                format!("/people/{fiona}/roles"),
                vec![("role", "admin"), ("seen_revision", "1")],
            ),
            (
                format!("/people/{fiona}/deactivation"),
                vec![("seen_revision", "1")],
            ),
            (
                format!("/people/{fiona}/reactivation"),
                vec![("seen_revision", "1")],
            ),
            (format!("/people/{fiona}/sessions/ending"), vec![]),
            (format!("/people/{fiona}/sessions/1/ending"), vec![]),
        ] {
            let refused = other.post(&path, &fields(&sent)).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role:?} {path}");
        }
    }
    assert_eq!(app.count("select count(*) from change_log").await, before);
}

#[tokio::test]
async fn a_role_that_is_taken_ends_in_the_very_next_request_and_the_history_says_who_did_it() {
    let app = TestApp::start().await;
    let (ada, priya) = (app.sign_in(Role::Admin).await, app.sign_in(Role::Pm).await);
    let id = id_of(&app, Role::Pm).await;
    assert_eq!(
        priya.create("INIT-1", "One", "").await.status,
        StatusCode::OK
    );
    let given = give(&ada, id, &["finance", "eng"]).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text("main"));
    let form = fields(&[("key", "INIT-2"), ("title", "Two")]);
    assert_eq!(
        priya.post("/initiatives", &form).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        priya.get("/backlog").await.path,
        "/backlog",
        "still signed in"
    );
    assert!(
        given
            .text(".history")
            .contains("Ada Okafor gave Priya Nair the roles Finance and Eng (was PM)"),
        "{}",
        given.text(".history")
    );
    assert!(given.text("main").contains("given here by Ada Okafor"));
    // Taken again without a change, nothing is logged.
    give(&ada, id, &["finance", "eng"]).await;
    assert_eq!(
        app.count("select count(*) from change_log where entity = 'person'")
            .await,
        1
    );
    assert_eq!(
        app.count("select count(*) from change_log where chain = 0")
            .await,
        1
    );
}

#[tokio::test]
async fn what_the_claim_says_counts_and_the_page_says_so() {
    let app = TestApp::start().await;
    let ada = app.sign_in(Role::Admin).await;
    let id = id_of(&app, Role::Finance).await;
    let claimed = "with u as (update users set claim_roles = '{eng}' where name = 'Fiona Grant' returning 1) select count(*) from u";
    app.count(claimed).await;
    let page = give(&ada, id, &["pm"]).await;
    let says = page.text("main");
    assert!(says.contains("Eng from the identity provider"), "{says}");
    assert!(says.contains("counts only when it says nothing"), "{says}");
    assert_eq!(app.count("select count(*) from users where name = 'Fiona Grant' and roles = '{eng}' and page_roles = '{pm}'").await, 1);
}

#[tokio::test]
async fn two_admins_with_the_same_page_open_see_each_other() {
    let app = TestApp::start().await;
    let ada = app.sign_in(Role::Admin).await;
    let id = id_of(&app, Role::Finance).await;
    let seen = ada.get(&format!("/people/{id}")).await;
    give(&ada, id, &["eng"]).await;
    let conflict = choose(&ada, &seen, id, &["pm"]).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(
        conflict
            .text(".conflict")
            .contains("gave Fiona Grant the role Eng")
    );
    assert_eq!(
        conflict.count("input[value=pm][checked]"),
        1,
        "what was chosen stays"
    );
    let mine = choose(&ada, &conflict, id, &["pm"]).await;
    assert_eq!(mine.status, StatusCode::OK);
    assert_eq!(
        app.count("select count(*) from users where name = 'Fiona Grant' and roles = '{pm}'")
            .await,
        1
    );
}

#[tokio::test]
async fn the_last_admin_stays_an_admin_and_active() {
    let app = TestApp::start().await;
    let ada = app.sign_in(Role::Admin).await;
    let id = id_of(&app, Role::Admin).await;
    let refused = give(&ada, id, &["pm"]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text(".error").contains("the last admin"),
        "{}",
        refused.text(".error")
    );
    let page = ada.get(&format!("/people/{id}")).await;
    let refused = page
        .submit(&ada, "form[action$='/deactivation']", &[])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // An admin who can't sign in here doesn't count.
    ada.post(
        "/people",
        &fields(&[
            ("name", "Zoe"),
            ("email", "zoe@example.com"),
            ("role", "admin"),
        ]),
    )
    .await;
    assert_eq!(
        give(&ada, id, &["pm"]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let fiona = id_of(&app, Role::Finance).await;
    give(&ada, fiona, &["admin"]).await;
    let given_up = give(&ada, id, &["pm"]).await;
    assert_eq!(given_up.status, StatusCode::OK);
    assert_eq!(given_up.count("main form"), 0, "an admin no longer");
    assert_eq!(
        app.count("select count(*) from users where 'admin' = any(roles) and kind = 'sample'")
            .await,
        1
    );
}

#[tokio::test]
async fn two_admins_who_take_each_other_s_role_at_once_leave_one() {
    let app = TestApp::start().await;
    let ada = app.sign_in(Role::Admin).await;
    let (a, f) = (
        id_of(&app, Role::Admin).await,
        id_of(&app, Role::Finance).await,
    );
    give(&ada, f, &["admin"]).await;
    let fiona = app.sign_in(Role::Finance).await;
    for _ in 0..5 {
        let (of_fiona, of_ada) = (
            ada.get(&format!("/people/{f}")).await,
            fiona.get(&format!("/people/{a}")).await,
        );
        tokio::join!(
            choose(&ada, &of_fiona, f, &[]),
            choose(&fiona, &of_ada, a, &[])
        );
        let admins = "select count(*) from users where 'admin' = any(roles) and kind = 'sample'";
        assert_eq!(app.count(admins).await, 1);
        let back = "with u as (update users set page_roles = '{admin}', revision = revision + 1 where name in ('Ada Okafor', 'Fiona Grant') returning 1) select count(*) from u";
        app.count(back).await;
    }
}

#[tokio::test]
async fn deactivating_ends_sessions_at_once_and_reactivating_gives_the_roles_back() {
    let app = TestApp::start().await;
    let (ada, priya) = (app.sign_in(Role::Admin).await, app.sign_in(Role::Pm).await);
    let id = id_of(&app, Role::Pm).await;
    let page = ada.get(&format!("/people/{id}")).await;
    assert_eq!(page.count("#sessions-heading"), 1);
    let done = page
        .submit(&ada, "form[action$='/deactivation']", &[])
        .await;
    assert!(
        done.text("h1").contains("Deactivated"),
        "{}",
        done.text("h1")
    );
    assert_eq!(app.count("select count(*) from sessions s join users u on u.id = s.user_id where u.name = 'Priya Nair'").await, 0);
    assert!(priya.get("/backlog").await.path.starts_with("/sign-in"));
    assert!(!ada.get("/people").await.text("main").contains("Priya Nair"));
    assert!(
        ada.get("/people?state=deactivated")
            .await
            .text("main")
            .contains("Priya Nair")
    );
    let back = done
        .submit(&ada, "form[action$='/reactivation']", &[])
        .await;
    assert!(back.text(".history").contains("reactivated Priya Nair"));
    assert_eq!(
        app.sign_in(Role::Pm).await.get("/backlog").await.path,
        "/backlog"
    );
}

#[tokio::test]
async fn somebody_is_added_before_they_first_sign_in_and_an_address_is_taken_once() {
    let app = TestApp::start().await;
    let ada = app.sign_in(Role::Admin).await;
    let form = ada.get("/people/new").await;
    let (action, mut sent) = form.form("form[action='/people']");
    sent.retain(|(name, _)| name.contains("key"));
    sent.extend(fields(&[
        ("name", "Zoe Berg"),
        ("email", "Zoe@Example.com"),
        ("role", "finance"),
    ]));
    let added = ada.post(&action, &sent).await;
    assert_eq!(added.text("h1"), "Zoe Berg");
    assert!(added.text("main").contains("has never signed in"));
    let twice = ada.post(&action, &sent).await;
    assert_eq!(twice.text("h1"), "Zoe Berg", "sent twice, added once");
    for (name, email, says) in [
        ("Other", "zoe@example.com", "here already"),
        ("", "y@example.com", "needs a name"),
        ("Y", "nonsense", "e-mail address"),
    ] {
        let form = fields(&[("name", name), ("email", email)]);
        let refused = ada.post("/people", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(
            refused.text(".error").contains(says),
            "{}",
            refused.text(".error")
        );
        assert_eq!(refused.attribute("#email", "value"), email);
    }
    assert_eq!(app.count("select count(*) from users where email = 'zoe@example.com' and page_roles = '{finance}'").await, 1);
}

#[tokio::test]
async fn people_are_searched_and_paged_without_gaps() {
    let app = TestApp::start().await;
    let ada = app.sign_in(Role::Admin).await;
    app.count("with i as (insert into users (name, email) select 'Person ' || n, 'p' || n || '@example.com' from generate_series(1, 230) n returning 1) select count(*) from i").await;
    let mut names = Vec::new();
    let mut page = ada.get("/people").await;
    loop {
        names.extend(page.texts("tbody .name a"));
        if page.count("a[rel=next]") == 0 {
            break;
        }
        page = ada.get(&page.attribute("a[rel=next]", "href")).await;
    }
    assert_eq!(names.len(), 236);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 236);
    assert_eq!(ada.get("/people?q=p77%40").await.count("tbody tr"), 1);
    assert!(
        ada.get("/people?q=nobody")
            .await
            .text("main")
            .contains("Nobody found")
    );
    assert_eq!(
        ada.get("/people/1").await.status,
        StatusCode::NOT_FOUND,
        "the command line is no person"
    );
    assert_eq!(ada.get("/people/x").await.status, StatusCode::NOT_FOUND);
}
