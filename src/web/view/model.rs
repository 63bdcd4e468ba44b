//! Math models: the list, a model's page, the formula editor and what the check says while one types.

pub use super::check::{
    Check, CheckError, CheckFragment, CheckResult, Chip, ChipState, Fix, Remark, Term, WorkedLine,
};
use super::{
    Empty, Filter, Link, Pager, Search, Seen, When, badge::Badge, comments::Thread,
    field::Proposal, initiative::LabelledField, layout::Page, model_copy::Reuse, suggestion,
};
use askama::Template;

/// A line of a formula, with its value where there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: u32,
    /// Its text.
    pub text: String,
    /// Its value; empty: none, or not a line that gives one.
    pub value: String,
}

/// A framework's own formula, only to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formula {
    /// The id of its place on the page: `formula-RICE`.
    pub id: String,
    /// Whose: `RICE`.
    pub name: String,
    /// What the initiative would be worth by it if some numbers were others.
    pub scenarios_href: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// The saved version waits for approval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalPanel {
    /// Which version.
    pub version: i32,
    /// What approving will do, said beforehand.
    pub effects: Vec<String>,
    /// Whether this person may, and the text is right.
    pub can_approve: bool,
    /// Why not; empty when they can.
    pub why_not: String,
}

/// An approval that stands, or the last one that did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovedVersion {
    /// Which version.
    pub version: i32,
    /// Who approved it.
    pub by: String,
    /// When.
    pub at: When,
    /// Whether it is the text that is saved now.
    pub is_current: bool,
    /// Whether this person may withdraw it (current), or go back to it (not current).
    pub can_act: bool,
    /// Why not, and who may; empty when they can.
    pub why_not: String,
    /// What that would do.
    pub effect: String,
}

/// Somebody else saved a formula first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormulaConflict {
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// Which version it made.
    pub version: i32,
    /// Its text; the box holds this person's own.
    pub theirs: String,
}

/// The formula editor. The element's id is `math-model-{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    /// The model.
    pub model_id: String,
    /// The page the forms return to as `next`.
    pub next: String,
    /// Where the formula stands.
    pub badge: Badge,
    /// `Version 3, saved by Bo`; empty: nothing saved.
    pub saved: String,
    /// When.
    pub saved_at: Option<When>,
    /// What the box holds: the private draft if there is one, else the saved text, or what was typed.
    pub text: String,
    /// The saved text's lines, for people who can't write it.
    pub lines: Vec<Line>,
    /// Whether this person writes it.
    pub can_write: bool,
    /// Why not, and who may; empty when they can.
    pub why_not: String,
    /// Said when the box holds a private draft: since when, and that nobody else sees it.
    pub draft: Option<When>,
    /// What saving would withdraw, said beforehand; empty: nothing.
    pub save_note: String,
    /// What is wrong with what was sent (too long); empty: nothing.
    pub error: String,
    /// Somebody else was first.
    pub conflict: Option<FormulaConflict>,
    /// What the check says.
    pub check: Check,
    /// The saved version waits for approval; none: it is approved, or nothing is saved.
    pub approval: Option<ApprovalPanel>,
    /// The approval that stands, or the last one.
    pub approved: Option<ApprovedVersion>,
    /// Params that the latest approval dropped, with what they are probably called now.
    pub renames: Vec<Rename>,
    /// What copies and templates have to do with it.
    pub reuse: Reuse,
    /// What the forms saw.
    pub seen: Seen,
}

/// A param that may be carried over to a new name, with its value, approval and history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rename {
    /// The row that the formula no longer reads.
    pub from: i64,
    /// Its name.
    pub from_name: String,
    /// Its revision, as it was shown.
    pub from_revision: i64,
    /// The row that it reads now.
    pub to: i64,
    /// Its name.
    pub to_name: String,
    /// Its revision, as it was shown.
    pub seen: Seen,
}

/// The box that a formula is written in, with the margins on both sides of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The model, or the scenario, for ids.
    pub id: String,
    /// Where the form posts; the check while typing is below it.
    pub action: String,
    /// What it holds.
    pub text: String,
    /// Its lines with their numbers and values.
    pub margin: Vec<Line>,
    /// How high it is without JavaScript.
    pub rows: usize,
    /// Why it wasn't taken; empty: it was.
    pub error: String,
}

impl Written {
    /// The box with this text and what the check says about it.
    #[must_use]
    pub fn new(text: &str, check: &Check, error: &str) -> Self {
        let value = |number| check.lines.iter().find(|line| line.number == number);
        let margin = (1..).zip(text.split('\n')).map(|(number, text)| Line {
            number,
            text: text.trim_end_matches('\r').to_owned(),
            value: value(number)
                .map(|line| line.value.clone())
                .unwrap_or_default(),
        });
        Self {
            id: check.model_id.clone(),
            action: check.action.clone(),
            text: text.to_owned(),
            margin: margin.collect(),
            rows: text.split('\n').count().clamp(3, 50),
            error: error.to_owned(),
        }
    }
}

impl Editor {
    /// The box.
    #[must_use]
    pub fn written(&self) -> Written {
        Written::new(&self.text, &self.check, &self.error)
    }
}

/// A saved version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// 1, 2, 3 …
    pub number: i32,
    /// Who saved it.
    pub by: String,
    /// When.
    pub at: When,
    /// Its text.
    pub text: String,
    /// What changed against the version before; empty: there is none.
    pub changes: Vec<DiffLine>,
    /// `Approved by Bo, 12 Nov`, `approval withdrawn by Ada, 14 Nov`; empty: never approved.
    pub remark: String,
    /// Whether it is what is saved now.
    pub is_current: bool,
    /// Whether this person may bring it back as a new version.
    pub can_restore: bool,
}

/// What became of a line from one version to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineChange {
    /// It stands in both.
    Kept,
    /// Only in the earlier one.
    Removed,
    /// Only in the later one.
    Added,
}

impl LineChange {
    /// What stands before the line.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Kept => " ",
            Self::Removed => "−",
            Self::Added => "+",
        }
    }
}

/// A line of two versions laid over each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// What became of it.
    pub change: LineChange,
    /// The line.
    pub text: String,
}

impl DiffLine {
    /// Whether only the earlier version has it.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.change == LineChange::Removed
    }

    /// Whether only the later version has it.
    #[must_use]
    pub fn is_added(&self) -> bool {
        self.change == LineChange::Added
    }
}

/// A model's page.
#[derive(Clone, Debug, Template)]
#[template(path = "math_models/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// The model's name.
    pub name: String,
    /// The initiative.
    pub initiative: Link,
    /// Base, its scenarios, and where they are side by side.
    pub scenarios: Filter,
    /// Whose values the results rest on, where a scenario drives the score; empty: Base does.
    pub driver_note: String,
    /// Framework and scenario: `Math model · Base`.
    pub place: String,
    /// What can be done with the model elsewhere; empty: this person can't.
    pub reuse_links: Vec<Link>,
    /// What it is called as a template; empty: it is none.
    pub template_name: String,
    /// The formula.
    pub editor: Editor,
    /// Description, prompt and the LLM's suggestion.
    pub suggestion: suggestion::Panel,
    /// What people say about it; none: not shown here.
    pub thread: Option<Thread>,
    /// Name, unit, assumptions, notes; description and prompt stand with the suggestion.
    pub fields: Vec<LabelledField>,
    /// A unit for the value, where it has none.
    pub unit_proposal: Option<Proposal>,
    /// Newest first.
    pub versions: Vec<Version>,
}

impl Show {
    /// Why this person edits none of the model's texts; empty: they do.
    #[must_use]
    pub fn fields_note(&self) -> String {
        super::initiative::reasons(&self.fields)
    }
}

/// A model in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// Its number.
    pub id: i64,
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// The initiative.
    pub initiative: Link,
    /// The initiative's title.
    pub title: String,
    /// `3`; empty: nothing saved.
    pub version: String,
    /// Where the formula stands.
    pub badge: Badge,
    /// How far its params are: `5 of 7 approved`; empty: it has none yet.
    pub params: String,
    /// When it changed last.
    pub changed: When,
    /// Where its formula is copied elsewhere; empty: this person can't, or there is none.
    pub copy_href: String,
}

/// All models.
#[derive(Clone, Debug, Template)]
#[template(path = "math_models/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// The search box.
    pub search: Search,
    /// The filter chips.
    pub filters: Vec<Filter>,
    /// Takes search and filters off, where there are any.
    pub clear_href: Option<String>,
    /// The models.
    pub rows: Vec<ListRow>,
    /// What comes next.
    pub pager: Pager,
    /// The whole list as files.
    pub downloads: Vec<Link>,
    /// Nothing to show.
    pub empty: Option<Empty>,
}
