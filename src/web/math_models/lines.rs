//! Each line of a formula worked out: its expression with the values put in, and its result.

use crate::{
    domain::{
        formula::{self, Piece},
        number_format,
        param::Param,
        scoring::Score,
    },
    web::view::model::{Term, WorkedLine},
};

/// The lines of a score with today's values, in order.
pub(super) fn worked(score: &Score, params: &[Param]) -> Vec<WorkedLine> {
    let value_of = |name: &str| {
        let line = score.lines.iter().find(|line| line.name == name);
        let param = || params.iter().find(|param| param.name == name);
        line.map(|line| number_format::score(line.value))
            .or_else(|| Some(number_format::decimal(param()?.value.as_ref()?.decimal())))
            .unwrap_or_default()
    };
    score
        .lines
        .iter()
        .map(|line| WorkedLine {
            number: line.line,
            name: line.name.clone(),
            terms: terms(&line.source, value_of),
            value: number_format::score(line.value),
        })
        .collect()
}

/// A line's expression as people read arithmetic, each name with its value.
fn terms(source: &str, value_of: impl Fn(&str) -> String) -> Vec<Term> {
    let term = |piece: Piece<'_>| match piece {
        Piece::Name(name) => Term {
            text: name.to_owned(),
            value: value_of(name),
        },
        other => Term {
            text: readable(other.text()),
            value: String::new(),
        },
    };
    formula::expression(source).into_iter().map(term).collect()
}

/// Operators as they are printed, white space folded.
fn readable(text: &str) -> String {
    let signs = text.replace('*', "×").replace('/', "÷").replace('-', "−");
    let words: Vec<_> = signs.split_whitespace().collect();
    let space = |is_there: bool| if is_there { " " } else { "" };
    let before = space(signs.starts_with(char::is_whitespace));
    let after = space(!words.is_empty() && signs.ends_with(char::is_whitespace));
    format!("{before}{}{after}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{formula::Formula, param::tests::approved_param, scoring};

    #[test]
    fn a_line_reads_as_its_expression_with_the_values_put_in() {
        let params = [
            approved_param("uplift", "0.02"),
            approved_param("sessions", "500000"),
        ];
        let text = "extra = round(\n  uplift*sessions) # a year\nvalue = extra / 2";
        let formula = Formula::parse(text).unwrap();
        let score = scoring::preview(&formula, &params, None).unwrap();
        let shown: Vec<_> = worked(&score, &params)
            .into_iter()
            .map(|line| {
                let terms = line
                    .terms
                    .into_iter()
                    .map(|term| match term.value.as_str() {
                        "" => term.text,
                        value => format!("{} [{value}]", term.text),
                    });
                let terms: String = terms.collect();
                format!(
                    "{} {} = {} = {}",
                    line.number,
                    line.name,
                    terms.trim(),
                    line.value
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "1 extra = round( uplift [0.02]×sessions [500,000]) = 10,000",
                "3 value = extra [10,000] ÷ 2 = 5,000"
            ]
        );
    }
}
