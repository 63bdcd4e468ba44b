//! What changed from one text to the next, line by line, for people to read.

use super::view::model::{DiffLine, LineChange};
use similar::{ChangeTag, TextDiff};
use std::{borrow::Cow, time::Duration};

/// How long the shortest difference is looked for; after that, any.
const PATIENCE: Duration = Duration::from_millis(50);

/// The lines of both texts, in order, each kept, removed or added. Equal texts: none.
#[must_use]
pub fn lines(old: &str, new: &str) -> Vec<DiffLine> {
    // A last line without its end is the same line.
    let [old, new] = [old, new].map(ended);
    if old == new {
        return Vec::new();
    }
    let diff = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(&*old, &*new);
    let line = |change: similar::Change<&str>| DiffLine {
        change: match change.tag() {
            ChangeTag::Equal => LineChange::Kept,
            ChangeTag::Delete => LineChange::Removed,
            ChangeTag::Insert => LineChange::Added,
        },
        text: change.value().trim_end_matches('\n').to_owned(),
    };
    diff.iter_all_changes().map(line).collect()
}

fn ended(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.ends_with('\n') {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text}\n"))
    }
}

/// The same against the version before; none before: nothing to tell.
#[must_use]
pub fn against(older: Option<&str>, newer: &str) -> Vec<DiffLine> {
    older.map(|older| lines(older, newer)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        lines(old, new)
            .iter()
            .map(|line| format!("{}{}", line.change.sign(), line.text))
            .collect()
    }

    #[test]
    fn each_line_is_kept_removed_or_added_and_nothing_else_is_said() {
        let cases: [(&str, &str, &[&str]); 7] = [
            ("value = a", "value = a\n", &[]),
            ("value = a", "value = a\nb = 1", &[" value = a", "+b = 1"]),
            ("a = 1\nvalue = a", "a = 1\nvalue = a", &[]),
            (
                "a = 1\nvalue = a",
                "a = 2\nvalue = a",
                &["−a = 1", "+a = 2", " value = a"],
            ),
            ("value = a", "b = 1\nvalue = a", &["+b = 1", " value = a"]),
            ("b = 1\nvalue = a", "value = a", &["−b = 1", " value = a"]),
            ("", "value = a", &["+value = a"]),
        ];
        for (old, new, expected) in cases {
            assert_eq!(told(old, new), expected, "{old:?} to {new:?}");
        }
    }

    #[test]
    fn texts_of_the_largest_size_that_have_nothing_in_common_are_told_at_once() {
        let old = "a\nb\n".repeat(4_000);
        let new = "c\nd\n".repeat(4_000);
        assert_eq!(lines(&old, &new).len(), 16_000);
    }
}
