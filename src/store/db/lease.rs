//! What happens to a connection between the pool and the work: lent, handed back, cut off, doubted.
//!
//! Knows one connection at a time; deadlines of work and transactions are [`super::Db`]'s.

use std::{
    ops::{Deref, DerefMut},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection, Postgres, pool::PoolConnection};
use tokio::{sync::oneshot, time::timeout};

use super::trouble::deadline_missed;

/// How long a healthy server may take to answer a ping.
pub(super) const PING_LIMIT: Duration = Duration::from_secs(1);
/// A connection unused for longer is pinged before it is used.
const QUIET: Duration = Duration::from_millis(100);

/// A connection on loan to a piece of work. Use it as `&mut PgConnection`: `&mut c`, or `&mut *c` where sqlx is generic.
#[derive(Debug)]
pub struct Conn {
    lease: Lease,
    home: Option<oneshot::Sender<Lease>>,
}

impl Conn {
    /// On loan until dropped, when the lease goes to whoever waits at `home`'s other end.
    pub(super) fn new(lease: Lease, home: oneshot::Sender<Lease>) -> Self {
        Self {
            lease,
            home: Some(home),
        }
    }
}

impl Deref for Conn {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.lease
    }
}

impl DerefMut for Conn {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.lease
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            // If nobody waits for it any more, the lease ends here and cuts the connection off.
            drop(home.send(Lease(self.lease.0.take())));
        }
    }
}

/// A pooled connection that is cut off when dropped, for whatever reason: a deadline, a panic, a runtime that ends.
/// Only [`Lease::give_back`] returns it to the pool.
#[derive(Debug)]
pub(super) struct Lease(Option<PoolConnection<Postgres>>);

impl Lease {
    pub(super) fn new(pooled: PoolConnection<Postgres>) -> Self {
        Self(Some(pooled))
    }

    /// Back into the pool, if it still answers; says whether it did.
    pub(super) async fn give_back(mut self) -> bool {
        match self.0.take() {
            // When the limit passes, dropping this future closes the connection and frees its place.
            Some(mut pooled) => timeout(PING_LIMIT, pooled.return_to_pool()).await.is_ok(),
            None => true,
        }
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.0 {
            Some(pooled) => pooled,
            None => unreachable!("a lease has its connection until it ends"),
        }
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            Some(pooled) => pooled,
            None => unreachable!("a lease has its connection until it ends"),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(pooled) = self.0.take() {
            drop(pooled.detach());
        }
    }
}

/// When the last connection was found dead. Where one is, the others of that time may be too.
#[derive(Debug)]
pub(super) struct Doubt {
    epoch: Instant,
    /// Milliseconds since `epoch`.
    raised_at: AtomicU64,
}

impl Doubt {
    pub(super) fn new() -> Self {
        Self {
            epoch: Instant::now(),
            raised_at: AtomicU64::new(0),
        }
    }

    pub(super) fn raise(&self) {
        self.raised_at.store(self.now(), Ordering::Relaxed);
    }

    /// Whether a connection last known to answer `ago` must be asked again.
    fn concerns(&self, ago: Duration) -> bool {
        let ago = u64::try_from(ago.as_millis()).unwrap_or(u64::MAX);
        ago >= self
            .now()
            .saturating_sub(self.raised_at.load(Ordering::Relaxed))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Whether an idle connection can be used: yes if it answered a moment ago, else if it does now.
pub(super) async fn answers(
    connection: &mut PgConnection,
    idle_for: Duration,
    doubt: &Doubt,
) -> sqlx::Result<bool> {
    if idle_for < QUIET && !doubt.concerns(idle_for) {
        return Ok(true);
    }
    match timeout(PING_LIMIT, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        Err(_elapsed) => {
            doubt.raise();
            Err(deadline_missed(PING_LIMIT))
        }
    }
}
