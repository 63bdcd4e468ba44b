//! Say which scenario drives the score, and what that would do before it is done: by the same computation as the result.

use super::{
    ActionError, Actor, Outcome,
    effects::Effects,
    scenario_group::{self, Group},
    scores, seeding,
};
use crate::{
    domain::{
        change::Entity,
        ids::MathModelId,
        initiative::Initiative,
        math_model::BASE,
        rights::Act,
        scenario::{Scenario, Whose},
        scoring::{Missing, Score},
    },
    store::{
        change_log, scenarios as store,
        scores::{self as scores_store, RecordedScore},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// What letting one drive would do.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// Base and its scenarios, as this was computed for them.
    pub group: Group,
    /// The scenario that would drive; none: Base.
    pub scenario: Option<Scenario>,
    /// The score for the record today, if there is one.
    pub before: Option<RecordedScore>,
    /// Its rank, and among how many.
    pub rank_before: Option<(i64, i64)>,
    /// The score that would be recorded, or everything that is missing for one.
    pub after: Result<Score, Vec<Missing>>,
    /// Its rank, and among how many.
    pub rank_after: Option<(i64, i64)>,
}

impl Outlook {
    /// Whether it drives already.
    #[must_use]
    pub fn drives(&self) -> bool {
        self.group.driver().map(|driver| driver.id) == self.scenario.as_ref().map(|it| it.id)
    }
}

/// What letting a scenario (none: Base) drive the score would do.
pub async fn outlook(
    conn: &mut PgConnection,
    whose: &Whose,
    scenario: Option<MathModelId>,
) -> Outcome<Outlook> {
    let group = scenario_group::get(conn, whose).await?;
    would(conn, group, scenario).await
}

async fn would(
    conn: &mut PgConnection,
    group: Group,
    scenario: Option<MathModelId>,
) -> Outcome<Outlook> {
    let scenario = scenario.map(|id| group.scenario(id)).transpose()?.cloned();
    let after = group.score(scenario.as_ref());
    let of = group.of();
    let standings = scores_store::standings(conn, of.0).await?;
    let standing = standings
        .into_iter()
        .find(|s| s.framework_id == of.1 && s.is_on);
    let before = standing.and_then(|standing| standing.score);
    let mut ranks = [None, None];
    let figures = [
        before
            .as_ref()
            .map(|score| (score.value_unit.as_str(), (score.value, score.overall))),
        after
            .as_ref()
            .ok()
            .map(|score| (group.base.unit(), (score.value, score.overall))),
    ];
    for (rank, figures) in ranks.iter_mut().zip(figures) {
        if let Some((unit, figures)) = figures {
            *rank = Some(store::rank_of(conn, of, unit, figures).await?);
        }
    }
    let [rank_before, rank_after] = ranks;
    Ok(Outlook {
        group,
        scenario,
        before,
        rank_before,
        after,
        rank_after,
    })
}

/// Lets a scenario (none: Base) drive the score from now on, if the initiative is still as it was when the effect was
/// shown. A scenario must be ready, and the framework on; Base always may, and what is missing then makes the score stale.
pub async fn let_drive(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    whose: &Whose,
    (scenario, seen_revision): (Option<MathModelId>, i64),
) -> Outcome<()> {
    actor.must_be_allowed(Act::DriveScore)?;
    let group = scenario_group::lock(tx, whose).await?;
    let outlook = would(tx, group, scenario).await?;
    if outlook.drives() {
        return Ok(());
    }
    let (group, chosen) = (&outlook.group, outlook.scenario.as_ref());
    must_be_as_shown(tx, &group.initiative, seen_revision).await?;
    if let Some(chosen) = chosen {
        if let Some(why) = group.why_none_drives() {
            return Err(ActionError::Invalid(why));
        }
        must_be_ready(chosen, &outlook.after)?;
    }
    let of = group.of();
    let base = group.base.model.as_ref().map(|model| model.id);
    store::let_drive(tx, of, scenario.or(base), actor.id, now).await?;
    let initiative = &group.initiative;
    let mut effects = Effects::on(initiative.id);
    let act = (
        "driving_scenario",
        logged(group, group.driver()),
        logged(group, chosen),
    );
    effects.act(
        Entity::Initiative,
        initiative.id.0,
        initiative.revision,
        initiative.key.as_str(),
        act,
    );
    seeding::mark_anew(tx, actor, now, of, &mut effects).await?;
    effects.settle(tx, actor, now).await?;
    let because = match chosen {
        Some(chosen) => format!("scenario {} drives the score", chosen.label),
        None => "Base drives the score again".to_owned(),
    };
    scores::rescore_by_id(tx, actor, now, of, &because).await?;
    Ok(scores_store::renew_stale_reason(tx, of.0, of.1, &because, actor.id, now).await?)
}

/// Who drives, as it is logged, with the framework where there may be several that score an initiative so.
fn logged(group: &Group, driver: Option<&Scenario>) -> Value {
    let base = &group.base;
    json!({
        "scenario": driver.map(|driver| driver.id),
        "label": driver.map_or(BASE, |driver| driver.label.as_str()),
        "framework": base.is_shared().then_some(&base.framework.name),
    })
}

/// The effect that was shown is the effect that comes about, or nothing is done.
async fn must_be_as_shown(
    tx: &mut PgConnection,
    initiative: &Initiative,
    seen_revision: i64,
) -> Outcome<()> {
    if initiative.revision == seen_revision {
        return Ok(());
    }
    let (entity, id) = (Entity::Initiative, initiative.id.0);
    let fields = ["driving_scenario"];
    let theirs = change_log::last_since(tx, entity, id, &fields, seen_revision).await?;
    Err(theirs.map_or_else(
        || {
            ActionError::Invalid(
                "The initiative changed since this effect was shown. Look at it as it is now, then decide."
                    .to_owned(),
            )
        },
        |theirs| ActionError::Conflict(Box::new(theirs)),
    ))
}

fn must_be_ready(chosen: &Scenario, after: &Result<Score, Vec<Missing>>) -> Outcome<()> {
    let label = &chosen.label;
    if chosen.put_away_at.is_some() {
        return Err(ActionError::Invalid(format!(
            "Scenario {label} is put away. Bring it back first."
        )));
    }
    if let Err(missing) = after {
        let all: Vec<_> = missing.iter().map(ToString::to_string).collect();
        return Err(ActionError::Invalid(format!(
            "Scenario {label} can’t drive the score yet: {}.",
            all.join("; ")
        )));
    }
    Ok(())
}
