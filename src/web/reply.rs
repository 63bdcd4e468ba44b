//! The few kinds of answers there are.

use super::error::WebError;
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName},
    },
};
use askama::Template;

/// Tells htmx to put the answer elsewhere than the request said.
pub const RETARGET: HeaderName = HeaderName::from_static("hx-retarget");
/// Tells htmx how to put it there.
pub const RESWAP: HeaderName = HeaderName::from_static("hx-reswap");
/// Tells htmx which part of the answer to take.
pub const RESELECT: HeaderName = HeaderName::from_static("hx-reselect");

/// A rendered page or fragment.
pub fn html(template: &impl Template) -> Result<HttpResponse, WebError> {
    html_with(StatusCode::OK, template)
}

/// A rendered page or fragment with another status: 422 for a form with an error, 409 for a conflict.
pub fn html_with(status: StatusCode, template: &impl Template) -> Result<HttpResponse, WebError> {
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(template.render()?))
}

/// A rendered page that is long: room for about so many bytes is made at once, rather than by copying what is there into
/// twice the room again and again.
pub fn html_of_about(bytes: usize, template: &impl Template) -> Result<HttpResponse, WebError> {
    let mut html = String::with_capacity(bytes);
    template.render_into(&mut html)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(html))
}

/// The same, put into another element than the one that asked.
pub fn html_into(
    status: StatusCode,
    target: &str,
    template: &impl Template,
) -> Result<HttpResponse, WebError> {
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((RETARGET, target))
        .insert_header((RESWAP, "outerHTML"))
        .body(template.render()?))
}

/// See other: what a plain form gets after a post.
#[must_use]
pub fn go_to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// An own path to return to, or the fallback: never another site.
#[must_use]
pub fn own_path<'a>(next: &'a str, fallback: &'a str) -> &'a str {
    let is_own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control);
    if is_own { next } else { fallback }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_own_paths_are_returned_to() {
        for (next, to) in [
            ("/backlog?sort=value", "/backlog?sort=value"),
            ("//evil.example", "/backlog"),
            ("https://evil.example", "/backlog"),
            ("/\\evil.example", "/backlog"),
            ("/a\r\nSet-Cookie: x", "/backlog"),
            ("", "/backlog"),
        ] {
            assert_eq!(own_path(next, "/backlog"), to, "{next:?}");
        }
    }
}
