//! The Sheets service of tests/app, for what people see of it.

#[path = "../app/sheets/people.rs"]
pub(crate) mod people;
#[path = "../app/sheets/service.rs"]
pub(crate) mod service;
#[path = "../app/sheets/tab.rs"]
pub(crate) mod tab;
#[path = "../app/sheets/witness.rs"]
mod witness;
