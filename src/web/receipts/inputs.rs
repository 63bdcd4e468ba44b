//! The numbers of a receipt: what each was, who set it and how, who approved it and its range.

use crate::{
    domain::{approval::Origin, number_format},
    store::{
        receipt_details::{Details, ParamDetails, RangeApproval},
        scores::{FromScenario, ScoreInput},
    },
    web::{
        figures::{self, day, when},
        view::receipt::Input,
    },
};

/// Inputs as rows, in their order.
pub(super) fn rows(inputs: &[&ScoreInput], details: &Details) -> Vec<Input> {
    let of = |input: &ScoreInput| {
        let mut all = details.params.iter();
        all.find(|param| input.param_id == Some(param.param.0))
    };
    inputs.iter().map(|input| row(input, of(input))).collect()
}

fn row(input: &ScoreInput, details: Option<&ParamDetails>) -> Input {
    let (value, other) = figures::stored(&input.value, &input.unit);
    // The formula used the stored digits; a ratio is shown as these already.
    let is_shown_as_used =
        value.digits == number_format::decimal(&input.value) && value.after != "%";
    Input {
        label: input.label.clone(),
        name: input.name.clone(),
        value,
        reading: other.filter(|_| !is_shown_as_used).unwrap_or_default(),
        range: match &input.scenario {
            Some(from) => replaced(from, &input.unit),
            None => details
                .and_then(|details| details.range.as_ref())
                .map(range)
                .unwrap_or_default(),
        },
        set_by: set_by(input, details),
        set_at: input.set_at.map(when),
        approved_by: approved_by(input),
        approved_at: input.approved_at.map(when),
    }
}

/// Where a number came from that a scenario set, and what it stood in the place of.
fn replaced(from: &FromScenario, unit: &str) -> String {
    let base = match &from.replaces {
        Some(digits) => figures::text(&figures::stored(digits, unit).0),
        None => "nothing".to_owned(),
    };
    format!("Set by scenario {}; Base said {base}", from.label)
}

fn set_by(input: &ScoreInput, details: Option<&ParamDetails>) -> String {
    let by = input.set_by.clone().unwrap_or_default();
    match details.and_then(|details| details.set_through.as_deref()) {
        Some("import") if !by.is_empty() => format!("{by}, with an import"),
        _ => by,
    }
}

fn range(approval: &RangeApproval) -> String {
    let by = approved_as(&approval.by, approval.origin);
    format!(
        "Range {}, approved by {by}, {}",
        approval.range,
        day(approval.at)
    )
}

fn approved_by(input: &ScoreInput) -> String {
    let Some(by) = &input.approved_by else {
        return "not subject to approval".to_owned();
    };
    let origin = input.approval_origin.as_deref();
    approved_as(by, origin.map_or(Origin::Person, Origin::from_key))
}

/// Who approved, and how if it wasn't by pressing *Approve*.
pub(super) fn approved_as(by: &str, origin: Origin) -> String {
    match origin {
        Origin::Person => by.to_owned(),
        Origin::Import => format!("{by}, with an import"),
        Origin::Reinstated => format!("{by}, reinstated"),
        Origin::Fact => format!("{by}, as a shared fact"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::ParamId,
        param::{Bounds, Number},
    };
    use chrono::DateTime;

    fn given(value: &str, unit: &str) -> ScoreInput {
        ScoreInput {
            name: "a".to_owned(),
            label: "A".to_owned(),
            value: value.to_owned(),
            unit: unit.to_owned(),
            source: String::new(),
            param_id: Some(1),
            revision: Some(1),
            set_by: Some("Fay".to_owned()),
            set_at: None,
            approval_id: Some(1),
            approved_by: Some("Fay".to_owned()),
            approved_at: None,
            approval_origin: Some("person".to_owned()),
            scenario: None,
        }
    }

    #[test]
    fn an_input_shows_what_the_formula_used_where_that_reads_differently() {
        for (digits, unit, shown, reading) in [
            ("0.04", "%", "4 %", "0.04"),
            ("0.04", "ratio", "0.04", ""),
            ("45", "£", "£45", ""),
            ("0", "%", "0 %", ""),
        ] {
            let input = row(&given(digits, unit), None);
            assert_eq!(
                (figures::text(&input.value).as_str(), input.reading.as_str()),
                (shown, reading)
            );
        }
    }

    #[test]
    fn a_number_of_a_scenario_says_what_it_stood_in_the_place_of() {
        for (replaces, says) in [
            (Some("0.3"), "Set by scenario Bold; Base said 30 %"),
            (None, "Set by scenario Bold; Base said nothing"),
        ] {
            let input = ScoreInput {
                scenario: Some(FromScenario {
                    label: "Bold".to_owned(),
                    replaces: replaces.map(str::to_owned),
                }),
                ..given("0.4", "%")
            };
            assert_eq!(row(&input, None).range, says);
        }
    }

    #[test]
    fn approvals_say_how_they_came_to_be() {
        let said = |by: Option<&str>, origin: &str| {
            approved_by(&ScoreInput {
                approved_by: by.map(str::to_owned),
                approval_origin: Some(origin.to_owned()),
                ..given("1", "")
            })
        };
        assert_eq!(said(Some("Fay"), "person"), "Fay");
        assert_eq!(said(Some("Fay"), "import"), "Fay, with an import");
        assert_eq!(said(Some("Fay"), "reinstated"), "Fay, reinstated");
        assert_eq!(said(None, "person"), "not subject to approval");
    }

    #[test]
    fn the_range_that_was_approved_and_the_way_a_value_came_in_stand_with_their_own_param() {
        let details = Details {
            params: vec![ParamDetails {
                param: ParamId(1),
                set_through: Some("import".to_owned()),
                range: Some(RangeApproval {
                    range: Bounds {
                        min: Some(Number::from_decimal("0".to_owned())),
                        max: None,
                    },
                    by: "Bo".to_owned(),
                    at: DateTime::UNIX_EPOCH,
                    origin: Origin::Person,
                }),
            }],
            ..Details::default()
        };
        let other = ScoreInput {
            param_id: Some(2),
            ..given("1", "")
        };
        let rows = rows(&[&given("1", ""), &other], &details);
        assert_eq!(rows[0].set_by, "Fay, with an import");
        assert_eq!(
            rows[0].range,
            "Range at least 0, approved by Bo, 1 Jan 1970"
        );
        assert_eq!(
            (rows[1].set_by.as_str(), rows[1].range.as_str()),
            ("Fay", "")
        );
    }
}
