//! Currencies as people write them: signs, codes and words, and which of them agree.
//!
//! Knows spellings only. Nothing here converts an amount from one currency into another.

/// One way of writing a currency.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Currency {
    /// As it is shown: `£`, `EUR`, `kr`.
    pub(crate) sign: &'static str,
    /// The ISO codes it may stand for, the usual one first.
    codes: &'static [&'static str],
}

impl Currency {
    /// Whether an amount written with `self` may stand in a row kept in `row`.
    ///
    /// `$` fits a row in CAD, since that is how Canadians write it; `CAD` doesn't fit a row in `$`.
    pub(crate) fn fits(&self, row: &Currency) -> bool {
        self.codes.first() == row.codes.first()
            || (row.codes.len() == 1 && row.codes.iter().all(|code| self.codes.contains(code)))
    }

    /// How many currencies the spelling may stand for.
    pub(crate) fn meanings(&self) -> usize {
        self.codes.len()
    }

    /// `£1,200`, `GBP 1,200`, `1,200 kr`: a sign before, a code before with a space, words after.
    pub(crate) fn around(&self, number: &str) -> String {
        match self.sign {
            "kr" | "zł" | "Kč" => format!("{number} {}", self.sign),
            sign if sign.ends_with(|c: char| c.is_ascii_alphabetic()) => format!("{sign} {number}"),
            sign => format!("{sign}{number}"),
        }
    }
}

const fn written(sign: &'static str, codes: &'static [&'static str]) -> Currency {
    Currency { sign, codes }
}

/// Spellings whose meaning isn't their own code; longer ones before those that they end with.
const SIGNS: &[Currency] = &[
    written("US$", &["USD"]),
    written("CA$", &["CAD"]),
    written("AU$", &["AUD"]),
    written("NZ$", &["NZD"]),
    written("HK$", &["HKD"]),
    written("C$", &["CAD"]),
    written("A$", &["AUD"]),
    written("S$", &["SGD"]),
    written("R$", &["BRL"]),
    written("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"]),
    written("£", &["GBP"]),
    written("€", &["EUR"]),
    written("¥", &["JPY", "CNY"]),
    written("₹", &["INR"]),
    written("₩", &["KRW"]),
    written("₺", &["TRY"]),
    written("₪", &["ILS"]),
    written("₴", &["UAH"]),
    written("kr", &["SEK", "NOK", "DKK", "ISK"]),
    written("zł", &["PLN"]),
    written("Kč", &["CZK"]),
];

/// Codes stand for themselves.
const CODES: &[Currency] = &[
    written("GBP", &["GBP"]),
    written("EUR", &["EUR"]),
    written("USD", &["USD"]),
    written("CHF", &["CHF"]),
    written("JPY", &["JPY"]),
    written("CNY", &["CNY"]),
    written("SEK", &["SEK"]),
    written("NOK", &["NOK"]),
    written("DKK", &["DKK"]),
    written("ISK", &["ISK"]),
    written("PLN", &["PLN"]),
    written("CZK", &["CZK"]),
    written("HUF", &["HUF"]),
    written("RON", &["RON"]),
    written("AUD", &["AUD"]),
    written("CAD", &["CAD"]),
    written("NZD", &["NZD"]),
    written("SGD", &["SGD"]),
    written("HKD", &["HKD"]),
    written("INR", &["INR"]),
    written("KRW", &["KRW"]),
    written("TRY", &["TRY"]),
    written("ILS", &["ILS"]),
    written("UAH", &["UAH"]),
    written("MXN", &["MXN"]),
    written("BRL", &["BRL"]),
    written("ZAR", &["ZAR"]),
    written("AED", &["AED"]),
];

/// The currency with this sign, code or name, whatever its letter case.
pub(crate) fn named(text: &str) -> Option<&'static Currency> {
    let sign = match text.to_lowercase().as_str() {
        "pound" | "pounds" => "£",
        "euro" | "euros" => "€",
        "dollar" | "dollars" => "$",
        "yen" => "¥",
        _ => text,
    };
    let same = |currency: &&Currency| currency.sign.to_lowercase() == sign.to_lowercase();
    SIGNS.iter().chain(CODES).find(same)
}

/// The currency that `text` begins with, and the rest of the text.
///
/// What is spelt in letters must end where the word ends: `kr 5` and `EUR5`, not `krona`.
pub(crate) fn leading(text: &str) -> Option<(&'static Currency, &str)> {
    SIGNS.iter().chain(CODES).find_map(|currency| {
        let head = text.get(..currency.sign.len())?;
        let rest = &text[currency.sign.len()..];
        let is_word = currency.sign.ends_with(char::is_alphabetic);
        let goes_on = is_word && rest.starts_with(char::is_alphabetic);
        (head.to_lowercase() == currency.sign.to_lowercase() && !goes_on)
            .then_some((currency, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::{leading, named};

    #[test]
    fn a_sign_and_its_code_agree_and_other_currencies_do_not() {
        let fits = |typed: &str, row: &str| named(typed).unwrap().fits(named(row).unwrap());
        assert!(fits("£", "GBP") && fits("gbp", "£") && fits("euros", "€") && fits("USD", "$"));
        assert!(fits("$", "CAD") && fits("kr", "NOK") && fits("SEK", "kr"));
        assert!(!fits("CAD", "$") && !fits("$", "£") && !fits("€", "GBP") && !fits("US$", "CAD"));
    }

    #[test]
    fn a_currency_in_letters_ends_where_its_word_ends() {
        assert_eq!(
            leading("EUR5").map(|(c, rest)| (c.sign, rest)),
            Some(("EUR", "5"))
        );
        assert_eq!(
            leading("US$ 5").map(|(c, rest)| (c.sign, rest)),
            Some(("US$", " 5"))
        );
        assert_eq!(leading("krona 5"), None);
        assert_eq!(leading("ß5"), None);
    }

    #[test]
    fn every_currency_knows_where_its_sign_stands() {
        assert_eq!(named("£").unwrap().around("5"), "£5");
        assert_eq!(named("chf").unwrap().around("5"), "CHF 5");
        assert_eq!(named("KR").unwrap().around("5"), "5 kr");
    }
}
