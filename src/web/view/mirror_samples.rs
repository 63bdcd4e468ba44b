//! Samples of the mirror's page, full of awkward texts.

use super::{
    Ask, Hidden, Link, Pager,
    badge::{Badge, State},
    history::Entry,
    layout::Nav,
    mirror::{
        Cell, Column, Controls, Count, Differences, Fact, Odd, OwnTab, Question, Repair, Run,
        SetUp, Show, Standing, Step,
    },
    samples::{page, s, seen, when},
    settings::{Choice, Conflict},
};

fn modes() -> Vec<Choice> {
    let choice = |key, label, is_chosen| Choice {
        key,
        label,
        means: "Reads the sheet and writes nothing.",
        is_chosen,
    };
    vec![
        choice("off", "Off", false),
        choice("observe", "Observe", true),
        choice("write", "Write", false),
    ]
}

fn controls() -> Controls {
    Controls {
        run_why: String::new(),
        is_paused: false,
        modes: modes(),
        outlook: s("At the last look a write would have changed 12 cells and added 1 row."),
        ask: None,
        conflict: None,
    }
}

impl Show {
    /// As an admin sees it while the mirror asks something and everything is odd.
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Mirror", Nav::Elsewhere),
            why_not: String::new(),
            standing: Standing {
                badge: Badge::saying(State::NeedsApproval, "Asks first"),
                sentence: s("Something looks like a mistake."),
                about: "",
                error: s("Google says: 403 <The caller> does not have permission"),
                question: Some(Question {
                    sentence: s("12 of 40 rows are gone from the sheet. Nothing was written."),
                    token: s("keys_gone:\"1\""),
                }),
                lacks_status: true,
                facts: vec![
                    Fact {
                        label: "Google sheet",
                        text: s("tab “<Backlog>”"),
                        link: Some(Link {
                            label: s("Open the spreadsheet"),
                            href: s("https://docs.google.com/spreadsheets/d/1aB/edit"),
                        }),
                        at: None,
                    },
                    Fact {
                        label: "Compared last",
                        at: Some(when("12 Nov, 14:02")),
                        ..Fact::default()
                    },
                ],
            },
            controls: Some(Controls {
                run_why: s("The mirror is paused. Resume it first."),
                is_paused: true,
                conflict: Some(Conflict {
                    by: s("Ada <Okafor>"),
                    at: when("12 Nov, 14:02"),
                    what: s("set the mirror to off (was observe)"),
                }),
                ..controls()
            }),
            counts: vec![Count {
                label: "In step",
                text: s("39 of 40"),
            }],
            odd: vec![Odd {
                heading: s("Keys not in the app"),
                remedy: "Their rows stay as they are.",
                link: Some(Link {
                    label: s("Import"),
                    href: s("/imports"),
                }),
                items: vec![s("<INIT> 7 in row 12")],
            }],
            differences: differences(),
            tabs: tabs(),
            columns: columns(),
            formats: "Editing a column by hand warns.",
            left_out: vec![s("INIT-8")],
            repairs: vec![Repair {
                key: s("INIT-3"),
                field: s("value_score"),
                found: s("=SUM(<A1>)"),
                is_formula: true,
                restored: s("59800"),
                at: when("12 Nov, 14:02"),
            }],
            runs: vec![Run {
                at: when("12 Nov, 14:02"),
                trigger: "Somebody asked",
                outcome: "Failed",
                counts: [1, 2, 30, 4, 5],
                error: s("Google <can’t> be reached"),
            }],
            history: vec![Entry {
                who: s("Ada <Okafor>"),
                at: when("12 Nov, 14:02"),
                sentence: s("asked the mirror to run"),
                through: s("form"),
                ..Entry::default()
            }],
            seen: seen(),
        }
    }

    /// As everybody else sees it.
    pub(crate) fn sample_read_only() -> Self {
        Self {
            why_not: s("Only an admin can say what the mirror may do."),
            ..Self::sample()
        }
    }

    /// Before it may write.
    pub(crate) fn sample_asking() -> Self {
        Self {
            controls: Some(Controls {
                ask: Some(Ask {
                    sentence: s("A write would change 12 <cells>."),
                    action: s("/mirror/mode"),
                    hidden: vec![Hidden {
                        name: s("mode"),
                        value: s("write"),
                    }],
                    confirm_label: s("Let the mirror write"),
                    keep_label: s("Leave it as it is"),
                    keep_href: s("/mirror"),
                    seen: seen(),
                }),
                ..controls()
            }),
            ..Self::sample()
        }
    }

    /// A file, in step, of which nothing is to be said.
    pub(crate) fn sample_of_a_file() -> Self {
        Self {
            standing: Standing {
                badge: Badge::saying(State::Approved, "In step"),
                sentence: s("The sheet shows what the app says."),
                about: "The mirror is a CSV file.",
                error: String::new(),
                question: None,
                lacks_status: false,
                facts: Vec::new(),
            },
            controls: Some(controls()),
            formats: "",
            odd: Vec::new(),
            differences: Differences::default(),
            left_out: Vec::new(),
            repairs: Vec::new(),
            runs: Vec::new(),
            history: Vec::new(),
            ..Self::sample()
        }
    }

    /// Right after the very first start.
    pub(crate) fn sample_not_begun() -> Self {
        Self {
            controls: None,
            tabs: Vec::new(),
            columns: Vec::new(),
            ..Self::sample_of_a_file()
        }
    }
}

fn differences() -> Differences {
    Differences {
        summary: s("1 cell differs and 1 row is missing."),
        absent: vec![s("INIT-9")],
        offers_leaving_out: true,
        cells: vec![
            Cell {
                key: s("INIT-3"),
                row: s("7"),
                field: s("title"),
                found: s("By <hand>"),
                wanted: s("Loyalty & prices"),
            },
            Cell {
                key: s("INIT-3"),
                row: s("7"),
                field: s("receipt"),
                ..Cell::default()
            },
        ],
        pager: Pager {
            summary: s("Cells 1 to 2 of 12"),
            first_href: Some(s("/mirror")),
            next_href: Some(s("/mirror?after=2")),
        },
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column {
            field: s("title"),
            letters: s("AB"),
            header: s("Initiative <title>"),
            note: "another name of the field",
            badge: None,
            button: "Hand back",
            becomes_theirs: true,
        },
        Column {
            field: s("receipt"),
            badge: Some(Badge::saying(State::Missing, "No column")),
            ..Column::default()
        },
        Column {
            field: s("country"),
            badge: Some(Badge::saying(State::Archived, "People’s")),
            button: "Take it again",
            ..Column::default()
        },
    ]
}

fn tabs() -> Vec<OwnTab> {
    let tab = |key, title, badge, says: &str, is_on| OwnTab {
        key,
        title,
        badge,
        says: s(says),
        columns: s("initiative_key, framework, param_name"),
        is_on,
    };
    let off = Badge::saying(State::Archived, "Off");
    let taken = Badge::saying(State::Missing, "Name taken");
    vec![
        tab("scoring", "Scoring", off, "Would make a tab.", false),
        tab(
            "params",
            "Params",
            taken,
            "A tab “<Params>” is there.",
            true,
        ),
    ]
}

impl SetUp {
    /// In the middle of it.
    pub(crate) fn sample() -> Self {
        let step = |state, word: &'static str, says: &str, shows_account| Step {
            title: "Share the spreadsheet with the account",
            badge: Badge::saying(state, word),
            says: s(says),
            how: "In the spreadsheet, press Share.",
            shows_account,
        };
        Self {
            page: page("Setting up the mirror", Nav::Elsewhere),
            account: s("mirror@\"tests\".example.com"),
            steps: vec![
                step(State::Approved, "Done", "", false),
                step(State::Missing, "Goes wrong", "Google says: <403>", true),
                step(State::Draft, "Later", "", false),
            ],
        }
    }
}
