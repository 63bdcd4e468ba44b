//! What a fact would do to scores and ranks, ready to print: before a change of it is approved, and before params follow it.

use crate::{
    domain::{
        fact_outlook::{Figures, Line, Outlook, Shifted},
        number_format,
    },
    web::view::{
        Link,
        fact::{Effect, Move},
    },
};

/// How many lines of each kind a page shows; the rest is counted.
const SHOWN: usize = 500;
/// How many missing things of one initiative are named.
const NAMED: usize = 3;

/// What moves, in a few sentences; empty: nobody would be scored otherwise.
pub(in crate::web) fn summary(outlook: &Outlook) -> Vec<String> {
    if outlook.lines.is_empty() {
        return Vec::new();
    }
    let count = |n: usize, one: &str, many: &str| {
        let number = number_format::decimal(&n.to_string());
        format!("{number} {}", if n == 1 { one } else { many })
    };
    let changed = outlook.scored().filter(|line| line.moves()).count();
    let scored = outlook.scored().count();
    let unscored = outlook.lines.len() - scored;
    let mut lines = vec![format!(
        "{} of {} another score or rank.",
        number_format::decimal(&changed.to_string()),
        count(scored, "that is scored gets", "that are scored get"),
    )];
    if unscored > 0 {
        lines.push(format!(
            "{} no number, each for the reason beside it.",
            count(unscored, "gets", "get")
        ));
    }
    if !outlook.shifted.is_empty() {
        lines.push(format!(
            "{} another rank without following the fact.",
            count(outlook.shifted.len(), "other gets", "others get")
        ));
    }
    if !outlook.outside.is_empty() {
        let named: Vec<_> = outlook.outside.iter().take(NAMED).cloned().collect();
        lines.push(format!(
            "It can’t be approved while these follow, whose framework doesn’t allow the value: {}{}.",
            named.join(", "),
            if outlook.outside.len() > NAMED { " and others" } else { "" }
        ));
    }
    lines
}

/// What moves, line by line.
pub(in crate::web) fn effect(outlook: &Outlook) -> Effect {
    let rest =
        outlook.lines.len().saturating_sub(SHOWN) + outlook.shifted.len().saturating_sub(SHOWN);
    Effect {
        moves: outlook.lines.iter().take(SHOWN).map(of_line).collect(),
        shifted: outlook.shifted.iter().take(SHOWN).map(of_shifted).collect(),
        rest: match rest {
            0 => String::new(),
            rest => format!("And {} more.", number_format::decimal(&rest.to_string())),
        },
    }
}

fn figure(value: Option<f64>, unit: &str) -> String {
    value
        .map(|value| number_format::score_with_unit(value, unit))
        .unwrap_or_default()
}

fn rank(rank: Option<i64>) -> String {
    rank.map(|rank| rank.to_string()).unwrap_or_default()
}

fn of_line(line: &Line) -> Move {
    let before = line.before;
    let after: Option<Figures> = line.after.as_ref().ok().copied();
    let missing = line
        .after
        .as_ref()
        .err()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut named: Vec<_> = missing
        .iter()
        .take(NAMED)
        .map(ToString::to_string)
        .collect();
    if missing.len() > NAMED {
        named.push(format!("{} more", missing.len() - NAMED));
    }
    let marks = [
        (line.is_active, ", active"),
        (line.is_archived, ", archived"),
    ];
    let marks = marks
        .iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, mark)| *mark);
    Move {
        initiative: to_initiative(&line.key),
        title: line.title.clone(),
        framework: format!("{}{}", line.framework, marks.collect::<String>()),
        moves: line.moves(),
        value: figure(before.map(|of| of.value), &line.unit),
        value_then: figure(after.map(|of| of.value), &line.unit),
        overall: figure(before.and_then(|of| of.overall), ""),
        overall_then: figure(after.and_then(|of| of.overall), ""),
        rank: rank(line.rank_before),
        rank_then: rank(line.rank_after),
        why: named.join("; "),
    }
}

fn of_shifted(shifted: &Shifted) -> Move {
    Move {
        initiative: to_initiative(&shifted.key),
        title: shifted.title.clone(),
        framework: shifted.framework.clone(),
        moves: true,
        rank: rank(shifted.before),
        rank_then: rank(shifted.after),
        ..Move::default()
    }
}

fn to_initiative(key: &str) -> Link {
    Link {
        label: key.to_owned(),
        href: format!("/initiatives/{key}"),
    }
}
