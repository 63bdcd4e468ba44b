//! Which rows a page of the grid shows, in its order, as a question to the database.
//!
//! Each filter is written only where it is asked for, and each has an index that finds its rows in the grid's order
//! (`params_in_key_order…`): the server reads on from the page before until this one is full.

use super::{GRID_PAGE, GridQuery, Sort};
use crate::{domain::ids::ParamId, store::search};
use sqlx::{Postgres, QueryBuilder};

/// By initiative, framework and place in the formula; what no formula reads comes last.
const IN_ORDER: &str =
    "p.key_prefix, p.key_number, f.position, coalesce(p.position, 1000000), p.name";

/// The number of the fact `c` fits a param: in unit, where the param has one (all words for a share are one), and in
/// what the framework allows. It must be in force, and not be followed already.
const COULD_FOLLOW: &str = " and c.value is not null and c.archived_at is null and c.id is distinct from p.fact_id
  and (lower(p.unit) in ('', lower(c.unit))
    or lower(p.unit) in ('%', '0-1', 'ratio', 'share') and lower(c.unit) in ('%', '0-1', 'ratio', 'share'))
  and not exists (
    select from framework_params h where h.framework_id = p.framework_id and h.name = p.name
      and (c.value < h.min or c.value > h.max)))";

/// A select of a page, and one row more if there is more: each param as it is, so that it is looked up once, with its
/// initiative, its framework, and its `place`, counted from 1.
pub(super) fn push_page(sql: &mut QueryBuilder<Postgres>, query: &GridQuery) {
    let order = query.sort.map_or_else(|| IN_ORDER.to_owned(), in_order_of);
    sql.push(format_args!(
        "select p.*, i.key as initiative_key, i.title as initiative_title, f.key as framework_key, f.name as framework_name,
           row_number() over (order by {order}) as place, {} as sorted_by
         from params p
         join initiatives i on i.id = p.initiative_id
         join initiative_frameworks x on x.initiative_id = p.initiative_id and x.framework_id = p.framework_id
         join frameworks f on f.id = p.framework_id
         where i.archived_at is null and x.is_on",
        query.sort.map_or_else(|| "null::text".to_owned(), text_of)
    ));
    if let Some(key) = &query.initiative {
        sql.push(" and i.key = ").push_bind(key.clone());
    }
    if let Some(key) = &query.framework {
        sql.push(" and f.key = ").push_bind(key.clone());
    }
    push_state(sql, query);
    if let Some(source) = &query.source {
        let source = if source == "none" { "" } else { source };
        sql.push(" and p.source = ").push_bind(source.to_owned());
    }
    if let Some(fact) = query.could_follow {
        sql.push(" and exists (select from facts c where c.id = ")
            .push_bind(fact)
            .push(COULD_FOLLOW);
    }
    if !query.search.trim().is_empty() {
        push_search(sql, &search::pattern(&query.search));
    }
    match (query.sort, query.after) {
        (None, Some(after)) => push_after(sql, after),
        (Some(sort), Some(after)) => push_after_value(sql, sort, &query.after_value, after),
        (_, None) => {}
    }
    sql.push(format_args!(" order by {order} limit {}", GRID_PAGE + 1));
}

/// The words of the param, or of its initiative: those are found first, so that an index leads from them to their params.
fn push_search(sql: &mut QueryBuilder<Postgres>, pattern: &str) {
    sql.push(" and (lower(p.name || ' ' || p.param_display || ' ' || p.description) like ")
        .push_bind(pattern.to_owned())
        .push(" or p.initiative_id = any(array(select id from initiatives where lower(key || ' ' || title) like ")
        .push_bind(pattern.to_owned())
        .push(")))");
}

/// What a sort goes by, as an index has it.
fn key_of(sort: Sort) -> &'static str {
    match sort {
        Sort::Name => "p.name",
        Sort::Changed => "p.updated_at",
        Sort::Review => "coalesce(p.review_by, 'infinity')",
        Sort::Value => "coalesce(p.value, '-Infinity')",
    }
}

fn is_downwards(sort: Sort) -> bool {
    matches!(sort, Sort::Changed | Sort::Value)
}

fn in_order_of(sort: Sort) -> String {
    let way = if is_downwards(sort) { " desc" } else { "" };
    format!("{}{way}, p.id{way}", key_of(sort))
}

/// The same as a text without loss, which the next page is asked with.
fn text_of(sort: Sort) -> String {
    match sort {
        // In UTC, to the microsecond.
        Sort::Changed => {
            "to_char(p.updated_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
                .to_owned()
        }
        _ => format!("{}::text", key_of(sort)),
    }
}

/// What comes after a row that had this value when its page was shown, wherever the row is now.
fn push_after_value(sql: &mut QueryBuilder<Postgres>, sort: Sort, value: &str, after: ParamId) {
    let kind = match sort {
        Sort::Name => "text",
        Sort::Changed => "timestamptz",
        Sort::Review => "date",
        Sort::Value => "numeric",
    };
    let beyond = if is_downwards(sort) { '<' } else { '>' };
    sql.push(format_args!(" and ({}, p.id) {beyond} (", key_of(sort)))
        .push_bind(value.to_owned())
        .push(format_args!("::text::{kind}, "))
        .push_bind(after)
        .push(")");
}

fn push_state(sql: &mut QueryBuilder<Postgres>, query: &GridQuery) {
    let Some(state) = query.state.as_deref() else {
        return;
    };
    // Written out, not bound: how many are in a state differs so much that one plan for all would fit none.
    sql.push(match state {
        "missing" => " and p.state = 'missing'",
        "needs_approval" => " and p.state = 'needs_approval'",
        "approved_in_use" => " and p.state = 'approved'",
        "not_used" => " and p.state = 'not_used'",
        "approved" => " and p.is_value_approved",
        "needs_owner" => " and p.source in ('', 'LLM') and p.state <> 'not_used'",
        "review_due" => " and coalesce(p.review_by, 'infinity') <= ",
        // No row is in a state that there isn't.
        _ => " and false",
    });
    if state == "review_due" {
        sql.push_bind(query.due_by);
    }
}

/// What comes after a row. Its key by itself first: that is where the index is entered.
fn push_after(sql: &mut QueryBuilder<Postgres>, after: ParamId) {
    for (opening, column) in [
        (" and (p.key_prefix, p.key_number) >= (", "key_prefix"),
        (", ", "key_number"),
    ] {
        sql.push(format_args!(
            "{opening}(select {column} from params where id = "
        ))
        .push_bind(after)
        .push(")");
    }
    sql.push(format_args!(
        ") and ({IN_ORDER}) > (
           select {} from params a join frameworks af on af.id = a.framework_id where a.id = ",
        IN_ORDER.replace("p.", "a.").replace("f.", "af.")
    ))
    .push_bind(after)
    .push(")");
}
