//! What an act did to an initiative: its fields, its frameworks, whether it is archived.

use super::{Change, Row};
use crate::{
    actions::{
        ActionError, Actor, Outcome, drive_score, frameworks, initiatives as acts, legacy_scores,
        scenario_group,
    },
    domain::{
        ids::{InitiativeKey, MathModelId},
        initiative::Initiative,
        rights::Act,
        undo::{Inverse, initiative_now},
    },
    store::{frameworks as framework_rows, scores},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

pub(super) async fn take_back(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    row: &Row,
    stays: &mut Vec<String>,
) -> Outcome<()> {
    let key = row.key.as_deref().and_then(|key| key.parse().ok());
    let key: InitiativeKey = key.ok_or(ActionError::NotFound("initiative"))?;
    for change in &row.changes {
        let initiative = acts::get(tx, &key).await?;
        let inverse = change.inverse(&row.entity);
        if let Inverse::Drive(both) = inverse {
            stays.extend(drive(tx, actor, now, (row, &initiative), both).await?);
            continue;
        }
        let Some(here) = says(tx, &initiative, change, &inverse).await? else {
            continue;
        };
        if here == change.old {
            continue;
        }
        if here != change.new {
            stays.extend(row.overtaken(&[&change.field]));
            continue;
        }
        one(tx, actor, now, &initiative, (change, inverse)).await?;
    }
    Ok(())
}

/// The one that drove before drives again, by the act itself: nothing else may have changed since, as its effect was shown
/// for what there was then, and it must be ready. Why it stays as it is; none: it doesn't.
async fn drive(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (row, initiative): (&Row, &Initiative),
    [before, since]: [Option<MathModelId>; 2],
) -> Outcome<Option<String>> {
    if row.has_moved {
        return Ok(Some(format!(
            "Which scenario drives the score of {} stays. Something else changed there since: look at what another would do on the scenarios’ page, then let it drive.",
            initiative.key
        )));
    }
    let either = before.or(since).ok_or(ActionError::NotFound("scenario"))?;
    let whose = scenario_group::whose(tx, either).await?;
    let seen = (before, initiative.revision);
    drive_score::let_drive(tx, actor, now, &whose, seen).await?;
    Ok(None)
}

/// What the initiative says now where the act changed it; none: it isn't the initiative's to say.
async fn says(
    tx: &mut PgConnection,
    initiative: &Initiative,
    change: &Change,
    inverse: &Inverse,
) -> Outcome<Option<Value>> {
    Ok(Some(match inverse {
        Inverse::Initiative(field) => initiative_now(initiative, field.key),
        Inverse::Archived(_) => json!(initiative.archived_at.is_some()),
        Inverse::UseMathModel(_) => json!(initiative.use_math_model),
        Inverse::Active(_) => {
            let all = framework_rows::list(tx).await?;
            let active = all
                .iter()
                .find(|framework| Some(framework.id) == initiative.active_framework);
            json!(active.map(|framework| &framework.key))
        }
        Inverse::Legacy(_) => {
            let stands = initiative.legacy.as_ref();
            stands.map_or(Value::Null, |legacy| legacy.figures.logged())
        }
        Inverse::Framework(key, wanted) => {
            let all = framework_rows::list(tx).await?;
            let framework = all.iter().find(|framework| framework.key == *key);
            let standings = scores::standings(tx, initiative.id).await?;
            let is_on = standings
                .iter()
                .any(|one| one.is_on && framework.is_some_and(|f| f.id == one.framework_id));
            let is_as_written = is_on != *wanted;
            if is_as_written {
                change.new.clone()
            } else {
                change.old.clone()
            }
        }
        _ => return Ok(None),
    }))
}

async fn one(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    initiative: &Initiative,
    (change, inverse): (&Change, Inverse),
) -> Outcome<()> {
    match inverse {
        Inverse::Initiative(field) => {
            actor.must_be_allowed(acts::act_of(field))?;
            let value = change.old.as_str().unwrap_or_default();
            acts::set_field(tx, actor, now, initiative, (field, value)).await?;
        }
        Inverse::Archived(wanted) => {
            let seen = (wanted, initiative.revision);
            acts::set_archived(tx, actor, now, &initiative.key, seen).await?;
        }
        Inverse::UseMathModel(wanted) => {
            actor.must_be_allowed(Act::ChooseFramework)?;
            frameworks::set_use_math_model(tx, actor, now, initiative, wanted).await?;
        }
        Inverse::Active(key) => {
            actor.must_be_allowed(Act::ChooseFramework)?;
            frameworks::set_active(tx, actor, now, initiative, key.as_deref()).await?;
        }
        Inverse::Framework(key, wanted) => {
            actor.must_be_allowed(Act::ChooseFramework)?;
            frameworks::set_compared(tx, actor, now, initiative, (&key, wanted)).await?;
        }
        Inverse::Legacy(figures) => {
            legacy_scores::put_back(tx, actor, now, initiative, &figures).await?;
        }
        _ => {}
    }
    Ok(())
}
