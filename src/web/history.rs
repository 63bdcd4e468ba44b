//! The history of one initiative: every change as a sentence, filtered by field and person, a page at a time.

use super::{
    error::WebError,
    figures::when,
    initiatives::key_of,
    reply,
    view::{
        Link, Pager, SelectOption,
        history::{Entry, History},
        layout::Nav,
    },
    visit::Visit,
};
use crate::{
    domain::{
        change::{field_name, sentence},
        initiative::{Field, Initiative},
        math_model::ModelField,
        param::Bounds,
    },
    store::{
        change_log::{self, HISTORY_PAGE, HistoryFilter, LoggedChange},
        db::Conn,
        initiatives,
    },
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use serde::Deserialize;
use serde_json::Value;

/// From here on a text doesn't fit its sentence, and stands below it in full.
const LONG: usize = 118;

/// What of the history is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    field: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    before: String,
}

/// What was found.
struct Found {
    initiative: Initiative,
    changes: Vec<LoggedChange>,
    fields: Vec<String>,
    people: Vec<String>,
}

/// GET /initiatives/{key}/history
pub async fn show(
    visit: Visit,
    key: Path<String>,
    asked: Query<Asked>,
) -> Result<HttpResponse, WebError> {
    let (key, filter) = (key_of(&key)?, asked.filter());
    let found = visit
        .db
        .read(async move |mut conn: Conn| -> sqlx::Result<Option<Found>> {
            let Some(initiative) = initiatives::get(&mut conn, &key).await? else {
                return Ok(None);
            };
            let changes = change_log::list(&mut conn, initiative.id, &filter).await?;
            let (fields, people) = change_log::facets(&mut conn, initiative.id).await?;
            Ok(Some(Found {
                initiative,
                changes,
                fields,
                people,
            }))
        })
        .await?;
    let found = found.ok_or(WebError::NotFound("initiative"))?;
    reply::html(&page(&visit, &asked, &found))
}

impl Asked {
    fn filter(&self) -> HistoryFilter {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        HistoryFilter {
            field: some(&self.field),
            person: some(&self.person),
            before: self.before.parse().ok(),
        }
    }

    fn href(&self, action: &str, before: Option<i64>) -> String {
        let before = before.map(|before| before.to_string()).unwrap_or_default();
        let pairs = [
            ("field", &self.field),
            ("person", &self.person),
            ("before", &before),
        ];
        let pairs: Vec<_> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        match serde_urlencoded::to_string(pairs) {
            Ok(query) if !query.is_empty() => format!("{action}?{query}"),
            _ => action.to_owned(),
        }
    }
}

fn page(visit: &Visit, asked: &Asked, found: &Found) -> History {
    let key = &found.initiative.key;
    let action = format!("/initiatives/{key}/history");
    let fields = found
        .fields
        .iter()
        .map(|field| (field.clone(), field_label(field)));
    let people = found.people.iter().map(|name| (name.clone(), name.clone()));
    History {
        page: visit.page(format!("History of {key}"), Nav::Backlog),
        initiative: Link {
            label: format!("{key} {}", found.initiative.title()),
            href: format!("/initiatives/{key}"),
        },
        fields: options("Every field", fields.collect(), &asked.field),
        people: options("Everybody", people.collect(), &asked.person),
        is_filtered: !asked.field.is_empty() || !asked.person.is_empty(),
        entries: found.changes.iter().map(entry).collect(),
        pager: pager(asked, &action, &found.changes),
        action,
    }
}

/// The choices in the order of their labels, "all" first with an empty value. A choice that isn't known (an old link)
/// stands there too, so that the page says what it is filtered by.
fn options(all: &str, mut known: Vec<(String, String)>, chosen: &str) -> Vec<SelectOption> {
    if !chosen.is_empty() && !known.iter().any(|(value, _)| value == chosen) {
        known.push((chosen.to_owned(), chosen.to_owned()));
    }
    known.sort_by_key(|(_, label)| label.to_lowercase());
    known.insert(0, (String::new(), all.to_owned()));
    known
        .into_iter()
        .map(|(value, label)| SelectOption {
            is_selected: value == chosen,
            value,
            label,
        })
        .collect()
}

fn pager(asked: &Asked, action: &str, changes: &[LoggedChange]) -> Pager {
    let is_full = i64::try_from(changes.len()).is_ok_and(|count| count >= HISTORY_PAGE);
    // Chains are numbered from 1.
    let next = changes
        .last()
        .filter(|last| is_full && last.seq > 1)
        .map(|last| last.seq);
    let is_part = next.is_some() || !asked.before.is_empty();
    Pager {
        summary: match (is_part, changes.len()) {
            (true, n) => format!("{n} shown"),
            (false, 1) => "1 change".to_owned(),
            (false, n) => format!("{n} changes"),
        },
        first_href: (!asked.before.is_empty()).then(|| asked.href(action, None)),
        next_href: next.map(|before| asked.href(action, Some(before))),
    }
}

/// A change as a line of a history.
pub(super) fn entry(change: &LoggedChange) -> Entry {
    let (from, to) = beside_sentence(change);
    Entry {
        who: if change.through == "rule" {
            "ProductOps".to_owned()
        } else {
            change.by_name.clone()
        },
        at: when(change.at),
        sentence: sentence(&change.field, &change.subject, &change.old, &change.new),
        from,
        to,
        through: through(&change.through).to_owned(),
    }
}

/// Before and after where the sentence has no room for them: formulas, ranges and long texts.
fn beside_sentence(change: &LoggedChange) -> (String, String) {
    let (old, new) = (&change.old, &change.new);
    match change.field.as_str() {
        // Its sentence says it all.
        "score_override" => (String::new(), String::new()),
        "formula" | "restored_formula" => (member(old, "text"), member(new, "text")),
        "range_approval" if new.get("why").is_none() => (String::new(), bounds(new)),
        "range_approval" => (bounds(old), String::new()),
        _ => match (old.as_str(), new.as_str()) {
            (old, new) if is_long(old) || is_long(new) => (
                old.unwrap_or_default().to_owned(),
                new.unwrap_or_default().to_owned(),
            ),
            _ => (String::new(), String::new()),
        },
    }
}

fn is_long(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.chars().count() > LONG || text.contains('\n'))
}

fn member(value: &Value, name: &str) -> String {
    value
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A range in words; empty: there was none.
fn bounds(value: &Value) -> String {
    let bounds = serde_json::from_value::<Bounds>(value.clone()).unwrap_or_default();
    if bounds == Bounds::default() {
        String::new()
    } else {
        bounds.to_string()
    }
}

fn through(key: &str) -> &str {
    match key {
        "command" => "command line",
        "rule" => "by itself",
        other => other,
    }
}

/// A field, or an act that is no field, as the filter names it.
fn field_label(field: &str) -> String {
    let act = match field {
        "created" => "Creation",
        "archived" => "Archive and restore",
        "seeded" => "New params",
        "position" => "Use in the formula",
        "approval" => "Approval of values",
        "range_approval" => "Approval of ranges",
        "formula_approval" => "Approval of formulas",
        "formula" => "Formula",
        "restored_formula" => "Formula brought back",
        "framework_on" => "Framework turned on",
        "framework_off" => "Framework turned off",
        "active_scoring_framework" => "Active framework",
        "use_math_model" => "Use of the math model",
        "score_override" => "Override of the score",
        // Initiatives have notes too; both are meant.
        "llm_notes" => "Notes",
        _ => "",
    };
    if !act.is_empty() {
        return act.to_owned();
    }
    let known = Field::from_key(field).map(|field| field.label);
    let known = known.or_else(|| ModelField::from_key(field).map(ModelField::label));
    known.map_or_else(
        || capitalised(field_name(field).trim_start_matches("the ")),
        str::to_owned,
    )
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(rest)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;

    fn change(seq: i64, field: &str, old: Value, new: Value) -> LoggedChange {
        LoggedChange {
            seq,
            field: field.to_owned(),
            subject: "Margin".to_owned(),
            old,
            new,
            through: "form".to_owned(),
            by_name: "Bo".to_owned(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn before_and_after_stand_below_the_sentence_only_where_it_has_no_room_for_them() {
        let long = "word ".repeat(40);
        let cases = [
            ("value", json!("0.25"), json!("0.3"), "", ""),
            ("notes", json!(""), json!("short"), "", ""),
            ("notes", Value::Null, json!(long), "", long.as_str()),
            (
                "formula",
                Value::Null,
                json!({"version": 1, "text": "a"}),
                "",
                "a",
            ),
            (
                "formula",
                json!({"text": "a"}),
                json!({"text": "b"}),
                "a",
                "b",
            ),
            (
                "range_approval",
                Value::Null,
                json!({"min": "0", "max": "1"}),
                "",
                "0 to 1",
            ),
            (
                "range_approval",
                json!({"min": "0", "max": null}),
                json!({"why": "taken back"}),
                "at least 0",
                "",
            ),
            (
                "range_approval",
                Value::Null,
                json!({"min": null, "max": null}),
                "",
                "",
            ),
            ("approval", Value::Null, json!({"value": "0.3"}), "", ""),
        ];
        for (field, old, new, from, to) in cases {
            let entry = entry(&change(1, field, old, new));
            assert_eq!(
                (entry.from.as_str(), entry.to.as_str()),
                (from, to),
                "{field}"
            );
        }
    }

    #[test]
    fn every_field_has_a_name_for_the_filter() {
        for (field, label) in [
            ("title", "Title"),
            ("value", "Value"),
            ("min", "Lowest value"),
            ("evidence_link", "Evidence link"),
            ("model_name", "Model name"),
            ("formula_approval", "Approval of formulas"),
        ] {
            assert_eq!(field_label(field), label);
        }
    }

    #[test]
    fn a_full_page_leads_to_the_next_and_keeps_the_filters() {
        let changes = |count: i64, last: i64| -> Vec<_> {
            (last..last + count)
                .rev()
                .map(|seq| change(seq, "value", Value::Null, json!("1")))
                .collect()
        };
        let asked = Asked {
            field: "value".into(),
            person: "Bo Ek".into(),
            before: String::new(),
        };
        for (changes, next, summary) in [
            (
                changes(100, 7),
                Some("/h?field=value&person=Bo+Ek&before=7"),
                "100 shown",
            ),
            (changes(100, 1), None, "100 changes"),
            (changes(1, 9), None, "1 change"),
        ] {
            let pager = pager(&asked, "/h", &changes);
            assert_eq!(
                (pager.next_href.as_deref(), pager.summary.as_str()),
                (next, summary)
            );
        }
    }

    #[test]
    fn all_comes_first_and_an_unknown_choice_is_shown() {
        let known = vec![
            ("b".to_owned(), "Bo".to_owned()),
            ("a".to_owned(), "ada".to_owned()),
        ];
        let shown: Vec<_> = options("Everybody", known, "x")
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
}
