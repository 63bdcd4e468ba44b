//! The protocol: what is sent as JSON, and what of a response is read. Everything that isn't needed may be absent or odd.

use super::failure::{Failure, FailureKind};
use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use std::time::Duration;

/// The longest wait that is believed.
const LONGEST_WAIT: u64 = 3_600;

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<Content>,
    #[serde(default)]
    refusal: Option<String>,
}

/// A text, or a list of parts that have texts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
}

/// What an answer says, and its tokens.
pub(super) fn read(body: &str) -> Result<(String, Option<(i64, i64)>), Failure> {
    let failed = |kind, tokens| Failure {
        kind,
        raw: Some(body.to_owned()),
        tokens,
    };
    let read: Completion =
        serde_json::from_str(body).map_err(|_odd| failed(FailureKind::Garbled, None))?;
    let tokens = read.usage.map(|usage| {
        (
            i64::from(usage.prompt_tokens),
            i64::from(usage.completion_tokens),
        )
    });
    let choice = read.choices.into_iter().next();
    let choice = choice.ok_or_else(|| failed(FailureKind::Empty, tokens))?;
    match choice.finish_reason.as_deref() {
        Some("length") => return Err(failed(FailureKind::CutOff, tokens)),
        Some("content_filter") => return Err(failed(FailureKind::Declined, tokens)),
        _ => {}
    }
    if choice
        .message
        .refusal
        .is_some_and(|refusal| !refusal.is_empty())
    {
        return Err(failed(FailureKind::Declined, tokens));
    }
    let text = match choice.message.content {
        Some(Content::Text(text)) => text,
        Some(Content::Parts(parts)) => parts.into_iter().map(|part| part.text).collect(),
        None => String::new(),
    };
    if text.trim().is_empty() {
        return Err(failed(FailureKind::Empty, tokens));
    }
    Ok((text, tokens))
}

/// How long the endpoint asks to wait, in seconds or until a date (RFC 9110, 10.2.3), which is read by the clock that it
/// tells itself.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.trim());
    let date = |name| DateTime::parse_from_rfc2822(text(name)?).ok();
    let seconds = match text(RETRY_AFTER)?.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_a_date) => (date(RETRY_AFTER)? - date(DATE)?)
            .num_seconds()
            .try_into()
            .ok()?,
    };
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

/// What a status other than success means.
pub(super) fn refusal(status: u16, headers: &HeaderMap, body: &str) -> Failure {
    let said = body.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let after = retry_after(headers);
    let kind = match status {
        400 | 422
            if says(&[
                "exceed_context_size",
                "context_length",
                "context size",
                "maximum context",
            ]) =>
        {
            FailureKind::TooLong
        }
        400 | 422 if says(&["response_format", "json_schema"]) => FailureKind::FormatRefused,
        401 | 403 => FailureKind::KeyRefused,
        402 => FailureKind::NoCredit,
        404 => FailureKind::NotFound,
        413 => FailureKind::TooLong,
        429 if says(&["insufficient_quota"]) => FailureKind::NoCredit,
        429 => FailureKind::Busy(after),
        408 | 500..=599 => FailureKind::Down(status, after),
        _ => FailureKind::Refused(status),
    };
    Failure {
        kind,
        raw: Some(body.to_owned()),
        tokens: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(body: &str) -> FailureKind {
        read(body).unwrap_err().kind
    }

    #[test]
    fn the_first_choice_is_the_answer() {
        let body = json!({
            "choices": [
                {"message": {"content": "one"}, "finish_reason": "stop"},
                {"message": {"content": "two"}},
            ],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3},
        });
        assert_eq!(
            read(&body.to_string()).unwrap(),
            ("one".to_owned(), Some((7, 3)))
        );
        let parts = json!({"choices": [{"message": {"content": [{"type": "text", "text": "o"}, {"text": "ne"}]}}]});
        assert_eq!(read(&parts.to_string()).unwrap(), ("one".to_owned(), None));
    }

    #[test]
    fn each_way_in_which_an_answer_is_none_has_a_name() {
        let choice = |message, reason| {
            json!({"choices": [{"message": message, "finish_reason": reason}]}).to_string()
        };
        for (body, expected) in [
            ("<html>502</html>".to_owned(), FailureKind::Garbled),
            ("{}".to_owned(), FailureKind::Garbled),
            (json!({"choices": []}).to_string(), FailureKind::Empty),
            (choice(json!({"content": null}), "stop"), FailureKind::Empty),
            (choice(json!({"content": " "}), "stop"), FailureKind::Empty),
            (
                choice(json!({"content": "{\"a\": "}), "length"),
                FailureKind::CutOff,
            ),
            (
                choice(json!({"content": null, "refusal": "No."}), "stop"),
                FailureKind::Declined,
            ),
            (
                choice(json!({"content": ""}), "content_filter"),
                FailureKind::Declined,
            ),
        ] {
            assert_eq!(kind(&body), expected, "{body}");
        }
    }

    #[test]
    fn the_wait_is_told_in_seconds_or_until_a_date_by_the_endpoints_own_clock() {
        let after = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            headers.insert(DATE, "Sat, 28 Nov 2026 07:49:30 GMT".parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            after("Sat, 28 Nov 2026 07:49:50 GMT"),
            Some(Duration::from_secs(20))
        );
        for odd in ["Sat, 28 Nov 2026 07:00:00 GMT", "soon", "-1", ""] {
            assert_eq!(after(odd), None, "{odd}");
        }
        assert_eq!(after("999999999"), Some(Duration::from_secs(LONGEST_WAIT)));
    }

    #[test]
    fn each_status_has_a_meaning() {
        let none = HeaderMap::new();
        let mut wait = HeaderMap::new();
        wait.insert(RETRY_AFTER, "7".parse().unwrap());
        let seven = Some(Duration::from_secs(7));
        for (status, headers, body, expected) in [
            (
                401,
                &none,
                r#"{"error": "bad key"}"#,
                FailureKind::KeyRefused,
            ),
            (404, &none, "", FailureKind::NotFound),
            (429, &none, "", FailureKind::Busy(None)),
            (429, &wait, "", FailureKind::Busy(seven)),
            (429, &none, "insufficient_quota", FailureKind::NoCredit),
            (500, &none, "", FailureKind::Down(500, None)),
            (503, &wait, "", FailureKind::Down(503, seven)),
            (
                400,
                &none,
                r#"{"type": "exceed_context_size_error"}"#,
                FailureKind::TooLong,
            ),
            (
                400,
                &none,
                "'response_format' of type json_schema",
                FailureKind::FormatRefused,
            ),
            (400, &none, "no", FailureKind::Refused(400)),
            (302, &none, "", FailureKind::Refused(302)),
        ] {
            assert_eq!(
                refusal(status, headers, body).kind,
                expected,
                "{status} {body}"
            );
        }
    }
}
