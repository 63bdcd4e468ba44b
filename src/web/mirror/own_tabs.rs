//! The tabs of the app's own beside the backlog, each with its switch and where it stands.

use super::page::counted;
use crate::{
    domain::{mirror_mode::Mode, mirror_tab::MirrorTab},
    store::{mirror_control::Control, mirror_found::FoundTab, mirror_page::Target},
    web::view::{
        badge::{Badge, State},
        mirror::OwnTab,
    },
};

pub(super) fn all(target: &Target, control: &Control, mode: Mode) -> Vec<OwnTab> {
    let one = |tab: MirrorTab| {
        let decided = control.tabs.get(tab.key()).copied();
        let found = target
            .found
            .tabs
            .iter()
            .find(|found| found.key == tab.key());
        let (badge, says) = match decided {
            Some(true) => standing(found, target, mode),
            decided => off(tab, target, decided.is_some()),
        };
        OwnTab {
            key: tab.key(),
            title: tab.title(),
            badge,
            says,
            columns: tab.columns().join(", "),
            is_on: decided == Some(true),
        }
    };
    MirrorTab::ALL.map(one).into()
}

fn off(tab: MirrorTab, target: &Target, was_on: bool) -> (Badge, String) {
    let badge = Badge::saying(State::Archived, "Off");
    let rows = tab.rows_are();
    let says = match (was_on, target.is_google) {
        (true, true) => {
            "It was switched off: the tab stays in the spreadsheet as it stood then, and can be \
                         deleted there."
                .to_owned()
        }
        (true, false) => {
            "It was switched off: the file stays as it stood then, and can be deleted.".to_owned()
        }
        (false, true) => format!(
            "Would make a tab “{tab}” in the spreadsheet that only the app can edit: {rows}."
        ),
        (false, false) => format!(
            "Would make a file central_backlog.{}.csv beside the backlog’s: {rows}.",
            tab.key()
        ),
    };
    (badge, says)
}

fn standing(found: Option<&FoundTab>, target: &Target, mode: Mode) -> (Badge, String) {
    let said = |state, word: &'static str, says: String| (Badge::saying(state, word), says);
    let thing = if target.is_google { "tab" } else { "file" };
    let Some(found) = found else {
        let says = format!("The mirror makes the {thing} at its next run.");
        return said(State::Draft, "On", says);
    };
    let waiting = i64::try_from(found.waiting).unwrap_or(i64::MAX);
    match found.place.as_str() {
        "taken" => said(
            State::Missing,
            "Name taken",
            format!(
                "There is a {thing} “{}” already that the app didn’t make. It is left alone. Rename or delete it, and \
                 the mirror makes its own.",
                found.words
            ),
        ),
        "refused" => said(
            State::Missing,
            "Not written",
            format!("{} The backlog is mirrored all the same.", found.words),
        ),
        "there" if waiting == 0 => said(
            State::Approved,
            "In step",
            format!("The {thing} “{}” shows what the app says.", found.words),
        ),
        "there" => said(
            State::Draft,
            "Waiting",
            format!(
                "The {thing} “{}”: a write would change {}.",
                found.words,
                counted(waiting, "cell")
            ),
        ),
        _ if mode == Mode::Write => said(
            State::Draft,
            "On",
            format!("The mirror makes the {thing} at its next run."),
        ),
        _ => said(
            State::Draft,
            "Waiting",
            format!(
                "A write would make the {thing}, with {}.",
                counted(waiting, "cell")
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(decided: Option<bool>, found: Option<FoundTab>) -> (String, String) {
        let mut target = Target {
            is_google: true,
            ..Target::default()
        };
        target.found.tabs.extend(found);
        let mut control = Control::default();
        control
            .tabs
            .extend(decided.map(|is_on| ("params".to_owned(), is_on)));
        let all = all(&target, &control, Mode::Write);
        let params = all.into_iter().find(|tab| tab.key == "params").unwrap();
        (params.badge.text.into_owned(), params.says)
    }

    fn found(place: &str, words: &str, waiting: usize) -> FoundTab {
        FoundTab {
            key: "params".to_owned(),
            place: place.to_owned(),
            words: words.to_owned(),
            waiting,
        }
    }

    #[test]
    fn each_tab_says_what_it_would_make_or_how_it_stands() {
        for (decided, found, word, part) in [
            (None, None, "Off", "Would make a tab “Params”"),
            (
                Some(false),
                None,
                "Off",
                "stays in the spreadsheet as it stood",
            ),
            (Some(true), None, "On", "at its next run"),
            (
                Some(true),
                Some(found("there", "Numbers", 0)),
                "In step",
                "“Numbers” shows",
            ),
            (
                Some(true),
                Some(found("there", "Params", 3)),
                "Waiting",
                "3 cells",
            ),
            (
                Some(true),
                Some(found("taken", "params", 3)),
                "Name taken",
                "left alone",
            ),
            (
                Some(true),
                Some(found("refused", "Google says: 400.", 3)),
                "Not written",
                "400. The backlog",
            ),
        ] {
            let (badge, says) = says(decided, found);
            assert_eq!(badge, word, "{says}");
            assert!(says.contains(part), "{says}");
        }
    }
}
