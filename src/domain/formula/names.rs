//! What each name stands for: a line's result, or a parameter; and who reads what too early.
//!
//! Knows the order of lines; must not know how expressions are built.

use super::{
    Identifier,
    check::Checked,
    error_kind::FormulaErrorKind as Error,
    hints,
    places::{Report, Span},
    statement::Statement,
    warning::{FormulaWarning, FormulaWarningKind},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The outputs of a formula; every other assigned name is an intermediate.
pub(super) const OUTPUTS: [&str; 3] = ["value", "effort", "overall"];

/// For how many lines that nothing reads a similar parameter is looked for: each is compared with all of them.
const MOST_COMPARED: usize = 4;

/// What the names of a script came to.
pub(super) struct Names {
    /// Parameters in order of first use.
    pub(super) identifiers: Vec<Identifier>,
    pub(super) warnings: Vec<FormulaWarning>,
}

/// Follows every name; faults go to the report. `checked` is parallel to `statements`.
pub(super) fn resolve(
    text: &str,
    statements: &[Statement],
    checked: &[Option<Checked>],
    report: &mut Report<'_>,
) -> Names {
    let assigned = assigned(statements, report);
    let mut spans: Vec<(&str, Span)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut read = BTreeSet::new();
    for (index, statement) in statements.iter().enumerate() {
        for token in checked[index].iter().flat_map(|checked| &checked.reads) {
            let span = statement.tokens[*token].span;
            let name = span.of(text);
            if !read.insert(name) && seen.contains(name) {
                continue;
            }
            match assigned.get(name) {
                Some(at) if *at < index => {}
                Some(at) if *at == index => {
                    report.add(
                        span,
                        Error::ReadsItself {
                            name: name.to_owned(),
                        },
                    );
                }
                Some(at) => {
                    let (assigned_line, _) = report.places.typed(statements[*at].span.start);
                    let name = name.to_owned();
                    report.add(
                        span,
                        Error::ReadBeforeAssignment {
                            name,
                            assigned_line,
                        },
                    );
                }
                None if matches!(name, "value" | "overall") => {
                    report.add(
                        span,
                        Error::OutputAsParameter {
                            name: name.to_owned(),
                        },
                    );
                }
                None => {
                    if seen.insert(name) {
                        spans.push((name, span));
                    }
                }
            }
        }
    }
    missing_value(statements, &assigned, report);
    let identifiers = spans
        .iter()
        .map(|(name, span)| {
            let (line, column) = report.places.typed(span.start);
            Identifier {
                name: (*name).to_owned(),
                line,
                column,
            }
        })
        .collect();
    let mut warnings = unused(statements, &assigned, &spans, &read, report);
    warnings.extend(differ_only_in_case(statements, &spans, report));
    warnings.sort_by_key(|warning| (warning.line, warning.column));
    Names {
        identifiers,
        warnings,
    }
}

/// Each assigned name with the index of its statement.
fn assigned<'a>(statements: &'a [Statement], report: &mut Report<'_>) -> BTreeMap<&'a str, usize> {
    let mut assigned: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, statement) in statements.iter().enumerate() {
        let Some(name) = statement.target.as_deref() else {
            continue;
        };
        if let Some(first) = assigned.get(name) {
            let (first_line, _) = report.places.typed(statements[*first].span.start);
            let name = name.to_owned();
            report.add(
                statement.target_span,
                Error::AssignedTwice { name, first_line },
            );
        } else {
            assigned.insert(name, index);
        }
    }
    assigned
}

fn missing_value(
    statements: &[Statement],
    assigned: &BTreeMap<&str, usize>,
    report: &mut Report<'_>,
) {
    // A line whose target is broken may well be the one.
    let is_sure = statements
        .iter()
        .all(|statement| statement.target.is_some());
    if assigned.contains_key("value") || !is_sure {
        return;
    }
    let names = || {
        statements
            .iter()
            .filter_map(|statement| statement.target.as_deref())
    };
    let rename = hints::nearest("value", names().filter(|name| !OUTPUTS.contains(name)));
    let meant = statements
        .iter()
        .rev()
        .find(|statement| rename.is_none() || statement.target.as_deref() == rename);
    if let Some(statement) = meant {
        let error = Error::MissingValue {
            rename: rename.map(ToOwned::to_owned),
        };
        report.add(statement.target_span, error);
    }
}

fn unused(
    statements: &[Statement],
    assigned: &BTreeMap<&str, usize>,
    parameters: &[(&str, Span)],
    read: &BTreeSet<&str>,
    report: &Report<'_>,
) -> Vec<FormulaWarning> {
    let mut warnings = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let Some(name) = statement.target.as_deref() else {
            continue;
        };
        let is_first = assigned.get(name) == Some(&index);
        if !is_first || OUTPUTS.contains(&name) || read.contains(name) {
            continue;
        }
        let is_asked = warnings.len() < MOST_COMPARED;
        let below = parameters
            .iter()
            .filter(|(_, span)| is_asked && span.start > statement.span.end);
        let similar = hints::nearest(name, below.map(|(name, _)| *name)).map(ToOwned::to_owned);
        let kind = FormulaWarningKind::UnusedIntermediate {
            name: name.to_owned(),
            similar,
        };
        warnings.push(warning(statement.target_span, kind, report));
    }
    warnings
}

fn differ_only_in_case(
    statements: &[Statement],
    parameters: &[(&str, Span)],
    report: &Report<'_>,
) -> Vec<FormulaWarning> {
    let targets = statements.iter().filter_map(|statement| {
        statement
            .target
            .as_deref()
            .map(|name| (name, statement.target_span))
    });
    let mut all: Vec<(&str, Span)> = targets.chain(parameters.iter().copied()).collect();
    let has_capital = |(name, _): &(&str, Span)| name.bytes().any(|byte| byte.is_ascii_uppercase());
    if !all.iter().any(has_capital) {
        return Vec::new();
    }
    all.sort_by_key(|(_, span)| span.start);
    let mut first: HashMap<String, &str> = HashMap::new();
    let mut warnings = Vec::new();
    for (name, span) in all {
        let other = *first.entry(name.to_ascii_lowercase()).or_insert(name);
        if other != name {
            let (name, other) = (name.to_owned(), other.to_owned());
            let kind = FormulaWarningKind::DifferOnlyInCase { name, other };
            warnings.push(warning(span, kind, report));
        }
    }
    warnings
}

fn warning(span: Span, kind: FormulaWarningKind, report: &Report<'_>) -> FormulaWarning {
    let (line, column) = report.places.typed(span.start);
    FormulaWarning {
        line,
        column,
        length: report.places.length(span),
        code: kind.code(),
        kind,
    }
}
