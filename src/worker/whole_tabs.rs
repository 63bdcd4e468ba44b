//! What the tabs of the app's own shall hold. Like the backlog's cells they never show the present time, so that the same
//! state always gives the same cells.

use super::{
    MirrorSettings,
    wanted::{reasons, time},
};
use crate::{
    domain::mirror_tab::MirrorTab,
    mirror::{grid::Cell, whole_tab::WholeTab},
    store::mirror_tabs::{self, ModelRow, ParamRow, ScoringRow},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Reads what these tabs shall hold.
pub(super) async fn read(
    tx: &mut PgConnection,
    (tabs, now): (&[MirrorTab], DateTime<Utc>),
    settings: &MirrorSettings,
) -> sqlx::Result<Vec<WholeTab>> {
    let mut all = Vec::new();
    for tab in tabs {
        let rows: Vec<_> = match tab {
            MirrorTab::Scoring => {
                let rows = mirror_tabs::scoring(tx, now).await?;
                rows.iter().map(|row| scoring(row, settings)).collect()
            }
            MirrorTab::MathModels => {
                let rows = mirror_tabs::math_models(tx).await?;
                rows.iter().map(math_model).collect()
            }
            MirrorTab::Params => mirror_tabs::params(tx).await?.iter().map(param).collect(),
        };
        all.push(WholeTab::new(*tab, rows.into_iter()));
    }
    Ok(all)
}

fn text(text: &str) -> Cell {
    Cell::of_text(text)
}

fn figure(value: Option<f64>) -> Cell {
    value.map_or(Cell::Empty, Cell::of_figure)
}

fn scoring(of: &ScoringRow, settings: &MirrorSettings) -> Vec<Cell> {
    let notes = if of.stale.is_none() { &*of.notes } else { &[] };
    let place = |n: Option<i64>| n.map_or(Cell::Empty, |n| Cell::of_digits(&n.to_string()));
    let receipt = of
        .score
        .map(|score| settings.receipt(&format!("scores/{score}")));
    vec![
        text(&of.key),
        text(&of.title),
        text(&of.framework),
        Cell::Bool(of.is_active),
        text(&of.status.replace('_', " ")),
        figure(of.value),
        text(&of.value_unit),
        figure(of.effort),
        figure(of.overall),
        place(of.rank),
        place(of.among),
        Cell::Bool(of.is_overridden),
        Cell::Bool(of.is_archived),
        text(&reasons(of.stale.as_ref(), None, &of.missing, notes)),
        of.recorded_at.map_or(Cell::Empty, time),
        text(&receipt.unwrap_or_default()),
    ]
}

fn math_model(of: &ModelRow) -> Vec<Cell> {
    let [description, prompt, assumptions, notes] = &of.texts;
    let [suggested, suggested_assumptions, suggested_notes] = &of.suggested;
    let approved = of.approved.as_ref();
    vec![
        text(&of.key),
        text(&of.framework),
        text(&of.scenario),
        text(&of.name),
        of.version
            .map_or(Cell::Empty, |version| Cell::Number(version.into())),
        text(&of.value_unit),
        text(description),
        text(prompt),
        text(assumptions),
        text(notes),
        text(&of.formula),
        text(&of.approved_formula),
        text(approved.map_or("", |(by, _)| by)),
        approved.map_or(Cell::Empty, |(_, at)| time(*at)),
        text(suggested),
        text(suggested_assumptions),
        text(suggested_notes),
        Cell::Bool(of.drives),
    ]
}

fn param(of: &ParamRow) -> Vec<Cell> {
    let day =
        |day: Option<chrono::NaiveDate>| text(&day.map_or(String::new(), |day| day.to_string()));
    vec![
        text(&of.key),
        text(&of.framework),
        text(&of.name),
        text(&of.display),
        text(&of.description),
        Cell::of_digits(&of.value),
        text(&of.unit),
        Cell::of_digits(&of.min),
        Cell::of_digits(&of.max),
        text(&of.source),
        Cell::Bool(of.is_approved),
        Cell::Bool(of.is_auto_seeded),
        Cell::Bool(of.is_used),
        text(&of.notes),
        text(&of.evidence_link),
        day(of.evidence_as_of),
        day(of.review_by),
        text(&of.updated_by),
        time(of.updated_at),
        Cell::of_digits(&of.counts),
        text(&of.scenario),
    ]
}
