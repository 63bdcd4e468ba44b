//! Frameworks: the list, a framework's page, and for admins the form that defines one. A changed definition is looked
//! at before it is saved: what it would do to everybody who has the framework on.

pub mod export;
mod form;
mod outlook;
mod page;

use super::{error::WebError, reply, view::framework as view, visit::Visit};
use crate::{
    actions::{ActionError, define_framework as acts},
    domain::{framework::Framework, framework_definition::read, rights::Act},
    store::frameworks,
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use form::Sent;
use serde::Deserialize;

/// GET /frameworks
pub async fn index(visit: Visit) -> Result<HttpResponse, WebError> {
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        Ok((
            frameworks::list(&mut conn).await?,
            frameworks::uses(&mut conn, None).await?,
        ))
    });
    let (all, uses) = read.await?;
    reply::html(&page::index(&visit, &all, &uses))
}

/// GET /frameworks/new
pub async fn new(visit: Visit) -> Result<HttpResponse, WebError> {
    must_define(&visit)?;
    let blank = Sent::blank(visit.user.decimal_separator);
    reply::html(&page::new(&visit, &blank))
}

/// POST /frameworks
pub async fn create(
    visit: Visit,
    sent: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, WebError> {
    let sent = Sent::read(&sent);
    let (typed, key) = (sent.typed.clone(), sent.key.clone());
    let same = key.trim().to_owned();
    let created = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, &same).await,
            async move |mut tx, actor, now| {
                acts::create(&mut tx, &actor, now, (&key, &typed)).await
            },
        )
        .await;
    match created {
        Ok(framework) => Ok(reply::go_to(&format!("/frameworks/{}", framework.key))),
        Err(ActionError::Invalid(why)) => {
            let page = page::new_refused(&visit, &sent, why);
            reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /frameworks/check
///
/// What the formula says while it is typed. Without JavaScript the form of a new framework comes back with its rows.
pub async fn check(
    visit: Visit,
    sent: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, WebError> {
    must_define(&visit)?;
    let sent = Sent::read(&sent);
    if visit.is_htmx {
        let definition = form::definition(&sent.typed, &[]);
        return reply::html(&view::DefinitionFragment { definition });
    }
    reply::html(&page::new(&visit, &sent))
}

/// GET /frameworks/{key}
pub async fn show(visit: Visit, key: Path<String>) -> Result<HttpResponse, WebError> {
    let loaded = page::load(&visit, &key).await?;
    reply::html(&loaded.page(&visit))
}

/// POST /frameworks/{key}/preview
pub async fn preview(
    visit: Visit,
    key: Path<String>,
    sent: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, WebError> {
    must_define(&visit)?;
    let sent = Sent::read(&sent);
    let loaded = page::load(&visit, &key).await?;
    let definition = match read(&sent.typed, acts::CURRENCY) {
        Ok(definition) => definition,
        Err(faults) => {
            let mut page = loaded.retyped(&visit, &sent, &faults);
            page::keep_seen(&mut page, &sent);
            return reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let preview = outlook::of_saving(&visit, &loaded.framework, &definition).await?;
    let mut page = loaded.retyped(&visit, &sent, &[]);
    page::keep_seen(&mut page, &sent);
    if let Some(form) = &mut page.form {
        form.can_save = true;
    }
    page.preview = Some(preview);
    reply::html(&page)
}

/// POST /frameworks/{key}/definition
pub async fn save(
    visit: Visit,
    key: Path<String>,
    sent: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, WebError> {
    let sent = Sent::read(&sent);
    let Some(seen) = sent.seen_revision else {
        return Err(WebError::BadRequest("The form doesn’t say what it saw."));
    };
    let (of, same, typed) = (key.clone(), key.clone(), sent.typed.clone());
    let saved = visit
        .act_long_once(
            "define a framework",
            async move |mut tx| acts::get(&mut tx, &same).await,
            async move |mut tx, actor, now| {
                acts::save(&mut tx, &actor, now, &of, (&typed, seen)).await
            },
        )
        .await;
    match saved {
        Ok(framework) => Ok(reply::go_to(&format!("/frameworks/{}", framework.key))),
        Err(error) => not_saved(&visit, &key, &sent, error).await,
    }
}

/// The form again, with what was typed and why it wasn't saved.
async fn not_saved(
    visit: &Visit,
    key: &str,
    sent: &Sent,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let faults = read(&sent.typed, acts::CURRENCY).err().unwrap_or_default();
    let loaded = page::load(visit, key).await?;
    let mut page = loaded.retyped(visit, sent, &faults);
    let status = match error {
        ActionError::Invalid(why) => {
            page::keep_seen(&mut page, sent);
            if let Some(form) = &mut page.form
                && faults.is_empty()
            {
                form.error = why;
            }
            StatusCode::UNPROCESSABLE_ENTITY
        }
        // The fresh revision stays in the form: saving again puts this on top of theirs.
        ActionError::Conflict(theirs) => {
            if let Some(form) = &mut page.form {
                form.conflict = Some(page::theirs(&theirs));
                form.can_save = true;
            }
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    reply::html_with(status, &page)
}

/// What the buttons beside the form send.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Seen {
    seen_revision: i64,
}

/// POST /frameworks/{key}/archival
pub async fn archive(
    visit: Visit,
    key: Path<String>,
    sent: Form<Seen>,
) -> Result<HttpResponse, WebError> {
    set_archived(visit, &key, true, sent.seen_revision).await
}

/// POST /frameworks/{key}/restoration
pub async fn restore(
    visit: Visit,
    key: Path<String>,
    sent: Form<Seen>,
) -> Result<HttpResponse, WebError> {
    set_archived(visit, &key, false, sent.seen_revision).await
}

async fn set_archived(
    visit: Visit,
    key: &str,
    wanted: bool,
    seen: i64,
) -> Result<HttpResponse, WebError> {
    let (of, same) = (key.to_owned(), key.to_owned());
    let done = visit.act_long_once(
        "archive a framework",
        async move |mut tx| acts::get(&mut tx, &same).await,
        async move |mut tx, actor, now| {
            acts::set_archived(&mut tx, &actor, now, &of, (wanted, seen)).await
        },
    );
    done.await?;
    Ok(reply::go_to(&format!("/frameworks/{key}")))
}

/// GET /frameworks/{key}/rescoring
pub async fn rescoring(visit: Visit, key: Path<String>) -> Result<HttpResponse, WebError> {
    let loaded = page::load(&visit, &key).await?;
    let rescoring = loaded.rescoring(&visit);
    reply::html(&view::RescoringFragment { rescoring })
}

/// POST /frameworks/{key}/rescoring
pub async fn score_again(
    visit: Visit,
    key: Path<String>,
    _sent: Form<Seen>,
) -> Result<HttpResponse, WebError> {
    let (of, same) = (key.clone(), key.clone());
    let queued = visit.act_long_once(
        "score everybody again",
        async move |mut tx| acts::get(&mut tx, &same).await,
        async move |mut tx, actor, _now| acts::score_again(&mut tx, &actor, &of).await,
    );
    queued.await?;
    Ok(reply::go_to(&format!("/frameworks/{key}")))
}

fn must_define(visit: &Visit) -> Result<(), WebError> {
    Ok(visit.may(Act::DefineFramework).map_err(ActionError::from)?)
}

/// Whether this person changes that framework: what is built in nobody changes.
fn defines(visit: &Visit, framework: &Framework) -> bool {
    !framework.is_builtin && visit.may(Act::DefineFramework).is_ok()
}
