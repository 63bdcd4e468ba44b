//! Scenarios: rows of `math_models` beside Base, with a formula of their own if they have one, the values that they set
//! themselves (`param_overrides`) and the approval that covers both.

use crate::domain::{
    approval::{Approval, Origin},
    ids::{ApprovalId, FormulaVersionId, FrameworkId, InitiativeId, MathModelId, ParamId, UserId},
    param::{Bounds, Number},
    scenario::{InScenario, Scenario, ScenarioValue, Whose},
};
use crate::store::{change_log::LoggedChange, types::impossible};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{PgConnection, types::Json};

/// A value as a statement gives it within another row.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ValueRow {
    param: i64,
    revision: i64,
    value: String,
    min: Option<String>,
    max: Option<String>,
    set_by: i64,
    set_by_name: String,
    set_at: DateTime<Utc>,
}

impl From<ValueRow> for ScenarioValue {
    fn from(row: ValueRow) -> Self {
        Self {
            param: ParamId(row.param),
            revision: row.revision,
            value: Number::from_decimal(row.value),
            range: Bounds {
                min: row.min.map(Number::from_decimal),
                max: row.max.map(Number::from_decimal),
            },
            set_by: (UserId(row.set_by), row.set_by_name),
            set_at: row.set_at,
        }
    }
}

/// What the driving scenario sets for a param, as a statement gives it within the param's row.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ScenarioRow {
    scenario: i64,
    label: String,
    approval_id: Option<i64>,
    approved_by: Option<i64>,
    approved_by_name: Option<String>,
    approved_at: Option<DateTime<Utc>>,
    origin: Option<String>,
    value: ValueRow,
}

impl ScenarioRow {
    pub(super) fn laid_over(self) -> InScenario {
        let approval = approval(
            (self.approval_id.map(ApprovalId), self.origin),
            (self.approved_by.map(UserId), self.approved_by_name),
            self.approved_at,
        );
        InScenario {
            scenario: MathModelId(self.scenario),
            label: self.label,
            value: self.value.into(),
            approval,
        }
    }
}

fn approval(
    (id, origin): (Option<ApprovalId>, Option<String>),
    (by, by_name): (Option<UserId>, Option<String>),
    at: Option<DateTime<Utc>>,
) -> Option<Approval> {
    Some(Approval {
        id: id?,
        by: by?,
        by_name: by_name?,
        at: at?,
        origin: Origin::from_key(&origin?),
    })
}

/// Which scenarios are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// This one.
    Id(MathModelId),
    /// All of one initiative and framework, also those that are put away.
    Of(InitiativeId, FrameworkId),
    /// All that set a value of their own for this param.
    Setting(ParamId),
}

/// Scenarios with their values and live approvals, in the order in which they were made; Base isn't among them. One
/// statement.
pub async fn list(conn: &mut PgConnection, which: Which) -> sqlx::Result<Vec<Scenario>> {
    let (id, initiative, framework, param) = match which {
        Which::Id(id) => (Some(id.0), None, None, None),
        Which::Of(initiative, framework) => (None, Some(initiative.0), Some(framework.0), None),
        Which::Setting(param) => (None, None, None, Some(param.0)),
    };
    let rows = sqlx::query!(
        r#"select m.id as "id: MathModelId", m.initiative_id as "initiative_id: InitiativeId",
             m.framework_id as "framework_id: FrameworkId", m.scenario_label, m.revision, m.drives, m.put_away_at,
             case when k.formula_version_id is not null then k.name end as shares,
             v.id as "version_id?: FormulaVersionId", v.version as "version?", v.text as "text?",
             vu.name as "saved_by_name?", v.saved_at as "saved_at?",
             a.id as "approval_id?: ApprovalId", a.approved_by as "approved_by?: UserId",
             au.name as "approved_by_name?", a.approved_at as "approved_at?", a.origin as "origin?",
             coalesce((
               select jsonb_agg(jsonb_build_object('param', o.param_id, 'revision', o.revision,
                 'value', trim_scale(o.value)::text, 'min', trim_scale(o.min)::text, 'max', trim_scale(o.max)::text,
                 'set_by', o.set_by, 'set_by_name', u.name, 'set_at', o.set_at) order by o.param_id)
               from param_overrides o join users u on u.id = o.set_by where o.math_model_id = m.id
             ), '[]') as "values!: Json<Vec<ValueRow>>"
           from math_models m join frameworks k on k.id = m.framework_id
           left join formula_versions v on v.id = m.formula_version_id left join users vu on vu.id = v.saved_by
           left join approvals a on a.subject_kind = 'math_model' and a.subject_id = m.id and a.part = 'scenario'
             and a.withdrawn_at is null
           left join users au on au.id = a.approved_by
           where m.scenario_label <> 'Base' and m.id in (
             select $1::bigint
             union all select id from math_models where initiative_id = $2 and framework_id = $3
             union all select math_model_id from param_overrides where param_id = $4)
           order by m.id"#,
        id,
        initiative,
        framework,
        param,
    )
    .fetch_all(conn)
    .await?;
    let scenarios = rows.into_iter().map(|row| Scenario {
        id: row.id,
        initiative_id: row.initiative_id,
        framework_id: row.framework_id,
        shares: row.shares,
        label: row.scenario_label,
        revision: row.revision,
        drives: row.drives,
        put_away_at: row.put_away_at,
        formula: super::math_models::version(
            row.version_id,
            row.version,
            row.text,
            row.saved_by_name,
            row.saved_at,
        ),
        values: row.values.0.into_iter().map(Into::into).collect(),
        approval: approval(
            (row.approval_id, row.origin),
            (row.approved_by, row.approved_by_name),
            row.approved_at,
        ),
    });
    Ok(scenarios.collect())
}

/// One scenario; none: there is no such one.
pub async fn get(conn: &mut PgConnection, id: MathModelId) -> sqlx::Result<Option<Scenario>> {
    Ok(list(conn, Which::Id(id)).await?.pop())
}

/// Where a row beside Base, or Base itself, belongs; none: there is no such one.
pub async fn whose(conn: &mut PgConnection, id: MathModelId) -> sqlx::Result<Option<Whose>> {
    let row = sqlx::query!(
        "select i.key, k.key as framework from math_models m join initiatives i on i.id = m.initiative_id
         join frameworks k on k.id = m.framework_id where m.id = $1",
        id as MathModelId,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let initiative = row.key.parse();
        let initiative = initiative.map_err(|_error| impossible("initiatives", "key", id.0))?;
        Ok(Whose {
            initiative,
            framework: row.framework,
        })
    })
    .transpose()
}

/// A new scenario: it sets nothing yet and drives nothing.
pub async fn insert(
    conn: &mut PgConnection,
    (initiative, framework): (InitiativeId, FrameworkId),
    label: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<MathModelId> {
    sqlx::query_scalar!(
        r#"insert into math_models
             (initiative_id, framework_id, scenario_label, drives, model_name, created_at, updated_at, updated_by)
           values ($1, $2, $3, false, '', $4, $4, $5) returning id as "id: MathModelId""#,
        initiative as InitiativeId,
        framework as FrameworkId,
        label,
        now,
        by as UserId,
    )
    .fetch_one(conn)
    .await
}

/// Gives a scenario another name, puts it away or brings it back; its new revision.
pub async fn save(
    conn: &mut PgConnection,
    scenario: &Scenario,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update math_models set scenario_label = $2, put_away_at = $3, revision = revision + 1, updated_by = $4,
           updated_at = $5
         where id = $1 returning revision",
        scenario.id as MathModelId,
        scenario.label,
        scenario.put_away_at,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

/// Sets a value of a scenario.
pub async fn save_value(
    conn: &mut PgConnection,
    (scenario, param): (MathModelId, ParamId),
    (value, range): (&Number, &Bounds),
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let digits = |number: &Option<Number>| number.as_ref().map(|n| n.decimal().to_owned());
    sqlx::query!(
        "insert into param_overrides (math_model_id, param_id, value, min, max, set_by, set_at)
         values ($1, $2, $3::text::numeric, $4::text::numeric, $5::text::numeric, $6, $7)
         on conflict (math_model_id, param_id) do update set value = excluded.value, min = excluded.min,
           max = excluded.max, set_by = excluded.set_by, set_at = excluded.set_at,
           revision = param_overrides.revision + 1",
        scenario as MathModelId,
        param as ParamId,
        value.decimal(),
        digits(&range.min),
        digits(&range.max),
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a scenario this version as its formula; none: it follows Base's again. Its new revision.
pub async fn save_formula(
    conn: &mut PgConnection,
    scenario: MathModelId,
    version: Option<FormulaVersionId>,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update math_models set formula_version_id = $2, revision = revision + 1, updated_by = $3, updated_at = $4
         where id = $1 returning revision",
        scenario as MathModelId,
        version as Option<FormulaVersionId>,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

/// Drops a value of a scenario: it follows Base again.
pub async fn delete_value(
    conn: &mut PgConnection,
    (scenario, param): (MathModelId, ParamId),
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from param_overrides where math_model_id = $1 and param_id = $2",
        scenario as MathModelId,
        param as ParamId,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The latest change of a scenario's value of this param since the scenario's revision that somebody saw; none: nobody
/// touched it.
pub async fn last_change_of_value(
    conn: &mut PgConnection,
    (scenario, param): (MathModelId, ParamId),
    seen_revision: i64,
) -> sqlx::Result<Option<LoggedChange>> {
    sqlx::query_as!(
        LoggedChange,
        r#"select c.seq, c.field, c.subject, coalesce(c.old, 'null') as "old!", coalesce(c.new, 'null') as "new!",
             c.through, u.name as by_name, c.at
           from change_log c join users u on u.id = c.actor_id
           where c.entity = 'scenario' and c.entity_id = $1 and c.field = 'scenario_value' and c.entity_revision > $3
             and coalesce(nullif(c.new, 'null'), c.old) @> jsonb_build_object('param_id', $2::bigint)
           order by c.seq desc limit 1"#,
        scenario.0,
        param.0,
        seen_revision,
    )
    .fetch_optional(conn)
    .await
}

/// Lets one row of an initiative and framework, Base's model or a scenario, drive the score, and no other; none: Base, which
/// is a framework's formula and has no row.
pub async fn let_drive(
    conn: &mut PgConnection,
    (initiative, framework): (InitiativeId, FrameworkId),
    driver: Option<MathModelId>,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    // In two steps: the index that allows one driver looks at each row as it changes.
    for drives in [false, true] {
        sqlx::query!(
            "update math_models set drives = $4, revision = revision + 1, updated_by = $5, updated_at = $6
             where initiative_id = $1 and framework_id = $2 and drives <> $4
               and (id is not distinct from $3) = $4",
            initiative as InitiativeId,
            framework as FrameworkId,
            driver as Option<MathModelId>,
            drives,
            by as UserId,
            now,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Where these figures put an initiative among all others by a framework, and among how many with it, by the rule of the
/// scoring list: within the unit, over what isn't archived, overall first, then value.
pub async fn rank_of(
    conn: &mut PgConnection,
    (initiative, framework): (InitiativeId, FrameworkId),
    unit: &str,
    (value, overall): (f64, Option<f64>),
) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select 1 + count(*) filter (where case
             when s.overall is null then $4::float8 is null and s.value > $5
             when $4 is null then true
             else (s.overall, s.value) > ($4, $5::float8) end) as "rank!", 1 + count(*) as "among!"
           from initiative_frameworks f join initiatives i on i.id = f.initiative_id join scores s on s.id = f.score_id
           where f.framework_id = $2 and f.is_on and i.archived_at is null and i.id <> $1
             and s.value_unit = $3 collate "C""#,
        initiative as InitiativeId,
        framework as FrameworkId,
        unit,
        overall,
        value,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.rank, row.among))
}
