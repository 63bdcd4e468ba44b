//! What the company has set for everybody: who may approve, beyond what the roles say.

use super::change::FieldChange;
use serde_json::json;

/// What four-eyes watches over: nobody approves there what they changed themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FourEyes {
    /// Nothing: whoever may approve may also approve what they changed themselves.
    #[default]
    Off,
    /// Params that are Finance's, or were at a change since the last approval.
    Finance,
    /// Every param and every formula.
    All,
}

impl FourEyes {
    /// Every choice, from the mildest.
    pub const CHOICES: [Self; 3] = [Self::Off, Self::Finance, Self::All];

    /// As stored, and in forms.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Finance => "finance",
            Self::All => "all",
        }
    }

    /// The choice of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::CHOICES.into_iter().find(|choice| choice.key() == key)
    }

    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::Finance => "Finance-owned params",
            Self::All => "Every param and formula",
        }
    }
}

/// The settings as they hold. Every right that depends on them carries them, so that nobody can ask without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What four-eyes watches over.
    pub four_eyes: FourEyes,
    /// Whether Finance alone approves Finance-owned params and gives them to another owner.
    pub finance_approves_own: bool,
    /// Moves with each change; forms carry it.
    pub revision: i64,
}

impl Settings {
    /// What differs, as the change log keeps it; empty: nothing.
    #[must_use]
    pub fn changes_to(&self, new: &Self) -> Vec<FieldChange> {
        let mut changes = Vec::new();
        if self.four_eyes != new.four_eyes {
            changes.push(FieldChange {
                field: "four_eyes",
                old: json!(self.four_eyes.key()),
                new: json!(new.four_eyes.key()),
            });
        }
        if self.finance_approves_own != new.finance_approves_own {
            changes.push(FieldChange {
                field: "finance_approves_own",
                old: json!(self.finance_approves_own),
                new: json!(new.finance_approves_own),
            });
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_a_change() {
        let before = Settings::default();
        assert_eq!(before.changes_to(&before), []);
        let after = Settings {
            four_eyes: FourEyes::All,
            finance_approves_own: true,
            ..before
        };
        let fields: Vec<_> = before
            .changes_to(&after)
            .iter()
            .map(|change| change.field)
            .collect();
        assert_eq!(fields, ["four_eyes", "finance_approves_own"]);
        assert_eq!(after.changes_to(&before).len(), 2);
    }

    #[test]
    fn each_choice_is_stored_under_a_name_of_its_own() {
        for choice in FourEyes::CHOICES {
            assert_eq!(FourEyes::from_key(choice.key()), Some(choice));
        }
        assert_eq!(FourEyes::from_key("some"), None);
    }
}
