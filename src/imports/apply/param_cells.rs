//! The cells of a Params row, each read in the light of the row as it becomes: unit and range before the value.

use super::Import;
use crate::{
    actions::Outcome,
    domain::{
        change::Entity,
        param::{Bounds, EditOutcome, Number, Param, ParamEdit, Source, TextField},
        param_input::{self, ParamField, Typed},
        rights::Act,
    },
    imports::{params::ParamRow, table::Cell},
    store::change_log::LoggedChange,
};
use serde_json::Value;

/// What an approval speaks of.
const MATERIAL: [&str; 5] = ["value", "unit", "min", "max", "source"];

/// The row as it becomes.
pub(super) struct Draft {
    param: Param,
    /// What is taken of the file's row.
    pub(super) edits: Vec<ParamEdit>,
    /// Fields that differ and stay.
    kept: Vec<&'static str>,
}

impl Draft {
    /// Begins with the row as it is.
    pub(super) fn of(param: &Param) -> Self {
        Self {
            param: param.clone(),
            edits: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Whether something stays that an approval in the file would have covered.
    pub(super) fn keeps_material(&self) -> bool {
        self.kept.iter().any(|field| MATERIAL.contains(field))
    }
}

/// Reads every cell into the draft. Whether the file's value is the row's.
pub(super) async fn read(
    import: &mut Import<'_>,
    row: &ParamRow,
    draft: &mut Draft,
) -> Outcome<bool> {
    take_cell(import, draft, ParamField::Unit, row.unit.as_ref()).await?;
    take_range(import, draft, row).await?;
    if let Some(source) = row.source {
        take_source(import, draft, source).await?;
    }
    let texts = [
        (TextField::Display, &row.param_display),
        (TextField::Description, &row.description),
        (TextField::Notes, &row.notes),
        (TextField::EvidenceLink, &row.evidence_link),
    ];
    for (field, cell) in texts {
        take_cell(import, draft, ParamField::Text(field), cell.as_ref()).await?;
    }
    if let Some(date) = row.evidence_as_of {
        let edits = vec![ParamEdit::EvidenceAsOf(Some(date))];
        take(import, draft, ("evidence_as_of", &date.to_string()), edits).await?;
    }
    if let Some(date) = row.review_by {
        let edits = vec![ParamEdit::ReviewBy(Some(date))];
        take(import, draft, ("review_by", &date.to_string()), edits).await?;
    }
    take_cell(import, draft, ParamField::Value, row.value.as_ref()).await
}

/// Whether the cell says something and the draft says the same now.
async fn take_cell(
    import: &mut Import<'_>,
    draft: &mut Draft,
    field: ParamField,
    cell: Option<&Cell>,
) -> Outcome<bool> {
    let Some(text) = cell.and_then(|cell| import.said(cell)) else {
        return Ok(false);
    };
    if text.is_empty() && field == ParamField::Value {
        let clears = vec![ParamEdit::Value(None)];
        take(import, draft, (field.key(), text), clears).await?;
        return Ok(false);
    }
    match param_input::read(&draft.param, field, &Typed::one(text)) {
        // Only the app's own forms take a word for "no value": a file clears with a blank cell, if at all.
        Ok(edits) if edits.contains(&ParamEdit::Value(None)) => {
            let reason = "A number is due here. A file can't take a value out.";
            import.refuse(field.key(), text, &reason);
            Ok(false)
        }
        Ok(edits) => {
            let is_taken = take(import, draft, (field.key(), text), edits).await?;
            Ok(is_taken && !text.is_empty())
        }
        Err(why) => {
            import.refuse(field.key(), text, &why);
            Ok(false)
        }
    }
}

/// Each end that the file names; the other stays.
async fn take_range(import: &mut Import<'_>, draft: &mut Draft, row: &ParamRow) -> Outcome<()> {
    let mut range = draft.param.range.clone();
    let mut typed = Vec::new();
    for (field, cell) in [("min", &row.min), ("max", &row.max)] {
        let Some(text) = cell.as_ref().and_then(|cell| import.said(cell)) else {
            continue;
        };
        let end = match param_input::read(&draft.param, ParamField::Range, &Typed::one(text)) {
            Ok(edits) => edits.into_iter().find_map(|edit| match edit {
                ParamEdit::Range(Bounds { min, .. }) => min,
                _ => None,
            }),
            Err(why) => {
                import.refuse(field, text, &why);
                continue;
            }
        };
        let current = if field == "min" {
            &mut range.min
        } else {
            &mut range.max
        };
        if *current == end {
            import.agree();
        } else if let Some(theirs) = by_hand(import, &draft.param, (field, field)).await? {
            import.keep(field, text, decimal(current.as_ref()), theirs);
            draft.kept.push(field);
        } else {
            let here = decimal(current.as_ref()).to_owned();
            *current = end;
            typed.push((field, text, here));
        }
    }
    let mut trial = draft.param.clone();
    match trial.apply(ParamEdit::Range(range.clone())) {
        Ok(outcome) if outcome.changes.is_empty() => {}
        Ok(_) => {
            draft.param = trial;
            draft.edits.push(ParamEdit::Range(range.clone()));
            import.agree();
            for (field, _, here) in typed {
                let end = if field == "min" {
                    &range.min
                } else {
                    &range.max
                };
                import.note_change(field, &here, decimal(end.as_ref()));
            }
        }
        Err(why) => typed
            .into_iter()
            .for_each(|(field, text, _)| import.refuse(field, text, &why)),
    }
    Ok(())
}

fn decimal(number: Option<&Number>) -> &str {
    number.map_or("", Number::decimal)
}

/// A logged value as a person reads it.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A source that the importer may not give stays what it is, and the rest of the row goes on.
async fn take_source(import: &mut Import<'_>, draft: &mut Draft, source: Source) -> Outcome<()> {
    let act = Act::SetSource {
        from: draft.param.source,
        to: Some(source),
        settings: import.cx.settings,
    };
    if draft.param.source != Some(source)
        && let Err(why) = import.cx.actor.must_be_allowed(act)
    {
        import.refuse("source", source.key(), &why);
        draft.kept.push("source");
        return Ok(());
    }
    let edits = vec![ParamEdit::Source(Some(source))];
    take(import, draft, ("source", source.key()), edits).await?;
    Ok(())
}

/// Takes a cell's edits into the draft, unless they break a rule or a person wrote there. Whether the draft says what
/// the cell says.
async fn take(
    import: &mut Import<'_>,
    draft: &mut Draft,
    (field, text): (&'static str, &str),
    edits: Vec<ParamEdit>,
) -> Outcome<bool> {
    let mut trial = draft.param.clone();
    let (mut taken, mut noted) = (Vec::new(), Vec::new());
    for edit in edits {
        let before = trial.clone();
        let EditOutcome { changes, .. } = match trial.apply(edit.clone()) {
            Ok(outcome) => outcome,
            Err(why) => {
                import.refuse(field, text, &why);
                return Ok(false);
            }
        };
        let Some(change) = changes.first() else {
            continue;
        };
        match by_hand(import, &draft.param, (field, change.field)).await? {
            None => {
                taken.push(edit);
                noted.push((change.field, words(&change.old), words(&change.new)));
            }
            Some(theirs) if change.field == field => {
                import.keep(field, text, &words(&change.old), theirs);
                draft.kept.push(field);
                return Ok(false);
            }
            // A currency sign would fill a unit that somebody cleared.
            Some(_) => trial = before,
        }
    }
    draft.param = trial;
    draft.edits.extend(taken);
    import.agree();
    for (field, from, to) in noted {
        import.note_change(field, &from, &to);
    }
    Ok(true)
}

/// A person's change, since its last import, of the field that a cell changes.
async fn by_hand(
    import: &mut Import<'_>,
    param: &Param,
    (cell, field): (&str, &str),
) -> Outcome<Option<LoggedChange>> {
    if param.written_by.get(field).map(String::as_str) != Some("person") {
        return Ok(None);
    }
    let of = (Entity::Param, param.id.0);
    Ok(import.by_hand(cell, of, &[field]).await?)
}
