//! An LLM behind any endpoint that speaks `OpenAI`’s chat completions: how it is asked, what is sent, and every way in which
//! an answer can fail to come. Knows the domain; must not know the database, pages or what is done with an answer.

mod client;
mod failure;
pub mod prompts;
mod schemas;
mod wire;

pub use client::{Llm, NoClient, Reply};
pub use failure::{Failure, FailureKind, Next};
pub use prompts::Question;

use crate::domain::llm_request::Workflow;
use std::{fmt, time::Duration};

/// What authorises us. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// A key from its text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// How the endpoint is told which shape an answer must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseFormat {
    /// A schema, and if the endpoint refuses that, only that it be JSON.
    Auto,
    /// A schema.
    JsonSchema,
    /// That it be a JSON object.
    JsonObject,
}

/// What is paid for a million tokens, in whatever currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// Of questions.
    pub input: f64,
    /// Of answers.
    pub output: f64,
}

impl Prices {
    /// What that many tokens cost, in millionths.
    #[must_use]
    pub fn millionths(&self, (tokens_in, tokens_out): (i64, i64)) -> i64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "tokens of one call, and a rounded price"
        )]
        let cost = (tokens_in as f64 * self.input + tokens_out as f64 * self.output).round() as i64;
        cost
    }
}

/// Which model is asked for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    /// For formulas.
    pub suggest: String,
    /// For what params mean.
    pub metadata: String,
    /// For summaries.
    pub summary: String,
    /// For second opinions.
    pub review: String,
}

impl Models {
    /// The one for that.
    #[must_use]
    pub fn of(&self, workflow: Workflow) -> &str {
        match workflow {
            Workflow::SuggestMathModel => &self.suggest,
            Workflow::SuggestParamMetadata => &self.metadata,
            Workflow::SummariseInitiative => &self.summary,
            Workflow::ReviewMathModel => &self.review,
        }
    }
}

/// Whom to ask, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address before `/chat/completions`, such as `https://api.example.com/v1`.
    pub base_url: String,
    /// None: the endpoint wants none.
    pub key: Option<Key>,
    /// Which model is asked for what.
    pub models: Models,
    /// How the endpoint is told the shape.
    pub format: ResponseFormat,
    /// How long an answer may take, all in all.
    pub timeout: Duration,
    /// What is paid; none: nobody said.
    pub prices: Option<Prices>,
}
