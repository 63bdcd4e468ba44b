//! What pages and fragments print: one struct for each template, with ready-to-print text and plain yes or no.
//!
//! Knows askama and nothing of ours: no rule, no arithmetic, no database, no request. Handlers build these from domain
//! values; templates only place them. A struct with `#[derive(Template)]` is a complete answer (a page, or a fragment
//! that htmx swaps); the others are parts of one.

pub mod backlog;
pub mod badge;
pub mod change;
pub mod check;
pub mod comments;
pub mod decimal_separator;
pub mod error;
pub mod fact;
pub mod field;
pub mod formula_language;
pub mod framework;
pub mod history;
pub mod imports;
pub mod initiative;
pub mod jobs;
pub mod layout;
pub mod llm;
pub mod mirror;
pub mod model;
pub mod model_copy;
pub mod model_template;
pub mod params;
pub mod paste;
pub mod people;
pub mod queue;
pub mod receipt;
pub mod scenario;
pub mod score_history;
pub mod score_override;
pub mod scoring;
pub mod settings;
pub mod sign_in;
pub mod suggestion;
pub mod summary;

#[cfg(test)]
mod comment_samples;
#[cfg(test)]
mod fact_samples;
#[cfg(test)]
mod framework_samples;
#[cfg(test)]
mod grid_samples;
#[cfg(test)]
mod import_samples;
#[cfg(test)]
mod llm_samples;
#[cfg(test)]
mod mirror_samples;
#[cfg(test)]
mod people_samples;
#[cfg(test)]
mod queue_samples;
#[cfg(test)]
mod reuse_samples;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod scenario_samples;
#[cfg(test)]
mod settings_samples;
#[cfg(test)]
mod suggestion_samples;
#[cfg(test)]
mod tests;

/// A moment, rendered as `<time>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// For machines: `2026-11-12T14:02:00Z`.
    pub iso: String,
    /// For people, in their zone: `12 Nov, 14:02`.
    pub text: String,
}

/// A number with its unit in a quieter tone; empty digits print as a dash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// What stands before the digits: `£`, `−£`.
    pub before: String,
    /// The digits, thousands separated: `59,800`.
    pub digits: String,
    /// What stands after: `days`, `%`.
    pub after: String,
}

/// What a form saw when it was rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The row's revision, sent back as `seen_revision`.
    pub revision: i64,
    /// New with every rendering, sent back as `idempotency_key`; empty: the form carries none.
    pub form_key: String,
}

/// A link with its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it goes.
    pub href: String,
}

/// One row of filter chips: a question with its possible answers, each a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The question: `Framework`.
    pub label: String,
    /// The answers, "all" among them.
    pub options: Vec<FilterOption>,
}

/// One chip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterOption {
    /// What it says.
    pub label: String,
    /// The page with this filter, all others kept.
    pub href: String,
    /// Whether it is the one in force.
    pub is_on: bool,
}

/// A search box that keeps the page's other filters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Where it asks.
    pub action: String,
    /// What it asks for now.
    pub query: String,
    /// The other filters, as hidden inputs.
    pub kept: Vec<Hidden>,
}

/// A hidden input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Where a list stands: how much of it is shown and what comes next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    /// `36 initiatives` or `200 shown`.
    pub summary: String,
    /// The first page, when this isn't it.
    pub first_href: Option<String>,
    /// The next page, when there is one.
    pub next_href: Option<String>,
}

/// Nothing to show: why, and what to do next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Empty {
    /// A short sentence: `No initiatives yet`.
    pub title: String,
    /// What to do about it.
    pub text: String,
    /// Ways on.
    pub links: Vec<Link>,
    /// Whether the button that brings the sample workbook in is shown (admins, empty backlog).
    pub offers_sample_data: bool,
}

/// An option of a select.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectOption {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is the present one.
    pub is_selected: bool,
}

/// A question that must be answered before an act: what would be lost, go on or leave it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// "RICE 3,840 goes until the math model is scored."
    pub sentence: String,
    /// Where going on posts.
    pub action: String,
    /// What it posts beside `seen_revision` and `confirmed=yes`.
    pub hidden: Vec<Hidden>,
    /// The verb of going on.
    pub confirm_label: String,
    /// The words of leaving it.
    pub keep_label: String,
    /// The page as it is.
    pub keep_href: String,
    /// What the form saw.
    pub seen: Seen,
}
