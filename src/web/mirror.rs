//! The mirror's page: how it stands, what it found, what it would write, and what admins decide about it. Asks nobody
//! outside: what is shown was seen by the worker at its last look.

mod own_tabs;
mod page;
mod set_up;
mod standing;

pub use set_up::MirrorSetUp;
pub(super) use standing::light;

use super::{error::WebError, initiatives::key_of, reply, view::error::Notice, visit::Visit};
use crate::{
    actions::{ActionError, Actor, mirror as acts},
    domain::mirror_mode::UNTIL_RESUMED,
    store::db::Conn,
};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form, Query, block},
};
use chrono::{DateTime, TimeDelta, Utc};
use page::Loaded;
use serde::Deserialize;
use std::{fs, io};

/// The page's address.
const HERE: &str = "/mirror";

/// Where in the list of differing cells the page stands.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Asked {
    after: Option<i32>,
}

/// GET /mirror
pub async fn show(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    asked: Query<Asked>,
) -> Result<HttpResponse, WebError> {
    let loaded = Loaded::read(&visit, asked.after.unwrap_or(0)).await?;
    reply::html(&loaded.page(&visit, &set_up))
}

/// GET /mirror/set-up
pub async fn set_up(visit: Visit, set_up: Data<MirrorSetUp>) -> Result<HttpResponse, WebError> {
    let loaded = Loaded::read(&visit, 0).await?;
    reply::html(&set_up::page(&visit, &set_up, &loaded))
}

/// GET `/mirror/central_backlog.csv`
pub async fn download(_visit: Visit, set_up: Data<MirrorSetUp>) -> Result<HttpResponse, WebError> {
    let path = set_up.file.clone().ok_or(WebError::NotFound("file"))?;
    let read = block(move || fs::read(path)).await;
    match read.map_err(|fault| WebError::Internal(fault.into()))? {
        Ok(bytes) => Ok(HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .insert_header((
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"central_backlog.csv\"",
            ))
            .body(bytes)),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Err(WebError::NotFound("file")),
        Err(why) => Err(WebError::Internal(why.into())),
    }
}

/// What the form of the mode sends.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct SentMode {
    #[serde(default)]
    mode: String,
    /// What a write would change was shown.
    #[serde(default)]
    confirmed: String,
    seen_revision: i64,
}

/// POST /mirror/mode
pub async fn set_mode(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    sent: Form<SentMode>,
) -> Result<HttpResponse, WebError> {
    if sent.mode == "write" && sent.confirmed != "yes" && page::may_control(&visit) {
        let loaded = Loaded::read(&visit, 0).await?;
        if !loaded.writes(&set_up) {
            return reply::html(&loaded.page_asking(&visit, &set_up));
        }
    }
    let (mode, seen) = (sent.mode.clone(), sent.seen_revision);
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::set_mode(&mut tx, &actor, now, (&mode, seen)).await
    });
    match done.await {
        Err(ActionError::Conflict(theirs)) => {
            let loaded = Loaded::read(&visit, 0).await?;
            let page = loaded.page_in_conflict(&visit, &set_up, (&theirs, &sent.mode));
            reply::html_with(StatusCode::CONFLICT, &page)
        }
        done => answer(&visit, &set_up, done).await,
    }
}

/// What a button sends that says nothing more.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Pressed {
    #[serde(rename = "seen_revision")]
    _seen: i64,
}

/// POST /mirror/run
pub async fn run_now(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    _sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::run_now(&mut tx, &actor, now).await
    });
    answer(&visit, &set_up, done.await).await
}

/// How long a pause is.
#[derive(Clone, Debug, Deserialize)]
pub struct SentPause {
    #[serde(rename = "for", default)]
    how_long: String,
}

/// POST /mirror/pause
pub async fn pause(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    sent: Form<SentPause>,
) -> Result<HttpResponse, WebError> {
    let is_short = sent.how_long == "hour";
    if !is_short && sent.how_long != "ever" {
        let why = "Choose a pause of an hour, or one until somebody resumes it.";
        return answer(&visit, &set_up, Err(ActionError::Invalid(why.to_owned()))).await;
    }
    let done = decide(&visit, async move |mut tx, actor, now| {
        let until = if is_short {
            now + TimeDelta::hours(1)
        } else {
            UNTIL_RESUMED
        };
        acts::pause(&mut tx, &actor, now, until).await
    });
    answer(&visit, &set_up, done.await).await
}

/// POST /mirror/resumption
pub async fn resume(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    _sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::resume(&mut tx, &actor, now).await
    });
    answer(&visit, &set_up, done.await).await
}

/// What confirming sends: what was shown.
#[derive(Clone, Debug, Deserialize)]
pub struct SentToken {
    #[serde(default)]
    token: String,
}

/// POST /mirror/confirmation
pub async fn confirm(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    sent: Form<SentToken>,
) -> Result<HttpResponse, WebError> {
    let token = sent.into_inner().token;
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::confirm(&mut tx, &actor, now, &token).await
    });
    answer(&visit, &set_up, done.await).await
}

/// POST /mirror/missing-columns/refusal
pub async fn decline_missing(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    _sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::decline_missing(&mut tx, &actor, now).await
    });
    answer(&visit, &set_up, done.await).await
}

/// Whose a column shall be.
#[derive(Clone, Debug, Deserialize)]
pub struct SentColumn {
    #[serde(default)]
    field: String,
    /// `yes`: people's.
    #[serde(default)]
    theirs: String,
}

/// POST /mirror/columns
pub async fn hand_back(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    sent: Form<SentColumn>,
) -> Result<HttpResponse, WebError> {
    let SentColumn { field, theirs } = sent.into_inner();
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::hand_back(&mut tx, &actor, now, (&field, theirs == "yes")).await
    });
    answer(&visit, &set_up, done.await).await
}

/// Whether a tab of the app's own is kept.
#[derive(Clone, Debug, Deserialize)]
pub struct SentTab {
    #[serde(default)]
    tab: String,
    /// `yes`: it is.
    #[serde(default)]
    on: String,
}

/// POST /mirror/tabs
pub async fn set_tab(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    sent: Form<SentTab>,
) -> Result<HttpResponse, WebError> {
    let SentTab { tab, on } = sent.into_inner();
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::set_tab(&mut tx, &actor, now, (&tab, on == "yes")).await
    });
    answer(&visit, &set_up, done.await).await
}

/// POST /mirror/formats
pub async fn renew_formats(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    _sent: Form<Pressed>,
) -> Result<HttpResponse, WebError> {
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::renew_formats(&mut tx, &actor, now).await
    });
    answer(&visit, &set_up, done.await).await
}

/// Whether an initiative has a row.
#[derive(Clone, Debug, Deserialize)]
pub struct SentRow {
    #[serde(default)]
    key: String,
    /// `yes`: it has none.
    #[serde(default)]
    left: String,
}

/// POST /mirror/left-out
pub async fn leave_out(
    visit: Visit,
    set_up: Data<MirrorSetUp>,
    sent: Form<SentRow>,
) -> Result<HttpResponse, WebError> {
    let SentRow { key, left } = sent.into_inner();
    let typed = key.trim().to_owned();
    let Ok(key) = key_of(&typed) else {
        let done = Err(ActionError::Invalid(no_such(&typed)));
        return answer(&visit, &set_up, done).await;
    };
    let done = decide(&visit, async move |mut tx, actor, now| {
        acts::leave_out(&mut tx, &actor, now, (&key, left == "yes")).await
    });
    let done = match done.await {
        Err(ActionError::NotFound(_)) => Err(ActionError::Invalid(no_such(&typed))),
        done => done,
    };
    answer(&visit, &set_up, done).await
}

fn no_such(typed: &str) -> String {
    format!("There is no initiative “{typed}”. Type the key as in the backlog, like INIT-123.")
}

/// Decides once, however often the form is sent.
async fn decide<F, Fut>(visit: &Visit, act: F) -> Result<(), ActionError>
where
    F: FnOnce(Conn, Actor, DateTime<Utc>) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), ActionError>> + Send,
{
    visit.act_once(async |_tx| Ok(()), act).await
}

/// The page again; with why, if nothing was decided.
async fn answer(
    visit: &Visit,
    set_up: &MirrorSetUp,
    done: Result<(), ActionError>,
) -> Result<HttpResponse, WebError> {
    match done {
        Ok(()) => Ok(reply::go_to(HERE)),
        Err(ActionError::Invalid(why)) => {
            page::must_control(visit)?;
            let mut page = Loaded::read(visit, 0).await?.page(visit, set_up);
            let notice = Notice::problem(why, "Nothing was changed.");
            page.page.notices.push(notice);
            reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other.into()),
    }
}
