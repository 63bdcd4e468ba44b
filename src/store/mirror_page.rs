//! How the mirror stands, for the page that shows it: target, waiting changes, last runs, repairs, what differs. Only
//! reads; what is kept is written by [`super::mirror_state`], what is decided by [`super::mirror_control`].

use super::{mirror_found::Found, mirror_state::Differing};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

/// How many differing cells a page shows.
pub const PAGE: i64 = 100;
/// How many of the last runs are shown.
const RUNS: i64 = 10;
/// How many of the last repairs are shown.
const REPAIRS: i64 = 50;

/// The target as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Whether it is a spreadsheet; otherwise a file.
    pub is_google: bool,
    /// The spreadsheet's id, or the file.
    pub address: String,
    /// The tab's title or number as configured; empty: the first.
    pub tab: String,
    /// The tab's number, once it was found.
    pub sheet_id: Option<i32>,
    /// The tab's title at the last look; empty: none yet.
    pub title: String,
    /// With whom the spreadsheet is to be shared; empty: it is a file.
    pub account: String,
    /// When everything was compared last.
    pub last_ok: Option<DateTime<Utc>>,
    /// Why the last run failed.
    pub last_error: Option<String>,
    /// Since when runs fail.
    pub failing_since: Option<DateTime<Utc>>,
    /// Until when the target is left alone.
    pub wait_until: Option<DateTime<Utc>>,
    /// What the last run found.
    pub found: Found,
    /// How many initiatives have changed and wait.
    pub marks: i64,
    /// Since when the first of them waits.
    pub oldest_mark: Option<DateTime<Utc>>,
    /// Reads and writes of the last minute.
    pub calls: (i64, i64),
    /// Keys of initiatives that are left out of the sheet.
    pub left_out: Vec<String>,
}

/// The target; none: the mirror hasn't begun yet.
pub async fn target(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Option<Target>> {
    let row = sqlx::query!(
        r#"select t.kind = 'google' as "is_google!", t.address, t.tab, t.sheet_id, t.title, t.account, t.last_ok,
             t.last_error, t.failing_since, t.wait_until, t.state as "state: Json<Found>",
             d.marks as "marks!", d.oldest, c.reads as "reads!", c.writes as "writes!",
             array(select i.key from initiatives i where i.id = any(t.left_out) order by i.id) as "left_out!"
           from mirror_target t,
             (select count(*) as marks, min(since) as oldest from mirror_dirty) d,
             (select coalesce(sum(reads), 0) as reads, coalesce(sum(writes), 0) as writes
              from mirror_call where at >= $1::timestamptz - interval '1 minute') c"#,
        now,
    );
    let row = row.fetch_optional(conn).await?;
    Ok(row.map(|row| Target {
        is_google: row.is_google,
        address: row.address,
        tab: row.tab,
        sheet_id: row.sheet_id,
        title: row.title,
        account: row.account,
        last_ok: row.last_ok,
        last_error: row.last_error,
        failing_since: row.failing_since,
        wait_until: row.wait_until,
        found: row.state.0,
        marks: row.marks,
        oldest_mark: row.oldest,
        calls: (row.reads, row.writes),
        left_out: row.left_out,
    }))
}

/// One page of what differs, as the last look found it, after that place; one more tells that another page follows.
pub async fn differences(
    conn: &mut PgConnection,
    after: i32,
) -> sqlx::Result<Vec<(i32, Differing)>> {
    let rows = sqlx::query!(
        "select n, key, row, field, found, wanted from mirror_difference where n > $1 order by n limit $2",
        after,
        PAGE + 1,
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    let differing = rows.map(|row| {
        let differing = Differing {
            key: row.key,
            row: row.row,
            field: row.field,
            found: row.found,
            wanted: row.wanted,
        };
        (row.n, differing)
    });
    Ok(differing.collect())
}

/// A run that did something, or failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastRun {
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// As [`super::mirror_state::Run`] says.
    pub trigger: String,
    /// Reads of the target.
    pub reads: i32,
    /// Writes of the target: one for each round.
    pub writes: i32,
    /// Cells written.
    pub cells: i32,
    /// Rows added.
    pub appended: i32,
    /// Hand edits found.
    pub drift: i32,
    /// As [`super::mirror_state::Run`] says.
    pub outcome: String,
    /// Why it failed.
    pub error: Option<String>,
}

/// The last runs, newest first; looks that found nothing to do aren't kept.
pub async fn runs(conn: &mut PgConnection) -> sqlx::Result<Vec<PastRun>> {
    sqlx::query_as!(
        PastRun,
        "select started, finished, trigger, reads, writes, cells, appended, drift, outcome, error
         from mirror_run order by id desc limit $1",
        RUNS,
    )
    .fetch_all(conn)
    .await
}

/// A hand edit that was put right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastRepair {
    /// Whose.
    pub key: String,
    /// Which field.
    pub field: String,
    /// What stood there.
    pub found: String,
    /// Whether that was a formula.
    pub is_formula: bool,
    /// What was put back.
    pub restored: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The last repairs, newest first.
pub async fn repairs(conn: &mut PgConnection) -> sqlx::Result<Vec<PastRepair>> {
    sqlx::query_as!(
        PastRepair,
        "select i.key, d.field, d.found, d.is_formula, d.restored, d.at
         from mirror_drift d join initiatives i on i.id = d.initiative_id order by d.id desc limit $1",
        REPAIRS,
    )
    .fetch_all(conn)
    .await
}
