//! What a receipt says beyond its own row, as it was when the score was recorded: found in rows that never change
//! (approvals, the change log), so that nothing on a receipt drifts.

use crate::domain::{
    approval::Origin,
    ids::{ParamId, ScoreId},
    param::Bounds,
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

/// Names and circumstances at the time of a score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// The framework's key.
    pub framework_key: String,
    /// The initiative's title, if it has another today.
    pub title_then: Option<String>,
    /// The model's name, if it has another today.
    pub model_name_then: Option<String>,
    /// How the formula's approval came to be; none: the framework's own formula.
    pub formula_origin: Option<Origin>,
    /// What was approved of the params' ranges, and how their values came in.
    pub params: Vec<ParamDetails>,
}

/// One param at the time of a score.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamDetails {
    /// Which.
    pub param: ParamId,
    /// How the value came in: `form`, `import`; none: not known.
    pub set_through: Option<String>,
    /// The range's approval that held.
    pub range: Option<RangeApproval>,
}

/// The approval of a range.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeApproval {
    /// Exactly what was approved.
    pub range: Bounds,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How it came to be.
    pub origin: Origin,
}

/// What was so when the score was recorded; none: no such score.
pub async fn get(conn: &mut PgConnection, id: ScoreId) -> sqlx::Result<Option<Details>> {
    // A name then is what the first change since then took away.
    let row = sqlx::query!(
        r#"select f.key as framework_key,
             (select c.old #>> '{}' from change_log c
              where c.entity = 'initiative' and c.entity_id = s.initiative_id and c.field = 'title'
                and c.at > s.recorded_at order by c.seq limit 1) as title_then,
             (select c.old #>> '{}' from change_log c
              where c.entity = 'math_model' and c.entity_id = m.id and c.field = 'model_name'
                and c.at > s.recorded_at order by c.seq limit 1) as model_name_then,
             i.title, m.model_name as "model_name?", a.origin as "origin?"
           from scores s join frameworks f on f.id = s.framework_id join initiatives i on i.id = s.initiative_id
           join formula_versions v on v.id = s.formula_version_id
           left join math_models m on m.initiative_id = s.initiative_id and m.framework_id = s.framework_id
             and m.scenario_label = 'Base' and v.owner_kind = 'math_model'
           left join lateral (
             select origin from approvals
             where v.owner_kind = 'math_model' and subject_kind = 'math_model' and subject_id = v.owner_id
               and part in ('formula', 'scenario')
               and formula_version_id = s.formula_version_id and approved_at <= s.recorded_at
             order by approved_at desc, id desc limit 1) a on true
           where s.id = $1"#,
        id as ScoreId,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Details {
        framework_key: row.framework_key,
        title_then: row.title_then.filter(|then| *then != row.title),
        model_name_then: row
            .model_name_then
            .filter(|then| Some(then) != row.model_name.as_ref()),
        formula_origin: row.origin.as_deref().map(Origin::from_key),
        params: params(conn, id).await?,
    }))
}

async fn params(conn: &mut PgConnection, id: ScoreId) -> sqlx::Result<Vec<ParamDetails>> {
    let rows = sqlx::query!(
        r#"select i.param_id as "param!", c.through as "through?", r.content as "range?: Json<Bounds>",
             u.name as "by?", r.approved_at as "at?", r.origin as "origin?"
           from scores s
           cross join lateral jsonb_to_recordset(s.inputs) as i(param_id bigint, set_at timestamptz)
           left join lateral (
             select content, approved_by, approved_at, origin from approvals
             where subject_kind = 'param' and subject_id = i.param_id and part = 'range'
               and approved_at <= s.recorded_at and (withdrawn_at is null or withdrawn_at > s.recorded_at)
             order by approved_at desc, id desc limit 1) r on true
           left join users u on u.id = r.approved_by
           left join lateral (
             select through from change_log
             where entity = 'param' and entity_id = i.param_id and field = 'value' and at = i.set_at
             order by seq desc limit 1) c on true
           where s.id = $1 and i.param_id is not null"#,
        id as ScoreId,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ParamDetails {
            param: ParamId(row.param),
            set_through: row.through,
            range: row
                .range
                .zip(row.by)
                .zip(row.at)
                .map(|((range, by), at)| RangeApproval {
                    range: range.0,
                    by,
                    at,
                    origin: row
                        .origin
                        .as_deref()
                        .map_or(Origin::Person, Origin::from_key),
                }),
        })
        .collect())
}
