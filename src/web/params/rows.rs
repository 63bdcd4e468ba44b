//! Rows, groups of rows and how far a group is, ready to print.
//!
//! Knows params, rights and standings. Must not know requests, forms or the database.

use super::{
    add,
    cells::{Eyes, cell, glance, guessed},
    fields::{self, Reader},
    filters::REVIEW_NOTICE,
};
use crate::{
    domain::{
        framework::MATH_MODEL,
        ids::MathModelId,
        param::{Bounds, Number, Param, TextField},
        param_input::ParamField,
        rights::{Role, owner},
    },
    store::{
        params_grid::{GridGroup, GridParam, GroupStanding},
        scores::Standing,
    },
    web::{
        figures,
        four_eyes::{OwnHands, approver},
        score_card,
        view::{
            Figure, Link,
            badge::{Badge, State},
            params as view,
        },
        visit::Visit,
    },
};
use chrono::NaiveDate;

/// Whose params a grid holds.
#[derive(Clone, Copy, Debug)]
pub struct GridOf<'a> {
    /// The initiative's key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The framework's key.
    pub framework_key: &'a str,
    /// The framework's name.
    pub framework_name: &'a str,
    /// Whether the grid is headed with the initiative.
    pub names_initiative: bool,
}

/// All params of one initiative and framework, with how far they are.
#[must_use]
pub fn grid(
    of: &GridOf<'_>,
    params: &[Param],
    standing: Option<&Standing>,
    (visit, hands): (&Visit, OwnHands),
) -> view::Grid {
    let eyes = eyes(visit, hands);
    let rows = params.iter().map(|param| row(glance(param), &eyes));
    view::Grid {
        add_href: add::href(visit, of.framework_key, of.key),
        driver: driver(standing.and_then(|standing| standing.driver.as_ref())),
        ..grid_of(of, progress(of, params, standing), rows.collect())
    }
}

pub(super) fn eyes(visit: &Visit, hands: OwnHands) -> Eyes {
    Eyes::of(Reader::of(visit), hands, visit.now().date_naive())
}

fn grid_of(of: &GridOf<'_>, progress: view::Progress, params: Vec<view::Param>) -> view::Grid {
    let empty = match (params.is_empty(), of.framework_key) {
        (false, _) => "",
        (true, MATH_MODEL) => {
            "No params yet. They appear by themselves when the formula is approved."
        }
        (true, _) => "No params yet.",
    };
    view::Grid {
        initiative: Link {
            label: of.key.to_owned(),
            href: format!("/initiatives/{}", of.key),
        },
        title: of.title.to_owned(),
        framework: of.framework_name.to_owned(),
        progress,
        params,
        empty: empty.to_owned(),
        names_initiative: of.names_initiative,
        driver: None,
        add_href: String::new(),
        words: None,
    }
}

/// The scenario that drives the group's score.
fn driver(driver: Option<&(MathModelId, String)>) -> Option<Link> {
    driver.map(|(id, label)| Link {
        label: format!("Scenario {label} drives the score"),
        href: format!("/scenarios/{id}"),
    })
}

/// The groups of a page of everybody's params. Their counts are of all the group's params, whatever the filter.
pub(super) fn grids(groups: Vec<GridGroup>, visit: &Visit, hands: OwnHands) -> Vec<view::Grid> {
    let eyes = eyes(visit, hands);
    let grids = groups.into_iter().map(|group| {
        let of = GridOf {
            key: &group.initiative_key,
            title: &group.initiative_title,
            framework_key: &group.framework_key,
            framework_name: &group.framework_name,
            names_initiative: true,
        };
        let counts = Counts::from([group.approved, group.used, group.empty]);
        let rows = group.params.into_iter().map(|param| row(param, &eyes));
        view::Grid {
            add_href: add::href(visit, of.framework_key, of.key),
            driver: driver(group.driver.as_ref()),
            ..grid_of(
                &of,
                progress_of(&of, counts, &group.standing),
                rows.collect(),
            )
        }
    });
    grids.collect()
}

/// How many of a group's used params are approved, how many there are, how many have no value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    approved: u32,
    used: u32,
    empty: u32,
}

impl From<[i64; 3]> for Counts {
    fn from(counts: [i64; 3]) -> Self {
        let [approved, used, empty] = counts.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        Self {
            approved,
            used,
            empty,
        }
    }
}

impl Counts {
    /// Of all of a group's params.
    pub(super) fn of(params: &[Param]) -> Self {
        let used = || params.iter().filter(|param| param.is_used());
        let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            approved: count(used().filter(|p| p.value_approval.is_some()).count()),
            used: count(used().count()),
            empty: count(used().filter(|param| param.value.is_none()).count()),
        }
    }
}

/// How far a group is, and the score it gives. `params` are all of the group's.
pub(super) fn progress(
    of: &GridOf<'_>,
    params: &[Param],
    standing: Option<&Standing>,
) -> view::Progress {
    let score = standing.and_then(|standing| standing.score.as_ref());
    let mut badge = match standing {
        Some(_) => score_card::card_badge(standing),
        None => Badge::saying(State::NotReady, "Off"),
    };
    badge.reason = standing
        .and_then(score_card::stale_reason)
        .unwrap_or_default()
        .into();
    let unit = score.map_or("", |score| score.value_unit.as_str());
    let value = figures::score(score.map(|score| score.value), unit);
    with_counts(of, Counts::of(params), value, badge)
}

/// The same where the store tells how the group stands.
pub(super) fn progress_of(
    of: &GridOf<'_>,
    counts: Counts,
    standing: &GroupStanding,
) -> view::Progress {
    let missing = usize::try_from(standing.missing).unwrap_or_default();
    let badge = Badge {
        reason: standing
            .stale
            .as_ref()
            .map(|stale| score_card::stale_sentence(stale).into())
            .unwrap_or_default(),
        ..score_card::badge_of(&standing.status, missing)
    };
    let unit = standing.value_unit.as_deref().unwrap_or_default();
    with_counts(of, counts, figures::score(standing.value, unit), badge)
}

fn count_text(counts: Counts) -> String {
    let Counts {
        approved,
        used,
        empty,
    } = counts;
    match (used, empty) {
        (0, _) => "No params in use".to_owned(),
        (_, 0) => format!("{approved} of {used} approved"),
        _ => format!("{approved} of {used} approved, {empty} without a value"),
    }
}

fn with_counts(of: &GridOf<'_>, counts: Counts, value: Figure, badge: Badge) -> view::Progress {
    view::Progress {
        framework_key: of.framework_key.to_owned(),
        initiative_key: of.key.to_owned(),
        approved: counts.approved,
        total: counts.used,
        text: count_text(counts),
        value,
        badge,
    }
}

/// One param's row, as the visitor sees it.
pub(super) fn param_view(param: &Param, visit: &Visit, hands: OwnHands) -> view::Param {
    row(glance(param), &eyes(visit, hands))
}

/// One cell of that row.
pub(super) fn cell_view(param: &Param, field: ParamField, visit: &Visit) -> view::Cell {
    cell(&glance(param), field, &eyes(visit, OwnHands::default()))
}

pub(super) fn row(param: GridParam, eyes: &Eyes) -> view::Param {
    let field = |field| cell(&param, field, eyes);
    view::Param {
        id: param.id.0,
        label: field(ParamField::Text(TextField::Display)),
        value: field(ParamField::Value),
        unit: field(ParamField::Unit),
        range: field(ParamField::Range),
        source: field(ParamField::Source),
        evidence: field(ParamField::Text(TextField::EvidenceLink)),
        evidence_note: evidence_note(&param),
        review: review(param.review_by, eyes.today),
        badge: badge(&param),
        approval: approval(&param, eyes),
        changed_at: figures::when(param.updated_at),
        is_used: param.is_used,
        revision: param.revision,
        can_pick: eyes.may_edit(),
        instead: param.counts_instead.as_ref().map(|instead| Link {
            label: format!(
                "{}: {} counts",
                instead.label,
                figures::text(&figures::stored(instead.value.decimal(), &param.unit).0)
            ),
            href: format!("/scenarios/{}", instead.scenario),
        }),
        follows: param.follows.as_ref().map(|fact| Link {
            label: fact.name.clone(),
            href: format!("/facts/{}", fact.id),
        }),
        guessed: if eyes.may_edit() {
            guessed(&param)
        } else {
            String::new()
        },
        evidence_href: Some(param.evidence_link)
            .filter(|link| fields::is_web_address(link))
            .unwrap_or_default(),
        name: param.name,
        changed_by: param.updated_by_name,
    }
}

fn evidence_note(param: &GridParam) -> String {
    param
        .evidence_as_of
        .map(|date| format!("as of {}", figures::date(date)))
        .unwrap_or_default()
}

/// That the number is to be looked at again, from a fortnight ahead. It only reminds: no score changes with it.
pub(in crate::web) fn review(review_by: Option<NaiveDate>, today: NaiveDate) -> Option<Badge> {
    let by = review_by?;
    let notice_from = by.checked_sub_days(REVIEW_NOTICE)?;
    let date = figures::date(by);
    if by < today {
        Some(Badge::saying(
            State::ReviewDue,
            format!("Review was due {date}"),
        ))
    } else if notice_from <= today {
        Some(Badge::saying(
            State::ReviewDue,
            format!("Review due {date}"),
        ))
    } else {
        None
    }
}

/// Whether the number lies outside the range that people gave it: taken, but not to be approved.
pub(super) fn is_outside(value: Option<&Number>, range: &Bounds) -> bool {
    value.is_some_and(|value| !range.contain(value))
}

fn badge(param: &GridParam) -> Badge {
    let has_owner = owner(param.source).is_some();
    if !param.is_used && param.is_read_aside {
        return Badge {
            reason: "The formula that drives the score doesn’t read it; another one does, of a scenario or of Base.".into(),
            ..Badge::saying(State::Orphaned, "In another scenario")
        };
    }
    if !param.is_used {
        return Badge::because(State::Orphaned, "The approved formula doesn’t read it.");
    }
    match (&param.value, &param.value_approval) {
        (None, _) if has_owner => Badge::of(State::Missing),
        (None, _) => Badge::saying(State::NeedsOwner, "Missing, needs an owner"),
        (_, Some(_)) if param.is_range_approved => Badge::of(State::Approved),
        (_, Some(_)) => Badge {
            reason: "The value counts; its range waits for approval.".into(),
            ..Badge::saying(State::NeedsApproval, "Range needs approval")
        },
        (value, None) if is_outside(value.as_ref(), &param.range) => Badge {
            reason: "It can’t be approved until the value or the range changes.".into(),
            ..Badge::saying(State::NeedsApproval, "Outside its range")
        },
        _ if has_owner => Badge::of(State::NeedsApproval),
        _ => Badge::because(
            State::NeedsOwner,
            "Nobody owns it yet; until then a PM approves it.",
        ),
    }
}

fn approval(param: &GridParam, eyes: &Eyes) -> view::ParamApproval {
    let may_approve = eyes.may_approve(param.source);
    let is_open = param.is_open();
    let is_outside = is_outside(param.value.as_ref(), &param.range);
    let can_be = param.value.is_some()
        && !is_outside
        && !self::is_outside(param.value.as_ref(), &param.hard);
    let waits = is_open && param.is_used && !is_outside && !may_approve;
    let (by, at) = param.value_approval.as_ref().map_or_else(
        || (String::new(), None),
        |(by, at, origin)| (approver(by, *origin), Some(figures::when(*at))),
    );
    let could = may_approve && is_open && can_be;
    let barred = could.then(|| eyes.barred(param.id, param.source)).flatten();
    view::ParamApproval {
        can_approve: could && barred.is_none(),
        why_not: barred.unwrap_or_default(),
        // A range's approval alone is only ever what a changed value left behind: nothing to take back.
        can_withdraw: eyes.may_withdraw(param.source)
            && param.value_approval.is_some()
            && param.follows.is_none(),
        by,
        at,
        waits_for: if waits {
            let role = owner(param.source).map_or(Role::Pm.label(), Role::label);
            format!("Waits for {role}")
        } else {
            String::new()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        approval::Origin,
        ids::{FactId, FrameworkId},
        param::{Followed, Source, tests::approved_param},
        rights::Roles,
    };
    use chrono::DateTime;

    const OF: GridOf<'_> = GridOf {
        key: "INIT-1",
        title: "Checkout",
        framework_key: MATH_MODEL,
        framework_name: "Math model",
        names_initiative: false,
    };

    fn number(digits: &str) -> Number {
        Number::from_decimal(digits.to_owned())
    }

    /// A param changed from "used, filled, approved, Finance's".
    fn with(change: impl FnOnce(&mut Param)) -> Param {
        let mut param = approved_param("margin", "0.3");
        change(&mut param);
        param
    }

    fn seen_by(param: &Param, role: Role) -> view::Param {
        let roles = Roles::new([role]);
        let today = DateTime::UNIX_EPOCH.date_naive();
        let eyes = Eyes::of(Reader::with(&roles), OwnHands::default(), today);
        row(glance(param), &eyes)
    }

    #[test]
    fn each_state_of_a_param_has_its_badge() {
        let unapproved = |param: &mut Param| param.value_approval = None;
        let cases = [
            (with(|_| ()), State::Approved, "Approved"),
            (with(|p| p.position = None), State::Orphaned, "Not used"),
            (with(unapproved), State::NeedsApproval, "Needs approval"),
            (
                with(|p| p.range_approval = None),
                State::NeedsApproval,
                "Range needs approval",
            ),
            (
                with(|p| {
                    unapproved(p);
                    p.range.max = Some(number("0.2"));
                }),
                State::NeedsApproval,
                "Outside its range",
            ),
            (
                with(|p| (p.value, p.value_approval) = (None, None)),
                State::Missing,
                "Missing",
            ),
            (
                with(|p| (p.value, p.value_approval, p.source) = (None, None, None)),
                State::NeedsOwner,
                "Missing, needs an owner",
            ),
            (
                with(|p| (p.value_approval, p.source) = (None, Some(Source::Llm))),
                State::NeedsOwner,
                "Needs an owner",
            ),
        ];
        for (param, state, text) in cases {
            let badge = badge(&glance(&param));
            assert_eq!((badge.state, &*badge.text), (state, text));
        }
    }

    #[test]
    fn the_buttons_are_there_for_those_who_may_and_the_others_read_whose_turn_it_is() {
        let open = with(|param| param.value_approval = None);
        let finance = seen_by(&open, Role::Finance).approval;
        assert!(finance.can_approve && !finance.can_withdraw && finance.waits_for.is_empty());
        let eng = seen_by(&open, Role::Eng).approval;
        assert!(!eng.can_approve && eng.waits_for == "Waits for Finance");
        let done = seen_by(&with(|_| ()), Role::Pm).approval;
        assert!(!done.can_approve && done.can_withdraw && done.by == "Fay");
        assert!(!seen_by(&with(|_| ()), Role::Eng).approval.can_withdraw);
        let range = seen_by(&with(|param| param.range_approval = None), Role::Pm).approval;
        assert!(range.can_approve && range.can_withdraw);
    }

    #[test]
    fn a_param_that_follows_a_fact_names_it_and_is_neither_edited_nor_withdrawn_by_itself() {
        let follower = with(|param| {
            param.follows = Some(Followed {
                id: FactId(3),
                name: "Gross margin".into(),
            });
        });
        let row = seen_by(&follower, Role::Pm);
        let link = row.follows.unwrap();
        assert_eq!(
            (link.label.as_str(), link.href.as_str()),
            ("Gross margin", "/facts/3")
        );
        assert!(!row.approval.can_withdraw);
        for cell in [&row.value, &row.unit, &row.range, &row.source] {
            let why = cell.why_not.as_deref().unwrap_or_default();
            assert!(
                !cell.can_edit && cell.says_why && why.contains("Gross margin"),
                "{cell:?}"
            );
        }
        assert!(row.label.can_edit && row.evidence.can_edit);
    }

    #[test]
    fn nothing_to_approve_has_no_button() {
        for param in [
            with(|p| (p.value, p.value_approval) = (None, None)),
            with(|p| {
                p.value_approval = None;
                p.range.max = Some(number("0.2"));
            }),
        ] {
            assert!(!seen_by(&param, Role::Pm).approval.can_approve);
        }
    }

    #[test]
    fn an_approval_that_came_with_an_import_says_so() {
        let param = with(|param| {
            if let Some(approval) = &mut param.value_approval {
                approval.origin = Origin::Import;
            }
        });
        assert_eq!(seen_by(&param, Role::Pm).approval.by, "Fay (import)");
    }

    #[test]
    fn evidence_says_its_date_and_when_it_is_due() {
        let date = |text: &str| text.parse::<NaiveDate>().ok();
        let param = with(|param| {
            param.evidence_as_of = date("1969-11-12");
            param.review_by = date("1969-12-31");
        });
        let seen = seen_by(&param, Role::Pm);
        assert_eq!(seen.evidence_note, "as of 12 Nov 1969");
        let said = |by: &str| {
            let param = with(|param| param.review_by = date(by));
            let badge = seen_by(&param, Role::Pm).review;
            badge.map(|badge| badge.text.into_owned())
        };
        assert_eq!(
            said("1969-12-31").as_deref(),
            Some("Review was due 31 Dec 1969")
        );
        assert_eq!(said("1970-01-01").as_deref(), Some("Review due 1 Jan 1970"));
        assert_eq!(
            said("1970-01-15").as_deref(),
            Some("Review due 15 Jan 1970")
        );
        assert_eq!(said("1970-01-16"), None);
    }

    #[test]
    fn only_web_addresses_become_links() {
        let param = with(|param| param.evidence_link = "javascript:alert(1)".into());
        assert_eq!(seen_by(&param, Role::Pm).evidence_href, "");
        let param = with(|param| param.evidence_link = "https://example.com/a".into());
        assert_eq!(
            seen_by(&param, Role::Pm).evidence_href,
            "https://example.com/a"
        );
    }

    #[test]
    fn progress_counts_only_what_the_formula_reads() {
        let params = [
            with(|_| ()),
            with(|p| (p.value, p.value_approval) = (None, None)),
            with(|p| p.position = None),
        ];
        let standing = Standing {
            framework_id: FrameworkId(1),
            is_on: true,
            status: "not_ready".into(),
            missing: Vec::new(),
            stale_because: None,
            stale_by_name: None,
            stale_since: None,
            driver: None,
            score: None,
        };
        let progress = progress(&OF, &params, Some(&standing));
        assert_eq!(progress.text, "1 of 2 approved, 1 without a value");
        assert_eq!((progress.approved, progress.total), (1, 2));
        assert_eq!(progress.badge.state, State::NotReady);
        assert_eq!(super::progress(&OF, &[], None).text, "No params in use");
    }
}
