//! What people type (`4%`, `£1,200.50`, `1.2k`, `(300)`) to exact numbers, in the row it is typed into.
//!
//! Knows spellings, units and what is doubtful; a doubt is a question with a proposal, never a
//! guess. Must not know params, forms or files. Showing numbers is the business of
//! `number_format`; what follows from a new value that of `param`.

mod clean;
pub(crate) mod currency;
pub(crate) mod decimal;
mod error;
mod grouping;
mod judge;
mod scan;
mod separator;
#[cfg(test)]
mod tests;
pub(crate) mod unit;

use decimal::Decimal;
use judge::{Judged, Row};
use serde::Serialize;
use unit::Unit;

pub use error::{AmountError, Proposal, WhyNot};
pub use separator::DecimalSeparator;

/// No amount needs more characters; it bounds the work and the echo in messages.
const MAX_TYPED: usize = 200;

/// A number as it was typed, exact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Amount {
    /// Canonical decimal digits: `0.04`, `-1200.5`; no exponent, no trailing zeros, never rounded.
    pub decimal: String,
    /// The nearest `f64` to `decimal`, always finite.
    pub value: f64,
    /// The unit that was typed with it: `£`, `€`, `GBP`, `%`.
    pub unit_hint: Option<String>,
}

impl Amount {
    /// The currency that this amount puts into a row which has no unit yet.
    ///
    /// `None` where the row has a unit already or none was typed; `%` is a way of writing a
    /// fraction and fills nothing.
    #[must_use]
    pub fn fills_unit(&self, unit: &str) -> Option<&str> {
        let hint = self.unit_hint.as_deref().filter(|hint| *hint != "%");
        hint.filter(|_| Unit::new(unit).is_none())
    }
}

/// The row that an amount is typed into.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AmountContext<'a> {
    /// The row's unit as people wrote it; empty for none.
    pub unit: &'a str,
    /// Lowest value of its range, inclusive.
    pub min: Option<f64>,
    /// Highest value of its range, inclusive.
    pub max: Option<f64>,
    /// What the row is called, for questions: `uplift_conv`. Empty where it has no name.
    pub name: &'a str,
    /// How whoever types writes numbers; questions and proposals are written so, too.
    pub separator: DecimalSeparator,
}

/// Reads what was typed into a row; see the module for what is understood and what asks.
pub fn read_amount(typed: &str, cx: &AmountContext) -> Result<Amount, AmountError> {
    read(
        typed,
        Row {
            unit: Unit::new(cx.unit),
            cx,
        },
    )
}

/// Reads a number that belongs to no param: effort fields, coefficients, costs (`£5,000`, `1.2`).
///
/// Any currency sign is understood and given as the hint; a `%` asks, since such a field is no
/// share.
pub fn read_plain_number(typed: &str, separator: DecimalSeparator) -> Result<Amount, AmountError> {
    let context = AmountContext {
        separator,
        ..AmountContext::default()
    };
    match read_amount(typed, &context) {
        Ok(amount) if amount.unit_hint.as_deref() == Some("%") => {
            let decimal = Decimal::parse(&amount.decimal).map_or_else(
                || amount.decimal.clone(),
                |share| share.shifted(2).canonical(),
            );
            let typed = separator.written(&decimal);
            let question = format!(
                "This field is not a share. Did you mean {typed}? For the fraction, type {}.",
                separator.written(&amount.decimal)
            );
            let proposal = Proposal { typed, decimal };
            Err(AmountError::Asks { question, proposal })
        }
        read => read,
    }
}

/// The canonical digits of decimal text as the database gives it (`0.0400` is `0.04`).
///
/// `None` for anything but plain digits with an optional minus and point.
#[must_use]
pub fn canonical_decimal(text: &str) -> Option<String> {
    Decimal::parse(text).map(|decimal| decimal.canonical())
}

fn read(typed: &str, row: Row<'_>) -> Result<Amount, AmountError> {
    let text = clean::clean(typed);
    if text.is_empty() {
        return Err(AmountError::Empty);
    }
    let shown = shortened(typed.trim());
    if text.len() > MAX_TYPED {
        return Err(if text.contains(char::is_alphabetic) {
            AmountError::NotANumber {
                typed: shown,
                why: WhyNot::Text,
            }
        } else {
            AmountError::TooManyDigits { typed: shown }
        });
    }
    let written =
        scan::scan(&text, row.unit, row.cx.separator).map_err(|why| AmountError::NotANumber {
            typed: shown.clone(),
            why,
        })?;
    let judged = Judged::of(written, row);
    if judged.number.is_too_large() {
        return Err(AmountError::TooLarge { typed: shown });
    }
    if judged.number.has_too_many_digits() {
        return Err(AmountError::TooManyDigits { typed: shown });
    }
    judged.answer(row)
}

/// At most 40 characters, for messages.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    let head: String = text.chars().take(39).collect();
    format!("{head}…")
}
