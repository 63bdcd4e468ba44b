//! Sessions: how they end, that nobody chooses one, and that a form which came too late is handed back.

use crate::support::{Person, TestApp};
use productops::{domain::rights::Role, store::sessions};
use reqwest::StatusCode;

async fn is_signed_in(person: &Person) -> bool {
    person.get("/backlog").await.path == "/backlog"
}

const ALL: &str = "select count(*) from sessions";

#[tokio::test]
async fn a_session_ends_by_rest_and_by_age_and_is_then_pruned() {
    let app = TestApp::start().await;
    for (still, ended) in [
        (
            "with s as (update sessions set last_seen_at = now() - interval '11 hours 59 minutes' returning 1) select count(*) from s",
            "with s as (update sessions set last_seen_at = now() - interval '12 hours 1 minute' returning 1) select count(*) from s",
        ),
        (
            "with s as (update sessions set expires_at = now() + interval '1 minute' returning 1) select count(*) from s",
            "with s as (update sessions set expires_at = now() - interval '1 second' returning 1) select count(*) from s",
        ),
    ] {
        let priya = app.sign_in(Role::Pm).await;
        assert_eq!(app.count(still).await, 1);
        assert!(is_signed_in(&priya).await, "{still}");
        assert_eq!(app.count(ended).await, 1);
        assert!(!is_signed_in(&priya).await, "{ended}");
        let fresh = app.sign_in(Role::Viewer).await;
        let pruned = app
            .database
            .db
            .write(async move |mut conn| sessions::prune(&mut conn).await);
        assert_eq!(pruned.await.unwrap(), 1);
        assert!(is_signed_in(&fresh).await);
        app.count("with s as (delete from sessions returning 1) select count(*) from s")
            .await;
    }
    let age = "select (extract(epoch from expires_at - created_at) / 3600)::bigint from sessions";
    app.sign_in(Role::Pm).await;
    assert_eq!(app.count(age).await, 24 * 7);
}

#[tokio::test]
async fn use_moves_the_end_of_rest_and_never_the_end_of_age() {
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    app.count("with s as (update sessions set last_seen_at = now() - interval '11 hours' returning 1) select count(*) from s").await;
    assert!(is_signed_in(&priya).await);
    assert_eq!(app.count("select count(*) from sessions where last_seen_at > now() - interval '1 minute' and expires_at < now() + interval '7 days'").await, 1);
}

#[tokio::test]
async fn a_value_that_the_client_chose_never_becomes_a_session_and_signing_in_ends_the_one_before()
{
    let app = TestApp::start().await;
    let person = app.nobody();
    let chosen = "a".repeat(64);
    let sign_in = async |cookie: &str| {
        let id = person
            .get("/sign-in")
            .await
            .attribute("button[name=person]", "value");
        let answer = person
            .raw(|client, base| {
                client
                    .post(format!("{base}/sign-in"))
                    .header("sec-fetch-site", "same-origin")
                    .header("cookie", format!("session={cookie}"))
                    .form(&[("person", id.as_str())])
            })
            .await;
        let set = answer.headers["set-cookie"].to_str().unwrap().to_owned();
        set.split(['=', ';']).nth(1).unwrap().to_owned()
    };
    let first = sign_in(&chosen).await;
    assert_ne!(first, chosen);
    let with_chosen = app
        .nobody()
        .raw(|client, base| {
            client
                .get(format!("{base}/backlog"))
                .header("cookie", format!("session={chosen}"))
        })
        .await;
    assert!(with_chosen.status.is_redirection());
    let second = sign_in(&first).await;
    assert_ne!(second, first);
    assert_eq!(app.count(ALL).await, 1, "the one before has ended");
}

#[tokio::test]
async fn one_s_own_sessions_are_listed_and_ended_and_nobody_else_s() {
    let app = TestApp::start().await;
    let (here, there) = (app.sign_in(Role::Pm).await, app.sign_in(Role::Pm).await);
    let vera = app.sign_in(Role::Viewer).await;
    let page = here.get("/sessions").await;
    assert_eq!(page.count("tbody tr"), 2);
    assert_eq!(page.texts(".badge.is-info"), ["This browser"]);
    let other = page.attribute("tbody tr:not(:has(.badge)) form", "action");
    let refused = vera.post(&other, &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(is_signed_in(&there).await);
    let left = here.post(&other, &[]).await;
    assert_eq!(left.count("tbody tr"), 1);
    assert!(!is_signed_in(&there).await && is_signed_in(&here).await);

    let third = app.sign_in(Role::Pm).await;
    let gone = here
        .get("/sessions")
        .await
        .submit_button(&here, "Sign out everywhere")
        .await;
    assert!(gone.path.starts_with("/sign-in"));
    assert!(!is_signed_in(&third).await && !is_signed_in(&here).await);
    assert!(is_signed_in(&vera).await);
    assert_eq!(
        app.count("select count(*) from change_log").await,
        0,
        "like signing out, it is no change"
    );
}

#[tokio::test]
async fn an_admin_ends_a_session_of_somebody_and_it_is_written_down() {
    let app = TestApp::start().await;
    let (ada, priya) = (app.sign_in(Role::Admin).await, app.sign_in(Role::Pm).await);
    let id = app
        .count("select id from users where name = 'Priya Nair'")
        .await;
    let page = ada.get(&format!("/people/{id}")).await;
    let of_ada = app.count("select s.id from sessions s join users u on u.id = s.user_id where u.name = 'Ada Okafor'").await;
    let wrong = ada
        .post(&format!("/people/{id}/sessions/{of_ada}/ending"), &[])
        .await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    let ended = page.submit_button(&ada, "End session").await;
    assert!(!is_signed_in(&priya).await && is_signed_in(&ada).await);
    assert!(
        ended
            .text(".history")
            .contains("ended a session of Priya Nair"),
        "{}",
        ended.text(".history")
    );
    app.sign_in(Role::Pm).await;
    app.sign_in(Role::Pm).await;
    let all = ada
        .get(&format!("/people/{id}"))
        .await
        .submit_button(&ada, "End all sessions")
        .await;
    assert!(
        all.text(".history")
            .contains("ended 2 sessions of Priya Nair")
    );
}

#[tokio::test]
async fn a_form_that_came_too_late_is_handed_back_and_sent_again_is_done_once() {
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    let form = priya.get("/initiatives/new").await;
    app.count("with s as (delete from sessions returning 1) select count(*) from s")
        .await;
    let typed = "First line\r\n</textarea><script>alert(1)</script> & \"more\"";
    let late = form
        .submit(
            &priya,
            "form[action='/initiatives']",
            &[
                ("key", "INIT-1"),
                ("title", "One"),
                ("problem_statement", typed),
            ],
        )
        .await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert_eq!(late.count("main script"), 0);
    assert!(
        late.text("textarea[name=problem_statement]")
            .contains("</textarea><script>")
    );
    assert_eq!(
        late.count("main a[href^='/sign-in?next='][target=_blank]"),
        1
    );
    assert_eq!(app.count("select count(*) from initiatives").await, 0);

    // Signed in again in another tab of the same browser.
    priya
        .get("/sign-in")
        .await
        .submit_button(&priya, "Priya Nair")
        .await;
    let (action, mut sent) = late.form("main form");
    assert_eq!(action, "/initiatives");
    let texts = late.texts("main form textarea");
    assert!(texts.iter().any(|text| text.contains("First line")));
    for (name, value) in [
        ("key", "INIT-1"),
        ("title", "One"),
        ("problem_statement", typed),
    ] {
        sent.retain(|(field, _)| field != name);
        sent.push((name.into(), value.into()));
    }
    assert!(sent.iter().any(|(name, _)| name == "idempotency_key"));
    for _ in 0..2 {
        let done = priya.post(&action, &sent).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text("main"));
    }
    assert_eq!(app.count("select count(*) from initiatives").await, 1);
}

#[tokio::test]
async fn the_notice_leads_back_to_the_page_and_never_to_another_site() {
    let app = TestApp::start().await;
    let nobody = app.nobody();
    let ask = async |page: String| {
        let answer = nobody
            .raw(|client, base| {
                client
                    .post(format!("{base}/params/1/fields/value"))
                    .header("sec-fetch-site", "same-origin")
                    .header("hx-request", "true")
                    .header("hx-current-url", page)
                    .form(&[("value", "1")])
            })
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        answer.attribute("a", "href")
    };
    let own = format!("{}/params?q=a", app.base);
    assert_eq!(ask(own).await, "/sign-in?next=%2Fparams%3Fq%3Da");
    assert_eq!(
        ask("https://evil.example/x".into()).await,
        "/sign-in?next=%2Fbacklog"
    );
    let elsewhere = nobody
        .raw(|client, base| {
            client
                .post(format!("{base}//evil.example/x"))
                .header("sec-fetch-site", "same-origin")
                .form(&[("value", "1")])
        })
        .await;
    assert_eq!(elsewhere.count("form[action^='//']"), 0);
}
