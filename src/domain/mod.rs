//! The rules of the product, pure: std, thiserror, serde, chrono (as a type), meval and libm only. No I/O, no async, no clock, no SQL, no HTML.

pub mod amount;
pub mod approval;
pub mod change;
pub mod formula;
pub mod framework;
pub mod framework_definition;
pub mod framework_outlook;
pub mod ids;
pub mod initiative;
pub mod math_model;
pub mod number_format;
pub mod param;
pub mod param_input;
pub mod plain_rules;
pub mod ranking;
pub mod recompute;
pub mod rights;
pub mod score_change;
pub mod score_override;
pub mod scoring;
pub mod spreadsheet;
pub mod undo;
pub mod value_unit;
