//! What the mirror may do with the sheet.

use chrono::{DateTime, Utc};
use std::str::FromStr;

/// The end of a pause that lasts until somebody ends it: 31 December 9999.
pub const UNTIL_RESUMED: DateTime<Utc> = match DateTime::from_timestamp(253_402_214_400, 0) {
    Some(far) => far,
    None => DateTime::<Utc>::UNIX_EPOCH,
};

/// What the mirror may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Off,
    /// Read, compare and say what it would write.
    Observe,
    /// Bring the sheet into step.
    Write,
}

impl Mode {
    /// As stored and configured.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Observe => "observe",
            Self::Write => "write",
        }
    }
}

/// A text that names no [`Mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be off, observe or write")]
pub struct NoMode;

impl FromStr for Mode {
    type Err = NoMode;

    fn from_str(text: &str) -> Result<Self, NoMode> {
        let all = [Self::Off, Self::Observe, Self::Write];
        let found = all.into_iter().find(|mode| mode.key() == text);
        found.ok_or(NoMode)
    }
}
