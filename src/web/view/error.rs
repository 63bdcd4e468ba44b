//! When something didn't work: what happened, what is safe, what to do. And the short notices at the top of a page.

use super::{Link, layout::Page};
use askama::Template;

/// How a notice looks and sounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    #[default]
    Done,
    /// Worth knowing.
    Info,
    /// It didn't work.
    Problem,
}

impl Tone {
    /// Its name in class names.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Info => "info",
            Self::Problem => "problem",
        }
    }
}

/// A line at the top of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// How it looks.
    pub tone: Tone,
    /// What happened.
    pub title: String,
    /// What is safe and what to do; empty: nothing to add.
    pub text: String,
    /// A way on.
    pub link: Option<Link>,
    /// For a report to whoever runs the app; empty: none.
    pub request_id: String,
    /// Takes back what was just done.
    pub undo: Option<UndoButton>,
}

/// A button that takes an act back, or does it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoButton {
    /// Where it posts.
    pub action: String,
    /// What it says: `Undo`, or `Undo: changed Margin from 0.25 to 0.3`.
    pub label: String,
    /// New with every rendering.
    pub form_key: String,
}

impl Notice {
    /// It worked.
    #[must_use]
    pub fn done(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }
}

/// A notice alone: the answer to an htmx request that failed; it lands in `#notices`.
#[derive(Clone, Debug, Template)]
#[template(path = "errors/_notice.html")]
pub struct NoticeFragment {
    /// The notice.
    pub notice: Notice,
}

/// A whole page that says what went wrong.
#[derive(Clone, Debug, Template)]
#[template(path = "errors/page.html")]
pub struct ErrorPage {
    /// The frame.
    pub page: Page,
    /// A short sentence: `This page isn’t here`.
    pub title: String,
    /// What happened.
    pub happened: String,
    /// What is safe; empty: nothing was at stake.
    pub safe: String,
    /// What to do.
    pub todo: String,
    /// Ways on.
    pub links: Vec<Link>,
    /// For a report to whoever runs the app; empty: none.
    pub request_id: String,
}
