//! Rows of filter chips: each answer a link to the page that has it in force.

use super::view::{Filter, FilterOption};

/// A question with its answers, label and key; `present` is the key in force, `href` leads to the page with another.
#[must_use]
pub fn row(
    label: &str,
    options: &[(&str, &str)],
    present: &str,
    href: impl Fn(&str) -> String,
) -> Filter {
    let option = |(label, key): &(&str, &str)| FilterOption {
        label: (*label).to_owned(),
        href: href(key),
        is_on: present == *key,
    };
    Filter {
        label: label.to_owned(),
        options: options.iter().map(option).collect(),
    }
}
