//! What the formula language costs, beside meval's own parsing and evaluation of the same texts.
//!
//! `cargo bench --locked --bench formula`. Both sides of a ratio are measured in turn in one run, and each figure is
//! the median of the rounds: on a machine with other load only the ratios say something.

use productops::domain::formula::{Formula, cached};
use std::{hint::black_box, time::Instant};

const ROUNDS: usize = 9;
const INITIATIVES: usize = 10_000;
const SHAPES: usize = 50;

const SEED: &str =
    "uplift_conv * baseline_conv * monthly_sessions * aov * margin * horizon_months - infra_cost";

fn main() {
    let texts: Vec<String> = (0..SHAPES).map(shape).collect();
    let initiatives: Vec<(&str, Vec<f64>)> =
        (0..INITIATIVES).map(|n| initiative(&texts, n)).collect();
    let values: f64 = initiatives
        .iter()
        .map(|(text, inputs)| ours_cold(text, inputs))
        .sum();
    assert!(
        values.is_finite() && (values / theirs_all(&initiatives) - 1.0).abs() < 1e-9,
        "the two sides disagree"
    );

    let [parse, their_parse] = in_turn([
        &mut || {
            texts
                .iter()
                .map(|text| Formula::parse(text).map_or(0, |f| f.identifiers().len()))
                .sum::<usize>()
        },
        &mut || texts.iter().map(|text| parsed_by_meval(text).len()).sum(),
    ]);
    let [seed, their_seed] = in_turn([
        &mut || {
            (0..1000)
                .filter(|_| Formula::parse(black_box(SEED)).is_ok())
                .count()
        },
        &mut || {
            (0..1000)
                .map(|_| parsed_by_meval(black_box(SEED)).len())
                .sum()
        },
    ]);
    let [cold, warm, theirs] = in_turn([
        &mut || sum(&initiatives, ours_cold),
        &mut || sum(&initiatives, ours_cached),
        &mut || whole(theirs_all(&initiatives)),
    ]);
    let [evaluated, explained] = in_turn([&mut || sum(&initiatives, ours_cached), &mut || {
        sum(&initiatives, ours_explained)
    }]);

    println!("milliseconds, median of {ROUNDS} rounds");
    println!("{seed:>8.3}  the seed formula parsed 1,000 times (meval {their_seed:.3})");
    println!("{parse:>8.3}  {SHAPES} formulas parsed once (meval {their_parse:.3})");
    println!(
        "{cold:>8.3}  {INITIATIVES} initiatives of {SHAPES} formulas scored, each formula parsed"
    );
    println!("{warm:>8.3}  the same, formulas from the cache");
    println!("{theirs:>8.3}  the same, parsed and evaluated by meval");
    println!("{explained:>8.3}  the same, explained line by line (evaluated {evaluated:.3})");
    println!("parse ÷ meval's parse, seed: {:.2}", seed / their_seed);
    println!(
        "parse ÷ meval's parse, {SHAPES} formulas: {:.2}",
        parse / their_parse
    );
    println!("explained ÷ evaluated: {:.2}", explained / evaluated);
    println!("cold ÷ meval: {:.2}", cold / theirs);
    println!("cached ÷ meval: {:.3}", warm / theirs);
    println!("cached ÷ cold: {:.3}", warm / cold);
}

/// Medians in milliseconds; each round runs every side once.
fn in_turn<const SIDES: usize>(mut sides: [&mut dyn FnMut() -> usize; SIDES]) -> [f64; SIDES] {
    let mut took = [[0.0; ROUNDS]; SIDES];
    for round in 0..ROUNDS {
        for (side, took) in sides.iter_mut().zip(&mut took) {
            let started = Instant::now();
            black_box(side());
            took[round] = started.elapsed().as_secs_f64() * 1e3;
        }
    }
    took.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[ROUNDS / 2]
    })
}

/// A formula that both sides read, of the kind and length that people write.
fn shape(number: usize) -> String {
    match number % 5 {
        0 => SEED.replace("aov", &format!("aov_{number}")),
        1 => format!("reach * impact * confidence / (effort + {number})"),
        2 => format!("max(orders * margin - cost, 0) * (1 - churn) + {number} * bonus"),
        3 => format!(
            "(tickets * minutes / 60 * hourly_cost - licence) * months / {}",
            number + 1
        ),
        _ => format!(
            "min(users * adoption, capacity) * price * 12 - build_cost - run_cost * {number}"
        ),
    }
}

fn initiative(texts: &[String], number: usize) -> (&str, Vec<f64>) {
    let text = &texts[number % texts.len()];
    let count = Formula::parse(text).map_or(0, |formula| formula.identifiers().len());
    let input = |at: usize| {
        f64::from(u32::try_from((number * 31 + at * 17) % 1000 + 1).unwrap_or(1)) / 10.0
    };
    (text, (0..count).map(input).collect())
}

fn sum(initiatives: &[(&str, Vec<f64>)], score: impl Fn(&str, &[f64]) -> f64) -> usize {
    whole(
        initiatives
            .iter()
            .map(|(text, inputs)| score(text, inputs))
            .sum(),
    )
}

/// Something of the result that keeps it from being left out.
fn whole(sum: f64) -> usize {
    usize::from(sum > 0.0)
}

fn ours_cold(text: &str, inputs: &[f64]) -> f64 {
    Formula::parse(text)
        .ok()
        .and_then(|formula| formula.evaluate(inputs).ok())
        .map_or(f64::NAN, |found| found.value)
}

fn ours_cached(text: &str, inputs: &[f64]) -> f64 {
    cached(text)
        .ok()
        .and_then(|formula| formula.evaluate(inputs).ok())
        .map_or(f64::NAN, |found| found.value)
}

fn ours_explained(text: &str, inputs: &[f64]) -> f64 {
    let lines = cached(text)
        .ok()
        .and_then(|formula| formula.explain(inputs).ok())
        .unwrap_or_default();
    lines
        .iter()
        .filter_map(|line| line.result.as_ref().ok())
        .sum()
}

#[expect(clippy::disallowed_types, reason = "the other side of the ratio")]
fn parsed_by_meval(text: &str) -> meval::Expr {
    text.parse().unwrap_or_else(|why| panic!("{text}: {why}"))
}

/// Names in the order that our own side gives the inputs in.
fn theirs_all(initiatives: &[(&str, Vec<f64>)]) -> f64 {
    let names: Vec<Vec<String>> = initiatives
        .iter()
        .take(SHAPES)
        .map(|(text, _)| {
            let formula = Formula::parse(text).ok();
            formula.map_or(Vec::new(), |f| {
                f.identifiers().iter().map(|i| i.name.clone()).collect()
            })
        })
        .collect();
    let score = |(at, (text, inputs)): (usize, &(&str, Vec<f64>))| {
        let mut context = meval::Context::new();
        for (name, value) in names[at % SHAPES].iter().zip(inputs) {
            context.var(name.as_str(), *value);
        }
        parsed_by_meval(text)
            .eval_with_context(context)
            .unwrap_or(f64::NAN)
    };
    initiatives.iter().enumerate().map(score).sum()
}
