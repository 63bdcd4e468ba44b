//! Frameworks are formulas with params. RICE and WSJF are built in; MATH_MODEL is each initiative's own formula; the
//! others are defined by admins ([`super::framework_definition`]).

use super::{
    ids::{FormulaVersionId, FrameworkId},
    param::{Bounds, Source},
};

/// The key of the framework whose formula each initiative writes itself.
pub const MATH_MODEL: &str = "MATH_MODEL";

/// A way of scoring.
#[derive(Clone, Debug, PartialEq)]
pub struct Framework {
    /// Its row.
    pub id: FrameworkId,
    /// `MATH_MODEL`, `RICE`, `WSJF` or a custom one's.
    pub key: String,
    /// As people say it.
    pub name: String,
    /// Whether it comes with the app; only the others can be changed.
    pub is_builtin: bool,
    /// Whether it is out of use: it stays where it is on, and can't be turned on anywhere else.
    pub is_archived: bool,
    /// Moves with each change of the definition.
    pub revision: i64,
    /// Its formula; none: each initiative's model has its own.
    pub formula: Option<FrameworkFormula>,
    /// What its formula reads, in order; seeded when it is turned on.
    pub params: Vec<FrameworkParam>,
}

impl Framework {
    /// Whether each initiative writes the formula.
    #[must_use]
    pub fn is_math_model(&self) -> bool {
        self.key == MATH_MODEL
    }

    /// A param of its formula.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&FrameworkParam> {
        self.params.iter().find(|param| param.name == name)
    }
}

/// A framework's own formula: approved by being part of the framework.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkFormula {
    /// The immutable version.
    pub id: FormulaVersionId,
    /// Counts up with each change.
    pub version: i32,
    /// The text.
    pub text: String,
}

/// The metadata with which one of a framework's params is seeded.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkParam {
    /// The name the formula reads.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What it means.
    pub description: String,
    /// Its unit.
    pub unit: String,
    /// Hard: refused in every way in.
    pub bounds: Bounds,
    /// Who answers for it.
    pub source: Option<Source>,
}
