//! A scenario's formula: the form for one of its own, with the check of the model's editor, and following Base's again.

use super::{
    Pressed, answer,
    load::{Loaded, Of, load},
    scenario_id,
};
use crate::{
    actions::{ActionError, scenario_formula as acts, scenarios, scores::effort_days},
    domain::{
        formula::{self, Formula},
        ids::MathModelId,
        math_model::FormulaVersion,
        rights::Act,
        scenario::{Scenario, formula as own},
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

/// A scenario's formula on its page.
pub(super) fn part(visit: &Visit, loaded: &Loaded, scenario: &Scenario) -> FormulaPart {
    let base = loaded.model.formula.as_ref();
    let refusal = visit.may(Act::WriteModel).err();
    let may_write = refusal.is_none() && scenario.put_away_at.is_none();
    let at = format!("/scenarios/{}/formula", scenario.id);
    let is_own = scenario.formula.is_some();
    let counts = scenario.formula.as_ref().or(base);
    let only_if = |condition: bool, text: String| if condition { text } else { String::new() };
    FormulaPart {
        sentence: sentence(scenario.formula.as_ref(), base),
        text: counts
            .map(|formula| formula.text.clone())
            .unwrap_or_default(),
        diff: changes(loaded, scenario.formula_text()),
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

fn sentence(own: Option<&FormulaVersion>, base: Option<&FormulaVersion>) -> String {
    match (own, base) {
        (Some(own), base) => {
            let instead =
                base.map(|base| format!(", in the place of Base’s version {}", base.version));
            format!(
                "Version {} of its own, saved by {}, {}{}.",
                own.version,
                own.saved_by_name,
                day(own.saved_at),
                instead.unwrap_or_default()
            )
        }
        (None, Some(base)) => format!("It follows Base’s formula, version {} now.", base.version),
        (None, None) => "It follows Base’s formula, and none is written yet.".to_owned(),
    }
}

/// What a text of a scenario's own changes of Base's formula now.
pub(super) fn changes(
    loaded: &Loaded,
    own: Option<&str>,
) -> Vec<crate::web::view::model::DiffLine> {
    let base = loaded.model.formula.as_ref();
    let base = base.map_or("", |base| base.text.as_str());
    own.map(|own| diff::lines(base, own)).unwrap_or_default()
}

/// GET /scenarios/{id}/formula/edit
pub async fn edit_formula(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    visit.may(Act::WriteModel).map_err(ActionError::from)?;
    let id = scenario_id(&id)?;
    let loaded = load(&visit, Of::Scenario(id)).await?;
    let scenario = loaded.scenario(id)?;
    let base = loaded.model.formula.as_ref().map(|base| base.text.as_str());
    let text = scenario.formula_text().or(base).unwrap_or_default();
    reply::html(&form(&visit, (&loaded, scenario), (text, "")))
}

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
    let loaded = load(&visit, Of::Scenario(id)).await?;
    let scenario = loaded.scenario(id)?;
    let typed = match sent.instead.split_once(' ') {
        Some((written, meant)) => formula::with_name(&sent.formula, written, meant),
        None => sent.formula.clone(),
    };
    if visit.is_htmx {
        let check = checked(&visit, (&loaded, scenario), &typed);
        return reply::html(&CheckFragment { check });
    }
    reply::html(&form(&visit, (&loaded, scenario), (&typed, "")))
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
    let loaded = load(visit, Of::Scenario(id)).await?;
    let of = (&loaded, loaded.scenario(id)?);
    match error {
        // The fresh revision stays in the form: saving again puts this text in the place of theirs.
        ActionError::Conflict(theirs) => {
            let mut again = form(visit, of, (&sent.formula, ""));
            again.conflict = format!("{}.", somebody_was_first(&theirs).title);
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
    (loaded, scenario): (&Loaded, &Scenario),
    (text, error): (&str, &str),
) -> FormulaForm {
    let check = checked(visit, (loaded, scenario), text);
    let label = format!("scenario {}", scenario.label);
    let at = format!("/scenarios/{}", scenario.id);
    let mut page = visit.page(format!("Formula of {label}"), Nav::Models);
    page.path = format!("{at}/formula/edit");
    FormulaForm {
        page,
        head: loaded.head(Some(scenario.id), false),
        scenario: Link { label, href: at },
        written: Written::new(text, &check, error),
        save_note: if scenario.approval.is_some() {
            "Saving another text withdraws the scenario’s approval.".to_owned()
        } else {
            String::new()
        },
        conflict: String::new(),
        diff: changes(loaded, Some(&formula::normalise(text))),
        seen: Seen {
            revision: scenario.revision,
            form_key: fresh_key(),
        },
        check,
    }
}

/// What the model's own check says of a text, with the values of the scenario; it reads no names but those there are.
fn checked(visit: &Visit, (loaded, scenario): (&Loaded, &Scenario), typed: &str) -> Check {
    let params = loaded.params_in(Some(scenario));
    let facts = Facts {
        params: &params,
        effort_days: effort_days(&loaded.initiative),
        recorded: None,
        next: String::new(),
    };
    let model = scenario.over_model(&loaded.model);
    let check = Check {
        action: format!("/scenarios/{}/formula", scenario.id),
        can_write: visit.may(Act::WriteModel).is_ok(),
        // Approving it adds no params.
        effects: Vec::new(),
        ..check_text(&model, &facts, typed)
    };
    match own::read(typed, &loaded.params) {
        Err(why) if Formula::parse(typed).is_ok() => Check {
            no_result: why.to_string(),
            is_fault: true,
            ..check
        },
        _ => check,
    }
}
