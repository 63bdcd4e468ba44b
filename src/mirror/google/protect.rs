//! What is put around our columns: a warning for people who edit them by hand, headers that only the app changes (a
//! hard protection of whole columns would keep people from inserting rows), and formats: text columns stay text when
//! somebody enters a cell again, scores have two places. Ours are known by their description; others' are never touched.
//! Tabs that are the app's as a whole are closed as a whole.

use super::{Protection, Seen};
use crate::{
    domain::{initiative::FIELDS, mirror_tab::MirrorTab},
    mirror::layout::{KEY, Layout, OWNED, USE_MATH_MODEL},
};
use google_sheets4::{
    FieldMask,
    api::{
        AddProtectedRangeRequest, CellData, CellFormat, DeleteProtectedRangeRequest, Editors,
        GridRange, NumberFormat, ProtectedRange, RepeatCellRequest, Request,
        UpdateProtectedRangeRequest,
    },
};

/// What the descriptions of ours begin with.
const PREFIX: &str = "roadmap-mirror:";

/// Who can edit what is closed, and what is.
pub(super) struct Keeper<'a> {
    pub(super) account: &'a str,
    pub(super) protection: &'a Protection,
}

/// A protection of ours as it shall be.
struct Guard {
    description: String,
    range: GridRange,
    /// Which of our columns it covers; none: a header, or a tab.
    field: Option<&'static str>,
    /// Whether it only warns.
    warns: bool,
}

/// Whether everything of ours is as it shall be.
pub(super) fn is_in_order(layout: &Layout, found: &[ProtectedRange], keeper: &Keeper<'_>) -> bool {
    requests(0, layout, found, keeper).is_empty()
}

/// Adds what is missing, with the column's format, puts right what was moved, widened or weakened, and takes away what
/// stood around a column that isn't ours any more.
pub(super) fn requests(
    sheet_id: i32,
    layout: &Layout,
    found: &[ProtectedRange],
    keeper: &Keeper<'_>,
) -> Vec<Request> {
    bring_in_order(guards(sheet_id, layout, keeper), found, keeper)
}

/// The same for a tab that is ours as a whole; none seen: it is made just now.
pub(super) fn of_tab(
    sheet_id: i32,
    tab: MirrorTab,
    seen: Option<&Seen>,
    keeper: &Keeper<'_>,
) -> Vec<Request> {
    let whole = Guard {
        description: format!("{PREFIX}tab:{}", tab.key()),
        range: GridRange {
            sheet_id: Some(sheet_id),
            ..GridRange::default()
        },
        field: None,
        warns: false,
    };
    let found = seen.map_or(&[][..], |seen| &seen.protected);
    bring_in_order(vec![whole], found, keeper)
}

/// The formats of all of our columns, for when somebody changed them.
pub(super) fn formats(sheet_id: i32, layout: &Layout) -> Vec<Request> {
    let bodies = bodies(sheet_id, layout);
    bodies
        .filter_map(|(field, range)| format(field, range))
        .collect()
}

fn bring_in_order(
    guards: Vec<Guard>,
    found: &[ProtectedRange],
    keeper: &Keeper<'_>,
) -> Vec<Request> {
    let mut requests = Vec::new();
    for range in found {
        let description = range.description.as_deref().unwrap_or_default();
        let is_wanted = guards.iter().any(|guard| guard.description == description);
        if description.starts_with(PREFIX) && !is_wanted {
            requests.push(Request {
                delete_protected_range: Some(DeleteProtectedRangeRequest {
                    protected_range_id: range.protected_range_id,
                }),
                ..Request::default()
            });
        }
    }
    for guard in guards {
        let ours = found
            .iter()
            .find(|range| range.description.as_ref() == Some(&guard.description));
        match ours {
            Some(ours) if guard.holds(ours, keeper) => {}
            Some(ours) => requests.push(guard.update(ours, keeper)),
            None => {
                let format = guard.field.map(|field| format(field, guard.range.clone()));
                requests.extend(format.flatten());
                requests.push(guard.add(keeper));
            }
        }
    }
    requests
}

fn guards(sheet_id: i32, layout: &Layout, keeper: &Keeper<'_>) -> Vec<Guard> {
    let header = layout.header_row;
    let ours = layout.columns.iter();
    let ours = ours.map(|(field, column)| (OWNED[*field], *column));
    let heads = ours
        .chain([(KEY, layout.key)])
        .map(|(field, column)| Guard {
            description: format!("{PREFIX}{field}:header"),
            range: range(sheet_id, column, (header, Some(header + 1))),
            field: None,
            warns: false,
        });
    let bodies = bodies(sheet_id, layout).map(|(field, range)| Guard {
        description: format!("{PREFIX}{field}"),
        range,
        field: Some(field),
        warns: !keeper.protection.is_hard,
    });
    heads.chain(bodies).collect()
}

/// Our columns below their headers.
fn bodies(sheet_id: i32, layout: &Layout) -> impl Iterator<Item = (&'static str, GridRange)> {
    let below = (layout.header_row + 1, None);
    let columns = layout.columns.iter();
    columns.map(move |(field, column)| (OWNED[*field], range(sheet_id, *column, below)))
}

fn range(sheet_id: i32, column: usize, rows: (usize, Option<usize>)) -> GridRange {
    let place = |n: usize| i32::try_from(n).ok();
    GridRange {
        sheet_id: Some(sheet_id),
        start_row_index: place(rows.0),
        end_row_index: rows.1.and_then(place),
        start_column_index: place(column),
        end_column_index: place(column + 1),
    }
}

impl Guard {
    fn holds(&self, found: &ProtectedRange, keeper: &Keeper<'_>) -> bool {
        let warns = found.warning_only.unwrap_or(false);
        let place = |range: &GridRange| {
            (
                range.start_row_index.unwrap_or(0),
                range.end_row_index,
                range.start_column_index.unwrap_or(0),
                range.end_column_index,
            )
        };
        let range = found.range.as_ref();
        let is_there = range.is_some_and(|range| place(range) == place(&self.range));
        is_there && warns == self.warns && (warns || keeper.is_only_one(found.editors.as_ref()))
    }

    fn protection(&self, keeper: &Keeper<'_>) -> ProtectedRange {
        let groups = &keeper.protection.groups;
        let editors = Editors {
            users: Some(vec![keeper.account.to_owned()]),
            groups: (!groups.is_empty()).then(|| groups.clone()),
            ..Editors::default()
        };
        ProtectedRange {
            description: Some(self.description.clone()),
            range: Some(self.range.clone()),
            warning_only: Some(self.warns),
            // Without a list, everybody who may edit the sheet could edit these cells, too.
            editors: (!self.warns).then_some(editors),
            ..ProtectedRange::default()
        }
    }

    fn add(&self, keeper: &Keeper<'_>) -> Request {
        Request {
            add_protected_range: Some(AddProtectedRangeRequest {
                protected_range: Some(self.protection(keeper)),
            }),
            ..Request::default()
        }
    }

    fn update(&self, found: &ProtectedRange, keeper: &Keeper<'_>) -> Request {
        let fields: &[&str] = if self.warns {
            &["range", "warningOnly"]
        } else {
            &["range", "warningOnly", "editors"]
        };
        Request {
            update_protected_range: Some(UpdateProtectedRangeRequest {
                protected_range: Some(ProtectedRange {
                    protected_range_id: found.protected_range_id,
                    ..self.protection(keeper)
                }),
                fields: Some(FieldMask::new(fields)),
            }),
            ..Request::default()
        }
    }
}

impl Keeper<'_> {
    /// Whether nobody can edit it but the account and the groups that shall.
    fn is_only_one(&self, editors: Option<&Editors>) -> bool {
        // The list may come back without the account that made it.
        let users = editors.and_then(|editors| editors.users.as_ref());
        let is_closed = users.is_none_or(|users| users.iter().all(|user| user == self.account));
        let groups = editors.and_then(|editors| editors.groups.clone());
        let (mut groups, mut wanted) = (groups.unwrap_or_default(), self.protection.groups.clone());
        groups.sort_unstable();
        wanted.sort_unstable();
        is_closed && groups == wanted
    }
}

/// The format of a column of ours.
fn format(field: &str, range: GridRange) -> Option<Request> {
    let is_figure = matches!(field, "value_score" | "effort_score" | "overall_score");
    let is_number = FIELDS
        .iter()
        .any(|known| known.key == field && known.is_number());
    let is_tick_box = matches!(field, USE_MATH_MODEL | "is_archived");
    if is_number || is_tick_box {
        return None;
    }
    let format = if is_figure {
        NumberFormat {
            type_: Some("NUMBER".to_owned()),
            pattern: Some("#,##0.00".to_owned()),
        }
    } else {
        NumberFormat {
            type_: Some("TEXT".to_owned()),
            pattern: None,
        }
    };
    Some(Request {
        repeat_cell: Some(RepeatCellRequest {
            range: Some(range),
            cell: Some(CellData {
                user_entered_format: Some(CellFormat {
                    number_format: Some(format),
                    ..CellFormat::default()
                }),
                ..CellData::default()
            }),
            fields: Some(FieldMask::new(&["userEnteredFormat.numberFormat"])),
        }),
        ..Request::default()
    })
}
