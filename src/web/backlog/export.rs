//! The backlog as a file: what is filtered, in that order, all of it.

use super::{Address, rows};
use crate::{
    store::backlog::{self, BacklogLine, BacklogQuery},
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

/// GET /backlog.csv, /backlog.xlsx
pub async fn export(
    visit: Visit,
    address: Query<Address>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    let query = BacklogQuery {
        after: None,
        is_whole: true,
        ..address.query()
    };
    let now = visit.now();
    download::serve(
        &visit,
        &ending,
        async move |mut conn| backlog::list(&mut conn, &query, now).await,
        |found| Table::new("backlog", HEADERS, found.lines.iter().map(cells)),
    )
    .await
}

const HEADERS: [&str; 16] = [
    "Rank",
    "Key",
    "Title",
    "Framework",
    "Value",
    "Value unit",
    "Effort",
    "Overall",
    "Strategic priority",
    "Weighted overall",
    "State",
    "Reason",
    "Next step",
    "Archived",
    "Changed (UTC)",
    "Changed by",
];

fn cells(line: &BacklogLine) -> Vec<Cell> {
    let badge = rows::badge(line);
    let figures = match rows::legacy(line) {
        Some(legacy) => legacy.figures.numbers(),
        None => [line.value, line.effort, line.overall],
    };
    let coefficient = line
        .coefficient
        .as_ref()
        .and_then(|digits| digits.parse().ok());
    vec![
        Cell::count(line.rank),
        Cell::text(&line.key),
        Cell::text(&line.title),
        Cell::text(line.framework_name.clone().unwrap_or_default()),
        Cell::number(figures[0]),
        Cell::text(line.value_unit.clone().unwrap_or_default()),
        Cell::number(figures[1]),
        Cell::number(figures[2]),
        Cell::number(coefficient),
        Cell::number(line.weighted),
        Cell::text(badge.text),
        Cell::text(badge.reason),
        Cell::text(rows::next_step(line)),
        Cell::text(if line.is_archived { "yes" } else { "no" }),
        Cell::moment(line.updated_at),
        Cell::text(&line.updated_by_name),
    ]
}
