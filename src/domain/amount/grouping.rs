//! Digits with their separators: which are thousands, which is the point, and what is doubtful.
//!
//! Point decimals and comma thousands are the usual habit, and a person may have the other one; every other habit that
//! can be read in one way only is offered as a question, never taken.

use super::{DecimalSeparator, separator};

/// Digits read from a text, split at the point.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) whole: String,
    pub(super) fraction: String,
    /// Set where the separators follow another habit than the one that holds.
    pub(super) habit: Option<Habit>,
    /// Whether thousands were separated.
    pub(super) grouped: bool,
}

/// Another habit of writing numbers than the one that holds. The examples are for the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// `1,5`: decimals after what separates thousands here.
    OtherDecimal,
    /// `1.234.567`: thousands between what separates decimals here.
    OtherThousands,
    /// `12,34,567`: lakh and crore.
    Lakh,
}

/// Whether a character separates thousands without ever being a point.
pub(super) fn is_spacer(c: char) -> bool {
    matches!(c, ' ' | '\'' | '_')
}

/// Reads digits with separators (`,`, `.`, spaces, apostrophes, underscores); `None` where they
/// fit no habit.
pub(super) fn read(text: &str, separator: DecimalSeparator) -> Option<Digits> {
    let digits = read_usual(&separator.usual(text))?;
    Some(match separator {
        DecimalSeparator::Point => digits,
        DecimalSeparator::Comma => doubt_three_decimals(digits),
    })
}

/// `1,300` may be 1.3 by the person's own habit and 1,300 by the page's.
fn doubt_three_decimals(digits: Digits) -> Digits {
    let is_doubtful = separator::is_doubtful((&digits.whole, &digits.fraction));
    if !is_doubtful || digits.grouped || digits.habit.is_some() {
        return digits;
    }
    Digits {
        whole: format!("{}{}", digits.whole, digits.fraction),
        fraction: String::new(),
        habit: Some(Habit::OtherThousands),
        grouped: true,
    }
}

fn read_usual(text: &str) -> Option<Digits> {
    let commas = text.matches(',').count();
    let points = text.matches('.').count();
    match (commas, points) {
        (0, 0) => plain(text, "", None),
        // Nobody writes three noughts after a point for nothing, but `500.000` is how others write 500,000.
        (0, 1) if text.ends_with(".000") => {
            let habit = Some(Habit::OtherThousands);
            thousands(text, '.', "", habit)
                .or_else(|| plain(text.strip_suffix(".000")?, "000", None))
        }
        (0, 1) => split(text, '.').and_then(|(whole, rest)| plain(whole, rest, None)),
        (0, _) => thousands(text, '.', "", Some(Habit::OtherThousands)),
        (_, 0) => thousands(text, ',', "", None)
            .or_else(|| comma_decimal(text, commas))
            .or_else(|| lakh(text, "")),
        (_, 1) if text.rfind(',') < text.rfind('.') => {
            split(text, '.').and_then(|(whole, rest)| {
                thousands(whole, ',', rest, None).or_else(|| lakh(whole, rest))
            })
        }
        (1, _) => split(text, ',')
            .and_then(|(whole, rest)| thousands(whole, '.', rest, Some(Habit::OtherDecimal))),
        _ => None,
    }
}

/// `1,5`, `1 234,56`, `,5`: the only comma as the point.
fn comma_decimal(text: &str, commas: usize) -> Option<Digits> {
    let (whole, fraction) = split(text, ',').filter(|_| commas == 1)?;
    if fraction.is_empty() {
        return None;
    }
    plain(whole, fraction, Some(Habit::OtherDecimal))
}

/// Digits whose thousands, if they are separated at all, are separated by spacers.
fn plain(whole: &str, fraction: &str, habit: Option<Habit>) -> Option<Digits> {
    if let Some(spacer) = whole.chars().find(|c| is_spacer(*c)) {
        return thousands(whole, spacer, fraction, habit);
    }
    let some_digit = !whole.is_empty() || !fraction.is_empty();
    (some_digit && is_digits(whole) && is_digits(fraction))
        .then(|| digits(whole.to_owned(), fraction, habit, false))
}

/// Groups of three after a first group of one to three that doesn't begin with 0.
fn thousands(whole: &str, between: char, fraction: &str, habit: Option<Habit>) -> Option<Digits> {
    let groups: Vec<&str> = whole.split(between).collect();
    let (first, rest) = groups.split_first()?;
    let fits = matches!(first.len(), 1..=3)
        && !first.starts_with('0')
        && !rest.is_empty()
        && rest.iter().all(|group| group.len() == 3)
        && groups.iter().all(|group| is_digits(group))
        && is_digits(fraction);
    fits.then(|| digits(groups.concat(), fraction, habit, true))
}

/// `12,34,567`: groups of two, then three.
fn lakh(whole: &str, fraction: &str) -> Option<Digits> {
    let groups: Vec<&str> = whole.split(',').collect();
    let [first, middle @ .., last] = groups.as_slice() else {
        return None;
    };
    let fits = matches!(first.len(), 1..=2)
        && !first.starts_with('0')
        && !middle.is_empty()
        && middle.iter().all(|group| group.len() == 2)
        && last.len() == 3
        && groups.iter().all(|group| is_digits(group))
        && is_digits(fraction);
    fits.then(|| digits(groups.concat(), fraction, Some(Habit::Lakh), true))
}

fn digits(whole: String, fraction: &str, habit: Option<Habit>, grouped: bool) -> Digits {
    Digits {
        whole,
        fraction: fraction.to_owned(),
        habit,
        grouped,
    }
}

fn split(text: &str, at: char) -> Option<(&str, &str)> {
    text.rsplit_once(at)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{DecimalSeparator, Habit, read};

    #[test]
    fn separators_are_read_by_our_habit_and_doubted_by_any_other() {
        let cases = [
            ("1200", Some(("1200", "", None))),
            ("1,200", Some(("1200", "", None))),
            ("1,234,567.89", Some(("1234567", "89", None))),
            ("1 200", Some(("1200", "", None))),
            ("1'234'567.5", Some(("1234567", "5", None))),
            ("1_000", Some(("1000", "", None))),
            (".5", Some(("", "5", None))),
            ("5.", Some(("5", "", None))),
            ("1.234", Some(("1", "234", None))),
            ("500.000", Some(("500000", "", Some(Habit::OtherThousands)))),
            ("0.000", Some(("0", "000", None))),
            ("1500.000", Some(("1500", "000", None))),
            (".000", Some(("", "000", None))),
            ("1,5", Some(("1", "5", Some(Habit::OtherDecimal)))),
            ("0,500", Some(("0", "500", Some(Habit::OtherDecimal)))),
            (
                "12000,000",
                Some(("12000", "000", Some(Habit::OtherDecimal))),
            ),
            (",5", Some(("", "5", Some(Habit::OtherDecimal)))),
            ("1 234,56", Some(("1234", "56", Some(Habit::OtherDecimal)))),
            (
                "1.234.567,89",
                Some(("1234567", "89", Some(Habit::OtherDecimal))),
            ),
            (
                "1.234.567",
                Some(("1234567", "", Some(Habit::OtherThousands))),
            ),
            ("1,00,000", Some(("100000", "", Some(Habit::Lakh)))),
            ("", None),
            (".", None),
            (",", None),
            ("5,", None),
            ("1,200,5", None),
            ("1,20.5", None),
            ("12 34", None),
            ("1200 000", None),
            ("0 500", None),
            ("1 200'000", None),
            ("1 200,000,000", None),
            ("1.2.3", None),
            ("1..2", None),
            ("1,,200", None),
            ("1,200.000,5", None),
        ];
        for (text, expected) in cases {
            let read = read(text, DecimalSeparator::Point);
            let found = read
                .as_ref()
                .map(|d| (d.whole.as_str(), d.fraction.as_str(), d.habit));
            assert_eq!(found, expected, "{text}");
        }
    }
    #[test]
    fn by_a_comma_before_decimals_the_two_change_places_and_three_decimals_are_doubted() {
        let cases = [
            ("1200", Some(("1200", "", None))),
            ("1,5", Some(("1", "5", None))),
            ("1.200", Some(("1200", "", None))),
            ("1.234.567,89", Some(("1234567", "89", None))),
            ("1 234,56", Some(("1234", "56", None))),
            ("0,500", Some(("0", "500", None))),
            ("12000,000", Some(("12000", "000", None))),
            ("1.200,500", Some(("1200", "500", None))),
            ("1,300", Some(("1300", "", Some(Habit::OtherThousands)))),
            ("500,000", Some(("500000", "", Some(Habit::OtherThousands)))),
            ("1.5", Some(("1", "5", Some(Habit::OtherDecimal)))),
            ("0.04", Some(("0", "04", Some(Habit::OtherDecimal)))),
            (
                "1,234,567.89",
                Some(("1234567", "89", Some(Habit::OtherDecimal))),
            ),
            (
                "1,234,567",
                Some(("1234567", "", Some(Habit::OtherThousands))),
            ),
            ("1.200.5", None),
            ("1,2,3", None),
        ];
        for (text, expected) in cases {
            let read = read(text, DecimalSeparator::Comma);
            let found = read
                .as_ref()
                .map(|d| (d.whole.as_str(), d.fraction.as_str(), d.habit));
            assert_eq!(found, expected, "{text}");
        }
    }
}
