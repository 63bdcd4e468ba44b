//! The wall: sessions, forged requests, headers, health, and what strangers see.

use crate::support::TestApp;
use productops::domain::rights::Role;
use reqwest::StatusCode;

#[tokio::test]
async fn nobody_reads_or_writes_without_signing_in() {
    let app = TestApp::start().await;
    app.with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let nobody = app.nobody();
    for path in [
        "/backlog",
        "/initiatives/INIT-1",
        "/params",
        "/math-models/1",
        "/initiatives/INIT-1/history",
        "/legend",
    ] {
        let page = nobody.get(path).await;
        assert!(
            page.path.starts_with("/sign-in?next="),
            "{path} led to {}",
            page.path
        );
    }
    let posted = nobody
        .post(
            "/initiatives",
            &[
                ("key".into(), "INIT-2".into()),
                ("title".into(), "Two".into()),
            ],
        )
        .await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED);
    assert!(
        posted.text("main").contains("nothing you typed is lost"),
        "{}",
        posted.text("main")
    );
    assert_eq!(app.count("select count(*) from initiatives").await, 1);
}

#[tokio::test]
async fn signing_in_returns_to_where_one_was_and_signing_out_ends_the_session() {
    let app = TestApp::start().await;
    app.with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let person = app.nobody();
    let sign_in = person.get("/initiatives/INIT-1/history").await;
    let page = sign_in.submit_button(&person, "Vera Lund").await;
    assert_eq!(page.path, "/initiatives/INIT-1/history");
    page.submit_button(&person, "Sign out").await;
    assert!(person.get("/backlog").await.path.starts_with("/sign-in"));
    assert_eq!(app.count("select count(*) from sessions s join users u on u.id = s.user_id where u.name = 'Vera Lund'").await, 0);
}

#[tokio::test]
async fn the_session_cookie_is_for_this_app_alone_and_only_its_hash_is_kept() {
    let app = TestApp::start().await;
    let nobody = app.nobody();
    let page = nobody.get("/sign-in").await;
    let (action, fields) = page.form("form[action='/sign-in']");
    let id = page.attribute("button[name=person]", "value");
    let mut fields = fields;
    fields.push(("person".into(), id));
    let answer = nobody
        .raw(|client, base| {
            client
                .post(format!("{base}{action}"))
                .header("sec-fetch-site", "same-origin")
                .form(&fields)
        })
        .await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let id = cookie.split(['=', ';']).nth(1).unwrap();
    assert_eq!(id.len(), 64);
    let kept = app
        .count("select count(*) from sessions where length(id_hash) = 32")
        .await;
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn requests_that_another_site_may_have_caused_are_refused() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let form = [("key", "INIT-1"), ("title", "One")];
    let cases: [(&[(&str, &str)], bool); 5] = [
        (&[], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("origin", "https://evil.example")], false),
        (&[("sec-fetch-site", "same-origin")], true),
    ];
    for (headers, is_ours) in cases {
        let answer = pm
            .raw(|client, base| {
                let mut request = client.post(format!("{base}/initiatives")).form(&form);
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                request
            })
            .await;
        assert_eq!(
            answer.status == StatusCode::FORBIDDEN,
            !is_ours,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn local_sign_in_refuses_requests_that_did_not_come_from_this_machine() {
    let app = TestApp::start().await;
    for (name, value) in [
        ("host", "productops.example.com"),
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
    ] {
        let nobody = app.nobody();
        let page = nobody
            .raw(|client, base| client.get(format!("{base}/sign-in")).header(name, value))
            .await;
        assert_eq!(page.count("button[name=person]"), 0, "{name}");
        let answer = nobody
            .raw(|client, base| {
                client
                    .post(format!("{base}/sign-in"))
                    .header("sec-fetch-site", "same-origin")
                    .header(name, value)
                    .form(&[("person", "2"), ("next", "/backlog")])
            })
            .await;
        assert!(!answer.headers.contains_key("set-cookie"), "{name}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_a_request_id() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    for path in ["/backlog", "/sign-in", "/no-such-page", "/healthz"] {
        let page = pm.get(path).await;
        let header = |name: &str| {
            page.headers
                .get(name)
                .map(|v| v.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        assert!(
            header("content-security-policy").starts_with("default-src 'none'"),
            "{path}"
        );
        assert!(
            !header("content-security-policy").contains("unsafe"),
            "{path}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("x-request-id").len(), 16, "{path}");
        assert!(!header("cache-control").contains("public"), "{path}");
    }
}

#[tokio::test]
async fn health_answers_without_signing_in() {
    let app = TestApp::start().await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(nobody.get("/readyz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn with_the_database_away_the_process_lives_and_pages_say_so() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    app.database.db.close().await;
    assert_eq!(pm.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(
        pm.get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    let page = pm.get("/backlog").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.text("main").contains("database"),
        "{}",
        page.text("main")
    );
}

#[tokio::test]
async fn assets_come_compressed_to_whoever_takes_that_and_plain_to_others() {
    let app = TestApp::start().await;
    let page = app.nobody().get("/sign-in").await;
    let style = page.attribute("link[rel=stylesheet]", "href");
    let plain = app.nobody().get(&style).await;
    assert!(plain.headers.get("content-encoding").is_none());
    assert!(plain.html.contains("color-scheme"));
    let squeezed = reqwest::Client::new()
        .get(format!("{}{style}", app.base))
        .header("accept-encoding", "gzip, deflate, br")
        .send()
        .await
        .unwrap();
    assert_eq!(squeezed.headers()["content-encoding"], "br");
    assert_eq!(squeezed.headers()["vary"], "accept-encoding");
    let size = squeezed.bytes().await.unwrap().len();
    assert!(size * 3 < plain.html.len(), "{size} bytes");
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_fingerprint() {
    let app = TestApp::start().await;
    let page = app.nobody().get("/sign-in").await;
    for (selector, attribute) in [("link[rel=stylesheet]", "href"), ("script[src]", "src")] {
        let asset = app.nobody().get(&page.attribute(selector, attribute)).await;
        assert_eq!(asset.status, StatusCode::OK);
        assert!(
            asset.headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
    }
    assert_eq!(
        app.nobody()
            .get("/assets/app.0000000000000000.css")
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}
