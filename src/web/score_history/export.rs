//! An initiative's scores by a framework as a file, newest first.

use super::{Asked, changes, shown};
use crate::{
    domain::{ids::InitiativeKey, initiative::Initiative},
    store::{
        initiatives,
        score_history::{self, PastScore},
    },
    web::{
        download::{self, Cell, Table},
        error::WebError,
        initiatives::key_of,
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use sqlx::PgConnection;

/// The most scores in a file; one more is read, to tell the last one's changes.
const MOST: usize = 10_000;
const READ: i64 = 10_001;

/// GET /initiatives/{key}/scores.csv, .xlsx
pub async fn export(
    visit: Visit,
    of: Path<(String, String)>,
    asked: Query<Asked>,
) -> Result<HttpResponse, WebError> {
    let (key, ending) = of.into_inner();
    let key = key_of(&key)?;
    let sought = key.clone();
    let read = visit
        .db
        .read(async move |mut conn| initiatives::get(&mut conn, &sought).await);
    let initiative = read.await?.ok_or(WebError::NotFound("initiative"))?;
    download::serve(
        &visit,
        &ending,
        async move |mut conn| all(&mut conn, &initiative, &asked.framework).await,
        move |scores| Table::new("scores", HEADERS, rows(&key, &scores)),
    )
    .await
}

async fn all(
    conn: &mut PgConnection,
    initiative: &Initiative,
    asked: &str,
) -> sqlx::Result<Vec<PastScore>> {
    let frameworks = score_history::frameworks(&mut *conn, initiative.id).await?;
    match shown(&frameworks, asked, initiative.active_framework) {
        Some(of) => score_history::list(conn, (initiative.id, of), None, READ).await,
        None => Ok(Vec::new()),
    }
}

const HEADERS: [&str; 10] = [
    "Key",
    "Receipt",
    "Recorded (UTC)",
    "After a change by",
    "Value",
    "Value unit",
    "Effort",
    "Overall",
    "Formula version",
    "What changed",
];

fn rows(key: &InitiativeKey, scores: &[PastScore]) -> Vec<Vec<Cell>> {
    let before = scores.iter().skip(1).map(Some).chain([None]);
    let rows = scores.iter().zip(before).take(MOST);
    let mut rows: Vec<_> = rows
        .map(|(score, before)| {
            vec![
                Cell::text(key.to_string()),
                Cell::count(Some(score.id.0)),
                Cell::moment(score.recorded_at),
                Cell::text(&score.recorded_by_name),
                Cell::number(Some(score.value)),
                Cell::text(&score.value_unit),
                Cell::number(score.effort),
                Cell::number(score.overall),
                Cell::count(Some(score.version.into())),
                Cell::text(changes::sentences(before, score).join("; ")),
            ]
        })
        .collect();
    if scores.len() > MOST {
        let more = format!("Only the newest {MOST} scores are in this file.");
        rows.push(vec![Cell::text(more)]);
    }
    rows
}
