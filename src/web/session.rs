//! Which person a browser is: a cookie with 256 random bits, of which the database keeps only the SHA-256.

use super::error::WebError;
use crate::{
    domain::{ids::UserId, settings::Settings},
    store::{Db, sessions, users::User},
};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header,
};
use sha2::{Digest as _, Sha256};

/// The cookie's name where pages are served over TLS; browsers then hold it to this host.
const SECURE: &str = "__Host-session";
/// Its name on plain-http loopback, where not every client sends Secure cookies.
const LOOPBACK: &str = "session";

fn name(is_secure: bool) -> &'static str {
    if is_secure { SECURE } else { LOOPBACK }
}

/// The SHA-256 of the id that the browser sends, whether or not there is such a session.
pub(super) fn id_hash(request: &HttpRequest) -> Option<[u8; 32]> {
    let cookie = request
        .cookie(SECURE)
        .or_else(|| request.cookie(LOOPBACK))?;
    (cookie.value().len() == 64).then(|| Sha256::digest(cookie.value()).into())
}

/// The person behind the request, with the roles they have now, and the settings that hold now.
pub async fn user(request: &HttpRequest, db: &Db) -> Result<Option<(User, Settings)>, WebError> {
    let Some(hash) = id_hash(request) else {
        return Ok(None);
    };
    Ok(db
        .read(async move |mut conn| sessions::get_user(&mut conn, &hash).await)
        .await?)
}

/// 256 random bits, as text.
pub(super) fn secret() -> Result<String, WebError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(format!("{:x}", Sha256::digest(bytes)))
}

/// Begins a session, always under a new id, and gives its cookie. One that the browser had before ends. With an identity provider its token is kept, for its
/// sign-out.
pub async fn begin(
    request: &HttpRequest,
    db: &Db,
    (user, id_token): (UserId, Option<String>),
    is_secure: bool,
) -> Result<Cookie<'static>, WebError> {
    let id = secret()?;
    let hash: [u8; 32] = Sha256::digest(&id).into();
    let before = id_hash(request);
    let user_agent = request.headers().get(header::USER_AGENT);
    let user_agent = user_agent.and_then(|name| name.to_str().ok());
    let user_agent = user_agent.unwrap_or_default().to_owned();
    db.transaction(async move |mut tx| {
        if let Some(before) = before {
            sessions::delete(&mut tx, &before).await?;
        }
        sessions::insert(&mut tx, &hash, user, (&user_agent, id_token.as_deref())).await
    })
    .await?;
    Ok(cookie(id, is_secure))
}

/// Ends the session, here and in the browser: the cookie that says so, and the provider's token that the session was
/// begun with.
pub async fn end(
    request: &HttpRequest,
    db: &Db,
    is_secure: bool,
) -> Result<(Cookie<'static>, Option<String>), WebError> {
    let mut id_token = None;
    if let Some(hash) = id_hash(request) {
        let ended = db.transaction(async move |mut tx| sessions::delete(&mut tx, &hash).await);
        id_token = ended.await?;
    }
    Ok((forget(is_secure), id_token))
}

/// The cookie that makes a browser forget its session.
#[must_use]
pub fn forget(is_secure: bool) -> Cookie<'static> {
    let mut forgotten = cookie(String::new(), is_secure);
    forgotten.set_max_age(Duration::ZERO);
    forgotten
}

fn cookie(id: String, is_secure: bool) -> Cookie<'static> {
    Cookie::build(name(is_secure), id)
        .path("/")
        .http_only(true)
        .secure(is_secure)
        .same_site(SameSite::Lax)
        .finish()
}
