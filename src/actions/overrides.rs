//! Override a score, withdraw an override, end those whose last day has passed.

use super::{ActionError, Actor, Outcome, effects::Effects, initiatives::lock};
use crate::{
    domain::{
        amount::AmountError,
        change::Entity,
        framework::Framework,
        ids::{InitiativeKey, OverrideId},
        initiative::Initiative,
        rights::Act,
        score_override::{self, End, Terms, Typed, Why},
    },
    store::{
        frameworks, initiatives,
        score_overrides::{self, NewOverride, OpenOverride, OverrideReceipt},
        scores,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// The changes with which an override collides: another override, and another active framework.
const COLLIDES_WITH: [&str; 2] = ["score_override", "active_scoring_framework"];

/// Puts what was typed in the place of the active framework's own figures. One that stands already is kept, ended as
/// replaced. Equal to what stands: nothing happens.
pub async fn set(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
    (typed, seen_revision): (&Typed, i64),
) -> Outcome<()> {
    actor.must_be_allowed(Act::OverrideScore)?;
    let initiative = lock(tx, key, seen_revision, &COLLIDES_WITH).await?;
    let framework = active(tx, &initiative).await?;
    let standings = scores::standings(tx, initiative.id).await?;
    let standing = standings
        .iter()
        .find(|s| s.framework_id == framework.id && s.is_on);
    let standing = standing.ok_or(ActionError::NotFound("score"))?;
    let unit = if let Some(score) = &standing.score {
        score.value_unit.clone()
    } else {
        let driving = scores::driving(tx, initiative.id, framework.id).await?;
        driving
            .map(|driving| driving.value_unit)
            .unwrap_or_default()
    };
    let terms = score_override::read(typed, &unit, now).map_err(|not| refusal(not.why))?;
    let mut effects = Effects::on(initiative.id);
    let mut old = Value::Null;
    if let Some(standing) = of_framework(tx, &initiative, &framework).await? {
        if standing.over.is_live(now) {
            if standing.over.terms == terms {
                return Ok(());
            }
            old = standing.over.terms.logged(&framework.name);
            score_overrides::end(tx, standing.over.id, End::Replaced, actor.id, now).await?;
        } else {
            let terms = &standing.over.terms;
            score_overrides::end(tx, standing.over.id, End::Expired, actor.id, now).await?;
            note(
                &mut effects,
                &initiative,
                ended(terms, &framework, End::Expired),
            );
        }
    }
    let new = NewOverride {
        initiative: initiative.id,
        framework: framework.id,
        terms: &terms,
        own_score: standing.score.as_ref().map(|score| score.id),
        own_status: &standing.status,
    };
    score_overrides::insert(tx, &new, actor.id, now).await?;
    note(
        &mut effects,
        &initiative,
        (old, terms.logged(&framework.name)),
    );
    Ok(effects.settle(tx, actor, now).await?)
}

/// Takes an override back: the framework's own figures count again.
pub async fn withdraw(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (id, seen_revision): (OverrideId, i64),
) -> Outcome<InitiativeKey> {
    actor.must_be_allowed(Act::OverrideScore)?;
    let receipt = get(tx, id).await?;
    let key: InitiativeKey = key_of(&receipt)?;
    let initiative = lock(tx, &key, seen_revision, &["score_override"]).await?;
    // Read again under the lock: the worker may have ended it meanwhile.
    let receipt = get(tx, id).await?;
    if !receipt.over.is_live(now) {
        return Err(ActionError::Invalid(
            "This override has ended already, so there is nothing to withdraw.".to_owned(),
        ));
    }
    score_overrides::end(tx, id, End::Withdrawn, actor.id, now).await?;
    let mut effects = Effects::on(initiative.id);
    let old = receipt.over.terms.logged(&receipt.framework_name);
    note(
        &mut effects,
        &initiative,
        (old, json!({ "how": End::Withdrawn.key() })),
    );
    effects.settle(tx, actor, now).await?;
    Ok(key)
}

/// Ends the overrides whose last day has passed: the history says so, and the mirror is told. They have counted for
/// nothing since that moment. How many.
pub async fn end_expired(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Outcome<usize> {
    actor.must_be_allowed(Act::OverrideScore)?;
    let all = frameworks::list(tx).await?;
    let mut count = 0;
    for id in score_overrides::expired(tx, now).await? {
        let Some(key) = initiatives::lock(tx, id).await? else {
            continue;
        };
        let initiative = super::initiatives::get(tx, &key).await?;
        let mut effects = Effects::on(id);
        for open in score_overrides::open(tx, id).await? {
            let framework = all.iter().find(|f| f.id == open.framework_id);
            let Some(framework) = framework.filter(|_| !open.over.is_live(now)) else {
                continue;
            };
            score_overrides::end(tx, open.over.id, End::Expired, actor.id, now).await?;
            note(
                &mut effects,
                &initiative,
                ended(&open.over.terms, framework, End::Expired),
            );
            count += 1;
        }
        effects.settle(tx, actor, now).await?;
    }
    Ok(count)
}

/// An override with what its receipt shows.
pub async fn get(conn: &mut PgConnection, id: OverrideId) -> Outcome<OverrideReceipt> {
    let found = score_overrides::get_receipt(conn, id).await?;
    found.ok_or(ActionError::NotFound("override"))
}

/// The key of the initiative whose score it overrides.
pub fn key_of(receipt: &OverrideReceipt) -> Outcome<InitiativeKey> {
    let key = receipt.initiative_key.parse();
    key.map_err(|_not_a_key| ActionError::NotFound("initiative"))
}

async fn active(tx: &mut PgConnection, initiative: &Initiative) -> Outcome<Framework> {
    let all = frameworks::list(tx).await?;
    let active = all
        .into_iter()
        .find(|f| Some(f.id) == initiative.active_framework);
    active.ok_or_else(|| {
        ActionError::Invalid(
            "No framework is active, so there is no score to override. Choose a framework first."
                .to_owned(),
        )
    })
}

async fn of_framework(
    tx: &mut PgConnection,
    initiative: &Initiative,
    framework: &Framework,
) -> sqlx::Result<Option<OpenOverride>> {
    let open = score_overrides::open(tx, initiative.id).await?;
    Ok(open
        .into_iter()
        .find(|open| open.framework_id == framework.id))
}

fn ended(terms: &Terms, framework: &Framework, how: End) -> (Value, Value) {
    (terms.logged(&framework.name), json!({ "how": how.key() }))
}

fn note(effects: &mut Effects, initiative: &Initiative, (old, new): (Value, Value)) {
    let (id, key) = (initiative.id.0, initiative.key.as_str());
    let act = ("score_override", old, new);
    effects.act(Entity::Initiative, id, initiative.revision, key, act);
}

fn refusal(why: Why) -> ActionError {
    match why {
        Why::Amount(AmountError::Asks { question, proposal }) => {
            ActionError::Asks { question, proposal }
        }
        other => ActionError::Invalid(other.to_string()),
    }
}
