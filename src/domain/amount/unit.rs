//! What a row's unit says about the amounts in it: shares, money, thousands, and where `m` is
//! no million.
//!
//! Reads the unit as people write it (`£ per order`, `people / quarter`, `£k`, `0-1`). Must not
//! know where the unit is stored or how amounts are shown.

use super::currency::{self, Currency};

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// A unit's text, read for what it says about amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit<'a> {
    text: &'a str,
}

impl<'a> Unit<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text: text.trim() }
    }

    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    /// No unit at all, or a word for it.
    pub(crate) fn is_none(self) -> bool {
        is_one_of(self.text, &["", "none", "-", "–", "n/a"])
    }

    /// Written in hundredths for people: `%`, `percent`, `% of orders`.
    pub(crate) fn is_percent(self) -> bool {
        const PER_CENT: &str = "per cent";
        let begins = self.text.get(..PER_CENT.len());
        self.text.starts_with('%')
            || begins.is_some_and(|begins| begins.eq_ignore_ascii_case(PER_CENT))
            || is_one_of(self.first_word(), &["percent", "percentage", "pct"])
    }

    /// A fraction of one, in whatever words: `%`, `0-1`, `ratio`, `share of orders`.
    pub(crate) fn is_share(self) -> bool {
        const NAMES: [&str; 5] = ["ratio", "share", "fraction", "proportion", "probability"];
        self.is_percent() || is_one_of(self.first_word(), &NAMES) || self.is_from_0_to_1()
    }

    /// `0-1`, `[0,1]` and what else people write for it.
    fn is_from_0_to_1(self) -> bool {
        // Few units begin so, and a grid asks of hundreds.
        self.text.starts_with(['0', '['])
            && matches!(
                self.text
                    .to_lowercase()
                    .replace(['–', '−', '—'], "-")
                    .replace(' ', "")
                    .as_str(),
                "0-1" | "0..1" | "0to1" | "[0,1]" | "0-100%"
            )
    }

    fn first_word(self) -> &'a str {
        self.text.split_whitespace().next().unwrap_or("")
    }

    /// What is counted and what it is counted per, in lower case: `people` and `/ quarter`.
    fn head_and_per(self) -> (String, String) {
        let text = self.text.to_lowercase();
        let ends = ["/", " per ", " a ", " an ", " each ", " every "];
        let end = ends
            .iter()
            .filter_map(|end| text.find(end))
            .min()
            .unwrap_or(text.len());
        (text[..end].trim().to_owned(), text[end..].trim().to_owned())
    }

    fn head(self) -> String {
        self.head_and_per().0
    }

    /// What it is counted per, in lower case: `/ quarter`, `per order`; empty for none.
    pub(crate) fn per(self) -> String {
        self.head_and_per().1
    }

    /// The currency that the row is kept in, if it is money.
    pub(crate) fn currency(self) -> Option<&'static Currency> {
        let head = self.head();
        let in_words = words(&head).find_map(currency::named);
        in_words.or_else(|| {
            head.char_indices()
                .find_map(|(at, c)| sign_at(&head, at, c))
        })
    }

    /// A unit that begins with a currency, and what follows it: `("£", " per order")`.
    pub(crate) fn leading_currency(self) -> Option<(&'static Currency, &'a str)> {
        currency::leading(self.text)
    }

    /// The power of ten that the unit itself carries: 3 for `£k` and `thousand visits`.
    pub(crate) fn scale(self) -> Option<i64> {
        let head = self.head();
        let is_money = self.currency().is_some();
        words(&head).find_map(|word| match word {
            "k" | "thousand" | "thousands" | "000" | "000s" => Some(3),
            "mn" | "mio" | "mln" | "million" | "millions" => Some(6),
            "m" if is_money => Some(6),
            "bn" | "billion" | "billions" => Some(9),
            _ => None,
        })
    }

    /// The word that `m` may stand for in this row instead of million: months, metres, minutes.
    ///
    /// A row without a unit is judged by its name's last word (`horizon_months`).
    pub(crate) fn meaning_of_m(self, name: &str) -> Option<&'static str> {
        let head = self.head();
        let name = name.to_lowercase();
        if self.is_none() {
            return words(&name).last().and_then(unit_in_m);
        }
        if self.currency().is_some() {
            return None;
        }
        words(&head).find_map(unit_in_m)
    }

    /// Whether `word` is this unit said again: `12 month` in a row of months.
    pub(crate) fn says(self, word: &str) -> bool {
        let bare = |text: &str| text.to_lowercase().trim_end_matches('s').to_owned();
        let word = bare(word);
        !word.is_empty() && (bare(self.text) == word || bare(&self.head()) == word)
    }

    /// Neither money nor time: bounds within 0 and 1 make such a row a share.
    pub(crate) fn may_be_a_share(self) -> bool {
        let times = [
            "second", "minute", "hour", "day", "week", "month", "quarter", "year",
        ];
        let head = self.head();
        let is_time = words(&head).any(|word| times.contains(&word.trim_end_matches('s')));
        self.currency().is_none() && !is_time && self.meaning_of_m("").is_none()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The sign that begins at a place which isn't in the middle of a word.
fn sign_at(text: &str, at: usize, c: char) -> Option<&'static Currency> {
    if c.is_alphanumeric() && text[..at].ends_with(char::is_alphanumeric) {
        return None;
    }
    currency::leading(&text[at..]).map(|(found, _)| found)
}

fn unit_in_m(word: &str) -> Option<&'static str> {
    match word {
        "month" | "months" | "mo" | "mos" | "mth" | "mths" => Some("months"),
        "m" | "m2" | "m3" | "m²" | "m³" | "metre" | "metres" | "meter" | "meters" => {
            Some("metres")
        }
        "min" | "mins" | "minute" | "minutes" => Some("minutes"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn shares_are_known_in_all_their_spellings() {
        let shares = [
            "%", " % ", "0-1", "0–1", "0 - 1", "0..1", "ratio", "Ratio", "share",
        ];
        for text in shares
            .iter()
            .chain(&["percent", "per cent", "% of orders", "fraction"])
        {
            assert!(Unit::new(text).is_share(), "{text}");
        }
        for text in [
            "",
            "£",
            "0-3",
            "score",
            "months",
            "points",
            "0-100",
            "shareholders",
        ] {
            assert!(!Unit::new(text).is_share(), "{text}");
        }
    }

    #[test]
    fn the_currency_is_found_before_what_it_is_counted_per() {
        let sign = |text: &str| Unit::new(text).currency().map(|currency| currency.sign);
        let cases = [
            ("£", Some("£")),
            ("£ per order", Some("£")),
            ("EUR/month", Some("EUR")),
            ("k€", Some("€")),
            ("£k", Some("£")),
            ("£m", Some("£")),
            ("US$", Some("US$")),
            ("kr", Some("kr")),
            ("orders / £", None),
            ("months", None),
            ("krill", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(sign(text), expected, "{text}");
        }
    }

    #[test]
    fn thousands_in_the_unit_are_seen_and_metres_are_no_millions() {
        let scale = |text: &str| Unit::new(text).scale();
        assert_eq!(scale("£k"), Some(3));
        assert_eq!(scale("k€"), Some(3));
        assert_eq!(scale("£m"), Some(6));
        assert_eq!(scale("£ million"), Some(6));
        assert_eq!(scale("thousand visits"), Some(3));
        assert_eq!(scale("m"), None);
        assert_eq!(scale("£"), None);
        assert_eq!(scale("visits / 1000 people"), None);
    }

    #[test]
    fn m_is_doubted_where_the_row_counts_something_in_m() {
        let meaning = |unit: &str, name: &str| Unit::new(unit).meaning_of_m(name);
        assert_eq!(meaning("months", "x"), Some("months"));
        assert_eq!(meaning("person-months", "x"), Some("months"));
        assert_eq!(meaning("m", "x"), Some("metres"));
        assert_eq!(meaning("min", "x"), Some("minutes"));
        assert_eq!(meaning("", "horizon_months"), Some("months"));
        assert_eq!(meaning("£/month", "x"), None);
        assert_eq!(meaning("visits a month", "x"), None);
        assert_eq!(meaning("visits", "horizon_months"), None);
        assert_eq!(meaning("", "monthly_sessions"), None);
    }
}
