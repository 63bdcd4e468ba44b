//! What happened to an initiative: sentences with who, when, and through what.

use super::{Link, Pager, SelectOption, When, layout::Page};
use askama::Template;

/// One change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub who: String,
    /// When.
    pub at: When,
    /// What they did, to be read after the name: `approved Profit margin at 0.3`.
    pub sentence: String,
    /// The value before; empty: none, or already in the sentence.
    pub from: String,
    /// The value after; empty: none, or already in the sentence.
    pub to: String,
    /// `form`, `import`, `command line`.
    pub through: String,
}

/// The history of one initiative, newest first.
#[derive(Clone, Debug, Template)]
#[template(path = "initiatives/history.html")]
pub struct History {
    /// The frame.
    pub page: Page,
    /// The initiative.
    pub initiative: Link,
    /// Where the filters ask.
    pub action: String,
    /// Choices of `field`, "every field" first with an empty value.
    pub fields: Vec<SelectOption>,
    /// Choices of `person`, "everybody" first with an empty value.
    pub people: Vec<SelectOption>,
    /// Whether a filter is in force.
    pub is_filtered: bool,
    /// The changes.
    pub entries: Vec<Entry>,
    /// What comes next.
    pub pager: Pager,
}
