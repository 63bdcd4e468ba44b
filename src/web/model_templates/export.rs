//! The library of templates and patterns as a file: what the words find, all of it.

use super::Asked;
use crate::{
    domain::patterns::{self, Pattern},
    store::model_templates::{self as store, ModelTemplate},
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

/// GET /templates.csv, /templates.xlsx
pub async fn export(
    visit: Visit,
    asked: Query<Asked>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    let (search, words) = (asked.q.clone(), asked.q.clone());
    download::serve(
        &visit,
        &ending,
        async move |mut conn| {
            let templates = store::list(&mut conn, &search, None).await?;
            Ok((templates, store::pattern_uses(&mut conn).await?))
        },
        move |(templates, uses)| {
            let own = templates.iter().map(of_template);
            let found = patterns::all().iter().filter(|p| p.matches(&words));
            let used = |pattern: &Pattern| {
                let of = uses.iter().find(|(key, _)| key == pattern.key);
                of.map_or(0, |(_, uses)| *uses)
            };
            let built_in = found.map(|pattern| of_pattern(pattern, used(pattern)));
            Table::new("templates", HEADERS, own.chain(built_in))
        },
    )
    .await
}

const HEADERS: [&str; 9] = [
    "Template",
    "Made",
    "When to use it",
    "Formula",
    "Version",
    "Approved",
    "Kept by",
    "Kept in",
    "Used by initiatives",
];

fn of_template(template: &ModelTemplate) -> Vec<Cell> {
    vec![
        Cell::text(&template.name),
        Cell::text("here"),
        Cell::text(&template.when_to_use),
        Cell::text(&template.text),
        Cell::count(Some(template.version.into())),
        Cell::text(if template.is_approved { "yes" } else { "no" }),
        Cell::text(&template.kept_by_name),
        Cell::text(&template.initiative_key),
        Cell::count(Some(template.uses)),
    ]
}

fn of_pattern(pattern: &Pattern, uses: i64) -> Vec<Cell> {
    vec![
        Cell::text(pattern.name),
        Cell::text("comes with ProductOps"),
        Cell::text(pattern.when_to_use),
        Cell::text(pattern.formula),
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::count(Some(uses)),
    ]
}
