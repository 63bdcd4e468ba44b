//! Samples of the settings page, for the tests that render them all.

use super::{
    Pager,
    history::Entry,
    layout::Nav,
    samples::{page, s, seen, when},
    settings::{Choice, Conflict, Show},
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
