//! `productops serve`.

use super::output::{Failure, say};
use crate::{
    app::{self, Database},
    clock::Clock,
    config::Config,
};
use std::{
    future::{Future, pending},
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    select,
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
    time::sleep,
};

/// How long the app stays after it was told to stop, all in all: requests, the mirror and the database each have a
/// limit of their own, but a container engine takes the process away after 10 seconds, whatever it is waiting for.
const LAST_WAIT: Duration = Duration::from_secs(9);

/// Runs the app until it is told to stop.
pub(super) async fn serve(config: &Config) -> Result<(), Failure> {
    let database = Database::open(config).await?;
    let to_its_end = async move {
        let served = run(config, &database).await;
        let closed = database.close().await;
        served?;
        Ok(closed?)
    };
    let ended = unless_out_of_time(to_its_end, told_to_stop(), LAST_WAIT).await;
    ended.unwrap_or_else(|| {
        tracing::warn!("stopped with work still going on; the database undoes what wasn’t done");
        Ok(())
    })
}

/// What the work ends with; none if it goes on for longer than `limit` after somebody was told to end it.
async fn unless_out_of_time<T>(
    work: impl Future<Output = T>,
    told: impl Future<Output = ()>,
    limit: Duration,
) -> Option<T> {
    let out_of_time = async {
        told.await;
        sleep(limit).await;
    };
    select! {
        ended = work => Some(ended),
        () = out_of_time => None,
    }
}

/// Ends when SIGTERM or Ctrl-C arrives; the web server hears of it by itself.
async fn told_to_stop() {
    let told = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            // Then the web server can't hear of it either, and says so.
            Err(_) => pending().await,
        }
    };
    select! {
        _ = told => (),
        Ok(()) = ctrl_c() => (),
    }
}

async fn run(config: &Config, database: &Database) -> Result<(), Failure> {
    let server = app::build(config, database.db.clone(), Clock::system()).await?;
    say(&format!(
        "ProductOps is at {}",
        address(config, server.port())
    ));
    let ended = server.run().await;
    ended.map_err(|why| Failure::Surroundings(format!("The server ended: {why}")))
}

/// Where people find the app.
pub(super) fn address(config: &Config, port: u16) -> String {
    match &config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", SocketAddr::new(config.addr.ip(), port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    const LIMIT: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn work_that_ends_when_it_is_told_to_is_waited_for() {
        assert_eq!(
            unless_out_of_time(ready(7), pending(), LIMIT).await,
            Some(7)
        );
        let soon = unless_out_of_time(
            async {
                sleep(LIMIT).await;
                7
            },
            ready(()),
            Duration::from_mins(1),
        );
        assert_eq!(soon.await, Some(7));
    }

    #[tokio::test]
    async fn work_that_goes_on_after_it_was_told_to_end_is_left() {
        let endless = unless_out_of_time(pending::<()>(), ready(()), LIMIT);
        assert_eq!(endless.await, None);
    }
}
