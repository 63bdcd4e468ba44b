//! Everything that the mirror shows of every initiative, in one statement and so as of one moment.

use super::{legacy_scores, score_overrides::terms};
use crate::domain::{
    ids::{InitiativeId, OverrideId, ScoreId},
    legacy_score::LegacyScore,
    score_override::ScoreOverride,
    scoring::Missing,
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

/// One initiative as the mirror shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirrored {
    /// Its row.
    pub id: InitiativeId,
    /// Its key.
    pub key: String,
    /// The values of [`crate::domain::initiative::FIELDS`], in that order; numbers as canonical digits, empty where
    /// there is none.
    pub values: Vec<String>,
    /// Out of the way.
    pub is_archived: bool,
    /// The active framework's key.
    pub framework: Option<String>,
    /// Whether MATH_MODEL is on.
    pub use_math_model: bool,
    /// `approved`, `stale` or `not_ready`; none: no framework.
    pub status: Option<String>,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// Why stale, whose act made it so, and when.
    pub stale: Option<(String, String, DateTime<Utc>)>,
    /// The active framework's last score for the record.
    pub score: Option<MirroredScore>,
    /// A workbook's score, while there is none of the app's own.
    pub legacy: Option<LegacyScore>,
    /// The override of it that holds.
    pub over: Option<ScoreOverride>,
    /// The effort an override's value is divided by while there is no score.
    pub unscored_effort: Option<f64>,
    /// When anything of it changed last.
    pub updated_at: DateTime<Utc>,
}

/// A recorded score.
#[derive(Clone, Debug, PartialEq)]
pub struct MirroredScore {
    /// Its receipt.
    pub id: ScoreId,
    /// The value.
    pub value: f64,
    /// Effort, if any.
    pub effort: Option<f64>,
    /// Overall, if any.
    pub overall: Option<f64>,
    /// Unit of the value.
    pub value_unit: String,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// Every initiative as it is at that time, archived ones too, in the order of their keys.
pub async fn list(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<Mirrored>> {
    let rows = sqlx::query!(
        r#"select i.id as "id: InitiativeId", i.key,
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
             i.archived_at is not null as "is_archived!", k.key as "framework?", i.use_math_model,
             f.status as "status?", f.missing as "missing?: Json<Vec<Missing>>",
             f.stale_because as "stale_because?", u.name as "stale_by_name?", f.stale_since as "stale_since?",
             s.id as "score_id?: ScoreId", s.value as "value?", s.effort, s.overall,
             s.notes as "notes?: Json<Vec<String>>", s.recorded_at as "recorded_at?",
             s.value_unit as "value_unit?", o.id as "override_id?: OverrideId",
             trim_scale(o.value)::text as override_value, trim_scale(o.overall)::text as override_overall,
             o.value_unit as "override_unit?", o.reason as "override_reason?", o.last_day as "override_last_day?",
             o.set_at as "override_at?", ou.name as "override_by?",
             case when o.id is not null and s.id is null then unscored_effort(i.id, f.framework_id) end
               as unscored_effort, i.updated_at,
             trim_scale(l.value)::text as legacy_value, trim_scale(l.effort)::text as legacy_effort,
             trim_scale(l.overall)::text as legacy_overall, lu.name as "legacy_by?", l.imported_at as "legacy_at?"
           from initiatives i
           left join frameworks k on k.id = i.active_framework_id
           left join initiative_frameworks f
             on f.initiative_id = i.id and f.framework_id = i.active_framework_id and f.is_on
           left join users u on u.id = f.stale_by
           left join scores s on s.id = f.score_id
           left join score_overrides o on o.initiative_id = i.id and o.framework_id = f.framework_id
             and o.ended_at is null and (o.expires_at is null or o.expires_at > $1)
           left join users ou on ou.id = o.set_by
           left join legacy_scores l on l.initiative_id = i.id and l.ended_at is null and f.score_id is null
           left join users lu on lu.id = l.imported_by
           order by i.key_prefix, i.key_number"#,
        now,
    )
    .fetch_all(conn)
    .await?;
    let stale = |because: Option<String>, by: Option<String>, since| {
        Some((because?, by.unwrap_or_default(), since?))
    };
    Ok(rows
        .into_iter()
        .map(|row| Mirrored {
            id: row.id,
            key: row.key,
            values: row.values,
            is_archived: row.is_archived,
            framework: row.framework,
            use_math_model: row.use_math_model,
            status: row.status,
            missing: row.missing.map(|missing| missing.0).unwrap_or_default(),
            stale: stale(row.stale_because, row.stale_by_name, row.stale_since),
            score: row.score_id.zip(row.value).zip(row.recorded_at).map(
                |((id, value), recorded_at)| MirroredScore {
                    id,
                    value,
                    effort: row.effort,
                    overall: row.overall,
                    value_unit: row.value_unit.unwrap_or_default(),
                    notes: row.notes.map(|notes| notes.0).unwrap_or_default(),
                    recorded_at,
                },
            ),
            legacy: legacy_scores::read(
                row.legacy_by,
                row.legacy_at,
                [row.legacy_value, row.legacy_effort, row.legacy_overall],
            ),
            over: row
                .override_id
                .zip(row.override_at)
                .map(|(id, at)| ScoreOverride {
                    id,
                    terms: terms(
                        row.override_value,
                        row.override_overall,
                        row.override_unit.unwrap_or_default(),
                        row.override_reason.unwrap_or_default(),
                        row.override_last_day,
                    ),
                    by_name: row.override_by.unwrap_or_default(),
                    at,
                    ended: None,
                }),
            unscored_effort: row.unscored_effort,
            updated_at: row.updated_at,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{ids::UserId, initiative::FIELDS},
        store::initiatives,
        testing::TestDb,
    };

    #[tokio::test]
    async fn every_field_comes_from_the_column_it_was_saved_to() {
        let test = TestDb::new().await;
        let now = DateTime::UNIX_EPOCH;
        let value = |at: usize| {
            if FIELDS[at].is_number() {
                at.to_string()
            } else {
                FIELDS[at].key.to_owned()
            }
        };
        let read = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            let key = "INIT-1".parse().unwrap();
            let id = initiatives::insert(&mut tx, &key, "One", UserId(1), now)
                .await?
                .unwrap();
            for (at, field) in FIELDS.iter().enumerate() {
                initiatives::save_fields(&mut tx, id, &[(field, &value(at))], UserId(1), now)
                    .await?;
            }
            list(&mut tx, now).await
        });
        let read = read.await.unwrap();
        assert_eq!(
            read[0].values,
            (0..FIELDS.len()).map(value).collect::<Vec<_>>()
        );
    }
}
