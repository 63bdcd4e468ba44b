//! Identities. Each kind of row has its own type, so that one can't be passed for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

id!(
    /// A row of `initiatives`.
    InitiativeId,
    /// A row of `frameworks`.
    FrameworkId,
    /// A row of `math_models`.
    MathModelId,
    /// A row of `formula_versions`.
    FormulaVersionId,
    /// A row of `params`.
    ParamId,
    /// A row of `approvals`.
    ApprovalId,
    /// A row of `score_overrides`.
    OverrideId,
    /// A row of `scores`.
    ScoreId,
    /// A row of `comments`.
    CommentId,
    /// A row of `llm_requests`.
    LlmRequestId,
    /// A row of `llm_calls`.
    LlmCallId,
    /// A row of `suggestions`.
    SuggestionId,
    /// A row of `param_proposals`.
    ProposalId,
    /// A row of `facts`.
    FactId,
    /// A row of `fact_proposals`.
    FactProposalId,
    /// A row of `imports`.
    ImportId,
    /// A row of `users`.
    UserId,
    /// A row of `sessions`: the number that names it, not its secret.
    SessionId,
);

/// One act: all changes that a person made with one click, whatever they touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BatchId(u128);

impl BatchId {
    /// From random bytes, or ones that might as well be: a UUID, version 4.
    #[must_use]
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        write!(
            f,
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }
}

/// A text that names no act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This names no act.")]
pub struct NotABatch;

impl FromStr for BatchId {
    type Err = NotABatch;
    fn from_str(text: &str) -> Result<Self, NotABatch> {
        let is_uuid = text.len() == 36
            && text.char_indices().all(|(at, c)| match at {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            });
        if !is_uuid {
            return Err(NotABatch);
        }
        u128::from_str_radix(&text.replace('-', ""), 16)
            .map(Self)
            .map_err(|_not_hex| NotABatch)
    }
}

/// What people call an initiative, e.g. `INIT-123`: unique, and never changed once saved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InitiativeKey(String);

/// Why a text is no initiative key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A key is capital letters, digits or _, then a hyphen and a number, like INIT-124.")]
pub struct NotAKey;

impl InitiativeKey {
    /// The key's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InitiativeKey {
    type Err = NotAKey;

    /// Takes `INIT-123` with any space around it.
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let key = text.trim();
        let (prefix, number) = key.rsplit_once('-').ok_or(NotAKey)?;
        let prefix_is_fine = prefix.starts_with(|c: char| c.is_ascii_uppercase())
            && prefix
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let number_is_fine = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
        if prefix_is_fine && number_is_fine && key.len() <= 40 {
            Ok(Self(key.to_owned()))
        } else {
            Err(NotAKey)
        }
    }
}

impl fmt::Display for InitiativeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_reads_back_as_it_is_written() {
        let text = "0007f3a0-0000-4000-8000-0000000000ff";
        assert_eq!(text.parse::<BatchId>().unwrap().to_string(), text);
        assert!("no-batch".parse::<BatchId>().is_err());
    }

    #[test]
    fn a_key_is_a_prefix_a_hyphen_and_a_number() {
        for good in ["INIT-1", " INIT-123 ", "A_B2-007"] {
            assert_eq!(good.parse::<InitiativeKey>().unwrap().as_str(), good.trim());
        }
        for bad in [
            "", "INIT", "init-1", "INIT-", "-1", "INIT-1a", "1A-2", "(key)", "IN IT-1",
        ] {
            assert_eq!(bad.parse::<InitiativeKey>(), Err(NotAKey), "{bad:?}");
        }
    }
}
