//! Shared facts: the library and one of them. The forms are in [`forms`], what is proposed is decided in [`decide`]; which
//! fact a param follows, beside the params.

pub mod decide;
pub mod forms;

use super::{
    chips,
    download::{self, Cell, Format, Table},
    error::WebError,
    figures::{date, stored, text, when},
    history::plain,
    params::{range_text, review},
    reply,
    sent_form::fresh_key,
    view::{
        Empty, Filter, Hidden, Link, Pager, Search, Seen,
        badge::{Badge, State},
        fact::{Approved, Index, Numbers, Row, Show, Use},
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
        param::Source,
        rights::Act,
    },
    store::{
        change_log::{self, HISTORY_PAGE, LoggedChange},
        fact_spread::{self, USES_PAGE},
        facts::{self as store, FACTS_PAGE, FactQuery},
        settings,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use serde::{Deserialize, Serialize};

/// What of the library is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Asked {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    q: String,
    /// Whose they are.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    source: String,
    /// `proposed`, `archived`; anything else: those in use.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    state: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_id: Option<i64>,
}

impl Asked {
    fn source(&self) -> Option<Source> {
        Source::CHOICES
            .into_iter()
            .find(|source| source.key() == self.source)
    }

    fn query(&self, is_whole: bool) -> FactQuery {
        let after = self.after_id.filter(|_| !is_whole);
        FactQuery {
            search: self.q.clone(),
            source: self.source(),
            is_archived: self.state == "archived",
            is_proposed: (self.state == "proposed").then_some(true),
            after: after.map(|id| (self.after.clone(), FactId(id))),
            is_whole,
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        (other.after, other.after_id) = (String::new(), None);
        change(&mut other);
        match serde_urlencoded::to_string(other) {
            Ok(query) if !query.is_empty() => format!("/facts?{query}"),
            _ => "/facts".to_owned(),
        }
    }

    fn filters(&self) -> Vec<Filter> {
        let mut owners = vec![("All", "")];
        owners.extend(Source::CHOICES.map(|source| (source.key(), source.key())));
        let states = [
            ("In use", ""),
            ("Waiting for approval", "proposed"),
            ("Put away", "archived"),
        ];
        let state = match self.state.as_str() {
            known @ ("proposed" | "archived") => known,
            _ => "",
        };
        vec![
            chips::row(
                "Owner",
                &owners,
                self.source().map_or("", Source::key),
                |key| self.with(|asked| key.clone_into(&mut asked.source)),
            ),
            chips::row("State", &states, state, |key| {
                self.with(|asked| key.clone_into(&mut asked.state))
            }),
        ]
    }
}

/// GET /facts
pub async fn index(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let query = asked.query(false);
    let read = visit
        .db
        .read(async move |mut conn| store::list(&mut conn, &query).await);
    let mut found = read.await?;
    let most = usize::try_from(FACTS_PAGE).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    found.truncate(most);
    let question = asked.with(|_| ());
    let question = question.split_once('?').map_or("", |(_, rest)| rest);
    let kept = [("source", &asked.source), ("state", &asked.state)];
    let kept = kept.into_iter().filter(|(_, value)| !value.is_empty());
    reply::html(&Index {
        page: visit.page("Shared facts", Nav::Params),
        search: Search {
            action: "/facts".to_owned(),
            query: asked.q.clone(),
            kept: kept
                .map(|(name, value)| Hidden {
                    name: name.to_owned(),
                    value: value.clone(),
                })
                .collect(),
        },
        filters: asked.filters(),
        why_not: why_not(&visit),
        rows: found.iter().map(|fact| row(fact, &visit)).collect(),
        empty: found.is_empty().then(|| empty(&asked)),
        pager: pager(&asked, &found, has_more),
        downloads: download::links("/facts", question),
    })
}

fn why_not(visit: &Visit) -> String {
    let refusal = visit.may(Act::EditParam).err();
    refusal.map(|refusal| refusal.short()).unwrap_or_default()
}

fn empty(asked: &Asked) -> Empty {
    let is_all = asked.with(|_| ()) == "/facts";
    let (title, text) = if is_all {
        (
            "No shared facts yet",
            "Add the first number that several initiatives rest on, an average order value for instance. Once it is approved, their params can follow it.",
        )
    } else {
        (
            "No fact matches",
            "Look for other words, or among all facts.",
        )
    };
    let (label, href) = if is_all {
        ("Params", "/params")
    } else {
        ("All facts", "/facts")
    };
    Empty {
        title: title.to_owned(),
        text: text.to_owned(),
        links: vec![Link {
            label: label.to_owned(),
            href: href.to_owned(),
        }],
        offers_sample_data: false,
    }
}

fn pager(asked: &Asked, found: &[Fact], has_more: bool) -> Pager {
    let next = found.last().filter(|_| has_more).map(|last| {
        asked.with(|asked| {
            asked.after = last.words.name.to_lowercase();
            asked.after_id = Some(last.id.0);
        })
    });
    Pager {
        summary: match (&next, found.len()) {
            (None, 1) if asked.after_id.is_none() => "1 fact".to_owned(),
            (None, count) if asked.after_id.is_none() => format!("{count} facts"),
            (_, count) => format!("{count} shown"),
        },
        first_href: asked.after_id.map(|_| asked.with(|_| ())),
        next_href: next,
    }
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

fn row(fact: &Fact, visit: &Visit) -> Row {
    let said = fact.in_force.as_ref().map(|of| readings(&of.numbers));
    let (value, more) = said.unwrap_or_default();
    Row {
        href: format!("/facts/{}", fact.id),
        name: fact.words.name.clone(),
        badge: badge(fact),
        value,
        more,
        source: fact.owner().map_or("", Source::key).to_owned(),
        uses: initiatives(fact.uses),
        review: review(fact.words.review_by, visit.now().date_naive()),
    }
}

/// `1 initiative`, `12 initiatives`.
fn initiatives(count: i64) -> String {
    match count {
        0 => "none yet".to_owned(),
        1 => "1 initiative".to_owned(),
        count => format!("{count} initiatives"),
    }
}

/// GET /facts.csv, /facts.xlsx
pub async fn export(
    visit: Visit,
    asked: Query<Asked>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    let format = Format::of(&ending)?;
    let query = asked.query(true);
    let read = visit
        .db
        .bulk("facts download", download::LIMIT, async move |mut conn| {
            store::list(&mut conn, &query).await
        });
    download::answer(table(&read.await?), format, visit.now()).await
}

fn table(facts: &[Fact]) -> Table {
    let headers = [
        "Name",
        "Description",
        "Value",
        "Unit",
        "Lowest",
        "Highest",
        "Owner",
        "Approved by",
        "Approved at",
        "Evidence",
        "Evidence as of",
        "Review by",
        "Initiatives",
        "Proposed value",
        "Proposed by",
    ];
    Table {
        name: "facts",
        headers: headers.map(str::to_owned).to_vec(),
        rows: facts.iter().map(cells).collect(),
    }
}

fn cells(fact: &Fact) -> Vec<Cell> {
    let in_force = fact.in_force.as_ref();
    let numbers = in_force.map(|of| &of.numbers);
    let told = |text: Option<String>| Cell::text(text.unwrap_or_default());
    let words = &fact.words;
    vec![
        Cell::text(words.name.clone()),
        Cell::text(words.description.clone()),
        Cell::number(numbers.map(|of| of.value.value())),
        told(numbers.map(|of| of.unit.clone())),
        Cell::number(numbers.and_then(|of| Some(of.range.min.as_ref()?.value()))),
        Cell::number(numbers.and_then(|of| Some(of.range.max.as_ref()?.value()))),
        told(fact.owner().map(|source| source.key().to_owned())),
        told(in_force.map(|of| of.approval.by_name.clone())),
        told(in_force.map(|of| of.approval.at.to_rfc3339())),
        Cell::text(words.evidence_link.clone()),
        told(words.evidence_as_of.map(|day| day.to_string())),
        told(words.review_by.map(|day| day.to_string())),
        Cell::count(Some(fact.uses)),
        Cell::number(fact.proposal.as_ref().map(|of| of.numbers.value.value())),
        told(fact.proposal.as_ref().map(|of| of.by_name.clone())),
    ]
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
    let page = page(&visit, fact_id(&id)?, *part, String::new()).await?;
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
        more_uses_href: more_uses(&uses, &href),
        uses: uses.into_iter().take(most_uses()).map(use_line).collect(),
        entries: changes.iter().map(plain).collect(),
        pager: history_pager(&changes, before, &href),
        seen: Seen {
            revision: fact.revision,
            form_key: fresh_key(),
        },
        href,
    })
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
