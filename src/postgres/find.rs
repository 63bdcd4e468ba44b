//! Which server programs to use: the configured ones, else the newest on the machine, unless the cluster was made by
//! an older one.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{
    PostgresError,
    programs::{Account, Programs, clean, output},
};

/// The oldest major version that works.
const OLDEST: u32 = 14;

/// The programs for the cluster in `data`, which may not be there yet.
pub(super) fn find(
    configured: Option<&Path>,
    data: &Path,
    account: Option<Account>,
) -> Result<Programs, PostgresError> {
    let made_by = fs::read_to_string(data.join("PG_VERSION"))
        .ok()
        .and_then(|version| version.trim().parse::<u32>().ok());
    let folders = match configured {
        Some(folder) => vec![folder.to_path_buf()],
        None => candidates(),
    };
    let there: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| with_programs(folder))
        .collect();
    let mut usable: Vec<(u32, PathBuf)> = there
        .iter()
        .filter_map(|bin| Some((major(bin, account.as_ref())?, bin.clone())))
        .filter(|(major, _)| *major >= OLDEST)
        .collect();
    usable.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    let chosen = match made_by {
        Some(major) => usable.iter().find(|(found, _)| *found == major),
        None => usable.first(),
    };
    if let Some((_, bin)) = chosen {
        return Ok(Programs {
            bin: bin.clone(),
            account,
        });
    }
    Err(
        match (configured, made_by, there.into_iter().next(), account) {
            (_, Some(major), _, _) if !usable.is_empty() => PostgresError::OtherVersion {
                data: data.to_path_buf(),
                major,
            },
            (Some(folder), ..) => PostgresError::WrongBin {
                folder: folder.to_path_buf(),
            },
            (None, _, Some(folder), Some(account))
                if major(&folder, None).is_some_and(|major| major >= OLDEST) =>
            {
                PostgresError::NotRunnable {
                    folder,
                    account: account.name,
                }
            }
            (None, Some(major), ..) => PostgresError::OtherVersion {
                data: data.to_path_buf(),
                major,
            },
            (None, None, ..) => PostgresError::NotFound,
        },
    )
}

/// Where server programs are usually installed.
fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    for (base, prefix) in [
        ("/usr/lib/postgresql", ""),         // Debian, Ubuntu
        ("/usr", "pgsql-"),                  // RHEL and its kin
        ("/opt/homebrew/opt", "postgresql"), // macOS
        ("/usr/local/opt", "postgresql"),
        ("/Applications/Postgres.app/Contents/Versions", ""),
    ] {
        let entries = fs::read_dir(base).into_iter().flatten().flatten();
        folders.extend(
            entries
                .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
                .map(|entry| entry.path().join("bin")),
        );
    }
    folders.push(PathBuf::from(".postgres/bin")); // scripts/get-postgres.sh
    folders
}

/// The folder with links followed, if the programs are in it: PATH often holds but a link to one of them.
fn with_programs(folder: &Path) -> Option<PathBuf> {
    let postgres = fs::canonicalize(folder.join("postgres")).ok()?;
    let bin = postgres.parent()?;
    let complete = ["initdb", "pg_ctl"]
        .iter()
        .all(|program| bin.join(program).exists());
    complete.then(|| bin.to_path_buf())
}

/// The major version, if that account can run the programs.
fn major(bin: &Path, account: Option<&Account>) -> Option<u32> {
    let said = output(clean(bin.join("postgres"), account).arg("--version")).ok()?;
    parse_major(&said)
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `postgres (PostgreSQL) 18beta1`.
fn parse_major(said: &str) -> Option<u32> {
    let version = said.split_whitespace().nth(2)?;
    version
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        for (said, major) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)",
                Some(15),
            ),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (PostgreSQL) 9.6.24", Some(9)),
            ("something else", None),
        ] {
            assert_eq!(parse_major(said), major, "{said}");
        }
    }

    #[test]
    fn a_configured_folder_without_programs_is_refused_by_name() {
        let error = find(
            Some(Path::new("/nowhere")),
            Path::new("/nowhere/data"),
            None,
        )
        .unwrap_err();
        assert!(
            error.to_string().contains("/nowhere holds no PostgreSQL"),
            "{error}"
        );
    }
}
