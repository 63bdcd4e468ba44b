//! Where the rows and columns of a sheet were before people changed it and a write covered some of its cells: both are
//! found again by what stands in them beside the covered cells. Pure.

use super::{
    grid::{Cell, Grid},
    references::moved,
};
use std::collections::{HashMap, HashSet};

/// How far down a header row is looked for.
const HEADER_DEPTH: usize = 50;
/// What an equal header counts for when columns are found again, in equal cells beneath.
const HEADER_WEIGHT: usize = 1_000_000;
/// The shape of a cell in which nothing stands.
const BLANK: u64 = 0;

/// Row and column, from 0.
pub(super) type Place = (usize, usize);

/// What a cell is known by wherever it moves: a formula's references change with it.
pub(super) fn shape(cell: &Cell) -> u64 {
    match cell {
        cell if cell.is_blank() => BLANK,
        Cell::Formula(formula) => {
            Cell::Formula(moved(formula, |_| Some(0), |_| Some(0))).fingerprint()
        }
        cell => cell.fingerprint(),
    }
}

/// Where rows and columns of a sheet were before.
pub(super) struct Traces {
    rows: HashMap<usize, usize>,
    columns: Vec<Option<usize>>,
    /// The other way round.
    row_now: HashMap<usize, usize>,
    /// Whether each row in which something stood was found.
    is_whole: bool,
}

impl Traces {
    /// Finds them, but not by the cells that a write covered.
    pub(super) fn find(before: &Grid, after: &Grid, covered: &HashSet<Place>) -> Self {
        let (before, after) = (Shapes::of(before), Shapes::of(after));
        let columns = columns(&before, &after, covered);
        let rows = Rows {
            before: &before,
            after: &after,
            covered,
            columns: &columns,
        };
        let rows = rows.find();
        let row_now: HashMap<_, _> = rows.iter().map(|(now, then)| (*then, *now)).collect();
        let is_blank = |row: usize| before.rows[row].iter().all(|shape| *shape == BLANK);
        Self {
            is_whole: (0..before.rows.len()).all(|row| row_now.contains_key(&row) || is_blank(row)),
            row_now,
            rows,
            columns,
        }
    }

    /// Whether everything is where it was.
    pub(super) fn are_still(&self) -> bool {
        let mut columns = self.columns.iter().enumerate();
        self.is_whole
            && columns.all(|(now, then)| then.is_none_or(|then| then == now))
            && self.rows.iter().all(|(now, then)| now == then)
    }

    /// Where the cell was; none if there was none, or nobody knows.
    pub(super) fn origin(&self, (row, column): Place) -> Option<Place> {
        let column = self.columns.get(column).copied().flatten();
        Some((*self.rows.get(&row)?, column?))
    }

    /// Where the cell of before is now.
    pub(super) fn place(&self, (row, column): Place) -> Option<Place> {
        Some((*self.row_now.get(&row)?, self.column_now(column)?))
    }

    fn column_now(&self, then: usize) -> Option<usize> {
        self.columns.iter().position(|at| *at == Some(then))
    }

    /// What stood there in the sheet of before, as it would stand there now: a formula's references have moved with what
    /// they name.
    pub(super) fn cell(&self, before: &Grid, (row, column): Place) -> Cell {
        match before.cell(row, column) {
            Cell::Formula(formula) => {
                let row_now = |then: usize| self.row_now.get(&then).copied();
                let column_now = |then: usize| self.column_now(then);
                Cell::Formula(moved(formula, row_now, column_now))
            }
            cell => cell.clone(),
        }
    }
}

/// A sheet by the shapes of its cells.
struct Shapes {
    rows: Vec<Vec<u64>>,
    width: usize,
    header: usize,
}

impl Shapes {
    fn of(grid: &Grid) -> Self {
        let rows = grid.rows.iter();
        Self {
            rows: rows.map(|row| row.iter().map(shape).collect()).collect(),
            width: grid.width(),
            header: grid.header_row().unwrap_or(0),
        }
    }

    fn at(&self, row: usize, column: usize) -> u64 {
        let cells = self.rows.get(row);
        cells
            .and_then(|cells| cells.get(column))
            .copied()
            .unwrap_or(BLANK)
    }

    /// How often each thing stands in a column.
    fn contents(&self, column: usize, except: &HashSet<Place>) -> HashMap<u64, usize> {
        let mut counts = HashMap::new();
        for row in 0..self.rows.len() {
            let shape = self.at(row, column);
            if shape != BLANK && !except.contains(&(row, column)) {
                *counts.entry(shape).or_default() += 1;
            }
        }
        counts
    }
}

/// For each column the one it was: by its header first, then by what stands in it in whatever order, then by its place.
fn columns(before: &Shapes, after: &Shapes, covered: &HashSet<Place>) -> Vec<Option<usize>> {
    let header = header_now(before, after, covered);
    let nothing = HashSet::new();
    let counts: Vec<_> = (0..before.width)
        .map(|column| before.contents(column, &nothing))
        .collect();
    let mut pairs = Vec::new();
    for column in 0..after.width {
        let content = after.contents(column, covered);
        let title = after.at(header, column);
        for (earlier, count) in counts.iter().enumerate() {
            let is_titled = title != BLANK
                && !covered.contains(&(header, column))
                && title == before.at(before.header, earlier);
            let shared: usize = content
                .iter()
                .map(|(shape, times)| count.get(shape).map_or(0, |known| (*times).min(*known)))
                .sum();
            let score = shared + usize::from(is_titled) * HEADER_WEIGHT;
            if score > 0 {
                let distance = column.abs_diff(earlier);
                pairs.push((usize::MAX - score, distance, column, earlier));
            }
        }
    }
    pairs.sort_unstable();
    let mut columns = vec![None; after.width];
    let mut taken = HashSet::new();
    for (_, _, column, earlier) in pairs {
        if columns[column].is_none() && taken.insert(earlier) {
            columns[column] = Some(earlier);
        }
    }
    fill(&mut columns, &mut taken, before.width);
    // One came from nowhere and one is gone: that is the same.
    let lost: Vec<_> = (0..before.width)
        .filter(|earlier| !taken.contains(earlier) && !counts[*earlier].is_empty())
        .collect();
    let new: Vec<_> = (0..after.width)
        .filter(|column| columns[*column].is_none())
        .collect();
    if let ([earlier], [column]) = (&lost[..], &new[..]) {
        columns[*column] = Some(*earlier);
    }
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

/// The header row now: the one that has most of the headers from before.
fn header_now(before: &Shapes, after: &Shapes, covered: &HashSet<Place>) -> usize {
    let titles = before.rows.get(before.header);
    let titles = titles.map_or(&[][..], Vec::as_slice);
    let likeness = |row: &usize| {
        let cells = after.rows[*row].iter().enumerate();
        let known = cells.filter(|(column, shape)| {
            **shape != BLANK && !covered.contains(&(*row, *column)) && titles.contains(shape)
        });
        known.count()
    };
    let rows = (0..after.rows.len().min(HEADER_DEPTH)).rev();
    rows.max_by_key(likeness).unwrap_or(0)
}

/// Finds rows again, each by what stands in it beside what was covered.
struct Rows<'a> {
    before: &'a Shapes,
    after: &'a Shapes,
    covered: &'a HashSet<Place>,
    columns: &'a [Option<usize>],
}

/// Which rows of before nobody has yet, and who has the others.
struct Found {
    free: Vec<bool>,
    rows: HashMap<usize, usize>,
}

impl Found {
    fn give(&mut self, row: usize, earlier: usize) {
        self.free[earlier] = false;
        self.rows.insert(row, earlier);
    }
}

impl Rows<'_> {
    /// For each row the one it was, if any: those that weren't covered take theirs first.
    fn find(&self) -> HashMap<usize, usize> {
        let mut found = Found {
            free: vec![true; self.before.rows.len()],
            rows: HashMap::new(),
        };
        let touched: HashSet<usize> = self.covered.iter().map(|(row, _)| *row).collect();
        let mut by_content: HashMap<Vec<u64>, Vec<usize>> = HashMap::new();
        for row in (0..self.before.rows.len()).rev() {
            let content = self
                .pairs()
                .map(|(_, earlier)| self.before.at(row, earlier));
            by_content.entry(content.collect()).or_default().push(row);
        }
        let (mut touched, untouched): (Vec<_>, Vec<_>) =
            (0..self.after.rows.len()).partition(|row| touched.contains(row));
        let mut edited = Vec::new();
        for row in untouched {
            let content = self.pairs().map(|(column, _)| self.after.at(row, column));
            let content: Vec<_> = content.collect();
            match by_content.get_mut(&content).and_then(Vec::pop) {
                Some(earlier) => found.give(row, earlier),
                None => edited.push(row),
            }
        }
        // Rows in which people changed something meanwhile are found by most of it.
        edited.retain(|row| !self.settle(*row, &mut found, Likeness::is_similar));
        for is_good in [Likeness::is_exact, Likeness::is_similar] {
            touched.retain(|row| !self.settle(*row, &mut found, is_good));
        }
        touched.extend(edited);
        touched.sort_unstable();
        touched.retain(|row| !self.settle(*row, &mut found, Likeness::is_akin));
        touched.retain(|row| !self.settle_beside(*row, &mut found));
        self.settle_last(&touched, &mut found);
        found.rows
    }

    /// Pairs the row with the free one that is most like it, if that is good enough.
    fn settle(&self, row: usize, found: &mut Found, is_good: impl Fn(&Likeness) -> bool) -> bool {
        let candidates = (0..found.free.len()).filter(|earlier| found.free[*earlier]);
        let rated = candidates.map(|earlier| (self.likeness(row, earlier), earlier));
        let rated = rated.filter(|(likeness, _)| is_good(likeness));
        // Of equals, the first after the row above: rows mostly keep their order.
        let above = (0..row).rev().find_map(|above| found.rows.get(&above));
        let next = above.map_or(0, |earlier| earlier + 1);
        let best = rated.max_by_key(|(likeness, earlier)| {
            (likeness.equal, *earlier >= next, usize::MAX - *earlier)
        });
        if let Some((_, earlier)) = best {
            found.give(row, earlier);
        }
        best.is_some()
    }

    /// A row of which nothing is left as it was beside what was covered: by its neighbours, or where it was.
    fn settle_beside(&self, row: usize, found: &mut Found) -> bool {
        let above = row.checked_sub(1).and_then(|above| found.rows.get(&above));
        let above = above.map(|earlier| earlier + 1);
        let below = found.rows.get(&(row + 1));
        let below = below.and_then(|earlier| earlier.checked_sub(1));
        let candidates = [above, below, Some(row)].into_iter().flatten();
        let could_be = |earlier: &usize| self.could_be(row, *earlier, found);
        let best = candidates.into_iter().find(could_be);
        if let Some(earlier) = best {
            found.give(row, earlier);
        }
        best.is_some()
    }

    /// The last row in which something stands, and the last one that is gone.
    fn settle_last(&self, rows: &[usize], found: &mut Found) {
        let is_filled = |row: &&usize| self.likeness(**row, usize::MAX).known > 0;
        let filled: Vec<_> = rows.iter().filter(is_filled).collect();
        let [row] = filled[..] else { return };
        let is_lost = |earlier: &usize| {
            let cells = &self.before.rows[*earlier];
            cells.iter().any(|shape| *shape != BLANK) && self.could_be(*row, *earlier, found)
        };
        let lost: Vec<_> = (0..self.before.rows.len()).filter(is_lost).collect();
        if let [earlier] = lost[..] {
            found.give(*row, earlier);
        }
    }

    fn could_be(&self, row: usize, earlier: usize, found: &Found) -> bool {
        let is_free = found.free.get(earlier) == Some(&true);
        is_free && self.likeness(row, earlier).is_possible()
    }

    fn pairs(&self) -> impl Iterator<Item = Place> {
        let columns = self.columns.iter().enumerate();
        columns.filter_map(|(column, earlier)| Some((column, (*earlier)?)))
    }

    fn likeness(&self, row: usize, earlier: usize) -> Likeness {
        let mut likeness = Likeness::default();
        for (column, column_before) in self.pairs() {
            if self.covered.contains(&(row, column)) {
                continue;
            }
            let (now, then) = (
                self.after.at(row, column),
                self.before.at(earlier, column_before),
            );
            likeness.known += usize::from(now != BLANK);
            if now == then {
                likeness.equal += usize::from(now != BLANK);
            } else {
                likeness.other += 1;
            }
        }
        likeness
    }
}

/// How much of a row is as in another: cells that aren't blank and weren't covered.
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

    /// Something is as it was, though people changed as much.
    fn is_akin(&self) -> bool {
        self.equal > 0 && self.other <= self.known
    }

    /// Nothing that stood there is gone without something else in its place.
    fn is_possible(&self) -> bool {
        self.other <= self.known
    }
}
