//! Long work, one piece after the other: claims what is due, does it in steps that each count together with the note of
//! how far it is, and settles it. What fails comes back later, what fails too often waits for a person.

use crate::{
    actions::rescore_framework::{self, JOB},
    clock::Clock,
    domain::ids::FrameworkId,
    store::{
        Db,
        jobs::{self, Claimed},
    },
};
use std::time::Duration;
use tokio::{sync::watch, time::timeout};

/// How long to wait before looking for work again.
const LOOK: Duration = Duration::from_millis(500);
/// How long a step may take.
const STEP: Duration = Duration::from_secs(30);
/// After so many attempts a person must look.
const ATTEMPTS: i32 = 6;

/// Why a step wasn't done.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// The database; it may be better later.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
    /// Somebody else has the job by now.
    #[error("another process goes on with it")]
    Lost,
    /// Nobody knows such a job.
    #[error("this version of the app doesn’t know the job")]
    Unknown,
}

/// What jobs are done with.
struct Worker {
    db: Db,
    clock: Clock,
    /// How many initiatives a step scores.
    chunk: i64,
}

/// Does what is due until told to stop; what has begun is left at the end of a step, for whoever claims it next.
pub(super) async fn work((db, clock): (Db, Clock), mut stop: watch::Receiver<bool>) {
    let chunk = rescore_framework::CHUNK;
    let worker = Worker { db, clock, chunk };
    loop {
        match run_next(&worker, &stop).await {
            Ok(true) => {}
            Ok(false) => {
                if timeout(LOOK, stop.wait_for(|stop| *stop)).await.is_ok() {
                    return;
                }
            }
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => {
                tracing::warn!(%error, "jobs wait for the database");
                if timeout(LOOK, stop.wait_for(|stop| *stop)).await.is_ok() {
                    return;
                }
            }
        }
        if *stop.borrow() {
            return;
        }
    }
}

/// Does the next job that is due; whether there was one.
async fn run_next(worker: &Worker, stop: &watch::Receiver<bool>) -> sqlx::Result<bool> {
    let db = &worker.db;
    let claimed = db
        .write(async move |mut conn| jobs::claim(&mut conn).await)
        .await?;
    let Some(mut job) = claimed else {
        return Ok(false);
    };
    tracing::info!(job.id, job.name, job.attempt, job.done, "a job begins");
    loop {
        if *stop.borrow() {
            // Not its fault: the next process goes on at once.
            let given = job.clone();
            db.write(async move |mut conn| jobs::retry(&mut conn, &given, None, 0.0).await)
                .await?;
            return Ok(true);
        }
        match step(worker, &job).await {
            Ok(Some(next)) => job = next,
            Ok(None) => break,
            Err(Trouble::Lost) => return Ok(true),
            Err(trouble) => {
                failed(db, job, &trouble).await?;
                return Ok(true);
            }
        }
    }
    let done = job.clone();
    db.write(async move |mut conn| jobs::complete(&mut conn, &done).await)
        .await?;
    tracing::info!(job.id, job.name, job.done, "a job is done");
    Ok(true)
}

/// One step in one transaction with the note of how far it is; none: there is nothing left.
async fn step(worker: &Worker, job: &Claimed) -> Result<Option<Claimed>, Trouble> {
    let framework = job
        .payload
        .get("framework_id")
        .and_then(serde_json::Value::as_i64);
    let (JOB, Some(framework)) = (job.name.as_str(), framework) else {
        return Err(Trouble::Unknown);
    };
    let (mut job, now, chunk) = (job.clone(), worker.clock.now(), worker.chunk);
    worker
        .db
        .bulk("a job's step", STEP, async move |mut tx| {
            let framework = FrameworkId(framework);
            let next = (job.cursor, chunk);
            let chunk = rescore_framework::score_chunk(&mut tx, now, framework, next).await?;
            let Some(chunk) = chunk else {
                return Ok(None);
            };
            (job.done, job.cursor) = (job.done + chunk.count, chunk.last);
            if jobs::advance(&mut tx, &job, (job.done, job.cursor)).await? {
                Ok(Some(job))
            } else {
                Err(Trouble::Lost)
            }
        })
        .await
}

/// Comes back later, a little later each time; or waits for a person.
async fn failed(db: &Db, job: Claimed, trouble: &Trouble) -> sqlx::Result<()> {
    tracing::warn!(job.id, job.name, job.attempt, %trouble, "a job's step failed");
    let is_final = job.attempt >= ATTEMPTS || matches!(trouble, Trouble::Unknown);
    let why = match trouble {
        // What the database said is for the log.
        Trouble::Db(_) => "the database could not do a step of it".to_owned(),
        other => other.to_string(),
    };
    let wait = f64::from(2_u32.pow(u32::try_from(job.attempt.clamp(0, 6)).unwrap_or_default()));
    db.write(async move |mut conn| {
        if is_final {
            jobs::fail(&mut conn, &job, &why).await
        } else {
            jobs::retry(&mut conn, &job, Some(&why), wait).await
        }
    })
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
