//! What the address of a history says: its whole state, so that a view can be shared.

use super::lines::{field_label, way_in};
use crate::{
    domain::{
        ids::{InitiativeId, UserId},
        initiative::Field,
        math_model::ModelField,
        undo::{logged_field, logged_names},
    },
    store::{
        history::{Cursor, HistoryFilter},
        initiatives,
    },
    web::view::{SelectOption, history::Select},
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

/// What of the history is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Asked {
    /// The key of an initiative.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) initiative: String,
    /// The number of a param.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    param: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) field: String,
    /// The number of a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    person: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    through: String,
    /// The first day.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) from: String,
    /// The last day.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) to: String,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) after: String,
}

/// Kinds of rows with their words, as they are stored.
const KINDS: [(&str, &str); 8] = [
    ("", "Everything"),
    ("initiative", "Initiatives"),
    ("math_model", "Math models"),
    ("param", "Params"),
    ("framework", "Frameworks"),
    ("fact", "Shared facts"),
    ("person", "People"),
    ("settings", "Settings"),
];

/// Ways in, as they are stored.
const WAYS: [&str; 9] = [
    "form",
    "paste",
    "import",
    "suggestion",
    "api",
    "command",
    "rule",
    "sign-in",
    "llm",
];

impl Asked {
    /// The same, of one initiative.
    pub(super) fn of_initiative(&self, key: &str) -> Self {
        Self {
            initiative: key.to_owned(),
            param: String::new(),
            ..self.clone()
        }
    }

    /// The same, of one param.
    pub(super) fn of_param(&self, id: i64) -> Self {
        Self {
            initiative: String::new(),
            kind: String::new(),
            param: id.to_string(),
            ..self.clone()
        }
    }

    /// What the store is asked. What can't be anything finds nothing.
    pub(super) async fn filter(&self, conn: &mut PgConnection) -> sqlx::Result<HistoryFilter> {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        let initiative = match self.initiative.trim().to_uppercase() {
            key if key.is_empty() => None,
            key => {
                let found = match key.parse() {
                    Ok(key) => initiatives::get(conn, &key).await?,
                    Err(_no_key) => None,
                };
                Some(found.map_or(InitiativeId(-1), |initiative| initiative.id))
            }
        };
        let param = given(&self.param).map(|id| id.parse().unwrap_or(-1));
        let fields = match self.field.as_str() {
            "" => vec![],
            "range" => vec!["min".to_owned(), "max".to_owned()],
            field => vec![field.to_owned()],
        };
        Ok(HistoryFilter {
            initiative,
            kind: param.map_or_else(|| given(&self.kind), |_| Some("param".to_owned())),
            row: param,
            fields,
            person: given(&self.person).map(|id| UserId(id.parse().unwrap_or(-1))),
            through: given(&self.through),
            from: day(&self.from).map(begin),
            until: day(&self.to)
                .and_then(|day| day.checked_add_days(Days::new(1)))
                .map(begin),
            after: self.after.parse().ok(),
        })
    }

    pub(super) fn is_filtered(&self, counts_initiative: bool) -> bool {
        let parts = [
            &self.kind,
            &self.field,
            &self.person,
            &self.through,
            &self.from,
            &self.to,
        ];
        parts.iter().any(|part| !part.is_empty())
            || (counts_initiative && !(self.initiative.is_empty() && self.param.is_empty()))
    }

    /// The question after the address of everything, wherever in it the page stands.
    pub(super) fn whole(&self) -> String {
        let all = Self {
            after: String::new(),
            ..self.clone()
        };
        serde_urlencoded::to_string(all).unwrap_or_default()
    }

    /// The page after a place; none: the first. What the path says already isn't asked again.
    pub(super) fn href(&self, action: &str, after: Option<Cursor>) -> String {
        let mut asked = Self {
            after: after.map(|after| after.to_string()).unwrap_or_default(),
            ..self.clone()
        };
        if action != "/history" {
            asked.initiative.clear();
            asked.param.clear();
        }
        match serde_urlencoded::to_string(asked) {
            Ok(query) if !query.is_empty() => format!("{action}?{query}"),
            _ => action.to_owned(),
        }
    }

    /// The filters with a few answers.
    pub(super) fn selects(&self, people: &[(UserId, String)], is_param: bool) -> Vec<Select> {
        let mut selects = Vec::new();
        if !is_param {
            selects.push(select("kind", "Kind", KINDS.map(own).to_vec(), &self.kind));
        }
        selects.push(select(
            "field",
            "Field",
            sorted("Every field", fields(is_param)),
            &self.field,
        ));
        let people = people
            .iter()
            .map(|(id, name)| (id.to_string(), name.clone()));
        selects.push(select(
            "person",
            "Person",
            sorted("Everybody", people.collect()),
            &self.person,
        ));
        let ways = WAYS.map(|way| (way.to_owned(), way_in(way).to_owned()));
        selects.push(select(
            "through",
            "Through",
            sorted("Every way", ways.to_vec()),
            &self.through,
        ));
        selects
    }
}

/// What happens to a param besides edits of its fields.
const TO_PARAMS: [&str; 11] = [
    "approval",
    "carried_over",
    "created",
    "fact",
    "made_way",
    "param_name",
    "position",
    "range_approval",
    "scenario_value",
    "seeded",
    "taken_away",
];

/// Every field and act with its words, or only those of a param. Where two have the same words, it is said whose they are.
fn fields(is_param: bool) -> Vec<(String, String)> {
    let is_theirs = |name: &&str| TO_PARAMS.contains(name) || logged_field(name).is_some();
    let names: Vec<_> = logged_names()
        .into_iter()
        .filter(|name| !is_param || is_theirs(name))
        .collect();
    let labels: Vec<_> = names.iter().map(|name| field_label(name)).collect();
    let is_one_of_many = |label: &String| labels.iter().filter(|other| *other == label).count() > 1;
    let said = |(name, label): (&&str, &String)| {
        let label = match whose(name) {
            Some(whose) if is_one_of_many(label) => format!("{label} ({whose})"),
            _ => label.clone(),
        };
        ((*name).to_owned(), label)
    };
    names.iter().zip(&labels).map(said).collect()
}

/// Whose field it is; none: that goes without saying.
fn whose(name: &str) -> Option<&'static str> {
    match name {
        "name" => Some("framework"),
        "fact_name" => Some("shared fact"),
        "param_name" => Some("param"),
        "formula" => Some("math model"),
        "scenario_formula" | "scenario_label" => Some("scenario"),
        _ if logged_field(name).is_some() => Some("param"),
        _ if Field::from_key(name).is_some() => Some("initiative"),
        _ if ModelField::from_key(name).is_some() => Some("math model"),
        _ => None,
    }
}

fn own((value, label): (&str, &str)) -> (String, String) {
    (value.to_owned(), label.to_owned())
}

/// In the order of their labels, "all" first with an empty value.
fn sorted(all: &str, mut known: Vec<(String, String)>) -> Vec<(String, String)> {
    known.sort_by_key(|(_, label)| label.to_lowercase());
    known.insert(0, (String::new(), all.to_owned()));
    known
}

/// A choice that isn't known (an old link) stands there too, so that the page says what it is filtered by.
fn select(
    name: &'static str,
    label: &'static str,
    mut known: Vec<(String, String)>,
    chosen: &str,
) -> Select {
    if !known.iter().any(|(value, _)| value == chosen) {
        known.push((chosen.to_owned(), chosen.to_owned()));
    }
    let options = known.into_iter().map(|(value, label)| SelectOption {
        is_selected: value == chosen,
        value,
        label,
    });
    Select {
        name,
        label,
        options: options.collect(),
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn begin(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn the_next_page_keeps_the_filters_and_names_the_place() {
        let asked = Asked {
            field: "value".into(),
            person: "3".into(),
            ..Asked::default()
        }
        .of_initiative("INIT-1");
        let after = Cursor {
            at: Utc.timestamp_micros(1_700_000_000_000_001).unwrap(),
            chain: 4,
            seq: 9,
        };
        assert_eq!(after.to_string().parse(), Ok(after));
        assert_eq!(
            asked.href("/initiatives/INIT-1/history", Some(after)),
            "/initiatives/INIT-1/history?field=value&person=3&after=1700000000000001.4.9"
        );
        assert_eq!(asked.whole(), "initiative=INIT-1&field=value&person=3");
        for broken in ["", "1.2", "a.b.c", "1.2.x"] {
            assert_eq!(broken.parse::<Cursor>(), Err(()), "{broken}");
        }
    }

    #[test]
    fn all_comes_first_and_an_unknown_choice_is_shown() {
        let known = sorted("Everybody", vec![own(("b", "Bo")), own(("a", "ada"))]);
        let shown: Vec<_> = select("person", "Person", known, "x")
            .options
            .into_iter()
            .map(|option| (option.label, option.is_selected))
            .collect();
        let expected = [
            ("Everybody", false),
            ("ada", false),
            ("Bo", false),
            ("x", true),
        ];
        assert_eq!(
            shown,
            expected.map(|(label, is_on)| (label.to_owned(), is_on))
        );
    }

    #[test]
    fn every_logged_field_has_words_of_its_own() {
        let all = fields(false);
        for (name, label) in &all {
            assert!(!label.is_empty() && !label.contains('_'), "{name}: {label}");
            let same = all.iter().filter(|(_, other)| other == label);
            assert_eq!(same.count(), 1, "{name}: {label}");
        }
    }

    #[test]
    fn a_params_history_offers_what_happens_to_params() {
        let offered: Vec<_> = fields(true).into_iter().map(|(name, _)| name).collect();
        for name in ["value", "min", "approval", "param_name", "fact"] {
            assert!(offered.iter().any(|offered| offered == name), "{name}");
        }
        for name in [
            "title",
            "country",
            "formula",
            "name",
            "model_name",
            "archived",
        ] {
            assert!(!offered.iter().any(|offered| offered == name), "{name}");
        }
    }
}
