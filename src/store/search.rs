//! What is typed into a search box, as SQL's `like` takes it.

/// A pattern that finds the words anywhere in a text in lower case; `%`, `_` and `\` stand for themselves. Nothing
/// typed gives `%%`, which finds everything.
pub(super) fn pattern(search: &str) -> String {
    let escaped = search
        .trim()
        .to_lowercase()
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn what_is_typed_stands_for_itself() {
        for (typed, expected) in [
            ("", "%%"),
            ("  Checkout ", "%checkout%"),
            (r"50%_\", r"%50\%\_\\%"),
        ] {
            assert_eq!(pattern(typed), expected);
        }
    }
}
