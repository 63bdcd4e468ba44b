//! The people as a file: what is filtered, by name, all of it.

use super::page::Asked;
use crate::{
    domain::{ids::UserId, rights::Act},
    store::people::{self, PEOPLE_PAGE, Person},
    web::{
        download::{self, Cell, Table},
        error::WebError,
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use sqlx::PgConnection;

/// GET /people.csv, /people.xlsx
pub async fn export(
    visit: Visit,
    asked: Query<Asked>,
    ending: Path<String>,
) -> Result<HttpResponse, WebError> {
    let of = people::Asked {
        after: None,
        ..asked.read()
    };
    // The same columns as on the page.
    let width = if visit.may(Act::ManagePeople).is_ok() {
        HEADERS.len()
    } else {
        HEADERS.len() - FOR_ADMINS
    };
    let row = move |person: &Person| cells(person).into_iter().take(width).collect();
    download::serve(
        &visit,
        &ending,
        async move |mut conn| all(&mut conn, of).await,
        move |found| {
            Table::new(
                "people",
                HEADERS[..width].iter().copied(),
                found.iter().map(row),
            )
        },
    )
    .await
}

/// All that are asked for, page by page.
async fn all(conn: &mut PgConnection, mut of: people::Asked) -> sqlx::Result<Vec<Person>> {
    let mut all = Vec::new();
    loop {
        let found = people::list(&mut *conn, &of).await?;
        let is_full = i64::try_from(found.len()).is_ok_and(|count| count >= PEOPLE_PAGE);
        of.after = found.last().filter(|_| is_full).map(place);
        all.extend(found);
        if of.after.is_none() {
            return Ok(all);
        }
    }
}

fn place(last: &Person) -> (String, UserId) {
    (last.name.to_lowercase(), last.id)
}

const HEADERS: [&str; 7] = [
    "Name",
    "E-mail",
    "Roles",
    "From the identity provider",
    "Deactivated (UTC)",
    "Last signed in (UTC)",
    "Open sessions",
];
/// How many columns at the end only admins see.
const FOR_ADMINS: usize = 2;

fn cells(person: &Person) -> Vec<Cell> {
    let is_by_claim = if person.is_by_claim() { "yes" } else { "no" };
    vec![
        Cell::text(&person.name),
        Cell::text(person.email.clone().unwrap_or_default()),
        Cell::text(person.roles().to_string()),
        Cell::text(is_by_claim),
        person.deactivated_at.map_or(Cell::Blank, Cell::moment),
        person.last_signed_in_at.map_or(Cell::Blank, Cell::moment),
        Cell::count(Some(person.open_sessions)),
    ]
}
