//! The formula language, explained: blocks of text and the page that prints them.

use super::{Link, layout::Page};
use askama::Template;

/// A piece of text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// What it says.
    pub text: String,
    /// Written as in a formula.
    pub is_code: bool,
    /// A note inside a formula.
    pub is_note: bool,
}

/// A block of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A part begins.
    Heading {
        /// Its place on the page.
        id: String,
        /// What it says.
        text: String,
    },
    /// Running text.
    Paragraph(Vec<Run>),
    /// A formula.
    Example {
        /// Its text.
        formula: Vec<Run>,
        /// What the app says to it, if it is wrong.
        says: String,
    },
    /// Rows of cells.
    Table {
        /// The headings.
        head: Vec<Vec<Run>>,
        /// The rows.
        rows: Vec<Vec<Vec<Run>>>,
    },
}

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "formula_language.html")]
pub struct FormulaLanguage {
    /// The frame.
    pub page: Page,
    /// Its parts.
    pub contents: Vec<Link>,
    /// The text.
    pub blocks: Vec<Block>,
}
