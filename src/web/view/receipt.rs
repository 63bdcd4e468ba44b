//! The receipt of a recorded score: the formula with every line's value, every input with who stands behind it.

use super::{Figure, Link, When, badge::Badge, layout::Page, model::Line};
use askama::Template;

/// A param as it went into the score.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// What people read.
    pub label: String,
    /// The name in the formula.
    pub name: String,
    /// The value with its unit.
    pub value: Figure,
    /// The number the formula used, where it reads differently: `0.04`; empty: the same.
    pub reading: String,
    /// The range that was approved then, by whom and when, or which scenario set it in the place of what; empty: none.
    pub range: String,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Option<When>,
    /// Who approved it, or `not subject to approval`.
    pub approved_by: String,
    /// When; none for effort fields.
    pub approved_at: Option<When>,
}

/// What computing a receipt again came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recomputed {
    /// The same, or not.
    pub badge: Badge,
    /// In a sentence, with the engines if they differ.
    pub sentence: String,
    /// Everything that isn't the same.
    pub differences: Vec<String>,
}

/// A receipt.
#[derive(Clone, Debug, Template)]
#[template(path = "scores/show.html")]
pub struct Receipt {
    /// The frame.
    pub page: Page,
    /// Its number: `1042`.
    pub number: String,
    /// The initiative.
    pub initiative: Link,
    /// The framework in words.
    pub framework: String,
    /// What was called otherwise then.
    pub names_then: Vec<String>,
    /// Where this score stands today: approved (the present one), stale, or superseded in other words.
    pub badge: Badge,
    /// The value.
    pub value: Figure,
    /// The effort.
    pub effort: Figure,
    /// The overall score.
    pub overall: Figure,
    /// When it was recorded.
    pub recorded_at: When,
    /// Who made the change that led to it.
    pub recorded_by: String,
    /// The formula's version in words: `Version 3`.
    pub formula_version: String,
    /// Who wrote and who approved it, in a sentence.
    pub formula_by: String,
    /// SHA-256 of the text, in hexadecimal digits.
    pub fingerprint: String,
    /// Each line with its value.
    pub lines: Vec<Line>,
    /// The params, in the formula's order.
    pub inputs: Vec<Input>,
    /// The initiative's effort fields, when the effort came from them.
    pub effort_inputs: Vec<Input>,
    /// Warnings and why something is empty.
    pub notes: Vec<String>,
    /// What the formula's checks say of its text.
    pub warnings: Vec<String>,
    /// Which engine computed it.
    pub engine: String,
    /// The present receipt, when this isn't it.
    pub newer: Option<Link>,
    /// All scores of the initiative by this framework.
    pub history_href: String,
    /// Where computing it again posts.
    pub recompute_action: String,
    /// What that came to, if it was asked for.
    pub recomputed: Option<Recomputed>,
}
