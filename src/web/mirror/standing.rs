//! How the mirror stands, in a word, a sentence and the facts behind them.

use super::{
    MirrorSetUp,
    page::{Loaded, counted, initiatives},
};
use crate::{
    domain::mirror_mode::{Mode, UNTIL_RESUMED},
    store::{
        mirror_control::Control,
        mirror_light::Light,
        mirror_page::{PastRun, Target},
    },
    web::{
        figures::when,
        view::{
            Link,
            badge::{Badge, State},
            mirror::{Fact, Question, Standing},
        },
    },
};
use chrono::{DateTime, Utc};

/// By what going on without a column for the scores' status is confirmed.
const NO_STATUS: &str = "no_status";

/// What the mirror is without a spreadsheet.
const A_FILE: &str = "No Google sheet is set up, so the mirror is a CSV file where the app runs: every initiative with its \
    fields, its scores and how they stand. Columns, notes and an order that people give the file stay.";

pub(super) fn of(loaded: &Loaded, set_up: &MirrorSetUp) -> Standing {
    let Some((target, control)) = &loaded.known else {
        return Standing {
            badge: Badge::saying(State::Draft, "Starting"),
            sentence: "The mirror hasn’t begun yet. It does within seconds of the app’s start."
                .to_owned(),
            about: "",
            error: String::new(),
            question: None,
            lacks_status: false,
            facts: Vec::new(),
        };
    };
    let (badge, sentence) = headline(loaded, set_up, (target, control));
    Standing {
        badge,
        sentence,
        about: if target.is_google { "" } else { A_FILE },
        error: target.last_error.clone().unwrap_or_default(),
        question: control.held.as_ref().map(|held| Question {
            sentence: held.sentence.clone(),
            token: held.token.clone(),
        }),
        lacks_status: lacks_status(target, control),
        facts: facts(loaded, set_up, (target, control)),
    }
}

/// Whether nobody would see in the sheet which scores are approved, and nobody has said that this is meant.
pub(super) fn lacks_status(target: &Target, control: &Control) -> bool {
    let is_asked = control
        .held
        .as_ref()
        .is_some_and(|held| held.token == NO_STATUS);
    let is_declined = control.confirmed.iter().any(|token| token == NO_STATUS);
    let is_missing = target
        .found
        .missing
        .iter()
        .any(|field| field == "score_status");
    is_missing && !is_declined && !is_asked
}

/// How the mirror stands, for the top bar.
pub(in crate::web) fn light(seen: Light) -> Badge {
    let (state, words) = match seen {
        Light::Starting => (State::Draft, "Mirror starting"),
        Light::Off => (State::Archived, "Mirror off"),
        Light::Paused => (State::Archived, "Mirror paused"),
        Light::Failing => (State::Missing, "Mirror failing"),
        Light::Asks => (State::NeedsApproval, "Mirror asks first"),
        Light::Observing => (State::Draft, "Mirror observing"),
        Light::Gap => (State::Stale, "Mirror has a gap"),
        Light::InStep => (State::Approved, "Mirror in step"),
    };
    Badge::saying(state, words)
}

fn headline(
    loaded: &Loaded,
    set_up: &MirrorSetUp,
    (target, control): (&Target, &Control),
) -> (Badge, String) {
    let mode = loaded.mode(set_up);
    let said = |state, word: &'static str, sentence: &str| {
        (Badge::saying(state, word), sentence.to_owned())
    };
    if loaded.is_paused() {
        let until = match control.paused_until {
            Some(until) if until != UNTIL_RESUMED => format!("until {}", when(until).text),
            _ => "until somebody resumes it".to_owned(),
        };
        let sentence = format!(
            "Paused {until}. Nothing is read or written; what changes in the app is remembered."
        );
        return (Badge::saying(State::Archived, "Paused"), sentence);
    }
    if mode == Mode::Off {
        let sentence = "Nothing is read or written. What changes in the app is remembered.";
        return said(State::Archived, "Off", sentence);
    }
    if target.last_error.is_some() {
        let sentence = "The last run failed. Nothing was blanked, and it tries again by itself.";
        return said(State::Missing, "Failing", sentence);
    }
    if control.held.is_some() {
        let sentence = "Something looks like a mistake. Nothing is written until an admin decides.";
        return said(State::NeedsApproval, "Asks first", sentence);
    }
    if target.last_ok.is_none() {
        let sentence = "The mirror looks at the sheet for the first time.";
        return said(State::Draft, "Starting", sentence);
    }
    if mode == Mode::Observe {
        let sentence =
            "It reads the sheet and lists what a write would change. Nothing is written.";
        return said(State::Draft, "Observing", sentence);
    }
    if target.marks > 0 {
        let sentence = format!("{} on the way to the sheet.", changed(target.marks));
        return (Badge::saying(State::Draft, "Writing"), sentence);
    }
    if lacks_status(target, control) {
        let sentence = "The sheet shows what the app says, but not which scores are approved.";
        return said(State::Stale, "In step, with a gap", sentence);
    }
    said(
        State::Approved,
        "In step",
        "The sheet shows what the app says.",
    )
}

fn changed(marks: i64) -> String {
    match marks {
        1 => "1 initiative has changed and is".to_owned(),
        n => format!("{} have changed and are", initiatives(n)),
    }
}

fn facts(
    loaded: &Loaded,
    set_up: &MirrorSetUp,
    (target, control): (&Target, &Control),
) -> Vec<Fact> {
    let fact = |label, text: String| Fact {
        label,
        text,
        ..Fact::default()
    };
    let moment = |label, at: DateTime<Utc>| Fact {
        label,
        at: Some(when(at)),
        ..Fact::default()
    };
    let whose = match control.mode {
        Some(_) => "chosen by an admin",
        None => "as configured",
    };
    let mut facts = vec![
        fact("Mode", format!("{}, {whose}", word(loaded.mode(set_up)))),
        place(target),
        match target.last_ok {
            Some(at) => moment("Compared last", at),
            None => fact("Compared last", "never".to_owned()),
        },
    ];
    facts.extend(loaded.runs.first().map(|run| Fact {
        label: "Last run that did something",
        text: did(run),
        at: Some(when(run.finished)),
        link: None,
    }));
    facts.push(fact("Waiting", waiting(target, loaded.now)));
    if target.is_google {
        let (reads, writes) = target.calls;
        facts.push(fact(
            "Asked of Google in the last minute",
            format!("{}, {}", counted(reads, "read"), counted(writes, "write")),
        ));
    }
    facts.extend(target.failing_since.map(|at| moment("Failing since", at)));
    let wait = target.wait_until.filter(|until| *until > loaded.now);
    facts.extend(wait.map(|at| moment("Left alone until", at)));
    facts
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "Off",
        Mode::Observe => "Observe",
        Mode::Write => "Write",
    }
}

fn place(target: &Target) -> Fact {
    if !target.is_google {
        return Fact {
            label: "File",
            text: target.address.clone(),
            link: target.last_ok.map(|_| Link {
                label: "Download".to_owned(),
                href: "/mirror/central_backlog.csv".to_owned(),
            }),
            at: None,
        };
    }
    let tab = [&target.title, &target.tab].into_iter();
    let mut tab = tab.filter(|title| !title.is_empty());
    let gid = target
        .sheet_id
        .map(|id| format!("#gid={id}"))
        .unwrap_or_default();
    Fact {
        label: "Google sheet",
        text: match tab.next() {
            Some(title) => format!("tab “{title}”"),
            None => "its first tab".to_owned(),
        },
        link: Some(Link {
            label: "Open the spreadsheet".to_owned(),
            href: format!(
                "https://docs.google.com/spreadsheets/d/{}/edit{gid}",
                target.address
            ),
        }),
        at: None,
    }
}

fn waiting(target: &Target, now: DateTime<Utc>) -> String {
    match target.oldest_mark {
        None => "nothing".to_owned(),
        Some(since) => format!("{}, {}", initiatives(target.marks), how_long(since, now)),
    }
}

/// How long the oldest waits.
fn how_long(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let waited = now - since;
    let (number, unit) = match waited.num_seconds() {
        seconds @ ..120 => (seconds.max(0), "second"),
        seconds @ ..7_200 => (seconds / 60, "minute"),
        seconds @ ..172_800 => (seconds / 3_600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    format!("the oldest for {}", counted(number, unit))
}

fn did(run: &PastRun) -> String {
    let outcome = outcome(&run.outcome).to_lowercase();
    match run.outcome.as_str() {
        "written" => format!(
            "{outcome}: {} in {}, {} added",
            counted(run.cells, "cell"),
            counted(run.writes, "write"),
            counted(run.appended, "row")
        ),
        _ => outcome,
    }
}

/// What a run was for.
pub(super) fn trigger(key: &str) -> &'static str {
    match key {
        "start" => "The app started",
        "marks" => "Something changed in the app",
        "sheet" => "The file was changed",
        "asked" => "Somebody asked",
        "decided" => "Somebody decided",
        _ => "A regular look",
    }
}

/// What came of a run.
pub(super) fn outcome(key: &str) -> &'static str {
    match key {
        "in_step" => "In step already",
        "written" => "Written",
        "observed" => "Only looked",
        "held" => "Asked first",
        _ => "Failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn how_long_something_waits_is_told_in_the_largest_unit_that_says_enough() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        for (seconds, says) in [
            (-3, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
        ] {
            let said = how_long(now - TimeDelta::seconds(seconds), now);
            assert_eq!(said, format!("the oldest for {says}"));
        }
    }

    #[test]
    fn the_spreadsheet_is_linked_at_its_tab() {
        let target = Target {
            is_google: true,
            address: "1aB".to_owned(),
            tab: "Backlog".to_owned(),
            title: "Backlog 2027".to_owned(),
            sheet_id: Some(7),
            ..Target::default()
        };
        let fact = place(&target);
        assert_eq!(fact.text, "tab “Backlog 2027”");
        assert_eq!(
            fact.link.unwrap().href,
            "https://docs.google.com/spreadsheets/d/1aB/edit#gid=7"
        );
    }
}
