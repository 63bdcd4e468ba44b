//! The files so far as a file: all of them, newest first.

use super::answers;
use crate::{
    domain::ids::ImportId,
    store::import_files::{self, Listed, PAGE},
    web::{
        download::{self, Cell, Table},
        error::WebError,
        visit::Visit,
    },
};
use actix_web::{HttpResponse, web::Path};
use sqlx::PgConnection;

/// GET /imports.csv, /imports.xlsx
pub async fn export(visit: Visit, ending: Path<String>) -> Result<HttpResponse, WebError> {
    download::serve(
        &visit,
        &ending,
        async move |mut conn| all(&mut conn).await,
        |found| Table::new("imports", HEADERS, found.iter().map(cells)),
    )
    .await
}

async fn all(conn: &mut PgConnection) -> sqlx::Result<Vec<Listed>> {
    let mut all: Vec<Listed> = Vec::new();
    loop {
        let before: Option<ImportId> = all.last().map(|last| last.id);
        let found = import_files::list(&mut *conn, before).await?;
        let is_full = i64::try_from(found.len()).is_ok_and(|count| count >= PAGE);
        all.extend(found);
        if !is_full {
            return Ok(all);
        }
    }
}

const HEADERS: [&str; 10] = [
    "File",
    "Holds",
    "State",
    "By",
    "When (UTC)",
    "New",
    "Changed",
    "Unchanged",
    "Refused",
    "Skipped",
];

fn cells(listed: &Listed) -> Vec<Cell> {
    let of = [
        Cell::text(&listed.file_name),
        Cell::text(answers::what(listed.kind.as_deref(), listed.tab.as_deref())),
        Cell::text(answers::state(listed)),
        Cell::text(&listed.by_name),
        Cell::moment(listed.at),
    ];
    let counts = listed.counts.map(|counts| counts.map(Some));
    let counts = counts.unwrap_or_default().map(Cell::count);
    of.into_iter().chain(counts).collect()
}
