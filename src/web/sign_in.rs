//! Signing in: the page for it, and the local way, which are sample people, one for each role, and only where no identity
//! provider is configured and everything about the request is loopback. The provider's way is [`super::single_sign_on`].

use super::{
    assets,
    error::WebError,
    reply, session,
    single_sign_on::SingleSignOn,
    view::{
        layout::Page,
        sign_in::{SamplePerson, SignIn as SignInPage},
    },
    visit::initials,
};
use crate::{
    clock::Clock,
    domain::rights::Role,
    store::{Db, users},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Form, Query},
};
use serde::Deserialize;
use std::net::SocketAddr;

/// How people sign in here.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Why nobody can sign in locally; empty: they can.
    reasons: Vec<String>,
    /// The variables that the reasons speak of.
    settings: Vec<&'static str>,
    is_secure: bool,
    /// With whom people sign in instead.
    single: Option<SingleSignOn>,
}

impl SignIn {
    /// From what is configured.
    #[must_use]
    pub fn from_config(
        has_identity_provider: bool,
        addr: SocketAddr,
        public_url: Option<&str>,
    ) -> Self {
        let mut reasons = Vec::new();
        let mut settings = Vec::new();
        if has_identity_provider {
            reasons.push("People sign in with an identity provider here.".to_owned());
        }
        if !addr.ip().is_loopback() {
            reasons.push(format!(
                "The app listens on {}, which other machines can reach; sample people are for one machine only.",
                addr.ip()
            ));
            settings.push("PRODUCTOPS_ADDR");
        }
        if let Some(url) = public_url.filter(|url| !is_loopback_url(url)) {
            reasons.push(format!(
                "Its public address is {url}, which isn’t this machine’s own."
            ));
            settings.push("PRODUCTOPS_PUBLIC_URL");
        }
        let is_secure = public_url.is_some_and(|url| url.starts_with("https://"));
        Self {
            reasons,
            settings,
            is_secure,
            single: None,
        }
    }

    /// With that provider.
    #[must_use]
    pub fn with(self, single: SingleSignOn) -> Self {
        Self {
            single: Some(single),
            ..self
        }
    }

    /// The provider's way in.
    pub(super) fn single_sign_on(&self) -> Result<&SingleSignOn, WebError> {
        self.single.as_ref().ok_or(WebError::NotFound("page"))
    }

    /// Whether cookies travel over TLS only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether sample people may be made and chosen here.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.reasons.is_empty()
    }

    /// Why this very request can't sign in locally; empty: it can.
    fn reasons_against(&self, request: &HttpRequest) -> Vec<String> {
        let mut reasons = self.reasons.clone();
        let headers = request.headers();
        let host = headers
            .get("host")
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default();
        if !is_loopback_host(host) {
            reasons
                .push("The request was addressed to another name than this machine’s own.".into());
        }
        if ["forwarded", "x-forwarded-for", "x-forwarded-host"]
            .iter()
            .any(|h| headers.contains_key(*h))
        {
            reasons.push("The request came through a proxy.".into());
        }
        reasons
    }
}

fn is_loopback_url(url: &str) -> bool {
    url.split_once("://")
        .is_some_and(|(_, rest)| is_loopback_host(rest.split('/').next().unwrap_or("")))
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub struct Next {
    /// As it was asked for; whoever uses it makes sure that it is an own path.
    #[serde(default)]
    pub next: String,
}

/// GET /sign-in
pub async fn show(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    sign_in: Data<SignIn>,
    query: Query<Next>,
) -> Result<HttpResponse, WebError> {
    let (provider, trouble) = match &sign_in.single {
        Some(single) => (single.provider.name(), trouble(single, &clock).await),
        None => Default::default(),
    };
    let reasons = sign_in.reasons_against(&request);
    let people = if reasons.is_empty() {
        let people = db.read(async move |mut conn| users::list_sample_people(&mut conn).await);
        people.await?.iter().map(sample_person).collect()
    } else {
        Vec::new()
    };
    reply::html(&SignInPage {
        page: Page {
            title: "Sign in".into(),
            assets: assets::addresses(),
            ..Page::default()
        },
        next: reply::own_path(&query.next, "/backlog").to_owned(),
        provider,
        trouble,
        people,
        reasons,
        settings: sign_in.settings.iter().map(ToString::to_string).collect(),
    })
}

/// Why the provider can't be asked just now; empty: it can.
async fn trouble(single: &SingleSignOn, clock: &Clock) -> String {
    match single.provider.ask(clock.now()).await {
        Ok(()) => String::new(),
        Err(_logged) => format!(
            "{} can’t be asked just now. Whoever is signed in already can go on; try again in a moment.",
            single.provider.name()
        ),
    }
}

fn sample_person(user: &users::User) -> SamplePerson {
    let role = user.roles.iter().last().unwrap_or(Role::Viewer);
    let may = match role {
        Role::Viewer => "Reads everything",
        Role::Analytics => "Edits params, approves those of Analytics",
        Role::Finance => "Edits params, approves those of Finance",
        Role::Eng => "Edits params and effort, approves those of Eng",
        Role::Pm => "Edits initiatives, writes and approves formulas, approves params",
        Role::Admin => "Everything a PM may, and imports",
    };
    SamplePerson {
        id: user.id.to_string(),
        name: user.name.clone(),
        initials: initials(&user.name),
        role: role.label().to_owned(),
        may: may.to_owned(),
    }
}

/// Who one wants to be.
#[derive(Debug, Deserialize)]
pub struct Choice {
    person: String,
    #[serde(default)]
    next: String,
}

/// POST /sign-in
pub async fn begin(
    request: HttpRequest,
    db: Data<Db>,
    sign_in: Data<SignIn>,
    form: Form<Choice>,
) -> Result<HttpResponse, WebError> {
    if !sign_in.reasons_against(&request).is_empty() {
        return Ok(reply::go_to("/sign-in"));
    }
    let people = db
        .read(async move |mut conn| users::list_sample_people(&mut conn).await)
        .await?;
    let Some(person) = people
        .into_iter()
        .find(|person| person.id.to_string() == form.person)
    else {
        return Err(WebError::NotFound("person"));
    };
    let cookie = session::begin(&request, &db, (person.id, None), sign_in.is_secure).await?;
    let mut response = reply::go_to(reply::own_path(&form.next, "/backlog"));
    response.add_cookie(&cookie).map_err(anyhow::Error::from)?;
    Ok(response)
}

/// POST /sign-out
pub async fn end(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    sign_in: Data<SignIn>,
) -> Result<HttpResponse, WebError> {
    let (cookie, id_token) = session::end(&request, &db, sign_in.is_secure).await?;
    let mut response = match &sign_in.single {
        Some(single) => single.leave(id_token, clock.now()).await?,
        None => reply::go_to("/sign-in"),
    };
    response.add_cookie(&cookie).map_err(anyhow::Error::from)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn local_sign_in_needs_loopback_and_no_identity_provider() {
        let cases = [
            (false, "127.0.0.1:8080", None, true),
            (false, "[::1]:8080", None, true),
            (false, "127.0.0.1:8080", Some("http://localhost:8080"), true),
            (true, "127.0.0.1:8080", None, false),
            (false, "0.0.0.0:8080", None, false),
            (
                false,
                "127.0.0.1:8080",
                Some("https://productops.example.com"),
                false,
            ),
        ];
        for (provider, listens, public, is_local) in cases {
            let sign_in = SignIn::from_config(provider, addr(listens), public);
            assert_eq!(
                sign_in.is_local(),
                is_local,
                "{provider} {listens} {public:?}"
            );
        }
    }

    #[test]
    fn only_this_machines_own_names_are_loopback() {
        for (host, is_loopback) in [
            ("localhost:8080", true),
            ("127.0.0.1", true),
            ("[::1]:8080", true),
            ("localhost.evil.example:8080", false),
            ("productops.example.com", false),
            ("", false),
        ] {
            assert_eq!(is_loopback_host(host), is_loopback, "{host:?}");
        }
    }
}
