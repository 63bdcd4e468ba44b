//! One shared fact. The library is in [`library`], the forms are in [`forms`], what is proposed is decided in [`decide`];
//! which fact a param follows, beside the params.

pub mod decide;
pub mod forms;
pub mod library;
pub(super) mod outlook;

use super::{
    error::WebError,
    figures::{date, stored, text, when},
    history::plain,
    params::{range_text, review},
    reply,
    sent_form::fresh_key,
    undo,
    view::{
        Link, Pager, Seen,
        badge::{Badge, State},
        fact::{Approved, Numbers, Past, Show, Use},
        layout::Nav,
    },
    visit::Visit,
};
use crate::{
    actions::{ActionError, approve_fact, facts as acts},
    domain::{
        change::Entity,
        fact::{Fact, FactNumbers},
        ids::{FactId, ParamId},
        rights::Act,
    },
    store::{
        change_log::{self, HISTORY_PAGE, LoggedChange},
        fact_spread::{self, USES_PAGE},
        settings,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;

fn why_not(visit: &Visit) -> String {
    let refusal = visit.may(Act::EditParam).err();
    refusal.map(|refusal| refusal.short()).unwrap_or_default()
}

/// A number with its unit, and the other reading where there is one; every digit kept.
fn readings(numbers: &FactNumbers) -> (String, String) {
    let (figure, other) = stored(numbers.value.decimal(), &numbers.unit);
    (text(&figure), other.unwrap_or_default())
}

fn badge(fact: &Fact) -> Badge {
    match (&fact.in_force, &fact.proposal) {
        _ if fact.archived_at.is_some() => Badge::saying(State::Archived, "Put away"),
        (None, None) => Badge::because(State::Missing, "Nothing is approved and nothing proposed."),
        (None, Some(_)) => Badge::of(State::NeedsApproval),
        (Some(_), Some(_)) => Badge {
            reason: "What is in force counts until the change is approved.".into(),
            ..Badge::saying(State::NeedsApproval, "Change needs approval")
        },
        (Some(_), None) => Badge::of(State::Approved),
    }
}

/// What of a fact's page is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Part {
    /// Of the history, only what came before.
    before: Option<i64>,
    /// Of who uses it, only what comes after.
    uses_after: Option<i64>,
}

/// GET /facts/{id}
pub async fn show(
    visit: Visit,
    id: Path<String>,
    part: Query<Part>,
) -> Result<HttpResponse, WebError> {
    let mut page = page(&visit, fact_id(&id)?, *part, String::new()).await?;
    page.page.notices.extend(undo::told(&visit).await?);
    reply::html(&page)
}

/// A fact's page again, with what went wrong.
async fn page_with(
    visit: &Visit,
    id: FactId,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let (status, why) = match error {
        ActionError::Invalid(why) => (StatusCode::UNPROCESSABLE_ENTITY, why),
        ActionError::Conflict(theirs) => (
            StatusCode::CONFLICT,
            format!(
                "{} Nothing of yours was done. Below is how it stands now.",
                first(&theirs)
            ),
        ),
        other => return Err(other.into()),
    };
    let page = page(visit, id, Part::default(), why).await?;
    reply::html_with(status, &page)
}

/// Who was first, and what they did.
fn first(theirs: &LoggedChange) -> String {
    let entry = plain(theirs);
    format!(
        "{} {} while you were looking at it.",
        entry.who, entry.sentence
    )
}

async fn page(visit: &Visit, id: FactId, part: Part, error: String) -> Result<Show, WebError> {
    let (actor, before) = (visit.actor(), part.before);
    let after = part.uses_after.map(ParamId);
    let read = visit.db.read(async move |mut conn| {
        let fact = acts::get(&mut conn, id).await?;
        let settings = settings::get(&mut conn).await?;
        let may = match &fact.proposal {
            None => Ok(()),
            Some(_) => approve_fact::must_be_allowed(&mut conn, &actor, settings, &fact).await,
        };
        let uses = fact_spread::uses(&mut conn, id, after).await?;
        let changes = change_log::list_of(&mut conn, Entity::Fact, id.0, before).await?;
        Ok::<_, ActionError>((fact, settings, may, uses, changes))
    });
    let (fact, settings, may, uses, changes) = read.await?;
    let href = format!("/facts/{id}");
    let proposal = fact.proposal.as_ref();
    let roles_reach = fact.proposal.as_ref().is_some_and(|proposal| {
        let owners = fact.owner().into_iter().chain([proposal.numbers.source]);
        owners.into_iter().all(|source| {
            let act = Act::ApproveParam {
                source: Some(source),
                settings,
                own: None,
            };
            visit.may(act).is_ok()
        })
    });
    Ok(Show {
        page: visit.page(fact.words.name.clone(), Nav::Params),
        name: fact.words.name.clone(),
        badge: badge(&fact),
        review: review(fact.words.review_by, visit.now().date_naive()),
        error,
        description: fact.words.description.clone(),
        numbers: in_force(&fact),
        approved: fact.in_force.as_ref().map(|of| Approved {
            by: of.approval.by_name.clone(),
            at: when(of.approval.at),
        }),
        evidence: Link {
            label: fact.words.evidence_link.clone(),
            href: fact.words.evidence_link.clone(),
        },
        evidence_note: fact
            .words
            .evidence_as_of
            .map(|day| format!("as of {}", date(day)))
            .unwrap_or_default(),
        proposal: proposed(&fact),
        why_not_approve: why_not_approve(may)?,
        can_withdraw: proposal.is_some_and(|of| of.by == visit.user.id),
        can_refuse: roles_reach,
        why_not: why_not(visit),
        is_archived: fact.archived_at.is_some(),
        can_archive: (fact.archived_at.is_some() || fact.uses == 0)
            && visit.may(Act::WithdrawParamApproval(fact.owner())).is_ok(),
        used_by: match fact.uses {
            0 => String::new(),
            1 => "1 initiative uses it".to_owned(),
            count => format!("{count} initiatives use it"),
        },
        could_follow_href: if fact.in_force.is_some()
            && fact.archived_at.is_none()
            && visit.may(Act::EditParam).is_ok()
        {
            format!("/params?fact={id}")
        } else {
            String::new()
        },
        more_uses_href: more_uses(&uses, &href),
        uses: uses.into_iter().take(most_uses()).map(use_line).collect(),
        entries: changes
            .iter()
            .map(|change| past(change, &fact, visit))
            .collect(),
        pager: history_pager(&changes, before, &href),
        seen: Seen {
            revision: fact.revision,
            form_key: fresh_key(),
        },
        href,
    })
}

/// A line of the history. A number that was approved earlier can be proposed again.
fn past(change: &LoggedChange, fact: &Fact, visit: &Visit) -> Past {
    let may = fact.archived_at.is_none() && visit.may(Act::EditParam).is_ok();
    Past {
        again: approved(change)
            .filter(|numbers| may && !is_said(fact, numbers))
            .map(|numbers| Link {
                label: format!("Propose {} again", readings(&numbers).0),
                href: forms::again_href(fact.id, &numbers, change),
            }),
        entry: plain(change),
    }
}

/// What a change put in force; none: it did nothing of that kind.
fn approved(change: &LoggedChange) -> Option<FactNumbers> {
    let is_approval = change.field == "approval";
    FactNumbers::from_content(&change.new).filter(|_| is_approval)
}

/// Whether the fact says so now, or is proposed to.
fn is_said(fact: &Fact, numbers: &FactNumbers) -> bool {
    let in_force = fact.in_force.as_ref().map(|of| &of.numbers);
    let proposed = fact.proposal.as_ref().map(|of| &of.numbers);
    [in_force, proposed].contains(&Some(numbers))
}

/// Why this person can't approve what is proposed; empty: they can, or nothing is.
fn why_not_approve(may: Result<(), ActionError>) -> Result<String, WebError> {
    match may {
        Ok(()) => Ok(String::new()),
        Err(ActionError::Refused(refusal)) => Ok(refusal.short()),
        Err(other) => Err(other.into()),
    }
}

fn said(numbers: &FactNumbers) -> Numbers {
    let (value, more) = readings(numbers);
    Numbers {
        value,
        more,
        range: range_text(&numbers.range, &numbers.unit),
        source: numbers.source.key().to_owned(),
        ..Numbers::default()
    }
}

fn in_force(fact: &Fact) -> Option<Numbers> {
    fact.in_force.as_ref().map(|of| Numbers {
        by: of.set_by.1.clone(),
        at: when(of.set_at),
        ..said(&of.numbers)
    })
}

fn proposed(fact: &Fact) -> Option<Numbers> {
    fact.proposal.as_ref().map(|of| Numbers {
        by: of.by_name.clone(),
        at: when(of.at),
        reason: of.reason.clone(),
        ..said(&of.numbers)
    })
}

fn most_uses() -> usize {
    usize::try_from(USES_PAGE).unwrap_or(usize::MAX)
}

fn more_uses(uses: &[fact_spread::Use], href: &str) -> String {
    let last = uses
        .get(most_uses() - 1)
        .filter(|_| uses.len() > most_uses());
    last.map(|last| format!("{href}?uses_after={}#fact-uses", last.param))
        .unwrap_or_default()
}

fn use_line(found: fact_spread::Use) -> Use {
    Use {
        param: Link {
            label: found.label,
            href: format!("/params/{}", found.param),
        },
        initiative: Link {
            href: format!("/initiatives/{}", found.initiative_key),
            label: found.initiative_key,
        },
        title: found.initiative_title,
        framework: found.framework_name,
        is_used: found.is_used,
    }
}

fn history_pager(changes: &[LoggedChange], before: Option<i64>, href: &str) -> Pager {
    let count = changes.len();
    let is_full = i64::try_from(count).is_ok_and(|count| count >= HISTORY_PAGE);
    let next = changes.last().filter(|last| is_full && last.seq > 1);
    Pager {
        summary: match count {
            1 => "1 change shown".to_owned(),
            count => format!("{count} changes shown"),
        },
        first_href: before.map(|_| href.to_owned()),
        next_href: next.map(|last| format!("{href}?before={}", last.seq)),
    }
}

fn fact_id(text: &str) -> Result<FactId, WebError> {
    text.parse()
        .map(FactId)
        .map_err(|_not_a_number| WebError::NotFound("fact"))
}
