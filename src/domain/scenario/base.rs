//! What scenarios are laid over: an initiative's own model, or the formula of a framework, which all its initiatives share.

use super::Scenario;
use crate::domain::{
    framework::Framework,
    ids::InitiativeKey,
    math_model::{MathModel, ModelField},
    scoring::FormulaState,
};

/// Whose scenarios: an initiative's by a framework, both by their keys, as in the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The initiative.
    pub initiative: InitiativeKey,
    /// The framework: `MATH_MODEL`, `RICE`.
    pub framework: String,
}

/// Base of an initiative by a framework.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// The framework.
    pub framework: Framework,
    /// The initiative's own model; none: the framework's formula counts.
    pub model: Option<MathModel>,
}

/// A saved text with its version.
pub type Text<'a> = (i32, &'a str);

impl Base {
    /// Whether its formula is the framework's, the same for every initiative.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.model.is_none()
    }

    /// The text that a scenario (none: Base) is computed by; none: none is saved.
    #[must_use]
    pub fn text_in<'a>(&'a self, scenario: Option<&'a Scenario>) -> Option<Text<'a>> {
        let own = scenario.and_then(|scenario| scenario.formula.as_ref());
        let shared = self.framework.formula.as_ref();
        match (own, &self.model) {
            (Some(own), _) => Some((own.version, own.text.as_str())),
            (None, Some(model)) => {
                let saved = model.formula.as_ref()?;
                Some((saved.version, saved.text.as_str()))
            }
            (None, None) => shared.map(|shared| (shared.version, shared.text.as_str())),
        }
    }

    /// How far that text has come. One of the scenario's own needs the scenario's approval, a model's the model's; a
    /// framework's is approved by being the framework's.
    #[must_use]
    pub fn state_in(&self, scenario: Option<&Scenario>) -> FormulaState {
        let text = self.text_in(scenario);
        match (scenario.filter(|it| it.formula.is_some()), &self.model) {
            (Some(own), _) => FormulaState::of(text, own.approval.is_some(), Some(&own.label)),
            (None, Some(model)) => FormulaState::of(text, model.approval.is_some(), None),
            (None, None) => FormulaState::of(text, true, None),
        }
    }

    /// Unit of the value.
    #[must_use]
    pub fn unit(&self) -> &str {
        let model = self.model.as_ref();
        model.map_or("", |model| model.text(ModelField::ValueUnit))
    }
}
