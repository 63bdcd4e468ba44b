//! What an import asks of the database beyond the acts it does: its turn, and that a row it refuses leaves nothing.

use sqlx::PgConnection;

/// The advisory lock of imports ("import" in ASCII).
const TURN: i64 = 0x0069_6d70_6f72_7400;

/// Waits until no other import is going on, and keeps the turn for the rest of the transaction: two imports that lock
/// the same initiatives in another order would end each other.
pub async fn wait_for_turn(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1) as turn", TURN)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes the turn if no import is going on; whether it was free.
pub async fn try_turn(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock($1) as "is_free!""#,
        TURN
    )
    .fetch_one(conn)
    .await
}

/// Begins a rehearsal of a whole file, which will be undone.
pub async fn begin_rehearsal(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("savepoint import_rehearsal")
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends the rehearsal: nothing of it is left.
pub async fn undo_rehearsal(conn: &mut PgConnection) -> sqlx::Result<()> {
    let undo = "rollback to savepoint import_rehearsal; release savepoint import_rehearsal";
    sqlx::raw_sql(undo).execute(conn).await?;
    Ok(())
}

/// Begins a row, which can be undone by itself.
pub async fn begin_row(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("savepoint import_row").execute(conn).await?;
    Ok(())
}

/// Ends a row that stands.
pub async fn keep_row(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("release savepoint import_row")
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a row that leaves nothing, even after a statement of it failed.
pub async fn undo_row(conn: &mut PgConnection) -> sqlx::Result<()> {
    let undo = "rollback to savepoint import_row; release savepoint import_row";
    sqlx::raw_sql(undo).execute(conn).await?;
    Ok(())
}

/// Whether the database refused what a row says (a constraint, a number out of its range) rather than failed: then
/// only that row isn't taken.
#[must_use]
pub fn is_refusal(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}
