//! The receipt of an override: what it replaced, why, who answers for it, from when to when, and how it ended.

use super::override_id;
use crate::{
    actions::overrides as acts,
    domain::{
        ids::ScoreId,
        param::Number,
        score_override::{End, Figures, effective},
    },
    store::score_overrides::OverrideReceipt,
    web::{
        error::WebError,
        figures::{date, score, stored, when},
        reply,
        view::{
            Figure, Link,
            badge::{Badge, State},
            layout::Nav,
            score_override::{Receipt, ReceiptRow},
        },
        visit::Visit,
    },
};
use actix_web::{HttpResponse, web::Path};
use chrono::{DateTime, Utc};

/// GET /overrides/{id}
pub async fn show(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    let id = override_id(&id)?;
    let read = visit
        .db
        .read(async move |mut conn| acts::get(&mut conn, id).await);
    let found = read.await?;
    reply::html(&receipt(&visit, &found))
}

fn receipt(visit: &Visit, found: &OverrideReceipt) -> Receipt {
    let (over, now) = (&found.over, visit.now());
    let key = &found.initiative_key;
    let (ending, ended_at) = ending(found, now);
    Receipt {
        page: visit.page(format!("Override {}, {key}", over.id), Nav::Backlog),
        number: over.id.to_string(),
        initiative: Link {
            label: format!("{key} {}", found.initiative_title),
            href: format!("/initiatives/{key}"),
        },
        framework: found.framework_name.clone(),
        badge: badge(found, now),
        set_by: over.by_name.clone(),
        set_at: when(over.at),
        reason: over.terms.reason.clone(),
        rows: rows(found, now),
        then_state: state(&found.then_status),
        then_receipt: found.then_score.map(score_link),
        today_state: state(&found.now_status),
        today_receipt: found.now_score.map(score_link),
        until: match over.terms.last_day {
            Some(day) => format!("to the end of {} (UTC)", date(day)),
            None => "until somebody ends it".to_owned(),
        },
        ending,
        ended_at: ended_at.map(when),
        next: found.next.map(|next| Link {
            label: format!("override {next}"),
            href: format!("/overrides/{next}"),
        }),
    }
}

fn is_suspended(found: &OverrideReceipt) -> bool {
    found.active_name.as_ref() != Some(&found.framework_name)
}

fn badge(found: &OverrideReceipt, now: DateTime<Utc>) -> Badge {
    match found.over.ended.as_ref().map(|ended| ended.how) {
        Some(End::Replaced) => Badge::saying(State::Archived, "Replaced"),
        Some(End::Withdrawn) => Badge::saying(State::Archived, "Withdrawn"),
        Some(End::Expired) => Badge::saying(State::Archived, "Expired"),
        None if !found.over.is_live(now) => Badge::saying(State::Archived, "Expired"),
        None if is_suspended(found) => Badge::saying(State::Archived, "Suspended"),
        None => Badge::of(State::Overridden),
    }
}

fn ending(found: &OverrideReceipt, now: DateTime<Utc>) -> (String, Option<DateTime<Utc>>) {
    let expired = "Expired: its last day passed, and the model’s own counts again.".to_owned();
    let Some(ended) = &found.over.ended else {
        let active = found.active_name.as_deref().unwrap_or("no framework");
        let sentence = match () {
            () if !found.over.is_live(now) => expired,
            () if is_suspended(found) => format!(
                "Suspended while {active} is active; it counts again when {} is.",
                found.framework_name
            ),
            () => "It holds now.".to_owned(),
        };
        return (sentence, None);
    };
    match ended.how {
        End::Replaced => (format!("Replaced by {},", ended.by_name), Some(ended.at)),
        End::Withdrawn => (format!("Withdrawn by {},", ended.by_name), Some(ended.at)),
        End::Expired => (expired, None),
    }
}

/// What it makes of each figure beside the framework's own. One that has ended is shown as it began.
fn rows(found: &OverrideReceipt, now: DateTime<Utc>) -> Vec<ReceiptRow> {
    let terms = &found.over.terms;
    let beneath = if found.over.is_live(now) {
        &found.now
    } else {
        &found.then
    };
    let effective = effective(beneath, Some(terms));
    let (counts, then, today) = (&effective.figures, &found.then, &found.now);
    let value = |of: &Figures| score(of.value, &of.unit);
    let plain = |number: Option<f64>| score(number, "");
    let typed = |digits: Option<&str>, unit: &str, else_: Figure| {
        digits.map_or(else_, |digits| stored(digits, unit).0)
    };
    let own = "not overridden";
    let remark = |is_typed: bool, otherwise: &str| {
        if is_typed {
            String::new()
        } else {
            otherwise.to_owned()
        }
    };
    let of_value = terms.value.as_ref().map(Number::decimal);
    let of_overall = terms.overall.as_ref().map(Number::decimal);
    let worked_out = match (&terms.value, effective.no_overall) {
        (Some(_), None) => "value ÷ effort",
        (Some(_), Some(why)) => why,
        (None, _) => own,
    };
    let row = |label: &str, counts, remark, then, today| ReceiptRow {
        label: label.to_owned(),
        counts,
        remark,
        then,
        today,
    };
    vec![
        row(
            "Value",
            typed(of_value, &terms.unit, value(counts)),
            remark(of_value.is_some(), own),
            value(then),
            value(today),
        ),
        row(
            "Effort",
            plain(counts.effort),
            own.to_owned(),
            plain(then.effort),
            plain(today.effort),
        ),
        row(
            "Overall",
            typed(of_overall, "", plain(counts.overall)),
            remark(of_overall.is_some(), worked_out),
            plain(then.overall),
            plain(today.overall),
        ),
    ]
}

fn state(status: &str) -> String {
    match status {
        "approved" => State::Approved,
        "stale" => State::Stale,
        _ => State::NotReady,
    }
    .word()
    .to_owned()
}

fn score_link(id: ScoreId) -> Link {
    Link {
        label: format!("Receipt {id}"),
        href: format!("/scores/{id}"),
    }
}
