//! A scenario's own page: what it sets, what it gives, where its approval stands.

use super::{
    formula,
    load::{driver_href, group_with, head},
    scenario_id,
};
use crate::{
    actions::scenario_group::Group,
    domain::{
        change::Entity,
        four_eyes::{OwnHand, own_hand},
        ids::{MathModelId, ParamId},
        param::Param,
        rights::{Act, Refusal},
        scenario::{Scenario, formula::read_names},
        settings::FourEyes,
    },
    store::{four_eyes::hands, history::Subject},
    web::{
        error::WebError,
        figures::{self, day},
        four_eyes::approver,
        params::range_text,
        reply,
        sent_form::fresh_key,
        undo,
        view::{
            Figure, Seen,
            badge::{Badge, State},
            error::Notice,
            layout::Nav,
            scenario::{Approval, Keeping, Show, ValueRow},
        },
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;

/// Which row somebody comes from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct At {
    /// The param whose value was set or dropped.
    at: String,
}

/// Back to the scenario, with the focus in the row of that param.
pub(super) fn href_at(id: MathModelId, param: ParamId) -> String {
    format!("/scenarios/{id}?at={param}")
}

/// GET /scenarios/{id}
pub async fn show(
    visit: Visit,
    id: Path<String>,
    from: Query<At>,
) -> Result<HttpResponse, WebError> {
    let id = scenario_id(&id)?;
    let mut page = page(&visit, id).await?;
    for row in &mut page.rows {
        row.has_focus = row.id == from.at;
    }
    page.page.notices.extend(undo::told(&visit).await?);
    reply::html(&page)
}

/// The page with what has just happened.
pub(super) async fn with(
    visit: &Visit,
    id: MathModelId,
    status: StatusCode,
    notice: Notice,
) -> Result<HttpResponse, WebError> {
    reply::html_with(status, &page(visit, id).await?.noticing(notice))
}

/// The page again, with the name that wasn't taken and why.
pub(super) async fn not_renamed(
    visit: &Visit,
    id: MathModelId,
    (label, why): (String, String),
) -> Result<HttpResponse, WebError> {
    let mut page = page(visit, id).await?;
    page.keeping.label = label;
    page.keeping.error = why;
    reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn page(visit: &Visit, id: MathModelId) -> Result<Show, WebError> {
    let group = group_with(visit, id).await?;
    let scenario = group.scenario(id)?;
    let own = own_hand_in(visit, id).await?;
    let preview = group.preview(Some(scenario));
    let base = group.preview(None);
    let missing = group.score(Some(scenario)).err().unwrap_or_default();
    let unit = group.base.unit();
    let may_drive = missing.is_empty() && visit.may(Act::DriveScore).is_ok();
    let refusal = visit.may(Act::EditParam).err();
    let mut page = visit.page(format!("Scenario {}", scenario.label), Nav::Models);
    page.path = format!("/scenarios/{id}");
    let key = group.initiative.key.to_string();
    page.undo = Some(undo::place(visit, Subject::Initiative(key)).await?);
    Ok(Show {
        page,
        head: head(&group, Some(id), false),
        label: scenario.label.clone(),
        badge: badge(scenario),
        drives: scenario.drives,
        value: figures::score(preview.as_ref().map(|score| score.value), unit),
        effort: figures::score(preview.as_ref().and_then(|score| score.effort), ""),
        overall: figures::score(preview.as_ref().and_then(|score| score.overall), ""),
        base_value: figures::score(base.map(|score| score.value), unit),
        missing: missing
            .iter()
            .map(|one| (one.to_string(), one.owed_by().to_owned()))
            .collect(),
        drive_href: if may_drive && !scenario.drives && scenario.put_away_at.is_none() {
            driver_href(&group.whose(), Some(id))
        } else {
            String::new()
        },
        formula: formula::part(visit, &group, scenario),
        rows: rows(&group, scenario, refusal.is_none()),
        why_no_values: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        approval: approval(visit, (&group, scenario), own),
        keeping: keeping(visit, scenario),
        seen: Seen {
            revision: scenario.revision,
            form_key: fresh_key(),
        },
    })
}

/// The visitor's hand in the scenario's values; asked only where four-eyes is on.
async fn own_hand_in(visit: &Visit, id: MathModelId) -> Result<Option<OwnHand>, WebError> {
    if visit.settings.four_eyes == FourEyes::Off {
        return Ok(None);
    }
    let read = visit
        .db
        .read(async move |mut conn| hands(&mut conn, Entity::Scenario, &[id.0]).await);
    let hands: Vec<_> = read.await?.into_iter().map(|(_, hand)| hand).collect();
    Ok(own_hand(visit.user.id, &hands))
}

fn badge(scenario: &Scenario) -> Badge {
    match (scenario.put_away_at, &scenario.approval) {
        (Some(_), _) => Badge::saying(State::Archived, "Put away"),
        (None, Some(_)) => Badge::of(State::Approved),
        (None, None) if scenario.sets_nothing() => Badge::saying(State::Draft, "Follows Base"),
        (None, None) => Badge::of(State::NeedsApproval),
    }
}

fn rows(group: &Group, scenario: &Scenario, may_edit: bool) -> Vec<ValueRow> {
    let may_edit = may_edit && scenario.put_away_at.is_none();
    let laid_over = group.params_in(Some(scenario));
    laid_over
        .iter()
        .map(|param| row(param, scenario, may_edit))
        .collect()
}

fn row(param: &Param, scenario: &Scenario, may_edit: bool) -> ValueRow {
    let figure = |digits: &str| figures::stored(digits, &param.unit).0;
    let own = scenario.value_of(param.id);
    let at = format!("/scenarios/{}/values/{}", scenario.id, param.id);
    let range = param.range_that_counts();
    let is_outside = own.is_some_and(|own| !range.contain(&own.value));
    ValueRow {
        id: param.id.to_string(),
        label: param.label().to_owned(),
        name: param.name.clone(),
        remark: remark(param, scenario),
        base: param
            .value
            .as_ref()
            .map_or_else(Figure::default, |value| figure(value.decimal())),
        own: own.map(|own| figure(own.value.decimal())),
        range: own
            .map(|own| range_text(&own.range, &param.unit))
            .unwrap_or_default(),
        set: own
            .map(|own| format!("{}, {}", own.set_by.1, day(own.set_at)))
            .unwrap_or_default(),
        warning: if is_outside {
            format!("outside its range ({})", range_text(&range, &param.unit))
        } else {
            String::new()
        },
        edit_href: if may_edit {
            format!("{at}/edit")
        } else {
            String::new()
        },
        drop_action: if may_edit && own.is_some() {
            format!("{at}/removal")
        } else {
            String::new()
        },
        has_focus: false,
    }
}

/// Whether the scenario's formula reads it.
fn remark(param: &Param, scenario: &Scenario) -> String {
    let is_read = match scenario.formula_text() {
        Some(text) => read_names(text).contains(&param.name),
        None => param.is_used(),
    };
    if is_read { "" } else { "not used" }.to_owned()
}

fn approval(
    visit: &Visit,
    (group, scenario): (&Group, &Scenario),
    own: Option<OwnHand>,
) -> Approval {
    let sources = scenario.sources(&group.params);
    let first_refusal = |act: &dyn Fn(_) -> Act| -> Option<Refusal> {
        let mut acts = sources.iter().map(|source| act(*source));
        acts.find_map(|act| visit.may(act).err())
    };
    let settings = visit.settings;
    let of_formula = |act: Act| scenario.formula.as_ref().and_then(|_| visit.may(act).err());
    let refusal = first_refusal(&|source| Act::ApproveParam {
        source,
        settings,
        own,
    });
    let refusal = refusal.or_else(|| of_formula(Act::ApproveFormula { settings, own }));
    let what = match (&scenario.formula, scenario.values.is_empty()) {
        (Some(_), true) => "this formula",
        (Some(_), false) => "this formula and these values",
        (None, _) => "these values",
    };
    let at = format!("/scenarios/{}/approval", scenario.id);
    if let Some(live) = &scenario.approval {
        let by = approver(&live.by_name, live.origin);
        let may_withdraw = first_refusal(&Act::WithdrawParamApproval).is_none()
            && of_formula(Act::WithdrawFormulaApproval).is_none();
        return Approval {
            sentence: format!(
                "Approved by {by}, {}. It covers exactly {what}.",
                day(live.at)
            ),
            withdraw_action: if may_withdraw {
                format!("{at}/withdrawal")
            } else {
                String::new()
            },
            ..Approval::default()
        };
    }
    let sentence = match scenario.check_approvable(&group.params) {
        Ok(()) => {
            format!(
                "It waits for approval: {what}, all at once. What follows Base needs Base’s own approvals."
            )
        }
        Err(why) => why.to_string(),
    };
    Approval {
        sentence,
        action: if scenario.check_approvable(&group.params).is_ok() {
            at
        } else {
            String::new()
        },
        label: format!("Approve {what}"),
        withdraw_action: String::new(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
    }
}

fn keeping(visit: &Visit, scenario: &Scenario) -> Keeping {
    let refusal = visit.may(Act::WriteModel).err();
    let at = format!("/scenarios/{}", scenario.id);
    let is_away = scenario.put_away_at.is_some();
    Keeping {
        rename_action: format!("{at}/name"),
        label: scenario.label.clone(),
        error: String::new(),
        place_action: match (scenario.drives, is_away) {
            (true, _) => String::new(),
            (false, true) => format!("{at}/restoration"),
            (false, false) => format!("{at}/archival"),
        },
        place_label: if is_away { "Bring back" } else { "Put away" }.to_owned(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
    }
}
