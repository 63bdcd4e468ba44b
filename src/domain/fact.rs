//! A shared fact: one number that many params follow, kept once with its owner, its evidence and its approval.
//!
//! What is in force is what was approved last. A change is a proposal beside it, and touches nothing until somebody who
//! may approve it does.

use super::{
    amount::{AmountContext, AmountError, DecimalSeparator, read_amount},
    approval::Approval,
    four_eyes::{Hand, Material},
    ids::{FactId, FactProposalId, UserId},
    param::{Bounds, Number, Source},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 100;
/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 5_000;
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 2_000;
const LONGEST_UNIT: usize = 40;
const LONGEST_LINK: usize = 2_000;

/// What a fact says: all that its approval speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactNumbers {
    /// The number.
    pub value: Number,
    /// Its unit, may be empty.
    pub unit: String,
    /// Its range.
    pub range: Bounds,
    /// Whose it is.
    pub source: Source,
}

impl FactNumbers {
    /// As it is approved and logged.
    #[must_use]
    pub fn content(&self) -> Value {
        json!({
            "value": self.value, "unit": self.unit, "source": self.source,
            "min": self.range.min, "max": self.range.max,
        })
    }

    /// From what was approved and logged; none: it says nothing of the kind.
    #[must_use]
    pub fn from_content(content: &Value) -> Option<Self> {
        let text = |key: &str| content.get(key)?.as_str();
        let number = |key: &str| text(key).map(|digits| Number::from_decimal(digits.to_owned()));
        Some(Self {
            value: number("value")?,
            unit: text("unit")?.to_owned(),
            range: Bounds {
                min: number("min"),
                max: number("max"),
            },
            source: text("source")?.parse().ok()?,
        })
    }
}

/// What counts now.
#[derive(Clone, Debug, PartialEq)]
pub struct InForce {
    /// What it says.
    pub numbers: FactNumbers,
    /// Who proposed it.
    pub set_by: (UserId, String),
    /// When.
    pub set_at: DateTime<Utc>,
    /// Who stands behind it.
    pub approval: Approval,
}

/// What it should say instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactProposal {
    /// Its row.
    pub id: FactProposalId,
    /// What it would say.
    pub numbers: FactNumbers,
    /// Why; may be empty.
    pub reason: String,
    /// Who proposed it.
    pub by: UserId,
    /// Their name.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A shared fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Its row.
    pub id: FactId,
    /// Moves with each change of its own; forms carry it.
    pub revision: i64,
    /// What people call it.
    pub words: FactWords,
    /// What counts; none: nothing was approved yet.
    pub in_force: Option<InForce>,
    /// What waits for approval.
    pub proposal: Option<FactProposal>,
    /// Since when it is put away.
    pub archived_at: Option<DateTime<Utc>>,
    /// How many initiatives use it.
    pub uses: i64,
}

impl Fact {
    /// Whose it is; before the first approval, whose it would be.
    #[must_use]
    pub fn owner(&self) -> Option<Source> {
        let proposed = || {
            self.proposal
                .as_ref()
                .map(|proposal| proposal.numbers.source)
        };
        let in_force = self.in_force.as_ref();
        in_force.map(|of| of.numbers.source).or_else(proposed)
    }
}

/// What is said of a fact beside its number: no approval speaks of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactWords {
    /// What people call it; unique among those in use, whatever the case.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Where the number comes from.
    pub evidence_link: String,
    /// The day the evidence speaks of.
    pub evidence_as_of: Option<NaiveDate>,
    /// When to look again.
    pub review_by: Option<NaiveDate>,
}

impl FactWords {
    /// Each field as it is logged.
    #[must_use]
    pub fn logged(&self) -> [(&'static str, Value); 5] {
        [
            ("fact_name", json!(self.name)),
            ("description", json!(self.description)),
            ("evidence_link", json!(self.evidence_link)),
            ("evidence_as_of", json!(self.evidence_as_of)),
            ("review_by", json!(self.review_by)),
        ]
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// The first field that isn't taken, and why.
    pub fn read(typed: &TypedWords) -> Result<Self, FactFault> {
        let name = typed.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(FactFault::NoName);
        }
        let link = typed.evidence_link.trim();
        let is_link = link.starts_with("https://") || link.starts_with("http://");
        if !link.is_empty() && !is_link {
            return Err(FactFault::Link);
        }
        Ok(Self {
            name: within("name", &name, LONGEST_NAME)?,
            description: within(
                "description",
                typed.description.replace("\r\n", "\n").trim(),
                LONGEST_DESCRIPTION,
            )?,
            evidence_link: within("evidence_link", link, LONGEST_LINK)?,
            evidence_as_of: read_date("evidence_as_of", &typed.evidence_as_of)?,
            review_by: read_date("review_by", &typed.review_by)?,
        })
    }
}

/// The words as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedWords {
    /// What people call it.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Where the number comes from.
    pub evidence_link: String,
    /// `2026-11-30`, or empty.
    pub evidence_as_of: String,
    /// `2026-11-30`, or empty.
    pub review_by: String,
}

/// The numbers as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedNumbers {
    /// `£45.50`.
    pub value: String,
    /// The unit.
    pub unit: String,
    /// The lowest; empty: open.
    pub min: String,
    /// The highest; empty: open.
    pub max: String,
    /// Whose it is.
    pub source: String,
    /// Why.
    pub reason: String,
    /// How the numbers are written.
    pub separator: DecimalSeparator,
}

/// Why a fact isn't taken as it was typed; each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactFault {
    /// Nobody could find it.
    #[error("A fact needs a name that others find it by.")]
    NoName,
    /// No link.
    #[error("A link begins with https:// or http://. For a remark, use the description.")]
    Link,
    /// No date.
    #[error("“{typed}” is no date. Write it as year-month-day, like 2026-11-30.")]
    Date {
        /// Which field.
        field: &'static str,
        /// What was typed.
        typed: String,
    },
    /// Too long a text.
    #[error("This is {chars} characters long; at most {limit} fit.")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// How long it is.
        chars: usize,
        /// How long it may be.
        limit: usize,
    },
    /// No number, or a doubtful one.
    #[error("{why}")]
    Amount {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        why: AmountError,
    },
    /// Nobody answers for it.
    #[error("A fact needs an owner: choose PM, Analytics, Finance or Eng.")]
    NoOwner,
    /// Min above max.
    #[error("The lowest value ({min}) is above the highest ({max}). Swap them or change one.")]
    UpsideDown {
        /// As typed.
        min: Number,
        /// As typed.
        max: Number,
    },
    /// It could never be approved.
    #[error("{value} is outside the range ({bounds}). Change the value or the range.")]
    Outside {
        /// As typed.
        value: Number,
        /// As typed.
        bounds: Bounds,
    },
}

impl FactFault {
    /// The field it belongs to, as forms call it.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::NoName => "name",
            Self::Link => "evidence_link",
            Self::Date { field, .. } | Self::TooLong { field, .. } | Self::Amount { field, .. } => {
                field
            }
            Self::NoOwner => "source",
            Self::UpsideDown { .. } => "min",
            Self::Outside { .. } => "value",
        }
    }
}

fn within(field: &'static str, text: &str, limit: usize) -> Result<String, FactFault> {
    let chars = text.chars().count();
    if chars > limit {
        return Err(FactFault::TooLong {
            field,
            chars,
            limit,
        });
    }
    Ok(text.to_owned())
}

fn read_date(field: &'static str, text: &str) -> Result<Option<NaiveDate>, FactFault> {
    match text.trim() {
        "" => Ok(None),
        text => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Some)
            .map_err(|_error| FactFault::Date {
                field,
                typed: text.chars().take(40).collect(),
            }),
    }
}

impl TypedNumbers {
    /// Reads what was typed as a field of a param would read it; with the reason.
    ///
    /// # Errors
    /// The first field that isn't taken, and why.
    pub fn read(&self) -> Result<(FactNumbers, String), FactFault> {
        let mut unit = within("unit", self.unit.trim(), LONGEST_UNIT)?;
        let range = Bounds {
            min: self.end("min", &self.min)?,
            max: self.end("max", &self.max)?,
        };
        if let (Some(min), Some(max)) = (&range.min, &range.max)
            && min.value() > max.value()
        {
            let (min, max) = (min.clone(), max.clone());
            return Err(FactFault::UpsideDown { min, max });
        }
        let ends = [&range.min, &range.max].map(|end| end.as_ref().map(Number::value));
        let amount = self.amount("value", &self.value, ends)?;
        if let Some(filled) = amount.fills_unit(&unit) {
            filled.clone_into(&mut unit);
        }
        let value = Number::from_decimal(amount.decimal);
        if !range.contain(&value) {
            let bounds = range;
            return Err(FactFault::Outside { value, bounds });
        }
        let source = Source::read(&self.source).ok().flatten();
        let source = source.filter(|source| Source::CHOICES.contains(source));
        let numbers = FactNumbers {
            value,
            unit,
            range,
            source: source.ok_or(FactFault::NoOwner)?,
        };
        let reason = self.reason.replace("\r\n", "\n");
        Ok((numbers, within("reason", reason.trim(), LONGEST_REASON)?))
    }

    fn end(&self, field: &'static str, text: &str) -> Result<Option<Number>, FactFault> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let amount = self.amount(field, text, [None, None])?;
        Ok(Some(Number::from_decimal(amount.decimal)))
    }

    fn amount(
        &self,
        field: &'static str,
        text: &str,
        [min, max]: [Option<f64>; 2],
    ) -> Result<super::amount::Amount, FactFault> {
        let unit = self.unit.trim();
        let context = AmountContext {
            unit,
            min,
            max,
            name: "",
            separator: self.separator,
        };
        read_amount(text.trim(), &context).map_err(|why| FactFault::Amount { field, why })
    }
}

/// What was proposed of a fact since it was last approved, as four-eyes looks at it: whoever proposed anything of it had
/// a hand in it.
#[must_use]
pub fn hands(proposed: &[(UserId, DateTime<Utc>, Source)], in_force: Option<Source>) -> Vec<Hand> {
    let hands = proposed.iter().map(|(by, at, source)| Hand {
        by: Some(*by),
        what: Material::Value,
        at: *at,
        source: Some((in_force, Some(*source))),
    });
    hands.collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn typed(value: &str) -> TypedNumbers {
        TypedNumbers {
            value: value.to_owned(),
            source: "Finance".to_owned(),
            ..TypedNumbers::default()
        }
    }

    #[test]
    fn a_number_is_read_as_in_a_params_field() {
        let (numbers, reason) = typed("£1.2k").read().unwrap();
        assert_eq!(numbers.value.decimal(), "1200");
        assert_eq!((numbers.unit.as_str(), reason.as_str()), ("£", ""));
        let share = TypedNumbers {
            unit: "%".to_owned(),
            min: "1%".to_owned(),
            max: "9 %".to_owned(),
            reason: " Restated \r\n".to_owned(),
            ..typed("4%")
        };
        let (numbers, reason) = share.read().unwrap();
        assert_eq!(numbers.value.decimal(), "0.04");
        assert_eq!(numbers.range.to_string(), "0.01 to 0.09");
        assert_eq!(reason, "Restated");
    }

    #[test]
    fn what_isnt_taken_names_its_field_and_says_what_to_do() {
        let with = |change: fn(&mut TypedNumbers)| {
            let mut numbers = typed("5");
            change(&mut numbers);
            let fault = numbers.read().unwrap_err();
            (fault.field(), fault.to_string())
        };
        let cases = [
            (with(|n| n.value.clear()), "value", "Type one"),
            (with(|n| n.value = "soon".into()), "value", "not a number"),
            (with(|n| n.min = "6".into()), "value", "outside the range"),
            (with(|n| n.max = "x".into()), "max", "not a number"),
            (with(|n| n.source.clear()), "source", "needs an owner"),
            (
                with(|n| n.source = "LLM".into()),
                "source",
                "needs an owner",
            ),
            (with(|n| n.unit = "u".repeat(41)), "unit", "at most 40 fit"),
            (
                with(|n| (n.min, n.max) = ("9".into(), "1".into())),
                "min",
                "Swap them",
            ),
            (
                with(|n| (n.unit, n.value) = ("%".into(), "4".into())),
                "value",
                "4",
            ),
        ];
        for ((field, says), expected, part) in cases {
            assert_eq!(field, expected, "{says}");
            assert!(says.contains(part), "{says}");
        }
    }

    #[test]
    fn what_was_approved_is_read_back_as_it_was_logged() {
        let with_range = TypedNumbers {
            min: "10".to_owned(),
            unit: "£".to_owned(),
            ..typed("45.50")
        };
        for typed in [with_range, typed("4")] {
            let (numbers, _) = typed.read().unwrap();
            let read = FactNumbers::from_content(&numbers.content());
            assert_eq!(read, Some(numbers));
        }
        assert_eq!(FactNumbers::from_content(&json!({ "why": "No" })), None);
    }

    #[test]
    fn words_are_trimmed_and_bounded_and_a_link_is_one() {
        let mut typed = TypedWords {
            name: "  Average   order value ".to_owned(),
            review_by: "2026-12-01".to_owned(),
            ..TypedWords::default()
        };
        let words = FactWords::read(&typed).unwrap();
        assert_eq!(words.name, "Average order value");
        assert_eq!(words.review_by, NaiveDate::from_ymd_opt(2026, 12, 1));
        typed.evidence_link = "javascript:alert(1)".to_owned();
        assert_eq!(FactWords::read(&typed), Err(FactFault::Link));
        typed.evidence_link.clear();
        typed.review_by = "soon".to_owned();
        assert_eq!(FactWords::read(&typed).unwrap_err().field(), "review_by");
        typed.name = " ".to_owned();
        assert_eq!(FactWords::read(&typed), Err(FactFault::NoName));
    }
}
