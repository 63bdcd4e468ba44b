//! Params: the grid, one row of it, what a saved row moves, and one param's own page.

use super::{
    Empty, Figure, Filter, Hidden, Link, Pager, Search, Seen, SelectOption, When,
    badge::Badge,
    check::Check,
    comments::Thread,
    error::Notice,
    field::Bar,
    initiative::{Heading, Journey, LabelledField, ScoreCard},
    layout::Page,
    suggestion::{self, Asking, Failure},
};
use askama::Template;
use std::sync::Arc;

/// One param's row. The element's id is `param-{id}`, its cells' are `param-{id}-{key}`.
///
/// A page holds hundreds of these: what is the same in all of them stands in the template, not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its number.
    pub id: i64,
    /// The name in the formula.
    pub name: String,
    /// The label (`param_display`).
    pub label: Cell,
    /// The value; `more` holds the other reading.
    pub value: Cell,
    /// The unit.
    pub unit: Cell,
    /// The range; `bar` draws it.
    pub range: Cell,
    /// Whose it is.
    pub source: Cell,
    /// The evidence's link; `text` is short: the address's host.
    pub evidence: Cell,
    /// Where the evidence is (http or https only); empty: nowhere.
    pub evidence_href: String,
    /// `as of 12 Nov 2026`; empty: nothing to say.
    pub evidence_note: String,
    /// `Review was due 3 Nov`, from a fortnight ahead; none: not yet.
    pub review: Option<Badge>,
    /// Where it stands.
    pub badge: Badge,
    /// Who approves it, when, and what this person can do.
    pub approval: ParamApproval,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: When,
    /// Whether the approved formula reads it; if not, it is shown muted.
    pub is_used: bool,
    /// What the buttons saw.
    pub revision: i64,
    /// Whether this person can choose it, to act on many at once.
    pub can_pick: bool,
    /// The shared fact whose number it is; none: its own.
    pub follows: Option<Link>,
    /// The number that the score uses in its place: `Optimistic: 12 counts`; none: its own.
    pub instead: Option<Link>,
    /// What of it is a guess that this person can confirm: `label, unit`; empty: nothing.
    pub guessed: String,
}

/// What works on many rows at once, for people who edit params.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// The page to come back to.
    pub next: String,
    /// The key of its forms.
    pub form_key: String,
    /// How numbers are written that this person copies and pastes: `point` or `comma`.
    pub decimal_separator: &'static str,
    /// Units to choose from, or to type another.
    pub units: Vec<&'static str>,
    /// The sources there are to choose.
    pub sources: Vec<&'static str>,
    /// The page that takes a block.
    pub paste_href: String,
}

impl Param {
    /// What people call it.
    #[must_use]
    pub fn spoken(&self) -> &str {
        if self.label.text.is_empty() {
            &self.name
        } else {
            &self.label.text
        }
    }
}

/// A field in a param's row. The row and the column's head say what it is; when it can be edited it is a link to its
/// edit form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its name in addresses: `value`.
    pub key: &'static str,
    /// What it says; empty: nothing filled in.
    pub text: String,
    /// The other reading, in a quieter tone: `0.04`.
    pub more: String,
    /// What an empty one invites to: `Add a value`.
    pub invitation: &'static str,
    /// Whether this person can edit it.
    pub can_edit: bool,
    /// Why not, and who may.
    pub why_not: Option<Arc<str>>,
    /// Whether it is this cell's own reason, which it says by itself; otherwise the page says it once.
    pub says_why: bool,
    /// A drawing of the range.
    pub bar: Option<Bar>,
    /// Whose guess it is, in class names: `llm`, `rule`; empty: nobody's, or somebody stands behind it.
    pub guess: &'static str,
}

/// A cell alone: the answer to Cancel.
#[derive(Clone, Debug, Template)]
#[template(path = "params/cell.html")]
pub struct CellAlone {
    /// The param's number.
    pub id: i64,
    /// The cell.
    pub cell: Cell,
}

/// A param's approval, for one person's eyes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamApproval {
    /// Whether they may approve it as it stands.
    pub can_approve: bool,
    /// Why they may not although their role might: four-eyes; empty: it isn't that.
    pub why_not: String,
    /// Whether they may withdraw the approval that stands.
    pub can_withdraw: bool,
    /// Who approved it: `Fay`, or `Fay (import)`; empty: nobody.
    pub by: String,
    /// When.
    pub at: Option<When>,
    /// Whose turn it is, when it isn't theirs: `Waits for Finance`; empty: nobody's.
    pub waits_for: String,
}

/// How far a group is, and what it gives. The element's id is `score-{framework}-{initiative}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The framework's key: `MATH_MODEL`.
    pub framework_key: String,
    /// The initiative's key.
    pub initiative_key: String,
    /// How many count.
    pub approved: u32,
    /// Of how many that the formula reads.
    pub total: u32,
    /// `5 of 7 approved, 1 without a value`.
    pub text: String,
    /// The recorded value.
    pub value: Figure,
    /// Where the score stands.
    pub badge: Badge,
}

/// The params of one initiative and framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The initiative.
    pub initiative: Link,
    /// The initiative's title.
    pub title: String,
    /// The framework in words.
    pub framework: String,
    /// How far it is.
    pub progress: Progress,
    /// The rows, in order of first use, those not used last.
    pub params: Vec<Param>,
    /// Why there are none yet, and what to do; empty when there are.
    pub empty: String,
    /// Whether to head it with the initiative (on the Params page; not on the initiative's own).
    pub names_initiative: bool,
    /// The scenario that drives the score in Base's place; none: Base does.
    pub driver: Option<Link>,
    /// Where a param is added by hand; empty: this person adds none.
    pub add_href: String,
    /// What the LLM proposes for its rows; none: not shown here.
    pub words: Option<Words>,
}

/// What the LLM proposes for params, and the button that asks it. The element's id is `words-{of}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// What it is about: `MATH_MODEL-INIT-123`, `param-42`.
    pub of: String,
    /// The page the forms return to as `next`.
    pub next: String,
    /// What the forms saw.
    pub seen: Seen,
    /// Where the button posts.
    pub action: String,
    /// The button.
    pub ask: Asking,
    /// What is going on.
    pub progress: Option<suggestion::Progress>,
    /// Why nothing came of it.
    pub failure: Option<Failure>,
    /// What it would write where it may not write by itself.
    pub proposals: Vec<WordProposal>,
}

/// What the LLM would write in one field of a param.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordProposal {
    /// Its number.
    pub id: i64,
    /// The param: what people call it.
    pub param: String,
    /// The field: `Unit`.
    pub field: &'static str,
    /// What it says now; empty: nothing.
    pub now: String,
    /// What it would say.
    pub proposed: String,
    /// What taking it does beside: `Taking it withdraws the approval.`; empty: nothing.
    pub effect: &'static str,
    /// The param's revision.
    pub revision: i64,
    /// Whether this person can take it or put it away.
    pub can_decide: bool,
}

/// The answer to a param that was added: its group, and what to tell.
#[derive(Clone, Debug, Template)]
#[template(path = "params/added.html")]
pub struct Added {
    /// The group.
    pub grid: Grid,
    /// What to tell.
    pub notices: Vec<Notice>,
}

/// Which columns are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The rest of the address.
    pub kept: Vec<Hidden>,
    /// Those that can be left out.
    pub all: Vec<SelectOption>,
}

/// The params of one owner or one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// Its key in the address.
    pub key: String,
    /// `Finance`, `Missing`.
    pub heading: String,
    /// How many of those that count are approved.
    pub approved: usize,
    /// How many count.
    pub total: usize,
    /// `5 of 7 approved`, and whether that is of this page alone.
    pub text: String,
    /// The rows, by initiative and framework.
    pub parts: Vec<Part>,
}

/// The rows of one initiative and framework within such a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The initiative.
    pub initiative: Link,
    /// The framework in words.
    pub framework: String,
    /// The rows.
    pub params: Vec<Param>,
}

/// The Params page.
#[derive(Clone, Debug, Template)]
#[template(path = "params/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// The search box.
    pub search: Search,
    /// Framework, state, source, and the initiative when one is chosen.
    pub filters: Vec<Filter>,
    /// Takes every filter off; none: nothing is filtered.
    pub clear_href: Option<String>,
    /// What this person can't do in any row, and which settings hold.
    pub notes: Vec<String>,
    /// The choice of columns.
    pub columns: Columns,
    /// A class for each column that isn't shown.
    pub hidden: Vec<String>,
    /// The params, by initiative and framework; empty where the groups are others.
    pub grids: Vec<Grid>,
    /// The params by whose they are or by where they stand; empty where the groups are initiatives.
    pub shelves: Vec<Shelf>,
    /// What works on many rows at once; none: this person only reads.
    pub tools: Option<Tools>,
    /// The list as files.
    pub downloads: Vec<Link>,
    /// What comes next.
    pub pager: Pager,
    /// Nothing to show.
    pub empty: Option<Empty>,
}

impl Index {
    /// How many columns are shown: as many as a head within the table goes over.
    #[must_use]
    pub fn span(&self) -> usize {
        8_usize.saturating_sub(self.hidden.len())
    }
}

/// One row alone.
#[derive(Clone, Debug, Template)]
#[template(path = "params/_row.html")]
pub struct Row {
    /// The row.
    pub param: Param,
}

/// The answer to a saved or approved param: its row first, then what else it moves, out of band.
#[derive(Clone, Debug, Template)]
#[template(path = "params/saved.html")]
pub struct Saved {
    /// The row.
    pub param: Param,
    /// Its group's head; none: the list that it stands in has no heads of initiatives.
    pub progress: Option<Progress>,
    /// The initiative's score card, when that page asked.
    pub score: Option<ScoreCard>,
    /// The initiative's four steps, when that page asked.
    pub journey: Option<Journey>,
    /// The initiative's heading, when that page asked.
    pub heading: Option<Heading>,
    /// What the formula's check says now, when that page asked and the editor is there.
    pub check: Option<Check>,
    /// What to tell.
    pub notices: Vec<Notice>,
}

/// One param with all its fields.
#[derive(Clone, Debug, Template)]
#[template(path = "params/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// The initiative.
    pub initiative: Link,
    /// The framework in words.
    pub framework: String,
    /// What this person can't do here, and which settings hold.
    pub notes: Vec<String>,
    /// The param: its row, with state and approval.
    pub param: Param,
    /// Its group's head.
    pub progress: Progress,
    /// What the LLM proposes for it; none: its framework describes it.
    pub words: Option<Words>,
    /// What has just happened, where the page comes in place of what was there.
    pub said: Vec<Notice>,
    /// What people say about it; none: not shown here.
    pub thread: Option<Thread>,
    /// Description, notes, evidence, dates.
    pub fields: Vec<LabelledField>,
}

impl Show {
    /// Why this person edits none of the fields below the row; empty: they do.
    #[must_use]
    pub fn fields_note(&self) -> String {
        super::initiative::reasons(&self.fields)
    }
}
