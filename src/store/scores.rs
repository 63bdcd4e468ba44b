//! Scores for the record, and where each framework of an initiative stands.

use crate::domain::{
    formula::LineValue,
    ids::{FormulaVersionId, FrameworkId, InitiativeId, MathModelId, ScoreId, UserId},
    scoring::{FormulaState, Missing},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::value::RawValue;
use sqlx::{PgConnection, types::Json};

/// The formula that drives an initiative's score by a framework, as `formulas_that_drive` says it.
#[derive(Clone, Debug)]
pub struct DrivingRow {
    /// Its text's row, if there is a text.
    pub version_id: Option<FormulaVersionId>,
    /// Its version.
    pub version: Option<i32>,
    /// Its text.
    pub text: Option<String>,
    /// Whether that text is approved, or the framework's own.
    pub is_approved: bool,
    /// Its model, or the scenario that drives in its place; none: the framework's own formula.
    pub model: Option<MathModelId>,
    /// What that scenario is called; none: Base drives.
    pub scenario: Option<String>,
    /// Whether the formula is that scenario's own.
    pub is_scenarios: bool,
    /// Unit of the value.
    pub value_unit: String,
}

impl DrivingRow {
    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> FormulaState {
        let scenario = self.scenario.as_deref().filter(|_| self.is_scenarios);
        FormulaState::of(
            self.version.zip(self.text.as_deref()),
            self.is_approved,
            scenario,
        )
    }
}

/// The formula that drives scoring, with where it stands; none: there is no such initiative or framework.
pub async fn driving(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
) -> sqlx::Result<Option<DrivingRow>> {
    sqlx::query_as!(
        DrivingRow,
        r#"select version_id as "version_id?: FormulaVersionId", version as "version?", text as "text?",
             is_approved as "is_approved!", coalesce(scenario_id, model_id) as "model?: MathModelId",
             scenario as "scenario?", coalesce(is_scenarios, false) as "is_scenarios!", value_unit as "value_unit!"
           from formulas_that_drive where initiative_id = $1 and framework_id = $2"#,
        initiative as InitiativeId,
        framework as FrameworkId,
    )
    .fetch_optional(conn)
    .await
}

/// One number that went into a score, with who stands behind it, frozen as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreInput {
    /// The name in the formula, or the initiative's field.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Canonical digits.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// Whose it was; empty: nobody's.
    pub source: String,
    /// The param's row; none: a field of the initiative.
    pub param_id: Option<i64>,
    /// The param's revision.
    pub revision: Option<i64>,
    /// Who set the value.
    pub set_by: Option<String>,
    /// When.
    pub set_at: Option<DateTime<Utc>>,
    /// The approval that held.
    pub approval_id: Option<i64>,
    /// Who approved it; none: not subject to approval.
    pub approved_by: Option<String>,
    /// When.
    pub approved_at: Option<DateTime<Utc>>,
    /// How the approval came to be: `person`, `import`, `reinstated`.
    pub approval_origin: Option<String>,
    /// The scenario that set it, and what it replaces; none: Base's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<FromScenario>,
}

/// A number that a scenario set in the place of Base's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FromScenario {
    /// What the scenario was called.
    pub label: String,
    /// Base's own digits then; none: it had no value.
    pub replaces: Option<String>,
}

/// A line of the formula with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreLine {
    /// The line's number in the formula, from 1.
    pub line: u32,
    /// What the line assigns.
    pub name: String,
    /// The line's text.
    pub source: String,
    /// What it came to.
    #[serde(deserialize_with = "to_the_last_bit")]
    pub value: f64,
}

impl ScoreLine {
    /// A formula's lines as they are kept.
    #[must_use]
    pub fn all(lines: Vec<LineValue>) -> Vec<Self> {
        let kept = lines.into_iter().map(|line| Self {
            line: line.line,
            name: line.name,
            source: line.source,
            value: line.value,
        });
        kept.collect()
    }
}

/// Reads a number as it stands. The usual way of reading JSON may miss its last bit, and a receipt must not.
fn to_the_last_bit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let digits = Box::<RawValue>::deserialize(deserializer)?;
    digits.get().parse().map_err(D::Error::custom)
}

/// A score to be recorded.
#[derive(Clone, Debug)]
pub struct NewScore {
    /// Whose.
    pub initiative: InitiativeId,
    /// By which framework.
    pub framework: FrameworkId,
    /// By which model; none: by the framework's own formula.
    pub math_model: Option<MathModelId>,
    /// By exactly which text.
    pub formula_version: FormulaVersionId,
    /// From what.
    pub inputs: Vec<ScoreInput>,
    /// The result.
    pub value: f64,
    /// Effort, if any.
    pub effort: Option<f64>,
    /// Overall, if any.
    pub overall: Option<f64>,
    /// Unit of the value.
    pub value_unit: String,
    /// Line by line.
    pub lines: Vec<ScoreLine>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// Which engine computed it.
    pub engine: &'static str,
}

/// Records a score and makes it the framework's; the very same inputs under the same formula are recorded once,
/// and a framework that is off isn't scored.
pub async fn record(
    conn: &mut PgConnection,
    new: &NewScore,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"with last as (
             select s.id from initiative_frameworks f join scores s on s.id = f.score_id
             where f.initiative_id = $1 and f.framework_id = $2
               and s.math_model_id is not distinct from $3 and s.formula_version_id = $4 and s.inputs = $5 and s.value = $6
               and s.effort is not distinct from $7 and s.overall is not distinct from $8 and s.value_unit = $9
           ), recorded as (
             insert into scores (initiative_id, framework_id, math_model_id, formula_version_id, inputs, value, effort,
               overall, value_unit, lines, notes, engine, recorded_by, recorded_at)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
             where not exists (select from last) and exists (
               select from initiative_frameworks f where f.initiative_id = $1 and f.framework_id = $2 and f.is_on)
             returning id
           )
           update initiative_frameworks f set status = 'approved', missing = '[]', stale_because = null,
             stale_by = null, stale_since = null, score_id = coalesce((select id from recorded), f.score_id)
           where f.initiative_id = $1 and f.framework_id = $2 and f.is_on"#,
        new.initiative as InitiativeId,
        new.framework as FrameworkId,
        new.math_model as Option<MathModelId>,
        new.formula_version as FormulaVersionId,
        Json(&new.inputs) as _,
        new.value,
        new.effort,
        new.overall,
        new.value_unit,
        Json(&new.lines) as _,
        Json(&new.notes) as _,
        new.engine,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// No score can be recorded now: what is missing. A score recorded earlier stands as stale, for the first reason given.
pub async fn save_missing(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
    missing: &[Missing],
    because: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update initiative_frameworks set missing = $3,
           status = case when score_id is null then 'not_ready' else 'stale' end,
           stale_because = case when score_id is null then null else coalesce(stale_because, $4) end,
           stale_by = case when score_id is null then null else coalesce(stale_by, $5) end,
           stale_since = case when score_id is null then null else coalesce(stale_since, $6) end
         where initiative_id = $1 and framework_id = $2 and is_on",
        initiative as InitiativeId,
        framework as FrameworkId,
        Json(missing) as _,
        because,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A stale score that an earlier reason no longer tells the truth about gets another one.
pub async fn renew_stale_reason(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
    because: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update initiative_frameworks set stale_because = $3, stale_by = $4, stale_since = $5
         where initiative_id = $1 and framework_id = $2 and status = 'stale'",
        initiative as InitiativeId,
        framework as FrameworkId,
        because,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Turns a framework on for an initiative; whether it was off.
pub async fn turn_on(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
) -> sqlx::Result<bool> {
    let changed = sqlx::query!(
        "insert into initiative_frameworks (initiative_id, framework_id, is_on, status) values ($1, $2, true, 'not_ready')
         on conflict (initiative_id, framework_id) do update set is_on = true where not initiative_frameworks.is_on",
        initiative as InitiativeId,
        framework as FrameworkId,
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Turns it off; model, params, approvals, scores and history stay.
pub async fn turn_off(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
) -> sqlx::Result<bool> {
    let changed = sqlx::query!(
        "update initiative_frameworks set is_on = false where initiative_id = $1 and framework_id = $2 and is_on",
        initiative as InitiativeId,
        framework as FrameworkId,
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Where a framework of an initiative stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Which framework.
    pub framework_id: FrameworkId,
    /// Whether it is on.
    pub is_on: bool,
    /// `not_ready`, `approved` or `stale`.
    pub status: String,
    /// Everything that is missing.
    pub missing: Vec<Missing>,
    /// Why the score is stale.
    pub stale_because: Option<String>,
    /// Whose act made it so.
    pub stale_by_name: Option<String>,
    /// Since when.
    pub stale_since: Option<DateTime<Utc>>,
    /// The scenario that drives it, and what it is called; none: Base does.
    pub driver: Option<(MathModelId, String)>,
    /// The last score for the record.
    pub score: Option<RecordedScore>,
}

/// Why a score is stale, for lists.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyStale {
    /// What moved: `Margin changed`.
    pub because: String,
    /// Whose act that was.
    pub by_name: Option<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}

/// The figures of a recorded score.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedScore {
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
    /// What a reader should know.
    pub notes: Vec<String>,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// Every framework that is or was on for an initiative, in the order people see them.
pub async fn standings(
    conn: &mut PgConnection,
    initiative: InitiativeId,
) -> sqlx::Result<Vec<Standing>> {
    let rows = sqlx::query!(
        r#"select f.framework_id as "framework_id: FrameworkId", f.is_on, f.status,
             f.missing as "missing: Json<Vec<Missing>>", f.stale_because, u.name as "stale_by_name?", f.stale_since,
             s.id as "score_id?: ScoreId", s.value as "value?", s.effort, s.overall, s.value_unit as "value_unit?",
             s.notes as "notes?: Json<Vec<String>>", s.recorded_at as "recorded_at?",
             d.id as "driver_id?: MathModelId", d.scenario_label as "driver?"
           from initiative_frameworks f
           join frameworks k on k.id = f.framework_id
           left join math_models d on d.initiative_id = f.initiative_id and d.framework_id = f.framework_id
             and d.drives and d.scenario_label <> 'Base'
           left join users u on u.id = f.stale_by
           left join scores s on s.id = f.score_id
           where f.initiative_id = $1 order by k.position"#,
        initiative as InitiativeId,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Standing {
            framework_id: row.framework_id,
            is_on: row.is_on,
            status: row.status,
            missing: row.missing.0,
            stale_because: row.stale_because,
            stale_by_name: row.stale_by_name,
            stale_since: row.stale_since,
            driver: row.driver_id.zip(row.driver),
            score: row
                .score_id
                .zip(row.value)
                .zip(row.recorded_at)
                .map(|((id, value), at)| RecordedScore {
                    id,
                    value,
                    effort: row.effort,
                    overall: row.overall,
                    value_unit: row.value_unit.unwrap_or_default(),
                    notes: row.notes.map(|notes| notes.0).unwrap_or_default(),
                    recorded_at: at,
                }),
        })
        .collect())
}

/// Everything a receipt shows.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its number.
    pub id: ScoreId,
    /// The initiative's key.
    pub initiative_key: String,
    /// Its title today.
    pub initiative_title: String,
    /// The framework's name.
    pub framework_name: String,
    /// The model's name; none: the framework's own formula.
    pub model_name: Option<String>,
    /// The scenario that drove it, as it is called today; none: Base.
    pub scenario: Option<String>,
    /// The formula's version.
    pub formula_version: i32,
    /// Whether the formula was that scenario's own.
    pub is_scenarios_formula: bool,
    /// Its exact text.
    pub formula_text: String,
    /// Its fingerprint, SHA-256.
    pub formula_sha256: Vec<u8>,
    /// Who approved the text; none: the framework's own.
    pub formula_approved_by: Option<String>,
    /// When.
    pub formula_approved_at: Option<DateTime<Utc>>,
    /// From what.
    pub inputs: Vec<ScoreInput>,
    /// Line by line.
    pub lines: Vec<ScoreLine>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// The figures.
    pub value: f64,
    /// Effort, if any.
    pub effort: Option<f64>,
    /// Overall, if any.
    pub overall: Option<f64>,
    /// Unit of the value.
    pub value_unit: String,
    /// Which engine computed it.
    pub engine: String,
    /// Whose act recorded it.
    pub recorded_by_name: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Whether it is still the framework's score, and current.
    pub is_current: bool,
}

/// A score with everything that went into it.
pub async fn get_receipt(conn: &mut PgConnection, id: ScoreId) -> sqlx::Result<Option<Receipt>> {
    let row = sqlx::query!(
        r#"select s.id as "id: ScoreId", i.key, i.title, f.name as framework_name, m.model_name as "model_name?",
             sc.scenario_label as "scenario?", coalesce(v.owner_kind = 'math_model' and v.owner_id = sc.id, false)
               as "is_scenarios_formula!", v.version, v.text, v.sha256, au.name as "approved_by?", a.approved_at as "approved_at?",
             s.inputs as "inputs: Json<Vec<ScoreInput>>", s.lines as "lines: Json<Vec<ScoreLine>>",
             s.notes as "notes: Json<Vec<String>>", s.value, s.effort, s.overall, s.value_unit, s.engine,
             u.name as recorded_by_name, s.recorded_at,
             exists (select from initiative_frameworks c where c.score_id = s.id and c.status = 'approved') as "is_current!"
           from scores s join initiatives i on i.id = s.initiative_id join frameworks f on f.id = s.framework_id
           join formula_versions v on v.id = s.formula_version_id join users u on u.id = s.recorded_by
           left join math_models m on m.initiative_id = s.initiative_id and m.framework_id = s.framework_id
             and m.scenario_label = 'Base' and v.owner_kind = 'math_model'
           left join math_models sc on sc.id = s.math_model_id and sc.scenario_label <> 'Base'
           left join lateral (
             select approved_by, approved_at from approvals
             where v.owner_kind = 'math_model' and subject_kind = 'math_model' and subject_id = v.owner_id
               and part in ('formula', 'scenario')
               and formula_version_id = s.formula_version_id and approved_at <= s.recorded_at
             order by approved_at desc limit 1) a on true
           left join users au on au.id = a.approved_by
           where s.id = $1"#,
        id as ScoreId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Receipt {
        id: row.id,
        initiative_key: row.key,
        initiative_title: row.title,
        framework_name: row.framework_name,
        model_name: row.model_name,
        scenario: row.scenario,
        formula_version: row.version,
        is_scenarios_formula: row.is_scenarios_formula,
        formula_text: row.text,
        formula_sha256: row.sha256,
        formula_approved_by: row.approved_by,
        formula_approved_at: row.approved_at,
        inputs: row.inputs.0,
        lines: row.lines.0,
        notes: row.notes.0,
        value: row.value,
        effort: row.effort,
        overall: row.overall,
        value_unit: row.value_unit,
        engine: row.engine,
        recorded_by_name: row.recorded_by_name,
        recorded_at: row.recorded_at,
        is_current: row.is_current,
    }))
}
