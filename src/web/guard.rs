//! What stands before every request: forged posts are refused, every answer carries the security headers, every
//! request has an id in the log, in its answer and on the error page.

use super::{error::WebError, wall};
use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        header::{self, HeaderName, HeaderValue},
        uri::Authority,
    },
    middleware::Next,
};
use std::time::Instant;
use tracing::Instrument as _;

/// The id of the present request, for logs and error pages.
#[derive(Clone, Debug, Default)]
pub struct RequestId(pub String);

impl RequestId {
    /// The request's id; empty outside a request.
    #[must_use]
    pub fn of(request: &HttpRequest) -> String {
        request
            .extensions()
            .get::<Self>()
            .map(|id| id.0.clone())
            .unwrap_or_default()
    }
}

/// Gives each request an id and logs its answer.
pub async fn trace_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let began = Instant::now();
    let mut bytes = [0_u8; 8];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::warn!("no randomness: request ids repeat");
    }
    let id = format!("{:016x}", u64::from_be_bytes(bytes));
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        http.method = %request.method(),
        http.path = %request.path(),
        client.address = wall::client_of(request.request()).map(tracing::field::display),
    );
    // Every open page says that it is there, every ten seconds: no news in a log.
    let is_presence = request.path() == "/presence";
    async move {
        let mut response = next.call(request).await?;
        let status = response.status().as_u16();
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if is_presence {
            tracing::debug!(http.status = status, duration_ms, "answered");
        } else {
            tracing::info!(http.status = status, duration_ms, "answered");
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-request-id"), id);
        }
        Ok(response)
    }
    .instrument(span)
    .await
}

const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    // What frame-ancestors says, for browsers that don’t know it.
    ("x-frame-options", "deny"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    // Behind the sign-in there is nothing for a search engine to find; the sign-in itself is nobody's business.
    ("x-robots-tag", "noindex, nofollow"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Two years of TLS only, for this very host: what stands beside it under the same domain isn't ours to decide.
const STRICT_TRANSPORT: &str = "max-age=63072000";

/// Sets the security headers, and keeps pages out of shared caches.
pub async fn set_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_secure = wall::of(&request).is_some_and(|wall| wall.is_secure());
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if is_secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(STRICT_TRANSPORT),
        );
    }
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        );
    }
    Ok(response)
}

/// Refuses requests that were addressed to another name than the public one, which a forged `Host` or a name that
/// somebody points here would be. Health is asked by machines that know only a number, and its answers name nothing.
pub async fn refuse_misdirected(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_health = ["/healthz", "/readyz"].contains(&request.path());
    let is_ours = wall::of(&request).is_some_and(|wall| wall.is_addressed(&host(&request)));
    if !is_health && !is_ours {
        return Ok(request.error_response(WebError::Misdirected));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// The host that a request names: in its head, or in a whole address in its first line, which then counts.
fn host(request: &ServiceRequest) -> String {
    let sent = request.headers().get(header::HOST);
    let sent = sent.and_then(|host| host.to_str().ok());
    let named = request.uri().authority().map(Authority::as_str);
    named.or(sent).unwrap_or_default().to_owned()
}

/// Refuses unsafe methods that another site may have caused: `Sec-Fetch-Site` must say same-origin; where a browser
/// doesn't send it, `Origin` must be the app's own, to scheme and port; with neither, no.
pub async fn refuse_forgery(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.method().is_safe() && !is_our_own(&request) {
        return Ok(request.error_response(WebError::Forged));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is_our_own(request: &ServiceRequest) -> bool {
    let get = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if let Some(site) = get("sec-fetch-site") {
        return site == "same-origin";
    }
    let host = host(request);
    let wall = wall::of(request);
    get("origin").is_some_and(|origin| wall.is_some_and(|wall| wall.is_own_origin(origin, &host)))
}
