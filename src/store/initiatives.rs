//! Initiatives, one at a time. Lists are in [`super::backlog`].

use super::legacy_scores;
use crate::domain::{
    ids::{FrameworkId, InitiativeId, InitiativeKey, MathModelId, ParamId, UserId},
    initiative::{Field, Initiative},
};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};
use std::fmt::Write as _;

struct Row {
    id: InitiativeId,
    key: String,
    revision: i64,
    archived_at: Option<DateTime<Utc>>,
    values: Vec<String>,
    active_framework_id: Option<FrameworkId>,
    use_math_model: bool,
    effort_set_by_name: Option<String>,
    effort_set_at: Option<DateTime<Utc>>,
    legacy_value: Option<String>,
    legacy_effort: Option<String>,
    legacy_overall: Option<String>,
    legacy_by: Option<String>,
    legacy_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Initiative {
    type Error = sqlx::Error;
    fn try_from(row: Row) -> sqlx::Result<Self> {
        let key = row.key.parse::<InitiativeKey>();
        Ok(Self {
            id: row.id,
            key: key.map_err(|error| sqlx::Error::Decode(error.into()))?,
            revision: row.revision,
            archived_at: row.archived_at,
            values: row.values,
            active_framework: row.active_framework_id,
            use_math_model: row.use_math_model,
            effort_set: row.effort_set_by_name.zip(row.effort_set_at),
            legacy: legacy_scores::read(
                row.legacy_by,
                row.legacy_at,
                [row.legacy_value, row.legacy_effort, row.legacy_overall],
            ),
        })
    }
}

/// The initiative with that key.
pub async fn get(conn: &mut PgConnection, key: &InitiativeKey) -> sqlx::Result<Option<Initiative>> {
    let row = sqlx::query_as!(
        Row,
        r#"select i.id as "id: InitiativeId", i.key, i.revision, i.archived_at,
             -- in the order of domain::initiative::FIELDS
             array[i.title, i.problem_statement, i.hypothesis, i.desired_outcome, i.initiative_type,
               i.intake_source, i.department, i.requesting_team, i.requester_name, i.requester_email,
               i.country, i.product_area, i.lifecycle_status, i.customer_segment,
               i.dependencies_initiatives, i.dependencies_others,
               coalesce(trim_scale(i.strategic_priority_coefficient)::text, ''),
               coalesce(trim_scale(i.effort_engineering_days)::text, ''),
               coalesce(trim_scale(i.effort_other_teams_days)::text, ''),
               coalesce(trim_scale(i.infra_cost_estimate)::text, ''), i.tshirt_size,
               i.impact_metric, i.impact_unit, i.impact_description, i.immediate_kpi_key, i.target_kpi,
               i.llm_summary, i.llm_notes] as "values!",
             i.active_framework_id as "active_framework_id: FrameworkId", i.use_math_model,
             u.name as "effort_set_by_name?", i.effort_set_at, trim_scale(l.value)::text as legacy_value,
             trim_scale(l.effort)::text as legacy_effort, trim_scale(l.overall)::text as legacy_overall,
             lu.name as "legacy_by?", l.imported_at as "legacy_at?"
           from initiatives i left join users u on u.id = i.effort_set_by
             left join initiative_frameworks f on f.initiative_id = i.id and f.framework_id = i.active_framework_id
             left join legacy_scores l on l.initiative_id = i.id and l.ended_at is null and f.score_id is null
             left join users lu on lu.id = l.imported_by
           where i.key = $1"#,
        key.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// What the initiative of that row is called.
pub async fn get_key(
    conn: &mut PgConnection,
    id: InitiativeId,
) -> sqlx::Result<Option<InitiativeKey>> {
    let key = sqlx::query_scalar!(
        "select key from initiatives where id = $1",
        id as InitiativeId
    )
    .fetch_optional(conn)
    .await?;
    Ok(key.and_then(|key| key.parse().ok()))
}

/// Locks the initiative for the rest of the transaction: all edits of one initiative queue here.
pub async fn lock(
    conn: &mut PgConnection,
    id: InitiativeId,
) -> sqlx::Result<Option<InitiativeKey>> {
    let key = sqlx::query_scalar!(
        "select key from initiatives where id = $1 for update",
        id as InitiativeId
    )
    .fetch_optional(conn)
    .await?;
    Ok(key.and_then(|key| key.parse().ok()))
}

/// Locks several, one after the other in the order of their rows, so that no two acts wait for each other.
pub async fn lock_all(conn: &mut PgConnection, ids: &[InitiativeId]) -> sqlx::Result<()> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "select id from initiatives where id = any($1) order by id for update",
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Locks by key, then reads it as it is under the lock.
pub async fn lock_by_key(
    conn: &mut PgConnection,
    key: &InitiativeKey,
) -> sqlx::Result<Option<Initiative>> {
    sqlx::query_scalar!(
        "select 1 as one from initiatives where key = $1 for update",
        key.as_str()
    )
    .fetch_optional(&mut *conn)
    .await?;
    get(conn, key).await
}

/// Whose a param is.
pub async fn of_param(conn: &mut PgConnection, id: ParamId) -> sqlx::Result<Option<InitiativeId>> {
    sqlx::query_scalar!(
        r#"select initiative_id as "id: InitiativeId" from params where id = $1"#,
        id as ParamId
    )
    .fetch_optional(conn)
    .await
}

/// What the initiative of a param is called.
pub async fn key_of_param(
    conn: &mut PgConnection,
    id: ParamId,
) -> sqlx::Result<Option<InitiativeKey>> {
    let key = sqlx::query_scalar!(
        "select i.key from params p join initiatives i on i.id = p.initiative_id where p.id = $1",
        id as ParamId
    )
    .fetch_optional(conn)
    .await?;
    Ok(key.and_then(|key| key.parse().ok()))
}

/// Whose a math model is.
pub async fn of_math_model(
    conn: &mut PgConnection,
    id: MathModelId,
) -> sqlx::Result<Option<InitiativeId>> {
    sqlx::query_scalar!(
        r#"select initiative_id as "id: InitiativeId" from math_models where id = $1"#,
        id as MathModelId
    )
    .fetch_optional(conn)
    .await
}

/// The key that the next initiative gets unless a person chooses another.
pub async fn next_key(conn: &mut PgConnection) -> sqlx::Result<String> {
    let next = sqlx::query_scalar!(
        r#"select (coalesce(max(key_number), 0) + 1)::text as "next!" from initiatives where key_prefix = 'INIT'"#
    )
    .fetch_one(conn)
    .await?;
    Ok(format!("INIT-{next}"))
}

/// A new row; `None`: the key is taken.
pub async fn insert(
    conn: &mut PgConnection,
    key: &InitiativeKey,
    title: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<InitiativeId>> {
    sqlx::query_scalar!(
        r#"insert into initiatives (key, title, created_at, created_by, updated_at, updated_by)
           values ($1, $2, $3, $4, $3, $4) on conflict (key) do nothing
           returning id as "id: InitiativeId""#,
        key.as_str(),
        title,
        now,
        by as UserId,
    )
    .fetch_optional(conn)
    .await
}

/// Sets fields, each to what [`Field::read`] gave, in one statement.
pub async fn save_fields(
    conn: &mut PgConnection,
    id: InitiativeId,
    values: &[(&Field, &str)],
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    // The columns' names come from the constant list of fields, never from a request.
    let mut sql = "update initiatives set updated_by = $2, updated_at = $3".to_owned();
    for (at, (field, _)) in (4..).zip(values) {
        let column = field.key;
        // Writing to a string doesn't fail.
        let _ = if field.is_number() {
            write!(sql, ", {column} = nullif(${at}, '')::numeric")
        } else {
            write!(sql, ", {column} = ${at}")
        };
    }
    if values.iter().any(|(field, _)| field.moves_scores()) {
        sql.push_str(", effort_set_by = $2, effort_set_at = $3");
    }
    sql.push_str(" where id = $1");
    let mut update = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(by).bind(now);
    for (_, value) in values {
        update = update.bind(*value);
    }
    update.execute(conn).await?;
    Ok(())
}

/// Chooses the active framework and whether the math model is on.
pub async fn save_frameworks(
    conn: &mut PgConnection,
    id: InitiativeId,
    active: Option<FrameworkId>,
    use_math_model: bool,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update initiatives set active_framework_id = $2, use_math_model = $3, updated_by = $4, updated_at = $5
         where id = $1",
        id as InitiativeId,
        active as Option<FrameworkId>,
        use_math_model,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts it out of the way, or back.
pub async fn save_archived(
    conn: &mut PgConnection,
    id: InitiativeId,
    archived_at: Option<DateTime<Utc>>,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update initiatives set archived_at = $2, updated_by = $3, updated_at = $4 where id = $1",
        id as InitiativeId,
        archived_at,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves the revision: once per transaction that changed anything the initiative's page depends on.
pub async fn move_revision(
    conn: &mut PgConnection,
    id: InitiativeId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update initiatives set revision = revision + 1, updated_by = $2, updated_at = $3
         where id = $1 returning revision",
        id as InitiativeId,
        by as UserId,
        now,
    )
    .fetch_one(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::initiative::FIELDS, testing::TestDb};
    use chrono::DateTime;

    #[tokio::test]
    async fn every_field_is_read_back_from_the_column_it_was_saved_to() {
        let test = TestDb::new().await;
        let now = DateTime::UNIX_EPOCH;
        let read = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            let key: InitiativeKey = "INIT-1".parse().unwrap();
            let id = insert(&mut tx, &key, "One", UserId(1), now).await?.unwrap();
            for (at, field) in FIELDS.iter().enumerate() {
                let value = if field.is_number() {
                    at.to_string()
                } else {
                    field.key.to_owned()
                };
                save_fields(&mut tx, id, &[(field, value.as_str())], UserId(1), now).await?;
            }
            get(&mut tx, &key).await
        });
        let initiative = read.await.unwrap().unwrap();
        for (at, field) in FIELDS.iter().enumerate() {
            let value = if field.is_number() {
                at.to_string()
            } else {
                field.key.to_owned()
            };
            assert_eq!(initiative.get(field.key), value, "{}", field.key);
        }
        assert!(initiative.effort_set.is_some());
    }

    #[tokio::test]
    async fn the_next_key_counts_numbers_and_a_taken_key_is_not_inserted_twice() {
        let test = TestDb::new().await;
        let now = DateTime::UNIX_EPOCH;
        let answers = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            for key in ["INIT-9", "INIT-10", "OTHER-99"] {
                insert(&mut tx, &key.parse().unwrap(), "One", UserId(1), now).await?;
            }
            let again = insert(&mut tx, &"INIT-9".parse().unwrap(), "Two", UserId(1), now).await?;
            Ok((next_key(&mut tx).await?, again))
        });
        assert_eq!(answers.await.unwrap(), ("INIT-11".to_owned(), None));
    }
}
