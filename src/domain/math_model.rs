//! A math model: the formula of one initiative, framework and scenario, with the words around it.

use super::{
    approval::Approval,
    formula,
    ids::{FormulaVersionId, FrameworkId, InitiativeId, MathModelId},
    initiative::TooLong,
};
use chrono::{DateTime, Utc};

/// The scenario that drives scoring unless another is designated.
pub const BASE: &str = "Base";

/// The texts of a model that a PM edits in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelField {
    /// Short name.
    Name,
    /// How value should be modelled, in plain words.
    Description,
    /// Extra wishes for the LLM.
    Prompt,
    /// Unit of the value, shown wherever the value is.
    ValueUnit,
    /// Assumptions behind the model.
    Assumptions,
    /// Explanation and commentary.
    Notes,
}

impl ModelField {
    /// Every field, in the page's order.
    pub const ALL: [Self; 6] = [
        Self::Name,
        Self::Description,
        Self::Prompt,
        Self::ValueUnit,
        Self::Assumptions,
        Self::Notes,
    ];

    /// Column, form name and name in the change log.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "model_name",
            Self::Description => "model_description_free_text",
            Self::Prompt => "model_prompt_to_llm",
            Self::ValueUnit => "value_unit",
            Self::Assumptions => "assumptions_text",
            Self::Notes => "llm_notes",
        }
    }

    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Model name",
            Self::Description => "Description",
            Self::Prompt => "Prompt to the LLM",
            Self::ValueUnit => "Unit of the value",
            Self::Assumptions => "Assumptions",
            Self::Notes => "Notes",
        }
    }

    /// The field of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }

    /// Whether it takes more than a line.
    #[must_use]
    pub fn is_long(self) -> bool {
        !matches!(self, Self::Name | Self::ValueUnit)
    }

    /// The text as it is kept.
    ///
    /// # Errors
    /// Too long.
    pub fn read(self, text: &str) -> Result<String, TooLong> {
        let limit = match self {
            Self::Name => 200,
            Self::ValueUnit => 40,
            _ => 20_000,
        };
        TooLong::check(text, limit)
    }
}

/// A saved text of the formula, with where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct FormulaVersion {
    /// Its immutable row.
    pub id: FormulaVersionId,
    /// 1, 2, 3 …
    pub version: i32,
    /// The normalised text.
    pub text: String,
    /// Who saved it.
    pub saved_by_name: String,
    /// When.
    pub saved_at: DateTime<Utc>,
}

/// One model.
#[derive(Clone, Debug, PartialEq)]
pub struct MathModel {
    /// Its row.
    pub id: MathModelId,
    /// Whose it is.
    pub initiative_id: InitiativeId,
    /// Which framework's.
    pub framework_id: FrameworkId,
    /// `Base` or another scenario.
    pub scenario_label: String,
    /// Moves with each change; forms carry it.
    pub revision: i64,
    /// The texts, in the order of [`ModelField::ALL`].
    pub texts: [String; 6],
    /// What is saved now; none: nothing yet.
    pub formula: Option<FormulaVersion>,
    /// The number of the version saved last, whether it is the current one or was taken out again; 0: none ever was.
    pub versions: i32,
    /// The live approval of exactly that text.
    pub approval: Option<Approval>,
    /// The version approved last, if the text has moved on since.
    pub last_approved: Option<FormulaVersion>,
    /// The scenario that drives the score in Base's place; none: Base does.
    pub driver: Option<Driver>,
}

/// The scenario that drives the score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Driver {
    /// Its row.
    pub id: MathModelId,
    /// What it is called.
    pub label: String,
    /// Whether by a formula of its own, so that Base's doesn't count.
    pub has_formula: bool,
}

impl MathModel {
    /// One of its texts.
    #[must_use]
    pub fn text(&self, field: ModelField) -> &str {
        let at = ModelField::ALL
            .iter()
            .position(|f| *f == field)
            .unwrap_or_default();
        &self.texts[at]
    }

    /// Whether saving this text makes a new version: only if the normalised text differs.
    #[must_use]
    pub fn needs_new_version(&self, text: &str) -> bool {
        let new = formula::normalise(text);
        self.formula
            .as_ref()
            .is_none_or(|current| current.text != new)
    }

    /// The version number that the next save makes.
    #[must_use]
    pub fn next_version(&self) -> i32 {
        self.versions + 1
    }
}

/// The name of a model nobody has named yet: `INIT-123_MATH_MODEL_V1`.
#[must_use]
pub fn default_name(initiative_key: &str, framework_key: &str) -> String {
    format!("{initiative_key}_{framework_key}_V1")
}
