//! Params: the grid over everybody's, one of them with all its fields, edits in place, approvals.
//!
//! Knows requests and forms; what is shown is built in the files below, what an edit means is decided in
//! [`crate::actions::params`]. Asks no rule of its own.

pub mod add;
mod answers;
mod back;
pub mod bulk;
mod cells;
mod columns;
pub mod confirm;
mod edit;
pub mod export;
pub mod fact;
mod fields;
mod filters;
pub mod follow_together;
mod landing;
mod notes;
pub mod paste;
mod preview;
mod rows;
mod shelves;
mod units;
pub mod words;

pub use notes::notes;
pub use rows::{GridOf, grid};

pub(super) use fields::range_text;
pub(super) use rows::review;

use super::{
    download,
    error::WebError,
    four_eyes, reply,
    sent_form::fresh_key,
    undo,
    view::{error::Notice, field::Field, layout::Nav, params as view},
    visit::Visit,
};
use crate::{
    actions::{params as acts, scores},
    domain::{
        amount::DecimalSeparator,
        ids::ParamId,
        param::{Param, Source},
        param_input::{ParamField, Typed},
        rights::Act,
    },
    store::{
        facts, history, initiatives, params,
        params_by::{self, Shelf, ShelvedPage},
        params_grid::{self, GridGroup, GridPage, GridParam, Sort},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Form, Path, Query},
};
use fields::Reader;
use serde::Deserialize;

/// About what a row of the grid takes as HTML.
const BYTES_OF_A_ROW: usize = 2_000;

/// GET /params
pub async fn index(visit: Visit, asked: Query<filters::Asked>) -> Result<HttpResponse, WebError> {
    list(&visit, &asked, Vec::new()).await
}

/// What works on many rows at once on a page, if this person edits params; `question` finds the page's rows.
#[must_use]
pub fn tools(visit: &Visit, next: String, question: &str) -> Option<view::Tools> {
    visit.may(Act::EditParam).ok()?;
    let mark = if question.is_empty() { "" } else { "?" };
    Some(view::Tools {
        next,
        form_key: fresh_key(),
        decimal_separator: visit.user.decimal_separator.key(),
        units: units::COMMON.to_vec(),
        sources: Source::CHOICES.map(Source::key).to_vec(),
        paste_href: format!("/params/paste{mark}{question}"),
    })
}

/// The list, with what has just happened.
async fn list(
    visit: &Visit,
    asked: &filters::Asked,
    notices: Vec<Notice>,
) -> Result<HttpResponse, WebError> {
    let (query, by, at) = (
        asked.query(visit.now().date_naive()),
        asked.group_by(),
        asked.at.clone(),
    );
    let read = visit.db.read(async move |mut conn| match by {
        None => {
            let sort = query.sort;
            let page = params_grid::list(&mut conn, &query).await?;
            Ok(Found::of(page, sort))
        }
        Some(by) => params_by::list(&mut conn, &query, by, &at)
            .await
            .map(Found::from),
    });
    let found = read.await?;
    let fact = fact_name(visit, asked).await?;
    let open = found.params().filter(|param| param.is_open());
    let hands = four_eyes::in_params(visit, open.map(|param| param.id)).await?;
    let shown: Vec<_> = found.params().map(|param| param.id.0).collect();
    let count = shown.len();
    let undo = undo::place(visit, history::Subject::Params(shown)).await?;
    let size = 8_000 + count * BYTES_OF_A_ROW;
    let question = asked.question();
    let mut frame = visit.page("Params", Nav::Params);
    frame.notices = notices;
    frame.undo = Some(undo);
    let (grids, shelves) = match found.groups {
        Groups::Initiatives(groups) => (rows::grids(groups, visit, hands), Vec::new()),
        Groups::Shelves(shelves) => (Vec::new(), shelves::shelves(shelves, visit, hands)),
        Groups::Sorted(sort, groups) => (
            Vec::new(),
            vec![shelves::sorted(sort, groups, visit, hands)],
        ),
    };
    let index = view::Index {
        page: frame,
        tools: tools(visit, asked.address(), &question),
        downloads: download::links("/params", &question),
        search: asked.search(),
        filters: asked.filters(&found.frameworks, fact.as_deref()),
        clear_href: asked.clear_href(),
        pager: asked.pager(
            count,
            found.last.as_ref().map(|(id, at)| (*id, at.as_str())),
        ),
        empty: (count == 0).then(|| asked.empty()),
        notes: notes(visit),
        columns: asked.columns(),
        hidden: columns::classes(&asked.columns),
        grids,
        shelves,
    };
    reply::html_of_about(size, &index)
}

/// What the fact is called that the params shown could follow; none: that isn't asked.
async fn fact_name(visit: &Visit, asked: &filters::Asked) -> Result<Option<String>, WebError> {
    let Some(id) = asked.fact() else {
        return Ok(None);
    };
    let read = visit
        .db
        .read(async move |mut conn| facts::get(&mut conn, id).await);
    Ok(read.await?.map(|fact| fact.words.name))
}

/// What the store found, in whichever groups.
struct Found {
    groups: Groups,
    frameworks: Vec<(String, String)>,
    /// The last row and its group, if there is more.
    last: Option<(ParamId, String)>,
}

enum Groups {
    Initiatives(Vec<GridGroup>),
    Shelves(Vec<Shelf>),
    /// In another order than theirs.
    Sorted(Sort, Vec<GridGroup>),
}

impl Found {
    fn of(page: GridPage, sort: Option<Sort>) -> Self {
        let last = page.params().next_back().filter(|_| page.has_more);
        Self {
            last: last.map(|param| (param.id, page.last_value.clone())),
            frameworks: page.frameworks,
            groups: match sort {
                Some(sort) => Groups::Sorted(sort, page.groups),
                None => Groups::Initiatives(page.groups),
            },
        }
    }

    fn params(&self) -> Box<dyn Iterator<Item = &GridParam> + '_> {
        match &self.groups {
            Groups::Initiatives(groups) | Groups::Sorted(_, groups) => {
                Box::new(groups.iter().flat_map(|group| &group.params))
            }
            Groups::Shelves(shelves) => {
                let groups = shelves.iter().flat_map(|shelf| &shelf.groups);
                Box::new(groups.flat_map(|group| &group.params))
            }
        }
    }
}

impl From<ShelvedPage> for Found {
    fn from(page: ShelvedPage) -> Self {
        let last = page.last().filter(|_| page.has_more);
        Self {
            last: last.map(|(id, at)| (id, at.to_owned())),
            frameworks: page.frameworks,
            groups: Groups::Shelves(page.shelves),
        }
    }
}

/// What a param's own address is asked with.
#[derive(Debug, Deserialize)]
pub struct Part {
    #[serde(default)]
    field: String,
}

/// GET /params/{id}: the page; for htmx the row, or with `?field=` that field as it is read (the answer to Cancel).
pub async fn show(
    visit: Visit,
    id: Path<i64>,
    part: Query<Part>,
) -> Result<HttpResponse, WebError> {
    let id = ParamId(*id);
    if !visit.is_htmx {
        let whole = answers::around(&visit, id).await?;
        let done = undo::told(&visit).await?.into_iter().collect();
        let mut page = answers::page(&visit, &whole, id, done).await?;
        page.thread = Some(answers::thread(&visit, &whole, id).await?);
        return reply::html(&page);
    }
    let param = get(&visit, id).await?;
    match ParamField::from_key(&part.field) {
        Some(field) if answers::is_beside(field) => reply::html(&Field {
            field: fields::field_view(&param, field, Reader::of(&visit)),
        }),
        Some(field) => reply::html(&view::CellAlone {
            id: id.0,
            cell: rows::cell_view(&param, field, &visit),
        }),
        None => {
            let hands = four_eyes::in_open_params(&visit, std::slice::from_ref(&param)).await?;
            reply::html(&view::Row {
                param: rows::param_view(&param, &visit, hands),
            })
        }
    }
}

async fn get(visit: &Visit, id: ParamId) -> Result<Param, WebError> {
    let found = visit
        .db
        .read(async move |mut conn| params::get(&mut conn, id).await)
        .await?;
    found.ok_or(WebError::NotFound("param"))
}

/// The initiative's own effort in days, for a param that may take it over.
async fn effort_days(visit: &Visit, param: &Param) -> Result<Option<f64>, WebError> {
    if param.name != "effort" {
        return Ok(None);
    }
    let of = param.initiative_id;
    let found = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        match initiatives::get_key(&mut conn, of).await? {
            Some(key) => initiatives::get(&mut conn, &key).await,
            None => Ok(None),
        }
    });
    Ok(found
        .await?
        .and_then(|initiative| scores::effort_days(&initiative)))
}

fn parse(path: &(i64, String)) -> Result<(ParamId, ParamField), WebError> {
    let field = ParamField::from_key(&path.1).ok_or(WebError::NotFound("field"))?;
    Ok((ParamId(path.0), field))
}

/// GET /params/{id}/fields/{field}/edit
pub async fn edit_field(
    visit: Visit,
    request: HttpRequest,
    path: Path<(i64, String)>,
) -> Result<HttpResponse, WebError> {
    let (id, field) = parse(&path)?;
    let param = get(&visit, id).await?;
    fields::may_edit(&param, field, Reader::of(&visit))?;
    let next = back::way_back(&visit, &request, "", &param).await?;
    let mut form = edit::form(
        &param,
        field,
        &field.shown(&param, visit.user.decimal_separator),
        Reader::of(&visit),
        &next,
    );
    if field == ParamField::Unit {
        units::offer(&visit, &mut form, param.initiative_id).await?;
    }
    let written = (field, visit.user.decimal_separator);
    form.offer = edit::offer(&param, written, effort_days(&visit, &param).await?);
    answers::form(&visit, &param, StatusCode::OK, form)
}

/// What an edit form sends.
#[derive(Debug, Default, Deserialize)]
pub struct Sent {
    #[serde(default)]
    value: String,
    #[serde(default)]
    min: String,
    #[serde(default)]
    max: String,
    /// The reading that was proposed and taken.
    instead: Option<String>,
    /// A value that was offered from elsewhere and taken: it counts as typed.
    offered: Option<String>,
    #[serde(default)]
    decimal_separator: DecimalSeparator,
    seen_revision: i64,
}

impl Sent {
    fn typed(&self, field: ParamField) -> Typed {
        let separator = self.decimal_separator;
        match field {
            ParamField::Range => Typed {
                text: self.min.clone(),
                max: self.max.clone(),
                separator,
            },
            _ => Typed::one(self.offered.as_ref().unwrap_or(&self.value)).written_with(separator),
        }
    }
}

/// Where a plain form came from, in its address.
#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// POST /params/{id}/fields/{field}
pub async fn save_field(
    visit: Visit,
    request: HttpRequest,
    path: Path<(i64, String)>,
    sent: Form<Sent>,
    from: Query<Next>,
) -> Result<HttpResponse, WebError> {
    let (id, field) = parse(&path)?;
    let (mut typed, seen) = (sent.typed(field), sent.seen_revision);
    if let Some(instead) = &sent.instead {
        typed = edit::with_choice(&get(&visit, id).await?, field, typed, instead);
    }
    match visit.change_param(id, (field, typed.clone(), seen)).await {
        Ok(edited) if visit.is_htmx => answers::saved_field(&visit, &request, &edited, field).await,
        Ok(edited) => Ok(reply::go_to(
            &back::way_back(&visit, &request, &from.next, &edited.param).await?,
        )),
        Err(error) => {
            let param = get(&visit, id).await?;
            let next = back::way_back(&visit, &request, &from.next, &param).await?;
            answers::form_again(&visit, &param, field, &typed, &next, error)
        }
    }
}

/// What the approval buttons send.
#[derive(Debug, Deserialize)]
pub struct Seen {
    seen_revision: i64,
}

/// POST /params/{id}/approval
pub async fn approve(
    visit: Visit,
    request: HttpRequest,
    id: Path<i64>,
    sent: Form<Seen>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (ParamId(*id), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| acts::approve(&mut tx, &actor, now, id, seen).await,
        )
        .await;
    answers::decided(&visit, &request, id, done, "approved").await
}

/// POST /params/{id}/approval/withdrawal
pub async fn withdraw(
    visit: Visit,
    request: HttpRequest,
    id: Path<i64>,
    sent: Form<Seen>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (ParamId(*id), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::withdraw_approval(&mut tx, &actor, now, id, seen).await
            },
        )
        .await;
    answers::decided(&visit, &request, id, done, "no longer approved").await
}
