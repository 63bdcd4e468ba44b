//! Math models: the list, a model's page, its formula's editor with the check while typing, and the decisions on it.
//!
//! Forms answer with 303 to the page they came from, which htmx follows; what wasn't taken comes back in the editor,
//! with everything that was typed.

mod carry_over;
mod check;
mod decide;
mod editor;
mod effects;
pub mod export;
mod fields;
mod lines;
mod list;
mod page;
mod reuse;

pub use carry_over::{carry_over, offer_renames};
pub use check::{check as check_text, wrong as wrong_text};
pub use decide::{Decision, approve, restore, somebody_was_first, withdraw};
pub use editor::{Facts, LastApproval, editor, offer_way_back};
pub use fields::{LLMS_WORDS, Sent, edit_field, fields, fields_of, save_field, unit_proposal};
pub use list::{Asked, index};
pub use page::load as around;
pub use reuse::offer_reuse;

use super::{
    comments,
    error::WebError,
    figures::when,
    reply, undo,
    view::{
        error::Notice,
        model::{Check, CheckFragment, FormulaConflict, Show},
    },
    visit::Visit,
};
use crate::{
    actions::{ActionError, comments::Subject, math_models as acts},
    domain::{formula, ids::MathModelId, rights::Act},
    store::change_log::LoggedChange,
};
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web::{Form, Path},
};
use page::Loaded;
use serde::Deserialize;
use serde_json::Value;

/// Tells htmx to take another part of the answer than the request said.
const RESELECT: HeaderName = HeaderName::from_static("hx-reselect");

/// The model in an address.
pub(super) fn model_id(text: &str) -> Result<MathModelId, WebError> {
    text.parse()
        .map(MathModelId)
        .map_err(|_not_a_number| WebError::NotFound("math model"))
}

/// GET /math-models/{id}
pub async fn show(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    let id = model_id(&id)?;
    let loaded = page::load(&visit, id).await?;
    let mut page = loaded.page(&visit, &format!("/math-models/{id}")).await?;
    let subject = Subject::MathModel(id);
    page.thread = Some(comments::thread(&visit, &subject, loaded.model.initiative_id).await?);
    page.page.undo = Some(undo::place(&visit, loaded.history()).await?);
    page.page.notices.extend(undo::told(&visit).await?);
    reply::html(&page)
}

/// What the editor's form sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Written {
    #[serde(default)]
    formula: String,
    /// Missing where only the box is sent, to be checked.
    seen_revision: Option<i64>,
    /// A misspelt name and the one to put in its place, with a space between them.
    instead: Option<String>,
    #[serde(default)]
    next: String,
}

impl Written {
    /// What was typed, with the name that was taken in place of the misspelt one.
    fn text(&self) -> String {
        match self
            .instead
            .as_deref()
            .and_then(|both| both.split_once(' '))
        {
            Some((written, meant)) => formula::with_name(&self.formula, written, meant),
            None => self.formula.clone(),
        }
    }
}

/// POST /math-models/{id}/formula/check
///
/// Keeps what was typed as a private draft of those who may write. With `instead`, one name is put in place of
/// another first.
pub async fn check(
    visit: Visit,
    id: Path<String>,
    sent: Form<Written>,
) -> Result<HttpResponse, WebError> {
    let (id, typed) = (model_id(&id)?, sent.text());
    let can_write = visit.may(Act::WriteModel).is_ok();
    let is_kept = can_write && typed.len() <= acts::LONGEST_TEXT * 4;
    if is_kept {
        let typed = typed.clone();
        let work = visit.act(async move |mut tx, actor, now| {
            acts::keep_draft(&mut tx, &actor, now, id, &typed).await
        });
        work.await?;
    }
    let loaded = page::load(&visit, id).await?;
    if !visit.is_htmx {
        // Without JavaScript the whole page is the answer, with the draft in its box.
        return reply::html(&loaded.page(&visit, &own_next(id, &sent.next)).await?);
    }
    let check = check_text(&loaded.model, &loaded.facts(""), &typed);
    let draft_note = if is_kept && differs(&loaded, &typed) {
        "Kept as your private draft"
    } else {
        ""
    };
    reply::html(&CheckFragment {
        check: Check {
            draft_note: draft_note.to_owned(),
            can_write,
            ..check
        },
    })
}

/// Whether a text says something else than what is saved.
fn differs(loaded: &Loaded, typed: &str) -> bool {
    let saved = loaded.model.formula.as_ref();
    let saved = saved.map_or("", |saved| saved.text.as_str());
    formula::normalise(typed).trim() != saved.trim()
}

/// POST /math-models/{id}/formula
pub async fn save_formula(
    visit: Visit,
    id: Path<String>,
    sent: Form<Written>,
) -> Result<HttpResponse, WebError> {
    let id = model_id(&id)?;
    let Some(seen) = sent.seen_revision else {
        return Err(WebError::BadRequest("The form doesn’t say what it saw."));
    };
    let typed = sent.formula.clone();
    let saved = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::save_formula(&mut tx, &actor, now, id, (&typed, seen)).await
            },
        )
        .await;
    let next = own_next(id, &sent.next);
    match saved {
        Ok(_) => Ok(undo::go_back_telling(&visit, &next)),
        Err(error) => not_saved(&visit, id, &next, &sent, error).await,
    }
}

fn own_next(id: MathModelId, next: &str) -> String {
    reply::own_path(next, &format!("/math-models/{id}")).to_owned()
}

/// The editor again, with what was typed and why it wasn't saved.
async fn not_saved(
    visit: &Visit,
    id: MathModelId,
    next: &str,
    sent: &Written,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let status = match &error {
        ActionError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ActionError::Conflict(_) => StatusCode::CONFLICT,
        _ => return Err(error.into()),
    };
    let change = |show: &mut Show, loaded: &Loaded| {
        editor::retype(
            &mut show.editor,
            &loaded.model,
            &loaded.facts(next),
            &sent.formula,
        );
        match error {
            // The fresh revision stays in the form: saving again puts this text on top of theirs.
            ActionError::Conflict(theirs) => show.editor.conflict = Some(conflict(&theirs)),
            other => {
                show.editor.error = other.to_string();
                show.editor.seen.revision = sent.seen_revision.unwrap_or_default();
            }
        }
    };
    show_again(visit, id, next, status, change).await
}

fn conflict(theirs: &LoggedChange) -> FormulaConflict {
    let version = theirs.new.get("version").and_then(Value::as_i64);
    FormulaConflict {
        by: theirs.by_name.clone(),
        at: when(theirs.at),
        version: version
            .and_then(|version| version.try_into().ok())
            .unwrap_or_default(),
        theirs: theirs
            .new
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
    }
}

/// The model's page with what has just happened.
pub(super) async fn page_with(
    visit: &Visit,
    id: MathModelId,
    notice: Notice,
) -> Result<HttpResponse, WebError> {
    let loaded = page::load(visit, id).await?;
    let mut show = loaded.page(visit, &format!("/math-models/{id}")).await?;
    let subject = Subject::MathModel(id);
    show.thread = Some(comments::thread(visit, &subject, loaded.model.initiative_id).await?);
    show.page.notices.push(notice);
    reply::html(&show)
}

/// The model's page as it is now, changed a little, with another status. htmx takes only the editor out of it, so
/// that the same answer serves the initiative's page.
pub(super) async fn show_again(
    visit: &Visit,
    id: MathModelId,
    next: &str,
    status: StatusCode,
    change: impl FnOnce(&mut Show, &Loaded),
) -> Result<HttpResponse, WebError> {
    let loaded = page::load(visit, id).await?;
    let mut show = loaded.page(visit, next).await?;
    change(&mut show, &loaded);
    if !visit.is_htmx {
        return reply::html_with(status, &show);
    }
    let target = format!("#math-model-{id}");
    let mut response = reply::html_into(status, &target, &show)?;
    let value = HeaderValue::from_str(&target).map_err(anyhow::Error::from)?;
    response.headers_mut().insert(RESELECT, value);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;

    #[test]
    fn an_address_without_a_number_is_no_model() {
        assert_eq!(model_id("12").unwrap(), MathModelId(12));
        for nonsense in ["", "x", "1.5", "99999999999999999999"] {
            assert!(
                matches!(model_id(nonsense), Err(WebError::NotFound(_))),
                "{nonsense}"
            );
        }
    }

    #[test]
    fn a_conflict_shows_the_text_that_somebody_else_saved() {
        let theirs = LoggedChange {
            seq: 1,
            field: "formula".to_owned(),
            subject: "Checkout".to_owned(),
            old: Value::Null,
            new: json!({ "version": 4, "text": "value = a" }),
            through: "form".to_owned(),
            by_name: "Bo".to_owned(),
            at: DateTime::UNIX_EPOCH,
        };
        let conflict = conflict(&theirs);
        assert_eq!(
            (conflict.version, conflict.theirs.as_str()),
            (4, "value = a")
        );
    }

    #[test]
    fn a_name_that_was_taken_stands_in_place_of_the_misspelt_one() {
        let sent: Written =
            serde_urlencoded::from_str("formula=value+%3D+upl+*+2&instead=upl+uplift").unwrap();
        assert_eq!(sent.text(), "value = uplift * 2");
        let odd: Written = serde_urlencoded::from_str("formula=value&instead=value").unwrap();
        assert_eq!(odd.text(), "value");
    }

    #[test]
    fn a_check_may_send_the_box_alone() {
        let sent: Written = serde_urlencoded::from_str("formula=value+%3D+a").unwrap();
        assert_eq!(
            (sent.formula.as_str(), sent.seen_revision),
            ("value = a", None)
        );
    }
}
