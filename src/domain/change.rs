//! A change, as the log keeps it, and the sentence it reads as. One place turns changes into words.

use super::{
    ids::InitiativeId,
    legacy_score, model_copy, number_format,
    rights::{Role, Roles},
    scenario, score_override,
};
use serde_json::Value;
use std::fmt::Write as _;

/// A field of a row with its value before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The field's name, as in forms and columns.
    pub field: &'static str,
    /// Before; null: nothing was there.
    pub old: Value,
    /// After; null: nothing is there now.
    pub new: Value,
}

/// What kind of row changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// An initiative's own field, or which frameworks it uses.
    Initiative,
    /// A model's text, formula or approval.
    MathModel,
    /// A scenario's name, values or approval.
    Scenario,
    /// A param's field or approval.
    Param,
    /// A framework's definition.
    Framework,
    /// The settings, which are one row for everybody.
    Settings,
    /// A person's roles, or whether they are active.
    Person,
    /// What the mirror may do, which is one row.
    Mirror,
    /// A shared fact: what it says, what is proposed of it.
    Fact,
}

impl Entity {
    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Initiative => "initiative",
            Self::MathModel => "math_model",
            Self::Scenario => "scenario",
            Self::Param => "param",
            Self::Framework => "framework",
            Self::Settings => "settings",
            Self::Person => "person",
            Self::Mirror => "mirror",
            Self::Fact => "fact",
        }
    }
}

/// One auditable act on one field, ready for the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The chain it belongs to; none: the chain of what has no initiative.
    pub initiative_id: Option<InitiativeId>,
    /// What kind of row.
    pub entity: Entity,
    /// Which row.
    pub entity_id: i64,
    /// The row's revision after the change.
    pub entity_revision: i64,
    /// What it is called now, so that the sentence can be read years later.
    pub subject: String,
    /// Field, before and after. Acts that are no field have names of their own: `approval`, `formula`, `created`.
    pub what: FieldChange,
}

/// The sentence of a change, without its author and time: "changed Margin from 0.25 to 0.3".
#[must_use]
pub fn sentence(field: &str, subject: &str, old: &Value, new: &Value) -> String {
    match field {
        "created" => format!("created {subject}"),
        "taken_away" => format!("took the new param {subject} out again"),
        "llm_suggested_formula_text" => format!("suggested a formula for {subject}"),
        "llm_suggestion_refused" => {
            format!("refused the suggested formula of {subject}: {}", words(new))
        }
        "confirmed" => format!("confirmed {} of {subject}", confirmed(new)),
        "llm_suggests_by_itself" => match new {
            Value::Bool(true) => "let the LLM suggest formulas by itself".to_owned(),
            _ => "let the LLM suggest formulas only when asked".to_owned(),
        },
        "seeded" => format!("added the param {subject}: the approved formula reads it"),
        "framework_params" => format!("changed the params of {subject}"),
        "param_name" => format!("renamed the param {} to {}", words(old), words(new)),
        "carried_over" => format!(
            "carried {} over to {}, with its value, approval and history",
            words(old),
            words(new)
        ),
        "made_way" => format!(
            "gave the param {} the name {} instead",
            words(old),
            words(new)
        ),
        "approval" | "range_approval" | "formula_approval" => approval(field, subject, old, new),
        "formula" if new.is_null() => format!("took {} of {subject} out again", version(old)),
        "formula" => saved(subject, new),
        "restored_formula" => format!("went back to {} of {subject}", version(new)),
        "position" => match new {
            Value::Null => format!("{subject} is no longer used by the formula"),
            _ if old.is_null() => format!("{subject} is used by the formula"),
            _ => format!("{subject} moved in the formula"),
        },
        "archived" => match new {
            Value::Bool(true) => format!("archived {subject}"),
            _ => format!("restored {subject}"),
        },
        "framework_on" => format!("turned on {} for {subject}", words(new)),
        "framework_off" => format!("turned off {} for {subject}", words(old)),
        "active_scoring_framework" => match new {
            Value::Null => format!("chose no framework for {subject} (was {})", words(old)),
            _ => format!("chose {} as the active framework of {subject}", words(new)),
        },
        "score_override" => score_override::change_sentence(subject, old, new),
        "legacy_score" => legacy_score::change_sentence(subject, old, new),
        "four_eyes" => match new.as_str() {
            Some("finance") => "turned four-eyes on for Finance-owned params".to_owned(),
            Some("all") => "turned four-eyes on for every param and formula".to_owned(),
            _ => "turned four-eyes off".to_owned(),
        },
        "finance_approves_own" => match new {
            Value::Bool(true) => {
                "left the approval of Finance-owned params to Finance alone".to_owned()
            }
            _ => "let PMs and admins approve Finance-owned params as well".to_owned(),
        },
        "page_roles" => roles_given(subject, old, new),
        "claim_roles" => match (old.is_null(), new.is_null()) {
            (true, _) => format!(
                "took over for {subject} the roles {} from the identity provider",
                words(new)
            ),
            (_, true) => format!(
                "{subject} has no roles from the identity provider any more (had {})",
                words(old)
            ),
            _ => format!(
                "took over for {subject} the roles {} from the identity provider (had {})",
                words(new),
                words(old)
            ),
        },
        "deactivated" => match new {
            Value::Bool(true) => format!("deactivated {subject}"),
            _ => format!("reactivated {subject}"),
        },
        "sessions_ended" => match new.as_i64() {
            Some(1) => format!("ended a session of {subject}"),
            _ => format!("ended {new} sessions of {subject}"),
        },
        field if field.starts_with("mirror_") => of_mirror(field, subject, old, new),
        "use_math_model" => match new {
            Value::Bool(true) => format!("turned the math model on for {subject}"),
            _ => format!("turned the math model off for {subject}"),
        },
        _ => edit(field, subject, old, new),
    }
}

/// What an admin decided about the mirror.
fn of_mirror(field: &str, subject: &str, old: &Value, new: &Value) -> String {
    match field {
        "mirror_mode" => format!("set the mirror to {} (was {})", words(new), words(old)),
        "mirror_paused" => match new.as_str() {
            Some(until) => format!("paused the mirror until {until}"),
            None => "let the mirror go on".to_owned(),
        },
        "mirror_asked" => "asked the mirror to run".to_owned(),
        "mirror_formats" => "asked the mirror to set formats and protections anew".to_owned(),
        "mirror_tab" => match new {
            Value::Bool(true) => format!("let the mirror keep {subject} beside the backlog"),
            _ => format!("let {subject} beside the backlog stay as it is"),
        },
        "mirror_confirmed" => format!("confirmed to the mirror: {}", words(new)),
        "mirror_left_out" => match new {
            Value::Bool(true) => format!("left {subject} out of the sheet"),
            _ => format!("let the mirror add {subject} to the sheet again"),
        },
        "mirror_handed_back" => match new {
            Value::Bool(true) => format!("handed the sheet’s column {subject} back to people"),
            _ => format!("gave the sheet’s column {subject} to the mirror"),
        },
        _ => edit(field, subject, old, new),
    }
}

/// "let Margin follow the fact Gross margin", "proposed £45.50 for Average order value: restated".
fn about_fact(field: &str, subject: &str, old: &Value, new: &Value) -> String {
    let text = |of: &Value, key: &str| {
        let text = of.get(key).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let figure = |of: &Value| number_format::with_unit(&text(of, "value"), &text(of, "unit"));
    let because = |why: String| match why.as_str() {
        "" => String::new(),
        why => format!(": {why}"),
    };
    match field {
        "fact_proposed" => format!(
            "proposed {} for {subject}{}",
            figure(new),
            because(text(new, "reason"))
        ),
        "fact_proposal_withdrawn" => {
            format!("withdrew the proposal of {} for {subject}", figure(old))
        }
        "fact_refused" => format!(
            "refused {} for {subject}{}",
            figure(old),
            because(text(new, "why"))
        ),
        _ if new.is_null() => format!(
            "let {subject} stop following the fact {}",
            text(old, "name")
        ),
        _ => format!("let {subject} follow the fact {}", text(new, "name")),
    }
}

/// "saved version 1 of the formula of Checkout, copied from INIT-123 v3".
fn saved(subject: &str, new: &Value) -> String {
    let text = format!("saved {} of {subject}", version(new));
    match new.get("from").and_then(Value::as_str) {
        Some(from) => format!("{text}, {from}"),
        None => text,
    }
}

fn edit(field: &str, subject: &str, old: &Value, new: &Value) -> String {
    if matches!(field, "copied" | "template" | "template_declined") {
        return model_copy::change_sentence(field, subject, old, new);
    }
    if field == "fact" || field.starts_with("fact_pro") || field == "fact_refused" {
        return about_fact(field, subject, old, new);
    }
    if let Some(sentence) = scenario::change_sentence(field, subject, old, new) {
        return sentence;
    }
    let field = field_name(field);
    match (is_blank(old), is_blank(new)) {
        (true, _) => format!("set {field} of {subject} to {}", words(new)),
        (_, true) => format!("cleared {field} of {subject} (was {})", words(old)),
        _ => format!(
            "changed {field} of {subject} from {} to {}",
            words(old),
            words(new)
        ),
    }
}

/// The fields that a person confirmed, as people read them.
fn confirmed(fields: &Value) -> String {
    let fields = fields.as_array().into_iter().flatten();
    let names: Vec<_> = fields.filter_map(Value::as_str).map(field_name).collect();
    names.join(", ")
}

/// "gave Fiona Grant the roles Finance and PM (was Finance)".
fn roles_given(subject: &str, old: &Value, new: &Value) -> String {
    let was = match listed(old) {
        None => "no role".to_owned(),
        Some((_, labels)) => labels,
    };
    match listed(new) {
        None if old.is_null() => format!("gave {subject} no role"),
        None => format!("took all roles from {subject} (was {was})"),
        Some((count, labels)) => {
            let noun = if count == 1 { "role" } else { "roles" };
            let was = if old.is_null() {
                String::new()
            } else {
                format!(" (was {was})")
            };
            format!("gave {subject} the {noun} {labels}{was}")
        }
    }
}

/// How many roles a list of keys names, and their labels in a sentence; none: no role.
fn listed(keys: &Value) -> Option<(usize, String)> {
    let keys = keys.as_array()?.iter().filter_map(Value::as_str);
    let roles = Roles::new(keys.filter_map(|key| key.parse::<Role>().ok()));
    let labels: Vec<_> = roles.iter().map(Role::label).collect();
    let (last, before) = labels.split_last()?;
    let sentence = if before.is_empty() {
        (*last).to_owned()
    } else {
        format!("{} and {last}", before.join(", "))
    };
    Some((labels.len(), sentence))
}

fn approval(field: &str, subject: &str, old: &Value, new: &Value) -> String {
    let what = match field {
        "range_approval" => format!("the range of {subject}"),
        "formula_approval" => format!("the formula of {subject}"),
        _ => subject.to_owned(),
    };
    if new.is_null() || new.get("why").is_some() {
        let why = new
            .get("why")
            .or_else(|| old.get("why"))
            .and_then(Value::as_str);
        let mut text = format!("withdrew the approval of {what}");
        if let Some(why) = why {
            let _ = write!(text, ": {why}");
        }
        return text;
    }
    let how = match new.get("origin").and_then(Value::as_str) {
        Some("import") => "took over the approval of",
        Some("reinstated") => "reinstated the approval of",
        Some("fact") => "took over from its fact the approval of",
        _ => "approved",
    };
    match (new.get("version"), new.get("value")) {
        (Some(number), _) => format!("{how} {what}, version {number}"),
        (_, Some(value)) => {
            let unit = new.get("unit").and_then(Value::as_str).unwrap_or("");
            let digits = value.as_str().unwrap_or_default();
            format!("{how} {what} at {}", number_format::with_unit(digits, unit))
        }
        _ => format!("{how} {what}"),
    }
}

fn version(value: &Value) -> String {
    value.get("version").map_or_else(
        || "the formula".to_owned(),
        |number| format!("version {number} of the formula"),
    )
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// A value in words, cut where it would fill the page.
fn words(value: &Value) -> String {
    const LONGEST: usize = 120;
    let text = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "nothing".to_owned(),
        Value::String(text) if is_number(text) => number_format::decimal(text),
        Value::String(text) if text.contains(' ') => format!("“{text}”"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}…")
}

/// Plain digits, as numbers are stored; never "nan" or "1e5", which a title may say.
fn is_number(text: &str) -> bool {
    let is_plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    is_plain && text.parse::<f64>().is_ok()
}

/// A field's name as people read it.
#[must_use]
pub fn field_name(field: &str) -> String {
    match field {
        "param_display" => "the label".to_owned(),
        "param_name" | "fact_name" | "scenario_label" => "the name".to_owned(),
        "fact" => "the fact it follows".to_owned(),
        "scenario_value" => "a value".to_owned(),
        "scenario_formula" => "the formula".to_owned(),
        "scenario_put_away" => "the place".to_owned(),
        "min" => "the lowest value".to_owned(),
        "max" => "the highest value".to_owned(),
        "model_description_free_text" => "the description".to_owned(),
        "model_prompt_to_llm" => "the prompt to the LLM".to_owned(),
        "assumptions_text" => "the assumptions".to_owned(),
        "llm_notes" => "the notes".to_owned(),
        "page_roles" => "the roles".to_owned(),
        "llm_calls_a_day" => "the LLM’s calls a day".to_owned(),
        "llm_tokens_a_day" => "the LLM’s tokens a day".to_owned(),
        "llm_calls_a_person" => "the LLM’s calls a day for each person".to_owned(),
        "llm_tokens_a_person" => "the LLM’s tokens a day for each person".to_owned(),
        "llm_look_every_minutes" => "the minutes between the LLM’s own looks".to_owned(),
        "deactivated" => "deactivation".to_owned(),
        "sessions_ended" => "the sessions ended".to_owned(),
        "evidence_as_of" => "the date of the evidence".to_owned(),
        "review_by" => "the review date".to_owned(),
        "value_unit" => "the value's unit".to_owned(),
        other => format!("the {}", other.replace('_', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    #[expect(clippy::too_many_lines, reason = "a case a line")]
    fn changes_read_as_sentences() {
        let cases = [
            (
                "value",
                json!("0.25"),
                json!("0.3"),
                "changed the value of Margin from 0.25 to 0.3",
            ),
            (
                "value",
                json!("1200000"),
                json!("1500000.5"),
                "changed the value of Margin from 1,200,000 to 1,500,000.5",
            ),
            (
                "value",
                json!(null),
                json!("0.3"),
                "set the value of Margin to 0.3",
            ),
            (
                "unit",
                json!("%"),
                json!(""),
                "cleared the unit of Margin (was %)",
            ),
            (
                "approval",
                json!(null),
                json!({"value": "0.3", "unit": "%", "origin": "person"}),
                "approved Margin at 30 %",
            ),
            (
                "approval",
                json!({"value": "0.3"}),
                json!({"why": "the value changed"}),
                "withdrew the approval of Margin: the value changed",
            ),
            (
                "formula_approval",
                json!(null),
                json!({"version": 3, "origin": "reinstated"}),
                "reinstated the approval of the formula of Margin, version 3",
            ),
            (
                "formula",
                json!(null),
                json!({"version": 2}),
                "saved version 2 of the formula of Margin",
            ),
            (
                "param_name",
                json!("uplift_cnv"),
                json!("uplift_conv"),
                "renamed the param uplift_cnv to uplift_conv",
            ),
            (
                "carried_over",
                json!("uplift_cnv"),
                json!("uplift_conv"),
                "carried uplift_cnv over to uplift_conv, with its value, approval and history",
            ),
            (
                "use_math_model",
                json!(false),
                json!(true),
                "turned the math model on for Margin",
            ),
            (
                "four_eyes",
                json!("off"),
                json!("finance"),
                "turned four-eyes on for Finance-owned params",
            ),
            (
                "four_eyes",
                json!("all"),
                json!("off"),
                "turned four-eyes off",
            ),
            (
                "finance_approves_own",
                json!(false),
                json!(true),
                "left the approval of Finance-owned params to Finance alone",
            ),
            (
                "mirror_mode",
                json!("observe"),
                json!("write"),
                "set the mirror to write (was observe)",
            ),
            (
                "mirror_left_out",
                json!(false),
                json!(true),
                "left Margin out of the sheet",
            ),
        ];
        for (field, old, new, expected) in cases {
            assert_eq!(sentence(field, "Margin", &old, &new), expected);
        }
    }

    #[test]
    fn changes_of_a_fact_and_of_who_follows_it_read_as_sentences() {
        let fact = json!({ "id": 3, "name": "Gross margin" });
        let said = json!({ "value": "45.5", "unit": "£", "reason": "restated for 2027" });
        let why = json!({ "why": "the old one holds" });
        let null = Value::Null;
        for (field, old, new, expected) in [
            (
                "fact",
                &null,
                &fact,
                "let Margin follow the fact Gross margin",
            ),
            (
                "fact",
                &fact,
                &null,
                "let Margin stop following the fact Gross margin",
            ),
            (
                "fact_proposed",
                &null,
                &said,
                "proposed £45.50 for Margin: restated for 2027",
            ),
            (
                "fact_proposal_withdrawn",
                &said,
                &null,
                "withdrew the proposal of £45.50 for Margin",
            ),
            (
                "fact_refused",
                &said,
                &why,
                "refused £45.50 for Margin: the old one holds",
            ),
        ] {
            assert_eq!(sentence(field, "Margin", old, new), expected);
        }
        let given = json!({ "value": "0.3", "unit": "%", "origin": "fact" });
        assert_eq!(
            sentence("approval", "Margin", &null, &given),
            "took over from its fact the approval of Margin at 30 %"
        );
    }

    #[test]
    fn changes_of_a_person_read_as_sentences() {
        let cases = [
            (
                "page_roles",
                json!(["finance"]),
                json!(["finance", "pm"]),
                "gave Fiona the roles Finance and PM (was Finance)",
            ),
            (
                "page_roles",
                json!([]),
                json!(["admin", "eng", "viewer"]),
                "gave Fiona the roles Viewer, Eng and Admin (was no role)",
            ),
            (
                "page_roles",
                json!(null),
                json!(["eng"]),
                "gave Fiona the role Eng",
            ),
            (
                "page_roles",
                json!(["eng"]),
                json!([]),
                "took all roles from Fiona (was Eng)",
            ),
            ("page_roles", json!(null), json!([]), "gave Fiona no role"),
            (
                "deactivated",
                json!(false),
                json!(true),
                "deactivated Fiona",
            ),
            (
                "deactivated",
                json!(true),
                json!(false),
                "reactivated Fiona",
            ),
            (
                "sessions_ended",
                json!(null),
                json!(1),
                "ended a session of Fiona",
            ),
            (
                "sessions_ended",
                json!(null),
                json!(3),
                "ended 3 sessions of Fiona",
            ),
        ];
        for (field, old, new, expected) in cases {
            assert_eq!(sentence(field, "Fiona", &old, &new), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_in_the_sentence() {
        let long = json!("word ".repeat(100));
        assert!(
            sentence("notes", "Margin", &json!(""), &long)
                .chars()
                .count()
                < 180
        );
    }
}
