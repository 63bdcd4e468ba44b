//! The history of everything. Rows are numbered, chained and sealed by the database; here they are only appended and read.

use crate::domain::{
    change::{Change, Entity},
    ids::{BatchId, UserId},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// Who made the changes of one act, how and when.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Who.
    pub by: UserId,
    /// `form`, `import`, `rule` …
    pub through: &'static str,
    /// When.
    pub at: DateTime<Utc>,
    /// The act that they belong to; none: one of their own.
    pub batch: Option<BatchId>,
}

/// A change as the history shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedChange {
    /// Its place in the initiative's chain.
    pub seq: i64,
    /// Which field, or which act.
    pub field: String,
    /// What it was called at the time.
    pub subject: String,
    /// Before.
    pub old: Value,
    /// After.
    pub new: Value,
    /// How it came in.
    pub through: String,
    /// Who.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Appends an act's changes, in order, as one batch.
pub async fn append(conn: &mut PgConnection, stamp: Stamp, changes: &[Change]) -> sqlx::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let initiative: Vec<Option<i64>> = changes
        .iter()
        .map(|change| change.initiative_id.map(|id| id.0))
        .collect();
    let entity: Vec<_> = changes
        .iter()
        .map(|change| change.entity.key().to_owned())
        .collect();
    let entity_id: Vec<_> = changes.iter().map(|change| change.entity_id).collect();
    let revision: Vec<_> = changes
        .iter()
        .map(|change| change.entity_revision)
        .collect();
    let field: Vec<_> = changes
        .iter()
        .map(|change| change.what.field.to_owned())
        .collect();
    let subject: Vec<_> = changes
        .iter()
        .map(|change| change.subject.clone())
        .collect();
    let old: Vec<_> = changes
        .iter()
        .map(|change| change.what.old.clone())
        .collect();
    let new: Vec<_> = changes
        .iter()
        .map(|change| change.what.new.clone())
        .collect();
    sqlx::query!(
        "insert into change_log
           (initiative_id, entity, entity_id, entity_revision, field, subject, old, new, batch_id, through, actor_id, at)
         select c.initiative_id, c.entity, c.entity_id, c.revision, c.field, c.subject,
                nullif(c.old, 'null'), nullif(c.new, 'null'), batch.id, $9, $10, $11
         from (select coalesce($12::text::uuid, gen_random_uuid()) as id) batch,
              unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[])
                with ordinality as c(initiative_id, entity, entity_id, revision, field, subject, old, new, n)
         order by c.n",
        &initiative as &[Option<i64>],
        &entity,
        &entity_id,
        &revision,
        &field,
        &subject,
        &old,
        &new,
        stamp.through,
        stamp.by as UserId,
        stamp.at,
        stamp.batch.map(|batch| batch.to_string()),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The latest change of one of these fields of a row since the revision somebody saw; none: nobody touched them.
pub async fn last_since(
    conn: &mut PgConnection,
    entity: Entity,
    entity_id: i64,
    fields: &[&str],
    seen_revision: i64,
) -> sqlx::Result<Option<LoggedChange>> {
    let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
    sqlx::query_as!(
        LoggedChange,
        r#"select c.seq, c.field, c.subject, coalesce(c.old, 'null') as "old!", coalesce(c.new, 'null') as "new!",
                  c.through, u.name as by_name, c.at
           from change_log c join users u on u.id = c.actor_id
           where c.entity = $1 and c.entity_id = $2 and c.field = any($3) and c.entity_revision > $4
           order by c.seq desc limit 1"#,
        entity.key(),
        entity_id,
        &fields,
        seen_revision,
    )
    .fetch_optional(conn)
    .await
}

/// Which of these fields of a row anybody but the LLM has ever changed, each once; clearing counts.
pub async fn written_by_people(
    conn: &mut PgConnection,
    (entity, entity_id): (Entity, i64),
    fields: &[&str],
) -> sqlx::Result<Vec<String>> {
    let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
    sqlx::query_scalar!(
        "select distinct field from change_log
         where entity = $1 and entity_id = $2 and field = any($3) and through <> 'llm'",
        entity.key(),
        entity_id,
        &fields,
    )
    .fetch_all(conn)
    .await
}

/// Which of these fields of a row were changed after that time, each once.
pub async fn changed_since(
    conn: &mut PgConnection,
    (entity, entity_id): (Entity, i64),
    fields: &[&str],
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<String>> {
    let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
    sqlx::query_scalar!(
        "select distinct field from change_log
         where entity = $1 and entity_id = $2 and field = any($3) and at > $4 order by field",
        entity.key(),
        entity_id,
        &fields,
        since,
    )
    .fetch_all(conn)
    .await
}

/// How many changes a page of one row's history shows.
pub const HISTORY_PAGE: i64 = 100;

/// The history of one kind of row that no initiative has, newest first, one page; `before`: only what came before this
/// place in the chain.
pub async fn list_of(
    conn: &mut PgConnection,
    entity: Entity,
    entity_id: i64,
    before: Option<i64>,
) -> sqlx::Result<Vec<LoggedChange>> {
    sqlx::query_as!(
        LoggedChange,
        r#"select c.seq, c.field, c.subject, coalesce(c.old, 'null') as "old!", coalesce(c.new, 'null') as "new!",
                  c.through, u.name as by_name, c.at
           from change_log c join users u on u.id = c.actor_id
           where c.entity = $1 and c.entity_id = $2 and c.chain = 0 and ($3::bigint is null or c.seq < $3)
           order by c.seq desc limit $4"#,
        entity.key(),
        entity_id,
        before,
        HISTORY_PAGE,
    )
    .fetch_all(conn)
    .await
}

/// The first row of a chain whose seal or number doesn't fit; none: untouched.
pub async fn first_broken(conn: &mut PgConnection) -> sqlx::Result<Option<(i64, i64)>> {
    let row = sqlx::query!(
        r#"with rows as (
             select c.chain, c.seq,
               c.hash = change_log_digest(c) as sealed,
               c.seq = row_number() over w as numbered,
               c.prev_hash = coalesce(lag(c.hash) over w, sha256(convert_to('chain ' || c.chain, 'UTF8'))) as linked
             from change_log c window w as (partition by c.chain order by c.seq)
           ), cut as (
             select h.chain, h.seq from change_chains h
             left join lateral (
               select c.seq, c.hash from change_log c where c.chain = h.chain order by c.seq desc limit 1
             ) last on true
             where (h.seq, h.hash) is distinct from (last.seq, last.hash)
           )
           select chain as "chain!", seq as "seq!" from (
             select chain, seq from rows where not (sealed and numbered and linked)
             union all select chain, seq from cut
           ) broken order by 1, 2 limit 1"#
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.chain, row.seq)))
}
