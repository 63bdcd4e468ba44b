//! From typed text to what is written there: sign, digits, suffix, percent, currency.
//!
//! Knows how people and sheets write numbers. Must not know the row that it is typed into, except
//! for words that only repeat the row's unit; what an amount means there is judged in `amount`.

use super::{
    DecimalSeparator, WhyNot,
    currency::{self, Currency},
    decimal::Decimal,
    grouping::{self, Habit, is_spacer},
    unit::Unit,
};

/// What was written, before the row has been asked what it means.
#[derive(Debug)]
pub(super) struct Written {
    /// The digits with their sign, without suffix and percent.
    pub(super) decimal: Decimal,
    pub(super) suffix: Option<Suffix>,
    pub(super) percent: bool,
    pub(super) currency: Option<&'static Currency>,
    pub(super) habit: Option<Habit>,
}

/// A word that multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Suffix {
    /// 3 for `k`, 6 for `m`, 9 for `bn`.
    pub(super) power: i64,
    /// `m` alone, which may stand for months, metres or minutes.
    pub(super) is_m: bool,
}

/// Reads cleaned, non-empty text.
pub(super) fn scan(
    text: &str,
    unit: Unit<'_>,
    separator: DecimalSeparator,
) -> Result<Written, WhyNot> {
    if let Some(why) = plainly_not(text) {
        return Err(why);
    }
    let (in_brackets, text) = match unbracketed(text) {
        Some(inside) => (true, inside),
        None if text.contains(['(', ')']) => return Err(rest_says(text, text)),
        None => (false, text.to_owned()),
    };
    let text = without_per(&text, unit);
    let mut scanner = Scanner {
        rest: text,
        sign: in_brackets.then_some(true),
        currency: None,
    };
    scanner.read_front()?;
    let (digits, exponent) = scanner.read_number(text, separator)?;
    let (suffix, percent) = scanner.read_back(text, unit)?;
    let negative = scanner.sign == Some(true);
    Ok(Written {
        decimal: Decimal::new(negative, &digits.whole, &digits.fraction, exponent),
        suffix,
        percent,
        currency: scanner.currency,
        habit: digits.habit,
    })
}

/// Texts that are recognisably something else.
fn plainly_not(text: &str) -> Option<WhyNot> {
    let lower = text.to_lowercase();
    let bare = lower.trim_start_matches(['+', '-', ' ']);
    let blank = [
        "", "n/a", "na", "tbd", "tbc", "tba", "?", "??", "???", "none", "unknown", "null",
    ];
    if text.starts_with(['=', '@']) {
        Some(WhyNot::Formula)
    } else if text.starts_with('#') {
        Some(WhyNot::SheetError)
    } else if text.contains(['\n', '\r', '\t']) {
        Some(WhyNot::SeveralCells)
    } else if matches!(bare, "nan" | "inf" | "infinity" | "infinite" | "∞") {
        Some(WhyNot::NotFinite)
    } else if blank.contains(&bare) {
        Some(WhyNot::Placeholder)
    } else {
        None
    }
}

/// `(1,200)`, `£(1,200)`, `(4)%`: the text without an accountant's brackets.
fn unbracketed(text: &str) -> Option<String> {
    let (before, rest) = text.split_once('(')?;
    let (inside, after) = rest.split_once(')')?;
    let stray = [before, inside, after]
        .iter()
        .any(|part| part.contains(['(', ')', '-', '+']));
    let digits_outside = [before, after]
        .iter()
        .any(|part| part.contains(|c: char| c.is_numeric()));
    (!stray && !digits_outside).then(|| format!("{before}{inside}{after}"))
}

/// The text without what the row counts per: `£5 per order` in a row of `£ per order`.
fn without_per<'t>(text: &'t str, unit: Unit<'_>) -> &'t str {
    let per = unit.per();
    let at = text.len().saturating_sub(per.len());
    let ends_so = text
        .get(at..)
        .is_some_and(|tail| tail.to_lowercase() == per);
    if ends_so { text[..at].trim_end() } else { text }
}

/// Why a text isn't a number, judged by what was left over.
fn rest_says(text: &str, rest: &str) -> WhyNot {
    let has_digits = rest.contains(|c: char| c.is_ascii_digit());
    let lower = format!(" {} ", text.to_lowercase());
    let starts_open = text.starts_with(['~', '<', '>', '≈', '≤', '≥', '±']);
    let is_about = [" about ", " approx", " circa ", " ca. ", " around "];
    if starts_open || rest == "+" || is_about.iter().any(|word| lower.contains(word)) {
        WhyNot::Approximate
    } else if has_digits && (rest.starts_with('-') || rest.starts_with("to ")) {
        WhyNot::Range
    } else if has_digits && rest.contains(['*', '/', '+', '^', '×', '÷', '±']) {
        WhyNot::Calculation
    } else {
        WhyNot::Text
    }
}

struct Scanner<'t> {
    rest: &'t str,
    /// `Some(true)`: a minus or brackets; `Some(false)`: a plus.
    sign: Option<bool>,
    currency: Option<&'static Currency>,
}

impl Scanner<'_> {
    /// Sign and currency before the digits, in either order.
    fn read_front(&mut self) -> Result<(), WhyNot> {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix(['-', '+']) {
                if self.sign.is_some() {
                    return Err(WhyNot::Text);
                }
                self.sign = Some(self.rest.starts_with('-'));
                self.rest = rest;
            } else if let Some((found, rest)) = currency::leading(self.rest) {
                self.take_currency(found)?;
                self.rest = rest;
            } else {
                return Ok(());
            }
        }
    }

    /// A second mention must agree with the first; the narrower one is kept.
    fn take_currency(&mut self, found: &'static Currency) -> Result<(), WhyNot> {
        match self.currency {
            Some(first) if !first.fits(found) && !found.fits(first) => Err(WhyNot::TwoCurrencies),
            Some(first) if first.meanings() <= found.meanings() => Ok(()),
            _ => {
                self.currency = Some(found);
                Ok(())
            }
        }
    }

    /// The digits with their separators, and a power of ten behind an `e`.
    fn read_number(
        &mut self,
        text: &str,
        separator: DecimalSeparator,
    ) -> Result<(grouping::Digits, i64), WhyNot> {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || is_spacer(c);
        let end = self
            .rest
            .find(|c: char| !is_part(c))
            .unwrap_or(self.rest.len());
        let number = self.rest[..end].trim_end();
        if !number.contains(|c: char| c.is_ascii_digit()) {
            return Err(rest_says(text, self.rest));
        }
        let after = &self.rest[number.len()..];
        let dont_fit = WhyNot::Separators(separator);
        let digits = grouping::read(number, separator).ok_or(dont_fit)?;
        match exponent(after) {
            Some(_) if digits.grouped => Err(dont_fit),
            Some((power, rest)) => {
                self.rest = rest;
                Ok((digits, power))
            }
            None => {
                self.rest = after;
                Ok((digits, 0))
            }
        }
    }

    /// Suffix, percent, currency, a trailing minus, and the row's unit said again.
    fn read_back(&mut self, text: &str, unit: Unit<'_>) -> Result<(Option<Suffix>, bool), WhyNot> {
        let (mut suffix, mut percent, mut unit_said) = (None, false, false);
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() {
                let clash = percent && (self.currency.is_some() || suffix.is_some());
                return if clash {
                    Err(WhyNot::Text)
                } else {
                    Ok((suffix, percent))
                };
            }
            let untouched = !percent && !unit_said;
            if let Some(rest) = percent_sign(self.rest).filter(|_| untouched) {
                percent = true;
                self.rest = rest;
            } else if let Some((found, rest)) =
                suffix_word(self.rest).filter(|_| untouched && suffix.is_none())
            {
                suffix = Some(found);
                self.rest = rest;
            } else if let Some((found, rest)) =
                currency::leading(self.rest).or_else(|| money(self.rest))
            {
                self.take_currency(found)?;
                self.rest = rest;
            } else if self.rest == "-" && self.sign.is_none() {
                self.sign = Some(true);
                self.rest = "";
            } else if unit.says(self.rest) && untouched {
                unit_said = true;
                self.rest = "";
            } else {
                return Err(rest_says(text, self.rest));
            }
        }
    }
}

/// `e3`, `E-3`: the power and what follows; capped, since beyond it is out of reach anyway.
fn exponent(text: &str) -> Option<(i64, &str)> {
    let rest = text.strip_prefix(['e', 'E'])?;
    let (negative, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    if end == 0 {
        return None;
    }
    let power = rest[..end].parse().unwrap_or(i64::MAX).min(100_000);
    Some((if negative { -power } else { power }, &rest[end..]))
}

fn percent_sign(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('%') {
        return Some(rest);
    }
    let lower = text.to_lowercase();
    matches!(lower.as_str(), "percent" | "per cent" | "pct").then_some("")
}

/// `k`, `m`, `mn`, `bn` and their words, also in front of a currency: `5 k€`, `1.2mGBP`.
fn suffix_word(text: &str) -> Option<(Suffix, &str)> {
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if let Some(suffix) = suffix(word) {
        return Some((suffix, rest));
    }
    // `kGBP`, but never `kr`: a whole currency wins.
    let glued = ["bn", "mn", "k", "K", "m", "M"].into_iter().find(|glued| {
        let behind = word.strip_prefix(glued);
        behind.is_some_and(|behind| currency::named(behind).is_some())
    });
    let glued = glued.filter(|_| currency::named(word).is_none())?;
    suffix(glued).map(|suffix| (suffix, &text[glued.len()..]))
}

fn suffix(word: &str) -> Option<Suffix> {
    let power = match word.to_lowercase().as_str() {
        "k" | "thousand" => 3,
        "m" | "mn" | "mio" | "mln" | "million" | "millions" => 6,
        "bn" | "billion" | "billions" => 9,
        _ => return None,
    };
    Some(Suffix {
        power,
        is_m: matches!(word, "m" | "M"),
    })
}

/// A currency by its name: `5 euros`.
fn money(text: &str) -> Option<(&'static Currency, &str)> {
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    currency::named(&text[..end]).map(|found| (found, &text[end..]))
}
