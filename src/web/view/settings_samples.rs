//! Samples of the settings page, for the tests that render them all.

use super::{
    Pager,
    history::Entry,
    layout::Nav,
    samples::{page, s, seen, when},
    settings::{Choice, Conflict, Llm, Number, Show},
};

impl Show {
    /// As an admin sees it who wasn't the first to save.
    pub(crate) fn sample() -> Self {
        let choice = |key, label, is_chosen| Choice {
            key,
            label,
            means: "Nobody approves what they changed themselves.",
            is_chosen,
        };
        Self {
            page: page("Settings", Nav::Elsewhere),
            can_change: true,
            why_not: String::new(),
            choices: vec![
                choice("off", "Off", false),
                choice("finance", "Finance-owned params", true),
                choice("all", "Every param and formula", false),
            ],
            finance_approves_own: true,
            conflict: Some(Conflict {
                by: s("Ada <Okafor>"),
                at: when("12 Nov, 14:02"),
                what: s("turned four-eyes off"),
            }),
            seen: seen(),
            llm: Llm {
                set_up: "connected",
                numbers: vec![Number {
                    name: "calls_a_day",
                    label: "Calls a day",
                    value: s("<ten>"),
                }],
                suggests_by_itself: true,
                error: s("Calls a day must be a whole number from 0 to 1000000."),
                conflict: Some(Conflict {
                    by: s("Ada <Okafor>"),
                    at: when("12 Nov, 14:02"),
                    what: s("changed the LLM’s calls a day"),
                }),
                seen: seen(),
            },
            history: vec![Entry {
                who: s("Ada <Okafor>"),
                at: when("12 Nov, 14:02"),
                sentence: s("turned four-eyes off"),
                through: s("form"),
                ..Entry::default()
            }],
            pager: Pager {
                summary: s("1 change"),
                ..Pager::default()
            },
        }
    }

    /// As everybody else sees it, before anybody changed anything.
    pub(crate) fn sample_read_only() -> Self {
        Self {
            can_change: false,
            why_not: s("Only an admin can change the settings."),
            conflict: None,
            history: vec![],
            ..Self::sample()
        }
    }
}
