//! What the mirror may do with the sheet.

use std::str::FromStr;

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
