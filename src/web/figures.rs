//! Numbers and moments as pages print them.

use super::view::{Figure, When};
use crate::domain::number_format;
use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc};

/// A score's figure with its unit: at most nine significant digits, money with its sign; none prints as a dash.
#[must_use]
pub fn score(value: Option<f64>, unit: &str) -> Figure {
    value
        .map(|value| split(&number_format::score_with_unit(value, unit)))
        .unwrap_or_default()
}

/// A stored number with its unit, every digit kept, and the other reading where there is one.
#[must_use]
pub fn stored(digits: &str, unit: &str) -> (Figure, Option<String>) {
    let (text, other) = number_format::both_readings(digits, unit);
    let with_unit = if other.is_some() {
        text
    } else {
        number_format::with_unit(digits, unit)
    };
    (split(&with_unit), other)
}

/// Parts a printed number into what stands before its digits, the digits, and what stands after.
fn split(text: &str) -> Figure {
    let is_digit = |c: char| c.is_ascii_digit();
    let (Some(first), Some(last)) = (text.find(is_digit), text.rfind(is_digit)) else {
        return Figure {
            digits: text.to_owned(),
            ..Figure::default()
        };
    };
    Figure {
        before: text[..first].to_owned(),
        digits: text[first..=last].to_owned(),
        after: text[last + 1..].trim_start().to_owned(),
    }
}

/// A figure as one text.
#[must_use]
pub fn text(figure: &Figure) -> String {
    let gap = if figure.after.is_empty() { "" } else { " " };
    format!("{}{}{gap}{}", figure.before, figure.digits, figure.after)
}

/// A moment. The page's script rewrites it for the reader's own zone; without script it says UTC.
#[must_use]
pub fn when(at: DateTime<Utc>) -> When {
    // By hand: a grid shows hundreds, and reading a format string each time is most of what they would cost.
    let (year, month, day) = (at.year().to_string(), at.month(), at.day());
    let (hour, minute) = (two_digits(at.hour()), two_digits(at.minute()));
    let clock: String = hour.into_iter().chain([':']).chain(minute).collect();
    let mut iso = String::with_capacity(20);
    iso.extend(std::iter::repeat_n('0', 4_usize.saturating_sub(year.len())));
    iso.push_str(&year);
    for (before, number) in [('-', month), ('-', day)] {
        iso.push(before);
        iso.extend(two_digits(number));
    }
    iso.push('T');
    iso.push_str(&clock);
    iso.push(':');
    iso.extend(two_digits(at.second()));
    iso.push('Z');
    let mut text = String::with_capacity(24);
    text.extend(two_digits(day).into_iter().skip(usize::from(day < 10)));
    for part in [" ", month_name(month), " ", &year, ", ", &clock, " UTC"] {
        text.push_str(part);
    }
    When { iso, text }
}

fn two_digits(number: u32) -> [char; 2] {
    [number / 10 % 10, number % 10].map(|digit| char::from_digit(digit, 10).unwrap_or('0'))
}

fn month_name(month: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    usize::try_from(month).map_or("", |month| NAMES[(month + 11) % 12])
}

/// A day, for sentences.
#[must_use]
pub fn day(at: DateTime<Utc>) -> String {
    date(at.date_naive())
}

/// A date.
#[must_use]
pub fn date(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_sign_currency_digits_and_unit_apart() {
        let shown = |value, unit| {
            let figure = score(Some(value), unit);
            (figure.before, figure.digits, figure.after)
        };
        assert_eq!(
            shown(59_800.0, "£"),
            ("£".into(), "59,800".into(), String::new())
        );
        assert_eq!(shown(-5.0, "£"), ("−£".into(), "5".into(), String::new()));
        assert_eq!(
            shown(26.0, "points"),
            (String::new(), "26".into(), "points".into())
        );
        assert_eq!(score(None, "£"), Figure::default());
    }

    #[test]
    fn a_moment_reads_for_people_and_for_machines() {
        for (seconds, iso, text) in [
            (0, "1970-01-01T00:00:00Z", "1 Jan 1970, 00:00 UTC"),
            (
                1_796_083_199,
                "2026-11-30T23:59:59Z",
                "30 Nov 2026, 23:59 UTC",
            ),
            (
                1_798_722_305,
                "2026-12-31T13:05:05Z",
                "31 Dec 2026, 13:05 UTC",
            ),
        ] {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let when = when(at);
            assert_eq!((when.iso.as_str(), when.text.as_str()), (iso, text));
            assert_eq!(when.iso, at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
    }

    #[test]
    fn a_share_shows_both_readings() {
        let (figure, other) = stored("0.04", "%");
        assert_eq!(text(&figure), "4 %");
        assert_eq!(other.as_deref(), Some("0.04"));
    }
}
