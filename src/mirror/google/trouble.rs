//! What an answer that isn't one means: whether anything was written, when to try again, and what a person can do.

use crate::mirror::run::TargetError;
use google_sheets4::{
    Delegate, Error,
    common::{Response, Retry},
    hyper::header::RETRY_AFTER,
};
use serde_json::Value;
use std::{error::Error as _, future::Future, time::Duration};
use tokio::time::timeout;

/// The most of Google's own words that is shown.
const SHOWN: usize = 300;
/// The longest that Google is believed to want to be left alone.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// How an answer went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The token isn't good any more; nothing was written.
    Unauthorised(String),
    /// Too many requests, or somebody else writes; nothing was written.
    Busy(String, Option<Duration>),
    /// It may have been written.
    Unclear(String),
    /// Nothing was written, and nothing will be until somebody does something.
    Refused(String),
    /// A tab that the request names isn't there; nothing was written.
    Gone,
    /// Nothing was sent; it may work again in a while.
    Unreachable(String),
    /// The token endpoint says no.
    NoToken(String),
}

/// Listens for what only the headers of a refusal say.
#[derive(Debug, Default)]
pub(super) struct RetryAfter(Option<Duration>);

impl Delegate for RetryAfter {
    fn http_failure(&mut self, response: &Response, _error: Option<&Value>) -> Retry {
        let seconds = response.headers().get(RETRY_AFTER);
        let seconds = seconds.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        self.0 = seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
        // Whether to try again is decided where it is known what that would do.
        Retry::Abort
    }
}

/// A call that is given up after that time: the library waits for ever.
pub(super) async fn in_time<T>(
    deadline: Duration,
    call: impl Future<Output = google_sheets4::Result<(Response, T)>>,
) -> Option<google_sheets4::Result<(Response, T)>> {
    timeout(deadline, call).await.ok()
}

/// The answer, or what it means that there is none.
pub(super) fn told<T>(
    answer: Option<google_sheets4::Result<(Response, T)>>,
    heard: &RetryAfter,
) -> Result<T, Trouble> {
    match answer {
        None => Err(Trouble::Unclear("Google didn’t answer in time.".to_owned())),
        Some(Ok((_, told))) => Ok(told),
        Some(Err(error)) => Err(Trouble::of(error, heard.0)),
    }
}

/// What Google said against what was asked.
pub(super) fn words<T>(answer: &Result<T, Trouble>) -> String {
    match answer {
        Err(Trouble::Refused(why)) => why.clone(),
        _ => "A tab that was to be written is gone.".to_owned(),
    }
}

impl Trouble {
    fn of(error: Error, wait: Option<Duration>) -> Self {
        match error {
            Error::BadRequest(body) => {
                let error = &body["error"];
                let code = error["code"].as_u64().unwrap_or(400);
                let status = error["status"].as_str().unwrap_or_default();
                let words = error["message"].as_str().unwrap_or(status);
                let is_off = body.to_string().contains("SERVICE_DISABLED");
                Self::of_status(code, words, wait, is_off)
            }
            Error::Failure(response) => {
                let status = response.status();
                Self::of_status(status.as_u16().into(), &status.to_string(), wait, false)
            }
            Error::HttpError(error) if error.is_connect() => {
                let mut cause = error.to_string();
                let mut source = error.source();
                while let Some(error) = source {
                    cause = format!("{cause}: {error}");
                    source = error.source();
                }
                Self::Unreachable(cause)
            }
            Error::MissingToken(error) => Self::NoToken(error.to_string()),
            // What was answered may hold anything of the sheet: it isn't shown.
            Error::JsonDecodeError(_, _) => {
                Self::Unclear("Google’s answer was cut off or can’t be read.".to_owned())
            }
            Error::HttpError(_) | Error::Io(_) => {
                Self::Unclear("The connection to Google broke before its answer.".to_owned())
            }
            Error::UploadSizeLimitExceeded(..)
            | Error::MissingAPIKey
            | Error::Cancelled
            | Error::FieldClash(_) => Self::Refused("The request can’t be made.".to_owned()),
        }
    }

    fn of_status(code: u64, words: &str, wait: Option<Duration>, is_off: bool) -> Self {
        let short: String = words.chars().take(SHOWN).collect();
        let said = format!("Google says: {code} {short}");
        let with = |remedy: &str| Self::Refused(format!("{said} {remedy}"));
        match code {
            401 => Self::Unauthorised(said),
            429 | 409 => Self::Busy(said, wait),
            500.. => Self::Unclear(said),
            // The tab was renamed after it was read: whether the rest was done isn't said.
            400 if short.contains("Unable to parse range") || short.contains("responseRanges") => {
                Self::Unclear(said)
            }
            400 if short.contains("No grid with id") => Self::Gone,
            400 if short.contains("protected") => with(
                "Somebody protected cells of the mirror’s. In the sheet, open Data › Protect sheets and ranges, and let \
                 the app’s account edit them, or remove that protection.",
            ),
            403 if is_off => with(
                "Enable the Google Sheets API for the service account’s project in Google’s console.",
            ),
            403 => with("{share}"),
            404 => with("{which}"),
            _ => with("Nothing was written."),
        }
    }

    /// There is no such tab.
    pub(super) fn no_tab(wanted: &str) -> Self {
        Self::Refused(format!(
            "The spreadsheet has no tab “{wanted}”. Set MIRROR_SHEET to the title of the tab that holds the backlog."
        ))
    }

    /// The same, where a write was sent before.
    pub(super) fn into_unclear(self) -> Self {
        match self {
            Self::Refused(why) => Self::Unclear(why),
            Self::Gone => Self::Unclear("Google’s answer doesn’t show the tab.".to_owned()),
            other => other,
        }
    }

    /// As a target tells it, with the account that the sheet must be shared with.
    pub(super) fn for_target(self, account: &str) -> TargetError {
        let share = format!("Share the spreadsheet with {account} as Editor.");
        let which = "Check MIRROR_SPREADSHEET_ID: it is the part between /d/ and /edit of the sheet’s address.";
        match self {
            Self::Unclear(why) => TargetError::Unclear(why),
            Self::Busy(why, wait) => TargetError::Failed {
                why: format!("{why} The mirror waits and tries again by itself."),
                wait,
            },
            Self::Refused(why) => {
                TargetError::failed(why.replace("{share}", &share).replace("{which}", which))
            }
            Self::Gone => TargetError::failed(
                "The tab that the mirror wrote to is gone from the spreadsheet. Bring it back there (File › Version \
                 history), or set MIRROR_SHEET to another tab’s title.",
            ),
            Self::Unreachable(cause) => TargetError::failed(format!(
                "Google can’t be reached: {cause}. Nothing was written; the mirror tries again by itself."
            )),
            Self::NoToken(cause) => TargetError::failed(format!(
                "Google gives the service account no token: {cause}. If its key was deleted, make a new one and set \
                 it anew; otherwise the mirror tries again by itself."
            )),
            Self::Unauthorised(why) => TargetError::failed(format!(
                "{why} A new token wasn’t accepted either. Check that the service account is enabled."
            )),
        }
    }

    /// To somebody who wants to read a tab, with what to do. Nothing is ever written then.
    pub(super) fn for_reader(self, account: &str) -> String {
        let share = format!("Share the spreadsheet with {account} as Viewer, then try again.");
        let which = "Check the spreadsheet’s address, and that nobody deleted it.";
        match self {
            Self::Unclear(why) => format!("{why} Try again in a moment."),
            Self::Busy(why, None) => format!("{why} Try again in a minute."),
            Self::Busy(why, Some(wait)) => {
                format!("{why} Try again in {} seconds.", wait.as_secs().max(1))
            }
            Self::Refused(why) => why.replace("{share}", &share).replace("{which}", which),
            Self::Gone => {
                "The tab is gone from the spreadsheet. Look at its tabs, then try again.".to_owned()
            }
            Self::Unreachable(cause) => {
                format!("Google can’t be reached: {cause}. Try again in a moment.")
            }
            Self::NoToken(cause) => format!(
                "Google gives the service account no token: {cause}. If its key was deleted, whoever runs the app makes \
                 a new one and sets it anew."
            ),
            Self::Unauthorised(why) => {
                format!("{why} Check that the service account {account} is enabled.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trouble(code: u64, message: &str) -> Trouble {
        let body = json!({ "error": { "code": code, "message": message } });
        Trouble::of(Error::BadRequest(body), Some(Duration::from_secs(7)))
    }

    #[test]
    fn what_may_have_been_written_is_told_from_what_was_not() {
        for unclear in [
            trouble(500, "Internal"),
            trouble(503, "x"),
            trouble(400, "Unable to parse range: 'Old'"),
        ] {
            assert!(matches!(unclear, Trouble::Unclear(_)), "{unclear:?}");
        }
        assert!(matches!(trouble(401, "x"), Trouble::Unauthorised(_)));
        let busy = trouble(429, "Quota exceeded").for_target("a@b");
        let wait = Some(Duration::from_secs(7));
        assert!(matches!(busy, TargetError::Failed { wait: w, .. } if w == wait));
        assert!(matches!(trouble(400, "x"), Trouble::Refused(_)));
    }

    #[test]
    fn each_refusal_names_its_remedy() {
        let said = |code, message| trouble(code, message).for_target("a@b").to_string();
        assert!(said(403, "The caller does not have permission").contains("with a@b as Editor"));
        assert!(said(404, "Requested entity was not found.").contains("MIRROR_SPREADSHEET_ID"));
        assert!(said(400, "You are trying to edit a protected cell").contains("Data › Protect"));
        assert!(
            said(400, "Invalid requests[0].updateCells: No grid with id: 7")
                .contains("MIRROR_SHEET")
        );
        let reader = |code, message| trouble(code, message).for_reader("a@b");
        assert!(reader(403, "The caller does not have permission").contains("with a@b as Viewer"));
        assert!(reader(404, "Requested entity was not found.").contains("spreadsheet’s address"));
        assert!(reader(429, "Quota exceeded").ends_with("Try again in 7 seconds."));
        for code in [401, 403, 404, 429, 500] {
            let said = reader(code, "x");
            assert!(
                !said.contains("mirror") && !said.contains("MIRROR"),
                "{said}"
            );
        }
        let off = json!({ "error": { "code": 403, "message": "x", "details": [{ "reason": "SERVICE_DISABLED" }] } });
        let off = Trouble::of(Error::BadRequest(off), None).for_target("a@b");
        assert!(off.to_string().contains("Enable the Google Sheets API"));
    }
}
