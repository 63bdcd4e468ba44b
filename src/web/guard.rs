//! What stands before every request: forged posts are refused, every answer carries the security headers, every
//! request has an id in the log, in its answer and on the error page.

use super::error::WebError;
use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderName, HeaderValue},
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
    );
    async move {
        let mut response = next.call(request).await?;
        let status = response.status().as_u16();
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(http.status = status, duration_ms, "answered");
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

const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Sets the security headers, and keeps pages out of shared caches.
pub async fn set_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
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

/// Refuses unsafe methods that another site may have caused: `Sec-Fetch-Site` must say same-origin; where a browser
/// doesn't send it, `Origin` must be this very host; with neither, no.
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
    let host = get("host").unwrap_or_default();
    get("origin").is_some_and(|origin| {
        origin
            .split_once("://")
            .is_some_and(|(_, origin_host)| origin_host == host)
    })
}
