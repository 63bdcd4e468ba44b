//! Scoring many initiatives by one framework: everything that a score rests on in two statements for a whole chunk,
//! and the scores and standings of a chunk in two more. One initiative at a time is in [`super::scores`].

use super::{
    scenarios::ScenarioRow,
    scores::{DrivingRow, NewScore},
    types::impossible,
};
use crate::domain::{
    approval::{Approval, Origin},
    ids::{
        ApprovalId, FactId, FormulaVersionId, FrameworkId, InitiativeId, InitiativeKey,
        MathModelId, ParamId, UserId,
    },
    initiative::Initiative,
    param::{Bounds, Followed, Number, Param, Source},
    scoring::Missing,
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeMap, HashMap};

/// An initiative with what its score by one framework rests on.
#[derive(Clone, Debug)]
pub struct Subject {
    /// As far as scoring reads it, and its title.
    pub initiative: Initiative,
    /// Whether the framework's scores are the initiative's.
    pub is_active: bool,
    /// Where it stands: `not_ready`, `approved`, `stale`.
    pub status: String,
    /// The value recorded last.
    pub recorded: Option<f64>,
    /// Its params of the framework, as far as scoring reads them.
    pub params: Vec<Param>,
    /// The formula that drives the score.
    pub driving: DrivingRow,
}

/// The next initiatives after that row that have the framework on, locked if they are to be scored.
pub async fn load(
    conn: &mut PgConnection,
    framework: FrameworkId,
    (after, most): (i64, i64),
    for_update: bool,
) -> sqlx::Result<Vec<Subject>> {
    if for_update {
        lock(conn, framework, (after, most)).await?;
    }
    let rows = sqlx::query!(
        r#"select i.id as "id!: InitiativeId", i.key as "key!", i.title as "title!",
             coalesce(trim_scale(i.effort_engineering_days)::text, '') as "engineering!",
             coalesce(trim_scale(i.effort_other_teams_days)::text, '') as "others!",
             u.name as "effort_set_by?", i.effort_set_at,
             coalesce(i.active_framework_id = f.framework_id, false) as "is_active!", f.status as "status!",
             s.value as "recorded?",
             coalesce(d.scenario_id, d.model_id) as "model?: MathModelId", d.scenario as "scenario?",
             coalesce(d.is_scenarios, false) as "is_scenarios!", d.value_unit as "value_unit!",
             d.version_id as "version_id?: FormulaVersionId", d.version as "version?", d.text as "text?",
             d.is_approved as "is_approved!"
           from initiative_frameworks f join initiatives i on i.id = f.initiative_id
           join formulas_that_drive d on d.initiative_id = f.initiative_id and d.framework_id = f.framework_id
           left join users u on u.id = i.effort_set_by left join scores s on s.id = f.score_id
           where f.framework_id = $1 and f.is_on and f.initiative_id > $2 order by f.initiative_id limit $3"#,
        framework as FrameworkId,
        after,
        most,
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut params = params(conn, &[framework], &ids).await?;
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
            Ok(Subject {
                params: params.remove(&(row.id, framework)).unwrap_or_default(),
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
            })
        })
        .collect()
}

/// Locks in the order of the rows, as whoever changes the definition does.
async fn lock(
    conn: &mut PgConnection,
    framework: FrameworkId,
    (after, most): (i64, i64),
) -> sqlx::Result<()> {
    sqlx::query!(
        "select i.id from initiatives i where i.id in (
           select f.initiative_id from initiative_frameworks f
           where f.framework_id = $1 and f.is_on and f.initiative_id > $2 order by f.initiative_id limit $3)
         order by i.id for update",
        framework as FrameworkId,
        after,
        most,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// The params of any of these initiatives by any of these frameworks, as far as scoring reads them.
pub(super) async fn params(
    conn: &mut PgConnection,
    frameworks: &[FrameworkId],
    initiatives: &[InitiativeId],
) -> sqlx::Result<HashMap<(InitiativeId, FrameworkId), Vec<Param>>> {
    // Each "!" is needed: what may be null is read off the plan, and the joins may be planned the other way round.
    let rows = sqlx::query!(
        r#"select p.id as "id!: ParamId", p.initiative_id as "initiative_id!: InitiativeId",
             p.framework_id as "framework_id!: FrameworkId", p.name as "name!",
             p.revision as "revision!", p.position, p.param_display as "param_display!",
             trim_scale(p.value)::text as value, p.unit as "unit!", trim_scale(p.min)::text as min,
             trim_scale(p.max)::text as max, trim_scale(h.min)::text as hard_min, trim_scale(h.max)::text as hard_max,
             p.source as "source!", p.value_set_by as "value_set_by: UserId", vs.name as "value_set_by_name?",
             p.value_set_at, p.updated_at as "updated_at!", a.id as "a_id?: ApprovalId", a.approved_by as "a_by?: UserId", au.name as "a_by_name?",
             a.approved_at as "a_at?", a.origin as "a_origin?",
             fx.id as "fact_id?: FactId", fx.name as "fact_name?",
             sc.row as "scenario?: Json<ScenarioRow>",
             exists (select from param_overrides where param_id = p.id) as "is_in_scenarios!"
           from params p left join facts fx on fx.id = p.fact_id
           left join users vs on vs.id = p.value_set_by
           left join framework_params h on h.framework_id = p.framework_id and h.name = p.name
           left join approvals a on a.subject_kind = 'param' and a.subject_id = p.id and a.part = 'value'
             and a.withdrawn_at is null
           left join users au on au.id = a.approved_by
           left join lateral (select row from values_that_drive where param_id = p.id limit 1) sc on true
           where p.framework_id = any($1) and p.initiative_id = any($2)"#,
        frameworks as &[FrameworkId],
        initiatives as &[InitiativeId],
    )
    .fetch_all(conn)
    .await?;
    let mut all: HashMap<_, Vec<Param>> = HashMap::with_capacity(initiatives.len());
    for row in rows {
        let bounds = |min: Option<String>, max: Option<String>| Bounds {
            min: min.map(Number::from_decimal),
            max: max.map(Number::from_decimal),
        };
        let source = Source::read(&row.source);
        let approval = match (row.a_id, row.a_by, row.a_by_name, row.a_at, row.a_origin) {
            (Some(id), Some(by), Some(by_name), Some(at), Some(origin)) => Some(Approval {
                id,
                by,
                by_name,
                at,
                origin: Origin::from_key(&origin),
            }),
            _ => None,
        };
        let of = (row.initiative_id, row.framework_id);
        all.entry(of).or_default().push(Param {
            id: row.id,
            initiative_id: row.initiative_id,
            framework_id: row.framework_id,
            name: row.name,
            revision: row.revision,
            position: row.position,
            param_display: row.param_display,
            description: String::new(),
            value: row.value.map(Number::from_decimal),
            unit: row.unit,
            range: bounds(row.min, row.max),
            hard: bounds(row.hard_min, row.hard_max),
            source: source.map_err(|_error| impossible("params", "source", row.id.0))?,
            is_auto_seeded: true,
            notes: String::new(),
            evidence_link: String::new(),
            evidence_as_of: None,
            review_by: None,
            written_by: BTreeMap::new(),
            value_set_by: row.value_set_by.zip(row.value_set_by_name),
            value_set_at: row.value_set_at,
            updated_by_name: String::new(),
            updated_at: row.updated_at,
            value_approval: approval,
            range_approval: None,
            follows: row
                .fact_id
                .zip(row.fact_name)
                .map(|(id, name)| Followed { id, name }),
            scenario: row.scenario.map(|row| Box::new(row.0.laid_over())),
            is_in_scenarios: row.is_in_scenarios,
            is_read_aside: false,
        });
    }
    Ok(all)
}

/// Records the scores of many initiatives, each by a framework of its own, and makes each that framework's; the very same
/// inputs under the same formula are recorded once, as [`super::scores::record`] does for one.
pub async fn record(
    conn: &mut PgConnection,
    new: &[NewScore],
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let Some(engine) = new.first().map(|score| score.engine) else {
        return Ok(());
    };
    let initiatives: Vec<_> = new.iter().map(|score| score.initiative).collect();
    let frameworks: Vec<_> = new.iter().map(|score| score.framework).collect();
    let models: Vec<_> = new.iter().map(|score| score.math_model).collect();
    let versions: Vec<_> = new.iter().map(|score| score.formula_version).collect();
    let units: Vec<_> = new.iter().map(|score| score.value_unit.clone()).collect();
    let inputs: Vec<_> = new.iter().map(|score| Json(&score.inputs)).collect();
    let lines: Vec<_> = new.iter().map(|score| Json(&score.lines)).collect();
    let notes: Vec<_> = new.iter().map(|score| Json(&score.notes)).collect();
    let values: Vec<_> = new.iter().map(|score| score.value).collect();
    let efforts: Vec<_> = new.iter().map(|score| score.effort).collect();
    let overalls: Vec<_> = new.iter().map(|score| score.overall).collect();
    sqlx::query!(
        r#"with new as (
             select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::jsonb[],
               $7::float8[], $8::float8[], $9::float8[], $10::jsonb[], $11::jsonb[]) as n(initiative_id, framework_id,
               model_id, version_id, value_unit, inputs, value, effort, overall, lines, notes)
           ), fresh as (
             select n.* from new n
             join initiative_frameworks f on f.initiative_id = n.initiative_id and f.framework_id = n.framework_id
               and f.is_on
             left join scores s on s.id = f.score_id and s.formula_version_id = n.version_id and s.inputs = n.inputs
               and s.value = n.value and s.effort is not distinct from n.effort
               and s.overall is not distinct from n.overall and s.value_unit = n.value_unit
             where s.id is null
           ), recorded as (
             insert into scores (initiative_id, framework_id, math_model_id, formula_version_id, inputs, value, effort,
               overall, value_unit, lines, notes, engine, recorded_by, recorded_at)
             select initiative_id, framework_id, model_id, version_id, inputs, value, effort, overall, value_unit, lines,
               notes, $12, $13, $14 from fresh
             returning id, initiative_id, framework_id
           )
           update initiative_frameworks f set status = 'approved', missing = '[]', stale_because = null,
             stale_by = null, stale_since = null, score_id = coalesce(r.id, f.score_id)
           from new n left join recorded r on r.initiative_id = n.initiative_id and r.framework_id = n.framework_id
           where f.initiative_id = n.initiative_id and f.framework_id = n.framework_id and f.is_on"#,
        &initiatives as &[InitiativeId],
        &frameworks as &[FrameworkId],
        &models as &[Option<MathModelId>],
        &versions as &[FormulaVersionId],
        &units,
        &inputs as _,
        &values,
        &efforts as &[Option<f64>],
        &overalls as &[Option<f64>],
        &lines as _,
        &notes as _,
        engine,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// No score can be recorded for these now: what each misses. A score recorded earlier stands as stale, for the first
/// reason given.
pub async fn save_missing(
    conn: &mut PgConnection,
    missing: &[(InitiativeId, FrameworkId, Vec<Missing>)],
    because: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let initiatives: Vec<_> = missing.iter().map(|(id, ..)| *id).collect();
    let frameworks: Vec<_> = missing.iter().map(|(_, id, _)| *id).collect();
    let missing: Vec<_> = missing.iter().map(|(.., missing)| Json(missing)).collect();
    sqlx::query!(
        "update initiative_frameworks f set missing = n.missing,
           status = case when score_id is null then 'not_ready' else 'stale' end,
           stale_because = case when score_id is null then null else coalesce(stale_because, $4) end,
           stale_by = case when score_id is null then null else coalesce(stale_by, $5) end,
           stale_since = case when score_id is null then null else coalesce(stale_since, $6) end
         from unnest($1::bigint[], $2::bigint[], $3::jsonb[]) as n(initiative_id, framework_id, missing)
         where f.initiative_id = n.initiative_id and f.framework_id = n.framework_id and f.is_on",
        &initiatives as &[InitiativeId],
        &frameworks as &[FrameworkId],
        &missing as _,
        because,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who changed the framework last, and when: the person whose act the fresh scores are.
pub async fn last_change(
    conn: &mut PgConnection,
    framework: FrameworkId,
) -> sqlx::Result<Option<UserId>> {
    let by = sqlx::query_scalar!(
        r#"select updated_by as "by: UserId" from frameworks where id = $1"#,
        framework as FrameworkId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(by.flatten())
}
