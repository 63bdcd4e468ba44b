//! Paste a block of cells into params: all that isn't refused, in one transaction and as one batch.

use super::{
    ActionError, Actor, Outcome,
    params::{self as edits, Applied, Hold},
};
use crate::{
    domain::{
        ids::ParamId,
        param::Param,
        paste::{self, Landing, PlannedRow},
    },
    store::{param_blocks, params, settings},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};

/// What a block would do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Each param that the block touches, in the grid's order.
    pub rows: Vec<PlannedRow>,
    /// Whose their groups are, in the grid's order.
    pub groups: Vec<param_blocks::GroupName>,
    /// Params that aren't there any more.
    pub gone: Vec<ParamId>,
}

/// What a block would do, for whoever pastes it. Writes nothing.
pub async fn look(
    conn: &mut PgConnection,
    who: paste::Who<'_>,
    landings: &[Landing],
) -> Outcome<Plan> {
    let ids: Vec<_> = landings.iter().map(|landing| landing.id).collect();
    let params = params::groups_of(conn, &ids).await?;
    let groups = param_blocks::group_names(conn, &ids).await?;
    let by_id: HashMap<_, _> = params.iter().map(|param| (param.id, param)).collect();
    let mut plan = Plan {
        groups,
        ..Plan::default()
    };
    for landing in landings {
        match by_id.get(&landing.id) {
            Some(param) => plan.rows.push(paste::plan(param, who, landing)),
            None => plan.gone.push(landing.id),
        }
    }
    Ok(plan)
}

/// What a paste did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pasted {
    /// How many cells changed something.
    pub cells: usize,
    /// In how many params.
    pub rows: usize,
    /// How many cells were refused.
    pub refused: usize,
    /// Params that changed since they were shown, and so were left as they are.
    pub left_out: Vec<Param>,
}

/// Pastes into the params that are still as they were shown: `seen` has their revisions. Others are left out.
pub async fn apply(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    landings: &[Landing],
    seen: &BTreeMap<ParamId, i64>,
) -> Outcome<Pasted> {
    let ids: Vec<_> = landings.iter().map(|landing| landing.id).collect();
    param_blocks::lock(tx, &ids).await?;
    let settings = settings::hold(tx).await?;
    let mut all = params::groups_of(tx, &ids).await?;
    let by_id: HashMap<_, _> = landings
        .iter()
        .map(|landing| (landing.id, landing))
        .collect();
    let mut done = Pasted::default();
    for group in all
        .chunk_by_mut(|a, b| (a.initiative_id, a.framework_id) == (b.initiative_id, b.framework_id))
    {
        for at in 0..group.len() {
            let Some(landing) = by_id.get(&group[at].id) else {
                continue;
            };
            let row = paste::plan(&group[at], (&actor.roles, settings), landing);
            done.refused += row.refused();
            match seen.get(&row.before.id) {
                Some(revision) if *revision != row.before.revision => {
                    done.left_out.push(row.before);
                }
                Some(_) if !row.edits.is_empty() => {
                    done.cells += row.changed();
                    done.rows += 1;
                    let (id, taken) = (row.before.id, row.edits);
                    let applied = edits::apply(
                        tx,
                        (actor, settings),
                        now,
                        (&mut *group, id),
                        taken,
                        Hold::LOCKED,
                    )
                    .await?;
                    if matches!(applied, Applied::Moved) {
                        return Err(ActionError::NotFound("param"));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(done)
}
