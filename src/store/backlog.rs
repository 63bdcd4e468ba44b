//! The Central Backlog as a list: filtered, ranked, sorted, one page at a time, in one statement.

use crate::domain::{ids::InitiativeId, ids::ScoreId, scoring::Missing};
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
    /// `approved`, `stale` or `not_ready`.
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
    /// `approved`, `stale`, `not_ready`; none: no framework.
    pub status: Option<String>,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// Why stale.
    pub stale_because: Option<String>,
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

/// One page of the backlog. Ranks look at the whole of it, which the page shows.
#[expect(clippy::too_many_lines, reason = "one statement and its columns")]
pub async fn list(conn: &mut PgConnection, query: &BacklogQuery) -> sqlx::Result<BacklogPage> {
    let search = format!(
        "%{}%",
        query
            .search
            .to_lowercase()
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_")
    );
    let rows = sqlx::query!(
        r#"with ranked as (
             select i.id, s.value, s.effort, s.overall, s.value_unit, s.id as score_id,
               case when s.overall = 0 or i.strategic_priority_coefficient = 0 then s.overall * 0
                 when abs(s.overall) between 1e-250 and 1e250
                   and abs(i.strategic_priority_coefficient) between 1e-50 and 1e15
                 then i.strategic_priority_coefficient::float8 * s.overall end as weighted,
               f.status, f.missing, f.stale_because,
               case when s.id is not null and i.archived_at is null then
                 rank() over (partition by i.active_framework_id, s.value_unit, i.archived_at is null, s.id is null
                   order by s.overall desc nulls last, s.value desc) end as rank
             from initiatives i
             left join initiative_frameworks f
               on f.initiative_id = i.id and f.framework_id = i.active_framework_id and f.is_on
             left join scores s on s.id = f.score_id
           ), found as (
             select i.id, i.key, i.title, i.revision, i.archived_at is not null as is_archived,
               k.key as framework_key, k.name as framework_name, k.position as framework_position, i.use_math_model,
               r.rank, r.status, r.missing, r.stale_because, r.score_id, r.value, r.value_unit, r.effort, r.overall,
               r.weighted, trim_scale(i.strategic_priority_coefficient)::text as coefficient,
               i.updated_by, i.updated_at,
               case $4 when 'title' then lower(i.title) when 'key' then i.key_prefix
                 when 'rank' then coalesce(k.position::text || coalesce(r.value_unit, ''), '9') else '' end as by_text,
               case $4 when 'rank' then r.rank when 'value' then r.value when 'effort' then r.effort
                 when 'overall' then r.overall when 'weighted' then r.weighted
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
             p.score_id as "score_id?: ScoreId",
             p.value as "value?", p.value_unit as "value_unit?", p.effort as "effort?", p.overall as "overall?",
             p.coefficient, p.weighted as "weighted?",
             u.name as updated_by_name, p.updated_at as "updated_at!", p.count as "count!", p.total_value,
             (select count(distinct (framework_key, value_unit)) from found where score_id is not null) as "groups!"
           from placed p join users u on u.id = p.updated_by
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
            stale_because: row.stale_because,
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
