//! A score that came in with a workbook, for an initiative that the app has never scored: kept and shown, never ranked,
//! without a receipt. Knows its figures, how they read, and when two say the same.

use super::{number_format, param::Number};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The columns of a workbook that it is made of, in the order of [`Figures`].
pub const COLUMNS: [&str; 3] = ["value_score", "effort_score", "overall_score"];

/// How far two figures may lie apart and still be one: a sheet shows twelve digits of what it holds.
const TOLERANCE: f64 = 1e-9;

/// The figures as they stood in the workbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The value.
    pub value: Option<Number>,
    /// The effort.
    pub effort: Option<Number>,
    /// Overall.
    pub overall: Option<Number>,
}

/// A score that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyScore {
    /// What it says.
    pub figures: Figures,
    /// Who brought it in.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Figures {
    /// From digits, in the order of [`COLUMNS`]; empty: there is none.
    #[must_use]
    pub fn of_digits(digits: [&str; 3]) -> Self {
        let [value, effort, overall] = digits
            .map(|digits| (!digits.is_empty()).then(|| Number::from_decimal(digits.to_owned())));
        Self {
            value,
            effort,
            overall,
        }
    }

    /// Digits, in the order of [`COLUMNS`].
    #[must_use]
    pub fn digits(&self) -> [&str; 3] {
        [&self.value, &self.effort, &self.overall]
            .map(|figure| figure.as_ref().map_or("", Number::decimal))
    }

    /// Value, effort and overall as numbers.
    #[must_use]
    pub fn numbers(&self) -> [Option<f64>; 3] {
        [&self.value, &self.effort, &self.overall].map(|figure| figure.as_ref().map(Number::value))
    }

    /// Whether there is none at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether both say the same, as far as a sheet can tell.
    #[must_use]
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let pairs = [
            (&self.value, &other.value),
            (&self.effort, &other.effort),
            (&self.overall, &other.overall),
        ];
        pairs.into_iter().all(|pair| match pair {
            (Some(a), Some(b)) => {
                let (a, b) = (a.value(), b.value());
                (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
            }
            (a, b) => a == b,
        })
    }

    /// `value 3,840, effort 8, overall 480`.
    #[must_use]
    pub fn words(&self) -> String {
        let said = ["value", "effort", "overall"]
            .into_iter()
            .zip(self.digits());
        let said = said.filter(|(_, digits)| !digits.is_empty());
        let said: Vec<_> = said
            .map(|(what, digits)| format!("{what} {}", number_format::decimal(digits)))
            .collect();
        said.join(", ")
    }

    /// As the change log keeps them; null: there is none.
    #[must_use]
    pub fn logged(&self) -> Value {
        if self.is_empty() {
            return Value::Null;
        }
        json!({ "value": self.value, "effort": self.effort, "overall": self.overall })
    }

    /// From the change log.
    #[must_use]
    pub fn from_logged(logged: &Value) -> Self {
        let digits = |key: &str| logged.get(key).and_then(Value::as_str).unwrap_or_default();
        Self::of_digits([digits("value"), digits("effort"), digits("overall")])
    }
}

impl LegacyScore {
    /// Where it comes from, for whoever sees the number.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "From the workbook that {} imported on {}, never scored here.",
            self.by_name,
            self.at.format("%-d %b %Y")
        )
    }
}

/// A change of it, as the history says it.
#[must_use]
pub fn change_sentence(subject: &str, old: &Value, new: &Value) -> String {
    let [was, is] = [old, new].map(|logged| Figures::from_logged(logged).words());
    match (old.is_null(), new.is_null()) {
        (true, _) => format!("kept the workbook’s score of {subject} as legacy: {is}"),
        (_, true) => format!("let the legacy score of {subject} go (was {was})"),
        _ => format!("changed the legacy score of {subject} from {was} to {is}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_words_and_survive_the_change_log() {
        let figures = Figures::of_digits(["3840", "", "480.5"]);
        assert_eq!(figures.words(), "value 3,840, overall 480.5");
        assert_eq!(Figures::from_logged(&figures.logged()), figures);
        assert_eq!(Figures::default().logged(), Value::Null);
        assert!(Figures::from_logged(&Value::Null).is_empty());
    }

    #[test]
    fn what_a_sheet_cut_to_twelve_digits_is_the_same_and_the_thirteenth_is_no_change() {
        let whole = Figures::of_digits(["3840.33333333333333", "8", ""]);
        let cut = Figures::of_digits(["3840.33333333", "8", ""]);
        assert!(whole.says_the_same_as(&cut));
        for other in [
            ["3840.4", "8", ""],
            ["3840.33333333", "", ""],
            ["", "8", ""],
        ] {
            assert!(!whole.says_the_same_as(&Figures::of_digits(other)));
        }
        assert!(
            Figures::of_digits(["0", "", ""]).says_the_same_as(&Figures::of_digits(["0", "", ""]))
        );
    }

    #[test]
    fn each_change_of_it_is_a_sentence() {
        let (none, one) = (Value::Null, Figures::of_digits(["12", "", ""]).logged());
        let two = Figures::of_digits(["13", "", ""]).logged();
        for (old, new, said) in [
            (
                &none,
                &one,
                "kept the workbook’s score of INIT-1 as legacy: value 12",
            ),
            (
                &one,
                &none,
                "let the legacy score of INIT-1 go (was value 12)",
            ),
            (
                &one,
                &two,
                "changed the legacy score of INIT-1 from value 12 to value 13",
            ),
        ] {
            assert_eq!(change_sentence("INIT-1", old, new), said);
        }
    }
}
