//! One row after the other: what it did is noted, and a row of which nothing could be taken leaves nothing.
//! What a row of each kind does, its own module knows.

pub(super) mod backlog;
pub(super) mod math_models;
mod param_cells;
pub(super) mod params;

use super::{
    Choices, Options,
    headers::{Columns, KEY},
    report::{
        FieldChange, Kept, MOST_CHANGES, Outcome as RowOutcome, Refusal, Report, RowReport,
        in_short,
    },
    table::Cell,
};
use crate::{
    actions::{
        ActionError, Actor, Outcome, effects::Effects, frameworks as framework_acts,
        scores::rescore,
    },
    domain::{
        change::Entity,
        framework::Framework,
        ids::{FrameworkId, InitiativeId, InitiativeKey},
        initiative::Initiative,
        settings::Settings,
    },
    store::{
        change_log::{self, LoggedChange},
        imports, scores,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashSet;

/// The column that says which framework a row is about.
const FRAMEWORK: &str = "framework";

/// What is the same for every row of a file.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) actor: &'a Actor,
    pub(super) now: DateTime<Utc>,
    pub(super) settings: Settings,
    pub(super) frameworks: &'a [Framework],
    pub(super) columns: &'a Columns,
    pub(super) options: Options,
    pub(super) choices: &'a Choices,
}

/// A file on its way in.
pub(super) struct Import<'a> {
    tx: &'a mut PgConnection,
    cx: Context<'a>,
    report: Report,
    /// Rows of which a cell was refused when they were read.
    refused_before: HashSet<usize>,
    row: Notes,
    /// The framework of the row before, known to be on: params of one initiative stand together.
    known_on: Option<(InitiativeKey, InitiativeId, FrameworkId)>,
}

/// What the present row has done so far.
#[derive(Debug, Default)]
struct Notes {
    number: usize,
    refusals: Vec<Refusal>,
    kept: Vec<Kept>,
    /// Something of it is here now, or was already.
    is_taken: bool,
    is_new: bool,
    is_changed: bool,
    changes: Vec<FieldChange>,
    changes_beyond: usize,
    approvals_left: usize,
    approvals_taken: usize,
    approvals_withdrawn: usize,
    scores_kept: usize,
    scores_left: usize,
}

impl<'a> Import<'a> {
    pub(super) fn new(tx: &'a mut PgConnection, cx: Context<'a>, report: Report) -> Self {
        let refused_before = report.refusals.iter().map(|refusal| refusal.row).collect();
        Self {
            tx,
            cx,
            report,
            refused_before,
            row: Notes::default(),
            known_on: None,
        }
    }

    pub(super) async fn begin_row(&mut self, number: usize) -> sqlx::Result<()> {
        self.row = Notes {
            number,
            ..Notes::default()
        };
        imports::begin_row(self.tx).await
    }

    /// Counts the row; only a failure of the database itself ends the import.
    pub(super) async fn end_row(
        &mut self,
        (key, about): (&InitiativeKey, String),
        done: Outcome<()>,
    ) -> Outcome<()> {
        let failed = done.is_err();
        match done {
            Ok(()) => {}
            Err(ActionError::Db(error)) if !imports::is_refusal(&error) => return Err(error.into()),
            Err(ActionError::Db(error)) => {
                tracing::warn!(row = self.row.number, %error, "the database refused a row");
                let reason = "This row breaks a rule of the database, so nothing of it was taken.";
                self.refuse(KEY, key.as_str(), &reason);
            }
            Err(why) => self.refuse(KEY, key.as_str(), &why),
        }
        let row = std::mem::take(&mut self.row);
        let has_refusals = !row.refusals.is_empty() || self.refused_before.contains(&row.number);
        let is_refused = failed || (has_refusals && !row.is_taken);
        let outcome = match (is_refused, row.is_new, row.is_changed) {
            (true, ..) => RowOutcome::Refused,
            (_, true, _) => RowOutcome::New,
            (.., true) => RowOutcome::Changed,
            _ => RowOutcome::Unchanged,
        };
        self.report.list(RowReport {
            row: row.number,
            key: key.to_string(),
            about,
            outcome,
            changes: if is_refused { vec![] } else { row.changes },
            changes_beyond: if is_refused { 0 } else { row.changes_beyond },
        });
        self.report.refusals.extend(row.refusals);
        self.report.kept.extend(row.kept);
        if is_refused {
            self.report.refused += 1;
            // It may be that very row that turned the framework on.
            self.known_on = None;
            return Ok(imports::undo_row(self.tx).await?);
        }
        let count = match (row.is_new, row.is_changed) {
            (true, _) => &mut self.report.new,
            (false, true) => &mut self.report.changed,
            (false, false) => &mut self.report.unchanged,
        };
        *count += 1;
        self.report.approvals_left += row.approvals_left;
        self.report.approvals_taken += row.approvals_taken;
        self.report.approvals_withdrawn += row.approvals_withdrawn;
        self.report.scores_kept += row.scores_kept;
        self.report.scores_left += row.scores_left;
        Ok(imports::keep_row(self.tx).await?)
    }

    pub(super) fn finish(self) -> Report {
        self.report.in_file_order()
    }

    /// A cell isn't taken; the rest of its row goes on.
    fn refuse(&mut self, field: &str, typed: &str, reason: &impl ToString) {
        let refusal = self
            .cx
            .columns
            .refusal(self.row.number, field, typed, reason);
        self.row.refusals.push(refusal);
    }

    /// A cell differs from what a person wrote here, which stays.
    fn keep(&mut self, field: &str, typed: &str, here: &str, theirs: LoggedChange) {
        self.row.kept.push(Kept {
            row: self.row.number,
            field: field.to_owned(),
            column: self.cx.columns.header(field).to_owned(),
            typed: typed.to_owned(),
            here: here.to_owned(),
            by: theirs.by_name,
            at: theirs.at,
        });
    }

    /// A cell says what is here already.
    fn agree(&mut self) {
        self.row.is_taken = true;
    }

    /// A cell was taken.
    fn change(&mut self, field: &str, from: &str, to: &str) {
        self.row.is_taken = true;
        self.row.is_changed = true;
        self.note_change(field, from, to);
    }

    /// What a cell changes, for the report; whether it does is said elsewhere.
    fn note_change(&mut self, field: &str, from: &str, to: &str) {
        if self.row.changes.len() == MOST_CHANGES {
            self.row.changes_beyond += 1;
            return;
        }
        self.row.changes.push(FieldChange {
            column: self.cx.columns.header(field).to_owned(),
            from: in_short(from),
            to: in_short(to),
        });
    }

    /// The row's score was kept as legacy.
    fn keep_score_as_legacy(&mut self) {
        self.row.scores_kept += 1;
    }

    /// The row's score says something else than the app, which scores the initiative itself.
    fn leave_score(&mut self) {
        self.row.is_taken = true;
        self.row.scores_left += 1;
    }

    /// What a cell says of a field: its text, or nothing where a blank one shall clear it. None: there is nothing to do.
    fn said<'c>(&self, cell: &'c Cell) -> Option<&'c str> {
        let clears = self.cx.options.clear_blanks && !self.row.is_new;
        cell.filled().or_else(|| clears.then_some(""))
    }

    /// The row is of something the app didn't have.
    fn create(&mut self) {
        self.row.is_new = true;
    }

    fn framework(&self, key: &str) -> Outcome<&'a Framework> {
        let mut frameworks = self.cx.frameworks.iter();
        frameworks
            .find(|framework| framework.key == key)
            .ok_or(ActionError::NotFound("framework"))
    }

    /// The latest change of what a cell is about, under these names in the history, if it was a person's and no import's.
    /// None also where whoever imports chose the file's cell over it.
    async fn by_hand(
        &mut self,
        field: &str,
        (entity, id): (Entity, i64),
        fields: &[&str],
    ) -> sqlx::Result<Option<LoggedChange>> {
        if self.cx.choices.takes(self.row.number, field) {
            return Ok(None);
        }
        let last = change_log::last_since(self.tx, entity, id, fields, 0).await?;
        let is_hand = |change: &LoggedChange| {
            !matches!(change.through.as_str(), "import" | "command" | "rule")
        };
        Ok(last.filter(is_hand))
    }

    /// Turns a framework on that never was, without activating it. One that a person turned off stays off.
    async fn turn_on(&mut self, initiative: &Initiative, framework: &Framework) -> Outcome<bool> {
        let standings = scores::standings(self.tx, initiative.id).await?;
        let standing = standings
            .iter()
            .find(|standing| standing.framework_id == framework.id);
        if let Some(standing) = standing {
            if standing.is_on {
                return Ok(false);
            }
            let fields = ["framework_off", "use_math_model"];
            let of = (Entity::Initiative, initiative.id.0);
            if let Some(theirs) = self.by_hand(FRAMEWORK, of, &fields).await? {
                self.keep(FRAMEWORK, &framework.key, "off", theirs);
            }
            if !self.cx.choices.takes(self.row.number, FRAMEWORK) {
                return Ok(false);
            }
        }
        self.note_change(FRAMEWORK, "off", &framework.key);
        let Context { actor, now, .. } = self.cx;
        if framework.is_math_model() {
            framework_acts::set_use_math_model(self.tx, actor, now, initiative, true).await?;
        } else {
            let mut effects = Effects::on(initiative.id);
            let on = (initiative, framework);
            framework_acts::turn_on(self.tx, actor, now, on.0, on.1, &mut effects).await?;
            effects.settle(self.tx, actor, now).await?;
            let because = framework_acts::TURNED_ON;
            rescore(self.tx, actor, now, (initiative, framework.id), because).await?;
        }
        Ok(true)
    }

    /// The row speaks of an initiative that isn't here.
    fn refuse_unknown(&mut self, key: &InitiativeKey) {
        let reason = format!("There is no initiative {key} here. Import the backlog first.");
        self.refuse(KEY, key.as_str(), &reason);
    }
}
