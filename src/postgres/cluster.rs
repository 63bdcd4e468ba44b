//! The embedded cluster as the rest of the app sees it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, UNIX_EPOCH},
};

use sqlx::{
    AssertSqlSafe, ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::{
    PostgresError,
    adopt::{Role, has_clients, watch},
    initialise::Place,
    programs::output,
};

/// How to run the cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// The cluster's own folder, usually `pg` in [`default_data_dir`]. Made if it isn't there.
    pub root: PathBuf,
    /// The folder of the server programs (`PRODUCTOPS_POSTGRES_BIN`); `None`: look for them.
    pub bin: Option<PathBuf>,
    /// `false` is for tests: nothing is synced, and the folder vanishes when this process ends, however it ends.
    pub durable: bool,
}

/// A private Postgres. Stopped when dropped; other processes on the same folder then go on with it.
#[derive(Debug)]
pub struct Embedded {
    place: Arc<Place>,
    is_owner: Arc<AtomicBool>,
    end: Sender<()>,
    watcher: Option<JoinHandle<Result<(), PostgresError>>>,
}

impl Embedded {
    /// Starts the cluster, or joins the one that another process runs in this folder. Blocks until it takes
    /// connections: about 0.6 s the first time, 0.05 s later, up to a minute after a crash with much to recover.
    pub fn start(options: &Options) -> Result<Self, PostgresError> {
        let place = Arc::new(Place::prepare(options)?);
        let role = Role::take(&place)?;
        let is_owner = Arc::new(AtomicBool::new(role.is_owner()));
        let (end, ends) = channel();
        let watcher = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn({
                let (place, is_owner) = (Arc::clone(&place), Arc::clone(&is_owner));
                move || {
                    let noted = |role: &Role| is_owner.store(role.is_owner(), Ordering::Relaxed);
                    watch(&place, role, &ends, noted)
                }
            })
            .map_err(PostgresError::at(&place.root))?;
        Ok(Self {
            place,
            is_owner,
            end,
            watcher: Some(watcher),
        })
    }

    /// How to reach a database of this cluster.
    #[must_use]
    pub fn connect_options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.place.run())
            .port(5432)
            .username("postgres")
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    /// Makes a database of that name unless there is one.
    pub async fn ensure_database(&self, name: &str) -> Result<(), PostgresError> {
        let mut connection = self.connect_options("postgres").connect().await?;
        let there: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
                .bind(name)
                .fetch_one(&mut connection)
                .await?;
        if there {
            return Ok(());
        }
        let create = format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""));
        match sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut connection)
            .await
        {
            Ok(_) => Ok(()),
            // Another process was faster.
            Err(sqlx::Error::Database(error))
                if matches!(error.code().as_deref(), Some("42P04" | "23505")) =>
            {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether this process runs the server now. It changes when a client takes over.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.is_owner.load(Ordering::Relaxed)
    }

    /// Whether this process runs the server for others too.
    #[must_use]
    pub fn is_used_by_others(&self) -> bool {
        self.is_owner() && has_clients(&self.place).unwrap_or(false)
    }

    /// Stops the server if this process runs it; its clients take over within a second. For the serving app.
    pub fn stop(mut self) -> Result<(), PostgresError> {
        self.end_watch()
    }

    /// Waits until no other process uses the server, then stops it. For commands: an import that happened to start
    /// first mustn't cut off the app that joined it. Blocks.
    pub fn stop_when_unused(self) -> Result<(), PostgresError> {
        if self.is_used_by_others() {
            tracing::info!("done; running the database on for the other processes that use it");
        }
        while self.is_used_by_others() {
            thread::sleep(Duration::from_millis(200));
        }
        self.stop()
    }

    fn end_watch(&mut self) -> Result<(), PostgresError> {
        let Some(watcher) = self.watcher.take() else {
            return Ok(());
        };
        // It may have ended already; then there is nobody to tell.
        let _ = self.end.send(());
        match watcher.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.end_watch() {
            tracing::error!(%error, "stopping the embedded PostgreSQL");
        }
    }
}

/// The data folder when none is configured; the cluster goes into `pg` in it.
///
/// As root the server runs as another user, so never below root's own home.
#[must_use]
pub fn default_data_dir() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/productops");
    }
    env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| env::home_dir().map(|home| home.join(".local/share")))
        .unwrap_or_else(env::temp_dir)
        .join("productops")
}

/// A folder for a cluster that isn't durable: in memory if there is a gigabyte of it (containers often have 64 MB),
/// where making a database is ten times as fast; else the folder for temporary files.
#[must_use]
pub fn test_root() -> PathBuf {
    let shm = Path::new("/dev/shm");
    let free_kb = output(Command::new("df").arg("-Pk").arg(shm))
        .ok()
        .and_then(|table| {
            table
                .lines()
                .nth(1)?
                .split_whitespace()
                .nth(3)?
                .parse::<u64>()
                .ok()
        })
        .unwrap_or(0);
    let base = if free_kb > 1 << 20 && fs::metadata(shm).is_ok() {
        shm.to_path_buf()
    } else {
        // Not TMPDIR: it may be too long for a socket, or closed to the server's user.
        PathBuf::from("/tmp")
    };
    let nanos = UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos());
    base.join(format!("productops-test-{}-{nanos}", std::process::id()))
}
