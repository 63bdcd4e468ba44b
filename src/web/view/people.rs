//! Who is here, what they are and why, and where they are signed in.

use super::{FilterOption, Link, Pager, Search, Seen, When, history::Entry, layout::Page};
use askama::Template;

/// A line of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The person's page.
    pub href: String,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// `Sample person`, `Deactivated`; none: nothing to say.
    pub marks: Vec<String>,
    /// Roles in words.
    pub roles: String,
    /// Why they have them.
    pub why: String,
    /// Since when.
    pub why_at: Option<When>,
    /// When they last signed in; for admins only.
    pub signed_in: Option<When>,
    /// How many open sessions; for admins only.
    pub sessions: String,
}

/// The list of people.
#[derive(Clone, Debug, Template)]
#[template(path = "people/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// The search box.
    pub search: Search,
    /// Active, deactivated, all.
    pub states: Vec<FilterOption>,
    /// Whether this person manages people.
    pub can_manage: bool,
    /// Why not, and who may; empty when they can.
    pub why_not: String,
    /// The list as a file.
    pub downloads: Vec<Link>,
    /// The people.
    pub rows: Vec<Row>,
    /// What comes next.
    pub pager: Pager,
}

/// A role to tick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleBox {
    /// What is sent.
    pub key: String,
    /// What is read.
    pub label: String,
    /// What it lets people do.
    pub may: String,
    /// Whether it is ticked.
    pub is_on: bool,
}

/// The form that adds somebody.
#[derive(Clone, Debug, Template)]
#[template(path = "people/new.html")]
pub struct New {
    /// The frame.
    pub page: Page,
    /// As typed.
    pub name: String,
    /// As typed.
    pub email: String,
    /// The roles.
    pub boxes: Vec<RoleBox>,
    /// Why it wasn't taken; empty: nothing is wrong.
    pub error: String,
    /// New with every rendering.
    pub form_key: String,
}

/// Somebody else was first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theirs {
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// What they did, as a sentence.
    pub what: String,
}

/// An open session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRow {
    /// The browser in plain words.
    pub browser: String,
    /// Whether it is the one that shows this page.
    pub is_this: bool,
    /// When it began.
    pub begun: When,
    /// When it was last used.
    pub last_seen: When,
    /// Where ending it posts.
    pub end_action: String,
}

/// One person.
#[derive(Clone, Debug, Template)]
#[template(path = "people/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// The person's own address, under which its forms post.
    pub href: String,
    /// The person.
    pub row: Row,
    /// Whether this person manages people.
    pub can_manage: bool,
    /// Why not, and who may; empty when they can.
    pub why_not: String,
    /// What the identity provider says, in words; empty: nothing.
    pub claim: String,
    /// The roles.
    pub boxes: Vec<RoleBox>,
    /// Why something wasn't done; empty: nothing is wrong.
    pub error: String,
    /// Somebody else was first.
    pub conflict: Option<Theirs>,
    /// Whether they may sign in.
    pub is_active: bool,
    /// Their open sessions; for admins only.
    pub sessions: Vec<SessionRow>,
    /// What happened to them, newest first.
    pub entries: Vec<Entry>,
    /// What comes next of it.
    pub pager: Pager,
    /// What the forms saw.
    pub seen: Seen,
}

/// Where one is signed in oneself.
#[derive(Clone, Debug, Template)]
#[template(path = "people/sessions.html")]
pub struct MySessions {
    /// The frame.
    pub page: Page,
    /// One's own open sessions.
    pub sessions: Vec<SessionRow>,
    /// New with every rendering.
    pub form_key: String,
}
