//! Names that are probably others misspelt, each with the one that was probably meant.
//!
//! Knows names and where they stand; must not know what the names' values are.

use super::{
    Formula, FormulaError, FormulaErrorKind, FormulaWarningKind, functions::Function, nearest,
};

/// A name that is probably another one misspelt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misspelt {
    /// Where it is read first, 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// As it is written.
    pub written: String,
    /// What was probably meant.
    pub meant: String,
}

impl Formula {
    /// Names that aren't `known` while a known one that this text doesn't read is near. Two near names that are both
    /// read (`cost_a`, `cost_b`) are no slip.
    #[must_use]
    pub fn misspelt(&self, known: &[&str]) -> Vec<Misspelt> {
        let is_read = |name: &str| self.identifiers().iter().any(|read| read.name == name);
        let unread: Vec<&str> = known
            .iter()
            .copied()
            .filter(|name| !is_read(name))
            .collect();
        self.identifiers()
            .iter()
            .filter(|read| !known.contains(&read.name.as_str()))
            .filter_map(|read| {
                Some(Misspelt {
                    line: read.line,
                    column: read.column,
                    written: read.name.clone(),
                    meant: nearest(&read.name, unread.iter().copied())?.to_owned(),
                })
            })
            .collect()
    }
}

impl FormulaError {
    /// The name that a single change of would put this right.
    #[must_use]
    pub fn misspelt(&self) -> Option<Misspelt> {
        let (written, meant) = match &self.kind {
            FormulaErrorKind::UnknownFunction { name, .. } => {
                let known = Function::ALL.iter().map(|function| function.name());
                (name, nearest(name, known)?)
            }
            FormulaErrorKind::MissingValue { rename: Some(name) } => (name, "value"),
            _ => return None,
        };
        Some(Misspelt {
            line: self.line,
            column: self.column,
            written: written.clone(),
            meant: meant.to_owned(),
        })
    }
}

impl FormulaWarningKind {
    /// The name that is read, and the one that was probably meant.
    #[must_use]
    pub fn misspelt(&self) -> Option<(&str, &str)> {
        match self {
            Self::UnusedIntermediate {
                name,
                similar: Some(similar),
            } => Some((similar, name)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_name_near_a_known_one_that_is_not_read_is_probably_misspelt() {
        for (text, known, expected) in [
            (
                "value = uplift_cnv * aov",
                &["uplift_conv", "aov"][..],
                Some(("uplift_cnv", "uplift_conv", 9)),
            ),
            ("value = cost_a + cost_b", &["cost_a"][..], None),
            ("value = aov", &["aov"][..], None),
            ("value = revenue", &["uplift_conv"][..], None),
            ("value = x", &[][..], None),
        ] {
            let found = Formula::parse(text).unwrap().misspelt(known);
            let found = found
                .first()
                .map(|one| (one.written.as_str(), one.meant.as_str(), one.column));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn an_error_that_one_name_would_put_right_says_which() {
        for (text, expected) in [
            ("value = mx(a, b)", Some(("mx", "max"))),
            ("valu = a", Some(("valu", "value"))),
            ("value = SUM(a, b)", None),
            ("value = (a", None),
        ] {
            let errors = Formula::parse(text).unwrap_err();
            let found = errors[0].misspelt();
            let found = found
                .as_ref()
                .map(|one| (one.written.as_str(), one.meant.as_str()));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_line_that_nothing_reads_beside_a_near_param_is_probably_meant() {
        let formula = Formula::parse("gross = a\nvalue = gros * b").unwrap();
        let kind = &formula.warnings()[0].kind;
        assert_eq!(kind.misspelt(), Some(("gros", "gross")));
    }
}
