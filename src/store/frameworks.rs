//! Frameworks with their formulas and params.

use crate::domain::{
    framework::{Framework, FrameworkFormula, FrameworkParam},
    ids::{FormulaVersionId, FrameworkId, InitiativeId, UserId},
    param::{Bounds, Number, Source},
};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

/// Every framework, in the order people see them. Two statements, whatever their number.
pub async fn list(conn: &mut PgConnection) -> sqlx::Result<Vec<Framework>> {
    let rows = sqlx::query!(
        r#"select f.id as "id: FrameworkId", f.key, f.name, f.builtin, f.revision,
                  f.archived_at is not null as "is_archived!",
                  v.id as "version_id?: FormulaVersionId", v.version as "version?", v.text as "text?"
           from frameworks f left join formula_versions v on v.id = f.formula_version_id
           order by f.position"#
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut frameworks: Vec<_> = rows
        .into_iter()
        .map(|row| Framework {
            id: row.id,
            key: row.key,
            name: row.name,
            is_builtin: row.builtin,
            is_archived: row.is_archived,
            revision: row.revision,
            formula: row
                .version_id
                .zip(row.version)
                .zip(row.text)
                .map(|((id, version), text)| FrameworkFormula { id, version, text }),
            params: Vec::new(),
        })
        .collect();
    let params = sqlx::query!(
        r#"select framework_id as "framework_id: FrameworkId", name, label, description, unit,
                  trim_scale(min)::text as min, trim_scale(max)::text as max, source
           from framework_params order by framework_id, position"#
    )
    .fetch_all(conn)
    .await?;
    for row in params {
        if let Some(framework) = frameworks.iter_mut().find(|f| f.id == row.framework_id) {
            framework.params.push(FrameworkParam {
                name: row.name,
                label: row.label,
                description: row.description,
                unit: row.unit,
                bounds: Bounds {
                    min: row.min.map(Number::from_decimal),
                    max: row.max.map(Number::from_decimal),
                },
                source: Source::read(&row.source).unwrap_or_default(),
            });
        }
    }
    Ok(frameworks)
}

/// The framework with that key.
pub async fn get(conn: &mut PgConnection, key: &str) -> sqlx::Result<Option<Framework>> {
    let all = list(conn).await?;
    Ok(all.into_iter().find(|framework| framework.key == key))
}

/// Whether a framework is on for an initiative.
pub async fn is_on(
    conn: &mut PgConnection,
    (initiative, framework): (InitiativeId, FrameworkId),
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from initiative_frameworks
             where initiative_id = $1 and framework_id = $2 and is_on) as "is_on!""#,
        initiative as InitiativeId,
        framework as FrameworkId,
    )
    .fetch_one(conn)
    .await
}

/// Locks the definition against other changes, and against being turned on meanwhile, then reads it.
pub async fn lock(conn: &mut PgConnection, key: &str) -> sqlx::Result<Option<Framework>> {
    sqlx::query_scalar!(
        "select 1 as one from frameworks where key = $1 for no key update",
        key
    )
    .fetch_optional(&mut *conn)
    .await?;
    get(conn, key).await
}

/// Keeps the definition as it is until the transaction ends; acts that go by it wait for whoever changes it.
pub async fn hold(conn: &mut PgConnection, key: &str) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select 1 as one from frameworks where key = $1 for share",
        key
    )
    .fetch_optional(conn)
    .await?;
    Ok(())
}

/// A new framework, last in the order people see; none: the key is taken.
pub async fn insert(
    conn: &mut PgConnection,
    (key, name): (&str, &str),
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<FrameworkId>> {
    sqlx::query_scalar!(
        r#"insert into frameworks (key, name, builtin, position, updated_by, updated_at)
           select $1, $2, false, (select coalesce(max(position), 0) + 1 from frameworks), $3, $4
           on conflict (key) do nothing returning id as "id: FrameworkId""#,
        key,
        name,
        by as UserId,
        now,
    )
    .fetch_optional(conn)
    .await
}

/// Saves a text as the framework's next version and makes it the one that is scored; its number.
pub async fn save_formula(
    conn: &mut PgConnection,
    id: FrameworkId,
    text: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i32> {
    let sha256: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let saved = sqlx::query!(
        r#"insert into formula_versions (owner_kind, owner_id, version, text, sha256, saved_by, saved_at)
           select 'framework', $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5
           from formula_versions where owner_kind = 'framework' and owner_id = $1
           returning id as "id: FormulaVersionId", version"#,
        id.0,
        text,
        &sha256[..],
        by as UserId,
        now,
    )
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query!(
        "update frameworks set formula_version_id = $2 where id = $1",
        id as FrameworkId,
        saved.id as FormulaVersionId,
    )
    .execute(conn)
    .await?;
    Ok(saved.version)
}

/// Saves the name and moves the revision; the new one.
pub async fn save(
    conn: &mut PgConnection,
    id: FrameworkId,
    name: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update frameworks set name = $2, updated_by = $3, updated_at = $4, revision = revision + 1
         where id = $1 returning revision",
        id as FrameworkId,
        name,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

/// Puts it out of use, or back into use; the new revision.
pub async fn save_archived(
    conn: &mut PgConnection,
    id: FrameworkId,
    at: Option<DateTime<Utc>>,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update frameworks set archived_at = $2, updated_by = $3, updated_at = $4, revision = revision + 1
         where id = $1 returning revision",
        id as FrameworkId,
        at,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

/// Replaces what the framework's formula reads, in order.
pub async fn save_params(
    conn: &mut PgConnection,
    id: FrameworkId,
    params: &[FrameworkParam],
) -> sqlx::Result<()> {
    let column = |get: fn(&FrameworkParam) -> &str| -> Vec<String> {
        params.iter().map(|param| get(param).to_owned()).collect()
    };
    let digits = |get: fn(&FrameworkParam) -> &Option<Number>| -> Vec<Option<String>> {
        let digits = |param| get(param).as_ref().map(|n| n.decimal().to_owned());
        params.iter().map(digits).collect()
    };
    sqlx::query!(
        "delete from framework_params where framework_id = $1",
        id as FrameworkId
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into framework_params (framework_id, position, name, label, description, unit, min, max, source)
         select $1, n.position, n.name, n.label, n.description, n.unit, n.min::numeric, n.max::numeric, n.source
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
           with ordinality as n(name, label, description, unit, min, max, source, position)",
        id as FrameworkId,
        &column(|p| &p.name),
        &column(|p| &p.label),
        &column(|p| &p.description),
        &column(|p| &p.unit),
        &digits(|p| &p.bounds.min) as &[Option<String>],
        &digits(|p| &p.bounds.max) as &[Option<String>],
        &column(|p| p.source.map_or("", Source::key)),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A saved text of a framework's formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedVersion {
    /// Counts up.
    pub version: i32,
    /// The text.
    pub text: String,
    /// Who saved it.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Every version of a framework's formula, newest first.
pub async fn versions(conn: &mut PgConnection, id: FrameworkId) -> sqlx::Result<Vec<SavedVersion>> {
    sqlx::query_as!(
        SavedVersion,
        "select v.version, v.text, u.name as by_name, v.saved_at as at
         from formula_versions v join users u on u.id = v.saved_by
         where v.owner_kind = 'framework' and v.owner_id = $1 order by v.version desc",
        id.0,
    )
    .fetch_all(conn)
    .await
}

/// How many use a framework.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// On how many initiatives it is on.
    pub on: i64,
    /// For how many of them it is the active one.
    pub active: i64,
}

/// How many use that framework, or each; those that nobody uses are left out.
pub async fn uses(
    conn: &mut PgConnection,
    of: Option<FrameworkId>,
) -> sqlx::Result<Vec<(FrameworkId, Use)>> {
    let rows = sqlx::query!(
        r#"select f.framework_id as "id: FrameworkId", count(*) as "on!",
             count(*) filter (where i.active_framework_id = f.framework_id) as "active!"
           from initiative_frameworks f join initiatives i on i.id = f.initiative_id
           where f.is_on and ($1::bigint is null or f.framework_id = $1) group by f.framework_id"#,
        of as Option<FrameworkId>,
    )
    .fetch_all(conn)
    .await?;
    let found = rows.into_iter().map(|row| {
        let (on, active) = (row.on, row.active);
        (row.id, Use { on, active })
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use crate::{domain::formula::Formula, testing::TestDb};

    #[tokio::test]
    async fn the_builtin_formulas_parse_and_read_exactly_their_params_in_order() {
        let test = TestDb::new().await;
        let all = test
            .db
            .read(async move |mut conn| super::list(&mut conn).await)
            .await
            .unwrap();
        let keys: Vec<_> = all.iter().map(|framework| framework.key.as_str()).collect();
        assert_eq!(keys, ["MATH_MODEL", "RICE", "WSJF"]);
        for framework in all.iter().filter(|framework| !framework.is_math_model()) {
            let formula = Formula::parse(&framework.formula.as_ref().unwrap().text).unwrap();
            let reads: Vec<_> = formula
                .identifiers()
                .iter()
                .map(|i| i.name.as_str())
                .collect();
            let params: Vec<_> = framework
                .params
                .iter()
                .map(|param| param.name.as_str())
                .collect();
            assert_eq!(reads, params, "{}", framework.key);
        }
    }
}
