//! The history, read: a page of it in one order for all filters, one act of it, and whose act can be taken back next.
//!
//! Each question is served by an index in its order, so its text is put together from constant pieces with only the
//! filters that are asked for: one statement with every filter in it would leave the planner guessing.

use crate::domain::{
    framework::MATH_MODEL,
    ids::{BatchId, InitiativeId, UserId},
    undo::{NEVER, WAYS_IN},
};
use chrono::{DateTime, TimeZone as _, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use std::{collections::HashMap, str::FromStr};

/// A change with its place, its act and what it is of.
#[derive(Clone, Debug, FromRow)]
pub struct Logged {
    /// The chain.
    pub chain: i64,
    /// Its place in the chain.
    pub seq: i64,
    /// Whose chain it is; none: of what has no initiative.
    pub initiative_id: Option<InitiativeId>,
    /// What people call that initiative.
    pub initiative_key: Option<String>,
    /// What kind of row, as stored.
    pub entity: String,
    /// Which row.
    pub entity_id: i64,
    /// Which field, or which act.
    pub field: String,
    /// What it was called at the time.
    pub subject: String,
    /// Before.
    pub old: Value,
    /// After.
    pub new: Value,
    /// The act, a UUID.
    pub batch: String,
    /// How it came in.
    pub through: String,
    /// Who.
    pub by_id: UserId,
    /// Their name.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the act took another back (`true`) or did it again (`false`); none: neither.
    pub takes_back: Option<bool>,
}

/// A place in the order of the whole history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When.
    pub at: DateTime<Utc>,
    /// The chain.
    pub chain: i64,
    /// Its place there.
    pub seq: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}.{}.{}",
            self.at.timestamp_micros(),
            self.chain,
            self.seq
        )
    }
}

impl FromStr for Cursor {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '.').map(|part| part.parse::<i64>().ok());
        let mut next = || parts.next().flatten().ok_or(());
        let (at, chain, seq) = (next()?, next()?, next()?);
        let at = Utc.timestamp_micros(at).single().ok_or(())?;
        Ok(Self { at, chain, seq })
    }
}

impl Logged {
    /// Its place.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor {
            at: self.at,
            chain: self.chain,
            seq: self.seq,
        }
    }
}

/// What of the history is asked for.
#[derive(Clone, Debug, Default)]
pub struct HistoryFilter {
    /// One initiative's.
    pub initiative: Option<InitiativeId>,
    /// One kind of row, as stored.
    pub kind: Option<String>,
    /// One row of that kind.
    pub row: Option<i64>,
    /// These fields.
    pub fields: Vec<String>,
    /// One person's.
    pub person: Option<UserId>,
    /// What came in this way.
    pub through: Option<String>,
    /// From then on.
    pub from: Option<DateTime<Utc>>,
    /// Before then.
    pub until: Option<DateTime<Utc>>,
    /// Only what comes after this place (paging: the newest are first).
    pub after: Option<Cursor>,
}

/// How many changes a page of history shows.
pub const HISTORY_PAGE: i64 = 100;

/// How many changes a download holds at most.
pub const HISTORY_DOWNLOAD: i64 = 50_000;

const HEAD: &str = "select c.chain, c.seq, c.initiative_id, i.key as initiative_key, c.entity, c.entity_id, c.field, \
     c.subject, coalesce(c.old, 'null') as old, coalesce(c.new, 'null') as new, c.batch_id::text as batch, c.through, \
     c.actor_id as by_id, u.name as by_name, c.at, d.is_undone as takes_back from (select * from change_log c where true";
const TAIL: &str = ") c join users u on u.id = c.actor_id left join initiatives i on i.id = c.initiative_id \
     left join undos d on d.batch_id = c.batch_id";

/// Changes, newest first, at most `limit`.
pub async fn list(
    conn: &mut PgConnection,
    filter: &HistoryFilter,
    limit: i64,
) -> sqlx::Result<Vec<Logged>> {
    query(filter, limit, "")
        .build_query_as()
        .fetch_all(conn)
        .await
}

/// The statement; `before` stands before it (`explain`).
fn query(filter: &HistoryFilter, limit: i64, before: &str) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(before);
    sql.push(HEAD);
    if let Some(id) = filter.initiative {
        sql.push(" and c.chain = ").push_bind(id);
    }
    if let Some(kind) = &filter.kind {
        sql.push(" and c.entity = ").push_bind(kind.clone());
    }
    if let Some(row) = filter.row {
        sql.push(" and c.entity_id = ").push_bind(row);
    }
    if !filter.fields.is_empty() {
        let fields = filter.fields.clone();
        sql.push(" and c.field = any(").push_bind(fields).push(")");
    }
    if let Some(person) = filter.person {
        sql.push(" and c.actor_id = ").push_bind(person);
    }
    if let Some(through) = &filter.through {
        sql.push(" and c.through = ").push_bind(through.clone());
    }
    if let Some(from) = filter.from {
        sql.push(" and c.at >= ").push_bind(from);
    }
    if let Some(until) = filter.until {
        sql.push(" and c.at < ").push_bind(until);
    }
    // Of one chain the order has no chain between, so that the chain's own index gives it.
    let is_one_chain = filter.initiative.is_some();
    if let Some(after) = filter.after {
        if is_one_chain {
            sql.push(" and (c.at, c.seq) < (").push_bind(after.at);
        } else {
            sql.push(" and (c.at, c.chain, c.seq) < (")
                .push_bind(after.at);
            sql.push(", ").push_bind(after.chain);
        }
        sql.push(", ").push_bind(after.seq).push(")");
    }
    let order = if is_one_chain {
        " order by c.at desc, c.seq desc"
    } else {
        " order by c.at desc, c.chain desc, c.seq desc"
    };
    sql.push(order).push(" limit ").push_bind(limit);
    sql.push(TAIL).push(order);
    sql
}

/// One change.
pub async fn one(
    conn: &mut PgConnection,
    entity: &str,
    entity_id: i64,
    seq: i64,
) -> sqlx::Result<Option<Logged>> {
    let mut sql = QueryBuilder::new(HEAD);
    sql.push(" and c.entity = ").push_bind(entity.to_owned());
    sql.push(" and c.entity_id = ").push_bind(entity_id);
    sql.push(" and c.seq = ").push_bind(seq).push(TAIL);
    sql.build_query_as().fetch_optional(conn).await
}

/// All changes of one act, in their order.
pub async fn of_batch(conn: &mut PgConnection, batch: BatchId) -> sqlx::Result<Vec<Logged>> {
    let mut sql = QueryBuilder::new(HEAD);
    sql.push(" and c.batch_id = ").push_bind(batch.to_string());
    sql.push("::uuid")
        .push(TAIL)
        .push(" order by c.chain, c.seq");
    sql.build_query_as().fetch_all(conn).await
}

/// In how many rows an act changed this field.
pub async fn reach(conn: &mut PgConnection, batch: &str, field: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "rows!" from change_log where batch_id = $1::text::uuid and field = $2"#,
        batch,
        field,
    )
    .fetch_one(conn)
    .await
}

/// A change of the same row that came later.
#[derive(Clone, Debug)]
pub struct Later {
    /// Which field.
    pub field: String,
    /// Who.
    pub by: UserId,
    /// Their name.
    pub by_name: String,
}

/// For each of these rows, its changes after a place in its chain, but for those of one act, newest first. What was taken
/// back since, and what took it back, cancel out. One statement.
pub async fn later(
    conn: &mut PgConnection,
    rows: &[(&str, i64, i64)],
    not_of: BatchId,
) -> sqlx::Result<Vec<Vec<Later>>> {
    let entities: Vec<_> = rows.iter().map(|row| row.0.to_owned()).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.1).collect();
    let places: Vec<_> = rows.iter().map(|row| row.2).collect();
    let found = sqlx::query!(
        r#"select w.n as "n!", c.field, c.actor_id as "by: UserId", u.name as by_name
           from unnest($1::text[], $2::bigint[], $3::bigint[]) with ordinality as w(entity, id, seq, n)
           -- each row by the index of its own, whatever the planner thinks of how many there are
           cross join lateral (
             select field, actor_id, batch_id, seq from change_log
             where entity = w.entity and entity_id = w.id and seq > w.seq offset 0) c
           join users u on u.id = c.actor_id
           where c.batch_id <> $4::text::uuid
             and not exists (select from undos x where x.batch_id = c.batch_id)
             and not coalesce(
               (select x.is_undone from undos x where x.root = c.batch_id order by x.n desc limit 1), false)
           order by w.n, c.seq desc"#,
        &entities,
        &ids,
        &places,
        not_of.to_string(),
    )
    .fetch_all(conn)
    .await?;
    let mut later = vec![Vec::new(); rows.len()];
    for one in found {
        let at = usize::try_from(one.n).unwrap_or_default().checked_sub(1);
        if let Some(of_row) = at.and_then(|at| later.get_mut(at)) {
            of_row.push(Later {
                field: one.field,
                by: one.by,
                by_name: one.by_name,
            });
        }
    }
    Ok(later)
}

/// Whether anything of an initiative changed after a place in its chain, but for that act. What was taken back since, and
/// what took it back, cancel out.
pub async fn went_on(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    seq: i64,
    not_of: BatchId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
             select from change_log c where c.chain = $1 and c.seq > $2 and c.batch_id <> $3::text::uuid
               and not exists (select from undos x where x.batch_id = c.batch_id)
               and not coalesce(
                 (select x.is_undone from undos x where x.root = c.batch_id order by x.n desc limit 1), false)
             ) as "went_on!""#,
        initiative.0,
        seq,
        not_of.to_string(),
    )
    .fetch_one(conn)
    .await
}

/// What somebody did last to a target of a copy since.
#[derive(Clone, Debug)]
pub struct WentOn {
    /// Which field, or which act.
    pub field: String,
    /// What it was called at the time.
    pub subject: String,
    /// Before.
    pub old: Value,
    /// After.
    pub new: Value,
    /// Who.
    pub by: UserId,
    /// Their name.
    pub by_name: String,
}

/// For each of these initiatives, the last that somebody did to its math model, its params or its scenarios, or to its
/// being on, after a place in its chain and but for that act; absent: nothing. What was taken back since, and what took it
/// back, cancel out; what the app did by itself doesn't count. One statement.
pub async fn worked_on(
    conn: &mut PgConnection,
    initiatives: &[(InitiativeId, i64)],
    not_of: BatchId,
) -> sqlx::Result<HashMap<InitiativeId, WentOn>> {
    let ids: Vec<_> = initiatives.iter().map(|(id, _)| id.0).collect();
    let places: Vec<_> = initiatives.iter().map(|(_, seq)| *seq).collect();
    let found = sqlx::query!(
        r#"select w.id as "id!: InitiativeId", c.field, c.subject, c.old as "old!", c.new as "new!",
             c.actor_id as "by: UserId", u.name as by_name
           from unnest($1::bigint[], $2::bigint[]) as w(id, seq)
           cross join lateral (
             select c.field, c.subject, coalesce(c.old, 'null') as old, coalesce(c.new, 'null') as new, c.actor_id
             from change_log c
             where c.chain = w.id and c.seq > w.seq and c.batch_id <> $3::text::uuid
               and c.through not in ('llm', 'rule')
               and not exists (select from undos x where x.batch_id = c.batch_id)
               and not coalesce(
                 (select x.is_undone from undos x where x.root = c.batch_id order by x.n desc limit 1), false)
               and case c.entity
                 when 'initiative' then c.field = 'use_math_model'
                   or (c.field = 'active_scoring_framework' and c.new = to_jsonb($4::text))
                 when 'param' then not exists (
                   select from params p join frameworks k on k.id = p.framework_id
                   where p.id = c.entity_id and k.key <> $4)
                 when 'scenario' then not exists (
                   select from math_models m join frameworks k on k.id = m.framework_id
                   where m.id = c.entity_id and k.key <> $4)
                 else c.entity = 'math_model' end
             order by c.seq desc limit 1) c
           join users u on u.id = c.actor_id"#,
        &ids,
        &places,
        not_of.to_string(),
        MATH_MODEL,
    )
    .fetch_all(conn)
    .await?;
    let each = found.into_iter().map(|row| {
        let what = WentOn {
            field: row.field,
            subject: row.subject,
            old: row.old,
            new: row.new,
            by: row.by,
            by_name: row.by_name,
        };
        (row.id, what)
    });
    Ok(each.collect())
}

/// Writes down that one act took another back; or did again what had been taken back, if that other did so.
pub async fn note_undo(
    conn: &mut PgConnection,
    batch: BatchId,
    undoes: BatchId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into undos (batch_id, undoes, root, is_undone)
         select $1::text::uuid, a.id, coalesce(u.root, a.id), not coalesce(u.is_undone, false)
         from (select $2::text::uuid as id) a left join undos u on u.batch_id = a.id",
        batch.to_string(),
        undoes.to_string(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The act that took this one back last; none: none did.
pub async fn undo_of(conn: &mut PgConnection, batch: BatchId) -> sqlx::Result<Option<BatchId>> {
    let undo = sqlx::query_scalar!(
        r#"select batch_id::text as "id!" from undos where undoes = $1::text::uuid order by n desc limit 1"#,
        batch.to_string(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(undo.and_then(|id| id.parse().ok()))
}

/// What a page is of, where one's last act is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An initiative with its models and params.
    Initiative(String),
    /// One param.
    Param(i64),
    /// These params.
    Params(Vec<i64>),
}

/// Which of one's acts is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The last that is in force.
    Undo,
    /// The last that was taken back, if nothing was done since.
    Redo,
}

/// The first change of somebody's last act on a subject that can be taken back, or done again.
pub async fn last_act(
    conn: &mut PgConnection,
    person: UserId,
    subject: &Subject,
    wanted: Wanted,
) -> sqlx::Result<Option<Logged>> {
    let mut sql = QueryBuilder::new(HEAD);
    sql.push(" and c.actor_id = ").push_bind(person);
    of_subject(&mut sql, "c", (subject, wanted));
    let ways: Vec<_> = WAYS_IN.map(str::to_owned).to_vec();
    let never: Vec<_> = NEVER.map(str::to_owned).to_vec();
    sql.push(" and c.through = any(").push_bind(ways);
    sql.push(") and c.field <> all(").push_bind(never);
    // Of what was made only a param of one's own goes again.
    sql.push(") and (c.field <> 'created' or c.entity = 'param'");
    match wanted {
        Wanted::Undo => {
            sql.push(
                ") and not exists (select from undos u where u.batch_id = c.batch_id) \
                 and not coalesce((select u.is_undone from undos u where u.root = c.batch_id order by u.n desc limit 1), false) \
                 and not exists (select from change_log m where m.batch_id = c.batch_id \
                   and (m.entity = 'initiative' and m.field = 'created' or m.entity = 'fact'))",
            );
        }
        Wanted::Redo => {
            sql.push(
                // Found from the undos, of which there are few, whatever the planner thinks of the history's length.
                ") and c.batch_id = any(array(select u.batch_id from undos u \
                   where u.is_undone and u.n > (select coalesce(max(n), 0) - 1000 from undos) \
                   and not exists (select from undos x where x.root = u.root and x.n > u.n)))",
            );
        }
    }
    // All changes of an act have one moment; the first is what the person did, the others what came of it.
    sql.push(" order by c.at desc, c.seq limit 1").push(TAIL);
    let last: Option<Logged> = sql.build_query_as().fetch_optional(&mut *conn).await?;
    match (wanted, last) {
        // Asked of the one found only: for each of an act's hundreds of rows it would be asked in vain.
        (Wanted::Redo, Some(last)) => {
            let is_over = went_on_since(conn, person, subject, last.at).await?;
            Ok((!is_over).then_some(last))
        }
        (_, last) => Ok(last),
    }
}

/// The newest of somebody's acts on a subject after a moment that is in force, whether or not it can be taken back.
pub async fn newest_since(
    conn: &mut PgConnection,
    person: UserId,
    subject: &Subject,
    at: DateTime<Utc>,
) -> sqlx::Result<Option<Logged>> {
    let mut sql = QueryBuilder::new(HEAD);
    sql.push(" and c.at > ").push_bind(at);
    sql.push(" and c.actor_id = ").push_bind(person);
    of_subject(&mut sql, "c", (subject, Wanted::Undo));
    let ways: Vec<_> = WAYS_IN.map(str::to_owned).to_vec();
    sql.push(" and c.through = any(").push_bind(ways);
    sql.push(
        ") and not exists (select from undos u where u.batch_id = c.batch_id) \
         and not coalesce((select u.is_undone from undos u where u.root = c.batch_id order by u.n desc limit 1), false) \
         order by c.at desc, c.seq limit 1",
    );
    sql.push(TAIL);
    sql.build_query_as().fetch_optional(conn).await
}

/// Whether somebody did anything else on a subject after a moment than take acts back.
async fn went_on_since(
    conn: &mut PgConnection,
    person: UserId,
    subject: &Subject,
    at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let mut sql = QueryBuilder::new("select exists (select from change_log m where m.at > ");
    sql.push_bind(at)
        .push(" and m.actor_id = ")
        .push_bind(person);
    of_subject(&mut sql, "m", (subject, Wanted::Redo));
    sql.push(" and not exists (select from undos u where u.batch_id = m.batch_id))");
    sql.build_query_scalar().fetch_one(conn).await
}

fn of_subject(
    sql: &mut QueryBuilder<Postgres>,
    table: &str,
    (subject, wanted): (&Subject, Wanted),
) {
    match subject {
        Subject::Initiative(key) => {
            sql.push(format_args!(
                " and {table}.chain = (select id from initiatives where key = "
            ));
            sql.push_bind(key.clone()).push(")");
        }
        Subject::Param(id) => {
            sql.push(format_args!(
                " and {table}.entity = 'param' and {table}.entity_id = "
            ));
            sql.push_bind(*id);
        }
        Subject::Params(ids) => {
            sql.push(format_args!(
                " and {table}.entity = 'param' and ({table}.entity_id = any("
            ));
            sql.push_bind(ids.clone()).push(")");
            if wanted == Wanted::Redo {
                // A row that was added and taken out again stood among these.
                sql.push(format_args!(
                    " or not exists (select from params where id = {table}.entity_id) \
                     and {table}.chain in (select initiative_id from params where id = any("
                ));
                sql.push_bind(ids.clone()).push("))");
            }
            sql.push(")");
        }
    }
}

/// Everybody who ever changed something, by name.
pub async fn people(conn: &mut PgConnection) -> sqlx::Result<Vec<(UserId, String)>> {
    let rows = sqlx::query!(
        r#"select id as "id: UserId", name from users u
           where exists (select from change_log c where c.actor_id = u.id) order by name, id"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

#[cfg(test)]
mod tests;
