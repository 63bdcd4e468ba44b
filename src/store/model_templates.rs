//! Models that others may begin from, who began from them, and which of their changes were put off.

use crate::domain::{
    ids::{FormulaVersionId, MathModelId, UserId},
    model_copy::{LaterFormula, Origin},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

/// How many templates the library shows, and how many initiatives a template's page.
pub const MOST: i64 = 200;

/// A model that is marked as a template, with the formula it offers: the one approved last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelTemplate {
    /// The model.
    pub model: MathModelId,
    /// Its initiative's key.
    pub initiative_key: String,
    /// What the template is called.
    pub name: String,
    /// When it fits.
    pub when_to_use: String,
    /// Who keeps it.
    pub kept_by_name: String,
    /// Since when it is a template.
    pub marked_at: DateTime<Utc>,
    /// Which version it offers.
    pub version: i32,
    /// The text.
    pub text: String,
    /// Whether that version's approval still stands.
    pub is_approved: bool,
    /// How many models began from it and went on to no other.
    pub uses: i64,
}

/// The templates that have these words in their name, purpose, initiative or formula, in the order of their names; so many
/// at most, or all.
pub async fn list(
    conn: &mut PgConnection,
    search: &str,
    most: Option<i64>,
) -> sqlx::Result<Vec<ModelTemplate>> {
    find(conn, None, search, most).await
}

/// The template that this model is.
pub async fn get(
    conn: &mut PgConnection,
    model: MathModelId,
) -> sqlx::Result<Option<ModelTemplate>> {
    Ok(find(conn, Some(model), "", None).await?.pop())
}

async fn find(
    conn: &mut PgConnection,
    model: Option<MathModelId>,
    search: &str,
    most: Option<i64>,
) -> sqlx::Result<Vec<ModelTemplate>> {
    sqlx::query_as!(
        ModelTemplate,
        r#"select t.math_model_id as "model: MathModelId", i.key as initiative_key, t.name, t.when_to_use,
             u.name as kept_by_name, t.marked_at, v.version, v.text, l.is_approved as "is_approved!",
             (select count(*) from formula_origins o where o.kind = 'template' and o.source_model_id = t.math_model_id
               and not exists (select from formula_origins n where n.math_model_id = o.math_model_id
                 and n.formula_version_id > o.formula_version_id)) as "uses!"
           from model_templates t join math_models m on m.id = t.math_model_id
           join initiatives i on i.id = m.initiative_id join users u on u.id = t.marked_by
           join lateral (
             select a.formula_version_id, a.withdrawn_at is null as is_approved from approvals a
             where a.subject_kind = 'math_model' and a.subject_id = m.id and a.part = 'formula'
             order by a.approved_at desc, a.id desc limit 1) l on true
           join formula_versions v on v.id = l.formula_version_id
           where ($1::bigint is null or t.math_model_id = $1)
             and ($2 = '%%' or lower(t.name || ' ' || t.when_to_use || ' ' || i.key || ' ' || v.text) like $2)
           order by lower(t.name), t.math_model_id limit $3"#,
        model as Option<MathModelId>,
        super::search::pattern(search),
        most,
    )
    .fetch_all(conn)
    .await
}

/// A model that began from a template or a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateUse {
    /// The model.
    pub model: MathModelId,
    /// Its initiative's key.
    pub initiative_key: String,
    /// Its initiative's title.
    pub initiative_title: String,
    /// Which version was taken.
    pub version: i32,
}

/// Who began from a template (by its model) or from a pattern (by its key) and went on to no other, in the order of keys.
pub async fn uses(
    conn: &mut PgConnection,
    template: Option<MathModelId>,
    pattern: Option<&str>,
) -> sqlx::Result<Vec<TemplateUse>> {
    sqlx::query_as!(
        TemplateUse,
        r#"select m.id as "model: MathModelId", i.key as initiative_key, i.title as initiative_title,
             o.source_version as version
           from formula_origins o join math_models m on m.id = o.math_model_id
           join initiatives i on i.id = m.initiative_id
           where ((o.kind = 'template' and o.source_model_id = $1) or o.pattern = $2)
             and not exists (select from formula_origins n where n.math_model_id = o.math_model_id
               and n.formula_version_id > o.formula_version_id)
           order by i.key_prefix, i.key_number limit $3"#,
        template as Option<MathModelId>,
        pattern,
        MOST,
    )
    .fetch_all(conn)
    .await
}

/// How many models began from each pattern and went on to no other.
pub async fn pattern_uses(conn: &mut PgConnection) -> sqlx::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"select o.pattern as "pattern!", count(*) as "uses!" from formula_origins o
           where o.pattern is not null and not exists (select from formula_origins n
             where n.math_model_id = o.math_model_id and n.formula_version_id > o.formula_version_id)
           group by o.pattern"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.pattern, row.uses))
        .collect())
}

/// Marks a model as a template, or says otherwise what it is called and when it fits.
pub async fn save(
    conn: &mut PgConnection,
    model: MathModelId,
    (name, when_to_use): (&str, &str),
    (by, now): (UserId, DateTime<Utc>),
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into model_templates (math_model_id, name, when_to_use, marked_by, marked_at)
         values ($1, $2, $3, $4, $5)
         on conflict (math_model_id) do update set name = excluded.name, when_to_use = excluded.when_to_use",
        model as MathModelId,
        name,
        when_to_use,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// It is a template no longer; who began from it keeps what they have.
pub async fn delete(conn: &mut PgConnection, model: MathModelId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from model_templates where math_model_id = $1",
        model as MathModelId
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts a later version of the template off.
pub async fn decline(
    conn: &mut PgConnection,
    origin_of: FormulaVersionId,
    version: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update formula_origins set declined_version = $2 where formula_version_id = $1",
        origin_of as FormulaVersionId,
        version,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Where a version came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionOrigin {
    /// Which version's row.
    pub of: FormulaVersionId,
    /// From where.
    pub origin: Origin,
}

/// What stands beside a model's saved formula: the reader's draft, and what templates have to do with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// What the reader was typing, and since when it has been kept.
    pub draft: Option<(String, DateTime<Utc>)>,
    /// What the model is called as a template; none: it is none.
    pub template_name: Option<String>,
    /// Where its versions came from, the latest first.
    pub origins: Vec<VersionOrigin>,
    /// The text of the latest of them.
    pub taken_text: String,
    /// A later version that was put off.
    pub declined: Option<i32>,
    /// What the template of the latest offers now; none: it is no template any more, or was a pattern or a copy.
    pub later: Option<LaterFormula>,
}

#[derive(Debug, serde::Deserialize)]
struct OriginRow {
    of: FormulaVersionId,
    #[serde(flatten)]
    origin: Origin,
}

/// Reads it for one reader. One statement.
pub async fn beside(
    conn: &mut PgConnection,
    model: MathModelId,
    reader: UserId,
) -> sqlx::Result<Beside> {
    let row = sqlx::query!(
        r#"select d.text as "draft?", d.saved_at as "drafted_at?", own.name as "template_name?",
             (select jsonb_agg(jsonb_build_object('of', o.formula_version_id, 'kind', o.kind, 'model', o.source_model_id,
                'pattern', o.pattern, 'name', o.source_name, 'version', o.source_version)
                order by o.formula_version_id desc)
              from formula_origins o where o.math_model_id = m.id) as "origins: Json<Vec<OriginRow>>",
             taken.text as "taken_text?", latest.declined_version as "declined?", t.name as "later_name?",
             v.version as "later_version?", v.text as "later_text?"
           from math_models m
           left join formula_drafts d on d.math_model_id = m.id and d.user_id = $2
           left join model_templates own on own.math_model_id = m.id
           left join lateral (select * from formula_origins o where o.math_model_id = m.id
             order by o.formula_version_id desc limit 1) latest on true
           left join formula_versions taken on taken.id = latest.formula_version_id
           left join model_templates t on t.math_model_id = latest.source_model_id and latest.kind = 'template'
           left join lateral (select a.formula_version_id from approvals a
             where a.subject_kind = 'math_model' and a.subject_id = t.math_model_id and a.part = 'formula'
             order by a.approved_at desc, a.id desc limit 1) l on true
           left join formula_versions v on v.id = l.formula_version_id
           where m.id = $1"#,
        model as MathModelId,
        reader as UserId,
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(Beside::default());
    };
    let later = || {
        Some(LaterFormula {
            name: row.later_name.clone()?,
            version: row.later_version?,
            text: row.later_text.clone()?,
        })
    };
    let origins = row.origins.map(|all| all.0).unwrap_or_default();
    Ok(Beside {
        later: later(),
        draft: row.draft.zip(row.drafted_at),
        template_name: row.template_name,
        origins: origins
            .into_iter()
            .map(|row| VersionOrigin {
                of: row.of,
                origin: row.origin,
            })
            .collect(),
        taken_text: row.taken_text.unwrap_or_default(),
        declined: row.declined,
    })
}
