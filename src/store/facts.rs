//! Shared facts, each with what is proposed of it. Proposals come and go in [`super::fact_proposals`]; what a change of one
//! does to those who follow it is in [`super::fact_spread`].

use super::types::impossible;
use crate::domain::{
    approval::{Approval, Origin},
    fact::{Fact, FactNumbers, FactProposal, FactWords, InForce},
    ids::{ApprovalId, FactId, FactProposalId, UserId},
    param::{Bounds, Number, Source},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// How many facts a page of the library shows.
pub const FACTS_PAGE: i64 = 100;

/// What of the library is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactQuery {
    /// Words looked for in name and description.
    pub search: String,
    /// Whose they are.
    pub source: Option<Source>,
    /// Those put away instead of those in use.
    pub is_archived: bool,
    /// Only what waits for approval, or has been approved (`Some(false)`: and so can be followed).
    pub is_proposed: Option<bool>,
    /// The name in lower case and the number of the last one of the page before.
    pub after: Option<(String, FactId)>,
    /// All of them rather than one page: for downloads.
    pub is_whole: bool,
}

struct Row {
    id: FactId,
    revision: i64,
    name: String,
    description: String,
    value: Option<String>,
    unit: String,
    min: Option<String>,
    max: Option<String>,
    source: Option<String>,
    value_set_by: Option<UserId>,
    value_set_by_name: Option<String>,
    value_set_at: Option<DateTime<Utc>>,
    evidence_link: String,
    evidence_as_of: Option<NaiveDate>,
    review_by: Option<NaiveDate>,
    archived_at: Option<DateTime<Utc>>,
    uses: i64,
    a_id: Option<ApprovalId>,
    a_by: Option<UserId>,
    a_by_name: Option<String>,
    a_at: Option<DateTime<Utc>>,
    p_id: Option<FactProposalId>,
    p_value: Option<String>,
    p_unit: Option<String>,
    p_min: Option<String>,
    p_max: Option<String>,
    p_source: Option<String>,
    p_reason: Option<String>,
    p_by: Option<UserId>,
    p_by_name: Option<String>,
    p_at: Option<DateTime<Utc>>,
}

/// The numbers of a row or of its proposal; none: there are none.
fn numbers(
    id: FactId,
    (value, unit): (Option<String>, String),
    (min, max): (Option<String>, Option<String>),
    source: Option<String>,
) -> sqlx::Result<Option<FactNumbers>> {
    let (Some(value), Some(source)) = (value, source) else {
        return Ok(None);
    };
    let source = source.parse::<Source>();
    Ok(Some(FactNumbers {
        value: Number::from_decimal(value),
        unit,
        range: Bounds {
            min: min.map(Number::from_decimal),
            max: max.map(Number::from_decimal),
        },
        source: source.map_err(|_error| impossible("facts", "source", id.0))?,
    }))
}

impl TryFrom<Row> for Fact {
    type Error = sqlx::Error;
    fn try_from(row: Row) -> sqlx::Result<Self> {
        let id = row.id;
        let own = numbers(id, (row.value, row.unit), (row.min, row.max), row.source)?;
        let in_force = match own {
            None => None,
            Some(numbers) => {
                let approval = match (row.a_id, row.a_by, row.a_by_name, row.a_at) {
                    (Some(id), Some(by), Some(by_name), Some(at)) => Some(Approval {
                        id,
                        by,
                        by_name,
                        at,
                        origin: Origin::Person,
                    }),
                    _ => None,
                };
                let set_by = row.value_set_by.zip(row.value_set_by_name);
                let whole = approval.zip(set_by).zip(row.value_set_at);
                let ((approval, set_by), set_at) =
                    whole.ok_or_else(|| impossible("facts", "value", id.0))?;
                Some(InForce {
                    numbers,
                    set_by,
                    set_at,
                    approval,
                })
            }
        };
        let unit = row.p_unit.unwrap_or_default();
        let proposed = numbers(
            id,
            (row.p_value, unit),
            (row.p_min, row.p_max),
            row.p_source,
        )?;
        let by = row.p_by.zip(row.p_by_name).zip(row.p_at);
        let proposal = proposed.zip(row.p_id).zip(by);
        Ok(Self {
            id,
            revision: row.revision,
            words: FactWords {
                name: row.name,
                description: row.description,
                evidence_link: row.evidence_link,
                evidence_as_of: row.evidence_as_of,
                review_by: row.review_by,
            },
            in_force,
            proposal: proposal.map(|((numbers, id), ((by, by_name), at))| FactProposal {
                id,
                numbers,
                reason: row.p_reason.unwrap_or_default(),
                by,
                by_name,
                at,
            }),
            archived_at: row.archived_at,
            uses: row.uses,
        })
    }
}

/// A page of the library in the order of names, or all of it; one more than [`FACTS_PAGE`]: there is another page.
pub async fn list(conn: &mut PgConnection, query: &FactQuery) -> sqlx::Result<Vec<Fact>> {
    find(conn, None, query).await
}

/// One fact.
pub async fn get(conn: &mut PgConnection, id: FactId) -> sqlx::Result<Option<Fact>> {
    let query = FactQuery::default();
    Ok(find(conn, Some(id), &query).await?.pop())
}

/// How a fact is locked until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// To change it: behind everybody who was changing or holding it.
    Alone,
    /// So that it stays as it is, while others may hold it too.
    Shared,
}

/// One fact, locked.
pub async fn lock(conn: &mut PgConnection, id: FactId, lock: Lock) -> sqlx::Result<Option<Fact>> {
    match lock {
        Lock::Alone => {
            let locked = sqlx::query!("select from facts where id = $1 for update", id as FactId);
            locked.execute(&mut *conn).await?;
        }
        Lock::Shared => {
            let locked = sqlx::query!("select from facts where id = $1 for share", id as FactId);
            locked.execute(&mut *conn).await?;
        }
    }
    get(conn, id).await
}

async fn find(
    conn: &mut PgConnection,
    id: Option<FactId>,
    query: &FactQuery,
) -> sqlx::Result<Vec<Fact>> {
    let (name, last) = query.after.clone().unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"select f.id as "id!: FactId", f.revision as "revision!", f.name as "name!", f.description as "description!",
             trim_scale(f.value)::text as value, f.unit as "unit!", trim_scale(f.min)::text as min,
             trim_scale(f.max)::text as max, f.source, f.value_set_by as "value_set_by: UserId",
             vu.name as "value_set_by_name?", f.value_set_at, f.evidence_link as "evidence_link!", f.evidence_as_of,
             f.review_by, f.archived_at,
             (select count(distinct initiative_id) from params where fact_id = f.id) as "uses!",
             a.id as "a_id?: ApprovalId", a.approved_by as "a_by?: UserId", au.name as "a_by_name?",
             a.approved_at as "a_at?",
             p.id as "p_id?: FactProposalId", trim_scale(p.value)::text as p_value, p.unit as "p_unit?",
             trim_scale(p.min)::text as p_min, trim_scale(p.max)::text as p_max, p.source as "p_source?",
             p.reason as "p_reason?", p.proposed_by as "p_by?: UserId", pu.name as "p_by_name?",
             p.proposed_at as "p_at?"
           from facts f
           left join users vu on vu.id = f.value_set_by
           left join approvals a on a.subject_kind = 'fact' and a.subject_id = f.id and a.part = 'value'
             and a.withdrawn_at is null
           left join users au on au.id = a.approved_by
           left join fact_proposals p on p.fact_id = f.id and p.ended_at is null
           left join users pu on pu.id = p.proposed_by
           where ($1::bigint is null or f.id = $1)
             and ($1::bigint is not null or (f.archived_at is not null) = $2)
             and ($3 = '%%' or lower(f.name || ' ' || f.description) like $3)
             and ($4::text is null or coalesce(f.source, p.source) = $4)
             and ($5::bool is null or case when $5 then p.id is not null else f.value is not null end)
             and ($6::text is null or (lower(f.name), f.id) > ($6, $7::bigint))
           order by lower(f.name), f.id limit $8"#,
        id as Option<FactId>,
        query.is_archived,
        super::search::pattern(&query.search),
        query.source.map(Source::key),
        query.is_proposed,
        name,
        last as Option<FactId>,
        (!query.is_whole).then_some(FACTS_PAGE + 1),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Who made changes, and when.
pub type By = (UserId, DateTime<Utc>);

/// A new fact with nothing in force; none: its name is taken.
pub async fn insert(
    conn: &mut PgConnection,
    words: &FactWords,
    (by, now): By,
) -> sqlx::Result<Option<FactId>> {
    sqlx::query_scalar!(
        r#"insert into facts (name, description, evidence_link, evidence_as_of, review_by, created_at, updated_at,
             updated_by)
           values ($1, $2, $3, $4, $5, $6, $6, $7)
           on conflict (lower(name)) where archived_at is null do nothing returning id as "id: FactId""#,
        words.name,
        words.description,
        words.evidence_link,
        words.evidence_as_of,
        words.review_by,
        now,
        by as UserId,
    )
    .fetch_optional(conn)
    .await
}

/// The fact in use that has the name, whatever the case.
pub async fn named(conn: &mut PgConnection, name: &str) -> sqlx::Result<Option<FactId>> {
    sqlx::query_scalar!(
        r#"select id as "id: FactId" from facts
           where lower(name) = lower(regexp_replace(btrim($1), '\s+', ' ', 'g')) and archived_at is null"#,
        name
    )
    .fetch_optional(conn)
    .await
}

/// Whether another fact in use has the name.
pub async fn is_name_taken(conn: &mut PgConnection, name: &str, but: FactId) -> sqlx::Result<bool> {
    let taken = sqlx::query_scalar!(
        r#"select exists (select from facts where lower(name) = lower($1) and archived_at is null and id <> $2)
           as "taken!""#,
        name,
        but as FactId,
    );
    taken.fetch_one(conn).await
}

/// Says otherwise what a fact is; its new revision.
pub async fn save_words(
    conn: &mut PgConnection,
    id: FactId,
    words: &FactWords,
    (by, now): By,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update facts set name = $2, description = $3, evidence_link = $4, evidence_as_of = $5, review_by = $6,
           revision = revision + 1, updated_at = $7, updated_by = $8
         where id = $1 returning revision",
        id as FactId,
        words.name,
        words.description,
        words.evidence_link,
        words.evidence_as_of,
        words.review_by,
        now,
        by as UserId,
    )
    .fetch_one(conn)
    .await
}

/// Puts a fact away, or takes it out again; its new revision.
pub async fn save_archived(
    conn: &mut PgConnection,
    id: FactId,
    is_archived: bool,
    (by, now): By,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update facts set archived_at = case when $2 then $3::timestamptz else null end, revision = revision + 1, updated_at = $3,
           updated_by = $4
         where id = $1 returning revision",
        id as FactId,
        is_archived,
        now,
        by as UserId,
    )
    .fetch_one(conn)
    .await
}

/// Moves a fact's revision: something about it came or went.
pub async fn move_revision(
    conn: &mut PgConnection,
    id: FactId,
    (by, now): By,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update facts set revision = revision + 1, updated_at = $2, updated_by = $3 where id = $1 returning revision",
        id as FactId,
        now,
        by as UserId,
    )
    .fetch_one(conn)
    .await
}
