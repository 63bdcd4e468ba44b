//! What stands in the tabs of the app's own that the mirror keeps beside the backlog: each in one statement, rows in the
//! order in which the tab has them.

use crate::domain::{ids::ScoreId, scoring::Missing};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};

/// Lets everything that is read in this transaction be of one moment.
pub async fn as_of_one_moment(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("set transaction isolation level repeatable read, read only")
        .execute(tx)
        .await?;
    Ok(())
}

/// A framework that is on for an initiative, with its score.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoringRow {
    /// The initiative's key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Whether it is archived.
    pub is_archived: bool,
    /// The framework's key.
    pub framework: String,
    /// Whether it is the active one.
    pub is_active: bool,
    /// `approved`, `stale`, `not_ready` or `legacy`.
    pub status: String,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// Why stale, whose act made it so, and when.
    pub stale: Option<(String, String, DateTime<Utc>)>,
    /// The receipt of the score for the record; none: there is no such score.
    pub score: Option<ScoreId>,
    /// When it was recorded.
    pub recorded_at: Option<DateTime<Utc>>,
    /// Its value, or that of a workbook.
    pub value: Option<f64>,
    /// Unit of the value.
    pub value_unit: String,
    /// Effort.
    pub effort: Option<f64>,
    /// Overall.
    pub overall: Option<f64>,
    /// What a reader should know of it.
    pub notes: Vec<String>,
    /// Its rank within framework and unit, from 1; none: not ranked.
    pub rank: Option<i64>,
    /// Among how many.
    pub among: Option<i64>,
    /// Whether the backlog shows a person's figure in its place.
    pub is_overridden: bool,
}

/// Every framework that is on, of every initiative.
pub async fn scoring(tx: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<ScoringRow>> {
    let rows = sqlx::query!(
        r#"select i.key, i.title, i.archived_at is not null as "is_archived!", k.key as framework,
             coalesce(f.framework_id = i.active_framework_id, false) as "is_active!",
             case when l.id is null then f.status else 'legacy' end as "status!",
             f.missing as "missing: Json<Vec<Missing>>", f.stale_because, u.name as "stale_by?", f.stale_since,
             s.id as "score?: ScoreId", s.recorded_at as "recorded_at?",
             coalesce(s.value, l.value::float8) as value, coalesce(s.value_unit, '') as "value_unit!",
             coalesce(s.effort, l.effort::float8) as effort, coalesce(s.overall, l.overall::float8) as overall,
             s.notes as "notes?: Json<Vec<String>>",
             case when s.id is not null and i.archived_at is null then rank() over (
               partition by f.framework_id, s.value_unit collate "C", s.id is not null and i.archived_at is null
               order by s.overall desc nulls last, s.value desc) end as rank,
             case when s.id is not null and i.archived_at is null then count(s.id) over (
               partition by f.framework_id, s.value_unit collate "C",
                 s.id is not null and i.archived_at is null) end as among,
             o.id is not null as "is_overridden!"
           from initiative_frameworks f
           join initiatives i on i.id = f.initiative_id
           join frameworks k on k.id = f.framework_id
           left join users u on u.id = f.stale_by
           left join scores s on s.id = f.score_id
           left join score_overrides o on o.initiative_id = i.id and o.framework_id = f.framework_id
             and o.framework_id = i.active_framework_id
             and o.ended_at is null and (o.expires_at is null or o.expires_at > $1)
           left join legacy_scores l on l.initiative_id = i.id and l.ended_at is null
             and f.framework_id = i.active_framework_id and f.score_id is null
           where f.is_on
           order by i.key_prefix, i.key_number, k.position, k.id"#,
        now,
    );
    let rows = rows.fetch_all(tx).await?.into_iter();
    let rows = rows.map(|row| ScoringRow {
        key: row.key,
        title: row.title,
        is_archived: row.is_archived,
        framework: row.framework,
        is_active: row.is_active,
        status: row.status,
        missing: row.missing.0,
        stale: row
            .stale_because
            .zip(row.stale_since)
            .map(|(because, since)| (because, row.stale_by.unwrap_or_default(), since)),
        score: row.score,
        recorded_at: row.recorded_at,
        value: row.value,
        value_unit: row.value_unit,
        effort: row.effort,
        overall: row.overall,
        notes: row.notes.map(|notes| notes.0).unwrap_or_default(),
        rank: row.rank,
        among: row.among,
        is_overridden: row.is_overridden,
    });
    Ok(rows.collect())
}

/// A math model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRow {
    /// The initiative's key.
    pub key: String,
    /// The framework's key.
    pub framework: String,
    /// Which scenario.
    pub scenario: String,
    /// Its name.
    pub name: String,
    /// The version of the formula; none: none is saved yet.
    pub version: Option<i32>,
    /// Unit of the value.
    pub value_unit: String,
    /// Description, prompt, assumptions and notes.
    pub texts: [String; 4],
    /// The formula as saved last.
    pub formula: String,
    /// The formula as approved; empty: none is.
    pub approved_formula: String,
    /// Who approved it, and when.
    pub approved: Option<(String, DateTime<Utc>)>,
    /// Formula, assumptions and notes that the LLM suggests.
    pub suggested: [String; 3],
    /// Whether it drives the score.
    pub drives: bool,
}

/// Every math model of a framework that is on, Base and each scenario: with its own formula, or Base's where it follows
/// that, and the approval that covers it.
pub async fn math_models(tx: &mut PgConnection) -> sqlx::Result<Vec<ModelRow>> {
    let rows = sqlx::query!(
        r#"select i.key, k.key as framework, m.scenario_label, b.model_name, v.version as "version?", b.value_unit,
             m.drives, m.model_description_free_text, m.model_prompt_to_llm, m.assumptions_text, m.llm_notes,
             coalesce(v.text, '') as "formula!", coalesce(av.text, '') as "approved_formula!",
             u.name as "approved_by?", a.approved_at as "approved_at?", coalesce(g.formula, '') as "suggested_formula!",
             coalesce(g.assumptions, '') as "suggested_assumptions!", coalesce(g.notes, '') as "suggested_notes!"
           from math_models m
           join initiatives i on i.id = m.initiative_id
           join frameworks k on k.id = m.framework_id
           join initiative_frameworks f on f.initiative_id = i.id and f.framework_id = k.id and f.is_on
           join math_models b on b.initiative_id = i.id and b.framework_id = k.id and b.scenario_label = 'Base'
           cross join lateral (
             select m.id <> b.id and m.formula_version_id is not null as is_own) o
           left join formula_versions v on v.id = case when o.is_own then m.formula_version_id else b.formula_version_id end
           left join approvals a on a.subject_kind = 'math_model'
             and a.subject_id = case when o.is_own then m.id else b.id end
             and a.part = case when o.is_own then 'scenario' else 'formula' end and a.withdrawn_at is null
           left join formula_versions av on av.id = a.formula_version_id
           left join users u on u.id = a.approved_by
           left join suggestions g on g.math_model_id = m.id and g.former_because is null and g.refused_at is null
           order by i.key_prefix, i.key_number, k.position, k.id, m.drives desc, m.id"#
    );
    let rows = rows.fetch_all(tx).await?.into_iter();
    let rows = rows.map(|row| ModelRow {
        key: row.key,
        framework: row.framework,
        scenario: row.scenario_label,
        name: row.model_name,
        version: row.version,
        value_unit: row.value_unit,
        texts: [
            row.model_description_free_text,
            row.model_prompt_to_llm,
            row.assumptions_text,
            row.llm_notes,
        ],
        formula: row.formula,
        approved_formula: row.approved_formula,
        approved: row.approved_by.zip(row.approved_at),
        suggested: [
            row.suggested_formula,
            row.suggested_assumptions,
            row.suggested_notes,
        ],
        drives: row.drives,
    });
    Ok(rows.collect())
}

/// A param. Numbers are canonical digits, empty where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamRow {
    /// The initiative's key.
    pub key: String,
    /// The framework's key.
    pub framework: String,
    /// The name that formulas read.
    pub name: String,
    /// Its label.
    pub display: String,
    /// What it means.
    pub description: String,
    /// Its value.
    pub value: String,
    /// Unit of value and range.
    pub unit: String,
    /// The least value.
    pub min: String,
    /// The greatest.
    pub max: String,
    /// Whose it is.
    pub source: String,
    /// Whether its value is approved.
    pub is_approved: bool,
    /// Whether an approved formula made it.
    pub is_auto_seeded: bool,
    /// Whether the approved formula reads it.
    pub is_used: bool,
    /// Notes.
    pub notes: String,
    /// Where the number comes from.
    pub evidence_link: String,
    /// The date the evidence speaks of.
    pub evidence_as_of: Option<NaiveDate>,
    /// When to look again.
    pub review_by: Option<NaiveDate>,
    /// Who changed it last.
    pub updated_by: String,
    /// When.
    pub updated_at: DateTime<Utc>,
    /// The value that the score uses.
    pub counts: String,
    /// The driving scenario that set it; empty: it is the param's own.
    pub scenario: String,
}

/// Every param of a framework that is on.
pub async fn params(tx: &mut PgConnection) -> sqlx::Result<Vec<ParamRow>> {
    sqlx::query_as!(
        ParamRow,
        r#"select i.key, k.key as framework, p.name, p.param_display as display, p.description,
             coalesce(trim_scale(p.value)::text, '') as "value!", p.unit,
             coalesce(trim_scale(p.min)::text, '') as "min!", coalesce(trim_scale(p.max)::text, '') as "max!",
             p.source, a.id is not null as "is_approved!", p.is_auto_seeded, p.position is not null as "is_used!",
             p.notes, p.evidence_link, p.evidence_as_of, p.review_by, u.name as updated_by, p.updated_at,
             coalesce(trim_scale(s.value)::text, trim_scale(p.value)::text, '') as "counts!",
             coalesce(s.scenario_label, '') as "scenario!"
           from params p
           join initiatives i on i.id = p.initiative_id
           join frameworks k on k.id = p.framework_id
           join initiative_frameworks f on f.initiative_id = i.id and f.framework_id = k.id and f.is_on
           join users u on u.id = p.updated_by
           left join approvals a on a.subject_kind = 'param' and a.subject_id = p.id and a.part = 'value'
             and a.withdrawn_at is null
           left join (
             select o.param_id, o.value, m.scenario_label
             from param_overrides o join math_models m on m.id = o.math_model_id
             where m.drives and m.scenario_label <> 'Base') s on s.param_id = p.id
           order by i.key_prefix, i.key_number, k.position, k.id, p.position, p.name"#
    )
    .fetch_all(tx)
    .await
}
