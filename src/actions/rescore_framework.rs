//! Scores everybody afresh after a framework's definition changed: a job, chunk by chunk. Each chunk reads what is true
//! then, so that it may be done twice, or beside people's edits, with the same result: equal inputs under the same
//! formula are recorded once.

use super::scores::{effort_days, inputs, notes};
use crate::{
    domain::{
        formula::ENGINE,
        ids::{FrameworkId, InitiativeId},
        scoring::{self, Case, FormulaState, Missing, Score},
    },
    store::{
        framework_spread, frameworks, jobs,
        rescoring::{self, Subject},
        scores::{NewScore, ScoreLine},
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// The job's name.
pub const JOB: &str = "rescore_framework";
/// How many initiatives one transaction scores: few enough that nobody's edit waits noticeably for their lock.
pub const CHUNK: i64 = 500;

/// Which framework the job is about; equal payloads are one job.
#[must_use]
pub fn payload(framework: FrameworkId) -> Value {
    json!({ "framework_id": framework })
}

/// Queues the job, within the transaction that makes it necessary.
pub async fn enqueue(
    tx: &mut PgConnection,
    framework: FrameworkId,
    total: usize,
) -> sqlx::Result<()> {
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    jobs::enqueue(tx, JOB, &payload(framework), total).await?;
    Ok(())
}

/// What came of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// How many initiatives it went through.
    pub count: i64,
    /// The last one's row.
    pub last: i64,
}

/// Scores the next initiatives after that row, at most so many; none: there are no more.
pub async fn score_chunk(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    id: FrameworkId,
    (after, most): (i64, i64),
) -> sqlx::Result<Option<Chunk>> {
    let subjects = rescoring::load(tx, id, (after, most), true).await?;
    let Some(last) = subjects.last().map(|subject| subject.initiative.id.0) else {
        return Ok(None);
    };
    // Read under the locks: whoever changes the definition needs them first.
    let all = frameworks::list(tx).await?;
    let (Some(framework), Some(by)) = (
        all.iter().find(|framework| framework.id == id),
        rescoring::last_change(tx, id).await?,
    ) else {
        return Ok(None);
    };
    let mut fresh = Vec::with_capacity(subjects.len());
    let mut missing: Vec<(InitiativeId, FrameworkId, Vec<Missing>)> = Vec::new();
    for subject in &subjects {
        match score_as_it_stands(subject) {
            Ok(score) => fresh.extend(new_score(subject, id, score)),
            Err(what) => missing.push((subject.initiative.id, id, what)),
        }
    }
    let because = format!("{} changed", framework.name);
    rescoring::record(tx, &fresh, by, now).await?;
    rescoring::save_missing(tx, &missing, &because, by, now).await?;
    let active: Vec<_> = subjects
        .iter()
        .filter(|subject| subject.is_active)
        .map(|subject| subject.initiative.id)
        .collect();
    framework_spread::mark(tx, &active, "rescored").await?;
    let count = i64::try_from(subjects.len()).unwrap_or(i64::MAX);
    Ok(Some(Chunk { count, last }))
}

/// What an initiative is worth by that formula, or what is missing.
///
/// # Errors
/// Everything that is missing.
pub fn score(subject: &Subject, formula: &FormulaState) -> Result<Score, Vec<Missing>> {
    scoring::score(&Case {
        formula,
        params: &subject.params,
        effort_days: effort_days(&subject.initiative),
    })
}

/// The same by the formula that drives its score, with the scenario that does.
pub(super) fn score_as_it_stands(subject: &Subject) -> Result<Score, Vec<Missing>> {
    score(subject, &subject.driving.state())
}

/// Such a score as it is recorded; none: its formula isn't approved, so that it is none.
pub(super) fn new_score(
    subject: &Subject,
    framework: FrameworkId,
    score: Score,
) -> Option<NewScore> {
    let driving = &subject.driving;
    let (FormulaState::Approved(formula), Some(version)) = (driving.state(), driving.version_id)
    else {
        return None;
    };
    let initiative = &subject.initiative;
    Some(NewScore {
        initiative: initiative.id,
        framework,
        math_model: driving.model,
        formula_version: version,
        inputs: inputs(&formula, &subject.params, initiative, &score),
        value: score.value,
        effort: score.effort,
        overall: score.overall,
        value_unit: driving.value_unit.clone(),
        lines: ScoreLine::all(score.lines),
        notes: notes(driving, score.notes),
        engine: ENGINE,
    })
}
