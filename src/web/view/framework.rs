//! Frameworks: the list, a framework's page with its definition, and what a changed definition would do to everybody.

use super::{
    Figure, Link, Seen, SelectOption, When,
    badge::Badge,
    check::Check,
    layout::Page,
    model::{Line, Version},
};
use askama::Template;

/// A framework in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// Its page.
    pub href: String,
    /// `RICE_2`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// `Built in` or `Custom`.
    pub kind: String,
    /// Out of use; none: it isn't.
    pub badge: Option<Badge>,
    /// `3`; empty: each initiative has its own formula.
    pub version: String,
    /// `12 initiatives, active on 4`.
    pub used: String,
}

/// All frameworks.
#[derive(Clone, Debug, Template)]
#[template(path = "frameworks/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// The list as a file.
    pub downloads: Vec<Link>,
    /// In the order people see them elsewhere.
    pub rows: Vec<ListRow>,
    /// Whether this person defines frameworks.
    pub can_define: bool,
    /// Why not, and who may; empty when they can.
    pub why_not: String,
}

/// One input with what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its name in the form, and its id: `min-reach`.
    pub name: String,
    /// What it is, for the ear: `Lowest value of reach`.
    pub label: String,
    /// What stands in it.
    pub value: String,
    /// What is wrong; empty: nothing.
    pub error: String,
}

/// A param's row in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamRow {
    /// The name that the formula reads.
    pub name: String,
    /// The label.
    pub label: Cell,
    /// What it means.
    pub description: Cell,
    /// Its unit.
    pub unit: Cell,
    /// Lowest.
    pub min: Cell,
    /// Highest.
    pub max: Cell,
    /// Who answers for it.
    pub source: Cell,
    /// The choices of the last.
    pub sources: Vec<SelectOption>,
}

/// What the formula says while it is typed: its check, and a row for each name that it reads. The element's id is
/// `framework-definition`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Errors and warnings.
    pub check: Check,
    /// In the formula's order.
    pub rows: Vec<ParamRow>,
}

/// The definition alone, as htmx swaps it.
#[derive(Clone, Debug, Template)]
#[template(path = "frameworks/definition.html")]
pub struct DefinitionFragment {
    /// What is swapped.
    pub definition: Definition,
}

/// Somebody else saved first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theirs {
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// What they did, as a sentence.
    pub what: String,
}

/// The form of a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it saves.
    pub action: String,
    /// Where it is looked at without saving.
    pub preview_action: String,
    /// The key of one that is new; none: it is fixed.
    pub key: Option<Cell>,
    /// The name.
    pub name: Cell,
    /// The formula.
    pub formula: String,
    /// How numbers are written in the form, sent back with them: `point` or `comma`.
    pub decimal_separator: &'static str,
    /// Check and rows.
    pub definition: Definition,
    /// What wasn't taken; empty: nothing.
    pub error: String,
    /// Somebody else was first.
    pub conflict: Option<Theirs>,
    /// Whether *Save* is there; otherwise only *Preview*.
    pub can_save: bool,
    /// The words of *Save*.
    pub save_label: String,
    /// Whether there is anything to preview.
    pub can_preview: bool,
    /// What the form saw.
    pub seen: Seen,
}

impl Form {
    /// The box's lines with their numbers, for the margin beside it.
    #[must_use]
    pub fn margin(&self) -> Vec<(usize, &str)> {
        (1..).zip(self.formula.split('\n')).collect()
    }

    /// How high the box is without JavaScript.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.formula.split('\n').count().clamp(3, 50)
    }
}

/// An initiative whose value would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Its page.
    pub href: String,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Whether the framework is the active one there.
    pub is_active: bool,
    /// The value now; no digits: none.
    pub before: Figure,
    /// The value then.
    pub after: Figure,
}

/// An initiative that is scored now and wouldn't be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotReady {
    /// Its page.
    pub href: String,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Whether the framework is the active one there.
    pub is_active: bool,
    /// The value that would stand as stale.
    pub before: Figure,
    /// What would be missing, in sentences.
    pub missing: String,
}

/// What saving would do. Nothing has been saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// In sentences.
    pub summary: Vec<String>,
    /// Biggest change first.
    pub changed: Vec<Changed>,
    /// `and 12 more`; empty: all are shown.
    pub more_changed: String,
    /// Those that would wait.
    pub not_ready: Vec<NotReady>,
    /// `and 12 more`; empty: all are shown.
    pub more_not_ready: String,
}

/// A param as everybody reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamLine {
    /// The name that the formula reads.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What it means.
    pub description: String,
    /// Its unit.
    pub unit: String,
    /// `0 to 3`, `any number`.
    pub bounds: String,
    /// Who answers for it.
    pub source: String,
}

/// How the scoring of everybody stands. The element's id is `rescoring`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rescoring {
    /// The framework's key.
    pub key: String,
    /// Where it stands, in a sentence; empty: nothing to say.
    pub line: String,
    /// What went wrong; empty: nothing.
    pub error: String,
    /// How many have been scored.
    pub done: i64,
    /// Of how many.
    pub total: i64,
    /// Whether it goes on, so that it is asked about again.
    pub is_going_on: bool,
    /// Whether this person may have it done once more.
    pub can_retry: bool,
    /// What the form saw.
    pub seen: Seen,
}

/// The same alone, as htmx swaps it.
#[derive(Clone, Debug, Template)]
#[template(path = "frameworks/rescoring.html")]
pub struct RescoringFragment {
    /// What is swapped.
    pub rescoring: Rescoring,
}

/// A framework's page.
#[derive(Clone, Debug, Template)]
#[template(path = "frameworks/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// Its key.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// `Built in` or `Custom`.
    pub kind: String,
    /// Out of use; none: it isn't.
    pub badge: Option<Badge>,
    /// `On for 12 initiatives, active on 4`.
    pub used: String,
    /// What there is to say instead of a formula; empty: nothing.
    pub note: String,
    /// The formula, for those who don't edit it.
    pub lines: Vec<Line>,
    /// The params, for those who don't edit them.
    pub params: Vec<ParamLine>,
    /// The form; none: this person doesn't define it, or nobody does.
    pub form: Option<Form>,
    /// What saving would do; none: nobody asked.
    pub preview: Option<Preview>,
    /// Newest first.
    pub versions: Vec<Version>,
    /// How the scoring of everybody stands.
    pub rescoring: Rescoring,
    /// Whether it can be archived or restored by this person.
    pub can_archive: bool,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Why it can't be changed here; empty: it can.
    pub why_not: String,
    /// What the archive form saw.
    pub seen: Seen,
}

/// The form of a new framework.
#[derive(Clone, Debug, Template)]
#[template(path = "frameworks/new.html")]
pub struct New {
    /// The frame.
    pub page: Page,
    /// The form.
    pub form: Form,
}
