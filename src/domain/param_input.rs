//! What a person types into a field of a param, read in the light of the row it is typed into.

use super::{
    amount::{AmountContext, AmountError, DecimalSeparator, read_amount},
    formula::{NameFault, check_parameter_name},
    param::{Bounds, Number, Param, ParamEdit, Source, TextField},
};
use chrono::NaiveDate;

/// A field of a param that is edited in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamField {
    /// The name that formulas read.
    Name,
    /// The number.
    Value,
    /// Its unit.
    Unit,
    /// Lowest and highest, typed together.
    Range,
    /// Whose it is.
    Source,
    /// A text that isn't material.
    Text(TextField),
    /// The date the evidence speaks of.
    EvidenceAsOf,
    /// When to look again.
    ReviewBy,
}

impl ParamField {
    /// Every field, in the grid's order.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Text(TextField::Display),
        Self::Value,
        Self::Unit,
        Self::Range,
        Self::Source,
        Self::Text(TextField::Description),
        Self::Text(TextField::Notes),
        Self::Text(TextField::EvidenceLink),
        Self::EvidenceAsOf,
        Self::ReviewBy,
    ];

    /// Its name in URLs and forms.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "param_name",
            Self::Value => "value",
            Self::Unit => "unit",
            Self::Range => "range",
            Self::Source => "source",
            Self::Text(field) => field.key(),
            Self::EvidenceAsOf => "evidence_as_of",
            Self::ReviewBy => "review_by",
        }
    }

    /// The field of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }

    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Value => "Value",
            Self::Unit => "Unit",
            Self::Range => "Range",
            Self::Source => "Source",
            Self::Text(TextField::Display) => "Label",
            Self::Text(TextField::Description) => "Description",
            Self::Text(TextField::Notes) => "Notes",
            Self::Text(TextField::EvidenceLink) => "Evidence",
            Self::EvidenceAsOf => "Evidence as of",
            Self::ReviewBy => "Review by",
        }
    }

    /// The logged fields with which a change of this one collides: value and unit are read together.
    #[must_use]
    pub fn collides_with(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["param_name"],
            Self::Value | Self::Unit => &["value", "unit"],
            Self::Range => &["min", "max"],
            Self::Source => &["source"],
            Self::Text(TextField::Display) => &["param_display"],
            Self::Text(TextField::Description) => &["description"],
            Self::Text(TextField::Notes) => &["notes"],
            Self::Text(TextField::EvidenceLink) => &["evidence_link"],
            Self::EvidenceAsOf => &["evidence_as_of"],
            Self::ReviewBy => &["review_by"],
        }
    }

    /// What stands in the field now, as an editor of this habit shows it.
    #[must_use]
    pub fn shown(self, param: &Param, separator: DecimalSeparator) -> Typed {
        let (text, max) = self.texts(param, separator);
        Typed {
            text,
            max,
            separator,
        }
    }

    /// The text, and the second one of a range.
    fn texts(self, param: &Param, separator: DecimalSeparator) -> (String, String) {
        let digits = |number: &Option<Number>| {
            let digits = number.as_ref().map(|n| separator.written(n.decimal()));
            digits.unwrap_or_default()
        };
        let date = |date: Option<NaiveDate>| date.map(|d| d.to_string()).unwrap_or_default();
        match self {
            Self::Name => (param.name.clone(), String::new()),
            Self::Value => (digits(&param.value), String::new()),
            Self::Unit => (param.unit.clone(), String::new()),
            Self::Range => (digits(&param.range.min), digits(&param.range.max)),
            Self::Source => (
                param.source.map_or("", Source::key).to_owned(),
                String::new(),
            ),
            Self::Text(TextField::Display) => (param.param_display.clone(), String::new()),
            Self::Text(TextField::Description) => (param.description.clone(), String::new()),
            Self::Text(TextField::Notes) => (param.notes.clone(), String::new()),
            Self::Text(TextField::EvidenceLink) => (param.evidence_link.clone(), String::new()),
            Self::EvidenceAsOf => (date(param.evidence_as_of), String::new()),
            Self::ReviewBy => (date(param.review_by), String::new()),
        }
    }
}

/// What was typed: one text, or two for a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The field's text; a range's lowest.
    pub text: String,
    /// A range's highest.
    pub max: String,
    /// How its numbers are written.
    pub separator: DecimalSeparator,
}

impl Typed {
    /// One text, its numbers written with a decimal point.
    pub fn one(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same text with its numbers written so.
    #[must_use]
    pub fn written_with(self, separator: DecimalSeparator) -> Self {
        Self { separator, ..self }
    }
}

/// Why a field doesn't take what was typed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InputRefusal {
    /// No name.
    #[error(transparent)]
    Name(#[from] NameFault),
    /// No number, or one to ask about.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A value was due.
    #[error("A number is due here. To take the value out, type none.")]
    ValueDue,
    /// No source.
    #[error(transparent)]
    Source(#[from] super::param::UnknownSource),
    /// No date.
    #[error("“{0}” is no date. Write it as year-month-day, like 2026-11-30.")]
    Date(String),
    /// A link that isn't one.
    #[error("A link begins with https:// or http://. For a remark, use the notes.")]
    Link,
}

/// The edits that what was typed means: a currency sign also fills an empty unit.
///
/// # Errors
/// The field doesn't take it, and why.
pub fn read(
    param: &Param,
    field: ParamField,
    typed: &Typed,
) -> Result<Vec<ParamEdit>, InputRefusal> {
    let text = typed.text.trim();
    Ok(match field {
        ParamField::Name => {
            check_parameter_name(text)?;
            vec![ParamEdit::Name(text.to_owned())]
        }
        ParamField::Value => return read_value(param, text, typed.separator),
        ParamField::Unit => vec![ParamEdit::Unit(text.to_owned())],
        ParamField::Range => {
            let end = |text: &str| match text.trim() {
                "" => Ok(None),
                text => read_amount(text, &end_context(param, typed.separator))
                    .map(|a| Some(Number::from_decimal(a.decimal))),
            };
            vec![ParamEdit::Range(Bounds {
                min: end(text)?,
                max: end(&typed.max)?,
            })]
        }
        ParamField::Source => vec![ParamEdit::Source(Source::read(text)?)],
        ParamField::Text(TextField::EvidenceLink) => {
            let is_link = text.starts_with("https://") || text.starts_with("http://");
            if !text.is_empty() && !is_link {
                return Err(InputRefusal::Link);
            }
            vec![ParamEdit::Text(TextField::EvidenceLink, text.to_owned())]
        }
        ParamField::Text(field) => vec![ParamEdit::Text(field, text.replace("\r\n", "\n"))],
        ParamField::EvidenceAsOf => vec![ParamEdit::EvidenceAsOf(read_date(text)?)],
        ParamField::ReviewBy => vec![ParamEdit::ReviewBy(read_date(text)?)],
    })
}

/// A range in one text, as the grid shows it, taken apart into its ends: `0 to 1`, `at least 0`, `at most 1`, nothing.
#[must_use]
pub fn range_typed(text: &str, separator: DecimalSeparator) -> Option<Typed> {
    let both = |min: &str, max: &str| {
        Some(Typed {
            text: min.trim().to_owned(),
            max: max.trim().to_owned(),
            separator,
        })
    };
    let text = text.trim();
    match (
        text.strip_prefix("at least "),
        text.strip_prefix("at most "),
    ) {
        _ if text.is_empty() || text == "any number" => both("", ""),
        (Some(min), _) => both(min, ""),
        (_, Some(max)) => both("", max),
        _ => {
            let (min, max) = text.split_once(" to ")?;
            both(min, max)
        }
    }
}

fn read_value(
    param: &Param,
    text: &str,
    separator: DecimalSeparator,
) -> Result<Vec<ParamEdit>, InputRefusal> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(vec![ParamEdit::Value(None)]);
    }
    if text.is_empty() {
        return if param.value.is_none() {
            Ok(vec![])
        } else {
            Err(InputRefusal::ValueDue)
        };
    }
    let shown = param.value.as_ref();
    if shown.is_some_and(|value| separator.written(value.decimal()) == text) {
        return Ok(vec![]);
    }
    let amount = read_amount(text, &context(param, separator))?;
    let unit = amount.fills_unit(&param.unit).map(str::to_owned);
    let mut edits = vec![ParamEdit::Value(Some(Number::from_decimal(amount.decimal)))];
    edits.extend(unit.map(ParamEdit::Unit));
    Ok(edits)
}

/// The row as the amount reader sees it: hard bounds where the framework has some, the row's own range otherwise.
fn context(param: &Param, separator: DecimalSeparator) -> AmountContext<'_> {
    let bounds = if param.has_hard_bounds() {
        &param.hard
    } else {
        &param.range
    };
    AmountContext {
        unit: &param.unit,
        min: bounds.min.as_ref().map(Number::value),
        max: bounds.max.as_ref().map(Number::value),
        name: &param.name,
        separator,
    }
}

/// The ends of a range are read by the row's unit alone: the old range says nothing about the new one.
fn end_context(param: &Param, separator: DecimalSeparator) -> AmountContext<'_> {
    AmountContext {
        unit: &param.unit,
        min: None,
        max: None,
        name: &param.name,
        separator,
    }
}

fn read_date(text: &str) -> Result<Option<NaiveDate>, InputRefusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    date.map(Some)
        .map_err(|_error| InputRefusal::Date(text.chars().take(40).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::param::tests::approved_param;

    #[test]
    fn a_currency_sign_fills_an_empty_unit() {
        let mut param = approved_param("aov", "45");
        param.unit = String::new();
        let edits = read(&param, ParamField::Value, &Typed::one("£45.50")).unwrap();
        assert_eq!(
            edits,
            [
                ParamEdit::Value(Some(Number::from_decimal("45.5".into()))),
                ParamEdit::Unit("£".into())
            ]
        );
    }

    #[test]
    fn an_empty_value_is_refused_where_there_is_one_and_none_takes_it_out() {
        let param = approved_param("margin", "0.3");
        let empty = read(&param, ParamField::Value, &Typed::one(" "));
        assert_eq!(empty, Err(InputRefusal::ValueDue));
        let none = read(&param, ParamField::Value, &Typed::one("none"));
        assert_eq!(none, Ok(vec![ParamEdit::Value(None)]));
    }

    #[test]
    fn dates_links_and_sources_are_read_or_refused_in_words() {
        let param = approved_param("margin", "0.3");
        let refusal = |field, text: &str| read(&param, field, &Typed::one(text)).unwrap_err();
        assert!(
            refusal(ParamField::ReviewBy, "soon")
                .to_string()
                .contains("is no date")
        );
        let link = ParamField::Text(TextField::EvidenceLink);
        assert_eq!(refusal(link, "javascript:alert(1)"), InputRefusal::Link);
        assert!(
            refusal(ParamField::Source, "Bob")
                .to_string()
                .contains("is no source")
        );
    }
}
