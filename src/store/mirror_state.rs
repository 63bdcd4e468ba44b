//! What the mirror keeps between its runs: marks of what changed, who leads, how the target stands, what was done and
//! found. What is wanted of the sheet is in [`super::mirror_snapshot`].

use super::{Db, mirror_control::Held, mirror_found::Found};
use crate::domain::ids::InitiativeId;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection, types::Json};
use std::{collections::HashMap, future::Future, io, time::Duration};
use tokio::time::timeout;

/// The advisory lock of whoever leads ("mirror" in ASCII).
const LEAD: i64 = 0x006d_6972_726f_7200;
/// How long an answer to whoever leads may take; after that nobody knows who leads.
const LIMIT: Duration = Duration::from_secs(3);
/// How many runs, and how many repaired hand edits, are kept.
const KEPT: i64 = 2_000;

/// Marks an initiative as changed, within the transaction that changes it.
pub async fn mark(conn: &mut PgConnection, id: InitiativeId, reason: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into mirror_dirty (initiative_id, reason) values ($1, $2)
         on conflict (initiative_id) do update set version = mirror_dirty.version + 1, reason = excluded.reason",
        id as InitiativeId,
        reason,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The lead: held by one process at a time, as long as its connection lives.
#[derive(Debug)]
pub struct Lead {
    conn: PgConnection,
}

/// What whoever leads looks at again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The mode that an admin chose; none: as configured.
    pub mode: Option<String>,
    /// Whether an admin paused it.
    pub is_paused: bool,
    /// When an admin pressed "run now" last.
    pub asked_at: Option<DateTime<Utc>>,
    /// Moves with each decision of an admin's.
    pub revision: i64,
    /// How many marks there are, and their versions together: equal means that nothing changed since.
    pub marks: (i64, i64),
}

impl Lead {
    /// Takes the lead if nobody has it. The lock lives on a connection of its own, since the pool's change hands.
    pub async fn take(db: &Db) -> sqlx::Result<Option<Self>> {
        let mut conn = in_time(db.connect_alone()).await?;
        let asked = sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "leads!""#, LEAD);
        if in_time(asked.fetch_one(&mut conn)).await? {
            return Ok(Some(Self { conn }));
        }
        in_time(conn.close()).await?;
        Ok(None)
    }

    /// How things stand; an error means that the lead may be lost.
    pub async fn look(&mut self) -> sqlx::Result<Standing> {
        let asked = sqlx::query!(
            r#"select (select mode from mirror_target) as mode,
                 coalesce((select paused_until > now() from mirror_target), false) as "is_paused!",
                 (select asked_at from mirror_target) as asked_at,
                 coalesce((select revision from mirror_target), 0) as "revision!",
                 count(*) as "marks!", coalesce(sum(version), 0)::bigint as "versions!" from mirror_dirty"#
        );
        let row = in_time(asked.fetch_one(&mut self.conn)).await?;
        Ok(Standing {
            mode: row.mode,
            is_paused: row.is_paused,
            asked_at: row.asked_at,
            revision: row.revision,
            marks: (row.marks, row.versions),
        })
    }

    /// Whether the lead is certain: the connection that holds the lock answers.
    pub async fn is_certain(&mut self) -> bool {
        in_time(self.conn.ping()).await.is_ok()
    }

    /// Hands the lead back.
    pub async fn give_up(self) {
        // A connection that can't say goodbye is gone anyway.
        let _ = in_time(self.conn.close()).await;
    }
}

async fn in_time<T>(work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let late = |_elapsed| sqlx::Error::Io(io::ErrorKind::TimedOut.into());
    timeout(LIMIT, work).await.map_err(late)?
}

/// Which target is mirrored to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `local` or `google`.
    pub kind: &'static str,
    /// The file, or the spreadsheet's id.
    pub address: String,
    /// The tab's title or number, as configured.
    pub tab: String,
    /// The environment says `write`: an admin's word for the first write.
    pub is_confirmed: bool,
}

/// Says which target is mirrored to; of another one than before nothing is known. The tab's number, if it was found.
pub async fn begin(conn: &mut PgConnection, place: &Place) -> sqlx::Result<Option<i32>> {
    let known = sqlx::query!(
        "insert into mirror_target as t (id, kind, address, tab, has_written) values (1, $1, $2, $3, $4)
         on conflict (id) do update set kind = excluded.kind, address = excluded.address, tab = excluded.tab,
           sheet_id = null, mode = null, paused_until = null, state = '{}', last_ok = null, last_error = null,
           failing_since = null, title = '', account = '', has_written = excluded.has_written, held = null,
           confirmed = '{}', handed_back = '{}', left_out = '{}', asked_at = null, wait_until = null,
           tabs = '{}', formats_asked_at = null,
           revision = t.revision + 1
         where (t.kind, t.address, t.tab) is distinct from (excluded.kind, excluded.address, excluded.tab)",
        place.kind,
        place.address,
        place.tab,
        place.is_confirmed,
    )
    .execute(&mut *conn)
    .await?;
    if known.rows_affected() > 0 {
        sqlx::query!("with gone as (delete from mirror_difference) delete from mirror_verified")
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query_scalar!("select sheet_id from mirror_target")
        .fetch_one(conn)
        .await
}

/// Keeps the number of the tab and with whom it is to be shared, as soon as they are known.
pub async fn found_tab(
    conn: &mut PgConnection,
    (sheet_id, title): (Option<i32>, &str),
    account: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update mirror_target set sheet_id = coalesce($1, sheet_id), title = coalesce(nullif($2, ''), title), account = $3
         where (sheet_id, title, account) is distinct from
           (coalesce($1, sheet_id), coalesce(nullif($2, ''), title), $3)",
        sheet_id,
        title,
        account,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the last run found.
pub async fn state(conn: &mut PgConnection) -> sqlx::Result<Found> {
    let state = sqlx::query_scalar!(r#"select state as "state: Json<Found>" from mirror_target"#);
    Ok(state.fetch_one(conn).await?.0)
}

/// Notes how often the target was asked just now, and forgets what is over.
pub async fn note_calls(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (reads, writes): (i32, i32),
) -> sqlx::Result<()> {
    sqlx::query!(
        "with old as (delete from mirror_call where at < $1::timestamptz - interval '1 minute')
         insert into mirror_call (at, reads, writes) values ($1, $2, $3)",
        now,
        reads,
        writes,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A mark as it was seen.
pub type Mark = (InitiativeId, i64);

/// Every mark; read before the snapshot whose run takes them away.
pub async fn marks(conn: &mut PgConnection) -> sqlx::Result<Vec<Mark>> {
    let rows =
        sqlx::query!(r#"select initiative_id as "id: InitiativeId", version from mirror_dirty"#);
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.version)).collect())
}

/// What our cells showed when they were verified last.
pub async fn verified(
    conn: &mut PgConnection,
) -> sqlx::Result<Vec<(InitiativeId, HashMap<String, u64>)>> {
    let rows = sqlx::query!(
        r#"select initiative_id as "id: InitiativeId", cells as "cells: Json<HashMap<String, u64>>"
           from mirror_verified"#
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.cells.0)).collect())
}

/// A run, for its row.
#[derive(Clone, Debug)]
pub struct Run {
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// `start`, `marks`, `sheet`, `poll`, `asked` or `decided`.
    pub trigger: &'static str,
    /// Reads and writes of the target, cells written, rows added, hand edits found.
    pub counts: [i32; 5],
    /// `in_step`, `written`, `observed`, `held` or `failed`.
    pub outcome: &'static str,
    /// Why it failed.
    pub error: Option<String>,
}

/// A hand edit that was put right.
#[derive(Clone, Debug)]
pub struct Repair {
    /// Whose.
    pub id: InitiativeId,
    /// Which field.
    pub field: &'static str,
    /// What stood there.
    pub found: String,
    /// Whether that was a formula.
    pub is_formula: bool,
    /// What was put back.
    pub restored: String,
}

/// A cell of ours that doesn't show what it shall.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct Differing {
    /// Whose.
    pub key: String,
    /// Its row, counted as in the sheet.
    pub row: i32,
    /// Which field.
    pub field: String,
    /// What stands there.
    pub found: String,
    /// What a write would put there.
    pub wanted: String,
}

/// What a run leaves.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its row.
    pub run: Run,
    /// The marks that it saw before it looked; none if it wrote nothing.
    pub marks: Vec<Mark>,
    /// What was verified.
    pub verified: Vec<(InitiativeId, Value)>,
    /// What was put right.
    pub repairs: Vec<Repair>,
    /// What it found.
    pub state: Found,
    /// What differs still; none: the same as before.
    pub differences: Option<Vec<Differing>>,
    /// Why it wrote nothing.
    pub held: Option<Held>,
    /// When formats were asked for that are set anew now.
    pub formats_done: Option<DateTime<Utc>>,
}

/// Ends a run that verified what it wrote, or only observed, in one transaction: takes away the marks it saw (one that
/// an edit holds at the moment moves on with it, and isn't waited for), keeps what was verified and repaired. Whether
/// any of the marks was left.
pub async fn finish(tx: &mut PgConnection, ended: &Ended) -> sqlx::Result<bool> {
    let Ended {
        run,
        marks,
        verified,
        repairs,
        state,
        differences,
        held,
        formats_done,
    } = ended;
    let (ids, versions): (Vec<i64>, Vec<i64>) = marks.iter().map(|(id, v)| (id.0, *v)).unzip();
    let done = sqlx::query!(
        "with done as (
           select d.initiative_id from mirror_dirty d
           join unnest($1::bigint[], $2::bigint[]) as s(id, v) on d.initiative_id = s.id and d.version = s.v
           for update of d skip locked)
         delete from mirror_dirty d using done where d.initiative_id = done.initiative_id",
        &ids,
        &versions,
    )
    .execute(&mut *tx)
    .await?;
    let (ids, cells): (Vec<i64>, Vec<Value>) =
        verified.iter().map(|(i, c)| (i.0, c.clone())).unzip();
    sqlx::query!(
        "insert into mirror_verified (initiative_id, cells) select * from unnest($1::bigint[], $2::jsonb[])
         on conflict (initiative_id) do update set cells = excluded.cells",
        &ids,
        &cells,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into mirror_drift (initiative_id, field, found, is_formula, restored, at)
         select d.*, $6 from unnest($1::bigint[], $2::text[], $3::text[], $4::bool[], $5::text[]) d",
        &repairs.iter().map(|repair| repair.id.0).collect::<Vec<_>>(),
        &repairs.iter().map(|repair| repair.field.to_owned()).collect::<Vec<_>>(),
        &repairs.iter().map(|repair| repair.found.clone()).collect::<Vec<_>>(),
        &repairs.iter().map(|repair| repair.is_formula).collect::<Vec<_>>(),
        &repairs.iter().map(|repair| repair.restored.clone()).collect::<Vec<_>>(),
        run.finished,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update mirror_target set last_ok = $1, last_error = null, failing_since = null, wait_until = null, state = $2,
           held = $3, has_written = has_written or $4,
           formats_asked_at = case when formats_asked_at = $5 then null else formats_asked_at end",
        run.finished,
        Json(state) as _,
        held.as_ref().map(Json) as _,
        matches!(run.outcome, "in_step" | "written"),
        *formats_done,
    )
    .execute(&mut *tx)
    .await?;
    if let Some(differences) = differences {
        replace_differences(tx, differences).await?;
    }
    record(tx, run).await?;
    Ok(done.rows_affected() < marks.len() as u64)
}

async fn replace_differences(tx: &mut PgConnection, all: &[Differing]) -> sqlx::Result<()> {
    sqlx::query!("delete from mirror_difference")
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "insert into mirror_difference (n, key, row, field, found, wanted)
         select d.n, d.key, d.row, d.field, d.found, d.wanted
         from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[])
           with ordinality as d(key, row, field, found, wanted, n)",
        &all.iter().map(|one| one.key.clone()).collect::<Vec<_>>(),
        &all.iter().map(|one| one.row).collect::<Vec<_>>(),
        &all.iter().map(|one| one.field.clone()).collect::<Vec<_>>(),
        &all.iter().map(|one| one.found.clone()).collect::<Vec<_>>(),
        &all.iter().map(|one| one.wanted.clone()).collect::<Vec<_>>(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes that a run failed, and until when the target is left alone. The marks stay.
pub async fn fail(
    tx: &mut PgConnection,
    run: &Run,
    wait_until: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update mirror_target set last_error = $1, failing_since = coalesce(failing_since, $2), wait_until = $3",
        run.error,
        run.finished,
        wait_until,
    )
    .execute(&mut *tx)
    .await?;
    record(tx, run).await
}

/// The run's row, if there is something to tell; the oldest go.
async fn record(tx: &mut PgConnection, run: &Run) -> sqlx::Result<()> {
    if run.trigger == "poll" && matches!(run.outcome, "in_step" | "observed" | "held") {
        return Ok(());
    }
    let [reads, writes, cells, appended, drift] = run.counts;
    sqlx::query!(
        "insert into mirror_run (started, finished, trigger, reads, writes, cells, appended, drift, outcome, error)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        run.started,
        run.finished,
        run.trigger,
        reads,
        writes,
        cells,
        appended,
        drift,
        run.outcome,
        run.error,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "with old as (delete from mirror_run where id <= (select max(id) - $1 from mirror_run))
         delete from mirror_drift where id <= (select max(id) - $1 from mirror_drift)",
        KEPT,
    )
    .execute(tx)
    .await?;
    Ok(())
}
