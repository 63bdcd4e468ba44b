//! An identity provider of our own making: real discovery, real redirects, real signed tokens (ES256), and it can be told
//! to misbehave in one way at a time. Knows nothing of the app.

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header,
    web::{Data, Form, Query, get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use productops::clock::Clock;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
};

pub(crate) const CLIENT: &str = "productops";
pub(crate) const SECRET: &str = "a secret: with a colon & more";
pub(crate) const ACCESS_TOKEN: &str = "access-token-of-the-tests";

type Pairs = HashMap<String, String>;
type Twist<T> = Option<Box<dyn Fn(&mut T) + Send>>;

/// What it does, and how it goes wrong.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one way to misbehave, by itself"
)]
pub(crate) struct Behaviour {
    /// What it says of the person, in the id token.
    pub(crate) person: Value,
    /// What it says of them in userinfo.
    pub(crate) userinfo: Value,
    pub(crate) discovery: Twist<Value>,
    pub(crate) header: Twist<Value>,
    pub(crate) claims: Twist<Value>,
    pub(crate) tokens: Twist<Value>,
    pub(crate) answer: Twist<Pairs>,
    /// Every page is 503.
    pub(crate) is_down: bool,
    /// No page is ever answered.
    pub(crate) is_silent: bool,
    /// Discovery is a megabyte.
    pub(crate) is_huge: bool,
    /// The token endpoint leads elsewhere.
    pub(crate) leads_elsewhere: bool,
    /// People see a page with a button before they are sent back.
    pub(crate) asks: bool,
    /// Secrets are expected in the form.
    pub(crate) wants_posted_secret: bool,
    /// The key that it signs with, and those that it shows.
    pub(crate) key: u8,
    pub(crate) shown_keys: Vec<u8>,
    /// What was asked for, by path.
    pub(crate) asked: Vec<String>,
    /// Every secret text that went over the wire.
    pub(crate) secrets: Vec<String>,
    codes: HashMap<String, Pairs>,
}

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) base: String,
    pub(crate) clock: Clock,
    behaviour: Arc<Mutex<Behaviour>>,
}

impl Provider {
    pub(crate) fn start() -> Self {
        Self::start_at(Clock::system())
    }

    pub(crate) fn start_at(clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let person = json!({
            "sub": "0007", "name": "Nadia Rahman", "email": "Nadia@Example.org", "email_verified": true,
            "groups": ["product", "everybody"],
        });
        let behaviour = Behaviour {
            userinfo: person.clone(),
            person,
            discovery: None,
            header: None,
            claims: None,
            tokens: None,
            answer: None,
            is_down: false,
            is_silent: false,
            is_huge: false,
            leads_elsewhere: false,
            asks: false,
            wants_posted_secret: false,
            key: 1,
            shown_keys: vec![1],
            asked: Vec::new(),
            secrets: Vec::new(),
            codes: HashMap::new(),
        };
        let provider = Self {
            base,
            clock,
            behaviour: Arc::new(Mutex::new(behaviour)),
        };
        let data = Data::new(provider.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route(
                    "/.well-known/openid-configuration",
                    get().to(async |p: Data<Provider>| {
                        p.page("discovery", Provider::discovery).await
                    }),
                )
                .route(
                    "/keys",
                    get().to(async |p: Data<Provider>| p.page("keys", Provider::keys).await),
                )
                .route("/authorize", get().to(authorize))
                .route("/token", post().to(token))
                .route("/userinfo", get().to(userinfo))
                .route("/end-session", get().to(end_session))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("a listener");
        tokio::spawn(server.run());
        provider
    }

    /// What the app needs to know of it.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("MIRROR_MODE", "off".to_owned()),
            ("OIDC_ISSUER_URL", self.base.clone()),
            ("OIDC_CLIENT_ID", CLIENT.to_owned()),
            ("OIDC_CLIENT_SECRET", SECRET.to_owned()),
            (
                "OIDC_ROLE_MAP",
                "pm=product,finance=fin-team,finance=treasury".to_owned(),
            ),
        ]
    }

    /// Makes it behave in another way.
    pub(crate) fn set<T>(&self, change: impl FnOnce(&mut Behaviour) -> T) -> T {
        change(&mut self.behaviour.lock().expect("no panic while held"))
    }

    /// How often this was asked for.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.set(|b| b.asked.iter().filter(|asked| *asked == what).count())
    }

    async fn page(&self, what: &str, make: fn(&Self) -> Value) -> HttpResponse {
        let (is_silent, is_down, is_huge) = self.set(|b| {
            b.asked.push(what.to_owned());
            (b.is_silent, b.is_down, b.is_huge)
        });
        if is_silent {
            std::future::pending::<()>().await;
        }
        if is_down {
            return HttpResponse::ServiceUnavailable().finish();
        }
        let mut text = make(self).to_string();
        if is_huge {
            text.push_str(&" ".repeat(1024 * 1024));
        }
        HttpResponse::Ok()
            .content_type("application/json")
            .body(text)
    }

    fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}/{path}", self.base);
        let mut found = json!({
            "issuer": self.base,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "userinfo_endpoint": at("userinfo"),
            "end_session_endpoint": at("end-session"),
            "jwks_uri": at("keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "none", "of-the-future"],
        });
        self.set(|b| twist(b.discovery.as_deref(), &mut found));
        found
    }

    fn keys(&self) -> Value {
        let shown = self.set(|b| b.shown_keys.clone());
        let keys: Vec<_> = shown.into_iter().map(public).collect();
        json!({ "keys": keys })
    }

    /// A signed id token of whoever began with this.
    fn id_token(&self, nonce: &str) -> String {
        let now = self.clock.now().timestamp();
        self.set(|b| {
            let mut claims = json!({
                "iss": self.base, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
                "at_hash": URL_SAFE.encode(&Sha256::digest(ACCESS_TOKEN)[..16]),
            });
            for (name, value) in b.person.as_object().expect("an object") {
                claims[name] = value.clone();
            }
            twist(b.claims.as_deref(), &mut claims);
            let mut head = json!({ "alg": "ES256", "typ": "JWT", "kid": format!("key-{}", b.key) });
            twist(b.header.as_deref(), &mut head);
            let signed = format!(
                "{}.{}",
                URL_SAFE.encode(head.to_string()),
                URL_SAFE.encode(claims.to_string())
            );
            let signature = match head["alg"].as_str() {
                Some("none") => Vec::new(),
                Some("HS256") => hmac(SECRET.as_bytes(), signed.as_bytes()),
                _ => {
                    let signature: Signature = signing_key(b.key).sign(signed.as_bytes());
                    signature.to_bytes().to_vec()
                }
            };
            let token = format!("{signed}.{}", URL_SAFE.encode(signature));
            b.secrets.push(token.clone());
            token
        })
    }
}

fn twist<T>(twist: Option<&(dyn Fn(&mut T) + Send)>, value: &mut T) {
    if let Some(twist) = twist {
        twist(value);
    }
}

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).expect("a key")
}

fn public(seed: u8) -> Value {
    let point = signing_key(seed).verifying_key().to_sec1_point(false);
    let point = point.as_bytes();
    json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("key-{seed}"),
        "x": URL_SAFE.encode(&point[1..33]), "y": URL_SAFE.encode(&point[33..]),
    })
}

/// RFC 2104, for a key of less than a block.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> {
        let padded = key.iter().copied().chain(std::iter::repeat(0)).take(64);
        padded.map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::digest([pad(0x36), text.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

/// Who may use it, and back with a code.
async fn authorize(provider: Data<Provider>, query: Query<Pairs>) -> HttpResponse {
    let asked = query.into_inner();
    let is_right = asked.get("client_id").is_some_and(|id| id == CLIENT)
        && asked
            .get("response_type")
            .is_some_and(|kind| kind == "code")
        && asked
            .get("code_challenge_method")
            .is_some_and(|method| method == "S256")
        && asked
            .get("scope")
            .is_some_and(|scope| scope.split(' ').any(|s| s == "openid"));
    if !is_right {
        return HttpResponse::BadRequest().body("asked in a wrong way");
    }
    if provider.set(|b| b.asks) && !asked.contains_key("agreed") {
        let fields = asked
            .iter()
            .map(|(name, value)| format!("<input type='hidden' name='{name}' value='{value}'>"));
        let fields: String = fields.collect();
        return HttpResponse::Ok().content_type("text/html").body(format!(
            "<!doctype html><title>Provider</title><h1>Who are you?</h1>\
             <form action='/authorize'>{fields}<button name='agreed' value='yes'>I am Nadia</button></form>"
        ));
    }
    let to = asked["redirect_uri"].clone();
    let code = provider.set(|b| {
        let code = format!("code-of-the-tests-{}", b.codes.len());
        b.codes.insert(code.clone(), asked.clone());
        b.secrets.push(code.clone());
        code
    });
    let mut answer = Pairs::from([
        ("code".to_owned(), code),
        ("state".to_owned(), asked["state"].clone()),
        ("iss".to_owned(), provider.base.clone()),
    ]);
    provider.set(|b| twist(b.answer.as_deref(), &mut answer));
    let to = url::Url::parse_with_params(&to, answer).expect("an address");
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to.to_string()))
        .finish()
}

async fn token(provider: Data<Provider>, request: HttpRequest, form: Form<Pairs>) -> HttpResponse {
    let form = form.into_inner();
    let (leads_elsewhere, wants_posted) = provider.set(|b| {
        b.asked.push("token".to_owned());
        (b.leads_elsewhere, b.wants_posted_secret)
    });
    if leads_elsewhere {
        return HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("{}/keys", provider.base)))
            .finish();
    }
    let encoded =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = BASE64_STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET)));
    let sent = request.headers().get(header::AUTHORIZATION);
    let is_client = if wants_posted {
        sent.is_none()
            && form
                .get("client_secret")
                .is_some_and(|secret| secret == SECRET)
    } else {
        sent.is_some_and(|sent| sent.as_bytes() == format!("Basic {basic}").as_bytes())
    };
    let asked = provider.set(|b| b.codes.remove(&form["code"]));
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    provider.set(|b| b.secrets.push(verifier.clone()));
    let is_right = asked.as_ref().is_some_and(|asked| {
        asked["code_challenge"] == URL_SAFE.encode(Sha256::digest(&verifier))
            && asked["redirect_uri"] == form["redirect_uri"]
    });
    let (true, true, Some(asked)) = (is_client, is_right, asked) else {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
    };
    let mut tokens = json!({
        "access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": provider.id_token(&asked["nonce"]),
    });
    provider.set(|b| twist(b.tokens.as_deref(), &mut tokens));
    HttpResponse::Ok().json(tokens)
}

async fn userinfo(provider: Data<Provider>, request: HttpRequest) -> HttpResponse {
    let sent = request.headers().get(header::AUTHORIZATION);
    if sent.is_none_or(|sent| sent.as_bytes() != format!("Bearer {ACCESS_TOKEN}").as_bytes()) {
        return HttpResponse::Unauthorized().finish();
    }
    let said = provider.set(|b| {
        b.asked.push("userinfo".to_owned());
        b.userinfo.clone()
    });
    HttpResponse::Ok().json(said)
}

async fn end_session(provider: Data<Provider>, query: Query<Pairs>) -> HttpResponse {
    let is_known = provider.set(|b| {
        b.asked.push("end-session".to_owned());
        b.secrets.contains(&query["id_token_hint"])
    });
    if !is_known {
        return HttpResponse::BadRequest().body("whose session?");
    }
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, query["post_logout_redirect_uri"].clone()))
        .finish()
}
