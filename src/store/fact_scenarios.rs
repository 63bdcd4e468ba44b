//! Scenarios that set a value in the place of a param which changes together with many others, as it follows a fact or its
//! framework's definition: a fixed number of statements whatever their number.

use super::change_log::Stamp;
use crate::domain::{
    ids::{MathModelId, ParamId, UserId},
    param::{Bounds, Number},
    scenario::ScenarioValue,
};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// What scenarios set in the place of any of these params, and which scenario it is.
pub async fn set_in_place_of(
    conn: &mut PgConnection,
    params: &[ParamId],
) -> sqlx::Result<Vec<(MathModelId, ScenarioValue)>> {
    let rows = sqlx::query!(
        r#"select o.math_model_id as "scenario: MathModelId", o.param_id as "param: ParamId", o.revision,
             trim_scale(o.value)::text as "value!", trim_scale(o.min)::text as min, trim_scale(o.max)::text as max,
             o.set_by as "set_by: UserId", u.name as set_by_name, o.set_at
           from param_overrides o join users u on u.id = o.set_by
           where o.param_id = any($1) order by o.math_model_id, o.param_id"#,
        params as &[ParamId],
    )
    .fetch_all(conn)
    .await?;
    let set = rows.into_iter().map(|row| {
        let value = ScenarioValue {
            param: row.param,
            revision: row.revision,
            value: Number::from_decimal(row.value),
            range: Bounds {
                min: row.min.map(Number::from_decimal),
                max: row.max.map(Number::from_decimal),
            },
            set_by: (row.set_by, row.set_by_name),
            set_at: row.set_at,
        };
        (row.scenario, value)
    });
    Ok(set.collect())
}

/// Moves these scenarios' revisions, so that whoever was about to approve one looks again; where there is a reason, its
/// approval falls.
pub async fn settle(
    conn: &mut PgConnection,
    touched: &BTreeMap<MathModelId, Option<String>>,
    stamp: Stamp,
) -> sqlx::Result<()> {
    let ids: Vec<_> = touched.keys().copied().collect();
    let whys: Vec<_> = touched.values().cloned().collect();
    sqlx::query!(
        r#"with wanted as (
             select * from unnest($1::bigint[], $2::text[]) as w(id, why)
           ), moved as (
             update math_models m set revision = m.revision + 1, updated_by = $4, updated_at = $5
             from wanted w where m.id = w.id
             returning m.id, m.initiative_id, m.framework_id, m.revision, m.scenario_label, w.why
           ), fallen as (
             update approvals a set withdrawn_by = $4, withdrawn_at = $5, withdrawn_why = w.why
             from wanted w
             where w.why is not null and a.subject_kind = 'math_model' and a.subject_id = w.id and a.part = 'scenario'
               and a.withdrawn_at is null
             returning a.subject_id, a.content
           )
           insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, old, new, batch_id,
             through, actor_id, at)
           select m.initiative_id, 'scenario', m.id, m.revision, 'scenario_approval',
             'scenario ' || m.scenario_label || case when k.formula_version_id is null then '' else ' of ' || k.name end,
             f.content, jsonb_build_object('why', m.why), batch.id, $3, $4, $5
           from (select coalesce($6::text::uuid, gen_random_uuid()) as id) batch cross join moved m
           join fallen f on f.subject_id = m.id join frameworks k on k.id = m.framework_id
           order by m.initiative_id, m.id"#,
        &ids as &[MathModelId],
        &whys as &[Option<String>],
        stamp.through,
        stamp.by as UserId,
        stamp.at,
        stamp.batch.map(|batch| batch.to_string()),
    )
    .execute(conn)
    .await?;
    Ok(())
}
