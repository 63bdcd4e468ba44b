//! What the page shows, put together from what the database says.

use super::{HERE, MirrorSetUp, own_tabs, standing};
use crate::{
    actions::ActionError,
    domain::{
        change::{self, Entity},
        initiative::FIELDS,
        mirror_mode::Mode,
        rights::Act,
    },
    store::{
        change_log::{self, LoggedChange},
        mirror_control::{self, Control, ROW},
        mirror_found::{Found, FoundColumn},
        mirror_page::{self, PAGE, PastRepair, PastRun, Target},
        mirror_state::Differing,
    },
    web::{
        error::WebError,
        figures::when,
        history,
        sent_form::fresh_key,
        view::{
            Ask, Hidden, Link, Pager, Seen,
            badge::{Badge, State},
            layout::Nav,
            mirror::{Cell, Column, Controls, Count, Differences, Odd, Repair, Run, Show},
            settings::{Choice, Conflict},
        },
        visit::Visit,
    },
};
use chrono::{DateTime, Utc};

/// How many of the last decisions are shown.
const DECISIONS: usize = 10;
/// How many initiatives without a row get a button each.
const MOST_BUTTONS: usize = 20;

pub(super) fn may_control(visit: &Visit) -> bool {
    visit.may(Act::ControlMirror).is_ok()
}

pub(super) fn must_control(visit: &Visit) -> Result<(), ActionError> {
    Ok(visit.may(Act::ControlMirror)?)
}

/// What the database says of the mirror.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) now: DateTime<Utc>,
    /// None: it hasn't begun yet.
    pub(super) known: Option<(Target, Control)>,
    differing: Vec<(i32, Differing)>,
    after: i32,
    pub(super) runs: Vec<PastRun>,
    repairs: Vec<PastRepair>,
    decisions: Vec<LoggedChange>,
}

impl Loaded {
    pub(super) async fn read(visit: &Visit, after: i32) -> Result<Self, WebError> {
        let now = visit.now();
        let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
            let target = mirror_page::target(&mut conn, now).await?;
            let control = mirror_control::get(&mut conn).await?;
            Ok(Self {
                now,
                known: target.zip(control),
                differing: mirror_page::differences(&mut conn, after).await?,
                after,
                runs: mirror_page::runs(&mut conn).await?,
                repairs: mirror_page::repairs(&mut conn).await?,
                decisions: change_log::list_of(&mut conn, Entity::Mirror, ROW, None).await?,
            })
        });
        Ok(read.await?)
    }

    /// As it would be with nothing but a target.
    #[cfg(test)]
    pub(super) fn of(now: DateTime<Utc>, known: Option<(Target, Control)>) -> Self {
        Self {
            now,
            known,
            differing: Vec::new(),
            after: 0,
            runs: Vec::new(),
            repairs: Vec::new(),
            decisions: Vec::new(),
        }
    }

    /// What it may do, if it isn't paused.
    pub(super) fn mode(&self, set_up: &MirrorSetUp) -> Mode {
        let control = self.known.as_ref().map(|(_, control)| control);
        let chosen = control.and_then(|control| control.mode.as_deref()?.parse().ok());
        chosen.unwrap_or(set_up.initial_mode)
    }

    /// Whether it may write already.
    pub(super) fn writes(&self, set_up: &MirrorSetUp) -> bool {
        self.mode(set_up) == Mode::Write
    }

    pub(super) fn page(&self, visit: &Visit, set_up: &MirrorSetUp) -> Show {
        let refusal = visit.may(Act::ControlMirror).err();
        let can_act = refusal.is_none();
        let none_yet = Target::default();
        let target = self.known.as_ref().map_or(&none_yet, |(target, _)| target);
        let control = self.known.as_ref().map(|(_, control)| control);
        Show {
            page: visit.page("Mirror", Nav::Elsewhere),
            why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
            standing: standing::of(self, set_up),
            controls: control.map(|_| self.controls(set_up)),
            counts: counts(&target.found, self.mode(set_up)),
            odd: odd(&target.found),
            differences: self.differences(target, control),
            columns: control
                .map_or_else(Vec::new, |control| columns(&target.found, control, can_act)),
            tabs: control.map_or_else(Vec::new, |control| {
                own_tabs::all(target, control, self.mode(set_up))
            }),
            formats: formats(target, control),
            left_out: target.left_out.clone(),
            repairs: self.repairs.iter().map(repair).collect(),
            runs: self.runs.iter().map(run).collect(),
            history: self
                .decisions
                .iter()
                .take(DECISIONS)
                .map(history::plain)
                .collect(),
            seen: self.seen(),
        }
    }

    /// The page with the question that comes before writing.
    pub(super) fn page_asking(&self, visit: &Visit, set_up: &MirrorSetUp) -> Show {
        let mut page = self.page(visit, set_up);
        if let Some(controls) = &mut page.controls {
            controls.modes = modes(Mode::Write);
            controls.ask = Some(Ask {
                sentence: format!(
                    "{} People’s own columns, rows and formats stay as they are.",
                    controls.outlook
                ),
                action: "/mirror/mode".to_owned(),
                hidden: vec![Hidden {
                    name: "mode".to_owned(),
                    value: Mode::Write.key().to_owned(),
                }],
                confirm_label: "Let the mirror write".to_owned(),
                keep_label: "Leave it as it is".to_owned(),
                keep_href: HERE.to_owned(),
                seen: self.seen(),
            });
        }
        page
    }

    /// The page with what somebody else chose meanwhile, and what was chosen here.
    pub(super) fn page_in_conflict(
        &self,
        visit: &Visit,
        set_up: &MirrorSetUp,
        (theirs, typed): (&LoggedChange, &str),
    ) -> Show {
        let mut page = self.page(visit, set_up);
        if let Some(controls) = &mut page.controls {
            controls.modes = modes(typed.parse().unwrap_or(self.mode(set_up)));
            controls.conflict = Some(Conflict {
                by: theirs.by_name.clone(),
                at: when(theirs.at),
                what: change::sentence(&theirs.field, &theirs.subject, &theirs.old, &theirs.new),
            });
        }
        page
    }

    fn seen(&self) -> Seen {
        let control = self.known.as_ref().map(|(_, control)| control);
        Seen {
            revision: control.map_or(0, |control| control.revision),
            form_key: fresh_key(),
        }
    }

    /// Whether it is paused at this moment.
    pub(super) fn is_paused(&self) -> bool {
        let control = self.known.as_ref().map(|(_, control)| control);
        control.is_some_and(|control| control.paused_until.is_some_and(|until| until > self.now))
    }

    fn controls(&self, set_up: &MirrorSetUp) -> Controls {
        let run_why = if self.is_paused() {
            "The mirror is paused. Resume it first."
        } else if self.mode(set_up) == Mode::Off {
            "The mirror is off. Let it observe or write first."
        } else {
            ""
        };
        Controls {
            run_why: run_why.to_owned(),
            is_paused: self.is_paused(),
            modes: modes(self.mode(set_up)),
            outlook: self.outlook(),
            ask: None,
            conflict: None,
        }
    }

    /// What a write would change, as far as that is known.
    fn outlook(&self) -> String {
        let target = self.known.as_ref().map(|(target, _)| target);
        let seen = target.and_then(|target| Some((target, target.last_ok?)));
        let Some((target, at)) = seen else {
            return "The mirror hasn’t looked at the sheet yet, so nobody knows what a write would change. Let it \
                    observe first."
                .to_owned();
        };
        let at = when(at).text;
        let waiting = target.found.waiting;
        match (waiting.cells, waiting.rows) {
            (0, 0) => format!("At the last look ({at}) a write would have changed nothing."),
            (cells, rows) => format!(
                "At the last look ({at}) a write would have changed {} and added {}. They are listed below.",
                counted(number(cells), "cell"),
                counted(number(rows), "row"),
            ),
        }
    }

    fn differences(&self, target: &Target, control: Option<&Control>) -> Differences {
        let waiting = target.found.waiting;
        let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let shown = &self.differing[..self.differing.len().min(most)];
        let last = shown.last().map_or(self.after, |(n, _)| *n);
        let has_more = shown.len() < self.differing.len();
        let is_cut = !has_more && usize::try_from(last).is_ok_and(|last| last < waiting.cells);
        let at = target.last_ok.map(|at| when(at).text);
        let summary = match at {
            None => "The mirror hasn’t looked yet.".to_owned(),
            Some(at) if waiting.cells == 0 && waiting.rows == 0 => {
                format!("Nothing, as of {at}: the sheet shows what the app said then.")
            }
            Some(at) => format!(
                "As of {at}: {} to change, {} to add.",
                counted(number(waiting.cells), "cell"),
                counted(number(waiting.rows), "row"),
            ),
        };
        let first = shown.first().map_or(self.after, |(n, _)| *n);
        let absent = &target.found.absent;
        Differences {
            summary,
            absent: absent.clone(),
            offers_leaving_out: control.is_some_and(|control| control.has_written)
                && absent.len() <= MOST_BUTTONS,
            cells: shown.iter().map(|(_, one)| cell(one)).collect(),
            pager: Pager {
                summary: format!(
                    "Cells {first} to {last} of {}{}",
                    waiting.cells,
                    if is_cut {
                        "; the others aren’t listed"
                    } else {
                        ""
                    }
                ),
                first_href: (self.after > 0).then(|| format!("{HERE}#differences")),
                next_href: has_more.then(|| format!("{HERE}?after={last}#differences")),
            },
        }
    }
}

/// `1 initiative`, `3 initiatives`.
pub(super) fn initiatives(count: i64) -> String {
    counted(count, "initiative")
}

/// `1 cell`, `3 cells`.
pub(super) fn counted(count: impl Into<i64>, what: &str) -> String {
    match count.into() {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn modes(chosen: Mode) -> Vec<Choice> {
    let choice = |mode: Mode, label, means| Choice {
        key: mode.key(),
        label,
        means,
        is_chosen: mode == chosen,
    };
    vec![
        choice(
            Mode::Off,
            "Off",
            "Nothing is read or written. What changes in the app is remembered.",
        ),
        choice(
            Mode::Observe,
            "Observe",
            "Reads the sheet, compares, and lists here what a write would change. Writes nothing.",
        ),
        choice(
            Mode::Write,
            "Write",
            "Keeps the app’s own columns as the app says, within seconds, and puts hand edits of them right.",
        ),
    ]
}

fn counts(found: &Found, mode: Mode) -> Vec<Count> {
    let counts = found.counts;
    let count = |label, n: usize| Count {
        label,
        text: n.to_string(),
    };
    let mut all = vec![Count {
        label: "In step",
        text: format!("{} of {}", counts.in_step, counts.initiatives),
    }];
    if mode != Mode::Write {
        all.push(count("Cells that differ", found.waiting.cells));
        all.push(count("Rows that are missing", found.waiting.rows));
    }
    all.extend([
        count("Keys in several rows", counts.doubled),
        count("Keys not in the app", counts.unknown),
        count("Cells left alone", counts.quarantined),
    ]);
    all
}

fn odd(found: &Found) -> Vec<Odd> {
    let named = |heading: &str, all: usize, named: usize| match all.saturating_sub(named) {
        0 => heading.to_owned(),
        _ => format!("{heading} ({named} of {all})"),
    };
    let mut odd = Vec::new();
    if !found.doubled.is_empty() {
        let items = found.doubled.iter();
        odd.push(Odd {
            heading: named("Keys in several rows", found.counts.doubled, found.doubled.len()),
            remedy: "Each of the rows gets the same values, so that none is out of date. Delete one of them in the sheet.",
            link: None,
            items: items
                .map(|doubled| format!("{} in rows {}", doubled.key, listed(&doubled.rows)))
                .collect(),
        });
    }
    if !found.unknown.is_empty() {
        let items = found.unknown.iter();
        odd.push(Odd {
            heading: named("Keys not in the app", found.counts.unknown, found.unknown.len()),
            remedy: "Their rows stay as they are. To have them in the app as well, bring the sheet in as a file.",
            link: Some(Link {
                label: "Import".to_owned(),
                href: "/imports".to_owned(),
            }),
            items: items
                .map(|unknown| format!("{} in row {}", unknown.key, unknown.row))
                .collect(),
        });
    }
    if !found.quarantined.is_empty() {
        let items = found.quarantined.iter();
        odd.push(Odd {
            heading: named("Cells left alone", found.counts.quarantined, found.quarantined.len()),
            remedy: "Something changes these back after each repair: a formula that fills a column, a script, or a merged \
                     cell. The mirror tries again once a day. Remove what changes them.",
            link: None,
            items: items.map(|left| format!("{}: {}", left.key, left.field)).collect(),
        });
    }
    odd
}

/// `4 and 9`, `4, 9 and 12`.
fn listed(rows: &[usize]) -> String {
    let words: Vec<_> = rows.iter().map(ToString::to_string).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

fn formats(target: &Target, control: Option<&Control>) -> &'static str {
    let is_asked = control.is_some_and(|control| control.formats_asked_at.is_some());
    match (target.is_google, is_asked) {
        (false, _) => "",
        (true, true) => "Formats and protections are set anew with the next write.",
        (true, false) => {
            "Protections that somebody removes or moves are put right with the next run. Formats aren’t compared: if \
             somebody changed those of the app’s columns, they can be set anew."
        }
    }
}

fn columns(found: &Found, control: &Control, can_act: bool) -> Vec<Column> {
    let key = found.key_column.iter().map(|column| Column {
        field: column.field.clone(),
        letters: column.column.clone(),
        header: column.header.clone(),
        note: "rows are found by it; written only in rows that the app adds",
        ..Column::default()
    });
    let is_descriptive = |name: &str| FIELDS.iter().any(|field| field.key == name);
    let resolved = found.columns.iter().map(|column: &FoundColumn| Column {
        field: column.field.clone(),
        letters: column.column.clone(),
        header: column.header.clone(),
        note: if column.is_alias {
            "another name of the field"
        } else {
            ""
        },
        badge: None,
        button: if can_act && is_descriptive(&column.field) {
            "Hand back"
        } else {
            ""
        },
        becomes_theirs: true,
    });
    // A decision counts at once; the last look may be older than it.
    let is_theirs = |column: &Column| control.handed_back.contains(&column.field);
    let missing = found.missing.iter().map(|field| Column {
        field: field.clone(),
        note: "the sheet has no column of this name, so it isn’t mirrored",
        badge: Some(Badge::saying(State::Missing, "No column")),
        ..Column::default()
    });
    let theirs = control.handed_back.iter().map(|field| Column {
        field: field.clone(),
        note: "people write it; the mirror neither reads nor writes it",
        badge: Some(Badge::saying(State::Archived, "People’s")),
        button: if can_act { "Take it again" } else { "" },
        becomes_theirs: false,
        ..Column::default()
    });
    let ours = resolved.chain(missing).filter(|column| !is_theirs(column));
    key.chain(ours).chain(theirs).collect()
}

fn cell(of: &Differing) -> Cell {
    Cell {
        key: of.key.clone(),
        row: of.row.to_string(),
        field: of.field.clone(),
        found: of.found.clone(),
        wanted: of.wanted.clone(),
    }
}

fn repair(of: &PastRepair) -> Repair {
    Repair {
        key: of.key.clone(),
        field: of.field.clone(),
        found: of.found.clone(),
        is_formula: of.is_formula,
        restored: of.restored.clone(),
        at: when(of.at),
    }
}

fn run(of: &PastRun) -> Run {
    Run {
        at: when(of.started),
        trigger: standing::trigger(&of.trigger),
        outcome: standing::outcome(&of.outcome),
        counts: [of.reads, of.writes, of.cells, of.appended, of.drift],
        error: of.error.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_listed_as_people_say_them() {
        for (rows, says) in [
            (&[4][..], "4"),
            (&[4, 9], "4 and 9"),
            (&[4, 9, 12], "4, 9 and 12"),
        ] {
            assert_eq!(listed(rows), says);
        }
    }

    #[test]
    fn a_column_is_handed_back_by_an_admin_and_only_if_it_describes() {
        let column = |field: &str, is_alias| FoundColumn {
            field: field.to_owned(),
            column: "B".to_owned(),
            header: "Problem".to_owned(),
            is_alias,
        };
        let found = Found {
            columns: vec![
                column("problem_statement", true),
                column("value_score", false),
                column("title", false),
            ],
            missing: vec!["receipt".to_owned()],
            ..Found::default()
        };
        let control = Control {
            handed_back: vec!["title".to_owned()],
            ..Control::default()
        };
        let all = columns(&found, &control, true);
        let buttons: Vec<_> = all.iter().map(|one| (&*one.field, one.button)).collect();
        assert_eq!(
            buttons,
            [
                ("problem_statement", "Hand back"),
                ("value_score", ""),
                ("receipt", ""),
                ("title", "Take it again"),
            ]
        );
        assert_eq!(all[0].note, "another name of the field");
        let read = columns(&found, &control, false);
        assert!(read.iter().all(|one| one.button.is_empty()));
    }
}
