//! What a param carries for the lists' sake follows what is approved.

use crate::testing::TestDb;

/// A param with a value that its formula reads, and one of the range's kind to leave alone.
const PARAM: &str = "with made as (
    insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
    values ('INIT-40', 'Title', now(), 1, now(), 1) returning id)
  insert into params (initiative_id, framework_id, name, position, is_auto_seeded, value,
    created_at, updated_at, updated_by)
  select id, 1, name, 1, true, 1, now(), now(), 1 from made, unnest(array['a', 'b', 'c']) name";

const APPROVE: &str =
    "insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
     select 'param', id, part, '{}', 1, now(), 'person' from params, unnest(array['value', 'range']) part
     where name = any($1)";

const WITHDRAW: &str =
    "update approvals set withdrawn_at = now(), withdrawn_by = 1, withdrawn_why = 'because'
     where withdrawn_at is null and part = $2
       and subject_id in (select id from params where name = any($1))";

/// What is done, and then the names of the params that count as approved, and their states.
async fn after(
    test: &TestDb,
    sql: &'static str,
    names: &[&str],
    part: Option<&'static str>,
) -> Vec<(String, String)> {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let done = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
        let mut done = sqlx::query(sql);
        if sql != PARAM {
            done = done.bind(names);
        }
        if let Some(part) = part {
            done = done.bind(part);
        }
        done.execute(&mut *tx).await?;
        sqlx::query_as("select name, state from params where is_value_approved or state = 'approved' order by name")
            .fetch_all(&mut *tx)
            .await
    });
    done.await.unwrap()
}

#[tokio::test]
async fn a_param_counts_as_approved_exactly_while_an_approval_of_its_value_stands() {
    let test = TestDb::new().await;
    let approved = |names: &[&str]| -> Vec<(String, String)> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), "approved".to_owned()))
            .collect()
    };
    assert_eq!(after(&test, PARAM, &[], None).await, []);
    assert_eq!(
        after(&test, APPROVE, &["a", "b"], None).await,
        approved(&["a", "b"])
    );
    assert_eq!(
        after(&test, WITHDRAW, &["a", "b", "c"], Some("range")).await,
        approved(&["a", "b"])
    );
    assert_eq!(
        after(&test, WITHDRAW, &["a", "c"], Some("value")).await,
        approved(&["b"])
    );
    assert_eq!(
        after(&test, APPROVE, &["a"], None).await,
        approved(&["a", "b"]),
        "again, beside the one withdrawn"
    );
}

#[tokio::test]
async fn a_param_is_sorted_by_its_initiatives_key_also_after_that_has_changed() {
    let test = TestDb::new().await;
    after(&test, PARAM, &[], None).await;
    let keys = "select distinct key_prefix, key_number::int from params";
    for key in ["INIT-40", "PLAN-7"] {
        let read = test
            .db
            .transaction(async move |mut tx| -> sqlx::Result<(String, i32)> {
                sqlx::query("update initiatives set key = $1")
                    .bind(key)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query_as(keys).fetch_one(&mut *tx).await
            });
        let (prefix, number) = read.await.unwrap();
        assert_eq!(format!("{prefix}-{number}"), key);
    }
}

#[tokio::test]
async fn a_param_knows_whether_its_range_is_approved_whatever_becomes_of_its_value() {
    let test = TestDb::new().await;
    after(&test, PARAM, &[], None).await;
    let approved = async |why: &str, expected: &[&str]| {
        let sql = "select name from params where is_range_approved order by name";
        let read = test.db.read(async move |mut conn| {
            sqlx::query_scalar::<_, String>(sql)
                .fetch_all(&mut *conn)
                .await
        });
        assert_eq!(read.await.unwrap(), expected, "{why}");
    };
    after(&test, APPROVE, &["a", "b"], None).await;
    approved("both parts", &["a", "b"]).await;
    after(&test, WITHDRAW, &["a", "b"], Some("value")).await;
    approved("the values’ fell", &["a", "b"]).await;
    after(&test, WITHDRAW, &["b"], Some("range")).await;
    approved("one range’s fell", &["a"]).await;
}
