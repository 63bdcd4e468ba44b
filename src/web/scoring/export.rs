//! The scoring list as a file: what is filtered, in that order, all of it.

use super::{Address, rows};
use crate::{
    domain::{framework::Framework, ranking::Beside},
    store::{
        frameworks,
        scoring::{self, ScoringLine, ScoringQuery},
    },
    web::{
        download::{self, Cell, Table},
        error::WebError,
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};

/// GET /scoring.csv, /scoring.xlsx
pub async fn export(
    visit: Visit,
    address: Query<Address>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    let query = ScoringQuery {
        after: None,
        is_whole: true,
        ..address.query()
    };
    download::serve(
        &visit,
        &ending,
        async move |mut conn| {
            let all = frameworks::list(&mut conn).await?;
            Ok((scoring::list(&mut conn, &query).await?, all))
        },
        |(page, all)| table(&page.lines, &all),
    )
    .await
}

fn table(lines: &[ScoringLine], all: &[Framework]) -> Table {
    let mut headers = [
        "Key",
        "Title",
        "Archived",
        "Active framework",
        "Disagreement",
        "Strategic priority",
        "Weighted overall",
    ]
    .map(str::to_owned)
    .to_vec();
    for framework in all {
        let of = |what: &str| format!("{} {what}", framework.name);
        headers.extend(
            [
                "rank",
                "of",
                "places higher",
                "value",
                "value unit",
                "overall",
                "state",
                "reason",
            ]
            .map(of),
        );
    }
    Table::new(
        "scoring",
        headers,
        lines.iter().map(|line| cells(line, all)),
    )
}

fn cells(line: &ScoringLine, all: &[Framework]) -> Vec<Cell> {
    let placed = rows::beside(line, all);
    let active = placed
        .iter()
        .zip(all)
        .find(|((placed, ..), _)| placed.is_some_and(|placed| placed.is_active))
        .map(|(_, framework)| framework.name.clone());
    let coefficient = line
        .coefficient
        .as_ref()
        .and_then(|digits| digits.parse().ok());
    let mut cells = vec![
        Cell::text(&line.key),
        Cell::text(&line.title),
        Cell::text(if line.is_archived { "yes" } else { "no" }),
        Cell::text(active.unwrap_or_default()),
        Cell::count(line.spread),
        Cell::number(coefficient),
        Cell::number(line.weighted),
    ];
    for (placed, beside, _) in placed {
        let Some(placed) = placed else {
            cells.extend((0..6).map(|_| Cell::Blank));
            cells.extend([Cell::text("Off"), Cell::Blank]);
            continue;
        };
        let badge = rows::badge(placed);
        let [value, _, overall] = match &placed.legacy {
            Some(legacy) => legacy.figures.numbers(),
            None => [placed.value, None, placed.overall],
        };
        cells.extend([
            Cell::count(placed.rank),
            Cell::count(placed.rank.map(|_| placed.among)),
            Cell::count(places_higher(beside)),
            Cell::number(value),
            Cell::text(&placed.value_unit),
            Cell::number(overall),
            Cell::text(badge.text),
            Cell::text(badge.reason),
        ]);
    }
    cells
}

/// How many places higher than by the framework it is compared with; lower is below 0.
fn places_higher(beside: Beside) -> Option<i64> {
    match beside {
        Beside::Nothing => None,
        Beside::Reference | Beside::Same => Some(0),
        Beside::Higher(count) => i64::try_from(count).ok(),
        Beside::Lower(count) => i64::try_from(count).ok().map(|count| -count),
    }
}
