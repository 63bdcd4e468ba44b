//! Approve what is proposed of a shared fact: in one transaction it says so, everybody who follows it says so, and all of
//! them are scored afresh. What that would do is computed before by the same functions.

use super::{ActionError, Actor, Outcome, fact_scores, facts as acts, follow_fact};
use crate::{
    domain::{
        approval::{Approval, Origin},
        fact::{Fact, FactNumbers, FactProposal, hands},
        fact_outlook::{self, Outlook},
        four_eyes::own_hand,
        ids::{ApprovalId, FactId, InitiativeId},
        rights::Act,
        settings::{FourEyes, Settings},
    },
    store::{
        change_log::Stamp,
        fact_proposals,
        fact_spread::{self, Case, Followers},
        framework_spread, imports, settings,
    },
};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// Asks whether this person may approve what is proposed: its owner's role now and then, and four-eyes.
pub async fn must_be_allowed(
    conn: &mut PgConnection,
    actor: &Actor,
    settings: Settings,
    fact: &Fact,
) -> Outcome<()> {
    let proposal = acts::waiting(fact)?;
    let own = if settings.four_eyes == FourEyes::Off {
        None
    } else {
        let proposed = fact_proposals::proposed_since_approval(conn, fact.id).await?;
        let in_force = fact.in_force.as_ref().map(|of| of.numbers.source);
        own_hand(actor.id, &hands(&proposed, in_force))
    };
    for source in acts::owners(fact, proposal) {
        actor.must_be_allowed(Act::ApproveParam {
            source: Some(source),
            settings,
            own,
        })?;
    }
    Ok(())
}

/// What approving would do. Reads only.
pub async fn look(conn: &mut PgConnection, fact: &Fact) -> Outcome<Outlook> {
    let proposal = acts::waiting(fact)?;
    let all = Followers {
        fact: fact.id,
        only: None,
    };
    let cases = fact_spread::cases(conn, all).await?;
    let would = (fact.id, &proposal.numbers, &to_be(proposal));
    Ok(fact_scores::outlook(conn, would, (&cases, &[])).await?)
}

/// The approval that would be: scoring only asks whether there is one.
fn to_be(proposal: &FactProposal) -> Approval {
    Approval {
        id: ApprovalId(0),
        by: proposal.by,
        by_name: String::new(),
        at: proposal.at,
        origin: Origin::Fact,
    }
}

/// Approves what was shown: `seen_revision` is the fact's.
pub async fn approve(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: FactId,
    seen_revision: i64,
) -> Outcome<Fact> {
    must_have_turn(tx).await?;
    // Whoever lets a param follow locks its initiative, then the fact; so does this.
    let initiatives = fact_spread::lock(tx, id).await?;
    let fact = acts::lock(tx, id).await?;
    acts::must_be_unchanged(tx, &fact, &acts::SAID, seen_revision).await?;
    let settings = settings::hold(tx).await?;
    must_be_allowed(tx, actor, settings, &fact).await?;
    let proposal = acts::waiting(&fact)?;
    let all = Followers {
        fact: id,
        only: None,
    };
    let cases = fact_spread::cases(tx, all).await?;
    must_be_those(&initiatives, &fact)?;
    must_fit(&fact, &proposal.numbers, &cases)?;
    let because = format!("the fact {} changed", fact.words.name);
    let (revision, approval) = put_in_force(tx, (actor, now), &fact, &because).await?;
    if !initiatives.is_empty() {
        spread(
            tx,
            actor.stamp(now),
            (id, approval),
            (&initiatives, &because),
        )
        .await?;
        let followers = cases.iter().flat_map(|case| &case.subject.params);
        let followers = followers.filter(|param| fact_outlook::is_follower(param, id));
        let followers: Vec<_> = followers.collect();
        let stamp = actor.stamp(now);
        follow_fact::settle_scenarios(tx, &followers, &proposal.numbers, stamp).await?;
        let cases = fact_spread::cases(tx, all).await?;
        fact_scores::record(tx, &cases, &because, (actor.id, now)).await?;
    }
    let old = fact.in_force.as_ref().map(|of| of.numbers.content());
    let mut new = proposal.numbers.content();
    new["origin"] = json!(Origin::Person.key());
    let change = ("approval", json!(old), new);
    let of = (id, fact.words.name.as_str(), revision);
    acts::log(tx, (actor, now), of, vec![change]).await?;
    acts::get(tx, id).await
}

async fn put_in_force(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    fact: &Fact,
    because: &str,
) -> Outcome<(i64, ApprovalId)> {
    let proposal = acts::waiting(fact)?;
    let content = proposal.numbers.content();
    let which = (fact.id, proposal.id);
    let by = (actor.id, now);
    Ok(fact_proposals::put_in_force(tx, which, (&content, because), by).await?)
}

/// Everybody who follows says what the fact says, approved with it.
async fn spread(
    tx: &mut PgConnection,
    stamp: Stamp,
    (fact, approval): (FactId, ApprovalId),
    (initiatives, because): (&[InitiativeId], &str),
) -> sqlx::Result<()> {
    let all = Followers { fact, only: None };
    fact_spread::write(tx, all, stamp).await?;
    fact_spread::withdraw(tx, all, because, stamp).await?;
    fact_spread::approve(tx, all, approval, stamp).await?;
    framework_spread::touch(tx, initiatives, "fact", stamp).await
}

/// An import locks initiatives in an order of its own.
pub(super) async fn must_have_turn(tx: &mut PgConnection) -> Outcome<()> {
    if imports::try_turn(tx).await? {
        return Ok(());
    }
    Err(ActionError::Invalid(
        "An import is going on. Wait until it has ended, then try again.".to_owned(),
    ))
}

/// A param that began to follow while this waited belongs to an initiative that isn't locked, and was not shown.
fn must_be_those(locked: &[InitiativeId], fact: &Fact) -> Outcome<()> {
    if usize::try_from(fact.uses).is_ok_and(|uses| uses == locked.len()) {
        return Ok(());
    }
    Err(ActionError::Invalid(
        "Another param began to follow the fact just now. Nothing was changed. Look again at what approving would do."
            .to_owned(),
    ))
}

fn must_fit(fact: &Fact, numbers: &FactNumbers, cases: &[Case]) -> Outcome<()> {
    for case in cases {
        let params = &case.subject.params;
        if let Some(param) = fact_outlook::outside(params, fact.id, &numbers.value).next() {
            return Err(ActionError::Invalid(format!(
                "{} of {} must be {}, which its framework says. {} is outside, so nothing was changed. Let that param stop following the fact, or propose another value.",
                param.label(),
                case.subject.initiative.key,
                param.hard,
                numbers.value
            )));
        }
    }
    Ok(())
}
