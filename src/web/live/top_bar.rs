//! What the top bar says of what waits and of the mirror, to pages that were loaded when it said something else.

use crate::{
    domain::settings::Settings,
    store::{mirror_light::MirrorLight, queue::QueueCounts, users::User},
    web::{
        mirror,
        view::layout::{MirrorLink, WaitingLink},
        visit::waiting,
    },
};
use actix_web::web::Bytes;
use askama::Template;
use serde_json::json;

/// The bar of one person's pages.
#[derive(Debug)]
pub(super) struct TopBar {
    /// Whose.
    pub(super) user: User,
    /// What holds about approvals, by which some of it waits for them and some doesn't.
    pub(super) settings: Settings,
    /// What waits, as this process counted it last.
    pub(super) queue: QueueCounts,
    /// How the mirror stands, as this process saw it last.
    pub(super) mirror: MirrorLight,
}

impl TopBar {
    /// What its links say now, each by its id.
    pub(super) fn event(&self) -> askama::Result<Bytes> {
        let waiting = waiting(self.queue.of(self.user.id, &self.user.roles, self.settings));
        let badge = mirror::light(self.mirror.seen());
        let data = json!({
            "bar-queue": WaitingLink { waiting }.render()?,
            "bar-mirror": MirrorLink { badge }.render()?,
        });
        Ok(Bytes::from(format!("event: bar\ndata: {data}\n\n")))
    }
}
