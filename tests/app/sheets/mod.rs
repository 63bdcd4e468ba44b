//! A Sheets service of our own making, after Google's published reference: real tokens, typed cells, writes that are
//! applied as a whole, and people who change the sheet at the worst moment. Knows nothing of the mirror but its cells.

pub(crate) mod people;
pub(crate) mod service;
pub(crate) mod tab;

mod calls;
mod case;
mod chaos;
mod day;
mod fact;
mod memory;
mod own_tabs;
mod property;
mod protections;
mod thousand;
mod witness;
pub(crate) mod worker;
