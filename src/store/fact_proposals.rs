//! What is proposed of shared facts: written down, ended, put in force; and what waits for approval.

use super::{facts::By, types::impossible};
use crate::domain::{
    fact::{self, FactNumbers},
    ids::{ApprovalId, FactId, FactProposalId, UserId},
    param::{Number, Source},
    waiting::WaitingProposal,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Writes down what a fact should say instead.
pub async fn propose(
    conn: &mut PgConnection,
    id: FactId,
    (numbers, reason): (&FactNumbers, &str),
    (by, now): By,
) -> sqlx::Result<()> {
    let digits = |number: &Option<Number>| number.as_ref().map(|n| n.decimal().to_owned());
    sqlx::query!(
        "insert into fact_proposals (fact_id, value, unit, min, max, source, reason, proposed_by, proposed_at)
         values ($1, $2::text::numeric, $3, $4::text::numeric, $5::text::numeric, $6, $7, $8, $9)",
        id as FactId,
        numbers.value.decimal(),
        numbers.unit,
        digits(&numbers.range.min),
        digits(&numbers.range.max),
        numbers.source.key(),
        reason,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a proposal: `approved`, `replaced`, `withdrawn` or `refused`, with the reason.
pub async fn end_proposal(
    conn: &mut PgConnection,
    id: FactProposalId,
    (how, why): (&str, &str),
    (by, now): By,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update fact_proposals set ended_how = $2, ended_why = nullif($3, ''), ended_by = $4, ended_at = $5
         where id = $1",
        id as FactProposalId,
        how,
        why,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who proposed what of a fact since it was last approved, oldest first, with whose it would be: what waits, and what
/// that took the place of. What was withdrawn or refused counts for nothing.
pub async fn proposed_since_approval(
    conn: &mut PgConnection,
    id: FactId,
) -> sqlx::Result<Vec<(UserId, DateTime<Utc>, Source)>> {
    let rows = sqlx::query!(
        r#"select proposed_by as "by: UserId", proposed_at as at, source from fact_proposals p
           where fact_id = $1 and (ended_how is null or ended_how = 'replaced')
             and id > coalesce((select max(id) from fact_proposals where fact_id = $1 and ended_how = 'approved'), 0)
           order by id"#,
        id as FactId,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let source = row.source.parse::<Source>();
            let source = source.map_err(|_error| impossible("fact_proposals", "source", id.0))?;
            Ok((row.by, row.at, source))
        })
        .collect()
}

/// What was proposed is in force from here on: numbers, approval and revision; the approval before falls with that
/// reason. The new revision and approval.
pub async fn put_in_force(
    conn: &mut PgConnection,
    (id, proposal): (FactId, FactProposalId),
    (content, why): (&Value, &str),
    (by, now): By,
) -> sqlx::Result<(i64, ApprovalId)> {
    let revision = sqlx::query_scalar!(
        "update facts f set value = p.value, unit = p.unit, min = p.min, max = p.max, source = p.source,
           value_set_by = p.proposed_by, value_set_at = p.proposed_at, revision = revision + 1, updated_at = $3,
           updated_by = $4
         from fact_proposals p where f.id = $1 and p.id = $2 returning f.revision",
        id as FactId,
        proposal as FactProposalId,
        now,
        by as UserId,
    )
    .fetch_one(&mut *conn)
    .await?;
    end_proposal(conn, proposal, ("approved", ""), (by, now)).await?;
    sqlx::query!(
        "update approvals set withdrawn_by = $2, withdrawn_at = $3, withdrawn_why = $4
         where subject_kind = 'fact' and subject_id = $1 and withdrawn_at is null",
        id as FactId,
        by as UserId,
        now,
        why,
    )
    .execute(&mut *conn)
    .await?;
    let approval = sqlx::query_scalar!(
        r#"insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
           values ('fact', $1, 'value', $2, $3, $4, 'person') returning id as "id: ApprovalId""#,
        id as FactId,
        content,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await?;
    Ok((revision, approval))
}

/// Everything that is proposed of facts in use and waits, up to so many or all, with whoever had a hand in it. One statement.
pub async fn waiting(
    conn: &mut PgConnection,
    most: Option<i64>,
) -> sqlx::Result<BTreeMap<FactId, WaitingProposal>> {
    let rows = sqlx::query!(
        r#"select f.id as "fact: FactId", f.source as owner, open.source as proposed, p.proposed_by as "by: UserId",
             p.proposed_at as at, p.source
           from (
             select o.fact_id, o.source from fact_proposals o join facts f on f.id = o.fact_id
             where o.ended_at is null and f.archived_at is null order by o.id limit $1
           ) open
           join facts f on f.id = open.fact_id
           join fact_proposals p on p.fact_id = f.id and (p.ended_how is null or p.ended_how = 'replaced')
             and p.id > coalesce((select max(id) from fact_proposals where fact_id = f.id and ended_how = 'approved'), 0)
           order by f.id, p.id"#,
        most,
    )
    .fetch_all(conn)
    .await?;
    let mut hands: BTreeMap<FactId, (Option<Source>, Source, Vec<_>)> = BTreeMap::new();
    for row in rows {
        let read = |source: &str| {
            let source = source.parse::<Source>();
            source.map_err(|_error| impossible("fact_proposals", "source", row.fact.0))
        };
        let owner = row.owner.as_deref().map(read).transpose()?;
        let of = (owner, read(&row.proposed)?, Vec::new());
        let (_, _, all) = hands.entry(row.fact).or_insert(of);
        all.push((row.by, row.at, read(&row.source)?));
    }
    let waiting = hands.into_iter().map(|(id, (owner, proposed, all))| {
        let waiting = WaitingProposal {
            owner,
            proposed,
            hands: fact::hands(&all, owner),
        };
        (id, waiting)
    });
    Ok(waiting.collect())
}
