//! What a command says, and how it ends. A closed pipe is no error: nobody listens any more.

use crate::{actions::ActionError, app::StartError, imports::ImportError};
use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

/// Why a command ends without having done what it should.
#[derive(Debug)]
pub(super) enum Failure {
    /// The input is wrong.
    Input(String),
    /// The call is wrong.
    Call(String),
    /// The surroundings failed.
    Surroundings(String),
    /// The same as [`Failure::Input`], and all of it has been said.
    SaidInput,
}

impl Failure {
    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Input(_) | Self::SaidInput => 1,
            Self::Call(_) => 2,
            Self::Surroundings(_) => 3,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(why) | Self::Call(why) | Self::Surroundings(why) => f.write_str(why),
            Self::SaidInput => Ok(()),
        }
    }
}

impl From<StartError> for Failure {
    fn from(why: StartError) -> Self {
        Self::Surroundings(why.to_string())
    }
}

impl From<sqlx::Error> for Failure {
    fn from(why: sqlx::Error) -> Self {
        Self::Surroundings(format!("The database failed: {why}"))
    }
}

impl From<ImportError> for Failure {
    fn from(why: ImportError) -> Self {
        match why {
            ImportError::Action(ActionError::Db(why)) => why.into(),
            ImportError::Action(ActionError::Refused(why)) => Self::Call(why.to_string()),
            why => Self::Input(why.to_string()),
        }
    }
}

/// A text to stdout, with a line end.
pub(super) fn say(text: &str) {
    drop(writeln!(io::stdout().lock(), "{}", text.trim_end()));
}

/// A text to stderr, with a line end; none if there is nothing to say.
pub(super) fn complain(text: &str) {
    if !text.is_empty() {
        drop(writeln!(io::stderr().lock(), "{}", text.trim_end()));
    }
}
