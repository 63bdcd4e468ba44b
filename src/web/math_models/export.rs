//! The list of models as a file: what is filtered, in that order, all of it.

use super::list::{self, Asked};
use crate::{
    store::math_models::{self, ModelLine, ModelsQuery},
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
use sqlx::PgConnection;

/// GET /math-models.csv, /math-models.xlsx
pub async fn export(
    visit: Visit,
    asked: Query<Asked>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    let query = asked.query();
    download::serve(
        &visit,
        &ending,
        async move |mut conn| all(&mut conn, query).await,
        |lines| Table::new("math-models", HEADERS, lines.iter().map(cells)),
    )
    .await
}

/// All that a query finds, page by page.
async fn all(conn: &mut PgConnection, mut query: ModelsQuery) -> sqlx::Result<Vec<ModelLine>> {
    let mut all = Vec::new();
    query.after = None;
    loop {
        let (lines, next) = list::page(math_models::list(&mut *conn, &query).await?);
        all.extend(lines);
        match next {
            Some(next) => query.after = list::place(&next),
            None => return Ok(all),
        }
    }
}

const HEADERS: [&str; 11] = [
    "Key",
    "Title",
    "Framework",
    "Model",
    "Version",
    "Formula",
    "Params",
    "Params with a value",
    "Params approved",
    "Changed (UTC)",
    "Changed by",
];

fn cells(line: &ModelLine) -> Vec<Cell> {
    vec![
        Cell::text(&line.initiative_key),
        Cell::text(&line.initiative_title),
        Cell::text(&line.framework_name),
        Cell::text(&line.model_name),
        Cell::count(line.version.map(i64::from)),
        Cell::text(list::badge(line).text),
        Cell::count(Some(line.params)),
        Cell::count(Some(line.filled_params)),
        Cell::count(Some(line.approved_params)),
        Cell::moment(line.updated_at),
        Cell::text(&line.updated_by_name),
    ]
}
