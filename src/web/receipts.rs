//! The receipt of a recorded score: what was computed, from what, and who stood behind it.

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
        receipt::{Input, Receipt},
    },
    visit::Visit,
};
use crate::{
    domain::{
        approval::Origin,
        ids::{InitiativeKey, ScoreId},
        number_format,
    },
    store::{
        db::Conn,
        frameworks, initiatives,
        scores::{self, Receipt as Recorded, ScoreInput, Standing},
    },
};
use actix_web::{HttpResponse, web::Path};
use std::fmt::Write as _;

/// GET /scores/{id}
pub async fn show(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
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
            let standing = standing(&mut conn, &recorded).await?;
            Ok(Some((recorded, standing)))
        })
        .await?;
    let (recorded, standing) = found.ok_or(WebError::NotFound("score"))?;
    reply::html(&receipt(&visit, &recorded, standing.as_ref()))
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

fn receipt(visit: &Visit, recorded: &Recorded, standing: Option<&Standing>) -> Receipt {
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
        badge: badge(recorded.id, standing),
        value: figures::score(Some(recorded.value), &recorded.value_unit),
        effort: figures::score(recorded.effort, if effort.is_empty() { "" } else { "days" }),
        overall: figures::score(recorded.overall, ""),
        recorded_at: when(recorded.recorded_at),
        recorded_by: format!("after a change by {}", recorded.recorded_by_name),
        formula_version: format!("Version {}", recorded.formula_version),
        formula_by: formula_by(recorded),
        lines: lines(recorded),
        inputs: params.into_iter().map(input).collect(),
        effort_inputs: effort.into_iter().map(input).collect(),
        notes: recorded.notes.clone(),
        engine: recorded.engine.clone(),
        newer: newer(recorded.id, standing),
    }
}

fn framework(recorded: &Recorded) -> String {
    match recorded.model_name.as_deref() {
        Some(model) if !model.is_empty() => format!("{} · {model}", recorded.framework_name),
        _ => recorded.framework_name.clone(),
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

fn formula_by(recorded: &Recorded) -> String {
    let mut sentence = match recorded
        .formula_approved_by
        .as_ref()
        .zip(recorded.formula_approved_at)
    {
        Some((by, at)) => format!("Approved by {by}, {}.", day(at)),
        None if recorded.model_name.is_some() => "The model’s own formula.".to_owned(),
        None => format!(
            "{}’s own formula, the same for every initiative.",
            recorded.framework_name
        ),
    };
    sentence.push_str(" Fingerprint of the text (SHA-256): ");
    for byte in &recorded.formula_sha256 {
        let _ = write!(sentence, "{byte:02x}");
    }
    sentence
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

fn input(input: &ScoreInput) -> Input {
    let (value, other) = figures::stored(&input.value, &input.unit);
    // The formula used the stored digits; a ratio is shown as these already.
    let is_shown_as_used =
        value.digits == number_format::decimal(&input.value) && value.after != "%";
    Input {
        label: input.label.clone(),
        name: input.name.clone(),
        value,
        reading: other.filter(|_| !is_shown_as_used).unwrap_or_default(),
        set_by: input.set_by.clone().unwrap_or_default(),
        set_at: input.set_at.map(when),
        approved_by: approved_by(input),
        approved_at: input.approved_at.map(when),
    }
}

fn approved_by(input: &ScoreInput) -> String {
    let Some(by) = &input.approved_by else {
        return "not subject to approval".to_owned();
    };
    match input
        .approval_origin
        .as_deref()
        .map_or(Origin::Person, Origin::from_key)
    {
        Origin::Person => by.clone(),
        Origin::Import => format!("{by}, with an import"),
        Origin::Reinstated => format!("{by}, reinstated"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::ids::FrameworkId,
        store::scores::{RecordedScore, ScoreLine},
    };
    use chrono::DateTime;

    fn given(value: &str, unit: &str) -> ScoreInput {
        ScoreInput {
            name: "a".to_owned(),
            label: "A".to_owned(),
            value: value.to_owned(),
            unit: unit.to_owned(),
            source: String::new(),
            param_id: Some(1),
            revision: Some(1),
            set_by: Some("Fay".to_owned()),
            set_at: None,
            approval_id: Some(1),
            approved_by: Some("Fay".to_owned()),
            approved_at: None,
            approval_origin: Some("person".to_owned()),
        }
    }

    fn standing(id: i64, status: &str, is_on: bool) -> Standing {
        Standing {
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
    fn an_input_shows_what_the_formula_used_where_that_reads_differently() {
        for (digits, unit, shown, reading) in [
            ("0.04", "%", "4 %", "0.04"),
            ("0.04", "ratio", "0.04", ""),
            ("45", "£", "£45", ""),
            ("0", "%", "0 %", ""),
        ] {
            let input = input(&given(digits, unit));
            assert_eq!(
                (figures::text(&input.value).as_str(), input.reading.as_str()),
                (shown, reading)
            );
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
        assert_eq!(
            formula_by(&recorded),
            "Approved by Bo, 1 Jan 1970. Fingerprint of the text (SHA-256): ab01"
        );
    }

    #[test]
    fn approvals_say_how_they_came_to_be() {
        let said = |by: Option<&str>, origin: &str| {
            approved_by(&ScoreInput {
                approved_by: by.map(str::to_owned),
                approval_origin: Some(origin.to_owned()),
                ..given("1", "")
            })
        };
        assert_eq!(said(Some("Fay"), "person"), "Fay");
        assert_eq!(said(Some("Fay"), "import"), "Fay, with an import");
        assert_eq!(said(Some("Fay"), "reinstated"), "Fay, reinstated");
        assert_eq!(said(None, "person"), "not subject to approval");
    }
}
