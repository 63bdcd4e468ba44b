//! Signing in with an identity provider: what is believed, and everything that isn't.

use crate::{
    provider::{Behaviour, Provider, SECRET},
    support::{Page, Person, TestApp},
};
use chrono::TimeDelta;
use productops::clock::Clock;
use reqwest::StatusCode;
use serde_json::{Value, json};

struct Stage {
    app: TestApp,
    provider: Provider,
}

impl Stage {
    async fn set() -> Self {
        Self::with(&[]).await
    }

    async fn with(more: &[(&'static str, &str)]) -> Self {
        let provider = Provider::start();
        Self::around(provider, more).await
    }

    async fn around(provider: Provider, more: &[(&'static str, &str)]) -> Self {
        let variables = provider.variables();
        let mut all: Vec<(&str, &str)> = more.to_vec();
        all.extend(
            variables
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        let app = TestApp::start_at(provider.clock.clone(), &all).await;
        Self { app, provider }
    }

    /// Presses the button: the provider's address.
    async fn begin(&self, person: &Person, next: &str) -> String {
        let page = person.get(&format!("/sign-in?next={next}")).await;
        let page = page.submit_button(person, "Sign in with 127.0.0.1").await;
        page.attribute("a.button", "href")
    }

    /// Goes to the provider: our own address with its answer.
    async fn answer(&self, person: &Person, address: &str) -> String {
        let page = person.raw(|client, _base| client.get(address)).await;
        let back = page.location.expect("a way back");
        let path = back.strip_prefix(&self.app.base);
        path.expect("the app's own address").to_owned()
    }

    async fn signs_in(&self, person: &Person) -> Page {
        let address = self.begin(person, "/params").await;
        let path = self.answer(person, &address).await;
        person.get(&path).await
    }

    /// Somebody tries while the provider behaves like this: not in, and the page says this.
    async fn is_refused(change: impl FnOnce(&mut Behaviour), says: &str) {
        let stage = Self::set().await;
        stage.provider.set(change);
        stage.refuses(&stage.app.nobody(), says).await;
    }

    async fn refuses(&self, person: &Person, says: &str) {
        let page = self.signs_in(person).await;
        let text = page.text("main");
        assert!(text.contains(says), "{says:?} isn't in {text}");
        assert!(page.status.as_u16() >= 400, "{}", page.status);
        assert!(text.contains("Try again"), "{text}");
        assert!(text.contains("not signed in"), "{text}");
        let sessions = self.app.count("select count(*) from sessions").await;
        assert_eq!(sessions, 0, "{says}");
    }
}

fn claim(name: &'static str, value: Value) -> impl FnOnce(&mut Behaviour) {
    move |b| b.claims = Some(Box::new(move |claims| claims[name] = value.clone()))
}

#[tokio::test]
async fn somebody_new_signs_in_works_and_signs_out_at_the_provider_too() {
    let stage = Stage::set().await;
    let person = stage.app.nobody();
    let page = stage.signs_in(&person).await;
    assert_eq!(
        (page.status, page.path.as_str()),
        (StatusCode::OK, "/params")
    );
    let menu = page.text(".person .menu");
    assert!(
        menu.contains("Nadia Rahman") && menu.contains("PM"),
        "{menu}"
    );
    for (what, sql) in [
        (
            "the person, under the provider's name for them",
            "select count(*) from users where subject = '0007' and email = 'nadia@example.org' and claim_roles = '{pm}'
               and last_signed_in_at is not null",
        ),
        (
            "the session with the provider's token",
            "select count(*) from sessions where id_token like 'ey%'",
        ),
        (
            "a line that they came",
            "select count(*) from change_log where entity = 'person' and field = 'created' and through = 'sign-in'
               and initiative_id is null",
        ),
        (
            "a line of what they are",
            "select count(*) from change_log where entity = 'person' and field = 'claim_roles' and new = '\"PM\"'",
        ),
    ] {
        assert_eq!(stage.app.count(sql).await, 1, "{what}");
    }

    let page = page.submit_button(&person, "Sign out").await;
    assert_eq!(stage.app.count("select count(*) from sessions").await, 0);
    let address = page.attribute("a.button", "href");
    let back = stage.answer(&person, &address).await;
    assert_eq!(back, "/sign-in");
    assert_eq!(stage.provider.count("end-session"), 1);
    assert!(person.get("/backlog").await.path.starts_with("/sign-in"));

    let page = stage.signs_in(&person).await;
    assert_eq!(page.path, "/params");
    assert_eq!(
        stage
            .app
            .count("select count(*) from users where kind = 'person'")
            .await,
        1
    );
    assert_eq!(
        stage
            .app
            .count("select count(*) from change_log where entity = 'person'")
            .await,
        2
    );
}

#[tokio::test]
async fn an_id_token_of_somebody_else_or_for_somebody_else_is_refused() {
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("another-app")),
        ("aud", json!(["productops", "another-app"])),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
    ] {
        Stage::is_refused(claim(name, value), "can’t be trusted").await;
    }
}

#[tokio::test]
async fn an_id_token_out_of_time_is_refused_and_the_clocks_are_named() {
    let now = Clock::system().now().timestamp();
    Stage::is_refused(claim("exp", json!(now - 1)), "clocks don’t agree").await;
    Stage::is_refused(claim("iat", json!(now + 120)), "clocks don’t agree").await;
}

#[tokio::test]
async fn a_clock_that_is_a_little_ahead_is_no_trouble() {
    let stage = Stage::set().await;
    let soon = Clock::system().now().timestamp() + 20;
    stage.provider.set(claim("iat", json!(soon)));
    assert_eq!(stage.signs_in(&stage.app.nobody()).await.path, "/params");
}

#[tokio::test]
async fn an_id_token_without_a_signature_or_with_one_that_isnt_allowed_is_refused() {
    for alg in ["none", "HS256", "ES384"] {
        let header = move |head: &mut Value| head["alg"] = json!(alg);
        Stage::is_refused(
            |b| b.header = Some(Box::new(header)),
            "isn’t signed in a way",
        )
        .await;
    }
    let stage = Stage::with(&[("OIDC_ALGORITHMS", "RS256,PS256")]).await;
    stage
        .refuses(&stage.app.nobody(), "isn’t signed in a way")
        .await;
}

#[tokio::test]
async fn an_id_token_that_was_changed_on_the_way_is_refused() {
    let change = |tokens: &mut Value| {
        let token = tokens["id_token"].as_str().unwrap().to_owned();
        let (signed, _) = token.rsplit_once('.').unwrap();
        tokens["id_token"] = json!(format!("{signed}.{}", "A".repeat(86)));
    };
    Stage::is_refused(|b| b.tokens = Some(Box::new(change)), "can’t be trusted").await;
}

#[tokio::test]
async fn tokens_that_dont_belong_together_or_are_missing_are_refused() {
    let without = |tokens: &mut Value| {
        tokens.as_object_mut().unwrap().remove("id_token");
    };
    Stage::is_refused(|b| b.tokens = Some(Box::new(without)), "can’t be trusted").await;
    let another = |tokens: &mut Value| tokens["access_token"] = json!("another");
    Stage::is_refused(|b| b.tokens = Some(Box::new(another)), "can’t be trusted").await;
    Stage::is_refused(claim("at_hash", json!("AAAA")), "can’t be trusted").await;
}

#[tokio::test]
async fn an_id_token_that_names_nobody_is_refused() {
    Stage::is_refused(claim("sub", json!("")), "can’t be trusted").await;
}

#[tokio::test]
async fn an_access_token_that_fits_no_header_is_refused_without_harm() {
    Stage::is_refused(
        |b| {
            b.tokens = Some(Box::new(|tokens| tokens["access_token"] = json!("a\nb")));
            b.claims = Some(Box::new(|claims| {
                let claims = claims.as_object_mut().unwrap();
                claims.remove("at_hash");
                claims.remove("email");
            }));
        },
        "can’t be trusted",
    )
    .await;
}

#[tokio::test]
async fn an_address_that_nobody_made_sure_of_is_refused() {
    Stage::is_refused(claim("email_verified", json!(false)), "isn’t verified").await;
}

#[tokio::test]
async fn userinfo_about_somebody_else_is_refused() {
    Stage::is_refused(
        |b| {
            b.person = json!({ "sub": "0007", "name": "Nadia Rahman" });
            b.userinfo = json!({ "sub": "0008", "groups": ["product"] });
        },
        "can’t be trusted",
    )
    .await;
}

#[tokio::test]
async fn an_answer_in_anothers_name_is_refused() {
    for iss in [Some("https://evil.example"), None] {
        let answer = move |answer: &mut std::collections::HashMap<String, String>| match iss {
            Some(iss) => _ = answer.insert("iss".into(), iss.into()),
            None => _ = answer.remove("iss"),
        };
        let names = |found: &mut Value| {
            found["authorization_response_iss_parameter_supported"] = json!(true);
        };
        Stage::is_refused(
            |b| {
                b.answer = Some(Box::new(answer));
                b.discovery = Some(Box::new(names));
            },
            "can’t be trusted",
        )
        .await;
    }
}

#[tokio::test]
async fn a_provider_that_says_no_is_quoted_in_our_words() {
    for (code, says) in [
        ("access_denied", "access was denied"),
        ("server_error", "trouble of its own"),
        ("<b>invalid_scope", "doesn’t agree with how this app asks"),
    ] {
        let answer = move |answer: &mut std::collections::HashMap<String, String>| {
            answer.remove("code");
            answer.insert("error".into(), code.into());
        };
        Stage::is_refused(|b| b.answer = Some(Box::new(answer)), says).await;
    }
    let answer = |answer: &mut std::collections::HashMap<String, String>| _ = answer.remove("code");
    Stage::is_refused(|b| b.answer = Some(Box::new(answer)), "can’t be trusted").await;
}

#[tokio::test]
async fn an_answer_to_another_sign_in_is_refused() {
    let answer = |answer: &mut std::collections::HashMap<String, String>| {
        answer.insert("state".into(), "another".into());
    };
    Stage::is_refused(
        |b| b.answer = Some(Box::new(answer)),
        "This sign-in is over",
    )
    .await;
}

#[tokio::test]
async fn an_answer_counts_once_and_only_in_the_browser_that_asked() {
    let stage = Stage::set().await;
    let (ours, theirs) = (stage.app.nobody(), stage.app.nobody());
    let address = stage.begin(&ours, "/backlog").await;
    stage.begin(&theirs, "/backlog").await;
    let path = stage.answer(&ours, &address).await;
    let elsewhere = theirs.get(&path).await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
    assert!(elsewhere.text("main").contains("in another browser"));
    assert_eq!(ours.get(&path).await.path, "/backlog");
    assert_eq!(ours.get(&path).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(stage.app.count("select count(*) from sessions").await, 1);
}

#[tokio::test]
async fn an_answer_that_took_more_than_ten_minutes_is_refused() {
    let stage = Stage::set().await;
    let person = stage.app.nobody();
    let address = stage.begin(&person, "/backlog").await;
    stage
        .app
        .count("with old as (update sign_in_attempts set created_at = now() - interval '11 minutes' returning 1) select count(*) from old")
        .await;
    let path = stage.answer(&person, &address).await;
    assert!(person.get(&path).await.text("main").contains("ten minutes"));
}

#[tokio::test]
async fn two_tabs_sign_in_each_and_go_where_each_was_going() {
    let stage = Stage::set().await;
    let person = stage.app.nobody();
    let first = stage.begin(&person, "/params").await;
    let second = stage.begin(&person, "/scoring").await;
    for (address, next) in [(first, "/params"), (second, "/scoring")] {
        let path = stage.answer(&person, &address).await;
        assert_eq!(person.get(&path).await.path, next);
    }
    assert_eq!(stage.app.count("select count(*) from sessions").await, 1);
    let again = person
        .post("/auth/attempt", &[("next".into(), "/legend".into())])
        .await;
    assert_eq!(again.path, "/legend");
}

#[tokio::test]
async fn nobody_is_led_to_another_site_after_signing_in() {
    let stage = Stage::set().await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let person = stage.app.nobody();
        let form = [("next".into(), next.into())];
        let page = person.post("/auth/attempt", &form).await;
        let address = page.attribute("a.button", "href");
        let path = stage.answer(&person, &address).await;
        let page = person
            .raw(|client, base| client.get(format!("{base}{path}")))
            .await;
        assert_eq!(page.location.as_deref(), Some("/backlog"), "{next}");
    }
}

#[tokio::test]
async fn groups_are_read_as_a_list_as_one_and_from_userinfo_and_roles_add_up() {
    for (groups, roles) in [
        (json!(["product", "fin-team"]), "Finance, PM"),
        (json!("treasury"), "Finance"),
        (json!(["everybody"]), "Viewer"),
        (Value::Null, "Viewer"),
    ] {
        let stage = Stage::set().await;
        stage.provider.set(claim("groups", groups.clone()));
        let page = stage.signs_in(&stage.app.nobody()).await;
        assert_eq!(page.text(".person .menu p .quiet"), roles, "{groups}");
        assert_eq!(stage.provider.count("userinfo"), 0);
    }
    let stage = Stage::set().await;
    stage.provider.set(|b| {
        b.person = json!({ "sub": "0007" });
        b.userinfo["groups"] = json!(["fin-team"]);
    });
    let page = stage.signs_in(&stage.app.nobody()).await;
    assert_eq!(page.text(".person .menu p"), "Nadia RahmanFinance");
    assert_eq!(stage.provider.count("userinfo"), 1);
}

#[tokio::test]
async fn the_claim_that_names_groups_can_be_another() {
    let stage = Stage::with(&[("OIDC_ROLES_CLAIM", "https://example.org/roles")]).await;
    stage
        .provider
        .set(claim("https://example.org/roles", json!(["treasury"])));
    let page = stage.signs_in(&stage.app.nobody()).await;
    assert_eq!(page.text(".person .menu p .quiet"), "Finance");
}

#[tokio::test]
async fn without_a_role_nobody_gets_in_where_that_is_configured_and_lost_groups_end_at_once() {
    let stage = Stage::with(&[("OIDC_NO_ROLE", "refuse")]).await;
    let early = stage.app.nobody();
    stage.signs_in(&early).await;
    stage.provider.set(claim("groups", json!(["secret-club"])));
    let page = stage.signs_in(&stage.app.nobody()).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let text = page.text("main");
    assert!(text.contains("fin-team, product, treasury"), "{text}");
    assert!(!text.contains("secret-club"), "{text}");
    let menu = early.get("/backlog").await.text(".person .menu p .quiet");
    assert_eq!(menu, "Viewer");

    stage.provider.set(claim("sub", json!("0009")));
    stage.provider.set(|b| b.person["groups"] = json!([]));
    let people = "select count(*) from users where kind = 'person'";
    stage.signs_in(&stage.app.nobody()).await;
    assert_eq!(stage.app.count(people).await, 1, "a stranger leaves no row");
    stage
        .app
        .count("with given as (update users set page_roles = '{eng}' where kind = 'person' returning 1) select count(*) from given")
        .await;
    stage.provider.set(claim("sub", json!("0007")));
    let page = stage.signs_in(&stage.app.nobody()).await;
    assert_eq!(page.text(".person .menu p .quiet"), "Eng");
}

#[tokio::test]
async fn somebody_whose_account_is_closed_is_told_so() {
    let stage = Stage::set().await;
    stage.signs_in(&stage.app.nobody()).await;
    stage
        .app
        .count("with gone as (delete from sessions), closed as (update users set deactivated_at = now() where subject = '0007' returning 1) select count(*) from closed")
        .await;
    stage
        .refuses(&stage.app.nobody(), "deactivated your account")
        .await;
}

#[tokio::test]
async fn a_person_who_was_there_is_found_by_an_address_that_the_provider_vouches_for() {
    let there = "with made as (insert into users (email, name, page_roles) values ('nadia@example.org', 'N', '{eng}') returning 1) select count(*) from made";
    let stage = Stage::set().await;
    stage.app.count(there).await;
    stage.signs_in(&stage.app.nobody()).await;
    let joined = "select count(*) from users where email = 'nadia@example.org' and subject = '0007' and name = 'Nadia Rahman'";
    assert_eq!(stage.app.count(joined).await, 1);
    // Somebody else with the same address doesn't get in as them.
    stage
        .app
        .count("with gone as (delete from sessions returning 1) select count(*) from gone")
        .await;
    stage.provider.set(claim("sub", json!("0008")));
    stage.refuses(&stage.app.nobody(), "address is taken").await;

    let stage = Stage::set().await;
    stage.app.count(there).await;
    stage.provider.set(|b| {
        b.person.as_object_mut().unwrap().remove("email_verified");
    });
    stage.refuses(&stage.app.nobody(), "address is taken").await;
}

#[tokio::test]
async fn a_provider_that_is_down_at_first_is_asked_again_and_not_hammered() {
    let clock = Clock::fixed(Clock::system().now());
    let provider = Provider::start_at(clock.clone());
    provider.set(|b| b.is_down = true);
    let stage = Stage::around(provider, &[]).await;
    let person = stage.app.nobody();
    for _ in 0..3 {
        let page = person.get("/sign-in").await;
        assert!(page.text("main").contains("can’t be asked just now"));
    }
    assert_eq!(stage.provider.count("discovery"), 1);
    let page = person.post("/auth/attempt", &[]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    stage.provider.set(|b| b.is_down = false);
    clock.set(clock.now() + TimeDelta::seconds(5));
    assert_eq!(stage.signs_in(&person).await.path, "/params");
}

#[tokio::test]
async fn a_provider_that_calls_itself_otherwise_or_answers_too_much_or_never_isnt_used() {
    for change in [
        (|b: &mut Behaviour| {
            b.discovery = Some(Box::new(|found| {
                found["issuer"] = json!(format!("{}/", found["issuer"].as_str().unwrap()));
            }));
        }) as fn(&mut Behaviour),
        |b| b.is_huge = true,
        |b| b.is_silent = true,
    ] {
        let stage = Stage::set().await;
        stage.provider.set(change);
        let page = stage.app.nobody().get("/sign-in").await;
        assert!(page.text("main").contains("can’t be asked just now"));
    }
}

#[tokio::test]
async fn a_token_endpoint_that_leads_elsewhere_isnt_followed() {
    let stage = Stage::set().await;
    stage.provider.set(|b| b.leads_elsewhere = true);
    let person = stage.app.nobody();
    let address = stage.begin(&person, "/backlog").await;
    let keys = stage.provider.count("keys");
    let path = stage.answer(&person, &address).await;
    assert_eq!(person.get(&path).await.status, StatusCode::BAD_GATEWAY);
    assert_eq!(stage.provider.count("keys"), keys);
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_not_again_within_a_minute() {
    let clock = Clock::fixed(Clock::system().now());
    let stage = Stage::around(Provider::start_at(clock.clone()), &[]).await;
    stage.signs_in(&stage.app.nobody()).await;
    assert_eq!(stage.provider.count("keys"), 1);
    stage
        .provider
        .set(|b| (b.key, b.shown_keys) = (2, vec![1, 2]));
    assert_eq!(stage.signs_in(&stage.app.nobody()).await.path, "/params");
    assert_eq!(stage.provider.count("keys"), 2);

    stage.provider.set(|b| b.key = 3);
    for _ in 0..2 {
        let page = stage.signs_in(&stage.app.nobody()).await;
        assert!(page.text("main").contains("isn’t signed in a way"));
    }
    assert_eq!(stage.provider.count("keys"), 2);
    clock.set(clock.now() + TimeDelta::minutes(1));
    stage.provider.set(|b| b.shown_keys = vec![3]);
    assert_eq!(stage.signs_in(&stage.app.nobody()).await.path, "/params");
    assert_eq!(stage.provider.count("keys"), 3);
}

#[tokio::test]
async fn the_secret_can_be_sent_in_the_form() {
    let stage = Stage::with(&[("OIDC_CLIENT_AUTH", "post")]).await;
    stage.provider.set(|b| b.wants_posted_secret = true);
    assert_eq!(stage.signs_in(&stage.app.nobody()).await.path, "/params");
}

#[tokio::test]
async fn with_a_provider_nobody_signs_in_as_a_sample_person() {
    let stage = Stage::set().await;
    let page = stage.app.nobody().get("/sign-in").await;
    assert_eq!(page.count("button[name=person]"), 0);
    let form = [("person".into(), "2".into())];
    let page = stage.app.nobody().post("/sign-in", &form).await;
    assert!(page.path.starts_with("/sign-in"));
    assert_eq!(
        stage
            .app
            .count("select count(*) from users where kind = 'sample'")
            .await,
        0
    );
}

/// Everything that the whole app would log on this thread, at the most talkative level.
#[test]
fn no_log_line_holds_a_token_a_code_a_verifier_or_the_secret() {
    let kept = Kept::default();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(kept.clone())
        .finish();
    tracing::subscriber::set_global_default(log).ok();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let stage = Stage::set().await;
        stage.signs_in(&stage.app.nobody()).await;
        let without = |tokens: &mut Value| tokens["token_type"] = json!(7);
        stage.provider.set(|b| b.tokens = Some(Box::new(without)));
        stage.signs_in(&stage.app.nobody()).await;
        let lines = kept.text();
        assert!(lines.contains("nobody was signed in"), "nothing was logged");
        let mut secrets = stage.provider.set(|b| b.secrets.clone());
        secrets.extend([SECRET.to_owned(), crate::provider::ACCESS_TOKEN.to_owned()]);
        for line in lines.lines() {
            for secret in &secrets {
                assert!(!line.contains(secret), "{line}");
            }
        }
    });
}

#[derive(Clone, Default)]
struct Kept(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
