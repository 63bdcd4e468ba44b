//! Every change is written down, in sentences, and the database itself guards what is written.

use crate::support::TestApp;
use productops::{domain::rights::Role, store::change_log};

#[tokio::test]
async fn the_history_of_an_initiative_reads_as_sentences_with_who_and_when() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    pm.approve("INIT-1", "sessions").await;
    let history = pm.get("/initiatives/INIT-1/history").await;
    let text = history.text("main");
    for sentence in [
        "created INIT-1",
        "saved version 1 of the formula",
        "approved the formula",
        "to 400",
        "Priya Nair",
        "approved Sessions at 400 sessions",
    ] {
        assert!(text.contains(sentence), "no {sentence:?} in {text}");
    }
    let filtered = pm.get("/initiatives/INIT-1/history?field=approval").await;
    assert_eq!(filtered.count(".history > li"), 1);
}

#[tokio::test]
async fn the_database_refuses_to_change_or_delete_what_is_evidence() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    pm.approve("INIT-1", "sessions").await;
    for sql in [
        "update change_log set new = '1'",
        "delete from change_log",
        "truncate change_log",
        "update scores set value = 1",
        "delete from scores",
        "truncate scores cascade",
        "update formula_versions set text = 'value = 1'",
        "delete from formula_versions",
        "delete from approvals",
        "update approvals set approved_by = 1",
        "update approvals set content = '{}'",
    ] {
        let db = &app.database.db;
        let done: sqlx::Result<_> = db
            .read(async move |mut conn| sqlx::query(sql).execute(&mut *conn).await)
            .await;
        let error = done.expect_err(sql).to_string();
        assert!(
            error.contains("append-only") || error.contains("only be withdrawn"),
            "{sql}: {error}"
        );
    }
}

#[tokio::test]
async fn only_one_model_drives_and_only_one_approval_lives_whatever_the_code_does() {
    let app = TestApp::start().await;
    app.with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    for sql in [
        "insert into math_models (initiative_id, framework_id, scenario_label, drives, model_name, created_at, updated_at, updated_by)
         select initiative_id, framework_id, 'Optimistic', true, 'x', now(), now(), updated_by from math_models",
        "insert into approvals (subject_kind, subject_id, part, content, formula_version_id, approved_by, approved_at, origin)
         select subject_kind, subject_id, part, content, formula_version_id, approved_by, now(), 'person' from approvals",
    ] {
        let db = &app.database.db;
        let done: sqlx::Result<_> =
            db.read(async move |mut conn| sqlx::query(sql).execute(&mut *conn).await).await;
        assert!(done.expect_err(sql).to_string().contains("duplicate key"), "{sql}");
    }
}

#[tokio::test]
async fn a_byte_changed_behind_the_triggers_back_is_found() {
    let app = TestApp::start().await;
    app.with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let broken = || async {
        let db = &app.database.db;
        db.read(async move |mut conn| change_log::first_broken(&mut conn).await)
            .await
            .unwrap()
    };
    assert_eq!(broken().await, None);
    for tamper in [
        "update change_log set subject = subject || '!' where seq = 3",
        "delete from change_log where seq = (select max(seq) from change_log)",
    ] {
        let db = &app.database.db;
        db.transaction(async move |mut tx| -> sqlx::Result<()> {
            sqlx::query("alter table change_log disable trigger user")
                .execute(&mut *tx)
                .await?;
            sqlx::query(tamper).execute(&mut *tx).await?;
            sqlx::query("alter table change_log enable trigger user")
                .execute(&mut *tx)
                .await?;
            Ok(())
        })
        .await
        .unwrap();
        assert!(broken().await.is_some(), "{tamper}");
    }
}

#[tokio::test]
async fn archiving_hides_and_restoring_brings_back_with_nothing_lost() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let page = pm.create("INIT-1", "One", "RICE").await;
    let archived = page.submit_button(&pm, "Archive").await;
    assert!(
        archived.text("#heading").contains("Archived"),
        "{}",
        archived.text("#heading")
    );
    assert_eq!(pm.get("/backlog").await.count("#initiative-INIT-1"), 0);
    assert_eq!(
        pm.get("/backlog?archived=1")
            .await
            .count("#initiative-INIT-1"),
        1
    );
    archived.submit_button(&pm, "Restore").await;
    assert_eq!(pm.get("/backlog").await.count("#initiative-INIT-1"), 1);
}

#[tokio::test]
async fn the_history_of_everything_is_filtered_paged_and_given_as_a_file() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.create("INIT-2", "Two", "RICE").await;
    let analytics = app.sign_in(Role::Analytics).await;
    analytics.fill("INIT-1", "sessions", "value", "400").await;
    let all = app.count("select count(*) from change_log").await;
    let count = async |query: &str| {
        pm.get(&format!("/history{query}"))
            .await
            .count("ol.history > li")
    };
    assert_eq!(i64::try_from(count("").await).unwrap(), all);
    assert_eq!(count("?kind=param&field=value").await, 1);
    let anders = app
        .count("select id from users where email = 'anders@example.com'")
        .await;
    assert_eq!(count(&format!("?person={anders}")).await, 1);
    assert_eq!(
        count("?initiative=init-1&through=form&kind=math_model&field=formula").await,
        1
    );
    for nothing in [
        "?initiative=INIT-9",
        "?initiative=x",
        "?from=2099-01-01",
        "?to=2001-01-01",
        "?through=paste",
        "?person=x",
    ] {
        assert_eq!(count(nothing).await, 0, "{nothing}");
    }
    let csv = String::from_utf8(pm.bytes("/history.csv?kind=param&field=value").await).unwrap();
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(
        csv.contains("Anders Holm") && csv.contains("set the value of Sessions to 400"),
        "{csv}"
    );
    assert!(pm.bytes("/history.xlsx").await.starts_with(b"PK"));
    for i in 0..60 {
        pm.fill("INIT-1", "sessions", "notes", &format!("note {i}"))
            .await;
        pm.fill("INIT-1", "sessions", "unit", &format!("u{i}"))
            .await;
    }
    let first = pm.get("/history").await;
    assert_eq!(first.count("ol.history > li"), 100);
    let next = first.attribute(".pager a[rel=next]", "href");
    let rest = pm.get(&next).await.count("ol.history > li");
    assert_eq!(
        i64::try_from(100 + rest).unwrap(),
        app.count("select count(*) from change_log").await
    );
}

#[tokio::test]
async fn what_the_history_does_not_know_is_shown_by_what_it_was_called() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    let db = &app.database.db;
    let logged = db.write(async move |mut conn| {
        sqlx::query(
            "insert into change_log (entity, entity_id, entity_revision, field, subject, old, new, batch_id, through, actor_id, at)
             values ('person', 7, 2, 'roles', 'Bo Ek', '[\"viewer\"]', '[\"pm\"]', gen_random_uuid(), 'form', 1, now()),
                    ('weather', 7, 2, 'rain_or_shine', 'London', null, '{\"a\": 1}', gen_random_uuid(), 'form', 1, now())",
        )
        .execute(&mut *conn)
        .await
    });
    logged.await.unwrap();
    let text = pm.get("/history").await.text("main");
    assert!(
        text.contains("of Bo Ek") && text.contains("of London"),
        "{text}"
    );
    assert!(
        pm.get("/history?kind=weather")
            .await
            .text("main")
            .contains("London")
    );
}
