//! What a change of a shared fact does to everybody who follows it: a fixed number of statements whatever their number.
//! Each change of a param is logged in its initiative's own history.

use super::{
    change_log::Stamp,
    rescoring::{self, Subject},
    scores::DrivingRow,
    types::impossible,
};
use crate::domain::{
    ids::{
        ApprovalId, FactId, FormulaVersionId, FrameworkId, InitiativeId, InitiativeKey,
        MathModelId, ParamId, UserId,
    },
    initiative::Initiative,
};
use sqlx::PgConnection;

/// Which params are meant: all that follow a fact, or some of them.
#[derive(Clone, Copy, Debug)]
pub struct Followers<'a> {
    /// The fact.
    pub fact: FactId,
    /// Only these params; none: all.
    pub only: Option<&'a [ParamId]>,
}

/// Locks every initiative with a param that follows the fact, in the order of their rows.
pub async fn lock(conn: &mut PgConnection, fact: FactId) -> sqlx::Result<Vec<InitiativeId>> {
    sqlx::query_scalar!(
        r#"select id as "id: InitiativeId" from initiatives
           where id in (select initiative_id from params where fact_id = $1) order by id for update"#,
        fact as FactId,
    )
    .fetch_all(conn)
    .await
}

/// The params that follow say what the fact says; where the framework bounds one, the range stays the framework's.
pub async fn write(
    conn: &mut PgConnection,
    followers: Followers<'_>,
    stamp: Stamp,
) -> sqlx::Result<u64> {
    let written = sqlx::query!(
        r#"with rows as (
             select p.id, p.initiative_id, p.name, p.param_display, p.value, p.unit, p.source, p.min, p.max,
               f.value as new_value, f.unit as new_unit, f.source as new_source,
               case when h.min is null and h.max is null then f.min else p.min end as new_min,
               case when h.min is null and h.max is null then f.max else p.max end as new_max,
               f.value_set_by, f.value_set_at
             from facts f join params p on p.fact_id = f.id
             left join framework_params h on h.framework_id = p.framework_id and h.name = p.name
             where f.id = $1 and ($2::bigint[] is null or p.id = any($2))
           ), moved as (
             update params p set value = r.new_value, unit = r.new_unit, source = r.new_source, min = r.new_min,
               max = r.new_max, value_set_by = r.value_set_by, value_set_at = r.value_set_at,
               written_by = p.written_by || '{"value": "fact", "unit": "fact", "source": "fact"}',
               revision = p.revision + 1, updated_by = $4, updated_at = $5
             from rows r where p.id = r.id returning p.id, p.revision
           )
           insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, old, new, batch_id,
             through, actor_id, at)
           select r.initiative_id, 'param', r.id, m.revision, c.field, coalesce(nullif(r.param_display, ''), r.name),
             to_jsonb(c.old), to_jsonb(c.new), batch.id, $3, $4, $5
           from (select coalesce($6::text::uuid, gen_random_uuid()) as id) batch cross join rows r
           join moved m on m.id = r.id cross join lateral (values
             (1, 'value', trim_scale(r.value)::text, trim_scale(r.new_value)::text), (2, 'unit', r.unit, r.new_unit),
             (3, 'min', trim_scale(r.min)::text, trim_scale(r.new_min)::text),
             (4, 'max', trim_scale(r.max)::text, trim_scale(r.new_max)::text),
             (5, 'source', nullif(r.source, ''), r.new_source)) as c(n, field, old, new)
           where c.old is distinct from c.new
           order by r.initiative_id, r.id, c.n"#,
        followers.fact as FactId,
        followers.only as Option<&[ParamId]>,
        stamp.through,
        stamp.by as UserId,
        stamp.at,
        stamp.batch.map(|batch| batch.to_string()),
    )
    .execute(conn)
    .await?;
    Ok(written.rows_affected())
}

/// Whatever stands behind these params' numbers and ranges falls, with that reason.
pub async fn withdraw(
    conn: &mut PgConnection,
    followers: Followers<'_>,
    why: &str,
    stamp: Stamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"with fallen as (
             update approvals a set withdrawn_by = $4, withdrawn_at = $5, withdrawn_why = $7
             from params p
             where p.fact_id = $1 and ($2::bigint[] is null or p.id = any($2))
               and a.subject_kind = 'param' and a.subject_id = p.id and a.withdrawn_at is null
             returning a.subject_id, a.part, a.content
           )
           insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, old, new, batch_id,
             through, actor_id, at)
           select p.initiative_id, 'param', p.id, p.revision,
             case f.part when 'range' then 'range_approval' else 'approval' end,
             coalesce(nullif(p.param_display, ''), p.name), f.content, jsonb_build_object('why', $7::text),
             batch.id, $3, $4, $5
           from (select coalesce($6::text::uuid, gen_random_uuid()) as id) batch cross join fallen f join params p on p.id = f.subject_id
           order by p.initiative_id, p.id, f.part desc"#,
        followers.fact as FactId,
        followers.only as Option<&[ParamId]>,
        stamp.through,
        stamp.by as UserId,
        stamp.at,
        stamp.batch.map(|batch| batch.to_string()),
        why,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The params that follow are approved as they stand, in the name of whoever approved the fact.
pub async fn approve(
    conn: &mut PgConnection,
    followers: Followers<'_>,
    approval: ApprovalId,
    stamp: Stamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"with given as (
             insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin,
               fact_approval_id)
             select 'param', p.id, c.part, c.content, a.approved_by, a.approved_at, 'fact', a.id
             from params p join approvals a on a.id = $7 cross join lateral (values
               ('value', jsonb_build_object('value', trim_scale(p.value)::text, 'unit', p.unit,
                  'source', nullif(p.source, ''))),
               ('range', jsonb_build_object('min', trim_scale(p.min)::text, 'max', trim_scale(p.max)::text))
             ) as c(part, content)
             where p.fact_id = $1 and ($2::bigint[] is null or p.id = any($2))
             returning subject_id, part, content
           )
           insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, new, batch_id,
             through, actor_id, at)
           select p.initiative_id, 'param', p.id, p.revision,
             case g.part when 'range' then 'range_approval' else 'approval' end,
             coalesce(nullif(p.param_display, ''), p.name), g.content || '{"origin": "fact"}', batch.id, $3, $4, $5
           from (select coalesce($6::text::uuid, gen_random_uuid()) as id) batch cross join given g join params p on p.id = g.subject_id
           order by p.initiative_id, p.id, g.part desc"#,
        followers.fact as FactId,
        followers.only as Option<&[ParamId]>,
        stamp.through,
        stamp.by as UserId,
        stamp.at,
        stamp.batch.map(|batch| batch.to_string()),
        approval as ApprovalId,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An initiative by one framework that has a param which follows, with all that its score rests on.
#[derive(Clone, Debug)]
pub struct Case {
    /// As for scoring by one framework.
    pub subject: Subject,
    /// Which framework.
    pub framework: FrameworkId,
    /// Its name.
    pub framework_name: String,
    /// Out of the way: ranked nowhere.
    pub is_archived: bool,
    /// The score that stands: value and overall.
    pub stands: Option<(f64, Option<f64>)>,
}

/// Everybody who follows and has the framework on, in the order of rows; where params are named, whoever has these,
/// whether they follow already or not. Two statements.
pub async fn cases(conn: &mut PgConnection, followers: Followers<'_>) -> sqlx::Result<Vec<Case>> {
    let rows = sqlx::query!(
        r#"select i.id as "id!: InitiativeId", i.key as "key!", i.title as "title!",
             coalesce(trim_scale(i.effort_engineering_days)::text, '') as "engineering!",
             coalesce(trim_scale(i.effort_other_teams_days)::text, '') as "others!",
             u.name as "effort_set_by?", i.effort_set_at, i.archived_at is not null as "is_archived!",
             coalesce(i.active_framework_id = x.framework_id, false) as "is_active!", x.status as "status!",
             x.framework_id as "framework!: FrameworkId", k.name as "framework_name!",
             s.value as "recorded?", s.overall as "overall?",
             coalesce(d.scenario_id, d.model_id) as "model?: MathModelId", d.scenario as "scenario?",
             coalesce(d.is_scenarios, false) as "is_scenarios!", d.value_unit as "value_unit!",
             d.version_id as "version_id?: FormulaVersionId", d.version as "version?", d.text as "text?",
             d.is_approved as "is_approved!"
           from (
             select initiative_id, framework_id from params where fact_id = $1 and $2::bigint[] is null
             union select initiative_id, framework_id from params where id = any($2)
           ) g
           join initiative_frameworks x on x.initiative_id = g.initiative_id and x.framework_id = g.framework_id
             and x.is_on
           join initiatives i on i.id = x.initiative_id join frameworks k on k.id = x.framework_id
           left join users u on u.id = i.effort_set_by left join scores s on s.id = x.score_id
           join formulas_that_drive d on d.initiative_id = x.initiative_id and d.framework_id = x.framework_id
           order by i.id, x.framework_id"#,
        followers.fact as FactId,
        followers.only as Option<&[ParamId]>,
    )
    .fetch_all(&mut *conn)
    .await?;
    let initiatives: Vec<_> = rows.iter().map(|row| row.id).collect();
    let frameworks: Vec<_> = rows.iter().map(|row| row.framework).collect();
    let mut params = rescoring::params(conn, &frameworks, &initiatives).await?;
    rows.into_iter()
        .map(|row| {
            let key = row.key.parse::<InitiativeKey>();
            let key = key.map_err(|_error| impossible("initiatives", "key", row.id.0))?;
            let read = [
                ("title", row.title),
                ("effort_engineering_days", row.engineering),
                ("effort_other_teams_days", row.others),
            ];
            let effort_set = row.effort_set_by.zip(row.effort_set_at);
            let of = (row.id, row.framework);
            Ok(Case {
                subject: Subject {
                    params: params.remove(&of).unwrap_or_default(),
                    initiative: Initiative::for_scoring(row.id, key, &read, effort_set),
                    is_active: row.is_active,
                    status: row.status,
                    recorded: row.recorded,
                    driving: DrivingRow {
                        version_id: row.version_id,
                        version: row.version,
                        text: row.text,
                        is_approved: row.is_approved,
                        model: row.model,
                        scenario: row.scenario,
                        is_scenarios: row.is_scenarios,
                        value_unit: row.value_unit,
                    },
                },
                framework: row.framework,
                framework_name: row.framework_name,
                is_archived: row.is_archived,
                stands: row.recorded.map(|value| (value, row.overall)),
            })
        })
        .collect()
}

/// A score as it would be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Then<'a> {
    /// Whose.
    pub initiative: InitiativeId,
    /// By which framework.
    pub framework: FrameworkId,
    /// Its value.
    pub value: f64,
    /// Its overall.
    pub overall: Option<f64>,
    /// The value's unit.
    pub unit: &'a str,
}

/// Where somebody stands by a framework, and where they would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Whose.
    pub initiative: InitiativeId,
    /// By which framework.
    pub framework: FrameworkId,
    /// The initiative's key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The framework's name.
    pub framework_name: String,
    /// The rank; none: not ranked.
    pub before: Option<i64>,
    /// The rank with the other scores.
    pub after: Option<i64>,
}

/// Ranks by these frameworks as the scoring page gives them, now and with these scores instead: of everybody whose rank
/// moves, and of everybody named. One statement.
pub async fn ranks(
    conn: &mut PgConnection,
    frameworks: &[FrameworkId],
    then: &[Then<'_>],
) -> sqlx::Result<Vec<Ranked>> {
    let initiatives: Vec<_> = then.iter().map(|then| then.initiative).collect();
    let of: Vec<_> = then.iter().map(|then| then.framework).collect();
    let values: Vec<_> = then.iter().map(|then| then.value).collect();
    let overalls: Vec<_> = then.iter().map(|then| then.overall).collect();
    let units: Vec<_> = then.iter().map(|then| then.unit.to_owned()).collect();
    sqlx::query_as!(
        Ranked,
        r#"with figures as (
             select i.id, i.key, i.title, f.framework_id, s.id is not null as is_scored, s.value, s.overall, s.value_unit,
               n.initiative_id is not null as is_named, s.id is not null or n.initiative_id is not null as is_scored_then,
               coalesce(n.value, s.value) as value_then,
               case when n.initiative_id is null then s.overall else n.overall end as overall_then,
               coalesce(n.unit, s.value_unit) as unit_then
             from initiative_frameworks f join initiatives i on i.id = f.initiative_id
             left join scores s on s.id = f.score_id
             left join unnest($2::bigint[], $3::bigint[], $4::float8[], $5::float8[], $6::text[])
               as n(initiative_id, framework_id, value, overall, unit)
               on n.initiative_id = f.initiative_id and n.framework_id = f.framework_id
             where f.is_on and i.archived_at is null and f.framework_id = any($1)
           ), ranked as (
             select figures.*,
               case when is_scored then rank() over (
                 partition by framework_id, value_unit collate "C", is_scored
                 order by overall desc nulls last, value desc) end as before,
               case when is_scored_then then rank() over (
                 partition by framework_id, unit_then collate "C", is_scored_then
                 order by overall_then desc nulls last, value_then desc) end as after
             from figures
           )
           select r.id as "initiative!: InitiativeId", r.framework_id as "framework!: FrameworkId", r.key as "key!",
             r.title as "title!", k.name as "framework_name!", r.before, r.after
           from ranked r join frameworks k on k.id = r.framework_id
           where r.is_named or r.before is distinct from r.after
           order by k.position, r.after nulls last, r.id"#,
        frameworks as &[FrameworkId],
        &initiatives as &[InitiativeId],
        &of as &[FrameworkId],
        &values,
        &overalls as &[Option<f64>],
        &units,
    )
    .fetch_all(conn)
    .await
}

/// A param that follows a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its row.
    pub param: ParamId,
    /// What people call it.
    pub label: String,
    /// The initiative's key.
    pub initiative_key: String,
    /// Its title.
    pub initiative_title: String,
    /// The framework's name.
    pub framework_name: String,
    /// Whether the approved formula reads it.
    pub is_used: bool,
}

/// How many uses a fact's page shows at once.
pub const USES_PAGE: i64 = 50;

/// Who follows a fact, in the order of initiatives, from after that param; one more than [`USES_PAGE`]: there is more.
pub async fn uses(
    conn: &mut PgConnection,
    fact: FactId,
    after: Option<ParamId>,
) -> sqlx::Result<Vec<Use>> {
    sqlx::query_as!(
        Use,
        r#"select p.id as "param: ParamId", coalesce(nullif(p.param_display, ''), p.name) as "label!",
             i.key as initiative_key, i.title as initiative_title, k.name as framework_name,
             p.position is not null as "is_used!"
           from params p join initiatives i on i.id = p.initiative_id join frameworks k on k.id = p.framework_id
           where p.fact_id = $1 and ($2::bigint is null or (i.key_prefix, i.key_number, p.id) > (
             select i2.key_prefix, i2.key_number, p2.id from params p2 join initiatives i2 on i2.id = p2.initiative_id
             where p2.id = $2))
           order by i.key_prefix, i.key_number, p.id limit $3"#,
        fact as FactId,
        after as Option<ParamId>,
        USES_PAGE + 1,
    )
    .fetch_all(conn)
    .await
}

/// Lets params follow a fact, or stop: each with its line in the history.
pub async fn save_follows(
    conn: &mut PgConnection,
    params: &[ParamId],
    fact: Option<FactId>,
    stamp: Stamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"with rows as (
             select p.id, p.initiative_id, coalesce(nullif(p.param_display, ''), p.name) as label,
               case when o.id is not null then jsonb_build_object('id', o.id, 'name', o.name) end as old,
               case when n.id is not null then jsonb_build_object('id', n.id, 'name', n.name) end as new
             from params p left join facts o on o.id = p.fact_id left join facts n on n.id = $2
             where p.id = any($1)
           ), moved as (
             update params p set fact_id = $2, revision = p.revision + 1, updated_by = $4, updated_at = $5
             from rows r where p.id = r.id returning p.id, p.revision
           )
           insert into change_log (initiative_id, entity, entity_id, entity_revision, field, subject, old, new, batch_id,
             through, actor_id, at)
           select r.initiative_id, 'param', r.id, m.revision, 'fact', r.label, r.old, r.new, batch.id, $3, $4, $5
           from (select coalesce($6::text::uuid, gen_random_uuid()) as id) batch cross join rows r
           join moved m on m.id = r.id
           order by r.initiative_id, r.id"#,
        params as &[ParamId],
        fact as Option<FactId>,
        stamp.through,
        stamp.by as UserId,
        stamp.at,
        stamp.batch.map(|batch| batch.to_string()),
    )
    .execute(conn)
    .await?;
    Ok(())
}
