//! The only way to the database: [`Db`] holds the pool, and nothing else does.
//!
//! Every piece of work runs in a task of its own, under a deadline. Why not the bare pool: a connection whose other
//! end vanished without a word (failover, a firewall that forgot it) never errors. sqlx 0.9 pings a connection on
//! its way back into the pool and waits for that answer for ever, holding the connection's place (its issue 4349);
//! after as many of these as the pool is wide, the app stays down until it is restarted. So here
//!
//! - work that missed its deadline has its connection cut off, never handed back;
//! - the way back into the pool, and a quiet connection's first use, are pings with a limit;
//! - work that takes long gives up its turn (not its connection), so a full house of dead connections lets others
//!   in after [`PATIENCE`], not after their deadlines;
//! - work that has begun runs to its end even if whoever asked has left: dropping the future drops the answer only.
//!
//! Measured with the freezing proxy of the tests, from the moment all connections went silent to the first success:
//! the plain pool with a deadline, none in 45 s; with cutting off and the limited way back, up to 5.1 s; with all of
//! this, 1.0 s.
//!
//! Knows connections, deadlines and transactions. Must not know any table.

mod lease;
#[cfg(test)]
mod tests;
mod trouble;

use std::{future::Future, io, panic::resume_unwind, pin::pin, sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, SqlSafeStr,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{
    sync::{Notify, Semaphore, oneshot},
    time::timeout,
};

pub use lease::Conn;
use lease::{Doubt, Lease, PING_LIMIT};
use trouble::deadline_missed;
pub use trouble::{is_away, is_deadline};

/// How long work may hold its turn; after that it goes on, but somebody else may start as well.
const PATIENCE: Duration = Duration::from_secs(1);

/// What connections are called that no request works on: the database's own lists show who holds what.
pub const BESIDE: &str = "productops beside";

/// What a [`Db`] allows itself and others.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// Pieces of work at the same time. While some of them are overdue the pool may grow to twice as many connections.
    pub max_connections: u32,
    /// How long to wait for a turn, and again for a connection, before giving up with [`sqlx::Error::PoolTimedOut`].
    pub acquire_timeout: Duration,
    /// The deadline of [`Db::read`], [`Db::write`] and [`Db::transaction`].
    pub interactive: Duration,
    /// Ask the server to end statements and abandoned transactions after `interactive`. Switch it off behind a
    /// pooler that shares connections, and set `statement_timeout` and `idle_in_transaction_session_timeout` on the
    /// role instead.
    pub server_limits: bool,
    /// The way past a pooler, for what needs a connection of its own: the mirror's lock, listening. None: the same way.
    pub direct: Option<Box<PgConnectOptions>>,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            max_connections: 8,
            acquire_timeout: Duration::from_secs(2),
            interactive: Duration::from_secs(5),
            server_limits: true,
            direct: None,
        }
    }
}

/// The database. Cheap to clone; all clones share one pool.
///
/// Work is an async closure that owns its connection for as long as it runs:
///
/// ```ignore
/// let found = db.read(async move |mut c| store::initiatives::get(&mut c, id).await).await?;
/// let saved = db
///     .transaction(async move |mut tx| -> Result<_, ActionError> {
///         store::params::save(&mut tx, &param).await?;
///         Ok(param)
///     })
///     .await?;
/// ```
///
/// What the closure uses it must own (`async move`). The error type needs `From<sqlx::Error>`; a missed deadline
/// arrives through it (see [`is_deadline`] and [`is_away`]). An error after a deadline doesn't say that nothing
/// happened: the server may have committed and the answer been lost, which is what idempotency keys are for. Never
/// call the `Db` from within its own work: a full house would wait for itself.
#[derive(Clone, Debug)]
pub struct Db {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    turns: Arc<Semaphore>,
    options: DbOptions,
    doubt: Arc<Doubt>,
    /// Told after each commit, and shared by every `Db` that was made apart from this one.
    committed: Arc<Notify>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Plain,
    Write,
    Transaction,
    Bulk { name: &'static str, limit: Duration },
}

impl Db {
    /// A database that was reached just now.
    pub async fn connect(connect: PgConnectOptions, options: DbOptions) -> sqlx::Result<Self> {
        let db = Self::connect_lazily(connect, options);
        db.check().await?;
        Ok(db)
    }

    /// A database that needn't be there yet: the app starts without it, and work fails with [`is_away`] errors until
    /// it is. Must be called within a tokio runtime.
    #[must_use]
    pub fn connect_lazily(connect: PgConnectOptions, options: DbOptions) -> Self {
        Self::over(connect, options, Arc::default())
    }

    fn over(connect: PgConnectOptions, options: DbOptions, committed: Arc<Notify>) -> Self {
        let connect = if options.server_limits {
            with_server_limits(connect, options.interactive)
        } else {
            connect
        };
        let doubt = Arc::new(Doubt::new());
        let asked = Arc::clone(&doubt);
        let pool = PgPoolOptions::new()
            // Twice as many: those who wait for dead connections mustn't keep others out.
            .max_connections(options.max_connections.saturating_mul(2))
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                let doubt = Arc::clone(&asked);
                Box::pin(async move { lease::answers(connection, meta.idle_for, &doubt).await })
            })
            .connect_lazy_with(connect);
        let turns = Arc::new(Semaphore::new(options.max_connections as usize));
        Self {
            inner: Arc::new(Inner {
                pool,
                turns,
                options,
                doubt,
                committed,
            }),
        }
    }

    /// Whether the database answers, within the usual limits.
    pub async fn check(&self) -> sqlx::Result<()> {
        self.read(async move |mut c| simple(&mut c, "SELECT 1").await)
            .await
    }

    /// The same database through a pool of its own: for work that goes on beside the pages and mustn't take their
    /// turns, nor end with the threads that serve them. Must be called within a tokio runtime.
    #[must_use]
    pub fn apart(&self, max_connections: u32) -> Self {
        let connect = PgConnectOptions::clone(&self.inner.pool.connect_options());
        let connect = connect.application_name(BESIDE);
        let options = DbOptions {
            max_connections,
            ..self.inner.options.clone()
        };
        Self::over(connect, options, Arc::clone(&self.inner.committed))
    }

    /// Told when something was committed through this database's pools, whatever it was.
    #[must_use]
    pub fn committed(&self) -> Arc<Notify> {
        Arc::clone(&self.inner.committed)
    }

    fn direct(&self) -> PgConnectOptions {
        let direct = self.inner.options.direct.as_deref();
        let direct = direct.map_or_else(
            || PgConnectOptions::clone(&self.inner.pool.connect_options()),
            PgConnectOptions::clone,
        );
        direct.application_name(BESIDE)
    }

    /// A connection of its own that hears what other processes say. It has none of the deadlines here; its holder sets
    /// them.
    pub(super) async fn listener(&self) -> sqlx::Result<PgListener> {
        let one = PgPoolOptions::new().max_connections(1);
        let mut listener = PgListener::connect_with(&one.connect_lazy_with(self.direct())).await?;
        // Its holder must know what it may have missed.
        listener.eager_reconnect(false);
        Ok(listener)
    }

    /// A connection of its own, outside the pool: for a lock that must last as long as whoever holds it. It has none of
    /// the deadlines here; its holder sets them.
    pub async fn connect_alone(&self) -> sqlx::Result<PgConnection> {
        PgConnection::connect_with(&self.direct()).await
    }

    /// Reads, outside a transaction.
    pub async fn read<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: From<sqlx::Error> + Send + 'static,
    {
        self.run(Kind::Plain, work).await
    }

    /// One statement that does a whole edit, and so needs no transaction around it.
    pub async fn write<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: From<sqlx::Error> + Send + 'static,
    {
        self.run(Kind::Write, work).await
    }

    /// Several statements that count together or not at all: committed on `Ok`, rolled back on `Err`.
    ///
    /// If a statement failed and the closure swallowed the error, that is an error here: the server would answer
    /// COMMIT by rolling back, without complaint. To survive a statement that fails, write `SAVEPOINT` and
    /// `ROLLBACK TO` around it; don't call sqlx's `begin` on this connection, which knows nothing of this transaction.
    pub async fn transaction<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: From<sqlx::Error> + Send + 'static,
    {
        self.run(Kind::Transaction, work).await
    }

    /// A transaction that may take longer than a person would wait, such as an import: `limit` is its deadline here
    /// and on the server, `name` is what the log calls it.
    pub async fn bulk<T, E, F, Fut>(
        &self,
        name: &'static str,
        limit: Duration,
        work: F,
    ) -> Result<T, E>
    where
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: From<sqlx::Error> + Send + 'static,
    {
        self.run(Kind::Bulk { name, limit }, work).await
    }

    /// Refuses new work, lets what has its connection come to its end, and closes the connections. Takes little longer
    /// than the interactive deadline: bulk work that isn't done by then ends with the process and is rolled back.
    pub async fn close(&self) {
        let inner = &self.inner;
        inner.turns.close();
        let limit = inner.options.interactive + PING_LIMIT;
        if timeout(limit, inner.pool.close()).await.is_err() {
            tracing::warn!("left the database while work was still going on");
        }
    }

    async fn run<T, E, F, Fut>(&self, kind: Kind, work: F) -> Result<T, E>
    where
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: From<sqlx::Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let inner = Arc::clone(&self.inner);
        let task = tokio::spawn(async move { inner.in_turn(kind, work, answer).await });
        match answered.await {
            Ok(result) => result,
            // No answer was given: the work panicked (so do we, as if it had run here), or the runtime is ending.
            Err(_) => match task.await {
                Err(join) if join.is_panic() => resume_unwind(join.into_panic()),
                _ => Err(sqlx::Error::WorkerCrashed.into()),
            },
        }
    }
}

impl Inner {
    /// Waits for a turn, then serves. The turn is given up early when the work takes long.
    async fn in_turn<T, E, F, Fut>(
        &self,
        kind: Kind,
        work: F,
        answer: oneshot::Sender<Result<T, E>>,
    ) where
        F: FnOnce(Conn) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<sqlx::Error>,
    {
        let turn = match timeout(self.options.acquire_timeout, self.turns.acquire()).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(_closed)) => return reply(answer, Err(sqlx::Error::PoolClosed.into())),
            Err(_elapsed) => return reply(answer, Err(sqlx::Error::PoolTimedOut.into())),
        };
        let mut served = pin!(self.serve(kind, work, answer));
        if matches!(kind, Kind::Bulk { .. }) {
            // Expected to be long: it keeps its turn, so that imports can't use up the reserve.
            served.await;
        } else if timeout(PATIENCE, &mut served).await.is_err() {
            drop(turn);
            self.doubt.raise();
            served.await;
        }
    }

    /// Finds a connection, works under the deadline, answers, and only then cares for the connection.
    async fn serve<T, E, F, Fut>(&self, kind: Kind, work: F, answer: oneshot::Sender<Result<T, E>>)
    where
        F: FnOnce(Conn) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<sqlx::Error>,
    {
        let lease = match self.pool.acquire().await {
            Ok(connection) => Lease::new(connection),
            Err(error) => return reply(answer, Err(error.into())),
        };
        let (name, limit) = match kind {
            Kind::Plain | Kind::Write | Kind::Transaction => {
                ("interactive", self.options.interactive)
            }
            Kind::Bulk { name, limit } => (name, limit),
        };
        match timeout(limit, carry_out(kind, lease, work)).await {
            Ok((lease, result)) => {
                if result.is_ok() && !matches!(kind, Kind::Plain) {
                    self.committed.notify_one();
                }
                reply(answer, result);
                if let Some(lease) = lease
                    && !lease.give_back().await
                {
                    self.doubt.raise();
                }
            }
            Err(_elapsed) => {
                // Dropping the future has cut the connection off.
                tracing::warn!(
                    work = name,
                    ?limit,
                    "work in the database missed its deadline"
                );
                self.doubt.raise();
                reply(answer, Err(deadline_missed(limit).into()));
            }
        }
    }
}

/// The work itself with what belongs around it. The lease comes back unless the work ran away with it or left it in
/// a state that nobody can vouch for; ending it cuts the connection off, and the server rolls back.
async fn carry_out<T, E, F, Fut>(
    kind: Kind,
    mut lease: Lease,
    work: F,
) -> (Option<Lease>, Result<T, E>)
where
    F: FnOnce(Conn) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: From<sqlx::Error>,
{
    if let Err(error) = begin(kind, &mut lease).await {
        return (None, Err(error.into()));
    }
    let (home, mut back) = oneshot::channel();
    let result = work(Conn::new(lease, home)).await;
    let Ok(mut lease) = back.try_recv() else {
        let error = io::Error::other("the work kept its connection beyond its end");
        return (None, Err(sqlx::Error::Io(error).into()));
    };
    if matches!(kind, Kind::Plain | Kind::Write) {
        return (Some(lease), result);
    }
    match result {
        Ok(value) => match simple(&mut lease, COMMIT).await {
            Ok(()) => (Some(lease), Ok(value)),
            Err(error) => (None, Err(error.into())),
        },
        Err(refused) => match simple(&mut lease, "ROLLBACK").await {
            Ok(()) => (Some(lease), Err(refused)),
            Err(_) => (None, Err(refused)),
        },
    }
}

/// COMMIT alone answers politely when there is nothing to commit: after a failed statement whose error the work
/// swallowed, or after a COMMIT of its own. SAVEPOINT is refused in both cases, and then nothing follows it.
const COMMIT: &str = "SAVEPOINT all_done; COMMIT";

async fn begin(kind: Kind, connection: &mut PgConnection) -> sqlx::Result<()> {
    match kind {
        Kind::Plain | Kind::Write => Ok(()),
        Kind::Transaction => simple(connection, "BEGIN").await,
        Kind::Bulk { limit, .. } => {
            let ms = limit.as_millis();
            let begin = format!(
                "BEGIN; SET LOCAL statement_timeout = {ms}; \
                 SET LOCAL idle_in_transaction_session_timeout = {ms}"
            );
            simple(connection, AssertSqlSafe(begin)).await
        }
    }
}

/// One round trip for one or more statements without parameters.
async fn simple(connection: &mut PgConnection, sql: impl SqlSafeStr) -> sqlx::Result<()> {
    sqlx::raw_sql(sql).execute(connection).await.map(drop)
}

/// Whoever asked may have left; that is no reason not to have done the work.
fn reply<T, E>(answer: oneshot::Sender<Result<T, E>>, result: Result<T, E>) {
    if answer.send(result).is_err() {
        tracing::debug!("whoever asked for this work has left");
    }
}

/// The server's own limits, which also end what a vanished client left behind: a transaction that nobody will ever
/// finish, with its locks. What the address itself says goes first.
fn with_server_limits(connect: PgConnectOptions, limit: Duration) -> PgConnectOptions {
    let said = connect.get_options().unwrap_or_default().to_owned();
    let ms = limit.as_millis().to_string();
    [
        ("statement_timeout", ms.as_str()),
        ("idle_in_transaction_session_timeout", ms.as_str()),
        // Compiling a statement takes the server longer than any of ours runs.
        ("jit", "off"),
    ]
    .into_iter()
    .filter(|(name, _)| !said.contains(name))
    .fold(connect, |connect, option| connect.options([option]))
}
