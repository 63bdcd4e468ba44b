//! Decide what is proposed of a fact: see what approving would do, approve, refuse, take back; put a fact away.

use super::{fact_id, first, in_force, page_with, proposed, why_not_approve};
use crate::{
    actions::{ActionError, approve_fact, facts as acts},
    domain::{
        fact::Fact,
        fact_outlook::{Figures, Line, Outlook, Shifted},
        ids::FactId,
        number_format,
    },
    store::settings,
    web::{
        error::WebError,
        reply,
        sent_form::fresh_key,
        view::{
            Link, Seen,
            fact::{Approve, Move},
            layout::Nav,
        },
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

/// How many lines of each kind a page shows; the rest is counted.
const SHOWN: usize = 500;
/// How many missing things of one initiative are named.
const NAMED: usize = 3;

/// What the buttons send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    seen_revision: i64,
    /// Why a proposal is refused.
    why: String,
}

/// GET /facts/{id}/approval: what approving would do. Writes nothing.
pub async fn preview(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    let id = fact_id(&id)?;
    match preview_page(&visit, id).await? {
        Some(page) => reply::html(&page),
        None => Ok(reply::go_to(&format!("/facts/{id}"))),
    }
}

/// POST /facts/{id}/approval
pub async fn approve(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (fact_id(&id)?, sent.seen_revision);
    let done = visit
        .act_long_once(
            "approve a fact",
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                approve_fact::approve(&mut tx, &actor, now, id, seen).await
            },
        )
        .await;
    let error = match done {
        Ok(_) => return Ok(reply::go_to(&format!("/facts/{id}"))),
        Err(error @ (ActionError::Invalid(_) | ActionError::Conflict(_))) => error,
        Err(other) => return Err(other.into()),
    };
    let Some(mut page) = preview_page(&visit, id).await? else {
        return page_with(&visit, id, error).await;
    };
    let status = match error {
        ActionError::Conflict(theirs) => {
            page.conflict = first(&theirs);
            StatusCode::CONFLICT
        }
        other => {
            page.error = other.to_string();
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    reply::html_with(status, &page)
}

/// POST /facts/{id}/proposal/withdrawal
pub async fn withdraw(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (fact_id(&id)?, sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| acts::withdraw(&mut tx, &actor, now, id, seen).await,
        )
        .await;
    answer(&visit, id, done).await
}

/// POST /facts/{id}/proposal/refusal
pub async fn refuse(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, seen, why) = (fact_id(&id)?, sent.seen_revision, sent.why.clone());
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::refuse(&mut tx, &actor, now, id, (&why, seen)).await
            },
        )
        .await;
    answer(&visit, id, done).await
}

/// POST /facts/{id}/archival
pub async fn archive(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    set_archived(&visit, fact_id(&id)?, (true, sent.seen_revision)).await
}

/// POST /facts/{id}/restoration
pub async fn restore(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    set_archived(&visit, fact_id(&id)?, (false, sent.seen_revision)).await
}

async fn set_archived(
    visit: &Visit,
    id: FactId,
    wanted: (bool, i64),
) -> Result<HttpResponse, WebError> {
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::set_archived(&mut tx, &actor, now, id, wanted).await
            },
        )
        .await;
    answer(visit, id, done).await
}

async fn answer(
    visit: &Visit,
    id: FactId,
    done: Result<Fact, ActionError>,
) -> Result<HttpResponse, WebError> {
    match done {
        Ok(_) => Ok(reply::go_to(&format!("/facts/{id}"))),
        Err(error) => page_with(visit, id, error).await,
    }
}

/// None: nothing is proposed.
async fn preview_page(visit: &Visit, id: FactId) -> Result<Option<Approve>, WebError> {
    let actor = visit.actor();
    let read = visit.db.read(async move |mut conn| {
        let fact = acts::get(&mut conn, id).await?;
        if fact.proposal.is_none() {
            return Ok(None);
        }
        let settings = settings::get(&mut conn).await?;
        let may = approve_fact::must_be_allowed(&mut conn, &actor, settings, &fact).await;
        let outlook = approve_fact::look(&mut conn, &fact).await?;
        Ok::<_, ActionError>(Some((fact, may, outlook)))
    });
    let Some((fact, may, outlook)) = read.await? else {
        return Ok(None);
    };
    let href = format!("/facts/{id}");
    let rest =
        outlook.lines.len().saturating_sub(SHOWN) + outlook.shifted.len().saturating_sub(SHOWN);
    Ok(Some(Approve {
        page: visit.page("What approving would do", Nav::Params),
        numbers: in_force(&fact),
        proposal: proposed(&fact).unwrap_or_default(),
        summary: summary(&outlook),
        moves: outlook.lines.iter().take(SHOWN).map(of_line).collect(),
        shifted: outlook.shifted.iter().take(SHOWN).map(of_shifted).collect(),
        rest: match rest {
            0 => String::new(),
            rest => format!("And {} more.", number_format::decimal(&rest.to_string())),
        },
        why_not: why_not_approve(may)?,
        error: String::new(),
        conflict: String::new(),
        action: format!("{href}/approval"),
        seen: Seen {
            revision: fact.revision,
            form_key: fresh_key(),
        },
        fact: Link {
            label: fact.words.name,
            href,
        },
    }))
}

fn summary(outlook: &Outlook) -> Vec<String> {
    if outlook.lines.is_empty() {
        return vec!["No score rests on it yet.".to_owned()];
    }
    let count = |n: usize, one: &str, many: &str| {
        let number = number_format::decimal(&n.to_string());
        format!("{number} {}", if n == 1 { one } else { many })
    };
    let changed = outlook.scored().filter(|line| line.moves()).count();
    let scored = outlook.scored().count();
    let unscored = outlook.lines.len() - scored;
    let mut lines = vec![format!(
        "{} of {} another score or rank.",
        number_format::decimal(&changed.to_string()),
        count(scored, "that is scored gets", "that are scored get"),
    )];
    if unscored > 0 {
        lines.push(format!(
            "{} no number, each for the reason beside it.",
            count(unscored, "gets", "get")
        ));
    }
    if !outlook.shifted.is_empty() {
        lines.push(format!(
            "{} another rank without following the fact.",
            count(outlook.shifted.len(), "other gets", "others get")
        ));
    }
    if !outlook.outside.is_empty() {
        let named: Vec<_> = outlook.outside.iter().take(NAMED).cloned().collect();
        lines.push(format!(
            "It can’t be approved while these follow, whose framework doesn’t allow the value: {}{}.",
            named.join(", "),
            if outlook.outside.len() > NAMED { " and others" } else { "" }
        ));
    }
    lines
}

fn figure(value: Option<f64>, unit: &str) -> String {
    value
        .map(|value| number_format::score_with_unit(value, unit))
        .unwrap_or_default()
}

fn rank(rank: Option<i64>) -> String {
    rank.map(|rank| rank.to_string()).unwrap_or_default()
}

fn of_line(line: &Line) -> Move {
    let before = line.before;
    let after: Option<Figures> = line.after.as_ref().ok().copied();
    let missing = line
        .after
        .as_ref()
        .err()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut named: Vec<_> = missing
        .iter()
        .take(NAMED)
        .map(ToString::to_string)
        .collect();
    if missing.len() > NAMED {
        named.push(format!("{} more", missing.len() - NAMED));
    }
    let marks = [
        (line.is_active, ", active"),
        (line.is_archived, ", archived"),
    ];
    let marks = marks
        .iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, mark)| *mark);
    Move {
        initiative: to_initiative(&line.key),
        title: line.title.clone(),
        framework: format!("{}{}", line.framework, marks.collect::<String>()),
        moves: line.moves(),
        value: figure(before.map(|of| of.value), &line.unit),
        value_then: figure(after.map(|of| of.value), &line.unit),
        overall: figure(before.and_then(|of| of.overall), ""),
        overall_then: figure(after.and_then(|of| of.overall), ""),
        rank: rank(line.rank_before),
        rank_then: rank(line.rank_after),
        why: named.join("; "),
    }
}

fn of_shifted(shifted: &Shifted) -> Move {
    Move {
        initiative: to_initiative(&shifted.key),
        title: shifted.title.clone(),
        framework: shifted.framework.clone(),
        moves: true,
        rank: rank(shifted.before),
        rank_then: rank(shifted.after),
        ..Move::default()
    }
}

fn to_initiative(key: &str) -> Link {
    Link {
        label: key.to_owned(),
        href: format!("/initiatives/{key}"),
    }
}
