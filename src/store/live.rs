//! What has changed since one last looked, whoever did it and in whichever process: the history read by its own
//! transaction numbers, and the alarm between processes that says it is worth looking. On the same channel processes
//! also say other things to each other, which nobody keeps.
//!
//! No table is written for it and no transaction carries a NOTIFY (that costs two thirds of the edits a second). A row
//! of the history carries the number of the transaction that wrote it (`xmin`); one that isn't older than the oldest
//! transaction that was running at the last look may be new. Savepoints have later numbers than what they are part of,
//! so nothing is missed; what is seen twice is told once by the chains' own numbers.

use super::Db;
use sqlx::postgres::PgListener;
use std::{collections::HashMap, future::Future, io, time::Duration};
use tokio::time::timeout;

/// The channel of the alarm, which is empty, and of what else processes say to each other.
const CHANNEL: &str = "productops";
/// How long an answer may take; after that the connection counts as dead.
const LIMIT: Duration = Duration::from_secs(3);
/// Above so many initiatives at once, everything counts as changed.
const MOST: usize = 100;

/// One change, as far as a page needs it to know what to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The initiative's key; `facts` and `mirror` where it is of none.
    pub key: String,
    /// Who changed it, by number.
    pub by: i64,
    /// Who changed it.
    pub by_name: String,
    /// What kind of row.
    pub entity: String,
    /// Which row.
    pub entity_id: i64,
    /// Which field, or which act.
    pub field: String,
}

impl Heard {
    /// The mirror has looked at the sheet, or somebody has decided about it.
    fn of_mirror() -> Self {
        Self {
            key: "mirror".to_owned(),
            by: 0,
            by_name: "The mirror".to_owned(),
            entity: "mirror".to_owned(),
            entity_id: 1,
            field: "run".to_owned(),
        }
    }
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// These changes; none: nothing.
    Changes(Vec<Heard>),
    /// Too many to name, or scores that were worked out afresh without a line in the history.
    Many,
}

/// A connection of its own that hears the alarm and reads what is new.
#[derive(Debug)]
pub struct Tail {
    listener: PgListener,
    /// The oldest transaction that was running at the last look.
    since: i64,
    /// The last number seen of each chain that the next look may see again.
    told: HashMap<i64, i64>,
    /// The latest transaction that touched a job.
    jobs: i64,
    /// The latest transaction that touched the mirror's state.
    mirror: i64,
    /// What stands in no history and the next look may see again, by kind and number, each with the transaction that
    /// wrote it.
    beside: HashMap<(String, i64), i64>,
}

impl Tail {
    /// Connects, and begins with what is new from now on.
    pub async fn open(db: &Db) -> sqlx::Result<Self> {
        let listener = in_time(async {
            let mut listener = db.listener().await?;
            listener.listen(CHANNEL).await?;
            Ok(listener)
        });
        let mut tail = Self {
            listener: listener.await?,
            since: 0,
            told: HashMap::new(),
            jobs: 0,
            mirror: 0,
            beside: HashMap::new(),
        };
        tail.pass_over().await?;
        Ok(tail)
    }

    /// Waits for what a process says, an empty text being the alarm; an error: the connection is lost, and with it
    /// perhaps an alarm. May be given up at any time.
    pub async fn hears(&mut self) -> sqlx::Result<String> {
        match self.listener.try_recv().await? {
            Some(said) => Ok(said.payload().to_owned()),
            None => Err(io::Error::from(io::ErrorKind::ConnectionAborted).into()),
        }
    }

    /// What has been heard by now and not been taken.
    pub fn has_heard(&mut self) -> Option<String> {
        let said = self.listener.next_buffered()?;
        Some(said.payload().to_owned())
    }

    /// Raises the alarm in every process, this one too.
    pub async fn raise(&mut self) -> sqlx::Result<()> {
        self.say("").await
    }

    /// Says this to every process, this one too: at most 7,999 bytes.
    pub async fn say(&mut self, text: &str) -> sqlx::Result<()> {
        let said = sqlx::query!("select pg_notify($1, $2)", CHANNEL, text);
        in_time(said.execute(&mut self.listener)).await.map(drop)
    }

    /// Counts everything up to now as seen.
    async fn pass_over(&mut self) -> sqlx::Result<()> {
        let asked = sqlx::query_scalar!(
            r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "oldest!""#
        );
        self.since = in_time(asked.fetch_one(&mut self.listener)).await?;
        Ok(())
    }

    /// What moved since the last look and stands in no history: requests to the LLM, those that are open and as many of
    /// the latest as may have ended meanwhile; and comments, made or taken back.
    async fn moved_beside(&mut self) -> sqlx::Result<Vec<Heard>> {
        let asked = sqlx::query!(
            r#"with here as materialized (
                 select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next
               ), moved as (
                 (select 'llm_request' as entity, id, xmin::text::bigint as written, initiative_id,
                    coalesce(math_model_id, 0) as about, workflow as field, null::bigint as by_id
                  from llm_requests where finished_at is null order by run_at, id limit $2)
                 union
                 (select 'llm_request', id, xmin::text::bigint, initiative_id, coalesce(math_model_id, 0), workflow, null
                  from llm_requests order by id desc limit $2)
                 union
                 (select 'comment', id, xmin::text::bigint, initiative_id, entity_id, 'comment', author_id
                  from comments order by coalesce(withdrawn_at, at) desc limit $2)
               )
               select m.entity as "entity!", m.id as "id!", m.written as "written!", i.key, m.about as "about!",
                 m.field as "field!", coalesce(m.by_id, 0) as "by!", coalesce(u.name, 'The LLM') as "by_name!"
               from moved m join initiatives i on i.id = m.initiative_id left join users u on u.id = m.by_id, here
               where here.next - (here.next - m.written) % 4294967296 >= $1::bigint"#,
            self.since,
            i64::try_from(MOST).unwrap_or(i64::MAX),
        );
        let rows = in_time(asked.fetch_all(&mut self.listener)).await?;
        let mut seen = HashMap::new();
        let mut heard = Vec::new();
        for row in rows {
            let of = (row.entity.clone(), row.id);
            let is_new = self.beside.get(&of) != Some(&row.written);
            seen.insert(of, row.written);
            if is_new {
                heard.push(Heard {
                    key: row.key,
                    by: row.by,
                    by_name: row.by_name,
                    entity: row.entity,
                    entity_id: row.about,
                    field: row.field,
                });
            }
        }
        self.beside = seen;
        Ok(heard)
    }

    /// What is new since the last look.
    pub async fn look(&mut self) -> sqlx::Result<News> {
        // A transaction's short number, made long again: it is at most one round behind the next one.
        let asked = sqlx::query!(
            r#"with here as materialized (
                 select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest,
                        pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next
               ), moved as materialized (
                 select c.chain, c.seq from change_chains c, here
                 where here.next - (here.next - c.xmin::text::bigint) % 4294967296 >= $1::bigint
                 order by c.chain limit $2
               )
               select here.oldest as "oldest!",
                 (select coalesce(max(here.next - (here.next - j.xmin::text::bigint) % 4294967296), 0)
                  from jobs j)::bigint as "jobs!",
                 (select coalesce(max(here.next - (here.next - t.xmin::text::bigint) % 4294967296), 0)
                  from mirror_target t)::bigint as "mirror!",
                 l.chain as "chain?", l.seq as "seq?", l.actor_id as "by?", u.name as "by_name?",
                 l.entity as "entity?", l.entity_id as "entity_id?", l.field as "field?",
                 coalesce(i.key, 'facts') as "key?"
               from here
               left join (moved m
                 join change_log l on l.chain = m.chain and l.seq > m.seq - 50
                   and (select next from here) - ((select next from here) - l.xmin::text::bigint) % 4294967296
                     >= $1::bigint
                   and (l.chain > 0 or l.entity = 'fact')
                 left join initiatives i on i.id = m.chain
                 join users u on u.id = l.actor_id) on true
               order by l.chain, l.seq"#,
            self.since,
            i64::try_from(MOST + 1).unwrap_or(i64::MAX),
        );
        let rows = in_time(asked.fetch_all(&mut self.listener)).await?;
        let mut heard = Vec::new();
        let mut told = HashMap::new();
        let worked = rows.first().map_or(self.jobs, |row| row.jobs);
        let oldest = rows.first().map_or(self.since, |row| row.oldest);
        let mirrored = rows.first().map_or(self.mirror, |row| row.mirror);
        for row in rows {
            let (Some(chain), Some(seq)) = (row.chain, row.seq) else {
                continue;
            };
            told.insert(chain, seq);
            if self.told.get(&chain).is_some_and(|last| *last >= seq) {
                continue;
            }
            heard.push(Heard {
                key: row.key.unwrap_or_default(),
                by: row.by.unwrap_or_default(),
                by_name: row.by_name.unwrap_or_default(),
                entity: row.entity.unwrap_or_default(),
                entity_id: row.entity_id.unwrap_or_default(),
                field: row.field.unwrap_or_default(),
            });
        }
        if mirrored > self.mirror && mirrored >= self.since {
            heard.push(Heard::of_mirror());
        }
        heard.extend(self.moved_beside().await?);
        let is_many = told.len() > MOST || (worked > self.jobs && worked >= self.since);
        (self.since, self.told) = (oldest, told);
        (self.jobs, self.mirror) = (worked, mirrored);
        Ok(if is_many {
            News::Many
        } else {
            News::Changes(heard)
        })
    }
}

async fn in_time<T>(work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let late = |_elapsed| sqlx::Error::Io(io::ErrorKind::TimedOut.into());
    timeout(LIMIT, work).await.map_err(late)?
}
