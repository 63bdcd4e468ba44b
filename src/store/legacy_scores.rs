//! Scores that came in with a workbook. One stands for an initiative at most, and shows only while the active framework
//! has no score of its own; lists join it themselves by that rule.

use crate::domain::{
    ids::{InitiativeId, UserId},
    legacy_score::{Figures, LegacyScore},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// From a list's columns: who and when, and the digits of value, effort and overall; none: there is none.
pub(super) fn read(
    by_name: Option<String>,
    at: Option<DateTime<Utc>>,
    digits: [Option<String>; 3],
) -> Option<LegacyScore> {
    let digits = digits.map(Option::unwrap_or_default);
    Some(LegacyScore {
        figures: Figures::of_digits(digits.each_ref().map(String::as_str)),
        by_name: by_name?,
        at: at?,
    })
}

/// A score that stands from now on. The one before must have ended.
pub async fn insert(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    figures: &Figures,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let [value, effort, overall] = figures.digits();
    sqlx::query!(
        "insert into legacy_scores (initiative_id, value, effort, overall, imported_by, imported_at)
         values ($1, nullif($2, '')::numeric, nullif($3, '')::numeric, nullif($4, '')::numeric, $5, $6)",
        initiative as InitiativeId,
        value,
        effort,
        overall,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The one that stands, if any, stands no more.
pub async fn end(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update legacy_scores set ended_by = $2, ended_at = $3 where initiative_id = $1 and ended_at is null",
        initiative as InitiativeId,
        by as UserId,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The latest that said this stands again, with who brought it in; whether there was one.
pub async fn reopen(
    conn: &mut PgConnection,
    initiative: InitiativeId,
    figures: &Figures,
) -> sqlx::Result<bool> {
    let [value, effort, overall] = figures.digits();
    let reopened = sqlx::query!(
        "update legacy_scores set ended_by = null, ended_at = null where id = (
           select max(id) from legacy_scores where initiative_id = $1 and ended_at is not null
             and value is not distinct from nullif($2, '')::numeric
             and effort is not distinct from nullif($3, '')::numeric
             and overall is not distinct from nullif($4, '')::numeric)",
        initiative as InitiativeId,
        value,
        effort,
        overall,
    )
    .execute(conn)
    .await?;
    Ok(reopened.rows_affected() > 0)
}

/// Whether a score of the initiative was ever recorded or set here: then what a sheet says of it may be our own.
pub async fn is_scored_here(
    conn: &mut PgConnection,
    initiative: InitiativeId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from scores where initiative_id = $1)
             or exists (select from score_overrides where initiative_id = $1) as "is_scored!""#,
        initiative as InitiativeId,
    )
    .fetch_one(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{store::initiatives, testing::TestDb};

    #[tokio::test]
    async fn one_stands_at_most_and_what_ended_stands_again_as_it_came_in() {
        let test = TestDb::new().await;
        let at =
            |day: u32| -> DateTime<Utc> { format!("2026-12-{day:02}T00:00:00Z").parse().unwrap() };
        let done = test.db.transaction(async move |mut tx| -> sqlx::Result<_> {
            let key = "INIT-1".parse().unwrap();
            let me = UserId(1);
            let id = initiatives::insert(&mut tx, &key, "One", me, at(1))
                .await?
                .unwrap();
            let (one, two) = (
                Figures::of_digits(["3840.5", "", "480"]),
                Figures::of_digits(["12", "3", "4"]),
            );
            insert(&mut tx, id, &one, me, at(1)).await?;
            end(&mut tx, id, me, at(2)).await?;
            assert!(!reopen(&mut tx, id, &two).await?);
            insert(&mut tx, id, &two, me, at(3)).await?;
            let stands = |of: crate::domain::initiative::Initiative| of.legacy.unwrap();
            let found = initiatives::get(&mut tx, &key).await?.unwrap();
            assert_eq!(stands(found).figures, two);
            end(&mut tx, id, me, at(4)).await?;
            assert!(reopen(&mut tx, id, &one).await?);
            let found = stands(initiatives::get(&mut tx, &key).await?.unwrap());
            assert_eq!((found.figures, found.at), (one.clone(), at(1)));
            assert!(!is_scored_here(&mut tx, id).await?);
            insert(&mut tx, id, &one, me, at(5)).await
        });
        assert!(done.await.is_err(), "a second one stands beside the first");
    }
}
