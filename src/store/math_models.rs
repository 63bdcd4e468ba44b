//! Math models, the immutable versions of their formulas, and private drafts.

use crate::domain::{
    approval::{Approval, Origin},
    ids::{ApprovalId, FormulaVersionId, FrameworkId, InitiativeId, MathModelId, UserId},
    math_model::{Driver, FormulaVersion, MathModel, ModelField},
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection};

pub mod page;

struct Row {
    id: MathModelId,
    initiative_id: InitiativeId,
    framework_id: FrameworkId,
    scenario_label: String,
    revision: i64,
    texts: Vec<String>,
    version_id: Option<FormulaVersionId>,
    version: Option<i32>,
    text: Option<String>,
    saved_by_name: Option<String>,
    saved_at: Option<DateTime<Utc>>,
    approval_id: Option<ApprovalId>,
    approved_by: Option<UserId>,
    approved_by_name: Option<String>,
    approved_at: Option<DateTime<Utc>>,
    origin: Option<String>,
    approved_version_id: Option<FormulaVersionId>,
    last_id: Option<FormulaVersionId>,
    last_version: Option<i32>,
    last_text: Option<String>,
    last_saved_by_name: Option<String>,
    last_saved_at: Option<DateTime<Utc>>,
    versions: i32,
    driver_id: Option<MathModelId>,
    driver_label: Option<String>,
    driver_has_formula: Option<bool>,
}

pub(super) fn version(
    id: Option<FormulaVersionId>,
    version: Option<i32>,
    text: Option<String>,
    by: Option<String>,
    at: Option<DateTime<Utc>>,
) -> Option<FormulaVersion> {
    Some(FormulaVersion {
        id: id?,
        version: version?,
        text: text?,
        saved_by_name: by?,
        saved_at: at?,
    })
}

impl From<Row> for MathModel {
    fn from(row: Row) -> Self {
        let mut texts = row.texts.into_iter();
        let formula = version(
            row.version_id,
            row.version,
            row.text,
            row.saved_by_name,
            row.saved_at,
        );
        // An approval counts for the very text it was given for.
        let approval = (row.approved_version_id.is_some()
            && row.approved_version_id == row.version_id)
            .then(|| {
                Some(Approval {
                    id: row.approval_id?,
                    by: row.approved_by?,
                    by_name: row.approved_by_name?,
                    at: row.approved_at?,
                    origin: Origin::from_key(row.origin.as_deref()?),
                })
            })
            .flatten();
        Self {
            id: row.id,
            initiative_id: row.initiative_id,
            framework_id: row.framework_id,
            scenario_label: row.scenario_label,
            revision: row.revision,
            texts: std::array::from_fn(|_| texts.next().unwrap_or_default()),
            formula,
            versions: row.versions,
            approval,
            last_approved: version(
                row.last_id,
                row.last_version,
                row.last_text,
                row.last_saved_by_name,
                row.last_saved_at,
            ),
            driver: row
                .driver_id
                .zip(row.driver_label)
                .map(|(id, label)| Driver {
                    id,
                    label,
                    has_formula: row.driver_has_formula == Some(true),
                }),
        }
    }
}

/// Which model is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// This one.
    Id(MathModelId),
    /// The one of this initiative and framework.
    Of(InitiativeId, FrameworkId),
}

/// A model with its current formula, that text's live approval and the version approved last. Its scenarios, which are
/// rows beside it, are in [`super::scenarios`]: none of them is a model here.
pub async fn get(conn: &mut PgConnection, which: Which) -> sqlx::Result<Option<MathModel>> {
    let (id, initiative, framework) = match which {
        Which::Id(id) => (Some(id.0), None, None),
        Which::Of(initiative, framework) => (None, Some(initiative.0), Some(framework.0)),
    };
    let row = sqlx::query_as!(
        Row,
        r#"select m.id as "id: MathModelId", m.initiative_id as "initiative_id: InitiativeId",
             m.framework_id as "framework_id: FrameworkId", m.scenario_label, m.revision,
             -- in the order of domain::math_model::ModelField::ALL
             array[m.model_name, m.model_description_free_text, m.model_prompt_to_llm, m.value_unit,
               m.assumptions_text, m.llm_notes] as "texts!",
             v.id as "version_id?: FormulaVersionId", v.version as "version?", v.text as "text?",
             vu.name as "saved_by_name?", v.saved_at as "saved_at?",
             (select coalesce(max(version), 0) from formula_versions
              where owner_kind = 'math_model' and owner_id = m.id) as "versions!",
             a.id as "approval_id?: ApprovalId", a.approved_by as "approved_by?: UserId",
             au.name as "approved_by_name?", a.approved_at as "approved_at?", a.origin as "origin?",
             a.formula_version_id as "approved_version_id?: FormulaVersionId",
             lv.id as "last_id?: FormulaVersionId", lv.version as "last_version?", lv.text as "last_text?",
             lu.name as "last_saved_by_name?", lv.saved_at as "last_saved_at?",
             sc.id as "driver_id?: MathModelId", sc.scenario_label as "driver_label?",
             sc.formula_version_id is not null as "driver_has_formula?"
           from math_models m
           left join math_models sc on sc.initiative_id = m.initiative_id and sc.framework_id = m.framework_id
             and sc.drives and sc.scenario_label <> 'Base'
           left join formula_versions v on v.id = m.formula_version_id
           left join users vu on vu.id = v.saved_by
           left join approvals a on a.subject_kind = 'math_model' and a.subject_id = m.id
             and a.part = 'formula' and a.withdrawn_at is null
           left join users au on au.id = a.approved_by
           left join lateral (
             select formula_version_id from approvals
             where subject_kind = 'math_model' and subject_id = m.id and part = 'formula'
             order by approved_at desc, id desc limit 1) l on true
           left join formula_versions lv on lv.id = l.formula_version_id
           left join users lu on lu.id = lv.saved_by
           where m.scenario_label = 'Base' and m.id in (
             select $1::bigint
             union all select id from math_models
             where initiative_id = $2 and framework_id = $3 and scenario_label = 'Base')"#,
        id,
        initiative,
        framework,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Into::into))
}

/// A new model without a formula; `None`: the scenario is there already.
pub async fn insert(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    framework: FrameworkId,
    name: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<MathModelId>> {
    sqlx::query_scalar!(
        r#"insert into math_models (initiative_id, framework_id, drives, model_name, created_at, updated_at, updated_by)
           values ($1, $2, true, $3, $4, $4, $5)
           on conflict (initiative_id, framework_id, scenario_label) do nothing
           returning id as "id: MathModelId""#,
        initiative as InitiativeId,
        framework as FrameworkId,
        name,
        now,
        by as UserId,
    )
    .fetch_optional(conn)
    .await
}

/// Sets one of the texts and moves the revision.
pub async fn save_text(
    conn: &mut PgConnection,
    id: MathModelId,
    field: ModelField,
    text: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    // The column's name is one of six constants, never from a request.
    let column = field.key();
    sqlx::query_scalar(AssertSqlSafe(format!(
        "update math_models set {column} = $2, revision = revision + 1, updated_by = $3, updated_at = $4
         where id = $1 returning revision"
    )))
    .bind(id)
    .bind(text)
    .bind(by)
    .bind(now)
    .fetch_one(conn)
    .await
}

/// Moves a model's revision without another change of its own: its approval came or went.
pub async fn move_revision(
    conn: &mut PgConnection,
    id: MathModelId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update math_models set revision = revision + 1, updated_by = $2, updated_at = $3
         where id = $1 returning revision",
        id as MathModelId,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

/// Makes a version and points the model, or the scenario, at it.
pub async fn insert_version(
    conn: &mut PgConnection,
    model: MathModelId,
    number: i32,
    text: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<(FormulaVersionId, i64)> {
    let sha256 = Sha256::digest(text);
    let row = sqlx::query!(
        r#"with saved as (
             insert into formula_versions (owner_kind, owner_id, version, text, sha256, saved_by, saved_at)
             values ('math_model', $1, $2, $3, $4, $5, $6) returning id)
           update math_models m set formula_version_id = saved.id, revision = m.revision + 1,
             updated_by = $5, updated_at = $6
           from saved where m.id = $1
           returning saved.id as "id: FormulaVersionId", m.revision"#,
        model.0,
        number,
        text,
        &sha256[..],
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.id, row.revision))
}

/// Leaves a model without a formula; its versions stay. Its new revision.
pub async fn drop_formula(
    conn: &mut PgConnection,
    model: MathModelId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update math_models set formula_version_id = null, revision = revision + 1, updated_by = $2, updated_at = $3
         where id = $1 returning revision",
        model as MathModelId,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

/// A model's or a scenario's versions, newest first.
pub async fn list_versions(
    conn: &mut PgConnection,
    model: MathModelId,
) -> sqlx::Result<Vec<FormulaVersion>> {
    sqlx::query_as!(
        FormulaVersion,
        r#"select v.id as "id: FormulaVersionId", v.version, v.text, u.name as saved_by_name, v.saved_at
           from formula_versions v join users u on u.id = v.saved_by
           where v.owner_kind = 'math_model' and v.owner_id = $1 order by v.version desc limit 50"#,
        model.0,
    )
    .fetch_all(conn)
    .await
}

/// Keeps what a person is typing.
pub async fn save_draft(
    conn: &mut PgConnection,
    model: MathModelId,
    by: UserId,
    text: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into formula_drafts (math_model_id, user_id, text, saved_at) values ($1, $2, $3, $4)
         on conflict (math_model_id, user_id) do update set text = excluded.text, saved_at = excluded.saved_at",
        model as MathModelId,
        by as UserId,
        text,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a person was typing, and since when it has been kept.
pub async fn get_draft(
    conn: &mut PgConnection,
    model: MathModelId,
    by: UserId,
) -> sqlx::Result<Option<(String, DateTime<Utc>)>> {
    let row = sqlx::query!(
        "select text, saved_at from formula_drafts where math_model_id = $1 and user_id = $2",
        model as MathModelId,
        by as UserId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.text, row.saved_at)))
}

/// Forgets a draft: its text was saved.
pub async fn delete_draft(
    conn: &mut PgConnection,
    model: MathModelId,
    by: UserId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from formula_drafts where math_model_id = $1 and user_id = $2",
        model as MathModelId,
        by as UserId,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A line of the list of models.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelLine {
    /// Its row.
    pub id: MathModelId,
    /// Its initiative's key.
    pub initiative_key: String,
    /// Its initiative's title.
    pub initiative_title: String,
    /// Its framework's name.
    pub framework_name: String,
    /// Its own name.
    pub model_name: String,
    /// The current version; none: nothing saved.
    pub version: Option<i32>,
    /// Whether that version's text is approved.
    pub is_approved: bool,
    /// How many params the approved formula reads.
    pub params: i64,
    /// How many of them have a value.
    pub filled_params: i64,
    /// How many of them have one that is approved.
    pub approved_params: i64,
    /// Who changed it last.
    pub updated_by_name: String,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// How many models a page of the list shows.
pub const MODELS_PAGE: i64 = 200;

/// What of the models is asked for.
#[derive(Clone, Debug, Default)]
pub struct ModelsQuery {
    /// Words of their name or their initiative's key or title.
    pub search: String,
    /// Where their formula stands: `no_formula`, `needs_approval`, `approved`.
    pub state: Option<&'static str>,
    /// The initiative that they come after, by its key's two parts.
    pub after: Option<(String, i64)>,
}

/// Models of what isn't archived, in the order of their initiatives' keys.
pub async fn list(conn: &mut PgConnection, query: &ModelsQuery) -> sqlx::Result<Vec<ModelLine>> {
    let after = query.after.as_ref();
    let words = super::search::pattern(&query.search);
    sqlx::query_as!(
        ModelLine,
        r#"select m.id as "id: MathModelId", i.key as initiative_key, i.title as initiative_title,
             f.name as framework_name, m.model_name, v.version as "version?",
             s.state = 'approved' as "is_approved!",
             n.params as "params!", n.filled as "filled_params!", n.approved as "approved_params!",
             u.name as updated_by_name, m.updated_at
           from math_models m join initiatives i on i.id = m.initiative_id
           join frameworks f on f.id = m.framework_id join users u on u.id = m.updated_by
           left join initiative_frameworks x on x.initiative_id = m.initiative_id and x.framework_id = m.framework_id
           left join formula_versions v on v.id = m.formula_version_id
           cross join lateral (
             select case when m.formula_version_id is null then 'no_formula' when exists (
               select from approvals a where a.subject_kind = 'math_model' and a.subject_id = m.id
                 and a.part = 'formula' and a.withdrawn_at is null
                 and a.formula_version_id = m.formula_version_id) then 'approved' else 'needs_approval' end as state) s
           cross join lateral (
             select count(*) as params, count(p.value) as filled,
               count(*) filter (where p.is_value_approved) as approved
             from params p where p.initiative_id = m.initiative_id and p.framework_id = m.framework_id
               and p.position is not null) n
           where i.archived_at is null and m.scenario_label = 'Base'
             -- what is off and says nothing is no model to anybody: a copy that was taken back leaves such a row
             and (coalesce(x.is_on, true) or m.formula_version_id is not null or m.model_description_free_text <> ''
               or m.model_prompt_to_llm <> '' or m.assumptions_text <> '')
             and ($5::text is null or s.state = $5)
             and ($1::text is null or (i.key_prefix, i.key_number) > ($1, $2::bigint::numeric))
             and ($4 = '%%' or lower(i.key || ' ' || i.title || ' ' || m.model_name) like $4)
           order by i.key_prefix, i.key_number, f.position limit $3"#,
        after.map(|(prefix, _)| prefix),
        after.map(|(_, number)| *number),
        MODELS_PAGE,
        words,
        query.state,
    )
    .fetch_all(conn)
    .await
}
