//! Copying a formula: choose the initiatives, see what would happen, what happened. And what a model's editor says about
//! copies and templates.

use super::{Link, Seen, layout::Page, model::DiffLine};
use askama::Template;

/// An initiative that may be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Its key, which is sent.
    pub key: String,
    /// Its title.
    pub title: String,
    /// How far its formula is: `no formula yet`, `version 3`.
    pub state: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// The page that asks where a formula shall go.
#[derive(Clone, Debug, Template)]
#[template(path = "model_copies/choose.html")]
pub struct Choose {
    /// The frame.
    pub page: Page,
    /// What is copied, as addresses name it.
    pub from: String,
    /// What is copied, in words: `INIT-123, version 3`.
    pub what: String,
    /// Where that is looked at.
    pub source_href: String,
    /// What is searched for.
    pub query: String,
    /// What was chosen, then what was found.
    pub choices: Vec<Choice>,
    /// What the list leaves out, or why it is empty; empty: it is whole.
    pub note: String,
    /// How many one copy goes to at most.
    pub most: usize,
    /// Why there is no preview; empty: nothing is wrong.
    pub error: String,
}

/// A target in the preview.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its key.
    pub key: String,
    /// Its page.
    pub href: String,
    /// Its title.
    pub title: String,
    /// The revision that is shown.
    pub revision: i64,
    /// What happens to it: `Gets the formula`, `Has a formula: left as it is`.
    pub fate: String,
    /// What that means, one thing a line.
    pub lines: Vec<String>,
    /// Whether a person may have its formula replaced.
    pub can_replace: bool,
    /// Whether that is chosen already.
    pub is_replaced: bool,
    /// What would change of its formula; empty: it has none, or nothing would.
    pub diff: Vec<DiffLine>,
    /// Whether anything can happen to it at all.
    pub is_open: bool,
}

/// What a copy would do.
#[derive(Clone, Debug, Template)]
#[template(path = "model_copies/preview.html")]
pub struct Preview {
    /// The frame.
    pub page: Page,
    /// What is copied, as addresses name it.
    pub from: String,
    /// The version that is shown.
    pub version: i32,
    /// What is copied, in words.
    pub what: String,
    /// What versions will say: `copied from INIT-123 v3`.
    pub origin: String,
    /// The formula.
    pub formula: String,
    /// The targets.
    pub targets: Vec<Target>,
    /// What else is to be known: keys that nobody has.
    pub notes: Vec<String>,
    /// What the button says; empty: there is nothing to do.
    pub button: String,
    /// Where other initiatives are chosen.
    pub choose_href: String,
    /// Where leaving it leads.
    pub back_href: String,
}

/// A model that got the formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Got {
    /// Its initiative.
    pub initiative: Link,
    /// Its own page.
    pub model_href: String,
}

/// What a copy did.
#[derive(Clone, Debug, Template)]
#[template(path = "model_copies/done.html")]
pub struct Done {
    /// The frame; its notice says what happened and takes it back.
    pub page: Page,
    /// Who got the formula.
    pub models: Vec<Got>,
    /// Who didn't, and why.
    pub left_out: Vec<String>,
    /// Where to go on.
    pub back_href: String,
}

/// The template that a model began from offers another formula now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateChange {
    /// What the template is called.
    pub name: String,
    /// Its page.
    pub href: String,
    /// The version that was taken.
    pub taken: i32,
    /// The version that it offers now.
    pub version: i32,
    /// What changed from one to the other.
    pub diff: Vec<DiffLine>,
    /// The preview of taking it.
    pub take_href: String,
    /// What taking it would withdraw, said beforehand; empty: nothing.
    pub warning: String,
    /// Where putting it off posts.
    pub put_off_action: String,
    /// Whether this person may do either.
    pub can_act: bool,
    /// What the form saw.
    pub seen: Seen,
}

/// What a model's editor says about copies and templates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reuse {
    /// Where the saved version came from; empty: it was written here.
    pub origin: String,
    /// Where a template is chosen; empty: this person can't, or there is a formula already.
    pub start_href: String,
    /// The template's later formula.
    pub change: Option<TemplateChange>,
}
