//! Stand behind guesses: of one param by the button in its row, of the chosen ones by the bar.

use super::{answers, back, bulk};
use crate::{
    actions::{ActionError, bulk::Decided, confirm_guesses as acts, params as rows},
    domain::ids::ParamId,
    web::{error::WebError, params::Seen, visit::Visit},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Form, Path},
};
use std::collections::BTreeMap;

/// POST /params/{id}/confirmation
pub async fn confirm(
    visit: Visit,
    request: HttpRequest,
    id: Path<i64>,
    sent: Form<Seen>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (ParamId(*id), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| rows::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                let seen = BTreeMap::from([(id, seen)]);
                let decided = acts::confirm(&mut tx, &actor, now, &seen).await?;
                match decided.left_out.into_iter().next() {
                    Some(left) => Err(ActionError::Invalid(format!(
                        "Nothing was confirmed: {} {}.",
                        left.label, left.why
                    ))),
                    None => rows::get(&mut tx, id).await,
                }
            },
        )
        .await;
    answers::decided(&visit, &request, id, done, "confirmed").await
}

/// POST /params/confirmations
pub async fn confirm_chosen(visit: Visit, sent: bulk::Sent) -> Result<HttpResponse, WebError> {
    let (seen, next) = (bulk::chosen(&sent), bulk::field(&sent, "next"));
    if seen.is_empty() {
        return back::to_page(&visit, next, bulk::nothing_chosen()).await;
    }
    let decided: Option<Decided> = visit
        .act_long_once(
            "confirm",
            async move |_tx| Ok::<_, ActionError>(None),
            async move |mut tx, actor, now| {
                acts::confirm(&mut tx, &actor, now, &seen).await.map(Some)
            },
        )
        .await?;
    let notice = bulk::told(decided.as_ref(), "confirmed");
    back::to_page(&visit, next, notice).await
}
