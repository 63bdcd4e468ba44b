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

/// The slowest of the constructed texts and of random ones as long as can be, each by the best of seven runs.
fn worst_texts(seed: u64) -> Duration {
    let mut random = Random(seed);
    let mut timed: Vec<(Duration, String)> = worst::worst()
        .iter()
        .map(|(about, text)| (best(text), format!("{about:?}")))
        .collect();
    timed.extend((0..2_000).map(|number| {
        let mut text = String::new();
        // Few kinds of pieces in one text, so that each kind gets long enough to hurt.
        let kinds: Vec<&str> = (0..2 + random.below(6))
            .map(|_| random.one_of(&PIECES))
            .collect();
        while text.len() + 16 < LONGEST {
            text.push_str(random.one_of(&kinds));
        }
        (best(&text), format!("random text {number}, of {kinds:?}"))
    }));
    timed.sort();
    timed.reverse();
    for (took, about) in timed.iter().take(10) {
        println!("{:>8.1} µs  {about}", took.as_secs_f64() * 1e6);
    }
    timed.first().map_or(Duration::ZERO, |(took, _)| *took)
}

fn best(text: &str) -> Duration {
    let once = |_| {
        let started = Instant::now();
        let _ = black_box(Formula::parse(black_box(text)));
        started.elapsed()
    };
    (0..7).map(once).min().unwrap_or_default()
}

fn ratio(took: Duration) -> f64 {
    took.as_secs_f64() / LIMIT.as_secs_f64()
}
