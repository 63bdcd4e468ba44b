//! The backlog: initiatives by rank, with what each is worth and whose turn it is.

use super::{
    Ask, Empty, Figure, Filter, Link, Pager, Search, Seen, SelectOption, When, badge::Badge,
    error::Notice, layout::Page,
};
use askama::Template;

/// One initiative's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `INIT-123`; the row's id is `initiative-INIT-123`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Place in its group; empty: not ranked.
    pub rank: String,
    /// Choices of the active framework, "none" first with an empty value.
    pub frameworks: Vec<SelectOption>,
    /// The active framework in words, for people who can't choose; empty: none.
    pub framework: String,
    /// Whether *use math model* is ticked.
    pub uses_math_model: bool,
    /// Whether this person chooses frameworks here (a PM or admin, and it isn't archived).
    pub can_choose: bool,
    /// The value with its unit.
    pub value: Figure,
    /// The effort.
    pub effort: Figure,
    /// The overall score.
    pub overall: Figure,
    /// Strategic priority × overall.
    pub weighted: Figure,
    /// Why there is none; empty: there is, or there is nothing to weigh.
    pub weighted_why: String,
    /// Where the score stands.
    pub badge: Badge,
    /// Who acts next, in a line: `Finance: 2 values`; empty: nobody has to.
    pub next_step: String,
    /// When it changed last.
    pub changed: When,
    /// Out of the way: shown muted.
    pub is_archived: bool,
    /// What the forms saw.
    pub seen: Seen,
    /// A question about what was just chosen.
    pub ask: Option<Ask>,
    /// What went wrong with what was just chosen; empty: nothing.
    pub error: String,
}

/// Rows that can be compared: one framework and one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// `Math model, in £`; none: the list isn't mixed.
    pub heading: Option<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// `12 scored, together £1,204,300`; none: nothing to add up.
    pub total: Option<String>,
}

/// A column's heading that sorts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// The page sorted by this, or the other way round.
    pub href: String,
    /// For `aria-sort`: `ascending`, `descending` or `none`.
    pub aria: &'static str,
}

/// The headings that sort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorts {
    /// By rank.
    pub rank: Sort,
    /// By key.
    pub key: Sort,
    /// By title.
    pub title: Sort,
    /// By value.
    pub value: Sort,
    /// By effort.
    pub effort: Sort,
    /// By overall score.
    pub overall: Sort,
    /// By weighted overall.
    pub weighted: Sort,
    /// By last change.
    pub changed: Sort,
}

/// The backlog.
#[derive(Clone, Debug, Template)]
#[template(path = "backlog/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// The search box.
    pub search: Search,
    /// Framework, status, archived.
    pub filters: Vec<Filter>,
    /// Takes every filter off; none: nothing is filtered.
    pub clear_href: Option<String>,
    /// The headings' links.
    pub sorts: Sorts,
    /// The rows.
    pub groups: Vec<Group>,
    /// Says that ranks count within a framework and unit; none: the list isn't mixed.
    pub mixed_note: Option<String>,
    /// What comes next.
    pub pager: Pager,
    /// The whole list as files.
    pub downloads: Vec<Link>,
    /// Nothing to show: an empty backlog, or no hits.
    pub empty: Option<Empty>,
    /// Why this person makes no initiative and chooses no framework, and who may; empty when they can.
    pub why_not: String,
    /// Where a new initiative begins; none: this person can't.
    pub new_link: Option<Link>,
}

/// One row alone: the answer to a choice made in it.
#[derive(Clone, Debug, Template)]
#[template(path = "backlog/row.html")]
pub struct RowFragment {
    /// The row.
    pub row: Row,
    /// What to tell.
    pub notices: Vec<Notice>,
}
