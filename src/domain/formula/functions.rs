//! The functions of the language: names, how many arguments, and the arithmetic of those that are
//! more than one operation.
//!
//! `exp`, `ln`, `log10`, powers and finance go through `libm`, never through the platform's
//! library, so that a receipt recomputes to the bit on any machine. Must not know text or slots.

use std::ops::RangeInclusive;

/// Words that can be no names; all but the first five are the language's own.
const RESERVED: [&str; 10] = [
    "pi", "e", "inf", "nan", "true", "false", "if", "and", "or", "not",
];

/// Whether a word is reserved.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Min,
    Max,
    Abs,
    Round,
    Floor,
    Ceil,
    Sqrt,
    Exp,
    Ln,
    Log10,
    Clamp,
    Pv,
    Fv,
    Npv,
    If,
    And,
    Or,
    Not,
}

impl Function {
    pub(super) const ALL: [Self; 18] = [
        Self::Min,
        Self::Max,
        Self::Abs,
        Self::Round,
        Self::Floor,
        Self::Ceil,
        Self::Sqrt,
        Self::Exp,
        Self::Ln,
        Self::Log10,
        Self::Clamp,
        Self::Pv,
        Self::Fv,
        Self::Npv,
        Self::If,
        Self::And,
        Self::Or,
        Self::Not,
    ];

    /// A match of its own beside [`name`](Self::name), since every name of a formula is asked about; a test holds them
    /// together.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "min" => Self::Min,
            "max" => Self::Max,
            "abs" => Self::Abs,
            "round" => Self::Round,
            "floor" => Self::Floor,
            "ceil" => Self::Ceil,
            "sqrt" => Self::Sqrt,
            "exp" => Self::Exp,
            "ln" => Self::Ln,
            "log10" => Self::Log10,
            "clamp" => Self::Clamp,
            "pv" => Self::Pv,
            "fv" => Self::Fv,
            "npv" => Self::Npv,
            "if" => Self::If,
            "and" => Self::And,
            "or" => Self::Or,
            "not" => Self::Not,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        self.usage().split('(').next().unwrap_or_default()
    }

    /// How it is written.
    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::Min => "min(a, b, …)",
            Self::Max => "max(a, b, …)",
            Self::Abs => "abs(x)",
            Self::Round => "round(x, digits)",
            Self::Floor => "floor(x)",
            Self::Ceil => "ceil(x)",
            Self::Sqrt => "sqrt(x)",
            Self::Exp => "exp(x)",
            Self::Ln => "ln(x)",
            Self::Log10 => "log10(x)",
            Self::Clamp => "clamp(x, lowest, highest)",
            Self::Pv => "pv(rate, periods, payment)",
            Self::Fv => "fv(rate, periods, payment)",
            Self::Npv => "npv(rate, cash1, cash2, …)",
            Self::If => "if(condition, then, otherwise)",
            Self::And => "and(condition, condition, …)",
            Self::Or => "or(condition, condition, …)",
            Self::Not => "not(condition)",
        }
    }

    pub(super) fn arguments(self) -> RangeInclusive<usize> {
        match self {
            Self::Min | Self::Max | Self::Npv => 2..=usize::MAX,
            Self::And | Self::Or => 1..=usize::MAX,
            Self::Round => 1..=2,
            Self::Clamp | Self::Pv | Self::Fv | Self::If => 3..=3,
            Self::Abs
            | Self::Floor
            | Self::Ceil
            | Self::Sqrt
            | Self::Exp
            | Self::Ln
            | Self::Log10
            | Self::Not => 1..=1,
        }
    }

    /// Whether the argument with this index is a condition.
    pub(super) fn takes_condition(self, index: usize) -> bool {
        match self {
            Self::And | Self::Or | Self::Not => true,
            Self::If => index == 0,
            _ => false,
        }
    }

    /// Whether it gives a condition, not a number.
    pub(super) fn is_condition(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Not)
    }
}

/// Rounds half away from zero at so many decimal places; fewer than 0 round before the point.
///
/// It rounds the number that people see, the shortest decimal that stands for `x`: 2.675 gives 2.68
/// as in a sheet, though the nearest binary number lies below. A fraction of `digits` is dropped.
pub(super) fn round_to(x: f64, digits: f64) -> f64 {
    let digits = digits.trunc();
    if x == 0.0 || !x.is_finite() || digits >= 400.0 {
        return x;
    }
    if digits <= -400.0 {
        return 0.0;
    }
    // `d.ddde±x`: the shortest digits that read back as x.
    let scientific = format!("{:e}", x.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mut kept: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let after_first = i32::try_from(kept.len() - 1).unwrap_or(i32::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number between -400 and 400"
    )]
    let keep = exponent + digits as i32 + 1;
    if keep > after_first {
        return x;
    }
    if keep < 0 {
        return 0.0;
    }
    let is_up = kept
        .get(keep.unsigned_abs() as usize)
        .is_some_and(|next| *next >= b'5');
    kept.truncate(keep.unsigned_abs() as usize);
    let mut whole: u64 = kept
        .iter()
        .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    whole += u64::from(is_up);
    let exponent = exponent - keep + 1;
    let rounded = format!("{whole}e{exponent}")
        .parse::<f64>()
        .unwrap_or(f64::NAN);
    rounded.copysign(x)
}

/// `(1 + rate) ^ periods - 1`, exact also for small rates.
fn growth_less_one(rate: f64, periods: f64) -> f64 {
    let exponent = if rate > -1.0 {
        periods * libm::log1p(rate)
    } else {
        f64::INFINITY
    };
    // For larger exponents a power loses less than the exponent's own rounding does.
    if exponent.abs() < 0.5 {
        libm::expm1(exponent)
    } else {
        libm::pow(1.0 + rate, periods) - 1.0
    }
}

/// What payments at the end of each period are worth now, with the sign that sheets give it.
pub(super) fn present_value(rate: f64, periods: f64, payment: f64) -> f64 {
    if rate == 0.0 {
        -payment * periods
    } else {
        payment * growth_less_one(rate, -periods) / rate
    }
}

/// What payments at the end of each period come to at the end, with the sign that sheets give it.
pub(super) fn future_value(rate: f64, periods: f64, payment: f64) -> f64 {
    if rate == 0.0 {
        -payment * periods
    } else {
        -payment * growth_less_one(rate, periods) / rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "rounding is exact")]
    fn rounding_is_half_away_from_zero_on_the_number_people_see() {
        for (x, digits, expected) in [
            (2.5, 0.0, 3.0),
            (-2.5, 0.0, -3.0),
            (2.675, 2.0, 2.68),
            (1.005, 2.0, 1.01),
            (-1.005, 2.0, -1.01),
            (1234.5, -2.0, 1200.0),
            (1250.0, -2.0, 1300.0),
            (50.0, -2.0, 100.0),
            (49.0, -2.0, 0.0),
            (5.0, -2.0, 0.0),
            (999.95, 1.0, 1000.0),
            (0.05, 1.0, 0.1),
            (0.04, 1.0, 0.0),
            (1.0 / 3.0, 4.0, 0.3333),
            (1e300, 2.0, 1e300),
            (1e-300, 2.0, 0.0),
            (123_456_789.123_456_78, 20.0, 123_456_789.123_456_78),
            (2.345, 2.9, 2.35),
            (7.0, 1e9, 7.0),
            (7.0, -1e9, 0.0),
            (1.797_693_134_862_315_7e308, -308.0, f64::INFINITY),
        ] {
            assert_eq!(round_to(x, digits), expected, "{x} to {digits}");
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "rounding is exact")]
    fn one_argument_rounds_as_two_with_no_digits() {
        for x in [
            0.5,
            1.5,
            -0.5,
            0.499_999_999_999_999_94,
            2.499_999,
            1e15 + 0.5,
            -7.5,
        ] {
            assert_eq!(round_to(x, 0.0), x.round(), "{x}");
        }
    }

    #[test]
    fn finance_has_the_signs_and_figures_of_sheets() {
        for (ours, sheets) in [
            (present_value(0.05, 10.0, 100.0), -772.173_492_918_481_3),
            (future_value(0.05, 10.0, 100.0), -1_257.789_253_554_883_8),
            (present_value(0.0, 10.0, 100.0), -1000.0),
            (future_value(0.0, 10.0, -100.0), 1000.0),
            (present_value(0.1, 1.0, -110.0), 100.0),
            (future_value(0.004, 36.0, -250.0), 9_659.527_114_796_282),
        ] {
            assert!(
                (ours - sheets).abs() <= sheets.abs() * 1e-11,
                "{ours} for {sheets}"
            );
        }
    }

    #[test]
    fn tiny_rates_lose_no_digits() {
        let value = present_value(1e-12, 12.0, -100.0);
        assert!((value - (1200.0 - 7.8e-9)).abs() < 1e-9, "{value}");
    }

    #[test]
    fn every_function_is_found_by_its_name() {
        for function in Function::ALL {
            assert_eq!(Function::named(function.name()), Some(function));
            assert!(function.name().chars().all(|c| c.is_ascii_alphanumeric()));
        }
        assert_eq!(Function::named("MAX"), None);
    }
}
