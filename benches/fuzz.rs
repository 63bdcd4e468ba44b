//! Texts of every kind against the formula language: none may panic, and what is a formula must hold what formulas
//! hold. Then the worst texts of 8 KB there are, each timed: none may cost a millisecond.
//!
//! `cargo bench --locked --bench fuzz -- 10000000 1`: how many texts, and the seed.

#[path = "../src/domain/formula/texts.rs"]
mod texts;
#[path = "../src/domain/formula/worst.rs"]
mod worst;

use productops::domain::formula::{Formula, normalise};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use texts::{PIECES, Random};
use worst::LONGEST;

/// The most that a text may cost.
const LIMIT: Duration = Duration::from_millis(1);

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok());
    let count = numbers.next().unwrap_or(100_000);
    let seed = numbers.next().unwrap_or(1);
    any_texts(count, seed);
    let slowest = worst_texts(seed);
    println!(
        "slowest text of {LONGEST} bytes ÷ limit of {LIMIT:?}: {:.2}",
        ratio(slowest)
    );
}

fn any_texts(count: u64, seed: u64) {
    let mut random = Random(seed);
    let started = Instant::now();
    let formulas = (0..count)
        .filter(|_| {
            let text = texts::any(&mut random);
            texts::holds(&text, &mut random)
        })
        .count();
    let took = started.elapsed();
    println!(
        "{count} texts from seed {seed} in {took:.1?}: no panic; {formulas} are formulas, and all hold"
    );
}

/// The slowest of the constructed texts and of random ones as long as can be. Each counts by its best run: what else
/// the machine does only adds.
fn worst_texts(seed: u64) -> Duration {
    let mut random = Random(seed);
    let mut texts: Vec<(String, String)> = worst::worst()
        .into_iter()
        .map(|(about, text)| (format!("{about:?}"), text))
        .collect();
    texts.extend((0..2_000).map(|number| {
        let mut text = String::new();
        // Few kinds of pieces in one text, so that each kind gets long enough to hurt.
        let kinds: Vec<&str> = (0..2 + random.below(6))
            .map(|_| random.one_of(&PIECES))
            .collect();
        while text.len() + 16 < LONGEST {
            text.push_str(random.one_of(&kinds));
        }
        (format!("random text {number}, of {kinds:?}"), text)
    }));
    let mut slowest: Vec<_> = texts
        .iter()
        .map(|(about, text)| (best(text, 5), about, text))
        .collect();
    slowest.sort();
    let mut slowest: Vec<_> = slowest
        .iter()
        .rev()
        .take(20)
        .map(|(_, about, text)| (best(text, 100), about))
        .collect();
    slowest.sort();
    for (took, about) in slowest.iter().rev().take(10) {
        println!("{:>8.1} µs  {about}", took.as_secs_f64() * 1e6);
    }
    slowest.last().map_or(Duration::ZERO, |(took, _)| *took)
}

fn best(text: &str, runs: usize) -> Duration {
    let once = |_| {
        let started = Instant::now();
        let _ = black_box(Formula::parse(black_box(text)));
        started.elapsed()
    };
    (0..runs).map(once).min().unwrap_or_default()
}

fn ratio(took: Duration) -> f64 {
    took.as_secs_f64() / LIMIT.as_secs_f64()
}
