//! Calls and conditions: how many arguments, and which of them are comparisons.
//!
//! Knows what functions take; must not know the grammar of numbers, which is `check`'s.

use super::{
    check::{Checker, Step, Stop},
    error_kind::FormulaErrorKind as Error,
    functions::Function,
    hints,
    lex::Kind,
    rpn::Plain,
};
use std::ops::Range;

impl Checker<'_, '_> {
    pub(super) fn call(&mut self, at: usize) -> Step {
        let Some(function) = Function::named(self.written(at)) else {
            if self.report.is_full() {
                // Looking for a function that may be meant takes longest of all.
                return Err(Stop);
            }
            let name = self.written(at).to_owned();
            let advice = hints::instead_of_function(&name);
            self.unsound(at, Error::UnknownFunction { name, advice });
            return Ok(());
        };
        if function.is_condition() {
            let error = Error::ConditionAsNumber {
                function: function.name().to_owned(),
            };
            return self.stop_at(at, error);
        }
        self.arguments(at, function)
    }

    /// A known function's arguments, each checked as what the function takes there.
    fn arguments(&mut self, at: usize, function: Function) -> Step {
        let (open, close) = (at + 1, self.partners[at + 1]);
        let commas: Vec<usize> = self
            .top_level(open + 1..close)
            .filter(|i| self.kind(*i) == Kind::Comma)
            .collect();
        let split = commas
            .iter()
            .copied()
            .find(|comma| self.is_inside_number(*comma));
        let count = if close == open + 1 {
            0
        } else {
            commas.len() + 1
        };
        if !function.arguments().contains(&count) {
            return self.stop(
                at..close + 1,
                Error::ArgumentCount {
                    usage: function.usage(),
                    expected: in_words(function),
                    found: count,
                    comma: split.is_some(),
                },
            );
        }
        // Where any number of arguments is fine, `max(1,500, a)` would be computed, and wrongly.
        let is_variadic = *function.arguments().end() == usize::MAX;
        let doubtful = commas.iter().copied().find(|comma| {
            self.is_inside_number(*comma)
                && (is_variadic || self.written(comma + 1).starts_with('0'))
        });
        if let Some(comma) = doubtful {
            return self.comma_in_number(comma, close, true);
        }
        self.plain(Plain::Call(at));
        let mut start = open + 1;
        for (index, end) in commas.into_iter().chain([close]).enumerate() {
            if start == end {
                let error = Error::MissingArgument {
                    function: function.name().to_owned(),
                };
                return self.stop_at(if end == close { end - 1 } else { end }, error);
            }
            if index > 0 {
                self.plain(Plain::Comma);
            }
            if function.takes_condition(index) {
                self.condition(start..end, function.name())?;
            } else {
                self.number(start..end)?;
            }
            start = end + 1;
        }
        self.plain(Plain::Close);
        Ok(())
    }

    /// A comparison, or `and`, `or`, `not`; also in parentheses of its own.
    fn condition(&mut self, range: Range<usize>, of: &str) -> Step {
        // Before anything else: `a > 1 and b > 2` has two comparisons, and that isn't its fault.
        let infix = self
            .top_level(range.clone())
            .find(|at| self.is_infix_condition(*at));
        if let Some(at) = infix.filter(|at| *at > range.start) {
            let word = self.written(at).to_lowercase();
            return self.stop_at(at, Error::InfixCondition { word });
        }
        let comparisons: Vec<usize> = self
            .top_level(range.clone())
            .filter(|i| self.kind(*i).comparison().is_some())
            .collect();
        if let Some(second) = comparisons.get(1) {
            return self.stop_at(*second, Error::ComparisonChain);
        }
        if let Some(&at) = comparisons.first() {
            if at == range.start || at + 1 == range.end {
                let side = if at == range.start { "before" } else { "after" };
                let operator = self.written(at).to_owned();
                return self.stop_at(at, Error::MissingOperand { side, operator });
            }
            self.plain(Plain::Compare(at));
            self.number(range.start..at)?;
            self.plain(Plain::Comma);
            self.number(at + 1..range.end)?;
            self.plain(Plain::Close);
            return Ok(());
        }
        let first = range.start;
        if self.kind(first) == Kind::Open && self.partners[first] + 1 == range.end {
            self.not_empty(first)?;
            return self.condition(first + 1..range.end - 1, of);
        }
        let is_one_call = self.kind(first) == Kind::Name
            && self.kind(first + 1) == Kind::Open
            && self.partners.get(first + 1) == Some(&(range.end - 1));
        let function = Function::named(self.written(first)).filter(|found| found.is_condition());
        match function {
            Some(function) if is_one_call => self.arguments(first, function),
            _ => {
                let written = self.excerpt(range.clone());
                let error = Error::ConditionExpected {
                    function: of.to_owned(),
                    written,
                };
                self.stop(range, error)
            }
        }
    }
}

fn in_words(function: Function) -> String {
    let (least, most) = (*function.arguments().start(), *function.arguments().end());
    let arguments = |count: usize| if count == 1 { "argument" } else { "arguments" };
    if least == most {
        format!("{least} {}", arguments(least))
    } else if most == usize::MAX {
        format!("{least} or more arguments")
    } else {
        format!("{least} or {most} arguments")
    }
}
