//! Who is signed in. Only the SHA-256 of a session's id is kept; times are the database's own.

use super::{
    settings,
    users::{User, roles},
};
use crate::domain::{ids::UserId, settings::Settings};
use sqlx::PgConnection;

/// How long a session lasts without a request, in hours.
const IDLE_HOURS: i32 = 12;
/// How long a session lasts at most, in hours.
const ABSOLUTE_HOURS: i32 = 24 * 7;

/// Begins a session; `id_hash` is the SHA-256 of the cookie's 256 random bits.
pub async fn insert(conn: &mut PgConnection, id_hash: &[u8; 32], user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sessions (id_hash, user_id, created_at, last_seen_at, expires_at)
         values ($1, $2, now(), now(), now() + make_interval(hours => $3))",
        id_hash.as_slice(),
        user as UserId,
        ABSOLUTE_HOURS,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The person behind a session, with the roles they have now, and the settings that hold for everybody, in the one
/// statement that each request asks; none: ended, expired or never there.
/// `last_seen_at` is moved at most once a minute, so that reading a page is no write.
pub async fn get_user(
    conn: &mut PgConnection,
    id_hash: &[u8; 32],
) -> sqlx::Result<Option<(User, Settings)>> {
    let row = sqlx::query!(
        r#"with seen as (
             update sessions set last_seen_at = now()
             where id_hash = $1 and last_seen_at < now() - interval '1 minute'
               and last_seen_at > now() - make_interval(hours => $2) and expires_at > now()
           )
           select u.id as "id: UserId", u.name, u.email, u.roles, u.time_zone,
             x.four_eyes, x.finance_approves_own, x.revision
           from sessions s join users u on u.id = s.user_id cross join settings x
           where s.id_hash = $1 and s.expires_at > now() and u.deactivated_at is null
             and s.last_seen_at > now() - make_interval(hours => $2)"#,
        id_hash.as_slice(),
        IDLE_HOURS,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let settings = settings::read(&row.four_eyes, row.finance_approves_own, row.revision)?;
        let user = User {
            id: row.id,
            name: row.name,
            email: row.email,
            roles: roles(&row.roles),
            time_zone: row.time_zone,
        };
        Ok((user, settings))
    })
    .transpose()
}

/// Whether a session still holds. Unlike a request, asking doesn't prolong it: an open page is no use of it.
pub async fn is_alive(conn: &mut PgConnection, id_hash: &[u8; 32]) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
             select from sessions s join users u on u.id = s.user_id
             where s.id_hash = $1 and s.expires_at > now() and u.deactivated_at is null
               and s.last_seen_at > now() - make_interval(hours => $2)) as "is_alive!""#,
        id_hash.as_slice(),
        IDLE_HOURS,
    )
    .fetch_one(conn)
    .await
}

/// Ends a session.
pub async fn delete(conn: &mut PgConnection, id_hash: &[u8; 32]) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from sessions where id_hash = $1",
        id_hash.as_slice()
    )
    .execute(conn)
    .await?;
    Ok(())
}
