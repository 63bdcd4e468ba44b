//! What a changed definition of a framework would do to everybody whom it scores, before anything is saved.

use super::{
    framework::FrameworkParam,
    ids::InitiativeKey,
    param::{Bounds, Param},
    scoring::{Missing, Score},
};

/// One initiative that has the framework on, as it stands and as it would.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Which.
    pub key: InitiativeKey,
    /// Its title.
    pub title: String,
    /// Whether the framework's scores are the initiative's.
    pub is_active: bool,
    /// The value that was recorded last; none: never scored.
    pub recorded: Option<f64>,
    /// Whether that score is current.
    pub is_ready: bool,
    /// The score it would get, or what would be missing.
    pub after: Result<Score, Vec<Missing>>,
}

/// What would happen to everybody.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// How many have the framework on.
    pub total: usize,
    /// For how many of them it is the active one.
    pub active: usize,
    /// Those whose value changes, biggest change first.
    pub changed: Vec<Case>,
    /// Those that are scored now and would not be ready.
    pub not_ready: Vec<Case>,
    /// How many keep their value.
    pub same: usize,
    /// How many aren't ready now and wouldn't be.
    pub still_not_ready: usize,
    /// How many hold a value outside the bounds that the framework would have.
    pub outside: usize,
}

impl Outlook {
    /// Counts one initiative in.
    pub fn add(&mut self, case: Case) {
        self.total += 1;
        self.active += usize::from(case.is_active);
        match &case.after {
            Err(missing) => {
                let is_outside = |missing: &Missing| matches!(missing, Missing::InRange { .. });
                self.outside += usize::from(missing.iter().any(is_outside));
                if case.is_ready {
                    self.not_ready.push(case);
                } else {
                    self.still_not_ready += 1;
                }
            }
            Ok(score) if case.recorded.map(f64::to_bits) == Some(score.value.to_bits()) => {
                self.same += 1;
            }
            Ok(_) => self.changed.push(case),
        }
    }

    /// Puts the biggest changes first; who gets a first value counts as changed by all of it.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.changed.sort_by(|a, b| size(b).total_cmp(&size(a)));
        self
    }
}

fn size(case: &Case) -> f64 {
    let after = case.after.as_ref().map_or(0.0, |score| score.value);
    (after - case.recorded.unwrap_or(0.0)).abs()
}

/// An initiative's params as they would be: with the new bounds, and without those that no longer exist for it.
#[must_use]
pub fn with_bounds(mut params: Vec<Param>, new: &[FrameworkParam]) -> Vec<Param> {
    for param in &mut params {
        let found = new.iter().find(|row| row.name == param.name);
        let hard = found.map(|row| row.bounds.clone()).unwrap_or_default();
        if hard != Bounds::default() {
            param.range = hard.clone();
        }
        param.hard = hard;
    }
    params
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::param::{Number, tests::approved_param};

    fn case(key: &str, recorded: Option<f64>, after: Result<f64, Vec<Missing>>) -> Case {
        Case {
            key: key.parse().unwrap(),
            title: "One".into(),
            is_active: key == "A-1",
            recorded,
            is_ready: recorded.is_some(),
            after: after.map(|value| Score {
                value,
                effort: None,
                overall: None,
                lines: vec![],
                notes: vec![],
            }),
        }
    }

    #[test]
    fn the_biggest_changes_come_first_and_the_rest_is_counted() {
        let missing = vec![Missing::InRange {
            name: "a".into(),
            label: "A".into(),
            source: None,
        }];
        let mut outlook = Outlook::default();
        for case in [
            case("A-1", Some(5.0), Ok(6.0)),
            case("A-2", Some(5.0), Ok(5.0)),
            case("A-3", Some(5.0), Ok(-50.0)),
            case("A-4", None, Ok(3.0)),
            case("A-5", Some(1.0), Err(missing.clone())),
            case("A-6", None, Err(missing)),
        ] {
            outlook.add(case);
        }
        let outlook = outlook.sorted();
        let order: Vec<_> = outlook.changed.iter().map(|c| c.key.as_str()).collect();
        assert_eq!(order, ["A-3", "A-4", "A-1"]);
        assert_eq!((outlook.total, outlook.active, outlook.same), (6, 1, 1));
        assert_eq!((outlook.not_ready.len(), outlook.still_not_ready), (1, 1));
        assert_eq!(outlook.outside, 2);
    }

    #[test]
    fn new_bounds_are_hard_and_take_the_place_of_the_range() {
        let new = FrameworkParam {
            name: "a".into(),
            label: String::new(),
            description: String::new(),
            unit: String::new(),
            bounds: Bounds {
                min: None,
                max: Some(Number::from_decimal("1".into())),
            },
            source: None,
        };
        let params = vec![approved_param("a", "3"), approved_param("b", "3")];
        let params = with_bounds(params, std::slice::from_ref(&new));
        assert_eq!(params[0].hard, new.bounds);
        assert_eq!(params[0].range, new.bounds);
        assert_eq!(params[1].hard, Bounds::default());
    }
}
