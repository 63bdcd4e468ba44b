//! The button of an empty backlog: the workbook that ships with the app comes in as the admin who pressed it.

use super::{error::WebError, reply, visit::Visit};
use crate::{
    actions::{ActionError, Actor, Through},
    domain::rights::Act,
    imports::{ImportError, sample},
};
use actix_web::HttpResponse;

/// POST /sample-data
pub async fn bring_in(visit: Visit) -> Result<HttpResponse, WebError> {
    visit.may(Act::Import).map_err(ActionError::from)?;
    let actor = Actor::new(&visit.user, Through::Import);
    match sample::bring_in(&visit.db, actor, visit.now()).await {
        Ok(_reports) => Ok(reply::go_to("/backlog")),
        Err(ImportError::Action(why)) => Err(why.into()),
        // The files are the app's own.
        Err(unreadable) => Err(WebError::Internal(unreadable.into())),
    }
}
