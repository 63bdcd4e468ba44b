//! My queue: what waits for whoever looks, by initiative, those first that have been there longest. Anybody may look at
//! what waits for others.

use super::{
    chips, comments,
    error::WebError,
    figures::{stored, text, when},
    reply,
    view::{
        Empty, Filter, Link, Pager,
        badge::{Badge, State},
        layout::Nav,
        queue::{Failed, Group, Index, Item, Proposed},
    },
    visit::Visit,
};
use crate::{
    domain::{
        fact::{Fact, FactProposal},
        ids::{FrameworkId, InitiativeId},
        rights::{Role, Roles},
        scoring::Missing,
        waiting::{OWING, Task, WaitingProposal, waits_for},
    },
    store::{
        fact_proposals,
        facts::{self, FactQuery},
        llm_requests::{self, FailedSuggestion},
        queue::{self, MOST_COUNTED, QUEUE_PAGE, QueueQuery, Waiting, WaitingGroup},
    },
};
use actix_web::{HttpResponse, web::Query};
use chrono::{DateTime, Utc};
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
    /// `initiative-framework`, where the page begins.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    after: String,
}

impl Asked {
    /// Only a role for which anything can wait counts.
    fn role(&self) -> Option<Role> {
        OWING.into_iter().find(|role| role.key() == self.of)
    }

    /// Whether it is the first page of all that waits for whoever looks.
    fn is_own_and_whole(&self) -> bool {
        self.role().is_none() && self.task().is_none() && self.after().is_none()
    }

    /// Whether it is the first page of all that waits for PMs, whom suggestions that came to nothing wait for.
    fn asks_for_failures(&self, own: &Roles) -> bool {
        let is_pms = self
            .role()
            .map_or(own.has(Role::Pm), |role| role == Role::Pm);
        is_pms && self.task().is_none() && self.after().is_none()
    }

    fn task(&self) -> Option<Task> {
        Task::ALL.into_iter().find(|task| task.key() == self.task)
    }

    fn after(&self) -> Option<(InitiativeId, FrameworkId)> {
        let (initiative, framework) = self.after.split_once('-')?;
        Some((
            InitiativeId(initiative.parse().ok()?),
            FrameworkId(framework.parse().ok()?),
        ))
    }

    fn query(&self, own: &Roles) -> QueueQuery {
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
    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        other.after.clear();
        change(&mut other);
        match serde_urlencoded::to_string(other) {
            Ok(query) if !query.is_empty() => format!("/queue?{query}"),
            _ => "/queue".to_owned(),
        }
    }

    fn filters(&self) -> Vec<Filter> {
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

/// GET /queue
pub async fn index(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let query = asked.query(&visit.user.roles);
    let read = visit
        .db
        .read(async move |mut conn| queue::list(&mut conn, &query).await);
    let mut groups = read.await?;
    let mentions = if asked.is_own_and_whole() {
        comments::mentions(&visit).await?
    } else {
        Vec::new()
    };
    let failed = if asked.asks_for_failures(&visit.user.roles) {
        let read = visit
            .db
            .read(async move |mut conn| llm_requests::failed_suggestions(&mut conn).await);
        read.await?
    } else {
        Vec::new()
    };
    let proposed = if asked.task().is_none() && asked.after().is_none() {
        proposals(&visit, &asked).await?
    } else {
        Vec::new()
    };
    let limit = usize::try_from(QUEUE_PAGE).unwrap_or(usize::MAX);
    let has_more = groups.len() > limit;
    groups.truncate(limit);
    reply::html(&Index {
        page: visit.page("My queue", Nav::Queue),
        heading: heading(&asked),
        filters: asked.filters(),
        pager: pager(&asked, &groups, has_more),
        empty: (groups.is_empty()
            && mentions.is_empty()
            && failed.is_empty()
            && proposed.is_empty())
        .then(|| empty(&asked, &visit.user.roles)),
        proposed,
        mentions,
        failed: failed
            .into_iter()
            .map(|of| failure(of, visit.now()))
            .collect(),
        groups: groups.iter().map(|of| group(of, visit.now())).collect(),
    })
}

/// What is proposed of shared facts and waits for whoever looks, or for a role.
async fn proposals(visit: &Visit, asked: &Asked) -> Result<Vec<Proposed>, WebError> {
    let query = FactQuery {
        is_proposed: Some(true),
        ..FactQuery::default()
    };
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let waiting = fact_proposals::waiting(&mut conn, MOST_COUNTED).await?;
        Ok((waiting, facts::list(&mut conn, &query).await?))
    });
    let (waiting, found) = read.await?;
    let is_theirs = |of: &WaitingProposal| match asked.role() {
        Some(role) => of.role() == role,
        None => of.waits_for(visit.user.id, &visit.user.roles, visit.settings),
    };
    let theirs = found.iter().filter_map(|fact| {
        let proposal = fact.proposal.as_ref()?;
        let of = waiting.get(&fact.id).filter(|of| is_theirs(of))?;
        Some(proposed(fact, proposal, of.role(), visit.now()))
    });
    Ok(theirs.collect())
}

fn proposed(fact: &Fact, proposal: &FactProposal, role: Role, now: DateTime<Utc>) -> Proposed {
    let numbers = &proposal.numbers;
    let value = stored(numbers.value.decimal(), &numbers.unit).0;
    Proposed {
        link: Link {
            label: format!("Approve {}: {}", fact.words.name, text(&value)),
            href: format!("/facts/{}/approval", fact.id),
        },
        about: format!("{} · proposed by {}", role.label(), proposal.by_name),
        age: age(proposal.at, now),
        since: when(proposal.at),
    }
}

fn heading(asked: &Asked) -> String {
    match asked.role() {
        None => "My queue".to_owned(),
        Some(Role::Pm) => "What waits for PMs".to_owned(),
        Some(role) => format!("What waits for {}", role.label()),
    }
}

fn group(group: &WaitingGroup, now: DateTime<Utc>) -> Group {
    let purpose = if group.is_active {
        ""
    } else {
        ", for comparison"
    };
    Group {
        initiative: Link {
            label: group.key.clone(),
            href: format!("/initiatives/{}", group.key),
        },
        title: group.title.clone(),
        framework: format!("{}{purpose}", group.framework_name),
        items: group
            .items
            .iter()
            .map(|waiting| item(group, waiting, now))
            .collect(),
    }
}

fn failure(of: FailedSuggestion, now: DateTime<Utc>) -> Failed {
    Failed {
        model: Link {
            href: format!("/initiatives/{}#suggestion-{}", of.initiative_key, of.model),
            label: of.initiative_key,
        },
        title: of.initiative_title,
        why: of.why,
        age: age(of.since, now),
        since: when(of.since),
    }
}

fn item(group: &WaitingGroup, waiting: &Waiting, now: DateTime<Utc>) -> Item {
    let task = Task::about(&waiting.missing);
    let why = waiting
        .fell
        .as_ref()
        .map(|fell| format!("approved before, until {}: {}", fell.by_name, fell.why));
    Item {
        badge: badge(task),
        link: Link {
            label: what_to_do(&waiting.missing),
            href: href(group, waiting),
        },
        owed_by: waits_for(&waiting.missing).label().to_owned(),
        why: why.unwrap_or_default(),
        since: waiting.since.map(when),
        age: waiting
            .since
            .map(|since| age(since, now))
            .unwrap_or_default(),
    }
}

/// How long something has waited, in whole hours or days.
fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let waited = now - since;
    match (waited.num_days(), waited.num_hours()) {
        (days @ 2.., _) => format!("for {days} days"),
        (1, _) => "for a day".to_owned(),
        (_, hours @ 2..) => format!("for {hours} hours"),
        (_, 1) => "for an hour".to_owned(),
        _ => "just now".to_owned(),
    }
}

fn badge(task: Task) -> Badge {
    match task {
        Task::WriteFormula => Badge::saying(State::Missing, "No formula"),
        Task::Fill => Badge::saying(State::Missing, "No value"),
        Task::NameOwner => Badge::of(State::NeedsOwner),
        Task::ApproveFormula | Task::Approve => Badge::of(State::NeedsApproval),
        Task::PutRight => Badge::saying(State::NotReady, "Put right"),
    }
}

/// What to do, as the words of a link.
fn what_to_do(missing: &Missing) -> String {
    match missing {
        Missing::Formula => "Write the formula".to_owned(),
        Missing::FormulaApproval { version, scenario } => {
            let of = scenario
                .as_ref()
                .map(|label| format!(" of scenario {label}"));
            let of = of.unwrap_or_default();
            format!("Look at version {version} of the formula{of} and approve it")
        }
        Missing::Value { label, .. } => match Task::about(missing) {
            Task::NameOwner => format!("Fill in {label}, or say whose it is"),
            _ => format!("Fill in {label}"),
        },
        Missing::Approval { label, .. } => format!("Look at {label} and approve it"),
        Missing::InRange { label, .. } => {
            format!("Put {label} right: it is outside its range")
        }
        Missing::Arithmetic { why } => format!("Put the numbers or the formula right: {why}"),
    }
}

/// Where it is done: the initiative's own page shows its active framework; what is on for comparison has its place in
/// the params, and a model a page of its own.
fn href(group: &WaitingGroup, waiting: &Waiting) -> String {
    let initiative = format!("/initiatives/{}", group.key);
    if let Some(scenario) = waiting.scenario {
        return format!("/scenarios/{scenario}");
    }
    match (waiting.param, group.model) {
        (Some(param), _) if group.is_active => format!("{initiative}#param-{param}"),
        (Some(param), _) => format!("/params/{param}"),
        (None, Some(model)) if group.is_active => format!("{initiative}#math-model-{model}"),
        (None, Some(model)) => format!("/math-models/{model}"),
        (None, None) => initiative,
    }
}

fn pager(asked: &Asked, groups: &[WaitingGroup], has_more: bool) -> Pager {
    let count: usize = groups.iter().map(|group| group.items.len()).sum();
    let is_part = has_more || !asked.after.is_empty();
    let things = if count == 1 { "thing" } else { "things" };
    let last = groups.last().filter(|_| has_more);
    Pager {
        summary: if is_part {
            format!("{count} {things} on this page")
        } else {
            format!("{count} {things}")
        },
        first_href: (!asked.after.is_empty()).then(|| asked.with(|_| ())),
        next_href: last.map(|last| {
            asked
                .with(|asked| asked.after = format!("{}-{}", last.initiative_id, last.framework_id))
        }),
    }
}

fn empty(asked: &Asked, own: &Roles) -> Empty {
    let owes_nothing = asked.role().is_none() && !OWING.into_iter().any(|role| own.has(role));
    let text = if owes_nothing {
        "You are here to read: nothing ever waits for a viewer. Look at what waits for others with the chips above."
    } else {
        "Formulas to write and approve, values to fill and params to approve appear here as soon as somebody needs them."
    };
    Empty {
        title: "Nothing waits here".to_owned(),
        text: text.to_owned(),
        links: vec![Link {
            label: "Open the backlog".to_owned(),
            href: "/backlog".to_owned(),
        }],
        offers_sample_data: false,
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
    fn ages_are_told_in_whole_hours_and_days() {
        let now = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(100);
        let minutes = [
            (5, "just now"),
            (60, "for an hour"),
            (60 * 23, "for 23 hours"),
            (60 * 24, "for a day"),
            (60 * 24 * 12 + 5, "for 12 days"),
            (-5, "just now"),
        ];
        for (waited, says) in minutes {
            let since = now - chrono::TimeDelta::minutes(waited);
            assert_eq!(age(since, now), says, "{waited} minutes");
        }
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
