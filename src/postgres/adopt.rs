//! Who owns the cluster when several processes use one folder, and what to do with what a dead one left.
//!
//! The owner holds `owner.lock` and runs the server; the others hold `clients.lock` together and are its clients. The
//! system lets go of a lock when its process ends, in whatever way. Everybody watches: a client whose owner has
//! ended takes over, and an owner whose server has ended starts it again. Both take well under a second, in which
//! connections break; the pool opens new ones.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    process::Command,
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{
    PostgresError,
    initialise::Place,
    programs::output,
    supervise::{self, Server},
};

/// How often to look after the cluster.
const WATCH_EVERY: Duration = Duration::from_millis(200);
/// How long to leave a server alone that couldn't be started.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// How long a client waits for an owner that has only just begun.
const OWNER_LIMIT: Duration = Duration::from_mins(1);

/// What this process is to the cluster.
#[derive(Debug)]
pub(super) enum Role {
    /// Runs it. The server is gone for the moment between its end and the next look.
    Owner { server: Option<Server>, _lock: File },
    /// Uses what another process runs.
    Client { _lock: File },
}

impl Role {
    /// Becomes the owner if there is none, else a client of a server that is ready.
    pub(super) fn take(place: &Place) -> Result<Self, PostgresError> {
        let begun = Instant::now();
        loop {
            if let Some(lock) = owner_lock(place)? {
                place.initialise()?;
                return Ok(Self::Owner {
                    server: Some(start(place)?),
                    _lock: lock,
                });
            }
            if supervise::is_ready(place) {
                let lock = open(place, "clients.lock")?;
                lock.lock_shared().map_err(PostgresError::at(&place.root))?;
                return Ok(Self::Client { _lock: lock });
            }
            if begun.elapsed() > OWNER_LIMIT {
                let (root, log) = (place.root.clone(), place.log());
                return Err(PostgresError::OwnerNotReady { root, log });
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// Whether this process runs the server.
    pub(super) fn is_owner(&self) -> bool {
        matches!(self, Self::Owner { .. })
    }

    /// Sets right what has changed since the last look.
    fn look_after(&mut self, place: &Place) -> Result<(), PostgresError> {
        match self {
            Self::Owner { server, .. } => {
                if server.as_mut().is_some_and(Server::has_ended) {
                    tracing::warn!("the embedded PostgreSQL has ended unasked; starting it again");
                    *server = None;
                }
                if server.is_none() {
                    *server = Some(start(place)?);
                }
            }
            Self::Client { .. } => {
                if let Some(lock) = owner_lock(place)? {
                    tracing::info!("the process that ran the database has ended; taking over");
                    *self = Self::Owner {
                        server: None,
                        _lock: lock,
                    };
                    self.look_after(place)?;
                }
            }
        }
        Ok(())
    }

    /// Stops the server if it is ours. The lock goes last, so that nobody meets a server that is stopping.
    fn end(self) -> Result<(), PostgresError> {
        match self {
            Self::Owner {
                server: Some(server),
                _lock,
            } => server.stop(),
            _ => Ok(()),
        }
    }
}

/// Looks after the cluster until told to end, or until whoever could tell is gone. `noted` hears of each new role.
pub(super) fn watch(
    place: &Place,
    mut role: Role,
    end: &Receiver<()>,
    noted: impl Fn(&Role),
) -> Result<(), PostgresError> {
    let mut pause = WATCH_EVERY;
    loop {
        match end.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return role.end(),
        }
        // A cluster for tests is removed when its server ends: nothing to bring back.
        if place.durable {
            pause = match role.look_after(place) {
                Ok(()) => WATCH_EVERY,
                Err(error) => {
                    tracing::error!(%error, "the embedded PostgreSQL can't be brought back yet");
                    AFTER_FAILURE
                }
            };
            noted(&role);
        }
    }
}

/// Whether other processes use the server as clients. Asked by its owner.
pub(super) fn has_clients(place: &Place) -> Result<bool, PostgresError> {
    try_lock(place, "clients.lock").map(|lock| lock.is_none())
}

/// Starts the server after dealing with one that a dead process may have left. Only the owner may.
fn start(place: &Place) -> Result<Server, PostgresError> {
    clear_orphan(place)?;
    Server::start(place)
}

fn owner_lock(place: &Place) -> Result<Option<File>, PostgresError> {
    try_lock(place, "owner.lock")
}

fn try_lock(place: &Place, name: &str) -> Result<Option<File>, PostgresError> {
    let file = open(place, name)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(PostgresError::at(place.root.join(name))(error)),
    }
}

fn open(place: &Place, name: &str) -> Result<File, PostgresError> {
    let path = place.root.join(name);
    File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(PostgresError::at(path))
}

/// Nobody uses a server whose owner is dead (the lock is ours): stop it, or drop the note of one long gone, which
/// Postgres would believe if its number now belongs to another process.
fn clear_orphan(place: &Place) -> Result<(), PostgresError> {
    let note = place.data().join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&note) else {
        return Ok(());
    };
    let pid = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse::<u32>().ok());
    if !pid.is_some_and(|pid| serves(pid, &place.data())) {
        return fs::remove_file(&note).map_err(PostgresError::at(note));
    }
    let mut stop = place.programs.command("pg_ctl");
    stop.arg("-D")
        .arg(place.data())
        .args(["-m", "fast", "-w", "-t", "30", "stop"]);
    match output(&mut stop) {
        Err(error) if note.exists() => Err(error),
        _ => Ok(()),
    }
}

/// Whether that process is a live server on that folder. Neither its name nor that it answers signals is enough: a
/// zombie answers too (in containers nobody may ever reap it), and the number may have passed on to another cluster.
fn serves(pid: u32, data: &Path) -> bool {
    if Path::new("/proc/self/stat").exists() {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let Some((name, rest)) = stat.rsplit_once(')') else {
            return false;
        };
        let is_postgres = name.ends_with("(postgres") || name.ends_with("(postmaster");
        let is_dead = matches!(rest.trim_start().as_bytes().first(), Some(b'Z' | b'X'));
        // A server works in its data folder.
        let there = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data);
        return is_postgres && !is_dead && there;
    }
    let mut ps = Command::new("ps");
    ps.args(["-o", "stat=,command=", "-p", &pid.to_string()]);
    output(&mut ps).is_ok_and(|line| {
        !line.trim_start().starts_with('Z') && line.contains(data.to_string_lossy().as_ref())
    })
}
