//! What the LLM would write into params where it may not write by itself, and when it last said something about each.

use super::types::impossible;
use crate::domain::{
    ids::{LlmRequestId, ParamId, ProposalId, UserId},
    param_metadata::{MetadataField, Proposed},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// A proposal, which waits for a person as long as it is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Its row.
    pub id: ProposalId,
    /// For which param.
    pub param: ParamId,
    /// For which field, with what would be written.
    pub proposed: Proposed,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Whether it waits: nobody has decided, and no newer one came.
    pub is_open: bool,
}

/// How a proposal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A person took it.
    Taken,
    /// A person doesn't want it.
    Dismissed,
}

impl End {
    fn key(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Dismissed => "dismissed",
        }
    }
}

/// The open proposals of these params, in order of rows.
pub async fn open(conn: &mut PgConnection, params: &[ParamId]) -> sqlx::Result<Vec<Proposal>> {
    let rows = sqlx::query!(
        r#"select id as "id: ProposalId", param_id as "param: ParamId", field, proposed, made_at
           from param_proposals where param_id = any($1) and ended_at is null order by param_id, id"#,
        params as &[ParamId],
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            proposal(
                (row.id, row.param),
                &row.field,
                row.proposed,
                (row.made_at, true),
            )
        })
        .collect()
}

/// A proposal, also one that isn't open any more.
pub async fn get(conn: &mut PgConnection, id: ProposalId) -> sqlx::Result<Option<Proposal>> {
    let row = sqlx::query!(
        r#"select id as "id: ProposalId", param_id as "param: ParamId", field, proposed, made_at,
             ended_at is null as "is_open!"
           from param_proposals where id = $1"#,
        id as ProposalId,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let how = (row.made_at, row.is_open);
        proposal((row.id, row.param), &row.field, row.proposed, how)
    })
    .transpose()
}

fn proposal(
    (id, param): (ProposalId, ParamId),
    field: &str,
    proposed: Value,
    (made_at, is_open): (DateTime<Utc>, bool),
) -> sqlx::Result<Proposal> {
    let field = MetadataField::from_key(field);
    let field = field.ok_or_else(|| impossible("param_proposals", "field", id.0))?;
    Ok(Proposal {
        id,
        param,
        proposed: Proposed { field, proposed },
        made_at,
        is_open,
    })
}

/// Keeps what is proposed for a param; earlier proposals for the same fields give way.
pub async fn replace(
    tx: &mut PgConnection,
    param: ParamId,
    request: LlmRequestId,
    proposed: &[Proposed],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let fields: Vec<_> = proposed
        .iter()
        .map(|one| one.field.key().to_owned())
        .collect();
    let values: Vec<_> = proposed.iter().map(|one| one.proposed.clone()).collect();
    sqlx::query!(
        "update param_proposals set ended_at = $2, ended_how = 'newer'
         where param_id = $1 and ended_at is null and field = any($3)",
        param as ParamId,
        now,
        &fields,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into param_proposals (param_id, request_id, field, proposed, made_at)
         select $1, $2, n.field, n.proposed, $5 from unnest($3::text[], $4::jsonb[]) as n(field, proposed)",
        param as ParamId,
        request as LlmRequestId,
        &fields,
        &values,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends a proposal. False: it wasn't open any more.
pub async fn end(
    tx: &mut PgConnection,
    id: ProposalId,
    how: End,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let ended = sqlx::query!(
        "update param_proposals set ended_at = $2, ended_how = $3, ended_by = $4 where id = $1 and ended_at is null",
        id as ProposalId,
        now,
        how.key(),
        by as UserId,
    );
    Ok(ended.execute(tx).await?.rows_affected() == 1)
}

/// Notes that the LLM said something about these params.
pub async fn note_described(
    tx: &mut PgConnection,
    params: &[ParamId],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update params set described_at = $2 where id = any($1)",
        params as &[ParamId],
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of these params about which the LLM hasn't said anything yet.
pub async fn not_described(
    conn: &mut PgConnection,
    params: &[ParamId],
) -> sqlx::Result<Vec<ParamId>> {
    sqlx::query_scalar!(
        r#"select id as "id: ParamId" from params where id = any($1) and described_at is null"#,
        params as &[ParamId],
    )
    .fetch_all(conn)
    .await
}
