//! The unit of a model's value, as far as its params' units tell.
//!
//! Proposes only where nothing speaks against it; a person takes it or not. Must not know where units are stored.

use super::{
    amount::{currency::Currency, unit::Unit},
    formula::{Formula, Piece, pieces},
    param::Param,
};

/// A unit for the formula's value: the one currency that its params are kept in. None where they are kept in several,
/// in thousands, or where something is divided by money.
#[must_use]
pub fn propose(formula: &Formula, params: &[Param]) -> Option<String> {
    let units = formula.identifiers().iter().filter_map(|read| {
        let param = params.iter().find(|param| param.name == read.name)?;
        Some((param.name.as_str(), Unit::new(&param.unit)))
    });
    let money: Vec<(&str, Unit<'_>, &Currency)> = units
        .filter_map(|(name, unit)| Some((name, unit, unit.currency()?)))
        .collect();
    let (_, _, first) = money.first()?;
    let is_plain = |(name, unit, currency): &(&str, Unit<'_>, &Currency)| {
        currency == first && unit.scale().is_none() && !is_divisor(formula.text(), name)
    };
    money.iter().all(is_plain).then(|| first.sign.to_owned())
}

/// Whether something is divided by this name, or by a parenthesis: then the result may be a plain number.
fn is_divisor(text: &str, name: &str) -> bool {
    let mut divides = false;
    for piece in pieces(text) {
        match piece {
            Piece::Name(read) if divides && read == name => return true,
            Piece::Text(between) => {
                let between = between.trim();
                if between.contains("/ (") || between.contains("/(") {
                    return true;
                }
                divides = between.ends_with('/');
            }
            Piece::Name(_) | Piece::Comment(_) => divides = false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::param::tests::approved_param;

    /// A formula, its params with their units, and the unit that is proposed.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);

    #[test]
    fn a_unit_is_proposed_only_where_all_money_agrees() {
        let cases: [Case<'_>; 10] = [
            (
                "orders * margin - cost",
                &[
                    ("orders", "orders"),
                    ("margin", "£ per order"),
                    ("cost", "£"),
                ],
                Some("£"),
            ),
            ("a * b", &[("a", "£"), ("b", "€")], None),
            ("a * b", &[("a", "%"), ("b", "months")], None),
            ("a * b", &[("a", "£k"), ("b", "months")], None),
            ("revenue / price", &[("revenue", "£"), ("price", "£")], None),
            (
                "a / (price + fee)",
                &[("a", "£"), ("price", "£"), ("fee", "£")],
                None,
            ),
            (
                "cost / months",
                &[("cost", "EUR"), ("months", "months")],
                Some("EUR"),
            ),
            ("a", &[("a", "")], None),
            ("a", &[("b", "£")], None),
            ("1 + 1", &[], None),
        ];
        for (text, units, expected) in cases {
            let params: Vec<_> = units
                .iter()
                .map(|(name, unit)| {
                    let mut param = approved_param(name, "1");
                    (*unit).clone_into(&mut param.unit);
                    param
                })
                .collect();
            let proposed = propose(&Formula::parse(text).unwrap(), &params);
            assert_eq!(proposed.as_deref(), expected, "{text} {units:?}");
        }
    }
}
