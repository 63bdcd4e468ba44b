//! Label, unit, source and bounds of a parameter that nobody has described yet, from its bare name.
//!
//! Knows words only (`horizon_months`, `cost_per_ticket`, `conv`); where no rule fits it leaves the
//! field empty rather than guess, and it never gives a value. Must not know params or the LLM.

/// What a bare name says about its parameter. Empty and `None` where no rule fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    /// The name in words: `Average order value`. Never empty for a name with letters.
    pub label: String,
    /// `months`, `%`, the given currency, `orders`.
    pub unit: String,
    /// Whose number it probably is: `PM`, `Analytics`, `Finance`, `Eng` or empty.
    pub source: &'static str,
    /// Lowest sensible value in canonical digits; `0` for shares.
    pub min: Option<&'static str>,
    /// Highest sensible value in canonical digits; `1` for shares.
    pub max: Option<&'static str>,
}

/// Guesses from a parameter's name; `currency` is the unit that money is kept in, such as `£`.
#[must_use]
pub fn guess(name: &str, currency: &str) -> Guess {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let kind = kind(&words);
    let unit = match kind {
        Kind::Share | Kind::Change => "%",
        Kind::Money(None) => currency,
        Kind::Money(Some(sign)) => sign,
        Kind::Time(unit) | Kind::Count(unit) => unit,
        Kind::Unknown => "",
    };
    let is_share = matches!(kind, Kind::Share);
    Guess {
        label: label(&words),
        unit: unit.to_owned(),
        source: source(&words, kind),
        min: is_share.then_some("0"),
        max: is_share.then_some("1"),
    }
}

/// What a number is about, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind<'a> {
    /// A fraction between 0 and 1.
    Share,
    /// A fraction that may be below 0 or above 1: growth, inflation.
    Change,
    /// Money, in a currency that the name itself gives or in the usual one.
    Money(Option<&'static str>),
    Time(&'a str),
    Count(&'a str),
    Unknown,
}

const SHARES: &str = "\
    rate rates conv conversion cr cvr ctr margin margins share adoption uplift lift churn \
    retention probability likelihood prob pct percent percentage fraction proportion \
    confidence cannibalisation cannibalization utilisation utilization penetration attrition \
    abandonment takeup uptake incidence occupancy";
const CHANGES: &str = "growth inflation";
/// Changes of something: a share alone or of a share, money or a count otherwise.
const SHIFTS: &str = "\
    reduction increase decrease improvement drop decline rise change delta";
const MONEY: &str = "\
    cost costs price prices revenue revenues fee fees spend spending budget saving savings \
    profit turnover income wage wages salary salaries refund fine penalty capex opex expense \
    expenses aov abv arpu arppu ltv clv cltv cac cpa cpc cpm gmv mrr arr ebitda";
/// What has a value in money: `order_value`, but not `business_value`.
const VALUED: &str = "order basket transaction cart customer lifetime contract deal booking";
const TIMES: &str = "seconds minutes hours days weeks months quarters years";
const COUNTS: &str = "\
    sessions visits visitors orders tickets users customers shoppers households subscribers \
    subscriptions accounts leads calls clicks impressions searches lines slots baskets carts \
    items units transactions payments bookings trips rides passengers journeys downloads \
    installs signups registrations requests contacts emails stores shops suppliers partners \
    drivers deliveries shipments parcels returns claims complaints fines ads seats licences \
    licenses employees people members merchants listings products views pageviews events \
    incidents errors invoices documents cases deals contracts renewals purchases checkouts";
/// Words at the end that say which of several, not what: `conv_new`, `cost_uk`, `orders_monthly`.
const QUALIFIERS: &str = "\
    new old before after current target today now base baseline min max low high actual \
    expected estimate estimated est avg average mean median total monthly annual annually \
    yearly weekly daily uk us eu pa pm";
/// What was done to things that are counted: `tickets_avoided`, `units_sold`, `hours_saved`.
const DONE: &str = "\
    saved sold avoided lost gained affected won closed delivered reached spent count volume \
    number completed recovered";
/// Engineering's money and time.
const BUILT: &str = "infra infrastructure hosting server servers cloud";
const WORK: &str = "effort build dev development eng engineering test testing implementation \
    maintenance";
/// Shares that finance keeps.
const FINANCE: &str = "margin margins tax vat discount interest commission inflation wacc";
/// Written in capitals.
const ACRONYMS: &str = "api csat eu fte kpi nps roi sla uk vat wacc";
const CODES: &[(&str, &str)] = &[("gbp", "£"), ("eur", "€"), ("usd", "$"), ("chf", "CHF")];

fn kind<'a>(words: &[&'a str]) -> Kind<'a> {
    let words = without_qualifiers(words);
    let per = words
        .iter()
        .position(|word| *word == "per")
        .filter(|at| *at > 0);
    match per {
        Some(at) => kind_per(without_qualifiers(&words[..at])),
        None => kind_alone(words),
    }
}

/// `margin` of `margin_per_order`: what stands before *per* decides, and a margin is money there.
fn kind_per<'a>(head: &[&'a str]) -> Kind<'a> {
    let Some(last) = head.last().copied() else {
        return Kind::Unknown;
    };
    if is_one_of(MONEY, last) || matches!(last, "margin" | "value") {
        return Kind::Money(None);
    }
    if is_one_of(SHIFTS, last) {
        return head
            .iter()
            .find_map(|word| counted(word))
            .map_or(Kind::Unknown, Kind::Count);
    }
    match kind_alone(head) {
        // A share of what, per what? No rule.
        Kind::Share | Kind::Change => Kind::Unknown,
        found => found,
    }
}

fn kind_alone<'a>(words: &[&'a str]) -> Kind<'a> {
    let Some((last, before)) = words.split_last() else {
        return Kind::Unknown;
    };
    let last = *last;
    let previous = before.last().copied().unwrap_or("");
    if let Some((_, sign)) = CODES.iter().find(|(code, _)| *code == last) {
        Kind::Money(Some(sign))
    } else if is_one_of(TIMES, last) {
        Kind::Time(last)
    } else if last == "rate" && matches!(previous, "hourly" | "daily" | "day" | "hour") {
        Kind::Money(None)
    } else if last == "rate" && matches!(previous, "exchange" | "fx" | "run" | "frame" | "bit") {
        Kind::Unknown
    } else if is_one_of(SHARES, last) {
        Kind::Share
    } else if is_one_of(CHANGES, last) {
        Kind::Change
    } else if is_one_of(SHIFTS, last) {
        let of_a_share = before.iter().any(|word| is_one_of(SHARES, word));
        if before.is_empty() || of_a_share {
            Kind::Share
        } else {
            Kind::Unknown
        }
    } else if is_one_of(MONEY, last)
        || words.first() == Some(&"cost")
        || (last == "value" && is_one_of(VALUED, previous))
    {
        Kind::Money(None)
    } else {
        kind_of_count(last, before)
    }
}

fn kind_of_count<'a>(last: &'a str, before: &[&'a str]) -> Kind<'a> {
    if is_one_of(COUNTS, last) {
        return Kind::Count(last);
    }
    match (last, before) {
        ("reach" | "headcount", []) => Kind::Count("people"),
        ("effort", []) => Kind::Time("days"),
        ("traffic", _) => Kind::Count("visits"),
        (done, [.., thing]) if is_one_of(DONE, done) && is_one_of(TIMES, thing) => {
            Kind::Time(thing)
        }
        (done, [.., thing]) if is_one_of(DONE, done) => {
            counted(thing).map_or(Kind::Unknown, Kind::Count)
        }
        _ => Kind::Unknown,
    }
}

/// The plural of a thing that is counted, from either number: `ticket` is `tickets`.
fn counted(word: &str) -> Option<&'static str> {
    COUNTS.split_whitespace().find(|plural| {
        let ies = plural
            .strip_suffix("ies")
            .is_some_and(|stem| word == format!("{stem}y"));
        *plural == word
            || plural.strip_suffix('s') == Some(word)
            || ies
            || plural.strip_suffix("es") == Some(word)
    })
}

fn is_one_of(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

fn without_qualifiers<'w, 'a>(words: &'w [&'a str]) -> &'w [&'a str] {
    let says_which =
        |word: &str| is_one_of(QUALIFIERS, word) || word.bytes().all(|byte| byte.is_ascii_digit());
    let end = words
        .iter()
        .rposition(|word| !says_which(word))
        .map_or(words.len(), |at| at + 1);
    &words[..end]
}

fn source(words: &[&str], kind: Kind<'_>) -> &'static str {
    let has = |list: &str| words.iter().any(|word| is_one_of(list, word));
    match kind {
        _ if has("horizon") => "PM",
        Kind::Money(_) if has(BUILT) => "Eng",
        Kind::Time(_) if has(BUILT) || has(WORK) => "Eng",
        Kind::Share if words == ["confidence"] => "PM",
        Kind::Share | Kind::Change if has(FINANCE) => "Finance",
        Kind::Share | Kind::Change | Kind::Count(_) => "Analytics",
        Kind::Money(_) => "Finance",
        Kind::Unknown if has(MONEY) && has(SHIFTS) => "Finance",
        Kind::Time(_) | Kind::Unknown => "",
    }
}

/// Lower-case words of a name: split at `_`, at anything that is no letter or digit, and in camelCase.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        let starts_word = c.is_uppercase() && after_lower;
        if starts_word || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The name as people would say it: abbreviations written out, a capital at the front.
fn label(words: &[&str]) -> String {
    let mut said = Vec::with_capacity(words.len() + 1);
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or("");
        let is_in = (at == 0 && *word == "uplift" && is_one_of(SHARES, next))
            || (words.len() == 2 && *word == "horizon" && is_one_of(TIMES, next));
        said.push(if is_one_of(ACRONYMS, word) {
            word.to_uppercase()
        } else {
            spelt_out(word, next).to_owned()
        });
        if is_in {
            said.push("in".to_owned());
        }
    }
    let text = said.join(" ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_uppercase(), chars.as_str())
    })
}

fn spelt_out<'a>(word: &'a str, next: &str) -> &'a str {
    match word {
        "conv" | "cr" | "cvr" if next == "rate" => "conversion",
        "conv" | "cr" | "cvr" => "conversion rate",
        "aov" => "average order value",
        "arpu" => "average revenue per user",
        "cac" => "customer acquisition cost",
        "ltv" => "lifetime value",
        "clv" | "cltv" => "customer lifetime value",
        "cpa" => "cost per acquisition",
        "cpc" => "cost per click",
        "ctr" => "click-through rate",
        "gmv" => "gross merchandise value",
        "mrr" => "monthly recurring revenue",
        "arr" => "annual recurring revenue",
        "avg" => "average",
        "num" | "nr" | "n" if next != "of" && !next.is_empty() => "number of",
        "pct" => "per cent",
        "prob" => "probability",
        "infra" => "infrastructure",
        "eng" => "engineering",
        "dev" => "development",
        "txn" => "transaction",
        "signups" => "sign-ups",
        "gbp" => "in GBP",
        "eur" => "in EUR",
        "usd" => "in USD",
        word => word,
    }
}

#[cfg(test)]
mod tests {
    use super::{Guess, guess};

    #[test]
    fn names_tell_unit_and_source_where_a_rule_fits() {
        let cases = [
            // The seed's model and the sample workbook's.
            ("uplift_conv", "%", "Analytics"),
            ("baseline_conv", "%", "Analytics"),
            ("monthly_sessions", "sessions", "Analytics"),
            ("aov", "£", "Finance"),
            ("margin", "%", "Finance"),
            ("horizon_months", "months", "PM"),
            ("infra_cost", "£", "Eng"),
            ("ticket_reduction_per_month", "tickets", "Analytics"),
            ("cost_per_ticket", "£", "Finance"),
            ("margin_per_order", "£", "Finance"),
            ("failure_rate", "%", "Analytics"),
            ("recovery_share", "%", "Analytics"),
            ("monthly_orders", "orders", "Analytics"),
            ("reduction", "%", "Analytics"),
            ("refund_per_line", "£", "Finance"),
            ("slots_per_month", "slots", "Analytics"),
            ("build_days", "days", "Eng"),
            ("test_days", "days", "Eng"),
            ("average_fine", "£", "Finance"),
            ("fines_per_year", "fines", "Analytics"),
            ("probability_reduction", "%", "Analytics"),
            ("search_conversion", "%", "Analytics"),
            ("conversion_drop", "%", "Analytics"),
            ("households", "households", "Analytics"),
            ("adoption", "%", "Analytics"),
            ("extra_orders_per_month", "orders", "Analytics"),
            ("cannibalisation", "%", "Analytics"),
            ("annual_turnover", "£", "Finance"),
            ("false_positive_rate", "%", "Analytics"),
            ("ads_per_search", "ads", "Analytics"),
            ("price_per_click", "£", "Finance"),
            // Names that other rules would take for something else.
            ("hourly_rate", "£", "Finance"),
            ("exchange_rate", "", ""),
            ("revenue_share", "%", "Analytics"),
            ("margin_rate", "%", "Finance"),
            ("tax_rate", "%", "Finance"),
            ("order_growth", "%", "Analytics"),
            ("cost_reduction", "", "Finance"),
            ("cost_of_goods", "£", "Finance"),
            ("cost_months", "months", ""),
            ("price_usd", "$", "Finance"),
            ("order_value", "£", "Finance"),
            ("business_value", "", ""),
            ("value_per_visit", "£", "Finance"),
            ("conv_new", "%", "Analytics"),
            ("conv_2026", "%", "Analytics"),
            ("orders_monthly", "orders", "Analytics"),
            ("order_count", "orders", "Analytics"),
            ("delivery_count", "deliveries", "Analytics"),
            ("tickets_avoided", "tickets", "Analytics"),
            ("hours_saved_per_ticket", "hours", ""),
            ("delivery_days", "days", ""),
            ("monthlySessions", "sessions", "Analytics"),
            ("confidence", "%", "PM"),
            ("reach", "people", "Analytics"),
            ("effort", "days", "Eng"),
            ("churn_per_missing", "", ""),
            ("days_per_week", "days", ""),
            ("per", "", ""),
            ("x", "", ""),
            ("2026", "", ""),
            ("_", "", ""),
            ("", "", ""),
        ];
        for (name, unit, source) in cases {
            let found = guess(name, "£");
            assert_eq!(
                (found.unit.as_str(), found.source),
                (unit, source),
                "{name}"
            );
        }
    }

    #[test]
    fn only_shares_have_bounds_and_they_are_zero_and_one() {
        let bounds = |name| {
            let Guess { min, max, .. } = guess(name, "£");
            (min, max)
        };
        for name in [
            "uplift_conv",
            "margin",
            "failure_rate",
            "adoption",
            "market_share",
        ] {
            assert_eq!(bounds(name), (Some("0"), Some("1")), "{name}");
        }
        for name in [
            "margin_per_order",
            "aov",
            "horizon_months",
            "sales_growth",
            "inflation",
            "x",
        ] {
            assert_eq!(bounds(name), (None, None), "{name}");
        }
    }

    #[test]
    fn money_is_kept_in_the_given_currency() {
        assert_eq!(guess("infra_cost", "€").unit, "€");
        assert_eq!(guess("infra_cost_gbp", "€").unit, "£");
        assert_eq!(guess("infra_cost", "").unit, "");
    }

    #[test]
    fn labels_are_the_names_in_words() {
        let cases = [
            ("uplift_conv", "Uplift in conversion rate"),
            ("baseline_conv", "Baseline conversion rate"),
            ("conv_rate", "Conversion rate"),
            ("monthly_sessions", "Monthly sessions"),
            ("monthlySessions", "Monthly sessions"),
            ("aov", "Average order value"),
            ("horizon_months", "Horizon in months"),
            ("build_days", "Build days"),
            ("infra_cost", "Infrastructure cost"),
            ("cost_per_ticket", "Cost per ticket"),
            ("num_orders", "Number of orders"),
            ("vat_rate", "VAT rate"),
            ("price_gbp", "Price in GBP"),
            ("conv_2026", "Conversion rate 2026"),
            ("élan_vital", "Élan vital"),
            ("_x_", "X"),
            ("_", ""),
        ];
        for (name, label) in cases {
            assert_eq!(guess(name, "£").label, label, "{name}");
        }
    }
}
