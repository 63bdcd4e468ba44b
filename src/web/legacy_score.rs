//! A workbook's score on an initiative's page, and dropping it.

use super::{
    error::WebError,
    figures::stored,
    initiatives::key_of,
    undo,
    view::{Figure, initiative::Legacy},
    visit::Visit,
    whole::Whole,
};
use crate::{
    actions::legacy_scores as acts,
    domain::{
        legacy_score::{Figures, LegacyScore},
        rights::Act,
    },
};
use actix_web::{
    HttpResponse,
    web::{Form, Path},
};
use serde::Deserialize;

/// Value, effort and overall as a page prints them: what the workbook said has no unit.
#[must_use]
pub fn figures(of: &Figures) -> [Figure; 3] {
    of.digits().map(|digits| match digits {
        "" => Figure::default(),
        digits => stored(digits, "").0,
    })
}

/// The workbook's score where it stands for the initiative's: no override takes its place.
#[must_use]
pub fn counts_as_legacy(whole: &Whole) -> Option<&LegacyScore> {
    let active = whole.initiative.active_framework;
    let is_overridden = active.is_some_and(|active| whole.live_override(active).is_some());
    whole.initiative.legacy.as_ref().filter(|_| !is_overridden)
}

/// Where it comes from, and dropping it, for those who may.
#[must_use]
pub fn note(whole: &Whole, visit: &Visit) -> Option<Legacy> {
    let legacy = whole.initiative.legacy.as_ref()?;
    let beneath = match counts_as_legacy(whole) {
        Some(_) => {
            "It takes part in no rank and no total, and goes once this is scored here.".to_owned()
        }
        None => format!("It says {}.", legacy.figures.words()),
    };
    let may = visit.may(Act::DropLegacyScore).is_ok();
    Some(Legacy {
        sentence: format!("{} {beneath}", legacy.sentence()),
        drop_action: if may {
            format!("{}/legacy-score/removal", whole.href())
        } else {
            String::new()
        },
        seen: whole.seen(),
    })
}

/// What the button sends.
#[derive(Debug, Deserialize)]
pub struct SeenRevision {
    seen_revision: i64,
}

/// POST /initiatives/{key}/legacy-score/removal
pub async fn remove(
    visit: Visit,
    key: Path<String>,
    sent: Form<SeenRevision>,
) -> Result<HttpResponse, WebError> {
    let (key, seen) = (key_of(&key)?, sent.seen_revision);
    let of = key.clone();
    visit
        .act_once(
            async move |_tx| Ok(()),
            async move |mut tx, actor, now| acts::let_go(&mut tx, &actor, now, (&of, seen)).await,
        )
        .await?;
    Ok(undo::go_back_telling(
        &visit,
        &format!("/initiatives/{key}"),
    ))
}
