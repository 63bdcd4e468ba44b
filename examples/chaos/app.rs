//! The program under test, as a process that can be killed.

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// The program, on the throw-away data folder and with the private database, whatever the surroundings say.
pub(crate) fn productops(folder: &Path) -> Command {
    // This driver is in examples/ beside it.
    let beside = env::current_exe().unwrap_or_default();
    let program = beside
        .ancestors()
        .nth(2)
        .map_or_else(PathBuf::new, |target| target.join("productops"));
    let mut command = Command::new(program);
    for name in [
        "DATABASE_URL",
        "DATABASE_MIGRATE_URL",
        "PRODUCTOPS_PUBLIC_URL",
        "OIDC_ISSUER_URL",
    ] {
        command.env_remove(name);
    }
    command
        .env("PRODUCTOPS_DATA_DIR", folder)
        .env("PRODUCTOPS_ADDR", "127.0.0.1:0")
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null());
    command
}

/// A running app.
#[derive(Debug)]
pub(crate) struct App {
    process: Child,
    /// Held open, or the app would write into a closed pipe.
    _said: BufReader<ChildStdout>,
    /// Its address.
    pub(crate) base: String,
    server_pid: PathBuf,
    is_dying: Arc<AtomicBool>,
}

impl App {
    /// Starts it and waits until it listens.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("app.log"))?;
        let mut process = productops(folder)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the program productops, beside examples/")?;
        let mut said = BufReader::new(process.stdout.take().context("its stdout")?);
        let mut line = String::new();
        said.read_line(&mut line)?;
        let base = line
            .trim()
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .to_owned();
        ensure!(
            base.starts_with("http://"),
            "the app didn’t start again; see app.log in {}",
            folder.display()
        );
        Ok(Self {
            process,
            _said: said,
            base,
            server_pid: folder.join("pg/data/postmaster.pid"),
            is_dying: Arc::default(),
        })
    }

    /// Set just before the app is killed: an answer that doesn't come will not come any more.
    pub(crate) fn is_dying(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_dying)
    }

    /// kill -9.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.is_dying.store(true, Ordering::SeqCst);
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// kill -9 of the database server; the app is to start it again by itself.
    pub(crate) fn kill_database_server(&self) -> anyhow::Result<()> {
        let text = fs::read_to_string(&self.server_pid).context("postmaster.pid")?;
        let pid = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        let pid = pid
            .and_then(Pid::from_raw)
            .context("the server’s process")?;
        Ok(kill_process(pid, Signal::KILL)?)
    }

    /// SIGTERM, and it must end well and soon.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.process.id())?;
        kill_process(Pid::from_raw(pid).context("its process")?, Signal::TERM)?;
        let asked = Instant::now();
        let ended = loop {
            if let Some(ended) = self.process.try_wait()? {
                break ended;
            }
            ensure!(
                asked.elapsed() < Duration::from_secs(30),
                "SIGTERM was not heeded"
            );
            std::thread::sleep(Duration::from_millis(50));
        };
        ensure!(ended.success(), "after SIGTERM the app ended with {ended}");
        Ok(())
    }
}
