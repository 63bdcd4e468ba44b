//! What the LLM suggested for a model, current and former, what people did with it, and its second opinions.

use super::types::impossible;
use crate::domain::{
    ids::{LlmCallId, LlmRequestId, MathModelId, SuggestionId, UserId},
    llm_inputs::{Fingerprint, Refused},
    model_review::Review,
    param_metadata::ParamMetadata,
    suggestion::{Former, MathModelSuggestion, Part},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

/// A suggestion as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// Its row.
    pub id: SuggestionId,
    /// For which model.
    pub model: MathModelId,
    /// The request that it answers.
    pub request: LlmRequestId,
    /// The call that it came with.
    pub call: Option<LlmCallId>,
    /// Who asked.
    pub asked_by_name: String,
    /// The formula, normalised.
    pub formula: String,
    /// The assumptions, each on a line.
    pub assumptions: String,
    /// The notes.
    pub notes: String,
    /// The unit of the value; may be empty.
    pub value_unit: String,
    /// What it had in mind for the formula's parameters.
    pub params: Vec<ParamMetadata>,
    /// Of what it was made from: other inputs by now make it stale.
    pub fingerprint: Fingerprint,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Why it is no longer the one that counts; none: it is.
    pub former: Option<Former>,
    /// Who refused it, when and why.
    pub refused: Option<(String, DateTime<Utc>, String)>,
    /// What a person took over of it: which part, who, when.
    pub uses: Vec<(Part, String, DateTime<Utc>)>,
}

struct Row {
    id: SuggestionId,
    model: MathModelId,
    request: LlmRequestId,
    call: Option<LlmCallId>,
    asked_by_name: String,
    formula: String,
    assumptions: String,
    notes: String,
    value_unit: String,
    params: Json<Vec<ParamMetadata>>,
    inputs_sha256: Vec<u8>,
    made_at: DateTime<Utc>,
    former_because: Option<String>,
    refused_by_name: Option<String>,
    refused_at: Option<DateTime<Utc>>,
    refused_why: Option<String>,
    used_parts: Vec<String>,
    used_by_names: Vec<String>,
    used_ats: Vec<DateTime<Utc>>,
}

impl TryFrom<Row> for Suggestion {
    type Error = sqlx::Error;
    fn try_from(row: Row) -> sqlx::Result<Self> {
        let wrong = |column| impossible("suggestions", column, row.id.0);
        let fingerprint = Fingerprint::try_from(row.inputs_sha256.as_slice());
        let refused = (row.refused_by_name, row.refused_at, row.refused_why);
        let uses = row
            .used_parts
            .iter()
            .zip(row.used_by_names)
            .zip(row.used_ats);
        let uses = uses.filter_map(|((part, by), at)| Some((Part::from_key(part)?, by, at)));
        Ok(Self {
            id: row.id,
            model: row.model,
            request: row.request,
            call: row.call,
            asked_by_name: row.asked_by_name,
            formula: row.formula,
            assumptions: row.assumptions,
            notes: row.notes,
            value_unit: row.value_unit,
            params: row.params.0,
            fingerprint: fingerprint.map_err(|_length| wrong("inputs_sha256"))?,
            made_at: row.made_at,
            former: row.former_because.as_deref().and_then(Former::from_key),
            refused: match refused {
                (Some(by), Some(at), Some(why)) => Some((by, at, why)),
                _ => None,
            },
            uses: uses.collect(),
        })
    }
}

/// Which suggestions are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// This one.
    Id(SuggestionId),
    /// The one that counts.
    Current(MathModelId),
    /// Those that no longer count, the newest first, at most fifty.
    Former(MathModelId),
}

/// Suggestions with what people did with them.
pub async fn list(conn: &mut PgConnection, which: Which) -> sqlx::Result<Vec<Suggestion>> {
    let (id, model, is_former) = match which {
        Which::Id(id) => (Some(id.0), None, None),
        Which::Current(model) => (None, Some(model.0), Some(false)),
        Which::Former(model) => (None, Some(model.0), Some(true)),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"select s.id as "id: SuggestionId", s.math_model_id as "model: MathModelId",
             s.request_id as "request: LlmRequestId",
             (select max(c.id) from llm_calls c where c.request_id = s.request_id) as "call: LlmCallId",
             a.name as asked_by_name, s.formula, s.assumptions, s.notes, s.value_unit,
             s.params as "params: Json<Vec<ParamMetadata>>", s.inputs_sha256, s.made_at, s.former_because,
             b.name as "refused_by_name?", s.refused_at, s.refused_why,
             coalesce(used.parts, '{}') as "used_parts!", coalesce(used.names, '{}') as "used_by_names!",
             coalesce(used.ats, '{}') as "used_ats!"
           from suggestions s join llm_requests r on r.id = s.request_id join users a on a.id = r.asked_by
           left join users b on b.id = s.refused_by
           left join lateral (
             select array_agg(x.part order by x.used_at) as parts, array_agg(u.name order by x.used_at) as names,
               array_agg(x.used_at order by x.used_at) as ats
             from suggestion_uses x join users u on u.id = x.used_by where x.suggestion_id = s.id) used on true
           where s.id = $1 or (s.math_model_id = $2 and (s.former_because is not null) = $3)
           order by s.id desc limit 50"#,
        id,
        model,
        is_former,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The suggestion that counts.
pub async fn current(
    conn: &mut PgConnection,
    model: MathModelId,
) -> sqlx::Result<Option<Suggestion>> {
    Ok(list(conn, Which::Current(model)).await?.pop())
}

/// Keeps a suggestion. One that counts makes the one before it a former one.
pub async fn insert(
    tx: &mut PgConnection,
    (model, request): (MathModelId, LlmRequestId),
    suggestion: &MathModelSuggestion,
    (fingerprint, prompt_version): (Fingerprint, i32),
    former: Option<Former>,
    now: DateTime<Utc>,
) -> sqlx::Result<SuggestionId> {
    if former.is_none() {
        sqlx::query!(
            "update suggestions set former_because = 'newer' where math_model_id = $1 and former_because is null",
            model as MathModelId
        )
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query_scalar!(
        r#"insert into suggestions (math_model_id, request_id, formula, assumptions, notes, value_unit, params,
             inputs_sha256, prompt_version, made_at, former_because)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id as "id: SuggestionId""#,
        model as MathModelId,
        request as LlmRequestId,
        suggestion.formula,
        suggestion.assumptions_text(),
        suggestion.notes,
        suggestion.value_unit,
        Json(&suggestion.params) as _,
        &fingerprint[..],
        prompt_version,
        now,
        former.map(Former::key),
    )
    .fetch_one(tx)
    .await
}

/// A person refuses it.
pub async fn refuse(
    tx: &mut PgConnection,
    id: SuggestionId,
    why: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update suggestions set refused_by = $2, refused_at = $3, refused_why = $4 where id = $1",
        id as SuggestionId,
        by as UserId,
        now,
        why,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A person took a part of it over; taken over again, the first time stays.
pub async fn note_use(
    tx: &mut PgConnection,
    id: SuggestionId,
    part: Part,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into suggestion_uses (suggestion_id, part, used_by, used_at) values ($1, $2, $3, $4)
         on conflict do nothing",
        id as SuggestionId,
        part.key(),
        by as UserId,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What people refused of a model's suggestions and why, the latest first, at most three.
pub async fn refused(conn: &mut PgConnection, model: MathModelId) -> sqlx::Result<Vec<Refused>> {
    sqlx::query_as!(
        Refused,
        r#"select formula, refused_why as "why!" from suggestions
           where math_model_id = $1 and refused_at is not null order by refused_at desc limit 3"#,
        model as MathModelId,
    )
    .fetch_all(conn)
    .await
}

/// A second opinion as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReview {
    /// The formula that it is about.
    pub formula: String,
    /// What it says.
    pub review: Review,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Who asked.
    pub asked_by_name: String,
    /// The call that it came with.
    pub call: Option<LlmCallId>,
}

/// Keeps a second opinion.
pub async fn insert_review(
    tx: &mut PgConnection,
    (model, request): (MathModelId, LlmRequestId),
    (formula, review): (&str, &Review),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into model_reviews (math_model_id, request_id, formula, score, verdict, issues, strengths, improvements,
           made_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        model as MathModelId,
        request as LlmRequestId,
        formula,
        review.score,
        review.verdict,
        Json(&review.issues) as _,
        Json(&review.strengths) as _,
        Json(&review.improvements) as _,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A model's latest second opinion.
pub async fn latest_review(
    conn: &mut PgConnection,
    model: MathModelId,
) -> sqlx::Result<Option<KeptReview>> {
    let row = sqlx::query!(
        r#"select v.formula, v.score, v.verdict, v.issues as "issues: Json<Vec<String>>",
             v.strengths as "strengths: Json<Vec<String>>", v.improvements as "improvements: Json<Vec<String>>",
             v.made_at, u.name as asked_by_name,
             (select max(c.id) from llm_calls c where c.request_id = v.request_id) as "call: LlmCallId"
           from model_reviews v join llm_requests r on r.id = v.request_id join users u on u.id = r.asked_by
           where v.math_model_id = $1 order by v.id desc limit 1"#,
        model as MathModelId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| KeptReview {
        formula: row.formula,
        review: Review {
            score: row.score,
            verdict: row.verdict,
            issues: row.issues.0,
            strengths: row.strengths.0,
            improvements: row.improvements.0,
        },
        made_at: row.made_at,
        asked_by_name: row.asked_by_name,
        call: row.call,
    }))
}
