//! What a recorded score rests on that the one before it didn't.

use super::ids::FormulaVersionId;
use chrono::{DateTime, Utc};

/// Who did something, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Who; none: not known.
    pub by: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// A number as it went into a score.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The name in the formula.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Its digits.
    pub digits: String,
    /// Its unit.
    pub unit: String,
    /// Who set it.
    pub set: Stamp,
    /// The approval that held.
    pub approval: Option<i64>,
    /// Who gave it.
    pub approved: Stamp,
}

/// What a score rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The formula's text.
    pub formula: FormulaVersionId,
    /// Its version, as people count.
    pub version: i32,
    /// The unit of the value.
    pub unit: String,
    /// The numbers, in the formula's order.
    pub readings: Vec<Reading>,
}

/// One thing that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScoreChange {
    /// Another text of the formula.
    Formula {
        /// Before.
        from: i32,
        /// Now.
        to: i32,
    },
    /// Another unit of the value.
    Unit {
        /// Before.
        from: String,
        /// Now.
        to: String,
    },
    /// A number has another value or unit.
    Value {
        /// Before.
        from: Reading,
        /// Now.
        to: Reading,
    },
    /// The same number under another approval.
    Approval(Reading),
    /// A number that wasn't read before.
    Added(Reading),
    /// A number that isn't read any more.
    Gone(Reading),
}

/// Everything that moved from one score to the next: formula and unit first, then the numbers in their order.
#[must_use]
pub fn changes(before: &Basis, now: &Basis) -> Vec<ScoreChange> {
    let mut changes = Vec::new();
    if before.formula != now.formula {
        let (from, to) = (before.version, now.version);
        changes.push(ScoreChange::Formula { from, to });
    }
    if before.unit != now.unit {
        let (from, to) = (before.unit.clone(), now.unit.clone());
        changes.push(ScoreChange::Unit { from, to });
    }
    let named = |of: &Basis, name: &str| of.readings.iter().find(|r| r.name == name).cloned();
    for to in &now.readings {
        let to = to.clone();
        match named(before, &to.name) {
            None => changes.push(ScoreChange::Added(to)),
            Some(from) if (&from.digits, &from.unit) != (&to.digits, &to.unit) => {
                changes.push(ScoreChange::Value { from, to });
            }
            Some(from) if from.approval != to.approval => changes.push(ScoreChange::Approval(to)),
            Some(_) => {}
        }
    }
    let gone = before
        .readings
        .iter()
        .filter(|r| named(now, &r.name).is_none());
    changes.extend(gone.cloned().map(ScoreChange::Gone));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(name: &str, digits: &str, approval: i64) -> Reading {
        Reading {
            name: name.to_owned(),
            digits: digits.to_owned(),
            approval: Some(approval),
            ..Reading::default()
        }
    }

    fn basis(formula: i64, unit: &str, readings: &[Reading]) -> Basis {
        Basis {
            formula: FormulaVersionId(formula),
            version: i32::try_from(formula).unwrap() * 10,
            unit: unit.to_owned(),
            readings: readings.to_vec(),
        }
    }

    #[test]
    fn each_thing_that_moved_is_told_once_and_what_stayed_is_not() {
        let (margin, more) = (reading("margin", "0.3", 1), reading("margin", "0.35", 2));
        let (aov, again) = (reading("aov", "45", 3), reading("aov", "45", 4));
        let (old, new) = (reading("old", "1", 5), reading("new", "1", 6));
        let stays = reading("stays", "9", 7);
        let before = basis(1, "£", &[margin.clone(), aov, old.clone(), stays.clone()]);
        let now = basis(2, "€", &[more.clone(), again.clone(), new.clone(), stays]);
        assert_eq!(
            changes(&before, &now),
            [
                ScoreChange::Formula { from: 10, to: 20 },
                ScoreChange::Unit {
                    from: "£".to_owned(),
                    to: "€".to_owned()
                },
                ScoreChange::Value {
                    from: margin,
                    to: more
                },
                ScoreChange::Approval(again),
                ScoreChange::Added(new),
                ScoreChange::Gone(old),
            ]
        );
        assert_eq!(changes(&now, &now), []);
    }

    #[test]
    fn another_unit_of_a_number_is_a_change_of_its_value() {
        let pounds = Reading {
            unit: "£".to_owned(),
            ..reading("aov", "45", 1)
        };
        let before = basis(1, "", &[reading("aov", "45", 1)]);
        let found = changes(&before, &basis(1, "", &[pounds]));
        assert!(
            matches!(&found[..], [ScoreChange::Value { .. }]),
            "{found:?}"
        );
    }
}
