//! Take back one's own act, by a button or by keys; and the button itself for pages and notices.

use super::{
    error::WebError,
    reply,
    sent_form::fresh_key,
    view::{
        change,
        error::{Notice, Tone, UndoButton},
        layout::{Nav, UndoPlace},
    },
    visit::Visit,
};
use crate::{
    actions::undo::{self as acts, Undone},
    domain::{
        change::sentence,
        ids::BatchId,
        undo::{Inverse, NEVER, inverse, why_not},
    },
    store::history::{self, Logged, Subject, Wanted},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Uri, header, header::HeaderName},
    web::{Path, Query},
};
use serde::Deserialize;

/// Has app.js show the page as it is now.
const TRIGGER: HeaderName = HeaderName::from_static("hx-trigger-after-settle");

/// How many sentences a notice has room for.
const ROOM: usize = 3;

fn button(act: impl std::fmt::Display, label: String) -> UndoButton {
    UndoButton {
        action: format!("/changes/{act}/undo"),
        label,
        form_key: fresh_key(),
    }
}

/// The button for what this very request did.
#[must_use]
pub fn button_for_this(visit: &Visit) -> Option<UndoButton> {
    visit.batch.map(|act| button(act, "Undo".to_owned()))
}

/// The same, if the request changed anything.
///
/// # Errors
/// The database failed.
pub async fn button_if_changed(visit: &Visit) -> Result<Option<UndoButton>, WebError> {
    let Some(act) = visit.batch else {
        return Ok(None);
    };
    let read = visit
        .db
        .read(async move |mut conn| history::of_batch(&mut conn, act).await);
    let did = read.await?;
    Ok(did.first().and_then(|_| button_for_this(visit)))
}

/// Back to a page, which then says what this request did and offers to take it back.
#[must_use]
pub fn go_back_telling(visit: &Visit, next: &str) -> HttpResponse {
    let next = without_act(next);
    let mark = if next.contains('?') { '&' } else { '?' };
    match visit.batch {
        Some(act) => reply::go_to(&format!("{next}{mark}act={act}")),
        None => reply::go_to(&next),
    }
}

/// A page's address without the act that it told of.
fn without_act(path: &str) -> String {
    let Some((page, question)) = path.split_once('?') else {
        return path.to_owned();
    };
    let kept = question.split('&').filter(|one| !one.starts_with("act="));
    match kept.collect::<Vec<_>>().join("&") {
        nothing if nothing.is_empty() => page.to_owned(),
        kept => format!("{page}?{kept}"),
    }
}

/// What the act in the page's address did, if it was one's own and hasn't been taken back.
///
/// # Errors
/// The database failed.
pub async fn told(visit: &Visit) -> Result<Option<Notice>, WebError> {
    let Some(act) = act_in(&visit.path) else {
        return Ok(None);
    };
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let is_undone = history::undo_of(&mut conn, act).await?.is_some();
        Ok((history::of_batch(&mut conn, act).await?, is_undone))
    });
    let (changes, is_undone) = read.await?;
    let is_mine = changes.iter().all(|change| change.by_id == visit.user.id);
    Ok((is_mine && !is_undone)
        .then(|| telling(&changes, act))
        .flatten())
}

fn act_in(path: &str) -> Option<BatchId> {
    let (_, question) = path.split_once('?')?;
    let asked = serde_urlencoded::from_str::<Vec<(String, String)>>(question).ok()?;
    let (_, act) = asked.into_iter().find(|(name, _)| name == "act")?;
    act.parse().ok()
}

fn telling(changes: &[Logged], act: BatchId) -> Option<Notice> {
    let of_fact = |change: &Logged| change.entity == "fact";
    let is_of_fact = changes.iter().any(of_fact);
    let follows = |change: &Logged| NEVER.contains(&change.field.as_str());
    // What a fact's change brings to those who follow it is the fact's doing.
    let is_told = |change: &&Logged| {
        if is_of_fact {
            of_fact(change)
        } else {
            !follows(change)
        }
    };
    let own = changes.iter().filter(is_told);
    let mut sentences: Vec<_> = own.map(sentence_of).collect();
    if sentences.is_empty() {
        sentences.push(sentence_of(changes.first()?));
    }
    let can_go_back = !is_of_fact
        && changes.iter().any(|change| {
            let inverse = inverse(&change.entity, &change.field, &change.old, &change.new);
            !matches!(inverse, Inverse::Stays(_) | Inverse::Follows)
        });
    Some(Notice {
        tone: Tone::Done,
        title: sentences.remove(0),
        text: some(&sentences),
        undo: can_go_back.then(|| button(act, "Undo".to_owned())),
        ..Notice::default()
    })
}

/// Where a page offers to take back one's last act on what it shows.
///
/// # Errors
/// The database failed.
pub async fn place(visit: &Visit, subject: Subject) -> Result<UndoPlace, WebError> {
    let found = last(visit, &subject, Wanted::Undo).await?;
    offering(visit, &subject, (found, Wanted::Undo)).await
}

async fn last(
    visit: &Visit,
    subject: &Subject,
    wanted: Wanted,
) -> Result<Option<Logged>, WebError> {
    let (me, of) = (visit.user.id, subject.clone());
    let read = visit
        .db
        .read(async move |mut conn| history::last_act(&mut conn, me, &of, wanted).await);
    Ok(read.await?)
}

async fn offering(
    visit: &Visit,
    subject: &Subject,
    (found, wanted): (Option<Logged>, Wanted),
) -> Result<UndoPlace, WebError> {
    let button = match (found, wanted) {
        (None, _) => None,
        (Some(change), Wanted::Redo) => {
            Some(button(&change.batch, "Redo what was undone".to_owned()))
        }
        (Some(change), Wanted::Undo) => {
            let label = label(visit, &change).await?;
            Some(button(&change.batch, label))
        }
    };
    Ok(UndoPlace {
        subject: match subject {
            Subject::Initiative(key) => format!("initiative={key}"),
            Subject::Param(id) => format!("param={id}"),
            Subject::Params(_) => "params".to_owned(),
        },
        button,
    })
}

/// What taking an act back would undo, by its first change, and how far it reached.
async fn label(visit: &Visit, first: &Logged) -> Result<String, WebError> {
    if first.through == "paste" {
        return Ok("Undo: the pasted block".to_owned());
    }
    let (act, field) = (first.batch.clone(), first.field.clone());
    let read = visit
        .db
        .read(async move |mut conn| history::reach(&mut conn, &act, &field).await);
    Ok(match read.await? {
        rows @ 2.. => format!("Undo: {}, and {} more", said(first), rows - 1),
        _ => format!("Undo: {}", said(first)),
    })
}

fn sentence_of(change: &Logged) -> String {
    format!("You {}.", said(change))
}

fn said(change: &Logged) -> String {
    sentence(&change.field, &change.subject, &change.old, &change.new)
}

/// What app.js asks for when the keys are pressed.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    initiative: String,
    #[serde(default)]
    params: String,
    /// One param, whatever the page shows.
    #[serde(default)]
    param: String,
    #[serde(default)]
    wanted: String,
}

impl Asked {
    fn subject(&self) -> Subject {
        if !self.initiative.is_empty() {
            return Subject::Initiative(self.initiative.clone());
        }
        if let Ok(id) = self.param.parse() {
            return Subject::Param(id);
        }
        let ids = self.params.split(',').filter_map(|id| id.parse().ok());
        Subject::Params(ids.collect())
    }
}

/// GET /changes/last: the button for one's last act on a subject, which the keys then press.
pub async fn show_last(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let subject = asked.subject();
    let (wanted, nothing) = match asked.wanted.as_str() {
        "redo" => (Wanted::Redo, "Nothing to redo here"),
        _ => (Wanted::Undo, "Nothing of yours to undo here"),
    };
    let mut found = last(&visit, &subject, wanted).await?;
    let mut title = nothing.to_owned();
    if let Some(newer) = newer(&visit, &subject, (found.as_ref(), wanted)).await? {
        // Keys take the last act back, never an older one that one doesn't think of.
        found = None;
        title = format!(
            "Nothing was undone: what you did last, “{}”, isn’t taken back by keys.",
            said(&newer)
        );
    }
    let undo = offering(&visit, &subject, (found, wanted)).await?;
    let notice = undo.button.is_none().then(|| Notice {
        tone: Tone::Info,
        title,
        ..Notice::default()
    });
    reply::html(&change::Last {
        undo,
        notices: notice.into_iter().collect(),
    })
}

/// What one did after the act that would be taken back.
async fn newer(
    visit: &Visit,
    subject: &Subject,
    (found, wanted): (Option<&Logged>, Wanted),
) -> Result<Option<Logged>, WebError> {
    let Some(found) = found.filter(|_| wanted == Wanted::Undo) else {
        return Ok(None);
    };
    let (me, of, at) = (visit.user.id, subject.clone(), found.at);
    let read = visit
        .db
        .read(async move |mut conn| history::newest_since(&mut conn, me, &of, at).await);
    Ok(read.await?)
}

/// POST /changes/{batch}/undo
pub async fn undo(
    visit: Visit,
    request: HttpRequest,
    act: Path<String>,
) -> Result<HttpResponse, WebError> {
    let act: BatchId = act
        .parse()
        .map_err(|_no_act| WebError::NotFound("change"))?;
    let done = visit
        .act_long_once(
            "undo",
            async move |mut tx| acts::again(&mut tx, act).await,
            async move |mut tx, actor, now| acts::undo(&mut tx, &actor, now, act).await,
        )
        .await?;
    answer(&visit, &request, &done)
}

fn answer(visit: &Visit, request: &HttpRequest, done: &Undone) -> Result<HttpResponse, WebError> {
    let (title, again) = title(done);
    let redo = done
        .changes
        .first()
        .filter(|change| why_not(&change.through, false).is_none())
        .map(|change| button(&change.batch, again.to_owned()));
    // Of two params that change names the one is meant, and the other only makes way.
    let changes = done.changes.iter().filter(|it| it.field != "made_way");
    let changes: Vec<_> = changes.map(sentence_of).collect();
    if !visit.is_htmx {
        return reply::html(&change::Undone {
            page: visit.page(title, Nav::Elsewhere),
            title: title.to_owned(),
            changes,
            stays: done.stays.clone(),
            redo,
            back_href: came_from(request),
        });
    }
    let notice = Notice {
        tone: if done.stays.is_empty() {
            Tone::Done
        } else {
            Tone::Info
        },
        title: format!("{title}."),
        text: some(&changes),
        lines: done.stays.clone(),
        undo: redo,
        ..Notice::default()
    };
    let mut response = reply::html(&change::UndoneNotice {
        notices: vec![notice],
    })?;
    let shown_anew = header::HeaderValue::from_static("undone");
    response.headers_mut().insert(TRIGGER, shown_anew);
    Ok(response)
}

/// What happened, and what the button beside it says.
fn title(done: &Undone) -> (&'static str, &'static str) {
    match done.changes.first().map(|change| change.takes_back) {
        None => ("Nothing was changed", ""),
        Some(Some(false)) => ("Done again", "Undo"),
        Some(_) => ("Undone", "Redo"),
    }
}

/// The first few sentences, and how many there are beside.
fn some(sentences: &[String]) -> String {
    let mut text = sentences
        .iter()
        .take(ROOM)
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    if let Some(more) = sentences.len().checked_sub(ROOM).filter(|more| *more > 0) {
        text.push_str(" And ");
        text.push_str(&more.to_string());
        text.push_str(" more; the history has them all.");
    }
    text
}

/// The page that the button stood on.
fn came_from(request: &HttpRequest) -> String {
    let address = request
        .headers()
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|address| address.parse::<Uri>().ok());
    let path = address.as_ref().and_then(Uri::path_and_query);
    let path = path.map_or("", |path| path.as_str());
    let is_own_act = path.starts_with("/changes/");
    reply::own_path(if is_own_act { "" } else { path }, "/backlog").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_act_is_found_in_a_pages_address_and_nonsense_is_none() {
        let act = "00000000-0000-4000-8000-000000000000";
        for path in [format!("/a?act={act}"), format!("/a?b=c&act={act}")] {
            assert_eq!(
                act_in(&path).map(|found| found.to_string()).as_deref(),
                Some(act)
            );
        }
        for path in ["/a", "/a?act=", "/a?act=x", "/a?b=c"] {
            assert_eq!(act_in(path), None, "{path}");
        }
    }

    #[test]
    fn a_page_that_told_of_an_act_tells_of_the_next_instead() {
        for (path, without) in [
            ("/a", "/a"),
            ("/a?act=1", "/a"),
            ("/a?field=value&act=1", "/a?field=value"),
            ("/a?act=1&field=value", "/a?field=value"),
            ("/a?fact=1", "/a?fact=1"),
        ] {
            assert_eq!(without_act(path), without, "{path}");
        }
    }

    #[test]
    fn a_notice_says_the_first_few_and_counts_the_rest() {
        let three: Vec<_> = (1..=3).map(|n| format!("You did {n}.")).collect();
        assert_eq!(some(&three), "You did 1. You did 2. You did 3.");
        let five: Vec<_> = (1..=5).map(|n| format!("You did {n}.")).collect();
        assert!(some(&five).ends_with("And 2 more; the history has them all."));
        assert_eq!(some(&[]), "");
    }
}
