//! Keep a workbook's score of an initiative that the app has never scored, let it go, bring it back.

use super::{ActionError, Actor, Outcome, effects::Effects, initiatives::lock};
use crate::{
    domain::{
        change::Entity, ids::InitiativeKey, initiative::Initiative, legacy_score::Figures,
        rights::Act,
    },
    store::legacy_scores,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// The name under which it is logged.
pub(crate) const FIELD: &str = "legacy_score";

/// Keeps what a workbook says, in the place of what one said before; empty: nothing stands any more. Only for an
/// initiative that was never scored here.
pub(crate) async fn keep(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    figures: &Figures,
) -> Outcome<()> {
    actor.must_be_allowed(Act::Import)?;
    legacy_scores::end(tx, initiative.id, actor.id, now).await?;
    if !figures.is_empty() {
        legacy_scores::insert(tx, initiative.id, figures, actor.id, now).await?;
    }
    settle(tx, actor, now, initiative, figures.logged()).await
}

/// Drops the score that stands. It takes no part in anything, so only what is shown changes.
pub async fn let_go(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (key, seen_revision): (&InitiativeKey, i64),
) -> Outcome<()> {
    actor.must_be_allowed(Act::DropLegacyScore)?;
    let collides = [FIELD, "active_scoring_framework"];
    let initiative = lock(tx, key, seen_revision, &collides).await?;
    if initiative.legacy.is_none() {
        return Err(ActionError::Invalid(format!(
            "{key} has no legacy score any more, so there is nothing to drop."
        )));
    }
    legacy_scores::end(tx, initiative.id, actor.id, now).await?;
    settle(tx, actor, now, &initiative, Value::Null).await
}

/// Takes a change of it back: these figures stand again, or none. An admin lets go; whoever may choose the framework
/// may bring back what went with it.
pub(crate) async fn put_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    figures: &Figures,
) -> Outcome<()> {
    actor.must_be_allowed(if figures.is_empty() {
        Act::DropLegacyScore
    } else {
        Act::ChooseFramework
    })?;
    legacy_scores::end(tx, initiative.id, actor.id, now).await?;
    if !figures.is_empty() {
        let is_scored = legacy_scores::is_scored_here(tx, initiative.id).await?;
        if is_scored || !legacy_scores::reopen(tx, initiative.id, figures).await? {
            return Err(ActionError::Invalid(format!(
                "{} was scored here since, so its legacy score stays gone.",
                initiative.key
            )));
        }
    }
    settle(tx, actor, now, initiative, figures.logged()).await
}

async fn settle(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    new: Value,
) -> Outcome<()> {
    let mut effects = Effects::on(initiative.id);
    note(&mut effects, initiative, new);
    Ok(effects.settle(tx, actor, now).await?)
}

/// Notes that something else stands from now on, beside whatever the act does besides.
pub(crate) fn note(effects: &mut Effects, initiative: &Initiative, new: Value) {
    let old = initiative.legacy.as_ref();
    let old = old.map_or(Value::Null, |legacy| legacy.figures.logged());
    if old == new {
        return;
    }
    let (id, key) = (initiative.id.0, initiative.key.as_str());
    effects.act(
        Entity::Initiative,
        id,
        initiative.revision,
        key,
        (FIELD, old, new),
    );
}
