//! What is set for the LLM: one row for everybody. What it means is in [`crate::domain::llm_request`].

use crate::domain::{llm_request::Use, llm_settings::LlmSettings};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

struct Row {
    is_configured: bool,
    calls_a_day: i32,
    tokens_a_day: i64,
    calls_a_person: i32,
    tokens_a_person: i64,
    suggests_by_itself: bool,
    look_every_minutes: i32,
    revision: i64,
}

impl From<Row> for LlmSettings {
    fn from(row: Row) -> Self {
        Self {
            is_configured: row.is_configured,
            cap: Use {
                calls: row.calls_a_day,
                tokens: row.tokens_a_day,
            },
            person_cap: Use {
                calls: row.calls_a_person,
                tokens: row.tokens_a_person,
            },
            suggests_by_itself: row.suggests_by_itself,
            look_every_minutes: row.look_every_minutes,
            revision: row.revision,
        }
    }
}

/// The settings as they are.
pub async fn get(conn: &mut PgConnection) -> sqlx::Result<LlmSettings> {
    let row = sqlx::query_as!(
        Row,
        "select is_configured, calls_a_day, tokens_a_day, calls_a_person, tokens_a_person, suggests_by_itself,
           look_every_minutes, revision from llm_settings"
    );
    row.fetch_one(conn).await.map(Into::into)
}

/// The settings as they are, until the transaction ends nobody else's: whoever asks the LLM for something queues here, so
/// that no two count the same budget.
pub async fn lock(tx: &mut PgConnection) -> sqlx::Result<LlmSettings> {
    let row = sqlx::query_as!(
        Row,
        "select is_configured, calls_a_day, tokens_a_day, calls_a_person, tokens_a_person, suggests_by_itself,
           look_every_minutes, revision from llm_settings for no key update"
    );
    row.fetch_one(tx).await.map(Into::into)
}

/// Saves what people set; the new revision.
pub async fn save(tx: &mut PgConnection, new: &LlmSettings) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update llm_settings set calls_a_day = $1, tokens_a_day = $2, calls_a_person = $3, tokens_a_person = $4,
           suggests_by_itself = $5, look_every_minutes = $6, revision = revision + 1 returning revision",
        new.cap.calls,
        new.cap.tokens,
        new.person_cap.calls,
        new.person_cap.tokens,
        new.suggests_by_itself,
        new.look_every_minutes,
    )
    .fetch_one(tx)
    .await
}

/// Notes whether the app that starts has an endpoint, so that whatever writes knows it without being told.
pub async fn note_endpoint(conn: &mut PgConnection, is_configured: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "update llm_settings set is_configured = $1 where is_configured <> $1",
        is_configured
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether it is time to look for models that nobody has asked about, and it is this process that looks.
pub async fn take_look(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "update llm_settings set looked_at = $1::timestamptz
         where is_configured and suggests_by_itself
           and (looked_at is null or looked_at <= $1::timestamptz - make_interval(mins => look_every_minutes))",
        now
    )
    .execute(conn)
    .await?;
    Ok(taken.rows_affected() == 1)
}
