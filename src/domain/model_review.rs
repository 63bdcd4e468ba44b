//! A second opinion of the LLM's about a formula. It is shown to the person who asked and decides nothing.

use super::llm_answer::{Fault, line, list, object};
use serde::Deserialize;

const POINTS: (usize, usize) = (10, 400);
const LONGEST_VERDICT: usize = 600;

/// What the LLM thinks of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// From 0 to 100.
    pub score: i32,
    /// In a sentence or two.
    pub verdict: String,
    /// What is wrong or missing.
    pub issues: Vec<String>,
    /// What is good about it.
    pub strengths: Vec<String>,
    /// What could be done.
    pub improvements: Vec<String>,
}

#[derive(Deserialize)]
struct Raw {
    score: f64,
    verdict: String,
    #[serde(default)]
    issues: Vec<String>,
    #[serde(default)]
    strengths: Vec<String>,
    #[serde(default)]
    improvements: Vec<String>,
}

impl Review {
    /// Reads an answer.
    ///
    /// # Errors
    /// It has another shape, no verdict, or a score that isn't from 0 to 100.
    pub fn read(answer: &str) -> Result<Self, Fault> {
        let raw: Raw = object(answer)?;
        if !(0.0..=100.0).contains(&raw.score) {
            return Err(Fault::Shape("“score” must be from 0 to 100".to_owned()));
        }
        let verdict = line(&raw.verdict, LONGEST_VERDICT);
        if verdict.is_empty() {
            return Err(Fault::Empty("verdict"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 100")]
        let score = raw.score.round() as i32;
        Ok(Self {
            score,
            verdict,
            issues: list(raw.issues, POINTS),
            strengths: list(raw.strengths, POINTS),
            improvements: list(raw.improvements, POINTS),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_review_needs_a_score_and_a_verdict() {
        let good =
            json!({"score": 71.6, "verdict": "Plausible.", "issues": ["No churn"], "extra": 1});
        let read = Review::read(&good.to_string()).unwrap();
        assert_eq!((read.score, read.verdict.as_str()), (72, "Plausible."));
        assert_eq!(read.issues, ["No churn"]);
        for bad in [
            json!({"score": 101, "verdict": "Great"}),
            json!({"score": -1, "verdict": "Bad"}),
            json!({"score": 50, "verdict": " "}),
            json!({"score": "high", "verdict": "Great"}),
            json!({"verdict": "Great"}),
        ] {
            assert!(Review::read(&bad.to_string()).is_err(), "{bad}");
        }
    }
}
