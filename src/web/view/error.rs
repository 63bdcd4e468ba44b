//! When something didn't work: what happened, what is safe, what to do. And the short notices at the top of a page.

use super::{Hidden, Link, layout::Page};
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
    /// One thing a line: what was left out, and why.
    pub lines: Vec<String>,
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

    /// It didn't work: what happened, and what is safe.
    #[must_use]
    pub fn problem(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            tone: Tone::Problem,
            title: title.into(),
            text: text.into(),
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

/// The answer to an htmx request when nobody is signed in any more; it lands in `#notices`, and the form stays.
#[derive(Clone, Debug, Template)]
#[template(path = "errors/_signed_out.html")]
pub struct SignedOutNotice {
    /// Signing in, and back to the page.
    pub sign_in_href: String,
}

/// Something that was typed, handed back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedText {
    /// Unique on the page.
    pub id: String,
    /// The field in words.
    pub label: String,
    /// The field's name in the form.
    pub name: String,
    /// What was typed.
    pub value: String,
    /// How high the box is.
    pub rows: usize,
}

/// The same without JavaScript: the form once more, ready to be sent again.
#[derive(Clone, Debug, Template)]
#[template(path = "errors/signed_out.html")]
pub struct SignedOutPage {
    /// The frame, with no viewer.
    pub page: Page,
    /// Signing in, and back to the page that the form stood on.
    pub sign_in_href: String,
    /// Where the form is sent again: an own path.
    pub action: String,
    /// Whether there is such a path.
    pub can_send_again: bool,
    /// What the form carried beside what was typed.
    pub hidden: Vec<Hidden>,
    /// What was typed or chosen.
    pub typed: Vec<TypedText>,
}
