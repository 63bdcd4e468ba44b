//! What the LLM writes about an initiative for the backlog: it goes into the initiative's own texts until a person has
//! written there; from then on it waits to be taken.

use super::{ActionError, Actor, Outcome, ask_llm, initiatives as acts};
use crate::{
    domain::{
        amount::DecimalSeparator,
        change::Entity,
        ids::{InitiativeId, InitiativeKey},
        initiative::{Field, Initiative},
        llm_inputs::Fingerprint,
        llm_request::{Subject, Workflow},
        rights::Act,
        summary::{Summary, SummaryPart},
    },
    store::{
        change_log, initiatives,
        llm_requests::Claimed,
        summaries::{self, KeptSummary},
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Keeps a summary, under the initiative's lock.
pub(super) async fn keep(
    tx: &mut PgConnection,
    llm: &Actor,
    now: DateTime<Utc>,
    claimed: &Claimed,
    (summary, fingerprint): (&Summary, Fingerprint),
) -> Outcome<()> {
    let id = claimed.subject.initiative;
    let key = initiatives::get_key(tx, id).await?;
    let initiative = acts::get(tx, &key.ok_or(ActionError::NotFound("initiative"))?).await?;
    summaries::insert(tx, (id, claimed.id), summary, fingerprint, now).await?;
    let peoples = peoples(tx, id).await?;
    let mut writes = Vec::new();
    for part in SummaryPart::ALL {
        if !peoples.contains(&part) {
            writes.push((field(part)?, part.of(summary)));
        }
    }
    acts::set_fields(tx, llm, now, &initiative, &writes).await?;
    Ok(())
}

/// Takes a part of the latest summary over, as if the person had typed it.
pub async fn take(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    (part, seen_revision): (SummaryPart, i64),
) -> Outcome<Initiative> {
    actor.must_be_allowed(Act::EditInitiative)?;
    let id = acts::get(tx, key).await?.id;
    let kept = summaries::latest(tx, id).await?;
    let kept = kept.ok_or(ActionError::NotFound("summary"))?;
    let text = (part.of(&kept.summary), DecimalSeparator::Point);
    let typed = (field(part)?, text, seen_revision);
    acts::change_field(tx, &actor.adopting(), now, key, typed).await
}

/// The latest summary, and how it stands to the initiative as it is.
#[derive(Clone, Debug)]
pub struct SummaryState {
    /// The summary.
    pub kept: KeptSummary,
    /// What it was made from has changed since.
    pub is_stale: bool,
    /// The parts that a person has written, so that the LLM's words are only proposed.
    pub peoples: Vec<SummaryPart>,
}

/// How an initiative's summary stands; none: there has been none.
pub async fn state(
    conn: &mut PgConnection,
    initiative: &Initiative,
) -> Outcome<Option<SummaryState>> {
    let Some(kept) = summaries::latest(conn, initiative.id).await? else {
        return Ok(None);
    };
    let subject = Subject {
        workflow: Workflow::SummariseInitiative,
        initiative: initiative.id,
        model: None,
        params: Vec::new(),
    };
    let about = ask_llm::about(conn, &subject).await?;
    Ok(Some(SummaryState {
        is_stale: about.inputs.fingerprint() != kept.fingerprint,
        kept,
        peoples: peoples(conn, initiative.id).await?,
    }))
}

/// The parts that people have written.
async fn peoples(conn: &mut PgConnection, id: InitiativeId) -> sqlx::Result<Vec<SummaryPart>> {
    let fields = SummaryPart::ALL.map(SummaryPart::field);
    let row = (Entity::Initiative, id.0);
    let written = change_log::written_by_people(conn, row, &fields).await?;
    let parts = written
        .iter()
        .filter_map(|field| SummaryPart::from_field(field));
    Ok(parts.collect())
}

fn field(part: SummaryPart) -> Outcome<&'static Field> {
    Field::from_key(part.field()).ok_or(ActionError::NotFound("field"))
}
