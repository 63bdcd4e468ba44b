//! People as an identity provider knows them: found by its own name for them, joined to a row by address once, kept as it
//! says at each sign-in.

use super::users::roles;
use crate::domain::{
    ids::UserId,
    rights::{Role, Roles},
};
use sqlx::PgConnection;

/// The advisory lock of whoever signs in ("signin" in ASCII).
const TURN: i64 = 0x7369_676e_696e;

/// What the provider says of a person.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its own name for the person.
    pub subject: String,
    /// What others read.
    pub name: String,
    /// In small letters.
    pub email: Option<String>,
    /// What their groups make them.
    pub claim_roles: Roles,
}

/// A person's row, as far as signing in cares.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its row.
    pub id: UserId,
    /// May not sign in any more.
    pub is_deactivated: bool,
    /// No provider has a name for them yet, and they are neither a sample person nor the command line.
    pub can_be_joined: bool,
    /// What the provider said last.
    pub claim_roles: Roles,
    /// Whether an admin chose roles.
    pub has_page_roles: bool,
}

/// Waits until nobody else is being let in, and keeps the turn for the rest of the transaction: two tabs of a new person
/// would make them twice.
pub async fn wait_for_turn(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1) as turn", TURN)
        .execute(conn)
        .await?;
    Ok(())
}

/// The person that the provider calls by this name, and the person with this address; both rows are held.
pub async fn find(
    conn: &mut PgConnection,
    identity: &Identity,
) -> sqlx::Result<(Option<Known>, Option<Known>)> {
    let rows = sqlx::query!(
        r#"select id as "id: UserId", deactivated_at is not null as "is_deactivated!",
             kind = 'person' and subject is null as "can_be_joined!", claim_roles, cardinality(page_roles) > 0 as "has_page_roles!",
             coalesce(issuer = $1 and subject = $2, false) as "is_theirs!",
             coalesce(email = $3, false) as "has_address!"
           from users where (issuer = $1 and subject = $2) or email = $3 for update"#,
        identity.issuer,
        identity.subject,
        identity.email,
    )
    .fetch_all(conn)
    .await?;
    let (mut theirs, mut by_address) = (None, None);
    for row in rows {
        let known = Known {
            id: row.id,
            is_deactivated: row.is_deactivated,
            can_be_joined: row.can_be_joined,
            claim_roles: roles(&row.claim_roles),
            has_page_roles: row.has_page_roles,
        };
        if row.has_address {
            by_address = Some(known.clone());
        }
        if row.is_theirs {
            theirs = Some(known);
        }
    }
    Ok((theirs, by_address))
}

/// Makes a person of what the provider says; their row.
pub async fn insert(conn: &mut PgConnection, identity: &Identity) -> sqlx::Result<UserId> {
    sqlx::query_scalar!(
        r#"insert into users (email, name, issuer, subject, claim_roles, last_signed_in_at)
           values ($1, $2, $3, $4, $5, now()) returning id as "id: UserId""#,
        identity.email,
        identity.name,
        identity.issuer,
        identity.subject,
        &keys(&identity.claim_roles),
    )
    .fetch_one(conn)
    .await
}

/// Keeps what the provider says now, and that it is this row it speaks of. An address that it no longer says stays. The
/// row's revision, which moves only if something is different.
pub async fn update(
    conn: &mut PgConnection,
    id: UserId,
    identity: &Identity,
    is_let_in: bool,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update users set name = $2, email = coalesce($3, email), issuer = $4, subject = $5, claim_roles = $6,
           last_signed_in_at = case when $7 then now() else last_signed_in_at end,
           revision = revision + case when (name, email, issuer, subject, claim_roles)
             is distinct from ($2, coalesce($3, email), $4, $5, $6) then 1 else 0 end
         where id = $1 returning revision",
        id as UserId,
        identity.name,
        identity.email,
        identity.issuer,
        identity.subject,
        &keys(&identity.claim_roles),
        is_let_in,
    )
    .fetch_one(conn)
    .await
}

fn keys(roles: &Roles) -> Vec<String> {
    roles.iter().map(Role::key).map(str::to_owned).collect()
}
