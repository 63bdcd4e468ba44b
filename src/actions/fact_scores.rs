//! The scores of whoever follows a shared fact: what they would be, and what they are once it is so. Both go by the same
//! scoring.

use super::rescore_framework::{new_score, score_as_it_stands};
use crate::{
    domain::{
        approval::Approval,
        fact::FactNumbers,
        fact_outlook::{self, Figures, Line, Outlook, Shifted},
        ids::{FactId, FrameworkId, InitiativeId, ParamId, UserId},
        scoring::Missing,
    },
    store::{
        fact_spread::{self, Case, Then},
        rescoring,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// What would come of it if the fact said these numbers, approved so, to everybody who follows it in these cases, but for
/// the params that wait for an approval of their own; biggest change first. One statement.
pub(super) async fn outlook(
    conn: &mut PgConnection,
    (fact, numbers, approval): (FactId, &FactNumbers, &Approval),
    (cases, waiting): (&[Case], &[ParamId]),
) -> sqlx::Result<Outlook> {
    let mut outlook = Outlook::default();
    let mut after = Vec::with_capacity(cases.len());
    for case in cases {
        let mut subject = case.subject.clone();
        let params = &mut subject.params;
        let outside = fact_outlook::outside(params, fact, &numbers.value);
        outlook.outside.extend(
            outside.map(|param| format!("{} of {}", param.label(), case.subject.initiative.key)),
        );
        fact_outlook::follow(params, fact, numbers, approval);
        let waiting = params.iter_mut().filter(|one| waiting.contains(&one.id));
        waiting.for_each(|param| param.value_approval = None);
        after.push(score_as_it_stands(&subject).map(|score| Figures::from(&score)));
    }
    let then = cases.iter().zip(&after).filter_map(|(case, after)| {
        let after = after.as_ref().ok()?;
        Some(Then {
            initiative: case.subject.initiative.id,
            framework: case.framework,
            value: after.value,
            overall: after.overall,
            unit: &case.subject.driving.value_unit,
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
    Ok(outlook.sorted())
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
        unit: case.subject.driving.value_unit.clone(),
        before: case
            .stands
            .map(|(value, overall)| Figures { value, overall }),
        after,
        rank_before,
        rank_after,
    }
}

/// Scores everybody in these cases afresh, as they stand. Two statements.
pub(super) async fn record(
    tx: &mut PgConnection,
    cases: &[Case],
    because: &str,
    (by, now): (UserId, DateTime<Utc>),
) -> sqlx::Result<()> {
    let mut fresh = Vec::with_capacity(cases.len());
    let mut missing = Vec::new();
    for case in cases {
        match score_as_it_stands(&case.subject) {
            Ok(score) => fresh.extend(new_score(&case.subject, case.framework, score)),
            Err(what) => missing.push((case.subject.initiative.id, case.framework, what)),
        }
    }
    rescoring::record(tx, &fresh, by, now).await?;
    rescoring::save_missing(tx, &missing, because, by, now).await
}
