//! The order, the pages and the plans of the history, against a real database.

use super::*;
use crate::testing::TestDb;
use std::time::Duration;

/// So many changes of a hundred people on two hundred initiatives, several at the same moment.
async fn many(test: &TestDb, count: i32) {
    test.db
        .bulk("many", Duration::from_mins(2), async move |mut tx| -> sqlx::Result<()> {
            for sql in [
                "insert into users (name, kind) select 'Person ' || n, 'sample' from generate_series(1, 100) n",
                "insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
                 select 'INIT-' || n, 'Title', now(), 1, now(), 1 from generate_series(1, 200) n",
            ] {
                sqlx::query(sql).execute(&mut *tx).await?;
            }
            sqlx::query(
                "insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, old, new,
                   batch_id, through, actor_id, at)
                 select i.id, 'param', n % 100, n, case n % 7 when 0 then 'value' else 'notes' end, 'Margin', '\"1\"', '\"2\"',
                   gen_random_uuid(), 'form', u.id, timestamptz '2026-11-01' + (n / 3) * interval '1 second'
                 from generate_series(1, $1) n
                 join initiatives i on i.key = 'INIT-' || (n % 200 + 1)
                 join users u on u.name = 'Person ' || (n % 100 + 1)",
            )
            .bind(count)
            .execute(&mut *tx)
            .await?;
            sqlx::query("analyze").execute(&mut *tx).await.map(drop)
        })
        .await
        .unwrap();
}

async fn id(test: &TestDb, sql: &'static str) -> i64 {
    let found = test
        .db
        .read(async move |mut conn| sqlx::query_scalar(sql).fetch_one(&mut *conn).await);
    found.await.unwrap()
}

#[tokio::test]
async fn paging_visits_every_change_once_newest_first_whatever_is_filtered() {
    let test = TestDb::new().await;
    many(&test, 1_000).await;
    let initiative = id(&test, "select id from initiatives where key = 'INIT-3'").await;
    let person = id(&test, "select id from users where name = 'Person 4'").await;
    for (filter, count) in [
        (HistoryFilter::default(), 1_000),
        (
            HistoryFilter {
                initiative: Some(InitiativeId(initiative)),
                ..HistoryFilter::default()
            },
            5,
        ),
        (
            HistoryFilter {
                person: Some(UserId(person)),
                ..HistoryFilter::default()
            },
            10,
        ),
        (
            HistoryFilter {
                fields: vec!["value".to_owned()],
                through: Some("form".to_owned()),
                ..HistoryFilter::default()
            },
            142,
        ),
    ] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let wanted = HistoryFilter {
                after,
                ..filter.clone()
            };
            let page = test
                .db
                .read(async move |mut conn| list(&mut conn, &wanted, 17).await);
            let page = page.await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.cursor());
            seen.extend(page.iter().map(|one| (one.at, one.chain, one.seq)));
        }
        assert_eq!(seen.len(), count, "{filter:?}");
        assert!(seen.windows(2).all(|two| two[0] > two[1]), "{filter:?}");
    }
}

#[tokio::test]
async fn each_order_of_the_history_is_served_by_its_index() {
    let test = TestDb::new().await;
    many(&test, 20_000).await;
    let initiative = id(&test, "select id from initiatives where key = 'INIT-3'").await;
    let person = id(&test, "select id from users where name = 'Person 4'").await;
    let after = Some(Cursor {
        at: "2026-11-01T01:00:00Z".parse().unwrap(),
        chain: initiative,
        seq: 5,
    });
    for (filter, index) in [
        (
            HistoryFilter {
                after,
                ..HistoryFilter::default()
            },
            "change_log_by_time",
        ),
        (
            HistoryFilter {
                initiative: Some(InitiativeId(initiative)),
                after,
                ..HistoryFilter::default()
            },
            "change_log_by_initiative",
        ),
        (
            HistoryFilter {
                person: Some(UserId(person)),
                after,
                ..HistoryFilter::default()
            },
            "change_log_by_person",
        ),
    ] {
        let plan = test.db.read(async move |mut conn| -> sqlx::Result<String> {
            let mut sql = query(
                &filter,
                HISTORY_PAGE,
                "explain (analyze, timing off, costs off) ",
            );
            let lines: Vec<String> = sql.build_query_scalar().fetch_all(&mut *conn).await?;
            Ok(lines.join("\n"))
        });
        let plan = plan.await.unwrap();
        // Where there is less than a page, it is read whole and sorted.
        assert!(plan.contains(index), "{index} isn’t used:\n{plan}");
        assert!(!plan.contains("Seq Scan on change_log"), "{plan}");
    }
}
