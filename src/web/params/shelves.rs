//! Params by whose they are or by where they stand, ready to print.
//!
//! Knows what the store found. Must not know requests, forms or the database.

use super::{
    cells::Eyes,
    rows::{eyes, row},
};
use crate::{
    store::{
        params_by::Shelf,
        params_grid::{GridGroup, Sort},
    },
    web::{
        four_eyes::OwnHands,
        view::{Link, params as view},
        visit::Visit,
    },
};

/// The groups of a page. Their counts are of what the page shows, and say so where that isn't all.
pub(super) fn shelves(found: Vec<Shelf>, visit: &Visit, hands: OwnHands) -> Vec<view::Shelf> {
    let eyes = eyes(visit, hands);
    let shelves = found.into_iter().map(|shelf| {
        let params = || shelf.groups.iter().flat_map(|group| &group.params);
        let used = || params().filter(|param| param.is_used);
        let approved = used()
            .filter(|param| param.value_approval.is_some())
            .count();
        let (total, all) = (used().count(), params().count());
        let text = counted(approved, total, all);
        let parts = shelf.groups.into_iter().map(|group| part(group, &eyes));
        view::Shelf {
            heading: heading(&shelf.key).to_owned(),
            approved,
            total,
            text: if shelf.is_whole {
                text
            } else {
                format!("{text}, of those on this page")
            },
            parts: parts.collect(),
            key: shelf.key,
        }
    });
    shelves.collect()
}

/// The list in another order than that of initiatives: one group, in which each row's initiative is named where it changes.
pub(super) fn sorted(
    sort: Sort,
    groups: Vec<GridGroup>,
    visit: &Visit,
    hands: OwnHands,
) -> view::Shelf {
    let eyes = eyes(visit, hands);
    let shown: usize = groups.iter().map(|group| group.params.len()).sum();
    view::Shelf {
        key: "sorted".to_owned(),
        heading: match sort {
            Sort::Name => "By name",
            Sort::Changed => "Last changed first",
            Sort::Review => "Next review first",
            Sort::Value => "Largest value first",
        }
        .to_owned(),
        approved: 0,
        total: 0,
        text: if shown == 1 {
            "1 param on this page".to_owned()
        } else {
            format!("{shown} params on this page")
        },
        parts: groups.into_iter().map(|group| part(group, &eyes)).collect(),
    }
}

fn part(group: GridGroup, eyes: &Eyes) -> view::Part {
    view::Part {
        initiative: Link {
            label: format!("{} {}", group.initiative_key, group.initiative_title),
            href: format!("/initiatives/{}", group.initiative_key),
        },
        framework: group.framework_name,
        params: group
            .params
            .into_iter()
            .map(|param| row(param, eyes))
            .collect(),
    }
}

fn counted(approved: usize, used: usize, all: usize) -> String {
    match (used, all) {
        (0, 1) => "1 param, not used".to_owned(),
        (0, all) => format!("{all} params, none of them used"),
        (used, _) => format!("{approved} of {used} approved"),
    }
}

fn heading(key: &str) -> &str {
    match key {
        "none" => "Nobody’s yet",
        "LLM" => "Guessed by the LLM, nobody’s yet",
        "missing" => "Missing",
        "needs_approval" => "Needs approval",
        "approved" | "approved_in_use" => "Approved",
        "not_used" => "Not used",
        "needs_owner" => "Needs an owner",
        "review_due" => "Review due",
        source => source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_says_how_many_of_those_that_count_are_approved() {
        assert_eq!(counted(5, 7, 9), "5 of 7 approved");
        assert_eq!(counted(0, 0, 1), "1 param, not used");
        assert_eq!(counted(0, 0, 3), "3 params, none of them used");
        assert_eq!(heading("Finance"), "Finance");
    }
}
