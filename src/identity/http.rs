//! How the provider is asked: no redirect is followed (it could lead into our own network), nothing takes long, and no
//! answer is larger than it need be.

use super::refusal::Refusal;
use openidconnect::{HttpRequest, HttpResponse, http};
use std::{error::Error, time::Duration};

/// How long an answer may take, all in all.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 512 * 1024;

/// Our client.
#[derive(Clone, Debug)]
pub(super) struct Http(reqwest::Client);

/// Why there is no answer. Says nothing of what was sent or answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HttpError {
    #[error("it can't be reached, or not in time")]
    Unreachable,
    #[error("its answer is too large")]
    TooLarge,
    #[error("the request can't be made")]
    NoRequest,
}

impl Http {
    pub(super) fn new() -> Result<Self, Refusal> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(LONGEST_WAIT)
            // A sign-in is rare, and a connection belongs to the worker that made it.
            .pool_max_idle_per_host(0)
            .user_agent("ProductOps")
            .build();
        client.map(Self).map_err(|error| {
            tracing::warn!(
                cause = chain(&error),
                "the identity provider can't be asked from here"
            );
            Refusal::NoClient
        })
    }

    /// Sends a request; its answer, whatever its status.
    pub(super) async fn send(self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(|_told| HttpError::NoRequest)?;
        let mut response = self.0.execute(request).await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// The cause goes to the log: a name that isn't known, a certificate that isn't trusted. It holds no address, no header
/// and no body.
fn unreachable(error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    tracing::warn!(
        cause = chain(&error),
        "the identity provider doesn't answer"
    );
    HttpError::Unreachable
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
