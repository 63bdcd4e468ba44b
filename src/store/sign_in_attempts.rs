//! Sign-ins that were begun and wait for the provider's answer: each once, for a while, and for one browser. Times are
//! the database's own.

use sqlx::PgConnection;

/// How long the provider's pages may take, in minutes.
const MINUTES: i32 = 10;

/// What a sign-in was begun with.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Stands in the id token.
    pub nonce: String,
    /// Redeems the code.
    pub verifier: String,
    /// Where the person was going.
    pub return_path: String,
}

/// Keeps an attempt under the SHA-256 of its state and of the browser's secret.
pub async fn insert(
    conn: &mut PgConnection,
    (state, browser): (&[u8; 32], &[u8; 32]),
    attempt: &Attempt,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sign_in_attempts (state_hash, browser_hash, nonce, verifier, return_path)
         values ($1, $2, $3, $4, $5)",
        state.as_slice(),
        browser.as_slice(),
        attempt.nonce,
        attempt.verifier,
        attempt.return_path,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes an attempt: nobody can take it again. None: it was taken, is too old, or began in another browser, which leaves
/// it where it is.
pub async fn take(
    conn: &mut PgConnection,
    (state, browser): (&[u8; 32], &[u8; 32]),
) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as!(
        Attempt,
        "delete from sign_in_attempts
         where state_hash = $1 and browser_hash = $2 and created_at > now() - make_interval(mins => $3)
         returning nonce, verifier, return_path",
        state.as_slice(),
        browser.as_slice(),
        MINUTES,
    )
    .fetch_optional(conn)
    .await
}

/// Forgets attempts that are too old to be taken. How many.
pub async fn prune(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let pruned = sqlx::query!(
        "delete from sign_in_attempts where created_at <= now() - make_interval(mins => $1)",
        MINUTES,
    )
    .execute(conn)
    .await?;
    Ok(pruned.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestDb;

    #[tokio::test]
    async fn an_attempt_is_taken_once_in_time_and_by_its_browser() {
        let test = TestDb::new().await;
        let taken = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            let attempt = Attempt {
                nonce: "n".into(),
                verifier: "v".into(),
                return_path: "/backlog".into(),
            };
            for state in [1, 2] {
                insert(&mut tx, (&[state; 32], &[9; 32]), &attempt).await?;
            }
            sqlx::query("update sign_in_attempts set created_at = now() - interval '10 minutes' where state_hash = $1")
                .bind([2_u8; 32].as_slice())
                .execute(&mut *tx)
                .await?;
            Ok([
                take(&mut tx, (&[1; 32], &[8; 32])).await?.is_some(),
                take(&mut tx, (&[1; 32], &[9; 32])).await?.is_some(),
                take(&mut tx, (&[1; 32], &[9; 32])).await?.is_some(),
                take(&mut tx, (&[2; 32], &[9; 32])).await?.is_some(),
                prune(&mut tx).await? == 1,
            ])
        });
        assert_eq!(taken.await.unwrap(), [false, true, false, false, true]);
    }
}
