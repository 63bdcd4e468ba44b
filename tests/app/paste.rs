//! Pasting a block: what the preview shows is what applying does, in one batch, and what is refused stays as it was.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;
use std::{fmt::Write as _, time::Instant};

/// One initiative with so many approved params and a score, as SQL.
async fn seed(app: &TestApp, rows: usize) {
    let seed = crate::statements::SEED.replace("ROWS", &rows.to_string());
    let seeded = app.database.db.write(async move |mut conn| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(seed))
            .execute(&mut *conn)
            .await
    });
    seeded.await.expect("a seed");
}

/// Pastes over the grid from a cell on, as the script does; the preview.
async fn previews(person: &Person, from: (&str, usize), text: &str) -> Page {
    let page = person.get("/params/paste").await;
    let (_, mut fields) = page.form("#paste-page");
    for (name, value) in [
        ("text", text.to_owned()),
        ("at", from.0.to_owned()),
        ("column", from.1.to_string()),
    ] {
        fields.retain(|(field, _)| field != name);
        fields.push((name.to_owned(), value));
    }
    person.post("/params/paste/preview", &fields).await
}

async fn applies(person: &Person, preview: &Page) -> Page {
    preview.submit(person, "#paste-apply", &[]).await
}

/// A block of label, value, unit, range, source and evidence for so many rows.
fn block(rows: usize, spoil: impl Fn(usize) -> bool) -> String {
    let mut text = String::new();
    for row in 1..=rows {
        let value = if spoil(row) {
            "n/a".to_owned()
        } else {
            (row * 10).to_string()
        };
        let _ = writeln!(
            text,
            "Label {row}\t{value}\tvisits\t0 to 9000\tEng\thttps://data.example/{row}"
        );
    }
    text
}

#[tokio::test]
async fn of_a_block_of_200_by_6_exactly_the_10_bad_cells_are_refused_and_the_rest_is_one_batch() {
    let app = TestApp::start().await;
    seed(&app, 200).await;
    let pm = app.sign_in(Role::Pm).await;
    let preview = previews(&pm, ("1", 0), &block(200, |row| row % 20 == 0)).await;
    let listed = preview.texts("section[aria-labelledby='refused'] li");
    assert_eq!(listed.len(), 10, "each before the table: {listed:?}");
    assert!(
        listed[0].contains("(INIT-1, Math model), Value, n/a"),
        "{listed:?}"
    );
    assert_eq!(preview.status, StatusCode::OK);
    assert_eq!(
        preview.text("#main > p strong"),
        "1190 changed, 0 unchanged, 10 refused"
    );
    assert_eq!(preview.count(".pasted .refused"), 10);
    assert_eq!(preview.count(".pasted ins"), 1_190);
    assert!(
        preview
            .text(".effects")
            .contains("Scores that turn stale: 1 (INIT-1 Math model)")
    );
    assert!(
        preview
            .text(".effects")
            .contains("Approvals that fall: 200")
    );
    assert_eq!(
        app.count("select count(*) from change_log").await,
        0,
        "a preview writes nothing"
    );

    let began = Instant::now();
    let done = applies(&pm, &preview).await;
    println!("200 by 6 applied in {:?}", began.elapsed());
    assert_eq!(done.status, StatusCode::OK, "{}", done.text("body"));
    let notice = done.text("#notices");
    assert!(
        notice.contains("Pasted 1190 cells into 200 rows. 10 refused."),
        "{notice}"
    );
    // 200 ranges are two fields each, of which the upper and the lower both change
    let fields = "select count(*) from change_log where entity = 'param' and field in \
                  ('param_display', 'value', 'unit', 'min', 'source', 'evidence_link')";
    assert_eq!(app.count(fields).await, 1_190);
    assert_eq!(
        app.count("select count(distinct batch_id) from change_log")
            .await,
        1
    );
    assert_eq!(
        app.count("select count(*) from change_log where through <> 'paste'")
            .await,
        0
    );
    let batch = done.attribute("#notices form[action$='/undo']", "action");
    let known = app.database.db.read(async move |mut conn| {
        sqlx::query_scalar::<_, String>(
            "select '/changes/' || batch_id || '/undo' from change_log limit 1",
        )
        .fetch_one(&mut *conn)
        .await
    });
    assert_eq!(known.await.unwrap(), batch);
    let stale = "select count(*) from initiative_frameworks where status = 'stale'";
    assert_eq!(app.count(stale).await, 1);
    let live =
        "select count(*) from approvals where subject_kind = 'param' and withdrawn_at is null";
    assert_eq!(app.count(live).await, 0);
    assert_eq!(
        app.count("select count(*) from params where value = 200")
            .await,
        1,
        "that of row 200 stays"
    );
}

#[tokio::test]
async fn the_same_block_again_changes_nothing() {
    let app = TestApp::start().await;
    seed(&app, 3).await;
    let pm = app.sign_in(Role::Pm).await;
    let text = block(3, |_| false);
    let preview = previews(&pm, ("1", 0), &text).await;
    let (action, fields) = preview.form("#paste-apply");
    let first = pm.post(&action, &fields).await;
    let logged = app.count("select count(*) from change_log").await;
    let again = pm.post(&action, &fields).await;
    assert!(again.text("#notices").contains("pasted already"));
    let undo = |page: &Page| page.attribute("#notices form[action$='/undo']", "action");
    assert_eq!(undo(&again), undo(&first));
    assert_eq!(app.count("select count(*) from change_log").await, logged);
    let preview = previews(&pm, ("1", 0), &text).await;
    assert_eq!(
        preview.text("#main > p strong"),
        "0 changed, 18 unchanged, 0 refused"
    );
    assert_eq!(preview.count("#paste-apply button"), 0);
}

#[tokio::test]
async fn rows_that_changed_since_the_preview_are_left_out_and_named() {
    let app = TestApp::start().await;
    seed(&app, 3).await;
    let pm = app.sign_in(Role::Pm).await;
    let preview = previews(&pm, ("1", 1), "10\n20\n30").await;
    pm.fill("INIT-1", "param_2", "value", "99").await;
    let done = applies(&pm, &preview).await;
    let notice = done.text("#notices");
    assert!(notice.contains("Pasted 2 cells into 2 rows."), "{notice}");
    assert!(
        notice.contains("1 param changed since the preview"),
        "{notice}"
    );
    assert!(notice.contains("Parameter 2"), "{notice}");
    assert_eq!(
        app.count("select value::bigint from params where id = 2")
            .await,
        99
    );
}

#[tokio::test]
async fn each_cell_asks_the_rights_of_an_edit() {
    let app = TestApp::start().await;
    seed(&app, 2).await;
    let eng = app.sign_in(Role::Eng).await;
    // Value, unit, range, source: whose a param of Analytics is, Eng doesn't decide.
    let preview = previews(&eng, ("1", 1), "10\t\u{a3}\t0 to 90\tEng").await;
    assert_eq!(
        preview.text("#main > p strong"),
        "2 changed, 1 unchanged, 1 refused"
    );
    assert!(
        preview
            .text(".refused")
            .contains("Only Analytics, a PM or an admin")
    );
    let viewer = app.sign_in(Role::Viewer).await;
    let preview = previews(&viewer, ("1", 1), "10").await;
    assert_eq!(
        preview.text("#main > p strong"),
        "0 changed, 0 unchanged, 1 refused"
    );
    assert_eq!(viewer.get("/params").await.count("#block, #bulk, .pick"), 0);
}

#[tokio::test]
async fn what_hangs_over_the_list_lands_nowhere_and_too_much_is_refused_in_words() {
    let app = TestApp::start().await;
    seed(&app, 2).await;
    let pm = app.sign_in(Role::Pm).await;
    let preview = previews(&pm, ("2", 5), "https://a.example\tx\ny").await;
    assert_eq!(
        preview.text("#main > p strong"),
        "1 changed, 0 unchanged, 2 refused"
    );
    let outside = preview.text("section[aria-labelledby='outside']");
    assert!(outside.contains("Row 1, column 2"), "{outside}");
    assert!(
        outside.contains("There are no more rows in the list"),
        "{outside}"
    );
    let refused = previews(&pm, ("1", 0), &"1\n".repeat(5_001)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text("#paste-error").contains("at most 5,000"));
    let refused = previews(&pm, ("", 0), "1\t2").await;
    assert!(refused.text("#paste-error").contains("initiative_key"));
}

#[tokio::test]
async fn a_downloaded_list_pasted_back_changes_nothing_and_its_rows_are_found_by_name() {
    let app = TestApp::start().await;
    seed(&app, 3).await;
    let pm = app.sign_in(Role::Pm).await;
    let csv = String::from_utf8(pm.bytes("/params.csv?q=param").await).unwrap();
    assert!(
        csv.contains("\"INIT-1\",\"MATH_MODEL\",\"param_1\""),
        "{csv}"
    );
    let preview = previews(&pm, ("", 0), &csv).await;
    let counts = preview.text("#main > p strong");
    assert!(
        counts.starts_with("0 changed,") && counts.ends_with(" 0 refused"),
        "{counts}"
    );

    let text = "initiative_key\tparam_name\tvalue\tapproved\nINIT-1\tparam_3\t7\tno\nINIT-1\tnone\t1\t\nINIT-1\tparam_3\t8\t\n";
    let preview = previews(&pm, ("", 0), text).await;
    assert_eq!(
        preview.text("#main > p strong"),
        "1 changed, 0 unchanged, 3 refused"
    );
    assert!(
        preview
            .text(".refused")
            .contains("A paste neither approves nor withdraws")
    );
    let outside = preview.text("section[aria-labelledby='outside']");
    assert!(outside.contains("There is no such param"), "{outside}");
    assert!(
        outside.contains("An earlier row is about the same param"),
        "{outside}"
    );
    applies(&pm, &preview).await;
    assert_eq!(
        app.count("select value::bigint from params where id = 3")
            .await,
        7
    );
}

#[tokio::test]
async fn what_a_form_would_ask_is_refused_with_the_proposal_and_the_page_comes_back_to_the_initiative()
 {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * 2")
        .await;
    pm.fill("INIT-1", "margin", "unit", "%").await;
    let preview = previews(&pm, ("1", 1), "4").await;
    assert!(
        preview.text(".refused").contains("4 % (0.04)"),
        "{}",
        preview.text(".refused")
    );
    let preview = previews(&pm, ("1", 1), "4%").await;
    assert!(preview.text(".pasted ins").contains("4 % (0.04)"));
    let (action, mut fields) = preview.form("#paste-apply");
    fields.retain(|(name, _)| name != "next");
    fields.push(("next".into(), "/initiatives/INIT-1".into()));
    let done = pm.post(&action, &fields).await;
    assert!(done.text("h1").contains("Checkout conversion value"));
    assert!(done.text("#notices").contains("Pasted 1 cell into 1 row."));
}
