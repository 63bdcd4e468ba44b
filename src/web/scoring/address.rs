//! What the address of the scoring page says: its whole state, so that a view can be shared.

use crate::{
    domain::framework::Framework,
    store::scoring::{ScoringQuery, Sort},
    web::chips,
    web::view::{Filter, FilterOption, Hidden, Search, backlog::Sort as SortLink},
};
use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Address {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    framework: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    archived: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    sort: String,
    /// The framework whose column is the order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    of: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    dir: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    after: String,
}

impl Address {
    /// The question after the address, wherever in the list the page stands; empty: nothing is asked.
    pub(super) fn whole(&self) -> String {
        let all = Self {
            after: String::new(),
            ..self.clone()
        };
        serde_urlencoded::to_string(all).unwrap_or_default()
    }

    fn href(&self) -> String {
        let query = serde_urlencoded::to_string(self).unwrap_or_default();
        if query.is_empty() {
            "/scoring".to_owned()
        } else {
            format!("/scoring?{query}")
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

    /// The first page; none: this is it.
    pub(super) fn first(&self) -> Option<String> {
        (!self.after.is_empty()).then(|| self.with(|_| ()))
    }

    /// The page after that initiative.
    pub(super) fn after(&self, key: &str) -> String {
        self.with(|address| key.clone_into(&mut address.after))
    }

    /// The same order without any filter; none: nothing is filtered.
    pub(super) fn unfiltered(&self) -> Option<String> {
        let parts = [&self.q, &self.framework, &self.status, &self.archived];
        let is_filtered = !parts.iter().all(|part| part.is_empty());
        is_filtered.then(|| {
            Self {
                sort: self.sort.clone(),
                of: self.of.clone(),
                dir: self.dir.clone(),
                ..Self::default()
            }
            .href()
        })
    }

    fn sort(&self) -> Sort {
        Sort::ALL
            .into_iter()
            .find(|sort| sort.key() == self.sort)
            .unwrap_or_default()
    }

    fn is_descending(&self) -> bool {
        match self.dir.as_str() {
            "asc" => false,
            "desc" => true,
            _ => begins_descending(self.sort()),
        }
    }

    /// What the store is asked.
    pub(super) fn query(&self) -> ScoringQuery {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ScoringQuery {
            search: self.q.trim().chars().take(200).collect(),
            framework: given(&self.framework),
            status: given(&self.status),
            with_archived: !self.archived.is_empty(),
            sort: self.sort(),
            sort_framework: given(&self.of),
            is_descending: self.is_descending(),
            after: given(&self.after),
            is_whole: false,
        }
    }

    /// The link of a column's heading.
    pub(super) fn sorted(&self, sort: Sort, of: &str) -> SortLink {
        let is_present = self.sort() == sort && (!sort.is_of_a_framework() || self.of == of);
        let descends = if is_present {
            !self.is_descending()
        } else {
            begins_descending(sort)
        };
        SortLink {
            href: self.with(|address| {
                sort.key().clone_into(&mut address.sort);
                of.clone_into(&mut address.of);
                if descends { "desc" } else { "asc" }.clone_into(&mut address.dir);
            }),
            aria: match (is_present, self.is_descending()) {
                (false, _) => "none",
                (true, true) => "descending",
                (true, false) => "ascending",
            },
        }
    }

    /// The search box.
    pub(super) fn search(&self) -> Search {
        let kept = [
            ("framework", &self.framework),
            ("status", &self.status),
            ("archived", &self.archived),
            ("sort", &self.sort),
            ("of", &self.of),
            ("dir", &self.dir),
        ];
        Search {
            action: "/scoring".to_owned(),
            query: self.q.clone(),
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

    /// The rows of chips.
    pub(super) fn filters(&self, all: &[Framework]) -> Vec<Filter> {
        let mut on = vec![("Any", "")];
        on.extend(all.iter().map(|f| (f.name.as_str(), f.key.as_str())));
        let state = [
            ("Any", ""),
            ("Approved", "approved"),
            ("Stale", "stale"),
            ("Legacy", "legacy"),
            ("Not ready", "not_ready"),
        ];
        let archived = [("Hidden", ""), ("Shown", "1")];
        let order = [
            ("Disagreement first", Sort::Disagreement),
            ("Weighted", Sort::Weighted),
            ("Key", Sort::Key),
        ];
        let by_order = order.map(|(label, sort)| FilterOption {
            label: label.to_owned(),
            href: self.with(|address| {
                sort.key().clone_into(&mut address.sort);
                address.of.clear();
                address.dir.clear();
            }),
            is_on: self.sort() == sort && self.is_descending() == begins_descending(sort),
        });
        vec![
            Filter {
                label: "Order".to_owned(),
                options: by_order.to_vec(),
            },
            self.chips("Framework on", &on, |address| &mut address.framework),
            self.chips("State", &state, |address| &mut address.status),
            self.chips("Archived", &archived, |address| &mut address.archived),
        ]
    }

    fn chips(
        &self,
        label: &str,
        options: &[(&str, &str)],
        part: fn(&mut Self) -> &mut String,
    ) -> Filter {
        let present = part(&mut self.clone()).clone();
        chips::row(label, options, &present, |key| {
            self.with(|address| key.clone_into(part(address)))
        })
    }
}

/// Figures begin with the highest, and the frameworks' disagreement with the widest.
fn begins_descending(sort: Sort) -> bool {
    matches!(
        sort,
        Sort::Disagreement | Sort::Weighted | Sort::Value | Sort::Overall
    )
}
