//! Fill in, change and approve params.

use super::{
    ActionError, Actor, Outcome, Through, effects::Effects, param_approvals::ParamApprovals,
    scenario_formula, scenarios, scores,
};
use crate::{
    domain::{
        approval::{Origin, Part},
        change::Entity,
        four_eyes::OwnHand,
        ids::ParamId,
        param::{EditOutcome, Param, ParamEdit},
        param_input::{self, ParamField, Typed},
        rights::Act,
        scoring::missing_params,
        settings::Settings,
    },
    store::{
        approvals::{self, NewApproval, Subject},
        change_log,
        idempotency::{self, SentForm},
        initiatives,
        param_edit::{self, SavedEdit},
        params::{self, ParamGroup},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// What an edit left behind.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The param as it is now.
    pub param: Param,
    /// All params of its group as they are now, in the formula's order.
    pub group: Vec<Param>,
    /// How the group stands now; none: nothing changed.
    pub saved: Option<SavedEdit>,
    /// Whose approval of the value fell with it; none: there was none, or it stands.
    pub fell: Option<String>,
}

/// A field, what was typed into it, and the param's revision that was seen.
pub type Typing<'a> = (ParamField, &'a Typed, i64);

/// Sets one field to what was typed, in one statement and without a transaction, unless it meets somebody else's act:
/// `None`, and nothing was done. Other people's changes of other fields since `seen_revision` merge; a change of the same
/// field is a conflict. `form` is used up; sent again it changes nothing.
pub async fn change_field(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
    typing: Typing<'_>,
    form: Option<&SentForm>,
) -> Outcome<Option<Edited>> {
    let group = group_of(conn, id).await?;
    let hold = Hold {
        initiative_revision: Some(group.initiative_revision),
        form,
    };
    change(conn, actor, now, (group, id), typing, hold).await
}

/// The same in a transaction, after everybody who was there before: for whoever met others too often.
pub async fn change_field_in_turn(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
    typing: Typing<'_>,
    form: Option<&SentForm>,
) -> Outcome<Edited> {
    let initiative = initiatives::of_param(tx, id)
        .await?
        .ok_or(ActionError::NotFound("param"))?;
    initiatives::lock(tx, initiative).await?;
    let group = group_of(tx, id).await?;
    // A key that somebody else used says nothing about this form.
    let used = match form {
        Some(form) => idempotency::is_used_by(tx, form, actor.id).await?,
        None => None,
    };
    let hold = Hold {
        initiative_revision: None,
        form: form.filter(|_| used != Some(false)),
    };
    change(tx, actor, now, (group, id), typing, hold)
        .await?
        .ok_or(ActionError::NotFound("param"))
}

async fn change(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (group, id): (ParamGroup, ParamId),
    (field, typed, seen_revision): Typing<'_>,
    hold: Hold<'_>,
) -> Outcome<Option<Edited>> {
    actor.must_be_allowed(Act::EditParam)?;
    let (settings, mut group) = (group.settings, group.params);
    let param = find(&mut group, id)?.clone();
    if param.revision != seen_revision {
        if let Some(form) = hold.form
            && idempotency::is_used_by(conn, form, actor.id).await? == Some(true)
        {
            return Ok(Some(Edited {
                param,
                group,
                saved: None,
                fell: None,
            }));
        }
        let fields = field.collides_with();
        let theirs = change_log::last_since(conn, Entity::Param, id.0, fields, seen_revision);
        if let Some(theirs) = theirs.await? {
            return Err(ActionError::Conflict(Box::new(theirs)));
        }
    }
    let edits = param_input::read(&param, field, typed)?;
    let row = (&mut group[..], id);
    let saved = match apply(conn, (actor, settings), now, row, edits, hold).await? {
        Applied::Moved => return Ok(None),
        Applied::Nothing => None,
        Applied::Saved(saved) => Some(*saved),
    };
    let before = param.value_approval;
    let param = find(&mut group, id)?.clone();
    let fell = before.filter(|_| param.value_approval.is_none());
    Ok(Some(Edited {
        param,
        group,
        saved,
        fell: fell.map(|approval| approval.by_name),
    }))
}

/// What keeps others from changing the initiative between reading and writing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hold<'a> {
    /// The revision that it must still have; none: this transaction has locked it.
    initiative_revision: Option<i64>,
    /// The form that the edit uses up.
    form: Option<&'a SentForm>,
}

impl Hold<'_> {
    /// The transaction has locked the initiative, and no form asked.
    pub(crate) const LOCKED: Self = Self {
        initiative_revision: None,
        form: None,
    };

    /// Whether this transaction has locked the initiative.
    fn is_locked(&self) -> bool {
        self.initiative_revision.is_none()
    }
}

/// What became of parsed edits.
#[derive(Debug)]
pub(crate) enum Applied {
    /// They change nothing.
    Nothing,
    /// Somebody else acted in between; nothing was written.
    Moved,
    /// Written.
    Saved(Box<SavedEdit>),
}

/// Applies parsed edits to a param of its group, and writes the param with all that follows in one statement. The
/// group is afterwards as the database has it.
pub(crate) async fn apply(
    conn: &mut PgConnection,
    (actor, settings): (&Actor, Settings),
    now: DateTime<Utc>,
    (group, id): (&mut [Param], ParamId),
    edits: Vec<ParamEdit>,
    hold: Hold<'_>,
) -> Outcome<Applied> {
    for edit in &edits {
        if let ParamEdit::Name(name) = edit
            && *name != find(group, id)?.name
        {
            Param::check_name_is_free(group, name).map_err(|why| ActionError::invalid(&why))?;
        }
    }
    let param = find(group, id)?;
    let mut outcome = EditOutcome::default();
    for edit in edits {
        // Where no person has said whose it is, the LLM may guess; `domain::param_metadata` sees to that.
        if let ParamEdit::Source(to) = edit
            && to != param.source
            && actor.through != Through::Llm
        {
            actor.must_be_allowed(Act::SetSource {
                from: param.source,
                to,
                settings,
            })?;
        }
        outcome.and(
            param
                .apply(edit)
                .map_err(|why| ActionError::invalid(&why))?,
        );
    }
    if outcome.changes.is_empty() {
        return Ok(Applied::Nothing);
    }
    let touches_scenarios = param.is_in_scenarios && touches_scenarios(&outcome);
    let renamed = outcome
        .changes
        .iter()
        .find(|change| change.field == "param_name")
        .filter(|_| param.is_read_aside)
        .and_then(|change| change.old.as_str().map(str::to_owned));
    if (touches_scenarios || renamed.is_some()) && !hold.is_locked() {
        // What follows for scenarios takes further statements, so it has to be done in turn.
        return Ok(Applied::Moved);
    }
    settle_in(param, &outcome, actor, now);
    let param = param.clone();
    let is_material = outcome
        .changes
        .iter()
        .any(|change| MATERIAL.contains(&change.field));
    // An edit can take a score away, never give one: what it touched waits for approval.
    let missing = (is_material && param.is_used()).then(|| missing_params(group));
    let edit = param_edit::ParamEdit {
        param: &param,
        changes: &outcome.changes,
        withdraws: &outcome.withdraws,
        missing: missing.as_deref().filter(|missing| !missing.is_empty()),
        because: &because(&param, &outcome),
        initiative_revision: hold.initiative_revision,
        form: hold.form,
    };
    let stamp = actor.stamp(now);
    let Some(saved) = param_edit::save(conn, edit, stamp).await? else {
        return Ok(Applied::Moved);
    };
    find(group, id)?.revision = saved.revision;
    if let Some(from) = renamed {
        let of = (param.initiative_id, param.framework_id);
        scenario_formula::follow_new_name(conn, actor, now, of, (&from, &param.name)).await?;
    }
    if touches_scenarios {
        let what = (&param, &outcome.changes[..]);
        if scenarios::withdraw_covering(conn, actor, now, what).await? {
            for within in group.iter_mut().filter_map(|param| param.scenario.as_mut()) {
                within.approval = None;
            }
        }
    }
    Ok(Applied::Saved(Box::new(saved)))
}

/// Whether approvals of scenarios that set a value in the param's place may fall.
fn touches_scenarios(outcome: &EditOutcome) -> bool {
    let may = |field| matches!(field, "unit" | "source" | "min" | "max");
    outcome.changes.iter().any(|change| may(change.field))
}

/// What a score depends on.
const MATERIAL: [&str; 5] = ["value", "unit", "min", "max", "source"];

/// The param as the edit leaves it: who wrote what, and the approvals that fell.
fn settle_in(param: &mut Param, outcome: &EditOutcome, actor: &Actor, now: DateTime<Utc>) {
    let hand = match actor.through {
        Through::Import => "import",
        Through::Llm => "llm",
        _ => "person",
    };
    for change in &outcome.changes {
        param
            .written_by
            .insert(change.field.to_owned(), hand.to_owned());
        if change.field == "value" {
            param.value_set_by = Some((actor.id, actor.name.clone()));
            param.value_set_at = Some(now);
        }
    }
    for (part, _) in &outcome.withdraws {
        param.let_approval_fall(*part);
    }
    param.updated_by_name.clone_from(&actor.name);
    param.updated_at = now;
}

fn find(group: &mut [Param], id: ParamId) -> Outcome<&mut Param> {
    group
        .iter_mut()
        .find(|param| param.id == id)
        .ok_or(ActionError::NotFound("param"))
}

async fn group_of(conn: &mut PgConnection, id: ParamId) -> Outcome<ParamGroup> {
    params::group_of(conn, id)
        .await?
        .ok_or(ActionError::NotFound("param"))
}

/// Approves value and range as they stand, if the row is still the one that was shown.
pub async fn approve(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
    seen_revision: i64,
) -> Outcome<Param> {
    let param = lock(tx, id).await?;
    let by = actor.before_approving(tx, Entity::Param, id.0).await?;
    let mut effects = Effects::on(param.initiative_id);
    let shown = (&param, seen_revision);
    if approve_shown(tx, (actor, by), now, shown, &mut effects).await? {
        finish_approval(tx, actor, now, &param, effects).await?;
    }
    get(tx, id).await
}

/// The approval of a param read under the initiative's lock, as it was shown: asked of the rights and recorded, but not
/// logged nor scored yet. Whether anything changed.
pub(super) async fn approve_shown(
    tx: &mut PgConnection,
    (actor, (settings, own)): (&Actor, (Settings, Option<OwnHand>)),
    now: DateTime<Utc>,
    (param, seen_revision): (&Param, i64),
    effects: &mut Effects,
) -> Outcome<bool> {
    actor.must_be_allowed(Act::ApproveParam {
        source: param.source,
        settings,
        own,
    })?;
    must_be_unchanged(tx, param, seen_revision).await?;
    record_approval(tx, actor, now, (param, Origin::Person), effects).await
}

async fn finish_approval(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
    effects: Effects,
) -> Outcome<()> {
    effects.settle(tx, actor, now).await?;
    if param.is_used() {
        let because = format!("{} was approved", param.label());
        let of = (param.initiative_id, param.framework_id);
        scores::rescore_by_id(tx, actor, now, of, &because).await?;
    }
    Ok(())
}

/// Approves a param read under the initiative's lock; what is approved already stays. Whether anything changed.
pub(crate) async fn approve_as(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    param: &Param,
    origin: Origin,
) -> Outcome<bool> {
    let mut effects = Effects::on(param.initiative_id);
    let is_new = record_approval(tx, actor, now, (param, origin), &mut effects).await?;
    if is_new {
        finish_approval(tx, actor, now, param, effects).await?;
    }
    Ok(is_new)
}

async fn record_approval(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (param, origin): (&Param, Origin),
    effects: &mut Effects,
) -> Outcome<bool> {
    param
        .check_approvable()
        .map_err(|why| ActionError::invalid(&why))?;
    let (value, range) = param.approval_content();
    let parts = [
        (
            Part::Value,
            "approval",
            value,
            param.value_approval.is_some(),
        ),
        (
            Part::Range,
            "range_approval",
            range,
            param.range_approval.is_some(),
        ),
    ];
    if parts.iter().all(|(.., is_approved)| *is_approved) {
        return Ok(false);
    }
    let revision = params::move_revision(tx, param.id, actor.id, now).await?;
    for (part, field, content, is_approved) in parts {
        if is_approved {
            continue;
        }
        let new = NewApproval {
            subject: Subject::Param(param.id),
            part,
            content: content.clone(),
            formula_version: None,
            origin,
            reinstates: None,
        };
        approvals::insert(tx, &new, actor.id, now).await?;
        let mut logged = content;
        logged["origin"] = json!(origin.key());
        let act = (field, Value::Null, logged);
        effects.act(Entity::Param, param.id.0, revision, param.label(), act);
    }
    Ok(true)
}

/// Takes the approval back; the score turns stale.
pub async fn withdraw_approval(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
    seen_revision: i64,
) -> Outcome<Param> {
    let param = lock(tx, id).await?;
    actor.must_be_allowed(Act::WithdrawParamApproval(param.source))?;
    must_be_unchanged(tx, &param, seen_revision).await?;
    let mut approvals = ParamApprovals::of(actor, now);
    let parts = [Part::Value, Part::Range].map(|part| (param.clone(), part));
    approvals.withdraw(tx, &parts).await?;
    approvals.settle(tx).await?;
    get(tx, id).await
}

/// An approval means exactly what was shown: any change of the row since then is a conflict.
pub(super) async fn must_be_unchanged(
    tx: &mut PgConnection,
    param: &Param,
    seen: i64,
) -> Outcome<()> {
    if param.revision == seen {
        return Ok(());
    }
    let fields = [
        "value",
        "unit",
        "min",
        "max",
        "source",
        "approval",
        "range_approval",
    ];
    let theirs = change_log::last_since(tx, Entity::Param, param.id.0, &fields, seen).await?;
    theirs.map_or(Ok(()), |theirs| {
        Err(ActionError::Conflict(Box::new(theirs)))
    })
}

fn because(param: &Param, outcome: &EditOutcome) -> String {
    let material = ["value", "unit", "source", "min", "max"];
    let changed = |field: &&str| outcome.changes.iter().any(|change| change.field == *field);
    let field = match material.into_iter().find(|field| changed(field)) {
        Some("min" | "max") => "range",
        Some(field) => field,
        None => "value",
    };
    format!("the {field} of {} changed", param.label())
}

pub(super) async fn lock(tx: &mut PgConnection, id: ParamId) -> Outcome<Param> {
    let initiative = initiatives::of_param(tx, id)
        .await?
        .ok_or(ActionError::NotFound("param"))?;
    initiatives::lock(tx, initiative).await?;
    get(tx, id).await
}

/// A param as it is.
pub async fn get(tx: &mut PgConnection, id: ParamId) -> Outcome<Param> {
    params::get(tx, id)
        .await?
        .ok_or(ActionError::NotFound("param"))
}
