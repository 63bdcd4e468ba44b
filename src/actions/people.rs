//! Admins say who is here and what they are. Each act is logged in chain 0, which is for what has no initiative.

use super::{ActionError, Actor, Outcome};
use crate::{
    domain::{
        amount::DecimalSeparator,
        change::{Change, Entity, FieldChange},
        ids::{SessionId, UserId},
        person,
        rights::{Act, Role, Roles},
    },
    store::{
        change_log,
        people::{self, Kind, Person, keys},
        sessions, users,
    },
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// Adds somebody by their address, before they first sign in.
pub async fn add(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (name, email): (&str, &str),
    chosen: &Roles,
) -> Outcome<UserId> {
    actor.must_be_allowed(Act::ManagePeople)?;
    let new = person::read(name, email).map_err(|fault| ActionError::invalid(&fault))?;
    let taken = || {
        let email = &new.email;
        ActionError::Invalid(format!(
            "{email} belongs to somebody who is here already. Look for them in the list of people."
        ))
    };
    let id = people::insert(tx, (&new.name, &new.email), chosen).await?;
    let id = id.ok_or_else(taken)?;
    let created = json!({ "name": new.name, "email": new.email });
    let mut changes = vec![("created", Value::Null, created)];
    if chosen.iter().next().is_some() {
        changes.push(("page_roles", Value::Null, json!(keys(chosen))));
    }
    log(tx, (actor, now), (id, &new.name, 1), changes).await?;
    Ok(id)
}

/// Chooses a person's roles. They count where the identity provider's claim says nothing.
pub async fn set_roles(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: UserId,
    (chosen, seen_revision): (&Roles, i64),
) -> Outcome<()> {
    actor.must_be_allowed(Act::ManagePeople)?;
    let (admins, person) = lock(tx, id, ("page_roles", seen_revision)).await?;
    if person.page_roles == *chosen {
        return Ok(());
    }
    let stays_admin = if person.is_by_claim() {
        person.claim_roles.has(Role::Admin)
    } else {
        chosen.has(Role::Admin)
    };
    if !stays_admin {
        must_leave_an_admin(actor, &admins, &person, "Their admin role can’t be taken")?;
    }
    let old = json!(keys(&person.page_roles));
    let revision = people::save_roles(tx, id, chosen).await?;
    let change = ("page_roles", old, json!(keys(chosen)));
    let of = (id, person.name.as_str(), revision);
    Ok(log(tx, (actor, now), of, vec![change]).await?)
}

/// Deactivates a person, which ends their sessions with it, or reactivates them. What they did stays.
pub async fn set_deactivated(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: UserId,
    (wanted, seen_revision): (bool, i64),
) -> Outcome<()> {
    actor.must_be_allowed(Act::ManagePeople)?;
    let (admins, person) = lock(tx, id, ("deactivated", seen_revision)).await?;
    if person.deactivated_at.is_some() == wanted {
        return Ok(());
    }
    if wanted {
        must_leave_an_admin(actor, &admins, &person, "They can’t be deactivated")?;
        sessions::end(tx, id, None).await?;
    }
    let revision = people::save_deactivated(tx, id, wanted.then_some(now)).await?;
    let change = ("deactivated", json!(!wanted), json!(wanted));
    let of = (id, person.name.as_str(), revision);
    Ok(log(tx, (actor, now), of, vec![change]).await?)
}

/// Ends one session of a person, or all. Everybody ends their own, which is like signing out and isn't logged; an admin
/// ends anybody's.
pub async fn end_sessions(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: UserId,
    session: Option<SessionId>,
) -> Outcome<()> {
    let is_own = actor.id == id;
    if !is_own {
        actor.must_be_allowed(Act::ManagePeople)?;
    }
    let person = people::get(tx, id).await?;
    let person = person.ok_or(ActionError::NotFound("person"))?;
    let ended = sessions::end(tx, id, session).await?;
    if ended == 0 && session.is_some() {
        return Err(ActionError::NotFound("session"));
    }
    if ended == 0 || is_own {
        return Ok(());
    }
    let of = (id, person.name.as_str(), person.revision);
    let change = ("sessions_ended", Value::Null, json!(ended));
    Ok(log(tx, (actor, now), of, vec![change]).await?)
}

/// From now on whoever acts writes numbers so. Their own habit, which changes nothing that anybody signs: no right is
/// asked, and it isn't logged.
pub async fn set_decimal_separator(
    tx: &mut PgConnection,
    actor: &Actor,
    separator: DecimalSeparator,
) -> Outcome<()> {
    Ok(users::set_decimal_separator(tx, actor.id, separator).await?)
}

/// A person, locked with all admins; whoever changed the same field since it was seen, wins.
async fn lock(
    tx: &mut PgConnection,
    id: UserId,
    (field, seen_revision): (&str, i64),
) -> Outcome<(Vec<(UserId, Kind)>, Person)> {
    let (admins, person) = people::lock_with_admins(tx, id).await?;
    let person = person.ok_or(ActionError::NotFound("person"))?;
    if person.revision != seen_revision {
        let theirs =
            change_log::last_since(tx, Entity::Person, id.0, &[field], seen_revision).await?;
        if let Some(theirs) = theirs {
            return Err(ActionError::Conflict(Box::new(theirs)));
        }
    }
    Ok((admins, person))
}

/// Somebody who can sign in as the actor does must stay an admin: otherwise nobody could manage people again.
fn must_leave_an_admin(
    actor: &Actor,
    admins: &[(UserId, Kind)],
    person: &Person,
    what: &str,
) -> Outcome<()> {
    let is_admin = admins.iter().any(|(id, _)| *id == person.id);
    let acting = admins.iter().find(|(id, _)| *id == actor.id);
    let way = acting.map_or(person.kind, |(_, kind)| *kind);
    let is_left = admins
        .iter()
        .any(|(id, kind)| *id != person.id && *kind == way);
    if !is_admin || is_left {
        return Ok(());
    }
    Err(ActionError::Invalid(format!(
        "{what}: {} is the last admin who can sign in, and without one nobody could manage people. Make somebody else \
         an admin first.",
        person.name
    )))
}

async fn log(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    (id, subject, revision): (UserId, &str, i64),
    changes: Vec<(&'static str, Value, Value)>,
) -> sqlx::Result<()> {
    let changes: Vec<_> = changes
        .into_iter()
        .map(|(field, old, new)| Change {
            initiative_id: None,
            entity: Entity::Person,
            entity_id: id.0,
            entity_revision: revision,
            subject: subject.to_owned(),
            what: FieldChange { field, old, new },
        })
        .collect();
    change_log::append(tx, actor.stamp(now), &changes).await
}
