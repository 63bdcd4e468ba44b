//! Overrides: a person's value or overall in the place of a framework's own, with a reason, for a while or for good.
//!
//! Knows how an override is typed, until when it holds, and what counts under it. The score beneath is never touched:
//! it goes on being recorded, and is shown beside.

use super::{
    amount::{AmountContext, AmountError, DecimalSeparator, read_amount, read_plain_number},
    ids::OverrideId,
    number_format,
    param::Number,
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 2000;

/// An override as it was set, and how it ended if it has.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreOverride {
    /// Its row, and the number of its receipt.
    pub id: OverrideId,
    /// What was set.
    pub terms: Terms,
    /// Who set it.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How it ended; none: nobody and nothing has ended it yet.
    pub ended: Option<Ended>,
}

/// What an override says.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// In the place of the value; none: the value stays the framework's own.
    pub value: Option<Number>,
    /// In the place of overall; none: worked out.
    pub overall: Option<Number>,
    /// Unit of the value.
    pub unit: String,
    /// Why.
    pub reason: String,
    /// The last day it holds on; none: until somebody ends it.
    pub last_day: Option<NaiveDate>,
}

/// The end of an override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// In which way.
    pub how: End,
    /// By whom.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A way for an override to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Another was set.
    Replaced,
    /// Somebody took it back.
    Withdrawn,
    /// Its last day passed.
    Expired,
}

impl End {
    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// The end of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Replaced, Self::Withdrawn, Self::Expired]
            .into_iter()
            .find(|end| end.key() == key)
    }
}

impl Terms {
    /// The moment from which it no longer holds: the end of the last day, in UTC.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        let next = self.last_day?.checked_add_days(Days::new(1))?;
        Some(next.and_time(NaiveTime::MIN).and_utc())
    }

    /// As the change log keeps them.
    #[must_use]
    pub fn logged(&self, framework: &str) -> Value {
        json!({
            "framework": framework,
            "value": self.value,
            "overall": self.overall,
            "unit": self.unit,
            "reason": self.reason,
            "last_day": self.last_day,
        })
    }

    /// What it sets, in words: `value £70,000 and overall 900`.
    #[must_use]
    pub fn figures(&self) -> String {
        let value = self.value.as_ref().map(|value| {
            format!(
                "value {}",
                number_format::with_unit(value.decimal(), &self.unit)
            )
        });
        let overall = self
            .overall
            .as_ref()
            .map(|overall| format!("overall {}", number_format::decimal(overall.decimal())));
        let both: Vec<_> = value.into_iter().chain(overall).collect();
        both.join(" and ")
    }
}

impl ScoreOverride {
    /// Whether it holds at that time: not ended, and its last day not passed.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.ended.is_none() && self.terms.expires_at().is_none_or(|end| now < end)
    }

    /// Who, until when and why: `Overridden by Bo until 1 Dec 2026: reason.`
    #[must_use]
    pub fn sentence(&self) -> String {
        let until = self
            .terms
            .last_day
            .map(|day| format!(" until {}", date(day)));
        let reason = self.terms.reason.trim();
        let stop = if reason.ends_with(['.', '!', '?', '…']) {
            ""
        } else {
            "."
        };
        format!(
            "Overridden by {}{}: {reason}{stop}",
            self.by_name,
            until.unwrap_or_default()
        )
    }
}

/// What a framework gives by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// The value; none: never scored.
    pub value: Option<f64>,
    /// The score's effort; while there is no score, the days that would count.
    pub effort: Option<f64>,
    /// Overall, if any.
    pub overall: Option<f64>,
    /// Unit of the value.
    pub unit: String,
}

impl Figures {
    /// What it gives, in words: `value £59,800`, with overall where that is asked for.
    #[must_use]
    pub fn words(&self, with_overall: bool) -> String {
        let value = self
            .value
            .map(|value| number_format::score_with_unit(value, &self.unit));
        let overall = self.overall.filter(|_| with_overall);
        match (value, overall) {
            (Some(value), Some(overall)) => {
                format!("value {value}, overall {}", number_format::score(overall))
            }
            (Some(value), None) => format!("value {value}"),
            (None, _) => "nothing yet".to_owned(),
        }
    }
}

/// What counts: the framework's own, or what an override puts in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effective {
    /// The figures that count.
    pub figures: Figures,
    /// Whether an override is in them.
    pub is_overridden: bool,
    /// Why there is no overall, where an override leaves none.
    pub no_overall: Option<&'static str>,
}

/// The figures that count under the override that holds, if one does. An overridden value works overall out anew
/// (÷ effort) unless overall is overridden too.
#[must_use]
pub fn effective(own: &Figures, over: Option<&Terms>) -> Effective {
    let Some(terms) = over else {
        return Effective {
            figures: own.clone(),
            ..Effective::default()
        };
    };
    let number = |number: &Option<Number>| number.as_ref().map(Number::value);
    let (value, overall) = (number(&terms.value), number(&terms.overall));
    let (overall, no_overall) = match (overall, value) {
        (Some(overall), _) => (Some(overall), None),
        (None, Some(value)) => divided(value, own.effort),
        (None, None) => (own.overall, None),
    };
    let is_in_its_unit = value.is_some() || own.value.is_none();
    Effective {
        figures: Figures {
            value: value.or(own.value),
            effort: own.effort,
            overall,
            unit: if is_in_its_unit {
                &terms.unit
            } else {
                &own.unit
            }
            .clone(),
        },
        is_overridden: true,
        no_overall,
    }
}

/// Value ÷ effort, or why not. The backlog's statement does the same; a test holds them together.
fn divided(value: f64, effort: Option<f64>) -> (Option<f64>, Option<&'static str>) {
    match effort {
        None => (None, Some("No effort, so no overall score")),
        Some(effort) if (1e-200..=1e200).contains(&effort.abs()) => (Some(value / effort), None),
        Some(_) => (
            None,
            Some("Effort is 0 or no sensible number, so no overall score"),
        ),
    }
}

/// What a person typed into the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The value; empty: not overridden.
    pub value: String,
    /// Overall; empty: worked out.
    pub overall: String,
    /// Why.
    pub reason: String,
    /// The last day; empty: until somebody ends it.
    pub last_day: String,
    /// How the numbers are written.
    pub separator: DecimalSeparator,
}

/// A box of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The value's.
    Value,
    /// Overall's.
    Overall,
    /// The reason's.
    Reason,
    /// The last day's.
    LastDay,
}

/// Why the form isn't taken, and which box it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct NotTaken {
    /// Which box.
    pub place: Place,
    /// Why.
    pub why: Why,
}

/// Why a box isn't taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Why {
    /// No number, or one to ask about.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Neither number is there.
    #[error("Type a value, an overall score or both: what is left empty stays the model’s own.")]
    Nothing,
    /// No reason.
    #[error("Say why, for everybody who reads the number later.")]
    NoReason,
    /// Too long a reason.
    #[error("The reason is longer than 2,000 characters. Put the details behind a link.")]
    LongReason,
    /// No date.
    #[error("That is no date. Write it as year-month-day, like 2026-11-30.")]
    NotADate,
    /// A day that is over.
    #[error(
        "That day is over, so the override would never hold. Choose today or a later day, or leave it empty."
    )]
    PastDay,
}

/// Reads the form, in the unit of the framework's own value; a currency sign fills an empty unit.
///
/// # Errors
/// The first box that isn't taken.
pub fn read(typed: &Typed, unit: &str, now: DateTime<Utc>) -> Result<Terms, NotTaken> {
    let not_taken = |place, why: Why| NotTaken { place, why };
    let context = AmountContext {
        unit,
        separator: typed.separator,
        ..AmountContext::default()
    };
    let value = optional(&typed.value, |text| read_amount(text, &context));
    let value = value.map_err(|why| not_taken(Place::Value, why.into()))?;
    let overall = optional(&typed.overall, |text| {
        read_plain_number(text, typed.separator)
    });
    let overall = overall.map_err(|why| not_taken(Place::Overall, why.into()))?;
    if value.is_none() && overall.is_none() {
        return Err(not_taken(Place::Value, Why::Nothing));
    }
    let reason = typed.reason.replace("\r\n", "\n").trim().to_owned();
    if reason.is_empty() {
        return Err(not_taken(Place::Reason, Why::NoReason));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(not_taken(Place::Reason, Why::LongReason));
    }
    let filled = value.as_ref().and_then(|amount| amount.fills_unit(unit));
    let terms = Terms {
        unit: filled.unwrap_or(unit).to_owned(),
        value: value.map(|amount| Number::from_decimal(amount.decimal)),
        overall: overall.map(|amount| Number::from_decimal(amount.decimal)),
        reason,
        last_day: read_day(&typed.last_day).map_err(|why| not_taken(Place::LastDay, why))?,
    };
    match terms.expires_at() {
        Some(end) if end <= now => Err(not_taken(Place::LastDay, Why::PastDay)),
        _ => Ok(terms),
    }
}

fn optional<T>(
    text: &str,
    read: impl Fn(&str) -> Result<T, AmountError>,
) -> Result<Option<T>, AmountError> {
    match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some),
    }
}

fn read_day(text: &str) -> Result<Option<NaiveDate>, Why> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let day =
                NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_error| Why::NotADate)?;
            // The calendar of the database ends sooner than that of the program.
            let is_in_calendar = day <= NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(day);
            is_in_calendar.then_some(Some(day)).ok_or(Why::NotADate)
        }
    }
}

/// A day, for sentences.
fn date(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// The history's sentence: set, replaced, withdrawn or expired.
#[must_use]
pub fn change_sentence(subject: &str, old: &Value, new: &Value) -> String {
    let of = |logged: &Value| {
        let framework = text(logged, "framework");
        format!("{subject} by {framework} ({})", figures(logged))
    };
    match text(new, "how").as_str() {
        "withdrawn" => return format!("withdrew the override of {}", of(old)),
        "expired" => {
            return format!("ended the override of {}: its last day has passed", of(old));
        }
        _ => {}
    }
    let until = new.get("last_day").and_then(Value::as_str);
    let until = until.and_then(|day| day.parse().ok()).map(date);
    let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
    let reason = text(new, "reason");
    if old.is_null() {
        format!("overrode {}{until}: {reason}", of(new))
    } else {
        format!(
            "replaced the override of {} with {}{until}: {reason}",
            of(old),
            figures(new)
        )
    }
}

fn text(logged: &Value, name: &str) -> String {
    let text = logged.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn figures(logged: &Value) -> String {
    let number = |name: &str| {
        let digits = logged.get(name)?.as_str()?;
        Some(Number::from_decimal(digits.to_owned()))
    };
    let terms = Terms {
        value: number("value"),
        overall: number("overall"),
        unit: text(logged, "unit"),
        reason: String::new(),
        last_day: None,
    };
    terms.figures()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn terms(value: &str, overall: &str) -> Terms {
        let number =
            |digits: &str| (!digits.is_empty()).then(|| Number::from_decimal(digits.to_owned()));
        Terms {
            value: number(value),
            overall: number(overall),
            unit: "£".into(),
            reason: "Signed contract".into(),
            last_day: None,
        }
    }

    fn own(value: Option<f64>, effort: Option<f64>, overall: Option<f64>) -> Figures {
        Figures {
            value,
            effort,
            overall,
            unit: "€".into(),
        }
    }

    #[test]
    fn what_counts_under_an_override() {
        let scored = own(Some(100.0), Some(4.0), Some(25.0));
        let cases = [
            // own, value typed, overall typed: value, overall, unit that count
            (&scored, "200", "", Some(200.0), Some(50.0), "£"),
            (&scored, "200", "7", Some(200.0), Some(7.0), "£"),
            (&scored, "", "7", Some(100.0), Some(7.0), "€"),
            (&scored, "0", "", Some(0.0), Some(0.0), "£"),
            (
                &own(Some(100.0), None, None),
                "200",
                "",
                Some(200.0),
                None,
                "£",
            ),
            (
                &own(Some(100.0), Some(0.0), None),
                "200",
                "",
                Some(200.0),
                None,
                "£",
            ),
            (
                &own(Some(1.0), Some(1e-300), None),
                "200",
                "",
                Some(200.0),
                None,
                "£",
            ),
            (&own(None, None, None), "200", "", Some(200.0), None, "£"),
            (
                &own(None, Some(8.0), None),
                "200",
                "",
                Some(200.0),
                Some(25.0),
                "£",
            ),
            (&own(None, None, None), "", "7", None, Some(7.0), "£"),
        ];
        for (own, value, overall, counts, counted_overall, unit) in cases {
            let effective = effective(own, Some(&terms(value, overall)));
            assert_eq!(
                (
                    effective.figures.value,
                    effective.figures.overall,
                    effective.figures.unit.as_str()
                ),
                (counts, counted_overall, unit),
                "{own:?} {value} {overall}"
            );
            assert_eq!(
                effective.figures.effort, own.effort,
                "effort is never overridden"
            );
            assert_eq!(effective.no_overall.is_some(), counted_overall.is_none());
            assert!(effective.is_overridden);
        }
        assert_eq!(effective(&scored, None).figures, scored);
        assert!(!effective(&scored, None).is_overridden);
    }

    #[test]
    fn it_holds_to_the_end_of_its_last_day_and_not_after_it_ended() {
        let mut over = ScoreOverride {
            id: OverrideId(1),
            terms: Terms {
                last_day: NaiveDate::from_ymd_opt(2026, 12, 1),
                ..terms("1", "")
            },
            by_name: "Bo".into(),
            at: at("2026-11-24T10:00:00Z"),
            ended: None,
        };
        assert!(over.is_live(at("2026-12-01T23:59:59.999999Z")));
        assert!(!over.is_live(at("2026-12-02T00:00:00Z")));
        assert_eq!(
            over.sentence(),
            "Overridden by Bo until 1 Dec 2026: Signed contract."
        );
        over.terms.last_day = None;
        assert!(over.is_live(at("2999-01-01T00:00:00Z")));
        over.terms.reason = "Why not?".into();
        assert_eq!(over.sentence(), "Overridden by Bo: Why not?");
        over.ended = Some(Ended {
            how: End::Withdrawn,
            by_name: "Bo".into(),
            at: over.at,
        });
        assert!(!over.is_live(over.at));
    }

    #[test]
    fn the_form_is_read_like_every_other_amount() {
        let now = at("2026-11-24T23:00:00Z");
        let typed = |value: &str, overall: &str, reason: &str, last_day: &str| Typed {
            value: value.into(),
            overall: overall.into(),
            reason: reason.into(),
            last_day: last_day.into(),
            ..Typed::default()
        };
        let read_one = read(&typed("£70k", "", " Signed ", "2026-11-24"), "", now).unwrap();
        assert_eq!(read_one.value, Some(Number::from_decimal("70000".into())));
        assert_eq!(
            (read_one.unit.as_str(), read_one.reason.as_str()),
            ("£", "Signed")
        );
        assert_eq!(read_one.expires_at(), Some(at("2026-11-25T00:00:00Z")));
        assert_eq!(
            read(&typed("", "1,200.5", "x", ""), "£", now)
                .unwrap()
                .figures(),
            "overall 1,200.5"
        );
        let long = "x".repeat(LONGEST_REASON + 1);
        let refused = [
            (typed("", " ", "x", ""), Place::Value),
            (typed("lots", "", "x", ""), Place::Value),
            (typed("1,5", "", "x", ""), Place::Value),
            (typed("€5", "", "x", ""), Place::Value),
            (typed("1", "4%", "x", ""), Place::Overall),
            (typed("1", "NaN", "x", ""), Place::Overall),
            (typed("1", "", " ", ""), Place::Reason),
            (typed("1", "", &long, ""), Place::Reason),
            (typed("1", "", "x", "soon"), Place::LastDay),
            (typed("1", "", "x", "+12345-01-01"), Place::LastDay),
            (typed("1", "", "x", "2026-11-23"), Place::LastDay),
        ];
        for (typed, place) in refused {
            assert_eq!(
                read(&typed, "£", now).unwrap_err().place,
                place,
                "{typed:?}"
            );
        }
    }

    #[test]
    fn every_change_of_an_override_reads_as_a_sentence() {
        let first = terms("70000", "").logged("Math model");
        let mut second = terms("80000", "900");
        second.last_day = NaiveDate::from_ymd_opt(2026, 12, 1);
        let second = second.logged("Math model");
        let ended = |how: &str| json!({ "how": how });
        for (old, new, sentence) in [
            (
                &Value::Null,
                &first,
                "overrode INIT-1 by Math model (value £70,000): Signed contract",
            ),
            (
                &first,
                &second,
                "replaced the override of INIT-1 by Math model (value £70,000) with value £80,000 and overall 900 \
                 until 1 Dec 2026: Signed contract",
            ),
            (
                &first,
                &ended("withdrawn"),
                "withdrew the override of INIT-1 by Math model (value £70,000)",
            ),
            (
                &first,
                &ended("expired"),
                "ended the override of INIT-1 by Math model (value £70,000): its last day has passed",
            ),
        ] {
            assert_eq!(change_sentence("INIT-1", old, new), sentence);
        }
    }
}
