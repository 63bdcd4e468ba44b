//! What can go wrong with the embedded cluster, in sentences that say what to do.

use std::{io, path::PathBuf};

/// Why the embedded cluster can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No server programs anywhere.
    #[error(
        "no PostgreSQL server programs (14 or newer) were found. Install them (Debian, Ubuntu: apt-get install \
         postgresql; macOS: brew install postgresql), or run scripts/get-postgres.sh, which needs no root, or set \
         DATABASE_URL to use a server"
    )]
    NotFound,

    /// There are programs, but none that can be used.
    #[error(
        "the PostgreSQL server programs in {} can't be run by user {account}. Install PostgreSQL where everybody may \
         read it, or set DATABASE_URL to use a server", .folder.display()
    )]
    NotRunnable {
        /// The folder of the newest of them.
        folder: PathBuf,
        /// Who would have to run them.
        account: String,
    },

    /// The configured folder is wrong.
    #[error(
        "{} holds no PostgreSQL server programs of version 14 or newer (postgres, initdb, pg_ctl) that can be run. \
         Correct PRODUCTOPS_POSTGRES_BIN, or unset it to have them looked for", .folder.display()
    )]
    WrongBin {
        /// What was configured.
        folder: PathBuf,
    },

    /// The cluster was made by a version that isn't there.
    #[error(
        "{} was made by PostgreSQL {major}, whose server programs aren't on this machine. Install PostgreSQL {major} \
         again, or choose another PRODUCTOPS_DATA_DIR to begin with an empty database", .data.display()
    )]
    OtherVersion {
        /// The cluster's folder.
        data: PathBuf,
        /// Its major version.
        major: u32,
    },

    /// Root can't run Postgres, and there is nobody else to do it.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody. Run this as an \
         ordinary user, or set DATABASE_URL to use a server"
    )]
    NoAccount,

    /// The account that runs the server can't get at its folder.
    #[error(
        "user {account}, who runs PostgreSQL because root may not, can't reach {}. Set PRODUCTOPS_DATA_DIR to a \
         folder whose parents everybody may pass through", .folder.display()
    )]
    Unreachable {
        /// Who.
        account: String,
        /// Where to.
        folder: PathBuf,
    },

    /// Unix sockets have short names.
    #[error(
        "{} is too long a path for a unix socket. Set PRODUCTOPS_DATA_DIR to a shorter one", .path.display()
    )]
    PathTooLong {
        /// The socket's folder.
        path: PathBuf,
    },

    /// Something is there, but it isn't a cluster, and it isn't ours to delete.
    #[error(
        "{} isn't empty and isn't a PostgreSQL cluster either. Move it away, or set PRODUCTOPS_DATA_DIR to another \
         folder", .data.display()
    )]
    NotACluster {
        /// The folder.
        data: PathBuf,
    },

    /// The file system said no.
    #[error("{}: {source}. The database's folder must be writable for the user who runs this", .path.display())]
    Folder {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },

    /// A program couldn't be run or failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Which.
        program: String,
        /// What it printed, or why it couldn't be run.
        output: String,
    },

    /// The server ended or didn't become ready.
    #[error("PostgreSQL didn't start ({reason}). Its log says why: {}", .log.display())]
    NotStarted {
        /// What was seen.
        reason: String,
        /// Where to look.
        log: PathBuf,
    },

    /// Another process of the app has the cluster, but it can't be reached.
    #[error(
        "another process runs the database in {} but it doesn't become ready. Look at {} and at that process", .root.display(), .log.display()
    )]
    OwnerNotReady {
        /// The shared folder.
        root: PathBuf,
        /// Where to look.
        log: PathBuf,
    },

    /// The server went on for too long after it was asked to stop.
    #[error(
        "PostgreSQL didn't stop within {seconds} s; it will end by itself. Nothing committed is lost"
    )]
    NotStopped {
        /// How long it was waited for.
        seconds: u64,
    },

    /// The server refused.
    #[error("the embedded PostgreSQL refused: {0}")]
    Database(#[from] sqlx::Error),
}

impl PostgresError {
    /// For `map_err` on what the file system returns.
    pub(super) fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { path, source }
    }
}
