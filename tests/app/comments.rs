//! Comments: said, taken back, kept, and brought into the queue of whoever is called.

use crate::{
    mirror::eventually,
    support::{Page, Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

const THREAD: &str = "form[action='/initiatives/INIT-1/comments']";

async fn say(person: &Person, text: &str) -> Page {
    let page = person.get("/initiatives/INIT-1").await;
    page.submit(person, THREAD, &[("text", text)]).await
}

async fn with_initiative() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    (app, pm)
}

#[tokio::test]
async fn what_is_said_stands_on_the_page_under_its_authors_name() {
    let (app, pm) = with_initiative().await;
    let page = say(&pm, "Is the <b>margin</b> net?\nSee the deck.").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text("main"));
    let finance = app.sign_in(Role::Finance).await;
    let page = finance.get("/initiatives/INIT-1").await;
    let comment = page.text("#comments li");
    assert!(
        comment.contains("Priya Nair") && comment.contains("Is the <b>margin</b> net?"),
        "{comment}"
    );
}

#[tokio::test]
async fn a_param_and_a_model_have_threads_of_their_own_within_the_initiatives() {
    let (_app, pm) = with_initiative().await;
    let param = pm.get("/initiatives/INIT-1").await.param_id("margin");
    let form = format!("form[action='/params/{param}/comments']");
    let path = format!("/params/{param}");
    let text = [("text", "Net or gross?")];
    pm.get(&path).await.submit(&pm, &form, &text).await;
    let model = [("text", "Monthly, please")];
    let page = pm.get("/math-models/1").await;
    page.submit(&pm, "form[action='/math-models/1/comments']", &model)
        .await;
    assert_eq!(
        pm.get(&path).await.texts("#comments .said"),
        ["Net or gross?"]
    );
    let whole = pm.get("/initiatives/INIT-1").await;
    assert_eq!(
        whole.texts("#comments .said"),
        ["Net or gross?", "Monthly, please"]
    );
    assert_eq!(whole.attribute("#comments li a", "href"), path);
}

#[tokio::test]
async fn whoever_is_called_finds_it_in_their_queue_until_they_settle_it_or_answer() {
    let (app, pm) = with_initiative().await;
    let finance = app.sign_in(Role::Finance).await;
    say(&pm, "@Fiona Grant, is 30 % right?").await;
    let queue = finance.get("/queue").await;
    assert!(
        queue.text(".waits").contains("Priya Nair in INIT-1"),
        "{}",
        queue.text("main")
    );
    eventually("the count", async || {
        // the margin's value and the mention
        let page = finance.get("/backlog").await;
        page.find_text("nav .count").as_deref() == Some("2")
    })
    .await;
    let done = queue.submit_button(&finance, "Done").await;
    let says = "What Priya Nair in INIT-1 says no longer waits for you.";
    assert!(
        done.text("#notices").contains(says),
        "{}",
        done.text("body")
    );
    // Nobody is told so of what another was called by.
    let path = done.path.as_str();
    assert_eq!(pm.get(path).await.text("#notices"), "");
    assert!(
        !finance
            .get("/queue")
            .await
            .text("main")
            .contains("Priya Nair")
    );

    say(&pm, "@fiona once more").await;
    assert!(
        finance
            .get("/queue")
            .await
            .text("main")
            .contains("once more")
    );
    say(&finance, "Yes, it is.").await;
    assert!(
        !finance
            .get("/queue")
            .await
            .text("main")
            .contains("once more")
    );
}

#[tokio::test]
async fn a_comment_that_cannot_be_taken_comes_back_with_what_was_typed() {
    let (app, pm) = with_initiative().await;
    app.run("insert into users (email, name, page_roles) values ('fiona.hall@example.com', 'Fiona Hall', '{pm}')")
        .await;
    for (typed, why) in [
        ("  ", "Write something first"),
        ("@Fiona look", "fits Fiona Grant and Fiona Hall"),
    ] {
        let page = say(&pm, typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(page.text("#comment-error").contains(why), "{}", page.html);
        assert_eq!(page.text("#comment-text"), typed.trim());
    }
    assert_eq!(app.count("select count(*) from comments").await, 0);
}

#[tokio::test]
async fn only_its_author_takes_a_comment_back_and_the_row_stays() {
    let (app, pm) = with_initiative().await;
    say(&pm, "@Fiona, a slip").await;
    let finance = app.sign_in(Role::Finance).await;
    let theirs = finance.get("/initiatives/INIT-1").await;
    assert_eq!(theirs.count("form[action='/comments/1/withdrawal']"), 0);
    let refused = finance.post("/comments/1/withdrawal", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = pm.get("/initiatives/INIT-1").await;
    page.submit(&pm, "form[action='/comments/1/withdrawal']", &[])
        .await;
    let page = finance.get("/initiatives/INIT-1").await;
    assert!(page.text("#comments").contains("Taken back by its author"));
    assert!(!page.html.contains("a slip"));
    assert!(!finance.get("/queue").await.text("main").contains("Priya"));
    assert_eq!(app.count("select count(*) from comments").await, 1);
}

#[tokio::test]
async fn a_viewer_reads_comments_and_says_nothing() {
    let (app, pm) = with_initiative().await;
    say(&pm, "Hello").await;
    let viewer = app.sign_in(Role::Viewer).await;
    let page = viewer.get("/initiatives/INIT-1").await;
    assert_eq!(page.count(THREAD), 0);
    assert!(page.text("#comments").contains("can comment"));
    let refused = viewer
        .post(
            "/initiatives/INIT-1/comments",
            &[("text".into(), "Hi".into())],
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_comment_sent_twice_is_said_once() {
    let (app, pm) = with_initiative().await;
    let page = pm.get("/initiatives/INIT-1").await;
    for _ in 0..2 {
        page.submit(&pm, THREAD, &[("text", "Once")]).await;
    }
    assert_eq!(app.count("select count(*) from comments").await, 1);
}

#[tokio::test]
async fn a_comment_is_never_changed_nor_deleted_in_the_database() {
    let (app, pm) = with_initiative().await;
    say(&pm, "Said is said").await;
    for statement in [
        "update comments set body = 'other'",
        "delete from comments",
        "truncate comments cascade",
    ] {
        let refused = app
            .database
            .db
            .write(async move |mut conn| sqlx::query(statement).execute(&mut *conn).await)
            .await;
        assert!(refused.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn whoever_writes_a_name_that_nobody_has_is_told_that_it_calls_nobody() {
    let (_app, pm) = with_initiative().await;
    let page = say(&pm, "@Nobody and @Fiona: is 5 @ 30 % right?").await;
    let note = page.text("#comments [role=status]");
    assert!(
        note.contains("Nobody here goes by “@Nobody”, so it calls nobody"),
        "{note}"
    );
    assert_eq!(page.count("#comments .said"), 1, "it stands all the same");
    let page = say(&pm, "@Fiona, once more").await;
    assert_eq!(page.count("#comments [role=status]"), 0);
}
