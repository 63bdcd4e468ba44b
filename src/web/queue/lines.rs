//! The words for what waits: what to do, where, whose it is and since when.

use super::load::{Found, WaitingFact, Who};
use crate::{
    domain::{
        scoring::Missing,
        waiting::{Task, waits_for},
    },
    store::{
        llm_requests::FailedSuggestion,
        queue::{Waiting, WaitingGroup},
    },
    web::{
        figures::{stored, text, when},
        view::{
            Link,
            badge::{Badge, State},
            queue::{Failed, Group, Item, Proposed},
        },
    },
};
use chrono::{DateTime, Utc};

/// What is proposed of a shared fact.
pub(super) fn proposed(of: &WaitingFact, now: DateTime<Utc>) -> Proposed {
    let (proposal, role) = (&of.proposal, of.role);
    Proposed {
        link: Link {
            label: approve_fact(of),
            href: format!("/facts/{}/approval", of.fact.id),
        },
        about: format!("{} · proposed by {}", role.label(), proposal.by_name),
        age: age(proposal.at, now),
        since: when(proposal.at),
    }
}

/// `Approve Average order value: £46.20`.
pub(super) fn approve_fact(of: &WaitingFact) -> String {
    let numbers = &of.proposal.numbers;
    let value = stored(numbers.value.decimal(), &numbers.unit).0;
    format!("Approve {}: {}", of.fact.words.name, text(&value))
}

/// What waits in one initiative, for whoever looks.
pub(super) fn group(group: &WaitingGroup, found: &Found, who: &Who, now: DateTime<Utc>) -> Group {
    let items = group.items.iter().map(|waiting| {
        let why_not = found.barred.why_not(group, waiting, who);
        item(group, waiting, why_not, now)
    });
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
        items: items.collect(),
    }
}

/// A suggestion that came to nothing.
pub(super) fn failure(of: &FailedSuggestion, now: DateTime<Utc>) -> Failed {
    Failed {
        model: Link {
            href: format!("/initiatives/{}#suggestion-{}", of.initiative_key, of.model),
            label: of.initiative_key.clone(),
        },
        title: of.initiative_title.clone(),
        why: of.why.clone(),
        age: age(of.since, now),
        since: when(of.since),
    }
}

fn item(
    group: &WaitingGroup,
    waiting: &Waiting,
    why_not: Option<String>,
    now: DateTime<Utc>,
) -> Item {
    Item {
        badge: badge(Task::about(&waiting.missing)),
        link: Link {
            label: what_to_do(&waiting.missing, why_not.is_none()),
            href: href(group, waiting),
        },
        owed_by: waits_for(&waiting.missing).label().to_owned(),
        why: why_not.unwrap_or_else(|| fell(waiting)),
        since: waiting.since.map(when),
        age: waiting
            .since
            .map(|since| age(since, now))
            .unwrap_or_default(),
    }
}

/// How an approval that there was ended; empty: there was none.
pub(super) fn fell(waiting: &Waiting) -> String {
    let fell = waiting.fell.as_ref();
    let said = fell.map(|fell| format!("approved before, until {}: {}", fell.by_name, fell.why));
    said.unwrap_or_default()
}

/// How long something has waited, in whole minutes, hours or days.
fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let waited = now - since;
    match (waited.num_days(), waited.num_hours(), waited.num_minutes()) {
        (days @ 2.., ..) => format!("for {days} days"),
        (1, ..) => "for a day".to_owned(),
        (_, hours @ 2.., _) => format!("for {hours} hours"),
        (_, 1, _) => "for an hour".to_owned(),
        (.., minutes @ 2..) => format!("for {minutes} minutes"),
        (.., 1) => "for a minute".to_owned(),
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

/// What to do, as the words of a link; where somebody else approves it, only to look.
pub(super) fn what_to_do(missing: &Missing, may_approve: bool) -> String {
    let approve = if may_approve { " and approve it" } else { "" };
    match missing {
        Missing::Formula => "Write the formula".to_owned(),
        Missing::FormulaApproval { version, scenario } => {
            let of = scenario
                .as_ref()
                .map(|label| format!(" of scenario {label}"));
            let of = of.unwrap_or_default();
            format!("Look at version {version} of the formula{of}{approve}")
        }
        Missing::Value { label, .. } => match Task::about(missing) {
            Task::NameOwner => format!("Fill in {label}, or say whose it is"),
            _ => format!("Fill in {label}"),
        },
        Missing::Approval { label, .. } => format!("Look at {label}{approve}"),
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
        (Some(param), _) => format!("/params/{param}#param-{param}"),
        (None, Some(model)) if group.is_active => format!("{initiative}#math-model-{model}"),
        (None, Some(model)) => format!("/math-models/{model}"),
        (None, None) => initiative,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_whole_minutes_hours_and_days() {
        let now = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(100);
        let minutes = [
            (0, "just now"),
            (1, "for a minute"),
            (5, "for 5 minutes"),
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
}
