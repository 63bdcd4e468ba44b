//! What the sheet shall show of an initiative. Scores only where there is one for the record; never the present time,
//! so that the same state always gives the same cells.

use super::MirrorSettings;
use crate::{
    domain::{
        ids::InitiativeKey,
        initiative::FIELDS,
        legacy_score::LegacyScore,
        param::Number,
        score_override::{Figures, effective},
        scoring::Missing,
    },
    mirror::{
        diff::Wanted,
        grid::Cell,
        layout::{FRAMEWORK, OWNED, USE_MATH_MODEL},
    },
    store::mirror_snapshot::Mirrored,
};
use chrono::{DateTime, Utc};

/// One initiative's cells; none: its key is no key (which the database refuses).
pub(super) fn of(mirrored: &Mirrored, settings: &MirrorSettings) -> Option<Wanted> {
    Some(Wanted {
        id: mirrored.id,
        key: mirrored.key.parse::<InitiativeKey>().ok()?,
        cells: OWNED
            .iter()
            .map(|field| cell(field, mirrored, settings))
            .collect(),
    })
}

fn cell(field: &str, of: &Mirrored, settings: &MirrorSettings) -> Cell {
    let score = of.score.as_ref();
    let over = of.over.as_ref();
    let counts = effective(&own(of), over.map(|over| &over.terms)).figures;
    let figure = |value: Option<f64>| value.map_or(Cell::Empty, Cell::of_figure);
    // Under an override nothing of a workbook's stays in the figures; the note still names it.
    let legacy = of.legacy.as_ref().filter(|_| over.is_none());
    let from_workbook = legacy.map(|legacy| &legacy.figures);
    let brought = |number: &Option<Number>| figure(number.as_ref().map(Number::value));
    match field {
        FRAMEWORK => Cell::of_text(of.framework.as_deref().unwrap_or_default()),
        USE_MATH_MODEL => Cell::Bool(of.use_math_model),
        "value_score" => from_workbook.map_or(figure(counts.value), |it| brought(&it.value)),
        "effort_score" => from_workbook.map_or(figure(counts.effort), |it| brought(&it.effort)),
        "overall_score" => from_workbook.map_or(figure(counts.overall), |it| brought(&it.overall)),
        "score_status" if over.is_some() => Cell::of_text("overridden"),
        "score_status" if legacy.is_some() => Cell::of_text("legacy"),
        "score_status" => {
            Cell::of_text(&of.status.as_deref().unwrap_or_default().replace('_', " "))
        }
        "score_note" => Cell::of_text(&note(of)),
        "scored_at" => match (over, score) {
            (Some(over), _) => time(over.at),
            (None, Some(score)) => time(score.recorded_at),
            (None, None) => Cell::Empty,
        },
        "receipt" => {
            let receipt = |path: String| Cell::of_text(&settings.receipt(&path));
            match (over, score) {
                (Some(over), _) => receipt(format!("overrides/{}", over.id)),
                (None, Some(score)) => receipt(format!("scores/{}", score.id)),
                (None, None) => Cell::Empty,
            }
        }
        "is_archived" => Cell::Bool(of.is_archived),
        "updated_at" => time(of.updated_at),
        "updated_source" => Cell::of_text(&format!("productops/{}", settings.environment)),
        _ => FIELDS
            .iter()
            .zip(&of.values)
            .find(|(known, _)| known.key == field)
            .map_or(Cell::Empty, |(known, value)| {
                if known.is_number() {
                    Cell::of_digits(value)
                } else {
                    Cell::of_text(value)
                }
            }),
    }
}

pub(super) fn time(at: DateTime<Utc>) -> Cell {
    Cell::Text(at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// What the active framework gives by itself.
fn own(of: &Mirrored) -> Figures {
    let score = of.score.as_ref();
    Figures {
        value: score.map(|score| score.value),
        effort: score.map_or(of.unscored_effort, |score| score.effort),
        overall: score.and_then(|score| score.overall),
        unit: score
            .map(|score| score.value_unit.clone())
            .unwrap_or_default(),
    }
}

/// The override with the model's own figure beside it, then how that one stands: all that applies.
fn note(of: &Mirrored) -> String {
    let beneath = own_note(of);
    let Some(over) = &of.over else { return beneath };
    let own = own(of);
    let mut note = over.sentence();
    if own.value.is_some() {
        note = format!("{note} The model’s own: {}", own.words(true));
    }
    let counts = effective(&own, Some(&over.terms));
    // Why the model's own overall is empty is no matter of the override's.
    let beneath = if of.stale.is_none() && of.missing.is_empty() && of.legacy.is_none() {
        String::new()
    } else {
        beneath
    };
    let rest = counts.no_overall.map(str::to_owned);
    let rest: Vec<_> = rest
        .into_iter()
        .chain((!beneath.is_empty()).then_some(beneath))
        .collect();
    match (own.value.is_some(), rest.is_empty()) {
        (_, true) => note,
        (true, false) => format!("{note}; {}", rest.join("; ")),
        (false, false) => format!("{note} {}", rest.join("; ")),
    }
}

/// Where a workbook's score comes from; what it says, where that isn't in the figures.
fn legacy_note(legacy: &LegacyScore, is_overridden: bool) -> String {
    let sentence = legacy.sentence();
    let sentence = sentence.trim_end_matches('.');
    if is_overridden {
        format!("{sentence}: {}", legacy.figures.words())
    } else {
        sentence.to_owned()
    }
}

fn own_note(of: &Mirrored) -> String {
    let legacy = of.legacy.as_ref();
    let legacy = legacy.map(|legacy| legacy_note(legacy, of.over.is_some()));
    let score = of.score.as_ref().filter(|_| of.stale.is_none());
    let notes = score.map_or(&[][..], |score| &score.notes);
    reasons(of.stale.as_ref(), legacy, &of.missing, notes)
}

/// Why a score is as it is: what made it stale, where a workbook's comes from, what is missing and who owes it, what a
/// reader should know.
pub(super) fn reasons(
    stale: Option<&(String, String, DateTime<Utc>)>,
    legacy: Option<String>,
    missing: &[Missing],
    notes: &[String],
) -> String {
    let stale = stale.map(|(because, by, since)| {
        let since = since.format("%Y-%m-%d %H:%M UTC");
        format!("Since {since}: {because} ({by})")
    });
    let missing = missing.iter();
    let missing = missing.map(|missing| format!("{missing} ({})", missing.owed_by()));
    let all: Vec<_> = stale
        .into_iter()
        .chain(legacy)
        .chain(missing)
        .chain(notes.iter().cloned())
        .collect();
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            ids::{InitiativeId, OverrideId, ScoreId},
            param::Number,
            score_override::{ScoreOverride, Terms},
        },
        store::mirror_snapshot::MirroredScore,
        worker::Destination,
    };
    use chrono::NaiveDate;

    fn mirrored() -> Mirrored {
        let value = |at: usize| {
            if FIELDS[at].is_number() {
                "12.50".to_owned()
            } else {
                format!("text {at}")
            }
        };
        Mirrored {
            id: InitiativeId(1),
            key: "INIT-1".to_owned(),
            values: (0..FIELDS.len()).map(value).collect(),
            is_archived: false,
            framework: Some("MATH_MODEL".to_owned()),
            use_math_model: true,
            status: Some("approved".to_owned()),
            missing: Vec::new(),
            stale: None,
            score: Some(MirroredScore {
                id: ScoreId(7),
                value: 59_800.0,
                effort: None,
                overall: None,
                value_unit: "£".to_owned(),
                notes: vec!["No effort, so no overall score".to_owned()],
                recorded_at: DateTime::UNIX_EPOCH,
            }),
            legacy: None,
            over: None,
            unscored_effort: None,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn over() -> ScoreOverride {
        ScoreOverride {
            id: OverrideId(3),
            terms: Terms {
                value: Some(Number::from_decimal("70000".to_owned())),
                overall: None,
                unit: "£".to_owned(),
                reason: "Signed contract".to_owned(),
                last_day: NaiveDate::from_ymd_opt(2026, 12, 1),
            },
            by_name: "Bo".to_owned(),
            at: DateTime::UNIX_EPOCH,
            ended: None,
        }
    }

    fn shown(mirrored: &Mirrored, field: &str) -> String {
        let settings = MirrorSettings {
            to: Destination::File("backlog.csv".into()),
            mode: None,
            environment: "test".to_owned(),
            public_url: Some("https://ops.example.com/".to_owned()),
        };
        let wanted = of(mirrored, &settings).unwrap();
        let at = OWNED.iter().position(|owned| *owned == field).unwrap();
        wanted.cells[at].text().into_owned()
    }

    #[test]
    fn every_field_of_ours_shows_something() {
        let mut all = mirrored();
        let score = all.score.as_mut().unwrap();
        (score.effort, score.overall) = (Some(2.0), Some(29_900.0));
        for field in OWNED {
            assert_ne!(shown(&all, field), "", "{field}");
        }
        assert_eq!(shown(&all, "value_score"), "59800");
        assert_eq!(shown(&all, "infra_cost_estimate"), "12.5");
        assert_eq!(shown(&all, "receipt"), "https://ops.example.com/scores/7");
        assert_eq!(shown(&all, "scored_at"), "1970-01-01T00:00:00Z");
        assert_eq!(shown(&all, "updated_source"), "productops/test");
    }

    #[test]
    fn what_is_not_scored_for_the_record_has_no_figures() {
        let missing = Missing::Value {
            name: "margin".into(),
            label: "Margin".into(),
            source: None,
        };
        let not_ready = Mirrored {
            status: Some("not_ready".to_owned()),
            missing: vec![Missing::Formula, missing],
            score: None,
            ..mirrored()
        };
        for field in [
            "value_score",
            "effort_score",
            "overall_score",
            "scored_at",
            "receipt",
        ] {
            assert_eq!(shown(&not_ready, field), "", "{field}");
        }
        assert_eq!(shown(&not_ready, "score_status"), "not ready");
        assert_eq!(
            shown(&not_ready, "score_note"),
            "No formula yet (PM); Margin has no value (PM)"
        );
    }

    #[test]
    fn a_stale_score_keeps_its_figures_and_says_why() {
        let stale = Mirrored {
            status: Some("stale".to_owned()),
            stale: Some((
                "Margin changed".to_owned(),
                "Anders Holm".to_owned(),
                DateTime::UNIX_EPOCH,
            )),
            ..mirrored()
        };
        assert_eq!(shown(&stale, "value_score"), "59800");
        assert_eq!(
            shown(&stale, "score_note"),
            "Since 1970-01-01 00:00 UTC: Margin changed (Anders Holm)"
        );
    }

    #[test]
    fn a_workbooks_score_stays_in_the_sheet_as_legacy_without_a_receipt() {
        let legacy = LegacyScore {
            figures: crate::domain::legacy_score::Figures::of_digits(["3840", "", "480.5"]),
            by_name: "Ada".to_owned(),
            at: DateTime::UNIX_EPOCH,
        };
        let mut brought = Mirrored {
            status: Some("not_ready".to_owned()),
            missing: vec![Missing::Formula],
            score: None,
            legacy: Some(legacy),
            ..mirrored()
        };
        for (field, text) in [
            ("value_score", "3840"),
            ("effort_score", ""),
            ("overall_score", "480.5"),
            ("score_status", "legacy"),
            ("receipt", ""),
            ("scored_at", ""),
            (
                "score_note",
                "From the workbook that Ada imported on 1 Jan 1970, never scored here; No formula yet (PM)",
            ),
        ] {
            assert_eq!(shown(&brought, field), text, "{field}");
        }
        brought.over = Some(over());
        assert_eq!(shown(&brought, "score_status"), "overridden");
        assert_eq!(shown(&brought, "value_score"), "70000");
        assert_eq!(shown(&brought, "overall_score"), "");
        let note = shown(&brought, "score_note");
        assert!(
            note.contains("never scored here: value 3,840, overall 480.5"),
            "{note}"
        );
    }

    #[test]
    fn an_override_shows_its_figures_and_receipt_and_says_all_that_applies() {
        let mut overridden = Mirrored {
            over: Some(over()),
            ..mirrored()
        };
        overridden.score.as_mut().unwrap().effort = Some(7.0);
        for (field, text) in [
            ("value_score", "70000"),
            ("overall_score", "10000"),
            ("score_status", "overridden"),
            ("receipt", "https://ops.example.com/overrides/3"),
            (
                "score_note",
                "Overridden by Bo until 1 Dec 2026: Signed contract. The model’s own: value £59,800",
            ),
        ] {
            assert_eq!(shown(&overridden, field), text, "{field}");
        }
        overridden.stale = Some((
            "Margin changed".into(),
            "Anders".into(),
            DateTime::UNIX_EPOCH,
        ));
        assert_eq!(
            shown(&overridden, "score_note"),
            "Overridden by Bo until 1 Dec 2026: Signed contract. The model’s own: value £59,800; \
             Since 1970-01-01 00:00 UTC: Margin changed (Anders)"
        );
        let not_ready = Mirrored {
            over: Some(over()),
            status: Some("not_ready".to_owned()),
            missing: vec![Missing::Formula],
            score: None,
            ..mirrored()
        };
        assert_eq!(shown(&not_ready, "value_score"), "70000");
        assert_eq!(
            shown(&not_ready, "score_note"),
            "Overridden by Bo until 1 Dec 2026: Signed contract. No effort, so no overall score; No formula yet (PM)"
        );
    }
}
