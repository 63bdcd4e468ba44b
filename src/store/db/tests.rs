//! The promises of [`Db`], on a real server, with a network between that can lose everything.

#[path = "../../../tests/app/freezing_proxy.rs"]
mod freezing_proxy;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use freezing_proxy::{FreezingProxy, Upstream};
use sqlx::postgres::PgConnectOptions;
use tokio::{sync::Barrier, task::JoinSet, time::sleep};

use super::*;
use crate::testing::TestDb;

const LOST: Duration = Duration::from_secs(3);

/// A test's database behind a proxy of its own, with a table that remembers numbers.
struct Behind {
    db: Db,
    proxy: FreezingProxy,
}

impl Behind {
    async fn of(test: &TestDb, options: DbOptions) -> Self {
        let direct = test.connect_options();
        let upstream = match direct.get_socket() {
            Some(folder) => Upstream::Unix(folder.join(format!(".s.PGSQL.{}", direct.get_port()))),
            None => Upstream::Tcp(direct.get_host().to_owned(), direct.get_port()),
        };
        let proxy = FreezingProxy::before(upstream).await.unwrap();
        let db = Db::connect_lazily(over_tcp(&direct, proxy.port()), options);
        Self { db, proxy }
    }
}

/// The same database by the proxy's port: a socket's folder, once set, can't be taken out of the options.
fn over_tcp(direct: &PgConnectOptions, port: u16) -> PgConnectOptions {
    use sqlx::ConnectOptions;
    let mut url = direct.to_url_lossy();
    if direct.get_socket().is_some() {
        let user = direct.get_username();
        let database = direct.get_database().unwrap_or_default();
        return PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .username(user)
            .database(database)
            .ssl_mode(sqlx::postgres::PgSslMode::Disable);
    }
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(port)).unwrap();
    PgConnectOptions::from_url(&url).unwrap()
}

async fn with_ledger() -> TestDb {
    let test = TestDb::new().await;
    run(&test.db, "CREATE TABLE ledger (number bigint PRIMARY KEY)")
        .await
        .unwrap();
    test
}

async fn run(db: &Db, sql: &'static str) -> sqlx::Result<()> {
    db.write(async move |mut c| simple(&mut c, sql).await).await
}

async fn note(db: &Db, number: i64) -> sqlx::Result<()> {
    db.transaction(async move |mut tx| {
        sqlx::query("INSERT INTO ledger VALUES ($1)")
            .bind(number)
            .execute(&mut *tx)
            .await?;
        Ok(())
    })
    .await
}

async fn count(db: &Db) -> i64 {
    db.read(async move |mut c| {
        sqlx::query_scalar("SELECT count(*) FROM ledger")
            .fetch_one(&mut *c)
            .await
    })
    .await
    .unwrap_or_else(|error: sqlx::Error| panic!("{error}"))
}

/// Fails unless as many pieces of work as the pool is wide can be under way at once.
async fn assert_full(db: &Db) {
    let width = db.inner.options.max_connections;
    let all_in = Arc::new(Barrier::new(width as usize));
    let mut working = JoinSet::new();
    for _ in 0..width {
        let (db, all_in) = (db.clone(), Arc::clone(&all_in));
        working.spawn(async move {
            db.read(async move |mut c| {
                simple(&mut c, "SELECT 1").await?;
                all_in.wait().await;
                Ok::<_, sqlx::Error>(())
            })
            .await
        });
    }
    for done in working.join_all().await {
        done.unwrap();
    }
}

/// What went on around a freeze, and what it came to.
#[derive(Clone, Copy, Debug)]
enum Freeze {
    /// Nobody was using the connections, and one person comes back to them.
    WhileIdle,
    /// All were in use; new ones work at once.
    UnderLoad,
    /// All were in use, and for a while new ones were swallowed as well.
    Everything,
}

async fn round(
    test: &TestDb,
    freeze: Freeze,
    numbers: &Arc<AtomicI64>,
    acked: &Arc<Mutex<Vec<i64>>>,
) {
    let options = DbOptions {
        max_connections: 2,
        ..DbOptions::default()
    };
    let Behind { db, proxy } = Behind::of(test, options).await;
    assert_full(&db).await;

    let over = Arc::new(AtomicBool::new(false));
    // When requests count, and when the first of those succeeded.
    let watched: Arc<Mutex<(Option<Instant>, Option<Instant>)>> = Arc::default();
    let failures = Arc::new(AtomicU32::new(0));
    let write = || {
        let (db, over, watched) = (db.clone(), Arc::clone(&over), Arc::clone(&watched));
        let (numbers, failures) = (Arc::clone(numbers), Arc::clone(&failures));
        let acked = Arc::clone(acked);
        async move {
            while !over.load(Ordering::Relaxed) {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                let begun = Instant::now();
                match note(&db, number).await {
                    Ok(()) => {
                        acked.lock().unwrap().push(number);
                        let (opened, first) = &mut *watched.lock().unwrap();
                        if opened.is_some_and(|opened| begun >= opened) {
                            first.get_or_insert_with(Instant::now);
                        }
                    }
                    Err(error) => {
                        assert!(is_away(&error), "{error}");
                        failures.fetch_add(1, Ordering::Relaxed);
                    }
                }
                sleep(Duration::from_millis(2)).await;
            }
        }
    };
    let mut writers = JoinSet::new();
    if matches!(freeze, Freeze::WhileIdle) {
        sleep(Duration::from_millis(200)).await;
    } else {
        (0..4).for_each(|_| drop(writers.spawn(write())));
        sleep(Duration::from_millis(300)).await;
    }
    if matches!(freeze, Freeze::Everything) {
        proxy.freeze_everything();
        sleep(Duration::from_millis(5500)).await;
        proxy.let_new_ones_through();
    } else {
        proxy.freeze_open_connections();
    }
    let opened = Instant::now();
    watched.lock().unwrap().0 = Some(opened);
    if matches!(freeze, Freeze::WhileIdle) {
        writers.spawn(write());
    }
    let recovered = loop {
        if let (_, Some(first)) = *watched.lock().unwrap() {
            break first - opened;
        }
        assert!(
            opened.elapsed() < Duration::from_secs(20),
            "{freeze:?}: no success"
        );
        sleep(Duration::from_millis(5)).await;
    };
    // Let what is still under way on dead connections miss its deadline, or its time to connect.
    let deadline = if matches!(freeze, Freeze::Everything) {
        3
    } else {
        6
    };
    sleep(Duration::from_secs(deadline)).await;
    over.store(true, Ordering::Relaxed);
    writers.join_all().await;
    assert_full(&db).await;
    assert!(
        db.inner.pool.size() <= 4,
        "the pool grew to {}",
        db.inner.pool.size()
    );
    println!(
        "{freeze:?}: first success after {recovered:?}, {} failures",
        failures.load(Ordering::Relaxed)
    );
    assert!(
        recovered <= LOST,
        "{freeze:?}: first success after {recovered:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_every_connection_dies_silently_work_succeeds_within_three_seconds_and_nothing_is_lost()
 {
    let test = Arc::new(with_ledger().await);
    let (numbers, acked) = (
        Arc::new(AtomicI64::new(1)),
        Arc::new(Mutex::new(Vec::new())),
    );
    // A server has a hundred places by default, and each round takes up to six.
    let places = Arc::new(Semaphore::new(10));
    let mut rounds = JoinSet::new();
    for number in 0..20 {
        // The longest first.
        let freeze = [Freeze::Everything, Freeze::UnderLoad, Freeze::WhileIdle][number / 7];
        let (test, numbers, acked) = (Arc::clone(&test), Arc::clone(&numbers), Arc::clone(&acked));
        let places = Arc::clone(&places);
        rounds.spawn(async move {
            let _place = places.acquire().await.unwrap();
            round(&test, freeze, &numbers, &acked).await;
        });
    }
    rounds.join_all().await;

    let acked = acked.lock().unwrap().clone();
    let promised = acked.len();
    let kept: i64 = test
        .db
        .read(async move |mut c| {
            sqlx::query_scalar("SELECT count(*) FROM ledger WHERE number = ANY($1)")
                .bind(acked)
                .fetch_one(&mut *c)
                .await
        })
        .await
        .unwrap_or_else(|error: sqlx::Error| panic!("{error}"));
    assert_eq!(
        usize::try_from(kept).unwrap(),
        promised,
        "acknowledged writes are missing"
    );
}

#[tokio::test]
async fn locks_of_a_transaction_that_vanished_are_let_go_by_the_server() {
    let test = with_ledger().await;
    note(&test.db, 1).await.unwrap();
    let options = DbOptions {
        interactive: Duration::from_secs(1),
        ..DbOptions::default()
    };
    let Behind { db, proxy } = Behind::of(&test, options).await;
    let proxy = Arc::new(proxy);
    let network = Arc::clone(&proxy);
    let vanished = db
        .transaction(async move |mut tx| {
            simple(&mut tx, "UPDATE ledger SET number = 2").await?;
            network.freeze_open_connections();
            simple(&mut tx, "SELECT 1").await
        })
        .await;
    assert!(is_deadline(&vanished.unwrap_err()));
    // Waits for the lock until the server gives up on the vanished transaction.
    run(&test.db, "UPDATE ledger SET number = 3").await.unwrap();
}

#[tokio::test]
async fn work_that_misses_its_deadline_fails_and_costs_no_connection() {
    let test = TestDb::with(DbOptions {
        max_connections: 2,
        interactive: Duration::from_millis(200),
        server_limits: false,
        ..DbOptions::default()
    })
    .await;
    for _ in 0..6 {
        let error = run(&test.db, "SELECT pg_sleep(30)").await.unwrap_err();
        assert!(is_deadline(&error) && is_away(&error), "{error}");
        assert!(
            error.to_string().contains("did not answer within 0.2 s"),
            "{error}"
        );
    }
    assert_full(&test.db).await;
}

#[tokio::test]
async fn the_server_ends_statements_that_nobody_waits_for_any_more() {
    let options = DbOptions {
        interactive: Duration::from_millis(300),
        ..DbOptions::default()
    };
    let test = TestDb::with(options).await;
    let setting: String = test
        .db
        .read(async move |mut c| {
            sqlx::query_scalar(
                "SELECT current_setting('statement_timeout') || ' ' || current_setting('jit')",
            )
            .fetch_one(&mut *c)
            .await
        })
        .await
        .unwrap_or_else(|error: sqlx::Error| panic!("{error}"));
    assert_eq!(setting, "300ms off");
}

#[tokio::test]
async fn bulk_work_has_the_time_it_asks_for_and_no_more() {
    let test = TestDb::with(DbOptions {
        interactive: Duration::from_millis(200),
        ..DbOptions::default()
    })
    .await;
    let sleep = async move |mut c: Conn| simple(&mut c, "SELECT pg_sleep(0.6)").await;
    test.db
        .bulk("a long import", Duration::from_secs(5), sleep)
        .await
        .unwrap();
    let error = test
        .db
        .bulk("too long", Duration::from_millis(300), sleep)
        .await
        .unwrap_err();
    assert!(is_away(&error), "{error}");
    assert_full(&test.db).await;
}

#[tokio::test]
async fn a_transaction_counts_as_a_whole_or_not_at_all() {
    #[derive(Debug)]
    enum Refused {
        ByUs,
        Db,
    }
    impl From<sqlx::Error> for Refused {
        fn from(_: sqlx::Error) -> Self {
            Self::Db
        }
    }
    let test = with_ledger().await;
    let refused = test
        .db
        .transaction(async move |mut tx| -> Result<(), Refused> {
            simple(&mut tx, "INSERT INTO ledger VALUES (1)").await?;
            Err(Refused::ByUs)
        })
        .await;
    assert!(matches!(refused, Err(Refused::ByUs)));
    let failed = test
        .db
        .transaction(async move |mut tx| -> Result<(), Refused> {
            simple(&mut tx, "INSERT INTO ledger VALUES (1)").await?;
            Ok(simple(&mut tx, "INSERT INTO ledger VALUES (1)").await?)
        })
        .await;
    assert!(matches!(failed, Err(Refused::Db)));
    assert_eq!(count(&test.db).await, 0);
}

#[tokio::test]
async fn a_swallowed_database_error_is_never_acknowledged_as_a_commit() {
    let test = with_ledger().await;
    let result = test
        .db
        .transaction(async move |mut tx| {
            simple(&mut tx, "INSERT INTO ledger VALUES (1)").await?;
            assert!(
                simple(&mut tx, "INSERT INTO ledger VALUES (1)")
                    .await
                    .is_err()
            );
            Ok::<_, sqlx::Error>(())
        })
        .await;
    assert!(result.is_err());
    let result = test
        .db
        .transaction(async move |mut tx| {
            simple(&mut tx, "INSERT INTO ledger VALUES (2); COMMIT").await
        })
        .await;
    assert!(
        result.is_err(),
        "a transaction that ended itself went unnoticed"
    );
    assert_full(&test.db).await;
}

#[tokio::test]
async fn a_write_that_has_begun_runs_to_its_end_when_whoever_asked_leaves() {
    let test = with_ledger().await;
    let db = test.db.clone();
    let asking = tokio::spawn(async move {
        db.transaction(async move |mut tx| {
            simple(&mut tx, "INSERT INTO ledger VALUES (1)").await?;
            // Longer than it may keep its turn.
            simple(&mut tx, "SELECT pg_sleep(1.5)").await
        })
        .await
    });
    sleep(Duration::from_millis(100)).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    test.db.close().await;
    let later = Db::connect(test.connect_options(), DbOptions::default())
        .await
        .unwrap();
    assert_eq!(count(&later).await, 1);
}

#[tokio::test]
async fn a_panic_in_the_work_reaches_the_caller_and_costs_no_connection() {
    let test = with_ledger().await;
    for _ in 0..10 {
        let db = test.db.clone();
        let panicked = tokio::spawn(async move {
            db.transaction(async move |mut tx| {
                simple(&mut tx, "INSERT INTO ledger VALUES (1)").await?;
                assert_eq!(tx.server_version_num(), Some(0), "on purpose");
                Ok::<_, sqlx::Error>(())
            })
            .await
        })
        .await;
        assert!(panicked.unwrap_err().is_panic());
    }
    assert_full(&test.db).await;
    assert_eq!(count(&test.db).await, 0);
}

#[tokio::test]
async fn work_that_keeps_its_connection_beyond_its_end_is_refused() {
    let test = with_ledger().await;
    let (kept, mut keeper) = tokio::sync::mpsc::unbounded_channel();
    let result = test
        .db
        .transaction(async move |mut tx| {
            simple(&mut tx, "INSERT INTO ledger VALUES (1)").await?;
            drop(kept.send(tx));
            Ok::<_, sqlx::Error>(())
        })
        .await;
    assert!(result.unwrap_err().to_string().contains("beyond its end"));
    drop(keeper.recv().await);
    assert_full(&test.db).await;
    assert_eq!(count(&test.db).await, 0);
}

#[tokio::test]
async fn without_a_database_the_app_starts_and_work_says_it_is_away() {
    let nowhere = PgConnectOptions::new_without_pgpass()
        .socket("/nowhere")
        .username("nobody");
    let db = Db::connect_lazily(nowhere, DbOptions::default());
    assert!(is_away(&db.check().await.unwrap_err()));
    db.close().await;
    assert!(matches!(db.check().await, Err(sqlx::Error::PoolClosed)));
}

#[tokio::test]
async fn a_handler_may_hold_what_cannot_be_sent_while_it_asks() {
    let test = with_ledger().await;
    let local = std::rc::Rc::new(1);
    tokio::task::LocalSet::new()
        .run_until(async {
            note(&test.db, *local).await.unwrap();
            assert_eq!(count(&test.db).await, *local.as_ref());
        })
        .await;
}
