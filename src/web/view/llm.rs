//! What the LLM was asked and what it cost: the usage page, and one call with its prompt and its answer.

use super::{Filter, Link, Pager, When, badge::Badge, layout::Page};
use askama::Template;

/// A line of a table of usage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageRow {
    /// A day, a person or a workflow.
    pub of: String,
    /// How many calls.
    pub calls: String,
    /// How many of them came to nothing.
    pub failed: String,
    /// Tokens that went in.
    pub tokens_in: String,
    /// Tokens that came out.
    pub tokens_out: String,
    /// By the configured price; empty: no price is configured.
    pub cost: String,
}

/// Usage under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageTable {
    /// `By day`.
    pub heading: &'static str,
    /// What the first column holds: `Day`.
    pub of: &'static str,
    /// Its lines.
    pub rows: Vec<UsageRow>,
}

/// A budget and what is left of it today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Whose: `Calls a day, everybody`.
    pub of: &'static str,
    /// What is used up or reserved: `12`.
    pub used: String,
    /// Of how much: `200`; empty: there is no limit.
    pub limit: String,
    /// `188 left`; `none left until 00:00 UTC`.
    pub left: String,
}

/// A call in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// Its own page.
    pub href: String,
    /// What for: `Suggest a formula`.
    pub workflow: String,
    /// What about: the initiative.
    pub about: Option<Link>,
    /// Who asked; empty: the app by itself.
    pub by: String,
    /// When.
    pub at: When,
    /// What came of it.
    pub outcome: Badge,
    /// Tokens in and out.
    pub tokens: String,
}

/// What the LLM was used for.
#[derive(Clone, Debug, Template)]
#[template(path = "llm/usage.html")]
pub struct Usage {
    /// The frame.
    pub page: Page,
    /// Whether it is set up, which endpoint and which models; never its key.
    pub set_up: String,
    /// The span that is shown.
    pub spans: Filter,
    /// What is left today.
    pub budgets: Vec<Budget>,
    /// In all, by workflow, by person, by day.
    pub tables: Vec<UsageTable>,
    /// The latest calls, newest first.
    pub calls: Vec<CallRow>,
    /// What comes next.
    pub pager: Pager,
    /// Said where no price is configured; empty: it is.
    pub price_note: String,
}

/// One call: what was asked and what was answered, word for word.
#[derive(Clone, Debug, Template)]
#[template(path = "llm/call.html")]
pub struct Call {
    /// The frame.
    pub page: Page,
    /// What for: `Suggest a formula`.
    pub workflow: String,
    /// What about.
    pub about: Option<Link>,
    /// What came of it.
    pub outcome: Badge,
    /// Term and figure: who, when, model, prompt version, tokens, duration, cost.
    pub facts: Vec<(&'static str, String)>,
    /// When.
    pub at: When,
    /// What was sent.
    pub prompt: String,
    /// The raw answer; empty: there was none.
    pub answer: String,
    /// Said where texts were cut to fit; empty: they are whole.
    pub cut: String,
}
