//! One field in a param's row, ready to print, as this visitor may use it.
//!
//! A page shows hundreds of rows, so whatever is the same for all of them is asked once: [`Eyes`].

use super::fields::{self, Reader, bar, invitation, link_text, range_text};
use crate::{
    domain::{
        ids::ParamId,
        number_format::both_readings,
        param::{Bounds, Guess, Param, Source, TextField},
        param_input::ParamField,
        rights::{Act, Roles, may},
        settings::Settings,
    },
    store::params_grid::{CountsInstead, GridParam},
    web::{four_eyes::OwnHands, view::params::Cell},
};
use chrono::NaiveDate;
use std::sync::Arc;

/// A person's rights over the rows of a page, asked of the table once.
#[derive(Clone, Debug)]
pub(super) struct Eyes {
    /// The day it is, for what is due.
    pub(super) today: NaiveDate,
    roles: Roles,
    settings: Settings,
    /// What they changed since it was last approved.
    hands: OwnHands,
    /// Why this person edits no param; none: they do.
    why_not: Option<Arc<str>>,
    /// For each source in the order of [`place`]: whether they may approve, and why they can't change whose it is.
    of_source: [OfSource; SOURCES],
}

#[derive(Clone, Debug, Default)]
struct OfSource {
    may_approve: bool,
    may_withdraw: bool,
    keeps_source: Option<Arc<str>>,
}

/// None, the four that people choose, and the LLM's guess.
const SOURCES: usize = 6;

fn place(source: Option<Source>) -> usize {
    match source {
        None => 0,
        Some(Source::Pm) => 1,
        Some(Source::Analytics) => 2,
        Some(Source::Finance) => 3,
        Some(Source::Eng) => 4,
        Some(Source::Llm) => 5,
    }
}

impl Eyes {
    /// Of this person, who had a hand in these params.
    pub(super) fn of(reader: Reader<'_>, hands: OwnHands, today: NaiveDate) -> Self {
        let Reader { roles, settings } = reader;
        let mut of_source: [OfSource; SOURCES] = Default::default();
        let guess = [None, Some(Source::Llm)];
        for source in guess.into_iter().chain(Source::CHOICES.map(Some)) {
            let keeps = fields::may_change_source(source, reader).err();
            let approve = Act::ApproveParam {
                source,
                settings,
                own: None,
            };
            of_source[place(source)] = OfSource {
                may_approve: may(roles, approve).is_ok(),
                may_withdraw: may(roles, Act::WithdrawParamApproval(source)).is_ok(),
                keeps_source: keeps.map(|refusal| refusal.short().into()),
            };
        }
        Self {
            today,
            roles: roles.clone(),
            settings,
            hands,
            why_not: may(roles, Act::EditParam)
                .err()
                .map(|refusal| refusal.short().into()),
            of_source,
        }
    }

    /// Whether their roles let them approve a param of this source.
    pub(super) fn may_approve(&self, source: Option<Source>) -> bool {
        self.of_source[place(source)].may_approve
    }

    /// Whether they may withdraw the approval of a param of this source.
    pub(super) fn may_withdraw(&self, source: Option<Source>) -> bool {
        self.of_source[place(source)].may_withdraw
    }

    /// Why four-eyes bars them from approving this param, whatever their roles; none: it doesn't.
    pub(super) fn barred(&self, id: ParamId, source: Option<Source>) -> Option<String> {
        let act = Act::ApproveParam {
            source,
            settings: self.settings,
            own: Some(self.hands.of(id)?),
        };
        let refusal = may(&self.roles, act).err();
        refusal.map(|refusal| refusal.short())
    }

    /// Whether they edit params at all.
    pub(super) fn may_edit(&self) -> bool {
        self.why_not.is_none()
    }

    fn why_not(&self, param: &GridParam, field: ParamField) -> Option<Arc<str>> {
        match field {
            _ if self.why_not.is_some() => self.why_not.clone(),
            ParamField::Value | ParamField::Unit | ParamField::Range | ParamField::Source
                if param.follows.is_some() =>
            {
                param
                    .follows
                    .as_ref()
                    .map(|fact| fields::follows(fact).into())
            }
            ParamField::Range => fields::range_belongs_to_framework(&param.hard).map(Into::into),
            ParamField::Source => self.of_source[place(param.source)].keeps_source.clone(),
            _ => None,
        }
    }
}

/// What a row shows of a param.
pub(super) fn glance(param: &Param) -> GridParam {
    GridParam {
        id: param.id,
        name: param.name.clone(),
        revision: param.revision,
        is_used: param.is_used(),
        is_read_aside: param.is_read_aside,
        param_display: param.param_display.clone(),
        value: param.value.clone(),
        unit: param.unit.clone(),
        range: param.range.clone(),
        hard: param.hard.clone(),
        source: param.source,
        evidence_link: param.evidence_link.clone(),
        evidence_as_of: param.evidence_as_of,
        review_by: param.review_by,
        updated_by_name: param.updated_by_name.clone(),
        updated_at: param.updated_at,
        value_approval: param
            .value_approval
            .as_ref()
            .map(|approval| (approval.by_name.clone(), approval.at, approval.origin)),
        is_range_approved: param.range_approval.is_some(),
        written_by: param.written_by.clone(),
        follows: param.follows.clone(),
        counts_instead: param.scenario.as_ref().map(|within| CountsInstead {
            scenario: within.scenario,
            label: within.label.clone(),
            value: within.value.value.clone(),
        }),
    }
}

/// One of the six fields that a row shows.
pub(super) fn cell(param: &GridParam, field: ParamField, eyes: &Eyes) -> Cell {
    let why_not = eyes.why_not(param, field);
    let (mut more, mut drawn) = (String::new(), None);
    let text = match field {
        ParamField::Value => {
            let read = param
                .value
                .as_ref()
                .map(|value| both_readings(value.decimal(), &param.unit));
            let (text, other) = read.unwrap_or_default();
            more = other.unwrap_or_default();
            text
        }
        ParamField::Unit => param.unit.clone(),
        ParamField::Range => {
            let bounds = bounds(param);
            drawn = bar(bounds, param.value.as_ref());
            range_text(bounds, &param.unit)
        }
        ParamField::Source => param.source.map_or("", Source::key).to_owned(),
        ParamField::Text(TextField::EvidenceLink) => link_text(&param.evidence_link),
        _ => param.param_display.clone(),
    };
    Cell {
        key: field.key(),
        text,
        more,
        invitation: invitation(field),
        can_edit: why_not.is_none(),
        // What holds for the whole page, the page says once.
        says_why: eyes.why_not.is_none() && why_not.is_some(),
        why_not,
        bar: drawn,
        guess: match guess(param, field) {
            Some(Guess::Llm) => "llm",
            Some(Guess::Rule) => "rule",
            None => "",
        },
    }
}

/// The fields that the LLM and plain rules guess.
const GUESSED: [ParamField; 5] = [
    ParamField::Text(TextField::Display),
    ParamField::Unit,
    ParamField::Range,
    ParamField::Source,
    ParamField::Text(TextField::Description),
];

/// Whose guess a field is. Whoever approved the row as it stands took its words for right.
fn guess(param: &GridParam, field: ParamField) -> Option<Guess> {
    if !param.is_open() || !GUESSED.contains(&field) {
        return None;
    }
    Guess::of(&param.written_by, field.collides_with())
}

/// What of a row is a guess, in words; empty: nothing.
pub(super) fn guessed(param: &GridParam) -> String {
    let fields = GUESSED
        .into_iter()
        .filter(|field| guess(param, *field).is_some());
    let labels: Vec<_> = fields.map(|field| field.label().to_lowercase()).collect();
    labels.join(", ")
}

/// The range that holds: the framework's where it has one.
fn bounds(param: &GridParam) -> &Bounds {
    if param.hard == Bounds::default() {
        &param.range
    } else {
        &param.hard
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        param::{Number, tests::approved_param},
        rights::Role,
    };
    use chrono::DateTime;

    fn number(digits: &str) -> Number {
        Number::from_decimal(digits.to_owned())
    }

    fn seen_by(role: Role, param: &Param, field: ParamField) -> Cell {
        let roles = Roles::new([role]);
        let today = DateTime::UNIX_EPOCH.date_naive();
        let eyes = Eyes::of(Reader::with(&roles), OwnHands::default(), today);
        cell(&glance(param), field, &eyes)
    }

    #[test]
    fn a_share_shows_both_readings_and_its_place_in_the_range() {
        let mut param = approved_param("margin", "0.04");
        param.range = Bounds {
            min: Some(number("0.02")),
            max: Some(number("0.06")),
        };
        let value = seen_by(Role::Pm, &param, ParamField::Value);
        assert_eq!((value.text.as_str(), value.more.as_str()), ("4 %", "0.04"));
        assert!(value.can_edit && value.why_not.is_none());
        let range = seen_by(Role::Pm, &param, ParamField::Range);
        assert_eq!(range.text, "2 % to 6 %");
        let bar = range.bar.unwrap();
        assert_eq!((bar.x.as_deref(), bar.is_outside), (Some("32.0"), false));
        param.value = Some(number("0.07"));
        assert!(
            seen_by(Role::Pm, &param, ParamField::Range)
                .bar
                .unwrap()
                .is_outside
        );
    }

    #[test]
    fn what_one_may_not_edit_says_who_may() {
        let param = approved_param("margin", "0.3");
        for (field, role, why) in [
            (
                ParamField::Value,
                Role::Viewer,
                "Only Analytics, Finance, Eng, a PM or an admin can",
            ),
            (
                ParamField::Source,
                Role::Eng,
                "Only Finance, a PM or an admin can change whose",
            ),
            (ParamField::Value, Role::Eng, ""),
            (ParamField::Source, Role::Finance, ""),
        ] {
            let cell = seen_by(role, &param, field);
            let said = cell.why_not.as_deref().unwrap_or_default();
            assert!(said.starts_with(why), "{field:?} {role:?}: {said}");
            assert_eq!(cell.can_edit, why.is_empty(), "{field:?} {role:?}");
            assert_eq!(
                cell.says_why,
                field == ParamField::Source && !why.is_empty(),
                "{field:?} {role:?}: what bars every cell stands on the page"
            );
        }
    }

    #[test]
    fn the_range_of_a_frameworks_param_is_nobodys_to_edit() {
        let mut param = approved_param("confidence", "0.8");
        param.hard = Bounds {
            min: Some(number("0")),
            max: Some(number("1")),
        };
        let cell = seen_by(Role::Admin, &param, ParamField::Range);
        assert_eq!((cell.text.as_str(), cell.can_edit), ("0 % to 100 %", false));
        let said = cell.why_not.unwrap();
        assert!(said.contains("belongs to the framework"), "{said}");
    }
}
