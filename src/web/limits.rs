//! How large a request may be, and of what kind: refused by its head where that tells, so that nothing of it is read.

use super::error::WebError;
use crate::imports::table::MAX_BYTES;
use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
};
use std::time::Duration;

/// The largest form that is read, in bytes.
pub const LARGEST_FORM: usize = 256 * 1024;
/// The largest file that is read, in bytes, and the only address that takes one.
pub const LARGEST_FILE: usize = MAX_BYTES;
const TAKES_FILES: &str = "/imports";
/// What a form with a file may have beside the file, in bytes.
const AROUND_FILE: usize = 16 * 1024;
/// The longest address with its question, in bytes.
const LONGEST_ADDRESS: usize = 8 * 1024;
/// The most fields of one form.
pub const MOST_FIELDS: usize = 2_000;
/// How long the head of a request may take to arrive.
pub const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// How long a form may take to arrive.
pub const BODY_WITHIN: Duration = Duration::from_secs(20);
/// How long a form with a file may take to arrive.
pub const UPLOAD_WITHIN: Duration = Duration::from_mins(2);
/// How long a connection is kept without a request.
pub const KEPT_FOR: Duration = Duration::from_secs(15);

/// Refuses addresses that are too long, forms that are too large, and whatever isn't a form.
pub async fn refuse_oversized(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(error) = refusal(&request) {
        return Ok(request.error_response(error));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn refusal(request: &ServiceRequest) -> Option<WebError> {
    let asked = request.uri().path_and_query();
    if asked.is_some_and(|asked| asked.as_str().len() > LONGEST_ADDRESS) {
        return Some(WebError::AddressTooLong);
    }
    let headers = request.headers();
    let get = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let length = get(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    let kind = get(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next());
    let is_kind = |wanted: &str| kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted));
    let has_file = request.path() == TAKES_FILES
        && request.method() == Method::POST
        && is_kind("multipart/form-data");
    let (most, refusal) = if has_file {
        (LARGEST_FILE + AROUND_FILE, WebError::FileTooLarge)
    } else {
        (LARGEST_FORM, WebError::FormTooLarge)
    };
    if length.is_some_and(|length| length > most as u64) {
        return Some(refusal);
    }
    let has_body = length.is_some_and(|n| n > 0) || headers.contains_key(header::TRANSFER_ENCODING);
    let is_form = has_file || is_kind("application/x-www-form-urlencoded");
    let is_packed = headers.contains_key(header::CONTENT_ENCODING);
    ((has_body && !is_form) || is_packed).then_some(WebError::NotAForm)
}
