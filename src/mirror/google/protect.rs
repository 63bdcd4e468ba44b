//! What is put around our columns: a warning for people who edit them by hand, headers that only the app changes (a
//! hard protection of whole columns would keep people from inserting rows), and formats: text columns stay text when
//! somebody enters a cell again, scores have two places. Ours are known by their description; others' are never touched.

use crate::{
    domain::initiative::FIELDS,
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

/// A protection of ours as it shall be.
struct Guard {
    description: String,
    range: GridRange,
    /// Which of our columns it covers; none: a header.
    field: Option<&'static str>,
}

/// Whether everything of ours is as it shall be.
pub(super) fn is_in_order(layout: &Layout, found: &[ProtectedRange], account: &str) -> bool {
    requests(0, layout, found, account).is_empty()
}

/// Adds what is missing, with the column's format, puts right what was moved, widened or weakened, and takes away what
/// stood around a column that isn't ours any more.
pub(super) fn requests(
    sheet_id: i32,
    layout: &Layout,
    found: &[ProtectedRange],
    account: &str,
) -> Vec<Request> {
    let mut requests = Vec::new();
    let guards = guards(sheet_id, layout);
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
            Some(ours) if guard.holds(ours, account) => {}
            Some(ours) => requests.push(guard.update(ours, account)),
            None => {
                requests.extend(guard.format());
                requests.push(guard.add(account));
            }
        }
    }
    requests
}

fn guards(sheet_id: i32, layout: &Layout) -> Vec<Guard> {
    let header = layout.header_row;
    let range = |column: usize, rows: (usize, Option<usize>)| {
        let place = |n: usize| i32::try_from(n).ok();
        GridRange {
            sheet_id: Some(sheet_id),
            start_row_index: place(rows.0),
            end_row_index: rows.1.and_then(place),
            start_column_index: place(column),
            end_column_index: place(column + 1),
        }
    };
    let ours = layout.columns.iter();
    let ours = ours.map(|(field, column)| (OWNED[*field], *column));
    let head = |(field, column): (&str, usize)| Guard {
        description: format!("{PREFIX}{field}:header"),
        range: range(column, (header, Some(header + 1))),
        field: None,
    };
    let body = |(field, column): (&'static str, usize)| Guard {
        description: format!("{PREFIX}{field}"),
        range: range(column, (header + 1, None)),
        field: Some(field),
    };
    let heads = ours.clone().chain([(KEY, layout.key)]).map(head);
    heads.chain(ours.map(body)).collect()
}

impl Guard {
    fn holds(&self, found: &ProtectedRange, account: &str) -> bool {
        let warns = found.warning_only.unwrap_or(false);
        let editors = found
            .editors
            .as_ref()
            .and_then(|editors| editors.users.as_ref());
        // The list may come back without the account that made it.
        let is_closed = editors.is_none_or(|users| users.iter().all(|user| user == account));
        let range = found.range.as_ref();
        let place = |range: &GridRange| {
            (
                range.start_row_index.unwrap_or(0),
                range.end_row_index,
                range.start_column_index.unwrap_or(0),
                range.end_column_index,
            )
        };
        let is_there = range.is_some_and(|range| place(range) == place(&self.range));
        is_there && warns == self.field.is_some() && (warns || is_closed)
    }

    fn protection(&self, account: &str) -> ProtectedRange {
        let editors = Editors {
            users: Some(vec![account.to_owned()]),
            ..Editors::default()
        };
        ProtectedRange {
            description: Some(self.description.clone()),
            range: Some(self.range.clone()),
            warning_only: Some(self.field.is_some()),
            // Without a list, everybody who may edit the sheet could edit these cells, too.
            editors: self.field.is_none().then_some(editors),
            ..ProtectedRange::default()
        }
    }

    fn add(&self, account: &str) -> Request {
        Request {
            add_protected_range: Some(AddProtectedRangeRequest {
                protected_range: Some(self.protection(account)),
            }),
            ..Request::default()
        }
    }

    fn update(&self, found: &ProtectedRange, account: &str) -> Request {
        let fields: &[&str] = if self.field.is_some() {
            &["range", "warningOnly"]
        } else {
            &["range", "warningOnly", "editors"]
        };
        Request {
            update_protected_range: Some(UpdateProtectedRangeRequest {
                protected_range: Some(ProtectedRange {
                    protected_range_id: found.protected_range_id,
                    ..self.protection(account)
                }),
                fields: Some(FieldMask::new(fields)),
            }),
            ..Request::default()
        }
    }

    /// The format of the column, for when it becomes ours.
    fn format(&self) -> Option<Request> {
        let field = self.field?;
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
                range: Some(self.range.clone()),
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
}
