//! A receipt computed again at a click. Changes nothing, so anybody may, and the form needs no key.

use super::{find, receipt};
use crate::{
    domain::{
        formula::ENGINE,
        recompute::{self as again, Recomputation},
    },
    store::score_history,
    web::{
        error::WebError,
        reply,
        view::{
            badge::{Badge, State},
            receipt::Recomputed,
        },
        visit::Visit,
    },
};
use actix_web::{HttpResponse, web::Path};

/// POST /scores/{id}/recomputation
pub async fn recompute(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    let found = find(&visit, &id).await?;
    let result = again::recompute(&score_history::stored(&found.recorded));
    reply::html(&receipt(&visit, &found, Some(recomputed(&result))))
}

fn recomputed(result: &Recomputation) -> Recomputed {
    let engine = if result.is_other_engine() {
        format!(
            " It was computed by {} then, and by {ENGINE} now.",
            result.engine_then
        )
    } else {
        String::new()
    };
    let (badge, sentence) = if result.is_same() {
        (
            Badge::saying(State::Approved, "Same to the last digit"),
            "The stored formula and the stored numbers, computed again just now, give the same value, effort, \
             overall and lines.",
        )
    } else {
        (
            Badge::saying(State::Stale, "Not the same"),
            "The receipt stands as it was recorded, and nothing was changed. What differs:",
        )
    };
    Recomputed {
        badge,
        sentence: format!("{sentence}{engine}"),
        differences: result.differences.iter().map(ToString::to_string).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recompute::Difference;

    #[test]
    fn the_answer_says_whether_it_is_the_same_and_names_both_engines_only_if_they_differ() {
        let same = recomputed(&Recomputation {
            engine_then: ENGINE.to_owned(),
            differences: Vec::new(),
        });
        assert_eq!(same.badge.state, State::Approved);
        assert!(!same.sentence.contains(ENGINE));
        let differs = recomputed(&Recomputation {
            engine_then: "productops-formula/0".to_owned(),
            differences: vec![Difference::Input {
                name: "b".to_owned(),
            }],
        });
        assert_eq!(differs.badge.state, State::Stale);
        assert!(differs.sentence.contains("productops-formula/0 then"));
        assert_eq!(differs.differences, ["No number is stored for `b`."]);
    }
}
