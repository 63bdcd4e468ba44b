//! `productops serve`.

use super::output::{Failure, say};
use crate::{
    app::{self, Database},
    clock::Clock,
    config::Config,
};
use std::net::SocketAddr;

/// Runs the app until it is told to stop.
pub(super) async fn serve(config: &Config) -> Result<(), Failure> {
    let database = Database::open(config).await?;
    let served = run(config, &database).await;
    let closed = database.close().await;
    served?;
    Ok(closed?)
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
