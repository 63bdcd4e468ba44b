//! The fields of a param as they are read, and who may edit them.
//!
//! Knows params, rights and how numbers print. Must not know requests, forms or the database.

use crate::{
    actions::ActionError,
    domain::{
        number_format::both_readings,
        param::{Bounds, Param, ParamRefusal, Source, TextField},
        param_input::ParamField,
        rights::{Act, Roles, may},
    },
    web::{
        figures,
        view::field::{Bar, FieldView},
    },
};

/// The element of a field: `param-42-value`.
pub(super) fn element(param: &Param, field: ParamField) -> String {
    format!("param-{}-{}", param.id, field.key())
}

/// What a field is, for the ear: `Value of Profit margin`.
pub(super) fn spoken(param: &Param, field: ParamField) -> String {
    let what = match field {
        ParamField::EvidenceAsOf => "Date of the evidence",
        ParamField::ReviewBy => "Review date",
        other => other.label(),
    };
    format!("{what} of {}", param.label())
}

/// One field as it is read by a person with these roles.
pub(super) fn field_view(param: &Param, field: ParamField, roles: &Roles) -> FieldView {
    let (text, more) = shown(param, field);
    let why_not = match may_edit(param, field, roles) {
        Ok(()) => String::new(),
        Err(ActionError::Refused(refusal)) => refusal.short(),
        Err(why) => why.to_string(),
    };
    let address = || format!("/params/{}/fields/{}/edit", param.id, field.key());
    FieldView {
        id: element(param, field),
        label: spoken(param, field),
        text,
        more,
        edit_href: if why_not.is_empty() {
            address()
        } else {
            String::new()
        },
        why_not,
        invitation: invitation(field).to_owned(),
        is_long: is_long(field),
        is_number: field == ParamField::Value,
        bar: (field == ParamField::Range).then(|| bar(param)).flatten(),
    }
}

/// Whether it takes several lines.
pub(super) fn is_long(field: ParamField) -> bool {
    matches!(
        field,
        ParamField::Text(TextField::Description | TextField::Notes)
    )
}

/// Whether a person with these roles edits the field, and if not why.
///
/// # Errors
/// Who may instead, or that nobody may: the range belongs to the framework.
pub(super) fn may_edit(param: &Param, field: ParamField, roles: &Roles) -> Result<(), ActionError> {
    may(roles, Act::EditParam)?;
    match field {
        ParamField::Range if param.has_hard_bounds() => {
            let framework_bounds = param.hard.to_string();
            let why = ParamRefusal::RangeIsTheFrameworks { framework_bounds };
            Err(ActionError::Invalid(why.to_string()))
        }
        ParamField::Source if sources(param, roles).len() < 2 => {
            may(
                roles,
                Act::SetSource {
                    from: param.source,
                    to: None,
                },
            )?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The sources that a person with these roles can choose, and the present one; `None` is "nobody's yet".
pub(super) fn sources(param: &Param, roles: &Roles) -> Vec<Option<Source>> {
    let from = param.source;
    let guess = (from == Some(Source::Llm)).then_some(from);
    let all = std::iter::once(None)
        .chain(Source::CHOICES.into_iter().map(Some))
        .chain(guess);
    all.filter(|to| *to == from || may(roles, Act::SetSource { from, to: *to }).is_ok())
        .collect()
}

fn invitation(field: ParamField) -> &'static str {
    match field {
        ParamField::Value => "Add a value",
        ParamField::Unit => "Add a unit",
        ParamField::Range => "Add a range",
        ParamField::Source => "Choose an owner",
        ParamField::Text(TextField::Display) => "Add a label",
        ParamField::Text(TextField::Description) => "Say what it means",
        ParamField::Text(TextField::Notes) => "Add notes",
        ParamField::Text(TextField::EvidenceLink) => "Add a link",
        ParamField::EvidenceAsOf | ParamField::ReviewBy => "Add a date",
    }
}

/// The text, and the other reading where there is one.
fn shown(param: &Param, field: ParamField) -> (String, String) {
    let text = match field {
        ParamField::Value => {
            let value = param.value.as_ref();
            let read = value.map(|value| both_readings(value.decimal(), &param.unit));
            let (text, other) = read.unwrap_or_default();
            return (text, other.unwrap_or_default());
        }
        ParamField::Range => range_text(bounds(param), &param.unit),
        ParamField::Text(TextField::EvidenceLink) => link_text(&param.evidence_link),
        ParamField::EvidenceAsOf => param.evidence_as_of.map(figures::date).unwrap_or_default(),
        ParamField::ReviewBy => param.review_by.map(figures::date).unwrap_or_default(),
        ParamField::Unit | ParamField::Source | ParamField::Text(_) => field.shown(param).0,
    };
    (text, String::new())
}

/// The range that holds for a param: the framework's where it has one.
pub(super) fn bounds(param: &Param) -> &Bounds {
    if param.has_hard_bounds() {
        &param.hard
    } else {
        &param.range
    }
}

/// A range in words, in the row's unit: `1 % to 5 %`; empty: any number.
pub(super) fn range_text(bounds: &Bounds, unit: &str) -> String {
    let end = |digits: &str| both_readings(digits, unit).0;
    match (&bounds.min, &bounds.max) {
        (None, None) => String::new(),
        (Some(min), None) => format!("at least {}", end(min.decimal())),
        (None, Some(max)) => format!("at most {}", end(max.decimal())),
        (Some(min), Some(max)) => format!("{} to {}", end(min.decimal()), end(max.decimal())),
    }
}

/// The drawing of a range that has both ends.
fn bar(param: &Param) -> Option<Bar> {
    let Bounds { min, max } = bounds(param);
    let (min, max) = (min.as_ref()?.value(), max.as_ref()?.value());
    Some(Bar::at(param.value.as_ref().map(|value| {
        let value = value.value();
        // A range of one number has no length: the value is on it, before it or after it.
        if max > min {
            (value - min) / (max - min)
        } else {
            0.5 + (value - min)
        }
    })))
}

/// Whether it can be opened in a browser.
pub(super) fn is_web_address(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

/// A web address by its host; anything else as it is, cut where it would fill the row.
fn link_text(link: &str) -> String {
    const LONGEST: usize = 40;
    let rest = link
        .split_once("://")
        .filter(|_| is_web_address(link))
        .map(|(_, rest)| rest);
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    let host = host.map(|host| host.rsplit('@').next().unwrap_or(host));
    let text = host.map_or(link, |host| host.strip_prefix("www.").unwrap_or(host));
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        param::{Number, tests::approved_param},
        rights::Role,
    };

    fn number(digits: &str) -> Number {
        Number::from_decimal(digits.to_owned())
    }

    fn roles(role: Role) -> Roles {
        Roles::new([role])
    }

    #[test]
    fn a_share_shows_both_readings_and_its_place_in_the_range() {
        let mut param = approved_param("margin", "0.04");
        param.range = Bounds {
            min: Some(number("0.02")),
            max: Some(number("0.06")),
        };
        let value = field_view(&param, ParamField::Value, &roles(Role::Pm));
        assert_eq!((value.text.as_str(), value.more.as_str()), ("4 %", "0.04"));
        assert_eq!(value.edit_href, "/params/1/fields/value/edit");
        let range = field_view(&param, ParamField::Range, &roles(Role::Pm));
        assert_eq!(range.text, "2 % to 6 %");
        let bar = range.bar.unwrap();
        assert_eq!((bar.x.as_deref(), bar.is_outside), (Some("32.0"), false));
        param.value = Some(number("0.07"));
        assert!(bar_of(&param).is_outside);
    }

    fn bar_of(param: &Param) -> Bar {
        field_view(param, ParamField::Range, &roles(Role::Pm))
            .bar
            .unwrap()
    }

    #[test]
    fn a_range_with_an_open_end_or_without_a_value_is_drawn_as_far_as_it_can_be() {
        let mut param = approved_param("orders", "5");
        param.unit = "orders".into();
        param.range = Bounds {
            min: Some(number("1")),
            max: None,
        };
        let range = field_view(&param, ParamField::Range, &roles(Role::Pm));
        assert_eq!((range.text.as_str(), range.bar), ("at least 1", None));
        param.range.max = Some(number("1"));
        assert!(bar_of(&param).is_outside);
        param.value = None;
        assert_eq!(
            bar_of(&param),
            Bar {
                x: None,
                is_outside: false
            }
        );
    }

    #[test]
    fn what_one_may_not_edit_says_who_may() {
        let param = approved_param("margin", "0.3");
        for (field, role, why) in [
            (
                ParamField::Value,
                Role::Viewer,
                "Only Analytics, Finance, Eng, a PM or an admin can",
            ),
            (
                ParamField::Source,
                Role::Eng,
                "Only Finance, a PM or an admin can change whose",
            ),
            (ParamField::Value, Role::Eng, ""),
            (ParamField::Source, Role::Finance, ""),
        ] {
            let view = field_view(&param, field, &roles(role));
            assert!(
                view.why_not.starts_with(why),
                "{field:?} {role:?}: {}",
                view.why_not
            );
            assert_eq!(
                view.edit_href.is_empty(),
                !why.is_empty(),
                "{field:?} {role:?}"
            );
        }
    }

    #[test]
    fn the_range_of_a_frameworks_param_is_nobodys_to_edit() {
        let mut param = approved_param("confidence", "0.8");
        param.hard = Bounds {
            min: Some(number("0")),
            max: Some(number("1")),
        };
        let view = field_view(&param, ParamField::Range, &roles(Role::Admin));
        assert_eq!(
            (view.text.as_str(), view.edit_href.as_str()),
            ("0 % to 100 %", "")
        );
        assert!(
            view.why_not.contains("belongs to the framework"),
            "{}",
            view.why_not
        );
    }

    #[test]
    fn one_chooses_among_the_sources_that_one_may_set() {
        let mut param = approved_param("margin", "0.3");
        param.source = None;
        let offered = |role| sources(&param, &roles(role));
        assert_eq!(offered(Role::Analytics), [None, Some(Source::Analytics)]);
        assert_eq!(offered(Role::Pm).len(), 5);
        param.source = Some(Source::Llm);
        assert_eq!(sources(&param, &roles(Role::Pm)).len(), 6);
    }

    #[test]
    fn evidence_is_named_by_its_host() {
        for (link, text) in [
            ("https://www.example.com/a/b?c=d", "example.com"),
            ("http://me:secret@data.example.org", "data.example.org"),
            ("Q3 deck, page 4", "Q3 deck, page 4"),
            ("", ""),
        ] {
            assert_eq!(link_text(link), text, "{link}");
        }
        assert_eq!(link_text(&"x".repeat(60)).chars().count(), 40);
    }
}
