//! Paste a block: the page that takes its text, what it would do, and doing it.
//!
//! Knows requests and where cells land. What a cell would do is decided in [`crate::domain::paste`], what is shown of it
//! is built in `preview`.

use super::{
    back,
    filters::Asked,
    landing::{Landed, land},
    preview,
};
use crate::{
    actions::{ActionError, Actor, Through, paste as acts},
    domain::{amount::DecimalSeparator, ids::ParamId, paste::Column},
    store::params_grid::{self, GridPage},
    web::{
        error::WebError,
        reply,
        sent_form::batch_of,
        view::{Hidden, SelectOption, layout::Nav, paste as view},
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Query},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the forms send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    /// The block's text.
    pub(super) text: String,
    /// The rows as they are shown, by number, parted by commas.
    pub(super) rows: String,
    /// The row that the block begins in; empty: its first row names its columns.
    pub(super) at: String,
    /// The column that it begins in, counted from 0.
    pub(super) column: usize,
    /// The columns that are shown, by number, parted by commas; empty: all.
    pub(super) columns: String,
    /// The page to come back to.
    pub(super) next: String,
    /// How the block's numbers are written.
    pub(super) decimal_separator: DecimalSeparator,
    /// Params and revisions that the preview showed: `42:7,43:2`.
    pub(super) seen_revisions: String,
}

impl Sent {
    fn back_href(&self) -> &str {
        reply::own_path(&self.next, "/params")
    }
}

fn hidden(name: &str, value: &str) -> Hidden {
    Hidden {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// GET /params/paste
pub async fn page(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let sent = Sent {
        next: asked.address(),
        decimal_separator: visit.user.decimal_separator,
        // Where a block of numbers begins, most often.
        column: 1,
        ..Sent::default()
    };
    let page = asked_again(&visit, &asked, sent, String::new()).await?;
    reply::html(&page)
}

/// The page with what was typed, and why it can't be read.
async fn asked_again(
    visit: &Visit,
    asked: &Asked,
    sent: Sent,
    error: String,
) -> Result<view::PastePage, WebError> {
    let query = asked.query(visit.now().date_naive());
    let shown = visit
        .db
        .read(async move |mut conn| params_grid::list(&mut conn, &query).await)
        .await?;
    let rows: Vec<_> = shown.params().map(|param| param.id.to_string()).collect();
    let hidden = vec![
        hidden("rows", &rows.join(",")),
        hidden("next", &sent.next),
        hidden("decimal_separator", sent.decimal_separator.key()),
    ];
    let columns = (0..).zip(Column::GRID).map(|(at, column)| SelectOption {
        value: at.to_string(),
        label: column.label().to_owned(),
        is_selected: at == sent.column,
    });
    Ok(view::PastePage {
        page: visit.page("Paste a block", Nav::Params),
        starts: starts(&shown, &sent.at),
        columns: columns.collect(),
        hidden,
        back_href: sent.back_href().to_owned(),
        text: sent.text,
        error,
    })
}

fn starts(shown: &GridPage, at: &str) -> Vec<SelectOption> {
    let by_name = SelectOption {
        value: String::new(),
        label: "The params that its rows name (columns initiative_key and param_name)".to_owned(),
        is_selected: at.is_empty(),
    };
    let rows = shown.groups.iter().flat_map(|group| {
        group.params.iter().map(|param| SelectOption {
            value: param.id.to_string(),
            label: format!(
                "{}: {} and the rows below it",
                group.initiative_key, param.name
            ),
            is_selected: param.id.to_string() == at,
        })
    });
    std::iter::once(by_name).chain(rows).collect()
}

/// POST /params/paste/preview: what the block would do. Writes nothing.
pub async fn show_preview(visit: Visit, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let landed = match land(&visit, &sent).await? {
        Ok(landed) => landed,
        Err(error) => {
            let asked = back::asked(&sent.next);
            let page = asked_again(&visit, &asked, sent.into_inner(), error).await?;
            return reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let (roles, settings) = (visit.user.roles.clone(), visit.settings);
    let landings = landed.landings.clone();
    let plan = visit
        .db
        .read(async move |mut conn| acts::look(&mut conn, (&roles, settings), &landings).await)
        .await?;
    let mut shown = preview::preview(&visit, landed, &plan);
    let seen = plan.rows.iter().filter(|row| !row.edits.is_empty());
    let seen: Vec<_> = seen
        .map(|row| format!("{}:{}", row.before.id, row.before.revision))
        .collect();
    shown.hidden = vec![
        hidden("seen_revisions", &seen.join(",")),
        hidden("text", &sent.text),
        hidden("rows", &sent.rows),
        hidden("at", &sent.at),
        hidden("column", &sent.column.to_string()),
        hidden("columns", &sent.columns),
        hidden("next", &sent.next),
        hidden("decimal_separator", sent.decimal_separator.key()),
    ];
    sent.back_href().clone_into(&mut shown.back_href);
    reply::html(&shown)
}

/// POST /params/paste: all that isn't refused, in one transaction and as one batch.
pub async fn apply(visit: Visit, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let Ok(landed) = land(&visit, &sent).await? else {
        return show_preview(visit, sent).await;
    };
    let Landed {
        landings, outside, ..
    } = landed;
    let seen = seen(sent.seen_revisions.split(','));
    let batch = batch_of(visit.sent.as_ref());
    let done = visit
        .act_long_once(
            "paste",
            async move |_tx| Ok::<_, ActionError>(None),
            async move |mut tx, actor, now| {
                let actor = Actor {
                    through: Through::Paste,
                    batch,
                    ..actor
                };
                let done = acts::apply(&mut tx, &actor, now, &landings, &seen).await?;
                Ok(Some(done))
            },
        )
        .await?;
    let notice = preview::done(done.as_ref(), outside.len(), batch);
    back::to_page(&visit, &sent.next, notice).await
}

/// Params with the revisions that were shown: `42:7`.
pub(super) fn seen<'a>(all: impl Iterator<Item = &'a str>) -> BTreeMap<ParamId, i64> {
    all.filter_map(|one| {
        let (id, revision) = one.split_once(':')?;
        Some((ParamId(id.parse().ok()?), revision.parse().ok()?))
    })
    .collect()
}
