//! Comments: the thread of an initiative, a model or a param, what is said in it, and the mentions that it brings into
//! people's queues.

use super::{
    error::WebError,
    figures::when,
    initiatives::key_of,
    reply,
    sent_form::fresh_key,
    view::{
        Link,
        comments::{Comment, Mention, Thread, ThreadFragment, ThreadPage},
        layout::Nav,
    },
    visit::Visit,
};
use crate::{
    actions::{
        ActionError,
        comments::{self as acts, Subject},
    },
    domain::{
        comment::About,
        ids::{CommentId, InitiativeId, MathModelId, ParamId},
        rights::Act,
    },
    store::comments::{self, Place},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

/// What became of a comment that was sent.
enum Sent<'a> {
    /// It stands; these words behind an @ call nobody.
    Taken(Vec<String>),
    /// It wasn't taken: what was typed, and why.
    Refused(&'a str, String),
}

/// GET /initiatives/{key}/comments
pub async fn of_initiative(visit: Visit, key: Path<String>) -> Result<HttpResponse, WebError> {
    page(
        &visit,
        &Subject::Initiative(key_of(&key)?),
        StatusCode::OK,
        None,
    )
    .await
}

/// GET /math-models/{id}/comments
pub async fn of_model(visit: Visit, id: Path<i64>) -> Result<HttpResponse, WebError> {
    page(
        &visit,
        &Subject::MathModel(MathModelId(*id)),
        StatusCode::OK,
        None,
    )
    .await
}

/// GET /params/{id}/comments
pub async fn of_param(visit: Visit, id: Path<i64>) -> Result<HttpResponse, WebError> {
    page(&visit, &Subject::Param(ParamId(*id)), StatusCode::OK, None).await
}

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Said {
    #[serde(default)]
    text: String,
}

/// POST /initiatives/{key}/comments
pub async fn add_to_initiative(
    visit: Visit,
    key: Path<String>,
    said: Form<Said>,
) -> Result<HttpResponse, WebError> {
    add(&visit, Subject::Initiative(key_of(&key)?), &said.text).await
}

/// POST /math-models/{id}/comments
pub async fn add_to_model(
    visit: Visit,
    id: Path<i64>,
    said: Form<Said>,
) -> Result<HttpResponse, WebError> {
    add(&visit, Subject::MathModel(MathModelId(*id)), &said.text).await
}

/// POST /params/{id}/comments
pub async fn add_to_param(
    visit: Visit,
    id: Path<i64>,
    said: Form<Said>,
) -> Result<HttpResponse, WebError> {
    add(&visit, Subject::Param(ParamId(*id)), &said.text).await
}

async fn add(visit: &Visit, subject: Subject, text: &str) -> Result<HttpResponse, WebError> {
    let (about, typed) = (subject.clone(), text.to_owned());
    let done = visit.act_once(
        async move |_tx| Ok(Vec::new()),
        async move |mut tx, actor, now| acts::add(&mut tx, &actor, now, &about, &typed).await,
    );
    match done.await {
        Ok(uncalled) if visit.is_htmx || !uncalled.is_empty() => {
            page(visit, &subject, StatusCode::OK, Some(Sent::Taken(uncalled))).await
        }
        Ok(_) => Ok(reply::go_to(&format!("{}#comments", href(&subject)))),
        Err(ActionError::Invalid(why)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(visit, &subject, status, Some(Sent::Refused(text, why))).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Where to go on after an act on one comment.
#[derive(Clone, Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// POST /comments/{id}/withdrawal
pub async fn withdraw(
    visit: Visit,
    id: Path<i64>,
    next: Form<Next>,
) -> Result<HttpResponse, WebError> {
    let id = CommentId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| acts::withdraw(&mut tx, &actor, now, id).await,
    );
    done.await?;
    match subject_of(&next.next).filter(|_| visit.is_htmx) {
        Some(subject) => page(&visit, &subject, StatusCode::OK, None).await,
        None => Ok(reply::go_to(reply::own_path(&next.next, "/queue"))),
    }
}

/// POST /mentions/{id}/settlement
pub async fn settle(visit: Visit, id: Path<i64>) -> Result<HttpResponse, WebError> {
    let id = CommentId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| acts::settle(&mut tx, &actor, now, id).await,
    );
    done.await?;
    Ok(reply::go_to(&format!("/queue?settled={id}")))
}

/// That nobody is called by these words; none: empty.
fn nobody_called(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("“@{word}”")).collect();
    match words.as_slice() {
        [] => String::new(),
        [word] => format!("Nobody here goes by {word}, so it calls nobody. The comment stands."),
        words => {
            let words = words.join(" or ");
            format!("Nobody here goes by {words}, so they call nobody. The comment stands.")
        }
    }
}

/// The subject of a thread by its address.
fn subject_of(path: &str) -> Option<Subject> {
    let (kind, id) = path
        .strip_prefix('/')?
        .strip_suffix("/comments")?
        .split_once('/')?;
    match kind {
        "initiatives" => Some(Subject::Initiative(id.parse().ok()?)),
        "math-models" => Some(Subject::MathModel(MathModelId(id.parse().ok()?))),
        "params" => Some(Subject::Param(ParamId(id.parse().ok()?))),
        _ => None,
    }
}

fn href(subject: &Subject) -> String {
    match subject {
        Subject::Initiative(key) => format!("/initiatives/{key}"),
        Subject::MathModel(id) => format!("/math-models/{id}"),
        Subject::Param(id) => format!("/params/{id}"),
    }
}

/// The thread: alone for htmx, else on a page of its own.
async fn page(
    visit: &Visit,
    subject: &Subject,
    status: StatusCode,
    sent: Option<Sent<'_>>,
) -> Result<HttpResponse, WebError> {
    let of = subject.clone();
    let read = visit
        .db
        .read(async move |mut conn| acts::place(&mut conn, &of).await);
    let place: Place = read.await?;
    let mut thread = thread(visit, subject, place.initiative).await?;
    match sent {
        Some(Sent::Refused(typed, error)) => {
            typed.clone_into(&mut thread.typed);
            thread.error = error;
        }
        Some(Sent::Taken(uncalled)) => thread.note = nobody_called(&uncalled),
        None => {}
    }
    if visit.is_htmx {
        return reply::html_with(status, &ThreadFragment { thread });
    }
    let label = match subject {
        Subject::Initiative(_) => format!("{} {}", place.key, place.subject),
        _ => format!("{} · {}", place.key, place.subject),
    };
    let page = visit.page(format!("Comments · {label}"), Nav::Elsewhere);
    let subject = Link {
        label,
        href: href(subject),
    };
    reply::html_with(
        status,
        &ThreadPage {
            page,
            about: place.key,
            subject,
            thread,
        },
    )
}

/// The thread of a subject in its initiative, as part of a page.
pub(super) async fn thread(
    visit: &Visit,
    subject: &Subject,
    initiative: InitiativeId,
) -> Result<Thread, WebError> {
    let about = subject.about();
    let read = visit
        .db
        .read(async move |mut conn| comments::thread(&mut conn, initiative, about).await);
    let found = read.await?;
    let why_not = visit.may(Act::Comment).err().map(|why| why.to_string());
    let may = why_not.is_none();
    Ok(Thread {
        action: format!("{}/comments", href(subject)),
        comments: found
            .iter()
            .map(|comment| view(visit, comment, about, may))
            .collect(),
        typed: String::new(),
        error: String::new(),
        note: String::new(),
        form_key: fresh_key(),
        why_not: why_not.unwrap_or_default(),
    })
}

fn view(visit: &Visit, comment: &comments::Comment, of: About, may: bool) -> Comment {
    let is_own = may && comment.author == visit.user.id && !comment.is_withdrawn;
    Comment {
        id: format!("comment-{}", comment.id),
        by: comment.author_name.clone(),
        at: when(comment.at),
        about: (comment.about != of).then(|| place_of(comment)).flatten(),
        text: comment.body.clone(),
        withdraw_action: if is_own {
            format!("/comments/{}/withdrawal", comment.id)
        } else {
            String::new()
        },
    }
}

/// The page of the model or param that a comment is about.
fn place_of(comment: &comments::Comment) -> Option<Link> {
    let href = match comment.about {
        About::Initiative => return None,
        About::MathModel(id) => format!("/math-models/{id}"),
        About::Param(id) => format!("/params/{id}"),
    };
    Some(Link {
        label: comment.subject.clone(),
        href,
    })
}

/// A comment that calls whoever looks, in their queue.
pub(super) fn mention(of: &comments::Mention) -> Mention {
    let comment = &of.comment;
    let (label, page) = whence(of);
    Mention {
        link: Link {
            label,
            href: format!("{page}#comment-{}", comment.id),
        },
        text: comment.body.clone(),
        at: when(comment.at),
        settle_action: format!("/mentions/{}/settlement", comment.id),
    }
}

/// Who calls and where, in words and as the page: `Bo Li in INIT-3 on Margin`.
pub(super) fn whence(of: &comments::Mention) -> (String, String) {
    let (comment, key) = (&of.comment, &of.key);
    match place_of(comment) {
        Some(place) => (
            format!("{} in {key} on {}", comment.author_name, place.label),
            place.href,
        ),
        None => (
            format!("{} in {key}", comment.author_name),
            format!("/initiatives/{key}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_found_by_its_own_address_and_by_no_other() {
        let subjects = [
            Subject::Initiative("INIT-1".parse().unwrap()),
            Subject::MathModel(MathModelId(3)),
            Subject::Param(ParamId(7)),
        ];
        for subject in subjects {
            let path = format!("{}/comments", href(&subject));
            assert_eq!(subject_of(&path), Some(subject), "{path}");
        }
        for path in [
            "",
            "/queue",
            "//evil.example/comments",
            "/params/x/comments",
        ] {
            assert_eq!(subject_of(path), None, "{path}");
        }
    }
}
