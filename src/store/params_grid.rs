//! The grid over everybody's params: which rows a filter shows, one page at a time, and how far each group has come.

use super::{scores::WhyStale, types::impossible};
use crate::domain::{
    approval::Origin,
    ids::ParamId,
    param::{Bounds, Number, Source},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeMap;

/// What of the params is asked for.
#[derive(Clone, Debug, Default)]
pub struct GridQuery {
    /// One initiative's key.
    pub initiative: Option<String>,
    /// One framework's key.
    pub framework: Option<String>,
    /// `missing`, `needs_approval`, `approved`, `approved_in_use`, `not_used`, `needs_owner`, `review_due`.
    pub state: Option<String>,
    /// Until which day a review is due.
    pub due_by: Option<NaiveDate>,
    /// A source, or `none`.
    pub source: Option<String>,
    /// Words looked for in name, label and description.
    pub search: String,
    /// The last row of the page before.
    pub after: Option<ParamId>,
}

/// How many rows a page shows.
pub const GRID_PAGE: i64 = 200;

/// A param as a row of the grid shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct GridParam {
    /// Its row.
    pub id: ParamId,
    /// The name that formulas read.
    pub name: String,
    /// Forms carry it.
    pub revision: i64,
    /// Whether the approved formula reads it.
    pub is_used: bool,
    /// The label; may be empty.
    pub param_display: String,
    /// The number, if there is one.
    pub value: Option<Number>,
    /// Its unit, may be empty.
    pub unit: String,
    /// The range that people gave it.
    pub range: Bounds,
    /// The framework's own bounds.
    pub hard: Bounds,
    /// Whose it is.
    pub source: Option<Source>,
    /// Where the number comes from.
    pub evidence_link: String,
    /// The date the evidence speaks of.
    pub evidence_as_of: Option<NaiveDate>,
    /// When to look again.
    pub review_by: Option<NaiveDate>,
    /// Who changed the row last.
    pub updated_by_name: String,
    /// When.
    pub updated_at: DateTime<Utc>,
    /// Who approved the value, when, and how that came to be.
    pub value_approval: Option<(String, DateTime<Utc>, Origin)>,
    /// Whether the range is approved as it stands.
    pub is_range_approved: bool,
    /// Which hand wrote each field last.
    pub written_by: BTreeMap<String, String>,
}

impl GridParam {
    /// Whether value or range wait for approval.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.value_approval.is_none() || !self.is_range_approved
    }
}

/// The initiative and framework that a group of rows belongs to, and how far it has come.
#[derive(Clone, Debug, PartialEq)]
pub struct GridGroup {
    /// The initiative's key.
    pub initiative_key: String,
    /// Its title.
    pub initiative_title: String,
    /// The framework's key.
    pub framework_key: String,
    /// Its name.
    pub framework_name: String,
    /// How many of the group's used params are approved, whatever the filter.
    pub approved: i64,
    /// How many the group's formula reads.
    pub used: i64,
    /// How many of those have no value.
    pub empty: i64,
    /// Where the group's score stands.
    pub standing: GroupStanding,
    /// Its rows on this page.
    pub params: Vec<GridParam>,
}

/// Where the score of a group of params stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupStanding {
    /// `not_ready`, `approved` or `stale`.
    pub status: String,
    /// How much is missing for it.
    pub missing: i32,
    /// Why it is stale.
    pub stale: Option<WhyStale>,
    /// The recorded value.
    pub value: Option<f64>,
    /// Its unit.
    pub value_unit: Option<String>,
}

/// A page of the grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GridPage {
    /// The rows by group, in the order of initiatives, frameworks and formulas.
    pub groups: Vec<GridGroup>,
    /// Whether there is more.
    pub has_more: bool,
    /// The frameworks there are, by key and name, in the order people see them.
    pub frameworks: Vec<(String, String)>,
}

impl GridPage {
    /// All rows, in order.
    #[must_use]
    pub fn params(&self) -> impl DoubleEndedIterator<Item = &GridParam> {
        self.groups.iter().flat_map(|group| &group.params)
    }
}

/// One page of rows with their groups, in one statement where there are any.
pub async fn list(conn: &mut PgConnection, query: &GridQuery) -> sqlx::Result<GridPage> {
    let mut page = find(conn, query).await?;
    if page.frameworks.is_empty() {
        page.frameworks = named_frameworks(conn).await?;
    }
    Ok(page)
}

/// The same, which knows the frameworks only where it found a row.
///
/// Made so that the plan is good whatever is asked: initiatives come in order and what belongs to each is looked up for
/// it alone (`offset 0` keeps the planner from turning that round), so reading stops where the page is full. With one
/// initiative's key both ends of the range are that key.
#[expect(clippy::too_many_lines, reason = "one statement and its columns")]
pub(super) async fn find(conn: &mut PgConnection, query: &GridQuery) -> sqlx::Result<GridPage> {
    let search = super::search::pattern(&query.search);
    let key = match &query.initiative {
        None => None,
        Some(key) => match key.rsplit_once('-') {
            Some((prefix, number))
                if number.bytes().all(|b| b.is_ascii_digit()) && number.len() <= 40 =>
            {
                Some((prefix, number))
            }
            // No key, so no initiative has it.
            _ => {
                return Ok(GridPage::default());
            }
        },
    };
    let rows = sqlx::query!(
        r#"with page as (
             select i.key, i.title, i.key_prefix, i.key_number, x.*, p.*
             from (
               select id, key, title, key_prefix, key_number from initiatives
               where archived_at is null
                 and (key_prefix, key_number) >= (
                   coalesce($1, (select i2.key_prefix from params p2 join initiatives i2 on i2.id = p2.initiative_id
                                 where p2.id = $7), ''),
                   coalesce($2::text::numeric, (select i2.key_number from params p2
                     join initiatives i2 on i2.id = p2.initiative_id where p2.id = $7), 0))
                 and (key_prefix, key_number) <= (
                   coalesce($1, (select max(key_prefix) from initiatives)), coalesce($2::text::numeric, 'infinity'))
               order by key_prefix, key_number offset 0
             ) i
             cross join lateral (
               select x.framework_id, f.key as framework_key, f.name as framework_name,
                 f.position as framework_position, x.status, x.missing, x.stale_because, x.stale_by, x.stale_since,
                 x.score_id
               from initiative_frameworks x join frameworks f on f.id = x.framework_id
               where x.initiative_id = i.id and x.is_on and ($3::text is null or f.key = $3)
                 -- where nothing is missing for a score, no param is without value or approval
                 and ($4::text is null or $4 not in ('missing', 'needs_approval') or x.missing <> '[]') offset 0
             ) x
             cross join lateral (
               select p.id, p.initiative_id, coalesce(p.position, 1000000) as place, p.name, p.revision, p.position,
                 p.param_display, p.value, p.unit, p.min, p.max, p.source, p.evidence_link, p.evidence_as_of,
                 p.review_by, p.written_by, p.updated_by, p.updated_at, a.approved_by, a.approved_at, a.origin
               from params p
               left join lateral (
                 select id, approved_by, approved_at, origin from approvals
                 where subject_kind = 'param' and subject_id = p.id and part = 'value' and withdrawn_at is null
                 limit 1) a on true
               where p.initiative_id = i.id and p.framework_id = x.framework_id
                 -- what the row itself tells comes first, so that approvals are looked up for the others only
                 and ($4::text is null or case $4
                   when 'missing' then p.value is null and p.position is not null
                   when 'needs_approval' then p.value is not null and p.position is not null
                   when 'approved' then p.value is not null
                   when 'approved_in_use' then p.value is not null and p.position is not null
                   when 'review_due' then p.review_by <= $8::date
                   when 'not_used' then p.position is null
                   when 'needs_owner' then p.source in ('', 'LLM') and p.position is not null
                   else false end)
                 and ($4::text is null or case $4
                   when 'needs_approval' then a.id is null
                   when 'approved' then a.id is not null
                   when 'approved_in_use' then a.id is not null
                   else true end)
                 and ($5::text is null or p.source = case $5 when 'none' then '' else $5 end)
                 and ($6 = '%%' or lower(p.name || ' ' || p.param_display || ' ' || p.description) like $6)
               offset 0
             ) p
             where $7::bigint is null or (i.key_prefix, i.key_number, x.framework_position, p.place, p.name) >
               (select i2.key_prefix, i2.key_number, f2.position, coalesce(p2.position, 1000000), p2.name
                from params p2 join initiatives i2 on i2.id = p2.initiative_id
                join frameworks f2 on f2.id = p2.framework_id where p2.id = $7)
             order by i.key_prefix, i.key_number, x.framework_position, p.place, p.name
             limit 201
           ), placed as (
             select page.*, lag(initiative_id) over rows_in_order is distinct from initiative_id
               or lag(framework_id) over rows_in_order is distinct from framework_id as heads_group
             from page window rows_in_order as (order by key_prefix, key_number, framework_position, place, name)
           )
           select p.id as "id!: ParamId", p.name as "name!", p.revision as "revision!", p.position,
             p.param_display as "param_display!", trim_scale(p.value)::text as value, p.unit as "unit!",
             trim_scale(p.min)::text as min, trim_scale(p.max)::text as max, trim_scale(h.min)::text as hard_min,
             trim_scale(h.max)::text as hard_max, p.source as "source!", p.evidence_link as "evidence_link!",
             p.evidence_as_of as "evidence_as_of?", p.review_by as "review_by?",
             p.written_by as "written_by!: Json<BTreeMap<String, String>>", up.name as updated_by_name, p.updated_at as "updated_at!",
             ap.name as "approved_by_name?", p.approved_at as "approved_at?", p.origin as "origin?",
             exists (
               select from approvals r where r.subject_kind = 'param' and r.subject_id = p.id and r.part = 'range'
                 and r.withdrawn_at is null) as "is_range_approved!",
             -- the group, once: beside its first row
             case when p.heads_group then p.key end as initiative_key,
             case when p.heads_group then p.title end as initiative_title,
             case when p.heads_group then p.framework_key end as framework_key,
             case when p.heads_group then p.framework_name end as framework_name,
             g.used as "used?", g.approved as "approved?", g.empty as "empty?",
             case when p.heads_group then p.status end as status,
             case when p.heads_group then jsonb_array_length(p.missing) end as missing,
             case when p.heads_group then p.stale_because end as stale_because,
             su.name as "stale_by_name?", case when p.heads_group then p.stale_since end as stale_since,
             s.value as "score?", s.value_unit as "value_unit?",
             case when row_number() over () = 1 then (
               select array_agg(key || ' ' || name order by position) from frameworks where archived_at is null)
             end as frameworks
           from placed p
           join users up on up.id = p.updated_by
           left join users ap on ap.id = p.approved_by
           left join users su on p.heads_group and su.id = p.stale_by
           left join framework_params h on h.framework_id = p.framework_id and h.name = p.name
           left join lateral (
             select value, value_unit from scores where p.heads_group and id = p.score_id limit 1) s on true
           left join lateral (
             select count(*) filter (where q.position is not null) as used,
               count(a.id) filter (where q.position is not null) as approved,
               count(*) filter (where q.position is not null and q.value is null) as empty
             from params q left join lateral (
               select id from approvals
               where subject_kind = 'param' and subject_id = q.id and part = 'value' and withdrawn_at is null
               limit 1) a on true
             where p.heads_group and q.initiative_id = p.initiative_id and q.framework_id = p.framework_id
           ) g on p.heads_group
           order by p.key_prefix, p.key_number, p.framework_position, p.place, p.name"#,
        key.as_ref().map(|(prefix, _)| *prefix),
        key.as_ref().map(|(_, number)| *number),
        query.framework,
        query.state,
        query.source,
        search,
        query.after as Option<ParamId>,
        query.due_by,
    )
    .fetch_all(&mut *conn)
    .await?;
    let frameworks = rows.iter().find_map(|row| row.frameworks.clone());
    let most = usize::try_from(GRID_PAGE).unwrap_or(usize::MAX);
    let mut page = GridPage {
        has_more: rows.len() > most,
        groups: Vec::new(),
        frameworks: named(&frameworks.unwrap_or_default()),
    };
    for row in rows.into_iter().take(most) {
        let bounds = |min: Option<String>, max: Option<String>| Bounds {
            min: min.map(Number::from_decimal),
            max: max.map(Number::from_decimal),
        };
        let source = Source::read(&row.source);
        let approval = row.approved_by_name.zip(row.approved_at).zip(row.origin);
        let param = GridParam {
            id: row.id,
            name: row.name,
            revision: row.revision,
            is_used: row.position.is_some(),
            param_display: row.param_display,
            value: row.value.map(Number::from_decimal),
            unit: row.unit,
            range: bounds(row.min, row.max),
            hard: bounds(row.hard_min, row.hard_max),
            source: source.map_err(|_error| impossible("params", "source", row.id.0))?,
            evidence_link: row.evidence_link,
            evidence_as_of: row.evidence_as_of,
            review_by: row.review_by,
            updated_by_name: row.updated_by_name,
            updated_at: row.updated_at,
            value_approval: approval.map(|((by, at), origin)| (by, at, Origin::from_key(&origin))),
            is_range_approved: row.is_range_approved,
            written_by: row.written_by.0,
        };
        if let Some(initiative_key) = row.initiative_key {
            page.groups.push(GridGroup {
                initiative_key,
                initiative_title: row.initiative_title.unwrap_or_default(),
                framework_key: row.framework_key.unwrap_or_default(),
                framework_name: row.framework_name.unwrap_or_default(),
                approved: row.approved.unwrap_or_default(),
                used: row.used.unwrap_or_default(),
                empty: row.empty.unwrap_or_default(),
                standing: GroupStanding {
                    status: row.status.unwrap_or_default(),
                    missing: row.missing.unwrap_or_default(),
                    stale: row.stale_because.map(|because| WhyStale {
                        because,
                        by_name: row.stale_by_name,
                        since: row.stale_since,
                    }),
                    value: row.score,
                    value_unit: row.value_unit,
                },
                params: Vec::new(),
            });
        }
        if let Some(group) = page.groups.last_mut() {
            group.params.push(param);
        }
    }
    Ok(page)
}

/// All rows that a query finds, page by page: for a download.
pub async fn all(conn: &mut PgConnection, mut query: GridQuery) -> sqlx::Result<Vec<GridGroup>> {
    let mut groups = Vec::new();
    query.after = None;
    loop {
        let page = list(&mut *conn, &query).await?;
        query.after = page.params().next_back().map(|param| param.id);
        groups.extend(page.groups);
        if !page.has_more {
            return Ok(groups);
        }
    }
}

/// The frameworks there are, by key and name, in the order people see them.
pub(super) async fn named_frameworks(
    conn: &mut PgConnection,
) -> sqlx::Result<Vec<(String, String)>> {
    Ok(named(&frameworks(conn).await?))
}

/// The frameworks there are, each as its key, a space and its name: where no row of the page tells them.
async fn frameworks(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select key || ' ' || name as "both!" from frameworks where archived_at is null order by position"#
    )
    .fetch_all(conn)
    .await
}

fn named(all: &[String]) -> Vec<(String, String)> {
    all.iter().filter_map(|both| key_and_name(both)).collect()
}

fn key_and_name(both: &str) -> Option<(String, String)> {
    let (key, name) = both.split_once(' ')?;
    Some((key.to_owned(), name.to_owned()))
}
