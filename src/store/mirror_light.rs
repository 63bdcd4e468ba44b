//! How the mirror stands, in a word, for the top bar of every page. Looked at beside the requests: a page prints what was
//! seen last and asks nobody.

use crate::domain::mirror_mode::Mode;
use sqlx::PgConnection;
use std::sync::{Arc, PoisonError, RwLock};

/// How the mirror stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Light {
    /// It hasn't looked yet.
    #[default]
    Starting,
    /// It does nothing, as an admin wants.
    Off,
    /// The same for a while.
    Paused,
    /// The last run failed.
    Failing,
    /// Nothing is written until an admin decides.
    Asks,
    /// It looks and writes nothing.
    Observing,
    /// It writes, but the sheet has no column that says which scores are approved.
    Gap,
    /// The sheet shows what the app says, or is about to.
    InStep,
}

/// The light as this process saw it last.
#[derive(Clone, Debug, Default)]
pub struct MirrorLight(Arc<RwLock<Light>>);

impl MirrorLight {
    /// Looks anew. The mode is what holds while no admin has chosen one.
    pub async fn refresh(&self, conn: &mut PgConnection, initial: Mode) -> sqlx::Result<()> {
        let light = look(conn, initial).await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = light;
        Ok(())
    }

    /// As it was seen last.
    #[must_use]
    pub fn seen(&self) -> Light {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look(conn: &mut PgConnection, initial: Mode) -> sqlx::Result<Light> {
    let row = sqlx::query!(
        r#"select mode, coalesce(paused_until > now(), false) as "is_paused!",
             last_error is not null as "is_failing!", held is not null as "is_held!",
             last_ok is not null as "has_looked!",
             coalesce(state->'missing' ? 'score_status', false) and not ('no_status' = any(confirmed)) as "has_gap!"
           from mirror_target"#
    );
    let Some(row) = row.fetch_optional(conn).await? else {
        return Ok(Light::Starting);
    };
    let chosen = row.mode.and_then(|mode| mode.parse().ok());
    let mode = chosen.unwrap_or(initial);
    Ok(match mode {
        _ if row.is_paused => Light::Paused,
        Mode::Off => Light::Off,
        _ if row.is_failing => Light::Failing,
        _ if row.is_held => Light::Asks,
        _ if !row.has_looked => Light::Starting,
        Mode::Observe => Light::Observing,
        Mode::Write if row.has_gap => Light::Gap,
        Mode::Write => Light::InStep,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestDb;

    #[tokio::test]
    async fn the_light_follows_what_the_mirror_met_and_what_was_decided() {
        let test = TestDb::new().await;
        let light = MirrorLight::default();
        let seen = async |sql: &'static str| {
            let kept = light.clone();
            let look = test.db.write(async move |mut conn| -> sqlx::Result<_> {
                sqlx::raw_sql(sql).execute(&mut *conn).await?;
                kept.refresh(&mut conn, Mode::Write).await
            });
            look.await.unwrap();
            light.seen()
        };
        assert_eq!(seen("select 1").await, Light::Starting);
        let begun = "insert into mirror_target (id, kind, address) values (1, 'google', '1aB')";
        assert_eq!(seen(begun).await, Light::Starting);
        for (sql, expected) in [
            ("update mirror_target set last_ok = now()", Light::InStep),
            (
                r#"update mirror_target set state = '{"missing": ["score_status"]}'"#,
                Light::Gap,
            ),
            (
                "update mirror_target set confirmed = '{no_status}'",
                Light::InStep,
            ),
            (
                "update mirror_target set mode = 'observe'",
                Light::Observing,
            ),
            (
                r#"update mirror_target set held = '{"token": "x", "sentence": "x"}'"#,
                Light::Asks,
            ),
            (
                "update mirror_target set last_error = 'x', failing_since = now()",
                Light::Failing,
            ),
            ("update mirror_target set mode = 'off'", Light::Off),
            (
                "update mirror_target set paused_until = now() + interval '1 hour'",
                Light::Paused,
            ),
        ] {
            assert_eq!(seen(sql).await, expected, "{sql}");
        }
    }
}
