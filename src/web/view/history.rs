//! What happened: sentences with who, when, and through what.

use super::{Link, Pager, Seen, SelectOption, When, layout::Page};
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
    /// Where it is, if the page doesn't say so.
    pub place: Option<Link>,
    /// The button that brings the value before back; none: it can't be, or not by this person.
    pub put_back: Option<PutBack>,
}

/// A button that brings an earlier value back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutBack {
    /// Where it posts.
    pub action: String,
    /// The change before which the field said so.
    pub seq: i64,
    /// `Put back 0.25`.
    pub label: String,
    /// This page.
    pub next: String,
    /// What the form saw.
    pub seen: Seen,
}

/// Changes that stand together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// What one act did, if it did many things; empty: each stands for itself.
    pub heading: String,
    /// The changes.
    pub entries: Vec<Entry>,
}

/// A filter with its choices, "all" first with an empty value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// Its name in the address.
    pub name: &'static str,
    /// What it asks.
    pub label: &'static str,
    /// The choices.
    pub options: Vec<SelectOption>,
}

/// A history, newest first.
#[derive(Clone, Debug, Template)]
#[template(path = "history/show.html")]
pub struct History {
    /// The frame.
    pub page: Page,
    /// The key of the initiative that it is of; empty: everything.
    pub about: String,
    /// What it is the history of; none: everything.
    pub crumb: Option<Link>,
    /// `History`, or `History of the value of Margin`.
    pub title: String,
    /// Where the filters ask.
    pub action: String,
    /// The key of the initiative that is asked for; none: the page is of one already.
    pub initiative: Option<String>,
    /// The filters with a few answers.
    pub selects: Vec<Select>,
    /// The first day; empty: from the beginning.
    pub from: String,
    /// The last day; empty: until now.
    pub to: String,
    /// Whether a filter is in force.
    pub is_filtered: bool,
    /// The changes.
    pub groups: Vec<Group>,
    /// What comes next.
    pub pager: Pager,
    /// All of it as files.
    pub downloads: Vec<Link>,
}
