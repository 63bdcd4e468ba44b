//! Letting somebody in by an identity provider's word: who of us they are, and what they are now. A new person and a
//! change of what their groups make them are lines in the history.

use super::Through;
use crate::{
    domain::{
        change::{Change, Entity, FieldChange},
        ids::UserId,
        rights::Roles,
    },
    store::{
        change_log,
        identities::{self, Identity, Known},
    },
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// What is asked before somebody is let in.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What the provider says.
    pub identity: Identity,
    /// Whether it vouches for the address.
    pub is_email_verified: bool,
    /// Whether somebody whom no group and no admin gives a role may look.
    pub lets_viewers_in: bool,
}

/// Whether somebody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// As this person.
    LetIn(UserId),
    /// An admin has closed the account.
    Deactivated,
    /// Their address is another person's here.
    AddressTaken,
    /// Neither a group nor an admin gives them a role. What their groups no longer give is taken from them all the same.
    NoRole,
}

/// Lets somebody in, or not.
pub async fn let_in(
    tx: &mut PgConnection,
    asked: &Asked,
    now: DateTime<Utc>,
) -> sqlx::Result<Answer> {
    identities::wait_for_turn(tx).await?;
    let identity = &asked.identity;
    let (theirs, by_address) = identities::find(tx, identity).await?;
    let known = match (theirs, by_address) {
        (Some(theirs), Some(other)) if theirs.id != other.id => return Ok(Answer::AddressTaken),
        (Some(theirs), _) => Some(theirs),
        (None, Some(row)) if may_join(&row, asked) => Some(row),
        (None, Some(_)) => return Ok(Answer::AddressTaken),
        (None, None) => None,
    };
    if known.as_ref().is_some_and(|known| known.is_deactivated) {
        return Ok(Answer::Deactivated);
    }
    let has_role = identity.claim_roles.iter().next().is_some()
        || known.as_ref().is_some_and(|known| known.has_page_roles);
    let is_let_in = has_role || asked.lets_viewers_in;
    let id = match known {
        Some(known) => {
            refresh(tx, &known, identity, is_let_in, now).await?;
            known.id
        }
        None if is_let_in => create(tx, identity, now).await?,
        None => return Ok(Answer::NoRole),
    };
    Ok(if is_let_in {
        Answer::LetIn(id)
    } else {
        Answer::NoRole
    })
}

/// Whether a row without a provider's name is this person's: only by an address that the provider vouches for.
fn may_join(row: &Known, asked: &Asked) -> bool {
    row.can_be_joined && asked.is_email_verified
}

async fn create(
    tx: &mut PgConnection,
    identity: &Identity,
    now: DateTime<Utc>,
) -> sqlx::Result<UserId> {
    let id = identities::insert(tx, identity).await?;
    let roles = words(&identity.claim_roles);
    let mut changes = vec![("created", Value::Null, Value::Bool(true))];
    if !roles.is_null() {
        changes.push(("claim_roles", Value::Null, roles));
    }
    log(tx, (id, 1), identity, changes, now).await?;
    Ok(id)
}

async fn refresh(
    tx: &mut PgConnection,
    known: &Known,
    identity: &Identity,
    is_let_in: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let revision = identities::update(tx, known.id, identity, is_let_in).await?;
    if known.claim_roles == identity.claim_roles {
        return Ok(());
    }
    let change = (
        "claim_roles",
        words(&known.claim_roles),
        words(&identity.claim_roles),
    );
    log(tx, (known.id, revision), identity, vec![change], now).await
}

/// As people read them; none at all is nothing, not a viewer.
fn words(roles: &Roles) -> Value {
    match roles.iter().next() {
        Some(_) => Value::String(roles.to_string()),
        None => Value::Null,
    }
}

async fn log(
    tx: &mut PgConnection,
    (id, revision): (UserId, i64),
    identity: &Identity,
    changes: Vec<(&'static str, Value, Value)>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let changes: Vec<_> = changes
        .into_iter()
        .map(|(field, old, new)| Change {
            initiative_id: None,
            entity: Entity::Person,
            entity_id: id.0,
            entity_revision: revision,
            subject: identity.name.clone(),
            what: FieldChange { field, old, new },
        })
        .collect();
    let stamp = change_log::Stamp {
        by: id,
        through: Through::SignIn.key(),
        at: now,
        batch: None,
    };
    change_log::append(tx, stamp, &changes).await
}
