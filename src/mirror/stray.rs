//! What a write put where it wasn't meant. A sheet of Google's can't be locked: if people insert, delete, move or sort
//! between the read and the write, what was meant for one row or column lands on another. The answer to a write is the
//! sheet after it, so what was there before can be told: rows and columns are found again by what stands in them beside
//! the written cells, and what was written over is known from the read. Pure.

use super::{
    grid::{Cell, Grid},
    plan::Plan,
    references::moved,
};
use std::collections::{HashMap, HashSet};

/// How far down a header row is looked for.
const HEADER_DEPTH: usize = 50;
/// What an equal header counts for when columns are found again, in equal cells beneath.
const HEADER_WEIGHT: usize = 1_000_000;

/// A write, and what it was planned on.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The sheet as it was read.
    pub before: Grid,
    /// The same as people have it: what an earlier write covered is back.
    pub theirs: Grid,
    /// What was written.
    pub plan: Plan,
    /// Whether it is known that it was written.
    pub is_certain: bool,
}

impl Written {
    /// The sheet as people have it, from the sheet after the write: whatever of ours landed on something else is taken
    /// away, and what it covered is back. Cells that landed where they were meant are as they were before, too, if
    /// anything moved: what is wanted there is found by the next comparison.
    #[must_use]
    pub fn undone(&self, after: &Grid) -> Grid {
        let mut undone = after.clone();
        let landed = self.landed(after);
        let covered = self.covered();
        if self.is_undisturbed(after, &landed) {
            for (row, column) in covered.difference(&landed) {
                undone.put(*row, *column, self.theirs.cell(*row, *column).clone());
            }
            return undone;
        }
        let traces = Moved::trace(&self.before, after, &landed);
        for (row, column) in &landed {
            let origin = traces.origin(*row, *column);
            let cell = origin.map_or(Cell::Empty, |origin| traces.cell(&self.theirs, origin));
            undone.put(*row, *column, cell);
        }
        if covered.is_empty() {
            return undone;
        }
        for (row, column) in traces.places() {
            let Some(origin) = traces.origin(row, column) else {
                continue;
            };
            if covered.contains(&origin) && !landed.contains(&(row, column)) {
                undone.put(row, column, traces.cell(&self.theirs, origin));
            }
        }
        undone
    }

    /// What an earlier write covered and wasn't given back yet.
    fn covered(&self) -> HashSet<(usize, usize)> {
        if self.theirs == self.before {
            return HashSet::new();
        }
        let rows = 0..self.theirs.rows.len().max(self.before.rows.len());
        let columns = 0..self.theirs.width().max(self.before.width());
        let places = rows.flat_map(|row| columns.clone().map(move |column| (row, column)));
        places
            .filter(|(row, column)| {
                self.theirs.cell(*row, *column) != self.before.cell(*row, *column)
            })
            .collect()
    }

    /// Where what was written stands. All of a write is applied or nothing; where that isn't known, half of it standing
    /// there tells.
    fn landed(&self, after: &Grid) -> HashSet<(usize, usize)> {
        let cells = self.plan.each();
        let landed =
            cells.filter(|(row, column, cell)| after.cell(*row, *column).is_as_written(cell));
        let landed: HashSet<_> = landed.map(|(row, column, _)| (row, column)).collect();
        if self.is_certain || landed.len() * 2 >= self.plan.cells() {
            landed
        } else {
            HashSet::new()
        }
    }

    /// Whether nothing but what was written changed.
    fn is_undisturbed(&self, after: &Grid, landed: &HashSet<(usize, usize)>) -> bool {
        let height = self.before.rows.len().max(after.rows.len());
        (0..height).all(|row| {
            let width = |grid: &Grid| grid.rows.get(row).map_or(0, Vec::len);
            let width = width(&self.before).max(width(after));
            (0..width).all(|column| {
                landed.contains(&(row, column))
                    || self.before.cell(row, column) == after.cell(row, column)
            })
        })
    }
}

/// Where rows and columns of a sheet were before.
struct Moved {
    rows: HashMap<usize, usize>,
    columns: Vec<Option<usize>>,
    /// The other way round.
    row_now: HashMap<usize, usize>,
}

impl Moved {
    fn trace(before: &Grid, after: &Grid, landed: &HashSet<(usize, usize)>) -> Self {
        let columns = trace_columns(before, after, landed);
        let rows = Rows {
            before,
            after,
            landed,
            columns: &columns,
        };
        let rows = rows.trace();
        Self {
            row_now: rows.iter().map(|(now, then)| (*then, *now)).collect(),
            rows,
            columns,
        }
    }

    /// What stood there, as it would stand there now: a formula's references have moved with what they name.
    fn cell(&self, theirs: &Grid, (row, column): (usize, usize)) -> Cell {
        let column_now = |then: usize| self.columns.iter().position(|at| *at == Some(then));
        match theirs.cell(row, column) {
            Cell::Formula(formula) => {
                let row_now = |then: usize| self.row_now.get(&then).copied();
                Cell::Formula(moved(formula, row_now, column_now))
            }
            cell => cell.clone(),
        }
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let columns = 0..self.columns.len();
        self.rows
            .keys()
            .flat_map(move |row| columns.clone().map(move |column| (*row, column)))
    }

    fn origin(&self, row: usize, column: usize) -> Option<(usize, usize)> {
        let column = self.columns.get(column).copied().flatten();
        Some((*self.rows.get(&row)?, column?))
    }
}

/// For each column the one it was: by its header first, then by what stands in it in whatever order, then by its place.
fn trace_columns(
    before: &Grid,
    after: &Grid,
    landed: &HashSet<(usize, usize)>,
) -> Vec<Option<usize>> {
    let (width_before, width) = (before.width(), after.width());
    let (header, header_before) = headers(before, after, landed);
    let counts: Vec<_> = (0..width_before)
        .map(|column| contents(before, column, &HashSet::new()))
        .collect();
    let mut pairs = Vec::new();
    for column in 0..width {
        let content = contents(after, column, landed);
        let title = after.cell(header, column);
        for (earlier, count) in counts.iter().enumerate() {
            let is_titled = !title.is_blank()
                && !landed.contains(&(header, column))
                && title == before.cell(header_before, earlier);
            let shared: usize = content
                .iter()
                .map(|(cell, times)| count.get(cell).map_or(0, |known| (*times).min(*known)))
                .sum();
            let score = shared + usize::from(is_titled) * HEADER_WEIGHT;
            if score > 0 {
                let distance = column.abs_diff(earlier);
                pairs.push((usize::MAX - score, distance, column, earlier));
            }
        }
    }
    pairs.sort_unstable();
    let mut columns = vec![None; width];
    let mut taken = HashSet::new();
    for (_, _, column, earlier) in pairs {
        if columns[column].is_none() && taken.insert(earlier) {
            columns[column] = Some(earlier);
        }
    }
    fill(&mut columns, &mut taken, width_before);
    columns
}

/// Columns in which nothing stands are known by their neighbours.
fn fill(columns: &mut [Option<usize>], taken: &mut HashSet<usize>, width_before: usize) {
    for column in 0..columns.len() {
        if columns[column].is_some() {
            continue;
        }
        let left = match column.checked_sub(1) {
            None => Some(0),
            Some(left) => columns[left].map(|earlier| earlier + 1),
        };
        let right = columns.get(column + 1).copied().flatten();
        let beside = [left, right.and_then(|earlier| earlier.checked_sub(1))];
        let free = beside
            .into_iter()
            .flatten()
            .find(|earlier| *earlier < width_before && !taken.contains(earlier));
        if let Some(earlier) = free {
            taken.insert(earlier);
            columns[column] = Some(earlier);
        }
    }
}

/// The header row now and before: now it is the row that has most of the headers from before.
fn headers(before: &Grid, after: &Grid, landed: &HashSet<(usize, usize)>) -> (usize, usize) {
    let header = before.header_row().unwrap_or(0);
    let titles = before.rows.get(header).map_or(&[][..], Vec::as_slice);
    let likeness = |row: &usize| {
        let cells = after.rows[*row].iter().enumerate();
        let known = cells.filter(|(column, cell)| {
            !cell.is_blank() && !landed.contains(&(*row, *column)) && titles.contains(cell)
        });
        known.count()
    };
    let rows = (0..after.rows.len().min(HEADER_DEPTH)).rev();
    (rows.max_by_key(likeness).unwrap_or(0), header)
}

/// How often each thing stands in a column.
fn contents(grid: &Grid, column: usize, except: &HashSet<(usize, usize)>) -> HashMap<u64, usize> {
    let mut counts = HashMap::new();
    for row in 0..grid.rows.len() {
        let cell = grid.cell(row, column);
        if !cell.is_blank() && !except.contains(&(row, column)) {
            *counts.entry(cell.fingerprint()).or_default() += 1;
        }
    }
    counts
}

/// What a cell is known by wherever it moves: a formula's references change with it.
fn shape(cell: &Cell) -> u64 {
    match cell {
        Cell::Formula(formula) => {
            let same = moved(formula, |_| Some(0), |_| Some(0));
            Cell::Formula(same).fingerprint()
        }
        cell => cell.fingerprint(),
    }
}

/// Finds rows again, each by what stands in it beside what was written.
struct Rows<'a> {
    before: &'a Grid,
    after: &'a Grid,
    landed: &'a HashSet<(usize, usize)>,
    columns: &'a [Option<usize>],
}

impl Rows<'_> {
    /// For each row that was written the one it was, if any: those that weren't written give theirs away first.
    fn trace(&self) -> HashMap<usize, usize> {
        let mut free: Vec<bool> = vec![true; self.before.rows.len()];
        let mut found = HashMap::new();
        let touched: HashSet<usize> = self.landed.iter().map(|(row, _)| *row).collect();
        let mut by_content: HashMap<Vec<u64>, Vec<usize>> = HashMap::new();
        for row in (0..self.before.rows.len()).rev() {
            by_content
                .entry(self.content_before(row))
                .or_default()
                .push(row);
        }
        let (mut touched, untouched): (Vec<_>, Vec<_>) =
            (0..self.after.rows.len()).partition(|row| touched.contains(row));
        let mut edited = Vec::new();
        for row in untouched {
            let same = by_content.get_mut(&self.content(row)).and_then(Vec::pop);
            match same {
                Some(earlier) => {
                    free[earlier] = false;
                    found.insert(row, earlier);
                }
                None => edited.push(row),
            }
        }
        // Rows in which people changed something meanwhile are found by most of it.
        for row in edited {
            self.settle(row, &mut free, &mut found, Likeness::is_similar);
        }
        for is_good in [Likeness::is_exact, Likeness::is_similar] {
            touched.retain(|row| !self.settle(*row, &mut free, &mut found, is_good));
        }
        self.settle_bare(&touched, &mut free, &mut found);
        found
    }

    /// Pairs the row with the free one that is most like it, if that is good enough.
    fn settle(
        &self,
        row: usize,
        free: &mut [bool],
        found: &mut HashMap<usize, usize>,
        is_good: impl Fn(&Likeness) -> bool,
    ) -> bool {
        let candidates = (0..free.len()).filter(|earlier| free[*earlier]);
        let rated = candidates.map(|earlier| (self.likeness(row, earlier), earlier));
        let rated = rated.filter(|(likeness, _)| is_good(likeness));
        // Of equals, the first after the row above: rows mostly keep their order.
        let above = (0..row).rev().find_map(|above| found.get(&above));
        let next = above.map_or(0, |earlier| earlier + 1);
        let best = rated.max_by_key(|(likeness, earlier)| {
            (likeness.equal, *earlier >= next, usize::MAX - *earlier)
        });
        if let Some((_, earlier)) = best {
            free[earlier] = false;
            found.insert(row, earlier);
        }
        best.is_some()
    }

    /// Rows of which nothing is left beside what was written: by their neighbours, or if only one is left for one.
    fn settle_bare(&self, rows: &[usize], free: &mut [bool], found: &mut HashMap<usize, usize>) {
        let is_bare = |row: &&usize| self.likeness(**row, 0).known == 0;
        let bare: Vec<_> = rows.iter().filter(is_bare).copied().collect();
        let is_lost = |row: &usize| {
            let cells = self.before.rows[*row].iter();
            cells.clone().any(Cell::is_content)
        };
        for row in &bare {
            let above = row.checked_sub(1).and_then(|above| found.get(&above));
            let below = found.get(&(row + 1));
            let beside = above
                .map(|earlier| earlier + 1)
                .into_iter()
                .chain(below.and_then(|earlier| earlier.checked_sub(1)));
            let lost = (0..free.len()).filter(|earlier| free[*earlier] && is_lost(earlier));
            let lost: Vec<_> = lost.collect();
            let mut beside = beside.filter(|earlier| lost.contains(earlier));
            let sole = (bare.len() == 1 && lost.len() == 1).then(|| lost[0]);
            if let Some(earlier) = beside.next().or(sole) {
                free[earlier] = false;
                found.insert(*row, earlier);
            }
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let columns = self.columns.iter().enumerate();
        columns.filter_map(|(column, earlier)| Some((column, (*earlier)?)))
    }

    fn content(&self, row: usize) -> Vec<u64> {
        let cells = self.pairs();
        cells
            .map(|(column, _)| shape(self.after.cell(row, column)))
            .collect()
    }

    fn content_before(&self, row: usize) -> Vec<u64> {
        let cells = self.pairs();
        cells
            .map(|(_, earlier)| shape(self.before.cell(row, earlier)))
            .collect()
    }

    fn likeness(&self, row: usize, earlier: usize) -> Likeness {
        let mut likeness = Likeness::default();
        for (column, column_before) in self.pairs() {
            if self.landed.contains(&(row, column)) {
                continue;
            }
            let (now, then) = (
                self.after.cell(row, column),
                self.before.cell(earlier, column_before),
            );
            likeness.known += usize::from(!now.is_blank());
            if shape(now) == shape(then) {
                likeness.equal += usize::from(!now.is_blank());
            } else {
                likeness.other += 1;
            }
        }
        likeness
    }
}

/// How much of a row is as in another: cells that aren't blank and weren't written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Likeness {
    known: usize,
    equal: usize,
    other: usize,
}

impl Likeness {
    fn is_exact(&self) -> bool {
        self.equal > 0 && self.other == 0
    }

    fn is_similar(&self) -> bool {
        self.equal * 2 > self.known && self.other <= self.equal
    }
}
