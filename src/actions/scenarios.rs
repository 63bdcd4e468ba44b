//! Scenarios: make one, name it, put it away; set and drop its values; approve what is its own. What they stand beside is
//! in [`super::scenario_group`], their formulas in [`super::scenario_formula`], which one drives the score in
//! [`super::drive_score`].

use super::{ActionError, Actor, Outcome, effects::Effects, scenario_group, scores};
use crate::{
    domain::{
        approval::{Origin, Part, TAKEN_BACK},
        change::{Entity, FieldChange},
        ids::{ApprovalId, MathModelId, ParamId, UserId},
        param::{Bounds, Number, Param, Source},
        param_input::InputRefusal,
        rights::Act,
        scenario::{self, Scenario, TypedValue, ValueRefusal, Whose},
    },
    store::{
        approvals::{self, NewApproval, Subject},
        change_log, initiatives, math_models as rows,
        params::{self, Which},
        scenarios::{self as store, Which as Scenarios},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// Makes a scenario beside Base. It sets nothing yet, so it gives what Base gives.
pub async fn create(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    whose: &Whose,
    typed: &str,
) -> Outcome<MathModelId> {
    actor.must_be_allowed(Act::WriteModel)?;
    let group = scenario_group::lock(tx, whose).await?;
    if let Some(why) = group.why_none_yet() {
        return Err(ActionError::Invalid(why));
    }
    let label = scenario::read_label(typed, &group.scenarios.iter().collect::<Vec<_>>())
        .map_err(|why| ActionError::invalid(&why))?;
    let id = store::insert(tx, group.of(), &label, actor.id, now).await?;
    let made = get(tx, id).await?;
    note(
        tx,
        actor,
        now,
        &made,
        ("created", Value::Null, json!(label)),
    )
    .await?;
    Ok(id)
}

/// Gives a scenario another name.
pub async fn rename(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    (typed, seen_revision): (&str, i64),
) -> Outcome<Scenario> {
    actor.must_be_allowed(Act::WriteModel)?;
    let scenario = lock(tx, id).await?;
    must_not_collide(tx, &scenario, &["scenario_label"], seen_revision).await?;
    set_label(tx, actor, now, scenario, typed).await
}

/// The same, read under the initiative's lock.
pub(super) async fn set_label(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    mut scenario: Scenario,
    typed: &str,
) -> Outcome<Scenario> {
    let of = Scenarios::Of(scenario.initiative_id, scenario.framework_id);
    let all = store::list(tx, of).await?;
    let others: Vec<_> = all.iter().filter(|other| other.id != scenario.id).collect();
    let label = scenario::read_label(typed, &others).map_err(|why| ActionError::invalid(&why))?;
    if label == scenario.label {
        return Ok(scenario);
    }
    let old = json!(scenario.label);
    scenario.label = label;
    store::save(tx, &scenario, actor.id, now).await?;
    let act = ("scenario_label", old, json!(scenario.label));
    note(tx, actor, now, &scenario, act).await?;
    if scenario.drives {
        let because = format!("the scenario is called {} now", scenario.label);
        rescore(tx, actor, now, &scenario, &because).await?;
    }
    get(tx, scenario.id).await
}

/// Puts a scenario away (`true`), or brings it back. Nothing of it is lost. The one that drives the score stays.
pub async fn put_away(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    (away, seen_revision): (bool, i64),
) -> Outcome<Scenario> {
    actor.must_be_allowed(Act::WriteModel)?;
    let mut scenario = lock(tx, id).await?;
    must_not_collide(tx, &scenario, &["scenario_put_away"], seen_revision).await?;
    if scenario.put_away_at.is_some() == away {
        return Ok(scenario);
    }
    if scenario.drives {
        return Err(ActionError::Invalid(format!(
            "Scenario {} drives the score. Let Base or another scenario drive it first, then put this one away.",
            scenario.label
        )));
    }
    scenario.put_away_at = away.then_some(now);
    store::save(tx, &scenario, actor.id, now).await?;
    let act = ("scenario_put_away", json!(!away), json!(away));
    note(tx, actor, now, &scenario, act).await?;
    get(tx, id).await
}

/// Sets a param's number in a scenario to what was typed. Its approval falls.
pub async fn set_value(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (id, param): (MathModelId, ParamId),
    (typed, seen_revision): (&TypedValue, i64),
) -> Outcome<Scenario> {
    actor.must_be_allowed(Act::EditParam)?;
    let scenario = lock(tx, id).await?;
    let param = param_of(tx, &scenario, param).await?;
    must_not_collide_over(tx, (&scenario, &param), seen_revision).await?;
    must_not_be_away(&scenario)?;
    let (value, range) = scenario::read_value(&param, typed).map_err(|(_, why)| refusal(why))?;
    put_value(tx, actor, now, (&scenario, &param), Some((value, range))).await?;
    get(tx, id).await
}

/// What is put away stays as it is.
pub(super) fn must_not_be_away(scenario: &Scenario) -> Outcome<()> {
    if scenario.put_away_at.is_none() {
        return Ok(());
    }
    Err(ActionError::Invalid(format!(
        "Scenario {} is put away. Bring it back first, then change it.",
        scenario.label
    )))
}

/// Drops a scenario's own number: it follows Base again. Its approval falls.
pub async fn drop_value(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (id, param): (MathModelId, ParamId),
    seen_revision: i64,
) -> Outcome<Scenario> {
    actor.must_be_allowed(Act::EditParam)?;
    let scenario = lock(tx, id).await?;
    let param = param_of(tx, &scenario, param).await?;
    must_not_collide_over(tx, (&scenario, &param), seen_revision).await?;
    put_value(tx, actor, now, (&scenario, &param), None).await?;
    get(tx, id).await
}

/// Sets or drops a number of a scenario read under the initiative's lock. What is equal is no change.
pub(super) async fn put_value(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (scenario, param): (&Scenario, &Param),
    new: Option<(Number, Bounds)>,
) -> Outcome<()> {
    let of = (scenario.id, param.id);
    let old = scenario.value_of(param.id);
    let old = old.map(|old| (old.value.clone(), old.range.clone()));
    if old == new {
        return Ok(());
    }
    match &new {
        Some((value, range)) => {
            store::save_value(tx, of, (value, range), actor.id, now).await?;
        }
        None => store::delete_value(tx, of).await?,
    }
    let logged = |set: &Option<(Number, Bounds)>| match set {
        Some((value, range)) => scenario::logged(param, value, range),
        None => Value::Null,
    };
    let revision = rows::move_revision(tx, scenario.id, actor.id, now).await?;
    let mut effects = Effects::on(scenario.initiative_id);
    let change = FieldChange {
        field: "scenario_value",
        old: logged(&old),
        new: logged(&new),
    };
    let subject = subject(scenario);
    effects.note(Entity::Scenario, scenario.id.0, revision, &subject, change);
    let why = format!("its value of {} changed", param.label());
    withdraw(tx, actor, now, scenario, (&why, revision), &mut effects).await?;
    effects.settle(tx, actor, now).await?;
    let because = format!("{} changed in scenario {}", param.label(), scenario.label);
    rescore(tx, actor, now, scenario, &because).await
}

/// Approves all that is a scenario's own at once, if it is what was shown. Each value needs somebody who may approve its
/// param, and a formula somebody who may approve formulas.
pub async fn approve(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    seen_revision: i64,
) -> Outcome<Scenario> {
    let scenario = lock(tx, id).await?;
    let base = base_of(tx, &scenario).await?;
    let (settings, own) = actor.before_approving(tx, Entity::Scenario, id.0).await?;
    for source in scenario.sources(&base) {
        actor.must_be_allowed(Act::ApproveParam {
            source,
            settings,
            own,
        })?;
    }
    if scenario.formula.is_some() {
        actor.must_be_allowed(Act::ApproveFormula { settings, own })?;
    }
    must_be_as_shown(tx, &scenario, seen_revision).await?;
    scenario
        .check_approvable(&base)
        .map_err(|why| ActionError::invalid(&why))?;
    if scenario.approval.is_some() {
        return Ok(scenario);
    }
    approve_as(tx, actor.id, (actor, now), (&scenario, &base), None).await?;
    get(tx, id).await
}

/// Records the approval of what is a scenario's own in the name of `by`; `reinstates` is the one that holds again.
async fn approve_as(
    tx: &mut PgConnection,
    by: UserId,
    (actor, now): (&Actor, DateTime<Utc>),
    (scenario, base): (&Scenario, &[Param]),
    reinstates: Option<ApprovalId>,
) -> Outcome<()> {
    let origin = match reinstates {
        Some(_) => Origin::Reinstated,
        None => Origin::Person,
    };
    let content = scenario.content(base);
    let new = NewApproval {
        subject: Subject::MathModel(scenario.id),
        part: Part::Scenario,
        content: content.clone(),
        formula_version: scenario.formula.as_ref().map(|formula| formula.id),
        origin,
        reinstates,
    };
    approvals::insert(tx, &new, by, now).await?;
    rows::move_revision(tx, scenario.id, actor.id, now).await?;
    let mut logged = content;
    logged["origin"] = json!(origin.key());
    let act = ("scenario_approval", Value::Null, logged);
    note(tx, actor, now, scenario, act).await?;
    let because = format!("scenario {} was approved", scenario.label);
    rescore(tx, actor, now, scenario, &because).await
}

/// Takes a scenario's approval back. If it drives the score, that turns stale; no other takes its place.
pub async fn withdraw_approval(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
    seen_revision: i64,
) -> Outcome<Scenario> {
    let scenario = lock(tx, id).await?;
    let base = base_of(tx, &scenario).await?;
    for source in scenario.sources(&base) {
        actor.must_be_allowed(Act::WithdrawParamApproval(source))?;
    }
    if scenario.formula.is_some() {
        actor.must_be_allowed(Act::WithdrawFormulaApproval)?;
    }
    let shown = ["scenario_value", "scenario_formula", "scenario_approval"];
    must_not_collide(tx, &scenario, &shown, seen_revision).await?;
    if scenario.approval.is_some() {
        let because = format!("the approval of scenario {} was withdrawn", scenario.label);
        fall(tx, actor, now, &scenario, (TAKEN_BACK, &because)).await?;
    }
    get(tx, id).await
}

/// A scenario's approval falls.
async fn fall(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    scenario: &Scenario,
    (why, because): (&str, &str),
) -> Outcome<()> {
    let revision = rows::move_revision(tx, scenario.id, actor.id, now).await?;
    let mut effects = Effects::on(scenario.initiative_id);
    withdraw(tx, actor, now, scenario, (why, revision), &mut effects).await?;
    effects.settle(tx, actor, now).await?;
    rescore(tx, actor, now, scenario, because).await
}

/// Base's param changed so that approvals of scenarios which set a value in its place may hold no longer: they fall, and
/// whoever was about to approve looks again. Whether the approval of the one that drives the score fell.
pub(super) async fn withdraw_covering(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (param, changes): (&Param, &[FieldChange]),
) -> Outcome<bool> {
    let mut driving_fell = false;
    for scenario in store::list(tx, Scenarios::Setting(param.id)).await? {
        let value = scenario.value_of(param.id);
        let why = value.and_then(|value| scenario::falls(value, param, changes));
        let Some(why) = why.filter(|_| scenario.approval.is_some()) else {
            rows::move_revision(tx, scenario.id, actor.id, now).await?;
            continue;
        };
        fall(tx, actor, now, &scenario, (&why, &why)).await?;
        driving_fell |= scenario.drives;
    }
    Ok(driving_fell)
}

/// An approval that fell holds again, in the name of who gave it, if the scenario sets again exactly what it covered.
/// Whether it does.
pub(super) async fn reinstate(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    scenario: &Scenario,
) -> Outcome<bool> {
    let base = base_of(tx, scenario).await?;
    let subject = Subject::MathModel(scenario.id);
    let original = approvals::latest_withdrawn(tx, subject, Part::Scenario).await?;
    let content = scenario.content(&base);
    let original = original.filter(|original| original.content == content);
    let is_open = scenario.approval.is_none() && scenario.check_approvable(&base).is_ok();
    let Some(original) = original.filter(|_| is_open) else {
        return Ok(false);
    };
    let reinstates = Some(original.id);
    approve_as(tx, original.by, (actor, now), (scenario, &base), reinstates).await?;
    Ok(true)
}

/// Withdraws the live approval, if there is one, and notes it.
pub(super) async fn withdraw(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    scenario: &Scenario,
    (why, revision): (&str, i64),
    effects: &mut Effects,
) -> Outcome<()> {
    let subject_of_it = Subject::MathModel(scenario.id);
    let old = approvals::withdraw(tx, subject_of_it, Part::Scenario, why, actor.id, now).await?;
    if let Some(old) = old {
        let act = ("scenario_approval", old, json!({ "why": why }));
        let subject = subject(scenario);
        effects.act(Entity::Scenario, scenario.id.0, revision, &subject, act);
    }
    Ok(())
}

/// Logs an act on a scenario that has been written already.
async fn note(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    scenario: &Scenario,
    act: (&'static str, Value, Value),
) -> Outcome<()> {
    let revision = get(tx, scenario.id).await?.revision;
    let mut effects = Effects::on(scenario.initiative_id);
    let subject = subject(scenario);
    effects.act(Entity::Scenario, scenario.id.0, revision, &subject, act);
    Ok(effects.settle(tx, actor, now).await?)
}

/// What it is called in the history: an initiative may have one of the same name by each framework.
pub(super) fn subject(scenario: &Scenario) -> String {
    match &scenario.shares {
        Some(framework) => format!("scenario {} of {framework}", scenario.label),
        None => format!("scenario {}", scenario.label),
    }
}

/// If the scenario drives the score, it follows at once.
pub(super) async fn rescore(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    scenario: &Scenario,
    because: &str,
) -> Outcome<()> {
    if scenario.drives {
        let of = (scenario.initiative_id, scenario.framework_id);
        scores::rescore_by_id(tx, actor, now, of, because).await?;
    }
    Ok(())
}

fn refusal(why: ValueRefusal) -> ActionError {
    match why {
        ValueRefusal::Input(why) => InputRefusal::into(why),
        other => ActionError::invalid(&other),
    }
}

/// An edit of the same thing since then is a conflict.
pub(super) async fn must_not_collide(
    tx: &mut PgConnection,
    scenario: &Scenario,
    fields: &[&str],
    seen_revision: i64,
) -> Outcome<()> {
    if scenario.revision == seen_revision {
        return Ok(());
    }
    let (entity, id) = (Entity::Scenario, scenario.id.0);
    let theirs = change_log::last_since(tx, entity, id, fields, seen_revision).await?;
    theirs.map_or(Ok(()), |theirs| {
        Err(ActionError::Conflict(Box::new(theirs)))
    })
}

/// An approval means exactly what was shown.
async fn must_be_as_shown(
    tx: &mut PgConnection,
    scenario: &Scenario,
    seen_revision: i64,
) -> Outcome<()> {
    const TOUCHED: [&str; 4] = [
        "scenario_value",
        "scenario_formula",
        "scenario_approval",
        "scenario_label",
    ];
    must_not_collide(tx, scenario, &TOUCHED, seen_revision).await?;
    if scenario.revision == seen_revision {
        return Ok(());
    }
    Err(ActionError::Invalid(
        "A unit, a range or an owner changed in Base since you opened the page. Look at the values as they are now, then approve."
            .to_owned(),
    ))
}

/// Changes of other values merge.
async fn must_not_collide_over(
    tx: &mut PgConnection,
    (scenario, param): (&Scenario, &Param),
    seen_revision: i64,
) -> Outcome<()> {
    if scenario.revision == seen_revision {
        return Ok(());
    }
    let of = (scenario.id, param.id);
    let theirs = store::last_change_of_value(tx, of, seen_revision).await?;
    theirs.map_or(Ok(()), |theirs| {
        Err(ActionError::Conflict(Box::new(theirs)))
    })
}

/// A scenario, after everybody who changed its initiative before.
pub(super) async fn lock(tx: &mut PgConnection, id: MathModelId) -> Outcome<Scenario> {
    let initiative = initiatives::of_math_model(tx, id).await?;
    let initiative = initiative.ok_or(ActionError::NotFound("scenario"))?;
    initiatives::lock(tx, initiative).await?;
    get(tx, id).await
}

/// A scenario as it is.
pub async fn get(tx: &mut PgConnection, id: MathModelId) -> Outcome<Scenario> {
    let scenario = store::get(tx, id).await?;
    scenario.ok_or(ActionError::NotFound("scenario"))
}

/// The one that was made there with this name.
pub async fn find(tx: &mut PgConnection, whose: &Whose, label: &str) -> Outcome<MathModelId> {
    let all = scenario_group::get(tx, whose).await?.scenarios;
    let found = all
        .iter()
        .find(|it| it.label.eq_ignore_ascii_case(label.trim()));
    Ok(found.ok_or(ActionError::NotFound("scenario"))?.id)
}

/// Base's params, all of the group's.
pub(super) async fn base_of(
    tx: &mut PgConnection,
    scenario: &Scenario,
) -> sqlx::Result<Vec<Param>> {
    let of = Which::Of(scenario.initiative_id, scenario.framework_id);
    Ok(scenario::base(&params::list(tx, of).await?))
}

/// Whose the params are in whose place it sets values, each once.
pub(super) async fn sources(
    tx: &mut PgConnection,
    scenario: &Scenario,
) -> sqlx::Result<Vec<Option<Source>>> {
    Ok(scenario.sources(&base_of(tx, scenario).await?))
}

/// One of the params that it stands over.
pub(super) async fn param_of(
    tx: &mut PgConnection,
    scenario: &Scenario,
    id: ParamId,
) -> Outcome<Param> {
    let base = base_of(tx, scenario).await?;
    let param = base.into_iter().find(|param| param.id == id);
    param.ok_or(ActionError::NotFound("param"))
}
