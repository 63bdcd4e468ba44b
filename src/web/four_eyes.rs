//! What four-eyes means to the person who looks: which things they had a hand in, asked only where it is on.

use super::{error::WebError, visit::Visit};
use crate::{
    domain::{
        approval::Origin,
        change::Entity,
        four_eyes::{Hand, OwnHand, own_hand},
        ids::{MathModelId, ParamId},
        param::Param,
        settings::{FourEyes, Settings},
    },
    store::four_eyes::hands,
};
use std::collections::HashMap;

/// What a person did to the params of a page since each was last approved.
#[derive(Clone, Debug, Default)]
pub struct OwnHands(HashMap<i64, OwnHand>);

impl OwnHands {
    /// Of one param; none: nothing, or nobody asks.
    #[must_use]
    pub fn of(&self, id: ParamId) -> Option<OwnHand> {
        self.0.get(&id.0).copied()
    }
}

/// The visitor's hands in those of these params that wait for approval: one statement, and none where four-eyes is off.
pub async fn in_params(
    visit: &Visit,
    open: impl Iterator<Item = ParamId>,
) -> Result<OwnHands, WebError> {
    if visit.settings.four_eyes == FourEyes::Off {
        return Ok(OwnHands::default());
    }
    let ids: Vec<_> = open.map(|id| id.0).collect();
    let mut all: HashMap<i64, Vec<Hand>> = HashMap::new();
    for (id, hand) in read(visit, Entity::Param, ids).await? {
        all.entry(id).or_default().push(hand);
    }
    let own = |(id, hands): (i64, Vec<Hand>)| Some((id, own_hand(visit.user.id, &hands)?));
    Ok(OwnHands(all.into_iter().filter_map(own).collect()))
}

/// The same of whole params.
pub async fn in_open_params(visit: &Visit, params: &[Param]) -> Result<OwnHands, WebError> {
    let is_open = |param: &&Param| param.value_approval.is_none() || param.range_approval.is_none();
    in_params(visit, params.iter().filter(is_open).map(|param| param.id)).await
}

/// The visitor's hand in a model's formula; asked only where four-eyes looks at formulas.
pub async fn in_formula(visit: &Visit, id: MathModelId) -> Result<Option<OwnHand>, WebError> {
    if visit.settings.four_eyes != FourEyes::All {
        return Ok(None);
    }
    let hands = read(visit, Entity::MathModel, vec![id.0]).await?;
    let hands: Vec<_> = hands.into_iter().map(|(_, hand)| hand).collect();
    Ok(own_hand(visit.user.id, &hands))
}

async fn read(visit: &Visit, entity: Entity, ids: Vec<i64>) -> Result<Vec<(i64, Hand)>, WebError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let read = visit
        .db
        .read(async move |mut conn| hands(&mut conn, entity, &ids).await);
    Ok(read.await?)
}

/// Who approved, with how where that isn't by the button: `Ada (import)`.
#[must_use]
pub fn approver(name: &str, origin: Origin) -> String {
    match origin {
        Origin::Person => name.to_owned(),
        other => format!("{name} ({})", other.key()),
    }
}

/// The same where it stands alone; where four-eyes is on, that it didn't look at what was imported.
#[must_use]
pub fn approver_alone(name: &str, origin: Origin, settings: Settings) -> String {
    let is_on = settings.four_eyes != FourEyes::Off;
    if is_on && origin == Origin::Import {
        return format!("{name} (import, outside four-eyes)");
    }
    approver(name, origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_that_came_with_an_import_says_so_and_that_four_eyes_was_not_asked() {
        let on = Settings {
            four_eyes: FourEyes::Finance,
            ..Settings::default()
        };
        for (origin, settings, said) in [
            (Origin::Person, on, "Ada"),
            (Origin::Import, Settings::default(), "Ada (import)"),
            (Origin::Import, on, "Ada (import, outside four-eyes)"),
            (Origin::Reinstated, on, "Ada (reinstated)"),
        ] {
            assert_eq!(approver_alone("Ada", origin, settings), said);
        }
    }
}
