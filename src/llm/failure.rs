//! Why there is no answer: what a person reads, and what is worth doing about it.

use std::{fmt, time::Duration};

/// What went wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Nobody listens there, or the name isn't known, or its certificate isn't trusted.
    Unreachable,
    /// No whole answer in time.
    TimedOut,
    /// The connection ended in the middle of the answer.
    Broken,
    /// More than anybody would answer.
    TooLarge,
    /// 401 or 403.
    KeyRefused,
    /// 404.
    NotFound,
    /// 429, with what it says about when to come back.
    Busy(Option<Duration>),
    /// 402, or 429 for good: nothing is left of what was paid for.
    NoCredit,
    /// 400 or 413: the question doesn't fit into the model.
    TooLong,
    /// 400 that names the response format.
    FormatRefused,
    /// 5xx, with what it says about when to come back.
    Down(u16, Option<Duration>),
    /// Any other status.
    Refused(u16),
    /// The body isn't the JSON that the protocol asks for.
    Garbled,
    /// No choice, or a choice without content.
    Empty,
    /// The answer ends in the middle: the limit of tokens.
    CutOff,
    /// The model says no, or a filter does.
    Declined,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask again later; after this long, if the endpoint said so.
    Later(Option<Duration>),
    /// Ask again at once, with these words.
    Repair(&'static str),
    /// Ask again at once, without a schema.
    OtherFormat,
    /// Nothing: a person must look.
    GiveUp,
}

impl FailureKind {
    /// As stored.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Broken => "broken",
            Self::TooLarge => "too_large",
            Self::KeyRefused => "key_refused",
            Self::NotFound => "not_found",
            Self::Busy(_) => "busy",
            Self::NoCredit => "no_credit",
            Self::TooLong => "too_long",
            Self::FormatRefused => "format_refused",
            Self::Down(..) => "down",
            Self::Refused(_) => "refused",
            Self::Garbled => "garbled",
            Self::Empty => "empty",
            Self::CutOff => "cut_off",
            Self::Declined => "declined",
        }
    }

    /// What is worth doing.
    #[must_use]
    pub fn next(&self) -> Next {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Broken | Self::Garbled => Next::Later(None),
            Self::Busy(after) | Self::Down(_, after) => Next::Later(*after),
            Self::FormatRefused => Next::OtherFormat,
            Self::Empty => Next::Repair("The answer was empty. Answer with the JSON object."),
            Self::CutOff => Next::Repair(
                "The answer was cut off because it was too long. Answer again, much shorter.",
            ),
            Self::TooLarge
            | Self::KeyRefused
            | Self::NotFound
            | Self::NoCredit
            | Self::TooLong
            | Self::Refused(_)
            | Self::Declined => Next::GiveUp,
        }
    }

    /// Whether the endpoint did no work that it could ask money for.
    #[must_use]
    pub fn is_free(&self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::KeyRefused
                | Self::NotFound
                | Self::Busy(_)
                | Self::NoCredit
                | Self::TooLong
                | Self::FormatRefused
                | Self::Down(..)
                | Self::Refused(_)
        )
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Unreachable => {
                "The LLM can’t be reached. An admin may have to look at LLM_BASE_URL and the network."
            }
            Self::TimedOut => "The LLM took too long to answer.",
            Self::Broken => "The connection to the LLM ended in the middle of its answer.",
            Self::TooLarge => "The LLM’s answer was far too large, so it wasn’t read.",
            Self::KeyRefused => {
                "The LLM’s endpoint refused our key. An admin has to look at LLM_API_KEY."
            }
            Self::NotFound => {
                "The LLM’s endpoint doesn’t know that address or that model. An admin has to look at LLM_BASE_URL and \
                 LLM_MODEL."
            }
            Self::Busy(_) => "The LLM’s endpoint has too much to do just now.",
            Self::NoCredit => {
                "The LLM’s endpoint says that nothing is left of what was paid for. An admin has to look there."
            }
            Self::TooLong => {
                "The question is too long for this model. Shorten the initiative’s texts or the description, then ask \
                 again."
            }
            Self::FormatRefused => "The LLM’s endpoint doesn’t take the format that was asked for.",
            Self::Down(status, _) => {
                return write!(
                    f,
                    "The LLM’s endpoint failed with an error of its own ({status})."
                );
            }
            Self::Refused(status) => {
                return write!(f, "The LLM’s endpoint refused the question ({status}).");
            }
            Self::Garbled => "What the LLM’s endpoint answered can’t be read.",
            Self::Empty => "The LLM’s answer was empty.",
            Self::CutOff => "The LLM’s answer was cut off in the middle: it was too long.",
            Self::Declined => {
                "The LLM declined to answer. Word the description or the prompt differently, then ask again."
            }
        };
        f.write_str(text)
    }
}

/// A call without an answer that could be read.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// What came back, as far as it is kept; without our key.
    pub raw: Option<String>,
    /// Tokens of the question and the answer, if the endpoint said.
    pub tokens: Option<(i64, i64)>,
}

impl From<FailureKind> for Failure {
    fn from(kind: FailureKind) -> Self {
        Self {
            kind,
            raw: None,
            tokens: None,
        }
    }
}
