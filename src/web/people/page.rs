//! What the pages about people print.

use super::Sent;
use crate::{
    domain::{
        change::{Entity, sentence},
        ids::UserId,
        rights::{Act, Role, Roles},
    },
    store::{
        change_log::{self, HISTORY_PAGE, LoggedChange},
        people::{self, Kind, PEOPLE_PAGE, Person},
        sessions::{self, OpenSession},
    },
    web::{
        download,
        error::WebError,
        figures::when,
        history::plain,
        sessions::rows as session_rows,
        view::{
            FilterOption, Hidden, Pager, Search, Seen,
            layout::Nav,
            people::{Index, New, RoleBox, Row, Show, Theirs},
        },
        visit::Visit,
    },
};
use serde::Deserialize;

/// What of the list is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    /// `deactivated` or `all`; anything else: the active.
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
    after_id: Option<i64>,
}

impl Asked {
    pub(super) fn read(&self) -> people::Asked {
        people::Asked {
            search: self.q.clone(),
            is_deactivated: match self.state.as_str() {
                "deactivated" => Some(true),
                "all" => None,
                _ => Some(false),
            },
            after: self.after_id.map(|id| (self.after.clone(), UserId(id))),
        }
    }

    fn href(&self, state: &str, after: Option<&Person>) -> String {
        let id = after.map(|person| person.id.to_string());
        let name = after.map(|person| person.name.to_lowercase());
        let pairs = [
            ("q", self.q.clone()),
            ("state", state.to_owned()),
            ("after", name.unwrap_or_default()),
            ("after_id", id.unwrap_or_default()),
        ];
        let pairs: Vec<_> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        match serde_urlencoded::to_string(pairs) {
            Ok(query) if !query.is_empty() => format!("/people?{query}"),
            _ => "/people".to_owned(),
        }
    }
}

pub(super) fn index(visit: &Visit, asked: &Asked, found: &[Person]) -> Index {
    let states = [
        ("", "Active"),
        ("deactivated", "Deactivated"),
        ("all", "All"),
    ];
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count >= PEOPLE_PAGE);
    let next = found.last().filter(|_| is_full);
    let is_known = states.iter().any(|(state, _)| *state == asked.state);
    let present = if is_known { asked.state.as_str() } else { "" };
    let whole = asked.href(present, None);
    let question = whole.split_once('?').map_or("", |(_, rest)| rest);
    Index {
        page: visit.page("People", Nav::Elsewhere),
        search: Search {
            action: "/people".to_owned(),
            query: asked.q.clone(),
            kept: (!present.is_empty())
                .then(|| Hidden {
                    name: "state".to_owned(),
                    value: present.to_owned(),
                })
                .into_iter()
                .collect(),
        },
        states: states
            .map(|(state, label)| FilterOption {
                label: label.to_owned(),
                href: asked.href(state, None),
                is_on: state == present,
            })
            .to_vec(),
        can_manage: visit.may(Act::ManagePeople).is_ok(),
        why_not: why_not(visit),
        rows: found.iter().map(row).collect(),
        downloads: download::links("/people", question),
        pager: Pager {
            summary: match (next, found.len()) {
                (None, 1) if asked.after_id.is_none() => "1 person".to_owned(),
                (None, n) if asked.after_id.is_none() => format!("{n} people"),
                (_, n) => format!("{n} shown"),
            },
            first_href: asked.after_id.map(|_| asked.href(present, None)),
            next_href: next.map(|last| asked.href(present, Some(last))),
        },
    }
}

fn why_not(visit: &Visit) -> String {
    let refusal = visit.may(Act::ManagePeople).err();
    refusal.map(|refusal| refusal.short()).unwrap_or_default()
}

fn row(person: &Person) -> Row {
    let marks = [
        (person.kind == Kind::Sample, "Sample person"),
        (person.deactivated_at.is_some(), "Deactivated"),
    ];
    let (why, why_at) = match (&person.chosen, person.is_by_claim(), person.kind) {
        (_, true, _) => (
            "from the identity provider".to_owned(),
            person.last_signed_in_at,
        ),
        (Some((by, at)), ..) => (format!("given here by {by}"), Some(*at)),
        (None, _, Kind::Sample) => ("comes with the sample people".to_owned(), None),
        _ if person.page_roles.iter().next().is_none() => {
            ("nobody has given a role".to_owned(), None)
        }
        _ => ("since before this was recorded".to_owned(), None),
    };
    Row {
        href: format!("/people/{}", person.id),
        name: person.name.clone(),
        email: person.email.clone().unwrap_or_default(),
        marks: marks
            .into_iter()
            .filter(|(is_so, _)| *is_so)
            .map(|(_, mark)| mark.to_owned())
            .collect(),
        roles: person.roles().to_string(),
        why,
        why_at: why_at.map(when),
        signed_in: person.last_signed_in_at.map(when),
        sessions: person.open_sessions.to_string(),
    }
}

pub(super) fn new(visit: &Visit, sent: &Sent, error: String) -> New {
    let page = visit.page("Add a person", Nav::Elsewhere);
    New {
        form_key: page.form_key.clone(),
        page,
        name: sent.name.clone(),
        email: sent.email.clone(),
        boxes: boxes(&sent.roles),
        error,
    }
}

/// Every role, with those ticked that are chosen.
pub(super) fn boxes(chosen: &Roles) -> Vec<RoleBox> {
    let may = |role| match role {
        Role::Viewer => "reads everything",
        Role::Analytics => "edits params, approves those of Analytics",
        Role::Finance => "edits params, approves those of Finance",
        Role::Eng => "edits params and effort, approves those of Eng",
        Role::Pm => "edits initiatives, writes and approves formulas, approves params",
        Role::Admin => "everything a PM may, frameworks, imports, people",
    };
    Role::ALL
        .map(|role| RoleBox {
            key: role.key().to_owned(),
            label: role.label().to_owned(),
            may: may(role).to_owned(),
            is_on: chosen.iter().any(|on| on == role),
        })
        .to_vec()
}

pub(super) fn theirs(change: &LoggedChange) -> Theirs {
    Theirs {
        by: change.by_name.clone(),
        at: when(change.at),
        what: sentence(&change.field, &change.subject, &change.old, &change.new),
    }
}

/// A person with what their page shows.
pub(super) struct Loaded {
    person: Person,
    open: Vec<OpenSession>,
    changes: Vec<LoggedChange>,
    before: Option<i64>,
}

/// Reads it; sessions for admins only.
pub(super) async fn load(
    visit: &Visit,
    id: UserId,
    asking: Option<[u8; 32]>,
    before: Option<i64>,
) -> Result<Loaded, WebError> {
    let can_manage = visit.may(Act::ManagePeople).is_ok();
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let Some(person) = people::get(&mut conn, id).await? else {
            return Ok(None);
        };
        let open = if can_manage {
            sessions::list(&mut conn, id, asking).await?
        } else {
            Vec::new()
        };
        let changes = change_log::list_of(&mut conn, Entity::Person, id.0, before).await?;
        Ok(Some(Loaded {
            person,
            open,
            changes,
            before,
        }))
    });
    read.await?.ok_or(WebError::NotFound("person"))
}

impl Loaded {
    pub(super) fn page(&self, visit: &Visit) -> Show {
        let person = &self.person;
        let page = visit.page(person.name.clone(), Nav::Elsewhere);
        let href = format!("/people/{}", person.id);
        let claim = if person.is_by_claim() {
            person.claim_roles.to_string()
        } else {
            String::new()
        };
        Show {
            seen: Seen {
                revision: person.revision,
                form_key: page.form_key.clone(),
            },
            page,
            row: row(person),
            can_manage: visit.may(Act::ManagePeople).is_ok(),
            why_not: why_not(visit),
            claim,
            boxes: boxes(&person.page_roles),
            error: String::new(),
            conflict: None,
            is_active: person.deactivated_at.is_none(),
            sessions: session_rows(&self.open, &href),
            entries: self.changes.iter().map(plain).collect(),
            pager: self.pager(&href),
            href,
        }
    }

    fn pager(&self, href: &str) -> Pager {
        let count = self.changes.len();
        let is_full = i64::try_from(count).is_ok_and(|count| count >= HISTORY_PAGE);
        let next = self.changes.last().filter(|last| is_full && last.seq > 1);
        Pager {
            summary: if count == 1 {
                "1 change shown".to_owned()
            } else {
                format!("{count} changes shown")
            },
            first_href: self.before.map(|_| href.to_owned()),
            next_href: next.map(|last| format!("{href}?before={}", last.seq)),
        }
    }
}
