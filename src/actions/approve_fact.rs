//! Approve what is proposed of a shared fact: in one transaction it says so, everybody who follows it says so, and all of
//! them are scored afresh. What that would do is computed before by the same functions.

use super::{
    ActionError, Actor, Outcome, facts as acts, follow_fact,
    scores::{effort_days, inputs, notes},
};
use crate::{
    domain::{
        approval::{Approval, Origin},
        fact::{Fact, FactNumbers, FactProposal, hands},
        fact_outlook::{self, Figures, Line, Outlook, Shifted},
        formula::ENGINE,
        four_eyes::own_hand,
        ids::{ApprovalId, FactId, FrameworkId, InitiativeId, UserId},
        rights::Act,
        scoring::{self, FormulaState, Missing, Score},
        settings::{FourEyes, Settings},
    },
    store::{
        change_log::Stamp,
        fact_spread::{self, Case, Followers, Then},
        facts, framework_spread, imports, rescoring,
        scores::{NewScore, ScoreLine},
        settings,
    },
};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeMap;

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
        let proposed = facts::proposed_since_approval(conn, fact.id).await?;
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
    let cases = fact_spread::cases(conn, fact.id).await?;
    Ok(outlook(conn, (fact.id, proposal), &cases).await?.sorted())
}

async fn outlook(
    conn: &mut PgConnection,
    (fact, proposal): (FactId, &FactProposal),
    cases: &[Case],
) -> sqlx::Result<Outlook> {
    let mut outlook = Outlook::default();
    let mut after = Vec::with_capacity(cases.len());
    for case in cases {
        let mut params = case.subject.params.clone();
        let outside = fact_outlook::outside(&params, fact, &proposal.numbers.value);
        outlook.outside.extend(
            outside.map(|param| format!("{} of {}", param.label(), case.subject.initiative.key)),
        );
        fact_outlook::follow(&mut params, fact, &proposal.numbers, &to_be(proposal));
        after.push(score(case, &params).map(|score| Figures::from(&score)));
    }
    let then = cases.iter().zip(&after).filter_map(|(case, after)| {
        let after = after.as_ref().ok()?;
        Some(Then {
            initiative: case.subject.initiative.id,
            framework: case.framework,
            value: after.value,
            overall: after.overall,
            unit: &case.driving.value_unit,
        })
    });
    let then: Vec<_> = then.collect();
    let mut frameworks: Vec<_> = cases.iter().map(|case| case.framework).collect();
    frameworks.sort_unstable();
    frameworks.dedup();
    let ranks = fact_spread::ranks(conn, &frameworks, &then).await?;
    let mut ranks: BTreeMap<_, _> = ranks
        .into_iter()
        .map(|ranked| ((ranked.framework, ranked.after, ranked.initiative), ranked))
        .collect();
    let mut of_each: BTreeMap<(InitiativeId, FrameworkId), _> = BTreeMap::new();
    for case in cases {
        of_each.insert((case.subject.initiative.id, case.framework), (None, None));
    }
    ranks.retain(|_, ranked| {
        let followed = of_each.get_mut(&(ranked.initiative, ranked.framework));
        let is_other = followed.is_none();
        if let Some(place) = followed {
            *place = (ranked.before, ranked.after);
        }
        is_other
    });
    outlook.lines = cases
        .iter()
        .zip(after)
        .map(|(case, after)| {
            let of = (case.subject.initiative.id, case.framework);
            let (rank_before, rank_after) = of_each.get(&of).copied().unwrap_or_default();
            line(case, after, (rank_before, rank_after))
        })
        .collect();
    outlook.shifted = ranks
        .into_values()
        .map(|ranked| Shifted {
            key: ranked.key,
            title: ranked.title,
            framework: ranked.framework_name,
            before: ranked.before,
            after: ranked.after,
        })
        .collect();
    Ok(outlook)
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

fn line(
    case: &Case,
    after: Result<Figures, Vec<Missing>>,
    (rank_before, rank_after): (Option<i64>, Option<i64>),
) -> Line {
    let initiative = &case.subject.initiative;
    Line {
        key: initiative.key.to_string(),
        title: initiative.get("title").to_owned(),
        framework: case.framework_name.clone(),
        is_active: case.subject.is_active,
        is_archived: case.is_archived,
        unit: case.driving.value_unit.clone(),
        before: case
            .stands
            .map(|(value, overall)| Figures { value, overall }),
        after,
        rank_before,
        rank_after,
    }
}

fn score(case: &Case, params: &[crate::domain::param::Param]) -> Result<Score, Vec<Missing>> {
    scoring::score(&scoring::Case {
        formula: &case.driving.state(),
        params,
        effort_days: effort_days(&case.subject.initiative),
    })
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
    let cases = fact_spread::cases(tx, id).await?;
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
        for param in followers.filter(|param| fact_outlook::is_follower(param, id)) {
            follow_fact::settle_scenarios(tx, (actor, now), param, &proposal.numbers).await?;
        }
        let cases = fact_spread::cases(tx, id).await?;
        record(tx, &cases, &because, (actor.id, now)).await?;
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
    Ok(facts::put_in_force(tx, which, (&content, because), by).await?)
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

async fn record(
    tx: &mut PgConnection,
    cases: &[Case],
    because: &str,
    (by, now): (UserId, DateTime<Utc>),
) -> sqlx::Result<()> {
    let mut fresh = Vec::with_capacity(cases.len());
    let mut missing = Vec::new();
    for case in cases {
        match score(case, &case.subject.params) {
            Ok(score) => fresh.extend(new_score(case, score)),
            Err(what) => missing.push((case.subject.initiative.id, case.framework, what)),
        }
    }
    rescoring::record(tx, &fresh, by, now).await?;
    rescoring::save_missing(tx, &missing, because, by, now).await
}

fn new_score(case: &Case, score: Score) -> Option<NewScore> {
    let driving = &case.driving;
    let (FormulaState::Approved(formula), Some(version)) = (driving.state(), driving.version_id)
    else {
        return None;
    };
    let initiative = &case.subject.initiative;
    Some(NewScore {
        initiative: initiative.id,
        framework: case.framework,
        math_model: driving.model,
        formula_version: version,
        inputs: inputs(&formula, &case.subject.params, initiative, &score),
        value: score.value,
        effort: score.effort,
        overall: score.overall,
        value_unit: driving.value_unit.clone(),
        lines: ScoreLine::all(score.lines),
        notes: notes(driving, score.notes),
        engine: ENGINE,
    })
}

/// An import locks initiatives in an order of its own.
async fn must_have_turn(tx: &mut PgConnection) -> Outcome<()> {
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
