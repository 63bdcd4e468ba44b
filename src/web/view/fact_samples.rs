//! Samples of the pages about shared facts, full of awkward texts.

use super::{
    Filter, FilterOption, Hidden, Link, Pager, Search, Seen, SelectOption, When,
    badge::{Badge, State},
    fact::{
        Approve, Approved, Change, Choice, Effect, Follow, FollowTogether, Form, Index, Move,
        NumberFields, Numbers, Past, Prospect, Row, Show, Use, WordFields, WouldFollow,
    },
    history::Entry,
    layout::{Nav, Page, Viewer},
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

fn at() -> When {
    When {
        iso: s("2026-11-12T14:02:00Z"),
        text: s("12 Nov, 14:02"),
    }
}

fn frame(title: &str) -> Page {
    Page {
        title: s(title),
        nav: Nav::Params,
        viewer: Some(Viewer {
            id: 4,
            name: s("Fiona Grant"),
            roles: s("Finance"),
            initials: s("FG"),
            decimal_separator: "comma",
            waiting: s("2"),
            mirror: None,
        }),
        path: s("/facts"),
        ..Page::default()
    }
}

fn seen() -> Seen {
    Seen {
        revision: 4,
        form_key: s("0193a1b2-0000-7000-8000-000000000001"),
    }
}

fn numbers(value: &str) -> Numbers {
    Numbers {
        value: s(value),
        more: s("0.3"),
        range: s("£1 to £90"),
        source: s("Finance"),
        by: s("Bo <Li>"),
        at: at(),
        reason: s("Restated & <b>audited</b>"),
    }
}

fn pager() -> Pager {
    Pager {
        summary: s("2 facts"),
        first_href: None,
        next_href: Some(s("/facts?after=b&after_id=3")),
    }
}

impl Index {
    pub(crate) fn sample() -> Self {
        let row = Row {
            id: 3,
            href: s("/facts/3"),
            name: s("Average <b>order</b> value"),
            badge: Badge::saying(State::NeedsApproval, "Change needs approval"),
            value: s("£45.50"),
            more: String::new(),
            source: s("Finance"),
            uses: s("500 initiatives"),
            review: Some(Badge::saying(State::ReviewDue, "Review was due 3 Nov 2026")),
        };
        let bare = Row {
            id: 4,
            value: String::new(),
            review: None,
            ..row.clone()
        };
        Self {
            page: frame("Shared facts"),
            search: Search {
                action: s("/facts"),
                query: s("a \"b\" <c>"),
                kept: vec![Hidden {
                    name: s("source"),
                    value: s("Finance"),
                }],
            },
            filters: vec![Filter {
                label: s("Owner"),
                options: vec![FilterOption {
                    label: s("Finance"),
                    href: s("/facts?source=Finance"),
                    is_on: true,
                }],
            }],
            why_not: String::new(),
            rows: vec![row, bare],
            empty: None,
            pager: pager(),
            downloads: vec![link("CSV", "/facts.csv"), link("XLSX", "/facts.xlsx")],
        }
    }
}

impl Show {
    pub(crate) fn sample() -> Self {
        let uses = Use {
            param: link("Basket <i>", "/params/42"),
            initiative: link("INIT-123", "/initiatives/INIT-123"),
            title: s("<b>Checkout</b>"),
            framework: s("Math model"),
            is_used: false,
        };
        Self {
            page: frame("Average order value"),
            href: s("/facts/3"),
            name: s("Average <b>order</b> value"),
            badge: Badge::of(State::Approved),
            review: Some(Badge::saying(State::ReviewDue, "Review due 3 Dec 2026")),
            error: s("Say why, so that <Bo> knows."),
            description: s("Net of VAT,\n<script>never run</script>"),
            numbers: Some(numbers("£45.50")),
            approved: Some(Approved {
                by: s("Fay"),
                at: at(),
            }),
            evidence: link(
                "https://sheet.example/a?b=<c>",
                "https://sheet.example/a?b=%3Cc%3E",
            ),
            evidence_note: s("as of 12 Nov 2026"),
            proposal: Some(numbers("£46.20")),
            why_not_approve: s("You changed its value on 12 Nov 2026."),
            can_withdraw: true,
            can_refuse: true,
            why_not: String::new(),
            is_archived: false,
            can_archive: true,
            uses: vec![
                uses.clone(),
                Use {
                    is_used: true,
                    ..uses
                },
            ],
            used_by: s("500 initiatives use it"),
            could_follow_href: s("/params?fact=3"),
            more_uses_href: s("/facts/3?uses_after=42#fact-uses"),
            entries: vec![Past {
                entry: Entry {
                    who: s("Bo <Li>"),
                    at: at(),
                    sentence: s("approved Average order value at £46.20"),
                    through: s("form"),
                    ..Entry::default()
                },
                again: Some(link(
                    "Propose £46.20 again",
                    "/facts/3/proposal?value=46.20&unit=%C2%A3",
                )),
            }],
            pager: pager(),
            seen: seen(),
        }
    }

    pub(crate) fn sample_bare() -> Self {
        Self {
            why_not: s("Only Analytics, Finance, Eng, a PM or an admin can edit params."),
            error: String::new(),
            numbers: None,
            approved: None,
            proposal: None,
            evidence: Link::default(),
            uses: Vec::new(),
            is_archived: true,
            ..Self::sample()
        }
    }
}

impl Form {
    pub(crate) fn sample() -> Self {
        Self {
            page: frame("Add a shared fact"),
            back: link("Shared facts", "/facts"),
            heading: s("Add a shared fact"),
            intro: s("It counts once its owner has approved it."),
            action: s("/facts"),
            words: Some(WordFields {
                name: s("\"Basket\" <b>"),
                description: s("</textarea><script>"),
                evidence_link: s("https://a.example/?b=\"c\""),
                evidence_as_of: s("2026-11-12"),
                review_by: String::new(),
            }),
            numbers: Some(NumberFields {
                value: s("soon"),
                unit: s("£"),
                min: s("1"),
                max: String::new(),
                sources: vec![SelectOption {
                    value: s("Finance"),
                    label: s("Finance"),
                    is_selected: true,
                }],
                reason: s("<why>"),
                decimal_separator: "comma",
            }),
            error: s("“soon” is not a number that can be used."),
            error_field: s("value"),
            conflict: s("Bo <Li> proposed £46 while you were looking at it."),
            button: s("Add and propose"),
            seen: seen(),
        }
    }
}

fn effect() -> Effect {
    let moved = Move {
        initiative: link("INIT-123", "/initiatives/INIT-123"),
        title: s("<b>Checkout</b>"),
        framework: s("Math model, active"),
        moves: true,
        value: s("£59,800"),
        value_then: s("£61,200"),
        overall: String::new(),
        overall_then: s("4,300"),
        rank: s("7"),
        rank_then: s("5"),
        why: String::new(),
    };
    let waits = Move {
        why: s("Margin <i> waits for approval"),
        moves: false,
        ..moved.clone()
    };
    Effect {
        moves: vec![moved.clone(), waits],
        shifted: vec![moved],
        rest: s("And 12 more."),
    }
}

impl Approve {
    pub(crate) fn sample() -> Self {
        Self {
            page: frame("What approving would do"),
            fact: link("Average <b>order</b> value", "/facts/3"),
            numbers: Some(numbers("£45.50")),
            proposal: numbers("£46.20"),
            summary: vec![s("2 lines get another score or rank; 0 stay as they are.")],
            effect: effect(),
            why_not: String::new(),
            error: s("An import is going on."),
            conflict: s("Bo <Li> proposed £46 while you were looking at it."),
            action: s("/facts/3/approval"),
            seen: seen(),
        }
    }
}

impl Follow {
    pub(crate) fn sample() -> Self {
        Self {
            page: frame("Follow a shared fact"),
            param: link("Basket <i>", "/params/42"),
            label: s("Basket <i>"),
            follows: link("Old <b>fact</b>", "/facts/2"),
            action: s("/params/42/fact"),
            query: s("a \"b\""),
            choices: vec![Choice {
                id: 3,
                name: s("Average <b>order</b> value"),
                about: s("£45.50 · Finance · approved by Fay"),
                is_chosen: true,
            }],
            note: s("These are the first 20."),
            changes: vec![Change {
                field: "Value",
                now: String::new(),
                then: s("£45.50"),
            }],
            summary: vec![s("1 of 1 that is scored gets another score or rank.")],
            effect: effect(),
            chosen: Some(Hidden {
                name: s("fact"),
                value: s("3"),
            }),
            button: s("Follow Average <b>order</b> value"),
            error: s("Nothing of it is approved yet."),
            seen: seen(),
        }
    }
}

impl FollowTogether {
    pub(crate) fn sample() -> Self {
        let one = Follow::sample();
        let follows = WouldFollow {
            param: link("Basket <i>", "/params/42"),
            of: s("INIT-123, <b>Ice cream</b>"),
            changes: one.changes,
            why: String::new(),
        };
        let refused = WouldFollow {
            changes: Vec::new(),
            why: s("Only Finance, <a PM> or an admin can say that it isn’t Finance’s."),
            ..follows.clone()
        };
        let rows = vec![Hidden {
            name: s("row"),
            value: s("42:7"),
        }];
        Self {
            page: frame("Let params follow a shared fact"),
            back: link("Params", "/params?fact=3&q=%3Cb%3E"),
            intro: s("2 params are chosen."),
            hidden: rows.clone(),
            query: one.query,
            choices: one.choices,
            note: one.note,
            error: s("Average <b>order</b> value is put away."),
            prospect: Some(Prospect {
                fact: link("Average <b>order</b> value", "/facts/3"),
                summary: vec![s("1 param would follow."), s("1 is left out.")],
                rows: vec![follows, refused],
                effect: effect(),
                hidden: rows,
                button: s("Let 1 param follow"),
            }),
        }
    }
}
