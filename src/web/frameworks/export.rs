//! The frameworks as a file: all of them, in the order people see them.

use super::page;
use crate::{
    domain::framework::Framework,
    store::frameworks::{self, Use},
    web::{
        download::{self, Cell, Table},
        error::WebError,
        visit::Visit,
    },
};
use actix_web::{HttpResponse, web::Path};

/// GET /frameworks.csv, /frameworks.xlsx
pub async fn export(visit: Visit, ending: Path<String>) -> Result<HttpResponse, WebError> {
    download::serve(
        &visit,
        &ending,
        async move |mut conn| {
            Ok((
                frameworks::list(&mut conn).await?,
                frameworks::uses(&mut conn, None).await?,
            ))
        },
        |(all, uses)| {
            let row = |framework| cells(framework, page::use_of(&uses, framework.id));
            Table::new("frameworks", HEADERS, all.iter().map(row))
        },
    )
    .await
}

const HEADERS: [&str; 8] = [
    "Framework",
    "Key",
    "Kind",
    "Version",
    "Formula",
    "On for initiatives",
    "Active for initiatives",
    "Archived",
];

fn cells(framework: &Framework, used: Use) -> Vec<Cell> {
    let formula = framework.formula.as_ref();
    vec![
        Cell::text(&framework.name),
        Cell::text(&framework.key),
        Cell::text(page::kind(framework)),
        Cell::count(formula.map(|formula| formula.version.into())),
        Cell::text(formula.map_or("", |formula| formula.text.as_str())),
        Cell::count(Some(used.on)),
        Cell::count(Some(used.active)),
        Cell::text(if framework.is_archived { "yes" } else { "no" }),
    ]
}
