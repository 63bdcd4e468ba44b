//! What went wrong between us and the database, told apart from what the database said about the work.

use std::{io, time::Duration};

/// Work in the database took longer than allowed.
#[derive(Debug, thiserror::Error)]
#[error("the database did not answer within {} s", .0.as_secs_f32())]
struct DeadlineMissed(Duration);

/// [`DeadlineMissed`] as sqlx carries it.
pub(super) fn deadline_missed(limit: Duration) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(
        io::ErrorKind::TimedOut,
        DeadlineMissed(limit),
    ))
}

/// Whether this error is a missed deadline of ours: the work may or may not have taken effect.
#[must_use]
pub fn is_deadline(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<DeadlineMissed>())
            .is_some(),
        _ => false,
    }
}

/// Whether this error is about reaching the database rather than about what was asked of it: try again later.
#[must_use]
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // 08 connection trouble, 53300 too many connections, 57P0x shutting down, starting up or told to leave,
        // 57014 the server's own limit, 25P03 its limit for idle transactions.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code.starts_with("08")
                || code.starts_with("57P")
                || matches!(&*code, "53300" | "57014" | "25P03")
        }),
        _ => false,
    }
}
