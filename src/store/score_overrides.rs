//! Overrides of scores: inserted, ended, never changed. The database itself allows one live override per initiative
//! and framework.

use super::types::impossible;
use crate::domain::{
    ids::{FrameworkId, InitiativeId, OverrideId, ScoreId, UserId},
    param::Number,
    score_override::{End, Ended, Figures, ScoreOverride, Terms},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// An override that nobody has ended, with what the framework gives by itself today.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenOverride {
    /// Of which framework's score.
    pub framework_id: FrameworkId,
    /// The override; its last day may have passed.
    pub over: ScoreOverride,
    /// The framework's own figures.
    pub own: Figures,
}

/// An override to be.
#[derive(Clone, Debug)]
pub struct NewOverride<'a> {
    /// Whose score.
    pub initiative: InitiativeId,
    /// By which framework.
    pub framework: FrameworkId,
    /// What it says.
    pub terms: &'a Terms,
    /// The framework's last score; none: never scored.
    pub own_score: Option<ScoreId>,
    /// Where that stands: `not_ready`, `approved` or `stale`.
    pub own_status: &'a str,
}

/// Records an override. The one before must have been ended.
pub async fn insert(
    conn: &mut PgConnection,
    new: &NewOverride<'_>,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<OverrideId> {
    let digits = |number: &Option<Number>| number.as_ref().map(|n| n.decimal().to_owned());
    sqlx::query_scalar!(
        r#"insert into score_overrides (initiative_id, framework_id, value, overall, value_unit, reason, set_by, set_at,
             last_day, expires_at, own_score_id, own_status)
           values ($1, $2, $3::text::numeric, $4::text::numeric, $5, $6, $7, $8, $9, $10, $11, $12)
           returning id as "id: OverrideId""#,
        new.initiative as InitiativeId,
        new.framework as FrameworkId,
        digits(&new.terms.value),
        digits(&new.terms.overall),
        new.terms.unit,
        new.terms.reason,
        by as UserId,
        now,
        new.terms.last_day,
        new.terms.expires_at(),
        new.own_score as Option<ScoreId>,
        new.own_status,
    )
    .fetch_one(conn)
    .await
}

/// Ends an override; whether nobody had ended it before.
pub async fn end(
    conn: &mut PgConnection,
    id: OverrideId,
    how: End,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let ended = sqlx::query!(
        "update score_overrides set ended_at = $2, ended_by = $3, ended_how = $4 where id = $1 and ended_at is null",
        id as OverrideId,
        now,
        by as UserId,
        how.key(),
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() > 0)
}

/// The overrides of an initiative that nobody has ended, one a framework at most. Whether each holds now is asked of
/// the override.
pub async fn open(
    conn: &mut PgConnection,
    initiative: InitiativeId,
) -> sqlx::Result<Vec<OpenOverride>> {
    let rows = sqlx::query!(
        r#"select o.id as "id: OverrideId", o.framework_id as "framework_id: FrameworkId",
             trim_scale(o.value)::text as value, trim_scale(o.overall)::text as overall, o.value_unit, o.reason,
             u.name as by_name, o.set_at, o.last_day,
             s.value as "own_value?", s.overall as "own_overall?", s.value_unit as "own_unit?",
             case when s.id is null then unscored_effort(o.initiative_id, o.framework_id) else s.effort end
               as "own_effort?"
           from score_overrides o join users u on u.id = o.set_by
           left join initiative_frameworks f on f.initiative_id = o.initiative_id and f.framework_id = o.framework_id
           left join scores s on s.id = f.score_id
           where o.initiative_id = $1 and o.ended_at is null order by o.id"#,
        initiative as InitiativeId,
    )
    .fetch_all(conn)
    .await?;
    let open = rows.into_iter().map(|row| OpenOverride {
        framework_id: row.framework_id,
        over: ScoreOverride {
            id: row.id,
            terms: terms(
                row.value,
                row.overall,
                row.value_unit,
                row.reason,
                row.last_day,
            ),
            by_name: row.by_name,
            at: row.set_at,
            ended: None,
        },
        own: Figures {
            value: row.own_value,
            effort: row.own_effort,
            overall: row.own_overall,
            unit: row.own_unit.unwrap_or_default(),
        },
    });
    Ok(open.collect())
}

/// What an override says, from its columns.
pub(super) fn terms(
    value: Option<String>,
    overall: Option<String>,
    unit: String,
    reason: String,
    last_day: Option<NaiveDate>,
) -> Terms {
    Terms {
        value: value.map(Number::from_decimal),
        overall: overall.map(Number::from_decimal),
        unit,
        reason,
        last_day,
    }
}

/// The initiatives that have overrides whose last day has passed and that nobody has ended, in the order of locking.
pub async fn expired(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<InitiativeId>> {
    sqlx::query_scalar!(
        r#"select distinct initiative_id as "id: InitiativeId" from score_overrides
           where ended_at is null and expires_at <= $1 order by 1 limit 100"#,
        now,
    )
    .fetch_all(conn)
    .await
}

/// Everything the receipt of an override shows.
#[derive(Clone, Debug)]
pub struct OverrideReceipt {
    /// Whose score.
    pub initiative_id: InitiativeId,
    /// The initiative's key.
    pub initiative_key: String,
    /// Its title today.
    pub initiative_title: String,
    /// By which framework.
    pub framework_id: FrameworkId,
    /// The framework's name.
    pub framework_name: String,
    /// The active framework's name today; none: there is none.
    pub active_name: Option<String>,
    /// The override.
    pub over: ScoreOverride,
    /// The score it was put in the place of; none: there was none.
    pub then_score: Option<ScoreId>,
    /// How that stood: `not_ready`, `approved` or `stale`.
    pub then_status: String,
    /// The framework's own figures then.
    pub then: Figures,
    /// The framework's score today; none: there is none.
    pub now_score: Option<ScoreId>,
    /// How that stands.
    pub now_status: String,
    /// The framework's own figures today.
    pub now: Figures,
    /// The override that came after it, if another did.
    pub next: Option<OverrideId>,
}

/// An override with everything its receipt shows.
pub async fn get_receipt(
    conn: &mut PgConnection,
    id: OverrideId,
) -> sqlx::Result<Option<OverrideReceipt>> {
    let row = sqlx::query!(
        r#"select o.initiative_id as "initiative_id: InitiativeId", i.key, i.title,
             o.framework_id as "framework_id: FrameworkId", k.name as framework_name, a.name as "active_name?",
             trim_scale(o.value)::text as value, trim_scale(o.overall)::text as overall, o.value_unit, o.reason,
             u.name as by_name, o.set_at, o.last_day, o.ended_at, o.ended_how, e.name as "ended_by?",
             o.own_status, t.id as "then_id?: ScoreId", t.value as "then_value?", t.effort as "then_effort?",
             t.overall as "then_overall?", t.value_unit as "then_unit?",
             f.status as "now_status?", s.id as "now_id?: ScoreId", s.value as "now_value?", s.overall as "now_overall?",
             s.value_unit as "now_unit?",
             case when s.id is null then unscored_effort(o.initiative_id, o.framework_id) else s.effort end
               as "now_effort?",
             (select min(n.id) from score_overrides n where n.initiative_id = o.initiative_id
               and n.framework_id = o.framework_id and n.id > o.id) as "next?: OverrideId"
           from score_overrides o join initiatives i on i.id = o.initiative_id
           join frameworks k on k.id = o.framework_id left join frameworks a on a.id = i.active_framework_id
           join users u on u.id = o.set_by left join users e on e.id = o.ended_by
           left join scores t on t.id = o.own_score_id
           left join initiative_frameworks f on f.initiative_id = o.initiative_id and f.framework_id = o.framework_id
           left join scores s on s.id = f.score_id
           where o.id = $1"#,
        id as OverrideId,
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let ended = match (row.ended_how, row.ended_by, row.ended_at) {
        (Some(how), Some(by_name), Some(at)) => {
            let how = End::from_key(&how);
            let how = how.ok_or_else(|| impossible("score_overrides", "ended_how", id.0))?;
            Some(Ended { how, by_name, at })
        }
        _ => None,
    };
    Ok(Some(OverrideReceipt {
        initiative_id: row.initiative_id,
        initiative_key: row.key,
        initiative_title: row.title,
        framework_id: row.framework_id,
        framework_name: row.framework_name,
        active_name: row.active_name,
        over: ScoreOverride {
            id,
            terms: terms(
                row.value,
                row.overall,
                row.value_unit,
                row.reason,
                row.last_day,
            ),
            by_name: row.by_name,
            at: row.set_at,
            ended,
        },
        then_score: row.then_id,
        then_status: row.own_status,
        then: Figures {
            value: row.then_value,
            effort: row.then_effort,
            overall: row.then_overall,
            unit: row.then_unit.unwrap_or_default(),
        },
        now_score: row.now_id,
        now_status: row.now_status.unwrap_or_else(|| "not_ready".to_owned()),
        now: Figures {
            value: row.now_value,
            effort: row.now_effort,
            overall: row.now_overall,
            unit: row.now_unit.unwrap_or_default(),
        },
        next: row.next,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        store::{Db, frameworks, initiatives, scores},
        testing::TestDb,
    };

    const BY: UserId = UserId(1);

    fn terms_of(value: &str, last_day: Option<NaiveDate>) -> Terms {
        let value = Some(value.to_owned());
        terms(value, None, "£".to_owned(), "Because".to_owned(), last_day)
    }

    /// An initiative on RICE, not scored yet.
    async fn on_rice(db: &Db) -> (InitiativeId, FrameworkId) {
        let made = db.transaction(async move |mut tx| -> sqlx::Result<_> {
            let key = "INIT-1".parse().unwrap();
            let at = DateTime::UNIX_EPOCH;
            let id = initiatives::insert(&mut tx, &key, "One", BY, at).await?;
            let rice = frameworks::list(&mut tx).await?.remove(1).id;
            let id = id.unwrap();
            scores::turn_on(&mut tx, id, rice).await?;
            Ok((id, rice))
        });
        made.await.unwrap()
    }

    async fn set(
        db: &Db,
        (initiative, framework): (InitiativeId, FrameworkId),
        terms: Terms,
    ) -> sqlx::Result<OverrideId> {
        db.transaction(async move |mut tx| {
            let new = NewOverride {
                initiative,
                framework,
                terms: &terms,
                own_score: None,
                own_status: "not_ready",
            };
            insert(&mut tx, &new, BY, DateTime::UNIX_EPOCH).await
        })
        .await
    }

    #[tokio::test]
    async fn a_framework_of_an_initiative_has_one_live_override_and_digits_are_kept() {
        let test = TestDb::new().await;
        let on = on_rice(&test.db).await;
        let id = set(&test.db, on, terms_of("0.10", None)).await.unwrap();
        let second = set(&test.db, on, terms_of("2", None)).await.unwrap_err();
        assert!(second.as_database_error().unwrap().is_unique_violation());
        let read = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            let found = open(&mut tx, on.0).await?;
            let ended = end(&mut tx, id, End::Withdrawn, BY, DateTime::UNIX_EPOCH).await?;
            let again = end(&mut tx, id, End::Replaced, BY, DateTime::UNIX_EPOCH).await?;
            Ok((found, ended, again, open(&mut tx, on.0).await?))
        });
        let (found, ended, again, left) = read.await.unwrap();
        assert_eq!(found[0].over.terms, terms_of("0.1", None));
        assert!(ended && !again && left.is_empty());
        set(&test.db, on, terms_of("2", None)).await.unwrap();
    }

    #[tokio::test]
    async fn an_override_can_only_be_ended() {
        let test = TestDb::new().await;
        let on = on_rice(&test.db).await;
        set(&test.db, on, terms_of("1", None)).await.unwrap();
        let refused = async |sql: &'static str| {
            let done = test
                .db
                .transaction(async move |mut tx| sqlx::query(sql).execute(&mut *tx).await);
            let code = done.await.unwrap_err();
            code.as_database_error()
                .unwrap()
                .code()
                .unwrap()
                .into_owned()
        };
        for sql in [
            "update score_overrides set value = 2",
            "update score_overrides set reason = 'Another'",
            "update score_overrides set last_day = '2026-12-01', expires_at = '2026-12-02'",
            "delete from score_overrides",
            "truncate score_overrides",
        ] {
            assert_eq!(refused(sql).await, "23001", "{sql}");
        }
        let ended =
            "update score_overrides set ended_at = now(), ended_by = 1, ended_how = 'expired'";
        let done = test
            .db
            .transaction(async move |mut tx| sqlx::query(ended).execute(&mut *tx).await);
        done.await.unwrap();
        assert_eq!(refused(ended).await, "23001", "ended once");
    }

    #[tokio::test]
    async fn what_has_expired_is_found_from_the_end_of_its_last_day_on() {
        let test = TestDb::new().await;
        let on = on_rice(&test.db).await;
        let day = NaiveDate::from_ymd_opt(2026, 12, 1);
        set(&test.db, on, terms_of("1", day)).await.unwrap();
        for (now, found) in [
            ("2026-12-01T23:59:59Z", vec![]),
            ("2026-12-02T00:00:00Z", vec![on.0]),
        ] {
            let now = now.parse().unwrap();
            let read = test
                .db
                .read(async move |mut conn| expired(&mut conn, now).await);
            assert_eq!(read.await.unwrap(), found);
        }
    }
}
