//! What changed from one score to the next, in words.

use crate::{
    domain::{
        number_format,
        score_change::{Basis, Reading, ScoreChange, Stamp, changes},
    },
    store::{score_history::PastScore, scores::ScoreInput},
    web::figures::day,
};

/// What a score rests on that the one before it didn't; never empty.
pub(super) fn sentences(before: Option<&PastScore>, score: &PastScore) -> Vec<String> {
    let Some(before) = before else {
        return vec!["First score".to_owned()];
    };
    let found = changes(&basis(before), &basis(score));
    if found.is_empty() {
        return vec!["The same numbers under the same formula, recorded afresh".to_owned()];
    }
    found.iter().map(sentence).collect()
}

fn basis(score: &PastScore) -> Basis {
    Basis {
        formula: score.formula,
        version: score.version,
        unit: score.value_unit.clone(),
        readings: score.inputs.iter().map(reading).collect(),
    }
}

fn reading(input: &ScoreInput) -> Reading {
    Reading {
        name: input.name.clone(),
        label: match &input.scenario {
            Some(from) => format!("{} in scenario {}", input.label, from.label),
            None => input.label.clone(),
        },
        digits: input.value.clone(),
        unit: input.unit.clone(),
        set: Stamp {
            by: input.set_by.clone(),
            at: input.set_at,
        },
        approval: input.approval_id,
        approved: Stamp {
            by: input.approved_by.clone(),
            at: input.approved_at,
        },
    }
}

fn sentence(change: &ScoreChange) -> String {
    match change {
        ScoreChange::Formula { from, to } => format!("Formula version {from} → {to}"),
        ScoreChange::Unit { from, to } => {
            let [from, to] = [from, to].map(|unit| if unit.is_empty() { "none" } else { unit });
            format!("Unit of the value {from} → {to}")
        }
        ScoreChange::Value { from, to } => format!(
            "{} {} → {}{}",
            to.label,
            figure(from),
            figure(to),
            stamp(&to.set)
        ),
        ScoreChange::Approval(now) => {
            format!("{} approved afresh{}", now.label, stamp(&now.approved))
        }
        ScoreChange::Added(now) => {
            format!(
                "{} {}, not read before{}",
                now.label,
                figure(now),
                stamp(&now.set)
            )
        }
        ScoreChange::Gone(before) => format!("{} is no longer read", before.label),
    }
}

fn figure(reading: &Reading) -> String {
    number_format::with_unit(&reading.digits, &reading.unit)
}

/// ` (Fiona Grant, 3 Nov 2026)`.
fn stamp(stamp: &Stamp) -> String {
    let parts: Vec<_> = stamp
        .by
        .clone()
        .into_iter()
        .chain(stamp.at.map(day))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn reading(digits: &str, unit: &str) -> Reading {
        let stamp = |by: &str| Stamp {
            by: Some(by.to_owned()),
            at: Some(DateTime::UNIX_EPOCH),
        };
        Reading {
            name: "margin".to_owned(),
            label: "Margin".to_owned(),
            digits: digits.to_owned(),
            unit: unit.to_owned(),
            set: stamp("Fiona"),
            approval: Some(1),
            approved: stamp("Priya"),
        }
    }

    #[test]
    fn each_change_reads_as_people_would_say_it() {
        let (from, to) = (reading("0.3", "ratio"), reading("0.35", "ratio"));
        for (change, said) in [
            (
                ScoreChange::Formula { from: 3, to: 4 },
                "Formula version 3 → 4",
            ),
            (
                ScoreChange::Unit {
                    from: String::new(),
                    to: "£".to_owned(),
                },
                "Unit of the value none → £",
            ),
            (
                ScoreChange::Value {
                    from: from.clone(),
                    to: to.clone(),
                },
                "Margin 0.3 → 0.35 (Fiona, 1 Jan 1970)",
            ),
            (
                ScoreChange::Value {
                    from: reading("1200", "£"),
                    to: reading("0.04", "%"),
                },
                "Margin £1,200 → 4 % (Fiona, 1 Jan 1970)",
            ),
            (
                ScoreChange::Approval(to.clone()),
                "Margin approved afresh (Priya, 1 Jan 1970)",
            ),
            (
                ScoreChange::Added(to),
                "Margin 0.35, not read before (Fiona, 1 Jan 1970)",
            ),
            (ScoreChange::Gone(from), "Margin is no longer read"),
        ] {
            assert_eq!(sentence(&change), said);
        }
        assert_eq!(stamp(&Stamp::default()), "");
    }
}
