//! What happens to a suggested formula: it is kept beside the model, taken over part by part, or refused. Only a person
//! makes a formula of it.

use super::{
    ActionError, Actor, Outcome, ask_llm,
    effects::Effects,
    llm_answers::MadeFrom,
    math_models::{self as acts, get, lock},
};
use crate::{
    domain::{
        change::{Entity, FieldChange},
        ids::{LlmRequestId, MathModelId, SuggestionId},
        initiative::{TooLong, logged},
        llm_inputs::READ,
        llm_request::{Subject, Workflow},
        math_model::{MathModel, ModelField},
        rights::Act,
        suggestion::{Former, MathModelSuggestion, Part},
    },
    store::{
        change_log, math_models,
        suggestions::{self, Suggestion, Which},
    },
};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// Why an approved formula gets no suggestion.
pub const APPROVED: &str =
    "This formula is approved. Withdraw the approval or save another version first, then ask.";
/// The longest reason for a refusal, in characters.
const LONGEST_REASON: usize = 2_000;

/// Keeps a suggestion of the LLM's under the initiative's lock, as a former one if the model has moved on since it was
/// asked for. Assumptions and notes follow it as long as no person has written there.
pub(super) async fn keep(
    tx: &mut PgConnection,
    llm: &Actor,
    now: DateTime<Utc>,
    (id, request, has_changed): (MathModelId, LlmRequestId, bool),
    (suggestion, made_from): (&MathModelSuggestion, MadeFrom),
) -> Outcome<()> {
    let model = get(tx, id).await?;
    let former = match (&model.approval, has_changed) {
        (Some(_), _) => Some(Former::Approved),
        (None, true) => Some(Former::Changed),
        (None, false) => None,
    };
    let before = suggestions::current(tx, id).await?;
    let from = (made_from.fingerprint, made_from.prompt_version);
    suggestions::insert(tx, (id, request), suggestion, from, former, now).await?;
    if former.is_some() {
        return Ok(());
    }
    note(tx, llm, now, &model, before, &suggestion.formula).await?;
    let texts = [
        (ModelField::Assumptions, suggestion.assumptions_text()),
        (ModelField::Notes, suggestion.notes.clone()),
    ];
    let keys = texts.each_ref().map(|(field, _)| field.key());
    let row = (Entity::MathModel, id.0);
    let peoples = change_log::written_by_people(tx, row, &keys).await?;
    for (field, text) in texts {
        if !peoples.iter().any(|written| written == field.key()) {
            let model = get(tx, id).await?;
            acts::set_text(tx, llm, now, &model, field, &text).await?;
        }
    }
    Ok(())
}

async fn note(
    tx: &mut PgConnection,
    llm: &Actor,
    now: DateTime<Utc>,
    model: &MathModel,
    before: Option<Suggestion>,
    formula: &str,
) -> Outcome<()> {
    let revision = math_models::move_revision(tx, model.id, llm.id, now).await?;
    let mut effects = Effects::on(model.initiative_id);
    let change = FieldChange {
        field: "llm_suggested_formula_text",
        old: json!(before.map(|suggestion| suggestion.formula)),
        new: json!(formula),
    };
    let name = model.text(ModelField::Name);
    effects.note(Entity::MathModel, model.id.0, revision, name, change);
    Ok(effects.settle(tx, llm, now).await?)
}

/// Takes a part over: the formula as a new version of this person's, assumptions and notes as their text.
pub async fn adopt(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: SuggestionId,
    (part, seen_revision): (Part, i64),
) -> Outcome<MathModel> {
    actor.must_be_allowed(Act::WriteModel)?;
    let suggestion = find(tx, id).await?;
    let model = suggestion.model;
    let actor = &actor.adopting();
    let adopted = match part {
        Part::Formula => {
            let typed = (suggestion.formula.as_str(), seen_revision);
            acts::save_formula(tx, actor, now, model, typed).await?
        }
        Part::Assumptions => {
            let typed = (
                ModelField::Assumptions,
                suggestion.assumptions.as_str(),
                seen_revision,
            );
            acts::change_text(tx, actor, now, model, typed).await?
        }
        Part::Notes => {
            let typed = (ModelField::Notes, suggestion.notes.as_str(), seen_revision);
            acts::change_text(tx, actor, now, model, typed).await?
        }
    };
    suggestions::note_use(tx, id, part, actor.id, now).await?;
    Ok(adopted)
}

/// Refuses the suggestion that counts; the reason goes into the next question.
pub async fn refuse(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: SuggestionId,
    reason: &str,
) -> Outcome<()> {
    actor.must_be_allowed(Act::AskLlm)?;
    let reason =
        TooLong::check(reason, LONGEST_REASON).map_err(|why| ActionError::invalid(&why))?;
    if reason.is_empty() {
        return Err(ActionError::Invalid(
            "Say in a few words what is wrong with it: the LLM reads that the next time."
                .to_owned(),
        ));
    }
    let of = find(tx, id).await?.model;
    let model = lock(tx, of).await?;
    let suggestion = find(tx, id).await?;
    if suggestion.former.is_some() {
        return Err(ActionError::Invalid(
            "A newer suggestion has come. Look at that one; this one is kept below.".to_owned(),
        ));
    }
    suggestions::refuse(tx, id, &reason, actor.id, now).await?;
    let revision = math_models::move_revision(tx, model.id, actor.id, now).await?;
    let mut effects = Effects::on(model.initiative_id);
    let change = FieldChange {
        field: "llm_suggestion_refused",
        old: logged(
            &suggestion
                .refused
                .map(|(_, _, why)| why)
                .unwrap_or_default(),
        ),
        new: json!(reason),
    };
    let name = model.text(ModelField::Name);
    effects.note(Entity::MathModel, model.id.0, revision, name, change);
    Ok(effects.settle(tx, actor, now).await?)
}

/// What has changed since a suggestion was made, in the words of the pages; empty: it is as good as new.
pub async fn changed_since(
    conn: &mut PgConnection,
    suggestion: &Suggestion,
) -> Outcome<Vec<String>> {
    let model = get(conn, suggestion.model).await?;
    let subject = Subject {
        workflow: Workflow::SuggestMathModel,
        initiative: model.initiative_id,
        model: Some(model.id),
        params: Vec::new(),
    };
    let about = ask_llm::about(conn, &subject).await?;
    if about.inputs.fingerprint() == suggestion.fingerprint {
        return Ok(Vec::new());
    }
    let texts = [ModelField::Description.key(), ModelField::Prompt.key()];
    let since = suggestion.made_at;
    let of_model = (Entity::MathModel, model.id.0);
    let of_initiative = (Entity::Initiative, model.initiative_id.0);
    let mut fields = change_log::changed_since(conn, of_initiative, &READ, since).await?;
    fields.extend(change_log::changed_since(conn, of_model, &texts, since).await?);
    if fields.is_empty() {
        fields.push("what it was made from".to_owned());
    }
    Ok(fields)
}

async fn find(conn: &mut PgConnection, id: SuggestionId) -> Outcome<Suggestion> {
    let found = suggestions::list(conn, Which::Id(id)).await?.pop();
    found.ok_or(ActionError::NotFound("suggestion"))
}
