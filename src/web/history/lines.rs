//! Changes as the page's lines: a sentence each, what stands beside it, and the button that brings a value back.

use super::Known;
use crate::{
    actions::initiatives::act_of,
    domain::{
        change::{field_name, sentence},
        ids::ParamId,
        initiative::{Field, Initiative},
        math_model::{MathModel, ModelField},
        param::{Bounds, Param},
        rights::Act,
        undo::{Inverse, initiative_now, inverse, logged_field, model_now, param_now},
    },
    store::{change_log::LoggedChange, history::Logged},
    web::{
        figures::when,
        sent_form::fresh_key,
        view::{
            Link, Seen,
            history::{Entry, Group, PutBack},
        },
        visit::Visit,
    },
};
use serde_json::Value;

/// From here on a text doesn't fit its sentence, and stands below it in full.
const LONG: usize = 118;

/// From so many changes on, what one act did stands together under a heading.
const TOGETHER: usize = 4;

/// The lines, what one act did together.
pub(super) fn groups(visit: &Visit, changes: &[Logged], known: &Known) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for act in changes.chunk_by(|one, next| one.batch == next.batch) {
        let entries = act.iter().map(|change| entry(visit, change, known));
        let heading = heading(act);
        match groups.last_mut() {
            Some(last) if heading.is_empty() && last.heading.is_empty() => {
                last.entries.extend(entries);
            }
            _ => groups.push(Group {
                heading,
                entries: entries.collect(),
            }),
        }
    }
    groups
}

fn heading(act: &[Logged]) -> String {
    match act {
        [first, ..] if act.len() >= TOGETHER => {
            let did = if first.through == "paste" {
                "pasted"
            } else {
                "changed"
            };
            format!("{} {did} {} things at once", who(first), act.len())
        }
        _ => String::new(),
    }
}

pub(super) fn who(change: &Logged) -> String {
    if change.through == "rule" {
        "ProductOps".to_owned()
    } else {
        change.by_name.clone()
    }
}

pub(super) fn said(change: &Logged) -> String {
    sentence(&change.field, &change.subject, &change.old, &change.new)
}

fn entry(visit: &Visit, change: &Logged, known: &Known) -> Entry {
    let (from, to) = beside_sentence(change);
    let key = change
        .initiative_key
        .as_ref()
        .filter(|_| known.initiative.is_none());
    Entry {
        who: who(change),
        at: when(change.at),
        sentence: said(change),
        from,
        to,
        through: through(change).to_owned(),
        place: key.map(|key| Link {
            label: key.clone(),
            href: format!("/initiatives/{key}"),
        }),
        put_back: put_back(visit, change, known),
    }
}

/// A change of what has no initiative, as a line: nothing of it is put back from here.
pub(in crate::web) fn plain(change: &LoggedChange) -> Entry {
    Entry {
        who: change.by_name.clone(),
        at: when(change.at),
        sentence: sentence(&change.field, &change.subject, &change.old, &change.new),
        through: way_in(&change.through).to_owned(),
        ..Entry::default()
    }
}

/// The button, for a value that isn't the present one and a person who may change it.
fn put_back(visit: &Visit, change: &Logged, known: &Known) -> Option<PutBack> {
    let field = change.field.as_str();
    let (action, revision) = match inverse(&change.entity, field, &change.old, &change.new) {
        Inverse::Param => of_param(visit, change, known.param(ParamId(change.entity_id))?)?,
        Inverse::Initiative(of) => of_initiative(visit, change, (known.initiative.as_ref()?, of))?,
        Inverse::Model(of) => {
            let model = known.model.as_ref();
            let model = model.filter(|model| model.id.0 == change.entity_id)?;
            of_model(visit, change, (model, of))?
        }
        _ => return None,
    };
    Some(PutBack {
        action,
        seq: change.seq,
        label: label(&change.old),
        next: visit.path.clone(),
        seen: Seen {
            revision,
            form_key: fresh_key(),
        },
    })
}

fn of_param(visit: &Visit, change: &Logged, param: &Param) -> Option<(String, i64)> {
    let field = logged_field(&change.field)?;
    let is_there = param_now(param, &change.field) == change.old;
    if is_there || visit.may(Act::EditParam).is_err() {
        return None;
    }
    let action = format!("/params/{}/fields/{}/restoration", param.id, field.key());
    Some((action, param.revision))
}

fn of_initiative(
    visit: &Visit,
    change: &Logged,
    (initiative, field): (&Initiative, &Field),
) -> Option<(String, i64)> {
    let is_there = initiative_now(initiative, field.key) == change.old;
    let is_due = field.key == "title" && change.old.is_null();
    if is_there || is_due || visit.may(act_of(field)).is_err() {
        return None;
    }
    let key = &initiative.key;
    let action = format!("/initiatives/{key}/fields/{}/restoration", field.key);
    Some((action, initiative.revision))
}

fn of_model(
    visit: &Visit,
    change: &Logged,
    (model, field): (&MathModel, ModelField),
) -> Option<(String, i64)> {
    if model_now(model, field) == change.old || visit.may(Act::WriteModel).is_err() {
        return None;
    }
    let action = format!(
        "/math-models/{}/fields/{}/restoration",
        model.id,
        field.key()
    );
    Some((action, model.revision))
}

/// What the button says: the value, as far as it fits.
fn label(old: &Value) -> String {
    let text = old.as_str().unwrap_or_default();
    let first: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(40)
        .collect();
    match (first.is_empty(), first.len() == text.len()) {
        (true, _) => "Empty it again".to_owned(),
        (false, true) => format!("Put back {first}"),
        (false, false) => format!("Put back {first}…"),
    }
}

/// Before and after where the sentence has no room for them: formulas, ranges and long texts.
fn beside_sentence(change: &Logged) -> (String, String) {
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

/// How it came in, in words.
pub(super) fn through(change: &Logged) -> &str {
    match (change.takes_back, change.through.as_str()) {
        (Some(true), _) => "undo",
        (Some(false), _) => "redo",
        (None, key) => way_in(key),
    }
}

/// A way in, in words.
pub(super) fn way_in(key: &str) -> &str {
    match key {
        "command" => "command line",
        "rule" => "by itself",
        "suggestion" => "LLM’s suggestion",
        "llm" => "LLM, by itself",
        other => other,
    }
}

/// A field, or an act that is no field, as the filter names it.
pub(super) fn field_label(field: &str) -> String {
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

    fn change(field: &str, old: Value, new: Value) -> Logged {
        Logged {
            chain: 1,
            seq: 1,
            initiative_id: None,
            initiative_key: None,
            entity: "param".to_owned(),
            entity_id: 1,
            field: field.to_owned(),
            subject: "Margin".to_owned(),
            old,
            new,
            batch: String::new(),
            through: "form".to_owned(),
            by_id: crate::domain::ids::UserId(1),
            by_name: "Bo".to_owned(),
            at: DateTime::UNIX_EPOCH,
            takes_back: None,
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
            let beside = beside_sentence(&change(field, old, new));
            assert_eq!(
                (beside.0.as_str(), beside.1.as_str()),
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
    fn what_one_act_did_many_times_stands_under_a_heading() {
        let one = change("value", Value::Null, json!("1"));
        assert_eq!(heading(&vec![one.clone(); 3]), "");
        assert_eq!(
            heading(&vec![one.clone(); 4]),
            "Bo changed 4 things at once"
        );
        let pasted = Logged {
            through: "paste".to_owned(),
            ..one
        };
        assert_eq!(
            heading(&vec![pasted; 1190]),
            "Bo pasted 1190 things at once"
        );
    }

    #[test]
    fn the_button_says_the_value_as_far_as_it_fits() {
        for (old, says) in [
            (json!("0.25"), "Put back 0.25"),
            (Value::Null, "Empty it again"),
            (json!("first line\nsecond"), "Put back first line…"),
        ] {
            assert_eq!(label(&old), says);
        }
    }

    #[test]
    fn every_way_in_has_its_words_and_an_undo_says_so() {
        for (takes_back, key, words) in [
            (None, "command", "command line"),
            (None, "rule", "by itself"),
            (None, "paste", "paste"),
            (Some(true), "form", "undo"),
            (Some(false), "form", "redo"),
        ] {
            let mut change = change("value", Value::Null, json!("1"));
            change.takes_back = takes_back;
            key.clone_into(&mut change.through);
            assert_eq!(through(&change), words);
        }
    }
}
