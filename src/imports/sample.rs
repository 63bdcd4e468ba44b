//! The workbook of an invented company that ships with the app. It comes in like any other.

use super::{
    Choices, ImportError, LIMIT, Options, apply_file,
    report::{Kind, Report},
    table::read_csv,
};
use crate::{actions::Actor, domain::rights::Act, store::Db};
use chrono::{DateTime, Utc};

/// Its files, in the order in which they build on each other.
pub const FILES: [(Kind, &str); 3] = [
    (
        Kind::Backlog,
        include_str!("../../sample/central_backlog.csv"),
    ),
    (
        Kind::MathModels,
        include_str!("../../sample/math_models.csv"),
    ),
    (Kind::Params, include_str!("../../sample/params.csv")),
];

/// Brings the whole workbook in with its approvals, or nothing of it. A second time changes nothing.
///
/// # Errors
/// The actor may not, or the database failed; nothing was changed.
pub async fn bring_in(
    db: &Db,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<Vec<Report>, ImportError> {
    actor.must_be_allowed(Act::Import)?;
    db.bulk("sample data", LIMIT, async move |mut tx| {
        let mut reports = Vec::new();
        let options = Options {
            with_approvals: true,
            ..Options::default()
        };
        let how = (options, &Choices::default());
        for (kind, text) in FILES {
            let table = read_csv(text.as_bytes())?;
            reports.push(apply_file(&mut tx, &actor, now, (kind, &table), how).await?);
        }
        Ok(reports)
    })
    .await
}
