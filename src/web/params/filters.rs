//! The filters of the Params page: in its address, as chips, and as a question to the store.

use crate::{
    domain::ids::ParamId,
    store::params_grid::{GridPage, GridQuery},
    web::view::{Empty, Filter, FilterOption, Hidden, Link, Pager, Search},
};
use serde::Deserialize;

const STATES: [(&str, &str); 5] = [
    ("missing", "Missing"),
    ("needs_approval", "Needs approval"),
    ("approved", "Approved"),
    ("not_used", "Not used"),
    ("needs_owner", "Needs an owner"),
];
const SOURCES: [(&str, &str); 5] = [
    ("PM", "PM"),
    ("Analytics", "Analytics"),
    ("Finance", "Finance"),
    ("Eng", "Eng"),
    ("none", "None"),
];

/// What the address asks for; empty: not asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    initiative: String,
    framework: String,
    state: String,
    source: String,
    q: String,
    after: String,
}

impl Asked {
    /// As the store is asked.
    pub(super) fn query(&self) -> GridQuery {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        GridQuery {
            initiative: given(&self.initiative),
            framework: given(&self.framework),
            state: given(&self.state),
            source: given(&self.source),
            search: self.q.trim().to_owned(),
            after: self.after.parse().ok().map(ParamId),
        }
    }

    /// What is asked for, in the address's order, without the place in the list.
    fn pairs(&self) -> [(&'static str, &str); 5] {
        [
            ("initiative", &self.initiative),
            ("framework", &self.framework),
            ("state", &self.state),
            ("source", &self.source),
            ("q", &self.q),
        ]
    }

    /// The page with one question answered differently and all others kept, from its beginning unless `after` is it.
    fn href(&self, name: &str, value: &str) -> String {
        let kept = self.pairs().into_iter().filter(|(kept, _)| *kept != name);
        let pairs = kept
            .chain([(name, value)])
            .filter(|(_, value)| !value.is_empty());
        let query = serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).unwrap_or_default();
        if query.is_empty() {
            "/params".to_owned()
        } else {
            format!("/params?{query}")
        }
    }

    /// The list's own address, with its place.
    pub(super) fn address(&self) -> String {
        self.href("after", &self.after)
    }

    /// The question in the address, for the list as a file or a block to be pasted.
    pub(super) fn question(&self) -> String {
        let address = self.href("after", "");
        let question = address.split_once('?').map(|(_, question)| question);
        question.unwrap_or_default().to_owned()
    }

    fn chips(&self, label: &str, name: &str, now: &str, answers: &[(&str, &str)]) -> Filter {
        let all = [("", "All")];
        let options = all
            .iter()
            .chain(answers)
            .map(|(value, label)| FilterOption {
                label: (*label).to_owned(),
                href: self.href(name, value),
                is_on: *value == now,
            });
        Filter {
            label: label.to_owned(),
            options: options.collect(),
        }
    }

    /// The chips; the initiative's only when one is chosen.
    pub(super) fn filters(&self, frameworks: &[(String, String)]) -> Vec<Filter> {
        let frameworks: Vec<_> = frameworks
            .iter()
            .map(|(key, name)| (key.as_str(), name.as_str()))
            .collect();
        let key = self.initiative.as_str();
        let initiative =
            (!key.is_empty()).then(|| self.chips("Initiative", "initiative", key, &[(key, key)]));
        let others = [
            self.chips("Framework", "framework", &self.framework, &frameworks),
            self.chips("State", "state", &self.state, &STATES),
            self.chips("Source", "source", &self.source, &SOURCES),
        ];
        initiative.into_iter().chain(others).collect()
    }

    /// The search box, which keeps the chips.
    pub(super) fn search(&self) -> Search {
        let kept = self
            .pairs()
            .into_iter()
            .filter(|(name, value)| *name != "q" && !value.is_empty());
        Search {
            action: "/params".to_owned(),
            query: self.q.clone(),
            kept: kept
                .map(|(name, value)| Hidden {
                    name: name.to_owned(),
                    value: value.to_owned(),
                })
                .collect(),
        }
    }

    /// Takes every filter off, where there is one.
    pub(super) fn clear_href(&self) -> Option<String> {
        self.is_filtered().then(|| "/params".to_owned())
    }

    fn is_filtered(&self) -> bool {
        self.pairs().iter().any(|(_, value)| !value.is_empty())
    }

    /// Where the list stands.
    pub(super) fn pager(&self, page: &GridPage) -> Pager {
        let is_first = self.after.is_empty();
        let (count, has_more) = (page.params().count(), page.has_more);
        let summary = match (is_first && !has_more, count) {
            (true, 1) => "1 param".to_owned(),
            (true, _) => format!("{count} params"),
            (false, _) => format!("{count} shown"),
        };
        let last = page.params().next_back().filter(|_| has_more);
        Pager {
            summary,
            first_href: (!is_first).then(|| self.href("after", "")),
            next_href: last.map(|row| self.href("after", &row.id.to_string())),
        }
    }

    /// Nothing to show, and what to do about it.
    pub(super) fn empty(&self) -> Empty {
        let (title, text, label, href) = if self.is_filtered() {
            (
                "No params match",
                "No param fits all of these filters.",
                "Clear filters",
                "/params",
            )
        } else if self.after.is_empty() {
            (
                "No params yet",
                "Params appear by themselves when a formula is approved, or a framework is turned on.",
                "Open the backlog",
                "/backlog",
            )
        } else {
            (
                "No more params",
                "This is the end of the list.",
                "First page",
                "/params",
            )
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::param::tests::approved_param,
        store::params_grid::{GridGroup, GroupStanding},
        web::params::cells::glance,
    };

    fn asked() -> Asked {
        Asked {
            state: "missing".into(),
            q: "margin & cost".into(),
            after: "9".into(),
            ..Asked::default()
        }
    }

    #[test]
    fn a_chip_keeps_the_other_filters_and_begins_the_list_anew() {
        let filters = asked().filters(&frameworks());
        let source = &filters[2];
        assert_eq!(
            source.options[1].href,
            "/params?state=missing&q=margin+%26+cost&source=PM"
        );
        let state = &filters[1];
        assert_eq!(state.options[0].href, "/params?q=margin+%26+cost");
        let on: Vec<_> = state.options.iter().filter(|option| option.is_on).collect();
        assert_eq!((on.len(), on[0].label.as_str()), (1, "Missing"));
        let own = &filters[0].options[2];
        assert_eq!(own.label, "Ice cream", "a framework of an admin's own");
        assert!(own.href.contains("framework=ICE"), "{}", own.href);
    }

    #[test]
    fn a_chosen_initiative_is_a_chip_of_its_own() {
        let asked = Asked {
            initiative: "INIT-7".into(),
            ..asked()
        };
        let filters = asked.filters(&frameworks());
        assert_eq!(filters.len(), 4);
        assert!(filters[0].options[1].is_on && filters[0].options[1].label == "INIT-7");
        assert_eq!(asked.search().kept.len(), 2);
    }

    fn frameworks() -> Vec<(String, String)> {
        [("MATH_MODEL", "Math model"), ("ICE", "Ice cream")]
            .map(|(key, name)| (key.to_owned(), name.to_owned()))
            .to_vec()
    }

    fn group_of(id: ParamId) -> GridGroup {
        let mut param = glance(&approved_param("reach", "9"));
        param.id = id;
        GridGroup {
            initiative_key: "INIT-1".into(),
            initiative_title: String::new(),
            framework_key: "RICE".into(),
            framework_name: "RICE".into(),
            approved: 0,
            used: 1,
            empty: 1,
            standing: GroupStanding::default(),
            params: vec![param],
        }
    }

    #[test]
    fn the_pager_goes_on_after_the_last_row_and_keeps_the_filters() {
        let mut page = GridPage {
            groups: vec![group_of(ParamId(42))],
            has_more: true,
            frameworks: frameworks(),
        };
        let pager = asked().pager(&page);
        assert_eq!(
            pager.next_href.as_deref(),
            Some("/params?state=missing&q=margin+%26+cost&after=42")
        );
        assert_eq!(
            pager.first_href.as_deref(),
            Some("/params?state=missing&q=margin+%26+cost")
        );
        page.has_more = false;
        let pager = Asked::default().pager(&page);
        assert_eq!((pager.summary.as_str(), pager.next_href), ("1 param", None));
    }

    #[test]
    fn an_empty_page_says_whether_filters_are_the_reason() {
        assert_eq!(asked().empty().title, "No params match");
        assert_eq!(Asked::default().empty().title, "No params yet");
        assert_eq!(Asked::default().clear_href(), None);
    }
}
