//! Say which scenario drives the score, and what that would do before it is done: by the same computation as the result.

use super::{
    ActionError, Actor, Outcome, effects::Effects, math_models, scenarios, scores, seeding,
};
use crate::{
    domain::{
        change::Entity,
        ids::MathModelId,
        initiative::Initiative,
        math_model::{BASE, MathModel},
        rights::Act,
        scenario::{self, Scenario},
        scoring::{self, Case, Missing, Score},
    },
    store::{
        change_log, initiatives,
        math_models::page::place,
        params::{self, Which},
        scenarios as store,
        scores::{self as scores_store, RecordedScore},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// What letting one drive would do.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The initiative, with the revision that this was computed at.
    pub initiative: Initiative,
    /// The model.
    pub model: MathModel,
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

/// What letting a scenario (none: Base) drive the score would do.
pub async fn outlook(
    conn: &mut PgConnection,
    model: MathModelId,
    scenario: Option<MathModelId>,
) -> Outcome<Outlook> {
    let model = math_models::get(conn, model).await?;
    let of = (model.initiative_id, model.framework_id);
    let scenario = match scenario {
        Some(id) => Some(scenarios::get(conn, id).await?),
        None => None,
    };
    let is_beside = |scenario: &Scenario| (scenario.initiative_id, scenario.framework_id) == of;
    if scenario.as_ref().is_some_and(|it| !is_beside(it)) {
        return Err(ActionError::NotFound("scenario"));
    }
    let initiative = initiative_of(conn, model.id).await?;
    let base = scenario::base(&params::list(conn, Which::Of(of.0, of.1)).await?);
    let params = scenario.as_ref().map_or(base.clone(), |it| it.over(&base));
    let driving = scenario
        .as_ref()
        .map_or(model.clone(), |it| it.over_model(&model));
    let after = scoring::score(&Case {
        formula: &scores::formula_state(&driving),
        params: &params,
        effort_days: scores::effort_days(&initiative),
    });
    let standings = scores_store::standings(conn, of.0).await?;
    let standing = standings
        .into_iter()
        .find(|s| s.framework_id == of.1 && s.is_on);
    let before = standing.and_then(|standing| standing.score);
    let unit = scores::value_unit(&model);
    let mut ranks = [None, None];
    let figures = [
        before
            .as_ref()
            .map(|score| (score.value_unit.clone(), (score.value, score.overall))),
        after
            .as_ref()
            .ok()
            .map(|score| (unit, (score.value, score.overall))),
    ];
    for (rank, figures) in ranks.iter_mut().zip(figures) {
        if let Some((unit, figures)) = figures {
            *rank = Some(store::rank_of(conn, of, &unit, figures).await?);
        }
    }
    let [rank_before, rank_after] = ranks;
    Ok(Outlook {
        initiative,
        model,
        scenario,
        before,
        rank_before,
        after,
        rank_after,
    })
}

/// Lets a scenario (none: Base) drive the score from now on, if the initiative is still as it was when the effect was
/// shown. A scenario must be ready; Base always may, and what is missing then makes the score stale.
pub async fn let_drive(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    model: MathModelId,
    (scenario, seen_revision): (Option<MathModelId>, i64),
) -> Outcome<()> {
    actor.must_be_allowed(Act::DriveScore)?;
    math_models::lock(tx, model).await?;
    let outlook = outlook(tx, model, scenario).await?;
    let (model, chosen) = (&outlook.model, outlook.scenario.as_ref());
    if model.driver.as_ref().map(|driver| driver.id) == scenario {
        return Ok(());
    }
    must_be_as_shown(tx, &outlook.initiative, seen_revision).await?;
    if let Some(chosen) = chosen {
        must_be_ready(chosen, &outlook.after)?;
    }
    let of = (model.initiative_id, model.framework_id);
    store::let_drive(tx, of, scenario.unwrap_or(model.id), actor.id, now).await?;
    let said = |id: Option<MathModelId>, label: &str| json!({ "scenario": id, "label": label });
    let old: Value = match &model.driver {
        Some(driver) => said(Some(driver.id), &driver.label),
        None => said(None, BASE),
    };
    let label = chosen.map_or(BASE, |chosen| chosen.label.as_str());
    let initiative = &outlook.initiative;
    let mut effects = Effects::on(initiative.id);
    let act = ("driving_scenario", old, said(scenario, label));
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

async fn initiative_of(conn: &mut PgConnection, model: MathModelId) -> Outcome<Initiative> {
    let initiative = match place(conn, model).await? {
        Some(place) => initiatives::get(conn, &place.key).await?,
        None => None,
    };
    initiative.ok_or(ActionError::NotFound("initiative"))
}
