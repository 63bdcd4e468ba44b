//! The Central Backlog as a list: filtered, ranked, sorted, one page at a time, in one statement.

use super::scores::WhyStale;
use super::{legacy_scores, score_overrides::terms};
use crate::domain::{
    ids::{InitiativeId, OverrideId, ScoreId},
    legacy_score::LegacyScore,
    score_override::ScoreOverride,
    scoring::Missing,
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

/// What the backlog can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By rank within framework and unit.
    #[default]
    Rank,
    /// By key, numbers as numbers.
    Key,
    /// By title.
    Title,
    /// By value.
    Value,
    /// By effort.
    Effort,
    /// By overall.
    Overall,
    /// By weighted overall.
    Weighted,
    /// By last change.
    Changed,
}

impl Sort {
    /// Every choice.
    pub const ALL: [Self; 8] = [
        Self::Rank,
        Self::Key,
        Self::Title,
        Self::Value,
        Self::Effort,
        Self::Overall,
        Self::Weighted,
        Self::Changed,
    ];

    /// As it stands in the URL.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Rank => "rank",
            Self::Key => "key",
            Self::Title => "title",
            Self::Value => "value",
            Self::Effort => "effort",
            Self::Overall => "overall",
            Self::Weighted => "weighted",
            Self::Changed => "changed",
        }
    }
}

/// What of the backlog is asked for.
#[derive(Clone, Debug, Default)]
pub struct BacklogQuery {
    /// Words looked for in key, title, area, department and people.
    pub search: String,
    /// A framework's key, or `none`.
    pub framework: Option<String>,
    /// `approved`, `stale`, `legacy`, `not_ready` or `overridden`.
    pub status: Option<String>,
    /// Archived ones too.
    pub with_archived: bool,
    /// The order.
    pub sort: Sort,
    /// Highest or last first.
    pub is_descending: bool,
    /// The key of the last row of the page before.
    pub after: Option<String>,
    /// Only this one.
    pub only: Option<InitiativeId>,
    /// All of it rather than one page: for downloads.
    pub is_whole: bool,
}

/// How many initiatives a page shows.
pub const BACKLOG_PAGE: i64 = 100;
const PAGE: usize = 100;

/// A row of the backlog.
#[derive(Clone, Debug, PartialEq)]
pub struct BacklogLine {
    /// Its row.
    pub id: InitiativeId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Forms carry it.
    pub revision: i64,
    /// Out of the way.
    pub is_archived: bool,
    /// The active framework's key.
    pub framework_key: Option<String>,
    /// Its name.
    pub framework_name: Option<String>,
    /// Whether MATH_MODEL is on.
    pub use_math_model: bool,
    /// Rank within framework and unit; none: no score, or archived.
    pub rank: Option<i64>,
    /// `overridden`, `approved`, `stale`, `legacy`, `not_ready`; none: no framework, and nothing from a workbook.
    pub status: Option<String>,
    /// The override that holds. Its figures are in those below.
    pub over: Option<ScoreOverride>,
    /// A workbook's score, while there is none of the app's own. Its figures are in none of those below.
    pub legacy: Option<LegacyScore>,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// Why stale.
    pub stale: Option<WhyStale>,
    /// The scenario that its score is of; none: Base.
    pub scenario: Option<String>,
    /// The receipt.
    pub score_id: Option<ScoreId>,
    /// The value.
    pub value: Option<f64>,
    /// Its unit.
    pub value_unit: Option<String>,
    /// Effort.
    pub effort: Option<f64>,
    /// Overall.
    pub overall: Option<f64>,
    /// Its strategic priority coefficient, as typed.
    pub coefficient: Option<String>,
    /// Coefficient × overall, beside the score and never part of it.
    pub weighted: Option<f64>,
    /// Who changed anything last.
    pub updated_by_name: String,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// One page with what holds for the whole list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BacklogPage {
    /// The rows.
    pub lines: Vec<BacklogLine>,
    /// How many there are in all, as filtered.
    pub count: i64,
    /// Their value together, where all share one framework and unit.
    pub total_value: Option<f64>,
    /// How many groups of framework and unit are ranked apart.
    pub groups: i64,
    /// Whether there is more.
    pub has_more: bool,
}

/// One page of the backlog at that time. Ranks look at the whole of it, which the page shows. What counts under an
/// override is worked out here as in `domain::score_override::effective`; a test holds them together.
#[expect(clippy::too_many_lines, reason = "one statement and its columns")]
pub async fn list(
    conn: &mut PgConnection,
    query: &BacklogQuery,
    now: DateTime<Utc>,
) -> sqlx::Result<BacklogPage> {
    let search = super::search::pattern(&query.search);
    let rows = sqlx::query!(
        r#"with ranked as (
             select i.id, e.value, e.effort, e.overall, e.value_unit, s.id as score_id,
               case when e.overall = 0 or i.strategic_priority_coefficient = 0 then e.overall * 0
                 when abs(e.overall) between 1e-250 and 1e250
                   and abs(i.strategic_priority_coefficient) between 1e-50 and 1e15
                 then i.strategic_priority_coefficient::float8 * e.overall end as weighted,
               case when o.id is not null then 'overridden' when l.id is not null then 'legacy' else f.status end as status, f.missing, f.stale_because,
               f.stale_by, f.stale_since,
               o.id as override_id, l.id as legacy_id, e.is_scored,
               case when o.id is null then l.value end as legacy_value,
               case when o.id is null then l.effort end as legacy_effort,
               case when o.id is null then l.overall end as legacy_overall,
               case when e.is_scored and i.archived_at is null then
                 rank() over (partition by i.active_framework_id, e.value_unit, i.archived_at is null, e.is_scored
                   order by e.overall desc nulls last, e.value desc nulls last) end as rank
             from initiatives i
             left join initiative_frameworks f
               on f.initiative_id = i.id and f.framework_id = i.active_framework_id and f.is_on
             left join scores s on s.id = f.score_id
             left join score_overrides o on o.initiative_id = i.id and o.framework_id = f.framework_id
               and o.ended_at is null and (o.expires_at is null or o.expires_at > $10)
             left join legacy_scores l on l.initiative_id = i.id and l.ended_at is null and s.id is null
             cross join lateral (select case when o.id is not null and s.id is null
               then unscored_effort(i.id, f.framework_id) else s.effort end as days) d
             cross join lateral (select
               coalesce(o.value::float8, s.value) as value,
               d.days as effort,
               case when o.overall is not null then o.overall::float8 when o.value is null then s.overall
                 when abs(d.days) between 1e-200 and 1e200 then o.value::float8 / d.days end as overall,
               case when o.value is not null or s.id is null then o.value_unit else s.value_unit end as value_unit,
               coalesce(o.id, s.id) is not null as is_scored) e
           ), found as (
             select i.id, i.key, i.title, i.revision, i.archived_at is not null as is_archived,
               k.key as framework_key, k.name as framework_name, k.position as framework_position, i.use_math_model,
               r.rank, r.status, r.missing, r.stale_because, r.stale_by, r.stale_since, r.score_id, r.value, r.value_unit, r.effort, r.overall,
               r.override_id, r.legacy_id, r.is_scored,
               r.weighted, trim_scale(i.strategic_priority_coefficient)::text as coefficient,
               i.updated_by, i.updated_at,
               case $4 when 'title' then lower(i.title) when 'key' then i.key_prefix
                 when 'rank' then coalesce(k.position::text || coalesce(r.value_unit, ''), '9') else '' end as by_text,
               case $4 when 'rank' then r.rank when 'value' then coalesce(r.value, r.legacy_value)
                 when 'effort' then coalesce(r.effort, r.legacy_effort)
                 when 'overall' then coalesce(r.overall, r.legacy_overall) when 'weighted' then r.weighted
                 when 'changed' then extract(epoch from i.updated_at)
                 else 0 end::float8 as by_number,
               i.key_prefix, i.key_number
             from initiatives i join ranked r using (id) left join frameworks k on k.id = i.active_framework_id
             where (i.archived_at is null or $3)
               and ($1 = '%%' or lower(i.key || ' ' || i.title || ' ' || i.product_area || ' ' || i.department
                    || ' ' || i.requester_name || ' ' || i.requesting_team) like $1)
               and ($2::text is null or coalesce(k.key, 'none') = $2)
               and ($6::text is null or coalesce(r.status, 'none') = $6)
               and ($8::bigint is null or i.id = $8)
           ), placed as (
             select *, row_number() over (order by
                 by_number is null,
                 case when $4 = 'rank' and $5 then by_text end desc, case when $4 = 'rank' then by_text end,
                 case when $5 then -by_number else by_number end,
                 case when $5 then by_text end desc, by_text,
                 case when $5 and $4 = 'key' then -key_number else key_number end, key_prefix) as place,
               count(*) over () as count, sum(value) over () as total_value
             from found
           )
           select p.id as "id!: InitiativeId", p.key as "key!", p.title as "title!", p.revision as "revision!",
             p.is_archived as "is_archived!", p.framework_key as "framework_key?",
             p.framework_name as "framework_name?", p.use_math_model as "use_math_model!", p.rank, p.status as "status?",
             p.missing as "missing?: Json<Vec<Missing>>", p.stale_because as "stale_because?",
             su.name as "stale_by_name?", p.stale_since as "stale_since?",
             p.score_id as "score_id?: ScoreId",
             o.id as "override_id?: OverrideId", trim_scale(o.value)::text as override_value,
             trim_scale(o.overall)::text as override_overall, o.value_unit as "override_unit?",
             o.reason as "override_reason?", o.last_day as "override_last_day?", o.set_at as "override_at?",
             ou.name as "override_by?",
             p.value as "value?", p.value_unit as "value_unit?", p.effort as "effort?", p.overall as "overall?",
             trim_scale(l.value)::text as legacy_value, trim_scale(l.effort)::text as legacy_effort,
             trim_scale(l.overall)::text as legacy_overall, lu.name as "legacy_by?", l.imported_at as "legacy_at?",
             p.coefficient, p.weighted as "weighted?", sc.scenario_label as "scenario?",
             u.name as updated_by_name, p.updated_at as "updated_at!", p.count as "count!", p.total_value,
             (select count(distinct (framework_key, value_unit)) from found where is_scored) as "groups!"
           from placed p join users u on u.id = p.updated_by
           left join score_overrides o on o.id = p.override_id left join users ou on ou.id = o.set_by
           left join users su on su.id = p.stale_by
           left join scores s on s.id = p.score_id
           left join math_models sc on sc.id = s.math_model_id and sc.scenario_label <> 'Base'
           left join legacy_scores l on l.id = p.legacy_id left join users lu on lu.id = l.imported_by
           where p.place > coalesce((select place from placed where key = $7), 0)
           order by p.place limit $9"#,
        search,
        query.framework,
        query.with_archived,
        query.sort.key(),
        query.is_descending,
        query.status,
        query.after,
        query.only as Option<InitiativeId>,
        (!query.is_whole).then_some(BACKLOG_PAGE + 1),
        now,
    )
    .fetch_all(conn)
    .await?;
    let mut page = BacklogPage {
        has_more: !query.is_whole && rows.len() > PAGE,
        count: rows.first().map_or(0, |row| row.count),
        groups: rows.first().map_or(0, |row| row.groups),
        total_value: rows
            .first()
            .and_then(|row| row.total_value.filter(|_| row.groups == 1)),
        lines: Vec::new(),
    };
    page.lines = rows
        .into_iter()
        .take(if query.is_whole { usize::MAX } else { PAGE })
        .map(|row| BacklogLine {
            id: row.id,
            key: row.key,
            title: row.title,
            revision: row.revision,
            is_archived: row.is_archived,
            framework_key: row.framework_key,
            framework_name: row.framework_name,
            use_math_model: row.use_math_model,
            rank: row.rank,
            status: row.status,
            missing: row.missing.map(|missing| missing.0).unwrap_or_default(),
            stale: row.stale_because.map(|because| WhyStale {
                because,
                by_name: row.stale_by_name,
                since: row.stale_since,
            }),
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
            scenario: row.scenario,
            score_id: row.score_id,
            value: row.value,
            value_unit: row.value_unit,
            effort: row.effort,
            overall: row.overall,
            coefficient: row.coefficient,
            weighted: row.weighted,
            updated_by_name: row.updated_by_name,
            updated_at: row.updated_at,
        })
        .collect();
    Ok(page)
}

/// Whether there is no initiative at all: the page then offers sample data and import.
pub async fn is_empty(conn: &mut PgConnection) -> sqlx::Result<bool> {
    let any = sqlx::query_scalar!(r#"select exists (select from initiatives) as "any!""#)
        .fetch_one(conn)
        .await?;
    Ok(!any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            ids::UserId,
            score_override::{Figures, effective},
        },
        store::initiatives,
        testing::TestDb,
    };

    /// Effort days of the initiative (no score is recorded), and what an override sets: value, overall.
    const CASES: [(Option<&str>, Option<&str>, Option<&str>); 6] = [
        (None, Some("200"), None),
        (Some("8"), Some("200"), None),
        (Some("0"), Some("200"), None),
        (Some("8"), Some("200"), Some("7")),
        (Some("8"), None, Some("7")),
        (
            Some("0.000000000000000000000000000001"),
            Some("1000000000000000"),
            None,
        ),
    ];

    #[tokio::test]
    async fn the_statement_and_the_domain_agree_on_what_counts_under_an_override() {
        let test = TestDb::new().await;
        let now: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        for (at, (days, value, overall)) in CASES.into_iter().enumerate() {
            let key = format!("INIT-{}", at + 1).parse().unwrap();
            let read = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
                let id = initiatives::insert(&mut tx, &key, "One", UserId(1), now).await?.unwrap();
                for sql in [
                    "update initiatives set active_framework_id = 1, use_math_model = true,
                       effort_engineering_days = $2::text::numeric where id = $1",
                    "insert into initiative_frameworks (initiative_id, framework_id, is_on, status)
                       select $1, 1, true, 'not_ready' where $2::text is null or true",
                ] {
                    sqlx::query(sql).bind(id.0).bind(days).execute(&mut *tx).await?;
                }
                sqlx::query(
                    "insert into score_overrides (initiative_id, framework_id, value, overall, reason, set_by, set_at,
                       own_status) values ($1, 1, $2::text::numeric, $3::text::numeric, 'x', 1, now(), 'not_ready')",
                )
                .bind(id.0)
                .bind(value)
                .bind(overall)
                .execute(&mut *tx)
                .await?;
                let query = BacklogQuery {
                    only: Some(id),
                    ..BacklogQuery::default()
                };
                list(&mut tx, &query, now).await
            });
            let line = read.await.unwrap().lines.remove(0);
            let own = Figures {
                effort: days.and_then(|days| days.parse().ok()),
                ..Figures::default()
            };
            let terms = line.over.clone().unwrap().terms;
            let counts = effective(&own, Some(&terms)).figures;
            assert_eq!(
                (line.value, line.effort, line.overall),
                (counts.value, counts.effort, counts.overall),
                "case {at}"
            );
            assert_eq!(line.status.as_deref(), Some("overridden"));
            assert!(line.rank.is_some());
        }
    }
}
