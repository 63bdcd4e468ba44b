//! Files that came in, or wait to: their bytes, what was asked for, what was shown before and what they did.

use crate::domain::ids::{BatchId, ImportId, UserId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// How many imports a page lists.
pub const PAGE: i64 = 50;
/// How long a file waits for its import, in days.
pub const WAITS_DAYS: i32 = 7;

/// What of a file is read, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The kind's key; none: it can't be told yet.
    pub kind: Option<String>,
    /// Which tab of a workbook.
    pub tab: Option<String>,
    /// What is asked for.
    pub options: Value,
    /// Which kept cells are taken after all.
    pub choices: Value,
    /// What an import would do; none: it can't be told yet what to read.
    pub preview: Option<Value>,
}

/// The tab of a Google spreadsheet that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The spreadsheet, as its address names it.
    pub spreadsheet_id: String,
    /// The tab's number, which stays when it is renamed.
    pub sheet_id: i32,
    /// What the tab was called.
    pub tab: String,
}

/// A file on its way in.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFile {
    /// What it is called.
    pub file_name: String,
    /// Its fingerprint.
    pub sha256: [u8; 32],
    /// The whole of it.
    pub bytes: Vec<u8>,
    /// A workbook's tabs.
    pub tabs: Vec<String>,
    /// Where it was read; none: it came as a file.
    pub origin: Option<Origin>,
}

/// A file with what is known of it, without its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportFile {
    /// Its row.
    pub id: ImportId,
    /// What it is called.
    pub file_name: String,
    /// Its fingerprint, in hex.
    pub sha256: String,
    /// How large it is, in bytes.
    pub size: i32,
    /// A workbook's tabs.
    pub tabs: Vec<String>,
    /// Where it was read; none: it came as a file.
    pub origin: Option<Origin>,
    /// What of it is read.
    pub reading: Reading,
    /// Who uploaded it.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// What its import did; none: it waits.
    pub done: Option<Done>,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The report.
    pub report: Value,
    /// Rows that came out otherwise than in the preview.
    pub moved: Vec<i64>,
    /// Who imported it.
    pub by: UserId,
    /// Their name.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Its changes in the history.
    pub batch: Option<BatchId>,
}

/// A file in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its row.
    pub id: ImportId,
    /// What it is called.
    pub file_name: String,
    /// The kind's key; none: it can't be told yet.
    pub kind: Option<String>,
    /// Which tab of a workbook.
    pub tab: Option<String>,
    /// Who imported it, or uploaded it.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it was imported.
    pub is_done: bool,
    /// New, changed, unchanged, refused and skipped rows; none: it can't be told yet.
    pub counts: Option<[i64; 5]>,
}

/// Keeps a file, and lets go of those that nobody imported in a week.
pub async fn insert(
    conn: &mut PgConnection,
    (file, reading): (&NewFile, &Reading),
    by: UserId,
    at: DateTime<Utc>,
) -> sqlx::Result<ImportId> {
    sqlx::query!(
        "delete from imports where imported_at is null and uploaded_at < $1::timestamptz - make_interval(days => $2)",
        at,
        WAITS_DAYS,
    )
    .execute(&mut *conn)
    .await?;
    let origin = file.origin.as_ref();
    sqlx::query_scalar!(
        r#"insert into imports (file_name, sha256, bytes, tabs, tab, kind, options, choices, preview, uploaded_by,
             uploaded_at, spreadsheet_id, sheet_id, sheet_title)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id as "id: ImportId""#,
        file.file_name,
        &file.sha256[..],
        file.bytes,
        &file.tabs,
        reading.tab,
        reading.kind,
        reading.options,
        reading.choices,
        reading.preview,
        by as UserId,
        at,
        origin.map(|origin| origin.spreadsheet_id.as_str()),
        origin.map(|origin| origin.sheet_id),
        origin.map(|origin| origin.tab.as_str()),
    )
    .fetch_one(conn)
    .await
}

/// The latest file with these bytes that a person uploaded.
pub async fn latest_of(
    conn: &mut PgConnection,
    by: UserId,
    sha256: [u8; 32],
) -> sqlx::Result<Option<ImportId>> {
    sqlx::query_scalar!(
        r#"select id as "id: ImportId" from imports where uploaded_by = $1 and sha256 = $2 order by id desc limit 1"#,
        by as UserId,
        &sha256[..],
    )
    .fetch_optional(conn)
    .await
}

/// A file with what is known of it.
pub async fn get(conn: &mut PgConnection, id: ImportId) -> sqlx::Result<Option<ImportFile>> {
    let row = sqlx::query!(
        r#"select f.id as "id: ImportId", f.file_name, encode(f.sha256, 'hex') as "sha256!",
                  octet_length(f.bytes) as "size!", f.tabs, f.tab, f.kind, f.options, f.choices, f.preview,
                  u.name as uploaded_by, f.uploaded_at, f.report, f.moved, f.imported_by as "imported_by: UserId",
                  i.name as "imported_by_name?", f.imported_at, f.batch_id::text, f.spreadsheet_id, f.sheet_id,
                  f.sheet_title
           from imports f join users u on u.id = f.uploaded_by left join users i on i.id = f.imported_by
           where f.id = $1"#,
        id as ImportId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let imported = row.report.zip(row.imported_by).zip(row.imported_at);
        ImportFile {
            id: row.id,
            file_name: row.file_name,
            sha256: row.sha256,
            size: row.size,
            tabs: row.tabs,
            origin: row
                .spreadsheet_id
                .zip(row.sheet_id)
                .zip(row.sheet_title)
                .map(|((spreadsheet_id, sheet_id), tab)| Origin {
                    spreadsheet_id,
                    sheet_id,
                    tab,
                }),
            reading: Reading {
                kind: row.kind,
                tab: row.tab,
                options: row.options,
                choices: row.choices,
                preview: row.preview,
            },
            uploaded_by: row.uploaded_by,
            uploaded_at: row.uploaded_at,
            done: imported.map(|((report, by), at)| Done {
                report,
                moved: row.moved,
                by,
                by_name: row.imported_by_name.unwrap_or_default(),
                at,
                batch: row.batch_id.and_then(|batch| batch.parse().ok()),
            }),
        }
    }))
}

/// A file's bytes.
pub async fn bytes(conn: &mut PgConnection, id: ImportId) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select bytes from imports where id = $1", id as ImportId)
        .fetch_optional(conn)
        .await
}

/// Holds a file until the transaction ends. Whether it waits for its import; none: there is no such file.
pub async fn lock(conn: &mut PgConnection, id: ImportId) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar!(
        r#"select imported_at is null as "waits!" from imports where id = $1 for update"#,
        id as ImportId
    )
    .fetch_optional(conn)
    .await
}

/// What of a file is read now. Whether it still waited.
pub async fn save_reading(
    conn: &mut PgConnection,
    id: ImportId,
    reading: &Reading,
) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "update imports set tab = $2, kind = $3, options = $4, choices = $5, preview = $6
         where id = $1 and imported_at is null",
        id as ImportId,
        reading.tab,
        reading.kind,
        reading.options,
        reading.choices,
        reading.preview,
    )
    .execute(conn)
    .await?;
    Ok(saved.rows_affected() > 0)
}

/// What its import did: last of all, since from then on nothing of it changes.
pub async fn save_done(
    conn: &mut PgConnection,
    id: ImportId,
    (options, choices): (&Value, &Value),
    done: &Done,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set options = $2, choices = $3, report = $4, moved = $5, imported_by = $6, imported_at = $7,
           batch_id = $8::text::uuid
         where id = $1 and imported_at is null",
        id as ImportId,
        options,
        choices,
        done.report,
        &done.moved,
        done.by as UserId,
        done.at,
        done.batch.map(|batch| batch.to_string()),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Files, newest first, from before that one on.
pub async fn list(conn: &mut PgConnection, before: Option<ImportId>) -> sqlx::Result<Vec<Listed>> {
    let rows = sqlx::query!(
        r#"select f.id as "id: ImportId", f.file_name, f.kind, coalesce(f.sheet_title, f.tab) as tab, u.name as by_name,
                  coalesce(f.imported_at, f.uploaded_at) as "at!", f.imported_at is not null as "is_done!",
                  (r.counts ->> 'new')::bigint as new, (r.counts ->> 'changed')::bigint as changed,
                  (r.counts ->> 'unchanged')::bigint as unchanged, (r.counts ->> 'refused')::bigint as refused,
                  (r.counts ->> 'skipped')::bigint as skipped
           from imports f
             join users u on u.id = coalesce(f.imported_by, f.uploaded_by)
             cross join lateral (select coalesce(f.report, f.preview) as counts) r
           where $1::bigint is null or f.id < $1
           order by f.id desc limit $2"#,
        before.map(|id| id.0),
        PAGE,
    )
    .fetch_all(conn)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        counts: row.new.map(|new| {
            let rest = [row.changed, row.unchanged, row.refused, row.skipped];
            let [changed, unchanged, refused, skipped] = rest.map(Option::unwrap_or_default);
            [new, changed, unchanged, refused, skipped]
        }),
        id: row.id,
        file_name: row.file_name,
        kind: row.kind,
        tab: row.tab,
        by_name: row.by_name,
        at: row.at,
        is_done: row.is_done,
    });
    Ok(listed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{store::users, testing::TestDb};
    use serde_json::json;

    fn file() -> NewFile {
        NewFile {
            file_name: "params.csv".into(),
            sha256: [7; 32],
            bytes: b"key\n".to_vec(),
            tabs: vec![],
            origin: None,
        }
    }

    fn at(day: u32) -> DateTime<Utc> {
        format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
    }

    #[tokio::test]
    async fn an_import_that_was_done_never_changes_and_one_that_waits_is_let_go_after_a_week() {
        let fresh = TestDb::new().await;
        let done = fresh
            .db
            .transaction(async move |mut tx| -> sqlx::Result<_> {
                let me = users::get_system(&mut tx).await?.id;
                let reading = Reading {
                    kind: Some("params".into()),
                    options: json!({}),
                    choices: json!([]),
                    ..Reading::default()
                };
                let kept = insert(&mut tx, (&file(), &reading), me, at(1)).await?;
                let waits = insert(&mut tx, (&file(), &reading), me, at(1)).await?;
                let done = Done {
                    report: json!({ "new": 1 }),
                    moved: vec![2],
                    by: me,
                    by_name: String::new(),
                    at: at(1),
                    batch: None,
                };
                save_done(&mut tx, kept, (&json!({}), &json!([])), &done).await?;
                assert_eq!(lock(&mut tx, kept).await?, Some(false));
                assert!(!save_reading(&mut tx, kept, &reading).await?);
                assert!(save_reading(&mut tx, waits, &reading).await?);
                let newest = insert(&mut tx, (&file(), &reading), me, at(9)).await?;
                assert_eq!(get(&mut tx, waits).await?, None);
                assert_eq!(latest_of(&mut tx, me, [7; 32]).await?, Some(newest));
                let found = get(&mut tx, kept).await?.unwrap();
                assert_eq!(found.done.unwrap().moved, [2]);
                let listed = list(&mut tx, Some(newest)).await?;
                assert_eq!(listed.len(), 1);
                assert_eq!(listed[0].counts, Some([1, 0, 0, 0, 0]));
                Ok(kept.0)
            });
        let kept = done.await.unwrap();
        let delete = fresh.db.write(async move |mut conn| {
            let delete = sqlx::query("delete from imports where id = $1");
            delete.bind(kept).execute(&mut *conn).await
        });
        assert!(delete.await.is_err());
    }
}
