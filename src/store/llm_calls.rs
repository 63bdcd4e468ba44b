//! Every call to the LLM, counted before it is made, and what of the budget they leave.

use super::llm_requests::Claimed;
use crate::domain::{
    ids::{LlmCallId, LlmRequestId, UserId},
    llm_request::{Budget, Use, day},
    llm_settings::LlmSettings,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// A call about to be made.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// Which model is asked.
    pub model: String,
    /// Which version of the prompt.
    pub prompt_version: i32,
    /// What is sent, for people to read.
    pub prompt: String,
    /// The most tokens it may use.
    pub tokens: i64,
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayCall {
    /// It is counted.
    Yes(LlmCallId),
    /// The request isn't this holder's any more.
    NotOurs,
    /// The request has used what was reserved for it.
    UsedUp,
}

/// Counts a call, before it is made.
pub async fn begin(
    tx: &mut PgConnection,
    claimed: &Claimed,
    new: &NewCall,
    now: DateTime<Utc>,
) -> sqlx::Result<MayCall> {
    // Locked, so that a holder whose lease has run out and the next one count each other's calls.
    let reserved = sqlx::query!(
        "select reserved_calls, reserved_tokens from llm_requests
         where id = $1 and attempt = $2 and status = 'running' for update",
        claimed.id as LlmRequestId,
        claimed.attempt,
    );
    let Some(reserved) = reserved.fetch_optional(&mut *tx).await? else {
        return Ok(MayCall::NotOurs);
    };
    give_up_lost(&mut *tx, claimed.id, now).await?;
    let begun = sqlx::query_scalar!(
        r#"insert into llm_calls (request_id, workflow, asked_by, model, prompt_version, prompt, begun_at, reserved_tokens)
           select $1, $2, $3, $4, $5, $6, $7, $8
           from (select count(*) as calls, coalesce(sum(coalesce(tokens_in + tokens_out, reserved_tokens)), 0)::bigint as tokens
                 from llm_calls where request_id = $1) used
           where used.calls < $9 and used.tokens + $8 <= $10
           returning id as "id: LlmCallId""#,
        claimed.id as LlmRequestId,
        claimed.subject.workflow.key(),
        claimed.asked_by as UserId,
        new.model,
        new.prompt_version,
        new.prompt,
        now,
        new.tokens,
        i64::from(reserved.reserved_calls),
        reserved.reserved_tokens,
    )
    .fetch_optional(tx)
    .await?;
    Ok(begun.map_or(MayCall::UsedUp, MayCall::Yes))
}

/// A request's calls go one after the other: what is still open when the next begins, a process took with it. Nobody
/// knows its tokens, so what was reserved for them counts; should it come back after all, [`settle`] has the last word.
async fn give_up_lost(
    tx: &mut PgConnection,
    request: LlmRequestId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update llm_calls set settled_at = $2, outcome = 'lost',
           why = 'The app was stopped while the LLM was answering, so it asked once more.'
         where request_id = $1 and settled_at is null",
        request as LlmRequestId,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What came of a call.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// What came back, as far as it is kept.
    pub answer: Option<String>,
    /// Tokens of the question and of the answer; none: nobody knows, what was reserved counts.
    pub tokens: Option<(i64, i64)>,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// `ok`, or the kind of failure.
    pub outcome: &'static str,
    /// The failure as a sentence.
    pub why: Option<String>,
    /// Millionths of the currency that prices are in; none: no price is configured.
    pub cost_millionths: Option<i64>,
}

/// Notes what came of a call, whoever has the request by now: it was made.
pub async fn settle(
    conn: &mut PgConnection,
    id: LlmCallId,
    settled: &Settled,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (tokens_in, tokens_out) = settled.tokens.unzip();
    sqlx::query!(
        "update llm_calls set settled_at = $2, answer = $3, tokens_in = $4, tokens_out = $5, took_ms = $6, outcome = $7,
           why = $8, cost_millionths = $9 where id = $1 and (settled_at is null or outcome = 'lost')",
        id as LlmCallId,
        now,
        settled.answer,
        tokens_in,
        tokens_out,
        settled.took_ms,
        settled.outcome,
        settled.why,
        settled.cost_millionths,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How the day's budget stands, in all and for that person: what was used today and what open requests may still use.
pub async fn budget(
    conn: &mut PgConnection,
    settings: &LlmSettings,
    person: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Budget> {
    let gone = sqlx::query!(
        r#"with gone as (
             select asked_by, 1::bigint as calls, coalesce(tokens_in + tokens_out, reserved_tokens) as tokens
             from llm_calls where begun_at >= $1
             union all
             select r.asked_by, greatest(r.reserved_calls - c.calls, 0), greatest(r.reserved_tokens - c.tokens, 0)
             from llm_requests r cross join lateral (
               select count(*) as calls, coalesce(sum(coalesce(tokens_in + tokens_out, reserved_tokens)), 0)::bigint as tokens
               from llm_calls where request_id = r.id) c
             where r.finished_at is null
           )
           select coalesce(sum(calls), 0)::bigint as "calls!", coalesce(sum(tokens), 0)::bigint as "tokens!",
             coalesce(sum(calls) filter (where asked_by = $2 and not u.is_ours), 0)::bigint as "own_calls!",
             coalesce(sum(tokens) filter (where asked_by = $2 and not u.is_ours), 0)::bigint as "own_tokens!"
           from (select coalesce(bool_or(kind = 'system'), false) as is_ours from users where id = $2) u
           left join gone on true"#,
        day(now),
        person as UserId,
    )
    .fetch_one(conn)
    .await?;
    let of = |calls, tokens| Use {
        calls: i32::try_from(calls).unwrap_or(i32::MAX),
        tokens,
    };
    Ok(Budget {
        cap: settings.cap,
        gone: of(gone.calls, gone.tokens),
        person_cap: settings.person_cap,
        person_gone: of(gone.own_calls, gone.own_tokens),
    })
}

/// What one person used of one workflow on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageLine {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Who; the app's own requests are The LLM's.
    pub person: String,
    /// As stored.
    pub workflow: String,
    /// How many calls.
    pub calls: i64,
    /// How many of them failed.
    pub failed: i64,
    /// Tokens of questions.
    pub tokens_in: i64,
    /// Tokens of answers.
    pub tokens_out: i64,
    /// What they cost, in millionths; none: no price was configured for any.
    pub cost_millionths: Option<i64>,
}

/// What was used between two times, day by day, the latest first.
pub async fn usage(
    conn: &mut PgConnection,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<Vec<UsageLine>> {
    sqlx::query_as!(
        UsageLine,
        r#"select (c.begun_at at time zone 'UTC')::date as "day!", u.name as person, c.workflow, count(*) as "calls!",
             count(*) filter (where c.outcome <> 'ok') as "failed!",
             coalesce(sum(c.tokens_in), 0)::bigint as "tokens_in!", coalesce(sum(c.tokens_out), 0)::bigint as "tokens_out!",
             sum(c.cost_millionths)::bigint as cost_millionths
           from llm_calls c join users u on u.id = c.asked_by
           where c.begun_at >= $1 and c.begun_at < $2
           group by 1, u.id, u.name, c.workflow order by 1 desc, u.name, c.workflow"#,
        from,
        until,
    )
    .fetch_all(conn)
    .await
}

/// A call, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its row.
    pub id: LlmCallId,
    /// Of which request.
    pub request: LlmRequestId,
    /// As stored.
    pub workflow: String,
    /// Whose.
    pub initiative_key: String,
    /// Who asked.
    pub asked_by_name: String,
    /// Which model was asked.
    pub model: String,
    /// Which version of the prompt.
    pub prompt_version: i32,
    /// When.
    pub begun_at: DateTime<Utc>,
    /// Tokens of the question.
    pub tokens_in: Option<i64>,
    /// Tokens of the answer.
    pub tokens_out: Option<i64>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<i64>,
    /// `ok`, the kind of failure, `lost` if its process ended before it did; none: it goes on.
    pub outcome: Option<String>,
    /// The failure as a sentence.
    pub why: Option<String>,
    /// What it cost, in millionths.
    pub cost_millionths: Option<i64>,
}

/// How many calls a page lists.
pub const PAGE: i64 = 50;

/// Calls, the newest first, one page: those before a row.
pub async fn list(conn: &mut PgConnection, before: Option<LlmCallId>) -> sqlx::Result<Vec<Call>> {
    sqlx::query_as!(
        Call,
        r#"select c.id as "id: LlmCallId", c.request_id as "request: LlmRequestId", c.workflow, i.key as initiative_key,
             u.name as asked_by_name, c.model, c.prompt_version, c.begun_at, c.tokens_in, c.tokens_out, c.took_ms,
             c.outcome, c.why, c.cost_millionths
           from llm_calls c join llm_requests r on r.id = c.request_id join initiatives i on i.id = r.initiative_id
           join users u on u.id = c.asked_by
           where $1::bigint is null or c.id < $1 order by c.id desc limit $2"#,
        before.map(|id| id.0),
        PAGE,
    )
    .fetch_all(conn)
    .await
}

/// A call with what was asked and what came back, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallText {
    /// The call.
    pub call: Call,
    /// What was sent.
    pub prompt: String,
    /// What came back.
    pub answer: Option<String>,
}

/// One call with its texts.
pub async fn get(conn: &mut PgConnection, id: LlmCallId) -> sqlx::Result<Option<CallText>> {
    let row = sqlx::query!(
        r#"select c.id as "id: LlmCallId", c.request_id as "request: LlmRequestId", c.workflow, i.key as initiative_key,
             u.name as asked_by_name, c.model, c.prompt_version, c.begun_at, c.tokens_in, c.tokens_out, c.took_ms,
             c.outcome, c.why, c.cost_millionths, c.prompt, c.answer
           from llm_calls c join llm_requests r on r.id = c.request_id join initiatives i on i.id = r.initiative_id
           join users u on u.id = c.asked_by where c.id = $1"#,
        id as LlmCallId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| CallText {
        call: Call {
            id: row.id,
            request: row.request,
            workflow: row.workflow,
            initiative_key: row.initiative_key,
            asked_by_name: row.asked_by_name,
            model: row.model,
            prompt_version: row.prompt_version,
            begun_at: row.begun_at,
            tokens_in: row.tokens_in,
            tokens_out: row.tokens_out,
            took_ms: row.took_ms,
            outcome: row.outcome,
            why: row.why,
            cost_millionths: row.cost_millionths,
        },
        prompt: row.prompt,
        answer: row.answer,
    }))
}
