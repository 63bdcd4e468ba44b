//! People and their roles.

use crate::domain::{
    amount::DecimalSeparator,
    ids::UserId,
    rights::{Role, Roles},
};
use sqlx::PgConnection;

/// Somebody who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its row.
    pub id: UserId,
    /// What others read.
    pub name: String,
    /// None: the system's own.
    pub email: Option<String>,
    /// What they are to the product.
    pub roles: Roles,
    /// IANA name, for display.
    pub time_zone: String,
    /// How they write numbers.
    pub decimal_separator: DecimalSeparator,
}

/// One of the sample people of local sign-in.
#[derive(Clone, Copy, Debug)]
pub struct SamplePerson {
    /// Unique.
    pub email: &'static str,
    /// What others read.
    pub name: &'static str,
    /// Each has one, so that rights can be tried.
    pub role: Role,
}

/// One person for each role.
pub const SAMPLE_PEOPLE: [SamplePerson; 6] = [
    SamplePerson {
        email: "priya@example.com",
        name: "Priya Nair",
        role: Role::Pm,
    },
    SamplePerson {
        email: "anders@example.com",
        name: "Anders Holm",
        role: Role::Analytics,
    },
    SamplePerson {
        email: "fiona@example.com",
        name: "Fiona Grant",
        role: Role::Finance,
    },
    SamplePerson {
        email: "enzo@example.com",
        name: "Enzo Ricci",
        role: Role::Eng,
    },
    SamplePerson {
        email: "vera@example.com",
        name: "Vera Lund",
        role: Role::Viewer,
    },
    SamplePerson {
        email: "ada@example.com",
        name: "Ada Okafor",
        role: Role::Admin,
    },
];

/// The habit of that name, which the table lets in by its check alone.
pub(super) fn separator(key: &str) -> DecimalSeparator {
    DecimalSeparator::from_key(key).unwrap_or_default()
}

/// From now on they write numbers so.
pub async fn set_decimal_separator(
    conn: &mut PgConnection,
    id: UserId,
    separator: DecimalSeparator,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set decimal_separator = $2 where id = $1",
        id as UserId,
        separator.key(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) fn roles(keys: &[String]) -> Roles {
    Roles::new(keys.iter().filter_map(|key| key.parse().ok()))
}

/// Makes the sample people; those who are there stay as they are.
pub async fn insert_sample_people(conn: &mut PgConnection) -> sqlx::Result<()> {
    for person in SAMPLE_PEOPLE {
        sqlx::query!(
            "insert into users (email, name, page_roles, kind) values ($1, $2, array[$3], 'sample')
             on conflict (email) do nothing",
            person.email,
            person.name,
            person.role.key(),
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// The sample people, in the order of [`SAMPLE_PEOPLE`].
pub async fn list_sample_people(conn: &mut PgConnection) -> sqlx::Result<Vec<User>> {
    let rows = sqlx::query!(
        r#"select id as "id: UserId", name, email, roles, time_zone, decimal_separator from users
           where kind = 'sample' and deactivated_at is null order by id"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| User {
            id: row.id,
            name: row.name,
            email: row.email,
            roles: roles(&row.roles),
            time_zone: row.time_zone,
            decimal_separator: separator(&row.decimal_separator),
        })
        .collect())
}

/// The person with that address.
pub async fn get_by_email(conn: &mut PgConnection, email: &str) -> sqlx::Result<Option<User>> {
    let row = sqlx::query!(
        r#"select id as "id: UserId", name, email, roles, time_zone, decimal_separator from users
           where email = $1 and deactivated_at is null"#,
        email.to_lowercase(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| User {
        id: row.id,
        name: row.name,
        email: row.email,
        roles: roles(&row.roles),
        time_zone: row.time_zone,
        decimal_separator: separator(&row.decimal_separator),
    }))
}

/// In whose name the app writes what the LLM said.
pub async fn get_llm(conn: &mut PgConnection) -> sqlx::Result<User> {
    let row = sqlx::query!(
        r#"select id as "id: UserId", name, time_zone, decimal_separator from users
           where kind = 'system' and name = 'The LLM' order by id limit 1"#
    )
    .fetch_one(conn)
    .await?;
    Ok(User {
        id: row.id,
        name: row.name,
        email: None,
        roles: Roles::default(),
        time_zone: row.time_zone,
        decimal_separator: separator(&row.decimal_separator),
    })
}

/// The command line's own actor, which acts as an admin.
pub async fn get_system(conn: &mut PgConnection) -> sqlx::Result<User> {
    let row = sqlx::query!(
        r#"select id as "id: UserId", name, roles, time_zone, decimal_separator from users
           where kind = 'system' order by id limit 1"#
    )
    .fetch_one(conn)
    .await?;
    Ok(User {
        id: row.id,
        name: row.name,
        email: None,
        roles: roles(&row.roles),
        time_zone: row.time_zone,
        decimal_separator: separator(&row.decimal_separator),
    })
}
