//! A private Postgres for those who have no server: run from the programs already on the machine, on a unix socket
//! in a folder only its user can open, never on a port.
//!
//! - [`Embedded`] (`cluster`): start it, connect to it, stop it;
//! - `find`: which server programs; `programs`: running them, as another user when we are root;
//! - `initialise`: the folder and, once, `initdb`;
//! - `supervise`: the running server and its lifeline;
//! - `adopt`: what a dead process left behind, and who owns the cluster when several processes share it.
//!
//! What it protects against was tried by killing each process involved at every step: nothing committed is lost, no
//! server outlives the app for more than a moment, and the next start works whatever the last one left. Knows
//! folders, locks and processes; must not know the schema or the configuration (it is handed its settings).

mod adopt;
mod cluster;
mod error;
mod find;
mod initialise;
mod programs;
mod supervise;
#[cfg(test)]
mod tests;

pub use cluster::{Embedded, Options, default_data_dir, test_root};
pub use error::PostgresError;
