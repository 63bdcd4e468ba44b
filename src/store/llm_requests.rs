//! Requests to the LLM: the queue that workers claim from, and how each stands, for people. Goes by the database's clock,
//! and a claim holds only as long as its lease is renewed, as for [`super::jobs`].

use super::types::impossible;
use crate::domain::{
    ids::{InitiativeId, LlmCallId, LlmRequestId, MathModelId, ParamId, UserId},
    llm_inputs::Fingerprint,
    llm_request::{Subject, Use, Workflow},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How long a claim holds without a sign of life, in seconds.
const LEASE: f64 = 30.0;

/// A request to be.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// What it is about.
    pub subject: Subject,
    /// Whether a person pressed for it.
    pub is_on_request: bool,
    /// Of what is sent.
    pub fingerprint: Fingerprint,
    /// The most it may use.
    pub reserved: Use,
}

/// Queues a request, as part of the transaction that reserved its budget.
pub async fn insert(
    tx: &mut PgConnection,
    new: &NewRequest,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<LlmRequestId> {
    sqlx::query_scalar!(
        r#"insert into llm_requests (workflow, initiative_id, math_model_id, param_ids, is_on_request, asked_by, asked_at,
             inputs_sha256, reserved_calls, reserved_tokens)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id as "id: LlmRequestId""#,
        new.subject.workflow.key(),
        new.subject.initiative as InitiativeId,
        new.subject.model as Option<MathModelId>,
        &new.subject.params as &[ParamId],
        new.is_on_request,
        by as UserId,
        now,
        &new.fingerprint[..],
        new.reserved.calls,
        new.reserved.tokens,
    )
    .fetch_one(tx)
    .await
}

/// The request of that kind that is still open there.
pub async fn open(
    conn: &mut PgConnection,
    subject: &Subject,
) -> sqlx::Result<Option<LlmRequestId>> {
    sqlx::query_scalar!(
        r#"select id as "id: LlmRequestId" from llm_requests
           where workflow = $1 and initiative_id = $2 and math_model_id is not distinct from $3 and finished_at is null"#,
        subject.workflow.key(),
        subject.initiative as InitiativeId,
        subject.model as Option<MathModelId>,
    )
    .fetch_optional(conn)
    .await
}

/// A request in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its row.
    pub id: LlmRequestId,
    /// What it is about.
    pub subject: Subject,
    /// Whether a person pressed for it.
    pub is_on_request: bool,
    /// Who asked.
    pub asked_by: UserId,
    /// The how-manieth attempt this is; only its holder may settle it.
    pub attempt: i32,
}

/// Takes the next request that is due, or one whose holder has given no sign of life.
pub async fn claim(conn: &mut PgConnection) -> sqlx::Result<Option<Claimed>> {
    let row = sqlx::query!(
        r#"update llm_requests set status = 'running', attempt = attempt + 1, progress = 'asking',
             lease_until = now() + make_interval(secs => $1)
           where id = (
             select id from llm_requests
             where finished_at is null and run_at <= now()
               and (status = 'waiting' or (status = 'running' and lease_until <= now()))
             order by run_at, id limit 1 for update skip locked)
           returning id as "id: LlmRequestId", workflow, initiative_id as "initiative: InitiativeId",
             math_model_id as "model: MathModelId", param_ids as "params: Vec<ParamId>", is_on_request,
             asked_by as "asked_by: UserId", attempt"#,
        LEASE,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let workflow = Workflow::from_key(&row.workflow);
        let wrong = || impossible("llm_requests", "workflow", row.id.0);
        Ok(Claimed {
            id: row.id,
            subject: Subject {
                workflow: workflow.ok_or_else(wrong)?,
                initiative: row.initiative,
                model: row.model,
                params: row.params,
            },
            is_on_request: row.is_on_request,
            asked_by: row.asked_by,
            attempt: row.attempt,
        })
    })
    .transpose()
}

/// Gives a sign of life. False: it isn't this holder's any more; somebody cancelled it, or another has it.
pub async fn live_on(conn: &mut PgConnection, claimed: &Claimed) -> sqlx::Result<bool> {
    let renewed = sqlx::query!(
        "update llm_requests set lease_until = now() + make_interval(secs => $3)
         where id = $1 and attempt = $2 and status = 'running'",
        claimed.id as LlmRequestId,
        claimed.attempt,
        LEASE,
    );
    Ok(renewed.execute(conn).await?.rows_affected() == 1)
}

/// Says what it is doing. False: as above.
pub async fn note_progress(
    conn: &mut PgConnection,
    claimed: &Claimed,
    progress: &str,
) -> sqlx::Result<bool> {
    let noted = sqlx::query!(
        "update llm_requests set progress = $3, lease_until = now() + make_interval(secs => $4)
         where id = $1 and attempt = $2 and status = 'running'",
        claimed.id as LlmRequestId,
        claimed.attempt,
        progress,
        LEASE,
    );
    Ok(noted.execute(conn).await?.rows_affected() == 1)
}

/// It is answered. False: it wasn't this holder's any more, so the answer must not count.
pub async fn complete(tx: &mut PgConnection, claimed: &Claimed) -> sqlx::Result<bool> {
    let settled = sqlx::query!(
        "update llm_requests set status = 'done', finished_at = now(), lease_until = null, progress = '', why = null
         where id = $1 and attempt = $2 and status = 'running'",
        claimed.id as LlmRequestId,
        claimed.attempt,
    );
    Ok(settled.execute(tx).await?.rows_affected() == 1)
}

/// It is asked again after so many seconds; without a reason: the process stops, and another goes on.
pub async fn later(
    conn: &mut PgConnection,
    claimed: &Claimed,
    why: Option<&str>,
    seconds: f64,
) -> sqlx::Result<bool> {
    let settled = sqlx::query!(
        "update llm_requests set status = 'waiting', lease_until = null, why = coalesce($3, why),
           progress = case when $3::text is null then '' else 'trying again' end,
           run_at = now() + make_interval(secs => $4)
         where id = $1 and attempt = $2 and status = 'running'",
        claimed.id as LlmRequestId,
        claimed.attempt,
        why,
        seconds,
    );
    Ok(settled.execute(conn).await?.rows_affected() == 1)
}

/// It failed for good, for that reason.
pub async fn fail(conn: &mut PgConnection, claimed: &Claimed, why: &str) -> sqlx::Result<bool> {
    let settled = sqlx::query!(
        "update llm_requests set status = 'failed', finished_at = now(), lease_until = null, progress = '', why = $3
         where id = $1 and attempt = $2 and status = 'running'",
        claimed.id as LlmRequestId,
        claimed.attempt,
        why,
    );
    Ok(settled.execute(conn).await?.rows_affected() == 1)
}

/// Ends an open request without an answer. False: it wasn't open any more.
pub async fn cancel(tx: &mut PgConnection, id: LlmRequestId, why: &str) -> sqlx::Result<bool> {
    let cancelled = sqlx::query!(
        "update llm_requests set status = 'cancelled', finished_at = now(), lease_until = null, progress = '', why = $2
         where id = $1 and finished_at is null",
        id as LlmRequestId,
        why,
    );
    Ok(cancelled.execute(tx).await?.rows_affected() == 1)
}

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody has begun with it, or it is tried again later.
    Waiting,
    /// It is being asked.
    Running,
    /// It is answered.
    Done,
    /// There is no answer that can be used.
    Failed,
    /// A person took it back.
    Cancelled,
}

impl Status {
    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let all = [
            Self::Waiting,
            Self::Running,
            Self::Done,
            Self::Failed,
            Self::Cancelled,
        ];
        all.into_iter().find(|status| status.key() == key)
    }

    /// Whether something may still come of it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// A request, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestState {
    /// Its row.
    pub id: LlmRequestId,
    /// What was asked for.
    pub workflow: Workflow,
    /// Whose.
    pub initiative_key: String,
    /// Of which model.
    pub model: Option<MathModelId>,
    /// About which params.
    pub params: Vec<ParamId>,
    /// Whether a person pressed for it.
    pub is_on_request: bool,
    /// Who asked.
    pub asked_by: UserId,
    /// Their name.
    pub asked_by_name: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// How it stands.
    pub status: Status,
    /// What it is doing: empty, `asking`, `repairing, 2nd try`, `trying again`.
    pub progress: String,
    /// When it is tried next; of one that waits.
    pub run_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What went wrong last.
    pub why: Option<String>,
    /// Its last call; none: none was made.
    pub last_call: Option<LlmCallId>,
}

struct StateRow {
    id: LlmRequestId,
    workflow: String,
    initiative_key: String,
    model: Option<MathModelId>,
    params: Vec<ParamId>,
    is_on_request: bool,
    asked_by: UserId,
    asked_by_name: String,
    asked_at: DateTime<Utc>,
    status: String,
    progress: String,
    run_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    why: Option<String>,
    last_call: Option<LlmCallId>,
}

impl TryFrom<StateRow> for RequestState {
    type Error = sqlx::Error;
    fn try_from(row: StateRow) -> sqlx::Result<Self> {
        let wrong = |column| impossible("llm_requests", column, row.id.0);
        Ok(Self {
            id: row.id,
            workflow: Workflow::from_key(&row.workflow).ok_or_else(|| wrong("workflow"))?,
            initiative_key: row.initiative_key,
            model: row.model,
            params: row.params,
            is_on_request: row.is_on_request,
            asked_by: row.asked_by,
            asked_by_name: row.asked_by_name,
            asked_at: row.asked_at,
            status: Status::from_key(&row.status).ok_or_else(|| wrong("status"))?,
            progress: row.progress,
            run_at: row.run_at,
            finished_at: row.finished_at,
            why: row.why,
            last_call: row.last_call,
        })
    }
}

/// How many requests a page lists.
pub const PAGE: i64 = 50;

/// Requests, the newest first, one page: those of a status, those before a row.
pub async fn list(
    conn: &mut PgConnection,
    status: Option<Status>,
    before: Option<LlmRequestId>,
) -> sqlx::Result<Vec<RequestState>> {
    let rows = sqlx::query_as!(
        StateRow,
        r#"select r.id as "id: LlmRequestId", r.workflow, i.key as initiative_key,
             r.math_model_id as "model: MathModelId", r.param_ids as "params: Vec<ParamId>", r.is_on_request,
             r.asked_by as "asked_by: UserId", u.name as asked_by_name, r.asked_at, r.status, r.progress, r.run_at,
             r.finished_at, r.why, (select max(c.id) from llm_calls c where c.request_id = r.id) as "last_call: LlmCallId"
           from llm_requests r join initiatives i on i.id = r.initiative_id join users u on u.id = r.asked_by
           where ($1::text is null or r.status = $1) and ($2::bigint is null or r.id < $2)
           order by r.id desc limit $3"#,
        status.map(Status::key),
        before.map(|id| id.0),
        PAGE,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One request.
pub async fn get(conn: &mut PgConnection, id: LlmRequestId) -> sqlx::Result<Option<RequestState>> {
    let row = sqlx::query_as!(
        StateRow,
        r#"select r.id as "id: LlmRequestId", r.workflow, i.key as initiative_key,
             r.math_model_id as "model: MathModelId", r.param_ids as "params: Vec<ParamId>", r.is_on_request,
             r.asked_by as "asked_by: UserId", u.name as asked_by_name, r.asked_at, r.status, r.progress, r.run_at,
             r.finished_at, r.why, (select max(c.id) from llm_calls c where c.request_id = r.id) as "last_call: LlmCallId"
           from llm_requests r join initiatives i on i.id = r.initiative_id join users u on u.id = r.asked_by
           where r.id = $1"#,
        id as LlmRequestId,
    )
    .fetch_optional(conn)
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The latest request of each kind about an initiative and its models; what was never asked for is absent.
pub async fn latest(
    conn: &mut PgConnection,
    initiative: InitiativeId,
) -> sqlx::Result<Vec<RequestState>> {
    let rows = sqlx::query_as!(
        StateRow,
        r#"select r.id as "id: LlmRequestId", r.workflow, i.key as initiative_key,
             r.math_model_id as "model: MathModelId", r.param_ids as "params: Vec<ParamId>", r.is_on_request,
             r.asked_by as "asked_by: UserId", u.name as asked_by_name, r.asked_at, r.status, r.progress, r.run_at,
             r.finished_at, r.why, (select max(c.id) from llm_calls c where c.request_id = r.id) as "last_call: LlmCallId"
           from (
             select distinct on (workflow, math_model_id) * from llm_requests where initiative_id = $1
             order by workflow, math_model_id, id desc
           ) r join initiatives i on i.id = r.initiative_id join users u on u.id = r.asked_by
           order by r.id desc"#,
        initiative as InitiativeId,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// A suggestion that failed and that nothing has happened about since: it waits for the PM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedSuggestion {
    /// Of which model.
    pub model: MathModelId,
    /// Its initiative's key.
    pub initiative_key: String,
    /// Its initiative's title.
    pub initiative_title: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub why: String,
}

/// Models of what isn't archived whose last suggestion failed and that have no formula, what has been there longest
/// first; so many at most, or all.
pub async fn failed_suggestions(
    conn: &mut PgConnection,
    most: Option<i64>,
) -> sqlx::Result<Vec<FailedSuggestion>> {
    sqlx::query_as!(
        FailedSuggestion,
        r#"select m.id as "model: MathModelId", i.key as initiative_key, i.title as initiative_title,
             r.finished_at as "since!", coalesce(r.why, '') as "why!"
           from math_models m join initiatives i on i.id = m.initiative_id
           cross join lateral (
             select status, finished_at, why from llm_requests
             where math_model_id = m.id and workflow = 'suggest_math_model' order by id desc limit 1) r
           where r.status = 'failed' and m.formula_version_id is null and i.archived_at is null
           order by r.finished_at, m.id limit $1"#,
        most,
    )
    .fetch_all(conn)
    .await
}

/// How many of these the queue shows.
pub const FAILED: i64 = 200;

/// How many of these there are, up to 200.
pub async fn count_failed_suggestions(conn: &mut PgConnection) -> sqlx::Result<u32> {
    let count = sqlx::query_scalar!(
        r#"select count(*)::int as "count!" from (
             select from llm_requests r join math_models m on m.id = r.math_model_id
             join initiatives i on i.id = m.initiative_id
             where r.status = 'failed' and r.workflow = 'suggest_math_model' and m.formula_version_id is null
               and i.archived_at is null
               and not exists (select from llm_requests n where n.math_model_id = m.id
                 and n.workflow = 'suggest_math_model' and n.id > r.id)
             limit 200) failed"#
    )
    .fetch_one(conn)
    .await?;
    Ok(u32::try_from(count).unwrap_or_default())
}

/// Models that are described and have no formula, whose initiative isn't archived and has been still since then, and that
/// have no open request: what the app may ask about by itself. In order of rows.
pub async fn to_look_at(
    conn: &mut PgConnection,
    still_since: DateTime<Utc>,
) -> sqlx::Result<Vec<MathModelId>> {
    sqlx::query_scalar!(
        r#"select m.id as "id: MathModelId" from math_models m join initiatives i on i.id = m.initiative_id
           join initiative_frameworks f on f.initiative_id = m.initiative_id and f.framework_id = m.framework_id
           where m.formula_version_id is null and f.is_on and m.scenario_label = 'Base'
             and (m.model_description_free_text <> '' or m.model_prompt_to_llm <> '')
             and i.archived_at is null and i.updated_at <= $1 and m.updated_at <= $1
             and not exists (select from formula_drafts d where d.math_model_id = m.id and d.saved_at > $1)
             and not exists (select from llm_requests r where r.math_model_id = m.id
               and r.workflow = 'suggest_math_model' and r.finished_at is null)
           order by m.id"#,
        still_since,
    )
    .fetch_all(conn)
    .await
}

/// Whether a suggestion was asked for with these very inputs, whatever came of it.
pub async fn was_asked(
    conn: &mut PgConnection,
    model: MathModelId,
    fingerprint: Fingerprint,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from llm_requests
             where math_model_id = $1 and workflow = 'suggest_math_model' and inputs_sha256 = $2) as "was!""#,
        model as MathModelId,
        &fingerprint[..],
    )
    .fetch_one(conn)
    .await
}
