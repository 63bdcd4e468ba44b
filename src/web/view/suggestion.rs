//! The LLM's part in a model: what it is asked, how far it is, what it proposes beside the formula, and what it said
//! before.

use super::{
    Link, Pager, Seen, When,
    badge::Badge,
    check::{CheckResult, ChipState},
    initiative::LabelledField,
    layout::Page,
    model::DiffLine,
};
use askama::Template;

/// The description, the prompt, the button, and what came of it. The element's id is `suggestion-{model}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// The model.
    pub model_id: String,
    /// The page the forms return to as `next`.
    pub next: String,
    /// What the forms saw of the model.
    pub seen: Seen,
    /// Description and prompt, edited in place.
    pub fields: Vec<LabelledField>,
    /// The button.
    pub ask: Asking,
    /// What is going on; none: nothing is.
    pub progress: Option<Progress>,
    /// Why the last time came to nothing; none: it didn't, or somebody asked again.
    pub failure: Option<Failure>,
    /// What it proposes now.
    pub suggestion: Option<Suggestion>,
    /// A second look at the formula; none: there is nothing to look at.
    pub opinion: Option<SecondOpinion>,
    /// The page of all it ever proposed here; none: it was never asked.
    pub former: Option<Link>,
}

/// A button that asks the LLM for something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// Its words: `Ask for a suggestion`, `Ask again`.
    pub label: String,
    /// Why it is off, and what to do; empty: it is on.
    pub why_not: String,
    /// What it costs or goes by: `4 of 50 calls left for you today`; empty: nothing to say.
    pub remark: String,
}

/// Something that the LLM was asked and has not answered yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How far it is: `Waiting for its turn`, `Asking the LLM`.
    pub says: String,
    /// Since when.
    pub since: When,
    /// Who asked; empty: the app by itself.
    pub by: String,
    /// Where *Cancel* posts; empty: this person can't.
    pub cancel_action: String,
}

/// Why nothing came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// In a sentence: what happened, what is safe, what to do.
    pub reason: String,
    /// When.
    pub at: When,
    /// The prompt and the raw answer, for those who may read them; empty: none, or they may not.
    pub call_href: String,
}

/// A parameter that the LLM had in mind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idea {
    /// The name in the suggested formula.
    pub name: String,
    /// What it means, in the LLM's words; empty: it said nothing.
    pub label: String,
    /// The unit it had in mind; empty: none.
    pub unit: String,
    /// Whether there is such a param, and how it stands.
    pub state: ChipState,
    /// The param's value today; empty: none.
    pub value: String,
}

/// A part of a suggestion that can be taken: formula, assumptions or notes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What is sent as `part`.
    pub key: &'static str,
    /// The button's words: `Use formula`.
    pub label: &'static str,
    /// What became of it: `Used as version 3`, `The model says this already`; empty: it can still be taken.
    pub taken: String,
}

/// What the LLM proposes, beside what is saved now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestion {
    /// Its number.
    pub id: i64,
    /// The state: a suggestion, or stale with what changed since.
    pub badge: Option<Badge>,
    /// Who asked; empty: the app by itself.
    pub asked_by: String,
    /// When it came.
    pub at: When,
    /// The formula.
    pub formula: String,
    /// What it changes about the saved formula; empty: there is none, or they are the same.
    pub changes: Vec<DiffLine>,
    /// Said in place of the difference: that nothing is saved yet, or that it is what is saved.
    pub beside: String,
    /// The result with today's values.
    pub result: Option<CheckResult>,
    /// Why there is none; empty: there is.
    pub no_result: String,
    /// What approving it would do.
    pub effects: Vec<String>,
    /// What it reads.
    pub ideas: Vec<Idea>,
    /// What it takes for granted.
    pub assumptions: Vec<String>,
    /// Its explanation.
    pub notes: String,
    /// What can be taken of it, each by itself; empty: nothing by this person.
    pub parts: Vec<Part>,
    /// Why nothing, and who may; empty: it isn't that.
    pub why_not: String,
    /// Where *Refuse* posts; empty: it can't be refused any more, or not by this person.
    pub refuse_action: String,
    /// `Refused by Bo: no CSAT effect`; empty: it wasn't.
    pub refused: String,
    /// Nothing is to be decided about it now: it is folded up.
    pub is_settled: bool,
    /// The prompt and the raw answer; empty: this person may not read them.
    pub call_href: String,
}

impl Suggestion {
    /// The part of that name, if there is anything to take or to say about it.
    #[must_use]
    pub fn part(&self, key: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.key == key)
    }
}

/// A second look by the LLM at a formula. It decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecondOpinion {
    /// The button.
    pub ask: Asking,
    /// What is going on.
    pub progress: Option<Progress>,
    /// Why nothing came of it.
    pub failure: Option<Failure>,
    /// What it said.
    pub review: Option<Review>,
}

/// What a second look said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// `7 of 10`.
    pub score: String,
    /// In a sentence.
    pub verdict: String,
    /// What it was about: `the suggestion`, `version 3`.
    pub of: String,
    /// When.
    pub at: When,
    /// Headed lists: issues, strengths, improvements; those with nothing in them are left out.
    pub lists: Vec<(&'static str, Vec<String>)>,
    /// The prompt and the raw answer.
    pub call_href: String,
}

/// All that the LLM ever proposed for a model.
#[derive(Clone, Debug, Template)]
#[template(path = "suggestions/former.html")]
pub struct Former {
    /// The frame.
    pub page: Page,
    /// The model.
    pub model: Link,
    /// The page its forms return to.
    pub next: String,
    /// What the forms saw of the model.
    pub seen: Seen,
    /// Newest first, each with what became of it.
    pub suggestions: Vec<FormerSuggestion>,
    /// What comes next.
    pub pager: Pager,
}

/// One of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormerSuggestion {
    /// What became of it: `Used as version 3 by Bo`, `Refused by Bo: …`, `Came after the description had changed`.
    pub outcome: String,
    /// The suggestion itself; its difference is against what is saved now.
    pub suggestion: Suggestion,
}
