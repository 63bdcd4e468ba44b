//! The form of one field, and the same form again with why it wasn't taken.
//!
//! Knows what was typed and the param it was typed into. Must not know requests or the database.

use super::fields::{self, Reader};
use crate::{
    actions::ActionError,
    domain::{
        amount::{DecimalSeparator, Proposal, unit::Unit},
        change,
        number_format::with_unit,
        param::{Param, Source, TextField},
        param_input::{self, InputRefusal, ParamField, Typed},
        scoring,
    },
    store::change_log::LoggedChange,
    web::{
        error::WebError,
        figures,
        view::{
            Seen, SelectOption,
            field::{Choice, Conflict, Control, Edit},
        },
    },
};
use actix_web::http::StatusCode;

/// The form of a field with what was typed, or what stands there now. `next`: the page it returns to.
pub(super) fn form(
    param: &Param,
    field: ParamField,
    typed: &Typed,
    reader: Reader<'_>,
    next: &str,
) -> Edit {
    let next_query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    Edit {
        id: fields::element(param, field),
        label: fields::spoken(param, field),
        control: control(param, field, typed, reader),
        hint: hint(param, field, typed.separator),
        action: format!("/params/{}/fields/{}?{next_query}", param.id, field.key()),
        seen: Seen {
            revision: param.revision,
            form_key: crate::web::sent_form::fresh_key(),
        },
        decimal_separator: typed.separator.key(),
        cancel_href: next.to_owned(),
        read_href: format!("/params/{}?field={}", param.id, field.key()),
        history_href: format!("/params/{}/history?field={}", param.id, field.key()),
        error: None,
        choices: Vec::new(),
        offer: None,
        conflict: None,
    }
}

/// The initiative's own effort, offered to the param that is the formula's effort. Taken by a person, never by itself.
pub(super) fn offer(
    param: &Param,
    (field, separator): (ParamField, DecimalSeparator),
    effort_days: Option<f64>,
) -> Option<Choice> {
    if field != ParamField::Value {
        return None;
    }
    let days = scoring::effort_offer(param, effort_days)?;
    Some(Choice {
        label: format!(
            "Use {} from the initiative",
            separator.written(&with_unit(&days, &param.unit))
        ),
        value: separator.written(&days),
    })
}

fn control(param: &Param, field: ParamField, typed: &Typed, reader: Reader<'_>) -> Control {
    let value = typed.text.clone();
    match field {
        // "0.04 %" would be read as 0.04 per cent, so a share's box has no unit beside it.
        ParamField::Value if Unit::new(&param.unit).is_share() => Control::Number {
            value,
            unit: String::new(),
        },
        ParamField::Value => Control::Number {
            value,
            unit: param.unit.clone(),
        },
        ParamField::Range => Control::Range {
            min: value,
            max: typed.max.clone(),
        },
        ParamField::Source => Control::Select {
            options: fields::sources(param.source, reader)
                .into_iter()
                .map(|source| option(source, &value))
                .collect(),
        },
        ParamField::EvidenceAsOf | ParamField::ReviewBy => Control::Date { value },
        ParamField::Text(_) if fields::is_long(field) => Control::Text { value },
        ParamField::Name | ParamField::Unit | ParamField::Text(_) => Control::Line {
            value,
            choices: Vec::new(),
        },
    }
}

fn option(source: Option<Source>, chosen: &str) -> SelectOption {
    let value = source.map_or("", Source::key);
    SelectOption {
        value: value.to_owned(),
        label: if value.is_empty() { "None" } else { value }.to_owned(),
        is_selected: value == chosen,
    }
}

/// How to write it, and what saving will do.
fn hint(param: &Param, field: ParamField, separator: DecimalSeparator) -> String {
    let is_share = Unit::new(&param.unit).is_share();
    let how = match field {
        ParamField::Value if is_share => "A share: 4% or 0.04.",
        ParamField::Value => "As people write it: 1,200.50, £45, 1.2k.",
        ParamField::Range if is_share => "Lowest and highest, as shares: 1% or 0.01.",
        ParamField::Range => "Lowest and highest; leave an end empty to keep it open.",
        ParamField::Name => "As formulas write it. Value, approval and history stay with the row.",
        ParamField::Unit => "What it counts: %, £, £ per order, months.",
        ParamField::Source => "Whose number it is: they approve it.",
        ParamField::Text(TextField::EvidenceLink) => "Begins with https:// or http://.",
        ParamField::ReviewBy => "When to look at the number again.",
        ParamField::EvidenceAsOf | ParamField::Text(_) => "",
    };
    let mut parts = vec![how.to_owned()];
    if field == ParamField::Value && param.has_hard_bounds() {
        parts.push(format!(
            "Allowed: {}.",
            fields::range_text(&param.hard, &param.unit)
        ));
    }
    if field == ParamField::Value && param.value.is_some() {
        parts.push("To take it out, type none.".to_owned());
    }
    let is_material = matches!(
        field,
        ParamField::Value | ParamField::Unit | ParamField::Source
    );
    if let Some(approval) = param.value_approval.as_ref().filter(|_| is_material) {
        parts.push(format!(
            "A change withdraws the approval by {}.",
            approval.by_name
        ));
    }
    if field == ParamField::Range && param.range_approval.is_some() {
        parts.push("A change withdraws the range’s approval.".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    separator.written(&parts.join(" "))
}

/// Says in the form why it wasn't taken, and gives the status of the answer.
///
/// # Errors
/// The failure isn't one that a form can show.
pub(super) fn refuse(
    form: &mut Edit,
    error: ActionError,
    param: &Param,
    field: ParamField,
    typed: &Typed,
) -> Result<StatusCode, WebError> {
    match error {
        ActionError::Invalid(why) => form.error = Some(why),
        ActionError::Asks { question, proposal } => {
            form.error = Some(question);
            form.choices = vec![choice(proposal, typed.separator)];
        }
        ActionError::Conflict(logged) => {
            form.conflict = Some(Conflict {
                by: logged.by_name.clone(),
                at: figures::when(logged.at),
                theirs: typed.separator.written(&theirs(param, field, &logged)),
                yours: yours(field, typed),
            });
            return Ok(StatusCode::CONFLICT);
        }
        other => return Err(other.into()),
    }
    Ok(StatusCode::UNPROCESSABLE_ENTITY)
}

/// What the field says now; where another field was changed with which this one is read together, that too.
fn theirs(param: &Param, field: ParamField, logged: &LoggedChange) -> String {
    let value = || {
        param
            .value
            .as_ref()
            .map(|value| with_unit(value.decimal(), &param.unit))
    };
    match field {
        ParamField::Value => value().unwrap_or_default(),
        ParamField::Unit if logged.field == "value" => {
            let now = value().unwrap_or_else(|| "nothing".to_owned());
            format!("{} ({} is {now})", param.unit, change::field_name("value"))
                .trim()
                .to_owned()
        }
        ParamField::Range => fields::range_text(fields::bounds(param), &param.unit),
        _ => field.shown(param, DecimalSeparator::Point).text,
    }
}

fn yours(field: ParamField, typed: &Typed) -> String {
    match (field, typed.text.is_empty(), typed.max.is_empty()) {
        (ParamField::Range, false, false) => format!("{} to {}", typed.text, typed.max),
        (ParamField::Range, false, true) => format!("at least {}", typed.text),
        (ParamField::Range, true, false) => format!("at most {}", typed.max),
        _ => typed.text.clone(),
    }
}

/// The proposed reading as a button.
fn choice(proposal: Proposal, separator: DecimalSeparator) -> Choice {
    let decimal = separator.written(&proposal.decimal);
    let label = if proposal.typed == decimal {
        format!("Use {decimal}")
    } else {
        format!("Use {} ({decimal})", proposal.typed)
    };
    Choice {
        label,
        value: proposal.typed,
    }
}

/// What was typed, with the proposed reading `instead` in the place of the text that it was proposed for.
///
/// Enter in the box presses the form's first button, which is the proposal's; so it counts only while the text that
/// was asked about still stands there. What was typed anew goes first.
pub(super) fn with_choice(param: &Param, field: ParamField, typed: Typed, instead: &str) -> Typed {
    let is_meant_for = |text: &str| {
        let typed = Typed::one(text).written_with(typed.separator);
        match param_input::read(param, field, &typed) {
            Err(InputRefusal::Amount(error)) => {
                error.proposal().is_some_and(|p| p.typed == instead)
            }
            _ => false,
        }
    };
    if is_meant_for(&typed.text) {
        Typed {
            text: instead.to_owned(),
            ..typed
        }
    } else if field == ParamField::Range && is_meant_for(&typed.max) {
        Typed {
            max: instead.to_owned(),
            ..typed
        }
    } else {
        typed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        param::{Bounds, Number, tests::approved_param},
        rights::{Role, Roles},
    };
    use chrono::DateTime;
    use serde_json::json;

    fn form_of(param: &Param, field: ParamField) -> Edit {
        form(
            param,
            field,
            &field.shown(param, DecimalSeparator::Point),
            Reader::with(&Roles::new([Role::Pm])),
            "/params?state=missing",
        )
    }

    fn asks(param: &Param, field: ParamField, typed: &Typed) -> Edit {
        let error = param_input::read(param, field, typed).unwrap_err();
        let mut form = form(
            param,
            field,
            typed,
            Reader::with(&Roles::new([Role::Pm])),
            "/params",
        );
        let status = refuse(&mut form, error.into(), param, field, typed).unwrap();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        form
    }

    #[test]
    fn a_form_carries_the_way_back_and_says_what_saving_will_do() {
        let form = form_of(&approved_param("margin", "0.3"), ParamField::Value);
        assert_eq!(
            form.action,
            "/params/1/fields/value?next=%2Fparams%3Fstate%3Dmissing"
        );
        assert_eq!(
            form.control,
            Control::Number {
                value: "0.3".into(),
                unit: String::new()
            }
        );
        assert!(
            form.hint.contains("withdraws the approval by Fay"),
            "{}",
            form.hint
        );
        assert!(
            !form_of(&approved_param("a", "1"), ParamField::ReviewBy)
                .hint
                .contains("withdraws")
        );
    }

    #[test]
    fn the_present_source_is_selected() {
        let Control::Select { options } =
            form_of(&approved_param("margin", "0.3"), ParamField::Source).control
        else {
            panic!("no select");
        };
        let labels: Vec<_> = options.iter().map(|option| option.label.as_str()).collect();
        assert_eq!(labels, ["None", "PM", "Analytics", "Finance", "Eng"]);
        let selected: Vec<_> = options.iter().filter(|option| option.is_selected).collect();
        assert_eq!(selected.len(), 1);
        assert_eq!(selected[0].value, "Finance");
    }

    #[test]
    fn a_doubtful_amount_comes_back_with_its_question_and_one_button() {
        let param = approved_param("margin", "0.3");
        let form = asks(&param, ParamField::Value, &Typed::one("4"));
        assert!(form.error.is_some());
        assert_eq!(form.choices[0].value, "4%");
        assert_eq!(form.choices[0].label, "Use 4% (0.04)");
        assert_eq!(
            form.control,
            Control::Number {
                value: "4".into(),
                unit: String::new()
            }
        );
    }

    #[test]
    fn a_proposal_takes_the_place_of_the_text_it_was_made_for_and_of_no_other() {
        let param = approved_param("margin", "0.3");
        let typed = |text: &str, max: &str| Typed {
            max: max.into(),
            ..Typed::one(text)
        };
        for (field, before, instead, after) in [
            (ParamField::Value, typed("4", ""), "4%", typed("4%", "")),
            (
                ParamField::Value,
                typed("0.05", ""),
                "4%",
                typed("0.05", ""),
            ),
            (ParamField::Value, typed("5", ""), "4%", typed("5", "")),
            (
                ParamField::Range,
                typed("1%", "40"),
                "40%",
                typed("1%", "40%"),
            ),
            (
                ParamField::Range,
                typed("10", "0.4"),
                "10%",
                typed("10%", "0.4"),
            ),
            (ParamField::Range, typed("", "40"), "40%", typed("", "40%")),
        ] {
            assert_eq!(
                with_choice(&param, field, before, instead),
                after,
                "{field:?} {instead}"
            );
        }
    }

    #[test]
    fn the_initiatives_effort_is_offered_to_the_value_of_an_effort_param_only() {
        let mut param = approved_param("effort", "20");
        param.unit = "days".to_owned();
        let offered = offer(
            &param,
            (ParamField::Value, DecimalSeparator::Point),
            Some(70.0),
        )
        .unwrap();
        assert_eq!(
            (offered.label.as_str(), offered.value.as_str()),
            ("Use 70 days from the initiative", "70")
        );
        assert_eq!(
            offer(
                &param,
                (ParamField::Range, DecimalSeparator::Point),
                Some(70.0)
            ),
            None
        );
        assert_eq!(
            offer(
                &approved_param("a", "1"),
                (ParamField::Value, DecimalSeparator::Point),
                Some(70.0)
            ),
            None
        );
    }

    #[test]
    fn a_conflict_shows_theirs_and_yours_and_keeps_what_was_typed() {
        let mut param = approved_param("margin", "0.25");
        param.revision = 7;
        param.range = Bounds {
            min: Some(Number::from_decimal("0.1".into())),
            max: None,
        };
        let logged = |field: &str| {
            ActionError::Conflict(Box::new(LoggedChange {
                seq: 1,
                field: field.into(),
                subject: "Margin".into(),
                old: json!("0.3"),
                new: json!("0.25"),
                through: "form".into(),
                by_name: "Anders".into(),
                at: DateTime::UNIX_EPOCH,
            }))
        };
        for (field, changed, typed, theirs, yours) in [
            (ParamField::Value, "value", Typed::one("28%"), "25 %", "28%"),
            (
                ParamField::Unit,
                "value",
                Typed::one("ratio"),
                "% (the value is 25 %)",
                "ratio",
            ),
            (ParamField::Unit, "unit", Typed::one("ratio"), "%", "ratio"),
            (
                ParamField::Range,
                "max",
                Typed {
                    max: "2%".into(),
                    ..Typed::one("1%")
                },
                "at least 10 %",
                "1% to 2%",
            ),
        ] {
            let mut form = form(
                &param,
                field,
                &typed,
                Reader::with(&Roles::new([Role::Pm])),
                "/params",
            );
            let status = refuse(&mut form, logged(changed), &param, field, &typed).unwrap();
            assert_eq!((status, form.seen.revision), (StatusCode::CONFLICT, 7));
            let conflict = form.conflict.unwrap();
            assert_eq!(conflict.by, "Anders");
            assert_eq!(
                (conflict.theirs.as_str(), conflict.yours.as_str()),
                (theirs, yours)
            );
        }
    }

    #[test]
    fn a_refusal_is_no_matter_of_the_form() {
        let param = approved_param("margin", "0.3");
        let mut form = form_of(&param, ParamField::Value);
        let missing = ActionError::NotFound("param");
        assert!(
            refuse(
                &mut form,
                missing,
                &param,
                ParamField::Value,
                &Typed::one("1")
            )
            .is_err()
        );
    }
}
