//! What waits for whom, read from what the scores lack.

use super::{comments::count_mentions, fact_proposals};
use crate::domain::{
    ids::{FrameworkId, InitiativeId, MathModelId, ParamId, UserId},
    rights::{Role, Roles},
    scoring::Missing,
    settings::Settings,
    waiting::{OWING, WaitingProposal},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// How many initiatives with what waits in them a page of the queue shows.
pub const QUEUE_PAGE: i64 = 50;
/// Counting stops here: more than this is "many".
pub const MOST_COUNTED: i64 = 100;

/// Whose queue, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueQuery {
    /// The roles for which it waits.
    pub roles: Vec<Role>,
    /// Only what `Missing` calls these (`value`, `approval`, …); empty: everything.
    pub whats: Vec<&'static str>,
    /// Only what has an owner, or has none; none: both.
    pub is_owned: Option<bool>,
    /// Begin after this initiative and framework.
    pub after: Option<(InitiativeId, FrameworkId)>,
}

/// One thing that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// What.
    pub missing: Missing,
    /// The param that it is about.
    pub param: Option<ParamId>,
    /// The driving scenario, where its own formula or number is what waits; none: Base’s own does.
    pub scenario: Option<MathModelId>,
    /// Since when, as far as is known.
    pub since: Option<DateTime<Utc>>,
    /// There was an approval, and it fell: by whom and why.
    pub fell: Option<Fell>,
}

/// How an approval ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fell {
    /// Who did it.
    pub by_name: String,
    /// In words, after "because" or alone: `value changed`.
    pub why: String,
}

/// What waits in one initiative by one framework, in the formula's order.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitingGroup {
    /// The initiative.
    pub initiative_id: InitiativeId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The framework.
    pub framework_id: FrameworkId,
    /// Its name.
    pub framework_name: String,
    /// Whether it is the one whose score counts.
    pub is_active: bool,
    /// The driving model, where the initiative writes its own formula.
    pub model: Option<MathModelId>,
    /// What waits.
    pub items: Vec<Waiting>,
}

/// A page of the queue, longest-standing initiatives first; more than [`QUEUE_PAGE`] groups: there is another page.
pub async fn list(conn: &mut PgConnection, query: &QueueQuery) -> sqlx::Result<Vec<WaitingGroup>> {
    let roles: Vec<_> = query
        .roles
        .iter()
        .map(|role| role.key().to_owned())
        .collect();
    let whats: Vec<_> = query.whats.iter().map(|what| (*what).to_owned()).collect();
    let (initiative, framework) = query.after.unzip();
    let rows = sqlx::query!(
        r#"with page as (
             select f.initiative_id, f.framework_id, items.items, i.key, i.title, i.active_framework_id
             from initiative_frameworks f join initiatives i on i.id = f.initiative_id
             cross join lateral (
               select jsonb_agg(item order by n) as items
               from jsonb_array_elements(f.missing) with ordinality as e(item, n)
               where owed_by(item) = any($1) and (cardinality($2::text[]) = 0 or item->>'what' = any($2))
                 and ($3::bool is null or (coalesce(item->>'source', 'LLM') <> 'LLM') = $3)
             ) items
             where f.is_on and f.missing <> '[]' and i.archived_at is null and f.owed_by && $1
               and items.items is not null
               and ($4::bigint is null or (f.initiative_id, f.framework_id) > ($4, $5::bigint))
             order by f.initiative_id, f.framework_id limit $6
           )
           select page.initiative_id as "initiative_id: InitiativeId", page.key, page.title,
             page.framework_id as "framework_id: FrameworkId", k.name as framework_name,
             coalesce(page.active_framework_id = page.framework_id, false) as "is_active!",
             m.id as "model?: MathModelId", e.item as "item!: Json<Missing>",
             p.id as "param?: ParamId", sc.id as "scenario?: MathModelId", fell.why as "why?", fell.by_name as "by_name?",
             coalesce(fell.at, case e.item->>'what' when 'formula_approval' then coalesce(sc.saved_at, v.saved_at) when 'formula' then m.created_at
               when 'value' then coalesce(p.value_set_at, p.created_at) else coalesce(sc.set_at, p.value_set_at) end) as since
           from page cross join jsonb_array_elements(page.items) with ordinality as e(item, n)
           join frameworks k on k.id = page.framework_id
           left join math_models m on m.initiative_id = page.initiative_id and m.framework_id = page.framework_id
             and m.scenario_label = 'Base'
           left join formula_versions v on v.id = m.formula_version_id
           left join params p on p.initiative_id = page.initiative_id and p.framework_id = page.framework_id
             and p.name = e.item->>'name'
           left join lateral (
             -- the scenario that drives, where its own formula or number is what waits
             select s.id, sv.saved_at, o.set_at from math_models s
             left join formula_versions sv on sv.id = s.formula_version_id
             left join param_overrides o on o.math_model_id = s.id and o.param_id = p.id
             where s.initiative_id = page.initiative_id and s.framework_id = page.framework_id and s.drives
               and s.scenario_label <> 'Base' and (e.item ? 'scenario' or o.param_id is not null)
             limit 1
           ) sc on true
           left join lateral (
             -- the last approval, if it was withdrawn and is what waits now
             select last.withdrawn_at as at, last.withdrawn_why as why, u.name as by_name
             from (
               select a.withdrawn_at, a.withdrawn_why, a.withdrawn_by from approvals a
               where (e.item->>'what' = 'formula_approval' and a.subject_kind = 'math_model' and a.subject_id = m.id
                      and a.part = 'formula')
                  or (e.item->>'what' in ('approval', 'value') and a.subject_kind = 'param' and a.subject_id = p.id
                      and a.part = 'value')
               order by a.approved_at desc, a.id desc limit 1
             ) last join users u on u.id = last.withdrawn_by
             where sc.id is null
           ) fell on true
           order by page.initiative_id, page.framework_id, e.n"#,
        &roles,
        &whats,
        query.is_owned,
        initiative as Option<InitiativeId>,
        framework as Option<FrameworkId>,
        QUEUE_PAGE + 1,
    )
    .fetch_all(conn)
    .await?;
    let mut groups: Vec<WaitingGroup> = Vec::new();
    for row in rows {
        let item = Waiting {
            missing: row.item.0,
            param: row.param,
            scenario: row.scenario,
            since: row.since,
            fell: row
                .by_name
                .zip(row.why)
                .map(|(by_name, why)| Fell { by_name, why }),
        };
        let of = (row.initiative_id, row.framework_id);
        match groups.last_mut() {
            Some(group) if (group.initiative_id, group.framework_id) == of => {
                group.items.push(item);
            }
            _ => groups.push(WaitingGroup {
                initiative_id: row.initiative_id,
                key: row.key,
                title: row.title,
                framework_id: row.framework_id,
                framework_name: row.framework_name,
                is_active: row.is_active,
                model: row.model,
                items: vec![item],
            }),
        }
    }
    Ok(groups)
}

/// How much waits for each of these roles, counted up to [`MOST_COUNTED`], in their order.
pub async fn count(conn: &mut PgConnection, roles: &[Role]) -> sqlx::Result<Vec<u32>> {
    let keys: Vec<_> = roles.iter().map(|role| role.key().to_owned()).collect();
    let counts = sqlx::query_scalar!(
        r#"select (select count(*) from (
               select from initiative_frameworks f join initiatives i on i.id = f.initiative_id
               cross join jsonb_array_elements(f.missing) as item
               where f.is_on and f.missing <> '[]' and i.archived_at is null and f.owed_by && array[r.role]
                 and owed_by(item) = r.role
               limit $2) waiting)::int as "count!"
           from unnest($1::text[]) with ordinality as r(role, n) order by r.n"#,
        &keys,
        MOST_COUNTED,
    )
    .fetch_all(conn)
    .await?;
    Ok(counts
        .into_iter()
        .map(|count| u32::try_from(count).unwrap_or_default())
        .collect())
}

/// How much waits for each role, as it was counted last in this process: pages print it without asking anybody.
#[derive(Clone, Debug, Default)]
pub struct QueueCounts(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// By role, in the order of [`OWING`].
    roles: [AtomicU32; OWING.len()],
    /// By person: comments that call them.
    mentions: RwLock<HashMap<UserId, u32>>,
    /// Changes of shared facts that wait for approval, up to [`MOST_COUNTED`].
    proposals: RwLock<Vec<WaitingProposal>>,
}

impl QueueCounts {
    /// Counts anew.
    pub async fn refresh(&self, conn: &mut PgConnection) -> sqlx::Result<()> {
        let mut counted = count(conn, &OWING).await?;
        let failed = super::llm_requests::count_failed_suggestions(conn).await?;
        let pms = OWING.iter().position(|role| *role == Role::Pm);
        if let Some(pms) = pms.and_then(|at| counted.get_mut(at)) {
            *pms += failed;
        }
        let mentions = count_mentions(conn).await?;
        *self
            .0
            .mentions
            .write()
            .unwrap_or_else(PoisonError::into_inner) = mentions;
        let proposals = fact_proposals::waiting(conn, Some(MOST_COUNTED)).await?;
        *self
            .0
            .proposals
            .write()
            .unwrap_or_else(PoisonError::into_inner) = proposals.into_values().collect();
        for (kept, counted) in self.0.roles.iter().zip(counted) {
            kept.store(counted, Ordering::Relaxed);
        }
        Ok(())
    }

    /// How much waits for somebody with these roles; [`MOST_COUNTED`] or more: many.
    #[must_use]
    pub fn of(&self, who: UserId, roles: &Roles, settings: Settings) -> u32 {
        let mentions = self
            .0
            .mentions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let called = mentions.get(&who).copied().unwrap_or_default();
        let owing = OWING.iter().zip(self.0.roles.iter());
        let owed: u32 = owing
            .filter(|(role, _)| roles.has(**role))
            .map(|(_, count)| count.load(Ordering::Relaxed))
            .sum();
        let proposals = self
            .0
            .proposals
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let proposals = proposals.iter();
        let proposed = proposals.filter(|of| of.waits_for(who, roles, settings));
        owed + called + u32::try_from(proposed.count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
