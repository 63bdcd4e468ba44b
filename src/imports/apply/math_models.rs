//! A row of `MathModels`: the model's words, its formula as a version, and its approval if that was asked for.

use super::{Context, Import};
use crate::{
    actions::{ActionError, Outcome, approve_formula, math_models as acts},
    domain::{
        approval::Origin,
        change::Entity,
        math_model::{BASE, MathModel},
    },
    imports::{math_models::MathModelRow, table::Cell},
    store::{
        initiatives,
        math_models::{self, Which},
    },
};

const FORMULA: &str = "formula_text_final";
const APPROVED: &str = "formula_text_approved";

pub(in crate::imports) async fn apply(import: &mut Import<'_>, row: &MathModelRow) -> Outcome<()> {
    if row.scenario_label != BASE {
        let reason = format!("Only the scenario {BASE} can be imported so far.");
        import.refuse("scenario_label", &row.scenario_label, &reason);
        return Ok(());
    }
    let Some(initiative) = initiatives::lock_by_key(import.tx, &row.key).await? else {
        import.refuse_unknown(&row.key);
        return Ok(());
    };
    let framework = import.framework(&row.framework)?;
    if import.turn_on(&initiative, framework).await? {
        import.create();
    }
    let model = current(import, Which::Of(initiative.id, framework.id)).await?;
    set_texts(import, row, &model).await?;
    let Some(formula) = row.formula.as_ref().and_then(Cell::filled) else {
        if row.approved && import.cx.options.with_approvals {
            import.refuse(
                APPROVED,
                "TRUE",
                &"There is no formula in this row to approve.",
            );
        }
        return Ok(());
    };
    let is_here = save_formula(import, &model, formula).await?;
    if row.approved {
        approve(import, &model, is_here).await
    } else {
        Ok(())
    }
}

async fn current(import: &mut Import<'_>, which: Which) -> Outcome<MathModel> {
    let model = math_models::get(import.tx, which).await?;
    model.ok_or(ActionError::NotFound("math model"))
}

async fn set_texts(import: &mut Import<'_>, row: &MathModelRow, model: &MathModel) -> Outcome<()> {
    let Context { actor, now, .. } = import.cx;
    for (field, cell) in &row.texts {
        let Some(text) = import.said(cell) else {
            continue;
        };
        let (key, here) = (field.key(), model.text(*field));
        if here == text {
            import.agree();
        } else if let Err(why) = field.read(text) {
            import.refuse(key, text, &why);
        } else if let Some(theirs) = import
            .by_hand(key, (Entity::MathModel, model.id.0), &[key])
            .await?
        {
            import.keep(key, text, here, theirs);
        } else {
            acts::set_text(import.tx, actor, now, model, *field, text).await?;
            import.change(key, here, text);
        }
    }
    Ok(())
}

/// Saves the formula as a version, valid or not. Whether the file's text is the current one now.
async fn save_formula(import: &mut Import<'_>, model: &MathModel, text: &str) -> Outcome<bool> {
    if !model.needs_new_version(text) {
        import.agree();
        return Ok(true);
    }
    let fields = ["formula", "restored_formula"];
    let here = model.formula.as_ref().map_or("", |formula| &formula.text);
    if let Some(theirs) = import
        .by_hand(FORMULA, (Entity::MathModel, model.id.0), &fields)
        .await?
    {
        import.keep(FORMULA, text, here, theirs);
        return Ok(false);
    }
    let Context { actor, now, .. } = import.cx;
    match acts::save_version(import.tx, actor, now, model, (text, "formula")).await {
        Ok(_) => {
            import.change(FORMULA, here, text);
            import.row.approvals_withdrawn += usize::from(model.approval.is_some());
            Ok(true)
        }
        Err(ActionError::Invalid(why)) => {
            import.refuse(FORMULA, text, &why);
            Ok(false)
        }
        Err(other) => Err(other),
    }
}

/// Takes over the file's approval of this very text. One that a person withdrew here stays withdrawn.
async fn approve(import: &mut Import<'_>, model: &MathModel, is_here: bool) -> Outcome<()> {
    let model = current(import, Which::Id(model.id)).await?;
    if is_here && model.approval.is_some() {
        import.agree();
        return Ok(());
    }
    if !import.cx.options.with_approvals {
        import.row.approvals_left += 1;
        return Ok(());
    }
    let Some(version) = model.formula.as_ref().filter(|_| is_here) else {
        let reason = "The formula of this row wasn't taken, so its approval isn't either.";
        import.refuse(APPROVED, "TRUE", &reason);
        return Ok(());
    };
    if let Some(theirs) = import
        .by_hand(
            APPROVED,
            (Entity::MathModel, model.id.0),
            &["formula_approval"],
        )
        .await?
    {
        import.keep(APPROVED, "TRUE", "withdrawn", theirs);
        return Ok(());
    }
    let Context { actor, now, .. } = import.cx;
    let how = (Origin::Import, None);
    match approve_formula::approve_as(import.tx, actor, now, &model, version, how).await {
        Ok(()) => {
            import.change(APPROVED, "", "approved");
            import.row.approvals_taken += 1;
        }
        Err(ActionError::Invalid(why)) => import.refuse(APPROVED, "TRUE", &why),
        Err(other) => return Err(other),
    }
    Ok(())
}
