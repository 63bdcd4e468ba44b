//! Values over time as a step line: a value holds until the next is recorded. Pure arithmetic; what it draws stands in
//! the table below it as well.

use crate::{
    domain::number_format,
    store::score_history::Point,
    web::{figures::day, view::score_history::Chart},
};
use std::fmt::Write as _;

/// The box stretches; its left and right edges, and the heights of the highest and the lowest value.
const LEFT: f64 = 8.0;
const RIGHT: f64 = 992.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 180.0;

/// A chart for each run of scores with one unit, oldest first. A single score is no line, and has none.
pub(super) fn charts(points: &[Point]) -> Vec<Chart> {
    points
        .chunk_by(|one, next| one.unit == next.unit)
        .filter(|run| run.len() > 1)
        .zip(1..)
        .filter_map(|(run, number)| chart(run, number))
        .collect()
}

fn chart(run: &[Point], number: u32) -> Option<Chart> {
    let (first, last) = (run.first()?, run.last()?);
    let by_value = |one: &&Point, other: &&Point| one.value.total_cmp(&other.value);
    let lowest = run.iter().min_by(by_value)?;
    let highest = run.iter().max_by(by_value)?;
    let shown = |point: &Point| number_format::score_with_unit(point.value, &point.unit);
    let is_flat = lowest.value.total_cmp(&highest.value).is_eq();
    let (line, dots) = paths(run, (lowest.value, highest.value));
    Some(Chart {
        number: number.to_string(),
        title: if first.unit.is_empty() {
            "Value over time".to_owned()
        } else {
            format!("Value over time, in {}", first.unit)
        },
        description: format!(
            "From {} on {} to {} on {}; lowest {}, highest {}. The table has every score.",
            shown(first),
            day(first.at),
            shown(last),
            day(last.at),
            shown(lowest),
            shown(highest),
        ),
        line,
        dots,
        highest: shown(highest),
        lowest: if is_flat {
            String::new()
        } else {
            shown(lowest)
        },
        first_day: day(first.at),
        last_day: day(last.at),
    })
}

/// The step line and the dots. Scores of one moment stand side by side, in their order.
fn paths(run: &[Point], (lowest, highest): (f64, f64)) -> (String, String) {
    let (mut line, mut dots) = (String::new(), String::new());
    let [begin, end] = [run.first(), run.last()].map(|point| point.map(|point| point.at));
    let since = |at: chrono::DateTime<chrono::Utc>| {
        begin.map_or(0.0, |begin| (at - begin).as_seconds_f64())
    };
    let whole = end.map_or(0.0, since);
    let steps = f64::from(u32::try_from(run.len().saturating_sub(1)).unwrap_or(u32::MAX));
    for (point, place) in run.iter().zip(0_u32..) {
        let share = if whole > 0.0 {
            since(point.at) / whole
        } else {
            f64::from(place) / steps.max(1.0)
        };
        // Halved first, so that the span of the largest numbers stays finite.
        let span = highest / 2.0 - lowest / 2.0;
        let height = if span > 0.0 {
            (point.value / 2.0 - lowest / 2.0) / span
        } else {
            1.0
        };
        let (x, y) = (
            LEFT + share * (RIGHT - LEFT),
            BOTTOM - height * (BOTTOM - TOP),
        );
        let _ = if place == 0 {
            write!(line, "M{x:.1} {y:.1}")
        } else {
            write!(line, "H{x:.1}V{y:.1}")
        };
        let _ = write!(dots, "M{x:.1} {y:.1}h0");
    }
    (line, dots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    fn point(day: i64, value: f64, unit: &str) -> Point {
        Point {
            at: DateTime::UNIX_EPOCH + TimeDelta::days(day),
            value,
            unit: unit.to_owned(),
        }
    }

    #[test]
    fn a_value_holds_until_the_next_and_time_runs_evenly() {
        let points = [
            point(0, 0.0, "£"),
            point(1, 100.0, "£"),
            point(4, 50.0, "£"),
        ];
        let all = charts(&points);
        let [chart] = &all[..] else { panic!("{all:?}") };
        assert_eq!(chart.line, "M8.0 180.0H254.0V20.0H992.0V100.0");
        assert_eq!(chart.dots, "M8.0 180.0h0M254.0 20.0h0M992.0 100.0h0");
        assert_eq!(
            (chart.highest.as_str(), chart.lowest.as_str()),
            ("£100", "£0")
        );
        assert_eq!(chart.title, "Value over time, in £");
        assert_eq!(
            chart.description,
            "From £0 on 1 Jan 1970 to £50 on 5 Jan 1970; lowest £0, highest £100. The table has every score."
        );
    }

    #[test]
    fn another_unit_begins_another_chart_and_a_single_score_is_none() {
        let points = [
            point(0, 1.0, ""),
            point(1, 2.0, ""),
            point(2, 9.0, "$"),
            point(3, 3.0, "£"),
            point(4, 4.0, "£"),
        ];
        let titles: Vec<_> = charts(&points)
            .into_iter()
            .map(|chart| (chart.number, chart.title))
            .collect();
        assert_eq!(
            titles,
            [
                ("1".to_owned(), "Value over time".to_owned()),
                ("2".to_owned(), "Value over time, in £".to_owned())
            ]
        );
        assert!(charts(&points[..1]).is_empty() && charts(&[]).is_empty());
    }

    #[test]
    fn equal_values_equal_moments_and_the_largest_numbers_stay_in_the_box() {
        let flat = charts(&[point(0, 7.0, ""), point(1, 7.0, "")]);
        assert_eq!(flat[0].line, "M8.0 20.0H992.0V20.0");
        assert_eq!(flat[0].lowest, "");
        let at_once = charts(&[point(0, 1.0, ""), point(0, 2.0, ""), point(0, 3.0, "")]);
        assert_eq!(at_once[0].line, "M8.0 180.0H500.0V100.0H992.0V20.0");
        let large = charts(&[point(0, -1e300, ""), point(1, 1e300, "")]);
        assert_eq!(large[0].line, "M8.0 180.0H992.0V20.0");
    }
}
