//! What a block would do, and what it did, ready to print.
//!
//! Knows plans and how fields print. Must not know requests or the database.

use super::{fields::range_text, landing::Landed};
use crate::{
    actions::paste::{Pasted, Plan},
    domain::{
        amount::DecimalSeparator,
        approval::Part,
        ids::BatchId,
        number_format::both_readings,
        param::{Param, Source},
        param_input::ParamField,
        paste::{Column, PlannedCell, PlannedRow, Verdict},
    },
    web::{
        sent_form::fresh_key,
        view::{
            error::{Notice, Tone, UndoButton},
            layout::Nav,
            paste as view,
        },
        visit::Visit,
    },
};

/// How many are named one by one.
const NAMED: usize = 12;
/// How many refused cells are listed before the table, which has all of them.
const LISTED: usize = 100;

pub(super) fn preview(visit: &Visit, landed: Landed, plan: &Plan) -> view::Preview {
    let mut columns: Vec<Column> = Vec::new();
    for cell in plan.rows.iter().flat_map(|row| &row.cells) {
        if !columns.contains(&cell.column) {
            columns.push(cell.column);
        }
    }
    let count = |of: fn(&PlannedRow) -> usize| plan.rows.iter().map(of).sum::<usize>();
    let mut outside = landed.outside;
    outside.extend(plan.gone.iter().map(|id| view::Outside {
        place: format!("Param {id}"),
        typed: String::new(),
        why: "It isn’t there any more.".to_owned(),
    }));
    let (changed, unchanged) = (count(PlannedRow::changed), count(PlannedRow::unchanged));
    let refused = count(PlannedRow::refused) + outside.len();
    view::Preview {
        page: visit.page("What pasting would do", Nav::Params),
        counts: format!("{changed} changed, {unchanged} unchanged, {refused} refused"),
        notes: notes(plan, &landed.ignored),
        columns: columns
            .iter()
            .map(|column| column.label().to_owned())
            .collect(),
        rows: plan
            .rows
            .iter()
            .map(|row| row_view(plan, row, &columns))
            .collect(),
        refused: refused_cells(plan),
        outside,
        hidden: Vec::new(),
        apply_label: match changed {
            0 => String::new(),
            1 => "Apply 1 cell".to_owned(),
            more => format!("Apply {more} cells"),
        },
        back_href: String::new(),
    }
}

/// The cells that aren't taken, each with its place and why.
fn refused_cells(plan: &Plan) -> Vec<view::Outside> {
    let cells = plan.rows.iter().flat_map(|row| {
        row.cells.iter().filter_map(move |cell| {
            let Verdict::Refused(why) = &cell.verdict else {
                return None;
            };
            let (of, column) = (of_group(plan, row), cell.column.label());
            Some(view::Outside {
                place: format!("{} ({of}), {column}", row.before.label()),
                typed: cell.typed.clone(),
                why: why.clone(),
            })
        })
    });
    cells.take(LISTED).collect()
}

/// `INIT-1, Math model`, and whether the formula reads it.
fn of_group(plan: &Plan, row: &PlannedRow) -> String {
    let param = &row.before;
    let group = plan.groups.iter().find(|group| {
        (group.initiative, group.framework) == (param.initiative_id, param.framework_id)
    });
    let unused = if param.is_used() { "" } else { ", not used" };
    group.map_or_else(String::new, |group| {
        format!("{}, {}{unused}", group.key, group.framework_name)
    })
}

/// What follows from it.
fn notes(plan: &Plan, ignored: &[String]) -> Vec<String> {
    let falls = |part| {
        plan.rows
            .iter()
            .filter(move |row| row.falls.contains(&part))
    };
    let labels = |part| {
        listed(
            falls(part)
                .map(|row| row.before.label().to_owned())
                .collect(),
        )
    };
    let stale = plan.groups.iter().filter(|group| {
        let of = |row: &&PlannedRow| {
            let param = &row.before;
            (param.initiative_id, param.framework_id) == (group.initiative, group.framework)
        };
        group.is_scored && plan.rows.iter().filter(of).any(PlannedRow::unsettles_score)
    });
    let stale = stale.map(|group| format!("{} {}", group.key, group.framework_name));
    [
        ("Approvals that fall", labels(Part::Value)),
        ("Ranges to be approved again", labels(Part::Range)),
        ("Scores that turn stale", listed(stale.collect())),
        ("Columns that aren’t taken", listed(ignored.to_vec())),
    ]
    .into_iter()
    .filter_map(|(what, who)| Some(format!("{what}: {}", who?)))
    .collect()
}

/// `3 (Margin, Uplift, AOV)`; none: nobody.
fn listed(all: Vec<String>) -> Option<String> {
    let (count, more) = (all.len(), all.len().saturating_sub(NAMED));
    let named = all.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    match (count, more) {
        (0, _) => None,
        (_, 0) => Some(format!("{count} ({named})")),
        _ => Some(format!("{count} ({named} and {more} more)")),
    }
}

fn row_view(plan: &Plan, row: &PlannedRow, columns: &[Column]) -> view::PreviewRow {
    let cell = |column: &Column| {
        let found = row.cells.iter().find(|cell| cell.column == *column);
        found.map_or_else(Default::default, |cell| cell_view(row, cell))
    };
    view::PreviewRow {
        label: row.before.label().to_owned(),
        of: of_group(plan, row),
        cells: columns.iter().map(cell).collect(),
    }
}

fn cell_view(row: &PlannedRow, cell: &PlannedCell) -> view::PreviewCell {
    let mut shown = view::PreviewCell {
        column: cell.column.label().to_owned(),
        is_there: true,
        is_changed: cell.verdict == Verdict::Changed,
        old: said(&row.before, cell.column),
        new: cell.typed.clone(),
        why: String::new(),
    };
    match &cell.verdict {
        Verdict::Changed => {
            shown.new = said(&row.after, cell.column);
            let fills_unit = row.before.unit.is_empty()
                && !row.after.unit.is_empty()
                && !row
                    .cells
                    .iter()
                    .any(|cell| cell.column == Column::Field(ParamField::Unit));
            if fills_unit && cell.column == Column::Field(ParamField::Value) {
                shown.new = format!("{}, unit {}", shown.new, row.after.unit);
            }
        }
        Verdict::Unchanged => {}
        Verdict::Refused(why) => shown.why.clone_from(why),
    }
    shown
}

/// What a field says, with both readings where they differ.
fn said(param: &Param, column: Column) -> String {
    let digits = |digits: &str| match both_readings(digits, &param.unit) {
        (main, Some(other)) => format!("{main} ({other})"),
        (main, None) => main,
    };
    let end = |number: &Option<crate::domain::param::Number>| {
        number
            .as_ref()
            .map(|number| digits(number.decimal()))
            .unwrap_or_default()
    };
    match column {
        Column::Field(ParamField::Value) => end(&param.value),
        Column::Field(ParamField::Range) => range_text(super::fields::bounds(param), &param.unit),
        Column::Field(ParamField::Source) => param.source.map_or("", Source::key).to_owned(),
        Column::Field(field) => field.shown(param, DecimalSeparator::Point).text,
        Column::Min => end(&param.range.min),
        Column::Max => end(&param.range.max),
        Column::Approved => {
            let is_approved = param.value_approval.is_some();
            if is_approved { "yes" } else { "no" }.to_owned()
        }
    }
}

/// What a paste did; none: the same form was taken before.
pub(super) fn done(pasted: Option<&Pasted>, outside: usize, batch: Option<BatchId>) -> Notice {
    let Some(pasted) = pasted else {
        return with_undo(Notice::done("This block was pasted already."), batch);
    };
    let many = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let refused = pasted.refused + outside;
    let notice = Notice {
        tone: if pasted.cells == 0 {
            Tone::Info
        } else {
            Tone::Done
        },
        title: format!(
            "Pasted {} into {}.",
            many(pasted.cells, "cell"),
            many(pasted.rows, "row")
        ),
        text: match (refused, pasted.left_out.len()) {
            (0, 0) => String::new(),
            (refused, 0) => format!("{refused} refused."),
            (refused, left) => format!(
                "{refused} refused. {} changed since the preview and stayed as they are; paste again to see them anew.",
                many(left, "param")
            ),
        },
        lines: pasted
            .left_out
            .iter()
            .map(|param| param.label().to_owned())
            .take(NAMED)
            .collect(),
        ..Notice::default()
    };
    if pasted.cells == 0 {
        return notice;
    }
    with_undo(notice, batch)
}

/// With a button that takes all of it back.
pub(super) fn with_undo(notice: Notice, batch: Option<BatchId>) -> Notice {
    let undo = batch.map(|batch| UndoButton {
        action: format!("/changes/{batch}/undo"),
        label: "Undo".to_owned(),
        form_key: fresh_key(),
    });
    Notice { undo, ..notice }
}
