//! A file that is uploaded, previewed, and imported after somebody looked: it waits in the database with what was shown,
//! so that the import can say where it came out otherwise. What was imported stays as it is, bytes and report.

use super::{
    Choices, File, ImportError, LIMIT, Options, apply_file, file,
    file::Sheet,
    rehearse,
    report::{Kind, Report},
};
use crate::{
    actions::{ActionError, Actor},
    domain::{ids::ImportId, rights::Act},
    store::{
        Db,
        idempotency::{self, Claim, SentForm},
        import_files::{self, Done, ImportFile, Reading},
        imports as turns,
    },
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

pub use crate::store::import_files::NewFile;

/// The most rows of a file that is imported while a browser waits.
pub const MOST_ROWS: usize = super::report::MOST_ROWS;

/// What somebody asks to be read, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What the file holds; none: its header tells.
    pub kind: Option<Kind>,
    /// Which tab of a workbook; none: the one that fits.
    pub tab: Option<String>,
    /// What is asked for beside the rows.
    pub options: Options,
    /// Which kept cells are taken after all.
    pub choices: Choices,
}

impl Asked {
    /// What was asked for the last time.
    #[must_use]
    pub fn of(reading: &Reading) -> Self {
        Self {
            kind: reading.kind.as_deref().and_then(Kind::from_key),
            tab: reading.tab.clone(),
            options: serde_json::from_value(reading.options.clone()).unwrap_or_default(),
            choices: serde_json::from_value(reading.choices.clone()).unwrap_or_default(),
        }
    }
}

impl NewFile {
    /// The file with a name that can be shown, and the tabs that it has.
    #[must_use]
    pub fn of(file: &File<'_>, tabs: &[String]) -> Self {
        let name = file.name.unwrap_or_default();
        Self {
            file_name: match file.origin {
                // A spreadsheet's title is no path.
                Some(_) => shown(name),
                None => shown_name(name),
            },
            sha256: Sha256::digest(file.bytes).into(),
            bytes: file.bytes.to_vec(),
            tabs: tabs.to_vec(),
            origin: file.origin.cloned(),
        }
    }
}

/// The last part of a path, without what can't be shown.
fn shown_name(name: &str) -> String {
    shown(name.rsplit(['/', '\\']).next().unwrap_or_default())
}

/// A name without what can't be shown.
fn shown(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(255).collect();
    match shown.trim() {
        "" => "unnamed".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// Takes a file in and previews it; where it can't be told what to read of it, it waits to be told. The same form sent
/// again finds the same file.
///
/// # Errors
/// The file can't be read at all, the actor may not, or the database failed; nothing is kept then.
pub async fn receive(
    db: &Db,
    actor: Actor,
    now: DateTime<Utc>,
    file: File<'_>,
    sent: Option<SentForm>,
) -> Result<ImportId, ImportError> {
    actor.must_be_allowed(Act::Import)?;
    let asked = Asked {
        kind: file.kind,
        ..Asked::default()
    };
    let (new, reading) = match file::read(file).await {
        Ok(sheet) => {
            let new = NewFile::of(&file, &sheet.tabs);
            match preview(db, actor.clone(), now, sheet, asked.clone()).await {
                Ok(reading) => (new, reading),
                // Another tab of the workbook may have the columns.
                Err(ImportError::Header(_)) if new.tabs.len() > 1 => (new, waiting(&asked)?),
                Err(other) => return Err(other),
            }
        }
        Err(ImportError::Untold(untold)) => {
            let new = NewFile::of(&file, untold.tabs());
            (new, waiting(&asked)?)
        }
        Err(other) => return Err(other),
    };
    let kept = db.transaction(async move |mut tx| {
        if let Some(sent) = sent
            && idempotency::claim(&mut tx, &sent, actor.id, now).await? == Claim::Again
            && let Some(id) = import_files::latest_of(&mut tx, actor.id, new.sha256).await?
        {
            return Ok(id);
        }
        import_files::insert(&mut tx, (&new, &reading), actor.id, now).await
    });
    Ok(kept.await?)
}

/// What was asked for, of which nothing can be shown yet.
fn waiting(asked: &Asked) -> Result<Reading, ImportError> {
    Ok(Reading {
        kind: asked.kind.map(|kind| kind.key().to_owned()),
        tab: asked.tab.clone(),
        options: json(&asked.options)?,
        choices: json(&asked.choices)?,
        preview: None,
    })
}

/// What importing that sheet would do now.
async fn preview(
    db: &Db,
    actor: Actor,
    now: DateTime<Utc>,
    sheet: Sheet,
    asked: Asked,
) -> Result<Reading, ImportError> {
    if sheet.table.rows.len() > MOST_ROWS {
        let rows = sheet.table.rows.len();
        let why = format!(
            "The file has {rows} rows, and at most {MOST_ROWS} can be imported on this page. Split it, or have whoever \
             runs the app bring it in with the command “productops import”."
        );
        return Err(ActionError::Invalid(why).into());
    }
    let (kind, tab) = (sheet.kind, sheet.tab.clone());
    let how = (asked.options, asked.choices.clone());
    let report = rehearse(db, actor, now, sheet, how).await?;
    Ok(Reading {
        kind: Some(kind.key().to_owned()),
        tab,
        preview: Some(json(&report.bounded())?),
        ..waiting(&asked)?
    })
}

/// Previews a file that waits once more: as the database is now, and with what is asked for now.
///
/// # Errors
/// There is no such file, it was imported, it can't be read in this way, the actor may not, or the database failed.
pub async fn preview_again(
    db: &Db,
    actor: Actor,
    now: DateTime<Utc>,
    id: ImportId,
    asked: Asked,
) -> Result<(), ImportError> {
    actor.must_be_allowed(Act::Import)?;
    let bytes = bytes(db, id).await?;
    let sheet = file::read(File {
        name: None,
        kind: asked.kind,
        tab: asked.tab.as_deref(),
        bytes: &bytes,
        origin: None,
    })
    .await?;
    let reading = preview(db, actor, now, sheet, asked).await?;
    // Where it was imported meanwhile, the page shows that.
    db.transaction(async move |mut tx| import_files::save_reading(&mut tx, id, &reading).await)
        .await?;
    Ok(())
}

async fn bytes(db: &Db, id: ImportId) -> Result<Vec<u8>, ImportError> {
    let found = db
        .read(async move |mut conn| import_files::bytes(&mut conn, id).await)
        .await?;
    Ok(found.ok_or(ActionError::NotFound("import"))?)
}

/// Imports a file that waits, as it was previewed but for options and choices. One that was imported stays as it is.
///
/// # Errors
/// There is no such file, nothing was previewed or something else was, the actor may not, or the database failed;
/// nothing was changed.
pub async fn import(
    db: &Db,
    actor: Actor,
    now: DateTime<Utc>,
    id: ImportId,
    asked: Asked,
) -> Result<(), ImportError> {
    actor.must_be_allowed(Act::Import)?;
    let found = db
        .read(async move |mut conn| import_files::get(&mut conn, id).await)
        .await?;
    let file: ImportFile = found.ok_or(ActionError::NotFound("import"))?;
    if file.done.is_some() {
        return Ok(());
    }
    let shown = Asked::of(&file.reading);
    let preview: Option<Report> = file
        .reading
        .preview
        .and_then(|preview| serde_json::from_value(preview).ok());
    let Some(preview) = preview.filter(|_| (shown.kind, &shown.tab) == (asked.kind, &asked.tab))
    else {
        let why = "What would be imported now was never previewed. Preview it first.";
        return Err(ActionError::Invalid(why.to_owned()).into());
    };
    let bytes = bytes(db, id).await?;
    let sheet = file::read(File {
        name: None,
        kind: asked.kind,
        tab: asked.tab.as_deref(),
        bytes: &bytes,
        origin: None,
    })
    .await?;
    db.bulk("import", LIMIT, async move |mut tx| {
        let shown = (&preview, &shown);
        import_waiting(&mut tx, (&actor, now), id, (&sheet, &asked), shown).await
    })
    .await
}

async fn import_waiting(
    tx: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    id: ImportId,
    (sheet, asked): (&Sheet, &Asked),
    (preview, shown): (&Report, &Asked),
) -> Result<(), ImportError> {
    turns::wait_for_turn(tx).await?;
    match import_files::lock(tx, id).await? {
        None => return Err(ActionError::NotFound("import").into()),
        Some(false) => return Ok(()),
        Some(true) => {}
    }
    let file = (sheet.kind, &sheet.table);
    // With other choices than those shown, what the shown ones would do now has to be found out by itself.
    let is_as_shown = (asked.options, &asked.choices) == (shown.options, &shown.choices);
    let mut as_shown = None;
    if !is_as_shown {
        turns::begin_rehearsal(tx).await?;
        let with = (shown.options, &shown.choices);
        as_shown = Some(apply_file(tx, actor, now, file, with).await?.bounded());
        turns::undo_rehearsal(tx).await?;
    }
    let with = (asked.options, &asked.choices);
    let report = apply_file(tx, actor, now, file, with).await?.bounded();
    let moved = as_shown.as_ref().unwrap_or(&report).rows_unlike(preview);
    let done = done(actor, now, &report, moved)?;
    let how = (&json(&asked.options)?, &json(&asked.choices)?);
    Ok(import_files::save_done(tx, id, how, &done).await?)
}

/// Remembers a file that was imported without being looked at before.
pub(super) async fn remember(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (file, tab, options): (&NewFile, Option<String>, Options),
    report: &Report,
) -> Result<(), ImportError> {
    let asked = Asked {
        kind: Some(report.kind),
        tab,
        options,
        choices: Choices::default(),
    };
    let reading = waiting(&asked)?;
    let id = import_files::insert(tx, (file, &reading), actor.id, now).await?;
    let done = done(actor, now, &report.clone().bounded(), vec![])?;
    let how = (&reading.options, &reading.choices);
    Ok(import_files::save_done(tx, id, how, &done).await?)
}

fn done(
    actor: &Actor,
    now: DateTime<Utc>,
    report: &Report,
    moved: Vec<usize>,
) -> Result<Done, ImportError> {
    Ok(Done {
        report: json(report)?,
        moved: moved
            .into_iter()
            .filter_map(|row| i64::try_from(row).ok())
            .collect(),
        by: actor.id,
        by_name: actor.name.clone(),
        at: now,
        batch: actor.batch,
    })
}

/// What is stored beside a file.
fn json(what: &impl serde::Serialize) -> Result<Value, ImportError> {
    serde_json::to_value(what).map_err(|why| sqlx::Error::Encode(Box::new(why)).into())
}

#[cfg(test)]
mod tests {
    use super::shown_name;

    #[test]
    fn a_file_name_is_its_last_part_and_can_be_shown() {
        for (name, shown) in [
            ("params.csv", "params.csv"),
            ("C:\\Users\\ada\\back log.xlsx", "back log.xlsx"),
            ("../../etc/passwd", "passwd"),
            ("a\0b\r\n.csv", "ab.csv"),
            ("", "unnamed"),
            ("/", "unnamed"),
        ] {
            assert_eq!(shown_name(name), shown, "{name:?}");
        }
        assert_eq!(shown_name(&"ä".repeat(400)).chars().count(), 255);
    }
}
