//! Samples of the frameworks' pages, full of awkward texts.

use super::{
    Figure, Link, Seen, SelectOption, When,
    badge::{Badge, State},
    check::{Check, CheckError},
    framework::{
        Cell, Changed, Definition, DefinitionFragment, Form, Index, ListRow, New, NotReady,
        ParamLine, ParamRow, Preview, Rescoring, RescoringFragment, Show, Theirs,
    },
    layout::Page,
    model::{Line, Version},
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

fn seen() -> Seen {
    Seen {
        revision: 4,
        form_key: s("00000000-0000-4000-8000-000000000001"),
    }
}

fn cell(name: &str, value: &str, error: &str) -> Cell {
    Cell {
        name: s(name),
        label: s("reach"),
        value: s(value),
        error: s(error),
    }
}

fn definition() -> Definition {
    Definition {
        check: Check {
            model_id: s("framework"),
            headline: s("1 error"),
            errors: vec![CheckError {
                line: 1,
                column: 9,
                message: s("“*” has nothing on its left."),
                before: s("value = "),
                marked: s("*"),
                after: s(" reach"),
                fix: None,
            }],
            ..Check::default()
        },
        rows: vec![ParamRow {
            name: s("reach"),
            label: cell("label-reach", "<b>Two</b> & \"three\"", ""),
            description: cell("description-reach", "", ""),
            unit: cell("unit-reach", "people", ""),
            min: cell("min-reach", "nine", "“nine” is no number."),
            max: cell("max-reach", "", ""),
            source: cell("source-reach", "PM", ""),
            sources: vec![SelectOption {
                value: s("PM"),
                label: s("PM"),
                is_selected: true,
            }],
        }],
    }
}

fn form() -> Form {
    Form {
        action: s("/frameworks/REACH/definition"),
        preview_action: s("/frameworks/REACH/preview"),
        key: None,
        name: cell("name", "<b>Two</b>", "A framework needs a name."),
        formula: s("value = * reach"),
        decimal_separator: "comma",
        definition: definition(),
        error: s("An import is going on."),
        conflict: Some(Theirs {
            by: s("Ada <b>Two</b>"),
            at: when(),
            what: s("saved version 2 of the formula of Reach"),
        }),
        can_save: true,
        save_label: s("Save"),
        can_preview: true,
        seen: seen(),
    }
}

fn rescoring() -> Rescoring {
    Rescoring {
        key: s("REACH"),
        line: s("Scoring everybody afresh: 500 of 10,000."),
        error: s("It was held up."),
        done: 500,
        total: 10_000,
        is_going_on: true,
        can_retry: true,
        seen: seen(),
    }
}

impl Index {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            downloads: vec![Link {
                label: s("CSV"),
                href: s("/frameworks.csv"),
            }],
            rows: vec![ListRow {
                href: s("/frameworks/REACH"),
                key: s("REACH"),
                name: s("<b>Two</b>"),
                kind: s("Custom"),
                badge: Some(Badge::of(State::Archived)),
                version: s("3"),
                used: s("On for 12 initiatives, active on 4"),
            }],
            can_define: true,
            why_not: s("Only an admin can define frameworks."),
        }
    }
}

impl New {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            form: Form {
                key: Some(cell("key", "reach", "A key begins with a capital letter.")),
                ..form()
            },
        }
    }
}

impl Show {
    pub(crate) fn sample() -> Self {
        let figure = Figure {
            digits: s("3,840"),
            ..Figure::default()
        };
        Self {
            page: Page::default(),
            key: s("REACH"),
            name: s("<b>Two</b>"),
            kind: s("Custom"),
            badge: Some(Badge::of(State::Archived)),
            used: s("On for 12 initiatives, active on 4"),
            note: String::new(),
            lines: vec![],
            params: vec![],
            form: Some(form()),
            preview: Some(Preview {
                summary: vec![s("12 initiatives have <b>Two</b> on.")],
                changed: vec![Changed {
                    href: s("/initiatives/INIT-1"),
                    key: s("INIT-1"),
                    title: s("<b>Two</b>"),
                    is_active: true,
                    before: Figure::default(),
                    after: figure.clone(),
                }],
                more_changed: s("and 12 more"),
                not_ready: vec![NotReady {
                    href: s("/initiatives/INIT-2"),
                    key: s("INIT-2"),
                    title: s("<b>Two</b>"),
                    is_active: true,
                    before: figure,
                    missing: s("Reach has no value"),
                }],
                more_not_ready: s("and 3 more"),
            }),
            versions: vec![Version {
                number: 3,
                by: s("Ada"),
                at: when(),
                text: s("value = reach"),
                is_current: true,
                ..Version::default()
            }],
            rescoring: rescoring(),
            can_archive: true,
            is_archived: false,
            why_not: String::new(),
            seen: seen(),
        }
    }

    pub(crate) fn sample_read_only() -> Self {
        Self {
            note: s("Each initiative writes its own formula."),
            lines: vec![Line {
                number: 1,
                text: s("value = reach"),
                value: String::new(),
            }],
            params: vec![ParamLine {
                name: s("reach"),
                label: s("Reach"),
                description: s("<b>Two</b>"),
                unit: s("people"),
                bounds: s("at least 0"),
                source: s("Analytics"),
            }],
            form: None,
            preview: None,
            can_archive: false,
            rescoring: Rescoring::default(),
            ..Self::sample()
        }
    }
}

impl DefinitionFragment {
    pub(crate) fn sample() -> Self {
        Self {
            definition: definition(),
        }
    }
}

impl RescoringFragment {
    pub(crate) fn sample() -> Self {
        Self {
            rescoring: rescoring(),
        }
    }
}
