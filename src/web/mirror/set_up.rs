//! How to set a Google sheet up: what an admin does step by step, and where each step stands as far as the app can tell.

use super::{page::Loaded, standing::lacks_status};
use crate::{
    domain::mirror_mode::Mode,
    store::mirror_page::Target,
    web::{
        view::{
            badge::{Badge, State},
            layout::Nav,
            mirror::{SetUp, Step},
        },
        visit::Visit,
    },
};
use std::path::PathBuf;

/// What is configured of the mirror.
#[derive(Clone, Debug)]
pub struct MirrorSetUp {
    /// What it may do until an admin says.
    pub initial_mode: Mode,
    /// With whom a spreadsheet is to be shared, or why the service account's key can't be used; none: no key is set.
    pub account: Option<Result<String, String>>,
    /// The file that it goes to; none: a spreadsheet.
    pub file: Option<PathBuf>,
}

/// Where a step stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Stands {
    Done(String),
    Wrong(String),
    #[default]
    Open,
}

pub(super) fn page(visit: &Visit, set_up: &MirrorSetUp, loaded: &Loaded) -> SetUp {
    let account = set_up.account.clone().and_then(Result::ok);
    SetUp {
        page: visit.page("Setting up the mirror", Nav::Elsewhere),
        account: account.unwrap_or_default(),
        steps: steps(set_up, loaded),
    }
}

fn steps(set_up: &MirrorSetUp, loaded: &Loaded) -> Vec<Step> {
    let mut is_next_known = false;
    let all = WHAT.into_iter().zip(stand(set_up, loaded));
    let steps = all.map(|((title, how), stands)| {
        let (badge, says) = match stands {
            Stands::Done(says) => (Badge::saying(State::Approved, "Done"), says),
            Stands::Wrong(why) => {
                is_next_known = true;
                (Badge::saying(State::Missing, "Goes wrong"), why)
            }
            Stands::Open if is_next_known => (Badge::saying(State::Draft, "Later"), String::new()),
            Stands::Open => {
                is_next_known = true;
                (Badge::saying(State::NeedsApproval, "Next"), String::new())
            }
        };
        Step {
            title,
            badge,
            says,
            how,
            shows_account: title == SHARE,
        }
    });
    steps.collect()
}

const SHARE: &str = "Share the spreadsheet with the account";

/// What to do, and how.
const WHAT: [(&str, &str); 7] = [
    (
        "Create a service account",
        "In Google’s console (console.cloud.google.com), choose or create a project, enable the Google Sheets API for it, \
         and create a service account. It needs no role in the project. Then make a key for it, of the kind JSON.",
    ),
    (
        "Give its key to the app",
        "Put the file where the app can read it and nobody else, set GOOGLE_APPLICATION_CREDENTIALS to its path, and \
         start the app anew. Or set GOOGLE_SERVICE_ACCOUNT_JSON to what is in the file.",
    ),
    (
        SHARE,
        "In the spreadsheet, press Share, enter the account’s address as shown here, and let it be an Editor.",
    ),
    (
        "Say which spreadsheet",
        "Set MIRROR_SPREADSHEET_ID to the part of its address between /d/ and /edit, and MIRROR_SHEET to the title of \
         the tab that holds the backlog. Then start the app anew.",
    ),
    (
        "Let the app look",
        "It reads the tab by itself and writes nothing yet. The header must have a column initiative_key; what else it \
         may have is listed on the mirror’s page.",
    ),
    (
        "Give the scores’ status its columns",
        "Add the columns score_status, score_note and receipt to the header, so that everybody sees which scores are \
         approved. Or go on without them: the mirror’s page has a button for that.",
    ),
    (
        "Let it write",
        "On the mirror’s page, read what a write would change, then set the mode to Write. If that would change much of \
         what stands there, the mirror asks once more.",
    ),
];

/// Where each of the steps stands.
fn stand(set_up: &MirrorSetUp, loaded: &Loaded) -> [Stands; 7] {
    let known = loaded.known.as_ref();
    let google = known.filter(|(target, _)| target.is_google);
    let target = google.map(|(target, _)| target);
    let error = target.and_then(|target| target.last_error.as_deref());
    let fault = |about: &str| {
        error
            .filter(|error| error.contains(about))
            .map(str::to_owned)
    };
    let is_seen = target.is_some_and(|target| target.last_ok.is_some() || !target.title.is_empty());
    let wrong_or = |fault: Option<String>, stands: Stands| fault.map_or(stands, Stands::Wrong);
    let done_if = |is_done: bool| {
        if is_done {
            Stands::Done(String::new())
        } else {
            Stands::Open
        }
    };
    let (has_key, key) = match &set_up.account {
        None => (false, Stands::Open),
        Some(Ok(account)) => (true, Stands::Done(format!("The key is that of {account}."))),
        Some(Err(why)) => (true, Stands::Wrong(why.clone())),
    };
    let which = target.map_or(Stands::Open, |target| Stands::Done(place(target)));
    let look = match (target, error) {
        (Some(target), None) if target.last_ok.is_some() => Stands::Done(found(target)),
        (Some(_), Some(error)) if is_seen => Stands::Wrong(error.to_owned()),
        _ => Stands::Open,
    };
    let has_looked = matches!(look, Stands::Done(_));
    let has_status = google.is_some_and(|(target, control)| !lacks_status(target, control));
    let writes = google.is_some_and(|(_, control)| control.has_written && control.held.is_none());
    let held = google.and_then(|(_, control)| control.held.as_ref());
    [
        wrong_or(fault("Enable the Google Sheets API"), done_if(has_key)),
        key,
        wrong_or(fault("Share the spreadsheet with"), done_if(is_seen)),
        wrong_or(
            fault("MIRROR_SPREADSHEET_ID").or_else(|| fault("MIRROR_SHEET")),
            which,
        ),
        look,
        done_if(has_looked && has_status),
        match held {
            Some(held) => Stands::Wrong(held.sentence.clone()),
            None => done_if(writes && loaded.writes(set_up)),
        },
    ]
}

fn place(target: &Target) -> String {
    let tab = if target.tab.is_empty() {
        "its first tab".to_owned()
    } else {
        format!("tab “{}”", target.tab)
    };
    format!("The spreadsheet is {}, {tab}.", target.address)
}

fn found(target: &Target) -> String {
    let (has, lacks) = (target.found.columns.len(), target.found.missing.len());
    format!(
        "The tab is “{}”. Its header has {has} of the app’s {} columns.",
        target.title,
        has + lacks
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::mirror_control::Control;
    use chrono::DateTime;

    fn loaded(known: Option<(Target, Control)>) -> Loaded {
        Loaded::of(DateTime::UNIX_EPOCH, known)
    }

    fn badges(account: Option<Result<String, String>>, known: Option<(Target, Control)>) -> String {
        let set_up = MirrorSetUp {
            initial_mode: Mode::Observe,
            account,
            file: None,
        };
        let steps = steps(&set_up, &loaded(known));
        let words: Vec<_> = steps.iter().map(|step| step.badge.text.as_ref()).collect();
        words.join(", ")
    }

    fn target(last_error: &str) -> Target {
        Target {
            is_google: true,
            last_error: Some(last_error.to_owned()).filter(|error| !error.is_empty()),
            ..Target::default()
        }
    }

    #[test]
    fn the_first_step_that_is_not_done_is_next() {
        let none = badges(None, None);
        assert_eq!(none, "Next, Later, Later, Later, Later, Later, Later");
        let account = || Some(Ok("mirror@example.com".to_owned()));
        let with_key = badges(account(), None);
        assert_eq!(with_key, "Done, Done, Next, Later, Later, Later, Later");
        let unusable = badges(Some(Err("X isn’t a key.".to_owned())), None);
        assert_eq!(
            unusable,
            "Done, Goes wrong, Later, Later, Later, Later, Later"
        );
    }

    #[test]
    fn what_google_refuses_stands_at_the_step_that_mends_it() {
        let account = || Some(Ok("mirror@example.com".to_owned()));
        let after = |error: &str| badges(account(), Some((target(error), Control::default())));
        assert_eq!(
            after("Google says: 403 x Share the spreadsheet with a@b as Editor."),
            "Done, Done, Goes wrong, Done, Later, Later, Later"
        );
        assert_eq!(
            after("Google says: 403 x Enable the Google Sheets API for the project."),
            "Goes wrong, Done, Later, Done, Later, Later, Later"
        );
        assert_eq!(
            after("Google says: 404 x Check MIRROR_SPREADSHEET_ID: it is the part between."),
            "Done, Done, Next, Goes wrong, Later, Later, Later"
        );
        let seen = Target {
            title: "Backlog".to_owned(),
            ..target("The header names no column “initiative_key”.")
        };
        assert_eq!(
            badges(account(), Some((seen, Control::default()))),
            "Done, Done, Done, Done, Goes wrong, Later, Later"
        );
    }

    #[test]
    fn a_mirror_that_writes_has_every_step_behind_it() {
        let seen = Target {
            title: "Backlog".to_owned(),
            last_ok: Some(DateTime::UNIX_EPOCH),
            ..target("")
        };
        let control = Control {
            mode: Some("write".to_owned()),
            has_written: true,
            ..Control::default()
        };
        let account = Some(Ok("mirror@example.com".to_owned()));
        assert_eq!(
            badges(account, Some((seen, control))),
            "Done, Done, Done, Done, Done, Done, Done"
        );
    }
}
