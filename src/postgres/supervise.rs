//! The running server. It never outlives us: it runs under a tiny shell that holds one end of a pipe whose other end
//! is ours, and that stops the server when the pipe closes, in whatever way we died.

use std::{
    fs::{self, File},
    os::unix::{net::UnixStream, process::CommandExt},
    process::{Child, ChildStdin, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{PostgresError, initialise::Place};

/// `$1` is the signal that stops the server, `$2` a folder to remove afterwards or nothing, the rest the server.
/// The server's pid is that of a child which replaces itself; `watch` waits for the pipe's end and signals it.
const SUPERVISE: &str = r#"exec 3<&0; signal=$1; folder=$2; shift 2
"$@" </dev/null 3<&- & server=$!
( cat <&3 >/dev/null; kill -"$signal" $server 2>/dev/null ) & watch=$!
wait $server; code=$?
kill $watch 2>/dev/null
[ -n "$folder" ] && rm -rf "$folder"
exit $code"#;

/// How long one attempt may take; recovery after a crash counts.
const READY_LIMIT: Duration = Duration::from_mins(1);
/// How long to go on trying when the server ends at once: parts of a killed one may hold its memory for a moment.
const RETRY_FOR: Duration = Duration::from_secs(8);
/// How long a stopping server is waited for.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// The log starts anew when it was longer than this at start.
const LOG_LIMIT: u64 = 8 << 20;

/// A server we started.
#[derive(Debug)]
pub(super) struct Server {
    supervisor: Child,
    lifeline: Option<ChildStdin>,
    durable: bool,
}

impl Server {
    /// Starts it and waits until it takes connections. The place must be ours, initialised and without a server.
    pub(super) fn start(place: &Place) -> Result<Self, PostgresError> {
        place.clear_run()?;
        let log = open_log(place)?;
        let begun = Instant::now();
        loop {
            let mut server = Self::spawn(place, &log)?;
            match server.wait_until_ready(place) {
                Ok(()) => return Ok(server),
                Err(reason) if begun.elapsed() > RETRY_FOR => {
                    return Err(PostgresError::NotStarted {
                        reason,
                        log: place.log(),
                    });
                }
                Err(reason) => {
                    tracing::debug!(reason, "PostgreSQL didn't start yet");
                    sleep(Duration::from_millis(300));
                }
            }
        }
    }

    fn spawn(place: &Place, log: &File) -> Result<Self, PostgresError> {
        let at = || PostgresError::at(place.log());
        let mut supervisor = supervised(place)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(at())?)
            .stderr(log.try_clone().map_err(at())?)
            .spawn()
            .map_err(|error| PostgresError::Program {
                program: "/bin/sh".to_owned(),
                output: error.to_string(),
            })?;
        let lifeline = supervisor.stdin.take();
        Ok(Self {
            supervisor,
            lifeline,
            durable: place.durable,
        })
    }

    fn wait_until_ready(&mut self, place: &Place) -> Result<(), String> {
        let begun = Instant::now();
        while !is_ready(place) {
            if let Ok(Some(status)) = self.supervisor.try_wait() {
                return Err(format!("it ended, {status}"));
            }
            if begun.elapsed() > READY_LIMIT {
                return Err(format!("it wasn't ready after {} s", READY_LIMIT.as_secs()));
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Whether it, or its supervisor, is gone.
    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.supervisor.try_wait(), Ok(Some(_)) | Err(_))
    }

    /// Stops it: open transactions are rolled back, everything committed is on disk. A server that isn't durable is
    /// left to end and vanish by itself.
    pub(super) fn stop(mut self) -> Result<(), PostgresError> {
        drop(self.lifeline.take());
        let begun = Instant::now();
        while self.durable && !self.has_ended() {
            if begun.elapsed() > STOP_LIMIT {
                return Err(PostgresError::NotStopped {
                    seconds: STOP_LIMIT.as_secs(),
                });
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

/// Whether the server in that place says it is ready and takes connections.
pub(super) fn is_ready(place: &Place) -> bool {
    let says_so = fs::read_to_string(place.data().join("postmaster.pid")).is_ok_and(|text| {
        text.lines()
            .nth(7)
            .is_some_and(|status| status.trim() == "ready")
    });
    says_so && UnixStream::connect(place.run().join(".s.PGSQL.5432")).is_ok()
}

fn supervised(place: &Place) -> Command {
    let mut command = place.programs.shell();
    command.args(["-c", SUPERVISE, "productops-postgres"]);
    if place.durable {
        command.args(["INT", ""]);
    } else {
        command.arg("QUIT").arg(&place.root);
    }
    command.arg(place.programs.bin.join("postgres"));
    command
        .arg("-D")
        .arg(place.data())
        .arg("-k")
        .arg(place.run());
    let mut settings = vec![
        "listen_addresses=",
        "port=5432",
        "unix_socket_permissions=0700",
        // Short statements only: compiling them or sharing them between processes costs more than it saves.
        "jit=off",
        "max_parallel_workers_per_gather=0",
    ];
    if !place.durable {
        settings.extend([
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "autovacuum=off",
            "shared_buffers=64MB",
            "max_connections=300",
        ]);
    }
    for setting in settings {
        command.args(["-c", setting]);
    }
    // A group of its own: Ctrl-C in the terminal reaches us, and we stop the server when we are done with it.
    command.process_group(0);
    command
}

fn open_log(place: &Place) -> Result<File, PostgresError> {
    let log = place.log();
    if fs::metadata(&log).is_ok_and(|log| log.len() > LOG_LIMIT) {
        fs::rename(&log, log.with_extension("log.1")).map_err(PostgresError::at(&log))?;
    }
    File::options()
        .create(true)
        .append(true)
        .open(&log)
        .map_err(PostgresError::at(&log))
}
