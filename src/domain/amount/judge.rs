//! What a written amount means in its row, and every doubt about it.
//!
//! A doubt never changes a number silently: the reading that it leads to becomes the proposal of a
//! question. Must not read text; that is `scan`.

use super::{
    Amount, AmountContext, AmountError, DecimalSeparator, Proposal,
    currency::Currency,
    decimal::Decimal,
    grouping::Habit,
    scan::{Suffix, Written},
    shortened,
    unit::Unit,
};
use crate::domain::number_format;

/// The row with its unit read.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) unit: Unit<'a>,
    pub(super) cx: &'a AmountContext<'a>,
}

impl Row<'_> {
    /// A `%` may be typed here: a share, or a row that counts nothing in particular.
    fn takes_percent(self) -> bool {
        self.unit.is_none() || self.is_share()
    }

    /// By its unit, or by bounds within 0 and 1 where the unit doesn't say otherwise.
    fn is_share(self) -> bool {
        let from_zero = self.cx.min.is_none_or(|min| min >= 0.0);
        let to_one = self.cx.max.is_some_and(|max| max > 0.0 && max <= 1.0);
        self.unit.is_share() || (from_zero && to_one && self.unit.may_be_a_share())
    }

    /// The bounds want the number as it stands and refuse its hundredth.
    fn bounds_want(self, value: f64, hundredth: f64) -> bool {
        let within = |value: f64| {
            self.cx.min.is_none_or(|min| value >= min) && self.cx.max.is_none_or(|max| value <= max)
        };
        within(value) && !within(hundredth)
    }

    fn name(self) -> String {
        if self.cx.name.is_empty() {
            "this field".to_owned()
        } else {
            format!("“{}”", shortened(self.cx.name))
        }
    }

    /// “`aov`” is in £; “`uplift_conv`” is a share: the first half of a question.
    fn is_kept_in(self) -> String {
        let unit = shortened(self.unit.text());
        if self.is_share() {
            format!("{} is a share", self.name())
        } else {
            format!("{} is in {unit}", self.name())
        }
    }
}

/// What was written, as the row reads it, with every doubt that arose on the way.
pub(super) struct Judged {
    /// The number the formula would use.
    pub(super) number: Decimal,
    percent: bool,
    currency: Option<&'static Currency>,
    doubts: Vec<String>,
}

impl Judged {
    pub(super) fn of(written: Written, row: Row<'_>) -> Self {
        let Written {
            decimal,
            suffix,
            percent,
            currency,
            habit,
        } = written;
        let mut judged = Self {
            number: decimal,
            percent,
            currency,
            doubts: Vec::new(),
        };
        judged.doubt_habit(habit, row.cx.separator);
        judged.apply_suffix(suffix, row);
        judged.doubt_currency(row);
        judged.doubt_percent(row);
        if judged.percent {
            judged.number = judged.number.shifted(-2);
        } else if judged.currency.is_none() {
            judged.doubt_bare_share(row);
        }
        judged
    }

    fn doubt_habit(&mut self, habit: Option<Habit>, separator: DecimalSeparator) {
        if let Some(habit) = habit {
            self.doubts.push(match habit {
                Habit::OtherDecimal => match separator {
                    DecimalSeparator::Point => "a comma separates thousands here, a point decimals",
                    DecimalSeparator::Comma => {
                        "you write decimals with a comma, thousands with a point"
                    }
                }
                .to_owned(),
                Habit::OtherThousands | Habit::Lakh => {
                    format!(
                        "thousands are written {} here",
                        separator.written("1,234,567")
                    )
                }
            });
        }
    }

    /// `k` and `m` multiply, unless the row counts in thousands itself or `m` means something else.
    fn apply_suffix(&mut self, suffix: Option<Suffix>, row: Row<'_>) {
        let Some(suffix) = suffix else {
            if let Some(power) = row.unit.scale().filter(|_| self.currency.is_some()) {
                self.doubts.push(format!("{} already", row.is_kept_in()));
                self.number = self.number.shifted(-power);
                self.currency = None;
            }
            return;
        };
        let meaning = row.unit.meaning_of_m(row.cx.name).filter(|_| suffix.is_m);
        if let Some(meaning) = meaning {
            self.doubts.push(format!(
                "{} counts {meaning}, so m may not mean million",
                row.name()
            ));
        } else if let Some(power) = row.unit.scale() {
            self.doubts.push(format!("{} already", row.is_kept_in()));
            self.number = self.number.shifted(suffix.power - power);
            self.currency = None;
        } else {
            self.number = self.number.shifted(suffix.power);
        }
    }

    /// A sign of money in a row of another currency or of no money at all.
    fn doubt_currency(&mut self, row: Row<'_>) {
        let Some(typed) = self.currency.filter(|_| !row.unit.is_none()) else {
            return;
        };
        match row.unit.currency() {
            Some(kept) if typed.fits(kept) => {}
            Some(_) => {
                self.doubts
                    .push(format!("{} and nothing is converted", row.is_kept_in()));
                self.currency = None;
            }
            None => {
                self.doubts.push(format!("{}, not money", row.is_kept_in()));
                self.currency = None;
            }
        }
    }

    fn doubt_percent(&mut self, row: Row<'_>) {
        if self.percent && !row.takes_percent() {
            self.doubts
                .push(format!("{}, not a share", row.is_kept_in()));
            self.percent = false;
        }
    }

    /// A bare number above 1 where a fraction is due: 4 is more likely 4 % than 400 %.
    fn doubt_bare_share(&mut self, row: Row<'_>) {
        if !row.is_share() || !self.number.is_beyond_one() || self.number.is_too_large() {
            return;
        }
        let hundredth = self.number.shifted(-2);
        if !row.bounds_want(self.number.to_f64(), hundredth.to_f64()) {
            let said = format!("{} is a share", row.name());
            if !self.doubts.iter().any(|doubt| doubt.starts_with(&said)) {
                self.doubts.push(said);
            }
            self.number = hundredth;
            self.percent = true;
        }
    }

    pub(super) fn answer(self, row: Row<'_>) -> Result<Amount, AmountError> {
        let decimal = self.number.canonical();
        if self.doubts.is_empty() {
            let sign = self.currency.map(|currency| currency.sign);
            let unit_hint = sign.or(self.percent.then_some("%")).map(str::to_owned);
            return Ok(Amount {
                value: self.number.to_f64(),
                decimal,
                unit_hint,
            });
        }
        let because = sentence(&self.doubts.join(", and "));
        let (typed, meant) = self.proposal(row);
        let [typed, meant] = [typed, meant].map(|text| row.cx.separator.written(&text));
        let question = format!("{because}. Did you mean {meant}?");
        Err(AmountError::Asks {
            question,
            proposal: Proposal { typed, decimal },
        })
    }

    /// The text to type instead, and the same in words.
    fn proposal(&self, row: Row<'_>) -> (String, String) {
        if self.percent {
            let hundred = self.number.shifted(2).canonical();
            let fraction = number_format::decimal(&self.number.canonical());
            let meant = format!("{} % ({fraction})", number_format::decimal(&hundred));
            return (format!("{hundred}%"), meant);
        }
        let decimal = self.number.canonical();
        let Some(currency) = self.currency else {
            let meant = number_format::with_unit(&decimal, row.cx.unit);
            return (decimal, meant);
        };
        let minus = if self.number.is_negative() { "-" } else { "" };
        let size = self.number.without_sign().canonical();
        let typed = format!("{minus}{}", currency.around(&size));
        (typed, number_format::with_unit(&decimal, currency.sign))
    }
}

/// With a capital where it begins with a letter.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}", chars.as_str())
}
