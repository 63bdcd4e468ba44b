//! Offer to carry a param over that the formula calls something else now, and do it.

use super::{decide::answer, model_id};
use crate::{
    actions::{carry_over as acts, math_models as writes},
    domain::{ids::ParamId, param_rename::pairs, rights::Act},
    store::renames::Candidates,
    web::{
        error::WebError,
        sent_form::fresh_key,
        view::{
            Seen,
            model::{Editor, Rename},
        },
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    web::{Form, Path},
};
use serde::Deserialize;

/// Puts the offers into the editor of somebody who may take them.
pub fn offer_renames(editor: &mut Editor, visit: &Visit, candidates: Candidates) {
    if visit.may(Act::WriteModel).is_err() {
        return;
    }
    let pairs = pairs(candidates.dropped, candidates.new);
    let offers = pairs.into_iter().map(|(from, to)| Rename {
        from: from.id.0,
        from_name: from.name,
        from_revision: from.revision,
        to: to.id.0,
        to_name: to.name,
        seen: Seen {
            revision: to.revision,
            form_key: fresh_key(),
        },
    });
    editor.renames = offers.collect();
}

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    from: i64,
    from_revision: i64,
    to: i64,
    seen_revision: i64,
    #[serde(default)]
    next: String,
}

/// POST /math-models/{id}/carrying-over
pub async fn carry_over(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = model_id(&id)?;
    let from = (ParamId(sent.from), sent.from_revision);
    let to = (ParamId(sent.to), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| writes::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::carry_over(&mut tx, &actor, now, id, (from, to)).await
            },
        )
        .await;
    answer(&visit, id, &sent.next, done).await
}
