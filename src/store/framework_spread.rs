//! What a framework's changed definition does to every initiative that has it on: set-based, a fixed number of
//! statements whatever the number of initiatives. Each change of a param is logged in its initiative's own history.

use super::change_log::Stamp;
use crate::domain::ids::{FrameworkId, InitiativeId, MathModelId, UserId};
use sqlx::PgConnection;

/// Locks everybody who has the framework on, in the order of their rows, so that two who do this never wait for each
/// other in a circle.
pub async fn lock_all(
    conn: &mut PgConnection,
    framework: FrameworkId,
) -> sqlx::Result<Vec<InitiativeId>> {
    sqlx::query_scalar!(
        r#"select i.id as "id: InitiativeId" from initiative_frameworks f join initiatives i on i.id = f.initiative_id
           where f.framework_id = $1 and f.is_on order by i.id for update of i"#,
        framework as FrameworkId,
    )
    .fetch_all(conn)
    .await
}

/// Makes the rows that the definition reads and an initiative hasn't; rows that are there keep everything. How many.
pub async fn seed(
    conn: &mut PgConnection,
    framework: FrameworkId,
    initiatives: &[InitiativeId],
    stamp: Stamp,
) -> sqlx::Result<u64> {
    let seeded = sqlx::query!(
        r#"with seeded as (
             insert into params (initiative_id, framework_id, name, position, is_auto_seeded, param_display, description,
               unit, min, max, source, written_by, created_at, updated_at, updated_by)
             select i.id, d.framework_id, d.name, d.position, true, d.label, d.description, d.unit, d.min, d.max, d.source,
               '{"param_display": "framework", "description": "framework", "unit": "framework", "min": "framework",
                 "max": "framework", "source": "framework"}', $5, $5, $4
             from framework_params d cross join unnest($2::bigint[]) as i(id)
             where d.framework_id = $1 order by i.id, d.position
             on conflict (initiative_id, framework_id, name) do nothing
             returning id, initiative_id, name, param_display
           )
           insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, new, batch_id,
             through, actor_id, at)
           select s.initiative_id, 'param', s.id, 1, 'seeded', coalesce(nullif(s.param_display, ''), s.name),
             to_jsonb(s.name), batch.id, $3, $4, $5
           from seeded s, (select gen_random_uuid() as id) batch order by s.initiative_id, s.id"#,
        framework as FrameworkId,
        initiatives as &[InitiativeId],
        stamp.through,
        stamp.by as UserId,
        stamp.at,
    )
    .execute(conn)
    .await?;
    Ok(seeded.rows_affected())
}

/// Lets the rows follow the definition. Label and description, where nobody has written their own; unit and source,
/// where besides there is no value yet, not in a scenario either, so that no approval falls; the range always where the
/// framework bounds it, with the range's approval. How many changes.
pub async fn follow(
    conn: &mut PgConnection,
    framework: FrameworkId,
    initiatives: &[InitiativeId],
    because: &str,
    stamp: Stamp,
) -> sqlx::Result<u64> {
    let followed = sqlx::query!(
        r#"with rows as (
             select p.id, p.initiative_id, p.name, p.param_display, p.description, p.unit, p.source, p.min, p.max,
               case when p.written_by->>'param_display' = 'framework' then d.label else p.param_display end as label,
               case when p.written_by->>'description' = 'framework' then d.description else p.description end as words,
               case when p.written_by->>'unit' = 'framework' and n.is_open then d.unit else p.unit end as new_unit,
               case when p.written_by->>'source' = 'framework' and n.is_open then d.source else p.source end as new_source,
               case when d.min is null and d.max is null then p.min else d.min end as new_min,
               case when d.min is null and d.max is null then p.max else d.max end as new_max
             from params p join framework_params d on d.framework_id = p.framework_id and d.name = p.name
             cross join lateral (
               select p.value is null and not exists (select from param_overrides where param_id = p.id) as is_open) n
             where p.framework_id = $1 and p.initiative_id = any($2)
           ), differs as (
             select * from rows where (param_display, description, unit, source, min, max)
               is distinct from (label, words, new_unit, new_source, new_min, new_max)
           ), moved as (
             update params p set param_display = d.label, description = d.words, unit = d.new_unit,
               source = d.new_source, min = d.new_min, max = d.new_max, revision = p.revision + 1, updated_by = $4,
               updated_at = $5
             from differs d where p.id = d.id returning p.id, p.revision
           ), withdrawn as (
             update approvals a set withdrawn_by = $4, withdrawn_at = $5, withdrawn_why = $6
             from differs d where a.subject_kind = 'param' and a.subject_id = d.id and a.part = 'range'
               and a.withdrawn_at is null and (d.min, d.max) is distinct from (d.new_min, d.new_max)
             returning a.subject_id, a.content
           ), changes as (
             select d.initiative_id, d.id, m.revision, d.label, d.name, c.field, c.n, to_jsonb(c.old) as old,
               to_jsonb(c.new) as new
             from differs d join moved m on m.id = d.id cross join lateral (values
               (1, 'param_display', d.param_display, d.label), (2, 'description', d.description, d.words),
               (3, 'unit', d.unit, d.new_unit), (4, 'source', d.source, d.new_source),
               (5, 'min', trim_scale(d.min)::text, trim_scale(d.new_min)::text),
               (6, 'max', trim_scale(d.max)::text, trim_scale(d.new_max)::text)) as c(n, field, old, new)
             where c.old is distinct from c.new
             union all
             select d.initiative_id, d.id, m.revision, d.label, d.name, 'range_approval', 7, w.content,
               jsonb_build_object('why', $6::text)
             from withdrawn w join differs d on d.id = w.subject_id join moved m on m.id = d.id
           )
           insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, old, new, batch_id,
             through, actor_id, at)
           select c.initiative_id, 'param', c.id, c.revision, c.field, coalesce(nullif(c.label, ''), c.name), c.old,
             c.new, batch.id, $3, $4, $5
           from changes c, (select gen_random_uuid() as id) batch order by c.initiative_id, c.id, c.n"#,
        framework as FrameworkId,
        initiatives as &[InitiativeId],
        stamp.through,
        stamp.by as UserId,
        stamp.at,
        because,
    )
    .execute(conn)
    .await?;
    Ok(followed.rows_affected())
}

/// The scenarios with a value that the definition's bounds leave out, each with what that param is called.
pub async fn out_of_bounds(
    conn: &mut PgConnection,
    framework: FrameworkId,
    initiatives: &[InitiativeId],
) -> sqlx::Result<Vec<(MathModelId, String)>> {
    let rows = sqlx::query!(
        r#"select o.math_model_id as "scenario: MathModelId",
             coalesce(nullif(p.param_display, ''), p.name) as "label!"
           from params p join framework_params d on d.framework_id = p.framework_id and d.name = p.name
           join param_overrides o on o.param_id = p.id and (o.value < d.min or o.value > d.max)
           where p.framework_id = $1 and p.initiative_id = any($2) order by o.math_model_id, p.id"#,
        framework as FrameworkId,
        initiatives as &[InitiativeId],
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.scenario, row.label))
        .collect())
}

/// Which params the definition reads now, in its order; the others are not used from here on. Coming into use and
/// going out of it is logged, another place in the order isn't.
pub async fn save_positions(
    conn: &mut PgConnection,
    framework: FrameworkId,
    initiatives: &[InitiativeId],
    stamp: Stamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with rows as (
           select p.id, p.initiative_id, p.name, p.param_display, p.position as old, d.position as new
           from params p left join framework_params d on d.framework_id = p.framework_id and d.name = p.name
           where p.framework_id = $1 and p.initiative_id = any($2) and p.position is distinct from d.position
         ), moved as (
           update params p set position = r.new, revision = p.revision + 1, updated_by = $4, updated_at = $5
           from rows r where p.id = r.id returning p.id, p.revision
         )
         insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, old, new, batch_id,
           through, actor_id, at)
         select r.initiative_id, 'param', r.id, m.revision, 'position', coalesce(nullif(r.param_display, ''), r.name),
           to_jsonb(r.old), to_jsonb(r.new), batch.id, $3, $4, $5
         from rows r join moved m on m.id = r.id, (select gen_random_uuid() as id) batch
         where (r.old is null) <> (r.new is null) order by r.initiative_id, r.id",
        framework as FrameworkId,
        initiatives as &[InitiativeId],
        stamp.through,
        stamp.by as UserId,
        stamp.at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves everybody's revision and marks them for the mirror: what their pages and rows show has changed.
pub async fn touch(
    conn: &mut PgConnection,
    initiatives: &[InitiativeId],
    reason: &str,
    stamp: Stamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update initiatives set revision = revision + 1, updated_by = $2, updated_at = $3 where id = any($1)",
        initiatives as &[InitiativeId],
        stamp.by as UserId,
        stamp.at,
    )
    .execute(&mut *conn)
    .await?;
    mark(conn, initiatives, reason).await
}

/// Marks them for the mirror.
pub async fn mark(
    conn: &mut PgConnection,
    initiatives: &[InitiativeId],
    reason: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into mirror_dirty (initiative_id, reason) select i.id, $2 from unnest($1::bigint[]) as i(id)
         order by i.id
         on conflict (initiative_id) do update set version = mirror_dirty.version + 1, reason = excluded.reason",
        initiatives as &[InitiativeId],
        reason,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Current scores stand as stale from here on; those that are stale already keep their first reason. How many.
pub async fn make_stale(
    conn: &mut PgConnection,
    framework: FrameworkId,
    initiatives: &[InitiativeId],
    because: &str,
    stamp: Stamp,
) -> sqlx::Result<u64> {
    let stale = sqlx::query!(
        "update initiative_frameworks set status = 'stale', stale_because = $3, stale_by = $4, stale_since = $5
         where framework_id = $1 and initiative_id = any($2) and is_on and status = 'approved'",
        framework as FrameworkId,
        initiatives as &[InitiativeId],
        because,
        stamp.by as UserId,
        stamp.at,
    )
    .execute(conn)
    .await?;
    Ok(stale.rows_affected())
}
