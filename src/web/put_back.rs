//! Put an earlier value back, from the history of a cell.

use super::{error::WebError, initiatives::key_of, reply, undo, visit::Visit};
use crate::{
    actions::{initiatives, math_models, params, put_back as acts},
    domain::{
        ids::{MathModelId, ParamId},
        initiative::Field,
        math_model::ModelField,
        param_input::ParamField,
    },
};
use actix_web::{
    HttpResponse,
    web::{Form, Path},
};
use serde::Deserialize;

/// What the button sends.
#[derive(Debug, Deserialize)]
pub struct Sent {
    /// The change before which the field said so.
    seq: i64,
    seen_revision: i64,
    #[serde(default)]
    next: String,
}

impl Sent {
    fn shown(&self) -> acts::Shown {
        (self.seq, self.seen_revision)
    }

    /// Back to where it was pressed, which says what was done.
    fn back(&self, visit: &Visit, home: &str) -> HttpResponse {
        undo::go_back_telling(visit, reply::own_path(&self.next, home))
    }
}

/// POST /params/{id}/fields/{field}/restoration
pub async fn param(
    visit: Visit,
    path: Path<(i64, String)>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, shown) = (ParamId(path.0), sent.shown());
    let field = ParamField::from_key(&path.1).ok_or(WebError::NotFound("field"))?;
    visit
        .act_once(
            async move |mut tx| params::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::param(&mut tx, &actor, now, id, (field, shown)).await
            },
        )
        .await?;
    Ok(sent.back(&visit, &format!("/params/{id}/history")))
}

/// POST /initiatives/{key}/fields/{field}/restoration
pub async fn initiative(
    visit: Visit,
    path: Path<(String, String)>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (key, shown) = (key_of(&path.0)?, sent.shown());
    let field = Field::from_key(&path.1).ok_or(WebError::NotFound("field"))?;
    let (of, same) = (key.clone(), key.clone());
    visit
        .act_once(
            async move |mut tx| initiatives::get(&mut tx, &same).await,
            async move |mut tx, actor, now| {
                acts::initiative(&mut tx, &actor, now, &of, (field, shown)).await
            },
        )
        .await?;
    Ok(sent.back(&visit, &format!("/initiatives/{key}/history")))
}

/// POST /math-models/{id}/fields/{field}/restoration
pub async fn math_model(
    visit: Visit,
    path: Path<(i64, String)>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, shown) = (MathModelId(path.0), sent.shown());
    let field = ModelField::from_key(&path.1).ok_or(WebError::NotFound("field"))?;
    visit
        .act_once(
            async move |mut tx| math_models::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::math_model(&mut tx, &actor, now, id, (field, shown)).await
            },
        )
        .await?;
    Ok(sent.back(&visit, &format!("/math-models/{id}")))
}
