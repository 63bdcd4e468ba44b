//! Built-in patterns: formulas that many initiatives share, with what their params mean and numbers to try them with.
//!
//! They are data, in [`builtin`]; a pattern whose formula changes counts its version up, so that models begun from it are
//! offered the change.

mod builtin;

use super::{
    model_copy::{Blueprint, BlueprintParam, Kind, Origin},
    param::{Bounds, DESCRIBING, Number, Source},
};

/// Which hand writes what a blueprint tells about a param.
pub const COPY: &str = "copy";

/// A formula with its assumptions and params, ready to begin a model with.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// In addresses; never changes.
    pub key: &'static str,
    /// As people say it.
    pub name: &'static str,
    /// When it fits.
    pub when_to_use: &'static str,
    /// Counts up with each change of the formula.
    pub version: i32,
    /// The text.
    pub formula: &'static str,
    /// What the formula takes for granted.
    pub assumptions: &'static str,
    /// Unit of the value.
    pub value_unit: &'static str,
    /// What the formula reads, in its order.
    pub params: &'static [PatternParam],
}

/// What a pattern tells about one of its params.
#[derive(Clone, Copy, Debug)]
pub struct PatternParam {
    /// The name in the formula.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it means.
    pub description: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Lowest and highest, in canonical digits; empty: open.
    pub range: (&'static str, &'static str),
    /// Who answers for it.
    pub source: Source,
    /// A number to try the formula with, in canonical digits. Never copied into a model.
    pub sample: &'static str,
}

/// All patterns, in the order people see them.
#[must_use]
pub fn all() -> &'static [Pattern] {
    &builtin::ALL
}

/// The pattern of that key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Pattern> {
    all().iter().find(|pattern| pattern.key == key)
}

impl Pattern {
    /// Whether its name, purpose or formula has these words, whatever their case.
    #[must_use]
    pub fn matches(&self, search: &str) -> bool {
        let wanted = search.trim().to_lowercase();
        let text = [self.name, self.when_to_use, self.formula].join(" ");
        text.to_lowercase().contains(&wanted)
    }

    /// What a model begun from it gets.
    #[must_use]
    pub fn blueprint(&self) -> Blueprint {
        Blueprint {
            origin: Origin {
                kind: Kind::Pattern,
                model: None,
                pattern: Some(self.key.to_owned()),
                name: self.name.to_owned(),
                version: self.version,
            },
            formula: self.formula.to_owned(),
            params: self.params.iter().map(PatternParam::blueprint).collect(),
            description: String::new(),
            prompt: String::new(),
            assumptions: self.assumptions.to_owned(),
            value_unit: self.value_unit.to_owned(),
        }
    }
}

impl PatternParam {
    fn blueprint(&self) -> BlueprintParam {
        let end =
            |digits: &str| (!digits.is_empty()).then(|| Number::from_decimal(digits.to_owned()));
        BlueprintParam {
            name: self.name.to_owned(),
            label: self.label.to_owned(),
            description: self.description.to_owned(),
            unit: self.unit.to_owned(),
            range: Bounds {
                min: end(self.range.0),
                max: end(self.range.1),
            },
            source: Some(self.source),
            written_by: DESCRIBING
                .map(|field| (field.to_owned(), COPY.to_owned()))
                .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::formula::Formula;

    /// Each pattern with its sample numbers, worked out by hand.
    #[test]
    fn the_sample_numbers_of_each_pattern_give_the_value_worked_out_by_hand() {
        let by_hand = [
            // 500,000 sessions × 4 % × 2 % more = 400 orders × £45 × 30 % = £5,400 a month × 12 − £5,000
            ("rate-uplift", 59_800.0),
            // 20,000 sessions × 3 % = 600 orders × £50 × 40 % = £12,000 a month × 12 − £30,000
            ("traffic-uplift", 114_000.0),
            // 10,000 orders × £1.50 more × 40 % = £6,000 a month × 12 − £12,000
            ("value-per-transaction", 60_000.0),
            // 10 shops × £2,000 a month × 9 months = £180,000, less 10 × £5,000 to open them
            ("unit-expansion", 130_000.0),
            // 50,000 users × 2 % = 1,000 who pay × £5 × 80 % = £4,000 a month × 12 − £18,000
            ("monetisation", 30_000.0),
            // 2,000 contacts × £5 = £10,000 × 25 % fewer = £2,500 a month × 12 − £6,000
            ("cost-reduction", 24_000.0),
            // 5 % − 2 % = 3 % × £40,000 = £1,200 × 10 cases a year × 2 years = £24,000, less £9,000
            ("loss-avoidance", 15_000.0),
        ];
        let keys: Vec<_> = all().iter().map(|pattern| pattern.key).collect();
        assert_eq!(keys, by_hand.map(|(key, _)| key));
        for (key, value) in by_hand {
            let pattern = find(key).unwrap();
            let formula = Formula::parse(pattern.formula).unwrap();
            let samples: Vec<f64> = pattern
                .params
                .iter()
                .map(|param| param.sample.parse().unwrap())
                .collect();
            let got = formula.evaluate(&samples).unwrap().value;
            assert!((got - value).abs() < 1e-9 * value, "{key}: {got}");
        }
    }

    #[test]
    fn a_pattern_describes_each_name_that_its_formula_reads_and_no_other() {
        for pattern in all() {
            let formula = Formula::parse(pattern.formula).unwrap();
            assert_eq!(formula.text(), pattern.formula, "stored as it stands");
            let read: Vec<_> = formula.identifiers().iter().map(|i| &i.name).collect();
            let described: Vec<_> = pattern.params.iter().map(|param| param.name).collect();
            assert_eq!(read, described, "{}", pattern.key);
        }
    }

    #[test]
    fn the_sample_numbers_lie_within_the_ranges() {
        for pattern in all() {
            for (param, told) in pattern.params.iter().zip(pattern.blueprint().params) {
                let sample = Number::from_decimal(param.sample.to_owned());
                assert!(
                    told.range.contain(&sample),
                    "{} {}",
                    pattern.key,
                    param.name
                );
            }
        }
    }

    #[test]
    fn a_pattern_is_found_by_any_word_of_its_name_purpose_or_formula() {
        let found = |search: &str| -> Vec<_> {
            let all = all().iter().filter(|pattern| pattern.matches(search));
            all.map(|pattern| pattern.key).collect()
        };
        assert_eq!(found(" LOSS avoid"), ["loss-avoidance"]);
        assert_eq!(found("uplift_conv"), ["rate-uplift"]);
        assert_eq!(found("").len(), 7);
        assert!(found("nothing like this").is_empty());
    }
}
