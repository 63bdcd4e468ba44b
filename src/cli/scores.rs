//! `productops verify-scores`.

use super::{
    VerifyScores,
    output::{Failure, say},
};
use crate::{
    app::Database,
    config::Config,
    domain::{
        ids::{InitiativeKey, ScoreId},
        recompute::recompute,
    },
    store::{Db, score_history},
};
use serde::Serialize;
use std::fmt;

/// How many scores are read at a time.
const BATCH: i64 = 500;

/// What computing every recorded score again came to.
#[derive(Debug, Default, Serialize)]
struct Verified {
    /// How many were computed again.
    checked: usize,
    /// Those that didn't come out the same.
    different: Vec<Different>,
}

/// A score that didn't come out the same.
#[derive(Debug, Serialize)]
struct Different {
    score: ScoreId,
    initiative: String,
    engine: String,
    why: Vec<String>,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for one in &self.different {
            let Different {
                score,
                initiative,
                engine,
                ..
            } = one;
            writeln!(f, "Receipt {score} of {initiative}, computed by {engine}:")?;
            for why in &one.why {
                writeln!(f, "  {why}")?;
            }
        }
        match (self.checked, self.different.len()) {
            (0, _) => f.write_str("No score has been recorded yet."),
            (all, 0) => write!(
                f,
                "Computed again: {all}. Each is the same to the last digit."
            ),
            (all, different) => write!(
                f,
                "Computed again: {all}. Not the same: {different}. Nothing was changed; the receipts stand as recorded."
            ),
        }
    }
}

/// Computes every recorded score again, or those of one initiative, and compares to the last bit.
pub(super) async fn verify(config: &Config, call: VerifyScores) -> Result<(), Failure> {
    let key = call.initiative.map(|key| key.parse::<InitiativeKey>());
    let key = key
        .transpose()
        .map_err(|why| Failure::Call(why.to_string()))?;
    let database = Database::open(config).await?;
    let verified = verify_all(&database.db, key).await;
    let closed = database.close_when_unused().await;
    let verified = verified?;
    if call.json {
        let json = serde_json::to_string_pretty(&verified)
            .map_err(|why| Failure::Surroundings(format!("The report can’t be written: {why}")))?;
        say(&json);
    } else {
        say(&verified.to_string());
    }
    closed?;
    if verified.different.is_empty() {
        Ok(())
    } else {
        Err(Failure::SaidInput)
    }
}

async fn verify_all(db: &Db, key: Option<InitiativeKey>) -> Result<Verified, sqlx::Error> {
    let mut verified = Verified::default();
    let mut after = ScoreId(0);
    loop {
        let key = key.clone();
        let batch = db
            .read(async move |mut conn| {
                score_history::list_stored(&mut conn, key.as_ref(), after, BATCH).await
            })
            .await?;
        let Some(last) = batch.last() else {
            return Ok(verified);
        };
        after = last.id;
        verified.checked += batch.len();
        for score in batch {
            let again = recompute(&score.stored);
            if !again.is_same() {
                verified.different.push(Different {
                    score: score.id,
                    initiative: score.initiative_key,
                    engine: again.engine_then,
                    why: again.differences.iter().map(ToString::to_string).collect(),
                });
            }
        }
    }
}
