//! A line of the scoring list as a row of the page.

use crate::{
    domain::{
        framework::Framework,
        ranking::{self, Beside, Unweighted},
    },
    store::scoring::{Placed, ScoringLine},
    web::{
        figures, legacy_score,
        score_card::{badge_of, stale_sentence},
        view::{
            badge::{Badge, State},
            scoring::{Cell, Place, Row},
        },
    },
};

/// One row: a cell for each framework there is, in their order.
pub(super) fn row(line: &ScoringLine, all: &[Framework]) -> Row {
    let cells =
        beside(line, all)
            .into_iter()
            .zip(all)
            .map(|((placed, beside, against), framework)| {
                placed.map_or_else(
                    || off(framework),
                    |placed| cell(placed, beside, against, framework),
                )
            });
    Row {
        key: line.key.clone(),
        title: line.title.clone(),
        href: format!("/initiatives/{}", line.key),
        is_archived: line.is_archived,
        disagreement: line
            .spread
            .map(|spread| spread.to_string())
            .unwrap_or_default(),
        weighted: figures::score(line.weighted, ""),
        weighted_why: why_unweighted(line)
            .map(|why| why.to_string())
            .unwrap_or_default(),
        cells: cells.collect(),
    }
}

/// Each framework's place, what its rank says beside the one it is compared with, and that one's name.
pub(super) fn beside<'a>(
    line: &'a ScoringLine,
    all: &'a [Framework],
) -> Vec<(Option<&'a Placed>, Beside, &'a str)> {
    let placed: Vec<_> = all
        .iter()
        .map(|framework| {
            line.on
                .iter()
                .find(|placed| placed.framework == framework.id)
        })
        .collect();
    let ranks: Vec<_> = placed
        .iter()
        .map(|placed| placed.and_then(|p| p.rank))
        .collect();
    let active = placed
        .iter()
        .position(|placed| placed.is_some_and(|p| p.is_active));
    let beside = ranking::beside(&ranks, active);
    let reference = beside
        .iter()
        .position(|beside| *beside == Beside::Reference);
    let against = reference.map_or("", |at| all[at].name.as_str());
    placed
        .into_iter()
        .zip(beside)
        .map(|(placed, beside)| (placed, beside, against))
        .collect()
}

/// Why there is no weighted overall beside an overall; none: there is one, or nothing to weigh.
fn why_unweighted(line: &ScoringLine) -> Option<Unweighted> {
    let active = line.on.iter().find(|placed| placed.is_active);
    ranking::why_unweighted(
        line.coefficient.is_some(),
        active.is_some_and(|placed| placed.overall.is_some()),
        line.weighted.is_some(),
    )
    .filter(|why| *why != Unweighted::NoOverall)
}

fn off(framework: &Framework) -> Cell {
    Cell {
        framework: framework.name.clone(),
        is_on: false,
        ..Cell::default()
    }
}

fn cell(placed: &Placed, beside: Beside, against: &str, framework: &Framework) -> Cell {
    let [value, overall] = match &placed.legacy {
        Some(legacy) => {
            let [value, _, overall] = legacy_score::figures(&legacy.figures);
            [value, overall]
        }
        None => [
            figures::score(placed.value, &placed.value_unit),
            figures::score(placed.overall, ""),
        ],
    };
    Cell {
        framework: framework.name.clone(),
        is_on: true,
        is_active: placed.is_active,
        rank: placed.rank.map(|rank| rank.to_string()).unwrap_or_default(),
        among: placed
            .rank
            .map(|_| format!("of {}", placed.among))
            .unwrap_or_default(),
        place: place(beside, against),
        value,
        overall,
        badge: Some(badge(placed)),
        receipt_href: placed.score_id.map(|id| format!("/scores/{id}")),
    }
}

/// Where a framework's score stands.
pub(super) fn badge(placed: &Placed) -> Badge {
    let scenario = placed.scenario.as_ref();
    let scenario = scenario.map(|label| format!("Scenario {label}."));
    match (&placed.stale, &placed.legacy) {
        (Some(stale), _) => {
            let reasons = scenario.into_iter().chain([stale_sentence(stale)]);
            Badge::because(State::Stale, reasons.collect::<Vec<_>>().join(" "))
        }
        (None, Some(legacy)) => Badge::because(State::Legacy, legacy.sentence()),
        (None, None) => Badge {
            reason: scenario.unwrap_or_default().into(),
            ..badge_of(&placed.status, placed.missing)
        },
    }
}

fn place(beside: Beside, against: &str) -> Option<Place> {
    let places = |count| if count == 1 { "place" } else { "places" };
    let (arrow, number, said, class) = match beside {
        Beside::Nothing | Beside::Reference => return None,
        Beside::Same => (
            "=",
            String::new(),
            format!("the same place as by {against}"),
            "same",
        ),
        Beside::Higher(count) => (
            "▲",
            count.to_string(),
            format!("{count} {} higher than by {against}", places(count)),
            "higher",
        ),
        Beside::Lower(count) => (
            "▼",
            count.to_string(),
            format!("{count} {} lower than by {against}", places(count)),
            "lower",
        ),
    };
    Some(Place {
        arrow,
        number,
        said,
        class,
    })
}
