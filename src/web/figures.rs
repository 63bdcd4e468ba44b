//! Numbers and moments as pages print them.

use super::view::{Figure, When};
use crate::domain::number_format;
use chrono::{DateTime, NaiveDate, Utc};

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
    When {
        iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        text: at.format("%-d %b %Y, %H:%M UTC").to_string(),
    }
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
    fn a_share_shows_both_readings() {
        let (figure, other) = stored("0.04", "%");
        assert_eq!(text(&figure), "4 %");
        assert_eq!(other.as_deref(), Some("0.04"));
    }
}
