//! Ranks side by side: how far frameworks disagree about one initiative, and the overall weighted by strategic priority.
//!
//! Knows ranks as numbers. Who is ranked against whom is settled where all scores are at hand, in the store.

/// What an initiative's rank by one framework says beside its rank by the one it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Not ranked by this framework, or by no other.
    Nothing,
    /// The one that the others are compared with.
    Reference,
    /// The same place.
    Same,
    /// So many places higher.
    Higher(u64),
    /// So many places lower.
    Lower(u64),
}

/// Each rank beside the reference: the active framework's where it has one, else the first there is.
#[must_use]
pub fn beside(ranks: &[Option<i64>], active: Option<usize>) -> Vec<Beside> {
    let is_ranked = |at: &usize| ranks.get(*at).is_some_and(Option::is_some);
    let first = || ranks.iter().position(Option::is_some);
    let reference = active.filter(is_ranked).or_else(first);
    let is_alone = ranks.iter().flatten().count() < 2;
    ranks
        .iter()
        .enumerate()
        .map(|(at, rank)| {
            let against = reference.and_then(|at| ranks[at]);
            match (rank, against) {
                (Some(_), Some(_)) if is_alone => Beside::Nothing,
                (Some(_), Some(_)) if Some(at) == reference => Beside::Reference,
                (Some(rank), Some(against)) if rank == &against => Beside::Same,
                (Some(rank), Some(against)) if *rank < against => {
                    Beside::Higher(against.abs_diff(*rank))
                }
                (Some(rank), Some(against)) => Beside::Lower(against.abs_diff(*rank)),
                _ => Beside::Nothing,
            }
        })
        .collect()
}

/// Why there is no weighted overall. A blank coefficient never counts as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unweighted {
    /// The active framework has no overall.
    #[error("no overall score")]
    NoOverall,
    /// Nobody has said how important it is.
    #[error("no strategic priority")]
    NoCoefficient,
    /// The product lies outside what can be stored.
    #[error("too large or too small to show")]
    OutOfReach,
}

/// Why a weighted overall is blank, where it is.
#[must_use]
pub fn why_unweighted(
    has_coefficient: bool,
    has_overall: bool,
    is_weighted: bool,
) -> Option<Unweighted> {
    match (is_weighted, has_overall, has_coefficient) {
        (true, ..) => None,
        (_, false, _) => Some(Unweighted::NoOverall),
        (_, _, false) => Some(Unweighted::NoCoefficient),
        _ => Some(Unweighted::OutOfReach),
    }
}

#[cfg(test)]
mod tests {
    use super::{Beside::*, *};

    /// Ranks, which is the active one, and what each says.
    type Case<'a> = (&'a [Option<i64>], Option<usize>, &'a [Beside]);

    #[test]
    fn ranks_are_compared_with_the_active_frameworks_else_with_the_first() {
        let cases: [Case<'_>; 7] = [
            (
                &[Some(3), Some(1), Some(5)],
                Some(0),
                &[Reference, Higher(2), Lower(2)],
            ),
            (
                &[Some(3), Some(1), Some(5)],
                Some(2),
                &[Higher(2), Higher(4), Reference],
            ),
            (&[Some(3), Some(3)], Some(1), &[Same, Reference]),
            (
                &[None, Some(2), Some(9)],
                Some(0),
                &[Nothing, Reference, Lower(7)],
            ),
            (
                &[None, Some(2), Some(9)],
                None,
                &[Nothing, Reference, Lower(7)],
            ),
            (&[Some(4), None], Some(0), &[Nothing, Nothing]),
            (&[], Some(3), &[]),
        ];
        for (ranks, active, expected) in cases {
            assert_eq!(beside(ranks, active), expected, "{ranks:?} {active:?}");
        }
    }

    #[test]
    fn a_blank_coefficient_is_a_reason_and_no_silent_one() {
        assert_eq!(why_unweighted(true, true, true), None);
        assert_eq!(
            why_unweighted(false, true, false),
            Some(Unweighted::NoCoefficient)
        );
        assert_eq!(
            why_unweighted(true, false, false),
            Some(Unweighted::NoOverall)
        );
        assert_eq!(
            why_unweighted(false, false, false),
            Some(Unweighted::NoOverall)
        );
        assert_eq!(
            why_unweighted(true, true, false),
            Some(Unweighted::OutOfReach)
        );
    }
}
