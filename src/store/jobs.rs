//! Long work that goes on beside the pages: queued with the change that causes it, claimed by whichever process is
//! free, leased so that another goes on with it when that one dies. Goes by the database's clock alone.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// How long a claim holds without a sign of life, in seconds.
const LEASE: f64 = 30.0;

/// A job in hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Its row.
    pub id: i64,
    /// What is to be done.
    pub name: String,
    /// With what.
    pub payload: Value,
    /// The how-manieth attempt this is; only its holder may settle it.
    pub attempt: i32,
    /// How much has been gone through.
    pub done: i64,
    /// Of how much.
    pub total: i64,
    /// Up to which row.
    pub cursor: i64,
}

/// Queues a job as part of the transaction that makes it necessary; if the same is queued already, that one begins
/// anew. `do update`, not `do nothing`: it holds the queued row until this transaction ends, so that nobody claims it,
/// reads what was before and thinks that all is done.
pub async fn enqueue(
    conn: &mut PgConnection,
    name: &str,
    payload: &Value,
    total: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into jobs (name, payload, total) values ($1, $2, $3)
         on conflict (name, payload) where status = 'queued' do update set
           run_at = least(jobs.run_at, excluded.run_at), total = excluded.total, done = 0, cursor = 0, attempt = 0,
           last_error = null
         returning id",
        name,
        payload,
        total,
    )
    .fetch_one(conn)
    .await
}

/// Takes the next job that is due, or one whose holder has given no sign of life; one of a kind and payload at a time.
pub async fn claim(conn: &mut PgConnection) -> sqlx::Result<Option<Claimed>> {
    sqlx::query_as!(
        Claimed,
        "update jobs set status = 'running', attempt = attempt + 1, lease_until = now() + make_interval(secs => $1)
         where id = (
           select j.id from jobs j
           where j.finished_at is null and (
             (j.status = 'running' and j.lease_until <= now())
             or (j.status = 'queued' and j.run_at <= now() and not exists (
               select from jobs r where r.name = j.name and r.payload = j.payload and r.status = 'running')))
           order by j.run_at, j.id limit 1 for update skip locked)
         returning id, name, payload, attempt, done, total, cursor",
        LEASE,
    )
    .fetch_optional(conn)
    .await
}

/// Notes how far it is, within the transaction that did the step, and lives on. False: somebody else has the job, so
/// the step must not count.
pub async fn advance(
    conn: &mut PgConnection,
    job: &Claimed,
    (done, cursor): (i64, i64),
) -> sqlx::Result<bool> {
    let advanced = sqlx::query!(
        "update jobs set done = $3, cursor = $4, total = greatest(total, $3),
           lease_until = now() + make_interval(secs => $5)
         where id = $1 and attempt = $2 and status = 'running'",
        job.id,
        job.attempt,
        done,
        cursor,
        LEASE,
    )
    .execute(conn)
    .await?;
    Ok(advanced.rows_affected() == 1)
}

/// It is done. Whether it was still ours.
pub async fn complete(conn: &mut PgConnection, job: &Claimed) -> sqlx::Result<bool> {
    let settled = sqlx::query!(
        "update jobs set status = 'done', finished_at = now(), lease_until = null, last_error = null, total = done
         where id = $1 and attempt = $2 and status = 'running'",
        job.id,
        job.attempt,
    )
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// It goes on later from where it is, after an error or because the process stops; the lease that runs out then is what
/// brings it back.
pub async fn retry(
    conn: &mut PgConnection,
    job: &Claimed,
    error: Option<&str>,
    seconds: f64,
) -> sqlx::Result<bool> {
    let settled = sqlx::query!(
        "update jobs set last_error = $3, lease_until = now() + make_interval(secs => $4)
         where id = $1 and attempt = $2 and status = 'running'",
        job.id,
        job.attempt,
        error,
        seconds,
    )
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// It failed for good: a person must look.
pub async fn fail(conn: &mut PgConnection, job: &Claimed, error: &str) -> sqlx::Result<bool> {
    let settled = sqlx::query!(
        "update jobs set status = 'failed', finished_at = now(), lease_until = null, last_error = $3
         where id = $1 and attempt = $2 and status = 'running'",
        job.id,
        job.attempt,
        error,
    )
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// How a job stands, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobState {
    /// `queued`, `running`, `done`, `failed`.
    pub status: String,
    /// How much has been gone through.
    pub done: i64,
    /// Of how much.
    pub total: i64,
    /// What went wrong last; none: nothing since it was queued.
    pub last_error: Option<String>,
}

/// A job in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobLine {
    /// Its row.
    pub id: i64,
    /// `queued`, `running`, `done`, `failed`.
    pub status: String,
    /// Key and name of the framework that it is about.
    pub framework: Option<(String, String)>,
    /// How much has been gone through.
    pub done: i64,
    /// Of how much.
    pub total: i64,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Since when it is there.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The latest fifty jobs, or those of a status in the words of [`super::llm_requests::Status`], newest first.
pub async fn list(conn: &mut PgConnection, status: Option<&str>) -> sqlx::Result<Vec<JobLine>> {
    let status = match status {
        Some("waiting") => Some("queued"),
        other => other,
    };
    let rows = sqlx::query!(
        r#"select j.id, j.status, f.key as "key?", f.name as "name?", j.done, j.total, j.last_error, j.created_at,
             j.finished_at
           from jobs j left join frameworks f on f.id = (j.payload->>'framework_id')::bigint
           where $1::text is null or j.status = $1 order by j.id desc limit 50"#,
        status,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| JobLine {
            id: row.id,
            status: row.status,
            framework: row.key.zip(row.name),
            done: row.done,
            total: row.total,
            last_error: row.last_error,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
        .collect())
}

/// The latest job of that kind and payload.
pub async fn latest(
    conn: &mut PgConnection,
    name: &str,
    payload: &Value,
) -> sqlx::Result<Option<JobState>> {
    sqlx::query_as!(
        JobState,
        "select status, done, total, last_error from jobs where name = $1 and payload = $2 order by id desc limit 1",
        name,
        payload,
    )
    .fetch_optional(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestDb;
    use serde_json::json;
    use sqlx::Connection as _;

    async fn connect(test: &TestDb) -> PgConnection {
        PgConnection::connect_with(&test.connect_options())
            .await
            .unwrap()
    }

    async fn run(conn: &mut PgConnection, sql: &'static str) {
        sqlx::raw_sql(sql).execute(conn).await.unwrap();
    }

    #[tokio::test]
    async fn a_job_queued_again_by_a_transaction_that_is_going_on_can_t_be_claimed_before_its_end()
    {
        let test = TestDb::new().await;
        let (mut changes, mut works) = (connect(&test).await, connect(&test).await);
        let first = enqueue(&mut changes, "rescore", &json!({"f": 1}), 5)
            .await
            .unwrap();
        run(&mut changes, "begin").await;
        let again = enqueue(&mut changes, "rescore", &json!({"f": 1}), 7)
            .await
            .unwrap();
        assert_eq!(first, again, "at most one is queued");
        // With DO NOTHING this claim would succeed and read what was before the change.
        assert_eq!(claim(&mut works).await.unwrap(), None);
        run(&mut changes, "commit").await;
        let claimed = claim(&mut works).await.unwrap().unwrap();
        assert_eq!((claimed.id, claimed.total), (first, 7));
    }

    #[tokio::test]
    async fn two_claimers_never_get_the_same_job_and_a_payload_runs_once_at_a_time() {
        let test = TestDb::new().await;
        let (mut one, mut two) = (connect(&test).await, connect(&test).await);
        enqueue(&mut one, "rescore", &json!({"f": 1}), 1)
            .await
            .unwrap();
        enqueue(&mut one, "rescore", &json!({"f": 2}), 1)
            .await
            .unwrap();
        run(&mut one, "begin").await;
        let (a, b) = (
            claim(&mut one).await.unwrap().unwrap(),
            claim(&mut two).await.unwrap().unwrap(),
        );
        assert_ne!(a.id, b.id);
        run(&mut one, "commit").await;
        enqueue(&mut one, "rescore", &json!({"f": 1}), 1)
            .await
            .unwrap();
        assert_eq!(claim(&mut two).await.unwrap(), None, "it runs already");
        assert!(complete(&mut one, &a).await.unwrap());
        assert!(claim(&mut two).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_lease_that_ran_out_is_claimed_again_and_the_late_worker_settles_nothing() {
        let test = TestDb::new().await;
        let mut conn = connect(&test).await;
        enqueue(&mut conn, "rescore", &json!({}), 10).await.unwrap();
        let late = claim(&mut conn).await.unwrap().unwrap();
        assert!(advance(&mut conn, &late, (4, 44)).await.unwrap());
        assert_eq!(claim(&mut conn).await.unwrap(), None);
        run(
            &mut conn,
            "update jobs set lease_until = now() - interval '1 second'",
        )
        .await;
        let next = claim(&mut conn).await.unwrap().unwrap();
        assert_eq!((next.attempt, next.done, next.cursor), (2, 4, 44));
        assert!(!advance(&mut conn, &late, (9, 99)).await.unwrap());
        assert!(!complete(&mut conn, &late).await.unwrap());
        assert!(!fail(&mut conn, &late, "late").await.unwrap());
        assert!(complete(&mut conn, &next).await.unwrap());
        assert_eq!(claim(&mut conn).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_failed_for_now_comes_back_and_what_failed_for_good_says_why() {
        let test = TestDb::new().await;
        let mut conn = connect(&test).await;
        enqueue(&mut conn, "rescore", &json!({}), 10).await.unwrap();
        let job = claim(&mut conn).await.unwrap().unwrap();
        assert!(
            retry(&mut conn, &job, Some("the database was away"), 0.0)
                .await
                .unwrap()
        );
        let job = claim(&mut conn).await.unwrap().unwrap();
        assert_eq!(job.attempt, 2);
        assert!(fail(&mut conn, &job, "no formula").await.unwrap());
        let state = latest(&mut conn, "rescore", &json!({}))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (state.status.as_str(), state.last_error.as_deref()),
            ("failed", Some("no formula"))
        );
    }
}
