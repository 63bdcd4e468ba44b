//! The one form that carries a file: read piece by piece within its limits, since nothing that came is believed.

use crate::web::{
    error::WebError,
    limits::{LARGEST_FILE, UPLOAD_WITHIN},
};
use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, web::Payload};
use futures_core::Stream;
use std::{future::poll_fn, pin::Pin};

/// The most parts that the form has.
const MOST_PARTS: usize = 8;
/// The largest part beside the file, in bytes.
const LARGEST_TEXT: usize = 1_024;

/// What the form carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Upload {
    /// What the file is called where it came from.
    pub(super) name: String,
    /// The whole of it.
    pub(super) bytes: Vec<u8>,
    /// What it is said to hold; empty: the header tells.
    pub(super) kind: String,
    /// The form's key.
    pub(super) form_key: String,
}

/// What was sent, or why it isn't taken in words for the person who sent it.
pub(super) async fn read(
    request: &HttpRequest,
    body: Payload,
) -> Result<Result<Upload, String>, WebError> {
    let form = Multipart::new(request.headers(), body);
    match tokio::time::timeout(UPLOAD_WITHIN, parts(form)).await {
        Ok(read) => read,
        Err(_elapsed) => Err(WebError::TooSlow),
    }
}

async fn parts(mut form: Multipart) -> Result<Result<Upload, String>, WebError> {
    let mut upload = Upload::default();
    let mut has_file = false;
    for _ in 0..MOST_PARTS {
        let Some(part) = next(&mut form).await else {
            return Ok(complete(upload, has_file));
        };
        let mut part = part.map_err(|_broken| unreadable())?;
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" && !has_file {
            has_file = true;
            let disposition = part.content_disposition();
            let called = disposition.and_then(|disposition| disposition.get_filename());
            upload.name = called.unwrap_or_default().to_owned();
            let read = bytes(&mut part, LARGEST_FILE).await?;
            upload.bytes = read.ok_or(WebError::FileTooLarge)?;
            continue;
        }
        let text = bytes(&mut part, LARGEST_TEXT).await?.unwrap_or_default();
        let text = String::from_utf8(text).unwrap_or_default();
        match name.as_str() {
            "kind" => upload.kind = text,
            "idempotency_key" => upload.form_key = text,
            _ => {}
        }
    }
    Err(unreadable())
}

fn complete(upload: Upload, has_file: bool) -> Result<Upload, String> {
    // A browser sends a nameless, empty file where none was chosen.
    if !has_file || (upload.name.is_empty() && upload.bytes.is_empty()) {
        return Err("No file was chosen.".to_owned());
    }
    Ok(upload)
}

fn unreadable() -> WebError {
    WebError::BadRequest("The form could not be read: it is incomplete.")
}

/// A part's bytes; none: they are more than that.
async fn bytes(part: &mut Field, most: usize) -> Result<Option<Vec<u8>>, WebError> {
    let mut all = Vec::new();
    while let Some(piece) = next(part).await {
        let piece = piece.map_err(|_broken| unreadable())?;
        if all.len() + piece.len() > most {
            return Ok(None);
        }
        all.extend_from_slice(&piece);
    }
    Ok(Some(all))
}

/// The next of a stream.
async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}
