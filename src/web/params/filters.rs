//! The filters of the Params page: in its address, as chips, and as a question to the store.

use super::columns;
use crate::{
    domain::ids::{FactId, ParamId},
    store::{
        params_by::GroupBy,
        params_grid::{GridQuery, Sort},
    },
    web::view::{Empty, Filter, FilterOption, Hidden, Link, Pager, Search, params::Columns},
};
use chrono::{DateTime, Days, NaiveDate};
use serde::Deserialize;

const STATES: [(&str, &str); 6] = [
    ("missing", "Missing"),
    ("needs_approval", "Needs approval"),
    ("approved", "Approved"),
    ("not_used", "Not used"),
    ("needs_owner", "Needs an owner"),
    ("review_due", "Review due"),
];
const SOURCES: [(&str, &str); 5] = [
    ("PM", "PM"),
    ("Analytics", "Analytics"),
    ("Finance", "Finance"),
    ("Eng", "Eng"),
    ("none", "None"),
];
const GROUPS: [(&str, &str); 3] = [("", "Initiative"), ("source", "Owner"), ("state", "State")];
const SORTS: [(&str, &str); 5] = [
    ("", "Initiative"),
    ("name", "Name"),
    ("changed", "Last changed"),
    ("review", "Review date"),
    ("value", "Value"),
];

/// For how many days before its date a review is said to be due.
pub(super) const REVIEW_NOTICE: Days = Days::new(14);

/// What the address asks for; empty: not asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct Asked {
    initiative: String,
    framework: String,
    state: String,
    source: String,
    /// The fact that the params could follow, by number.
    fact: String,
    q: String,
    /// What the groups are: `source`, `state`; otherwise initiatives.
    group: String,
    /// Another order than that of initiatives, without groups: `name`, `changed`, `review`, `value`.
    sort: String,
    /// The columns that are shown, with commas; empty: all.
    pub(super) columns: String,
    /// The group that the page before ended in; in another order, what its last row was sorted by.
    pub(super) at: String,
    after: String,
}

impl From<Vec<(String, String)>> for Asked {
    /// Ticked columns come one by one; of everything else the first counts.
    fn from(pairs: Vec<(String, String)>) -> Self {
        let first = |name: &str| {
            let found = pairs.iter().find(|(asked, _)| asked == name);
            found.map_or_else(String::new, |(_, value)| value.clone())
        };
        let columns = pairs.iter().filter(|(name, _)| name == "columns");
        let columns: Vec<_> = columns.map(|(_, value)| value.as_str()).collect();
        Self {
            initiative: first("initiative"),
            framework: first("framework"),
            state: first("state"),
            source: first("source"),
            fact: first("fact"),
            q: first("q"),
            group: first("group"),
            sort: first("sort"),
            columns: columns.join(","),
            at: first("at"),
            after: first("after"),
        }
    }
}

impl Asked {
    /// As the store is asked, on that day.
    pub(super) fn query(&self, today: NaiveDate) -> GridQuery {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        GridQuery {
            initiative: given(&self.initiative),
            framework: given(&self.framework),
            state: given(&self.state),
            due_by: today.checked_add_days(REVIEW_NOTICE),
            source: given(&self.source),
            could_follow: self.fact(),
            search: self.q.trim().to_owned(),
            sort: self.sort(),
            after: self.after.parse().ok().map(ParamId).filter(|_| {
                // An address that says nonsense begins at the beginning.
                self.sort().is_none_or(|sort| is_value_of(sort, &self.at))
            }),
            after_value: self.at.clone(),
        }
    }

    /// The fact that the params shown could follow, if it is asked for.
    pub(super) fn fact(&self) -> Option<FactId> {
        self.fact.parse().ok().map(FactId)
    }

    /// Another order than that of initiatives; groups have theirs.
    pub(super) fn sort(&self) -> Option<Sort> {
        match self.sort.as_str() {
            _ if self.group_by().is_some() => None,
            "name" => Some(Sort::Name),
            "changed" => Some(Sort::Changed),
            "review" => Some(Sort::Review),
            "value" => Some(Sort::Value),
            _ => None,
        }
    }

    /// What the groups are; none: initiatives.
    pub(super) fn group_by(&self) -> Option<GroupBy> {
        match self.group.as_str() {
            "source" => Some(GroupBy::Source),
            "state" => Some(GroupBy::State),
            _ => None,
        }
    }

    /// What the list is filtered by, in the address's order.
    fn filtered(&self) -> [(&'static str, &str); 6] {
        [
            ("initiative", &self.initiative),
            ("framework", &self.framework),
            ("state", &self.state),
            ("source", &self.source),
            ("fact", &self.fact),
            ("q", &self.q),
        ]
    }

    /// What is asked for, without the place in the list.
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let shape = [
            ("group", &*self.group),
            ("sort", &*self.sort),
            ("columns", &*self.columns),
        ];
        self.filtered().into_iter().chain(shape).collect()
    }

    /// The page with these questions answered so and all others kept, from its beginning unless `after` is among them.
    fn href_with(&self, answers: &[(&str, &str)]) -> String {
        let is_kept = |name: &str| answers.iter().all(|(answered, _)| *answered != name);
        let kept = self.pairs().into_iter().filter(|(name, _)| is_kept(name));
        let pairs = kept
            .chain(answers.iter().copied())
            .filter(|(_, value)| !value.is_empty());
        let query = serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).unwrap_or_default();
        if query.is_empty() {
            "/params".to_owned()
        } else {
            format!("/params?{query}")
        }
    }

    fn href(&self, name: &str, value: &str) -> String {
        self.href_with(&[(name, value)])
    }

    /// The list's own address, with its place.
    pub(super) fn address(&self) -> String {
        self.href_with(&[("at", &self.at), ("after", &self.after)])
    }

    /// The question in the address, for the list as a file or a block to be pasted.
    pub(super) fn question(&self) -> String {
        let address = self.href("after", "");
        let question = address.split_once('?').map(|(_, question)| question);
        question.unwrap_or_default().to_owned()
    }

    /// The choice of columns, which keeps all else.
    pub(super) fn columns(&self) -> Columns {
        columns::choice(&self.columns, self.kept_without("columns"))
    }

    fn kept_without(&self, name: &str) -> Vec<Hidden> {
        let kept = self.pairs().into_iter();
        let kept = kept.filter(|(kept, value)| *kept != name && !value.is_empty());
        kept.map(|(name, value)| Hidden {
            name: name.to_owned(),
            value: value.to_owned(),
        })
        .collect()
    }

    fn chips(&self, label: &str, name: &str, now: &str, answers: &[(&str, &str)]) -> Filter {
        let all = [("", "All")];
        let answers: Vec<_> = all.iter().chain(answers).copied().collect();
        self.choice(label, (name, now), &answers)
    }

    fn choice(&self, label: &str, (name, now): (&str, &str), answers: &[(&str, &str)]) -> Filter {
        // Groups have an order of their own: one gives way to the other.
        let other = match name {
            "group" => Some(("sort", "")),
            "sort" => Some(("group", "")),
            _ => None,
        };
        let options = answers.iter().map(|(value, label)| FilterOption {
            label: (*label).to_owned(),
            href: match other {
                Some(other) => self.href_with(&[(name, value), other]),
                None => self.href(name, value),
            },
            is_on: *value == now,
        });
        Filter {
            label: label.to_owned(),
            options: options.collect(),
        }
    }

    /// The chips; the initiative's and the fact's, by its name, only when one is chosen.
    pub(super) fn filters(
        &self,
        frameworks: &[(String, String)],
        fact_name: Option<&str>,
    ) -> Vec<Filter> {
        let frameworks: Vec<_> = frameworks
            .iter()
            .map(|(key, name)| (key.as_str(), name.as_str()))
            .collect();
        let key = self.initiative.as_str();
        let initiative =
            (!key.is_empty()).then(|| self.chips("Initiative", "initiative", key, &[(key, key)]));
        let fact = fact_name
            .map(|name| self.chips("Could follow", "fact", &self.fact, &[(&self.fact, name)]));
        let others = [
            self.chips("Framework", "framework", &self.framework, &frameworks),
            self.chips("State", "state", &self.state, &STATES),
            self.chips("Source", "source", &self.source, &SOURCES),
            self.choice("Sort by", ("sort", &self.sort), &SORTS),
            self.choice("Group by", ("group", &self.group), &GROUPS),
        ];
        initiative.into_iter().chain(fact).chain(others).collect()
    }

    /// The search box, which keeps the chips.
    pub(super) fn search(&self) -> Search {
        Search {
            action: "/params".to_owned(),
            query: self.q.clone(),
            kept: self.kept_without("q"),
        }
    }

    /// Takes every filter off, where there is one.
    pub(super) fn clear_href(&self) -> Option<String> {
        let none = self.filtered().map(|(name, _)| (name, ""));
        self.is_filtered().then(|| self.href_with(&none))
    }

    fn is_filtered(&self) -> bool {
        self.filtered().iter().any(|(_, value)| !value.is_empty())
    }

    /// Where the list stands: how many rows are shown, and what the next page goes on after.
    pub(super) fn pager(&self, count: usize, last: Option<(ParamId, &str)>) -> Pager {
        let is_first = self.after.is_empty();
        let summary = match (is_first && last.is_none(), count) {
            (true, 1) => "1 param".to_owned(),
            (true, _) => format!("{count} params"),
            (false, _) => format!("{count} shown"),
        };
        let next =
            |(id, at): (ParamId, &str)| self.href_with(&[("at", at), ("after", &id.to_string())]);
        Pager {
            summary,
            first_href: (!is_first).then(|| self.href("after", "")),
            next_href: last.map(next),
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

/// Whether a text is what rows are sorted by, as a page's address carries it.
fn is_value_of(sort: Sort, text: &str) -> bool {
    match sort {
        Sort::Name => text.len() <= 64,
        Sort::Changed => DateTime::parse_from_rfc3339(text).is_ok(),
        Sort::Review => text == "infinity" || text.parse::<NaiveDate>().is_ok(),
        Sort::Value => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_digit = |c: char| c.is_ascii_digit() || c == '.';
            let is_number = digits.len() <= 50 && digits.parse::<f64>().is_ok();
            text == "-Infinity" || (is_number && digits.chars().all(is_digit))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_another_order_goes_on_after_what_its_last_row_was_sorted_by() {
        let sorted = Asked {
            sort: "changed".into(),
            at: "2026-11-23T09:30:00.123456Z".into(),
            ..asked()
        };
        let query = sorted.query(NaiveDate::default());
        assert_eq!(
            (query.sort, query.after),
            (Some(Sort::Changed), Some(ParamId(9)))
        );
        assert_eq!(query.after_value, "2026-11-23T09:30:00.123456Z");
        let grouped = sorted.filters(&[], None);
        let by_owner = &grouped[4].options[1].href;
        assert!(
            by_owner.contains("group=source") && !by_owner.contains("sort"),
            "{by_owner}"
        );
    }

    #[test]
    fn a_place_that_is_nonsense_begins_at_the_beginning() {
        for (sort, good, bad) in [
            ("changed", "2026-11-23T09:30:00Z", "yesterday"),
            ("review", "infinity", "2026-13-01"),
            ("review", "2026-11-23", "'; drop"),
            ("value", "-0.25", "1e5"),
            ("value", "-Infinity", "NaN"),
        ] {
            for (at, goes_on) in [(good, true), (bad, false)] {
                let asked = Asked {
                    sort: sort.into(),
                    at: at.into(),
                    ..asked()
                };
                let query = asked.query(NaiveDate::default());
                assert_eq!(query.after.is_some(), goes_on, "{sort} {at}");
            }
        }
    }

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
        let filters = asked().filters(&frameworks(), None);
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
        let filters = asked.filters(&frameworks(), None);
        assert_eq!(filters.len(), 6);
        assert!(filters[0].options[1].is_on && filters[0].options[1].label == "INIT-7");
        assert_eq!(asked.search().kept.len(), 2);
    }

    #[test]
    fn the_fact_that_params_could_follow_is_a_chip_by_its_name_and_part_of_the_question() {
        let asked = Asked {
            fact: "3".into(),
            ..asked()
        };
        assert_eq!(
            asked.query(NaiveDate::default()).could_follow,
            Some(FactId(3))
        );
        let filters = asked.filters(&[], Some("Average order value"));
        let chip = &filters[0];
        assert_eq!(chip.label, "Could follow");
        assert!(chip.options[1].is_on && chip.options[1].label == "Average order value");
        assert_eq!(
            chip.options[0].href,
            "/params?state=missing&q=margin+%26+cost"
        );
        let source = &filters[3].options[1].href;
        assert!(source.contains("fact=3"), "{source}");
        let nonsense = Asked {
            fact: "'; drop".into(),
            ..Asked::default()
        };
        assert_eq!(nonsense.fact(), None);
    }

    fn frameworks() -> Vec<(String, String)> {
        [("MATH_MODEL", "Math model"), ("ICE", "Ice cream")]
            .map(|(key, name)| (key.to_owned(), name.to_owned()))
            .to_vec()
    }

    #[test]
    fn the_pager_goes_on_after_the_last_row_and_keeps_the_filters() {
        let pager = asked().pager(200, Some((ParamId(42), "")));
        assert_eq!(
            pager.next_href.as_deref(),
            Some("/params?state=missing&q=margin+%26+cost&after=42")
        );
        assert_eq!(
            pager.first_href.as_deref(),
            Some("/params?state=missing&q=margin+%26+cost")
        );
        let pager = Asked::default().pager(1, None);
        assert_eq!((pager.summary.as_str(), pager.next_href), ("1 param", None));
    }

    #[test]
    fn groups_and_columns_stand_in_the_address_and_go_along_with_everything_else() {
        let asked = Asked::from(
            [
                ("columns", "value"),
                ("columns", "unit"),
                ("state", "missing"),
                ("group", "source"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        );
        assert_eq!(asked.group_by(), Some(GroupBy::Source));
        assert_eq!(
            asked
                .pager(200, Some((ParamId(7), "Finance")))
                .next_href
                .as_deref(),
            Some("/params?state=missing&group=source&columns=value%2Cunit&at=Finance&after=7")
        );
        let all = asked.filters(&[], None);
        let by = all.last().unwrap();
        assert_eq!(by.options[1].label, "Owner");
        assert!(by.options[1].is_on && !by.options[0].is_on);
        assert_eq!(
            by.options[0].href,
            "/params?state=missing&columns=value%2Cunit"
        );
        assert_eq!(
            asked.clear_href().as_deref(),
            Some("/params?group=source&columns=value%2Cunit"),
            "what isn’t a filter stays"
        );
        assert_eq!(asked.columns().kept.len(), 2);
    }

    #[test]
    fn a_review_is_asked_for_until_a_fortnight_ahead() {
        let today: NaiveDate = "2026-11-28".parse().unwrap();
        let due = Asked::default().query(today).due_by;
        assert_eq!(due, "2026-12-12".parse().ok());
    }

    #[test]
    fn an_empty_page_says_whether_filters_are_the_reason() {
        assert_eq!(asked().empty().title, "No params match");
        assert_eq!(Asked::default().empty().title, "No params yet");
        assert_eq!(Asked::default().clear_href(), None);
    }
}
