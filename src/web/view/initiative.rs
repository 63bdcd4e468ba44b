//! One initiative: the journey of four steps, the score card, the model and params in place, and every field.

use super::{
    Ask, Figure, Link, Seen, SelectOption, When,
    badge::Badge,
    comments::Thread,
    field::FieldView,
    layout::Page,
    model::{Editor, Formula},
    params::Grid,
    score_override::Controls,
    suggestion, summary,
};
use askama::Template;

/// A new initiative's form.
#[derive(Clone, Debug, Template)]
#[template(path = "initiatives/new.html")]
pub struct New {
    /// The frame.
    pub page: Page,
    /// The proposed key, or what was typed.
    pub key: String,
    /// What is wrong with it.
    pub key_error: Option<String>,
    /// What was typed.
    pub title: String,
    /// What is wrong with it.
    pub title_error: Option<String>,
    /// What was typed.
    pub problem_statement: String,
    /// What is wrong with it.
    pub problem_statement_error: Option<String>,
    /// Choices of `active_framework`, "none yet" first with an empty value.
    pub frameworks: Vec<SelectOption>,
    /// Sent back as `idempotency_key`; empty: none.
    pub form_key: String,
}

/// The page's heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// `INIT-123`.
    pub key: String,
    /// The title.
    pub title: String,
    /// Where the score stands, or archived.
    pub badge: Option<Badge>,
    /// `Archived by Bo on 12 Nov`; empty: it isn't.
    pub archived: String,
    /// Whether this person may archive or restore it.
    pub can_archive: bool,
    /// Why not, and who may; empty when they can.
    pub why_not: String,
    /// Its history.
    pub history_href: String,
    /// What the forms saw.
    pub seen: Seen,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepState {
    /// Behind us.
    Done,
    /// The one at work.
    Now,
    /// Was done, and something it rests on has changed.
    Stale,
    /// Not its turn yet.
    #[default]
    Later,
}

impl StepState {
    /// Its name in class names.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Stale => "stale",
            Self::Later => "later",
        }
    }

    /// For the ear.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "at work",
            Self::Stale => "to be looked at again",
            Self::Later => "not yet",
        }
    }
}

/// One of the four steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// `1` to `4`.
    pub number: u8,
    /// `Turn on`, `Define`, `Fill and approve`, `Score`.
    pub title: String,
    /// How far it is.
    pub state: StepState,
    /// Its state in one line: `Formula approved by Bo, 12 Nov · version 3`.
    pub line: String,
    /// Where to act: `Open the formula`; step 1 has its own forms.
    pub action: Option<Link>,
}

/// A framework that can be on beside the active one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Its key.
    pub key: String,
    /// In words.
    pub name: String,
    /// Whether it is on.
    pub is_on: bool,
}

/// Step 1's choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnOn {
    /// Choices of the active framework, "none" first with an empty value.
    pub frameworks: Vec<SelectOption>,
    /// Whether *use math model* is ticked.
    pub uses_math_model: bool,
    /// What can be on for comparison, beside the active one.
    pub comparisons: Vec<Comparison>,
    /// Whether this person chooses.
    pub can_choose: bool,
    /// Why not, and who may; empty when they can.
    pub why_not: String,
    /// What the forms saw.
    pub seen: Seen,
    /// A question about what was just chosen.
    pub ask: Option<Ask>,
    /// What went wrong with what was just chosen; empty: nothing.
    pub error: String,
}

/// The four steps. The element's id is `journey`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journey {
    /// Whose.
    pub key: String,
    /// The page the forms return to as `next`.
    pub next: String,
    /// Four of them.
    pub steps: Vec<Step>,
    /// Step 1's choices.
    pub turn_on: TurnOn,
}

/// One thing that stands between an initiative and its score.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MissingItem {
    /// `Profit margin waits for approval`.
    pub text: String,
    /// Who owes it: `Finance`.
    pub owed_by: String,
    /// Where to do it; empty: nowhere in particular.
    pub href: String,
}

/// A framework beside the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkScore {
    /// In words.
    pub name: String,
    /// Whether its scores are the initiative's.
    pub is_active: bool,
    /// The value.
    pub value: Figure,
    /// The overall score.
    pub overall: Figure,
    /// Where it stands.
    pub badge: Badge,
    /// Its receipt; none: never scored.
    pub receipt_href: Option<String>,
}

/// The override that stands in for a framework's own figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overridden {
    /// `Overridden by Bo until 1 Dec 2026: reason.`
    pub sentence: String,
    /// `The model’s own: value £59,800, overall 854.`
    pub own: String,
    /// Its receipt.
    pub href: String,
}

/// A workbook's score that stands while there is none of the app's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Legacy {
    /// Where it comes from and what it means.
    pub sentence: String,
    /// Where *Drop* posts; empty: this person may not.
    pub drop_action: String,
    /// What the form saw.
    pub seen: Seen,
}

/// What the initiative is worth. The element's id is `score-card`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreCard {
    /// The active framework in words; empty: none is chosen.
    pub framework: String,
    /// The value with its unit.
    pub value: Figure,
    /// The effort.
    pub effort: Figure,
    /// The overall score.
    pub overall: Figure,
    /// Where it stands.
    pub badge: Badge,
    /// Why: what changed, by whom and when; why something is empty.
    pub reasons: Vec<String>,
    /// The override in the figures; none: they are the framework's own.
    pub overridden: Option<Overridden>,
    /// A workbook's score in the figures, or beneath an override; none: there is none.
    pub legacy: Option<Legacy>,
    /// Overrides that count for nothing while another framework is active: a sentence with the way to each.
    pub suspended: Vec<Link>,
    /// Everything that is missing.
    pub missing: Vec<MissingItem>,
    /// `£59,800 with today’s values`, marked as a preview; none: nothing to preview.
    pub preview: Option<Figure>,
    /// When it was recorded.
    pub recorded_at: Option<When>,
    /// The receipt; none: never scored.
    pub receipt_href: Option<String>,
    /// All scores by this framework; none: never scored.
    pub history_href: Option<String>,
    /// All frameworks that are on, the active one first; empty: fewer than two.
    pub frameworks: Vec<FrameworkScore>,
}

/// A field with its visible label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelledField {
    /// What it is, in view: `Hypothesis`.
    pub label: String,
    /// A quiet remark under it: who set it, what it is for; empty: none.
    pub remark: String,
    /// The field.
    pub field: FieldView,
}

/// Why some of these fields can't be edited by this person, each reason once; empty: all can.
#[must_use]
pub fn reasons<'a>(fields: impl IntoIterator<Item = &'a LabelledField>) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for LabelledField { field, .. } in fields {
        if !field.why_not.is_empty() && !reasons.contains(&field.why_not.as_str()) {
            reasons.push(&field.why_not);
        }
    }
    reasons.join(" ")
}

/// Fields under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldGroup {
    /// `Basics`.
    pub heading: String,
    /// Its fields.
    pub fields: Vec<LabelledField>,
}

/// The initiative's page.
#[derive(Clone, Debug, Template)]
#[template(path = "initiatives/show.html")]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// Key, title, state, archive or restore.
    pub heading: Heading,
    /// The four steps.
    pub journey: Journey,
    /// The number.
    pub score: ScoreCard,
    /// What can be done about the number; none: nothing, by this person.
    pub controls: Option<Controls>,
    /// What people say about it; none: not shown here.
    pub thread: Option<Thread>,
    /// The math model's editor; none: it is off.
    pub editor: Option<Editor>,
    /// The model's description, prompt and the LLM's suggestion; none: the math model is off.
    pub suggestion: Option<suggestion::Panel>,
    /// The model's other texts, beside the editor.
    pub model_fields: Vec<LabelledField>,
    /// A unit for its value, where it has none.
    pub unit_proposal: Option<super::field::Proposal>,
    /// The model's own page; none: it is off.
    pub model_href: Option<String>,
    /// Formulas of the built-in frameworks that are on, to be read.
    pub formulas: Vec<Formula>,
    /// What this person can't do in any row of the params, and which settings hold.
    pub param_notes: Vec<String>,
    /// The params of each framework that is on.
    pub grids: Vec<Grid>,
    /// What works on many of them at once; none: this person only reads.
    pub tools: Option<super::params::Tools>,
    /// The text for the backlog, which the LLM may write.
    pub summary: summary::Panel,
    /// Every other field.
    pub groups: Vec<FieldGroup>,
}

impl Show {
    /// Why this person can't edit some of the initiative's fields; empty: they can edit all.
    #[must_use]
    pub fn fields_note(&self) -> String {
        reasons(self.groups.iter().flat_map(|group| &group.fields))
    }

    /// The same of the model's texts.
    #[must_use]
    pub fn model_note(&self) -> String {
        reasons(&self.model_fields)
    }
}
