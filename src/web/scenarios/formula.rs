//! A scenario's formula: the form for one of its own, with the check of the model's editor, and following Base's again.

use super::{
    Pressed, answer,
    load::{group_with, head},
    scenario_id,
};
use crate::{
    actions::{
        ActionError, scenario_formula as acts, scenario_group::Group, scenarios,
        scores::effort_days,
    },
    domain::{
        formula::{self, Formula},
        ids::MathModelId,
        math_model::MathModel,
        rights::Act,
        scenario::{
            Scenario,
            formula::{self as own, FormulaRefusal},
        },
    },
    web::{
        diff,
        error::WebError,
        figures::day,
        math_models::{Facts, check_text, somebody_was_first},
        reply,
        sent_form::fresh_key,
        undo,
        view::{
            Link, Seen,
            layout::Nav,
            model::{Check, CheckFragment, Written},
            scenario::{FormulaForm, FormulaPart},
        },
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

/// A scenario's formula on its page. A framework's is the same for every initiative, so that one has none of its own.
pub(super) fn part(visit: &Visit, group: &Group, scenario: &Scenario) -> FormulaPart {
    let refusal = visit.may(Act::WriteModel).err();
    let refusal = refusal.filter(|_| !group.base.is_shared());
    let may_write = refusal.is_none() && scenario.put_away_at.is_none() && !group.base.is_shared();
    let at = format!("/scenarios/{}/formula", scenario.id);
    let is_own = scenario.formula.is_some();
    let counts = group.base.text_in(Some(scenario));
    let only_if = |condition: bool, text: String| if condition { text } else { String::new() };
    FormulaPart {
        sentence: sentence(group, scenario),
        text: counts.map(|(_, text)| text.to_owned()).unwrap_or_default(),
        diff: changes(group, scenario.formula_text()),
        edit_href: only_if(may_write, format!("{at}/edit")),
        edit_label: if is_own {
            "Change the formula"
        } else {
            "Write a formula of its own"
        }
        .to_owned(),
        drop_action: only_if(may_write && is_own, format!("{at}/removal")),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
    }
}

fn sentence(group: &Group, scenario: &Scenario) -> String {
    let base = group.base.text_in(None).map(|(version, _)| version);
    match (&scenario.formula, &scenario.shares, base) {
        (Some(own), _, base) => {
            let instead = base.map(|base| format!(", in the place of Base’s version {base}"));
            format!(
                "Version {} of its own, saved by {}, {}{}.",
                own.version,
                own.saved_by_name,
                day(own.saved_at),
                instead.unwrap_or_default()
            )
        }
        (None, Some(framework), Some(version)) => format!(
            "{framework}’s, version {version} now: the same for every initiative, so that scores can be compared."
        ),
        (None, _, Some(version)) => {
            format!("It follows Base’s formula, version {version} now.")
        }
        (None, _, None) => "It follows Base’s formula, and none is written yet.".to_owned(),
    }
}

/// What a text of a scenario's own changes of Base's formula now.
pub(super) fn changes(group: &Group, own: Option<&str>) -> Vec<crate::web::view::model::DiffLine> {
    let base = group.base.text_in(None).map_or("", |(_, text)| text);
    own.map(|own| diff::lines(base, own)).unwrap_or_default()
}

/// GET /scenarios/{id}/formula/edit
pub async fn edit_formula(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    visit.may(Act::WriteModel).map_err(ActionError::from)?;
    let id = scenario_id(&id)?;
    let group = group_with(&visit, id).await?;
    let scenario = group.scenario(id)?;
    let text = group
        .base
        .text_in(Some(scenario))
        .map_or("", |(_, text)| text);
    match &group.base.model {
        Some(model) => reply::html(&form(&visit, (&group, model, scenario), (text, ""))),
        None => none_here(&visit, scenario).await,
    }
}

/// The scenario's page with why it has no formula of its own.
async fn none_here(visit: &Visit, scenario: &Scenario) -> Result<HttpResponse, WebError> {
    let framework = scenario.shares.clone().unwrap_or_default();
    let why = FormulaRefusal::Shared { framework }.to_string();
    answer(visit, scenario.id, Err(ActionError::Invalid(why))).await
}

type InGroup<'a> = (&'a Group, &'a MathModel, &'a Scenario);

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    formula: String,
    seen_revision: i64,
    /// A misspelt name and the one to put in its place, with a space between them.
    instead: String,
}

/// POST /scenarios/{id}/formula/check
///
/// Says what the text would give in this scenario. It keeps nothing. With `instead`, one name is put in place of another
/// first.
pub async fn check_formula(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = scenario_id(&id)?;
    let group = group_with(&visit, id).await?;
    let scenario = group.scenario(id)?;
    let Some(model) = &group.base.model else {
        return none_here(&visit, scenario).await;
    };
    let of = (&group, model, scenario);
    let typed = match sent.instead.split_once(' ') {
        Some((written, meant)) => formula::with_name(&sent.formula, written, meant),
        None => sent.formula.clone(),
    };
    if visit.is_htmx {
        let check = checked(&visit, of, &typed);
        return reply::html(&CheckFragment { check });
    }
    reply::html(&form(&visit, of, (&typed, "")))
}

/// POST /scenarios/{id}/formula
pub async fn set_formula(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, typed, seen) = (scenario_id(&id)?, sent.formula.clone(), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| scenarios::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::set_formula(&mut tx, &actor, now, id, (&typed, seen)).await
            },
        )
        .await;
    match done {
        Ok(_) => Ok(undo::go_back_telling(&visit, &format!("/scenarios/{id}"))),
        Err(error) => refused(&visit, id, &sent, error).await,
    }
}

/// The form again, with what was typed and why it wasn't taken.
async fn refused(
    visit: &Visit,
    id: MathModelId,
    sent: &Sent,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let group = group_with(visit, id).await?;
    let (Some(model), scenario) = (&group.base.model, group.scenario(id)?) else {
        return answer(visit, id, Err(error)).await;
    };
    let of = (&group, model, scenario);
    match error {
        // The fresh revision stays in the form: saving again puts this text in the place of theirs.
        ActionError::Conflict(theirs) => {
            let mut again = form(visit, of, (&sent.formula, ""));
            again.conflict = format!("{}.", somebody_was_first(&theirs).title);
            let now = group.base.text_in(Some(scenario));
            now.map_or("", |(_, text)| text)
                .clone_into(&mut again.theirs);
            reply::html_with(StatusCode::CONFLICT, &again)
        }
        ActionError::Invalid(why) => {
            let mut again = form(visit, of, (&sent.formula, &why));
            again.seen.revision = sent.seen_revision;
            reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
        }
        other => Err(other.into()),
    }
}

/// POST /scenarios/{id}/formula/removal
pub async fn drop_formula(
    visit: Visit,
    id: Path<String>,
    sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (scenario_id(&id)?, sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| scenarios::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::drop_formula(&mut tx, &actor, now, id, seen).await
            },
        )
        .await;
    answer(&visit, id, done).await
}

fn form(
    visit: &Visit,
    (group, model, scenario): InGroup<'_>,
    (text, error): (&str, &str),
) -> FormulaForm {
    let check = checked(visit, (group, model, scenario), text);
    let label = format!("scenario {}", scenario.label);
    let at = format!("/scenarios/{}", scenario.id);
    let mut page = visit.page(format!("Formula of {label}"), Nav::Models);
    page.path = format!("{at}/formula/edit");
    FormulaForm {
        page,
        head: head(group, Some(scenario.id), false),
        scenario: Link { label, href: at },
        written: Written::new(text, &check, error),
        save_note: if scenario.approval.is_some() {
            "Saving another text withdraws the scenario’s approval.".to_owned()
        } else {
            String::new()
        },
        conflict: String::new(),
        theirs: String::new(),
        diff: changes(group, Some(&formula::normalise(text))),
        seen: Seen {
            revision: scenario.revision,
            form_key: fresh_key(),
        },
        check,
    }
}

/// What the model's own check says of a text, with the values of the scenario; it reads no names but those there are.
fn checked(visit: &Visit, (group, model, scenario): InGroup<'_>, typed: &str) -> Check {
    let params = group.params_in(Some(scenario));
    let facts = Facts {
        params: &params,
        effort_days: effort_days(&group.initiative),
        recorded: None,
        next: String::new(),
    };
    let model = scenario.over_model(model);
    let check = Check {
        action: format!("/scenarios/{}/formula", scenario.id),
        can_write: visit.may(Act::WriteModel).is_ok(),
        // Approving it adds no params.
        effects: Vec::new(),
        ..check_text(&model, &facts, typed)
    };
    match own::read(typed, &group.params) {
        Err(why) if Formula::parse(typed).is_ok() => Check {
            no_result: why.to_string(),
            is_fault: true,
            ..check
        },
        _ => check,
    }
}
