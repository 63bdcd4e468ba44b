//! The real server on a real Postgres, spoken to over HTTP the way a browser without JavaScript would: pages are read,
//! their forms filled in and sent.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on ends"
)]

mod architecture;
mod command_line;
mod conflicts;
mod editor;
mod fragments;
mod frameworks;
mod guards;
mod history;
mod imports;
mod journey;
mod mirror;
mod overrides;
mod pages;
mod receipts;
mod refusals;
mod scoring;
mod sent_twice;
mod stale;
mod statements;
mod support;
mod thousand_receipts;
mod undo;
