//! Samples of copies and templates, full of awkward texts.

use super::{
    Empty, Link, Search, Seen,
    badge::{Badge, State},
    error::Notice,
    layout::Page,
    model::{DiffLine, LineChange},
    model_copy::{Choice, Choose, Done, Got, Preview, Reuse, Target, TemplateChange},
    model_template::{Edit, Entry, Index, ParamLine, Section, Show, Use},
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

fn diff() -> Vec<DiffLine> {
    [
        (LineChange::Removed, "value = a * <b>"),
        (LineChange::Added, "value = a * b - cost"),
    ]
    .map(|(change, text)| DiffLine {
        change,
        text: s(text),
    })
    .into()
}

impl Reuse {
    pub(crate) fn sample() -> Self {
        Self {
            origin: s("from template “Uplift <b>” (version 1)"),
            start_href: s("/templates?target=INIT-123"),
            change: Some(TemplateChange {
                name: s("Uplift <b>"),
                href: s("/templates/7"),
                taken: 1,
                version: 3,
                diff: diff(),
                take_href: s("/copies/preview?from=template:7&target=INIT-123&over=INIT-123"),
                warning: s("Taking it withdraws the approval."),
                put_off_action: s("/math-models/8/template/postponement"),
                can_act: true,
                seen: seen(),
            }),
        }
    }
}

impl Choose {
    pub(crate) fn sample() -> Self {
        let choice = |key: &str, title: &str, is_chosen| Choice {
            key: s(key),
            title: s(title),
            state: s("No formula yet"),
            is_chosen,
        };
        Self {
            page: Page::default(),
            from: s("model:7"),
            what: s("INIT-123, version 3"),
            source_href: s("/math-models/7"),
            query: s("\"pay\" <fast>"),
            choices: vec![
                choice("INIT-4", "Pay by <link>", true),
                choice("INIT-5", "Pay later", false),
            ],
            note: s("These are the first 50 that were found; search to see others."),
            most: 200,
            error: s("Choose at least one initiative first."),
        }
    }
}

impl Preview {
    pub(crate) fn sample() -> Self {
        let begins = Target {
            key: s("INIT-4"),
            href: s("/initiatives/INIT-4"),
            title: s("Pay by <link>"),
            revision: 3,
            fate: s("Gets the formula"),
            lines: vec![
                s("Version 1 appears, unapproved."),
                s("Params that appear: aov, margin"),
            ],
            is_open: true,
            ..Target::default()
        };
        let has_formula = Target {
            key: s("INIT-5"),
            href: s("/initiatives/INIT-5"),
            fate: s("Has a formula: it stays, unless you choose to replace it"),
            can_replace: true,
            is_replaced: true,
            diff: diff(),
            ..begins.clone()
        };
        let archived = Target {
            key: s("INIT-6"),
            href: s("/initiatives/INIT-6"),
            title: s("Old"),
            fate: s("Refused: it is archived. Restore it first"),
            ..Target::default()
        };
        Self {
            page: Page::default(),
            from: s("model:7"),
            version: 3,
            what: s("INIT-123, version 3"),
            origin: s("copied from INIT-123 v3"),
            formula: s("value = aov * margin # <why>"),
            targets: vec![begins, has_formula, archived],
            notes: vec![s("There is no initiative INIT-<9>.")],
            button: s("Copy to 1 initiative and those chosen"),
            choose_href: s("/copies/new?from=model%3A7&target=INIT-4"),
            back_href: s("/math-models/7"),
        }
    }
}

impl Done {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page {
                notices: vec![Notice::done("The formula was copied to 1 initiative.")],
                ..Page::default()
            },
            models: vec![Got {
                initiative: Link {
                    label: s("INIT-4"),
                    href: s("/initiatives/INIT-4"),
                },
                model_href: s("/math-models/9"),
            }],
            left_out: vec![s("INIT-5: it changed since it was shown")],
            back_href: s("/math-models/7"),
        }
    }
}

impl Index {
    pub(crate) fn sample() -> Self {
        let pattern = Entry {
            id: s("pattern-rate-uplift"),
            name: s("Rate uplift"),
            href: s("/templates/rate-uplift"),
            badge: None,
            when_to_use: s("More of the same visitors do what you want."),
            formula: s("value = uplift_conv * sessions"),
            about: s("used by 3 initiatives"),
            start_href: s("/copies/preview?from=pattern:rate-uplift&target=INIT-123"),
        };
        let own = Entry {
            id: s("template-7"),
            name: s("Ours & <theirs>"),
            href: s("/templates/7"),
            badge: Some(Badge::of(State::Approved)),
            when_to_use: String::new(),
            about: s("Kept by Priya Nair in INIT-3 · not used yet"),
            ..pattern.clone()
        };
        let section = |id: &str, title: &str, entry| Section {
            id: s(id),
            title: s(title),
            entries: vec![entry],
        };
        Self {
            page: Page::default(),
            search: Search {
                action: s("/templates"),
                ..Search::default()
            },
            target: s("INIT-123"),
            downloads: vec![Link {
                label: s("CSV"),
                href: s("/templates.csv"),
            }],
            sections: vec![
                section("own-templates", "Made here", own),
                section("patterns", "Patterns that come with ProductOps", pattern),
            ],
            empty: None,
        }
    }

    pub(crate) fn sample_empty() -> Self {
        Self {
            target: String::new(),
            sections: vec![],
            empty: Some(Empty {
                title: s("No template matches"),
                text: s("No template or pattern has “<x>” in its name, purpose or formula."),
                ..Empty::default()
            }),
            ..Self::sample()
        }
    }
}

impl Show {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            name: s("Ours & <theirs>"),
            badge: Some(Badge::of(State::Approved)),
            kept_by: s("Kept by Priya Nair, a template since 12 Nov 2026"),
            model: Some(Link {
                label: s("the model of INIT-3"),
                href: s("/math-models/7"),
            }),
            when_to_use: s("Where <orders> grow."),
            version: 3,
            formula: s("value = aov * margin"),
            assumptions: s("Margin <stays>."),
            params: vec![ParamLine {
                name: s("aov"),
                label: s("Average order value"),
                description: s("Before \"costs\""),
                unit: s("£"),
                range: s("at least 0"),
                source: s("Finance"),
                sample: s("45"),
            }],
            sample_value: s("£59,800"),
            uses: vec![Use {
                initiative: Link {
                    label: s("INIT-4"),
                    href: s("/initiatives/INIT-4"),
                },
                title: s("Pay by <link>"),
                model_href: s("/math-models/9"),
                version: 1,
            }],
            start_href: s("/copies/new?from=template:7"),
            start_label: s("Use it for initiatives"),
            why_not: String::new(),
        }
    }

    pub(crate) fn sample_read_only() -> Self {
        Self {
            badge: None,
            model: None,
            uses: vec![],
            sample_value: String::new(),
            start_href: String::new(),
            why_not: s("Only a PM or an admin can write math models."),
            ..Self::sample()
        }
    }
}

impl Edit {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page::default(),
            model: Link {
                label: s("CheckoutConvValue2025"),
                href: s("/math-models/7"),
            },
            action: s("/math-models/7/template"),
            name: s("Uplift \"<b>\""),
            when_to_use: s("When </textarea> grows."),
            is_template: true,
            error: s("A template needs a name that others find it by."),
            conflict: s("Bo changed the template “Uplift” of CheckoutConvValue2025."),
            seen: seen(),
        }
    }
}
