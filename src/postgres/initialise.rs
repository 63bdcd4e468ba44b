//! The cluster's folder and, once in its life, `initdb`.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use super::{
    PostgresError,
    cluster::Options,
    find,
    programs::{Account, Programs, output},
};

/// Socket addresses hold about 100 bytes, and `/.s.PGSQL.5432.lock` has to fit as well.
const LONGEST_SOCKET_FOLDER: usize = 80;

/// Where a cluster lives and what runs it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) root: PathBuf,
    pub(super) programs: Programs,
    pub(super) durable: bool,
}

impl Place {
    /// Makes the folder, and makes sure that whoever runs the server can get at it.
    pub(super) fn prepare(options: &Options) -> Result<Self, PostgresError> {
        let account = Account::to_run_as()?;
        if let Some(parent) = options.root.parent() {
            fs::create_dir_all(parent).map_err(PostgresError::at(parent))?;
        }
        private_folder(&options.root, account.as_ref())
            .map_err(PostgresError::at(&options.root))?;
        let root = fs::canonicalize(&options.root).map_err(PostgresError::at(&options.root))?;
        let programs = find::find(options.bin.as_deref(), &root.join("data"), account)?;
        if let Some(account) = &programs.account {
            let enter = ["-c", "cd \"$1\"", "sh"];
            output(programs.shell().args(enter).arg(&root)).map_err(|error| {
                tracing::debug!(%error, "the server's user can't enter its folder");
                PostgresError::Unreachable {
                    account: account.name.clone(),
                    folder: root.clone(),
                }
            })?;
        }
        let place = Self {
            root,
            programs,
            durable: options.durable,
        };
        if place.run().as_os_str().len() > LONGEST_SOCKET_FOLDER {
            return Err(PostgresError::PathTooLong { path: place.run() });
        }
        Ok(place)
    }

    /// The cluster's files.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The socket's folder.
    pub(super) fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// What the server has to say.
    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Makes the cluster if there is none. Only its owner may.
    ///
    /// Made beside its place and then moved: a half-made cluster is never taken for a whole one.
    pub(super) fn initialise(&self) -> Result<(), PostgresError> {
        let (data, new) = (self.data(), self.root.join("data.new"));
        if data.join("PG_VERSION").exists() {
            return Ok(());
        }
        // Whatever is there without being a cluster isn't ours to delete.
        match fs::remove_dir(&data) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PostgresError::NotACluster { data });
            }
            _ => {}
        }
        remove(&new)?;
        // Byte order: the same everywhere, and indexes survive an update of the machine's locales.
        self.initdb(&new, "--locale=C.UTF-8").or_else(|error| {
            tracing::debug!(%error, "no locale C.UTF-8 here");
            remove(&new)?;
            self.initdb(&new, "--no-locale")
        })?;
        fs::rename(&new, &data).map_err(PostgresError::at(&data))?;
        File::open(&self.root)
            .and_then(|folder| folder.sync_all())
            .map_err(PostgresError::at(&self.root))
    }

    fn initdb(&self, new: &Path, locale: &str) -> Result<(), PostgresError> {
        let mut command = self.programs.command("initdb");
        command
            .arg("-D")
            .arg(new)
            .args(["-U", "postgres", "-E", "UTF8", locale]);
        // The socket's folder is the lock on the door: whoever can enter it is trusted, nobody else gets in.
        command.args(["--auth-local=trust", "--auth-host=reject"]);
        if !self.durable {
            command.args(["-N", "--wal-segsize=1"]);
        }
        output(&mut command).map(drop)
    }

    /// An empty folder for the socket. Only the owner may, when no server runs.
    pub(super) fn clear_run(&self) -> Result<(), PostgresError> {
        let run = self.run();
        remove(&run)?;
        private_folder(&run, self.programs.account.as_ref()).map_err(PostgresError::at(&run))
    }
}

fn remove(folder: &Path) -> Result<(), PostgresError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PostgresError::at(folder)(error))
        }
        _ => Ok(()),
    }
}

/// A folder that only the server's user (and root) can open.
fn private_folder(folder: &Path, account: Option<&Account>) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    if let Some(account) = account {
        chown(folder, Some(account.uid), Some(account.gid))?;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}
