//! Let a param follow a shared fact, or stop. While it follows, its value, unit, range, owner and approval are the fact's.

use super::{
    ActionError, Actor, Outcome,
    effects::Effects,
    params::{self as param_acts, must_be_unchanged},
    scenarios, scores,
};
use crate::{
    domain::{
        change::Entity,
        fact::{Fact, FactNumbers},
        fact_outlook,
        ids::{FactId, ParamId},
        param::{Followed, Param},
        rights::Act,
    },
    store::{
        fact_spread::{self, Followers},
        facts, settings,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

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

/// What following would say of a param, or why it can't follow: without anything written.
pub fn check(param: &Param, fact: &Fact) -> Outcome<()> {
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
    let value = &in_force.numbers.value;
    let range_stays = param.has_hard_bounds() && !param.range.contain(value);
    if range_stays || !param.hard.contain(value) {
        return refused(format!(
            "{} must be {}, which its framework says. {name} is {value}, so nothing was changed.",
            param.label(),
            param.hard
        ));
    }
    Ok(())
}

/// The same for a param read under its initiative's lock; one that follows another fact changes over.
pub(super) async fn begin(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
    fact: FactId,
) -> Outcome<()> {
    if param.follows.as_ref().is_some_and(|of| of.id == fact) {
        return Ok(());
    }
    let fact = facts::hold(tx, fact).await?;
    let fact = fact.ok_or(ActionError::NotFound("fact"))?;
    check(param, &fact)?;
    let in_force = fact
        .in_force
        .as_ref()
        .ok_or(ActionError::NotFound("fact"))?;
    let to = Some(in_force.numbers.source);
    if param.source != to {
        actor.must_be_allowed(Act::SetSource {
            from: param.source,
            to,
            settings: settings::get(tx).await?,
        })?;
    }
    let followed = Followed {
        id: fact.id,
        name: fact.words.name.clone(),
    };
    note(tx, (actor, now), param, Some(&followed)).await?;
    let this = Followers {
        fact: fact.id,
        only: Some(param.id),
    };
    let stamp = actor.stamp(now);
    let because = format!("{} follows {}", param.label(), fact.words.name);
    fact_spread::write(tx, this, stamp).await?;
    fact_spread::withdraw(tx, this, &because, stamp).await?;
    fact_spread::approve(tx, this, in_force.approval.id, stamp).await?;
    settle_scenarios(tx, (actor, now), param, &in_force.numbers).await?;
    rescore(tx, actor, now, param, &because).await
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
        only: Some(param.id),
    };
    fact_spread::withdraw(tx, this, NO_LONGER, actor.stamp(now)).await?;
    note(tx, (actor, now), param, None).await?;
    let because = format!("{} no longer follows {}", param.label(), followed.name);
    rescore(tx, actor, now, param, &because).await
}

/// Approvals of scenarios fall that set a value in this param's place and rest on what the fact changed there. `param` is
/// as it was before.
pub(super) async fn settle_scenarios(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    param: &Param,
    numbers: &FactNumbers,
) -> Outcome<()> {
    if param.is_in_scenarios {
        let (after, changes) = fact_outlook::changed(param, numbers);
        scenarios::withdraw_covering(tx, actor, now, (&after, &changes)).await?;
    }
    Ok(())
}

async fn note(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    param: &Param,
    follows: Option<&Followed>,
) -> Outcome<()> {
    let said = |of: Option<&Followed>| {
        of.map_or(
            Value::Null,
            |fact| json!({ "id": fact.id, "name": fact.name }),
        )
    };
    let fact = follows.map(|fact| fact.id);
    let revision = fact_spread::save_follows(tx, param.id, fact, actor.stamp(now)).await?;
    let mut effects = Effects::on(param.initiative_id);
    let change = ("fact", said(param.follows.as_ref()), said(follows));
    effects.act(Entity::Param, param.id.0, revision, param.label(), change);
    Ok(effects.settle(tx, actor, now).await?)
}

async fn rescore(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
    because: &str,
) -> Outcome<()> {
    if !param.is_used() {
        return Ok(());
    }
    let of = (param.initiative_id, param.framework_id);
    Ok(scores::rescore_by_id(tx, actor, now, of, because).await?)
}
