//! What people really type, and what they should write instead.
//!
//! Knows characters, foreign function names and the distance between names; must not know tokens or
//! positions.

use super::{error_kind::FormulaErrorKind, functions::Function};

/// Longer names are never compared: no formula has them.
const MOST_CHARACTERS: usize = 64;

/// The known name that `name` is most likely a misspelling of; `None` where nothing is near.
///
/// Upper and lower case count as equal. One slip is allowed for each three characters: a missing,
/// extra or wrong character, or two that changed places. Of equals, the first known one wins.
///
/// ```
/// use productops::domain::formula::nearest;
///
/// assert_eq!(nearest("uplift_cnv", ["aov", "uplift_conv"].into_iter()), Some("uplift_conv"));
/// ```
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name
        .to_lowercase()
        .chars()
        .take(MOST_CHARACTERS + 1)
        .collect();
    if name.is_empty() || name.len() > MOST_CHARACTERS {
        return None;
    }
    let most_slips = (name.len() / 3).clamp(1, 4);
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        // Lengths first: they rule out most, and cost nothing.
        let length = candidate.chars().take(MOST_CHARACTERS + 1).count();
        if length.abs_diff(name.len()) > most_slips {
            continue;
        }
        let lower: Vec<char> = candidate
            .to_lowercase()
            .chars()
            .take(MOST_CHARACTERS + 1)
            .collect();
        // With one or two characters, one slip makes any other name.
        if lower.len().min(name.len()) <= most_slips && lower != name {
            continue;
        }
        let slips = slips(&name, &lower);
        if slips <= most_slips && best.is_none_or(|(fewest, _)| slips < fewest) {
            best = Some((slips, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Restricted Damerau–Levenshtein distance.
fn slips(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(from != to);
            let mut fewest = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *to && b[j - 1] == *from {
                fewest = fewest.min(before_last[j - 1] + 1);
            }
            row.push(fewest);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// What to write for a function that isn't one.
pub(super) fn instead_of_function(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let advice = match lower.as_str() {
        "sum" => "write `a + b`",
        "product" | "sumproduct" | "multiply" => "write `a * b`",
        "divide" | "quotient" => "write `a / b`",
        "average" | "avg" | "mean" => "write `(a + b) / 2`",
        "pow" | "power" => "write `a ^ b`",
        "log" => "write `ln(x)` or `log10(x)`",
        "int" | "trunc" | "rounddown" => "write `floor(x)`",
        "roundup" | "ceiling" => "write `ceil(x)`",
        "iferror" => "write `if(a <> 0, b / a, 0)`",
        "ifs" | "switch" => "put one `if(…)` into another",
        "mod" | "rem" => "there is no remainder",
        "pmt" | "rate" | "nper" | "irr" | "xnpv" => "of finance there are `pv`, `fv` and `npv`",
        "pi" => "there are no constants; write the number",
        _ => {
            return nearest(name, Function::ALL.iter().map(|function| function.name()))
                .map(|known| format!("write `{known}(…)`"));
        }
    };
    Some(advice.to_owned())
}

/// How many a letter after a number stands for.
pub(super) fn suffix_factor(letters: &str) -> Option<f64> {
    match letters {
        "k" | "K" => Some(1e3),
        "m" | "M" | "mn" | "mio" | "million" => Some(1e6),
        "b" | "B" | "bn" | "billion" => Some(1e9),
        _ => None,
    }
}

/// A pair or single character with a plain spelling here, longest first.
pub(super) fn spelling(rest: &str) -> Option<(usize, FormulaErrorKind)> {
    use FormulaErrorKind as Kind;
    for (written, write) in [
        ("&&", "`and(…, …)`"),
        ("||", "`or(…, …)`"),
        (":=", "`=`"),
        ("=>", "`>=`"),
        ("=<", "`<=`"),
        ("≤", "`<=`"),
        ("≥", "`>=`"),
        ("≠", "`<>`"),
        ("²", "`^2`"),
        ("³", "`^3`"),
        ("√", "`sqrt(…)`"),
        ("—", "`-`"),
        ("⋅", "`*`"),
        ("∙", "`*`"),
        ("∗", "`*`"),
        ("•", "`*`"),
        ("⁄", "`/`"),
        ("∕", "`/`"),
        ("[", "`(`"),
        ("{", "`(`"),
        ("]", "`)`"),
        ("}", "`)`"),
        ("&", "`and(…, …)`, or `+` to add,"),
        ("|", "`or(…, …)`"),
        ("!", "`not(…)`"),
        ("½", "`0.5`"),
        (".", "`_`"),
        ("‰", "`/ 1000`"),
    ] {
        if rest.starts_with(written) {
            return Some((
                written.len(),
                Kind::OtherSpelling {
                    written: written.to_owned(),
                    write,
                },
            ));
        }
    }
    if rest.starts_with("//") {
        return Some((2, Kind::DoubleSlash));
    }
    rest.starts_with("**").then_some((2, Kind::DoubleStar))
}

/// What a character without meaning is about.
pub(super) fn character(character: char) -> FormulaErrorKind {
    match character {
        '£' | '$' | '€' | '¥' | '₹' | '¢' | '₽' | '₩' | '₺' | '₪' | '₫' | '₿' => {
            FormulaErrorKind::CurrencySign { sign: character }
        }
        ';' => FormulaErrorKind::Semicolon,
        ':' => FormulaErrorKind::CellRange,
        _ => FormulaErrorKind::UnexpectedCharacter { character },
    }
}

/// Any quotation mark, straight or smart, also the apostrophe.
pub(super) fn is_quotation_mark(character: char) -> bool {
    matches!(
        character,
        '"' | '\'' | '`' | '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '«' | '»' | '´'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_known_name_is_found_and_nothing_far() {
        let known = [
            "uplift_conv",
            "aov",
            "monthly_sessions",
            "max",
            "min",
            "cost_a",
            "cost_b",
        ];
        for (name, expected) in [
            ("uplift_cnv", Some("uplift_conv")),
            ("Uplift_Conv", Some("uplift_conv")),
            ("monthly_sesions", Some("monthly_sessions")),
            ("montlhy_sessions", Some("monthly_sessions")),
            ("MAX", Some("max")),
            ("aob", Some("aov")),
            ("cost_c", Some("cost_a")),
            ("x", None),
            ("", None),
            ("revenue", None),
            (&"a".repeat(100), None),
        ] {
            assert_eq!(nearest(name, known.into_iter()), expected, "{name}");
        }
    }

    #[test]
    fn short_names_are_only_near_to_themselves() {
        assert_eq!(nearest("a", ["b", "A"].into_iter()), Some("A"));
        assert_eq!(nearest("i", ["if"].into_iter()), None);
    }
}
