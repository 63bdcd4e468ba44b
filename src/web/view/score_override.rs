//! An override of a score: its buttons, its form and its receipt.

use super::{
    Figure, Link, Seen, When,
    badge::Badge,
    error::Notice,
    field::{Choice, Conflict},
    initiative::{Heading, Journey, ScoreCard},
    layout::Page,
};
use askama::Template;

/// What can be done about the score, or why this person can't. The element's id is `override`, as the form's is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    /// Where the form is.
    pub edit_href: String,
    /// `Override score` or `Change override`.
    pub edit_label: String,
    /// Why this person may not, and who may; empty when they can.
    pub why_not: String,
    /// Where withdrawing posts; empty: nothing to withdraw.
    pub withdraw_action: String,
    /// What the form saw.
    pub seen: Seen,
}

/// One box of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormBox {
    /// `value`, `overall`, `reason` or `last_day`.
    pub name: &'static str,
    /// What it is.
    pub label: String,
    /// How to write it, and what leaving it empty does.
    pub hint: String,
    /// What stands there.
    pub text: String,
    /// What is wrong with it; empty: nothing.
    pub error: String,
}

impl FormBox {
    /// Whether it takes several lines.
    #[must_use]
    pub fn is_reason(&self) -> bool {
        self.name == "reason"
    }

    /// Whether it takes a date.
    #[must_use]
    pub fn is_day(&self) -> bool {
        self.name == "last_day"
    }

    /// Whether it is the one to begin with.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.name == "value"
    }

    /// Ids of what is said about it, the error first.
    #[must_use]
    pub fn described_by(&self) -> String {
        let name = self.name;
        if self.error.is_empty() {
            format!("override-{name}-hint")
        } else {
            format!("override-{name}-error override-{name}-hint")
        }
    }
}

/// The form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// `Override Math model`.
    pub heading: String,
    /// What the framework gives by itself.
    pub own: String,
    /// Where it posts.
    pub action: String,
    /// What it saw; after a conflict, the fresh revision.
    pub seen: Seen,
    /// How numbers are written in the form, sent back with them: `point` or `comma`.
    pub decimal_separator: &'static str,
    /// Somebody else was first.
    pub conflict: Option<Conflict>,
    /// Value, overall, reason, last day.
    pub boxes: Vec<FormBox>,
    /// A reading that was probably meant.
    pub choice: Option<Choice>,
    /// The initiative's page.
    pub cancel_href: String,
}

/// The form in its place on the initiative's page. 422 and 409 answer with it again.
#[derive(Clone, Debug, Template)]
#[template(path = "overrides/form.html")]
pub struct FormFragment {
    /// The form.
    pub form: Form,
}

/// The form on a page of its own, for browsers without JavaScript.
#[derive(Clone, Debug, Template)]
#[template(path = "overrides/edit.html")]
pub struct EditPage {
    /// The frame.
    pub page: Page,
    /// The form.
    pub form: Form,
    /// `INIT-123 Checkout conversion value`.
    pub subject: String,
}

/// The answer to a form that was taken: the buttons, and what else on the page it moves.
#[derive(Clone, Debug, Template)]
#[template(path = "overrides/saved.html")]
pub struct Saved {
    /// The buttons.
    pub controls: Option<Controls>,
    /// The page's heading.
    pub heading: Heading,
    /// The four steps.
    pub journey: Journey,
    /// The score card.
    pub score: ScoreCard,
    /// What to tell.
    pub notices: Vec<Notice>,
}

/// A figure of the receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptRow {
    /// `Value`, `Effort`, `Overall`.
    pub label: String,
    /// What the override makes of it.
    pub counts: Figure,
    /// `value ÷ effort`, `not overridden`; empty: as it was typed.
    pub remark: String,
    /// The framework's own when the override was set.
    pub then: Figure,
    /// The framework's own today.
    pub today: Figure,
}

/// The receipt.
#[derive(Clone, Debug, Template)]
#[template(path = "overrides/show.html")]
pub struct Receipt {
    /// The frame.
    pub page: Page,
    /// Its number.
    pub number: String,
    /// The initiative.
    pub initiative: Link,
    /// The framework in words.
    pub framework: String,
    /// Where the override stands today.
    pub badge: Badge,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: When,
    /// Why.
    pub reason: String,
    /// Value, effort, overall.
    pub rows: Vec<ReceiptRow>,
    /// How the framework's own score stood then.
    pub then_state: String,
    /// Its receipt; none: there was no score.
    pub then_receipt: Option<Link>,
    /// How it stands today.
    pub today_state: String,
    /// Its receipt; none: there is no score.
    pub today_receipt: Option<Link>,
    /// `to the end of 1 Dec 2026`.
    pub until: String,
    /// How it ended, or that it holds.
    pub ending: String,
    /// When it ended.
    pub ended_at: Option<When>,
    /// The override that came after it.
    pub next: Option<Link>,
}
