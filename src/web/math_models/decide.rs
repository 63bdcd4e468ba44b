//! Approve a formula, withdraw its approval, bring an earlier text back.

use super::{model_id, show_again};
use crate::{
    actions::{ActionError, Outcome, approve_formula as acts, math_models as writes},
    domain::{change, change::Entity, ids::MathModelId, math_model::MathModel},
    store::{
        change_log::{self, LoggedChange},
        math_models,
    },
    web::{
        error::WebError,
        figures::day,
        reply, undo,
        view::error::{Notice, Tone},
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;
use sqlx::PgConnection;

/// What the forms send. Each says what was shown: by the version's number, or by the model's revision.
#[derive(Clone, Debug, Deserialize)]
pub struct Decision {
    formula_version: Option<i32>,
    seen_revision: Option<i64>,
    /// Which text to bring back.
    version: Option<i32>,
    #[serde(default)]
    next: String,
}

/// POST /math-models/{id}/approval
pub async fn approve(
    visit: Visit,
    id: Path<String>,
    sent: Form<Decision>,
) -> Result<HttpResponse, WebError> {
    let (id, decision) = (model_id(&id)?, sent.clone());
    let done = visit
        .act_once(
            async move |mut tx| writes::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                let shown = shown_version(&mut tx, id, &decision).await?;
                acts::approve(&mut tx, &actor, now, id, shown).await
            },
        )
        .await;
    answer(&visit, id, &sent.next, done).await
}

/// POST /math-models/{id}/approval/withdrawal
pub async fn withdraw(
    visit: Visit,
    id: Path<String>,
    sent: Form<Decision>,
) -> Result<HttpResponse, WebError> {
    let (id, decision) = (model_id(&id)?, sent.clone());
    let done = visit
        .act_once(
            async move |mut tx| writes::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                let shown = shown_version(&mut tx, id, &decision).await?;
                acts::withdraw_approval(&mut tx, &actor, now, id, shown).await
            },
        )
        .await;
    answer(&visit, id, &sent.next, done).await
}

/// POST /math-models/{id}/formula/restoration
///
/// The text approved last comes back with its approval; any other one as a new version that waits for approval.
pub async fn restore(
    visit: Visit,
    id: Path<String>,
    sent: Form<Decision>,
) -> Result<HttpResponse, WebError> {
    let (id, decision, user) = (model_id(&id)?, sent.clone(), visit.user.id);
    let done = visit
        .act_once(
            async move |mut tx| writes::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                let shown = shown_version(&mut tx, id, &decision).await?;
                let model = writes::get(&mut tx, id).await?;
                let Some(text) = text_to_bring_back(&mut tx, &model, decision.version).await?
                else {
                    return acts::back_to_approved(&mut tx, &actor, now, id, shown).await;
                };
                // Saving forgets the draft, as it usually is what is saved; here it isn't.
                let draft = math_models::get_draft(&mut tx, id, user).await?;
                let seen = decision.seen_revision.unwrap_or(model.revision);
                let saved = writes::save_formula(&mut tx, &actor, now, id, (&text, seen)).await?;
                if let Some((draft, kept_at)) = draft {
                    writes::keep_draft(&mut tx, &actor, kept_at, id, &draft).await?;
                }
                Ok(saved)
            },
        )
        .await;
    answer(&visit, id, &sent.next, done).await
}

/// The text of the version that was asked for; none: it is the one approved last, which comes back approved.
async fn text_to_bring_back(
    tx: &mut PgConnection,
    model: &MathModel,
    version: Option<i32>,
) -> Outcome<Option<String>> {
    let last_approved = model
        .last_approved
        .as_ref()
        .map(|approved| approved.version);
    let Some(version) = version.filter(|version| Some(*version) != last_approved) else {
        return Ok(None);
    };
    let versions = math_models::list_versions(tx, model.id).await?;
    let found = versions.into_iter().find(|v| v.version == version);
    found
        .map(|v| Some(v.text))
        .ok_or(ActionError::NotFound("version"))
}

/// The version that the person had before them. A revision stands for one if nobody has touched formula or approval
/// since; the act asks again, under the initiative's lock, whether it is still the saved one.
async fn shown_version(tx: &mut PgConnection, id: MathModelId, sent: &Decision) -> Outcome<i32> {
    let model = writes::get(tx, id).await?;
    match (sent.formula_version, sent.seen_revision) {
        (Some(version), _) => Ok(version),
        (None, Some(seen)) => {
            const TOUCHED: [&str; 3] = ["formula", "restored_formula", "formula_approval"];
            let theirs =
                change_log::last_since(tx, Entity::MathModel, id.0, &TOUCHED, seen).await?;
            match theirs {
                Some(theirs) => Err(ActionError::Conflict(Box::new(theirs))),
                None => Ok(model.formula.map_or(0, |formula| formula.version)),
            }
        }
        (None, None) => Err(ActionError::Invalid(
            "The form doesn’t say which version it means. Reload the page and try again."
                .to_owned(),
        )),
    }
}

/// Back to the page, or the page as it is now with why nothing was done.
pub(super) async fn answer(
    visit: &Visit,
    id: MathModelId,
    next: &str,
    done: Outcome<MathModel>,
) -> Result<HttpResponse, WebError> {
    let home = format!("/math-models/{id}");
    let next = reply::own_path(next, &home);
    let (status, notice) = match done {
        Ok(_) => return Ok(undo::go_back_telling(visit, next)),
        Err(ActionError::Conflict(theirs)) => (StatusCode::CONFLICT, somebody_was_first(&theirs)),
        Err(ActionError::Invalid(why)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Notice {
                tone: Tone::Problem,
                title: why,
                text: "Nothing was changed.".to_owned(),
                ..Notice::default()
            },
        ),
        Err(other) => return Err(other.into()),
    };
    show_again(visit, id, next, status, |show, _| {
        show.page.notices.push(notice);
    })
    .await
}

/// Somebody changed the same thing after the page was opened, so nothing was done.
#[must_use]
pub fn somebody_was_first(theirs: &LoggedChange) -> Notice {
    let did = change::sentence(&theirs.field, &theirs.subject, &theirs.old, &theirs.new);
    Notice {
        tone: Tone::Problem,
        title: format!("{} {did}", theirs.by_name),
        text: format!(
            "That was on {}, after you opened the page. Nothing was changed by your click: look at it as it is now, then decide again.",
            day(theirs.at)
        ),
        ..Notice::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::{Value, json};

    #[test]
    fn a_conflict_says_who_did_what_and_that_nothing_was_changed() {
        let notice = somebody_was_first(&LoggedChange {
            seq: 1,
            field: "formula".to_owned(),
            subject: "Checkout".to_owned(),
            old: Value::Null,
            new: json!({ "version": 4 }),
            through: "form".to_owned(),
            by_name: "Bo".to_owned(),
            at: DateTime::UNIX_EPOCH,
        });
        assert_eq!(
            notice.title,
            "Bo saved version 4 of the formula of Checkout"
        );
        assert!(notice.text.contains("Nothing was changed"));
    }

    #[test]
    fn forms_may_leave_out_what_they_don_t_know() {
        let sent: Decision = serde_urlencoded::from_str("seen_revision=4&next=%2Fx").unwrap();
        assert_eq!(
            (sent.formula_version, sent.seen_revision, sent.version),
            (None, Some(4), None)
        );
        assert_eq!(sent.next, "/x");
    }
}
