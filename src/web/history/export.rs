//! The history as a file: what is filtered, newest first.

use super::{Asked, lines};
use crate::{
    store::history::{self, HISTORY_DOWNLOAD, Logged},
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
use serde_json::Value;

/// GET /history.csv, /history.xlsx
pub async fn export(
    visit: Visit,
    asked: Query<Asked>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    download::serve(
        &visit,
        &ending,
        async move |mut conn| {
            let mut filter = asked.filter(&mut conn).await?;
            filter.after = None;
            history::list(&mut conn, &filter, HISTORY_DOWNLOAD + 1).await
        },
        |changes| table(&changes),
    )
    .await
}

const HEADERS: [&str; 11] = [
    "When (UTC)",
    "Who",
    "What happened",
    "Initiative",
    "Kind",
    "Field",
    "Of",
    "Before",
    "After",
    "Through",
    "Act",
];

fn table(changes: &[Logged]) -> Table {
    let most = usize::try_from(HISTORY_DOWNLOAD).unwrap_or(usize::MAX);
    let mut rows: Vec<_> = changes.iter().take(most).map(cells).collect();
    if changes.len() > most {
        let more = format!("Only the newest {most} changes are in this file. Filter for fewer.");
        rows.push(vec![Cell::text(more)]);
    }
    Table::new("history", HEADERS, rows)
}

fn cells(change: &Logged) -> Vec<Cell> {
    vec![
        Cell::moment(change.at),
        Cell::text(lines::who(change)),
        Cell::text(lines::said(change)),
        Cell::text(change.initiative_key.clone().unwrap_or_default()),
        Cell::text(change.entity.as_str()),
        Cell::text(change.field.as_str()),
        Cell::text(change.subject.as_str()),
        Cell::text(plain(&change.old)),
        Cell::text(plain(&change.new)),
        Cell::text(lines::through(change)),
        Cell::text(change.batch.as_str()),
    ]
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
