//! Let a param follow a shared fact, or stop. While it follows, its value, unit, range, owner and approval are the fact's.

use super::{
    ActionError, Actor, Outcome, fact_scores,
    params::{self as param_acts, must_be_unchanged},
    scores,
};
use crate::{
    domain::{
        change::Entity,
        fact::{Fact, FactNumbers, InForce},
        fact_outlook,
        four_eyes::{Hand, Material, OwnHand, own_hand},
        ids::{FactId, ParamId},
        param::Param,
        rights::Act,
        scenario,
        settings::Settings,
    },
    store::{
        change_log::Stamp,
        fact_scenarios,
        fact_spread::{self, Followers},
        facts::{self, Lock},
        framework_spread,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Why approvals fall when a param stops following.
const NO_LONGER: &str = "it no longer follows the fact";

/// Lets a param follow a fact, if it is still the one that was shown.
pub async fn follow(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (id, seen_revision): (ParamId, i64),
    fact: FactId,
) -> Outcome<Param> {
    actor.must_be_allowed(Act::EditParam)?;
    let param = param_acts::lock(tx, id).await?;
    must_be_unchanged(tx, &param, seen_revision).await?;
    begin(tx, actor, now, &param, fact).await?;
    param_acts::get(tx, id).await
}

/// Lets a param stop following: it keeps the number as its own, and that waits for approval.
pub async fn stop(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (id, seen_revision): (ParamId, i64),
) -> Outcome<Param> {
    actor.must_be_allowed(Act::EditParam)?;
    let param = param_acts::lock(tx, id).await?;
    must_be_unchanged(tx, &param, seen_revision).await?;
    end(tx, actor, now, &param).await?;
    param_acts::get(tx, id).await
}

/// Whether anything can follow a fact.
pub fn must_be_followable(fact: &Fact) -> Outcome<&InForce> {
    let name = &fact.words.name;
    let refused = |why: String| Err(ActionError::Invalid(why));
    let Some(in_force) = &fact.in_force else {
        return refused(format!(
            "Nothing of {name} is approved yet. When it is, params can follow it."
        ));
    };
    if fact.archived_at.is_some() {
        return refused(format!("{name} is put away. Take it out first."));
    }
    Ok(in_force)
}

/// Whether a param can follow a fact: without anything written.
pub fn check(param: &Param, fact: &Fact) -> Outcome<()> {
    let value = &must_be_followable(fact)?.numbers.value;
    let range_stays = param.has_hard_bounds() && !param.range.contain(value);
    if range_stays || !param.hard.contain(value) {
        return Err(ActionError::Invalid(format!(
            "{} must be {}, which its framework says. {} is {value}, so it can’t follow.",
            param.label(),
            param.hard,
            fact.words.name,
        )));
    }
    Ok(())
}

/// Whether this person's letting a param follow a fact would be taken: without anything written.
pub fn can_let_follow(
    actor: &Actor,
    settings: Settings,
    param: &Param,
    fact: &Fact,
) -> Outcome<()> {
    check(param, fact)?;
    must_be_allowed(actor, settings, param, fact)
}

/// Whether this person may let it follow: that changes the number, and may change whose it is.
pub(super) fn must_be_allowed(
    actor: &Actor,
    settings: Settings,
    param: &Param,
    fact: &Fact,
) -> Outcome<()> {
    actor.must_be_allowed(Act::EditParam)?;
    let to = Some(must_be_followable(fact)?.numbers.source);
    if param.source != to {
        let from = param.source;
        actor.must_be_allowed(Act::SetSource { from, to, settings })?;
    }
    Ok(())
}

/// Whether the fact's approval holds for a param from the moment it follows: that is this person's change of the param's
/// number, so they must be allowed to approve it themselves, as with any other number that they put there. Else it waits
/// for somebody who is. What stood approved with just this number, unit, range and owner stays approved.
pub(super) fn vouches(
    actor: &Actor,
    (settings, own): (Settings, Option<OwnHand>),
    param: &Param,
    numbers: &FactNumbers,
    now: DateTime<Utc>,
) -> bool {
    let (after, changes) = fact_outlook::changed(param, numbers);
    let is_same = after.value == param.value && changes.is_empty();
    if is_same && param.value_approval.is_some() {
        return true;
    }
    let this = Hand {
        by: Some(actor.id),
        what: Material::Value,
        at: now,
        source: Some((param.source, after.source)),
    };
    let upcoming = own_hand(actor.id, &[this]).filter(|_| !is_same);
    let may = |own| Act::ApproveParam {
        source: after.source,
        settings,
        own,
    };
    [own, upcoming]
        .into_iter()
        .all(|own| actor.must_be_allowed(may(own)).is_ok())
}

/// The same for a param read under its initiative's lock; one that follows another fact changes over.
pub(super) async fn begin(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
    fact: FactId,
) -> Outcome<()> {
    if fact_outlook::is_follower(param, fact) {
        return Ok(());
    }
    let fact = facts::lock(tx, fact, Lock::Shared).await?;
    let fact = fact.ok_or(ActionError::NotFound("fact"))?;
    check(param, &fact)?;
    let (settings, own) = actor
        .before_approving(tx, Entity::Param, param.id.0)
        .await?;
    must_be_allowed(actor, settings, param, &fact)?;
    let numbers = &must_be_followable(&fact)?.numbers;
    let is_vouched = vouches(actor, (settings, own), param, numbers, now);
    begin_all(tx, (actor, now), &fact, &[(param, is_vouched)]).await
}

/// Params that can and may follow a fact do, all at once: the number is the fact's from here on, and so is the approval of
/// those that are vouched for ([`vouches`]); what rests on them is scored afresh.
pub(super) async fn begin_all(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    fact: &Fact,
    all: &[(&Param, bool)],
) -> Outcome<()> {
    let in_force = must_be_followable(fact)?;
    let name = &fact.words.name;
    let because = match all {
        [] => return Ok(()),
        [(one, _)] => format!("{} follows {name}", one.label()),
        _ => format!("params follow {name}"),
    };
    let vouched = all.iter().filter(|(_, is_vouched)| *is_vouched);
    let vouched: Vec<_> = vouched.map(|(param, _)| param.id).collect();
    let params: Vec<_> = all.iter().map(|(param, _)| *param).collect();
    let params = params.as_slice();
    let ids: Vec<_> = params.iter().map(|param| param.id).collect();
    let these = Followers {
        fact: fact.id,
        only: Some(&ids),
    };
    let stamp = actor.stamp(now);
    save(tx, params, Some(fact.id), stamp).await?;
    fact_spread::write(tx, these, stamp).await?;
    fact_spread::withdraw(tx, these, &because, stamp).await?;
    let approved = Followers {
        only: Some(&vouched),
        ..these
    };
    fact_spread::approve(tx, approved, in_force.approval.id, stamp).await?;
    settle_scenarios(tx, params, &in_force.numbers, stamp).await?;
    let mut cases = fact_spread::cases(tx, these).await?;
    cases.retain(|case| {
        let mut own = case.subject.params.iter();
        own.any(|param| (param.is_used() || param.is_in_scenarios) && ids.contains(&param.id))
    });
    Ok(fact_scores::record(tx, &cases, &because, (actor.id, now)).await?)
}

/// The same for a param read under its initiative's lock; one that follows nothing stays as it is.
pub(super) async fn end(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
) -> Outcome<()> {
    actor.must_be_allowed(Act::EditParam)?;
    let Some(followed) = &param.follows else {
        return Ok(());
    };
    let this = Followers {
        fact: followed.id,
        only: Some(&[param.id]),
    };
    let stamp = actor.stamp(now);
    fact_spread::withdraw(tx, this, NO_LONGER, stamp).await?;
    save(tx, &[param], None, stamp).await?;
    if !param.is_used() {
        return Ok(());
    }
    let because = format!("{} no longer follows {}", param.label(), followed.name);
    let of = (param.initiative_id, param.framework_id);
    Ok(scores::rescore_by_id(tx, actor, now, of, &because).await?)
}

/// Writes down which fact params follow; their initiatives have changed with it.
async fn save(
    tx: &mut PgConnection,
    params: &[&Param],
    fact: Option<FactId>,
    stamp: Stamp,
) -> sqlx::Result<()> {
    let ids: Vec<_> = params.iter().map(|param| param.id).collect();
    let mut initiatives: Vec<_> = params.iter().map(|param| param.initiative_id).collect();
    initiatives.sort_unstable();
    initiatives.dedup();
    fact_spread::save_follows(tx, &ids, fact, stamp).await?;
    framework_spread::touch(tx, &initiatives, "fact", stamp).await
}

/// Approvals of scenarios fall that set a value in the place of these params and rest on what the fact changed there. The
/// params are as they were before. Two statements.
pub(super) async fn settle_scenarios(
    tx: &mut PgConnection,
    params: &[&Param],
    numbers: &FactNumbers,
    stamp: Stamp,
) -> sqlx::Result<()> {
    let within = params.iter().filter(|param| param.is_in_scenarios);
    let within: BTreeMap<_, _> = within.map(|param| (param.id, *param)).collect();
    let ids: Vec<_> = within.keys().copied().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut touched: BTreeMap<_, Option<String>> = BTreeMap::new();
    for (scenario, value) in fact_scenarios::set_in_place_of(tx, &ids).await? {
        let why = within.get(&value.param).and_then(|param| {
            let (after, changes) = fact_outlook::changed(param, numbers);
            scenario::falls(&value, &after, &changes)
        });
        let first = touched.entry(scenario).or_default();
        *first = first.take().or(why);
    }
    fact_scenarios::settle(tx, &touched, stamp).await
}
