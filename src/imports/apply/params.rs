//! A row of Params: found or made, its cells taken, and its approval last, if that was asked for.

use super::{
    Context, Import,
    param_cells::{self, Draft},
};
use crate::{
    actions::{
        ActionError, Outcome, add_param,
        params::{self as acts, Applied, Hold},
    },
    domain::{
        approval::Origin,
        change::Entity,
        ids::{FrameworkId, InitiativeId},
        param::Param,
        rights::Act,
    },
    imports::params::ParamRow,
    store::{
        initiatives,
        params::{self, Which},
    },
};

const APPROVED: &str = "approved";

pub(in crate::imports) async fn apply(import: &mut Import<'_>, row: &ParamRow) -> Outcome<()> {
    let Some(of) = place(import, row).await? else {
        import.refuse_unknown(&row.key);
        return Ok(());
    };
    let (mut group, at) = find_or_insert(import, of, &row.name).await?;
    let mut draft = Draft::of(&group[at]);
    let has_value = param_cells::read(import, row, &mut draft).await?;
    let Context {
        actor,
        now,
        settings,
        ..
    } = import.cx;
    let (id, keeps_material) = (group[at].id, draft.keeps_material());
    let was_approved = group[at].value_approval.is_some();
    let edited = (&mut group[..], id);
    match acts::apply(
        import.tx,
        (actor, settings),
        now,
        edited,
        draft.edits,
        Hold::LOCKED,
    )
    .await?
    {
        Applied::Nothing => {}
        Applied::Moved => return Err(ActionError::NotFound("param")),
        Applied::Saved(_) => {
            import.row.is_taken = true;
            import.row.is_changed = true;
            let fell = was_approved && group[at].value_approval.is_none();
            import.row.approvals_withdrawn += usize::from(fell);
        }
    }
    if !row.approved {
        return Ok(());
    }
    approve(import, &group[at], has_value && !keeps_material).await
}

/// The initiative and the framework of the row, turned on; none: no such initiative.
async fn place(
    import: &mut Import<'_>,
    row: &ParamRow,
) -> Outcome<Option<(InitiativeId, FrameworkId)>> {
    let framework = import.framework(&row.framework)?;
    if let Some((key, initiative, known)) = &import.known_on
        && *key == row.key
        && *known == framework.id
    {
        return Ok(Some((*initiative, *known)));
    }
    let Some(initiative) = initiatives::lock_by_key(import.tx, &row.key).await? else {
        return Ok(None);
    };
    if import.turn_on(&initiative, framework).await? {
        import.row.is_changed = true;
    }
    import.known_on = Some((row.key.clone(), initiative.id, framework.id));
    Ok(Some((initiative.id, framework.id)))
}

/// The group with the place of the param of that name; a new one has no value, and should a formula read the name later,
/// the row becomes its.
async fn find_or_insert(
    import: &mut Import<'_>,
    of: (InitiativeId, FrameworkId),
    name: &str,
) -> Outcome<(Vec<Param>, usize)> {
    let which = Which::Of(of.0, of.1);
    let group = params::list(import.tx, which).await?;
    if let Some(at) = group.iter().position(|param| param.name == name) {
        return Ok((group, at));
    }
    import.create();
    let Context { actor, now, .. } = import.cx;
    let id = add_param::insert(import.tx, actor, now, of, name).await?.id;
    let group = params::list(import.tx, which).await?;
    let at = group.iter().position(|param| param.id == id);
    let at = at.ok_or(ActionError::NotFound("param"))?;
    Ok((group, at))
}

/// Takes over the file's approval, if what it approves is what stands here. One that a person withdrew here stays
/// withdrawn.
async fn approve(import: &mut Import<'_>, param: &Param, is_here: bool) -> Outcome<()> {
    let pending: Vec<_> = [
        ("approval", param.value_approval.is_none()),
        ("range_approval", param.range_approval.is_none()),
    ]
    .into_iter()
    .filter_map(|(field, is_pending)| is_pending.then_some(field))
    .collect();
    if is_here && pending.is_empty() {
        return Ok(());
    }
    if !import.cx.options.with_approvals {
        import.row.approvals_left += 1;
        return Ok(());
    }
    if !is_here {
        let reason = if param.value.is_none() {
            format!(
                "{} has no value yet, so there is nothing to approve.",
                param.label()
            )
        } else {
            "What this row approves isn't what stands here, so its approval wasn't taken."
                .to_owned()
        };
        import.refuse(APPROVED, "TRUE", &reason);
        return Ok(());
    }
    if let Some(theirs) = import
        .by_hand(APPROVED, (Entity::Param, param.id.0), &pending)
        .await?
    {
        import.keep(APPROVED, "TRUE", "withdrawn", theirs);
        return Ok(());
    }
    let Context {
        actor,
        now,
        settings,
        ..
    } = import.cx;
    // Four-eyes doesn't look at what an admin takes over; that Finance alone approves what is Finance's holds here too.
    let act = Act::ApproveParam {
        source: param.source,
        settings,
        own: None,
    };
    if let Err(why) = actor.must_be_allowed(act) {
        import.refuse(APPROVED, "TRUE", &why);
        return Ok(());
    }
    match acts::approve_as(import.tx, actor, now, param, Origin::Import).await {
        Ok(true) => {
            import.change(APPROVED, "", "approved");
            import.row.approvals_taken += 1;
        }
        Ok(false) => {}
        Err(ActionError::Invalid(why)) => import.refuse(APPROVED, "TRUE", &why),
        Err(other) => return Err(other),
    }
    Ok(())
}
