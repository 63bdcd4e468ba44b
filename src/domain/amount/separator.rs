//! Which of point and comma a person writes before the decimals; the other one separates thousands.

use serde::{Deserialize, Serialize};

/// Whether digits before and after a comma may be thousands as well: `1,300`. The pages write thousands so for everybody,
/// so whoever reads `1,300` there and types it may mean either.
pub(super) fn is_doubtful((whole, fraction): (&str, &str)) -> bool {
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(whole.len(), 1..=3)
        && !whole.starts_with('0')
        && fraction.len() == 3
        && all_digits(whole)
        && all_digits(fraction)
}

/// A person's habit of writing numbers. The pages show everybody the same, with a point; the habit holds for what its
/// owner types and for the boxes that they type it into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DecimalSeparator {
    /// `1,200.50`
    #[default]
    Point,
    /// `1.200,50`
    Comma,
}

impl DecimalSeparator {
    /// Both, the usual one first.
    pub const ALL: [Self; 2] = [Self::Point, Self::Comma];

    /// Its name in forms and in the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }

    /// The habit of that name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }

    /// Text whose numbers are written with a decimal point, as a person of this habit writes them: `1,200.5 p.a.` is
    /// `1.200,5 p.a.`. Reading what comes out, by the same habit, gives the same number: 1.234 is `1,2340`, since `1,234`
    /// asks.
    #[must_use]
    pub fn written(self, text: &str) -> String {
        if self == Self::Point {
            return text.to_owned();
        }
        let mut written = String::with_capacity(text.len() + 1);
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
            let (words, from) = rest.split_at(at);
            let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
            let end = from.find(|c: char| !is_part(c)).unwrap_or(from.len());
            let number = from[..end].trim_end_matches(['.', ',']);
            written.push_str(words);
            written.extend(number.chars().map(exchanged));
            if number.split_once('.').is_some_and(is_doubtful) {
                written.push('0');
            }
            rest = &from[number.len()..];
        }
        written + rest
    }

    /// What a person of this habit typed, as one of the usual habit would have typed it.
    pub(super) fn usual(self, digits: &str) -> String {
        match self {
            Self::Point => digits.to_owned(),
            Self::Comma => digits.chars().map(exchanged).collect(),
        }
    }
}

fn exchanged(c: char) -> char {
    match c {
        '.' => ',',
        ',' => '.',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::DecimalSeparator::{self, Comma, Point};

    #[test]
    fn numbers_in_a_text_are_written_by_the_habit_and_its_words_are_left() {
        for (text, by_comma) in [
            ("1,200.5", "1.200,5"),
            ("-0.04", "-0,04"),
            (
                "£1,200.50 p.a. or more, 3 in all",
                "£1.200,50 p.a. or more, 3 in all",
            ),
            ("0.5 % to 1.25 %.", "0,5 % to 1,25 %."),
            ("1.234", "1,2340"),
            ("0.234 to 1234.567, then 1.", "0,234 to 1234,567, then 1."),
            ("", ""),
        ] {
            assert_eq!(Comma.written(text), by_comma);
            assert_eq!(Point.written(text), text);
        }
    }

    #[test]
    fn each_habit_is_found_by_its_name() {
        for one in DecimalSeparator::ALL {
            assert_eq!(DecimalSeparator::from_key(one.key()), Some(one));
        }
        assert_eq!(DecimalSeparator::from_key("dot"), None);
    }
}
