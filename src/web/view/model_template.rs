//! The library of templates and patterns, one of them, and the form that makes a model one.

use super::{Empty, Link, Search, Seen, badge::Badge, layout::Page};
use askama::Template;

/// A template or pattern in the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The id of its place on the page.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Where its formula stands; none: a pattern.
    pub badge: Option<Badge>,
    /// When it fits; may be empty.
    pub when_to_use: String,
    /// The formula.
    pub formula: String,
    /// `Kept by Priya Nair in INIT-3`, `comes with ProductOps`; and by how many it is used.
    pub about: String,
    /// The preview for the initiative that is asked about; empty: none is.
    pub start_href: String,
}

/// A part of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The id of its heading.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What it has.
    pub entries: Vec<Entry>,
}

/// The library.
#[derive(Clone, Debug, Template)]
#[template(path = "model_templates/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// The search box.
    pub search: Search,
    /// The initiative that a template is looked for; empty: none.
    pub target: String,
    /// The list as a file.
    pub downloads: Vec<Link>,
    /// Templates, then patterns.
    pub sections: Vec<Section>,
    /// Nothing was found.
    pub empty: Option<Empty>,
}

/// What a template tells about one param.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamLine {
    /// The name in the formula.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What it means; may be empty.
    pub description: String,
    /// Its unit.
    pub unit: String,
    /// Its range.
    pub range: String,
    /// Who answers for it.
    pub source: String,
    /// A number to try it with; empty: a template has none.
    pub sample: String,
}

/// A model that began from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// The initiative.
    pub initiative: Link,
    /// Its title.
    pub title: String,
    /// The model's page.
    pub model_href: String,
    /// Which version it took.
    pub version: i32,
}

/// One template or pattern.
#[derive(Clone, Debug, Template)]
#[template(path = "model_templates/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// What it is called.
    pub name: String,
    /// Where its formula stands; none: a pattern.
    pub badge: Option<Badge>,
    /// Who keeps it: `Kept by Priya Nair, since 12 Nov 2026`.
    pub kept_by: String,
    /// The model that it is; none: a pattern.
    pub model: Option<Link>,
    /// When it fits; may be empty.
    pub when_to_use: String,
    /// Which version of the formula.
    pub version: i32,
    /// The formula.
    pub formula: String,
    /// What it takes for granted; may be empty.
    pub assumptions: String,
    /// What it reads.
    pub params: Vec<ParamLine>,
    /// What the sample numbers give: `£59,800`; empty: there are none.
    pub sample_value: String,
    /// Who began from it.
    pub uses: Vec<Use>,
    /// Where it is put to use; empty: this person can't.
    pub start_href: String,
    /// What that link says.
    pub start_label: String,
    /// Why they can't; empty: they can.
    pub why_not: String,
}

/// The form that makes a model a template, or changes what is said of it.
#[derive(Clone, Debug, Template)]
#[template(path = "model_templates/edit.html")]
pub struct Edit {
    /// The frame.
    pub page: Page,
    /// The model.
    pub model: Link,
    /// Where the form posts.
    pub action: String,
    /// What was typed, or stands.
    pub name: String,
    /// What was typed, or stands.
    pub when_to_use: String,
    /// Whether the model is a template already.
    pub is_template: bool,
    /// What is wrong; empty: nothing.
    pub error: String,
    /// Somebody else was first: who did what.
    pub conflict: String,
    /// What the form saw.
    pub seen: Seen,
}
