//! A tab in memory as a target of the mirror, for thousands of cases: the same deeds and faults as over HTTP, without it.

use super::{people::Deed, service::Fault, tab::Tab, witness};
use productops::mirror::{
    grid::Grid,
    layout::Layout,
    plan::Plan,
    run::{Leave, Target, TargetError},
};
use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) tab: Tab,
    /// What people do right before each of the next writes is applied.
    pub(crate) people: VecDeque<Vec<Deed>>,
    pub(crate) faults: VecDeque<Option<Fault>>,
    pub(crate) reads: usize,
    pub(crate) writes: usize,
    /// How often people's deeds were left out, since nobody could have told them.
    pub(crate) withheld: usize,
}

impl Target for Memory {
    const IS_CONDITIONAL: bool = false;
    const LARGEST_WRITE: usize = 1_400_000;

    async fn read(&mut self) -> Result<Grid, TargetError> {
        self.reads += 1;
        self.tab.is_read();
        Ok(self.tab.grid())
    }

    async fn write(&mut self, plan: &Plan, _layout: &Layout) -> Result<Grid, TargetError> {
        self.writes += 1;
        let deeds = self.people.pop_front().unwrap_or_default();
        let covered = plan.each().map(|(row, column, _)| (row, column));
        let is_done = witness::happen(&mut self.tab, &deeds, &covered.collect());
        self.withheld += usize::from(!is_done);
        let fault = self.faults.pop_front().flatten();
        match fault {
            Some(Fault::Refuse(..)) => return Err(TargetError::failed("refused")),
            Some(Fault::BreakBefore) => return Err(TargetError::Unclear("broken".to_owned())),
            _ => {}
        }
        while self.tab.rows.len() < plan.rows() {
            self.tab.rows.push(vec![<_>::default(); self.tab.width]);
        }
        for (row, column, cell) in plan.each() {
            self.tab.rows[row][column].is_covered(cell.clone());
        }
        if fault.is_some() {
            return Err(TargetError::Unclear("answer lost".to_owned()));
        }
        self.tab.is_read();
        Ok(self.tab.grid())
    }
}

/// Leads always.
pub(crate) struct Leads;

impl Leave for Leads {
    async fn to_write(&mut self) -> bool {
        true
    }
}
