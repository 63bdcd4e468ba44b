//! The one place where errors become visible: what happened, what is safe, what to do. Internal text is logged here,
//! once, with the request's id; it never reaches a page.

mod refused;

use super::{
    assets,
    guard::RequestId,
    sign_in_refusal::Refused,
    view::{
        Link,
        error::{ErrorPage, Notice, NoticeFragment, Tone},
        layout::Page,
    },
};
use crate::{
    actions::ActionError,
    store::db::{is_away, is_deadline},
};
use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::{PathError, QueryPayloadError, UrlencodedError},
    http::header::{self, HeaderValue},
    http::{Method, StatusCode},
    middleware::Next,
};
use askama::Template as _;

/// Everything that can go wrong with a request and isn't part of its page.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// Nothing there.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Nobody is signed in, or no longer.
    #[error("not signed in")]
    Unauthenticated,
    /// An act was not done.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// A sign-in with the identity provider came to nothing.
    #[error(transparent)]
    SignIn(Box<Refused>),
    /// The request makes no sense.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// Another site may have sent it.
    #[error("the request came from another site")]
    Forged,
    /// It was addressed to another host.
    #[error("the request was addressed to another host")]
    Misdirected,
    /// The page is there, but not in this way.
    #[error("there is no such method here")]
    WrongMethod,
    /// The address is longer than any of ours.
    #[error("the address is too long")]
    AddressTooLong,
    /// The form is larger than any of ours.
    #[error("the form is too large")]
    FormTooLarge,
    /// The file is larger than any that is taken.
    #[error("the file is too large")]
    FileTooLarge,
    /// What was sent isn't a form.
    #[error("what was sent is no form")]
    NotAForm,
    /// The form took too long to arrive.
    #[error("the form arrived too slowly")]
    TooSlow,
    /// Too much of the same from one person or address.
    #[error("too many requests")]
    TooMany {
        /// When it may be asked again, from now.
        seconds: i64,
    },
    /// A bug or a failure of the surroundings.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl From<sqlx::Error> for WebError {
    fn from(error: sqlx::Error) -> Self {
        Self::Action(ActionError::Db(error))
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound(_) | Self::Action(ActionError::NotFound(_)) => StatusCode::NOT_FOUND,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forged | Self::Action(ActionError::Refused(_)) => StatusCode::FORBIDDEN,
            Self::SignIn(refused) => refused.status(),
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::AddressTooLong => StatusCode::URI_TOO_LONG,
            Self::FormTooLarge | Self::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Action(ActionError::Invalid(_) | ActionError::Asks { .. }) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Action(ActionError::Conflict(_)) => StatusCode::CONFLICT,
            Self::Action(ActionError::Db(error)) if is_away(error) || is_deadline(error) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Action(ActionError::Db(_)) | Self::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// Empty: [`render_errors`] has the request and writes the page.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

/// What a person reads.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) happened: String,
    pub(super) safe: String,
    pub(super) todo: String,
    pub(super) link: Link,
}

fn words(error: &WebError, request: &HttpRequest) -> Words {
    let unsaved = if request.method().is_safe() {
        ""
    } else {
        "Nothing was changed."
    };
    let backlog = Link {
        label: "Back to the backlog".into(),
        href: "/backlog".into(),
    };
    let say = |title: &str, happened: String, safe: &str, todo: &str| Words {
        title: title.into(),
        happened,
        safe: safe.into(),
        todo: todo.into(),
        link: backlog.clone(),
    };
    match error {
        WebError::NotFound(what) | WebError::Action(ActionError::NotFound(what)) => say(
            "This page isn’t here",
            format!("There is no such {what}."),
            "",
            "Check the address, or look for it in the backlog.",
        ),
        WebError::Unauthenticated => Words {
            link: Link {
                label: "Sign in again".into(),
                href: "/sign-in".into(),
            },
            ..say(
                "You are signed out",
                "Your session has ended.".into(),
                "What you typed is still in the form, and nothing was changed.",
                "Sign in in another tab, then send the form again.",
            )
        },
        WebError::SignIn(refused) => refused.words(),
        WebError::Forged => say(
            "This request was refused",
            "It didn’t come from a page of this app.".into(),
            "Nothing was changed.",
            "Open the page again and repeat what you did there.",
        ),
        WebError::Action(ActionError::Refused(why)) => say(
            "You can’t do this",
            why.to_string(),
            unsaved,
            "Ask somebody who can.",
        ),
        WebError::Action(ActionError::Invalid(why)) => say(
            "This can’t be done",
            why.clone(),
            unsaved,
            "Put it right and try again.",
        ),
        WebError::Action(ActionError::Asks { question, .. }) => say(
            "This can be read in two ways",
            question.clone(),
            unsaved,
            "Write it the other way.",
        ),
        WebError::Action(ActionError::Conflict(theirs)) => say(
            "Somebody else was first",
            format!(
                "{} changed this while you were looking at it, so your click would have meant something else.",
                theirs.by_name
            ),
            unsaved,
            "Reload the page, look at the change, then decide again.",
        ),
        WebError::BadRequest(why) => say(
            "This request makes no sense",
            (*why).to_owned(),
            unsaved,
            "Reload the page and try again.",
        ),
        WebError::Misdirected
        | WebError::WrongMethod
        | WebError::AddressTooLong
        | WebError::FormTooLarge
        | WebError::FileTooLarge
        | WebError::NotAForm
        | WebError::TooSlow
        | WebError::TooMany { .. } => {
            let why = refused::words(error);
            say(why.title, why.happened.into(), unsaved, &why.todo)
        }
        WebError::Action(ActionError::Db(error)) if is_away(error) || is_deadline(error) => say(
            "The database doesn’t answer",
            "The app is up, but its database can’t be reached just now.".into(),
            "Everything that was saved is safe; what you typed is still in the form.",
            "Wait a moment and try again.",
        ),
        WebError::Action(ActionError::Db(_)) | WebError::Internal(_) => say(
            "Something went wrong here",
            "The app failed, which is its fault and not yours.".into(),
            "Everything that was saved before is safe.",
            "Try again; if it happens again, report it with the number below.",
        ),
    }
}

/// Writes the page, or the notice for htmx, of a failed request, and logs what failed.
pub async fn render_errors(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (request, response) = next.call(request).await?.into_parts();
    let error = response
        .error()
        .and_then(|error| error.as_error::<WebError>());
    let rendered = error.map(|error| render(error, &request));
    Ok(ServiceResponse::new(
        request,
        rendered.unwrap_or_else(|| response.map_into_boxed_body()),
    ))
}

/// Anything without a route: no such address, or one that is there for another method only.
pub async fn no_such_page(request: HttpRequest) -> Result<HttpResponse, WebError> {
    Err(if request.match_pattern().is_some() {
        WebError::WrongMethod
    } else {
        WebError::NotFound("page")
    })
}

/// A form that can't be read: a field is missing or makes no sense.
#[expect(
    clippy::needless_pass_by_value,
    reason = "actix hands it over by value"
)]
#[must_use]
pub fn bad_form(error: UrlencodedError, _request: &HttpRequest) -> Error {
    tracing::info!(%error, "a form could not be read");
    WebError::BadRequest("The form could not be read: something in it is missing or wrong.").into()
}

/// An address whose parts make no sense: nothing can be there.
#[must_use]
pub fn bad_path(_error: PathError, _request: &HttpRequest) -> Error {
    WebError::NotFound("page").into()
}

/// An address whose question makes no sense.
#[expect(
    clippy::needless_pass_by_value,
    reason = "actix hands it over by value"
)]
#[must_use]
pub fn bad_query(error: QueryPayloadError, _request: &HttpRequest) -> Error {
    tracing::info!(%error, "an address could not be read");
    WebError::BadRequest("The part of the address after the question mark can’t be read.").into()
}

fn render(error: &WebError, request: &HttpRequest) -> HttpResponse<BoxBody> {
    let status = error.status_code();
    let request_id = RequestId::of(request);
    if status.is_server_error() {
        tracing::error!(error = ?error, "a request failed");
    }
    if matches!(error, WebError::Unauthenticated) && request.method().is_safe() && !is_htmx(request)
    {
        return sign_in_first(request);
    }
    if matches!(error, WebError::Unauthenticated) && !request.method().is_safe() {
        return super::signed_out::answer(request);
    }
    let words = words(error, request);
    let shown_id = if status.is_server_error() {
        request_id
    } else {
        String::new()
    };
    let (body, retarget) = if is_htmx(request) {
        let notice = Notice {
            tone: Tone::Problem,
            title: words.title,
            text: [words.happened, words.safe, words.todo]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
            link: matches!(error, WebError::Unauthenticated).then_some(words.link),
            request_id: shown_id,
            ..Notice::default()
        };
        (NoticeFragment { notice }.render(), true)
    } else {
        let page = ErrorPage {
            page: Page {
                title: words.title.clone(),
                assets: assets::addresses(),
                path: request.path().to_owned(),
                ..Page::default()
            },
            title: words.title,
            happened: words.happened,
            safe: words.safe,
            todo: words.todo,
            links: vec![words.link],
            request_id: shown_id,
        };
        (page.render(), false)
    };
    let mut response = HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(body.unwrap_or_else(|_unprintable| "Something went wrong.".to_owned()));
    if let WebError::TooMany { seconds } = error {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    if matches!(error, WebError::WrongMethod) {
        let allowed = match *request.method() {
            Method::GET => "POST",
            Method::POST => "GET",
            _ => "GET, POST",
        };
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static(allowed));
    }
    if retarget {
        into_notices(&mut response);
    }
    response
}

/// Has htmx put an answer among the notices, whatever the request said.
pub(super) fn into_notices(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    headers.insert(super::reply::RETARGET, HeaderValue::from_static("#notices"));
    headers.insert(super::reply::RESWAP, HeaderValue::from_static("innerHTML"));
    // Forms that swap the whole page select #main out of the answer; a notice has none.
    headers.insert(super::reply::RESELECT, HeaderValue::from_static(".notice"));
}

fn sign_in_first(request: &HttpRequest) -> HttpResponse<BoxBody> {
    let asked = request
        .uri()
        .path_and_query()
        .map_or("/backlog", |path| path.as_str());
    let next = serde_urlencoded::to_string([("next", asked)]).unwrap_or_default();
    super::reply::go_to(&format!("/sign-in?{next}"))
}

/// Whether htmx asks: it swaps a fragment, where a plain browser needs a page.
#[must_use]
pub fn is_htmx(request: &HttpRequest) -> bool {
    request.headers().contains_key("hx-request")
}
