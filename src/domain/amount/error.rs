//! Why a text isn't taken as an amount, in sentences for the person who typed it.

use super::DecimalSeparator;
use serde::Serialize;
use thiserror::Error;

/// What was probably meant, for one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Text that says it beyond doubt: typed into the same row it is read as `decimal`.
    pub typed: String,
    /// The number it stands for, in canonical digits.
    pub decimal: String,
}

/// Why a text isn't taken as an amount; each displays as a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AmountError {
    /// Nothing was typed.
    #[error("There is no number here. Type one, for example 1200 or 4%.")]
    Empty,
    /// It can't be read as a number.
    #[error("“{typed}” is not a number that can be used. {why}")]
    NotANumber {
        /// What was typed, shortened.
        typed: String,
        /// What it looks like, and the way out.
        why: WhyNot,
    },
    /// It can be read in more than one way, or fits the row only in another way.
    #[error("{question}")]
    Asks {
        /// The doubt and the proposal in words.
        question: String,
        /// What was probably meant.
        proposal: Proposal,
    },
    /// Beyond 10^15 either way.
    #[error(
        "“{typed}” is too large: amounts go up to 1,000,000,000,000,000. Check the zeros and \
         the suffix, or count in a larger unit."
    )]
    TooLarge {
        /// What was typed, shortened.
        typed: String,
    },
    /// More than 30 digits after the point.
    #[error("“{typed}” has more than 30 digits after the point. Round it and type it again.")]
    TooManyDigits {
        /// What was typed, shortened.
        typed: String,
    },
}

impl AmountError {
    /// A stable name for the kind of refusal, for reports and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotANumber { .. } => "not_a_number",
            Self::Asks { .. } => "asks",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyDigits { .. } => "too_many_digits",
        }
    }

    /// What was probably meant, where the text asks.
    #[must_use]
    pub fn proposal(&self) -> Option<&Proposal> {
        match self {
            Self::Asks { proposal, .. } => Some(proposal),
            _ => None,
        }
    }
}

/// What a text that isn't a number looks like; displays as the way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WhyNot {
    /// `=X5/W5`
    #[error("It looks like a formula from a sheet: type its result instead.")]
    Formula,
    /// `#REF!`
    #[error("It looks like an error from a sheet: mend it there, or type the number.")]
    SheetError,
    /// Two cells pasted into one.
    #[error("It holds more than one line or cell: type one number.")]
    SeveralCells,
    /// `NaN`, `inf`
    #[error("Only finite numbers can be scored: leave it empty while the number isn't known.")]
    NotFinite,
    /// `n/a`, `tbd`, `?`
    #[error("Leave it empty while the number isn't known.")]
    Placeholder,
    /// `3-5`
    #[error("It looks like a range: type one number here, and the range as min and max.")]
    Range,
    /// `~5`, `>5`
    #[error("It is open or approximate: type one number here, and how sure it is as min and max.")]
    Approximate,
    /// `1/2`
    #[error("It looks like a calculation: type its result.")]
    Calculation,
    /// `1,200,5`
    #[error("Its separators don't fit: write thousands as {} and decimals as {}.", .0.written("1,200,000"), .0.written("0.5"))]
    Separators(DecimalSeparator),
    /// `£5 $`
    #[error("It names two currencies: keep one.")]
    TwoCurrencies,
    /// Anything else.
    #[error("Type digits, with %, k, m, bn or a currency sign where needed: 4%, 12k, £1200.")]
    Text,
}
