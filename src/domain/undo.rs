//! Taking a change back: what that is for each kind of change, or why it can't be done. And any earlier value as an edit.
//!
//! A change is taken back by another change. What somebody else changed since stays.

use super::{
    approval::Part,
    framework::MATH_MODEL,
    ids::{FactId, MathModelId},
    initiative::{Field, Initiative, logged},
    legacy_score,
    math_model::{MathModel, ModelField},
    param::{Bounds, Number, Param, ParamEdit, Source, TextField},
    param_input::ParamField,
};
use chrono::NaiveDate;
use serde_json::{Value, json};

/// What takes a change back.
#[derive(Clone, Debug, PartialEq)]
pub enum Inverse {
    /// A field of a param gets its former value.
    Param,
    /// A row that was carried over to a new name goes back to its former one.
    CarryBack,
    /// A row that was added by hand goes again, if nothing happened to it since.
    TakeAway,
    /// A row that went comes back, as empty as it was.
    AddAgain(String, String),
    /// A row that a copy of a formula made goes again, if nothing happened to it since.
    TakeOutCopied,
    /// Such a row comes back as the copy had made it.
    PutInCopied,
    /// A field of an initiative gets its former value.
    Initiative(&'static Field),
    /// A text of a model gets its former value.
    Model(ModelField),
    /// An earlier text of the formula becomes a new version.
    Formula(String),
    /// The first formula, which was copied there, goes again.
    TakeOutFormula,
    /// An approval that was given is withdrawn.
    Withdraw(Part),
    /// An approval that was withdrawn holds again, if nothing else changed since.
    Reinstate(Part),
    /// The initiative is archived (`true`) or restored.
    Archived(bool),
    /// Another framework, or none, is the active one.
    Active(Option<String>),
    /// A param follows this shared fact again, or stops following one.
    Follow(Option<FactId>),
    /// The math model is on (`true`) or off.
    UseMathModel(bool),
    /// A scenario's value, formula, name or place is what it was.
    Scenario,
    /// Another scenario drives the score: the one before the act (none: Base) in the place of the one since.
    Drive([Option<MathModelId>; 2]),
    /// A framework is on (`true`) or off.
    Framework(String, bool),
    /// Another score of a workbook, or none, stands.
    Legacy(legacy_score::Figures),
    /// Nothing to do of its own: it follows from another change of the same act.
    Follows,
    /// It stays, and why.
    Stays(&'static str),
}

/// Acts that are no field and that nothing takes back by itself: they are never offered.
pub const NEVER: [&str; 15] = [
    "seeded",
    "position",
    "score_override",
    "framework_params",
    "name",
    "made_way",
    "llm_suggested_formula_text",
    "llm_suggestion_refused",
    "confirmed",
    "copied",
    "template",
    "template_declined",
    "fact_proposed",
    "fact_proposal_withdrawn",
    "fact_refused",
];

/// The ways in whose acts are taken back: those of people at the pages.
pub const WAYS_IN: [&str; 4] = ["form", "paste", "api", "suggestion"];

/// Why an act that came in this way isn't taken back; none: it is.
#[must_use]
pub fn why_not(through: &str, makes_an_initiative: bool) -> Option<&'static str> {
    match through {
        _ if makes_an_initiative => {
            Some("A new initiative isn’t taken back. Archive it instead; nothing is lost.")
        }
        "form" | "paste" | "api" | "suggestion" => None,
        "import" => Some(
            "What an import brought in is taken back on the import’s own page. Single values can be put back in the history.",
        ),
        _ => Some("What the app did by itself isn’t taken back."),
    }
}

/// What takes back one change of a kind of row (as it is stored).
#[must_use]
pub fn inverse(entity: &str, field: &str, old: &Value, new: &Value) -> Inverse {
    match (entity, field) {
        ("param", "created") => Inverse::TakeAway,
        ("param", "taken_away") => {
            let said = |key: &str| old[key].as_str().unwrap_or_default().to_owned();
            Inverse::AddAgain(said("framework"), said("name"))
        }
        ("param", "copied") if new.is_null() => Inverse::PutInCopied,
        ("param", "copied") => Inverse::TakeOutCopied,
        (_, "created" | "seeded" | "position" | "made_way") => Inverse::Follows,
        (_, "score_override") => {
            Inverse::Stays("An override is withdrawn on its own, beside the score.")
        }
        ("param", "carried_over") => Inverse::CarryBack,
        ("param", "fact") => {
            let id = old.get("id").and_then(Value::as_i64);
            Inverse::Follow(id.map(FactId))
        }
        ("fact", _) => Inverse::Stays("A fact is changed on its own page, by another proposal."),
        ("param", "approval") => of_param_approval(Part::Value, old, new),
        ("param", "range_approval") => of_param_approval(Part::Range, old, new),
        ("param", _) if logged_field(field).is_some() => Inverse::Param,
        ("math_model", "formula_approval") => of_approval(Part::Formula, new),
        ("math_model", "formula" | "restored_formula") => {
            match old.get("text").and_then(Value::as_str) {
                Some(text) => Inverse::Formula(text.to_owned()),
                None if field == "restored_formula" || new.get("from").is_some() => {
                    Inverse::TakeOutFormula
                }
                None => Inverse::Stays(
                    "It was the first version of the formula: it can be changed, not taken out.",
                ),
            }
        }
        ("scenario", "scenario_approval") => of_approval(Part::Scenario, new),
        (
            "scenario",
            "scenario_value" | "scenario_formula" | "scenario_label" | "scenario_put_away",
        ) => Inverse::Scenario,
        ("initiative", "driving_scenario") => {
            Inverse::Drive([old, new].map(|of| driver(of).map(MathModelId)))
        }
        ("math_model", _) => ModelField::from_key(field).map_or(UNKNOWN, Inverse::Model),
        ("initiative", "archived") => Inverse::Archived(old == &Value::Bool(true)),
        ("initiative", "active_scoring_framework") => {
            Inverse::Active(old.as_str().map(str::to_owned))
        }
        ("initiative", "use_math_model") => Inverse::UseMathModel(old == &Value::Bool(true)),
        ("initiative", "legacy_score") => Inverse::Legacy(legacy_score::Figures::from_logged(old)),
        ("initiative", "framework_on") => of_framework(new, false),
        ("initiative", "framework_off") => of_framework(old, true),
        ("initiative", _) => Field::from_key(field).map_or(UNKNOWN, Inverse::Initiative),
        _ => UNKNOWN,
    }
}

/// The scenario that a change of who drives names; none: Base.
fn driver(logged: &Value) -> Option<i64> {
    logged.get("scenario").and_then(Value::as_i64)
}

const UNKNOWN: Inverse = Inverse::Stays("It is changed where it was made.");

/// An approval in whose place the act put another, that of a fact, comes back.
fn of_param_approval(part: Part, old: &Value, new: &Value) -> Inverse {
    let is_given = |of: &Value| !of.is_null() && of.get("why").is_none();
    if is_given(old) && is_given(new) {
        Inverse::Reinstate(part)
    } else {
        of_approval(part, new)
    }
}

fn of_approval(part: Part, new: &Value) -> Inverse {
    if new.is_null() || new.get("why").is_some() {
        Inverse::Reinstate(part)
    } else {
        Inverse::Withdraw(part)
    }
}

/// The math model is turned on and off by its own tick.
fn of_framework(key: &Value, on: bool) -> Inverse {
    match key.as_str() {
        Some(MATH_MODEL) | None => Inverse::Follows,
        Some(key) => Inverse::Framework(key.to_owned(), on),
    }
}

/// The field of a param that people edit, by the name under which a change of it is logged.
#[must_use]
pub fn logged_field(field: &str) -> Option<ParamField> {
    match field {
        "min" | "max" => Some(ParamField::Range),
        "range" => None,
        other => ParamField::from_key(other),
    }
}

/// What a param says in a field, as it would be logged.
#[must_use]
pub fn param_now(param: &Param, field: &str) -> Value {
    match field {
        "param_name" => json!(param.name),
        "value" => json!(param.value),
        "unit" => json!(param.unit),
        "min" => json!(param.range.min),
        "max" => json!(param.range.max),
        "source" => json!(param.source),
        "param_display" => json!(param.param_display),
        "description" => json!(param.description),
        "notes" => json!(param.notes),
        "evidence_link" => json!(param.evidence_link),
        "evidence_as_of" => json!(param.evidence_as_of),
        "review_by" => json!(param.review_by),
        _ => Value::Null,
    }
}

/// What an initiative says in a field, as it would be logged.
#[must_use]
pub fn initiative_now(initiative: &Initiative, field: &str) -> Value {
    logged(initiative.get(field))
}

/// What a model says in a text, as it would be logged.
#[must_use]
pub fn model_now(model: &MathModel, field: ModelField) -> Value {
    logged(model.text(field))
}

/// The edits that give a param these values of the history back; both ends of a range are one edit.
#[must_use]
pub fn param_edits(param: &Param, values: &[(&str, &Value)]) -> Vec<ParamEdit> {
    let mut range = param.range.clone();
    let mut edits = Vec::new();
    for (field, value) in values {
        let number = || value.as_str().map(|d| Number::from_decimal(d.to_owned()));
        let text = || value.as_str().unwrap_or_default().to_owned();
        let date = || value.as_str().and_then(|day| day.parse::<NaiveDate>().ok());
        match (*field, logged_field(field)) {
            ("min", _) => range.min = number(),
            ("max", _) => range.max = number(),
            (_, Some(ParamField::Name)) => edits.push(ParamEdit::Name(text())),
            (_, Some(ParamField::Value)) => edits.push(ParamEdit::Value(number())),
            (_, Some(ParamField::Unit)) => edits.push(ParamEdit::Unit(text())),
            (_, Some(ParamField::Source)) => {
                let source = Source::read(&text()).unwrap_or_default();
                edits.push(ParamEdit::Source(source));
            }
            (_, Some(ParamField::Text(field))) => edits.push(ParamEdit::Text(field, text())),
            (_, Some(ParamField::EvidenceAsOf)) => edits.push(ParamEdit::EvidenceAsOf(date())),
            (_, Some(ParamField::ReviewBy)) => edits.push(ParamEdit::ReviewBy(date())),
            (_, Some(ParamField::Range) | None) => {}
        }
    }
    if range != param.range {
        edits.push(ParamEdit::Range(Bounds { ..range }));
    }
    edits
}

/// The logged fields that a score rests on: a change of one since keeps an approval from coming back.
pub const MATERIAL: [&str; 7] = [
    "value",
    "unit",
    "min",
    "max",
    "source",
    "approval",
    "range_approval",
];

/// Every name under which a change is logged, for the history's filter.
#[must_use]
pub fn logged_names() -> Vec<&'static str> {
    let texts = [
        TextField::Display,
        TextField::Description,
        TextField::Notes,
        TextField::EvidenceLink,
    ];
    let mut names = MATERIAL.to_vec();
    names.extend(texts.map(TextField::key));
    names.extend(["param_name", "carried_over", "made_way"]);
    names.extend(["copied", "template", "template_declined"]);
    names.extend(["fact", "fact_proposed", "fact_proposal_withdrawn"]);
    names.extend(["fact_refused", "fact_name"]);
    names.extend(["scenario_value", "scenario_formula"]);
    names.extend(["scenario_label", "scenario_put_away"]);
    names.extend(["scenario_approval", "driving_scenario"]);
    names.extend(["evidence_as_of", "review_by", "formula", "restored_formula"]);
    names.extend([
        "formula_approval",
        "seeded",
        "position",
        "created",
        "taken_away",
    ]);
    names.extend(["archived", "active_scoring_framework", "use_math_model"]);
    names.extend([
        "framework_on",
        "framework_off",
        "score_override",
        "legacy_score",
        "framework_params",
        "name",
    ]);
    names.extend(super::initiative::FIELDS.iter().map(|field| field.key));
    names.extend(ModelField::ALL.map(ModelField::key));
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{initiative::FIELDS, param::tests::approved_param};

    #[test]
    fn every_field_that_people_edit_is_taken_back_by_its_former_value() {
        for field in ParamField::ALL.map(ParamField::collides_with).concat() {
            assert_eq!(
                inverse("param", field, &Value::Null, &json!("x")),
                Inverse::Param,
                "{field}"
            );
        }
        for field in &FIELDS {
            let back = inverse("initiative", field.key, &Value::Null, &json!("x"));
            assert_eq!(back, Inverse::Initiative(field), "{}", field.key);
        }
        for field in ModelField::ALL {
            let back = inverse("math_model", field.key(), &Value::Null, &json!("x"));
            assert_eq!(back, Inverse::Model(field));
        }
    }

    #[test]
    fn an_approval_and_a_formula_have_their_opposites_and_what_follows_them_has_none() {
        let gone = json!({"framework": "RICE", "name": "extra"});
        let null = Value::Null;
        let given = json!({ "value": "0.3", "origin": "person" });
        let by_fact = json!({ "value": "0.2", "origin": "fact" });
        let why = json!({ "why": "taken back" });
        let text = json!({ "version": 1, "text": "value = a" });
        let cases: Vec<(&str, &str, &Value, &Value, Inverse)> = vec![
            (
                "param",
                "approval",
                &null,
                &given,
                Inverse::Withdraw(Part::Value),
            ),
            (
                "param",
                "approval",
                &given,
                &why,
                Inverse::Reinstate(Part::Value),
            ),
            (
                "param",
                "approval",
                &given,
                &by_fact,
                Inverse::Reinstate(Part::Value),
            ),
            (
                "param",
                "range_approval",
                &null,
                &given,
                Inverse::Withdraw(Part::Range),
            ),
            (
                "param",
                "range_approval",
                &given,
                &why,
                Inverse::Reinstate(Part::Range),
            ),
            (
                "math_model",
                "formula_approval",
                &null,
                &given,
                Inverse::Withdraw(Part::Formula),
            ),
            (
                "math_model",
                "formula_approval",
                &given,
                &why,
                Inverse::Reinstate(Part::Formula),
            ),
            (
                "math_model",
                "formula",
                &text,
                &given,
                Inverse::Formula("value = a".into()),
            ),
            (
                "math_model",
                "restored_formula",
                &text,
                &given,
                Inverse::Formula("value = a".into()),
            ),
            ("param", "created", &null, &given, Inverse::TakeAway),
            (
                "param",
                "taken_away",
                &gone,
                &null,
                Inverse::AddAgain("RICE".into(), "extra".into()),
            ),
            ("param", "seeded", &null, &given, Inverse::Follows),
            ("param", "position", &null, &given, Inverse::Follows),
            ("math_model", "created", &null, &given, Inverse::Follows),
        ];
        for (entity, field, old, new, expected) in cases {
            assert_eq!(
                inverse(entity, field, old, new),
                expected,
                "{entity} {field}"
            );
        }
    }

    #[test]
    fn what_was_chosen_for_an_initiative_is_chosen_back() {
        let null = Value::Null;
        let (yes, no, rice, math) = (json!(true), json!(false), json!("RICE"), json!(MATH_MODEL));
        for (field, old, new, expected) in [
            ("archived", &no, &yes, Inverse::Archived(false)),
            ("archived", &yes, &no, Inverse::Archived(true)),
            (
                "active_scoring_framework",
                &null,
                &rice,
                Inverse::Active(None),
            ),
            (
                "active_scoring_framework",
                &rice,
                &null,
                Inverse::Active(Some("RICE".into())),
            ),
            ("use_math_model", &no, &yes, Inverse::UseMathModel(false)),
            (
                "framework_on",
                &null,
                &rice,
                Inverse::Framework("RICE".into(), false),
            ),
            (
                "framework_off",
                &rice,
                &null,
                Inverse::Framework("RICE".into(), true),
            ),
            ("framework_on", &null, &math, Inverse::Follows),
        ] {
            assert_eq!(inverse("initiative", field, old, new), expected, "{field}");
        }
    }

    #[test]
    fn what_nothing_takes_back_stays_with_a_reason() {
        let (null, given) = (Value::Null, json!({ "value": "0.3" }));
        for (entity, field) in [
            ("math_model", "formula"),
            ("initiative", "score_override"),
            ("fact", "approval"),
            ("fact", "description"),
            ("framework", "framework_params"),
            ("framework", "formula"),
            ("framework", "archived"),
            ("person", "roles"),
            ("settings", "four_eyes"),
            ("param", "nobody_knows"),
        ] {
            let back = inverse(entity, field, &null, &given);
            assert!(
                matches!(back, Inverse::Stays(_)),
                "{entity} {field}: {back:?}"
            );
        }
    }

    #[test]
    fn only_what_people_did_at_the_pages_is_taken_back() {
        for (through, is_new, is_taken_back) in [
            ("form", false, true),
            ("paste", false, true),
            ("api", false, true),
            ("form", true, false),
            ("import", false, false),
            ("command", false, false),
            ("rule", false, false),
            ("sign-in", false, false),
        ] {
            assert_eq!(
                why_not(through, is_new).is_none(),
                is_taken_back,
                "{through}"
            );
        }
    }

    #[test]
    fn a_value_of_the_history_comes_back_as_the_param_keeps_it() {
        let param = approved_param("margin", "0.3");
        let (old, low, high) = (json!("0.25"), json!("0"), json!("1"));
        let (finance, day, none) = (json!("Eng"), json!("2026-11-30"), Value::Null);
        let edits = param_edits(
            &param,
            &[
                ("value", &old),
                ("min", &low),
                ("max", &high),
                ("source", &finance),
                ("review_by", &day),
                ("evidence_as_of", &none),
                ("notes", &none),
            ],
        );
        let number = |digits: &str| Some(Number::from_decimal(digits.into()));
        let expected = [
            ParamEdit::Value(number("0.25")),
            ParamEdit::Source(Some(Source::Eng)),
            ParamEdit::ReviewBy(NaiveDate::from_ymd_opt(2026, 11, 30)),
            ParamEdit::EvidenceAsOf(None),
            ParamEdit::Text(TextField::Notes, String::new()),
            ParamEdit::Range(Bounds {
                min: number("0"),
                max: number("1"),
            }),
        ];
        assert_eq!(edits, expected);
    }

    #[test]
    fn a_param_says_what_an_edit_of_it_logs() {
        let mut param = approved_param("margin", "0.3");
        for (field, value) in [
            ("value", json!("0.4")),
            ("unit", json!("ratio")),
            ("min", json!("0.1")),
            ("max", json!("0.9")),
            ("source", json!("Eng")),
            ("param_display", json!("Margin")),
            ("description", json!("a")),
            ("notes", json!("b")),
            ("evidence_link", json!("https://c.example")),
            ("evidence_as_of", json!("2026-11-30")),
            ("review_by", json!("2026-12-01")),
        ] {
            for edit in param_edits(&param, &[(field, &value)]) {
                let outcome = param.apply(edit).unwrap();
                assert_eq!(outcome.changes[0].new, value, "{field}");
            }
            assert_eq!(param_now(&param, field), value, "{field}");
        }
    }
}
