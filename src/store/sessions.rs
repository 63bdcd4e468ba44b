//! Who is signed in. Only the SHA-256 of a session's id is kept; times are the database's own.

use super::users::{User, roles};
use crate::domain::ids::UserId;
use sqlx::PgConnection;

/// How long a session lasts without a request, in hours.
const IDLE_HOURS: i32 = 12;
/// How long a session lasts at most, in hours.
const ABSOLUTE_HOURS: i32 = 24 * 7;

/// Begins a session; `id_hash` is the SHA-256 of the cookie's 256 random bits. The browser's name for itself is kept, at
/// most 300 characters of it, and the provider's token for its sign-out.
pub async fn insert(
    conn: &mut PgConnection,
    id_hash: &[u8; 32],
    user: UserId,
    (user_agent, id_token): (&str, Option<&str>),
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sessions (id_hash, user_id, user_agent, id_token, created_at, last_seen_at, expires_at)
         values ($1, $2, left($3, 300), $4, now(), now(), now() + make_interval(hours => $5))",
        id_hash.as_slice(),
        user as UserId,
        user_agent,
        id_token,
        ABSOLUTE_HOURS,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The person behind a session, with the roles they have now; none: ended, expired or never there.
/// `last_seen_at` is moved at most once a minute, so that reading a page is no write.
pub async fn get_user(conn: &mut PgConnection, id_hash: &[u8; 32]) -> sqlx::Result<Option<User>> {
    let row = sqlx::query!(
        r#"with seen as (
             update sessions set last_seen_at = now()
             where id_hash = $1 and last_seen_at < now() - interval '1 minute'
               and last_seen_at > now() - make_interval(hours => $2) and expires_at > now()
           )
           select u.id as "id: UserId", u.name, u.email, u.roles, u.time_zone
           from sessions s join users u on u.id = s.user_id
           where s.id_hash = $1 and s.expires_at > now() and u.deactivated_at is null
             and s.last_seen_at > now() - make_interval(hours => $2)"#,
        id_hash.as_slice(),
        IDLE_HOURS,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| User {
        id: row.id,
        name: row.name,
        email: row.email,
        roles: roles(&row.roles),
        time_zone: row.time_zone,
    }))
}

/// Ends a session; the provider's token that it was begun with.
pub async fn delete(conn: &mut PgConnection, id_hash: &[u8; 32]) -> sqlx::Result<Option<String>> {
    let id_token = sqlx::query_scalar!(
        "delete from sessions where id_hash = $1 returning id_token",
        id_hash.as_slice()
    )
    .fetch_optional(conn)
    .await?;
    Ok(id_token.flatten())
}
