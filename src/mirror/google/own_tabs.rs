//! Tabs that are the app's as a whole, beside the backlog's: which of them are there, and what makes and fills them. One
//! is ours by its number, which the app itself gives it, so that a tab of people's with the same title is never touched,
//! and one that was made just before a crash is known again.

use super::{Seen, cells, protect, protect::Keeper};
use crate::{
    domain::mirror_tab::MirrorTab,
    mirror::{
        grid::Grid,
        whole_tab::{TabPlace, TabPlan, TabStanding, WholeTab, plan},
    },
};
use google_sheets4::{
    FieldMask,
    api::{
        AddSheetRequest, AppendDimensionRequest, GridProperties, GridRange, Request,
        SheetProperties, UpdateCellsRequest,
    },
};
use std::collections::HashMap;

/// How many rows a new tab has room for at least.
const LEAST_ROWS: usize = 100;
/// About how many bytes of a request making a tab takes, or clearing a part of it.
const FRAME: usize = 600;

/// The tabs that are wanted, and where they are.
#[derive(Debug, Default)]
pub(super) struct OwnTabs {
    wanted: Vec<WholeTab>,
    places: HashMap<MirrorTab, Place>,
    /// Why Google doesn't take them; then they are left to the next run.
    refusal: Option<String>,
    /// Whether they differ though they were written; then, too.
    is_vain: bool,
}

#[derive(Debug)]
enum Place {
    /// It is there, and wasn't read yet.
    Listed,
    There(Seen, Grid),
    Absent,
    /// A tab of people's has its title.
    Taken(String),
}

/// What a write asks for the tabs' sake.
#[derive(Debug, Default)]
pub(super) struct TabRequests {
    pub(super) requests: Vec<Request>,
    /// The titles of the tabs that they make.
    pub(super) makes: Vec<String>,
    /// About how many bytes they take.
    pub(super) size: usize,
    pub(super) cells: usize,
    /// Whether more must follow.
    pub(super) is_part: bool,
}

/// The number that the app gives a tab: FNV-1a of its key, the same in every version of the app.
fn number_of(tab: MirrorTab) -> i32 {
    let bytes = b"productops:".iter().chain(tab.key().as_bytes());
    let hash = bytes.fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    i32::try_from(hash >> 1).unwrap_or(i32::MAX)
}

impl OwnTabs {
    /// Says what is wanted of them from now on.
    pub(super) fn want(&mut self, wanted: Vec<WholeTab>) {
        let is_wanted = |tab: &MirrorTab| wanted.iter().any(|one| one.tab == *tab);
        // Whoever was in the way may be gone.
        let is_taken = |place: &Place| matches!(place, Place::Taken(_));
        self.places
            .retain(|tab, place| is_wanted(tab) && !is_taken(place));
        self.wanted = wanted;
        (self.refusal, self.is_vain) = (None, false);
    }

    /// Whether it isn't known of one of them whether it is there.
    pub(super) fn needs_list(&self) -> bool {
        let is_unknown = |one: &WholeTab| !self.places.contains_key(&one.tab);
        self.wanted.iter().any(is_unknown)
    }

    /// Learns which tabs there are, by number and title.
    pub(super) fn learn(&mut self, all: &[(i32, String)]) {
        for WholeTab { tab, .. } in &self.wanted {
            let title = tab.title().to_lowercase();
            let place = if all.iter().any(|(id, _)| *id == number_of(*tab)) {
                Place::Listed
            } else {
                let named = all.iter().find(|(_, known)| known.to_lowercase() == title);
                named.map_or(Place::Absent, |(_, known)| Place::Taken(known.clone()))
            };
            self.places.entry(*tab).or_insert(place);
        }
    }

    /// Forgets which are there: one of them isn't any more.
    pub(super) fn forget(&mut self) {
        self.places.clear();
    }

    /// The numbers of those that are there.
    pub(super) fn numbers(&self) -> Vec<i32> {
        let wanted = self.wanted.iter().map(|one| one.tab);
        let is_there = |tab: &MirrorTab| {
            matches!(self.places.get(tab), Some(Place::Listed | Place::There(..)))
        };
        wanted.filter(is_there).map(number_of).collect()
    }

    /// The titles of those that are there.
    pub(super) fn titles(&self) -> Vec<String> {
        let wanted = self.wanted.iter();
        let titles = wanted.filter_map(|one| match self.places.get(&one.tab)? {
            Place::There(seen, _) => Some(seen.title.clone()),
            _ => None,
        });
        titles.collect()
    }

    /// Keeps what an answer shows of the tab of that number, if it is one of ours.
    pub(super) fn keep(&mut self, number: i32, seen: Seen, grid: Grid) {
        let mut wanted = self.wanted.iter().map(|one| one.tab);
        if let Some(tab) = wanted.find(|tab| number_of(*tab) == number) {
            self.places.insert(tab, Place::There(seen, grid));
        }
    }

    /// Leaves them alone until the next run, for this reason.
    pub(super) fn refuse(&mut self, why: String) {
        self.refusal = Some(why);
        self.forget();
    }

    /// Leaves them alone until the next run: they were written, and differ all the same.
    pub(super) fn give_up(&mut self) {
        self.is_vain = true;
    }

    fn is_tried(&self) -> bool {
        self.refusal.is_none() && !self.is_vain
    }

    /// What makes, fills and protects them, no larger than that.
    pub(super) fn requests(&self, room: usize, keeper: &Keeper<'_>) -> TabRequests {
        let mut all = TabRequests::default();
        if !self.is_tried() {
            return all;
        }
        for one in &self.wanted {
            let Some((seen, plan)) = to_write(self.places.get(&one.tab), one) else {
                continue;
            };
            let care = protect::of_tab(number_of(one.tab), one.tab, seen, keeper);
            if plan.is_empty() && care.is_empty() && seen.is_some() {
                continue;
            }
            if all.is_part || all.size + FRAME > room {
                all.is_part = true;
                break;
            }
            let (plan, is_part) = plan.cut(room - all.size - FRAME);
            all.is_part = is_part;
            all.cells += plan.cells.cells();
            all.size += FRAME + plan.cells.size();
            if seen.is_none() {
                all.makes.push(one.tab.title().to_owned());
            }
            all.requests.extend(make_room(one, seen));
            all.requests.extend(care);
            all.requests.extend(fill(number_of(one.tab), &plan));
        }
        all
    }

    /// How each of them stands.
    pub(super) fn standing(&self) -> Vec<TabStanding> {
        let standing = self.wanted.iter().map(|one| {
            let known = self.places.get(&one.tab);
            let to_write = to_write(known, one);
            TabStanding {
                tab: one.tab,
                place: match (&self.refusal, known) {
                    (Some(why), _) => TabPlace::Refused(why.clone()),
                    (None, Some(Place::There(seen, _))) => TabPlace::There(seen.title.clone()),
                    (None, Some(Place::Taken(title))) => TabPlace::Taken(title.clone()),
                    (None, _) => TabPlace::Absent,
                },
                waiting: to_write.map_or(0, |(_, plan)| plan.cells.cells()),
            }
        });
        standing.collect()
    }
}

/// How the tab is, and what to write into it; none: nothing is to be written there.
fn to_write<'a>(
    place: Option<&'a Place>,
    wanted: &WholeTab,
) -> Option<(Option<&'a Seen>, TabPlan)> {
    match place? {
        Place::There(seen, grid) => Some((Some(seen), plan(grid, wanted))),
        Place::Absent => Some((None, plan(&Grid::default(), wanted))),
        Place::Listed | Place::Taken(_) => None,
    }
}

/// Makes the tab, or gives it the rows and columns that it lacks.
fn make_room(wanted: &WholeTab, seen: Option<&Seen>) -> Vec<Request> {
    let number = number_of(wanted.tab);
    let (height, width) = (wanted.rows.len(), wanted.width());
    let count = |n: usize| i32::try_from(n).ok();
    let Some(seen) = seen else {
        let properties = SheetProperties {
            sheet_id: Some(number),
            title: Some(wanted.tab.title().to_owned()),
            grid_properties: Some(GridProperties {
                row_count: count(height.max(LEAST_ROWS)),
                column_count: count(width),
                frozen_row_count: Some(1),
                ..GridProperties::default()
            }),
            ..SheetProperties::default()
        };
        return vec![Request {
            add_sheet: Some(AddSheetRequest {
                properties: Some(properties),
            }),
            ..Request::default()
        }];
    };
    let more = |dimension: &str, has: usize, needs: usize| {
        (needs > has).then(|| Request {
            append_dimension: Some(AppendDimensionRequest {
                dimension: Some(dimension.to_owned()),
                length: count(needs - has),
                sheet_id: Some(number),
            }),
            ..Request::default()
        })
    };
    let rows = more("ROWS", seen.rows, height);
    rows.into_iter()
        .chain(more("COLUMNS", seen.columns, width))
        .collect()
}

/// Writes what differs, and clears what is left over: a range of which nothing is given is emptied.
fn fill(number: i32, plan: &TabPlan) -> Vec<Request> {
    let place = |n: usize| i32::try_from(n).ok();
    let clear = |range: GridRange| Request {
        update_cells: Some(UpdateCellsRequest {
            range: Some(GridRange {
                sheet_id: Some(number),
                ..range
            }),
            fields: Some(FieldMask::new(&["userEnteredValue"])),
            ..UpdateCellsRequest::default()
        }),
        ..Request::default()
    };
    let below = plan.clears_rows.map(|row| {
        clear(GridRange {
            start_row_index: place(row),
            ..GridRange::default()
        })
    });
    let beside = plan.clears_columns.map(|column| {
        clear(GridRange {
            start_column_index: place(column),
            ..GridRange::default()
        })
    });
    let cells = cells::requests(number, &plan.cells);
    cells.into_iter().chain(below).chain(beside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_tabs_stay_what_they_are() {
        // Tabs in people's spreadsheets are known by them.
        let numbers = MirrorTab::ALL.map(number_of);
        assert_eq!(numbers, [1_993_950_219, 1_865_850_003, 1_868_653_286]);
    }
}
