//! Recorded scores in the order they were recorded: for an initiative's score history, and for computing them again.

use super::scores::{Receipt, ScoreInput, ScoreLine};
use crate::domain::{
    formula::LineValue,
    ids::{FormulaVersionId, FrameworkId, InitiativeId, InitiativeKey, ScoreId},
    param::Number,
    recompute::{Stored, StoredInput},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

/// A framework by which an initiative has been scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoredFramework {
    /// Its row.
    pub id: FrameworkId,
    /// `RICE`.
    pub key: String,
    /// As people say it today.
    pub name: String,
}

/// Every framework by which an initiative has been scored, in the order people see them.
pub async fn frameworks(
    conn: &mut PgConnection,
    initiative: InitiativeId,
) -> sqlx::Result<Vec<ScoredFramework>> {
    sqlx::query_as!(
        ScoredFramework,
        r#"select f.id as "id: FrameworkId", f.key, f.name from frameworks f
           where exists (select from scores s where s.initiative_id = $1 and s.framework_id = f.id)
           order by f.position"#,
        initiative as InitiativeId,
    )
    .fetch_all(conn)
    .await
}

/// A recorded score with what it rests on.
#[derive(Clone, Debug)]
pub struct PastScore {
    /// Its receipt.
    pub id: ScoreId,
    /// The value.
    pub value: f64,
    /// Effort, if any.
    pub effort: Option<f64>,
    /// Overall, if any.
    pub overall: Option<f64>,
    /// Unit of the value.
    pub value_unit: String,
    /// The formula's text.
    pub formula: FormulaVersionId,
    /// Its version.
    pub version: i32,
    /// From what.
    pub inputs: Vec<ScoreInput>,
    /// Whose act recorded it.
    pub recorded_by_name: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Scores of an initiative by a framework, newest first: those before a given one, at most `limit`.
pub async fn list(
    conn: &mut PgConnection,
    (initiative, framework): (InitiativeId, FrameworkId),
    before: Option<ScoreId>,
    limit: i64,
) -> sqlx::Result<Vec<PastScore>> {
    let rows = sqlx::query!(
        r#"select s.id as "id: ScoreId", s.value, s.effort, s.overall, s.value_unit,
             s.formula_version_id as "formula: FormulaVersionId", v.version,
             s.inputs as "inputs: Json<Vec<ScoreInput>>", u.name as recorded_by_name, s.recorded_at
           from scores s join formula_versions v on v.id = s.formula_version_id join users u on u.id = s.recorded_by
           where s.initiative_id = $1 and s.framework_id = $2 and ($3::bigint is null or s.id < $3)
           order by s.id desc limit $4"#,
        initiative as InitiativeId,
        framework as FrameworkId,
        before.map(|id| id.0),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PastScore {
            id: row.id,
            value: row.value,
            effort: row.effort,
            overall: row.overall,
            value_unit: row.value_unit,
            formula: row.formula,
            version: row.version,
            inputs: row.inputs.0,
            recorded_by_name: row.recorded_by_name,
            recorded_at: row.recorded_at,
        })
        .collect())
}

/// A value at a moment, for the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: String,
}

/// How many scores a chart shows at most.
pub const CHART_POINTS: i64 = 200;

/// The newest values of an initiative by a framework, oldest first.
pub async fn points(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
) -> sqlx::Result<Vec<Point>> {
    let mut points = sqlx::query_as!(
        Point,
        "select recorded_at as at, value, value_unit as unit from scores
         where initiative_id = $1 and framework_id = $2 order by id desc limit $3",
        initiative as InitiativeId,
        framework as FrameworkId,
        CHART_POINTS,
    )
    .fetch_all(conn)
    .await?;
    points.reverse();
    Ok(points)
}

/// A recorded score, ready to be computed again.
#[derive(Clone, Debug)]
pub struct StoredScore {
    /// Its receipt.
    pub id: ScoreId,
    /// Whose it is.
    pub initiative_key: String,
    /// What it was computed from, and what it came to.
    pub stored: Stored,
}

/// The recorded scores after a given one, in their order, at most `limit`; of one initiative, or of all.
pub async fn list_stored(
    conn: &mut PgConnection,
    of: Option<&InitiativeKey>,
    after: ScoreId,
    limit: i64,
) -> sqlx::Result<Vec<StoredScore>> {
    let rows = sqlx::query!(
        r#"select s.id as "id: ScoreId", i.key, v.text, s.engine, s.inputs as "inputs: Json<Vec<ScoreInput>>",
             s.lines as "lines: Json<Vec<ScoreLine>>", s.value, s.effort, s.overall
           from scores s join initiatives i on i.id = s.initiative_id
           join formula_versions v on v.id = s.formula_version_id
           where s.id > $1 and ($2::text is null or i.key = $2) order by s.id limit $3"#,
        after as ScoreId,
        of.map(InitiativeKey::as_str),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredScore {
            id: row.id,
            initiative_key: row.key,
            stored: Stored {
                text: row.text,
                engine: row.engine,
                inputs: inputs(&row.inputs.0),
                lines: lines(&row.lines.0),
                value: row.value,
                effort: row.effort,
                overall: row.overall,
            },
        })
        .collect())
}

/// A receipt, ready to be computed again.
#[must_use]
pub fn stored(receipt: &Receipt) -> Stored {
    Stored {
        text: receipt.formula_text.clone(),
        engine: receipt.engine.clone(),
        inputs: inputs(&receipt.inputs),
        lines: lines(&receipt.lines),
        value: receipt.value,
        effort: receipt.effort,
        overall: receipt.overall,
    }
}

fn inputs(inputs: &[ScoreInput]) -> Vec<StoredInput> {
    let stored = |input: &ScoreInput| StoredInput {
        name: input.name.clone(),
        number: Number::from_decimal(input.value.clone()),
        is_param: input.param_id.is_some(),
    };
    inputs.iter().map(stored).collect()
}

fn lines(lines: &[ScoreLine]) -> Vec<LineValue> {
    let stored = |line: &ScoreLine| LineValue {
        line: line.line,
        name: line.name.clone(),
        source: line.source.clone(),
        value: line.value,
    };
    lines.iter().map(stored).collect()
}
