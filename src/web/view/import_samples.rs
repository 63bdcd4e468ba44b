//! Samples of imports, full of awkward texts.

use super::{
    FilterOption, Link, Pager, SelectOption, When,
    imports::{
        Change, Column, Done, File, Form, GoogleTab, Index, Kept, Refused, Report, Row, Show,
    },
    layout::Nav,
    samples::{page, s},
};

fn at() -> When {
    When {
        iso: s("2026-11-12T14:02:00Z"),
        text: s("12 Nov, 14:02"),
    }
}

fn options() -> Vec<SelectOption> {
    let option = |value: &str, label: &str| SelectOption {
        value: s(value),
        label: s(label),
        is_selected: value == "params",
    };
    vec![
        option("", "What its header tells"),
        option("params", "Params"),
    ]
}

fn pager() -> Pager {
    Pager {
        summary: s("2 of 2 rows"),
        first_href: None,
        next_href: Some(s("/imports/3?after=7#rows")),
    }
}

impl Index {
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Imports", Nav::Elsewhere),
            error: s("Row 1 names no column “initiative_key” <b>."),
            kinds: options(),
            form_key: s("0193a1b2-0000-7000-8000-000000000001"),
            google: GoogleTab {
                account: s("mirror@<project>.iam.gserviceaccount.com"),
                spreadsheet: s("https://docs.google.com/spreadsheets/d/1AbC/edit?a=\"b\""),
                tab: s("Central <Backlog>"),
                error: s("The spreadsheet has no tab “Central <Backlog>”. Its tabs are “Params”."),
                kinds: options(),
                form_key: s("0193a1b2-0000-7000-8000-000000000002"),
            },
            downloads: vec![Link {
                label: s("CSV"),
                href: s("/imports.csv"),
            }],
            rows: vec![File {
                name: s("<params>.xlsx"),
                href: s("/imports/3"),
                what: s("Params, tab “<Params>”"),
                state: "Imported",
                by: s("Ada <Adams>"),
                at: at(),
                counts: s("1 new, 3 changed, 40 unchanged, 1 refused, 5 skipped"),
            }],
            pager: pager(),
            ..Self::default()
        }
    }

    pub(crate) fn sample_read_only() -> Self {
        Self {
            error: String::new(),
            why_not: s("Only an admin can import a workbook."),
            google: GoogleTab::default(),
            rows: vec![],
            ..Self::sample()
        }
    }
}

impl Show {
    pub(crate) fn sample() -> Self {
        let kept = Kept {
            choice: s("7:value"),
            id: s("take-7-value"),
            place: s("Row 7"),
            column: s("Value"),
            here: s("0.5"),
            typed: s("<script>alert(1)</script>"),
            by: s("Bo <Li>"),
            at: at(),
            is_chosen: true,
        };
        let row = Row {
            number: s("7"),
            key: s("INIT-3"),
            about: s("RICE, reach"),
            outcome: "Changed",
            changes: vec![Change {
                column: s("Value"),
                from: s("1 < 2"),
                to: String::new(),
            }],
            more: s("and 3 more"),
            refused: vec![Refused {
                column: s("Unit"),
                typed: s("=1+1 & <b>"),
                why: s("“<b>” is no unit."),
            }],
            why: String::new(),
        };
        let skipped = Row {
            number: s("8"),
            outcome: "Skipped",
            why: s("blank"),
            ..Row::default()
        };
        Self {
            page: page("params.csv", Nav::Elsewhere),
            name: s("<params>.csv"),
            what: s("Params, 12 KiB"),
            uploaded_by: s("Ada <Adams>"),
            uploaded_at: at(),
            sha256: "0a".repeat(32),
            form: Some(Form {
                import_action: s("/imports/3/application"),
                preview_action: s("/imports/3/preview"),
                kinds: options(),
                tabs: options(),
                with_approvals: true,
                clear_blanks: false,
                can_import: true,
                form_key: s("0193a1b2-0000-7000-8000-000000000001"),
            }),
            report: Some(Report {
                counts: s("0 new, 1 changed, 0 unchanged, 0 refused, 1 skipped"),
                notes: vec![s(
                    "Approvals withdrawn, since what they approve changes: 2.",
                )],
                columns: vec![
                    Column {
                        letters: s("A"),
                        header: s("Key <b>"),
                        means: s("initiative_key"),
                        is_taken: true,
                        is_alias: true,
                    },
                    Column {
                        header: s("PM notes"),
                        means: s("the app has no field for this"),
                        ..Column::default()
                    },
                ],
                kept: vec![kept],
                filters: vec![FilterOption {
                    label: s("All"),
                    href: s("/imports/3#rows"),
                    is_on: true,
                }],
                rows: vec![row, skipped],
                pager: pager(),
            }),
            ..Self::default()
        }
    }

    pub(crate) fn sample_untold() -> Self {
        let sample = Self::sample();
        Self {
            error: s("The workbook has no tab “<Params>”."),
            report: None,
            form: sample.form.clone().map(|form| Form {
                can_import: false,
                ..form
            }),
            ..sample
        }
    }

    pub(crate) fn sample_undone() -> Self {
        let sample = Self::sample_done();
        Self {
            done: sample.done.clone().map(|done| Done {
                is_undone: true,
                ..done
            }),
            ..sample
        }
    }

    pub(crate) fn sample_done() -> Self {
        Self {
            form: None,
            done: Some(Done {
                by: s("Ada <Adams>"),
                at: at(),
                options: vec!["with approvals"],
                moved: s("Row 7 came out otherwise than in the preview."),
                undo_action: s("/imports/3/undo"),
                is_undone: false,
                form_key: s("0193a1b2-0000-7000-8000-000000000003"),
            }),
            origin_href: s("https://docs.google.com/spreadsheets/d/1AbC/edit#gid=7"),
            ..Self::sample()
        }
    }
}
