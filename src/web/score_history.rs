//! Every score an initiative was given by a framework, newest first: what it rests on that the one before didn't, and
//! the value as a line over time.

mod changes;
mod chart;
pub mod export;

use super::{
    download,
    error::WebError,
    figures::{self, when},
    initiatives::key_of,
    reply,
    view::{
        Filter, FilterOption, Link, Pager,
        layout::Nav,
        score_history::{ScoreHistory, ScoreRow},
    },
    visit::Visit,
};
use crate::{
    domain::{
        ids::{FrameworkId, InitiativeKey, ScoreId},
        initiative::Initiative,
    },
    store::{
        db::Conn,
        initiatives,
        score_history::{self, CHART_POINTS, PastScore, Point, ScoredFramework},
    },
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use serde::Deserialize;

/// How many scores a page shows.
const PAGE: usize = 50;
/// One more is read: the last row's changes are told against it.
const READ: i64 = 51;

/// What of the scores is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    framework: String,
    #[serde(default)]
    before: String,
}

/// What was found.
struct Found {
    initiative: Initiative,
    frameworks: Vec<ScoredFramework>,
    shown: Option<FrameworkId>,
    scores: Vec<PastScore>,
    points: Vec<Point>,
}

/// GET /initiatives/{key}/scores
pub async fn show(
    visit: Visit,
    key: Path<String>,
    asked: Query<Asked>,
) -> Result<HttpResponse, WebError> {
    let (key, wanted) = (key_of(&key)?, asked.clone());
    let found = visit
        .db
        .read(async move |mut conn: Conn| find(&mut conn, &key, &wanted).await)
        .await?;
    let found = found.ok_or(WebError::NotFound("initiative"))?;
    reply::html(&page(&visit, &asked, &found))
}

async fn find(conn: &mut Conn, key: &InitiativeKey, asked: &Asked) -> sqlx::Result<Option<Found>> {
    let Some(initiative) = initiatives::get(conn, key).await? else {
        return Ok(None);
    };
    let frameworks = score_history::frameworks(conn, initiative.id).await?;
    let shown = shown(&frameworks, &asked.framework, initiative.active_framework);
    let (mut scores, mut points) = (Vec::new(), Vec::new());
    if let Some(framework) = shown {
        let before = asked.before.parse().ok().map(ScoreId);
        scores = score_history::list(conn, (initiative.id, framework), before, READ).await?;
        // The chart is about the whole, so it stands on the first page only.
        if before.is_none() {
            points = score_history::points(conn, initiative.id, framework).await?;
        }
    }
    Ok(Some(Found {
        initiative,
        frameworks,
        shown,
        scores,
        points,
    }))
}

/// The framework that was asked for, else the active one, else the first; none of them scored: none.
fn shown(
    scored: &[ScoredFramework],
    asked: &str,
    active: Option<FrameworkId>,
) -> Option<FrameworkId> {
    if !asked.is_empty() {
        return scored.iter().find(|f| f.key == asked).map(|f| f.id);
    }
    let active = scored.iter().find(|f| Some(f.id) == active);
    active.or(scored.first()).map(|f| f.id)
}

fn page(visit: &Visit, asked: &Asked, found: &Found) -> ScoreHistory {
    let key = &found.initiative.key;
    let action = format!("/initiatives/{key}/scores");
    let is_whole = i64::try_from(found.points.len()).is_ok_and(|count| count < CHART_POINTS);
    let charts = chart::charts(&found.points);
    ScoreHistory {
        page: visit.page(format!("Score history of {key}"), Nav::Backlog),
        initiative: Link {
            label: format!("{key} {}", found.initiative.title()),
            href: format!("/initiatives/{key}"),
        },
        framework: framework_name(&found.frameworks, found.shown),
        frameworks: frameworks(&found.frameworks, found.shown, &action),
        chart_note: if charts.is_empty() || is_whole {
            String::new()
        } else {
            format!("The chart shows the last {CHART_POINTS} scores.")
        },
        charts,
        rows: rows(&found.scores),
        downloads: download::links(&action, &question(asked)),
        pager: pager(asked, &action, &found.scores),
    }
}

fn framework_name(scored: &[ScoredFramework], shown: Option<FrameworkId>) -> String {
    let found = scored.iter().find(|f| Some(f.id) == shown);
    found.map(|f| f.name.clone()).unwrap_or_default()
}

fn frameworks(
    scored: &[ScoredFramework],
    shown: Option<FrameworkId>,
    action: &str,
) -> Option<Filter> {
    let is_choice = scored.len() > 1 || (shown.is_none() && !scored.is_empty());
    is_choice.then(|| Filter {
        label: "Framework".to_owned(),
        options: scored
            .iter()
            .map(|framework| FilterOption {
                label: framework.name.clone(),
                href: format!("{action}?framework={}", framework.key),
                is_on: Some(framework.id) == shown,
            })
            .collect(),
    })
}

fn rows(scores: &[PastScore]) -> Vec<ScoreRow> {
    let before = scores.iter().skip(1).map(Some).chain([None]);
    scores
        .iter()
        .zip(before)
        .take(PAGE)
        .map(|(score, before)| ScoreRow {
            receipt: Link {
                label: format!("Receipt {}", score.id),
                href: format!("/scores/{}", score.id),
            },
            value: figures::score(Some(score.value), &score.value_unit),
            effort: figures::score(score.effort, ""),
            overall: figures::score(score.overall, ""),
            changes: changes::sentences(before, score),
            recorded_at: when(score.recorded_at),
            recorded_by: score.recorded_by_name.clone(),
        })
        .collect()
}

/// Which framework's scores they are, as the address says it; empty: it doesn't.
fn question(asked: &Asked) -> String {
    if asked.framework.is_empty() {
        return String::new();
    }
    let pair = [("framework", &asked.framework)];
    serde_urlencoded::to_string(pair).unwrap_or_default()
}

fn pager(asked: &Asked, action: &str, scores: &[PastScore]) -> Pager {
    let framework = question(asked);
    let href = |before: Option<ScoreId>| {
        let before = before.map(|id| format!("before={id}"));
        let query: Vec<_> = [Some(framework.clone()), before]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        if query.is_empty() {
            action.to_owned()
        } else {
            format!("{action}?{}", query.join("&"))
        }
    };
    let is_more = scores.len() > PAGE;
    let count = scores.len().min(PAGE);
    Pager {
        summary: match (is_more || !asked.before.is_empty(), count) {
            (true, n) => format!("{n} shown"),
            (false, 1) => "1 score".to_owned(),
            (false, n) => format!("{n} scores"),
        },
        first_href: (!asked.before.is_empty()).then(|| href(None)),
        next_href: scores
            .get(PAGE - 1)
            .filter(|_| is_more)
            .map(|last| href(Some(last.id))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::FormulaVersionId;
    use chrono::DateTime;

    fn past(id: i64, version: i32) -> PastScore {
        PastScore {
            id: ScoreId(id),
            value: 1.0,
            effort: None,
            overall: None,
            value_unit: String::new(),
            formula: FormulaVersionId(version.into()),
            version,
            inputs: Vec::new(),
            recorded_by_name: "Bo".to_owned(),
            recorded_at: DateTime::UNIX_EPOCH,
        }
    }

    fn framework(id: i64, key: &str) -> ScoredFramework {
        ScoredFramework {
            id: FrameworkId(id),
            key: key.to_owned(),
            name: key.to_lowercase(),
        }
    }

    #[test]
    fn the_framework_asked_for_is_shown_else_the_active_one_else_the_first() {
        let scored = [framework(1, "A"), framework(2, "B")];
        for (asked, active, expected) in [
            ("B", Some(1), Some(2)),
            ("", Some(2), Some(2)),
            ("", Some(9), Some(1)),
            ("", None, Some(1)),
            ("C", Some(1), None),
        ] {
            let found = shown(&scored, asked, active.map(FrameworkId));
            assert_eq!(found, expected.map(FrameworkId), "{asked:?} {active:?}");
        }
        assert_eq!(shown(&[], "", None), None);
    }

    #[test]
    fn frameworks_are_offered_where_there_is_a_choice() {
        let one = [framework(1, "A")];
        assert_eq!(frameworks(&one, Some(FrameworkId(1)), "/s"), None);
        let lost = frameworks(&one, None, "/s").unwrap();
        assert_eq!(lost.options[0].href, "/s?framework=A");
        let two = [framework(1, "A"), framework(2, "B")];
        let on: Vec<_> = frameworks(&two, Some(FrameworkId(2)), "/s")
            .unwrap()
            .options
            .into_iter()
            .map(|option| option.is_on)
            .collect();
        assert_eq!(on, [false, true]);
    }

    #[test]
    fn the_last_row_of_a_page_is_told_against_the_first_of_the_next() {
        let scores: Vec<_> = (1..=51)
            .rev()
            .map(|id| past(id, if id == 1 { 1 } else { 2 }))
            .collect();
        let rows = rows(&scores);
        assert_eq!(rows.len(), PAGE);
        assert_eq!(rows[49].changes, ["Formula version 1 → 2"]);
        let asked = Asked {
            framework: "A B".to_owned(),
            before: String::new(),
        };
        let pager = pager(&asked, "/s", &scores);
        assert_eq!(
            pager.next_href.as_deref(),
            Some("/s?framework=A+B&before=2")
        );
        assert_eq!(pager.summary, "50 shown");
    }

    #[test]
    fn the_last_page_leads_nowhere_but_back() {
        let asked = Asked {
            before: "9".to_owned(),
            ..Asked::default()
        };
        let last = pager(&asked, "/s", &[past(1, 1)]);
        assert_eq!(
            (last.next_href, last.first_href.as_deref()),
            (None, Some("/s"))
        );
        assert_eq!(
            pager(&Asked::default(), "/s", &[past(1, 1)]).summary,
            "1 score"
        );
    }
}
