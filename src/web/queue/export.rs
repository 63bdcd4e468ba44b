//! The queue as a file: what is filtered, in that order, all of it.

use super::{
    address::Asked,
    lines,
    load::{self, Found, Who},
};
use crate::{
    domain::waiting::{Task, waits_for},
    web::{
        comments,
        download::{self, Cell, Table},
        error::WebError,
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};

/// GET /queue.csv, /queue.xlsx
pub async fn export(
    visit: Visit,
    asked: Query<Asked>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    let (who, looks) = (Who::looks(&visit), Who::looks(&visit));
    download::serve(
        &visit,
        &ending,
        async move |mut conn| load::whole(&mut conn, &asked, &looks).await,
        move |found| Table::new("queue", HEADERS, rows(&found, &who)),
    )
    .await
}

const HEADERS: [&str; 8] = [
    "What",
    "To do",
    "Key",
    "Title",
    "Framework",
    "Waits for",
    "Since (UTC)",
    "More",
];

fn rows(found: &Found, who: &Who) -> Vec<Vec<Cell>> {
    let mentions = found.mentions.iter().map(|of| {
        vec![
            Cell::text("Comments that call you"),
            Cell::text(comments::whence(of).0),
            Cell::text(&of.key),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            Cell::moment(of.comment.at),
            Cell::text(&of.comment.body),
        ]
    });
    let facts = found.facts.iter().map(|of| {
        vec![
            Cell::text("Changes of shared facts"),
            Cell::text(lines::approve_fact(of)),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            Cell::text(of.role.label()),
            Cell::moment(of.proposal.at),
            Cell::text(format!("proposed by {}", of.proposal.by_name)),
        ]
    });
    let failed = found.failed.iter().map(|of| {
        vec![
            Cell::text("Suggestions that came to nothing"),
            Cell::text("Write the formula, or ask again"),
            Cell::text(&of.initiative_key),
            Cell::text(&of.initiative_title),
            Cell::Blank,
            Cell::text("PM"),
            Cell::moment(of.since),
            Cell::text(&of.why),
        ]
    });
    let waiting = found.groups.iter().flat_map(|group| {
        group.items.iter().map(move |item| {
            let why_not = found.barred.why_not(group, item, who);
            vec![
                Cell::text(Task::about(&item.missing).label()),
                Cell::text(lines::what_to_do(&item.missing, why_not.is_none())),
                Cell::text(&group.key),
                Cell::text(&group.title),
                Cell::text(&group.framework_name),
                Cell::text(waits_for(&item.missing).label()),
                item.since.map_or(Cell::Blank, Cell::moment),
                Cell::text(why_not.unwrap_or_else(|| lines::fell(item))),
            ]
        })
    });
    mentions.chain(facts).chain(failed).chain(waiting).collect()
}
