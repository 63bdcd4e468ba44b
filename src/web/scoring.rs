//! Scoring: all frameworks side by side for each initiative, and where they disagree.

mod address;
mod export;
mod rows;

pub use address::Address;
pub use export::export;

use super::{
    download,
    error::WebError,
    figures, reply,
    view::{
        Empty, Link, Pager,
        layout::Nav,
        scoring::{Column, Index},
    },
    visit::Visit,
};
use crate::{
    domain::framework::Framework,
    store::{
        backlog, frameworks,
        scoring::{self, ScoringPage, Sort, Total},
    },
};
use actix_web::{HttpResponse, web::Query};

/// GET /scoring
pub async fn index(visit: Visit, address: Query<Address>) -> Result<HttpResponse, WebError> {
    let query = address.query();
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let page = scoring::list(&mut conn, &query).await?;
        let is_empty = page.lines.is_empty() && backlog::is_empty(&mut conn).await?;
        Ok((page, is_empty, frameworks::list(&mut conn).await?))
    });
    let (page, is_empty, all) = read.await?;
    reply::html(&Index {
        page: visit.page("Scoring", Nav::Scoring),
        search: address.search(),
        filters: address.filters(&all),
        clear_href: address.unfiltered(),
        title: address.sorted(Sort::Title, ""),
        disagreement: address.sorted(Sort::Disagreement, ""),
        weighted: address.sorted(Sort::Weighted, ""),
        columns: all
            .iter()
            .map(|framework| column(framework, &address, &page.totals))
            .collect(),
        rows: page
            .lines
            .iter()
            .map(|line| rows::row(line, &all))
            .collect(),
        pager: pager(&address, &page),
        downloads: download::links("/scoring", &address.whole()),
        empty: page.lines.is_empty().then(|| empty(&address, is_empty)),
    })
}

fn column(framework: &Framework, address: &Address, totals: &[Total]) -> Column {
    let total = totals.iter().find(|total| total.framework == framework.id);
    Column {
        name: framework.name.clone(),
        total: total.map(total_in_words).unwrap_or_default(),
        rank: address.sorted(Sort::Rank, &framework.key),
        value: address.sorted(Sort::Value, &framework.key),
        overall: address.sorted(Sort::Overall, &framework.key),
        status: address.sorted(Sort::Status, &framework.key),
    }
}

/// How many are scored, and their value together where they share a unit.
fn total_in_words(total: &Total) -> String {
    match total.value {
        Some(value) => {
            let together = figures::text(&figures::score(Some(value), &total.unit));
            format!("{} scored, together {together}", total.scored)
        }
        None => format!("{} scored, in several units", total.scored),
    }
}

fn pager(address: &Address, page: &ScoringPage) -> Pager {
    let noun = if page.count == 1 {
        "initiative"
    } else {
        "initiatives"
    };
    let last = page.lines.last().filter(|_| page.has_more);
    Pager {
        summary: format!("{} {noun}", page.count),
        first_href: address.first(),
        next_href: last.map(|line| address.after(&line.key)),
    }
}

fn empty(address: &Address, is_empty: bool) -> Empty {
    let link = |label: &str, href: String| Link {
        label: label.to_owned(),
        href,
    };
    if is_empty {
        return Empty {
            title: "Nothing to compare yet".into(),
            text: "Once there are initiatives with frameworks turned on, their scores stand here side by side.".into(),
            links: vec![link("Go to the backlog", "/backlog".into())],
            offers_sample_data: false,
        };
    }
    Empty {
        title: "Nothing matches".into(),
        text: "No initiative has all of that. Take a filter off, or look for other words.".into(),
        links: vec![link(
            "Clear filters",
            address.unfiltered().unwrap_or_else(|| "/scoring".into()),
        )],
        offers_sample_data: false,
    }
}
