//! Where one is signed in, and ending it. A session is named by its number; its secret is in nobody's sight, and
//! somebody else's number is as good as none.

use super::{
    SignIn,
    error::WebError,
    figures::when,
    reply, session,
    view::{
        layout::Nav,
        people::{MySessions, SessionRow},
    },
    visit::Visit,
};
use crate::{
    actions::people as acts,
    domain::ids::SessionId,
    store::sessions::{self, OpenSession},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

/// GET /sessions
pub async fn index(visit: Visit, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let (me, asking) = (visit.user.id, session::id_hash(&request));
    let read = visit
        .db
        .read(async move |mut conn| sessions::list(&mut conn, me, asking).await);
    let open = read.await?;
    let page = visit.page("Where I’m signed in", Nav::Elsewhere);
    reply::html(&MySessions {
        form_key: page.form_key.clone(),
        page,
        sessions: rows(&open, ""),
    })
}

/// POST /sessions/{session}/ending
pub async fn end_one(
    visit: Visit,
    request: HttpRequest,
    session: Path<String>,
    sign_in: Data<SignIn>,
) -> Result<HttpResponse, WebError> {
    let id = session_id(&session)?;
    let (me, asking) = (visit.user.id, session::id_hash(&request));
    let read = visit
        .db
        .read(async move |mut conn| sessions::list(&mut conn, me, asking).await);
    let is_this = read
        .await?
        .iter()
        .any(|open| open.id == id && open.is_asking);
    let ended = visit.act(async move |mut tx, actor, now| {
        acts::end_sessions(&mut tx, &actor, now, me, Some(id)).await
    });
    ended.await?;
    if is_this {
        return signed_out(&sign_in);
    }
    Ok(reply::go_to("/sessions"))
}

/// POST /sessions/ending
pub async fn end_all(visit: Visit, sign_in: Data<SignIn>) -> Result<HttpResponse, WebError> {
    let me = visit.user.id;
    let ended = visit.act(async move |mut tx, actor, now| {
        acts::end_sessions(&mut tx, &actor, now, me, None).await
    });
    ended.await?;
    signed_out(&sign_in)
}

fn signed_out(sign_in: &SignIn) -> Result<HttpResponse, WebError> {
    let mut response = reply::go_to("/sign-in");
    let forget = session::forget(sign_in.is_secure());
    response.add_cookie(&forget).map_err(anyhow::Error::from)?;
    Ok(response)
}

/// The session in an address.
pub(super) fn session_id(text: &str) -> Result<SessionId, WebError> {
    text.parse()
        .map(SessionId)
        .map_err(|_not_a_number| WebError::NotFound("session"))
}

/// Sessions as a list shows them; each is ended under `of`, the address of the person, or one's own.
pub(super) fn rows(open: &[OpenSession], of: &str) -> Vec<SessionRow> {
    open.iter()
        .map(|session| SessionRow {
            browser: browser(&session.user_agent),
            is_this: session.is_asking,
            begun: when(session.begun_at),
            last_seen: when(session.last_seen_at),
            end_action: format!("{of}/sessions/{}/ending", session.id),
        })
        .collect()
}

/// A browser in plain words. Most claim to be several; the most telling name comes first.
fn browser(user_agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(mark, _)| user_agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    let name = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ]);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => "A browser that doesn’t say which".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_named_in_plain_words() {
        for (user_agent, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
                "Firefox on Linux",
            ),
            ("curl/8", "A browser that doesn’t say which"),
            ("", "A browser that doesn’t say which"),
        ] {
            assert_eq!(browser(user_agent), words);
        }
    }
}
