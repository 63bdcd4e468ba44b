//! Faults of an expression that need a look at their surroundings to be explained.
//!
//! Knows what people mean by `1,000`, `a b`, `a and b`, `-a^b`; must not know what is well-formed,
//! which is the business of `check`.

use super::{
    check::{Checker, Step},
    error_kind::FormulaErrorKind as Error,
    lex::Kind,
    rpn::Plain,
};
use std::ops::Range;

impl Checker<'_, '_> {
    pub(super) fn power(
        &mut self,
        minuses: Range<usize>,
        operand: Range<usize>,
        range: &Range<usize>,
    ) -> Step {
        let at = operand.end;
        let exponent = self.end_of_operand(at + 1, range.end);
        let (base, to) = (
            self.excerpt(operand.clone()),
            self.excerpt(at + 1..exponent),
        );
        let is_chain = minuses.start > range.start && self.kind(minuses.start - 1) == Kind::Power;
        if is_chain {
            let before = self.excerpt(self.start_of_operand(minuses.start - 2)..minuses.start - 1);
            let base = self.excerpt(minuses.start..operand.end);
            let left_first = format!("({before}^{base})^{to}");
            return self.stop_at(
                at,
                Error::PowerChain {
                    left_first,
                    right_first: format!("{before}^({base}^{to})"),
                },
            );
        }
        if !minuses.is_empty() {
            let minus_last = format!("-({base}^{to})");
            let minus_first = format!("(-{base})^{to}");
            let error = Error::MinusBeforePower {
                minus_last,
                minus_first,
            };
            return self.stop(minuses.start..at + 1, error);
        }
        self.plain(Plain::Power);
        Ok(())
    }

    /// For messages: the index behind the operand at `at`, its minus signs included.
    fn end_of_operand(&self, at: usize, end: usize) -> usize {
        let mut at = at;
        while at < end && self.kind(at) == Kind::Minus {
            at += 1;
        }
        let is_call = self.kind(at) == Kind::Name && self.kind(at + 1) == Kind::Open;
        let last = if is_call { at + 1 } else { at };
        (self.partners.get(last).copied().unwrap_or(last) + 1)
            .min(end)
            .max(at.min(end))
    }

    /// For messages: the first index of the operand that ends at `last`.
    fn start_of_operand(&self, last: usize) -> usize {
        let first = self.partners.get(last).copied().unwrap_or(last).min(last);
        let is_call =
            self.kind(last) == Kind::Close && first > 0 && self.kind(first - 1) == Kind::Name;
        if is_call { first - 1 } else { first }
    }

    pub(super) fn stray_comparison(&mut self, at: usize, range: &Range<usize>) -> Step {
        if at > range.start
            && let Some(error) = self.assignment_inside(at - 1)
        {
            return self.stop_at(at - 1, error);
        }
        if self.kind(at) == Kind::Equals && self.open_around(at).is_none() {
            return self.stop_at(at, Error::SecondEquals);
        }
        let comparison = self.excerpt(range.clone());
        self.stop_at(at, Error::ComparisonOutside { comparison })
    }

    /// The innermost parenthesis that is open at a token.
    fn open_around(&self, at: usize) -> Option<usize> {
        (0..at)
            .rev()
            .find(|open| self.kind(*open) == Kind::Open && self.partners[*open] > at)
    }

    /// A line `name = …` that begins at a token while a parenthesis is open.
    fn assignment_inside(&self, at: usize) -> Option<Error> {
        let is_assignment = self.kind(at) == Kind::Name && self.kind(at + 1) == Kind::Equals;
        if !is_assignment || !self.is_first_on_line(at) {
            return None;
        }
        let open = self.open_around(at)?;
        let (open_line, open_column) = self.report.places.typed(self.span(&(open..open + 1)).start);
        let name = self.written(at).to_owned();
        Some(Error::AssignmentInside {
            name,
            open_line,
            open_column,
        })
    }

    fn is_first_on_line(&self, at: usize) -> bool {
        let start = self.span(&(at..at + 1)).start;
        let before = self.text.get(..start).unwrap_or_default();
        before.trim_end_matches([' ', '\t']).ends_with('\n')
    }

    /// Two numbers and a comma without a blank between them, as in `1,000`.
    pub(super) fn is_inside_number(&self, comma: usize) -> bool {
        let is_number = |at: usize| matches!(self.kind(at), Kind::Number(_));
        let is_digits = |at: usize| self.written(at).bytes().all(|byte| byte.is_ascii_digit());
        if comma == 0 || !(is_number(comma - 1) && is_number(comma + 1)) {
            return false;
        }
        let is_tight = self.span(&(comma - 1..comma)).end == self.span(&(comma..comma + 1)).start
            && self.span(&(comma..comma + 1)).end == self.span(&(comma + 1..comma + 2)).start;
        let after = self
            .written(comma + 1)
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let before = self.written(comma - 1);
        is_tight && after == 3 && is_digits(comma - 1) && before.len() <= 3 && before != "0"
    }

    /// `end`: where the arguments or the expression end.
    pub(super) fn comma_in_number(&mut self, comma: usize, end: usize, is_in_call: bool) -> Step {
        let first = comma - 1;
        let mut last = comma + 1;
        if self.is_inside_number(comma) {
            while last + 2 < end + 1
                && self.kind(last + 1) == Kind::Comma
                && self.is_inside_number(last + 1)
            {
                last += 2;
            }
        }
        let parts: Vec<&str> = (first..=last)
            .step_by(2)
            .map(|at| self.written(at))
            .collect();
        let written = parts.join(",");
        let joined = parts.join(if self.is_inside_number(comma) {
            ""
        } else {
            "."
        });
        let is_pair = parts.len() == 2 && !parts[1].starts_with('0');
        let separated = (is_in_call && is_pair).then(|| parts.join(", "));
        self.stop(
            first..last + 1,
            Error::CommaInNumber {
                written,
                joined,
                separated,
            },
        )
    }

    pub(super) fn comma_outside_call(&mut self, comma: usize, range: &Range<usize>) -> Step {
        let is_number = |at: usize| matches!(self.kind(at), Kind::Number(_));
        let is_between = comma > range.start && is_number(comma - 1) && is_number(comma + 1);
        if is_between && comma + 1 < range.end {
            return self.comma_in_number(comma, range.end, false);
        }
        self.stop_at(comma, Error::StrayComma)
    }

    pub(super) fn missing_operator(
        &mut self,
        operand: &Range<usize>,
        range: &Range<usize>,
    ) -> Step {
        let at = operand.end;
        let left_last = self.written(at - 1);
        let right = self.written(at);
        if let Some(error) = self.assignment_inside(at) {
            return self.stop_at(at, error);
        }
        if self.is_infix_condition(at) {
            let word = right.to_lowercase();
            return self.stop_at(at, Error::InfixCondition { word });
        }
        // `a x b`, but also `ax` typed as two words: only a lone letter between two operands.
        if matches!(right, "x" | "X") && at + 1 < range.end && !self.kind(at + 1).is_operator() {
            return self.stop_at(
                at,
                Error::LetterAsTimes {
                    letter: right.to_owned(),
                },
            );
        }
        if left_last.ends_with('%') {
            return self.stop(at - 1..at + 1, Error::NoRemainder);
        }
        let is_digits = |written: &str| written.bytes().all(|byte| byte.is_ascii_digit());
        let is_group = |at: usize| self.written(at).len() == 3 && is_digits(self.written(at));
        let groups = (at..range.end).take_while(|at| is_group(*at)).count();
        if is_digits(left_last) && groups > 0 {
            let joined = (at - 1..at + groups).map(|at| self.written(at)).collect();
            return self.stop(at - 1..at + groups, Error::SpaceInNumber { joined });
        }
        let left = self.excerpt(operand.clone());
        let right = self.excerpt(at..self.end_of_operand(at, range.end));
        self.stop_at(at, Error::MissingOperator { left, right })
    }

    pub(super) fn is_infix_condition(&self, at: usize) -> bool {
        let word = self.written(at);
        self.kind(at) == Kind::Name
            && ["and", "or"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known))
    }
}
