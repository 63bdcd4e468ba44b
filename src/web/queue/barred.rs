//! What waits for a role and yet not for whoever looks: with four-eyes on, somebody else of that role approves it.

use super::load::Who;
use crate::{
    domain::{
        change::Entity,
        four_eyes::{Hand, own_hand},
        rights::{Act, may},
        scoring::Missing,
        settings::FourEyes,
    },
    store::{
        four_eyes::hands,
        queue::{Waiting, WaitingGroup},
    },
};
use sqlx::PgConnection;
use std::collections::HashMap;

/// What the visitor did to what waits for approval, by what it was done to; empty where four-eyes is off.
#[derive(Debug, Default)]
pub(super) struct Barred(HashMap<(&'static str, i64), Vec<Hand>>);

impl Barred {
    /// Reads who had a hand in what waits for approval: a statement for each kind of thing.
    pub(super) async fn find(
        conn: &mut PgConnection,
        groups: &[WaitingGroup],
        who: &Who,
    ) -> sqlx::Result<Self> {
        let mut found = Self::default();
        if who.settings.four_eyes == FourEyes::Off {
            return Ok(found);
        }
        for entity in [Entity::Param, Entity::MathModel, Entity::Scenario] {
            let waiting = groups
                .iter()
                .flat_map(|group| group.items.iter().map(move |item| approves(group, item)));
            let ids: Vec<_> = waiting
                .flatten()
                .filter(|(of, _)| *of == entity)
                .map(|(_, id)| id)
                .collect();
            if ids.is_empty() {
                continue;
            }
            for (id, hand) in hands(&mut *conn, entity, &ids).await? {
                found.0.entry((entity.key(), id)).or_default().push(hand);
            }
        }
        Ok(found)
    }

    /// Why the visitor can't approve this, and who does; none: they can, or it is no approval.
    pub(super) fn why_not(
        &self,
        group: &WaitingGroup,
        item: &Waiting,
        who: &Who,
    ) -> Option<String> {
        let (entity, id) = approves(group, item)?;
        let own = own_hand(who.id, self.0.get(&(entity.key(), id))?);
        let settings = who.settings;
        let act = match item.missing {
            Missing::Approval { source, .. } => Act::ApproveParam {
                source,
                settings,
                own,
            },
            _ => Act::ApproveFormula { settings, own },
        };
        may(&who.roles, act).err().map(|refusal| refusal.short())
    }
}

/// What would be approved; none: nothing is.
fn approves(group: &WaitingGroup, item: &Waiting) -> Option<(Entity, i64)> {
    let of_base = match item.missing {
        Missing::Approval { .. } => (Entity::Param, item.param?.0),
        Missing::FormulaApproval { .. } => (Entity::MathModel, group.model?.0),
        _ => return None,
    };
    let of_scenario = item.scenario.map(|id| (Entity::Scenario, id.0));
    Some(of_scenario.unwrap_or(of_base))
}
