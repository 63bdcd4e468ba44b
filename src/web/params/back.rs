//! Which page a request came from, and where a plain form returns to.
//!
//! Knows addresses and headers. Must not know what is on a page.

use super::filters::Asked;
use crate::{
    domain::param::Param,
    store::initiatives as rows,
    web::{error::WebError, initiatives, reply, view::error::Notice, visit::Visit},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Uri, header},
    web::Query,
};

/// The page that a plain form returns to: where it was opened, or else the initiative.
pub(super) async fn way_back(
    visit: &Visit,
    request: &HttpRequest,
    next: &str,
    param: &Param,
) -> Result<String, WebError> {
    let came_from = page_named_by(request, header::REFERER.as_str()).unwrap_or_default();
    if let Some(page) = [next, &came_from].into_iter().find(|path| is_page(path)) {
        return Ok(page.to_owned());
    }
    if visit.is_htmx {
        return Ok(format!("/params/{}", param.id));
    }
    let of = param.initiative_id;
    let key = visit
        .db
        .read(async move |mut conn| rows::get_key(&mut conn, of).await)
        .await?;
    Ok(key.map_or_else(
        || format!("/params/{}", param.id),
        |key| format!("/initiatives/{key}"),
    ))
}

/// The page that a request for a form came from, if it can be opened again.
pub(super) fn came_from(request: &HttpRequest) -> Option<String> {
    page_named_by(request, header::REFERER.as_str()).filter(|path| is_page(path))
}

/// The path and query of the page whose address a header carries.
fn page_named_by(request: &HttpRequest, header: &str) -> Option<String> {
    let address: Uri = request.headers().get(header)?.to_str().ok()?.parse().ok()?;
    address
        .path_and_query()
        .map(|path| path.as_str().to_owned())
}

/// What a list's address asks for; another page asks nothing.
pub(super) fn asked(next: &str) -> Asked {
    let question = next.strip_prefix("/params?").unwrap_or_default();
    Query::<Asked>::from_query(question)
        .map_or_else(|_unreadable| Asked::default(), Query::into_inner)
}

/// The page that an act on many rows came from, with what came of it.
pub(super) async fn to_page(
    visit: &Visit,
    next: &str,
    notice: Notice,
) -> Result<HttpResponse, WebError> {
    let key = next.strip_prefix("/initiatives/");
    let key = key.and_then(|rest| rest.split(['?', '#']).next()?.parse().ok());
    match key {
        Some(key) => initiatives::page_with(visit, &key, notice).await,
        None => super::list(visit, &asked(next), vec![notice]).await,
    }
}

/// Whether a path is one of our pages that can be opened again, rather than a form's own address below one.
fn is_page(path: &str) -> bool {
    let without_query = path.split('?').next().unwrap_or_default();
    !reply::own_path(path, "").is_empty() && without_query.matches('/').count() <= 2
}

/// Whether an initiative's own page asks, where steps and score card stand beside the params.
pub(super) fn is_on_initiative_page(request: &HttpRequest) -> bool {
    page_named_by(request, "hx-current-url").is_some_and(|path| path.starts_with("/initiatives/"))
}

/// Whether it came from a list whose groups aren't initiatives, so that no head says how one of them stands.
pub(super) fn is_on_list_without_heads(request: &HttpRequest) -> bool {
    let from = page_named_by(request, "hx-current-url").unwrap_or_default();
    let asked = asked(&from);
    asked.sort().is_some() || asked.group_by().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_pages_that_can_be_opened_again_are_ways_back() {
        for (path, is_one) in [
            ("/params?state=missing&q=a/b/c/d", true),
            ("/params/42", true),
            ("/initiatives/INIT-1", true),
            ("/params/42/fields/value/edit", false),
            ("/params/42/approval", false),
            ("/initiatives/INIT-1/framework", false),
            ("//evil.example", false),
            ("https://evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_page(path), is_one, "{path:?}");
        }
    }

    #[test]
    fn the_page_that_asked_is_told_by_its_address() {
        for (address, is_initiative) in [
            ("http://localhost:8080/initiatives/INIT-1?a=b#param-4", true),
            ("http://localhost:8080/params?initiative=INIT-1", false),
            ("not an address", false),
        ] {
            let request = TestRequest::default().insert_header(("hx-current-url", address));
            assert_eq!(
                is_on_initiative_page(&request.to_http_request()),
                is_initiative,
                "{address}"
            );
        }
        assert!(!is_on_initiative_page(
            &TestRequest::default().to_http_request()
        ));
    }
}
