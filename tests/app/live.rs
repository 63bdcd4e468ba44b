//! Others' changes over HTTP: the stream tells what every way in has committed, and ends when it should.

use crate::{
    facts::{adds, approves, follows},
    support::{Page, Person, TestApp, serve},
};
use productops::domain::rights::Role;
use reqwest::{Response, StatusCode};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long an event may take. Reached only when a test fails.
const PATIENCE: Duration = Duration::from_secs(15);
/// The promise.
const SOON: Duration = Duration::from_secs(2);

/// An open stream, read piece by piece.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(person: &Person) -> Self {
        let response = person.stream("/live?age=0").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(response.headers().contains_key("content-security-policy"));
        Self {
            response,
            text: String::new(),
        }
    }

    /// Reads until it says this; what it said up to there.
    async fn hears(&mut self, wanted: &str, within: Duration) -> String {
        let read = async {
            while !self.text.contains(wanted) {
                let piece = self.response.chunk().await.expect("a stream");
                let piece = piece.unwrap_or_else(|| panic!("ended after {}", self.text));
                self.text.push_str(&String::from_utf8_lossy(&piece));
            }
        };
        let heard = timeout(within, read).await;
        assert!(heard.is_ok(), "no {wanted} in {}", self.text);
        std::mem::take(&mut self.text)
    }

    /// Reads to the end.
    async fn ends(mut self) {
        let read = async { while let Ok(Some(_)) = self.response.chunk().await {} };
        assert!(timeout(PATIENCE, read).await.is_ok(), "it goes on");
    }
}

#[tokio::test]
async fn nobody_hears_nothing() {
    let app = TestApp::start().await;
    let answer = app
        .nobody()
        .raw(|client, base| client.get(format!("{base}/live")))
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_edit_is_told_with_who_did_it_and_which_form_it_concerns() {
    let app = TestApp::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let anders = app.sign_in(Role::Analytics).await;
    let mut stream = Stream::open(&priya).await;
    anders.fill("INIT-1", "sessions", "value", "400").await;
    let said = stream.hears("/fields/value", SOON).await;
    assert!(said.contains("event: changed"), "{said}");
    assert!(said.contains("\"INIT-1\""), "{said}");
    assert!(said.contains("Anders Holm"), "{said}");

    // An act in a transaction of several statements.
    anders.approve("INIT-1", "sessions").await;
    stream.hears("/fields/approval", SOON).await;
}

#[tokio::test]
async fn what_waits_for_a_reader_is_told_when_it_changes() {
    let app = TestApp::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let anders = app.sign_in(Role::Analytics).await;
    let mut stream = Stream::open(&anders).await;
    let said = stream.hears("bar-queue", SOON).await;
    assert!(
        said.contains("event: bar") && said.contains("bar-mirror"),
        "{said}"
    );
    priya
        .fill("INIT-1", "sessions", "source", "Analytics")
        .await;
    stream.hears(", 1 waiting", PATIENCE).await;
}

#[tokio::test]
async fn an_import_with_its_savepoints_is_told_even_while_others_look() {
    let app = TestApp::start().await;
    let ada = app.sign_in(Role::Admin).await;
    let mut stream = Stream::open(&ada).await;
    let backlog = ada.get("/backlog").await;
    backlog
        .submit(&ada, "form[action='/sample-data']", &[])
        .await;
    stream.hears("INIT-", PATIENCE).await;
}

#[tokio::test]
async fn what_a_transaction_began_before_a_look_is_told_after_its_commit() {
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    priya.create("INIT-1", "First", "MATH_MODEL").await;
    let mut slow = app.database.connect().await;
    // As an import does: a savepoint within a long transaction. Raw, so that no process hears of its commit.
    let change = "begin; savepoint row; \
        insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, batch_id, through, \
          actor_id, at) \
        select i.id, 'initiative', i.id, 99, 'hypothesis', 'First', gen_random_uuid(), 'import', u.id, now() \
        from initiatives i, users u where i.key = 'INIT-1' limit 1; release savepoint row";
    sqlx::raw_sql(change).execute(&mut slow).await.unwrap();

    let mut stream = Stream::open(&priya).await;
    for title in ["Second", "Third"] {
        priya
            .create(&format!("INIT-{}", title.len()), title, "MATH_MODEL")
            .await;
        stream.hears("event: changed", SOON).await;
    }
    sqlx::raw_sql("commit").execute(&mut slow).await.unwrap();
    stream.hears("/fields/hypothesis", PATIENCE).await;
}

#[tokio::test]
async fn two_servers_on_one_database_hear_of_each_others_changes() {
    let app = TestApp::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let mut stream = Stream::open(&priya).await;
    let (base, _other) = serve(app.database.db.apart(4), &[("MIRROR_MODE", "off")]).await;
    let anders = Person::nobody_at(base);
    let page = anders.get("/sign-in").await;
    page.submit_button(&anders, "Anders Holm").await;
    anders.fill("INIT-1", "sessions", "value", "400").await;
    stream.hears("Anders Holm", SOON).await;
}

#[tokio::test]
async fn a_listener_that_was_cut_off_comes_back_and_has_every_page_fetch_anew() {
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    let mut stream = Stream::open(&priya).await;
    // Once something was heard, the listener is there.
    priya.create("INIT-1", "First", "MATH_MODEL").await;
    stream.hears("event: changed", SOON).await;
    let cut = app
        .count(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity \
             where datname = current_database() and application_name = 'productops beside' and pid <> pg_backend_pid()",
        )
        .await;
    assert!(cut > 0);
    stream.hears("event: resync", PATIENCE).await;
    priya.create("INIT-2", "Second", "MATH_MODEL").await;
    stream.hears("INIT-2", SOON).await;
}

#[tokio::test]
async fn the_stream_ends_with_the_session() {
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    let stream = Stream::open(&priya).await;
    app.count("with gone as (delete from sessions returning 1) select count(*) from gone")
        .await;
    stream.ends().await;
}

/// Memory of the process, in kB, and the CPU time it has used.
fn used() -> (u64, Duration) {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/self/{file}")).unwrap();
    let status = read("status");
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let memory = line.unwrap().split_whitespace().nth(1).unwrap();
    let stat = read("stat");
    let mut fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11);
    let mut ticks = || fields.next().unwrap().parse::<u64>().unwrap();
    let cpu = Duration::from_millis((ticks() + ticks()) * 10);
    (memory.parse().unwrap(), cpu)
}

/// What it costs is printed: `cargo test --test app two_hundred -- --nocapture`
#[tokio::test]
async fn two_hundred_open_browsers_on_one_process_all_hear_an_edit_and_of_each_other_at_once() {
    const BROWSERS: usize = 200;
    let app = TestApp::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let (before, _) = used();
    let mut streams = Vec::new();
    for _ in 0..BROWSERS {
        streams.push(Stream::open(&priya).await);
    }
    let (open, cpu) = used();
    let began = Instant::now();
    for tab in 0..20 {
        assert_eq!(
            is_here(&priya, &format!("t{tab}"), "INIT-1", "")
                .await
                .status,
            StatusCode::OK
        );
    }
    let beats = (began.elapsed() / 20, (used().1.saturating_sub(cpu)) / 20);
    let anders = app.sign_in(Role::Analytics).await;
    let began = Instant::now();
    is_here(&anders, "his", "INIT-1", "").await;
    for stream in &mut streams {
        stream.hears("Anders Holm", SOON).await;
    }
    let seen = began.elapsed();
    let began = Instant::now();
    priya.fill("INIT-1", "sessions", "value", "400").await;
    let saved = began.elapsed();
    for stream in &mut streams {
        stream.hears("/fields/value", SOON).await;
    }
    println!(
        "{BROWSERS} streams, both ends in one process: {} kB each; a sign of life {:?}, {:?} of CPU; \
         somebody who comes is told to all in {seen:?}; an edit is saved in {saved:?}, told to all in {:?}",
        open.saturating_sub(before) / BROWSERS as u64,
        beats.0,
        beats.1,
        began.elapsed(),
    );
}

/// Somebody's page says that it is in sight.
async fn is_here(person: &Person, tab: &str, at: &str, edits: &str) -> Page {
    let form = [("tab", tab), ("at", at), ("edits", edits)];
    let request = person.raw(|client, base| {
        let post = client.post(format!("{base}/presence")).form(&form);
        post.header("sec-fetch-site", "same-origin")
    });
    request.await
}

#[tokio::test]
async fn who_comes_to_a_page_and_what_they_edit_is_told_and_that_they_leave() {
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    let anders = app.sign_in(Role::Analytics).await;
    let mut stream = Stream::open(&priya).await;
    is_here(&anders, "his", "INIT-1", "").await;
    let said = stream.hears("\"AH\"", SOON).await;
    assert!(said.contains("event: present"), "{said}");
    assert!(said.contains("\"INIT-1\":[{"), "{said}");
    is_here(&anders, "his", "INIT-1", "/params/1/fields/value").await;
    stream.hears("/params/1/fields/value", SOON).await;

    // Whoever comes later hears of him at once, also what he edits on another page.
    let here = is_here(&priya, "hers", "params", "").await.html;
    assert!(here.contains("/params/1/fields/value"), "{here}");
    let gone = is_here(&anders, "his", "", "").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    stream.hears("\"INIT-1\":[]", SOON).await;
}

#[tokio::test]
async fn people_at_two_servers_on_one_database_see_each_other() {
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    let mut stream = Stream::open(&priya).await;
    let (base, _other) = serve(app.database.db.apart(4), &[("MIRROR_MODE", "off")]).await;
    let anders = Person::nobody_at(base);
    let page = anders.get("/sign-in").await;
    page.submit_button(&anders, "Anders Holm").await;
    is_here(&anders, "his", "INIT-1", "").await;
    stream.hears("Anders Holm", SOON).await;
    let here = is_here(&priya, "hers", "INIT-1", "").await.html;
    assert!(here.contains("Anders Holm"), "{here}");
    is_here(&anders, "his", "", "").await;
    // Both are told: her own coming, and his going.
    stream.hears("\"name\":\"Priya Nair\"}]", SOON).await;
}

#[tokio::test]
async fn an_open_page_does_not_prolong_a_session_and_nonsense_about_it_is_refused() {
    const OLD: &str =
        "select count(*) from sessions where last_seen_at < now() - interval '1 hour'";
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    app.run("update sessions set last_seen_at = now() - interval '2 hours'")
        .await;
    is_here(&priya, "hers", "INIT-1", "").await;
    assert_eq!(app.count(OLD).await, 1);
    for (at, edits) in [("<b>", ""), ("A,B,C", ""), ("INIT-1", "javascript:x")] {
        let answer = is_here(&priya, "hers", at, edits).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{at} {edits}");
    }
}

#[tokio::test]
async fn lists_are_told_where_a_row_was_added_and_only_there() {
    let app = TestApp::start().await;
    let priya = app.sign_in(Role::Pm).await;
    let mut stream = Stream::open(&priya).await;
    priya.create("INIT-1", "First", "MATH_MODEL").await;
    stream.hears("\"adds\":true", SOON).await;
    priya.save_formula("INIT-1", "value = sessions").await;
    let said = stream.hears("/formula\"", SOON).await;
    assert!(!said.contains("\"adds\""), "{said}");
}

#[tokio::test]
async fn whoever_looks_at_shared_facts_hears_what_is_proposed_and_who_follows() {
    let app = TestApp::start().await;
    let priya = app.with_approved_formula("INIT-1", "value = aov * 2").await;
    let fay = app.sign_in(Role::Finance).await;
    let mut stream = Stream::open(&priya).await;
    adds(&fay, "Average order value", "£45", "Finance").await;
    let said = stream.hears("/facts/1/proposal", SOON).await;
    assert!(
        said.contains("\"facts\"") && said.contains("\"adds\":true"),
        "{said}"
    );
    approves(&fay, "1").await;
    stream.hears("\"facts\"", SOON).await;
    let param = priya.get("/initiatives/INIT-1").await.param_id("aov");
    follows(&priya, &param, "1").await;
    let said = stream.hears("\"INIT-1\"", SOON).await;
    assert!(said.contains("\"facts\""), "{said}");
}

#[tokio::test]
async fn comments_are_told_as_they_are_made_and_taken_back() {
    let app = TestApp::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let anders = app.sign_in(Role::Analytics).await;
    let mut stream = Stream::open(&priya).await;
    let page = anders.get("/initiatives/INIT-1").await;
    let thread = "form[action='/initiatives/INIT-1/comments']";
    page.submit(&anders, thread, &[("text", "Which month?")])
        .await;
    // It is no field's.
    let said = stream.hears("\"what\":[]", SOON).await;
    assert!(
        said.contains("\"INIT-1\":{\"by\":{\"") && said.contains("Anders Holm"),
        "{said}"
    );
    let page = anders.get("/initiatives/INIT-1").await;
    page.submit_button(&anders, "Take back").await;
    stream.hears("\"what\":[]", SOON).await;
}

#[tokio::test]
async fn an_open_pages_count_goes_by_the_roles_and_settings_that_hold_by_now() {
    let app = TestApp::start().await;
    app.with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    let viewer = app.sign_in(Role::Viewer).await;
    let mut stream = Stream::open(&viewer).await;
    stream.hears("bar-queue", SOON).await;
    app.run("update users set page_roles = '{finance}' where kind = 'sample' and page_roles = '{viewer}'")
        .await;
    stream.hears(", 1 waiting", PATIENCE).await;
}
