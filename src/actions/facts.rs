//! The library of shared facts: add one, say what it means, propose what it should say, take a proposal back or refuse
//! it, put a fact away. Nobody's param changes with any of it: that takes [`super::approve_fact`].

use super::{ActionError, Actor, Outcome};
use crate::{
    domain::{
        change::{Change, Entity, FieldChange},
        fact::{Fact, FactFault, FactNumbers, FactProposal, FactWords, TypedNumbers, TypedWords},
        ids::FactId,
        param::Source,
        rights::Act,
        settings::Settings,
    },
    store::{
        change_log, fact_proposals,
        facts::{self, Lock},
        settings,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// The logged fields that say what is in force and what is proposed: what an approval looks at.
pub const SAID: [&str; 4] = [
    "fact_proposed",
    "fact_proposal_withdrawn",
    "fact_refused",
    "approval",
];

/// A fact as it is.
pub async fn get(tx: &mut PgConnection, id: FactId) -> Outcome<Fact> {
    let found = facts::get(tx, id).await?;
    found.ok_or(ActionError::NotFound("fact"))
}

/// Adds a fact with its first proposal: nothing is in force until that is approved.
pub async fn add(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    typed: (&TypedWords, &TypedNumbers),
) -> Outcome<FactId> {
    actor.must_be_allowed(Act::EditParam)?;
    let words = read_words(typed.0)?;
    let (numbers, reason) = read_numbers(typed.1)?;
    let settings = settings::get(tx).await?;
    may_give(actor, settings, None, numbers.source)?;
    let by = (actor.id, now);
    let id = facts::insert(tx, &words, by).await?;
    let id = id.ok_or_else(|| name_taken(&words.name))?;
    fact_proposals::propose(tx, id, (&numbers, &reason), by).await?;
    let said = said(&numbers, &reason);
    let created = json!({ "name": words.name });
    let changes = vec![
        ("created", Value::Null, created),
        ("fact_proposed", Value::Null, said),
    ];
    log(tx, (actor, now), (id, &words.name, 1), changes).await?;
    Ok(id)
}

/// Says otherwise what a fact is called, means and rests on. No approval speaks of that.
pub async fn describe(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: FactId,
    (typed, seen_revision): (&TypedWords, i64),
) -> Outcome<Fact> {
    actor.must_be_allowed(Act::EditParam)?;
    let words = read_words(typed)?;
    let fact = lock(tx, id).await?;
    let pairs = fact.words.logged().into_iter().zip(words.logged());
    let changes: Vec<_> = pairs
        .filter(|((_, old), (_, new))| old != new)
        .map(|((field, old), (_, new))| (field, old, new))
        .collect();
    if changes.is_empty() {
        return Ok(fact);
    }
    let fields: Vec<_> = changes.iter().map(|(field, ..)| *field).collect();
    must_be_unchanged(tx, &fact, &fields, seen_revision).await?;
    if fact.archived_at.is_none() && facts::is_name_taken(tx, &words.name, id).await? {
        return Err(name_taken(&words.name));
    }
    let revision = facts::save_words(tx, id, &words, (actor.id, now)).await?;
    log(tx, (actor, now), (id, &words.name, revision), changes).await?;
    get(tx, id).await
}

/// Proposes what a fact should say. It takes the place of a proposal that waits, and touches nothing in force.
pub async fn propose(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: FactId,
    (typed, seen_revision): (&TypedNumbers, i64),
) -> Outcome<Fact> {
    actor.must_be_allowed(Act::EditParam)?;
    let (numbers, reason) = read_numbers(typed)?;
    let fact = lock(tx, id).await?;
    must_be_unchanged(tx, &fact, &SAID, seen_revision).await?;
    must_be_in_use(&fact)?;
    may_give(
        actor,
        settings::get(tx).await?,
        fact.owner(),
        numbers.source,
    )?;
    let stands = fact.in_force.as_ref().map(|of| &of.numbers);
    if stands == Some(&numbers) {
        return Err(ActionError::Invalid(
            "This is what the fact says already. Change a number, or leave it as it is.".to_owned(),
        ));
    }
    let by = (actor.id, now);
    let old = match &fact.proposal {
        None => Value::Null,
        Some(waiting) => {
            fact_proposals::end_proposal(tx, waiting.id, ("replaced", ""), by).await?;
            said(&waiting.numbers, &waiting.reason)
        }
    };
    fact_proposals::propose(tx, id, (&numbers, &reason), by).await?;
    let change = ("fact_proposed", old, said(&numbers, &reason));
    note(tx, (actor, now), &fact, change).await
}

/// Takes one's own proposal back.
pub async fn withdraw(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: FactId,
    seen_revision: i64,
) -> Outcome<Fact> {
    actor.must_be_allowed(Act::EditParam)?;
    let fact = lock(tx, id).await?;
    must_be_unchanged(tx, &fact, &SAID, seen_revision).await?;
    let waiting = waiting(&fact)?;
    if waiting.by != actor.id {
        return Err(ActionError::Invalid(format!(
            "{} proposed this, and only they take it back. Whoever may approve it can refuse it.",
            waiting.by_name
        )));
    }
    let how = ("withdrawn", "");
    fact_proposals::end_proposal(tx, waiting.id, how, (actor.id, now)).await?;
    let old = said(&waiting.numbers, &waiting.reason);
    let change = ("fact_proposal_withdrawn", old, Value::Null);
    note(tx, (actor, now), &fact, change).await
}

/// Refuses a proposal, with the reason: whoever may approve it.
pub async fn refuse(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: FactId,
    (why, seen_revision): (&str, i64),
) -> Outcome<Fact> {
    let fact = lock(tx, id).await?;
    let waiting = waiting(&fact)?;
    let settings = settings::get(tx).await?;
    for source in owners(&fact, waiting) {
        actor.must_be_allowed(Act::ApproveParam {
            source: Some(source),
            settings,
            own: None,
        })?;
    }
    must_be_unchanged(tx, &fact, &SAID, seen_revision).await?;
    let why = why.trim();
    if why.is_empty() {
        return Err(ActionError::Invalid(
            "Say why, so that whoever proposed it knows what to do.".to_owned(),
        ));
    }
    let why: String = why.chars().take(2_000).collect();
    fact_proposals::end_proposal(tx, waiting.id, ("refused", &why), (actor.id, now)).await?;
    let old = said(&waiting.numbers, &waiting.reason);
    let change = ("fact_refused", old, json!({ "why": why }));
    note(tx, (actor, now), &fact, change).await
}

/// Puts a fact away that nobody follows, or takes it out again.
pub async fn set_archived(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: FactId,
    (wanted, seen_revision): (bool, i64),
) -> Outcome<Fact> {
    let fact = lock(tx, id).await?;
    actor.must_be_allowed(Act::WithdrawParamApproval(fact.owner()))?;
    if fact.archived_at.is_some() == wanted {
        return Ok(fact);
    }
    must_be_unchanged(tx, &fact, &["archived"], seen_revision).await?;
    if wanted && fact.uses > 0 {
        return Err(ActionError::Invalid(format!(
            "{} is used by {}, so it stays. Let their params stop following it first.",
            fact.words.name,
            initiatives(fact.uses)
        )));
    }
    if !wanted && facts::is_name_taken(tx, &fact.words.name, id).await? {
        return Err(name_taken(&fact.words.name));
    }
    let revision = facts::save_archived(tx, id, wanted, (actor.id, now)).await?;
    let changes = vec![("archived", json!(!wanted), json!(wanted))];
    log(tx, (actor, now), (id, &fact.words.name, revision), changes).await?;
    get(tx, id).await
}

/// `1 initiative`, `12 initiatives`.
fn initiatives(count: i64) -> String {
    match count {
        1 => "1 initiative".to_owned(),
        count => format!("{count} initiatives"),
    }
}

/// Whose the number is and would be: each must agree.
pub(super) fn owners(fact: &Fact, proposal: &FactProposal) -> Vec<Source> {
    let mut owners: Vec<_> = fact.owner().into_iter().collect();
    if !owners.contains(&proposal.numbers.source) {
        owners.push(proposal.numbers.source);
    }
    owners
}

pub(super) fn waiting(fact: &Fact) -> Outcome<&FactProposal> {
    fact.proposal.as_ref().ok_or_else(|| {
        ActionError::Invalid("Nothing is proposed any more: it was decided meanwhile.".to_owned())
    })
}

fn must_be_in_use(fact: &Fact) -> Outcome<()> {
    if fact.archived_at.is_none() {
        return Ok(());
    }
    Err(ActionError::Invalid(format!(
        "{} is put away. Take it out first.",
        fact.words.name
    )))
}

fn may_give(actor: &Actor, settings: Settings, from: Option<Source>, to: Source) -> Outcome<()> {
    if from != Some(to) {
        actor.must_be_allowed(Act::SetSource {
            from,
            to: Some(to),
            settings,
        })?;
    }
    Ok(())
}

fn said(numbers: &FactNumbers, reason: &str) -> Value {
    let mut said = numbers.content();
    said["reason"] = json!(reason);
    said
}

fn read_words(typed: &TypedWords) -> Outcome<FactWords> {
    FactWords::read(typed).map_err(|fault| ActionError::invalid(&fault))
}

fn read_numbers(typed: &TypedNumbers) -> Outcome<(FactNumbers, String)> {
    let refused = |fault: FactFault| ActionError::invalid(&fault);
    typed.read().map_err(refused)
}

fn name_taken(name: &str) -> ActionError {
    ActionError::Invalid(format!(
        "There is a fact {name} already. Look for it in the library, or choose another name."
    ))
}

pub(super) async fn lock(tx: &mut PgConnection, id: FactId) -> Outcome<Fact> {
    let found = facts::lock(tx, id, Lock::Alone).await?;
    found.ok_or(ActionError::NotFound("fact"))
}

/// Any change of these fields since the fact was shown is a conflict; others merge.
pub(super) async fn must_be_unchanged(
    tx: &mut PgConnection,
    fact: &Fact,
    fields: &[&str],
    seen: i64,
) -> Outcome<()> {
    if fact.revision == seen {
        return Ok(());
    }
    let theirs = change_log::last_since(tx, Entity::Fact, fact.id.0, fields, seen).await?;
    theirs.map_or(Ok(()), |theirs| {
        Err(ActionError::Conflict(Box::new(theirs)))
    })
}

async fn note(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    fact: &Fact,
    change: (&'static str, Value, Value),
) -> Outcome<Fact> {
    let revision = facts::move_revision(tx, fact.id, (actor.id, now)).await?;
    let of = (fact.id, fact.words.name.as_str(), revision);
    log(tx, (actor, now), of, vec![change]).await?;
    get(tx, fact.id).await
}

/// Logs changes of a fact, in the chain of what has no initiative.
pub(super) async fn log(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    (id, name, revision): (FactId, &str, i64),
    changes: Vec<(&'static str, Value, Value)>,
) -> sqlx::Result<()> {
    let change = |(field, old, new)| Change {
        initiative_id: None,
        entity: Entity::Fact,
        entity_id: id.0,
        entity_revision: revision,
        subject: name.to_owned(),
        what: FieldChange { field, old, new },
    };
    let changes: Vec<_> = changes.into_iter().map(change).collect();
    change_log::append(tx, actor.stamp(now), &changes).await
}
