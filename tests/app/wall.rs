//! The wall in front of the routes: own address, own pages, sizes, kinds, rates, and the headers on every answer.

use crate::support::{Page, Person, TestApp};
use chrono::{DateTime, TimeDelta, Utc};
use productops::{clock::Clock, domain::rights::Role};
use reqwest::{Method, StatusCode, header::HeaderMap};

const PUBLIC: (&str, &str) = ("PRODUCTOPS_PUBLIC_URL", "https://productops.example.com");

/// Names and values.
type Headers<'a> = &'a [(&'a str, &'a str)];

async fn post(person: &Person, headers: &[(&str, &str)]) -> Page {
    let asked = person.raw(|client, base| {
        let post = client.post(format!("{base}/sign-out"));
        headers
            .iter()
            .fold(post, |post, (name, value)| post.header(*name, *value))
    });
    asked.await
}

#[tokio::test]
async fn with_a_public_address_a_post_comes_from_its_pages_to_scheme_and_port() {
    let app = TestApp::start_with(&[PUBLIC, ("MIRROR_MODE", "off")]).await;
    let host = ("host", "productops.example.com");
    for (header, is_ours) in [
        (("origin", "https://productops.example.com"), true),
        (("origin", "http://productops.example.com"), false),
        (("origin", "https://productops.example.com:8443"), false),
        (("origin", "https://evil.example"), false),
        (("origin", "null"), false),
        (("sec-fetch-site", "same-origin"), true),
        (("sec-fetch-site", "same-site"), false),
        (("sec-fetch-site", "none"), false),
        (("x-none", ""), false),
    ] {
        let answer = post(&app.nobody(), &[host, header]).await;
        let is_refused = answer.status == StatusCode::FORBIDDEN;
        assert_eq!(is_refused, !is_ours, "{header:?}: {}", answer.status);
    }
    // What the browser says of itself counts before the origin.
    let both = [
        host,
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://productops.example.com"),
    ];
    assert_eq!(
        post(&app.nobody(), &both).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn on_loopback_the_origin_must_be_the_very_host_and_on_no_other_name() {
    let app = TestApp::start().await;
    let host = app.base.strip_prefix("http://").unwrap().to_owned();
    for (host, origin, is_ours) in [
        (&*host, &*app.base, true),
        (&*host, "http://127.0.0.1:1", false),
        ("evil.example", "http://evil.example", false),
    ] {
        let answer = post(&app.nobody(), &[("host", host), ("origin", origin)]).await;
        let is_refused = answer.status == StatusCode::FORBIDDEN;
        assert_eq!(is_refused, !is_ours, "{host} {origin}");
    }
}

#[tokio::test]
async fn a_forged_host_is_refused_and_appears_nowhere() {
    let app = TestApp::start_with(&[PUBLIC, ("MIRROR_MODE", "off")]).await;
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        let nobody = app.nobody();
        let asked = nobody.raw(|client, base| {
            let get = client.get(format!("{base}{path}"));
            headers
                .iter()
                .fold(get, |get, (name, value)| get.header(*name, *value))
        });
        asked.await
    };
    let forged = ask("/sign-in", &[("host", "evil.example")]).await;
    assert_eq!(forged.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(forged.text("main").contains("Use the address"));
    assert!(!forged.html.contains("evil.example"));
    let health = ask("/healthz", &[("host", "10.1.2.3:8080")]).await;
    assert_eq!(health.status, StatusCode::OK);

    let forwarded = [
        ("host", "productops.example.com"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("forwarded", "host=evil.example"),
    ];
    let page = ask("/sign-in", &forwarded).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.html.contains("evil.example"));
    let redirect = ask("/backlog", &forwarded).await;
    assert_eq!(
        redirect.location.as_deref(),
        Some("/sign-in?next=%2Fbacklog")
    );
}

/// Each header beside what it must begin with.
const HEADERS: [(&str, &str); 9] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "deny"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
    ("x-robots-tag", "noindex, nofollow"),
    ("x-request-id", ""),
];

fn has_all(headers: &HeaderMap, what: &str) {
    for (name, begins) in HEADERS {
        let value = headers.get(name).map(|value| value.to_str().unwrap());
        assert!(
            value.is_some_and(|value| value.starts_with(begins)),
            "{what}: {name}: {value:?}"
        );
    }
    assert!(
        headers.contains_key("cache-control"),
        "{what}: cache-control"
    );
}

#[tokio::test]
async fn every_kind_of_answer_carries_every_header_and_says_what_it_is() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let icon = pm.get("/sign-in").await.attribute("link[rel=icon]", "href");
    let long = format!("/backlog?q={}", "x".repeat(9_000));
    let own = ("sec-fetch-site", "same-origin");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let json = ("content-type", "application/json");
    let many = "a=1&".repeat(3_000);
    let (get, post) = (Method::GET, Method::POST);
    let cases: [(&Method, &str, Headers<'_>, &str, u16); 15] = [
        (&get, "/backlog", &[], "", 200),
        (&get, "/backlog.csv", &[], "", 200),
        (&get, "/healthz", &[], "", 200),
        (&get, &icon, &[], "", 200),
        (&get, "/nowhere", &[], "", 404),
        (&get, "/initiatives/INIT-1/archival", &[], "", 405),
        (&post, "/backlog", &[own], "", 405),
        (&Method::DELETE, "/backlog", &[own], "", 405),
        (&post, "/initiatives", &[], "", 403),
        (&post, "/initiatives", &[own, form], "a=1", 422),
        (&post, "/initiatives", &[own, json], "{}", 415),
        (
            &post,
            "/initiatives",
            &[own, ("content-type", "multipart/form-data; boundary=x")],
            "--x--",
            415,
        ),
        (
            &post,
            "/initiatives",
            &[own, form, ("content-encoding", "gzip")],
            "a=1",
            415,
        ),
        (&post, "/initiatives", &[own, form], &many, 400),
        (&get, &long, &[], "", 414),
    ];
    for (method, path, headers, body, status) in cases {
        let what = format!("{method} {}", path.chars().take(40).collect::<String>());
        let answer = pm
            .raw(|client, base| {
                let request = client.request(method.clone(), format!("{base}{path}"));
                let request = headers.iter().fold(request, |request, (name, value)| {
                    request.header(*name, *value)
                });
                if body.is_empty() {
                    request
                } else {
                    request.body(body.to_owned())
                }
            })
            .await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.html);
        has_all(&answer.headers, &what);
        assert!(
            answer.headers.contains_key("content-type"),
            "{what}: content-type"
        );
        if status >= 400 {
            assert_eq!(answer.count("main h1"), 1, "{what}: a page");
            assert_eq!(
                answer.headers["cache-control"], "private, no-store",
                "{what}"
            );
        }
        assert_eq!(
            answer.headers.contains_key("allow"),
            status == 405,
            "{what}"
        );
        assert!(
            !answer.headers.contains_key("strict-transport-security"),
            "{what}"
        );
    }
    let file = pm
        .raw(|client, base| client.get(format!("{base}/backlog.csv")))
        .await;
    let name = file.headers["content-disposition"].to_str().unwrap();
    let name = name
        .strip_prefix("attachment; filename=\"productops-backlog-")
        .unwrap();
    let date = name.strip_suffix(".csv\"").unwrap();
    assert!(
        date.chars().all(|c| c.is_ascii_digit() || c == '-'),
        "{name}"
    );
    app.database.db.close().await;
    let away = pm
        .raw(|client, base| client.get(format!("{base}/backlog")))
        .await;
    assert!(away.status.is_server_error());
    has_all(&away.headers, "without a database");
}

#[tokio::test]
async fn over_tls_the_browser_is_told_to_stay_with_it() {
    let app = TestApp::start_with(&[PUBLIC, ("MIRROR_MODE", "off")]).await;
    for path in ["/sign-in", "/healthz", "/nowhere"] {
        let nobody = app.nobody();
        let asked = nobody.raw(|client, base| {
            let get = client.get(format!("{base}{path}"));
            get.header("host", "productops.example.com")
        });
        let answer = asked.await;
        assert_eq!(
            answer.headers["strict-transport-security"], "max-age=63072000",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_huge_post_is_refused_by_its_head_before_any_of_it_is_sent() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let app = TestApp::start().await;
    let host = app.base.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST /initiatives HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 10000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0_u8; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_try_again_and_nobody_else_is_held_back() {
    let at: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
    let clock = Clock::fixed(at);
    let app = TestApp::start_at(clock.clone(), &[("MIRROR_MODE", "off")]).await;
    let (pm, eng) = (app.sign_in(Role::Pm).await, app.sign_in(Role::Eng).await);
    let ask = async |person: &Person| {
        let asked = person.raw(|client, base| client.get(format!("{base}/backlog.csv")));
        asked.await
    };
    for n in 0..60 {
        assert_eq!(ask(&pm).await.status, StatusCode::OK, "{n}");
    }
    let held = ask(&pm).await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(held.headers["retry-after"], "2");
    assert!(
        held.text("main").contains("Try again in 2 seconds"),
        "{}",
        held.html
    );
    has_all(&held.headers, "429");
    assert_eq!(ask(&eng).await.status, StatusCode::OK);
    clock.set(at + TimeDelta::seconds(2));
    assert_eq!(ask(&pm).await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_in_is_held_back_by_address_and_a_strangers_word_for_it_is_not_believed() {
    let at: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
    let believing = [
        ("MIRROR_MODE", "off"),
        ("PRODUCTOPS_TRUSTED_PROXIES", "127.0.0.0/8"),
    ];
    for (variables, is_believed) in [(&believing[..1], false), (&believing[..], true)] {
        let app = TestApp::start_at(Clock::fixed(at), variables).await;
        let nobody = app.nobody();
        let ask = async |from: &str| {
            let asked = nobody.raw(|client, base| {
                let post = client.post(format!("{base}/sign-in"));
                let post = post.form(&[("person", "0")]);
                post.header("sec-fetch-site", "same-origin")
                    .header("x-forwarded-for", from)
            });
            asked.await.status
        };
        for n in 0..30 {
            assert_ne!(
                ask("203.0.113.1").await,
                StatusCode::TOO_MANY_REQUESTS,
                "{n}"
            );
        }
        assert_eq!(ask("203.0.113.1").await, StatusCode::TOO_MANY_REQUESTS);
        let other = ask("203.0.113.2").await;
        assert_eq!(
            other != StatusCode::TOO_MANY_REQUESTS,
            is_believed,
            "{other}"
        );
    }
}

#[tokio::test]
async fn only_the_address_that_people_use_makes_the_cookie_secure() {
    // Signing in with a public address needs a provider; signing out sets the same cookie, emptied.
    let app = TestApp::start_with(&[PUBLIC, ("MIRROR_MODE", "off")]).await;
    let answer = post(
        &app.nobody(),
        &[
            ("host", "productops.example.com"),
            ("sec-fetch-site", "same-origin"),
        ],
    )
    .await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-session=;"), "{cookie}");
    assert!(
        cookie.contains("Secure") && cookie.contains("Path=/"),
        "{cookie}"
    );
}
