//! Many params at once: found by what people call them, told whose they are, and locked for one act.

use crate::domain::ids::{FrameworkId, InitiativeId, ParamId};
use sqlx::PgConnection;

/// A param as a row of a block names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The initiative's key.
    pub key: String,
    /// The framework's key or name; empty: whichever has it.
    pub framework: String,
    /// The name that formulas read.
    pub name: String,
}

/// For each name, the params that it may mean; archived initiatives and frameworks that are off have none. One
/// statement.
pub async fn find(conn: &mut PgConnection, named: &[Named]) -> sqlx::Result<Vec<Vec<ParamId>>> {
    let column = |get: fn(&Named) -> &String| named.iter().map(get).cloned().collect::<Vec<_>>();
    let rows = sqlx::query!(
        r#"select n.n as "n!", p.id as "id: ParamId"
           from unnest($1::text[], $2::text[], $3::text[]) with ordinality as n(key, framework, name, n)
           join initiatives i on i.key = n.key and i.archived_at is null
           join params p on p.initiative_id = i.id and p.name = n.name
           join frameworks f on f.id = p.framework_id
             and (n.framework = '' or f.key = upper(n.framework) or lower(f.name) = lower(n.framework))
           join initiative_frameworks x on x.initiative_id = i.id and x.framework_id = f.id and x.is_on
           order by n.n, f.position"#,
        &column(|named| &named.key),
        &column(|named| &named.framework),
        &column(|named| &named.name),
    )
    .fetch_all(conn)
    .await?;
    let mut found = vec![Vec::new(); named.len()];
    for row in rows {
        let at = usize::try_from(row.n).unwrap_or_default().checked_sub(1);
        if let Some(place) = at.and_then(|at| found.get_mut(at)) {
            place.push(row.id);
        }
    }
    Ok(found)
}

/// Whose a group of params is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupName {
    /// The initiative.
    pub initiative: InitiativeId,
    /// The framework.
    pub framework: FrameworkId,
    /// The initiative's key.
    pub key: String,
    /// The framework's name.
    pub framework_name: String,
    /// Whether a score stands that is neither missing nor stale.
    pub is_scored: bool,
}

/// Whose the groups of these params are. One statement.
pub async fn group_names(conn: &mut PgConnection, ids: &[ParamId]) -> sqlx::Result<Vec<GroupName>> {
    sqlx::query_as!(
        GroupName,
        r#"select i.id as "initiative: InitiativeId", f.id as "framework: FrameworkId", i.key,
             f.name as framework_name, coalesce(x.status = 'approved' and x.is_on, false) as "is_scored!"
           from (select distinct initiative_id, framework_id from params where id = any($1)) g
           join initiatives i on i.id = g.initiative_id join frameworks f on f.id = g.framework_id
           left join initiative_frameworks x on x.initiative_id = i.id and x.framework_id = f.id
           order by i.key_prefix, i.key_number, f.position"#,
        ids as &[ParamId],
    )
    .fetch_all(conn)
    .await
}

/// Locks the initiatives of these params for the rest of the transaction, in the order of their rows, so that two acts
/// on many never wait for each other in a circle.
pub async fn lock(conn: &mut PgConnection, ids: &[ParamId]) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select id from initiatives where id in (select initiative_id from params where id = any($1))
         order by id for update",
        ids as &[ParamId],
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}
