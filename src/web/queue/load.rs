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
    /// The one that they have just settled.
    pub(super) settled: Option<Mention>,
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
    let mut found = beside(conn, asked, who, Extent::Page).await?;
    if let Some(id) = asked.settled() {
        found.settled = comments::settled_mention(conn, who.id, id).await?;
    }
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
    let mut query = asked.query(&who.roles);
    let mut found = beside(conn, &asked, who, Extent::Whole).await?;
    loop {
        let (more, has_more) = groups(conn, &query).await?;
        found.groups.extend(more);
        let Some(last) = found.groups.last().filter(|_| has_more) else {
            break;
        };
        query.after = Some((last.initiative_id, last.framework_id));
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

/// How much of what stands beside the initiatives is read: what there is room for on a page, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Page,
    Whole,
}

impl Extent {
    /// So many at most; none: all.
    fn most(self, on_a_page: i64) -> Option<i64> {
        (self == Self::Page).then_some(on_a_page)
    }
}

/// What waits and is no gap of an initiative's score: on the first page.
async fn beside(
    conn: &mut PgConnection,
    asked: &Asked,
    who: &Who,
    extent: Extent,
) -> sqlx::Result<Found> {
    let mut found = Found::default();
    if asked.is_own_and_whole() {
        let most = extent.most(comments::MENTIONS);
        found.mentions = comments::mentions(conn, who.id, most).await?;
    }
    if asked.asks_for_failures(&who.roles) {
        let most = extent.most(llm_requests::FAILED);
        found.failed = llm_requests::failed_suggestions(conn, most).await?;
    }
    if asked.task().is_none() && asked.after().is_none() {
        found.facts = facts_that_wait(conn, asked, who, extent).await?;
    }
    Ok(found)
}

/// What is proposed of shared facts and waits for whoever looks, or for a role.
async fn facts_that_wait(
    conn: &mut PgConnection,
    asked: &Asked,
    who: &Who,
    extent: Extent,
) -> sqlx::Result<Vec<WaitingFact>> {
    let query = FactQuery {
        is_proposed: Some(true),
        is_whole: extent == Extent::Whole,
        ..FactQuery::default()
    };
    let most = extent.most(MOST_COUNTED);
    let waiting = fact_proposals::waiting(conn, most).await?;
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
