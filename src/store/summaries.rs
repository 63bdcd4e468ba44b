//! What the LLM wrote about initiatives for the backlog.

use super::types::impossible;
use crate::domain::{
    ids::{InitiativeId, LlmCallId, LlmRequestId},
    llm_inputs::Fingerprint,
    summary::Summary,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A summary as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSummary {
    /// What it says.
    pub summary: Summary,
    /// Of what it was made from: other inputs by now make it stale.
    pub fingerprint: Fingerprint,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Who asked.
    pub asked_by_name: String,
    /// The call that it came with.
    pub call: Option<LlmCallId>,
}

/// Keeps a summary.
pub async fn insert(
    tx: &mut PgConnection,
    (initiative, request): (InitiativeId, LlmRequestId),
    summary: &Summary,
    fingerprint: Fingerprint,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into summaries (initiative_id, request_id, summary, notes, inputs_sha256, made_at)
         values ($1, $2, $3, $4, $5, $6)",
        initiative as InitiativeId,
        request as LlmRequestId,
        summary.summary,
        summary.notes,
        &fingerprint[..],
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An initiative's latest summary.
pub async fn latest(
    conn: &mut PgConnection,
    initiative: InitiativeId,
) -> sqlx::Result<Option<KeptSummary>> {
    let row = sqlx::query!(
        r#"select s.id, s.summary, s.notes, s.inputs_sha256, s.made_at, u.name as asked_by_name,
             (select max(c.id) from llm_calls c where c.request_id = s.request_id) as "call: LlmCallId"
           from summaries s join llm_requests r on r.id = s.request_id join users u on u.id = r.asked_by
           where s.initiative_id = $1 order by s.id desc limit 1"#,
        initiative as InitiativeId,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let fingerprint = Fingerprint::try_from(row.inputs_sha256.as_slice());
        let wrong = |_length| impossible("summaries", "inputs_sha256", row.id);
        Ok(KeptSummary {
            fingerprint: fingerprint.map_err(wrong)?,
            summary: Summary {
                summary: row.summary,
                notes: row.notes,
            },
            made_at: row.made_at,
            asked_by_name: row.asked_by_name,
            call: row.call,
        })
    })
    .transpose()
}
