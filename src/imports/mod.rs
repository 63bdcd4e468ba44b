//! A workbook's CSV into the app: bytes to a table, a table to typed rows, rows to the acts that people use. What a
//! file says can so do nothing that a form couldn't: history, seeding, withdrawal and scoring follow as everywhere.
//!
//! One transaction a file. Nothing in a file clears a filled field; what a person changed here since stays; a cell
//! that can't be taken leaves its field and doesn't stop the rest; the same file again changes nothing.

mod apply;
pub mod backlog;
pub mod headers;
pub mod math_models;
pub mod params;
pub mod pasted;
pub mod report;
pub mod sample;
pub mod table;

use crate::{
    actions::{ActionError, Actor},
    domain::rights::Act,
    store::{Db, frameworks, imports as rows, settings},
};
use apply::Import;
use chrono::{DateTime, Utc};
use headers::{HeaderError, Reading};
pub use report::{Kind, Report};
use sqlx::PgConnection;
use std::time::Duration;
use table::{Table, TableError};

/// How long a file may take.
const LIMIT: Duration = Duration::from_mins(10);

/// What is asked for beside the rows themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Do everything, report it, and leave nothing.
    pub dry_run: bool,
    /// Take over the approvals that the file speaks of.
    pub with_approvals: bool,
}

/// Why nothing of a file was taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Its columns can't be told.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The actor may not, or the database failed.
    #[error(transparent)]
    Action(#[from] ActionError),
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Action(error.into())
    }
}

/// Brings a file in, or rehearses it.
///
/// # Errors
/// The file can't be read at all, the actor may not, or the database failed; nothing was changed.
pub async fn run(
    db: &Db,
    actor: Actor,
    now: DateTime<Utc>,
    (kind, bytes): (Kind, &[u8]),
    options: Options,
) -> Result<Report, ImportError> {
    actor.must_be_allowed(Act::Import)?;
    let table = table::read_csv(bytes)?;
    let done = db.bulk("import", LIMIT, async move |mut tx| {
        let file = (kind, &table);
        let report = apply_file(&mut tx, &actor, now, file, options.with_approvals).await?;
        if options.dry_run {
            Err(Stop::Rehearsed(Box::new(report)))
        } else {
            Ok(report)
        }
    });
    match done.await {
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
    with_approvals: bool,
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
                with_approvals,
            };
            let mut import = Import::new(tx, context, report);
            for row in &rows {
                import.begin_row(row.row).await?;
                let done = apply::$kind::apply(&mut import, row).await;
                import.end_row(&row.key, done).await?;
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
