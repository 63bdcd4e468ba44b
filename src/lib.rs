//! ProductOps: what each initiative is worth, and who stands behind every number.
//!
//! Rooms, from the ground up; an import may only point down (docs/architecture.md, held by `tests/app/architecture.rs`):
//!
//! - [`domain`]: the rules, pure. Formulas, params, approvals, scoring, rights. Knows nothing below.
//! - [`store`]: all SQL. Knows the domain only.
//! - [`actions`]: one verb, one function, one transaction, at least one row in the change log. The only writers.
//! - [`imports`]: a workbook's CSV to rows to actions.
//! - [`mirror`]: database to sheet: what of it is ours, how it differs, what to write. Knows the domain only.
//! - [`llm`]: how an LLM is asked, and every way in which it doesn't answer. Knows the domain only.
//! - [`worker`]: what the app does by itself: keeping the mirror in step, jobs, asking the LLM.
//! - [`web`] and [`cli`]: the two ways in.
//! - [`postgres`]: the private cluster for those who have no server.
//! - [`app`]: puts it together; the only file that knows everything.

pub mod actions;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod identity;
pub mod imports;
pub mod llm;
pub mod mirror;
pub mod postgres;
pub mod store;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod web;
pub mod worker;
