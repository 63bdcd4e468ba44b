//! What is set for the LLM: what it may cost a day, and whether the app asks it by itself.

use super::{change::FieldChange, llm_request::Use};
use serde_json::{Value, json};

/// The settings as they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LlmSettings {
    /// Whether the app has an endpoint to ask. No setting: the environment says so.
    pub is_configured: bool,
    /// For everybody together, a day.
    pub cap: Use,
    /// For each person, a day.
    pub person_cap: Use,
    /// Whether the app asks by itself for models that are described and have no formula yet.
    pub suggests_by_itself: bool,
    /// How often it looks for such models, in minutes.
    pub look_every_minutes: i32,
    /// Moves with each change; forms carry it.
    pub revision: i64,
}

/// What a form says, as typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Calls a day.
    pub calls_a_day: String,
    /// Tokens a day.
    pub tokens_a_day: String,
    /// Calls a day and person.
    pub calls_a_person: String,
    /// Tokens a day and person.
    pub tokens_a_person: String,
    /// Whether the app asks by itself.
    pub suggests_by_itself: bool,
    /// Minutes between looks.
    pub look_every_minutes: String,
}

/// A number that a setting doesn't take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{label} must be a whole number from {least} to {most}.")]
pub struct OutOfRange {
    /// Which setting.
    pub label: &'static str,
    least: i64,
    most: i64,
}

/// The names under which changes of these settings are logged.
pub const FIELDS: [&str; 6] = [
    "llm_calls_a_day",
    "llm_tokens_a_day",
    "llm_calls_a_person",
    "llm_tokens_a_person",
    "llm_suggests_by_itself",
    "llm_look_every_minutes",
];

impl LlmSettings {
    /// What the form makes of these.
    ///
    /// # Errors
    /// The first number that can't be taken.
    pub fn with(self, typed: &Typed) -> Result<Self, OutOfRange> {
        let calls = |label, text| whole(label, text, (0, 1_000_000)).map(small);
        let tokens = |label, text| whole(label, text, (0, 1_000_000_000_000));
        Ok(Self {
            cap: Use {
                calls: calls("Calls a day", &typed.calls_a_day)?,
                tokens: tokens("Tokens a day", &typed.tokens_a_day)?,
            },
            person_cap: Use {
                calls: calls("Calls a day for each person", &typed.calls_a_person)?,
                tokens: tokens("Tokens a day for each person", &typed.tokens_a_person)?,
            },
            suggests_by_itself: typed.suggests_by_itself,
            look_every_minutes: small(whole(
                "Minutes between looks",
                &typed.look_every_minutes,
                (1, 1_440),
            )?),
            ..self
        })
    }

    fn logged(&self) -> [Value; 6] {
        [
            json!(self.cap.calls),
            json!(self.cap.tokens),
            json!(self.person_cap.calls),
            json!(self.person_cap.tokens),
            json!(self.suggests_by_itself),
            json!(self.look_every_minutes),
        ]
    }

    /// What differs, as the change log keeps it; empty: nothing.
    #[must_use]
    pub fn changes_to(&self, new: &Self) -> Vec<FieldChange> {
        let both = self.logged().into_iter().zip(new.logged());
        FIELDS
            .into_iter()
            .zip(both)
            .filter(|(_, (old, new))| old != new)
            .map(|(field, (old, new))| FieldChange { field, old, new })
            .collect()
    }
}

/// Blanks and commas between digits are how people write thousands.
fn whole(label: &'static str, typed: &str, (least, most): (i64, i64)) -> Result<i64, OutOfRange> {
    let digits: String = typed
        .chars()
        .filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}'))
        .collect();
    let number = digits.parse::<i64>().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or(OutOfRange { label, least, most })
}

fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: LlmSettings = LlmSettings {
        is_configured: true,
        cap: Use {
            calls: 500,
            tokens: 5_000_000,
        },
        person_cap: Use {
            calls: 100,
            tokens: 1_000_000,
        },
        suggests_by_itself: false,
        look_every_minutes: 15,
        revision: 1,
    };

    fn typed() -> Typed {
        Typed {
            calls_a_day: "10".into(),
            tokens_a_day: "5,000,000".into(),
            calls_a_person: "100".into(),
            tokens_a_person: "1 000 000".into(),
            suggests_by_itself: true,
            look_every_minutes: "15".into(),
        }
    }

    #[test]
    fn only_what_differs_is_a_change_and_thousands_may_be_set_apart() {
        let new = SET.with(&typed()).unwrap();
        let fields: Vec<_> = SET
            .changes_to(&new)
            .iter()
            .map(|change| change.field)
            .collect();
        assert_eq!(fields, ["llm_calls_a_day", "llm_suggests_by_itself"]);
        assert_eq!(SET.changes_to(&SET), []);
    }

    #[test]
    fn a_number_that_can_t_be_taken_is_named_with_its_limits() {
        let wrong = Typed {
            look_every_minutes: "0".into(),
            ..typed()
        };
        assert_eq!(
            SET.with(&wrong).unwrap_err().to_string(),
            "Minutes between looks must be a whole number from 1 to 1440."
        );
        let empty = Typed {
            calls_a_day: String::new(),
            ..typed()
        };
        assert_eq!(SET.with(&empty).unwrap_err().label, "Calls a day");
    }
}
