//! What a copy of a formula did: each of its targets is taken back as a whole, or, where somebody went on with it, left as
//! it is.

use crate::{
    domain::{
        change::sentence,
        ids::{BatchId, InitiativeId, UserId},
    },
    store::history::{self, Logged, WentOn},
};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The act's changes without those of targets that somebody has worked on since, and why each of these stays. An act that
/// copied no formula is given back whole.
pub(super) async fn without_what_went_on(
    tx: &mut PgConnection,
    me: UserId,
    act: BatchId,
    logged: Vec<Logged>,
) -> sqlx::Result<(Vec<Logged>, Vec<String>)> {
    let targets = targets(&logged);
    if targets.is_empty() {
        return Ok((logged, Vec::new()));
    }
    let places: Vec<_> = targets.iter().map(|(id, (_, last))| (*id, *last)).collect();
    let left = history::worked_on(tx, &places, act).await?;
    let stays = targets
        .iter()
        .filter_map(|(id, (key, _))| Some(why(key, left.get(id)?, me)));
    let is_left = |one: &Logged| one.initiative_id.is_some_and(|id| left.contains_key(&id));
    let stays = stays.collect();
    let taken = logged.into_iter().filter(|one| !is_left(one)).collect();
    Ok((taken, stays))
}

/// The initiatives that the act copied a formula to, each with the place of its last change there.
fn targets(logged: &[Logged]) -> BTreeMap<InitiativeId, (String, i64)> {
    let is_copy = |one: &&Logged| {
        one.entity == "math_model" && one.field == "formula" && one.new.get("from").is_some()
    };
    let copied = logged.iter().filter(is_copy);
    let mut targets: BTreeMap<_, _> = copied
        .filter_map(|one| Some((one.initiative_id?, (one.initiative_key.clone()?, one.seq))))
        .collect();
    for one in logged {
        if let Some((_, last)) = one.initiative_id.and_then(|id| targets.get_mut(&id)) {
            *last = one.seq.max(*last);
        }
    }
    targets
}

/// "INIT-2 stays as it is: Ana Ruiz set Margin to 30 % since."
fn why(key: &str, since: &WentOn, me: UserId) -> String {
    let who = if since.by == me {
        "you"
    } else {
        &since.by_name
    };
    let what = sentence(&since.field, &since.subject, &since.old, &since.new);
    format!("{key} stays as it is: {who} {what} since.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_stays_says_who_did_what_since() {
        let since = WentOn {
            field: "value".to_owned(),
            subject: "Margin".to_owned(),
            old: Value::Null,
            new: json!("0.3"),
            by: UserId(2),
            by_name: "Ana Ruiz".to_owned(),
        };
        assert_eq!(
            why("INIT-2", &since, UserId(1)),
            "INIT-2 stays as it is: Ana Ruiz set the value of Margin to 0.3 since."
        );
        assert!(why("INIT-2", &since, UserId(2)).contains(": you set"));
    }
}
