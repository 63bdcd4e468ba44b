//! What looks like a mistake rather than like work: nothing is written until an admin has looked at what would be. Pure.

use super::{
    diff::{Wanted, index},
    grid::Grid,
    run::{Confirmed, Verified},
    verify::Look,
};

/// So many rows may go at once without a question.
const FEW: usize = 5;
/// And such a part of all.
const PART: usize = 5;

/// Why an admin is asked first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Many rows that stood in the sheet are gone.
    KeysGone {
        /// How many.
        gone: usize,
        /// Of how many.
        of: usize,
        /// Which, in short.
        print: u64,
    },
    /// The first write would change much of what people had there.
    FirstWrite {
        /// How many cells that aren't empty.
        changed: usize,
        /// Of how many.
        of: usize,
    },
    /// The first write would leave scores without the column that says how they stand.
    NoStatus,
}

impl Breaker {
    /// The first that holds and isn't confirmed.
    pub(super) fn find(
        sheet: &Grid,
        seen: &Look,
        wanted: &[Wanted],
        verified: &Verified,
        confirmed: &Confirmed,
    ) -> Option<Self> {
        let keys_gone = keys_gone(sheet, seen, wanted, verified);
        let first = (!confirmed.has_written).then(|| first_write(sheet, seen, wanted));
        let no_status = seen.layout.missing.contains(&"score_status") && !confirmed.has_written;
        let all = keys_gone
            .into_iter()
            .chain(first.flatten())
            .chain(no_status.then_some(Self::NoStatus));
        let mut open = all.filter(|breaker| !confirmed.tokens.contains(&breaker.token()));
        open.next()
    }

    /// By what it is confirmed: other rows gone are another question.
    #[must_use]
    pub fn token(&self) -> String {
        match self {
            Self::KeysGone { print, .. } => format!("keys_gone:{print:016x}"),
            Self::FirstWrite { .. } => "first_write".to_owned(),
            Self::NoStatus => "no_status".to_owned(),
        }
    }

    /// What happened, that nothing was written, and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::KeysGone { gone, of, .. } => format!(
                "{gone} of {of} rows that the mirror knows are gone from the sheet. Nothing was written. Bring them back \
                 there (File › Version history), or confirm that the mirror shall add them again."
            ),
            Self::FirstWrite { changed, of } => format!(
                "The first write would change {changed} of {of} cells that aren’t empty. Nothing was written. Look at \
                 what differs, then confirm it."
            ),
            Self::NoStatus => "The sheet has no column “score_status”, so nobody would see which scores are approved. \
                Nothing was written. Add the column, or confirm that the mirror shall go on without it."
                .to_owned(),
        }
    }
}

fn keys_gone(sheet: &Grid, seen: &Look, wanted: &[Wanted], verified: &Verified) -> Option<Breaker> {
    let rows = index(sheet, &seen.layout);
    let known = || wanted.iter().filter(|one| verified.contains_key(&one.id));
    let of = known().count();
    let absent = &seen.difference.absent;
    let is_gone = |at: &&usize| {
        let one = &wanted[**at];
        verified.contains_key(&one.id) && !rows.contains_key(one.key.as_str())
    };
    let gone: Vec<_> = absent.iter().filter(is_gone).collect();
    if gone.len() <= FEW || gone.len() * PART <= of {
        return None;
    }
    let keys = gone.iter().flat_map(|at| wanted[**at].id.0.to_le_bytes());
    let print = keys.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Some(Breaker::KeysGone {
        gone: gone.len(),
        of,
        print,
    })
}

fn first_write(sheet: &Grid, seen: &Look, wanted: &[Wanted]) -> Option<Breaker> {
    let rows = index(sheet, &seen.layout);
    let ours = wanted.iter().filter_map(|one| rows.get(one.key.as_str()));
    let filled = |row: &usize| {
        let columns = seen.layout.columns.iter();
        columns
            .filter(|(_, column)| sheet.cell(*row, *column).is_content())
            .count()
    };
    let of = ours.flatten().map(filled).sum();
    let differences = seen.difference.changes.iter();
    let changed = differences
        .filter(|change| change.found.is_content())
        .count();
    (changed * PART > of).then_some(Breaker::FirstWrite { changed, of })
}
