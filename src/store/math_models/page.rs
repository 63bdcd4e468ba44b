//! What only a model's own page needs: where the model belongs, and which of its versions were approved.

use crate::domain::approval::TAKEN_BACK;
use crate::domain::ids::{FormulaVersionId, InitiativeKey, MathModelId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Where a model belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its initiative.
    pub key: InitiativeKey,
    /// Its framework's name.
    pub framework_name: String,
}

/// Where a model belongs; none: there is no such model.
pub async fn place(conn: &mut PgConnection, id: MathModelId) -> sqlx::Result<Option<Place>> {
    let row = sqlx::query!(
        "select i.key, f.name from math_models m join initiatives i on i.id = m.initiative_id
         join frameworks f on f.id = m.framework_id where m.id = $1",
        id as MathModelId,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let key = row.key.parse::<InitiativeKey>();
        let key = key.map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(Place {
            key,
            framework_name: row.name,
        })
    })
    .transpose()
}

/// An approval that a version has or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionApproval {
    /// Which text.
    pub version: FormulaVersionId,
    /// Who gave it.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who took it back; none: it stands.
    pub withdrawn_by_name: Option<String>,
    /// When.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Whether a person took it back; otherwise it fell with a later version.
    pub was_taken_back: bool,
}

/// The approvals of a model's versions, newest first, at most 100.
pub async fn list_approvals(
    conn: &mut PgConnection,
    model: MathModelId,
) -> sqlx::Result<Vec<VersionApproval>> {
    sqlx::query_as!(
        VersionApproval,
        r#"select a.formula_version_id as "version!: FormulaVersionId", u.name as by_name, a.approved_at as at,
             w.name as "withdrawn_by_name?", a.withdrawn_at,
             coalesce(a.withdrawn_why = $2, false) as "was_taken_back!"
           from approvals a join users u on u.id = a.approved_by left join users w on w.id = a.withdrawn_by
           where a.subject_kind = 'math_model' and a.subject_id = $1 and a.part = 'formula'
           order by a.approved_at desc, a.id desc limit 100"#,
        model.0,
        TAKEN_BACK,
    )
    .fetch_all(conn)
    .await
}
