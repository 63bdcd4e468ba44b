//! Ranks, comparison and order against a real database.

use super::*;
use crate::{store::backlog, testing::TestDb};
use serde_json::Value;
use std::{collections::HashSet, time::Duration};

/// Initiatives with scores; a score is framework, value, overall, unit and status.
type Scored<'a> = (&'a str, &'a [(&'a str, f64, Option<f64>, &'a str, &'a str)]);

async fn initiative(conn: &mut PgConnection, (key, scores): Scored<'_>) {
    sqlx::query(
        "insert into initiatives (key, title, active_framework_id, created_at, created_by, updated_at, updated_by)
         values ($1, 'Title of ' || $1, (select id from frameworks where key = $2), now(), 1, now(), 1)",
    )
    .bind(key)
    .bind(scores.first().map(|score| score.0))
    .execute(&mut *conn)
    .await
    .unwrap();
    for (framework, value, overall, unit, status) in scores {
        sqlx::query(
            "with recorded as (
               insert into scores (initiative_id, framework_id, formula_version_id, inputs, value, overall, value_unit,
                 lines, notes, engine, recorded_by, recorded_at)
               select i.id, f.id, (select min(id) from formula_versions), '[]', $3, $4, $5, '[]', '[]', 'test', 1, now()
               from initiatives i, frameworks f where i.key = $1 and f.key = $2 and $6 <> 'not_ready'
               returning id)
             insert into initiative_frameworks (initiative_id, framework_id, is_on, status, score_id, stale_because)
             select i.id, f.id, $6 <> 'off', case $6 when 'off' then 'approved' else $6 end,
               (select id from recorded), case $6 when 'stale' then 'reach changed' end
             from initiatives i, frameworks f where i.key = $1 and f.key = $2",
        )
        .bind(key)
        .bind(framework)
        .bind(value)
        .bind(overall)
        .bind(unit)
        .bind(status)
        .execute(&mut *conn)
        .await
        .unwrap();
    }
}

async fn with(all: &[Scored<'static>]) -> TestDb {
    let test = TestDb::new().await;
    let all = all.to_vec();
    test.db
        .transaction(async move |mut tx| -> sqlx::Result<()> {
            for one in all {
                initiative(&mut tx, one).await;
            }
            Ok(())
        })
        .await
        .unwrap();
    test
}

async fn run(test: &TestDb, sql: &'static str) {
    let done = test
        .db
        .write(async move |mut conn| sqlx::query(sql).execute(&mut *conn).await);
    done.await.unwrap();
}

async fn page(test: &TestDb, query: ScoringQuery) -> ScoringPage {
    test.db
        .read(async move |mut conn| list(&mut conn, &query).await)
        .await
        .unwrap()
}

fn by(sort: Sort, is_descending: bool) -> ScoringQuery {
    ScoringQuery {
        sort,
        is_descending,
        sort_framework: sort.is_of_a_framework().then(|| "RICE".to_owned()),
        ..ScoringQuery::default()
    }
}

fn keys(page: &ScoringPage) -> Vec<&str> {
    page.lines.iter().map(|line| line.key.as_str()).collect()
}

fn ranks(page: &ScoringPage, key: &str) -> Vec<(Option<i64>, i64)> {
    let line = page.lines.iter().find(|line| line.key == key).unwrap();
    line.on.iter().map(|on| (on.rank, on.among)).collect()
}

const OK: &str = "approved";

#[tokio::test]
async fn ranks_count_within_framework_and_unit_with_ties_without_archived_and_with_stale() {
    let test = with(&[
        (
            "INIT-1",
            &[
                ("RICE", 10.0, Some(5.0), "", OK),
                ("WSJF", 3.0, Some(1.0), "", OK),
            ],
        ),
        (
            "INIT-2",
            &[
                ("RICE", 10.0, Some(5.0), "", "stale"),
                ("WSJF", 9.0, Some(3.0), "", OK),
            ],
        ),
        (
            "INIT-3",
            &[
                ("RICE", 10.0, Some(4.0), "", OK),
                ("WSJF", 5.0, Some(2.0), "", OK),
            ],
        ),
        ("INIT-4", &[("RICE", 99.0, None, "", OK)]),
        ("INIT-5", &[("RICE", 1.0, Some(99.0), "£", OK)]),
        ("INIT-6", &[("RICE", 1.0, Some(999.0), "", OK)]),
        ("INIT-7", &[("RICE", 0.0, None, "", "not_ready")]),
        ("INIT-8", &[("RICE", 1.0, Some(999.0), "", "off")]),
    ])
    .await;
    run(
        &test,
        "update initiatives set archived_at = now() where key = 'INIT-6'",
    )
    .await;
    let all = page(
        &test,
        ScoringQuery {
            with_archived: true,
            ..by(Sort::Key, false)
        },
    )
    .await;
    assert_eq!(ranks(&all, "INIT-1"), [(Some(1), 4), (Some(3), 3)]);
    assert_eq!(
        ranks(&all, "INIT-2"),
        [(Some(1), 4), (Some(1), 3)],
        "a tie; stale counts"
    );
    assert_eq!(ranks(&all, "INIT-3"), [(Some(3), 4), (Some(2), 3)]);
    assert_eq!(
        ranks(&all, "INIT-4"),
        [(Some(4), 4)],
        "without overall last"
    );
    assert_eq!(ranks(&all, "INIT-5"), [(Some(1), 1)], "another unit");
    assert_eq!(ranks(&all, "INIT-6")[0].0, None, "archived");
    assert_eq!(ranks(&all, "INIT-7")[0].0, None, "no score");
    assert_eq!(ranks(&all, "INIT-8"), [], "off");
    let two = all.lines.iter().find(|line| line.key == "INIT-2").unwrap();
    assert_eq!(two.on[0].status, "stale");
    let stale = two.on[0].stale.as_ref().map(|stale| stale.because.as_str());
    assert_eq!(stale, Some("reach changed"));
    let spreads: Vec<_> = all.lines.iter().map(|line| line.spread).collect();
    assert_eq!(
        spreads,
        [Some(2), Some(0), Some(1), None, None, None, None, None]
    );
    let rice = all.totals.iter().find(|total| total.scored == 5).unwrap();
    assert_eq!(rice.value, None, "several units are never added up");
    let wsjf = all.totals.iter().find(|total| total.scored == 3).unwrap();
    assert_eq!(wsjf.value, Some(17.0));

    let widest = page(&test, by(Sort::Disagreement, true)).await;
    assert_eq!(
        keys(&widest)[..3],
        ["INIT-1", "INIT-3", "INIT-2"],
        "the widest spread first, what can’t be compared last"
    );
    let ranked = page(&test, by(Sort::Rank, false)).await;
    assert_eq!(
        keys(&ranked)[..5],
        ["INIT-1", "INIT-2", "INIT-3", "INIT-4", "INIT-5"],
        "unit by unit"
    );
    let one_unit = page(
        &test,
        ScoringQuery {
            search: "init-3".into(),
            ..by(Sort::Key, false)
        },
    )
    .await;
    assert_eq!((one_unit.count, keys(&one_unit)), (1, vec!["INIT-3"]));
    assert_eq!(
        ranks(&one_unit, "INIT-3")[0],
        (Some(3), 4),
        "a filter doesn’t change ranks"
    );
}

#[tokio::test]
async fn filters_ask_for_one_framework_and_its_state_together() {
    let test = with(&[
        (
            "INIT-1",
            &[
                ("RICE", 1.0, None, "", OK),
                ("WSJF", 1.0, None, "", "stale"),
            ],
        ),
        ("INIT-2", &[("WSJF", 1.0, None, "", OK)]),
        ("INIT-3", &[]),
    ])
    .await;
    let found = async |framework: &str, status: &str| {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let query = ScoringQuery {
            framework: given(framework),
            status: given(status),
            ..by(Sort::Key, false)
        };
        let page = page(&test, query).await;
        keys(&page).join(" ")
    };
    assert_eq!(found("", "").await, "INIT-1 INIT-2 INIT-3");
    assert_eq!(found("RICE", "").await, "INIT-1");
    assert_eq!(found("WSJF", "").await, "INIT-1 INIT-2");
    assert_eq!(found("WSJF", "stale").await, "INIT-1");
    assert_eq!(
        found("RICE", "stale").await,
        "",
        "stale by another framework"
    );
    assert_eq!(found("", "stale").await, "INIT-1");
}

#[tokio::test]
async fn the_weighted_overall_is_coefficient_times_overall_and_blank_without_either() {
    let test = with(&[
        ("INIT-1", &[("RICE", 1.0, Some(10.0), "", OK)]),
        ("INIT-2", &[("RICE", 1.0, Some(4.0), "", OK)]),
        ("INIT-3", &[("RICE", 1.0, Some(50.0), "", OK)]),
        ("INIT-4", &[("RICE", 1.0, None, "", OK)]),
        ("INIT-5", &[("RICE", 1.0, Some(1e299), "", OK)]),
        ("INIT-6", &[("RICE", 1.0, Some(1e-299), "", OK)]),
        ("INIT-7", &[("RICE", 1.0, Some(0.0), "", OK)]),
    ])
    .await;
    run(
        &test,
        "update initiatives set strategic_priority_coefficient = case key when 'INIT-1' then 1.5 when 'INIT-2' then 5
           when 'INIT-3' then null when 'INIT-6' then 1e-30 else 1e15 end",
    )
    .await;
    let expected = [
        ("INIT-2", Some(20.0)),
        ("INIT-1", Some(15.0)),
        ("INIT-7", Some(0.0)),
        ("INIT-3", None),
        ("INIT-4", None),
        ("INIT-5", None),
        ("INIT-6", None),
    ];
    let scoring = page(&test, by(Sort::Weighted, true)).await;
    let weighted: Vec<_> = scoring
        .lines
        .iter()
        .map(|line| (line.key.as_str(), line.weighted))
        .collect();
    assert_eq!(weighted, expected);
    assert_eq!(scoring.lines[0].coefficient.as_deref(), Some("5"));
    let query = backlog::BacklogQuery {
        sort: backlog::Sort::Weighted,
        is_descending: true,
        ..backlog::BacklogQuery::default()
    };
    let backlog = test
        .db
        .read(async move |mut conn| {
            backlog::list(&mut conn, &query, chrono::DateTime::UNIX_EPOCH).await
        })
        .await
        .unwrap();
    let weighted: Vec<_> = backlog
        .lines
        .iter()
        .map(|line| (line.key.as_str(), line.weighted))
        .collect();
    assert_eq!(weighted, expected, "the backlog says the same");
    assert_eq!(
        backlog.lines[0].overall,
        Some(4.0),
        "the score itself stays"
    );
}

/// So many initiatives with every framework on, ties, blanks and units among their scores.
async fn many(test: &TestDb, count: i32) {
    test.db
        .bulk("many", Duration::from_mins(2), async move |mut tx| -> sqlx::Result<()> {
            sqlx::query(
                "insert into initiatives (key, title, active_framework_id, strategic_priority_coefficient,
                   created_at, created_by, updated_at, updated_by)
                 select 'INIT-' || n, 'Title ' || n % 40, (select min(id) from frameworks), nullif(n % 7, 0), now(), 1,
                   now(), 1 from generate_series(1, $1) n",
            )
            .bind(count)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "insert into frameworks (key, name, builtin, position) values ('FOURTH', 'Fourth', false, 9)",
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "insert into scores (initiative_id, framework_id, formula_version_id, inputs, value, overall,
                   value_unit, lines, notes, engine, recorded_by, recorded_at)
                 select i.id, f.id, (select min(id) from formula_versions), '[]', (i.id * 7919 * f.id) % 101,
                   nullif((i.id * 7919 * f.id) % 53, 0), case i.id % 3 when 0 then '£' else '' end, '[]', '[]', 'test',
                   1, now()
                 from initiatives i, frameworks f where i.id % 11 > 0 order by 1, 2",
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "insert into initiative_frameworks (initiative_id, framework_id, is_on, status, score_id)
                 select i.id, f.id, true, case when s.id is null then 'not_ready' else 'approved' end, s.id
                 from initiatives i cross join frameworks f
                 left join scores s on s.initiative_id = i.id and s.framework_id = f.id where i.id % 13 > 0",
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query("analyze").execute(&mut *tx).await.map(drop)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn paging_visits_every_row_once_in_every_order() {
    let test = TestDb::new().await;
    many(&test, 350).await;
    for sort in Sort::ALL {
        for is_descending in [false, true] {
            let whole = page(
                &test,
                ScoringQuery {
                    is_whole: true,
                    ..by(sort, is_descending)
                },
            )
            .await;
            assert_eq!((whole.lines.len(), whole.has_more), (350, false));
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let query = ScoringQuery {
                    after: after.clone(),
                    ..by(sort, is_descending)
                };
                let page = page(&test, query).await;
                assert_eq!(page.count, 350);
                assert_eq!(page.totals, whole.totals, "totals don’t depend on the page");
                seen.extend(page.lines.iter().map(|line| line.key.clone()));
                after = seen.last().cloned();
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(
                seen,
                keys(&whole),
                "{sort:?} {is_descending}: the same order in pages"
            );
            assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 350);
        }
    }
}

/// The most rows that any step of a plan looks at, over all of its repetitions.
fn busiest(plan: &Value) -> f64 {
    let number = |name: &str| plan.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let own = (number("Actual Rows")
        + number("Rows Removed by Filter")
        + number("Rows Removed by Join Filter"))
        * number("Actual Loops");
    let below = plan.get("Plans").and_then(Value::as_array);
    below.into_iter().flatten().map(busiest).fold(own, f64::max)
}

#[tokio::test]
async fn ten_thousand_initiatives_are_ranked_in_one_pass_whatever_the_page_and_the_order() {
    let test = TestDb::new().await;
    many(&test, 10_000).await;
    let standings = 4.0 * 10_000.0;
    for (sort, of, after) in [
        ("disagreement", None, None),
        ("rank", Some("RICE"), None),
        ("key", None, Some("INIT-9950")),
    ] {
        let plan: Value = test
            .db
            .read(async move |mut conn| {
                sqlx::query_scalar(concat!(
                    "explain (analyze, timing off, format json) ",
                    include_str!("../scoring.sql")
                ))
                .bind("%%")
                .bind(None::<String>)
                .bind(false)
                .bind(sort)
                .bind(false)
                .bind(None::<String>)
                .bind(after)
                .bind(SCORING_PAGE + 1)
                .bind(of)
                .fetch_one(&mut *conn)
                .await
            })
            .await
            .unwrap();
        let busiest = busiest(&plan[0]["Plan"]);
        assert!(busiest > 9_000.0, "the plan was read: {busiest}");
        assert!(
            busiest <= 1.1 * standings,
            "{sort}: a step looks at {busiest} rows where there are {standings} scores"
        );
    }
}
