//! What the LLM says params mean: written where nobody has, proposed where it may not write, taken by a person.

use super::{
    ActionError, Actor, Outcome,
    params::{self as acts, Hold},
};
use crate::{
    domain::{
        change::Entity,
        ids::{ParamId, ProposalId},
        param::Param,
        param_metadata::{ParamMetadata, Plan, Proposed, plan},
        rights::Act,
        settings::Settings,
    },
    store::{
        change_log,
        llm_requests::Claimed,
        param_proposals::{self, End, Proposal},
        params,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Keeps what the LLM says, under the initiative's lock, param by param and field by field.
pub(super) async fn keep(
    tx: &mut PgConnection,
    llm: &Actor,
    now: DateTime<Utc>,
    claimed: &Claimed,
    metadata: &[ParamMetadata],
) -> Outcome<()> {
    let Some(first) = claimed.subject.params.first() else {
        return Ok(());
    };
    let Some(group) = params::group_of(tx, *first).await? else {
        return Ok(());
    };
    let (settings, mut group) = (group.settings, group.params);
    let mut described = Vec::new();
    for said in metadata {
        let Some(param) = group.iter().find(|param| param.name == said.name) else {
            continue;
        };
        if !claimed.subject.params.contains(&param.id) {
            continue;
        }
        let id = param.id;
        let Plan { writes, proposes } = plan(param, said, claimed.is_on_request);
        write(tx, (llm, settings), now, (&mut group, id), &writes).await?;
        param_proposals::replace(tx, id, claimed.id, &proposes, now).await?;
        described.push(id);
    }
    Ok(param_proposals::note_described(tx, &described, now).await?)
}

async fn write(
    tx: &mut PgConnection,
    by: (&Actor, Settings),
    now: DateTime<Utc>,
    (group, id): (&mut [Param], ParamId),
    writes: &[Proposed],
) -> Outcome<()> {
    let edits = writes
        .iter()
        .filter_map(|one| one.field.edit(&one.proposed));
    let edits: Vec<_> = edits.collect();
    if !edits.is_empty() {
        acts::apply(tx, by, now, (group, id), edits, Hold::LOCKED).await?;
    }
    Ok(())
}

/// Takes a proposal, as if the person had typed it.
pub async fn take(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ProposalId,
    seen_revision: i64,
) -> Outcome<Param> {
    actor.must_be_allowed(Act::EditParam)?;
    let proposal = find(tx, id).await?;
    acts::lock(tx, proposal.param).await?;
    let Proposal {
        param, proposed, ..
    } = find(tx, id).await?;
    let theirs = change_log::last_since(
        tx,
        Entity::Param,
        param.0,
        proposed.field.marks(),
        seen_revision,
    );
    if let Some(theirs) = theirs.await? {
        return Err(ActionError::Conflict(Box::new(theirs)));
    }
    let group = params::group_of(tx, param).await?;
    let group = group.ok_or(ActionError::NotFound("param"))?;
    let (by, mut group) = ((&actor.adopting(), group.settings), group.params);
    write(tx, by, now, (&mut group, param), &[proposed]).await?;
    param_proposals::end(tx, id, End::Taken, actor.id, now).await?;
    acts::get(tx, param).await
}

/// Puts a proposal away; the param stays as it is.
pub async fn dismiss(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ProposalId,
) -> Outcome<Param> {
    actor.must_be_allowed(Act::EditParam)?;
    let proposal = find(tx, id).await?;
    param_proposals::end(tx, id, End::Dismissed, actor.id, now).await?;
    acts::get(tx, proposal.param).await
}

async fn find(tx: &mut PgConnection, id: ProposalId) -> Outcome<Proposal> {
    let found = param_proposals::get(tx, id).await?;
    let proposal = found.ok_or(ActionError::NotFound("proposal"))?;
    if proposal.is_open {
        return Ok(proposal);
    }
    Err(ActionError::Invalid(
        "This proposal isn’t open any more: somebody has decided on it, or a newer one came. Nothing was changed; open the page again to see how it stands."
            .to_owned(),
    ))
}
