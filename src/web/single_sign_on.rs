//! Signing in with an identity provider: the way there and the way back. What the provider says is judged in
//! [`crate::identity`], who of us that is in [`crate::actions::sign_in`].
//!
//! The way there is a page of ours that leads on, not a redirect after a form: the content security policy would hold
//! every address of a redirected form to `form-action`, and a provider may lead on to addresses that nobody foresees.

use super::{
    assets,
    error::WebError,
    reply, session,
    sign_in::{Next, SignIn},
    sign_in_refusal::{Refused, Why},
    view::{layout::Page, sign_in::GoingOn},
};
use crate::{
    actions::sign_in::{self as action, Answer, Asked},
    clock::Clock,
    domain::{ids::UserId, role_map::RoleMap},
    identity::{Begun, Callback, Identified, Provider},
    store::{
        Db,
        identities::Identity,
        sign_in_attempts::{self as attempts, Attempt},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{self, HeaderValue},
    web::{Data, Form, Query},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// The cookie that ties a sign-in to the browser it began in; as with the session's, the better name needs TLS.
const SECURE: &str = "__Host-sign-in";
const LOOPBACK: &str = "sign-in";
/// As long as an attempt waits.
const LASTS: Duration = Duration::minutes(10);

/// How people sign in with a provider here.
#[derive(Clone, Debug)]
pub struct SingleSignOn {
    /// Who is asked.
    pub provider: Provider,
    /// What its groups make people.
    pub role_map: RoleMap,
    /// Whether somebody without a role may look.
    pub lets_viewers_in: bool,
    /// Our own address, without a path.
    pub own_address: String,
}

/// POST /auth/attempt
pub async fn begin(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    sign_in: Data<SignIn>,
    form: Form<Next>,
) -> Result<HttpResponse, WebError> {
    let single = sign_in.single_sign_on()?;
    let next = reply::own_path(&form.next, "/backlog").to_owned();
    if session::user(&request, &db).await?.is_some() {
        return Ok(reply::go_to(&next));
    }
    let begun = single.provider.begin(clock.now()).await;
    let begun = begun.map_err(|why| single.refuse(Why::Provider(why), &next))?;
    let secret = browser_secret(&request, sign_in.is_secure()).map_or_else(session::secret, Ok)?;
    let address = begun.address.clone();
    remember(&db, &secret, begun, next).await?;
    let mut response = going_on("Signing in", &single.provider.name(), &address)?;
    let cookie = Cookie::build(cookie_name(sign_in.is_secure()), secret)
        .path("/")
        .http_only(true)
        .secure(sign_in.is_secure())
        // Strict would be lost on the way back from the provider's pages.
        .same_site(SameSite::Lax)
        .max_age(LASTS)
        .finish();
    response.add_cookie(&cookie).map_err(anyhow::Error::from)?;
    Ok(response)
}

/// What comes back with the browser.
#[derive(Deserialize)]
pub struct CameBack {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// GET /auth/callback
pub async fn finish(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    sign_in: Data<SignIn>,
    query: Query<CameBack>,
) -> Result<HttpResponse, WebError> {
    let single = sign_in.single_sign_on()?;
    let came = query.into_inner();
    let attempt = take(&request, &db, sign_in.is_secure(), came.state).await?;
    let attempt = attempt.ok_or_else(|| single.refuse(Why::NoAttempt, "/backlog"))?;
    let next = attempt.return_path;
    let callback = Callback {
        code: came.code,
        iss: came.iss,
        error: came.error,
        nonce: attempt.nonce,
        verifier: attempt.verifier,
    };
    let identified = single.provider.identify(callback, clock.now()).await;
    let identified = identified.map_err(|why| single.refuse(Why::Provider(why), &next))?;
    let id_token = identified.id_token.clone();
    let user = single.let_in(&db, identified, &next, clock.now()).await?;
    let cookie = session::begin(&request, &db, (user, Some(id_token)), sign_in.is_secure()).await?;
    let mut response = reply::go_to(reply::own_path(&next, "/backlog"));
    response.add_cookie(&cookie).map_err(anyhow::Error::from)?;
    Ok(response)
}

impl SingleSignOn {
    /// What somebody sees who was signed in with this token: the provider's sign-out, or our sign-in page.
    pub(super) async fn leave(
        &self,
        id_token: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<HttpResponse, WebError> {
        let back = format!("{}/sign-in", self.own_address);
        if let Some(id_token) = id_token
            && let Some(address) = self.provider.sign_out_address(&id_token, &back, now).await
        {
            return going_on("Signing out", &self.provider.name(), &address);
        }
        Ok(reply::go_to("/sign-in"))
    }

    fn refuse(&self, why: Why, next: &str) -> WebError {
        tracing::info!(%why, "nobody was signed in");
        WebError::SignIn(Box::new(Refused {
            why,
            provider: self.provider.name(),
            next: next.to_owned(),
        }))
    }

    async fn let_in(
        &self,
        db: &Db,
        who: Identified,
        next: &str,
        now: DateTime<Utc>,
    ) -> Result<UserId, WebError> {
        let named = Some(who.name).filter(|name| !name.is_empty());
        let name = named.or_else(|| who.email.clone());
        let asked = Asked {
            identity: Identity {
                issuer: self.provider.issuer().to_owned(),
                subject: who.subject,
                name: name.unwrap_or_else(|| "Somebody without a name".to_owned()),
                email: who.email,
                claim_roles: self.role_map.roles(&who.groups),
            },
            is_email_verified: who.is_email_verified,
            lets_viewers_in: self.lets_viewers_in,
        };
        let answer = db.transaction(async move |mut tx| action::let_in(&mut tx, &asked, now).await);
        match answer.await? {
            Answer::LetIn(user) => Ok(user),
            Answer::Deactivated => Err(self.refuse(Why::Deactivated, next)),
            Answer::AddressTaken => Err(self.refuse(Why::AddressTaken, next)),
            Answer::NoRole => Err(self.refuse(Why::NoRole(self.role_map.groups()), next)),
        }
    }
}

/// A page that leads on by itself, and by a link where a browser doesn't.
fn going_on(title: &str, to: &str, address: &str) -> Result<HttpResponse, WebError> {
    let mut response = reply::html(&GoingOn {
        page: Page {
            title: title.to_owned(),
            assets: assets::addresses(),
            ..Page::default()
        },
        to: to.to_owned(),
        address: address.to_owned(),
    })?;
    let refresh = HeaderValue::from_str(&format!("0; url={address}"));
    let refresh = refresh.map_err(anyhow::Error::from)?;
    response.headers_mut().insert(header::REFRESH, refresh);
    Ok(response)
}

async fn remember(db: &Db, secret: &str, begun: Begun, next: String) -> Result<(), WebError> {
    let (state, browser) = (hash(&begun.state), hash(secret));
    let attempt = Attempt {
        nonce: begun.nonce,
        verifier: begun.verifier,
        return_path: next,
    };
    let kept = db.transaction(async move |mut tx| -> sqlx::Result<()> {
        attempts::prune(&mut tx).await?;
        attempts::insert(&mut tx, (&state, &browser), &attempt).await
    });
    Ok(kept.await?)
}

async fn take(
    request: &HttpRequest,
    db: &Db,
    is_secure: bool,
    state: Option<String>,
) -> Result<Option<Attempt>, WebError> {
    let (Some(state), Some(secret)) = (state, browser_secret(request, is_secure)) else {
        return Ok(None);
    };
    let (state, browser) = (hash(&state), hash(&secret));
    Ok(db
        .transaction(async move |mut tx| attempts::take(&mut tx, (&state, &browser)).await)
        .await?)
}

/// The browser's secret, which all its tabs share.
fn browser_secret(request: &HttpRequest, is_secure: bool) -> Option<String> {
    let cookie = request.cookie(cookie_name(is_secure))?;
    let is_ours =
        cookie.value().len() == 64 && cookie.value().bytes().all(|b| b.is_ascii_hexdigit());
    is_ours.then(|| cookie.value().to_owned())
}

fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { SECURE } else { LOOPBACK }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}
