//! The words, unit, range and owner that the LLM gives a param, and which of them may be written: only what no person has
//! touched, never in an approved row. The rest is a proposal that a person takes, or nobody does.

use super::{
    amount::unit::Unit,
    llm_answer::{Fault, line, object, text},
    param::{Bounds, Number, Param, ParamEdit, Source, TextField},
    suggestion::unit,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const LONGEST_LABEL: usize = 100;
const LONGEST_DESCRIPTION: usize = 600;
/// The most digits of a bound.
const LONGEST_NUMBER: usize = 30;
/// The largest bound, either way.
const LARGEST: f64 = 1e15;

/// What the LLM says of one param. Empty and none where it said nothing that can be used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParamMetadata {
    /// The name in the formula.
    pub name: String,
    /// The label.
    pub label: String,
    /// The unit.
    pub unit: String,
    /// What it means.
    pub description: String,
    /// Its range.
    pub range: Bounds,
    /// Whose it is; never the LLM's.
    pub source: Option<Source>,
}

/// The same as it stands in an answer.
#[derive(Debug, Deserialize)]
pub(super) struct RawParam {
    name: String,
    #[serde(default, alias = "param_display", alias = "display")]
    label: Option<String>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    min: Value,
    #[serde(default)]
    max: Value,
    #[serde(default)]
    source: Option<String>,
}

#[derive(Deserialize)]
struct RawAnswer {
    params: Vec<RawParam>,
}

impl ParamMetadata {
    /// Reads an answer about these names.
    ///
    /// # Errors
    /// It has another shape, or speaks of none of them.
    pub fn read(answer: &str, names: &[&str]) -> Result<Vec<Self>, Fault> {
        let raw: RawAnswer = object(answer)?;
        let read = Self::read_all(raw.params, names);
        if read.is_empty() {
            return Err(Fault::Shape(format!(
                "it describes none of {}",
                names.join(", ")
            )));
        }
        Ok(read)
    }

    /// What is said of these names, each once: names that nobody asked for and further words about the same are dropped.
    pub(super) fn read_all(raw: Vec<RawParam>, names: &[&str]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for param in raw {
            let is_asked = names.contains(&param.name.as_str());
            if is_asked && all.iter().all(|had| had.name != param.name) {
                all.push(param.into());
            }
        }
        all
    }
}

impl From<RawParam> for ParamMetadata {
    fn from(raw: RawParam) -> Self {
        let unit = unit(&raw.unit.unwrap_or_default());
        let source = Source::read(&raw.source.unwrap_or_default()).unwrap_or_default();
        Self {
            range: range(&raw.min, &raw.max, &unit),
            label: line(&raw.label.unwrap_or_default(), LONGEST_LABEL),
            description: text(&raw.description.unwrap_or_default(), LONGEST_DESCRIPTION),
            source: source.filter(|source| *source != Source::Llm),
            name: raw.name,
            unit,
        }
    }
}

/// The bounds that can be used: those of a share are fractions, and what is upside down is dropped.
fn range(min: &Value, max: &Value, unit: &str) -> Bounds {
    let fits = |bound: &Number| !Unit::new(unit).is_share() || bound.value() <= 1.0;
    let (min, max) = (number(min).filter(fits), number(max).filter(fits));
    match (&min, &max) {
        (Some(low), Some(high)) if low.value() > high.value() => Bounds::default(),
        _ => Bounds { min, max },
    }
}

/// A number, or a text that is one.
fn number(raw: &Value) -> Option<Number> {
    let value = match raw {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let value = value.filter(|value: &f64| value.is_finite() && value.abs() <= LARGEST)?;
    let digits = value.to_string();
    (digits.len() <= LONGEST_NUMBER).then(|| Number::from_decimal(digits))
}

/// A field that the LLM may fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataField {
    /// The label.
    Label,
    /// What it means.
    Description,
    /// The unit.
    Unit,
    /// Lowest and highest together.
    Range,
    /// Whose it is.
    Source,
}

impl MetadataField {
    /// Every field, in the grid's order.
    pub const ALL: [Self; 5] = [
        Self::Label,
        Self::Unit,
        Self::Range,
        Self::Source,
        Self::Description,
    ];

    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Label => "param_display",
            Self::Description => "description",
            Self::Unit => "unit",
            Self::Range => "range",
            Self::Source => "source",
        }
    }

    /// The field of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }

    /// The fields of a param's `written_by` that belong to it.
    #[must_use]
    pub fn marks(self) -> &'static [&'static str] {
        match self {
            Self::Label => &["param_display"],
            Self::Description => &["description"],
            Self::Unit => &["unit"],
            Self::Range => &["min", "max"],
            Self::Source => &["source"],
        }
    }

    /// The edit that writes what is proposed, as [`Proposed::proposed`] keeps it; none: it can't be read.
    #[must_use]
    pub fn edit(self, proposed: &Value) -> Option<ParamEdit> {
        let text = || proposed.as_str().map(str::to_owned);
        Some(match self {
            Self::Label => ParamEdit::Text(TextField::Display, text()?),
            Self::Description => ParamEdit::Text(TextField::Description, text()?),
            Self::Unit => ParamEdit::Unit(text()?),
            Self::Range => ParamEdit::Range(serde_json::from_value(proposed.clone()).ok()?),
            Self::Source => ParamEdit::Source(Source::read(proposed.as_str()?).ok()?),
        })
    }

    /// What a param says there now, in the same form.
    #[must_use]
    pub fn now(self, param: &Param) -> Value {
        match self {
            Self::Label => json!(param.param_display),
            Self::Description => json!(param.description),
            Self::Unit => json!(param.unit),
            Self::Range => json!(param.range),
            Self::Source => json!(param.source.map_or("", Source::key)),
        }
    }

    /// What the LLM says; none: nothing.
    fn said(self, metadata: &ParamMetadata) -> Option<Value> {
        let text = |text: &str| (!text.is_empty()).then(|| json!(text));
        match self {
            Self::Label => text(&metadata.label),
            Self::Description => text(&metadata.description),
            Self::Unit => text(&metadata.unit),
            Self::Range => (metadata.range != Bounds::default()).then(|| json!(metadata.range)),
            Self::Source => metadata.source.map(|source| json!(source.key())),
        }
    }
}

/// A field with what the LLM would write there.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// Which field.
    pub field: MetadataField,
    /// A text; for a range its bounds.
    pub proposed: Value,
}

/// What follows from what the LLM says of a param.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What is written.
    pub writes: Vec<Proposed>,
    /// What a person is asked about.
    pub proposes: Vec<Proposed>,
}

/// Decides field by field. `is_on_request`: a person asked about this very row, so what people wrote is proposed to too.
#[must_use]
pub fn plan(param: &Param, metadata: &ParamMetadata, is_on_request: bool) -> Plan {
    let is_approved = param.value_approval.is_some() || param.range_approval.is_some();
    let mut plan = Plan::default();
    for field in MetadataField::ALL {
        let Some(proposed) = field.said(metadata) else {
            continue;
        };
        let is_the_frameworks = field == MetadataField::Range && param.has_hard_bounds();
        if is_the_frameworks || proposed == field.now(param) {
            continue;
        }
        let rests_on_value = matches!(field, MetadataField::Unit | MetadataField::Range);
        let one = Proposed { field, proposed };
        match owner(param, field) {
            Owner::Person if !is_on_request => {}
            Owner::Framework => {}
            Owner::Nobody if !(is_approved || rests_on_value && param.value.is_some()) => {
                plan.writes.push(one);
            }
            Owner::Nobody | Owner::Person => plan.proposes.push(one),
        }
    }
    plan
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// Empty, or written by a rule or the LLM.
    Nobody,
    Person,
    Framework,
}

fn owner(param: &Param, field: MetadataField) -> Owner {
    let hands = field.marks().iter().map(|mark| hand(param, field, mark));
    let hands: Vec<_> = hands.collect();
    let first = [Owner::Framework, Owner::Person]
        .into_iter()
        .find(|owner| hands.contains(owner));
    first.unwrap_or(Owner::Nobody)
}

/// Whose hand wrote what that mark stands for. Without a mark it was written before there were any, or never.
fn hand(param: &Param, field: MetadataField, mark: &str) -> Owner {
    let written_by = param.written_by.get(mark).map(String::as_str);
    match written_by {
        Some("framework") => Owner::Framework,
        Some("rule" | "llm") => Owner::Nobody,
        None if is_never_written(param, field, mark) => Owner::Nobody,
        Some(_) | None => Owner::Person,
    }
}

fn is_never_written(param: &Param, field: MetadataField, mark: &str) -> bool {
    match mark {
        "min" => param.range.min.is_none(),
        "max" => param.range.max.is_none(),
        _ => is_blank(&field.now(param)),
    }
}

fn is_blank(now: &Value) -> bool {
    now.as_str() == Some("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::param::tests::approved_param;

    fn said() -> ParamMetadata {
        ParamMetadata {
            name: "margin".into(),
            label: "Profit margin".into(),
            unit: "ratio".into(),
            description: "What is left of each pound.".into(),
            range: Bounds {
                min: number(&json!(0)),
                max: number(&json!(0.5)),
            },
            source: Some(Source::Eng),
        }
    }

    /// A row that nobody has touched: no value, and plain rules' guesses.
    fn untouched() -> Param {
        let mut param = approved_param("margin", "0.25");
        (param.value_approval, param.range_approval, param.value) = (None, None, None);
        param.written_by = [("unit", "rule"), ("source", "rule")]
            .map(|(field, by)| (field.to_owned(), by.to_owned()))
            .into();
        param
    }

    fn fields(proposed: &[Proposed]) -> Vec<&'static str> {
        proposed.iter().map(|one| one.field.key()).collect()
    }

    #[test]
    fn an_untouched_row_gets_everything() {
        let plan = plan(&untouched(), &said(), false);
        assert_eq!(
            fields(&plan.writes),
            ["param_display", "unit", "range", "source", "description"]
        );
        assert_eq!(plan.proposes, []);
    }

    #[test]
    fn what_a_person_wrote_or_cleared_stays_and_is_proposed_to_only_on_request() {
        let mut param = untouched();
        param
            .written_by
            .insert("description".into(), "person".into());
        param.written_by.insert("unit".into(), "import".into());
        param.written_by.insert("max".into(), "person".into());
        let by_itself = plan(&param, &said(), false);
        assert_eq!(fields(&by_itself.writes), ["param_display", "source"]);
        assert_eq!(by_itself.proposes, []);
        let asked = plan(&param, &said(), true);
        assert_eq!(fields(&asked.proposes), ["unit", "range", "description"]);
    }

    #[test]
    fn an_approved_row_is_never_written_to() {
        let mut param = untouched();
        param.value = Some(Number::from_decimal("0.25".into()));
        param.value_approval = approved_param("margin", "0.25").value_approval;
        let plan = plan(&param, &said(), false);
        assert_eq!(plan.writes, []);
        assert_eq!(plan.proposes.len(), 5);
    }

    #[test]
    fn once_there_is_a_value_unit_and_range_are_only_proposed() {
        let mut param = untouched();
        param.value = Some(Number::from_decimal("0.25".into()));
        let plan = plan(&param, &said(), false);
        assert_eq!(
            fields(&plan.writes),
            ["param_display", "source", "description"]
        );
        assert_eq!(fields(&plan.proposes), ["unit", "range"]);
    }

    #[test]
    fn what_a_framework_defines_and_what_is_said_already_are_left_out() {
        let mut param = untouched();
        param.hard.max = number(&json!(1));
        param.written_by.insert("unit".into(), "framework".into());
        param.param_display = "Profit margin".into();
        let plan = plan(&param, &said(), true);
        assert_eq!(fields(&plan.writes), ["source", "description"]);
        assert_eq!(plan.proposes, []);
    }

    #[test]
    fn names_that_nobody_asked_for_and_doubled_ones_are_dropped() {
        let answer = json!({"params": [
            {"name": "a", "label": "First"},
            {"name": "a", "label": "Second"},
            {"name": "A", "label": "Differs"},
            {"name": "sum", "label": "Reserved"},
        ]})
        .to_string();
        let read = ParamMetadata::read(&answer, &["a", "b"]).unwrap();
        let labels: Vec<_> = read.iter().map(|one| one.label.as_str()).collect();
        assert_eq!(labels, ["First"]);
        assert!(matches!(
            ParamMetadata::read(&answer, &["c"]),
            Err(Fault::Shape(_))
        ));
    }

    #[test]
    fn bounds_that_can_t_be_are_dropped() {
        let digits = |bound: &Option<Number>| bound.as_ref().map(|n| n.decimal().to_owned());
        for (min, max, unit, expected) in [
            (json!(0), json!(0.3), "%", (Some("0"), Some("0.3"))),
            (json!(0), json!(30), "%", (Some("0"), None)),
            (json!("1"), json!(36), "months", (Some("1"), Some("36"))),
            (json!(9), json!(1), "months", (None, None)),
            (json!("a lot"), json!(null), "£", (None, None)),
            (json!(1e300), json!(1e-200), "£", (None, None)),
        ] {
            let range = range(&min, &max, unit);
            let found = (digits(&range.min), digits(&range.max));
            let expected = (expected.0.map(str::to_owned), expected.1.map(str::to_owned));
            assert_eq!(found, expected, "{min} {max} {unit}");
        }
    }

    #[test]
    fn sources_that_don_t_exist_and_sentences_for_units_are_dropped() {
        let answer = json!({"params": [
            {"name": "a", "source": "Eng/Infra", "unit": "The unit is pounds."},
            {"name": "b", "source": "LLM", "unit": "£"},
            {"name": "c", "source": "Marketing", "unit": null},
        ]});
        let read = ParamMetadata::read(&answer.to_string(), &["a", "b", "c"]).unwrap();
        let kept: Vec<_> = read
            .iter()
            .map(|one| (one.source, one.unit.as_str()))
            .collect();
        assert_eq!(kept, [(Some(Source::Eng), ""), (None, "£"), (None, "")]);
    }

    #[test]
    fn what_is_proposed_reads_back_as_the_edit_it_is() {
        let plan = plan(&untouched(), &said(), false);
        let mut param = untouched();
        for one in plan.writes {
            let edit = one.field.edit(&one.proposed).unwrap();
            param.apply(edit).unwrap();
            assert_eq!(one.field.now(&param), one.proposed, "{:?}", one.field);
        }
    }
}
