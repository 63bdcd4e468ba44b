//! The key that every unsafe form carries, new with every rendering, and what was sent under it.
//!
//! Buttons in rows share one form and so one key, and a page may stand open for long while its rows are swapped: what is
//! taken once is therefore the key together with where it was sent and what. The very same again is the same act; any
//! other text under a used key is another, which its revision then judges.

use super::{
    error::WebError,
    limits::{BODY_WITHIN, MOST_FIELDS},
};
use crate::{domain::ids::BatchId, store::idempotency::SentForm};
use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
    web::Bytes,
};
use sha2::{Digest as _, Sha256};

/// The field's name.
pub(super) const KEY: &str = "idempotency_key";

/// A key for a form that is being rendered: a random UUID.
///
/// Without randomness the form carries none; its revision still protects it.
#[must_use]
pub fn fresh_key() -> String {
    fresh_batch().map(|id| id.to_string()).unwrap_or_default()
}

/// A name for an act that may follow; without randomness the database names it.
#[must_use]
pub fn fresh_batch() -> Option<BatchId> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(BatchId::from_random(bytes))
}

/// The batch of what a form asks for: its own key, so that the form sent again speaks of the same changes.
#[must_use]
pub fn batch_of(sent: Option<&SentForm>) -> Option<BatchId> {
    let key = sent.map_or_else(fresh_key, |form| form.key.clone());
    key.parse().ok()
}

fn is_key(text: &str) -> bool {
    text.parse::<BatchId>().is_ok()
}

/// What a form sent, as it came: if nobody is signed in any more, it is handed back.
#[derive(Clone, Debug)]
pub struct SentBody(pub Bytes);

/// Remembers what a form sent, for the act that it asks for, and refuses what no text in the database can hold.
pub async fn remember(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.uri().to_string().contains("%00") {
        // No text in the database can hold a NUL, so nothing can be there.
        return Ok(request.error_response(WebError::NotFound("page")));
    }
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let kind = value.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
    if request.method() == Method::POST && is_form {
        let arrives = tokio::time::timeout(BODY_WITHIN, request.extract::<Bytes>());
        let body = match arrives.await {
            Ok(Ok(body)) => body,
            Ok(Err(error)) => {
                let status = error.as_response_error().status_code();
                let is_too_large = status == StatusCode::PAYLOAD_TOO_LARGE;
                return Ok(request.error_response(if is_too_large {
                    WebError::FormTooLarge
                } else {
                    WebError::BadRequest("The form could not be read: it is incomplete.")
                }));
            }
            Err(_elapsed) => return Ok(request.error_response(WebError::TooSlow)),
        };
        if body.split(|byte| *byte == b'&').nth(MOST_FIELDS).is_some() {
            let many = "The form has more fields than any form of this app.";
            return Ok(request.error_response(WebError::BadRequest(many)));
        }
        if body.contains(&0) || body.windows(3).any(|three| three == b"%00") {
            let nul = "The form holds a character (NUL) that can’t be stored.";
            return Ok(request.error_response(WebError::BadRequest(nul)));
        }
        if let Some(form) = sent(request.path(), &body) {
            request.extensions_mut().insert(form);
        }
        request.extensions_mut().insert(SentBody(body.clone()));
        request.set_payload(Payload::from(body));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// The same for the form that carries a file, which is read by its own handler.
#[must_use]
pub fn of_file(route: &str, key: &str, file: &[u8]) -> Option<SentForm> {
    is_key(key)
        .then(|| sent_under(key, route, Sha256::digest(file).into()))
        .flatten()
}

fn sent(route: &str, body: &Bytes) -> Option<SentForm> {
    let fields = serde_urlencoded::from_bytes::<Vec<(String, String)>>(body).ok()?;
    let (_, key) = fields
        .into_iter()
        .find(|(name, key)| name == KEY && is_key(key))?;
    sent_under(&key, route, Sha256::digest(body).into())
}

fn sent_under(key: &str, route: &str, body_sha256: [u8; 32]) -> Option<SentForm> {
    let all = Sha256::new()
        .chain_update(key)
        .chain_update(route)
        .chain_update(body_sha256)
        .finalize();
    let (half, _) = all.split_first_chunk::<16>()?;
    Some(SentForm {
        key: BatchId::from_random(*half).to_string(),
        route: route.to_owned(),
        body_sha256,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_key_is_a_uuid_and_never_the_same() {
        let (one, two) = (fresh_key(), fresh_key());
        assert!(is_key(&one) && is_key(&two), "{one} {two}");
        assert_ne!(one, two);
    }

    #[test]
    fn only_a_form_with_a_key_that_is_one_is_remembered() {
        let body = |text: &str| Bytes::from(text.to_owned());
        let key = fresh_key();
        let form = sent("/initiatives", &body(&format!("a=1&{KEY}={key}"))).unwrap();
        assert!(is_key(&form.key) && form.route == "/initiatives");
        assert_eq!(sent("/initiatives", &body("a=1")), None);
        assert_eq!(
            sent("/initiatives", &body(&format!("{KEY}='; drop table users"))),
            None
        );
    }

    #[test]
    fn the_same_form_is_the_same_act_and_another_place_or_text_is_another() {
        let key = fresh_key();
        let act = |route: &str, text: &str| {
            let body = Bytes::from(format!("seen_revision={text}&{KEY}={key}"));
            sent(route, &body).unwrap().key
        };
        let first = act("/params/1/approval", "3");
        assert_eq!(act("/params/1/approval", "3"), first);
        assert_ne!(act("/params/2/approval", "3"), first);
        assert_ne!(act("/params/1/approval", "4"), first);
    }
}
