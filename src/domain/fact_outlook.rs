//! What approving a change of a shared fact would do to everybody who follows it, before anything is written.

use super::{
    approval::Approval,
    change::FieldChange,
    fact::FactNumbers,
    ids::FactId,
    param::{Number, Param},
    scenario,
    scoring::{Missing, Score},
};
use serde_json::json;

/// A score's figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// The value.
    pub value: f64,
    /// Overall; none: the formula gives none and there is no effort.
    pub overall: Option<f64>,
}

/// One initiative by one framework, as it stands and as it would.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The initiative's key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The framework's name.
    pub framework: String,
    /// Whether the framework's scores are the initiative's.
    pub is_active: bool,
    /// Out of the way: ranked nowhere.
    pub is_archived: bool,
    /// The unit of the value.
    pub unit: String,
    /// The score that stands; none: never scored.
    pub before: Option<Figures>,
    /// The score it would get, or what would be missing.
    pub after: Result<Figures, Vec<Missing>>,
    /// The rank now; none: not ranked.
    pub rank_before: Option<i64>,
    /// The rank then.
    pub rank_after: Option<i64>,
}

impl Line {
    /// Whether it would be told from what it is now.
    #[must_use]
    pub fn moves(&self) -> bool {
        let scored = self.after.as_ref().ok();
        scored.is_some_and(|after| self.before.as_ref() != Some(after))
            || self.rank_before != self.rank_after
    }
}

/// One who doesn't follow the fact and gets another rank since others do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shifted {
    /// The initiative's key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The framework's name.
    pub framework: String,
    /// The rank now.
    pub before: Option<i64>,
    /// The rank then.
    pub after: Option<i64>,
}

/// Everything that would move.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// Everybody who follows and has the framework on, biggest change of the value first; those without a number last.
    pub lines: Vec<Line>,
    /// The others whose rank moves.
    pub shifted: Vec<Shifted>,
    /// Params whose framework doesn't allow the value: it can't be approved while they follow.
    pub outside: Vec<String>,
}

impl Outlook {
    /// Puts the biggest changes first.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.lines.sort_by(|a, b| size(b).total_cmp(&size(a)));
        self
    }

    /// Those that would get a number.
    pub fn scored(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.after.is_ok())
    }
}

fn size(line: &Line) -> f64 {
    let Ok(after) = &line.after else {
        return -1.0;
    };
    (after.value - line.before.map_or(0.0, |before| before.value)).abs()
}

impl From<&Score> for Figures {
    fn from(score: &Score) -> Self {
        Self {
            value: score.value,
            overall: score.overall,
        }
    }
}

/// An initiative's params as they would be if the fact said this, approved. A scenario that sets a value in such a param's
/// place loses its approval, where what it rests on changes.
pub fn follow(params: &mut [Param], fact: FactId, numbers: &FactNumbers, approval: &Approval) {
    let mut scenario_falls = false;
    for param in params.iter_mut().filter(|param| is_follower(param, fact)) {
        let (after, changes) = changed(param, numbers);
        scenario_falls |= after
            .scenario
            .as_ref()
            .is_some_and(|within| scenario::falls(&within.value, &after, &changes).is_some());
        *param = after;
        param.value_approval = Some(approval.clone());
    }
    if scenario_falls {
        for within in params
            .iter_mut()
            .filter_map(|param| param.scenario.as_mut())
        {
            within.approval = None;
        }
    }
}

/// A param as it would be if it said what the fact says, and what of its unit, owner and range is new then.
#[must_use]
pub fn changed(param: &Param, numbers: &FactNumbers) -> (Param, Vec<FieldChange>) {
    let mut after = param.clone();
    after.value = Some(numbers.value.clone());
    after.unit.clone_from(&numbers.unit);
    after.source = Some(numbers.source);
    if !param.has_hard_bounds() {
        after.range.clone_from(&numbers.range);
    }
    let said = |param: &Param| {
        [
            ("unit", json!(param.unit)),
            ("source", json!(param.source)),
            ("min", json!(param.range.min)),
            ("max", json!(param.range.max)),
        ]
    };
    let pairs = said(param).into_iter().zip(said(&after));
    let changes = pairs
        .filter(|((_, old), (_, new))| old != new)
        .map(|((field, old), (_, new))| FieldChange { field, old, new });
    let changes = changes.collect();
    (after, changes)
}

/// Whether a param follows this fact.
#[must_use]
pub fn is_follower(param: &Param, fact: FactId) -> bool {
    let follows = param.follows.as_ref();
    follows.is_some_and(|followed| followed.id == fact)
}

/// The params that follow this fact and whose framework or range doesn't allow the value.
pub fn outside<'a>(
    params: &'a [Param],
    fact: FactId,
    value: &'a Number,
) -> impl Iterator<Item = &'a Param> {
    let forbids = move |param: &&Param| {
        let own = param.has_hard_bounds() && !param.range.contain(value);
        is_follower(param, fact) && (own || !param.hard.contain(value))
    };
    params.iter().filter(forbids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::param::{Bounds, Followed, Source, tests::approved_param};

    const FACT: FactId = FactId(3);

    fn number(digits: &str) -> Number {
        Number::from_decimal(digits.to_owned())
    }

    fn follower() -> Param {
        let mut param = approved_param("aov", "45");
        param.follows = Some(Followed {
            id: FACT,
            name: "Average order value".into(),
        });
        param
    }

    fn numbers() -> FactNumbers {
        FactNumbers {
            value: number("50"),
            unit: "£".into(),
            range: Bounds {
                min: Some(number("1")),
                max: None,
            },
            source: Source::Analytics,
        }
    }

    #[test]
    fn those_who_follow_say_what_the_fact_would_say_and_the_others_stay() {
        let other = approved_param("margin", "0.3");
        let mut bounded = follower();
        bounded.hard.max = Some(number("90"));
        let mut params = vec![follower(), other.clone(), bounded];
        let approval = params[0].value_approval.clone().unwrap();
        params[0].value_approval = None;
        follow(&mut params, FACT, &numbers(), &approval);
        assert_eq!(params[0].value, Some(number("50")));
        assert_eq!(
            (params[0].unit.as_str(), params[0].source),
            ("£", Some(Source::Analytics))
        );
        assert_eq!(params[0].range, numbers().range);
        assert_eq!(params[0].value_approval, Some(approval));
        assert_eq!(params[1], other);
        assert_eq!(params[2].range, Bounds::default(), "the framework's");
    }

    #[test]
    fn a_value_that_a_framework_forbids_is_found_before_it_is_approved() {
        let mut bounded = follower();
        bounded.hard.max = Some(number("40"));
        let params = [follower(), bounded, approved_param("margin", "0.3")];
        let value = number("50");
        assert_eq!(outside(&params, FACT, &value).count(), 1);
        assert_eq!(outside(&params, FACT, &number("30")).count(), 0);
    }

    #[test]
    fn the_biggest_change_comes_first_and_what_gets_no_number_last() {
        let line = |key: &str, before: Option<f64>, after: Result<f64, Vec<Missing>>| Line {
            key: key.into(),
            title: String::new(),
            framework: "RICE".into(),
            is_active: true,
            is_archived: false,
            unit: String::new(),
            before: before.map(|value| Figures {
                value,
                overall: None,
            }),
            after: after.map(|value| Figures {
                value,
                overall: None,
            }),
            rank_before: None,
            rank_after: None,
        };
        let outlook = Outlook {
            lines: vec![
                line("A-1", None, Err(vec![Missing::Formula])),
                line("A-2", Some(5.0), Ok(6.0)),
                line("A-3", Some(5.0), Ok(-50.0)),
                line("A-4", Some(7.0), Ok(7.0)),
            ],
            ..Outlook::default()
        };
        let outlook = outlook.sorted();
        let keys: Vec<_> = outlook.lines.iter().map(|line| line.key.as_str()).collect();
        assert_eq!(keys, ["A-3", "A-2", "A-4", "A-1"]);
        let moves: Vec<_> = outlook.lines.iter().map(Line::moves).collect();
        assert_eq!(moves, [true, true, false, false]);
        assert_eq!(outlook.scored().count(), 3);
    }
}
