//! The cluster under bad treatment. Two [`Embedded`]s in one process are as good as two processes: the locks belong
//! to the opened files.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{ConnectOptions, PgConnection};

use super::*;

/// A folder of its own, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("durable-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        Self(test_root().with_extension(name))
    }

    fn options(&self) -> Options {
        let bin = std::env::var_os("PRODUCTOPS_POSTGRES_BIN").map(Into::into);
        Options {
            root: self.0.clone(),
            bin,
            durable: true,
        }
    }

    fn start(&self) -> Embedded {
        Embedded::start(&self.options()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The number of the server process.
    fn server(&self) -> Pid {
        let note = fs::read_to_string(self.0.join("data/postmaster.pid")).unwrap();
        Pid::from_raw(note.lines().next().unwrap().trim().parse().unwrap()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

async fn connect(embedded: &Embedded) -> sqlx::Result<PgConnection> {
    embedded.connect_options("postgres").connect().await
}

async fn rows(embedded: &Embedded) -> sqlx::Result<i64> {
    let mut connection = connect(embedded).await?;
    sqlx::query_scalar("SELECT count(*) FROM kept")
        .fetch_one(&mut connection)
        .await
}

async fn add_row(embedded: &Embedded) {
    let mut connection = connect(embedded).await.unwrap();
    let add = "CREATE TABLE IF NOT EXISTS kept (); INSERT INTO kept DEFAULT VALUES";
    sqlx::raw_sql(add).execute(&mut connection).await.unwrap();
}

/// How long until the rows can be read again, once the server that runs now is gone.
async fn back_after(embedded: &Embedded, expected: i64) -> Duration {
    let begun = Instant::now();
    loop {
        match rows(embedded).await {
            Ok(rows) => {
                assert_eq!(rows, expected, "rows were lost");
                return begun.elapsed();
            }
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(20), "{error}"),
        }
        sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_stop_and_a_start() {
    let folder = Folder::new();
    let first = folder.start();
    add_row(&first).await;
    first.ensure_database("app").await.unwrap();
    first.ensure_database("app").await.unwrap();
    first.stop().unwrap();
    assert!(
        !folder.0.join("data/postmaster.pid").exists(),
        "the server outlived its owner"
    );
    let second = folder.start();
    assert_eq!(rows(&second).await.unwrap(), 1);
    second.connect_options("app").connect().await.unwrap();
}

#[tokio::test]
async fn a_client_takes_over_when_the_owner_ends() {
    let folder = Folder::new();
    let owner = folder.start();
    add_row(&owner).await;
    assert!(owner.is_owner() && !owner.is_used_by_others());
    let client = folder.start();
    assert!(!client.is_owner() && owner.is_used_by_others());
    let third = folder.start();
    owner.stop().unwrap();
    let gap = back_after(&client, 1).await;
    assert!(gap < Duration::from_secs(2), "taken over after {gap:?}");
    assert!(
        client.is_owner() != third.is_owner(),
        "exactly one takes over"
    );
}

#[tokio::test]
async fn a_command_that_owns_the_cluster_waits_for_its_clients() {
    let folder = Folder::new();
    let command = folder.start();
    add_row(&command).await;
    let app = folder.start();
    let waiting = std::thread::spawn(move || command.stop_when_unused());
    sleep(Duration::from_millis(500));
    assert!(!waiting.is_finished() && !app.is_owner());
    assert_eq!(rows(&app).await.unwrap(), 1);
    app.stop().unwrap();
    waiting.join().unwrap().unwrap();
    assert!(!folder.0.join("data/postmaster.pid").exists());
}

#[tokio::test]
async fn a_killed_server_is_started_again() {
    let folder = Folder::new();
    let owner = folder.start();
    add_row(&owner).await;
    for _ in 0..3 {
        let killed = folder.server();
        kill_process(killed, Signal::KILL).unwrap();
        back_after(&owner, 1).await;
        assert_ne!(folder.server(), killed);
    }
}

#[tokio::test]
async fn a_server_whose_supervisor_was_killed_gets_a_new_one() {
    let folder = Folder::new();
    let owner = folder.start();
    add_row(&owner).await;
    let orphan = folder.server();
    let status = fs::read_to_string(format!("/proc/{}/stat", orphan.as_raw_nonzero()));
    let Ok(status) = status else {
        return; // no /proc here to find the supervisor in
    };
    let parent = status
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse();
    kill_process(Pid::from_raw(parent.unwrap()).unwrap(), Signal::KILL).unwrap();
    let begun = Instant::now();
    while fs::read_to_string(folder.0.join("data/postmaster.pid")).is_err()
        || folder.server() == orphan
    {
        assert!(begun.elapsed() < Duration::from_secs(20));
        sleep(Duration::from_millis(20));
    }
    back_after(&owner, 1).await;
    owner.stop().unwrap();
    assert!(
        !folder.0.join("data/postmaster.pid").exists(),
        "the new server has no lifeline"
    );
}

#[tokio::test]
async fn leftovers_of_a_crash_do_not_stand_in_the_way() {
    let folder = Folder::new();
    let first = folder.start();
    add_row(&first).await;
    first.stop().unwrap();
    // A number that now belongs to a live process, a half-made cluster and a stale socket.
    let note = format!(
        "{}\n{}\n",
        std::process::id(),
        folder.0.join("data").display()
    );
    fs::write(folder.0.join("data/postmaster.pid"), note).unwrap();
    fs::create_dir_all(folder.0.join("data.new/base")).unwrap();
    fs::write(folder.0.join("run/.s.PGSQL.5432.lock"), "1\n").unwrap();
    assert_eq!(rows(&folder.start()).await.unwrap(), 1);
}

#[tokio::test]
async fn another_cluster_is_not_stopped_for_a_recycled_number() {
    let (ours, theirs) = (Folder::new(), Folder::new());
    ours.start().stop().unwrap();
    let other = theirs.start();
    add_row(&other).await;
    let running = theirs.server();
    let note = format!(
        "{}\n{}\n",
        running.as_raw_nonzero(),
        ours.0.join("data").display()
    );
    fs::write(ours.0.join("data/postmaster.pid"), note).unwrap();
    ours.start().stop().unwrap();
    assert_eq!(theirs.server(), running);
    assert_eq!(rows(&other).await.unwrap(), 1);
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = Folder::new();
    fs::create_dir_all(folder.0.join("data")).unwrap();
    fs::write(folder.0.join("data/diary.txt"), "dear diary").unwrap();
    let error = Embedded::start(&folder.options()).unwrap_err();
    assert!(
        matches!(error, PostgresError::NotACluster { .. }),
        "{error}"
    );
    assert!(folder.0.join("data/diary.txt").exists());
}

#[test]
fn a_path_too_long_for_a_socket_is_refused_before_anything_is_made() {
    let folder = Folder::new();
    let root = folder.0.join("a".repeat(90));
    let options = Options {
        root: root.clone(),
        ..folder.options()
    };
    let error = Embedded::start(&options).unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    assert!(!root.join("data").exists());
}

#[tokio::test]
async fn a_cluster_for_tests_vanishes_with_its_owner() {
    let folder = Folder::new();
    let options = Options {
        durable: false,
        ..folder.options()
    };
    let cluster = Embedded::start(&options).unwrap();
    add_row(&cluster).await;
    cluster.stop().unwrap();
    let begun = Instant::now();
    while Path::new(&folder.0).exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "still there");
        sleep(Duration::from_millis(10));
    }
}
