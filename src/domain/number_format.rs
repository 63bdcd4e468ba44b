//! Numbers as people read them: thousands separated, digits kept, money with its sign.
//!
//! Knows units only as `amount::unit` reads them. Must not round what was typed; only scores are
//! rounded, and only for display. Reading what people type is the business of `amount`.

use super::amount::{decimal::Decimal, unit::Unit};

/// Significant digits of a displayed score; digits before the point are never dropped.
const SCORE_DIGITS: usize = 9;

/// From here on, and below its inverse, floats are shown as a power of ten.
const SCIENTIFIC_FROM: f64 = 1e15;

/// A typed number with its thousands separated and every digit kept: `1,200.5`, `−0.04`.
///
/// Text that isn't plain decimal digits comes back as it is.
#[must_use]
pub fn decimal(digits: &str) -> String {
    if reads_as_it_stands(digits) {
        return digits.to_owned();
    }
    match Decimal::parse(digits) {
        Some(number) => signed(number.is_negative(), &grouped(&number)),
        None => digits.to_owned(),
    }
}

/// Whether canonical digits need no separators and no sign: most of what a grid of hundreds of numbers shows.
fn reads_as_it_stands(digits: &str) -> bool {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "1"));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&whole.len())
        && all_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && !fraction.is_empty()
        && all_digits(fraction)
        && !fraction.ends_with('0')
}

/// A computed number with all of its digits: `59,800`, `854.2857142857143`.
#[must_use]
pub fn float(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "–".to_owned()
    } else if size != 0.0 && !(1.0 / SCIENTIFIC_FROM..SCIENTIFIC_FROM).contains(&size) {
        power_of_ten(value, &format!("{size:e}"))
    } else {
        decimal(&size_to_text(value))
    }
}

/// A score: at most 9 significant digits, never fewer than stand before the point: `854.285714`.
#[must_use]
pub fn score(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if size != 0.0 && !(1.0 / SCIENTIFIC_FROM..SCIENTIFIC_FROM).contains(&size) {
        return power_of_ten(value, &format!("{size:.*e}", SCORE_DIGITS - 1));
    }
    decimal(&rounded(value))
}

/// A score with its unit: `£59,800`, `4 %`, `26 points`.
#[must_use]
pub fn score_with_unit(value: f64, unit: &str) -> String {
    let text = if Unit::new(unit).is_percent() {
        rounded(value * 100.0)
    } else {
        rounded(value)
    };
    let size = value.abs();
    let is_plain = value.is_finite()
        && (size == 0.0 || (1.0 / SCIENTIFIC_FROM..SCIENTIFIC_FROM).contains(&size));
    match (is_plain, Unit::new(unit)) {
        (true, unit) if unit.is_percent() => format!("{} %", decimal(&text)),
        (true, _) => with_unit(&text, unit),
        (false, unit) if unit.is_none() => score(value),
        (false, unit) => format!("{} {}", score(value), unit.text()),
    }
}

/// A typed number with its unit, for sentences: `£45 per order`, `12 months`, `4 %`.
#[must_use]
pub fn with_unit(digits: &str, unit: &str) -> String {
    let read = Unit::new(unit);
    if let (Some((currency, rest)), Some(number)) =
        (read.leading_currency(), Decimal::parse(digits))
    {
        // `£k` becomes `£45k`, `£ per order` becomes `£45 per order`.
        let text = if rest.starts_with(char::is_alphabetic) {
            currency.around(&format!("{}{rest}", grouped(&number)))
        } else {
            format!("{}{rest}", currency.around(&pence(&number)))
        };
        return signed(number.is_negative(), &text);
    }
    let (main, _) = both_readings(digits, unit);
    if read.is_none() || read.is_share() {
        main
    } else {
        format!("{main} {}", read.text())
    }
}

/// Money with its sign, and nothing of what it is counted per: `£59,800`, `−£5`, `CHF 5`, `£45k`.
///
/// `None` where the unit doesn't begin with a currency.
#[must_use]
pub fn money(digits: &str, unit: &str) -> Option<String> {
    let (currency, rest) = Unit::new(unit).leading_currency()?;
    let number = Decimal::parse(digits)?;
    let text = if rest.starts_with(char::is_alphabetic) {
        let thousands = rest
            .split(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or("");
        format!("{}{thousands}", grouped(&number))
    } else {
        pence(&number)
    };
    let text = currency.around(&text);
    Some(signed(number.is_negative(), &text))
}

/// How a typed number is shown in its row, and its other reading where they differ.
///
/// `("4 %", Some("0.04"))` for a unit in per cent, `("0.04", Some("4 %"))` for a ratio,
/// `("£45", None)` for money, `("12", None)` for anything else.
#[must_use]
pub fn both_readings(digits: &str, unit: &str) -> (String, Option<String>) {
    let read = Unit::new(unit);
    let Some(number) = Decimal::parse(digits).filter(|_| read.is_share()) else {
        return (money(digits, unit).unwrap_or_else(|| decimal(digits)), None);
    };
    let fraction = decimal(digits);
    let percent = format!("{} %", decimal(&number.shifted(2).canonical()));
    let (main, second) = if read.is_percent() {
        (percent, fraction)
    } else {
        (fraction, percent)
    };
    (main, Some(second).filter(|_| !number.is_zero()))
}

/// The shortest digits that give exactly this float again, for edit fields: `0.04`, `-1200.5`.
///
/// Plain digits without separators or exponent; `None` for NaN and infinity.
#[must_use]
pub fn shortest_decimal(value: f64) -> Option<String> {
    value.is_finite().then(|| size_to_text(value))
}

/// Puts a real minus before a text without sign.
fn signed(is_negative: bool, text: &str) -> String {
    if is_negative {
        format!("−{text}")
    } else {
        text.to_owned()
    }
}

/// Without sign, thousands separated by commas.
fn grouped(number: &Decimal) -> String {
    let (whole, fraction) = number.parts();
    let mut text = String::with_capacity(whole.len() * 2 + fraction.len());
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(&fraction);
    }
    text
}

/// As money is written: `9.80` rather than `9.8`; further digits are kept.
fn pence(number: &Decimal) -> String {
    let text = grouped(number);
    let has_one = text
        .split_once('.')
        .is_some_and(|(_, fraction)| fraction.len() == 1);
    if has_one { format!("{text}0") } else { text }
}

/// The standard formatting is the shortest that reads back, and never scientific; zero has no sign.
fn size_to_text(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else {
        format!("{value}")
    }
}

/// Rounded for display, without zeros that say nothing.
fn rounded(value: f64) -> String {
    // As many decimals as leave nine significant digits: the exponent of the rounded number counts.
    let exponent = format!("{value:.*e}", SCORE_DIGITS - 1);
    let exponent = exponent
        .rsplit_once('e')
        .and_then(|(_, power)| power.parse::<i32>().ok());
    let places = 8_i32.saturating_sub(exponent.unwrap_or(0)).max(0);
    let text = format!("{value:.*}", usize::try_from(places).unwrap_or(0));
    Decimal::parse(&text).map_or(text, |number| number.canonical())
}

/// `1.5e18` as `1.5 × 10^18`.
fn power_of_ten(value: f64, scientific: &str) -> String {
    let (digits, power) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let digits = Decimal::parse(digits).map_or(digits.to_owned(), |digits| digits.canonical());
    let power = power.replace('-', "−");
    signed(value.is_sign_negative(), &format!("{digits} × 10^{power}"))
}

#[cfg(test)]
mod tests {
    use super::{
        both_readings, decimal, float, money, score, score_with_unit, shortest_decimal, with_unit,
    };

    #[test]
    fn typed_numbers_keep_every_digit_and_separate_thousands() {
        let cases = [
            ("0", "0"),
            ("12", "12"),
            ("999", "999"),
            ("1000", "1,000"),
            ("59800", "59,800"),
            ("-1200.50", "−1,200.5"),
            ("1234567.890123456789012345", "1,234,567.890123456789012345"),
            ("0.0400", "0.04"),
            ("1000000000000000", "1,000,000,000,000,000"),
            ("not digits", "not digits"),
        ];
        for (digits, shown) in cases {
            assert_eq!(decimal(digits), shown);
        }
    }

    #[test]
    fn scores_show_nine_digits_and_no_fewer_than_before_the_point() {
        let cases = [
            (59_800.0, "59,800"),
            (854.285_714_285_714_3, "854.285714"),
            (3_428.571_428_571_43, "3,428.57143"),
            (26.0 / 3.0, "8.66666667"),
            (0.04, "0.04"),
            (0.1 + 0.2, "0.3"),
            (-5.0, "−5"),
            (0.0, "0"),
            (-0.0, "0"),
            (999_999.999_999_9, "1,000,000"),
            (9.999_999_999_9, "10"),
            (1_234_567_890_123.4, "1,234,567,890,123"),
            (999_999_999_999_999.0, "999,999,999,999,999"),
            (0.000_012_345_678_912, "0.0000123456789"),
            (1.5e18, "1.5 × 10^18"),
            (-1.5e-20, "−1.5 × 10^−20"),
            (f64::NAN, "–"),
            (f64::INFINITY, "–"),
        ];
        for (value, shown) in cases {
            assert_eq!(score(value), shown);
        }
        assert_eq!(float(854.285_714_285_714_3), "854.2857142857143");
        assert_eq!(float(-59_800.0), "−59,800");
    }

    #[test]
    fn shares_show_both_readings_where_they_differ() {
        let pair = |digits, unit| {
            let (main, second) = both_readings(digits, unit);
            (main, second.unwrap_or_default())
        };
        let cases = [
            ("0.04", "%", "4 %", "0.04"),
            ("0.0425", "%", "4.25 %", "0.0425"),
            ("12", "%", "1,200 %", "12"),
            ("-0.04", "%", "−4 %", "−0.04"),
            ("0", "%", "0 %", ""),
            ("0.8", "0-1", "0.8", "80 %"),
            ("0.5", "ratio", "0.5", "50 %"),
            ("0.04", "", "0.04", ""),
            ("45", "£", "£45", ""),
            ("12", "months", "12", ""),
        ];
        for (digits, unit, main, second) in cases {
            assert_eq!(
                pair(digits, unit),
                (main.to_owned(), second.to_owned()),
                "{digits} {unit}"
            );
        }
    }

    #[test]
    fn money_carries_its_sign_and_its_minus_stands_before_it() {
        let shown = |digits, unit| money(digits, unit).unwrap_or_default();
        assert_eq!(shown("59800", "£"), "£59,800");
        assert_eq!(shown("-5", "£"), "−£5");
        assert_eq!(shown("5", "GBP"), "GBP 5");
        assert_eq!(shown("-1200", "kr"), "−1,200 kr");
        assert_eq!(shown("9.8", "£ per order"), "£9.80");
        assert_eq!(shown("45.5", "£k"), "£45.5k");
        assert_eq!(shown("1.234", "£"), "£1.234");
        assert_eq!(shown("45", "months"), "");
    }

    #[test]
    fn sentences_name_the_unit() {
        assert_eq!(with_unit("9.8", "£ per order"), "£9.80 per order");
        assert_eq!(with_unit("-9.8", "£/month"), "−£9.80/month");
        assert_eq!(with_unit("12", "months"), "12 months");
        assert_eq!(with_unit("0.04", "%"), "4 %");
        assert_eq!(with_unit("0.04", "ratio"), "0.04");
        assert_eq!(with_unit("1200", ""), "1,200");
        assert_eq!(with_unit("-45", "£k"), "−£45k");
        assert_eq!(score_with_unit(59_800.0, "£"), "£59,800");
        assert_eq!(score_with_unit(-2.0 / 3.0, "£"), "−£0.666666667");
        assert_eq!(score_with_unit(26.0, "points"), "26 points");
        assert_eq!(score_with_unit(0.04, "%"), "4 %");
        assert_eq!(score_with_unit(1.5e18, "£"), "1.5 × 10^18 £");
    }

    #[test]
    fn edit_fields_get_the_shortest_digits_that_read_back() {
        let cases = [
            (0.04, "0.04"),
            (0.1 + 0.2, "0.30000000000000004"),
            (-1200.5, "-1200.5"),
            (1e15, "1000000000000000"),
            (-0.0, "0"),
            (1e-7, "0.0000001"),
        ];
        for (value, digits) in cases {
            assert_eq!(shortest_decimal(value).as_deref(), Some(digits));
        }
        assert_eq!(shortest_decimal(f64::NAN), None);
        assert_eq!(shortest_decimal(f64::INFINITY), None);
    }
}
