//! The frame of every page: title, navigation, who is signed in, where the assets are, what just happened.

use super::{
    badge::Badge,
    error::{Notice, UndoButton},
};
use askama::Template;

/// Which entry of the top bar is the present one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nav {
    /// Backlog and everything about one initiative.
    Backlog,
    /// Math models.
    Models,
    /// Params.
    Params,
    /// All frameworks side by side.
    Scoring,
    /// What waits for whoever looks.
    Queue,
    /// None of them.
    #[default]
    Elsewhere,
}

/// Who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// Their number: by it the page tells their own changes from others'.
    pub id: i64,
    /// Full name.
    pub name: String,
    /// Roles in words: `PM` or `Analytics, Finance`.
    pub roles: String,
    /// One or two letters for the round mark: `BO`.
    pub initials: String,
    /// How they write numbers, for what scripts write for them: `point` or `comma`.
    pub decimal_separator: &'static str,
    /// How much waits for them: `12`, `99+`; empty: nothing.
    pub waiting: String,
    /// How the mirror stands, in words of the bar; none: there is no mirror.
    pub mirror: Option<Badge>,
}

/// What the bar's link to what waits says; told to open pages when it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "components/_waiting.html")]
pub struct WaitingLink {
    /// As in [`Viewer`].
    pub waiting: String,
}

/// What the bar's link to the mirror says; told to open pages when it changes.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/_badge.html")]
pub struct MirrorLink {
    /// As in [`Viewer`].
    pub badge: Badge,
}

/// Content-hashed addresses of the static files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    /// The stylesheet.
    pub css: String,
    /// htmx and app.js in one file.
    pub js: String,
    /// The icon.
    pub icon: String,
}

/// What the layout needs; every page struct has one under the name `page`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Title of the browser's tab, without the product's name.
    pub title: String,
    /// The present entry of the top bar.
    pub nav: Nav,
    /// Who is signed in; none on the sign-in page.
    pub viewer: Option<Viewer>,
    /// Where the assets are.
    pub assets: Assets,
    /// This page's own path and query: forms return to it as `next`.
    pub path: String,
    /// What just happened, shown at the top and read out.
    pub notices: Vec<Notice>,
    /// The key of the form that all buttons in rows share.
    pub form_key: String,
    /// Where one's last act on what the page shows is taken back; none: nothing is edited here.
    pub undo: Option<UndoPlace>,
}

/// Where one's last act on what a page shows is taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoPlace {
    /// What the page is of, as app.js asks for it: `initiative=INIT-123`, or `params` for the rows that are shown.
    pub subject: String,
    /// The button; none: there is nothing to take back.
    pub button: Option<UndoButton>,
}

impl Page {
    /// Whether Backlog is the present entry.
    #[must_use]
    pub fn is_backlog(&self) -> bool {
        self.nav == Nav::Backlog
    }

    /// Whether Models is the present entry.
    #[must_use]
    pub fn is_models(&self) -> bool {
        self.nav == Nav::Models
    }

    /// Whether Params is the present entry.
    #[must_use]
    pub fn is_params(&self) -> bool {
        self.nav == Nav::Params
    }

    /// Whether My queue is the present entry.
    #[must_use]
    pub fn is_queue(&self) -> bool {
        self.nav == Nav::Queue
    }

    /// Whether Scoring is the present entry.
    #[must_use]
    pub fn is_scoring(&self) -> bool {
        self.nav == Nav::Scoring
    }
}
