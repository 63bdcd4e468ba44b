//! One thing that a person does, and what became of it.

use super::person::{Form, Person};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

/// What is done. Texts and values are unique in a run, so that each can be looked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum What {
    /// A param's value.
    Value { param: i64, value: String },
    /// Approves a param that was at this revision.
    Approve { param: i64, seen: i64 },
    /// Takes a param's approval back.
    Withdraw { param: i64, seen: i64 },
    /// An initiative's problem statement.
    Text { key: String, text: String },
    /// A model's formula, as its next version.
    Formula { model: i64, text: String },
    /// Approves a model's formula.
    ApproveFormula { model: i64, version: i64 },
    /// A new initiative.
    Create { key: String },
}

/// What the app said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// Done: from now on it must be there, once.
    Taken,
    /// Refused (somebody else was faster): it must not be there.
    Refused,
}

/// An act with its form.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) what: What,
    pub(crate) form: Form,
}

/// An answered act.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) round: u64,
    pub(crate) by: String,
    pub(crate) what: What,
    pub(crate) outcome: Outcome,
}

impl Act {
    /// Sends it; none: no answer that says whether it was done.
    pub(crate) async fn send(
        &self,
        person: &Person,
        base: &str,
    ) -> anyhow::Result<Option<Outcome>> {
        let is_htmx = matches!(
            self.what,
            What::Value { .. } | What::Approve { .. } | What::Withdraw { .. }
        );
        let Ok((status, to)) = person.send(base, &self.form, is_htmx).await else {
            return Ok(None);
        };
        match status {
            StatusCode::SEE_OTHER if to.starts_with("/sign-in") => {
                anyhow::bail!("the session of {} was lost", person.name)
            }
            StatusCode::OK | StatusCode::SEE_OTHER => Ok(Some(Outcome::Taken)),
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => Ok(Some(Outcome::Refused)),
            status if status.is_server_error() => Ok(None),
            other => anyhow::bail!("{:?} was answered with {other}", self.what),
        }
    }
}
