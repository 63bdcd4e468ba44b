//! What waits for somebody: the kinds of things to do that stand between an initiative and its score.

use super::{
    four_eyes::{Hand, own_hand},
    ids::UserId,
    param::Source,
    rights::{self, Act, Role, Roles, may},
    scoring::Missing,
    settings::Settings,
};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Write a formula.
    WriteFormula,
    /// Approve a formula.
    ApproveFormula,
    /// Fill in a value.
    Fill,
    /// Say whose a param is, or fill it in oneself.
    NameOwner,
    /// Approve a value.
    Approve,
    /// Put a value right that is out of its range, or that the formula can't compute with.
    PutRight,
}

impl Task {
    /// Every task, in the order in which an initiative comes to them.
    pub const ALL: [Self; 6] = [
        Self::WriteFormula,
        Self::ApproveFormula,
        Self::NameOwner,
        Self::Fill,
        Self::Approve,
        Self::PutRight,
    ];

    /// As addresses name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::WriteFormula => "write-formula",
            Self::ApproveFormula => "approve-formula",
            Self::Fill => "fill",
            Self::NameOwner => "name-owner",
            Self::Approve => "approve",
            Self::PutRight => "put-right",
        }
    }

    /// As people say it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::WriteFormula => "Formulas to write",
            Self::ApproveFormula => "Formulas to approve",
            Self::Fill => "Values to fill",
            Self::NameOwner => "Needs an owner",
            Self::Approve => "Params to approve",
            Self::PutRight => "To put right",
        }
    }

    /// What has to be done about something that is missing.
    #[must_use]
    pub fn about(missing: &Missing) -> Self {
        match missing {
            Missing::Formula => Self::WriteFormula,
            Missing::FormulaApproval { .. } => Self::ApproveFormula,
            Missing::Value { source, .. } if rights::owner(*source).is_none() => Self::NameOwner,
            Missing::Value { .. } => Self::Fill,
            Missing::Approval { .. } => Self::Approve,
            Missing::InRange { .. } | Missing::Arithmetic { .. } => Self::PutRight,
        }
    }
}

/// The role for which something missing waits: the param's owner; the PM where nobody owns it, and for formulas.
#[must_use]
pub fn waits_for(missing: &Missing) -> Role {
    let source: Option<Source> = match missing {
        Missing::Value { source, .. }
        | Missing::Approval { source, .. }
        | Missing::InRange { source, .. } => *source,
        Missing::Formula | Missing::FormulaApproval { .. } | Missing::Arithmetic { .. } => None,
    };
    rights::owner(source).unwrap_or(Role::Pm)
}

/// A change of a shared fact that waits for approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingProposal {
    /// Whose the fact is; none: nothing is in force yet.
    pub owner: Option<Source>,
    /// Whose it would be.
    pub proposed: Source,
    /// What was proposed since the last approval, and by whom.
    pub hands: Vec<Hand>,
}

impl WaitingProposal {
    /// The role for which it waits: the owner; the PM where the fact would change hands, since that takes both.
    #[must_use]
    pub fn role(&self) -> Role {
        let changes_hands = self.owner.is_some_and(|owner| owner != self.proposed);
        let owner = rights::owner(Some(self.proposed)).filter(|_| !changes_hands);
        owner.unwrap_or(Role::Pm)
    }

    /// Whether it waits for this person: it is their role's, and nothing bars them from approving it.
    #[must_use]
    pub fn waits_for(&self, who: UserId, roles: &Roles, settings: Settings) -> bool {
        let own = own_hand(who, &self.hands);
        let mut owners = self.owner.into_iter().chain([self.proposed]);
        roles.has(self.role())
            && owners.all(|source| {
                let source = Some(source);
                let act = Act::ApproveParam {
                    source,
                    settings,
                    own,
                };
                may(roles, act).is_ok()
            })
    }
}

/// The roles for which anything can wait.
pub const OWING: [Role; 4] = [Role::Pm, Role::Analytics, Role::Finance, Role::Eng];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::FourEyes;

    fn value(source: Option<Source>) -> Missing {
        Missing::Value {
            name: "aov".into(),
            label: "AOV".into(),
            source,
        }
    }

    #[test]
    fn a_value_waits_for_its_owner_and_one_without_an_owner_for_the_pm_to_name_one() {
        let cases = [
            (Some(Source::Finance), Role::Finance, Task::Fill),
            (Some(Source::Eng), Role::Eng, Task::Fill),
            (Some(Source::Pm), Role::Pm, Task::Fill),
            (Some(Source::Llm), Role::Pm, Task::NameOwner),
            (None, Role::Pm, Task::NameOwner),
        ];
        for (source, role, task) in cases {
            let missing = value(source);
            assert_eq!(
                (waits_for(&missing), Task::about(&missing)),
                (role, task),
                "{source:?}"
            );
        }
    }

    #[test]
    fn formulas_and_arithmetic_wait_for_the_pm() {
        let arithmetic = Missing::Arithmetic { why: String::new() };
        let cases = [
            (Missing::Formula, Task::WriteFormula),
            (
                Missing::FormulaApproval {
                    version: 3,
                    scenario: None,
                },
                Task::ApproveFormula,
            ),
            (arithmetic, Task::PutRight),
        ];
        for (missing, task) in cases {
            assert_eq!(
                (waits_for(&missing), Task::about(&missing)),
                (Role::Pm, task)
            );
        }
    }

    #[test]
    fn a_facts_change_waits_for_its_owner_and_where_it_changes_hands_for_the_pm() {
        let finance = Some(Source::Finance);
        let cases = [
            (None, Source::Eng, Role::Eng),
            (finance, Source::Finance, Role::Finance),
            (finance, Source::Eng, Role::Pm),
            (Some(Source::Pm), Source::Pm, Role::Pm),
        ];
        for (owner, proposed, role) in cases {
            let hands = Vec::new();
            let waiting = WaitingProposal {
                owner,
                proposed,
                hands,
            };
            assert_eq!(waiting.role(), role, "{owner:?} {proposed:?}");
            let settings = Settings::default();
            let own = Roles::new([role]);
            assert!(waiting.waits_for(UserId(1), &own, settings));
            let viewer = Roles::new([Role::Viewer]);
            assert!(!waiting.waits_for(UserId(1), &viewer, settings));
        }
    }

    #[test]
    fn with_four_eyes_it_doesnt_wait_for_whoever_proposed_it() {
        let at = chrono::DateTime::UNIX_EPOCH;
        let proposed = [(UserId(7), at, Source::Finance)];
        let waiting = WaitingProposal {
            owner: Some(Source::Finance),
            proposed: Source::Finance,
            hands: crate::domain::fact::hands(&proposed, Some(Source::Finance)),
        };
        let finance = Roles::new([Role::Finance]);
        let waits = |who, four_eyes| {
            let settings = Settings {
                four_eyes,
                ..Settings::default()
            };
            waiting.waits_for(UserId(who), &finance, settings)
        };
        assert!(waits(7, FourEyes::Off) && waits(8, FourEyes::All));
        assert!(!waits(7, FourEyes::All));
    }

    #[test]
    fn every_task_has_a_key_of_its_own() {
        let mut keys = Task::ALL.map(Task::key).to_vec();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Task::ALL.len());
    }
}
