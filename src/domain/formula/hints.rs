//! What people really type, and what they should write instead.
//!
//! Knows characters, foreign function names and the distance between names; must not know tokens or
//! positions.

use super::{error_kind::FormulaErrorKind, functions::Function};

/// Longer names are never compared: no formula has them.
const MOST_CHARACTERS: usize = 64;

/// More slips make another name of any.
const MOST_SLIPS: usize = 4;

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
    let glance = Glance::of(name);
    let name = folded(name);
    if name.is_empty() || name.len() > MOST_CHARACTERS {
        return None;
    }
    let most_slips = (name.len() / 3).clamp(1, MOST_SLIPS);
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        // Only what is nearer than the best so far is of interest.
        let most_slips = best.map_or(most_slips, |(fewest, _)| fewest.saturating_sub(1));
        if glance.rules_out(&Glance::of(candidate), most_slips) {
            continue;
        }
        let candidate_folded = folded(candidate);
        // With one or two characters, one slip makes any other name.
        let is_short = candidate_folded.len().min(name.len()) <= most_slips;
        if candidate_folded.len() > MOST_CHARACTERS || is_short && candidate_folded != name {
            continue;
        }
        if let Some(slips) = slips(&name, &candidate_folded, most_slips) {
            best = Some((slips, candidate));
            if slips == 0 {
                break;
            }
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// What rules out most other names at a glance: how many characters a name has, and which kinds.
struct Glance {
    length: usize,
    kinds: u32,
}

impl Glance {
    fn of(name: &str) -> Self {
        let mut glance = Self {
            length: 0,
            kinds: 0,
        };
        for character in name.chars().take(MOST_CHARACTERS + MOST_SLIPS + 1) {
            glance.length += 1;
            if character.is_ascii() {
                // Small and capital letters differ in the bit that this takes off. Other signs that fall together, or
                // are left out, only rule out less.
                glance.kinds |= 1 << (u32::from(character) % 32);
            }
        }
        glance
    }

    /// Each slip brings at most one character, and one kind of it, more or less.
    fn rules_out(&self, other: &Self, most: usize) -> bool {
        let only_in = |one: u32, other: u32| (one & !other).count_ones() as usize;
        self.length.abs_diff(other.length) > most
            || only_in(self.kinds, other.kinds) > most
            || only_in(other.kinds, self.kinds) > most
    }
}

/// In small letters; more characters than are compared are left out.
fn folded(name: &str) -> Vec<char> {
    let characters = name.chars().flat_map(char::to_lowercase);
    characters.take(MOST_CHARACTERS + 1).collect()
}

/// Restricted Damerau–Levenshtein distance, if it is at most `most`.
fn slips(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let (a, b) = differing(a, b);
    // Only the cells near the diagonal can be reached with so few slips; all others count as too many.
    let too_many = most + 1;
    let mut before_last = [too_many; MOST_CHARACTERS + 1];
    let mut last = [too_many; MOST_CHARACTERS + 1];
    for (column, cell) in last.iter_mut().enumerate().take(b.len().min(most) + 1) {
        *cell = column;
    }
    for (i, from) in a.iter().enumerate() {
        let mut row = [too_many; MOST_CHARACTERS + 1];
        if i < most {
            row[0] = i + 1;
        }
        for j in i.saturating_sub(most)..b.len().min(i + most + 1) {
            let to = b[j];
            let replaced = last[j] + usize::from(*from != to);
            let mut fewest = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == to && b[j - 1] == *from {
                fewest = fewest.min(before_last[j - 1] + 1);
            }
            row[j + 1] = fewest.min(too_many);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    Some(last[b.len()]).filter(|slips| *slips <= most)
}

/// Both without the beginning and the end that they share.
fn differing<'a>(a: &'a [char], b: &'a [char]) -> (&'a [char], &'a [char]) {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let both = a.iter().rev().zip(b.iter().rev());
    let end = both.take_while(|(a, b)| a == b).count();
    (&a[..a.len() - end], &b[..b.len() - end])
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
    fn only_so_many_slips_are_forgiven() {
        for (name, known, is_near) in [
            ("abcdefghijkl", "abcdefghijkl", true),
            ("abcdefghijkl", "bacdfeghjikl", true),
            ("abcdefghijkl", "badcfehgjilk", false),
            ("abcdefghijkl", "efghijkl", true),
            ("abcdefghijkl", "fghijkl", false),
            ("abcdefghijkl", "abcdefghijklmnop", true),
            ("abcdefghijkl", "wxyzefghijkl", true),
            ("abcdefghijkl", "vwxyzfghijkl", false),
            ("abcd", "ac", false),
            ("abc", "acb", true),
        ] {
            let found = nearest(name, [known].into_iter());
            assert_eq!(found.is_some(), is_near, "{name} and {known}");
        }
        let (a, b) = ("a".repeat(64), "a".repeat(60));
        assert!(nearest(&a, [b.as_str()].into_iter()).is_some());
        assert!(nearest(&a, [&b[..59]].into_iter()).is_none());
    }

    #[test]
    fn short_names_are_only_near_to_themselves() {
        assert_eq!(nearest("a", ["b", "A"].into_iter()), Some("A"));
        assert_eq!(nearest("i", ["if"].into_iter()), None);
    }
}
