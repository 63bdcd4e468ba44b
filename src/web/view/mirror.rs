//! The mirror: how it stands, what it found, what it would write, what can be decided about it, and how it is set up.

use super::{
    Ask, Link, Pager, Seen, When,
    badge::Badge,
    history::Entry,
    layout::Page,
    settings::{Choice, Conflict},
};
use askama::Template;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "mirror/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// Who decides about the mirror, if this person doesn't; empty: they do.
    pub why_not: String,
    /// How it stands.
    pub standing: Standing,
    /// What can be decided at any time; none: there is nothing yet to decide about.
    pub controls: Option<Controls>,
    /// How many of each.
    pub counts: Vec<Count>,
    /// What is odd about the sheet's rows.
    pub odd: Vec<Odd>,
    /// What a write would change.
    pub differences: Differences,
    /// Tabs of the app's own; none: there is nothing yet to decide about.
    pub tabs: Vec<OwnTab>,
    /// Which of our fields stands where, the keys first.
    pub columns: Vec<Column>,
    /// What is put around the columns, and whether that is done anew at the moment; empty: nothing, it is a file.
    pub formats: &'static str,
    /// Whose row is left out of the sheet, by key.
    pub left_out: Vec<String>,
    /// Hand edits that were put right, newest first.
    pub repairs: Vec<Repair>,
    /// What it did, newest first.
    pub runs: Vec<Run>,
    /// What was decided, newest first.
    pub history: Vec<Entry>,
    /// What every form saw.
    pub seen: Seen,
}

/// How the mirror stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In a word.
    pub badge: Badge,
    /// In a sentence.
    pub sentence: String,
    /// What the file is that it goes to; empty: it goes to a spreadsheet.
    pub about: &'static str,
    /// Why the last run failed, word for word, with its remedy; empty: it didn't.
    pub error: String,
    /// What an admin must decide first; none: nothing.
    pub question: Option<Question>,
    /// Whether the sheet has no column that says how scores stand, and nobody has said that this is meant.
    pub lacks_status: bool,
    /// Everything else, each with its name.
    pub facts: Vec<Fact>,
}

/// What the mirror doesn't do before an admin has looked at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// What happened, that nothing was written, and what to do.
    pub sentence: String,
    /// By what it is confirmed.
    pub token: String,
}

/// One thing about the mirror.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// Its name.
    pub label: &'static str,
    /// What it is; may be empty if there is a link or a time.
    pub text: String,
    /// Where it is.
    pub link: Option<Link>,
    /// When it was.
    pub at: Option<When>,
}

/// What can be decided at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    /// Why a run can't be asked for; empty: it can.
    pub run_why: String,
    /// Whether it is paused.
    pub is_paused: bool,
    /// The modes.
    pub modes: Vec<Choice>,
    /// What a write would change.
    pub outlook: String,
    /// The question before the mode becomes *write*.
    pub ask: Option<Ask>,
    /// Somebody else set the mode meanwhile.
    pub conflict: Option<Conflict>,
}

/// A number with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub label: &'static str,
    /// How many.
    pub text: String,
}

/// Something odd about rows of the sheet, of which people decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Odd {
    /// What it is.
    pub heading: String,
    /// What the mirror does about it, and what people can do.
    pub remedy: &'static str,
    /// The way on.
    pub link: Option<Link>,
    /// Which: `INIT-3 in rows 4 and 9`.
    pub items: Vec<String>,
}

/// What a write would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// How much, and as of when.
    pub summary: String,
    /// Initiatives that have no row and would get one, by key.
    pub absent: Vec<String>,
    /// Whether they had one before, as far as is known: then leaving them out is offered.
    pub offers_leaving_out: bool,
    /// Cell by cell.
    pub cells: Vec<Cell>,
    /// Where the list stands.
    pub pager: Pager,
}

/// A cell that a write would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Whose.
    pub key: String,
    /// Its row, as in the sheet.
    pub row: String,
    /// Which field.
    pub field: String,
    /// What stands there; empty: nothing.
    pub found: String,
    /// What would stand there; empty: nothing.
    pub wanted: String,
}

/// A tab of the app's own beside the backlog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTab {
    /// As the form names it.
    pub key: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// How it stands, in a word.
    pub badge: Badge,
    /// The same in a sentence, or what it would be.
    pub says: String,
    /// Its columns.
    pub columns: String,
    /// Whether it is kept in step.
    pub is_on: bool,
}

/// One of our fields and where the sheet has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The field's name, which a header may have.
    pub field: String,
    /// The column's letters; empty: none.
    pub letters: String,
    /// Its header; empty: none.
    pub header: String,
    /// What is to be said of it; empty: it is mirrored by its own name.
    pub note: &'static str,
    /// Where it stands, if it isn't mirrored.
    pub badge: Option<Badge>,
    /// The button; empty: it can't be handed over, or not by this person.
    pub button: &'static str,
    /// What the button makes of it: whether it is people's.
    pub becomes_theirs: bool,
}

/// A hand edit that was put right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// Whose.
    pub key: String,
    /// Which field.
    pub field: String,
    /// What stood there; empty: nothing.
    pub found: String,
    /// Whether that was a formula.
    pub is_formula: bool,
    /// What was put back; empty: nothing.
    pub restored: String,
    /// When.
    pub at: When,
}

/// A run that did something, or failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub at: When,
    /// What it ran for.
    pub trigger: &'static str,
    /// What came of it.
    pub outcome: &'static str,
    /// Reads, writes, cells written, rows added, hand edits found.
    pub counts: [i32; 5],
    /// Why it failed; empty: it didn't.
    pub error: String,
}

/// How to set a Google sheet up, step by step.
#[derive(Clone, Debug, Template)]
#[template(path = "mirror/set_up.html")]
pub struct SetUp {
    /// The frame.
    pub page: Page,
    /// With whom the sheet is to be shared; empty: no key tells yet.
    pub account: String,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub title: &'static str,
    /// Where it stands.
    pub badge: Badge,
    /// What the app sees of it, or what is wrong; empty: nothing.
    pub says: String,
    /// How to do it.
    pub how: &'static str,
    /// Whether it is where the account's address is shown.
    pub shows_account: bool,
}
