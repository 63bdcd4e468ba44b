//! Pages of other groups follow each other without a gap, and cost as little however many params there are.

use super::*;
use crate::{store::params_grid::Sort, testing::TestDb};
use chrono::NaiveDate;
use std::{collections::HashSet, time::Duration};

/// Initiatives with ten params each: Finance's, Eng's, and one of nobody's in a thousand initiatives; every third row has
/// a value, the tenth isn't used, the last three initiatives' are called a contribution, and few reviews are due.
const MANY: &str = "with made as (
    insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
    select 'INIT-' || n, 'Title', now(), 1, now(), 1 from generate_series(1, $1) n returning id, key_number),
  turned_on as (
    insert into initiative_frameworks (initiative_id, framework_id, is_on, status, missing)
    select id, (select id from frameworks where key = 'RICE'), true, 'not_ready', '[{\"what\": \"value\"}]' from made)
  insert into params (initiative_id, framework_id, name, position, is_auto_seeded, source, value, param_display,
    review_by, created_at, updated_at, updated_by)
  select id, (select id from frameworks where key = 'RICE'), 'p' || n, nullif(n, 10), true,
    case when n = 1 and key_number % 1000 = 0 then '' when n % 2 = 0 then 'Eng' else 'Finance' end,
    case when n % 3 = 0 then 1 end, case when key_number > $1 - 3 then 'Contribution' else '' end,
    case when n = 5 then date '2026-11-30' - case when key_number % 2857 = 0 then 30 else 0 end end, now(), now(), 1
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
async fn in_every_order_the_pages_follow_without_a_gap() {
    let test = many(70).await;
    for (sort, first, last) in [
        (Sort::Name, "p1", "p9"),
        (Sort::Changed, "p10", "p1"),
        (Sort::Review, "p5", "p10"),
        (Sort::Value, "p9", "p1"),
    ] {
        let read = test.db.read(async move |mut conn| -> sqlx::Result<_> {
            let (mut rows, mut query) = (Vec::new(), GridQuery::default());
            query.sort = Some(sort);
            loop {
                let page = params_grid::list(&mut conn, &query).await?;
                rows.extend(page.params().map(|param| (param.id, param.name.clone())));
                query.after = rows.last().map(|(id, _)| *id);
                query.after_value = page.last_value;
                if !page.has_more {
                    return Ok(rows);
                }
            }
        });
        let rows = read.await.unwrap();
        let each: HashSet<_> = rows.iter().map(|(id, _)| id).collect();
        assert_eq!((rows.len(), each.len()), (700, 700), "{sort:?}: none twice");
        let named = |row: Option<&(ParamId, String)>| row.map(|(_, name)| name.clone());
        assert_eq!(named(rows.first()).as_deref(), Some(first), "{sort:?}");
        assert_eq!(named(rows.last()).as_deref(), Some(last), "{sort:?}");
    }
}

async fn counted(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint
         from pg_stat_xact_user_tables where relname = 'params'",
    )
    .fetch_one(conn)
    .await
}

/// A page in the groups asked for, and how many params the server looked at for it.
async fn looked_at(
    test: &TestDb,
    query: GridQuery,
    by: Option<(GroupBy, &'static str)>,
) -> (usize, i64) {
    let read = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
        // The server may still hold what an earlier transaction of the connection counted.
        let before = counted(&mut tx).await?;
        let rows = match by {
            Some((by, at)) => {
                let page = list(&mut tx, &query, by, at).await?;
                page.shelves.iter().map(Shelf::len).sum()
            }
            None => params_grid::list(&mut tx, &query).await?.params().count(),
        };
        Ok((rows, counted(&mut tx).await? - before))
    });
    read.await.unwrap()
}

#[tokio::test]
async fn a_page_looks_at_few_of_two_hundred_thousand_params() {
    let test = many(20_000).await;
    let asked = |state: &str, source: &str, search: &str, after: Option<i64>| GridQuery {
        state: Some(state.to_owned()).filter(|state| !state.is_empty()),
        source: Some(source.to_owned()).filter(|source| !source.is_empty()),
        search: search.to_owned(),
        after: after.map(ParamId),
        due_by: NaiveDate::from_ymd_opt(2026, 11, 23),
        ..GridQuery::default()
    };
    let sorted = |sort: Sort, value: &str, after: Option<i64>| GridQuery {
        sort: Some(sort),
        after_value: value.to_owned(),
        ..asked("", "", "", after)
    };
    let one = |framework: bool| GridQuery {
        initiative: Some("INIT-12345".to_owned()),
        framework: framework.then(|| "RICE".to_owned()),
        ..GridQuery::default()
    };
    for (query, by, rows) in [
        (asked("", "", "", None), None, 200),
        (asked("", "", "", Some(199_000)), None, 200),
        (asked("", "Finance", "", None), None, 200),
        (asked("", "Eng", "", Some(150_004)), None, 200),
        // Nobody's twenty among all initiatives.
        (asked("", "none", "", None), None, 20),
        (asked("needs_owner", "", "", None), None, 20),
        (asked("missing", "none", "", None), None, 20),
        (asked("missing", "", "", None), None, 200),
        (asked("needs_approval", "", "", Some(100_003)), None, 200),
        (asked("needs_approval", "Eng", "", Some(100_006)), None, 200),
        (asked("not_used", "", "", None), None, 200),
        (asked("approved", "", "", None), None, 0),
        (asked("review_due", "", "", None), None, 7),
        (asked("", "", "p4", None), None, 200),
        // As many in all, in the last initiatives.
        (asked("", "", "contribution", None), None, 30),
        (asked("missing", "Finance", "contribution", None), None, 8),
        (sorted(Sort::Name, "", None), None, 200),
        (sorted(Sort::Name, "p3", Some(100_003)), None, 200),
        (sorted(Sort::Changed, "", None), None, 200),
        (sorted(Sort::Review, "", None), None, 200),
        (sorted(Sort::Review, "2026-11-30", Some(100_005)), None, 200),
        (sorted(Sort::Value, "", None), None, 200),
        (sorted(Sort::Value, "-Infinity", Some(100_001)), None, 200),
        (one(false), None, 10),
        (one(true), None, 10),
        (asked("", "", "", None), Some((GroupBy::Source, "")), 200),
        (
            asked("", "", "", Some(100_004)),
            Some((GroupBy::Source, "Eng")),
            200,
        ),
        (asked("", "", "", None), Some((GroupBy::State, "")), 200),
        (
            asked("", "", "", Some(100_003)),
            Some((GroupBy::State, "needs_approval")),
            200,
        ),
    ] {
        // Few of an initiative's ten rows are in one state, and but one has a name; each initiative shown is counted over.
        let is_by_state = query.state.is_some() || matches!(by, Some((GroupBy::State, _)));
        let most = match (
            query.sort.is_some() || !query.search.is_empty(),
            is_by_state,
        ) {
            (true, _) => 5_000,
            (_, true) => 3_000,
            _ => 1_500,
        };
        let (found, looked_at) = looked_at(&test, query.clone(), by).await;
        assert_eq!(found, rows, "{by:?} {query:?}");
        assert!(
            looked_at >= i64::try_from(rows).unwrap(),
            "counted: {looked_at}"
        );
        assert!(
            looked_at <= most,
            "{by:?} {query:?} looks at {looked_at} params for a page of {rows}"
        );
    }
}
