//! Samples of the pages about people, full of awkward texts.

use super::{
    FilterOption, Hidden, Link, Pager, Search, Seen, SelectOption, When,
    decimal_separator::Habit,
    error::{SignedOutNotice, SignedOutPage, TypedText},
    history::Entry,
    layout::Page,
    people::{Index, MySessions, New, RoleBox, Row, SessionRow, Show, Theirs},
};

fn s(text: &str) -> String {
    text.to_owned()
}

fn when() -> When {
    When {
        iso: s("2026-11-12T14:02:00Z"),
        text: s("12 Nov, 14:02"),
    }
}

fn row() -> Row {
    Row {
        href: s("/people/3"),
        name: s("<b>Two</b> & \"three\""),
        email: s("fiona@example.com"),
        marks: vec![s("Sample person"), s("Deactivated")],
        roles: s("Finance, PM"),
        why: s("given here by Ada <b>Two</b>"),
        why_at: Some(when()),
        signed_in: None,
        sessions: s("2"),
    }
}

fn boxes() -> Vec<RoleBox> {
    vec![RoleBox {
        key: s("finance"),
        label: s("Finance"),
        may: s("edits params"),
        is_on: true,
    }]
}

fn sessions() -> Vec<SessionRow> {
    vec![SessionRow {
        browser: s("Edge on Windows"),
        is_this: true,
        begun: when(),
        last_seen: when(),
        end_action: s("/sessions/4/ending"),
    }]
}

impl Index {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            search: Search {
                action: s("/people"),
                query: s("\"<b>Two</b>"),
                kept: vec![Hidden {
                    name: s("state"),
                    value: s("all"),
                }],
            },
            states: vec![FilterOption {
                label: s("All"),
                href: s("/people?state=all"),
                is_on: true,
            }],
            can_manage: true,
            why_not: String::new(),
            downloads: vec![Link {
                label: s("CSV"),
                href: s("/people.csv"),
            }],
            rows: vec![row()],
            pager: Pager::default(),
        }
    }
}

impl New {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            name: s("<b>Two</b>"),
            email: s("\"a\"@example.com"),
            boxes: boxes(),
            error: s("<b>Two</b> is taken."),
            form_key: s("00000000-0000-4000-8000-000000000001"),
        }
    }
}

impl Show {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            href: s("/people/3"),
            row: row(),
            can_manage: true,
            why_not: s("Only an admin can manage people."),
            claim: s("Finance"),
            boxes: boxes(),
            error: s("<b>Two</b> is the last admin."),
            conflict: Some(Theirs {
                by: s("Ada <b>Two</b>"),
                at: when(),
                what: s("gave <b>Two</b> the role PM"),
            }),
            is_active: true,
            sessions: sessions(),
            entries: vec![Entry {
                who: s("Ada"),
                at: when(),
                sentence: s("deactivated <b>Two</b>"),
                through: s("form"),
                ..Entry::default()
            }],
            pager: Pager::default(),
            seen: Seen {
                revision: 4,
                form_key: s("00000000-0000-4000-8000-000000000001"),
            },
        }
    }
}

impl MySessions {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            sessions: sessions(),
            form_key: s("00000000-0000-4000-8000-000000000001"),
        }
    }
}

impl SignedOutPage {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            sign_in_href: s("/sign-in?next=%2Fparams"),
            action: s("/params/4/fields/notes"),
            can_send_again: true,
            hidden: vec![Hidden {
                name: s("seen_revision"),
                value: s("4"),
            }],
            typed: vec![TypedText {
                id: s("typed-0"),
                label: s("Value"),
                name: s("value"),
                value: s("<b>Two</b>\n</textarea>"),
                rows: 2,
            }],
        }
    }
}

impl SignedOutNotice {
    pub(crate) fn sample() -> Self {
        Self {
            sign_in_href: s("/sign-in?next=%2Fparams"),
        }
    }
}

impl Habit {
    pub(crate) fn sample() -> Self {
        let option = |value: &str, label: &str| SelectOption {
            value: s(value),
            label: s(label),
            is_selected: value == "comma",
        };
        Self {
            page: Page {
                form_key: s("00000000-0000-4000-8000-000000000000"),
                ..Page::default()
            },
            options: vec![
                option("point", "With a point: 1,200.50"),
                option("comma", "With a comma: 1.200,50"),
            ],
        }
    }
}
