//! What an identity provider says about a person: where it asks people who they are, and whether what it answered can be
//! believed. Knows no pages, no database and no configuration; what it needs is handed to it ([`Settings`]), the time too.
//!
//! The crate `openidconnect` checks signature, issuer, audience, expiry and nonce; [`answer`] checks everything else.

mod answer;
mod discovery;
mod http;
mod refusal;

pub use answer::{Callback, Identified};
pub use refusal::{Refusal, Saying, Untrusted};

use chrono::{DateTime, Utc};
use discovery::Found;
use openidconnect::{
    AuthType, CsrfToken, EndSessionUrl, Nonce, PkceCodeChallenge, Scope,
    core::{CoreAuthenticationFlow, CoreJwsSigningAlgorithm},
};
pub use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};
use std::{str::FromStr, sync::Arc};
use tokio::sync::Mutex;

/// How an id token may be signed. Never with a shared secret, and never not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS #1.
    Rs256,
    /// Elliptic curve P-256.
    Es256,
    /// RSA, PSS.
    Ps256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::Ps256];

    fn core(self) -> CoreJwsSigningAlgorithm {
        match self {
            Self::Rs256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            Self::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            Self::Ps256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        }
    }
}

impl FromStr for Algorithm {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "RS256" => Ok(Self::Rs256),
            "ES256" => Ok(Self::Es256),
            "PS256" => Ok(Self::Ps256),
            _ => Err(()),
        }
    }
}

/// What is agreed with the provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its address, to the character.
    pub issuer: IssuerUrl,
    /// Our name there.
    pub client_id: ClientId,
    /// How it knows that we are who we say.
    pub client_secret: ClientSecret,
    /// Whether the secret is sent in the form rather than in the header.
    pub is_secret_posted: bool,
    /// What is asked for, `openid` always among it.
    pub scopes: Vec<String>,
    /// The claim that names a person's groups.
    pub groups_claim: String,
    /// How it may sign.
    pub algorithms: Vec<Algorithm>,
    /// Where it sends people back to.
    pub callback: RedirectUrl,
}

/// An identity provider. Cheap to clone; all clones share what was learnt of it.
#[derive(Clone, Debug)]
pub struct Provider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    http: Result<http::Http, Refusal>,
    known: Mutex<discovery::Known>,
}

/// A sign-in that has just begun: where to go, and what to keep until the answer comes.
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// Comes back with the answer.
    pub state: String,
    /// Stands in the id token.
    pub nonce: String,
    /// Proves that whoever redeems the code began the sign-in.
    pub verifier: String,
}

impl Provider {
    /// A provider that nobody has asked anything yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            settings,
            http: http::Http::new(),
            known: Mutex::default(),
        }))
    }

    /// What people know it by: the host of its address.
    #[must_use]
    pub fn name(&self) -> String {
        let url = self.0.settings.issuer.url();
        url.host_str().unwrap_or_default().to_owned()
    }

    /// Its address, as it stands with a person.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.settings.issuer.as_str()
    }

    /// Whether it can be asked now.
    ///
    /// # Errors
    /// It doesn't answer, or not with what it should.
    pub async fn ask(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.found(now).await.map(|_found| ())
    }

    /// Begins a sign-in.
    ///
    /// # Errors
    /// The provider doesn't answer.
    pub async fn begin(&self, now: DateTime<Utc>) -> Result<Begun, Refusal> {
        let found = self.found(now).await?;
        let client = self.client(&found);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        // `openid` is added by the crate.
        for scope in self.0.settings.scopes.iter().filter(|s| *s != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (address, state, nonce) = request.url();
        Ok(Begun {
            address: address.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Where the provider's own session ends; none: it has no such place, or doesn't answer.
    pub async fn sign_out_address(
        &self,
        id_token: &str,
        back_to: &str,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let found = self.found(now).await.ok()?;
        let mut address = found.end_session().map(EndSessionUrl::url)?.clone();
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("client_id", &self.0.settings.client_id)
            .append_pair("post_logout_redirect_uri", back_to);
        Some(address.into())
    }

    async fn found(&self, now: DateTime<Utc>) -> Result<Arc<Found>, Refusal> {
        let http = self.0.http.as_ref().map_err(Clone::clone)?;
        let mut known = self.0.known.lock().await;
        known.found(&self.0.settings.issuer, http, now).await
    }

    fn client(&self, found: &Found) -> answer::Client {
        let settings = &self.0.settings;
        let auth = if settings.is_secret_posted {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        };
        answer::Client::from_provider_metadata(
            found.metadata.clone(),
            settings.client_id.clone(),
            Some(settings.client_secret.clone()),
        )
        .set_redirect_uri(settings.callback.clone())
        .set_auth_type(auth)
    }
}
