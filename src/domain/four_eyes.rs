//! Four-eyes: nobody approves what they changed themselves. Who had a hand in a thing since it was last approved, and
//! whether that bars them.
//!
//! - **What counts.** Of a param: value, unit, lowest, highest and source. Of a model: every version of its formula that
//!   was saved, also one that brings an earlier text back. Of a scenario: its formula and every value that it
//!   was given. Labels, descriptions, notes and evidence don't.
//! - **Since when.** Since the last approval of that part (value, unit and source; lowest and highest; the formula),
//!   whether it stands or fell with a later change; never approved: ever. An approval that a person *took back* doesn't
//!   count, or its author could have it withdrawn and then give it themselves. One that came by import counts, and so
//!   does one that was reinstated.
//! - **Who.** Whoever made the change, by form, paste or any other way in; what came by import counts for whoever
//!   imported it. The command line and the app's own rules bar nobody. No role is exempt, admins neither.
//! - **Where.** With *Finance-owned params*: where the param is Finance's now, or was before or after any of these
//!   changes, whoever made them, so that giving it to another owner for a moment opens no way around. With *every param
//!   and formula*: everywhere.
//! - **What stays open.** Taking an approval back. Reinstating one that fell with a later change: that is the same
//!   approval and no new one. Taking approvals over with an import: an admin's act, recorded as imported.

use super::{
    ids::UserId,
    param::Source,
    settings::{FourEyes, Settings},
};
use chrono::{DateTime, Utc};

/// Something that an approval speaks of and that somebody changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Material {
    /// A param's number.
    Value,
    /// Its unit.
    Unit,
    /// The lower end of its range.
    Lowest,
    /// The upper end.
    Highest,
    /// Whose it is.
    Source,
    /// A model's formula.
    Formula,
    /// What a scenario sets.
    ScenarioValue,
    /// A scenario's own formula.
    ScenarioFormula,
}

impl Material {
    /// From the change log's name of the field; none: it isn't material.
    #[must_use]
    pub fn from_field(field: &str) -> Option<Self> {
        match field {
            "value" => Some(Self::Value),
            "unit" => Some(Self::Unit),
            "min" => Some(Self::Lowest),
            "max" => Some(Self::Highest),
            "source" => Some(Self::Source),
            "formula" | "restored_formula" => Some(Self::Formula),
            "scenario_value" => Some(Self::ScenarioValue),
            "scenario_formula" => Some(Self::ScenarioFormula),
            _ => None,
        }
    }

    /// What they did, after "You": "changed its value".
    fn done(self) -> &'static str {
        match self {
            Self::Value => "changed its value",
            Self::Unit => "changed its unit",
            Self::Lowest => "changed its lowest value",
            Self::Highest => "changed its highest value",
            Self::Source => "changed whose it is",
            Self::Formula => "saved its formula",
            Self::ScenarioValue => "set one of its values",
            Self::ScenarioFormula => "changed its formula",
        }
    }
}

/// A change since the last approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who; none: the command line or a rule, which bars nobody.
    pub by: Option<UserId>,
    /// What they changed.
    pub what: Material,
    /// When.
    pub at: DateTime<Utc>,
    /// Of a changed source: whose it was and whose it became. Between two such changes it stays what it is.
    pub source: Option<(Option<Source>, Option<Source>)>,
}

/// What one person did to a thing since it was last approved: the last of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnHand {
    what: Material,
    at: DateTime<Utc>,
    /// Whether the param was Finance's before or after any change since then, whoever made it.
    was_finances: bool,
}

/// What this person did to a thing, of all that was done since it was last approved; none: nothing.
#[must_use]
pub fn own_hand(person: UserId, hands: &[Hand]) -> Option<OwnHand> {
    let last = hands.iter().rfind(|hand| hand.by == Some(person))?;
    let finance = Some(Source::Finance);
    Some(OwnHand {
        what: last.what,
        at: last.at,
        was_finances: hands
            .iter()
            .filter_map(|hand| hand.source)
            .any(|(before, after)| before == finance || after == finance),
    })
}

impl OwnHand {
    /// Whether it bars them from approving a param that is this source's now.
    #[must_use]
    pub fn bars_param(self, settings: Settings, source: Option<Source>) -> bool {
        match settings.four_eyes {
            FourEyes::Off => false,
            FourEyes::Finance => self.was_finances || source == Some(Source::Finance),
            FourEyes::All => true,
        }
    }

    /// Whether it bars them from approving a formula.
    #[must_use]
    pub fn bars_formula(self, settings: Settings) -> bool {
        settings.four_eyes == FourEyes::All
    }

    /// Why not, and who instead.
    #[must_use]
    pub fn sentence(self, others: &str) -> String {
        format!(
            "You {} on {}; with four-eyes on, somebody else approves it: {others}.",
            self.what.done(),
            self.at.format("%-d %b %Y")
        )
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const ANDERS: UserId = UserId(1);
    const FIONA: UserId = UserId(2);

    fn hand(by: Option<UserId>, what: Material) -> Hand {
        Hand {
            by,
            what,
            at: DateTime::UNIX_EPOCH,
            source: None,
        }
    }

    fn given(by: UserId, from: Option<Source>, to: Option<Source>) -> Hand {
        Hand {
            source: Some((from, to)),
            ..hand(Some(by), Material::Source)
        }
    }

    /// Somebody's own change of a value.
    pub(crate) fn changed_value(was_finances: bool) -> OwnHand {
        OwnHand {
            what: Material::Value,
            at: DateTime::UNIX_EPOCH,
            was_finances,
        }
    }

    fn settings(four_eyes: FourEyes) -> Settings {
        Settings {
            four_eyes,
            ..Settings::default()
        }
    }

    #[test]
    fn only_ones_own_changes_count_and_the_last_one_is_named() {
        let hands = [
            hand(Some(ANDERS), Material::Value),
            hand(Some(ANDERS), Material::Unit),
            hand(Some(FIONA), Material::Highest),
        ];
        let own = own_hand(ANDERS, &hands).unwrap();
        assert_eq!(
            own.sentence("Finance, a PM or an admin"),
            "You changed its unit on 1 Jan 1970; with four-eyes on, somebody else approves it: Finance, a PM or an admin."
        );
        assert_eq!(own_hand(UserId(3), &hands), None);
        assert_eq!(own_hand(ANDERS, &[]), None);
    }

    #[test]
    fn what_nobody_did_bars_nobody() {
        assert_eq!(own_hand(ANDERS, &[hand(None, Material::Value)]), None);
    }

    #[test]
    fn finance_means_its_params_now_and_at_every_change_since_whoever_made_it() {
        let (finance, pm) = (Some(Source::Finance), Some(Source::Pm));
        let own = hand(Some(ANDERS), Material::Value);
        let cases = [
            (vec![own], finance, true),
            (vec![own], pm, false),
            (vec![own], None, false),
            (vec![own, given(FIONA, finance, pm)], pm, true),
            (vec![own, given(FIONA, None, finance)], finance, true),
            (
                vec![given(FIONA, pm, finance), given(FIONA, finance, pm), own],
                pm,
                true,
            ),
            (vec![given(ANDERS, pm, None)], None, false),
            (vec![given(ANDERS, finance, pm)], pm, true),
        ];
        for (hands, source, is_barred) in cases {
            let own = own_hand(ANDERS, &hands).unwrap();
            assert_eq!(
                own.bars_param(settings(FourEyes::Finance), source),
                is_barred,
                "{hands:?}"
            );
            assert!(own.bars_param(settings(FourEyes::All), source));
            assert!(!own.bars_param(settings(FourEyes::Off), source));
        }
    }

    #[test]
    fn formulas_are_watched_with_everything_only() {
        let own = own_hand(ANDERS, &[hand(Some(ANDERS), Material::Formula)]).unwrap();
        for (four_eyes, is_barred) in [
            (FourEyes::Off, false),
            (FourEyes::Finance, false),
            (FourEyes::All, true),
        ] {
            assert_eq!(own.bars_formula(settings(four_eyes)), is_barred);
        }
    }

    #[test]
    fn what_is_not_material_counts_for_nothing() {
        for field in ["value", "unit", "min", "max", "source", "formula"] {
            assert!(Material::from_field(field).is_some(), "{field}");
        }
        for field in ["notes", "param_display", "evidence_link", "approval"] {
            assert_eq!(Material::from_field(field), None, "{field}");
        }
    }
}
