//! A block laid over params: what each of its cells would do, before anything is done.
//!
//! The same reading as in a field's own form, in the light of the row as it becomes: unit and range before the value.
//! What a form would ask about is refused here, with the proposal; nothing is guessed, and the rest of the row is taken.

use super::{
    amount::DecimalSeparator,
    approval::Part,
    ids::ParamId,
    param::{Bounds, EditOutcome, Param, ParamEdit, TextField},
    param_input::{self, ParamField, Typed},
    rights::{Act, Roles, may},
    settings::Settings,
};

/// What a column of a block is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A field.
    Field(ParamField),
    /// The lowest value alone.
    Min,
    /// The highest value alone.
    Max,
    /// An approval, which no paste gives or takes.
    Approved,
}

impl Column {
    /// The columns of the grid that a block is laid over, in their order.
    pub const GRID: [Self; 6] = [
        Self::Field(ParamField::Text(TextField::Display)),
        Self::Field(ParamField::Value),
        Self::Field(ParamField::Unit),
        Self::Field(ParamField::Range),
        Self::Field(ParamField::Source),
        Self::Field(ParamField::Text(TextField::EvidenceLink)),
    ];

    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Field(field) => field.label(),
            Self::Min => "Lowest",
            Self::Max => "Highest",
            Self::Approved => "Approved",
        }
    }

    /// Whether what stands there is read before others: they depend on it.
    fn turn(self) -> u8 {
        match self {
            Self::Field(ParamField::Unit) => 0,
            Self::Field(ParamField::Range) | Self::Min | Self::Max => 1,
            Self::Field(ParamField::Value) => 3,
            Self::Field(_) | Self::Approved => 2,
        }
    }
}

/// The cells of a block that land on one param.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// Which param.
    pub id: ParamId,
    /// Each cell's column and text, in the block's order.
    pub cells: Vec<(Column, String)>,
    /// How its numbers are written.
    pub separator: DecimalSeparator,
}

/// What a cell would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It changes the field.
    Changed,
    /// The field says the same already.
    Unchanged,
    /// It isn't taken, and why.
    Refused(String),
}

/// A cell with its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCell {
    /// What it is about.
    pub column: Column,
    /// What stands in the block.
    pub typed: String,
    /// What it would do.
    pub verdict: Verdict,
}

/// What a block would do to one param.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRow {
    /// As it is.
    pub before: Param,
    /// As it would be; its approvals are those of before.
    pub after: Param,
    /// In the block's order.
    pub cells: Vec<PlannedCell>,
    /// What is to be done.
    pub edits: Vec<ParamEdit>,
    /// Parts whose approval would fall, each once.
    pub falls: Vec<Part>,
}

impl PlannedRow {
    /// How many cells change something.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Changed)
    }

    /// How many cells say what is there already.
    #[must_use]
    pub fn unchanged(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Unchanged)
    }

    /// How many cells aren't taken.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Refused(_)))
    }

    fn count(&self, is_so: impl Fn(&Verdict) -> bool) -> usize {
        self.cells
            .iter()
            .filter(|cell| is_so(&cell.verdict))
            .count()
    }

    /// Whether a score that rests on the param no longer holds.
    #[must_use]
    pub fn unsettles_score(&self) -> bool {
        let (a, b) = (&self.before, &self.after);
        let material = |param: &Param| {
            let value = param.value.clone();
            (value, param.unit.clone(), param.range.clone(), param.source)
        };
        self.before.is_used() && self.falls.contains(&Part::Value) && material(a) != material(b)
    }
}

/// Who pastes: their roles, and what holds for everybody.
pub type Who<'a> = (&'a Roles, Settings);

/// What these cells would do to a param, for whoever pastes them.
#[must_use]
pub fn plan(param: &Param, (roles, settings): Who<'_>, landing: &Landing) -> PlannedRow {
    let cells = &landing.cells[..];
    let mut draft = Draft {
        separator: landing.separator,
        after: param.clone(),
        edits: Vec::new(),
        falls: Vec::new(),
    };
    let mut order: Vec<_> = (0..cells.len()).collect();
    order.sort_by_key(|at| cells[*at].0.turn());
    let mut verdicts = vec![Verdict::Unchanged; cells.len()];
    if let Err(refusal) = may(roles, Act::EditParam) {
        verdicts.fill(Verdict::Refused(refusal.to_string()));
        order.clear();
    }
    let mut ends_are_taken = false;
    for at in order {
        let (column, typed) = &cells[at];
        verdicts[at] = match column {
            Column::Field(field) => draft.take_field(*field, typed, (roles, settings)),
            Column::Approved => approval(param, typed),
            Column::Min | Column::Max if ends_are_taken => continue,
            Column::Min | Column::Max => {
                ends_are_taken = true;
                draft.take_ends(cells, &mut verdicts);
                continue;
            }
        };
    }
    let planned = cells.iter().zip(verdicts);
    PlannedRow {
        before: param.clone(),
        cells: planned
            .map(|((column, typed), verdict)| PlannedCell {
                column: *column,
                typed: typed.clone(),
                verdict,
            })
            .collect(),
        after: draft.after,
        edits: draft.edits,
        falls: draft.falls,
    }
}

/// The row as it becomes.
struct Draft {
    separator: DecimalSeparator,
    after: Param,
    edits: Vec<ParamEdit>,
    falls: Vec<Part>,
}

impl Draft {
    fn typed(&self, text: &str) -> Typed {
        Typed::one(text).written_with(self.separator)
    }

    fn take_field(
        &mut self,
        field: ParamField,
        typed: &str,
        (roles, settings): Who<'_>,
    ) -> Verdict {
        // As in a file: what a block says nothing of stays.
        if typed.trim().is_empty() {
            return Verdict::Unchanged;
        }
        let typing = match field {
            ParamField::Range => match param_input::range_typed(typed, self.separator) {
                Some(typing) => typing,
                None => return Verdict::Refused(NO_RANGE.to_owned()),
            },
            _ => self.typed(typed),
        };
        let edits = match param_input::read(&self.after, field, &typing) {
            Ok(edits) => edits,
            Err(why) => return Verdict::Refused(why.to_string()),
        };
        for edit in &edits {
            match edit {
                ParamEdit::Source(to) if *to != self.after.source => {
                    let from = self.after.source;
                    let act = Act::SetSource {
                        from,
                        to: *to,
                        settings,
                    };
                    if let Err(refusal) = may(roles, act) {
                        return Verdict::Refused(refusal.to_string());
                    }
                }
                // The grid shows the framework's own range, so a copied row brings it back.
                ParamEdit::Range(range) if *range == self.after.hard => return Verdict::Unchanged,
                _ => {}
            }
        }
        self.take(edits)
    }

    /// Lowest and highest together, since each bounds the other; an empty end stays as it is.
    fn take_ends(&mut self, cells: &[(Column, String)], verdicts: &mut [Verdict]) {
        let mut range = self.after.range.clone();
        let mut moved = Vec::new();
        for (at, (column, typed)) in cells.iter().enumerate() {
            let current = match column {
                Column::Min => &mut range.min,
                Column::Max => &mut range.max,
                _ => continue,
            };
            let read = param_input::read(&self.after, ParamField::Range, &self.typed(typed));
            let end = match read.map(|edits| edits.into_iter().next()) {
                Ok(Some(ParamEdit::Range(Bounds { min, .. }))) => min,
                Ok(_) => None,
                Err(why) => {
                    verdicts[at] = Verdict::Refused(why.to_string());
                    continue;
                }
            };
            let hard = if *column == Column::Min {
                &self.after.hard.min
            } else {
                &self.after.hard.max
            };
            if end.is_some() && end != *current && end != *hard {
                *current = end;
                moved.push(at);
            }
        }
        if !moved.is_empty() {
            let verdict = self.take(vec![ParamEdit::Range(range)]);
            for at in moved {
                verdicts[at] = verdict.clone();
            }
        }
    }

    fn take(&mut self, edits: Vec<ParamEdit>) -> Verdict {
        let mut trial = self.after.clone();
        let mut outcome = EditOutcome::default();
        for edit in &edits {
            match trial.apply(edit.clone()) {
                Ok(more) => outcome.and(more),
                Err(why) => return Verdict::Refused(why.to_string()),
            }
        }
        if outcome.changes.is_empty() {
            return Verdict::Unchanged;
        }
        self.after = trial;
        self.edits.extend(edits);
        for (part, _) in outcome.withdraws {
            if !self.falls.contains(&part) {
                self.falls.push(part);
            }
        }
        Verdict::Changed
    }
}

const NO_RANGE: &str = "Write a range as 0 to 1, at least 0 or at most 1.";

/// An approval means that somebody looked at this very number, which a paste doesn't.
fn approval(param: &Param, typed: &str) -> Verdict {
    let says_yes = match typed.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" | "✓" => true,
        "false" | "no" | "n" | "0" | "" => false,
        _ => return Verdict::Refused("This is neither yes nor no.".to_owned()),
    };
    if says_yes == param.value_approval.is_some() {
        return Verdict::Unchanged;
    }
    Verdict::Refused(
        "A paste neither approves nor withdraws: tick the rows and press Approve.".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        param::{Number, Source, tests::approved_param},
        rights::Role,
        settings::FourEyes,
    };

    const VALUE: Column = Column::Field(ParamField::Value);
    const UNIT: Column = Column::Field(ParamField::Unit);
    const RANGE: Column = Column::Field(ParamField::Range);
    const SOURCE: Column = Column::Field(ParamField::Source);

    fn number(digits: &str) -> Number {
        Number::from_decimal(digits.to_owned())
    }

    fn planned(param: &Param, role: Role, cells: &[(Column, &str)]) -> PlannedRow {
        let cells = cells.iter();
        let landing = Landing {
            id: param.id,
            cells: cells
                .map(|(column, typed)| (*column, (*typed).to_owned()))
                .collect(),
            separator: DecimalSeparator::Point,
        };
        let settings = Settings {
            four_eyes: FourEyes::Off,
            finance_approves_own: false,
            revision: 1,
        };
        plan(param, (&Roles::new([role]), settings), &landing)
    }

    fn refusal(row: &PlannedRow, at: usize) -> &str {
        match &row.cells[at].verdict {
            Verdict::Refused(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_cell_is_changed_unchanged_or_refused_and_the_rest_of_the_row_is_taken() {
        let param = approved_param("margin", "0.3");
        let row = planned(
            &param,
            Role::Pm,
            &[(VALUE, "lots"), (UNIT, "%"), (SOURCE, "Eng")],
        );
        assert!(refusal(&row, 0).contains("not a number"));
        assert_eq!(row.cells[1].verdict, Verdict::Unchanged);
        assert_eq!(row.cells[2].verdict, Verdict::Changed);
        assert_eq!(row.edits, [ParamEdit::Source(Some(Source::Eng))]);
        assert_eq!((row.changed(), row.unchanged(), row.refused()), (1, 1, 1));
        assert_eq!(row.falls, [Part::Value]);
        assert!(row.unsettles_score());
    }

    #[test]
    fn what_a_form_would_ask_is_refused_with_the_proposal() {
        let row = planned(&approved_param("margin", "0.3"), Role::Pm, &[(VALUE, "4")]);
        assert!(
            refusal(&row, 0).contains("4 % (0.04)"),
            "{}",
            refusal(&row, 0)
        );
        assert!(row.edits.is_empty());
    }

    #[test]
    fn the_unit_is_read_before_the_value_wherever_it_stands() {
        let row = planned(
            &approved_param("margin", "0.3"),
            Role::Pm,
            &[(VALUE, "45"), (UNIT, "orders")],
        );
        assert_eq!(row.changed(), 2, "{:?}", row.cells);
        assert_eq!(
            (row.after.value, row.after.unit),
            (Some(number("45")), "orders".into())
        );
    }

    #[test]
    fn an_empty_cell_leaves_the_field_as_it_is_and_none_takes_a_value_out() {
        let param = approved_param("margin", "0.3");
        let row = planned(&param, Role::Pm, &[(VALUE, ""), (UNIT, " "), (RANGE, "")]);
        assert_eq!(row.unchanged(), 3, "{:?}", row.cells);
        let row = planned(&param, Role::Pm, &[(VALUE, "none")]);
        assert_eq!((row.changed(), &row.after.value), (1, &None));
        assert_eq!(row.falls, [Part::Value]);
    }

    #[test]
    fn a_paste_gives_no_approval() {
        let param = approved_param("margin", "0.3");
        let row = planned(&param, Role::Pm, &[(Column::Approved, "yes")]);
        assert_eq!(row.cells[0].verdict, Verdict::Unchanged);
        let row = planned(&param, Role::Pm, &[(Column::Approved, "no")]);
        assert!(refusal(&row, 0).starts_with("A paste neither approves"));
    }

    #[test]
    fn a_row_copied_from_the_grid_changes_nothing() {
        let mut param = approved_param("confidence", "0.8");
        (param.hard.min, param.hard.max) = (Some(number("0")), Some(number("1")));
        let cells = [
            (VALUE, "80 %"),
            (RANGE, "0 % to 100 %"),
            (SOURCE, "Finance"),
        ];
        assert_eq!(planned(&param, Role::Pm, &cells).unchanged(), 3);
        let mut param = approved_param("loss", "-0.5");
        param.range.min = Some(number("-1"));
        let cells = [(VALUE, "−50 %"), (RANGE, "at least −100 %")];
        let row = planned(&param, Role::Pm, &cells);
        assert_eq!(row.unchanged(), 2, "{:?}", row.cells);
    }

    #[test]
    fn a_range_comes_as_one_text_or_as_two_ends() {
        let param = approved_param("margin", "0.3");
        let row = planned(&param, Role::Pm, &[(RANGE, "10% to 40%")]);
        assert_eq!(row.after.range.max, Some(number("0.4")), "{:?}", row.cells);
        assert_eq!(row.falls, [Part::Range]);
        assert!(!row.unsettles_score());
        let row = planned(&param, Role::Pm, &[(RANGE, "some")]);
        assert_eq!(refusal(&row, 0), NO_RANGE);
        let ends = [(Column::Max, "10%"), (Column::Min, "5%")];
        let row = planned(&param, Role::Pm, &ends);
        assert_eq!(row.changed(), 2);
        assert_eq!(row.falls, [Part::Range, Part::Value], "0.3 is outside now");
        let ends = [(Column::Max, "5%"), (Column::Min, "10%")];
        let row = planned(&param, Role::Pm, &ends);
        assert!(refusal(&row, 0).contains("above the highest"));
    }

    #[test]
    fn rights_are_those_of_an_edit() {
        let param = approved_param("margin", "0.3");
        let row = planned(&param, Role::Viewer, &[(VALUE, "5%")]);
        assert!(refusal(&row, 0).contains("can edit params"));
        let row = planned(&param, Role::Eng, &[(VALUE, "5%"), (SOURCE, "Eng")]);
        assert_eq!(row.cells[0].verdict, Verdict::Changed);
        assert!(refusal(&row, 1).contains("change whose param this is"));
    }
}
