//! What the app does beside its pages: what waits, what runs, what failed, and what can be done about it.

use super::{Empty, Filter, Link, Pager, When, badge::Badge, layout::Page};
use askama::Template;

/// One job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The element's id: `job-12`.
    pub element: String,
    /// What it does: `Suggest a formula`.
    pub does: &'static str,
    /// What for; none: nothing in particular, or it is gone.
    pub about: Option<Link>,
    /// Where it stands.
    pub badge: Badge,
    /// How far it is, or why it failed and what to do; empty: nothing to say.
    pub says: String,
    /// Who asked; empty: the app by itself.
    pub by: String,
    /// Since when it is there.
    pub since: When,
    /// When it ended.
    pub ended: Option<When>,
    /// Where *Cancel* posts; empty: it can't be stopped any more, or not by this person.
    pub cancel_action: String,
    /// Where *Try again* posts; empty: there is nothing to repeat, or not by this person.
    pub repeat_action: String,
}

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "jobs/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// Which are shown.
    pub states: Filter,
    /// Newest first.
    pub rows: Vec<Row>,
    /// What comes next.
    pub pager: Pager,
    /// Nothing to show.
    pub empty: Option<Empty>,
}
