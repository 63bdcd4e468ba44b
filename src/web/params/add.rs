//! Add a param by hand: a link below a group opens a form for its name, in place or as a page; the group comes back with
//! the new row.

use super::{back, four_eyes};
use crate::{
    actions::{ActionError, add_param as acts},
    domain::{framework::Framework, ids::InitiativeKey, rights::Act},
    web::{
        error::WebError,
        initiatives::{self, key_of},
        reply,
        sent_form::fresh_key,
        view::{
            Seen,
            error::Notice,
            field::{Control, Edit, EditPage, FieldEdit},
            layout::Nav,
            params as view,
        },
        visit::Visit,
        whole::Whole,
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Form, Path, Query},
};
use serde::Deserialize;

/// Which group, and the page to come back to.
#[derive(Clone, Debug, Deserialize)]
pub struct Group {
    #[serde(default)]
    framework: String,
    #[serde(default)]
    next: String,
}

/// The element that the link and the form share.
#[must_use]
pub fn element(framework: &str, key: &str) -> String {
    format!("new-param-{framework}-{key}")
}

/// The form's address; empty: this person adds none.
#[must_use]
pub fn href(visit: &Visit, framework: &str, key: &str) -> String {
    match visit.may(Act::EditParam) {
        Ok(()) => format!("/initiatives/{key}/params/new?framework={framework}"),
        Err(_) => String::new(),
    }
}

/// GET /initiatives/{key}/params/new
pub async fn form(
    visit: Visit,
    request: HttpRequest,
    key: Path<String>,
    group: Query<Group>,
) -> Result<HttpResponse, WebError> {
    visit.may(Act::EditParam).map_err(ActionError::from)?;
    let whole = initiatives::whole(&visit, &key_of(&key)?).await?;
    let came_from = back::came_from(&request).unwrap_or_else(|| whole.href());
    let edit = edit(&whole, &group.framework, "", &came_from);
    answer(&visit, &whole, StatusCode::OK, edit)
}

fn edit(whole: &Whole, framework: &str, typed: &str, next: &str) -> Edit {
    let key = &whole.initiative.key;
    let query = [("framework", framework), ("next", next)];
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    Edit {
        id: element(framework, key.as_str()),
        label: "Name of the new param".to_owned(),
        control: Control::Line {
            value: typed.to_owned(),
            choices: Vec::new(),
        },
        hint: "As formulas write it: uplift_conv. Label, unit, range and owner are guessed from it; change them in the row. \
               It counts once the approved formula reads it."
            .to_owned(),
        action: format!("/initiatives/{key}/params?{query}"),
        seen: Seen {
            revision: whole.initiative.revision,
            form_key: fresh_key(),
        },
        decimal_separator: "",
        cancel_href: next.to_owned(),
        read_href: whole.href(),
        history_href: String::new(),
        error: None,
        choices: Vec::new(),
        offer: None,
        conflict: None,
    }
}

fn answer(
    visit: &Visit,
    whole: &Whole,
    status: StatusCode,
    edit: Edit,
) -> Result<HttpResponse, WebError> {
    if visit.is_htmx {
        return reply::html_with(status, &FieldEdit { edit });
    }
    let initiative = &whole.initiative;
    let page = EditPage {
        page: visit.page("Add a param", Nav::Params),
        subject: format!("{} {}", initiative.key, initiative.title()),
        edit,
    };
    reply::html_with(status, &page)
}

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    value: String,
}

/// POST /initiatives/{key}/params
pub async fn add(
    visit: Visit,
    request: HttpRequest,
    key: Path<String>,
    group: Query<Group>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let key = key_of(&key)?;
    let asked = (key.clone(), group.framework.clone(), sent.value.clone());
    let added = visit
        .act_once(
            async move |_tx| Ok(None),
            async move |mut tx, actor, now| {
                let (key, framework, name) = asked;
                let of = (&key, framework.as_str());
                acts::add(&mut tx, &actor, now, of, &name).await.map(Some)
            },
        )
        .await;
    let href = format!("/initiatives/{key}");
    let next = reply::own_path(&group.next, &href);
    match added {
        Ok(added) if !visit.is_htmx => Ok(reply::go_to(&match added {
            Some(param) => format!("{next}#param-{}", param.id),
            None => next.to_owned(),
        })),
        Ok(added) => {
            let said = match added {
                Some(param) => format!("{} added", param.name),
                None => "This was added already.".to_owned(),
            };
            group_again(&visit, &request, (&key, &group.framework), said).await
        }
        Err(ActionError::Invalid(why)) => {
            let whole = initiatives::whole(&visit, &key).await?;
            let mut again = edit(&whole, &group.framework, &sent.value, next);
            again.error = Some(why);
            answer(&visit, &whole, StatusCode::UNPROCESSABLE_ENTITY, again)
        }
        Err(other) => Err(other.into()),
    }
}

/// To htmx: the whole group, with its new row.
async fn group_again(
    visit: &Visit,
    request: &HttpRequest,
    (key, framework): (&InitiativeKey, &str),
    said: String,
) -> Result<HttpResponse, WebError> {
    let whole = initiatives::whole(visit, key).await?;
    let is_it = |of: &&Framework| of.key == framework;
    let framework = whole.frameworks.iter().find(is_it);
    let framework = framework.ok_or(WebError::NotFound("framework"))?;
    let hands = four_eyes::in_open_params(visit, &whole.params).await?;
    let mut grid = initiatives::grid((visit, hands), &whole, framework);
    grid.names_initiative = !back::is_on_initiative_page(request);
    let target = format!("#params-{}-{key}", framework.key);
    let added = view::Added {
        grid,
        notices: vec![Notice::done(said)],
    };
    reply::html_into(StatusCode::OK, &target, &added)
}
