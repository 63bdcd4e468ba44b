//! The score card: the number, its state, what stands in the way, and the frameworks side by side.

use super::{
    figures::{self, when},
    legacy_score::{self, counts_as_legacy},
    view::{
        Figure, Link,
        badge::{Badge, State},
        initiative::{FrameworkScore, MissingItem, Overridden, ScoreCard},
    },
    visit::Visit,
    whole::Whole,
};
use crate::{
    actions::scores::effort_days,
    domain::{
        formula,
        framework::Framework,
        math_model::ModelField,
        param::Param,
        scoring::{self, Missing},
    },
    store::{
        score_overrides::OpenOverride,
        scores::{Standing, WhyStale},
    },
};

/// What the initiative is worth by its active framework, and what stands in the way.
#[must_use]
pub fn score_card(whole: &Whole, visit: &Visit) -> ScoreCard {
    let active = whole.active();
    let standing = active.and_then(|framework| whole.standing(framework.id));
    let score = standing.and_then(|standing| standing.score.as_ref());
    let counts = active.map(|f| whole.effective(f.id)).unwrap_or_default();
    let figures = &counts.figures;
    let legacy = counts_as_legacy(whole).map(|legacy| legacy_score::figures(&legacy.figures));
    let [value, effort, overall] = legacy.unwrap_or_else(|| {
        [
            figures::score(figures.value, &figures.unit),
            figures::score(figures.effort, ""),
            figures::score(figures.overall, ""),
        ]
    });
    let missing = standing.map(|s| s.missing.as_slice()).unwrap_or_default();
    let mut reasons: Vec<_> = standing.and_then(stale_reason).into_iter().collect();
    if counts.is_overridden {
        reasons.extend(counts.no_overall.map(str::to_owned));
    } else {
        reasons.extend(score.iter().flat_map(|score| score.notes.iter().cloned()));
    }
    if active.is_none() {
        reasons.push("Choose a framework to say how this initiative is valued.".to_owned());
    }
    ScoreCard {
        framework: active.map(|f| f.name.clone()).unwrap_or_default(),
        value,
        effort,
        overall,
        badge: active_badge(whole),
        reasons,
        legacy: legacy_score::note(whole, visit),
        overridden: active.and_then(|active| overridden(whole, active)),
        suspended: suspended(whole),
        missing: missing
            .iter()
            .map(|item| missing_item(whole, item))
            .collect(),
        preview: active
            .filter(|_| !missing.is_empty())
            .and_then(|f| preview(whole, f)),
        recorded_at: score.map(|score| when(score.recorded_at)),
        receipt_href: score.map(|score| format!("/scores/{}", score.id)),
        history_href: active.filter(|_| score.is_some()).map(|framework| {
            let key = &whole.initiative.key;
            format!("/initiatives/{key}/scores?framework={}", framework.key)
        }),
        frameworks: side_by_side(whole),
    }
}

fn overridden(whole: &Whole, active: &Framework) -> Option<Overridden> {
    let live = whole.live_override(active.id)?;
    Some(Overridden {
        sentence: live.over.sentence(),
        own: format!("The model’s own: {}.", live.own.words(true)),
        href: format!("/overrides/{}", live.over.id),
    })
}

/// The overrides of frameworks that aren't active.
fn suspended(whole: &Whole) -> Vec<Link> {
    let active = whole.initiative.active_framework;
    let others = whole
        .overrides
        .iter()
        .filter(|open| Some(open.framework_id) != active);
    let link = |open: &OpenOverride| {
        let name = &whole.framework(open.framework_id)?.name;
        Some(Link {
            label: format!(
                "{name}: {}, suspended while it isn’t active",
                open.over.terms.figures()
            ),
            href: format!("/overrides/{}", open.over.id),
        })
    };
    others.filter_map(link).collect()
}

/// Where the active framework's score stands, an override first.
#[must_use]
pub fn active_badge(whole: &Whole) -> Badge {
    let active = whole.active();
    match active.and_then(|active| whole.live_override(active.id)) {
        Some(live) => Badge::because(State::Overridden, live.over.sentence()),
        None => match &whole.initiative.legacy {
            Some(legacy) => Badge::because(State::Legacy, legacy.sentence()),
            None => card_badge(active.and_then(|active| whole.standing(active.id))),
        },
    }
}

/// Where a score stands, in one badge.
#[must_use]
pub fn card_badge(standing: Option<&Standing>) -> Badge {
    match standing {
        None => Badge::saying(State::NotReady, "No framework"),
        Some(standing) => badge_of(&standing.status, standing.missing.len()),
    }
}

/// The badge of a stored status.
#[must_use]
pub fn badge_of(status: &str, missing: usize) -> Badge {
    match status {
        "approved" => Badge::of(State::Approved),
        "stale" => Badge::of(State::Stale),
        "overridden" => Badge::of(State::Overridden),
        "legacy" => Badge::of(State::Legacy),
        _ if missing > 0 => Badge::saying(State::NotReady, format!("Not ready: {missing} to do")),
        _ => Badge::of(State::NotReady),
    }
}

/// Why a score is stale: what, who and when.
#[must_use]
pub fn stale_reason(standing: &Standing) -> Option<String> {
    let because = standing.stale_because.clone()?;
    Some(stale_sentence(&WhyStale {
        because,
        by_name: standing.stale_by_name.clone(),
        since: standing.stale_since,
    }))
}

/// The same from a list's row.
#[must_use]
pub fn stale_sentence(stale: &WhyStale) -> String {
    let by = stale.by_name.as_ref().map(|name| format!(", by {name}"));
    let at = stale.since.map(|at| format!(", {}", when(at).text));
    let [by, at] = [by, at].map(Option::unwrap_or_default);
    format!("Stale since {}{by}{at}.", stale.because)
}

/// One thing that is missing, with the place on the page where it is done.
fn missing_item(whole: &Whole, missing: &Missing) -> MissingItem {
    let model = whole
        .formula_href()
        .filter(|_| whole.active().is_some_and(Framework::is_math_model));
    let href = match missing {
        Missing::Formula | Missing::FormulaApproval { .. } => model,
        Missing::Value { name, .. }
        | Missing::Approval { name, .. }
        | Missing::InRange { name, .. } => {
            let active = whole.initiative.active_framework;
            let of_active =
                |param: &&Param| Some(param.framework_id) == active && param.name == *name;
            whole
                .params
                .iter()
                .find(of_active)
                .map(|param| match &param.scenario {
                    Some(within) => format!("/scenarios/{}", within.scenario),
                    None => format!("#param-{}", param.id),
                })
                .or_else(|| Some("#params".to_owned()))
        }
        // Other values or another formula would help; the formula's line is what the sentence names.
        Missing::Arithmetic { .. } => model.or_else(|| {
            let active = whole.active()?;
            Some(format!("#formula-{}", active.key))
        }),
    };
    MissingItem {
        text: missing.to_string(),
        owed_by: missing.owed_by().to_owned(),
        href: href.unwrap_or_default(),
    }
}

/// The value with today's numbers, approved or not; none if even that can't be said.
fn preview(whole: &Whole, framework: &Framework) -> Option<Figure> {
    let driving = whole.driving_model();
    let (text, unit) = match (&framework.formula, &driving) {
        (Some(formula), _) => (formula.text.as_str(), ""),
        (None, Some(model)) => (
            model.formula.as_ref()?.text.as_str(),
            model.text(ModelField::ValueUnit),
        ),
        (None, None) => return None,
    };
    let formula = formula::cached(text).ok()?;
    let params = whole.params_of(framework.id);
    let score = scoring::preview(&formula, &params, effort_days(&whole.initiative)).ok()?;
    Some(figures::score(Some(score.value), unit))
}

fn side_by_side(whole: &Whole) -> Vec<FrameworkScore> {
    let mut on: Vec<_> = whole
        .standings
        .iter()
        .filter(|standing| standing.is_on)
        .collect();
    if on.len() < 2 {
        return Vec::new();
    }
    let active = whole.initiative.active_framework;
    on.sort_by_key(|standing| Some(standing.framework_id) != active);
    on.into_iter()
        .map(|standing| {
            let score = standing.score.as_ref();
            let is_active = Some(standing.framework_id) == active;
            let counts = whole.effective(standing.framework_id).figures;
            let legacy = counts_as_legacy(whole).filter(|_| is_active);
            let [value, _, overall] = match legacy {
                Some(legacy) => legacy_score::figures(&legacy.figures),
                None => [
                    figures::score(counts.value, &counts.unit),
                    Figure::default(),
                    figures::score(counts.overall, ""),
                ],
            };
            FrameworkScore {
                name: whole
                    .framework(standing.framework_id)
                    .map(|f| f.name.clone())
                    .unwrap_or_default(),
                is_active,
                value,
                overall,
                badge: if is_active {
                    active_badge(whole)
                } else {
                    card_badge(Some(standing))
                },
                receipt_href: score.map(|s| format!("/scores/{}", s.id)),
            }
        })
        .collect()
}
