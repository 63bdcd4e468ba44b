//! The process is killed between a commit and the write, and between the write and its bookkeeping, again and again: the
//! sheet comes into step, and no row stands twice.

use super::{
    calls::text,
    service::{Fault, Service},
    tab::Tab,
    worker::{shown, variables},
};
use crate::mirror::eventually;
use productops::{
    actions::{Actor, Through, initiatives},
    clock::Clock,
    store::{db::Conn, mirror_state, users},
    testing::TestDb,
};
use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::timeout;

/// How often.
const ROUNDS: usize = 50;

/// The program; killed with this at the latest.
struct Running(Child);

impl Running {
    fn start(database: &TestDb, service: &Service) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_productops"))
            .env("DATABASE_URL", database.url())
            .env("PRODUCTOPS_ADDR", "127.0.0.1:0")
            .env("MIRROR_MODE", "write")
            .envs(variables(service))
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("the program"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL: nothing is tidied up.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What somebody commits while no process mirrors.
async fn create(database: &TestDb, key: &str, title: &str) {
    let new = initiatives::NewInitiative {
        key: key.to_owned(),
        title: title.to_owned(),
        problem_statement: String::new(),
        framework: String::new(),
    };
    let made = database.db.transaction(async move |mut tx| {
        let user = users::get_system(&mut tx).await?;
        let actor = Actor::new(&user, Through::Import);
        initiatives::create(&mut tx, &actor, Clock::system().now(), &new).await
    });
    made.await.expect("an initiative");
}

#[tokio::test]
async fn killed_at_the_worst_moments_fifty_times_the_sheet_converges_and_no_row_stands_twice() {
    let header = ["PM Notes", "Initiative Key", "Title", "Score Status"].map(text);
    let service = Service::with(Tab::new("Backlog", &[header.to_vec()], (10, 4))).await;
    let database = TestDb::new().await;
    for round in 0..ROUNDS {
        let key = format!("INIT-{}", round + 1);
        create(&database, &key, &format!("Title {round}")).await;
        let fault = if round % 2 == 0 {
            Fault::HangBefore
        } else {
            Fault::HangAfter
        };
        service.state().write_faults.push_back(fault);
        let running = Running::start(&database, &service);
        let hung = timeout(Duration::from_mins(1), service.hangs.notified()).await;
        assert!(hung.is_ok(), "round {round}: no write");
        drop(running);
    }
    let _running = Running::start(&database, &service);
    let last = format!("INIT-{ROUNDS}");
    eventually("no mark is left", async || {
        let marks = async |mut conn: Conn| mirror_state::marks(&mut conn).await;
        database.db.read(marks).await.unwrap().is_empty()
    })
    .await;
    assert_eq!(shown(&service, &last, "Score Status").as_deref(), Some(""));
    let state = service.state();
    for round in 0..ROUNDS {
        let key = text(&format!("INIT-{}", round + 1));
        let rows = state.tab.rows.iter().filter(|row| row[1].value == key);
        let titles: Vec<_> = rows.map(|row| row[2].value.clone()).collect();
        assert_eq!(titles, [text(&format!("Title {round}"))], "{key:?}");
    }
}
