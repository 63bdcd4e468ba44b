//! Scenarios of a model: side by side, one of them, a value of one, and which one drives the score.

use super::{
    Figure, Filter, Link, Seen,
    badge::Badge,
    error::Notice,
    field::Choice,
    layout::Page,
    model::{Check, DiffLine, Written},
};
use askama::Template;

/// What each page of scenarios has above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The initiative.
    pub initiative: Link,
    /// The model: `Math model · Checkout`.
    pub model: Link,
    /// Base, each scenario, and where they are side by side.
    pub bar: Filter,
}

/// What a scenario says in one row of the comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The scenario's name, for narrow screens.
    pub label: String,
    /// The number.
    pub figure: Figure,
    /// Whether it isn't Base's.
    pub differs: bool,
}

/// A param, or a figure of the result, across all scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// The name in the formula; empty: a figure of the result.
    pub name: String,
    /// `not used`; may be empty.
    pub remark: String,
    /// Base's first.
    pub cells: Vec<Said>,
}

/// A scenario's column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name with its page.
    pub link: Link,
    /// Where it stands.
    pub badge: Badge,
    /// Whether it drives the score.
    pub drives: bool,
    /// What it lacks for the record; empty: nothing.
    pub missing: String,
    /// Where it is chosen to drive the score; empty: it does, or this person can't.
    pub drive_href: String,
}

/// A bar of the chart, in a box 1000 wide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// Whose.
    pub label: String,
    /// The value as text; none: it can't be computed.
    pub figure: Figure,
    /// Where it begins.
    pub x: String,
    /// How long it is.
    pub width: String,
}

/// A formula in the comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormulaCell {
    /// The scenario's name, for narrow screens.
    pub label: String,
    /// Where it comes from: `Base’s`, `its own, version 2`, `none yet`.
    pub says: String,
    /// Its text; empty: it follows Base's, or there is none.
    pub text: String,
    /// What it changes of Base's; empty: it is Base's.
    pub diff: Vec<DiffLine>,
    /// Whether it isn't Base's.
    pub differs: bool,
}

/// All scenarios side by side.
#[derive(Clone, Debug, Template)]
#[template(path = "scenarios/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// What stands above.
    pub head: Head,
    /// One for each scenario, Base first.
    pub columns: Vec<Column>,
    /// The formulas.
    pub formulas: Vec<FormulaCell>,
    /// The params.
    pub params: Vec<Row>,
    /// The results with today's values.
    pub results: Vec<Row>,
    /// The values as bars; empty: there is nothing to compare.
    pub bars: Vec<Bar>,
    /// The table as a file.
    pub downloads: Vec<Link>,
    /// Those that are put away.
    pub put_away: Vec<Link>,
    /// Making another.
    pub new: NewScenario,
}

/// The form that makes a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewScenario {
    /// Where it posts.
    pub action: String,
    /// What was typed.
    pub label: String,
    /// Names with one click.
    pub quick: Vec<String>,
    /// Why it wasn't taken.
    pub error: String,
    /// Why this person can't; empty: they can.
    pub why_not: String,
    /// What the form saw.
    pub seen: Seen,
}

/// A param in one scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueRow {
    /// Its number, for ids.
    pub id: String,
    /// What people read.
    pub label: String,
    /// The name in the formula.
    pub name: String,
    /// `not used`; may be empty.
    pub remark: String,
    /// Base's.
    pub base: Figure,
    /// The scenario's own; none: it follows Base.
    pub own: Option<Figure>,
    /// Its range where it has one of its own; may be empty.
    pub range: String,
    /// Who set it and when.
    pub set: String,
    /// That it lies outside its range; may be empty.
    pub warning: String,
    /// Where it is set; empty: this person can't.
    pub edit_href: String,
    /// Where it is dropped; empty: it follows Base, or this person can't.
    pub drop_action: String,
    /// Whether somebody has just come back from it.
    pub has_focus: bool,
}

/// One scenario.
#[derive(Clone, Debug, Template)]
#[template(path = "scenarios/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// What stands above.
    pub head: Head,
    /// Its name.
    pub label: String,
    /// Where it stands.
    pub badge: Badge,
    /// Whether it drives the score.
    pub drives: bool,
    /// Its value with today's numbers; no digits: it can't be computed.
    pub value: Figure,
    /// Effort.
    pub effort: Figure,
    /// Overall.
    pub overall: Figure,
    /// Base's value.
    pub base_value: Figure,
    /// What it lacks for the record, each with who owes it.
    pub missing: Vec<(String, String)>,
    /// Where it is chosen to drive the score; empty: it does, it isn't ready, or this person can't.
    pub drive_href: String,
    /// Its formula.
    pub formula: FormulaPart,
    /// Its values.
    pub rows: Vec<ValueRow>,
    /// Why this person edits none; empty: they do.
    pub why_no_values: String,
    /// Approving it.
    pub approval: Approval,
    /// Its name and place.
    pub keeping: Keeping,
    /// What forms saw.
    pub seen: Seen,
}

/// A scenario's formula: Base's, or its own beside what that replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormulaPart {
    /// `It follows Base’s formula, version 3.`
    pub sentence: String,
    /// The text that counts; empty: there is none.
    pub text: String,
    /// What its own changes of Base's now; empty: nothing, or it follows Base's.
    pub diff: Vec<DiffLine>,
    /// Where it is written; empty: this person can't.
    pub edit_href: String,
    /// What that button says.
    pub edit_label: String,
    /// Where its own is dropped; empty: it follows Base's, or this person can't.
    pub drop_action: String,
    /// Why this person writes none; empty: they do.
    pub why_not: String,
}

/// The form for a formula of a scenario's own.
#[derive(Clone, Debug, Template)]
#[template(path = "scenarios/formula.html")]
pub struct FormulaForm {
    /// The frame.
    pub page: Page,
    /// What stands above.
    pub head: Head,
    /// The scenario.
    pub scenario: Link,
    /// The box.
    pub written: Written,
    /// What the check says about its text.
    pub check: Check,
    /// What saving withdraws, said beforehand; empty: nothing.
    pub save_note: String,
    /// What somebody else did meanwhile; empty: nothing.
    pub conflict: String,
    /// The text that counts since then.
    pub theirs: String,
    /// Base's formula now, which it stands in the place of: what the text in the box changes of it; empty: nothing.
    pub diff: Vec<DiffLine>,
    /// What the form saw.
    pub seen: Seen,
}

/// Approving a scenario, or taking that back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// `Approved by Priya Nair, 12 Nov 2026`; `Waits for approval`.
    pub sentence: String,
    /// Where it is approved; empty: it is, or it can't be.
    pub action: String,
    /// What that button says: `Approve these values`.
    pub label: String,
    /// Where the approval is withdrawn; empty: there is none, or this person can't.
    pub withdraw_action: String,
    /// Why this person can't approve; empty: they can.
    pub why_not: String,
}

/// Naming a scenario and putting it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keeping {
    /// Where a new name posts.
    pub rename_action: String,
    /// What was typed.
    pub label: String,
    /// Why it wasn't taken.
    pub error: String,
    /// Where putting it away, or bringing it back, posts; empty: it drives the score.
    pub place_action: String,
    /// What that button says.
    pub place_label: String,
    /// Why this person can't; empty: they can.
    pub why_not: String,
}

/// A box of the value's form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueBox {
    /// Its name in the form.
    pub name: &'static str,
    /// What it is.
    pub label: String,
    /// What Base has, and what is taken.
    pub hint: String,
    /// What was typed.
    pub text: String,
    /// Why it wasn't taken; empty: it was.
    pub error: String,
}

impl ValueBox {
    /// What describes it, for the ear.
    #[must_use]
    pub fn described_by(&self) -> String {
        let hint = format!("{}-hint", self.name);
        if self.error.is_empty() {
            hint
        } else {
            format!("{hint} {}-error", self.name)
        }
    }
}

/// The form for a value of a scenario.
#[derive(Clone, Debug, Template)]
#[template(path = "scenarios/value.html")]
pub struct Value {
    /// The frame.
    pub page: Page,
    /// The scenario.
    pub scenario: Link,
    /// The param.
    pub label: String,
    /// Base's number, with who set it.
    pub base: String,
    /// Where it posts.
    pub action: String,
    /// Value, lowest, highest.
    pub boxes: Vec<ValueBox>,
    /// The reading that was probably meant.
    pub choice: Option<Choice>,
    /// What somebody else did meanwhile; empty: nothing.
    pub conflict: String,
    /// How numbers are written in the form, sent back with them: `point` or `comma`.
    pub decimal_separator: &'static str,
    /// What the form saw.
    pub seen: Seen,
}

/// A figure before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// What it is.
    pub label: String,
    /// Today's.
    pub before: Figure,
    /// What it would be.
    pub after: Figure,
}

/// What letting a scenario drive the score would do.
#[derive(Clone, Debug, Template)]
#[template(path = "scenarios/driver.html")]
pub struct Driver {
    /// The frame.
    pub page: Page,
    /// What stands above.
    pub head: Head,
    /// Who would drive: `Base`, `scenario Optimistic`.
    pub chosen: String,
    /// Who does.
    pub present: String,
    /// Value, effort, overall, rank.
    pub effects: Vec<Effect>,
    /// In a sentence: what leaves, what stays.
    pub sentence: String,
    /// What is missing, each with who owes it.
    pub missing: Vec<(String, String)>,
    /// Where it posts; empty: it can't be done now.
    pub action: String,
    /// The scenario's number; empty: Base.
    pub scenario: String,
    /// Why this person can't; empty: they can.
    pub why_not: String,
    /// Back, without doing anything.
    pub keep_href: String,
    /// What the form saw.
    pub seen: Seen,
}

impl Index {
    /// With what has just happened.
    #[must_use]
    pub fn noticing(mut self, notice: Notice) -> Self {
        self.page.notices.push(notice);
        self
    }
}

impl Show {
    /// With what has just happened.
    #[must_use]
    pub fn noticing(mut self, notice: Notice) -> Self {
        self.page.notices.push(notice);
        self
    }
}
