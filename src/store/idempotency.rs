//! A form sent twice takes effect once: its key is used up by the transaction that does the act, and by no other.

use crate::domain::ids::UserId;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// A form as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentForm {
    /// Its key, a UUID, new with every rendering.
    pub key: String,
    /// Where it was sent to.
    pub route: String,
    /// What was sent, SHA-256.
    pub body_sha256: [u8; 32],
}

/// What a key says about an act that is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody used the key: the act is this transaction's.
    First,
    /// The very same form was taken before; it must not take effect again.
    Again,
    /// The key was used for something else: this is another act, which stands on its own.
    Another,
}

/// Uses the key up, as part of the transaction. Whoever sends the same form meanwhile waits here for its end; if it
/// is rolled back, the key is as good as new.
pub async fn claim(
    conn: &mut PgConnection,
    form: &SentForm,
    person: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Claim> {
    let claimed = sqlx::query!(
        "insert into idempotency (key, person_id, route, body_sha256, outcome, at)
         values ($1::text::uuid, $2, $3, $4, $5, $6) on conflict (key) do nothing",
        form.key,
        person as UserId,
        form.route,
        &form.body_sha256[..],
        // Answers are rendered afresh from the rows as they are, so nothing more needs keeping.
        json!({ "done": true }),
        now,
    )
    .execute(&mut *conn)
    .await?;
    if claimed.rows_affected() > 0 {
        return Ok(Claim::First);
    }
    Ok(match is_used_by(conn, form, person).await? {
        Some(true) => Claim::Again,
        _ => Claim::Another,
    })
}

/// Whether this very form was taken from this person before (`true`) or its key used for something else (`false`);
/// none: the key is as good as new.
pub async fn is_used_by(
    conn: &mut PgConnection,
    form: &SentForm,
    person: UserId,
) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar!(
        r#"select person_id = $2 and route = $3 and body_sha256 = $4 as "is_same!"
           from idempotency where key = $1::text::uuid"#,
        form.key,
        person as UserId,
        form.route,
        &form.body_sha256[..],
    )
    .fetch_optional(conn)
    .await
}

/// Forgets keys older than a day: no browser sends a form again that late. How many.
pub async fn prune(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let pruned = sqlx::query!("delete from idempotency where at < now() - interval '24 hours'")
        .execute(conn)
        .await?;
    Ok(pruned.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestDb;

    fn form(key: u8, body: u8) -> SentForm {
        SentForm {
            key: format!("00000000-0000-4000-8000-0000000000{key:02x}"),
            route: "/params/1/fields/value".into(),
            body_sha256: [body; 32],
        }
    }

    #[tokio::test]
    async fn a_key_is_first_then_again_and_with_another_body_another_act() {
        let test = TestDb::new().await;
        let claims = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            let (by, now) = (UserId(1), DateTime::UNIX_EPOCH);
            Ok([
                claim(&mut tx, &form(1, 1), by, now).await?,
                claim(&mut tx, &form(1, 1), by, now).await?,
                claim(&mut tx, &form(1, 2), by, now).await?,
                claim(&mut tx, &form(2, 1), by, now).await?,
            ])
        });
        let expected = [Claim::First, Claim::Again, Claim::Another, Claim::First];
        assert_eq!(claims.await.unwrap(), expected);
    }

    #[tokio::test]
    async fn a_rolled_back_act_leaves_its_key_unused() {
        let test = TestDb::new().await;
        let (by, now) = (UserId(1), DateTime::UNIX_EPOCH);
        let refused: sqlx::Result<()> = test
            .db
            .transaction(async move |mut tx| {
                claim(&mut tx, &form(1, 1), by, now).await?;
                Err(sqlx::Error::RowNotFound)
            })
            .await;
        assert!(refused.is_err());
        let second = test
            .db
            .transaction(async move |mut tx| claim(&mut tx, &form(1, 1), by, now).await);
        assert_eq!(second.await.unwrap(), Claim::First);
    }

    #[tokio::test]
    async fn keys_of_yesterday_are_forgotten() {
        let test = TestDb::new().await;
        let pruned = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            claim(&mut tx, &form(1, 1), UserId(1), DateTime::UNIX_EPOCH).await?;
            prune(&mut tx).await
        });
        assert_eq!(pruned.await.unwrap(), 1);
    }
}
