//! The target without credentials: a CSV file, always replaced whole (write beside it, flush, rename), so that nobody
//! ever reads half of it. People may open and change it: what they saved is never overwritten unread, and a file that
//! somebody else is writing at the moment is left alone until it rests. Tabs of the app's own are files beside it.

mod tab_file;

use super::{
    csv::Document,
    grid::Grid,
    layout::Layout,
    plan::Plan,
    run::{Target, TargetError, Upkeep},
    whole_tab::{TabStanding, WholeTab},
};
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tab_file::TabFile;

/// How long a file that others changed must have been left alone: editors empty a file before they fill it, or take
/// it away before they put it back.
const REST: Duration = Duration::from_secs(1);
/// How often to read a file that changes while it is read.
const READS: u32 = 3;

/// What tells one state of the file from another: inode, size and time of its last change. None: it isn't there.
type Stamp = Option<(u64, u64, i64, i64)>;

/// How the file stands to what was read of it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// As we left it.
    Same,
    /// Somebody is at it.
    Restless,
    /// Somebody changed it, and has finished.
    Changed,
    /// It wasn't read yet, or couldn't be.
    Unread,
}

/// A backlog in a CSV file.
#[derive(Debug)]
pub struct Local {
    path: PathBuf,
    /// Which state of the file was read last.
    read: Option<Stamp>,
    /// What stood in it, if that made sense.
    document: Option<Document>,
    /// A state that isn't the one read last, and when it was seen first.
    seen: Option<(Stamp, Instant)>,
    tabs: Vec<TabFile>,
}

impl Local {
    /// The file at that path, which needn't be there.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            read: None,
            document: None,
            seen: None,
            tabs: Vec::new(),
        }
    }

    /// Says what the files of the app's own tabs shall hold from the next run on.
    pub fn want_tabs(&mut self, wanted: Vec<WholeTab>) {
        let files = wanted.into_iter();
        self.tabs = files
            .map(|wanted| TabFile::beside(&self.path, wanted))
            .collect();
    }

    /// How the files of the app's own tabs stand.
    #[must_use]
    pub fn tabs(&self) -> Vec<TabStanding> {
        self.tabs.iter().map(TabFile::standing).collect()
    }

    async fn read_tabs(&mut self) {
        for at in 0..self.tabs.len() {
            let path = self.tabs[at].path.clone();
            let read = move |_beside: &Path| read_still(&path);
            let read = self.on_disk("read", read).await;
            let tab = &mut self.tabs[at];
            match read {
                Ok(found) => tab.found = Some(found),
                Err(why) => tab.trouble = Some(why.to_string()),
            }
        }
    }

    async fn write_tabs(&mut self) {
        for at in 0..self.tabs.len() {
            let tab = &self.tabs[at];
            let Some((stamp, _)) = tab.found.as_ref().filter(|_| tab.is_to_be_written()) else {
                continue;
            };
            let (stamp, path, bytes) = (*stamp, tab.path.clone(), tab.bytes());
            let replace = move |_beside: &Path| replace(&path, stamp, &bytes);
            if let Err(why) = self.on_disk("written", replace).await {
                self.tabs[at].trouble = Some(why.to_string());
            }
        }
    }

    /// Where it is, for people.
    #[must_use]
    pub fn address(&self) -> String {
        self.path.display().to_string()
    }

    /// How the file stands to what was read of it last.
    pub fn watch(&mut self) -> Watch {
        // What can't be looked at can't be read either, and reading says why.
        let Ok(stamp) = stamp(&self.path) else {
            return Watch::Unread;
        };
        if self.read == Some(stamp) {
            self.seen = None;
            return Watch::Same;
        }
        match self.seen {
            Some((seen, since)) if seen == stamp && since.elapsed() < REST => Watch::Restless,
            Some((seen, _)) if seen == stamp && self.read.is_some() => Watch::Changed,
            Some((seen, _)) if seen == stamp => Watch::Unread,
            _ => {
                self.seen = Some((stamp, Instant::now()));
                Watch::Restless
            }
        }
    }

    fn failed(&self, doing: &str, why: &io::Error) -> TargetError {
        let path = self.path.display();
        let remedy = match why.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                " Let the app’s user write to that folder, or set PRODUCTOPS_DATA_DIR to one it can write to."
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => " Make room on that disk.",
            _ => "",
        };
        TargetError::failed(format!(
            "The mirror file {path} can’t be {doing}: {why}.{remedy} The app goes on without it and tries again."
        ))
    }

    /// Does what waits for the disk where nothing else waits for it.
    async fn on_disk<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, TargetError> {
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        let done = done.unwrap_or_else(|ended| Err(io::Error::other(ended)));
        done.map_err(|why| self.failed(doing, &why))
    }
}

impl Target for Local {
    const IS_CONDITIONAL: bool = true;
    const LARGEST_WRITE: usize = usize::MAX;

    async fn read(&mut self) -> Result<Grid, TargetError> {
        (self.read, self.document) = (None, None);
        let (stamp, bytes) = self.on_disk("read", read_still).await?;
        self.read = Some(stamp);
        let document = Document::read(bytes).map_err(|why| {
            TargetError::failed(format!("The mirror file {}: {why}", self.path.display()))
        })?;
        let grid = document.grid();
        self.document = Some(document);
        self.read_tabs().await;
        Ok(grid)
    }

    async fn write(&mut self, plan: &Plan, _layout: &Layout) -> Result<Grid, TargetError> {
        self.write_tabs().await;
        let document = self.document.take().filter(|_| !plan.runs.is_empty());
        if let (Some(read), Some(document)) = (self.read, document) {
            let bytes = document.with(plan);
            let replace = move |path: &Path| replace(path, read, &bytes);
            self.on_disk("written", replace).await?;
        }
        self.read().await
    }

    fn upkeep(&self, _layout: &Layout, _room: usize) -> Upkeep {
        let waiting = self.tabs.iter().map(TabFile::waiting);
        Upkeep {
            is_needed: self.tabs.iter().any(TabFile::is_to_be_written),
            cells: waiting.sum(),
            is_part: false,
        }
    }
}

fn stamp(path: &Path) -> io::Result<Stamp> {
    match fs::metadata(path) {
        Ok(file) => Ok(Some((
            file.ino(),
            file.size(),
            file.mtime(),
            file.mtime_nsec(),
        ))),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

/// The file as it was at one moment; one that isn't there is an empty one.
fn read_still(path: &Path) -> io::Result<(Stamp, Vec<u8>)> {
    for _ in 0..READS {
        let before = stamp(path)?;
        let bytes = match before {
            None => Vec::new(),
            Some(_) => fs::read(path)?,
        };
        if stamp(path)? == before {
            return Ok((before, bytes));
        }
    }
    Err(io::Error::other("somebody is writing it all the time"))
}

/// Puts these bytes in the file's place if it still is as it was read, with its owner and rights; else nothing.
fn replace(path: &Path, read: Stamp, bytes: &[u8]) -> io::Result<()> {
    // Through a link, to the file that people mean.
    let path = fs::canonicalize(path).unwrap_or_else(|_not_there| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut beside = path.clone().into_os_string();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let written = write_beside(&beside, &path, bytes).and_then(|()| {
        if stamp(&path)? == read {
            fs::rename(&beside, &path)?;
            // The rename itself must survive a power cut too.
            File::open(folder)?.sync_all()
        } else {
            fs::remove_file(&beside)
        }
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_beside(beside: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(beside)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
        // Only root may give files away; anybody else's stays readable by its rights.
        let _ = chown(beside, Some(old.uid()), Some(old.gid()));
    }
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::{
        Mode,
        run::{Known, Report, RunError, run},
        verify::tests::{Always, terms, wanted},
    };

    /// A folder of its own, gone with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("productops-local-{}-{name}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    async fn mirror(target: &mut Local, title: &str) -> Result<Report, RunError> {
        let all = [wanted(1, title, Some(59_800.0))];
        let (terms, mut known) = (terms(Mode::Write), Known::default());
        run(target, &all, &mut known, &terms, &mut Always(true)).await
    }

    #[tokio::test]
    async fn a_missing_file_is_made_with_its_folder_and_kept_in_step() {
        let folder = Folder::new("made");
        let path = folder.0.join("data/central_backlog.csv");
        let mut target = Local::new(path.clone());
        mirror(&mut target, "One").await.unwrap();
        assert!(
            fs::read_to_string(&path)
                .unwrap()
                .contains("INIT-1,One,,,59800")
        );
        assert_eq!(target.watch(), Watch::Same);
        let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "nothing is left beside it");
        fs::remove_file(&path).unwrap();
        assert_eq!(target.watch(), Watch::Restless);
        mirror(&mut target, "One").await.unwrap();
        assert!(path.exists());
    }

    #[tokio::test]
    async fn rights_and_links_stay_as_they_are() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = Folder::new("rights");
        let (file, link) = (
            folder.0.join("real.csv"),
            folder.0.join("central_backlog.csv"),
        );
        fs::write(&file, "Key,Title,Mine\nINIT-1,Old,\"x\"\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        mirror(&mut Local::new(link.clone()), "New").await.unwrap();
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            "Key,Title,Mine\nINIT-1,New,\"x\"\n"
        );
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_file_that_changed_since_it_was_read_is_not_replaced() {
        let folder = Folder::new("changed");
        let path = folder.0.join("central_backlog.csv");
        fs::write(&path, "Key,Title\n").unwrap();
        let (read, _) = read_still(&path).unwrap();
        fs::write(&path, "Key,Title,Mine\n").unwrap();
        replace(&path, read, b"ours").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "Key,Title,Mine\n");
    }

    #[tokio::test]
    async fn a_place_that_cannot_be_written_is_named_with_the_way_out() {
        let folder = Folder::new("refused");
        let file = folder.0.join("file");
        fs::write(&file, "").unwrap();
        let mut target = Local::new(file.join("central_backlog.csv"));
        let why = mirror(&mut target, "One").await.unwrap_err().to_string();
        assert!(
            why.contains("The mirror file") && why.contains("tries again"),
            "{why}"
        );
    }

    #[tokio::test]
    async fn a_damaged_file_is_left_as_it_is() {
        let folder = Folder::new("damaged");
        let path = folder.0.join("central_backlog.csv");
        let text = "Key,Title\nINIT-1,\"open\n";
        fs::write(&path, text).unwrap();
        let why = mirror(&mut Local::new(path.clone()), "One")
            .await
            .unwrap_err();
        assert!(why.to_string().contains("in row 2"), "{why}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}
