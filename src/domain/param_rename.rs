//! Which param that a formula dropped is probably one that it reads now, under another name.

use super::{formula::nearest, ids::ParamId};

/// A param that may be one side of a rename.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its row.
    pub id: ParamId,
    /// Its name.
    pub name: String,
    /// Its revision, as it is shown.
    pub revision: i64,
}

/// Pairs of the dropped and the new that are probably the same. With one on each side they are; otherwise those whose
/// names look alike. Each is in one pair at most.
#[must_use]
pub fn pairs(mut dropped: Vec<Candidate>, mut new: Vec<Candidate>) -> Vec<(Candidate, Candidate)> {
    if dropped.len() == 1 && new.len() == 1 {
        return dropped.into_iter().zip(new).collect();
    }
    let mut pairs = Vec::new();
    dropped.retain(|old| {
        let names = new.iter().map(|candidate| candidate.name.as_str());
        let Some(meant) = nearest(&old.name, names).map(str::to_owned) else {
            return true;
        };
        let Some(at) = new.iter().position(|candidate| candidate.name == meant) else {
            return true;
        };
        pairs.push((old.clone(), new.remove(at)));
        false
    });
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Candidate> {
        let all = (1..).zip(names);
        all.map(|(id, name)| Candidate {
            id: ParamId(id),
            name: (*name).to_owned(),
            revision: 1,
        })
        .collect()
    }

    #[test]
    fn one_for_one_is_a_rename_and_of_several_those_that_look_alike() {
        for (dropped, new, expected) in [
            (
                vec!["uplift_cnv"],
                vec!["uplift_conv"],
                vec![("uplift_cnv", "uplift_conv")],
            ),
            (vec!["aov"], vec!["basket"], vec![("aov", "basket")]),
            (
                vec!["uplift_cnv", "aov"],
                vec!["basket", "uplift_conv"],
                vec![("uplift_cnv", "uplift_conv")],
            ),
            (
                vec!["margin", "margins"],
                vec!["margin_"],
                vec![("margin", "margin_")],
            ),
            (vec!["a"], vec![], vec![]),
            (vec![], vec!["a", "b"], vec![]),
        ] {
            let found = pairs(named(&dropped), named(&new));
            let found: Vec<_> = found
                .iter()
                .map(|(old, new)| (old.name.as_str(), new.name.as_str()))
                .collect();
            assert_eq!(found, expected, "{dropped:?} {new:?}");
        }
    }
}
