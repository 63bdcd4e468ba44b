//! Samples of the queue, full of awkward texts.

use super::{
    Empty, Filter, FilterOption, Link, Pager, When,
    badge::{Badge, State},
    comments::Mention,
    layout::{Nav, Page, Viewer},
    queue::{Failed, Group, Index, Item, Proposed},
};

fn s(text: &str) -> String {
    text.to_owned()
}

fn link(label: &str, href: &str) -> Link {
    Link {
        label: s(label),
        href: s(href),
    }
}

impl Index {
    pub(crate) fn sample() -> Self {
        let chip = |label: &str, is_on| FilterOption {
            label: s(label),
            href: s("/queue?of=finance"),
            is_on,
        };
        Self {
            page: Page {
                title: s("My queue"),
                nav: Nav::Queue,
                viewer: Some(Viewer {
                    id: 4,
                    name: s("Fiona Grant"),
                    roles: s("Finance"),
                    initials: s("FG"),
                    decimal_separator: "comma",
                    waiting: s("99+"),
                    mirror: None,
                }),
                path: s("/queue"),
                ..Page::default()
            },
            heading: s("My queue"),
            filters: vec![Filter {
                label: s("Whose"),
                options: vec![chip("Mine", true), chip("Finance", false)],
            }],
            downloads: vec![link("CSV", "/queue.csv")],
            proposed: vec![Proposed {
                link: link("Approve <b>Basket</b>: £46.20", "/facts/3/approval"),
                about: s("Finance · proposed by Bo <Li>"),
                age: s("for 2 days"),
                since: When {
                    iso: s("2026-11-12T14:02:00Z"),
                    text: s("12 Nov, 14:02"),
                },
            }],
            mentions: vec![Mention {
                link: link("Bo <Li> in INIT-123 on Margin", "/params/42#comment-3"),
                text: s("@Fiona, is <b>30 %</b> right?"),
                at: When {
                    iso: s("2026-11-12T14:02:00Z"),
                    text: s("12 Nov, 14:02"),
                },
                settle_action: s("/mentions/3/settlement"),
            }],
            failed: vec![Failed {
                model: link("INIT-7", "/initiatives/INIT-7#suggestion-7"),
                title: s("<b>Fewer</b> tickets"),
                why: s("The LLM said: \"<no>\". Nothing was changed."),
                age: s("for 3 days"),
                since: When {
                    iso: s("2026-11-12T14:02:00Z"),
                    text: s("12 Nov, 14:02"),
                },
            }],
            groups: vec![Group {
                initiative: link("INIT-123", "/initiatives/INIT-123"),
                title: s("<b>Checkout</b> & \"conversion\""),
                framework: s("RICE, for comparison"),
                items: vec![
                    Item {
                        badge: Badge::of(State::NeedsApproval),
                        link: link("Look at Margin and approve it", "/params/42"),
                        owed_by: s("Finance"),
                        why: s("approved before, until Bo <Li>: value changed"),
                        age: s("for 3 days"),
                        since: Some(When {
                            iso: s("2026-11-12T14:02:00Z"),
                            text: s("12 Nov, 14:02"),
                        }),
                    },
                    Item {
                        badge: Badge::saying(State::Missing, "No value"),
                        link: link("Fill in AOV", "/initiatives/INIT-123#param-7"),
                        owed_by: s("Finance"),
                        why: String::new(),
                        age: String::new(),
                        since: None,
                    },
                ],
            }],
            pager: Pager {
                summary: s("2 things on this page"),
                first_href: Some(s("/queue")),
                next_href: Some(s("/queue?after=3-1")),
            },
            empty: None,
        }
    }

    pub(crate) fn sample_empty() -> Self {
        Self {
            mentions: vec![],
            failed: vec![],
            groups: vec![],
            pager: Pager::default(),
            empty: Some(Empty {
                title: s("Nothing waits here"),
                text: s("Formulas to write and approve appear here."),
                links: vec![link("Open the backlog", "/backlog")],
                offers_sample_data: false,
            }),
            ..Self::sample()
        }
    }
}
