//! The history: everything, one initiative's, one param's or one cell's; filtered, a page at a time, and as a file.

mod address;
mod export;
mod lines;

pub use address::Asked;
pub use export::export;
pub(super) use lines::plain;

use super::{
    download,
    error::WebError,
    initiatives::key_of,
    reply, undo,
    view::{Link, Pager, history::History, layout::Nav},
    visit::Visit,
};
use crate::{
    domain::{
        ids::{ParamId, UserId},
        initiative::Initiative,
        math_model::MathModel,
        param::Param,
    },
    store::{
        frameworks,
        history::{self, HISTORY_PAGE, Logged, Subject},
        initiatives, math_models, params,
    },
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use sqlx::PgConnection;

/// What the page is of.
#[derive(Clone, Debug)]
enum Scope {
    All,
    Initiative(String),
    Param(ParamId),
}

/// What the page is of, as it is now: what a value that is put back is judged by.
#[derive(Debug, Default)]
struct Known {
    initiative: Option<Initiative>,
    model: Option<MathModel>,
    params: Vec<Param>,
}

impl Known {
    fn param(&self, id: ParamId) -> Option<&Param> {
        self.params.iter().find(|param| param.id == id)
    }
}

/// What was found.
struct Found {
    known: Known,
    changes: Vec<Logged>,
    people: Vec<(UserId, String)>,
}

/// GET /history
pub async fn index(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    page(&visit, Scope::All, asked.into_inner()).await
}

/// GET /initiatives/{key}/history
pub async fn show(
    visit: Visit,
    key: Path<String>,
    asked: Query<Asked>,
) -> Result<HttpResponse, WebError> {
    let key = key_of(&key)?.to_string();
    let asked = asked.of_initiative(&key);
    page(&visit, Scope::Initiative(key), asked).await
}

/// GET /params/{id}/history
pub async fn of_param(
    visit: Visit,
    id: Path<i64>,
    asked: Query<Asked>,
) -> Result<HttpResponse, WebError> {
    let asked = asked.of_param(*id);
    page(&visit, Scope::Param(ParamId(*id)), asked).await
}

async fn page(visit: &Visit, scope: Scope, asked: Asked) -> Result<HttpResponse, WebError> {
    let (of, wanted) = (scope.clone(), asked.clone());
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let Some(known) = known(&mut conn, &of).await? else {
            return Ok(None);
        };
        let filter = wanted.filter(&mut conn).await?;
        Ok(Some(Found {
            known,
            changes: history::list(&mut conn, &filter, HISTORY_PAGE).await?,
            people: history::people(&mut conn).await?,
        }))
    });
    let found = read.await?.ok_or(match scope {
        Scope::Param(_) => WebError::NotFound("param"),
        _ => WebError::NotFound("initiative"),
    })?;
    let mut page = shown(visit, &scope, &asked, &found);
    page.page.notices.extend(undo::told(visit).await?);
    page.page.undo = match scope {
        Scope::All => None,
        Scope::Initiative(key) => Some(undo::place(visit, Subject::Initiative(key)).await?),
        Scope::Param(id) => Some(undo::place(visit, Subject::Param(id.0)).await?),
    };
    reply::html(&page)
}

/// What the page is of; none: there is no such row.
async fn known(conn: &mut PgConnection, scope: &Scope) -> sqlx::Result<Option<Known>> {
    let key = match scope {
        Scope::All => return Ok(Some(Known::default())),
        Scope::Initiative(key) => key.parse().ok(),
        Scope::Param(id) => match initiatives::of_param(conn, *id).await? {
            Some(of) => initiatives::get_key(conn, of).await?,
            None => None,
        },
    };
    let Some(key) = key else { return Ok(None) };
    let Some(initiative) = initiatives::get(conn, &key).await? else {
        return Ok(None);
    };
    let all = frameworks::list(conn).await?;
    let model = match all.iter().find(|framework| framework.is_math_model()) {
        Some(f) => math_models::get(conn, math_models::Which::Of(initiative.id, f.id)).await?,
        None => None,
    };
    Ok(Some(Known {
        model,
        params: params::list(conn, params::Which::OfInitiative(initiative.id)).await?,
        initiative: Some(initiative),
    }))
}

fn shown(visit: &Visit, scope: &Scope, asked: &Asked, found: &Found) -> History {
    let (title, crumb, nav, action) = naming(scope, asked, found);
    History {
        page: visit.page(title.clone(), nav),
        about: found
            .known
            .initiative
            .as_ref()
            .map(|of| of.key.to_string())
            .unwrap_or_default(),
        crumb,
        title,
        initiative: matches!(scope, Scope::All).then(|| asked.initiative.clone()),
        selects: asked.selects(&found.people, matches!(scope, Scope::Param(_))),
        from: asked.from.clone(),
        to: asked.to.clone(),
        is_filtered: asked.is_filtered(matches!(scope, Scope::All)),
        groups: lines::groups(visit, &found.changes, &found.known),
        pager: pager(asked, &action, &found.changes),
        downloads: download::links("/history", &asked.whole()),
        action,
    }
}

fn naming(scope: &Scope, asked: &Asked, found: &Found) -> (String, Option<Link>, Nav, String) {
    let link = |label: String, href: String| Some(Link { label, href });
    match (scope, &found.known.initiative) {
        (Scope::Param(id), _) => {
            let label = found.known.param(*id).map_or("", Param::label);
            let title = match asked.field.as_str() {
                "" => format!("History of {label}"),
                field => format!(
                    "History of {label}: {}",
                    lines::field_label(field).to_lowercase()
                ),
            };
            let href = format!("/params/{id}");
            (
                title,
                link(label.to_owned(), href.clone()),
                Nav::Params,
                format!("{href}/history"),
            )
        }
        (_, Some(initiative)) => {
            let key = &initiative.key;
            let href = format!("/initiatives/{key}");
            let crumb = link(format!("{key} {}", initiative.title()), href.clone());
            (
                format!("History of {key}"),
                crumb,
                Nav::Backlog,
                format!("{href}/history"),
            )
        }
        _ => (
            "History".to_owned(),
            None,
            Nav::Elsewhere,
            "/history".to_owned(),
        ),
    }
}

fn pager(asked: &Asked, action: &str, changes: &[Logged]) -> Pager {
    let is_full = i64::try_from(changes.len()).is_ok_and(|count| count >= HISTORY_PAGE);
    let next = changes.last().filter(|_| is_full).map(Logged::cursor);
    let is_part = next.is_some() || !asked.after.is_empty();
    Pager {
        summary: match (is_part, changes.len()) {
            (true, n) => format!("{n} shown"),
            (false, 1) => "1 change".to_owned(),
            (false, n) => format!("{n} changes"),
        },
        first_href: (!asked.after.is_empty()).then(|| asked.href(action, None)),
        next_href: next.map(|after| asked.href(action, Some(after))),
    }
}
