//! The score history of an initiative by one framework: a chart, and a row a score.

use super::{Figure, Filter, Link, Pager, When, layout::Page};
use askama::Template;

/// A step line of values that share a unit, in a box of 1000 × 200 that stretches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Tells it from others on the page: `1`.
    pub number: String,
    /// `Value in £`.
    pub title: String,
    /// From where to where, lowest and highest, in a sentence.
    pub description: String,
    /// The step line, as an SVG path.
    pub line: String,
    /// A dot for each score, as an SVG path.
    pub dots: String,
    /// The value at the top.
    pub highest: String,
    /// The value at the bottom; empty: all are the same.
    pub lowest: String,
    /// The first day.
    pub first_day: String,
    /// The last day.
    pub last_day: String,
}

/// A recorded score.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScoreRow {
    /// Its receipt.
    pub receipt: Link,
    /// The value.
    pub value: Figure,
    /// The effort.
    pub effort: Figure,
    /// The overall score.
    pub overall: Figure,
    /// What changed against the one before, a sentence each.
    pub changes: Vec<String>,
    /// When it was recorded.
    pub recorded_at: When,
    /// Whose act recorded it.
    pub recorded_by: String,
}

/// All scores of an initiative by a framework.
#[derive(Clone, Debug, Template)]
#[template(path = "score_history/show.html")]
pub struct ScoreHistory {
    /// The frame.
    pub page: Page,
    /// The initiative.
    pub initiative: Link,
    /// The framework whose scores these are; empty: none.
    pub framework: String,
    /// The frameworks it has been scored by; none: fewer than two.
    pub frameworks: Option<Filter>,
    /// Said above the charts: how many scores they show; empty: no chart, or all.
    pub chart_note: String,
    /// The charts, newest last.
    pub charts: Vec<Chart>,
    /// The list as a file.
    pub downloads: Vec<Link>,
    /// The scores, newest first.
    pub rows: Vec<ScoreRow>,
    /// What comes next.
    pub pager: Pager,
}
