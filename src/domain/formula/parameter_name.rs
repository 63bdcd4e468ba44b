//! What can be the name of a parameter, for whoever types one outside a formula.

use super::{
    functions::Function, functions::is_reserved, lex::MOST_NAME_CHARACTERS, names::OUTPUTS,
};

/// Why a text is no name of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing was typed.
    #[error("A param needs a name, as formulas write it: uplift_conv.")]
    Empty,
    /// Longer than a formula takes.
    #[error("This name is {chars} characters long; formulas take at most {MOST_NAME_CHARACTERS}.")]
    TooLong {
        /// How long it is.
        chars: usize,
    },
    /// Other characters than formulas take.
    #[error(
        "A name is made of letters without accents, digits and _, and doesn’t begin with a digit.{}",
        proposal.as_ref().map(|name| format!(" Did you mean {name}?")).unwrap_or_default()
    )]
    Characters {
        /// The same with what formulas take; none: nothing would be left of it.
        proposal: Option<String>,
    },
    /// A function has it.
    #[error("{0} is a function of formulas, so no param can have that name.")]
    Function(String),
    /// A constant or another word of the language has it.
    #[error("{0} is a word of formulas, so no param can have that name.")]
    Reserved(String),
    /// A result of every formula has it.
    #[error("{0} is what a formula works out, so no param can have that name.")]
    Output(String),
}

/// Whether a formula can read a parameter of this name. `effort` is one: read and never assigned, it is a parameter.
///
/// ```
/// use productops::domain::formula::check_parameter_name;
///
/// assert!(check_parameter_name("uplift_conv").is_ok());
/// assert_eq!(
///     check_parameter_name("Uplift, conv").unwrap_err().to_string(),
///     "A name is made of letters without accents, digits and _, and doesn’t begin with a digit. Did you mean Uplift_conv?"
/// );
/// ```
///
/// # Errors
/// It can't, and why.
pub fn check_parameter_name(text: &str) -> Result<(), NameFault> {
    let chars = text.chars().count();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match text {
        "" => Err(NameFault::Empty),
        _ if chars > MOST_NAME_CHARACTERS => Err(NameFault::TooLong { chars }),
        _ if !text.chars().all(is_plain) || text.starts_with(|c: char| c.is_ascii_digit()) => {
            Err(NameFault::Characters {
                proposal: proposal(text),
            })
        }
        _ if Function::named(text).is_some() => Err(NameFault::Function(text.to_owned())),
        _ if is_reserved(text) => Err(NameFault::Reserved(text.to_owned())),
        _ if text != "effort" && OUTPUTS.contains(&text) => Err(NameFault::Output(text.to_owned())),
        _ => Ok(()),
    }
}

/// The words of a text with `_` between them, if that is a name.
fn proposal(text: &str) -> Option<String> {
    let words: Vec<_> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let name = words.join("_");
    // What still begins with a digit would be asked about again without end.
    let is_other = name != text;
    (is_other && check_parameter_name(&name).is_ok()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::formula::Formula;

    #[test]
    fn a_name_is_taken_exactly_if_a_formula_reads_a_parameter_of_it() {
        let long = "x".repeat(64);
        let too_long = "x".repeat(65);
        for (name, is_one) in [
            ("uplift_conv", true),
            ("_x1", true),
            ("Margin", true),
            ("effort", true),
            ("reach", true),
            (&long, true),
            (&too_long, false),
            ("", false),
            ("2x", false),
            ("a b", false),
            ("a-b", false),
            ("é", false),
            ("min", false),
            ("npv", false),
            ("if", false),
            ("and", false),
            ("pi", false),
            ("e", false),
            ("nan", false),
            ("true", false),
            ("value", false),
            ("overall", false),
        ] {
            assert_eq!(check_parameter_name(name).is_ok(), is_one, "{name:?}");
            let formula = Formula::parse(&format!("value = 1 + {name}"));
            let reads = formula
                .is_ok_and(|formula| matches!(formula.identifiers(), [only] if only.name == name));
            assert_eq!(reads, is_one, "{name:?} in a formula");
        }
    }

    #[test]
    fn what_is_no_name_says_why_and_what_may_be_meant() {
        let said = |text| check_parameter_name(text).unwrap_err().to_string();
        assert!(said("Monthly sessions").ends_with("Did you mean Monthly_sessions?"));
        assert!(said("π").ends_with("doesn’t begin with a digit."));
        assert!(said("max").starts_with("max is a function"));
        assert!(said("pi").starts_with("pi is a word of formulas"));
        assert!(said("value").starts_with("value is what a formula works out"));
        assert!(said(&"x".repeat(80)).contains("80 characters"));
    }
}
