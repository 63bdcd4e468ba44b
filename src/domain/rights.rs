//! Who may do what: the one table, asked by every action with the actor and the row, and by pages to decide what to show.

use super::{four_eyes::OwnHand, param::Source, settings::Settings};
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
    /// Approve a formula.
    ApproveFormula {
        /// What holds for everybody.
        settings: Settings,
        /// What they did to it since it was last approved.
        own: Option<OwnHand>,
    },
    /// Withdraw a formula's approval.
    WithdrawFormulaApproval,
    /// Bring the text approved last back with its approval, which fell with a later version: no new approval.
    ReinstateFormula,
    /// Any field of a param but its source.
    EditParam,
    /// A param's source, from one to another.
    SetSource {
        /// Whose it is now.
        from: Option<Source>,
        /// Whose it shall be.
        to: Option<Source>,
        /// What holds for everybody.
        settings: Settings,
    },
    /// Approve a param.
    ApproveParam {
        /// Whose it is.
        source: Option<Source>,
        /// What holds for everybody.
        settings: Settings,
        /// What they did to it since it was last approved.
        own: Option<OwnHand>,
    },
    /// Withdraw the approval of a param of this source. No setting narrows it: taking back is the safe direction.
    WithdrawParamApproval(Option<Source>),
    /// Say which scenario drives the score.
    DriveScore,
    /// Set an override of a score, or withdraw one.
    OverrideScore,
    /// Drop the score that a workbook brought for an initiative which was never scored here.
    DropLegacyScore,
    /// Say something about an initiative, a model or a param.
    Comment,
    /// Ask the LLM, refuse what it suggests, cancel what was asked.
    AskLlm,
    /// Read what the LLM was asked and what it answered, to the letter.
    ReadLlmCalls,
    /// See what the LLM is used for and what that costs.
    ReadLlmUsage,
    /// Bring a workbook in.
    Import,
    /// Define a framework, change or archive it.
    DefineFramework,
    /// Change the settings.
    ChangeSettings,
    /// Say what the mirror may do, and decide what it asks.
    ControlMirror,
    /// Add people, say which roles they have, deactivate them, end their sessions.
    ManagePeople,
}

/// Why not, and who may: a sentence for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    why: String,
    /// Whose roles don't reach; none: it isn't a matter of roles.
    roles: Option<String>,
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        match &self.roles {
            Some(roles) => write!(f, " You are signed in as {roles}."),
            None => Ok(()),
        }
    }
}

impl Refusal {
    /// Why, without who one is: for what stands beside a control that is off.
    #[must_use]
    pub fn short(&self) -> String {
        self.why.clone()
    }
}

/// The table of spec §1: first what the roles and *Finance-owned params are approved by Finance only* say, then
/// four-eyes ([`super::four_eyes`]).
///
/// # Errors
/// Who may instead.
pub fn may(roles: &Roles, act: Act) -> Result<(), Refusal> {
    let (allowed, who, what) = by_role(roles, act);
    if !allowed {
        return Err(Refusal {
            why: format!("Only {who} can {what}."),
            roles: Some(roles.to_string()),
        });
    }
    match act {
        Act::ApproveParam {
            source,
            settings,
            own: Some(own),
        } if own.bars_param(settings, source) => Err(Refusal {
            why: own.sentence(&who),
            roles: None,
        }),
        Act::ApproveFormula {
            settings,
            own: Some(own),
        } if own.bars_formula(settings) => Err(Refusal {
            why: own.sentence(&who),
            roles: None,
        }),
        _ => Ok(()),
    }
}

/// Whether these roles reach, who else's do, and for what.
fn by_role(roles: &Roles, act: Act) -> (bool, String, &'static str) {
    const PM: &[Role] = &[Role::Pm];
    const ADMIN: &[Role] = &[Role::Admin];
    let only = |of: &[Role], who: &str, what| {
        let is_one = of.iter().any(|role| roles.has(*role));
        (is_one, who.to_owned(), what)
    };
    match act {
        Act::EditInitiative => only(PM, PM_OR_ADMIN, "edit initiatives"),
        Act::EditEffort => only(
            &[Role::Pm, Role::Eng],
            "Eng, a PM or an admin",
            "edit effort",
        ),
        Act::ChooseFramework => only(PM, PM_OR_ADMIN, "choose frameworks"),
        Act::WriteModel => only(PM, PM_OR_ADMIN, "write math models"),
        Act::ApproveFormula { .. } => only(PM, PM_OR_ADMIN, "approve formulas"),
        Act::WithdrawFormulaApproval => only(PM, PM_OR_ADMIN, "withdraw the approval of formulas"),
        Act::ReinstateFormula => only(PM, PM_OR_ADMIN, "go back to the approved formula"),
        Act::EditParam => only(
            &[Role::Analytics, Role::Finance, Role::Eng, Role::Pm],
            "Analytics, Finance, Eng, a PM or an admin",
            "edit params",
        ),
        Act::SetSource { from, to, settings } => {
            let what = "change whose param this is";
            if is_finances_alone(from, settings) {
                return only(&[Role::Finance], FINANCE, what);
            }
            (may_set_source(roles, from, to), who_owns(from), what)
        }
        Act::ApproveParam {
            source, settings, ..
        } => {
            let what = "approve this param";
            if is_finances_alone(source, settings) {
                return only(&[Role::Finance], FINANCE, what);
            }
            (answers_for(roles, source), who_owns(source), what)
        }
        Act::WithdrawParamApproval(source) => (
            answers_for(roles, source),
            who_owns(source),
            "withdraw the approval of this param",
        ),
        Act::DriveScore => only(PM, PM_OR_ADMIN, "say which scenario drives the score"),
        Act::OverrideScore => only(PM, PM_OR_ADMIN, "override scores"),
        Act::DropLegacyScore => only(ADMIN, AN_ADMIN, "drop a legacy score"),
        Act::Comment => only(
            &[Role::Analytics, Role::Finance, Role::Eng, Role::Pm],
            "Analytics, Finance, Eng, a PM or an admin",
            "comment",
        ),
        Act::AskLlm => only(PM, PM_OR_ADMIN, "ask the LLM"),
        Act::ReadLlmCalls => only(PM, PM_OR_ADMIN, "read what the LLM was asked"),
        Act::ReadLlmUsage => only(ADMIN, AN_ADMIN, "see what the LLM was used for"),
        Act::Import => only(ADMIN, AN_ADMIN, "import a workbook"),
        Act::DefineFramework => only(ADMIN, AN_ADMIN, "define frameworks"),
        Act::ChangeSettings => only(ADMIN, AN_ADMIN, "change the settings"),
        Act::ControlMirror => only(ADMIN, AN_ADMIN, "control the mirror"),
        Act::ManagePeople => only(ADMIN, AN_ADMIN, "manage people"),
    }
}

/// Whether Finance alone approves params of this source, and gives them to another owner: otherwise a PM would take
/// one over, approve it and give it back.
fn is_finances_alone(source: Option<Source>, settings: Settings) -> bool {
    settings.finance_approves_own && source == Some(Source::Finance)
}

/// A PM for every param, everybody else for those of their role.
fn answers_for(roles: &Roles, source: Option<Source>) -> bool {
    roles.has(Role::Pm) || owner(source).is_some_and(|role| roles.has(role))
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

const PM_OR_ADMIN: &str = "a PM or an admin";
const AN_ADMIN: &str = "an admin";
const FINANCE: &str = "Finance";

fn who_owns(source: Option<Source>) -> String {
    match owner(source) {
        None | Some(Role::Pm) => PM_OR_ADMIN.to_owned(),
        Some(role) => format!("{}, {PM_OR_ADMIN}", role.label()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{four_eyes::tests::changed_value, settings::FourEyes};

    const OFF: Settings = Settings {
        four_eyes: FourEyes::Off,
        finance_approves_own: false,
        revision: 1,
    };
    const FINANCE_ALONE: Settings = Settings {
        finance_approves_own: true,
        ..OFF
    };

    fn approve(source: Option<Source>, settings: Settings) -> Act {
        Act::ApproveParam {
            source,
            settings,
            own: None,
        }
    }

    fn give(from: Option<Source>, to: Option<Source>, settings: Settings) -> Act {
        Act::SetSource { from, to, settings }
    }

    /// Each kind of act by its name. The match has no way out, so an act that is new doesn't compile before it has a
    /// line here; and what has a line here must stand in the table.
    macro_rules! kinds {
        ($($kind:ident),* $(,)?) => {
            const KINDS: &[&str] = &[$(stringify!($kind)),*];
            fn kind(act: &Act) -> &'static str {
                match act {
                    $(Act::$kind { .. } => stringify!($kind),)*
                }
            }
        };
    }
    kinds!(
        EditInitiative,
        EditEffort,
        ChooseFramework,
        WriteModel,
        ApproveFormula,
        WithdrawFormulaApproval,
        ReinstateFormula,
        EditParam,
        SetSource,
        ApproveParam,
        WithdrawParamApproval,
        DriveScore,
        OverrideScore,
        DropLegacyScore,
        Comment,
        AskLlm,
        ReadLlmCalls,
        ReadLlmUsage,
        Import,
        DefineFramework,
        ChangeSettings,
        ControlMirror,
        ManagePeople,
    );

    /// Every act beside the roles (of viewer, analytics, finance, eng, pm, admin) that may do it.
    fn table() -> Vec<(Act, &'static str)> {
        let (analytics, finance) = (Some(Source::Analytics), Some(Source::Finance));
        let (eng, pm, llm) = (Some(Source::Eng), Some(Source::Pm), Some(Source::Llm));
        let formula = |settings| Act::ApproveFormula {
            settings,
            own: None,
        };
        vec![
            (Act::EditInitiative, "----pa"),
            (Act::EditEffort, "---epa"),
            (Act::ChooseFramework, "----pa"),
            (Act::WriteModel, "----pa"),
            (formula(OFF), "----pa"),
            (formula(FINANCE_ALONE), "----pa"),
            (Act::WithdrawFormulaApproval, "----pa"),
            (Act::ReinstateFormula, "----pa"),
            (Act::EditParam, "-afepa"),
            (approve(analytics, OFF), "-a--pa"),
            (approve(finance, OFF), "--f-pa"),
            (approve(eng, OFF), "---epa"),
            (approve(pm, OFF), "----pa"),
            (approve(llm, OFF), "----pa"),
            (approve(None, OFF), "----pa"),
            (approve(finance, FINANCE_ALONE), "--f---"),
            (approve(analytics, FINANCE_ALONE), "-a--pa"),
            (approve(None, FINANCE_ALONE), "----pa"),
            (Act::WithdrawParamApproval(finance), "--f-pa"),
            (Act::WithdrawParamApproval(eng), "---epa"),
            (Act::WithdrawParamApproval(None), "----pa"),
            (give(None, finance, OFF), "--f-pa"),
            (give(llm, eng, OFF), "---epa"),
            (give(None, pm, OFF), "----pa"),
            (give(finance, eng, OFF), "--f-pa"),
            (give(pm, eng, OFF), "----pa"),
            (give(analytics, None, OFF), "-a--pa"),
            (give(finance, eng, FINANCE_ALONE), "--f---"),
            (give(finance, None, FINANCE_ALONE), "--f---"),
            (give(pm, finance, FINANCE_ALONE), "----pa"),
            (give(None, finance, FINANCE_ALONE), "--f-pa"),
            (Act::DriveScore, "----pa"),
            (Act::OverrideScore, "----pa"),
            (Act::DropLegacyScore, "-----a"),
            (Act::Comment, "-afepa"),
            (Act::AskLlm, "----pa"),
            (Act::ReadLlmCalls, "----pa"),
            (Act::ReadLlmUsage, "-----a"),
            (Act::Import, "-----a"),
            (Act::DefineFramework, "-----a"),
            (Act::ChangeSettings, "-----a"),
            (Act::ControlMirror, "-----a"),
            (Act::ManagePeople, "-----a"),
        ]
    }

    #[test]
    fn each_act_is_open_to_the_roles_of_the_table_and_to_no_other() {
        for (act, allowed) in table() {
            for (role, mark) in Role::ALL.into_iter().zip(allowed.chars()) {
                let answer = may(&Roles::new([role]), act);
                assert_eq!(answer.is_ok(), mark != '-', "{role:?} {act:?}");
            }
        }
    }

    #[test]
    fn every_act_there_is_stands_in_the_table() {
        for name in KINDS {
            assert!(
                table().iter().any(|(act, _)| kind(act) == *name),
                "{name} is missing"
            );
        }
    }

    #[test]
    fn four_eyes_bars_whoever_changed_it_and_nobody_else() {
        use FourEyes::{All, Finance, Off};
        let (finance, eng) = (Some(Source::Finance), Some(Source::Eng));
        for (four_eyes, source, was_finances, is_barred) in [
            (Off, finance, true, false),
            (Finance, finance, false, true),
            (Finance, eng, true, true),
            (Finance, eng, false, false),
            (All, finance, false, true),
            (All, eng, false, true),
            (All, None, false, true),
        ] {
            for finance_approves_own in [false, true] {
                let settings = Settings {
                    four_eyes,
                    finance_approves_own,
                    revision: 1,
                };
                for role in Role::ALL {
                    let roles = Roles::new([role]);
                    let ask = |own| {
                        let act = Act::ApproveParam {
                            source,
                            settings,
                            own,
                        };
                        may(&roles, act).is_ok()
                    };
                    let case = format!("{role:?} {source:?} {settings:?}");
                    let others = may(&roles, approve(source, settings)).is_ok();
                    assert_eq!(ask(None), others, "{case}");
                    let own = Some(changed_value(was_finances));
                    assert_eq!(ask(own), others && !is_barred, "{case}");
                }
            }
        }
    }

    #[test]
    fn four_eyes_looks_at_formulas_where_it_is_on_for_everything() {
        for four_eyes in FourEyes::CHOICES {
            let settings = Settings { four_eyes, ..OFF };
            for role in [Role::Pm, Role::Admin] {
                let act = Act::ApproveFormula {
                    settings,
                    own: Some(changed_value(false)),
                };
                let is_open = may(&Roles::new([role]), act).is_ok();
                assert_eq!(
                    is_open,
                    four_eyes != FourEyes::All,
                    "{role:?} {four_eyes:?}"
                );
            }
        }
    }

    #[test]
    fn roles_add_up() {
        let both = Roles::new([Role::Analytics, Role::Finance]);
        assert!(may(&both, approve(Some(Source::Finance), OFF)).is_ok());
        assert!(may(&both, approve(Some(Source::Analytics), OFF)).is_ok());
        assert!(may(&both, approve(Some(Source::Eng), OFF)).is_err());
        let admin = Roles::new([Role::Admin, Role::Finance]);
        assert!(may(&admin, approve(Some(Source::Finance), FINANCE_ALONE)).is_ok());
    }

    #[test]
    fn a_refusal_says_who_may_and_who_one_is() {
        let said = |role, act| may(&Roles::new([role]), act).unwrap_err().to_string();
        let finance = Some(Source::Finance);
        assert_eq!(
            said(Role::Eng, approve(finance, OFF)),
            "Only Finance, a PM or an admin can approve this param. You are signed in as Eng."
        );
        assert_eq!(
            said(Role::Admin, approve(finance, FINANCE_ALONE)),
            "Only Finance can approve this param. You are signed in as Admin."
        );
        let barred = Act::ApproveParam {
            source: finance,
            settings: Settings {
                four_eyes: FourEyes::Finance,
                ..OFF
            },
            own: Some(changed_value(true)),
        };
        assert_eq!(
            said(Role::Finance, barred),
            "You changed its value on 1 Jan 1970; with four-eyes on, somebody else approves it: Finance, a PM or an admin."
        );
    }
}
