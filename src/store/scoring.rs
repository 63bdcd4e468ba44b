//! All frameworks side by side: ranked, compared, filtered, sorted, one page at a time or all of it, in one statement
//! that looks at every score once (`scoring.sql`).

use super::{legacy_scores, scores::WhyStale};
use crate::domain::{
    ids::{FrameworkId, InitiativeId, ScoreId},
    legacy_score::LegacyScore,
};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};

/// What the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By how far the frameworks' ranks lie apart.
    #[default]
    Disagreement,
    /// By key, numbers as numbers.
    Key,
    /// By title.
    Title,
    /// By weighted overall.
    Weighted,
    /// By rank within a framework, unit by unit.
    Rank,
    /// By a framework's value.
    Value,
    /// By a framework's overall.
    Overall,
    /// By where a framework's score stands.
    Status,
}

impl Sort {
    /// Every choice.
    pub const ALL: [Self; 8] = [
        Self::Disagreement,
        Self::Key,
        Self::Title,
        Self::Weighted,
        Self::Rank,
        Self::Value,
        Self::Overall,
        Self::Status,
    ];

    /// As it stands in the URL.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Disagreement => "disagreement",
            Self::Key => "key",
            Self::Title => "title",
            Self::Weighted => "weighted",
            Self::Rank => "rank",
            Self::Value => "value",
            Self::Overall => "overall",
            Self::Status => "status",
        }
    }

    /// Whether it needs to know which framework's column is meant.
    #[must_use]
    pub fn is_of_a_framework(self) -> bool {
        matches!(
            self,
            Self::Rank | Self::Value | Self::Overall | Self::Status
        )
    }
}

/// What of the list is asked for.
#[derive(Clone, Debug, Default)]
pub struct ScoringQuery {
    /// Words looked for in key, title, area, department and people.
    pub search: String,
    /// The key of a framework that is on.
    pub framework: Option<String>,
    /// `approved`, `stale`, `legacy` or `not_ready`: of that framework, or of any.
    pub status: Option<String>,
    /// Archived ones too.
    pub with_archived: bool,
    /// The order.
    pub sort: Sort,
    /// The key of the framework whose column is the order.
    pub sort_framework: Option<String>,
    /// Highest or last first.
    pub is_descending: bool,
    /// The key of the last row of the page before.
    pub after: Option<String>,
    /// All of it rather than one page: for downloads.
    pub is_whole: bool,
}

/// How many initiatives a page shows.
pub const SCORING_PAGE: i64 = 100;
const PAGE: usize = 100;

/// An initiative with each framework that is on for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoringLine {
    /// Its row.
    pub id: InitiativeId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Out of the way: ranked nowhere.
    pub is_archived: bool,
    /// Its strategic priority coefficient, as typed.
    pub coefficient: Option<String>,
    /// Coefficient × the active framework's overall.
    pub weighted: Option<f64>,
    /// How far its ranks lie apart; none: ranked by fewer than two frameworks.
    pub spread: Option<i64>,
    /// The frameworks that are on.
    pub on: Vec<Placed>,
}

/// Where an initiative stands by one framework.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Which.
    pub framework: FrameworkId,
    /// Whether it is the initiative's active one.
    pub is_active: bool,
    /// `approved`, `stale`, `legacy`, `not_ready`.
    pub status: String,
    /// A workbook's score in the place of one of the app's own. Its figures are in none of those below.
    pub legacy: Option<LegacyScore>,
    /// How much is missing.
    pub missing: usize,
    /// Why stale.
    pub stale: Option<WhyStale>,
    /// The receipt.
    pub score_id: Option<ScoreId>,
    /// The scenario that the score is of; none: Base.
    pub scenario: Option<String>,
    /// The value.
    pub value: Option<f64>,
    /// Its unit.
    pub value_unit: String,
    /// Overall.
    pub overall: Option<f64>,
    /// Rank within framework and unit; none: no score, or archived.
    pub rank: Option<i64>,
    /// Among how many.
    pub among: i64,
}

/// What a framework's scores come to, as filtered and without what is archived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// Which.
    pub framework: FrameworkId,
    /// How many are scored.
    pub scored: i64,
    /// Their value together; none: they are in several units.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
}

/// One page with what holds for the whole list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoringPage {
    /// The rows.
    pub lines: Vec<ScoringLine>,
    /// How many there are in all, as filtered.
    pub count: i64,
    /// By framework.
    pub totals: Vec<Total>,
    /// Whether there is more.
    pub has_more: bool,
}

/// One page, or all of it.
pub async fn list(conn: &mut PgConnection, query: &ScoringQuery) -> sqlx::Result<ScoringPage> {
    let rows = sqlx::query_file!(
        "src/store/scoring.sql",
        super::search::pattern(&query.search),
        query.framework,
        query.with_archived,
        query.sort.key(),
        query.is_descending,
        query.status,
        query.after,
        (!query.is_whole).then_some(SCORING_PAGE + 1),
        query.sort_framework,
    )
    .fetch_all(conn)
    .await?;
    let mut page = ScoringPage::default();
    for row in rows {
        if let Some(totals) = row.totals {
            page.totals = totals.0;
        }
        page.count = row.count;
        if page.lines.last().is_none_or(|line| line.id != row.id) {
            page.lines.push(ScoringLine {
                id: row.id,
                key: row.key,
                title: row.title,
                is_archived: row.is_archived,
                coefficient: row.coefficient,
                weighted: row.weighted,
                spread: row.spread,
                on: Vec::new(),
            });
        }
        if let (Some(line), Some(framework)) = (page.lines.last_mut(), row.framework_id) {
            line.on.push(Placed {
                framework,
                is_active: row.is_active.unwrap_or_default(),
                status: row.status.unwrap_or_default(),
                missing: row
                    .missing
                    .and_then(|missing| usize::try_from(missing).ok())
                    .unwrap_or_default(),
                stale: row.stale_because.map(|because| WhyStale {
                    because,
                    by_name: row.stale_by_name,
                    since: row.stale_since,
                }),
                legacy: legacy_scores::read(
                    row.legacy_by,
                    row.legacy_at,
                    [row.legacy_value, row.legacy_effort, row.legacy_overall],
                ),
                score_id: row.score_id,
                scenario: row.scenario,
                value: row.value,
                value_unit: row.value_unit.unwrap_or_default(),
                overall: row.overall,
                rank: row.rank,
                among: row.among.unwrap_or_default(),
            });
        }
    }
    if !query.is_whole && page.lines.len() > PAGE {
        page.has_more = true;
        page.lines.truncate(PAGE);
    }
    Ok(page)
}

#[cfg(test)]
mod tests;
