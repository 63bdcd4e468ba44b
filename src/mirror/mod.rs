//! The Central Backlog outside the database: what the app owns of a sheet is brought to what the database says, and
//! nothing else of it is touched.
//!
//! The core is pure and knows neither HTTP nor files: [`layout`] finds our columns by their headers, [`grid`] holds
//! typed cells, [`diff`] says which of ours differ, [`plan`] which cells to write, [`verify`] looks again afterwards.
//! [`run`] leads a [`run::Target`] through it: read, compare, write, verify. [`local`] is the target without
//! credentials, a CSV file, kept byte for byte where it isn't ours by [`csv`].
//!
//! Knows the domain only. What is wanted comes from the worker, which also keeps what was found.

pub mod csv;
pub mod diff;
pub mod grid;
pub mod layout;
pub mod local;
pub mod plan;
pub mod run;
pub mod verify;

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

/// A text that names no [`Mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be off, observe or write")]
pub struct NoMode;

impl FromStr for Mode {
    type Err = NoMode;

    fn from_str(text: &str) -> Result<Self, NoMode> {
        match text {
            "off" => Ok(Self::Off),
            "observe" => Ok(Self::Observe),
            "write" => Ok(Self::Write),
            _ => Err(NoMode),
        }
    }
}
