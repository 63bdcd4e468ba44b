//! Running the server's programs: in a clean environment and, when we are root, as somebody else.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::PostgresError;

/// An entry of the machine's users, as far as it matters here.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// Who runs the server: ourselves (`None`), or somebody else if we are root, which Postgres refuses.
    pub(super) fn to_run_as() -> Result<Option<Self>, PostgresError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self::named("postgres", &users)
            .or_else(|| Self::named("nobody", &users))
            .map(Some)
            .ok_or(PostgresError::NoAccount)
    }

    fn named(name: &str, users: &str) -> Option<Self> {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next() != Some(name) {
                return None;
            }
            let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            Some(Self {
                name: name.to_owned(),
                uid,
                gid,
            })
        })
    }
}

/// A folder of server programs and who runs them.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub(super) bin: PathBuf,
    pub(super) account: Option<Account>,
}

impl Programs {
    /// One of the server's programs.
    pub(super) fn command(&self, program: &str) -> Command {
        clean(self.bin.join(program), self.account.as_ref())
    }

    /// A shell, as the server's user.
    pub(super) fn shell(&self) -> Command {
        clean("/bin/sh", self.account.as_ref())
    }
}

/// A command that sees nothing of our environment: no PGDATA, no locale, no preloaded library.
pub(super) fn clean(program: impl AsRef<Path>, account: Option<&Account>) -> Command {
    let mut command = Command::new(program.as_ref());
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir("/")
        .stdin(Stdio::null());
    command
}

/// Runs it to its end and returns what it printed.
pub(super) fn output(command: &mut Command) -> Result<String, PostgresError> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.output() {
        Ok(done) if done.status.success() => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
        Ok(done) => {
            let printed = [&done.stderr, &done.stdout].map(|text| String::from_utf8_lossy(text));
            let output = format!("{}, {}", done.status, printed.join("\n").trim());
            Err(PostgresError::Program { program, output })
        }
        Err(error) => Err(PostgresError::Program {
            program,
            output: error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let users =
            "postgresql:x:1:2::/:/bin/sh\npostgres:x:101:104:PostgreSQL:/var:/bin/bash\nnobody:x\n";
        let found = Account::named("postgres", users).map(|found| (found.uid, found.gid));
        assert_eq!(found, Some((101, 104)));
        assert!(Account::named("nobody", users).is_none());
    }
}
