//! The tabs of the app's own that the mirror may keep beside the backlog: which there are, and what stands in them.

use std::{fmt, str::FromStr};

/// A whole tab that only the app writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MirrorTab {
    /// Each framework's score of each initiative, with its rank.
    Scoring,
    /// Every math model with its formula.
    MathModels,
    /// Every param.
    Params,
}

impl MirrorTab {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Scoring, Self::MathModels, Self::Params];

    /// As stored, and as forms say it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Scoring => "scoring",
            Self::MathModels => "math_models",
            Self::Params => "params",
        }
    }

    /// What the tab is called when it is made; people may rename it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Scoring => "Scoring",
            Self::MathModels => "MathModels",
            Self::Params => "Params",
        }
    }

    /// What each row is of.
    #[must_use]
    pub fn rows_are(self) -> &'static str {
        match self {
            Self::Scoring => "one row for each initiative and framework that is on",
            Self::MathModels => "one row for each math model and scenario",
            Self::Params => "one row for each param of a framework that is on",
        }
    }

    /// The headers, which an import reads.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Scoring => &[
                "initiative_key",
                "title",
                "framework",
                "is_active",
                "score_status",
                "value_score",
                "value_unit",
                "effort_score",
                "overall_score",
                "rank",
                "ranked_among",
                "is_overridden",
                "is_archived",
                "score_note",
                "scored_at",
                "receipt",
            ],
            Self::MathModels => &[
                "initiative_key",
                "framework",
                "scenario_label",
                "model_name",
                "version",
                "value_unit",
                "model_description_free_text",
                "model_prompt_to_llm",
                "assumptions_text",
                "llm_notes",
                "formula_text_final",
                "formula_text_approved",
                "approved_by",
                "approved_at",
                "llm_suggested_formula_text",
                "llm_suggested_assumptions",
                "llm_suggested_notes",
                "drives_score",
            ],
            Self::Params => &[
                "initiative_key",
                "framework",
                "param_name",
                "param_display",
                "description",
                "value",
                "unit",
                "min",
                "max",
                "source",
                "approved",
                "is_auto_seeded",
                "is_used",
                "notes",
                "evidence_link",
                "evidence_as_of",
                "review_by",
                "last_updated_by",
                "last_updated_at",
                "value_that_counts",
                "counts_in_scenario",
            ],
        }
    }
}

impl fmt::Display for MirrorTab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// A text that names no [`MirrorTab`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be scoring, math_models or params")]
pub struct NoTab;

impl FromStr for MirrorTab {
    type Err = NoTab;

    fn from_str(text: &str) -> Result<Self, NoTab> {
        let found = Self::ALL.into_iter().find(|tab| tab.key() == text);
        found.ok_or(NoTab)
    }
}
