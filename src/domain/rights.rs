//! Who may do what: the one table, asked by every action with the actor and the row, and by pages to decide what to show.

use super::param::Source;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a person is to the product. Roles add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads everything.
    Viewer,
    /// Edits params, approves those whose source is Analytics.
    Analytics,
    /// Edits params, approves those whose source is Finance.
    Finance,
    /// Edits params and effort, approves those whose source is Eng.
    Eng,
    /// Writes models, approves formulas and any param, edits initiatives.
    Pm,
    /// Everything a PM may, and imports, people and settings.
    Admin,
}

impl Role {
    /// Every role, weakest first.
    pub const ALL: [Self; 6] = [
        Self::Viewer,
        Self::Analytics,
        Self::Finance,
        Self::Eng,
        Self::Pm,
        Self::Admin,
    ];

    /// As it is stored and written in settings.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analytics => "analytics",
            Self::Finance => "finance",
            Self::Eng => "eng",
            Self::Pm => "pm",
            Self::Admin => "admin",
        }
    }

    /// As people say it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Analytics => "Analytics",
            Self::Finance => "Finance",
            Self::Eng => "Eng",
            Self::Pm => "PM",
            Self::Admin => "Admin",
        }
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.key() == text)
            .ok_or_else(|| format!("there is no role {text:?}"))
    }
}

/// The union of a person's roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// The given roles, each once.
    #[must_use]
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Self {
        let mut roles: Vec<_> = roles.into_iter().collect();
        roles.sort_unstable();
        roles.dedup();
        Self(roles)
    }

    /// Admin includes PM; every other role is itself only.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
            || role == Role::Viewer
            || (role == Role::Pm && self.0.contains(&Role::Admin))
    }

    /// The roles, for display.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(Role::Viewer.label());
        }
        let labels: Vec<_> = self.0.iter().map(|role| role.label()).collect();
        f.write_str(&labels.join(", "))
    }
}

/// Something a person wants to do, with what the decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Create, edit, archive and restore initiatives.
    EditInitiative,
    /// The effort fields of an initiative.
    EditEffort,
    /// Turn frameworks on and off, choose the active one.
    ChooseFramework,
    /// A model's name, texts and formula.
    WriteModel,
    /// Approve a formula or withdraw its approval.
    ApproveFormula,
    /// Any field of a param but its source.
    EditParam,
    /// A param's source, from one to another.
    SetSource {
        /// Whose it is now.
        from: Option<Source>,
        /// Whose it shall be.
        to: Option<Source>,
    },
    /// Approve a param of this source or withdraw its approval.
    ApproveParam(Option<Source>),
    /// Set an override of a score, or withdraw one.
    OverrideScore,
    /// Bring a workbook in.
    Import,
    /// Define a framework, change or archive it.
    DefineFramework,
    /// Add people, say which roles they have, deactivate them, end their sessions.
    ManagePeople,
}

/// Why not, and who may: a sentence for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{who} can {what}. You are signed in as {roles}.")]
pub struct Refusal {
    who: String,
    what: &'static str,
    roles: String,
}

impl Refusal {
    /// The first half alone, for a tooltip beside a control that is off.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{} can {}.", self.who, self.what)
    }
}

/// The table of spec §1.
///
/// # Errors
/// Who may instead.
pub fn may(roles: &Roles, act: Act) -> Result<(), Refusal> {
    let any = |of: &[Role]| of.iter().any(|role| roles.has(*role));
    let (allowed, who, what) = match act {
        Act::EditInitiative => (any(&[Role::Pm]), pm_or_admin(), "edit initiatives"),
        Act::EditEffort => (
            any(&[Role::Pm, Role::Eng]),
            "Only Eng, a PM or an admin".to_owned(),
            "edit effort",
        ),
        Act::ChooseFramework => (any(&[Role::Pm]), pm_or_admin(), "choose frameworks"),
        Act::WriteModel => (any(&[Role::Pm]), pm_or_admin(), "write math models"),
        Act::ApproveFormula => (any(&[Role::Pm]), pm_or_admin(), "approve formulas"),
        Act::EditParam => (
            any(&[Role::Analytics, Role::Finance, Role::Eng, Role::Pm]),
            "Only Analytics, Finance, Eng, a PM or an admin".to_owned(),
            "edit params",
        ),
        Act::SetSource { from, to } => (
            may_set_source(roles, from, to),
            who_owns(from),
            "change whose param this is",
        ),
        Act::ApproveParam(source) => (
            any(&[Role::Pm]) || owner(source).is_some_and(|role| roles.has(role)),
            who_owns(source),
            "approve this param",
        ),
        Act::OverrideScore => (any(&[Role::Pm]), pm_or_admin(), "override scores"),
        Act::Import => (
            any(&[Role::Admin]),
            "Only an admin".to_owned(),
            "import a workbook",
        ),
        Act::DefineFramework => (
            any(&[Role::Admin]),
            "Only an admin".to_owned(),
            "define frameworks",
        ),
        Act::ManagePeople => (
            any(&[Role::Admin]),
            "Only an admin".to_owned(),
            "manage people",
        ),
    };
    if allowed {
        Ok(())
    } else {
        Err(Refusal {
            who,
            what,
            roles: roles.to_string(),
        })
    }
}

/// Once set, only a person of that role, a PM or an admin changes it; while nobody owns the param, Analytics, Finance
/// and Eng may claim it for their own role.
fn may_set_source(roles: &Roles, from: Option<Source>, to: Option<Source>) -> bool {
    if roles.has(Role::Pm) {
        return true;
    }
    match owner(from) {
        Some(role) => role != Role::Pm && roles.has(role),
        None => owner(to).is_some_and(|role| role != Role::Pm && roles.has(role)),
    }
}

/// The role that answers for params of this source; none: it needs an owner.
#[must_use]
pub fn owner(source: Option<Source>) -> Option<Role> {
    match source? {
        Source::Pm => Some(Role::Pm),
        Source::Analytics => Some(Role::Analytics),
        Source::Finance => Some(Role::Finance),
        Source::Eng => Some(Role::Eng),
        Source::Llm => None,
    }
}

fn pm_or_admin() -> String {
    "Only a PM or an admin".to_owned()
}

fn who_owns(source: Option<Source>) -> String {
    match owner(source) {
        None | Some(Role::Pm) => pm_or_admin(),
        Some(role) => format!("Only {}, a PM or an admin", role.label()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every act beside the roles (of viewer, analytics, finance, eng, pm, admin) that may do it.
    const TABLE: &[(Act, &str)] = &[
        (Act::EditInitiative, "----pa"),
        (Act::EditEffort, "---epa"),
        (Act::ChooseFramework, "----pa"),
        (Act::WriteModel, "----pa"),
        (Act::ApproveFormula, "----pa"),
        (Act::EditParam, "-afepa"),
        (Act::ApproveParam(Some(Source::Analytics)), "-a--pa"),
        (Act::ApproveParam(Some(Source::Finance)), "--f-pa"),
        (Act::ApproveParam(Some(Source::Eng)), "---epa"),
        (Act::ApproveParam(Some(Source::Pm)), "----pa"),
        (Act::ApproveParam(Some(Source::Llm)), "----pa"),
        (Act::ApproveParam(None), "----pa"),
        (
            Act::SetSource {
                from: None,
                to: Some(Source::Finance),
            },
            "--f-pa",
        ),
        (
            Act::SetSource {
                from: Some(Source::Llm),
                to: Some(Source::Eng),
            },
            "---epa",
        ),
        (
            Act::SetSource {
                from: None,
                to: Some(Source::Pm),
            },
            "----pa",
        ),
        (
            Act::SetSource {
                from: Some(Source::Finance),
                to: Some(Source::Eng),
            },
            "--f-pa",
        ),
        (
            Act::SetSource {
                from: Some(Source::Pm),
                to: Some(Source::Eng),
            },
            "----pa",
        ),
        (
            Act::SetSource {
                from: Some(Source::Analytics),
                to: None,
            },
            "-a--pa",
        ),
        (Act::OverrideScore, "----pa"),
        (Act::Import, "-----a"),
        (Act::DefineFramework, "-----a"),
        (Act::ManagePeople, "-----a"),
    ];

    #[test]
    fn each_act_is_open_to_the_roles_of_the_table_and_to_no_other() {
        for (act, allowed) in TABLE {
            for (role, mark) in Role::ALL.into_iter().zip(allowed.chars()) {
                let answer = may(&Roles::new([role]), *act);
                assert_eq!(answer.is_ok(), mark != '-', "{role:?} {act:?}");
            }
        }
    }

    #[test]
    fn roles_add_up() {
        let both = Roles::new([Role::Analytics, Role::Finance]);
        assert!(may(&both, Act::ApproveParam(Some(Source::Finance))).is_ok());
        assert!(may(&both, Act::ApproveParam(Some(Source::Analytics))).is_ok());
        assert!(may(&both, Act::ApproveParam(Some(Source::Eng))).is_err());
    }

    #[test]
    fn a_refusal_says_who_may_and_who_one_is() {
        let refusal = may(
            &Roles::new([Role::Eng]),
            Act::ApproveParam(Some(Source::Finance)),
        );
        assert_eq!(
            refusal.unwrap_err().to_string(),
            "Only Finance, a PM or an admin can approve this param. You are signed in as Eng."
        );
    }
}
