//! Approvals: inserted, withdrawn, never changed. The database itself allows at most one live approval per part.

use crate::domain::{
    approval::{Origin, Part, TAKEN_BACK},
    ids::{ApprovalId, FormulaVersionId, MathModelId, ParamId, UserId},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashMap;

/// What is approved.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// A param's value or range.
    Param(ParamId),
    /// A model's formula.
    MathModel(MathModelId),
}

impl Subject {
    fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Param(id) => ("param", id.0),
            Self::MathModel(id) => ("math_model", id.0),
        }
    }
}

/// An approval to be.
#[derive(Clone, Debug)]
pub struct NewApproval {
    /// Of what.
    pub subject: Subject,
    /// Of which part of it.
    pub part: Part,
    /// Exactly what is approved.
    pub content: Value,
    /// For a formula: exactly which text.
    pub formula_version: Option<FormulaVersionId>,
    /// How it comes to be.
    pub origin: Origin,
    /// The withdrawn approval that holds again.
    pub reinstates: Option<ApprovalId>,
}

/// Records an approval.
pub async fn insert(
    conn: &mut PgConnection,
    new: &NewApproval,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<ApprovalId> {
    let (kind, id) = new.subject.parts();
    sqlx::query_scalar!(
        r#"insert into approvals (subject_kind, subject_id, part, content, formula_version_id, approved_by,
             approved_at, origin, reinstates)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id as "id: ApprovalId""#,
        kind,
        id,
        new.part.key(),
        new.content,
        new.formula_version as Option<FormulaVersionId>,
        by as UserId,
        now,
        new.origin.key(),
        new.reinstates as Option<ApprovalId>,
    )
    .fetch_one(conn)
    .await
}

/// Withdraws the live approval of a part, if there is one; what had been approved.
pub async fn withdraw(
    conn: &mut PgConnection,
    subject: Subject,
    part: Part,
    why: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Value>> {
    let (kind, id) = subject.parts();
    sqlx::query_scalar!(
        "update approvals set withdrawn_by = $5, withdrawn_at = $6, withdrawn_why = $4
         where subject_kind = $1 and subject_id = $2 and part = $3 and withdrawn_at is null
         returning content",
        kind,
        id,
        part.key(),
        why,
        by as UserId,
        now,
    )
    .fetch_optional(conn)
    .await
}

/// An approval that no longer holds.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// Its row.
    pub id: ApprovalId,
    /// Who gave it.
    pub by: UserId,
    /// Exactly what it was given for.
    pub content: Value,
}

/// The latest approval of a part that was withdrawn; none: none ever was. What a param had from a fact isn't its own to
/// come back: that takes following the fact again.
pub async fn latest_withdrawn(
    conn: &mut PgConnection,
    subject: Subject,
    part: Part,
) -> sqlx::Result<Option<Withdrawn>> {
    let (kind, id) = subject.parts();
    sqlx::query_as!(
        Withdrawn,
        r#"select id as "id: ApprovalId", approved_by as "by: UserId", content from approvals
           where subject_kind = $1 and subject_id = $2 and part = $3 and withdrawn_at is not null
             and origin <> 'fact'
           order by withdrawn_at desc, id desc limit 1"#,
        kind,
        id,
        part.key(),
    )
    .fetch_optional(conn)
    .await
}

/// A part of a param.
pub type ParamPart = (ParamId, Part);

fn columns(parts: &[ParamPart]) -> (Vec<i64>, Vec<String>) {
    let ids = parts.iter().map(|(id, _)| id.0);
    let keys = parts.iter().map(|(_, part)| part.key().to_owned());
    (ids.collect(), keys.collect())
}

fn part_of_param(id: ParamId, key: &str) -> ParamPart {
    match key {
        "range" => (id, Part::Range),
        _ => (id, Part::Value),
    }
}

/// Withdraws the live approvals of these parts of params, and gives what had been approved. One statement.
pub async fn withdraw_of_params(
    conn: &mut PgConnection,
    parts: &[ParamPart],
    why: &str,
    (by, now): (UserId, DateTime<Utc>),
) -> sqlx::Result<HashMap<ParamPart, Value>> {
    let (ids, keys) = columns(parts);
    let rows = sqlx::query!(
        r#"update approvals a set withdrawn_by = $4, withdrawn_at = $5, withdrawn_why = $3
           from unnest($1::bigint[], $2::text[]) as w(id, part)
           where a.subject_kind = 'param' and a.subject_id = w.id and a.part = w.part and a.withdrawn_at is null
           returning a.subject_id as "id: ParamId", a.part, a.content"#,
        &ids,
        &keys,
        why,
        by as UserId,
        now,
    )
    .fetch_all(conn)
    .await?;
    let each = rows.into_iter();
    Ok(each
        .map(|row| (part_of_param(row.id, &row.part), row.content))
        .collect())
}

/// [`latest_withdrawn`] of many parts of params, but for those that are approved. One statement.
pub async fn latest_withdrawn_of_params(
    conn: &mut PgConnection,
    parts: &[ParamPart],
) -> sqlx::Result<HashMap<ParamPart, Withdrawn>> {
    let (ids, keys) = columns(parts);
    let rows = sqlx::query!(
        r#"select w.id as "param!: ParamId", w.part as "part!", a.id as "id: ApprovalId", a.approved_by as "by: UserId",
             a.content
           from unnest($1::bigint[], $2::text[]) as w(id, part)
           cross join lateral (
             select id, approved_by, content from approvals
             where subject_kind = 'param' and subject_id = w.id and part = w.part and withdrawn_at is not null
               and origin <> 'fact'
             order by withdrawn_at desc, id desc limit 1) a
           where not exists (
             select from approvals live
             where live.subject_kind = 'param' and live.subject_id = w.id and live.part = w.part
               and live.withdrawn_at is null)"#,
        &ids,
        &keys,
    )
    .fetch_all(conn)
    .await?;
    let each = rows.into_iter().map(|row| {
        let withdrawn = Withdrawn {
            id: row.id,
            by: row.by,
            content: row.content,
        };
        (part_of_param(row.param, &row.part), withdrawn)
    });
    Ok(each.collect())
}

/// Records that withdrawn approvals of params hold again, for what they were given for and in the name of who gave them. One
/// statement.
pub async fn reinstate_of_params(
    conn: &mut PgConnection,
    originals: &[ApprovalId],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin, reinstates)
         select o.subject_kind, o.subject_id, o.part, o.content, o.approved_by, $2, $3, o.id
         from approvals o where o.id = any($1) and o.subject_kind = 'param'
         order by o.subject_id, o.part desc",
        originals as &[ApprovalId],
        now,
        Origin::Reinstated.key(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A model's latest approval, live or withdrawn.
#[derive(Clone, Debug)]
pub struct LatestFormulaApproval {
    /// Its row.
    pub id: ApprovalId,
    /// The text it was given for.
    pub formula_version: FormulaVersionId,
    /// Who gave it.
    pub by: UserId,
    /// Their name.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why it was withdrawn, if it was.
    pub withdrawn_why: Option<String>,
}

impl LatestFormulaApproval {
    /// Whether a person took it back, so that it holds again only by a new look; otherwise it fell with a later version.
    #[must_use]
    pub fn was_taken_back(&self) -> bool {
        self.withdrawn_why.as_deref() == Some(TAKEN_BACK)
    }
}

/// The model's latest approval; none: never approved.
pub async fn latest_of_formula(
    conn: &mut PgConnection,
    model: MathModelId,
) -> sqlx::Result<Option<LatestFormulaApproval>> {
    sqlx::query_as!(
        LatestFormulaApproval,
        r#"select a.id as "id: ApprovalId", a.formula_version_id as "formula_version!: FormulaVersionId",
             a.approved_by as "by: UserId", u.name as by_name, a.approved_at as at, a.withdrawn_why
           from approvals a join users u on u.id = a.approved_by
           where a.subject_kind = 'math_model' and a.subject_id = $1 and a.part = 'formula'
           order by a.approved_at desc, a.id desc limit 1"#,
        model.0,
    )
    .fetch_optional(conn)
    .await
}
