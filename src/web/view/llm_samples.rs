//! Samples of what the LLM was used for and of the jobs, full of awkward texts.

use super::{
    Empty, Filter, FilterOption, Link, Pager,
    badge::{Badge, State},
    jobs,
    layout::Nav,
    llm::{Budget, Call, CallRow, Usage, UsageRow, UsageTable},
    samples::{page, s, when},
};

fn filter(label: &str, options: [&str; 2]) -> Filter {
    Filter {
        label: s(label),
        options: options
            .map(|option| FilterOption {
                label: s(option),
                href: s("/llm?span=7"),
                is_on: option == options[0],
            })
            .to_vec(),
    }
}

fn about() -> Link {
    Link {
        label: s("INIT-123 Checkout <conversion>"),
        href: s("/initiatives/INIT-123"),
    }
}

impl Usage {
    pub(crate) fn sample() -> Self {
        let row = |of: &str| UsageRow {
            of: s(of),
            calls: s("1,204"),
            failed: s("12"),
            tokens_in: s("1,203,400"),
            tokens_out: s("98,102"),
            cost: s("$4.21"),
        };
        Self {
            page: page("LLM usage", Nav::Elsewhere),
            set_up: s("Asks llm.example.com: model-large for formulas, model-small for the rest."),
            spans: filter("Time", ["7 days", "30 days"]),
            budgets: vec![
                Budget {
                    of: "Calls today, everybody",
                    used: s("12"),
                    limit: s("500"),
                    left: s("488 left"),
                },
                Budget {
                    of: "Tokens today, everybody",
                    used: s("12,000"),
                    limit: String::new(),
                    left: s("no limit"),
                },
            ],
            tables: vec![
                UsageTable {
                    heading: "By workflow",
                    of: "Workflow",
                    rows: vec![row("Suggest a formula")],
                },
                UsageTable {
                    heading: "By person",
                    of: "Person",
                    rows: vec![
                        row("Bo <Li>"),
                        UsageRow {
                            cost: String::new(),
                            ..row("The app itself")
                        },
                    ],
                },
                UsageTable {
                    heading: "By day",
                    of: "Day",
                    rows: vec![],
                },
            ],
            calls: vec![CallRow {
                href: s("/llm/calls/9"),
                workflow: s("Suggest a formula"),
                about: Some(about()),
                by: s("Bo <Li>"),
                at: when("14 Nov, 09:12"),
                outcome: Badge {
                    reason: "The endpoint said <no>.".into(),
                    ..Badge::saying(State::NotReady, "Failed")
                },
                tokens: s("1,200 in, 300 out"),
            }],
            pager: Pager {
                summary: s("1 call"),
                ..Pager::default()
            },
            price_note: s("No price is configured, so costs are not shown."),
        }
    }

    pub(crate) fn sample_empty() -> Self {
        Self {
            calls: vec![],
            tables: vec![],
            ..Self::sample()
        }
    }
}

impl Call {
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Suggest a formula", Nav::Elsewhere),
            workflow: s("Suggest a formula"),
            about: Some(about()),
            outcome: Badge::saying(State::Suggestion, "Answered"),
            facts: vec![("Asked by", s("Bo <Li>")), ("Model", s("model-large"))],
            at: when("14 Nov, 09:12"),
            prompt: s("You propose formulas.\nTitle: <script>alert(1)</script>"),
            answer: s("{\"formula\": \"value = a\"}"),
            cut: s("The answer is cut after 64 KiB."),
        }
    }

    pub(crate) fn sample_unanswered() -> Self {
        Self {
            answer: String::new(),
            cut: String::new(),
            about: None,
            ..Self::sample()
        }
    }
}

impl jobs::Index {
    pub(crate) fn sample() -> Self {
        let row = |id: &str, state, text: &'static str| jobs::Row {
            element: s(id),
            does: "Suggest a formula",
            about: Some(about()),
            badge: Badge::saying(state, text),
            says: s("The endpoint said <no>. It is tried again at 09:14."),
            by: s("Bo <Li>"),
            since: when("14 Nov, 09:12"),
            ended: None,
            cancel_action: String::new(),
            repeat_action: String::new(),
        };
        Self {
            page: page("Jobs", Nav::Elsewhere),
            states: filter("State", ["All", "Failed"]),
            rows: vec![
                jobs::Row {
                    cancel_action: s("/llm/requests/3/cancellation"),
                    ..row("request-3", State::Draft, "Running")
                },
                jobs::Row {
                    repeat_action: s("/llm/requests/2/repetition"),
                    ended: Some(when("14 Nov, 09:13")),
                    ..row("request-2", State::NotReady, "Failed")
                },
                jobs::Row {
                    by: String::new(),
                    about: None,
                    says: String::new(),
                    does: "Score everybody afresh",
                    ..row("job-2", State::Approved, "Done")
                },
            ],
            pager: Pager {
                summary: s("3 jobs"),
                ..Pager::default()
            },
            empty: None,
        }
    }

    pub(crate) fn sample_empty() -> Self {
        Self {
            rows: vec![],
            empty: Some(Empty {
                title: s("No jobs"),
                text: s("Nothing runs beside the pages."),
                links: vec![],
                offers_sample_data: false,
            }),
            ..Self::sample()
        }
    }
}
