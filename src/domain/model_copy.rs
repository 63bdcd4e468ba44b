//! What it takes to begin a model from another one, from a template or from a built-in pattern, and what that does to
//! each initiative it is copied to. Values, approvals, evidence and notes are never copied.

use super::{
    ids::{FormulaVersionId, InitiativeId, InitiativeKey, MathModelId},
    math_model::{MathModel, ModelField},
    param::{Bounds, DESCRIBING, Param, Source},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// How many initiatives one copy goes to at most.
pub const MOST_TARGETS: usize = 200;

/// Which formula is to be copied, as an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyFrom {
    /// The saved formula of this model: `model:12`.
    Model(MathModelId),
    /// What this template offers: `template:12`.
    Template(MathModelId),
    /// A built-in pattern: `pattern:rate-uplift`.
    Pattern(String),
}

impl CopyFrom {
    /// The source that an address names.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (kind, which) = text.split_once(':')?;
        let model = || which.parse().ok().map(MathModelId);
        match kind {
            "model" => model().map(Self::Model),
            "template" => model().map(Self::Template),
            "pattern" => Some(Self::Pattern(which.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for CopyFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(id) => write!(f, "model:{id}"),
            Self::Template(id) => write!(f, "template:{id}"),
            Self::Pattern(key) => write!(f, "pattern:{key}"),
        }
    }
}

/// What kind of thing a version came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Another initiative's model.
    Copy,
    /// A model that is marked as a template.
    Template,
    /// A pattern that comes with the app.
    Pattern,
}

impl Kind {
    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Template => "template",
            Self::Pattern => "pattern",
        }
    }
}

/// Where a version of a formula came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What kind of thing.
    pub kind: Kind,
    /// The model it was copied from, or that is the template.
    pub model: Option<MathModelId>,
    /// The pattern's key.
    pub pattern: Option<String>,
    /// What it was called then: `INIT-123`, `Rate uplift`.
    pub name: String,
    /// Which version of its formula.
    pub version: i32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, .. } = self;
        match self.kind {
            Kind::Copy => write!(f, "copied from {name} v{version}"),
            Kind::Template | Kind::Pattern => {
                write!(f, "from template “{name}” (version {version})")
            }
        }
    }
}

/// All that a copy takes over.
#[derive(Clone, Debug, PartialEq)]
pub struct Blueprint {
    /// Where it comes from.
    pub origin: Origin,
    /// The formula, which parses.
    pub formula: String,
    /// What the formula reads, in its order.
    pub params: Vec<BlueprintParam>,
    /// How value should be modelled, in plain words.
    pub description: String,
    /// Extra wishes for the LLM.
    pub prompt: String,
    /// Assumptions behind the model.
    pub assumptions: String,
    /// Unit of the value.
    pub value_unit: String,
}

impl Blueprint {
    /// The texts that are copied where there are none.
    #[must_use]
    pub fn texts(&self) -> [(ModelField, &str); 4] {
        [
            (ModelField::Description, &self.description),
            (ModelField::Prompt, &self.prompt),
            (ModelField::ValueUnit, &self.value_unit),
            (ModelField::Assumptions, &self.assumptions),
        ]
    }
}

/// What is copied of a param: its metadata, never its number.
#[derive(Clone, Debug, PartialEq)]
pub struct BlueprintParam {
    /// The name in the formula.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What it means.
    pub description: String,
    /// Its unit.
    pub unit: String,
    /// Its range.
    pub range: Bounds,
    /// Who answers for it.
    pub source: Option<Source>,
    /// Which hand wrote each filled field: a guess stays a guess, the rest is `copy`.
    pub written_by: BTreeMap<String, String>,
}

impl From<&Param> for BlueprintParam {
    fn from(param: &Param) -> Self {
        let hand = |(field, hand): (&String, &String)| {
            let is_guess = matches!(hand.as_str(), "rule" | "llm");
            let hand = if is_guess {
                hand.as_str()
            } else {
                super::patterns::COPY
            };
            DESCRIBING
                .contains(&field.as_str())
                .then(|| (field.clone(), hand.to_owned()))
        };
        Self {
            name: param.name.clone(),
            label: param.param_display.clone(),
            description: param.description.clone(),
            unit: param.unit.clone(),
            range: param.range.clone(),
            source: param.source,
            written_by: param.written_by.iter().filter_map(hand).collect(),
        }
    }
}

/// An initiative that a formula may be copied to, as it is.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the row"
)]
pub struct Target {
    /// Its row.
    pub id: InitiativeId,
    /// Its key.
    pub key: InitiativeKey,
    /// Its title.
    pub title: String,
    /// Moves with each change that its page shows.
    pub revision: i64,
    /// Whether it is out of the way.
    pub is_archived: bool,
    /// Whether *use math model* is ticked.
    pub uses_math_model: bool,
    /// Whether its math model is on.
    pub is_on: bool,
    /// Its model, if it has one.
    pub model: Option<TargetModel>,
    /// The names of its math model's params.
    pub params: Vec<String>,
    /// Whether any of them is read by a formula that was approved, now or earlier.
    pub has_used_params: bool,
}

/// The model of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetModel {
    /// Its row.
    pub id: MathModelId,
    /// Its name.
    pub name: String,
    /// The saved formula.
    pub formula: Option<TargetFormula>,
    /// The number of the version saved last, whether it is the current one or was taken out again; 0: none ever was.
    pub versions: i32,
    /// The texts of [`Blueprint::texts`], in that order.
    pub texts: [String; 4],
}

/// What a target has as its formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetFormula {
    /// Its row.
    pub id: FormulaVersionId,
    /// Its number.
    pub version: i32,
    /// Its text.
    pub text: String,
    /// Whether it is approved.
    pub is_approved: bool,
}

impl Target {
    /// What it has as its formula.
    #[must_use]
    pub fn formula(&self) -> Option<&TargetFormula> {
        self.model.as_ref()?.formula.as_ref()
    }
}

/// What a copy would do to a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has no formula: it gets one.
    Begins(Steps),
    /// It has a formula, so it is left alone unless a person chooses it.
    HasFormula(Steps),
    /// Its formula says the same already.
    Same,
    /// It is archived.
    Archived,
    /// It is where the formula comes from.
    Itself,
}

/// What happens to a target that a formula is copied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Whether the math model is turned on, without becoming the active framework.
    pub turns_on: bool,
    /// The number of the version that appears, unapproved.
    pub version: i32,
    /// Whether an approval of the formula falls.
    pub withdraws: bool,
    /// Params that appear.
    pub appear: Vec<String>,
    /// Params that are there already and keep everything.
    pub kept: Vec<String>,
    /// Texts that are copied, since there are none.
    pub fills: Vec<ModelField>,
}

/// What a copy would do to a target.
#[must_use]
pub fn fate(blueprint: &Blueprint, target: &Target) -> Fate {
    let own = target.model.as_ref().map(|model| model.id);
    if own.is_some() && own == blueprint.origin.model {
        return Fate::Itself;
    }
    if target.is_archived {
        return Fate::Archived;
    }
    match target.formula() {
        Some(formula) if formula.text == blueprint.formula => Fate::Same,
        Some(_) => Fate::HasFormula(steps(blueprint, target)),
        None => Fate::Begins(steps(blueprint, target)),
    }
}

fn steps(blueprint: &Blueprint, target: &Target) -> Steps {
    let names = blueprint.params.iter().map(|param| param.name.clone());
    let (kept, appear) = names.partition(|name| target.params.contains(name));
    let formula = target.formula();
    Steps {
        turns_on: !target.is_on || !target.uses_math_model,
        version: target.model.as_ref().map_or(1, |model| model.versions + 1),
        withdraws: formula.is_some_and(|formula| formula.is_approved),
        appear,
        kept,
        fills: fills(blueprint, target.model.as_ref()),
    }
}

/// The texts that the blueprint has and the model hasn't.
fn fills(blueprint: &Blueprint, model: Option<&TargetModel>) -> Vec<ModelField> {
    let is_empty = |at: usize| model.is_none_or(|model| model.texts[at].trim().is_empty());
    blueprint
        .texts()
        .into_iter()
        .enumerate()
        .filter(|(at, (_, text))| !text.trim().is_empty() && is_empty(*at))
        .map(|(_, (field, _))| field)
        .collect()
}

/// A later formula of the template that a model was begun from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaterFormula {
    /// What the template is called now.
    pub name: String,
    /// Which version of its formula.
    pub version: i32,
    /// The text.
    pub text: String,
}

/// Whether a template's formula of today is worth a word on the page of a model that began from it: it is newer than what
/// was taken, says something else, and wasn't put off.
#[must_use]
pub fn is_news(
    origin: &Origin,
    declined: Option<i32>,
    model: &MathModel,
    taken: &str,
    later: &LaterFormula,
) -> bool {
    let seen = declined.map_or(origin.version, |declined| declined.max(origin.version));
    let has_it = model
        .formula
        .as_ref()
        .is_some_and(|formula| formula.text == later.text);
    later.version > seen && later.text != taken && !has_it
}

/// The sentence of what concerns copies and templates in the history.
#[must_use]
pub fn change_sentence(field: &str, subject: &str, old: &Value, new: &Value) -> String {
    let said = |value: &Value, key: &str| {
        let text = value.get(key).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    match field {
        "copied" if new.is_null() => {
            format!("took the param {subject} out again, which a copy had added")
        }
        "copied" => format!("added the param {subject}, {}", said(new, "from")),
        "template_declined" => format!(
            "left {subject} as it is: the change of template “{}” isn’t wanted now",
            said(new, "name")
        ),
        _ if new.is_null() => format!(
            "took {subject} out of the templates (was “{}”)",
            said(old, "name")
        ),
        _ if old.is_null() => format!("made {subject} the template “{}”", said(new, "name")),
        _ => format!("changed the template “{}” of {subject}", said(new, "name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{param::tests::approved_param, patterns};
    use serde_json::json;

    fn target() -> Target {
        Target {
            id: InitiativeId(5),
            key: "INIT-5".parse().unwrap(),
            title: "Five".into(),
            revision: 1,
            is_archived: false,
            uses_math_model: false,
            is_on: false,
            model: None,
            params: vec![],
            has_used_params: false,
        }
    }

    fn with_formula(text: &str, is_approved: bool) -> Target {
        Target {
            uses_math_model: true,
            is_on: true,
            model: Some(TargetModel {
                id: MathModelId(9),
                name: "Nine".into(),
                formula: Some(TargetFormula {
                    id: FormulaVersionId(1),
                    version: 3,
                    text: text.into(),
                    is_approved,
                }),
                versions: 3,
                texts: ["Own words".into(), String::new(), "€".into(), String::new()],
            }),
            params: vec!["aov".into(), "margin".into(), "other".into()],
            ..target()
        }
    }

    fn blueprint() -> Blueprint {
        Blueprint {
            description: "How value comes about".into(),
            ..patterns::find("rate-uplift").unwrap().blueprint()
        }
    }

    #[test]
    fn an_address_names_what_is_copied() {
        for text in ["model:12", "template:7", "pattern:rate-uplift"] {
            assert_eq!(CopyFrom::read(text).unwrap().to_string(), text);
        }
        for nonsense in ["", "model", "model:x", "sheet:1"] {
            assert_eq!(CopyFrom::read(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_target_without_a_model_gets_everything() {
        let Fate::Begins(steps) = fate(&blueprint(), &target()) else {
            panic!("it begins");
        };
        assert!(steps.turns_on && !steps.withdraws);
        assert_eq!((steps.version, steps.appear.len()), (1, 7));
        assert!(steps.kept.is_empty());
        let filled = [
            ModelField::Description,
            ModelField::ValueUnit,
            ModelField::Assumptions,
        ];
        assert_eq!(steps.fills, filled, "the prompt is empty here as well");
    }

    #[test]
    fn a_formula_is_never_replaced_unasked_and_existing_rows_and_texts_stay() {
        let target = with_formula("value = other", true);
        let Fate::HasFormula(steps) = fate(&blueprint(), &target) else {
            panic!("it has a formula");
        };
        assert!(!steps.turns_on && steps.withdraws);
        assert_eq!((steps.version, steps.appear.len()), (4, 5));
        assert_eq!(steps.kept, ["aov", "margin"]);
        assert_eq!(steps.fills, [ModelField::Assumptions]);
    }

    #[test]
    fn the_same_formula_an_archived_initiative_and_the_source_itself_are_left_alone() {
        let mut from = blueprint();
        assert_eq!(fate(&from, &with_formula(&from.formula, false)), Fate::Same);
        let archived = Target {
            is_archived: true,
            ..target()
        };
        assert_eq!(fate(&from, &archived), Fate::Archived);
        from.origin.model = Some(MathModelId(9));
        assert_eq!(fate(&from, &with_formula("value = a", true)), Fate::Itself);
    }

    #[test]
    fn a_param_gives_its_metadata_and_keeps_its_number_to_itself() {
        let mut param = approved_param("margin", "0.3");
        param.written_by = [
            ("unit", "person"),
            ("param_display", "rule"),
            ("value", "person"),
            ("notes", "person"),
        ]
        .map(|(field, hand)| (field.to_owned(), hand.to_owned()))
        .into();
        let copied = BlueprintParam::from(&param);
        assert_eq!((copied.name, copied.unit), (param.name, param.unit));
        let hands: Vec<_> = copied.written_by.into_iter().collect();
        let expected = [("param_display", "rule"), ("unit", "copy")];
        assert_eq!(
            hands,
            expected.map(|(field, hand)| (field.to_owned(), hand.to_owned()))
        );
    }

    #[test]
    fn a_version_says_where_it_came_from() {
        let from = |kind, name: &str| Origin {
            kind,
            model: None,
            pattern: None,
            name: name.into(),
            version: 3,
        };
        assert_eq!(
            from(Kind::Copy, "INIT-123").to_string(),
            "copied from INIT-123 v3"
        );
        let template = "from template “Rate uplift” (version 3)";
        assert_eq!(from(Kind::Template, "Rate uplift").to_string(), template);
        assert_eq!(from(Kind::Pattern, "Rate uplift").to_string(), template);
    }

    #[test]
    fn the_history_reads_as_sentences() {
        let none = Value::Null;
        let named = json!({ "name": "Uplift" });
        let cases = [
            (
                "copied",
                &none,
                json!({ "name": "aov", "from": "copied from INIT-1 v2" }),
                "added the param M, copied from INIT-1 v2",
            ),
            (
                "template",
                &none,
                named.clone(),
                "made M the template “Uplift”",
            ),
            (
                "template",
                &named,
                named.clone(),
                "changed the template “Uplift” of M",
            ),
            (
                "template",
                &named,
                Value::Null,
                "took M out of the templates (was “Uplift”)",
            ),
            (
                "template_declined",
                &none,
                named.clone(),
                "left M as it is: the change of template “Uplift” isn’t wanted now",
            ),
        ];
        for (field, old, new, says) in cases {
            assert_eq!(change_sentence(field, "M", old, &new), says);
        }
    }
}
