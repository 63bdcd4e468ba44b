//! The fields of a param as they are read, and who may edit them.
//!
//! Knows params, rights and how numbers print. Must not know requests, forms or the database.

use crate::{
    actions::ActionError,
    domain::{
        amount::DecimalSeparator,
        number_format::both_readings,
        param::{Bounds, Followed, Number, Param, ParamRefusal, Source, TextField},
        param_input::ParamField,
        rights::{Act, Refusal, Roles, may},
        settings::Settings,
    },
    web::{
        figures,
        view::field::{Bar, FieldView},
        visit::Visit,
    },
};

/// Who looks, and what holds for everybody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    /// What they may.
    pub(super) roles: &'a Roles,
    /// What holds.
    pub(super) settings: Settings,
}

impl<'a> Reader<'a> {
    /// Whoever asks.
    pub(super) fn of(visit: &'a Visit) -> Self {
        Self {
            roles: &visit.user.roles,
            settings: visit.settings,
        }
    }

    /// Somebody with these roles, where nothing is set.
    #[cfg(test)]
    pub(super) fn with(roles: &'a Roles) -> Self {
        Self {
            roles,
            settings: Settings::default(),
        }
    }
}

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

/// A field that a param's own page shows beside its row, as it is read by a person with these roles.
pub(super) fn field_view(param: &Param, field: ParamField, reader: Reader<'_>) -> FieldView {
    let why_not = match may_edit(param, field, reader) {
        Ok(()) => String::new(),
        Err(ActionError::Refused(refusal)) => refusal.short(),
        Err(why) => why.to_string(),
    };
    let address = || format!("/params/{}/fields/{}/edit", param.id, field.key());
    FieldView {
        id: element(param, field),
        label: spoken(param, field),
        text: shown(param, field),
        edit_href: if why_not.is_empty() {
            address()
        } else {
            String::new()
        },
        why_not,
        invitation: invitation(field).to_owned(),
        is_long: is_long(field),
        ..FieldView::default()
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
pub(super) fn may_edit(
    param: &Param,
    field: ParamField,
    reader: Reader<'_>,
) -> Result<(), ActionError> {
    may(reader.roles, Act::EditParam)?;
    match field {
        ParamField::Value | ParamField::Unit | ParamField::Range | ParamField::Source
            if param.follows.is_some() =>
        {
            param.check_own().map_err(|why| ActionError::invalid(&why))
        }
        ParamField::Name => {
            param
                .check_renamable()
                .map_err(|why| ActionError::invalid(&why))?;
            may_rename_in_scenarios(param, reader)
        }
        ParamField::Range => range_belongs_to_framework(&param.hard)
            .map_or(Ok(()), |why| Err(ActionError::Invalid(why))),
        ParamField::Source => Ok(may_change_source(param.source, reader)?),
        _ => Ok(()),
    }
}

/// A scenario's formula that reads the param calls it so too from then on, which is for whoever writes formulas.
pub(super) fn may_rename_in_scenarios(
    param: &Param,
    reader: Reader<'_>,
) -> Result<(), ActionError> {
    let refusal = may(reader.roles, Act::WriteModel).err();
    match refusal.filter(|_| param.is_read_aside) {
        None => Ok(()),
        Some(refusal) => Err(ActionError::Invalid(format!(
            "A scenario’s formula reads {}, so another name changes that formula. {}",
            param.name,
            refusal.short()
        ))),
    }
}

/// Why a field isn't edited that a shared fact keeps.
pub(super) fn follows(fact: &Followed) -> String {
    format!(
        "It follows the shared fact {}. Propose a change there, or let it stop following on its own page.",
        fact.name
    )
}

/// Why nobody edits the range of a param: its framework bounds it. None: people may.
pub(super) fn range_belongs_to_framework(hard: &Bounds) -> Option<String> {
    (*hard != Bounds::default()).then(|| {
        let framework_bounds = hard.to_string();
        ParamRefusal::RangeIsTheFrameworks { framework_bounds }.to_string()
    })
}

/// Whether there is any other source that a person with these roles can give a param of this one.
///
/// # Errors
/// Who may instead.
pub(super) fn may_change_source(from: Option<Source>, reader: Reader<'_>) -> Result<(), Refusal> {
    if sources(from, reader).len() < 2 {
        may_give(from, None, reader)?;
    }
    Ok(())
}

fn may_give(
    from: Option<Source>,
    to: Option<Source>,
    Reader { roles, settings }: Reader<'_>,
) -> Result<(), Refusal> {
    may(roles, Act::SetSource { from, to, settings })
}

/// The sources that a person with these roles can choose, and the present one; `None` is "nobody's yet".
pub(super) fn sources(from: Option<Source>, reader: Reader<'_>) -> Vec<Option<Source>> {
    let guess = (from == Some(Source::Llm)).then_some(from);
    let all = std::iter::once(None)
        .chain(Source::CHOICES.into_iter().map(Some))
        .chain(guess);
    all.filter(|to| *to == from || may_give(from, *to, reader).is_ok())
        .collect()
}

pub(super) fn invitation(field: ParamField) -> &'static str {
    match field {
        ParamField::Name => "Add a name",
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

fn shown(param: &Param, field: ParamField) -> String {
    match field {
        ParamField::EvidenceAsOf => param.evidence_as_of.map(figures::date).unwrap_or_default(),
        ParamField::ReviewBy => param.review_by.map(figures::date).unwrap_or_default(),
        field => field.shown(param, DecimalSeparator::Point).text,
    }
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
pub(in crate::web) fn range_text(bounds: &Bounds, unit: &str) -> String {
    let end = |digits: &str| both_readings(digits, unit).0;
    match (&bounds.min, &bounds.max) {
        (None, None) => String::new(),
        (Some(min), None) => format!("at least {}", end(min.decimal())),
        (None, Some(max)) => format!("at most {}", end(max.decimal())),
        (Some(min), Some(max)) => format!("{} to {}", end(min.decimal()), end(max.decimal())),
    }
}

/// The drawing of a range that has both ends.
pub(super) fn bar(Bounds { min, max }: &Bounds, value: Option<&Number>) -> Option<Bar> {
    let (min, max) = (min.as_ref()?.value(), max.as_ref()?.value());
    Some(Bar::at(value.map(|value| {
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
pub(super) fn link_text(link: &str) -> String {
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
    fn a_range_with_an_open_end_or_without_a_value_is_drawn_as_far_as_it_can_be() {
        let one = Some(number("1"));
        let mut range = Bounds {
            min: one.clone(),
            max: None,
        };
        assert_eq!(range_text(&range, "orders"), "at least 1");
        assert_eq!(bar(&range, one.as_ref()), None);
        range.max.clone_from(&one);
        assert!(bar(&range, Some(&number("5"))).unwrap().is_outside);
        assert_eq!(
            bar(&range, None).unwrap(),
            Bar {
                x: None,
                is_outside: false
            }
        );
    }

    #[test]
    fn one_chooses_among_the_sources_that_one_may_set() {
        let mut param = approved_param("margin", "0.3");
        param.source = None;
        let offered = |role| sources(param.source, Reader::with(&roles(role)));
        assert_eq!(offered(Role::Analytics), [None, Some(Source::Analytics)]);
        assert_eq!(offered(Role::Pm).len(), 5);
        param.source = Some(Source::Llm);
        assert_eq!(
            sources(param.source, Reader::with(&roles(Role::Pm))).len(),
            6
        );
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
