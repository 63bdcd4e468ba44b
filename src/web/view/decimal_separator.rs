//! The page on which one says how one writes numbers.

use super::{SelectOption, layout::Page};
use askama::Template;

/// Which character comes before the decimals.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "decimal_separator.html")]
pub struct Habit {
    /// The frame.
    pub page: Page,
    /// Both, with an example each.
    pub options: Vec<SelectOption>,
}
