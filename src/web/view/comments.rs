//! What people say to each other about an initiative, a model or a param.

use super::{Link, When, layout::Page};
use askama::Template;

/// One comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// The element's id: `comment-12`.
    pub id: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// What it is about, where that isn't plain; none: it is.
    pub about: Option<Link>,
    /// What was said; empty: it was taken back.
    pub text: String,
    /// Where taking it back posts; empty: this person can't.
    pub withdraw_action: String,
}

/// A thread with the form that goes on with it. The element's id is `comments`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Where the form posts, and the thread's own page.
    pub action: String,
    /// Oldest first.
    pub comments: Vec<Comment>,
    /// What was typed and not taken.
    pub typed: String,
    /// Why not; empty: nothing is wrong.
    pub error: String,
    /// What else is to be said of the comment just made; empty: nothing.
    pub note: String,
    /// New with every rendering.
    pub form_key: String,
    /// Who may comment, if this person may not; empty: they may.
    pub why_not: String,
}

/// The thread alone.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/comments.html")]
pub struct ThreadFragment {
    /// The thread.
    pub thread: Thread,
}

/// The thread on a page of its own.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "comments.html")]
pub struct ThreadPage {
    /// The frame.
    pub page: Page,
    /// The key of the initiative that this is part of.
    pub about: String,
    /// What it is about.
    pub subject: Link,
    /// The thread.
    pub thread: Thread,
}

/// A comment that calls whoever looks, in their queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mention {
    /// `Bo Li in INIT-123 about Margin`, as a link to the thread.
    pub link: Link,
    /// What was said.
    pub text: String,
    /// When.
    pub at: When,
    /// Where settling it posts.
    pub settle_action: String,
}
