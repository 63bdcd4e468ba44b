//! A line of the backlog as a row of the page.

use crate::{
    domain::{
        framework::Framework,
        legacy_score::LegacyScore,
        ranking::{self, Unweighted},
        rights::Act,
        score_override::ScoreOverride,
    },
    store::backlog::{BacklogLine, BacklogPage},
    web::{
        figures::{self, when},
        legacy_score,
        score_card::{badge_of, stale_sentence},
        view::{
            Figure, Seen,
            backlog::{Group, Row},
            badge::{Badge, State},
        },
        visit::Visit,
        whole::framework_options,
    },
};

/// The rows, by framework and unit where the list is ranked and mixed, else together.
pub(super) fn groups(
    page: &BacklogPage,
    all: &[Framework],
    visit: &Visit,
    is_mixed: bool,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for line in &page.lines {
        let heading = is_mixed.then(|| heading(line));
        let row = row(line, all, visit);
        match groups.last_mut().filter(|group| group.heading == heading) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group {
                heading,
                rows: vec![row],
                total: None,
            }),
        }
    }
    if let (Some(total), false, Some(group)) = (page.total_value, page.has_more, groups.last_mut())
    {
        let unit = page
            .lines
            .iter()
            .find_map(|line| line.value_unit.as_deref())
            .unwrap_or("");
        let total = figures::text(&figures::score(Some(total), unit));
        group.total = Some(format!("Together {total}"));
    }
    groups
}

fn heading(line: &BacklogLine) -> String {
    let name = line.framework_name.as_deref().unwrap_or("No framework");
    match line.value_unit.as_deref() {
        _ if line.framework_name.is_none() => name.to_owned(),
        None => format!("{name}, not scored yet"),
        Some("") => name.to_owned(),
        Some(unit) => format!("{name}, in {unit}"),
    }
}

/// One row.
pub(super) fn row(line: &BacklogLine, all: &[Framework], visit: &Visit) -> Row {
    let [value, effort, overall] = figures(line);
    Row {
        key: line.key.clone(),
        title: line.title.clone(),
        href: format!("/initiatives/{}", line.key),
        rank: line.rank.map(|rank| rank.to_string()).unwrap_or_default(),
        frameworks: framework_options(all, line.framework_key.as_deref()),
        framework: line.framework_name.clone().unwrap_or_default(),
        uses_math_model: line.use_math_model,
        can_choose: visit.may(Act::ChooseFramework).is_ok() && !line.is_archived,
        value,
        effort,
        overall,
        weighted: figures::score(line.weighted, ""),
        weighted_why: why_unweighted(line),
        badge: badge(line),
        next_step: next_step(line),
        changed: when(line.updated_at),
        is_archived: line.is_archived,
        seen: Seen {
            revision: line.revision,
            form_key: crate::web::sent_form::fresh_key(),
        },
        ask: None,
        error: String::new(),
    }
}

/// Value, effort and overall: the workbook's where these stand for the app's own.
fn figures(line: &BacklogLine) -> [Figure; 3] {
    if let Some(legacy) = legacy(line) {
        return legacy_score::figures(&legacy.figures);
    }
    [
        figures::score(line.value, line.value_unit.as_deref().unwrap_or("")),
        figures::score(line.effort, ""),
        figures::score(line.overall, ""),
    ]
}

/// The workbook's score, where no override takes its place.
pub(super) fn legacy(line: &BacklogLine) -> Option<&LegacyScore> {
    line.legacy.as_ref().filter(|_| line.over.is_none())
}

/// Why there is no weighted overall beside an overall; empty: there is one, or nothing to weigh.
fn why_unweighted(line: &BacklogLine) -> String {
    ranking::why_unweighted(
        line.coefficient.is_some(),
        line.overall.is_some(),
        line.weighted.is_some(),
    )
    .filter(|why| *why != Unweighted::NoOverall)
    .map(|why| why.to_string())
    .unwrap_or_default()
}

pub(super) fn badge(line: &BacklogLine) -> Badge {
    if line.is_archived {
        return Badge::of(State::Archived);
    }
    let Some(status) = &line.status else {
        return Badge::saying(State::NotReady, "No framework");
    };
    let mut badge = badge_of(status, line.missing.len());
    let over = line.over.as_ref().map(ScoreOverride::sentence);
    let stale = line.stale.as_ref().map(|stale| match over {
        Some(_) => format!("The model’s own: {}", stale_sentence(stale)),
        None => stale_sentence(stale),
    });
    let legacy = line.legacy.as_ref().map(|legacy| match over {
        Some(_) => format!("{} It says {}.", legacy.sentence(), legacy.figures.words()),
        None => legacy.sentence(),
    });
    let scenario = line.scenario.as_ref();
    let scenario = scenario.map(|label| format!("Scenario {label}."));
    let all = scenario.into_iter().chain(over).chain(stale).chain(legacy);
    let reasons: Vec<_> = all.collect();
    badge.reason = reasons.join(" ").into();
    badge
}

/// Who acts next: the first thing missing, with how many more the same people owe.
pub(super) fn next_step(line: &BacklogLine) -> String {
    let Some(first) = line.missing.first() else {
        return String::new();
    };
    let owner = first.owed_by();
    let owed = line
        .missing
        .iter()
        .filter(|missing| missing.owed_by() == owner)
        .count();
    if owed > 1 {
        format!("{owner}: {first}, and {} more", owed - 1)
    } else {
        format!("{owner}: {first}")
    }
}
