//! An initiative: one row of the Central Backlog, and the list of its fields with what each takes.

use super::{
    amount::{self, AmountError, DecimalSeparator},
    ids::{FrameworkId, InitiativeId, InitiativeKey},
    legacy_score::LegacyScore,
    param::Number,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// Any number.
    Number,
    /// Days or another number that can't be negative.
    NotNegative,
    /// Money or days are never mixed up: an amount of money.
    Money,
    /// An e-mail address.
    Email,
}

/// A field of an initiative that people edit in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Column, form name, name in the change log and in a workbook's header.
    pub key: &'static str,
    /// As people read it.
    pub label: &'static str,
    /// The heading it stands under.
    pub group: &'static str,
    /// What it takes.
    pub kind: FieldKind,
}

const fn field(
    group: &'static str,
    key: &'static str,
    label: &'static str,
    kind: FieldKind,
) -> Field {
    Field {
        key,
        label,
        group,
        kind,
    }
}

/// How many fields there are. Written out: other constants' lengths rest on it, and a length that is computed from
/// [`FIELDS`] leads the optimising compiler in a circle.
pub const FIELD_COUNT: usize = 28;

/// Every field, in the page's order. The store selects and saves by this list.
pub const FIELDS: [Field; FIELD_COUNT] = {
    use FieldKind::{Email, Line, Money, NotNegative, Number, Text};
    [
        field("Basics", "title", "Title", Line),
        field("Basics", "problem_statement", "Problem statement", Text),
        field("Basics", "hypothesis", "Hypothesis", Text),
        field("Basics", "desired_outcome", "Desired outcome", Text),
        field("Basics", "initiative_type", "Initiative type", Line),
        field("Request", "intake_source", "Intake source", Line),
        field("Request", "department", "Department", Line),
        field("Request", "requesting_team", "Requesting team", Line),
        field("Request", "requester_name", "Requester", Line),
        field("Request", "requester_email", "Requester’s e-mail", Email),
        field("Place and status", "country", "Country", Line),
        field("Place and status", "product_area", "Product area", Line),
        field(
            "Place and status",
            "lifecycle_status",
            "Lifecycle status",
            Line,
        ),
        field(
            "Place and status",
            "customer_segment",
            "Customer segment",
            Line,
        ),
        field(
            "Place and status",
            "dependencies_initiatives",
            "Dependencies on initiatives",
            Line,
        ),
        field(
            "Place and status",
            "dependencies_others",
            "Other dependencies",
            Line,
        ),
        field(
            "Place and status",
            "strategic_priority_coefficient",
            "Strategic priority coefficient",
            Number,
        ),
        field(
            "Effort",
            "effort_engineering_days",
            "Engineering days",
            NotNegative,
        ),
        field(
            "Effort",
            "effort_other_teams_days",
            "Other teams’ days",
            NotNegative,
        ),
        field(
            "Effort",
            "infra_cost_estimate",
            "Infra cost estimate",
            Money,
        ),
        field("Effort", "tshirt_size", "T-shirt size", Line),
        field("Impact", "impact_metric", "Impact metric", Line),
        field("Impact", "impact_unit", "Impact unit", Line),
        field("Impact", "impact_description", "Expected impact", Text),
        field("Impact", "immediate_kpi_key", "Immediate KPI", Line),
        field("Impact", "target_kpi", "Target KPI", Line),
        field("Text for the backlog", "llm_summary", "Summary", Text),
        field("Text for the backlog", "llm_notes", "Notes", Text),
    ]
};

/// A text longer than its field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is {chars} characters long; at most {limit} fit.")]
pub struct TooLong {
    /// How long it is.
    pub chars: usize,
    /// How long it may be.
    pub limit: usize,
}

impl TooLong {
    /// The trimmed text with Unix line ends, if it fits.
    ///
    /// # Errors
    /// It doesn't.
    pub fn check(text: &str, limit: usize) -> Result<String, Self> {
        let text = text.replace("\r\n", "\n").trim().to_owned();
        let chars = text.chars().count();
        if chars > limit {
            Err(Self { chars, limit })
        } else {
            Ok(text)
        }
    }
}

/// Why a field doesn't take what was typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldRefusal {
    /// See there.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// No number, or one to ask about.
    #[error(transparent)]
    Amount(AmountError),
    /// Days below zero.
    #[error("This can’t be negative.")]
    Negative,
    /// A title is how people find the initiative.
    #[error("An initiative needs a title.")]
    NoTitle,
    /// Not an address.
    #[error("“{0}” is no e-mail address: it needs a name, an @ and a domain.")]
    NotAnEmail(String),
}

impl Field {
    /// The field of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.key == key)
    }

    /// Where it stands in [`FIELDS`].
    #[must_use]
    pub fn index(&self) -> usize {
        FIELDS
            .iter()
            .position(|field| field.key == self.key)
            .unwrap_or_default()
    }

    /// Whether an effort score may come from it; Eng edits these too.
    #[must_use]
    pub fn is_effort(&self) -> bool {
        self.group == "Effort"
    }

    /// Whether a score may depend on it.
    #[must_use]
    pub fn moves_scores(&self) -> bool {
        matches!(
            self.key,
            "effort_engineering_days" | "effort_other_teams_days"
        )
    }

    /// Whether the column is numeric.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(
            self.kind,
            FieldKind::Number | FieldKind::NotNegative | FieldKind::Money
        )
    }

    /// What was typed with a decimal point, as it is kept: canonical digits for a number, trimmed text otherwise; empty
    /// clears.
    ///
    /// # Errors
    /// The field doesn't take it.
    pub fn read(&self, typed: &str) -> Result<String, FieldRefusal> {
        self.read_written(typed, DecimalSeparator::Point)
    }

    /// The same for a person who writes numbers so.
    ///
    /// # Errors
    /// The field doesn't take it.
    pub fn read_written(
        &self,
        typed: &str,
        separator: DecimalSeparator,
    ) -> Result<String, FieldRefusal> {
        match self.kind {
            FieldKind::Line => {
                let text = TooLong::check(&typed.replace(['\n', '\r'], " "), 500)?;
                if self.key == "title" && text.is_empty() {
                    return Err(FieldRefusal::NoTitle);
                }
                Ok(text)
            }
            FieldKind::Text => Ok(TooLong::check(typed, 20_000)?),
            FieldKind::Email => {
                let text = TooLong::check(typed, 320)?;
                let is_address = text
                    .split_once('@')
                    .is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
                if text.is_empty() || (is_address && !text.contains(char::is_whitespace)) {
                    Ok(text)
                } else {
                    Err(FieldRefusal::NotAnEmail(text))
                }
            }
            FieldKind::Number | FieldKind::NotNegative | FieldKind::Money => {
                if typed.trim().is_empty() {
                    return Ok(String::new());
                }
                let number = amount::read_plain_number(typed, separator);
                let number = number.map_err(FieldRefusal::Amount)?;
                if self.kind == FieldKind::NotNegative && number.value < 0.0 {
                    return Err(FieldRefusal::Negative);
                }
                Ok(number.decimal)
            }
        }
    }
}

/// One initiative with everything its page shows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Initiative {
    /// Its row.
    pub id: InitiativeId,
    /// What people call it.
    pub key: InitiativeKey,
    /// Moves with every change of anything its page or scores depend on.
    pub revision: i64,
    /// Since when it is out of the way.
    pub archived_at: Option<DateTime<Utc>>,
    /// The values of [`FIELDS`], in that order; numbers as canonical digits, empty where there is none.
    pub values: Vec<String>,
    /// Which framework's scores are the initiative's.
    pub active_framework: Option<FrameworkId>,
    /// Whether MATH_MODEL is on.
    pub use_math_model: bool,
    /// Who set the effort fields last, and when.
    pub effort_set: Option<(String, DateTime<Utc>)>,
    /// A workbook's score, while the active framework has none of its own.
    pub legacy: Option<LegacyScore>,
}

impl Initiative {
    /// Only what scoring reads of an initiative; every other field is blank, and nothing may be saved from it.
    #[must_use]
    pub fn for_scoring(
        id: InitiativeId,
        key: InitiativeKey,
        read: &[(&str, String)],
        effort_set: Option<(String, DateTime<Utc>)>,
    ) -> Self {
        let value = |field: &Field| {
            let found = read.iter().find(|(key, _)| *key == field.key);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        Self {
            id,
            key,
            revision: 0,
            archived_at: None,
            values: FIELDS.iter().map(value).collect(),
            active_framework: None,
            use_math_model: false,
            effort_set,
            legacy: None,
        }
    }

    /// A field's value.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        Field::from_key(key)
            .and_then(|field| self.values.get(field.index()))
            .map_or("", String::as_str)
    }

    /// What people read.
    #[must_use]
    pub fn title(&self) -> &str {
        self.get("title")
    }

    /// A numeric field's value.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<Number> {
        let digits = self.get(key);
        (!digits.is_empty()).then(|| Number::from_decimal(digits.to_owned()))
    }
}

/// A field's value for the change log: null where there is none.
#[must_use]
pub fn logged(value: &str) -> Value {
    if value.is_empty() {
        Value::Null
    } else {
        json!(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_field_reads_what_people_type_or_says_why_not() {
        let read = |key, typed: &str| Field::from_key(key).unwrap().read(typed);
        assert_eq!(read("infra_cost_estimate", "£5,000"), Ok("5000".into()));
        assert_eq!(read("effort_engineering_days", " 45 "), Ok("45".into()));
        assert_eq!(read("effort_engineering_days", ""), Ok(String::new()));
        assert_eq!(
            read("effort_engineering_days", "-3"),
            Err(FieldRefusal::Negative)
        );
        assert!(matches!(
            read("infra_cost_estimate", "a lot"),
            Err(FieldRefusal::Amount(_))
        ));
        assert_eq!(read("title", "  "), Err(FieldRefusal::NoTitle));
        assert_eq!(read("title", "One\nline "), Ok("One line".into()));
        assert_eq!(
            read("problem_statement", "Two\r\nlines"),
            Ok("Two\nlines".into())
        );
        assert!(matches!(
            read("requester_email", "bo@"),
            Err(FieldRefusal::NotAnEmail(_))
        ));
        assert_eq!(
            read("requester_email", "bo@example.com"),
            Ok("bo@example.com".into())
        );
        assert!(matches!(
            read("title", &"x".repeat(501)),
            Err(FieldRefusal::TooLong(_))
        ));
    }

    #[test]
    fn every_field_is_found_by_its_key() {
        for (at, field) in FIELDS.iter().enumerate() {
            assert_eq!(Field::from_key(field.key).unwrap().index(), at);
        }
    }
}
