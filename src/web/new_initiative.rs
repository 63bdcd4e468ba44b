//! A new initiative.

use super::{
    error::WebError, reply, view::initiative::New, view::layout::Nav, visit::Visit,
    whole::framework_options,
};
use crate::{
    actions::{ActionError, initiatives as acts},
    domain::{framework::Framework, ids::InitiativeKey, initiative::Field, rights::Act},
    store::{frameworks, initiatives},
};
use actix_web::{HttpResponse, http::StatusCode, web::Form};
use serde::Deserialize;

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Sent {
    #[serde(default)]
    key: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    problem_statement: String,
    #[serde(default)]
    active_framework: String,
}

fn form(visit: &Visit, all: &[Framework], sent: &Sent) -> New {
    let chosen = (!sent.active_framework.is_empty()).then_some(sent.active_framework.as_str());
    New {
        page: visit.page("New initiative", Nav::Backlog),
        key: sent.key.clone(),
        key_error: None,
        title: sent.title.clone(),
        title_error: None,
        problem_statement: sent.problem_statement.clone(),
        problem_statement_error: None,
        frameworks: framework_options(all, chosen),
        form_key: crate::web::sent_form::fresh_key(),
    }
}

/// GET /initiatives/new
pub async fn show(visit: Visit) -> Result<HttpResponse, WebError> {
    visit.may(Act::EditInitiative).map_err(ActionError::from)?;
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        Ok((
            initiatives::next_key(&mut conn).await?,
            frameworks::list(&mut conn).await?,
        ))
    });
    let (key, all) = read.await?;
    reply::html(&form(
        &visit,
        &all,
        &Sent {
            key,
            ..Sent::default()
        },
    ))
}

/// POST /initiatives
pub async fn create(visit: Visit, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let new = acts::NewInitiative {
        key: sent.key.clone(),
        title: sent.title.clone(),
        problem_statement: sent.problem_statement.clone(),
        framework: sent.active_framework.clone(),
    };
    let same = sent
        .key
        .parse()
        .map_err(|_not_a_key| ActionError::NotFound("initiative"));
    let created = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, &same?).await,
            async move |mut tx, actor, now| acts::create(&mut tx, &actor, now, &new).await,
        )
        .await;
    let why = match created {
        Ok(initiative) => return Ok(reply::go_to(&format!("/initiatives/{}", initiative.key))),
        Err(ActionError::Invalid(why)) => why,
        Err(other) => return Err(other.into()),
    };
    let all = visit
        .db
        .read(async move |mut conn| frameworks::list(&mut conn).await)
        .await?;
    let mut page = form(&visit, &all, &sent);
    place(&mut page, &sent, why);
    reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Puts the sentence beside the field it speaks of.
fn place(page: &mut New, sent: &Sent, why: String) {
    let refuses = |key: &str, typed: &str| {
        Field::from_key(key).is_some_and(|field| field.read(typed).is_err())
    };
    let key_is_fine = sent.key.parse::<InitiativeKey>().is_ok();
    if key_is_fine && refuses("title", &sent.title) {
        page.title_error = Some(why);
    } else if key_is_fine && refuses("problem_statement", &sent.problem_statement) {
        page.problem_statement_error = Some(why);
    } else {
        page.key_error = Some(why);
    }
}
