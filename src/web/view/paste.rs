//! Pasting a block: the page that takes its text, and what it would do, cell by cell.

use super::{Hidden, SelectOption, layout::Page};
use askama::Template;

/// The page that takes a block.
#[derive(Clone, Debug, Template)]
#[template(path = "params/paste.html")]
pub struct PastePage {
    /// The frame.
    pub page: Page,
    /// What was typed or pasted.
    pub text: String,
    /// Where it may land: by its header, or from a row on.
    pub starts: Vec<SelectOption>,
    /// The columns it may begin in.
    pub columns: Vec<SelectOption>,
    /// The rows as they are shown, and the way back.
    pub hidden: Vec<Hidden>,
    /// Where Cancel leads.
    pub back_href: String,
    /// Why nothing of it can be read; empty: nothing wrong.
    pub error: String,
}

/// What a block would do.
#[derive(Clone, Debug, Template)]
#[template(path = "params/preview.html")]
pub struct Preview {
    /// The frame.
    pub page: Page,
    /// `1,190 changed, 0 unchanged, 10 refused`.
    pub counts: String,
    /// What follows: approvals that fall, scores that turn stale, columns that aren't taken.
    pub notes: Vec<String>,
    /// The block's columns.
    pub columns: Vec<String>,
    /// The params it touches.
    pub rows: Vec<PreviewRow>,
    /// Cells that aren't taken, as far as they are listed one by one.
    pub refused: Vec<Outside>,
    /// Cells that land nowhere.
    pub outside: Vec<Outside>,
    /// What applying sends.
    pub hidden: Vec<Hidden>,
    /// `Apply 1,190 cells`; empty: there is nothing to apply.
    pub apply_label: String,
    /// Where Cancel leads.
    pub back_href: String,
}

impl Preview {
    /// What isn't taken, before all else: by id, under its heading.
    fn left_out(&self) -> impl Iterator<Item = (&'static str, &'static str, &[Outside])> {
        [
            ("refused", "Refused cells", &self.refused[..]),
            ("outside", "Cells that land nowhere", &self.outside[..]),
        ]
        .into_iter()
        .filter(|(.., cells)| !cells.is_empty())
    }
}

/// One param.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviewRow {
    /// What people call it.
    pub label: String,
    /// `INIT-1, Math model`.
    pub of: String,
    /// As many as columns.
    pub cells: Vec<PreviewCell>,
}

/// One cell of the block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviewCell {
    /// The column, where rows are cards.
    pub column: String,
    /// Whether the block says anything here.
    pub is_there: bool,
    /// Whether it changes something.
    pub is_changed: bool,
    /// What the field says now; empty: nothing.
    pub old: String,
    /// What it would say, or what was typed.
    pub new: String,
    /// Why it isn't taken; empty: it is.
    pub why: String,
}

/// A cell that isn't taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outside {
    /// `Row 201, column 2`, or `Margin (INIT-1, Math model), Value`.
    pub place: String,
    /// What stands there.
    pub typed: String,
    /// Why it isn't taken.
    pub why: String,
}
