//! What the pages of imports print.

use super::{Shown, TabSent};
use crate::{
    domain::{change::sentence, ids::ImportId, rights::Act},
    imports::{
        Kind,
        google_tab::Tabs,
        report::{Kept, Outcome, Report, RowReport},
        upload::Asked,
    },
    store::{
        history::Logged,
        import_files::{Done, ImportFile, Listed, Origin, PAGE},
    },
    web::{
        figures::when,
        sent_form::fresh_key,
        view::{FilterOption, Pager, SelectOption, imports as view},
        visit::Visit,
    },
};

/// How many rows a page shows.
const ROWS: usize = 200;

/// What a file may hold, and that its header tells.
pub(super) fn kinds(chosen: Option<Kind>) -> Vec<SelectOption> {
    let told = SelectOption {
        value: String::new(),
        label: "What its header tells".to_owned(),
        is_selected: chosen.is_none(),
    };
    let kinds = Kind::ALL.into_iter().map(|kind| SelectOption {
        value: kind.key().to_owned(),
        label: kind.label().to_owned(),
        is_selected: chosen == Some(kind),
    });
    std::iter::once(told).chain(kinds).collect()
}

/// The form of a Google tab, with the mirror's own in it.
pub(super) fn google(tabs: Option<&Tabs>) -> view::GoogleTab {
    let kinds = kinds(None);
    let form_key = fresh_key();
    match tabs {
        None => view::GoogleTab {
            kinds,
            form_key,
            ..view::GoogleTab::default()
        },
        Some(tabs) => {
            let usual = tabs.usual.clone().unwrap_or_default();
            view::GoogleTab {
                account: tabs.account.clone(),
                spreadsheet: usual.spreadsheet_id,
                tab: usual.tab.unwrap_or_default(),
                error: String::new(),
                kinds,
                form_key,
            }
        }
    }
}

/// Puts what was typed into the form, with why it wasn't taken.
pub(super) fn retype_tab(form: &mut view::GoogleTab, sent: &TabSent, error: String) {
    form.spreadsheet.clone_from(&sent.spreadsheet);
    form.tab.clone_from(&sent.tab);
    form.kinds = kinds(Kind::from_key(&sent.kind));
    form.error = error;
}

/// Where a tab stands in Google's pages.
fn origin_href(origin: &Origin) -> String {
    format!(
        "https://docs.google.com/spreadsheets/d/{}/edit#gid={}",
        origin.spreadsheet_id, origin.sheet_id
    )
}

/// A file in the list.
pub(super) fn file(listed: &Listed) -> view::File {
    let counts = listed.counts.map(counted);
    view::File {
        name: listed.file_name.clone(),
        href: format!("/imports/{}", listed.id),
        what: what(listed.kind.as_deref(), listed.tab.as_deref()),
        state: state(listed),
        by: listed.by_name.clone(),
        at: when(listed.at),
        counts: counts.unwrap_or_default(),
    }
}

/// Whether a file has been imported.
pub(super) fn state(listed: &Listed) -> &'static str {
    if listed.is_done { "Imported" } else { "Waits" }
}

/// What a file holds.
pub(super) fn what(kind: Option<&str>, tab: Option<&str>) -> String {
    let kind = kind.and_then(Kind::from_key);
    let kind = kind.map_or("Not told yet", Kind::label);
    match tab {
        Some(tab) => format!("{kind}, tab “{tab}”"),
        None => kind.to_owned(),
    }
}

fn counted<N: std::fmt::Display>([new, changed, unchanged, refused, skipped]: [N; 5]) -> String {
    format!(
        "{new} new, {changed} changed, {unchanged} unchanged, {refused} refused, {skipped} skipped"
    )
}

pub(super) fn list_pager(found: &[Listed], before: Option<ImportId>) -> Pager {
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count >= PAGE);
    let last = found.last().filter(|_| is_full);
    Pager {
        summary: format!("{} shown", found.len()),
        first_href: before.map(|_| "/imports".to_owned()),
        next_href: last.map(|last| format!("/imports?before={}", last.id)),
    }
}

/// The page of a file, but for its frame.
pub(super) fn show(visit: &Visit, file: &ImportFile, asked: &Asked, shown: &Shown) -> view::Show {
    let stored = file.done.as_ref().map(|done| &done.report);
    let stored = stored.or(file.reading.preview.as_ref());
    let report: Option<Report> =
        stored.and_then(|report| serde_json::from_value(report.clone()).ok());
    let may = visit.may(Act::Import).is_ok();
    let form = (may && file.done.is_none()).then(|| form(file, asked, report.as_ref()));
    let tab = file.origin.as_ref().map(|origin| &*origin.tab);
    let tab = tab.or(file.reading.tab.as_deref());
    let size = u64::try_from(file.size).unwrap_or_default().div_ceil(1024);
    view::Show {
        name: file.file_name.clone(),
        what: format!("{}, {size} KiB", what(file.reading.kind.as_deref(), tab)),
        origin_href: file.origin.as_ref().map(origin_href).unwrap_or_default(),
        uploaded_by: file.uploaded_by.clone(),
        uploaded_at: when(file.uploaded_at),
        sha256: file.sha256.clone(),
        form,
        done: file.done.as_ref().map(|done| view::Done {
            undo_action: if may && done.batch.is_some() {
                format!("/imports/{}/undo", file.id)
            } else {
                String::new()
            },
            ..self::done(done, asked)
        }),
        report: report.map(|report| self::report(file.id, &report, asked, shown)),
        ..view::Show::default()
    }
}

fn form(file: &ImportFile, asked: &Asked, report: Option<&Report>) -> view::Form {
    let mut form = view::Form {
        import_action: format!("/imports/{}/application", file.id),
        preview_action: format!("/imports/{}/preview", file.id),
        tabs: file
            .tabs
            .iter()
            .map(|tab| SelectOption {
                value: tab.clone(),
                label: tab.clone(),
                is_selected: false,
            })
            .collect(),
        can_import: report.is_some(),
        form_key: fresh_key(),
        ..view::Form::default()
    };
    retype(&mut form, asked);
    form
}

/// Puts what was chosen into the form.
pub(super) fn retype(form: &mut view::Form, asked: &Asked) {
    form.kinds = kinds(asked.kind);
    form.with_approvals = asked.options.with_approvals;
    form.clear_blanks = asked.options.clear_blanks;
    for tab in &mut form.tabs {
        tab.is_selected = asked.tab.as_deref() == Some(tab.value.as_str());
    }
}

fn done(done: &Done, asked: &Asked) -> view::Done {
    let options = [
        (asked.options.with_approvals, "with approvals"),
        (asked.options.clear_blanks, "blank cells clearing"),
    ];
    view::Done {
        by: done.by_name.clone(),
        at: when(done.at),
        options: options
            .into_iter()
            .filter_map(|(is_on, words)| is_on.then_some(words))
            .collect(),
        moved: moved(&done.moved),
        form_key: fresh_key(),
        ..view::Done::default()
    }
}

/// What taking an import back changed, the first so many.
pub(super) fn undone(changes: &[Logged], room: usize) -> Vec<String> {
    let said = |change: &Logged| {
        let said = sentence(&change.field, &change.subject, &change.old, &change.new);
        format!("You {said}.")
    };
    let mut sentences: Vec<_> = changes.iter().take(room).map(said).collect();
    if let Some(more) = changes.len().checked_sub(room).filter(|more| *more > 0) {
        sentences.push(format!("And {more} more; the history has them all."));
    }
    sentences
}

/// Rows that came out otherwise than in the preview, as a sentence.
fn moved(rows: &[i64]) -> String {
    const NAMED: usize = 20;
    if rows.is_empty() {
        return String::new();
    }
    let named: Vec<_> = rows.iter().take(NAMED).map(i64::to_string).collect();
    let more = match rows.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (row, they) = match rows.len() {
        1 => ("Row", "it"),
        _ => ("Rows", "they"),
    };
    format!(
        "{row} {}{more} came out otherwise than in the preview, since somebody changed what {they} speak{} of meanwhile. \
         What happened is below.",
        named.join(", "),
        if rows.len() == 1 { "s" } else { "" }
    )
}

fn report(id: ImportId, report: &Report, asked: &Asked, shown: &Shown) -> view::Report {
    let chosen: Vec<_> = report
        .rows
        .iter()
        .filter(|row| is_shown(report, row, shown))
        .collect();
    let from = chosen.partition_point(|row| shown.after.is_some_and(|after| row.row <= after));
    let rest = &chosen[from..];
    let next = (rest.len() > ROWS).then(|| rest[ROWS - 1].row);
    let href = |show: &str, after: Option<usize>| {
        let after = after.map(|after| after.to_string());
        let pairs = [("show", Some(show.to_owned())), ("after", after)];
        let pairs = pairs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
        match serde_urlencoded::to_string(pairs.collect::<Vec<_>>()) {
            Ok(query) if !query.is_empty() => format!("/imports/{id}?{query}#rows"),
            _ => format!("/imports/{id}#rows"),
        }
    };
    view::Report {
        counts: counted([
            report.new,
            report.changed,
            report.unchanged,
            report.refused,
            report.skipped,
        ]),
        notes: notes(report),
        columns: columns(report),
        kept: report
            .kept
            .iter()
            .map(|kept| self::kept(kept, asked))
            .collect(),
        filters: FILTERS
            .iter()
            .map(|(key, label)| FilterOption {
                label: (*label).to_owned(),
                href: href(key, None),
                is_on: shown.show == *key,
            })
            .collect(),
        rows: rest
            .iter()
            .take(ROWS)
            .map(|listed| row(report, listed))
            .collect(),
        pager: Pager {
            summary: format!("{} of {} rows", rest.len().min(ROWS), chosen.len()),
            first_href: shown.after.map(|_| href(&shown.show, None)),
            next_href: next.map(|last| href(&shown.show, Some(last))),
        },
    }
}

const FILTERS: [(&str, &str); 7] = [
    ("", "All"),
    ("new", "New"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("refused", "With refused cells"),
    ("kept", "With kept cells"),
    ("skipped", "Skipped"),
];

fn is_shown(report: &Report, row: &RowReport, shown: &Shown) -> bool {
    match shown.show.as_str() {
        "new" => row.outcome == Outcome::New,
        "changed" => row.outcome == Outcome::Changed,
        "unchanged" => row.outcome == Outcome::Unchanged,
        "refused" => {
            row.outcome == Outcome::Refused
                || report.refusals.iter().any(|refusal| refusal.row == row.row)
        }
        "kept" => report.kept.iter().any(|kept| kept.row == row.row),
        "skipped" => row.outcome == Outcome::Skipped,
        _ => true,
    }
}

/// What a reader should know beside the counts.
fn notes(report: &Report) -> Vec<String> {
    [
        (
            report.approvals_withdrawn,
            "Approvals withdrawn, since what they approve changes",
        ),
        (report.approvals_taken, "Approvals taken over from the file"),
        (
            report.approvals_left,
            "Approvals of the file left out, since nobody asked for them",
        ),
        (
            report.scores_kept,
            "Scores kept as legacy: ranked nowhere, and gone once the app scores the initiative",
        ),
        (
            report.scores_left,
            "Scores of the file left out, since the app scores these initiatives itself",
        ),
        (
            report.refusals.len() + report.refusals_beyond,
            "Cells refused; their fields stay as they are",
        ),
        (report.refusals_beyond, "Refused cells that aren’t listed"),
        (
            report.kept.len() + report.kept_beyond,
            "Cells that differ and stay as people changed them here",
        ),
        (
            report.kept_beyond,
            "Kept cells that aren’t listed; they can’t be chosen",
        ),
        (report.rows_beyond, "Further rows, only counted"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{what}: {count}."))
    .collect()
}

fn columns(report: &Report) -> Vec<view::Column> {
    let taken = report.columns.iter().map(|mapped| view::Column {
        letters: mapped.column.clone(),
        header: mapped.header.clone(),
        means: mapped.field.clone(),
        is_taken: true,
        is_alias: mapped.is_alias,
    });
    let left = |headers: &[String], why: &str| {
        let column = |header: &String| view::Column {
            header: header.clone(),
            means: why.to_owned(),
            ..view::Column::default()
        };
        headers.iter().map(column).collect::<Vec<_>>()
    };
    let computed = left(
        &report.computed_columns,
        "the app computes this itself and never imports it",
    );
    let ignored = left(&report.ignored_columns, "the app has no field for this");
    taken.chain(computed).chain(ignored).collect()
}

fn kept(kept: &Kept, asked: &Asked) -> view::Kept {
    view::Kept {
        choice: format!("{}:{}", kept.row, kept.field),
        id: format!("take-{}-{}", kept.row, kept.field),
        place: format!("Row {}", kept.row),
        column: kept.column.clone(),
        here: kept.here.clone(),
        typed: kept.typed.clone(),
        by: kept.by.clone(),
        at: when(kept.at),
        is_chosen: asked.choices.takes(kept.row, &kept.field),
    }
}

fn row(report: &Report, row: &RowReport) -> view::Row {
    let mut skipped = report.skipped_rows.iter();
    let why = skipped.find(|skipped| skipped.row == row.row);
    let refused = report
        .refusals
        .iter()
        .filter(|refusal| refusal.row == row.row);
    view::Row {
        number: row.row.to_string(),
        key: row.key.clone(),
        about: row.about.clone(),
        outcome: match row.outcome {
            Outcome::New => "New",
            Outcome::Changed => "Changed",
            Outcome::Unchanged => "Unchanged",
            Outcome::Refused => "Refused",
            Outcome::Skipped => "Skipped",
        },
        why: why
            .map(|skipped| skipped.reason.clone())
            .unwrap_or_default(),
        changes: row
            .changes
            .iter()
            .map(|change| view::Change {
                column: change.column.clone(),
                from: change.from.clone(),
                to: change.to.clone(),
            })
            .collect(),
        more: match row.changes_beyond {
            0 => String::new(),
            more => format!("and {more} more"),
        },
        refused: refused
            .map(|refusal| view::Refused {
                column: refusal.column.clone(),
                typed: refusal.typed.clone(),
                why: refusal.reason.clone(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_came_out_otherwise_are_named_up_to_a_point() {
        assert_eq!(moved(&[]), "");
        assert!(moved(&[7]).starts_with("Row 7 came out otherwise"));
        let many: Vec<_> = (1..=25).collect();
        assert!(moved(&many).contains("19, 20 and 5 more came out"));
    }
}
