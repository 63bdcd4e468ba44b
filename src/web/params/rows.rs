//! Rows, groups of rows and how far a group is, ready to print.
//!
//! Knows params, rights and standings. Must not know requests, forms or the database.

use super::fields;
use crate::{
    domain::{
        approval::{Approval, Origin},
        framework::MATH_MODEL,
        param::{Param, TextField},
        param_input::ParamField,
        rights::{Act, Role, Roles, may, owner},
    },
    store::{params_grid::GridRow, scores::Standing},
    web::{
        figures, score_card,
        view::{
            Figure, Link, Seen,
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
    visit: &Visit,
) -> view::Grid {
    grid_with(of, progress(of, params, standing), params.iter(), visit)
}

fn grid_with<'a>(
    of: &GridOf<'_>,
    progress: view::Progress,
    params: impl Iterator<Item = &'a Param>,
    visit: &Visit,
) -> view::Grid {
    let today = visit.now().date_naive();
    let params: Vec<_> = params
        .map(|param| param_view(param, visit, today))
        .collect();
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
    }
}

/// The groups of a page of everybody's params. Their counts are of all the group's params, whatever the filter.
pub(super) fn grids(rows: &[GridRow], params: &[Param], visit: &Visit) -> Vec<view::Grid> {
    let groups = rows
        .chunk_by(|a, b| (a.initiative_id, a.framework_id) == (b.initiative_id, b.framework_id));
    groups
        .filter_map(|group| {
            let first = group.first()?;
            let of = GridOf {
                key: &first.initiative_key,
                title: &first.initiative_title,
                framework_key: &first.framework_key,
                framework_name: &first.framework_name,
                names_initiative: true,
            };
            let found = |row: &GridRow| params.iter().find(|param| param.id == row.param_id);
            Some(grid_with(
                &of,
                counted(&of, first),
                group.iter().filter_map(found),
                visit,
            ))
        })
        .collect()
}

/// How far a group is, and the score it gives. `params` are all of the group's.
#[must_use]
pub fn progress(of: &GridOf<'_>, params: &[Param], standing: Option<&Standing>) -> view::Progress {
    let used = || params.iter().filter(|param| param.is_used());
    let (total, approved) = (
        used().count(),
        used().filter(|p| p.value_approval.is_some()).count(),
    );
    let empty = used().filter(|param| param.value.is_none()).count();
    let text = count_text(approved, total, empty);
    let score = standing.and_then(|standing| standing.score.as_ref());
    let unit = score.map_or("", |score| score.value_unit.as_str());
    let mut badge = match standing {
        Some(_) => score_card::card_badge(standing),
        None => Badge::saying(State::NotReady, "Off"),
    };
    badge.reason = standing
        .and_then(score_card::stale_reason)
        .unwrap_or_default();
    let value = figures::score(score.map(|score| score.value), unit);
    with_counts(of, (approved, total), text, value, badge)
}

/// The same from the grid's own counts.
fn counted(of: &GridOf<'_>, row: &GridRow) -> view::Progress {
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    let (approved, total, empty) = (count(row.approved), count(row.used), count(row.empty));
    let missing = usize::try_from(row.missing).unwrap_or_default();
    let badge = Badge {
        reason: row
            .stale_because
            .as_ref()
            .map(|why| format!("Stale since {why}."))
            .unwrap_or_default(),
        ..score_card::badge_of(&row.status, missing)
    };
    let value = figures::score(row.value, row.value_unit.as_deref().unwrap_or_default());
    with_counts(
        of,
        (approved, total),
        count_text(approved, total, empty),
        value,
        badge,
    )
}

fn count_text(approved: usize, total: usize, empty: usize) -> String {
    match (total, empty) {
        (0, _) => "No params in use".to_owned(),
        (_, 0) => format!("{approved} of {total} approved"),
        _ => format!("{approved} of {total} approved, {empty} without a value"),
    }
}

fn with_counts(
    of: &GridOf<'_>,
    (approved, total): (usize, usize),
    text: String,
    value: Figure,
    badge: Badge,
) -> view::Progress {
    let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
    view::Progress {
        framework_key: of.framework_key.to_owned(),
        initiative_key: of.key.to_owned(),
        approved: count(approved),
        total: count(total),
        text,
        value,
        badge,
    }
}

/// One param's row, as the visitor sees it.
#[must_use]
pub fn param_view(param: &Param, visit: &Visit, today: NaiveDate) -> view::Param {
    row(param, &visit.user.roles, today)
}

fn row(param: &Param, roles: &Roles, today: NaiveDate) -> view::Param {
    let field = |field| fields::field_view(param, field, roles);
    let evidence_href = Some(&param.evidence_link).filter(|link| fields::is_web_address(link));
    view::Param {
        id: param.id.to_string(),
        name: param.name.clone(),
        href: format!("/params/{}", param.id),
        label: field(ParamField::Text(TextField::Display)),
        value: field(ParamField::Value),
        unit: field(ParamField::Unit),
        range: field(ParamField::Range),
        source: field(ParamField::Source),
        evidence: field(ParamField::Text(TextField::EvidenceLink)),
        evidence_href: evidence_href.cloned().unwrap_or_default(),
        evidence_note: evidence_note(param, today),
        badge: badge(param),
        approval: approval(param, roles),
        changed_by: param.updated_by_name.clone(),
        changed_at: figures::when(param.updated_at),
        is_used: param.is_used(),
        seen: Seen {
            revision: param.revision,
            form_key: crate::web::sent_form::fresh_key(),
        },
    }
}

fn evidence_note(param: &Param, today: NaiveDate) -> String {
    let as_of = param
        .evidence_as_of
        .map(|date| format!("as of {}", figures::date(date)));
    let due = param
        .review_by
        .filter(|by| *by < today)
        .map(|_| "review due".to_owned());
    as_of.into_iter().chain(due).collect::<Vec<_>>().join(", ")
}

/// Whether the number lies outside the range that people gave it: taken, but not to be approved.
pub(super) fn is_outside(param: &Param) -> bool {
    param
        .value
        .as_ref()
        .is_some_and(|value| !param.range.contain(value))
}

fn badge(param: &Param) -> Badge {
    let has_owner = owner(param.source).is_some();
    if !param.is_used() {
        return Badge::because(State::Orphaned, "The approved formula doesn’t read it.");
    }
    match (&param.value, &param.value_approval, &param.range_approval) {
        (None, ..) if has_owner => Badge::of(State::Missing),
        (None, ..) => Badge::saying(State::NeedsOwner, "Missing, needs an owner"),
        (_, Some(_), Some(_)) => Badge::of(State::Approved),
        (_, Some(_), None) => Badge {
            reason: "The value counts; its range waits for approval.".to_owned(),
            ..Badge::saying(State::NeedsApproval, "Range needs approval")
        },
        _ if is_outside(param) => Badge {
            reason: "It can’t be approved until the value or the range changes.".to_owned(),
            ..Badge::saying(State::NeedsApproval, "Outside its range")
        },
        _ if has_owner => Badge::of(State::NeedsApproval),
        _ => Badge::because(
            State::NeedsOwner,
            "Nobody owns it yet; until then a PM approves it.",
        ),
    }
}

fn approval(param: &Param, roles: &Roles) -> view::ParamApproval {
    let may_approve = may(roles, Act::ApproveParam(param.source)).is_ok();
    let is_open = param.value_approval.is_none() || param.range_approval.is_none();
    let can_be = param.check_approvable().is_ok();
    let waits = is_open && param.is_used() && !is_outside(param) && !may_approve;
    let waits_for = owner(param.source).map_or(Role::Pm.label(), Role::label);
    view::ParamApproval {
        can_approve: may_approve && is_open && can_be,
        // A range's approval alone is only ever what a changed value left behind: nothing to take back.
        can_withdraw: may_approve && param.value_approval.is_some(),
        by: param
            .value_approval
            .as_ref()
            .map(approved_by)
            .unwrap_or_default(),
        at: param
            .value_approval
            .as_ref()
            .map(|approval| figures::when(approval.at)),
        waits_for: if waits {
            format!("Waits for {waits_for}")
        } else {
            String::new()
        },
    }
}

fn approved_by(approval: &Approval) -> String {
    match approval.origin {
        Origin::Person => approval.by_name.clone(),
        other => format!("{} ({})", approval.by_name, other.key()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::FrameworkId,
        param::{Number, Source, tests::approved_param},
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
        row(
            param,
            &Roles::new([role]),
            DateTime::UNIX_EPOCH.date_naive(),
        )
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
            let badge = badge(&param);
            assert_eq!((badge.state, badge.text.as_str()), (state, text));
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
        assert_eq!(
            seen_by(&param, Role::Pm).evidence_note,
            "as of 12 Nov 1969, review due"
        );
        let today = with(|param| param.review_by = date("1970-01-01"));
        assert_eq!(seen_by(&today, Role::Pm).evidence_note, "");
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
            score: None,
        };
        let progress = progress(&OF, &params, Some(&standing));
        assert_eq!(progress.text, "1 of 2 approved, 1 without a value");
        assert_eq!((progress.approved, progress.total), (1, 2));
        assert_eq!(progress.badge.state, State::NotReady);
        assert_eq!(super::progress(&OF, &[], None).text, "No params in use");
    }
}
