//! The browser's address after a form: it follows the page that the form led to, so that it can be loaded again, kept as
//! a bookmark and left with Back. Knows htmx's headers; must not know pages.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, Uri,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
};

const PUSH: HeaderName = HeaderName::from_static("hx-push-url");

/// Names the page's own address where a whole page takes the place of another one's.
///
/// A form is answered with a redirect, which the browser follows by itself: only the page that is found in the end is
/// seen by htmx, and only the page knows its address.
///
/// # Errors
/// As what it calls.
pub async fn follow(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let address = new_address(&request);
    let mut response = next.call(request).await?;
    if let Some(address) = address
        && response.status().is_success()
    {
        response.headers_mut().insert(PUSH, address);
    }
    Ok(response)
}

/// The address of a whole page that htmx asks for from another one; none: the browser stays where it is.
fn new_address(request: &ServiceRequest) -> Option<HeaderValue> {
    let said = |name: &str| request.headers().get(name)?.to_str().ok();
    let is_page = request.method() == Method::GET && said("hx-target") == Some("main");
    let before: Uri = said("hx-current-url")?.parse().ok()?;
    let now = request.uri().path_and_query()?;
    let is_new = before.path_and_query() != Some(now);
    (is_page && is_new)
        .then(|| HeaderValue::from_str(now.as_str()).ok())
        .flatten()
}
