//! Lists as files: every list has them, the page leads to them, and they hold what the page would show, all of it.

use crate::{
    facts::adds,
    support::{Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;

/// The lines of a list's CSV, after its headers; the page has to lead to it.
async fn lines(person: &Person, page: &str) -> Vec<String> {
    let shown = person.get(page).await;
    assert_eq!(shown.status, StatusCode::OK, "{page}");
    let href = shown.attribute(".downloads a[href*='.csv']", "href");
    let csv = String::from_utf8(person.bytes(&href).await).expect("text");
    assert!(csv.starts_with('\u{feff}'), "{href}: without its mark");
    let xlsx = person.bytes(&href.replace(".csv", ".xlsx")).await;
    assert!(xlsx.starts_with(b"PK"), "{href}: no workbook");
    csv.lines().skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn files_hold_all_that_a_page_has_no_room_for() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * 2")
        .await;
    for sql in [
        "insert into comments (initiative_id, entity, entity_id, subject, body, author_id, at)
         select 1, 'initiative', 1, 'One', 'remark ' || n, 1, now() from generate_series(1, 60) n",
        "insert into comment_mentions (comment_id, user_id)
         select c.id, u.id from comments c, users u where u.email = 'priya@example.com'",
        "insert into facts (name, created_at, updated_at, updated_by)
         select 'Fact ' || n, now(), now(), 1 from generate_series(1, 130) n",
        "insert into fact_proposals (fact_id, value, unit, source, proposed_by, proposed_at)
         select id, 1, '', 'PM', 1, now() from facts",
        "insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
         select 'T-' || n, 'Another', now(), 1, now(), 1 from generate_series(1, 210) n",
        "insert into math_models (initiative_id, framework_id, drives, model_name, created_at, updated_at, updated_by)
         select i.id, f.id, true, i.key, now(), now(), 1 from initiatives i, frameworks f
         where i.key like 'T-%' and f.key = 'MATH_MODEL'",
        "insert into formula_versions (owner_kind, owner_id, version, text, sha256, saved_by, saved_at)
         select 'math_model', id, 1, 'value = 1', sha256('value = 1'), 1, now() from math_models where model_name like 'T-%'",
        "insert into approvals (subject_kind, subject_id, part, content, formula_version_id, approved_by, approved_at, origin)
         select 'math_model', v.owner_id, 'formula', '{}', v.id, 1, now(), 'person'
         from formula_versions v where v.text = 'value = 1'",
        "insert into model_templates (math_model_id, name, when_to_use, marked_by, marked_at)
         select id, model_name, '', 1, now() from math_models where model_name like 'T-%'",
    ] {
        app.run(sql).await;
    }
    let page = pm.get("/queue").await;
    assert_eq!(page.count("section[aria-labelledby=mentions] li"), 50);
    let file = String::from_utf8(pm.bytes("/queue.csv").await).unwrap();
    assert_eq!(file.matches("Comments that call you").count(), 60);
    assert_eq!(file.matches("Changes of shared facts").count(), 130);
    let file = String::from_utf8(pm.bytes("/templates.csv").await).unwrap();
    assert_eq!(
        file.matches("T-").count(),
        2 * 210,
        "each with where it is kept"
    );
}

#[tokio::test]
async fn the_queue_is_a_file_with_everything_that_waits_beyond_the_page() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * sessions")
        .await;
    // More initiatives than a page of the queue shows.
    app.run(
        "with made as (
           insert into initiatives (key, title, created_by, created_at, updated_by, updated_at)
           select 'MANY-' || n, 'Many', 1, now(), 1, now() from generate_series(1, 60) n returning id
         )
         insert into initiative_frameworks (initiative_id, framework_id, is_on, status, missing)
         select made.id, (select min(id) from frameworks), true, 'not_ready',
           '[{\"what\":\"value\",\"name\":\"reach\",\"label\":\"Reach\",\"source\":\"Finance\"}]' from made",
    )
    .await;
    let finance = app.sign_in(Role::Finance).await;
    let file = lines(&finance, "/queue").await;
    let reach = file.iter().filter(|line| line.contains("Fill in Reach"));
    assert_eq!(reach.count(), 60, "{file:?}");
    let own = file.iter().find(|line| line.contains("\"INIT-1\""));
    let own = own.expect("the margin’s value");
    assert!(
        own.contains("\"Values to fill\",\"Fill in Margin\"") && own.contains("\"Finance\""),
        "{own}"
    );

    let page = pm.get("/initiatives/INIT-1").await;
    let thread = "form[action='/initiatives/INIT-1/comments']";
    page.submit(&pm, thread, &[("text", "@Fiona, net or gross?")])
        .await;
    adds(&pm, "Average order value", "£45", "Finance").await;
    let file = lines(&finance, "/queue").await;
    assert!(file[0].contains("@Fiona, net or gross?"), "{file:?}");
    assert!(file[1].contains("Approve Average order value"), "{file:?}");
    // What is filtered out is in no file.
    let file = lines(&finance, "/queue?task=fill&of=analytics").await;
    assert_eq!(file.len(), 1, "{file:?}");
    assert!(file[0].contains("Fill in Sessions"), "{file:?}");
}

#[tokio::test]
async fn people_are_a_file_with_the_columns_that_whoever_looks_may_see() {
    let app = TestApp::start().await;
    let (admin, viewer) = (
        app.sign_in(Role::Admin).await,
        app.sign_in(Role::Viewer).await,
    );
    app.run(
        "insert into users (name, email, kind) select 'Many ' || n, n || '@example.com', 'person'
         from generate_series(1, 120) n",
    )
    .await;
    let all = lines(&admin, "/people?state=all").await;
    let many = all.iter().filter(|line| line.starts_with("\"Many "));
    assert_eq!(many.count(), 120, "more than a page");
    let one = lines(&admin, "/people?q=Fiona").await;
    assert_eq!(one.len(), 1, "{one:?}");
    assert_eq!(one[0].matches(',').count(), 6, "{one:?}");
    let narrow = lines(&viewer, "/people?q=Fiona").await;
    assert_eq!(narrow[0].matches(',').count(), 4, "{narrow:?}");
}

#[tokio::test]
async fn frameworks_templates_and_an_initiatives_scores_are_files_too() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = margin * 200")
        .await;
    let file = lines(&pm, "/frameworks").await;
    let rice = file.iter().find(|line| line.starts_with("\"RICE\""));
    assert!(rice.is_some_and(|line| line.contains("reach")), "{file:?}");

    let found = lines(&pm, "/templates?q=uplift").await;
    let all = lines(&pm, "/templates").await;
    assert!(
        !found.is_empty() && found.len() < all.len(),
        "{} of {}",
        found.len(),
        all.len()
    );
    assert!(
        found
            .iter()
            .all(|line| line.to_lowercase().contains("uplift"))
    );

    let finance = app.sign_in(Role::Finance).await;
    for value in ["30%", "35%"] {
        finance.fill("INIT-1", "margin", "value", value).await;
        finance.approve("INIT-1", "margin").await;
    }
    let scores = lines(&pm, "/initiatives/INIT-1/scores").await;
    assert_eq!(scores.len(), 2, "{scores:?}");
    assert!(
        scores[0].contains("Margin 30 % → 35 %") && scores[0].contains(",70,"),
        "{scores:?}"
    );
    assert!(scores[1].contains("First score"), "{scores:?}");
}

#[tokio::test]
async fn the_files_that_came_in_are_a_file_themselves() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    for n in 0..55 {
        let name = format!("backlog {n}.csv");
        let file = format!("Key,Title\nINIT-{n},Seats\n");
        admin.uploads(&name, file.as_bytes()).await;
    }
    let file = lines(&admin, "/imports").await;
    assert_eq!(file.len(), 55, "more than a page");
    assert!(
        file[0].starts_with("\"backlog 54.csv\",\"Central Backlog\",\"Waits\""),
        "{}",
        file[0]
    );
    assert!(file[0].ends_with(",1,0,0,0,0"), "{}", file[0]);
}

#[tokio::test]
async fn no_other_kind_of_file_is_there() {
    let app = TestApp::start().await;
    let viewer = app.sign_in(Role::Viewer).await;
    for path in [
        "/queue.pdf",
        "/people.html",
        "/initiatives/INIT-9/scores.csv",
    ] {
        let answer = viewer.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
