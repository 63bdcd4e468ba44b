//! Databases for tests: [`TestDb::new`] gives each test an empty, migrated one of its own in about 20 ms.
//!
//! One server per test process: a private cluster that vanishes with the process, or the server of `DATABASE_URL` if
//! that is set (its role must be allowed to create databases). The schema is migrated once, into a template that
//! every test's database is a copy of. One thread keeps the connection that makes and drops them, so it doesn't
//! matter that every test has a runtime of its own.
//!
//! A failing assertion or a panic here means that the test can't run; nothing is returned as an error.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a helper of tests"
)]

use std::{
    str::FromStr,
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::{mpsc as orders, oneshot};

use crate::{
    postgres::{self, Embedded},
    store::{
        MIGRATOR,
        db::{Db, DbOptions},
    },
};

/// What the names of all databases made here begin with; on a shared server, what is left of dead test processes is
/// found by it.
const PREFIX: &str = "productops_test";
/// The first half of the advisory lock that says a test process is alive; its number is the second half.
const ALIVE: i32 = 0x7465_7374;

/// A database of its own for one test, migrated and empty. Dropped with everybody still connected when this is.
#[derive(Debug)]
pub struct TestDb {
    /// The way to it.
    pub db: Db,
    name: String,
}

impl TestDb {
    /// Makes one. The first call in a process also starts the server and migrates.
    pub async fn new() -> Self {
        Self::with(DbOptions {
            max_connections: 4,
            ..DbOptions::default()
        })
        .await
    }

    /// Makes one that is reached with these options.
    pub async fn with(options: DbOptions) -> Self {
        let keeper = keeper();
        let (made, name) = oneshot::channel();
        keeper
            .orders
            .send(Order::Make(made))
            .expect("the thread that makes databases has ended");
        let name = name
            .await
            .expect("making a test's database failed; see above");
        let db = Db::connect_lazily(keeper.server.connect_options(&name), options);
        Self { db, name }
    }

    /// How to reach this database by other means than [`TestDb::db`].
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        keeper().server.connect_options(&self.name)
    }

    /// A connection of one's own, for what nobody should hear of.
    pub async fn connect(&self) -> PgConnection {
        let connected = self.connect_options().connect().await;
        connected.expect("connecting to the test's database")
    }

    /// The same as a `DATABASE_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        self.connect_options().to_url_lossy().to_string()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let (dropped, done) = mpsc::channel();
        let order = Order::Drop(std::mem::take(&mut self.name), dropped);
        // Waited for: on a shared server, a process that ended sooner would leave it behind.
        if keeper().orders.send(order).is_ok() {
            let _ = done.recv_timeout(Duration::from_secs(10));
        }
    }
}

enum Order {
    Make(oneshot::Sender<String>),
    Drop(String, mpsc::Sender<()>),
}

/// The thread that makes and drops databases, and the server it does it on.
struct Keeper {
    server: Server,
    orders: orders::UnboundedSender<Order>,
}

enum Server {
    Ours(Embedded),
    Given(Box<PgConnectOptions>),
}

impl Server {
    fn connect_options(&self, database: &str) -> PgConnectOptions {
        match self {
            Self::Ours(embedded) => embedded.connect_options(database),
            Self::Given(options) => options.as_ref().clone().database(database),
        }
    }

    /// The database from which others are made: `postgres`, or the one that `DATABASE_URL` names.
    fn maintenance(&self) -> PgConnectOptions {
        match self {
            Self::Ours(embedded) => embedded.connect_options("postgres"),
            Self::Given(options) => options.as_ref().clone(),
        }
    }
}

fn keeper() -> &'static Keeper {
    static KEEPER: OnceLock<Keeper> = OnceLock::new();
    KEEPER.get_or_init(|| {
        let server = match std::env::var("DATABASE_URL") {
            Ok(url) if !url.is_empty() => Server::Given(Box::new(
                PgConnectOptions::from_str(&url).expect("DATABASE_URL"),
            )),
            _ => {
                let bin = std::env::var_os("PRODUCTOPS_POSTGRES_BIN").map(Into::into);
                let root = postgres::test_root();
                let options = postgres::Options {
                    root,
                    bin,
                    durable: false,
                };
                Server::Ours(Embedded::start(&options).unwrap_or_else(|error| panic!("{error}")))
            }
        };
        let (orders, received) = orders::unbounded_channel();
        let (ready, prepared) = mpsc::channel();
        let (maintenance, template) = (server.maintenance(), server.connect_options(""));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("a runtime")
                .block_on(keep(maintenance, template, ready, received));
        });
        prepared
            .recv()
            .expect("preparing the test databases failed; see above");
        Keeper { server, orders }
    })
}

/// Prepares the template, says so, and then makes and drops databases for as long as the process lives.
async fn keep(
    maintenance: PgConnectOptions,
    any: PgConnectOptions,
    ready: mpsc::Sender<()>,
    mut orders: orders::UnboundedReceiver<Order>,
) {
    let mut connection = maintenance
        .connect()
        .await
        .expect("connecting to the test server");
    let id = say_alive(&mut connection).await;
    sweep(&mut connection).await;
    let template = format!("{PREFIX}_{id}_template");
    run(
        &mut connection,
        format!("CREATE DATABASE {template} TEMPLATE template0"),
    )
    .await;
    let mut migrated = any
        .database(&template)
        .connect()
        .await
        .expect("connecting to the template");
    MIGRATOR.run(&mut migrated).await.expect("migrating");
    migrated.close().await.expect("leaving the template");
    // Copying files is three times as fast as logging every page; older servers know nothing else.
    let strategy = match connection.server_version_num() {
        Some(version) if version >= 150_000 => "STRATEGY file_copy",
        _ => "",
    };
    ready
        .send(())
        .expect("whoever waits for the test databases");

    let mut number = 0_u32;
    while let Some(order) = orders.recv().await {
        match order {
            Order::Make(made) => {
                number += 1;
                let name = format!("{PREFIX}_{id}_t{number}");
                run(
                    &mut connection,
                    format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}"),
                )
                .await;
                // A test that has been given up meanwhile leaves an empty database to the next sweep.
                let _ = made.send(name);
            }
            Order::Drop(name, dropped) => {
                run(
                    &mut connection,
                    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                )
                .await;
                let _ = dropped.send(());
            }
        }
    }
}

/// Chooses a number that no other test process on this server has, and holds its lock while this connection lives.
async fn say_alive(connection: &mut PgConnection) -> i32 {
    let mut id = i32::try_from(std::process::id() % 1_000_000).expect("less than a million");
    loop {
        let free: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1, $2)")
            .bind(ALIVE)
            .bind(id)
            .fetch_one(&mut *connection)
            .await
            .expect("the lock of this test process");
        if free {
            return id;
        }
        id += 1;
    }
}

/// Drops what test processes that are gone have left, our own number's included.
async fn sweep(connection: &mut PgConnection) {
    let left: Vec<String> = sqlx::query_scalar(
        // CASE, since only then the name is known to have a number in it.
        "SELECT datname::text FROM pg_database WHERE CASE WHEN datname ~ $1 \
         THEN pg_try_advisory_xact_lock($2, split_part(datname, '_', 3)::int) ELSE false END",
    )
    .bind(format!("^{PREFIX}_[0-9]+_"))
    .bind(ALIVE)
    .fetch_all(&mut *connection)
    .await
    .expect("listing the test databases of dead processes");
    for name in left {
        // Another process may be sweeping too.
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let _ = sqlx::raw_sql(AssertSqlSafe(drop))
            .execute(&mut *connection)
            .await;
    }
}

async fn run(connection: &mut PgConnection, sql: String) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
        .execute(connection)
        .await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn tables(db: &Db) -> i64 {
        db.read(async move |mut c| {
            sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
                .fetch_one(&mut *c)
                .await
        })
        .await
        .unwrap_or_else(|error: sqlx::Error| panic!("{error}"))
    }

    #[test]
    fn many_runtimes_share_one_server_and_each_test_has_a_database_of_its_own() {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                thread::spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build();
                    runtime.unwrap().block_on(async {
                        let test = TestDb::new().await;
                        assert!(tables(&test.db).await > 0);
                        test.name.clone()
                    })
                })
            })
            .collect();
        let mut names: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 8);
    }

    #[tokio::test]
    async fn the_url_leads_to_the_same_database() {
        let test = TestDb::new().await;
        let options = PgConnectOptions::from_str(&test.url()).unwrap();
        let mut connection = options.connect().await.unwrap();
        let name: String = sqlx::query_scalar("SELECT current_database()::text")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(name, test.name);
    }

    #[tokio::test]
    async fn a_dropped_test_database_is_gone_even_if_somebody_is_still_connected() {
        let test = TestDb::new().await;
        let name = test.name.clone();
        let _still_connected = test.connect_options().connect().await.unwrap();
        drop(test);
        let mut connection = keeper().server.maintenance().connect().await.unwrap();
        let there: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
                .bind(name)
                .fetch_one(&mut connection)
                .await
                .unwrap();
        assert!(!there);
    }
}
