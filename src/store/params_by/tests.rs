//! Pages of other groups follow each other without a gap, and cost as little however many params there are.

use super::*;
use crate::testing::TestDb;
use std::{collections::HashSet, time::Duration};

/// Initiatives with ten params each: Finance's, Eng's, and one of nobody's in a thousand initiatives; every third row has
/// a value, and the tenth isn't used.
const MANY: &str = "with made as (
    insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
    select 'INIT-' || n, 'Title', now(), 1, now(), 1 from generate_series(1, $1) n returning id, key_number),
  turned_on as (
    insert into initiative_frameworks (initiative_id, framework_id, is_on, status, missing)
    select id, (select id from frameworks where key = 'RICE'), true, 'not_ready', '[{\"what\": \"value\"}]' from made)
  insert into params (initiative_id, framework_id, name, position, is_auto_seeded, source, value,
    created_at, updated_at, updated_by)
  select id, (select id from frameworks where key = 'RICE'), 'p' || n, nullif(n, 10), true,
    case when n = 1 and key_number % 1000 = 0 then '' when n % 2 = 0 then 'Eng' else 'Finance' end,
    case when n % 3 = 0 then 1 end, now(), now(), 1
  from made, generate_series(1, 10) n";

async fn many(initiatives: i32) -> TestDb {
    let test = TestDb::new().await;
    let long = Duration::from_mins(3);
    let made = test.db.bulk("many", long, async move |mut tx| {
        // The plan rests on the statistics taken below, not on when autovacuum comes by.
        sqlx::query("alter table params set (autovacuum_enabled = false)")
            .execute(&mut *tx)
            .await?;
        sqlx::query(MANY)
            .bind(initiatives)
            .execute(&mut *tx)
            .await?;
        sqlx::query("analyze").execute(&mut *tx).await
    });
    made.await.unwrap();
    test
}

/// The pages of a grouping, one after the other: each row's number with its group.
async fn walk(test: &TestDb, by: GroupBy) -> Vec<(String, ParamId)> {
    let read = test.db.read(async move |mut conn| -> sqlx::Result<_> {
        let (mut all, mut query, mut at) = (Vec::new(), GridQuery::default(), String::new());
        loop {
            let page = list(&mut conn, &query, by, &at).await?;
            for shelf in &page.shelves {
                let params = shelf.groups.iter().flat_map(|group| &group.params);
                all.extend(params.map(|param| (shelf.key.clone(), param.id)));
            }
            let Some((last, key)) = page.last().filter(|_| page.has_more) else {
                return Ok(all);
            };
            (query.after, at) = (Some(last), key.to_owned());
        }
    });
    read.await.unwrap()
}

#[tokio::test]
async fn every_row_is_in_one_group_and_the_pages_follow_without_a_gap() {
    let test = many(70).await;
    for (by, groups) in [
        (GroupBy::Source, vec!["Finance", "Eng"]),
        (
            GroupBy::State,
            vec!["missing", "needs_approval", "not_used"],
        ),
    ] {
        let all = walk(&test, by).await;
        assert_eq!(all.len(), 700, "{by:?}");
        let each: HashSet<_> = all.iter().map(|(_, id)| id).collect();
        assert_eq!(each.len(), 700, "{by:?}: none twice");
        let mut keys: Vec<_> = all.iter().map(|(key, _)| key.as_str()).collect();
        keys.dedup();
        assert_eq!(keys, groups, "{by:?}");
    }
}

#[tokio::test]
async fn a_page_of_a_group_looks_at_few_of_two_hundred_thousand_params() {
    let test = many(20_000).await;
    for (by, at, after, most) in [
        // Nobody's twenty are sought among all initiatives, in the index; Finance's fill the page.
        (GroupBy::Source, "", None, 1_500),
        (GroupBy::Source, "Eng", Some(100_004), 1_500),
        (GroupBy::State, "", None, 3_000),
        (GroupBy::State, "needs_approval", Some(100_003), 3_000),
    ] {
        let query = GridQuery {
            after: after.map(ParamId),
            ..GridQuery::default()
        };
        let read = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            let page = list(&mut tx, &query, by, at).await?;
            let looked_at: i64 = sqlx::query_scalar(
                "select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
                 from pg_stat_xact_user_tables where relname = 'params'",
            )
            .fetch_one(&mut *tx)
            .await?;
            Ok((page, looked_at))
        });
        let (page, looked_at) = read.await.unwrap();
        let rows: usize = page.shelves.iter().map(Shelf::len).sum();
        assert_eq!(rows, 200, "{by:?} {at}");
        assert!(looked_at >= 200, "the rows were counted: {looked_at}");
        assert!(
            looked_at <= most,
            "{by:?} from {at:?} looks at {looked_at} params for a page of 200"
        );
    }
}
