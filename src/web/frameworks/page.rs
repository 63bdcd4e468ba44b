//! What a framework's page shows, from what is in the database.

use super::{
    super::{
        diff, download,
        error::WebError,
        figures::when,
        view::{
            Seen,
            badge::{Badge, State},
            framework::{Cell, Form, Index, ListRow, New, ParamLine, Rescoring, Show, Theirs},
            layout::Nav,
            model::{Line, Version},
        },
        visit::Visit,
    },
    defines,
    form::{Sent, form},
};
use crate::{
    actions::{define_framework::CURRENCY, rescore_framework as job},
    domain::{
        change,
        framework::Framework,
        framework_definition::{Fault, read, read_key, typed},
        ids::FrameworkId,
        number_format,
        param::Source,
        rights::Act,
    },
    store::{
        change_log::LoggedChange,
        frameworks::{self, SavedVersion, Use},
        jobs::{self, JobState},
    },
    web::sent_form::fresh_key,
};

/// All frameworks.
pub(super) fn index(visit: &Visit, all: &[Framework], uses: &[(FrameworkId, Use)]) -> Index {
    let refusal = visit.may(Act::DefineFramework).err();
    let rows = all.iter().map(|framework| ListRow {
        href: format!("/frameworks/{}", framework.key),
        key: framework.key.clone(),
        name: framework.name.clone(),
        kind: kind(framework),
        badge: badge(framework),
        version: framework
            .formula
            .as_ref()
            .map(|formula| formula.version.to_string())
            .unwrap_or_default(),
        used: used(use_of(uses, framework.id)),
    });
    Index {
        page: visit.page("Frameworks", Nav::Elsewhere),
        rows: rows.collect(),
        downloads: download::links("/frameworks", ""),
        can_define: refusal.is_none(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
    }
}

/// `Built in` or `Custom`.
pub(super) fn kind(framework: &Framework) -> String {
    let kind = if framework.is_builtin {
        "Built in"
    } else {
        "Custom"
    };
    kind.to_owned()
}

fn badge(framework: &Framework) -> Option<Badge> {
    framework.is_archived.then(|| Badge::of(State::Archived))
}

/// Where a framework is on.
pub(super) fn use_of(uses: &[(FrameworkId, Use)], id: FrameworkId) -> Use {
    let found = uses.iter().find(|(of, _)| *of == id);
    found.map(|(_, used)| *used).unwrap_or_default()
}

fn used(used: Use) -> String {
    match (used.on, used.active) {
        (0, _) => "On nowhere yet".to_owned(),
        (1, active) => format!("On for 1 initiative, active on {active}"),
        (on, active) => format!("On for {} initiatives, active on {active}", grouped(on)),
    }
}

fn grouped(number: i64) -> String {
    number_format::decimal(&number.to_string())
}

/// The form of a new framework.
pub(super) fn new(visit: &Visit, sent: &Sent) -> New {
    let form = Form {
        action: "/frameworks".to_owned(),
        preview_action: "/frameworks/check".to_owned(),
        key: Some(Cell {
            name: "key".to_owned(),
            label: "Key".to_owned(),
            value: sent.key.clone(),
            error: String::new(),
        }),
        can_save: true,
        save_label: "Create framework".to_owned(),
        ..form(&sent.typed, &[])
    };
    New {
        page: visit.page("New framework", Nav::Elsewhere),
        form,
    }
}

/// The same, refused, with each fault beside its field.
pub(super) fn new_refused(visit: &Visit, sent: &Sent, why: String) -> New {
    let faults = read(&sent.typed, CURRENCY).err().unwrap_or_default();
    let mut page = new(visit, sent);
    let again = form(&sent.typed, &faults);
    (page.form.name, page.form.definition) = (again.name, again.definition);
    // What is no fault of the definition is one of the key: no key, or taken.
    if let Some(key) = &mut page.form.key {
        match read_key(&sent.key) {
            Err(fault) => key.error = fault.message,
            Ok(_) if faults.is_empty() => key.error = why,
            Ok(_) => {}
        }
    }
    page
}

/// A framework with everything its page shows.
pub(super) struct Loaded {
    /// As saved.
    pub(super) framework: Framework,
    versions: Vec<SavedVersion>,
    used: Use,
    job: Option<JobState>,
}

/// Reads a framework with everything its page shows.
pub(super) async fn load(visit: &Visit, key: &str) -> Result<Loaded, WebError> {
    let key = key.to_owned();
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let Some(framework) = frameworks::get(&mut conn, &key).await? else {
            return Ok(None);
        };
        let payload = job::payload(framework.id);
        Ok(Some(Loaded {
            versions: frameworks::versions(&mut conn, framework.id).await?,
            used: use_of(
                &frameworks::uses(&mut conn, Some(framework.id)).await?,
                framework.id,
            ),
            job: jobs::latest(&mut conn, job::JOB, &payload).await?,
            framework,
        }))
    });
    read.await?.ok_or(WebError::NotFound("framework"))
}

impl Loaded {
    /// The page as it is saved.
    pub(super) fn page(&self, visit: &Visit) -> Show {
        let sent = Sent {
            typed: typed(&self.framework, visit.user.decimal_separator),
            ..Sent::default()
        };
        self.retyped(visit, &sent, &[])
    }

    /// The page with what was typed in its form.
    pub(super) fn retyped(&self, visit: &Visit, sent: &Sent, faults: &[Fault]) -> Show {
        let framework = &self.framework;
        let is_editor = defines(visit, framework);
        let refusal = visit.may(Act::DefineFramework).err();
        let form = Form {
            action: format!("/frameworks/{}/definition", framework.key),
            preview_action: format!("/frameworks/{}/preview", framework.key),
            seen: self.seen(),
            can_preview: true,
            // Where nobody uses it, saving changes nothing for anybody.
            can_save: self.used.on == 0,
            save_label: "Save".to_owned(),
            ..form(&sent.typed, faults)
        };
        Show {
            page: visit.page(framework.name.clone(), Nav::Elsewhere),
            key: framework.key.clone(),
            name: framework.name.clone(),
            kind: kind(framework),
            badge: badge(framework),
            used: used(self.used),
            note: if framework.is_math_model() {
                "Each initiative writes its own formula.".to_owned()
            } else {
                String::new()
            },
            lines: if is_editor { vec![] } else { lines(framework) },
            params: if is_editor { vec![] } else { params(framework) },
            form: is_editor.then_some(form),
            preview: None,
            versions: self.versions(),
            rescoring: self.rescoring(visit),
            can_archive: is_editor,
            is_archived: framework.is_archived,
            why_not: match refusal {
                Some(refusal) if !framework.is_builtin => refusal.short(),
                _ if framework.is_builtin => {
                    "This framework comes with the app and can’t be changed.".to_owned()
                }
                _ => String::new(),
            },
            seen: self.seen(),
        }
    }

    fn seen(&self) -> Seen {
        Seen {
            revision: self.framework.revision,
            form_key: fresh_key(),
        }
    }

    fn versions(&self) -> Vec<Version> {
        let current = self.framework.formula.as_ref().map(|f| f.version);
        let version = |(at, saved): (usize, &SavedVersion)| Version {
            number: saved.version,
            by: saved.by_name.clone(),
            at: when(saved.at),
            text: saved.text.clone(),
            changes: diff::against(
                self.versions.get(at + 1).map(|older| older.text.as_str()),
                &saved.text,
            ),
            is_current: Some(saved.version) == current,
            ..Version::default()
        };
        self.versions.iter().enumerate().map(version).collect()
    }

    /// How the scoring of everybody stands.
    pub(super) fn rescoring(&self, visit: &Visit) -> Rescoring {
        let rescoring = Rescoring {
            key: self.framework.key.clone(),
            seen: self.seen(),
            ..Rescoring::default()
        };
        let Some(job) = &self.job else {
            return rescoring;
        };
        let (done, total) = (grouped(job.done), grouped(job.total));
        let error = job.last_error.as_ref();
        let is_going_on = matches!(job.status.as_str(), "queued" | "running");
        let line = match job.status.as_str() {
            "queued" => format!("Scoring {total} initiatives afresh begins in a moment."),
            "running" => format!("Scoring everybody afresh: {done} of {total}."),
            "failed" => format!("Scoring everybody afresh stopped at {done} of {total}."),
            _ => format!("Everybody was scored afresh: {done} of {total}."),
        };
        let again = match (is_going_on, error) {
            (_, None) => String::new(),
            (true, Some(why)) => format!("It was held up: {why}. It goes on by itself."),
            (false, Some(why)) => {
                format!("{why}. What is stale stays marked as stale; try again.")
            }
        };
        Rescoring {
            line,
            error: capitalised(&again),
            done: job.done,
            total: job.total.max(1),
            is_going_on,
            can_retry: job.status == "failed" && defines(visit, &self.framework),
            ..rescoring
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

fn lines(framework: &Framework) -> Vec<Line> {
    let text = framework.formula.as_ref().map_or("", |f| f.text.as_str());
    let line = |(number, text): (u32, &str)| Line {
        number,
        text: text.to_owned(),
        value: String::new(),
    };
    (1..).zip(text.lines()).map(line).collect()
}

fn params(framework: &Framework) -> Vec<ParamLine> {
    let params = framework.params.iter().map(|param| ParamLine {
        name: param.name.clone(),
        label: param.label.clone(),
        description: param.description.clone(),
        unit: param.unit.clone(),
        bounds: param.bounds.to_string(),
        source: param.source.map_or("Nobody yet", Source::key).to_owned(),
    });
    params.collect()
}

/// Keeps the revision that the form saw, so that what others saved meanwhile still counts as a conflict.
pub(super) fn keep_seen(page: &mut Show, sent: &Sent) {
    if let (Some(form), Some(seen)) = (&mut page.form, sent.seen_revision) {
        form.seen.revision = seen;
    }
}

/// What somebody else saved meanwhile.
pub(super) fn theirs(theirs: &LoggedChange) -> Theirs {
    Theirs {
        by: theirs.by_name.clone(),
        at: when(theirs.at),
        what: change::sentence(&theirs.field, &theirs.subject, &theirs.old, &theirs.new),
    }
}
