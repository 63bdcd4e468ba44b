//! What waits, as it is in the database: one page of it, or all.

use super::{address::Asked, barred::Barred};
use crate::{
    domain::{
        fact::{Fact, FactProposal},
        ids::UserId,
        rights::{Role, Roles},
        settings::Settings,
        waiting::WaitingProposal,
    },
    store::{
        comments::{self, Mention},
        fact_proposals,
        facts::{self, FactQuery},
        llm_requests::{self, FailedSuggestion},
        queue::{self, MOST_COUNTED, QUEUE_PAGE, QueueQuery, WaitingGroup},
    },
    web::visit::Visit,
};
use sqlx::PgConnection;

/// Who looks.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) id: UserId,
    pub(super) roles: Roles,
    pub(super) settings: Settings,
}

impl Who {
    pub(super) fn looks(visit: &Visit) -> Self {
        Self {
            id: visit.user.id,
            roles: visit.user.roles.clone(),
            settings: visit.settings,
        }
    }
}

/// A shared fact whose proposed change waits.
#[derive(Debug)]
pub(super) struct WaitingFact {
    pub(super) fact: Fact,
    pub(super) proposal: FactProposal,
    pub(super) role: Role,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Comments that call whoever looks.
    pub(super) mentions: Vec<Mention>,
    /// What is proposed of shared facts.
    pub(super) facts: Vec<WaitingFact>,
    /// Suggestions that came to nothing.
    pub(super) failed: Vec<FailedSuggestion>,
    /// What waits in initiatives.
    pub(super) groups: Vec<WaitingGroup>,
    /// Which of that somebody else approves.
    pub(super) barred: Barred,
    /// Whether there is another page.
    pub(super) has_more: bool,
}

impl Found {
    pub(super) fn is_empty(&self) -> bool {
        self.mentions.is_empty()
            && self.facts.is_empty()
            && self.failed.is_empty()
            && self.groups.is_empty()
    }
}

/// One page.
pub(super) async fn page(conn: &mut PgConnection, asked: &Asked, who: &Who) -> sqlx::Result<Found> {
    let query = asked.query(&who.roles);
    let (groups, has_more) = groups(conn, &query).await?;
    let mut found = beside(conn, asked, who).await?;
    found.barred = Barred::find(conn, &groups, who).await?;
    (found.groups, found.has_more) = (groups, has_more);
    Ok(found)
}

/// All of it, from the first page on.
pub(super) async fn whole(
    conn: &mut PgConnection,
    asked: &Asked,
    who: &Who,
) -> sqlx::Result<Found> {
    let asked = asked.whole();
    let mut found = page(conn, &asked, who).await?;
    let mut query = asked.query(&who.roles);
    while let Some(last) = found.groups.last().filter(|_| found.has_more) {
        query.after = Some((last.initiative_id, last.framework_id));
        let (more, has_more) = groups(conn, &query).await?;
        found.has_more = has_more;
        found.groups.extend(more);
    }
    found.barred = Barred::find(conn, &found.groups, who).await?;
    Ok(found)
}

async fn groups(
    conn: &mut PgConnection,
    query: &QueueQuery,
) -> sqlx::Result<(Vec<WaitingGroup>, bool)> {
    let mut groups = queue::list(conn, query).await?;
    let limit = usize::try_from(QUEUE_PAGE).unwrap_or(usize::MAX);
    let has_more = groups.len() > limit;
    groups.truncate(limit);
    Ok((groups, has_more))
}

/// What waits and is no gap of an initiative's score: on the first page.
async fn beside(conn: &mut PgConnection, asked: &Asked, who: &Who) -> sqlx::Result<Found> {
    let mut found = Found::default();
    if asked.is_own_and_whole() {
        found.mentions = comments::mentions(conn, who.id).await?;
    }
    if asked.asks_for_failures(&who.roles) {
        found.failed = llm_requests::failed_suggestions(conn).await?;
    }
    if asked.task().is_none() && asked.after().is_none() {
        found.facts = facts_that_wait(conn, asked, who).await?;
    }
    Ok(found)
}

/// What is proposed of shared facts and waits for whoever looks, or for a role.
async fn facts_that_wait(
    conn: &mut PgConnection,
    asked: &Asked,
    who: &Who,
) -> sqlx::Result<Vec<WaitingFact>> {
    let query = FactQuery {
        is_proposed: Some(true),
        ..FactQuery::default()
    };
    let waiting = fact_proposals::waiting(conn, MOST_COUNTED).await?;
    let is_theirs = |of: &&WaitingProposal| match asked.role() {
        Some(role) => of.role() == role,
        None => of.waits_for(who.id, &who.roles, who.settings),
    };
    let facts = facts::list(conn, &query).await?.into_iter();
    let theirs = facts.filter_map(|fact| {
        let role = waiting.get(&fact.id).filter(is_theirs)?.role();
        let proposal = fact.proposal.clone()?;
        Some(WaitingFact {
            fact,
            proposal,
            role,
        })
    });
    Ok(theirs.collect())
}
