//! Who is signed in. Only the SHA-256 of a session's id is kept; times are the database's own. Which sessions are open
//! is said by the view `open_sessions` alone.

use super::{
    settings,
    users::{User, roles, separator},
};
use crate::domain::{
    ids::{SessionId, UserId},
    settings::Settings,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How long a session lasts at most, in hours.
const ABSOLUTE_HOURS: i32 = 24 * 7;
/// What is kept of what a browser calls itself.
const LONGEST_USER_AGENT: usize = 300;

/// An open session, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// The number that names it.
    pub id: SessionId,
    /// When the person signed in.
    pub begun_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Whether it is the one that asks.
    pub is_asking: bool,
}

/// Begins a session; `id_hash` is the SHA-256 of the cookie's 256 random bits. The browser's name for itself is kept, at
/// most 300 characters of it, and the provider's token for its sign-out.
pub async fn insert(
    conn: &mut PgConnection,
    id_hash: &[u8; 32],
    user: UserId,
    (user_agent, id_token): (&str, Option<&str>),
) -> sqlx::Result<()> {
    let user_agent: String = user_agent.chars().take(LONGEST_USER_AGENT).collect();
    sqlx::query!(
        "with signed_in as (update users set last_signed_in_at = now() where id = $2)
         insert into sessions (id_hash, user_id, user_agent, id_token, created_at, last_seen_at, expires_at)
         values ($1, $2, $3, $4, now(), now(), now() + make_interval(hours => $5))",
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

/// The person behind a session, with the roles they have now, and the settings that hold for everybody, in the one
/// statement that each request asks; none: ended, expired or never there.
/// `last_seen_at` is moved at most once a minute, so that reading a page is no write.
pub async fn get_user(
    conn: &mut PgConnection,
    id_hash: &[u8; 32],
) -> sqlx::Result<Option<(User, Settings)>> {
    find_user(conn, id_hash, true).await
}

/// The same for a page that is merely open, which is no use of the session: asking doesn't prolong it.
pub async fn look_at_user(
    conn: &mut PgConnection,
    id_hash: &[u8; 32],
) -> sqlx::Result<Option<(User, Settings)>> {
    find_user(conn, id_hash, false).await
}

async fn find_user(
    conn: &mut PgConnection,
    id_hash: &[u8; 32],
    is_use: bool,
) -> sqlx::Result<Option<(User, Settings)>> {
    let row = sqlx::query!(
        r#"with seen as (
             update sessions s set last_seen_at = now() from open_sessions o
             where $2 and o.id = s.id and s.id_hash = $1 and s.last_seen_at < now() - interval '1 minute'
           )
           select u.id as "id: UserId", u.name, u.email, u.roles as "roles!", u.time_zone, u.decimal_separator,
             x.four_eyes, x.finance_approves_own, x.revision
           from open_sessions o join users u on u.id = o.user_id cross join settings x
           where o.id_hash = $1"#,
        id_hash.as_slice(),
        is_use,
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
            decimal_separator: separator(&row.decimal_separator),
        };
        Ok((user, settings))
    })
    .transpose()
}

/// Whose session it is, by number and name. Like [`look_at_user`], asking doesn't prolong it.
pub async fn get_name(
    conn: &mut PgConnection,
    id_hash: &[u8; 32],
) -> sqlx::Result<Option<(UserId, String)>> {
    let row = sqlx::query!(
        r#"select u.id as "id: UserId", u.name from open_sessions o join users u on u.id = o.user_id
           where o.id_hash = $1"#,
        id_hash.as_slice(),
    );
    let found = row.fetch_optional(conn).await?;
    Ok(found.map(|row| (row.id, row.name)))
}

/// A person's open sessions, the one used last first; `asking` is the hash of the one that asks.
pub async fn list(
    conn: &mut PgConnection,
    user: UserId,
    asking: Option<[u8; 32]>,
) -> sqlx::Result<Vec<OpenSession>> {
    let asking = asking.unwrap_or_default();
    sqlx::query_as!(
        OpenSession,
        r#"select id as "id!: SessionId", created_at as "begun_at!", last_seen_at as "last_seen_at!",
                  user_agent as "user_agent!", (id_hash = $2) as "is_asking!"
           from open_sessions where user_id = $1 order by last_seen_at desc, id desc limit 200"#,
        user as UserId,
        asking.as_slice(),
    )
    .fetch_all(conn)
    .await
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

/// Ends one session of a person by its number, or all of them. How many were open until now.
pub async fn end(
    conn: &mut PgConnection,
    user: UserId,
    session: Option<SessionId>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"with open as (
             select id from open_sessions where user_id = $1 and ($2::bigint is null or id = $2)
           ), gone as (
             delete from sessions where user_id = $1 and ($2::bigint is null or id = $2)
           )
           select count(*) as "count!" from open"#,
        user as UserId,
        session as Option<SessionId>,
    )
    .fetch_one(conn)
    .await
}

/// Forgets sessions that have ended. How many.
pub async fn prune(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let pruned = sqlx::query!(
        "delete from sessions s where not exists (select from open_sessions o where o.id = s.id)"
    )
    .execute(conn)
    .await?;
    Ok(pruned.rows_affected())
}
