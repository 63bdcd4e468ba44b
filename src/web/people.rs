//! People: who is here, what they are and why. Everybody reads it; admins add people, choose roles, deactivate, and end
//! sessions.

pub mod export;
mod page;

use super::{error::WebError, reply, session, sessions::session_id, visit::Visit};
use crate::{
    actions::{ActionError, people as acts},
    domain::{
        ids::{SessionId, UserId},
        rights::{Act, Role, Roles},
    },
    store::{people, users},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Form, Path, Query},
};
use page::Asked;
use serde::Deserialize;

/// GET /people
pub async fn index(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let of = asked.read();
    let read = visit
        .db
        .read(async move |mut conn| people::list(&mut conn, &of).await);
    let found = read.await?;
    reply::html(&page::index(&visit, &asked, &found))
}

/// GET /people/new
pub async fn new(visit: Visit) -> Result<HttpResponse, WebError> {
    visit.may(Act::ManagePeople).map_err(ActionError::from)?;
    reply::html(&page::new(&visit, &Sent::default(), String::new()))
}

/// POST /people
pub async fn add(
    visit: Visit,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, WebError> {
    let sent = Sent::read(&form)?;
    let (typed, email) = (sent.clone(), sent.email.trim().to_lowercase());
    let added = visit
        .act_once(
            async move |mut tx| {
                let there = users::get_by_email(&mut tx, &email).await?;
                let there = there.ok_or(ActionError::NotFound("person"))?;
                Ok(there.id)
            },
            async move |mut tx, actor, now| {
                let named = (typed.name.as_str(), typed.email.as_str());
                acts::add(&mut tx, &actor, now, named, &typed.roles).await
            },
        )
        .await;
    match added {
        Ok(id) => Ok(reply::go_to(&format!("/people/{id}"))),
        Err(ActionError::Invalid(why)) => {
            let page = page::new(&visit, &sent, why);
            reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other.into()),
    }
}

/// What of a person's page is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Before {
    before: Option<i64>,
}

/// GET /people/{id}
pub async fn show(
    visit: Visit,
    request: HttpRequest,
    id: Path<String>,
    asked: Query<Before>,
) -> Result<HttpResponse, WebError> {
    let id = person_id(&id)?;
    let asking = session::id_hash(&request);
    let loaded = page::load(&visit, id, asking, asked.before).await?;
    reply::html(&loaded.page(&visit))
}

/// What the forms send.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    name: String,
    email: String,
    roles: Roles,
    seen_revision: Option<i64>,
}

impl Sent {
    fn read(form: &[(String, String)]) -> Result<Self, WebError> {
        let mut sent = Self::default();
        let mut roles = Vec::new();
        for (name, value) in form {
            match name.as_str() {
                "name" => sent.name.clone_from(value),
                "email" => sent.email.clone_from(value),
                "seen_revision" => sent.seen_revision = value.parse().ok(),
                "role" => {
                    let role: Result<Role, _> = value.parse();
                    let unknown = |_| WebError::BadRequest("There is no such role.");
                    roles.push(role.map_err(unknown)?);
                }
                _ => {}
            }
        }
        sent.roles = Roles::new(roles);
        Ok(sent)
    }

    fn seen(&self) -> Result<i64, WebError> {
        let unseen = WebError::BadRequest("The form doesn’t say what it saw.");
        self.seen_revision.ok_or(unseen)
    }
}

/// POST /people/{id}/roles
pub async fn set_roles(
    visit: Visit,
    id: Path<String>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, WebError> {
    let (id, sent) = (person_id(&id)?, Sent::read(&form)?);
    let (roles, seen) = (sent.roles.clone(), sent.seen()?);
    let done = visit
        .act_once(
            async move |_tx| Ok(()),
            async move |mut tx, actor, now| {
                acts::set_roles(&mut tx, &actor, now, id, (&roles, seen)).await
            },
        )
        .await;
    answer(&visit, id, Some(&sent.roles), done).await
}

/// POST /people/{id}/deactivation
pub async fn deactivate(
    visit: Visit,
    id: Path<String>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, WebError> {
    set_deactivated(visit, &id, true, &form).await
}

/// POST /people/{id}/reactivation
pub async fn reactivate(
    visit: Visit,
    id: Path<String>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, WebError> {
    set_deactivated(visit, &id, false, &form).await
}

async fn set_deactivated(
    visit: Visit,
    id: &str,
    wanted: bool,
    form: &[(String, String)],
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (person_id(id)?, Sent::read(form)?.seen()?);
    let done = visit
        .act_once(
            async move |_tx| Ok(()),
            async move |mut tx, actor, now| {
                acts::set_deactivated(&mut tx, &actor, now, id, (wanted, seen)).await
            },
        )
        .await;
    answer(&visit, id, None, done).await
}

/// The person's page: anew when it was done, with why not when it wasn't.
async fn answer(
    visit: &Visit,
    id: UserId,
    chosen: Option<&Roles>,
    done: Result<(), ActionError>,
) -> Result<HttpResponse, WebError> {
    let error = match done {
        Ok(()) => return Ok(reply::go_to(&format!("/people/{id}"))),
        Err(error) => error,
    };
    let (status, why, theirs) = match error {
        ActionError::Invalid(why) => (StatusCode::UNPROCESSABLE_ENTITY, why, None),
        ActionError::Conflict(theirs) => (StatusCode::CONFLICT, String::new(), Some(theirs)),
        other => return Err(other.into()),
    };
    let loaded = page::load(visit, id, None, None).await?;
    let mut page = loaded.page(visit);
    page.error = why;
    page.conflict = theirs.map(|theirs| page::theirs(&theirs));
    if let Some(chosen) = chosen {
        page.boxes = page::boxes(chosen);
    }
    reply::html_with(status, &page)
}

/// POST /people/{id}/sessions/ending
pub async fn end_sessions(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    end(visit, person_id(&id)?, None).await
}

/// POST /people/{id}/sessions/{session}/ending
pub async fn end_session(
    visit: Visit,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let (id, session) = (person_id(&path.0)?, session_id(&path.1)?);
    end(visit, id, Some(session)).await
}

async fn end(
    visit: Visit,
    id: UserId,
    session: Option<SessionId>,
) -> Result<HttpResponse, WebError> {
    // This is the admins' way; one's own sessions have a page of their own.
    visit.may(Act::ManagePeople).map_err(ActionError::from)?;
    let ended = visit.act(async move |mut tx, actor, now| {
        acts::end_sessions(&mut tx, &actor, now, id, session).await
    });
    ended.await?;
    Ok(reply::go_to(&format!("/people/{id}")))
}

fn person_id(text: &str) -> Result<UserId, WebError> {
    text.parse()
        .map(UserId)
        .map_err(|_not_a_number| WebError::NotFound("person"))
}
