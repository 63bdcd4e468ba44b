//! My queue: what waits for whoever looks, by initiative, those first that have been there longest. Anybody may look at
//! what waits for others.

mod address;
mod barred;
pub mod export;
mod lines;
mod load;

use super::{
    comments, download,
    error::WebError,
    reply,
    view::{Empty, Link, Pager, error::Notice, layout::Nav, queue::Index},
    visit::Visit,
};
use crate::{
    domain::{
        rights::{Role, Roles},
        waiting::OWING,
    },
    store::comments::Mention,
};
use actix_web::{HttpResponse, web::Query};
use address::Asked;
use load::{Found, Who};

/// GET /queue
pub async fn index(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let (who, of) = (Who::looks(&visit), asked.clone());
    let looks = who.clone();
    let read = visit
        .db
        .read(async move |mut conn| load::page(&mut conn, &of, &looks).await);
    let found = read.await?;
    let now = visit.now();
    let mut page = visit.page("My queue", Nav::Queue);
    page.notices.extend(found.settled.as_ref().map(settled));
    reply::html(&Index {
        page,
        heading: heading(&asked),
        filters: asked.filters(),
        downloads: download::links("/queue", &asked.question()),
        pager: pager(&asked, &found),
        empty: found.is_empty().then(|| empty(&asked, &who.roles)),
        proposed: found
            .facts
            .iter()
            .map(|of| lines::proposed(of, now))
            .collect(),
        mentions: found.mentions.iter().map(comments::mention).collect(),
        failed: found
            .failed
            .iter()
            .map(|of| lines::failure(of, now))
            .collect(),
        groups: found
            .groups
            .iter()
            .map(|group| lines::group(group, &found, &who, now))
            .collect(),
    })
}

/// What pressing *Done* did.
fn settled(mention: &Mention) -> Notice {
    Notice::done(format!(
        "What {} says no longer waits for you.",
        comments::whence(mention).0
    ))
}

fn heading(asked: &Asked) -> String {
    match asked.role() {
        None => "My queue".to_owned(),
        Some(Role::Pm) => "What waits for PMs".to_owned(),
        Some(role) => format!("What waits for {}", role.label()),
    }
}

fn pager(asked: &Asked, found: &Found) -> Pager {
    let in_groups: usize = found.groups.iter().map(|group| group.items.len()).sum();
    let beside = found.mentions.len() + found.facts.len() + found.failed.len();
    let count = in_groups + beside;
    let is_part = found.has_more || !asked.after.is_empty();
    let things = if count == 1 { "thing" } else { "things" };
    let last = found.groups.last().filter(|_| found.has_more);
    Pager {
        summary: if is_part {
            format!("{count} {things} on this page")
        } else {
            format!("{count} {things}")
        },
        first_href: (!asked.after.is_empty()).then(|| asked.with(|_| ())),
        next_href: last.map(|last| {
            asked
                .with(|asked| asked.after = format!("{}-{}", last.initiative_id, last.framework_id))
        }),
    }
}

fn empty(asked: &Asked, own: &Roles) -> Empty {
    let owes_nothing = asked.role().is_none() && !OWING.into_iter().any(|role| own.has(role));
    let text = if owes_nothing {
        "You are here to read: nothing ever waits for a viewer. Look at what waits for others with the chips above."
    } else {
        "Formulas to write and approve, values to fill and params to approve appear here as soon as somebody needs them."
    };
    Empty {
        title: "Nothing waits here".to_owned(),
        text: text.to_owned(),
        links: vec![Link {
            label: "Open the backlog".to_owned(),
            href: "/backlog".to_owned(),
        }],
        offers_sample_data: false,
    }
}
