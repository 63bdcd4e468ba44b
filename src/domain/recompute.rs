//! A recorded score computed again from what was stored with it, compared to the last bit. What has moved since
//! (params, formulas, frameworks) plays no part: only the stored text, the stored numbers and today's engine.

use super::{
    formula::{ENGINE, Formula, LineValue},
    number_format,
    param::Number,
    scoring::{self, Score, effort_days},
};
use std::fmt;

/// A number that went into a score.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredInput {
    /// The name in the formula, or the initiative's field.
    pub name: String,
    /// Its digits.
    pub number: Number,
    /// Whether the formula reads it; otherwise it is one of the initiative's effort fields.
    pub is_param: bool,
}

/// All of a recorded score that its figures follow from, and the figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The formula's exact text.
    pub text: String,
    /// The engine that computed it.
    pub engine: String,
    /// Params and effort fields.
    pub inputs: Vec<StoredInput>,
    /// Each line's value.
    pub lines: Vec<LineValue>,
    /// The value.
    pub value: f64,
    /// Effort, if any.
    pub effort: Option<f64>,
    /// Overall, if any.
    pub overall: Option<f64>,
}

/// What computing it again came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Recomputation {
    /// The engine that computed the recorded figures.
    pub engine_then: String,
    /// Everything that isn't the same, in the formula's order, results last; empty: the same to the last bit.
    pub differences: Vec<Difference>,
}

impl Recomputation {
    /// Whether every figure is the same to the last bit.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }

    /// Whether another engine computed the recorded figures.
    #[must_use]
    pub fn is_other_engine(&self) -> bool {
        self.engine_then != ENGINE
    }
}

/// One thing that isn't as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// Today's engine doesn't take the text.
    Text {
        /// Where.
        line: u32,
        /// Its sentence.
        error: String,
    },
    /// The text reads a name for which no number is stored.
    Input {
        /// Which.
        name: String,
    },
    /// The arithmetic fails.
    Arithmetic {
        /// The engine's sentence.
        why: String,
    },
    /// A line's value.
    Line {
        /// Its number.
        number: u32,
        /// What it assigns.
        name: String,
        /// As recorded; none: no such line then.
        then: Option<f64>,
        /// As computed now; none: no such line now.
        now: Option<f64>,
    },
    /// One of the three figures.
    Figure {
        /// `Value`, `Effort`, `Overall`.
        name: &'static str,
        /// As recorded.
        then: Option<f64>,
        /// As computed now.
        now: Option<f64>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = |value: &Option<f64>| value.map_or("nothing".to_owned(), number_format::float);
        match self {
            Self::Text { line, error } => {
                write!(
                    f,
                    "The formula is no longer understood, line {line}: {error}"
                )
            }
            Self::Input { name } => write!(f, "No number is stored for `{name}`."),
            Self::Arithmetic { why } => f.write_str(why),
            Self::Line {
                number,
                name,
                then,
                now,
            } => write!(
                f,
                "Line {number}, `{name}`: recorded {}, now {}.",
                digits(then),
                digits(now)
            ),
            Self::Figure { name, then, now } => {
                write!(f, "{name}: recorded {}, now {}.", digits(then), digits(now))
            }
        }
    }
}

/// Computes a recorded score again.
#[must_use]
pub fn recompute(stored: &Stored) -> Recomputation {
    let differences = match again(stored) {
        Ok(score) => compare(stored, &score),
        Err(why) => why,
    };
    Recomputation {
        engine_then: stored.engine.clone(),
        differences,
    }
}

fn again(stored: &Stored) -> Result<Score, Vec<Difference>> {
    let formula = Formula::parse(&stored.text).map_err(|errors| {
        errors
            .iter()
            .map(|error| Difference::Text {
                line: error.line,
                error: error.message(),
            })
            .collect::<Vec<_>>()
    })?;
    let number = |name: &str, is_param: bool| {
        let mut all = stored.inputs.iter();
        all.find(|input| input.is_param == is_param && input.name == name)
            .map(|input| input.number.value())
    };
    let (mut values, mut absent) = (Vec::new(), Vec::new());
    for identifier in formula.identifiers() {
        match number(&identifier.name, true) {
            Some(value) => values.push(value),
            None => absent.push(Difference::Input {
                name: identifier.name.clone(),
            }),
        }
    }
    if !absent.is_empty() {
        return Err(absent);
    }
    let days = effort_days(
        number("effort_engineering_days", false),
        number("effort_other_teams_days", false),
    );
    scoring::compute(&formula, &values, days).map_err(|error| {
        vec![Difference::Arithmetic {
            why: error.to_string(),
        }]
    })
}

fn compare(stored: &Stored, score: &Score) -> Vec<Difference> {
    let mut differences = Vec::new();
    let count = stored.lines.len().max(score.lines.len());
    for at in 0..count {
        let (then, now) = (stored.lines.get(at), score.lines.get(at));
        let is_same_line = match (then, now) {
            (Some(then), Some(now)) => (then.line, &then.name) == (now.line, &now.name),
            _ => false,
        };
        let [was, is] = [then, now].map(|line| line.map(|line| line.value));
        if let Some(line) = then.or(now)
            && !(is_same_line && is_same(was, is))
        {
            differences.push(Difference::Line {
                number: line.line,
                name: line.name.clone(),
                then: was,
                now: is.filter(|_| is_same_line || then.is_none()),
            });
        }
    }
    let figures = [
        ("Value", Some(stored.value), Some(score.value)),
        ("Effort", stored.effort, score.effort),
        ("Overall", stored.overall, score.overall),
    ];
    for (name, then, now) in figures {
        if !is_same(then, now) {
            differences.push(Difference::Figure { name, then, now });
        }
    }
    differences
}

/// To the bit: neither a rounded digit nor the sign of a zero may differ.
fn is_same(then: Option<f64>, now: Option<f64>) -> bool {
    then.map(f64::to_bits) == now.map(f64::to_bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, digits: &str, is_param: bool) -> StoredInput {
        StoredInput {
            name: name.to_owned(),
            number: Number::from_decimal(digits.to_owned()),
            is_param,
        }
    }

    /// A score as it would have been recorded, from these numbers.
    fn recorded(text: &str, inputs: Vec<StoredInput>) -> Stored {
        let mut stored = Stored {
            text: text.to_owned(),
            engine: ENGINE.to_owned(),
            inputs,
            lines: Vec::new(),
            value: 0.0,
            effort: None,
            overall: None,
        };
        let score = again(&stored).unwrap();
        stored.value = score.value;
        stored.effort = score.effort;
        stored.overall = score.overall;
        stored.lines = score.lines;
        stored
    }

    fn third() -> Stored {
        recorded(
            "x = a / 3\nvalue = x * 7",
            vec![
                input("a", "0.1", true),
                input("effort_engineering_days", "7", false),
                input("effort_other_teams_days", "4", false),
            ],
        )
    }

    fn said(stored: &Stored) -> Vec<String> {
        let again = recompute(stored);
        again.differences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_recorded_comes_out_the_same_effort_days_and_overall_too() {
        let stored = third();
        assert_eq!(stored.effort, Some(11.0));
        assert!(stored.overall.is_some());
        assert!(recompute(&stored).is_same(), "{:?}", said(&stored));
    }

    #[test]
    fn the_last_bit_of_any_figure_is_seen() {
        let next = |value: f64| f64::from_bits(value.to_bits() + 1);
        let mut line = third();
        line.lines[0].value = next(line.lines[0].value);
        assert_eq!(
            said(&line),
            ["Line 1, `x`: recorded 0.03333333333333334, now 0.03333333333333333."]
        );
        let mut value = third();
        value.value = next(value.value);
        assert!(said(&value)[0].starts_with("Value: recorded 0.23333333333333"));
        let mut effort = third();
        effort.effort = None;
        assert_eq!(said(&effort), ["Effort: recorded nothing, now 11."]);
        let mut overall = third();
        overall.overall = overall.overall.map(next);
        assert_eq!(said(&overall).len(), 1);
    }

    #[test]
    fn a_changed_number_or_text_shows_line_by_line() {
        let mut number = third();
        number.inputs[0].number = Number::from_decimal("0.3".to_owned());
        assert_eq!(said(&number).len(), 4, "x, value, Value, Overall");
        let mut text = third();
        text.text = "y = a / 3\nvalue = y * 7".to_owned();
        assert_eq!(
            said(&text),
            ["Line 1, `x`: recorded 0.03333333333333333, now nothing."]
        );
        text.text = "value = a / 3 * 7".to_owned();
        assert!(said(&text).iter().any(|line| line.contains("`value`")));
    }

    #[test]
    fn why_nothing_can_be_computed_is_said() {
        let mut stored = third();
        stored.text = "x = a / 3\nvalue = x *".to_owned();
        assert!(said(&stored)[0].starts_with("The formula is no longer understood, line 2:"));
        stored.text = "value = a / b".to_owned();
        assert_eq!(said(&stored), ["No number is stored for `b`."]);
        stored.text = "value = a / (a - a)".to_owned();
        assert!(said(&stored)[0].contains("divides by zero"));
        // A field of the initiative is no param of that name.
        stored.text = "value = effort_engineering_days".to_owned();
        assert_eq!(
            said(&stored),
            ["No number is stored for `effort_engineering_days`."]
        );
    }

    #[test]
    fn another_engine_is_told_from_another_result() {
        let mut stored = third();
        stored.engine = "productops-formula/0".to_owned();
        let again = recompute(&stored);
        assert!(again.is_same() && again.is_other_engine());
        assert!(!recompute(&third()).is_other_engine());
    }
}
