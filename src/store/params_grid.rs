//! The grid over everybody's params: which rows a filter shows, one page at a time, and how far each group has come.

use super::{scores::WhyStale, types::impossible};
use crate::domain::{
    approval::Origin,
    ids::{FactId, MathModelId, ParamId},
    param::{Bounds, Followed, Number, Source},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection, QueryBuilder, types::Json};
use std::collections::BTreeMap;

mod which;

/// What of the params is asked for.
#[derive(Clone, Debug, Default)]
pub struct GridQuery {
    /// One initiative's key.
    pub initiative: Option<String>,
    /// One framework's key.
    pub framework: Option<String>,
    /// `missing`, `needs_approval`, `approved`, `approved_in_use`, `not_used`, `needs_owner`, `review_due`.
    pub state: Option<String>,
    /// Until which day a review is due.
    pub due_by: Option<NaiveDate>,
    /// A source, or `none`.
    pub source: Option<String>,
    /// Only those that could follow this fact, and don't yet.
    pub could_follow: Option<FactId>,
    /// Words looked for in name, label and description, and in the initiative’s key and title.
    pub search: String,
    /// Another order than that of initiatives.
    pub sort: Option<Sort>,
    /// The last row of the page before.
    pub after: Option<ParamId>,
    /// What that row was sorted by, as its page gave it ([`GridPage::last_value`]).
    pub after_value: String,
}

/// An order of the whole list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By the name that formulas read, from A.
    Name,
    /// What was changed last comes first.
    Changed,
    /// What is to be reviewed soonest comes first, what has no date last.
    Review,
    /// The largest value first, what has none last.
    Value,
}

/// How many rows a page shows.
pub const GRID_PAGE: i64 = 200;

/// A param as a row of the grid shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct GridParam {
    /// Its row.
    pub id: ParamId,
    /// The name that formulas read.
    pub name: String,
    /// Forms carry it.
    pub revision: i64,
    /// Whether the approved formula that drives the score reads it.
    pub is_used: bool,
    /// Whether another formula reads it: a scenario's, or Base's while a scenario's own drives.
    pub is_read_aside: bool,
    /// The label; may be empty.
    pub param_display: String,
    /// The number, if there is one.
    pub value: Option<Number>,
    /// Its unit, may be empty.
    pub unit: String,
    /// The range that people gave it.
    pub range: Bounds,
    /// The framework's own bounds.
    pub hard: Bounds,
    /// Whose it is.
    pub source: Option<Source>,
    /// Where the number comes from.
    pub evidence_link: String,
    /// The date the evidence speaks of.
    pub evidence_as_of: Option<NaiveDate>,
    /// When to look again.
    pub review_by: Option<NaiveDate>,
    /// Who changed the row last.
    pub updated_by_name: String,
    /// When.
    pub updated_at: DateTime<Utc>,
    /// Who approved the value, when, and how that came to be.
    pub value_approval: Option<(String, DateTime<Utc>, Origin)>,
    /// Whether the range is approved as it stands.
    pub is_range_approved: bool,
    /// Which hand wrote each field last.
    pub written_by: BTreeMap<String, String>,
    /// The shared fact whose number this is; none: its own.
    pub follows: Option<Followed>,
    /// What the score uses in its place: a driving scenario's number; none: its own counts.
    pub counts_instead: Option<CountsInstead>,
}

/// A number that the driving scenario sets in a param's place.
#[derive(Clone, Debug, PartialEq)]
pub struct CountsInstead {
    /// The scenario.
    pub scenario: MathModelId,
    /// What it is called.
    pub label: String,
    /// Its number.
    pub value: Number,
}

impl GridParam {
    /// Whether value or range wait for approval.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.value_approval.is_none() || !self.is_range_approved
    }
}

/// The initiative and framework that a group of rows belongs to, and how far it has come.
#[derive(Clone, Debug, PartialEq)]
pub struct GridGroup {
    /// The initiative's key.
    pub initiative_key: String,
    /// Its title.
    pub initiative_title: String,
    /// The framework's key.
    pub framework_key: String,
    /// Its name.
    pub framework_name: String,
    /// How many of the group's used params are approved, whatever the filter.
    pub approved: i64,
    /// How many the group's formula reads.
    pub used: i64,
    /// How many of those have no value.
    pub empty: i64,
    /// The scenario that drives the group's score, and what it is called; none: Base does.
    pub driver: Option<(MathModelId, String)>,
    /// Where the group's score stands.
    pub standing: GroupStanding,
    /// Its rows on this page.
    pub params: Vec<GridParam>,
}

/// Where the score of a group of params stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupStanding {
    /// `not_ready`, `approved` or `stale`.
    pub status: String,
    /// How much is missing for it.
    pub missing: i32,
    /// Why it is stale.
    pub stale: Option<WhyStale>,
    /// The recorded value.
    pub value: Option<f64>,
    /// Its unit.
    pub value_unit: Option<String>,
}

/// A page of the grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GridPage {
    /// The rows by group, in the order of initiatives, frameworks and formulas.
    pub groups: Vec<GridGroup>,
    /// Whether there is more.
    pub has_more: bool,
    /// The frameworks there are, by key and name, in the order people see them.
    pub frameworks: Vec<(String, String)>,
    /// What the last row is sorted by; empty in the order of initiatives.
    pub last_value: String,
}

impl GridPage {
    /// All rows, in order.
    #[must_use]
    pub fn params(&self) -> impl DoubleEndedIterator<Item = &GridParam> {
        self.groups.iter().flat_map(|group| &group.params)
    }
}

/// One page of rows with their groups, in one statement where there are any.
pub async fn list(conn: &mut PgConnection, query: &GridQuery) -> sqlx::Result<GridPage> {
    let mut page = find(conn, query).await?;
    if page.frameworks.is_empty() {
        page.frameworks = named_frameworks(conn).await?;
    }
    Ok(page)
}

/// The same, which knows the frameworks only where it found a row.
///
/// Which rows is said by what is asked for alone, so that the plan is an index that has them in the grid's order: reading
/// stops where the page is full.
pub(super) async fn find(conn: &mut PgConnection, query: &GridQuery) -> sqlx::Result<GridPage> {
    let mut sql = QueryBuilder::new("with page as (");
    which::push_page(&mut sql, query);
    sql.push(")\n").push(include_str!("params_grid/rows.sql"));
    // Only for the words themselves can the server tell few from many, and so which way to them is short.
    let is_planned_once = query.search.trim().is_empty();
    let rows = sql
        .build_query_as::<Row>()
        .persistent(is_planned_once)
        .fetch_all(conn)
        .await?;
    let frameworks = rows.first().and_then(|row| row.frameworks.clone());
    let most = usize::try_from(GRID_PAGE).unwrap_or(usize::MAX);
    let mut page = GridPage {
        has_more: rows.len() > most,
        groups: Vec::new(),
        frameworks: named(&frameworks.unwrap_or_default()),
        last_value: String::new(),
    };
    for row in rows.into_iter().take(most) {
        page.groups.extend(row.group());
        page.last_value = row.sorted_by.clone().unwrap_or_default();
        let param = row.param()?;
        if let Some(group) = page.groups.last_mut() {
            group.params.push(param);
        }
    }
    Ok(page)
}

/// A row as `rows.sql` gives it: a param and, beside the first of its group, the group.
#[derive(FromRow)]
struct Row {
    id: ParamId,
    name: String,
    revision: i64,
    is_used: bool,
    is_read_aside: bool,
    param_display: String,
    value: Option<String>,
    unit: String,
    min: Option<String>,
    max: Option<String>,
    hard_min: Option<String>,
    hard_max: Option<String>,
    source: String,
    evidence_link: String,
    evidence_as_of: Option<NaiveDate>,
    review_by: Option<NaiveDate>,
    written_by: Json<BTreeMap<String, String>>,
    updated_by_name: String,
    updated_at: DateTime<Utc>,
    approved_by_name: Option<String>,
    approved_at: Option<DateTime<Utc>>,
    origin: Option<String>,
    is_range_approved: bool,
    fact_id: Option<FactId>,
    fact_name: Option<String>,
    scenario_id: Option<MathModelId>,
    scenario_label: Option<String>,
    scenario_value: Option<String>,
    initiative_key: Option<String>,
    initiative_title: Option<String>,
    framework_key: Option<String>,
    framework_name: Option<String>,
    used: Option<i64>,
    approved: Option<i64>,
    empty: Option<i64>,
    driver_id: Option<MathModelId>,
    driver: Option<String>,
    status: Option<String>,
    missing: Option<i32>,
    stale_because: Option<String>,
    stale_by_name: Option<String>,
    stale_since: Option<DateTime<Utc>>,
    score: Option<f64>,
    value_unit: Option<String>,
    frameworks: Option<Vec<String>>,
    sorted_by: Option<String>,
}

impl Row {
    /// The group that begins here.
    fn group(&self) -> Option<GridGroup> {
        let stale = self.stale_because.as_ref().map(|because| WhyStale {
            because: because.clone(),
            by_name: self.stale_by_name.clone(),
            since: self.stale_since,
        });
        Some(GridGroup {
            initiative_key: self.initiative_key.clone()?,
            initiative_title: self.initiative_title.clone().unwrap_or_default(),
            framework_key: self.framework_key.clone().unwrap_or_default(),
            framework_name: self.framework_name.clone().unwrap_or_default(),
            approved: self.approved.unwrap_or_default(),
            used: self.used.unwrap_or_default(),
            empty: self.empty.unwrap_or_default(),
            driver: self.driver_id.zip(self.driver.clone()),
            standing: GroupStanding {
                status: self.status.clone().unwrap_or_default(),
                missing: self.missing.unwrap_or_default(),
                stale,
                value: self.score,
                value_unit: self.value_unit.clone(),
            },
            params: Vec::new(),
        })
    }

    fn param(self) -> sqlx::Result<GridParam> {
        let bounds = |min: Option<String>, max: Option<String>| Bounds {
            min: min.map(Number::from_decimal),
            max: max.map(Number::from_decimal),
        };
        let source = Source::read(&self.source);
        let approval = self.approved_by_name.zip(self.approved_at).zip(self.origin);
        Ok(GridParam {
            id: self.id,
            name: self.name,
            revision: self.revision,
            is_used: self.is_used,
            is_read_aside: self.is_read_aside,
            param_display: self.param_display,
            value: self.value.map(Number::from_decimal),
            unit: self.unit,
            range: bounds(self.min, self.max),
            hard: bounds(self.hard_min, self.hard_max),
            source: source.map_err(|_error| impossible("params", "source", self.id.0))?,
            evidence_link: self.evidence_link,
            evidence_as_of: self.evidence_as_of,
            review_by: self.review_by,
            updated_by_name: self.updated_by_name,
            updated_at: self.updated_at,
            value_approval: approval.map(|((by, at), origin)| (by, at, Origin::from_key(&origin))),
            is_range_approved: self.is_range_approved,
            written_by: self.written_by.0,
            follows: self
                .fact_id
                .zip(self.fact_name)
                .map(|(id, name)| Followed { id, name }),
            counts_instead: self
                .scenario_id
                .zip(self.scenario_label)
                .zip(self.scenario_value)
                .map(|((scenario, label), value)| CountsInstead {
                    scenario,
                    label,
                    value: Number::from_decimal(value),
                }),
        })
    }
}

/// All rows that a query finds, page by page: for a download.
pub async fn all(conn: &mut PgConnection, mut query: GridQuery) -> sqlx::Result<Vec<GridGroup>> {
    let mut groups = Vec::new();
    query.after = None;
    loop {
        let page = list(&mut *conn, &query).await?;
        query.after = page.params().next_back().map(|param| param.id);
        query.after_value = page.last_value;
        groups.extend(page.groups);
        if !page.has_more {
            return Ok(groups);
        }
    }
}

/// The frameworks there are, by key and name, in the order people see them.
pub(super) async fn named_frameworks(
    conn: &mut PgConnection,
) -> sqlx::Result<Vec<(String, String)>> {
    Ok(named(&frameworks(conn).await?))
}

/// The frameworks there are, each as its key, a space and its name: where no row of the page tells them.
async fn frameworks(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select key || ' ' || name as "both!" from frameworks where archived_at is null order by position"#
    )
    .fetch_all(conn)
    .await
}

fn named(all: &[String]) -> Vec<(String, String)> {
    all.iter().filter_map(|both| key_and_name(both)).collect()
}

fn key_and_name(both: &str) -> Option<(String, String)> {
    let (key, name) = both.split_once(' ')?;
    Some((key.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests;
