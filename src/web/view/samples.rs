//! A sample of every page and fragment, for the tests that render them all. Realistic, and full of awkward texts.

use super::{
    Ask, Empty, Figure, Filter, FilterOption, Hidden, Link, Pager, Search, Seen, SelectOption,
    When,
    backlog::{self, Group, Row, Sort, Sorts},
    badge::{Badge, Legend, State},
    comments::Thread,
    error::{ErrorPage, Notice, NoticeFragment, Tone},
    field::{
        Bar, Choice, Conflict, Control, Edit, EditPage, Field, FieldEdit, FieldSaved, FieldView,
        Proposal,
    },
    formula_language::{Block, FormulaLanguage, Run},
    history::{self, Entry, History, Select},
    initiative::{
        self, Comparison, FieldGroup, FrameworkScore, Heading, Journey, LabelledField, Legacy,
        MissingItem, New, Overridden, ScoreCard, Step, StepState, TurnOn,
    },
    layout::{Assets, Nav, Page, Viewer},
    model::{
        self, ApprovalPanel, ApprovedVersion, Check, CheckError, CheckFragment, CheckResult, Chip,
        ChipState, DiffLine, Editor, Fix, Formula, FormulaConflict, Line, LineChange, ListRow,
        Remark, Rename, Term, Version, WorkedLine,
    },
    model_copy::Reuse,
    params::{self, Cell, Grid, Param, ParamApproval, Progress, Saved, Tools},
    paste,
    receipt::{Input, Receipt, Recomputed},
    score_history::{Chart, ScoreHistory, ScoreRow},
    score_override, scoring,
    sign_in::{SamplePerson, SignIn},
    suggestion, summary,
};

const SEED: &str = "value = uplift_conv * baseline_conv * monthly_sessions * aov * margin * horizon_months - infra_cost";
const SCRIPT: &str = "# extra orders a month\norders = uplift_conv * baseline_conv * monthly_sessions\ngross = orders * aov * margin\n\nvalue = gross * horizon_months - infra_cost";

pub(super) fn s(text: &str) -> String {
    text.to_owned()
}

pub(super) fn when(text: &str) -> When {
    When {
        iso: s("2026-11-12T14:02:00Z"),
        text: s(text),
    }
}

fn link(label: &str, href: &str) -> Link {
    Link {
        label: s(label),
        href: s(href),
    }
}

fn figure(before: &str, digits: &str, after: &str) -> Figure {
    Figure {
        before: s(before),
        digits: s(digits),
        after: s(after),
    }
}

fn option(value: &str, label: &str, is_selected: bool) -> SelectOption {
    SelectOption {
        value: s(value),
        label: s(label),
        is_selected,
    }
}

pub(super) fn seen() -> Seen {
    Seen {
        revision: 7,
        form_key: s("0193a1b2-0000-7000-8000-000000000001"),
    }
}

pub(super) fn page(title: &str, nav: Nav) -> Page {
    Page {
        title: s(title),
        nav,
        viewer: Some(Viewer {
            id: 1,
            name: s("Priya Nair"),
            roles: s("PM"),
            initials: s("PN"),
            decimal_separator: "point",
            waiting: s("12"),
            mirror: Some(Badge::saying(State::Approved, "Mirror in step")),
        }),
        assets: Assets {
            css: s("app.css"),
            js: s("app.js"),
            icon: s("favicon.svg"),
        },
        path: s("/backlog"),
        notices: vec![],
        form_key: s("0193a1b2-0000-7000-8000-000000000001"),
        undo: None,
    }
}

pub(super) fn diff_line(change: LineChange, text: &str) -> DiffLine {
    DiffLine {
        change,
        text: s(text),
    }
}

fn frameworks(selected: &str) -> Vec<SelectOption> {
    [
        ("", "None"),
        ("MATH_MODEL", "Math model"),
        ("RICE", "RICE"),
        ("WSJF", "WSJF"),
    ]
    .map(|(value, label)| option(value, label, value == selected))
    .to_vec()
}

fn field(id: &str, label: &str, text: &str, more: &str) -> FieldView {
    FieldView {
        id: s(id),
        label: s(label),
        text: s(text),
        more: s(more),
        edit_href: format!("/edit/{id}"),
        invitation: s("Add"),
        ..FieldView::default()
    }
}

impl SignIn {
    /// Six sample people.
    pub(crate) fn sample() -> Self {
        let people = [
            (
                "1",
                "Priya Nair",
                "PN",
                "PM",
                "Writes models, chooses frameworks, approves formulas and any param",
            ),
            (
                "2",
                "Ada Marsh",
                "AM",
                "Analytics",
                "Fills in params, approves those of Analytics",
            ),
            (
                "3",
                "Fay Osei",
                "FO",
                "Finance",
                "Fills in params, approves those of Finance",
            ),
            (
                "4",
                "Eli Novák",
                "EN",
                "Eng",
                "Fills in params and effort, approves those of Eng",
            ),
            (
                "5",
                "Ida Holm",
                "IH",
                "Admin",
                "Everything a PM may, and imports, people and settings",
            ),
            (
                "6",
                "Vera Quist",
                "VQ",
                "Viewer",
                "Reads everything, changes nothing",
            ),
        ]
        .map(|(id, name, initials, role, may)| SamplePerson {
            id: s(id),
            name: s(name),
            initials: s(initials),
            role: s(role),
            may: s(may),
        })
        .to_vec();
        let page = Page {
            viewer: None,
            ..page("Sign in", Nav::Elsewhere)
        };
        Self {
            provider: String::new(),
            trouble: String::new(),
            page,
            next: s("/backlog"),
            people,
            reasons: vec![],
            settings: vec![],
        }
    }

    /// Nobody can sign in.
    pub(crate) fn sample_not_configured() -> Self {
        Self {
            provider: String::new(),
            trouble: String::new(),
            people: vec![],
            reasons: vec![s(
                "No identity provider is set, and the app isn’t listening on this machine only, so sample people are off.",
            )],
            settings: [
                "OIDC_ISSUER_URL",
                "OIDC_CLIENT_ID",
                "OIDC_CLIENT_SECRET",
                "PRODUCTOPS_PUBLIC_URL",
            ]
            .map(s)
            .to_vec(),
            ..Self::sample()
        }
    }
}

impl ErrorPage {
    /// Something failed inside.
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Something failed", Nav::Elsewhere),
            title: s("Something failed on our side"),
            happened: s("The database didn’t answer in time."),
            safe: s("What was saved before is safe; this last change was not saved."),
            todo: s("Go back and try again in a moment. What you typed is still in the form."),
            links: vec![
                link("Try again", "/initiatives/INIT-123"),
                link("Backlog", "/backlog"),
            ],
            request_id: s("0193a1b2c3d4"),
        }
    }
}

impl NoticeFragment {
    /// A refusal.
    pub(crate) fn sample() -> Self {
        Self {
            notice: Notice {
                tone: Tone::Problem,
                title: s("Only Finance, a PM or an admin can approve this param."),
                text: s("You are signed in as Eng. Nothing was changed."),
                link: None,
                request_id: s("0193a1b2c3d4"),
                ..Notice::default()
            },
        }
    }
}

impl FormulaLanguage {
    /// A bit of everything.
    pub(crate) fn sample() -> Self {
        let run = |text: &str, is_code, is_note| Run {
            text: s(text),
            is_code,
            is_note,
        };
        let example = |says: &str| Block::Example {
            formula: vec![
                run("value = a < b ", false, false),
                run("# a note", false, true),
            ],
            says: s(says),
        };
        Self {
            page: page("Formulas", Nav::Elsewhere),
            contents: vec![link("Lines", "#lines")],
            blocks: vec![
                Block::Heading {
                    id: s("lines"),
                    text: s("Lines"),
                },
                Block::Paragraph(vec![run("Write ", false, false), run("a < b", true, false)]),
                example(""),
                example("Line 1, column 9: no."),
                Block::Table {
                    head: vec![vec![run("write", false, false)]],
                    rows: vec![vec![vec![run("a * b", true, false)]]],
                },
            ],
        }
    }
}

impl Legend {
    /// Every state.
    pub(crate) fn sample() -> Self {
        Self {
            page: page("What the states mean", Nav::Elsewhere),
        }
    }
}

fn row(key: &str, title: &str, framework: &str, value: Figure, badge: Badge) -> Row {
    Row {
        key: s(key),
        title: s(title),
        href: format!("/initiatives/{key}"),
        rank: String::new(),
        frameworks: frameworks(framework),
        framework: s(framework),
        uses_math_model: framework == "MATH_MODEL",
        can_choose: true,
        value,
        effort: figure("", "70", "days"),
        overall: Figure::default(),
        weighted: Figure::default(),
        weighted_why: s("no strategic priority"),
        badge,
        next_step: String::new(),
        changed: when("12 Nov"),
        is_archived: false,
        seen: seen(),
        ask: None,
        error: String::new(),
    }
}

impl backlog::Index {
    /// A mixed list in every state.
    #[expect(clippy::too_many_lines, reason = "a sample is one long literal")]
    pub(crate) fn sample() -> Self {
        let money = |digits: &str| figure("£", digits, "");
        let math = vec![
            Row {
                rank: s("1"),
                overall: figure("", "3,428.571429", ""),
                ..row(
                    "INIT-102",
                    "Self-service refunds",
                    "MATH_MODEL",
                    money("120,000"),
                    Badge::of(State::Approved),
                )
            },
            Row {
                rank: s("2"),
                overall: figure("", "854.285714", ""),
                ..row(
                    "INIT-123",
                    "Checkout conversion value",
                    "MATH_MODEL",
                    money("59,800"),
                    Badge::because(State::Stale, "Profit margin changed by Fay Osei, 14 Nov"),
                )
            },
            Row {
                next_step: s("Finance: 2 values"),
                effort: Figure::default(),
                ..row(
                    "INIT-107",
                    "Win back lapsed shoppers of the Café range with a weekly, personal and seasonal offer that respects what they told us about allergies and diets",
                    "MATH_MODEL",
                    Figure::default(),
                    Badge::because(State::NotReady, "3 of 5 params missing"),
                )
            },
            Row {
                rank: s("3"),
                value: money("4,200.50"),
                overall: figure("", "60.007143", ""),
                ..row(
                    "INIT-131",
                    "=Formula-looking title",
                    "MATH_MODEL",
                    money("4,200.50"),
                    Badge::because(State::Overridden, "By Priya Nair until 31 Dec"),
                )
            },
        ];
        let rice = vec![
            Row {
                rank: s("1"),
                overall: figure("", "3,840", ""),
                ..row(
                    "INIT-104",
                    "Faster search on a slow phone",
                    "RICE",
                    figure("", "96,000", ""),
                    Badge::of(State::Approved),
                )
            },
            Row {
                can_choose: false,
                framework: s("RICE"),
                ..row(
                    "INIT-127",
                    "Allergen labels",
                    "RICE",
                    Figure::default(),
                    Badge::because(State::NotReady, "Effort has no value"),
                )
            },
            Row {
                is_archived: true,
                can_choose: false,
                ..row(
                    "INIT-90",
                    "Paper vouchers",
                    "RICE",
                    figure("", "900", ""),
                    Badge::of(State::Archived),
                )
            },
            Row {
                ask: Some(Ask {
                    sentence: s(
                        "RICE 3,840 goes until the math model is scored. Tick “use math model” to prepare while RICE stays active.",
                    ),
                    action: s("/initiatives/INIT-109/framework"),
                    hidden: vec![Hidden {
                        name: s("framework"),
                        value: s("MATH_MODEL"),
                    }],
                    confirm_label: s("Activate anyway"),
                    keep_label: s("Keep RICE"),
                    keep_href: s("/backlog"),
                    seen: seen(),
                }),
                ..row(
                    "INIT-109",
                    "Gift cards",
                    "MATH_MODEL",
                    figure("", "1,200", ""),
                    Badge::of(State::Legacy),
                )
            },
        ];
        let sort = |aria| Sort {
            href: s("/backlog?sort=value&dir=asc"),
            aria,
        };
        Self {
            page: page("Backlog", Nav::Backlog),
            search: Search {
                action: s("/backlog"),
                query: String::new(),
                kept: vec![Hidden {
                    name: s("status"),
                    value: s("stale"),
                }],
            },
            filters: vec![
                filter("Framework", &["All", "Math model", "RICE", "WSJF", "None"]),
                filter("State", &["All", "Approved", "Stale", "Not ready"]),
                filter("Archived", &["Hidden", "Shown"]),
            ],
            clear_href: Some(s("/backlog")),
            sorts: Sorts {
                rank: sort("ascending"),
                key: sort("none"),
                title: sort("none"),
                value: sort("none"),
                effort: sort("none"),
                overall: sort("none"),
                weighted: sort("none"),
                changed: sort("none"),
            },
            groups: vec![
                Group {
                    heading: Some(s("Math model, in £")),
                    rows: math,
                    total: Some(s("3 scored, together £184,000.50")),
                },
                Group {
                    heading: Some(s("RICE")),
                    rows: rice,
                    total: None,
                },
            ],
            mixed_note: Some(s(
                "Different frameworks and units can’t be compared, so each has its own ranks.",
            )),
            pager: Pager {
                summary: s("8 of 36 initiatives"),
                first_href: None,
                next_href: Some(s("/backlog?after=x")),
            },
            downloads: vec![link("CSV", "/backlog.csv"), link("XLSX", "/backlog.xlsx")],
            empty: None,
            why_not: String::new(),
            new_link: Some(link("New initiative", "/initiatives/new")),
        }
    }

    /// Nothing yet.
    pub(crate) fn sample_empty() -> Self {
        Self {
            groups: vec![],
            mixed_note: None,
            clear_href: None,
            empty: Some(Empty {
                title: s("No initiatives yet"),
                text: s("Write the first one, or bring in a sample backlog of 36 to look around."),
                links: vec![link("New initiative", "/initiatives/new")],
                offers_sample_data: true,
            }),
            ..Self::sample()
        }
    }
}

impl scoring::Index {
    /// Two frameworks, one of them off for an initiative.
    pub(crate) fn sample() -> Self {
        let sort = |aria| Sort {
            href: s("/scoring?sort=rank&of=RICE"),
            aria,
        };
        let column = |name: &str| scoring::Column {
            name: s(name),
            total: s("24 scored, together £1,204,300"),
            rank: sort("none"),
            value: sort("none"),
            overall: sort("none"),
            status: sort("none"),
        };
        let math = scoring::Cell {
            framework: s("Math model"),
            is_on: true,
            is_active: true,
            rank: s("2"),
            among: s("of 24"),
            place: None,
            value: figure("£", "59,800", ""),
            overall: figure("", "854.285714", ""),
            badge: Some(Badge::because(State::Stale, "Profit margin changed")),
            receipt_href: Some(s("/scores/7")),
        };
        let rice = scoring::Cell {
            framework: s("RICE"),
            is_active: false,
            place: Some(scoring::Place {
                arrow: "▲",
                number: s("1"),
                said: s("1 place higher than by Math model"),
                class: "higher",
            }),
            badge: Some(Badge::of(State::Approved)),
            ..math.clone()
        };
        let off = scoring::Cell {
            framework: s("RICE"),
            ..scoring::Cell::default()
        };
        let row = |key: &str, cells| scoring::Row {
            key: s(key),
            title: s("Checkout conversion value"),
            href: format!("/initiatives/{key}"),
            is_archived: false,
            disagreement: s("1"),
            weighted: Figure::default(),
            weighted_why: s("no strategic priority"),
            cells,
        };
        let like = backlog::Index::sample();
        Self {
            page: page("Scoring", Nav::Scoring),
            search: like.search,
            filters: vec![filter("Order", &["Disagreement first", "Weighted", "Key"])],
            clear_href: None,
            title: sort("none"),
            disagreement: sort("descending"),
            weighted: sort("none"),
            columns: vec![column("Math model"), column("RICE")],
            rows: vec![
                row("INIT-123", vec![math.clone(), rice]),
                row("INIT-124", vec![math, off]),
            ],
            pager: like.pager,
            downloads: like.downloads,
            empty: None,
        }
    }
}

impl backlog::RowFragment {
    /// A row after a choice.
    pub(crate) fn sample() -> Self {
        Self {
            row: row(
                "INIT-104",
                "Faster search",
                "RICE",
                figure("", "96,000", ""),
                Badge::of(State::Approved),
            ),
            notices: vec![Notice::done(
                "RICE is now the active framework of INIT-104.",
            )],
        }
    }
}

fn filter(label: &str, options: &[&str]) -> Filter {
    let options = options
        .iter()
        .enumerate()
        .map(|(at, label)| FilterOption {
            label: s(label),
            href: s("/backlog"),
            is_on: at == 0,
        })
        .collect();
    Filter {
        label: s(label),
        options,
    }
}

impl New {
    /// With a taken key.
    pub(crate) fn sample() -> Self {
        Self {
            page: page("New initiative", Nav::Backlog),
            key: s("INIT-137"),
            key_error: Some(s("INIT-137 is taken. INIT-138 is free.")),
            title: s("Café range at the checkout"),
            title_error: None,
            problem_statement: String::new(),
            problem_statement_error: None,
            frameworks: frameworks(""),
            form_key: s("k"),
        }
    }
}

impl Heading {
    pub(crate) fn sample() -> Self {
        Self {
            key: s("INIT-123"),
            title: s("Checkout conversion value"),
            badge: None,
            archived: String::new(),
            can_archive: true,
            why_not: String::new(),
            history_href: s("/initiatives/INIT-123/history"),
            seen: seen(),
        }
    }
}

impl Journey {
    pub(crate) fn sample() -> Self {
        let step = |number, title, state, line, action| Step {
            number,
            title: s(title),
            state,
            line: s(line),
            action,
        };
        Self {
            key: s("INIT-123"),
            next: s("/initiatives/INIT-123"),
            steps: vec![
                step(
                    1,
                    "Turn on",
                    StepState::Done,
                    "Math model is the active framework",
                    None,
                ),
                step(
                    2,
                    "Define",
                    StepState::Done,
                    "Formula approved by Priya Nair, 12 Nov · version 3",
                    Some(link("Open the formula", "#formula")),
                ),
                step(
                    3,
                    "Fill and approve",
                    StepState::Now,
                    "5 of 7 approved · 1 value missing, from Finance",
                    Some(link("Go to the params", "#params")),
                ),
                step(
                    4,
                    "Score",
                    StepState::Stale,
                    "£59,800 stands as stale since 14 Nov",
                    Some(link("Open the receipt", "/scores/1042")),
                ),
            ],
            turn_on: TurnOn {
                frameworks: frameworks("MATH_MODEL"),
                uses_math_model: true,
                comparisons: vec![Comparison {
                    key: s("RICE"),
                    name: s("RICE"),
                    is_on: true,
                }],
                can_choose: true,
                why_not: String::new(),
                seen: seen(),
                ask: None,
                error: String::new(),
            },
        }
    }
}

impl ScoreCard {
    pub(crate) fn sample() -> Self {
        let missing = |text: &str, owed: &str, href: &str| MissingItem {
            text: s(text),
            owed_by: s(owed),
            href: s(href),
        };
        Self {
            framework: s("Math model"),
            value: figure("£", "59,800", ""),
            effort: figure("", "70", "days"),
            overall: figure("", "854.285714", ""),
            badge: Badge::of(State::Stale),
            reasons: vec![s(
                "Profit margin changed by Fay Osei, 14 Nov, 09:12. The last approved score still stands.",
            )],
            overridden: Some(Overridden {
                sentence: s("Overridden by Bo <b>Two</b> until 1 Dec 2026: Signed contract."),
                own: s("The model’s own: value £59,800, overall 854.285714."),
                href: s("/overrides/7"),
            }),
            legacy: Some(Legacy {
                sentence: s(
                    "From the workbook that Ada <b>Okafor</b> imported on 3 Dec 2026, never scored here. It says value 3,840.",
                ),
                drop_action: s("/initiatives/INIT-123/legacy-score/removal"),
                seen: seen(),
            }),
            suspended: vec![link(
                "RICE: value 9,000, suspended while it isn’t active",
                "/overrides/6",
            )],
            missing: vec![
                missing("Profit margin waits for approval", "Finance", "#param-5"),
                missing("Average order value has no value", "Finance", "#param-4"),
            ],
            preview: Some(figure("£", "71,200", "")),
            recorded_at: Some(when("12 Nov, 14:02")),
            receipt_href: Some(s("/scores/1042")),
            history_href: Some(s("/initiatives/INIT-123/scores?framework=MATH_MODEL")),
            frameworks: vec![
                FrameworkScore {
                    name: s("Math model"),
                    is_active: true,
                    value: figure("£", "59,800", ""),
                    overall: figure("", "854.285714", ""),
                    badge: Badge::of(State::Stale),
                    receipt_href: Some(s("/scores/1042")),
                },
                FrameworkScore {
                    name: s("RICE"),
                    is_active: false,
                    value: figure("", "210,000", ""),
                    overall: figure("", "10,500", ""),
                    badge: Badge::of(State::Approved),
                    receipt_href: Some(s("/scores/9")),
                },
                FrameworkScore {
                    name: s("WSJF"),
                    is_active: false,
                    value: Figure::default(),
                    overall: Figure::default(),
                    badge: Badge::of(State::NotReady),
                    receipt_href: None,
                },
            ],
        }
    }

    pub(crate) fn sample_approved() -> Self {
        Self {
            badge: Badge::of(State::Approved),
            reasons: vec![s(
                "Effort is the initiative’s days, which are not subject to approval.",
            )],
            missing: vec![],
            preview: None,
            frameworks: vec![],
            ..Self::sample()
        }
    }
}

fn lines(text: &str, values: &[&str]) -> Vec<Line> {
    text.lines()
        .enumerate()
        .map(|(at, text)| Line {
            number: u32::try_from(at + 1).unwrap(),
            text: s(text),
            value: s(values.get(at).copied().unwrap_or_default()),
        })
        .collect()
}

impl Check {
    /// A right text.
    pub(crate) fn sample() -> Self {
        let chip = |name: &str, state, value: &str| Chip {
            name: s(name),
            state,
            value: s(value),
        };
        Self {
            model_id: s("7"),
            action: s("/math-models/7/formula"),
            headline: s("No errors. Reads 7 params."),
            errors: vec![],
            warnings: vec![Remark {
                text: s("Line 1, column 9: `uplift_cnv` is not a param of this model yet."),
                fix: Some(Fix {
                    written: s("uplift_cnv"),
                    meant: s("uplift_conv"),
                }),
            }],
            chips: vec![
                chip("uplift_conv", ChipState::Approved, "2 %"),
                chip("baseline_conv", ChipState::Approved, "4 %"),
                chip("monthly_sessions", ChipState::Filled, "500,000"),
                chip("aov", ChipState::Missing, ""),
                chip("margin", ChipState::Filled, "30 %"),
                chip("horizon_months", ChipState::Approved, "12"),
                chip("infra_cost", ChipState::New, ""),
                chip("traffic", ChipState::Unused, ""),
            ],
            result: Some(CheckResult {
                is_preview: true,
                note: s("not for the record: 2 values not approved"),
                value: figure("£", "59,800", ""),
                effort: figure("", "70", "days"),
                overall: figure("", "854.285714", ""),
            }),
            no_result: String::new(),
            is_fault: false,
            lines: vec![WorkedLine {
                number: 2,
                name: s("orders"),
                terms: vec![
                    Term {
                        text: s("uplift_conv"),
                        value: s("0.02"),
                    },
                    Term {
                        text: s(" × 20,000"),
                        value: String::new(),
                    },
                ],
                value: s("400"),
            }],
            can_write: true,
            effects: vec![
                s("add 1 param: infra_cost"),
                s("leave 1 param not used: traffic"),
                s("change the value from £59,800 to £71,200"),
            ],
            draft_note: s("Kept as your private draft, 14:06"),
        }
    }

    /// A wrong text.
    pub(crate) fn sample_wrong() -> Self {
        Self {
            headline: s("2 errors"),
            errors: vec![
                CheckError {
                    line: 1,
                    column: 9,
                    message: s(
                        "`uplift_cnv` is not a parameter of this model; did you mean `uplift_conv`?",
                    ),
                    before: s("value = "),
                    marked: s("uplift_cnv"),
                    after: s(" * baseline_conv * monthly_sessions * aov"),
                    fix: None,
                },
                CheckError {
                    line: 2,
                    column: 14,
                    message: s("the bracket that opens here is never closed."),
                    before: s("saving = sum("),
                    marked: String::new(),
                    after: String::new(),
                    fix: None,
                },
            ],
            result: None,
            chips: vec![],
            lines: vec![],
            effects: vec![],
            ..Self::sample()
        }
    }
}

impl CheckFragment {
    pub(crate) fn sample() -> Self {
        Self {
            check: Check::sample_wrong(),
        }
    }
}

impl Editor {
    /// A draft over an approved version.
    pub(crate) fn sample() -> Self {
        Self {
            model_id: s("7"),
            next: s("/initiatives/INIT-123"),
            badge: Badge::of(State::NeedsApproval),
            saved: s("Version 4, saved by Priya Nair"),
            saved_at: Some(when("14 Nov, 09:12")),
            text: s(SCRIPT),
            lines: vec![],
            can_write: true,
            why_not: String::new(),
            draft: Some(when("14:06")),
            save_note: s("Saving makes version 5. The score stays as stale until it is approved."),
            error: String::new(),
            conflict: None,
            check: Check::sample(),
            approval: Some(ApprovalPanel {
                version: 4,
                effects: vec![
                    s("Adds 1 param: infra_cost"),
                    s("Keeps 6 params with their values and approvals"),
                    s("Changes the value from £59,800 to £71,200"),
                ],
                can_approve: true,
                why_not: String::new(),
            }),
            approved: Some(ApprovedVersion {
                version: 3,
                by: s("Priya Nair"),
                at: when("12 Nov, 14:02"),
                is_current: false,
                can_act: true,
                why_not: String::new(),
                effect: s("Makes version 5 with that exact text and reinstates its approval."),
            }),
            renames: vec![Rename::sample()],
            reuse: Reuse::sample(),
            seen: seen(),
        }
    }

    /// Approved, read by somebody who can't write it.
    pub(crate) fn sample_read_only() -> Self {
        Self {
            badge: Badge::of(State::Approved),
            lines: lines(SEED, &["59,800"]),
            can_write: false,
            why_not: s("Only a PM or an admin can write math models."),
            draft: None,
            check: Check {
                draft_note: String::new(),
                lines: vec![],
                effects: vec![],
                ..Check::sample()
            },
            approval: None,
            approved: Some(ApprovedVersion {
                version: 3,
                by: s("Priya Nair"),
                at: when("12 Nov, 14:02"),
                is_current: true,
                can_act: false,
                why_not: s("Only a PM or an admin can withdraw the approval of formulas."),
                effect: String::new(),
            }),
            ..Self::sample()
        }
    }

    /// Somebody else was first, and the text is wrong.
    pub(crate) fn sample_conflict() -> Self {
        Self {
            conflict: Some(FormulaConflict {
                by: s("Ida Holm"),
                at: when("14:05"),
                version: 4,
                theirs: s(SEED),
            }),
            check: Check::sample_wrong(),
            error: s("This is 9,120 bytes long; at most 8,192 fit."),
            ..Self::sample()
        }
    }
}

pub(super) fn labelled(label: &str, text: &str, is_long: bool) -> LabelledField {
    let id = format!(
        "initiative-INIT-123-{}",
        label.to_lowercase().replace([' ', '’'], "_")
    );
    let field = FieldView {
        is_long,
        invitation: s("Add"),
        ..field(&id, label, text, "")
    };
    LabelledField {
        label: s(label),
        remark: String::new(),
        field,
    }
}

fn proposal() -> Proposal {
    Proposal {
        because: s("All money that the formula reads is in £."),
        label: s("Use £ as the unit of the value"),
        action: s("/math-models/7/fields/value_unit"),
        value: s("£"),
        next: s("/math-models/7"),
        seen: seen(),
    }
}

fn model_fields() -> Vec<LabelledField> {
    vec![
        labelled("Name", "CheckoutConvValue2025", false),
        labelled("Unit of the value", "", false),
        labelled(
            "Assumptions",
            "Uplift is sustained for 12 months, margin constant, traffic stable.",
            true,
        ),
        labelled("Model notes", "", true),
    ]
}

impl initiative::Show {
    /// The page in the middle of the journey.
    pub(crate) fn sample() -> Self {
        Self {
            page: Page {
                notices: vec![Notice::done(
                    "Version 4 saved. The approval of version 3 was withdrawn; the score stands as stale.",
                )],
                ..page("INIT-123 Checkout conversion value", Nav::Backlog)
            },
            heading: Heading::sample(),
            journey: Journey::sample(),
            score: ScoreCard::sample(),
            controls: Some(score_override::Controls::sample()),
            thread: Some(Thread::sample()),
            editor: Some(Editor::sample()),
            suggestion: Some(suggestion::Panel::sample()),
            model_fields: model_fields(),
            unit_proposal: Some(proposal()),
            model_href: Some(s("/math-models/7")),
            formulas: vec![Formula {
                id: s("formula-RICE"),
                name: s("RICE"),
                scenarios_href: s("/initiatives/INIT-123/frameworks/RICE/scenarios"),
                lines: lines(
                    "value = reach * impact * confidence\noverall = value / effort",
                    &["210,000", "10,500"],
                ),
            }],
            param_notes: vec![s(
                "Four-eyes is on: nobody approves what they changed themselves.",
            )],
            tools: Some(Tools::sample()),
            grids: vec![
                Grid {
                    words: Some(params::Words::sample()),
                    ..Grid::sample()
                },
                Grid {
                    framework: s("RICE"),
                    progress: Progress {
                        framework_key: s("RICE"),
                        approved: 0,
                        total: 4,
                        text: s("0 of 4 approved"),
                        ..Progress::sample()
                    },
                    params: vec![],
                    empty: s("Params appear when RICE is turned on."),
                    ..Grid::sample()
                },
            ],
            summary: summary::Panel::sample(),
            groups: vec![
                FieldGroup {
                    heading: s("Basics"),
                    fields: vec![
                        labelled("Title", "Checkout conversion value", false),
                        labelled(
                            "Problem statement",
                            "Shoppers leave between basket and payment: 61 % of baskets are never paid.",
                            true,
                        ),
                        labelled(
                            "Hypothesis",
                            "A single page with saved address and card lifts completed orders.",
                            true,
                        ),
                        labelled("Desired outcome", "", true),
                    ],
                },
                FieldGroup {
                    heading: s("Request"),
                    fields: vec![
                        labelled("Department", "Checkout", false),
                        labelled("Requester", "Ada Marsh", false),
                        LabelledField {
                            field: FieldView {
                                edit_href: String::new(),
                                why_not: s("Only a PM or an admin can edit initiatives."),
                                ..labelled("Requester’s e-mail", "ada.marsh@example.com", false)
                                    .field
                            },
                            ..labelled("Requester’s e-mail", "", false)
                        },
                    ],
                },
                FieldGroup {
                    heading: s("Effort"),
                    fields: vec![
                        LabelledField {
                            remark: s("Set by Eli Novák, 10 Nov. Not subject to approval."),
                            ..labelled("Engineering days", "62", false)
                        },
                        labelled("Other teams’ days", "8", false),
                        labelled("Infra cost estimate", "£5,000", false),
                        labelled("T-shirt size", "", false),
                    ],
                },
            ],
        }
    }

    /// Just turned on, nothing written, a viewer looks.
    pub(crate) fn sample_start() -> Self {
        let editor = Editor {
            badge: Badge::of(State::Draft),
            saved: String::new(),
            saved_at: None,
            text: String::new(),
            draft: None,
            save_note: String::new(),
            check: Check {
                model_id: s("7"),
                action: s("/math-models/7/formula"),
                headline: s("Nothing written yet"),
                ..Check::default()
            },
            approval: None,
            approved: None,
            ..Editor::sample()
        };
        Self {
            score: ScoreCard {
                value: Figure::default(),
                overall: Figure::default(),
                badge: Badge::of(State::NotReady),
                reasons: vec![],
                missing: vec![MissingItem {
                    text: s("No formula yet"),
                    owed_by: s("PM"),
                    href: s("#formula"),
                }],
                preview: None,
                receipt_href: None,
                frameworks: vec![],
                ..ScoreCard::sample()
            },
            thread: None,
            editor: Some(editor),
            suggestion: Some(suggestion::Panel::sample_off()),
            summary: summary::Panel::sample_off(),
            formulas: vec![],
            tools: None,
            grids: vec![Grid {
                params: vec![],
                empty: s("Params appear by themselves when the formula is approved."),
                progress: Progress {
                    approved: 0,
                    total: 0,
                    text: s("No params yet"),
                    value: Figure::default(),
                    badge: Badge::of(State::NotReady),
                    ..Progress::sample()
                },
                ..Grid::sample()
            }],
            ..Self::sample()
        }
    }
}

impl History {
    pub(crate) fn sample() -> Self {
        let entry = |who: &str, sentence: &str, from: &str, to: &str, through: &str| Entry {
            who: s(who),
            at: when("14 Nov, 09:12"),
            sentence: s(sentence),
            from: s(from),
            to: s(to),
            through: s(through),
            ..Entry::default()
        };
        Self {
            page: page("History of INIT-123", Nav::Backlog),
            about: s("INIT-123"),
            crumb: Some(link(
                "INIT-123 Checkout conversion value",
                "/initiatives/INIT-123",
            )),
            title: s("History"),
            initiative: None,
            action: s("/initiatives/INIT-123/history"),
            selects: vec![Select {
                name: "field",
                label: "Field",
                options: vec![
                    option("", "Every field", true),
                    option("value", "Value", false),
                ],
            }],
            from: s(""),
            to: s(""),
            is_filtered: false,
            groups: vec![history::Group {
                heading: s(""),
                entries: vec![
                    entry(
                        "Fay Osei",
                        "changed the value of Profit margin",
                        "25 %",
                        "30 %",
                        "form",
                    ),
                    entry(
                        "Priya Nair",
                        "approved the formula of CheckoutConvValue2025, version 3",
                        "",
                        "",
                        "form",
                    ),
                    entry(
                        "Command line",
                        "set hypothesis of INIT-123",
                        "",
                        "A single page with saved address and card lifts completed orders.",
                        "import",
                    ),
                ],
            }],
            downloads: vec![],
            pager: Pager {
                summary: s("3 changes"),
                first_href: None,
                next_href: None,
            },
        }
    }
}

impl model::Show {
    pub(crate) fn sample() -> Self {
        let version = |number, is_current, remark: &str| Version {
            number,
            by: s("Priya Nair"),
            at: when("12 Nov, 14:02"),
            text: s(SEED),
            changes: vec![
                diff_line(LineChange::Removed, "value = <aov> & more"),
                diff_line(LineChange::Added, "value = aov"),
                diff_line(LineChange::Kept, "effort = 2"),
            ],
            remark: s(remark),
            is_current,
            can_restore: !is_current,
        };
        Self {
            page: page("CheckoutConvValue2025", Nav::Models),
            name: s("CheckoutConvValue2025"),
            initiative: link(
                "INIT-123 Checkout conversion value",
                "/initiatives/INIT-123",
            ),
            scenarios: super::scenario_samples::bar(),
            driver_note: s("Scenario Bold <b> drives the score."),
            place: s("Math model · Base"),
            reuse_links: vec![link("Copy to initiatives", "/copies/new?from=model:7")],
            template_name: s("Uplift <b>"),
            thread: None,
            editor: Editor::sample_conflict(),
            suggestion: suggestion::Panel::sample_asking(),
            fields: model_fields(),
            unit_proposal: Some(proposal()),
            versions: vec![
                version(4, true, ""),
                version(3, false, "approved by Priya Nair, 12 Nov"),
                version(2, false, ""),
            ],
        }
    }
}

impl model::Index {
    pub(crate) fn sample() -> Self {
        let row = |id, name: &str, badge| ListRow {
            id,
            href: format!("/math-models/{id}"),
            name: s(name),
            initiative: link("INIT-123", "/initiatives/INIT-123"),
            title: s("Checkout conversion value"),
            version: s("3"),
            badge,
            params: s("5 of 7 approved"),
            changed: when("12 Nov"),
            copy_href: format!("/copies/new?from=model:{id}"),
        };
        Self {
            page: page("Math models", Nav::Models),
            search: Search {
                action: s("/math-models"),
                ..Search::default()
            },
            filters: vec![crate::web::chips::row(
                "State",
                &[("All", ""), ("Needs approval", "needs_approval")],
                "",
                |key| format!("/math-models?state={key}"),
            )],
            clear_href: None,
            rows: vec![
                row(7, "CheckoutConvValue2025", Badge::of(State::Approved)),
                row(8, "INIT-107_MATH_MODEL_V1", Badge::of(State::Draft)),
                row(9, "SubstitutionValue", Badge::of(State::NeedsApproval)),
            ],
            pager: Pager {
                summary: s("3 models"),
                ..Pager::default()
            },
            downloads: vec![link("CSV", "/math-models.csv")],
            empty: None,
        }
    }
}

fn cell(key: &'static str, text: &str, invitation: &'static str) -> Cell {
    Cell {
        key,
        text: s(text),
        invitation,
        can_edit: true,
        guess: "llm",
        ..Cell::default()
    }
}

fn param(
    id: i64,
    name: &str,
    label: &str,
    value: (&str, &str),
    unit: &str,
    range: (&str, Option<f64>),
    source: &str,
) -> Param {
    let bar = (!range.0.is_empty()).then(|| Bar::at(range.1));
    let state = if value.0.is_empty() {
        State::Missing
    } else {
        State::Approved
    };
    let approval = if value.0.is_empty() {
        ParamApproval {
            waits_for: format!("{source} fills it in"),
            ..ParamApproval::default()
        }
    } else {
        ParamApproval {
            can_withdraw: true,
            by: s("Fay Osei"),
            at: Some(when("12 Nov")),
            ..ParamApproval::default()
        }
    };
    Param {
        id,
        name: s(name),
        label: cell("param_display", label, "Add a label"),
        value: Cell {
            more: s(value.1),
            ..cell("value", value.0, "Add a value")
        },
        unit: cell("unit", unit, "Add a unit"),
        range: Cell {
            bar,
            ..cell("range", range.0, "Add a range")
        },
        source: cell("source", source, "Choose an owner"),
        evidence: cell("evidence_link", "", "Add a link"),
        evidence_href: String::new(),
        evidence_note: String::new(),
        review: None,
        badge: Badge::of(state),
        approval,
        changed_by: s("Ada Marsh"),
        changed_at: when("12 Nov, 14:02"),
        is_used: true,
        can_pick: true,
        follows: None,
        instead: None,
        guessed: s("label, unit"),
        revision: 7,
    }
}

/// One that its own author may not approve, and whose owner stays.
fn barred_param() -> Param {
    Param {
        badge: Badge::of(State::NeedsApproval),
        approval: ParamApproval {
            why_not: s(
                "You changed its value on 12 Nov 2026; with four-eyes on, somebody else approves it: a PM or an admin.",
            ),
            ..ParamApproval::default()
        },
        source: Cell {
            can_edit: false,
            why_not: Some("Only Finance can change whose param this is.".into()),
            says_why: true,
            ..cell("source", "Finance", "Choose an owner")
        },
        ..param(
            6,
            "horizon_months",
            "Horizon in months",
            ("12", ""),
            "months",
            ("1 – 36", Some(0.31)),
            "PM",
        )
    }
}

impl Progress {
    pub(crate) fn sample() -> Self {
        Self {
            framework_key: s("MATH_MODEL"),
            initiative_key: s("INIT-123"),
            approved: 5,
            total: 7,
            text: s("5 of 7 approved, 1 without a value"),
            value: figure("£", "59,800", ""),
            badge: Badge::of(State::Stale),
        }
    }
}

impl Grid {
    pub(crate) fn sample() -> Self {
        Self {
            initiative: link("INIT-123", "/initiatives/INIT-123"),
            title: s("Checkout conversion value"),
            framework: s("Math model"),
            driver: Some(link("Scenario Bold & <b> drives the score", "/scenarios/9")),
            progress: Progress::sample(),
            params: vec![
                Param {
                    evidence: cell("evidence_link", "data.example.com", "Add a link"),
                    evidence_href: s("https://data.example.com/x"),
                    evidence_note: s("as of 1 Nov 2026"),
                    review: Some(Badge::saying(State::ReviewDue, "Review was due 3 Nov")),
                    ..param(
                        1,
                        "uplift_conv",
                        "Uplift in conversion rate",
                        ("2 %", "0.02"),
                        "%",
                        ("0 – 10 %", Some(0.2)),
                        "Analytics",
                    )
                },
                param(
                    2,
                    "baseline_conv",
                    "Baseline conversion rate",
                    ("4 %", "0.04"),
                    "%",
                    ("0 – 20 %", Some(0.2)),
                    "Analytics",
                ),
                param(
                    3,
                    "monthly_sessions",
                    "Monthly sessions",
                    ("500,000", ""),
                    "visits",
                    ("", None),
                    "Analytics",
                ),
                param(
                    4,
                    "aov",
                    "Average order value",
                    ("", ""),
                    "£",
                    ("", None),
                    "Finance",
                ),
                Param {
                    badge: Badge::because(State::NeedsApproval, "Fay Osei changed it from 25 %"),
                    approval: ParamApproval {
                        can_approve: true,
                        ..ParamApproval::default()
                    },
                    ..param(
                        5,
                        "margin",
                        "Profit margin",
                        ("30 %", "0.3"),
                        "%",
                        ("0 – 100 %", Some(0.3)),
                        "Finance",
                    )
                },
                barred_param(),
                Param {
                    badge: Badge::of(State::NeedsOwner),
                    approval: ParamApproval {
                        waits_for: s("Waits for Eng"),
                        ..ParamApproval::default()
                    },
                    ..param(
                        7,
                        "infra_cost",
                        "Infra cost (one-off)",
                        ("£5,000", ""),
                        "£",
                        ("0 – 4,000", Some(1.25)),
                        "",
                    )
                },
                Param {
                    is_used: false,
                    badge: Badge::of(State::Orphaned),
                    ..param(8, "traffic", "", ("12,000", ""), "", ("", None), "PM")
                },
            ],
            empty: String::new(),
            names_initiative: false,
            add_href: s("/initiatives/INIT-123/params/new?framework=MATH_MODEL"),
            words: None,
        }
    }
}

impl params::Index {
    pub(crate) fn sample() -> Self {
        let second = Grid {
            progress: Progress {
                framework_key: s("RICE"),
                approved: 1,
                total: 1,
                text: s("1 of 1 approved"),
                ..Progress::sample()
            },
            params: vec![param(
                21,
                "reach",
                "Reach",
                ("100,000", ""),
                "people",
                ("", None),
                "Analytics",
            )],
            names_initiative: true,
            add_href: String::new(),
            framework: s("RICE"),
            ..Grid::sample()
        };
        Self {
            page: page("Params", Nav::Params),
            search: Search {
                action: s("/params"),
                ..Search::default()
            },
            filters: vec![
                filter("Framework", &["All", "Math model", "RICE", "WSJF"]),
                filter(
                    "State",
                    &[
                        "All",
                        "Missing",
                        "Needs approval",
                        "Approved",
                        "Not used",
                        "Needs an owner",
                    ],
                ),
                filter(
                    "Source",
                    &["All", "PM", "Analytics", "Finance", "Eng", "Nobody"],
                ),
            ],
            clear_href: None,
            notes: vec![s(
                "Four-eyes is on: nobody approves what they changed themselves.",
            )],
            tools: Some(Tools::sample()),
            downloads: vec![link("CSV", "/params.csv")],
            columns: params::Columns::sample(),
            hidden: vec![s("no-range")],
            shelves: vec![],
            grids: vec![
                Grid {
                    names_initiative: true,
                    ..Grid::sample()
                },
                second,
            ],
            pager: Pager {
                summary: s("9 params"),
                first_href: Some(s("/params")),
                next_href: None,
            },
            empty: None,
        }
    }

    pub(crate) fn sample_no_hits() -> Self {
        Self {
            grids: vec![],
            clear_href: Some(s("/params")),
            empty: Some(Empty {
                title: s("No params match"),
                text: s("Take a filter off, or search for something else."),
                links: vec![link("Clear filters", "/params")],
                offers_sample_data: false,
            }),
            ..Self::sample()
        }
    }
}

impl Tools {
    pub(crate) fn sample() -> Self {
        Self {
            next: s("/params"),
            form_key: s("00000000-0000-4000-8000-000000000000"),
            decimal_separator: "comma",
            units: vec!["%", "£"],
            sources: vec!["PM", "Eng"],
            paste_href: s("/params/paste"),
        }
    }
}

impl paste::PastePage {
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Paste a block", Nav::Params),
            text: s("<b>Two</b>"),
            starts: vec![],
            columns: vec![],
            hidden: vec![],
            back_href: s("/params"),
            error: s("There is nothing to paste."),
        }
    }
}

impl paste::Preview {
    pub(crate) fn sample() -> Self {
        let cell = |is_changed, why: &str| paste::PreviewCell {
            column: s("Value"),
            is_there: true,
            is_changed,
            old: s("30 % (0.3)"),
            new: s("<b>Two</b>"),
            why: s(why),
        };
        Self {
            page: page("What pasting would do", Nav::Params),
            counts: s("1 changed, 1 unchanged, 2 refused"),
            notes: vec![s("Approvals that fall: 1 (Profit margin)")],
            columns: vec![s("Value"), s("Unit"), s("Source")],
            rows: vec![paste::PreviewRow {
                label: s("Profit margin"),
                of: s("INIT-123, Math model"),
                cells: vec![
                    cell(true, ""),
                    cell(false, ""),
                    cell(false, "No such source."),
                ],
            }],
            refused: vec![paste::Outside {
                place: s("Margin & <co> (INIT-1, Math model), Value"),
                typed: s("lots"),
                why: s("“lots” is not a number that can be used."),
            }],
            outside: vec![paste::Outside {
                place: s("Row 2, column 1"),
                typed: s("5"),
                why: s("There are no more rows in the list."),
            }],
            hidden: vec![Hidden {
                name: s("seen_revisions"),
                value: s("5:7"),
            }],
            apply_label: s("Apply 1 cell"),
            back_href: s("/params"),
        }
    }
}

impl params::Row {
    pub(crate) fn sample() -> Self {
        Self {
            param: Grid::sample().params.remove(4),
        }
    }
}

impl params::CellAlone {
    pub(crate) fn sample() -> Self {
        Self {
            id: 5,
            cell: Grid::sample().params.remove(4).value,
        }
    }
}

impl Saved {
    pub(crate) fn sample() -> Self {
        Self {
            param: Grid::sample().params.remove(4),
            progress: Some(Progress::sample()),
            score: Some(ScoreCard::sample()),
            journey: Some(Journey::sample()),
            heading: None,
            check: None,
            notices: vec![Notice::done(
                "Saved. The approval of Profit margin was withdrawn.",
            )],
        }
    }
}

impl params::Show {
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Profit margin", Nav::Params),
            initiative: link(
                "INIT-123 Checkout conversion value",
                "/initiatives/INIT-123",
            ),
            framework: s("Math model"),
            notes: vec![],
            param: Grid::sample().params.remove(4),
            progress: Progress::sample(),
            words: Some(params::Words::sample_asking()),
            said: vec![Notice::done("Name saved")],
            thread: Some(Thread::sample_error()),
            fields: vec![
                labelled(
                    "Description",
                    "Share of the price that stays after cost of goods.",
                    true,
                ),
                labelled("Notes", "", true),
                labelled("Evidence as of", "1 Nov 2026", false),
                labelled("Review by", "", false),
            ],
        }
    }
}

impl Edit {
    /// A value with an error and a proposal.
    pub(crate) fn sample() -> Self {
        Self {
            id: s("param-5-value"),
            label: s("Value of Profit margin"),
            control: Control::Number {
                value: s("30"),
                unit: s("%"),
            },
            hint: s(
                "As you would write it: 4%, 0.04, £1.2k. Saving withdraws Fay Osei’s approval.",
            ),
            action: s("/params/5/fields/value"),
            seen: seen(),
            decimal_separator: "comma",
            cancel_href: s("/params/5"),
            read_href: s("/params/5"),
            history_href: s("/params/5/history?field=value"),
            error: Some(s("30 is 3,000 % here. Did you mean 30 % (0.3)?")),
            choices: vec![Choice {
                label: s("Use 30 % (0.3)"),
                value: s("30%"),
            }],
            offer: Some(Choice {
                label: s("Use 70 days from the initiative"),
                value: s("70"),
            }),
            conflict: None,
        }
    }

    /// Somebody else was first.
    pub(crate) fn sample_conflict() -> Self {
        Self {
            error: None,
            choices: vec![],
            conflict: Some(Conflict {
                by: s("Fay Osei"),
                at: when("14:05"),
                theirs: s("25 %"),
                yours: s("30 %"),
            }),
            ..Self::sample()
        }
    }

    /// One of each control.
    pub(crate) fn samples() -> Vec<Self> {
        [
            Control::Line {
                choices: vec![s("%"), s("£ <per> \"order\"")],
                value: s("=Formula-looking title"),
            },
            Control::Text {
                value: s("<b>Two</b>\nlines"),
            },
            Control::Date {
                value: s("2026-11-12"),
            },
            Control::Select {
                options: vec![
                    option("", "Nobody", false),
                    option("Finance", "Finance", true),
                ],
            },
            Control::Range {
                min: s("0"),
                max: s("100%"),
            },
        ]
        .map(|control| Self {
            control,
            error: None,
            choices: vec![],
            ..Self::sample()
        })
        .into_iter()
        .chain([Self::sample(), Self::sample_conflict()])
        .collect()
    }
}

impl FieldEdit {
    pub(crate) fn sample() -> Self {
        Self {
            edit: Edit::sample(),
        }
    }
}

impl EditPage {
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Value of Profit margin", Nav::Params),
            edit: Edit::sample_conflict(),
            subject: s("INIT-123 Checkout conversion value"),
        }
    }
}

impl Field {
    pub(crate) fn sample() -> Self {
        Self {
            field: field("param-5-value", "Value of Profit margin", "30 %", "0.3"),
        }
    }
}

impl FieldSaved {
    pub(crate) fn sample() -> Self {
        Self {
            field: Field::sample().field,
            heading: Some(Heading::sample()),
            journey: Some(Journey::sample()),
            score: Some(ScoreCard::sample_approved()),
            answer: Some(suggestion::Panel::sample()),
            notices: vec![],
        }
    }
}

impl ScoreHistory {
    pub(crate) fn sample() -> Self {
        let row = |number: &str, value: &str, change: &str| ScoreRow {
            receipt: link(&format!("Receipt {number}"), &format!("/scores/{number}")),
            value: figure("£", value, ""),
            effort: figure("", "70", ""),
            overall: figure("", "854.285714", ""),
            changes: vec![s(change)],
            recorded_at: when("12 Nov 2026, 14:02"),
            recorded_by: s("Fay Osei"),
        };
        Self {
            page: page("Score history of INIT-123", Nav::Backlog),
            initiative: link(
                "INIT-123 Checkout conversion value",
                "/initiatives/INIT-123",
            ),
            framework: s("Math model"),
            frameworks: None,
            chart_note: String::new(),
            charts: vec![Chart {
                number: s("1"),
                title: s("Value over time, in £"),
                description: s("From £59,800 to £71,200."),
                line: s("M8.0 180.0H992.0V20.0"),
                dots: s("M8.0 180.0h0M992.0 20.0h0"),
                highest: s("£71,200"),
                lowest: s("£59,800"),
                first_day: s("12 Nov 2026"),
                last_day: s("14 Nov 2026"),
            }],
            downloads: vec![link("CSV", "/initiatives/INIT-123/scores.csv")],
            rows: vec![
                row(
                    "1050",
                    "71,200",
                    "Margin 0.3 → 0.35 (Fay Osei, 14 Nov 2026)",
                ),
                row("1042", "59,800", "First score"),
            ],
            pager: Pager {
                summary: s("2 scores"),
                ..Pager::default()
            },
        }
    }
}

impl Receipt {
    pub(crate) fn sample() -> Self {
        let input = |label: &str, name: &str, value, reading: &str| Input {
            label: s(label),
            name: s(name),
            value,
            reading: s(reading),
            range: s("Range 0 to 1, approved by Fay Osei, 12 Nov"),
            set_by: s("Ada Marsh"),
            set_at: Some(when("10 Nov, 11:40")),
            approved_by: s("Fay Osei"),
            approved_at: Some(when("12 Nov, 14:00")),
        };
        Self {
            page: page("Receipt 1042", Nav::Backlog),
            number: s("1042"),
            initiative: link(
                "INIT-123 Checkout conversion value",
                "/initiatives/INIT-123",
            ),
            framework: s("Math model"),
            names_then: vec![s("The model was called “V1” when this was recorded.")],
            badge: Badge::of(State::Approved),
            value: figure("£", "59,800", ""),
            effort: figure("", "70", "days"),
            overall: figure("", "854.285714", ""),
            recorded_at: when("12 Nov 2026, 14:02"),
            recorded_by: s("after Fay Osei approved Profit margin"),
            formula_version: s("Version 3"),
            formula_by: s("Written by Priya Nair, 12 Nov. Approved by Priya Nair, 12 Nov."),
            fingerprint: s("ab01"),
            lines: lines(SCRIPT, &["", "400", "5,400", "", "59,800"]),
            inputs: vec![
                input(
                    "Uplift in conversion rate",
                    "uplift_conv",
                    figure("", "2", "%"),
                    "0.02",
                ),
                input(
                    "Baseline conversion rate",
                    "baseline_conv",
                    figure("", "4", "%"),
                    "0.04",
                ),
                input(
                    "Monthly sessions",
                    "monthly_sessions",
                    figure("", "500,000", "visits"),
                    "",
                ),
                input("Average order value", "aov", figure("£", "45", ""), ""),
                input("Profit margin", "margin", figure("", "30", "%"), "0.3"),
                input(
                    "Horizon in months",
                    "horizon_months",
                    figure("", "12", "months"),
                    "",
                ),
                input(
                    "Infra cost (one-off)",
                    "infra_cost",
                    figure("£", "5,000", ""),
                    "",
                ),
            ],
            effort_inputs: vec![Input {
                approved_by: s("not subject to approval"),
                approved_at: None,
                ..input(
                    "Engineering days",
                    "effort_engineering_days",
                    figure("", "62", "days"),
                    "",
                )
            }],
            notes: vec![s(
                "Effort is the initiative’s days, which are not subject to approval.",
            )],
            warnings: vec![s("Line 2: no line reads `orders`.")],
            engine: s("productops-formula/1"),
            newer: Some(link("Receipt 1050", "/scores/1050")),
            history_href: s("/initiatives/INIT-123/scores?framework=MATH_MODEL"),
            recompute_action: s("/scores/1042/recomputation"),
            recomputed: Some(Recomputed {
                badge: Badge::saying(State::Stale, "Not the same"),
                sentence: s("What differs:"),
                differences: vec![s("Value: recorded 1, now 2.")],
            }),
        }
    }
}

impl score_override::Controls {
    pub(crate) fn sample() -> Self {
        Self {
            edit_href: s("/initiatives/INIT-123/override/edit"),
            edit_label: s("Change override"),
            why_not: String::new(),
            withdraw_action: s("/overrides/7/withdrawal"),
            seen: Seen {
                revision: 9,
                form_key: String::new(),
            },
        }
    }
}

impl score_override::Form {
    pub(crate) fn sample() -> Self {
        let one = |name, label: &str, text: &str, error: &str| score_override::FormBox {
            name,
            label: s(label),
            hint: s("As people write it."),
            text: s(text),
            error: s(error),
        };
        Self {
            heading: s("Override Math model"),
            own: s("By itself, Math model gives value £59,800."),
            action: s("/initiatives/INIT-123/override"),
            seen: Seen::default(),
            decimal_separator: "point",
            conflict: Some(Conflict {
                by: s("Bo"),
                at: when("12 Nov, 14:02"),
                theirs: s("Overridden by Bo: Signed."),
                yours: String::new(),
            }),
            boxes: vec![
                one("value", "Value", "<b>Two</b>", "That is no number."),
                one("overall", "Overall", "", ""),
                one("reason", "Reason", "Signed <b>Two</b>", ""),
                one("last_day", "Last day", "2026-12-01", ""),
            ],
            choice: Some(Choice {
                label: s("Use 4%"),
                value: s("4%"),
            }),
            cancel_href: s("/initiatives/INIT-123"),
        }
    }
}

impl score_override::EditPage {
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Override of INIT-123", Nav::Backlog),
            form: score_override::Form::sample(),
            subject: s("INIT-123 Checkout conversion value"),
        }
    }
}

impl score_override::Saved {
    pub(crate) fn sample() -> Self {
        Self {
            controls: Some(score_override::Controls::sample()),
            heading: Heading::sample(),
            journey: Journey::sample(),
            score: ScoreCard::sample_approved(),
            notices: vec![Notice::done("Override saved")],
        }
    }
}

impl score_override::Receipt {
    pub(crate) fn sample() -> Self {
        Self {
            page: page("Override 7", Nav::Backlog),
            number: s("7"),
            initiative: link("INIT-123 Checkout", "/initiatives/INIT-123"),
            framework: s("Math model"),
            badge: Badge::of(State::Overridden),
            set_by: s("Bo"),
            set_at: when("12 Nov, 14:02"),
            reason: s("Signed <b>Two</b>"),
            rows: vec![score_override::ReceiptRow {
                label: s("Value"),
                counts: figure("£", "70,000", ""),
                remark: s("not overridden"),
                then: figure("£", "59,800", ""),
                today: Figure::default(),
            }],
            then_state: s("Approved"),
            then_receipt: Some(link("Receipt 1042", "/scores/1042")),
            today_state: s("Not ready"),
            today_receipt: None,
            until: s("to the end of 1 Dec 2026 (UTC)"),
            ending: s("Withdrawn by Ada,"),
            ended_at: Some(when("14 Nov, 09:12")),
            next: Some(link("override 8", "/overrides/8")),
        }
    }
}
