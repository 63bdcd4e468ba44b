//! A workbook's tab into the app, from CSV or XLSX: bytes to a table, a table to typed rows, rows to the acts that people
//! use. What a file says can so do nothing that a form couldn't: history, seeding, withdrawal and scoring follow as
//! everywhere.
//!
//! One transaction a file. A blank cell clears nothing unless that is asked for; what a person changed here since stays
//! unless the file's cell was chosen; a cell that can't be taken leaves its field and doesn't stop the rest; the same
//! file again changes nothing.

mod apply;
pub mod backlog;
pub mod file;
pub mod google_tab;
pub mod headers;
pub mod math_models;
pub mod params;
pub mod pasted;
pub mod report;
pub mod sample;
pub mod table;
pub mod upload;
pub mod workbook;

use crate::{
    actions::{ActionError, Actor},
    domain::rights::Act,
    store::{Db, frameworks, imports as rows, settings},
};
use apply::Import;
use chrono::{DateTime, Utc};
pub use file::File;
use file::{Sheet, Untold};
use headers::{HeaderError, Reading};
pub use report::{Kind, Report};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::{collections::BTreeSet, time::Duration};
use table::{Table, TableError};
use workbook::WorkbookError;

/// How long a file may take.
const LIMIT: Duration = Duration::from_mins(10);

/// What is asked for beside the rows themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Do everything, report it, and leave nothing.
    #[serde(skip)]
    pub dry_run: bool,
    /// Take over the approvals that the file speaks of.
    pub with_approvals: bool,
    /// A blank cell takes out what stands in its field here.
    pub clear_blanks: bool,
}

/// Cells that are taken although a person changed their field here, by row and field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Choices(pub BTreeSet<(usize, String)>);

impl Choices {
    /// Whether the file's cell was chosen.
    #[must_use]
    pub fn takes(&self, row: usize, field: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&(row, field.to_owned()))
    }
}

/// Why nothing of a file was taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// It is a workbook that can't be read.
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    /// It can't be told which tab or what kind to read.
    #[error(transparent)]
    Untold(#[from] Untold),
    /// Its columns can't be told.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Taking it apart failed in a way that nothing foresees.
    #[error("The file can't be taken apart. Save the tab as “CSV UTF-8” and import that file.")]
    Unreadable,
    /// The actor may not, or the database failed.
    #[error(transparent)]
    Action(#[from] ActionError),
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Action(error.into())
    }
}

/// Brings a file in, or rehearses it. One that has a name is remembered among the imports.
///
/// # Errors
/// The file can't be read at all, the actor may not, or the database failed; nothing was changed.
pub async fn run(
    db: &Db,
    actor: Actor,
    now: DateTime<Utc>,
    file: impl Into<File<'_>>,
    options: Options,
) -> Result<Report, ImportError> {
    actor.must_be_allowed(Act::Import)?;
    let file = file.into();
    let sheet = file::read(file).await?;
    let remembered = file
        .name
        .map(|_name| upload::NewFile::of(&file, &sheet.tabs));
    let done = db.bulk("import", LIMIT, async move |mut tx| {
        let file = (sheet.kind, &sheet.table);
        let how = (options, &Choices::default());
        let report = apply_file(&mut tx, &actor, now, file, how).await?;
        if options.dry_run {
            return Err(Stop::Rehearsed(Box::new(report)));
        }
        if let Some(remembered) = remembered {
            let how = (&remembered, sheet.tab, options);
            upload::remember(&mut tx, &actor, now, how, &report).await?;
        }
        Ok(report)
    });
    outcome(done.await)
}

/// Does everything and leaves nothing.
async fn rehearse(
    db: &Db,
    actor: Actor,
    now: DateTime<Utc>,
    sheet: Sheet,
    (options, choices): (Options, Choices),
) -> Result<Report, ImportError> {
    let done = db.bulk("import preview", LIMIT, async move |mut tx| {
        let file = (sheet.kind, &sheet.table);
        let report = apply_file(&mut tx, &actor, now, file, (options, &choices)).await?;
        Err(Stop::Rehearsed(Box::new(report)))
    });
    outcome(done.await)
}

fn outcome(done: Result<Report, Stop>) -> Result<Report, ImportError> {
    match done {
        Ok(report) => Ok(report),
        Err(Stop::Rehearsed(report)) => Ok(*report),
        Err(Stop::Failed(why)) => Err(why),
    }
}

/// Why a transaction is rolled back.
enum Stop {
    Rehearsed(Box<Report>),
    Failed(ImportError),
}

impl<E: Into<ImportError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// One file, within its caller's transaction.
async fn apply_file(
    tx: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (kind, table): (Kind, &Table),
    (options, choices): (Options, &Choices),
) -> Result<Report, ImportError> {
    rows::wait_for_turn(tx).await?;
    // Not held: a file may take minutes, and a setting that is changed meanwhile holds from the next one on.
    let settings = settings::get(tx).await?;
    let frameworks = frameworks::list(tx).await?;
    let keys: Vec<_> = frameworks
        .iter()
        .map(|framework| framework.key.as_str())
        .collect();
    let (columns, report);
    macro_rules! apply {
        ($kind:ident) => {{
            let reading = $kind::read(table, &keys)?;
            let Reading { rows, .. } = reading;
            (columns, report) = (reading.columns, reading.report);
            let context = apply::Context {
                actor,
                now,
                settings,
                frameworks: &frameworks,
                columns: &columns,
                options,
                choices,
            };
            let mut import = Import::new(tx, context, report);
            for row in &rows {
                import.begin_row(row.row).await?;
                let done = apply::$kind::apply(&mut import, row).await;
                import.end_row((&row.key, row.about()), done).await?;
            }
            import.finish()
        }};
    }
    Ok(match kind {
        Kind::Backlog => apply!(backlog),
        Kind::MathModels => apply!(math_models),
        Kind::Params => apply!(params),
    })
}
