//! The settings: what holds for everybody, who changed it when, and for admins the form.

use super::{Pager, Seen, When, history::Entry, layout::Page};
use askama::Template;

/// A choice of what four-eyes watches over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub key: &'static str,
    /// What is read: `Finance-owned params`.
    pub label: &'static str,
    /// What it means for people.
    pub means: &'static str,
    /// Whether it is the one that holds, or that was typed.
    pub is_chosen: bool,
}

/// Somebody else saved first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conflict {
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// What they did, as a sentence after the name.
    pub what: String,
}

/// A number that is set for the LLM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// Its name in the form.
    pub name: &'static str,
    /// What it is: `Calls a day`.
    pub label: &'static str,
    /// As it is shown, or as it was typed.
    pub value: String,
}

/// What is set for the LLM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Llm {
    /// Whether there is one to ask, in a sentence.
    pub set_up: &'static str,
    /// What it may cost, and how often the app looks.
    pub numbers: Vec<Number>,
    /// Whether the app asks by itself.
    pub suggests_by_itself: bool,
    /// What is wrong with what was typed; empty: nothing.
    pub error: String,
    /// Somebody else was first.
    pub conflict: Option<Conflict>,
    /// What the form saw.
    pub seen: Seen,
}

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "settings.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// Whether this person changes them.
    pub can_change: bool,
    /// Why not, and who may; empty when they can.
    pub why_not: String,
    /// What four-eyes may watch over.
    pub choices: Vec<Choice>,
    /// Whether Finance alone approves what is Finance's.
    pub finance_approves_own: bool,
    /// Somebody else was first.
    pub conflict: Option<Conflict>,
    /// What the form saw.
    pub seen: Seen,
    /// What is set for the LLM.
    pub llm: Llm,
    /// The changes, newest first.
    pub history: Vec<Entry>,
    /// What comes next.
    pub pager: Pager,
}
