//! Cells that somebody, or something (an array formula, a script, a merged cell), changes back each time they are put
//! right. After three times they are left alone, and tried again once a day. Pure.

use super::diff::{Change, Wanted};
use crate::domain::ids::InitiativeId;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};

/// How often in a row a cell is put right.
const TIMES: u32 = 3;
/// How long it is left alone then.
const REST: TimeDelta = TimeDelta::days(1);

/// How often a cell was put right for the same thing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flap {
    /// What stood there, as a fingerprint.
    pub found: u64,
    /// How often.
    pub times: u32,
    /// Since when it is left alone.
    pub left_at: Option<DateTime<Utc>>,
}

/// Every such cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flaps(pub HashMap<(InitiativeId, &'static str), Flap>);

impl Flaps {
    /// Forgets the cells that are right by themselves now.
    pub fn forget_but(&mut self, changes: &[Change], wanted: &[Wanted]) {
        let wrong = changes.iter();
        let wrong: HashSet<_> = wrong
            .map(|change| (wanted[change.of].id, change.field_name()))
            .collect();
        self.0.retain(|cell, _| wrong.contains(cell));
    }

    /// Notes that this stands in the cell again; whether to leave it.
    pub fn is_left(
        &mut self,
        cell: (InitiativeId, &'static str),
        found: u64,
        now: DateTime<Utc>,
    ) -> bool {
        let new = Flap {
            found,
            times: 0,
            left_at: None,
        };
        let flap = self.0.entry(cell).or_insert(new);
        if flap.found != found {
            *flap = new;
        }
        match flap.left_at {
            Some(at) if now - at < REST => return true,
            // One more try.
            Some(_) => (flap.times, flap.left_at) = (TIMES - 1, None),
            None => {}
        }
        if flap.times >= TIMES {
            flap.left_at = Some(now);
            return true;
        }
        flap.times += 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_time_a_cell_is_left_alone_for_a_day_and_then_tried_once() {
        let (mut flaps, cell) = (Flaps::default(), (InitiativeId(1), "title"));
        let at = |hours| DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        let mut is_left = |found, hours| flaps.is_left(cell, found, at(hours));
        let first: Vec<_> = (0..4).map(|_| is_left(7, 0)).collect();
        assert_eq!(first, [false, false, false, true]);
        assert!(is_left(7, 23));
        assert!(!is_left(7, 25), "tried again");
        assert!(is_left(7, 26));
        assert!(!is_left(8, 27), "something else stands there");
    }
}
