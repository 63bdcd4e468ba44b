//! What every answer of an LLM goes through before it is believed: it must be JSON of the shape that was asked for, and
//! every text and list has a limit. The endpoint's own promise to keep to a schema counts for nothing.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why an answer can't be used, in words that both a person and the LLM can act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No JSON object in it.
    #[error("The answer holds no JSON object. Answer with one JSON object and nothing else.")]
    NotJson,
    /// JSON of another shape.
    #[error("The answer doesn’t have the shape that was asked for: {0}.")]
    Shape(String),
    /// A text that must be there is empty.
    #[error("The answer leaves “{0}” empty.")]
    Empty(&'static str),
    /// The formula doesn't parse.
    #[error("The formula can’t be read. {0}")]
    Formula(String),
}

/// The object in an answer, whatever stands around it: fences, a sentence before it.
///
/// # Errors
/// There is none, or it doesn't have the shape.
pub(super) fn object<T: DeserializeOwned>(answer: &str) -> Result<T, Fault> {
    let start = answer.find('{').ok_or(Fault::NotJson)?;
    let mut values = serde_json::Deserializer::from_str(&answer[start..]).into_iter::<Value>();
    let value = values.next().ok_or(Fault::NotJson)?;
    let value = value.map_err(|_broken| Fault::NotJson)?;
    serde_json::from_value(value).map_err(|error| Fault::Shape(first_line(&error.to_string())))
}

/// The first line of what a parser says, in short: the rest repeats the answer.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.chars().take(200).collect()
}

/// A text as it is kept: without control characters, blank ends and what is beyond the limit, in characters.
pub(super) fn text(raw: &str, limit: usize) -> String {
    let readable = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let clean: String = raw.replace("\r\n", "\n").chars().filter(readable).collect();
    let clean = clean.trim();
    if clean.chars().count() <= limit {
        return clean.to_owned();
    }
    let cut: String = clean.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// The same, on one line.
pub(super) fn line(raw: &str, limit: usize) -> String {
    let words: Vec<_> = raw.split_whitespace().collect();
    text(&words.join(" "), limit)
}

/// The first texts of a list that aren't empty, without the marks of a list before them.
pub(super) fn list(raw: Vec<String>, (most, limit): (usize, usize)) -> Vec<String> {
    raw.into_iter()
        .map(|one| {
            let bare = one.trim_start().trim_start_matches(['-', '*', '•']);
            line(bare, limit)
        })
        .filter(|one| !one.is_empty())
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_is_found_between_fences_and_words() {
        for answer in [
            r#"{"a": 1}"#,
            "```json\n{\"a\": 1}\n```",
            "Sure! Here it is:\n{\"a\": 1}\nI hope {this} helps.",
        ] {
            let found: Value = object(answer).unwrap();
            assert_eq!(found["a"], 1, "{answer}");
        }
    }

    #[test]
    fn what_holds_no_object_or_another_one_says_so() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Wanted {
            n: i32,
        }
        for answer in ["", "no", "I can’t help with that.", r#"{"a": 1"#, "[1, 2"] {
            assert_eq!(object::<Value>(answer), Err(Fault::NotJson), "{answer}");
        }
        let fault = object::<Wanted>(r#"{"n": "many"}"#).unwrap_err();
        assert!(fault.to_string().contains("expected i32"), "{fault}");
        assert!(matches!(object::<Wanted>("{}"), Err(Fault::Shape(_))));
    }

    #[test]
    fn texts_and_lists_are_cut_and_cleaned() {
        assert_eq!(text(" a\u{7}b\r\nc ", 10), "ab\nc");
        assert_eq!(text("abcdef", 4), "abc…");
        assert_eq!(line("two\n lines", 20), "two lines");
        let many = vec![
            "- one".to_owned(),
            "  ".into(),
            "• two".into(),
            "three".into(),
        ];
        assert_eq!(list(many, (2, 10)), ["one", "two"]);
    }
}
