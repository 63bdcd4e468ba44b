//! Copying a formula to many initiatives: set-based, a fixed number of statements whatever the number of targets.

use super::change_log::Stamp;
use crate::domain::{
    ids::{FormulaVersionId, FrameworkId, InitiativeId, MathModelId, UserId},
    model_copy::{Origin, Target, TargetFormula, TargetModel},
    scoring::Missing,
};
use crate::store::params::NewParam;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// Locks the initiatives of these keys, in the order of their rows.
pub async fn lock(conn: &mut PgConnection, keys: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "select id from initiatives where key = any($1) order by id for update",
        keys,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
struct Row {
    id: InitiativeId,
    key: String,
    title: String,
    revision: i64,
    is_archived: bool,
    uses_math_model: bool,
    is_on: bool,
    model_id: Option<MathModelId>,
    model_name: Option<String>,
    texts: Option<Vec<String>>,
    version_id: Option<FormulaVersionId>,
    version: Option<i32>,
    versions: i32,
    text: Option<String>,
    is_approved: bool,
    params: Vec<String>,
    has_used_params: bool,
}

impl TryFrom<Row> for Target {
    type Error = sqlx::Error;
    fn try_from(row: Row) -> sqlx::Result<Self> {
        let formula = || {
            Some(TargetFormula {
                id: row.version_id?,
                version: row.version?,
                text: row.text.clone()?,
                is_approved: row.is_approved,
            })
        };
        let model = row.model_id.map(|id| {
            let mut texts = row.texts.clone().unwrap_or_default().into_iter();
            TargetModel {
                id,
                name: row.model_name.clone().unwrap_or_default(),
                formula: formula(),
                versions: row.versions,
                texts: std::array::from_fn(|_| texts.next().unwrap_or_default()),
            }
        });
        let key = row.key.parse();
        Ok(Self {
            id: row.id,
            key: key
                .map_err(|error: crate::domain::ids::NotAKey| sqlx::Error::Decode(error.into()))?,
            title: row.title,
            revision: row.revision,
            is_archived: row.is_archived,
            uses_math_model: row.uses_math_model,
            is_on: row.is_on,
            model,
            params: row.params,
            has_used_params: row.has_used_params,
        })
    }
}

/// The initiatives of these keys with what a copy to them depends on, in the order of their keys.
pub async fn targets(
    conn: &mut PgConnection,
    framework: FrameworkId,
    keys: &[String],
) -> sqlx::Result<Vec<Target>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select i.id as "id: InitiativeId", i.key, i.title, i.revision, i.archived_at is not null as "is_archived!",
             i.use_math_model as uses_math_model, coalesce(f.is_on, false) as "is_on!",
             m.id as "model_id?: MathModelId", m.model_name as "model_name?",
             -- in the order of domain::model_copy::Blueprint::texts
             array[coalesce(m.model_description_free_text, ''), coalesce(m.model_prompt_to_llm, ''), coalesce(m.value_unit, ''),
               coalesce(m.assumptions_text, '')] as texts,
             v.id as "version_id?: FormulaVersionId", v.version as "version?", v.text as "text?",
             (select coalesce(max(version), 0) from formula_versions
              where owner_kind = 'math_model' and owner_id = m.id) as "versions!",
             exists (select from approvals a where a.subject_kind = 'math_model' and a.subject_id = m.id
               and a.part = 'formula' and a.withdrawn_at is null
               and a.formula_version_id = m.formula_version_id) as "is_approved!",
             array(select p.name from params p where p.initiative_id = i.id and p.framework_id = $1
               order by p.position nulls last, p.name) as "params!",
             exists (select from params p where p.initiative_id = i.id and p.framework_id = $1
               and p.position is not null) as "has_used_params!"
           from initiatives i
           left join initiative_frameworks f on f.initiative_id = i.id and f.framework_id = $1
           left join math_models m on m.initiative_id = i.id and m.framework_id = $1 and m.scenario_label = 'Base'
           left join formula_versions v on v.id = m.formula_version_id
           where i.key = any($2) order by i.key_prefix, i.key_number"#,
        framework as FrameworkId,
        keys,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// An initiative that may be chosen as a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its formula's version; none: it has no formula.
    pub version: Option<i32>,
}

/// How many initiatives are offered beside those that are chosen already.
pub const CHOICES: i64 = 50;

/// Those that are chosen already, then what a search finds of the others, one more than [`CHOICES`].
pub async fn choices(
    conn: &mut PgConnection,
    framework: FrameworkId,
    search: &str,
    chosen: &[String],
) -> sqlx::Result<Vec<Choice>> {
    let most = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    sqlx::query_as!(
        Choice,
        r#"select i.key, i.title, v.version as "version?"
           from initiatives i
           left join math_models m on m.initiative_id = i.id and m.framework_id = $1 and m.scenario_label = 'Base'
           left join formula_versions v on v.id = m.formula_version_id
           where i.key = any($3) or (i.archived_at is null and ($2 = '%%' or lower(i.key || ' ' || i.title) like $2))
           order by i.key = any($3) desc, i.key_prefix, i.key_number limit $4"#,
        framework as FrameworkId,
        super::search::pattern(search),
        chosen,
        most.saturating_add(CHOICES + 1),
    )
    .fetch_all(conn)
    .await
}

/// Ticks *use math model*.
pub async fn use_math_model(
    conn: &mut PgConnection,
    initiatives: &[InitiativeId],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update initiatives set use_math_model = true where id = any($1)",
        initiatives as &[InitiativeId],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes a model without a formula for each, under that name.
pub async fn insert_models(
    conn: &mut PgConnection,
    framework: FrameworkId,
    wanted: &[(InitiativeId, String)],
    stamp: Stamp,
) -> sqlx::Result<Vec<(InitiativeId, MathModelId)>> {
    let (ids, names): (Vec<_>, Vec<_>) = wanted.iter().cloned().unzip();
    let rows = sqlx::query!(
        r#"insert into math_models (initiative_id, framework_id, drives, model_name, created_at, updated_at, updated_by)
           select n.initiative_id, $1, true, n.name, $4, $4, $5
           from unnest($2::bigint[], $3::text[]) as n(initiative_id, name)
           returning initiative_id as "initiative_id: InitiativeId", id as "id: MathModelId""#,
        framework as FrameworkId,
        &ids as &[InitiativeId],
        &names,
        stamp.at,
        stamp.by as UserId,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.initiative_id, row.id))
        .collect())
}

/// A version that a model gets.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// The model.
    pub model: MathModelId,
    /// The version's number.
    pub number: i32,
    /// Its texts as they are from now on: description, prompt, unit, assumptions.
    pub texts: [String; 4],
}

/// A version that a model got.
#[derive(Clone, Debug)]
pub struct SavedVersion {
    /// The model.
    pub model: MathModelId,
    /// Its revision now.
    pub revision: i64,
    /// What had been approved before, if that approval fell.
    pub withdrawn: Option<Value>,
}

/// Gives each model the same formula as a new version, with where it came from; approvals of what was there fall.
pub async fn save_versions(
    conn: &mut PgConnection,
    (text, origin): (&str, &Origin),
    versions: &[NewVersion],
    stamp: Stamp,
) -> sqlx::Result<Vec<SavedVersion>> {
    fn column<T>(all: &[NewVersion], get: impl Fn(&NewVersion) -> T) -> Vec<T> {
        all.iter().map(get).collect()
    }
    let sha256 = Sha256::digest(text);
    let why = |v: &NewVersion| format!("version {} of the formula waits for approval", v.number);
    let rows = sqlx::query!(
        r#"with new as (
             select * from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
               as n(model, version, why, description, prompt, unit, assumptions)
           ), saved as (
             insert into formula_versions (owner_kind, owner_id, version, text, sha256, saved_by, saved_at)
             select 'math_model', n.model, n.version, $8, $9, $10, $11 from new n order by n.model
             returning id, owner_id
           ), origins as (
             insert into formula_origins (formula_version_id, math_model_id, kind, source_model_id, pattern, source_name,
               source_version)
             select s.id, s.owner_id, $12, $13, $14, $15, $16 from saved s
           ), withdrawn as (
             update approvals a set withdrawn_by = $10, withdrawn_at = $11, withdrawn_why = n.why
             from new n where a.subject_kind = 'math_model' and a.subject_id = n.model and a.part = 'formula'
               and a.withdrawn_at is null
             returning a.subject_id, a.content
           )
           update math_models m set formula_version_id = s.id, revision = m.revision + 1, updated_by = $10,
             updated_at = $11, model_description_free_text = n.description, model_prompt_to_llm = n.prompt,
             value_unit = n.unit, assumptions_text = n.assumptions
           from saved s join new n on n.model = s.owner_id left join withdrawn w on w.subject_id = s.owner_id
           where m.id = s.owner_id
           returning m.id as "model: MathModelId", m.revision, w.content as "withdrawn?""#,
        &column(versions, |v| v.model) as &[MathModelId],
        &column(versions, |v| v.number),
        &column(versions, why),
        &column(versions, |v| v.texts[0].clone()),
        &column(versions, |v| v.texts[1].clone()),
        &column(versions, |v| v.texts[2].clone()),
        &column(versions, |v| v.texts[3].clone()),
        text,
        &sha256[..],
        stamp.by as UserId,
        stamp.at,
        origin.kind.key(),
        origin.model as Option<MathModelId>,
        origin.pattern,
        origin.name,
        origin.version,
    )
    .fetch_all(conn)
    .await?;
    let saved = rows.into_iter().map(|row| SavedVersion {
        model: row.model,
        revision: row.revision,
        withdrawn: row.withdrawn,
    });
    Ok(saved.collect())
}

/// A param that appeared.
#[derive(Clone, Debug)]
pub struct CopiedParam {
    /// Its row.
    pub id: i64,
    /// Whose.
    pub initiative: InitiativeId,
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: String,
}

/// Makes the rows that an initiative hasn't; rows that are there keep everything. `first`: nothing was approved there
/// yet, so the rows have their places in the formula at once; elsewhere its approval gives them.
pub async fn insert_params(
    conn: &mut PgConnection,
    framework: FrameworkId,
    initiatives: &[(InitiativeId, bool)],
    params: &[NewParam],
    stamp: Stamp,
) -> sqlx::Result<Vec<CopiedParam>> {
    let (ids, first): (Vec<_>, Vec<_>) = initiatives.iter().copied().unzip();
    let rows: Vec<Value> = params.iter().map(row).collect();
    let made = sqlx::query!(
        r#"insert into params (initiative_id, framework_id, name, position, is_auto_seeded, param_display, description,
             unit, min, max, source, written_by, created_at, updated_at, updated_by)
           select i.id, $1, r.name, case when i.is_first then r.position end, true, r.label, r.description, r.unit,
             r.min::numeric, r.max::numeric, r.source, r.written_by, $5, $5, $6
           from unnest($2::bigint[], $3::bool[]) as i(id, is_first)
           cross join unnest($4::jsonb[]) as n(row)
           cross join lateral jsonb_to_record(n.row) as r(name text, position int, label text, description text,
             unit text, min text, max text, source text, written_by jsonb)
           order by i.id, r.position
           on conflict (initiative_id, framework_id, name) do nothing
           returning id, initiative_id as "initiative: InitiativeId", name,
             coalesce(nullif(param_display, ''), name) as "label!""#,
        framework as FrameworkId,
        &ids as &[InitiativeId],
        &first,
        &rows,
        stamp.at,
        stamp.by as UserId,
    )
    .fetch_all(conn)
    .await?;
    let made = made.into_iter().map(|row| CopiedParam {
        id: row.id,
        initiative: row.initiative,
        name: row.name,
        label: row.label,
    });
    Ok(made.collect())
}

fn row(param: &NewParam) -> Value {
    let end = |end: &Option<crate::domain::param::Number>| {
        end.as_ref().map(|number| number.decimal().to_owned())
    };
    json!({
        "name": param.name,
        "position": param.position,
        "label": param.param_display,
        "description": param.description,
        "unit": param.unit,
        "min": end(&param.range.min),
        "max": end(&param.range.max),
        "source": param.source.map_or("", crate::domain::param::Source::key),
        "written_by": param.written_by,
    })
}

/// Turns the math model on where it is off, and says what its score waits for; a score recorded earlier stands as stale.
pub async fn save_waiting(
    conn: &mut PgConnection,
    framework: FrameworkId,
    waiting: &[(InitiativeId, Missing)],
    because: &str,
    stamp: Stamp,
) -> sqlx::Result<()> {
    let ids: Vec<_> = waiting.iter().map(|(id, _)| *id).collect();
    let missing: Vec<Value> = waiting.iter().map(|(_, what)| json!([what])).collect();
    sqlx::query!(
        "insert into initiative_frameworks as f (initiative_id, framework_id, is_on, status, missing)
         select n.id, $1, true, 'not_ready', n.missing from unnest($2::bigint[], $3::jsonb[]) as n(id, missing)
         -- where a scenario drives by a formula of its own, a new one of Base changes nothing
         where not exists (
           select from math_models d where d.initiative_id = n.id and d.framework_id = $1 and d.drives
             and d.scenario_label <> 'Base' and d.formula_version_id is not null)
         order by n.id
         on conflict (initiative_id, framework_id) do update set is_on = true, missing = excluded.missing,
           status = case when f.score_id is null then 'not_ready' else 'stale' end,
           stale_because = case when f.score_id is null then null else coalesce(f.stale_because, $4) end,
           stale_by = case when f.score_id is null then null else coalesce(f.stale_by, $5) end,
           stale_since = case when f.score_id is null then null else coalesce(f.stale_since, $6) end",
        framework as FrameworkId,
        &ids as &[InitiativeId],
        &missing,
        because,
        stamp.by as UserId,
        stamp.at,
    )
    .execute(conn)
    .await?;
    Ok(())
}
