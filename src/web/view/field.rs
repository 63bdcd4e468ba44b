//! The one field component: something read in place, and the form that edits it.

use super::{Seen, SelectOption, When, error::Notice, initiative, layout::Page, suggestion};
use askama::Template;

/// A field as it is read. When it can be edited it is a link to its edit form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldView {
    /// Id of the element: `initiative-INIT-123-title`, `param-42-value`. The edit form has the same.
    pub id: String,
    /// What it is, for the ear: `Value of Profit margin`.
    pub label: String,
    /// What it says; empty: nothing filled in.
    pub text: String,
    /// A unit or the other reading, in a quieter tone: `0.04`.
    pub more: String,
    /// Address of the edit form; empty: this person can't edit it.
    pub edit_href: String,
    /// Why it can't be edited, and who may; empty when it can.
    pub why_not: String,
    /// What an empty field invites to: `Add a value`.
    pub invitation: String,
    /// Several lines.
    pub is_long: bool,
    /// A number: tabular figures, aligned to the end.
    pub is_number: bool,
}

/// A range as a line with the value's place on it. All lengths in the drawing's own units, 0 to 64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Where the value is: `4` to `60`; none: no value.
    pub x: Option<String>,
    /// Whether the value lies outside the range.
    pub is_outside: bool,
}

impl Bar {
    /// From the value's place as a share of the range (0 at the lowest, 1 at the highest); none: no value.
    #[must_use]
    pub fn at(share: Option<f64>) -> Self {
        let x = share.map(|share| format!("{:.1}", 4.0 + 56.0 * share.clamp(0.0, 1.0)));
        Self {
            x,
            is_outside: share.is_some_and(|share| !(0.0..=1.0).contains(&share)),
        }
    }
}

/// What a field is typed into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// One line.
    Line {
        /// What stands there: what was typed last, or the present value.
        value: String,
        /// What is offered while one types; anything else is taken too.
        choices: Vec<String>,
    },
    /// Several lines.
    Text {
        /// What stands there.
        value: String,
    },
    /// A number as people write it (`4%`, `£1.2k`): a line with a numeric keyboard on a phone.
    Number {
        /// What stands there.
        value: String,
        /// Shown after the box; empty: none.
        unit: String,
    },
    /// A date.
    Date {
        /// `2026-11-12` or empty.
        value: String,
    },
    /// One of a few.
    Select {
        /// The choices.
        options: Vec<SelectOption>,
    },
    /// Two numbers, sent as `min` and `max`.
    Range {
        /// The lower.
        min: String,
        /// The higher.
        max: String,
    },
}

/// Somebody else saved the same field first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conflict {
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// What it says now.
    pub theirs: String,
    /// What this person typed; the form holds it too.
    pub yours: String,
}

/// A reading that the person may have meant, sent as `instead`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The button's words: `Use 4 % (0.04)`.
    pub label: String,
    /// What is sent as `instead`, which goes before `value`: `4%`.
    pub value: String,
}

/// A value for an empty field, to be taken with a click.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// Why: `All money that the formula reads is in £.`
    pub because: String,
    /// The button's words: `Use £ as the unit of the value`.
    pub label: String,
    /// Where it posts.
    pub action: String,
    /// What it posts as `value`.
    pub value: String,
    /// The page to return to.
    pub next: String,
    /// What the form saw.
    pub seen: Seen,
}

/// A field as it is edited. 422 and 409 answer with it again.
#[derive(Clone, Debug, Template)]
#[template(path = "components/_field_edit.html")]
pub struct FieldEdit {
    /// The form.
    pub edit: Edit,
}

/// The form of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The read element's id.
    pub id: String,
    /// What it is, for the ear: `Value of Profit margin`.
    pub label: String,
    /// What it is typed into.
    pub control: Control,
    /// How to write it, or what saving will do; empty: nothing to say.
    pub hint: String,
    /// Where it posts.
    pub action: String,
    /// What the form saw; after a conflict, the fresh revision.
    pub seen: Seen,
    /// How numbers are written in the form, sent back with them: `point` or `comma`; empty: it takes none.
    pub decimal_separator: &'static str,
    /// The page to go back to without JavaScript.
    pub cancel_href: String,
    /// An address whose answer holds the read element (by its id): the page itself, or a fragment.
    pub read_href: String,
    /// What the field said before; empty: its history has no page of its own.
    pub history_href: String,
    /// What is wrong with what was typed.
    pub error: Option<String>,
    /// Readings to choose from.
    pub choices: Vec<Choice>,
    /// A value from elsewhere that a person may take, sent as `offered`; none: there is none.
    pub offer: Option<Choice>,
    /// Somebody else was first.
    pub conflict: Option<Conflict>,
}

impl Edit {
    /// Several lines: the buttons stand under the box rather than float over the page.
    #[must_use]
    pub fn is_long(&self) -> bool {
        matches!(self.control, Control::Text { .. })
    }

    /// Ids of what is said about the box: error and conflict first, the hint last.
    #[must_use]
    pub fn described_by(&self) -> String {
        let id = &self.id;
        match (&self.error, &self.conflict) {
            (Some(_), _) => format!("{id}-error {id}-hint"),
            (None, Some(_)) => format!("{id}-conflict {id}-hint"),
            (None, None) => format!("{id}-hint"),
        }
    }

    /// The button's word.
    #[must_use]
    pub fn save_label(&self) -> &'static str {
        if self.conflict.is_some() {
            "Save mine anyway"
        } else {
            "Save"
        }
    }

    /// The other button's word.
    #[must_use]
    pub fn cancel_label(&self) -> &'static str {
        if self.conflict.is_some() {
            "Keep theirs"
        } else {
            "Cancel"
        }
    }
}

/// A field as it is read, alone: the answer to Cancel.
#[derive(Clone, Debug, Template)]
#[template(path = "components/_field.html")]
pub struct Field {
    /// The field.
    pub field: FieldView,
}

/// The answer to a saved field of an initiative or a model: the field, and what else on the page it moves.
#[derive(Clone, Debug, Template)]
#[template(path = "components/field_saved.html")]
pub struct FieldSaved {
    /// The field.
    pub field: FieldView,
    /// The page's heading, when the title changed.
    pub heading: Option<initiative::Heading>,
    /// The four steps, when they may have moved.
    pub journey: Option<initiative::Journey>,
    /// The score card, when it may have moved.
    pub score: Option<initiative::ScoreCard>,
    /// How the LLM's suggestion stands to the model's texts now, when one of them changed.
    pub answer: Option<suggestion::Panel>,
    /// What to tell.
    pub notices: Vec<Notice>,
}

/// A field's form on a page of its own, for browsers without JavaScript.
#[derive(Clone, Debug, Template)]
#[template(path = "components/edit.html")]
pub struct EditPage {
    /// The frame.
    pub page: Page,
    /// The form.
    pub edit: Edit,
    /// What it belongs to: `INIT-123 Checkout conversion value`.
    pub subject: String,
}
