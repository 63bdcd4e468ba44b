//! What of the queue is asked for: whose, which kind of thing, and where the page begins.

use crate::{
    domain::{
        ids::{CommentId, FrameworkId, InitiativeId},
        rights::{Role, Roles},
        waiting::{OWING, Task},
    },
    store::queue::QueueQuery,
    web::{chips, view::Filter},
};
use serde::{Deserialize, Serialize};

/// What of the queue is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Asked {
    /// A role; empty: one's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    of: String,
    /// A task; empty: all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    task: String,
    /// The comment that was just settled here; of no address that leads on.
    #[serde(default, skip_serializing)]
    settled: String,
    /// `initiative-framework`, where the page begins.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) after: String,
}

impl Asked {
    /// Only a role for which anything can wait counts.
    pub(super) fn role(&self) -> Option<Role> {
        OWING.into_iter().find(|role| role.key() == self.of)
    }

    /// Whether it is the first page of all that waits for whoever looks.
    pub(super) fn is_own_and_whole(&self) -> bool {
        self.role().is_none() && self.task().is_none() && self.after().is_none()
    }

    /// Whether it is the first page of all that waits for PMs, whom suggestions that came to nothing wait for.
    pub(super) fn asks_for_failures(&self, own: &Roles) -> bool {
        let is_pms = self
            .role()
            .map_or(own.has(Role::Pm), |role| role == Role::Pm);
        is_pms && self.task().is_none() && self.after().is_none()
    }

    /// The comment that whoever looks has just settled; none: they come otherwise.
    pub(super) fn settled(&self) -> Option<CommentId> {
        self.settled.parse().ok().map(CommentId)
    }

    pub(super) fn task(&self) -> Option<Task> {
        Task::ALL.into_iter().find(|task| task.key() == self.task)
    }

    pub(super) fn after(&self) -> Option<(InitiativeId, FrameworkId)> {
        let (initiative, framework) = self.after.split_once('-')?;
        Some((
            InitiativeId(initiative.parse().ok()?),
            FrameworkId(framework.parse().ok()?),
        ))
    }

    pub(super) fn query(&self, own: &Roles) -> QueueQuery {
        let owning = |role: &Role| own.has(*role);
        let roles = match self.role() {
            Some(role) => vec![role],
            None => OWING.into_iter().filter(owning).collect(),
        };
        let (whats, is_owned): (&[&str], _) = match self.task() {
            None => (&[], None),
            Some(Task::WriteFormula) => (&["formula"], None),
            Some(Task::ApproveFormula) => (&["formula_approval"], None),
            Some(Task::Fill) => (&["value"], Some(true)),
            Some(Task::NameOwner) => (&["value"], Some(false)),
            Some(Task::Approve) => (&["approval"], None),
            Some(Task::PutRight) => (&["in_range", "arithmetic"], None),
        };
        QueueQuery {
            roles,
            whats: whats.to_vec(),
            is_owned,
            after: self.after(),
        }
    }

    /// The first page with something else in force.
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        other.after.clear();
        change(&mut other);
        match serde_urlencoded::to_string(other) {
            Ok(query) if !query.is_empty() => format!("/queue?{query}"),
            _ => "/queue".to_owned(),
        }
    }

    /// The same from the first page on.
    pub(super) fn whole(&self) -> Self {
        Self {
            after: String::new(),
            ..self.clone()
        }
    }

    /// What its address says after the question mark, for its files.
    pub(super) fn question(&self) -> String {
        let href = self.with(|_| ());
        href.split_once('?')
            .map_or_else(String::new, |(_, question)| question.to_owned())
    }

    pub(super) fn filters(&self) -> Vec<Filter> {
        let mut whose = vec![("Mine", "")];
        whose.extend(OWING.iter().map(|role| (role.label(), role.key())));
        let mut what = vec![("All", "")];
        what.extend(Task::ALL.iter().map(|task| (task.label(), task.key())));
        let (role, task) = (
            self.role().map_or("", Role::key),
            self.task().map_or("", Task::key),
        );
        vec![
            chips::row("Whose", &whose, role, |key| {
                self.with(|asked| key.clone_into(&mut asked.of))
            }),
            chips::row("What", &what, task, |key| {
                self.with(|asked| key.clone_into(&mut asked.task))
            }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        serde_urlencoded::from_str(query).unwrap()
    }

    #[test]
    fn ones_own_queue_is_that_of_all_ones_roles_and_an_admins_that_of_a_pm() {
        let both = Roles::new([Role::Analytics, Role::Finance]);
        assert_eq!(
            asked("").query(&both).roles,
            [Role::Analytics, Role::Finance]
        );
        assert_eq!(
            asked("").query(&Roles::new([Role::Admin])).roles,
            [Role::Pm]
        );
        assert_eq!(asked("of=eng").query(&both).roles, [Role::Eng]);
        assert!(
            asked("")
                .query(&Roles::new([Role::Viewer]))
                .roles
                .is_empty()
        );
    }

    #[test]
    fn nonsense_in_the_address_asks_for_nothing() {
        let asked = asked("of=boss&task=nap&after=x");
        let own = Roles::new([Role::Pm]);
        assert_eq!(
            asked.query(&own),
            QueueQuery {
                roles: vec![Role::Pm],
                whats: vec![],
                is_owned: None,
                after: None
            }
        );
    }

    #[test]
    fn chips_keep_each_other() {
        let filters = asked("of=finance&task=fill&after=3-1").filters();
        let hrefs = |at: usize| filters[at].options.iter().map(|o| o.href.as_str());
        assert!(hrefs(0).any(|href| href == "/queue?of=eng&task=fill"));
        assert!(hrefs(1).any(|href| href == "/queue?of=finance&task=approve"));
        assert!(hrefs(1).any(|href| href == "/queue?of=finance"));
    }
}
