//! The queue against a real database.

use super::*;
use crate::{
    domain::{param::Source, waiting::waits_for},
    testing::TestDb,
};

fn every_missing() -> Vec<Missing> {
    let (name, label) = ("aov".to_owned(), "AOV".to_owned());
    let sources = [
        None,
        Some(Source::Pm),
        Some(Source::Analytics),
        Some(Source::Finance),
        Some(Source::Eng),
        Some(Source::Llm),
    ];
    let mut all = vec![
        Missing::Formula,
        Missing::FormulaApproval {
            version: 2,
            scenario: None,
        },
        Missing::Arithmetic { why: "why".into() },
    ];
    for source in sources {
        let of = (name.clone(), label.clone());
        all.extend([
            Missing::Value {
                name: of.0.clone(),
                label: of.1.clone(),
                source,
            },
            Missing::Approval {
                name: of.0.clone(),
                label: of.1.clone(),
                source,
            },
            Missing::InRange {
                name: of.0,
                label: of.1,
                source,
            },
        ]);
    }
    all
}

#[tokio::test]
async fn the_database_and_the_domain_agree_for_whom_something_waits() {
    let test = TestDb::new().await;
    let all = every_missing();
    let sent = Json(all.clone());
    let owed = test.db.read(async move |mut conn| {
        sqlx::query_scalar::<_, String>(
            "select owed_by(item) from jsonb_array_elements($1::jsonb) with ordinality as e(item, n) order by n",
        )
        .bind(sent)
        .fetch_all(&mut *conn)
        .await
    });
    let expected: Vec<_> = all.iter().map(|missing| waits_for(missing).key()).collect();
    assert_eq!(owed.await.unwrap(), expected);
}

/// Initiatives that all wait for Finance to fill one value in, except every hundredth, which waits for Eng.
const MANY: &str = "with made as (
    insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
    select 'INIT-' || n, 'Title', now(), 1, now(), 1 from generate_series(1, $1) n returning id, key_number)
  insert into initiative_frameworks (initiative_id, framework_id, is_on, status, missing)
  select made.id, (select id from frameworks where key = 'RICE'), true, 'not_ready', jsonb_build_array(
    jsonb_build_object('what', 'value', 'name', 'aov', 'label', 'AOV',
      'source', case when made.key_number % 100 = 0 then 'Eng' else 'Finance' end))
  from made";

/// Initiatives that lack nothing.
const READY: &str = "with made as (
    insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
    select 'READY-' || n, 'Title', now(), 1, now(), 1 from generate_series(1, 10000) n returning id)
  insert into initiative_frameworks (initiative_id, framework_id, is_on, status)
  select made.id, f.id, true, 'not_ready' from made, frameworks f";

async fn many(count: i32) -> TestDb {
    let test = TestDb::new().await;
    let made = test
        .db
        .write(async move |mut conn| sqlx::query(MANY).bind(count).execute(&mut *conn).await);
    made.await.unwrap();
    test
}

fn of(role: Role, after: Option<(InitiativeId, FrameworkId)>) -> QueueQuery {
    QueueQuery {
        roles: vec![role],
        whats: vec![],
        is_owned: None,
        after,
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let test = many(120).await;
    let keys = test.db.read(async |mut conn| -> sqlx::Result<_> {
        let (mut keys, mut after) = (Vec::new(), None);
        loop {
            let mut page = list(&mut conn, &of(Role::Finance, after)).await?;
            let has_more = page.len() > 50;
            page.truncate(50);
            after = page
                .last()
                .map(|last| (last.initiative_id, last.framework_id));
            keys.extend(page.into_iter().map(|group| group.key));
            if !has_more {
                return Ok(keys);
            }
        }
    });
    let expected: Vec<_> = (1..=120)
        .filter(|n| n % 100 != 0)
        .map(|n| format!("INIT-{n}"))
        .collect();
    assert_eq!(keys.await.unwrap(), expected);
}

#[tokio::test]
async fn counting_stops_at_many_and_takes_each_role_for_itself() {
    let test = many(250).await;
    let counts = test
        .db
        .read(async |mut conn| count(&mut conn, &OWING).await);
    assert_eq!(counts.await.unwrap(), [0, 0, 100, 2]);
    let kept = QueueCounts::default();
    let counted = kept.clone();
    let refreshed = test
        .db
        .read(async move |mut conn| counted.refresh(&mut conn).await);
    refreshed.await.unwrap();
    assert_eq!(
        kept.of(UserId(1), &Roles::new([Role::Eng]), Settings::default()),
        2
    );
    assert_eq!(
        kept.of(
            UserId(1),
            &Roles::new([Role::Eng, Role::Finance]),
            Settings::default()
        ),
        102
    );
    assert_eq!(
        kept.of(UserId(1), &Roles::new([Role::Viewer]), Settings::default()),
        0
    );
}

#[tokio::test]
async fn a_page_reads_what_waits_and_not_what_is_ready() {
    let test = many(500).await;
    let plan = test.db.write(async |mut conn| {
        sqlx::query(READY).execute(&mut *conn).await?;
        for table in ["analyze initiatives", "analyze initiative_frameworks"] {
            sqlx::query(table).execute(&mut *conn).await?;
        }
        sqlx::query_scalar::<_, String>(
            "explain select f.initiative_id from initiative_frameworks f
             join initiatives i on i.id = f.initiative_id
             where f.is_on and f.missing <> '[]' and i.archived_at is null and f.owed_by && array['finance']
               and (f.initiative_id, f.framework_id) > (100, 1)
             order by f.initiative_id, f.framework_id limit 51",
        )
        .fetch_all(&mut *conn)
        .await
    });
    let plan = plan.await.unwrap().join("\n");
    assert!(
        plan.contains("initiative_frameworks_that_wait") && !plan.contains("Seq Scan"),
        "{plan}"
    );
}
