//! Ask the LLM for something: what it may use is reserved and the request queued in one transaction, so that a budget is
//! never overdrawn, whoever asks at the same time. The answer comes later, through [`super::llm_answers`].

use super::{ActionError, Actor, Outcome, initiatives as acts, math_models, suggestions::APPROVED};
use crate::{
    domain::{
        framework::MATH_MODEL,
        ids::{InitiativeId, InitiativeKey, LlmRequestId, MathModelId, ParamId},
        initiative::Initiative,
        llm_inputs::Inputs,
        llm_request::{Budget, Subject, Use, Workflow},
        math_model::MathModel,
        rights::{self, Act},
    },
    store::{
        frameworks, initiatives, llm_calls,
        llm_requests::{self, NewRequest},
        llm_settings,
        math_models::{self as models, Which},
        param_proposals, params, suggestions,
    },
};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

/// What a button says that is off because there is nobody to ask.
pub const NOT_CONFIGURED: &str =
    "No LLM is set up here. Everything else works without; an admin can set one up (LLM_BASE_URL).";
/// How long a model's inputs must have been still before the app asks about it by itself, in minutes.
const STILL: i64 = 5;

/// Asks for a formula. Asked for already, that request stays the one.
pub async fn suggestion(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
) -> Outcome<LlmRequestId> {
    actor.must_be_allowed(Act::AskLlm)?;
    let model = math_models::lock(tx, id).await?;
    if model.approval.is_some() {
        return Err(ActionError::Invalid(APPROVED.to_owned()));
    }
    let subject = Subject {
        workflow: Workflow::SuggestMathModel,
        initiative: model.initiative_id,
        model: Some(id),
        params: Vec::new(),
    };
    queue(tx, actor, now, subject, true).await
}

/// Asks what these params mean; all of one model.
pub async fn metadata(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    ids: &[ParamId],
) -> Outcome<LlmRequestId> {
    actor.must_be_allowed(Act::AskLlm)?;
    let first = ids.first().ok_or(ActionError::NotFound("param"))?;
    let param = super::params::lock(tx, *first).await?;
    let which = Which::Of(param.initiative_id, param.framework_id);
    let model = models::get(tx, which).await?.ok_or_else(|| {
        ActionError::Invalid(
            "This framework describes its params itself, so there is nothing to ask.".to_owned(),
        )
    })?;
    let group = params::list(
        tx,
        params::Which::Of(param.initiative_id, param.framework_id),
    )
    .await?;
    if !ids
        .iter()
        .all(|id| group.iter().any(|param| param.id == *id))
    {
        return Err(ActionError::Invalid(
            "These params belong to several models. Ask for one model at a time.".to_owned(),
        ));
    }
    queue(tx, actor, now, of_params(&model, ids.to_vec()), true).await
}

/// Asks what the params of a formula mean that was approved just now, where nobody has been asked yet. It never keeps the
/// approval from happening: without an endpoint or a budget, plain rules are all there is.
pub(super) async fn after_approval(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    model: &MathModel,
) -> Outcome<()> {
    if !llm_settings::get(tx).await?.is_configured {
        return Ok(());
    }
    let group = params::Which::Of(model.initiative_id, model.framework_id);
    let used: Vec<_> = params::list(tx, group)
        .await?
        .iter()
        .filter(|param| param.is_used())
        .map(|param| param.id)
        .collect();
    let unknown = param_proposals::not_described(tx, &used).await?;
    if unknown.is_empty() {
        return Ok(());
    }
    let subject = of_params(model, unknown);
    if let Some(open) = llm_requests::open(tx, &subject).await? {
        llm_requests::cancel(tx, open, "A newer formula was approved.").await?;
    }
    match queue(tx, actor, now, subject, false).await {
        Err(ActionError::Invalid(why)) => {
            tracing::info!(
                why,
                "params of an approved formula stay as plain rules guess them"
            );
            Ok(())
        }
        other => other.map(drop),
    }
}

fn of_params(model: &MathModel, params: Vec<ParamId>) -> Subject {
    Subject {
        workflow: Workflow::SuggestParamMetadata,
        initiative: model.initiative_id,
        model: Some(model.id),
        params,
    }
}

/// Asks for a summary of an initiative.
pub async fn summary(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    key: &InitiativeKey,
) -> Outcome<LlmRequestId> {
    actor.must_be_allowed(Act::AskLlm)?;
    let initiative = initiatives::lock_by_key(tx, key).await?;
    let initiative = initiative.ok_or(ActionError::NotFound("initiative"))?;
    let subject = Subject {
        workflow: Workflow::SummariseInitiative,
        initiative: initiative.id,
        model: None,
        params: Vec::new(),
    };
    queue(tx, actor, now, subject, true).await
}

/// Asks for a second opinion on a model's formula, or on the suggested one while there is no other.
pub async fn review(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: MathModelId,
) -> Outcome<LlmRequestId> {
    actor.must_be_allowed(Act::AskLlm)?;
    let model = math_models::lock(tx, id).await?;
    let subject = Subject {
        workflow: Workflow::ReviewMathModel,
        initiative: model.initiative_id,
        model: Some(id),
        params: Vec::new(),
    };
    queue(tx, actor, now, subject, true).await
}

/// Takes a request back; one that has ended stays as it is. An answer that is under way is thrown away.
pub async fn cancel(tx: &mut PgConnection, actor: &Actor, id: LlmRequestId) -> Outcome<()> {
    actor.must_be_allowed(Act::AskLlm)?;
    llm_requests::get(tx, id)
        .await?
        .ok_or(ActionError::NotFound("request"))?;
    let why = format!("{} cancelled it.", actor.name);
    llm_requests::cancel(tx, id, &why).await?;
    Ok(())
}

/// Asks the same again.
pub async fn again(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: LlmRequestId,
) -> Outcome<LlmRequestId> {
    actor.must_be_allowed(Act::AskLlm)?;
    let request = llm_requests::get(tx, id).await?;
    let request = request.ok_or(ActionError::NotFound("request"))?;
    match (request.workflow, request.model) {
        (Workflow::SuggestMathModel, Some(model)) => suggestion(tx, actor, now, model).await,
        (Workflow::ReviewMathModel, Some(model)) => review(tx, actor, now, model).await,
        (Workflow::SuggestParamMetadata, _) => metadata(tx, actor, now, &request.params).await,
        _ => {
            let key = request.initiative_key.parse();
            let key = key.map_err(|_no_key| ActionError::NotFound("initiative"))?;
            summary(tx, actor, now, &key).await
        }
    }
}

/// Asks for a suggestion by itself, for a model that is described and has no formula, unless it was asked with these very
/// inputs before. Whether it asked.
pub async fn by_itself(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    id: MathModelId,
) -> Outcome<bool> {
    let llm = Actor::llm(tx).await?;
    let model = math_models::lock(tx, id).await?;
    let subject = Subject {
        workflow: Workflow::SuggestMathModel,
        initiative: model.initiative_id,
        model: Some(id),
        params: Vec::new(),
    };
    let fingerprint = about(tx, &subject).await?.inputs.fingerprint();
    if model.formula.is_some() || llm_requests::was_asked(tx, id, fingerprint).await? {
        return Ok(false);
    }
    queue(tx, &llm, now, subject, false).await?;
    Ok(true)
}

/// Models that the app may ask about by itself: nobody has touched them for a while.
pub async fn to_look_at(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<MathModelId>> {
    llm_requests::to_look_at(conn, now - Duration::minutes(STILL)).await
}

/// What is left to ask with, for what stands beside a button; or why nothing can be asked now.
pub async fn open_budget(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<Result<Budget, String>> {
    if let Err(refusal) = rights::may(&actor.roles, Act::AskLlm) {
        return Ok(Err(refusal.short()));
    }
    let settings = llm_settings::get(conn).await?;
    if !settings.is_configured {
        return Ok(Err(NOT_CONFIGURED.to_owned()));
    }
    let budget = llm_calls::budget(conn, &settings, actor.id, now).await?;
    let least = Workflow::SummariseInitiative.most(0);
    Ok(match budget.reserve(least, now) {
        Ok(_) => Ok(budget),
        Err(used_up) => Err(used_up.to_string()),
    })
}

/// Reserves the most that it may use and queues the request; the initiative is locked.
async fn queue(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    subject: Subject,
    is_on_request: bool,
) -> Outcome<LlmRequestId> {
    if let Some(open) = llm_requests::open(tx, &subject).await? {
        return Ok(open);
    }
    let inputs = about(tx, &subject).await?.inputs;
    let reserved = reserve(tx, actor, now, subject.workflow.most(inputs.bytes())).await?;
    let new = NewRequest {
        subject,
        is_on_request,
        fingerprint: inputs.fingerprint(),
        reserved,
    };
    Ok(llm_requests::insert(tx, &new, actor.id, now).await?)
}

async fn reserve(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    most: Use,
) -> Outcome<Use> {
    let settings = llm_settings::lock(tx).await?;
    if !settings.is_configured {
        return Err(ActionError::Invalid(NOT_CONFIGURED.to_owned()));
    }
    let budget = llm_calls::budget(tx, &settings, actor.id, now).await?;
    budget
        .reserve(most, now)
        .map_err(|used_up| ActionError::invalid(&used_up))
}

/// What a request is about, as it is now.
#[derive(Clone, Debug)]
pub struct About {
    /// What is sent.
    pub inputs: Inputs,
    /// The formula that a second opinion is about.
    pub formula: String,
}

/// Reads what a request is about, as it is now.
pub async fn about(conn: &mut PgConnection, subject: &Subject) -> Outcome<About> {
    let initiative = initiative(conn, subject.initiative).await?;
    let mut formula = String::new();
    let inputs = match (subject.workflow, subject.model) {
        (Workflow::SuggestMathModel, Some(id)) => {
            let model = math_models::get(conn, id).await?;
            let refused = suggestions::refused(conn, id).await?;
            Inputs::for_suggestion(&initiative, &model, &refused)
        }
        (Workflow::SuggestParamMetadata, Some(id)) => {
            let model = math_models::get(conn, id).await?;
            let group = params::Which::Of(model.initiative_id, model.framework_id);
            let group = params::list(conn, group).await?;
            let asked = group
                .into_iter()
                .filter(|param| subject.params.contains(&param.id));
            Inputs::for_metadata(&initiative, &model, asked.map(|param| param.name).collect())
        }
        (Workflow::ReviewMathModel, Some(id)) => {
            let model = math_models::get(conn, id).await?;
            formula = reviewed(conn, &model).await?;
            Inputs::for_review(&initiative, &model, &formula)
        }
        _ => {
            let all = frameworks::list(conn).await?;
            let own = all.iter().find(|framework| framework.key == MATH_MODEL);
            let model = match own {
                Some(own) => models::get(conn, Which::Of(initiative.id, own.id)).await?,
                None => None,
            };
            Inputs::for_summary(&initiative, model.as_ref())
        }
    };
    Ok(About { inputs, formula })
}

async fn reviewed(conn: &mut PgConnection, model: &MathModel) -> Outcome<String> {
    if let Some(formula) = &model.formula {
        return Ok(formula.text.clone());
    }
    let suggested = suggestions::current(conn, model.id).await?;
    suggested
        .map(|suggestion| suggestion.formula)
        .ok_or_else(|| {
            ActionError::Invalid("There is no formula yet to have an opinion about.".to_owned())
        })
}

async fn initiative(conn: &mut PgConnection, id: InitiativeId) -> Outcome<Initiative> {
    let key = initiatives::get_key(conn, id).await?;
    acts::get(conn, &key.ok_or(ActionError::NotFound("initiative"))?).await
}
