//! The real pages in a real browser: Chromium, driven by different people, each with a browser of their own.
//!
//! Needs `chromium` and `chromedriver` on the PATH (`scripts/test` gets them). Nothing waits for a time to pass: each
//! step waits until the page shows what it is about, and fails with what the page shows instead.
#![expect(
    clippy::expect_used,
    reason = "in a test, what can't go on ends the test with a sentence"
)]

mod app;
mod axe;
mod co_pilot;
mod driver;
mod editor;
mod expiry;
mod facts;
mod imports;
mod interrupted;
mod journey;
mod keyboard;
mod live;
#[path = "../app/llm_endpoint.rs"]
#[expect(
    dead_code,
    reason = "tests/app has it fail in every way; here it answers"
)]
mod llm_endpoint;
mod mirror;
mod mistakes;
mod narrow;
mod paste;
mod person;
mod pictures;
#[path = "../app/provider.rs"]
mod provider;
mod reuse;
mod scenarios;
mod sheet;
mod sheet_habits;
mod single_sign_on;
#[expect(
    dead_code,
    reason = "tests/app has it fail in every way; here it answers"
)]
mod stand_in;
mod together;
mod typing;
mod undo;
