//! What taking an act back came to.

use super::{
    error::{Notice, UndoButton},
    layout::{Page, UndoPlace},
};
use askama::Template;

/// One's last act on a subject, to be taken back: the answer to the keys.
#[derive(Clone, Debug, Template)]
#[template(path = "changes/last.html")]
pub struct Last {
    /// The button.
    pub undo: UndoPlace,
    /// What to tell, if there is none.
    pub notices: Vec<Notice>,
}

/// What was taken back, for a page that shows the rest itself.
#[derive(Clone, Debug, Template)]
#[template(path = "changes/undone_notice.html")]
pub struct UndoneNotice {
    /// What to tell.
    pub notices: Vec<Notice>,
}

/// What was taken back, as a page, for browsers without JavaScript.
#[derive(Clone, Debug, Template)]
#[template(path = "changes/undone.html")]
pub struct Undone {
    /// The frame.
    pub page: Page,
    /// `Undone`, `Done again`, or that nothing was.
    pub title: String,
    /// What changed, a sentence each.
    pub changes: Vec<String>,
    /// What stays, a sentence each.
    pub stays: Vec<String>,
    /// Takes this back in turn.
    pub redo: Option<UndoButton>,
    /// Where it came from.
    pub back_href: String,
}
