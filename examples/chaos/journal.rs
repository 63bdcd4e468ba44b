//! What the app answered, on disk before the person goes on.

use super::act::{Outcome, Record};
use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// One line of JSON per answer.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    /// How many were taken.
    pub(crate) taken: AtomicU64,
}

impl Journal {
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(File::create_new(path)?),
            taken: AtomicU64::new(0),
        })
    }

    /// Notes an answer; it is on disk when this returns.
    pub(crate) fn note(&self, record: &Record) -> anyhow::Result<()> {
        let mut line = serde_json::to_string(record)?;
        line.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes())?;
        file.sync_data()?;
        if record.outcome == Outcome::Taken {
            self.taken.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Everything noted.
    pub(crate) fn read_back(&self) -> anyhow::Result<Vec<Record>> {
        let text = fs::read_to_string(&self.path)?;
        text.lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }
}
