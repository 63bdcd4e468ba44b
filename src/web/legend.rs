//! What the states mean.

use super::{
    error::WebError,
    reply,
    view::{badge::Legend, layout::Nav},
    visit::Visit,
};
use actix_web::HttpResponse;

/// GET /legend
pub async fn show(visit: Visit) -> Result<HttpResponse, WebError> {
    reply::html(&Legend {
        page: visit.page("What the states mean", Nav::Elsewhere),
    })
}
