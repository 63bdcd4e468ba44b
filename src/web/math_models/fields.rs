//! The texts of a model (name, unit, description, prompt, assumptions, notes), read and edited in place.

use super::{model_id, page};
use crate::{
    actions::{ActionError, math_models as acts},
    domain::{
        formula::Formula,
        ids::MathModelId,
        math_model::{MathModel, ModelField},
        param::Param,
        rights::Act,
        value_unit,
    },
    store::math_models::page::place,
    web::{
        error::WebError,
        figures::when,
        journey, reply, score_card,
        suggestions::Said,
        undo,
        view::{
            Seen,
            error::Notice,
            field::{
                Conflict, Control, Edit, EditPage, FieldEdit, FieldSaved, FieldView, Proposal,
            },
            initiative::LabelledField,
            layout::Nav,
        },
        visit::Visit,
        whole,
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

/// Said beside words that are the LLM's.
pub const LLMS_WORDS: &str =
    "The LLM’s words; they follow its next answer until a person edits them.";

/// Every text that stands beside the formula, as this person sees it; description and prompt stand with the suggestion.
#[must_use]
pub fn fields(model: &MathModel, visit: &Visit, said: &Said) -> Vec<LabelledField> {
    use ModelField::{Assumptions, Name, Notes, ValueUnit};
    let mut fields = fields_of(model, visit, &[Name, ValueUnit, Assumptions, Notes]);
    for (labelled, field) in fields.iter_mut().zip([Name, ValueUnit, Assumptions, Notes]) {
        if said.llms_words.contains(&field) {
            LLMS_WORDS.clone_into(&mut labelled.remark);
        }
    }
    fields
}

/// These texts, as this person sees them.
#[must_use]
pub fn fields_of(model: &MathModel, visit: &Visit, which: &[ModelField]) -> Vec<LabelledField> {
    let labelled = |field: &ModelField| LabelledField {
        label: field.label().to_owned(),
        remark: remark(*field).to_owned(),
        field: view(model, *field, visit),
    };
    which.iter().map(labelled).collect()
}

/// The unit that the params' units tell, or that the LLM suggests, for those who may take it, where the model has none.
#[must_use]
pub fn unit_proposal(
    model: &MathModel,
    params: &[Param],
    (visit, said): (&Visit, &Said),
    next: &str,
) -> Option<Proposal> {
    let field = ModelField::ValueUnit;
    if visit.may(Act::WriteModel).is_err() || !model.text(field).is_empty() {
        return None;
    }
    let saved = model
        .formula
        .as_ref()
        .and_then(|saved| Formula::parse(&saved.text).ok());
    let told = saved.and_then(|formula| value_unit::propose(&formula, params));
    let (unit, because) = match (told, said.value_unit()) {
        (Some(unit), _) => {
            let because = format!("All money that the formula reads is in {unit}.");
            (unit, because)
        }
        (None, Some(unit)) => (
            unit.to_owned(),
            format!("The LLM suggests {unit} as the unit."),
        ),
        (None, None) => return None,
    };
    Some(Proposal {
        because,
        label: format!("Use {unit} as the unit of the value"),
        action: address(model.id, field),
        value: unit,
        next: next.to_owned(),
        seen: Seen {
            revision: model.revision,
            form_key: crate::web::sent_form::fresh_key(),
        },
    })
}

fn remark(field: ModelField) -> &'static str {
    match field {
        ModelField::ValueUnit => "Shown wherever the value is.",
        _ => "",
    }
}

fn invitation(field: ModelField) -> &'static str {
    match field {
        ModelField::Name => "Name the model",
        ModelField::Description => "Say how the value should be modelled",
        ModelField::Prompt => "Add wishes for the LLM",
        ModelField::ValueUnit => "Add a unit, such as £",
        ModelField::Assumptions => "Add assumptions",
        ModelField::Notes => "Add notes",
    }
}

fn element(id: MathModelId, field: ModelField) -> String {
    format!("math-model-{id}-{}", field.key())
}

fn address(id: MathModelId, field: ModelField) -> String {
    format!("/math-models/{id}/fields/{}", field.key())
}

fn view(model: &MathModel, field: ModelField, visit: &Visit) -> FieldView {
    let refusal = visit.may(Act::WriteModel).err();
    FieldView {
        id: element(model.id, field),
        label: field.label().to_owned(),
        text: model.text(field).to_owned(),
        edit_href: match refusal {
            None => format!("{}/edit", address(model.id, field)),
            Some(_) => String::new(),
        },
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        invitation: invitation(field).to_owned(),
        is_long: field.is_long(),
        ..FieldView::default()
    }
}

fn edit(model: &MathModel, field: ModelField, typed: &str) -> Edit {
    let value = typed.to_owned();
    let home = format!("/math-models/{}", model.id);
    Edit {
        id: element(model.id, field),
        label: field.label().to_owned(),
        control: if field.is_long() {
            Control::Text { value }
        } else {
            Control::Line {
                value,
                choices: Vec::new(),
            }
        },
        hint: match field {
            ModelField::ValueUnit => "For example £, £ per month or orders.".to_owned(),
            _ => String::new(),
        },
        action: address(model.id, field),
        seen: Seen {
            revision: model.revision,
            form_key: crate::web::sent_form::fresh_key(),
        },
        decimal_separator: "",
        cancel_href: home.clone(),
        read_href: home,
        history_href: String::new(),
        error: None,
        choices: Vec::new(),
        offer: None,
        conflict: None,
    }
}

fn parse(path: &(String, String)) -> Result<(MathModelId, ModelField), WebError> {
    let field = ModelField::from_key(&path.1).ok_or(WebError::NotFound("field"))?;
    Ok((model_id(&path.0)?, field))
}

/// The form: the fragment for htmx, a page of its own without.
async fn answer(
    visit: &Visit,
    id: MathModelId,
    status: StatusCode,
    make: impl FnOnce(&MathModel) -> Edit,
) -> Result<HttpResponse, WebError> {
    let loaded = page::load(visit, id).await?;
    let edit = make(&loaded.model);
    if visit.is_htmx {
        return reply::html_with(status, &FieldEdit { edit });
    }
    let subject = loaded.subject();
    let page = visit.page(format!("{} of {subject}", edit.label), Nav::Models);
    reply::html_with(
        status,
        &EditPage {
            page,
            edit,
            subject,
        },
    )
}

/// GET /math-models/{id}/fields/{field}/edit
pub async fn edit_field(
    visit: Visit,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let (id, field) = parse(&path)?;
    visit.may(Act::WriteModel).map_err(ActionError::from)?;
    answer(&visit, id, StatusCode::OK, |model| {
        edit(model, field, model.text(field))
    })
    .await
}

/// What an edit form sends.
#[derive(Debug, Deserialize)]
pub struct Sent {
    #[serde(default)]
    value: String,
    seen_revision: i64,
    /// The page that a proposal was taken on; empty: the model's own.
    #[serde(default)]
    next: String,
}

/// POST /math-models/{id}/fields/{field}
pub async fn save_field(
    visit: Visit,
    request: HttpRequest,
    path: Path<(String, String)>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, field) = parse(&path)?;
    let (typed, seen) = (sent.value.clone(), sent.seen_revision);
    let saved = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::change_text(&mut tx, &actor, now, id, (field, &typed, seen)).await
            },
        )
        .await;
    match saved {
        Ok(model) if visit.is_htmx => {
            saved_fragment(&visit, &model, field, is_on_initiative(&request)).await
        }
        Ok(_) => Ok(reply::go_to(&format!(
            "{}#{}",
            reply::own_path(&sent.next, &format!("/math-models/{id}")),
            element(id, field)
        ))),
        Err(error) => refused(&visit, (id, field), &sent.value, error).await,
    }
}

/// Whether the page that asks is an initiative's, which shows its score and steps too.
fn is_on_initiative(request: &HttpRequest) -> bool {
    let url = request
        .headers()
        .get("hx-current-url")
        .and_then(|url| url.to_str().ok());
    let path = url
        .and_then(|url| url.split_once("://"))
        .and_then(|(_, rest)| rest.split_once('/'));
    path.is_some_and(|(_, path)| path.starts_with("initiatives/"))
}

async fn saved_fragment(
    visit: &Visit,
    model: &MathModel,
    field: ModelField,
    is_on_initiative: bool,
) -> Result<HttpResponse, WebError> {
    // Only the unit moves a score.
    let whole = if is_on_initiative && field == ModelField::ValueUnit {
        let (id, now) = (model.id, visit.now());
        let whole = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
            match place(&mut conn, id).await? {
                Some(place) => whole::load(&mut conn, &place.key, now).await,
                None => Ok(None),
            }
        });
        whole.await?
    } else {
        None
    };
    let answer = if matches!(field, ModelField::Name | ModelField::ValueUnit) {
        None
    } else {
        let loaded = page::load(visit, model.id).await?;
        Some(loaded.panel(visit, is_on_initiative).await?)
    };
    reply::html(&FieldSaved {
        field: view(model, field, visit),
        heading: None,
        journey: whole.as_ref().map(|whole| journey::journey(whole, visit)),
        score: whole
            .as_ref()
            .map(|whole| score_card::score_card(whole, visit)),
        answer,
        notices: vec![Notice {
            undo: undo::button_if_changed(visit).await?,
            ..Notice::done(format!("{} saved", field.label()))
        }],
    })
}

/// The form again, with what was typed and why it wasn't taken.
async fn refused(
    visit: &Visit,
    (id, field): (MathModelId, ModelField),
    typed: &str,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let status = match &error {
        ActionError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ActionError::Conflict(_) => StatusCode::CONFLICT,
        _ => return Err(error.into()),
    };
    let again = |model: &MathModel| {
        let mut form = edit(model, field, typed);
        match error {
            ActionError::Conflict(theirs) => {
                form.conflict = Some(Conflict {
                    by: theirs.by_name,
                    at: when(theirs.at),
                    theirs: model.text(field).to_owned(),
                    yours: typed.to_owned(),
                });
            }
            other => form.error = Some(other.to_string()),
        }
        form
    };
    answer(visit, id, status, again).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_page_that_asks_is_known_by_its_address() {
        for (url, expected) in [
            ("http://127.0.0.1:8080/initiatives/INIT-1", true),
            (
                "http://127.0.0.1:8080/math-models/1?from=/initiatives/INIT-1",
                false,
            ),
            ("/initiatives/INIT-1", false),
        ] {
            let request = TestRequest::default().insert_header(("hx-current-url", url));
            assert_eq!(
                is_on_initiative(&request.to_http_request()),
                expected,
                "{url}"
            );
        }
        assert!(!is_on_initiative(&TestRequest::default().to_http_request()));
    }

    #[test]
    fn every_text_invites_to_be_filled() {
        for field in ModelField::ALL {
            assert!(!invitation(field).is_empty());
            assert_eq!(ModelField::from_key(field.key()), Some(field));
        }
    }
}
