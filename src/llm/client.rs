//! One call: no redirect is followed, nothing takes longer than configured, no answer is larger than it need be, and our
//! key is in nothing that is kept.

use super::{
    ResponseFormat, Settings,
    failure::{Failure, FailureKind},
    prompts::Question,
    schemas, wire,
};
use serde_json::{Value, json};
use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The largest response that is read, in bytes.
const LARGEST: usize = 1024 * 1024;
/// How much of a response is kept, in characters.
const KEPT: usize = 60_000;
/// Little chance: the same question should get much the same answer.
const TEMPERATURE: f64 = 0.2;

/// The client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Llm {
    http: reqwest::Client,
    settings: Arc<Settings>,
    /// The endpoint has said that it takes no schema.
    takes_no_schema: Arc<AtomicBool>,
}

/// The client can't be made.
#[derive(Debug, thiserror::Error)]
#[error("no TLS can be spoken from here: {0}")]
pub struct NoClient(String);

/// An answer, unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What the model says; without our key.
    pub content: String,
    /// Tokens of the question and the answer, if the endpoint said.
    pub tokens: Option<(i64, i64)>,
}

impl Llm {
    /// A client for that endpoint.
    ///
    /// # Errors
    /// No client can be made here.
    pub fn new(settings: Settings) -> Result<Self, NoClient> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(settings.timeout)
            .user_agent("ProductOps")
            .build()
            .map_err(|error| NoClient(chain(&error)))?;
        let takes_no_schema = settings.format == ResponseFormat::JsonObject;
        Ok(Self {
            http,
            settings: Arc::new(settings),
            takes_no_schema: Arc::new(AtomicBool::new(takes_no_schema)),
        })
    }

    /// Whom it asks, and how.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Asks once.
    ///
    /// # Errors
    /// Every way in which no answer comes.
    pub async fn ask(&self, question: &Question) -> Result<Reply, Failure> {
        let answered = self.send(question).await.map_err(|failure| Failure {
            raw: failure.raw.map(|raw| self.kept(&raw)),
            ..failure
        });
        if let Err(failure) = &answered
            && failure.kind == FailureKind::FormatRefused
        {
            return Err(self.without_schema(failure.clone()));
        }
        let (content, tokens) = answered?;
        Ok(Reply {
            content: self.kept(&content),
            tokens,
        })
    }

    /// From now on without a schema; if that was so already, or must not be, there is nothing else to try.
    fn without_schema(&self, failure: Failure) -> Failure {
        let may = self.settings.format == ResponseFormat::Auto;
        let had = self.takes_no_schema.swap(may, Ordering::Relaxed);
        if may && !had {
            failure
        } else {
            let kind = FailureKind::Refused(400);
            Failure { kind, ..failure }
        }
    }

    async fn send(&self, question: &Question) -> Result<(String, Option<(i64, i64)>), Failure> {
        let address = format!("{}/chat/completions", self.settings.base_url);
        let mut request = self
            .http
            .post(address)
            .header("content-type", "application/json")
            .body(self.body(question).to_string());
        if let Some(key) = &self.settings.key {
            request = request.bearer_auth(&key.0);
        }
        let mut response = request.send().await.map_err(|error| lost(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(FailureKind::TooLarge.into());
            }
            body.extend_from_slice(&chunk);
        }
        let body = String::from_utf8_lossy(&body);
        let status = response.status();
        if status.is_success() {
            wire::read(&body)
        } else {
            Err(wire::refusal(status.as_u16(), response.headers(), &body))
        }
    }

    fn body(&self, question: &Question) -> Value {
        let messages = question.messages.iter();
        let messages = messages.map(|one| json!({ "role": one.role, "content": one.content }));
        let format = if self.takes_no_schema.load(Ordering::Relaxed) {
            json!({ "type": "json_object" })
        } else {
            json!({
                "type": "json_schema",
                "json_schema": {
                    "name": question.workflow.key(),
                    "strict": true,
                    "schema": schemas::of(question.workflow),
                },
            })
        };
        json!({
            "model": self.settings.models.of(question.workflow),
            "messages": messages.collect::<Vec<_>>(),
            "temperature": TEMPERATURE,
            "max_tokens": question.workflow.longest_answer(),
            "response_format": format,
        })
    }

    /// What is kept of a text from outside: an endpoint may repeat our key in its error; Postgres takes no NUL.
    fn kept(&self, text: &str) -> String {
        let text: String = text.chars().filter(|c| *c != '\0').take(KEPT).collect();
        match &self.settings.key {
            Some(key) => text.replace(&key.0, "(secret)"),
            None => text,
        }
    }
}

/// The cause goes to the log; it holds no address, no header and no body.
fn lost(error: &reqwest::Error) -> Failure {
    let kind = if error.is_timeout() {
        FailureKind::TimedOut
    } else if error.is_connect() {
        FailureKind::Unreachable
    } else {
        FailureKind::Broken
    };
    let cause = error.source().map(chain).unwrap_or_default();
    tracing::warn!(kind = kind.key(), cause, "the LLM doesn't answer");
    kind.into()
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
