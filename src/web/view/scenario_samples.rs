//! Samples of scenarios, full of awkward texts.

use super::{
    Figure, Filter, FilterOption, Link, Seen,
    badge::{Badge, State},
    field::Choice,
    layout::Page,
    model::{Check, DiffLine, LineChange, Written},
    samples::diff_line,
    scenario::{
        Approval, Bar, Column, Driver, Effect, FormulaCell, FormulaForm, FormulaPart, Head, Index,
        Keeping, NewScenario, Row, Said, Show, Value, ValueBox, ValueRow,
    },
};

fn s(text: &str) -> String {
    text.to_owned()
}

fn seen() -> Seen {
    Seen {
        revision: 7,
        form_key: s("0193a1b2-0000-7000-8000-000000000001"),
    }
}

fn link(label: &str, href: &str) -> Link {
    Link {
        label: s(label),
        href: s(href),
    }
}

fn money(digits: &str) -> Figure {
    Figure {
        before: s("£"),
        digits: s(digits),
        after: String::new(),
    }
}

pub(crate) fn bar() -> Filter {
    let option = |label: &str, href: &str, is_on| FilterOption {
        label: s(label),
        href: s(href),
        is_on,
    };
    Filter {
        label: s("Scenarios"),
        options: vec![
            option("Base · drives the score", "/math-models/8", true),
            option("Bold & <b>", "/scenarios/9", false),
            option(
                "Compare, or make another",
                "/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios",
                false,
            ),
        ],
    }
}

fn diff() -> Vec<DiffLine> {
    vec![
        diff_line(LineChange::Removed, "value = a < b"),
        diff_line(LineChange::Added, "value = a"),
    ]
}

fn head() -> Head {
    Head {
        initiative: link("INIT-1 Pay \"fast\"", "/initiatives/INIT-1"),
        model: link("Math model · Orders <x>", "/math-models/8"),
        bar: bar(),
    }
}

impl Index {
    pub(crate) fn sample() -> Self {
        let column = |label: &str, href: &str, drives| Column {
            link: link(label, href),
            badge: Badge::of(State::NotReady),
            drives,
            missing: s("Margin waits for approval (Finance)"),
            drive_href: s(if drives {
                ""
            } else {
                "/initiatives/INIT-1/frameworks/MATH_MODEL/driver?scenario=9"
            }),
        };
        let cells = |base: &str, bold: &str| {
            let said = |label: &str, digits: &str, differs| Said {
                label: s(label),
                figure: money(digits),
                differs,
            };
            vec![
                said("Base", base, false),
                said("Bold & <b>", bold, base != bold),
            ]
        };
        let row = |label: &str, name: &str, cells| Row {
            label: s(label),
            name: s(name),
            remark: s("not used"),
            cells,
        };
        let bar = |label: &str, width: &str| Bar {
            label: s(label),
            figure: money("59,800"),
            x: s("0.0"),
            width: s(width),
        };
        Self {
            page: Page::default(),
            head: head(),
            columns: vec![
                column("Base", "/math-models/8", true),
                column("Bold & <b>", "/scenarios/9", false),
            ],
            formulas: vec![
                FormulaCell {
                    label: s("Base"),
                    says: s("Version 3"),
                    text: s("value = a < b"),
                    ..FormulaCell::default()
                },
                FormulaCell {
                    label: s("Bold & <b>"),
                    says: s("Its own, version 1"),
                    text: s("value = a"),
                    diff: diff(),
                    differs: true,
                },
            ],
            params: vec![row("Margin <of>", "margin", cells("30", "40"))],
            results: vec![row("Value", "", cells("59,800", "71,200"))],
            bars: vec![bar("Base", "800.0"), bar("Bold & <b>", "1000.0")],
            downloads: vec![link(
                "CSV",
                "/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios.csv",
            )],
            put_away: vec![link("Old <one>", "/scenarios/10")],
            new: NewScenario {
                action: s("/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios"),
                label: s("Base"),
                quick: vec![s("Optimistic")],
                error: s("Base is the model itself. Choose another name."),
                why_not: String::new(),
                seen: seen(),
            },
        }
    }
}

impl Show {
    pub(crate) fn sample() -> Self {
        let row = |id: &str, own: Option<Figure>| ValueRow {
            has_focus: id == "1",
            id: s(id),
            label: s("Margin <of>"),
            name: s("margin"),
            remark: s("not used"),
            base: money("30"),
            range: s("at most 9"),
            set: s("Ana <b>, 12 Nov 2026"),
            warning: s("outside its range (at most 9)"),
            edit_href: s("/scenarios/9/values/1/edit"),
            drop_action: if own.is_some() {
                s("/scenarios/9/values/1/removal")
            } else {
                String::new()
            },
            own,
        };
        Self {
            page: Page::default(),
            head: head(),
            label: s("Bold & <b>"),
            badge: Badge::of(State::NeedsApproval),
            drives: false,
            value: money("71,200"),
            effort: Figure::default(),
            overall: Figure::default(),
            base_value: money("59,800"),
            missing: vec![(s("Margin <of> waits for approval"), s("Finance"))],
            drive_href: s("/initiatives/INIT-1/frameworks/MATH_MODEL/driver?scenario=9"),
            formula: FormulaPart {
                sentence: s("Version 1 of its own, saved by Priya <b>, 12 Nov 2026."),
                text: s("value = a"),
                diff: diff(),
                edit_href: s("/scenarios/9/formula/edit"),
                edit_label: s("Change the formula"),
                drop_action: s("/scenarios/9/formula/removal"),
                why_not: String::new(),
            },
            rows: vec![row("1", Some(money("40"))), row("2", None)],
            why_no_values: String::new(),
            approval: Approval {
                sentence: s("Its values wait for approval."),
                action: s("/scenarios/9/approval"),
                label: s("Approve these values"),
                withdraw_action: String::new(),
                why_not: String::new(),
            },
            keeping: Keeping {
                rename_action: s("/scenarios/9/name"),
                label: s("Bold & <b>"),
                error: s("There is a scenario Bold & <b> here already."),
                place_action: s("/scenarios/9/archival"),
                place_label: s("Put away"),
                why_not: String::new(),
            },
            seen: seen(),
        }
    }

    pub(crate) fn sample_read_only() -> Self {
        let why = || s("Only a PM or an admin can write math models.");
        let mut show = Self {
            drives: true,
            drive_href: String::new(),
            why_no_values: why(),
            formula: FormulaPart {
                sentence: s("It follows Base’s formula, version 3 now."),
                text: s("value = a < b"),
                why_not: why(),
                ..FormulaPart::default()
            },
            approval: Approval {
                sentence: s("Approved by Priya <b>, 12 Nov 2026."),
                withdraw_action: s("/scenarios/9/approval/withdrawal"),
                ..Approval::default()
            },
            keeping: Keeping {
                why_not: why(),
                ..Keeping::default()
            },
            ..Self::sample()
        };
        for row in &mut show.rows {
            row.edit_href.clear();
            row.drop_action.clear();
        }
        show
    }
}

impl FormulaForm {
    pub(crate) fn sample() -> Self {
        let check = Check {
            model_id: s("9"),
            action: s("/scenarios/9/formula"),
            can_write: true,
            effects: vec![],
            ..Check::sample()
        };
        Self {
            page: Page::default(),
            head: head(),
            scenario: link("scenario Bold & <b>", "/scenarios/9"),
            written: Written::new("value = a < b\n", &check, "`x` is no param of this model."),
            check,
            save_note: s("Saving another text withdraws the scenario’s approval."),
            conflict: s("Bo changed the formula of scenario Bold."),
            theirs: s("value = <theirs> & 2"),
            diff: diff(),
            seen: seen(),
        }
    }
}

impl Value {
    pub(crate) fn sample() -> Self {
        let one = |name, label: &str, error: &str| ValueBox {
            name,
            label: s(label),
            hint: s("Base’s range: at most 9. Empty: it follows Base."),
            text: s("4 \"%\""),
            error: s(error),
        };
        Self {
            page: Page::default(),
            scenario: link("Scenario Bold & <b>", "/scenarios/9"),
            label: s("Margin <of> in scenario Bold"),
            base: s("Base says 30 %."),
            action: s("/scenarios/9/values/1"),
            boxes: vec![
                one("value", "Value in this scenario", "Did you mean 4 %?"),
                one("min", "Lowest", ""),
                one("max", "Highest", ""),
            ],
            choice: Some(Choice {
                label: s("Use 4%"),
                value: s("4%"),
            }),
            conflict: s("Bo set Margin to 40 % in scenario Bold."),
            decimal_separator: "comma",
            seen: seen(),
        }
    }
}

impl Driver {
    pub(crate) fn sample() -> Self {
        let effect = |label: &str| Effect {
            label: s(label),
            before: money("59,800"),
            after: money("71,200"),
        };
        Self {
            page: Page::default(),
            head: head(),
            chosen: s("scenario Bold & <b>"),
            present: s("Base"),
            effects: ["Value", "Effort", "Overall", "Rank"].map(effect).to_vec(),
            sentence: s("From then on the score for the record is that of scenario Bold."),
            missing: vec![(s("Margin <of> waits for approval"), s("Finance"))],
            action: s("/initiatives/INIT-1/frameworks/MATH_MODEL/driver"),
            scenario: s("9"),
            why_not: String::new(),
            keep_href: s("/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios"),
            seen: seen(),
        }
    }
}
