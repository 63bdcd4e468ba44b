//! What the LLM was used for: what it costs and what is left, for admins; and any one call, word for word, for PMs too.

use super::{
    chips,
    error::WebError,
    figures::{date, when},
    reply,
    view::{
        Link, Pager,
        badge::{Badge, State},
        layout::Nav,
        llm::{self as view, Budget as BudgetView, CallRow, Usage, UsageRow, UsageTable},
    },
    visit::Visit,
};
use crate::{
    actions::ActionError,
    domain::{
        ids::LlmCallId,
        llm_request::{Budget, Workflow, day},
        llm_settings::LlmSettings,
        number_format,
        rights::Act,
    },
    store::{
        llm_calls::{self, Call, CallText, UsageLine},
        llm_settings,
    },
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use chrono::Duration;
use serde::Deserialize;

/// The spans that can be looked at, in days.
const SPANS: [(&str, i64); 3] = [("7 days", 7), ("30 days", 30), ("90 days", 90)];
/// How much of a prompt or an answer the page shows, in bytes.
const LONGEST: usize = 64 * 1024;

/// What of the usage is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Asked {
    days: Option<i64>,
    before: Option<i64>,
}

impl Asked {
    fn days(self) -> i64 {
        let known = |days: &i64| SPANS.iter().any(|(_, span)| span == days);
        self.days.filter(known).unwrap_or(SPANS[0].1)
    }
}

/// GET /llm
pub async fn usage(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    visit.may(Act::ReadLlmUsage).map_err(ActionError::from)?;
    let (now, person, days) = (visit.now(), visit.user.id, asked.days());
    let (from, before) = (
        day(now) - Duration::days(days - 1),
        asked.before.map(LlmCallId),
    );
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let settings = llm_settings::get(&mut conn).await?;
        let budget = llm_calls::budget(&mut conn, &settings, person, now).await?;
        let lines = llm_calls::usage(&mut conn, (from, now + Duration::days(1))).await?;
        let calls = llm_calls::list(&mut conn, before).await?;
        Ok((settings, budget, lines, calls))
    });
    let (settings, budget, lines, calls) = read.await?;
    let has_price = lines.iter().any(|line| line.cost_millionths.is_some());
    let here = |days: i64| {
        if days == SPANS[0].1 {
            "/llm".to_owned()
        } else {
            format!("/llm?days={days}")
        }
    };
    let span = |days: i64| {
        SPANS
            .iter()
            .find(|(_, span)| *span == days)
            .map_or("", |(label, _)| label)
    };
    let spans: Vec<_> = SPANS.map(|(label, _)| (label, label)).into();
    reply::html(&Usage {
        page: visit.page("LLM usage", Nav::Elsewhere),
        set_up: set_up(settings).to_owned(),
        spans: chips::row("Time", &spans, span(days), |label| {
            here(
                SPANS
                    .iter()
                    .find(|(known, _)| *known == label)
                    .map_or(0, |(_, days)| *days),
            )
        }),
        budgets: budgets(&budget),
        tables: tables(&lines),
        price_note: if has_price {
            "Costs are in the currency of the configured prices.".to_owned()
        } else {
            "No price is configured for these calls, so they have no cost here. Set LLM_PRICE_INPUT and LLM_PRICE_OUTPUT to see one.".to_owned()
        },
        pager: pager(&calls, asked.before, days),
        calls: calls.iter().map(call_row).collect(),
    })
}

fn set_up(settings: LlmSettings) -> &'static str {
    if settings.is_configured {
        "An LLM is connected."
    } else {
        "No LLM is set up. Set LLM_BASE_URL to connect one; everything else works without."
    }
}

fn budgets(budget: &Budget) -> Vec<BudgetView> {
    let row = |of, gone: i64, cap: i64| BudgetView {
        of,
        used: whole(gone),
        limit: whole(cap),
        left: match (cap - gone).max(0) {
            0 => "none left until midnight UTC".to_owned(),
            left => format!("{} left", whole(left)),
        },
    };
    let Budget {
        cap,
        gone,
        person_cap,
        person_gone,
    } = budget;
    vec![
        row("Calls, everybody", gone.calls.into(), cap.calls.into()),
        row("Tokens, everybody", gone.tokens, cap.tokens),
        row(
            "Calls, you",
            person_gone.calls.into(),
            person_cap.calls.into(),
        ),
        row("Tokens, you", person_gone.tokens, person_cap.tokens),
    ]
}

fn whole(number: i64) -> String {
    number_format::decimal(&number.to_string())
}

fn tables(lines: &[UsageLine]) -> Vec<UsageTable> {
    let table = |heading, of, name: &dyn Fn(&UsageLine) -> String| UsageTable {
        heading,
        of,
        rows: add_up(lines, name),
    };
    vec![
        table("In all", "Time", &|_| "All shown".to_owned()),
        table("By workflow", "Workflow", &|line| {
            workflow(&line.workflow).to_owned()
        }),
        table("By person", "Person", &|line| line.person.clone()),
        table("By day", "Day", &|line| date(line.day)),
    ]
}

/// What lines of the same name come to, in the order in which the names come first.
fn add_up(lines: &[UsageLine], name: &dyn Fn(&UsageLine) -> String) -> Vec<UsageRow> {
    let mut sums: Vec<(String, UsageLine)> = Vec::new();
    for line in lines {
        let of = name(line);
        match sums.iter_mut().find(|(had, _)| *had == of) {
            None => sums.push((of, line.clone())),
            Some((_, sum)) => {
                sum.calls += line.calls;
                sum.failed += line.failed;
                sum.tokens_in += line.tokens_in;
                sum.tokens_out += line.tokens_out;
                sum.cost_millionths = match (sum.cost_millionths, line.cost_millionths) {
                    (None, None) => None,
                    (a, b) => Some(a.unwrap_or_default() + b.unwrap_or_default()),
                };
            }
        }
    }
    let row = |(of, sum): (String, UsageLine)| UsageRow {
        of,
        calls: whole(sum.calls),
        failed: whole(sum.failed),
        tokens_in: whole(sum.tokens_in),
        tokens_out: whole(sum.tokens_out),
        cost: sum.cost_millionths.map(cost).unwrap_or_default(),
    };
    sums.into_iter().map(row).collect()
}

/// Millionths, with four digits after the point: a call costs a fraction of a cent.
fn cost(millionths: i64) -> String {
    let (units, rest) = (millionths / 1_000_000, millionths % 1_000_000 / 100);
    format!("{}.{rest:04}", whole(units))
}

fn workflow(key: &str) -> &str {
    match Workflow::from_key(key) {
        Some(workflow) => workflow.label(),
        None => key,
    }
}

fn outcome(call: &Call) -> Badge {
    match call.outcome.as_deref() {
        Some("ok") => Badge::saying(State::Suggestion, "Answered"),
        None => Badge::saying(State::Draft, "No answer yet"),
        Some(_) => Badge {
            reason: call.why.clone().unwrap_or_default().into(),
            ..Badge::saying(State::NotReady, "Failed")
        },
    }
}

fn about(call: &Call) -> Link {
    Link {
        label: call.initiative_key.clone(),
        href: format!("/initiatives/{}", call.initiative_key),
    }
}

fn tokens(call: &Call) -> String {
    match (call.tokens_in, call.tokens_out) {
        (Some(went_in), Some(came_out)) => {
            format!("{} tokens in, {} out", whole(went_in), whole(came_out))
        }
        _ => "tokens unknown".to_owned(),
    }
}

fn call_row(call: &Call) -> CallRow {
    CallRow {
        href: format!("/llm/calls/{}", call.id),
        workflow: workflow(&call.workflow).to_owned(),
        about: Some(about(call)),
        by: call.asked_by_name.clone(),
        at: when(call.begun_at),
        outcome: outcome(call),
        tokens: tokens(call),
    }
}

fn pager(calls: &[Call], before: Option<i64>, days: i64) -> Pager {
    let is_full = i64::try_from(calls.len()).is_ok_and(|count| count >= llm_calls::PAGE);
    let last = calls.last().filter(|_| is_full);
    Pager {
        summary: format!("{} shown, newest first", calls.len()),
        first_href: before.map(|_| format!("/llm?days={days}")),
        next_href: last.map(|last| format!("/llm?days={days}&before={}", last.id)),
    }
}

/// GET /llm/calls/{id}
pub async fn call(visit: Visit, id: Path<i64>) -> Result<HttpResponse, WebError> {
    visit.may(Act::ReadLlmCalls).map_err(ActionError::from)?;
    let id = LlmCallId(*id);
    let read = visit
        .db
        .read(async move |mut conn| llm_calls::get(&mut conn, id).await);
    let found: CallText = read.await?.ok_or(WebError::NotFound("call to the LLM"))?;
    let call = &found.call;
    let (prompt, prompt_cut) = cut(&found.prompt);
    let (answer, answer_cut) = cut(found.answer.as_deref().unwrap_or_default());
    let title = workflow(&call.workflow).to_owned();
    let mut facts = vec![
        ("Asked by", call.asked_by_name.clone()),
        ("Model", call.model.clone()),
        ("Prompt version", call.prompt_version.to_string()),
        ("Size", tokens(call)),
    ];
    facts.extend(
        call.took_ms
            .map(|ms| ("Took", format!("{}.{} s", ms / 1000, ms % 1000 / 100))),
    );
    facts.extend(
        call.cost_millionths
            .map(|millionths| ("Cost", cost(millionths))),
    );
    reply::html(&view::Call {
        page: visit.page(title.clone(), Nav::Elsewhere),
        workflow: title,
        about: Some(about(call)),
        outcome: outcome(call),
        facts,
        at: when(call.begun_at),
        prompt: prompt.to_owned(),
        answer: answer.to_owned(),
        cut: if prompt_cut || answer_cut {
            "What is longer than 64 KiB is cut here.".to_owned()
        } else {
            String::new()
        },
    })
}

/// As much as a page shows, and whether that is less than all.
fn cut(text: &str) -> (&str, bool) {
    let end = text.floor_char_boundary(LONGEST);
    (&text[..end], end < text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn line(person: &str, workflow: &str, cost_millionths: Option<i64>) -> UsageLine {
        UsageLine {
            day: NaiveDate::default(),
            person: person.to_owned(),
            workflow: workflow.to_owned(),
            calls: 600,
            failed: 1,
            tokens_in: 1_000,
            tokens_out: 10,
            cost_millionths,
        }
    }

    #[test]
    fn usage_adds_up_by_person_and_by_workflow_and_a_missing_price_is_no_zero() {
        let lines = [
            line("Bo", "suggest_math_model", Some(1_250_000)),
            line("Ada", "suggest_math_model", None),
            line("Bo", "review_math_model", Some(250)),
        ];
        let tables = tables(&lines);
        let of = |at: usize| -> Vec<_> {
            let rows = tables[at].rows.iter();
            rows.map(|row| (row.of.as_str(), row.calls.as_str(), row.cost.as_str()))
                .collect()
        };
        assert_eq!(of(0), [("All shown", "1,800", "1.2502")]);
        assert_eq!(
            of(1),
            [
                ("Formula suggestion", "1,200", "1.2500"),
                ("Second opinion", "600", "0.0002")
            ]
        );
        assert_eq!(of(2), [("Bo", "1,200", "1.2502"), ("Ada", "600", "")]);
    }

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(cut("short"), ("short", false));
        let long = format!("{}é", "x".repeat(LONGEST - 1));
        let (shown, is_cut) = cut(&long);
        assert_eq!((shown.len(), is_cut), (LONGEST - 1, true));
    }

    #[test]
    fn only_known_spans_are_looked_at() {
        for (query, days) in [("", 7), ("days=30", 30), ("days=9999", 7)] {
            let asked: Asked = serde_urlencoded::from_str(query).unwrap();
            assert_eq!(asked.days(), days, "{query}");
        }
    }
}
