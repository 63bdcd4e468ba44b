//! People as the People page knows them: why they have their roles, whether they are active, when they were here.

use super::{search::pattern, users::roles};
use crate::domain::{
    ids::UserId,
    rights::{Role, Roles},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How many people a page lists.
pub const PEOPLE_PAGE: i64 = 100;

/// How somebody signs in. As stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Through the identity provider.
    Person,
    /// By a click, on one's own machine only.
    Sample,
    /// Never: the command line's own.
    System,
}

impl Kind {
    fn from_key(key: &str) -> Self {
        match key {
            "sample" => Self::Sample,
            "system" => Self::System,
            _ => Self::Person,
        }
    }
}

/// Somebody, with what an admin needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Its row.
    pub id: UserId,
    /// What others read.
    pub name: String,
    /// None: the system's own.
    pub email: Option<String>,
    /// How they sign in.
    pub kind: Kind,
    /// What the identity provider said when they last signed in.
    pub claim_roles: Roles,
    /// What an admin chose; counts where the claim says nothing.
    pub page_roles: Roles,
    /// None: active.
    pub deactivated_at: Option<DateTime<Utc>>,
    /// None: never yet.
    pub last_signed_in_at: Option<DateTime<Utc>>,
    /// Moves with each change.
    pub revision: i64,
    /// How many open sessions they have.
    pub open_sessions: i64,
    /// Who last chose roles for them, and when; none: nobody has.
    pub chosen: Option<(String, DateTime<Utc>)>,
}

impl Person {
    /// The roles that count.
    #[must_use]
    pub fn roles(&self) -> &Roles {
        if self.is_by_claim() {
            &self.claim_roles
        } else {
            &self.page_roles
        }
    }

    /// Whether the identity provider says what they are.
    #[must_use]
    pub fn is_by_claim(&self) -> bool {
        self.claim_roles.iter().next().is_some()
    }
}

/// What of the list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// In names and addresses; empty: everybody.
    pub search: String,
    /// Only the deactivated, or only the active; none: both.
    pub is_deactivated: Option<bool>,
    /// Only what comes after this name and row (paging).
    pub after: Option<(String, UserId)>,
}

struct Row {
    id: UserId,
    name: String,
    email: Option<String>,
    kind: String,
    claim_roles: Vec<String>,
    page_roles: Vec<String>,
    deactivated_at: Option<DateTime<Utc>>,
    last_signed_in_at: Option<DateTime<Utc>>,
    revision: i64,
    open_sessions: i64,
    chosen_by: Option<String>,
    chosen_at: Option<DateTime<Utc>>,
}

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            kind: Kind::from_key(&row.kind),
            claim_roles: roles(&row.claim_roles),
            page_roles: roles(&row.page_roles),
            deactivated_at: row.deactivated_at,
            last_signed_in_at: row.last_signed_in_at,
            revision: row.revision,
            open_sessions: row.open_sessions,
            chosen: row.chosen_by.zip(row.chosen_at),
        }
    }
}

/// People by name, a page at a time; the system's own aren't among them.
pub async fn list(conn: &mut PgConnection, asked: &Asked) -> sqlx::Result<Vec<Person>> {
    let (name, id) = asked
        .after
        .as_ref()
        .map(|(name, id)| (name.as_str(), *id))
        .unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"select u.id as "id: UserId", u.name, u.email, u.kind, u.claim_roles, u.page_roles, u.deactivated_at,
                  u.last_signed_in_at, u.revision,
                  (select count(*) from open_sessions o where o.user_id = u.id) as "open_sessions!",
                  c.name as "chosen_by?", c.at as "chosen_at?"
           from users u
           left join lateral (
             select by.name, c.at from change_log c join users by on by.id = c.actor_id
             where c.entity = 'person' and c.entity_id = u.id and c.field = 'page_roles' order by c.seq desc limit 1
           ) c on true
           where u.kind <> 'system' and (lower(u.name) like $1 or u.email like $1)
             and ($2::boolean is null or $2 = (u.deactivated_at is not null))
             and ($3::text is null or (lower(u.name), u.id) > ($3, $4::bigint))
           order by lower(u.name), u.id limit $5"#,
        pattern(&asked.search),
        asked.is_deactivated,
        name,
        id as Option<UserId>,
        PEOPLE_PAGE,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// A person by the row's number; the system's own is nobody.
pub async fn get(conn: &mut PgConnection, id: UserId) -> sqlx::Result<Option<Person>> {
    let row = sqlx::query_as!(
        Row,
        r#"select u.id as "id: UserId", u.name, u.email, u.kind, u.claim_roles, u.page_roles, u.deactivated_at,
                  u.last_signed_in_at, u.revision,
                  (select count(*) from open_sessions o where o.user_id = u.id) as "open_sessions!",
                  c.name as "chosen_by?", c.at as "chosen_at?"
           from users u
           left join lateral (
             select by.name, c.at from change_log c join users by on by.id = c.actor_id
             where c.entity = 'person' and c.entity_id = u.id and c.field = 'page_roles' order by c.seq desc limit 1
           ) c on true
           where u.kind <> 'system' and u.id = $1"#,
        id as UserId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Person::from))
}

/// Locks a person, and before them every active admin in one order, so that of two acts the later one sees who is left.
/// The admins' rows with how they sign in; the person is read afresh.
pub async fn lock_with_admins(
    conn: &mut PgConnection,
    id: UserId,
) -> sqlx::Result<(Vec<(UserId, Kind)>, Option<Person>)> {
    let admins = sqlx::query!(
        r#"select id as "id: UserId", kind from users
           where kind <> 'system' and deactivated_at is null and $1 = any(roles) order by id for update"#,
        Role::Admin.key(),
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "select id from users where id = $1 for update",
        id as UserId
    )
    .fetch_optional(&mut *conn)
    .await?;
    let admins = admins.into_iter();
    let admins = admins.map(|row| (row.id, Kind::from_key(&row.kind)));
    Ok((admins.collect(), get(conn, id).await?))
}

/// Adds somebody; none: the address is taken.
pub async fn insert(
    conn: &mut PgConnection,
    (name, email): (&str, &str),
    chosen: &Roles,
) -> sqlx::Result<Option<UserId>> {
    sqlx::query_scalar!(
        r#"insert into users (name, email, page_roles) values ($1, $2, $3)
           on conflict (email) do nothing returning id as "id: UserId""#,
        name,
        email,
        &keys(chosen),
    )
    .fetch_optional(conn)
    .await
}

/// Saves what an admin chose. The revision after it.
pub async fn save_roles(conn: &mut PgConnection, id: UserId, chosen: &Roles) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update users set page_roles = $2, revision = revision + 1 where id = $1 returning revision",
        id as UserId,
        &keys(chosen),
    )
    .fetch_one(conn)
    .await
}

/// Deactivates somebody, or takes that back. The revision after it.
pub async fn save_deactivated(
    conn: &mut PgConnection,
    id: UserId,
    at: Option<DateTime<Utc>>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update users set deactivated_at = $2, revision = revision + 1 where id = $1 returning revision",
        id as UserId,
        at,
    )
    .fetch_one(conn)
    .await
}

/// Roles as stored and as logged.
#[must_use]
pub fn keys(roles: &Roles) -> Vec<String> {
    roles.iter().map(|role| role.key().to_owned()).collect()
}
