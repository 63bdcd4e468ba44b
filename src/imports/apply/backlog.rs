//! A row of the Central Backlog: a new initiative or new contents of its fields, and which frameworks are on.

use super::{Context, Import};
use crate::{
    actions::{
        ActionError, Outcome, frameworks as framework_acts, initiatives as acts,
        legacy_scores as legacy_acts,
    },
    domain::{
        change::Entity,
        framework::MATH_MODEL,
        initiative::Initiative,
        legacy_score::{COLUMNS, Figures},
    },
    imports::{backlog::BacklogRow, table::Cell},
    store::{initiatives, legacy_scores},
};

const FRAMEWORK: &str = "active_scoring_framework";
const USE_MATH_MODEL: &str = "use_math_model";

pub(in crate::imports) async fn apply(import: &mut Import<'_>, row: &BacklogRow) -> Outcome<()> {
    if initiatives::lock_by_key(import.tx, &row.key)
        .await?
        .is_none()
    {
        let Context { actor, now, .. } = import.cx;
        let title = row
            .field("title")
            .and_then(Cell::filled)
            .unwrap_or(row.key.as_str());
        acts::insert(import.tx, actor, now, &row.key, title).await?;
        import.create();
        import.note_change("title", "", title);
    }
    set_fields(import, row).await?;
    choose_framework(import, row).await?;
    use_math_model(import, row).await?;
    keep_score(import, row).await
}

/// The initiative as it is now: each act moves it on.
async fn current(import: &mut Import<'_>, row: &BacklogRow) -> Outcome<Initiative> {
    let found = initiatives::get(import.tx, &row.key).await?;
    found.ok_or(ActionError::NotFound("initiative"))
}

async fn set_fields(import: &mut Import<'_>, row: &BacklogRow) -> Outcome<()> {
    let initiative = current(import, row).await?;
    let mut values = Vec::new();
    for (field, cell) in &row.fields {
        let Some(value) = import.said(cell) else {
            continue;
        };
        let here = initiative.get(field.key);
        if here == value {
            import.agree();
            continue;
        }
        if value.is_empty()
            && let Err(why) = field.read(value)
        {
            import.refuse(field.key, value, &why);
            continue;
        }
        // Whoever created it chose its title.
        let logged: &[&str] = if field.key == "title" {
            &["title", "created"]
        } else {
            &[field.key]
        };
        match by_hand(import, &initiative, (field.key, logged)).await? {
            Some(theirs) => import.keep(field.key, value, here, theirs),
            None => values.push((*field, value)),
        }
    }
    let Context { actor, now, .. } = import.cx;
    acts::set_fields(import.tx, actor, now, &initiative, &values).await?;
    for (field, value) in values {
        import.change(field.key, initiative.get(field.key), value);
    }
    Ok(())
}

/// Activates what the file calls active; that turns it on.
async fn choose_framework(import: &mut Import<'_>, row: &BacklogRow) -> Outcome<()> {
    let Some(wanted) = &row.active_scoring_framework else {
        return Ok(());
    };
    let initiative = current(import, row).await?;
    let active = import
        .cx
        .frameworks
        .iter()
        .find(|f| Some(f.id) == initiative.active_framework);
    let here = active.map_or("", |framework| framework.key.as_str());
    if here == wanted {
        import.agree();
    } else if let Some(theirs) = by_hand(import, &initiative, (FRAMEWORK, &[FRAMEWORK])).await? {
        import.keep(FRAMEWORK, wanted, here, theirs);
    } else {
        let Context { actor, now, .. } = import.cx;
        framework_acts::set_active(import.tx, actor, now, &initiative, Some(wanted)).await?;
        import.change(FRAMEWORK, here, wanted);
    }
    Ok(())
}

/// Turns the math model on. An import never turns anything off: the other files of a workbook may need it.
async fn use_math_model(import: &mut Import<'_>, row: &BacklogRow) -> Outcome<()> {
    let Some(wanted) = row.use_math_model else {
        return Ok(());
    };
    let initiative = current(import, row).await?;
    let said = |is_on: bool| if is_on { "TRUE" } else { "FALSE" };
    let here = initiative.use_math_model;
    if here == wanted {
        import.agree();
    } else if let Some(theirs) =
        by_hand(import, &initiative, (USE_MATH_MODEL, &[USE_MATH_MODEL])).await?
    {
        import.keep(USE_MATH_MODEL, said(wanted), said(here), theirs);
    } else if wanted {
        let Context { actor, now, .. } = import.cx;
        framework_acts::set_use_math_model(import.tx, actor, now, &initiative, true).await?;
        import.change(USE_MATH_MODEL, said(here), said(wanted));
    } else {
        let reason = format!("{MATH_MODEL} is on here, and an import never turns a framework off.");
        import.refuse(USE_MATH_MODEL, said(wanted), &reason);
    }
    Ok(())
}

/// Keeps what the file says of the score, as legacy, where the app never scored the initiative. A sheet that the mirror
/// writes has the app's own scores: of those an import takes nothing.
async fn keep_score(import: &mut Import<'_>, row: &BacklogRow) -> Outcome<()> {
    let says =
        |(column, cell): &(&'static str, Cell)| Some((*column, import.said(cell)?.to_owned()));
    let said: Vec<_> = row.scores.iter().filter_map(says).collect();
    let Some((named, _)) = said.first() else {
        return Ok(());
    };
    let named = *named;
    let initiative = current(import, row).await?;
    let stands = initiative.legacy.as_ref();
    let here = stands.map_or_else(Figures::default, |legacy| legacy.figures.clone());
    let mut digits = here.digits();
    for (at, column) in COLUMNS.iter().enumerate() {
        if let Some((_, text)) = said.iter().find(|(known, _)| known == column) {
            digits[at] = text;
        }
    }
    let wanted = Figures::of_digits(digits);
    if wanted.says_the_same_as(&here) {
        return Ok(());
    }
    if legacy_scores::is_scored_here(import.tx, initiative.id).await? {
        import.leave_score();
        return Ok(());
    }
    let logged = [legacy_acts::FIELD];
    if let Some(theirs) = by_hand(import, &initiative, (named, &logged)).await? {
        import.keep(named, &wanted.words(), &here.words(), theirs);
        return Ok(());
    }
    let Context { actor, now, .. } = import.cx;
    legacy_acts::keep(import.tx, actor, now, &initiative, &wanted).await?;
    let changed = COLUMNS.iter().zip(here.digits()).zip(wanted.digits());
    for ((column, from), to) in changed.filter(|((_, from), to)| from != to) {
        import.change(column, from, to);
    }
    import.keep_score_as_legacy();
    Ok(())
}

/// A person's change that the file must not undo; what this very row made was nobody's.
async fn by_hand(
    import: &mut Import<'_>,
    initiative: &Initiative,
    (field, logged): (&str, &[&str]),
) -> Outcome<Option<crate::store::change_log::LoggedChange>> {
    if import.row.is_new {
        return Ok(None);
    }
    Ok(import
        .by_hand(field, (Entity::Initiative, initiative.id.0), logged)
        .await?)
}
