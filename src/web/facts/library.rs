//! The library of shared facts: searched, narrowed, page by page, and as a file.

use super::{badge, readings, why_not};
use crate::{
    domain::{
        fact::Fact,
        ids::FactId,
        param::{Number, Source},
    },
    store::facts::{self as store, FACTS_PAGE, FactQuery},
    web::{
        chips,
        download::{self, Cell, Table},
        error::WebError,
        params::review,
        reply,
        view::{
            Empty, Filter, Hidden, Link, Pager, Search,
            fact::{Index, Row},
            layout::Nav,
        },
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
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

fn row(fact: &Fact, visit: &Visit) -> Row {
    let said = fact.in_force.as_ref().map(|of| readings(&of.numbers));
    let (value, more) = said.unwrap_or_default();
    Row {
        id: fact.id.0,
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
    let query = asked.query(true);
    download::serve(
        &visit,
        &ending,
        async move |mut conn| store::list(&mut conn, &query).await,
        |facts| Table::new("facts", HEADERS, facts.iter().map(cells)),
    )
    .await
}

const HEADERS: [&str; 15] = [
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

fn cells(fact: &Fact) -> Vec<Cell> {
    let in_force = fact.in_force.as_ref();
    let numbers = in_force.map(|of| &of.numbers);
    let told = |text: Option<String>| Cell::text(text.unwrap_or_default());
    let digits = |number: Option<&Number>| Cell::decimal(number.map(Number::decimal));
    let words = &fact.words;
    vec![
        Cell::text(words.name.clone()),
        Cell::text(words.description.clone()),
        digits(numbers.map(|of| &of.value)),
        told(numbers.map(|of| of.unit.clone())),
        digits(numbers.and_then(|of| of.range.min.as_ref())),
        digits(numbers.and_then(|of| of.range.max.as_ref())),
        told(fact.owner().map(|source| source.key().to_owned())),
        told(in_force.map(|of| of.approval.by_name.clone())),
        in_force.map_or(Cell::Blank, |of| Cell::moment(of.approval.at)),
        Cell::text(words.evidence_link.clone()),
        told(words.evidence_as_of.map(|day| day.to_string())),
        told(words.review_by.map(|day| day.to_string())),
        Cell::count(Some(fact.uses)),
        digits(fact.proposal.as_ref().map(|of| &of.numbers.value)),
        told(fact.proposal.as_ref().map(|of| of.by_name.clone())),
    ]
}
