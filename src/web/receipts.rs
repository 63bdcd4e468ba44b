//! The receipt of a recorded score: what was computed, from what, and who stood behind it.

mod inputs;
mod recomputation;

use super::{
    error::WebError,
    figures::{self, day, when},
    reply,
    score_card::stale_reason,
    view::{
        Link,
        badge::{Badge, State},
        layout::Nav,
        model::Line,
        receipt::{Receipt, Recomputed},
    },
    visit::Visit,
};
use crate::{
    domain::{
        approval::Origin,
        formula::Formula,
        ids::{InitiativeKey, ScoreId},
        number_format,
    },
    store::{
        db::Conn,
        frameworks, initiatives,
        receipt_details::{self, Details},
        scores::{self, Receipt as Recorded, Standing},
    },
};
use actix_web::{HttpResponse, web::Path};
use std::fmt::Write as _;

pub use recomputation::recompute;

/// A recorded score with what was so then, and where its framework stands today.
struct Found {
    recorded: Recorded,
    details: Details,
    standing: Option<Standing>,
}

/// GET /scores/{id}
pub async fn show(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    let found = find(&visit, &id).await?;
    reply::html(&receipt(&visit, &found, None))
}

async fn find(visit: &Visit, id: &str) -> Result<Found, WebError> {
    let id = id
        .parse()
        .map(ScoreId)
        .map_err(|_not_a_number| WebError::NotFound("score"))?;
    let found = visit
        .db
        .read(async move |mut conn: Conn| -> sqlx::Result<_> {
            let Some(recorded) = scores::get_receipt(&mut conn, id).await? else {
                return Ok(None);
            };
            let details = receipt_details::get(&mut conn, id).await?;
            let standing = standing(&mut conn, &recorded).await?;
            Ok(Some(Found {
                recorded,
                details: details.unwrap_or_default(),
                standing,
            }))
        })
        .await?;
    found.ok_or(WebError::NotFound("score"))
}

/// Where the receipt's framework stands today.
async fn standing(conn: &mut Conn, recorded: &Recorded) -> sqlx::Result<Option<Standing>> {
    let Ok(key) = recorded.initiative_key.parse::<InitiativeKey>() else {
        return Ok(None);
    };
    let Some(initiative) = initiatives::get(conn, &key).await? else {
        return Ok(None);
    };
    let frameworks = frameworks::list(conn).await?;
    let framework = frameworks
        .into_iter()
        .find(|f| f.name == recorded.framework_name);
    let standings = scores::standings(conn, initiative.id).await?;
    Ok(framework.and_then(|f| standings.into_iter().find(|s| s.framework_id == f.id)))
}

fn receipt(visit: &Visit, found: &Found, recomputed: Option<Recomputed>) -> Receipt {
    let Found {
        recorded, details, ..
    } = found;
    let standing = found.standing.as_ref();
    let (params, effort): (Vec<_>, Vec<_>) = recorded
        .inputs
        .iter()
        .partition(|input| input.param_id.is_some());
    Receipt {
        page: visit.page(
            format!("Receipt {}, {}", recorded.id, recorded.initiative_key),
            Nav::Backlog,
        ),
        number: recorded.id.to_string(),
        initiative: Link {
            label: format!("{} {}", recorded.initiative_key, recorded.initiative_title),
            href: format!("/initiatives/{}", recorded.initiative_key),
        },
        framework: framework(recorded),
        names_then: names_then(details),
        badge: badge(recorded.id, standing),
        value: figures::score(Some(recorded.value), &recorded.value_unit),
        effort: figures::score(recorded.effort, if effort.is_empty() { "" } else { "days" }),
        overall: figures::score(recorded.overall, ""),
        recorded_at: when(recorded.recorded_at),
        recorded_by: format!("after a change by {}", recorded.recorded_by_name),
        formula_version: formula_version(recorded),
        formula_by: formula_by(recorded, details.formula_origin),
        fingerprint: fingerprint(&recorded.formula_sha256),
        lines: lines(recorded),
        inputs: inputs::rows(&params, details),
        effort_inputs: inputs::rows(&effort, details),
        notes: recorded.notes.clone(),
        warnings: warnings(&recorded.formula_text),
        engine: recorded.engine.clone(),
        newer: newer(recorded.id, standing),
        history_href: format!(
            "/initiatives/{}/scores?framework={}",
            recorded.initiative_key, details.framework_key
        ),
        recompute_action: format!("/scores/{}/recomputation", recorded.id),
        recomputed,
    }
}

fn framework(recorded: &Recorded) -> String {
    let of = match recorded.model_name.as_deref() {
        Some(model) if !model.is_empty() => format!("{} · {model}", recorded.framework_name),
        _ => recorded.framework_name.clone(),
    };
    match &recorded.scenario {
        Some(label) => format!("{of} · scenario {label}"),
        None => of,
    }
}

fn formula_version(recorded: &Recorded) -> String {
    let version = recorded.formula_version;
    match recorded
        .scenario
        .as_ref()
        .filter(|_| recorded.is_scenarios_formula)
    {
        Some(label) => format!("Version {version} of scenario {label}’s own formula"),
        None => format!("Version {version}"),
    }
}

/// Whether it is the framework's score today, and how that stands.
fn badge(id: ScoreId, standing: Option<&Standing>) -> Badge {
    match standing.filter(|s| s.score.as_ref().is_some_and(|score| score.id == id)) {
        Some(standing) if !standing.is_on => Badge::saying(State::Archived, "Framework turned off"),
        Some(standing) if standing.status == "approved" => Badge::of(State::Approved),
        Some(standing) => Badge::because(State::Stale, stale_reason(standing).unwrap_or_default()),
        None => Badge::saying(State::Archived, "Superseded"),
    }
}

fn newer(id: ScoreId, standing: Option<&Standing>) -> Option<Link> {
    let score = standing?.score.as_ref().filter(|score| score.id != id)?;
    let value = figures::text(&figures::score(Some(score.value), &score.value_unit));
    Some(Link {
        label: format!("receipt {}, {value}, {}", score.id, day(score.recorded_at)),
        href: format!("/scores/{}", score.id),
    })
}

/// What was called otherwise when the score was recorded.
fn names_then(details: &Details) -> Vec<String> {
    let named = |what: &str, then: &Option<String>| {
        let then = then.as_ref().filter(|then| !then.is_empty())?;
        Some(format!(
            "{what} was called “{then}” when this was recorded."
        ))
    };
    let title = named("The initiative", &details.title_then);
    let model = named("The model", &details.model_name_then);
    title.into_iter().chain(model).collect()
}

/// What the text's own checks say of it; the text never changes, so this was so then.
fn warnings(text: &str) -> Vec<String> {
    let Ok(formula) = Formula::parse(text) else {
        return Vec::new();
    };
    let line = |warning: &crate::domain::formula::FormulaWarning| {
        format!("Line {}: {}", warning.line, warning.message())
    };
    formula.warnings().iter().map(line).collect()
}

fn formula_by(recorded: &Recorded, origin: Option<Origin>) -> String {
    match recorded
        .formula_approved_by
        .as_ref()
        .zip(recorded.formula_approved_at)
    {
        Some((by, at)) => {
            let by = inputs::approved_as(by, origin.unwrap_or(Origin::Person));
            format!("Approved by {by}, {}.", day(at))
        }
        None if recorded.model_name.is_some() => "The model’s own formula.".to_owned(),
        None => format!(
            "{}’s own formula, the same for every initiative.",
            recorded.framework_name
        ),
    }
}

fn fingerprint(sha256: &[u8]) -> String {
    let mut digits = String::new();
    for byte in sha256 {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// The whole text line by line, comments too, with every digit of what a line came to.
fn lines(recorded: &Recorded) -> Vec<Line> {
    let value = |number| recorded.lines.iter().find(|line| line.line == number);
    (1..)
        .zip(recorded.formula_text.lines())
        .map(|(number, text)| Line {
            number,
            text: text.to_owned(),
            value: value(number)
                .map(|line| number_format::float(line.value))
                .unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::ids::FrameworkId,
        store::scores::{RecordedScore, ScoreLine},
    };
    use chrono::DateTime;

    fn standing(id: i64, status: &str, is_on: bool) -> Standing {
        Standing {
            driver: None,
            framework_id: FrameworkId(1),
            is_on,
            status: status.to_owned(),
            missing: Vec::new(),
            stale_because: (status == "stale").then(|| "Margin changed".to_owned()),
            stale_by_name: None,
            stale_since: None,
            score: Some(RecordedScore {
                id: ScoreId(id),
                value: 59_800.0,
                effort: None,
                overall: None,
                value_unit: "£".to_owned(),
                notes: Vec::new(),
                recorded_at: DateTime::UNIX_EPOCH,
            }),
        }
    }

    #[test]
    fn the_badge_says_where_the_score_stands_today() {
        for (standing, state, text) in [
            (
                Some(standing(1, "approved", true)),
                State::Approved,
                "Approved",
            ),
            (Some(standing(1, "stale", true)), State::Stale, "Stale"),
            (
                Some(standing(1, "approved", false)),
                State::Archived,
                "Framework turned off",
            ),
            (
                Some(standing(2, "approved", true)),
                State::Archived,
                "Superseded",
            ),
            (None, State::Archived, "Superseded"),
        ] {
            let badge = badge(ScoreId(1), standing.as_ref());
            assert_eq!((badge.state, &*badge.text), (state, text));
        }
    }

    #[test]
    fn a_score_that_was_followed_by_another_links_to_it() {
        assert_eq!(newer(ScoreId(1), Some(&standing(1, "stale", true))), None);
        let link = newer(ScoreId(1), Some(&standing(2, "approved", true))).unwrap();
        assert_eq!(link.label, "receipt 2, £59,800, 1 Jan 1970");
        assert_eq!(link.href, "/scores/2");
    }

    #[test]
    fn every_line_is_there_with_all_its_digits() {
        let recorded = Recorded {
            id: ScoreId(1),
            initiative_key: "INIT-1".to_owned(),
            initiative_title: "Checkout".to_owned(),
            framework_name: "Math model".to_owned(),
            model_name: Some("Base".to_owned()),
            scenario: None,
            is_scenarios_formula: false,
            formula_version: 3,
            formula_text: "# a third\nx = 1 / 3\nvalue = x".to_owned(),
            formula_sha256: vec![0xab, 0x01],
            formula_approved_by: Some("Bo".to_owned()),
            formula_approved_at: Some(DateTime::UNIX_EPOCH),
            inputs: Vec::new(),
            lines: vec![ScoreLine {
                line: 2,
                name: "x".to_owned(),
                source: "x = 1 / 3".to_owned(),
                value: 1.0 / 3.0,
            }],
            notes: Vec::new(),
            value: 1.0 / 3.0,
            effort: None,
            overall: None,
            value_unit: String::new(),
            engine: "e".to_owned(),
            recorded_by_name: "Bo".to_owned(),
            recorded_at: DateTime::UNIX_EPOCH,
            is_current: true,
        };
        let values: Vec<_> = lines(&recorded)
            .into_iter()
            .map(|line| line.value)
            .collect();
        assert_eq!(values, ["", "0.3333333333333333", ""]);
        assert_eq!(framework(&recorded), "Math model · Base");
        for (origin, said) in [
            (None, "Approved by Bo, 1 Jan 1970."),
            (
                Some(Origin::Import),
                "Approved by Bo, with an import, 1 Jan 1970.",
            ),
        ] {
            assert_eq!(formula_by(&recorded, origin), said);
        }
        assert_eq!(fingerprint(&recorded.formula_sha256), "ab01");
    }

    #[test]
    fn names_of_then_are_said_only_where_they_differ() {
        let details = Details {
            model_name_then: Some("Old name".to_owned()),
            ..Details::default()
        };
        assert_eq!(
            names_then(&details),
            ["The model was called “Old name” when this was recorded."]
        );
        assert!(names_then(&Details::default()).is_empty());
    }

    #[test]
    fn warnings_of_the_formula_name_their_line() {
        let warnings = warnings("unread = 2\nvalue = 3");
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].starts_with("Line 1: "), "{warnings:?}");
        assert!(super::warnings("value = 3").is_empty());
    }
}
