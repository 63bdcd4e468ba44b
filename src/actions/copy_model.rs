//! Copy a formula to one or many initiatives: from another model, a template or a built-in pattern. All that happens is
//! one act, in a fixed number of statements whatever the number of initiatives.

use super::{ActionError, Actor, Outcome, bulk::LeftOut, effects::Effects, math_models};
use crate::{
    domain::{
        change::{Change, Entity, FieldChange},
        formula::Formula,
        framework::{Framework, MATH_MODEL},
        ids::{InitiativeId, MathModelId, ParamId},
        initiative::logged,
        math_model::{FormulaVersion, MathModel, ModelField, default_name},
        model_copy::{
            Blueprint, BlueprintParam, CopyFrom, Fate, Kind, MOST_TARGETS, Origin, Steps, Target,
            fate,
        },
        patterns,
        rights::Act,
        scenario::formula::read_names,
        scoring::Missing,
    },
    store::{
        change_log, framework_spread, frameworks, imports,
        math_models::{self as store_models, page},
        model_copies::{self, CopiedParam, NewVersion, SavedVersion},
        model_templates,
        params::{self, NewParam},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};

/// What a copy would do.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// What is copied.
    pub blueprint: Blueprint,
    /// Each target with what would happen to it, in the order of their keys.
    pub targets: Vec<(Target, Fate)>,
    /// Keys that no initiative has.
    pub unknown: Vec<String>,
}

/// What a copy would do to these initiatives. Writes nothing.
pub async fn look(conn: &mut PgConnection, from: &CopyFrom, keys: &[String]) -> Outcome<Outlook> {
    must_not_be_too_many(keys.len())?;
    let blueprint = blueprint(conn, from).await?;
    let framework = math_model(conn).await?;
    let targets = model_copies::targets(conn, framework.id, keys).await?;
    let is_unknown = |key: &&String| targets.iter().all(|t| t.key.as_str() != key.as_str());
    let unknown = keys.iter().filter(is_unknown).cloned().collect();
    let targets = targets
        .into_iter()
        .map(|target| (target.clone(), fate(&blueprint, &target)))
        .collect();
    Ok(Outlook {
        blueprint,
        targets,
        unknown,
    })
}

/// A target as it was shown and chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The initiative's revision that was shown.
    pub revision: i64,
    /// Whether a formula that is there already gives way.
    pub is_over: bool,
}

/// What a copy did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Each initiative that got the formula, with its model.
    pub done: Vec<(String, MathModelId)>,
    /// Those that were left as they are, and why.
    pub left_out: Vec<LeftOut>,
}

/// Copies to all chosen targets that are still as they were shown, as one act. `version`: that of the formula which was
/// shown.
pub async fn copy(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (from, version): (&CopyFrom, i32),
    chosen: &BTreeMap<String, Chosen>,
) -> Outcome<Copied> {
    actor.must_be_allowed(Act::WriteModel)?;
    actor.must_be_allowed(Act::ChooseFramework)?;
    must_not_be_too_many(chosen.len())?;
    if chosen.len() > 1 && !imports::try_turn(tx).await? {
        return Err(ActionError::Invalid(
            "An import is going on. Nothing was copied; wait until it has ended, then try again."
                .to_owned(),
        ));
    }
    let keys: Vec<_> = chosen.keys().cloned().collect();
    model_copies::lock(tx, &keys).await?;
    let outlook = look(tx, from, &keys).await?;
    if outlook.blueprint.origin.version != version {
        return Err(ActionError::Invalid(format!(
            "The formula of {} has changed since it was shown. Nothing was copied; look at it as it is now.",
            outlook.blueprint.origin.name
        )));
    }
    let mut copied = Copied::default();
    let mut taken = Vec::new();
    for key in outlook.unknown {
        let why = "there is no such initiative".to_owned();
        copied.left_out.push(LeftOut { label: key, why });
    }
    for (target, fate) in outlook.targets {
        match settled(&target, fate, chosen.get(target.key.as_str())) {
            Ok(steps) => taken.push((target, steps)),
            Err(why) => copied.left_out.push(LeftOut {
                label: target.key.to_string(),
                why: why.to_owned(),
            }),
        }
    }
    if !taken.is_empty() {
        copied.done = Copying {
            actor,
            now,
            blueprint: &outlook.blueprint,
            framework: &math_model(tx).await?,
        }
        .write(tx, &taken)
        .await?;
    }
    Ok(copied)
}

/// What happens to a target after all, or why nothing does.
fn settled(target: &Target, fate: Fate, chosen: Option<&Chosen>) -> Result<Steps, &'static str> {
    let Some(chosen) = chosen.filter(|chosen| chosen.revision == target.revision) else {
        return Err("it changed since it was shown");
    };
    match fate {
        Fate::Begins(steps) => Ok(steps),
        Fate::HasFormula(steps) if chosen.is_over => Ok(steps),
        Fate::HasFormula(_) => Err("it has a formula, and you didn’t choose to replace it"),
        Fate::Same => Err("its formula says the same already"),
        Fate::Archived => Err("it is archived"),
        Fate::Itself => Err("it is where the formula comes from"),
    }
}

fn must_not_be_too_many(count: usize) -> Outcome<()> {
    if count <= MOST_TARGETS {
        return Ok(());
    }
    Err(ActionError::Invalid(format!(
        "A formula is copied to at most {MOST_TARGETS} initiatives at once; these are {count}."
    )))
}

async fn math_model(conn: &mut PgConnection) -> Outcome<Framework> {
    let found = frameworks::get(conn, MATH_MODEL).await?;
    found.ok_or(ActionError::NotFound("framework"))
}

/// Reads what is to be copied.
pub async fn blueprint(conn: &mut PgConnection, from: &CopyFrom) -> Outcome<Blueprint> {
    match from {
        CopyFrom::Pattern(key) => patterns::find(key)
            .map(patterns::Pattern::blueprint)
            .ok_or(ActionError::NotFound("template")),
        CopyFrom::Model(id) => {
            let model = math_models::get(conn, *id).await?;
            let place = page::place(conn, *id).await?;
            let place = place.ok_or(ActionError::NotFound("math model"))?;
            let Some(formula) = model.formula.clone() else {
                return Err(ActionError::Invalid(format!(
                    "{} has no formula yet, so there is nothing to copy.",
                    place.key
                )));
            };
            let origin = Origin {
                kind: Kind::Copy,
                model: Some(*id),
                pattern: None,
                name: place.key.to_string(),
                version: formula.version,
            };
            of_model(conn, &model, origin, &formula.text).await
        }
        CopyFrom::Template(id) => {
            let template = model_templates::get(conn, *id).await?;
            let template = template.ok_or(ActionError::NotFound("template"))?;
            let model = math_models::get(conn, *id).await?;
            let origin = Origin {
                kind: Kind::Template,
                model: Some(*id),
                pattern: None,
                name: template.name,
                version: template.version,
            };
            of_model(conn, &model, origin, &template.text).await
        }
    }
}

async fn of_model(
    conn: &mut PgConnection,
    model: &MathModel,
    origin: Origin,
    text: &str,
) -> Outcome<Blueprint> {
    let formula = Formula::parse(text).map_err(|_errors| {
        ActionError::Invalid(format!(
            "Version {} of the formula of {} has errors. Correct it there first, then copy it.",
            origin.version, origin.name
        ))
    })?;
    let which = params::Which::Of(model.initiative_id, model.framework_id);
    let rows = params::list(conn, which).await?;
    let told = |(at, name): (usize, &String)| {
        let row = rows.iter().find(|row| row.name == *name);
        row.map_or_else(|| guessed(name, at), BlueprintParam::from)
    };
    let names = formula.identifiers().iter().map(|i| &i.name);
    Ok(Blueprint {
        origin,
        formula: text.to_owned(),
        params: names.enumerate().map(told).collect(),
        description: model.text(ModelField::Description).to_owned(),
        prompt: model.text(ModelField::Prompt).to_owned(),
        assumptions: model.text(ModelField::Assumptions).to_owned(),
        value_unit: model.text(ModelField::ValueUnit).to_owned(),
    })
}

/// A name that the source has no row for yet, since its own formula waits for approval.
fn guessed(name: &str, at: usize) -> BlueprintParam {
    let new = super::seeding::guessed(name, at);
    BlueprintParam {
        name: new.name,
        label: new.param_display,
        description: new.description,
        unit: new.unit,
        range: new.range,
        source: new.source,
        written_by: new.written_by,
    }
}

/// Takes out a param that a copy made and nobody has touched since, unless the model's formula reads it. Whether it did.
pub(super) async fn take_out_param(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: ParamId,
) -> Outcome<bool> {
    actor.must_be_allowed(Act::WriteModel)?;
    let param = super::params::get(tx, id).await?;
    let of = (param.initiative_id, param.framework_id);
    let model = store_models::get(tx, store_models::Which::Of(of.0, of.1)).await?;
    let reads = |version: &FormulaVersion| read_names(&version.text).contains(&param.name);
    let is_read = model.is_some_and(|model| {
        let mut both = model.formula.iter().chain(&model.last_approved);
        both.any(reads)
    });
    if is_read || !params::delete_copied(tx, id).await? {
        return Ok(false);
    }
    let mut effects = Effects::on(param.initiative_id);
    let was = json!({ "name": param.name, "row": NewParam::from(&param) });
    let (id, revision) = (param.id.0, param.revision + 1);
    let act = ("copied", was, Value::Null);
    effects.act(Entity::Param, id, revision, param.label(), act);
    effects.settle(tx, actor, now).await?;
    Ok(true)
}

/// Puts a param in again that was so taken out, as it is logged.
pub(super) async fn put_param_in_again(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: InitiativeId,
    was: &Value,
) -> Outcome<()> {
    actor.must_be_allowed(Act::WriteModel)?;
    let row = was.get("row").cloned().unwrap_or_default();
    let row: NewParam = serde_json::from_value(row)
        .map_err(|_not_a_row| ActionError::NotFound("param to put in again"))?;
    let framework = math_model(tx).await?.id;
    let rows = [row];
    let made = params::insert(tx, initiative, framework, &rows, actor.id, now).await?;
    let mut effects = Effects::on(initiative);
    for (id, name) in made {
        let param = super::params::get(tx, id).await?;
        let act = (
            "copied",
            Value::Null,
            json!({ "name": name, "from": "as before" }),
        );
        effects.act(Entity::Param, id.0, param.revision, param.label(), act);
    }
    Ok(effects.settle(tx, actor, now).await?)
}

/// One copy that is under way, under the locks of all its targets.
struct Copying<'a> {
    actor: &'a Actor,
    now: DateTime<Utc>,
    blueprint: &'a Blueprint,
    framework: &'a Framework,
}

impl Copying<'_> {
    async fn write(
        &self,
        tx: &mut PgConnection,
        taken: &[(Target, Steps)],
    ) -> Outcome<Vec<(String, MathModelId)>> {
        let stamp = self.actor.stamp(self.now);
        let ids: Vec<_> = taken.iter().map(|(target, _)| target.id).collect();
        let unticked = taken.iter().filter(|(t, _)| !t.uses_math_model);
        let unticked: Vec<_> = unticked.map(|(target, _)| target.id).collect();
        model_copies::use_math_model(tx, &unticked).await?;
        let models = self.models(tx, taken).await?;
        let versions: Vec<_> = taken
            .iter()
            .map(|(target, steps)| self.version(target, steps, models[&target.id]))
            .collect();
        let what = (self.blueprint.formula.as_str(), &self.blueprint.origin);
        let saved = model_copies::save_versions(tx, what, &versions, stamp).await?;
        let first: Vec<_> = taken
            .iter()
            .map(|(target, _)| (target.id, !target.has_used_params))
            .collect();
        let rows = self.param_rows();
        let appeared =
            model_copies::insert_params(tx, self.framework.id, &first, &rows, stamp).await?;
        let waits = |(target, steps): &(Target, Steps)| {
            let version = steps.version;
            (
                target.id,
                Missing::FormulaApproval {
                    version,
                    scenario: None,
                },
            )
        };
        let waiting: Vec<_> = taken.iter().map(waits).collect();
        let because = format!("its formula was {}", self.blueprint.origin);
        model_copies::save_waiting(tx, self.framework.id, &waiting, &because, stamp).await?;
        framework_spread::touch(tx, &ids, "formula", stamp).await?;
        let changes: Vec<_> = taken
            .iter()
            .flat_map(|(target, steps)| {
                let model = models[&target.id];
                let saved = saved.iter().find(|saved| saved.model == model);
                self.changes((target, steps), (model, saved), &appeared)
            })
            .collect();
        change_log::append(tx, stamp, &changes).await?;
        let done = |(target, _): &(Target, Steps)| (target.key.to_string(), models[&target.id]);
        Ok(taken.iter().map(done).collect())
    }

    /// Each target's model, made where there is none.
    async fn models(
        &self,
        tx: &mut PgConnection,
        taken: &[(Target, Steps)],
    ) -> Outcome<HashMap<InitiativeId, MathModelId>> {
        let without = taken.iter().filter(|(target, _)| target.model.is_none());
        let named: Vec<_> = without
            .map(|(target, _)| (target.id, self.name(target)))
            .collect();
        let stamp = self.actor.stamp(self.now);
        let made = model_copies::insert_models(tx, self.framework.id, &named, stamp).await?;
        let there = taken
            .iter()
            .filter_map(|(target, _)| Some((target.id, target.model.as_ref()?.id)));
        Ok(there.chain(made).collect())
    }

    /// What the target's model is called.
    fn name(&self, target: &Target) -> String {
        let named = target.model.as_ref().map(|model| model.name.clone());
        named.unwrap_or_else(|| default_name(target.key.as_str(), &self.framework.key))
    }

    fn version(&self, target: &Target, steps: &Steps, model: MathModelId) -> NewVersion {
        let own = target.model.as_ref().map(|model| model.texts.clone());
        let mut texts = own.unwrap_or_default();
        for (at, (field, text)) in self.blueprint.texts().into_iter().enumerate() {
            if steps.fills.contains(&field) {
                text.clone_into(&mut texts[at]);
            }
        }
        NewVersion {
            model,
            number: steps.version,
            texts,
        }
    }

    fn param_rows(&self) -> Vec<NewParam> {
        let params = self.blueprint.params.iter().enumerate();
        let row = |(at, param): (usize, &BlueprintParam)| NewParam {
            name: param.name.clone(),
            position: i32::try_from(at + 1).ok(),
            is_auto_seeded: true,
            param_display: param.label.clone(),
            description: param.description.clone(),
            unit: param.unit.clone(),
            range: param.range.clone(),
            source: param.source,
            written_by: param.written_by.clone(),
        };
        params.map(row).collect()
    }

    /// What the history says of one target, in the order in which it happened.
    fn changes(
        &self,
        (target, steps): (&Target, &Steps),
        (model, saved): (MathModelId, Option<&SavedVersion>),
        appeared: &[CopiedParam],
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut note = |entity, id, revision, subject: &str, (field, old, new)| {
            changes.push(Change {
                initiative_id: Some(target.id),
                entity,
                entity_id: id,
                entity_revision: revision,
                subject: subject.to_owned(),
                what: FieldChange { field, old, new },
            });
        };
        let (of, moved, key) = (target.id.0, target.revision + 1, target.key.as_str());
        if !target.uses_math_model {
            let act = ("use_math_model", json!(false), json!(true));
            note(Entity::Initiative, of, moved, key, act);
        }
        if !target.is_on {
            let act = ("framework_on", Value::Null, json!(self.framework.key));
            note(Entity::Initiative, of, moved, key, act);
        }
        let name = self.name(target);
        if target.model.is_none() {
            let act = ("created", Value::Null, json!(self.framework.key));
            note(Entity::MathModel, model.0, 1, &name, act);
        }
        let revision = saved.map_or(1, |saved| saved.revision);
        let from = self.blueprint.origin.to_string();
        let old = target.formula().map_or(
            Value::Null,
            |old| json!({ "version": old.version, "text": old.text }),
        );
        let text = &self.blueprint.formula;
        let new = json!({ "version": steps.version, "text": text, "from": from });
        let act = ("formula", old, new);
        note(Entity::MathModel, model.0, revision, &name, act);
        if let Some(approved) = saved.and_then(|saved| saved.withdrawn.clone()) {
            let why = format!(
                "version {} of the formula waits for approval",
                steps.version
            );
            let act = ("formula_approval", approved, json!({ "why": why }));
            note(Entity::MathModel, model.0, revision, &name, act);
        }
        for (field, text) in self.blueprint.texts() {
            if steps.fills.contains(&field) {
                let act = (field.key(), logged(""), logged(text));
                note(Entity::MathModel, model.0, revision, &name, act);
            }
        }
        for param in appeared
            .iter()
            .filter(|param| param.initiative == target.id)
        {
            let new = json!({ "name": param.name, "from": from });
            let act = ("copied", Value::Null, new);
            note(Entity::Param, param.id, 1, &param.label, act);
        }
        changes
    }
}
