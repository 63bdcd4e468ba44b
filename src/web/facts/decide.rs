//! Decide what is proposed of a fact: see what approving would do, approve, refuse, take back; put a fact away.

use super::{fact_id, first, in_force, outlook, page_with, proposed, why_not_approve};
use crate::{
    actions::{ActionError, Actor, approve_fact, facts as acts},
    domain::{fact::Fact, ids::FactId},
    store::{db::Conn, settings},
    web::{
        error::WebError,
        reply,
        sent_form::fresh_key,
        undo,
        view::{Link, Seen, fact::Approve, layout::Nav},
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::future::Future;

/// What the buttons send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    seen_revision: i64,
    /// Why a proposal is refused.
    why: String,
}

/// GET /facts/{id}/approval: what approving would do. Writes nothing.
pub async fn preview(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    let id = fact_id(&id)?;
    match preview_page(&visit, id).await? {
        Some(page) => reply::html(&page),
        None => Ok(reply::go_to(&format!("/facts/{id}"))),
    }
}

/// POST /facts/{id}/approval
pub async fn approve(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (fact_id(&id)?, sent.seen_revision);
    let done = visit
        .act_long_once(
            "approve a fact",
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                approve_fact::approve(&mut tx, &actor, now, id, seen).await
            },
        )
        .await;
    let error = match done {
        Ok(_) => return Ok(undo::go_back_telling(&visit, &format!("/facts/{id}"))),
        Err(error @ (ActionError::Invalid(_) | ActionError::Conflict(_))) => error,
        Err(other) => return Err(other.into()),
    };
    let Some(mut page) = preview_page(&visit, id).await? else {
        return page_with(&visit, id, error).await;
    };
    let status = match error {
        ActionError::Conflict(theirs) => {
            page.conflict = first(&theirs);
            StatusCode::CONFLICT
        }
        other => {
            page.error = other.to_string();
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    reply::html_with(status, &page)
}

/// POST /facts/{id}/proposal/withdrawal
pub async fn withdraw(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (fact_id(&id)?, sent.seen_revision);
    decide(&visit, id, async move |mut tx, actor, now| {
        acts::withdraw(&mut tx, &actor, now, id, seen).await
    })
    .await
}

/// POST /facts/{id}/proposal/refusal
pub async fn refuse(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, seen, why) = (fact_id(&id)?, sent.seen_revision, sent.why.clone());
    decide(&visit, id, async move |mut tx, actor, now| {
        acts::refuse(&mut tx, &actor, now, id, (&why, seen)).await
    })
    .await
}

/// POST /facts/{id}/archival
pub async fn archive(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    set_archived(&visit, fact_id(&id)?, (true, sent.seen_revision)).await
}

/// POST /facts/{id}/restoration
pub async fn restore(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    set_archived(&visit, fact_id(&id)?, (false, sent.seen_revision)).await
}

async fn set_archived(
    visit: &Visit,
    id: FactId,
    wanted: (bool, i64),
) -> Result<HttpResponse, WebError> {
    decide(visit, id, async move |mut tx, actor, now| {
        acts::set_archived(&mut tx, &actor, now, id, wanted).await
    })
    .await
}

/// Does once what a form on the fact's page asks for; the page then, or again with why it wasn't done.
async fn decide<F, Fut>(visit: &Visit, id: FactId, work: F) -> Result<HttpResponse, WebError>
where
    F: FnOnce(Conn, Actor, DateTime<Utc>) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Fact, ActionError>> + Send,
{
    let again = async move |mut tx: Conn| acts::get(&mut tx, id).await;
    match visit.act_once(again, work).await {
        Ok(_) => Ok(undo::go_back_telling(visit, &format!("/facts/{id}"))),
        Err(error) => page_with(visit, id, error).await,
    }
}

/// None: nothing is proposed.
async fn preview_page(visit: &Visit, id: FactId) -> Result<Option<Approve>, WebError> {
    let actor = visit.actor();
    let read = visit.db.read(async move |mut conn| {
        let fact = acts::get(&mut conn, id).await?;
        if fact.proposal.is_none() {
            return Ok(None);
        }
        let settings = settings::get(&mut conn).await?;
        let may = approve_fact::must_be_allowed(&mut conn, &actor, settings, &fact).await;
        let outlook = approve_fact::look(&mut conn, &fact).await?;
        Ok::<_, ActionError>(Some((fact, may, outlook)))
    });
    let Some((fact, may, outlook)) = read.await? else {
        return Ok(None);
    };
    let href = format!("/facts/{id}");
    let mut summary = outlook::summary(&outlook);
    if outlook.lines.is_empty() {
        summary.push("No score rests on it yet.".to_owned());
    }
    Ok(Some(Approve {
        page: visit.page("What approving would do", Nav::Params),
        numbers: in_force(&fact),
        proposal: proposed(&fact).unwrap_or_default(),
        summary,
        effect: outlook::effect(&outlook),
        why_not: why_not_approve(may)?,
        error: String::new(),
        conflict: String::new(),
        action: format!("{href}/approval"),
        seen: Seen {
            revision: fact.revision,
            form_key: fresh_key(),
        },
        fact: Link {
            label: fact.words.name,
            href,
        },
    }))
}
