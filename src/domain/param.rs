//! A param: one number that a formula reads, with its unit, range, owner and approvals; and what follows from an edit.

use super::{
    approval::{Approval, Part},
    change::FieldChange,
    ids::{FactId, FrameworkId, InitiativeId, ParamId, UserId},
    scenario::InScenario,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// The fields that tell what a param is, by their names in the change log and in the marks of who wrote them.
pub const DESCRIBING: [&str; 6] = [
    "param_display",
    "description",
    "unit",
    "min",
    "max",
    "source",
];

/// A number exactly as it was typed, in canonical decimal digits ("0.04", "-1200.5").
///
/// The digits are what is stored and compared; the formula computes with [`Number::value`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(String);

impl Number {
    /// From canonical decimal digits, as `domain::amount` and the database give them.
    #[must_use]
    pub fn from_decimal(digits: String) -> Self {
        Self(digits)
    }

    /// The digits.
    #[must_use]
    pub fn decimal(&self) -> &str {
        &self.0
    }

    /// The nearest f64: what a formula computes with.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose a param is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The product manager.
    #[serde(rename = "PM")]
    Pm,
    /// Analytics.
    Analytics,
    /// Finance.
    Finance,
    /// Engineering.
    Eng,
    /// A guess of the LLM's: nobody's yet.
    #[serde(rename = "LLM")]
    Llm,
}

impl Source {
    /// Every source a person may choose.
    pub const CHOICES: [Self; 4] = [Self::Pm, Self::Analytics, Self::Finance, Self::Eng];

    /// As stored, shown and exported.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Pm => "PM",
            Self::Analytics => "Analytics",
            Self::Finance => "Finance",
            Self::Eng => "Eng",
            Self::Llm => "LLM",
        }
    }

    /// As people write it in workbooks: any case, `Eng/Infra` and `Engineering` for Eng; empty is none.
    ///
    /// # Errors
    /// The text names no source.
    pub fn read(text: &str) -> Result<Option<Self>, UnknownSource> {
        let text = text.trim();
        match text.to_lowercase().as_str() {
            "" => Ok(None),
            "pm" | "product" => Ok(Some(Self::Pm)),
            "analytics" => Ok(Some(Self::Analytics)),
            "finance" => Ok(Some(Self::Finance)),
            "eng" | "engineering" | "eng/infra" => Ok(Some(Self::Eng)),
            "llm" => Ok(Some(Self::Llm)),
            _ => Err(UnknownSource(text.chars().take(40).collect())),
        }
    }
}

impl FromStr for Source {
    type Err = UnknownSource;
    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        Self::read(text)?.ok_or_else(|| UnknownSource(String::new()))
    }
}

/// A text that names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no source: choose PM, Analytics, Finance or Eng.")]
pub struct UnknownSource(pub String);

/// Whose guess a field is, while no person has written or confirmed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// The LLM's.
    Llm,
    /// A plain rule's, from the param's name.
    Rule,
}

impl Guess {
    /// What a row's marks say of these of its fields together; none: a person, a workbook or a framework wrote them.
    #[must_use]
    pub fn of(written_by: &BTreeMap<String, String>, fields: &[&str]) -> Option<Self> {
        let hands = || fields.iter().filter_map(|field| written_by.get(*field));
        if hands().any(|hand| hand == "llm") {
            return Some(Self::Llm);
        }
        hands().any(|hand| hand == "rule").then_some(Self::Rule)
    }

    /// The fields that are guesses, as they are logged.
    #[must_use]
    pub fn all(written_by: &BTreeMap<String, String>) -> Vec<&str> {
        let is_guess = |hand: &str| matches!(hand, "llm" | "rule");
        let guesses = written_by.iter().filter(|(_, hand)| is_guess(hand));
        guesses.map(|(field, _)| field.as_str()).collect()
    }
}

/// A range; an open end is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Lowest, inclusive.
    pub min: Option<Number>,
    /// Highest, inclusive.
    pub max: Option<Number>,
}

impl Bounds {
    /// Whether the number lies inside.
    #[must_use]
    pub fn contain(&self, value: &Number) -> bool {
        let value = value.value();
        self.min.as_ref().is_none_or(|min| value >= min.value())
            && self.max.as_ref().is_none_or(|max| value <= max.value())
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.min, &self.max) {
            (None, None) => f.write_str("any number"),
            (Some(min), None) => write!(f, "at least {min}"),
            (None, Some(max)) => write!(f, "at most {max}"),
            (Some(min), Some(max)) => write!(f, "{min} to {max}"),
        }
    }
}

/// The fields of text that are not material to an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    /// The label people read.
    Display,
    /// What the number means.
    Description,
    /// Remarks.
    Notes,
    /// Where the number comes from.
    EvidenceLink,
}

impl TextField {
    /// The column, which is also the name in forms and the change log.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Display => "param_display",
            Self::Description => "description",
            Self::Notes => "notes",
            Self::EvidenceLink => "evidence_link",
        }
    }

    /// The longest text taken, in characters.
    #[must_use]
    pub fn max_chars(self) -> usize {
        match self {
            Self::Display => 200,
            Self::EvidenceLink => 2000,
            Self::Description | Self::Notes => 5000,
        }
    }
}

/// One edit of one param, already parsed.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamEdit {
    /// The name that formulas read, already checked to be one; only of a row that a person added.
    Name(String),
    /// The value; `None` clears it.
    Value(Option<Number>),
    /// The unit.
    Unit(String),
    /// Min and max together, since each bounds the other.
    Range(Bounds),
    /// Whose it is.
    Source(Option<Source>),
    /// A text that isn't material.
    Text(TextField, String),
    /// The date the evidence speaks of.
    EvidenceAsOf(Option<NaiveDate>),
    /// When to look at the number again.
    ReviewBy(Option<NaiveDate>),
}

/// Why an edit or an approval of a param isn't taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamRefusal {
    /// The framework's own definition forbids the number.
    #[error("{label} must be {bounds}. {value} is outside, so nothing was changed.")]
    OutsideHardBounds {
        /// The param's label.
        label: String,
        /// What was typed.
        value: Number,
        /// What the framework allows.
        bounds: Bounds,
    },
    /// The range of a framework's param isn't an initiative's to change.
    #[error(
        "{framework_bounds}: this range belongs to the framework and is the same for every initiative."
    )]
    RangeIsTheFrameworks {
        /// The bounds in words.
        framework_bounds: String,
    },
    /// Min above max.
    #[error("The lowest value ({min}) is above the highest ({max}). Swap them or change one.")]
    RangeUpsideDown {
        /// As typed.
        min: Number,
        /// As typed.
        max: Number,
    },
    /// Too long a text.
    #[error("This is {chars} characters long; at most {limit} fit.")]
    TooLong {
        /// How long it is.
        chars: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The formula's approval, or the framework, gave the row its name.
    #[error("{name} is what the formula calls it, so its name is fixed. Rename it in the formula.")]
    NameIsTheFormulas {
        /// The name.
        name: String,
    },
    /// Another row of the group has the name.
    #[error(
        "There is a param {name} here already{}. Choose another name.",
        called(label, name)
    )]
    NameTaken {
        /// The name.
        name: String,
        /// What people call the other row.
        label: String,
    },
    /// The number is a shared fact's.
    #[error(
        "{label} follows {fact}, which keeps its value, unit, range and owner. Propose a change of the fact, or let the param stop following it."
    )]
    FollowsFact {
        /// The param's label.
        label: String,
        /// What the fact is called.
        fact: String,
    },
    /// Nothing to approve.
    #[error("{label} has no value yet. Fill it in, then approve it.")]
    NothingToApprove {
        /// The param's label.
        label: String,
    },
    /// Approval of a number outside its own range.
    #[error(
        "{label} is {value}, outside its range ({bounds}). Change the value or the range, then approve it."
    )]
    OutsideRange {
        /// The param's label.
        label: String,
        /// Its value.
        value: Number,
        /// Its range.
        bounds: Bounds,
    },
}

/// `, called Margin`, where that isn't the name itself.
fn called(label: &str, name: &str) -> String {
    if label == name {
        String::new()
    } else {
        format!(", called {label}")
    }
}

/// The shared fact that a param follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its row.
    pub id: FactId,
    /// What people call it.
    pub name: String,
}

/// One parameter of one framework of one initiative.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its row.
    pub id: ParamId,
    /// Whose it is.
    pub initiative_id: InitiativeId,
    /// Which framework's.
    pub framework_id: FrameworkId,
    /// The name that formulas read.
    pub name: String,
    /// Moves with each change; forms carry it.
    pub revision: i64,
    /// Order of first use in the approved formula; none: not used.
    pub position: Option<i32>,
    /// The label; may be empty.
    pub param_display: String,
    /// What it means.
    pub description: String,
    /// The number, if there is one.
    pub value: Option<Number>,
    /// Its unit, may be empty.
    pub unit: String,
    /// The range for uncertainty, refused on approval when the value is outside.
    pub range: Bounds,
    /// The framework's own bounds: refused in every way in.
    pub hard: Bounds,
    /// Whose it is.
    pub source: Option<Source>,
    /// Whether a formula's approval made the row.
    pub is_auto_seeded: bool,
    /// Remarks.
    pub notes: String,
    /// Where the number comes from.
    pub evidence_link: String,
    /// The date the evidence speaks of.
    pub evidence_as_of: Option<NaiveDate>,
    /// When to look again.
    pub review_by: Option<NaiveDate>,
    /// Which hand wrote each field last: person, llm, rule, import, framework.
    pub written_by: BTreeMap<String, String>,
    /// Who set the value.
    pub value_set_by: Option<(UserId, String)>,
    /// When.
    pub value_set_at: Option<DateTime<Utc>>,
    /// Who changed the row last.
    pub updated_by_name: String,
    /// When.
    pub updated_at: DateTime<Utc>,
    /// The live approval of value and unit.
    pub value_approval: Option<Approval>,
    /// The live approval of the range.
    pub range_approval: Option<Approval>,
    /// The shared fact whose number this is; none: its own.
    pub follows: Option<Followed>,
    /// What a scenario laid over Base sets in its place: read from the database, the one that drives the score.
    pub scenario: Option<Box<InScenario>>,
    /// Whether any scenario sets a value in its place.
    pub is_in_scenarios: bool,
    /// Whether a formula reads it that doesn't drive the score: a scenario's, or Base's while a scenario's own drives.
    pub is_read_aside: bool,
}

/// What an edit did: the fields that changed and the approvals that no longer hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditOutcome {
    /// Each changed field with its old and new value; empty: nothing changed.
    pub changes: Vec<FieldChange>,
    /// Parts whose approval falls, each with the reason in words.
    pub withdraws: Vec<(Part, String)>,
}

impl EditOutcome {
    /// Adds what a further edit of the same row did.
    pub fn and(&mut self, more: Self) {
        self.changes.extend(more.changes);
        self.withdraws.extend(more.withdraws);
    }
}

impl Param {
    /// The label, or the name where there is none.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.param_display.is_empty() {
            &self.name
        } else {
            &self.param_display
        }
    }

    /// Whether the approved formula that drives the score reads it.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.position.is_some()
    }

    /// Whether its name is a person's to change: they added the row, and the approved formula doesn't read it.
    ///
    /// # Errors
    /// The formula has named it.
    pub fn check_renamable(&self) -> Result<(), ParamRefusal> {
        if self.is_auto_seeded || self.is_used() {
            return Err(ParamRefusal::NameIsTheFormulas {
                name: self.name.clone(),
            });
        }
        Ok(())
    }

    /// Whether a row of this name can be added to a group, or one of its rows take it.
    ///
    /// # Errors
    /// Another row has it.
    pub fn check_name_is_free(group: &[Self], name: &str) -> Result<(), ParamRefusal> {
        match group.iter().find(|param| param.name == name) {
            None => Ok(()),
            Some(other) => Err(ParamRefusal::NameTaken {
                name: name.to_owned(),
                label: other.label().to_owned(),
            }),
        }
    }

    /// Whether the framework itself bounds it.
    #[must_use]
    pub fn has_hard_bounds(&self) -> bool {
        self.hard != Bounds::default()
    }

    /// What was approved, for the record: `(value part, range part)`.
    #[must_use]
    pub fn approval_content(&self) -> (Value, Value) {
        (
            json!({ "value": self.value, "unit": self.unit, "source": self.source }),
            json!({ "min": self.range.min, "max": self.range.max }),
        )
    }

    /// The live approval of its value or of its range; it has no other parts.
    #[must_use]
    pub fn approval_of(&self, part: Part) -> Option<&Approval> {
        match part {
            Part::Value => self.value_approval.as_ref(),
            Part::Range => self.range_approval.as_ref(),
            Part::Formula | Part::Scenario => None,
        }
    }

    /// The approval of that part no longer holds.
    pub fn let_approval_fall(&mut self, part: Part) {
        match part {
            Part::Range => self.range_approval = None,
            Part::Value | Part::Formula | Part::Scenario => self.value_approval = None,
        }
    }

    /// Whether the value may be approved as it stands.
    ///
    /// # Errors
    /// No value, or one outside its range.
    pub fn check_approvable(&self) -> Result<(), ParamRefusal> {
        let Some(value) = &self.value else {
            return Err(ParamRefusal::NothingToApprove {
                label: self.label().to_owned(),
            });
        };
        for bounds in [&self.hard, &self.range] {
            if !bounds.contain(value) {
                return Err(ParamRefusal::OutsideRange {
                    label: self.label().to_owned(),
                    value: value.clone(),
                    bounds: bounds.clone(),
                });
            }
        }
        Ok(())
    }

    /// Takes one edit and says what follows. What is equal after parsing is no change.
    ///
    /// # Errors
    /// The edit breaks a rule; the param is as it was.
    pub fn apply(&mut self, edit: ParamEdit) -> Result<EditOutcome, ParamRefusal> {
        if self.is_the_facts(&edit) {
            self.check_own()?;
        }
        match edit {
            ParamEdit::Name(name) => self.change_name(name),
            ParamEdit::Value(value) => self.change_value(value),
            ParamEdit::Unit(unit) => self.change_unit(&unit),
            ParamEdit::Range(range) => self.change_range(range),
            ParamEdit::Source(source) => Ok(self.change_source(source)),
            ParamEdit::Text(field, text) => self.change_text(field, &text),
            ParamEdit::EvidenceAsOf(date) => {
                Ok(replace("evidence_as_of", &mut self.evidence_as_of, date))
            }
            ParamEdit::ReviewBy(date) => Ok(replace("review_by", &mut self.review_by, date)),
        }
    }

    /// Whether its number is its own, so that people change and take back what is said of it.
    ///
    /// # Errors
    /// It follows a shared fact.
    pub fn check_own(&self) -> Result<(), ParamRefusal> {
        match &self.follows {
            None => Ok(()),
            Some(fact) => Err(ParamRefusal::FollowsFact {
                label: self.label().to_owned(),
                fact: fact.name.clone(),
            }),
        }
    }

    /// Whether an edit would change what a fact keeps. Bounds of a framework stay the framework's.
    fn is_the_facts(&self, edit: &ParamEdit) -> bool {
        match edit {
            ParamEdit::Value(value) => *value != self.value,
            ParamEdit::Unit(unit) => unit.trim() != self.unit,
            ParamEdit::Range(range) => *range != self.range && !self.has_hard_bounds(),
            ParamEdit::Source(source) => *source != self.source,
            _ => false,
        }
    }

    fn change_name(&mut self, name: String) -> Result<EditOutcome, ParamRefusal> {
        if name != self.name {
            self.check_renamable()?;
        }
        Ok(replace("param_name", &mut self.name, name))
    }

    fn change_value(&mut self, value: Option<Number>) -> Result<EditOutcome, ParamRefusal> {
        if let Some(value) = value.as_ref().filter(|value| !self.hard.contain(value)) {
            return Err(ParamRefusal::OutsideHardBounds {
                label: self.label().to_owned(),
                value: value.clone(),
                bounds: self.hard.clone(),
            });
        }
        let mut outcome = replace("value", &mut self.value, value);
        self.withdraw_value_approval(&mut outcome, "the value changed");
        Ok(outcome)
    }

    fn change_unit(&mut self, unit: &str) -> Result<EditOutcome, ParamRefusal> {
        let unit = unit.trim();
        within(unit, 40)?;
        let mut outcome = replace("unit", &mut self.unit, unit.to_owned());
        self.withdraw_value_approval(&mut outcome, "the unit changed");
        Ok(outcome)
    }

    fn change_source(&mut self, source: Option<Source>) -> EditOutcome {
        let mut outcome = replace("source", &mut self.source, source);
        self.withdraw_value_approval(&mut outcome, "the source changed");
        outcome
    }

    fn change_range(&mut self, range: Bounds) -> Result<EditOutcome, ParamRefusal> {
        if self.range == range {
            return Ok(EditOutcome::default());
        }
        if self.has_hard_bounds() {
            return Err(ParamRefusal::RangeIsTheFrameworks {
                framework_bounds: self.hard.to_string(),
            });
        }
        if let (Some(min), Some(max)) = (&range.min, &range.max)
            && min.value() > max.value()
        {
            return Err(ParamRefusal::RangeUpsideDown {
                min: min.clone(),
                max: max.clone(),
            });
        }
        let mut outcome = replace("min", &mut self.range.min, range.min);
        outcome.and(replace("max", &mut self.range.max, range.max));
        if self.range_approval.is_some() {
            outcome
                .withdraws
                .push((Part::Range, "the range changed".to_owned()));
        }
        if self
            .value
            .as_ref()
            .is_some_and(|value| !self.range.contain(value))
        {
            self.withdraw_value_approval(&mut outcome, "the value is outside the new range");
        }
        Ok(outcome)
    }

    fn change_text(&mut self, field: TextField, text: &str) -> Result<EditOutcome, ParamRefusal> {
        let text = text.trim();
        within(text, field.max_chars())?;
        let current = match field {
            TextField::Display => &mut self.param_display,
            TextField::Description => &mut self.description,
            TextField::Notes => &mut self.notes,
            TextField::EvidenceLink => &mut self.evidence_link,
        };
        Ok(replace(field.key(), current, text.to_owned()))
    }

    /// Value and range were approved together; when the value's approval falls, the range's stays.
    fn withdraw_value_approval(&self, outcome: &mut EditOutcome, why: &str) {
        if !outcome.changes.is_empty() && self.value_approval.is_some() {
            outcome.withdraws.push((Part::Value, why.to_owned()));
        }
    }
}

fn within(text: &str, limit: usize) -> Result<(), ParamRefusal> {
    let chars = text.chars().count();
    if chars > limit {
        Err(ParamRefusal::TooLong { chars, limit })
    } else {
        Ok(())
    }
}

fn replace<T: Serialize + PartialEq>(field: &'static str, current: &mut T, new: T) -> EditOutcome {
    if *current == new {
        return EditOutcome::default();
    }
    let change = FieldChange {
        field,
        old: json!(current),
        new: json!(new),
    };
    *current = new;
    EditOutcome {
        changes: vec![change],
        withdraws: vec![],
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::{approval::Origin, ids::ApprovalId};

    fn number(digits: &str) -> Number {
        Number::from_decimal(digits.to_owned())
    }

    fn approval() -> Approval {
        Approval {
            id: ApprovalId(1),
            by: UserId(1),
            by_name: "Fay".into(),
            at: DateTime::UNIX_EPOCH,
            origin: Origin::Person,
        }
    }

    /// A used, filled and approved param between 0 and 1.
    pub(crate) fn approved_param(name: &str, digits: &str) -> Param {
        Param {
            id: ParamId(1),
            initiative_id: InitiativeId(1),
            framework_id: FrameworkId(1),
            name: name.into(),
            revision: 1,
            position: Some(1),
            param_display: String::new(),
            description: String::new(),
            value: Some(number(digits)),
            unit: "%".into(),
            range: Bounds::default(),
            hard: Bounds::default(),
            source: Some(Source::Finance),
            is_auto_seeded: true,
            notes: String::new(),
            evidence_link: String::new(),
            evidence_as_of: None,
            review_by: None,
            written_by: BTreeMap::new(),
            value_set_by: Some((UserId(1), "Fay".into())),
            value_set_at: Some(DateTime::UNIX_EPOCH),
            updated_by_name: "Fay".into(),
            updated_at: DateTime::UNIX_EPOCH,
            value_approval: Some(approval()),
            range_approval: Some(approval()),
            follows: None,
            scenario: None,
            is_in_scenarios: false,
            is_read_aside: false,
        }
    }

    fn withdrawn(outcome: &EditOutcome) -> Vec<Part> {
        outcome.withdraws.iter().map(|(part, _)| *part).collect()
    }

    #[test]
    fn changing_value_unit_or_source_withdraws_the_approval_of_the_value_only() {
        for edit in [
            ParamEdit::Value(Some(number("0.3"))),
            ParamEdit::Value(None),
            ParamEdit::Unit("ratio".into()),
            ParamEdit::Source(Some(Source::Eng)),
        ] {
            let outcome = approved_param("margin", "0.25")
                .apply(edit.clone())
                .unwrap();
            assert_eq!(withdrawn(&outcome), [Part::Value], "{edit:?}");
        }
    }

    #[test]
    fn what_is_equal_after_parsing_is_no_change() {
        let mut param = approved_param("margin", "0.25");
        let outcome = param.apply(ParamEdit::Value(Some(number("0.25")))).unwrap();
        assert_eq!(outcome, EditOutcome::default());
    }

    #[test]
    fn a_range_around_the_value_withdraws_the_ranges_approval_and_no_more() {
        let mut param = approved_param("margin", "0.25");
        let range = Bounds {
            min: Some(number("0.1")),
            max: Some(number("0.4")),
        };
        assert_eq!(
            withdrawn(&param.apply(ParamEdit::Range(range)).unwrap()),
            [Part::Range]
        );
    }

    #[test]
    fn a_range_that_leaves_the_value_outside_withdraws_both() {
        let mut param = approved_param("margin", "0.25");
        let range = Bounds {
            min: Some(number("0.3")),
            max: None,
        };
        let outcome = param.apply(ParamEdit::Range(range)).unwrap();
        assert_eq!(withdrawn(&outcome), [Part::Range, Part::Value]);
    }

    #[test]
    fn only_a_row_that_a_person_added_and_no_formula_reads_is_renamed_and_no_approval_falls() {
        let renamed = |auto_seeded, position| {
            let mut param = approved_param("uplift_cnv", "0.25");
            (param.is_auto_seeded, param.position) = (auto_seeded, position);
            param.apply(ParamEdit::Name("uplift_conv".into()))
        };
        let outcome = renamed(false, None).unwrap();
        assert_eq!(outcome.changes[0].field, "param_name");
        assert_eq!(outcome.withdraws, []);
        for (auto_seeded, position) in [(true, None), (false, Some(1)), (true, Some(1))] {
            assert!(matches!(
                renamed(auto_seeded, position),
                Err(ParamRefusal::NameIsTheFormulas { .. })
            ));
        }
        let same = approved_param("a", "1").apply(ParamEdit::Name("a".into()));
        assert_eq!(same, Ok(EditOutcome::default()));
    }

    #[test]
    fn a_name_that_another_row_has_names_that_row() {
        let mut other = approved_param("margin", "0.25");
        other.param_display = "Profit margin".into();
        let group = [other, approved_param("aov", "46")];
        let said = |name| {
            Param::check_name_is_free(&group, name)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(Param::check_name_is_free(&group, "margins"), Ok(()));
        assert!(
            said("margin")
                .starts_with("There is a param margin here already, called Profit margin.")
        );
        assert!(said("aov").starts_with("There is a param aov here already."));
    }

    #[test]
    fn texts_are_not_material() {
        let mut param = approved_param("margin", "0.25");
        let outcome = param
            .apply(ParamEdit::Text(TextField::Display, "Profit margin".into()))
            .unwrap();
        assert_eq!(outcome.changes.len(), 1);
        assert_eq!(outcome.withdraws, []);
    }

    #[test]
    fn hard_bounds_refuse_and_leave_the_param_as_it_was() {
        let mut param = approved_param("confidence", "0.8");
        param.hard = Bounds {
            min: Some(number("0")),
            max: Some(number("1")),
        };
        let before = param.clone();
        let refusal = param
            .apply(ParamEdit::Value(Some(number("80"))))
            .unwrap_err();
        assert!(
            refusal
                .to_string()
                .starts_with("confidence must be 0 to 1. 80 is outside")
        );
        assert_eq!(param, before);
        let range = Bounds {
            min: None,
            max: Some(number("5")),
        };
        assert!(matches!(
            param.apply(ParamEdit::Range(range)),
            Err(ParamRefusal::RangeIsTheFrameworks { .. })
        ));
    }

    #[test]
    fn an_upside_down_range_is_refused() {
        let range = Bounds {
            min: Some(number("2")),
            max: Some(number("1")),
        };
        let refusal = approved_param("a", "1")
            .apply(ParamEdit::Range(range))
            .unwrap_err();
        assert!(matches!(refusal, ParamRefusal::RangeUpsideDown { .. }));
    }

    #[test]
    fn nothing_and_what_is_out_of_range_can_t_be_approved() {
        let mut param = approved_param("a", "5");
        param.range.max = Some(number("4"));
        assert!(matches!(
            param.check_approvable(),
            Err(ParamRefusal::OutsideRange { .. })
        ));
        param.value = None;
        assert!(matches!(
            param.check_approvable(),
            Err(ParamRefusal::NothingToApprove { .. })
        ));
    }

    #[test]
    fn sources_are_read_as_workbooks_write_them() {
        for (text, source) in [
            ("Eng/Infra", Some(Source::Eng)),
            ("engineering", Some(Source::Eng)),
            (" finance ", Some(Source::Finance)),
            ("", None),
        ] {
            assert_eq!(Source::read(text), Ok(source), "{text}");
        }
        assert!(Source::read("Bob").is_err());
    }

    #[test]
    fn a_field_is_a_guess_until_a_person_writes_it_and_the_llms_goes_before_a_rules() {
        let marks = [
            ("unit", "rule"),
            ("min", "llm"),
            ("max", "rule"),
            ("source", "person"),
        ];
        let marks: BTreeMap<_, _> = marks
            .map(|(field, by)| (field.to_owned(), by.to_owned()))
            .into();
        for (fields, expected) in [
            (&["unit"][..], Some(Guess::Rule)),
            (&["min", "max"], Some(Guess::Llm)),
            (&["source"], None),
            (&["description"], None),
        ] {
            assert_eq!(Guess::of(&marks, fields), expected, "{fields:?}");
        }
        assert_eq!(Guess::all(&marks), ["max", "min", "unit"]);
    }

    #[test]
    fn what_a_fact_keeps_is_refused_in_every_way_in_and_the_rest_of_the_row_is_taken() {
        let mut param = approved_param("aov", "45");
        param.follows = Some(Followed {
            id: FactId(3),
            name: "Average order value".into(),
        });
        let as_it_was = param.clone();
        for edit in [
            ParamEdit::Value(Some(number("46"))),
            ParamEdit::Value(None),
            ParamEdit::Unit("$".into()),
            ParamEdit::Range(Bounds {
                min: Some(number("7")),
                max: None,
            }),
            ParamEdit::Source(Some(Source::Eng)),
        ] {
            let refused = param.apply(edit).unwrap_err().to_string();
            assert!(refused.contains("follows Average order value"), "{refused}");
        }
        assert_eq!(param, as_it_was);
        let same = param.apply(ParamEdit::Value(Some(number("45")))).unwrap();
        assert_eq!(same, EditOutcome::default());
        let note = ParamEdit::Text(TextField::Notes, "ours".into());
        assert_eq!(param.apply(note).unwrap().changes.len(), 1);
        assert!(param.value_approval.is_some());
    }
}
