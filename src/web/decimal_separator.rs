//! How one writes numbers: with which character before the decimals.

use super::{
    error::WebError,
    reply,
    view::{SelectOption, decimal_separator::Habit, error::Notice, layout::Nav},
    visit::Visit,
};
use crate::{actions::people as acts, domain::amount::DecimalSeparator};
use actix_web::{HttpResponse, web::Form};
use serde::Deserialize;

/// An amount that shows both separators.
const EXAMPLE: &str = "1,200.50";

/// GET /decimal-separator
pub async fn show(visit: Visit) -> Result<HttpResponse, WebError> {
    let chosen = visit.user.decimal_separator;
    reply::html(&page(&visit, chosen, Vec::new()))
}

/// What the form sends.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Sent {
    decimal_separator: DecimalSeparator,
}

/// POST /decimal-separator
pub async fn set(visit: Visit, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let chosen = sent.decimal_separator;
    let done = visit.act(async move |mut tx, actor, _now| {
        acts::set_decimal_separator(&mut tx, &actor, chosen).await
    });
    done.await?;
    if !visit.is_htmx {
        return Ok(reply::go_to("/decimal-separator"));
    }
    let example = chosen.written(EXAMPLE);
    let notice = Notice::done(format!("From now on you write numbers like {example}"));
    reply::html(&page(&visit, chosen, vec![notice]))
}

fn page(visit: &Visit, chosen: DecimalSeparator, notices: Vec<Notice>) -> Habit {
    let mut page = visit.page("How I write numbers", Nav::Elsewhere);
    page.notices = notices;
    let option = |separator: DecimalSeparator| SelectOption {
        value: separator.key().to_owned(),
        label: match separator {
            DecimalSeparator::Point => format!("With a point: {}", separator.written(EXAMPLE)),
            DecimalSeparator::Comma => format!("With a comma: {}", separator.written(EXAMPLE)),
        },
        is_selected: separator == chosen,
    };
    Habit {
        options: DecimalSeparator::ALL.map(option).to_vec(),
        page,
    }
}
