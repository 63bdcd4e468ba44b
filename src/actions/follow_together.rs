//! Let many params follow a shared fact at once. What that would do to each of them, and to scores and ranks, is told
//! before by the same rules; what can't follow is left out, with the reason.

use super::{
    ActionError, Actor, Outcome, approve_fact,
    bulk::{self, Decided, LeftOut},
    fact_scores, follow_fact,
};
use crate::{
    domain::{
        change::Entity,
        fact::Fact,
        fact_outlook::{self, Outlook},
        four_eyes::OwnHand,
        ids::{FactId, ParamId},
        param::{Followed, Param},
        rights::Act,
        settings::Settings,
    },
    store::{
        fact_spread::{self, Case, Followers},
        facts::{self, Lock},
        param_blocks::{self, GroupName},
        params, settings,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// What would come of one param.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would follow, approved with the fact.
    Follows,
    /// It would follow, and then wait for approval: whoever lets it follow may not approve it.
    FollowsAndWaits,
    /// It does already.
    Same,
    /// It can't, or not by this person: why.
    Refused(String),
}

impl Verdict {
    /// Whether it would follow.
    #[must_use]
    pub fn follows(&self) -> bool {
        matches!(self, Self::Follows | Self::FollowsAndWaits)
    }
}

/// One of the params that were chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// As it stands.
    pub param: Param,
    /// Its initiative's key.
    pub key: String,
    /// Its framework's name.
    pub framework: String,
    /// What would come of it.
    pub verdict: Verdict,
}

/// What following would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// Each that was chosen and is still there.
    pub candidates: Vec<Candidate>,
    /// The scores and ranks that would move.
    pub outlook: Outlook,
}

/// What letting these params follow would do. Reads only, in a fixed number of statements.
pub async fn look(
    conn: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    fact: &Fact,
    ids: &[ParamId],
) -> Outcome<Prospect> {
    actor.must_be_allowed(Act::EditParam)?;
    let in_force = follow_fact::must_be_followable(fact)?;
    let settings = settings::get(conn).await?;
    let candidates = candidates(conn, (actor, settings, now), fact, ids).await?;
    let new = candidates.iter().filter(|one| one.verdict.follows());
    let new: Vec<_> = new.map(|one| one.param.id).collect();
    let waits = candidates
        .iter()
        .filter(|one| one.verdict == Verdict::FollowsAndWaits);
    let waits: Vec<_> = waits.map(|one| one.param.id).collect();
    let these = Followers {
        fact: fact.id,
        only: Some(&new),
    };
    let mut cases = fact_spread::cases(conn, these).await?;
    for case in &mut cases {
        as_if_followed(case, fact, &new);
    }
    let would = (fact.id, &in_force.numbers, &in_force.approval);
    let outlook = fact_scores::outlook(conn, would, (&cases, &waits)).await?;
    Ok(Prospect {
        candidates,
        outlook,
    })
}

fn as_if_followed(case: &mut Case, fact: &Fact, new: &[ParamId]) {
    let own = case.subject.params.iter_mut();
    for param in own.filter(|param| new.contains(&param.id)) {
        param.follows = Some(Followed {
            id: fact.id,
            name: fact.words.name.clone(),
        });
    }
}

/// Lets those follow that can, and are still as they were shown: `seen` has their revisions.
pub async fn follow(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    fact: FactId,
    seen: &BTreeMap<ParamId, i64>,
) -> Outcome<Decided> {
    actor.must_be_allowed(Act::EditParam)?;
    approve_fact::must_have_turn(tx).await?;
    let ids: Vec<_> = seen.keys().copied().collect();
    param_blocks::lock(tx, &ids).await?;
    let fact = facts::lock(tx, fact, Lock::Shared).await?;
    let fact = fact.ok_or(ActionError::NotFound("fact"))?;
    follow_fact::must_be_followable(&fact)?;
    let settings = settings::hold(tx).await?;
    let candidates = candidates(tx, (actor, settings, now), &fact, &ids).await?;
    let mut decided = Decided::default();
    let mut new = Vec::new();
    for one in &candidates {
        let is_as_shown = seen.get(&one.param.id) == Some(&one.param.revision);
        match &one.verdict {
            Verdict::Same => decided.same += 1,
            Verdict::Follows if is_as_shown => new.push((&one.param, true)),
            Verdict::FollowsAndWaits if is_as_shown => new.push((&one.param, false)),
            Verdict::Follows | Verdict::FollowsAndWaits => {
                leave_out(&mut decided, one, "it changed since it was shown");
            }
            Verdict::Refused(why) => leave_out(&mut decided, one, why),
        }
    }
    decided.done = new.len();
    let gone = ids.len() - candidates.len();
    decided.left_out.extend((0..gone).map(|_| LeftOut {
        label: "A param".to_owned(),
        why: "it isn’t there any more".to_owned(),
    }));
    follow_fact::begin_all(tx, (actor, now), &fact, &new).await?;
    Ok(decided)
}

fn leave_out(decided: &mut Decided, one: &Candidate, why: &str) {
    decided.left_out.push(LeftOut {
        label: format!("{} of {}", one.param.label(), one.key),
        why: why.to_owned(),
    });
}

/// The params, in the order of initiatives, each with what would come of it. Two statements; with four-eyes on, three.
async fn candidates(
    conn: &mut PgConnection,
    (actor, settings, now): (&Actor, Settings, DateTime<Utc>),
    fact: &Fact,
    ids: &[ParamId],
) -> Outcome<Vec<Candidate>> {
    let rows: Vec<_> = ids.iter().map(|id| id.0).collect();
    let own = (Entity::Param, rows.as_slice());
    let own = actor.own_hands(conn, settings, own).await?;
    let names = param_blocks::group_names(conn, ids).await?;
    let mut groups: BTreeMap<_, Vec<Param>> = BTreeMap::new();
    for param in params::groups_of(conn, ids).await? {
        if ids.contains(&param.id) {
            let of = (param.initiative_id, param.framework_id);
            groups.entry(of).or_default().push(param);
        }
    }
    let mut all = Vec::with_capacity(ids.len());
    for name in &names {
        let group = groups.remove(&(name.initiative, name.framework));
        for param in group.unwrap_or_default() {
            let own = (settings, own.get(&param.id.0).copied());
            all.push(candidate((actor, own, now), fact, name, param)?);
        }
    }
    Ok(all)
}

fn candidate(
    (actor, own, now): (&Actor, (Settings, Option<OwnHand>), DateTime<Utc>),
    fact: &Fact,
    of: &GroupName,
    param: Param,
) -> Outcome<Candidate> {
    let can = || {
        follow_fact::check(&param, fact)?;
        follow_fact::must_be_allowed(actor, own.0, &param, fact)?;
        let numbers = &follow_fact::must_be_followable(fact)?.numbers;
        Ok(follow_fact::vouches(actor, own, &param, numbers, now))
    };
    let verdict = if fact_outlook::is_follower(&param, fact.id) {
        Verdict::Same
    } else {
        match can() {
            Ok(true) => Verdict::Follows,
            Ok(false) => Verdict::FollowsAndWaits,
            Err(why) => Verdict::Refused(bulk::words(why)?),
        }
    };
    Ok(Candidate {
        param,
        key: of.key.clone(),
        framework: of.framework_name.clone(),
        verdict,
    })
}
