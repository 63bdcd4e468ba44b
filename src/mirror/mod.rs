//! The Central Backlog outside the database: what the app owns of a sheet is brought to what the database says, and
//! nothing else of it is touched.
//!
//! The core is pure and knows neither HTTP nor files: [`layout`] finds our columns by their headers, [`grid`] holds
//! typed cells, [`diff`] says which of ours differ, [`plan`] which cells to write, [`verify`] looks again afterwards.
//! [`stray`] finds what landed elsewhere because people moved rows meanwhile (`trace` where these were, and [`references`]
//! what formulas are to say then), [`flap`] what is changed back each time,
//! [`breaker`] what looks like a mistake. [`run`] leads a [`run::Target`] through it: read, compare, write, verify.
//! [`whole_tab`] is what the app keeps beside the backlog in tabs of its own.
//! [`google`] is a tab of a Google spreadsheet. [`local`] is the target without credentials, a CSV file, kept byte for
//! byte where it isn't ours by [`csv`].
//!
//! Knows the domain only. What is wanted comes from the worker, which also keeps what was found.

pub mod breaker;
pub mod csv;
pub mod diff;
pub mod flap;
pub mod google;
pub mod grid;
pub mod layout;
pub mod local;
pub mod plan;
pub mod references;
pub mod run;
pub mod stray;
mod trace;
pub mod verify;
pub mod whole_tab;

pub use crate::domain::mirror_mode::{Mode, NoMode};
