//! The scoring page, the weighted overall, and both lists as files.

use crate::support::{Person, TestApp};
use calamine::{Data, Reader as _, Xlsx};
use productops::domain::rights::Role;
use reqwest::StatusCode;
use std::io::Cursor;

/// Two initiatives scored by RICE, one of them by a math model too, made through the pages.
async fn scored(app: &TestApp) -> Person {
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    pm.approve("INIT-1", "sessions").await;
    for (key, title) in [("INIT-2", "=HYPERLINK(\"x\")"), ("INIT-3", "Three")] {
        pm.create(key, title, "RICE").await;
    }
    let inputs = [("INIT-2", "1000"), ("INIT-3", "9000")];
    for (key, reach) in inputs {
        for (param, value) in [
            ("reach", reach),
            ("impact", "1"),
            ("confidence", "50%"),
            ("effort", "3"),
        ] {
            pm.fill(key, param, "value", value).await;
            pm.approve(key, param).await;
        }
    }
    pm
}

async fn set(pm: &Person, key: &str, field: &str, typed: &str) {
    let form = pm
        .get(&format!("/initiatives/{key}/fields/{field}/edit"))
        .await;
    let saved = form.submit(pm, "form.edit", &[("value", typed)]).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text("main"));
}

#[tokio::test]
async fn every_role_sees_all_frameworks_side_by_side_with_receipts() {
    let app = TestApp::start().await;
    scored(&app).await;
    for role in Role::ALL {
        let person = app.sign_in(role).await;
        let page = person.get("/scoring").await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.text("nav [aria-current]"), "Scoring");
        let row = page.text("#scoring-INIT-3");
        assert!(
            row.contains("1 of 2, active") && row.contains("1,500"),
            "{row}"
        );
        assert_eq!(
            page.attribute("#scoring-INIT-3 .name a", "href"),
            "/initiatives/INIT-3"
        );
        let receipt = page.attribute("#scoring-INIT-3 td.num a", "href");
        assert_eq!(person.get(&receipt).await.status, StatusCode::OK);
        assert!(page.text("#scoring-INIT-1").contains("Off"));
        for ending in ["csv", "xlsx"] {
            for list in ["scoring", "backlog"] {
                let file = person.bytes(&format!("/{list}.{ending}")).await;
                assert!(file.len() > 100, "{role:?} {list}.{ending}");
            }
        }
    }
    let nobody = app.nobody();
    for path in [
        "/scoring",
        "/scoring.csv",
        "/scoring.xlsx",
        "/backlog.csv",
        "/backlog.xlsx",
    ] {
        let page = nobody.get(path).await;
        assert!(
            page.path.starts_with("/sign-in"),
            "{path} leads to {}",
            page.path
        );
    }
    let viewer = app.sign_in(Role::Viewer).await;
    assert_eq!(
        viewer.get("/scoring.pdf").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn rank_differences_are_arrows_with_words_and_disagreement_comes_first() {
    let app = TestApp::start().await;
    let pm = app.sign_in(Role::Pm).await;
    for (key, framework) in [("INIT-1", "RICE"), ("INIT-2", "RICE"), ("INIT-3", "RICE")] {
        pm.create(key, &format!("Title {key}"), framework).await;
    }
    app.database
        .db
        .transaction(async move |mut tx| -> sqlx::Result<()> {
            sqlx::query("delete from initiative_frameworks").execute(&mut *tx).await?;
            // By RICE 1, 2, 3 in the order of the keys; by WSJF the other way round.
            sqlx::query(
                "insert into scores (initiative_id, framework_id, formula_version_id, inputs, value, overall, lines,
                   notes, engine, recorded_by, recorded_at)
                 select i.id, f.id, (select min(id) from formula_versions), '[]', 10,
                   case f.key when 'RICE' then 10 - i.id else i.id end, '[]', '[]', 'test', 1, now()
                 from initiatives i, frameworks f where f.key in ('RICE', 'WSJF')",
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "insert into initiative_frameworks (initiative_id, framework_id, is_on, status, score_id)
                 select initiative_id, framework_id, true, 'approved', id from scores",
            )
            .execute(&mut *tx)
            .await
            .map(drop)
        })
        .await
        .unwrap();
    let page = pm.get("/scoring").await;
    assert_eq!(
        page.texts("tbody .name .more"),
        ["INIT-1", "INIT-3", "INIT-2"],
        "the widest disagreement first"
    );
    assert_eq!(
        page.texts("#scoring-INIT-1 .place"),
        ["▼2 2 places lower than by RICE,"]
    );
    assert_eq!(
        page.texts("#scoring-INIT-3 .place"),
        ["▲2 2 places higher than by RICE,"]
    );
    assert_eq!(
        page.texts("#scoring-INIT-2 .place"),
        ["= the same place as by RICE,"]
    );
    let by_wsjf = page.attribute("th a[href*='sort=rank'][href*='of=WSJF']", "href");
    let page = pm.get(&by_wsjf).await;
    assert_eq!(
        page.texts("tbody .name .more"),
        ["INIT-3", "INIT-2", "INIT-1"]
    );
    assert_eq!(page.count("th[aria-sort=ascending]"), 1);
    assert_eq!(
        pm.get("/scoring?framework=MATH_MODEL")
            .await
            .count("tbody tr"),
        0
    );
    let none = pm.get("/scoring?q=nothing+like+this").await;
    assert!(none.text("main").contains("Nothing matches"));
    assert!(
        pm.get("/scoring?q=100%25")
            .await
            .text("main")
            .contains("Nothing matches")
    );
}

#[tokio::test]
async fn an_empty_app_says_what_will_stand_here() {
    let app = TestApp::start().await;
    let viewer = app.sign_in(Role::Viewer).await;
    assert!(
        viewer
            .get("/scoring")
            .await
            .text("main")
            .contains("Nothing to compare yet")
    );
    let csv = viewer.get("/scoring.csv").await.html;
    assert_eq!(csv.lines().count(), 1, "the headings alone: {csv}");
}

#[tokio::test]
async fn the_weighted_overall_stands_beside_the_score_and_a_blank_priority_says_so() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    set(&pm, "INIT-2", "strategic_priority_coefficient", "20").await;
    for (page, row) in [
        ("/backlog?sort=weighted", "#initiative"),
        ("/scoring?sort=weighted", "#scoring"),
    ] {
        let page = pm.get(page).await;
        let first = page.text("tbody tr");
        assert!(first.contains("INIT-2"), "{first}");
        let cell = "td[data-label=Weighted]";
        assert_eq!(page.text(&format!("{row}-INIT-2 {cell}")), "3,333.33333");
        assert_eq!(
            page.text(&format!("{row}-INIT-3 {cell}")),
            "no strategic priority"
        );
        assert_eq!(
            page.text(&format!("{row}-INIT-1 {cell}")),
            "—",
            "no overall, nothing to weigh"
        );
        assert_eq!(
            page.text(&format!("{row}-INIT-2 td[data-label=Overall]")),
            "166.666667"
        );
    }
}

fn rows(bytes: Vec<u8>, sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(
        book.worksheet_formula(sheet).unwrap().used_cells().count(),
        0,
        "no formulas"
    );
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

#[tokio::test]
async fn files_hold_what_is_filtered_in_that_order_as_text_and_full_numbers() {
    let app = TestApp::start().await;
    let pm = scored(&app).await;
    let question = "framework=RICE&sort=title";
    let csv = pm
        .bytes(&format!("/backlog.csv?{question}&after=INIT-2"))
        .await;
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert!(
        lines[0].starts_with("\u{feff}\"Rank\",\"Key\""),
        "{}",
        lines[0]
    );
    assert_eq!(lines.len(), 3, "all pages, filtered: {csv}");
    assert!(
        lines[1].contains("\"'=HYPERLINK(\"\"x\"\")\""),
        "guarded: {}",
        lines[1]
    );
    assert!(
        lines[1].contains(",500,\"\",3,166.66666666666666,"),
        "every digit: {}",
        lines[1]
    );

    let page = pm.get(&format!("/backlog?{question}")).await;
    let href = page.attribute(".downloads a[href^='/backlog.xlsx']", "href");
    let backlog = rows(pm.bytes(&href).await, "backlog");
    assert_eq!(backlog[1][2], Data::String("=HYPERLINK(\"x\")".into()));
    assert_eq!(backlog[1][7], Data::Float(500.0 / 3.0));
    assert_eq!(
        (backlog.len(), &backlog[2][1]),
        (3, &Data::String("INIT-3".into()))
    );

    let scoring = rows(pm.bytes("/scoring.xlsx?sort=key").await, "scoring");
    assert_eq!(scoring.len(), 4);
    let column = |name: &str| {
        let is_it = |cell: &Data| *cell == Data::String(name.into());
        scoring[0].iter().position(is_it).unwrap()
    };
    assert_eq!(scoring[3][column("RICE rank")], Data::Float(1.0));
    assert_eq!(scoring[3][column("RICE value")], Data::Float(4500.0));
    assert_eq!(scoring[1][column("RICE state")], Data::String("Off".into()));
    assert_eq!(
        scoring[1][column("RICE value")],
        Data::Empty,
        "unknown is blank, never 0"
    );

    let answer = pm
        .raw(|client, base| client.get(format!("{base}/scoring.csv")))
        .await;
    let name = answer.headers["content-disposition"].to_str().unwrap();
    assert!(
        name.starts_with("attachment; filename=\"productops-scoring-2"),
        "{name}"
    );
    assert!(name.ends_with(".csv\""), "{name}");
}
