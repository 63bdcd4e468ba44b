//! The params as a file: what is filtered, in that order, all of it, under the names that a paste and an import read.

use super::filters::Asked;
use crate::{
    domain::param::{Number, Source},
    store::params_grid::{self, GridGroup, GridParam},
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

/// GET /params.csv, /params.xlsx
pub async fn export(
    visit: Visit,
    asked: Query<Asked>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    let query = asked.query(visit.now().date_naive());
    download::serve(
        &visit,
        &ending,
        async move |mut conn| params_grid::all(&mut conn, query).await,
        |groups| table(&groups),
    )
    .await
}

fn table(groups: &[GridGroup]) -> Table {
    let rows = groups
        .iter()
        .flat_map(|group| group.params.iter().map(move |param| cells(group, param)));
    Table::new("params", HEADERS, rows)
}

const HEADERS: [&str; 14] = [
    "initiative_key",
    "framework",
    "param_name",
    "param_display",
    "value",
    "unit",
    "min",
    "max",
    "source",
    "approved",
    "evidence_link",
    "evidence_as_of",
    "review_by",
    "last_updated_at",
];

fn cells(group: &GridGroup, param: &GridParam) -> Vec<Cell> {
    let digits = |number: &Option<Number>| Cell::decimal(number.as_ref().map(Number::decimal));
    let date = |date: Option<chrono::NaiveDate>| {
        Cell::text(date.map(|date| date.to_string()).unwrap_or_default())
    };
    vec![
        Cell::text(&group.initiative_key),
        Cell::text(&group.framework_key),
        Cell::text(&param.name),
        Cell::text(&param.param_display),
        digits(&param.value),
        Cell::text(&param.unit),
        digits(&param.range.min),
        digits(&param.range.max),
        Cell::text(param.source.map_or("", Source::key)),
        Cell::text(if param.value_approval.is_some() {
            "TRUE"
        } else {
            "FALSE"
        }),
        Cell::text(&param.evidence_link),
        date(param.evidence_as_of),
        date(param.review_by),
        Cell::moment(param.updated_at),
    ]
}
