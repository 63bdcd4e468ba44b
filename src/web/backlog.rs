//! The backlog: initiatives by rank, with what each is worth and whose turn it is.

mod export;
mod rows;

pub use export::export;

use super::{
    chips, download,
    error::WebError,
    reply,
    view::{
        Ask, Empty, Filter, Hidden, Link, Pager, Search,
        backlog::{Index, RowFragment, Sort as SortLink, Sorts},
        layout::Nav,
    },
    visit::Visit,
};
use crate::{
    domain::{
        framework::Framework,
        ids::InitiativeKey,
        rights::{Act, Refusal},
    },
    store::{
        backlog::{self, BacklogPage, BacklogQuery, Sort},
        frameworks,
    },
};
use actix_web::{HttpResponse, http::StatusCode, web::Query};
use serde::{Deserialize, Serialize};

/// What the address says: the whole state of the page, so that a view can be shared.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Address {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    framework: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    sort: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    dir: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    archived: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    after: String,
}

impl Address {
    fn href(&self) -> String {
        let query = serde_urlencoded::to_string(self).unwrap_or_default();
        if query.is_empty() {
            "/backlog".to_owned()
        } else {
            format!("/backlog?{query}")
        }
    }

    /// The first page of the same list with something else in force.
    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self {
            after: String::new(),
            ..self.clone()
        };
        change(&mut other);
        other.href()
    }

    /// The question of this list, wherever in it the page stands; empty: nothing is asked.
    fn whole(&self) -> String {
        let all = Self {
            after: String::new(),
            ..self.clone()
        };
        serde_urlencoded::to_string(all).unwrap_or_default()
    }

    fn is_filtered(&self) -> bool {
        ![&self.q, &self.framework, &self.status, &self.archived]
            .iter()
            .all(|part| part.is_empty())
    }

    fn sort(&self) -> Sort {
        Sort::ALL
            .into_iter()
            .find(|sort| sort.key() == self.sort)
            .unwrap_or_default()
    }

    fn query(&self) -> BacklogQuery {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        BacklogQuery {
            search: self.q.trim().chars().take(200).collect(),
            framework: given(&self.framework),
            status: given(&self.status),
            with_archived: !self.archived.is_empty(),
            sort: self.sort(),
            is_descending: self.is_descending(),
            after: given(&self.after),
            only: None,
            is_whole: false,
        }
    }

    /// Figures and changes begin with the highest and the latest.
    fn is_descending(&self) -> bool {
        match self.dir.as_str() {
            "asc" => false,
            "desc" => true,
            _ => begins_descending(self.sort()),
        }
    }
}

fn begins_descending(sort: Sort) -> bool {
    matches!(
        sort,
        Sort::Value | Sort::Effort | Sort::Overall | Sort::Weighted | Sort::Changed
    )
}

/// GET /backlog
pub async fn index(visit: Visit, address: Query<Address>) -> Result<HttpResponse, WebError> {
    let (query, now) = (address.query(), visit.now());
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let page = backlog::list(&mut conn, &query, now).await?;
        let is_empty = page.lines.is_empty() && backlog::is_empty(&mut conn).await?;
        Ok((page, is_empty, frameworks::list(&mut conn).await?))
    });
    let (page, is_empty, all) = read.await?;
    reply::html(&view(&visit, &address, &page, is_empty, &all))
}

fn view(
    visit: &Visit,
    address: &Address,
    page: &BacklogPage,
    is_empty: bool,
    all: &[Framework],
) -> Index {
    let refusal = visit.may(Act::EditInitiative).err();
    let can_create = refusal.is_none();
    let refusals = [refusal, visit.may(Act::ChooseFramework).err()];
    let why_not: Vec<_> = refusals.iter().flatten().map(Refusal::short).collect();
    let is_mixed = page.groups > 1 && address.sort() == Sort::Rank;
    Index {
        page: visit.page("Backlog", Nav::Backlog),
        search: search(address),
        filters: filters(address, all),
        clear_href: address.is_filtered().then(|| {
            let sorted = (address.sort.clone(), address.dir.clone());
            Address { sort: sorted.0, dir: sorted.1, ..Address::default() }.href()
        }),
        sorts: sorts(address),
        groups: rows::groups(page, all, visit, is_mixed),
        mixed_note: is_mixed.then(|| {
            "Several frameworks and units: ranks count within each, since their values can’t be compared.".to_owned()
        }),
        pager: pager(address, page),
        downloads: download::links("/backlog", &address.whole()),
        empty: page.lines.is_empty().then(|| empty(visit, address, is_empty, can_create)),
        why_not: why_not.join(" "),
        new_link: can_create.then(|| Link {
            label: "New initiative".into(),
            href: "/initiatives/new".into(),
        }),
    }
}

fn search(address: &Address) -> Search {
    let kept = [
        ("framework", &address.framework),
        ("status", &address.status),
        ("archived", &address.archived),
        ("sort", &address.sort),
        ("dir", &address.dir),
    ];
    Search {
        action: "/backlog".to_owned(),
        query: address.q.clone(),
        kept: kept
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| Hidden {
                name: name.into(),
                value: value.clone(),
            })
            .collect(),
    }
}

fn filters(address: &Address, all: &[Framework]) -> Vec<Filter> {
    let chips = |label, options: &[(&str, &str)], part: fn(&mut Address) -> &mut String| {
        let present = part(&mut address.clone()).clone();
        chips::row(label, options, &present, |key| {
            address.with(|a| key.clone_into(part(a)))
        })
    };
    let mut frameworks = vec![("All", "")];
    frameworks.extend(all.iter().map(|f| (f.name.as_str(), f.key.as_str())));
    frameworks.push(("None", "none"));
    let states = [
        ("All", ""),
        ("Approved", "approved"),
        ("Stale", "stale"),
        ("Overridden", "overridden"),
        ("Legacy", "legacy"),
        ("Not ready", "not_ready"),
    ];
    let archived = [("Hidden", ""), ("Shown", "1")];
    vec![
        chips("Framework", &frameworks, |a| &mut a.framework),
        chips("State", &states, |a| &mut a.status),
        chips("Archived", &archived, |a| &mut a.archived),
    ]
}

fn sorts(address: &Address) -> Sorts {
    let by = |sort: Sort| {
        let is_present = address.sort() == sort;
        let descends = if is_present {
            !address.is_descending()
        } else {
            begins_descending(sort)
        };
        let dir = if descends { "desc" } else { "asc" };
        SortLink {
            href: address.with(|a| {
                sort.key().clone_into(&mut a.sort);
                dir.clone_into(&mut a.dir);
            }),
            aria: match (is_present, address.is_descending()) {
                (false, _) => "none",
                (true, true) => "descending",
                (true, false) => "ascending",
            },
        }
    };
    Sorts {
        rank: by(Sort::Rank),
        key: by(Sort::Key),
        title: by(Sort::Title),
        value: by(Sort::Value),
        effort: by(Sort::Effort),
        overall: by(Sort::Overall),
        weighted: by(Sort::Weighted),
        changed: by(Sort::Changed),
    }
}

fn pager(address: &Address, page: &BacklogPage) -> Pager {
    let last = page.lines.last().filter(|_| page.has_more);
    let noun = if page.count == 1 {
        "initiative"
    } else {
        "initiatives"
    };
    Pager {
        summary: format!("{} {noun}", page.count),
        first_href: (!address.after.is_empty()).then(|| address.with(|_| ())),
        next_href: last.map(|line| {
            let after = line.key.clone();
            Address {
                after,
                ..address.clone()
            }
            .href()
        }),
    }
}

fn empty(visit: &Visit, address: &Address, is_empty: bool, can_create: bool) -> Empty {
    if !is_empty {
        return Empty {
            title: "Nothing matches".into(),
            text: "No initiative has all of that. Take a filter off, or look for other words."
                .into(),
            links: vec![Link {
                label: "Clear filters".into(),
                href: Address {
                    sort: address.sort.clone(),
                    ..Address::default()
                }
                .href(),
            }],
            offers_sample_data: false,
        };
    }
    let can_import = visit.may(Act::Import).is_ok();
    Empty {
        title: "No initiatives yet".into(),
        text: match (can_import, can_create) {
            (true, _) => "Bring in a sample workbook to look around, import your own, or begin with a new initiative.".into(),
            (_, true) => "Begin with the first one, or ask an admin to import a workbook.".into(),
            _ => "Ask a PM to begin with one, or an admin to import a workbook.".into(),
        },
        links: [
            (can_import, "Import a workbook", "/imports"),
            (can_create, "New initiative", "/initiatives/new"),
        ]
        .into_iter()
        .filter(|(may, ..)| *may)
        .map(|(_, label, href)| Link {
            label: label.into(),
            href: href.into(),
        })
        .collect(),
        offers_sample_data: can_import,
    }
}

/// One row as it is now, for a choice made in it.
pub(super) async fn row_fragment(
    visit: &Visit,
    key: &InitiativeKey,
    status: StatusCode,
    ask: Option<Ask>,
    error: String,
) -> Result<HttpResponse, WebError> {
    let (key, now) = (key.clone(), visit.now());
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let initiative = crate::store::initiatives::get(&mut conn, &key).await?;
        let query = BacklogQuery {
            only: initiative.map(|initiative| initiative.id),
            with_archived: true,
            ..BacklogQuery::default()
        };
        Ok((
            backlog::list(&mut conn, &query, now).await?,
            frameworks::list(&mut conn).await?,
        ))
    });
    let (page, all) = read.await?;
    let line = page.lines.first().ok_or(WebError::NotFound("initiative"))?;
    let mut row = rows::row(line, &all, visit);
    row.ask = ask;
    row.error = error;
    reply::html_with(
        status,
        &RowFragment {
            row,
            notices: Vec::new(),
        },
    )
}
