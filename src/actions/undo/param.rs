//! What an act did to params: their fields and approvals here, the rest in [`super::whole_param`].

use super::{
    Change, Row,
    whole_param::{Link, as_a_whole, carry_back, follow_as_before},
};
use crate::{
    actions::{
        ActionError, Actor, Outcome,
        param_approvals::{ParamApprovals, PartOf},
        params::{self as acts, Hold},
    },
    domain::{
        approval::Part,
        change::Entity,
        four_eyes::OwnHand,
        ids::ParamId,
        param::{Param, ParamEdit},
        rights::Act,
        settings::Settings,
        undo::{Inverse, MATERIAL, param_edits, param_now},
    },
    store::params::{self, ParamGroup},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// Params that are taken back one after the other. Their fields are written row by row, each in one statement; their
/// approvals are gathered, and taken back or given again for all together.
pub(super) struct Params<'a> {
    actor: &'a Actor,
    now: DateTime<Utc>,
    /// What decides whether this person may give an approval again that fell with no edit of the act, by param.
    before_approving: (Settings, HashMap<i64, OwnHand>),
    /// The group of the row before, with what was done to it.
    known: Option<ParamGroup>,
    gathered: Gathered,
}

/// Approvals that are to be taken back, and those that are to hold again.
#[derive(Default)]
struct Gathered {
    withdrawn: Vec<PartOf>,
    reinstated: Vec<PartOf>,
}

/// Whether nothing of a row can be refused any more once something of it was written, so that it takes no savepoint.
pub(super) fn is_refused_before_it_is_written(row: &Row) -> bool {
    row.entity == "param"
        && row
            .changes
            .iter()
            .all(|change| match change.inverse("param") {
                Inverse::Param => change.field != "param_name",
                Inverse::Withdraw(_)
                | Inverse::Reinstate(_)
                | Inverse::Stays(_)
                | Inverse::Follows => true,
                _ => false,
            })
}

impl<'a> Params<'a> {
    /// Reads once what the approvals of these rows depend on.
    pub(super) async fn of(
        tx: &mut PgConnection,
        actor: &'a Actor,
        now: DateTime<Utc>,
        rows: &[Row],
    ) -> Outcome<Self> {
        let asks = |row: &&Row| {
            let gives =
                |change: &Change| matches!(change.inverse(&row.entity), Inverse::Reinstate(_));
            row.entity == "param" && !fell_with_an_edit(row) && row.changes.iter().any(gives)
        };
        let ids: Vec<_> = rows.iter().filter(asks).map(|row| row.id).collect();
        let before_approving = if ids.is_empty() {
            (Settings::default(), HashMap::new())
        } else {
            actor.before_approving_all(tx, Entity::Param, &ids).await?
        };
        Ok(Self {
            actor,
            now,
            before_approving,
            known: None,
            gathered: Gathered::default(),
        })
    }

    /// Takes back what the act did to one, but for its approvals, which are gathered.
    pub(super) async fn take_back(
        &mut self,
        tx: &mut PgConnection,
        row: &Row,
        stays: &mut Vec<String>,
    ) -> Outcome<()> {
        let (actor, now, id) = (self.actor, self.now, ParamId(row.id));
        // A refused row leaves nothing behind: neither is it known then.
        let known = self.known.take();
        if let [only] = row.changes.as_slice()
            && as_a_whole(tx, (actor, now), row, only, stays).await?
        {
            return Ok(());
        }
        let known = match follow_as_before(tx, actor, now, row, (id, stays)).await? {
            Link::None => known,
            Link::AsBefore => None,
            // All that the act did to the row came with the fact.
            Link::Stays => return Ok(()),
        };
        let mut group = group_with(tx, id, known).await?;
        let param = of_group(&group, id)?;
        let fields = still_there(row, param, stays);
        let edits = param_edits(param, &fields);
        let approvals = self.approvals(row, &as_edited(param, &edits), stays)?;
        if !fields.is_empty() {
            actor.must_be_allowed(Act::EditParam)?;
            let by = (actor, group.settings);
            acts::apply(tx, by, now, (&mut group.params, id), edits, Hold::LOCKED).await?;
        }
        let carried = row
            .changes
            .iter()
            .find(|change| change.inverse(&row.entity) == Inverse::CarryBack);
        let param = if let Some(change) = carried {
            actor.must_be_allowed(Act::WriteModel)?;
            carry_back(tx, actor, now, (id, change), stays).await?;
            acts::get(tx, id).await?
        } else {
            let param = of_group(&group, id)?.clone();
            self.known = Some(group);
            param
        };
        self.gathered.add(&param, &approvals);
        Ok(())
    }

    /// Which approvals of a row are to be taken back and which are to hold again, asked of the rights: before anything of it
    /// is written.
    fn approvals(
        &self,
        row: &Row,
        param: &Param,
        stays: &mut Vec<String>,
    ) -> Outcome<Vec<Inverse>> {
        let mut found = Vec::new();
        for change in &row.changes {
            let inverse = change.inverse(&row.entity);
            match inverse {
                Inverse::Withdraw(part) if param.approval_of(part).is_some() => {
                    if let Some(why) = row.overtaken(&[&change.field]) {
                        stays.push(why);
                        continue;
                    }
                    self.actor
                        .must_be_allowed(Act::WithdrawParamApproval(param.source))?;
                    param
                        .check_own()
                        .map_err(|why| ActionError::invalid(&why))?;
                    found.push(inverse);
                }
                Inverse::Reinstate(part) if param.approval_of(part).is_none() => {
                    self.may_reinstate(row, param)?;
                    if row.overtaken(&MATERIAL).is_some() {
                        stays.push(not_reinstated(param, part));
                    } else {
                        found.push(inverse);
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// It fell with an edit that is taken back; whoever only withdrew it must be allowed to approve.
    fn may_reinstate(&self, row: &Row, param: &Param) -> Outcome<()> {
        if fell_with_an_edit(row) {
            return Ok(());
        }
        let (settings, own) = &self.before_approving;
        self.actor.must_be_allowed(Act::ApproveParam {
            source: param.source,
            settings: *settings,
            own: own.get(&row.id).copied(),
        })
    }

    /// Does what was gathered of approvals: a fixed number of statements for each initiative, which is scored once. What
    /// can't hold again is said.
    pub(super) async fn settle(&mut self, tx: &mut PgConnection) -> Outcome<Vec<String>> {
        self.known = None;
        let gathered = std::mem::take(&mut self.gathered);
        let mut approvals = ParamApprovals::of(self.actor, self.now);
        approvals.withdraw(tx, &gathered.withdrawn).await?;
        let not = approvals.reinstate(tx, &gathered.reinstated).await?;
        approvals.settle(tx).await?;
        let each = not.into_iter();
        Ok(each
            .map(|(param, part)| not_reinstated(param, *part))
            .collect())
    }
}

impl Gathered {
    fn add(&mut self, param: &Param, approvals: &[Inverse]) {
        for what in approvals {
            match what {
                Inverse::Withdraw(part) => self.withdrawn.push((param.clone(), *part)),
                Inverse::Reinstate(part) => self.reinstated.push((param.clone(), *part)),
                _ => {}
            }
        }
    }
}

/// Whether the act changed what an approval stands for, so that one which fell did so with that.
fn fell_with_an_edit(row: &Row) -> bool {
    let is_edit =
        |change: &Change| MATERIAL[..5].contains(&change.field.as_str()) || change.field == "fact";
    row.changes.iter().any(is_edit)
}

/// The param as edits would leave it, with the approvals that would fall.
fn as_edited(param: &Param, edits: &[ParamEdit]) -> Param {
    let mut after = param.clone();
    for edit in edits {
        let outcome = after.apply(edit.clone()).unwrap_or_default();
        for (part, _) in outcome.withdraws {
            after.let_approval_fall(part);
        }
    }
    after
}

/// The group that the row belongs to: that of the row before, if it is the same, which holds what was done to it.
async fn group_with(
    tx: &mut PgConnection,
    id: ParamId,
    known: Option<ParamGroup>,
) -> Outcome<ParamGroup> {
    match known.filter(|known| known.params.iter().any(|param| param.id == id)) {
        Some(known) => Ok(known),
        None => params::group_of(tx, id)
            .await?
            .ok_or(ActionError::NotFound("param")),
    }
}

fn of_group(group: &ParamGroup, id: ParamId) -> Outcome<&Param> {
    let found = group.params.iter().find(|param| param.id == id);
    found.ok_or(ActionError::NotFound("param"))
}

/// The fields that say what the act wrote, with what they said before.
fn still_there<'a>(
    row: &'a Row,
    param: &Param,
    stays: &mut Vec<String>,
) -> Vec<(&'a str, &'a serde_json::Value)> {
    let mut fields = Vec::new();
    for change in &row.changes {
        if change.inverse(&row.entity) != Inverse::Param {
            continue;
        }
        let here = param_now(param, &change.field);
        if here == change.new {
            fields.push((change.field.as_str(), &change.old));
        } else if !is_same(&here, &change.old) {
            stays.extend(row.overtaken(&[&change.field]));
        }
    }
    fields
}

/// Whether two values say the same: no text is an empty one.
fn is_same(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    let is_blank = |value: &serde_json::Value| value.is_null() || value.as_str() == Some("");
    one == other || (is_blank(one) && is_blank(other))
}

fn not_reinstated(param: &Param, part: Part) -> String {
    let what = if part == Part::Range {
        "the range of "
    } else {
        ""
    };
    format!(
        "The approval of {what}{} doesn’t come back: something else changed since. Approve it again.",
        param.label()
    )
}
