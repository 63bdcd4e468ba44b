//! Params, for one initiative at a time. The grid over all of them is in [`super::params_grid`].

use super::{scenarios::ScenarioRow, settings, types::impossible};
use crate::domain::{
    approval::{Approval, Origin},
    ids::{ApprovalId, FactId, FrameworkId, InitiativeId, ParamId, UserId},
    param::{Bounds, Followed, Number, Param, Source},
    settings::Settings,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeMap, HashMap};

#[expect(
    clippy::struct_excessive_bools,
    reason = "a row as the statement gives it, column by column"
)]
struct Row {
    id: ParamId,
    initiative_id: InitiativeId,
    initiative_revision: i64,
    framework_id: FrameworkId,
    name: String,
    revision: i64,
    position: Option<i32>,
    param_display: String,
    description: String,
    value: Option<String>,
    unit: String,
    min: Option<String>,
    max: Option<String>,
    hard_min: Option<String>,
    hard_max: Option<String>,
    source: String,
    is_auto_seeded: bool,
    notes: String,
    evidence_link: String,
    evidence_as_of: Option<NaiveDate>,
    review_by: Option<NaiveDate>,
    written_by: Json<BTreeMap<String, String>>,
    value_set_by: Option<UserId>,
    value_set_by_name: Option<String>,
    value_set_at: Option<DateTime<Utc>>,
    updated_by_name: String,
    updated_at: DateTime<Utc>,
    va_id: Option<ApprovalId>,
    va_by: Option<UserId>,
    va_by_name: Option<String>,
    va_at: Option<DateTime<Utc>>,
    va_origin: Option<String>,
    ra_id: Option<ApprovalId>,
    ra_by: Option<UserId>,
    ra_by_name: Option<String>,
    ra_at: Option<DateTime<Utc>>,
    ra_origin: Option<String>,
    fact_id: Option<FactId>,
    fact_name: Option<String>,
    four_eyes: String,
    finance_approves_own: bool,
    settings_revision: i64,
    scenario: Option<Json<ScenarioRow>>,
    is_in_scenarios: bool,
    is_read_aside: bool,
}

fn approval(
    id: Option<ApprovalId>,
    by: Option<UserId>,
    by_name: Option<String>,
    at: Option<DateTime<Utc>>,
    origin: Option<String>,
) -> Option<Approval> {
    Some(Approval {
        id: id?,
        by: by?,
        by_name: by_name?,
        at: at?,
        origin: Origin::from_key(&origin?),
    })
}

impl TryFrom<Row> for Param {
    type Error = sqlx::Error;
    fn try_from(row: Row) -> sqlx::Result<Self> {
        let bounds = |min: Option<String>, max: Option<String>| Bounds {
            min: min.map(Number::from_decimal),
            max: max.map(Number::from_decimal),
        };
        let source = Source::read(&row.source);
        Ok(Self {
            id: row.id,
            initiative_id: row.initiative_id,
            framework_id: row.framework_id,
            name: row.name,
            revision: row.revision,
            position: row.position,
            param_display: row.param_display,
            description: row.description,
            value: row.value.map(Number::from_decimal),
            unit: row.unit,
            range: bounds(row.min, row.max),
            hard: bounds(row.hard_min, row.hard_max),
            source: source.map_err(|_error| impossible("params", "source", row.id.0))?,
            is_auto_seeded: row.is_auto_seeded,
            notes: row.notes,
            evidence_link: row.evidence_link,
            evidence_as_of: row.evidence_as_of,
            review_by: row.review_by,
            written_by: row.written_by.0,
            value_set_by: row.value_set_by.zip(row.value_set_by_name),
            value_set_at: row.value_set_at,
            updated_by_name: row.updated_by_name,
            updated_at: row.updated_at,
            value_approval: approval(
                row.va_id,
                row.va_by,
                row.va_by_name,
                row.va_at,
                row.va_origin,
            ),
            range_approval: approval(
                row.ra_id,
                row.ra_by,
                row.ra_by_name,
                row.ra_at,
                row.ra_origin,
            ),
            follows: row
                .fact_id
                .zip(row.fact_name)
                .map(|(id, name)| Followed { id, name }),
            scenario: row.scenario.map(|row| Box::new(row.0.laid_over())),
            is_in_scenarios: row.is_in_scenarios,
            is_read_aside: row.is_read_aside,
        })
    }
}

/// Which params are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// One.
    Id(ParamId),
    /// All of one framework of an initiative.
    Of(InitiativeId, FrameworkId),
    /// All of an initiative.
    OfInitiative(InitiativeId),
}

/// Params with their live approvals, those that the formula reads first, in its order. One statement.
pub async fn list(conn: &mut PgConnection, which: Which) -> sqlx::Result<Vec<Param>> {
    let rows = match which {
        Which::Id(id) => rows(conn, Some(id), (None, None), None, &[]).await?,
        Which::Of(initiative, framework) => {
            rows(
                conn,
                None,
                (Some(initiative.0), Some(framework.0)),
                None,
                &[],
            )
            .await?
        }
        Which::OfInitiative(initiative) => {
            rows(conn, None, (Some(initiative.0), None), None, &[]).await?
        }
    };
    rows.into_iter().map(TryInto::try_into).collect()
}

/// All params of one initiative and framework, as they were when its initiative had this revision.
#[derive(Clone, Debug)]
pub struct ParamGroup {
    /// Moves with every change of anything that a score depends on.
    pub initiative_revision: i64,
    /// Those that the formula reads first, in its order.
    pub params: Vec<Param>,
    /// The settings that held then.
    pub settings: Settings,
}

/// The group that a param belongs to, with what an edit of the param depends on. One statement.
pub async fn group_of(conn: &mut PgConnection, id: ParamId) -> sqlx::Result<Option<ParamGroup>> {
    let rows = rows(conn, None, (None, None), Some(id), &[]).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let initiative_revision = first.initiative_revision;
    let settings = settings::read(
        &first.four_eyes,
        first.finance_approves_own,
        first.settings_revision,
    )?;
    let params: sqlx::Result<_> = rows.into_iter().map(TryInto::try_into).collect();
    Ok(Some(ParamGroup {
        initiative_revision,
        params: params?,
        settings,
    }))
}

/// All params of all groups that these belong to, group by group. One statement.
pub async fn groups_of(conn: &mut PgConnection, ids: &[ParamId]) -> sqlx::Result<Vec<Param>> {
    let rows = rows(conn, None, (None, None), None, ids).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

async fn rows(
    conn: &mut PgConnection,
    id: Option<ParamId>,
    (initiative, framework): (Option<i64>, Option<i64>),
    group_of: Option<ParamId>,
    each_group_of: &[ParamId],
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select p.id as "id: ParamId", p.initiative_id as "initiative_id: InitiativeId",
             case when $4::bigint is null then 0 else (
               select revision from initiatives where id = p.initiative_id) end as "initiative_revision!",
             p.framework_id as "framework_id: FrameworkId", p.name, p.revision, p.position, p.param_display,
             p.description, trim_scale(p.value)::text as value, p.unit, trim_scale(p.min)::text as min,
             trim_scale(p.max)::text as max, trim_scale(h.min)::text as hard_min,
             trim_scale(h.max)::text as hard_max, p.source, p.is_auto_seeded, p.notes, p.evidence_link,
             p.evidence_as_of, p.review_by, p.written_by as "written_by: Json<BTreeMap<String, String>>",
             p.value_set_by as "value_set_by: UserId", vs.name as "value_set_by_name?", p.value_set_at,
             up.name as updated_by_name, p.updated_at,
             va.id as "va_id?: ApprovalId", va.approved_by as "va_by?: UserId", va.name as "va_by_name?",
             va.approved_at as "va_at?", va.origin as "va_origin?",
             ra.id as "ra_id?: ApprovalId", ra.approved_by as "ra_by?: UserId", ra.name as "ra_by_name?",
             ra.approved_at as "ra_at?", ra.origin as "ra_origin?",
             fx.id as "fact_id?: FactId", fx.name as "fact_name?",
             x.four_eyes, x.finance_approves_own, x.revision as settings_revision,
             sc.row as "scenario?: Json<ScenarioRow>",
             exists (select from param_overrides where param_id = p.id) as "is_in_scenarios!", p.is_read_aside
           -- a list of ids by one index or another, then each row by its id; an "or", or a join that the planner may turn
           -- round, would read the whole table
           from (
             select $1::bigint as id where $1 is not null
             union all select id from params where initiative_id = $2 and $3::bigint is null
             union all select id from params where initiative_id = $2 and framework_id = $3
             union all select q.id
               from (select initiative_id, framework_id from params where id = $4 limit 1) g
               cross join lateral (
                 select id from params
                 where initiative_id = g.initiative_id and framework_id = g.framework_id offset 0) q
             union all select q.id
               from (select distinct initiative_id, framework_id from params where id = any($5)) g
               cross join lateral (
                 select id from params
                 where initiative_id = g.initiative_id and framework_id = g.framework_id offset 0) q
           ) wanted
           cross join lateral (select * from params where id = wanted.id limit 1) p
           join users up on up.id = p.updated_by
           cross join settings x
           left join users vs on vs.id = p.value_set_by
           left join facts fx on fx.id = p.fact_id
           left join framework_params h on h.framework_id = p.framework_id and h.name = p.name
           -- at most one each; the limit keeps it a look-up by row, also where the planner thinks that approvals are few
           left join lateral (
             select a.id, a.approved_by, u.name, a.approved_at, a.origin
             from approvals a join users u on u.id = a.approved_by
             where a.subject_kind = 'param' and a.subject_id = p.id and a.part = 'value' and a.withdrawn_at is null
             limit 1) va on true
           left join lateral (
             select a.id, a.approved_by, u.name, a.approved_at, a.origin
             from approvals a join users u on u.id = a.approved_by
             where a.subject_kind = 'param' and a.subject_id = p.id and a.part = 'range' and a.withdrawn_at is null
             limit 1) ra on true
           left join lateral (select row from values_that_drive where param_id = p.id limit 1) sc on true
           order by p.initiative_id, p.framework_id, p.position nulls last, p.name"#,
        id.map(|id| id.0),
        initiative,
        framework,
        group_of.map(|id| id.0),
        each_group_of as &[ParamId],
    )
    .fetch_all(conn)
    .await
}

/// One param.
pub async fn get(conn: &mut PgConnection, id: ParamId) -> sqlx::Result<Option<Param>> {
    Ok(list(conn, Which::Id(id)).await?.pop())
}

/// A row to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NewParam {
    /// The name in the formula.
    pub name: String,
    /// Order of first use; none: not used.
    pub position: Option<i32>,
    /// Whether the formula's approval makes it.
    pub is_auto_seeded: bool,
    /// The label.
    pub param_display: String,
    /// What it means.
    pub description: String,
    /// Its unit.
    pub unit: String,
    /// Its range.
    pub range: Bounds,
    /// Whose it is.
    pub source: Option<Source>,
    /// Which hand wrote each filled field: `rule`, `framework`, `import`.
    pub written_by: BTreeMap<String, String>,
}

impl From<&Param> for NewParam {
    fn from(param: &Param) -> Self {
        Self {
            name: param.name.clone(),
            position: param.position,
            is_auto_seeded: param.is_auto_seeded,
            param_display: param.param_display.clone(),
            description: param.description.clone(),
            unit: param.unit.clone(),
            range: param.range.clone(),
            source: param.source,
            written_by: param.written_by.clone(),
        }
    }
}

/// New rows, in one statement; a name that is there already stays as it is and isn't returned.
pub async fn insert(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
    params: &[NewParam],
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<(ParamId, String)>> {
    fn column<T>(params: &[NewParam], get: impl Fn(&NewParam) -> T) -> Vec<T> {
        params.iter().map(get).collect()
    }
    let digits = |number: &Option<Number>| number.as_ref().map(|n| n.decimal().to_owned());
    let rows = sqlx::query!(
        r#"insert into params (initiative_id, framework_id, name, position, is_auto_seeded, param_display, description,
             unit, min, max, source, written_by, created_at, updated_at, updated_by)
           select $1, $2, n.name, n.position, n.is_auto_seeded, n.param_display, n.description, n.unit,
             n.min::numeric, n.max::numeric, n.source, n.written_by, $13, $13, $14
           from unnest($3::text[], $4::int[], $5::bool[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
             $11::text[], $12::jsonb[])
             as n(name, position, is_auto_seeded, param_display, description, unit, min, max, source, written_by)
           on conflict (initiative_id, framework_id, name) do nothing
           returning id as "id: ParamId", name"#,
        initiative as InitiativeId,
        framework as FrameworkId,
        &column(params, |p| p.name.clone()),
        &column(params, |p| p.position) as &[Option<i32>],
        &column(params, |p| p.is_auto_seeded),
        &column(params, |p| p.param_display.clone()),
        &column(params, |p| p.description.clone()),
        &column(params, |p| p.unit.clone()),
        &column(params, |p| digits(&p.range.min)) as &[Option<String>],
        &column(params, |p| digits(&p.range.max)) as &[Option<String>],
        &column(params, |p| p.source.map_or("", Source::key).to_owned()),
        &column(params, |p| serde_json::json!(p.written_by)),
        now,
        by as UserId,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Deletes a row that was added by hand, that no formula reads, and that nothing belongs to: no approval ever, no comment,
/// no proposal. What the history says of it stays. False: it isn't such a row.
pub async fn delete_unused(conn: &mut PgConnection, id: ParamId) -> sqlx::Result<bool> {
    let deleted = sqlx::query!(
        "delete from params p where id = $1 and not is_auto_seeded and state = 'not_used' and value is null
           and not is_read_aside
           and not exists (select from approvals where subject_kind = 'param' and subject_id = p.id)
           and not exists (select from comments where entity = 'param' and entity_id = p.id)
           and not exists (select from param_proposals where param_id = p.id)
           and not exists (select from param_overrides where param_id = p.id)",
        id as ParamId,
    );
    Ok(deleted.execute(conn).await?.rows_affected() == 1)
}

/// Deletes a row that a copy made, that nobody has filled in, and that nothing belongs to. What the history says of it
/// stays. False: it isn't such a row.
pub async fn delete_copied(conn: &mut PgConnection, id: ParamId) -> sqlx::Result<bool> {
    let deleted = sqlx::query!(
        "delete from params p where id = $1 and is_auto_seeded and value is null and fact_id is null
           and not is_read_aside
           and not exists (select from approvals where subject_kind = 'param' and subject_id = p.id)
           and not exists (select from comments where entity = 'param' and entity_id = p.id)
           and not exists (select from param_proposals where param_id = p.id)
           and not exists (select from param_overrides where param_id = p.id)",
        id as ParamId,
    );
    Ok(deleted.execute(conn).await?.rows_affected() == 1)
}

/// Which params the formula that drives the score reads now, in order; all others of the framework are not used.
pub async fn save_positions(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
    names: &[String],
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update params p set position = array_position($3::text[], p.name), revision = p.revision + 1,
           updated_by = $4, updated_at = $5
         where p.initiative_id = $1 and p.framework_id = $2
           and p.position is distinct from array_position($3::text[], p.name)",
        initiative as InitiativeId,
        framework as FrameworkId,
        names,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Which params a formula reads that doesn't drive the score.
pub async fn save_read_aside(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
    names: &[String],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update params set is_read_aside = name = any($3)
         where initiative_id = $1 and framework_id = $2 and is_read_aside <> (name = any($3))",
        initiative as InitiativeId,
        framework as FrameworkId,
        names,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Says which hand wrote each field; its new revision.
pub async fn save_hands(
    conn: &mut PgConnection,
    id: ParamId,
    written_by: &BTreeMap<String, String>,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update params set written_by = $2, revision = revision + 1, updated_by = $3, updated_at = $4
         where id = $1 returning revision",
        id as ParamId,
        serde_json::json!(written_by),
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

/// Moves a param's revision without another change of its own: its approval came or went.
pub async fn move_revision(
    conn: &mut PgConnection,
    id: ParamId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update params set revision = revision + 1, updated_by = $2, updated_at = $3
         where id = $1 returning revision",
        id as ParamId,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

/// The same for many, in one statement; the new revision of each.
pub async fn move_revisions(
    conn: &mut PgConnection,
    ids: &[ParamId],
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<HashMap<ParamId, i64>> {
    let rows = sqlx::query!(
        r#"update params set revision = revision + 1, updated_by = $2, updated_at = $3
           where id = any($1) returning id as "id: ParamId", revision"#,
        ids as &[ParamId],
        by as UserId,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.revision)).collect())
}

/// Two params of a group change names and places in the formula; everything else of each stays its own.
pub async fn change_places(
    conn: &mut PgConnection,
    (one, other): (ParamId, ParamId),
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    // A name is its group's own at every moment, so one of them has none of the two in between.
    let names = sqlx::query!(
        "select a.name as one, a.position as one_position, a.is_read_aside as one_aside, b.name as other,
           b.position as other_position, b.is_read_aside as other_aside
         from params a, params b where a.id = $1 and b.id = $2",
        one as ParamId,
        other as ParamId,
    )
    .fetch_one(&mut *conn)
    .await?;
    let between = format!("_{}_on_its_way", one.0);
    for (id, name, position, aside) in [
        (one, &between, None, false),
        (other, &names.one, names.one_position, names.one_aside),
        (one, &names.other, names.other_position, names.other_aside),
    ] {
        sqlx::query!(
            "update params set name = $2, position = $3, is_read_aside = $6, revision = revision + 1, updated_by = $4,
               updated_at = $5
             where id = $1",
            id as ParamId,
            name,
            position,
            by as UserId,
            now,
            aside,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// The units that an initiative's params have, the most used first; a dozen at most.
pub async fn units(conn: &mut PgConnection, initiative: InitiativeId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select unit from params where initiative_id = $1 and unit <> ''
         group by unit order by count(*) desc, unit limit 12",
        initiative as InitiativeId,
    )
    .fetch_all(conn)
    .await
}
