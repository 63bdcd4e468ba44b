//! Formulas that were compiled already, by their text: an edit of one value doesn't parse its formula again, and 10,000
//! initiatives of a framework share one program.
//!
//! Knows texts only; what is kept never goes out of date, since the same text always gives the same formula. Bounded by
//! the length of the texts: when the newer half is full it becomes the older half, and what nobody has asked for since
//! goes.

use super::{Formula, FormulaError};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// How many bytes of text each half may hold: over a thousand formulas as people write them, and some 10 MB with what
/// is compiled from them if all are as dense as can be.
const MOST_BYTES: usize = 128 * 1024;

static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

/// The same as [`Formula::parse`], for a text that is stored and will be asked for again.
///
/// ```
/// use productops::domain::formula::cached;
///
/// assert_eq!(cached("reach * impact").unwrap().evaluate(&[3.0, 2.0]).unwrap().value, 6.0);
/// ```
///
/// # Errors
/// As [`Formula::parse`]; what is wrong isn't kept.
pub fn cached(text: &str) -> Result<Arc<Formula>, Vec<FormulaError>> {
    // A thread that panicked while it held the lock left at worst a formula out.
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(formula) = lock().get(text) {
        return Ok(formula);
    }
    // Parsed without the lock: nobody waits for somebody else's text.
    let formula = Arc::new(Formula::parse(text)?);
    lock().put(text, Arc::clone(&formula));
    Ok(formula)
}

#[derive(Default)]
struct Cache {
    newer: HashMap<Box<str>, Arc<Formula>>,
    older: HashMap<Box<str>, Arc<Formula>>,
    /// How many bytes of text `newer` holds.
    bytes: usize,
}

impl Cache {
    fn get(&mut self, text: &str) -> Option<Arc<Formula>> {
        if let Some(formula) = self.newer.get(text) {
            return Some(Arc::clone(formula));
        }
        let (text, formula) = self.older.remove_entry(text)?;
        self.keep(text, Arc::clone(&formula));
        Some(formula)
    }

    fn put(&mut self, text: &str, formula: Arc<Formula>) {
        // Somebody else may have parsed it meanwhile.
        if !self.newer.contains_key(text) {
            self.keep(text.into(), formula);
        }
    }

    fn keep(&mut self, text: Box<str>, formula: Arc<Formula>) {
        if self.bytes + text.len() > MOST_BYTES {
            self.older = std::mem::take(&mut self.newer);
            self.bytes = 0;
        }
        self.bytes += text.len();
        self.newer.insert(text, formula);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_compiled_once_and_a_wrong_one_is_refused_each_time() {
        let text = "cached_once * 2";
        assert!(Arc::ptr_eq(&cached(text).unwrap(), &cached(text).unwrap()));
        for _ in 0..2 {
            assert_eq!(
                cached("cached_once *").unwrap_err()[0].code,
                "missing_operand"
            );
        }
    }

    #[test]
    fn texts_that_differ_in_a_blank_are_kept_apart_so_that_places_are_right() {
        let (narrow, wide) = (
            cached("kept_apart").unwrap(),
            cached("  kept_apart").unwrap(),
        );
        assert_eq!(narrow.identifiers()[0].column, 1);
        assert_eq!(wide.identifiers()[0].column, 3);
    }

    #[test]
    fn it_stays_within_its_bounds_and_keeps_what_is_asked_for() {
        let mut cache = Cache::default();
        let wanted = "wanted + 1";
        cache.put(wanted, Arc::new(Formula::parse(wanted).unwrap()));
        for number in 0..2_000 {
            let text = format!("value = name_{number} # {}", "x".repeat(500));
            cache.put(&text, Arc::new(Formula::parse(&text).unwrap()));
            assert!(cache.get(wanted).is_some(), "{number}");
            let length =
                |half: &HashMap<Box<str>, _>| half.keys().map(|text| text.len()).sum::<usize>();
            assert_eq!(length(&cache.newer), cache.bytes);
            assert!(cache.bytes <= MOST_BYTES && length(&cache.older) <= MOST_BYTES);
        }
        assert!(cache.get("value = name_0 # x").is_none());
        let latest = format!("value = name_1999 # {}", "x".repeat(500));
        assert!(cache.get(&latest).is_some());
    }

    #[test]
    fn many_threads_get_the_same_results() {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for number in 0..500_u32 {
                        let formula = cached(&format!("a_thread * {}", number % 50)).unwrap();
                        let value = formula.evaluate(&[2.0]).unwrap().value;
                        assert!((value - f64::from(number % 50) * 2.0).abs() < 1e-9);
                    }
                });
            }
        });
    }
}
