//! The grid over everybody's params: which rows a filter shows, one page at a time, and how far each group has come.

use crate::domain::ids::{FrameworkId, InitiativeId, ParamId};
use sqlx::PgConnection;

/// What of the params is asked for.
#[derive(Clone, Debug, Default)]
pub struct GridQuery {
    /// One initiative's key.
    pub initiative: Option<String>,
    /// One framework's key.
    pub framework: Option<String>,
    /// `missing`, `needs_approval`, `approved`, `not_used`, `needs_owner`.
    pub state: Option<String>,
    /// A source, or `none`.
    pub source: Option<String>,
    /// Words looked for in name, label and description.
    pub search: String,
    /// The last row of the page before.
    pub after: Option<ParamId>,
}

/// How many rows a page shows.
pub const GRID_PAGE: i64 = 200;

/// A row's id with the group it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct GridRow {
    /// The param.
    pub param_id: ParamId,
    /// Whose.
    pub initiative_id: InitiativeId,
    /// The key.
    pub initiative_key: String,
    /// The title.
    pub initiative_title: String,
    /// Which framework's.
    pub framework_id: FrameworkId,
    /// Its key.
    pub framework_key: String,
    /// Its name.
    pub framework_name: String,
    /// How many of the group's used params are approved, whatever the filter.
    pub approved: i64,
    /// How many the group's formula reads.
    pub used: i64,
    /// How many of those have no value.
    pub empty: i64,
    /// Where the group's score stands: `not_ready`, `approved` or `stale`.
    pub status: String,
    /// How much is missing for it.
    pub missing: i32,
    /// Why it is stale.
    pub stale_because: Option<String>,
    /// The recorded value.
    pub value: Option<f64>,
    /// Its unit.
    pub value_unit: Option<String>,
}

/// One page of rows, in the order of initiatives, frameworks and formulas; one more than fits tells that there is more.
pub async fn list(conn: &mut PgConnection, query: &GridQuery) -> sqlx::Result<Vec<GridRow>> {
    let search = format!(
        "%{}%",
        query
            .search
            .to_lowercase()
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_")
    );
    sqlx::query_as!(
        GridRow,
        r#"with page as (
             select p.id, p.initiative_id, p.framework_id, i.key, i.title, f.key as framework_key,
               f.name as framework_name, x.status, x.missing, x.stale_because, x.score_id,
               i.key_prefix, i.key_number, f.position as framework_position, p.position, p.name
             from params p join initiatives i on i.id = p.initiative_id join frameworks f on f.id = p.framework_id
             join initiative_frameworks x on x.initiative_id = i.id and x.framework_id = f.id and x.is_on
             left join approvals a on a.subject_kind = 'param' and a.subject_id = p.id and a.part = 'value'
               and a.withdrawn_at is null
             where i.archived_at is null
               and ($1::text is null or i.key = $1) and ($2::text is null or f.key = $2)
               and ($3::text is null or case $3
                 when 'missing' then p.value is null and p.position is not null
                 when 'needs_approval' then p.value is not null and a.id is null and p.position is not null
                 when 'approved' then a.id is not null
                 when 'not_used' then p.position is null
                 when 'needs_owner' then p.source in ('', 'LLM') and p.position is not null
                 else false end)
               and ($4::text is null or p.source = case $4 when 'none' then '' else $4 end)
               and ($5 = '%%' or lower(p.name || ' ' || p.param_display || ' ' || p.description) like $5)
               and ($6::bigint is null or (i.key_prefix, i.key_number, f.position, coalesce(p.position, 1000000), p.name) >
                 (select i2.key_prefix, i2.key_number, f2.position, coalesce(p2.position, 1000000), p2.name
                  from params p2 join initiatives i2 on i2.id = p2.initiative_id
                  join frameworks f2 on f2.id = p2.framework_id where p2.id = $6))
             order by i.key_prefix, i.key_number, f.position, coalesce(p.position, 1000000), p.name
             limit $7
           ), progress as (
             select g.initiative_id, g.framework_id, count(*) filter (where p.position is not null) as used,
               count(a.id) filter (where p.position is not null) as approved,
               count(*) filter (where p.position is not null and p.value is null) as empty
             from (select distinct initiative_id, framework_id from page) g
             join params p using (initiative_id, framework_id)
             left join approvals a on a.subject_kind = 'param' and a.subject_id = p.id and a.part = 'value'
               and a.withdrawn_at is null
             group by 1, 2
           )
           select page.id as "param_id!: ParamId", page.initiative_id as "initiative_id!: InitiativeId",
             page.key as "initiative_key!", page.title as "initiative_title!",
             page.framework_id as "framework_id!: FrameworkId", page.framework_key as "framework_key!",
             page.framework_name as "framework_name!", progress.approved as "approved!", progress.used as "used!",
             progress.empty as "empty!", page.status as "status!", jsonb_array_length(page.missing) as "missing!",
             page.stale_because, s.value as "value?", s.value_unit as "value_unit?"
           from page join progress using (initiative_id, framework_id) left join scores s on s.id = page.score_id
           order by key_prefix, key_number, framework_position, coalesce(position, 1000000), name"#,
        query.initiative,
        query.framework,
        query.state,
        query.source,
        search,
        query.after as Option<ParamId>,
        GRID_PAGE + 1,
    )
    .fetch_all(conn)
    .await
}
