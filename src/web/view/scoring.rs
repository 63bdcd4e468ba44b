//! Scoring: all frameworks side by side.

use super::{
    Empty, Figure, Filter, Link, Pager, Search, backlog::Sort, badge::Badge, layout::Page,
};
use askama::Template;

/// A rank beside the one it is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// `▲`, `▼` or `=`.
    pub arrow: &'static str,
    /// By how many places; empty: none.
    pub number: String,
    /// For screen readers and on hover: `2 places higher than by Math model`.
    pub said: String,
    /// `higher`, `lower` or `same`.
    pub class: &'static str,
}

/// One framework's cells in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The framework's name, for labels.
    pub framework: String,
    /// Whether it is on for the initiative.
    pub is_on: bool,
    /// Whether it is the active one.
    pub is_active: bool,
    /// Within framework and unit; empty: not ranked.
    pub rank: String,
    /// `of 24`.
    pub among: String,
    /// Beside the one it is compared with; none: nothing to compare.
    pub place: Option<Place>,
    /// The value with its unit.
    pub value: Figure,
    /// The overall score.
    pub overall: Figure,
    /// Where the score stands; none: the framework is off.
    pub badge: Option<Badge>,
    /// The receipt; none: no score.
    pub receipt_href: Option<String>,
}

/// One initiative's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `INIT-123`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Out of the way: shown muted.
    pub is_archived: bool,
    /// How far its ranks lie apart; empty: nothing to compare.
    pub disagreement: String,
    /// Strategic priority × the active framework's overall.
    pub weighted: Figure,
    /// Why there is none; empty: there is, or there is nothing to weigh.
    pub weighted_why: String,
    /// A cell for each framework.
    pub cells: Vec<Cell>,
}

/// One framework's headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// `24 scored, together £1,204,300`; empty: none is scored.
    pub total: String,
    /// By rank.
    pub rank: Sort,
    /// By value.
    pub value: Sort,
    /// By overall.
    pub overall: Sort,
    /// By state.
    pub status: Sort,
}

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "scoring/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// The search box.
    pub search: Search,
    /// Order, framework, state, archived.
    pub filters: Vec<Filter>,
    /// Takes every filter off; none: nothing is filtered.
    pub clear_href: Option<String>,
    /// By title.
    pub title: Sort,
    /// By disagreement.
    pub disagreement: Sort,
    /// By weighted overall.
    pub weighted: Sort,
    /// The frameworks' headings.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What comes next.
    pub pager: Pager,
    /// The whole list as files.
    pub downloads: Vec<Link>,
    /// Nothing to show: no initiatives, or no hits.
    pub empty: Option<Empty>,
}
