//! The journey of an initiative: four steps that are always visible, each with its state in one line and its action.

use super::{
    figures::{self, day},
    score_card::stale_reason,
    view::{
        Link,
        initiative::{Comparison, Journey, Step, StepState, TurnOn},
    },
    visit::Visit,
    whole::Whole,
};
use crate::domain::{
    framework::{Framework, MATH_MODEL},
    param::Param,
    rights::{self, Act, Role},
};
use std::fmt::Write as _;

/// The four steps, each with its state in one line and its action.
#[must_use]
pub fn journey(whole: &Whole, visit: &Visit) -> Journey {
    let refusal = visit.may(Act::ChooseFramework).err();
    let shown = whole.active().or_else(|| {
        let on = whole.standings.iter().find(|standing| standing.is_on)?;
        whole.framework(on.framework_id)
    });
    Journey {
        key: whole.initiative.key.to_string(),
        next: whole.href(),
        steps: vec![
            turn_on_step(whole),
            define_step(whole, shown, visit.may(Act::WriteModel).is_ok()),
            fill_step(whole, shown),
            score_step(whole),
        ],
        turn_on: TurnOn {
            frameworks: whole.framework_options(),
            uses_math_model: whole.initiative.use_math_model,
            comparisons: comparisons(whole),
            can_choose: refusal.is_none() && whole.initiative.archived_at.is_none(),
            why_not: match (refusal, whole.initiative.archived_at) {
                (Some(refusal), _) => refusal.short(),
                (None, Some(_)) => {
                    "It is archived. Restore it first, then choose its frameworks.".to_owned()
                }
                (None, None) => String::new(),
            },
            seen: whole.seen(),
            ask: None,
            error: String::new(),
        },
    }
}

/// The frameworks that can be on beside the active one; the math model has a toggle of its own.
fn comparisons(whole: &Whole) -> Vec<Comparison> {
    let is_on = |framework: &Framework| whole.standing(framework.id).is_some();
    whole
        .frameworks
        .iter()
        .filter(|framework| !framework.is_math_model())
        .filter(|framework| whole.initiative.active_framework != Some(framework.id))
        .filter(|framework| !framework.is_archived || is_on(framework))
        .map(|framework| Comparison {
            key: framework.key.clone(),
            name: framework.name.clone(),
            is_on: is_on(framework),
        })
        .collect()
}

fn step(number: u8, title: &str, state: StepState, line: String, action: Option<Link>) -> Step {
    Step {
        number,
        title: title.to_owned(),
        state,
        line,
        action,
    }
}

fn link(label: &str, href: String) -> Link {
    Link {
        label: label.to_owned(),
        href,
    }
}

fn turn_on_step(whole: &Whole) -> Step {
    let (state, line) = match whole.active() {
        Some(framework) => (StepState::Done, format!("Scored by {}", framework.name)),
        None if whole.initiative.use_math_model => (
            StepState::Now,
            "The math model is on; no framework is active yet".to_owned(),
        ),
        None => (
            StepState::Now,
            "Choose how this initiative is valued".to_owned(),
        ),
    };
    step(1, "Turn on", state, line, None)
}

fn define_step(whole: &Whole, shown: Option<&Framework>, may_write: bool) -> Step {
    let title = "Define";
    let Some(framework) = shown else {
        return step(
            2,
            title,
            StepState::Later,
            "Comes after turning on".to_owned(),
            None,
        );
    };
    if framework.key != MATH_MODEL {
        let line = format!(
            "{} has its own formula, the same for every initiative",
            framework.name
        );
        return step(2, title, StepState::Done, line, None);
    }
    let (Some(model), Some(href)) = (whole.driving_model(), whole.formula_href()) else {
        return step(2, title, StepState::Now, "No model yet".to_owned(), None);
    };
    let open = Some(link("Open the formula", href.clone()));
    let own = whole.own_formula.as_ref();
    let of = own.map(|scenario| format!(" of scenario {}", scenario.label));
    let of = of.unwrap_or_default();
    match (&model.formula, &model.approval) {
        (None, _) => step(
            2,
            title,
            StepState::Now,
            "No formula yet".to_owned(),
            Some(link(
                "Write the formula",
                // Into its box, where there is one.
                href + if may_write { "-formula" } else { "" },
            )),
        ),
        (Some(formula), Some(approval)) => {
            let line = format!(
                "Formula{of} approved by {}, {} · version {}",
                approval.by_name,
                day(approval.at),
                formula.version
            );
            step(2, title, StepState::Done, line, open)
        }
        (Some(formula), None) => {
            let state = if model.last_approved.is_some() || own.is_some() {
                StepState::Stale
            } else {
                StepState::Now
            };
            step(
                2,
                title,
                state,
                format!("Version {}{of} waits for approval by a PM", formula.version),
                open,
            )
        }
    }
}

fn fill_step(whole: &Whole, shown: Option<&Framework>) -> Step {
    let title = "Fill and approve";
    let Some(framework) = shown else {
        return step(
            3,
            title,
            StepState::Later,
            "The params appear by themselves".to_owned(),
            None,
        );
    };
    let params = whole.params_of(framework.id);
    let used: Vec<_> = params.iter().filter(|param| param.is_used()).collect();
    if used.is_empty() {
        let line = "The params appear when the formula is approved".to_owned();
        return step(3, title, StepState::Later, line, None);
    }
    let empty = used.iter().filter(|param| param.counts().is_none()).count();
    let approved = used
        .iter()
        .filter(|param| param.approval_that_counts().is_some())
        .count();
    let mut line = format!("{approved} of {} approved", used.len());
    if empty > 0 {
        let _ = write!(line, ", {empty} without a value");
    }
    let owed = owed(&used);
    if !owed.is_empty() {
        let _ = write!(line, " · waits for {owed}");
    }
    let state = if approved == used.len() {
        StepState::Done
    } else {
        StepState::Now
    };
    let href = format!("#params-{}-{}", framework.key, whole.initiative.key);
    step(3, title, state, line, Some(link("Open the params", href)))
}

/// Who owes values or approvals: "Finance (2), PM (1)".
fn owed(used: &[&Param]) -> String {
    let mut owners: Vec<(&str, usize)> = Vec::new();
    let waits = |param: &&&Param| param.approval_that_counts().is_none();
    for param in used.iter().filter(waits) {
        let owner = rights::owner(param.source).map_or("PM", Role::label);
        match owners.iter_mut().find(|(name, _)| *name == owner) {
            Some((_, count)) => *count += 1,
            None => owners.push((owner, 1)),
        }
    }
    owners
        .iter()
        .map(|(name, count)| format!("{name} ({count})"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn score_step(whole: &Whole) -> Step {
    let standing = whole
        .active()
        .and_then(|framework| whole.standing(framework.id));
    let score = standing.and_then(|standing| standing.score.as_ref());
    let receipt = score.map(|score| link("Receipt", format!("/scores/{}", score.id)));
    let overriding = whole
        .active()
        .and_then(|framework| whole.live_override(framework.id));
    if let Some(live) = overriding {
        let receipt = link("Override", format!("/overrides/{}", live.over.id));
        return step(
            4,
            "Score",
            StepState::Done,
            live.over.sentence(),
            Some(receipt),
        );
    }
    let (state, line) = match (standing.map(|s| s.status.as_str()), score) {
        (Some("approved"), Some(score)) => {
            let value = figures::text(&figures::score(Some(score.value), &score.value_unit));
            (
                StepState::Done,
                format!("Scored {value}, {}", day(score.recorded_at)),
            )
        }
        (Some("stale"), _) => (
            StepState::Stale,
            standing
                .and_then(stale_reason)
                .unwrap_or_else(|| "Stale".to_owned()),
        ),
        _ => (
            StepState::Later,
            "Appears when everything is approved".to_owned(),
        ),
    };
    step(4, "Score", state, line, receipt)
}
