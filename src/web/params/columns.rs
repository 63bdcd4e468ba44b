//! Which columns of the grid are shown. They stand in the address; the stylesheet hides the others.

use crate::web::view::{Hidden, SelectOption, params as view};

/// The columns that can be left out, by their name in the address and as people read them.
const COLUMNS: [(&str, &str); 6] = [
    ("unit", "Unit"),
    ("range", "Range"),
    ("source", "Source"),
    ("state", "State"),
    ("evidence", "Evidence"),
    ("changed", "Changed"),
];

/// What the list is in: one class for each column that isn't shown. `asked` is as it stands in the address: names with
/// commas; empty: all.
pub(super) fn classes(asked: &str) -> Vec<String> {
    let hidden = COLUMNS
        .into_iter()
        .filter(|(name, _)| !is_shown(asked, name));
    hidden.map(|(name, _)| format!("no-{name}")).collect()
}

fn is_shown(asked: &str, name: &str) -> bool {
    asked.is_empty() || asked.split(',').any(|one| one == name)
}

/// The choice, which keeps the rest of the address.
pub(super) fn choice(asked: &str, kept: Vec<Hidden>) -> view::Columns {
    let all = COLUMNS.into_iter().map(|(name, label)| SelectOption {
        value: name.to_owned(),
        label: label.to_owned(),
        is_selected: is_shown(asked, name),
    });
    view::Columns {
        kept,
        all: all.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_isn_t_asked_for_is_hidden_and_nothing_asked_hides_nothing() {
        for (asked, hidden) in [
            ("", ""),
            ("value,unit,range,source,state,evidence,changed", ""),
            (
                "value,unit,state",
                "no-range no-source no-evidence no-changed",
            ),
            (
                "value",
                "no-unit no-range no-source no-state no-evidence no-changed",
            ),
            (
                "<script>",
                "no-unit no-range no-source no-state no-evidence no-changed",
            ),
        ] {
            assert_eq!(classes(asked).join(" "), hidden, "{asked}");
        }
        let choice = choice("value,unit", Vec::new());
        let on: Vec<_> = choice.all.iter().filter(|one| one.is_selected).collect();
        assert_eq!((on.len(), on[0].label.as_str()), (1, "Unit"));
    }
}
