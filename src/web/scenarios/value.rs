//! The form for a number that a scenario sets itself.

use super::{page, param_id, scenario_id};
use crate::{
    actions::{ActionError, scenarios as acts},
    domain::{
        amount::DecimalSeparator,
        ids::{MathModelId, ParamId},
        param::{Number, Param},
        param_input::InputRefusal,
        rights::Act,
        scenario::{self, Place, Scenario, TypedValue, ValueRefusal},
    },
    store::params::{self, Which},
    web::{
        error::WebError,
        figures,
        math_models::somebody_was_first,
        params::range_text,
        reply,
        sent_form::fresh_key,
        undo,
        view::{
            Link, Seen,
            field::Choice,
            layout::Nav,
            scenario::{Value, ValueBox},
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

/// GET /scenarios/{id}/values/{param}/edit
pub async fn edit_value(
    visit: Visit,
    of: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    visit.may(Act::EditParam).map_err(ActionError::from)?;
    let (scenario, param) = read(&visit, scenario_id(&of.0)?, param_id(&of.1)?).await?;
    let typed = shown(&scenario, &param, visit.user.decimal_separator);
    reply::html(&form(&visit, (&scenario, &param), &typed))
}

async fn read(
    visit: &Visit,
    id: MathModelId,
    param: ParamId,
) -> Result<(Scenario, Param), WebError> {
    let read = visit.db.read(async move |mut conn| {
        let scenario = acts::get(&mut conn, id).await?;
        let of = Which::Of(scenario.initiative_id, scenario.framework_id);
        let all = params::list(&mut conn, of).await?;
        let param = all.into_iter().find(|one| one.id == param);
        let param = param.ok_or(ActionError::NotFound("param"))?;
        Ok::<_, ActionError>((scenario, param))
    });
    Ok(read.await?)
}

/// What stands in the form: the scenario's own number, else Base's.
fn shown(scenario: &Scenario, param: &Param, separator: DecimalSeparator) -> TypedValue {
    let digits = |number: Option<&Number>| {
        let digits = number.map(|number| separator.written(number.decimal()));
        digits.unwrap_or_default()
    };
    match scenario.value_of(param.id) {
        Some(own) => TypedValue {
            value: digits(Some(&own.value)),
            min: digits(own.range.min.as_ref()),
            max: digits(own.range.max.as_ref()),
            separator,
        },
        None => TypedValue {
            value: digits(param.value.as_ref()),
            separator,
            ..TypedValue::default()
        },
    }
}

fn form(visit: &Visit, (scenario, param): (&Scenario, &Param), typed: &TypedValue) -> Value {
    let one = |name, label: &str, hint: String, text: &str| ValueBox {
        name,
        label: label.to_owned(),
        hint,
        text: text.to_owned(),
        error: String::new(),
    };
    let shown = |digits: &str| figures::text(&figures::stored(digits, &param.unit).0);
    let base = param.value.as_ref().map(|value| shown(value.decimal()));
    let unit = match param.unit.as_str() {
        "" => String::new(),
        unit => format!(", in {unit}"),
    };
    let range = match range_text(&param.range, &param.unit) {
        range if range.is_empty() => "Base has no range".to_owned(),
        range => typed.separator.written(&format!("Base’s range: {range}")),
    };
    let mut boxes = vec![one(
        "value",
        "Value in this scenario",
        format!("As people write it{unit}."),
        &typed.value,
    )];
    if !param.has_hard_bounds() {
        let hint = format!("{range}. Empty: it follows Base.");
        boxes.push(one("min", "Lowest", hint.clone(), &typed.min));
        boxes.push(one("max", "Highest", hint, &typed.max));
    }
    let title = format!("{} in scenario {}", param.label(), scenario.label);
    let at = format!("/scenarios/{}", scenario.id);
    Value {
        page: visit.page(title.clone(), Nav::Models),
        scenario: Link {
            label: format!("Scenario {}", scenario.label),
            href: at.clone(),
        },
        label: title,
        base: match base {
            Some(base) => format!("Base says {base}."),
            None => "Base has no value here.".to_owned(),
        },
        action: format!("{at}/values/{}", param.id),
        decimal_separator: typed.separator.key(),
        boxes,
        choice: None,
        conflict: String::new(),
        seen: Seen {
            revision: scenario.revision,
            form_key: fresh_key(),
        },
    }
}

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    value: String,
    min: String,
    max: String,
    /// The proposed reading, if its button was pressed.
    instead: String,
    decimal_separator: DecimalSeparator,
    seen_revision: i64,
}

/// POST /scenarios/{id}/values/{param}
pub async fn set_value(
    visit: Visit,
    of: Path<(String, String)>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, param) = (scenario_id(&of.0)?, param_id(&of.1)?);
    let mut typed = TypedValue {
        value: sent.value.clone(),
        min: sent.min.clone(),
        max: sent.max.clone(),
        separator: sent.decimal_separator,
    };
    if !sent.instead.is_empty() {
        typed = with_proposal(&read(&visit, id, param).await?.1, typed, &sent.instead);
    }
    let (says, seen) = (typed.clone(), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::set_value(&mut tx, &actor, now, (id, param), (&says, seen)).await
            },
        )
        .await;
    match done {
        Ok(_) => Ok(undo::go_back_telling(&visit, &page::href_at(id, param))),
        Err(error) => refused(&visit, (id, param), &typed, error).await,
    }
}

/// What was typed, with the proposed reading in the place of the text that it was proposed for.
fn with_proposal(param: &Param, typed: TypedValue, instead: &str) -> TypedValue {
    let Err((Place::Value, ValueRefusal::Input(InputRefusal::Amount(error)))) =
        scenario::read_value(param, &typed)
    else {
        return typed;
    };
    let is_meant = error.proposal().is_some_and(|it| it.typed == instead);
    TypedValue {
        value: if is_meant {
            instead.to_owned()
        } else {
            typed.value
        },
        ..typed
    }
}

/// The form again, with what was typed and why it wasn't taken.
async fn refused(
    visit: &Visit,
    (id, param): (MathModelId, ParamId),
    typed: &TypedValue,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let is_about_the_form = matches!(
        error,
        ActionError::Invalid(_) | ActionError::Asks { .. } | ActionError::Conflict(_)
    );
    if !is_about_the_form {
        return Err(error.into());
    }
    let (scenario, param) = read(visit, id, param).await?;
    let mut again = form(visit, (&scenario, &param), typed);
    let status = match error {
        // The fresh revision stays in the form: saving again puts this value in the place of theirs.
        ActionError::Conflict(theirs) => {
            again.conflict = format!("{}.", somebody_was_first(&theirs).title);
            StatusCode::CONFLICT
        }
        error => {
            put_error(&mut again, place(&param, typed), error);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    reply::html_with(status, &again)
}

/// Which box isn't taken.
fn place(param: &Param, typed: &TypedValue) -> Place {
    let not_taken = scenario::read_value(param, typed).err();
    not_taken.map_or(Place::Value, |(place, _)| place)
}

/// Puts the reason beside its box.
fn put_error(form: &mut Value, place: Place, error: ActionError) {
    let name = match place {
        Place::Range => "min",
        Place::Value => "value",
    };
    if let Some(item) = form.boxes.iter_mut().find(|item| item.name == name) {
        item.error = error.to_string();
    }
    if let ActionError::Asks { proposal, .. } = error
        && place == Place::Value
    {
        form.choice = Some(Choice {
            label: format!("Use {}", proposal.typed),
            value: proposal.typed,
        });
    }
}
