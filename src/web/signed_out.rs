//! A form that came when nobody was signed in any more. Nothing it carried is lost: htmx gets a notice and leaves the
//! form as it is; without JavaScript the answer is a page that holds the same form, ready to be sent again.

use super::{
    assets, error, reply,
    sent_form::{KEY, SentBody},
    view::{
        Hidden,
        error::{SignedOutNotice, SignedOutPage, TypedText},
        layout::Page,
    },
};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, http::StatusCode, http::header};
use askama::Template as _;

/// What a form carries beside what people type.
const OWN: [&str; 4] = [KEY, "seen_revision", "next", "confirmed"];

/// 401 for a form.
pub(super) fn answer(request: &HttpRequest) -> HttpResponse {
    let next = came_from(request).unwrap_or_else(|| "/backlog".to_owned());
    let next = serde_urlencoded::to_string([("next", &next)]).unwrap_or_default();
    let sign_in_href = format!("/sign-in?{next}");
    let is_htmx = error::is_htmx(request);
    let body = if is_htmx {
        SignedOutNotice { sign_in_href }.render()
    } else {
        page(request, sign_in_href).render()
    };
    let mut response = HttpResponse::build(StatusCode::UNAUTHORIZED)
        .content_type("text/html; charset=utf-8")
        .body(body.unwrap_or_else(|_unprintable| "You are signed out.".to_owned()));
    if is_htmx {
        error::into_notices(&mut response);
    }
    response
}

fn page(request: &HttpRequest, sign_in_href: String) -> SignedOutPage {
    let asked = request
        .uri()
        .path_and_query()
        .map_or("", |path| path.as_str());
    let action = reply::own_path(asked, "").to_owned();
    let fields = request
        .extensions()
        .get::<SentBody>()
        .and_then(|body| serde_urlencoded::from_bytes::<Vec<(String, String)>>(&body.0).ok())
        .unwrap_or_default();
    let (own, typed): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .partition(|(name, value)| OWN.contains(&name.as_str()) || value.is_empty());
    SignedOutPage {
        page: Page {
            title: "You are signed out".into(),
            assets: assets::addresses(),
            path: request.path().to_owned(),
            ..Page::default()
        },
        sign_in_href,
        can_send_again: !action.is_empty(),
        action,
        hidden: own
            .into_iter()
            .map(|(name, value)| Hidden { name, value })
            .collect(),
        typed: typed.into_iter().enumerate().map(typed_text).collect(),
    }
}

fn typed_text((at, (name, value)): (usize, (String, String))) -> TypedText {
    let words = name.replace(['_', '-'], " ");
    let mut rest = words.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    TypedText {
        id: format!("typed-{at}"),
        label: first.chain(rest).collect(),
        rows: value.lines().count().clamp(1, 12),
        name,
        value,
    }
}

/// The page that the form stood on, if it is one of ours.
fn came_from(request: &HttpRequest) -> Option<String> {
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    let address = header("hx-current-url").or_else(|| header(header::REFERER.as_str()))?;
    own_page(address, header("host")?)
}

/// Path and query of an address at this very host.
fn own_page(address: &str, host: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let path = rest.strip_prefix(host)?;
    let path = path.split('#').next().unwrap_or_default();
    let own = reply::own_path(path, "");
    (!own.is_empty()).then(|| own.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_this_very_host_is_led_back_to() {
        for (address, page) in [
            ("http://app:1/params?q=a#b", Some("/params?q=a")),
            ("http://app:10/params", None),
            ("https://evil.example/params", None),
            ("http://app:1.evil.example/params", None),
            ("http://app:1//evil.example", None),
            ("http://app:1", None),
            ("nonsense", None),
        ] {
            assert_eq!(own_page(address, "app:1").as_deref(), page, "{address}");
        }
    }

    #[test]
    fn a_field_reads_as_words_and_keeps_its_name() {
        let text = typed_text((2, ("problem_statement".into(), "one\ntwo".into())));
        assert_eq!(
            (text.label.as_str(), text.name.as_str(), text.rows),
            ("Problem statement", "problem_statement", 2)
        );
    }
}
