//! Exact decimal numbers as digits and a scale: what was typed never passes through a float.
//!
//! Knows digits, sign and place of the point, and the limits of what can be stored. Must not know
//! units, currencies or how people write numbers (see `scan`).

/// The most digits after the point that are stored.
pub(crate) const MAX_SCALE: i64 = 30;

/// Amounts may reach 10^15 either way, and no further.
const MAX_MAGNITUDE: i64 = 16;

/// An exact decimal: `digits × 10^-scale`, without zeros at either end of the digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: String,
    scale: i64,
}

impl Decimal {
    /// From digits before and after the point and a power of ten; both may be empty.
    pub(crate) fn new(negative: bool, whole: &str, fraction: &str, exponent: i64) -> Self {
        let joined = format!("{whole}{fraction}");
        let significant = joined.trim_end_matches('0');
        let dropped = joined.len() - significant.len();
        let digits = significant.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self {
                negative: false,
                digits,
                scale: 0,
            };
        }
        let scale = length(fraction.len()) - length(dropped) - exponent;
        Self {
            negative,
            digits,
            scale,
        }
    }

    /// Reads plain decimal text such as the database gives: `-1200.50`, `.5`, `7`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let some_digit = !whole.is_empty() || !fraction.is_empty();
        (some_digit && all_digits(whole) && all_digits(fraction))
            .then(|| Self::new(negative, whole, fraction, 0))
    }

    /// The same digits with the point moved `places` to the right (negative: to the left).
    pub(crate) fn shifted(&self, places: i64) -> Self {
        let scale = if self.is_zero() {
            0
        } else {
            self.scale - places
        };
        Self {
            scale,
            ..self.clone()
        }
    }

    /// How far from zero.
    pub(crate) fn without_sign(&self) -> Self {
        Self {
            negative: false,
            ..self.clone()
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    /// How many digits stand before the point; zero or less for amounts below one.
    fn magnitude(&self) -> i64 {
        length(self.digits.len()) - self.scale
    }

    /// Beyond 10^15 either way.
    pub(crate) fn is_too_large(&self) -> bool {
        let magnitude = self.magnitude();
        magnitude > MAX_MAGNITUDE || (magnitude == MAX_MAGNITUDE && self.digits != "1")
    }

    /// More digits after the point than are stored.
    pub(crate) fn has_too_many_digits(&self) -> bool {
        self.scale > MAX_SCALE
    }

    /// Further from zero than one.
    pub(crate) fn is_beyond_one(&self) -> bool {
        let magnitude = self.magnitude();
        magnitude > 1 || (magnitude == 1 && self.digits != "1")
    }

    /// The digits before and after the point, without sign: `("1200", "5")`, `("0", "04")`.
    ///
    /// Call it only for amounts within the limits above: the text is as long as the exponent.
    pub(crate) fn parts(&self) -> (String, String) {
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        let magnitude = self.magnitude();
        if self.is_zero() {
            ("0".to_owned(), String::new())
        } else if self.scale <= 0 {
            (
                format!("{}{}", self.digits, zeros(-self.scale)),
                String::new(),
            )
        } else if magnitude <= 0 {
            (
                "0".to_owned(),
                format!("{}{}", zeros(-magnitude), self.digits),
            )
        } else {
            let at = usize::try_from(magnitude).unwrap_or(0);
            (self.digits[..at].to_owned(), self.digits[at..].to_owned())
        }
    }

    /// Canonical text: no exponent, no zeros that say nothing, `-` before negative amounts.
    pub(crate) fn canonical(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        match self.parts() {
            (whole, fraction) if fraction.is_empty() => format!("{sign}{whole}"),
            (whole, fraction) => format!("{sign}{whole}.{fraction}"),
        }
    }

    /// The nearest float to the exact amount.
    pub(crate) fn to_f64(&self) -> f64 {
        // The standard parser rounds correctly; canonical text always parses.
        self.canonical().parse().unwrap_or(f64::NAN)
    }
}

/// Lengths of typed text fit; the cap keeps the arithmetic free of overflow whatever comes.
fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::from(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn digits_sign_and_scale_come_out_in_canonical_form() {
        let cases = [
            ("0", "0"),
            ("-0", "0"),
            ("-0.000", "0"),
            ("007", "7"),
            ("1.500", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-1200.50", "-1200.5"),
            ("0.0400", "0.04"),
            ("1000000000000000", "1000000000000000"),
        ];
        for (text, canonical) in cases {
            assert_eq!(
                Decimal::parse(text).unwrap().canonical(),
                canonical,
                "{text}"
            );
        }
        for text in ["", ".", "-", "1e3", "1,000", "NaN", "--1", "1.2.3"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn moving_the_point_keeps_every_digit() {
        let amount = Decimal::parse("123.456").unwrap();
        assert_eq!(amount.shifted(2).canonical(), "12345.6");
        assert_eq!(amount.shifted(5).canonical(), "12345600");
        assert_eq!(amount.shifted(-5).canonical(), "0.00123456");
        assert_eq!(Decimal::parse("0").unwrap().shifted(-40).canonical(), "0");
    }

    #[test]
    fn the_limits_are_ten_to_the_fifteenth_and_thirty_places() {
        let large = |text: &str| Decimal::parse(text).unwrap().is_too_large();
        assert!(!large("1000000000000000"));
        assert!(!large("-999999999999999.9"));
        assert!(large("1000000000000000.1"));
        assert!(large("1000000000000001"));
        let fine = |text: &str| Decimal::parse(text).unwrap().has_too_many_digits();
        assert!(!fine("0.000000000000000000000000000001"));
        assert!(fine("0.0000000000000000000000000000001"));
        assert!(!fine("0.50000000000000000000000000000000000000"));
    }

    #[test]
    fn beyond_one_is_judged_on_the_digits() {
        let beyond = |text: &str| Decimal::parse(text).unwrap().is_beyond_one();
        assert!(!beyond("1"));
        assert!(!beyond("-1.0"));
        assert!(!beyond("0.999999999999999999999999999999"));
        assert!(beyond("1.000000000000000000000000000001"));
        assert!(beyond("-10"));
    }
}
