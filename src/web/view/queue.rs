//! What waits for somebody.

use super::{Empty, Filter, Link, Pager, When, badge::Badge, comments::Mention, layout::Page};
use askama::Template;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What kind of thing it is.
    pub badge: Badge,
    /// What, as a link to the place: `Fill in Margin`.
    pub link: Link,
    /// Whose it is: `Finance`.
    pub owed_by: String,
    /// More about it: `Bo Li took the approval back: value changed`; empty: nothing more.
    pub why: String,
    /// How long it has waited: `for 3 days`; empty: nobody knows.
    pub age: String,
    /// Since when; none: nobody knows.
    pub since: Option<When>,
}

/// What waits in one initiative by one framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The initiative's key, as a link to its page.
    pub initiative: Link,
    /// Its title.
    pub title: String,
    /// The framework: `RICE, for comparison`.
    pub framework: String,
    /// What waits.
    pub items: Vec<Item>,
}

/// A suggestion that came to nothing, for a model that has no formula yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The initiative's key, as a link to its model.
    pub model: Link,
    /// The initiative's title.
    pub title: String,
    /// Why, and what to do.
    pub why: String,
    /// How long it has waited.
    pub age: String,
    /// Since when.
    pub since: When,
}

/// What is proposed of a shared fact and waits for its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// `Approve Average order value: £46.20`, as a link to what that would do.
    pub link: Link,
    /// Whose it is, and who proposed it: `Finance · proposed by Bo Li`.
    pub about: String,
    /// How long it has waited.
    pub age: String,
    /// Since when.
    pub since: When,
}

/// `GET /queue`
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "queue/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// Whose queue it is: `What waits for Finance`.
    pub heading: String,
    /// Whose, and what.
    pub filters: Vec<Filter>,
    /// The list as a file.
    pub downloads: Vec<Link>,
    /// What is proposed of shared facts.
    pub proposed: Vec<Proposed>,
    /// Comments that call whoever looks.
    pub mentions: Vec<Mention>,
    /// Suggestions that came to nothing.
    pub failed: Vec<Failed>,
    /// What waits.
    pub groups: Vec<Group>,
    /// Where the list stands.
    pub pager: Pager,
    /// Nothing waits.
    pub empty: Option<Empty>,
}
