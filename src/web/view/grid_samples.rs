//! Samples of what the grid offers beside its rows: other groups, the choice of columns, a param to be carried over.

use super::{
    Hidden, Link, Seen, SelectOption,
    model::Rename,
    params::{Columns, Grid, Index, Part, Shelf},
};

fn s(text: &str) -> String {
    text.to_owned()
}

impl Rename {
    pub(crate) fn sample() -> Self {
        Self {
            from: 5,
            from_name: s("uplift_cnv"),
            from_revision: 3,
            to: 6,
            to_name: s("uplift_conv"),
            seen: Seen {
                revision: 1,
                form_key: s("0193a1b2-0000-7000-8000-000000000002"),
            },
        }
    }
}

impl Columns {
    pub(crate) fn sample() -> Self {
        let column = |value: &str, label: &str, is_selected| SelectOption {
            value: s(value),
            label: s(label),
            is_selected,
        };
        Self {
            kept: vec![Hidden {
                name: s("q"),
                value: s("\"margin\" & <cost>"),
            }],
            all: vec![
                column("unit", "Unit", true),
                column("range", "Range", false),
            ],
        }
    }
}

impl Index {
    pub(crate) fn sample_by_owner() -> Self {
        let part = |initiative: &str| Part {
            initiative: Link {
                label: s(initiative),
                href: s("/initiatives/INIT-123"),
            },
            framework: s("Math model"),
            params: vec![],
        };
        let shelf = |key: &str, heading: &str, parts| Shelf {
            key: s(key),
            heading: s(heading),
            approved: 5,
            total: 7,
            text: s("5 of 7 approved, of those on this page"),
            parts,
        };
        let mut first = part("INIT-123 Checkout <conversion>");
        first.params = Grid::sample().params;
        Self {
            grids: vec![],
            shelves: vec![
                shelf("none", "Nobody’s yet", vec![first]),
                shelf("Finance", "Finance", vec![part("INIT-124 Baskets")]),
            ],
            ..Self::sample()
        }
    }
}
