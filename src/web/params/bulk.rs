//! One decision on the rows that were chosen: approve, whose they are, their unit.

use super::{back, paste::seen, preview::with_undo};
use crate::{
    actions::{
        ActionError, Actor,
        bulk::{self as acts, Decided, Decision},
    },
    domain::{ids::ParamId, param::Source},
    web::{
        error::WebError,
        sent_form::batch_of,
        view::error::{Notice, Tone},
        visit::Visit,
    },
};
use actix_web::{HttpResponse, web::Form};
use std::collections::BTreeMap;

/// What the bar sends: each chosen row beside its fields.
pub type Sent = Form<Vec<(String, String)>>;

/// How many are named one by one.
const NAMED: usize = 20;

pub(super) fn field<'a>(sent: &'a Sent, name: &str) -> &'a str {
    let found = sent.iter().find(|(field, _)| field == name);
    found.map_or("", |(_, value)| value.trim())
}

/// POST /params/approvals
pub async fn approve(visit: Visit, sent: Sent) -> Result<HttpResponse, WebError> {
    decide(&visit, &sent, Ok(Decision::Approve), "approved").await
}

/// POST /params/sources
pub async fn set_source(visit: Visit, sent: Sent) -> Result<HttpResponse, WebError> {
    let source = match Source::read(field(&sent, "source")) {
        Ok(Some(source)) => Ok(Decision::Source(Some(source))),
        Ok(None) => Err("Choose a source first.".to_owned()),
        Err(why) => Err(why.to_string()),
    };
    decide(&visit, &sent, source, "given their source").await
}

/// POST /params/units
pub async fn set_unit(visit: Visit, sent: Sent) -> Result<HttpResponse, WebError> {
    let is_cleared = field(&sent, "clear") == "unit";
    let unit = match field(&sent, "unit") {
        _ if is_cleared => Ok(Decision::Unit(String::new())),
        "" => Err("Type a unit first.".to_owned()),
        unit => Ok(Decision::Unit(unit.to_owned())),
    };
    let did = if is_cleared {
        "left without a unit"
    } else {
        "given their unit"
    };
    decide(&visit, &sent, unit, did).await
}

async fn decide(
    visit: &Visit,
    sent: &Sent,
    decision: Result<Decision, String>,
    what: &str,
) -> Result<HttpResponse, WebError> {
    let (seen, next) = (chosen(sent), field(sent, "next"));
    let decision = match decision {
        _ if seen.is_empty() => return back::to_page(visit, next, nothing_chosen()).await,
        Ok(decision) => decision,
        Err(why) => return back::to_page(visit, next, nothing_changed(&why)).await,
    };
    let batch = batch_of(visit.sent.as_ref());
    let decided = visit
        .act_long_once(
            "bulk",
            async move |_tx| Ok::<_, ActionError>(None),
            async move |mut tx, actor, now| {
                let actor = Actor { batch, ..actor };
                acts::decide(&mut tx, &actor, now, &decision, &seen)
                    .await
                    .map(Some)
            },
        )
        .await?;
    let notice = told(decided.as_ref(), what);
    let notice = match decided {
        Some(decided) if decided.done == 0 => notice,
        _ => with_undo(notice, batch),
    };
    back::to_page(visit, next, notice).await
}

/// The chosen rows with the revisions that were shown.
pub(super) fn chosen(sent: &Sent) -> BTreeMap<ParamId, i64> {
    let chosen = sent.iter().filter(|(name, _)| name == "row");
    seen(chosen.map(|(_, value)| value.as_str()))
}

pub(super) fn nothing_chosen() -> Notice {
    nothing_changed("Choose some rows first.")
}

fn nothing_changed(why: &str) -> Notice {
    Notice {
        tone: Tone::Problem,
        title: format!("Nothing was changed. {why}"),
        ..Notice::default()
    }
}

/// What came of it; none: the same form was sent before.
pub(super) fn told(decided: Option<&Decided>, what: &str) -> Notice {
    decided.map_or_else(
        || Notice::done("This was done already."),
        |decided| notice(decided, what),
    )
}

/// `3 params approved. 2 left out.`, with who and why.
fn notice(decided: &Decided, what: &str) -> Notice {
    let params = |count: usize| match count {
        1 => "1 param".to_owned(),
        count => format!("{count} params"),
    };
    let mut text = Vec::new();
    if decided.same > 0 {
        text.push(format!("{} stood so already.", params(decided.same)));
    }
    match decided.fell {
        0 => {}
        1 => text.push("Its approval fell; scores that rest on it wait for another.".to_owned()),
        more => text.push(format!(
            "{more} approvals fell; scores that rest on them wait for others."
        )),
    }
    let left = decided.left_out.len();
    if left > 0 {
        text.push(format!("{} left out:", params(left)));
    }
    let mut lines: Vec<_> = decided
        .left_out
        .iter()
        .take(NAMED)
        .map(|left| format!("{}: {}", left.label, left.why))
        .collect();
    if left > NAMED {
        lines.push(format!("and {} more", left - NAMED));
    }
    Notice {
        tone: if decided.done == 0 {
            Tone::Info
        } else {
            Tone::Done
        },
        title: format!("{} {what}.", params(decided.done)),
        text: text.join(" "),
        lines,
        ..Notice::default()
    }
}
