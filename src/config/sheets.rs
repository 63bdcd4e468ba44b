//! What is configured of the Google spreadsheet that the mirror goes to.

use super::Secret;
use crate::mirror::google::{self, AccessError, Protection};
use std::{fs, time::Duration};

/// The spreadsheet, and how to reach it.
#[derive(Clone, Debug)]
pub struct Sheets {
    /// `MIRROR_SPREADSHEET_ID`.
    pub spreadsheet_id: String,
    /// `MIRROR_SHEET`: the tab's title or number; none: the first.
    pub tab: Option<String>,
    /// How to reach it.
    pub access: GoogleAccess,
    /// `MIRROR_PROTECT` and `MIRROR_EDITOR_GROUPS`: what is put around the app's columns.
    pub protection: Protection,
    /// `MIRROR_INTERVAL_SECONDS`: at least so long from one run to the next.
    pub interval: Duration,
    /// `MIRROR_POLL_SECONDS`: how often to look when nothing changed in the app.
    pub poll: Duration,
}

/// How Google's spreadsheets are reached, whichever it is.
#[derive(Clone, Debug)]
pub struct GoogleAccess {
    /// The service account's key, from `GOOGLE_SERVICE_ACCOUNT_JSON` or the file `GOOGLE_APPLICATION_CREDENTIALS`.
    pub key: Secret,
    /// `SHEETS_BASE_URL`; none: Google's.
    pub base_url: Option<String>,
}

/// Reads how Google is reached, where a key is set that can be used: enough to read what is shared with its account.
pub(super) fn access(get: &impl Fn(&'static str) -> Option<String>) -> Option<GoogleAccess> {
    get(KEY).or_else(|| get(FILE))?;
    let (key, _) = key(get, &mut |_, _| {})?;
    let base_url = get("SHEETS_BASE_URL");
    google::check(&key, base_url.as_deref()).ok()?;
    Some(GoogleAccess {
        key: Secret(key),
        base_url,
    })
}

/// Reads the variables of the spreadsheet; none without `MIRROR_SPREADSHEET_ID`. What can't be used is told to `complain`.
pub(super) fn read(
    get: &impl Fn(&'static str) -> Option<String>,
    complain: &mut impl FnMut(&'static str, &str),
) -> Option<Sheets> {
    let spreadsheet_id = get("MIRROR_SPREADSHEET_ID")?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !spreadsheet_id.chars().all(is_plain) {
        complain(
            "MIRROR_SPREADSHEET_ID",
            "must be the part of the spreadsheet’s address between /d/ and /edit",
        );
    }
    let (key, from) = key(get, complain)?;
    let base_url = get("SHEETS_BASE_URL");
    match google::check(&key, base_url.as_deref()) {
        Ok(()) => {}
        Err(AccessError::Address) => complain("SHEETS_BASE_URL", &AccessError::Address.to_string()),
        Err(why) => complain(from, &why.to_string()),
    }
    let protection = protection(get, complain);
    let mut seconds = |name, unset: u64, least: u64| {
        let typed = get(name).map_or(Ok(unset), |typed| typed.trim().parse());
        let fit = typed.ok().filter(|n| (least..=600).contains(n));
        if fit.is_none() {
            complain(
                name,
                &format!("must be a number of seconds from {least} to 600"),
            );
        }
        Duration::from_secs(fit.unwrap_or(unset))
    };
    Some(Sheets {
        spreadsheet_id,
        tab: get("MIRROR_SHEET"),
        access: GoogleAccess {
            key: Secret(key),
            base_url,
        },
        protection,
        interval: seconds("MIRROR_INTERVAL_SECONDS", 10, 1),
        poll: seconds("MIRROR_POLL_SECONDS", 60, 30),
    })
}

fn protection(
    get: &impl Fn(&'static str) -> Option<String>,
    complain: &mut impl FnMut(&'static str, &str),
) -> Protection {
    let how = get("MIRROR_PROTECT").unwrap_or_default();
    if !matches!(how.trim(), "" | "warn" | "hard") {
        complain("MIRROR_PROTECT", "must be warn or hard");
    }
    let groups = get("MIRROR_EDITOR_GROUPS").unwrap_or_default();
    let groups = groups.split(',').map(str::trim);
    let groups: Vec<_> = groups.filter(|group| !group.is_empty()).collect();
    let is_address = |group: &str| {
        let parts = group.split_once('@');
        parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
            && !group.contains(char::is_whitespace)
    };
    if !groups.iter().all(|group| is_address(group)) {
        complain(
            "MIRROR_EDITOR_GROUPS",
            "must be addresses of groups, like backlog-admins@example.com, with commas between them",
        );
    }
    Protection {
        is_hard: how.trim() == "hard",
        groups: groups.into_iter().map(str::to_owned).collect(),
    }
}

/// With whom a spreadsheet is to be shared, as the service account's key says, or why the key can't be used; none: no key
/// is set. It may be there before a spreadsheet is.
pub(super) fn account(
    get: &impl Fn(&'static str) -> Option<String>,
) -> Option<Result<String, String>> {
    let mut why = String::new();
    get(KEY).or_else(|| get(FILE))?;
    let key = key(get, &mut |name, said| why = format!("{name} {said}."));
    Some(
        key.ok_or(why).and_then(|(key, from)| {
            google::account(&key).map_err(|said| format!("{from} {said}."))
        }),
    )
}

/// The key itself.
const KEY: &str = "GOOGLE_SERVICE_ACCOUNT_JSON";
/// The file that it is in.
const FILE: &str = "GOOGLE_APPLICATION_CREDENTIALS";

/// The service account's key and the variable that gave it.
fn key(
    get: &impl Fn(&'static str) -> Option<String>,
    complain: &mut impl FnMut(&'static str, &str),
) -> Option<(String, &'static str)> {
    if let Some(key) = get(KEY) {
        return Some((key, KEY));
    }
    let Some(path) = get(FILE) else {
        complain(
            FILE,
            "must be set when MIRROR_SPREADSHEET_ID is: the file with the service account’s key (or \
             GOOGLE_SERVICE_ACCOUNT_JSON, the key itself)",
        );
        return None;
    };
    match fs::read_to_string(&path) {
        Ok(key) => Some((key, FILE)),
        Err(why) => {
            complain(FILE, &format!("can’t be read: {why}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = r#"{"type": "service_account", "private_key": "hunter2", "client_email": "mirror@example.com",
        "token_uri": "https://oauth2.googleapis.com/token"}"#;

    fn complaints(pairs: &[(&'static str, &str)]) -> Vec<&'static str> {
        let mut names = Vec::new();
        let get = |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let read = read(&get, &mut |name, why| {
            assert!(!why.contains("hunter2"), "{why}");
            names.push(name);
        });
        assert!(!format!("{read:?}").contains("hunter2"));
        names
    }

    #[test]
    fn the_account_is_read_from_the_key_before_there_is_a_spreadsheet() {
        let of = |pairs: &[(&'static str, &str)]| {
            account(&|name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), None);
        let key = ("GOOGLE_SERVICE_ACCOUNT_JSON", KEY);
        assert_eq!(of(&[key]), Some(Ok("mirror@example.com".to_owned())));
        let no_key = of(&[("GOOGLE_SERVICE_ACCOUNT_JSON", "hunter2")]);
        let why = no_key.unwrap().unwrap_err();
        assert!(
            why.starts_with("GOOGLE_SERVICE_ACCOUNT_JSON isn’t the key"),
            "{why}"
        );
        assert!(!why.contains("hunter2"));
        let no_file = of(&[("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")]);
        let why = no_file.unwrap().unwrap_err();
        assert!(
            why.starts_with("GOOGLE_APPLICATION_CREDENTIALS can’t be read"),
            "{why}"
        );
    }

    #[test]
    fn columns_are_closed_and_groups_may_edit_where_that_is_configured() {
        let of = |pairs: &[(&'static str, &str)]| {
            let get = |name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            protection(&get, &mut |name, why| panic!("{name} {why}"))
        };
        assert_eq!(of(&[]), Protection::default());
        assert_eq!(of(&[("MIRROR_PROTECT", "warn")]), Protection::default());
        let groups = ("MIRROR_EDITOR_GROUPS", "a@example.com, b@example.com,");
        let hard = of(&[("MIRROR_PROTECT", "hard"), groups]);
        assert!(hard.is_hard);
        assert_eq!(hard.groups, ["a@example.com", "b@example.com"]);
    }

    #[test]
    fn a_key_is_enough_to_read_what_is_shared_with_its_account() {
        let of = |pairs: &[(&'static str, &str)]| {
            access(&|name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let key = ("GOOGLE_SERVICE_ACCOUNT_JSON", KEY);
        assert!(of(&[key]).is_some_and(|access| access.base_url.is_none()));
        assert!(of(&[]).is_none());
        assert!(of(&[("GOOGLE_SERVICE_ACCOUNT_JSON", "{}")]).is_none());
        let elsewhere = ("SHEETS_BASE_URL", "http://sheets.example.com/");
        assert!(of(&[key, elsewhere]).is_none());
    }

    #[test]
    fn a_spreadsheet_needs_a_key_and_every_wrong_variable_is_named() {
        assert_eq!(complaints(&[("MIRROR_SHEET", "Backlog")]), [""; 0]);
        let id = ("MIRROR_SPREADSHEET_ID", "1aB-_9");
        assert_eq!(complaints(&[id]), ["GOOGLE_APPLICATION_CREDENTIALS"]);
        let key = ("GOOGLE_SERVICE_ACCOUNT_JSON", KEY);
        assert_eq!(complaints(&[id, key]), [""; 0]);
        let wrong = [
            ("MIRROR_SPREADSHEET_ID", "https://docs.google.com/x"),
            key,
            ("SHEETS_BASE_URL", "http://sheets.example.com/"),
            ("MIRROR_INTERVAL_SECONDS", "0"),
            ("MIRROR_POLL_SECONDS", "soon"),
            ("MIRROR_PROTECT", "soft"),
            ("MIRROR_EDITOR_GROUPS", "admins@example.com, everybody"),
        ];
        let mut told = complaints(&wrong);
        told.sort_unstable();
        let mut names: Vec<_> = wrong.iter().map(|(name, _)| *name).collect();
        names.retain(|name| *name != key.0);
        names.sort_unstable();
        assert_eq!(told, names);
        let no_key = ("GOOGLE_SERVICE_ACCOUNT_JSON", "{}");
        assert_eq!(complaints(&[id, no_key]), ["GOOGLE_SERVICE_ACCOUNT_JSON"]);
    }
}
