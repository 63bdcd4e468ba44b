//! A scenario's own formula: give it one, let it follow Base's again, and keep it reading the same params when one of them
//! is renamed.

use super::{
    ActionError, Actor, Outcome,
    effects::Effects,
    scenarios::{self, base_of, get, lock, must_not_be_away, must_not_collide},
    seeding,
};
use crate::{
    domain::{
        change::{Entity, FieldChange},
        formula,
        ids::{FrameworkId, InitiativeId, MathModelId},
        math_model::FormulaVersion,
        param::ParamRefusal,
        rights::Act,
        scenario::{
            Scenario,
            formula::{self as own, FormulaRefusal, read_names},
        },
    },
    store::{
        math_models::{self, Which},
        scenarios::{self as store, Which as Scenarios},
    },
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// Gives a scenario a formula in Base's place. It reads params that the model has, and no others. Its approval falls.
pub async fn set_formula(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    (typed, seen_revision): (&str, i64),
) -> Outcome<Scenario> {
    actor.must_be_allowed(Act::WriteModel)?;
    let scenario = lock(tx, id).await?;
    must_not_collide(tx, &scenario, &["scenario_formula"], seen_revision).await?;
    must_not_be_away(&scenario)?;
    put_formula(tx, actor, now, &scenario, Some(typed)).await?;
    get(tx, id).await
}

/// Lets a scenario follow Base's formula again. Its approval falls.
pub async fn drop_formula(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    seen_revision: i64,
) -> Outcome<Scenario> {
    actor.must_be_allowed(Act::WriteModel)?;
    let scenario = lock(tx, id).await?;
    must_not_collide(tx, &scenario, &["scenario_formula"], seen_revision).await?;
    put_formula(tx, actor, now, &scenario, None).await?;
    get(tx, id).await
}

/// Sets or drops the formula of a scenario read under the initiative's lock. The same text is no change, and one that it
/// had before is that version again.
pub(super) async fn put_formula(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    scenario: &Scenario,
    text: Option<&str>,
) -> Outcome<()> {
    let text = text.map(formula::normalise);
    if scenario.formula_text() == text.as_deref() {
        return Ok(());
    }
    if let (Some(_), Some(framework)) = (&text, &scenario.shares) {
        let framework = framework.clone();
        return Err(ActionError::invalid(&FormulaRefusal::Shared { framework }));
    }
    if let Some(text) = &text {
        let base = base_of(tx, scenario).await?;
        own::read(text, &base).map_err(|why| ActionError::invalid(&why))?;
    }
    let revision = save(tx, actor, now, scenario, text.as_deref()).await?;
    let new = get(tx, scenario.id).await?.formula;
    let mut effects = Effects::on(scenario.initiative_id);
    let logged =
        |formula: &Option<FormulaVersion>| formula.as_ref().map_or(Value::Null, own::logged);
    let change = FieldChange {
        field: "scenario_formula",
        old: logged(&scenario.formula),
        new: logged(&new),
    };
    let subject = scenarios::subject(scenario);
    effects.note(Entity::Scenario, scenario.id.0, revision, &subject, change);
    let why = "its formula changed";
    scenarios::withdraw(tx, actor, now, scenario, (why, revision), &mut effects).await?;
    let of = (scenario.initiative_id, scenario.framework_id);
    seeding::mark_anew(tx, actor, now, of, &mut effects).await?;
    effects.settle(tx, actor, now).await?;
    let because = format!("the formula of scenario {} changed", scenario.label);
    scenarios::rescore(tx, actor, now, scenario, &because).await
}

async fn save(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    scenario: &Scenario,
    text: Option<&str>,
) -> sqlx::Result<i64> {
    let Some(text) = text else {
        return store::save_formula(tx, scenario.id, None, actor.id, now).await;
    };
    let versions = math_models::list_versions(tx, scenario.id).await?;
    if let Some(same) = versions.iter().find(|version| version.text == text) {
        return store::save_formula(tx, scenario.id, Some(same.id), actor.id, now).await;
    }
    let number = versions.first().map_or(1, |latest| latest.version + 1);
    let saved = math_models::insert_version(tx, scenario.id, number, text, actor.id, now).await?;
    Ok(saved.1)
}

/// A param that a person added is called otherwise: the scenarios whose formulas read it go on reading it.
pub(super) async fn follow_new_name(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    of: (InitiativeId, FrameworkId),
    (from, to): (&str, &str),
) -> Outcome<()> {
    let model = math_models::get(tx, Which::Of(of.0, of.1)).await?;
    let base = model.and_then(|model| model.last_approved);
    if base.is_some_and(|base| read_names(&base.text).iter().any(|name| name == from)) {
        let name = from.to_owned();
        return Err(ActionError::invalid(&ParamRefusal::NameIsTheFormulas {
            name,
        }));
    }
    carry_name(tx, actor, now, of, (from, to)).await
}

/// A param has another name now: each scenario's formula that reads it calls it so too, as a version of its own.
pub(super) async fn carry_name(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    of: (InitiativeId, FrameworkId),
    (from, to): (&str, &str),
) -> Outcome<()> {
    for scenario in store::list(tx, Scenarios::Of(of.0, of.1)).await? {
        let text = scenario.formula_text().unwrap_or_default();
        let renamed = own::renamed(text, from, to).map_err(|own::MeansOtherwise| {
            ActionError::Invalid(format!(
                "The formula of scenario {} reads “{from}”, and “{to}” means something else there. Change that formula first; nothing was changed.",
                scenario.label
            ))
        })?;
        if let Some(text) = renamed {
            actor.must_be_allowed(Act::WriteModel)?;
            put_formula(tx, actor, now, &scenario, Some(&text)).await?;
        }
    }
    Ok(())
}
